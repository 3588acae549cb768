// SPDX-License-Identifier: Apache-2.0
// The contract's words for people. What a newer daemon sends is shown as it came, never hidden.
import type { BlockerCount, WhyWaitingResponse } from "../gen/acd/v1/explain_service_pb";
import { StatsWindow, WaitUnknown } from "../gen/acd/v1/statistics_pb";
import { AgentState, CallState } from "../gen/acd/v1/wallboard_service_pb";
import { counted } from "./format";

// Where a state stands on the wall; `out` does not.
export type AgentGroup = "ready" | "busy" | "wrapUp" | "away" | "out";

const agentStates: Partial<Record<AgentState, [string, AgentGroup]>> = {
  [AgentState.READY]: ["Ready", "ready"],
  [AgentState.RESERVED]: ["Reserved", "busy"],
  [AgentState.RINGING]: ["Ringing", "busy"],
  [AgentState.CONNECTING]: ["Connecting", "busy"],
  [AgentState.ON_CALL]: ["On call", "busy"],
  [AgentState.ON_HOLD]: ["On hold", "busy"],
  [AgentState.WRAP_UP]: ["Wrap-up", "wrapUp"],
  [AgentState.BUSY_OTHER]: ["Busy other", "away"],
  [AgentState.NOT_READY]: ["Not ready", "away"],
  [AgentState.LOGGED_OUT]: ["Logged out", "out"],
};

export const groupWords: [AgentGroup, string][] = [
  ["ready", "Ready"],
  ["busy", "On calls"],
  ["wrapUp", "Wrap-up"],
  ["away", "Not ready"],
  ["out", "Logged out"],
];

export function agentStateText(state: AgentState): string {
  return agentStates[state]?.[0] ?? `State ${state}`;
}

export function agentGroup(state: AgentState): AgentGroup {
  return agentStates[state]?.[1] ?? "away";
}

const systemReasons: Record<number, string> = {
  200: "logged in",
  201: "did not answer",
  202: "rejects",
  203: "phone",
  204: "connection lost",
};

// Why an agent is not ready; the ranges are those of AgentStatus.reason.
export function reasonText(reason: number): string {
  if (reason === 0) return "";
  const system = systemReasons[reason];
  if (system) return system;
  if (reason >= 200) return `system ${reason}`;
  return reason >= 100 ? `supervisor ${reason}` : `reason ${reason}`;
}

const callStates: Partial<Record<CallState, string>> = {
  [CallState.ENQUEUED]: "Waiting",
  [CallState.ALERTING]: "Ringing",
  [CallState.CONNECTING]: "Connecting",
  [CallState.CONNECTED]: "Connected",
  [CallState.DIALING]: "Dialing",
  [CallState.SCHEDULED]: "Scheduled",
  [CallState.OUTSIDE]: "Outside",
};

export function callStateText(state: CallState): string {
  return callStates[state] ?? `State ${state}`;
}

export const windowWords: [StatsWindow, string, string][] = [
  [StatsWindow.STATS_WINDOW_15_MIN, "15m", "15 min"],
  [StatsWindow.STATS_WINDOW_60_MIN, "60m", "60 min"],
  [StatsWindow.STATS_WINDOW_DAY, "day", "Today"],
];

export function windowText(window: StatsWindow): string {
  return windowWords.find(([value]) => value === window)?.[2] ?? `Window ${window}`;
}

const unknownWords: Partial<Record<WaitUnknown, string>> = {
  [WaitUnknown.NO_AGENTS]: "no agents",
  [WaitUnknown.LEARNING]: "learning",
  [WaitUnknown.UNRELIABLE]: "too uncertain",
  [WaitUnknown.CLOSED]: "closed",
  [WaitUnknown.SWITCH_AWAY]: "switch away",
  [WaitUnknown.WAITS_FOR_AGENT]: "for one agent",
  [WaitUnknown.NOT_DUE]: "not due",
  [WaitUnknown.ALERTING]: "ringing",
  [WaitUnknown.NOT_WAITING]: "not waiting",
};

// Why no wait can be predicted.
export function unknownText(unknown: WaitUnknown): string {
  return unknownWords[unknown] ?? "not known";
}

// What stands between a call and so many agents: short, and in a sentence.
const blockers: Record<string, [string, string]> = {
  unreachable: ["out of reach", "their station is out of the call's reach"],
  not_member: ["not in the queue", "not in the queue, or paused in it"],
  not_ready: ["not ready", "logged out, not ready, or about to log out"],
  wrap_up: ["in wrap-up", "in after-call work"],
  capacity: ["busy", "no room for one more of that medium"],
  excluded: ["left out after an offer", "an offer of this call to them failed a moment ago"],
  skill_level: ["lack the skill", "the requirement in force is not met"],
  preferred_only: ["passed over", "the call waits for another agent"],
  protected: ["kept for scarce skills", "kept for calls that ask for a scarce skill"],
};

export function blockerText(blocker: string): string {
  return blockers[blocker]?.[1] ?? blocker;
}

const holdBacks: Record<string, string> = {
  callbacks_closed: "it is no time to call customers of the queue",
  dials_used: "as many customers of the queue are being dialed as may be at a time",
};

export function holdBackText(word: string): string {
  return holdBacks[word] ?? word;
}

const tieBreaks: Record<string, string> = {
  only: "nobody else was free for it",
  rank: "a better rank in the queue",
  prefers: "more of what is preferred",
  load: "fewer work items in hand",
  strategy: "the queue's strategy",
  idle: "idle longer",
  added: "added before",
  agents_choice: "another call picked the agent, who served this one first",
};

export function tieBreakText(word: string): string {
  return tieBreaks[word] ?? word;
}

// Why a call waits, on one line: what holds it back, else its queue's members by what they are
// doing.
export function whyText(why: WhyWaitingResponse): string {
  if (why.switchAway) return "Its switch is away";
  if (why.holdBack !== "") return sentence(holdBackText(why.holdBack));
  if (why.configuring) return "A new configuration is being taken into account";
  const members = why.agents.filter((one) => one.blocker !== "not_member");
  if (members.length === 0)
    return why.agentsFree > 0 ? "About to be offered" : "Nobody is in its queue";
  const short = (one: BlockerCount) => `${one.count} ${blockers[one.blocker]?.[0] ?? one.blocker}`;
  const text = [...members]
    .sort((a, b) => b.count - a.count)
    .map(short)
    .join(", ");
  return why.agentsFree > 0 ? `${counted(why.agentsFree, "agent")} free, ${text}` : sentence(text);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
