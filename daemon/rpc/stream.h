// SPDX-License-Identifier: Apache-2.0
// The one stream reactor, both ways or to the peer alone: raw messages, one status at the end.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/mutex.h"
#include "daemon/rpc/status.h"
#include "routing/check.h"

namespace acd {

using StreamClock = std::chrono::steady_clock;

// A write that does not complete for so long ends its stream: the peer does not read.
inline constexpr std::chrono::seconds kStallMax{5};
// A peer that does not even take the status within this time is cut off.
inline constexpr std::chrono::seconds kFinishWaitMax{5};

// The mechanics that all streams share: at most one write under way, exactly one Finish, and a
// deadline for a peer that stalls. `Reactor` is gRPC's for the kind of stream.
//
// Threads:  gRPC's for the reactions, any other for the rest.
// Owns:     itself, from begin() until gRPC is done with it; others may hold it longer.
// Bounds:   one message to be written; what waits is the subclass's.
// Order:    messages are written in the order of next_message().
template <typename Reactor>
class StreamBase : public Reactor, public std::enable_shared_from_this<StreamBase<Reactor>> {
 public:
  explicit StreamBase(grpc::CallbackServerContext* context) : context_(context) {}
  ~StreamBase() override = default;
  StreamBase(const StreamBase&) = delete;
  StreamBase& operator=(const StreamBase&) = delete;

  // Starts it. Call once, from the service's method, and return the stream there.
  void begin() ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the stream; the first call wins.
  void finish(const grpc::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends it because the daemon stops.
  void finish_for_stop() ABSL_LOCKS_EXCLUDED(mutex_);

  // Cuts a peer that stalls. Called now and then.
  void check_stall(StreamClock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

 protected:
  // The stream began.
  virtual void on_begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) = 0;
  // The stream is over and gRPC is done with it. Comes once, after every other reaction has
  // returned.
  virtual void on_done() ABSL_LOCKS_EXCLUDED(mutex_) = 0;
  // Moves the next message to write to `bytes`; false when none waits.
  [[nodiscard]] virtual bool next_message(grpc::ByteBuffer* bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) = 0;
  // The last of the waiting messages was written.
  virtual void on_flushed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) = 0;
  // From where a peer may go on, in the metadata of the error that ends its stream; by default it
  // knows that itself.
  virtual void add_resume_point(RpcError* error) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    static_cast<void>(error);
  }

  // Writes what next_message() gives, unless a write is under way: then it follows.
  void write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void finish_locked(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // With the resume point.
  void finish_locked(RpcError error) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  [[nodiscard]] bool is_finished() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return finished_; }
  [[nodiscard]] bool is_writing() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return writing_; }
  [[nodiscard]] bool is_done() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return done_; }

  Mutex mutex_;

 private:
  void OnWriteDone(bool ok) final;
  void OnCancel() final;
  void OnDone() final;

  grpc::CallbackServerContext* const context_;  // Gone after OnDone.
  grpc::ByteBuffer write_bytes_;                // gRPC's while a write is under way.
  std::shared_ptr<StreamBase> self_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool cut_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  StreamClock::time_point write_began_ ABSL_GUARDED_BY(mutex_);
  StreamClock::time_point finish_began_ ABSL_GUARDED_BY(mutex_);
};

using BidiReactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;
using WriteReactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;
extern template class StreamBase<BidiReactor>;
extern template class StreamBase<WriteReactor>;

// A stream that only we write to: the request came with the call.
using WriteStream = StreamBase<WriteReactor>;

// A stream both ways: at most one read under way, too.
//
// Threads:  as StreamBase; on_message() runs one at a time.
// Bounds:   one message each way.
class Stream : public StreamBase<BidiReactor> {
 public:
  using StreamBase::StreamBase;

 protected:
  // A message came. The next is read when read() is called, at the end of this or later.
  virtual void on_message(const grpc::ByteBuffer& message) ABSL_LOCKS_EXCLUDED(mutex_) = 0;
  // The peer says no more, or is gone.
  virtual void on_half_close() ABSL_LOCKS_EXCLUDED(mutex_) = 0;

  // Reads one more message, unless the stream is finished. REQUIRES: none is being read.
  void read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

 private:
  void on_begin() final ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { read(); }
  void OnReadDone(bool ok) final;

  grpc::ByteBuffer read_bytes_;  // gRPC's while a read is under way.
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
};

// A stream that ends as it begins.
template <typename Reactor>
class RefusedStream final : public Reactor {
 public:
  explicit RefusedStream(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

// The streams of a service that are alive. `Connection` derives from StreamBase.
//
// Threads:  all methods from any thread.
// Owns:     nothing.
template <typename Connection>
class StreamSet {
 public:
  StreamSet() = default;
  ~StreamSet() { ACD_CHECK(count() == 0); }
  StreamSet(const StreamSet&) = delete;
  StreamSet& operator=(const StreamSet&) = delete;

  void add(const std::shared_ptr<Connection>& connection) {
    const MutexLock lock(&mutex_);
    alive_.emplace(connection.get(), connection);
  }
  // Called by a stream that is over.
  void forget(const Connection* connection) {
    const MutexLock lock(&mutex_);
    alive_.erase(connection);
    forgot_.notify_all();
  }
  // Waits until `limit` for all of them to be over.
  void wait_for_none(StreamClock::time_point limit) {
    const MutexLock lock(&mutex_);
    while (!alive_.empty() && StreamClock::now() < limit) forgot_.wait_until(&mutex_, limit);
  }
  [[nodiscard]] size_t count() const {
    const MutexLock lock(&mutex_);
    return alive_.size();
  }
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> all() const {
    std::vector<std::shared_ptr<Connection>> all;
    const MutexLock lock(&mutex_);
    all.reserve(alive_.size());
    for (const auto& [key, weak] : alive_) {
      if (auto connection = weak.lock()) all.push_back(std::move(connection));
    }
    return all;
  }
  void tick(StreamClock::time_point now) {
    for (const auto& connection : all()) connection->tick(now);
  }
  // Ends all of them. New ones are refused by the edge's stop.
  void finish_all() {
    for (const auto& connection : all()) connection->finish_for_stop();
  }

 private:
  mutable Mutex mutex_;
  CondVar forgot_;
  std::unordered_map<const Connection*, std::weak_ptr<Connection>> alive_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
