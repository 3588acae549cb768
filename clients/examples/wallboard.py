#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A wallboard, to read and to copy: lists as the picture to start with, then every event once; it resumes by itself.

wallboard.py TARGET TENANT   runs until it is killed.
Prints "lists CALLS AGENTS", "event SEQUENCE TYPE CALL AGENT", and the picture after each response.
"""
import random
import sys
import time

import grpc
from acd.v1 import event_service_pb2 as events, event_service_pb2_grpc
from acd.v1 import wallboard_service_pb2 as lists, wallboard_service_pb2_grpc

CHANNEL = [("grpc.keepalive_time_ms", 15_000), ("grpc.keepalive_timeout_ms", 5_000),
           # Else gRPC waits up to two minutes before it connects again. Calls wait for that (wait_for_ready).
           ("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1_000)]
WAIT_MAX = 10  # Seconds for one page.
# After RESUME_TOKEN_EXPIRED and HISTORY_CHANGED.
STALE = (grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.FAILED_PRECONDITION)
# What an event makes of its call. A call that waits rings while somebody is offered it.
STATES = {"call.enqueued": "waiting", "offer.accepted": "connecting", "call.requeued": "waiting", "call.connected": "talking",
          "call.dial_answered": "waiting", "call.dial_failed": "scheduled", "call.due": "waiting",
          "call.outside_dialed": "dialing", "call.outside_answered": "outside"}
# Then it is over; also when it goes outside (call.overflowed, call.transferred).
ENDS = ("call.completed", "call.abandoned", "call.timed_out", "call.withdrawn", "call.failed", "call.rejected", "call.merged",
        "call.callback_requested")
# These say nothing about whether an agent is offered the call; all others of offers end it.
OFFER_GOES_ON = ("offer.created", "offer.ringing", "offer.stale")


class Call:
    def __init__(self, state="", offered=()):
        self.state, self.offered = state, set(offered)

    def shown(self):
        return "ringing" if self.state == "waiting" and self.offered else self.state


class Wallboard:
    def __init__(self, target, tenant):
        channel = grpc.insecure_channel(target, CHANNEL)
        self.lists = wallboard_service_pb2_grpc.WallboardServiceStub(channel)
        self.events = event_service_pb2_grpc.EventServiceStub(channel)
        self.parent = "tenants/" + tenant
        self.token = ""  # Of what was handled last. Empty: read the lists.
        self.calls, self.agents = {}, {}  # By id; of an agent the state.
        self.attempts = 0

    def pages(self, method, request):
        while True:
            response = method(request, timeout=WAIT_MAX, wait_for_ready=True)
            yield response
            if not response.next_page_token:
                return
            request.page_token = response.next_page_token

    def read_lists(self):
        """The first page's token counts: what came since is told again, and an event sets a state, whatever it was."""
        calls = list(self.pages(self.lists.ListCalls, lists.ListCallsRequest(parent=self.parent)))
        agents = list(self.pages(self.lists.ListAgents, lists.ListAgentsRequest(parent=self.parent)))
        words = {lists.CALL_STATE_ENQUEUED: "waiting", lists.CALL_STATE_ALERTING: "waiting",
                 lists.CALL_STATE_CONNECTING: "connecting", lists.CALL_STATE_CONNECTED: "talking"}
        self.calls = {call.name.split("/")[-1]: Call(words.get(call.state, "other"),
                                                     [agent.split("/")[-1] for agent in call.offered_agents])
                      for page in calls for call in page.calls}
        self.agents = {agent.name.split("/")[-1]: agent.state for page in agents for agent in page.agents}
        self.token = calls[0].resume_token
        print("lists", len(self.calls), len(self.agents), flush=True)

    def handle(self, event):
        print("event", event.sequence, event.type, event.call_id or "-", event.agent_id or "-")
        if event.type in STATES:
            self.calls.setdefault(event.call_id, Call()).state = STATES[event.type]
        elif event.type in ENDS or event.is_outside:
            self.calls.pop(event.call_id, None)
        elif event.type == "agent.state_changed":
            self.agents[event.agent_id] = event.to_state
        call = self.calls.get(event.call_id)
        if call is None:
            return
        if event.type == "call.dialed" and not event.agent_id:  # With an agent who waits for the customer it stays theirs.
            call.state = "dialing"
        elif event.type == "offer.created":
            call.offered.add(event.agent_id)
        elif event.type.startswith("offer.") and event.type not in OFFER_GOES_ON:
            call.offered.discard(event.agent_id)

    def show(self):
        states, ready = [call.shown() for call in self.calls.values()], list(self.agents.values()).count(lists.AGENT_STATE_READY)
        print("board waiting", states.count("waiting"), "ringing", states.count("ringing"), "talking",
              states.count("talking"), "agents ready", ready, flush=True)

    def watch(self):
        if not self.token:
            self.read_lists()
        request = events.WatchEventsRequest(parent=self.parent, resume_token=self.token)
        for response in self.events.WatchEvents(request, wait_for_ready=True):
            self.attempts = 0
            for event in response.events:
                self.handle(event)
            self.show()
            self.token = response.resume_token  # Behind the handling: what was cut in between comes again.

    def run(self):
        while True:
            try:
                self.watch()
            except grpc.RpcError as error:
                print(f"wallboard: {error.code().name} {error.details()}", file=sys.stderr, flush=True)
                if error.code() in STALE:
                    self.token = ""
            self.attempts = min(self.attempts + 1, 6)  # 0.1 s, doubled up to 3.2 s, half of it by chance: not all at once.
            time.sleep(0.05 * 2**self.attempts * random.uniform(0.5, 1))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    Wallboard(*sys.argv[1:]).run()
