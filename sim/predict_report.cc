// SPDX-License-Identifier: Apache-2.0
// Lays out how waits were predicted.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <string>
#include <vector>

#include "sim/json_text.h"
#include "sim/predict.h"

namespace acd::sim {
namespace {

constexpr char kOurs[] = "acd";
constexpr char kAllQueues[] = "all";

constexpr char kPredictLegend[] =
    "Judged are calls that had to wait, asked about once, as they came. RMSE is that of the mean "
    "predicted wait,\nover the answered; by sd: divided by what the best constant would have had. "
    "p80 covers: share of the answered\nwho waited no longer than it; of all: the same with who "
    "left, by Kaplan and Meier.\n";

QueueVerdict together(const std::vector<QueueVerdict>& queues) {
  QueueVerdict all;
  all.queue = kAllQueues;
  const auto append = [](const std::vector<JudgedWait>& from, std::vector<JudgedWait>* to) {
    to->insert(to->end(), from.begin(), from.end());
  };
  for (const QueueVerdict& one : queues) {
    append(one.own, &all.own);
    for (size_t i = 0; i < kRivalCount; ++i) append(one.rivals[i], &all.rivals[i]);
    for (size_t i = 0; i < kWaitUnknownCount; ++i) all.unknown[i] += one.unknown[i];
  }
  return all;
}

int64_t unknown_count(const QueueVerdict& verdict) {
  int64_t count = 0;
  for (const int64_t unknown : verdict.unknown) count += unknown;
  return count;
}

// "9 (no_agents 7, learning 2)".
std::string unknown_text(const QueueVerdict& verdict) {
  std::vector<std::string> reasons;
  for (size_t i = 0; i < kWaitUnknownCount; ++i) {
    if (verdict.unknown[i] == 0) continue;
    reasons.push_back(absl::StrCat(std::string(wait_unknown_name(static_cast<WaitUnknown>(i))), " ",
                                   verdict.unknown[i]));
  }
  if (reasons.empty()) return "0";
  return absl::StrCat(unknown_count(verdict), " (", absl::StrJoin(reasons, ", "), ")");
}

// The one asked for, else the one with the most calls; none where none had to wait.
const QueueVerdict* compared(const WorldVerdict& world, const std::string& queue) {
  const QueueVerdict* best = nullptr;
  for (const QueueVerdict& one : world.queues) {
    if (one.queue == queue) return &one;
    if (queue.empty() && (best == nullptr || one.own.size() > best->own.size())) best = &one;
  }
  return best;
}

std::string score_line(const std::string& name, const std::vector<JudgedWait>& waits,
                       bool has_p80) {
  const MeanScore mean = score_means(waits);
  std::string text =
      absl::StrFormat("  %-22s %8d %8.1f s %8.1f s %8.3f %6.3f %+8.1f s", name, mean.answered,
                      mean.wait_s, mean.error_s, mean.by_wait(), mean.by_deviation(), mean.bias_s);
  if (has_p80) {
    const P80Score p80 = score_p80s(waits);
    absl::StrAppendFormat(&text, " %7.1f %% %6.1f %% %7.2f s", p80.answered_percent,
                          p80.all_percent, p80.pinball_s);
  }
  return text + "\n";
}

std::string score_heading(const std::string& what) {
  return absl::StrFormat("  %-22s %8s %10s %10s %8s %6s %10s %9s %8s %9s\n", what, "answered",
                         "mean wait", "RMSE", "by mean", "by sd", "bias", "p80 covers", "of all",
                         "pinball");
}

std::string named_log(const CallLog& log) {
  return absl::StrCat(log.path, " (", log.rows.size(), " calls)");
}

// --- JSON.

std::string score_json(const std::vector<JudgedWait>& waits, bool has_p80) {
  const MeanScore mean = score_means(waits);
  std::string text = absl::StrFormat(
      "{\"answered\": %d, \"mean_wait_s\": %.3f, \"rmse_s\": %.3f, \"rmse_by_mean\": %.4f, "
      "\"rmse_by_sd\": %.4f, \"bias_s\": %.3f",
      mean.answered, mean.wait_s, mean.error_s, mean.by_wait(), mean.by_deviation(), mean.bias_s);
  if (has_p80) {
    const P80Score p80 = score_p80s(waits);
    absl::StrAppendFormat(&text,
                          ", \"p80_covers_answered_percent\": %.2f, \"p80_covers_all_percent\": "
                          "%.2f, \"p80_pinball_s\": %.3f",
                          p80.answered_percent, p80.all_percent, p80.pinball_s);
  }
  return text + "}";
}

std::string queue_json(const QueueVerdict& verdict) {
  std::vector<std::string> unknown;
  for (size_t i = 1; i < kWaitUnknownCount; ++i) {
    if (verdict.unknown[i] == 0) continue;
    unknown.push_back(absl::StrCat(json_text(wait_unknown_name(static_cast<WaitUnknown>(i))), ": ",
                                   verdict.unknown[i]));
  }
  std::vector<std::string> rivals;
  for (size_t i = 0; i < kRivalCount; ++i) {
    rivals.push_back(absl::StrCat(json_text(rival_name(static_cast<Rival>(i))), ": ",
                                  score_json(verdict.rivals[i], false)));
  }
  return absl::StrCat("{\"queue\": ", json_text(verdict.queue), ", \"asked\": ",
                      static_cast<int64_t>(verdict.own.size()) + unknown_count(verdict),
                      ", \"unknown\": {", absl::StrJoin(unknown, ", "),
                      "}, \"acd\": ", score_json(verdict.own, true), ",\n       \"rivals\": {",
                      absl::StrJoin(rivals, ",\n         "), "}}");
}

}  // namespace

std::string predict_report(const std::vector<WorldVerdict>& worlds, const PredictFacts& facts) {
  std::string text = absl::StrCat("Trained on ", named_log(*facts.training), ", judged on ",
                                  named_log(*facts.judged), "\n");
  for (const WorldVerdict& world : worlds) {
    const bool is_recorded = world.world == LogWorld::kRecorded;
    absl::StrAppend(&text, "\n", std::string(world_name(world.world)), ": ",
                    is_recorded ? "the log's own events; breaks of agents are unknown, and show as "
                                  "time not ready"
                                : "the Router decides; agents are ready from log-in to log-out",
                    "\n");
    const QueueVerdict* const best = compared(world, facts.queue);
    if (best == nullptr) {
      absl::StrAppend(&text, "  no call ", facts.queue.empty() ? "" : "of " + facts.queue + " ",
                      "had to wait\n");
      continue;
    }
    absl::StrAppend(&text, score_heading("queue " + best->queue),
                    score_line(kOurs, best->own, true));
    for (size_t i = 0; i < kRivalCount; ++i) {
      absl::StrAppend(&text, score_line(std::string(rival_name(static_cast<Rival>(i))),
                                        best->rivals[i], false));
    }
    absl::StrAppend(&text, score_heading("acd, by queue"));
    for (const QueueVerdict& one : world.queues) {
      absl::StrAppend(&text, score_line(one.queue, one.own, true));
    }
    const QueueVerdict all = together(world.queues);
    absl::StrAppend(&text, score_line(kAllQueues, all.own, true),
                    "  nothing was said to: ", unknown_text(all), "; of queue ", best->queue, ": ",
                    unknown_text(*best), "\n");
  }
  absl::StrAppend(&text, "\n", kPredictLegend,
                  absl::StrFormat("Took %.1f s.\n", static_cast<double>(facts.wall_ns) /
                                                        static_cast<double>(kNsPerS)));
  return text;
}

std::string predict_json(const std::vector<WorldVerdict>& worlds, const PredictFacts& facts) {
  std::vector<std::string> items;
  for (const WorldVerdict& world : worlds) {
    std::vector<std::string> queues;
    for (const QueueVerdict& one : world.queues) {
      if (facts.queue.empty() || one.queue == facts.queue) {
        queues.push_back("      " + queue_json(one));
      }
    }
    items.push_back(absl::StrCat("    {\"world\": ", json_text(world_name(world.world)),
                                 ",\n     \"queues\": [\n", absl::StrJoin(queues, ",\n"),
                                 "],\n     \"all\": ", queue_json(together(world.queues)), "}"));
  }
  return absl::StrCat(
      "{\n  \"training\": ", json_text(facts.training->path),
      ",\n  \"training_calls\": ", facts.training->rows.size(),
      ",\n  \"judged\": ", json_text(facts.judged->path),
      ",\n  \"judged_calls\": ", facts.judged->rows.size(), ",\n  \"wall_s\": ",
      absl::StrFormat("%.3f", static_cast<double>(facts.wall_ns) / static_cast<double>(kNsPerS)),
      ",\n  \"worlds\": [\n", absl::StrJoin(items, ",\n"), "]\n}\n");
}

}  // namespace acd::sim
