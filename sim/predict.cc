// SPDX-License-Identifier: Apache-2.0
#include "sim/predict.h"

#include <utility>

#include "routing/check.h"
#include "sim/log_time.h"

namespace acd::sim {

std::string_view world_name(LogWorld world) {
  switch (world) {
    case LogWorld::kRecorded:
      return "recorded";
    case LogWorld::kReplayed:
      return "replayed";
  }
  check_failed("a world has a name", __FILE__, __LINE__);
}

WorldHooks WaitExam::hooks() {
  WorldHooks hooks;
  hooks.configured = [this](const TenantConfig& config) {
    board_.configure(config);
    predictor_.configure(config);
  };
  hooks.happened = [this](const Event& event, std::string_view arena) { see(event, arena); };
  hooks.settled = [this](int64_t now_ns) { ask(now_ns); };
  return hooks;
}

void WaitExam::end_training() {
  is_judged_ = true;
  rivals_.end_training();
}

std::vector<QueueVerdict> WaitExam::verdicts() const {
  std::vector<QueueVerdict> all;
  all.reserve(verdicts_.size());
  for (const auto& [queue, verdict] : verdicts_) all.push_back(verdict);
  return all;
}

void WaitExam::see(const Event& event, std::string_view arena) {
  switch (event.kind) {
    case EventKind::kCallConnected:
      judge(event, true);
      break;
    case EventKind::kCallAbandoned:
    case EventKind::kCallTimedOut:
    case EventKind::kCallWithdrawn:
    case EventKind::kCallFailed:
      judge(event, false);
      break;
    default:
      break;
  }
  board_.apply(event, arena);
  predictor_.apply(event);
  rivals_.apply(event, arena);
  if (event.kind == EventKind::kCallEnqueued && is_judged_) newcomers_.push_back(event.call);
}

void WaitExam::ask(int64_t now_ns) {
  for (const CallIndex index : newcomers_) {
    const CallView& call = board_.call(index);
    if (call.state != CallState::kEnqueued) continue;
    asked_[index] = {call.queue, call.entered_ns, predictor_.predict_call(index, now_ns),
                     rivals_.guesses(index)};
  }
  newcomers_.clear();
}

void WaitExam::judge(const Event& event, bool is_answered) {
  std::erase(newcomers_, event.call);
  const auto found = asked_.find(event.call);
  if (found == asked_.end()) return;
  const Asked asked = found->second;
  asked_.erase(found);
  const double wait_s = seconds(event.time_ns - asked.came_ns);
  if (wait_s <= 0) return;  // Later within its very instant.
  const std::string& id = board_.queue(asked.queue).id;
  QueueVerdict& verdict = verdicts_[id];
  verdict.queue = id;
  if (!asked.prediction.is_known()) {
    ++verdict.unknown[static_cast<size_t>(asked.prediction.unknown)];
    return;
  }
  verdict.own.push_back(
      {wait_s, is_answered, seconds(asked.prediction.mean_ns), seconds(asked.prediction.p80_ns)});
  for (size_t i = 0; i < kRivalCount; ++i) {
    verdict.rivals[i].push_back({wait_s, is_answered, asked.guesses[i], 0});
  }
}

absl::StatusOr<WorldVerdict> examine(LogWorld world, const CallLog& training, const CallLog& judged,
                                     const PredictHooks& hooks) {
  WaitExam exam;
  WorldHooks looks = exam.hooks();
  ReplayProgress progress;
  progress.calls = static_cast<int64_t>(training.rows.size() + judged.rows.size());
  looks.happened = [&, see = looks.happened](const Event& event, std::string_view arena) {
    see(event, arena);
    if (event.kind == EventKind::kCallEnqueued) ++progress.calls_over;
  };
  looks.settled = [&, ask = looks.settled](int64_t now_ns) {
    ask(now_ns);
    progress.log_ns = now_ns;
    if (hooks.progress) hooks.progress(progress);
  };
  const TenantConfig centre = log_centre({&training, &judged});
  const auto play = [&](auto& played) {
    absl::Status status = played.play(training, hooks.is_stopped);
    exam.end_training();
    if (status.ok()) status = played.play(judged, hooks.is_stopped);
    return status;
  };
  absl::Status status;
  if (world == LogWorld::kRecorded) {
    RecordedWorld recorded(centre, looks);
    status = play(recorded);
  } else {
    ReplayedWorld replayed(centre, looks);
    status = play(replayed);
  }
  if (!status.ok()) return status;
  return WorldVerdict{world, exam.verdicts()};
}

}  // namespace acd::sim
