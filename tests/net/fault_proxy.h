// SPDX-License-Identifier: Apache-2.0
// A gRPC proxy that harms what passes through it, for tests.
#pragma once

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tests/net/fault_script.h"

namespace acd::net {

// More streams at once are refused, and counted.
inline constexpr size_t kStreamsMax = 1'024;
// A message above it ends its stream with RESOURCE_EXHAUSTED, as gRPC does it.
inline constexpr int kMessageBytesMax = 64 << 20;
inline constexpr int kMetadataBytesMax = 64 << 10;
// Nothing is held back past these, whatever the script says.
inline constexpr size_t kHeldBytesMax = size_t{4} << 20;
inline constexpr int32_t kStallTimeMaxMs = 200;
// Methods past it count their streams together.
inline constexpr size_t kMethodsMax = 256;

struct FaultProxyOptions {
  std::string listen = "127.0.0.1:0";
  std::string target = {};
  uint64_t seed = 0;
  FaultRates rates = {};
  // Whether that method carries one message only in that direction. Unset: none does.
  std::function<bool(const std::string& method, Direction)> is_single = {};
};

// What it did so far.
struct FaultCounts {
  int64_t streams = 0;  // All that came, refused ones as well.
  int64_t refused = 0;
  int64_t crowded = 0;  // Refused as there were kStreamsMax.
  // By what became of them. A message that a script delays or stalls while another one is stalled
  // passes with that one, and counts as kNone.
  ByDirection<ByFault<int64_t>> messages;
  int64_t held_max = 0;  // Messages that one stall held at once.

  bool operator==(const FaultCounts&) const = default;
};

// One name and number a line.
[[nodiscard]] std::string to_text(const FaultCounts& counts);

// Passes every call of every method on to the target and its answers back, except for what the
// script of each stream and direction says. Metadata, deadlines, cancellations, half-closes,
// statuses with their details and trailers pass as they are; what gRPC itself says of a connection
// (pings, compression, user agent) does not. What a client sees of a cut is CANCELLED, of a refusal
// UNAVAILABLE; the target sees a cancellation, and nothing.
//
// Threads:  one of its own, which does all the work. The functions may be called from one other
//           thread; counts() from any.
// Bounds:   kStreamsMax streams; a stream holds one message a direction, in a stall
//           kStallMessagesMax more, each twice at most, and kHeldBytesMax.
// Order:    messages of one direction never overtake each other.
// Fails:    start() alone.
class FaultProxy {
 public:
  explicit FaultProxy(FaultProxyOptions options);
  // Stops it.
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // UNAVAILABLE when it cannot listen there. REQUIRES: not started before.
  [[nodiscard]] absl::Status start();
  // Cuts what is open, and returns when all of it is gone. Twice is legal.
  void stop();
  // Where it listens, with the port that was taken. REQUIRES: started.
  [[nodiscard]] const std::string& address() const;
  [[nodiscard]] FaultCounts counts() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace acd::net
