// SPDX-License-Identifier: Apache-2.0
// Every rule of a configuration and of seeded agents, as config_service.proto states them.
#include "daemon/config/config_tables.h"

#include <absl/strings/str_cat.h>

#include <map>
#include <unordered_map>
#include <utility>
#include <variant>

#include "daemon/config/text.h"
#include "routing/limits.h"
#include "routing/requirement.h"

namespace acd {
namespace {

constexpr char kIdRule[] = "1 to 64 of a-z A-Z 0-9 . _ -";
constexpr int32_t kGoalPercentMin = 1;
constexpr int32_t kGoalPercentMax = 100;
constexpr int32_t kFailuresInARowMin = 1;
// Bounds of google.protobuf.Duration itself: about 10,000 years.
constexpr int64_t kDurationSecondsMax = 315'576'000'000;
constexpr int64_t kSecondsAsNsMax = 1'000'000'000;
constexpr int32_t kDurationNanosMax = 999'999'999;

using Duration = google::protobuf::Duration;
// From an id or a name to the index of the entry that has it. The keys point into the message.
using IndexById = std::unordered_map<std::string_view, int>;

struct NsRange {
  int64_t min = 0;
  int64_t max = 0;
};

struct Int32Range {
  int32_t min = 0;
  int32_t max = 0;
};

// The violations found so far, never more than kViolationsMax and the entry that says so.
class Findings {
 public:
  void add(std::string field, std::string description) {
    if (violations_.size() < kViolationsMax) {
      violations_.push_back({std::move(field), std::move(description)});
    } else if (violations_.size() == kViolationsMax) {
      violations_.push_back(
          {std::move(field),
           absl::StrCat("more than ", kViolationsMax, " violations; the check stopped here")});
    }
  }
  [[nodiscard]] bool full() const { return violations_.size() > kViolationsMax; }
  [[nodiscard]] std::vector<Violation> take() { return std::move(violations_); }

 private:
  std::vector<Violation> violations_;
};

// "90 s", "10 min", "1 h": the largest unit that leaves a whole number.
std::string duration_text(int64_t ns) {
  struct Unit {
    int64_t ns;
    const char* name;
  };
  constexpr Unit kUnits[] = {
      {3600 * kNsPerS, " h"}, {60 * kNsPerS, " min"}, {kNsPerS, " s"}, {kNsPerMs, " ms"}};
  if (ns == 0) return "0 s";
  for (const Unit& unit : kUnits) {
    if (ns % unit.ns == 0) return absl::StrCat(ns / unit.ns, unit.name);
  }
  return absl::StrCat(ns, " ns");
}

void check_duration(const Duration& duration, NsRange range, const std::string& field,
                    Findings& findings) {
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  if (seconds < -kDurationSecondsMax || seconds > kDurationSecondsMax ||
      nanos < -kDurationNanosMax || nanos > kDurationNanosMax || (seconds > 0 && nanos < 0) ||
      (seconds < 0 && nanos > 0)) {
    findings.add(field, absl::StrCat("is no duration: ", seconds, " seconds and ", nanos,
                                     " nanos; nanos have the sign of the seconds and stay below a "
                                     "second"));
    return;
  }
  // So many seconds are beyond every range, and their nanoseconds beyond an int64_t.
  const bool beyond = seconds < -kSecondsAsNsMax || seconds > kSecondsAsNsMax;
  const int64_t ns = beyond ? 0 : seconds * kNsPerS + nanos;
  if (!beyond && ns >= range.min && ns <= range.max) return;
  findings.add(field,
               absl::StrCat("must be ", duration_text(range.min), " to ", duration_text(range.max),
                            ", is ", beyond ? absl::StrCat(seconds, " s") : duration_text(ns)));
}

void check_int32(int32_t value, Int32Range range, const std::string& field, Findings& findings) {
  if (value >= range.min && value <= range.max) return;
  findings.add(field, absl::StrCat("must be ", range.min, " to ", range.max, ", is ", value));
}

// Reports a repeated field with more entries than `max`; returns how many of them to check.
int check_count(int count, size_t max, const std::string& field, Findings& findings) {
  if (static_cast<size_t>(count) <= max) return count;
  findings.add(field, absl::StrCat("has ", count, " entries, at most ", max, " are allowed"));
  return static_cast<int>(max);
}

// Checks the name of one entry of a collection. An empty `tenant` stands for a malformed tenant
// name, reported already: then only the id is checked.
bool is_name_of(std::string_view name, std::string_view tenant, const std::string& collection) {
  if (!tenant.empty()) return !resource_id_of(name, tenant, collection).empty();
  return is_resource_id(name.substr(name.rfind('/') + 1));
}

void check_name(const std::string& name, std::string_view tenant, const std::string& collection,
                const std::string& field, Findings& findings) {
  if (name.empty()) {
    findings.add(field, "is required");
  } else if (!is_name_of(name, tenant, collection)) {
    findings.add(field,
                 absl::StrCat("must be tenants/", tenant.empty() ? "{tenant}" : std::string(tenant),
                              "/", collection, "/{id}, the id ", kIdRule, "; is ", quote(name)));
  }
}

IndexById check_skills(const v1::TenantConfig& config, Findings& findings) {
  IndexById declared;
  const int count = check_count(config.skills_size(), kSkillsMax, "skills", findings);
  for (int i = 0; i < count && !findings.full(); ++i) {
    const std::string& skill = config.skills(i);
    if (!is_resource_id(skill)) {
      findings.add(absl::StrCat("skills[", i, "]"),
                   absl::StrCat("must be ", kIdRule, "; is ", quote(skill)));
      continue;
    }
    const auto [entry, added] = declared.emplace(skill, i);
    if (!added) {
      findings.add(absl::StrCat("skills[", i, "]"),
                   absl::StrCat("repeats skills[", entry->second, "], ", quote(skill)));
    }
  }
  return declared;
}

void check_requirement(const std::string& text, const IndexById& declared, const std::string& field,
                       Findings& findings) {
  if (text.size() > kRequirementBytesMax) {
    findings.add(field,
                 absl::StrCat("must be 0 to ", kRequirementBytesMax, " bytes, has ", text.size()));
    return;
  }
  const auto parsed = parse_requirement(text);
  if (const auto* error = std::get_if<RequirementError>(&parsed)) {
    findings.add(field, absl::StrCat("column ", error->column, ": ", error->description));
    return;
  }
  for (const RequirementTerm& term : std::get<std::vector<RequirementTerm>>(parsed)) {
    if (declared.contains(term.skill)) continue;
    findings.add(field, absl::StrCat("column ", term.column, ": the tenant declares no skill ",
                                     quote(term.skill)));
  }
}

void check_members(const v1::Members& members, std::string_view tenant, const std::string& path,
                   Findings& findings) {
  const int count = check_count(members.agents_size(), kMembersMax, path + ".agents", findings);
  IndexById seen;
  for (int i = 0; i < count && !findings.full(); ++i) {
    const std::string& name = members.agents(i);
    const auto [entry, added] = seen.emplace(name, i);
    if (is_name_of(name, tenant, "agents") && added) continue;
    const std::string field = absl::StrCat(path, ".agents[", i, "]");
    if (!is_name_of(name, tenant, "agents")) {
      check_name(name, tenant, "agents", field, findings);
    } else {
      findings.add(field, absl::StrCat("repeats agents[", entry->second, "], ", quote(name)));
    }
  }
}

void check_wrap_up(const v1::WrapUp& wrap_up, const std::string& path, Findings& findings) {
  const std::string duration = path + ".duration";
  if (!v1::WrapUpMode_IsValid(wrap_up.mode())) {
    findings.add(path + ".mode",
                 absl::StrCat("is ", static_cast<int>(wrap_up.mode()), ", which is no WrapUpMode"));
  } else if (wrap_up.mode() == v1::WRAP_UP_MODE_TIMED) {
    if (!wrap_up.has_duration()) {
      findings.add(duration, "is required when the wrap-up is timed");
    }
  } else if (wrap_up.has_duration()) {
    findings.add(duration, "is allowed only when the wrap-up is timed");
    return;
  }
  if (wrap_up.has_duration()) {
    check_duration(wrap_up.duration(), {kWrapUpMinNs, kWrapUpMaxNs}, duration, findings);
  }
}

void check_service_level(const v1::ServiceLevelTarget& level, const std::string& path,
                         Findings& findings) {
  if (level.has_target()) {
    check_duration(level.target(), {kServiceLevelTargetMinNs, kServiceLevelTargetMaxNs},
                   path + ".target", findings);
  }
  if (level.has_goal_percent()) {
    check_int32(level.goal_percent(), {kGoalPercentMin, kGoalPercentMax}, path + ".goal_percent",
                findings);
  }
  if (!v1::ServiceLevelVariant_IsValid(level.variant())) {
    findings.add(path + ".variant", absl::StrCat("is ", static_cast<int>(level.variant()),
                                                 ", which is no ServiceLevelVariant"));
  }
}

// Everything of one queue that needs no other queue.
void check_queue(const v1::Queue& queue, std::string_view tenant, const IndexById& declared,
                 const std::string& path, Findings& findings) {
  check_requirement(queue.requirement(), declared, path + ".requirement", findings);
  check_int32(queue.priority(), {-kPriorityMax, kPriorityMax}, path + ".priority", findings);
  check_members(queue.members(), tenant, path + ".members", findings);
  check_wrap_up(queue.wrap_up(), path + ".wrap_up", findings);
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
}

void check_queues(const v1::TenantConfig& config, std::string_view tenant,
                  const IndexById& declared, Findings& findings) {
  const int count = check_count(config.queues_size(), kQueuesMax, "queues", findings);
  IndexById seen;
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::Queue& queue = config.queues(i);
    const std::string path = absl::StrCat("queues[", i, "]");
    check_name(queue.name(), tenant, "queues", path + ".name", findings);
    const auto [entry, added] = seen.emplace(queue.name(), i);
    if (!added && !queue.name().empty()) {
      findings.add(path + ".name",
                   absl::StrCat("repeats queues[", entry->second, "], ", quote(queue.name())));
    }
    check_queue(queue, tenant, declared, path, findings);
  }
}

void check_agent(const v1::Agent& agent, std::string_view tenant, const IndexById& declared,
                 const std::string& path, Findings& findings) {
  check_name(agent.name(), tenant, "agents", path + ".name", findings);
  // Sorted, so that the same message gives the same list on every run.
  const std::map<std::string_view, int32_t> skills(agent.skills().begin(), agent.skills().end());
  for (const auto& [skill, level] : skills) {
    if (findings.full()) return;
    const bool known = declared.contains(skill);
    if (known && level >= kSkillLevelMin && level <= kSkillLevelMax) continue;
    const std::string field = absl::StrCat(path, ".skills[", quote(skill), "]");
    if (!known) findings.add(field, "the tenant declares no such skill");
    check_int32(level, {kSkillLevelMin, kSkillLevelMax}, field, findings);
  }
  if (agent.display_name().size() > kDisplayNameBytesMax) {
    findings.add(path + ".display_name", absl::StrCat("must be 0 to ", kDisplayNameBytesMax,
                                                      " bytes, has ", agent.display_name().size()));
  } else if (!is_text(agent.display_name())) {
    findings.add(path + ".display_name", "must be valid UTF-8 without control characters; is " +
                                             quote(agent.display_name()));
  }
}

}  // namespace

std::vector<Violation> validate_config(const v1::TenantConfig& config) {
  Findings findings;
  const std::string_view tenant = tenant_id_of(config.name());
  if (config.name().empty()) {
    findings.add("name", "is required");
  } else if (tenant.empty()) {
    findings.add("name", absl::StrCat("must be tenants/{tenant}, the id ", kIdRule, "; is ",
                                      quote(config.name())));
  }
  const IndexById declared = check_skills(config, findings);
  check_queues(config, tenant, declared, findings);
  if (config.has_switch_grace()) {
    check_duration(config.switch_grace(), {0, kSwitchGraceMaxNs}, "switch_grace", findings);
  }
  if (config.has_busy_limit()) {
    check_duration(config.busy_limit(), {kBusyLimitMinNs, kBusyLimitMaxNs}, "busy_limit", findings);
  }
  constexpr Int32Range kFailuresInARow = {kFailuresInARowMin, kFailuresInARowLimit};
  if (config.has_rejects_max()) {
    check_int32(config.rejects_max(), kFailuresInARow, "rejects_max", findings);
  }
  if (config.has_no_answers_max()) {
    check_int32(config.no_answers_max(), kFailuresInARow, "no_answers_max", findings);
  }
  return findings.take();
}

std::vector<Violation> validate_agents(std::span<const v1::Agent> agents,
                                       const v1::TenantConfig& config) {
  Findings findings;
  const std::string_view tenant = tenant_id_of(config.name());
  IndexById declared;
  for (int i = 0; i < config.skills_size(); ++i) declared.emplace(config.skills(i), i);
  if (agents.size() > kAgentsMax) {
    findings.add("agents", absl::StrCat("has ", agents.size(), " entries, at most ", kAgentsMax,
                                        " are allowed"));
    agents = agents.first(kAgentsMax);
  }
  IndexById seen;
  for (size_t i = 0; i < agents.size() && !findings.full(); ++i) {
    const v1::Agent& agent = agents[i];
    const std::string path = absl::StrCat("agents[", i, "]");
    const auto [entry, added] = seen.emplace(agent.name(), static_cast<int>(i));
    if (!added && !agent.name().empty()) {
      findings.add(path + ".name",
                   absl::StrCat("repeats agents[", entry->second, "], ", quote(agent.name())));
    }
    check_agent(agent, tenant, declared, path, findings);
  }
  return findings.take();
}

}  // namespace acd
