// SPDX-License-Identifier: Apache-2.0
// A made-up centre for the mock: so many queues and agents, in which something changes each second.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { DurationKind, StatsWindow, WaitUnknown } from "../gen/acd/v1/statistics_pb";
import {
  AgentState,
  type AgentStatusSchema,
  CallState,
  type CallStatusSchema,
  type QueueStatsSchema,
  type WatchRequest,
  type WatchResponseSchema,
} from "../gen/acd/v1/wallboard_service_pb";

export type QueueInit = MessageInitShape<typeof QueueStatsSchema>;
export type AgentInit = MessageInitShape<typeof AgentStatusSchema>;
export type CallInit = MessageInitShape<typeof CallStatusSchema>;
type Response = MessageInitShape<typeof WatchResponseSchema>;

export function duration(seconds: number): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(Math.floor(seconds)), nanos: Math.round((seconds % 1) * 1e9) };
}

const names = [
  "everyday",
  "lost_cards",
  "loans",
  "securities",
  "internet",
  "spanish",
  "evening",
  "mortgages",
  "business",
  "claims",
  "callbacks",
  "complaints",
];
const states = [
  AgentState.ON_CALL,
  AgentState.ON_CALL,
  AgentState.ON_CALL,
  AgentState.READY,
  AgentState.WRAP_UP,
  AgentState.NOT_READY,
  AgentState.ON_HOLD,
  AgentState.RINGING,
  AgentState.LOGGED_OUT,
];
const people = [
  "Ada Moreno",
  "Ben Okafor",
  "Carla Rossi",
  "David Levi",
  "Elena Petrova",
  "Farid Haddad",
  "Grace Lin",
];
const windows = [
  StatsWindow.STATS_WINDOW_15_MIN,
  StatsWindow.STATS_WINDOW_60_MIN,
  StatsWindow.STATS_WINDOW_DAY,
];

// Numbers that look drawn and are the same in every run.
function drawn(seed: number): number {
  const wave = Math.sin(seed * 12.9898) * 43758.5453;
  return wave - Math.floor(wave);
}

export class Centre {
  private beat = 0;

  constructor(
    private readonly queueCount: number,
    private readonly agentCount: number,
  ) {}

  queueId(index: number): string {
    const round = Math.floor(index / names.length);
    return names[index % names.length]! + (round === 0 ? "" : `_${round + 1}`);
  }

  queue(index: number): QueueInit {
    // A third waits long, a third a little, in the others nobody waits.
    const kind = index % 3;
    const waiting =
      kind === 2 ? 0 : Math.floor(drawn(index + this.beat * 7) * (kind === 0 ? 9 : 3)) + kind;
    const level = kind === 0 ? 58 + drawn(index) * 20 : 81 + drawn(index) * 18;
    return {
      name: `tenants/bank/queues/${this.queueId(index)}`,
      waiting: BigInt(waiting),
      longestWait: duration(waiting > 0 ? (kind === 0 ? 15 + index * 9 : 4) + this.beat : 0),
      serviceLevelTarget: { target: duration(20), goalPercent: 80 },
      connected: BigInt(4 + Math.floor(drawn(index + 3) * 20)),
      isOpen: index % 11 !== 6,
      conserved: true,
      memberStates: [
        [AgentState.READY, kind === 0 ? 0 : 3],
        [AgentState.ON_CALL, 6 + (index % 9)],
        [AgentState.WRAP_UP, index % 4],
        [AgentState.NOT_READY, 2],
        [AgentState.LOGGED_OUT, 5],
      ].map(([state, count]) => ({ state: state!, count: BigInt(count!) })),
      ewt:
        index % 5 === 4
          ? { unknown: WaitUnknown.LEARNING }
          : {
              p50: duration(waiting * 8),
              p80: duration(waiting * 14),
              p95: duration(waiting * 25),
            },
      windows: windows.map((window) => ({
        window,
        serviceLevelPercent: level,
        abandonPercent: kind === 0 ? 4 + drawn(index + 1) * 9 : drawn(index + 2) * 3,
        visits: { offered: 312n, answered: 281n, abandoned: 17n },
        durations: [
          {
            kind: DurationKind.WAIT_ANSWERED,
            count: 281n,
            sum: duration(5_300),
            p80: duration(31),
          },
          { kind: DurationKind.HANDLE, count: 270n, sum: duration(48_900) },
        ],
      })),
    };
  }

  total(): QueueInit {
    const queues = Array.from({ length: this.queueCount }, (_, index) => this.queue(index));
    const longest = queues.reduce(
      (most, queue) => Math.max(most, Number((queue.longestWait as { seconds: bigint }).seconds)),
      0,
    );
    return {
      name: "tenants/bank",
      waiting: queues.reduce((sum, queue) => sum + queue.waiting!, 0n),
      longestWait: duration(longest),
      conserved: true,
      agents: [
        [AgentState.READY, 23],
        [AgentState.ON_CALL, 118],
        [AgentState.WRAP_UP, 14],
        [AgentState.NOT_READY, 21],
        [AgentState.LOGGED_OUT, 64],
      ].map(([state, count]) => ({ state: state!, count: BigInt(count!) })),
      windows: windows.map((window) => ({
        window,
        serviceLevelPercent: 83.4,
        abandonPercent: 3.7,
        visits: { offered: 4_120n, answered: 3_871n, abandoned: 148n },
      })),
    };
  }

  agent(index: number): AgentInit {
    const state = states[(index + Math.floor((index + this.beat) / 13)) % states.length]!;
    return {
      name: `tenants/bank/agents/A${String(index).padStart(4, "0")}`,
      displayName: `${people[index % people.length]} ${Math.floor(index / people.length)}`,
      state,
      reason: state === AgentState.NOT_READY ? [100, 5, 201][index % 3]! : 0,
      timeInState: duration(drawn(index) * 600),
      station: state === AgentState.LOGGED_OUT ? "" : `phone-${index}`,
      calls:
        state === AgentState.ON_CALL ? [`tenants/bank/calls/bank-1-${String(4_000 + index)}`] : [],
      team: ["floor", "night"][index % 2]!,
      answered: BigInt(Math.floor(drawn(index + 5) * 60)),
      occupancyPercent: 55 + drawn(index + 6) * 40,
      skills: { service: 1 + (index % 9), loans: 1 + (index % 5) },
    };
  }

  call(index: number): CallInit {
    const isRinging = index % 7 === 6;
    return {
      name: `tenants/bank/calls/bank-1-${String(5_000 + index)}`,
      state: isRinging ? CallState.ALERTING : CallState.ENQUEUED,
      queue: `tenants/bank/queues/${this.queueId((index * 3) % this.queueCount)}`,
      priority: index % 6 === 5 ? 100 : 0,
      wait: duration(170 - index * 9 > 0 ? 170 - index * 9 : 2),
      waitTotal: duration(200),
      requirement: index % 2 === 0 ? "service >= 3 AND loans >= 4" : "",
      sourceId: "pbx",
      offeredAgents: isRinging ? ["tenants/bank/agents/A0003"] : [],
      visits: 1n,
      ewt: isRinging
        ? { unknown: WaitUnknown.ALERTING }
        : {
            p50: duration(20),
            p80: duration(45),
            p95: duration(90),
            position: 1 + Math.floor(index / 4),
          },
    };
  }

  snapshot(request: WatchRequest): Response {
    const all = <Thing>(count: number, make: (index: number) => Thing) =>
      Array.from({ length: count }, (_, index) => make(index));
    return {
      snapshot: true,
      queues: all(this.queueCount, (index) => this.queue(index)),
      total: this.total(),
      agents: request.allAgents ? all(this.agentCount, (index) => this.agent(index)) : [],
      calls: request.waitingCalls ? all(19, (index) => this.call(index)) : [],
    };
  }

  // A second later: all queues in which callers wait, and one agent of thirteen.
  next(withAgents: boolean): Response {
    this.beat++;
    const queues = Array.from({ length: this.queueCount }, (_, index) => this.queue(index));
    const agents = Array.from({ length: withAgents ? this.agentCount : 0 }, (_, index) => index)
      .filter((index) => (index + this.beat) % 13 === 0)
      .map((index) => this.agent(index));
    return { queues: queues.filter((queue) => queue.waiting! > 0n), total: this.total(), agents };
  }
}

// A day from eight to `hours` later: quiet, a peak before noon, another in the afternoon.
export function dayPoints(endSeconds: number, hours = 8): object[] {
  return Array.from({ length: hours * 12 }, (_, index) => {
    const hour = (index / 12 / hours) * 10;
    const load =
      Math.exp(-((hour - 3) ** 2) / 2) + 0.7 * Math.exp(-((hour - 7.5) ** 2) / 1.5) + 0.12;
    const waiting = Math.round(load * 18 + drawn(index) * 5);
    const entered = Math.round(20 + load * 60);
    return {
      begin: new Date((endSeconds - (hours * 12 - index) * 300) * 1000).toISOString(),
      waitingMax: String(waiting),
      entered: String(entered),
      answeredInTarget: String(
        Math.round(entered * Math.min(0.98, 1.02 - load * 0.33 + drawn(index + 9) * 0.05)),
      ),
    };
  });
}
