// SPDX-License-Identifier: Apache-2.0
// What other systems would tell a caller who has just come and has to wait: the predictors that ours
// is measured against.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "routing/event.h"
#include "routing/ids.h"

namespace acd::sim {

// "Waits" are those of the queue's answered calls that had to wait; "mean handle" is that of all its
// calls so far; "logged in" are the agents who have the queue's skill, one at least.
enum class Rival : uint8_t {
  kConstant,     // Mean wait of the training.
  kLastWait,     // The last wait.
  kLastTen,      // Mean of the last ten waits.
  kAsterisk,     // Holdtime: (3 old + new) >> 2 in whole seconds at each answer, of no wait too.
  kOpenSips,     // Mean handle × calls of the queue that wait ÷ logged in.
  kAvaya,        // Place in the queue × decayed mean time between removals of its priority.
  kQueueLength,  // Mean handle × (calls that wait in any queue + 1) ÷ logged in.
  kQueueLengthFitted,  // (Calls that go before it, of any queue, + 1) × the training's best factor.
};
inline constexpr size_t kRivalCount = 8;

// "constant", "last wait" and so on.
[[nodiscard]] std::string_view rival_name(Rival rival);

// By rival, in seconds.
using RivalGuesses = std::array<double, kRivalCount>;

// All of them, over the events of one centre whose queues ask for the skill of their own name.
//
// Threads:  one at a time.
// Bounds:   as the Router's, agents, queues and live calls.
class Rivals {
 public:
  void apply(const Event& event, std::string_view arena);
  // Of a call that waits: what they said when it came, from what was so before it.
  // REQUIRES: it lives.
  [[nodiscard]] const RivalGuesses& guesses(CallIndex call) const;
  // From here on the constant and the factor stay as they were learned.
  void end_training() { is_training_ = false; }

 private:
  static constexpr size_t kLastWaits = 10;
  static constexpr double kAvayaWeight = 0.1;     // Of the newest time between removals.
  static constexpr double kAvayaUnknownS = 30.0;  // Before the first.

  // Calls of one queue that came with a head start, or without.
  struct Band {
    int64_t waiting = 0;
    int64_t removed_ns = 0;  // The last one, or when the band ceased to be empty.
    bool has_removed = false;
    double gap_s = kAvayaUnknownS;
    bool has_gap = false;
  };
  struct Queue {
    std::string id;
    double wait_sum_s = 0;
    double waits = 0;
    double last_wait_s = 0;
    std::deque<double> last_waits_s;
    int64_t holdtime_s = 0;
    double handle_sum_s = 0;
    double handles = 0;
    double place_wait_sum = 0;  // Σ place × wait, and Σ place².
    double place_square_sum = 0;
    int64_t waiting = 0;
    std::array<Band, 2> bands;
  };
  struct Call {
    QueueIndex queue;
    int64_t key_ns = 0;
    int64_t came_ns = 0;
    int64_t connected_ns = 0;
    size_t band = 0;
    bool is_waiting = false;
    double place = 0;  // In the order of all queues, from 1.
    RivalGuesses guesses{};
  };
  struct Agent {
    bool is_logged_in = false;
    std::vector<std::string> skills;
  };

  void enqueue(const Event& event);
  void answer(const Event& event);
  void leave(Call& call);
  void complete(const Event& event);
  [[nodiscard]] double logged_in(const Queue& queue) const;
  [[nodiscard]] Queue& queue_at(QueueIndex index);
  [[nodiscard]] Call& call_at(CallIndex index);
  [[nodiscard]] Agent& agent_at(AgentIndex index);

  std::vector<Queue> queues_;
  std::vector<Agent> agents_;
  std::unordered_map<uint32_t, Call> calls_;  // Live ones.
  int64_t waiting_ = 0;
  bool is_training_ = true;
};

}  // namespace acd::sim
