// SPDX-License-Identifier: Apache-2.0
// Recovery: one walk over frames serves both the check at open and the replay.
#include "daemon/storage/segment_reader.h"

#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "daemon/storage/file.h"

namespace acd {
namespace {

constexpr absl::string_view kSegmentSuffix = ".segment";
constexpr size_t kSequenceDigits = 20;

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

// `status` with the place in front: "FILE byte N: ...".
absl::Status at_place(const std::string& path, size_t offset, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, " byte ", offset, ": ", status.message()));
}

absl::Status data_loss(const std::string& path, size_t offset, std::string_view what) {
  return absl::DataLossError(absl::StrCat(path, " byte ", offset, ": ", to_absl(what)));
}

absl::StatusOr<std::vector<Segment>> list_segments(const std::string& folder) {
  std::vector<Segment> segments;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!absl::EndsWith(name, kSegmentSuffix)) continue;
    const auto digits = absl::string_view(name).substr(0, name.size() - kSegmentSuffix.size());
    Segment segment;
    segment.path = absl::StrCat(folder, "/", name);
    if (!absl::SimpleAtoi(digits, &segment.first_sequence) ||
        segment.path != segment_path(folder, segment.first_sequence)) {
      return absl::FailedPreconditionError(
          absl::StrCat(segment.path, ": not the name of a segment; expected ", kSequenceDigits,
                       " digits and ", kSegmentSuffix));
    }
    std::error_code gone;
    const uintmax_t bytes = entry->file_size(gone);
    segment.bytes = gone ? 0 : bytes;
    segments.push_back(std::move(segment));
  }
  if (error) return file_error("cannot list folder", folder, error.value());
  std::sort(segments.begin(), segments.end(),
            [](const Segment& a, const Segment& b) { return a.first_sequence < b.first_sequence; });
  return segments;
}

// Reads the file of `segment` into `bytes`; its header must fit its name.
absl::StatusOr<SegmentHeader> read_segment(const Segment& segment, std::string* bytes) {
  const absl::Status status = read_file(segment.path, kSegmentBytesMax, bytes);
  if (!status.ok()) return status;
  absl::StatusOr<SegmentHeader> header = decode_segment_header(*bytes);
  if (!header.ok()) {
    return absl::Status(header.status().code(),
                        absl::StrCat(segment.path, " ", header.status().message()));
  }
  if (header->first_sequence != segment.first_sequence) {
    return data_loss(segment.path, 0,
                     absl::StrCat("the header says that the segment begins with record ",
                                  header->first_sequence, ", its name says otherwise"));
  }
  if (bytes->size() > header->segment_bytes) {
    return data_loss(segment.path, header->segment_bytes,
                     "the file goes on behind the end that its header states");
  }
  return header;
}

// Visits frames from `position` to the first place that holds none, or to the one that begins with
// record `limit`, and leaves `position` there.
absl::Status walk_frames(const HistoryId& history_id, const std::string& path,
                         std::string_view bytes, uint64_t limit, FramePosition* position,
                         FrameVisit visit) {
  while (position->next_sequence < limit) {
    const std::optional<Frame> frame = decode_frame(history_id, bytes, position->offset);
    if (!frame.has_value()) return absl::OkStatus();
    const FrameHeader& header = frame->header;
    if (header.first_sequence != position->next_sequence) {
      return data_loss(path, position->offset,
                       absl::StrCat("record ", position->next_sequence,
                                    " is expected, the frame begins with ", header.first_sequence));
    }
    if (header.epoch < position->epoch) {
      return data_loss(path, position->offset,
                       absl::StrCat("the frame's epoch ", header.epoch,
                                    " is below the one before it, ", position->epoch));
    }
    const absl::Status status = visit(header, frame->payload);
    if (!status.ok()) return at_place(path, position->offset, status);
    if (frame->settled_sequence != position->settled_sequence) {
      position->unsettled_offset = position->offset;
      position->settled_sequence = frame->settled_sequence;
    }
    position->offset += frame->size;
    position->next_sequence += header.record_count;
    position->epoch = header.epoch;
  }
  return absl::OkStatus();
}

// Bytes from `offset` to the last one that is not zero.
uint64_t used_bytes(std::string_view bytes, size_t offset) {
  const size_t last = bytes.find_last_not_of('\0');
  return last == std::string_view::npos || last < offset ? 0 : last + 1 - offset;
}

// Whether the next segment begins where `end` is. Its being there proves that all records before it
// were durable, so an early end is never a torn tail.
absl::Status check_joint(const Segment& segment, std::string_view bytes, const FramePosition& end,
                         const Segment& next) {
  if (end.next_sequence == next.first_sequence) return absl::OkStatus();
  if (end.next_sequence > next.first_sequence) {
    return data_loss(next.path, 0,
                     absl::StrCat("the segment begins with record ", next.first_sequence,
                                  ", which ", segment.path, " holds as well"));
  }
  if (used_bytes(bytes, end.offset) != 0) {
    return data_loss(segment.path, end.offset,
                     absl::StrCat("damaged frame, record ", end.next_sequence,
                                  " is expected; good ones stand behind it in ", next.path));
  }
  return data_loss(segment.path, end.offset,
                   absl::StrCat("records ", end.next_sequence, " to ", next.first_sequence - 1,
                                " are missing between this segment and ", next.path));
}

// Whether what stands behind the last good frame may be cut off.
absl::Status check_tail(const HistoryId& history_id, const Segment& segment, std::string_view bytes,
                        const FramePosition& end) {
  const std::optional<size_t> later =
      find_later_frame(history_id, bytes, end.offset, end.next_sequence);
  if (!later.has_value()) return absl::OkStatus();
  return data_loss(segment.path, end.offset,
                   absl::StrCat("damaged frame, record ", end.next_sequence,
                                " is expected; a good one stands behind it at byte ", *later));
}

absl::Status check_identity(const Segment& segment, const SegmentHeader& header,
                            const std::string& partition, const HistoryId& history_id) {
  if (header.partition != partition) {
    return absl::FailedPreconditionError(absl::StrCat(
        segment.path, ": belongs to partition '", header.partition, "', not to '", partition, "'"));
  }
  if (header.history_id != history_id) {
    return absl::FailedPreconditionError(
        absl::StrCat(segment.path, ": is of another history, ", to_text(header.history_id),
                     "; the segments before it are of ", to_text(history_id)));
  }
  return absl::OkStatus();
}

}  // namespace

std::string segment_path(const std::string& folder, uint64_t first_sequence) {
  return absl::StrFormat("%s/%0*d%s", folder, static_cast<int>(kSequenceDigits), first_sequence,
                         kSegmentSuffix);
}

absl::StatusOr<Recovery> recover_segments(const std::string& folder, const std::string& partition) {
  absl::StatusOr<std::vector<Segment>> segments = list_segments(folder);
  if (!segments.ok()) return segments.status();
  Recovery recovery;
  recovery.segments = *std::move(segments);
  if (recovery.segments.empty()) return recovery;

  const auto pass = [](const FrameHeader&, std::string_view) { return absl::OkStatus(); };
  FramePosition& position = recovery.end;
  position.next_sequence = recovery.segments.front().first_sequence;
  std::string bytes;
  for (size_t i = 0; i < recovery.segments.size(); ++i) {
    const Segment& segment = recovery.segments[i];
    const absl::StatusOr<SegmentHeader> header = read_segment(segment, &bytes);
    if (!header.ok()) return header.status();
    if (i == 0) {
      recovery.history_id = header->history_id;
      recovery.partition = partition.empty() ? header->partition : partition;
    }
    absl::Status status = check_identity(segment, *header, recovery.partition, recovery.history_id);
    if (!status.ok()) return status;
    position.offset = position.unsettled_offset = kSegmentHeaderBytes;
    status = walk_frames(recovery.history_id, segment.path, bytes, UINT64_MAX, &position, pass);
    if (!status.ok()) return status;
    status = i + 1 < recovery.segments.size()
                 ? check_joint(segment, bytes, position, recovery.segments[i + 1])
                 : check_tail(recovery.history_id, segment, bytes, position);
    if (!status.ok()) return status;
    recovery.segment_bytes = header->segment_bytes;
    recovery.folder_bytes += bytes.size();
  }
  recovery.unsettled =
      bytes.substr(position.unsettled_offset, position.offset - position.unsettled_offset);
  recovery.torn_bytes = used_bytes(bytes, position.offset);
  recovery.file_bytes = bytes.size();
  return recovery;
}

absl::StatusOr<Recovery> survey_segments(const std::string& folder, const std::string& partition) {
  constexpr int kLooksMax = 10;
  absl::Status last;
  for (int look = 0; look < kLooksMax; ++look) {
    absl::StatusOr<Recovery> recovery = recover_segments(folder, partition);
    // A frame that was half written at one look is whole at the next, so that damage is what stands
    // at the same place twice.
    if (recovery.ok() || recovery.status() == last) return recovery;
    last = recovery.status();
  }
  return last;
}

absl::StatusOr<std::vector<std::string>> find_journals(const std::string& path) {
  std::error_code error;
  std::vector<std::string> folders;
  std::filesystem::directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::filesystem::path& found = entry->path();
    if (found.extension() == kSegmentSuffix.data()) return std::vector<std::string>{path};
    std::error_code ignored;
    if (!std::filesystem::is_directory(found, ignored)) continue;
    const absl::StatusOr<std::vector<Segment>> segments = list_segments(found.string());
    // A folder with a segment that is misnamed is one too: who reads it says what is wrong.
    const bool is_journal =
        !segments.ok() || !segments->empty() || std::filesystem::exists(found / "LOCK", ignored);
    if (is_journal) folders.push_back(found.string());
  }
  if (error) return file_error("cannot list folder", path, error.value());
  if (folders.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        path,
        ": holds no journal; give a data folder of acdd, or the folder of a partition in it"));
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

bool is_journal_open(const std::string& folder) {
  struct stat info {};
  if (::stat(absl::StrCat(folder, "/LOCK").c_str(), &info) != 0) return false;
  const std::string wanted =
      absl::StrFormat("%02x:%02x:%u", major(info.st_dev), minor(info.st_dev), info.st_ino);
  std::ifstream locks("/proc/locks");
  std::string word;
  while (locks >> word) {
    if (word == wanted) return true;
  }
  return false;
}

absl::Status follow_segments(const Recovery& recovery, uint64_t from, FrameVisit visit) {
  const auto visit_wanted = [&](const FrameHeader& header, std::string_view payload) {
    if (header.first_sequence + header.record_count <= from) return absl::OkStatus();
    return visit(header, payload);
  };
  FramePosition position;
  std::string bytes;
  for (size_t i = 0; i < recovery.segments.size(); ++i) {
    const Segment& segment = recovery.segments[i];
    const bool is_last = i + 1 == recovery.segments.size();
    const uint64_t limit =
        is_last ? recovery.end.next_sequence : recovery.segments[i + 1].first_sequence;
    if (limit <= from) continue;
    const absl::StatusOr<SegmentHeader> header = read_segment(segment, &bytes);
    if (!header.ok()) return header.status();
    position.offset = position.unsettled_offset = kSegmentHeaderBytes;
    position.next_sequence = segment.first_sequence;
    const absl::Status status =
        walk_frames(recovery.history_id, segment.path, bytes, limit, &position, visit_wanted);
    if (!status.ok()) return status;
    if (position.next_sequence != limit) {
      return data_loss(segment.path, position.offset,
                       "damaged frame, which was whole when the journal was opened");
    }
  }
  return absl::OkStatus();
}

}  // namespace acd
