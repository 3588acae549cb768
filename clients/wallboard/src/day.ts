// SPDX-License-Identifier: Apache-2.0
// The day so far: what the daemon tells of it, and behind that what this page has seen since.
import type { DayPoint as Told, StatsWindow } from "../gen/acd/v1/statistics_pb";
import type { QueueStats } from "../gen/acd/v1/wallboard_service_pb";
import { figuresOf } from "./thresholds";

export interface DayPoint {
  // Unix seconds.
  time: number;
  waiting: number;
  // Percent; undefined where no visit entered it.
  serviceLevel: number | undefined;
}

// What the daemon tells of a day.
export function pointsOf(told: Told[]): DayPoint[] {
  return told.map((point) => ({
    time: Number(point.begin?.seconds ?? 0),
    waiting: Number(point.waitingMax),
    serviceLevel:
      point.entered > 0
        ? (100 * Number(point.answeredInTarget)) / Number(point.entered)
        : undefined,
  }));
}

// Of a day, a point a minute and the daemon's in between.
export const pointsMax = 2_000;
const ownEverySeconds = 60;

// The daemon's points, then the page's own behind the last of them, then the one of now.
export function joinPoints(
  told: DayPoint[],
  own: DayPoint[],
  now: DayPoint | undefined,
): DayPoint[] {
  const last = told.at(-1)?.time ?? -Infinity;
  const points = [...told, ...own.filter((point) => point.time > last)];
  if (now && now.time > (points.at(-1)?.time ?? -Infinity)) points.push(now);
  return points;
}

// One more of the page's own: the largest number that waited within its minute.
export function addOwn(own: DayPoint[], point: DayPoint): DayPoint[] {
  const last = own.at(-1);
  if (last && point.time - last.time < ownEverySeconds) {
    if (point.waiting <= last.waiting) return own;
    return [...own.slice(0, -1), { ...last, waiting: point.waiting }];
  }
  return [...own, point].slice(-pointsMax);
}

export function pointOf(queue: QueueStats, window: StatsWindow, time: number): DayPoint {
  return {
    time,
    waiting: Number(queue.waiting),
    serviceLevel: figuresOf(queue, window).serviceLevel,
  };
}
