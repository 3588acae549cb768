// SPDX-License-Identifier: Apache-2.0
// Links between classes of calls and of agents: who can serve whom, and where they stand.
#include <algorithm>
#include <utility>

#include "routing/check.h"
#include "routing/router.h"
#include "routing/tiered_links.h"

namespace acd {
namespace {

// Number of skills before their levels.
constexpr int64_t kSkillCountUnit = 100'000;
// Links that a class of calls has room for from the beginning.
constexpr size_t kRoomForLinks = 8;

// The part of a strategy's key that is the same for all agents of a class.
int64_t strategy_key(Strategy strategy, const SkillView& skills,
                     const std::vector<SkillIndex>& asked_skills,
                     const std::vector<SkillWeight>& weights) {
  int64_t sum = 0;
  switch (strategy) {
    case Strategy::kMostSkilled:
      for (const SkillIndex asked : asked_skills) sum += level_of(skills, asked);
      return -sum;
    case Strategy::kLeastSkilled:
      for (const PackedSkill skill : skills.skills) sum += skill.level();
      return static_cast<int64_t>(skills.skills.size()) * kSkillCountUnit + sum;
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
  *standing = Standing();
  const Blocker blocker = can_reach(agents, calls, standing);
  if (blocker != Blocker::kNone) return blocker;
  return can_handle({roster_.skill_sets().at(agents.skills)}, calls, standing);
}

// By switch, membership and medium.
Blocker Router::can_reach(const AgentClassKey& agents, const CallClass& calls,
                          Standing* standing) const {
  const Blocker blocker = is_member(agents, calls, standing);
  if (blocker != Blocker::kNone) return blocker;
  standing->load = agents.load;
  return (agents.capable & mask_of(calls.key.medium)) != 0 ? Blocker::kNone : Blocker::kCapacity;
}

Blocker Router::is_member(const AgentClassKey& agents, const CallClass& calls,
                          Standing* standing) const {
  if (!reach_.reaches(calls.key.source, agents.source)) return Blocker::kUnreachable;
  const QueueIndex queue_index = calls.key.queue;
  if (std::binary_search(agents.paused.begin(), agents.paused.end(), queue_index)) {
    return Blocker::kNotMember;
  }
  const Queue& served = queue(queue_index);
  const bool is_by_share = served.config.strategy == Strategy::kPercentAllocation;
  if (is_by_share) standing->strategy_key = kWithoutShare;
  if (served.config.members_all) return Blocker::kNone;
  if (const Membership* member = membership_of(agents, queue_index); member != nullptr) {
    standing->rank = member->rank;
    standing->strategy_key = member->position;
    if (is_by_share) standing->strategy_key = member->percent > 0 ? kWithShare : kWithoutShare;
    return Blocker::kNone;
  }
  const auto opened = std::find_if(
      calls.opened_teams.begin(), calls.opened_teams.end(),
      [&](const OpenedTeam& one) { return agents.team.valid() && one.team == agents.team; });
  if (opened == calls.opened_teams.end()) return Blocker::kNotMember;
  standing->rank = opened->rank;
  if (!is_by_share) {
    standing->strategy_key = static_cast<int64_t>(kMembersMax);  // Behind all that are listed.
  }
  return Blocker::kNone;
}

// By skills.
Blocker Router::can_handle(const SkillView& skills, const CallClass& calls,
                           Standing* standing) const {
  if (!satisfies_packed(skills, calls.needs)) return Blocker::kSkillLevel;
  standing->preference = preference_packed(skills, calls.needs);
  const Queue& served = queue(calls.key.queue);
  const Strategy strategy = served.config.strategy;
  // Where these stand, their memberships have said.
  if (strategy != Strategy::kOrdered && strategy != Strategy::kPercentAllocation) {
    standing->strategy_key =
        strategy_key(strategy, skills, calls.asked_skills, served.skill_weights);
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
  matrix_.visit_row(index, [&](CallClassIndex old) {
    if (!old.valid()) return;  // The class that was here before was gone before its calls'.
    for (Band& band : calls_.class_at(old).bands) band.classes.clear(index.value());
  });
  matrix_.clear_row(index);
  fresh.call_classes.clear();
  const std::span<const PackedSkill> skills = roster_.skill_sets().at(fresh.key.skills);
  for (size_t i = 0; i < protect_skills_.size(); ++i) {
    if (level_of(skills, protect_skills_[i]) == 0) {
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
      const bool counts = !step.condition_skill.valid() ||
                          level_of(skills, step.condition_skill) >= step.config.condition.level;
      if (counts) fresh.conditions.push_back({queue_index, i});
    }
  }
  const uint64_t lacks = ~roster_.traits(index).skill_bits;
  for (uint32_t i = 0; i < calls_.class_count(); ++i) {
    const CallClassHead& head = calls_.head(CallClassIndex(i));
    if (head.zone != fresh.zone) continue;
    if ((head.must & lacks) != 0 && head.has_misses) continue;
    CallClass& calls = calls_.class_at(CallClassIndex(i));
    if (calls.key.version != queue(calls.key.queue).version) continue;
    Standing standing;
    const Blocker blocker = can_serve(fresh.key, calls, &standing);
    if (blocker != Blocker::kNone) {
      add_miss(CallClassIndex(i), {index, fresh.stamp, blocker});
      continue;
    }
    add_agent_link(CallClassIndex(i), {index, fresh.stamp}, standing);
  }
}

void Router::connect_call_class(CallClassIndex index) {
  CallClass& fresh = calls_.class_at(index);
  release_column(index);
  fresh.bands.clear();
  calls_.set_must(index, must_bits(fresh.needs));
  TieredLinks found(roster_.classes_of(calls_.head(index).zone).size());
  find_agent_classes(index, &found);
  fresh.link_count = found.links().size();
  if (is_broad(fresh.link_count)) {
    give_column(index);
    for (const AgentLink& link : found.links()) matrix_.set(link.agent_class, fresh.column);
  } else {
    for (const AgentLink& link : found.links()) {
      add_call_link(link.agent_class, {index, fresh.stamp});
    }
  }
  found.sort();
  make_bands(index, found.links(), found.tiers());
  for (size_t i = 0; i < fresh.bands.size(); ++i) cut_large(&fresh, i);
  if (fresh.link_count <= kListedLinksMax) return;
  fresh.has_bitmaps = true;
  for (Band& band : fresh.bands) {
    for (const AgentLink& link : band.links) band.classes.set(link.agent_class.value());
  }
}

// All that can serve it, in the order of classes.
void Router::find_agent_classes(CallClassIndex index, TieredLinks* found) {
  CallClass& fresh = calls_.class_at(index);
  const uint64_t must = calls_.head(index).must;
  const QueueConfig& config = queue(fresh.key.queue).config;
  const bool is_for_all = config.members_all && config.strategy != Strategy::kPercentAllocation;
  for (const AgentClassIndex other : roster_.classes_of(calls_.head(index).zone)) {
    const AgentClassTraits& traits = roster_.traits(other);
    if ((must & ~traits.skill_bits) != 0 && calls_.head(index).has_misses) continue;
    if (traits.config_version != config_version_) continue;
    const AgentClassHead& head = roster_.head(other);
    Standing standing;
    Blocker blocker = Blocker::kNone;
    // In one zone there are several switches only where rules join them.
    if (!is_for_all || !traits.is_plain || !reach_.empty()) {
      blocker = can_reach(roster_.class_at(other).key, fresh, &standing);
    }
    if (blocker == Blocker::kNone) {
      blocker =
          can_handle({roster_.skill_sets().at(traits.skills), traits.skill_bits}, fresh, &standing);
    }
    if (blocker != Blocker::kNone) {
      add_miss(index, {other, head.stamp, blocker});
      continue;
    }
    found->add(standing, {other, head.stamp});
    fresh.eligible_count += head.logged_in_count;
  }
}

// As few bands as there can be.
void Router::make_bands(CallClassIndex index, std::span<const AgentLink> links,
                        std::span<const Tier> tiers) {
  std::vector<Band>& bands = calls_.class_at(index).bands;
  uint32_t begin = 0;
  for (size_t first = 0; first < tiers.size();) {
    size_t last = first;
    while (last + 1 < tiers.size() && tiers[last].end - begin < kBandLinksMax) ++last;
    const uint32_t end = tiers[last].end;
    Band& band = bands.emplace_back();
    for (; first <= last; ++first) {
      band.tiers.push_back({tiers[first].standing, tiers[first].end - begin});
    }
    // Room to grow, not the same for all: else one new class of agents would move all of them.
    const size_t count = end - begin;
    band.links.reserve(count + kRoomForLinks + count / 64 * (1 + index.value() % 16));
    band.links.assign(links.begin() + begin, links.begin() + end);
    begin = end;
  }
}

// Whether a class of calls with so many links has a column of bits for them.
bool Router::is_broad(size_t links) const {
  if (links > kListedLinksMax) return true;
  return links * kClassesALink > roster_.class_count() && matrix_.used() < kColumnsOfFewMax;
}

// REQUIRES: it has none. Its links are to be marked there.
void Router::give_column(CallClassIndex index) { calls_.set_column(index, matrix_.take(index)); }

// REQUIRES: called before the links go.
void Router::release_column(CallClassIndex index) {
  const CallClass& old = calls_.class_at(index);
  if (old.column == LinkMatrix::kNoColumn) return;
  size_t links = 0;
  for (const Band& band : old.bands) links += band.links.size();
  if (links * kRowsALink > roster_.class_count()) {
    matrix_.clear_column(old.column);
  } else {
    for (const Band& band : old.bands) {
      for (const AgentLink& link : band.links) matrix_.clear(link.agent_class, old.column);
    }
  }
  matrix_.release(old.column);
  calls_.set_column(index, LinkMatrix::kNoColumn);
}

// Some of those who cannot, for the records.
void Router::add_miss(CallClassIndex calls, const ClassMiss& miss) {
  if (miss.blocker == Blocker::kUnreachable) return;
  std::vector<ClassMiss>& misses = calls_.class_at(calls).misses;
  if (misses.size() < kDecisionGroupsMax) misses.push_back(miss);
  if (misses.size() == kDecisionGroupsMax) calls_.set_has_misses(calls);
}

void Router::add_call_link(AgentClassIndex agents, const CallLink& link) {
  std::vector<CallLink>& links = roster_.class_at(agents).call_classes;
  if (links.size() == links.capacity()) {
    drop_call_links_over(&roster_.class_at(agents));
    make_room(&links);
  }
  links.push_back(link);
}

void Router::drop_call_links_over(AgentClass* agents) const {
  std::erase_if(agents->call_classes, [this](const CallLink& one) { return !is_listed(one); });
  agents->over_count = 0;
}

void Router::add_agent_link(CallClassIndex index, const AgentLink& link, const Standing& standing) {
  CallClass* calls = &calls_.class_at(index);
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
  if (calls->column != LinkMatrix::kNoColumn) {
    matrix_.set(link.agent_class, calls->column);
  } else if (is_broad(calls->link_count)) {
    change_to_column(index);
  } else {
    add_call_link(link.agent_class, {index, calls->stamp});
  }
}

// A class of calls that more can serve than when it was made. It has few links yet; but thousands of
// classes may change at once, and be in the same lists: these are gone through when half is over.
void Router::change_to_column(CallClassIndex index) {
  give_column(index);
  const CallClass& calls = calls_.class_at(index);
  for (const Band& band : calls.bands) {
    for (const AgentLink& link : band.links) {
      if (!is_live(link)) continue;  // Its number may be another's.
      matrix_.set(link.agent_class, calls.column);
      AgentClass& agents = roster_.class_at(link.agent_class);
      if (++agents.over_count > agents.call_classes.size() / 2) drop_call_links_over(&agents);
    }
  }
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
