// SPDX-License-Identifier: Apache-2.0
// The judge is judged: the rules of routing/README.md by examples that can be checked by hand. Who
// gets whom stands in oracle_match_test.cc.
#include "tests/sim/oracle_fixture.h"

namespace acd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using OracleTest = OracleFixture;

// --- Requirement and steps.

TEST_F(OracleTest, BringsStepsIntoForceByTime) {
  start([](TenantConfig& config) {
    StepConfig step;
    step.after_ns = 20 * kSecond;
    step.change = StepConfig::Change::kLowerLevel;
    step.text = "sales";
    step.number = 5;
    config.queues[0].requirement = "sales >= 8";
    config.queues[0].steps = {step};
  });
  bring({"ada"});
  enqueue("c1", "sales", [](Command& command) { command.age_ns = 5 * kSecond; });
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
  pass(15 * kSecond);
  EXPECT_THAT(lines_, IsEmpty());  // A timer fires strictly after its deadline.
  tick();
  EXPECT_THAT(lines_, ElementsAre("call.step_changed c1", "offer.created c1 ada"));
}

TEST_F(OracleTest, BringsStepsIntoForceByConditionAndBack) {
  start([](TenantConfig& config) {
    StepConfig step;
    step.after_ns = kNeverNs;
    step.has_condition = true;
    step.condition = {Condition::Counter::kLoggedIn, "spanish", 1, Condition::Compare::kBelow, 1};
    step.change = StepConfig::Change::kDropTerm;
    step.text = "language";
    config.queues[0].requirement = "language: spanish AND sales";
    config.queues[0].steps = {step};
  });
  agent(CommandKind::kLogIn, "cy", "phone-cy");
  bring({"ada"});
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
  agent(CommandKind::kLogOut, "cy");
  EXPECT_THAT(lines_, ElementsAre("agent.logged_out cy"));
  tick();
  EXPECT_THAT(lines_, ElementsAre("call.step_changed c1", "offer.created c1 ada"));
  agent(CommandKind::kLogIn, "cy", "phone-cy");
  tick();
  EXPECT_THAT(lines_, IsEmpty());  // Alerting: looked at again when it comes back.
  fail("c1");
  EXPECT_THAT(lines_, ElementsAre("offer.rejected c1 ada", "call.step_changed c1"));
}

TEST_F(OracleTest, OpensFurtherTeamByStep) {
  start([](TenantConfig& config) {
    StepConfig step;
    step.after_ns = 10 * kSecond;
    step.change = StepConfig::Change::kOpenTeam;
    step.text = "south";
    step.number = 3;
    config.queues[0].members_all = false;
    config.queues[0].members = {{MemberConfig::Kind::kTeam, "north", 1, 1, 0}};
    config.queues[0].steps = {step};
  });
  bring({"cy"});
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
  pass(11 * kSecond);
  EXPECT_THAT(lines_, ElementsAre("call.step_changed c1", "offer.created c1 cy"));
}

// --- Members.

TEST_F(OracleTest, PausesMemberUntilItIsTakenBack) {
  start([](TenantConfig& config) {
    config.queues[0].members_all = false;
    config.queues[0].members = {{MemberConfig::Kind::kAgent, "ada", 1, 1, 0}};
  });
  bring({"ada", "cy"});
  EXPECT_EQ(agent(CommandKind::kPauseMember, "cy", "sales"), Reject::kNotMember);
  EXPECT_EQ(agent(CommandKind::kPauseMember, "ada", "sales"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("member.paused ada"));
  agent(CommandKind::kLogOut, "ada");
  bring({"ada"});
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
  EXPECT_EQ(agent(CommandKind::kUnpauseMember, "ada", "sales"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("member.unpaused ada", "offer.created c1 ada"));
}

// --- Preferred agent.

TEST_F(OracleTest, WaitsForPreferredAgentForAWhile) {
  start();
  bring({"ada", "bob"});
  enqueue("busy", "open");
  connect("busy");  // ada.
  const auto prefer_ada = [&](Command& command) {
    command.preferred = text("ada");
    command.wait_ns = 30 * kSecond;
    command.detail = 1;
  };
  enqueue("c1", "sales", prefer_ada);
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1 ada"));
  pass(31 * kSecond);
  EXPECT_THAT(lines_, Contains("offer.created c1 bob"));
}

TEST_F(OracleTest, StopsWaitingForPreferredAgentWhoCannot) {
  start();
  bring({"ada", "bob"});
  const auto prefer_bob = [&](Command& command) {
    command.preferred = text("bob");
    command.wait_ns = 30 * kSecond;
    command.detail = 1;
  };
  enqueue("c1", "sales", prefer_bob);
  EXPECT_THAT(lines_, Contains("offer.created c1 bob"));
  enqueue("c2", "sales", prefer_bob);
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c2 bob"));
  agent(CommandKind::kSetNotReady, "bob");
  EXPECT_THAT(lines_, ElementsAre("offer.created c2 ada"));
  enqueue("c3", "sales", [&](Command& command) { command.preferred = text("nobody"); });
  EXPECT_THAT(lines_, IsEmpty());
}

// --- Offers that fail.

TEST_F(OracleTest, LeavesOutWhoFailedUntilNobodyElseIsThere) {
  start();
  bring({"ada", "bob"});
  enqueue("busy", "open");
  connect("busy");         // ada.
  enqueue("c1", "sales");  // bob.
  fail("c1");
  EXPECT_THAT(lines_, ElementsAre("offer.rejected c1 bob"));
  pass(29 * kSecond);
  EXPECT_THAT(lines_, Not(Contains("offer.created c1 bob")));
  pass(2 * kSecond);
  EXPECT_THAT(lines_, Contains("offer.created c1 bob"));
}

TEST_F(OracleTest, TakesAwayWhoDoesNotAnswerAndAdoptsTheLateAnswer) {
  start([](TenantConfig& config) { config.queues[0].adopts_late_answer = true; });
  bring({"ada"});
  enqueue("c1", "sales");
  pass(21 * kSecond);
  EXPECT_THAT(lines_, ElementsAre("offer.no_answer c1 ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
  answer("c1", 1);
  EXPECT_THAT(full_lines_, ElementsAre("22.000s offer.accepted c1 ada q=sales s=0 gen=1 late flag",
                                       "22.000s agent.state_changed ada not_ready->connecting"));
  connect("c1", 1);
  end("c1");
  EXPECT_EQ(state_of("ada"), AgentState::kReady);  // The RONA is taken back.
}

TEST_F(OracleTest, DropsLateAnswerUnlessTheQueueAdopts) {
  start();
  bring({"ada"});
  enqueue("c1", "sales");
  pass(21 * kSecond);
  EXPECT_EQ(answer("c1", 1), Reject::kNone);
  EXPECT_THAT(full_lines_, ElementsAre(R"(22.000s offer.stale c1 s=0 gen=1 flag "c1")"));
  EXPECT_EQ(fail("c1", 1), Reject::kOfferStale);
}

TEST_F(OracleTest, BringsCallBackWhenTheBridgeFails) {
  start();
  bring({"ada"});
  for (uint32_t generation = 1; generation <= 3; ++generation) {
    if (generation == 1) enqueue("c1", "sales");
    answer("c1", generation);
    EXPECT_EQ(leg(CommandKind::kConnectFailed, "c1", generation), Reject::kNone);
    EXPECT_THAT(lines_, Contains("call.requeued c1 ada"));
  }
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);  // After rejects_max.
}

// --- Limits.

TEST_F(OracleTest, ActsOnTheFirstLimitThatHoldsOnEntry) {
  start([](TenantConfig& config) {
    QueueLimits& limits = config.queues[0].limits;
    limits.closed = {LimitAction::Kind::kQueue, "open", 0, 0};
    limits.no_agents = {LimitAction::Kind::kRelease, "", 34, 0};
    limits.none_ready = {LimitAction::Kind::kAnnounce, "patience", 0, 0};
    limits.length_max = 1;
    limits.length = {LimitAction::Kind::kOutside, "+4930", 0, 0};
    limits.ewt_max_ns = 60 * kSecond;
    limits.ewt = {LimitAction::Kind::kOfferCallback, "later", 0, 0};
  });
  enqueue("c1", "sales");
  EXPECT_THAT(full_lines_.back(),
              HasSubstr("call.rejected c1 q=sales s=0 limit=no_agents cause=34"));
  agent(CommandKind::kLogIn, "ada", "phone");
  enqueue("c2", "sales");
  EXPECT_THAT(full_lines_.back(), HasSubstr(R"(treatment=announcement dur=never "patience")"));
  ready("ada");
  answer("c2");
  queue(CommandKind::kSetEwt, "sales", 61 * kSecond);
  enqueue("c3", "sales");
  EXPECT_THAT(full_lines_.back(), HasSubstr("treatment=callback_offer"));
  enqueue("c4", "sales");
  EXPECT_THAT(full_lines_.back(),
              HasSubstr(R"(call.overflowed c4 q=sales s=0 limit=length flag "+4930")"));
  queue(CommandKind::kCloseQueue, "sales");
  enqueue("c5", "sales");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c5", "call.overflowed c5", "call.enqueued c5"));
  EXPECT_THAT(full_lines_.back(), HasSubstr(R"(call.enqueued c5 q=open s=0 entry=overflow "c5")"));
}

TEST_F(OracleTest, OverflowsKeepTheAgeAndComeToAnEnd) {
  start([](TenantConfig& config) {
    for (size_t i : {0u, 2u}) {
      config.queues[i].limits.wait_max_ns = 10 * kSecond;
      config.queues[i].limits.wait = {LimitAction::Kind::kQueue, i == 0 ? "open" : "sales", 0, 0};
    }
  });
  enqueue("c1", "sales");
  pass(5 * kSecond);
  enqueue("c2", "open");
  pass(6 * kSecond);
  EXPECT_THAT(lines_, ElementsAre("call.overflowed c1", "call.enqueued c1"));
  pass(100 * kSecond);  // Back to where it has been: it waits instead. c2 goes to sales.
  EXPECT_THAT(lines_, ElementsAre("call.overflowed c2", "call.enqueued c2"));
  agent(CommandKind::kLogIn, "ada", "phone");
  ready("ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created c1 ada"));
}

TEST_F(OracleTest, ReleasesAfterTooManyOffersOrTooLongAWait) {
  start([](TenantConfig& config) {
    config.queues[0].limits.offers_max = 2;
    config.queues[0].limits.offers = {LimitAction::Kind::kRelease, "", 41, 0};
    config.queues[2].limits.wait_max_ns = 30 * kSecond;
    config.queues[2].limits.wait = {LimitAction::Kind::kRelease, "", 102, 0};
  });
  bring({"ada"});
  enqueue("c1", "sales");
  fail("c1", 1);
  fail("c1", 2);
  EXPECT_THAT(lines_, ElementsAre("offer.rejected c1 ada", "call.failed c1"));
  agent(CommandKind::kSetNotReady, "ada");
  enqueue("c2", "open");
  pass(20 * kSecond);
  ready("ada");
  pass(15 * kSecond);  // The offer is open: the wait may not act.
  EXPECT_THAT(lines_, IsEmpty());
  fail("c2", 1);
  EXPECT_THAT(lines_, ElementsAre("offer.rejected c2 ada", "call.timed_out c2"));
}

// --- Treatments.

TEST_F(OracleTest, PlaysTreatmentsOnTheirBeatAndTellsPosition) {
  start([](TenantConfig& config) {
    config.queues[0].treatments = {{0, kNeverNs, "music", false, false},
                                   {10 * kSecond, 10 * kSecond, "position", true, false}};
  });
  enqueue("c1", "sales");
  enqueue("c2", "sales");
  tick();
  EXPECT_THAT(lines_, ElementsAre("call.treated c1", "call.treated c2"));
  pass(10 * kSecond);
  ASSERT_EQ(full_lines_.size(), 2u);
  EXPECT_THAT(full_lines_[1], HasSubstr(R"(n=2 dur=never "position")"));
  pass(5 * kSecond);
  bring({"ada"});  // c1 is offered, and its beat at 20 s is skipped.
  pass(8 * kSecond);
  EXPECT_THAT(lines_, ElementsAre("call.treated c2"));
  fail("c1", 1, OfferOutcome::kBusy);
  pass(7 * kSecond);
  EXPECT_THAT(lines_, ElementsAre("call.treated c1", "call.treated c2"));
}

// --- Agents.

TEST_F(OracleTest, LogsOutWhenTheWorkIsDoneUnlessItIsTakenBack) {
  start();
  bring({"ada", "bob"});
  for (const bool forced : {false, true}) {
    const std::string who = forced ? "bob" : "ada";
    const std::string call = "call-of-" + who;
    enqueue(call, "sales");
    connect(call);
    agent(CommandKind::kLogOut, who, "", forced);
    ready(who);
    end(call);
    EXPECT_EQ(state_of(who), forced ? AgentState::kLoggedOut : AgentState::kReady);
    agent(CommandKind::kSetNotReady, who);
  }
}

TEST_F(OracleTest, ExtendsTimedWrapUp) {
  start([](TenantConfig& config) {
    config.queues[0].wrap_up_mode = WrapUpMode::kTimed;
    config.queues[0].wrap_up_ns = 10 * kSecond;
    config.queues[0].wrap_up_extensions = 1;
    config.queues[0].wrap_up_extension_ns = 5 * kSecond;
  });
  bring({"ada"});
  serve("c1", "sales");
  EXPECT_EQ(agent(CommandKind::kExtendWrapUp, "ada"), Reject::kNone);
  EXPECT_EQ(agent(CommandKind::kExtendWrapUp, "ada"), Reject::kExtensionsUsed);
  pass(12 * kSecond);
  EXPECT_EQ(state_of("ada"), AgentState::kWrapUp);
  pass(4 * kSecond);
  EXPECT_THAT(lines_, ElementsAre("agent.wrap_up_ended ada"));
  EXPECT_EQ(agent(CommandKind::kExtendWrapUp, "ada"), Reject::kAgentState);
}

// --- Live change.

TEST_F(OracleTest, BringsAgentsAndWaitingCallsToANewConfiguration) {
  start();
  bring({"cy"});
  enqueue("c1", "service");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
  EXPECT_EQ(reconfigure([](TenantConfig& config) {
              config.queues[1].requirement = "";
              config.queues[1].priority = 7;
              config.queues[1].members_all = false;
              config.queues[1].members = {{MemberConfig::Kind::kTeam, "south", 1, 1, 0}};
            }),
            Reject::kNone);
  EXPECT_THAT(lines_,
              ElementsAre("queue.config_changed", "queue.config_changed", "queue.config_changed"));
  tick();
  EXPECT_THAT(lines_,
              ElementsAre("member.added cy", "call.priority_changed c1", "offer.created c1 cy"));
}

TEST_F(OracleTest, DrainsQueueThatIsLeftOut) {
  start();
  bring({"ada"});
  enqueue("ringing", "service");
  enqueue("waiting", "service");
  const auto leave_out = [](TenantConfig& config) {
    config.queues.erase(config.queues.begin() + 1);
  };
  EXPECT_EQ(reconfigure(leave_out), Reject::kQueueNotEmpty);
  config_ = sample_config();
  EXPECT_EQ(reconfigure([&](TenantConfig& config) {
              leave_out(config);
              config.drains = {{"service", "open"}};
            }),
            Reject::kNone);
  EXPECT_THAT(lines_, Contains("queue.removed"));
  EXPECT_EQ(enqueue("late", "service"), Reject::kQueueUnknown);
  tick();
  EXPECT_THAT(lines_, ElementsAre("call.overflowed waiting", "call.enqueued waiting"));
  fail("ringing");
  EXPECT_THAT(lines_, ElementsAre("offer.rejected ringing ada", "call.overflowed ringing",
                                  "call.enqueued ringing", "offer.created ringing ada"));
}

// --- Switches and time.

TEST_F(OracleTest, OffersNothingWhileTheSwitchIsAwayAndLosesAllAfterItsGrace) {
  start();
  bring({"ada"});
  enqueue("c1", "service");
  close();
  pass(21 * kSecond);
  EXPECT_THAT(lines_, ElementsAre("offer.rescinded c1 ada"));  // Nobody can tell.
  open("pbx", "epoch-1");
  EXPECT_THAT(lines_, ElementsAre("switch.connected", "offer.created c1 ada"));
  close();
  pass(61 * kSecond);
  EXPECT_THAT(lines_,
              ElementsAre("offer.rescinded c1 ada", "call.failed c1", "agent.logged_out ada"));
}

TEST_F(OracleTest, MovesLateDeadlinesAfterARestart) {
  start();
  bring({"ada"});
  enqueue("c1", "sales");
  now_ns_ += 100 * kSecond;
  Command resume;
  resume.kind = CommandKind::kResume;
  apply(resume);
  EXPECT_THAT(lines_, ElementsAre("switch.disconnected"));
  open("pbx", "epoch-1");
  pass(9 * kSecond);
  EXPECT_THAT(lines_, IsEmpty());
  pass(2 * kSecond);
  EXPECT_THAT(lines_, ElementsAre("offer.no_answer c1 ada"));
}

TEST_F(OracleTest, ChangesThePlaceOfACallWithItsPriority) {
  start();
  enqueue("first", "sales");
  enqueue("second", "sales");
  EXPECT_EQ(change_priority("second", 3), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("call.priority_changed second"));
  EXPECT_EQ(change_priority("second", 3), Reject::kNone);
  EXPECT_THAT(lines_, IsEmpty());
  agent(CommandKind::kLogIn, "ada", "phone");
  ready("ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created second ada"));
}

TEST(EventLineTest, WritesEveryField) {
  EventLog log;
  Event event;
  event.kind = EventKind::kOfferCreated;
  event.time_ns = 12 * kNsPerS;
  event.call = CallIndex(7u);
  event.agent = AgentIndex(0u);
  event.queue = QueueIndex(1u);
  event.source = SourceIndex(0u);
  event.generation = 2;
  event.duration_ns = 20 * kNsPerS;
  EXPECT_EQ(event_line(event, log, {"c1", "ada", "sales"}),
            "12.000s offer.created c1 ada q=sales s=0 gen=2 dur=20s");
  EXPECT_EQ(event_line(event, log, "c1"), "12.000s offer.created c1 a0 q=1 s=0 gen=2 dur=20s");
  event.time_ns = 1;
  event.duration_ns = 1'500'000'000;
  event.flag = true;
  event.number = -1;
  event.cause = 16;
  event.text2 = log.add_text("a\"\n");
  EXPECT_EQ(event_line(event, log, "c1"),
            "0.000000001s offer.created c1 a0 q=1 s=0 gen=2 n=-1 cause=16 dur=1.5s flag "
            "2=\"a\\\"\\x0a\"");
}

}  // namespace
}  // namespace acd
