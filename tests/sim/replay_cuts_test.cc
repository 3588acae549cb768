// SPDX-License-Identifier: Apache-2.0
// A mix on a real daemon that is killed at every point between it and its replay: everything of it is verified.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <string>
#include <vector>

#include "sim/bank_config.h"
#include "sim/replay.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/sim/log_files.h"
#include "tests/sim/mortal_daemon.h"

namespace acd::sim {
namespace {

using testing::IsEmpty;

// Every part of a mix, once by an event and once by a request.
std::vector<CallPart> parts() {
  std::vector<CallPart> all;
  for (const bool asks_by_request : {false, true}) {
    const auto add = [&](CallPart part) {
      part.asks_by_request = asks_by_request;
      all.push_back(part);
    };
    add({.turn = Turn::kToQueue});
    add({.turn = Turn::kToAgent,
         .outcome = OutcomeTime::kOnCall,
         .survey_score = 7,
         .labels = 1,
         .quality_score = 8});
    add({.turn = Turn::kMerge});
    add({.turn = Turn::kConference});
    add({.medium = Medium::kChat,
         .turn = Turn::kToQueue,
         .outcome = OutcomeTime::kAfterwards,
         .is_resolved = true});
    add({.turn = Turn::kConsultEnds, .ends_over_consult = false});
    // While all are busy somebody is still asked when the call ends.
    for (int i = 0; i < 3; ++i) add({.turn = Turn::kConsultEnds, .ends_over_consult = true});
    add({.turn = Turn::kToSupervisor, .labels = 2, .wrap_up = WrapUpAct::kEnds});
    add({.turn = Turn::kOutside,
         .outcome = OutcomeTime::kAfterwards,
         .quality_score = 80,
         .is_survey_late = true,
         .wrap_up = WrapUpAct::kExtends});
    add({.wrap_up = WrapUpAct::kExtendsAndEnds, .loses_leg = true});
    add({.medium = Medium::kEmail, .followup_after_ns = kMixFollowUpStepNs});
    // These two queues call back in their two ways.
    for (int i = 0; i < 2; ++i) {
      add({.asks_callback = true, .dials_failing = 1});
      add({.asks_callback = true, .dials_failing = kMixDialsMax});
      add({.asks_callback = true, .outcome = OutcomeTime::kOnCall, .code = 1});
    }
  }
  return all;
}

// Four agents, one of each answer mode, and more calls than they can take at once. Odd handle times are halved, so
// that a turn is at an instant of its own.
struct World {
  World() {
    const std::vector<CallPart> all = parts();
    std::vector<RowText> rows;
    for (size_t i = 0; i < all.size(); ++i) {
      const int n = static_cast<int>(i);
      rows.push_back({.arrival_s = 100 + 7 * n,
                      .type = n % 2 == 0 ? "NE" : "PS",
                      .handle_s = 31 + 2 * n,
                      .agent = "A" + std::to_string(n / 2 % 4)});
    }
    const CallLog log = log_of(rows);
    config = bank_config(log, "bank", true);
    PlanOptions options;
    options.tenant = "bank";
    options.mix = *parse_mix("followup=1");
    plan = *plan_replay(log, options);
    for (size_t i = 0; i < all.size(); ++i) plan.calls[i].part = all[i];
    for (Shift& shift : plan.shifts) shift.end_ns = 3'000 * kNsPerS;
    plan.agents[1].answer_mode = AnswerMode::kAuto;
    plan.agents[2].answer_mode = AnswerMode::kNailedUp;
    plan.agents[3].answer_mode = AnswerMode::kDesktop;
  }

  ReplayPlan plan;
  std::string config;
};

ReplayResult run(const World& world, MortalDaemon& daemon) {
  auto result = Replay(world.plan, daemon, {}).run();
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ReplayResult{};
}

// It dies at one step of so many, and lives long enough in between that what comes of it shows.
constexpr int kStepsApart = 25;
// Sanitized it dies at every fourth step alone: that takes half a minute.
#if defined(__SANITIZE_ADDRESS__)
constexpr int kFirstsApart = 4;
#else
constexpr int kFirstsApart = 1;
#endif

class ReplayCutsTest : public ::testing::Test {
 protected:
  ReplayCutsTest() {
    const TempFolder folder;
    MortalDaemon daemon(folder.path(), world_.config);
    whole_ = run(world_, daemon);
    steps_ = daemon.steps();
  }

  // `deaths` in a row at every step in turn.
  void cut(const std::vector<Death>& deaths) {
    for (int first = 1; first <= kStepsApart; first += kFirstsApart) {
      const TempFolder folder;
      MortalDaemon daemon(folder.path(), world_.config);
      daemon.has_snapshots = true;
      daemon.death_at = [&](int step, int attempt) {
        const bool is_cut = step % kStepsApart == first % kStepsApart;
        return is_cut && attempt <= std::ssize(deaths) ? deaths[attempt - 1] : Death::kNone;
      };
      const ReplayResult result = run(world_, daemon);
      EXPECT_THAT(result.breaches, IsEmpty()) << first;
      EXPECT_GE(daemon.deaths(), steps_ / kStepsApart) << first;
    }
  }

  const World world_;
  ReplayResult whole_;
  int steps_ = 0;
};

TEST_F(ReplayCutsTest, EveryPartOfTheMixIsPlayed) {
  EXPECT_THAT(whole_.breaches, IsEmpty());
  for (const auto& [name, counter] : MixTally::counters())
    EXPECT_GT(whole_.mix.*counter, 0) << name;
  EXPECT_GT(whole_.accepted_at_desktops, 0);
  EXPECT_GT(whole_.followups, 0);
  EXPECT_GT(whole_.answered_at_once, 0);
  EXPECT_GT(whole_.transfers_to_supervisors, 0);
  EXPECT_GT(whole_.transfers_outside, 0);
  EXPECT_GT(whole_.wrap_up_acts, 0);
  EXPECT_GT(whole_.labelled, 0);
  EXPECT_GT(steps_, 4 * kStepsApart);
}

TEST_F(ReplayCutsTest, EveryStepIsCutBeforeItCame) { cut({Death::kBefore}); }

TEST_F(ReplayCutsTest, EveryStepIsCutBeforeItIsAnswered) { cut({Death::kAfter}); }

TEST_F(ReplayCutsTest, EveryStepIsCutAndOnceMoreWhenItComesAgain) {
  cut({Death::kAfter, Death::kBefore});
}

}  // namespace
}  // namespace acd::sim
