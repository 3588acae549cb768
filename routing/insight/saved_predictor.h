// SPDX-License-Identifier: Apache-2.0
// The state of a wait predictor between events: what a snapshot holds of it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "routing/ids.h"
#include "routing/insight/wait_prediction.h"
#include "routing/insight/wait_queue.h"

namespace acd {

struct SavedStratum {
  uint32_t stratum = 0;
  std::vector<float> mass;
  float weight = 0;

  bool operator==(const SavedStratum&) const = default;
};

struct SavedShare {
  uint32_t queue = 0;
  float taken = 0;
  float seen = 0;

  bool operator==(const SavedShare&) const = default;
};

// By its place in SavedPredictor::queues.
struct SavedWaitQueue {
  bool is_bound = false;
  MediaMask media = 0;
  int32_t age_rate = 0;  // Of the order in force; a queue that is left out still has one.
  int64_t objective_ns = 1;
  int64_t since_ns = 0;
  LearnedWait learned;
  WaitRidge::State ridge;
  std::vector<SavedStratum> at_entry;  // The whole first, if there is anything.
  std::vector<SavedStratum> in_wait;
  WaitScore score;
  std::vector<SavedShare> shares;  // That were seen.

  bool operator==(const SavedWaitQueue&) const = default;
};

struct SavedPromise {
  WaitLook entry;
  std::vector<double> features;
  double gap_s = 0;
  double ahead = 0;
  WaitQuantiles quantiles_s{};
  uint32_t looked = 0;
  std::vector<WaitLook> looks;

  bool operator==(const SavedPromise&) const = default;
};

// A call that waits or that somebody has.
struct SavedWaitCall {
  uint32_t slot = 0;
  CallPlace place;
  QueueIndex queue;
  SourceIndex source;
  int64_t entered_ns = 0;
  int64_t prefers_until_ns = 0;
  bool is_open = false;
  bool is_new = false;
  bool teaches = false;
  std::optional<SavedPromise> promise;

  bool operator==(const SavedWaitCall&) const = default;
};

struct SavedPredictor {
  int64_t now_ns = 0;
  int64_t landmark_ns = 0;
  std::vector<ArrivalBand> bands;
  std::vector<uint8_t> is_away;
  std::vector<SavedWaitQueue> queues;
  std::vector<SavedWaitCall> calls;

  bool operator==(const SavedPredictor&) const = default;
};

}  // namespace acd
