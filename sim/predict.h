// SPDX-License-Identifier: Apache-2.0
// acdsim predict: the wait predictor and its rivals, trained on one call log and judged on another.
#pragma once

#include <absl/status/statusor.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "routing/insight/board.h"
#include "routing/insight/wait_predictor.h"
#include "sim/call_log.h"
#include "sim/predict_world.h"
#include "sim/replay.h"
#include "sim/rivals.h"
#include "sim/wait_score.h"

namespace acd::sim {

enum class LogWorld : uint8_t { kRecorded, kReplayed };
// "recorded" and "replayed".
[[nodiscard]] std::string_view world_name(LogWorld world);

struct PredictArguments {
  std::string training;
  std::string judged;
  std::vector<LogWorld> worlds = {LogWorld::kRecorded, LogWorld::kReplayed};
  std::string queue;  // That is compared with rivals; empty: the one with the most waits.
  bool is_json = false;
  bool is_quiet = false;
};

// One queue of the judged log: the calls that came and had to wait, each asked about once, when all
// of its instant was over.
struct QueueVerdict {
  std::string queue;
  std::vector<JudgedWait> own;                              // Whom the predictor said something.
  std::array<std::vector<JudgedWait>, kRivalCount> rivals;  // The same calls; without p80.
  std::array<int64_t, kWaitUnknownCount> unknown{};         // The others, by reason.
};

struct WorldVerdict {
  LogWorld world{};
  std::vector<QueueVerdict> queues;  // By id.
};

// Looks on at a world, asks about every call that has to wait, and judges the answers.
//
// Threads:  one at a time.
// Bounds:   some 100 bytes for each call that waits.
class WaitExam {
 public:
  WaitExam() : predictor_(board_) {}
  WaitExam(const WaitExam&) = delete;  // The hooks know where it is.
  WaitExam& operator=(const WaitExam&) = delete;

  // For the world that is looked at; it does not outlive this.
  [[nodiscard]] WorldHooks hooks();
  // What comes from here on is judged, and the rivals learn no more what training teaches them.
  void end_training();
  [[nodiscard]] std::vector<QueueVerdict> verdicts() const;

 private:
  struct Asked {
    QueueIndex queue;
    int64_t came_ns = 0;
    WaitPrediction prediction;
    RivalGuesses guesses{};
  };

  void see(const Event& event, std::string_view arena);
  // Of the calls of this instant, those that wait.
  void ask(int64_t now_ns);
  void judge(const Event& event, bool is_answered);

  Board board_;
  WaitPredictor predictor_;
  Rivals rivals_;
  bool is_judged_ = false;
  std::vector<CallIndex> newcomers_;
  std::map<CallIndex, Asked> asked_;
  std::map<std::string, QueueVerdict> verdicts_;
};

struct PredictHooks {
  std::function<bool()> is_stopped;
  std::function<void(const ReplayProgress&)> progress;
};

// Errors as those of the worlds.
[[nodiscard]] absl::StatusOr<WorldVerdict> examine(LogWorld world, const CallLog& training,
                                                   const CallLog& judged,
                                                   const PredictHooks& hooks);

// What a run was, for its report.
struct PredictFacts {
  const CallLog* training = nullptr;
  const CallLog* judged = nullptr;
  std::string queue;  // As in PredictArguments.
  int64_t wall_ns = 0;
};
[[nodiscard]] std::string predict_report(const std::vector<WorldVerdict>& worlds,
                                         const PredictFacts& facts);
[[nodiscard]] std::string predict_json(const std::vector<WorldVerdict>& worlds,
                                       const PredictFacts& facts);

}  // namespace acd::sim
