// SPDX-License-Identifier: Apache-2.0
// What the agents of a mix do beside answering.
#include <utility>

#include "sim/replay.h"

namespace acd::sim {

// --- Stations.

void Replay::answer_at_once(const ReplayCommand& command, Call& call, uint32_t call_index) {
  const auto agent = agent_indexes_.find(command.agent);
  if (agent == agent_indexes_.end()) return;
  if (!accepts_at_once(plan_.agents[agent->second].answer_mode)) return;
  // A follow-up may enter at its very instant, when another one is scheduled then.
  if (call.state == CallState::kAbsent) enter_queue(call_index);
  if (call.state != CallState::kWaiting || command.generation <= call.generation) return;
  call.state = CallState::kAnswered;
  call.agent = agent->second;
  call.generation = command.generation;
  ++agents_[call.agent].in_hand;
  waiting_[call.queue].erase(call_index);
  ++answered_at_once_;
}

void Replay::lose_leg(uint32_t agent_index, int64_t log_ns) {
  Agent& agent = agents_[agent_index];
  const bool is_up = plan_.agents[agent_index].answer_mode == AnswerMode::kNailedUp &&
                     agent.is_on && !agent.is_leg_down;
  if (!is_up) return;
  agent.is_leg_down = true;
  add_station_event(ReplayEventKind::kLegLost, agent_index);
  schedule_.push({log_ns + kMixLegDownNs, Kind::kLegUp, agent_index});
}

void Replay::bring_leg_up(uint32_t agent_index) {
  Agent& agent = agents_[agent_index];
  if (!agent.is_on || !std::exchange(agent.is_leg_down, false)) return;
  add_station_event(ReplayEventKind::kLegUp, agent_index);
  add_agent_event(ReplayEventKind::kAgentReady, agent_index);
}

ReplayEvent& Replay::add_station_event(ReplayEventKind kind, uint32_t agent_index) {
  ReplayEvent& event = add_agent_event(kind, agent_index);
  event.station = plan_.agents[agent_index].station;
  return event;
}

// --- Wrap-up.

void Replay::end_talk(uint32_t agent_index, uint32_t call_index, uint32_t queue, int64_t log_ns) {
  if (!plan_.mix.is_any() || !has_wrap_up(queue)) {
    leave(agent_index);
    return;
  }
  const auto index = static_cast<uint32_t>(wrap_ups_.size());
  const WrapUp& wrap_up =
      wrap_ups_.emplace_back(WrapUp{agent_index, call_index, log_ns, log_ns + kMixWrapUpNs});
  // The limit itself belongs to the wrap-up.
  schedule_.push({wrap_up.end_ns + 1, Kind::kWrapUpEnd, index});
  if (calls_[call_index].part.wrap_up == WrapUpAct::kNone) return;
  schedule_.push({log_ns + kMixWrapUpNs / 2, Kind::kWrapUpAct, index});
}

void Replay::act_in_wrap_up(uint32_t wrap_up_index, int64_t log_ns) {
  WrapUp& wrap_up = wrap_ups_[wrap_up_index];
  // Who wraps up twice after one call cannot say which is meant.
  int same = 0;
  for (auto one = wrap_ups_.rbegin(); one != wrap_ups_.rend(); ++one) {
    if (one->begin_ns + kMixWrapUpNs + kMixExtensionNs < log_ns) break;
    if (!one->is_over && one->agent == wrap_up.agent && one->call == wrap_up.call) ++same;
  }
  if (wrap_up.is_over || same != 1) return;
  const WrapUpAct act = calls_[wrap_up.call].part.wrap_up;
  const bool is_extended = wrap_up.end_ns > wrap_up.begin_ns + kMixWrapUpNs;
  const bool ends = act == WrapUpAct::kEnds || is_extended;
  ReplayEvent& event = add_call_event(
      ends ? ReplayEventKind::kWrapUpEnded : ReplayEventKind::kWrapUpExtended, wrap_up.call);
  event.agent = plan_.agents[wrap_up.agent].id;
  ++mix_acts_;
  ++wrap_up_acts_;
  if (ends) {
    end_wrap_up(wrap_up);
    return;
  }
  wrap_up.end_ns += kMixExtensionNs;
  schedule_.push({wrap_up.end_ns + 1, Kind::kWrapUpEnd, wrap_up_index});
  if (act == WrapUpAct::kExtends) return;
  schedule_.push({wrap_up.end_ns - kMixExtensionNs / 2, Kind::kWrapUpAct, wrap_up_index});
}

void Replay::end_wrap_up(WrapUp& wrap_up) {
  if (std::exchange(wrap_up.is_over, true)) return;
  leave(wrap_up.agent);
}

}  // namespace acd::sim
