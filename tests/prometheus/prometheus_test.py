# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus scrapes a daemon by the configuration of deploy/prometheus, and its rules fire; curl's kind of client
calls the services; what rules and dashboard name is on the page.

  ACD_BIN_DIR=build/release/bin ACD_SOURCE_DIR=. PYTHONPATH=build/release/clients/python ACD_PROMETHEUS=prometheus \
  ACD_PROMTOOL=promtool tests/prometheus/prometheus_test.py
"""
import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import grpc
from acd.v1 import switch_service_pb2, switch_service_pb2_grpc

BIN, SOURCE = os.environ["ACD_BIN_DIR"], os.environ["ACD_SOURCE_DIR"]
PROMETHEUS, PROMTOOL = os.environ["ACD_PROMETHEUS"], os.environ["ACD_PROMTOOL"]
DEPLOY = os.path.join(SOURCE, "deploy")
WAIT_MAX = 60  # Seconds for anything that has to come.
CONFIG = """tenants:
  - id: centre
    queues:
      - {id: service, members: [ada]}
    agents: [{id: ada}]
"""
ACD_METRIC = re.compile(r"\bacd_[a-z0-9_]+")
# Each as it is asked for again and again: nothing here sleeps for a time that somebody guessed.
POLL = threading.Event()


def wait_for(what, look):
    """What `look` returns once it is true."""
    deadline = time.monotonic() + WAIT_MAX
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        POLL.wait(0.05)
    raise AssertionError(f"{what} did not come in {WAIT_MAX} s")


def get(url):
    with urllib.request.urlopen(url, timeout=WAIT_MAX) as answer:
        return answer.read().decode()


def post(url, message):
    request = urllib.request.Request(url, json.dumps(message).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=WAIT_MAX) as answer:
        return json.load(answer)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def expressions(text):
    """Of rules and of the dashboard."""
    return "\n".join(re.findall(r'"?expr"?: .*(?:\n {10}\S.*)*', text))


class PrometheusTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="acd-prometheus-")
        self.addCleanup(shutil.rmtree, self.folder)
        with open(self.path("config.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIG)
        self.acdd = self.start(f"{BIN}/acdd", "--config", self.path("config.yaml"), "--data-dir", self.path("data"),
                               "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--port-file", self.path("grpc"),
                               "--http-port-file", self.path("http"))
        self.http = wait_for("the address of HTTP", lambda: self.read("http"))
        self.grpc = wait_for("the address of gRPC", lambda: self.read("grpc"))
        wait_for("acdd", self.is_ready)

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        if not os.path.exists(self.path(name)):
            return ""
        with open(self.path(name), encoding="utf-8") as file:
            return file.read().strip()

    def start(self, *command):
        log = open(self.path(os.path.basename(command[0]) + ".log"), "w", encoding="utf-8")
        process = subprocess.Popen(command, stdout=log, stderr=log)
        log.close()

        def stop():
            process.send_signal(signal.SIGTERM)
            process.wait(WAIT_MAX)
        self.addCleanup(stop)
        return process

    def is_ready(self):
        try:
            return get(f"http://{self.http}/readyz")
        except urllib.error.HTTPError:
            return ""

    def report(self, *events):
        """By a switch, over a stream that the test keeps."""
        outbox = queue.SimpleQueue()
        channel = grpc.insecure_channel(self.grpc)
        self.addCleanup(channel.close)
        responses = switch_service_pb2_grpc.SwitchServiceStub(channel).Connect(iter(outbox.get, None))
        self.addCleanup(outbox.put, None)
        self.addCleanup(responses.cancel)  # Keeps it: who lets go of a stream ends it.
        opening = switch_service_pb2.ConnectRequest()
        opening.open_session.tenant, opening.open_session.source_id = "tenants/centre", "pbx"
        opening.open_session.epoch = "1"
        outbox.put(opening)
        while not next(responses).HasField("hello"):
            pass
        request = switch_service_pb2.ConnectRequest()
        for sequence, event in enumerate(events, 1):
            request.batch.events.add(sequence=sequence, **event)
        outbox.put(request)
        while next(responses).ack.through_sequence < len(events):
            pass

    def offer_call(self):
        """It waits, for nobody is there."""
        self.report({"call_id": "c1", "call_offered": {"queue_id": "service"}})

    def start_prometheus(self):
        """By the files of deploy, but for the address, the pace and how long an alert must hold."""
        with open(f"{DEPLOY}/prometheus/acd.rules.yml", encoding="utf-8") as file:
            rules = re.sub(r"for: .*", "for: 0s", file.read())
        with open(f"{DEPLOY}/prometheus/prometheus.yml", encoding="utf-8") as file:
            config = re.sub(r"interval: .*", "interval: 1s", file.read())
        config = re.sub(r"scrape_timeout: .*", "scrape_timeout: 1s", config).replace("127.0.0.1:7711", self.http)
        for name, text in (("acd.rules.yml", rules), ("prometheus.yml", config)):
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write(text)
        address = f"127.0.0.1:{free_port()}"
        self.start(PROMETHEUS, f"--config.file={self.path('prometheus.yml')}", f"--storage.tsdb.path={self.path('tsdb')}",
                   f"--web.listen-address={address}", "--log.level=error")
        return address

    def firing(self, address):
        try:
            answer = json.loads(get(f"http://{address}/api/v1/alerts"))
        except OSError:
            return {}
        return {alert["labels"]["alertname"]: alert["labels"] for alert in answer["data"]["alerts"]
                if alert["state"] == "firing"}

    def test_rules_fire(self):
        self.offer_call()
        address = self.start_prometheus()
        labels = wait_for("AcdNobodyAtWork", lambda: self.firing(address).get("AcdNobodyAtWork"))
        self.assertEqual(labels["tenant"], "centre")
        self.assertNotIn("AcdDown", self.firing(address))
        self.assertNotIn("AcdConservationBroken", self.firing(address))
        query = json.loads(get(f"http://{address}/api/v1/query?query=acd_queue_waiting"))
        self.assertEqual([(one["metric"]["queue"], one["value"][1]) for one in query["data"]["result"]], [("service", "1")])
        self.acdd.kill()
        wait_for("AcdDown", lambda: self.firing(address).get("AcdDown"))

    def test_services_answer_plain_http(self):
        self.offer_call()
        stats = post(f"http://{self.http}/acd.v1.WallboardService/GetQueueStats", {"name": "tenants/centre/queues/service"})
        self.assertEqual(stats["waiting"], "1")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            post(f"http://{self.http}/acd.v1.WallboardService/GetQueueStats", {"name": "tenants/centre/queues/none"})
        self.assertEqual(refused.exception.code, 404)
        error = json.load(refused.exception)
        self.assertEqual((error["code"], error["details"][0]["debug"]["reason"]), ("not_found", "QUEUE_UNKNOWN"))

    def test_page_and_files_are_what_prometheus_takes(self):
        # Somebody who is free: the wait can be predicted, and is on the page.
        self.report({"agent_logged_in": {"agent_id": "ada", "station": "101"}}, {"agent_ready": {"agent_id": "ada"}})
        page = get(f"http://{self.http}/metrics")
        checked = subprocess.run([PROMTOOL, "check", "metrics"], input=page, text=True, capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        for command in (["check", "config", f"{DEPLOY}/prometheus/prometheus.yml"],
                        ["test", "rules", f"{DEPLOY}/prometheus/acd.rules_test.yml"]):
            done = subprocess.run([PROMTOOL, *command], text=True, capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        told = {name for name in ACD_METRIC.findall(page)}
        with open(f"{DEPLOY}/prometheus/acd.rules.yml", encoding="utf-8") as file:
            rules = expressions(file.read())
        with open(f"{DEPLOY}/grafana/acd.json", encoding="utf-8") as file:
            board = "\n".join(target["expr"] for panel in json.load(file)["panels"] for target in panel["targets"])
        for text in (rules, board):
            self.assertTrue(ACD_METRIC.findall(text))
            self.assertEqual(set(ACD_METRIC.findall(text)) - told, set())
        for expression in board.splitlines():
            done = subprocess.run([PROMTOOL, "query", "instant", "http://127.0.0.1:1", expression], text=True,
                                  capture_output=True, check=False)
            self.assertNotIn("parse error", done.stderr)


if __name__ == "__main__":
    unittest.main()
