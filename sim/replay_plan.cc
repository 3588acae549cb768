// SPDX-License-Identifier: Apache-2.0
// The rules for what a call log does not tell.
#include "sim/replay_plan.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "sim/log_time.h"

namespace acd::sim {
namespace {

bool is_selected(const CallRow& row, const PlanOptions& options) {
  return row.day >= options.from_day.value_or(INT32_MIN) &&
         row.day <= options.to_day.value_or(INT32_MAX);
}

// The handle time of every row in seconds: its own if served; else that of the next served row of
// its type, or of the last one where none follows, or 0 where the type was never served.
std::vector<int64_t> handle_times(const CallLog& log) {
  std::vector<int64_t> next(log.types.size(), 0);
  for (const CallRow& row : log.rows) {
    if (row.is_served) next[row.type] = row.handle_s;
  }
  std::vector<int64_t> times(log.rows.size());
  for (size_t i = log.rows.size(); i-- > 0;) {
    const CallRow& row = log.rows[i];
    if (row.is_served) next[row.type] = row.handle_s;
    times[i] = next[row.type];
  }
  return times;
}

// One shift an agent and day: from the first service of the day to the end of the last to end. A
// shift that runs past midnight into the next one is one with it: an agent logs in once.
std::vector<Shift> plan_shifts(const CallLog& log, const PlanOptions& options, int32_t first_day) {
  std::map<std::pair<uint32_t, int32_t>, Shift> by_agent_and_day;
  for (const CallRow& row : log.rows) {
    if (!row.is_served || row.agent == CallRow::kNoAgent || !is_selected(row, options)) continue;
    const int32_t day = row.day - first_day;
    const int64_t begin_ns = (day * kDayS + row.arrival_s + row.wait_s) * kNsPerS;
    const int64_t end_ns = begin_ns + row.handle_s * kNsPerS;
    const auto [at, is_new] =
        by_agent_and_day.try_emplace({row.agent, day}, Shift{row.agent, day, begin_ns, end_ns});
    if (is_new) continue;
    at->second.begin_ns = std::min(at->second.begin_ns, begin_ns);
    at->second.end_ns = std::max(at->second.end_ns, end_ns);
  }
  std::vector<Shift> shifts;
  for (const auto& [key, shift] : by_agent_and_day) {
    if (!shifts.empty() && shifts.back().agent == shift.agent &&
        shift.begin_ns <= shifts.back().end_ns) {
      shifts.back().begin_ns = std::min(shifts.back().begin_ns, shift.begin_ns);
      shifts.back().end_ns = std::max(shifts.back().end_ns, shift.end_ns);
    } else {
      shifts.push_back(shift);
    }
  }
  return shifts;
}

void record(const CallRow& row, QueueTally& tally) {
  ++tally.offered;
  const int64_t wait_ns = row.wait_s * kNsPerS;
  if (row.is_served) {
    tally.add_answer(wait_ns);
    tally.handle_sum_ns += row.handle_s * kNsPerS;
  } else {
    tally.add_abandon(wait_ns);
  }
}

}  // namespace

absl::StatusOr<ReplayPlan> plan_replay(const CallLog& log, const PlanOptions& options) {
  const auto first =
      std::ranges::find_if(log.rows, [&](const CallRow& row) { return is_selected(row, options); });
  if (first == log.rows.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(log.path, ": no call in that range of days; the log has ",
                     format_date(log.rows.front().day), " to ", format_date(log.rows.back().day)));
  }
  ReplayPlan plan;
  plan.tenant = options.tenant;
  plan.seed = options.seed;
  plan.mix = options.mix;
  plan.callback_hours = options.callback_hours;
  plan.first_day = first->day;
  plan.queues = log.types;
  plan.recorded.resize(log.types.size());
  for (size_t i = 0; i < log.agents.size(); ++i) {
    plan.agents.push_back({log.agents[i], kStationPrefix + log.agents[i], log.agent_types[i],
                           answer_mode_of(options.mix, log.agents[i])});
  }
  const std::vector<int64_t> handle_s = handle_times(log);
  for (size_t i = 0; i < log.rows.size(); ++i) {
    const CallRow& row = log.rows[i];
    if (!is_selected(row, options)) continue;
    PlannedCall call;
    call.id = absl::StrFormat("%s-%d-%06d", options.tenant, options.seed, row.number);
    call.queue = row.type;
    call.day = row.day - plan.first_day;
    call.arrival_ns = (call.day * kDayS + row.arrival_s) * kNsPerS;
    call.age_credit_ns = row.priority == 2 ? kPriorityAgeCreditNs : 0;
    call.patience_ns = row.is_served ? kNeverNs : row.wait_s * kNsPerS;
    call.handle_ns = handle_s[i] * kNsPerS;
    call.part = part_of(options.mix, call.id);
    plan.days = call.day + 1;
    plan.calls.push_back(std::move(call));
    record(row, plan.recorded[row.type]);
  }
  plan.shifts = plan_shifts(log, options, plan.first_day);
  return plan;
}

}  // namespace acd::sim
