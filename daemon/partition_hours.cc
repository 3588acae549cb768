// SPDX-License-Identifier: Apache-2.0
// Queues that open and close: by the clock, and because a supervisor says so. And when customers may
// be called, by the clock.
#include <absl/strings/str_cat.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "acd/storage/v1/records.pb.h"
#include "daemon/partition.h"
#include "routing/check.h"

namespace acd {
namespace {

// What the record says that ends an override whose time is over.
constexpr char kLapsed[] = "its time is over";

// As people read it in a journal.
const char* state_word(v1::QueueOverride state) {
  if (state == v1::QUEUE_OVERRIDE_OPEN) return "open";
  return state == v1::QUEUE_OVERRIDE_CLOSED ? "close" : "follow the calendar";
}

int64_t to_ms(int64_t unix_ns) { return unix_ns / kNsPerMs; }

}  // namespace

int64_t Partition::unix_now_ns() const {
  return clock_.mode() == ClockMode::kWall ? turn_wall_ns_ : now_ns_ + unix_anchor_.offset_ns();
}

// --- The clock.

void Partition::tend_hours() {
  const int64_t unix_ns = unix_now_ns();
  // A clock that went back may have passed a change again.
  if (unix_ns >= hours_due_ns_ || unix_ns < hours_seen_ns_) {
    int64_t due_ns = kNeverNs;
    are_hours_timed_ = false;
    for (uint32_t i = 0; i < tenants_.size(); ++i) {
      const Tenant& tenant = *tenants_[i];
      if (unix_ns >= tenant.hours_due_ns || unix_ns < tenant.hours_seen_ns) {
        note_work(SuspectKind::kTimers, TenantIndex(i), now_ns_);
        keep_hours(TenantIndex(i), unix_ns);
      }
      if (unix_ns >= calls_due_ns(tenant)) {
        note_work(SuspectKind::kTimers, TenantIndex(i), now_ns_);
        enter_due_calls(TenantIndex(i), unix_ns);
      }
      due_ns = std::min({due_ns, tenant.hours_due_ns, calls_due_ns(tenant)});
      are_hours_timed_ =
          are_hours_timed_ || tenant.hours.is_timed() || calls_due_ns(tenant) != kNeverNs;
    }
    hours_seen_ns_ = unix_ns;
    hours_due_ns_ = due_ns;
  }
  if (!are_hours_timed_) {
    hours_turn_ns_ = kNeverNs;
  } else if (clock_.mode() == ClockMode::kDriven) {
    hours_turn_ns_ =
        hours_due_ns_ == kNeverNs ? kNeverNs : hours_due_ns_ - unix_anchor_.offset_ns();
  } else {
    hours_turn_ns_ = now_ns_ + std::min(kHoursLookNs, hours_due_ns_ - unix_ns);
  }
}

// --- Calls for later.

int64_t Partition::calls_due_ns(const Tenant& tenant) {
  const int64_t due_ms = tenant.router.next_due_ms();
  return due_ms == kNeverNs ? kNeverNs : due_ms * kNsPerMs;
}

// What is left over follows in the next turn, which is at once.
void Partition::enter_due_calls(TenantIndex index, int64_t unix_ns) {
  for (const std::string& id : tenant_at(index).router.due_calls(to_ms(unix_ns), kDueCallsMax)) {
    Command command;
    command.kind = CommandKind::kCallDue;
    command.call = {0, static_cast<uint32_t>(id.size())};
    apply_own(index, command, id);
  }
}

void Partition::look_at_schedule() {
  hours_due_ns_ = INT64_MIN;
  tend_hours();
}

void Partition::keep_hours(TenantIndex index, int64_t unix_ns) {
  Tenant& tenant = tenant_at(index);
  for (const std::string& queue : tenant.hours.lapsed(unix_ns)) {
    storage::v1::OverrideQueue record;
    record.set_queue(queue);
    record.set_state(v1::QUEUE_OVERRIDE_FOLLOW_CALENDAR);
    record.set_reason(kLapsed);
    record.set_since_ms(to_ms(unix_ns));
    journal_override(index, record, "");
  }
  auto list = std::make_shared<HoursList>();
  for (auto& [queue, hours, callbacks] : tenant.hours.at(unix_ns)) {
    const bool is_override = hours.hours.source == HoursSource::kOverride;
    if (hours.hours.source != HoursSource::kUnknownZone &&
        tenant.router.is_queue_open(queue) != hours.is_open) {
      turn_queue(index, queue, hours.is_open ? CommandKind::kOpenQueue : CommandKind::kCloseQueue,
                 is_override ? kQueueReasonOverride : kQueueReasonCalendar);
    }
    if (callbacks.hours.source != HoursSource::kUnknownZone &&
        tenant.router.are_callbacks_open(queue) != callbacks.is_open) {
      turn_queue(index, queue,
                 callbacks.is_open ? CommandKind::kOpenCallbacks : CommandKind::kCloseCallbacks,
                 kQueueReasonCalendar);
    }
    list->push_back({queue, std::move(hours.hours), std::move(callbacks.hours)});
  }
  tenant.hours_seen_ns = unix_ns;
  tenant.hours_due_ns = tenant.hours.due_ns();
  hours_due_ns_ = INT64_MIN;  // Of all tenants: found by tend_hours().
  if (!tenant.hours.is_timed() && !std::exchange(tenant.has_told_hours, false)) return;
  tenant.has_told_hours = tenant.hours.is_timed();
  hours_.emplace_back(tenant.board, std::move(list));
}

void Partition::turn_queue(TenantIndex index, const std::string& queue, CommandKind kind,
                           int32_t reason) {
  Command command;
  command.kind = kind;
  command.name = {0, static_cast<uint32_t>(queue.size())};
  command.number = reason;
  apply_own(index, command, queue);
}

void Partition::apply_own(TenantIndex index, const Command& command, std::string_view arena) {
  make_room(command);
  Router& router = touch(index);
  const Reject reject = router.apply(command, arena, now_ns_);
  ACD_CHECK(reject == Reject::kNone);
  frame_.add_command(index, now_ns_, command, arena);
  deadlines_.set(TimerKind::kSource, index.value(), index.value(), router.next_deadline_ns());
  translate_events(index);
}

void Partition::configure_hours(Tenant& tenant) {
  tenant.hours.configure(tenant.config->hours);
  tenant.hours_due_ns = INT64_MIN;
  hours_due_ns_ = INT64_MIN;
}

void Partition::start_hours() {
  turn_wall_ns_ = options_.unix_ns();
  for (const std::unique_ptr<Tenant>& tenant : tenants_) tell_unknown_zones(*tenant);
  tend_hours();
  for (uint32_t i = 0; i < tenants_.size(); ++i) list_waits(TenantIndex(i));
  seal_frame();
}

void Partition::tell_unknown_zones(const Tenant& tenant) {
  for (const std::string& zone : tenant.config->hours->unknown_zones) {
    spdlog::error(
        "this machine does not know a zone; a calendar's queues stay as they are, the tenant's "
        "days "
        "are those of UTC: tenant={} {}",
        tenant.id, zone);
  }
}

// --- Supervisors.

TableAnswer Partition::override_queue(TenantIndex index, TableChange& change) {
  Tenant& tenant = tenant_at(index);
  const QueueOverrideChange& wanted = change.override_queue;
  TableAnswer answer;
  if (!tenant.hours.has_queue(wanted.queue)) {
    answer.outcome = TableAnswer::Outcome::kRefused;
    answer.reject = Reject::kQueueUnknown;
    answer.queue = absl::StrCat("tenants/", tenant.id, "/queues/", wanted.queue);
    return answer;
  }
  const int64_t unix_ns = unix_now_ns();
  if (wanted.until_ms != 0) {
    const int64_t left_ms = wanted.until_ms - to_ms(unix_ns);
    if (left_ms <= 0) {
      answer.violations.push_back({"until", "is over already by the clock of the daemon"});
    } else if (left_ms > kOverrideMaxMs) {
      answer.violations.push_back({"until", "is more than 366 days ahead"});
    }
    if (!answer.violations.empty()) {
      answer.outcome = TableAnswer::Outcome::kInvalid;
      return answer;
    }
  }
  answer.is_open = wanted.state == v1::QUEUE_OVERRIDE_OPEN;
  if (wanted.state == v1::QUEUE_OVERRIDE_FOLLOW_CALENDAR) {
    const OpeningHours::Wanted then = tenant.hours.without_override(wanted.queue, unix_ns);
    answer.is_open = then.hours.source == HoursSource::kUnknownZone
                         ? tenant.router.is_queue_open(wanted.queue)
                         : then.is_open;
  }
  if (change.validate_only) return answer;
  storage::v1::OverrideQueue record;
  record.set_queue(wanted.queue);
  record.set_state(wanted.state);
  record.set_reason(wanted.reason);
  record.set_until_ms(wanted.until_ms);
  record.set_since_ms(to_ms(unix_ns));
  record.set_request_id(change.request_id);
  record.set_request_checksum(wanted.checksum);
  record.set_is_open(answer.is_open);
  journal_override(index, record, change.principal);
  keep_hours(index, unix_ns);
  tend_hours();  // Finds when it is looked at next.
  output_.answers.emplace_back(
      [id = tenant.id, queue = wanted.queue, state = wanted.state, principal = change.principal] {
        spdlog::info("queue overridden: tenant={} queue={} state={} by={}", id, queue,
                     v1::QueueOverride_Name(state), principal);
      });
  return answer;
}

void Partition::journal_override(TenantIndex index, const storage::v1::OverrideQueue& record,
                                 std::string_view principal) {
  std::string arena = record.SerializeAsString();
  Command command;
  command.kind = CommandKind::kOverrideQueue;
  command.name = {0, static_cast<uint32_t>(arena.size())};
  command.text = acd::add_text(
      absl::StrCat(state_word(record.state()), " ", record.queue(), ": ", record.reason()), &arena);
  command.principal = acd::add_text(principal, &arena);
  make_room(command);
  const absl::Status status = take_override(index, command.name.in(arena), principal, now_ns_);
  ACD_CHECK(status.ok());
  frame_.add_command(index, now_ns_, command, arena);
}

absl::Status Partition::take_override(TenantIndex index, std::string_view payload,
                                      std::string_view principal, int64_t now_ns) {
  storage::v1::OverrideQueue record;
  if (index.value() >= tenants_.size() ||
      !record.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::DataLossError("an override of a queue cannot be read");
  }
  Tenant& tenant = tenant_at(index);
  if (!tenant.hours.has_queue(record.queue())) {
    return absl::DataLossError(absl::StrCat("tenants/", tenant.id, "/queues/", record.queue(),
                                            ": is overridden, unknown"));
  }
  if (record.state() == v1::QUEUE_OVERRIDE_FOLLOW_CALENDAR) {
    tenant.hours.follow_calendar(record.queue());
  } else {
    tenant.hours.put({record.queue(), record.state() == v1::QUEUE_OVERRIDE_OPEN, record.reason(),
                      std::string(principal), record.since_ms(), record.until_ms()});
  }
  keep_answer(tenant, {now_ns, CommandKind::kOverrideQueue, std::move(*record.mutable_request_id()),
                       std::move(*record.mutable_request_checksum()), 0, record.is_open()});
  return absl::OkStatus();
}

}  // namespace acd
