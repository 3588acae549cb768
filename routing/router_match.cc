// SPDX-License-Identifier: Apache-2.0
// Who gets whom: the best of the heads of compatible classes.
#include <algorithm>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {

bool Router::can_serve(const AgentClass& agents, const CallClass& calls) const {
  if (agents.source != calls.source) return false;  // The station is not reachable.
  const bool members_all = queues_[calls.queue.value()].config.members.empty();
  const bool member = members_all || std::binary_search(agents.named_queues.begin(),
                                                        agents.named_queues.end(), calls.queue);
  return member && satisfies(agents.skills, calls.needs);
}

void Router::connect_agent_class(AgentClassIndex index) {
  AgentClass& fresh = roster_.class_at(index);
  for (const CallClassIndex other : calls_.classes_of(fresh.source)) {
    if (!can_serve(fresh, calls_.class_at(other))) continue;
    fresh.call_classes.push_back(other);
    calls_.class_at(other).agent_classes.push_back(index);
  }
}

void Router::connect_call_class(CallClassIndex index) {
  CallClass& fresh = calls_.class_at(index);
  for (const AgentClassIndex other : roster_.classes_of(fresh.source)) {
    if (!can_serve(roster_.class_at(other), fresh)) continue;
    fresh.agent_classes.push_back(other);
    roster_.class_at(other).call_classes.push_back(index);
  }
}

bool Router::forget_empty_call_classes() {
  if (!calls_.free_empty_classes()) return false;
  for (uint32_t i = 0; i < roster_.class_count(); ++i) {
    std::erase_if(roster_.class_at(AgentClassIndex(i)).call_classes,
                  [&](CallClassIndex index) { return calls_.class_at(index).free; });
  }
  return true;
}

bool Router::left_out(const Call& call, AgentIndex agent) const {
  if (!calls_.is_excluded(call, agent)) return false;
  // In force only while somebody else who could take the call is logged in.
  const CallClass& call_class = calls_.class_at(call.call_class);
  int64_t others = 0;
  for (const AgentClassIndex index : call_class.agent_classes) {
    others += roster_.class_at(index).logged_in_count;
  }
  for (uint32_t i = call.first_exclusion; i != OrderedNode::kNone;
       i = calls_.exclusion_at(i).next) {
    const Agent& excluded = roster_.at(calls_.exclusion_at(i).agent);
    if (excluded.agent_class.valid() &&
        can_serve(roster_.class_at(excluded.agent_class), call_class)) {
      --others;
    }
  }
  return others > 0;
}

AgentIndex Router::best_agent(const Call& call) const {
  AgentIndex best;
  for (const AgentClassIndex index : calls_.class_at(call.call_class).agent_classes) {
    AgentIndex candidate = roster_.first_idle(index);
    while (candidate.valid() && left_out(call, candidate)) candidate = roster_.next_idle(candidate);
    if (!candidate.valid()) continue;
    if (!best.valid() || roster_.idle_longer(candidate, best)) best = candidate;
  }
  return best;
}

// Higher priority, then the earlier key, then the earlier arrival: total, and the same in every
// queue.
bool Router::goes_before(CallIndex a_index, CallIndex b_index) const {
  const Call& a = calls_.at(a_index);
  const Call& b = calls_.at(b_index);
  if (a.priority != b.priority) return a.priority > b.priority;
  return a.key_ns != b.key_ns ? a.key_ns < b.key_ns : a.order < b.order;
}

CallIndex Router::best_call(AgentIndex agent) const {
  CallIndex best;
  for (const CallClassIndex index : roster_.class_at(roster_.at(agent).agent_class).call_classes) {
    CallIndex candidate = calls_.first_waiting(index);
    while (candidate.valid() && left_out(calls_.at(candidate), agent)) {
      candidate = calls_.next_waiting(candidate);
    }
    if (!candidate.valid()) continue;
    if (!best.valid() || goes_before(candidate, best)) best = candidate;
  }
  return best;
}

bool Router::match_call(CallIndex index) {
  const Call& call = calls_.at(index);
  const Source& source = sessions_.at(call.source);
  if (call.stage != CallStage::kEnqueued || !source.connected || source.rematch_pending) {
    return false;
  }
  const AgentIndex agent = best_agent(call);
  if (agent.valid()) open_offer(index, agent);
  return agent.valid();
}

bool Router::match_agent(AgentIndex index) {
  const Agent& agent = roster_.at(index);
  if (!agent.idle_node.linked()) return false;
  const Source& source = sessions_.at(agent.source);
  if (!source.connected || source.rematch_pending) return false;
  const CallIndex call = best_call(index);
  if (call.valid()) open_offer(call, index);
  return call.valid();
}

bool Router::match_source(SourceIndex source) {
  sessions_.at(source).rematch_pending = false;
  for (size_t offers = 0; offers < kBulkSliceMax; ++offers) {
    CallIndex next;
    for (const CallClassIndex index : calls_.classes_of(source)) {
      CallIndex candidate = calls_.first_waiting(index);
      while (candidate.valid() && !best_agent(calls_.at(candidate)).valid()) {
        // Calls of one class differ only by who is excluded from them.
        const bool plain = calls_.at(candidate).first_exclusion == OrderedNode::kNone;
        candidate = plain ? CallIndex() : calls_.next_waiting(candidate);
      }
      if (candidate.valid() && (!next.valid() || goes_before(candidate, next))) next = candidate;
    }
    if (!next.valid()) return true;
    match_call(next);
  }
  sessions_.at(source).rematch_pending = true;
  return false;
}

void Router::match_excluded(AgentClassIndex left) {
  std::vector<CallIndex> candidates;
  for (const auto& [order, index] : calls_.calls_with_exclusions()) {
    const Call& call = calls_.at(index);
    if (call.stage == CallStage::kEnqueued &&
        can_serve(roster_.class_at(left), calls_.class_at(call.call_class))) {
      candidates.push_back(index);
    }
  }
  std::sort(candidates.begin(), candidates.end(),
            [&](CallIndex a, CallIndex b) { return goes_before(a, b); });
  for (const CallIndex index : candidates) match_call(index);
}

}  // namespace acd
