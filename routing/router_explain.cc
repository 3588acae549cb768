// SPDX-License-Identifier: Apache-2.0
// Why: the record of an assignment, and why a call waits or an agent is idle.
#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {
namespace {

// Links of a class of calls, to classes with somebody in them, that one record looks at.
constexpr size_t kDecisionLinksMax = 64;

Standing standing_of(const DecisionCandidate& one) {
  return {one.rank, one.load, one.preference, one.strategy_key};
}

}  // namespace

// --- The record.

void Router::record_decision(CallIndex index, AgentIndex chosen, bool by_other) {
  const Call& call = calls_.at(index);
  Decision decision;
  decision.config_version = config_version_;
  decision.call_order = config_.call_order;
  decision.strategy = queue(call.queue).config.strategy;
  decision.was_preferred = call.is_boxed;
  decision.steps = call.steps;
  decision.priority = call.priority;
  decision.key_ns = call.key_ns;
  decision.arrival = call.order;
  add_candidate(call, chosen, &decision);
  if (!call.is_boxed) collect_alternatives(call, &decision);
  decision.tie_break = tie_break(call, decision);
  if (by_other && decision.tie_break != TieBreak::kOnly) {
    decision.tie_break = TieBreak::kAgentsChoice;
  }
  Event& event = emit(EventKind::kCallDecided, index);
  event.agent = chosen;
  const size_t begin = log_.arena.size();
  encode_decision(decision, &log_.arena);
  event.text = {static_cast<uint32_t>(begin), static_cast<uint32_t>(log_.arena.size() - begin)};
}

void Router::add_candidate(const Call& call, AgentIndex index, Decision* decision) const {
  const Agent& agent = roster_.at(index);
  const CallClass& calls = calls_.class_at(call.call_class);
  Standing standing = calls.bands.front().tiers.front().standing;
  if (calls.bands.size() > 1 || calls.bands.front().tiers.size() > 1) {
    const Blocker blocker = can_serve(roster_.class_at(agent.agent_class).key, calls, &standing);
    ACD_CHECK(blocker == Blocker::kNone);
  }
  decision->candidates[decision->candidate_count++] = {
      index,         standing.rank,         standing.preference,
      standing.load, standing.strategy_key, agent.idle_since_ns};
}

// The next best of the free agents, and classes of whom nobody is.
void Router::collect_alternatives(const Call& call, Decision* decision) const {
  const CallClass& call_class = calls_.class_at(call.call_class);
  const AgentClassIndex own_class = roster_.at(decision->candidates[0].agent).agent_class;
  add_free_agents(call, own_class, decision->candidates[0], decision);
  const bool is_nobody_else_free = roster_.idle_classes().size() == 1;
  const auto group = [&](AgentClassIndex index, Blocker blocker) {
    if (decision->group_count == kDecisionGroupsMax) return;
    const AgentClass& agents = roster_.class_at(index);
    const uint32_t logged_in = roster_.head(index).logged_in_count;
    if (logged_in == 0) return;
    AgentIndex example = agents.example;
    if (!example.valid()) example = roster_.first_idle(index, AgentKey::kIdle);
    if (!example.valid()) return;  // Somebody else may not be at hand.
    decision->groups[decision->group_count++] = {example, blocker, logged_in, agents.ready_count,
                                                 agents.wrap_up_count};
  };
  const auto compare = [&](AgentClassIndex index, const Standing& standing, uint64_t head) {
    if (index == own_class) return;
    if (is_cut_off(call_class, index)) {
      group(index, Blocker::kUnreachable);
    } else if (head == kNoKey) {
      if (decision->group_count < kDecisionGroupsMax) group(index, busy_blocker(index));
    } else if (!is_open_to(call_class, index)) {
      group(index, Blocker::kCapacity);
    } else if (is_withheld(call_class, index)) {
      group(index, Blocker::kProtected);
    } else if (!is_beaten(*decision, standing, head)) {
      const DecisionCandidate like{AgentIndex(),  standing.rank,         standing.preference,
                                   standing.load, standing.strategy_key, 0};
      if (!add_free_agents(call, index, like, decision)) group(index, Blocker::kExcluded);
    }
  };
  size_t seen = 0;
  const auto is_enough = [&] {
    return seen == kDecisionLinksMax ||
           (decision->group_count == kDecisionGroupsMax && is_nobody_else_free);
  };
  for (const Band& band : call_class.bands) {
    uint32_t at = 0;
    for (auto tier = band.tiers.begin(); tier != band.tiers.end() && !is_enough(); ++tier) {
      for (; at < tier->end && !is_enough(); ++at) {
        const AgentLink& link = band.links[at];
        const AgentClassHead& head = roster_.head(link.agent_class);
        if (head.stamp != link.stamp || head.logged_in_count == 0) continue;
        ++seen;
        compare(link.agent_class, tier->standing, head.key);
      }
    }
    if (is_enough()) break;
  }
  for (const ClassMiss& miss : call_class.misses) {
    const AgentClass& agents = roster_.class_at(miss.agent_class);
    if (agents.stamp != miss.stamp) continue;
    const bool is_away = is_cut_off(call_class, miss.agent_class);
    group(miss.agent_class, is_away ? Blocker::kUnreachable : miss.blocker);
  }
}

// Whether the list is full of better ones than those of a class with that standing and head.
bool Router::is_beaten(const Decision& decision, const Standing& standing, uint64_t head) {
  if (decision.candidate_count < kDecisionCandidatesMax) return false;
  const DecisionCandidate& last = decision.candidates.back();
  if (standing_of(last) != standing) return standing_of(last) < standing;
  return Roster::idle_key(last.idle_since_ns) < head;
}

// Why nobody of the class is free.
Blocker Router::busy_blocker(AgentClassIndex index) const {
  const AgentClass& agents = roster_.class_at(index);
  if (agents.ready_count == 0) return Blocker::kNotReady;
  return agents.wrap_up_count > 0 ? Blocker::kWrapUp : Blocker::kCapacity;
}

// Puts the free agents of a class, who stand `like` that, in their places behind the chosen one.
// False: all are left out for the call.
bool Router::add_free_agents(const Call& call, AgentClassIndex agents, DecisionCandidate like,
                             Decision* decision) const {
  const AgentIndex chosen = decision->candidates[0].agent;
  bool is_anybody = false;
  for (AgentIndex a = first_of(call, agents, AgentKey::kIdle); a.valid();
       a = roster_.next_idle(a, AgentKey::kIdle)) {
    is_anybody = true;
    if (a == chosen || left_out(call, a)) continue;
    like.agent = a;
    like.idle_since_ns = roster_.at(a).idle_since_ns;
    if (!insert_candidate(like, decision)) break;  // Those behind are no better.
  }
  return is_anybody;
}

// Keeps the best behind the chosen one, by standing, idle time and age in the roster. False: it is
// not among them.
bool Router::insert_candidate(const DecisionCandidate& one, Decision* decision) {
  const auto goes_before = [](const DecisionCandidate& a, const DecisionCandidate& b) {
    const auto order = standing_of(a) <=> standing_of(b);
    if (order != 0) return order < 0;
    return std::tuple(a.idle_since_ns, a.agent) < std::tuple(b.idle_since_ns, b.agent);
  };
  size_t at = decision->candidate_count;
  while (at > 1 && goes_before(one, decision->candidates[at - 1])) --at;
  if (at == kDecisionCandidatesMax) return false;
  if (decision->candidate_count < kDecisionCandidatesMax) ++decision->candidate_count;
  for (size_t i = decision->candidate_count - 1u; i > at; --i) {
    decision->candidates[i] = decision->candidates[i - 1];
  }
  decision->candidates[at] = one;
  return true;
}

TieBreak Router::tie_break(const Call& call, const Decision& decision) const {
  if (decision.candidate_count < 2) return TieBreak::kOnly;
  const DecisionCandidate& first = decision.candidates[0];
  const DecisionCandidate& second = decision.candidates[1];
  if (first.rank != second.rank) return TieBreak::kRank;
  if (first.preference != second.preference) return TieBreak::kPrefers;
  if (first.load != second.load) return TieBreak::kLoad;
  if (first.strategy_key != second.strategy_key) return TieBreak::kStrategy;
  const Agent& a = roster_.at(first.agent);
  const Agent& b = roster_.at(second.agent);
  const ShareOrder& shares = queue(call.queue).shares;
  switch (decision.strategy) {
    case Strategy::kRoundRobin:
    case Strategy::kOrdered:
    case Strategy::kRandom:
    case Strategy::kWeightedRandom:
      return TieBreak::kStrategy;
    case Strategy::kPercentAllocation:
      if (first.strategy_key == kWithShare &&
          shares.count_of(first.agent) != shares.count_of(second.agent)) {
        return TieBreak::kStrategy;
      }
      break;
    case Strategy::kFewestCalls:
      if (a.connected_calls != b.connected_calls) return TieBreak::kStrategy;
      break;
    case Strategy::kLeastOccupied:
      if (a.occupancy_ppm != b.occupancy_ppm) return TieBreak::kStrategy;
      break;
    case Strategy::kLongestIdle:
    case Strategy::kMostSkilled:
    case Strategy::kLeastSkilled:
    case Strategy::kSkillWeight:
    case Strategy::kRingAll:
      break;
  }
  return first.idle_since_ns != second.idle_since_ns ? TieBreak::kIdle : TieBreak::kAdded;
}

// --- Answers about the present. O(agents) or O(calls): asked for by people, not by events.

// What the agent's own state says against any call of those media.
Blocker Router::own_blocker(const Agent& agent, MediaMask wanted) {
  if (agent.presence != Presence::kReady || agent.log_out_pending) return Blocker::kNotReady;
  if (agent.is_desk_empty) return Blocker::kUnreachable;
  if ((agent.open_media() & wanted) != 0) return Blocker::kNone;
  return agent.is_in_wrap_up() ? Blocker::kWrapUp : Blocker::kCapacity;
}

// What stands between all agents of a class and all calls of another, whatever the agents do.
Blocker Router::class_blocker(const CallClass& calls, AgentClassIndex index) const {
  if (!index.valid()) return Blocker::kNotReady;
  if (is_cut_off(calls, index)) return Blocker::kUnreachable;
  Standing standing;
  return can_serve(roster_.class_at(index).key, calls, &standing);
}

// The same of one agent, before and behind who is left out for a call.
Router::ClassBlockers Router::blockers_between(const CallClass& calls, Blocker by_class,
                                               const Agent& agent) {
  if (by_class == Blocker::kNotReady || by_class == Blocker::kUnreachable ||
      by_class == Blocker::kNotMember) {
    return {by_class, Blocker::kNone};
  }
  const Blocker own = own_blocker(agent, mask_of(calls.key.medium));
  if (own != Blocker::kNone) return {own, Blocker::kNone};
  return {Blocker::kNone, by_class};
}

Blocker Router::blocker_between(const Call& call, Blocker by_class, AgentIndex index) const {
  const CallClass& calls = calls_.class_at(call.call_class);
  const ClassBlockers blockers = blockers_between(calls, by_class, roster_.at(index));
  if (blockers.first != Blocker::kNone) return blockers.first;
  if (!call.is_boxed && left_out(call, index)) return Blocker::kExcluded;
  if (blockers.then != Blocker::kNone) return blockers.then;
  if (call.is_boxed) return call.preferred == index ? Blocker::kNone : Blocker::kPreferredOnly;
  return withheld_blocker(calls, index);
}

Blocker Router::withheld_blocker(const CallClass& calls, AgentIndex index) const {
  const AgentClass& agents = roster_.class_at(roster_.at(index).agent_class);
  return is_withheld(calls, agents) ? Blocker::kProtected : Blocker::kNone;
}

WaitExplanation Router::explain_wait(CallIndex index) const {
  const Call& call = calls_.at(index);
  ACD_CHECK(call.stage == CallStage::kEnqueued);
  WaitExplanation why;
  const CallClass& calls = calls_.class_at(call.call_class);
  // Many agents are of few classes: each is judged once.
  std::vector<std::optional<Blocker>> by_class(roster_.class_count());
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const AgentClassIndex agent_class = roster_.at(AgentIndex(i)).agent_class;
    Blocker blocker = Blocker::kNotReady;
    if (agent_class.valid()) {
      std::optional<Blocker>& known = by_class[agent_class.value()];
      if (!known) known = class_blocker(calls, agent_class);
      blocker = *known;
    }
    ++why.agents[static_cast<size_t>(blocker_between(call, blocker, AgentIndex(i)))];
  }
  why.hold_back = hold_back_of(calls);
  const Source& source = sessions_.at(call.source);
  why.is_switch_away = !source.connected || source.rematch_pending;
  why.is_bulk_work = is_suspended();
  why.next_change_ns = call.deadline_ns;
  why.position = place_of(index).position;
  return why;
}

IdleExplanation Router::explain_idle(AgentIndex index) const {
  const Agent& agent = roster_.at(index);
  IdleExplanation why;
  why.own = own_blocker(agent, kAllMedia);
  why.is_bulk_work = is_suspended();
  if (agent.presence != Presence::kLoggedOut) {
    const Source& source = sessions_.at(agent.source);
    why.is_switch_away = !source.connected || source.rematch_pending;
  }
  for (uint32_t i = 0; i < calls_.class_count(); ++i) {
    count_blockers(CallClassIndex(i), index, &why);
  }
  // Their own were counted with those that are kept for others.
  for (CallIndex c(agent.preferring.first()); c.valid(); c = calls_.next_boxed(c)) {
    const Call& call = calls_.at(c);
    const Blocker by_class = class_blocker(calls_.class_at(call.call_class), agent.agent_class);
    if (blocker_between(call, by_class, index) != Blocker::kNone) continue;
    --why.calls[static_cast<size_t>(Blocker::kPreferredOnly)];
    ++why.calls[static_cast<size_t>(Blocker::kNone)];
  }
  return why;
}

// Of the waiting calls of a class all at once, but for those for whom somebody is left out.
void Router::count_blockers(CallClassIndex class_index, AgentIndex agent,
                            IdleExplanation* why) const {
  const CallClass& calls = calls_.class_at(class_index);
  if (calls.waiting.empty() && calls.boxed.empty()) return;
  uint32_t waiting = calls_.waiting_count(class_index);
  const uint32_t boxed = calls_.boxed_count(class_index);
  const auto add = [why](Blocker blocker, uint32_t count) {
    why->calls[static_cast<size_t>(blocker)] += count;
  };
  const ClassBlockers blockers = blockers_between(
      calls, class_blocker(calls, roster_.at(agent).agent_class), roster_.at(agent));
  if (blockers.first != Blocker::kNone) {
    add(blockers.first, waiting + boxed);
    return;
  }
  for (CallIndex c = calls.first_excluded; c.valid(); c = calls_.at(c).next_excluded) {
    const Call& call = calls_.at(c);
    if (call.is_boxed || !left_out(call, agent)) continue;
    add(Blocker::kExcluded, 1);
    --waiting;
  }
  if (blockers.then != Blocker::kNone) {
    add(blockers.then, waiting + boxed);
    return;
  }
  add(Blocker::kPreferredOnly, boxed);
  add(withheld_blocker(calls, agent), waiting);
}

}  // namespace acd
