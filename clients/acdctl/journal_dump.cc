// SPDX-License-Identifier: Apache-2.0
// The records of a journal, one a line.
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <string>
#include <vector>

#include "clients/acdctl/commands.h"
#include "clients/acdctl/journal.h"
#include "clients/acdctl/journal_text.h"
#include "clients/acdctl/status.h"
#include "clients/acdctl/table.h"
#include "daemon/storage/segment_reader.h"

namespace acd::acdctl {
namespace {

// Ends a walk that has given all that was asked for.
absl::Status enough() { return absl::CancelledError("enough"); }

// Prints the records that are asked for, frame by frame.
class Dump {
 public:
  Dump(const Arguments& arguments, const Console& console)
      : arguments_(arguments), console_(console), left_(arguments.count) {}

  absl::Status add(const FrameHeader& header, std::string_view payload) {
    uint64_t sequence = header.first_sequence;
    std::string text;
    if (!arguments_.is_json) text = frame_line(header);
    const absl::Status status = read_records(payload, [&](const Record& record) {
      if (sequence++ < static_cast<uint64_t>(arguments_.from)) return absl::OkStatus();
      if (left_ == 0) return enough();
      if (left_ > 0) --left_;
      text += arguments_.is_json ? json_line(header, record, sequence - 1)
                                 : text_line(record, sequence - 1);
      return absl::OkStatus();
    });
    exit_code_ = print(console_, text);
    if (exit_code_ != ExitCode::kOk || left_ == 0) return enough();
    return status;
  }
  [[nodiscard]] ExitCode exit_code() const { return exit_code_; }

 private:
  static std::string frame_line(const FrameHeader& header) {
    return absl::StrCat("frame ", header.first_sequence, "..",
                        header.first_sequence + header.record_count - 1, " epoch ", header.epoch,
                        " written ", time_text(header.wall_ns), " event hash ",
                        absl::StrFormat("%016x", header.event_hash), "\n");
  }
  static std::string text_line(const Record& record, uint64_t sequence) {
    return absl::StrCat("  ", sequence, " ", seconds_text(record.now_ns),
                        " tenant=", record.tenant.value(), " ", std::string(record_name(record)),
                        fields_text(record), "\n");
  }
  static std::string json_line(const FrameHeader& header, const Record& record, uint64_t sequence) {
    JsonObject json;
    json.number("record", sequence)
        .number("frame", header.first_sequence)
        .number("epoch", header.epoch)
        .text("written", time_text(header.wall_ns))
        .text("now", seconds_text(record.now_ns))
        .number("tenant", record.tenant.value())
        .text("kind", record_name(record));
    add_fields(record, &json);
    return json.take() + "\n";
  }

  const Arguments& arguments_;
  const Console& console_;
  int64_t left_;  // Negative: no limit.
  ExitCode exit_code_ = ExitCode::kOk;
};

absl::Status check_from(const std::string& folder, const Recovery& recovery, uint64_t from) {
  const uint64_t first = recovery.segments.empty() ? recovery.end.next_sequence
                                                   : recovery.segments.front().first_sequence;
  if (from < first && first < recovery.end.next_sequence) {
    return absl::DataLossError(absl::StrCat(folder, ": begins with record ", first,
                                            "; records before it were truncated away: give --from ",
                                            first, " or more"));
  }
  if (from > recovery.end.next_sequence) {
    return absl::DataLossError(absl::StrCat(
        folder, ": ends with record ", recovery.end.next_sequence - 1, ", before --from ", from));
  }
  return absl::OkStatus();
}

}  // namespace

ExitCode run_journal_dump(const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::vector<std::string>> folders = find_journals(arguments.words[0]);
  if (!folders.ok()) return fail(console, local_error(folders.status()));
  if (folders->size() > 1) {
    std::string lines = "there are several partitions; give the folder of one:";
    for (const std::string& folder : *folders) absl::StrAppend(&lines, " ", folder);
    return fail(console, absl::InvalidArgumentError(lines));
  }
  const std::string& folder = folders->front();
  const absl::StatusOr<Recovery> recovery = survey_segments(folder, "");
  if (!recovery.ok()) return fail(console, local_error(recovery.status()));
  Arguments wanted = arguments;
  // Without --from it begins where the journal does.
  if (wanted.from == 0) {
    wanted.from = recovery->segments.empty()
                      ? 1
                      : static_cast<int64_t>(recovery->segments.front().first_sequence);
  }
  const auto from = static_cast<uint64_t>(wanted.from);
  absl::Status status = check_from(folder, *recovery, from);
  if (!status.ok()) return fail(console, local_error(status));
  Dump dump(wanted, console);
  status =
      follow_segments(*recovery, from, [&](const FrameHeader& header, std::string_view payload) {
        return dump.add(header, payload);
      });
  if (dump.exit_code() != ExitCode::kOk) return dump.exit_code();
  if (!status.ok() && !absl::IsCancelled(status)) return fail(console, local_error(status));
  return ExitCode::kOk;
}

}  // namespace acd::acdctl
