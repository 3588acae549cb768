// SPDX-License-Identifier: Apache-2.0
// The rules of one queue, as config_service.proto states them.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "daemon/config/condition.h"
#include "daemon/config/findings.h"
#include "daemon/config/text.h"
#include "routing/callback.h"
#include "routing/limits.h"

namespace acd {
namespace {

constexpr int32_t kPercentMax = 100;
constexpr int32_t kCauseMin = 1;
constexpr int64_t kTreatmentTimeMaxNs = int64_t{24} * 3600 * kNsPerS;
constexpr int64_t kLimitAgentWaitMinNs = kNsPerS;

bool has_right_size(const std::string& text, const std::string& field, Findings& findings) {
  if (text.size() <= kRequirementBytesMax) return true;
  findings.add(field,
               absl::StrCat("must be 0 to ", kRequirementBytesMax, " bytes, has ", text.size()));
  return false;
}

void add_error(const RequirementError& error, const std::string& field, Findings& findings) {
  findings.add(field, absl::StrCat("column ", error.column, ": ", error.description));
}

std::optional<Requirement> check_requirement(const std::string& text, const TenantNames& names,
                                             const std::string& field, Findings& findings) {
  if (!has_right_size(text, field, findings)) return std::nullopt;
  auto parsed =
      parse_requirement(text, [&names](std::string_view skill) { return names.find_skill(skill); });
  if (const auto* error = std::get_if<RequirementError>(&parsed)) {
    add_error(*error, field, findings);
    return std::nullopt;
  }
  auto& requirement = std::get<Requirement>(parsed);
  if (requirement.replaces) {
    findings.add(field, "REPLACE stands in a call's own requirement only");
    return std::nullopt;
  }
  return std::move(requirement);
}

// --- Members.

void check_only_with(v1::Strategy strategy, v1::Strategy wanted, const char* word,
                     const std::string& field, Findings& findings) {
  if (strategy == wanted) return;
  findings.add(field, absl::StrCat("is allowed only with the strategy ", word));
}

void check_member(const v1::Member& member, const v1::Queue& queue, const TenantNames& names,
                  const std::string& path, Findings& findings) {
  switch (member.member_case()) {
    case v1::Member::kAgent:
      check_name(member.agent(), names.tenant, "agents", path + ".agent", findings);
      break;
    case v1::Member::kTeam:
      check_team(member.team(), path + ".team", findings);
      break;
    case v1::Member::MEMBER_NOT_SET:
      findings.add(path, "is required: an agent or a team");
      break;
  }
  if (member.has_rank()) check_int32(member.rank(), {1, kRankMax}, path + ".rank", findings);
  if (member.has_weight()) {
    check_only_with(queue.strategy(), v1::STRATEGY_WEIGHTED_RANDOM, "weighted_random",
                    path + ".weight", findings);
    check_int32(member.weight(), {1, kMemberWeightMax}, path + ".weight", findings);
  }
  if (member.has_percent()) {
    check_only_with(queue.strategy(), v1::STRATEGY_PERCENT_ALLOCATION, "percent_allocation",
                    path + ".percent", findings);
    check_int32(member.percent(), {0, kPercentMax}, path + ".percent", findings);
  }
}

void check_entries(const v1::Queue& queue, const TenantNames& names, const std::string& path,
                   IndexById& seen_agents, Findings& findings) {
  const v1::Members& members = queue.members();
  const auto named = static_cast<size_t>(members.agents_size());
  const size_t room = kMembersMax - std::min(named, kMembersMax);
  const int count = check_count(members.entries_size(), room, path + ".entries", findings);
  IndexById seen_teams;
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::Member& member = members.entries(i);
    const std::string field = absl::StrCat(path, ".entries[", i, "]");
    check_member(member, queue, names, field, findings);
    const bool is_agent = member.has_agent();
    const std::string& id = is_agent ? member.agent() : member.team();
    if (id.empty() || (is_agent ? seen_agents : seen_teams).emplace(id, i).second) continue;
    findings.add(absl::StrCat(field, is_agent ? ".agent" : ".team"),
                 absl::StrCat("stands there already: ", quote(id)));
  }
}

void check_percents(const v1::Queue& queue, const std::string& path, Findings& findings) {
  if (queue.strategy() != v1::STRATEGY_PERCENT_ALLOCATION) return;
  int64_t sum = 0;
  for (const v1::Member& member : queue.members().entries()) {
    if (member.percent() < 0) return;  // Reported already.
    sum += member.percent();
  }
  if (sum > 0 && sum <= kPercentMax) return;
  findings.add(path, sum == 0 ? "percent_allocation needs a percent of one member at least"
                              : absl::StrCat("the percents add up to ", sum, ", at most ",
                                             kPercentMax, " are allowed"));
}

void check_members(const v1::Queue& queue, const TenantNames& names, const std::string& path,
                   Findings& findings) {
  const v1::Members& members = queue.members();
  const int count = check_count(members.agents_size(), kMembersMax, path + ".agents", findings);
  IndexById seen;
  for (int i = 0; i < count && !findings.full(); ++i) {
    const std::string& name = members.agents(i);
    const auto [entry, added] = seen.emplace(name, i);
    if (is_name_of(name, names.tenant, "agents") && added) continue;
    const std::string field = absl::StrCat(path, ".agents[", i, "]");
    if (!is_name_of(name, names.tenant, "agents")) {
      check_name(name, names.tenant, "agents", field, findings);
    } else {
      findings.add(field, absl::StrCat("repeats agents[", entry->second, "], ", quote(name)));
    }
  }
  check_entries(queue, names, path, seen, findings);
  check_percents(queue, path, findings);
}

// --- Times and targets.

void check_wrap_up(const v1::WrapUp& wrap_up, const std::string& path, Findings& findings) {
  constexpr NsRange kLength = {kWrapUpMinNs, kWrapUpMaxNs};
  const bool is_known = v1::WrapUpMode_IsValid(wrap_up.mode());
  const bool is_timed = wrap_up.mode() == v1::WRAP_UP_MODE_TIMED;
  if (!is_known) {
    findings.add(path + ".mode",
                 absl::StrCat("is ", static_cast<int>(wrap_up.mode()), ", which is no WrapUpMode"));
  } else if (is_timed && !wrap_up.has_duration()) {
    findings.add(path + ".duration", "is required when the wrap-up is timed");
  }
  const auto check_only_timed = [&](const char* field) {
    if (is_known && !is_timed) {
      findings.add(path + field, "is allowed only when the wrap-up is timed");
    }
    return is_timed || !is_known;
  };
  if (wrap_up.has_duration() && check_only_timed(".duration")) {
    check_duration(wrap_up.duration(), kLength, path + ".duration", findings);
  }
  if (wrap_up.extensions() != 0 && check_only_timed(".extensions")) {
    check_int32(wrap_up.extensions(), {0, kWrapUpExtensionsMax}, path + ".extensions", findings);
    if (!wrap_up.has_extension()) {
      findings.add(path + ".extension", "is required beside extensions");
    }
  }
  if (!wrap_up.has_extension()) return;
  if (wrap_up.extensions() == 0) {
    findings.add(path + ".extension", "is allowed only beside extensions");
  } else {
    check_duration(wrap_up.extension(), kLength, path + ".extension", findings);
  }
}

void check_service_level(const v1::ServiceLevelTarget& level, const std::string& path,
                         Findings& findings) {
  constexpr Int32Range kGoalPercent = {1, kPercentMax};
  if (level.has_target()) {
    check_duration(level.target(), {kServiceLevelTargetMinNs, kServiceLevelTargetMaxNs},
                   path + ".target", findings);
  }
  if (level.has_goal_percent()) {
    check_int32(level.goal_percent(), kGoalPercent, path + ".goal_percent", findings);
  }
  if (!v1::ServiceLevelVariant_IsValid(level.variant())) {
    findings.add(path + ".variant", absl::StrCat("is ", static_cast<int>(level.variant()),
                                                 ", which is no ServiceLevelVariant"));
  }
}

void check_times(const v1::Queue& queue, const std::string& path, Findings& findings) {
  if (queue.has_offer_timeout()) {
    check_duration(queue.offer_timeout(), {kOfferTimeoutMinNs, kOfferTimeoutMaxNs},
                   path + ".offer_timeout", findings);
  }
  if (queue.has_reoffer_after()) {
    check_duration(queue.reoffer_after(), {0, kReofferAfterMaxNs}, path + ".reoffer_after",
                   findings);
  }
  if (queue.has_connect_timeout()) {
    check_duration(queue.connect_timeout(), {kConnectTimeoutMinNs, kConnectTimeoutMaxNs},
                   path + ".connect_timeout", findings);
  }
  check_service_level(queue.service_level(), path + ".service_level", findings);
  if (queue.has_short_abandon()) {
    check_duration(queue.short_abandon(), {0, kShortAbandonMaxNs}, path + ".short_abandon",
                   findings);
  }
  if (queue.has_age_rate()) {
    check_int32(queue.age_rate(), {0, kAgeRateMax}, path + ".age_rate", findings);
  }
  if (queue.has_objective()) {
    check_duration(queue.objective(), {kObjectiveMinNs, kObjectiveMaxNs}, path + ".objective",
                   findings);
  }
}

// --- Strategy.

void check_strategy(const v1::Queue& queue, const TenantNames& names, const std::string& path,
                    Findings& findings) {
  if (!v1::Strategy_IsValid(queue.strategy())) {
    findings.add(path + ".strategy",
                 absl::StrCat("is ", static_cast<int>(queue.strategy()), ", which is no Strategy"));
    return;
  }
  const std::string weights = path + ".skill_weights";
  if (queue.strategy() == v1::STRATEGY_SKILL_WEIGHT) {
    if (queue.skill_weights().empty()) {
      findings.add(weights, "is required with the strategy skill_weight");
    }
  } else if (!queue.skill_weights().empty()) {
    findings.add(weights, "is allowed only with the strategy skill_weight");
  }
  // Sorted, so that the same message gives the same list on every run.
  const std::map<std::string_view, int32_t> sorted(queue.skill_weights().begin(),
                                                   queue.skill_weights().end());
  for (const auto& [skill, weight] : sorted) {
    if (findings.full()) return;
    const std::string field = absl::StrCat(weights, "[", quote(skill), "]");
    if (!names.skills.contains(skill)) findings.add(field, "the tenant declares no such skill");
    if (weight == 0 || weight < -kSkillWeightMax || weight > kSkillWeightMax) {
      findings.add(field, absl::StrCat("must be ", -kSkillWeightMax, " to ", kSkillWeightMax,
                                       " and not 0, is ", weight));
    }
  }
  if (!queue.has_ring_max()) return;
  check_only_with(queue.strategy(), v1::STRATEGY_RING_ALL, "ring_all", path + ".ring_max",
                  findings);
  check_int32(queue.ring_max(), {1, kRingMaxLimit}, path + ".ring_max", findings);
}

// --- Steps.

// The labels that a step may drop: of the requirement, and of the steps before it.
class Labels {
 public:
  // Nothing was understood: its labels may be any.
  void add(const std::optional<Requirement>& requirement) {
    if (!requirement) {
      any_ = true;
      return;
    }
    for (const RequirementTerm& term : requirement->terms) {
      if (!term.label.empty()) known_.insert(term.label);
    }
  }
  [[nodiscard]] bool may_have(const std::string& label) const {
    return any_ || known_.contains(label);
  }
  [[nodiscard]] bool have(const std::string& label) const { return known_.contains(label); }

 private:
  bool any_ = false;
  std::set<std::string> known_;
};

// A term that joins others must not share a label with one of them: `drop` would mean both.
void check_label(const std::string& text, const RequirementTerm& term, const Labels& labels,
                 const std::string& field, Findings& findings) {
  if (!labels.have(term.label)) return;
  // Where one term has a label the text begins with it.
  const size_t column = text.find_first_not_of(" \t") + 1;
  findings.add(field, absl::StrCat("column ", column,
                                   ": a term of the requirement, or of a step "
                                   "before, has the label ",
                                   quote(term.label), " already; give this one another"));
}

// What a step says is needed: needs alone.
std::optional<Requirement> check_needs(const std::string& text, const TenantNames& names,
                                       const std::string& field, Findings& findings) {
  std::optional<Requirement> needs = check_requirement(text, names, field, findings);
  if (needs && !needs->prefers.empty()) {
    findings.add(field, "PREFERS has no place in a step, which changes what is needed");
    return std::nullopt;
  }
  return needs;
}

void check_change(const v1::Step& step, const TenantNames& names, const std::string& path,
                  Labels& labels, Findings& findings) {
  switch (step.change_case()) {
    case v1::Step::kReplace:
      labels.add(check_needs(step.replace(), names, path + ".replace", findings));
      return;
    case v1::Step::kDrop:
      if (labels.may_have(step.drop())) return;
      findings.add(path + ".drop", absl::StrCat("no term of the requirement, nor of a step before, "
                                                "has the label ",
                                                quote(step.drop())));
      return;
    case v1::Step::kAdd: {
      const std::optional<Requirement> term =
          check_needs(step.add(), names, path + ".add", findings);
      if (term && term->terms.size() != 1) {
        findings.add(path + ".add", "must be one term; put an AND in parentheses");
      } else if (term) {
        check_label(step.add(), term->terms.front(), labels, path + ".add", findings);
      }
      labels.add(term);
      return;
    }
    case v1::Step::kLower:
      check_skill(step.lower().skill(), names, path + ".lower.skill", findings);
      if (step.lower().has_to()) {
        check_int32(step.lower().to(), {kSkillLevelMin, kSkillLevelMax}, path + ".lower.to",
                    findings);
      } else {
        findings.add(path + ".lower.to", "is required");
      }
      return;
    case v1::Step::kOpenTeam:
      check_team(step.open_team(), path + ".open_team", findings);
      return;
    case v1::Step::CHANGE_NOT_SET:
      findings.add(path, "needs one change: replace, drop, add, lower or open_team");
      return;
  }
}

void check_condition(const std::string& text, const TenantNames& names, const std::string& field,
                     Findings& findings) {
  if (!has_right_size(text, field, findings)) return;
  const auto parsed =
      parse_condition(text, [&names](std::string_view skill) { return names.find_skill(skill); });
  if (const auto* error = std::get_if<RequirementError>(&parsed)) {
    add_error(*error, field, findings);
  }
}

void check_steps(const v1::Queue& queue, const std::optional<Requirement>& requirement,
                 const TenantNames& names, const std::string& queue_path, Findings& findings) {
  const int count = check_count(queue.steps_size(), kStepsMax, queue_path + ".steps", findings);
  Labels labels;
  labels.add(requirement);
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::Step& step = queue.steps(i);
    const std::string path = absl::StrCat(queue_path, ".steps[", i, "]");
    if (!step.has_after() && !step.has_consider_if()) {
      findings.add(path, "never comes into force: needs after or consider_if");
    }
    if (step.has_after()) {
      check_duration(step.after(), {0, kStepAfterMaxNs}, path + ".after", findings);
    }
    if (step.has_consider_if()) {
      check_condition(step.consider_if(), names, path + ".consider_if", findings);
    }
    check_change(step, names, path, labels, findings);
    if (!step.has_rank()) continue;
    if (!step.has_open_team()) findings.add(path + ".rank", "is allowed only with open_team");
    check_int32(step.rank(), {1, kRankMax}, path + ".rank", findings);
  }
}

// --- Limits.

// An agent who is no member would never get the call. Of a queue that names teams only their agents
// tell: validate_targets().
void check_is_member(const std::string& agent, const v1::Queue& queue, const TenantNames& names,
                     const std::string& field, Findings& findings) {
  if (!is_name_of(agent, names.tenant, "agents")) return;  // Reported already.
  if (names_teams(queue) || may_be_member(agent, {}, queue)) return;
  findings.add(field, absl::StrCat(kNoMember, quote(agent)));
}

void check_action(const v1::LimitAction& action, const v1::Queue& queue, const TenantNames& names,
                  const std::string& path, Findings& findings) {
  switch (action.action_case()) {
    case v1::LimitAction::kAnnounce:
      check_text(action.announce(), kMediaBytesMax, path + ".announce", findings);
      break;
    case v1::LimitAction::kCallback:
      check_text(action.callback(), kMediaBytesMax, path + ".callback", findings);
      break;
    case v1::LimitAction::kQueue:
      check_queue_name(action.queue(), names, path + ".queue", findings);
      if (action.queue() == queue.name() && !action.queue().empty()) {
        findings.add(path + ".queue", "is the queue itself");
      }
      break;
    case v1::LimitAction::kAgent:
      check_name(action.agent(), names.tenant, "agents", path + ".agent", findings);
      if (!action.has_agent_wait()) findings.add(path + ".agent_wait", "is required beside agent");
      check_is_member(action.agent(), queue, names, path + ".agent", findings);
      break;
    case v1::LimitAction::kOutside:
      check_text(action.outside(), kMediaBytesMax, path + ".outside", findings);
      break;
    case v1::LimitAction::kRelease:
      check_int32(action.release(), {kCauseMin, kCauseMax}, path + ".release", findings);
      break;
    case v1::LimitAction::ACTION_NOT_SET:
      findings.add(path, "needs one action: announce, callback, queue, agent, outside or release");
      break;
  }
  if (!action.has_agent_wait()) return;
  if (!action.has_agent()) findings.add(path + ".agent_wait", "is allowed only beside agent");
  check_duration(action.agent_wait(), {kLimitAgentWaitMinNs, kPreferredMaxNs}, path + ".agent_wait",
                 findings);
}

void check_limits(const v1::Queue& queue, const TenantNames& names, const std::string& path,
                  Findings& findings) {
  const v1::QueueLimits& limits = queue.limits();
  const auto action = [&](const v1::LimitAction& checked, const std::string& field) {
    check_action(checked, queue, names, absl::StrCat(path, ".", field), findings);
  };
  const auto count = [&](const v1::CountLimit& limit, int64_t max, const std::string& field) {
    if (limit.has_max()) {
      check_int32(limit.max(), {1, static_cast<int32_t>(max)},
                  absl::StrCat(path, ".", field, ".max"), findings);
    }
    action(limit.action(), field + ".action");
  };
  const auto time = [&](const v1::TimeLimit& limit, const std::string& field) {
    const std::string max = absl::StrCat(path, ".", field, ".max");
    if (!limit.has_max()) findings.add(max, "is required");
    if (limit.has_max()) {
      check_duration(limit.max(), {kWaitMaxMinNs, kWaitMaxMaxNs}, max, findings);
    }
    action(limit.action(), field + ".action");
  };
  if (limits.has_closed()) action(limits.closed(), "closed");
  if (limits.has_no_agents()) action(limits.no_agents(), "no_agents");
  if (limits.has_none_ready()) action(limits.none_ready(), "none_ready");
  if (limits.has_length()) {
    if (!limits.length().has_max()) findings.add(path + ".length.max", "is required");
    count(limits.length(), kCallsMax, "length");
  }
  if (limits.has_ewt()) time(limits.ewt(), "ewt");
  if (limits.has_wait()) time(limits.wait(), "wait");
  if (limits.has_offers()) count(limits.offers(), kOffersMaxLimit, "offers");
}

// --- Treatments.

void check_treatments(const v1::Queue& queue, const std::string& queue_path, Findings& findings) {
  const int count =
      check_count(queue.treatments_size(), kTreatmentsMax, queue_path + ".treatments", findings);
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::Treatment& treatment = queue.treatments(i);
    const std::string path = absl::StrCat(queue_path, ".treatments[", i, "]");
    if (treatment.has_after()) {
      check_duration(treatment.after(), {0, kTreatmentTimeMaxNs}, path + ".after", findings);
    }
    if (treatment.has_repeat()) {
      check_duration(treatment.repeat(), {kTreatmentRepeatMinNs, kTreatmentTimeMaxNs},
                     path + ".repeat", findings);
    }
    check_text(treatment.media(), kMediaBytesMax, path + ".media", findings);
  }
}

// --- Wrap-up codes.

void check_wrap_up_codes(const v1::Queue& queue, const TenantNames& names, const std::string& path,
                         Findings& findings) {
  const int count =
      check_count(queue.wrap_up_codes_size(), kWrapUpCodesMax, path + ".wrap_up_codes", findings);
  IndexById seen;
  for (int i = 0; i < count && !findings.full(); ++i) {
    const std::string& code = queue.wrap_up_codes(i);
    const std::string field = absl::StrCat(path, ".wrap_up_codes[", i, "]");
    if (!names.wrap_up_codes.contains(code)) {
      findings.add(field, absl::StrCat("the tenant has no wrap-up code ", quote(code)));
    }
    const auto [entry, added] = seen.emplace(code, i);
    if (!added) {
      findings.add(field, absl::StrCat("repeats ", path, ".wrap_up_codes[", entry->second, "], ",
                                       quote(code)));
    }
  }
  if (!queue.wrap_up_code_required()) return;
  const std::string field = path + ".wrap_up_code_required";
  if (names.wrap_up_codes.empty()) findings.add(field, "the tenant has no wrap-up codes");
  const v1::WrapUpMode mode = queue.wrap_up().mode();
  if (mode == v1::WRAP_UP_MODE_UNSPECIFIED || mode == v1::WRAP_UP_MODE_NONE) {
    findings.add(field, "is allowed only with a wrap-up, timed or manual, in which to give it");
  }
}

// --- Callbacks.

template <typename Patterns>
void check_patterns(const Patterns& patterns, const std::string& path, Findings& findings) {
  const int count = check_count(patterns.size(), kNumberPatternsMax, path, findings);
  for (int i = 0; i < count && !findings.full(); ++i) {
    if (is_number_pattern(patterns[i])) continue;
    findings.add(absl::StrCat(path, "[", i, "]"),
                 absl::StrCat("is ", quote(patterns[i]), "; must be 1 to ", kNumberPatternBytesMax,
                              " bytes: digits, a + in front, X for any digit, a point at the end "
                              "for any rest"));
  }
}

void check_callback(const v1::Callback& callback, const TenantNames& names, const std::string& path,
                    Findings& findings) {
  if (!v1::CallbackMode_IsValid(callback.mode())) {
    findings.add(path + ".mode", absl::StrCat("is ", static_cast<int>(callback.mode()),
                                              ", which is no CallbackMode"));
  }
  check_patterns(callback.allow(), path + ".allow", findings);
  check_patterns(callback.deny(), path + ".deny", findings);
  if (callback.has_attempts()) {
    check_int32(callback.attempts(), {1, kDialAttemptsLimit}, path + ".attempts", findings);
  }
  if (callback.has_retry_interval()) {
    check_duration(callback.retry_interval(), {kDialRetryMinNs, kDialRetryMaxNs},
                   path + ".retry_interval", findings);
  }
  if (callback.has_dial_timeout()) {
    check_duration(callback.dial_timeout(), {kDialTimeoutMinNs, kDialTimeoutMaxNs},
                   path + ".dial_timeout", findings);
  }
  if (!callback.calendar().empty()) {
    check_calendar_name(callback.calendar(), names, path + ".calendar", findings);
  }
  if (!callback.has_dials_max()) return;
  if (callback.mode() != v1::CALLBACK_MODE_CUSTOMER_FIRST) {
    findings.add(path + ".dials_max", "is allowed only with the mode customer_first");
  }
  check_int32(callback.dials_max(), {1, kDialsMaxLimit}, path + ".dials_max", findings);
}

}  // namespace

bool names_teams(const v1::Queue& queue) {
  const auto& entries = queue.members().entries();
  return std::any_of(entries.begin(), entries.end(),
                     [](const v1::Member& member) { return member.has_team(); }) ||
         std::any_of(queue.steps().begin(), queue.steps().end(),
                     [](const v1::Step& step) { return step.has_open_team(); });
}

bool may_be_member(std::string_view agent, std::string_view team, const v1::Queue& queue) {
  const auto& named = queue.members().agents();
  const auto& entries = queue.members().entries();
  if (named.empty() && entries.empty()) return true;
  if (std::find(named.begin(), named.end(), agent) != named.end()) return true;
  return std::any_of(entries.begin(), entries.end(),
                     [&](const v1::Member& member) {
                       return member.has_agent() ? member.agent() == agent
                                                 : !team.empty() && member.team() == team;
                     }) ||
         std::any_of(queue.steps().begin(), queue.steps().end(), [&](const v1::Step& step) {
           return step.has_open_team() && !team.empty() && step.open_team() == team;
         });
}

void check_queue(const v1::Queue& queue, const TenantNames& names, const std::string& path,
                 Findings& findings) {
  const std::optional<Requirement> requirement =
      check_requirement(queue.requirement(), names, path + ".requirement", findings);
  check_int32(queue.priority(), {-kPriorityMax, kPriorityMax}, path + ".priority", findings);
  check_members(queue, names, path + ".members", findings);
  check_wrap_up(queue.wrap_up(), path + ".wrap_up", findings);
  check_times(queue, path, findings);
  check_strategy(queue, names, path, findings);
  check_steps(queue, requirement, names, path, findings);
  check_limits(queue, names, path + ".limits", findings);
  check_treatments(queue, path, findings);
  if (!queue.calendar().empty()) {
    check_calendar_name(queue.calendar(), names, path + ".calendar", findings);
  }
  check_wrap_up_codes(queue, names, path, findings);
  if (queue.has_callback()) check_callback(queue.callback(), names, path + ".callback", findings);
}

}  // namespace acd
