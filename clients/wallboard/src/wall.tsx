// SPDX-License-Identifier: Apache-2.0
// The wall: the tenant's figures, its day, and a tile for each queue.
import { computed, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { QueueStats } from "../gen/acd/v1/wallboard_service_pb";
import { DayChart } from "./chart";
import { clockText, percentText, rateText, secondsOf, shortName } from "./format";
import { layTiles, tileUnits } from "./layout";
import { announced, board, day, go, route, stale } from "./page";
import { abandonLevel, agentCounts, figuresOf, levels, statusOf } from "./thresholds";
import { Tile } from "./tile";
import { windowText } from "./words";

const gapPixels = 12;
// Between two announcements to a screen reader.
const announceEveryMs = 10_000;
const announcedMax = 5;

export function Wall() {
  const { order } = route.value;
  const shown = useOrdered();
  useAnnouncements();
  return (
    <main class={stale.value === undefined ? "wall" : "wall is-stale"}>
      <div class="wall-top">
        <Totals />
        <DayChart points={day.value} />
      </div>
      <section class="wall-queues" aria-labelledby="queues-title">
        <div class="wall-queues-head">
          <h2 id="queues-title">
            {shown.length} {shown.length === 1 ? "queue" : "queues"}
          </h2>
          <Legend />
          <label class="check">
            <input
              type="checkbox"
              checked={order === "urgent"}
              onChange={(event) =>
                go({ order: event.currentTarget.checked ? "urgent" : "configured" })
              }
            />
            Worst first
          </label>
        </div>
        <Tiles names={shown} />
      </section>
    </main>
  );
}

// Names of the tiles: as configured, or the worst first.
function useOrdered(): string[] {
  const ordered = useComputed(() => {
    const { queues, order, window } = route.value;
    const wanted = new Set(queues);
    const names = board.value.queueOrder.value.filter(
      (name) => queues.length === 0 || wanted.has(shortName(name)),
    );
    if (order === "configured") return names;
    board.value.version.value;
    const keyOf = (name: string) => {
      const queue = board.value.queues.get(name)?.peek().value;
      if (!queue) return [0, 0] as const;
      return [
        levels.indexOf(statusOf(queue, window).level),
        secondsOf(queue.longestWait) ?? 0,
      ] as const;
    };
    const keys = new Map(names.map((name) => [name, keyOf(name)]));
    return [...names].sort((a, b) => {
      const [levelA, waitA] = keys.get(a)!;
      const [levelB, waitB] = keys.get(b)!;
      return levelB - levelA || waitB - waitA;
    });
  });
  return ordered.value;
}

function Tiles(props: { names: string[] }) {
  const list = useRef<HTMLUListElement>(null);
  const width = useSignal(0);
  const height = useSignal(0);
  useLayoutEffect(() => {
    const element = list.current!;
    const observer = new ResizeObserver(() => {
      width.value = element.clientWidth;
      height.value = Math.max(
        0,
        innerHeight - element.getBoundingClientRect().top - scrollY - 2 * gapPixels,
      );
    });
    observer.observe(element);
    observer.observe(document.documentElement);
    return () => observer.disconnect();
  }, []);
  const count = props.names.length;
  const { columns, unit } = layTiles(count, width.value, height.value, gapPixels);
  const rows = Math.ceil(count / columns);
  // What is left of the screen below goes to the tiles, up to a half more.
  const left = (height.value - gapPixels * (rows - 1)) / Math.max(1, rows);
  const tall = Math.min(Math.max(unit * tileUnits.height, left), unit * tileUnits.height * 1.5);
  useLayoutEffect(() => {
    const { style } = list.current!;
    style.setProperty("--columns", String(columns));
    style.setProperty("--unit", `${unit}px`);
    style.setProperty("--tall", `${Math.floor(tall)}px`);
  }, [columns, unit, tall]);
  return (
    <ul class={unit < 11 ? "tiles tiles-small" : "tiles"} ref={list} role="list">
      {props.names.map((name) => {
        const queue = board.value.queues.get(name);
        return queue && <Tile key={name} queue={queue} />;
      })}
    </ul>
  );
}

const totalQueue = computed<QueueStats | undefined>(() => board.value.total.value?.value);

function Totals() {
  const total = totalQueue.value;
  const { window } = route.value;
  if (!total) return <div class="totals" />;
  const figures = figuresOf(total, window);
  const agents = agentCounts(total.agents);
  const isWaiting = total.waiting > 0;
  return (
    <section class="totals" aria-label="All queues">
      <dl>
        <Total name="Waiting" value={String(total.waiting)} isMain />
        <Total
          name="Longest wait"
          value={clockText(isWaiting ? secondsOf(total.longestWait) : undefined)}
          isMain
        />
        <Total
          name="Service level"
          value={percentText(figures.serviceLevel)}
          note={windowText(window)}
          isMain
        />
      </dl>
      <dl>
        <Total
          name="Abandoned"
          value={rateText(figures.abandonRate)}
          level={abandonLevel(figures.abandonRate)}
        />
        <Total name="Answered" value={figures.answered.toLocaleString("en")} />
        <Total name="Ready" value={String(agents.ready)} dot="ready" />
        <Total name="On calls" value={String(agents.busy)} dot="busy" />
        <Total name="Wrap-up" value={String(agents.wrapUp)} dot="wrapUp" />
        <Total name="Not ready" value={String(agents.away)} dot="away" />
      </dl>
    </section>
  );
}

function Total(props: {
  name: string;
  value: string;
  note?: string;
  level?: string;
  isMain?: boolean;
  dot?: string;
}) {
  return (
    <div class={props.isMain ? "total total-main" : "total"}>
      <dt>
        {props.dot && <span class={`dot dot-${props.dot}`} aria-hidden="true" />}
        {props.name}
        {props.note && <span class="total-note"> {props.note.toLowerCase()}</span>}
      </dt>
      <dd class={props.level ? `level-${props.level}` : undefined}>{props.value}</dd>
    </div>
  );
}

function Legend() {
  return (
    <p class="legend">
      <span class="mark mark-bad" aria-hidden="true" /> act now
      <span class="mark mark-watch" aria-hidden="true" /> look
      <span class="mark mark-good" aria-hidden="true" /> on target
    </p>
  );
}

// Tells a screen reader which queues became bad, all of some seconds at once.
function useAnnouncements(): void {
  const bad = useComputed(() => {
    board.value.version.value;
    return [...board.value.queues]
      .filter(([, queue]) => statusOf(queue.peek().value, route.peek().window).level === "bad")
      .map(([name]) => shortName(name));
  });
  useEffect(() => {
    let before = new Set(bad.peek());
    const timer = setInterval(() => {
      const now = bad.peek();
      const fresh = now.filter((name) => !before.has(name));
      before = new Set(now);
      if (fresh.length === 0) return;
      const others = fresh.length > announcedMax ? " and others" : "";
      announced.value = `Act now: ${fresh.slice(0, announcedMax).join(", ")}${others}`;
    }, announceEveryMs);
    return () => clearInterval(timer);
  }, []);
}
