// SPDX-License-Identifier: Apache-2.0
// A partition over a real journal in a folder of its own, and streams that keep what they are
// given.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
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
#include "daemon/storage/suspects.h"
#include "routing/outcome.h"

namespace acd {

// A folder that goes away with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "acd-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Keeps every delivery.
class FakeStream final : public SwitchStream {
 public:
  void deliver(Delivery&& delivery) override {
    const MutexLock lock(&mutex_);
    for (std::unique_ptr<Batch>& batch : delivery.finished) batch->stream = nullptr;
    finished_ += delivery.finished.size();
    delivery.finished.clear();
    deliveries_.push_back(std::move(delivery));
    changed_.notify_all();
  }
  // Waits until so many batches came back, and gives what was delivered since the last call.
  std::vector<Delivery> await(size_t finished) {
    const MutexLock lock(&mutex_);
    while (finished_ < finished) changed_.wait(&mutex_);
    return std::exchange(deliveries_, {});
  }
  [[nodiscard]] size_t finished() {
    const MutexLock lock(&mutex_);
    return finished_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<Delivery> deliveries_ ABSL_GUARDED_BY(mutex_);
  size_t finished_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Wants to know nothing.
class QuietListener final : public JournalListener {
 public:
  void on_durable(uint64_t) override {}
  void on_failed(const absl::Status&) override {}
};

// Builds batches in words.
class BatchBuilder {
 public:
  explicit BatchBuilder(std::shared_ptr<FakeStream> stream) : batch_(std::make_unique<Batch>()) {
    batch_->stream = std::move(stream);
    batch_->tenant = TenantIndex(0u);
  }
  BatchBuilder& open(std::string_view source, std::string_view epoch, bool has_list = false) {
    Command& command = add(CommandKind::kOpenSession, 0);
    command.number = has_list ? 1 : 0;
    command.name = text(source);
    command.text = text(epoch);
    return *this;
  }
  // The session that was opened last says that it answers commands.
  BatchBuilder& answering() {
    batch_->commands.back().generation = 1;
    return *this;
  }
  BatchBuilder& done(int64_t sequence, int64_t id, int failure = 0, std::string_view why = "") {
    Command& command = add(CommandKind::kCommandDone, sequence);
    command.wait_ns = id;
    command.detail = static_cast<uint8_t>(failure);
    command.text = text(why);
    return *this;
  }
  BatchBuilder& open_desktop(std::string_view source, std::string_view epoch) {
    open(source, epoch);
    batch_->commands.back().detail = static_cast<uint8_t>(SourceKind::kDesktop);
    return *this;
  }
  BatchBuilder& close() {
    add(CommandKind::kCloseSession, 0);
    return *this;
  }
  BatchBuilder& at(int64_t driven_now_ns) {
    batch_->driven_now_ns = driven_now_ns;
    return *this;
  }
  BatchBuilder& enqueue(int64_t sequence, std::string_view call, std::string_view queue,
                        std::string_view requirement = "", Medium medium = Medium::kVoice) {
    Command& command = add(CommandKind::kEnqueueCall, sequence);
    command.detail = static_cast<uint8_t>(static_cast<int>(medium) << 1);
    command.call = text(call);
    command.name = text(queue);
    command.text = text(requirement);
    return *this;
  }
  BatchBuilder& agent(CommandKind kind, int64_t sequence, std::string_view who,
                      std::string_view station = "") {
    Command& command = add(kind, sequence);
    command.name = text(who);
    command.text = text(station);
    return *this;
  }
  BatchBuilder& log_in(int64_t sequence, std::string_view who, std::string_view station,
                       AnswerMode mode) {
    agent(CommandKind::kLogIn, sequence, who, station);
    batch_->commands.back().detail = static_cast<uint8_t>(mode);
    return *this;
  }
  // By a desktop, at a station of that switch.
  BatchBuilder& log_in_at(int64_t sequence, std::string_view who, std::string_view source,
                          std::string_view station, AnswerMode mode) {
    log_in(sequence, who, station, mode);
    batch_->commands.back().preferred = text(source);
    return *this;
  }
  BatchBuilder& claim(CommandKind kind, int64_t sequence, std::string_view who,
                      std::string_view call, uint32_t generation) {
    Command& command = add(kind, sequence);
    command.name = text(who);
    command.call = text(call);
    command.generation = generation;
    return *this;
  }
  BatchBuilder& leg(CommandKind kind, int64_t sequence, std::string_view call,
                    uint32_t generation) {
    Command& command = add(kind, sequence);
    command.call = text(call);
    command.generation = generation;
    return *this;
  }
  BatchBuilder& waits(int64_t sequence, std::string_view call, std::string_view queue) {
    enqueue(sequence, call, queue);
    batch_->commands.back().kind = CommandKind::kKeepCall;
    return *this;
  }
  BatchBuilder& end_list(int64_t sequence) {
    add(CommandKind::kResyncEnd, sequence);
    return *this;
  }
  BatchBuilder& hold(int64_t sequence, std::string_view call) {
    Command& command = add(CommandKind::kHoldCall, sequence);
    command.call = text(call);
    return *this;
  }
  BatchBuilder& end(int64_t sequence, std::string_view call) {
    Command& command = add(CommandKind::kEndCall, sequence);
    command.call = text(call);
    command.detail = static_cast<uint8_t>(EndedBy::kCaller);
    return *this;
  }
  // What is empty, or less than 0, is not said.
  BatchBuilder& outcome(int64_t sequence, std::string_view call, std::string_view code,
                        std::string_view reference = "", int32_t survey = -1) {
    Command& command = add(CommandKind::kSetOutcome, sequence);
    command.call = text(call);
    command.name = text(code);
    command.text = text(reference);
    command.number = std::max(survey, 0);
    if (!code.empty()) command.detail |= kSaysCode;
    if (!reference.empty()) command.detail |= kSaysReference;
    if (survey >= 0) command.detail |= kSaysSurvey;
    return *this;
  }
  BatchBuilder& transfer(int64_t sequence, std::string_view call, TransferTarget target,
                         std::string_view name) {
    Command& command = add(CommandKind::kTransferCall, sequence);
    command.call = text(call);
    command.detail = static_cast<uint8_t>(target);
    command.name = text(name);
    return *this;
  }
  BatchBuilder& callback(int64_t sequence, std::string_view call, std::string_view queue,
                         std::string_view number) {
    Command& command = add(CommandKind::kRequestCallback, sequence);
    command.call = text(call);
    command.name = text(queue);
    command.text = text(number);
    return *this;
  }
  BatchBuilder& schedule(int64_t sequence, std::string_view call, std::string_view queue,
                         int64_t due_ms, std::string_view number = "") {
    Command& command = add(CommandKind::kScheduleCall, sequence);
    command.call = text(call);
    command.name = text(queue);
    command.text = text(number);
    command.wait_ns = due_ms;
    return *this;
  }
  // By who is on the call alone.
  BatchBuilder& consult(int64_t sequence, std::string_view call, std::string_view queue,
                        std::string_view id) {
    Command& command = add(CommandKind::kConsult, sequence);
    command.call = text(call);
    command.leg = text(id);
    command.detail = static_cast<uint8_t>(TransferTarget::kQueue);
    command.name = text(queue);
    return *this;
  }
  BatchBuilder& merge(int64_t sequence, std::string_view consult, bool is_conference) {
    Command& command = add(CommandKind::kMergeCall, sequence);
    command.call = text(consult);
    command.flag = is_conference;
    return *this;
  }
  BatchBuilder& leave(int64_t sequence, std::string_view call, std::string_view agent) {
    Command& command = add(CommandKind::kLeaveCall, sequence);
    command.call = text(call);
    command.name = text(agent);
    return *this;
  }
  BatchBuilder& refused(int64_t sequence, int32_t reason, std::string field) {
    Command& command = add(CommandKind::kRefused, sequence);
    command.detail = static_cast<uint8_t>(reason);
    batch_->refusals.push_back(
        {static_cast<uint32_t>(batch_->commands.size() - 1), reason, std::move(field), "why"});
    return *this;
  }
  std::unique_ptr<Batch> take() { return std::move(batch_); }

 private:
  Command& add(CommandKind kind, int64_t sequence) {
    Command& command = batch_->commands.emplace_back();
    command.kind = kind;
    command.sequence = sequence;
    return command;
  }
  TextRef text(std::string_view value) {
    const TextRef ref{static_cast<uint32_t>(batch_->arena.size()),
                      static_cast<uint32_t>(value.size())};
    batch_->arena += value;
    return ref;
  }
  std::unique_ptr<Batch> batch_;
};

// Runs one turn with the batch and returns what its stream got for it.
inline std::vector<Delivery> run_turn(Partition& partition, BatchBuilder& builder) {
  std::vector<std::unique_ptr<Batch>> batches;
  batches.push_back(builder.take());
  const auto stream = std::static_pointer_cast<FakeStream>(batches[0]->stream);
  const size_t finished = stream->finished() + 1;
  partition.turn(batches);
  return stream->await(finished);
}

// Writes records behind what is in the journal of `folder`, as a process that then ended; its wall
// clock was `wall_later_ns` ahead of the last one's.
inline void write_behind(const std::string& folder,
                         const std::vector<std::pair<Command, std::string>>& commands,
                         int64_t wall_later_ns = 0) {
  SegmentJournalOptions options;
  options.folder = folder;
  options.partition = "main";
  options.segment_bytes = size_t{4} << 20;
  QuietListener quiet;
  auto journal = *SegmentJournal::open(options);
  FrameHeader header;
  const auto look = [&](const FrameHeader& frame, std::string_view) {
    header = frame;
    return absl::OkStatus();
  };
  ASSERT_TRUE(journal->follow(journal->first_sequence(), look).ok());
  ASSERT_TRUE(journal->start(&quiet).ok());
  header.record_count = 1;
  header.wall_ns += wall_later_ns;
  for (const auto& [command, arena] : commands) {
    FrameBuilder frame;
    frame.add_command(TenantIndex(0u), header.now_ns, command, arena);
    header.first_sequence = journal->position();
    journal->append(header, frame.take());
  }
  journal->stop();
}

// The state that a replay of `journal` gives.
inline uint64_t replayed_state_hash(Journal* journal) {
  const FakeOwnership ownership(1);
  Observer observer;
  observer.start();
  Partition partition({}, ClockMode::kDriven, journal, &ownership, &observer);
  const absl::Status status = partition.recover();
  EXPECT_TRUE(status.ok()) << status;
  observer.stop();
  return partition.state_hash();
}

inline constexpr char kSampleConfig[] = R"(
tenants:
  - id: bank
    skills: [sales]
    queues:
      - id: sales
        requirement: sales >= 1
      - {id: refused, limits: {no_agents: {release: 17}}}
      - {id: elsewhere, limits: {no_agents: {outside: "+44123"}}}
      - id: music
        limits: {wait: {max: 10s, release: 31}}
        treatments: [{media: waltz, tells_position: true}]
    agents:
      - {id: ada, skills: {sales: 5}}
      - {id: bob, skills: {sales: 3}}
)";

// One life of the process: journal, observer and partition over `folder`.
struct Life {
  Life(const std::string& folder, ClockMode mode, PartitionOptions options = {},
       size_t segment_bytes = size_t{4} << 20, const char* config = kSampleConfig,
       Durability durability = Durability::kSync, uint64_t journal_bytes_max = UINT64_MAX) {
    options.name = "main";
    SegmentJournalOptions journal_options;
    journal_options.folder = folder;
    journal_options.partition = "main";
    journal_options.segment_bytes = segment_bytes;
    journal_options.durability = durability;
    journal_options.bytes_max = journal_bytes_max;
    auto opened = SegmentJournal::open(journal_options);
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    journal = *std::move(opened);
    ownership = *FileOwnership::open(folder, journal->epoch());
    suspects = *Suspects::open(folder, journal->history_id());
    options.suspects = suspects.get();
    observer.start();
    partition = std::make_unique<Partition>(std::move(options), mode, journal.get(),
                                            ownership.get(), &observer);
    auto choice = choose_snapshot(
        folder, {"main", journal->history_id(), journal->first_sequence(), journal->position()});
    recovered = choice.status();
    if (recovered.ok()) recovered = suspects->may_start("main", journal->position());
    if (choice.ok()) notes = choice->notes;
    if (recovered.ok() && choice->saved) recovered = partition->restore(*std::move(choice->saved));
    if (recovered.ok()) recovered = partition->recover();
    recovered_hash = partition->state_hash();
    const auto seeds = parse_config(config, "sample");
    EXPECT_TRUE(seeds.ok()) << seeds.status().ToString();
    if (recovered.ok()) started = partition->start(*seeds);
  }
  ~Life() { stop(); }
  void stop() {
    journal->stop();
    observer.stop();
  }
  // What a request is answered in a turn of its own; then what the turn did is durable.
  TableAnswer ask(std::unique_ptr<TableChange> change) const {
    std::promise<TableAnswer> answer;
    change->principal = "local:test";
    change->reply = [&answer](const TableAnswer& given) { answer.set_value(given); };
    std::vector<std::unique_ptr<Batch>> batches;
    batches.push_back(std::make_unique<Batch>());
    batches[0]->tenant = TenantIndex(0u);
    batches[0]->change = std::move(change);
    partition->turn(batches);
    return answer.get_future().get();
  }
  // Everything acknowledged so far, seen by the tenant's board.
  template <typename T>
  T read(const std::function<T(const Board&)>& look) {
    std::promise<T> answer;
    EXPECT_TRUE(observer.read(partition->tenants()[0].board, [&](const Insight& insight) {
      answer.set_value(look(insight.board));
    }));
    return answer.get_future().get();
  }
  int64_t offered() {
    return read<int64_t>([](const Board& board) { return board.total().offered; });
  }

  Observer observer;
  std::unique_ptr<SegmentJournal> journal;
  std::unique_ptr<FileOwnership> ownership;
  std::unique_ptr<Suspects> suspects;
  std::unique_ptr<Partition> partition;
  absl::Status recovered;
  std::vector<std::string> notes;  // Of the choice of a snapshot.
  uint64_t recovered_hash = 0;     // Of the state then.
  absl::Status started;
};

}  // namespace acd
