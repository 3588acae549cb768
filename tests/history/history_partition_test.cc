// SPDX-License-Identifier: Apache-2.0
// A small centre from its first event to the rows of its history, with restarts and lost ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "daemon/checkpoint.h"
#include "daemon/history/history_writer.h"
#include "daemon/history/queue_log.h"
#include "daemon/storage/snapshot_file.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/history/history_sample.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

constexpr char kCentre[] = R"(
tenants:
  - id: bank
    skills: [sales]
    wrap_up_codes: [sold, junk]
    queues:
      - id: sales
        requirement: sales >= 1
        wrap_up: {mode: timed, duration: 10s}
        limits: {wait: {max: 30s, queue: late}}
      - {id: late, members: [bob]}
    agents:
      - {id: ada, skills: {sales: 5}}
      - {id: bob, skills: {sales: 3}}
)";

// One life of a partition with its history, which is written after every turn.
class HistoryLife {
 public:
  explicit HistoryLife(const std::string& folder) : stream_(std::make_shared<FakeStream>()) {
    SegmentJournalOptions journal_options;
    journal_options.folder = folder;
    journal_options.partition = "main";
    journal_options.segment_bytes = size_t{64} << 10;  // Many lives: each writes two ahead.
    journal_ = *SegmentJournal::open(journal_options);
    ownership_ = *FileOwnership::open(folder, journal_->epoch());
    HistoryOptions options;
    options.path = folder + "/history.sqlite";
    options.origin = {to_text(journal_->history_id()), "main"};
    options.transaction_every_ns = 0;
    auto history = HistoryWriter::open(options, journal_->position() - 1);
    EXPECT_TRUE(history.ok()) << history.status();
    history_ = *std::move(history);
    observer_.start();
    PartitionOptions partition_options;
    partition_options.name = "main";
    partition_options.history = history_.get();
    partition_ = std::make_unique<Partition>(partition_options, ClockMode::kDriven, journal_.get(),
                                             ownership_.get(), &observer_);
    auto choice =
        choose_snapshot(folder, {"main", journal_->history_id(), journal_->first_sequence(),
                                 journal_->position(), history_->status().written_sequence});
    EXPECT_TRUE(choice.ok()) << choice.status();
    if (choice.ok() && choice->saved) {
      EXPECT_TRUE(partition_->restore(*std::move(choice->saved)).ok());
    }
    EXPECT_TRUE(partition_->recover().ok());
    recovered_hash_ = partition_->state_hash();
    EXPECT_TRUE(partition_->start(*parse_config(kCentre, "centre")).ok());
  }
  ~HistoryLife() {
    journal_->stop();
    observer_.stop();
  }
  void turn(BatchBuilder& builder) { run_turn(*partition_, builder); }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  [[nodiscard]] const Partition& partition() const { return *partition_; }
  [[nodiscard]] uint64_t recovered_hash() const { return recovered_hash_; }
  // Everything so far is folded, and written.
  void settle() {
    std::promise<void> seen;
    EXPECT_TRUE(
        observer_.read(partition_->tenants()[0].board, [&](const Insight&) { seen.set_value(); }));
    seen.get_future().get();
    while (history_->status().written_sequence < history_->status().folded_sequence) {
      std::promise<void> again;
      EXPECT_TRUE(observer_.read(partition_->tenants()[0].board,
                                 [&](const Insight&) { again.set_value(); }));
      again.get_future().get();
    }
  }

 private:
  std::shared_ptr<FakeStream> stream_;
  Observer observer_;
  std::unique_ptr<SegmentJournal> journal_;
  std::unique_ptr<FileOwnership> ownership_;
  std::unique_ptr<HistoryWriter> history_;
  std::unique_ptr<Partition> partition_;
  uint64_t recovered_hash_ = 0;
};

class HistoryPartitionTest : public ::testing::Test {
 protected:
  static constexpr int64_t kSecond = kNsPerS;
  using Step = std::function<void(BatchBuilder&)>;

  // c1 is answered, held, ended and wrapped up; c2 abandons within 3 s while that goes on; c3 is
  // rejected by ada, waits, and goes to the late queue, which bob serves.
  static std::vector<Step> centre() {
    using enum CommandKind;
    return {
        [](BatchBuilder& b) { b.open("pbx", "epoch"); },
        [](BatchBuilder& b) {
          b.at(1 * kSecond).agent(kLogIn, 1, "ada", "100").agent(kSetReady, 2, "ada");
        },
        [](BatchBuilder& b) { b.at(2 * kSecond).enqueue(3, "c1", "sales"); },
        [](BatchBuilder& b) { b.at(5 * kSecond).leg(kLegAnswered, 4, "c1", 1); },
        [](BatchBuilder& b) { b.at(6 * kSecond).leg(kCallConnected, 5, "c1", 1); },
        [](BatchBuilder& b) { b.at(10 * kSecond).leg(kHoldCall, 6, "c1", 0); },
        [](BatchBuilder& b) { b.at(14 * kSecond).leg(kResumeCall, 7, "c1", 0); },
        [](BatchBuilder& b) { b.at(20 * kSecond).end(8, "c1"); },
        [](BatchBuilder& b) { b.at(21 * kSecond).enqueue(9, "c2", "sales"); },
        [](BatchBuilder& b) { b.at(24 * kSecond).end(10, "c2"); },
        [](BatchBuilder& b) { b.at(32 * kSecond).enqueue(11, "c3", "sales"); },
        [](BatchBuilder& b) { b.at(34 * kSecond).agent(kLogIn, 12, "bob", "101"); },
        [](BatchBuilder& b) { b.at(52 * kSecond + 1); },  // Nobody answered for 20 s.
        [](BatchBuilder& b) { b.at(62 * kSecond + 1); },  // c3 has waited its 30 s.
        [](BatchBuilder& b) { b.at(70 * kSecond).agent(kSetReady, 13, "bob"); },
        [](BatchBuilder& b) { b.at(71 * kSecond).leg(kCallConnected, 14, "c3", 2); },
        [](BatchBuilder& b) { b.at(1'000 * kSecond).end(15, "c3"); },
        [](BatchBuilder& b) {
          b.at(1'001 * kSecond).agent(kLogOut, 16, "bob").agent(kLogOut, 17, "ada");
        },
        // Another interval has begun.
        [](BatchBuilder& b) { b.at(2'000 * kSecond).agent(kLogIn, 18, "ada", "100"); },
    };
  }
  // The same, with what is told of c1 while it lives, in its wrap-up, when its row is there and when
  // its agent's next interval is; of c2 when it is over; and of c3 twice.
  static std::vector<Step> told_centre() {
    std::vector<Step> steps = centre();
    const auto tell = [&](size_t place, int64_t at_s, auto... what) {
      steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(place),
                   [=](BatchBuilder& b) { b.at(at_s * kSecond).outcome(0, what...); });
    };
    tell(steps.size(), 2'001, "c3", "sold", "", 2);
    tell(steps.size(), 2'002, "c3", "", "", 9);
    tell(steps.size(), 2'003, "c1", "", "crm-1", 7);
    tell(10, 30, "c1", "", "", 3);
    tell(10, 27, "c2", "junk");
    tell(8, 20, "c1", "sold");
    tell(7, 16, "c1", "junk", "crm-0");
    return steps;
  }
  // c1 goes from ada, who had it on hold, to bob, who sends it outside while she wraps up; c2 waits,
  // is moved, and leaves.
  static std::vector<Step> transferred_centre() {
    using enum CommandKind;
    return {
        [](BatchBuilder& b) { b.open("pbx", "epoch"); },
        [](BatchBuilder& b) {
          b.at(1 * kSecond).agent(kLogIn, 1, "ada", "100").agent(kSetReady, 2, "ada");
        },
        [](BatchBuilder& b) { b.at(2 * kSecond).enqueue(3, "c1", "sales"); },
        [](BatchBuilder& b) { b.at(6 * kSecond).leg(kCallConnected, 4, "c1", 1); },
        [](BatchBuilder& b) { b.at(10 * kSecond).leg(kHoldCall, 5, "c1", 0); },
        [](BatchBuilder& b) {
          b.at(12 * kSecond).transfer(6, "c1", TransferTarget::kQueue, "late");
        },
        [](BatchBuilder& b) {
          b.at(15 * kSecond).agent(kLogIn, 7, "bob", "101").agent(kSetReady, 8, "bob");
        },
        [](BatchBuilder& b) { b.at(16 * kSecond).leg(kCallConnected, 9, "c1", 2); },
        [](BatchBuilder& b) { b.at(17 * kSecond).enqueue(10, "c2", "sales"); },
        [](BatchBuilder& b) {
          b.at(18 * kSecond).transfer(11, "c2", TransferTarget::kQueue, "late");
        },
        [](BatchBuilder& b) { b.at(20 * kSecond).end(12, "c2"); },
        [](BatchBuilder& b) {
          b.at(20 * kSecond).transfer(13, "c1", TransferTarget::kOutside, "+44123");
        },
        [](BatchBuilder& b) { b.at(30 * kSecond); },
        // Another interval has begun.
        [](BatchBuilder& b) { b.at(2'000 * kSecond).agent(kLogOut, 14, "ada"); },
    };
  }
  // Ada consults bob about c1, merges and leaves; then bob consults her about c2, they talk to the
  // caller together, and he leaves before her.
  static std::vector<Step> consulting_centre() {
    using enum CommandKind;
    return {
        [](BatchBuilder& b) { b.open("pbx", "epoch"); },
        [](BatchBuilder& b) {
          b.at(1 * kSecond).agent(kLogIn, 1, "ada", "100").agent(kSetReady, 2, "ada");
        },
        [](BatchBuilder& b) { b.at(2 * kSecond).enqueue(3, "c1", "sales"); },
        [](BatchBuilder& b) { b.at(6 * kSecond).leg(kCallConnected, 4, "c1", 1); },
        [](BatchBuilder& b) {
          b.at(7 * kSecond).agent(kLogIn, 5, "bob", "101").agent(kSetReady, 6, "bob");
        },
        [](BatchBuilder& b) { b.at(8 * kSecond).consult(7, "c1", "late", "x1"); },
        [](BatchBuilder& b) { b.at(9 * kSecond).leg(kHoldCall, 8, "c1", 0); },
        [](BatchBuilder& b) { b.at(10 * kSecond).leg(kCallConnected, 9, "x1", 1); },
        [](BatchBuilder& b) { b.at(12 * kSecond).outcome(0, "x1", "", "", 3); },
        [](BatchBuilder& b) { b.at(14 * kSecond).merge(10, "x1", false); },
        [](BatchBuilder& b) { b.at(20 * kSecond).end(11, "c1"); },
        [](BatchBuilder& b) { b.at(26 * kSecond).outcome(0, "x1", "", "", 9); },
        [](BatchBuilder& b) { b.at(27 * kSecond).outcome(0, "c1", "", "", 7); },
        [](BatchBuilder& b) { b.at(40 * kSecond).enqueue(12, "c2", "late"); },
        [](BatchBuilder& b) { b.at(41 * kSecond).leg(kCallConnected, 13, "c2", 1); },
        [](BatchBuilder& b) { b.at(42 * kSecond).consult(14, "c2", "sales", "x2"); },
        [](BatchBuilder& b) { b.at(43 * kSecond).leg(kCallConnected, 15, "x2", 1); },
        [](BatchBuilder& b) { b.at(45 * kSecond).merge(16, "x2", true); },
        [](BatchBuilder& b) { b.at(50 * kSecond).leave(17, "c2", "bob"); },
        [](BatchBuilder& b) { b.at(52 * kSecond).end(18, "c2"); },
        // Another interval has begun.
        [](BatchBuilder& b) { b.at(2'000 * kSecond).agent(kLogOut, 19, "ada"); },
    };
  }
  // At every place: the history as it was after that many turns, the journal as it is at the end.
  void expect_the_same_however_often_the_daemon_ended(const std::vector<Step>& steps) {
    for (size_t kept = 0; kept <= steps.size(); ++kept) {
      TempFolder again;
      {
        HistoryLife life(again.path());
        play(life, steps, 0, kept);
        keep_history(again.path());
        play(life, steps, kept, steps.size());
      }
      const std::vector<std::string> expected = dump_history(again.path() + "/history.sqlite");
      bring_back_history(again.path());
      { HistoryLife life(again.path()); }
      EXPECT_EQ(dump_history(again.path() + "/history.sqlite"), expected)
          << "after " << kept << " turns";
    }
  }
  // What is told of calls, without the time.
  std::vector<std::string> call_lines() {
    std::vector<std::string> lines;
    absl::StatusOr<Database> database = open_history_for_reading(path());
    EXPECT_TRUE(database.ok()) << database.status();
    EXPECT_TRUE(read_queue_log(*database, {.tenant = "bank"}, [&](const std::string& line) {
                  const size_t begin = line.find('|') + 1;
                  const bool is_of_call = line.substr(begin, 5) != "NONE|";
                  if (is_of_call) lines.push_back(line.substr(begin, line.size() - begin - 1));
                  return absl::OkStatus();
                }).ok());
    return lines;
  }
  void play(HistoryLife& life, const std::vector<Step>& steps, size_t begin, size_t limit) {
    for (size_t i = begin; i < limit; ++i) {
      BatchBuilder batch = life.batch();
      steps[i](batch);
      life.turn(batch);
    }
    life.settle();
  }
  std::vector<std::string> select(const std::string& sql) { return lines_of(path(), sql); }
  std::string path() { return folder_.path() + "/history.sqlite"; }
  // The file and its log as a kill would leave them now.
  static void keep_history(const std::string& folder) {
    for (const char* end : {"", "-wal"}) {
      const std::string from = folder + "/history.sqlite" + end;
      if (fs::exists(from)) fs::copy(from, folder + "/kept" + end);
    }
  }
  // As if the kill had been then.
  static void bring_back_history(const std::string& folder) {
    for (const char* end : {"", "-wal", "-shm"}) {
      fs::remove(folder + "/history.sqlite" + end);
      const std::string from = folder + "/kept" + end;
      if (fs::exists(from)) fs::rename(from, folder + "/history.sqlite" + end);
    }
  }

  TempFolder folder_;
};

TEST_F(HistoryPartitionTest, ASmallCentreLeavesItsRows) {
  HistoryLife life(folder_.path());
  play(life, centre(), 0, centre().size());
  // Times as seconds since bob became a member, at 0 s.
  const std::string at = "(SELECT min(at_ms) FROM agent_events)";
  const auto s = [&](const std::string& column) {
    return "(" + column + " - (" + at + ")) / 1000.0";
  };
  EXPECT_THAT(
      select("SELECT call, first_queue, queue, source, " + s("arrived_ms") + ", " +
             s("connected_ms") + ", " + s("ended_ms") +
             ", wait_ms, ring_ms, talk_ms, hold_ms, holds, wrap_up_ms, wrap_up_end FROM calls"),
      ElementsAre("c1|sales|sales|pbx|2.0|6.0|20.0|4000|3000|10000|4000|1|10000|time",
                  "c2|sales|sales|pbx|21.0|-|24.0|3000|-|-|-|0|-|-",
                  "c3|sales|late|pbx|32.0|71.0|1000.0|39000|1000|929000|0|0|-|-"));
  EXPECT_THAT(
      select("SELECT call, visits, overflows, offers, requeues, outcome, ended_by, \"limit\", "
             "agent, offer, adopted, strategy, tie_break, candidates, disposition FROM calls"),
      ElementsAre("c1|1|0|1|0|completed|caller|-|ada|1|0|longest_idle|only|1|-",
                  "c2|1|0|0|0|abandoned|caller|-|-|-|0|-|-|-|-",
                  "c3|2|1|2|0|completed|caller|wait|bob|2|0|longest_idle|only|1|-"));
  EXPECT_THAT(select("SELECT call, visit, queue, entry, " + s("entered_ms") +
                     ", wait_ms, ended, \"limit\", position, offers, in_target, in_service_level, "
                     "agent FROM visits ORDER BY number, visit"),
              ElementsAre("c1|1|sales|arrival|2.0|4000|answered|-|1|1|1|1|ada",
                          "c2|1|sales|arrival|21.0|3000|short_abandoned|-|1|0|1|0|-",
                          "c3|1|sales|arrival|32.0|30000|overflowed|wait|1|1|0|1|-",
                          "c3|2|late|overflow|62.0|9000|answered|-|1|1|1|1|bob"));
  EXPECT_THAT(select("SELECT call, offer, visit, agent, " + s("made_ms") +
                     ", ring_ms, rang, outcome FROM offers"),
              ElementsAre("c1|1|1|ada|2.0|3000|0|accepted", "c3|1|1|ada|32.0|20000|0|no_answer",
                          "c3|2|2|bob|70.0|1000|0|accepted"));
  EXPECT_THAT(
      select("SELECT " + s("at_ms") +
             ", agent, event, queue, number, station, source, duration_ms "
             "FROM agent_events ORDER BY sequence, event"),
      ElementsAre("0.0|bob|member_added|late|1|-|-|-", "1.0|ada|logged_in|-|-|100|pbx|-",
                  "1.0|ada|not_ready|-|200|-|-|-", "1.0|ada|ready|-|-|-|-|-",
                  "34.0|bob|logged_in|-|-|101|pbx|-", "34.0|bob|not_ready|-|200|-|-|-",
                  "52.0|ada|not_ready|-|201|-|-|-", "70.0|bob|ready|-|-|-|-|-",
                  "1001.0|bob|logged_out|-|-|-|-|967000", "1001.0|ada|logged_out|-|-|-|-|1000000",
                  "2000.0|ada|logged_in|-|-|100|pbx|-", "2000.0|ada|not_ready|-|200|-|-|-"));
}

TEST_F(HistoryPartitionTest, OutcomesComeIntoTheRowWhenTheyAreTold) {
  HistoryLife life(folder_.path());
  const std::vector<Step> steps = told_centre();
  play(life, steps, 0, steps.size());
  EXPECT_THAT(
      select("SELECT call, disposition, resolved, survey_score, quality_score, labels, "
             "reference, wrap_up_ms FROM calls"),
      ElementsAre("c1|sold|-|7|-|-|crm-1|10000", "c2|junk|-|-|-|-|-|-", "c3|sold|-|9|-|-|-|-"));
  // A score that takes the place of another counts its difference where it is told.
  EXPECT_THAT(select("SELECT queue, sum(surveys), sum(survey_sum) FROM queue_intervals "
                     "GROUP BY queue"),
              ElementsAre("late|1|9", "sales|1|7"));
  EXPECT_THAT(select("SELECT agent, sum(surveys), sum(survey_sum) FROM agent_intervals "
                     "GROUP BY agent"),
              ElementsAre("ada|1|7", "bob|1|9"));
}

TEST_F(HistoryPartitionTest, ATransferEndsATalkAndTheRowIsOfTheLast) {
  const std::vector<Step> steps = transferred_centre();
  {
    HistoryLife life(folder_.path());
    play(life, steps, 0, steps.size());
  }
  EXPECT_THAT(select("SELECT call, first_queue, queue, ended_ms - connected_ms, wait_ms, talk_ms, "
                     "hold_ms, holds, wrap_up_ms, visits, transfers, outcome, target, agent, "
                     "offer FROM calls"),
              ElementsAre("c1|sales|late|4000|8000|4000|0|0|-|2|2|transferred|+44123|bob|2",
                          "c2|sales|late|-|3000|-|-|0|-|2|1|abandoned|-|-|-"));
  EXPECT_THAT(select("SELECT call, part, queue, visit, agent, talk_ms, hold_ms, holds, wrap_up_ms, "
                     "wrap_up_end, ended, target_kind, target FROM talks"),
              ElementsAre("c1|1|sales|1|ada|4000|2000|1|10000|time|transferred|queue|late",
                          "c1|2|late|2|bob|4000|0|0|-|-|transferred|outside|+44123"));
  EXPECT_THAT(select("SELECT call, visit, target_kind, target FROM visits WHERE target <> ''"),
              ElementsAre("c2|1|queue|late"));
  EXPECT_THAT(
      call_lines(),
      ElementsAre("c1|sales|NONE|ENTERQUEUE|||1", "c1|sales|ada|CONNECT|4|c1|4",
                  "c1|sales|ada|BLINDTRANSFER|late|queue|4|6|1", "c1|late|NONE|ENTERQUEUE|||1",
                  "c1|late|bob|CONNECT|4|c1|1", "c2|sales|NONE|ENTERQUEUE|||1",
                  "c2|sales|NONE|WITHDRAW|1|1|1|late", "c2|late|NONE|ENTERQUEUE|||1",
                  "c1|late|bob|BLINDTRANSFER|+44123|outside|4|4|1", "c2|late|NONE|ABANDON|1|1|2"));
  EXPECT_THAT(select("SELECT call, visit, queue, entry, wait_ms, ended, in_service_level, agent "
                     "FROM visits ORDER BY number, visit"),
              ElementsAre("c1|1|sales|arrival|4000|answered|1|ada",
                          "c1|2|late|transfer|4000|answered|1|bob",
                          "c2|1|sales|arrival|1000|transferred|0|-",
                          "c2|2|late|transfer|2000|short_abandoned|0|-"));
  EXPECT_THAT(select("SELECT queue, sum(offered), sum(transferred_in), sum(answered), "
                     "sum(transferred_out_waiting), sum(transferred_out), sum(handled), "
                     "sum(talk_sum_ms), sum(hold_sum_ms), sum(wrap_up_sum_ms), "
                     "sum(sl_transferred_in_target) FROM queue_intervals GROUP BY queue"),
              ElementsAre("late|0|2|1|0|1|1|4000|0|0|0", "sales|2|0|1|1|1|1|4000|2000|10000|1"));
  EXPECT_THAT(select("SELECT agent, sum(connected), sum(transferred), sum(handled) "
                     "FROM agent_intervals GROUP BY agent"),
              ElementsAre("ada|1|1|1", "bob|1|1|1"));
  expect_the_same_however_often_the_daemon_ended(steps);
}

TEST_F(HistoryPartitionTest, ConsultsAndConferencesLeaveATalkOfEachAgent) {
  const std::vector<Step> steps = consulting_centre();
  {
    HistoryLife life(folder_.path());
    play(life, steps, 0, steps.size());
  }
  EXPECT_THAT(
      select("SELECT call, part, parent, queue, visit, agent, talk_ms, hold_ms, wrap_up_ms, "
             "ended, target_kind, target FROM talks"),
      ElementsAre("c1|1|-|sales|1|ada|3000|5000|10000|consult_transferred|agent|bob",
                  "c1|2|-|sales|1|bob|6000|0|10000|completed|-|-",
                  "x1|1|c1|late|1|bob|4000|0|-|merged|-|-", "c2|1|-|late|1|bob|9000|0|-|left|-|-",
                  "c2|2|-|late|1|ada|7000|0|-|completed|-|-",
                  "x2|1|c2|sales|1|ada|2000|0|-|merged|-|-"));
  // Whoever joins has no lines, and consults have none.
  EXPECT_THAT(
      call_lines(),
      ElementsAre("c1|sales|NONE|ENTERQUEUE|||1", "c1|sales|ada|CONNECT|4|c1|4",
                  "c1|sales|ada|ATTENDEDTRANSFER|BRIDGE|bob|4|8|1", "c2|late|NONE|ENTERQUEUE|||1",
                  "c2|late|bob|CONNECT|1|c2|1", "c2|late|bob|COMPLETEAGENT|1|9|1"));
  // What is told of a consult, while it lives or later, is in its row and in no figure.
  EXPECT_THAT(select("SELECT call, survey_score FROM calls WHERE survey_score IS NOT NULL"),
              ElementsAre("c1|7", "x1|9"));
  EXPECT_THAT(select("SELECT sum(surveys), sum(survey_sum) FROM queue_intervals"),
              ElementsAre("1|7"));
  EXPECT_THAT(select("SELECT agent, sum(surveys) FROM agent_intervals GROUP BY agent"),
              ElementsAre("ada|0", "bob|1"));
  EXPECT_THAT(select("SELECT agent, sum(connected), sum(joined), sum(transferred) "
                     "FROM agent_intervals GROUP BY agent"),
              ElementsAre("ada|1|1|1", "bob|1|1|0"));
  EXPECT_THAT(select("SELECT sum(answered), sum(transferred_out) FROM queue_intervals"),
              ElementsAre("2|1"));
  expect_the_same_however_often_the_daemon_ended(steps);
}

TEST_F(HistoryPartitionTest, IntervalsAddUpToTheTimesOfTheAgents) {
  HistoryLife life(folder_.path());
  play(life, centre(), 0, centre().size());
  EXPECT_THAT(select("SELECT agent, sum(logged_in_ms), sum(ready_ms), sum(not_ready_ms), "
                     "sum(ring_ms), sum(connect_ms), sum(talk_ms), sum(hold_ms), sum(wrap_up_ms), "
                     "sum(connected), sum(handled), sum(offers), sum(offers_no_answer) "
                     "FROM agent_intervals GROUP BY agent"),
              ElementsAre("ada|1000000|3000|949000|23000|1000|10000|4000|10000|1|1|2|1",
                          "bob|967000|1000|36000|1000|0|929000|0|0|1|1|1|0"));
  EXPECT_THAT(select("SELECT queue, sum(offered), sum(overflowed_in), sum(answered), "
                     "sum(short_abandoned), sum(overflowed_out), sum(handled), sum(sl_entered), "
                     "sum(sl_answered_in_target), sum(sl_left_out), sum(talk_sum_ms), "
                     "sum(hold_sum_ms), sum(wrap_up_sum_ms), sum(ring_sum_ms), sum(staffed_ms) "
                     "FROM queue_intervals GROUP BY queue"),
              ElementsAre("late|0|1|1|0|0|1|1|1|0|929000|0|0|1000|967000",
                          "sales|3|0|1|1|1|1|2|1|1|10000|4000|10000|3000|1967000"));
  EXPECT_THAT(select("SELECT agent, reason, sum(not_ready_ms) FROM agent_not_ready "
                     "GROUP BY agent, reason"),
              ElementsAre("ada|201|949000", "bob|200|36000"));
}

TEST_F(HistoryPartitionTest, IsTheSameHoweverOftenTheDaemonEnded) {
  expect_the_same_however_often_the_daemon_ended(told_centre());
}

// As above, and what was before is in a snapshot alone.
TEST_F(HistoryPartitionTest, IsTheSameFromASnapshotAtAnyPlace) {
  const std::vector<Step> steps = told_centre();
  for (size_t kept = 1; kept <= steps.size(); ++kept) {
    TempFolder again;
    uint64_t state_hash = 0;
    uint64_t snapshot = 0;
    {
      HistoryLife life(again.path());
      play(life, steps, 0, kept);
      keep_history(again.path());
      const auto written = write_checkpoint({again.path(), "main", "test"});
      ASSERT_TRUE(written.ok()) << written.status();
      snapshot = written->sequence;
      play(life, steps, kept, steps.size());
      state_hash = life.partition().state_hash();
    }
    const std::vector<std::string> expected = dump_history(again.path() + "/history.sqlite");
    bring_back_history(again.path());
    uint64_t last = 0;
    {
      HistoryLife life(again.path());
      last = life.partition().last_sequence() - 1;  // The resume of the restart is one.
      EXPECT_EQ(life.partition().replayed_records(), last - snapshot) << kept;
      EXPECT_EQ(life.recovered_hash(), state_hash) << "after " << kept << " turns";
    }
    EXPECT_EQ(dump_history(again.path() + "/history.sqlite"), expected)
        << "after " << kept << " turns";
    // What the next snapshot says is what one of the whole journal says.
    const auto from_snapshot = write_checkpoint({again.path(), "main", "test"});
    ASSERT_TRUE(from_snapshot.ok()) << from_snapshot.status();
    const std::string path = snapshot_path(again.path(), from_snapshot->sequence);
    const absl::StatusOr<SavedPartition> one = read_snapshot(path);
    fs::remove(path);
    fs::remove(snapshot_path(again.path(), snapshot));
    ASSERT_TRUE(write_checkpoint({again.path(), "main", "test"}).ok());
    const absl::StatusOr<SavedPartition> other = read_snapshot(path);
    ASSERT_TRUE(one.ok() && other.ok());
    EXPECT_EQ(one->state_hash, other->state_hash);
    EXPECT_EQ(one->unix_anchor, other->unix_anchor);
    EXPECT_EQ(one->tenants[0].board, other->tenants[0].board);
    EXPECT_TRUE(one->tenants[0].history.calls == other->tenants[0].history.calls);
    EXPECT_TRUE(one->tenants[0].history.agents == other->tenants[0].history.agents);
    EXPECT_EQ(one->tenants[0].ends.size(), other->tenants[0].ends.size());
    EXPECT_EQ(one->tenants[0].answers.size(), other->tenants[0].answers.size());
  }
}

// A crash, acdd --checkpoint, and a release with other rules, which decides no record anew.
TEST_F(HistoryPartitionTest, ACheckpointAfterACrashBringsTheFileToTheJournalsEnd) {
  const std::vector<Step> steps = centre();
  for (const bool has_older_snapshot : {false, true}) {
    TempFolder again;
    CheckpointOptions checkpoint{again.path(), "main", "test"};
    {
      HistoryLife life(again.path());
      play(life, steps, 0, 9);
      keep_history(again.path());
      if (has_older_snapshot) {
        EXPECT_TRUE(write_checkpoint(checkpoint).ok());
      }
      play(life, steps, 9, steps.size());
    }
    const std::vector<std::string> expected = dump_history(again.path() + "/history.sqlite");
    bring_back_history(again.path());
    EXPECT_NE(dump_history(again.path() + "/history.sqlite"), expected);
    checkpoint.history_path = again.path() + "/history.sqlite";
    const auto written = write_checkpoint(checkpoint);
    ASSERT_TRUE(written.ok()) << written.status();
    EXPECT_EQ(written->sequence, written->last_sequence);
    EXPECT_EQ(dump_history(again.path() + "/history.sqlite"), expected);
    const std::string snapshot = snapshot_path(again.path(), written->sequence);
    absl::StatusOr<SavedPartition> saved = read_snapshot(snapshot);
    ASSERT_TRUE(saved.ok());
    saved->behaviour_version = kBehaviourVersion + 1;
    ASSERT_TRUE(write_snapshot(snapshot, *saved).ok());
    HistoryLife life(again.path());
    EXPECT_EQ(life.partition().replayed_records(), 0u);
    EXPECT_EQ(dump_history(again.path() + "/history.sqlite"), expected);
  }
}

TEST_F(HistoryPartitionTest, ACheckpointThatCannotWriteTheFileSaysSoAndWritesNoSnapshot) {
  {
    HistoryLife life(folder_.path());
    keep_history(folder_.path());
    play(life, centre(), 0, centre().size());
  }
  bring_back_history(folder_.path());
  absl::StatusOr<Database> other = Database::open(path(), Database::Mode::kWrite);
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(other->execute("BEGIN IMMEDIATE").ok());
  CheckpointOptions checkpoint{folder_.path(), "main", "test"};
  checkpoint.history_path = path();
  const absl::Status refused = write_checkpoint(checkpoint).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(refused.message(), testing::HasSubstr(path()));
  EXPECT_THAT(refused.message(), testing::HasSubstr("locked"));
  EXPECT_THAT(*list_snapshots(folder_.path()), IsEmpty());
  ASSERT_TRUE(other->execute("ROLLBACK").ok());
  EXPECT_TRUE(write_checkpoint(checkpoint).ok());
}

TEST_F(HistoryPartitionTest, AMissingFileIsFilledFromTheJournal) {
  {
    HistoryLife life(folder_.path());
    play(life, centre(), 0, centre().size());
  }
  const std::vector<std::string> before = dump_history(path());
  fs::remove(path());
  { HistoryLife life(folder_.path()); }
  EXPECT_EQ(dump_history(path()), before);
}

TEST_F(HistoryPartitionTest, GoesOnWhereTheLastLifeEnded) {
  const std::vector<Step> steps = centre();
  {
    HistoryLife life(folder_.path());
    play(life, steps, 0, 8);  // c1 is in wrap-up.
  }
  EXPECT_THAT(select("SELECT * FROM calls"), IsEmpty());
  HistoryLife life(folder_.path());
  BatchBuilder opens = life.batch();
  life.turn(opens.open("pbx", "epoch"));
  play(life, steps, 8, 10);
  BatchBuilder later = life.batch();
  life.turn(later.at(60 * kSecond));
  life.settle();
  EXPECT_THAT(select("SELECT call, talk_ms, hold_ms FROM calls"),
              ElementsAre("c1|10000|4000", "c2|-|-"));
}

}  // namespace
}  // namespace acd
