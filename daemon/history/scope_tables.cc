// SPDX-License-Identifier: Apache-2.0
#include "daemon/history/scope_tables.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/limits.h"

namespace acd {
namespace {

using Kind = StatsScope::Kind;

// Columns of the figures before the calls' ends, by Figure; times end in "_ns" here.
constexpr std::array<const char*, number_of(Figure::kCallsEnded)> kFigureNames = {
    "offered",
    "overflowed_in",
    "transferred_in",
    "answered",
    "abandoned",
    "short_abandoned",
    "timed_out",
    "overflowed_out",
    "transferred_out_waiting",
    "withdrawn",
    "rerouted",
    "rejected",
    "failed_waiting",
    "callback_requested",
    "requeued",
    "consults",
    "consults_answered",
    "consults_failed",
    "callbacks_answered",
    "dials_failed",
    "handled",
    "transferred_out",
    "sl_entered",
    "sl_answered_in_target",
    "sl_abandoned_in_target",
    "sl_left_out",
    "sl_overflowed_in_target",
    "sl_transferred_in_target",
    "sl_callback_requested_in_target",
    "sl_short_abandoned_in_target",
    "sl_withdrawn_in_target",
    "sl_timed_out_in_target",
    "offers",
    "offers_accepted",
    "offers_no_answer",
    "offers_rejected",
    "offers_busy",
    "offers_unreachable",
    "offers_unknown_address",
    "offers_canceled",
    "offers_rescinded",
    "offers_adopted",
    "resolved",
    "unresolved",
    "surveys",
    "survey_sum",
    "qualities",
    "quality_sum",
    "joined",
    "busy",
    "idle",
    "calls_begun",
    "consults_begun",
    "consults_ended",
};
constexpr std::array<const char*, kDurationKindCount> kDurationNames = {
    "wait_answered", "wait_abandoned", "wait_all", "wait_total", "talk",
    "hold",          "wrap_up",        "handle",   "ring",       "idle_spell"};

bool is_time(size_t number) {
  return number == number_of(Figure::kBusyNs) || number == number_of(Figure::kIdleNs);
}

// Of teams what agents do; of the others what calls do; of the tenant both.
bool has_figure(Kind kind, size_t number) {
  constexpr size_t kOffers = number_of(Figure::kOffersCreated);
  const auto is_any_of = [number](std::initializer_list<Figure> figures) {
    return std::any_of(figures.begin(), figures.end(),
                       [number](Figure one) { return number_of(one) == number; });
  };
  const bool is_of_people = is_time(number);
  const bool is_of_parts = number >= kOffers && number < number_of(Figure::kJoined);
  switch (kind) {
    case Kind::kTenant:
      return number != number_of(Figure::kJoined);
    case Kind::kSkill:
    case Kind::kBand:
      return number < number_of(Figure::kJoined);
    case Kind::kTeam:
      return is_of_people || is_of_parts ||
             is_any_of({Figure::kAnswered, Figure::kCallbacksAnswered, Figure::kRequeued,
                        Figure::kHandled, Figure::kTransferredOut, Figure::kJoined});
    case Kind::kQueue:
    case Kind::kAgent:
      return false;
  }
  return false;
}

bool has_duration(Kind kind, DurationKind duration) {
  if (kind == Kind::kQueue || kind == Kind::kAgent) return false;
  if (duration == DurationKind::kIdle) return kind == Kind::kTenant || kind == Kind::kTeam;
  if (kind != Kind::kTeam) return true;
  return duration != DurationKind::kWaitAbandoned && duration != DurationKind::kWaitAll &&
         duration != DurationKind::kWaitTotal;
}

bool has_histogram(Kind kind, DurationKind duration) {
  if (kind == Kind::kTeam || kind == Kind::kBand) return false;
  return kind == Kind::kTenant || duration != DurationKind::kIdle;
}

bool has_waiting(Kind kind) {
  return kind == Kind::kTenant || kind == Kind::kSkill || kind == Kind::kBand;
}

// All columns behind the key: `number` has a name, `text` may be NULL. The order of scope_schema() and of
// what is bound.
template <typename Number, typename Text>
void for_each_column(Kind kind, const ScopeIntervalRow& row, Number number, Text text) {
  Figures figures{};
  add_cells(&figures, row.figures);
  if (has_waiting(kind)) {
    number("waiting_at_begin", row.waiting_at_begin);
    number("waiting_at_end", row.waiting_at_end);
  }
  if (kind == Kind::kTenant) {
    number("calls_live_at_begin", row.live_at_begin);
    number("calls_live_at_end", row.live_at_end);
  }
  for (size_t i = 0; i < kFigureNames.size(); ++i) {
    if (!has_figure(kind, i)) continue;
    const std::string name = absl::StrCat(kFigureNames[i], is_time(i) ? "_ms" : "");
    number(name, is_time(i) ? figures[i] / kNsPerMs : figures[i]);
  }
  for (size_t i = 0; kind == Kind::kTenant && i < CallCounts::kOutcomeCount; ++i) {
    number(absl::StrCat("calls_", std::string(outcome_word(static_cast<CallOutcome>(i)))),
           figures[number_of(Figure::kCallsEnded) + i]);
  }
  for (size_t i = 0; i < kDurationKindCount; ++i) {
    const auto duration = static_cast<DurationKind>(i);
    const size_t first = number_of(duration);
    if (has_duration(kind, duration)) {
      number(absl::StrCat(kDurationNames[i], "_count"), figures[first]);
      number(absl::StrCat(kDurationNames[i], "_sum_ms"), figures[first + 1] / kNsPerMs);
      number(absl::StrCat(kDurationNames[i], "_max_ms"), figures[first + 2] / kNsPerMs);
    }
    if (has_histogram(kind, duration)) {
      text(absl::StrCat(kDurationNames[i], "_histogram"), histogram_text(row.histogram, duration));
    }
  }
}

std::string key_columns(const ScopeTable& table) {
  const bool is_own = table.kind == Kind::kTenant;
  return absl::StrCat("tenant TEXT NOT NULL, ",
                      is_own ? "" : absl::StrCat(table.owner, " TEXT NOT NULL, "),
                      "begin_ms INTEGER NOT NULL");
}

}  // namespace

std::string scope_key(const ScopeTable& table) {
  const bool is_own = table.kind == Kind::kTenant;
  return absl::StrCat("tenant, ", is_own ? "" : absl::StrCat(table.owner, ", "), "begin_ms");
}

std::string scope_schema() {
  std::string schema;
  for (const ScopeTable& table : kScopeTables) {
    std::string columns = key_columns(table);
    for_each_column(
        table.kind, {},
        [&](const std::string& name, int64_t) {
          absl::StrAppend(&columns, ", ", name, " INTEGER NOT NULL");
        },
        [&](const std::string& name, const std::string&) {
          absl::StrAppend(&columns, ", ", name, " TEXT");
        });
    absl::StrAppend(
        &schema, absl::StrReplaceAll(
                     R"(
CREATE TABLE @table(@columns, PRIMARY KEY (@key)) WITHOUT ROWID;
CREATE TABLE @table_passes AS SELECT *, 0 AS pass FROM @table;
CREATE UNIQUE INDEX @table_passes_key ON @table_passes(@key, pass);
CREATE VIEW @table_utc AS SELECT
  strftime('%Y-%m-%dT%H:%M:%SZ', begin_ms / 1000, 'unixepoch') AS begin, * FROM @table;
)",
                     {{"@table", table.name}, {"@columns", columns}, {"@key", scope_key(table)}}));
    if (table.kind != Kind::kTenant) {
      absl::StrAppend(&schema, "CREATE INDEX ", table.name, "_by_time ON ", table.name,
                      "(tenant, begin_ms);\n");
    }
  }
  return schema;
}

std::string histogram_text(const Histogram& histogram, DurationKind kind) {
  constexpr uint32_t kBucketMask = (1u << Histogram::kSeriesBits) - 1;
  std::string text;
  for (const Histogram::Entry& entry : histogram.entries()) {
    if (entry.key >> Histogram::kSeriesBits != static_cast<int>(kind)) continue;
    absl::StrAppend(&text, text.empty() ? "[" : ",[",
                    HistogramBuckets::middle(entry.key & kBucketMask), ",", entry.count, "]");
  }
  return text;
}

absl::Status add_histogram_text(std::string_view text, uint32_t series, Histogram* histogram) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto take = [&](char mark) { return at != end && *at++ == mark; };
  const auto take_number = [&](auto* number) {
    const auto read = std::from_chars(at, end, *number);
    at = read.ptr;
    return read.ec == std::errc();
  };
  while (at != end) {
    int64_t value = 0;
    uint32_t count = 0;
    const bool is_pair = take('[') && take_number(&value) && take(',') && take_number(&count) &&
                         take(']') && (at == end || (take(',') && at != end));
    if (!is_pair) return absl::InvalidArgumentError("is no histogram");
    histogram->add(series, value, count);
  }
  return absl::OkStatus();
}

absl::StatusOr<ScopeTables> ScopeTables::prepare(Database& database) {
  ScopeTables all;
  for (size_t i = 0; i < kScopeTables.size(); ++i) {
    absl::StatusOr<Statement> insert = prepare_insert(database, kScopeTables[i].name);
    if (!insert.ok()) return insert.status();
    all.tables_[i].insert = *std::move(insert);
    absl::StatusOr<IntervalPasses> passes =
        IntervalPasses::prepare(database, kScopeTables[i].name, kScopeTables[i].owner);
    if (!passes.ok()) return passes.status();
    all.tables_[i].passes = *std::move(passes);
  }
  return all;
}

absl::Status ScopeTables::write(const std::string& tenant, const ScopeIntervalRow& row) {
  size_t place = 0;
  while (kScopeTables[place].kind != row.kind) ++place;
  const std::string& owner = row.kind == Kind::kTenant ? tenant : row.name;
  Prepared& table = tables_[place];
  const auto insert = [&] {
    std::vector<std::string> texts;  // Until the statement has run.
    texts.reserve(kDurationKindCount);
    table.insert.bind(tenant);
    if (row.kind != Kind::kTenant) table.insert.bind(owner);
    table.insert.bind(row.begin_ms);
    for_each_column(
        row.kind, row, [&](const std::string&, int64_t number) { table.insert.bind(number); },
        [&](const std::string&, std::string text) {
          if (text.empty()) return table.insert.bind_null();
          table.insert.bind(texts.emplace_back(std::move(text)));
        });
    return table.insert.run();
  };
  if (row.pass == 0) return insert();
  return write_pass({&table.passes}, tenant, owner, row.begin_ms, row.pass, insert);
}

}  // namespace acd
