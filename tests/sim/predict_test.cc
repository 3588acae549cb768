// SPDX-License-Identifier: Apache-2.0
// acdsim predict: the worlds, the figures, and a sample of the whole.
#include "sim/predict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "sim/arguments.h"
#include "tests/sim/log_files.h"

namespace acd::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// --- Figures.

TEST(WaitScoreTest, MeansAreThoseOfTheAnswered) {
  const std::vector<JudgedWait> waits = {
      {10, true, 14, 0}, {30, true, 27, 0}, {99, false, 1, 0}, {20, true, 20, 0}};
  const MeanScore score = score_means(waits);
  EXPECT_EQ(score.answered, 3);
  EXPECT_DOUBLE_EQ(score.wait_s, 20);
  EXPECT_NEAR(score.deviation_s, 8.16497, 1e-5);
  EXPECT_NEAR(score.error_s, 2.88675, 1e-5);
  EXPECT_NEAR(score.bias_s, 1.0 / 3, 1e-9);
  EXPECT_NEAR(score.by_wait(), 0.144338, 1e-6);
  EXPECT_NEAR(score.by_deviation(), 0.353553, 1e-6);
}

TEST(WaitScoreTest, WhoLeftCountsForAsLongAsTheyWaited) {
  const std::vector<JudgedWait> waits = {
      {12, true, 0, 10}, {7, false, 0, 10}, {5, true, 0, 10}, {9, true, 0, 10}};
  const P80Score score = score_p80s(waits);
  EXPECT_NEAR(score.answered_percent, 200.0 / 3, 1e-9);
  EXPECT_NEAR(score.all_percent, 100 * (1 - 0.75 * 0.5), 1e-9);
  EXPECT_NEAR(score.pinball_s, (1.6 + 1.0 + 0.2) / 3, 1e-9);
}

TEST(WaitScoreTest, NothingIsNothing) {
  EXPECT_EQ(score_means({}).answered, 0);
  EXPECT_EQ(score_means({}).by_wait(), 0);
  EXPECT_EQ(score_p80s({}).all_percent, 0);
}

// --- Worlds.

struct Seen {
  std::vector<std::string> lines;
  Board board;

  WorldHooks hooks() {
    WorldHooks hooks;
    hooks.configured = [this](const TenantConfig& config) { board.configure(config); };
    hooks.happened = [this](const Event& event, std::string_view arena) {
      board.apply(event, arena);
      std::string line = std::to_string(event.time_ns / kNsPerS) + " " +
                         std::string(event_name(event.kind, event.detail));
      if (event.agent.valid()) line += " " + board.agent(event.agent).id;
      lines.push_back(line);
    };
    return hooks;
  }
};

const CallLog& day() {
  static const auto log =
      read_call_log(std::string(ACD_SOURCE_DIR) + "/sim/data/bank-1999-01-day.csv.gz");
  return *log;
}

TEST(RecordedWorldTest, TellsWhatTheLogTellsAndNoAgentIsReady) {
  const CallLog log =
      log_of({{.arrival_s = 100, .wait_s = 0, .handle_s = 50, .agent = "ada"},
              {.arrival_s = 110, .wait_s = 60, .handle_s = 20, .agent = "ada", .priority = 2},
              {.arrival_s = 120, .wait_s = 5, .is_served = false}});
  Seen seen;
  RecordedWorld world(log_centre({&log}), seen.hooks());
  ASSERT_TRUE(world.play(log, {}).ok());
  std::erase_if(seen.lines, [](const std::string& line) {
    return line.find("agent.state_changed") != std::string::npos || line.starts_with("0 ");
  });
  EXPECT_THAT(
      seen.lines,
      ElementsAre("100 agent.logged_in ada", "100 call.enqueued", "100 offer.created ada",
                  "100 offer.accepted ada", "100 call.connected ada", "110 call.enqueued",
                  "120 call.enqueued", "125 call.abandoned", "150 call.completed ada",
                  "150 agent.wrap_up_started ada", "170 agent.wrap_up_ended ada",
                  "170 offer.created ada", "170 offer.accepted ada", "170 call.connected ada",
                  "190 call.completed ada", "190 agent.wrap_up_started ada",
                  "190 agent.wrap_up_ended ada", "190 agent.logged_out ada"));
}

TEST(RecordedWorldTest, ADayHasTheLogsFigures) {
  Seen seen;
  RecordedWorld world(log_centre({&day()}), seen.hooks());
  ASSERT_TRUE(world.play(day(), {}).ok());
  int64_t answered = 0;
  int64_t wait_s = 0;
  int64_t handle_s = 0;
  for (const CallRow& row : day().rows) {
    if (!row.is_served) continue;
    ++answered;
    wait_s += row.wait_s;
    handle_s += row.handle_s;
  }
  const QueueCounts total = seen.board.total();
  EXPECT_EQ(total.offered, static_cast<int64_t>(day().rows.size()));
  EXPECT_EQ(total.answered, answered);
  EXPECT_EQ(total.wait_answered_sum_ns, wait_s * kNsPerS);
  EXPECT_GE(total.handle_sum_ns, handle_s * kNsPerS) << "wrap-up counts";
  EXPECT_EQ(total.waiting, 0);
  EXPECT_TRUE(total.conserved());
  for (const std::string& line : seen.lines) EXPECT_EQ(line.find("ready"), std::string::npos);
}

TEST(ReplayedWorldTest, PlaysOneLogAfterTheOther) {
  Seen seen;
  ReplayedWorld world(log_centre({&day()}), seen.hooks());
  ASSERT_TRUE(world.play(day(), {}).ok());
  const QueueCounts first = seen.board.total();
  EXPECT_EQ(first.offered, static_cast<int64_t>(day().rows.size()));
  EXPECT_EQ(first.waiting, 0);
  EXPECT_GT(first.answered, first.offered / 2);
  ASSERT_TRUE(world.play(day(), {}).ok());
  EXPECT_EQ(seen.board.total().offered, 2 * first.offered);
  EXPECT_EQ(seen.board.total().answered, 2 * first.answered);
  EXPECT_EQ(seen.board.total().wait_answered_sum_ns, 2 * first.wait_answered_sum_ns);
}

TEST(ReplayedWorldTest, StopsWhenItIsToldTo) {
  Seen seen;
  ReplayedWorld world(log_centre({&day()}), seen.hooks());
  EXPECT_TRUE(absl::IsCancelled(world.play(day(), [] { return true; })));
}

// --- The whole.

class PredictTest : public ::testing::TestWithParam<LogWorld> {};

TEST_P(PredictTest, ADayTeachesEnoughToBeatARival) {
  const auto verdict = examine(GetParam(), day(), day(), {});
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  const PredictFacts facts{&day(), &day(), "ps", kNsPerS};
  const std::string text = predict_report({*verdict}, facts);
  EXPECT_THAT(text, HasSubstr(std::string(world_name(GetParam())) + ": "));
  EXPECT_THAT(text, HasSubstr("queue ps"));
  EXPECT_THAT(text, HasSubstr("Asterisk holdtime"));
  for (const QueueVerdict& queue : verdict->queues) {
    if (queue.queue != "ps") continue;
    EXPECT_GT(queue.own.size(), 100u) << text;
    const auto& last = queue.rivals[static_cast<size_t>(Rival::kLastWait)];
    EXPECT_EQ(last.size(), queue.own.size());
    EXPECT_LT(score_means(queue.own).error_s, score_means(last).error_s) << text;
    const P80Score p80 = score_p80s(queue.own);
    EXPECT_GT(p80.all_percent, 60) << text;
    EXPECT_LT(p80.all_percent, 95) << text;
  }
  const auto again = examine(GetParam(), day(), day(), {});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(predict_json({*verdict}, facts), predict_json({*again}, facts));
}

INSTANTIATE_TEST_SUITE_P(Worlds, PredictTest,
                         ::testing::Values(LogWorld::kRecorded, LogWorld::kReplayed),
                         [](const auto& param) { return std::string(world_name(param.param)); });

TEST(PredictReportTest, SaysWhereNobodyHadToWait) {
  const CallLog log = log_of({{.arrival_s = 100, .wait_s = 0, .handle_s = 50, .agent = "ada"}});
  const auto verdict = examine(LogWorld::kRecorded, log, log, {});
  ASSERT_TRUE(verdict.ok());
  EXPECT_THAT(predict_report({*verdict}, {&log, &log, "", 0}), HasSubstr("no call had to wait"));
}

// --- The command line.

std::string predict_error(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments(words);
  return arguments.ok() ? "" : std::string(arguments.status().message());
}

TEST(PredictArgumentsTest, TakesTwoFilesAndOptions) {
  const auto plain = parse_arguments({"predict", "jan.csv", "feb.csv"});
  ASSERT_TRUE(plain.ok()) << plain.status();
  const auto& predict = std::get<PredictArguments>(*plain);
  EXPECT_EQ(predict.training, "jan.csv");
  EXPECT_EQ(predict.judged, "feb.csv");
  EXPECT_THAT(predict.worlds, ElementsAre(LogWorld::kRecorded, LogWorld::kReplayed));
  EXPECT_EQ(predict.queue, "");
  EXPECT_FALSE(predict.is_json);
  const auto chosen = parse_arguments(
      {"predict", "a", "b", "--world", "replayed", "--queue", "PS", "--json", "--quiet"});
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  const auto& all = std::get<PredictArguments>(*chosen);
  EXPECT_THAT(all.worlds, ElementsAre(LogWorld::kReplayed));
  EXPECT_EQ(all.queue, "ps");
  EXPECT_TRUE(all.is_json);
  EXPECT_TRUE(all.is_quiet);
}

TEST(PredictArgumentsTest, SaysWhatIsWrong) {
  EXPECT_THAT(predict_error({"predict"}), HasSubstr("which FILE is training?"));
  EXPECT_THAT(predict_error({"predict", "a"}), HasSubstr("which FILE is judged?"));
  EXPECT_NE(predict_error({"predict", "a", "b", "c"}), "");
  EXPECT_THAT(predict_error({"predict", "a", "b", "--world", "x"}),
              HasSubstr("--world: must be recorded, replayed or both, is \"x\""));
  EXPECT_THAT(predict_error({"predict", "a", "b", "--queue", "a b"}), HasSubstr("--queue"));
}

TEST(PredictArgumentsTest, HelpTeaches) {
  const auto arguments = parse_arguments({"help", "predict"});
  ASSERT_TRUE(arguments.ok());
  const std::string& text = std::get<PrintArguments>(*arguments).text;
  EXPECT_THAT(text, HasSubstr("Examples:"));
  EXPECT_THAT(text, HasSubstr("--world"));
  for (size_t i = 0; i < kRivalCount; ++i) {
    EXPECT_THAT(text, HasSubstr(std::string(rival_name(static_cast<Rival>(i)))));
  }
}

}  // namespace
}  // namespace acd::sim
