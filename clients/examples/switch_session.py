# SPDX-License-Identifier: Apache-2.0
"""The session of a switch, to read and to copy: it resumes by itself, and no caller is ever lost.

One thread uses it. `exchange` is what rings and connects (switch.py): after(), list_live(), knows(), default_route(), carry_out().
"""
import queue
import random
import sys
import time

from acd.v1 import errors_pb2, switch_event_pb2 as events, switch_service_pb2 as wire
from switch_stream import Stream

UNACKED_MAX = 10_000  # Events kept to be sent again; more than there are calls and agents at once.

class Session:
    def __init__(self, target, tenant, source, exchange):
        self.target, self.tenant, self.source, self.exchange = target, tenant, source, exchange
        self.inbox, self.stream, self.is_open, self.attempts = queue.Queue(1_000), None, False, 0
        self.epoch, self.sequence, self.acked = str(time.time_ns()), 0, 0
        self.unacked, self.sent = [], 0  # The first `sent` of them went out on this stream.
        self.arrivals = {}  # Calls whose arrival is not acknowledged: that event.
        self.answered = set()  # Commands whose answer is not acknowledged: these may be told again.
        self.ack_timeout, self.heartbeat, self.batch_max = 2.0, 5.0, 1  # Until Hello says.

    # --- The stream.

    def connect(self):
        self.stream = Stream(self.target, self.inbox)
        opening = wire.OpenSession(tenant="tenants/" + self.tenant, source_id=self.source, epoch=self.epoch, resync=True,
                                   answers_commands=True)
        self.stream.outbox.put(wire.ConnectRequest(open_session=opening))

    def lose_stream(self, why):
        print(f"{self.source}: {why}", file=sys.stderr, flush=True)
        self.stream.close()
        self.stream, self.is_open = None, False
        self.attempts = min(self.attempts + 1, 6)  # 0.1 s, doubled up to 3.2 s, half of it by chance: not all at once.
        self.exchange.after(0.05 * 2**self.attempts * random.uniform(0.5, 1), self.connect)

    def wait(self, seconds):
        """Takes what comes within that time, and sends what was reported since."""
        try:
            stream, item = self.inbox.get(timeout=seconds)
            if stream is self.stream:
                self.lose_stream(item) if isinstance(item, str) else self.take(item)
        except queue.Empty:
            pass

    def flush(self, beat=False):
        while self.is_open and (self.sent < len(self.unacked) or beat):
            batch = wire.EventBatch(events=self.unacked[self.sent:self.sent + self.batch_max])
            batch.send_time.GetCurrentTime()
            self.stream.outbox.put(wire.ConnectRequest(batch=batch))
            self.sent, beat = self.sent + len(batch.events), False

    def beat(self):
        self.flush(beat=True)
        self.exchange.after(self.heartbeat, self.beat)

    # --- The rule of events: what is numbered is kept until it is acknowledged.

    def report(self, call_id="", since=None, **event):
        if len(self.unacked) >= UNACKED_MAX:
            self.unacked, self.sent = [], 0
            self.begin_life("too much is not acknowledged")
        self.sequence += 1
        self.unacked.append(events.SwitchEvent(sequence=self.sequence, call_id=call_id, **event))
        self.unacked[-1].switch_time.FromNanoseconds(since or time.time_ns())
        return self.unacked[-1]

    def begin_life(self, why):
        """What was numbered is lost, here or there: a new epoch, whose resync lists all that there is."""
        self.epoch = str(time.time_ns())
        if self.stream is not None:
            self.lose_stream(why)

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
        self.heartbeat, self.batch_max = hello.heartbeat.ToTimedelta().total_seconds(), hello.limits.batch_events_max
        if hello.resumed and hello.last_durable_sequence < self.acked:
            return self.begin_life("the daemon lost what it had acknowledged")
        self.is_open, self.attempts, self.sent = True, 0, 0
        if hello.resumed:
            return self.forget(hello.last_durable_sequence)
        # The daemon does not know this epoch: tell it all that there is, numbered from 1.
        rerouted = dict.fromkeys(event.call_id for event in self.unacked if event.HasField("switch_rerouted"))
        self.unacked, self.sequence, self.acked, self.answered, self.arrivals = [], 0, 0, set(), {}
        for call_id in rerouted:
            self.report(call_id, switch_rerouted={})
        self.exchange.list_live()

    def forget(self, through):
        self.acked = max(self.acked, through)
        count = sum(1 for event in self.unacked if event.sequence <= through)
        for event in self.unacked[:count]:
            if self.arrivals.get(event.call_id) is event:
                del self.arrivals[event.call_id]
            self.answered.discard(event.command_done.command_id)
        del self.unacked[:count]
        self.sent = max(0, self.sent - count)

    def take_refusal(self, refusal):
        print(f"{self.source}: {refusal.sequence} refused: {refusal.message}", file=sys.stderr, flush=True)
        for arrival in [one for one in self.arrivals.values() if one.sequence == refusal.sequence]:
            self.give_away(arrival)
        if refusal.reason == errors_pb2.ERROR_REASON_RESYNC_NOT_OPEN:
            self.begin_life("the resync took too long")

    # --- The rule of callers: an arrival that is not acknowledged in time is the switch's own. A lost stream stops no clock.

    def offer(self, call_id, since, **arrival):
        self.arrivals[call_id] = self.report(call_id, since, **arrival)
        self.exchange.after(self.ack_timeout, self.give_away, self.arrivals[call_id])

    def give_away(self, arrival):
        if self.arrivals.get(arrival.call_id) is not arrival:
            return  # Acknowledged, or listed anew since.
        del self.arrivals[arrival.call_id]
        self.exchange.default_route(arrival.call_id)  # From here on no command for it is obeyed.
        arrival.switch_rerouted.SetInParent()  # Were it sent again, an agent would be rung for nobody.
        self.report(arrival.call_id, switch_rerouted={})  # If it had arrived, this one withdraws it.

    # --- The rule of commands: each comes again until its answer is acknowledged.

    def obey(self, command):
        if command.command_id in self.answered:
            return  # Done; the answer goes again by itself.
        self.answered.add(command.command_id)
        done = {"command_id": command.command_id}
        if self.exchange.knows(command.call_id):
            self.exchange.carry_out(command)
        else:  # Over, or given away.
            done["failure"] = events.COMMAND_FAILURE_CALL_GONE
        self.report(command_done=done)
