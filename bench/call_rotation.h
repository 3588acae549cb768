// SPDX-License-Identifier: Apache-2.0
// Many calls in rotation, each through its whole life: the traffic of the echo ratio.
#pragma once

#include <absl/status/status.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bench/batch_writer.h"

namespace acd::bench {

// What was written so far.
struct CallCounts {
  int64_t offered = 0;
  int64_t answered = 0;
  int64_t connected = 0;
  int64_t ended = 0;
};

// A fixed number of calls, each offered, answered when the daemon rings an agent, connected when it
// says so, and ended; a call that ended makes room for a new one.
//
// Owns:     the state of its calls and which agent each one holds.
// Bounds:   `calls` calls at once, each with at most one event due; kArrivalsMax arrivals wait to be offered.
// Order:    among the due events any may be next (seeded), so that each batch is a mix of all
//           kinds; after stop_offering() the one that was due first, and arrivals, oldest first, behind
//           all events of calls under way.
// Fails:    ring() and connect() refuse what no call is waiting for, and an agent who has a call.
class CallRotation {
 public:
  static constexpr uint32_t kCallsMax = 99'999;
  static constexpr uint32_t kAgentsMax = 99'999;
  static constexpr size_t kArrivalsMax = 100'000;

  // Agents, and the places of calls, are numbered from `first` on: two rotations at one daemon share none.
  // REQUIRES: 1..kCallsMax calls, 1..kAgentsMax agents; with `first` no number above these.
  CallRotation(std::string_view queue_id, uint32_t calls, uint32_t agents, uint32_t first = 0);

  // Events that can be written now.
  [[nodiscard]] uint32_t due() const {
    return static_cast<uint32_t>(due_.size() + std::min(arrivals_.size(), free_.size()));
  }
  // Writes one due event. Returns when its call came, if it is the offer of one that came by arrive(),
  // else 0. REQUIRES: due() > 0.
  int64_t write_next(BatchWriter& writer);

  // The daemon's commands. Each makes the call's next event due.
  [[nodiscard]] absl::Status ring(std::string_view call_id, std::string_view agent_id,
                                  int64_t generation);
  [[nodiscard]] absl::Status connect(std::string_view call_id, int64_t generation);

  // From now on no call is offered; those begun go on to their end.
  void stop_offering();
  // A call comes at `now_ns`: its offer is due as soon as there is a place. False when kArrivalsMax wait.
  // REQUIRES: after stop_offering(); not before the arrival before it.
  [[nodiscard]] bool arrive(int64_t now_ns);
  // Forgets the arrivals that came before `limit_ns` and were not offered. Returns how many.
  size_t give_up(int64_t limit_ns);
  // Whether there is a place for an arrival.
  [[nodiscard]] bool has_place() const { return !free_.empty(); }
  [[nodiscard]] bool all_ended() const {
    return counts_.offered == counts_.ended && (offering_ || due_.empty()) && arrivals_.empty();
  }
  [[nodiscard]] const CallCounts& counts() const { return counts_; }

  // "a00042": the id of agent `index`. Its station is the same with a "p".
  [[nodiscard]] static std::string agent_id(uint32_t index);
  [[nodiscard]] static std::string station(uint32_t index);

 private:
  static constexpr uint32_t kNoAgent = UINT32_MAX;

  enum class Stage : uint8_t { kOfferDue, kOffered, kAnswerDue, kAnswered, kConnectDue, kEndDue };

  // "ssssssssss.ppppp": serial and place, as long as the ids of real switches.
  static constexpr size_t kSerialDigits = 10;
  static constexpr size_t kPlaceDigits = 5;
  static constexpr size_t kCallIdBytes = kSerialDigits + 1 + kPlaceDigits;

  struct Call {
    [[nodiscard]] std::string_view call_id() const { return {id.data(), id.size()}; }

    std::array<char, kCallIdBytes> id{};
    uint32_t serial = 0;  // Tells the calls of one place apart.
    uint32_t agent = kNoAgent;
    int64_t generation = 0;
    Stage stage = Stage::kOfferDue;
  };

  // Makes room for a new call in the place.
  void renew(Call& call, uint32_t serial);
  // The call of that id if it is in `stage`, else null.
  [[nodiscard]] Call* find(std::string_view call_id, Stage stage, uint32_t& place);

  std::vector<Call> calls_;       // By place.
  std::deque<uint32_t> due_;      // Places whose next event can be written.
  std::vector<uint32_t> free_;    // Places without a call, once stop_offering() was called.
  std::deque<int64_t> arrivals_;  // When those came that wait to be offered.
  const uint32_t first_;
  std::vector<bool> agent_busy_;
  std::minstd_rand random_;
  CallCounts counts_;
  bool offering_ = true;
  // Encoded bodies that are the same for every call.
  std::string call_offered_;
  std::string call_ended_;
};

}  // namespace acd::bench
