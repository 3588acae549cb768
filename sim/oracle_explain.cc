// SPDX-License-Identifier: Apache-2.0
// Why, as the oracle sees it: what the record of an assignment must say, why a call waits, why an
// agent is idle. Everything is counted over everybody.
#include <algorithm>
#include <iterator>
#include <tuple>

#include "sim/oracle.h"

namespace acd {

void Oracle::take_rulings(std::vector<Ruling>* taken) {
  std::swap(rulings_, *taken);
  rulings_.clear();
}

// --- The record of an assignment.

Oracle::Ruling Oracle::rule(const Call& call, AgentIndex chosen, bool by_other) const {
  const Requirement& needs = requirement_in_force(call);
  Ruling ruling{.call = call.index, .agent = chosen, .decision = {}, .groups = {}};
  Decision& decision = ruling.decision;
  decision.config_version = static_cast<uint32_t>(config_version_);
  decision.call_order = config_.call_order;
  decision.strategy = queue_of(call).config.strategy;
  decision.was_preferred = call.is_preferring;
  decision.steps = static_cast<uint16_t>(call.steps);
  decision.priority = call.priority;
  decision.key_ns = call.key_ns;
  decision.arrival = call.order;
  std::vector<AgentIndex> able;
  for (const Agent& agent : agents_) {
    if (agent.index != chosen && may_serve(call, needs, agent)) able.push_back(agent.index);
  }
  std::sort(able.begin(), able.end(), [&](AgentIndex a, AgentIndex b) {
    return is_listed_before(call, needs, agent_at(a), agent_at(b));
  });
  able.insert(able.begin(), chosen);
  for (const AgentIndex index : able) {
    if (decision.candidate_count == kDecisionCandidatesMax) break;
    const Agent& agent = agent_at(index);
    decision.candidates[decision.candidate_count++] = {index,
                                                       membership(call, agent).rank,
                                                       preference(agent.skills, needs),
                                                       static_cast<int32_t>(agent.items.size()),
                                                       0,
                                                       agent.idle_since_ns};
  }
  if (able.size() > 1) {
    decision.tie_break =
        by_other ? TieBreak::kAgentsChoice : tie_break(call, agent_at(able[0]), agent_at(able[1]));
  }
  if (!has_groups_) return ruling;
  for (const Agent& agent : agents_) ruling.groups.push_back(group_of(call, agent));
  return ruling;
}

// The key as far as it is the same for agents who are alike: what the record's order goes by.
std::strong_ordering Oracle::compare_class_keys(const Call& call, const Requirement& needs,
                                                const Agent& a, const Agent& b) const {
  switch (queue_of(call).config.strategy) {
    case Strategy::kMostSkilled:
    case Strategy::kLeastSkilled:
    case Strategy::kSkillWeight:
      return compare_keys(call, needs, a, b);
    case Strategy::kOrdered:
      return membership(call, a).position <=> membership(call, b).position;
    case Strategy::kPercentAllocation:
      return (membership(call, a).percent == 0) <=> (membership(call, b).percent == 0);
    case Strategy::kLongestIdle:
    case Strategy::kLeastOccupied:
    case Strategy::kFewestCalls:
    case Strategy::kRoundRobin:
    case Strategy::kRandom:
    case Strategy::kWeightedRandom:
    case Strategy::kRingAll:
      break;
  }
  return std::strong_ordering::equal;
}

bool Oracle::is_listed_before(const Call& call, const Requirement& needs, const Agent& a,
                              const Agent& b) const {
  const std::strong_ordering by_standing = compare_standing(call, needs, a, b);
  if (by_standing != std::strong_ordering::equal) return by_standing < 0;
  const std::strong_ordering by_key = compare_class_keys(call, needs, a, b);
  if (by_key != std::strong_ordering::equal) return by_key < 0;
  return std::tie(a.idle_since_ns, a.index) < std::tie(b.idle_since_ns, b.index);
}

// What tells the chosen one from the next.
TieBreak Oracle::tie_break(const Call& call, const Agent& chosen, const Agent& next) const {
  const Requirement& needs = requirement_in_force(call);
  if (membership(call, chosen).rank != membership(call, next).rank) return TieBreak::kRank;
  if (preference(chosen.skills, needs) != preference(next.skills, needs)) return TieBreak::kPrefers;
  if (chosen.items.size() != next.items.size()) return TieBreak::kLoad;
  const Strategy strategy = queue_of(call).config.strategy;
  const bool is_drawn = strategy == Strategy::kRandom || strategy == Strategy::kWeightedRandom;
  const bool differs = compare_keys(call, needs, chosen, next) != std::strong_ordering::equal;
  if (is_drawn || differs) return TieBreak::kStrategy;
  return chosen.idle_since_ns != next.idle_since_ns ? TieBreak::kIdle : TieBreak::kAdded;
}

// --- Groups: agents who are the same to every call.

bool Oracle::is_opened(const std::string& team) const {
  return std::any_of(queues_.begin(), queues_.end(), [&](const Queue& queue) {
    return !queue.removed && std::any_of(queue.config.steps.begin(), queue.config.steps.end(),
                                         [&](const StepConfig& step) {
                                           return step.change == StepConfig::Change::kOpenTeam &&
                                                  step.text == team;
                                         });
  });
}

bool Oracle::is_alike(const Agent& a, const Agent& b) const {
  const auto is_in = [](const Agent& agent) { return agent.presence != Presence::kLoggedOut; };
  if (!is_in(a) || !is_in(b) || a.source != b.source || a.skills != b.skills) return false;
  if (!is_alike_in_media(a, b)) return false;
  if (a.team != b.team && (is_opened(a.team) || is_opened(b.team))) return false;
  return std::all_of(queues_.begin(), queues_.end(), [&](const Queue& queue) {
    if (queue.removed) return true;
    if (queue.paused.contains(a.index) != queue.paused.contains(b.index)) return false;
    const Membership of_a = membership(queue, a);
    const Membership of_b = membership(queue, b);
    const Strategy strategy = queue.config.strategy;
    return of_a.serves == of_b.serves && of_a.rank == of_b.rank &&
           (strategy != Strategy::kOrdered || of_a.position == of_b.position) &&
           (strategy != Strategy::kWeightedRandom || of_a.weight == of_b.weight) &&
           (strategy != Strategy::kPercentAllocation || of_a.percent == of_b.percent);
  });
}

// In what they ever take on; of those who may be offered something, also in what, and in how much
// they have in hand. Those who may not stand with those who have nothing in hand.
bool Oracle::is_alike_in_media(const Agent& a, const Agent& b) {
  const auto open = [](const Agent& agent, Medium medium) {
    return is_open(agent) ? is_open(agent, medium) : agent.takes(medium);
  };
  const auto load = [](const Agent& agent) { return is_open(agent) ? agent.items.size() : 0; };
  for (size_t i = 0; i < kMediumCount; ++i) {
    const auto medium = static_cast<Medium>(i);
    if (a.takes(medium) != b.takes(medium) || open(a, medium) != open(b, medium)) return false;
  }
  return load(a) == load(b);
}

// The group that the agent stands for; kNone if somebody of it could be given the call.
DecisionGroup Oracle::group_of(const Call& call, const Agent& agent) const {
  DecisionGroup group;
  group.example = agent.index;
  const Requirement& needs = requirement_in_force(call);
  bool has_free = false;
  bool has_able = false;
  for (const Agent& other : agents_) {
    if (!is_alike(agent, other)) continue;
    ++group.logged_in;
    if (other.presence == Presence::kReady) ++group.ready;
    if (displayed_state(other) == AgentState::kWrapUp) ++group.wrap_up;
    has_free = has_free || is_open(other);
    has_able = has_able || may_serve(call, needs, other);
  }
  if (agent.presence == Presence::kLoggedOut) {
    group.blocker = Blocker::kNotReady;
  } else if (!reaches(call.source, agent.source) || is_cut_off(call, agent)) {
    group.blocker = Blocker::kUnreachable;
  } else if (!membership(call, agent).serves || queue_of(call).paused.contains(agent.index)) {
    group.blocker = Blocker::kNotMember;
  } else if (!agent.takes(call.medium)) {
    group.blocker = Blocker::kCapacity;
  } else if (!satisfies(agent.skills, needs)) {
    group.blocker = Blocker::kSkillLevel;
  } else if (!has_free) {
    group.blocker = group.ready == 0    ? Blocker::kNotReady
                    : group.wrap_up > 0 ? Blocker::kWrapUp
                                        : Blocker::kCapacity;
  } else if (is_open(agent) && !is_open(agent, call.medium)) {
    group.blocker = Blocker::kCapacity;
  } else if (is_protected(needs, agent)) {
    group.blocker = Blocker::kProtected;
  } else if (!has_able) {
    group.blocker = Blocker::kExcluded;
  }
  return group;
}

// --- Why a call waits, why an agent is idle.

Blocker Oracle::own_blocker(const Agent& agent) {
  if (agent.presence != Presence::kReady || agent.log_out_pending) return Blocker::kNotReady;
  if (agent.is_stranded) return Blocker::kUnreachable;
  const bool wraps_up = displayed_state(agent) == AgentState::kWrapUp;
  return wraps_up ? Blocker::kWrapUp : Blocker::kCapacity;
}

Blocker Oracle::blocker_between(const Call& call, const Agent& agent) const {
  const Requirement& needs = requirement_in_force(call);
  if (agent.presence == Presence::kLoggedOut) return Blocker::kNotReady;
  if (!reaches(call.source, agent.source) || is_cut_off(call, agent)) return Blocker::kUnreachable;
  const bool is_member = membership(call, agent).serves;
  if (!is_member || queue_of(call).paused.contains(agent.index)) return Blocker::kNotMember;
  if (!is_open(agent, call.medium)) return own_blocker(agent);
  if (!call.is_preferring && is_left_out(call, needs, agent)) return Blocker::kExcluded;
  if (!satisfies(agent.skills, needs)) return Blocker::kSkillLevel;
  if (call.is_preferring) {
    return call.preferred == agent.index ? Blocker::kNone : Blocker::kPreferredOnly;
  }
  return is_protected(needs, agent) ? Blocker::kProtected : Blocker::kNone;
}

std::optional<WaitExplanation> Oracle::explain_wait(std::string_view call_id) const {
  for (const auto& [order, call] : calls_) {
    if (call.id != call_id || call.stage != Stage::kEnqueued) continue;
    WaitExplanation why;
    for (const Agent& agent : agents_) {
      ++why.agents[static_cast<size_t>(blocker_between(call, agent))];
    }
    why.hold_back = hold_back_of(call);
    why.is_switch_away = !sessions_.at(call.source).is_here();
    why.is_bulk_work = bulk_deadline_ns_ != kNeverNs;
    why.next_change_ns = deadline_of(call);
    why.position = position_of(call);
    return why;
  }
  return std::nullopt;
}

IdleExplanation Oracle::explain_idle(AgentIndex index) const {
  const Agent& agent = agent_at(index);
  IdleExplanation why;
  why.own = is_open(agent) ? Blocker::kNone : own_blocker(agent);
  why.is_bulk_work = bulk_deadline_ns_ != kNeverNs;
  const bool is_in = agent.presence != Presence::kLoggedOut;
  why.is_switch_away = is_in && !sessions_.at(agent.source).is_here();
  for (const auto& [order, call] : calls_) {
    if (call.stage != Stage::kEnqueued) continue;
    ++why.calls[static_cast<size_t>(blocker_between(call, agent))];
  }
  return why;
}

}  // namespace acd
