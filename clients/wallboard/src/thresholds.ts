// SPDX-License-Identifier: Apache-2.0
// When a figure is worth a look, and when somebody must act. The only place that says so; README.md
// has it in words.
import type { QueueStats } from "../gen/acd/v1/wallboard_service_pb";
import { StatsWindow } from "../gen/acd/v1/statistics_pb";
import { AgentState } from "../gen/acd/v1/wallboard_service_pb";
import { secondsOf } from "./format";
import { agentGroup } from "./words";

// From best to worst. `none`: there is nothing to judge.
export const levels = ["none", "good", "watch", "bad"] as const;
export type Level = (typeof levels)[number];

// The configuration's defaults, where a queue names no target of its own.
const targetDefault = 20;
const goalDefault = 80;
// So many targets is a wait bad.
const waitBadTargets = 3;
// So many points below its goal is a service level bad.
const goalBadPoints = 10;
const abandonWatch = 5;
const abandonBad = 10;

export interface Target {
  seconds: number;
  goal: number;
}

export function targetOf(queue: QueueStats): Target {
  const target = queue.serviceLevelTarget;
  return {
    seconds: secondsOf(target?.target) ?? targetDefault,
    goal: target?.goalPercent ?? goalDefault,
  };
}

export function waitLevel(seconds: number | undefined, target: Target): Level {
  if (seconds === undefined) return "none";
  if (seconds > waitBadTargets * target.seconds) return "bad";
  return seconds > target.seconds ? "watch" : "good";
}

export function serviceLevelLevel(percent: number | undefined, goal: number): Level {
  if (percent === undefined) return "none";
  if (percent < goal - goalBadPoints) return "bad";
  return percent < goal ? "watch" : "good";
}

export function abandonLevel(percent: number | undefined): Level {
  if (percent === undefined) return "none";
  if (percent >= abandonBad) return "bad";
  return percent >= abandonWatch ? "watch" : "good";
}

// The figures of a window. Of "since the journal began" where the daemon sends no windows.
export interface Figures {
  serviceLevel: number | undefined;
  abandonRate: number | undefined;
  answered: number;
}

export function figuresOf(queue: QueueStats, window: StatsWindow): Figures {
  const found = queue.windows.find((one) => one.window === window);
  if (found) {
    return {
      serviceLevel: found.serviceLevelPercent,
      abandonRate: found.abandonPercent,
      answered: Number(found.visits?.answered ?? 0),
    };
  }
  return {
    serviceLevel: queue.serviceLevelPercent,
    abandonRate: queue.abandonPercent,
    answered: Number(queue.answered),
  };
}

// Agents by what they are to a queue now.
export interface AgentCounts {
  ready: number;
  busy: number;
  wrapUp: number;
  away: number;
}

export function agentCounts(counts: { state: AgentState; count: bigint }[]): AgentCounts {
  const sums: AgentCounts = { ready: 0, busy: 0, wrapUp: 0, away: 0 };
  for (const { state, count } of counts) {
    const group = agentGroup(state);
    if (group !== "out") sums[group] += Number(count);
  }
  return sums;
}

export interface Status {
  level: Level;
  word: string;
  // Why it is not good; empty when it is.
  reason: string;
}

// What a tile says at a glance: of now, but for a service level below its goal, which is worth a
// look and no more.
export function statusOf(queue: QueueStats, window: StatsWindow): Status {
  const target = targetOf(queue);
  const waiting = Number(queue.waiting);
  if (queue.isOpen === false && waiting === 0) return { level: "none", word: "Closed", reason: "" };
  if (waiting > 0) {
    const agents = agentCounts(queue.memberStates);
    if (agents.ready + agents.busy + agents.wrapUp === 0) {
      return { level: "bad", word: "No agents", reason: "callers wait and no agent is at work" };
    }
    const level = waitLevel(secondsOf(queue.longestWait), target);
    if (level === "bad") {
      return {
        level,
        word: "Late",
        reason: `the longest wait is over ${waitBadTargets} times the target`,
      };
    }
    if (level === "watch")
      return { level, word: "Slow", reason: "the longest wait is over the target" };
  }
  const figures = figuresOf(queue, window);
  const level = serviceLevelLevel(figures.serviceLevel, target.goal);
  if (level === "watch" || level === "bad") {
    return { level: "watch", word: "Below goal", reason: "the service level is below its goal" };
  }
  if (queue.isOpen === false) return { level: "none", word: "Closed", reason: "" };
  return level === "none" && waiting === 0
    ? { level: "none", word: "Quiet", reason: "" }
    : { level: "good", word: "On target", reason: "" };
}
