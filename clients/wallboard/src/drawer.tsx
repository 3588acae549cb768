// SPDX-License-Identifier: Apache-2.0
// Everything about one queue, agent or call: from the queue to its calls, from a call to its
// decision record.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { BlockerCount, WhyIdleResponse } from "../gen/acd/v1/explain_service_pb";
import { DurationKind } from "../gen/acd/v1/statistics_pb";
import type { QueueStats } from "../gen/acd/v1/wallboard_service_pb";
import { AgentActions } from "./actions";
import { RunningTime } from "./agent_table";
import { answerTime, api } from "./api";
import { timeInState } from "./board";
import { CallDetail } from "./call_detail";
import { DayChart } from "./chart";
import { pointsOf } from "./day";
import { clockText, counted, nothing, percentText, rateText, secondsOf, shortName } from "./format";
import { board, clock, dayEveryMs, hrefTo, parent, route } from "./page";
import { usePolled } from "./polled";
import type { ThingKind } from "./route";
import { agentCounts, statusOf, targetOf } from "./thresholds";
import { AgentBar } from "./tile";
import {
  agentGroup,
  agentStateText,
  blockerText,
  callStateText,
  reasonText,
  unknownText,
  windowText,
} from "./words";

const kindWords: Record<ThingKind, string> = { queues: "Queue", agents: "Agent", calls: "Call" };
const callsShownMax = 50;

export function Drawer(props: { kind: ThingKind; id: string }) {
  const { kind, id } = props;
  board.value.agentOrder.value;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const close = hrefTo({ thing: undefined });
  return (
    <aside
      class="drawer"
      aria-labelledby="drawer-title"
      onKeyDown={(event) => {
        if (event.key === "Escape") location.hash = close;
      }}
    >
      <div class="drawer-head">
        <p class="faint">{kindWords[kind]}</p>
        <a class="close" href={close} aria-label="Close">
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M3 3l10 10M13 3L3 13" />
          </svg>
        </a>
        <h2 id="drawer-title" tabIndex={-1} ref={title}>
          {kind === "agents" ? agentName(id) : id}
        </h2>
      </div>
      {kind === "queues" && <QueueDetail id={id} />}
      {kind === "agents" && <AgentDetail id={id} />}
      {kind === "calls" && <CallDetail id={id} />}
    </aside>
  );
}

function agentName(id: string): string {
  return board.value.agents.get(`${parent()}/agents/${id}`)?.value.value.displayName || id;
}

export function Facts(props: { children: ComponentChildren }) {
  return <dl class="facts">{props.children}</dl>;
}

export function Fact(props: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

export function Refused(props: { error: string }) {
  return props.error === "" ? null : <p class="notice">{props.error}</p>;
}

export function Blockers(props: { noun: string; counts: BlockerCount[]; free: number }) {
  const { noun, counts, free } = props;
  return (
    <ul class="blockers">
      {free > 0 && (
        <li>
          <b>{free}</b> <span>{noun} free for it</span>
        </li>
      )}
      {counts.map((one) => (
        <li key={one.blocker}>
          <b>{one.count}</b> <span>{blockerText(one.blocker)}</span>
        </li>
      ))}
    </ul>
  );
}

function QueueDetail(props: { id: string }) {
  const name = `${parent()}/queues/${props.id}`;
  board.value.queueOrder.value;
  const told = board.value.queues.get(name);
  if (!told) return <Refused error="There is no such queue, or it was removed." />;
  const queue = told.value.value;
  const target = targetOf(queue);
  const status = statusOf(queue, route.value.window);
  const waiting = Number(queue.waiting);
  return (
    <>
      <p class={`status status-${status.level}`}>
        <span class={`mark mark-${status.level}`} aria-hidden="true" />
        {status.reason === "" ? status.word : `${status.word}: ${status.reason}`}
      </p>
      <Facts>
        <Fact name="Waiting">{waiting}</Fact>
        <Fact name="Longest wait">
          {clockText(waiting > 0 ? secondsOf(queue.longestWait) : undefined)}
        </Fact>
        <Fact name="Expected wait">
          {queue.ewt?.p80
            ? `${clockText(secondsOf(queue.ewt.p50))} to ${clockText(secondsOf(queue.ewt.p95))}`
            : queue.ewt
              ? unknownText(queue.ewt.unknown)
              : nothing}
        </Fact>
        <Fact name="Talking">{String(queue.connected)}</Fact>
        <Fact name="Goal">{`${target.goal} % in ${clockText(target.seconds)}`}</Fact>
        <Fact name="Callbacks waiting">{String(queue.callbacksWaiting)}</Fact>
      </Facts>
      {queue.isOpen === false && <p class="notice">This queue is closed.</p>}
      <h3>Agents</h3>
      <AgentBar counts={agentCounts(queue.memberStates)} />
      {queue.membersPaused > 0 && (
        <p class="faint">{counted(Number(queue.membersPaused), "member")} paused here.</p>
      )}
      <Windows queue={queue} />
      <QueueDay name={name} />
      <LiveCalls id={props.id} />
    </>
  );
}

type Row = [string, (window: QueueStats["windows"][number]) => string];
const meanOf = (window: QueueStats["windows"][number], kind: DurationKind) => {
  const found = window.durations.find((one) => one.kind === kind);
  return clockText(
    found && found.count > 0 ? secondsOf(found.sum)! / Number(found.count) : undefined,
  );
};
const windowRows: Row[] = [
  ["Service level", (one) => percentText(one.serviceLevelPercent)],
  ["Offered", (one) => String(one.visits?.offered ?? 0)],
  ["Answered", (one) => String(one.visits?.answered ?? 0)],
  ["Abandoned", (one) => String(one.visits?.abandoned ?? 0)],
  ["Abandon rate", (one) => rateText(one.abandonPercent)],
  ["Mean wait (ASA)", (one) => meanOf(one, DurationKind.WAIT_ANSWERED)],
  [
    "80 % wait at most",
    (one) =>
      clockText(
        secondsOf(one.durations.find((each) => each.kind === DurationKind.WAIT_ANSWERED)?.p80),
      ),
  ],
  ["Mean handling (AHT)", (one) => meanOf(one, DurationKind.HANDLE)],
];

function Windows(props: { queue: QueueStats }) {
  const { windows } = props.queue;
  if (windows.length === 0) return null;
  return (
    <>
      <h3>Figures</h3>
      <table class="figures">
        <thead>
          <tr>
            <td />
            {windows.map((one) => (
              <th key={one.window} scope="col">
                {windowText(one.window)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {windowRows.map(([title, text]) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              {windows.map((one) => (
                <td key={one.window}>{text(one)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function QueueDay(props: { name: string }) {
  const { answer } = usePolled(
    `day ${props.name}`,
    () => api.wallboard.listDayPoints({ name: props.name }, answerTime()),
    dayEveryMs,
  );
  return answer && answer.points.length > 0 ? <DayChart points={pointsOf(answer.points)} /> : null;
}

function LiveCalls(props: { id: string }) {
  const { answer, error } = usePolled(props.id, () =>
    api.wallboard.listCalls(
      { parent: parent(), queueId: props.id, pageSize: callsShownMax },
      answerTime(),
    ),
  );
  const calls = answer?.calls ?? [];
  return (
    <>
      <h3>Live calls</h3>
      <Refused error={error} />
      {answer && calls.length === 0 && <p class="faint">None.</p>}
      <ul class="links" role="list">
        {calls.map((call) => (
          <li key={call.name}>
            <a href={hrefTo({ thing: { kind: "calls", id: shortName(call.name) } })}>
              {shortName(call.name)}
            </a>
            <span>{callStateText(call.state)}</span>
            <span class="faint">{call.agent === "" ? "" : agentName(shortName(call.agent))}</span>
            <span class="number">{clockText(secondsOf(call.talk ?? call.wait))}</span>
          </li>
        ))}
      </ul>
      {answer?.nextPageToken && <p class="faint">The {callsShownMax} that are here longest.</p>}
    </>
  );
}

function AgentDetail(props: { id: string }) {
  const name = `${parent()}/agents/${props.id}`;
  board.value.agentOrder.value;
  const told = board.value.agents.get(name);
  const why = usePolled(name, () => api.explain.whyIdle({ name }, answerTime()));
  if (!told) return <Refused error="There is no such agent." />;
  const agent = told.value.value;
  const reason = reasonText(agent.reason);
  const skills = Object.entries(agent.skills).sort(([a], [b]) => a.localeCompare(b));
  return (
    <>
      <p class="status">
        <span class={`dot dot-${agentGroup(agent.state)}`} aria-hidden="true" />
        {agentStateText(agent.state)}
        {reason !== "" && <span class="faint"> {reason}</span>}
      </p>
      <AgentActions agent={agent} />
      <Facts>
        <Fact name="In this state">
          <RunningTime seconds={() => timeInState(told.value, clock.value)} />
        </Fact>
        <Fact name="Id">{props.id}</Fact>
        <Fact name="Team">{agent.team || nothing}</Fact>
        <Fact name="Station">{agent.station || nothing}</Fact>
        <Fact name="Answered">{String(agent.answered)}</Fact>
        <Fact name="Did not answer">{String(agent.noAnswer)}</Fact>
        <Fact name="Occupancy">{percentText(agent.occupancyPercent)}</Fact>
        <Fact name="Desktop">
          {agent.desktop === "" ? nothing : agent.desktopAway ? "away" : "connected"}
        </Fact>
      </Facts>
      <h3>Calls</h3>
      {agent.calls.length === 0 && <p class="faint">None in hand.</p>}
      <ul class="links" role="list">
        {agent.calls.map((call) => (
          <li key={call}>
            <a href={hrefTo({ thing: { kind: "calls", id: shortName(call) } })}>
              {shortName(call)}
            </a>
          </li>
        ))}
      </ul>
      <h3>Why no more</h3>
      <Refused error={why.error} />
      {why.answer && <Idle why={why.answer} />}
      <h3>Skills</h3>
      {skills.length === 0 && <p class="faint">None.</p>}
      <p class="skills">
        {skills.map(([skill, level]) => (
          <span key={skill} class="skill">
            {skill} <b>{level}</b>
          </span>
        ))}
      </p>
    </>
  );
}

function Idle(props: { why: WhyIdleResponse }) {
  const { why } = props;
  const isNothing = why.calls.length === 0 && why.callsFree === 0;
  return (
    <>
      <p>
        {why.blocker === ""
          ? isNothing
            ? "Free, and nothing waits."
            : "Free."
          : `Not free: ${blockerText(why.blocker)}.`}
        {why.switchAway && " The switch of their station is away."}
      </p>
      {!isNothing && <p class="faint">Calls that wait, by what is in the way for this agent:</p>}
      <Blockers noun="calls" counts={why.calls} free={why.callsFree} />
    </>
  );
}
