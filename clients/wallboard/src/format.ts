// SPDX-License-Identifier: Apache-2.0
// Figures as people read them, and as a screen reader says them.
import type { Duration } from "@bufbuild/protobuf/wkt";

// Shown where there is nothing to measure yet.
export const nothing = "–";

export function secondsOf(duration: Duration | undefined): number | undefined {
  return duration && Number(duration.seconds) + duration.nanos / 1e9;
}

// "0:20", "12:05", "1:02:05"; whole seconds, rounded down, as a clock shows them.
export function clockText(seconds: number | undefined): string {
  if (seconds === undefined) return nothing;
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

// "2 minutes 41 seconds".
export function spokenSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return "unknown";
  const whole = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, noun]) => counted(count, noun));
  return said.length > 0 ? said.join(" ") : "0 seconds";
}

// Whole percents: a wall needs no more. Rounded down, so that 79.9 is not shown as a goal of 80
// that was met.
export function percentText(percent: number | undefined): string {
  return percent === undefined ? nothing : `${Math.floor(percent + 1e-9)} %`;
}

// A rate that is small mostly: one decimal below ten.
export function rateText(percent: number | undefined): string {
  if (percent === undefined) return nothing;
  return percent < 9.95 && percent > 0 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

// "billing" of "tenants/bank/queues/billing".
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

const timeFormat = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const secondFormat = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

// Of a Unix time in milliseconds.
export function timeOfDay(ms: number, withSeconds = false): string {
  return (withSeconds ? secondFormat : timeFormat).format(ms);
}
