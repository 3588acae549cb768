// SPDX-License-Identifier: Apache-2.0
// The facts: what each of them counts, and where.
#include "routing/insight/window_stats.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "routing/check.h"
#include "routing/insight/slots.h"
#include "routing/limits.h"

namespace acd {
namespace {

constexpr uint32_t kNoSkill = 0;  // Place in skills_.
constexpr uint32_t kNoTeam = 0;
constexpr uint32_t kNoSkillSet = 0;

PriorityBand band_of_priority(int32_t priority) {
  if (priority < 0) return PriorityBand::kLow;
  return priority == 0 ? PriorityBand::kNormal : PriorityBand::kHigh;
}

Figure figure_of(VisitEntry entry) {
  switch (entry) {
    case VisitEntry::kArrival:
    case VisitEntry::kCallback:
    case VisitEntry::kScheduled:
      return Figure::kOffered;
    case VisitEntry::kOverflow:
    case VisitEntry::kDrained:
      return Figure::kOverflowedIn;
    case VisitEntry::kTransfer:
      return Figure::kTransferredIn;
    case VisitEntry::kConsult:
      return Figure::kConsults;
  }
  return Figure::kOffered;  // Unreachable: every entry returns.
}

Figure figure_of(OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::kAccepted:
      return Figure::kOffersAccepted;
    case OfferOutcome::kNoAnswer:
      return Figure::kOffersNoAnswer;
    case OfferOutcome::kRejected:
      return Figure::kOffersRejected;
    case OfferOutcome::kBusy:
      return Figure::kOffersBusy;
    case OfferOutcome::kUnreachable:
      return Figure::kOffersUnreachable;
    case OfferOutcome::kUnknownAddress:
      return Figure::kOffersUnknownAddress;
    case OfferOutcome::kCanceled:
      return Figure::kOffersCanceled;
    case OfferOutcome::kRescinded:
      return Figure::kOffersRescinded;
    case OfferOutcome::kNone:
      break;
  }
  check_failed("an ended offer has an outcome", __FILE__, __LINE__);
}

void add(EnteredCounts* counts, int64_t key, int64_t change) {
  const auto at = std::lower_bound(counts->begin(), counts->end(), key,
                                   [](const auto& one, int64_t two) { return one.first < two; });
  if (at != counts->end() && at->first == key) {
    if ((at->second += change) == 0) counts->erase(at);
  } else if (change > 0) {
    counts->insert(at, {key, change});
  }
}

}  // namespace

WindowStats::WindowStats() : table_(kDurationKindCount) {
  const auto prepare = [](Scope& scope, bool has_histogram, bool has_points) {
    scope.has_visits = true;
    scope.has_histogram = has_histogram;
    scope.has_points = has_points;
    scope.has_interval = true;
  };
  prepare(tenant_, true, true);
  for (Scope& band : bands_) prepare(band, false, false);
  static_cast<void>(skill_named(""));
  static_cast<void>(team_named(""));
  skill_sets_.push_back({kNoSkill});
  sets_by_skills_.emplace(skill_sets_.back(), kNoSkillSet);
}

// --- Scopes.

WindowStats::Queue& WindowStats::queue_at(QueueIndex index) {
  Queue& queue = slot_of(queues_, index, kQueuesMax);
  queue.scope.has_visits = true;
  queue.scope.has_histogram = true;
  queue.scope.has_points = true;
  return queue;
}

WindowStats::Agent& WindowStats::agent_at(AgentIndex index) {
  return slot_of(agents_, index, kAgentsMax);
}

WindowStats::Scope& WindowStats::band_of(VisitGroup group) {
  return bands_[std::min<size_t>(group & ((1u << kBandBits) - 1), kPriorityBandCount - 1)];
}

const std::vector<uint16_t>& WindowStats::skills_of(VisitGroup group) const {
  const size_t set = group >> kBandBits;
  return skill_sets_[set < skill_sets_.size() ? set : kNoSkillSet];
}

uint32_t WindowStats::skill_named(std::string_view name) {
  const auto known = skills_by_name_.find(name);
  if (known != skills_by_name_.end()) return known->second;
  if (skills_.size() > kSkillsMax) return kNoSkill;
  const auto place = static_cast<uint32_t>(skills_.size());
  Skill& skill = skills_.emplace_back();
  skill.name = name;
  skill.scope.has_visits = true;
  skill.scope.has_histogram = true;
  skill.scope.has_interval = true;
  skills_by_name_.emplace(name, place);
  return place;
}

uint32_t WindowStats::team_named(std::string_view name) {
  const auto known = teams_by_name_.find(name);
  if (known != teams_by_name_.end()) return known->second;
  if (teams_.size() > kStatsTeamsMax) return kNoTeam;
  const auto place = static_cast<uint32_t>(teams_.size());
  teams_.emplace_back().name = name;
  teams_.back().crew.since_ns = now_ns_;
  teams_.back().scope.has_interval = true;
  teams_by_name_.emplace(name, place);
  return place;
}

// The queue's and the call's needs together, as they were configured: steps change nothing.
uint32_t WindowStats::skill_set(Queue& queue, std::string_view text) {
  const auto known = queue.sets.find(text);
  if (known != queue.sets.end()) return known->second;
  const FindSkill find_skill = [this](std::string_view name) {
    return SkillIndex(skill_named(name));
  };
  const auto parsed = parse_requirement(text, find_skill);
  const auto* needs = std::get_if<Requirement>(&parsed);
  const Requirement both = joined(queue.requirement, needs != nullptr ? *needs : Requirement());
  std::vector<uint16_t> skills;
  for (const SkillIndex skill : asked_skills(both)) {
    if (skill.value() != kNoSkill) skills.push_back(static_cast<uint16_t>(skill.value()));
  }
  if (skills.empty()) skills.push_back(kNoSkill);
  uint32_t set = kNoSkillSet;
  const auto same = sets_by_skills_.find(skills);
  if (same != sets_by_skills_.end()) {
    set = same->second;
  } else if (skill_sets_.size() < kSkillSetsMax) {
    set = static_cast<uint32_t>(skill_sets_.size());
    skill_sets_.push_back(skills);
    sets_by_skills_.emplace(std::move(skills), set);
  }
  if (sets_cached_ >= kRequirementsMax) {
    for (Queue& one : queues_) one.sets.clear();
    sets_cached_ = 0;
  }
  ++sets_cached_;
  queue.sets.emplace(text, set);
  return set;
}

template <typename Visit>
void WindowStats::for_each_of(QueueIndex queue, VisitGroup group, Visit&& visit) {
  visit(tenant_);
  visit(queue_at(queue).scope);
  visit(band_of(group));
  for (const uint16_t skill : skills_of(group)) visit(skills_[skill].scope);
}

// --- Counting.

void WindowStats::count(Scope& scope, const Fact& fact) {
  Running& running = running_of(scope);
  for (const Cell& cell : fact.cells()) running.figures[cell.number] += cell.value;
  for (const Fact::Lasting& one : fact.durations()) {
    const size_t number = number_of(one.kind);
    ++running.figures[number];
    running.figures[number + 1] += one.duration_ns;
    running.figures[number + 2] = std::max(running.figures[number + 2], one.duration_ns);
    if (!scope.has_histogram) continue;
    running.keys.push_back(
        Histogram::key_of(static_cast<uint32_t>(one.kind), one.duration_ns / kNsPerMs));
    if (running.keys.size() >= kKeysMax) fold_keys(&running);
  }
}

void WindowStats::count_visit(const Fact& fact, QueueIndex queue, VisitGroup group) {
  for_each_of(queue, group, [&](Scope& scope) { count(scope, fact); });
}

void WindowStats::count_agent(const Fact& fact, AgentIndex index) {
  Agent& agent = agent_at(index);
  count(agent.scope, fact);
  count(teams_[agent.team].scope, fact);
}

// --- The configuration.

void WindowStats::configure(const TenantConfig& config) {
  requirements_.clear();
  for (const QueueConfig& queue : config.queues) requirements_.emplace(queue.id, queue.requirement);
  for (Queue& queue : queues_) take_requirement(queue);
  advanced_ns_ = kNotAdvanced;  // Under a shorter target, visits may be due that were not.
}

void WindowStats::queue_bound(QueueIndex index, std::string_view id) {
  Queue& queue = queue_at(index);
  queue.id = id;
  take_requirement(queue);
}

void WindowStats::take_requirement(Queue& queue) {
  const auto found = requirements_.find(queue.id);
  if (found == requirements_.end()) return;
  const FindSkill find_skill = [this](std::string_view name) {
    return SkillIndex(skill_named(name));
  };
  auto parsed = parse_requirement(found->second, find_skill);
  auto* needs = std::get_if<Requirement>(&parsed);
  queue.requirement = needs != nullptr ? std::move(*needs) : Requirement();
  sets_cached_ -= queue.sets.size();
  queue.sets.clear();
}

// --- Calls and visits.

void WindowStats::call_began(bool is_consult) {
  Fact fact;
  fact.count(is_consult ? Figure::kConsultsBegun : Figure::kCallsBegun);
  count(tenant_, fact);
  ++(is_consult ? calls_.consults_begun : calls_.begun);
  ++(is_consult ? calls_.consults_live_at_end : tenant_.live);
  calls_.live_at_end = tenant_.live;
}

void WindowStats::call_ended(CallOutcome outcome, bool is_consult) {
  Fact fact;
  const auto place = static_cast<size_t>(outcome);
  if (is_consult) {
    fact.count(Figure::kConsultsEnded);
    ++calls_.consults_ended;
    --calls_.consults_live_at_end;
  } else {
    fact.count(number_of(Figure::kCallsEnded) + place, 1);
    ++calls_.ended[place];
    --tenant_.live;
  }
  calls_.live_at_end = tenant_.live;
  count(tenant_, fact);
}

VisitGroup WindowStats::visit_began(const VisitBegan& began) {
  const VisitGroup group = skill_set(queue_at(began.queue), began.requirement) << kBandBits |
                           static_cast<uint32_t>(band_of_priority(began.priority));
  Fact fact;
  fact.count(figure_of(began.entry));
  count_visit(fact, began.queue, group);
  if (began.entry == VisitEntry::kConsult) return group;
  for_each_of(began.queue, group, [&](Scope& scope) {
    ++scope.balance;
    change_waiting(scope, began.is_on_line ? 1 : 0, began.is_on_line ? 0 : 1);
  });
  WaitingVisit& visit = slot_of(visits_, began.call, kCallsMax);
  visit = {began.queue, group, kNotEntered, began.is_on_line};
  if (began.is_on_line) begin_wait(began.call, began.entered_ns, began.thresholds);
  return group;
}

void WindowStats::visit_ended(const VisitEnded& ended) {
  Fact fact;
  if (ended.is_consult) {
    fact.count(ended.end == VisitEnd::kAnswered ? Figure::kConsultsAnswered
                                                : Figure::kConsultsFailed);
    return count_visit(fact, ended.queue, ended.group);
  }
  const int64_t wait_ns = now_ns_ - ended.entered_ns;
  QueueCounts counts;
  bool is_in = false;
  if (ended.is_on_line) {
    is_in = count_visit_end(ended.end, wait_ns, ended.thresholds, counts);
  } else {
    count_silent_visit_end(ended.end, counts);
  }
  counts.rerouted = ended.is_rerouted ? 1 : 0;
  for (size_t i = 0; i < kQueueCountMembers.size(); ++i) {
    fact.count(i, counts.*kQueueCountMembers[i]);
  }
  if (ended.is_on_line) {
    if (counts.answered != 0) fact.add(DurationKind::kWaitAnswered, wait_ns);
    if (counts.abandoned != 0) fact.add(DurationKind::kWaitAbandoned, wait_ns);
    fact.add(DurationKind::kWaitAll, wait_ns);
    if (ended.is_over) fact.add(DurationKind::kWaitTotal, ended.waits_ns);
  }
  const int64_t entry_ns = std::min(now_ns_, ended.entered_ns + ended.thresholds.entry_delay_ns());
  const bool is_now = is_running(entry_ns);
  if (is_in && is_now) fact.count(Figure::kSlEntered);
  if (ended.is_on_line) leave(ended.call);
  slot_of(visits_, ended.call, kCallsMax).queue = QueueIndex();
  count_visit(fact, ended.queue, ended.group);
  for_each_of(ended.queue, ended.group, [&](Scope& scope) {
    --scope.balance;
    change_waiting(scope, ended.is_on_line ? -1 : 0, ended.is_on_line ? 0 : -1);
    if (is_in && !is_now) count_at(scope, entry_ns, number_of(Figure::kSlEntered), 1);
    if (Point* const point = point_at(scope, now_ns_); point != nullptr) {
      point->answered += static_cast<int32_t>(counts.answered);
      point->abandoned += static_cast<int32_t>(counts.abandoned);
      point->sl_answered_in_target += static_cast<int32_t>(counts.sl_answered_in_target);
    }
    if (!is_in) return;
    if (Point* const point = point_at(scope, entry_ns); point != nullptr) ++point->sl_entered;
  });
  if (ended.end != VisitEnd::kAnswered || !ended.agent.valid()) return;
  Fact of_agent;
  of_agent.count(Figure::kAnswered);
  of_agent.count(Figure::kCallbacksAnswered, counts.callbacks_answered);
  if (ended.is_on_line) of_agent.add(DurationKind::kWaitAnswered, wait_ns);
  count_agent(of_agent, ended.agent);
}

void WindowStats::customer_answered(CallIndex call, const VisitThresholds& thresholds) {
  WaitingVisit& visit = slot_of(visits_, call, kCallsMax);
  ACD_CHECK(visit.queue.valid() && !visit.is_on_line);
  visit.is_on_line = true;
  for_each_of(visit.queue, visit.group, [&](Scope& scope) { change_waiting(scope, 1, -1); });
  begin_wait(call, now_ns_, thresholds);
}

void WindowStats::service_level_entered(QueueIndex queue, VisitGroup group, int64_t change) {
  for_each_of(queue, group, [&](Scope& scope) { scope.interval.sl_entered += change; });
}

void WindowStats::dial_failed(QueueIndex queue, VisitGroup group) {
  Fact fact;
  fact.count(Figure::kDialsFailed);
  count_visit(fact, queue, group);
}

void WindowStats::requeued(QueueIndex queue, VisitGroup group, AgentIndex agent) {
  Fact fact;
  fact.count(Figure::kRequeued);
  count_visit(fact, queue, group);
  if (agent.valid()) count_agent(fact, agent);
}

void WindowStats::change_waiting(Scope& scope, int64_t change, int64_t callbacks_change) {
  Point* const point = point_at(scope, now_ns_);
  scope.waiting += change;
  scope.callbacks_waiting += callbacks_change;
  if (point == nullptr) return;
  point->waiting_max = std::max(point->waiting_max, static_cast<int32_t>(scope.waiting));
}

// --- Offers and parts.

void WindowStats::offer_created(QueueIndex queue, VisitGroup group, AgentIndex agent) {
  Fact fact;
  fact.count(Figure::kOffersCreated);
  count_visit(fact, queue, group);
  count_agent(fact, agent);
}

void WindowStats::offer_adopted(QueueIndex queue, VisitGroup group, AgentIndex agent) {
  Fact fact;
  fact.count(Figure::kOffersAdopted);
  count_visit(fact, queue, group);
  count_agent(fact, agent);
}

void WindowStats::offer_ended(const OfferEnded& ended) {
  Fact fact;
  fact.count(figure_of(ended.outcome));
  if (ended.ring_ns >= 0) fact.add(DurationKind::kRing, ended.ring_ns);
  count_visit(fact, ended.queue, ended.group);
  count_agent(fact, ended.agent);
}

void WindowStats::party_joined(AgentIndex agent) {
  Fact fact;
  fact.count(Figure::kJoined);
  count_agent(fact, agent);
}

void WindowStats::transferred(QueueIndex queue, VisitGroup group, AgentIndex agent, bool is_first) {
  Fact fact;
  fact.count(Figure::kTransferredOut);
  if (is_first) count_visit(fact, queue, group);
  count_agent(fact, agent);
}

void WindowStats::part_done(const PartDone& part) {
  Fact fact;
  const bool has_wrap_up = part.wrap_up_ns != kAbsentMs;
  fact.count(Figure::kHandled);
  fact.add(DurationKind::kTalk, part.talk_ns);
  if (part.was_held) fact.add(DurationKind::kHold, part.hold_ns);
  if (has_wrap_up) fact.add(DurationKind::kWrapUp, part.wrap_up_ns);
  fact.add(DurationKind::kHandle,
           part.talk_ns + part.hold_ns + (has_wrap_up ? part.wrap_up_ns : 0));
  count_visit(fact, part.queue, part.group);
  count_agent(fact, part.agent);
}

void WindowStats::outcome_told(const ToldOutcome& outcome, int64_t times, QueueIndex queue,
                               bool has_group, VisitGroup group, AgentIndex agent) {
  OutcomeCounts counts;
  counts.count(outcome, times);
  Fact fact;
  for (size_t i = 0; i < kOutcomeCountMembers.size(); ++i) {
    fact.count(number_of(Figure::kResolved) + i, counts.*kOutcomeCountMembers[i]);
  }
  if (fact.cells().empty()) return;  // A code alone.
  if (has_group) {
    count_visit(fact, queue, group);
  } else {
    count(tenant_, fact);
    count(queue_at(queue).scope, fact);
  }
  if (agent.valid()) count_agent(fact, agent);
}

// --- Agents.

void WindowStats::agent_upserted(AgentIndex index, std::string_view name) {
  Agent& agent = agent_at(index);
  const uint32_t team = team_named(name);
  if (agent.is_known && agent.team == team) return;
  if (agent.is_known && agent.activity != Activity::kAway) {
    for (const auto& [place, change] : {std::pair(agent.team, -1), std::pair(team, 1)}) {
      Team& moved = teams_[place];
      settle(moved.scope, moved.crew, now_ns_);
      moved.crew.count(agent.activity, change);
    }
  }
  if (!agent.is_known) agent.since_ns = now_ns_;
  agent.is_known = true;
  agent.team = team;
}

void WindowStats::agent_changed(AgentIndex agent, AgentState, AgentState to) {
  Activity activity = Activity::kAway;
  if (to == AgentState::kReady) activity = Activity::kIdle;
  if (to > AgentState::kReady) activity = Activity::kBusy;
  change_activity(agent, activity);
}

// --- The service level of those who wait.

void WindowStats::begin_wait(CallIndex call, int64_t entered_ns,
                             const VisitThresholds& thresholds) {
  // advance() never looks again at what lies before advanced_ns_.
  const int64_t entry_ns = entered_ns + thresholds.entry_delay_ns();
  if (entry_ns <= advanced_ns_) enter(call, entry_ns);
}

void WindowStats::advance(const Board& board, int64_t now_ns) {
  if (now_ns <= advanced_ns_) return;
  for (const QueueView* queue : board.queues()) {
    if (queue->waiting_calls.empty()) continue;
    const VisitThresholds thresholds{queue->service_level_target_ns, queue->short_abandon_ns};
    const int64_t delay_ns = thresholds.entry_delay_ns();
    // "None" is the greatest index: behind all calls that entered the queue at that time.
    auto due = queue->waiting_calls.upper_bound({advanced_ns_ - delay_ns, CallIndex()});
    for (; due != queue->waiting_calls.end() && due->first <= now_ns - delay_ns; ++due) {
      enter(due->second, due->first + delay_ns);
    }
  }
  advanced_ns_ = now_ns;
}

void WindowStats::enter(CallIndex call, int64_t at_ns) {
  if (call.value() >= visits_.size()) return;
  WaitingVisit& visit = visits_[call.value()];
  if (!visit.queue.valid() || visit.entered_at_ns != kNotEntered) return;
  visit.entered_at_ns = at_ns;
  count_entered(visit, 1);
}

void WindowStats::leave(CallIndex call) {
  WaitingVisit& visit = slot_of(visits_, call, kCallsMax);
  if (visit.entered_at_ns == kNotEntered) return;
  count_entered(visit, -1);
  visit.entered_at_ns = kNotEntered;
}

void WindowStats::count_entered(const WaitingVisit& visit, int64_t change) {
  const int64_t minute = minute_of(visit.entered_at_ns);
  for_each_of(visit.queue, visit.group, [&](Scope& scope) {
    EnteredCounts& by_minute = scope.entered.by_minute;
    add(&by_minute, minute, change);
    while (by_minute.size() > 2 * kMinutesKept) by_minute.erase(by_minute.begin());
    if (visit.entered_at_ns >= day_begin_ns_) {
      add(&scope.entered.by_point, point_index(visit.entered_at_ns), change);
    }
  });
}

}  // namespace acd
