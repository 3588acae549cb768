// SPDX-License-Identifier: Apache-2.0
// Links between classes of calls and of agents: who can serve whom, and where they stand.
#include <algorithm>
#include <utility>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {
namespace {

// Number of skills before their levels.
constexpr int64_t kSkillCountUnit = 100'000;
// Links that a class of calls has room for from the beginning.
constexpr size_t kRoomForLinks = 8;

int64_t level_of(const std::vector<SkillLevel>& skills, SkillIndex skill) {
  const auto at = std::lower_bound(skills.begin(), skills.end(), SkillLevel{skill, 0});
  return at != skills.end() && at->skill == skill ? at->level : 0;
}

// The part of a strategy's key that is the same for all agents of a class.
int64_t strategy_key(Strategy strategy, const std::vector<SkillLevel>& skills,
                     const Requirement& needs, const std::vector<SkillWeight>& weights) {
  int64_t sum = 0;
  switch (strategy) {
    case Strategy::kMostSkilled:
      for (const SkillIndex asked : asked_skills(needs)) sum += level_of(skills, asked);
      return -sum;
    case Strategy::kLeastSkilled:
      for (const SkillLevel& skill : skills) sum += skill.level;
      return static_cast<int64_t>(skills.size()) * kSkillCountUnit + sum;
    case Strategy::kSkillWeight:
      for (const SkillWeight& one : weights) sum += one.weight * level_of(skills, one.skill);
      return -sum;
    case Strategy::kLongestIdle:
    case Strategy::kLeastOccupied:
    case Strategy::kFewestCalls:
    case Strategy::kRoundRobin:
    case Strategy::kOrdered:
    case Strategy::kRandom:
    case Strategy::kWeightedRandom:
    case Strategy::kPercentAllocation:
    case Strategy::kRingAll:
      return 0;
  }
  return 0;
}

// Grows a list unless much of it was dropped: else dead links would be looked for again at once.
template <typename Link>
void make_room(std::vector<Link>* links) {
  const size_t capacity = links->capacity();
  if (links->size() > capacity - capacity / 8) links->reserve(2 * capacity);
}

}  // namespace

Blocker Router::can_serve(const AgentClassKey& agents, const CallClass& calls,
                          Standing* standing) const {
  if (agents.source != calls.key.source) return Blocker::kUnreachable;
  const QueueIndex queue_index = calls.key.queue;
  if (std::binary_search(agents.paused.begin(), agents.paused.end(), queue_index)) {
    return Blocker::kNotMember;
  }
  const Queue& served = queue(queue_index);
  *standing = Standing();
  bool has_share = false;
  if (!served.config.members_all) {
    if (const Membership* member = membership_of(agents, queue_index); member != nullptr) {
      standing->rank = member->rank;
      standing->strategy_key = member->position;
      has_share = member->percent > 0;
    } else {
      const auto opened = std::find_if(
          calls.opened_teams.begin(), calls.opened_teams.end(),
          [&](const OpenedTeam& one) { return agents.team.valid() && one.team == agents.team; });
      if (opened == calls.opened_teams.end()) return Blocker::kNotMember;
      standing->rank = opened->rank;
      standing->strategy_key = static_cast<int64_t>(kMembersMax);  // Behind all that are listed.
    }
  }
  if (!satisfies(agents.skills, calls.needs)) return Blocker::kSkillLevel;
  standing->preference = preference(agents.skills, calls.needs);
  if (served.config.strategy == Strategy::kPercentAllocation) {
    standing->strategy_key = has_share ? kWithShare : kWithoutShare;
  } else if (served.config.strategy != Strategy::kOrdered) {
    standing->strategy_key =
        strategy_key(served.config.strategy, agents.skills, calls.needs, served.skill_weights);
  }
  return Blocker::kNone;
}

bool Router::serves(AgentClassIndex agents, CallClassIndex calls) const {
  Standing standing;
  return can_serve(roster_.class_at(agents).key, calls_.class_at(calls), &standing) ==
         Blocker::kNone;
}

void Router::connect_agent_class(AgentClassIndex index) {
  AgentClass& fresh = roster_.class_at(index);
  for (const CallLink& old : fresh.call_classes) {
    for (Band& band : calls_.class_at(old.call_class).bands) band.classes.clear(index.value());
  }
  fresh.call_classes.clear();
  for (size_t i = 0; i < protect_skills_.size(); ++i) {
    if (level_of(fresh.key.skills, protect_skills_[i]) == 0) {
      protect_classes_[i].clear(index.value());
      continue;
    }
    fresh.protect_mask |= 1u << i;
    protect_classes_[i].set(index.value());
  }
  for (const QueueIndex queue_index : conditional_queues_) {
    const Queue& served = queue(queue_index);
    const bool is_member =
        served.config.members_all ||
        std::any_of(fresh.key.memberships.begin(), fresh.key.memberships.end(),
                    [&](const Membership& one) { return one.queue == queue_index; });
    const bool is_paused =
        std::binary_search(fresh.key.paused.begin(), fresh.key.paused.end(), queue_index);
    if (!is_member || is_paused) continue;
    for (uint32_t i = 0; i < served.steps.size(); ++i) {
      const Step& step = served.steps[i];
      if (!step.config.has_condition) continue;
      const bool counts =
          !step.condition_skill.valid() ||
          level_of(fresh.key.skills, step.condition_skill) >= step.config.condition.level;
      if (counts) fresh.conditions.push_back({queue_index, i});
    }
  }
  const uint64_t lacks = ~roster_.head(index).skills;
  for (uint32_t i = 0; i < calls_.class_count(); ++i) {
    const CallClassHead& head = calls_.head(CallClassIndex(i));
    if (head.source != fresh.key.source) continue;
    if ((head.must & lacks) != 0 && head.has_misses) continue;
    CallClass& calls = calls_.class_at(CallClassIndex(i));
    if (calls.key.version != queue(calls.key.queue).version) continue;
    Standing standing;
    const Blocker blocker = can_serve(fresh.key, calls, &standing);
    if (blocker != Blocker::kNone) {
      add_miss(CallClassIndex(i), {index, fresh.stamp, blocker});
      continue;
    }
    add_call_link(&fresh, {CallClassIndex(i), calls.stamp});
    add_agent_link(&calls, {index, fresh.stamp}, standing);
  }
}

void Router::connect_call_class(CallClassIndex index) {
  CallClass& fresh = calls_.class_at(index);
  for (const Band& band : fresh.bands) {
    for (const AgentLink& old : band.links) {
      roster_.class_at(old.agent_class).call_bits.clear(index.value());
    }
  }
  fresh.bands.clear();
  const uint64_t must = must_bits(fresh.needs);
  calls_.set_must(index, must);
  std::vector<std::pair<Standing, AgentLink>> links;
  for (const AgentClassIndex other : roster_.classes_of(fresh.key.source)) {
    const AgentClassHead& head = roster_.head(other);
    if ((must & ~head.skills) != 0 && calls_.head(index).has_misses) continue;
    AgentClass& agents = roster_.class_at(other);
    if (agents.key.config_version != config_version_) continue;
    Standing standing;
    const Blocker blocker = can_serve(agents.key, fresh, &standing);
    if (blocker != Blocker::kNone) {
      add_miss(index, {other, agents.stamp, blocker});
      continue;
    }
    links.push_back({standing, {other, agents.stamp}});
    fresh.eligible_count += agents.logged_in_count;
    add_call_link(&agents, {index, fresh.stamp});
  }
  const auto stands_before = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(links.begin(), links.end(), stands_before)) {
    std::stable_sort(links.begin(), links.end(), stands_before);
  }
  fresh.link_count = links.size();
  // Room to grow, not the same for all: else one new class of agents would move all of them.
  const size_t slack = kRoomForLinks + links.size() / 64 * (1 + index.value() % 16);
  for (const auto& [standing, link] : links) {
    const bool is_same =
        !fresh.bands.empty() && fresh.bands.back().tiers.back().standing == standing;
    if (fresh.bands.empty() || (!is_same && fresh.bands.back().links.size() >= kBandLinksMax)) {
      fresh.bands.emplace_back();
    }
    Band& band = fresh.bands.back();
    if (!is_same) band.tiers.push_back({standing, static_cast<uint32_t>(band.links.size())});
    if (band.links.size() == band.links.capacity()) {
      const bool is_first = band.links.empty() && &band == &fresh.bands.front();
      band.links.reserve(is_first ? links.size() + slack : 2 * band.links.size() + slack);
    }
    band.links.push_back(link);
    ++band.tiers.back().end;
  }
  for (size_t i = 0; i < fresh.bands.size(); ++i) cut_large(&fresh, i);
  if (links.size() > kListedLinksMax) start_bitmaps(&fresh);
}

// Some of those who cannot, for the records.
void Router::add_miss(CallClassIndex calls, const ClassMiss& miss) {
  if (miss.blocker == Blocker::kUnreachable) return;
  std::vector<ClassMiss>& misses = calls_.class_at(calls).misses;
  if (misses.size() < kDecisionGroupsMax) misses.push_back(miss);
  if (misses.size() == kDecisionGroupsMax) calls_.set_has_misses(calls);
}

void Router::add_call_link(AgentClass* agents, const CallLink& link) {
  std::vector<CallLink>& links = agents->call_classes;
  if (links.size() == links.capacity()) {
    std::erase_if(links, [this](const CallLink& old) {
      return calls_.class_at(old.call_class).stamp != old.stamp;
    });
    make_room(&links);
  }
  links.push_back(link);
  if (links.size() == kListedLinksMax + 1) {
    for (const CallLink& one : links) {
      const bool is_over = calls_.class_at(one.call_class).stamp != one.stamp;
      if (!is_over) agents->call_bits.set(one.call_class.value());
    }
  } else if (links.size() > kListedLinksMax) {
    agents->call_bits.set(link.call_class.value());
  }
}

void Router::add_agent_link(CallClass* calls, const AgentLink& link, const Standing& standing) {
  if (calls->bands.empty()) calls->bands.emplace_back();
  // The band whose last tier is not before it, or the last one.
  auto band = std::lower_bound(
      calls->bands.begin(), std::prev(calls->bands.end()), standing,
      [](const Band& one, const Standing& wanted) { return one.tiers.back().standing < wanted; });
  if (band->links.size() == band->links.capacity()) {
    calls->link_count -= band->links.size();
    drop_dead_links(&*band);
    make_room(&band->links);
    calls->link_count += band->links.size();
  }
  std::vector<Tier>& tiers = band->tiers;
  auto tier = std::lower_bound(
      tiers.begin(), tiers.end(), standing,
      [](const Tier& one, const Standing& wanted) { return one.standing < wanted; });
  if (tier == tiers.end() || tier->standing != standing) {
    const uint32_t begin = tier == tiers.begin() ? 0 : std::prev(tier)->end;
    tier = tiers.insert(tier, {standing, begin});
  }
  band->links.insert(band->links.begin() + tier->end, link);
  for (; tier != tiers.end(); ++tier) ++tier->end;
  ++calls->link_count;
  if (calls->has_bitmaps) {
    band->classes.set(link.agent_class.value());
  } else if (calls->link_count > kListedLinksMax) {
    start_bitmaps(calls);
  }
  cut_large(calls, static_cast<size_t>(band - calls->bands.begin()));
}

void Router::start_bitmaps(CallClass* calls) const {
  calls->has_bitmaps = true;
  for (Band& band : calls->bands) {
    for (const AgentLink& link : band.links) {
      if (is_live(link)) band.classes.set(link.agent_class.value());
    }
  }
}

// Cuts a band of several tiers in two when it is too large: where a tier ends, in the middle if that
// can be.
void Router::cut_large(CallClass* calls, size_t at) const {
  for (;; ++at) {
    Band& band = calls->bands[at];
    if (band.links.size() <= 2 * kBandLinksMax || band.tiers.size() == 1) return;
    auto cut = band.tiers.begin() + 1;
    while (cut + 1 != band.tiers.end() && cut->end <= kBandLinksMax) ++cut;
    const uint32_t links = std::prev(cut)->end;
    Band front;
    front.links.assign(band.links.begin(), band.links.begin() + links);
    front.tiers.assign(band.tiers.begin(), cut);
    band.links.erase(band.links.begin(), band.links.begin() + links);
    band.tiers.erase(band.tiers.begin(), cut);
    for (Tier& tier : band.tiers) tier.end -= links;
    for (const AgentLink& link : front.links) {
      if (!calls->has_bitmaps || !is_live(link)) continue;  // Its number may be another's.
      front.classes.set(link.agent_class.value());
      band.classes.clear(link.agent_class.value());
    }
    calls->bands.insert(calls->bands.begin() + static_cast<ptrdiff_t>(at), std::move(front));
  }
}

void Router::drop_dead_links(Band* band) const {
  uint32_t kept = 0;
  uint32_t at = 0;
  for (Tier& tier : band->tiers) {
    for (; at < tier.end; ++at) {
      const AgentLink link = band->links[at];
      if (is_live(link)) band->links[kept++] = link;
    }
    tier.end = kept;
  }
  band->links.resize(kept);
  uint32_t begin = 0;
  std::erase_if(band->tiers,
                [&](const Tier& tier) { return std::exchange(begin, tier.end) == tier.end; });
}

}  // namespace acd
