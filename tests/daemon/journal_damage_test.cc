// SPDX-License-Identifier: Apache-2.0
// A journal that is cut anywhere, or has a flipped bit anywhere: the state of a prefix, or a
// refusal that says where; never another state.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/storage/segment_format.h"
#include "daemon/storage/segment_reader.h"
#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::HasSubstr;

constexpr char kSmallCentre[] = R"(
tenants:
  - id: bank
    skills: [sales, french]
    queues:
      - {id: sales, wrap_up: {mode: timed, duration: 30s}, limits: {wait: {max: 60s, release: 31}}}
      - {id: french, requirement: "french >= 5", steps: [{after: 30s, lower: {skill: french, to: 1}}]}
    agents:
      - {id: ada, skills: {sales: 5, french: 9}}
      - {id: bob, skills: {sales: 3, french: 2}}
)";

// What stands in one frame's bytes, or in the bytes around frames.
struct FramePlace {
  std::string path;
  size_t begin = 0;
  size_t limit = 0;
  uint64_t last_sequence = 0;
};

// Two lives of a small centre, in a journal of a few segments whose frames were each durable before
// the next one was written.
class JournalDamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    live_until_restart();
    live_on();
    life_.reset();
    find_frames();
    replay_every_frame();
  }

  // --- The lives.

  void live_until_restart() {
    start();
    turn(batch().open("pbx", "epoch"));
    turn(batch().at(0).agent(CommandKind::kLogIn, 1, "ada", "100"));
    turn(batch().at(0).agent(CommandKind::kSetReady, 2, "ada"));
    turn(batch().at(1 * kNsPerS).enqueue(3, "talks", "sales"));
    turn(batch().at(2 * kNsPerS).leg(CommandKind::kLegAnswered, 4, "talks", 1));
    turn(batch().at(3 * kNsPerS).leg(CommandKind::kCallConnected, 5, "talks", 1));
    turn(batch().at(4 * kNsPerS).enqueue(6, "rings", "sales"));
    turn(batch().at(5 * kNsPerS).enqueue(7, "steps", "french"));
    turn(batch().at(6 * kNsPerS).agent(CommandKind::kLogIn, 8, "bob", "200"));
    turn(batch().at(6 * kNsPerS).agent(CommandKind::kSetReady, 9, "bob"));
    turn(batch().at(10 * kNsPerS).end(10, "talks"));  // Ada wraps up until 40 s.
    turn(batch().at(30 * kNsPerS));                   // Bob did not answer.
    turn(batch().at(31 * kNsPerS).enqueue(11, "gives up", "sales"));
    turn(batch().at(32 * kNsPerS).end(12, "gives up"));
    configure();
    turn(batch().at(36 * kNsPerS));  // The step of the call for French.
    turn(batch().at(37 * kNsPerS).agent(CommandKind::kSetReady, 13, "bob"));
    turn(batch().at(41 * kNsPerS));  // Ada's wrap-up is over.
  }
  void live_on() {
    life_.reset();
    start();
    turn(batch().open("pbx", "epoch"));
    turn(batch().at(42 * kNsPerS).agent(CommandKind::kSetReady, 14, "ada"));
    turn(batch().at(43 * kNsPerS).enqueue(15, "waits", "sales"));
    turn(batch().at(44 * kNsPerS).enqueue(16, "waits too", "french"));
    turn(batch().at(45 * kNsPerS).agent(CommandKind::kLogOut, 17, "bob"));
    turn(batch().at(90 * kNsPerS));
    turn(batch().at(110 * kNsPerS));  // Waited for too long.
    for (int64_t sequence = 18; sequence < 38; sequence += 2) {
      turn(batch().at((93 + sequence) * kNsPerS).enqueue(sequence, "late", "sales"));
      turn(batch().at((94 + sequence) * kNsPerS).end(sequence + 1, "late"));
    }
  }
  void start() {
    stream_ = std::make_shared<FakeStream>();
    life_ = std::make_unique<Life>(folder_.path(), ClockMode::kDriven, PartitionOptions{},
                                   kSegmentBytesMin, kSmallCentre);
    ASSERT_TRUE(life_->started.ok()) << life_->recovered << life_->started;
    note_state();
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  void turn(BatchBuilder& builder) {
    run_turn(*life_->partition, builder);
    note_state();
  }
  void turn(BatchBuilder&& builder) { turn(builder); }
  void configure() {
    v1::TenantConfig config = parse_config(kSmallCentre, "sample")->front().config;
    config.add_queues()->set_name("tenants/bank/queues/another");
    std::promise<TableAnswer> answer;
    auto batch = std::make_unique<Batch>();
    batch->tenant = TenantIndex(0u);
    batch->change = make_config_change(config, life_->partition->tenants()[0].config_etag, "");
    batch->change->principal = "local:test";
    batch->change->reply = [&](const TableAnswer& one) { answer.set_value(one); };
    std::vector<std::unique_ptr<Batch>> batches;
    batches.push_back(std::move(batch));
    life_->partition->turn(batches);
    ASSERT_EQ(answer.get_future().get().outcome, TableAnswer::Outcome::kDone);
    note_state();
  }
  void note_state() { states_[life_->journal->position() - 1] = life_->partition->state_hash(); }

  // --- What they left.

  void find_frames() {
    const auto journal = *SegmentJournal::open(options());
    size_t offset = 0;
    std::string path;
    const absl::Status status =
        journal->follow(1, [&](const FrameHeader& header, std::string_view payload) {
          const std::string own = segment_path(folder_.path(), header.first_sequence);
          if (std::filesystem::exists(own)) {
            path = own;
            offset = kSegmentHeaderBytes;
            segments_.push_back(path);
          }
          const size_t limit = offset + frame_size(payload.size());
          frames_.push_back({path, offset, limit, header.first_sequence + header.record_count - 1});
          offset = limit;
          return absl::OkStatus();
        });
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_GT(frames_.size(), 25u);
    ASSERT_GT(segments_.size(), 1u);
  }
  // The states behind the frames that no turn ended with; those of the lives are seen again.
  void replay_every_frame() {
    const auto journal = *SegmentJournal::open(options());
    const FakeOwnership ownership(1);
    Observer observer;
    observer.start();
    Partition partition({}, ClockMode::kDriven, journal.get(), &ownership, &observer);
    const absl::Status status = partition.recover([&] {
      const auto [it, is_new] =
          states_.try_emplace(partition.last_sequence(), partition.state_hash());
      EXPECT_EQ(it->second, partition.state_hash()) << "record " << it->first;
      return false;
    });
    observer.stop();
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(states_.size(), frames_.size());
  }
  SegmentJournalOptions options() {
    SegmentJournalOptions options;
    options.folder = folder_.path();
    options.partition = "main";
    return options;
  }

  // --- What is done to it, and what must come of that.

  static std::string read_all(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static void write_all(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  // Of the zeros behind the last frame a few will do.
  [[nodiscard]] size_t damage_limit(const std::string& path, const std::string& whole) const {
    return path == segments_.back() ? frames_.back().limit + 16 : whole.size();
  }
  // Opens and recovers as a start does; `last_sequence` and `state_hash` when that went well.
  absl::Status recover(uint64_t* last_sequence, uint64_t* state_hash) {
    const auto journal = SegmentJournal::open(options());
    if (!journal.ok()) return journal.status();
    const FakeOwnership ownership(1);
    Observer observer;
    observer.start();
    Partition partition({}, ClockMode::kDriven, journal->get(), &ownership, &observer);
    const absl::Status status = partition.recover();
    observer.stop();
    *last_sequence = partition.last_sequence();
    *state_hash = partition.state_hash();
    EXPECT_EQ(partition.check_invariants(), "");
    return status;
  }
  void expect_state_behind(uint64_t sequence) {
    uint64_t last_sequence = 0;
    uint64_t state_hash = 0;
    const absl::Status status = recover(&last_sequence, &state_hash);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(last_sequence, sequence);
    EXPECT_EQ(state_hash, states_[sequence]);
  }
  void expect_refusal(const std::string& place) {
    uint64_t last_sequence = 0;
    uint64_t state_hash = 0;
    const absl::Status status = recover(&last_sequence, &state_hash);
    EXPECT_FALSE(status.ok()) << "record " << last_sequence;
    EXPECT_THAT(std::string(status.message()), HasSubstr(place));
  }
  // The file at `path` is damaged at `offset`. `is_cut`: it ends there, so that nothing behind it
  // can tell what was durable.
  void expect_prefix_or_refusal(const std::string& path, size_t offset, bool is_cut) {
    if (offset < kSegmentHeaderBytes) return expect_refusal(path + " byte ");
    for (size_t i = 0; i < frames_.size(); ++i) {
      const FramePlace& frame = frames_[i];
      if (frame.path != path || offset >= frame.limit) continue;
      const bool is_tail = path == segments_.back() && (is_cut || i + 1 == frames_.size());
      if (is_tail) return expect_state_behind(frames_[i - 1].last_sequence);
      return expect_refusal(path + " byte " + std::to_string(frame.begin) + ":");
    }
    expect_state_behind(frames_.back().last_sequence);  // Only zeros are gone.
  }

  TempFolder folder_;
  std::unique_ptr<Life> life_;
  std::shared_ptr<FakeStream> stream_;
  std::map<uint64_t, uint64_t> states_;  // Hash by the last record before it.
  std::vector<FramePlace> frames_;
  std::vector<std::string> segments_;
};

TEST_F(JournalDamageTest, ACutAtAnyByteGivesTheStateBeforeItOrIsRefusedByItsPlace) {
  for (const std::string& path : segments_) {
    const std::string whole = read_all(path);
    for (size_t size = 0; size < damage_limit(path, whole) && !HasFailure(); ++size) {
      SCOPED_TRACE(path + " cut at " + std::to_string(size));
      write_all(path, whole.substr(0, size));
      expect_prefix_or_refusal(path, size, true);
    }
    write_all(path, whole);
  }
}

TEST_F(JournalDamageTest, AFlippedBitInAnyByteIsRefusedByItsPlaceOrEndsTheTail) {
  for (const std::string& path : segments_) {
    const std::string whole = read_all(path);
    for (size_t offset = 0; offset < damage_limit(path, whole) && !HasFailure(); ++offset) {
      SCOPED_TRACE(path + " flipped at " + std::to_string(offset));
      std::string damaged = whole;
      damaged[offset] = static_cast<char>(damaged[offset] ^ (1 << (offset % 8)));
      write_all(path, damaged);
      expect_prefix_or_refusal(path, offset, false);
    }
    write_all(path, whole);
  }
}

}  // namespace
}  // namespace acd
