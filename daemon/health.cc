// SPDX-License-Identifier: Apache-2.0
#include "daemon/health.h"

#include <absl/strings/str_cat.h>
#include <spdlog/spdlog.h>

namespace acd {
namespace {

constexpr char kJournalPart[] = "journal";
constexpr char kHistoryPart[] = "history";
constexpr char kSnapshotPart[] = "snapshot";

}  // namespace

std::vector<Trouble> journal_troubles(const std::string& partition, JournalSpace space,
                                      const std::string& reason) {
  switch (space) {
    case JournalSpace::kEnough:
      return {};
    case JournalSpace::kLow:
      return {{partition, kJournalPart,
               absl::StrCat("storage full: new calls are refused until there is room again (",
                            reason, ")"),
               true}};
    case JournalSpace::kNone:
      return {{partition, kJournalPart,
               absl::StrCat("storage full and the reserve used up: switches are not read until "
                            "there is room again (",
                            reason, ")"),
               true}};
  }
  return {};
}

std::vector<Trouble> history_troubles(const std::string& partition, const HistoryStatus& status) {
  if (status.error.empty() && !status.is_full) return {};
  return {{partition, kHistoryPart,
           absl::StrCat(status.is_full
                            ? "history too far behind: switches are not read until it is written"
                            : "history cannot be written and falls behind; routing goes on",
                        "; ", status.rows_waiting, " rows wait",
                        status.error.empty() ? "" : absl::StrCat(" (", status.error, ")")),
           status.is_full}};
}

std::vector<Trouble> snapshot_troubles(const SnapshotState& state) {
  if (state.error.empty() && state.cut_error.empty()) return {};
  const bool is_failed = !state.error.empty();
  return {{state.partition, kSnapshotPart,
           absl::StrCat(is_failed ? "snapshot failed" : "journal cannot be cut behind its snapshot",
                        ": the journal grows until it succeeds; routing goes on (", state.error,
                        is_failed && !state.cut_error.empty() ? "; " : "", state.cut_error, ")"),
           false}};
}

int HealthLog::note(const std::vector<Trouble>& troubles) {
  std::map<Place, std::string> reasons;
  for (const Trouble& trouble : troubles)
    reasons[{trouble.part, trouble.partition}] = trouble.reason;
  int lines = 0;
  const MutexLock lock(&mutex_);
  for (const auto& [place, reason] : reasons) {
    // A reason that only counts on is no news.
    if (reasons_.contains(place)) continue;
    ++lines;
    spdlog::warn("health: service=acd.{} partition={} serving=false reason=\"{}\"", place.first,
                 place.second, reason);
  }
  for (const auto& [place, reason] : reasons_) {
    if (reasons.contains(place)) continue;
    ++lines;
    spdlog::info("health: service=acd.{} partition={} serving=true", place.first, place.second);
  }
  reasons_ = std::move(reasons);
  return lines;
}

}  // namespace acd
