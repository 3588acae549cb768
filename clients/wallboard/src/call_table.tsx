// SPDX-License-Identifier: Apache-2.0
// The calls that wait: where each stands in its queue, how long it will take, and why it waits.
import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { CallStatus } from "../gen/acd/v1/wallboard_service_pb";
import { CallState } from "../gen/acd/v1/wallboard_service_pb";
import { RunningTime } from "./agent_table";
import { answerTime, api } from "./api";
import { type Told, waitOf } from "./board";
import { clockText, nothing, secondsOf, shortName } from "./format";
import { board, clock, hrefTo, route } from "./page";
import { targetOf, waitLevel } from "./thresholds";
import { WhyAsker } from "./why";
import { Cell, type Column, WindowList } from "./window_list";
import { callStateText, unknownText, whyText } from "./words";

const rowHeight = 40;
const columns: Column[] = [
  { title: "Waits", class: "col-time" },
  { title: "Queue", class: "col-queue" },
  { title: "Place", class: "col-place" },
  { title: "Call", class: "col-call" },
  { title: "Priority", class: "col-number col-priority" },
  { title: "Expected", class: "col-time col-expected" },
  { title: "Why", class: "col-why" },
];

const asker = new WhyAsker({
  now: () => performance.now(),
  after: (ms, wake) => setTimeout(wake, ms),
  ask: async (name) => whyText(await api.explain.whyWaiting({ name }, answerTime())),
});

export function CallTable() {
  const names = useComputed(() => {
    const { calls, version } = board.value;
    version.value;
    const { thing } = route.value;
    const queue = thing?.kind === "queues" ? thing.id : undefined;
    const now = performance.now();
    return [...calls]
      .filter(([, call]) => queue === undefined || shortName(call.peek().value.queue) === queue)
      .map(([name, call]) => ({ name, wait: waitOf(call.peek(), now) }))
      .sort((a, b) => b.wait - a.wait)
      .map((row) => row.name);
  });
  const { thing } = route.value;
  const one = thing?.kind === "queues" ? thing.id : undefined;
  useEffect(() => () => asker.show([]), []);
  return (
    <section class="pane pane-of-calls" aria-labelledby="calls-title">
      <div class="pane-head">
        <h2 id="calls-title">
          Calls waiting <b class="pane-count">{names.value.length}</b>
        </h2>
        {one !== undefined && (
          <p class="pane-filter">
            in {one} only · <a href={hrefTo({ thing: undefined })}>all queues</a>
          </p>
        )}
      </div>
      <WindowList
        label="Calls waiting, the longest first"
        columns={columns}
        names={names.value}
        rowHeight={rowHeight}
        row={(name) => <CallRow name={name} />}
        empty="Nobody waits."
        onShow={(shown) =>
          asker.show(shown.filter((name) => canBeAsked(board.peek().calls.get(name)?.peek().value)))
        }
      />
    </section>
  );
}

// What rings is given to somebody already.
function canBeAsked(call: CallStatus | undefined): boolean {
  return call?.state === CallState.ENQUEUED;
}

function CallRow(props: { name: string }) {
  const told = board.value.calls.get(props.name);
  if (!told) return null;
  const call = told.value.value;
  const id = shortName(props.name);
  const isOpen = route.value.thing?.kind === "calls" && route.value.thing.id === id;
  const place = call.ewt?.position ?? 0;
  return (
    <>
      <Cell class="col-time">
        <Wait told={told.value} />
      </Cell>
      <Cell class="col-queue">{shortName(call.queue)}</Cell>
      <Cell class="col-place">{place > 0 ? place : nothing}</Cell>
      <Cell class="col-call">
        <a
          href={hrefTo({ thing: { kind: "calls", id } })}
          aria-current={isOpen ? "true" : undefined}
        >
          {id}
        </a>
      </Cell>
      <Cell class="col-number col-priority">{call.priority}</Cell>
      <Cell class="col-time col-expected">
        <Expected call={call} />
      </Cell>
      <Cell class="col-why">
        <Why call={call} />
      </Cell>
    </>
  );
}

function Wait(props: { told: Told<CallStatus> }) {
  const queue = board.value.queues.get(props.told.value.queue)?.peek().value;
  const wait = waitOf(props.told, clock.value);
  return (
    <span class={`level-${queue ? waitLevel(wait, targetOf(queue)) : "none"}`}>
      <RunningTime seconds={() => wait} />
    </span>
  );
}

function Expected(props: { call: CallStatus }) {
  const { ewt } = props.call;
  const seconds = secondsOf(ewt?.p80);
  if (seconds !== undefined) return <>{clockText(seconds)}</>;
  return <span class="faint">{ewt && ewt.unknown !== 0 ? unknownText(ewt.unknown) : nothing}</span>;
}

function Why(props: { call: CallStatus }) {
  const { call } = props;
  if (call.state === CallState.ENQUEUED) {
    const text = asker.textOf(call.name).value;
    return text === "" ? <span class="faint">…</span> : <span title={text}>{text}</span>;
  }
  const agents = call.offeredAgents.map(
    (name) => board.value.agents.get(name)?.value.value.displayName || shortName(name),
  );
  return (
    <>
      {callStateText(call.state)}
      {agents.length > 0 && ` at ${agents.join(", ")}`}
    </>
  );
}
