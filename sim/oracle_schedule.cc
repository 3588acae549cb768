// SPDX-License-Identifier: Apache-2.0
// The oracle's calls for later.
#include <optional>

#include "sim/oracle.h"

namespace acd {

bool Oracle::is_taken(std::string_view id) {
  return find_call(id) != nullptr || remembered(id) != nullptr || scheduled_.contains(id);
}

Reject Oracle::schedule_call(const Command& command, std::string_view arena) {
  const std::string id(command.call.in(arena));
  if (is_taken(id)) return Reject::kCallExists;
  if (scheduled_.size() >= kScheduledMax) return Reject::kLimitReached;
  const QueueIndex index = find_queue(command.name.in(arena));
  if (!index.valid()) return Reject::kQueueUnknown;
  ScheduledCall later;
  later.source = command.source;
  if (!later.source.valid()) later.source = sessions_.find(command.preferred.in(arena));
  if (!sessions_.contains(later.source)) return Reject::kSourceUnknown;
  const std::string_view text = command.text.in(arena);
  if (!text.empty()) {
    const CallbackConfig& config = queue_at(index).config.callback;
    if (!config.is_taken) return Reject::kNoCallbacks;
    const std::optional<std::string> number = normalised_number(text);
    if (!number) return Reject::kNumberInvalid;
    if (!is_number_allowed(config, *number)) return Reject::kNumberNotAllowed;
    later.number = *number;
  }
  later.queue = command.name.in(arena);
  later.has_priority = command.flag;
  later.priority = command.number;
  later.due_ms = command.wait_ns;
  scheduled_[id] = later;
  tell_schedule(ScheduleChange::kMade, id, later);
  return Reject::kNone;
}

Reject Oracle::reschedule_call(const Command& command, std::string_view id) {
  const auto known = scheduled_.find(id);
  if (known == scheduled_.end()) return Reject::kCallUnknown;
  const bool is_foreign = command.source.valid() && known->second.source != command.source;
  if (is_foreign) return Reject::kCallOfOtherSwitch;
  known->second.due_ms = command.wait_ns;
  tell_schedule(ScheduleChange::kMoved, id, known->second);
  return Reject::kNone;
}

Reject Oracle::cancel_scheduled(const Command& command, std::string_view id) {
  const auto known = scheduled_.find(id);
  if (known == scheduled_.end()) return Reject::kCallUnknown;
  const bool is_foreign = command.source.valid() && known->second.source != command.source;
  if (is_foreign) return Reject::kCallOfOtherSwitch;
  tell_schedule(ScheduleChange::kCanceled, id, known->second);
  scheduled_.erase(known);
  return Reject::kNone;
}

Reject Oracle::call_due(std::string_view id) {
  const auto known = scheduled_.find(id);
  if (known == scheduled_.end()) return Reject::kCallUnknown;
  const ScheduledCall due = known->second;
  scheduled_.erase(known);
  const bool is_drained = !find_queue(due.queue).valid();
  const Reject reject = enter_scheduled(due, id);
  if (reject == Reject::kNone && is_drained) see(Sight::kLaterDrained);
  if (reject != Reject::kNone) tell_schedule(ScheduleChange::kDropped, id, due, reject);
  return Reject::kNone;
}

QueueIndex Oracle::queue_or_drain(std::string id) const {
  while (!find_queue(id).valid()) {
    const auto left =
        std::ranges::find_if(queues_, [&](const Queue& one) { return one.config.id == id; });
    if (left == queues_.end() || left->drains_to.empty()) return QueueIndex();
    id = left->drains_to;
  }
  return find_queue(id);
}

Reject Oracle::enter_scheduled(const ScheduledCall& due, std::string_view id) {
  Call fresh;
  fresh.queue = queue_or_drain(due.queue);
  if (!fresh.queue.valid()) return Reject::kQueueUnknown;
  if (calls_.size() >= kCallsMax) return Reject::kLimitReached;
  fresh.source = due.source;
  fresh.has_priority = due.has_priority;
  fresh.priority = due.has_priority ? due.priority : queue_at(fresh.queue).config.priority;
  fresh.entered_ns = now_ns_;
  fresh.key_ns = now_ns_;
  if (!due.number.empty() && are_callbacks_used_up()) return Reject::kLimitReached;
  if (!due.number.empty()) return begin_callback(fresh, due.number, id, nullptr, false);
  fresh.medium = Medium::kTask;
  fresh.is_reminder = true;
  fresh.line_ns = now_ns_;
  fresh.treat_from_ns = now_ns_;
  Call& call = begin_call(std::move(fresh), id);
  begin_visit(call, VisitEntry::kScheduled, {});
  after_entry(call, false);
  return Reject::kNone;
}

void Oracle::tell_schedule(ScheduleChange change, std::string_view id,
                           const ScheduledCall& scheduled, Reject why) {
  Event& event = emit(EventKind::kCallScheduled);
  event.detail = static_cast<uint8_t>(change);
  event.medium = scheduled.number.empty() ? Medium::kTask : Medium::kCallback;
  event.source = scheduled.source;
  event.duration_ns = scheduled.due_ms * kNsPerMs;
  event.number = static_cast<int32_t>(why);
  if (change == ScheduleChange::kMade && scheduled.has_priority) {
    event.flag = true;
    event.number = scheduled.priority;
  }
  event.text = log_.add_text(id);
  event.text2 = log_.add_text(scheduled.queue);
  event.text3 = log_.add_text(scheduled.number);
}

}  // namespace acd
