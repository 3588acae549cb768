// SPDX-License-Identifier: Apache-2.0
// The one stream reactor: raw messages in, raw messages out, one status at the end.
#include "daemon/rpc/stream.h"

#include <grpcpp/server_context.h>

#include <utility>

#include "daemon/rpc/status.h"
#include "routing/check.h"

// gRPC never runs a reaction inside StartRead, StartWrite or Finish: it queues it, so that these
// may be called under the mutex that the reactions take.
namespace acd {

void Stream::begin() {
  const MutexLock lock(&mutex_);
  self_ = shared_from_this();
  read();
}

void Stream::finish(const grpc::Status& status) {
  const MutexLock lock(&mutex_);
  finish_locked(status);
}

void Stream::check_stall(StreamClock::time_point now) {
  const MutexLock lock(&mutex_);
  if (done_) return;
  if (!finished_) {
    if (writing_ && now - write_began_ >= kStallMax) {
      finish_locked(make_status({v1::ERROR_REASON_STREAM_TOO_SLOW,
                                 "The peer did not read for 5 s; connect again and resume.",
                                 {},
                                 {}}));
    }
    return;
  }
  // The status waits behind a message that the peer does not take; nothing but a reset gets past
  // it.
  if (!cut_ && now - finish_began_ >= kFinishWaitMax) {
    cut_ = true;
    context_->TryCancel();
  }
}

void Stream::read() {
  if (finished_) return;
  ACD_CHECK(!reading_);
  reading_ = true;
  StartRead(&read_bytes_);
}

void Stream::write() {
  if (finished_ || writing_ || !next_message(&write_bytes_)) return;
  writing_ = true;
  write_began_ = StreamClock::now();
  StartWrite(&write_bytes_);
}

void Stream::finish_locked(const grpc::Status& status) {
  if (finished_) return;
  finished_ = true;
  finish_began_ = StreamClock::now();
  Finish(status);
}

void Stream::OnReadDone(bool ok) {
  {
    const MutexLock lock(&mutex_);
    reading_ = false;
    if (finished_) return;
  }
  if (ok) {
    on_message(read_bytes_);
  } else {
    on_half_close();
  }
}

void Stream::OnWriteDone(bool ok) {
  const MutexLock lock(&mutex_);
  writing_ = false;
  if (!ok) {
    finish_locked(grpc::Status(grpc::StatusCode::CANCELLED, "The peer is gone."));
    return;
  }
  write();
  if (!finished_ && !writing_) on_flushed();
}

void Stream::OnCancel() {
  finish(grpc::Status(grpc::StatusCode::CANCELLED, "The stream was cancelled."));
}

void Stream::OnDone() {
  std::shared_ptr<Stream> self;
  {
    const MutexLock lock(&mutex_);
    done_ = true;
    self = std::move(self_);
  }
  on_done();
}

}  // namespace acd
