// SPDX-License-Identifier: Apache-2.0
// The judge of a replay with a mix: what agents have in hand, and for how long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/replay_mix.h"
#include "tests/sim/mix_run.h"

namespace acd::sim {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

// --- Wrap-up.

// c1 was talked about for a minute, and its agent wraps up.
void wrap_up_c1(MixRun& run) {
  run.checker().add_wrap_up("ps");
  run.member("ps", {"a"});
  run.log_in({"a"});
  run.say({MixRun::offered("c1")});
  run.talk("c1", "a");
  run.pass(60);
  run.next_deadline_ns = run.now_ns() + kMixWrapUpNs;
  run.say({MixRun::ended("c1")});
}

ReplayEvent wrap_up_event(ReplayEventKind kind) {
  ReplayEvent event = MixRun::about(kind, "c1");
  event.agent = "a";
  return event;
}

QueueFigures handled(int64_t seconds) {
  QueueFigures counted = figures(1, 1);
  counted.handled = 1;
  counted.handle_sum_ns = seconds * kNsPerS;
  return counted;
}

TEST(CheckerAgentsTest, IsSilentOverAWrapUpThatEndsAtItsLimit) {
  MixRun run;
  wrap_up_c1(run);
  run.pass(10);
  run.say({});  // The limit itself is within.
  run.next_deadline_ns = kNeverNs;
  run.pass(1);
  run.say({});
  EXPECT_THAT(run.finish({{"ps", handled(70)}}), IsEmpty());
}

TEST(CheckerAgentsTest, FindsAnAgentWhoIsRungInWrapUp) {
  MixRun run;
  wrap_up_c1(run);
  run.pass(10);
  run.say({MixRun::offered("c2")}, {MixRun::ring("c2", "a")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("who has call c1 (wrap-up)")));
}

TEST(CheckerAgentsTest, FindsAWrapUpWhoseLimitTheDaemonForgot) {
  MixRun run;
  wrap_up_c1(run);
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.next_deadline_ns = run.now_ns() + kMixWrapUpNs + 1;
  run.say({});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("the wrap-up of agent a after call c1 ends at")));
}

TEST(CheckerAgentsTest, KnowsWhatTheAgentSaysOfTheWrapUp) {
  MixRun run;
  wrap_up_c1(run);
  run.pass(5);
  run.next_deadline_ns += kMixExtensionNs;
  run.say({wrap_up_event(ReplayEventKind::kWrapUpExtended)});
  run.pass(15);
  run.next_deadline_ns = kNeverNs;
  run.say({wrap_up_event(ReplayEventKind::kWrapUpEnded)});
  EXPECT_THAT(run.breaches(), IsEmpty());
  for (const int64_t seconds : {70, 85}) {
    MixRun same = run;
    EXPECT_THAT(same.finish({{"ps", handled(seconds)}}),
                Contains(HasSubstr("queue ps: handled is 1, in")));
  }
  EXPECT_THAT(run.finish({{"ps", handled(80)}}), IsEmpty());
}

// A chat may come back to who wraps up after it.
TEST(CheckerAgentsTest, WrapUpTakesRoomOfItsMedium) {
  MixRun run;
  run.checker().add_wrap_up("ps");
  run.log_in({"a"});
  for (const char* chat : {"c1", "c2", "c3"}) {
    run.say({MixRun::offered(chat, Medium::kChat)});
    run.talk(chat, "a");
  }
  run.next_deadline_ns = run.now_ns() + kMixWrapUpNs;
  run.say({MixRun::ended("c1")});
  run.say({MixRun::offered("c4", Medium::kChat)}, {MixRun::ring("c4", "a")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("who has call c2 and c3 and c1 (wrap-up)")));
}

// --- Stations.

ReplayCommand join(int64_t generation, AnswerMode mode) {
  ReplayCommand command = MixRun::ring("c1", "a", generation);
  command.kind = ReplayCommandKind::kConnectCall;
  command.answer_mode = mode;
  return command;
}

TEST(CheckerAgentsTest, HoldsWhoAnswersAtOnceToWhatHoldsForTheRung) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"}, AnswerMode::kAuto);
  run.say({MixRun::offered("c1")}, {join(1, AnswerMode::kAuto)});
  run.cut();
  run.say({}, {join(1, AnswerMode::kAuto)});
  EXPECT_THAT(run.breaches(), IsEmpty());
  ReplayCommand other = join(1, AnswerMode::kAuto);
  other.call = "c2";
  run.say({MixRun::offered("c2")}, {other});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("who has call c1")));
}

TEST(CheckerAgentsTest, FindsAnAgentJoinedInAnotherWay) {
  MixRun run;
  run.log_in({"a"}, AnswerMode::kAuto);
  run.say({MixRun::offered("c1")}, {join(1, AnswerMode::kNailedUp)});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("by nailed_up, but is at a station of auto")));
}

TEST(CheckerAgentsTest, FindsAnOfferToALegThatWasNeverUp) {
  MixRun run;
  run.log_in({"a"}, AnswerMode::kNailedUp);
  run.say({MixRun::offered("c1")}, {join(1, AnswerMode::kNailedUp)});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("to agent a, whose leg is down")));
}

TEST(CheckerAgentsTest, IsSilentOverACallerWhoLeftWhileTheTwoWereJoined) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"}, AnswerMode::kAuto);
  run.say({MixRun::offered("c1"), MixRun::ended("c1")}, {join(1, AnswerMode::kAuto)});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.say({MixRun::offered("c2")});
  EXPECT_THAT(run.breaches(), IsEmpty());
}

// As with a consult whose end comes behind what made its agent free.
TEST(CheckerAgentsTest, IsSilentOverALegThatIsDroppedWithTheEndOfItsCallAndOverNoOther) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"}, AnswerMode::kAuto);
  const ReplayCommand drop = MixRun::command(ReplayCommandKind::kDropLeg, "c1", "", 1);
  run.say({MixRun::offered("c1"), MixRun::ended("c1")}, {join(1, AnswerMode::kAuto), drop});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.say({}, {drop});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("drop_leg for call c1")));
}

}  // namespace
}  // namespace acd::sim
