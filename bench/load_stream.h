// SPDX-License-Identifier: Apache-2.0
// Streams driven from one thread: each sends what its traffic has, with a window of messages without answer.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/round_trips.h"
#include "bench/traffic.h"

namespace acd::bench {

// What went over all streams since they opened.
struct StreamTotals {
  int64_t messages_answered = 0;
  int64_t events_answered = 0;
  int64_t request_bytes_answered = 0;
  int64_t replies = 0;
  int64_t reply_bytes = 0;
};

// Drives raw bidirectional calls of SwitchService.Connect from one completion queue, one for each traffic.
//
// Threads:  one, the caller's.
// Bounds:   of each stream at most `window` messages without answer, until lift_window(); one write and one read
//           under way, so that HTTP/2 holds back whom the server does not read.
// Fails:    an error of a traffic, the end of a stream, or kStallSeconds without an answer to any.
class LoadStreams {
 public:
  static constexpr int64_t kStallSeconds = 10;
  // How often those who run the clock are asked, and what lies ready is sent although it fills no message.
  static constexpr int64_t kTickNs = 10'000'000;

  // What a stream goes over, and what it carries.
  struct End {
    std::shared_ptr<grpc::Channel> channel;
    Traffic* traffic = nullptr;
  };

  // The traffics outlive the streams. REQUIRES: at least one end; window >= 1.
  LoadStreams(const std::vector<End>& ends, uint32_t window);
  ~LoadStreams();
  LoadStreams(const LoadStreams&) = delete;
  LoadStreams& operator=(const LoadStreams&) = delete;

  // Sends and receives until `done()`, which is asked after each read or write.
  [[nodiscard]] absl::Status run_until(const std::function<bool()>& done);
  // The same by the clock: every kTickNs `tick(now_ns)` may bring what is to be sent, until it says false.
  [[nodiscard]] absl::Status run_ticks(const std::function<bool(int64_t)>& tick);
  // From now on only the server, and what the traffics have, hold the streams back.
  void lift_window() { window_ = UINT32_MAX; }
  // Half-closes and waits for the server's end. REQUIRES: every message is answered.
  [[nodiscard]] absl::Status close();

  [[nodiscard]] const StreamTotals& totals() const { return totals_; }
  // Messages without answer.
  [[nodiscard]] size_t unanswered() const;
  [[nodiscard]] RoundTrips& round_trips() { return round_trips_; }
  // Events answered by stream, in the order of the ends.
  [[nodiscard]] std::vector<int64_t> events_answered() const;

 private:
  enum class Operation : uint8_t { kStart, kRead, kWrite, kWritesDone, kFinish };
  static constexpr size_t kOperationCount = 5;

  struct Stream;
  struct Tag {
    Stream* stream = nullptr;
    Operation operation = Operation::kStart;
  };
  struct Sent {
    int64_t sent_ns = 0;
    uint32_t event_count = 0;
    size_t size = 0;
  };
  struct Stream {
    Stream(const End& end, grpc::CompletionQueue& queue);
    [[nodiscard]] void* tag(Operation operation) { return &tags[static_cast<size_t>(operation)]; }

    Traffic& traffic;
    grpc::GenericStub stub;
    grpc::ClientContext context;
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;
    std::array<Tag, kOperationCount> tags;
    grpc::ByteBuffer reply;
    grpc::Status status;
    bool started = false;
    bool writing = false;
    bool closing = false;
    bool finishing = false;
    bool finished = false;
    std::deque<Sent> sent;  // Without answer, oldest first.
    int64_t events_answered = 0;
  };

  // Waits for the next operation that ends, at most until `limit_ns`.
  [[nodiscard]] absl::Status step(int64_t limit_ns);
  [[nodiscard]] absl::Status ended(Stream& stream, Operation operation, bool ok);
  [[nodiscard]] absl::Status take_reply(Stream& stream);
  // `flush`: also what fills no message.
  void send_what_fits(Stream& stream, bool flush);
  // Waits for the server's status. The stream is over then.
  [[nodiscard]] absl::Status finish(Stream& stream);

  uint32_t window_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Stream>> streams_;
  int64_t progress_ns_ = 0;  // When the last answer came.
  StreamTotals totals_;
  RoundTrips round_trips_;
};

}  // namespace acd::bench
