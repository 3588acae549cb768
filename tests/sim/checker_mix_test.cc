// SPDX-License-Identifier: Apache-2.0
// The judge of a replay with a mix: silent over a good run, and loud over each way to break one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "sim/checker.h"
#include "sim/replay_mix.h"
#include "tests/sim/mix_run.h"

namespace acd::sim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Kind = ReplayCommandKind;

// --- Media.

TEST(CheckerMixTest, LetsAnAgentHaveSeveralChatsAndNoCallBesides) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"});
  for (const char* chat : {"c1", "c2", "c3"}) {
    run.say({MixRun::offered(chat, Medium::kChat)});
    run.talk(chat, "a");
  }
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.say({MixRun::offered("c4", Medium::kChat)}, {MixRun::ring("c4", "a")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("c4 (generation 1) was offered to agent a, who")));
}

TEST(CheckerMixTest, FindsACallBesideAChat) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"});
  run.say({MixRun::offered("c1", Medium::kChat)});
  run.talk("c1", "a");
  run.say({MixRun::offered("c2")}, {MixRun::ring("c2", "a")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("who has call c1")));
}

TEST(CheckerMixTest, LetsACallInterruptAnEmailAndNotTheOtherWayRound) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"});
  run.say({MixRun::offered("c1", Medium::kEmail)});
  run.talk("c1", "a");
  run.say({MixRun::offered("c2")});
  run.talk("c2", "a");
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.say({MixRun::offered("c3", Medium::kEmail)}, {MixRun::ring("c3", "a")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("who has call c1 and c2")));
}

// --- Transfers.

TEST(CheckerMixTest, IsSilentOverATransfer) {
  MixRun run;
  run.begin();
  run.say({run.transfer("ne")}, {MixRun::park("c1", "ne"), MixRun::ring("c1", "b", 2)});
  run.join("c1", "b", 2);
  run.say({MixRun::ended("c1")});
  QueueFigures left = figures(1, 1);
  left.mix.transferred_out = 1;
  QueueFigures entered = figures(0, 1);
  entered.mix.transferred_in = 1;
  EXPECT_THAT(run.finish({{"ps", left}, {"ne", entered}}), IsEmpty());
}

TEST(CheckerMixTest, FindsATransferThatTheStatisticsLost) {
  MixRun run;
  run.begin();
  run.say({run.transfer("ne")}, {MixRun::park("c1", "ne"), MixRun::ring("c1", "b", 2)});
  run.join("c1", "b", 2);
  run.say({MixRun::ended("c1")});
  EXPECT_THAT(run.finish({{"ps", figures(1, 1)}, {"ne", figures(0, 1)}}),
              Contains(HasSubstr("queue ne: transferred_in is 0")));
}

TEST(CheckerMixTest, FindsACallerWhoWasNotParked) {
  MixRun run;
  run.begin();
  run.say({run.transfer("ne")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("not told to park_caller for call c1")));
}

TEST(CheckerMixTest, FindsACallerWhoWasNotParkedOverACut) {
  MixRun run;
  run.begin();
  run.cut();
  run.say({run.transfer("ne")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("not told to park_caller for call c1")));
}

TEST(CheckerMixTest, TakesARepeatedOrderAfterACutAndNeverElse) {
  MixRun run;
  run.begin();
  run.say({run.transfer("ne")}, {MixRun::park("c1", "ne")});
  run.cut();
  run.say({}, {MixRun::park("c1", "ne")});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.say({}, {MixRun::park("c1", "ne")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("park_caller for call c1, which nobody")));
}

TEST(CheckerMixTest, FindsOrdersAfterACutThatWereNeverGiven) {
  MixRun run;
  run.begin();
  run.cut();
  run.say({}, {MixRun::park("c1", "ne")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("park_caller for call c1, which nobody")));
  run.cut();
  run.say({}, {MixRun::retrieve("c1", "a", "c1-c")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("retrieve_call for call c1, of which")));
  run.say({MixRun::consult()}, {MixRun::ring("c1-c", "b")});
  run.join("c1-c", "b");
  run.cut();
  ReplayCommand merge = MixRun::command(Kind::kMergeCall, "c1-c", "b", 1);
  merge.other_call = "c1";
  run.say({}, {merge});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("merge_call for consult c1-c, which nobody")));
}

TEST(CheckerMixTest, FindsACallerParkedForAnotherQueueAfterACut) {
  MixRun run;
  run.begin();
  run.say({run.transfer("ne")}, {MixRun::park("c1", "ne")});
  run.cut();
  run.say({}, {MixRun::park("c1", "ps")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("which nobody transferred to ps")));
}

TEST(CheckerMixTest, FindsACallerParkedForAnotherQueue) {
  MixRun run;
  run.begin();
  run.say({run.transfer("ne")}, {MixRun::park("c1", "ps")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("which nobody transferred to ps")));
}

TEST(CheckerMixTest, FindsATransferRefusedThatWasDue) {
  MixRun run;
  run.begin();
  run.say({run.transfer("ne")}, {}, {{0, "QUEUE_UNKNOWN", false}});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("was refused: QUEUE_UNKNOWN")));
}

TEST(CheckerMixTest, LetsATransferToABusyAgentBeRefused) {
  MixRun run;
  run.begin();
  run.say({MixRun::offered("c2")});
  run.talk("c2", "b");
  run.say({run.transfer("", "b")}, {}, {{0, "AGENT_BUSY", false}});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.say({MixRun::ended("c1"), MixRun::ended("c2")});
  EXPECT_THAT(run.finish({{"ps", figures(2, 2)}}), IsEmpty());
}

// What was due at the very instant came before the transfer: the answer rings the agent.
TEST(CheckerMixTest, LetsATransferToWhoIsRungMeanwhileBeRefused) {
  MixRun run;
  run.begin();
  run.say({MixRun::offered("c2")});
  run.say({run.transfer("", "b")}, {MixRun::ring("c2", "b")}, {{0, "AGENT_BUSY", false}});
  EXPECT_THAT(run.breaches(), IsEmpty());
}

TEST(CheckerMixTest, LetsATransferToADesktopThatMayHaveAnOfferBeRefused) {
  for (const bool has_waiting : {false, true}) {
    MixRun run;
    run.member("ps", {"a", "b"});
    run.log_in({"a"});
    run.log_in({"b"}, AnswerMode::kDesktop);
    run.say({MixRun::offered("c1")});
    run.talk("c1", "a");
    if (has_waiting) run.say({MixRun::offered("c2")});
    run.checker().asked(run.transfer("", "b"), "AGENT_BUSY no");
    EXPECT_EQ(run.breaches().empty(), has_waiting);
  }
}

TEST(CheckerMixTest, LetsATransferToWhoWentBeRefused) {
  MixRun run;
  run.begin();
  ReplayEvent out = MixRun::about(ReplayEventKind::kAgentLoggedOut, "");
  out.agent = "b";
  run.say({out});
  run.say({run.transfer("", "b")}, {}, {{0, "AGENT_STATE", false}});
  run.checker().asked(run.transfer("", "b"), "AGENT_STATE no");
  run.log_in({"c"});
  run.checker().asked(run.transfer("", "c"), "NOT_MEMBER no");
  EXPECT_THAT(run.breaches(), IsEmpty());
}

TEST(CheckerMixTest, FindsATransferToAFreeAgentRefused) {
  for (const char* reason : {"AGENT_BUSY", "AGENT_STATE", "NOT_MEMBER"}) {
    MixRun run;
    run.member("ps", {"a", "b"});
    run.begin();
    run.say({run.transfer("", "b")}, {}, {{0, reason, false}});
    EXPECT_THAT(run.breaches(), Contains(HasSubstr(std::string("was refused: ") + reason)));
    MixRun asks;
    asks.member("ps", {"a", "b"});
    asks.begin();
    asks.checker().asked(asks.transfer("", "b"), std::string(reason) + " no");
    EXPECT_THAT(asks.breaches(), Contains(HasSubstr(std::string("was refused: ") + reason)));
  }
}

TEST(CheckerMixTest, FindsACallInTwoPlaces) {
  MixRun run;
  run.begin();
  run.say({}, {MixRun::ring("c1", "b", 2)});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("but agent a already has it")));
}

// --- Consults.

TEST(CheckerMixTest, IsSilentOverAConsultThatIsMergedByRequest) {
  MixRun run;
  run.begin();
  run.say({MixRun::consult()}, {MixRun::ring("c1-c", "b")});
  run.join("c1-c", "b");
  run.checker().asked(MixRun::about(ReplayEventKind::kConsultMerged, "c1-c"), "");
  ReplayCommand merge = MixRun::command(Kind::kMergeCall, "c1-c", "b", 1);
  merge.other_call = "c1";
  run.say({}, {merge});
  // Who asked is free again, and who was asked has the call.
  run.say({MixRun::offered("c2")});
  run.talk("c2", "a");
  run.say({MixRun::ended("c1"), MixRun::ended("c2")});
  QueueFigures counted = figures(2, 2);
  counted.mix.consults = 1;
  counted.mix.consults_answered = 1;
  counted.mix.transferred_out = 1;
  EXPECT_THAT(run.finish({{"ps", counted}}), IsEmpty());
}

TEST(CheckerMixTest, FindsAMergeThatWasNotTold) {
  MixRun run;
  run.begin();
  run.say({MixRun::consult()}, {MixRun::ring("c1-c", "b")});
  run.join("c1-c", "b");
  run.checker().asked(MixRun::about(ReplayEventKind::kConsultMerged, "c1-c"), "");
  run.say({});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("not told to merge_call for call c1-c")));
}

TEST(CheckerMixTest, FindsWhoWasAskedAndHasTheCallRungAgain) {
  MixRun run;
  run.begin();
  run.say({MixRun::consult()}, {MixRun::ring("c1-c", "b")});
  run.join("c1-c", "b");
  run.say({MixRun::about(ReplayEventKind::kConsultMerged, "c1-c")});
  run.say({MixRun::offered("c2")}, {MixRun::ring("c2", "b")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("who has call c1")));
}

TEST(CheckerMixTest, FindsACallThatWasNotGivenBack) {
  MixRun run;
  run.begin();
  run.say({MixRun::consult()}, {MixRun::ring("c1-c", "b")});
  run.join("c1-c", "b");
  run.say({MixRun::ended("c1-c")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("not told to retrieve_call for call c1")));
}

TEST(CheckerMixTest, FindsAConsultThatOutlivedItsCall) {
  MixRun run;
  run.begin();
  run.say({MixRun::consult()}, {MixRun::ring("c1-c", "b")});
  run.join("c1-c", "b");
  run.say({MixRun::ended("c1")}, {MixRun::retrieve("c1", "a", "c1-c")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("not told to release_call for call c1-c")));
}

// --- Callbacks.

TEST(CheckerMixTest, IsSilentOverACallbackWhoseCustomerIsNotThere) {
  MixRun run;
  run.member("ps", {"a"});
  run.checker().add_callbacks("ps", CallbackMode::kAgentFirst);
  run.log_in({"a"});
  run.say({MixRun::offered("c1")});
  run.checker().asked(MixRun::callback(), "");
  run.say({}, {MixRun::command(Kind::kReleaseCall, "c1"), MixRun::ring("c1-b", "a")});
  ReplayEvent answered = MixRun::about(ReplayEventKind::kLegAnswered, "c1-b");
  answered.generation = 1;
  run.say({answered}, {MixRun::command(Kind::kDialCustomer, "c1-b", "a", 1)});
  run.say({MixRun::about(ReplayEventKind::kConnectFailed, "c1-b")});
  run.pass(60);
  run.say({}, {MixRun::ring("c1-b", "a", 2)});
  answered.generation = 2;
  run.say({answered}, {MixRun::command(Kind::kDialCustomer, "c1-b", "a", 2)});
  run.say({MixRun::about(ReplayEventKind::kConnectFailed, "c1-b")});
  QueueFigures counted = figures(2, 0);
  counted.mix.callback_requested = 1;
  counted.mix.dials_failed = 2;
  counted.failed_waiting = 1;
  EXPECT_THAT(run.finish({{"ps", counted}}), IsEmpty());
}

TEST(CheckerMixTest, FindsACallerWhoIsCalledBackAndWasNotReleased) {
  MixRun run;
  run.say({MixRun::offered("c1")});
  run.checker().asked(MixRun::callback(), "");
  run.say({});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("not told to release_call for call c1")));
}

TEST(CheckerMixTest, FindsACustomerDialedAgainTooEarly) {
  MixRun run;
  run.checker().add_callbacks("ps", CallbackMode::kCustomerFirst);
  run.say({MixRun::offered("c1")});
  run.say({MixRun::callback()}, {MixRun::command(Kind::kDialCustomer, "c1-b", "", 1)});
  run.say({MixRun::about(ReplayEventKind::kConnectFailed, "c1-b")});
  run.pass(59);
  run.say({}, {MixRun::command(Kind::kDialCustomer, "c1-b", "", 2)});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("which is not to be dialed now")));
}

TEST(CheckerMixTest, FindsACallbackThatWasLost) {
  MixRun run;
  run.say({MixRun::offered("c1")});
  run.say({MixRun::callback()});
  QueueFigures counted = figures(2, 0);
  counted.mix.callback_requested = 1;
  EXPECT_THAT(run.finish({{"ps", counted}}), Contains(HasSubstr("c1-b was lost: it never ended")));
}

// --- Who waits though somebody is free.

constexpr int64_t kMostS = kUnservedMaxNs / kNsPerS;

TEST(CheckerMixTest, FindsACallbackThatIsNeverOffered) {
  MixRun run;
  run.member("ps", {"a"});
  run.say({MixRun::offered("c1")});
  run.say({MixRun::callback()});
  run.pass(3'600);  // Nobody is there.
  run.log_in({"a"});
  run.pass(kMostS);
  run.say({});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.pass(1);
  run.say({});
  EXPECT_THAT(run.breaches(),
              ElementsAre(HasSubstr("call c1-b (callback) waits in queue ps and is not offered, "
                                    "though agent a is free for it")));
  run.pass(kMostS);
  run.say({});
  EXPECT_EQ(run.breaches().size(), 1u);  // Told once.
}

TEST(CheckerMixTest, FindsACallbackThatIsNeverTriedAgain) {
  MixRun run;
  run.checker().add_callbacks("ps", CallbackMode::kCustomerFirst);
  run.member("ps", {"a"});
  run.log_in({"a"});
  run.say({MixRun::offered("c1")});
  run.say({MixRun::callback()}, {MixRun::command(Kind::kDialCustomer, "c1-b", "", 1)});
  run.say({MixRun::about(ReplayEventKind::kConnectFailed, "c1-b")});
  run.pass(kMixRetryNs / kNsPerS + kMostS);
  run.say({});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.pass(1);
  run.say({});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("call c1-b (callback) waits in queue ps")));
}

TEST(CheckerMixTest, FindsAFollowUpThatIsNeverOffered) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"});
  ReplayEvent later = MixRun::about(ReplayEventKind::kCallScheduled, "c1-f");
  later.queue = "ps";
  later.due_ns = 3'600 * kNsPerS;
  run.say({later});
  run.pass(3'600);  // Just after it is due.
  run.say({});
  run.pass(kMostS);
  run.say({});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.pass(1);
  // It is released as one whom nobody serves.
  ReplayEvent released = MixRun::ended("c1-f");
  released.ended_by = EndedBy::kTimeout;
  run.say({released});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("call c1-f (task) waits in queue ps")));
}

TEST(CheckerMixTest, AddsUpWhatACallWaitedForFreeAgents) {
  MixRun run;
  run.member("ps", {"a", "b"});
  run.log_in({"a"});
  run.say({MixRun::offered("c1")});
  run.pass(kMostS);
  run.say({MixRun::offered("c2")});
  run.talk("c2", "a");
  run.pass(3'600);  // Nobody is free.
  run.say({MixRun::ended("c2")});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.pass(1);
  run.say({});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("call c1 (voice) waits in queue ps")));
}

TEST(CheckerMixTest, IsSilentOverWhoWaitsForGoodReason) {
  MixRun run;
  run.member("ps", {"a"});
  run.member("ne", {"b"});
  run.log_in({"a", "b"});
  run.say({MixRun::offered("c1", Medium::kChat)});
  run.talk("c1", "a");
  // Excluded by the chat; its agent is of another queue; nobody is of its queue.
  run.say({MixRun::offered("c2")});
  ReplayEvent elsewhere = MixRun::offered("c3");
  elsewhere.queue = "nw";
  run.say({elsewhere});
  // For this chat there would be room, but a consults.
  run.say({MixRun::consult()});
  run.pass(3'600);
  run.say({});
  // Gone.
  ReplayEvent out = MixRun::about(ReplayEventKind::kAgentLoggedOut, "");
  out.agent = "a";
  run.say({out});
  run.say({MixRun::ended("c1")},
          {MixRun::command(Kind::kReleaseCall, "c1-c"), MixRun::retrieve("c1", "a", "c1-c")});
  run.pass(3'600);
  run.say({});
  EXPECT_THAT(run.breaches(), IsEmpty());
}

TEST(CheckerMixTest, LetsATransferredCallWaitForItsAgent) {
  MixRun run;
  run.member("ps", {"a", "b"});
  run.begin();
  run.say({run.transfer("", "b")}, {MixRun::park("c1", "ps")});
  run.pass(kTransferPauseNs / kNsPerS + kMostS);
  run.say({});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.pass(1);
  run.say({});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("call c1 (voice) waits in queue ps")));
}

// An offer at a desktop that could not be accepted stays open.
TEST(CheckerMixTest, IsSilentWhileAFullDiskKeepsAnOfferOpen) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"}, AnswerMode::kDesktop);
  run.say({MixRun::offered("c1")});
  ReplayEvent accepted = MixRun::about(ReplayEventKind::kOfferAccepted, "c1");
  accepted.agent = "a";
  accepted.generation = 1;
  run.checker().asked(accepted, "STORAGE_FULL no");
  run.pass(3'600);
  run.say({});
  EXPECT_THAT(run.breaches(), IsEmpty());
}

// --- Outcomes, follow-ups and desktops.

TEST(CheckerMixTest, FindsAnOutcomeThatTheStatisticsLost) {
  for (const bool is_lost : {false, true}) {
    MixRun run;
    run.begin();
    ReplayEvent told = MixRun::about(ReplayEventKind::kCallOutcome, "c1");
    told.outcome = {"sold", true, 7};
    run.say({told});
    run.say({MixRun::ended("c1")});
    QueueFigures counted = figures(1, 1);
    counted.mix.resolved = 1;
    counted.mix.surveys = 1;
    counted.mix.survey_sum = 7;
    if (!is_lost) counted.mix.codes = {{"sold", 1}};
    const auto breaches = run.finish({{"ps", counted}});
    if (is_lost) {
      EXPECT_THAT(breaches, Contains(HasSubstr("wrap-up codes are in the daemon's")));
    } else {
      EXPECT_THAT(breaches, IsEmpty());
    }
  }
}

ReplayEvent follow_up(int64_t due_ns) {
  ReplayEvent event = MixRun::about(ReplayEventKind::kCallScheduled, "c1-f");
  event.queue = "ps";
  event.due_ns = due_ns;
  return event;
}

TEST(CheckerMixTest, FindsAFollowUpOfferedBeforeItsTime) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"});
  run.say({follow_up(30 * kNsPerS)}, {MixRun::ring("c1-f", "a")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("c1-f (generation 1) was offered to agent a")));
}

TEST(CheckerMixTest, FindsAFollowUpThatNeverCame) {
  MixRun run;
  run.log_in({"a"});
  run.say({follow_up(30 * kNsPerS)});
  run.pass(60);
  run.say({});
  const auto breaches = run.finish({{"ps", figures(0, 0)}});
  EXPECT_THAT(breaches, Contains(HasSubstr("c1-f was lost")));
  EXPECT_THAT(breaches, Contains(HasSubstr("offered is 0 in the daemon's statistics, but 1")));
}

TEST(CheckerMixTest, FindsAnOfferAcceptedThatWentNowhere) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"}, AnswerMode::kDesktop);
  run.say({MixRun::offered("c1")});
  ReplayEvent accepted = MixRun::about(ReplayEventKind::kOfferAccepted, "c1");
  accepted.agent = "a";
  accepted.generation = 1;
  run.checker().asked(accepted, "");
  run.say({});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("not told to connect_call for call c1")));
}

TEST(CheckerMixTest, FindsAnAgentAtADesktopWhoIsRung) {
  MixRun run;
  run.member("ps", {"a"});
  run.log_in({"a"}, AnswerMode::kDesktop);
  run.say({MixRun::offered("c1")}, {MixRun::ring("c1", "a")});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("c1, but accepts at a desktop")));
}

TEST(CheckerMixTest, FindsARequestRefusedThatWasDue) {
  MixRun run;
  run.begin();
  run.checker().asked(MixRun::about(ReplayEventKind::kCallOutcome, "c1"), "CALL_UNKNOWN no");
  EXPECT_THAT(run.breaches(),
              Contains(HasSubstr("request call_outcome for call c1 was refused: CALL_UNKNOWN")));
}

}  // namespace
}  // namespace acd::sim
