// SPDX-License-Identifier: Apache-2.0
// Calls for later: follow-ups and reminders, tasks or callbacks. They are no calls before their time,
// which is the wall's and not the Router's: the daemon tells when it has come.
#include <algorithm>
#include <utility>

#include "routing/callback.h"
#include "routing/router.h"

namespace acd {

bool Router::is_known_call(const HashedName& id) {
  ended_calls_.expire(now_ns_);
  return calls_.find(id).valid() || ended_calls_.contains(id) || scheduled_.contains(id.text);
}

Reject Router::schedule_call(const Command& command, std::string_view arena, const HashedName& id) {
  if (is_known_call(id)) return Reject::kCallExists;
  if (scheduled_.size() >= kScheduledMax) return Reject::kLimitReached;
  const QueueIndex entered = find_queue(command.name.in(arena));
  if (!entered.valid()) return Reject::kQueueUnknown;
  ScheduledCall fresh;
  fresh.source =
      command.source.valid() ? command.source : sessions_.find(command.preferred.in(arena));
  if (!sessions_.contains(fresh.source)) return Reject::kSourceUnknown;
  const CallbackConfig& callback = queue(entered).config.callback;
  if (command.text.size > 0) {
    if (!callback.is_taken) return Reject::kNoCallbacks;
    std::optional<std::string> number = normalised_number(command.text.in(arena));
    if (!number) return Reject::kNumberInvalid;
    if (!is_number_allowed(callback, *number)) return Reject::kNumberNotAllowed;
    fresh.number = std::move(*number);
  }
  fresh.queue = command.name.in(arena);
  fresh.has_priority = command.flag;
  fresh.priority = command.number;
  fresh.due_ms = command.wait_ns;
  dues_.insert({fresh.due_ms, std::string(id.text)});
  ++queue(entered).scheduled_calls;
  const auto made = scheduled_.emplace(id.text, std::move(fresh)).first;
  tell_schedule(ScheduleChange::kMade, id.text, made->second);
  return Reject::kNone;
}

Reject Router::reschedule_call(const Command& command, std::string_view id) {
  const auto known = scheduled_.find(id);
  if (known == scheduled_.end()) return Reject::kCallUnknown;
  if (command.source.valid() && known->second.source != command.source) {
    return Reject::kCallOfOtherSwitch;
  }
  const int64_t due_ms = command.wait_ns;
  dues_.erase({known->second.due_ms, known->first});
  known->second.due_ms = due_ms;
  dues_.insert({due_ms, known->first});
  tell_schedule(ScheduleChange::kMoved, id, known->second);
  return Reject::kNone;
}

Reject Router::cancel_scheduled(const Command& command, std::string_view id) {
  const auto known = scheduled_.find(id);
  if (known == scheduled_.end()) return Reject::kCallUnknown;
  if (command.source.valid() && known->second.source != command.source) {
    return Reject::kCallOfOtherSwitch;
  }
  tell_schedule(ScheduleChange::kCanceled, id, known->second);
  --queue(queue_for_later(known->second)).scheduled_calls;
  dues_.erase({known->second.due_ms, known->first});
  scheduled_.erase(known);
  return Reject::kNone;
}

Reject Router::call_due(const HashedName& id) {
  const auto known = scheduled_.find(id.text);
  if (known == scheduled_.end()) return Reject::kCallUnknown;
  const ScheduledCall due = std::move(known->second);
  --queue(queue_for_later(due)).scheduled_calls;
  dues_.erase({due.due_ms, known->first});
  scheduled_.erase(known);
  const Reject reject = enter_scheduled(due, id);
  if (reject == Reject::kNone) return reject;
  tell_schedule(ScheduleChange::kDropped, id.text, due);
  log_.events.back().number = static_cast<int32_t>(reject);
  return Reject::kNone;
}

// As it was asked for: the queue may have been left out since.
QueueIndex Router::queue_for_later(const ScheduledCall& scheduled) const {
  return QueueIndex(queue_by_id_.find(HashedName(scheduled.queue)));
}

QueueIndex Router::queue_or_drain(std::string_view id) const {
  QueueIndex index(queue_by_id_.find(HashedName(id)));
  while (index.valid() && queue(index).is_removed) index = queue(index).drain_target;
  return index;
}

Reject Router::enter_scheduled(const ScheduledCall& due, const HashedName& id) {
  Call fresh;
  fresh.queue = queue_or_drain(due.queue);
  if (!fresh.queue.valid()) return Reject::kQueueUnknown;
  if (calls_.count() >= kCallsMax) return Reject::kLimitReached;
  Reject reject = Reject::kNone;
  fresh.requirement = requirement_for({}, &reject);
  if (reject != Reject::kNone) return reject;
  fresh.source = due.source;
  fresh.has_priority = due.has_priority;
  fresh.priority = due.priority;
  fresh.enqueued_ns = now_ns_;
  fresh.key_ns = now_ns_;
  if (!due.number.empty()) {
    if (callbacks_.size() >= kCallbacksMax) return Reject::kLimitReached;
    fresh.medium = Medium::kCallback;
    return begin_callback(fresh, due.number, id, CallIndex(), false);
  }
  fresh.medium = Medium::kTask;
  fresh.is_reminder = true;
  fresh.line_ns = now_ns_;
  fresh.treated_ns = now_ns_ - 1;
  if (!has_room_for(&fresh)) return Reject::kLimitReached;
  const CallIndex index = add_call(fresh, id);
  enter_queue(index, VisitEntry::kScheduled, 0, {}, {});
  return Reject::kNone;
}

void Router::tell_schedule(ScheduleChange change, std::string_view id,
                           const ScheduledCall& scheduled) {
  Event& event = emit(EventKind::kCallScheduled);
  event.detail = static_cast<uint8_t>(change);
  event.medium = scheduled.number.empty() ? Medium::kTask : Medium::kCallback;
  event.source = scheduled.source;
  event.duration_ns = scheduled.due_ms * kNsPerMs;
  if (change == ScheduleChange::kMade) {
    event.flag = scheduled.has_priority;
    event.number = scheduled.has_priority ? scheduled.priority : 0;
  }
  event.text = log_.add_text(id);
  event.text2 = log_.add_text(scheduled.queue);
  event.text3 = log_.add_text(scheduled.number);
}

int64_t Router::next_due_ms() const { return dues_.empty() ? kNeverNs : dues_.begin()->first; }

std::vector<std::string> Router::due_calls(int64_t unix_ms, size_t count_max) const {
  std::vector<std::string> due;
  for (const auto& [due_ms, id] : dues_) {
    if (due_ms > unix_ms || due.size() == count_max) break;
    due.push_back(id);
  }
  return due;
}

}  // namespace acd
