// SPDX-License-Identifier: Apache-2.0
#include "daemon/opening_hours.h"

#include "daemon/config/config_tables.h"
#include "routing/check.h"

namespace acd {

void OpeningHours::configure(const v1::TenantConfig& config) {
  const std::string_view tenant = tenant_id_of(config.name());
  calendars_.clear();
  queues_.clear();
  calendar_of_.clear();
  unknown_zones_.clear();
  std::map<std::string_view, size_t> place_of;
  for (const v1::Calendar& calendar : config.calendars()) {
    place_of.emplace(calendar.name(), calendars_.size());
    const std::string id(resource_id_of(calendar.name(), tenant, "calendars"));
    calendars_.push_back({id, Calendar(calendar)});
    if (calendars_.back().hours.knows_zone()) continue;
    unknown_zones_.push_back("calendar " + id + ": " + calendar.time_zone());
  }
  for (const v1::Queue& queue : config.queues()) {
    const std::string id(resource_id_of(queue.name(), tenant, "queues"));
    const size_t calendar = queue.calendar().empty() ? kNoCalendar : place_of.at(queue.calendar());
    queues_.emplace_back(id, calendar);
    calendar_of_.emplace(id, calendar);
  }
  std::erase_if(overrides_, [this](const auto& one) { return !has_queue(one.first); });
}

bool OpeningHours::has_queue(std::string_view queue) const {
  return calendar_of_.find(queue) != calendar_of_.end();
}

void OpeningHours::put(QueueOverride one) {
  ACD_CHECK(has_queue(one.queue));
  std::string queue = one.queue;
  overrides_[std::move(queue)] = std::move(one);
}

void OpeningHours::follow_calendar(std::string_view queue) {
  const auto found = overrides_.find(queue);
  if (found != overrides_.end()) overrides_.erase(found);
}

std::vector<std::string> OpeningHours::lapsed(int64_t unix_ns) const {
  std::vector<std::string> queues;
  for (const auto& [queue, one] : overrides_) {
    if (one.until_ms != 0 && one.until_ms * kNsPerMs <= unix_ns) queues.push_back(queue);
  }
  return queues;
}

std::vector<std::pair<std::string, OpeningHours::Wanted>> OpeningHours::at(int64_t unix_ns) const {
  std::vector<Said> said;
  for (const NamedCalendar& calendar : calendars_) {
    said.push_back({calendar.hours.is_open(unix_ns), calendar.hours.next_change_ns(unix_ns)});
  }
  std::vector<std::pair<std::string, Wanted>> wanted;
  wanted.reserve(queues_.size());
  for (const auto& [queue, calendar] : queues_) {
    const auto said_against = overrides_.find(queue);
    wanted.emplace_back(
        queue, said_against != overrides_.end()
                   ? by_override(said_against->second, calendar)
                   : by_calendar(calendar, calendar == kNoCalendar ? Said() : said[calendar]));
  }
  return wanted;
}

OpeningHours::Wanted OpeningHours::without_override(std::string_view queue, int64_t unix_ns) const {
  const auto found = calendar_of_.find(queue);
  ACD_CHECK(found != calendar_of_.end());
  Said said;
  if (found->second != kNoCalendar) {
    const Calendar& hours = calendars_[found->second].hours;
    said = {hours.is_open(unix_ns), hours.next_change_ns(unix_ns)};
  }
  return by_calendar(found->second, said);
}

OpeningHours::Wanted OpeningHours::by_calendar(size_t calendar, const Said& said) const {
  Wanted wanted;
  if (calendar == kNoCalendar) return wanted;
  const NamedCalendar& named = calendars_[calendar];
  wanted.hours.calendar = named.id;
  wanted.hours.source =
      named.hours.knows_zone() ? HoursSource::kCalendar : HoursSource::kUnknownZone;
  wanted.is_open = said.is_open;
  if (said.next_change_ns != kNeverNs) {
    wanted.hours.next_change_ms = said.next_change_ns / kNsPerMs;
  }
  return wanted;
}

OpeningHours::Wanted OpeningHours::by_override(const QueueOverride& one, size_t calendar) const {
  Wanted wanted;
  wanted.is_open = one.is_open;
  wanted.hours.source = HoursSource::kOverride;
  wanted.hours.reason = one.reason;
  wanted.hours.principal = one.principal;
  wanted.hours.since_ms = one.since_ms;
  wanted.hours.until_ms = one.until_ms;
  if (calendar != kNoCalendar) wanted.hours.calendar = calendars_[calendar].id;
  if (one.until_ms == 0) return wanted;
  // The calendar may say the same then.
  bool is_open_then = true;
  int64_t next_ns = kNeverNs;
  if (calendar != kNoCalendar) {
    const Calendar& hours = calendars_[calendar].hours;
    if (!hours.knows_zone()) return wanted;
    is_open_then = hours.is_open(one.until_ms * kNsPerMs);
    next_ns = hours.next_change_ns(one.until_ms * kNsPerMs);
  }
  if (is_open_then != one.is_open) {
    wanted.hours.next_change_ms = one.until_ms;
  } else if (next_ns != kNeverNs) {
    wanted.hours.next_change_ms = next_ns / kNsPerMs;
  }
  return wanted;
}

}  // namespace acd
