// SPDX-License-Identifier: Apache-2.0
// One stream kept full: a closed loop with a window of messages without answer.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/traffic.h"

namespace acd::bench {

// Round-trip times in whole microseconds, exact up to kMax.
class RoundTrips {
 public:
  RoundTrips() : counts_(kMaxUs + 1) {}

  void add(int64_t ns);
  void clear();
  // The time that `per_mille` of all round trips do not exceed; 0 when there are none.
  [[nodiscard]] int64_t quantile_us(int64_t per_mille) const;

 private:
  static constexpr int64_t kMaxUs = 1'000'000;  // Longer ones count as this.

  std::vector<uint32_t> counts_;
  int64_t total_ = 0;
};

// What went over the stream since it opened.
struct StreamTotals {
  int64_t messages_answered = 0;
  int64_t events_answered = 0;
  int64_t request_bytes_answered = 0;
  int64_t replies = 0;
  int64_t reply_bytes = 0;
};

// Drives one raw bidirectional call of SwitchService.Connect from one completion queue.
//
// Threads:  one, the caller's.
// Bounds:   at most `window` messages without answer; one write and one read under way.
// Fails:    an error of the traffic, the end of the stream, or kStallSeconds without an answer.
class LoadStream {
 public:
  static constexpr int64_t kStallSeconds = 10;

  // `traffic` outlives the stream. REQUIRES: window >= 1.
  LoadStream(const std::shared_ptr<grpc::Channel>& channel, Traffic& traffic, uint32_t window);
  ~LoadStream();
  LoadStream(const LoadStream&) = delete;
  LoadStream& operator=(const LoadStream&) = delete;

  // Sends and receives until `done()`, which is asked after each read or write.
  [[nodiscard]] absl::Status run_until(const std::function<bool()>& done);
  // Half-closes and waits for the server's end. REQUIRES: every message is answered.
  [[nodiscard]] absl::Status close();

  [[nodiscard]] const StreamTotals& totals() const { return totals_; }
  // Messages without answer.
  [[nodiscard]] size_t unanswered() const { return sent_.size(); }
  [[nodiscard]] RoundTrips& round_trips() { return round_trips_; }

 private:
  enum Tag : intptr_t { kStart = 1, kRead, kWrite, kWritesDone, kFinish };

  struct Sent {
    int64_t sent_ns = 0;
    uint32_t event_count = 0;
    size_t size = 0;
  };

  [[nodiscard]] absl::Status step();
  [[nodiscard]] absl::Status take_reply();
  void start_read();
  void send_what_fits();
  // Waits for the server's status. The stream is over then.
  [[nodiscard]] absl::Status finish();

  Traffic& traffic_;
  const uint32_t window_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer reply_;
  bool started_ = false;
  bool writing_ = false;
  bool closing_ = false;
  bool finished_ = false;
  int64_t progress_ns_ = 0;  // When the last answer came.
  std::deque<Sent> sent_;    // Without answer, oldest first.
  StreamTotals totals_;
  RoundTrips round_trips_;
};

// Nanoseconds of the monotonic clock.
[[nodiscard]] int64_t monotonic_now_ns();

}  // namespace acd::bench
