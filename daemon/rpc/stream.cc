// SPDX-License-Identifier: Apache-2.0
// The one stream reactor, both ways or to the peer alone: raw messages, one status at the end.
#include "daemon/rpc/stream.h"

#include <grpcpp/server_context.h>

#include <utility>

// gRPC never runs a reaction inside StartRead, StartWrite or Finish: it queues it, so that these
// may be called under the mutex that the reactions take.
namespace acd {

template <typename Reactor>
void StreamBase<Reactor>::begin() {
  const MutexLock lock(&mutex_);
  self_ = this->shared_from_this();
  on_begin();
}

template <typename Reactor>
void StreamBase<Reactor>::finish(const grpc::Status& status) {
  const MutexLock lock(&mutex_);
  finish_locked(status);
}

template <typename Reactor>
void StreamBase<Reactor>::finish_for_stop() {
  const MutexLock lock(&mutex_);
  finish_locked(shutting_down_error());
}

template <typename Reactor>
void StreamBase<Reactor>::check_stall(StreamClock::time_point now) {
  const MutexLock lock(&mutex_);
  if (done_) return;
  if (!finished_) {
    if (writing_ && now - write_began_ >= kStallMax) {
      finish_locked(RpcError{v1::ERROR_REASON_STREAM_TOO_SLOW,
                             "The peer did not read for 5 s; connect again and resume.",
                             {},
                             {}});
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

template <typename Reactor>
void StreamBase<Reactor>::write() {
  if (finished_ || writing_ || !next_message(&write_bytes_)) return;
  writing_ = true;
  write_began_ = StreamClock::now();
  this->StartWrite(&write_bytes_);
}

template <typename Reactor>
void StreamBase<Reactor>::finish_locked(const grpc::Status& status) {
  if (finished_) return;
  finished_ = true;
  finish_began_ = StreamClock::now();
  this->Finish(status);
}

template <typename Reactor>
void StreamBase<Reactor>::finish_locked(RpcError error) {
  add_resume_point(&error);
  finish_locked(make_status(error));
}

template <typename Reactor>
void StreamBase<Reactor>::OnWriteDone(bool ok) {
  const MutexLock lock(&mutex_);
  writing_ = false;
  if (!ok) {
    finish_locked(grpc::Status(grpc::StatusCode::CANCELLED, "The peer is gone."));
    return;
  }
  write();
  if (!finished_ && !writing_) on_flushed();
}

template <typename Reactor>
void StreamBase<Reactor>::OnCancel() {
  finish(grpc::Status(grpc::StatusCode::CANCELLED, "The stream was cancelled."));
}

template <typename Reactor>
void StreamBase<Reactor>::OnDone() {
  std::shared_ptr<StreamBase> self;
  {
    const MutexLock lock(&mutex_);
    done_ = true;
    self = std::move(self_);
  }
  on_done();
}

template class StreamBase<BidiReactor>;
template class StreamBase<WriteReactor>;

void Stream::read() {
  if (is_finished()) return;
  ACD_CHECK(!reading_);
  reading_ = true;
  StartRead(&read_bytes_);
}

void Stream::OnReadDone(bool ok) {
  {
    const MutexLock lock(&mutex_);
    reading_ = false;
    if (is_finished()) return;
  }
  if (ok) {
    on_message(read_bytes_);
  } else {
    on_half_close();
  }
}

}  // namespace acd
