// SPDX-License-Identifier: Apache-2.0
// Plays a journal through the Router and the oracle side by side: whether what a daemon decided, over
// all its restarts, is what the slow Router decides. For the kill tests.
//   journal_judge FOLDER     prints the state hash at the journal's end, as a clean stop of acdd does
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "acd/storage/v1/records.pb.h"
#include "daemon/config/agent_mask.h"
#include "daemon/config/config_tables.h"
#include "daemon/storage/records.h"
#include "daemon/storage/segment_reader.h"
#include "routing/hash64.h"
#include "sim/twin.h"

namespace acd {
namespace {

// A journal of one tenant, from its first record on.
class JournalJudge {
 public:
  absl::Status play(const std::string& folder) {
    const absl::StatusOr<Recovery> journal = recover_segments(folder, "");
    if (!journal.ok()) return journal.status();
    if (journal->segments.empty() || journal->segments.front().first_sequence != 1) {
      return absl::FailedPreconditionError(
          absl::StrCat(folder, ": the journal's beginning is not there any more"));
    }
    return follow_segments(*journal, 1, [this](const FrameHeader&, std::string_view payload) {
      return read_records(payload, [this](const Record& record) { return play(record); });
    });
  }

  [[nodiscard]] uint64_t record_count() const { return record_count_; }
  [[nodiscard]] uint64_t event_count() const { return twin_.event_count(); }
  [[nodiscard]] std::string broken_rule() const { return twin_.router().check_invariants(); }
  // Of a daemon with this partition alone.
  [[nodiscard]] uint64_t state_hash() const {
    Hash64 partition;
    partition.add(twin_.router().state_hash());
    Hash64 all;
    all.add(partition.value());
    return all.value();
  }

 private:
  absl::Status play(const Record& record) {
    ++record_count_;
    if (record.tenant.value() != 0) return absl::UnimplementedError("more than one tenant");
    // Where the daemon stopped within an instant, the twin has gone on by a nanosecond.
    const int64_t now_ns = std::max(record.now_ns, twin_.now_ns());
    if (record.kind == RecordKind::kAdvance) {
      twin_.advance(now_ns);
    } else if (absl::Status status = play(record.command, record.arena, now_ns); !status.ok()) {
      return status;
    }
    if (twin_.difference().empty()) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat("record ", record_count_, ": Router and oracle differ\n", twin_.difference()));
  }

  absl::Status play(const Command& command, std::string_view arena, int64_t now_ns) {
    switch (command.kind) {
      case CommandKind::kSeeded:
        return absl::OkStatus();
      case CommandKind::kStageConfig:
      case CommandKind::kOverrideQueue:
        if (command.number == 0) staged_.clear();
        staged_ += command.name.in(arena);
        return absl::OkStatus();
      case CommandKind::kConfigure: {
        storage::v1::Configure configure;
        const std::string payload(command.flag ? staged_ : command.name.in(arena));
        staged_.clear();
        if (!configure.ParseFromString(payload)) return absl::DataLossError("a configuration");
        twin_.configure(to_tables(configure.config()), now_ns);
        return absl::OkStatus();
      }
      case CommandKind::kUpsertAgents: {
        storage::v1::UpsertAgents upsert;
        if (!upsert.ParseFromString(std::string(command.name.in(arena)))) {
          return absl::DataLossError("a list of agents");
        }
        std::vector<Violation> unread;
        const AgentMask mask = read_agent_mask(upsert.update_mask(), &unread);
        if (!unread.empty()) return absl::DataLossError("a mask of agents");
        twin_.upsert_agents(merge_profiles(twin_.router(), upsert.agents(), mask), now_ns);
        return absl::OkStatus();
      }
      default:
        twin_.apply(command, arena, now_ns);
        return absl::OkStatus();
    }
  }

  static sim::TwinOptions options() {
    sim::TwinOptions options;
    options.judges_alternatives = false;
    options.check_every = 1'000;
    return options;
  }

  sim::Twin twin_{options()};
  std::string staged_;
  uint64_t record_count_ = 0;
};

int judge(const std::string& folder) {
  JournalJudge judge;
  absl::Status status = judge.play(folder);
  if (const std::string broken = judge.broken_rule(); status.ok() && !broken.empty()) {
    status = absl::InternalError(broken);
  }
  if (!status.ok()) {
    std::fprintf(stderr, "journal_judge: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  std::fprintf(stderr, "journal_judge: %llu records, %llu events: no difference\n",
               static_cast<unsigned long long>(judge.record_count()),
               static_cast<unsigned long long>(judge.event_count()));
  std::printf("state hash %016llx\n", static_cast<unsigned long long>(judge.state_hash()));
  return 0;
}

}  // namespace
}  // namespace acd

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: journal_judge FOLDER\n", stderr);
    return 2;
  }
  return acd::judge(argv[1]);
}
