// SPDX-License-Identifier: Apache-2.0
#include "daemon/history/history_writer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "routing/check.h"
#include "routing/limits.h"

namespace acd {
namespace {

constexpr int64_t kMsPerDay = int64_t{24} * 3600 * 1'000;
constexpr int64_t kProofNs = 3'600 * kNsPerS;

}  // namespace

void ProvenTime::on_turn(int64_t router_ns, int64_t unix_ms) {
  if (present_ms_ == kAbsent) begin_ns_ = router_ns;
  if (router_ns - begin_ns_ >= kProofNs) {
    begin_ns_ = router_ns;
    before_ms_ = std::exchange(present_ms_, kAbsent);
  }
  present_ms_ = present_ms_ == kAbsent ? unix_ms : std::min(present_ms_, unix_ms);
}

absl::StatusOr<std::unique_ptr<HistoryWriter>> HistoryWriter::open(HistoryOptions options,
                                                                   uint64_t sequence_last) {
  absl::StatusOr<std::unique_ptr<HistoryFile>> file =
      HistoryFile::open(options.path, options.origin, sequence_last);
  if (!file.ok()) return file.status();
  return std::unique_ptr<HistoryWriter>(new HistoryWriter(std::move(options), *std::move(file)));
}

std::unique_ptr<HistoryWriter> HistoryWriter::without_file() {
  return std::unique_ptr<HistoryWriter>(new HistoryWriter({}, nullptr));
}

HistoryWriter::HistoryWriter(HistoryOptions options, std::unique_ptr<HistoryFile> file)
    : options_(std::move(options)),
      file_(std::move(file)),
      sequence_at_open_(file_ == nullptr ? UINT64_MAX : file_->sequence()) {
  folded_sequence_ = file_ == nullptr ? 0 : sequence_at_open_;
  publish_status();
}

size_t HistoryWriter::add_tenant(std::string id, std::unique_ptr<HistoryFold> fold) {
  Tenant& tenant = tenants_.emplace_back();
  tenant.fold = std::move(fold);
  tenant.fresh.tenant = std::move(id);
  return tenants_.size() - 1;
}

void HistoryWriter::configure(size_t tenant, const TenantConfig& config) {
  tenants_[tenant].fold->configure(config);
}

void HistoryWriter::fold(size_t index, uint64_t sequence, const EventLog& log,
                         int64_t unix_offset_ns) {
  Tenant& tenant = tenants_[index];
  HistoryRows& rows = tenant.fresh.rows;
  // A replay brings the fold to where it was; its rows of then are in the file.
  const bool is_wanted = sequence > sequence_at_open_;
  const size_t rows_before = rows.size();
  for (const Event& event : log.events) {
    tenant.fold->apply(event, log.arena, unix_offset_ns, is_wanted ? &rows : nullptr);
  }
  fresh_rows_ += rows.size() - rows_before;
  folded_unix_ms_ = tenant.fold->unix_ms();
  proven_time_.on_turn(tenant.fold->state().now_ns, folded_unix_ms_);
}

void HistoryWriter::end_turn(uint64_t sequence, int64_t monotonic_ns) {
  folded_sequence_ = std::max(folded_sequence_, sequence);
  if (fresh_since_ns_ == 0 && has_fresh()) fresh_since_ns_ = monotonic_ns;
  {
    // Before anybody sees what the turn did: else the file would seem complete for a moment.
    const MutexLock lock(&mutex_);
    status_.folded_sequence = folded_sequence_;
    status_.waiting_since_ns = waiting_since_ns();
  }
  // In a long replay, or when many turns came at once.
  if (fresh_rows_ >= options_.transaction_rows) write_due(monotonic_ns);
}

bool HistoryWriter::has_work() const { return has_taken_ || has_fresh(); }

bool HistoryWriter::has_fresh() const {
  if (file_ == nullptr) return false;
  return fresh_rows_ > 0 || folded_sequence_ > (has_taken_ ? taken_sequence_ : file_->sequence());
}

int64_t HistoryWriter::write_due(int64_t monotonic_ns) {
  const bool is_due = monotonic_ns >= next_write_ns_;
  const bool is_much = error_.empty() && fresh_rows_ >= options_.transaction_rows;
  if (has_work() && (is_due || is_much)) {
    if (!has_taken_) take_rows();
    const size_t rows = taken_rows_;
    if (write_taken(monotonic_ns).ok()) remove_old(monotonic_ns, rows);
  }
  publish_status();
  return has_work() ? next_write_ns_ : kNeverNs;
}

void HistoryWriter::take_rows() {
  has_taken_ = true;
  taken_.clear();
  taken_rows_ = 0;
  for (Tenant& tenant : tenants_) {
    tenant.fold->take_open_intervals(&tenant.fresh.rows);
    taken_rows_ += tenant.fresh.rows.size();
    taken_.push_back({tenant.fresh.tenant, std::exchange(tenant.fresh.rows, {})});
  }
  fresh_rows_ = 0;
  taken_sequence_ = folded_sequence_;
  taken_unix_ms_ = folded_unix_ms_;
  taken_since_ns_ = std::exchange(fresh_since_ns_, 0);
}

absl::Status HistoryWriter::write_taken(int64_t monotonic_ns) {
  const absl::Status status = file_->write(taken_, taken_sequence_, taken_unix_ms_);
  note(status);
  next_write_ns_ =
      monotonic_ns + (status.ok() ? options_.transaction_every_ns : options_.retry_every_ns);
  if (!status.ok()) return status;
  has_taken_ = false;
  taken_.clear();
  taken_rows_ = 0;
  return status;
}

// A slice at a time, so that nobody waits for it; as large as what was written, or what comes in would
// outrun it.
void HistoryWriter::remove_old(int64_t monotonic_ns, size_t written_rows) {
  const int64_t proven_ms = proven_time_.unix_ms();
  if (monotonic_ns < next_removal_ns_ || proven_ms == ProvenTime::kAbsent) return;
  const auto rows_max =
      static_cast<int64_t>(std::clamp(written_rows, options_.removal_rows,
                                      std::max(options_.removal_rows, options_.transaction_rows)));
  bool is_more = false;
  for (const Tenant& tenant : tenants_) {
    const absl::StatusOr<bool> removed =
        file_->remove_before(tenant.fresh.tenant, proven_ms - options_.days * kMsPerDay, rows_max);
    if (!removed.ok()) {
      note(removed.status());
      break;
    }
    is_more = is_more || *removed;
  }
  if (!is_more) next_removal_ns_ = monotonic_ns + options_.removal_every_ns;
}

void HistoryWriter::note(const absl::Status& status) {
  const std::string error(status.message());
  if (!status.ok()) ++failures_;
  if (error == error_) return;
  if (!status.ok()) {
    spdlog::error(
        "history cannot be written and falls behind; routing goes on until {} rows wait: "
        "rows={} error=\"{}\"",
        options_.lag_max_rows, rows_waiting(), error);
  } else {
    spdlog::info("history is written again: path={} rows={}", file_->path(), rows_waiting());
  }
  error_ = error;
}

absl::Status HistoryWriter::finish() {
  absl::Status status;
  if (has_taken_) status = write_taken(0);
  if (status.ok() && has_work()) {
    take_rows();
    status = write_taken(0);
  }
  if (!status.ok()) {
    spdlog::warn("history stays behind; the next start fills it in from the journal: path={}",
                 file_->path());
  }
  publish_status();
  return status;
}

void HistoryWriter::publish_status() {
  const MutexLock lock(&mutex_);
  status_.written_sequence = file_ == nullptr ? folded_sequence_ : file_->sequence();
  status_.folded_sequence = folded_sequence_;
  status_.rows_waiting = rows_waiting();
  status_.waiting_since_ns = waiting_since_ns();
  status_.failures = failures_;
  status_.is_full = is_full();
  status_.error = error_;
}

HistoryStatus HistoryWriter::status() const {
  const MutexLock lock(&mutex_);
  return status_;
}

}  // namespace acd
