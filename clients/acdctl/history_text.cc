// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/history_text.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "clients/acdctl/json.h"
#include "clients/acdctl/table.h"
#include "daemon/history/scope_tables.h"

namespace acd::acdctl {
namespace {

constexpr int64_t kTellEveryRows = 100'000;

// How the value of a column is shown.
enum class Look { kText, kCount, kTime, kDuration, kMean, kPercent, kP80, kP95 };

struct HistoryColumn {
  const char* title;
  const char* sql;  // kMean and kPercent: "part, whole", two columns. kP80, kP95: a histogram.
  Look look;
};

constexpr HistoryColumn kCallColumns[] = {{"Arrived", "arrived", Look::kTime},
                                          {"Call", "call", Look::kText},
                                          {"Medium", "medium", Look::kText},
                                          {"Queue", "queue", Look::kText},
                                          {"Wait", "wait_ms", Look::kDuration},
                                          {"Ring", "ring_ms", Look::kDuration},
                                          {"Talk", "talk_ms", Look::kDuration},
                                          {"Hold", "hold_ms", Look::kDuration},
                                          {"Wrap-up", "wrap_up_ms", Look::kDuration},
                                          {"Offers", "offers", Look::kCount},
                                          {"Agent", "agent", Look::kText},
                                          {"Outcome", "outcome", Look::kText},
                                          {"Code", "disposition", Look::kText}};

constexpr HistoryColumn kTalkColumns[] = {{"Connected", "connected", Look::kTime},
                                          {"Call", "call", Look::kText},
                                          {"Part", "part", Look::kCount},
                                          {"Medium", "medium", Look::kText},
                                          {"Queue", "queue", Look::kText},
                                          {"Agent", "agent", Look::kText},
                                          {"Talk", "talk_ms", Look::kDuration},
                                          {"Hold", "hold_ms", Look::kDuration},
                                          {"Wrap-up", "wrap_up_ms", Look::kDuration},
                                          {"Ended", "ended", Look::kText},
                                          {"To", "target", Look::kText},
                                          {"Consult on", "parent", Look::kText}};

constexpr HistoryColumn kQueueColumns[] = {
    {"Begin", "begin", Look::kTime},
    {"Queue", "queue", Look::kText},
    {"Offered", "offered", Look::kCount},
    {"In", "overflowed_in + transferred_in", Look::kCount},
    {"Answered", "answered", Look::kCount},
    {"Abandoned", "abandoned + short_abandoned", Look::kCount},
    {"Out", "overflowed_out + transferred_out_waiting", Look::kCount},
    {"Other", "timed_out + withdrawn + rejected + failed_waiting", Look::kCount},
    {"In target", "sl_answered_in_target, sl_entered", Look::kPercent},
    {"ASA", "wait_answered_sum_ms, answered", Look::kMean},
    {"AHT", "talk_sum_ms + hold_sum_ms + wrap_up_sum_ms, handled", Look::kMean},
    {"Max wait", "wait_max_ms", Look::kDuration},
    // No medium has what follows.
    {"P80", "wait_answered_histogram", Look::kP80},
    {"P95", "wait_answered_histogram", Look::kP95},
    {"Staffed", "staffed_ms", Look::kDuration}};
constexpr size_t kQueueColumnsOfNoMedium = 3;

// Of the tenant; of skills up to the agents' time; of bands without percentiles, too.
constexpr HistoryColumn kTenantColumns[] = {
    {"Begin", "begin", Look::kTime},
    {"Offered", "offered", Look::kCount},
    {"In", "overflowed_in + transferred_in", Look::kCount},
    {"Answered", "answered", Look::kCount},
    {"Abandoned", "abandoned + short_abandoned", Look::kCount},
    {"In target", "sl_answered_in_target, sl_entered", Look::kPercent},
    {"ASA", "wait_answered_sum_ms, wait_answered_count", Look::kMean},
    {"AHT", "handle_sum_ms, handle_count", Look::kMean},
    {"P80", "wait_answered_histogram", Look::kP80},
    {"P95", "wait_answered_histogram", Look::kP95},
    {"Busy", "busy_ms", Look::kDuration},
    {"Idle", "idle_ms", Look::kDuration},
    {"Occupancy", "busy_ms, busy_ms + idle_ms", Look::kPercent}};
constexpr size_t kColumnsOfBusy = 3;
constexpr size_t kColumnsOfPercentiles = 2;

constexpr HistoryColumn kTeamColumns[] = {
    {"Begin", "begin", Look::kTime},
    {"Team", "CASE team WHEN '' THEN '(none)' ELSE team END", Look::kText},
    {"Answered", "answered", Look::kCount},
    {"Handled", "handled", Look::kCount},
    {"AHT", "handle_sum_ms, handle_count", Look::kMean},
    {"Offers", "offers", Look::kCount},
    {"No answer", "offers_no_answer", Look::kCount},
    {"Busy", "busy_ms", Look::kDuration},
    {"Idle", "idle_ms", Look::kDuration},
    {"Occupancy", "busy_ms, busy_ms + idle_ms", Look::kPercent}};
constexpr HistoryColumn kSkillColumn = {"Skill", "CASE skill WHEN '' THEN '(none)' ELSE skill END",
                                        Look::kText};
constexpr HistoryColumn kBandColumn = {"Priority", "band", Look::kText};

// Of agents' contacts of one medium.
constexpr HistoryColumn kAgentMediumColumns[] = {{"Begin", "begin", Look::kTime},
                                                 {"Agent", "agent", Look::kText},
                                                 {"Medium", "medium", Look::kText},
                                                 {"Calls", "connected", Look::kCount},
                                                 {"Handled", "handled", Look::kCount},
                                                 {"Talk", "talk_sum_ms", Look::kDuration},
                                                 {"Hold", "hold_sum_ms", Look::kDuration},
                                                 {"Wrap-up", "wrap_up_sum_ms", Look::kDuration},
                                                 {"AHT",
                                                  "talk_sum_ms + hold_sum_ms + wrap_up_sum_ms, "
                                                  "handled",
                                                  Look::kMean},
                                                 {"Offers", "offers", Look::kCount},
                                                 {"No answer", "offers_no_answer", Look::kCount}};

constexpr HistoryColumn kAgentColumns[] = {{"Begin", "begin", Look::kTime},
                                           {"Agent", "agent", Look::kText},
                                           {"Logged in", "logged_in_ms", Look::kDuration},
                                           {"Ready", "ready_ms", Look::kDuration},
                                           {"Not ready", "not_ready_ms", Look::kDuration},
                                           {"Ring", "ring_ms", Look::kDuration},
                                           {"Talk", "talk_ms", Look::kDuration},
                                           {"Hold", "hold_ms", Look::kDuration},
                                           {"Wrap-up", "wrap_up_ms", Look::kDuration},
                                           {"Busy other", "busy_other_ms", Look::kDuration},
                                           {"Calls", "connected", Look::kCount},
                                           {"Offers", "offers", Look::kCount},
                                           {"No answer", "offers_no_answer", Look::kCount}};

using HistoryColumns = std::vector<HistoryColumn>;

// Those of the tenant with whose they are.
HistoryColumns columns_with(const HistoryColumn& owner, size_t left_out) {
  HistoryColumns columns(std::begin(kTenantColumns), std::end(kTenantColumns) - left_out);
  columns.insert(columns.begin() + 1, owner);
  return columns;
}

HistoryColumns columns_of(const Arguments& arguments) {
  const bool is_of_medium = !arguments.medium.empty();
  const auto all = [](const auto& columns, size_t left_out = 0) {
    return HistoryColumns(std::begin(columns), std::end(columns) - left_out);
  };
  switch (arguments.command) {
    case Command::kHistoryQueues:
      return all(kQueueColumns, is_of_medium ? kQueueColumnsOfNoMedium : 0);
    case Command::kHistoryTalks:
      return all(kTalkColumns);
    case Command::kHistoryAgents:
      return is_of_medium ? all(kAgentMediumColumns) : all(kAgentColumns);
    case Command::kHistoryTenant:
      return all(kTenantColumns);
    case Command::kHistorySkills:
      return columns_with(kSkillColumn, kColumnsOfBusy);
    case Command::kHistoryBands:
      return columns_with(kBandColumn, kColumnsOfBusy + kColumnsOfPercentiles);
    case Command::kHistoryTeams:
      return all(kTeamColumns);
    default:
      return all(kCallColumns);
  }
}

std::string duration_text(int64_t ms) {
  google::protobuf::Duration duration;
  duration.set_seconds(ms / 1'000);
  return format_duration(duration);
}

std::string percentile_text(const std::string& histogram, int32_t percent) {
  Histogram values;
  if (!add_histogram_text(histogram, 0, &values).ok()) return "?";
  const std::optional<int64_t> value_ms = values.percentile(0, percent);
  return value_ms ? duration_text(*value_ms) : "-";
}

std::string cell_text(const Statement& rows, int column, Look look) {
  if (rows.is_null(column)) return "-";
  switch (look) {
    case Look::kText:
    case Look::kCount:
      return rows.text(column);
    case Look::kTime: {
      // Without the fraction of a second, which would only widen the table.
      const std::string text = rows.text(column);
      const size_t dot = text.find('.');
      return dot == std::string::npos ? text : text.substr(0, dot) + "Z";
    }
    case Look::kDuration:
      return duration_text(rows.number(column));
    case Look::kMean: {
      const int64_t whole = rows.number(column + 1);
      return whole == 0 ? "-" : duration_text(rows.number(column) / whole);
    }
    case Look::kPercent:
      return format_percent(share_percent(rows.number(column), rows.number(column + 1)));
    case Look::kP80:
      return percentile_text(rows.text(column), 80);
    case Look::kP95:
      return percentile_text(rows.text(column), 95);
  }
  return "";
}

// Null: a list of something else.
const ScopeTable* scope_table_of(Command command) {
  const auto table = [](StatsScope::Kind kind) {
    return std::find_if(kScopeTables.begin(), kScopeTables.end(),
                        [kind](const ScopeTable& one) { return one.kind == kind; });
  };
  if (command == Command::kHistoryTenant) return table(StatsScope::Kind::kTenant);
  if (command == Command::kHistorySkills) return table(StatsScope::Kind::kSkill);
  if (command == Command::kHistoryBands) return table(StatsScope::Kind::kBand);
  if (command == Command::kHistoryTeams) return table(StatsScope::Kind::kTeam);
  return nullptr;
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

absl::Status write_csv(Statement& rows, std::ostream& out,
                       const std::function<void(int64_t)>& tell) {
  for (int i = 0; i < rows.column_count(); ++i) {
    out << (i == 0 ? "" : ",") << csv_field(rows.column_name(i));
  }
  out << '\n';
  for (int64_t count = 1;; ++count) {
    const absl::StatusOr<bool> row = rows.step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    for (int i = 0; i < rows.column_count(); ++i) {
      out << (i == 0 ? "" : ",") << csv_field(rows.text(i));
    }
    out << '\n';
    if (count % kTellEveryRows == 0) tell(count);
  }
}

absl::Status write_json(Statement& rows, const std::string& name, std::ostream& out) {
  out << "{\"" << name << "\":[";
  for (bool is_first = true;; is_first = false) {
    const absl::StatusOr<bool> row = rows.step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    out << (is_first ? "{" : ",{");
    for (int i = 0; i < rows.column_count(); ++i) {
      out << (i == 0 ? "" : ",") << json_string(rows.column_name(i)) << ':';
      if (rows.is_null(i)) {
        out << "null";
      } else {
        out << (rows.is_number(i) ? rows.text(i) : json_string(rows.text(i)));
      }
    }
    out << '}';
  }
  out << "]}\n";
  return absl::OkStatus();
}

std::string history_columns(const Arguments& arguments) {
  const HistoryColumns shown = columns_of(arguments);
  std::string list;
  for (const HistoryColumn& column : shown) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", column.sql);
  }
  return list;
}

std::string history_query(const Arguments& arguments, const std::string& columns) {
  std::string view = "calls_utc";
  std::string time = "arrived_ms";
  std::string last_key = "number DESC";
  std::string agent = " AND agent = ?";
  if (arguments.command == Command::kHistoryCalls && !arguments.agent.empty()) {
    // Whoever was on it. It had come before any of its talks was over; by its own time (without the
    // plus) everybody's calls would be read.
    agent =
        " AND number IN "
        "(SELECT number FROM talks WHERE tenant = ?1 AND agent = ? AND over_ms >= ?2)";
    time = "+arrived_ms";
  }
  if (arguments.command == Command::kHistoryTalks) {
    view = "talks_utc";
    time = "over_ms";
    last_key = "number DESC, part DESC";
  } else if (arguments.command == Command::kHistoryQueues) {
    view = arguments.medium.empty()
               ? "queue_intervals_utc LEFT JOIN queue_histograms USING (tenant, queue, begin_ms)"
               : "queue_medium_intervals_utc";
    time = "begin_ms";
    last_key = "queue";
  } else if (arguments.command == Command::kHistoryAgents) {
    view = arguments.medium.empty() ? "agent_intervals_utc" : "agent_medium_intervals_utc";
    time = "begin_ms";
    last_key = "agent";
  } else if (const ScopeTable* const scope = scope_table_of(arguments.command)) {
    view = absl::StrCat(scope->name, "_utc");
    time = "begin_ms";
    last_key = scope->owner;
  }
  std::string sql = absl::StrCat("SELECT ", columns, " FROM ", view, " WHERE tenant = ?1 AND ",
                                 time, " >= ?2 AND ", time, " < ?3");
  if (!arguments.queue.empty()) sql += " AND queue = ?";
  if (!arguments.agent.empty()) sql += agent;
  if (!arguments.call.empty()) sql += " AND call = ?";
  if (!arguments.medium.empty()) sql += " AND medium = ?";
  return absl::StrCat(sql, " ORDER BY ", time, " DESC, ", last_key, " LIMIT ?");
}

absl::StatusOr<std::string> history_table(const Arguments& arguments, Statement& rows) {
  const HistoryColumns shown = columns_of(arguments);
  std::vector<Column> columns;
  for (const HistoryColumn& column : shown) {
    const bool is_left = column.look == Look::kText || column.look == Look::kTime;
    columns.push_back({column.title, is_left ? Align::kLeft : Align::kRight});
  }
  Table table(std::move(columns));
  int64_t count = 0;
  for (;; ++count) {
    const absl::StatusOr<bool> row = rows.step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    std::vector<Cell> cells;
    int at = 0;
    for (const HistoryColumn& column : shown) {
      cells.push_back({cell_text(rows, at, column.look)});
      at += column.look == Look::kMean || column.look == Look::kPercent ? 2 : 1;
    }
    table.add_row(std::move(cells));
  }
  if (count == 0) return std::string("nothing found\n");
  return table.render(arguments.is_colored);
}

absl::StatusOr<std::string> labels_and_values(Statement& rows, bool is_colored) {
  std::string text;
  for (;;) {
    const absl::StatusOr<bool> row = rows.step();
    if (!row.ok()) return row.status();
    if (!*row) return text;
    Table table = Table::without_titles({Align::kLeft, Align::kLeft});
    for (int i = 0; i < rows.column_count(); ++i) {
      if (rows.is_null(i)) continue;
      table.add_row({{rows.column_name(i)}, {rows.text(i)}});
    }
    absl::StrAppend(&text, text.empty() ? "" : "\n", table.render(is_colored));
  }
}

}  // namespace acd::acdctl
