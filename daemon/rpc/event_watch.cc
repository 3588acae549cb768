// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/event_watch.h"

#include <utility>

#include "daemon/rpc/resume_token.h"

namespace acd {

EventWatch::EventWatch(TenantPort* port, std::shared_ptr<EventPages> pages, WatchStart start,
                       StreamSet<EventWatch>* streams, std::unique_ptr<StreamTicket> ticket,
                       grpc::CallbackServerContext* context)
    : WriteStream(context),
      port_(port),
      pages_(std::move(pages)),
      start_(std::move(start)),
      streams_(streams),
      ticket_(std::move(ticket)) {}

Look EventWatch::look(const Board& board, const WatchTail& tail) {
  const MutexLock lock(&mutex_);
  if (is_finished()) return {Watching::kOver};
  if (is_writing()) return {Watching::kBusy};  // on_flushed() asks again.
  if (!place_) {
    if (std::optional<RpcError> error = take_place(board, tail)) {
      finish_locked(*std::move(error));
      return {Watching::kOver};
    }
    return {Watching::kBusy};
  }
  if (*place_ + 1 < tail.first_sequence()) {
    place_.reset();  // Nobody could go on from there.
    finish_locked(resume_token_expired(tail.first_sequence()));
    return {Watching::kOver};
  }
  EventPages::Page page = pages_->next(board, tail, *place_, start_.filter);
  place_ = page.through;
  if (page.has_events) {
    share_ = std::move(page.share);
    send(std::move(page.bytes));
    return {Watching::kBusy, page.looked};
  }
  return {*place_ + 1 < tail.next_sequence() ? Watching::kMore : Watching::kWaits, page.looked};
}

std::optional<RpcError> EventWatch::take_place(const Board& board, const WatchTail& tail) {
  if (auto error = start_.filter.find_unknown(board, pages_->tenant())) return error;
  int64_t place = tail.next_sequence() - 1;
  if (start_.oldest) place = tail.first_sequence() - 1;
  if (start_.after) {
    // The journal has lost events that somebody had seen.
    if (*start_.after > place) return history_changed();
    if (*start_.after + 1 < tail.first_sequence()) {
      return resume_token_expired(tail.first_sequence());
    }
    place = *start_.after;
  }
  place_ = place;
  send(pages_->heartbeat(place));
  return std::nullopt;
}

void EventWatch::tick(StreamClock::time_point now) {
  check_stall(now);
  const MutexLock lock(&mutex_);
  if (is_finished() || is_writing() || !place_ || now - sent_ < kWatchHeartbeat) return;
  send(pages_->heartbeat(*place_));
}

void EventWatch::send(grpc::ByteBuffer bytes) {
  message_ = std::move(bytes);
  sent_ = StreamClock::now();
  write();
}

bool EventWatch::next_message(grpc::ByteBuffer* bytes) {
  if (!message_) {
    share_ = nullptr;
    return false;
  }
  bytes->Swap(&*message_);
  message_.reset();
  return true;
}

void EventWatch::on_begin() { ask_to_look(); }

void EventWatch::on_flushed() { ask_to_look(); }

void EventWatch::on_done() {
  streams_->forget(this);
  ask_to_look();  // To be forgotten there, too.
}

void EventWatch::ask_to_look() {
  port_->watch(std::static_pointer_cast<EventWatch>(shared_from_this()));
}

void EventWatch::add_resume_point(RpcError* error) const {
  if (place_) error->metadata["resume_token"] = pages_->token(*place_);
}

}  // namespace acd
