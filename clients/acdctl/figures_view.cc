// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/figures_view.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"
#include "clients/acdctl/words.h"

namespace acd::acdctl {
namespace {

constexpr std::string_view kUntold = "-";

constexpr std::pair<v1::StatsWindow, std::string_view> kWindows[] = {
    {v1::STATS_WINDOW_5_MIN, "5m"},   {v1::STATS_WINDOW_15_MIN, "15m"},
    {v1::STATS_WINDOW_30_MIN, "30m"}, {v1::STATS_WINDOW_60_MIN, "60m"},
    {v1::STATS_WINDOW_DAY, "day"},
};

// What a prefix of an enum's value leaves, in lower case: "no agents".
template <typename Descriptor>
std::string enum_word(const Descriptor& descriptor, int value, std::string_view prefix) {
  const auto* known = descriptor.FindValueByNumber(value);
  if (known == nullptr) return absl::StrCat(value);
  std::string word = absl::AsciiStrToLower(known->name().substr(prefix.size()));
  for (char& letter : word) {
    if (letter == '_') letter = ' ';
  }
  return word;
}

Cell figure(int64_t value) { return {absl::StrCat(value)}; }

Cell share_cell(bool is_set, double value) {
  return {format_percent(is_set ? std::optional(value) : std::nullopt)};
}

const v1::DurationStats* duration_of(const v1::WindowStats& window, v1::DurationKind kind) {
  for (const v1::DurationStats& one : window.durations()) {
    if (one.kind() == kind) return &one;
  }
  return nullptr;
}

google::protobuf::Duration mean_of(const v1::DurationStats& stats) {
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  const int64_t count = stats.count();
  // Of a day of many calls the sum in nanoseconds is still far from too large.
  const int64_t ns = (stats.sum().seconds() * kNsPerSecond + stats.sum().nanos()) / count;
  google::protobuf::Duration mean;
  mean.set_seconds(ns / kNsPerSecond);
  mean.set_nanos(static_cast<int32_t>(ns % kNsPerSecond));
  return mean;
}

Cell mean_cell(const v1::WindowStats& window, v1::DurationKind kind) {
  const v1::DurationStats* stats = duration_of(window, kind);
  return {stats == nullptr ? std::string(kUntold) : format_duration(mean_of(*stats))};
}

Cell p80_cell(const v1::WindowStats& window, v1::DurationKind kind) {
  const v1::DurationStats* stats = duration_of(window, kind);
  return {stats == nullptr || !stats->has_p80() ? std::string(kUntold)
                                                : format_duration(stats->p80())};
}

int64_t window_visits(const v1::VisitCounts& counts) {
  return counts.offered() + counts.overflowed_in() + counts.transferred_in();
}

std::vector<Cell> window_cells(const v1::WindowStats& window) {
  return {figure(window_visits(window.visits())),
          figure(window.visits().answered()),
          figure(window.visits().abandoned()),
          share_cell(window.has_abandon_percent(), window.abandon_percent()),
          share_cell(window.has_service_level_percent(), window.service_level_percent()),
          mean_cell(window, v1::DURATION_KIND_WAIT_ANSWERED),
          p80_cell(window, v1::DURATION_KIND_WAIT_ANSWERED),
          mean_cell(window, v1::DURATION_KIND_HANDLE)};
}

std::vector<Column> window_columns(std::string first) {
  std::vector<Column> columns = {{std::move(first), Align::kLeft}};
  for (const char* title :
       {"Visits", "Answered", "Abandoned", "Share", "Service level", "ASA", "p80", "AHT"}) {
    columns.push_back({title, Align::kRight});
  }
  return columns;
}

std::string begin_text(const v1::WindowStats& window) {
  return absl::StrCat(window_text(window.window()), window.is_partial() ? " (partial)" : "");
}

std::string members_text(const v1::QueueStats& stats) {
  std::string text;
  for (const v1::AgentStateCount& one : stats.member_states()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", one.count(), " ",
                    absl::AsciiStrToLower(agent_state_text(one.state())));
  }
  return text.empty() ? "" : absl::StrCat("Agents: ", text, "\n");
}

std::string durations_text(const v1::WindowStats& window, bool is_colored) {
  std::vector<Column> columns = {{begin_text(window), Align::kLeft}};
  for (const char* title : {"Count", "Mean", "p50", "p80", "p90", "p95", "p99", "Max"}) {
    columns.push_back({title, Align::kRight});
  }
  Table table(std::move(columns));
  const auto cell = [](bool is_set, const google::protobuf::Duration& duration) -> Cell {
    return {is_set ? format_duration(duration) : std::string(kUntold)};
  };
  for (const v1::DurationStats& one : window.durations()) {
    table.add_row({{enum_word(*v1::DurationKind_descriptor(), one.kind(), "DURATION_KIND_")},
                   figure(one.count()),
                   {format_duration(mean_of(one))},
                   cell(one.has_p50(), one.p50()),
                   cell(one.has_p80(), one.p80()),
                   cell(one.has_p90(), one.p90()),
                   cell(one.has_p95(), one.p95()),
                   cell(one.has_p99(), one.p99()),
                   {format_duration(one.max())}});
  }
  std::string text = table.render(is_colored);
  if (!window.percentiles_complete()) {
    absl::StrAppend(&text, "the oldest minutes lost their percentiles\n");
  }
  return text;
}

}  // namespace

std::string window_text(v1::StatsWindow window) {
  for (const auto& [known, word] : kWindows) {
    if (known == window) return std::string(word);
  }
  return absl::StrCat("window ", static_cast<int>(window));
}

std::optional<v1::StatsWindow> window_named(std::string_view word) {
  for (const auto& [window, known] : kWindows) {
    if (known == word) return window;
  }
  return std::nullopt;
}

std::string ewt_text(bool is_told, const v1::WaitPrediction& ewt) {
  if (!is_told) return std::string(kUntold);
  if (ewt.has_p80()) return format_duration(ewt.p80());
  return enum_word(*v1::WaitUnknown_descriptor(), ewt.unknown(), "WAIT_UNKNOWN_");
}

std::string prediction_text(const v1::WaitPrediction& ewt) {
  std::string text = "Predicted wait: ";
  if (ewt.has_p80()) {
    absl::StrAppend(&text, "p50 ", format_duration(ewt.p50()), ", p80 ", format_duration(ewt.p80()),
                    ", p95 ", format_duration(ewt.p95()));
  } else {
    absl::StrAppend(&text, "unknown, ", ewt_text(true, ewt));
  }
  if (ewt.position() > 0) absl::StrAppend(&text, "; position ", ewt.position());
  text += '\n';
  if (!ewt.has_score() || ewt.score().scored() == 0) return text;
  const v1::PredictionScore& score = ewt.score();
  absl::StrAppend(&text, "  scored ", score.scored(), ", within p80 ",
                  format_percent(score.p80_coverage_percent()), ", pinball ",
                  absl::StrFormat("%.1f", score.pinball_s()), " s\n");
  return text;
}

const v1::WindowStats* window_of(const v1::QueueStats& stats, v1::StatsWindow window) {
  for (const v1::WindowStats& one : stats.windows()) {
    if (one.window() == window) return &one;
  }
  return nullptr;
}

std::string queues_window_text(const v1::ListQueueStatsResponse& stats, v1::StatsWindow window,
                               bool is_colored) {
  std::vector<Column> columns = window_columns("Queue");
  columns.insert(columns.begin() + 1, {{"Waiting", Align::kRight}, {"EWT", Align::kRight}});
  Table table(std::move(columns));
  std::string marks;
  const auto add = [&](const std::string& name, const v1::QueueStats& queue) {
    const v1::WindowStats* const told = window_of(queue, window);
    std::vector<Cell> row = {
        {name}, figure(queue.waiting()), {ewt_text(queue.has_ewt(), queue.ewt())}};
    if (told != nullptr) {
      for (Cell& cell : window_cells(*told)) row.push_back(std::move(cell));
      if (!told->conserved()) {
        absl::StrAppend(&marks, "! ", printable(name), " does not add up\n");
      }
    }
    table.add_row(std::move(row));
  };
  for (const v1::QueueStats& queue : stats.queues()) {
    add(std::string(short_name(queue.name())), queue);
  }
  table.add_rule();
  add("Total", stats.total());
  const v1::WindowStats* const total = window_of(stats.total(), window);
  return absl::StrCat(table.render(is_colored), marks, "\nwindow ",
                      total == nullptr ? window_text(window) : begin_text(*total), ", daemon time ",
                      format_duration(stats.now()), "\n");
}

std::string queue_figures_text(const v1::QueueStats& stats, v1::StatsWindow window,
                               bool is_colored) {
  std::string text = absl::StrCat("\n", members_text(stats));
  if (stats.has_ewt()) text += prediction_text(stats.ewt());
  if (stats.windows().empty()) return text;
  Table table(window_columns("Window"));
  for (const v1::WindowStats& one : stats.windows()) {
    std::vector<Cell> row = {{begin_text(one)}};
    for (Cell& cell : window_cells(one)) row.push_back(std::move(cell));
    table.add_row(std::move(row));
  }
  absl::StrAppend(&text, "\n", table.render(is_colored));
  if (const v1::WindowStats* told = window_of(stats, window); told != nullptr) {
    absl::StrAppend(&text, "\n", durations_text(*told, is_colored));
  }
  return text;
}

std::string waiting_table(const v1::ListCallsResponse& calls, bool is_colored) {
  Table table({{"Call", Align::kLeft},
               {"Queue", Align::kLeft},
               {"Position", Align::kRight},
               {"Wait", Align::kRight},
               {"EWT", Align::kRight},
               {"Priority", Align::kRight},
               {"State", Align::kLeft},
               {"Requirement", Align::kLeft}});
  for (const v1::CallStatus& call : calls.calls()) {
    table.add_row(
        {{std::string(short_name(call.name()))},
         {std::string(short_name(call.queue()))},
         {call.ewt().position() == 0 ? std::string(kUntold) : absl::StrCat(call.ewt().position())},
         {format_duration(call.wait())},
         {ewt_text(call.has_ewt(), call.ewt())},
         figure(call.priority()),
         {call_state_text(call.state()), call_state_tone(call.state())},
         {call.requirement()}});
  }
  return table.render(is_colored);
}

std::string waiting_text(const v1::ListCallsResponse& calls, bool is_colored) {
  return absl::StrCat(waiting_table(calls, is_colored), "\n",
                      count_text(calls.calls_size(), "call"), " waiting\n");
}

}  // namespace acd::acdctl
