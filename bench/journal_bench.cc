// SPDX-License-Identifier: Apache-2.0
// The journal beside raw fdatasync, and how fast a partition is back after a restart.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/checkpoint.h"
#include "daemon/config/config_file.h"
#include "daemon/mutex.h"
#include "daemon/observer.h"
#include "daemon/partition.h"
#include "daemon/storage/ownership.h"
#include "daemon/storage/segment_journal.h"
#include "daemon/storage/snapshot_file.h"
#include "routing/check.h"

namespace acd::bench {
namespace {

constexpr char kPartition[] = "main";
constexpr char kCentre[] = R"(
tenants:
  - id: bank
    skills: [sales]
    queues: [{id: sales, requirement: sales >= 1}]
    agents: [{id: ada, skills: {sales: 5}}]
)";

struct Arguments {
  std::string folder;        // On the disk to be measured.
  int repetitions = 5;       // Of each row, for its median.
  double seconds = 2;        // Of a row of the journal.
  int replayed = 1'000'000;  // Commands.
  int live_calls = 100'000;
};

struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

std::string to_text(const Spread& value, int digits) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%.*f [%.*f-%.*f]", digits, value.median, digits,
                value.least, digits, value.most);
  return text.data();
}

double percentile(std::vector<int64_t>& times_ns, double share) {
  ACD_CHECK(!times_ns.empty());
  const auto at = static_cast<ptrdiff_t>(share * static_cast<double>(times_ns.size() - 1));
  std::nth_element(times_ns.begin(), times_ns.begin() + at, times_ns.end());
  return static_cast<double>(times_ns[static_cast<size_t>(at)]) / 1e3;
}

// --- The journal.

// One run: how fast, and from the append of a frame to the news that it is durable.
struct Run {
  double commands_per_s = 0;
  double p50_us = 0;
  double p99_us = 0;
};

class Waiting final : public JournalListener {
 public:
  void on_durable(uint64_t sequence) override {
    const MutexLock lock(&mutex_);
    const int64_t now_ns = monotonic_ns();
    while (!begun_.empty() && begun_.front().first <= sequence) {
      times_ns.push_back(now_ns - begun_.front().second);
      begun_.pop_front();
    }
    changed_.notify_all();
  }
  void on_failed(const absl::Status& status) override {
    std::fprintf(stderr, "journal_bench: %s\n", std::string(status.message()).c_str());
    std::_Exit(1);
  }
  void begin(uint64_t last_sequence, size_t window) {
    const MutexLock lock(&mutex_);
    while (begun_.size() >= window) changed_.wait(&mutex_);
    begun_.emplace_back(last_sequence, monotonic_ns());
  }
  void wait_all() {
    const MutexLock lock(&mutex_);
    while (!begun_.empty()) changed_.wait(&mutex_);
  }

  std::vector<int64_t> times_ns;  // After wait_all().

 private:
  Mutex mutex_;
  CondVar changed_;
  std::deque<std::pair<uint64_t, int64_t>> begun_;  // Last record and when it was appended.
};

// A frame of `commands` calls that enter.
std::string payload_of(uint32_t commands) {
  FrameBuilder frame;
  const std::string arena = "call-0000001sales";
  for (uint32_t i = 0; i < commands; ++i) {
    Command command;
    command.kind = CommandKind::kEnqueueCall;
    command.source = SourceIndex(0u);
    command.sequence = 1'000 + i;
    command.call = {0, 12};
    command.name = {12, 5};
    frame.add_command(TenantIndex(0u), 1'000'000'000, command, arena);
  }
  return frame.take();
}

std::unique_ptr<SegmentJournal> open_journal(const std::string& folder, Durability durability) {
  SegmentJournalOptions options;
  options.folder = folder;
  options.partition = kPartition;
  options.durability = durability;
  auto journal = SegmentJournal::open(options);
  if (!journal.ok()) {
    std::fprintf(stderr, "journal_bench: %s\n", std::string(journal.status().message()).c_str());
    std::exit(1);
  }
  return *std::move(journal);
}

Run run_journal(const Arguments& arguments, Durability durability, uint32_t commands,
                size_t window) {
  const std::string folder = arguments.folder + "/journal";
  std::filesystem::remove_all(folder);
  const auto journal = open_journal(folder, durability);
  Waiting waiting;
  ACD_CHECK(journal->start(&waiting).ok());
  const std::string payload = payload_of(commands);
  const int64_t begin_ns = monotonic_ns();
  const int64_t end_ns = begin_ns + static_cast<int64_t>(arguments.seconds * 1e9);
  uint64_t total = 0;
  while (monotonic_ns() < end_ns) {
    FrameHeader header;
    header.epoch = 1;
    header.first_sequence = journal->position();
    header.record_count = commands;
    total += commands;
    waiting.begin(header.first_sequence + commands - 1, window);
    journal->append(header, payload);
  }
  waiting.wait_all();
  const double seconds = static_cast<double>(monotonic_ns() - begin_ns) / 1e9;
  journal->stop();
  return {static_cast<double>(total) / seconds, percentile(waiting.times_ns, 0.5),
          percentile(waiting.times_ns, 0.99)};
}

// The same bytes at ascending places of a file that was written before, each synced.
Run run_raw(const Arguments& arguments, uint32_t commands) {
  const std::string path = arguments.folder + "/raw";
  const size_t bytes = frame_size(payload_of(commands).size());
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  ACD_CHECK(descriptor >= 0);
  const std::string zeros(size_t{1} << 20, '\0');
  for (int i = 0; i < 64; ++i) {
    ACD_CHECK(::write(descriptor, zeros.data(), zeros.size()) ==
              static_cast<ssize_t>(zeros.size()));
  }
  ACD_CHECK(::fdatasync(descriptor) == 0);
  const std::string frame(bytes, 'x');
  std::vector<int64_t> times_ns;
  const int64_t begin_ns = monotonic_ns();
  const int64_t end_ns = begin_ns + static_cast<int64_t>(arguments.seconds * 1e9);
  off_t at = 0;
  while (monotonic_ns() < end_ns) {
    const int64_t began_ns = monotonic_ns();
    if (at + static_cast<off_t>(bytes) > (off_t{64} << 20)) at = 0;
    ACD_CHECK(::pwrite(descriptor, frame.data(), bytes, at) == static_cast<ssize_t>(bytes));
    ACD_CHECK(::fdatasync(descriptor) == 0);
    at += static_cast<off_t>(bytes);
    times_ns.push_back(monotonic_ns() - began_ns);
  }
  const double seconds = static_cast<double>(monotonic_ns() - begin_ns) / 1e9;
  ::close(descriptor);
  return {static_cast<double>(commands) * static_cast<double>(times_ns.size()) / seconds,
          percentile(times_ns, 0.5), percentile(times_ns, 0.99)};
}

template <typename Measure>
void print_row(const Arguments& arguments, const std::string& name, Measure&& measure) {
  std::array<std::vector<double>, 3> values;
  for (int i = 0; i < arguments.repetitions; ++i) {
    const Run run = measure();
    values[0].push_back(run.commands_per_s / 1e3);
    values[1].push_back(run.p50_us);
    values[2].push_back(run.p99_us);
  }
  std::printf("| %s | %s | %s | %s |\n", name.c_str(), to_text(spread(values[0]), 1).c_str(),
              to_text(spread(values[1]), 0).c_str(), to_text(spread(values[2]), 0).c_str());
  std::fflush(stdout);
}

void print_journal_rows(const Arguments& arguments) {
  std::printf("| row | thousand commands/s | p50 us | p99 us |\n|---|---|---|---|\n");
  for (const uint32_t commands : {1u, 64u, 1'024u}) {
    const std::string batch = std::to_string(commands) + " a frame";
    print_row(arguments, "raw write + fdatasync, " + batch,
              [&] { return run_raw(arguments, commands); });
    print_row(arguments, "journal sync, " + batch + ", one at a time",
              [&] { return run_journal(arguments, Durability::kSync, commands, 1); });
    print_row(arguments, "journal sync, " + batch + ", 64 under way",
              [&] { return run_journal(arguments, Durability::kSync, commands, 64); });
    print_row(arguments, "journal none, " + batch + ", 64 under way",
              [&] { return run_journal(arguments, Durability::kNone, commands, 64); });
  }
}

// --- A partition after a restart.

class Deaf final : public SwitchStream {
 public:
  void deliver(Delivery&& delivery) override {
    for (std::unique_ptr<Batch>& batch : delivery.finished) batch->stream = nullptr;
  }
};

// One life of a process over the folder's journal.
struct Life {
  explicit Life(const std::string& folder_of_journal)
      : folder(folder_of_journal),
        journal(open_journal(folder, Durability::kNone)),
        ownership(*FileOwnership::open(folder, 0)) {
    observer.start();
    PartitionOptions options;
    options.name = kPartition;
    partition = std::make_unique<Partition>(options, ClockMode::kDriven, journal.get(),
                                            ownership.get(), &observer);
  }
  ~Life() {
    journal->stop();
    observer.stop();
  }
  // Seconds until it could serve, the opening of the journal included.
  double recover() {
    SnapshotNeeds needs;
    needs.partition = kPartition;
    needs.history_id = journal->history_id();
    needs.first_sequence = journal->first_sequence();
    needs.position = journal->position();
    absl::StatusOr<SnapshotChoice> choice = choose_snapshot(folder, needs);
    ACD_CHECK(choice.ok());
    if (choice->saved.has_value()) {
      ACD_CHECK(partition->restore(*std::move(choice->saved)).ok());
    }
    ACD_CHECK(partition->recover().ok());
    ACD_CHECK(partition->start(*parse_config(kCentre, "centre")).ok());
    return static_cast<double>(monotonic_ns() - began_ns) / 1e9;
  }
  void turn(std::unique_ptr<Batch> batch) {
    std::vector<std::unique_ptr<Batch>> batches;
    batches.push_back(std::move(batch));
    partition->turn(batches);
  }

  const int64_t began_ns = monotonic_ns();
  const std::string folder;
  std::unique_ptr<SegmentJournal> journal;
  std::unique_ptr<FileOwnership> ownership;
  Observer observer;
  std::unique_ptr<Partition> partition;
};

// Commands of one switch, in batches of 64, into a partition.
class Writer {
 public:
  explicit Writer(Life* life) : life_(life) {
    add(CommandKind::kOpenSession, "", "pbx", "epoch").sequence = 0;
    sequence_ = 0;
    flush();
  }
  Command& add(CommandKind kind, std::string_view call, std::string_view name,
               std::string_view text) {
    if (batch_ == nullptr) {
      batch_ = std::make_unique<Batch>();
      batch_->tenant = TenantIndex(0u);
      batch_->stream = stream_;
    }
    Command& command = batch_->commands.emplace_back();
    command.kind = kind;
    command.sequence = ++sequence_;
    for (const auto& [ref, value] : {std::pair(&command.call, call), std::pair(&command.name, name),
                                     std::pair(&command.text, text)}) {
      *ref = {static_cast<uint32_t>(batch_->arena.size()), static_cast<uint32_t>(value.size())};
      batch_->arena += value;
    }
    return command;
  }
  void flush_if_full() {
    if (batch_ != nullptr && batch_->commands.size() >= 64) flush();
  }
  void flush() {
    if (batch_ != nullptr) life_->turn(std::move(batch_));
  }

 private:
  Life* const life_;
  const std::shared_ptr<Deaf> stream_ = std::make_shared<Deaf>();
  std::unique_ptr<Batch> batch_;
  int64_t sequence_ = 0;
};

// Calls that enter, are answered, connected and over: four commands each.
void write_calls(const std::string& folder, int commands) {
  Life life(folder);
  life.recover();
  Writer writer(&life);
  writer.add(CommandKind::kLogIn, "", "ada", "100");
  writer.add(CommandKind::kSetReady, "", "ada", "");
  for (int i = 0; i < commands / 4; ++i) {
    const std::string call = "call-" + std::to_string(i);
    writer.add(CommandKind::kEnqueueCall, call, "sales", "");
    writer.add(CommandKind::kLegAnswered, call, "", "").generation = 1;
    writer.add(CommandKind::kCallConnected, call, "", "").generation = 1;
    writer.add(CommandKind::kEndCall, call, "", "").detail = static_cast<uint8_t>(EndedBy::kCaller);
    writer.flush_if_full();
  }
  writer.flush();
}

void write_live_calls(const std::string& folder, int calls) {
  Life life(folder);
  life.recover();
  Writer writer(&life);
  for (int i = 0; i < calls; ++i) {
    writer.add(CommandKind::kEnqueueCall, "call-" + std::to_string(i), "sales", "");
    writer.flush_if_full();
  }
  writer.flush();
}

// Seconds until it was ready, of so many starts as there are repetitions.
std::vector<double> start_again(const Arguments& arguments, const std::string& folder) {
  std::vector<double> seconds;
  for (int i = 0; i < arguments.repetitions; ++i) seconds.push_back(Life(folder).recover());
  return seconds;
}

void print_recovery_rows(const Arguments& arguments) {
  const std::string folder = arguments.folder + "/replay";
  write_calls(folder, arguments.replayed);
  std::vector<double> rates = start_again(arguments, folder);
  for (double& value : rates) value = arguments.replayed / value / 1e6;
  std::filesystem::remove_all(folder);
  write_live_calls(folder, arguments.live_calls);
  const std::vector<double> replayed = start_again(arguments, folder);
  const absl::StatusOr<Checkpoint> checkpoint = write_checkpoint({folder, kPartition, "bench"});
  ACD_CHECK(checkpoint.ok() && checkpoint->is_new);
  const double snapshot_mb =
      static_cast<double>(std::filesystem::file_size(snapshot_path(folder, checkpoint->sequence))) /
      1e6;
  const std::vector<double> restored = start_again(arguments, folder);
  std::printf("\n| row | value |\n|---|---|\n");
  std::printf("| replay of whole calls, M commands/s | %s |\n", to_text(spread(rates), 2).c_str());
  std::printf("| ready with %d live calls, from the journal, s | %s |\n", arguments.live_calls,
              to_text(spread(replayed), 2).c_str());
  std::printf("| ready with %d live calls, from a snapshot of %.1f MB, s | %s |\n",
              arguments.live_calls, snapshot_mb, to_text(spread(restored), 2).c_str());
}

}  // namespace
}  // namespace acd::bench

int main(int argc, char** argv) {
  acd::bench::Arguments arguments;
  const bool is_tiny = argc == 3 && std::string_view(argv[2]) == "--tiny";
  if (argc < 2 || (argc > 2 && !is_tiny)) {
    std::fputs("Usage: journal_bench FOLDER [--tiny]\nFOLDER is made, on the disk to measure.\n",
               stderr);
    return 64;
  }
  arguments.folder = argv[1];
  if (is_tiny) {
    arguments.repetitions = 1;
    arguments.seconds = 0.01;
    arguments.replayed = 4'000;
    arguments.live_calls = 1'000;
  }
  if (!std::filesystem::create_directory(arguments.folder)) {
    std::fprintf(stderr, "journal_bench: %s: is there already, or cannot be made\n", argv[1]);
    return 64;
  }
  acd::bench::print_journal_rows(arguments);
  acd::bench::print_recovery_rows(arguments);
  std::filesystem::remove_all(arguments.folder);
  return 0;
}
