// SPDX-License-Identifier: Apache-2.0
// Who gets whom: the best of the classes' heads, and the order of matches.
#include <algorithm>
#include <utility>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {
namespace {

AgentKey agent_key(Strategy strategy) {
  if (strategy == Strategy::kFewestCalls) return AgentKey::kCalls;
  if (strategy == Strategy::kLeastOccupied) return AgentKey::kOccupancy;
  return strategy == Strategy::kOrdered ? AgentKey::kAdded : AgentKey::kIdle;
}

// Strategies that look at all who are free of a tier.
bool picks_by_tier(Strategy strategy) {
  return strategy == Strategy::kRoundRobin || strategy == Strategy::kRandom ||
         strategy == Strategy::kWeightedRandom || strategy == Strategy::kPercentAllocation;
}

// Where round_robin goes on after that agent.
AgentIndex next_added(AgentIndex after) {
  return AgentIndex(after.valid() ? after.value() + 1 : 0u);
}

// Later heads are of no better candidates than this one, who has that head. Of somebody behind the
// head, who may be later than other heads, nothing is known so cheaply.
uint64_t bound_of(const Call& call, uint64_t head) {
  return call.first_exclusion == OrderedNode::kNone ? head : kNoKey;
}

}  // namespace

// --- Agents for a call.

bool Router::is_matchable(SourceIndex index) const {
  const Source& source = sessions_.at(index);
  return bulk_ == BulkPhase::kNone && source.connected && !source.rematch_pending;
}

bool Router::left_out(const Call& call, AgentIndex agent) const {
  if (!calls_.is_excluded(call, agent)) return false;
  // In force only while somebody else who could take the call is logged in.
  const CallClass& call_class = calls_.class_at(call.call_class);
  int64_t others = call_class.eligible_count;
  for (uint32_t i = call.first_exclusion; i != OrderedNode::kNone && others > 0;
       i = calls_.exclusion_at(i).next) {
    const Agent& excluded = roster_.at(calls_.exclusion_at(i).agent);
    if (excluded.agent_class.valid() && serves(excluded.agent_class, call.call_class)) --others;
  }
  return others > 0;
}

AgentIndex Router::first_of(const Call& call, AgentClassIndex agents, AgentKey key,
                            AgentIndex from) const {
  AgentIndex agent =
      from.value() == 0 ? roster_.first_idle(agents, key) : roster_.first_idle_from(agents, from);
  if (call.first_exclusion == OrderedNode::kNone) return agent;
  while (agent.valid() && left_out(call, agent)) agent = roster_.next_idle(agent, key);
  return agent;
}

// A boxed call's only agent, if free.
bool Router::may_have_preferred(const Call& call) const {
  const Agent& agent = roster_.at(call.preferred);
  return agent.is_listed && agent.source == call.source &&
         serves(agent.agent_class, call.call_class);
}

template <typename Visit>
bool Router::visit_free(const CallClass& calls, const Band& band, uint32_t begin, uint32_t end,
                        Visit&& visit) const {
  for (uint32_t i = begin; i < end; ++i) {
    const AgentLink& link = band.links[i];
    const AgentClassHead& head = roster_.head(link.agent_class);
    if (head.key == kNoKey || head.stamp != link.stamp) continue;
    if (is_withheld(calls, link.agent_class)) continue;
    if (visit(link.agent_class)) return true;
  }
  return false;
}

template <typename Visit>
bool Router::visit_free(const CallClass& calls, const Band& band, Visit&& visit) const {
  if (!calls.has_bitmaps) {
    return visit_free(calls, band, 0, static_cast<uint32_t>(band.links.size()), visit);
  }
  return Bitmap::visit_common(band.classes, roster_.idle_classes(), [&](uint32_t number) {
    const AgentClassIndex index(number);
    return !is_withheld(calls, index) && visit(index);
  });
}

bool Router::has_agent(CallIndex index) const {
  const Call& call = calls_.at(index);
  if (call.stage != CallStage::kEnqueued || !is_matchable(call.source)) return false;
  if (call.is_boxed) return may_have_preferred(call);
  if (roster_.idle_classes().empty()) return false;
  const CallClass& call_class = calls_.class_at(call.call_class);
  const auto has_somebody = [&](AgentClassIndex agents) {
    return first_of(call, agents, AgentKey::kIdle).valid();
  };
  return std::any_of(call_class.bands.begin(), call_class.bands.end(),
                     [&](const Band& band) { return visit_free(call_class, band, has_somebody); });
}

AgentIndex Router::best_agent(CallIndex index) {
  const Call& call = calls_.at(index);
  if (!is_matchable(call.source)) return {};
  if (call.is_boxed) return may_have_preferred(call) ? call.preferred : AgentIndex();
  if (roster_.idle_classes().empty()) return {};
  const CallClass& call_class = calls_.class_at(call.call_class);
  for (const Band& band : call_class.bands) {
    if (call_class.has_bitmaps && !Bitmap::meet(band.classes, roster_.idle_classes())) continue;
    const bool is_large = call_class.has_bitmaps && band.tiers.size() == 1;
    const AgentIndex best = is_large ? best_of_tier(call, band) : best_of_tiers(call, band);
    if (best.valid()) return best;
  }
  return {};
}

AgentIndex Router::best_of_tiers(const Call& call, const Band& band) {
  const CallClass& call_class = calls_.class_at(call.call_class);
  const Strategy strategy = queue(call.queue).config.strategy;
  const bool picks = picks_by_tier(strategy);
  const AgentKey key = agent_key(strategy);
  AgentIndex best;
  uint64_t best_head = kNoKey;
  tier_.clear();
  uint32_t begin = 0;
  for (const Tier& tier : band.tiers) {
    visit_free(call_class, band, begin, tier.end, [&](AgentClassIndex agents) {
      const uint64_t head = roster_.head(agents).key;
      if (key == AgentKey::kIdle && !picks && head > best_head) return false;
      const AgentIndex candidate = first_of(call, agents, key);
      if (!candidate.valid()) return false;
      if (picks) tier_.push_back(agents);
      if (best.valid() && !roster_.goes_before(candidate, best, key)) return false;
      best = candidate;
      best_head = bound_of(call, head);
      return false;
    });
    if (best.valid()) break;
    begin = tier.end;
  }
  return picks && best.valid() ? pick(call, tier_) : best;
}

AgentIndex Router::best_of_tier(const Call& call, const Band& band) {
  const Strategy strategy = queue(call.queue).config.strategy;
  if (strategy == Strategy::kRoundRobin) {
    const AgentIndex after = queue(call.queue).rang_last;
    const AgentIndex from = next_added(after);
    const AgentIndex next = first_of_tier(call, band.classes, AgentKey::kAdded, from);
    if (next.valid() || !after.valid()) return next;
    return first_of_tier(call, band.classes, AgentKey::kAdded, AgentIndex(0u));
  }
  if (!picks_by_tier(strategy)) {
    return first_of_tier(call, band.classes, agent_key(strategy), AgentIndex(0u));
  }
  tier_.clear();
  visit_free(calls_.class_at(call.call_class), band, [&](AgentClassIndex agents) {
    if (first_of(call, agents, AgentKey::kIdle).valid()) tier_.push_back(agents);
    return false;
  });
  return tier_.empty() ? AgentIndex() : pick(call, tier_);
}

// Looks at the classes, and in turns at the agents of all classes, each time at twice as many, until
// the one or the other tells: neither many classes nor many agents who are none of them make it slow.
AgentIndex Router::first_of_tier(const Call& call, const Bitmap& classes, AgentKey key,
                                 AgentIndex from) const {
  constexpr uint32_t kAgentsFirst = 8;
  constexpr uint32_t kClassesAnAgent = 64;  // What stands together is looked at faster.
  const CallClass& calls = calls_.class_at(call.call_class);
  Bitmap::Meeting meeting(classes, roster_.idle_classes());
  AgentIndex walker = roster_.first_idle_at(call.source, key, from);
  AgentIndex best;
  uint64_t best_head = kNoKey;
  for (uint32_t turn = kAgentsFirst;; turn *= 2) {
    for (uint32_t i = 0; i < turn * kClassesAnAgent; ++i) {
      const uint32_t number = meeting.next();
      if (number == Bitmap::Meeting::kNone) return best;
      const AgentClassIndex agents(number);
      const uint64_t head = roster_.head(agents).key;
      if (key == AgentKey::kIdle && head > best_head) continue;
      if (is_withheld(calls, agents)) continue;
      const AgentIndex candidate = first_of(call, agents, key, from);
      if (!candidate.valid()) continue;
      if (best.valid() && !roster_.goes_before(candidate, best, key)) continue;
      best = candidate;
      best_head = bound_of(call, head);
    }
    for (uint32_t i = 0; i < turn; ++i) {
      if (!walker.valid()) return {};
      const AgentClassIndex agents = roster_.class_of_idle(walker);
      const bool is_of_band = classes.test(agents.value()) && !is_withheld(calls, agents);
      if (is_of_band && !left_out(call, walker)) return walker;
      walker = roster_.next_idle_at(walker, key);
    }
  }
}

// REQUIRES: picks_by_tier() of the queue's strategy.
AgentIndex Router::pick(const Call& call, const Classes& tier) {
  const Queue& of_call = queue(call.queue);
  const Strategy strategy = of_call.config.strategy;
  if (strategy == Strategy::kRoundRobin) return next_in_turn(call, tier, of_call.rang_last);
  if (strategy == Strategy::kPercentAllocation) return furthest_below_share(call, tier);
  return drawn(call, tier, strategy == Strategy::kWeightedRandom);
}

AgentIndex Router::next_in_turn(const Call& call, const Classes& tier, AgentIndex after) const {
  const AgentIndex from = next_added(after);
  AgentIndex next;
  AgentIndex first;
  for (const AgentClassIndex agents : tier) {
    AgentIndex a = first_of(call, agents, AgentKey::kAdded, from);
    if (a.valid() && (!next.valid() || a < next)) next = a;
    a = first_of(call, agents, AgentKey::kAdded);
    if (a.valid() && (!first.valid() || a < first)) first = a;
  }
  return next.valid() ? next : first;
}

AgentIndex Router::drawn(const Call& call, const Classes& tier, bool weighted) {
  absent_.clear();
  const auto weight_of = [&](AgentClassIndex agents) -> uint64_t {
    const Membership* member =
        weighted ? membership_of(roster_.class_at(agents).key, call.queue) : nullptr;
    return member == nullptr ? 1 : static_cast<uint64_t>(std::max(1, member->weight));
  };
  for (uint32_t i = call.first_exclusion; i != OrderedNode::kNone;
       i = calls_.exclusion_at(i).next) {
    const AgentIndex agent = calls_.exclusion_at(i).agent;
    if (!roster_.at(agent).is_listed || !left_out(call, agent)) continue;
    for (const AgentClassIndex agents : tier) {
      if (agents == roster_.at(agent).agent_class) {
        absent_.emplace_back(agent.value(), weight_of(agents));
      }
    }
  }
  // The weight of the candidates who were added before `limit`.
  const auto weight_below = [&](uint32_t limit, bool each_one) {
    uint64_t sum = 0;
    for (const AgentClassIndex agents : tier) {
      const uint64_t count = roster_.idle_count_below(agents, limit);
      sum += count * (each_one ? 1 : weight_of(agents));
    }
    for (const auto& [agent, weight] : absent_) {
      if (agent < limit) sum -= each_one ? 1 : weight;
    }
    return sum;
  };
  const auto end = static_cast<uint32_t>(roster_.count());
  const bool is_choice = weight_below(end, true) > 1;
  const uint64_t mark = is_choice ? random_.below(weight_below(end, false)) : 0;
  uint32_t low = 0;  // Nobody below it is the one, everybody from `high` on is behind.
  uint32_t high = end;
  while (high - low > 1) {
    const uint32_t middle = low + (high - low) / 2;
    (weight_below(middle, false) > mark ? high : low) = middle;
  }
  return AgentIndex(low);
}

DecayedCount Router::allocation_of(const Queue& queue, AgentIndex agent) {
  const auto at = queue.allocated.find(agent);
  return at == queue.allocated.end() ? queue.allocation_floor : at->second;
}

AgentIndex Router::furthest_below_share(const Call& call, const Classes& tier) const {
  const Queue& of_call = queue(call.queue);
  AgentIndex best;
  bool best_has_share = false;
  DecayedCount best_count;
  for (const AgentClassIndex agents : tier) {
    const Membership* member = membership_of(roster_.class_at(agents).key, call.queue);
    const bool has_share = member != nullptr && member->percent > 0;
    for (AgentIndex a = roster_.first_idle(agents, AgentKey::kIdle); a.valid();
         a = roster_.next_idle(a, AgentKey::kIdle)) {
      if (left_out(call, a)) continue;
      const DecayedCount count = has_share ? allocation_of(of_call, a) : DecayedCount();
      bool is_better = !best.valid() || (has_share && !best_has_share);
      if (best.valid() && has_share == best_has_share) {
        is_better = count != best_count ? count < best_count
                                        : roster_.goes_before(a, best, AgentKey::kIdle);
      }
      if (!is_better) continue;
      best = a;
      best_has_share = has_share;
      best_count = count;
    }
  }
  return best;
}

// --- Calls for an agent.

// The order of calls, the same in every queue.
bool Router::goes_before(CallIndex a_index, CallIndex b_index) const {
  const Call& a = calls_.at(a_index);
  const Call& b = calls_.at(b_index);
  switch (config_.call_order) {
    case CallOrder::kPriority:
      if (a.priority != b.priority) return a.priority > b.priority;
      break;
    case CallOrder::kScore: {
      const auto points = [this](const Call& call) {
        return Wide{call.priority} * 3600 * kNsPerS +
               Wide{now_ns_ - call.key_ns} * queue(call.queue).config.age_rate;
      };
      const Wide a_points = points(a);
      const Wide b_points = points(b);
      if (a_points != b_points) return a_points > b_points;
      break;
    }
    case CallOrder::kServiceObjective: {
      // Age ÷ objective, multiplied out.
      const Wide a_share = Wide{now_ns_ - a.key_ns} * queue(b.queue).config.objective_ns;
      const Wide b_share = Wide{now_ns_ - b.key_ns} * queue(a.queue).config.objective_ns;
      if (a_share != b_share) return a_share > b_share;
      if (a.priority != b.priority) return a.priority > b.priority;
      break;
    }
  }
  return a.key_ns != b.key_ns ? a.key_ns < b.key_ns : a.order < b.order;
}

CallIndex Router::best_call(AgentIndex index, bool by_rank) const {
  const bool ranked = by_rank && has_ranks_;
  const Agent& agent = roster_.at(index);
  const AgentClass& agents = roster_.class_at(agent.agent_class);
  const bool may_be_withheld = (agents.protect_mask & active_protects_) != 0;
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
    const int32_t rank = ranked ? rank_of(agents.key, call_class) : 0;
    if (best.valid() && (rank > best_rank || (is_late && rank == best_rank))) return;
    if (may_be_withheld && is_withheld(call_class, agents)) return;
    CallIndex candidate = head.call;
    if (call_class.first_excluded.valid()) {
      while (candidate.valid() && left_out(calls_.at(candidate), index)) {
        candidate = calls_.next_waiting(candidate);
      }
      if (!candidate.valid()) return;
    }
    offer(candidate, rank, calls_.waiting_key(candidate));
  };
  if (agents.call_classes.size() > kListedLinksMax) {
    Bitmap::visit_common(agents.call_bits, calls_.waiting_classes(), [&](uint32_t number) {
      const CallClassHead& head = calls_.head(CallClassIndex(number));
      const bool is_late = !ranked && is_key_enough && head.key > best_key;
      if (!is_late) meet(CallClassIndex(number));
      return false;
    });
  } else {
    for (const CallLink& link : agents.call_classes) {
      const CallClassHead& head = calls_.head(link.call_class);
      const bool is_late = !ranked && is_key_enough && head.key > best_key;
      if (!is_late && head.key != kNoKey && head.stamp == link.stamp) meet(link.call_class);
    }
  }
  for (CallIndex call(agent.preferring.first()); call.valid(); call = calls_.next_boxed(call)) {
    if (!may_have_preferred(calls_.at(call))) continue;
    const CallClass& call_class = calls_.class_at(calls_.at(call).call_class);
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
  if (bulk_ == BulkPhase::kNone) {
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
  if (bulk_ == BulkPhase::kNone) look_at_conditions();
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
  open_round(taken, agent, taken != first);
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
  for (size_t offers = 0; !heap_.empty();) {
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
    if (offers == kBulkSliceMax) return false;
    ++offers;
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
