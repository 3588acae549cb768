// SPDX-License-Identifier: Apache-2.0
// The record of each call's latest assignment, kept for those who ask why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "routing/event.h"
#include "routing/ids.h"

namespace acd {

struct CallDecision {
  std::string call;  // Id.
  QueueIndex queue;
  int64_t sequence = 0;  // Of the event.
  int64_t time_ns = 0;
  std::string record;  // As encode_decision() writes it.

  bool operator==(const CallDecision&) const = default;
};

struct SavedDecision {
  CallIndex call;  // None: it has ended.
  CallDecision decision;

  bool operator==(const SavedDecision&) const = default;
};

// Threads:  one at a time (the board's).
// Bounds:   one record a live call, and those of the last kEndedMax that ended.
class DecisionRing {
 public:
  static constexpr size_t kEndedMax = 10'000;

  // Keeps `event`, a kCallDecided about the live call with that id, in the place of an earlier one.
  void keep(std::string_view call, QueueIndex queue, const Event& event, std::string_view arena);
  // The call is over, and its index may mean another one.
  void end(CallIndex call);

  // Null: there is none. REQUIRES: the call is live.
  [[nodiscard]] const CallDecision* find_live(CallIndex call) const;
  // Of the call with that id that ended last. O(kEndedMax).
  [[nodiscard]] const CallDecision* find_ended(std::string_view call) const;

  // Live ones by index, then the others as they ended.
  [[nodiscard]] std::vector<SavedDecision> save() const;
  // REQUIRES: nothing was kept.
  void restore(const std::vector<SavedDecision>& saved);

 private:
  using Kept = std::unique_ptr<CallDecision>;

  std::vector<Kept> live_;  // By CallIndex; null: none.
  std::deque<Kept> ended_;
  Kept spare_;  // The one that went last, for the next: its buffers fit.
};

}  // namespace acd
