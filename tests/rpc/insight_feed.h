// SPDX-License-Identifier: Apache-2.0
// Events that a board, windows and a predictor are told, as an observer would.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/directory.h"
#include "routing/insight/history_fold.h"
#include "routing/insight/wait_predictor.h"
#include "routing/insight/window_stats.h"
#include "tests/insight/event_feed.h"

namespace acd {

class InsightFeed final : public EventFeed {
 public:
  explicit InsightFeed(const TenantConfig& config = two_queues()) : EventFeed(config) {
    fold_.set_sink(&windows);
    configured(config);
    for (const Event& event : log.events) told(event);
  }

  WindowStats windows;
  WaitPredictor predictor{board};

  // As of now. Lives as long as this and `config`.
  [[nodiscard]] Insight read(const std::string& config) {
    board.advance(now_ns);
    windows.advance(board, board.now_ns());
    return {board, config, windows, predictor};
  }

 private:
  static constexpr int64_t kUnixOffsetNs = 1'900'000'000 * kNsPerS;

  void configured(const TenantConfig& config) override {
    fold_.configure(config);
    predictor.configure(config);
  }
  void told(const Event& event) override {
    predictor.apply(event);
    fold_.apply(event, log.arena, kUnixOffsetNs, nullptr);
  }

  HistoryFold fold_;
};

}  // namespace acd
