// SPDX-License-Identifier: Apache-2.0
// The judge of a replay: silent over a good run, and loud over each way to break one.
#include "sim/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace acd::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One batch and its answer.
struct Step {
  ReplayBatch batch;
  ReplayAnswer answer;
};

ReplayEvent agent_event(ReplayEventKind kind, const std::string& agent) {
  ReplayEvent event;
  event.kind = kind;
  event.agent = agent;
  if (kind == ReplayEventKind::kAgentLoggedIn) event.station = "phone-" + agent;
  return event;
}

ReplayEvent call_event(ReplayEventKind kind, const std::string& call) {
  ReplayEvent event;
  event.kind = kind;
  event.call = call;
  if (kind == ReplayEventKind::kCallOffered) event.queue = "ps";
  event.generation = kind == ReplayEventKind::kLegAnswered ? 1 : 0;
  event.ended_by = kind == ReplayEventKind::kCallEnded ? EndedBy::kCaller : EndedBy::kNone;
  return event;
}

ReplayEvent logged_in(const std::string& agent) {
  return agent_event(ReplayEventKind::kAgentLoggedIn, agent);
}
ReplayEvent ready(const std::string& agent) {
  return agent_event(ReplayEventKind::kAgentReady, agent);
}
ReplayEvent logged_out(const std::string& agent) {
  return agent_event(ReplayEventKind::kAgentLoggedOut, agent);
}
ReplayEvent offered(const std::string& call) {
  return call_event(ReplayEventKind::kCallOffered, call);
}
ReplayEvent answered(const std::string& call) {
  return call_event(ReplayEventKind::kLegAnswered, call);
}
ReplayEvent connected(const std::string& call) {
  return call_event(ReplayEventKind::kCallConnected, call);
}
ReplayEvent ended(const std::string& call) { return call_event(ReplayEventKind::kCallEnded, call); }

ReplayCommand offer(ReplayCommandKind kind, const std::string& call, const std::string& agent) {
  ReplayCommand command{kind, call, agent, "phone-" + agent, 1};
  command.leg = "acd-" + call;
  return command;
}
ReplayCommand ring(const std::string& call, const std::string& agent) {
  return offer(ReplayCommandKind::kRingAgent, call, agent);
}
ReplayCommand stop(const std::string& call, const std::string& agent) {
  return {ReplayCommandKind::kStopRinging, call, agent, "", 1};
}
ReplayCommand connect(const std::string& call, const std::string& agent) {
  return offer(ReplayCommandKind::kConnectCall, call, agent);
}

ReplayCommand release(const std::string& call) {
  return {ReplayCommandKind::kReleaseCall, call, "", "", 0};
}
ReplayCommand transfer(const std::string& call) {
  return {ReplayCommandKind::kTransferCall, call, "", "", 0};
}

Step step(int64_t s, std::vector<ReplayEvent> events, std::vector<ReplayCommand> commands) {
  Step step;
  step.batch = {s * kNsPerS, std::move(events)};
  step.answer.commands = std::move(commands);
  return step;
}

// Two agents, two calls served and one abandoned; then everybody goes.
std::vector<Step> good_run() {
  return {
      step(1, {logged_in("a"), ready("a"), logged_in("b"), ready("b")}, {}),
      step(2, {offered("c1")}, {ring("c1", "a")}),
      step(2, {answered("c1")}, {connect("c1", "a")}),
      step(2, {connected("c1")}, {}),
      step(3, {offered("c2")}, {ring("c2", "b")}),
      step(3, {answered("c2")}, {connect("c2", "b")}),
      step(3, {connected("c2")}, {}),
      step(4, {offered("c3")}, {}),
      step(9, {ended("c3")}, {}),
      step(50, {ended("c1"), logged_out("a")}, {}),
      step(60, {logged_out("b"), ended("c2")}, {}),
  };
}

QueueFigures good_figures() {
  QueueFigures figures;
  figures.queue = "ps";
  figures.offered = 3;
  figures.answered = 2;
  figures.abandoned = 1;
  figures.is_conserved = true;
  return figures;
}

// Numbers and acknowledges the run's events and judges it. Events that have a number keep it.
std::vector<std::string> judge(std::vector<Step> steps,
                               const std::function<void(QueueFigures&)>& spoil = {}) {
  Checker checker;
  checker.opened(1);
  int64_t sequence = 0;
  for (Step& one : steps) {
    for (ReplayEvent& event : one.batch.events) event.sequence = ++sequence;
    if (!one.answer.acked_sequence) one.answer.acked_sequence = sequence;
    checker.sent(one.batch);
    checker.received(one.answer);
  }
  std::vector<QueueFigures> after = {good_figures()};
  if (spoil) spoil(after[0]);
  QueueFigures before;
  before.queue = "ps";
  checker.finish({before}, after);
  return checker.breaches();
}

TEST(CheckerTest, IsSilentOverGoodRun) { EXPECT_THAT(judge(good_run()), IsEmpty()); }

TEST(CheckerTest, CountsForTheReport) {
  Checker checker;
  checker.opened(1);
  int64_t sequence = 0;
  for (Step& one : good_run()) {
    for (ReplayEvent& event : one.batch.events) event.sequence = ++sequence;
    one.answer.acked_sequence = sequence;
    checker.sent(one.batch);
    checker.received(one.answer);
  }
  const QueueTally expected{.offered = 3,
                            .answered = 2,
                            .abandoned = 1,
                            .short_abandoned = 0,
                            .timed_out = 0,
                            .released = 0,
                            .transferred = 0,
                            .turned_away = 0,
                            .answered_in_target = 2,
                            .wait_answered_sum_ns = 0,
                            .handle_sum_ns = (48 + 57) * kNsPerS,
                            .wait_max_ns = 5 * kNsPerS};
  EXPECT_EQ(checker.tallies().at("ps"), expected);
  EXPECT_EQ(checker.live_calls(), 0);
}

TEST(CheckerTest, FindsEachBreach) {
  struct Case {
    const char* name;
    std::function<void(std::vector<Step>&)> spoil;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {"offer of unknown call",
       [](std::vector<Step>& run) { run[1].answer.commands[0].call = "c9"; },
       "ring_agent for call c9, which nobody reported"},
      {"offer of call that left",
       [](std::vector<Step>& run) { run[9].answer.commands = {ring("c3", "a")}; },
       "call c3 (generation 1) was offered to agent a, but has left"},
      {"offer to agent on a call",
       [](std::vector<Step>& run) { run[7].answer.commands = {ring("c3", "a")}; },
       "was offered to agent a, who has call c1"},
      {"two offers to one agent",
       [](std::vector<Step>& run) {
         run[1].batch.events.push_back(offered("c4"));
         run[1].answer.commands.push_back(ring("c4", "a"));
       },
       "call c4 (generation 1) was offered to agent a, whose phone rings for call c1"},
      {"one call to two agents",
       [](std::vector<Step>& run) { run[1].answer.commands.push_back(ring("c1", "b")); },
       "was offered to agent b, but agent a already rings for it"},
      {"offer to agent who never came",
       [](std::vector<Step>& run) { run[1].answer.commands[0] = ring("c1", "z"); },
       "was offered to agent z, who never logged in"},
      {"offer to agent who left",
       [](std::vector<Step>& run) { run.push_back(step(70, {offered("c4")}, {ring("c4", "a")})); },
       "was offered to agent a, who is not logged in and ready"},
      {"offer to agent told to go before their call ended",
       [](std::vector<Step>& run) {
         run[10].batch.events.push_back(offered("c4"));
         run[10].answer.commands = {ring("c4", "b")};
       },
       "was offered to agent b, who is not logged in and ready"},
      {"offer to agent who is not ready yet",
       [](std::vector<Step>& run) { run[0].batch.events.erase(run[0].batch.events.begin() + 1); },
       "was offered to agent a, who is not logged in and ready"},
      {"offer at another phone",
       [](std::vector<Step>& run) { run[1].answer.commands[0].station = "phone-b"; },
       "at phone-b, but they are at phone-a"},
      {"generation that goes back",
       [](std::vector<Step>& run) { run[1].answer.commands[0].generation = 0; },
       "but its generation was 0 before"},
      {"accepted twice",
       [](std::vector<Step>& run) { run[4].answer.commands.push_back(connect("c1", "a")); },
       "call c1 was accepted twice: by agent a (generation 1) and by agent a (generation 1)"},
      {"connected to another agent",
       [](std::vector<Step>& run) { run[2].answer.commands[0] = connect("c1", "b"); },
       "call c1 is to be connected to agent b (generation 1), who did not answer it"},
      {"offer withdrawn",
       [](std::vector<Step>& run) { run[1].answer.commands.push_back(stop("c1", "a")); },
       "agent a was told to stop ringing for call c1 (generation 1), which waits on"},
      {"answer dropped",
       [](std::vector<Step>& run) {
         run[2].answer.commands = {{ReplayCommandKind::kDropLeg, "c1", "", "", 1}};
       },
       "drop_leg for call c1"},
      {"refusal",
       [](std::vector<Step>& run) {
         run[1].answer.refusals = {{5, "CALL_EXISTS"}};
       },
       "event 5 was refused: CALL_EXISTS"},
      {"refusal of another batch",
       [](std::vector<Step>& run) {
         run[1].answer.refusals = {{2, "CALL_EXISTS"}};
       },
       "event 2 was refused, but is not one of those from 5 to 5"},
      {"no acknowledgement", [](std::vector<Step>& run) { run[1].answer.acked_sequence = 4; },
       "events 5 to 5 were not acknowledged with their batch"},
      {"acknowledgement that goes back",
       [](std::vector<Step>& run) { run[1].answer.acked_sequence = 3; },
       "the acknowledgement went back from 4 to 3"},
      {"acknowledgement of what was not sent",
       [](std::vector<Step>& run) { run[1].answer.acked_sequence = 99; },
       "event 99 was acknowledged, but only 5 were sent"},
      {"call that never ends", [](std::vector<Step>& run) { run[10].batch.events.pop_back(); },
       "call c2 was lost: it never ended, agent b has it"},
      {"call that ends twice",
       [](std::vector<Step>& run) { run[10].batch.events.push_back(ended("c3")); },
       "call c3 ended twice"},
  };
  for (const Case& one : cases) {
    std::vector<Step> run = good_run();
    one.spoil(run);
    EXPECT_THAT(judge(run), testing::Contains(HasSubstr(one.expected))) << one.name;
  }
}

TEST(CheckerTest, FindsAgentWithTwoCalls) {
  const auto breaches = judge({
      step(1, {logged_in("a"), ready("a"), offered("c1"), offered("c2")}, {ring("c1", "a")}),
      step(1, {answered("c1")}, {connect("c1", "a"), ring("c2", "a")}),
      step(1, {connected("c1"), answered("c2")}, {connect("c2", "a")}),
  });
  EXPECT_THAT(breaches, testing::Contains(HasSubstr("offered to agent a, who has call c1")));
  EXPECT_THAT(breaches, testing::Contains(HasSubstr("agent a holds two calls: c1 and c2")));
}

TEST(CheckerTest, AllowsOfferThatItsOwnBatchOvertakes) {
  std::vector<Step> run = good_run();
  // c3 is offered to a, freed at 50, and hangs up in the same batch.
  run[8].batch.events.clear();
  run[9].batch.events = {ended("c1"), ended("c3"), logged_out("a")};
  run[9].answer.commands = {ring("c3", "a"), stop("c3", "a")};
  EXPECT_THAT(judge(run), IsEmpty());
  // Without the stop the phone would ring on.
  run[9].answer.commands.pop_back();
  EXPECT_THAT(judge(run), testing::Contains(HasSubstr("was not told to stop ringing")));
}

TEST(CheckerTest, FindsEachDifferenceOfStatistics) {
  const auto differs = [](int64_t QueueFigures::*field) {
    return judge(good_run(), [=](QueueFigures& figures) { ++(figures.*field); });
  };
  EXPECT_THAT(differs(&QueueFigures::offered), ElementsAre(HasSubstr("offered is 4")));
  EXPECT_THAT(differs(&QueueFigures::answered), ElementsAre(HasSubstr("answered is 3")));
  EXPECT_THAT(differs(&QueueFigures::abandoned), ElementsAre(HasSubstr("abandoned")));
  for (const auto released :
       {&QueueFigures::timed_out, &QueueFigures::rejected, &QueueFigures::failed_waiting}) {
    EXPECT_THAT(differs(released),
                ElementsAre(HasSubstr("timed_out + rejected + failed_waiting is 1 in")));
  }
  EXPECT_THAT(differs(&QueueFigures::overflowed_out),
              ElementsAre(HasSubstr("overflowed_out - overflowed_in is 1 in")));
  EXPECT_THAT(differs(&QueueFigures::waiting), ElementsAre(HasSubstr("waiting is 1")));
  EXPECT_THAT(differs(&QueueFigures::wait_answered_sum_ns),
              ElementsAre(HasSubstr("wait_answered_sum")));
  EXPECT_THAT(judge(good_run(), [](QueueFigures& figures) { figures.is_conserved = false; }),
              ElementsAre(HasSubstr("conservation fails")));
  EXPECT_THAT(judge(good_run(), [](QueueFigures& figures) { figures.queue = "other"; }),
              testing::Contains(HasSubstr("queue ps is not in the daemon's statistics")));
}

TEST(CheckerTest, CountsCallsThatTheDaemonEnds) {
  std::vector<Step> run = good_run();
  // c4 is released at 11 s, c5 transferred at 12 s; then nobody waits.
  const std::vector<Step> ends = {step(10, {offered("c4"), offered("c5")}, {}),
                                  step(11, {}, {release("c4")}), step(12, {}, {transfer("c5")})};
  run.insert(run.begin() + 9, ends.begin(), ends.end());
  const auto counted = [](QueueFigures& figures) {
    figures.offered = 5;
    figures.timed_out = 1;
    figures.overflowed_out = 1;
  };
  EXPECT_THAT(judge(run, counted), IsEmpty());
  EXPECT_THAT(judge(run, [](QueueFigures& figures) { figures.offered = 5; }),
              ElementsAre(HasSubstr("failed_waiting is 0 in the daemon's statistics, but 1 by"),
                          HasSubstr("overflowed_in is 0 in the daemon's statistics, but 1 by")));
  // Without the command it waits for ever.
  run[10].answer.commands.clear();
  EXPECT_THAT(judge(run, counted),
              testing::Contains(HasSubstr("call c4 was lost: it never ended, it still waits")));
}

TEST(CheckerTest, FindsWhatTheDaemonMustNotEnd) {
  struct Case {
    size_t at;
    ReplayCommand command;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {1, release("c1"), "call c1 was released, but agent a rings for it"},
      {4, release("c1"), "call c1 was released, but agent a has it"},
      {4, transfer("c1"), "call c1 was transferred, but agent a has it"},
      {9, release("c3"), "call c3 was released, but has left"},
      {9, {ReplayCommandKind::kPlayTreatment, "c3", "", "", 0}, "c3, which has left"},
  };
  for (const Case& one : cases) {
    std::vector<Step> run = good_run();
    run[one.at].answer.commands.push_back(one.command);
    EXPECT_THAT(judge(run), testing::Contains(HasSubstr(one.expected)));
  }
  std::vector<Step> run = good_run();
  run[7].answer.commands = {release("c3"), transfer("c3")};
  EXPECT_THAT(judge(run), testing::Contains(HasSubstr("c3 was transferred, but was released or")));
}

TEST(CheckerTest, ForgivesTheEndThatAReleaseOvertakes) {
  // c3 is released when its caller hangs up: the daemon does not know it any more.
  std::vector<Step> run = good_run();
  run[8].answer.commands = {release("c3")};
  run[8].answer.refusals = {{12, "CALL_UNKNOWN"}};
  const auto counted = [](QueueFigures& figures) {
    figures.abandoned = 0;
    figures.rejected = 1;
  };
  EXPECT_THAT(judge(run, counted), IsEmpty());
  // Of a call that it did not release it must take the end.
  run[8].answer.commands.clear();
  EXPECT_THAT(judge(run), ElementsAre(HasSubstr("event 12 was refused: CALL_UNKNOWN")));
}

TEST(CheckerTest, OnlyANewCallMayBeKeptOutByAFullDisk) {
  const auto without_c3 = [](QueueFigures& figures) {
    figures.offered = 2;
    figures.abandoned = 0;
  };
  std::vector<Step> run = good_run();
  run[7].answer.refusals = {{11, "STORAGE_FULL", true}};
  run.erase(run.begin() + 8);
  EXPECT_THAT(judge(run, without_c3), IsEmpty());
  // Its caller hangs up in the same batch: the daemon knows no such call.
  run[7].batch.events.push_back(ended("c3"));
  run[7].answer.refusals.push_back({12, "CALL_UNKNOWN"});
  EXPECT_THAT(judge(run, without_c3), IsEmpty());
  // An event on a call that is there goes into the reserve.
  run = good_run();
  run[8].answer.refusals = {{12, "STORAGE_FULL", true}};
  EXPECT_THAT(judge(run), ElementsAre(HasSubstr("event 12 was refused: STORAGE_FULL")));
}

TEST(CheckerTest, JudgesTheSumWhereCallsMovedBetweenQueues) {
  const auto judge_both = [](int64_t answered_there) {
    Checker checker;
    checker.opened(1);
    int64_t sequence = 0;
    for (Step& one : good_run()) {
      for (ReplayEvent& event : one.batch.events) event.sequence = ++sequence;
      one.answer.acked_sequence = sequence;
      checker.sent(one.batch);
      checker.received(one.answer);
    }
    QueueFigures here = good_figures();
    here.answered = 1;
    here.overflowed_out = 1;
    QueueFigures there;
    there.queue = "ne";
    there.answered = answered_there;
    there.overflowed_in = 1;
    there.is_conserved = true;
    checker.finish({}, {here, there});
    return checker.breaches();
  };
  EXPECT_THAT(judge_both(1), IsEmpty());
  EXPECT_THAT(judge_both(0), ElementsAre(HasSubstr("all queues: answered is 1 in")));
}

TEST(CheckerTest, FindsLossOverCut) {
  Checker checker;
  checker.opened(1);
  ReplayBatch batch{kNsPerS, {logged_in("a"), ready("a")}};
  batch.events[0].sequence = 1;
  batch.events[1].sequence = 2;
  checker.sent(batch);
  ReplayAnswer answer;
  answer.acked_sequence = 2;
  checker.received(answer);
  ReplayHello hello;
  hello.last_durable_sequence = 2;
  hello.now_ns = kNsPerS;
  checker.resumed(hello);
  EXPECT_THAT(checker.breaches(), IsEmpty());
  hello.last_durable_sequence = 1;
  checker.resumed(hello);
  EXPECT_THAT(checker.breaches(),
              ElementsAre(HasSubstr("events 2 to 2 were acknowledged, and are lost")));
  hello.last_durable_sequence = 3;
  checker.resumed(hello);
  EXPECT_THAT(checker.breaches().back(), HasSubstr("but only 2 were sent"));
  hello.last_durable_sequence = 2;
  hello.now_ns = 2 * kNsPerS;
  checker.resumed(hello);
  EXPECT_THAT(checker.breaches().back(), HasSubstr("clock ran on"));
  hello.now_ns = kNsPerS - 1;
  checker.resumed(hello);
  EXPECT_THAT(checker.breaches().back(), HasSubstr("clock went back to day 1 00:00:00.999999999"));
}

TEST(CheckerTest, KeepsBreachesUpToTheLimit) {
  const std::vector<Step> run(30, step(1, {}, {ring("c9", "a")}));
  EXPECT_EQ(judge(run).size(), kBreachesMax);
}

}  // namespace
}  // namespace acd::sim
