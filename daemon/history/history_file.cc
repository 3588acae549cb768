// SPDX-License-Identifier: Apache-2.0
#include "daemon/history/history_file.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include "daemon/history/history_schema.h"
#include "routing/limits.h"

namespace acd {
namespace {

// Pages written to the log before SQLite copies them into the file, 16 MiB.
constexpr int kCheckpointPages = 2'000;
// The log is cut back to so much after it.
constexpr int64_t kLogBytesKept = int64_t{64} << 20;
// Pages given back to the file system at a time.
constexpr int kVacuumPages = 256;

int64_t to_ms(int64_t duration_ns) { return duration_ns / kNsPerMs; }

// What binds as NULL when it is absent.
struct OrNull {
  bool is_null;
  int64_t number;
};
OrNull or_null(int64_t ms) { return {ms == kAbsentMs, ms}; }
OrNull or_null(bool is_null, int64_t number) { return {is_null, number}; }
struct TextOrNull {
  std::string_view text;
};
TextOrNull or_null(std::string_view text) { return {text}; }

void bind_value(Statement& statement, const OrNull& value) {
  if (value.is_null) return statement.bind_null();
  statement.bind(value.number);
}
void bind_value(Statement& statement, const TextOrNull& value) {
  if (value.text.empty()) return statement.bind_null();
  statement.bind(value.text);
}
template <typename Value>
void bind_value(Statement& statement, const Value& value) {
  statement.bind(value);
}

template <typename... Values>
void bind_all(Statement& statement, const Values&... values) {
  (bind_value(statement, values), ...);
}

void bind_offers(Statement& statement, const OfferCounts& offers) {
  bind_all(statement, offers.created, offers.accepted, offers.no_answer, offers.rejected,
           offers.busy, offers.unreachable, offers.unknown_address, offers.canceled,
           offers.rescinded, offers.adopted);
}

void bind_outcomes(Statement& statement, const OutcomeCounts& outcomes) {
  bind_all(statement, outcomes.resolved, outcomes.unresolved, outcomes.surveys, outcomes.survey_sum,
           outcomes.qualities, outcomes.quality_sum);
}

void bind_figures(Statement& statement, const QueueFigures& figures) {
  const QueueCounts& counts = figures.counts;
  bind_all(statement, counts.offered, counts.overflowed_in, counts.answered, counts.abandoned,
           counts.short_abandoned, counts.timed_out, counts.overflowed_out, counts.withdrawn,
           counts.rejected, counts.failed_waiting, counts.requeued, counts.handled, counts.consults,
           counts.consults_answered, counts.consults_failed, figures.waiting_at_begin,
           counts.waiting, figures.callbacks_waiting_at_end, counts.connected, counts.sl_entered,
           counts.sl_answered_in_target, counts.sl_abandoned_in_target, counts.sl_left_out,
           counts.sl_overflowed_in_target, counts.transferred_in, counts.transferred_out_waiting,
           counts.transferred_out, counts.sl_transferred_in_target,
           counts.sl_callback_requested_in_target, counts.sl_short_abandoned_in_target,
           counts.sl_withdrawn_in_target, counts.sl_timed_out_in_target, to_ms(counts.wait_max_ns));
  const auto bind_sum = [&](const DurationSum& sum) {
    bind_all(statement, to_ms(sum.sum_ns), to_ms(sum.max_ns));
  };
  bind_sum(figures.wait_answered);
  bind_sum(figures.wait_abandoned);
  bind_sum(figures.wait_all);
  bind_all(statement, figures.waits_over);
  for (const DurationSum* sum :
       {&figures.wait_total, &figures.ring, &figures.talk, &figures.hold, &figures.wrap_up}) {
    bind_sum(*sum);
  }
  bind_offers(statement, counts.offers);
  bind_outcomes(statement, counts.outcomes);
  bind_all(statement, counts.callback_requested, counts.callbacks_answered, counts.dials_failed);
}

void bind_figures(Statement& statement, const AgentFigures& figures) {
  bind_all(statement, figures.connected, figures.joined, figures.handled, figures.transferred,
           to_ms(figures.talk_ns), to_ms(figures.hold_ns), to_ms(figures.wrap_up_ns));
  bind_offers(statement, figures.offers);
  bind_outcomes(statement, figures.outcomes);
}

// Disposition, resolved, survey score and quality score.
void bind_told(Statement& statement, const ToldOutcome& told) {
  const std::optional<int64_t> resolved = resolved_flag(told.resolved);
  bind_all(statement, or_null(told.code), or_null(!resolved, resolved.value_or(0)),
           or_null(told.survey == kNoScore, told.survey),
           or_null(told.quality == kNoScore, told.quality));
}

absl::Status no_history(const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": is no history file of acdd; move it away, and acdd makes one"));
}

// What a file of an older format does not tell, for the sentence that refuses it.
const char* lack_of(int64_t format) {
  if (format == 1) return ", in which an interval that came again took the place of the first";
  if (format == 2) return ", which has no outcomes";
  if (format == 3) return ", which has no media";
  if (format == 4) return ", which does not tell what waited when an interval began";
  return format == 5 ? ", which has no intervals by tenant, skill, band and team" : "";
}

// Whether the file is one of ours, and of this format.
absl::Status check_format(Database& database) {
  const absl::StatusOr<int64_t> application = database.number("PRAGMA application_id");
  if (!application.ok()) {
    return absl::IsFailedPrecondition(application.status()) ? no_history(database.path())
                                                            : application.status();
  }
  if (*application != kHistoryApplicationId) return no_history(database.path());
  const absl::StatusOr<int64_t> format = database.number("PRAGMA user_version");
  if (!format.ok()) return format.status();
  if (*format != kHistoryFormat) {
    const bool is_newer = *format > kHistoryFormat;
    return absl::FailedPreconditionError(absl::StrCat(
        database.path(), ": is of format ", *format, is_newer ? "" : lack_of(*format),
        ", and this release knows ", kHistoryFormat,
        is_newer ? ": a newer release wrote it; use that one"
                 : "; move it away, and it is filled anew as far back as the journal reaches"));
  }
  return absl::OkStatus();
}

// History holds durable records only.
absl::Status lost_end(const std::string& path, const std::string& why) {
  return absl::DataLossError(absl::StrCat(path, ": ", why,
                                          ": records that were durable are lost; restore a backup, "
                                          "or to go on without them move this file away"));
}

absl::Status of_another_journal(const std::string& path, const std::string& why) {
  return absl::FailedPreconditionError(absl::StrCat(
      path, ": ", why, "; move it away, and it is filled anew as far back as the journal reaches"));
}

}  // namespace

absl::StatusOr<Database> open_history_for_reading(const std::string& path) {
  absl::StatusOr<Database> database = Database::open(path, Database::Mode::kReadOnly);
  if (!database.ok()) return database.status();
  absl::Status status = check_format(*database);
  if (!status.ok()) return status;
  return database;
}

absl::StatusOr<std::unique_ptr<HistoryFile>> HistoryFile::open(const std::string& path,
                                                               const HistoryOrigin& origin,
                                                               uint64_t sequence_last) {
  absl::StatusOr<Database> database = Database::open(path, Database::Mode::kWrite);
  if (!database.ok()) return database.status();
  auto file = std::unique_ptr<HistoryFile>(new HistoryFile(*std::move(database)));
  const absl::StatusOr<int64_t> tables =
      file->database_.number("SELECT count(*) FROM sqlite_master");
  if (!tables.ok()) {
    return absl::IsFailedPrecondition(tables.status()) ? no_history(path) : tables.status();
  }
  const absl::StatusOr<int64_t> application = file->database_.number("PRAGMA application_id");
  if (!application.ok()) return application.status();
  absl::Status status;
  if (*tables == 0 && *application == 0) status = file->make(origin);
  if (status.ok()) status = check_format(file->database_);
  if (status.ok()) status = file->check(origin, sequence_last);
  if (status.ok()) status = file->prepare();
  if (!status.ok()) return status;
  return file;
}

absl::Status HistoryFile::make(const HistoryOrigin& origin) {
  absl::Status status =
      database_.execute("PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL;");
  if (!status.ok()) return status;
  status = database_.execute(absl::StrCat("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE;",
                                          history_schema(),
                                          "PRAGMA application_id = ", kHistoryApplicationId,
                                          "; PRAGMA user_version = ", kHistoryFormat, ";"));
  if (!status.ok()) return status;
  absl::StatusOr<Statement> insert =
      database_.prepare("INSERT INTO progress VALUES (1, ?, ?, 0, 0)");
  if (!insert.ok()) return insert.status();
  status = insert->run(origin.journal, origin.partition);
  return status.ok() ? database_.execute("COMMIT") : status;
}

absl::Status HistoryFile::check(const HistoryOrigin& origin, uint64_t sequence_last) {
  absl::StatusOr<Statement> progress =
      database_.prepare("SELECT journal, partition, sequence FROM progress");
  if (!progress.ok()) return progress.status();
  const absl::StatusOr<bool> row = progress->step();
  if (!row.ok()) return row.status();
  if (!*row) return of_another_journal(path(), "has lost its row of progress");
  if (progress->text(0) != origin.journal || progress->text(1) != origin.partition) {
    return of_another_journal(path(), absl::StrCat("belongs to the journal ", progress->text(0),
                                                   " of partition ", progress->text(1), ", not to ",
                                                   origin.journal, " of ", origin.partition));
  }
  sequence_ = static_cast<uint64_t>(progress->number(2));
  if (sequence_ > sequence_last) {
    return lost_end(path(), absl::StrCat("holds the journal's records up to ", sequence_,
                                         ", but the journal ends at ", sequence_last));
  }
  return absl::OkStatus();
}

absl::Status HistoryFile::prepare() {
  // FULL: what sequence() says outlives a loss of power, as the journal may be dropped up to there.
  absl::Status status = database_.execute(absl::StrCat(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ",
      kCheckpointPages, "; PRAGMA journal_size_limit = ", kLogBytesKept, ";"));
  const auto insert = [&](const char* table, Statement* prepared) {
    if (!status.ok()) return;
    absl::StatusOr<Statement> statement = prepare_insert(database_, table);
    status = statement.status();
    if (statement.ok()) *prepared = *std::move(statement);
  };
  insert("calls", &insert_call_);
  insert("talks", &insert_talk_);
  insert("visits", &insert_visit_);
  insert("offers", &insert_offer_);
  insert("agent_events", &insert_agent_event_);
  insert("queue_intervals", &insert_queue_interval_);
  insert("queue_medium_intervals", &insert_queue_medium_);
  insert("agent_intervals", &insert_agent_interval_);
  insert("agent_medium_intervals", &insert_agent_medium_);
  insert("agent_not_ready", &insert_not_ready_);
  const auto add_up = [&](const char* table, const char* owner, IntervalPasses* passes) {
    if (!status.ok()) return;
    absl::StatusOr<IntervalPasses> prepared = IntervalPasses::prepare(database_, table, owner);
    status = prepared.status();
    if (prepared.ok()) *passes = *std::move(prepared);
  };
  add_up("queue_intervals", "queue", &queue_passes_);
  add_up("queue_medium_intervals", "queue", &queue_medium_passes_);
  add_up("agent_intervals", "agent", &agent_passes_);
  add_up("agent_medium_intervals", "agent", &agent_medium_passes_);
  add_up("agent_not_ready", "agent", &not_ready_passes_);
  if (!status.ok()) return status;
  absl::StatusOr<ScopeTables> scopes = ScopeTables::prepare(database_);
  if (!scopes.ok()) return scopes.status();
  scopes_ = *std::move(scopes);
  // Columns of a row that is there; if it is so old that it has gone, of none.
  absl::StatusOr<Statement> outcome = database_.prepare(
      "UPDATE calls SET disposition = ?, resolved = ?, survey_score = ?, quality_score = ?, "
      "labels = CASE WHEN ? THEN ? ELSE labels END, "
      "reference = CASE WHEN ? THEN ? ELSE reference END WHERE tenant = ? AND number = ?");
  if (!outcome.ok()) return outcome.status();
  update_outcome_ = *std::move(outcome);
  absl::StatusOr<Statement> update =
      database_.prepare("UPDATE progress SET sequence = ?, unix_ms = ? WHERE id = 1");
  if (!update.ok()) return update.status();
  update_progress_ = *std::move(update);
  return absl::OkStatus();
}

// --- Writing.

absl::Status HistoryFile::write(const std::vector<TenantRows>& batch, uint64_t sequence,
                                int64_t unix_ms) {
  absl::Status status = database_.execute("BEGIN IMMEDIATE");
  if (!status.ok()) return status;
  for (const TenantRows& rows : batch) {
    if (status.ok()) status = write_rows(rows);
  }
  if (status.ok()) status = update_progress_.run(static_cast<int64_t>(sequence), unix_ms);
  if (status.ok()) status = database_.execute("COMMIT");
  if (!status.ok()) {
    // Fails where SQLite has rolled back by itself.
    database_.execute("ROLLBACK").IgnoreError();
    return status;
  }
  sequence_ = sequence;
  return absl::OkStatus();
}

absl::Status HistoryFile::write_rows(const TenantRows& batch) {
  absl::Status status;
  const auto write_all = [&](const auto& rows, auto write_one) {
    for (const auto& row : rows) {
      if (status.ok()) status = (this->*write_one)(batch.tenant, row);
    }
  };
  write_all(batch.rows.calls, &HistoryFile::write_call);
  write_all(batch.rows.talks, &HistoryFile::write_talk);
  write_all(batch.rows.visits, &HistoryFile::write_visit);
  write_all(batch.rows.offers, &HistoryFile::write_offer);
  write_all(batch.rows.outcomes, &HistoryFile::write_outcome);
  write_all(batch.rows.agent_events, &HistoryFile::write_agent_event);
  write_all(batch.rows.queue_intervals, &HistoryFile::write_queue_interval);
  write_all(batch.rows.agent_intervals, &HistoryFile::write_agent_interval);
  for (const ScopeIntervalRow& row : batch.rows.scope_intervals) {
    if (status.ok()) status = scopes_.write(batch.tenant, row);
  }
  return status;
}

absl::Status HistoryFile::write_call(const std::string& tenant, const CallRow& row) {
  const DecisionSummary& decision = row.decision;
  const bool none = !decision.is_made;
  const auto word = [&](std::string_view text) { return TextOrNull{none ? "" : text}; };
  bind_all(insert_call_, tenant, row.number, row.call, row.source, or_null(row.parent),
           row.first_queue, row.queue, row.requirement, medium_name(row.medium), row.priority,
           row.arrived_ms, or_null(row.connected_ms), row.ended_ms, row.wait_ms,
           or_null(row.ring_ms), or_null(row.talk_ms), or_null(row.hold_ms), row.holds,
           or_null(row.wrap_up_ms), or_null(wrap_up_end_word(row.wrap_up_end)), row.visits,
           row.overflows, row.offers, row.requeues, row.transfers);
  bind_all(insert_call_, outcome_word(row.outcome), or_null(ended_by_word(row.ended_by)),
           or_null(limit_word(row.limit)), row.is_switch_lost, row.cause, or_null(row.target),
           or_null(row.agent), or_null(row.offer == 0, row.offer), row.is_adopted);
  bind_all(insert_call_, or_null(none, decision.config_version),
           word(call_order_name(decision.call_order)), word(strategy_name(decision.strategy)),
           or_null(none, decision.steps), or_null(none, decision.was_preferred ? 1 : 0),
           or_null(none, decision.rank), or_null(none, decision.preference),
           or_null(none, decision.candidates), or_null(row.runner_up),
           word(tie_break_name(decision.tie_break)));
  bind_told(insert_call_, row.told);
  bind_all(insert_call_, or_null(row.labels), or_null(row.reference), or_null(row.origin),
           row.attempts, or_null(row.customer_number));
  return insert_call_.run();
}

absl::Status HistoryFile::write_outcome(const std::string& tenant, const OutcomeRow& row) {
  bind_told(update_outcome_, row.told);
  bind_all(update_outcome_, row.says_labels, or_null(row.labels), row.says_reference,
           or_null(row.reference), tenant, row.number);
  return update_outcome_.run();
}

absl::Status HistoryFile::write_talk(const std::string& tenant, const TalkRow& row) {
  bind_all(insert_talk_, tenant, row.number, row.part, row.call, or_null(row.parent),
           medium_name(row.medium), row.queue, row.visit, row.agent, row.connected_ms, row.ended_ms,
           row.talk_ms, row.hold_ms, row.holds, or_null(row.wrap_up_ms),
           or_null(wrap_up_end_word(row.wrap_up_end)), talk_end_word(row.end),
           or_null(transfer_target_word(row.target_kind)), or_null(row.target));
  return insert_talk_.run();
}

absl::Status HistoryFile::write_visit(const std::string& tenant, const VisitRow& row) {
  bind_all(insert_visit_, tenant, row.number, row.visit, row.call, row.queue,
           medium_name(row.medium), entry_word(row.entry), row.entered_ms, row.ended_ms,
           row.wait_ms, visit_end_word(row.end, row.is_short), or_null(limit_word(row.limit)),
           row.priority, row.steps, row.position, row.offers, row.is_in_target,
           row.is_in_service_level, or_null(row.agent),
           or_null(transfer_target_word(row.target_kind)), or_null(row.target));
  return insert_visit_.run();
}

absl::Status HistoryFile::write_offer(const std::string& tenant, const OfferRow& row) {
  bind_all(insert_offer_, tenant, row.number, row.generation, row.visit, row.call, row.queue,
           row.agent, row.made_ms, row.ended_ms, row.ring_ms, row.has_rung, offer_word(row.outcome),
           row.cause);
  return insert_offer_.run();
}

absl::Status HistoryFile::write_agent_event(const std::string& tenant, const AgentEventRow& row) {
  bool has_number = row.kind == AgentEventKind::kNotReady;
  has_number = has_number || row.kind == AgentEventKind::kMemberAdded;
  has_number = has_number || row.kind == AgentEventKind::kMemberPaused;
  bind_all(insert_agent_event_, tenant, row.sequence, row.at_ms, row.agent,
           agent_event_word(row.kind), or_null(row.queue), or_null(!has_number, row.number),
           or_null(row.station), or_null(row.source), or_null(row.duration_ms));
  return insert_agent_event_.run();
}

absl::Status HistoryFile::write_queue_interval(const std::string& tenant,
                                               const QueueIntervalRow& row) {
  if (row.pass == 0) return insert_queue_interval(tenant, row);
  return write_pass({&queue_passes_, &queue_medium_passes_}, tenant, row.queue, row.begin_ms,
                    row.pass, [&] { return insert_queue_interval(tenant, row); });
}

absl::Status HistoryFile::insert_queue_interval(const std::string& tenant,
                                                const QueueIntervalRow& row) {
  bind_all(insert_queue_interval_, tenant, row.queue, row.begin_ms, to_ms(row.interval.staffed_ns));
  bind_figures(insert_queue_interval_, row.interval.media.total());
  absl::Status status = insert_queue_interval_.run();
  for (const auto& [medium, figures] : row.interval.media.all) {
    if (!status.ok()) return status;
    bind_all(insert_queue_medium_, tenant, row.queue, row.begin_ms, medium_name(medium));
    bind_figures(insert_queue_medium_, figures);
    status = insert_queue_medium_.run();
  }
  return status;
}

absl::Status HistoryFile::write_agent_interval(const std::string& tenant,
                                               const AgentIntervalRow& row) {
  if (row.pass == 0) return insert_agent_interval(tenant, row);
  return write_pass({&agent_passes_, &agent_medium_passes_, &not_ready_passes_}, tenant, row.agent,
                    row.begin_ms, row.pass, [&] { return insert_agent_interval(tenant, row); });
}

absl::Status HistoryFile::insert_agent_interval(const std::string& tenant,
                                                const AgentIntervalRow& row) {
  Statement& insert = insert_agent_interval_;
  const AgentInterval& interval = row.interval;
  const auto state_ns = [&](AgentState state) {
    return interval.state_ns[static_cast<size_t>(state)];
  };
  int64_t logged_in_ns = 0;
  for (const int64_t in_state_ns : interval.state_ns) logged_in_ns += in_state_ns;
  bind_all(insert, tenant, row.agent, row.begin_ms, to_ms(logged_in_ns),
           to_ms(state_ns(AgentState::kReady)), to_ms(state_ns(AgentState::kNotReady)),
           to_ms(state_ns(AgentState::kReserved) + state_ns(AgentState::kRinging)),
           to_ms(state_ns(AgentState::kConnecting)), to_ms(state_ns(AgentState::kOnCall)),
           to_ms(state_ns(AgentState::kOnHold)), to_ms(state_ns(AgentState::kWrapUp)),
           to_ms(state_ns(AgentState::kBusyOther)));
  bind_figures(insert, interval.media.total());
  absl::Status status = insert.run();
  for (const auto& [medium, figures] : interval.media.all) {
    if (!status.ok()) return status;
    bind_all(insert_agent_medium_, tenant, row.agent, row.begin_ms, medium_name(medium));
    bind_figures(insert_agent_medium_, figures);
    status = insert_agent_medium_.run();
  }
  for (const auto& [reason, not_ready_ns] : interval.not_ready_ns) {
    if (!status.ok()) return status;
    bind_all(insert_not_ready_, tenant, row.agent, row.begin_ms, reason, to_ms(not_ready_ns));
    status = insert_not_ready_.run();
  }
  return status;
}

// --- Thinning out.

absl::StatusOr<bool> HistoryFile::remove_before(const std::string& tenant, int64_t unix_ms,
                                                int64_t rows_max) {
  absl::Status status = database_.execute("BEGIN IMMEDIATE");
  if (!status.ok()) return status;
  int64_t removed_max = 0;
  absl::StatusOr<int64_t> removed = remove_calls(tenant, unix_ms, rows_max);
  status = removed.status();
  if (removed.ok()) removed_max = *removed;
  const struct {
    const char* table;
    const char* key;
    const char* time;
  } kTables[] = {{"agent_events", "tenant, sequence, event", "at_ms"},
                 {"queue_intervals", "tenant, queue, begin_ms", "begin_ms"},
                 {"queue_medium_intervals", "tenant, queue, begin_ms, medium", "begin_ms"},
                 {"agent_not_ready", "tenant, agent, begin_ms, reason", "begin_ms"},
                 {"agent_intervals", "tenant, agent, begin_ms", "begin_ms"},
                 {"agent_medium_intervals", "tenant, agent, begin_ms, medium", "begin_ms"},
                 {"queue_intervals_passes", "rowid", "begin_ms"},
                 {"queue_medium_intervals_passes", "rowid", "begin_ms"},
                 {"agent_intervals_passes", "rowid", "begin_ms"},
                 {"agent_medium_intervals_passes", "rowid", "begin_ms"},
                 {"agent_not_ready_passes", "rowid", "begin_ms"}};
  const auto remove = [&](const std::string& table, const std::string& key, const char* time) {
    if (!status.ok()) return;
    absl::StatusOr<Statement> statement = database_.prepare(
        absl::StrCat("DELETE FROM ", table, " WHERE (", key, ") IN (SELECT ", key, " FROM ", table,
                     " WHERE tenant = ? AND ", time, " < ? LIMIT ?)"));
    status = statement.ok() ? statement->run(tenant, unix_ms, rows_max) : statement.status();
    if (status.ok()) removed_max = std::max(removed_max, database_.changed_rows());
  };
  for (const auto& one : kTables) remove(one.table, one.key, one.time);
  for (const ScopeTable& one : kScopeTables) {
    remove(one.name, scope_key(one), "begin_ms");
    remove(absl::StrCat(one.name, "_passes"), "rowid", "begin_ms");
  }
  if (status.ok()) status = database_.execute("COMMIT");
  if (!status.ok()) {
    database_.execute("ROLLBACK").IgnoreError();
    return status;
  }
  if (removed_max > 0) {
    status = database_.execute(absl::StrCat("PRAGMA incremental_vacuum(", kVacuumPages, ")"));
    if (!status.ok()) return status;
  }
  return removed_max >= rows_max;
}

// Calls with their talks, visits and offers.
absl::StatusOr<int64_t> HistoryFile::remove_calls(const std::string& tenant, int64_t unix_ms,
                                                  int64_t rows_max) {
  absl::StatusOr<Statement> select = database_.prepare(
      "SELECT number FROM calls INDEXED BY calls_by_time "
      "WHERE tenant = ? AND arrived_ms < ? ORDER BY arrived_ms LIMIT ?");
  if (!select.ok()) return select.status();
  select->bind(tenant);
  select->bind(unix_ms);
  select->bind(rows_max);
  std::vector<int64_t> numbers;
  for (;;) {
    const absl::StatusOr<bool> row = select->step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    numbers.push_back(select->number(0));
  }
  for (const char* table : {"offers", "visits", "talks", "calls"}) {
    absl::StatusOr<Statement> remove =
        database_.prepare(absl::StrCat("DELETE FROM ", table, " WHERE tenant = ? AND number = ?"));
    if (!remove.ok()) return remove.status();
    for (const int64_t number : numbers) {
      absl::Status status = remove->run(tenant, number);
      if (!status.ok()) return status;
    }
  }
  return static_cast<int64_t>(numbers.size());
}

}  // namespace acd
