// SPDX-License-Identifier: Apache-2.0
// What the judge of a replay holds transfers to.
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "sim/checker.h"

namespace acd::sim {

void Checker::grant_transfer(const ReplayEvent& claim, Call& call) {
  const std::vector<std::string> supervisors = supervisors_for(claim.call);
  MixTally& left = mix_tallies_[call.queue];
  if (!call.is_transferred) ++left.transferred_out;
  tallies_[call.queue].handle_sum_ns += now_ns_ - call.connected_ns;
  call.left_out.clear();
  for (const auto& [party, since_ns] : call.parties) {
    call.left_out[party] = now_ns_ + kReofferAfterDefaultNs;
  }
  end_talks(claim.call, call, last_sent_);
  if (!claim.number.empty()) {
    send_outside(claim, call);
    return;
  }
  if (!claim.queue.empty()) call.queue = claim.queue;
  ++mix_tallies_[call.queue].transferred_in;
  call.state = CallState::kWaiting;
  call.is_accepted = false;
  call.visit_ns = now_ns_;
  call.pause_end_ns = now_ns_ + kTransferPauseNs;
  ReplayCommand& order =
      call.park.due.emplace(order_of(ReplayCommandKind::kParkCaller, claim.call));
  order.generation = call.generation;
  order.queue = call.queue;
  forget(call.retrieve);
  call.waits_if_busy = claim.is_to_supervisor;
  call.meant_for = claim.is_to_supervisor ? supervisor_for(call, supervisors)
                                          : named_agent(call, claim.target_agent);
  orders_due_.insert(claim.call);
}

// The call is over, and the switch is told where to send it.
void Checker::send_outside(const ReplayEvent& claim, Call& call) {
  call.state = CallState::kEnded;
  call.ended_sequence = last_sent_;
  call.outside.due.emplace(order_of(ReplayCommandKind::kTransferCall, claim.call)).number =
      claim.number;
  orders_due_.insert(claim.call);
  --live_calls_;
}

// --- Supervisors.

void Checker::add_supervisor(const std::string& agent, const std::string& supervisor) {
  supervisors_[agent].push_back(supervisor);
}

// Who of the team of the agent who has the call may come.
std::vector<std::string> Checker::supervisors_for(const std::string& call_id) const {
  std::vector<std::string> there;
  const auto call = calls_.find(call_id);
  if (call == calls_.end()) return there;
  const auto team = supervisors_.find(call->second.agent);
  if (team == supervisors_.end()) return there;
  for (const std::string& id : team->second) {
    const auto agent = agents_.find(id);
    const bool may_come = agent != agents_.end() && is_ready(agent->second) &&
                          is_member(call->second.queue, id) && id != call->second.agent;
    if (may_come) there.push_back(id);
  }
  return there;
}

// The first who is free, else the first. Empty: the model cannot know, as offers at desktops do not
// pass the wire.
std::string Checker::supervisor_for(const Call& call, const std::vector<std::string>& there) const {
  if (there.empty()) return {};
  for (const std::string& id : there) {
    const Agent& agent = agents_.find(id)->second;
    if (may_have_an_offer(id, agent)) return {};
    if (has_room(agent, call.medium) && agent.ringing_call.empty() && !agent.is_offer_open) {
      return id;
    }
  }
  return there.front();
}

void Checker::release_meant_for(const std::string& agent, bool is_busy) {
  for (auto* const one : open_) {
    Call& call = one->second;
    if (call.meant_for == agent && !(is_busy && call.waits_if_busy)) call.meant_for.clear();
  }
}

// Empty: nobody, or they may have something else before it; at a desktop the model cannot know.
std::string Checker::named_agent(const Call& call, const std::string& agent_id) const {
  const auto found = agents_.find(agent_id);
  if (found == agents_.end()) return {};
  const Agent& agent = found->second;
  const bool is_free = is_ready(agent) && has_room(agent, call.medium) &&
                       agent.ringing_call.empty() && !agent.is_offer_open &&
                       agent.answer_mode != AnswerMode::kDesktop;
  return is_free ? agent_id : std::string();
}

}  // namespace acd::sim
