// SPDX-License-Identifier: Apache-2.0
#include "daemon/history/history_schema.h"

#include <absl/strings/str_replace.h>

#include "daemon/history/scope_tables.h"

namespace acd {
namespace {

// What is counted of a queue in an interval, in the table of intervals and in that of their media.
constexpr char kQueueFigures[] =
    R"(  offered INTEGER NOT NULL, overflowed_in INTEGER NOT NULL, answered INTEGER NOT NULL,
  abandoned INTEGER NOT NULL, short_abandoned INTEGER NOT NULL, timed_out INTEGER NOT NULL,
  overflowed_out INTEGER NOT NULL, withdrawn INTEGER NOT NULL, rejected INTEGER NOT NULL,
  failed_waiting INTEGER NOT NULL, requeued INTEGER NOT NULL, handled INTEGER NOT NULL,
  consults INTEGER NOT NULL, consults_answered INTEGER NOT NULL, consults_failed INTEGER NOT NULL,
  waiting_at_begin INTEGER NOT NULL, waiting_at_end INTEGER NOT NULL,
  callbacks_waiting_at_end INTEGER NOT NULL, connected_at_end INTEGER NOT NULL,
  sl_entered INTEGER NOT NULL, sl_answered_in_target INTEGER NOT NULL,
  sl_abandoned_in_target INTEGER NOT NULL, sl_left_out INTEGER NOT NULL,
  sl_overflowed_in_target INTEGER NOT NULL,
  transferred_in INTEGER NOT NULL, transferred_out_waiting INTEGER NOT NULL,
  transferred_out INTEGER NOT NULL, sl_transferred_in_target INTEGER NOT NULL,
  sl_callback_requested_in_target INTEGER NOT NULL,
  sl_short_abandoned_in_target INTEGER NOT NULL, sl_withdrawn_in_target INTEGER NOT NULL,
  sl_timed_out_in_target INTEGER NOT NULL,
  wait_max_ms INTEGER NOT NULL,
  wait_answered_sum_ms INTEGER NOT NULL, wait_answered_max_ms INTEGER NOT NULL,
  wait_abandoned_sum_ms INTEGER NOT NULL, wait_abandoned_max_ms INTEGER NOT NULL,
  wait_all_sum_ms INTEGER NOT NULL, wait_all_max_ms INTEGER NOT NULL,
  waits_over INTEGER NOT NULL,
  wait_total_sum_ms INTEGER NOT NULL, wait_total_max_ms INTEGER NOT NULL,
  ring_sum_ms INTEGER NOT NULL, ring_max_ms INTEGER NOT NULL,
  talk_sum_ms INTEGER NOT NULL, talk_max_ms INTEGER NOT NULL,
  hold_sum_ms INTEGER NOT NULL, hold_max_ms INTEGER NOT NULL,
  wrap_up_sum_ms INTEGER NOT NULL, wrap_up_max_ms INTEGER NOT NULL,
  offers INTEGER NOT NULL, offers_accepted INTEGER NOT NULL, offers_no_answer INTEGER NOT NULL,
  offers_rejected INTEGER NOT NULL, offers_busy INTEGER NOT NULL,
  offers_unreachable INTEGER NOT NULL, offers_unknown_address INTEGER NOT NULL,
  offers_canceled INTEGER NOT NULL, offers_rescinded INTEGER NOT NULL,
  offers_adopted INTEGER NOT NULL,
  resolved INTEGER NOT NULL, unresolved INTEGER NOT NULL, surveys INTEGER NOT NULL,
  survey_sum INTEGER NOT NULL, qualities INTEGER NOT NULL, quality_sum INTEGER NOT NULL,
  callback_requested INTEGER NOT NULL, callbacks_answered INTEGER NOT NULL,
  dials_failed INTEGER NOT NULL,)";

// The same of an agent. Times are those of the handled contacts, each counted by itself.
constexpr char kAgentFigures[] = R"(
  connected INTEGER NOT NULL, joined INTEGER NOT NULL, handled INTEGER NOT NULL,
  transferred INTEGER NOT NULL,
  talk_sum_ms INTEGER NOT NULL, hold_sum_ms INTEGER NOT NULL, wrap_up_sum_ms INTEGER NOT NULL,
  offers INTEGER NOT NULL, offers_accepted INTEGER NOT NULL, offers_no_answer INTEGER NOT NULL,
  offers_rejected INTEGER NOT NULL, offers_busy INTEGER NOT NULL,
  offers_unreachable INTEGER NOT NULL, offers_unknown_address INTEGER NOT NULL,
  offers_canceled INTEGER NOT NULL, offers_rescinded INTEGER NOT NULL,
  offers_adopted INTEGER NOT NULL,
  resolved INTEGER NOT NULL, unresolved INTEGER NOT NULL, surveys INTEGER NOT NULL,
  survey_sum INTEGER NOT NULL, qualities INTEGER NOT NULL, quality_sum INTEGER NOT NULL,)";

// Of `calls` and `talks` it tells SQLite how many rows there may be for a key: by itself it takes a tenant's
// calls for ten, and rather reads all of them than look one up by its id.
constexpr char kSchema[] = R"(
CREATE TABLE progress(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  journal TEXT NOT NULL,
  partition TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  unix_ms INTEGER NOT NULL);

CREATE TABLE calls(
  tenant TEXT NOT NULL, number INTEGER NOT NULL, call TEXT NOT NULL, source TEXT NOT NULL,
  parent TEXT, first_queue TEXT NOT NULL, queue TEXT NOT NULL, requirement TEXT NOT NULL,
  medium TEXT NOT NULL, priority INTEGER NOT NULL,
  arrived_ms INTEGER NOT NULL, connected_ms INTEGER, ended_ms INTEGER NOT NULL,
  wait_ms INTEGER NOT NULL, ring_ms INTEGER, talk_ms INTEGER, hold_ms INTEGER,
  holds INTEGER NOT NULL, wrap_up_ms INTEGER, wrap_up_end TEXT,
  visits INTEGER NOT NULL, overflows INTEGER NOT NULL, offers INTEGER NOT NULL,
  requeues INTEGER NOT NULL, transfers INTEGER NOT NULL,
  outcome TEXT NOT NULL, ended_by TEXT, "limit" TEXT, switch_lost INTEGER NOT NULL,
  cause INTEGER NOT NULL, target TEXT,
  agent TEXT, offer INTEGER, adopted INTEGER NOT NULL,
  config_version INTEGER, call_order TEXT, strategy TEXT, steps INTEGER, preferred INTEGER,
  rank INTEGER, preference INTEGER, candidates INTEGER, runner_up TEXT, tie_break TEXT,
  disposition TEXT, resolved INTEGER, survey_score INTEGER, quality_score INTEGER,
  labels TEXT, reference TEXT, origin TEXT, attempts INTEGER NOT NULL,
  customer_number TEXT,
  over_ms INTEGER GENERATED ALWAYS AS (ended_ms + ifnull(wrap_up_ms, 0)) VIRTUAL,
  PRIMARY KEY (tenant, number)) WITHOUT ROWID;
CREATE INDEX calls_by_time ON calls(tenant, arrived_ms);
CREATE INDEX calls_by_end ON calls(tenant, over_ms);
CREATE INDEX calls_by_queue ON calls(tenant, queue, arrived_ms);
CREATE INDEX calls_by_agent ON calls(tenant, agent, arrived_ms) WHERE agent IS NOT NULL;
CREATE INDEX calls_by_id ON calls(tenant, call);

CREATE TABLE talks(
  tenant TEXT NOT NULL, number INTEGER NOT NULL, part INTEGER NOT NULL, call TEXT NOT NULL,
  parent TEXT, medium TEXT NOT NULL, queue TEXT NOT NULL, visit INTEGER NOT NULL,
  agent TEXT NOT NULL, connected_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,
  talk_ms INTEGER NOT NULL, hold_ms INTEGER NOT NULL, holds INTEGER NOT NULL,
  wrap_up_ms INTEGER, wrap_up_end TEXT, ended TEXT NOT NULL, target_kind TEXT, target TEXT,
  over_ms INTEGER GENERATED ALWAYS AS (ended_ms + ifnull(wrap_up_ms, 0)) VIRTUAL,
  PRIMARY KEY (tenant, number, part)) WITHOUT ROWID;
CREATE INDEX talks_by_agent ON talks(tenant, agent, over_ms);
CREATE INDEX talks_by_end ON talks(tenant, over_ms);
CREATE INDEX talks_by_id ON talks(tenant, call);

CREATE TABLE visits(
  tenant TEXT NOT NULL, number INTEGER NOT NULL, visit INTEGER NOT NULL, call TEXT NOT NULL,
  queue TEXT NOT NULL, medium TEXT NOT NULL, entry TEXT NOT NULL,
  entered_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, wait_ms INTEGER NOT NULL,
  ended TEXT NOT NULL, "limit" TEXT, priority INTEGER NOT NULL, steps INTEGER NOT NULL,
  position INTEGER NOT NULL, offers INTEGER NOT NULL,
  in_target INTEGER NOT NULL, in_service_level INTEGER NOT NULL, agent TEXT,
  target_kind TEXT, target TEXT,
  PRIMARY KEY (tenant, number, visit)) WITHOUT ROWID;
CREATE INDEX visits_by_queue ON visits(tenant, queue, entered_ms);
CREATE INDEX visits_by_end ON visits(tenant, ended_ms);

CREATE TABLE offers(
  tenant TEXT NOT NULL, number INTEGER NOT NULL, offer INTEGER NOT NULL, visit INTEGER NOT NULL,
  call TEXT NOT NULL, queue TEXT NOT NULL, agent TEXT NOT NULL,
  made_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, ring_ms INTEGER NOT NULL,
  rang INTEGER NOT NULL, outcome TEXT NOT NULL, cause INTEGER NOT NULL,
  PRIMARY KEY (tenant, number, offer)) WITHOUT ROWID;
CREATE INDEX offers_by_agent ON offers(tenant, agent, made_ms);
CREATE INDEX offers_by_end ON offers(tenant, ended_ms);

CREATE TABLE agent_events(
  tenant TEXT NOT NULL, sequence INTEGER NOT NULL, at_ms INTEGER NOT NULL, agent TEXT NOT NULL,
  event TEXT NOT NULL, queue TEXT, number INTEGER, station TEXT, source TEXT,
  duration_ms INTEGER,
  PRIMARY KEY (tenant, sequence, event)) WITHOUT ROWID;
CREATE INDEX agent_events_by_time ON agent_events(tenant, at_ms);
CREATE INDEX agent_events_by_agent ON agent_events(tenant, agent, at_ms);

CREATE TABLE queue_intervals(
  tenant TEXT NOT NULL, queue TEXT NOT NULL, begin_ms INTEGER NOT NULL,
  staffed_ms INTEGER NOT NULL,
@QUEUE_FIGURES
  PRIMARY KEY (tenant, queue, begin_ms)) WITHOUT ROWID;
CREATE INDEX queue_intervals_by_time ON queue_intervals(tenant, begin_ms);

CREATE TABLE queue_medium_intervals(
  tenant TEXT NOT NULL, queue TEXT NOT NULL, begin_ms INTEGER NOT NULL, medium TEXT NOT NULL,
@QUEUE_FIGURES
  PRIMARY KEY (tenant, queue, begin_ms, medium)) WITHOUT ROWID;
CREATE INDEX queue_medium_intervals_by_time ON queue_medium_intervals(tenant, begin_ms);

CREATE TABLE agent_intervals(
  tenant TEXT NOT NULL, agent TEXT NOT NULL, begin_ms INTEGER NOT NULL,
  logged_in_ms INTEGER NOT NULL, ready_ms INTEGER NOT NULL, not_ready_ms INTEGER NOT NULL,
  ring_ms INTEGER NOT NULL, connect_ms INTEGER NOT NULL, talk_ms INTEGER NOT NULL,
  hold_ms INTEGER NOT NULL, wrap_up_ms INTEGER NOT NULL, busy_other_ms INTEGER NOT NULL,
@AGENT_FIGURES
  PRIMARY KEY (tenant, agent, begin_ms)) WITHOUT ROWID;
CREATE INDEX agent_intervals_by_time ON agent_intervals(tenant, begin_ms);

CREATE TABLE agent_medium_intervals(
  tenant TEXT NOT NULL, agent TEXT NOT NULL, begin_ms INTEGER NOT NULL, medium TEXT NOT NULL,
@AGENT_FIGURES
  PRIMARY KEY (tenant, agent, begin_ms, medium)) WITHOUT ROWID;
CREATE INDEX agent_medium_intervals_by_time ON agent_medium_intervals(tenant, begin_ms);

CREATE TABLE agent_not_ready(
  tenant TEXT NOT NULL, agent TEXT NOT NULL, begin_ms INTEGER NOT NULL, reason INTEGER NOT NULL,
  not_ready_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, agent, begin_ms, reason)) WITHOUT ROWID;
CREATE INDEX agent_not_ready_by_time ON agent_not_ready(tenant, begin_ms);

CREATE TABLE queue_intervals_passes AS SELECT *, 0 AS pass FROM queue_intervals;
CREATE UNIQUE INDEX queue_intervals_passes_key
  ON queue_intervals_passes(tenant, begin_ms, queue, pass);
CREATE TABLE queue_medium_intervals_passes AS SELECT *, 0 AS pass FROM queue_medium_intervals;
CREATE UNIQUE INDEX queue_medium_intervals_passes_key
  ON queue_medium_intervals_passes(tenant, begin_ms, queue, medium, pass);
CREATE TABLE agent_intervals_passes AS SELECT *, 0 AS pass FROM agent_intervals;
CREATE UNIQUE INDEX agent_intervals_passes_key
  ON agent_intervals_passes(tenant, begin_ms, agent, pass);
CREATE TABLE agent_medium_intervals_passes AS SELECT *, 0 AS pass FROM agent_medium_intervals;
CREATE UNIQUE INDEX agent_medium_intervals_passes_key
  ON agent_medium_intervals_passes(tenant, begin_ms, agent, medium, pass);
CREATE TABLE agent_not_ready_passes AS SELECT *, 0 AS pass FROM agent_not_ready;
CREATE UNIQUE INDEX agent_not_ready_passes_key
  ON agent_not_ready_passes(tenant, begin_ms, agent, reason, pass);

@SCOPE_TABLES
ANALYZE calls;
INSERT INTO sqlite_stat1 VALUES
  ('calls', 'calls', '1000000 1000000 1'),
  ('calls', 'calls_by_time', '1000000 1000000 2 1'),
  ('calls', 'calls_by_end', '1000000 1000000 2 1'),
  ('calls', 'calls_by_queue', '1000000 1000000 50000 2 1'),
  ('calls', 'calls_by_agent', '1000000 1000000 2000 2 1'),
  ('calls', 'calls_by_id', '1000000 1000000 2 1'),
  ('talks', 'talks', '1000000 1000000 1 1'),
  ('talks', 'talks_by_agent', '1000000 1000000 2000 2 1 1'),
  ('talks', 'talks_by_end', '1000000 1000000 2 1 1'),
  ('talks', 'talks_by_id', '1000000 1000000 2 1 1');

CREATE VIEW calls_utc AS SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', arrived_ms / 1000.0, 'unixepoch') AS arrived,
  strftime('%Y-%m-%dT%H:%M:%fZ', connected_ms / 1000.0, 'unixepoch') AS connected,
  strftime('%Y-%m-%dT%H:%M:%fZ', ended_ms / 1000.0, 'unixepoch') AS ended, * FROM calls;
CREATE VIEW talks_utc AS SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', connected_ms / 1000.0, 'unixepoch') AS connected,
  strftime('%Y-%m-%dT%H:%M:%fZ', ended_ms / 1000.0, 'unixepoch') AS ended_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', over_ms / 1000.0, 'unixepoch') AS over_at, * FROM talks;
CREATE VIEW visits_utc AS SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', entered_ms / 1000.0, 'unixepoch') AS entered_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', ended_ms / 1000.0, 'unixepoch') AS ended_at, * FROM visits;
CREATE VIEW offers_utc AS SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', made_ms / 1000.0, 'unixepoch') AS made,
  strftime('%Y-%m-%dT%H:%M:%fZ', ended_ms / 1000.0, 'unixepoch') AS ended, * FROM offers;
CREATE VIEW agent_events_utc AS SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', at_ms / 1000.0, 'unixepoch') AS at, * FROM agent_events;
CREATE VIEW queue_intervals_utc AS SELECT
  strftime('%Y-%m-%dT%H:%M:%SZ', begin_ms / 1000, 'unixepoch') AS begin, * FROM queue_intervals;
CREATE VIEW queue_medium_intervals_utc AS SELECT
  strftime('%Y-%m-%dT%H:%M:%SZ', begin_ms / 1000, 'unixepoch') AS begin, *
  FROM queue_medium_intervals;
CREATE VIEW agent_intervals_utc AS SELECT
  strftime('%Y-%m-%dT%H:%M:%SZ', begin_ms / 1000, 'unixepoch') AS begin, * FROM agent_intervals;
CREATE VIEW agent_medium_intervals_utc AS SELECT
  strftime('%Y-%m-%dT%H:%M:%SZ', begin_ms / 1000, 'unixepoch') AS begin, *
  FROM agent_medium_intervals;
)";

}  // namespace

const std::string& history_schema() {
  static const std::string* const schema =
      new std::string(absl::StrReplaceAll(kSchema, {{"@QUEUE_FIGURES", kQueueFigures},
                                                    {"@AGENT_FIGURES", kAgentFigures},
                                                    {"@SCOPE_TABLES", scope_schema()}}));
  return *schema;
}

std::optional<int64_t> resolved_flag(Resolved resolved) {
  switch (resolved) {
    case Resolved::kUnknown:
      return std::nullopt;
    case Resolved::kNo:
      return 0;
    case Resolved::kYes:
      return 1;
  }
  return std::nullopt;
}

std::string_view wrap_up_end_word(WrapUpEnd end) {
  switch (end) {
    case WrapUpEnd::kNone:
      return "";
    case WrapUpEnd::kTime:
      return "time";
    case WrapUpEnd::kAgent:
      return "agent";
  }
  return "";
}

std::string_view talk_end_word(TalkEnd end) {
  switch (end) {
    case TalkEnd::kCompleted:
      return "completed";
    case TalkEnd::kTransferred:
      return "transferred";
    case TalkEnd::kConsultTransferred:
      return "consult_transferred";
    case TalkEnd::kLeft:
      return "left";
    case TalkEnd::kMerged:
      return "merged";
    case TalkEnd::kLost:
      return "lost";
  }
  return "";
}

std::string_view visit_end_word(VisitEnd end, bool is_short) {
  switch (end) {
    case VisitEnd::kAnswered:
      return "answered";
    case VisitEnd::kAbandoned:
      return is_short ? "short_abandoned" : "abandoned";
    case VisitEnd::kTimedOut:
      return "timed_out";
    case VisitEnd::kOverflowed:
      return "overflowed";
    case VisitEnd::kWithdrawn:
      return "withdrawn";
    case VisitEnd::kRejected:
      return "rejected";
    case VisitEnd::kFailed:
      return "failed";
    case VisitEnd::kTransferred:
      return "transferred";
    case VisitEnd::kCallbackRequested:
      return "callback_requested";
  }
  return "";
}

std::string_view agent_event_word(AgentEventKind kind) {
  switch (kind) {
    case AgentEventKind::kLoggedIn:
      return "logged_in";
    case AgentEventKind::kLoggedOut:
      return "logged_out";
    case AgentEventKind::kReady:
      return "ready";
    case AgentEventKind::kNotReady:
      return "not_ready";
    case AgentEventKind::kMemberAdded:
      return "member_added";
    case AgentEventKind::kMemberRemoved:
      return "member_removed";
    case AgentEventKind::kMemberPaused:
      return "member_paused";
    case AgentEventKind::kMemberUnpaused:
      return "member_unpaused";
    case AgentEventKind::kLegUp:
      return "leg_up";
    case AgentEventKind::kLegLost:
      return "leg_lost";
  }
  return "";
}

}  // namespace acd
