// SPDX-License-Identifier: Apache-2.0
// The judge of a mix on what commands say and whom they name: a daemon that does something else is found.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
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

// --- Whom an offer names.

TEST(CheckerOrdersTest, FindsAnOfferToWhoDoesNotServeTheQueue) {
  MixRun run;
  run.member("ne", {"a"});
  run.log_in({"a"});
  run.say({MixRun::offered("c1")}, {MixRun::ring("c1", "a")});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("to agent a, who does not serve queue ps")));
}

TEST(CheckerOrdersTest, FindsWhoDoesNotServeTheQueueHoweverTheyAccept) {
  MixRun run;
  run.log_in({"a"}, AnswerMode::kDesktop);
  run.say({MixRun::offered("c1")});
  ReplayEvent accepted = MixRun::about(ReplayEventKind::kOfferAccepted, "c1");
  accepted.agent = "a";
  accepted.generation = 1;
  run.checker().asked(accepted, "");
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("to agent a, who does not serve queue ps")));
  MixRun at_once;
  at_once.log_in({"a"}, AnswerMode::kAuto);
  ReplayCommand joined = MixRun::command(Kind::kConnectCall, "c1", "a", 1);
  joined.answer_mode = AnswerMode::kAuto;
  at_once.say({MixRun::offered("c1")}, {joined});
  EXPECT_THAT(at_once.breaches(),
              ElementsAre(HasSubstr("to agent a, who does not serve queue ps")));
}

TEST(CheckerOrdersTest, FindsAConsultOfferedToWhoIsOnTheCall) {
  MixRun run;
  run.member("ps", {"a", "b"});
  run.log_in({"a", "b"});
  run.say({MixRun::offered("c1", Medium::kChat)});
  run.talk("c1", "a");
  run.say({MixRun::consult()}, {MixRun::ring("c1-c", "a")});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("to agent a, who is on call c1, about which")));
}

TEST(CheckerOrdersTest, FindsACallThatGoesBackToWhoTransferredIt) {
  constexpr int64_t kLeftOutS = kReofferAfterDefaultNs / kNsPerS;
  for (const int64_t after_s : {int64_t{1}, kLeftOutS - 1, kLeftOutS}) {
    MixRun run;
    run.begin();
    run.pass(1);
    run.say({run.transfer("ne")}, {MixRun::park("c1", "ne")});
    run.pass(after_s);
    run.say({}, {MixRun::ring("c1", "a", 2)});
    if (after_s == kLeftOutS) {
      EXPECT_THAT(run.breaches(), IsEmpty());
    } else {
      EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("to agent a, who has just transferred")));
    }
  }
}

TEST(CheckerOrdersTest, LetsACallGoBackWhereNobodyElseIsThere) {
  MixRun run;
  run.begin();
  ReplayEvent out = MixRun::about(ReplayEventKind::kAgentLoggedOut, "");
  out.agent = "b";
  run.pass(1);
  run.say({out});
  run.say({run.transfer("ne")}, {MixRun::park("c1", "ne"), MixRun::ring("c1", "a", 2)});
  EXPECT_THAT(run.breaches(), IsEmpty());
}

// c1 is transferred to b; c is there, too.
void transfer_to_b(MixRun& run) {
  run.member("ps", {"c"});
  run.begin();
  run.log_in({"c"});
  run.say({run.transfer("", "b")}, {MixRun::park("c1", "ps")});
}

TEST(CheckerOrdersTest, FindsATransferredCallThatPassesByWhoWasNamed) {
  MixRun run;
  transfer_to_b(run);
  run.pass(kTransferWaitDefaultNs / kNsPerS - 1);
  run.say({}, {MixRun::ring("c1", "c", 2)});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("to agent c, but waits for agent b")));
}

TEST(CheckerOrdersTest, LetsATransferredCallPassByWhoHasSomethingElseOrIsGone) {
  for (const int why : {0, 1, 2}) {
    MixRun run;
    transfer_to_b(run);
    if (why == 0) {
      run.say({MixRun::offered("c2")}, {MixRun::ring("c2", "b")});
    } else if (why == 1) {
      ReplayEvent out = MixRun::about(ReplayEventKind::kAgentLoggedOut, "");
      out.agent = "b";
      run.say({out});
    } else {
      run.pass(kTransferWaitDefaultNs / kNsPerS);
    }
    run.say({}, {MixRun::ring("c1", "c", 2)});
    EXPECT_THAT(run.breaches(), IsEmpty()) << why;
  }
}

// --- What nobody asked for.

TEST(CheckerOrdersTest, FindsACallReleasedOrSentAwayThatNobodyAskedFor) {
  for (const Kind kind : {Kind::kReleaseCall, Kind::kTransferCall}) {
    MixRun run;
    run.say({MixRun::offered("c1")}, {MixRun::command(kind, "c1")});
    EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("but nobody asked for it")));
    MixRun leaving;
    leaving.say({MixRun::offered("c1"), MixRun::ended("c1")}, {MixRun::command(kind, "c1")});
    EXPECT_THAT(leaving.breaches(), ElementsAre(HasSubstr("but nobody asked for it")));
  }
}

TEST(CheckerOrdersTest, LetsAReleaseBeToldAgainAfterACutAndNoOther) {
  MixRun run;
  run.say({MixRun::offered("c1")});
  run.checker().asked(MixRun::callback(), "");
  run.say({}, {MixRun::command(Kind::kReleaseCall, "c1")});
  run.cut();
  run.say({}, {MixRun::command(Kind::kReleaseCall, "c1")});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.say({MixRun::offered("c2"), MixRun::ended("c2")});
  run.cut();
  run.say({}, {MixRun::command(Kind::kReleaseCall, "c2")});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("call c2 was released, but has left")));
}

TEST(CheckerOrdersTest, FindsAnAgentLoggedOutByTheDaemon) {
  MixRun run;
  run.begin();
  ReplayCommand out = MixRun::command(Kind::kLogOutAgent, "", "a");
  out.station = "phone-a";
  run.say({}, {out});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("log_out_agent of agent a at phone-a")));
}

TEST(CheckerOrdersTest, FindsATreatmentPlayedToWhoDoesNotWait) {
  const ReplayCommand played = MixRun::command(Kind::kPlayTreatment, "c1");
  MixRun waiting;
  waiting.say({MixRun::offered("c1")}, {played});
  EXPECT_THAT(waiting.breaches(), IsEmpty());
  MixRun run;
  run.begin();
  run.say({}, {played});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("for call c1, though agent a has it")));
  MixRun callback;
  callback.say({MixRun::offered("c1")});
  callback.say({MixRun::callback()}, {MixRun::command(Kind::kPlayTreatment, "c1-b")});
  EXPECT_THAT(callback.breaches(), ElementsAre(HasSubstr("which has nobody on the line")));
}

// --- Callbacks.

// A callback of queue ps waits; a serves it.
void ask_callback(MixRun& run, CallbackMode mode) {
  run.member("ps", {"a"});
  run.checker().add_callbacks("ps", mode);
  run.log_in({"a"});
  run.say({MixRun::offered("c1")});
  run.say({MixRun::callback()});
}

ReplayEvent answered(const std::string& call, int64_t generation) {
  ReplayEvent event = MixRun::about(ReplayEventKind::kLegAnswered, call);
  event.generation = generation;
  return event;
}

TEST(CheckerOrdersTest, FindsACustomerWhoIsNotDialed) {
  MixRun run;
  ask_callback(run, CallbackMode::kAgentFirst);
  run.say({}, {MixRun::ring("c1-b", "a")});
  run.say({answered("c1-b", 1)}, {MixRun::command(Kind::kConnectCall, "c1-b", "a", 1)});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("though its customer is not on the line")));
}

TEST(CheckerOrdersTest, FindsACustomerDialedWhoIsOnTheLine) {
  MixRun run;
  run.member("ps", {"a"});
  run.checker().add_callbacks("ps", CallbackMode::kAgentFirst);
  run.log_in({"a"});
  run.say({MixRun::offered("c1")}, {MixRun::ring("c1", "a")});
  ReplayCommand dial = MixRun::command(Kind::kDialCustomer, "c1", "a", 1);
  dial.number.clear();
  run.say({answered("c1", 1)}, {dial});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("though its customer is on the line")));
}

TEST(CheckerOrdersTest, LetsADialBeToldAgainAfterACutAndNoConnect) {
  MixRun run;
  ask_callback(run, CallbackMode::kAgentFirst);
  run.say({}, {MixRun::ring("c1-b", "a")});
  const ReplayCommand dial = MixRun::command(Kind::kDialCustomer, "c1-b", "a", 1);
  run.say({answered("c1-b", 1)}, {dial});
  run.cut();
  ReplayEvent connected = MixRun::about(ReplayEventKind::kCallConnected, "c1-b");
  connected.generation = 1;
  run.say({connected}, {dial});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.cut();
  run.say({}, {MixRun::command(Kind::kConnectCall, "c1-b", "a", 1)});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("though its customer is not on the line")));
}

TEST(CheckerOrdersTest, FindsAnotherNumberDialed) {
  MixRun run;
  ask_callback(run, CallbackMode::kCustomerFirst);
  ReplayCommand dial = MixRun::command(Kind::kDialCustomer, "c1-b", "", 1);
  dial.number = "+972";
  run.say({}, {dial});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("number is \"+972\" instead of \"+971\"")));
}

TEST(CheckerOrdersTest, HoldsAQueueToItsWayOfCallingBack) {
  MixRun agent;
  ask_callback(agent, CallbackMode::kAgentFirst);
  agent.say({}, {MixRun::command(Kind::kDialCustomer, "c1-b", "", 1)});
  EXPECT_THAT(agent.breaches(), ElementsAre(HasSubstr("but queue ps asks an agent first")));
  MixRun customer;
  ask_callback(customer, CallbackMode::kCustomerFirst);
  customer.say({}, {MixRun::ring("c1-b", "a")});
  EXPECT_THAT(customer.breaches(), ElementsAre(HasSubstr("but queue ps dials the customer first")));
}

TEST(CheckerOrdersTest, FindsTooManyCustomersDialed) {
  MixRun run;
  run.checker().add_callbacks("ps", CallbackMode::kCustomerFirst);
  for (int i = 1; i <= kMixDialingMax + 1; ++i) {
    EXPECT_THAT(run.breaches(), IsEmpty());
    const std::string call = "c" + std::to_string(i);
    ReplayEvent asked = MixRun::callback();
    asked.call = call + "-b";
    asked.other_call = call;
    run.say({MixRun::offered(call)});
    run.say({asked}, {MixRun::command(Kind::kDialCustomer, asked.call, "", 1)});
  }
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("4 customers of queue ps are being dialed")));
}

// --- What a command says.

using Spoil = std::function<void(ReplayCommand&)>;

TEST(CheckerOrdersTest, ReadsWhatARingSays) {
  const std::vector<std::pair<Spoil, const char*>> cases = {
      {[](ReplayCommand&) {}, ""},
      {[](ReplayCommand& one) { one.leg.clear(); }, "which is no name of the daemon's"},
      {[](ReplayCommand& one) { one.leg = "acd-c1-1"; }, "as another one's was"},
      {[](ReplayCommand& one) { one.other_call.clear(); }, "parent_call_id is \"\" and"},
      {[](ReplayCommand& one) { one.consulting = "b"; }, "consulting_agent_id \"b\" instead of"}};
  for (const auto& [spoil, text] : cases) {
    MixRun run;
    run.begin();
    ReplayCommand ring = MixRun::ring("c1-c", "b");
    spoil(ring);
    run.say({MixRun::consult()}, {ring});
    if (*text == '\0') {
      EXPECT_THAT(run.breaches(), IsEmpty());
    } else {
      EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr(text)));
    }
  }
}

TEST(CheckerOrdersTest, ReadsWhatAConnectSays) {
  const std::vector<std::pair<Spoil, const char*>> cases = {
      {[](ReplayCommand& one) { one.station = "phone-b"; }, "station is \"phone-b\" instead"},
      {[](ReplayCommand& one) { one.leg = "acd-2"; }, "leg_id is \"acd-2\", and was \"acd-c1-1\""},
      {[](ReplayCommand& one) { one.other_call = "c2"; }, "parent_call_id is \"c2\" and"}};
  for (const auto& [spoil, text] : cases) {
    MixRun run;
    run.member("ps", {"a"});
    run.log_in({"a"});
    run.say({MixRun::offered("c1")}, {MixRun::ring("c1", "a")});
    ReplayCommand connect = MixRun::command(Kind::kConnectCall, "c1", "a", 1);
    spoil(connect);
    run.say({answered("c1", 1)}, {connect});
    EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr(text)));
  }
}

TEST(CheckerOrdersTest, ReadsWhatAMergeSays) {
  const std::vector<std::pair<Spoil, const char*>> cases = {
      {[](ReplayCommand& one) { one.agent = "a"; }, "agent_id is \"a\" instead of \"b\""},
      {[](ReplayCommand& one) { one.consulting = "z"; }, "consulting_agent_id is \"z\" instead"},
      {[](ReplayCommand& one) { one.is_conference = false; }, "conference is \"false\" instead"}};
  for (const auto& [spoil, text] : cases) {
    MixRun run;
    run.begin();
    run.say({MixRun::consult()}, {MixRun::ring("c1-c", "b")});
    run.join("c1-c", "b");
    ReplayEvent merged = MixRun::about(ReplayEventKind::kConsultMerged, "c1-c");
    merged.is_conference = true;
    run.checker().asked(merged, "");
    ReplayCommand merge = MixRun::command(Kind::kMergeCall, "c1-c", "b", 1);
    merge.other_call = "c1";
    merge.is_conference = true;
    const ReplayCommand right = merge;
    spoil(merge);
    run.say({}, {merge});
    EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr(text)));
    run.cut();
    run.say({}, {right});
    EXPECT_EQ(run.breaches().size(), 1u);
    run.cut();
    run.say({}, {merge});
    EXPECT_EQ(run.breaches().size(), 2u);
  }
}

TEST(CheckerOrdersTest, ReadsWhatAParkAndARetrieveSay) {
  MixRun run;
  run.begin();
  ReplayCommand park = MixRun::park("c1", "ne");
  park.generation = 2;
  run.say({run.transfer("ne")}, {park});
  EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr("generation is \"2\" instead of \"1\"")));
  MixRun back;
  back.begin();
  back.say({MixRun::consult()}, {MixRun::ring("c1-c", "b")});
  back.join("c1-c", "b");
  ReplayCommand retrieve = MixRun::retrieve("c1", "b", "c1-c");
  retrieve.generation = 1;
  back.say({MixRun::ended("c1-c")}, {retrieve});
  EXPECT_THAT(back.breaches(), ElementsAre(HasSubstr("agent_id is \"b\" instead of \"a\"")));
}

// --- The statistics.

TEST(CheckerOrdersTest, ComparesEachEndOfAVisitByItself) {
  using Counter = int64_t QueueFigures::*;
  const std::vector<std::pair<const char*, std::pair<Counter, Counter>>> cases = {
      {"short_abandoned is 1", {&QueueFigures::short_abandoned, nullptr}},
      {"timed_out is 0", {&QueueFigures::failed_waiting, &QueueFigures::timed_out}},
      {"rejected is 1", {&QueueFigures::rejected, &QueueFigures::timed_out}},
      {"overflowed_out is 1", {&QueueFigures::overflowed_out, nullptr}}};
  for (const auto& [text, moved] : cases) {
    MixRun run;
    run.say({MixRun::offered("c1"), MixRun::offered("c2")});
    run.pass(60);
    ReplayEvent timed_out = MixRun::ended("c2");
    timed_out.ended_by = EndedBy::kTimeout;
    run.say({MixRun::ended("c1"), timed_out});
    QueueFigures counted = figures(2, 0);
    counted.abandoned = 1;
    counted.timed_out = 1;
    ++(counted.*moved.first);
    if (moved.second != nullptr) --(counted.*moved.second);
    EXPECT_THAT(run.finish({{"ps", counted}}), Contains(HasSubstr(text)));
  }
}

// A false overflow does not make the judge look at sums alone.
TEST(CheckerOrdersTest, ComparesEveryQueueWhateverTheDaemonSaysOfOverflows) {
  MixRun run;
  run.begin();
  run.say({MixRun::ended("c1")});
  QueueFigures wrong = figures(1, 1);
  wrong.overflowed_in = 1;
  wrong.overflowed_out = 1;
  EXPECT_THAT(run.finish({{"ps", figures(0, 0)}, {"ne", wrong}}),
              Contains(HasSubstr("queue ps: offered is 0 in the daemon's statistics, but 1")));
}

// From 8 to 18 hours, by a clock that begins at midnight.
TEST(CheckerOrdersTest, JudgesWhenCustomersAreCalled) {
  for (const auto& [hour, is_allowed] : {std::pair{7, false}, {8, true}, {17, true}, {18, false}}) {
    MixRun run;
    run.member("ps", {"a"});
    run.checker().add_callbacks("ps", CallbackMode::kAgentFirst);
    run.checker().set_callback_hours({8, 18});
    run.say({MixRun::offered("c1")});
    run.say({MixRun::callback()});
    run.pass(hour * 3'600 + 1);
    run.log_in({"a"});
    // Nobody is to be served for ten minutes, unless it is time.
    run.pass(600);
    run.say({});
    EXPECT_EQ(run.breaches().size(), is_allowed ? 1u : 0u) << hour;
    run.say({}, {MixRun::ring("c1-b", "a")});
    EXPECT_EQ(run.breaches().size(), 1u) << hour;
    EXPECT_THAT(run.breaches(), ElementsAre(HasSubstr(is_allowed ? "is not offered, though"
                                                                 : "may not be called")));
  }
}

}  // namespace
}  // namespace acd::sim
