# SPDX-License-Identifier: Apache-2.0
"""Plays a bank's day with all that calls can do, and recounts its statistics from the events alone.

  ACD_BIN_DIR=build/release/bin ACD_SOURCE_DIR=. tests/recount/recount_test.py
"""
import collections
import json
import os
import subprocess
import tempfile
import time
import unittest

import recount

BIN = os.environ["ACD_BIN_DIR"]
DAY = os.path.join(os.environ["ACD_SOURCE_DIR"], "sim", "data", "bank-1999-01.csv.gz")
MIX = "chat=10,transfer=10,outside=3,consult=5,callback=20,outcome=50,followup=5,desktop=10,auto=10,wrapup=30"
DATE = "1999-01-04"
START_MAX = 60  # Seconds.


def run(program, *arguments, to):
    """Its output in a file."""
    with open(to, "w", encoding="utf-8") as file:
        subprocess.run([os.path.join(BIN, program), *arguments], check=True, stdout=file, timeout=300)
    return to


def read_events(target, to):
    """All events so far: after them comes a heartbeat, the second response without events."""
    reader = subprocess.Popen([os.path.join(BIN, "acdctl"), "--target", target, "events", "--oldest", "--json"],
                              stdout=subprocess.PIPE, text=True)
    empty = 0
    with reader.stdout, open(to, "w", encoding="utf-8") as file:
        while empty < 2:
            line = reader.stdout.readline()
            file.write(line)
            empty += not json.loads(line)["events"]
    reader.terminate()
    reader.wait(START_MAX)
    return to


class Daemon:
    def __init__(self, folder, config):
        ports, self.log = os.path.join(folder, "ports"), os.path.join(folder, "log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [os.path.join(BIN, "acdd"), "--config", config, "--data-dir", os.path.join(folder, "data"), "--listen",
                 "127.0.0.1:0", "--port-file", ports, "--clock", "driven", "--http", "127.0.0.1:0"], stderr=log)
        until = time.monotonic() + START_MAX
        while not os.path.exists(ports):
            if time.monotonic() > until or self.process.poll() is not None:
                with open(self.log, encoding="utf-8") as log:
                    raise RuntimeError("acdd did not start: " + log.read())
            time.sleep(0.02)
        with open(ports, encoding="utf-8") as file:
            self.target = file.readline().strip()

    def stop(self):
        self.process.terminate()
        return self.process.wait(START_MAX)


class RecountTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        config = run("acdsim", "bank-config", "--mix", DAY, to=cls.at("bank.yaml"))
        daemon = Daemon(cls.folder.name, config)
        cls.addClassCleanup(daemon.stop)
        to_daemon = ["--target", daemon.target]
        run("acdsim", "replay", DAY, *to_daemon, "--from", DATE, "--to", DATE, "--mix", MIX, "--quiet", to=cls.at("report"))
        cls.told, cls.told_of_hour = (cls.read(
            run("acdctl", *to_daemon, "queues", "--window", window, "--json", to=cls.at("queues.json")))
            for window in ("day", "60m"))
        cls.short_abandons = recount.read_short_abandons(
            run("acdctl", *to_daemon, "config", "export", to=cls.at("config.yaml")))
        cls.events = recount.read_events(read_events(daemon.target, cls.at("events.json")))

    @staticmethod
    def read(path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    @classmethod
    def at(cls, name):
        return os.path.join(cls.folder.name, name)

    def ledger(self, events):
        return recount.recount(events, recount.targets_of(self.told), self.short_abandons)

    def differences(self, events):
        return recount.compare(self.ledger(events), self.told, self.events[-1]["at"])[1]

    def test_every_figure_follows_from_the_events(self):
        self.assertEqual(self.differences(self.events), [])
        counted, values = (of_scope[""] for of_scope in self.ledger(self.events).figures(0, self.events[-1]["at"]))
        for name in ("abandoned", "shortAbandoned", "transferredIn", "callbackRequested", "consultsAnswered", "dialsFailed",
                     "callbacksAnswered", "transferredOut"):
            self.assertGreater(counted[name], 0, f"the day has nothing of {name}")
        self.assertEqual(recount.KINDS - set(values), set(), "the day has no such durations")

    def test_every_figure_of_the_day_and_of_its_last_hour_too(self):
        ledger = self.ledger(self.events)
        for told, figures_min in ((self.told, 500), (self.told_of_hour, 200)):
            checked, lines = recount.compare_windows(ledger, told, self.events[0]["at"], self.events[-1]["at"])
            self.assertEqual(lines, [])
            self.assertGreater(checked, figures_min)

    def test_a_callback_is_offered_when_its_visit_begins(self):
        offered = collections.Counter(at for at, _, name, _ in self.ledger(self.events).facts if name == "offered")
        begun = collections.Counter(event["at"] for event in self.events
                                    if event["type"] == "call.enqueued" and event["detail"] not in recount.BEGINS)
        self.assertEqual(offered, begun)

    def test_a_log_that_says_something_else_differs(self):
        for kind in ("call.connected", "call.abandoned", "call.transferred", "offer.accepted", "agent.wrap_up_ended"):
            place = next(i for i, event in enumerate(self.events) if event["type"] == kind)
            silenced = dict(self.events[place], type="agent.state_changed", callId="")
            doctored = self.events[:place] + [silenced] + self.events[place + 1:]
            self.assertNotEqual(self.differences(doctored), [], f"nobody noticed that a {kind} is missing")


if __name__ == "__main__":
    unittest.main()
