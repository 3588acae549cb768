// SPDX-License-Identifier: Apache-2.0
// What a stream of LoadStreams sends and how it knows its answers: a switch before the daemon, or a replay
// before the echo server.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "acd/v1/switch_service.pb.h"
#include "bench/batch_writer.h"
#include "bench/call_rotation.h"
#include "bench/response_reader.h"
#include "bench/round_trips.h"

namespace acd::bench {

// One request as it goes on the wire.
struct Message {
  grpc::Slice bytes;
  uint32_t event_count = 0;
};

// Messages that were sent once, to be sent again.
using Recording = std::vector<Message>;
inline constexpr uint32_t kRecordingMessagesMax = 20'000;
inline constexpr uint32_t kMessageBytesMax = 1 << 20;

[[nodiscard]] absl::Status write_recording(const Recording& recording, const std::string& path);
[[nodiscard]] absl::StatusOr<Recording> read_recording(const std::string& path);

// The two ends of one stream.
//
// Threads:  one, that of the LoadStreams.
class Traffic {
 public:
  virtual ~Traffic() = default;
  // The next message, or nothing until an answer came; `flush`: also one that is not full.
  [[nodiscard]] virtual std::optional<Message> next(bool flush) = 0;
  // Takes one message, received at `now_ns`, and returns how many sent messages it answers, oldest first.
  [[nodiscard]] virtual absl::StatusOr<uint32_t> received(const grpc::ByteBuffer& bytes,
                                                          int64_t now_ns) = 0;
};

struct DaemonTrafficOptions {
  std::string tenant = "bench";
  std::string queue = "bench";
  std::string source_id = "event_load";
  uint32_t first = 0;  // Number of its first agent and of its first call's place.
  uint32_t agent_count = 10'000;
  uint32_t call_count = 4'096;
  uint32_t batch = 64;
};

// What became of the arrivals of one or several switches.
struct ArrivalFigures {
  int64_t came = 0;
  // They took the switch's default route, unsent after kHandOverShare of `Hello.ack_timeout`:
  int64_t held_back = 0;  // The stream took no more.
  int64_t no_line = 0;    // Every line of the switch had a call.
  int64_t accepted = 0;   // Acknowledged.
  int64_t late = 0;       // Of these: after `Hello.ack_timeout`; they are the switch's.
  RoundTrips waits;       // From arrival to acknowledgement, of the oldest of each message.
};

// What is left of `Hello.ack_timeout` is the daemon's.
inline constexpr double kHandOverShare = 0.5;

// A switch: opens its session, logs its agents in, and carries calls through their lives. It
// answers for what is measured: a refusal or an unexpected command is an error.
class DaemonTraffic : public Traffic {
 public:
  explicit DaemonTraffic(const DaemonTrafficOptions& options);

  [[nodiscard]] std::optional<Message> next(bool flush) override;
  [[nodiscard]] absl::StatusOr<uint32_t> received(const grpc::ByteBuffer& bytes,
                                                  int64_t now_ns) override;

  // True once every agent is logged in and ready, durably.
  [[nodiscard]] bool agents_ready() const;
  // Keeps the next messages of calls, at most kRecordingMessagesMax.
  void start_recording();
  [[nodiscard]] const Recording& recording() const { return recording_; }
  // Lets the calls run out; done() then says that all of them ended, durably.
  void stop_offering() { rotation_.stop_offering(), draining_ = true; }
  // From now on calls come by arrive() alone, and `figures` says what became of them.
  void open_loop(ArrivalFigures* figures) {
    rotation_.stop_offering();
    arrivals_ = figures;
    draining_ = false;
  }
  // A call comes at `now_ns`, and waits to be sent.
  void arrive(int64_t now_ns);
  // Those take the default route that have waited too long.
  void reroute(int64_t now_ns);
  [[nodiscard]] int64_t ack_timeout_ns() const { return ack_timeout_ns_; }
  [[nodiscard]] bool done() const { return rotation_.all_ended() && in_flight_.empty(); }
  [[nodiscard]] const CallCounts& counts() const { return rotation_.counts(); }

 private:
  enum class Stage : uint8_t { kOpen, kAwaitHello, kLogIn, kCalls };

  struct InFlight {
    int64_t last_sequence = 0;
    uint32_t arrivals = 0;
    int64_t oldest_ns = 0;  // When the first of the arrivals came.
  };

  [[nodiscard]] Message open_session() const;
  [[nodiscard]] Message log_in_batch();
  [[nodiscard]] Message call_batch(uint32_t count);
  [[nodiscard]] absl::Status check_hello(const v1::Hello& hello);
  // Takes what the fast reader leaves: the hello and all that ends the run.
  [[nodiscard]] absl::StatusOr<uint32_t> received_unusual(std::string_view message, int64_t now_ns);
  [[nodiscard]] uint32_t acknowledge(int64_t through_sequence, int64_t now_ns);
  void count_rerouted(int64_t count);

  const DaemonTrafficOptions options_;
  CallRotation rotation_;
  BatchWriter writer_;
  Stage stage_ = Stage::kOpen;
  bool draining_ = false;
  bool recording_on_ = false;
  Recording recording_;
  uint32_t log_in_next_ = 0;      // Agent whose log-in is written next.
  int64_t log_in_sequence_ = 0;   // Of the last event of the log-ins.
  int64_t durable_sequence_ = 0;  // Of the last acknowledgement.
  int64_t ack_timeout_ns_ = 0;
  ArrivalFigures* arrivals_ = nullptr;
  std::deque<InFlight> in_flight_;  // Messages without answer.
  ResponseReader reader_;
};

// The same bytes again, round robin, each answered by one message of constant size.
class EchoTraffic : public Traffic {
 public:
  // REQUIRES: a recording that is not empty.
  explicit EchoTraffic(Recording recording) : recording_(std::move(recording)) {}

  // Sends nothing from now on.
  void stop() { stopped_ = true; }

  [[nodiscard]] std::optional<Message> next(bool flush) override;
  [[nodiscard]] absl::StatusOr<uint32_t> received(const grpc::ByteBuffer& bytes,
                                                  int64_t now_ns) override;

 private:
  const Recording recording_;
  size_t next_index_ = 0;
  bool stopped_ = false;
  size_t reply_bytes_ = 0;  // Of the first reply.
};

// Messages as DaemonTraffic sends them to a daemon that assigns at once: for an echo without a
// daemon.
[[nodiscard]] absl::StatusOr<Recording> imagine_recording(const DaemonTrafficOptions& options,
                                                          uint32_t messages);

}  // namespace acd::bench
