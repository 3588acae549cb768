// SPDX-License-Identifier: Apache-2.0
// Waiting and service level over the day.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { DayPoint } from "./day";
import { percentText, timeOfDay } from "./format";
import { route } from "./page";

// With less than this the line would say nothing but how long the page is open.
const spanMinSeconds = 30 * 60;

function columns(points: DayPoint[]): uPlot.AlignedData {
  return [
    points.map((point) => point.time),
    points.map((point) => point.waiting),
    points.map((point) => point.serviceLevel ?? null),
  ];
}

function make(target: HTMLElement, points: DayPoint[]): uPlot {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const pixels = Math.max(12, Math.round(target.clientHeight / 12));
  const font = `${pixels}px Inter, system-ui, sans-serif`;
  const axis = { stroke: color("--muted"), font, ticks: { show: false } };
  const size = Math.max(44, Math.round(target.clientHeight / 3.4));
  return new uPlot(
    {
      width: target.clientWidth,
      height: target.clientHeight,
      padding: [10, 4, 0, 4],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: {
          time: true,
          range: (_, least, most) => [Math.min(least, most - spanMinSeconds), most],
        },
        waiting: { range: (_, __, most) => [0, Math.max(4, Math.ceil((most ?? 0) * 1.15))] },
        level: { range: () => [0, 100] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: size * 2,
          size: Math.round(size * 0.6),
          values: (_, times) => times.map((time) => timeOfDay(time * 1000)),
        },
        {
          ...axis,
          scale: "waiting",
          size,
          space: 34,
          grid: { stroke: color("--line"), width: 1 },
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000],
        },
        {
          ...axis,
          scale: "level",
          side: 1,
          size,
          grid: { show: false },
          splits: () => [0, 50, 100],
          values: (_, percents) => percents.map((percent) => `${percent} %`),
        },
      ],
      series: [
        {},
        {
          scale: "waiting",
          stroke: color("--series-waiting"),
          fill: color("--series-waiting-fill"),
          width: 2,
          points: { show: false },
          paths: uPlot.paths.stepped?.({ align: 1 }),
        },
        {
          scale: "level",
          stroke: color("--series-level"),
          width: 3,
          dash: [8, 4],
          points: { show: true, size: 4 },
        },
      ],
    },
    columns(points),
    target,
  );
}

export function DayChart(props: { points: DayPoint[] }) {
  const target = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const { points } = props;
  const latest = useRef(points);
  latest.current = points;
  const { theme } = route.value;
  useEffect(() => {
    const element = target.current!;
    const draw = () => {
      plot.current?.destroy();
      plot.current = make(element, latest.current);
    };
    const machine = matchMedia("(prefers-color-scheme: dark)");
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    machine.addEventListener("change", draw);
    return () => {
      observer.disconnect();
      machine.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [theme]);
  useEffect(() => plot.current?.setData(columns(points)), [points]);
  return (
    <figure class="chart">
      <figcaption>
        <b>Today</b>
        <span class="key key-waiting">Waiting</span>
        <span class="key key-level">Service level</span>
      </figcaption>
      <div class="chart-plot" ref={target} role="img" aria-label={described(points)} />
    </figure>
  );
}

function described(points: DayPoint[]): string {
  const last = points.at(-1);
  if (!last) return "The day so far: nothing yet";
  const most = points.reduce((best, point) => (point.waiting > best.waiting ? point : best));
  return (
    `The day so far: ${last.waiting} waiting now, ` +
    `at most ${most.waiting} at ${timeOfDay(most.time * 1000)}; ` +
    `service level ${percentText(last.serviceLevel)}`
  );
}
