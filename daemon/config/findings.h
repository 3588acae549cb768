// SPDX-License-Identifier: Apache-2.0
// What the rules of a configuration have in common: the list of violations, ranges, counts, names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "acd/v1/config_service.pb.h"
#include "daemon/config/config_tables.h"
#include "routing/requirement.h"

namespace acd {

inline constexpr char kIdRule[] = "1 to 64 of a-z A-Z 0-9 . _ -";

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
  void add(std::string field, std::string description);
  [[nodiscard]] bool full() const { return violations_.size() > kViolationsMax; }
  [[nodiscard]] std::vector<Violation> take() { return std::move(violations_); }

 private:
  std::vector<Violation> violations_;
};

// From an id or a name to the index of the first entry that has it. The keys point into the
// message.
using IndexById = std::unordered_map<std::string_view, int>;

// What the parts of one configuration refer to.
struct TenantNames {
  std::string_view tenant;  // Empty: the tenant's own name is malformed.
  IndexById skills;         // Declared ones.
  IndexById queues;         // By resource name.
  IndexById calendars;      // The same.
  IndexById wrap_up_codes;

  // The declared skill, as parse_requirement() asks for it.
  [[nodiscard]] SkillIndex find_skill(std::string_view skill) const;
};

// Checks that notice and go on. `field` is the path of what is checked.

void check_duration(const google::protobuf::Duration& duration, NsRange range,
                    const std::string& field, Findings& findings);
void check_int32(int32_t value, Int32Range range, const std::string& field, Findings& findings);
// A text that is required, of at most `bytes_max` bytes.
void check_text(const std::string& text, size_t bytes_max, const std::string& field,
                Findings& findings);
// The skill is required, and declared.
void check_skill(const std::string& skill, const TenantNames& names, const std::string& field,
                 Findings& findings);
// The name of one entry of `collection` is required, and is one.
void check_name(const std::string& name, std::string_view tenant, const std::string& collection,
                const std::string& field, Findings& findings);
// The name of a queue of this configuration is required.
void check_queue_name(const std::string& name, const TenantNames& names, const std::string& field,
                      Findings& findings);
// The name of a calendar of this configuration.
void check_calendar_name(const std::string& name, const TenantNames& names,
                         const std::string& field, Findings& findings);
// The id of a team.
void check_team(const std::string& team, const std::string& field, Findings& findings);
// Reports a repeated field with more entries than `max`; returns how many of them to check.
[[nodiscard]] int check_count(int count, size_t max, const std::string& field, Findings& findings);

// Whether `name` is that of an entry of `collection`. An empty `tenant` stands for a malformed
// tenant name, reported already: then only the id is looked at.
[[nodiscard]] bool is_name_of(std::string_view name, std::string_view tenant,
                              std::string_view collection);

// --- Of one queue (queue_rules.cc): everything but its name.
void check_queue(const v1::Queue& queue, const TenantNames& names, const std::string& path,
                 Findings& findings);
// Whether it takes the agents to know the queue's members: it names a team, or a step opens one.
[[nodiscard]] bool names_teams(const v1::Queue& queue);
// Whether the agent with that resource name, in `team`, is a member of the queue, or is in some
// step.
[[nodiscard]] bool may_be_member(std::string_view agent, std::string_view team,
                                 const v1::Queue& queue);
// Of an agent whom a limit calls.
inline constexpr char kNoMember[] = "can never get the call, being no member of the queue: ";

// --- Of the calendars (calendar_rules.cc), but for what the machine knows of their zones.
// Whether it has the form of a zone's name.
void check_zone(const std::string& zone, const std::string& path, Findings& findings);
void check_calendars(const v1::TenantConfig& config, const TenantNames& names, Findings& findings);

}  // namespace acd
