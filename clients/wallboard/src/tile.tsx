// SPDX-License-Identifier: Apache-2.0
// One queue, readable at five metres. It redraws when its own queue changes, and for nothing else.
import type { Signal } from "@preact/signals";
import type { QueueStats } from "../gen/acd/v1/wallboard_service_pb";
import type { Told } from "./board";
import {
  clockText,
  nothing,
  percentText,
  rateText,
  secondsOf,
  shortName,
  spokenSeconds,
} from "./format";
import { hrefTo, route } from "./page";
import {
  abandonLevel,
  agentCounts,
  figuresOf,
  serviceLevelLevel,
  statusOf,
  targetOf,
  waitLevel,
} from "./thresholds";
import { groupWords, unknownText } from "./words";

export function Tile(props: { queue: Signal<Told<QueueStats>> }) {
  const queue = props.queue.value.value;
  const { window } = route.value;
  const id = shortName(queue.name);
  const target = targetOf(queue);
  const status = statusOf(queue, window);
  const figures = figuresOf(queue, window);
  const waiting = Number(queue.waiting);
  const longest = waiting > 0 ? secondsOf(queue.longestWait) : undefined;
  const expected = secondsOf(queue.ewt?.p80);
  const agents = agentCounts(queue.memberStates);
  const levelOfService = serviceLevelLevel(figures.serviceLevel, target.goal);
  const spoken = [
    `${id}: ${status.word}${status.reason === "" ? "" : `, ${status.reason}`}`,
    `${waiting} waiting${longest === undefined ? "" : `, longest ${spokenSeconds(longest)}`}`,
    `service level ${percentText(figures.serviceLevel)} of ${target.goal} %`,
    `expected wait ${spokenSeconds(expected)}`,
    `${agents.ready} agents ready, ${agents.busy} on calls`,
  ];
  return (
    <li class={`tile tile-${status.level}`} data-queue={id}>
      <a
        href={hrefTo({ view: "supervisor", thing: { kind: "queues", id } })}
        aria-label={spoken.join(". ")}
      >
        <div class="tile-head">
          <span class="tile-name">{id}</span>
          <span class={`status status-${status.level}`}>
            <span class={`mark mark-${status.level}`} />
            {status.word}
          </span>
        </div>
        <div class="tile-main">
          <Figure
            name="waiting"
            class={waiting > 99 ? "figure-waiting is-many" : "figure-waiting"}
            value={String(waiting)}
            level={waiting > 0 ? undefined : "none"}
          />
          <Figure
            name="longest"
            class="figure-longest"
            value={clockText(longest)}
            level={waitLevel(longest, target)}
          />
          <Figure
            name={`of ${target.goal} % in ${clockText(target.seconds)}`}
            class="figure-level"
            value={percentText(figures.serviceLevel)}
            level={levelOfService}
          />
        </div>
        <LevelBar percent={figures.serviceLevel} goal={target.goal} level={levelOfService} />
        <div class="tile-foot">
          <span class="small">
            <b>{expected === undefined ? nothing : clockText(expected)}</b>
            {queue.ewt && expected === undefined
              ? ` expected: ${unknownText(queue.ewt.unknown)}`
              : " expected"}
          </span>
          <span class={`small level-${abandonLevel(figures.abandonRate)}`}>
            <b>{rateText(figures.abandonRate)}</b> abandoned
          </span>
        </div>
        <AgentBar counts={agents} />
      </a>
    </li>
  );
}

function Figure(props: { name: string; class: string; value: string; level?: string | undefined }) {
  // Longer figures are smaller, so that none is cut off.
  const size =
    props.value.length > 5 ? "figure-longer" : props.value.length > 4 ? "figure-long" : "";
  return (
    <span class={`figure ${props.class} level-${props.level ?? "plain"}`}>
      <span class={`figure-value ${size}`}>{props.value}</span>
      <span class="figure-name">{props.name}</span>
    </span>
  );
}

// How far the service level is, with a notch at its goal.
function LevelBar(props: { percent: number | undefined; goal: number; level: string }) {
  return (
    <svg
      class={`level-bar level-${props.level}`}
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="level-bar-room" x="0" y="0.5" width="100" height="3" />
      <rect class="level-bar-fill" x="0" y="0.5" width={props.percent ?? 0} height="3" />
      <rect class="level-bar-goal" x={props.goal - 0.4} y="0" width="0.8" height="4" />
    </svg>
  );
}

export function AgentBar(props: { counts: ReturnType<typeof agentCounts> }) {
  const groups = groupWords.filter(([group]) => group !== "out");
  return (
    <div class="agent-bar">
      {groups.map(([group, word]) => {
        const count = group === "out" ? 0 : props.counts[group];
        return (
          <span key={group} class={count === 0 ? "small is-zero" : "small"}>
            <span class={`dot dot-${group}`} />
            <b>{count}</b>{" "}
            <span class="agent-word">{group === "away" ? "away" : word.toLowerCase()}</span>
          </span>
        );
      })}
    </div>
  );
}
