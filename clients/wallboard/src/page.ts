// SPDX-License-Identifier: Apache-2.0
// The page's own state: where it is, what it watches, what time it is. One Watch for the whole
// page, whatever it shows.
import { create } from "@bufbuild/protobuf";
import { computed, effect, signal, untracked } from "@preact/signals";
import { StatsWindow } from "../gen/acd/v1/statistics_pb";
import { type WatchResponse, WatchRequestSchema } from "../gen/acd/v1/wallboard_service_pb";
import { answerTime, api, errorText } from "./api";
import { Board } from "./board";
import { Connection, type Link, staleSince } from "./connection";
import { addOwn, type DayPoint, joinPoints, pointOf, pointsOf } from "./day";
import { parseRoute, type Route, routeHash } from "./route";

const tickMs = 1_000;
export const dayEveryMs = 60_000;
// Of WatchRequest.queue_ids.
const queueIdsMax = 100;

export const route = signal(parseRoute(location.hash));
// Of the page's own clock, which nobody sets: ms. What goes on between two responses goes by it.
export const clock = signal(performance.now());
export const board = signal(new Board());
export const link = signal<Link>({ phase: "opening", heardAt: 0, retryAt: 0, error: "" });
export const stale = computed(() => staleSince(link.value, clock.value));
// What a screen reader is told.
export const announced = signal("");

let connection: Connection<WatchResponse> | undefined;
let tenant = "";

export function parent(): string {
  return `tenants/${route.value.tenant}`;
}

// Of the page's clock as a time of day.
export function wallTime(ms: number): number {
  return Date.now() - (performance.now() - ms);
}

export function go(change: Partial<Route>): void {
  location.hash = routeHash({ ...route.value, ...change });
}

export function hrefTo(change: Partial<Route>): string {
  return routeHash({ ...route.value, ...change });
}

export function retryNow(): void {
  connection?.retry();
}

function watch(abort: AbortSignal): AsyncIterable<WatchResponse> {
  const { view, queues } = route.peek();
  const takesAll = view === "supervisor" || queues.length === 0 || queues.length > queueIdsMax;
  const request = create(WatchRequestSchema, {
    parent: parent(),
    allQueues: takesAll,
    queueIds: takesAll ? [] : queues,
    total: true,
    allAgents: view === "supervisor",
    waitingCalls: view === "supervisor",
    windows: [
      StatsWindow.STATS_WINDOW_15_MIN,
      StatsWindow.STATS_WINDOW_60_MIN,
      StatsWindow.STATS_WINDOW_DAY,
    ],
    ewt: true,
  });
  return api.wallboard.watch(request, { signal: abort });
}

function connect(): void {
  connection?.stop();
  connection = undefined;
  board.value = new Board();
  dayTold.value = [];
  dayOwn.value = [];
  tenant = route.value.tenant;
  if (tenant === "") return;
  const mine = board.value;
  const made = new Connection<WatchResponse>({
    now: () => performance.now(),
    random: Math.random,
    after: (ms, wake) => {
      const timer = setTimeout(wake, ms);
      return () => clearTimeout(timer);
    },
    watch,
    apply: (response) => mine.apply(response, performance.now()),
    cut: () => mine.cut(),
    errorText,
  });
  connection = made;
  effect(() => {
    if (made === connection) link.value = made.link.value;
  });
  void made.run();
  void readDay();
}

// --- The day's chart: of the tenant.
const dayTold = signal<DayPoint[]>([]);
const dayOwn = signal<DayPoint[]>([]);

export const day = computed(() => {
  const total = board.value.total.value;
  const now =
    total && pointOf(total.value, StatsWindow.STATS_WINDOW_DAY, wallTime(total.at) / 1000);
  return joinPoints(dayTold.value, dayOwn.value, now);
});

async function readDay(): Promise<void> {
  const asked = parent();
  try {
    const answer = await api.wallboard.listDayPoints({ name: asked }, answerTime());
    if (asked !== parent()) return;
    dayTold.value = pointsOf(answer.points);
  } catch {
    // The chart goes on with what the page has seen; that the daemon is away is said elsewhere.
  }
}

function carried(): string {
  return `${route.value.view} ${route.value.queues.join(",")}`;
}

export function start(): void {
  addEventListener("hashchange", () => {
    route.value = parseRoute(location.hash);
  });
  addEventListener("online", retryNow);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) retryNow();
  });
  const tick = () => {
    clock.value = performance.now();
    const total = board.value.total.value;
    if (total && stale.value === undefined) {
      const point = pointOf(total.value, StatsWindow.STATS_WINDOW_DAY, Date.now() / 1000);
      dayOwn.value = addOwn(dayOwn.value, point);
    }
  };
  setInterval(tick, tickMs);
  setInterval(() => {
    if (tenant !== "") void readDay();
  }, dayEveryMs);
  effect(() => {
    const chosen = route.value.tenant;
    if (chosen !== tenant) untracked(connect);
  });
  // What the stream carries depends on the view.
  let carries = carried();
  effect(() => {
    if (carried() === carries) return;
    carries = carried();
    untracked(() => connection?.restart());
  });
}
