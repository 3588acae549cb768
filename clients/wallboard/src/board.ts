// SPDX-License-Identifier: Apache-2.0
// What is known of a tenant now: the responses of one Watch, merged. One signal for each queue,
// agent and call, so that a change redraws only what shows it.
import { batch, type Signal, signal } from "@preact/signals";
import type {
  AgentStatus,
  CallStatus,
  QueueStats,
  WatchResponse,
} from "../gen/acd/v1/wallboard_service_pb";
import { secondsOf } from "./format";

// With the time of the page's clock at which it came, as durations go on from there.
export interface Told<Thing> {
  value: Thing;
  at: number;
}

type Named = { name: string };
export type Table<Thing> = Map<string, Signal<Told<Thing>>>;

export class Board {
  readonly queues: Table<QueueStats> = new Map();
  readonly agents: Table<AgentStatus> = new Map();
  readonly calls: Table<CallStatus> = new Map();
  readonly total = signal<Told<QueueStats> | undefined>(undefined);
  // Names as the daemon orders them: queues by the configuration, agents by id.
  readonly queueOrder = signal<string[]>([]);
  readonly agentOrder = signal<string[]>([]);
  // Counts what was merged; whoever sorts or counts by values listens to it.
  readonly version = signal(0);
  // Whether a whole snapshot has come.
  readonly isFilled = signal(false);
  // Responses of one instant that is not told to its end.
  private parts: WatchResponse[] = [];

  // `at`: the page's clock, ms. An instant takes effect when it is complete, so nothing flickers in
  // between.
  apply(response: WatchResponse, at: number): void {
    if (response.snapshot) this.parts = [];
    this.parts.push(response);
    if (response.more) return;
    const parts = this.parts;
    this.parts = [];
    batch(() => this.merge(parts, at));
  }

  // The stream is gone: what was told half is forgotten. The rest stays, and is shown as stale.
  cut(): void {
    this.parts = [];
  }

  private merge(parts: WatchResponse[], at: number): void {
    const isSnapshot = parts[0]!.snapshot;
    const queues = parts.flatMap((part) => part.queues);
    const agents = parts.flatMap((part) => part.agents);
    const calls = parts.flatMap((part) => part.calls);
    if (isSnapshot) {
      keepOnly(this.queues, queues);
      keepOnly(this.agents, agents);
      keepOnly(this.calls, calls);
      this.queueOrder.value = queues.map((queue) => queue.name);
      this.agentOrder.value = agents.map((agent) => agent.name);
      this.isFilled.value = true;
    }
    set(this.queues, queues, at);
    const agentCount = this.agents.size;
    set(this.agents, agents, at);
    // Somebody new is told without a snapshot.
    if (this.agents.size !== agentCount && !isSnapshot)
      this.agentOrder.value = [...this.agents.keys()].sort();
    set(this.calls, calls, at);
    for (const part of parts) {
      for (const name of part.goneCalls) this.calls.delete(name);
      if (part.total) this.total.value = { value: part.total, at };
    }
    this.version.value++;
  }
}

function keepOnly<Thing extends Named>(table: Table<Thing>, told: Thing[]): void {
  const names = new Set(told.map((thing) => thing.name));
  for (const name of [...table.keys()]) {
    if (!names.has(name)) table.delete(name);
  }
}

function set<Thing extends Named>(table: Table<Thing>, told: Thing[], at: number): void {
  for (const value of told) {
    const known = table.get(value.name);
    if (known) known.value = { value, at };
    else table.set(value.name, signal<Told<Thing>>({ value, at }));
  }
}

// Seconds that go on since they were told, as the page's clock stands at `now`.
export function runningSeconds(seconds: number, at: number, now: number): number {
  return seconds + Math.max(0, now - at) / 1000;
}

export function timeInState(agent: Told<AgentStatus>, now: number): number {
  return runningSeconds(secondsOf(agent.value.timeInState) ?? 0, agent.at, now);
}

export function waitOf(call: Told<CallStatus>, now: number): number {
  return runningSeconds(secondsOf(call.value.wait) ?? 0, call.at, now);
}
