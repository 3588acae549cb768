// SPDX-License-Identifier: Apache-2.0
// The supervisor's view: queues at the side, calls that wait and agents in the middle, one thing in
// the drawer.
import { useComputed, useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { AgentTable } from "./agent_table";
import { CallTable } from "./call_table";
import { Drawer } from "./drawer";
import { clockText, percentText, secondsOf, shortName } from "./format";
import type { Told } from "./board";
import type { QueueStats } from "../gen/acd/v1/wallboard_service_pb";
import { board, hrefTo, route, stale } from "./page";
import { figuresOf, serviceLevelLevel, statusOf, targetOf, waitLevel } from "./thresholds";

const panes = ["queues", "calls", "agents"] as const;
type Pane = (typeof panes)[number];
const paneWords: Record<Pane, string> = { queues: "Queues", calls: "Waiting", agents: "Agents" };

export function Supervisor() {
  // On a phone one pane at a time.
  const pane = useSignal<Pane>("calls");
  const { thing } = route.value;
  const isFilled = board.value.isFilled.value;
  const isStale = stale.value !== undefined;
  return (
    <main
      class={`desk pane-${pane.value}${thing ? " has-drawer" : ""}${isStale ? " is-stale" : ""}`}
    >
      <div class="pane-tabs" role="group" aria-label="What is shown">
        {panes.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={pane.value === one}
            onClick={() => {
              pane.value = one;
            }}
          >
            {paneWords[one]}
          </button>
        ))}
      </div>
      {isFilled ? (
        <>
          <QueueSide />
          <div class="desk-middle">
            <CallTable />
            <AgentTable />
          </div>
        </>
      ) : (
        <p class="desk-wait">Waiting for the daemon …</p>
      )}
      {thing && <Drawer key={`${thing.kind}/${thing.id}`} kind={thing.kind} id={thing.id} />}
    </main>
  );
}

function QueueSide() {
  const filter = useSignal("");
  const names = useComputed(() => {
    const wanted = filter.value.toLowerCase();
    return board.value.queueOrder.value.filter((name) =>
      shortName(name).toLowerCase().includes(wanted),
    );
  });
  return (
    <section class="side" aria-labelledby="side-title">
      <div class="pane-head">
        <h2 id="side-title">Queues</h2>
        <input
          type="search"
          aria-label="Find queues"
          placeholder="Find"
          value={filter.value}
          onInput={(event) => {
            filter.value = event.currentTarget.value;
          }}
        />
      </div>
      <ul class="side-list" role="list">
        {names.value.map((name) => {
          const queue = board.value.queues.get(name);
          return queue && <QueueLine key={name} queue={queue} />;
        })}
      </ul>
    </section>
  );
}

function QueueLine(props: { queue: Signal<Told<QueueStats>> }) {
  const queue = props.queue.value.value;
  const { window, thing } = route.value;
  const id = shortName(queue.name);
  const target = targetOf(queue);
  const status = statusOf(queue, window);
  const waiting = Number(queue.waiting);
  const longest = waiting > 0 ? secondsOf(queue.longestWait) : undefined;
  const level = figuresOf(queue, window).serviceLevel;
  const isOpen = thing?.kind === "queues" && thing.id === id;
  return (
    <li>
      <a
        class={`side-line side-${status.level}`}
        href={hrefTo({ thing: { kind: "queues", id } })}
        aria-current={isOpen ? "true" : undefined}
      >
        <span class={`mark mark-${status.level}`} aria-hidden="true" />
        <span class="side-name">{id}</span>
        <span class="side-waiting">
          <span class="unseen">waiting </span>
          {waiting}
        </span>
        <span class={`side-small side-longest level-${waitLevel(longest, target)}`}>
          <span class="unseen">longest </span>
          {clockText(longest)}
        </span>
        <span class={`side-small level-${serviceLevelLevel(level, target.goal)}`}>
          <span class="unseen">service level </span>
          {percentText(level)}
        </span>
        <span class="unseen">{status.word}</span>
      </a>
    </li>
  );
}
