#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A switch with simulated callers and phones; switch_session.py is what a real one needs.

switch.py TARGET TENANT SOURCE QUEUE AGENT...   plays until SIGTERM, then ends what it has; a second one ends it at once.
Prints what became of each call: "agent CALL AGENT", "default CALL" (its own default route), "released CALL".
"""
import heapq
import itertools
import random
import signal
import sys
import time

from acd.v1 import switch_event_pb2 as events
from switch_session import Session


def say(*words):
    print(*words, flush=True)


class Call:
    def __init__(self):
        self.since = time.time_ns()
        self.agent, self.generation, self.answered = "", 0, 0  # Who is rung, by which offer; which of them was answered.
        self.is_talking = self.is_listed = False


class Switch:
    def __init__(self, target, tenant, source, queue_id, agents):
        self.source, self.queue_id, self.agents = source, queue_id, agents
        self.session = Session(target, tenant, source, self)
        self.timers, self.order = [], itertools.count()
        self.calls, self.is_stopping = {}, False

    # --- What the session asks for.

    def after(self, seconds, action, *arguments):
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.order), action, arguments))

    def knows(self, call_id):
        return call_id in self.calls

    def default_route(self, call_id):
        del self.calls[call_id]
        say("default", call_id)

    def list_live(self):
        for agent in self.agents:
            self.session.report(live_agent={"logged_in": {"agent_id": agent, "station": "phone-" + agent}})
        for call_id, call in self.calls.items():
            if call.is_talking:
                call.is_listed = True
                self.session.report(call_id, live_call={"talking": {"agent_id": call.agent}})
            else:
                call.generation = call.answered = 0
                self.session.offer(call_id, call.since, live_call={"waiting": {"queue_id": self.queue_id}})
        self.session.report(resync_ended={})
        for agent in self.agents:
            self.session.report(agent_ready={"agent_id": agent})

    def carry_out(self, command):
        """`generation` tells one offer of a call from the next."""
        call_id, call, kind = command.call_id, self.calls[command.call_id], command.WhichOneof("command")
        if kind in ("release_call", "transfer_call"):
            del self.calls[call_id]
            say("released", call_id)
        elif call.is_talking:
            return
        elif kind == "ring_agent" and command.generation > call.generation:
            call.agent, call.generation = command.ring_agent.agent_id, command.generation
            self.after(random.uniform(0.02, 0.06), self.answer, call_id, call, command.generation)
        elif kind in ("stop_ringing", "drop_leg") and command.generation == call.generation:
            call.generation = 0
        elif kind == "connect_call":
            call.is_talking, call.agent = True, command.connect_call.agent_id
            say("agent", call_id, call.agent)
            self.session.report(call_id, call_connected={"generation": command.generation})
            self.after(random.uniform(0.1, 0.3), self.hang_up, call_id)

    # --- Callers and phones.

    def arrive(self, number=1):
        if self.is_stopping:
            return
        call_id, call = f"{self.source}-{number}", Call()
        self.calls[call_id] = call
        self.session.offer(call_id, call.since, call_offered={"queue_id": self.queue_id})
        self.after(random.uniform(0.02, 0.18), self.arrive, number + 1)

    def answer(self, call_id, call, generation):
        if self.calls.get(call_id) is call and call.generation == generation != call.answered and not call.is_talking:
            call.answered = generation
            self.session.report(call_id, leg_answered={"generation": generation})

    def hang_up(self, call_id):
        call = self.calls.pop(call_id, None)
        if call is None:
            return
        self.session.report(call_id, call_ended={"ended_by": events.ENDED_BY_CALLER})
        if call.is_listed:  # The daemon may know of this agent only that they were busy.
            self.session.report(phone_idle={"station": "phone-" + call.agent})

    # --- One thread does it all.

    def stop(self, *_):
        if self.is_stopping:
            sys.exit("ended with calls open")
        self.is_stopping = True

    def run(self):
        session = self.session
        session.connect()
        session.beat()
        self.arrive()
        while not (self.is_stopping and session.is_open and not self.calls and not session.unacked):
            session.wait(min(0.1, max(0, self.timers[0][0] - time.monotonic())))
            while self.timers[0][0] <= time.monotonic():
                _, _, action, arguments = heapq.heappop(self.timers)
                action(*arguments)
            session.flush()
        session.stream.close()


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    player = Switch(*sys.argv[1:5], sys.argv[5:])
    signal.signal(signal.SIGTERM, player.stop)
    signal.signal(signal.SIGINT, player.stop)
    player.run()
