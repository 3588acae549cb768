// SPDX-License-Identifier: Apache-2.0
// Whom a call picks: the best of the best tier, by each strategy.
#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "routing/check.h"
#include "routing/router.h"
#include "routing/shuffle.h"

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
  return !is_suspended() && source.connected && !source.rematch_pending;
}

bool Router::left_out(const Call& call, AgentIndex agent) const {
  if (!calls_.is_excluded(call, agent)) return false;
  if (calls_.is_excluded_firmly(call, agent)) return true;
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
  const bool is_here =
      agent.source == call.source || (reach_.reaches(call.source, agent.source) &&
                                      is_matchable(agent.source) && is_matchable(call.source));
  return agent.is_listed && is_here && serves(agent.agent_class, call.call_class) &&
         is_open_to(calls_.class_at(call.call_class), agent.agent_class);
}

template <typename Visit>
bool Router::visit_free(const CallClass& calls, const Band& band, uint32_t begin, uint32_t end,
                        Visit&& visit) const {
  for (uint32_t i = begin; i < end; ++i) {
    const AgentLink& link = band.links[i];
    const AgentClassHead& head = roster_.head(link.agent_class);
    if (head.key == kNoKey || head.stamp != link.stamp) continue;
    if (is_kept_from(calls, link.agent_class)) continue;
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
    return !is_kept_from(calls, index) && visit(index);
  });
}

bool Router::has_agent(CallIndex index) const {
  const Call& call = calls_.at(index);
  if (call.stage != CallStage::kEnqueued || !is_matchable(call.source)) return false;
  if (hold_back_of(calls_.class_at(call.call_class)) != HoldBack::kNone) return false;
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

bool Router::is_of_tier(const Call& call, const Band& band, const Standing& standing,
                        AgentIndex agent) const {
  const AgentClassIndex agents = roster_.class_of_idle(agent);
  const CallClass& calls = calls_.class_at(call.call_class);
  if (calls.has_bitmaps && !band.classes.test(agents.value())) return false;
  if (!calls.has_bitmaps || band.tiers.size() > 1) {
    Standing own;
    const Blocker blocker = can_serve(roster_.class_at(agents).key, calls, &own);
    if (blocker != Blocker::kNone || own != standing) return false;
  }
  return !is_kept_from(calls, agents) && !left_out(call, agent);
}

template <typename NextClass>
AgentIndex Router::next_of_tier(const Call& call, AgentIndex after, NextClass& next_class) const {
  const CallClass& calls = calls_.class_at(call.call_class);
  AgentIndex agent = after.valid() ? roster_.next_idle(after, AgentKey::kIdle) : after;
  for (;; agent = roster_.next_idle(agent, AgentKey::kIdle)) {
    while (!agent.valid()) {
      const AgentClassIndex agents = next_class();
      if (!agents.valid()) return {};
      if (!is_kept_from(calls, agents)) agent = roster_.first_idle(agents, AgentKey::kIdle);
    }
    if (!left_out(call, agent)) return agent;
  }
}

// In turns the order of all with a share in the queue and the tier's own agents, as first_of_tier().
template <typename NextClass>
AgentIndex Router::first_by_share(const Call& call, const Band& band, const Standing& standing,
                                  NextClass&& next_class) const {
  constexpr uint32_t kAgentsFirst = 8;
  const ShareOrder& shares = queue(call.queue).shares;
  ShareOrder::Walker walker(shares, reach_.zone_of(call.source));
  ShareOrder::Place best;
  AgentIndex own;
  for (uint32_t turn = kAgentsFirst;; turn *= 2) {
    for (uint32_t i = 0; i < turn; ++i) {
      const AgentIndex agent = walker.next();
      if (!agent.valid() || is_of_tier(call, band, standing, agent)) return agent;
    }
    for (uint32_t i = 0; i < turn; ++i) {
      own = next_of_tier(call, own, next_class);
      if (!own.valid()) return best.agent;
      const ShareOrder::Place place = shares.place_of(own);
      if (!best.agent.valid() || place < best) best = place;
    }
  }
}

uint64_t Router::weight_of(AgentIndex agent, QueueIndex queue_index) const {
  const AgentClassKey& key = roster_.class_at(roster_.class_of_idle(agent)).key;
  const Membership* member = membership_of(key, queue_index);
  return member == nullptr ? 1 : static_cast<uint64_t>(std::max(1, member->weight));
}

namespace {

// Tickets of an agent in a random draw, of which those above the agent's weight are nobody's.
uint64_t tickets_each(const RouterQueue& queue) {
  return queue.config.strategy == Strategy::kWeightedRandom ? queue.weight_max : 1;
}

}  // namespace

size_t Router::cost_of_pick(QueueIndex index) const {
  constexpr size_t kLooksPerObject = 256;
  const Queue& served = queue(index);
  const Strategy strategy = served.config.strategy;
  if (strategy != Strategy::kRandom && strategy != Strategy::kWeightedRandom) return 1;
  const uint64_t tickets = roster_.count() * tickets_each(served);
  const size_t root = size_t{1} << (std::bit_width(tickets) / 2);
  return 1 + root / kLooksPerObject;
}

// Few are drawn from as they stand. Among many all tickets of the tenant are shuffled and the one
// that comes first wins, which two searches find in turns: among all tickets from the first place on,
// and among those of the tier for the least place. With n tickets, k of them of the tier, one of
// both is over after some √n at most: the lesser of k and n ÷ k.
template <typename NextClass>
AgentIndex Router::drawn(const Call& call, const Band& band, const Standing& standing,
                         NextClass&& next_class) {
  const bool by_weight = queue(call.queue).config.strategy == Strategy::kWeightedRandom;
  const auto tickets_of = [&](AgentIndex agent) {
    return by_weight ? weight_of(agent, call.queue) : 1;
  };
  std::array<AgentIndex, kDrawnAsTheyStandMax + 1> few;
  size_t count = 0;
  AgentIndex own;
  do {
    own = next_of_tier(call, own, next_class);
    if (own.valid()) few[count++] = own;
  } while (own.valid() && count < few.size());
  if (!own.valid()) return drawn_of_few({few.data(), count}, tickets_of);

  const uint64_t each = tickets_each(queue(call.queue));  // Some of them nobody's.
  const Shuffle tickets(random_.next(), roster_.count() * each);
  ++shuffle_count_;
  AgentIndex best;
  uint64_t best_place = UINT64_MAX;
  const auto consider = [&](AgentIndex agent) {
    const uint64_t held = tickets_of(agent);
    for (uint64_t i = 0; i < held; ++i) {
      const uint64_t place = tickets.place_of(agent.value() * each + i);
      if (place >= best_place) continue;
      best = agent;
      best_place = place;
    }
    return held;
  };
  constexpr uint64_t kTicketsFirst = 32;
  uint64_t place = 0;
  size_t considered = 0;  // Of `few`.
  for (uint64_t turn = kTicketsFirst;; turn *= 2) {
    for (uint64_t i = 0; i < turn; ++i) {
      const uint64_t ticket = tickets.number_at(place++);
      const uint64_t holder = ticket / each;
      if (holder >= roster_.count() || !roster_.is_idle(AgentIndex(holder))) continue;
      const AgentIndex agent(holder);
      if (!is_of_tier(call, band, standing, agent)) continue;
      if (ticket % each < tickets_of(agent)) return agent;
    }
    for (uint64_t spent = 0; spent < turn;) {
      own = considered < count ? few[considered++] : next_of_tier(call, own, next_class);
      if (!own.valid()) return best;
      spent += consider(own);
    }
  }
}

// One number below the sum of the tickets, over the agents in the order they were added.
template <typename TicketsOf>
AgentIndex Router::drawn_of_few(std::span<AgentIndex> few, TicketsOf&& tickets_of) {
  if (few.size() < 2) return few.empty() ? AgentIndex() : few.front();
  std::sort(few.begin(), few.end());
  uint64_t total = 0;
  for (const AgentIndex agent : few) total += tickets_of(agent);
  uint64_t mark = random_.below(total);
  size_t at = 0;
  for (; mark >= tickets_of(few[at]); ++at) mark -= tickets_of(few[at]);
  return few[at];
}

template <typename NextClass>
AgentIndex Router::pick(const Call& call, Strategy strategy, const Band& band,
                        const Standing& standing, NextClass&& next_class) {
  return strategy == Strategy::kPercentAllocation ? first_by_share(call, band, standing, next_class)
                                                  : drawn(call, band, standing, next_class);
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
      size_t at = 0;
      const auto next_class = [&] { return at == tier_.size() ? AgentClassIndex() : tier_[at++]; };
      best = strategy == Strategy::kRoundRobin
                 ? next_in_turn(call, tier_, queue(call.queue).rang_last)
                 : pick(call, strategy, band, tier.standing, next_class);
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
  if (picks_by_tier(strategy)) {
    Bitmap::Meeting meeting(band.classes, roster_.idle_classes());
    const auto next_class = [&] {
      const uint32_t number = meeting.next();
      return number == Bitmap::Meeting::kNone ? AgentClassIndex() : AgentClassIndex(number);
    };
    return pick(call, strategy, band, standing, next_class);
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
  AgentIndex walker = roster_.first_idle_at(reach_.zone_of(call.source), key, from);
  AgentIndex best;
  uint64_t best_head = kNoKey;
  for (uint32_t turn = kAgentsFirst;; turn *= 2) {
    for (uint32_t i = 0; i < turn * kClassesAnAgent; ++i) {
      const uint32_t number = meeting.next();
      if (number == Bitmap::Meeting::kNone) return best;
      const AgentClassIndex agents(number);
      const uint64_t head = roster_.head(agents).key;
      if (key == AgentKey::kIdle && head > best_head) continue;
      if (is_kept_from(calls, agents)) continue;
      const AgentIndex candidate = first_of(call, agents, key, from);
      if (!candidate.valid()) continue;
      if (best.valid() && !roster_.goes_before(candidate, best, key)) continue;
      best = candidate;
      best_head = bound_of(call, head);
    }
    for (uint32_t i = 0; i < turn; ++i) {
      if (!walker.valid()) return {};
      const AgentClassIndex agents = roster_.class_of_idle(walker);
      const bool is_of_band = classes.test(agents.value()) && !is_kept_from(calls, agents);
      if (is_of_band && !left_out(call, walker)) return walker;
      walker = roster_.next_idle_at(walker, key);
    }
  }
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

}  // namespace acd
