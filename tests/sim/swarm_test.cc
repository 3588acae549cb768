// SPDX-License-Identifier: Apache-2.0
// A slice of the swarm, the seeds that failed once, and that the twin notices what goes wrong.
#include "sim/swarm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/fuzz_history.h"
#include "sim/fuzz_report.h"
#include "tests/sim/kept_histories.h"

namespace acd::sim {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::seconds kSlice{45};
constexpr uint64_t kSliceSeeds = 600;
constexpr uint64_t kSliceSeedsMin = 40;  // However slow the machine is.

std::string play_seed(uint64_t seed, uint32_t commands) {
  SeededDraw draw(seed);
  FuzzRun run;
  play_world(
      draw, commands, [] { return false; }, {}, nullptr, &run);
  return run.failure;
}

TEST(SwarmTest, WorldsShowNoDifference) {
  const auto end = std::chrono::steady_clock::now() + kSlice;
  SwarmResult result;
  FuzzRun run;
  SwarmOptions options;
  options.seeds = 1;
  for (uint64_t seed = 1; seed <= kSliceSeeds; ++seed) {
    if (seed > kSliceSeedsMin && std::chrono::steady_clock::now() >= end) break;
    options.first_seed = seed;
    run_swarm(options, &run, &result);
    ASSERT_EQ(run.failure, "") << "acdsim fuzz --first-seed " << seed << " --seeds 1";
  }
  EXPECT_GE(result.worlds, kSliceSeedsMin);
}

TEST(SwarmTest, SeedsThatFailedOnceDoNotFailAgain) {
  std::ifstream stream(ACD_SOURCE_DIR "/tests/seeds.txt");
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  ASSERT_FALSE(text.empty());
  const auto seeds = parse_seeds(text);
  if (const auto* error = std::get_if<std::string>(&seeds)) FAIL() << "tests/seeds.txt: " << *error;
  for (const KeptSeed& kept : std::get<std::vector<KeptSeed>>(seeds)) {
    EXPECT_EQ(play_seed(kept.seed, kept.commands), "") << kept.seed << ": " << kept.caught;
  }
}

TEST(SwarmTest, HistoriesThatFailedOnceDoNotFailAgain) { expect_kept_histories_play(); }

TEST(SwarmTest, HistoryKeepsAnActionWhoseTextHasAColon) {
  const std::string text =
      "tenant id=t\nqueue id=q0\n  limits closed=outside:sip:help@example.org:0:0s\n"
      "at 1s open_session name=switch0 text=epoch1\n";
  const auto read = parse_history(text);
  if (const auto* wrong = std::get_if<std::string>(&read)) FAIL() << *wrong;
  const auto& [world, steps] = std::get<FuzzHistory>(read);
  EXPECT_EQ(world.config.queues[0].limits.closed.text, "sip:help@example.org");
  EXPECT_NE(history_text(world, steps).find("outside:sip:help@example.org:0:0s"),
            std::string::npos);
}

TEST(SwarmTest, HistoriesAreWrittenAsTheyAreRead) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SeededDraw draw(seed);
    FuzzRun run;
    play_world(
        draw, 300, [] { return false; }, {}, nullptr, &run);
    const std::string text = history_text(run.world, run.steps);
    const auto read = parse_history("# a comment\n\n" + text);
    if (const auto* wrong = std::get_if<std::string>(&read)) FAIL() << "seed " << seed << *wrong;
    const auto& [world, steps] = std::get<FuzzHistory>(read);
    ASSERT_EQ(history_text(world, steps), text) << "seed " << seed;
    FuzzPlayer player(world, nullptr);
    for (const FuzzStep& step : steps) player.play(step);
    EXPECT_EQ(player.failure(), "");
    EXPECT_EQ(player.twin().router().state_hash(), run.state_hash) << "seed " << seed;
  }
}

TEST(SwarmTest, HistoriesAreReadStrictly) {
  const struct {
    const char* text;
    const char* wrong;
  } cases[] = {
      {"tenant id=t\nat 1x pass\n", "line 2: at: must be a time such as 12.5s"},
      {"world settles=no\n", "line 1: settles: must be yes where both are compared"},
      {"at 1s dance\n", "line 1: dance: unknown command"},
      {"at 1s pass now\n", "line 1: now: unexpected"},
      {"tenant id=t colour=red\n", "line 1: colour: unknown"},
      {"member id=a1\n", "line 1: member: unknown, or of no queue"},
      {"queue id=q0 priority=high\n", "line 1: priority: must be a whole number"},
      {"queue id=q0 objective=soon\n", "line 1: objective: must be a time such as 12.5s or never"},
      {"queue id=q0 strategy=best\n", "line 1: strategy: is none of those known"},
      {"queue id=q0 wrap_up=long\n", "line 1: wrap_up: is none of those known"},
      {"queue id=q0 members_all=1\n", "line 1: members_all: must be yes or no"},
      {"queue id=\"q0\n", "line 1: a quote does not end"},
      {"queue id=q0\nlimits closed=release\n", "line 2: closed: must be ACTION:TEXT:NUMBER:TIME"},
      {"agent id=a0 skills=sales\n", "line 1: skills: must be a list of numbers"},
      {"shift id=a0\n", "line 1: shift: unknown, or of no queue"},
  };
  for (const auto& [text, wrong] : cases) {
    const auto read = parse_history(text);
    ASSERT_TRUE(std::holds_alternative<std::string>(read)) << text;
    EXPECT_EQ(std::get<std::string>(read), wrong);
  }
}

TEST(SwarmTest, TheSameSeedPlaysTheSameWorld) {
  FuzzRun first;
  FuzzRun second;
  for (FuzzRun* run : {&first, &second}) {
    SeededDraw draw(7);
    play_world(
        draw, 300, [] { return false; }, {}, nullptr, run);
  }
  ASSERT_EQ(first.steps.size(), second.steps.size());
  for (size_t i = 0; i < first.steps.size(); ++i) {
    ASSERT_EQ(step_line(first.steps[i]), step_line(second.steps[i]));
  }
  EXPECT_EQ(first.event_count, second.event_count);
}

// Makes the Router seem to offer the third offer to another agent.
std::function<void(TwinOptions*)> wrong_agent() {
  return [](TwinOptions* twin) {
    twin->compares = true;
    twin->settles = true;
    twin->distort = [seen = 0](Event* event) mutable {
      if (event->kind == EventKind::kOfferCreated && ++seen == 3) {
        event->agent = AgentIndex(event->agent.value() + 1);
      }
    };
  };
}

TEST(SwarmTest, NoticesAnOfferToTheWrongAgent) {
  SwarmOptions options;
  options.seeds = 50;
  options.adjust = wrong_agent();
  FuzzRun run;
  SwarmResult result;
  run_swarm(options, &run, &result);
  ASSERT_TRUE(result.failing_seed.has_value());
  EXPECT_NE(run.failure.find("the events are not the same"), std::string::npos) << run.failure;
  EXPECT_NE(run.failure.find("offer.created"), std::string::npos) << run.failure;

  // And shrinks the world to a few steps that show it.
  const auto fails = [&](const std::vector<FuzzStep>& steps) {
    return fails_in_child(run.world, steps);
  };
  ASSERT_TRUE(fails(run.steps));
  const std::vector<FuzzStep> steps = shrink(run.steps, 400, fails);
  EXPECT_TRUE(fails(steps));
  EXPECT_LE(steps.size(), 20u);
}

TEST(SwarmTest, NoticesAnEventOfAnotherKind) {
  SwarmOptions options;
  options.seeds = 50;
  options.adjust = [](TwinOptions* twin) {
    twin->distort = [](Event* event) {
      if (event->kind == EventKind::kOfferAccepted) event->kind = EventKind::kOfferRinging;
    };
  };
  FuzzRun run;
  SwarmResult result;
  run_swarm(options, &run, &result);
  EXPECT_TRUE(result.failing_seed.has_value());
}

// What the swarm says of worlds whose reasons `distort` has changed.
std::string failure_with(const std::function<void(TwinOptions*)>& distort) {
  SwarmOptions options;
  options.seeds = 50;
  options.adjust = [&](TwinOptions* twin) {
    twin->compares = true;
    twin->settles = true;
    distort(twin);
  };
  FuzzRun run;
  SwarmResult result;
  run_swarm(options, &run, &result);
  return run.failure;
}

std::string failure_with_record(const std::function<void(Decision*)>& distort) {
  return failure_with([&](TwinOptions* twin) { twin->distort_decision = distort; });
}

TEST(SwarmTest, NoticesARecordThatIsNotTrue) {
  EXPECT_THAT(failure_with_record([](Decision* record) { ++record->priority; }),
              HasSubstr("the record of call"));
  EXPECT_THAT(failure_with_record([](Decision* record) {
                const AgentIndex chosen = record->candidates[0].agent;
                record->candidates[0].agent = AgentIndex(chosen.value() + 1);
              }),
              HasSubstr("the oracle has chosen agent"));
  EXPECT_THAT(failure_with_record([](Decision* record) {
                if (record->candidate_count > 2) {
                  std::swap(record->candidates[1], record->candidates[2]);
                }
              }),
              HasSubstr("candidates"));
  EXPECT_THAT(failure_with_record([](Decision* record) {
                if (record->candidate_count > 1) --record->candidate_count;
              }),
              HasSubstr("candidates"));
  EXPECT_THAT(failure_with_record([](Decision* record) {
                if (record->tie_break == TieBreak::kIdle) record->tie_break = TieBreak::kAdded;
              }),
              HasSubstr("tie-break"));
  EXPECT_THAT(failure_with_record([](Decision* record) {
                if (record->group_count > 0) record->groups[0].blocker = Blocker::kProtected;
              }),
              HasSubstr("the record says of those like agent"));
  EXPECT_THAT(failure_with_record([](Decision* record) { record->group_count = 0; }),
              HasSubstr("the record names no group"));
}

TEST(SwarmTest, NoticesAnExplanationThatIsNotTrue) {
  EXPECT_THAT(failure_with([](TwinOptions* twin) {
                twin->distort_wait = [](WaitExplanation* why) { ++why->agents[3]; };
              }),
              HasSubstr("waits: "));
  EXPECT_THAT(failure_with([](TwinOptions* twin) {
                twin->distort_wait = [](WaitExplanation* why) { --why->next_change_ns; };
              }),
              HasSubstr("changes next at"));
  EXPECT_THAT(failure_with([](TwinOptions* twin) {
                twin->distort_wait = [](WaitExplanation* why) { ++why->position; };
              }),
              HasSubstr("is at position"));
  EXPECT_THAT(failure_with([](TwinOptions* twin) {
                twin->distort_wait = [](WaitExplanation* why) {
                  why->hold_back = HoldBack::kDialsUsed;
                };
              }),
              HasSubstr("held back dials_used"));
  EXPECT_THAT(failure_with([](TwinOptions* twin) {
                twin->distort_idle = [](IdleExplanation* why) {
                  why->is_switch_away = !why->is_switch_away;
                };
              }),
              HasSubstr("is idle: "));
}

TEST(SwarmTest, TheLedgerNoticesWhatCannotBeTrueWithoutTheOracle) {
  SwarmOptions options;
  options.seeds = 50;
  options.adjust = [](TwinOptions* twin) {
    wrong_agent()(twin);
    twin->compares = false;
  };
  FuzzRun run;
  SwarmResult result;
  run_swarm(options, &run, &result);
  ASSERT_TRUE(result.failing_seed.has_value());
  EXPECT_NE(run.failure.find("cannot be true"), std::string::npos) << run.failure;
}

TEST(SwarmTest, ShrinksToTheStepsThatMatter) {
  std::vector<FuzzStep> steps(100);
  for (size_t i = 0; i < steps.size(); ++i) steps[i].now_ns = static_cast<int64_t>(i);
  const auto has = [](const std::vector<FuzzStep>& some, int64_t now_ns) {
    return std::any_of(some.begin(), some.end(),
                       [&](const FuzzStep& step) { return step.now_ns == now_ns; });
  };
  const auto fewer = shrink(steps, 10'000, [&](const std::vector<FuzzStep>& some) {
    return has(some, 17) && has(some, 80);
  });
  ASSERT_EQ(fewer.size(), 2u);
  EXPECT_EQ(fewer[0].now_ns, 17);
  EXPECT_EQ(fewer[1].now_ns, 80);
}

TEST(SwarmTest, SeedFilesAreReadStrictly) {
  const auto good = parse_seeds("# seeds\n\n17 2000 a double ring\n5 10 x\n");
  ASSERT_TRUE(std::holds_alternative<std::vector<KeptSeed>>(good));
  const auto& seeds = std::get<std::vector<KeptSeed>>(good);
  ASSERT_EQ(seeds.size(), 2u);
  EXPECT_EQ(seeds[0].seed, 17u);
  EXPECT_EQ(seeds[0].commands, 2'000u);
  EXPECT_EQ(seeds[0].caught, "a double ring");
  for (const char* bad : {"17\n", "17 2000\n", "x 1 y\n", "17 0 y\n", "-1 5 y\n"}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(parse_seeds(bad))) << bad;
  }
}

TEST(SwarmTest, NamesWhatWasNeverTried) {
  const std::vector<std::string> names = missing(Coverage());
  EXPECT_THAT(names, testing::Contains("restart"));
  EXPECT_THAT(names, testing::Not(testing::Contains("random draw among many")));
}

}  // namespace
}  // namespace acd::sim
