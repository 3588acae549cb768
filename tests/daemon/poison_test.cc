// SPDX-License-Identifier: Apache-2.0
// What made the process crash is refused after the restart, once, and never a loop.
#include <gmock/gmock.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "acd/v1/errors.pb.h"
#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Crashes the process when a warning is logged. The partition warns of an agent's phone while it
// handles the event, or the timer, that found the phone dead.
class CrashingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit CrashingSink(std::function<void()> crash) : crash_(std::move(crash)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (message.level == spdlog::level::warn) crash_();
  }
  void flush_() override {}

  const std::function<void()> crash_;
};

class PoisonTest : public ::testing::Test {
 protected:
  // Plays `turns` in a process of its own, where a warning ends in `crash`; returns the signal that
  // ended it.
  int play(
      const std::function<void(Life&)>& turns,
      const std::function<void()>& crash = [] { std::abort(); }) {
    const pid_t child = ::fork();
    if (child == 0) {
      const rlimit no_core{0, 0};
      ::setrlimit(RLIMIT_CORE, &no_core);
      Suspects::catch_crashes();
      Life life(folder_.path(), ClockMode::kDriven);
      if (!life.started.ok()) std::_Exit(1);
      spdlog::set_default_logger(
          std::make_shared<spdlog::logger>("crash", std::make_shared<CrashingSink>(crash)));
      turns(life);
      std::_Exit(0);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
  }

  std::vector<Delivery> turn(Life& life, std::unique_ptr<Batch> batch) {
    const auto stream = std::static_pointer_cast<FakeStream>(batch->stream);
    const size_t finished = stream->finished() + 1;
    std::vector<std::unique_ptr<Batch>> batches;
    batches.push_back(std::move(batch));
    life.partition->turn(batches);
    return stream->await(finished);
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  std::vector<Delivery> open(Life& life, const std::string& source = "pbx") {
    stream_ = std::make_shared<FakeStream>();
    return turn(life, batch().open(source, "epoch").take());
  }
  // Events from `sequence` on: a call, one that no Router survives, and another call.
  std::unique_ptr<Batch> poisoned(int64_t sequence) {
    std::unique_ptr<Batch> batch = BatchBuilder(stream_)
                                       .at(0)
                                       .enqueue(sequence, call(sequence), "sales")
                                       .enqueue(sequence + 1, call(sequence + 1), "sales")
                                       .enqueue(sequence + 2, call(sequence + 2), "sales")
                                       .take();
    batch->commands[1].kind = CommandKind::kNone;
    return batch;
  }
  static std::string call(int64_t sequence) { return "call-" + std::to_string(sequence); }

  static std::vector<std::pair<int64_t, int32_t>> refusals(const std::vector<Delivery>& said) {
    std::vector<std::pair<int64_t, int32_t>> found;
    for (const Delivery& delivery : said) {
      for (const Refused& one : delivery.refused) found.emplace_back(one.sequence, one.edge_reason);
    }
    return found;
  }
  static std::pair<int64_t, int32_t> as_poisoned(int64_t sequence) {
    return {sequence, v1::ERROR_REASON_POISONED};
  }

  // An agent whose phone is found dead: by an event when told to, else by a timer.
  void ring_a_dead_phone(Life& life, bool by_event) {
    stream_ = std::make_shared<FakeStream>();
    std::unique_ptr<Batch> session = batch().open("pbx", "epoch").take();
    session->commands[0].flag = true;  // Reports ringing.
    turn(life, std::move(session));
    turn(life, batch()
                   .at(0)
                   .agent(CommandKind::kLogIn, 1, "ada", "100")
                   .agent(CommandKind::kSetReady, 2, "ada")
                   .enqueue(3, "c1", "sales")
                   .take());
    if (by_event) {
      turn(life, dead_phone());
    } else {
      turn(life, batch().at(60 * kNsPerS).take());
    }
  }
  std::unique_ptr<Batch> dead_phone() {
    std::unique_ptr<Batch> failed = batch().at(1).leg(CommandKind::kLegFailed, 4, "c1", 1).take();
    failed->commands[0].detail = static_cast<uint8_t>(OfferOutcome::kUnreachable);
    return failed;
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

TEST_F(PoisonTest, EventThatCrashedIsRefusedOnceAndThoseBehindItProceed) {
  ASSERT_EQ(play([&](Life& life) {
              open(life);
              turn(life, poisoned(1));
            }),
            SIGABRT);
  {
    Life life(folder_.path(), ClockMode::kDriven);
    ASSERT_TRUE(life.started.ok()) << life.started;
    open(life);
    const std::vector<Delivery> said = turn(life, poisoned(1));
    EXPECT_THAT(refusals(said), ElementsAre(as_poisoned(2)));
    EXPECT_THAT(said.back().refused[0].message, HasSubstr("crashed"));
    EXPECT_EQ(said.back().through_sequence, 3);
    EXPECT_EQ(life.offered(), 2);
    // Whatever comes next is taken as ever.
    const std::vector<Delivery> next = turn(life, batch().at(1).enqueue(4, "c4", "sales").take());
    EXPECT_THAT(refusals(next), IsEmpty());
    EXPECT_EQ(life.offered(), 3);
  }
  // The refusal is in the journal: the page is empty again, and the switch hears the same.
  Life life(folder_.path(), ClockMode::kDriven);
  EXPECT_EQ(life.suspects->count(), 0u);
  const std::vector<Delivery> again = open(life);
  EXPECT_EQ(again.back().through_sequence, 4);
  EXPECT_THAT(refusals(again), ElementsAre(as_poisoned(2)));
  EXPECT_THAT(again.back().refused[0].message, HasSubstr("crashed"));
  EXPECT_EQ(life.partition->check_invariants(), "");
}

TEST_F(PoisonTest, EventIsStillKnownWhenItIsResentBehindAGapOrAfterAnotherRestart) {
  ASSERT_EQ(play([&](Life& life) {
              open(life);
              turn(life, poisoned(1));
            }),
            SIGABRT);
  {
    Life life(folder_.path(), ClockMode::kDriven);
    open(life);
    std::unique_ptr<Batch> gap = poisoned(1);
    gap->commands.erase(gap->commands.begin());
    EXPECT_EQ(turn(life, std::move(gap)).back().close, CloseReason::kSequenceGap);
  }
  Life life(folder_.path(), ClockMode::kDriven);
  open(life);
  EXPECT_THAT(refusals(turn(life, poisoned(1))), ElementsAre(as_poisoned(2)));
}

TEST_F(PoisonTest, TwoSwitchesThatTakeTurnsInCrashingAreBothRefused) {
  ASSERT_EQ(play([&](Life& life) {
              open(life, "pbx");
              turn(life, poisoned(1));
            }),
            SIGABRT);
  ASSERT_EQ(play([&](Life& life) {  // The other one is faster this time.
              open(life, "other");
              turn(life, poisoned(1));
            }),
            SIGABRT);
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_EQ(life.suspects->count(), 2u);
  for (const char* source : {"pbx", "other"}) {
    open(life, source);
    std::unique_ptr<Batch> resent = poisoned(1);
    resent->driven_now_ns = -1;
    EXPECT_THAT(refusals(turn(life, std::move(resent))), Contains(as_poisoned(2))) << source;
  }
}

TEST_F(PoisonTest, CrashOfAnotherEventLaterIsRefusedToo) {
  ASSERT_EQ(play([&](Life& life) {
              open(life);
              turn(life, poisoned(1));
            }),
            SIGABRT);
  ASSERT_EQ(play([&](Life& life) {
              open(life);
              turn(life, poisoned(1));  // Refused.
              turn(life, poisoned(4));
            }),
            SIGABRT);
  Life life(folder_.path(), ClockMode::kDriven);
  open(life);
  const std::vector<Delivery> said = turn(life, poisoned(4));
  EXPECT_THAT(refusals(said), ElementsAre(as_poisoned(5)));
  EXPECT_EQ(said.back().through_sequence, 6);
  EXPECT_EQ(life.offered(), 4);
}

// The Router had taken it, and what came of it could not be said.
TEST_F(PoisonTest, CrashBehindTheRouterIsTheEventsToo) {
  ASSERT_EQ(play([&](Life& life) { ring_a_dead_phone(life, true); }), SIGABRT);
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.started.ok()) << life.started;
  open(life);
  EXPECT_THAT(refusals(turn(life, dead_phone())), ElementsAre(as_poisoned(4)));
}

TEST_F(PoisonTest, InnocentEventIsNotRefusedWhenTheProcessWasKilledInTheMiddleOfIt) {
  for (const int signal : {SIGKILL, SIGABRT}) {
    SCOPED_TRACE(signal);
    ASSERT_EQ(play([&](Life& life) { ring_a_dead_phone(life, true); },
                   [signal] { ::kill(::getpid(), signal); }),
              signal);
    Life life(folder_.path(), ClockMode::kDriven);
    ASSERT_TRUE(life.started.ok()) << life.started;
    EXPECT_EQ(life.suspects->count(), 0u);
    open(life);
    EXPECT_THAT(refusals(turn(life, batch().at(1).enqueue(4, "c4", "sales").take())), IsEmpty());
    std::filesystem::remove_all(folder_.path());
  }
}

TEST_F(PoisonTest, TimersThatCrashedStopTheStartUntilSomebodyHasSeenToIt) {
  ASSERT_EQ(play([&](Life& life) { ring_a_dead_phone(life, false); }), SIGABRT);
  {
    const Life life(folder_.path(), ClockMode::kDriven);
    EXPECT_EQ(life.recovered.code(), absl::StatusCode::kAborted);
    EXPECT_THAT(std::string(life.recovered.message()), HasSubstr("timers that were due"));
  }
  std::filesystem::remove(folder_.path() + "/" + kSuspectsFileName);
  const Life life(folder_.path(), ClockMode::kDriven);
  EXPECT_TRUE(life.started.ok()) << life.recovered << life.started;
}

TEST_F(PoisonTest, CrashInAReplayNamesTheRecord) {
  uint64_t record = 0;
  {  // A journal whose time goes back, which no Router takes.
    Life life(folder_.path(), ClockMode::kDriven);
    open(life);
    turn(life, batch().at(kNsPerS).enqueue(1, "c1", "sales").take());
    FrameBuilder frame;
    Command command;
    command.kind = CommandKind::kResume;
    command.number = static_cast<int32_t>(kBehaviourVersion);
    frame.add_command(TenantIndex(0u), 0, command, {});
    FrameHeader header;
    header.epoch = life.ownership->epoch();
    header.first_sequence = record = life.journal->position();
    header.record_count = 1;
    life.journal->append(header, frame.take());
  }
  ASSERT_EQ(play([](Life&) {}), SIGABRT);
  const Life life(folder_.path(), ClockMode::kDriven);
  EXPECT_EQ(life.recovered.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(life.recovered.message()),
              HasSubstr("the replay of record " + std::to_string(record)));
}

TEST_F(PoisonTest, ChangeThatCrashedIsRefusedAndAnotherOneIsTaken) {
  std::vector<TableAnswer> answers;
  const auto change = [&answers](const std::string& requirement, bool is_broken) {
    v1::TenantConfig config = (*parse_config(kSampleConfig, "sample"))[0].config;
    const std::string before = config_etag(config);
    v1::Queue& queue = *config.add_queues();
    queue.set_name("tenants/bank/queues/fresh");
    queue.set_requirement(requirement);
    auto batch = std::make_unique<Batch>();
    batch->tenant = TenantIndex(0u);
    batch->change = make_config_change(config, before, "");
    batch->change->reply = [&answers](const TableAnswer& answer) { answers.push_back(answer); };
    if (is_broken) {  // As no edge makes them: the Router cannot read the requirement.
      auto broken = std::make_shared<ConfigInForce>(*batch->change->config);
      broken->tables.queues.back().requirement = "sales >=";
      batch->change->config = broken;
    }
    return batch;
  };
  const auto change_turn = [](Life& life, std::unique_ptr<Batch> batch) {
    std::vector<std::unique_ptr<Batch>> batches;
    batches.push_back(std::move(batch));
    life.partition->turn(batches);
  };
  { const Life seeded(folder_.path(), ClockMode::kDriven); }
  ASSERT_EQ(play([&](Life& life) { change_turn(life, change("sales >= 2", true)); }), SIGABRT);
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.started.ok()) << life.started;
  change_turn(life, change("sales >= 2", false));
  change_turn(life, change("sales >= 3", false));
  life.stop();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].outcome, TableAnswer::Outcome::kPoisoned);
  EXPECT_EQ(answers[1].outcome, TableAnswer::Outcome::kDone);
}

TEST_F(PoisonTest, SessionThatCrashedIsRefusedAndANewEpochIsNot) {
  const std::string source(kIdBytesMax + 1, 'x');  // More than any edge lets through.
  { const Life seeded(folder_.path(), ClockMode::kDriven); }
  ASSERT_EQ(play([&](Life& life) { open(life, source); }), SIGABRT);
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.started.ok()) << life.started;
  const std::vector<Delivery> refused = open(life, source);
  EXPECT_EQ(refused.back().close, CloseReason::kPoisoned);
  EXPECT_FALSE(refused.back().is_opened);
  EXPECT_TRUE(open(life).back().is_opened);
}

// The desktop has had more events than the one of the switch that crashed.
TEST_F(PoisonTest, WhatADesktopOfTheSameIdHasHadIsNotTheSwitchs) {
  {
    Life life(folder_.path(), ClockMode::kDriven);
    turn(life, batch().open_desktop("pbx", "epoch").take());
    BatchBuilder events = batch();
    for (int64_t i = 1; i <= 6; ++i) {
      events.agent(i % 2 == 1 ? CommandKind::kAttachAgent : CommandKind::kDetachAgent, i, "ada");
    }
    EXPECT_EQ(turn(life, events.take()).back().through_sequence, 6);
  }
  ASSERT_EQ(play([&](Life& life) {
              open(life);
              turn(life, poisoned(1));
            }),
            SIGABRT);
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.started.ok()) << life.started;
  ASSERT_EQ(life.suspects->count(), 1u);
  open(life);
  EXPECT_THAT(refusals(turn(life, poisoned(1))), ElementsAre(as_poisoned(2)));
}

TEST_F(PoisonTest, ADesktopOfTheSameIdIsNotRefusedForTheSwitch) {
  ASSERT_EQ(play([&](Life& life) {
              open(life);
              turn(life, poisoned(1));
            }),
            SIGABRT);
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.started.ok()) << life.started;
  stream_ = std::make_shared<FakeStream>();
  turn(life, batch().open_desktop("pbx", "epoch").take());
  const std::vector<Delivery> said = turn(life, batch()
                                                    .agent(CommandKind::kAttachAgent, 1, "ada")
                                                    .agent(CommandKind::kDetachAgent, 2, "ada")
                                                    .take());
  EXPECT_THAT(refusals(said), IsEmpty());
  EXPECT_EQ(said.back().through_sequence, 2);
}

TEST_F(PoisonTest, PageOfAnotherJournalIsNotTrusted) {
  ASSERT_EQ(play([&](Life& life) { ring_a_dead_phone(life, false); }), SIGABRT);
  const TempFolder fresh;
  { const Life first(fresh.path(), ClockMode::kDriven); }
  std::filesystem::copy_file(folder_.path() + "/" + kSuspectsFileName,
                             fresh.path() + "/" + kSuspectsFileName,
                             std::filesystem::copy_options::overwrite_existing);
  const Life life(fresh.path(), ClockMode::kDriven);
  EXPECT_TRUE(life.started.ok()) << life.recovered;
  EXPECT_THAT(life.suspects->ignored(), HasSubstr("belongs to history"));
}

}  // namespace
}  // namespace acd
