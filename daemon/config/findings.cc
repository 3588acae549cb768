// SPDX-License-Identifier: Apache-2.0
// The checks that many rules share.
#include "daemon/config/findings.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "daemon/config/text.h"
#include "routing/limits.h"

namespace acd {
namespace {

// Bounds of google.protobuf.Duration itself: about 10,000 years.
constexpr int64_t kDurationSecondsMax = 315'576'000'000;
constexpr int64_t kSecondsAsNsMax = 1'000'000'000;
constexpr int32_t kDurationNanosMax = 999'999'999;

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

}  // namespace

void Findings::add(std::string field, std::string description) {
  if (violations_.size() < kViolationsMax) {
    violations_.push_back({std::move(field), std::move(description)});
  } else if (violations_.size() == kViolationsMax) {
    violations_.push_back({std::move(field), absl::StrCat("more than ", kViolationsMax,
                                                          " violations; the check stopped here")});
  }
}

SkillIndex TenantNames::find_skill(std::string_view skill) const {
  const auto found = skills.find(skill);
  return found == skills.end() ? SkillIndex() : SkillIndex(static_cast<uint32_t>(found->second));
}

void check_duration(const google::protobuf::Duration& duration, NsRange range,
                    const std::string& field, Findings& findings) {
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

void check_text(const std::string& text, size_t bytes_max, const std::string& field,
                Findings& findings) {
  if (text.empty()) {
    findings.add(field, "is required");
  } else if (text.size() > bytes_max) {
    findings.add(field, absl::StrCat("must be 1 to ", bytes_max, " bytes, has ", text.size()));
  } else if (!is_text(text)) {
    findings.add(field, "must be valid UTF-8 without control characters; is " + quote(text));
  }
}

void check_skill(const std::string& skill, const TenantNames& names, const std::string& field,
                 Findings& findings) {
  if (skill.empty()) {
    findings.add(field, "is required");
  } else if (!names.skills.contains(skill)) {
    findings.add(field, "the tenant declares no skill " + quote(skill));
  }
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

void check_queue_name(const std::string& name, const TenantNames& names, const std::string& field,
                      Findings& findings) {
  if (!is_name_of(name, names.tenant, "queues")) {
    check_name(name, names.tenant, "queues", field, findings);
  } else if (!names.queues.contains(name)) {
    findings.add(field, "the tenant has no queue " + quote(name));
  }
}

void check_calendar_name(const std::string& name, const TenantNames& names,
                         const std::string& field, Findings& findings) {
  if (!is_name_of(name, names.tenant, "calendars")) {
    check_name(name, names.tenant, "calendars", field, findings);
  } else if (!names.calendars.contains(name)) {
    findings.add(field, "the tenant has no calendar " + quote(name));
  }
}

void check_team(const std::string& team, const std::string& field, Findings& findings) {
  if (is_resource_id(team)) return;
  findings.add(field, absl::StrCat("must be ", kIdRule, "; is ", quote(team)));
}

int check_count(int count, size_t max, const std::string& field, Findings& findings) {
  if (static_cast<size_t>(count) <= max) return count;
  findings.add(field, absl::StrCat("has ", count, " entries, at most ", max, " are allowed"));
  return static_cast<int>(max);
}

bool is_name_of(std::string_view name, std::string_view tenant, std::string_view collection) {
  if (!tenant.empty()) return !resource_id_of(name, tenant, collection).empty();
  return is_resource_id(name.substr(name.rfind('/') + 1));
}

}  // namespace acd
