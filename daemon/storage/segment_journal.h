// SPDX-License-Identifier: Apache-2.0
// The journal of one partition as segment files in a folder. README.md beside this says the format.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "daemon/mutex.h"
#include "daemon/storage/file.h"
#include "daemon/storage/journal.h"
#include "daemon/storage/segment_format.h"
#include "daemon/storage/segment_reader.h"

namespace acd {

enum class Durability : uint8_t {
  kSync,  // on_durable() after fdatasync: survives a loss of power.
  kNone,  // on_durable() after the write: survives the end of the process, not of the machine.
};

struct SegmentJournalOptions {
  std::string folder;  // Made when it is missing; its parent must exist.
  std::string
      partition;  // 1..kPartitionNameBytesMax bytes; stands in every segment and must match.
  Durability durability = Durability::kSync;
  uint32_t thread_number = 0;  // The thread is called "journal-N".
  // Of new segments; a multiple of kSegmentBytesMin, at most kSegmentBytesMax.
  size_t segment_bytes = kSegmentBytesDefault;
  // Of all segments and the reserve: no reserve is begun that would go beyond it, and that is want
  // of space as on a full disk. A journal always gets its first segment. 0 suits one that takes
  // no frames.
  uint64_t bytes_max = UINT64_MAX;
  size_t queue_frames_max = 1'024;
  size_t queue_bytes_max = 8 * kFrameBytesMax;
  // Without space: between two tries, and how long a stop waits for it.
  std::chrono::milliseconds space_retry{1'000};
  std::chrono::milliseconds space_wait_at_stop{3'000};
  Files* files = nullptr;  // Outlives the journal. Null: posix_files().
};

// What the journal's work has cost since it was started.
struct JournalTimes {
  uint64_t append_waits = 0;  // Frames that waited in append() because the queue was full.
  int64_t append_wait_ns = 0;
  uint64_t syncs = 0;  // Of frames.
  int64_t sync_ns = 0;
};

// Segment files that are written ahead with zeros, one checksummed frame per append.
//
// Threads:  as Journal; its own thread runs between start() and stop() and alone writes frames.
// Owns:     the folder: a second opener of it, in this process or another, gets
//           FAILED_PRECONDITION.
// Bounds:   queue_frames_max frames and queue_bytes_max bytes wait while as much is being written;
//           append() blocks above that. One segment is kept written ahead as reserve, within
//           bytes_max for all segments.
// Order:    frames are written and become durable in the order of append().
// Fails:    open() and follow() refuse what is not a journal of this partition or is damaged before
//           its end, and name file and byte. A failed write or sync ends the journal: on_failed()
//           once, and what is appended later is dropped. No space (or quota) for the reserve is
//           told by on_space() and tried again; frames in a segment that is there need none.
class SegmentJournal final : public Journal {
 public:
  // Locks the folder, checks every frame and finds the end. Makes the folder and its LOCK file and
  // writes nothing else: a new journal's first segment and the removal of a torn tail wait for
  // start().
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<SegmentJournal>> open(
      SegmentJournalOptions options);

  SegmentJournal(const SegmentJournal&) = delete;
  SegmentJournal& operator=(const SegmentJournal&) = delete;
  // REQUIRES: stop()ped if it was started.
  ~SegmentJournal() override;

  // Makes durable what follow() will show; changes no byte. After a crash between write and sync the
  // last batch may stand in the page cache only; after a failed sync the kernel may even think that
  // it is clean: so that batch is written again. start() does this too; whoever stores what a replay
  // gives elsewhere, as history does, asks for it before. REQUIRES: not started.
  [[nodiscard]] absl::Status settle();

  // DATA_LOSS when records from `from` on were truncated away; OUT_OF_RANGE when `from` >
  // position(). REQUIRES: not started.
  [[nodiscard]] absl::Status follow(uint64_t from, FrameVisit visit) override;

  // REQUIRES: not started before.
  [[nodiscard]] absl::Status start(JournalListener* listener) override;

  // REQUIRES also: running; header.epoch not below epoch(); payload.size() <= payload_bytes_max().
  void append(const FrameHeader& header, std::string payload) override;

  [[nodiscard]] absl::Status truncate(uint64_t before) override;
  [[nodiscard]] uint64_t position() const override { return next_sequence_; }
  [[nodiscard]] uint64_t first_sequence() const override;
  void begin_stop() override;
  void stop() override;

  // Largest payload: kFrameBytesMax, less if a segment is smaller.
  [[nodiscard]] size_t payload_bytes_max() const;
  // Bytes behind the last good frame that open() found and start() removes; 0 after a clean end.
  [[nodiscard]] uint64_t torn_bytes() const { return recovery_.torn_bytes; }
  // Of all its segments and the reserve, which counts as whole once it is begun. From any thread.
  [[nodiscard]] uint64_t bytes() const;
  // Three quarters of bytes_max are used: part of it should go. From any thread.
  [[nodiscard]] bool is_near_full() const;
  // A reserve would take it beyond bytes_max. From any thread.
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] size_t segment_bytes() const { return options_.segment_bytes; }
  // Makes all its segments durable, whatever its durability is. REQUIRES: stopped.
  [[nodiscard]] absl::Status sync_all();
  // Highest epoch so far; 0 for a new journal. Like position(), for the thread that appends.
  [[nodiscard]] uint64_t epoch() const { return epoch_; }
  // From any thread.
  [[nodiscard]] JournalTimes times() const;
  // Random, drawn when the journal was created; tells two journals of one name apart.
  [[nodiscard]] const HistoryId& history_id() const { return recovery_.history_id; }

 private:
  using Clock = std::chrono::steady_clock;
  struct PendingFrame {
    FrameHeader header;
    std::string payload;
  };
  // A file and its path, for messages.
  struct OpenFile {
    std::unique_ptr<File> file;
    std::string path;
  };

  explicit SegmentJournal(SegmentJournalOptions options);

  [[nodiscard]] uint64_t all_bytes() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(segments_mutex_);

  [[nodiscard]] absl::Status check_options() const;
  [[nodiscard]] absl::Status make_folder();
  [[nodiscard]] absl::Status lock_folder();
  [[nodiscard]] absl::Status recover();
  [[nodiscard]] absl::Status create_first_segment();
  [[nodiscard]] absl::Status clear_behind_end();

  void run();
  [[nodiscard]] absl::Status take_batch(std::vector<PendingFrame>* batch);
  [[nodiscard]] absl::Status write_batch(std::span<const PendingFrame> batch);
  [[nodiscard]] size_t count_fitting(std::span<const PendingFrame> frames) const;
  [[nodiscard]] absl::Status write_frames(std::span<const PendingFrame> frames);
  [[nodiscard]] absl::Status write_ahead(uint64_t zeroed_wanted);
  [[nodiscard]] absl::Status check_size() const;
  [[nodiscard]] absl::Status prepare_next(uint64_t zeroed_wanted);
  void say_space(JournalSpace space, const absl::Status& why);
  [[nodiscard]] bool is_reserve_whole() const { return next_zeroed_ >= options_.segment_bytes; }
  [[nodiscard]] absl::Status await_reserve();
  [[nodiscard]] absl::Status reuse_leftover();
  [[nodiscard]] absl::Status switch_segment(uint64_t first_sequence);
  [[nodiscard]] absl::Status write_zeros(OpenFile& target, uint64_t begin, uint64_t limit);
  // Whether append() has to hold a frame of so many bytes back.
  [[nodiscard]] bool must_wait(size_t payload_bytes) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mutex_);
  [[nodiscard]] absl::Status sync_frames();
  [[nodiscard]] absl::Status sync(OpenFile& target);

  // Constant after open().
  const SegmentJournalOptions options_;
  Files& files_;
  int lock_descriptor_ = -1;
  Recovery recovery_;  // As open() found it.

  // Of the appending thread.
  uint64_t next_sequence_ = 1;
  uint64_t epoch_ = 0;

  // Of the journal's thread; before it runs, of the one that calls start().
  JournalListener* listener_ = nullptr;
  OpenFile current_;            // The segment that takes frames.
  uint64_t current_end_ = 0;    // Where the next frame goes.
  uint64_t current_limit_ = 0;  // Size of the segment.
  OpenFile next_;               // The segment that is being prepared.
  uint64_t next_zeroed_ = 0;    // So much of it is written.
  JournalSpace space_ = JournalSpace::kEnough;
  absl::Status shortage_;          // Why space_ is not kEnough.
  uint64_t settled_sequence_ = 0;  // Records up to here were durable before the present write.
  std::vector<FrameHeaderBytes> header_bytes_;
  std::vector<iovec> pieces_;
  std::string zeros_;

  Mutex truncate_mutex_;  // One truncate() at a time; taken before segments_mutex_.
  mutable Mutex segments_mutex_;
  std::vector<Segment> segments_ ABSL_GUARDED_BY(segments_mutex_);  // Oldest first.
  bool has_reserve_ ABSL_GUARDED_BY(segments_mutex_) = false;       // Begun, or whole.

  mutable Mutex queue_mutex_;
  CondVar queue_filled_;   // The journal's thread waits.
  CondVar queue_drained_;  // append() waits.
  std::vector<PendingFrame> queue_ ABSL_GUARDED_BY(queue_mutex_);
  size_t queue_bytes_ ABSL_GUARDED_BY(queue_mutex_) = 0;
  bool is_stopping_ ABSL_GUARDED_BY(queue_mutex_) = false;
  bool is_stop_near_ ABSL_GUARDED_BY(queue_mutex_) = false;
  Clock::time_point gives_up_at_ ABSL_GUARDED_BY(queue_mutex_);  // Once the stop is near.
  bool has_failed_ ABSL_GUARDED_BY(queue_mutex_) = false;
  // When to try for space again; counts while space_ is not kEnough.
  Clock::time_point retry_at_ ABSL_GUARDED_BY(queue_mutex_);
  JournalTimes times_ ABSL_GUARDED_BY(queue_mutex_);

  // Of the thread that calls start() and stop().
  bool was_started_ = false;
  std::thread thread_;
};

}  // namespace acd
