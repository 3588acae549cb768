// SPDX-License-Identifier: Apache-2.0
// Which call an agent picks, and the order of matches.
#include <algorithm>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {

// --- Calls for an agent.

// The order of calls, the same in every queue.
bool Router::goes_before(CallIndex a_index, CallIndex b_index) const {
  const Call& a = calls_.at(a_index);
  const Call& b = calls_.at(b_index);
  return acd::goes_before(order_rule(a.queue), a.place(), order_rule(b.queue), b.place(), now_ns_);
}

CallIndex Router::best_call(AgentIndex index, bool by_rank) const {
  const bool ranked = by_rank && has_ranks_;
  const Agent& agent = roster_.at(index);
  const AgentClass& agents = roster_.class_at(agent.agent_class);
  const bool may_be_withheld = (agents.protect_mask & active_protects_) != 0;
  const bool is_partly_open = agents.key.open != kAllMedia;
  const bool has_reach = !reach_.empty();
  const bool is_key_enough = config_.call_order == CallOrder::kPriority;
  CallIndex best;
  int32_t best_rank = 0;
  uint64_t best_key = kNoKey;
  const auto offer = [&](CallIndex candidate, int32_t rank, uint64_t key) {
    if (best.valid()) {
      if (rank > best_rank) return;
      const bool is_key_decisive = is_key_enough && key != best_key;
      const bool is_earlier = is_key_decisive ? key < best_key : goes_before(candidate, best);
      if (rank == best_rank && !is_earlier) return;
    }
    best = candidate;
    best_rank = rank;
    best_key = key;
  };
  const auto meet = [&](CallClassIndex calls) {
    const CallClassHead& head = calls_.head(calls);
    const bool is_late = is_key_enough && head.key > best_key;
    const CallClass& call_class = calls_.class_at(calls);
    if (hold_back_of(call_class) != HoldBack::kNone) return;
    const int32_t rank = ranked ? rank_of(agents.key, call_class) : 0;
    if (best.valid() && (rank > best_rank || (is_late && rank == best_rank))) return;
    if (may_be_withheld && is_withheld(call_class, agents)) return;
    if (is_partly_open && !acd::is_open_to(call_class, agents)) return;
    const bool is_elsewhere = has_reach && call_class.key.source != agents.key.source;
    if (is_elsewhere && !is_matchable(call_class.key.source)) return;
    CallIndex candidate = head.call;
    if (call_class.first_excluded.valid()) {
      while (candidate.valid() && left_out(calls_.at(candidate), index)) {
        candidate = calls_.next_waiting(candidate);
      }
      if (!candidate.valid()) return;
    }
    offer(candidate, rank, calls_.waiting_key(candidate));
  };
  const auto look_at = [&](CallClassIndex calls) {
    const bool is_late = !ranked && is_key_enough && calls_.head(calls).key > best_key;
    if (!is_late) meet(calls);
  };
  matrix_.visit_row(agent.agent_class, calls_.waiting_columns(), look_at);
  for (const CallLink& link : agents.call_classes) {
    if (!calls_.waiting_classes().test(link.call_class.value())) continue;
    if (is_listed(link)) look_at(link.call_class);
  }
  for (CallIndex call(agent.preferring.first()); call.valid(); call = calls_.next_boxed(call)) {
    if (!may_have_preferred(calls_.at(call))) continue;
    const CallClass& call_class = calls_.class_at(calls_.at(call).call_class);
    if (hold_back_of(call_class) != HoldBack::kNone) continue;
    offer(call, ranked ? rank_of(agents.key, call_class) : 0, calls_.waiting_key(call));
  }
  return best;
}

// REQUIRES: the agents serve the calls.
int32_t Router::rank_of(const AgentClassKey& agents, const CallClass& calls) const {
  if (queue(calls.key.queue).config.members_all) return 1;
  if (const Membership* member = membership_of(agents, calls.key.queue); member != nullptr) {
    return member->rank;
  }
  const auto opened = std::find_if(calls.opened_teams.begin(), calls.opened_teams.end(),
                                   [&](const OpenedTeam& one) { return one.team == agents.team; });
  return opened->rank;
}

// --- Matching what became possible.

void Router::mark_agent(AgentIndex index) {
  Agent& agent = roster_.at(index);
  if (agent.is_dirty) return;
  agent.is_dirty = true;
  dirty_agents_.push_back(index);
}

void Router::mark_boxes(AgentIndex index) {
  Agent& agent = roster_.at(index);
  if (agent.is_box_dirty || agent.preferring.empty()) return;
  agent.is_box_dirty = true;
  dirty_boxes_.push_back(index);
}

void Router::mark_excluded(CallClassIndex index) {
  CallClass& call_class = calls_.class_at(index);
  if (bulk_ != BulkPhase::kNone || call_class.is_marked || !call_class.first_excluded.valid() ||
      call_class.eligible_count > kExclusionsMax) {  // Somebody else is left for each.
    return;
  }
  call_class.is_marked = true;
  dirty_exclusions_.push_back(index);
}

// Their calls may have somebody again.
void Router::mark_calls_of_exclusions() {
  for (const CallClassIndex index : dirty_exclusions_) {
    CallClass& call_class = calls_.class_at(index);
    call_class.is_marked = false;
    for (CallIndex call = call_class.first_excluded; call.valid();
         call = calls_.at(call).next_excluded) {
      mark_call(call);
    }
  }
  dirty_exclusions_.clear();
}

// Agents whom a protect rule no longer keeps from other calls.
void Router::mark_released() {
  for (; released_protects_ != 0; released_protects_ &= released_protects_ - 1) {
    const auto rule = static_cast<uint32_t>(__builtin_ctz(released_protects_));
    if ((active_protects_ & (1u << rule)) != 0) continue;
    Bitmap::visit_common(protect_classes_[rule], roster_.idle_classes(), [&](uint32_t number) {
      for (AgentIndex a = roster_.first_idle(AgentClassIndex(number), AgentKey::kIdle); a.valid();
           a = roster_.next_idle(a, AgentKey::kIdle)) {
        mark_agent(a);
      }
      return false;
    });
  }
}

void Router::drop_marks() {
  for (const AgentIndex agent : dirty_agents_) roster_.at(agent).is_dirty = false;
  dirty_agents_.clear();
  dirty_calls_.clear();
  for (const CallClassIndex index : dirty_exclusions_) calls_.class_at(index).is_marked = false;
  dirty_exclusions_.clear();
  sorted_calls_ = 0;
  released_protects_ = 0;
}

void Router::match_all() {
  if (!is_suspended()) {
    do {
      settle_boxes();
      mark_released();
      mark_calls_of_exclusions();
      // Each match looks at all that are marked; from some number on everything is cheaper.
      if (dirty_agents_.size() + dirty_calls_.size() > kMarksMax) {
        ++rematch_count_;
        while (!rematch(SourceIndex())) {
        }
      }
    } while (match_marked());
  }
  drop_marks();  // What bulk work suspends, it matches at its end.
}

void Router::settle() {
  match_all();
  // One that flips within bulk work would let it begin anew before anybody was matched.
  if (!is_suspended()) look_at_conditions();
}

// Brings the marked calls into order, last first, without those that do not wait.
void Router::sort_marked_calls() {
  if (sorted_calls_ == dirty_calls_.size()) return;
  std::erase_if(dirty_calls_,
                [this](CallIndex call) { return calls_.at(call).stage != CallStage::kEnqueued; });
  std::sort(dirty_calls_.begin(), dirty_calls_.end(),
            [this](CallIndex a, CallIndex b) { return a != b && goes_before(b, a); });
  dirty_calls_.erase(std::unique(dirty_calls_.begin(), dirty_calls_.end()), dirty_calls_.end());
  sorted_calls_ = dirty_calls_.size();
}

bool Router::match_marked() {
  sort_marked_calls();
  // Nothing of what is left behind here becomes possible later: only marks make it so.
  while (!dirty_calls_.empty() && !has_agent(dirty_calls_.back())) dirty_calls_.pop_back();
  sorted_calls_ = dirty_calls_.size();
  CallIndex first;
  if (!dirty_calls_.empty()) first = dirty_calls_.back();
  const bool is_one_agent = !first.valid() && dirty_agents_.size() == 1;
  AgentIndex agent;
  for (size_t i = 0; i < dirty_agents_.size();) {
    const AgentIndex candidate = dirty_agents_[i];
    CallIndex call;
    if (roster_.at(candidate).is_listed && is_matchable(roster_.at(candidate).source)) {
      call = best_call(candidate, is_one_agent);
    }
    if (!call.valid()) {
      roster_.at(candidate).is_dirty = false;
      dirty_agents_[i] = dirty_agents_.back();
      dirty_agents_.pop_back();
      continue;
    }
    if (!first.valid() || goes_before(call, first)) first = call;
    if (is_one_agent) agent = candidate;
    ++i;
  }
  if (!first.valid()) return false;
  CallIndex taken = first;
  if (!agent.valid()) {
    agent = best_agent(first);
    taken = best_call(agent, true);
  }
  const CallClassIndex behind = calls_.at(taken).call_class;
  open_round(taken, agent, taken != first);
  // A gate that opened lets more than one of a class go.
  if (calls_.class_at(behind).key.is_off_line) mark_first(behind);
  return true;
}

bool Router::rematch(SourceIndex source) {
  settle_boxes();
  drop_marks();
  const auto later = [this](CallIndex a, CallIndex b) { return a != b && goes_before(b, a); };
  const auto push = [&](CallIndex call) {
    if (!call.valid()) return;
    heap_.push_back(call);
    std::push_heap(heap_.begin(), heap_.end(), later);
  };
  heap_.clear();
  for (uint32_t i = 0; i < calls_.class_count(); ++i) {
    const CallClass& call_class = calls_.class_at(CallClassIndex(i));
    if (call_class.free || (source.valid() && call_class.key.source != source)) continue;
    if (call_class.waiting.empty() && call_class.boxed.empty()) continue;
    if (!is_matchable(call_class.key.source)) continue;
    if (!call_class.waiting.empty()) heap_.push_back(calls_.first_waiting(CallClassIndex(i)));
    for (CallIndex call = calls_.first_boxed(CallClassIndex(i)); call.valid();
         call = calls_.next_waiting(call)) {
      heap_.push_back(call);
    }
  }
  std::make_heap(heap_.begin(), heap_.end(), later);
  for (size_t spent = 0; !heap_.empty();) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const CallIndex call = heap_.back();
    heap_.pop_back();
    const CallClassIndex call_class = calls_.at(call).call_class;
    if (calls_.at(call).stage != CallStage::kEnqueued) {
      push(calls_.first_waiting(call_class));  // It was taken as the best of some agent's.
      continue;
    }
    if (!has_agent(call)) {
      // The calls behind it differ from it only if somebody is left out for it.
      const bool is_alone = calls_.at(call).is_boxed;
      const bool is_plain = calls_.at(call).first_exclusion == OrderedNode::kNone;
      if (!is_alone && !is_plain) push(calls_.next_waiting(call));
      continue;
    }
    if (spent >= kBulkSliceMax) return false;
    spent += cost_of_pick(calls_.at(call).queue);
    const AgentIndex agent = best_agent(call);
    const CallIndex taken = best_call(agent, true);
    open_round(taken, agent, taken != call);
    push(taken == call ? calls_.first_waiting(call_class) : call);
    settle_boxes();
    for (const CallIndex marked : dirty_calls_) push(marked);
    dirty_calls_.clear();
    sorted_calls_ = 0;
  }
  drop_marks();
  return true;
}

}  // namespace acd
