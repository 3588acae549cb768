#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recomputes the statistics of a run from its events alone, and compares them with what the daemon says.

    recount.py EVENTS QUEUES CONFIG

EVENTS: `acdctl events --oldest --json`, all of the run. QUEUES: `acdctl queues --window day --json` after it. CONFIG: `acdctl config
export`. Prints one line for each figure that differs and a summary; exit code 1 if one does, 2 if the input is no whole run.

It shares no code and no structure with the daemon: a call is a list of its events, and every figure is taken from the whole
list afterwards. The definitions are those of routing/insight/README.md, "What each figure means".
"""
import collections
import datetime
import json
import re
import sys

NS = 1_000_000_000
SHORT_ABANDON = 5 * NS  # Where the configuration says nothing.
UNITS = {"ms": NS // 1000, "s": NS, "m": 60 * NS, "h": 3600 * NS}
# How a visit that waits may end, but for the two kinds of abandon.
ENDS = {
    "call.connected": "answered",
    "call.timed_out": "timedOut",
    "call.withdrawn": "withdrawn",
    "call.failed": "failedWaiting",
    "call.rejected": "rejected",
    "call.overflowed": "overflowedOut",
    "call.transferred": "transferredOutWaiting",
    "call.callback_requested": "callbackRequested",
}
BEGINS = {"overflow": "overflowedIn", "transfer": "transferredIn", "consult": "consults"}
LEFT_OUT_UNLESS_LATE = ("withdrawn", "failedWaiting", "overflowedOut", "transferredOutWaiting", "callbackRequested")
BESIDE = {"overflowedOut": "overflowedInTarget", "transferredOutWaiting": "transferredInTarget"}
ENDED = ("call.completed", "call.abandoned", "call.failed", "call.withdrawn", "call.timed_out", "call.rejected")


def wrong(text):
    print(f"recount: {text}", file=sys.stderr)
    sys.exit(2)


def time_ns(text):
    """Of a protobuf timestamp, without loss."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return int(seconds) * NS + int(fraction.ljust(9, "0") or 0)


def span_ns(text):
    """Of a protobuf duration, without loss."""
    whole, _, fraction = text.lstrip("-").rstrip("s").partition(".")
    return (int(whole) * NS + int(fraction.ljust(9, "0") or 0)) * (-1 if text.startswith("-") else 1)


def read_events(path):
    events = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            events += json.loads(line)["events"]
    for place, event in enumerate(events, 1):
        if int(event["sequence"]) != place:
            wrong(f"{path}: event {place} has sequence {event['sequence']}: the log is not whole")
        event["at"] = time_ns(event["time"])
    return events


def read_short_abandons(path):
    """Of each queue that has its own, by the lines of the YAML."""
    found, queue = {}, None
    with open(path, encoding="utf-8") as file:
        for line in file:
            if name := re.match(r"\s*- (?:\{)?id: (\S+?)[,}]?\s", line + " "):
                queue = name[1]
            if own := re.search(r"short_abandon: (\d+)(ms|s|m|h)\b", line):
                found[queue] = int(own[1]) * UNITS[own[2]]
    return found


def targets_of(told):
    """Of each queue its service-level target."""
    return {one["name"].partition("/queues/")[2]: span_ns(one["serviceLevelTarget"]["target"]) for one in told["queues"]}


class Visit:
    """One stay of a call in one queue."""

    def __init__(self, event):
        self.queue = event["queueId"]
        self.began = event["at"]
        self.begin = BEGINS.get(event["detail"], "offered")
        self.entered = event["at"] - span_ns(event.get("duration", "0s"))
        self.on_line = event["medium"] != "MEDIUM_CALLBACK"
        self.end = self.ended = self.wait = None
        self.goes_on = False  # Into another queue, without an agent.

    def close(self, end, event):
        self.end, self.ended, self.wait = end, event["at"], event["at"] - self.entered
        self.goes_on = event["type"] in ("call.overflowed", "call.transferred") and not event["isOutside"]


def visits_of(history, short_abandons):
    """The visits of one call, from all its events."""
    visits, visit = [], None
    for event in history:
        kind = event["type"]
        if kind == "call.enqueued":
            visit = Visit(event)
            visits.append(visit)
        elif visit is None:
            continue
        elif kind == "call.customer_answered" and not visit.on_line:
            visit.on_line = True  # From here on somebody waits.
            visit.entered = event["at"]
        elif kind == "call.abandoned":
            is_short = event["at"] - visit.entered < short_abandons.get(visit.queue, SHORT_ABANDON)
            visit.close("shortAbandoned" if is_short else "abandoned", event)
            visit = None
        elif kind in ENDS:
            visit.close(ENDS[kind], event)
            visit = None
    return visits


class Ledger:
    """What happened, each with its time: (when, queue, figure, by how much)."""

    def __init__(self):
        self.facts = []

    def add(self, at, queue, name, by=1):
        self.facts.append((at, queue, name, by))

    def figures(self, begin, end):
        """Sums by queue id, and of all under ""; of durations the list of values."""
        sums = collections.defaultdict(lambda: collections.defaultdict(int))
        values = collections.defaultdict(lambda: collections.defaultdict(list))
        for at, queue, name, by in self.facts:
            if begin <= at <= end:
                for scope in {queue, ""}:
                    if name in KINDS:
                        values[scope][name].append(by)
                    else:
                        sums[scope][name] += by
        return sums, values


def add_service_level(ledger, visit, target, short_abandon, now):
    """By the table of the README."""
    queue, end, wait = visit.queue, visit.end, visit.wait
    late = max(visit.began, visit.entered + max(target + 1, short_abandon))  # When it enters by waiting.
    if not visit.on_line:
        if end is not None:
            ledger.add(visit.ended, queue, "serviceLevel.leftOut")
        return
    if end is None:
        if late <= now:
            ledger.add(late, queue, "serviceLevel.entered")
        return
    is_in_target = wait <= target
    if end in ("answered", "abandoned", "timedOut") or (end in LEFT_OUT_UNLESS_LATE and not is_in_target):
        ledger.add(min(visit.ended, late), queue, "serviceLevel.entered")
        if is_in_target and end != "timedOut":
            ledger.add(visit.ended, queue, f"serviceLevel.{end}InTarget")
        return
    ledger.add(visit.ended, queue, "serviceLevel.leftOut")
    if end in BESIDE:
        ledger.add(visit.ended, queue, "serviceLevel." + BESIDE[end])


def add_visits(ledger, history, targets, short_abandons, now):
    waits = 0
    for visit in visits_of(history, short_abandons):
        queue = visit.queue
        ledger.add(visit.began, queue, visit.begin)
        if visit.begin == "consults":
            if visit.end is not None:
                ledger.add(visit.ended, queue, "consultsAnswered" if visit.end == "answered" else "consultsFailed")
            continue
        add_service_level(ledger, visit, targets[queue], short_abandons.get(queue, SHORT_ABANDON), now)
        if visit.end is None:
            ledger.add(visit.began, queue, "waiting" if visit.on_line else "callbacksWaiting")
            continue
        ledger.add(visit.ended, queue, visit.end)
        if not visit.on_line:
            if visit.end == "answered":
                ledger.add(visit.ended, queue, "callbacksAnswered")
        else:
            waits += visit.wait
            ledger.add(visit.ended, queue, "WAIT_ALL", visit.wait)
            if visit.end in ("answered", "abandoned"):
                ledger.add(visit.ended, queue, "WAIT_" + visit.end.upper(), visit.wait)
            if not visit.goes_on:
                ledger.add(visit.ended, queue, "WAIT_TOTAL", waits)


def add_offers(ledger, history):
    begun = {}
    for event in history:
        kind, queue = event["type"], event["queueId"]
        if kind.startswith("offer."):
            word = re.sub(r"_(.)", lambda found: found[1].upper(), kind[len("offer."):])
            ledger.add(event["at"], queue, "offers." + word)
            key = (event["agentId"], event["generation"])
            if word == "created":
                begun[key] = event["at"]
            elif word == "accepted":
                ledger.add(event["at"], queue, "RING", event["at"] - begun[key])
        elif kind == "call.requeued":
            ledger.add(event["at"], queue, "requeued")
        elif kind == "call.dial_failed":
            ledger.add(event["at"], queue, "dialsFailed")


def add_transfers(ledger, history):
    """Of the answered visits those whose call went on, each once."""
    queue, is_consult = None, False
    for event in history:
        kind = event["type"]
        if kind == "call.enqueued":
            queue, is_consult = None, event["detail"] == "consult"
        elif kind == "call.connected":
            queue = None if is_consult else event["queueId"]
        elif queue is not None and (kind == "call.transferred" or (kind == "call.party_left" and event["flag"])):
            ledger.add(event["at"], queue, "transferredOut")
            queue = None


def add_parts(ledger, history, wrap_ups):
    """Each agent's part of a connected call that is done; a consult's counts too."""
    begun, held_since, held, queue = {}, {}, collections.Counter(), ""
    for event in history:
        kind, agent, at = event["type"], event["agentId"], event["at"]
        if kind in ("call.connected", "call.party_joined"):
            begun[agent], queue = at, event["queueId"]
            held.pop(agent, None)
        elif kind == "call.held":
            held_since[agent] = at
        elif kind == "call.resumed" and agent in held_since:
            held[agent] += at - held_since.pop(agent)
        if kind == "call.party_left":
            done = [agent]
        elif kind in ENDED or kind in ("call.transferred", "call.merged"):
            done = list(begun)
        else:
            continue
        for one in (one for one in done if one in begun):
            spell = at - begun.pop(one)
            was_held = one in held_since or one in held
            hold = held.pop(one, 0) + (at - held_since.pop(one) if one in held_since else 0)
            wrap_up, over = wrap_ups.get((one, int(event["sequence"])), (0, at))
            if over is None:
                continue
            ledger.add(over, queue, "TALK", spell - hold)
            ledger.add(over, queue, "HANDLE", spell + wrap_up)
            if was_held:
                ledger.add(over, queue, "HOLD", hold)
            if over != at or wrap_up > 0:
                ledger.add(over, queue, "WRAP_UP", wrap_up)


def wrap_ups_of(events):
    """(length, end) of each wrap-up by its agent and the event that it follows; (0, None): still under way."""
    lengths, open_ones, last = {}, collections.defaultdict(list), {}
    for event in events:
        kind, agent = event["type"], event["agentId"]
        if kind == "agent.wrap_up_started":
            key = (agent, last[agent])
            lengths[key] = (0, None)
            open_ones[agent, event["queueId"]].append((key, event["at"]))
        elif kind == "agent.wrap_up_ended":
            key, begun = open_ones[agent, event["queueId"]].pop(0)
            lengths[key] = (event["at"] - begun, event["at"])
        elif kind in ENDED or kind in ("call.transferred", "call.merged", "call.party_left"):
            last[agent] = int(event["sequence"])
    return lengths


def add_idle(ledger, events):
    """Spells of being ready with nothing in hand."""
    since = {}
    for event in events:
        if event["type"] != "agent.state_changed":
            continue
        begun = since.pop(event["agentId"], None)
        if event["toState"] == "AGENT_STATE_READY":
            since[event["agentId"]] = event["at"] if begun is None else begun
        elif begun is not None:
            ledger.add(event["at"], "", "IDLE", event["at"] - begun)


def recount(events, targets, short_abandons):
    ledger = Ledger()
    histories = collections.defaultdict(list)
    for event in events:
        if event["callId"] and event["type"] not in ("call.scheduled", "call.rescheduled"):
            histories[event["callId"]].append(event)
    wrap_ups = wrap_ups_of(events)
    for history in histories.values():
        add_visits(ledger, history, targets, short_abandons, events[-1]["at"])
        add_offers(ledger, history)
        add_transfers(ledger, history)
        add_parts(ledger, history, wrap_ups)
    add_idle(ledger, events)
    return ledger


def scope_of(stats):
    return stats["name"].partition("/queues/")[2]


def flat_of(message):
    """Its counters, those of the messages in it as "offers.created"."""
    flat = {}
    for key, value in message.items():
        if isinstance(value, dict):
            flat.update({f"{key}.{inner}": one for inner, one in value.items()})
        else:
            flat[key] = value
    return flat


def compare(ledger, told, end):
    """What is told of the whole run: how many figures were looked at, and lines that say what differs."""
    sums, values = ledger.figures(0, end)
    lines, checked = [], 0
    for stats in told["queues"] + [told["total"]]:
        scope, flat = scope_of(stats), flat_of(stats)
        waits = values[scope]
        expected = {name: sums[scope][name] for name in COUNTED}
        expected.update(handled=len(waits["HANDLE"]), handleSum=sum(waits["HANDLE"]),
                        waitAnsweredSum=sum(waits["WAIT_ANSWERED"]), waitMax=max(waits["WAIT_ALL"], default=0))
        for name, value in sorted(expected.items()):
            if name not in flat:
                wrong(f"{stats['name']} has no figure {name}")
            said = span_ns(flat[name]) if name.endswith(("Sum", "Max")) else int(flat[name])
            checked += 1
            if said != value:
                lines.append(f"{scope or 'total'} {name}: told {said}, recounted {value}")
        checked += 1
        if not stats["conserved"]:
            lines.append(f"{scope or 'total'}: not conserved")
    return checked, lines


def compare_windows(ledger, told, begin, end):
    """The same of every window that is told. At `begin` the journal began."""
    lines, checked = [], 0
    for stats in told["queues"] + [told["total"]]:
        scope = scope_of(stats)
        for window in stats.get("windows", []):
            sums, values = ledger.figures(begin + span_ns(window.get("begin", "0s")), end)
            place = f"{scope or 'total'} {window['window']}"
            visits = {name: int(value) for name, value in window["visits"].items() if name in COUNTED}
            visits.update({f"{group}.{name}": int(value) for group in ("offers", "serviceLevel")
                           for name, value in window[group].items() if f"{group}.{name}" in COUNTED})
            for name, said in sorted(visits.items()):
                checked += 1
                if said != sums[scope][name]:
                    lines.append(f"{place} {name}: told {said}, recounted {sums[scope][name]}")
            kinds = {one["kind"].removeprefix("DURATION_KIND_"): one for one in window["durations"]}
            for kind in KINDS if not scope else KINDS - {"IDLE"}:
                found, said = sorted(values[scope][kind]), kinds.get(kind, {})
                checked += 3
                for name, value in (("count", len(found)), ("sum", sum(found)), ("max", max(found, default=0))):
                    one = said.get(name, "0")
                    if (int(one) if name == "count" else span_ns(one)) != value:
                        lines.append(f"{place} {kind} {name}: told {one}, recounted {value}")
                for percent in PERCENTILES if found else ():
                    exact = found[-(-len(found) * percent // 100) - 1]
                    one = span_ns(said.get(f"p{percent}", "0s"))
                    checked += 1
                    if abs(one - exact) > exact // 100 + NS // 1000:
                        lines.append(f"{place} {kind} p{percent}: told {one}, recounted {exact}")
    return checked, lines


KINDS = {"WAIT_ANSWERED", "WAIT_ABANDONED", "WAIT_ALL", "WAIT_TOTAL", "TALK", "HOLD", "WRAP_UP", "HANDLE", "RING", "IDLE"}
PERCENTILES = (50, 80, 90, 95, 99)
COUNTED = set(ENDS.values()) | set(BEGINS.values()) | {
    "offered", "abandoned", "shortAbandoned", "waiting", "callbacksWaiting", "callbacksAnswered", "consultsAnswered",
    "consultsFailed", "requeued", "dialsFailed", "transferredOut",
    "offers.created", "offers.accepted", "offers.noAnswer", "offers.rejected", "offers.busy", "offers.unreachable",
    "offers.unknownAddress", "offers.canceled", "offers.rescinded", "offers.stale", "offers.adopted",
    "serviceLevel.entered", "serviceLevel.answeredInTarget", "serviceLevel.abandonedInTarget", "serviceLevel.leftOut",
    "serviceLevel.overflowedInTarget", "serviceLevel.transferredInTarget"}


def main():
    if len(sys.argv) != 4:
        wrong("usage: recount.py EVENTS QUEUES CONFIG")
    events = read_events(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        told = json.load(file)
    ledger = recount(events, targets_of(told), read_short_abandons(sys.argv[3]))
    checked, lines = compare(ledger, told, events[-1]["at"])
    of_windows = compare_windows(ledger, told, events[0]["at"], events[-1]["at"])
    checked, lines = checked + of_windows[0], lines + of_windows[1]
    for line in lines:
        print(line)
    print(f"{len(events)} events, {checked} figures, {len(lines)} differ")
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
