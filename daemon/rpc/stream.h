// SPDX-License-Identifier: Apache-2.0
// The one stream reactor: raw messages in, raw messages out, one status at the end.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>

#include "daemon/mutex.h"

namespace acd {

using StreamClock = std::chrono::steady_clock;

// A write that does not complete for so long ends its stream: the peer does not read.
inline constexpr std::chrono::seconds kStallMax{5};
// A peer that does not even take the status within this time is cut off.
inline constexpr std::chrono::seconds kFinishWaitMax{5};

// The mechanics of a bidirectional stream: at most one read and one write under way, exactly one
// Finish, and a deadline for a peer that stalls.
//
// Threads:  gRPC's for the reactions, any other for the rest. on_message() runs one at a time.
// Owns:     itself, from begin() until gRPC is done with it; others may hold it longer.
// Bounds:   one message each way; what waits is the subclass's.
// Order:    messages are written in the order of next_message().
class Stream : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
               public std::enable_shared_from_this<Stream> {
 public:
  explicit Stream(grpc::CallbackServerContext* context) : context_(context) {}
  ~Stream() override = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Starts reading. Call once, from the service's method, and return the stream there.
  void begin() ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the stream; the first call wins.
  void finish(const grpc::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  // Cuts a peer that stalls. Called now and then.
  void check_stall(StreamClock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

 protected:
  // A message came. The next is read when read() is called, at the end of this or later.
  virtual void on_message(const grpc::ByteBuffer& message) ABSL_LOCKS_EXCLUDED(mutex_) = 0;
  // The peer says no more, or is gone.
  virtual void on_half_close() ABSL_LOCKS_EXCLUDED(mutex_) = 0;
  // The stream is over and gRPC is done with it. Comes once, after every on_message() has returned.
  virtual void on_done() ABSL_LOCKS_EXCLUDED(mutex_) = 0;
  // Moves the next message to write to `bytes`; false when none waits.
  [[nodiscard]] virtual bool next_message(grpc::ByteBuffer* bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) = 0;
  // The last of the waiting messages was written.
  virtual void on_flushed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) = 0;

  // Reads one more message, unless the stream is finished. REQUIRES: none is being read.
  void read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Writes what next_message() gives, unless a write is under way: then it follows.
  void write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void finish_locked(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  [[nodiscard]] bool is_finished() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return finished_; }
  [[nodiscard]] bool is_writing() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return writing_; }
  [[nodiscard]] bool is_done() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return done_; }

  Mutex mutex_;

 private:
  void OnReadDone(bool ok) final;
  void OnWriteDone(bool ok) final;
  void OnCancel() final;
  void OnDone() final;

  grpc::CallbackServerContext* const context_;  // Gone after OnDone.
  grpc::ByteBuffer read_bytes_;                 // gRPC's while a read is under way.
  grpc::ByteBuffer write_bytes_;                // gRPC's while a write is under way.
  std::shared_ptr<Stream> self_ ABSL_GUARDED_BY(mutex_);
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool cut_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  StreamClock::time_point write_began_ ABSL_GUARDED_BY(mutex_);
  StreamClock::time_point finish_began_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
