// SPDX-License-Identifier: Apache-2.0
// Start, the journal's thread, and the life of segments.
#include "daemon/storage/segment_journal.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "daemon/storage/lease.h"
#include "routing/check.h"

namespace acd {
namespace {

// Zeros are written and synced in pieces of this size, so that preparing a segment never holds up
// frames for long.
constexpr size_t kZeroSliceBytes = size_t{1} << 20;

constexpr std::string_view kNextName = "next";

iovec piece_of(std::string_view bytes) {
  return iovec{const_cast<char*>(bytes.data()), bytes.size()};
}

int64_t ns_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count();
}

// What want of space on the disk calls for.
absl::Status with_advice(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status)) return status;
  return absl::ResourceExhaustedError(
      absl::StrCat(status.message(), "; free space on its disk or raise its quota"));
}

uint64_t last_sequence(const FrameHeader& header) {
  return header.first_sequence + header.record_count - 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SegmentJournal>> SegmentJournal::open(
    SegmentJournalOptions options) {
  std::unique_ptr<SegmentJournal> journal(new SegmentJournal(std::move(options)));
  absl::Status status = journal->check_options();
  if (status.ok()) status = journal->make_folder();
  if (status.ok()) status = journal->lock_folder();
  if (status.ok()) status = journal->recover();
  if (!status.ok()) return status;
  return journal;
}

SegmentJournal::SegmentJournal(SegmentJournalOptions options)
    : options_(std::move(options)),
      files_(options_.files != nullptr ? *options_.files : posix_files()) {}

SegmentJournal::~SegmentJournal() {
  ACD_CHECK(!thread_.joinable());
  if (lock_descriptor_ >= 0) ::close(lock_descriptor_);
}

absl::Status SegmentJournal::check_options() const {
  if (options_.partition.empty() || options_.partition.size() > kPartitionNameBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("partition '", options_.partition, "' of journal ", options_.folder,
                     ": its name must have 1 to ", kPartitionNameBytesMax, " bytes"));
  }
  if (options_.segment_bytes < kSegmentBytesMin || options_.segment_bytes > kSegmentBytesMax ||
      options_.segment_bytes % kSegmentBytesMin != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("segment_bytes ", options_.segment_bytes, " of journal ", options_.folder,
                     ": must be a multiple of ", kSegmentBytesMin, " up to ", kSegmentBytesMax));
  }
  if (options_.queue_frames_max == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("queue_frames_max of journal ", options_.folder, ": must be at least 1"));
  }
  return absl::OkStatus();
}

absl::Status SegmentJournal::make_folder() {
  if (::mkdir(options_.folder.c_str(), kPrivateFolderMode) != 0) {
    if (errno == EEXIST) return absl::OkStatus();
    return file_error("cannot make journal folder", options_.folder, errno);
  }
  std::string parent = std::filesystem::path(options_.folder + "/..").lexically_normal().string();
  return files_.sync_folder(parent);
}

absl::Status SegmentJournal::lock_folder() {
  const std::string path = absl::StrCat(options_.folder, "/LOCK");
  lock_descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPrivateFileMode);
  if (lock_descriptor_ < 0) return file_error("cannot open", path, errno);
  if (::flock(lock_descriptor_, LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  if (errno != EWOULDBLOCK) return file_error("cannot lock", path, errno);
  return absl::FailedPreconditionError(absl::StrCat(
      "journal folder ", options_.folder, " is in use: another process or part holds its LOCK"));
}

absl::Status SegmentJournal::recover() {
  absl::StatusOr<Recovery> recovery = recover_segments(options_.folder, options_.partition);
  if (!recovery.ok()) return recovery.status();
  recovery_ = *std::move(recovery);
  if (recovery_.segments.empty()) {
    const absl::Status status = draw_history_id(&recovery_.history_id);
    if (!status.ok()) return status;
  }
  next_sequence_ = recovery_.end.next_sequence;
  epoch_ = recovery_.end.epoch;
  const MutexLock lock(&segments_mutex_);
  segments_ = recovery_.segments;
  return absl::OkStatus();
}

absl::Status SegmentJournal::follow(uint64_t from, FrameVisit visit) {
  ACD_CHECK(!was_started_);
  if (from > next_sequence_) {
    return absl::OutOfRangeError(absl::StrCat("journal ", options_.folder, " ends before record ",
                                              next_sequence_, "; record ", from, " is not in it"));
  }
  if (const uint64_t first = first_sequence(); from < first) {
    return absl::DataLossError(absl::StrCat(
        "journal ", options_.folder, " begins with record ", first, "; records ", from, " to ",
        first - 1, " were truncated away, and what is read from here on needs them"));
  }
  return follow_segments(recovery_, from, visit);
}

absl::Status SegmentJournal::start(JournalListener* listener) {
  ACD_CHECK(!was_started_);
  ACD_CHECK(listener != nullptr);
  absl::Status status = settle();
  was_started_ = true;
  listener_ = listener;
  settled_sequence_ = next_sequence_ - 1;
  if (status.ok()) status = reuse_leftover();
  if (!status.ok()) return status;
  status = recovery_.segments.empty() ? create_first_segment() : clear_behind_end();
  if (status.ok()) status = write_ahead(2 * current_end_);
  if (!status.ok()) return status;
  thread_ = std::thread([this] { run(); });
  const std::string name = absl::StrCat("journal-", options_.thread_number);
  ::pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
  return absl::OkStatus();
}

// What was written ahead before stays, because on a full disk its room might be gone once given
// back; all of it is written anew. A larger one is of other options and cannot be used.
absl::Status SegmentJournal::reuse_leftover() {
  const std::string path = absl::StrCat(options_.folder, "/", std::string(kNextName));
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(path, error);
  if (error || size <= options_.segment_bytes) return absl::OkStatus();
  return files_.remove(path);
}

absl::Status SegmentJournal::create_first_segment() {
  const absl::Status status = prepare_next(options_.segment_bytes);
  return status.ok() ? switch_segment(next_sequence_) : status;
}

absl::Status SegmentJournal::settle() {
  ACD_CHECK(!was_started_);
  if (current_.file != nullptr || recovery_.segments.empty()) return absl::OkStatus();
  OpenFile last{nullptr, recovery_.segments.back().path};
  absl::StatusOr<std::unique_ptr<File>> file = files_.open(last.path);
  if (!file.ok()) return file.status();
  last.file = *std::move(file);
  iovec piece = piece_of(recovery_.unsettled);
  absl::Status status =
      write_fully(*last.file, last.path, {&piece, 1}, recovery_.end.unsettled_offset);
  if (status.ok()) status = sync(last);
  if (status.ok()) current_ = std::move(last);
  return status;
}

// A tail that was torn is zero before the first frame follows, so that no rest of it can ever stand
// behind a new frame (SegmentJournalTest.WritesZerosOverTornTail).
absl::Status SegmentJournal::clear_behind_end() {
  current_end_ = recovery_.end.offset;
  current_limit_ = recovery_.segment_bytes;
  absl::Status status = write_zeros(current_, current_end_, current_end_ + recovery_.torn_bytes);
  if (status.ok()) {
    status = write_zeros(current_, std::max(recovery_.file_bytes, current_end_), current_limit_);
  }
  if (status.ok()) status = files_.sync_folder(options_.folder);
  return status;
}

void SegmentJournal::append(const FrameHeader& header, std::string payload) {
  ACD_CHECK(thread_.joinable());
  ACD_CHECK(header.first_sequence == next_sequence_);
  ACD_CHECK(header.record_count >= 1);
  ACD_CHECK(header.epoch >= epoch_);
  ACD_CHECK(payload.size() <= payload_bytes_max());
  next_sequence_ += header.record_count;
  epoch_ = header.epoch;

  const MutexLock lock(&queue_mutex_);
  if (must_wait(payload.size())) {
    const Clock::time_point began = Clock::now();
    while (must_wait(payload.size())) queue_drained_.wait(&queue_mutex_);
    ++times_.append_waits;
    times_.append_wait_ns += ns_since(began);
  }
  if (has_failed_) return;
  queue_bytes_ += payload.size();
  queue_.push_back(PendingFrame{header, std::move(payload)});
  if (queue_.size() == 1) queue_filled_.notify_one();
}

bool SegmentJournal::must_wait(size_t payload_bytes) const {
  if (has_failed_) return false;
  return queue_.size() >= options_.queue_frames_max ||
         (!queue_.empty() && queue_bytes_ + payload_bytes > options_.queue_bytes_max);
}

absl::Status SegmentJournal::truncate(uint64_t before) {
  const MutexLock one_at_a_time(&truncate_mutex_);
  for (;;) {
    std::string oldest;
    {
      const MutexLock lock(&segments_mutex_);
      // The last segment takes frames and stays.
      if (segments_.size() < 2 || segments_[1].first_sequence > before) return absl::OkStatus();
      oldest = segments_.front().path;
    }
    absl::StatusOr<bool> is_leased = is_journal_leased(options_.folder);
    if (!is_leased.ok()) return is_leased.status();
    if (*is_leased) return absl::OkStatus();
    // Each is durably gone before the next goes: a file system may order removals as it likes, and
    // a crash between two of them must leave no gap. No lock is held: to remove a segment may take
    // long, and the journal's thread may want to add one.
    absl::Status status = files_.remove(oldest);
    if (status.ok()) status = files_.sync_folder(options_.folder);
    if (!status.ok()) return status;
    {
      const MutexLock lock(&segments_mutex_);
      segments_.erase(segments_.begin());
    }
    const MutexLock lock(&queue_mutex_);
    retry_at_ = {};  // There is room now: who waits for it need not wait longer.
    queue_filled_.notify_one();
  }
}

void SegmentJournal::begin_stop() {
  const MutexLock lock(&queue_mutex_);
  if (is_stop_near_) return;
  is_stop_near_ = true;
  gives_up_at_ = Clock::now() + options_.space_wait_at_stop;
  queue_filled_.notify_one();
}

void SegmentJournal::stop() {
  if (!thread_.joinable()) return;
  begin_stop();
  {
    const MutexLock lock(&queue_mutex_);
    is_stopping_ = true;
    queue_filled_.notify_one();
  }
  thread_.join();
}

size_t SegmentJournal::payload_bytes_max() const {
  return std::min(kFrameBytesMax, options_.segment_bytes - kSegmentHeaderBytes - frame_size(0));
}

JournalTimes SegmentJournal::times() const {
  const MutexLock lock(&queue_mutex_);
  return times_;
}

uint64_t SegmentJournal::first_sequence() const {
  const MutexLock lock(&segments_mutex_);
  return segments_.empty() ? recovery_.end.next_sequence : segments_.front().first_sequence;
}

uint64_t SegmentJournal::bytes() const {
  const MutexLock lock(&segments_mutex_);
  return all_bytes();
}

uint64_t SegmentJournal::all_bytes() const {
  uint64_t sum = has_reserve_ ? options_.segment_bytes : 0;
  for (const Segment& segment : segments_) sum += segment.bytes;
  return sum;
}

bool SegmentJournal::is_near_full() const { return bytes() >= options_.bytes_max / 4 * 3; }

bool SegmentJournal::is_full() const {
  const MutexLock lock(&segments_mutex_);
  return !segments_.empty() && !has_reserve_ &&
         all_bytes() + options_.segment_bytes > options_.bytes_max;
}

absl::Status SegmentJournal::sync_all() {
  ACD_CHECK(!thread_.joinable());
  const MutexLock lock(&segments_mutex_);
  absl::Status status;
  for (const Segment& segment : segments_) {
    if (status.ok()) status = sync_path(segment.path);
  }
  return status;
}

void SegmentJournal::run() {
  std::vector<PendingFrame> batch;
  for (;;) {
    absl::Status status = take_batch(&batch);
    if (status.ok() && batch.empty()) return;
    if (status.ok()) status = write_batch(batch);
    // Under steady load twice as far as the present segment is used: whole when that is half full.
    if (status.ok()) status = write_ahead(2 * current_end_);
    if (status.ok()) continue;
    {
      const MutexLock lock(&queue_mutex_);
      has_failed_ = true;
      queue_.clear();
      queue_drained_.notify_one();
    }
    listener_->on_failed(status);
    return;
  }
}

// Waits for frames and takes all of them; none when the journal stops. As long as none come the
// reserve is written.
absl::Status SegmentJournal::take_batch(std::vector<PendingFrame>* batch) {
  batch->clear();
  for (;;) {
    {
      const MutexLock lock(&queue_mutex_);
      while (queue_.empty() && !is_stopping_) {
        if (is_reserve_whole()) {
          queue_filled_.wait(&queue_mutex_);
          continue;
        }
        if (space_ == JournalSpace::kEnough || retry_at_ <= Clock::now()) break;
        queue_filled_.wait_until(&queue_mutex_, retry_at_);
      }
      if (!queue_.empty() || is_stopping_) {
        std::swap(*batch, queue_);
        queue_bytes_ = 0;
        queue_drained_.notify_one();
        return absl::OkStatus();
      }
    }
    absl::Status status = write_ahead(next_zeroed_ + kZeroSliceBytes);
    if (!status.ok()) return status;
  }
}

absl::Status SegmentJournal::write_batch(std::span<const PendingFrame> batch) {
  while (!batch.empty()) {
    const size_t count = count_fitting(batch);
    absl::Status status;
    if (count == 0) {
      status = await_reserve();
      // All frames of the full segment are durable by now; recovery relies on it (check_joint).
      if (status.ok()) status = switch_segment(batch[0].header.first_sequence);
      if (!status.ok()) return status;
      continue;
    }
    status = write_frames(batch.first(count));
    if (status.ok()) status = sync_frames();
    if (!status.ok()) return status;
    settled_sequence_ = last_sequence(batch[count - 1].header);
    listener_->on_durable(settled_sequence_);
    batch = batch.subspan(count);
  }
  return absl::OkStatus();
}

size_t SegmentJournal::count_fitting(std::span<const PendingFrame> frames) const {
  uint64_t end = current_end_;
  for (size_t i = 0; i < frames.size(); ++i) {
    end += frame_size(frames[i].payload.size());
    if (end > current_limit_) return i;
  }
  return frames.size();
}

absl::Status SegmentJournal::write_frames(std::span<const PendingFrame> frames) {
  header_bytes_.resize(frames.size());
  pieces_.clear();
  const uint64_t begin = current_end_;
  for (size_t i = 0; i < frames.size(); ++i) {
    const std::string& payload = frames[i].payload;
    header_bytes_[i] =
        encode_frame_header(recovery_.history_id, frames[i].header, settled_sequence_, payload);
    const size_t size = frame_size(payload.size());
    pieces_.push_back(piece_of({header_bytes_[i].data(), header_bytes_[i].size()}));
    pieces_.push_back(piece_of(payload));
    pieces_.push_back(piece_of(kFramePadding.substr(0, size - kFrameHeaderBytes - payload.size())));
    current_end_ += size;
  }
  return write_fully(*current_.file, current_.path, pieces_, begin);
}

// Writes the reserve as far as `zeroed_wanted`. Want of space is told and tried again later, and is
// over when the reserve is whole.
absl::Status SegmentJournal::write_ahead(uint64_t zeroed_wanted) {
  {
    const MutexLock lock(&queue_mutex_);
    const Clock::time_point now = Clock::now();
    if (space_ != JournalSpace::kEnough && now < retry_at_) return absl::OkStatus();
    retry_at_ = now + options_.space_retry;  // Before the try: truncate() may say better meanwhile.
  }
  absl::Status status = check_size();
  if (status.ok()) status = with_advice(prepare_next(zeroed_wanted));
  if (status.ok()) {
    if (is_reserve_whole()) say_space(JournalSpace::kEnough, absl::OkStatus());
    const MutexLock lock(&queue_mutex_);
    retry_at_ = {};
    return status;
  }
  if (!absl::IsResourceExhausted(status)) return status;
  say_space(std::max(space_, JournalSpace::kLow), status);
  return absl::OkStatus();
}

// RESOURCE_EXHAUSTED when a reserve would have to be begun beyond bytes_max. One that is there from
// before the start has its room already.
absl::Status SegmentJournal::check_size() const {
  std::error_code error;
  if (next_.file != nullptr || !is_full() ||
      std::filesystem::exists(absl::StrCat(options_.folder, "/", std::string(kNextName)), error)) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(absl::StrCat(
      "journal ", options_.folder, " has ", bytes(), " bytes, and journal-bytes-max allows ",
      options_.bytes_max, ": a snapshot must let part of it go"));
}

void SegmentJournal::say_space(JournalSpace space, const absl::Status& why) {
  shortage_ = why;
  if (space == space_) return;
  space_ = space;
  listener_->on_space(space, why);
}

// Waits until the next segment is whole: for want of space as long as it takes, at the end of the
// process a bounded time.
absl::Status SegmentJournal::await_reserve() {
  for (;;) {
    absl::Status status = write_ahead(options_.segment_bytes);
    if (!status.ok() || is_reserve_whole()) return status;
    say_space(JournalSpace::kNone, shortage_);
    const MutexLock lock(&queue_mutex_);
    for (Clock::time_point now = Clock::now(); now < retry_at_; now = Clock::now()) {
      if (is_stop_near_ && gives_up_at_ <= now) {
        return absl::CancelledError(absl::StrCat(
            "stopped without space to write what was taken in last, from record ",
            settled_sequence_ + 1, " on; nobody was told that it was: ", shortage_.message()));
      }
      queue_filled_.wait_until(&queue_mutex_,
                               is_stop_near_ ? std::min(retry_at_, gives_up_at_) : retry_at_);
    }
  }
}

// Writes the next segment ahead, as far as `zeroed_wanted` says. RESOURCE_EXHAUSTED: for want of
// space; to be called again.
absl::Status SegmentJournal::prepare_next(uint64_t zeroed_wanted) {
  if (next_.file == nullptr) {
    next_.path = absl::StrCat(options_.folder, "/", std::string(kNextName));
    next_zeroed_ = 0;
    absl::StatusOr<std::unique_ptr<File>> file = files_.open(next_.path);
    if (!file.ok()) return file.status();
    next_.file = *std::move(file);
    const MutexLock lock(&segments_mutex_);
    has_reserve_ = true;
  }
  const uint64_t wanted = std::min<uint64_t>(zeroed_wanted, options_.segment_bytes);
  if (next_zeroed_ >= wanted) return absl::OkStatus();
  const uint64_t slices = (wanted + kZeroSliceBytes - 1) / kZeroSliceBytes;
  const uint64_t limit = std::min<uint64_t>(slices * kZeroSliceBytes, options_.segment_bytes);
  while (next_zeroed_ < limit) {
    const uint64_t slice_limit = std::min<uint64_t>(limit, next_zeroed_ + kZeroSliceBytes);
    const absl::Status status = write_zeros(next_, next_zeroed_, slice_limit);
    if (!status.ok()) return status;
    next_zeroed_ = slice_limit;
  }
  return absl::OkStatus();
}

// Makes the prepared segment the present one. It gets its name when it is whole and durable, so a
// segment that has a name always has a good header. REQUIRES: the reserve is whole.
absl::Status SegmentJournal::switch_segment(uint64_t first_sequence) {
  ACD_CHECK(is_reserve_whole());
  SegmentHeader header;
  header.history_id = recovery_.history_id;
  header.first_sequence = first_sequence;
  header.segment_bytes = options_.segment_bytes;
  header.partition = options_.partition;
  const std::string bytes = encode_segment_header(header);
  iovec piece = piece_of(bytes);
  absl::Status status = write_fully(*next_.file, next_.path, {&piece, 1}, 0);
  if (status.ok()) status = sync(next_);
  const std::string path = segment_path(options_.folder, first_sequence);
  if (status.ok()) status = files_.rename(next_.path, path);
  if (status.ok()) status = files_.sync_folder(options_.folder);
  if (!status.ok()) return status;
  current_.file = std::move(next_.file);
  current_.path = path;
  current_end_ = kSegmentHeaderBytes;
  current_limit_ = options_.segment_bytes;
  next_zeroed_ = 0;
  const MutexLock lock(&segments_mutex_);
  segments_.push_back(Segment{first_sequence, path, options_.segment_bytes});
  has_reserve_ = false;
  return absl::OkStatus();
}

absl::Status SegmentJournal::write_zeros(OpenFile& target, uint64_t begin, uint64_t limit) {
  while (begin < limit) {
    const size_t size = std::min<uint64_t>(limit - begin, kZeroSliceBytes);
    if (zeros_.size() < size) zeros_.resize(size);
    iovec piece = piece_of({zeros_.data(), size});
    absl::Status status = write_fully(*target.file, target.path, {&piece, 1}, begin);
    if (status.ok()) status = sync(target);
    if (!status.ok()) return status;
    begin += size;
  }
  return absl::OkStatus();
}

absl::Status SegmentJournal::sync_frames() {
  if (options_.durability == Durability::kNone) return absl::OkStatus();
  const Clock::time_point began = Clock::now();
  const absl::Status status = sync(current_);
  const MutexLock lock(&queue_mutex_);
  ++times_.syncs;
  times_.sync_ns += ns_since(began);
  return status;
}

absl::Status SegmentJournal::sync(OpenFile& target) {
  if (options_.durability == Durability::kNone) return absl::OkStatus();
  const int result = target.file->sync();
  if (result == 0) return absl::OkStatus();
  return file_error("cannot sync", target.path, -result);
}

}  // namespace acd
