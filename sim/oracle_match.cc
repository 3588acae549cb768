// SPDX-License-Identifier: Apache-2.0
// Who gets whom, by looking at everybody: the order of calls, the strategies, who may serve what.
#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <tuple>

#include "routing/check.h"
#include "routing/shuffle.h"
#include "sim/oracle.h"

namespace acd {
namespace {

__extension__ typedef __int128 int128;

int32_t level_of(const std::vector<SkillLevel>& skills, SkillIndex skill) {
  for (const SkillLevel& known : skills) {
    if (known.skill == skill) return known.level;
  }
  return 0;
}

int32_t sum_of_levels(const std::vector<SkillLevel>& skills) {
  return std::accumulate(skills.begin(), skills.end(), int32_t{0},
                         [](int32_t sum, const SkillLevel& known) { return sum + known.level; });
}

}  // namespace

// --- The canonical loop.

void Oracle::match() {
  match_all();
  look_at_conditions();
}

// While bulk work is open nothing is matched.
void Oracle::match_all() {
  if (bulk_deadline_ns_ != kNeverNs) return;
  do look_at_preferences();
  while (match_one());
}

// The first call that anybody may serve picks an agent; this agent gets the first of their calls.
bool Oracle::match_one() {
  if (std::none_of(agents_.begin(), agents_.end(),
                   [](const Agent& agent) { return is_open(agent); })) {
    return false;
  }
  const std::vector<Call*> waiting = waiting_calls();
  const auto needs = [&](size_t which) -> const Requirement& {
    return requirement_in_force(*waiting[which]);
  };
  for (size_t i = 0; i < waiting.size(); ++i) {
    if (hold_back_of(*waiting[i]) != HoldBack::kNone) continue;
    std::vector<AgentIndex> able;
    bool is_anybody_withheld = false;
    for (const Agent& agent : agents_) {
      if (!fits(*waiting[i], needs(i), agent)) continue;
      if (is_withheld(*waiting[i], needs(i), agent)) {
        is_anybody_withheld = true;
      } else {
        able.push_back(agent.index);
      }
    }
    if (able.empty()) {
      if (is_anybody_withheld) see(Sight::kWithheld);
      continue;
    }
    const Agent& picked = agent_at(pick(*waiting[i], needs(i), able));
    size_t given = i;
    for (size_t other = 0; other < waiting.size(); ++other) {
      if (!may_serve(*waiting[other], needs(other), picked)) continue;
      if (hold_back_of(*waiting[other]) != HoldBack::kNone) continue;
      const auto key = [&](size_t which) {
        return std::pair(membership(*waiting[which], picked).rank, which);
      };
      if (key(other) < key(given)) given = other;
    }
    if (is_customer_first(*waiting[given])) {
      dial_customer(*waiting[given]);
      return true;
    }
    rulings_.push_back(rule(*waiting[given], picked.index, given != i));
    open_round(*waiting[given], needs(given), picked.index);
    return true;
  }
  return false;
}

// Those that wait at a switch that is here, the first one first.
std::vector<Oracle::Call*> Oracle::waiting_calls() {
  std::vector<Call*> waiting;
  for (auto& [order, call] : calls_) {
    if (call.stage != Stage::kEnqueued || !sessions_.at(call.source).is_here()) continue;
    waiting.push_back(&call);
  }
  std::sort(waiting.begin(), waiting.end(),
            [&](const Call* a, const Call* b) { return goes_before(*a, *b); });
  return waiting;
}

// The picked agent and, where the queue rings all, further ones up to its limit, one after the
// other: who is rung no longer counts as free.
void Oracle::open_round(Call& call, const Requirement& needs, AgentIndex first) {
  begin_round(call);
  open_offer(call, first);
  if (call.stage == Stage::kConnecting) return;  // Who accepts at once has it.
  const QueueConfig& config = queue_of(call).config;
  if (config.strategy != Strategy::kRingAll) return;
  for (int32_t rung = 1; rung < config.ring_max; ++rung) {
    const Agent* best = nullptr;
    for (const Agent& agent : agents_) {
      if (!may_serve(call, needs, agent)) continue;
      if (best == nullptr || is_picked_before(call, needs, agent, *best)) best = &agent;
    }
    if (best == nullptr) return;
    open_offer(call, best->index);
    if (call.stage == Stage::kConnecting) return;
  }
}

// --- The order of calls.

bool Oracle::goes_before(const Call& a, const Call& b) const {
  const auto age = [&](const Call& call) { return static_cast<int128>(now_ns_) - call.key_ns; };
  switch (config_.call_order) {
    case CallOrder::kPriority:
      if (a.priority != b.priority) return a.priority > b.priority;
      break;
    case CallOrder::kScore: {
      const auto points = [&](const Call& call) {
        return static_cast<int128>(call.priority) * 3600 * kNsPerS +
               age(call) * queue_of(call).config.age_rate;
      };
      if (points(a) != points(b)) return points(a) > points(b);
      break;
    }
    case CallOrder::kServiceObjective: {
      const int128 a_share = age(a) * queue_of(b).config.objective_ns;
      const int128 b_share = age(b) * queue_of(a).config.objective_ns;
      if (a_share != b_share) return a_share > b_share;
      if (a.priority != b.priority) return a.priority > b.priority;
      break;
    }
  }
  return std::tie(a.key_ns, a.order) < std::tie(b.key_ns, b.order);
}

// --- Who may serve a call.

Oracle::Membership Oracle::membership(const Queue& queue, const Agent& agent) const {
  if (queue.config.members_all) return {true, 1, 1, 0, 0};
  for (size_t i = 0; i < queue.config.members.size(); ++i) {
    const MemberConfig& entry = queue.config.members[i];
    const bool is_agent = entry.kind == MemberConfig::Kind::kAgent;
    const bool names =
        is_agent ? entry.id == agent.id : !agent.team.empty() && entry.id == agent.team;
    if (names) return {true, entry.rank, entry.weight, entry.percent, i};
  }
  return {};
}

// The same for one call, whose steps may open further teams.
Oracle::Membership Oracle::membership(const Call& call, const Agent& agent) const {
  const Queue& queue = queue_of(call);
  const Membership own = membership(queue, agent);
  if (own.serves || agent.team.empty()) return own;
  for (size_t i = 0; i < queue.config.steps.size(); ++i) {
    const StepConfig& step = queue.config.steps[i];
    const bool opens = (call.steps >> i & 1) != 0 && step.change == StepConfig::Change::kOpenTeam &&
                       step.text == agent.team;
    // Behind all that are listed, and equal among each other.
    if (opens) return {true, step.number, 1, 0, queue.config.members.size()};
  }
  return {};
}

const Requirement& Oracle::requirement_in_force(const Call& call) const {
  InForce& known = call.in_force;
  const bool is_known = known.queue == call.queue && known.steps == call.steps &&
                        known.config_version == config_version_;
  if (!is_known) {
    known = {call.queue, call.steps, config_version_, work_out_requirement(call)};
  }
  return known.needs;
}

Requirement Oracle::work_out_requirement(const Call& call) const {
  const Queue& queue = queue_of(call);
  Requirement needs = queue.requirement;
  for (size_t i = 0; i < queue.config.steps.size(); ++i) {
    if ((call.steps >> i & 1) == 0) continue;
    const StepConfig& step = queue.config.steps[i];
    switch (step.change) {
      case StepConfig::Change::kReplace: {
        const Requirement& instead = parsed(step.text);
        needs.terms = instead.terms;
        if (!instead.prefers.empty()) needs.prefers = instead.prefers;
        break;
      }
      case StepConfig::Change::kDropTerm:
        drop_term(&needs, step.text);
        break;
      case StepConfig::Change::kAddTerm: {
        const Requirement& added = parsed(step.text);
        std::copy(added.terms.begin(), added.terms.end(), std::back_inserter(needs.terms));
        break;
      }
      case StepConfig::Change::kLowerLevel: {
        const SkillIndex skill = find_skill(step.text);
        if (skill.valid()) lower_level(&needs, skill, step.number);
        break;
      }
      case StepConfig::Change::kOpenTeam:
        break;  // Of the members, not of the requirement.
    }
  }
  return joined(needs, call.own);
}

bool Oracle::reaches(SourceIndex calls, SourceIndex agents) const {
  if (calls == agents) return true;
  return std::any_of(config_.reaches.begin(), config_.reaches.end(), [&](const ReachRule& rule) {
    return rule.from == sessions_.at(calls).id.view() && rule.to == sessions_.at(agents).id.view();
  });
}

bool Oracle::is_cut_off(const Call& call, const Agent& agent) const {
  return agent.presence != Presence::kLoggedOut && agent.source != call.source &&
         !sessions_.at(agent.source).is_here();
}

bool Oracle::could_serve(const Call& call, const Requirement& needs, const Agent& agent) const {
  return agent.presence != Presence::kLoggedOut && reaches(call.source, agent.source) &&
         agent.takes(call.medium) && membership(call, agent).serves &&
         !queue_of(call).paused.contains(agent.index) && satisfies(agent.skills, needs);
}

// An exclusion is in force only while somebody else who could take the call is logged in.
bool Oracle::is_left_out(const Call& call, const Requirement& needs, const Agent& agent) const {
  if (!is_excluded(call, agent)) return false;
  const auto is_firm = [&](const Exclusion& one) {
    // On the call that the consult is about, or beyond a line that may be dead.
    const bool is_party = call.parent && one.until_ns == kNeverNs;
    return one.agent == agent.index && (is_party || one.is_beyond);
  };
  if (std::any_of(call.exclusions.begin(), call.exclusions.end(), is_firm)) return true;
  return std::any_of(agents_.begin(), agents_.end(), [&](const Agent& other) {
    return !is_excluded(call, other) && could_serve(call, needs, other);
  });
}

bool Oracle::is_excluded(const Call& call, const Agent& agent) {
  return std::any_of(call.exclusions.begin(), call.exclusions.end(),
                     [&](const Exclusion& exclusion) { return exclusion.agent == agent.index; });
}

bool Oracle::is_protected(const Requirement& needs, const Agent& agent) const {
  const std::vector<SkillIndex> asked = asked_skills(needs);
  for (const ProtectRule& rule : config_.protects) {
    const SkillIndex skill = find_skill(rule.skill);
    if (level_of(agent.skills, skill) == 0) continue;
    if (std::find(asked.begin(), asked.end(), skill) != asked.end()) continue;
    const auto free_count = std::count_if(agents_.begin(), agents_.end(), [&](const Agent& other) {
      return is_idle(other) && level_of(other.skills, skill) > 0;
    });
    if (free_count <= rule.ready_max) return true;
  }
  return false;
}

bool Oracle::fits(const Call& call, const Requirement& needs, const Agent& agent) const {
  if (!is_open(agent, call.medium) || !could_serve(call, needs, agent)) return false;
  if (is_cut_off(call, agent)) return false;
  if (call.is_preferring) return call.preferred == agent.index;
  return !is_left_out(call, needs, agent);
}

bool Oracle::is_withheld(const Call& call, const Requirement& needs, const Agent& agent) const {
  return !call.is_preferring && is_protected(needs, agent);
}

bool Oracle::may_serve(const Call& call, const Requirement& needs, const Agent& agent) const {
  return fits(call, needs, agent) && !is_withheld(call, needs, agent);
}

// --- Which agent a call picks.

AgentIndex Oracle::pick(const Call& call, const Requirement& needs,
                        const std::vector<AgentIndex>& able) {
  AgentIndex picked = able.front();
  for (const AgentIndex other : able) {
    if (is_picked_before(call, needs, agent_at(other), agent_at(picked))) picked = other;
  }
  const Strategy strategy = queue_of(call).config.strategy;
  if (strategy == Strategy::kRandom || strategy == Strategy::kWeightedRandom) {
    std::vector<AgentIndex> best;
    for (const AgentIndex other : able) {
      const bool stands_equal = compare_standing(call, needs, agent_at(other), agent_at(picked)) ==
                                std::strong_ordering::equal;
      if (stands_equal) best.push_back(other);
    }
    picked = draw(call, best);
  }
  return picked;
}

// Nothing is drawn where there is nobody to choose from.
AgentIndex Oracle::draw(const Call& call, const std::vector<AgentIndex>& best) {
  if (best.size() == 1) return best.front();
  const QueueConfig& queue = queue_of(call).config;
  const bool by_weight = queue.strategy == Strategy::kWeightedRandom;
  const auto weight_of = [&](AgentIndex agent) -> uint64_t {
    return by_weight ? static_cast<uint64_t>(membership(call, agent_at(agent)).weight) : 1;
  };
  if (best.size() <= kDrawnAsTheyStandMax) {
    uint64_t total = 0;
    for (const AgentIndex agent : best) total += weight_of(agent);
    uint64_t drawn = random_.below(total);
    for (const AgentIndex agent : best) {
      if (drawn < weight_of(agent)) return agent;
      drawn -= weight_of(agent);
    }
    ACD_CHECK(false && "drawn below the total");
  }
  uint64_t each = 1;
  if (by_weight) {
    for (const MemberConfig& member : queue.members) {
      each = std::max(each, static_cast<uint64_t>(member.weight));
    }
  }
  const Shuffle tickets(random_.next(), agents_.size() * each);
  std::map<uint64_t, AgentIndex> by_place;
  for (const AgentIndex agent : best) {
    for (uint64_t i = 0; i < weight_of(agent); ++i) {
      by_place.emplace(tickets.place_of(agent.value() * each + i), agent);
    }
  }
  return by_place.begin()->second;
}

bool Oracle::is_picked_before(const Call& call, const Requirement& needs, const Agent& a,
                              const Agent& b) const {
  const std::strong_ordering by_standing = compare_standing(call, needs, a, b);
  if (by_standing != std::strong_ordering::equal) return by_standing < 0;
  const std::strong_ordering by_key = compare_keys(call, needs, a, b);
  if (by_key != std::strong_ordering::equal) return by_key < 0;
  return std::tie(a.idle_since_ns, a.index) < std::tie(b.idle_since_ns, b.index);
}

std::strong_ordering Oracle::compare_standing(const Call& call, const Requirement& needs,
                                              const Agent& a, const Agent& b) const {
  const auto by_rank = membership(call, a).rank <=> membership(call, b).rank;
  if (by_rank != std::strong_ordering::equal) return by_rank;
  const auto by_preference = preference(b.skills, needs) <=> preference(a.skills, needs);
  if (by_preference != std::strong_ordering::equal) return by_preference;
  return a.items.size() <=> b.items.size();
}

std::strong_ordering Oracle::compare_keys(const Call& call, const Requirement& needs,
                                          const Agent& a, const Agent& b) const {
  const Queue& queue = queue_of(call);
  switch (queue.config.strategy) {
    case Strategy::kLongestIdle:
    case Strategy::kRandom:
    case Strategy::kWeightedRandom:
    case Strategy::kRingAll:
      return std::strong_ordering::equal;
    case Strategy::kLeastOccupied:
      return a.occupancy_ppm <=> b.occupancy_ppm;
    case Strategy::kFewestCalls:
      return a.calls <=> b.calls;
    case Strategy::kRoundRobin:
      return compare_turns(queue, a, b);
    case Strategy::kOrdered:
      return std::pair(membership(call, a).position, a.index) <=>
             std::pair(membership(call, b).position, b.index);
    case Strategy::kMostSkilled: {
      const auto asked_levels = [&](const Agent& agent) {
        int32_t sum = 0;
        for (const SkillIndex skill : asked_skills(needs)) sum += level_of(agent.skills, skill);
        return sum;
      };
      return asked_levels(b) <=> asked_levels(a);
    }
    case Strategy::kLeastSkilled:
      return std::pair(a.skills.size(), sum_of_levels(a.skills)) <=>
             std::pair(b.skills.size(), sum_of_levels(b.skills));
    case Strategy::kSkillWeight: {
      const auto weighed = [&](const Agent& agent) {
        int64_t sum = 0;
        for (const auto& [skill, weight] : queue.config.skill_weights) {
          sum += int64_t{weight} * level_of(agent.skills, find_skill(skill));
        }
        return sum;
      };
      return weighed(b) <=> weighed(a);
    }
    case Strategy::kPercentAllocation:
      return compare_shares(call, a, b);
  }
  return std::strong_ordering::equal;
}

// Those added after the one who was rung last come first, then it begins anew.
std::strong_ordering Oracle::compare_turns(const Queue& queue, const Agent& a,
                                           const Agent& b) const {
  const auto turn = [&](const Agent& agent) {
    const bool is_next_round = queue.rung_last.valid() && agent.index <= queue.rung_last;
    return std::pair(is_next_round, agent.index);
  };
  return turn(a) <=> turn(b);
}

// Calls given, each as 1 ÷ percent; without a percent last.
std::strong_ordering Oracle::compare_shares(const Call& call, const Agent& a,
                                            const Agent& b) const {
  const Queue& queue = queue_of(call);
  const int32_t a_percent = membership(call, a).percent;
  const int32_t b_percent = membership(call, b).percent;
  if (a_percent == 0 || b_percent == 0) return (a_percent == 0) <=> (b_percent == 0);
  return queue.given_to(a.index) <=> queue.given_to(b.index);
}

// --- Steps.

uint32_t Oracle::steps_in_force(const Call& call) const {
  const std::vector<StepConfig>& steps = queue_of(call).config.steps;
  const std::vector<bool>& holds = queue_of(call).conditions;
  uint32_t in_force = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool by_time =
        steps[i].after_ns != kNeverNs && now_ns_ - call.entered_ns >= steps[i].after_ns;
    if (by_time || holds[i]) in_force |= uint32_t{1} << i;
  }
  return in_force;
}

std::vector<bool> Oracle::conditions_of(QueueIndex queue) const {
  std::vector<bool> holds;
  for (const StepConfig& step : queue_at(queue).config.steps) {
    const Condition& condition = step.condition;
    const int64_t count = step.has_condition ? counted(queue, condition) : 0;
    const bool is_below = condition.compare == Condition::Compare::kBelow;
    holds.push_back(step.has_condition &&
                    (is_below ? count < condition.value : count > condition.value));
  }
  return holds;
}

int64_t Oracle::counted(QueueIndex index, const Condition& condition) const {
  const Queue& queue = queue_at(index);
  if (condition.counter == Condition::Counter::kWaiting) {
    return std::count_if(calls_.begin(), calls_.end(), [&](const auto& entry) {
      return entry.second.stage == Stage::kEnqueued && entry.second.queue == index &&
             entry.second.is_on_line;
    });
  }
  const bool only_free = condition.counter == Condition::Counter::kReady;
  return std::count_if(agents_.begin(), agents_.end(), [&](const Agent& agent) {
    const bool is_there = only_free ? is_idle(agent) : agent.presence != Presence::kLoggedOut;
    const bool is_skilled = condition.skill.empty() ||
                            level_of(agent.skills, find_skill(condition.skill)) >= condition.level;
    return is_there && is_skilled && membership(queue, agent).serves &&
           !queue.paused.contains(agent.index);
  });
}

void Oracle::look_at_steps(Call& call) {
  call.steps_seen_ns = now_ns_;
  const uint32_t in_force = steps_in_force(call);
  if (in_force == call.steps) return;
  call.steps = in_force;
  emit(EventKind::kCallStepChanged, call).number = static_cast<int32_t>(in_force);
}

void Oracle::look_at_conditions() {
  if (bulk_deadline_ns_ != kNeverNs) return;  // Once it is done.
  for (uint32_t i = 0; i < queues_.size(); ++i) {
    Queue& queue = queues_[i];
    if (queue.removed) continue;
    const std::vector<bool> now = conditions_of(QueueIndex(i));
    if (now == queue.conditions) continue;
    queue.conditions = now;
    const bool has_waiting = std::any_of(calls_.begin(), calls_.end(), [&](const auto& entry) {
      return entry.second.stage == Stage::kEnqueued && entry.second.queue == QueueIndex(i);
    });
    if (!has_waiting) continue;
    queue.flipped = true;
    start_bulk();
  }
}

// --- Preferred agent.

Oracle::Wish Oracle::wish_of(const Call& call) {
  if (!call.is_preferring) return {};
  return {call.preferred, call.waits_if_busy, call.preferring_until_ns};
}

void Oracle::prefer(Call& call, const Wish& wish) {
  const auto others = std::count_if(calls_.begin(), calls_.end(), [&](const auto& entry) {
    const Call& other = entry.second;
    return other.order != call.order && other.stage == Stage::kEnqueued && other.is_preferring &&
           other.preferred == wish.agent;
  });
  call.preferred = wish.agent;
  call.waits_if_busy = wish.waits_if_busy;
  call.preferring_until_ns = wish.until_ns;
  call.is_of_limit = false;
  call.is_preferring = static_cast<size_t>(others) < kPreferringCallsMax;
}

// Ends the wait for good when it is over or in vain.
void Oracle::look_at_preference(Call& call) {
  if (!call.is_preferring) return;
  const Agent& agent = agent_at(call.preferred);
  const Requirement& needs = requirement_in_force(call);
  const bool is_in_vain = now_ns_ >= call.preferring_until_ns || !is_on_hand(agent) ||
                          (!has_room_beside(agent, call.medium) && !call.waits_if_busy) ||
                          !could_serve(call, needs, agent) || is_excluded(call, agent);
  if (is_in_vain) call.is_preferring = false;
}

// Of the calls whose preferred agent has changed.
void Oracle::look_at_preferences() {
  for (auto& [order, call] : calls_) {
    if (call.stage != Stage::kEnqueued || !call.is_preferring) continue;
    if (agent_at(call.preferred).changed) look_at_preference(call);
  }
  for (Agent& agent : agents_) agent.changed = false;
}

}  // namespace acd
