// SPDX-License-Identifier: Apache-2.0
// Whom a call picks: the best of the best tier, by each strategy.
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

// Strategies that do not just ask each class of a tier for its first.
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

// Who has no share goes by the idle time alone.
Strategy Router::strategy_of(const Call& call, const Standing& standing) const {
  const Strategy strategy = queue(call.queue).config.strategy;
  const bool has_no_share =
      strategy == Strategy::kPercentAllocation && standing.strategy_key == kWithoutShare;
  return has_no_share ? Strategy::kLongestIdle : strategy;
}

// In turns the order of all with a share in the queue and the tier's own agents, as first_of_tier().
template <typename NextClass>
AgentIndex Router::first_by_share(const Call& call, const Band& band, const Standing& standing,
                                  NextClass&& next_class) const {
  constexpr uint32_t kAgentsFirst = 8;
  const CallClass& calls = calls_.class_at(call.call_class);
  const ShareOrder& shares = queue(call.queue).shares;
  const bool is_one_tier = calls.has_bitmaps && band.tiers.size() == 1;
  const auto may_take = [&](AgentIndex agent) {
    const AgentClassIndex agents = roster_.class_of_idle(agent);
    if (calls.has_bitmaps && !band.classes.test(agents.value())) return false;
    Standing own;
    if (!is_one_tier) {
      const Blocker blocker = can_serve(roster_.class_at(agents).key, calls, &own);
      if (blocker != Blocker::kNone || own != standing) return false;
    }
    return !is_withheld(calls, agents) && !left_out(call, agent);
  };
  ShareOrder::Walker walker(shares, call.source);
  ShareOrder::Place best;
  AgentIndex own;
  for (uint32_t turn = kAgentsFirst;; turn *= 2) {
    for (uint32_t i = 0; i < turn; ++i) {
      const AgentIndex agent = walker.next();
      if (!agent.valid() || may_take(agent)) return agent;
    }
    for (uint32_t i = 0; i < turn; ++i) {
      while (!own.valid()) {
        const AgentClassIndex agents = next_class();
        if (!agents.valid()) return best.agent;
        if (!is_withheld(calls, agents)) own = roster_.first_idle(agents, AgentKey::kIdle);
      }
      if (!left_out(call, own)) {
        const ShareOrder::Place place = shares.place_of(own);
        if (!best.agent.valid() || place < best) best = place;
      }
      own = roster_.next_idle(own, AgentKey::kIdle);
    }
  }
}

AgentIndex Router::best_of_tiers(const Call& call, const Band& band) {
  const CallClass& call_class = calls_.class_at(call.call_class);
  uint32_t begin = 0;
  for (const Tier& tier : band.tiers) {
    const Strategy strategy = strategy_of(call, tier.standing);
    AgentIndex best;
    if (picks_by_tier(strategy)) {
      tier_.clear();
      visit_free(call_class, band, begin, tier.end, [&](AgentClassIndex agents) {
        tier_.push_back(agents);
        return false;
      });
      if (!tier_.empty()) best = pick(call, strategy, band, tier.standing);
    } else {
      best = first_of_links(call, band, begin, tier.end, agent_key(strategy));
    }
    if (best.valid()) return best;
    begin = tier.end;
  }
  return {};
}

AgentIndex Router::first_of_links(const Call& call, const Band& band, uint32_t begin, uint32_t end,
                                  AgentKey key) const {
  AgentIndex best;
  uint64_t best_head = kNoKey;
  visit_free(calls_.class_at(call.call_class), band, begin, end, [&](AgentClassIndex agents) {
    const uint64_t head = roster_.head(agents).key;
    if (key == AgentKey::kIdle && head > best_head) return false;
    const AgentIndex candidate = first_of(call, agents, key);
    if (!candidate.valid()) return false;
    if (best.valid() && !roster_.goes_before(candidate, best, key)) return false;
    best = candidate;
    best_head = bound_of(call, head);
    return false;
  });
  return best;
}

AgentIndex Router::best_of_tier(const Call& call, const Band& band) {
  const Standing& standing = band.tiers.front().standing;
  const Strategy strategy = strategy_of(call, standing);
  if (strategy == Strategy::kRoundRobin) {
    const AgentIndex after = queue(call.queue).rang_last;
    const AgentIndex from = next_added(after);
    const AgentIndex next = first_of_tier(call, band.classes, AgentKey::kAdded, from);
    if (next.valid() || !after.valid()) return next;
    return first_of_tier(call, band.classes, AgentKey::kAdded, AgentIndex(0u));
  }
  if (strategy == Strategy::kPercentAllocation) {
    Bitmap::Meeting meeting(band.classes, roster_.idle_classes());
    return first_by_share(call, band, standing, [&] {
      const uint32_t number = meeting.next();
      return number == Bitmap::Meeting::kNone ? AgentClassIndex() : AgentClassIndex(number);
    });
  }
  if (picks_by_tier(strategy)) {
    return drawn_of_tier(call, band.classes, strategy == Strategy::kWeightedRandom);
  }
  return first_of_tier(call, band.classes, agent_key(strategy), AgentIndex(0u));
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

// REQUIRES: picks_by_tier() of the strategy; tier_ has the classes.
AgentIndex Router::pick(const Call& call, Strategy strategy, const Band& band,
                        const Standing& standing) {
  if (strategy == Strategy::kRoundRobin) {
    return next_in_turn(call, tier_, queue(call.queue).rang_last);
  }
  if (strategy == Strategy::kPercentAllocation) {
    size_t at = 0;
    return first_by_share(call, band, standing,
                          [&] { return at == tier_.size() ? AgentClassIndex() : tier_[at++]; });
  }
  return drawn(call, tier_, strategy == Strategy::kWeightedRandom);
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

uint64_t Router::weight_of(AgentClassIndex agents, QueueIndex queue_index) const {
  const Membership* member = membership_of(roster_.class_at(agents).key, queue_index);
  return member == nullptr ? 1 : static_cast<uint64_t>(std::max(1, member->weight));
}

// Where everybody who is free could be drawn the order of all is asked; where many classes could,
// the agents are gone through as they were added; else the classes are.
AgentIndex Router::drawn_of_tier(const Call& call, const Bitmap& classes, bool by_weight) {
  constexpr size_t kAgentsAClass = 32;  // That are gone through as fast as a class is.
  const bool weighted = by_weight && !queue(call.queue).config.members_all;
  const bool is_plain = call.first_exclusion == OrderedNode::kNone && active_protects_ == 0;
  if (!weighted && is_plain && classes.covers(roster_.idle_classes())) {
    const uint32_t count = roster_.idle_count_at(call.source);
    const uint64_t mark = count > 1 ? random_.below(count) : 0;
    return roster_.nth_idle_at(call.source, static_cast<uint32_t>(mark));
  }
  const CallClass& calls = calls_.class_at(call.call_class);
  tier_.clear();
  Bitmap::Meeting meeting(classes, roster_.idle_classes());
  for (uint32_t number = meeting.next(); number != Bitmap::Meeting::kNone;
       number = meeting.next()) {
    if (is_withheld(calls, AgentClassIndex(number))) continue;
    tier_.emplace_back(number);
    if (tier_.size() * kAgentsAClass > roster_.count()) {
      return drawn_of_agents(call, classes, weighted);
    }
  }
  return tier_.empty() ? AgentIndex() : drawn(call, tier_, weighted);
}

AgentIndex Router::drawn_of_agents(const Call& call, const Bitmap& classes, bool weighted) {
  const CallClass& calls = calls_.class_at(call.call_class);
  uint64_t total = 0;
  marks_.clear();
  roster_.visit_idle(classes, [&](AgentIndex agent, AgentClassIndex agents) {
    if (is_withheld(calls, agents) || left_out(call, agent)) return;
    total += weighted ? weight_of(agents, call.queue) : 1;
    marks_.emplace_back(total, agent);
  });
  if (marks_.empty()) return {};
  const uint64_t mark = marks_.size() > 1 ? random_.below(total) : 0;
  return std::upper_bound(marks_.begin(), marks_.end(), std::pair(mark, AgentIndex()))->second;
}

AgentIndex Router::drawn(const Call& call, const Classes& tier, bool weighted) {
  uint64_t count = 0;
  uint64_t weight = 0;  // Of all who may still be the one.
  slices_.clear();
  for (const AgentClassIndex agents : tier) {
    const uint32_t free = roster_.idle_count(agents);
    slices_.push_back({agents, weighted ? weight_of(agents, call.queue) : 1, 0, free, 0});
    count += free;
    weight += free * slices_.back().weight;
  }
  absent_.clear();
  for (uint32_t i = call.first_exclusion; i != OrderedNode::kNone;
       i = calls_.exclusion_at(i).next) {
    const AgentIndex agent = calls_.exclusion_at(i).agent;
    if (!roster_.at(agent).is_listed || !left_out(call, agent)) continue;
    for (const Slice& slice : slices_) {
      if (slice.agents != roster_.at(agent).agent_class) continue;
      absent_.emplace_back(agent.value(), slice.weight);
      --count;
      weight -= slice.weight;
    }
  }
  if (count == 0) return {};
  uint64_t mark = count > 1 ? random_.below(weight) : 0;
  uint32_t low = 0;  // The one is not below it, and is below `high`.
  auto high = static_cast<uint32_t>(roster_.count());
  for (bool halves = false; high - low > 1; halves = !halves) {
    if (slices_.size() == 1 && absent_.empty()) {
      const Slice& last = slices_.front();
      return roster_.nth_idle(last.agents, last.begin + static_cast<uint32_t>(mark / last.weight));
    }
    // Where the one would be if all were spread evenly, by turns with the middle.
    const uint64_t step = halves ? (high - low) / 2 : (high - low) * mark / weight;
    const uint32_t middle = low + std::clamp(static_cast<uint32_t>(step), 1u, high - low - 1);
    const uint64_t below = weight_below(low, middle);
    const bool is_below = below > mark;
    for (Slice& slice : slices_) (is_below ? slice.end : slice.begin) = slice.middle;
    std::erase_if(slices_, [](const Slice& slice) { return slice.begin == slice.end; });
    (is_below ? high : low) = middle;
    weight = is_below ? below : weight - below;
    mark -= is_below ? 0 : below;
  }
  return AgentIndex(low);
}

// Of who was added as `low` or later and before `middle`; sets the middles of the slices.
uint64_t Router::weight_below(uint32_t low, uint32_t middle) {
  uint64_t sum = 0;
  for (Slice& slice : slices_) {
    slice.middle = roster_.idle_count_below(slice.agents, middle);
    sum += (slice.middle - slice.begin) * slice.weight;
  }
  for (const auto& [agent, weight] : absent_) {
    if (agent >= low && agent < middle) sum -= weight;
  }
  return sum;
}

}  // namespace acd
