// SPDX-License-Identifier: Apache-2.0
#include "daemon/opening_hours.h"

#include <algorithm>
#include <utility>

#include "daemon/config/config_tables.h"
#include "routing/check.h"

namespace acd {

std::shared_ptr<const HoursTables> make_hours_tables(const v1::TenantConfig& config) {
  auto tables = std::make_shared<HoursTables>();
  const std::string_view tenant = tenant_id_of(config.name());
  tables->days = LocalDays(config.time_zone());
  if (!tables->days.knows_zone()) {
    tables->unknown_zones.push_back("time_zone: " + config.time_zone());
  }
  std::map<std::string_view, size_t> place_of;
  for (const v1::Calendar& calendar : config.calendars()) {
    place_of.emplace(calendar.name(), tables->calendars.size());
    const std::string id(resource_id_of(calendar.name(), tenant, "calendars"));
    tables->calendars.push_back({id, Calendar(calendar)});
    if (tables->calendars.back().hours.knows_zone()) continue;
    tables->unknown_zones.push_back("calendar " + id + ": " + calendar.time_zone());
  }
  for (const v1::Queue& queue : config.queues()) {
    const std::string id(resource_id_of(queue.name(), tenant, "queues"));
    const auto place = [&](const std::string& calendar) {
      return calendar.empty() ? HoursTables::kNoCalendar : place_of.at(calendar);
    };
    const HoursTables::Followed followed = {place(queue.calendar()),
                                            place(queue.callback().calendar())};
    tables->queues.emplace_back(id, followed);
    tables->followed_by.emplace(id, followed);
  }
  return tables;
}

void OpeningHours::configure(std::shared_ptr<const HoursTables> tables) {
  tables_ = std::move(tables);
  said_.assign(tables_->calendars.size(), {});
  std::erase_if(overrides_, [this](const auto& one) { return !has_queue(one.first); });
}

bool OpeningHours::has_queue(std::string_view queue) const {
  return tables_->followed_by.find(queue) != tables_->followed_by.end();
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

std::vector<OpeningHours::WantedQueue> OpeningHours::at(int64_t unix_ns) {
  for (size_t i = 0; i < said_.size(); ++i) static_cast<void>(ask(i, unix_ns));
  std::vector<WantedQueue> wanted;
  wanted.reserve(tables_->queues.size());
  for (const auto& [queue, followed] : tables_->queues) {
    const auto against = overrides_.find(queue);
    wanted.push_back({queue,
                      against == overrides_.end() ? by_calendar(followed.hours, unix_ns)
                                                  : by_override(against->second, followed.hours),
                      by_calendar(followed.callbacks, unix_ns)});
  }
  return wanted;
}

int64_t OpeningHours::due_ns() const {
  int64_t due_ns = kNeverNs;
  for (const Said& one : said_) due_ns = std::min(due_ns, one.due_ns);
  for (const auto& [queue, one] : overrides_) {
    if (one.until_ms != 0) due_ns = std::min(due_ns, one.until_ms * kNsPerMs);
  }
  return due_ns;
}

OpeningHours::Wanted OpeningHours::without_override(std::string_view queue, int64_t unix_ns) {
  const auto found = tables_->followed_by.find(queue);
  ACD_CHECK(found != tables_->followed_by.end());
  return by_calendar(found->second.hours, unix_ns);
}

// Most calendars say the same as when another one changed last.
const OpeningHours::Said& OpeningHours::ask(size_t calendar, int64_t unix_ns) {
  Said& said = said_[calendar];
  if (said.seen_ns <= unix_ns && unix_ns < said.due_ns) return said;
  const Calendar& hours = tables_->calendars[calendar].hours;
  said = {hours.is_open(unix_ns), hours.next_change_ns(unix_ns), unix_ns, unix_ns + kAskNs};
  said.due_ns = std::min(said.due_ns, said.next_change_ns);
  return said;
}

OpeningHours::Wanted OpeningHours::by_calendar(size_t calendar, int64_t unix_ns) {
  Wanted wanted;
  if (calendar == kNoCalendar) return wanted;
  const Said& said = ask(calendar, unix_ns);
  const HoursTables::NamedCalendar& named = tables_->calendars[calendar];
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
  if (calendar != kNoCalendar) wanted.hours.calendar = tables_->calendars[calendar].id;
  if (one.until_ms == 0) return wanted;
  // The calendar may say the same then.
  bool is_open_then = true;
  int64_t next_ns = kNeverNs;
  if (calendar != kNoCalendar) {
    const Calendar& hours = tables_->calendars[calendar].hours;
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
