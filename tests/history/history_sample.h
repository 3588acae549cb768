// SPDX-License-Identifier: Apache-2.0
// A history file with a handful of rows, and queries as lines of text.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "daemon/history/history_file.h"
#include "routing/limits.h"

namespace acd {

// 2026-01-05T08:00:00Z, the begin of an interval.
inline constexpr int64_t kSampleMs = 1'767'600'000'000;
inline const HistoryOrigin kSampleOrigin{"00112233", "main"};

// Rows as "a|b|c", NULL as "-".
inline std::vector<std::string> lines_of(Database& database, const std::string& sql) {
  absl::StatusOr<Statement> rows = database.prepare(sql);
  EXPECT_TRUE(rows.ok()) << rows.status() << "\n" << sql;
  std::vector<std::string> lines;
  while (rows.ok()) {
    const absl::StatusOr<bool> row = rows->step();
    EXPECT_TRUE(row.ok()) << row.status() << "\n" << sql;
    if (!row.ok() || !*row) break;
    std::string line;
    for (int i = 0; i < rows->column_count(); ++i) {
      line += (i == 0 ? "" : "|") + (rows->is_null(i) ? "-" : rows->text(i));
    }
    lines.push_back(line);
  }
  return lines;
}

inline std::vector<std::string> lines_of(const std::string& path, const std::string& sql) {
  absl::StatusOr<Database> database = open_history_for_reading(path);
  EXPECT_TRUE(database.ok()) << database.status();
  return database.ok() ? lines_of(*database, sql) : std::vector<std::string>{};
}

// All rows of every table of the file, in order, but for how far it was folded and when.
inline std::vector<std::string> dump_history(const std::string& path) {
  std::vector<std::string> all;
  for (const std::string& table :
       lines_of(path,
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'progress' "
                "AND name NOT LIKE 'sqlite_%' ORDER BY name")) {
    all.push_back(table);
    std::vector<std::string> rows = lines_of(path, "SELECT * FROM " + table);
    std::sort(rows.begin(), rows.end());
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

inline std::unique_ptr<HistoryFile> open_file(const std::string& path) {
  auto file = HistoryFile::open(path, kSampleOrigin, UINT64_MAX / 2);
  EXPECT_TRUE(file.ok()) << file.status();
  return file.ok() ? *std::move(file) : nullptr;
}

inline CallRow answered_call(int64_t number, const std::string& id, int64_t arrived_ms) {
  CallRow row;
  row.number = number;
  row.call = id;
  row.source = "pbx";
  row.first_queue = row.queue = "sales";
  row.arrived_ms = arrived_ms;
  row.connected_ms = arrived_ms + 7'000;
  row.ended_ms = arrived_ms + 100'000;
  row.wait_ms = 7'000;
  row.ring_ms = 4'000;
  row.talk_ms = 90'000;
  row.hold_ms = 3'000;
  row.visits = row.offers = 1;
  row.ended_by = EndedBy::kCaller;
  row.agent = "ada";
  row.offer = 1;
  return row;
}

inline TalkRow talk_of(const CallRow& call) {
  TalkRow row;
  row.number = call.number;
  row.part = 1;
  row.call = call.call;
  row.medium = call.medium;
  row.queue = call.queue;
  row.visit = call.visits;
  row.agent = call.agent;
  row.connected_ms = call.connected_ms;
  row.ended_ms = call.ended_ms;
  row.talk_ms = call.talk_ms;
  row.hold_ms = call.hold_ms;
  row.wrap_up_ms = call.wrap_up_ms;
  return row;
}

inline VisitRow visit_of(const CallRow& call, VisitEnd end) {
  VisitRow row;
  row.number = call.number;
  row.visit = 1;
  row.call = call.call;
  row.queue = call.queue;
  row.entered_ms = call.arrived_ms;
  row.ended_ms = call.arrived_ms + call.wait_ms;
  row.wait_ms = call.wait_ms;
  row.end = end;
  row.position = 1;
  row.is_in_target = row.is_in_service_level = true;
  if (end == VisitEnd::kAnswered) row.agent = call.agent;
  return row;
}

inline OfferRow offer_of(const CallRow& call, int64_t generation, const std::string& agent,
                         OfferOutcome outcome) {
  OfferRow row;
  row.number = call.number;
  row.generation = generation;
  row.visit = 1;
  row.call = call.call;
  row.queue = call.queue;
  row.agent = agent;
  row.made_ms = call.arrived_ms + 1'000;
  row.ended_ms = call.arrived_ms + 5'000;
  row.ring_ms = 4'000;
  row.outcome = outcome;
  return row;
}

// c1: bob does not answer, ada does. c2: abandoned.
inline TenantRows sample_rows() {
  TenantRows batch;
  batch.tenant = "bank";
  const CallRow c1 = answered_call(10, "c1", kSampleMs);
  CallRow c2 = answered_call(20, "c2", kSampleMs + 60'000);
  c2.connected_ms = c2.ring_ms = c2.talk_ms = c2.hold_ms = kAbsentMs;
  c2.ended_ms = c2.arrived_ms + c2.wait_ms;
  c2.outcome = CallOutcome::kAbandoned;
  c2.agent.clear();
  c2.offer = c2.offers = 0;
  batch.rows.calls = {c1, c2};
  batch.rows.talks = {talk_of(c1)};
  batch.rows.visits = {visit_of(c1, VisitEnd::kAnswered), visit_of(c2, VisitEnd::kAbandoned)};
  batch.rows.offers = {offer_of(c1, 1, "bob", OfferOutcome::kNoAnswer),
                       offer_of(c1, 2, "ada", OfferOutcome::kAccepted)};
  batch.rows.offers[1].made_ms = c1.arrived_ms + 5'000;
  batch.rows.offers[1].ended_ms = c1.arrived_ms + 7'000;
  batch.rows.offers[1].ring_ms = 2'000;
  batch.rows.agent_events = {
      {1, kSampleMs - 5'000, "ada", AgentEventKind::kLoggedIn, "", 0, "100", kAbsentMs, "pbx"},
      {2, kSampleMs - 4'000, "ada", AgentEventKind::kReady, "", 0, "", kAbsentMs, ""},
      {3, kSampleMs - 3'000, "ada", AgentEventKind::kMemberAdded, "sales", 1, "", kAbsentMs, ""},
      {30, kSampleMs + 5'000, "bob", AgentEventKind::kNotReady, "", 201, "", kAbsentMs, ""},
      {90, kSampleMs + 200'000, "ada", AgentEventKind::kMemberPaused, "sales", 4, "", kAbsentMs,
       ""},
      {91, kSampleMs + 210'000, "ada", AgentEventKind::kMemberUnpaused, "sales", 0, "", kAbsentMs,
       ""},
      {92, kSampleMs + 220'000, "ada", AgentEventKind::kMemberRemoved, "sales", 0, "", kAbsentMs,
       ""},
      {93, kSampleMs + 230'000, "ada", AgentEventKind::kLoggedOut, "", 0, "", 235'000, ""}};
  QueueIntervalRow queue{"sales", kSampleMs, 0, {}};
  QueueFigures& of_queue = queue.interval.media.of(Medium::kVoice);
  of_queue.counts.offered = 2;
  of_queue.counts.answered = of_queue.counts.abandoned = 1;
  of_queue.counts.handled = 1;
  of_queue.counts.sl_entered = 2;
  of_queue.counts.sl_answered_in_target = 1;
  of_queue.wait_answered.add(7 * kNsPerS);
  of_queue.talk.add(90 * kNsPerS);
  of_queue.hold.add(3 * kNsPerS);
  queue.interval.staffed_ns = 200 * kNsPerS;
  batch.rows.queue_intervals = {queue};
  AgentIntervalRow agent{"ada", kSampleMs, 0, {}};
  agent.interval.state_ns[static_cast<size_t>(AgentState::kReady)] = 100 * kNsPerS;
  agent.interval.state_ns[static_cast<size_t>(AgentState::kOnCall)] = 90 * kNsPerS;
  agent.interval.state_ns[static_cast<size_t>(AgentState::kNotReady)] = 10 * kNsPerS;
  agent.interval.not_ready_ns = {{7, 10 * kNsPerS}};
  AgentFigures& of_agent = agent.interval.media.of(Medium::kVoice);
  of_agent.connected = of_agent.handled = 1;
  of_agent.talk_ns = 90 * kNsPerS;
  batch.rows.agent_intervals = {agent};
  ScopeIntervalRow histograms{StatsScope::Kind::kQueue, "sales", kSampleMs, 0, {}, 0, 0, 0, 0, {}};
  const auto of_answered = static_cast<uint32_t>(DurationKind::kWaitAnswered);
  for (const int64_t wait_ms : {7'000, 7'000, 7'000, 12'000, 30'000}) {
    histograms.histogram.add(of_answered, wait_ms);
  }
  batch.rows.scope_intervals = {histograms};
  return batch;
}

}  // namespace acd
