#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A switch with simulated callers and phones, to read and to copy: it resumes by itself, and no caller is ever lost.

switch.py TARGET TENANT SOURCE QUEUE AGENT...   plays until SIGTERM, then ends what it has; a second one ends it at once.
Prints what became of each call: "agent CALL AGENT", "default CALL" (its own default route), "released CALL".
"""
import heapq
import itertools
import queue
import random
import signal
import sys
import threading
import time

import grpc
from acd.v1 import errors_pb2, switch_event_pb2 as events, switch_service_pb2 as wire, switch_service_pb2_grpc

UNACKED_MAX = 10_000  # Events kept to be sent again; more than there are calls and agents at once.
CHANNEL = [("grpc.keepalive_time_ms", 15_000), ("grpc.keepalive_timeout_ms", 5_000),
           # Else gRPC waits up to two minutes by itself before it connects again.
           ("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1_000)]


def say(*words):
    print(*words, flush=True)


class Stream:
    """One connection: a thread that reads into the inbox, and a queue of what gRPC is to write (at most what is unacked)."""

    def __init__(self, target, inbox):
        self.outbox = queue.SimpleQueue()
        self.channel = grpc.insecure_channel(target, CHANNEL)
        responses = switch_service_pb2_grpc.SwitchServiceStub(self.channel).Connect(iter(self.outbox.get, None))
        threading.Thread(target=self.read, args=(responses, inbox), daemon=True).start()

    def read(self, responses, inbox):
        try:
            for response in responses:
                inbox.put((self, response))
            inbox.put((self, "closed"))
        except grpc.RpcError as error:
            inbox.put((self, f"{error.code().name} {error.details()}"))

    def close(self):
        self.outbox.put(None)
        self.channel.close()


class Call:
    def __init__(self, call_id):
        self.id, self.since = call_id, time.time_ns()
        self.sequence, self.is_acked = 0, False  # Of its arrival.
        self.agent, self.generation, self.answered = "", 0, 0  # Who is rung, by which offer; which of them was answered.
        self.is_talking = self.is_listed = False


class Switch:
    def __init__(self, target, tenant, source, queue_id, agents):
        self.target, self.tenant, self.source, self.queue_id, self.agents = target, tenant, source, queue_id, agents
        self.inbox, self.timers, self.order = queue.Queue(1_000), [], itertools.count()
        self.stream, self.is_open, self.attempts = None, False, 0
        self.epoch = str(time.time_ns())
        self.sequence = self.acked = 0
        self.unacked, self.sent = [], 0  # The first `sent` of them went out on this stream.
        self.answered = set()  # Commands whose answer is not acknowledged: these may be told again.
        self.calls, self.is_stopping = {}, False
        self.ack_timeout, self.heartbeat, self.batch_max = 2.0, 5.0, 1  # Until Hello says.

    # --- The session: what is numbered is kept until it is acknowledged.

    def connect(self):
        self.stream = Stream(self.target, self.inbox)
        session = wire.OpenSession(tenant="tenants/" + self.tenant, source_id=self.source, epoch=self.epoch, resync=True,
                                   answers_commands=True)
        self.stream.outbox.put(wire.ConnectRequest(open_session=session))

    def lose_stream(self, why):
        print(f"{self.source}: {why}", file=sys.stderr, flush=True)
        self.stream.close()
        self.stream, self.is_open = None, False
        self.attempts = min(self.attempts + 1, 6)  # 0.1 s, doubled up to 3.2 s, half of it by chance: not all at once.
        self.after(0.05 * 2**self.attempts * random.uniform(0.5, 1), self.connect)

    def begin_life(self, why):
        """What was numbered is lost, here or there: a new epoch, whose resync lists all that there is."""
        self.epoch = str(time.time_ns())
        if self.stream is not None:
            self.lose_stream(why)

    def report(self, call_id="", since=None, **event):
        if len(self.unacked) >= UNACKED_MAX:
            self.unacked, self.sent = [], 0
            self.begin_life("too much is not acknowledged")
        self.sequence += 1
        self.unacked.append(events.SwitchEvent(sequence=self.sequence, call_id=call_id, **event))
        self.unacked[-1].switch_time.FromNanoseconds(since or time.time_ns())
        return self.sequence

    def flush(self, beat=False):
        while self.is_open and (self.sent < len(self.unacked) or beat):
            batch = wire.EventBatch(events=self.unacked[self.sent:self.sent + self.batch_max])
            batch.send_time.GetCurrentTime()
            self.stream.outbox.put(wire.ConnectRequest(batch=batch))
            self.sent, beat = self.sent + len(batch.events), False

    def beat(self):
        self.flush(beat=True)
        self.after(self.heartbeat, self.beat)

    def take(self, response):
        if response.HasField("hello"):
            self.resume(response.hello)
        self.forget(response.ack.through_sequence)
        for refusal in response.ack.refusals:
            self.take_refusal(refusal)
        for command in response.commands:
            self.obey(command)

    def resume(self, hello):
        self.ack_timeout = hello.ack_timeout.ToTimedelta().total_seconds()
        self.heartbeat = hello.heartbeat.ToTimedelta().total_seconds()
        self.batch_max = hello.limits.batch_events_max
        if hello.resumed and hello.last_durable_sequence < self.acked:
            return self.begin_life("the daemon lost what it had acknowledged")
        self.is_open, self.attempts, self.sent = True, 0, 0
        if not hello.resumed:
            return self.list_all()
        self.forget(hello.last_durable_sequence)

    def forget(self, through):
        self.acked = max(self.acked, through)
        count = sum(1 for event in self.unacked if event.sequence <= through)
        for event in self.unacked[:count]:
            call = self.calls.get(event.call_id)
            if call is not None and call.sequence == event.sequence:
                call.is_acked = True
            self.answered.discard(event.command_done.command_id)
        del self.unacked[:count]
        self.sent = max(0, self.sent - count)

    def take_refusal(self, refusal):
        print(f"{self.source}: {refusal.sequence} refused: {refusal.message}", file=sys.stderr, flush=True)
        for call in list(self.calls.values()):
            if call.sequence == refusal.sequence:
                self.give_away(call)
        if refusal.reason == errors_pb2.ERROR_REASON_RESYNC_NOT_OPEN:
            self.begin_life("the resync took too long")

    def list_all(self):
        """The daemon does not know this epoch: tell it all that there is, numbered from 1."""
        rerouted = dict.fromkeys(e.call_id for e in self.unacked if e.HasField("switch_rerouted"))
        self.unacked, self.sequence, self.acked, self.answered = [], 0, 0, set()
        for call_id in rerouted:
            self.report(call_id, switch_rerouted={})
        for agent in self.agents:
            self.report(live_agent={"logged_in": {"agent_id": agent, "station": "phone-" + agent}})
        for call in list(self.calls.values()):
            if call.is_talking:
                call.is_listed, call.sequence = True, 0
                self.report(call.id, live_call={"talking": {"agent_id": call.agent}})
            else:
                call.generation = call.answered = 0
                self.offer(call, live_call={"waiting": {"queue_id": self.queue_id}})
        self.report(resync_ended={})
        for agent in self.agents:
            self.report(agent_ready={"agent_id": agent})

    # --- The rule: an arrival that is not acknowledged in time is the switch's own. A lost stream stops no clock.

    def offer(self, call, **arrival):
        call.sequence, call.is_acked = self.report(call.id, call.since, **arrival), False
        self.after(self.ack_timeout, self.check_acked, call, call.sequence)

    def check_acked(self, call, sequence):
        if self.calls.get(call.id) is call and call.sequence == sequence and not call.is_acked:
            self.give_away(call)

    def give_away(self, call):
        del self.calls[call.id]  # From here on no command for it is obeyed.
        say("default", call.id)
        for event in self.unacked:  # Were the arrival sent again, an agent would be rung for nobody.
            if event.sequence == call.sequence:
                event.switch_rerouted.SetInParent()
        self.report(call.id, switch_rerouted={})  # If it had arrived, this one withdraws it.

    # --- Commands. Each comes again until its answer is acknowledged; `generation` tells one offer of a call from the next.

    def obey(self, command):
        if command.command_id in self.answered:
            return  # Done; the answer goes again by itself.
        self.answered.add(command.command_id)
        done = {"command_id": command.command_id}
        if command.call_id not in self.calls:  # Over, or given away.
            done["failure"] = events.COMMAND_FAILURE_CALL_GONE
        else:
            self.carry_out(command, self.calls[command.call_id])
        self.report(command_done=done)

    def carry_out(self, command, call):
        kind = command.WhichOneof("command")
        if kind == "ring_agent" and command.generation > call.generation and not call.is_talking:
            call.agent, call.generation = command.ring_agent.agent_id, command.generation
            self.after(random.uniform(0.02, 0.06), self.answer, call, command.generation)
        elif kind in ("stop_ringing", "drop_leg") and command.generation == call.generation and not call.is_talking:
            call.generation = 0
        elif kind == "connect_call" and not call.is_talking:
            call.is_talking, call.agent = True, command.connect_call.agent_id
            say("agent", call.id, call.agent)
            self.report(call.id, call_connected={"generation": command.generation})
            self.after(random.uniform(0.1, 0.3), self.hang_up, call)
        elif kind in ("release_call", "transfer_call"):
            del self.calls[call.id]
            say("released", call.id)

    # --- Callers and phones.

    def arrive(self, number=1):
        if self.is_stopping:
            return
        call = self.calls[f"{self.source}-{number}"] = Call(f"{self.source}-{number}")
        self.offer(call, call_offered={"queue_id": self.queue_id})
        self.after(random.uniform(0.02, 0.18), self.arrive, number + 1)

    def answer(self, call, generation):
        if self.calls.get(call.id) is call and call.generation == generation != call.answered and not call.is_talking:
            call.answered = generation
            self.report(call.id, leg_answered={"generation": generation})

    def hang_up(self, call):
        if self.calls.pop(call.id, None) is not None:
            self.report(call.id, call_ended={"ended_by": events.ENDED_BY_CALLER})
            if call.is_listed:  # The daemon may know of this agent only that they were busy.
                self.report(phone_idle={"station": "phone-" + call.agent})

    # --- One thread does it all.

    def after(self, seconds, action, *arguments):
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.order), action, arguments))

    def stop(self, *_):
        if self.is_stopping:
            sys.exit("ended with calls open")
        self.is_stopping = True

    def run(self):
        self.connect()
        self.arrive()
        self.beat()
        while not (self.is_stopping and self.is_open and not self.calls and not self.unacked):
            try:
                stream, item = self.inbox.get(timeout=min(0.1, max(0, self.timers[0][0] - time.monotonic())))
                if stream is self.stream:
                    self.lose_stream(item) if isinstance(item, str) else self.take(item)
            except queue.Empty:
                pass
            while self.timers[0][0] <= time.monotonic():
                _, _, action, arguments = heapq.heappop(self.timers)
                action(*arguments)
            self.flush()
        self.stream.close()


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    player = Switch(*sys.argv[1:5], sys.argv[5:])
    signal.signal(signal.SIGTERM, player.stop)
    signal.signal(signal.SIGINT, player.stop)
    player.run()
