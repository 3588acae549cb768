// SPDX-License-Identifier: Apache-2.0
// Predicted waits: from the observer into the Router, where limits and treatments go by them; the same
// again by replay, and in two runs of the same traffic.
#include <absl/strings/str_cat.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Outcome = TableAnswer::Outcome;

constexpr int64_t kLimitNs = 120 * kNsPerS;
constexpr char kWaitsConfig[] = R"(
tenants:
  - id: bank
    queues:
      - id: sales
        limits: {ewt: {max: 120s, release: 17}}
      - id: told
        treatments: [{after: 10s, media: soon, tells_ewt: true}]
      - {id: plain}
    agents:
      - {id: ada}
)";

// What the Router was told of a queue.
struct Told {
  int64_t now_ns = 0;
  std::string queue;
  int64_t wait_ns = 0;
  bool operator==(const Told&) const = default;
};

class PartitionWaitsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Life> live(const std::string& folder, ClockMode mode = ClockMode::kDriven,
                             const char* config = kWaitsConfig) {
    folder_of_life_ = folder;
    auto life = std::make_unique<Life>(folder, mode, PartitionOptions{}, size_t{4} << 20, config);
    EXPECT_TRUE(life->recovered.ok()) << life->recovered;
    EXPECT_TRUE(life->started.ok()) << life->started;
    stream_ = std::make_shared<FakeStream>();
    turn(*life, batch().open("pbx", "epoch"));
    return life;
  }
  std::unique_ptr<Life> live(ClockMode mode = ClockMode::kDriven,
                             const char* config = kWaitsConfig) {
    return live(folder_.path(), mode, config);
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  int64_t next() { return ++sequence_; }
  std::vector<Delivery> turn(Life& life, BatchBuilder& builder) {
    return run_turn(*life.partition, builder);
  }
  // Another centre in another folder.
  void begin_anew() {
    now_s_ = sequence_ = 0;
    next_call_ = 1;
  }
  void turn(Life& life) {
    BatchBuilder nothing = batch();
    turn(life, nothing);
  }
  // Passes so many seconds, one by one.
  void pass_s(Life& life, int64_t seconds) {
    for (int64_t i = 0; i < seconds; ++i) turn(life, batch().at(++now_s_ * kNsPerS));
  }
  void log_in(Life& life, const std::string& agent) {
    turn(life, batch()
                   .at(now_s_ * kNsPerS)
                   .agent(CommandKind::kLogIn, next(), agent, "phone-" + agent)
                   .agent(CommandKind::kSetReady, next(), agent));
  }
  std::vector<Delivery> enqueue(Life& life, const std::string& queue) {
    BatchBuilder arrival = batch();
    arrival.at(now_s_ * kNsPerS).enqueue(next(), name(next_call_++), queue);
    return turn(life, arrival);
  }
  // So many calls of the queue wait about a minute for ada, one after the other. She ends up with one.
  void teach(Life& life, const std::string& queue, int calls) {
    enqueue(life, queue);
    connect(life, next_call_ - 1);
    for (int i = 0; i < calls; ++i) {
      const int talking = next_call_ - 1;
      now_s_ += 100;
      enqueue(life, queue);
      // Different enough that four of five are within their p80.
      now_s_ += i % 5 == 0 ? 110 : 30 + 7 * (i % 7);
      turn(life, batch().at(now_s_ * kNsPerS).end(next(), name(talking)));
      connect(life, next_call_ - 1);
    }
  }
  void connect(Life& life, int call) {
    turn(life,
         batch().at(now_s_ * kNsPerS).leg(CommandKind::kCallConnected, next(), name(call), 1));
  }
  // Calls enter, a second apart, until one is released; how many were taken before.
  int fill(Life& life) {
    for (int taken = 0; taken < 20; ++taken) {
      ++now_s_;
      if (has_release(enqueue(life, "sales"))) return taken;
    }
    ADD_FAILURE() << "nobody was released";
    return 0;
  }
  static std::string name(int call) { return absl::StrCat("c", call); }

  static bool has_release(const std::vector<Delivery>& said) {
    for (const Delivery& delivery : said) {
      for (const SwitchCommand& command : delivery.commands) {
        if (command.kind == SwitchCommandKind::kReleaseCall && command.number == 17) return true;
      }
    }
    return false;
  }
  // What the wallboard shows as the wait of a call that comes now; none: unknown.
  static std::optional<int64_t> shown_ns(Life& life, const std::string& queue, int64_t now_ns) {
    std::promise<WaitPrediction> shown;
    EXPECT_TRUE(life.observer.read(life.partition->tenants()[0].board, [&](const Insight& insight) {
      const QueueIndex index = insight.board.find_queue(queue)->index;
      shown.set_value(
          insight.predictor.predict_arrival(index, insight.predictor.usual_arrival(index), now_ns));
    }));
    const WaitPrediction prediction = shown.get_future().get();
    return prediction.is_known() ? std::optional(prediction.p80_ns) : std::nullopt;
  }
  // Everything that the Routers were told, in order. Ends the life.
  std::vector<Told> told(std::unique_ptr<Life> life, const std::string& queue = "") {
    const uint64_t hash = life->partition->state_hash();
    EXPECT_EQ(life->partition->check_invariants(), "");
    life.reset();
    SegmentJournalOptions options;
    options.folder = folder_of_life_;
    options.partition = "main";
    const auto journal = *SegmentJournal::open(options);
    EXPECT_EQ(replayed_state_hash(journal.get()), hash);
    std::vector<Told> all;
    const auto look = [&](const FrameHeader&, std::string_view payload) {
      return read_records(payload, [&](const Record& record) {
        if (record.kind != RecordKind::kCommand || record.command.kind != CommandKind::kSetEwt) {
          return absl::OkStatus();
        }
        const std::string of(record.command.name.in(record.arena));
        if (queue.empty() || queue == of)
          all.push_back({record.now_ns, of, record.command.wait_ns});
        return absl::OkStatus();
      });
    };
    EXPECT_TRUE(journal->follow(journal->first_sequence(), look).ok());
    return all;
  }
  static v1::TenantConfig config_of(Life& life) {
    std::promise<std::string> bytes;
    EXPECT_TRUE(life.observer.read(life.partition->tenants()[0].board, [&](const Insight& insight) {
      bytes.set_value(insight.config);
    }));
    v1::TenantConfig config;
    EXPECT_TRUE(config.ParseFromString(bytes.get_future().get()));
    return config;
  }
  static TableAnswer apply(Life& life, const v1::TenantConfig& config) {
    return life.ask(make_config_change(config, config.etag(), ""));
  }

  TempFolder folder_;
  std::string folder_of_life_;
  std::shared_ptr<FakeStream> stream_;
  int64_t now_s_ = 0;
  int64_t sequence_ = 0;
  int next_call_ = 1;
};

TEST_F(PartitionWaitsTest, ALimitGoesByWhatTheWallboardShows) {
  const auto life = live();
  log_in(*life, "ada");
  teach(*life, "sales", 40);
  int released = 0;
  for (int call = 0; call < 10; ++call) {
    ++now_s_;
    const std::optional<int64_t> wait_ns = shown_ns(*life, "sales", now_s_ * kNsPerS);
    ASSERT_TRUE(wait_ns.has_value());
    const bool is_released = has_release(enqueue(*life, "sales"));
    EXPECT_EQ(is_released, *wait_ns > kLimitNs) << call << ": " << *wait_ns / kNsPerS << " s";
    released += is_released ? 1 : 0;
  }
  EXPECT_GT(released, 0);
  EXPECT_LT(released, 10);
  EXPECT_FALSE(has_release(enqueue(*life, "plain"))) << "has no limit";
}

TEST_F(PartitionWaitsTest, ALimitEndsWhenTheWaitIsNotKnownAnyMore) {
  auto life = live();
  log_in(*life, "ada");
  teach(*life, "sales", 40);
  fill(*life);
  turn(*life, batch().at(now_s_ * kNsPerS).agent(CommandKind::kLogOut, next(), "ada"));
  turn(*life, batch().at(now_s_ * kNsPerS).end(next(), name(41)));
  EXPECT_TRUE(has_release(enqueue(*life, "sales"))) << "in the second in which it was known";
  ++now_s_;
  EXPECT_FALSE(has_release(enqueue(*life, "sales")));
  EXPECT_EQ(told(std::move(life), "sales").back().wait_ns, kNeverNs);
}

TEST_F(PartitionWaitsTest, ATreatmentTellsTheWaitByTheCallersPlace) {
  auto life = live();
  log_in(*life, "ada");
  teach(*life, "told", 40);
  ++now_s_;
  enqueue(*life, "told");
  // Its timer fires behind its time; the wait is that of the whole second before.
  const auto said = turn(*life, batch().at((now_s_ + 10) * kNsPerS + 1));
  std::vector<int64_t> waits;
  for (const Delivery& delivery : said) {
    for (const SwitchCommand& command : delivery.commands) {
      if (command.kind == SwitchCommandKind::kPlayTreatment) waits.push_back(command.ewt_ns);
    }
  }
  ASSERT_THAT(waits, SizeIs(1));
  const std::vector<Told> all = told(std::move(life), "told");
  ASSERT_THAT(all, Not(IsEmpty()));
  ASSERT_NE(all.back().wait_ns, kNeverNs);
  // Of two, the caller and who would come now, the caller is the first: half of it.
  const int64_t half_ns = all.back().wait_ns / 2;
  EXPECT_GE(waits[0], half_ns);
  EXPECT_LT(waits[0], half_ns + kNsPerS);
  EXPECT_EQ(waits[0] % kNsPerS, 0);
}

TEST_F(PartitionWaitsTest, WhatHasHardlyChangedIsNotToldAgain) {
  auto life = live();
  log_in(*life, "ada");
  const int64_t idle_s = 100;
  pass_s(*life, idle_s);
  teach(*life, "sales", 60);
  fill(*life);
  pass_s(*life, 100);
  const std::vector<Told> all = told(std::move(life), "sales");
  // Once that somebody is free, and nothing more while that stays so.
  ASSERT_GT(all.size(), 2u);
  EXPECT_EQ(all[0].wait_ns, 0);
  EXPECT_GE(all[1].now_ns, idle_s * kNsPerS);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].now_ns % kNsPerS, 0) << i;
    EXPECT_TRUE(all[i].wait_ns == kNeverNs || all[i].wait_ns % kNsPerMs == 0) << i;
    if (i == 0) continue;
    const int64_t before_ns = all[i - 1].wait_ns;
    const int64_t change_ns = std::abs(all[i].wait_ns - before_ns);
    EXPECT_GT(all[i].now_ns, all[i - 1].now_ns) << i;
    const bool is_about_limit = (before_ns > kLimitNs) != (all[i].wait_ns > kLimitNs);
    EXPECT_TRUE(is_about_limit || change_ns >= std::max(5 * kNsPerS, before_ns / 10)) << i;
  }
}

TEST(PredictedWaitsTest, NewsIsWhatMatters) {
  const auto at_s = [](int64_t told_s, int64_t wait_s, int64_t limit_ns = kNeverNs) {
    PredictedWait wait;
    wait.limit_ns = limit_ns;
    wait.wait_ns = wait_s * kNsPerS;
    return is_news(told_s * kNsPerS, wait);
  };
  EXPECT_FALSE(at_s(10, 14));
  EXPECT_TRUE(at_s(10, 15));
  EXPECT_TRUE(at_s(10, 5));
  EXPECT_FALSE(at_s(100, 109));
  EXPECT_TRUE(at_s(100, 110));
  EXPECT_FALSE(at_s(4, 0));
  // Else a limit of 3 s would keep everybody out for ever.
  EXPECT_TRUE(at_s(4, 0, 3 * kNsPerS));
  EXPECT_TRUE(at_s(119, 121, kLimitNs));
  EXPECT_FALSE(at_s(121, 122, kLimitNs));
  PredictedWait unknown;
  EXPECT_FALSE(is_news(kNeverNs, unknown));
  EXPECT_TRUE(is_news(0, unknown));
  unknown.wait_ns = 0;
  EXPECT_TRUE(is_news(kNeverNs, unknown));
}

TEST_F(PartitionWaitsTest, ARestartGoesOnFromWhatWasTold) {
  for (const bool has_snapshot : {false, true}) {
    const TempFolder folder;
    begin_anew();
    auto life = live(folder.path());
    log_in(*life, "ada");
    teach(*life, "sales", 40);
    fill(*life);
    const uint64_t hash = life->partition->state_hash();
    const uint64_t records = life->partition->last_sequence();
    const size_t tells = told(std::move(life)).size();
    if (has_snapshot) {
      const auto written = write_checkpoint({folder.path(), "main", "test"});
      ASSERT_TRUE(written.ok()) << written.status();
      ASSERT_EQ(written->sequence, records);
    }
    life = live(folder.path());
    EXPECT_EQ(life->recovered_hash, hash);
    EXPECT_TRUE(has_release(enqueue(*life, "sales")));
    // The predictor knows what it knew: there is nothing to tell.
    EXPECT_EQ(told(std::move(life)).size(), tells);
  }
}

TEST_F(PartitionWaitsTest, TheSameTrafficIsDecidedTheSame) {
  std::vector<Told> first;
  uint64_t hash = 0;
  for (int run = 0; run < 3; ++run) {
    const TempFolder folder;
    begin_anew();
    auto life = live(folder.path());
    log_in(*life, "ada");
    teach(*life, "sales", 60);
    fill(*life);
    pass_s(*life, 60);
    if (run == 0) hash = life->partition->state_hash();
    EXPECT_EQ(life->partition->state_hash(), hash) << run;
    const std::vector<Told> all = told(std::move(life));
    if (run == 0) first = all;
    EXPECT_GT(all.size(), 10u);
    EXPECT_EQ(all, first) << run;
  }
}

// What the turn itself did on its way there is in the answer.
TEST_F(PartitionWaitsTest, TheAnswerSeesTheTimersThatFiredBeforeIt) {
  constexpr char kWrapUp[] = R"(
tenants:
  - id: bank
    queues:
      - id: sales
        wrap_up: {mode: timed, duration: 10s}
        limits: {ewt: {max: 60s, release: 17}}
    agents:
      - {id: ada}
)";
  auto life = live(ClockMode::kDriven, kWrapUp);
  log_in(*life, "ada");
  enqueue(*life, "sales");
  connect(*life, 1);
  pass_s(*life, 5);
  turn(*life, batch().at(now_s_ * kNsPerS).end(next(), name(1)));
  now_s_ += 20;
  turn(*life, batch().at(now_s_ * kNsPerS));
  // While she worked nothing was known yet; since her wrap-up is over she is free.
  EXPECT_EQ(told(std::move(life)), (std::vector<Told>{{now_s_ * kNsPerS, "sales", 0}}));
}

TEST_F(PartitionWaitsTest, TheWallsClockAsksAtOnceAndTakesTheAnswerInALaterTurn) {
  {
    const auto life = live();
    log_in(*life, "ada");
    teach(*life, "sales", 40);
    fill(*life);
  }
  const auto life = live(ClockMode::kWall);
  BatchBuilder leaving = batch();
  leaving.agent(CommandKind::kLogOut, next(), "ada").end(next(), name(41));
  EXPECT_TRUE(has_release(turn(*life, leaving.enqueue(next(), "before", "sales"))));
  // A configuration is a reason to ask at once; the read is behind the question.
  v1::TenantConfig config = config_of(*life);
  config.mutable_queues(2)->set_priority(3);
  ASSERT_EQ(apply(*life, config).outcome, Outcome::kDone);
  turn(*life);
  life->offered();
  EXPECT_FALSE(has_release(turn(*life, batch().enqueue(next(), "behind", "sales"))));
  EXPECT_LE(life->partition->next_turn_ns(), life->partition->clock().now_ns() + kNsPerS + 1);
}

TEST_F(PartitionWaitsTest, WithoutSuchARuleNothingIsAsked) {
  constexpr char kPlain[] = R"(
tenants:
  - id: bank
    queues:
      - {id: plain, limits: {length: {max: 5, release: 17}}}
      - {id: other, treatments: [{media: waltz, tells_position: true}]}
    agents:
      - {id: ada}
)";
  const auto life = live(ClockMode::kWall, kPlain);
  turn(*life);
  EXPECT_GT(life->partition->next_turn_ns(), life->partition->clock().now_ns() + 10 * kNsPerS);
}

// What it was told while it went by it does not act when it does so again.
TEST_F(PartitionWaitsTest, AQueueThatGoesByItNoMoreIsToldThatItIsUnknown) {
  auto life = live();
  log_in(*life, "ada");
  teach(*life, "sales", 40);
  fill(*life);
  v1::TenantConfig config = config_of(*life);
  const v1::QueueLimits limits = config.queues(0).limits();
  config.mutable_queues(0)->clear_limits();
  ASSERT_EQ(apply(*life, config).outcome, Outcome::kDone);
  pass_s(*life, 2);
  EXPECT_FALSE(has_release(enqueue(*life, "sales")));
  config = config_of(*life);
  *config.mutable_queues(0)->mutable_limits() = limits;
  ASSERT_EQ(apply(*life, config).outcome, Outcome::kDone);
  pass_s(*life, 1);
  EXPECT_TRUE(has_release(enqueue(*life, "sales")));
  const std::vector<Told> all = told(std::move(life), "sales");
  ASSERT_GT(all.size(), 2u);
  EXPECT_EQ(all[all.size() - 2].wait_ns, kNeverNs);
  EXPECT_GT(all.back().wait_ns, kLimitNs);
}

// The answer is about the queues of before.
TEST_F(PartitionWaitsTest, AnAnswerThatAConfigurationOvertakesIsDropped) {
  auto life = live(ClockMode::kWall);
  turn(*life, batch()
                  .agent(CommandKind::kLogIn, next(), "ada", "phone-ada")
                  .agent(CommandKind::kSetReady, next(), "ada"));
  v1::TenantConfig config = config_of(*life);
  config.mutable_queues(2)->set_priority(3);
  ASSERT_EQ(apply(*life, config).outcome, Outcome::kDone);
  config = config_of(*life);
  config.mutable_queues(0)->clear_limits();
  config.mutable_queues()->DeleteSubrange(1, 1);
  std::promise<void> goes_on;
  ASSERT_TRUE(life->observer.read(life->partition->tenants()[0].board,
                                  [&](const Insight&) { goes_on.get_future().wait(); }));
  turn(*life);  // Asks.
  ASSERT_EQ(apply(*life, config).outcome, Outcome::kDone);
  goes_on.set_value();
  life->offered();  // Behind the answer.
  turn(*life, batch().enqueue(next(), "c1", "sales"));
  EXPECT_EQ(life->offered(), 1);
  const std::vector<Told> all = told(std::move(life), "sales");
  // A second may have begun before the configuration came: then it was told, and told otherwise.
  EXPECT_TRUE(all.empty() || all.back().wait_ns == kNeverNs);
}

TEST_F(PartitionWaitsTest, ManyQueuesTakeTurns) {
  constexpr size_t kQueues = kWaitsAskedMax + 100;
  std::string config = "tenants:\n  - id: bank\n    queues:\n";
  for (size_t i = 0; i < kQueues; ++i) {
    absl::StrAppend(&config, "      - {id: q", i, ", limits: {ewt: {max: 60s, release: 17}}}\n");
  }
  config += "    agents:\n      - {id: ada}\n";
  auto life = live(ClockMode::kDriven, config.c_str());
  log_in(*life, "ada");
  pass_s(*life, 3);
  std::map<int64_t, size_t> by_second;
  for (const Told& one : told(std::move(life))) {
    EXPECT_EQ(one.wait_ns, 0);
    ++by_second[one.now_ns / kNsPerS];
  }
  EXPECT_EQ(by_second, (std::map<int64_t, size_t>{{1, kWaitsAskedMax}, {2, 100}}));
}

}  // namespace
}  // namespace acd
