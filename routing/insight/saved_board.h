// SPDX-License-Identifier: Apache-2.0
// The state of a board between events: what a snapshot holds of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "routing/insight/board.h"
#include "routing/insight/statistics.h"

namespace acd {

struct SavedBoardQueue {
  std::string id;
  int64_t service_level_target_ns = 0;
  int32_t service_level_goal_percent = 0;
  ServiceLevelVariant service_level_variant = ServiceLevelVariant::kAbandonedNegative;
  int64_t short_abandon_ns = 0;
  QueueCounts counts;
  std::vector<std::pair<std::string, int64_t>> codes;
  bool is_open = true;
  bool are_callbacks_open = true;
  bool is_configured = false;
  bool is_listed = false;
  std::vector<AgentIndex> members_paused;

  bool operator==(const SavedBoardQueue&) const = default;
};

struct SavedBoardWrapUp {
  int32_t number = 0;
  uint32_t queue = 0;  // By its place in `queues`.
  int64_t handled_ns = 0;
  int64_t begin_ns = 0;

  bool operator==(const SavedBoardWrapUp&) const = default;
};

struct SavedBoardAgent {
  AgentView view;  // An empty id: never upserted. Without codes.
  std::vector<std::pair<std::string, int64_t>> codes;
  std::optional<uint32_t> handled_queue;  // Of the last call, by its place in `queues`.
  int64_t handled_ns = 0;
  std::vector<SavedBoardWrapUp> wrap_ups;

  bool operator==(const SavedBoardAgent&) const = default;
};

struct SavedBoardCall {
  uint32_t slot = 0;
  CallView view;
  bool is_waiting = false;

  bool operator==(const SavedBoardCall&) const = default;
};

struct SavedBoard {
  int64_t now_ns = 0;
  int64_t sequence = 0;
  int64_t advanced_ns = 0;
  std::vector<SavedBoardQueue> queues;
  std::vector<uint32_t> queue_at;  // Place in `queues` of each of the Router's numbers.
  std::vector<uint32_t> listed;    // Places in `queues`, in the order shown.
  QueueCounts elsewhere;
  std::vector<SavedBoardAgent> agents;
  std::vector<SavedBoardCall> calls;                             // Live ones.
  std::vector<SavedDecision> decisions;                          // Live calls' first.
  std::vector<std::pair<std::string, ScheduledCall>> scheduled;  // By id.
  std::vector<std::string> source_ids;
  std::vector<uint8_t> is_away;

  bool operator==(const SavedBoard&) const = default;
};

}  // namespace acd
