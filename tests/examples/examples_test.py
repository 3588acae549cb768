# SPDX-License-Identifier: Apache-2.0
"""Plays a small centre with the example clients and pulls the daemon away: every call ends with an agent or at its
switch's default route, never both, never neither; wallboards see every event once.

  ACD_BIN_DIR=build/release/bin ACD_SOURCE_DIR=. PYTHONPATH=build/release/clients/python tests/examples/examples_test.py
"""
import csv
import io
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import grpc
from acd.v1 import switch_event_pb2, switch_service_pb2, switch_service_pb2_grpc
from acd.v1 import wallboard_service_pb2 as lists, wallboard_service_pb2_grpc

BIN = os.environ["ACD_BIN_DIR"]
EXAMPLES = os.path.join(os.environ["ACD_SOURCE_DIR"], "clients", "examples")
PROGRAMS = {"py": ([sys.executable, "-B", f"{EXAMPLES}/switch.py"], [sys.executable, "-B", f"{EXAMPLES}/wallboard.py"]),
            "cc": ([f"{BIN}/example_switch"], [f"{BIN}/example_wallboard"])}
AGENTS = {"py": ["ada", "bob", "eve"], "cc": ["joe", "kim", "lea"]}
WAIT_MAX = 60  # Seconds for anything that has to come.
CONFIG = """tenants:
  - id: centre
    arrival_ack_timeout: 1s
    queues:
      - {id: service, members: [ada, bob, eve, joe, kim, lea]}
      - {id: picture, members: [sue, tim, una, vic, wes]}
      - {id: talk, members: [xia]}
      - {id: consult, members: [yan]}
      - {id: nobody, members: [zoe], limits: {no_agents: {outside: "+441234567"}}}
    agents: [{id: ada}, {id: bob}, {id: eve}, {id: joe}, {id: kim}, {id: lea}, {id: sue}, {id: tim}, {id: una}, {id: vic},
             {id: wes}, {id: xia}, {id: yan}, {id: zoe}]
"""
changed = threading.Condition()


class Process:
    """A program whose lines are collected as they come."""

    def __init__(self, *command):
        self.lines, self.errors, self.is_at_end = [], [], False
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.readers = [threading.Thread(target=self.read, args=pair, daemon=True) for pair in
                        ((self.process.stdout, self.lines), (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()

    def read(self, stream, lines):
        for line in stream:
            with changed:
                lines.append(line.split())
                changed.notify_all()
        stream.close()

    def kill(self, number):
        self.process.send_signal(number)

    def wait(self):
        code = self.process.wait(WAIT_MAX)
        for reader in self.readers:
            reader.join()
        return code

    def words(self, first):
        return [line for line in self.lines if line and line[0] == first]


class Pbx:
    """A switch that does what the test says: the first rings fail, one by each outcome, and phones of `answering` agents are
    answered."""

    def __init__(self, target, answering):
        self.outbox, self.sequence, self.acked = queue.SimpleQueue(), 0, -1
        self.failures, self.answering, self.refusals = [1, 2, 3, 4, 5], answering, []
        self.channel = grpc.insecure_channel(target)
        responses = switch_service_pb2_grpc.SwitchServiceStub(self.channel).Connect(iter(self.outbox.get, None))
        self.outbox.put(switch_service_pb2.ConnectRequest(
            open_session={"tenant": "tenants/centre", "source_id": "pbx", "epoch": "1"}))
        threading.Thread(target=self.read, args=(responses,), daemon=True).start()

    def read(self, responses):
        try:
            for response in responses:
                with changed:
                    if response.HasField("hello"):
                        self.acked = 0
                    if response.HasField("ack"):
                        self.acked = max(self.acked, response.ack.through_sequence)
                        self.refusals.extend(response.ack.refusals)
                    for command in response.commands:
                        self.obey(command)
                    changed.notify_all()
        except grpc.RpcError:
            pass

    def obey(self, command):
        generation = {"generation": command.generation}
        if command.HasField("ring_agent"):
            if command.ring_agent.agent_id in self.answering:
                self.tell(command.call_id, leg_answered=generation)
            elif self.failures:
                self.tell(command.call_id, leg_failed={"outcome": self.failures.pop(0), **generation})
        elif command.HasField("connect_call"):
            self.tell(command.call_id, call_connected=generation)

    def tell(self, call_id="", **event):
        with changed:
            self.sequence += 1
            event = switch_event_pb2.SwitchEvent(sequence=self.sequence, call_id=call_id, **event)
            request = switch_service_pb2.ConnectRequest(batch={"events": [event]})
            request.batch.send_time.GetCurrentTime()
            self.outbox.put(request)


class ExamplesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="acd-examples.")
        self.addCleanup(folder.cleanup)
        self.folder, self.address, self.processes = folder.name, "127.0.0.1:0", []
        self.addCleanup(self.end_all)
        with open(f"{self.folder}/centre.yaml", "w", encoding="utf-8") as file:
            file.write(CONFIG)
        self.start_daemon("data")
        self.wallboards = {name: self.start(*command, self.address, "centre") for name, (_, command) in PROGRAMS.items()}
        for wallboard in self.wallboards.values():
            self.wait_for(lambda wallboard=wallboard: wallboard.words("board"), "a wallboard")
        self.switches = {name: self.start(*command, self.address, "centre", name, "service", *AGENTS[name])
                         for name, (command, _) in PROGRAMS.items()}

    def start(self, *command):
        self.processes.append(Process(*command))
        return self.processes[-1]

    def end_all(self):
        for process in self.processes:
            if process.process.poll() is None:
                process.kill(signal.SIGKILL)
            process.wait()

    def wait_for(self, condition, what):
        with changed:
            if not changed.wait_for(condition, WAIT_MAX):
                errors = [" ".join(line) for process in self.processes for line in process.lines[-3:] + process.errors[-3:]]
                self.fail("\n".join([f"{what} did not come", *errors]))

    def start_daemon(self, data):
        self.daemon = self.start(f"{BIN}/acdd", "--config", f"{self.folder}/centre.yaml", "--data-dir",
                                 f"{self.folder}/{data}", "--listen", self.address, "--http", "none")

        def ready():
            return [line for line in self.daemon.lines + self.daemon.errors if "ready:" in line]
        self.wait_for(ready, "the daemon")
        self.address = next(word.split("=")[1] for word in ready()[0] if word.startswith("address="))

    def wait_more(self, word, count):
        """Until each switch has said so `count` times more."""
        begin = {name: len(switch.words(word)) for name, switch in self.switches.items()}
        for name, switch in self.switches.items():
            self.wait_for(lambda name=name, switch=switch: len(switch.words(word)) >= begin[name] + count,
                          f"{count} more of {word} by {name}")

    def end_switches(self):
        for switch in self.switches.values():
            switch.kill(signal.SIGTERM)
        for name, switch in self.switches.items():
            self.assertEqual(switch.wait(), 0, name)

    def events_seen(self, cuts):
        """Both wallboards' events since they last read the lists, up to the end of that many sessions: equal, and without
        gaps."""
        def told(wallboard):
            begin = max(i for i, line in enumerate(wallboard.lines) if line[0] == "lists")
            lines = [line[1:] for line in wallboard.lines[begin:] if line[0] == "event"]
            ends = [i for i, line in enumerate(lines) if line[1] == "switch.disconnected"]
            return lines[:ends[cuts - 1] + 1] if len(ends) >= cuts else []
        for name, wallboard in self.wallboards.items():
            self.wait_for(lambda wallboard=wallboard: told(wallboard), f"the end at the wallboard {name}")
        lists = [told(wallboard) for wallboard in self.wallboards.values()]
        begin = max(int(lines[0][0]) for lines in lists)
        lists = [[line for line in lines if int(line[0]) >= begin] for lines in lists]
        self.assertEqual(*lists)
        self.assertEqual([int(line[0]) for line in lists[0]], list(range(begin, begin + len(lists[0]))))
        return lists[0]

    def outcomes(self):
        """Each call of each switch has one outcome; the agents of those that had one, and the others."""
        agents, defaults = {}, set()
        for name, switch in self.switches.items():
            said = [line[1] for line in switch.lines]
            self.assertEqual(sorted(said), sorted(f"{name}-{i + 1}" for i in range(len(said))))
            self.assertEqual(switch.words("released"), [])
            agents.update({line[1]: line[2] for line in switch.words("agent")})
            defaults.update(line[1] for line in switch.words("default"))
        return agents, defaults

    def test_daemon_pulled_away(self):
        self.wait_more("agent", 10)
        self.daemon.kill(signal.SIGKILL)
        self.daemon.wait()
        self.wait_more("default", 2)
        self.start_daemon("data")

        self.wait_more("agent", 10)
        self.daemon.kill(signal.SIGTERM)
        self.assertEqual(self.daemon.wait(), 0)
        self.wait_more("default", 2)
        self.start_daemon("data")

        self.wait_more("agent", 10)
        self.daemon.kill(signal.SIGSTOP)
        self.wait_more("default", 2)
        self.daemon.kill(signal.SIGCONT)

        self.wait_more("agent", 10)
        self.end_switches()
        agents, defaults = self.outcomes()
        events = self.events_seen(cuts=6)
        connected = [(call, agent) for _, kind, call, agent in events if kind == "call.connected"]
        self.assertEqual(sorted(connected), sorted(agents.items()))
        unseen = [call for _, kind, call, _ in events if kind == "call.rerouted"]
        withdrawn = [call for _, kind, call, _ in events if kind == "call.withdrawn"]
        self.assertEqual(sorted(unseen + withdrawn), sorted(defaults))
        for name in self.switches:  # Of those that came while it was gone it never heard; of those while it stood it did.
            self.assertGreaterEqual(len([call for call in unseen if call.startswith(name)]), 2, name)
            self.assertGreaterEqual(len([call for call in withdrawn if call.startswith(name)]), 1, name)

        self.daemon.kill(signal.SIGTERM)
        self.assertEqual(self.daemon.wait(), 0)
        history = subprocess.run([f"{BIN}/acdctl", "history", "calls", "--csv", "--data-dir", f"{self.folder}/data"],
                                 check=True, capture_output=True, text=True, timeout=WAIT_MAX).stdout
        rows = [(row["call"], row["agent"]) for row in csv.DictReader(io.StringIO(history)) if row["outcome"] == "completed"]
        self.assertEqual(sorted(rows), sorted(agents.items()))
        journal = subprocess.run([f"{BIN}/acdctl", "journal", "dump", f"{self.folder}/data"],
                                 check=True, capture_output=True, text=True, timeout=WAIT_MAX).stdout
        for call in defaults:
            self.assertIn(call, journal)

    def test_data_lost(self):
        """A daemon that knows nothing: switches list what they have, wallboards read the lists."""
        self.wait_more("agent", 5)
        self.daemon.kill(signal.SIGKILL)
        self.daemon.wait()
        self.start_daemon("anew")
        for wallboard in self.wallboards.values():
            self.wait_for(lambda wallboard=wallboard: len(wallboard.words("lists")) > 1, "the lists anew")
        self.wait_more("agent", 10)
        self.end_switches()
        self.outcomes()
        self.events_seen(cuts=2)
        for name, wallboard in self.wallboards.items():
            self.assertEqual(wallboard.words("board")[-1][1:7], "waiting 0 ringing 0 talking 0".split(), name)

    def test_picture(self):
        """Whatever becomes of offers and calls, wallboards show what the lists say."""
        self.wait_more("agent", 1)
        self.end_switches()
        channel = grpc.insecure_channel(self.address)
        self.addCleanup(channel.close)
        stub = wallboard_service_pb2_grpc.WallboardServiceStub(channel)

        def listed():
            page = stub.ListCalls(lists.ListCallsRequest(parent="tenants/centre", page_size=1000), timeout=WAIT_MAX)
            return {call.name.split("/")[-1]: call.state for call in page.calls}

        def wait_listed(what, condition):
            self.wait_for(lambda: pbx.acked == pbx.sequence and condition(listed()), what)

        def check_pictures():
            states = [lists.CALL_STATE_ENQUEUED, lists.CALL_STATE_ALERTING, lists.CALL_STATE_CONNECTED]
            for name, wallboard in self.wallboards.items():
                def is_right(wallboard=wallboard):
                    now = list(listed().values())
                    return wallboard.words("board")[-1][2:7:2] == [str(now.count(state)) for state in states]
                self.wait_for(is_right, f"the picture of {name}: {wallboard.words('board')[-1]} for {listed()}")

        pbx = Pbx(self.address, answering=["xia", "yan"])
        self.wait_for(lambda: pbx.acked == 0, "the session")
        for agent in ("sue", "tim", "una", "vic", "wes", "xia", "yan"):
            pbx.tell(agent_logged_in={"agent_id": agent, "station": "phone-" + agent})
            pbx.tell(agent_ready={"agent_id": agent})
        for number in range(3):
            pbx.tell(f"p{number}", call_offered={"queue_id": "picture"})
        self.wait_for(lambda: not pbx.failures, "five rings that failed")
        check_pictures()

        pbx.tell("t1", call_offered={"queue_id": "talk"})
        wait_listed("a call", lambda calls: calls.get("t1") == lists.CALL_STATE_CONNECTED)
        check_pictures()
        pbx.tell("t1", transfer_requested={"outside": "+441234568"})
        pbx.tell("n1", call_offered={"queue_id": "nobody"})
        wait_listed("the end of both", lambda calls: not {"t1", "n1"} & calls.keys())
        check_pictures()

        pbx.tell(agent_ready={"agent_id": "xia"})
        pbx.tell("t2", call_offered={"queue_id": "talk"})
        wait_listed("another call", lambda calls: calls.get("t2") == lists.CALL_STATE_CONNECTED)
        pbx.tell("t2", consult_begun={"consult_id": "x2", "to": {"agent_id": "yan", "via_queue_id": "consult"}})
        wait_listed("the consult", lambda calls: calls.get("x2") == lists.CALL_STATE_CONNECTED)
        pbx.tell("x2", consult_merged={"conference": True})
        wait_listed("one call of both", lambda calls: "t2" in calls and "x2" not in calls)
        check_pictures()
        self.assertEqual(pbx.refusals, [])
        pbx.outbox.put(None)
        pbx.channel.close()


if __name__ == "__main__":
    unittest.main()
