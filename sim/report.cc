// SPDX-License-Identifier: Apache-2.0
// Lays out the report of a replay.
#include "sim/report.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "sim/json_text.h"
#include "sim/log_time.h"

namespace acd::sim {
namespace {

constexpr char kRules[] =
    "Rules for what the log does not tell: a caller served in the log never hangs up; one who hung "
    "up\n"
    "does so after the logged wait, and if answered sooner talks as long as the next served call "
    "of the\n"
    "type; agents answer at once and work from their first call of the day to the end of their "
    "last.\n"
    "Breaks are unknown: agents are ready all the while, so waits may be shorter than recorded.\n";

// One line of figures, as they are shown.
struct Figures {
  QueueTally tally;
  std::optional<double> service_level_percent;
  std::optional<double> speed_of_answer_s;
  std::optional<double> handle_time_s;
};

std::optional<double> ratio(double numerator, int64_t denominator) {
  if (denominator == 0) return std::nullopt;
  return numerator / static_cast<double>(denominator);
}

Figures figures_of(const QueueTally& tally) {
  Figures figures;
  figures.tally = tally;
  figures.service_level_percent =
      ratio(100.0 * static_cast<double>(tally.answered_in_target),
            tally.offered + tally.transferred_in - tally.short_abandoned - tally.left_out_of_level);
  figures.speed_of_answer_s = ratio(seconds(tally.wait_answered_sum_ns), tally.answered);
  figures.handle_time_s = ratio(seconds(tally.handle_sum_ns), tally.answered);
  return figures;
}

QueueTally total_of(const std::vector<QueueTally>& tallies) {
  QueueTally total;
  for (const QueueTally& tally : tallies) total += tally;
  return total;
}

std::string decimal(std::optional<double> value, const char* unit) {
  return value ? absl::StrFormat("%.1f%s", *value, unit) : "-";
}

// Only a mix has visits that were transferred in.
void append_line(std::string& text, const ReplayPlan& plan, size_t width, const std::string& queue,
                 const char* source, const QueueTally& tally) {
  const Figures figures = figures_of(tally);
  absl::StrAppendFormat(&text, "%-*s  %-6s %8d", static_cast<int>(width), queue, source,
                        tally.offered);
  if (plan.mix.is_any()) absl::StrAppendFormat(&text, " %11d", tally.transferred_in);
  absl::StrAppendFormat(&text, " %9d %10d %6d %9d %8s %9s %9s %9s\n", tally.answered,
                        tally.abandoned + tally.short_abandoned, tally.short_abandoned,
                        tally.timed_out, decimal(figures.service_level_percent, "%"),
                        decimal(figures.speed_of_answer_s, " s"),
                        decimal(figures.handle_time_s, " s"), format_duration(tally.wait_max_ns));
}

std::string table(const ReplayPlan& plan, const ReplayResult& result) {
  size_t width = sizeof("total") - 1;
  for (const std::string& queue : plan.queues) width = std::max(width, queue.size());
  std::string text =
      absl::StrFormat("%-*s  %-6s %8s", static_cast<int>(width), "queue", "", "offered");
  if (plan.mix.is_any()) absl::StrAppendFormat(&text, " %11s", "transferred");
  absl::StrAppendFormat(&text, " %9s %10s %6s %9s %8s %9s %9s %9s\n", "answered", "abandoned",
                        "short", "timed out", "SL 20 s", "ASA", "AHT", "longest");
  const std::string rule(text.size() - 1, '-');
  absl::StrAppend(&text, rule, "\n");
  for (size_t i = 0; i < plan.queues.size(); ++i) {
    append_line(text, plan, width, plan.queues[i], "replay", result.tallies[i]);
    append_line(text, plan, width, "", "log", plan.recorded[i]);
  }
  absl::StrAppend(&text, rule, "\n");
  append_line(text, plan, width, "total", "replay", total_of(result.tallies));
  append_line(text, plan, width, "", "log", total_of(plan.recorded));
  return text;
}

std::string calls_named(const std::vector<std::string>& calls) {
  const size_t shown = std::min(calls.size(), kReportedCallsMax);
  std::string text =
      absl::StrJoin(calls.begin(), calls.begin() + static_cast<ptrdiff_t>(shown), ", ");
  if (shown < calls.size()) absl::StrAppend(&text, " and ", calls.size() - shown, " more");
  return text;
}

std::string mix_lines(const ReplayPlan& plan, const ReplayResult& result) {
  const MixTally& mix = result.mix;
  return absl::StrCat(
      "Mix ", mix_text(plan.mix), ": ", result.chats_and_emails, " chats and emails, ",
      mix.transferred_in - result.transfers_to_supervisors, " transfers to queues and agents, ",
      result.transfers_to_supervisors, " to supervisors, ", result.transfers_outside, " outside, ",
      mix.consults, " consults (", mix.consults_answered, " answered),\n", mix.callback_requested,
      " callers to be called back (", mix.dials_failed, " dials failed), ", mix.surveys,
      " surveys, ", mix.qualities, " judged, ", result.labelled, " labelled, ", result.followups,
      " follow-ups, ", result.accepted_at_desktops, " offers accepted at desktops,\n",
      result.answered_at_once, " answered by the station itself, ", result.wrap_up_acts,
      " wrap-ups ended or extended by agents; ", result.claims_refused,
      " of what was asked was refused.\nCallbacks and follow-ups count as offered above.\n");
}

std::string verdict(const ReplayPlan& plan, const ReplayResult& result) {
  if (result.breaches.empty()) {
    const int64_t turned_away = total_of(result.tallies).turned_away;
    return absl::StrCat(
        "VERIFIED: ", result.calls, " calls",
        turned_away == 0 ? "" : absl::StrCat(", ", turned_away, " of them turned away"),
        "; none lost, none accepted twice, no agent ",
        plan.mix.is_any() ? "over capacity" : "with two calls",
        ", every event "
        "acknowledged,\nstatistics equal to what was played, conservation holds.\n");
  }
  return absl::StrCat("FAILED: ", result.breaches.size(),
                      result.breaches.size() == 1 ? " breach" : " breaches", ":\n  ",
                      absl::StrJoin(result.breaches, "\n  "), "\n");
}

// --- JSON.

std::string list(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  items.reserve(texts.size());
  for (const std::string& text : texts) items.push_back(json_text(text));
  return absl::StrCat("[", absl::StrJoin(items, ", "), "]");
}

std::string number(std::optional<double> value) {
  return value ? absl::StrFormat("%.3f", *value) : "null";
}

std::string object(const QueueTally& tally) {
  const Figures figures = figures_of(tally);
  return absl::StrFormat(
      "{\"offered\": %d, \"transferred_in\": %d, \"answered\": %d, \"abandoned\": %d, "
      "\"short_abandoned\": %d, "
      "\"timed_out\": %d, \"released\": %d, \"transferred\": %d, \"turned_away\": %d, "
      "\"service_level_percent\": %s, "
      "\"asa_s\": %s, \"aht_s\": %s, "
      "\"wait_max_s\": %s}",
      tally.offered, tally.transferred_in, tally.answered, tally.abandoned, tally.short_abandoned,
      tally.timed_out, tally.released, tally.transferred, tally.turned_away,
      number(figures.service_level_percent), number(figures.speed_of_answer_s),
      number(figures.handle_time_s), number(seconds(tally.wait_max_ns)));
}

std::string mix_object(const ReplayPlan& plan, const ReplayResult& result) {
  if (!plan.mix.is_any()) return "null";
  std::string text = absl::StrCat("{\"shares\": ", json_text(mix_text(plan.mix)),
                                  ", \"chats_and_emails\": ", result.chats_and_emails);
  for (const auto& [name, counter] : MixTally::counters()) {
    absl::StrAppend(&text, ", ", json_text(name), ": ", result.mix.*counter);
  }
  absl::StrAppend(&text, ", \"labelled\": ", result.labelled, ", \"followups\": ", result.followups,
                  ", \"accepted_at_desktops\": ", result.accepted_at_desktops,
                  ", \"transfers_to_supervisors\": ", result.transfers_to_supervisors,
                  ", \"transfers_outside\": ", result.transfers_outside,
                  ", \"answered_at_once\": ", result.answered_at_once,
                  ", \"wrap_up_acts\": ", result.wrap_up_acts,
                  ", \"refused\": ", result.claims_refused, "}");
  return text;
}

std::string row(const std::string& queue, const QueueTally& played, const QueueTally& recorded) {
  return absl::StrCat("{\"queue\": ", json_text(queue), ", \"replay\": ", object(played),
                      ", \"log\": ", object(recorded), "}");
}

}  // namespace

std::string text_report(const ReplayPlan& plan, const ReplayResult& result, const RunFacts& facts) {
  const double wall_s = seconds(facts.wall_ns);
  std::string text = absl::StrFormat("Replay of %s, %s, %d day%s, as %s (seed %d)\n\n", facts.file,
                                     format_date(plan.first_day), plan.days,
                                     plan.days == 1 ? "" : "s", facts.source_id, facts.seed);
  absl::StrAppend(
      &text, table(plan, result), "\n",
      "abandoned counts the short ones (under 5 s) too; SL: answered within 20 s of all "
      "but short abandons;\nASA: mean wait of the answered; AHT: mean handle time; "
      "longest: wait of a call that left.\n",
      plan.mix.is_any() ? "transferred: entered by a transfer; counts in SL as what was offered "
                          "does, but callbacks with nobody on the\nline do not, nor who was "
                          "to be called back within 20 s.\n\n"
                        : "\n");
  absl::StrAppendFormat(
      &text, "%d calls, %d events, %d batches in %.1f s: %.0f calls/s%s\n", result.calls,
      result.events, result.batches, wall_s,
      wall_s > 0 ? static_cast<double>(result.calls) / wall_s : 0.0,
      result.cuts == 0 ? "" : absl::StrCat("; connection cut ", result.cuts, "x"));
  if (!result.timed_out_calls.empty()) {
    absl::StrAppend(
        &text, result.timed_out_calls.size(),
        plan.mix.is_any() ? " calls, callbacks and tasks" : " callers",
        " were released (timed out): no agent for their type logged in again that day:\n  ",
        calls_named(result.timed_out_calls), "\n");
  }
  const QueueTally total = total_of(result.tallies);
  if (total.released + total.transferred + result.treatments > 0) {
    absl::StrAppend(&text, "At limits of its queues the daemon released ", total.released,
                    " callers and transferred ", total.transferred, " outside; it had ",
                    result.treatments, " treatments played.\n");
  }
  if (total.turned_away > 0) {
    absl::StrAppend(&text, "The daemon's disk was full: it turned away ", total.turned_away,
                    " callers (STORAGE_FULL), who are counted nowhere above; what it had taken in "
                    "went on.\n");
  }
  if (plan.mix.is_any()) absl::StrAppend(&text, mix_lines(plan, result));
  for (const std::string& note : result.notes) absl::StrAppend(&text, "Note: ", note, "\n");
  absl::StrAppend(&text, kRules, "\n", verdict(plan, result));
  return text;
}

std::string json_report(const ReplayPlan& plan, const ReplayResult& result, const RunFacts& facts) {
  const double wall_s = seconds(facts.wall_ns);
  std::vector<std::string> rows;
  rows.reserve(plan.queues.size());
  for (size_t i = 0; i < plan.queues.size(); ++i) {
    rows.push_back("    " + row(plan.queues[i], result.tallies[i], plan.recorded[i]));
  }
  std::vector<std::string> notes = result.notes;
  notes.emplace_back("breaks of agents are unknown");
  return absl::StrCat(
      "{\n  \"file\": ", json_text(facts.file),
      ",\n  \"first_day\": ", json_text(format_date(plan.first_day)), ",\n  \"days\": ", plan.days,
      ",\n  \"source_id\": ", json_text(facts.source_id), ",\n  \"seed\": ", facts.seed,
      ",\n  \"verified\": ", result.breaches.empty() ? "true" : "false",
      ",\n  \"breaches\": ", list(result.breaches), ",\n  \"calls\": ", result.calls,
      ",\n  \"events\": ", result.events, ",\n  \"batches\": ", result.batches,
      ",\n  \"mix\": ", mix_object(plan, result), ",\n  \"treatments\": ", result.treatments,
      ",\n  \"cuts\": ", result.cuts, ",\n  \"wall_s\": ", number(wall_s), ",\n  \"calls_per_s\": ",
      number(ratio(static_cast<double>(result.calls) / wall_s, wall_s > 0)),
      ",\n  \"service_level_target_s\": 20,\n  \"short_abandon_s\": 5,\n  \"queues\": [\n",
      absl::StrJoin(rows, ",\n"),
      "\n  ],\n  \"total\": ", row("total", total_of(result.tallies), total_of(plan.recorded)),
      ",\n  \"timed_out_calls\": ", list(result.timed_out_calls), ",\n  \"notes\": ", list(notes),
      "\n}\n");
}

}  // namespace acd::sim
