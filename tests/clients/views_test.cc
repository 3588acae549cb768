// SPDX-License-Identifier: Apache-2.0
// What a supervisor reads of given messages.
#include "clients/acdctl/views.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "clients/acdctl/words.h"
#include "routing/event.h"

namespace acd::acdctl {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

template <typename Message>
Message message(const std::string& text) {
  Message value;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &value));
  return value;
}

constexpr char kTwoQueues[] = R"pb(
  queues {
    name: "tenants/bank/queues/billing"
    waiting: 3
    longest_wait { seconds: 80 }
    connected: 5
    offered: 120
    answered: 101
    abandoned: 9
    short_abandoned: 2
    timed_out: 4
    withdrawn: 1
    average_speed_of_answer { seconds: 31 }
    average_handle_time { seconds: 185 }
    wait_max { seconds: 131 }
    service_level_percent: 71.2
    handled: 96
    conserved: true
    service_level_target {
      target { seconds: 20 }
      goal_percent: 80
      variant: 1
    }
  }
  queues {
    name: "tenants/bank/queues/ps"
    conserved: true
    service_level_target {
      target { seconds: 20 }
      goal_percent: 80
      variant: 1
    }
  }
  total {
    name: "tenants/bank"
    waiting: 3
    longest_wait { seconds: 80 }
    connected: 5
    offered: 120
    answered: 101
    abandoned: 9
    short_abandoned: 2
    timed_out: 4
    withdrawn: 1
    handled: 96
    average_speed_of_answer { seconds: 31 }
    average_handle_time { seconds: 185 }
    wait_max { seconds: 131 }
    service_level_percent: 71.2
    conserved: true
    agents { state: AGENT_STATE_READY count: 2 }
    agents { state: AGENT_STATE_ON_CALL count: 5 }
    agents { state: AGENT_STATE_WRAP_UP count: 0 }
  }
  now { seconds: 36000 }
)pb";

TEST(ViewsTest, ShowsQueuesWithTotalAndAgents) {
  EXPECT_EQ(
      queues_text(message<v1::ListQueueStatsResponse>(kTwoQueues), false),
      "Queue    Waiting  Longest  Talking  Offered  Answered  Abandoned  Share  Other  "
      "Service level           Goal   ASA   AHT  Max wait\n"
      "billing        3     1:20        5      120       101          9   7.6%      7        "
      "  71.2% !  80% in 0:20  0:31  3:05      2:11\n"
      "ps             0        -        0        0         0          0      -      0            "
      "  -    80% in 0:20     -     -         -\n"
      "-------  -------  -------  -------  -------  --------  ---------  -----  -----  "
      "---------------  -----------  ----  ----  --------\n"
      "Total          3     1:20        5      120       101          9   7.6%      7        "
      "  71.2%                 0:31  3:05      2:11\n"
      "\n"
      "7 agents: 2 ready, 5 on call\n"
      "daemon time 10:00:00\n");
}

TEST(ViewsTest, ShowsOverflowWhereThereIsAny) {
  auto stats = message<v1::ListQueueStatsResponse>(R"pb(
    queues {
      name: "tenants/bank/queues/day"
      offered: 10
      answered: 6
      overflowed_out: 4
      conserved: true
      is_open: true
      service_level_target { goal_percent: 80 }
    }
    queues {
      name: "tenants/bank/queues/night"
      overflowed_in: 4
      answered: 1
      abandoned: 2
      rejected: 1
      conserved: true
      is_open: false
      service_level_target { goal_percent: 80 }
    }
    total {
      name: "tenants/bank"
      offered: 10
      overflowed_in: 4
      answered: 7
      abandoned: 2
      overflowed_out: 4
      rejected: 1
      conserved: true
    })pb");
  EXPECT_THAT(queues_text(stats, false),
              AllOf(HasSubstr("Offered    Overflow  Answered  Abandoned  Share  Other"),
                    HasSubstr("day                   0        -        0       10  0 in 4 out     "
                              "    6          0   0.0%      0"),
                    HasSubstr("night (closed)        0        -        0        0  4 in 0 out     "
                              "    1          2  50.0%      1"),
                    HasSubstr("Total                 0        -        0       10  4 in 4 out     "
                              "    7          2  20.0%      1")));
}

TEST(ViewsTest, MarksOnlyServiceLevelsBelowTheirGoal) {
  auto stats = message<v1::QueueStats>(
      R"pb(name: "tenants/bank/queues/q"
           conserved: true
           service_level_percent: 80
           service_level_target { goal_percent: 80 })pb");
  EXPECT_THAT(queue_text(stats, false), AllOf(HasSubstr("80.0%\n"), Not(HasSubstr("!"))));
  stats.set_service_level_percent(79.9);
  EXPECT_THAT(queue_text(stats, false), HasSubstr("79.9% ! below goal"));
}

TEST(ViewsTest, SaysWhenVisitsAreNotAccountedFor) {
  const auto stats = message<v1::QueueStats>(R"pb(name: "tenants/bank/queues/q" offered: 2)pb");
  EXPECT_THAT(queue_text(stats, false), HasSubstr("! q: the counts do not add up"));
}

TEST(ViewsTest, ShowsAllEndsOfOneQueue) {
  const auto stats = message<v1::QueueStats>(
      R"pb(name: "tenants/bank/queues/q"
           conserved: true
           offered: 10
           answered: 4
           abandoned: 3
           short_abandoned: 1
           timed_out: 2
           offers { created: 5 accepted: 4 no_answer: 1 })pb");
  EXPECT_THAT(queue_text(stats, false), AllOf(HasSubstr("  answered              4 (40.0%)\n"),
                                              HasSubstr("  short abandoned       1 (10.0%)\n"),
                                              HasSubstr("  timed out             2 (20.0%)\n"),
                                              HasSubstr("  no answer (RONA)      1 (20.0%)\n")));
}

TEST(ViewsTest, ShowsOverflowOfOneQueueOfAllItsVisits) {
  const auto stats = message<v1::QueueStats>(
      R"pb(name: "tenants/bank/queues/q"
           conserved: true
           offered: 6
           overflowed_in: 4
           answered: 5
           overflowed_out: 3
           rejected: 2
           is_open: false
           members_paused: 2
           service_level { entered: 5 left_out: 5 overflowed_in_target: 3 }
           offers { adopted: 1 })pb");
  EXPECT_THAT(
      queue_text(stats, false),
      AllOf(HasSubstr("Open                    no\n"), HasSubstr("Members paused          2\n"),
            HasSubstr("Overflowed in           4\n"),
            HasSubstr("  answered              5 (50.0%)\n"),
            HasSubstr("  overflowed out        3 (30.0%)\n"),
            HasSubstr("  rejected              2 (20.0%)\n"),
            HasSubstr("  left out              5\n"), HasSubstr("  overflowed in target  3\n"),
            HasSubstr("  late answers adopted  1\n")));
}

TEST(ViewsTest, ShowsByWhatAQueueIsOpen) {
  auto stats = message<v1::QueueStats>(R"pb(
    name: "tenants/bank/queues/q"
    conserved: true
    is_open: false
    hours {
      source: QUEUE_HOURS_SOURCE_CALENDAR
      calendar: "tenants/bank/calendars/office"
      next_change { seconds: 1795417200 }
    })pb");
  EXPECT_THAT(queue_text(stats, false),
              AllOf(HasSubstr("Open                    no\n"),
                    HasSubstr("  hours                 calendar office\n"),
                    HasSubstr("  opens                 2026-11-23 07:00:00 UTC\n"),
                    Not(HasSubstr("reason"))));
  v1::QueueHours* hours = stats.mutable_hours();
  hours->set_source(v1::QUEUE_HOURS_SOURCE_OVERRIDE);
  hours->set_reason("fire drill");
  hours->set_principal("local:boss");
  hours->mutable_since()->set_seconds(1'795'410'000);
  stats.set_is_open(true);
  EXPECT_THAT(
      queue_text(stats, false),
      AllOf(HasSubstr("  hours                 by hand, instead of calendar office\n"),
            HasSubstr("  reason                fire drill\n"),
            HasSubstr("  by                    local:boss, since 2026-11-23 05:00:00 UTC\n"),
            HasSubstr("  until                 somebody says so\n"),
            HasSubstr("  closes                2026-11-23 07:00:00 UTC\n")));
  hours->mutable_until()->set_seconds(1'795'417'200);
  hours->clear_calendar();
  EXPECT_THAT(queue_text(stats, false),
              AllOf(HasSubstr("by hand, instead of no calendar\n"),
                    HasSubstr("  until                 2026-11-23 07:00:00 UTC\n")));
  hours->set_source(v1::QUEUE_HOURS_SOURCE_UNKNOWN_ZONE);
  EXPECT_THAT(queue_text(stats, false), HasSubstr("whose zone the daemon does not know"));
}

TEST(ViewsTest, MarksQueuesThatAreClosedOrOverridden) {
  auto stats = message<v1::ListQueueStatsResponse>(R"pb(
    queues { name: "tenants/bank/queues/a" conserved: true is_open: true }
    queues { name: "tenants/bank/queues/b" conserved: true is_open: false }
    queues {
      name: "tenants/bank/queues/c"
      conserved: true
      is_open: true
      hours { source: QUEUE_HOURS_SOURCE_OVERRIDE }
    }
    queues {
      name: "tenants/bank/queues/d"
      conserved: true
      is_open: false
      hours { source: QUEUE_HOURS_SOURCE_OVERRIDE }
    }
    total { name: "tenants/bank" conserved: true })pb");
  EXPECT_THAT(queues_text(stats, false),
              AllOf(HasSubstr("\na    "), HasSubstr("\nb (closed) "),
                    HasSubstr("\nc (open by hand) "), HasSubstr("\nd (closed by hand) ")));
}

TEST(ViewsTest, ShowsEverybodyWhomACallRings) {
  auto call = message<v1::CallStatus>(R"pb(
    name: "tenants/bank/calls/c"
    state: CALL_STATE_ALERTING
    queue: "tenants/bank/queues/q"
    agent: "tenants/bank/agents/ada"
    wait { seconds: 5 }
    wait_total { seconds: 15 }
    visits: 2
    offered_agents: "tenants/bank/agents/ada"
    offered_agents: "tenants/bank/agents/bob"
    offered_agents: "tenants/bank/agents/cyd")pb");
  EXPECT_THAT(call_text(call, false),
              AllOf(HasSubstr("Agent               ada bob cyd\n"),
                    HasSubstr("  since it arrived  0:15\n"), HasSubstr("Queues visited      2\n")));
  v1::ListCallsResponse calls;
  *calls.add_calls() = call;
  EXPECT_THAT(calls_text(calls, false), HasSubstr("ada +2"));
  calls.mutable_calls(0)->set_state(v1::CALL_STATE_CONNECTED);
  EXPECT_THAT(calls_text(calls, false), Not(HasSubstr("+2")));
}

TEST(ViewsTest, ShowsWhoIsOnAConferenceAndWhatAConsultIsAbout) {
  auto call = message<v1::CallStatus>(R"pb(
    name: "tenants/bank/calls/x"
    state: CALL_STATE_CONNECTED
    queue: "tenants/bank/queues/q"
    agent: "tenants/bank/agents/ada"
    parties { agent: "tenants/bank/agents/ada" }
    parties { agent: "tenants/bank/agents/bob" })pb");
  EXPECT_THAT(call_text(call, false),
              AllOf(HasSubstr("Agent               ada bob\n"), Not(HasSubstr("Consult"))));
  v1::ListCallsResponse calls;
  *calls.add_calls() = call;
  EXPECT_THAT(calls_text(calls, false), HasSubstr("ada +1"));
  call.set_parent_call("tenants/bank/calls/c");
  call.set_consulting_agent("tenants/bank/agents/cyd");
  EXPECT_THAT(call_text(call, false),
              AllOf(HasSubstr("Consult about       c\n"), HasSubstr("  asked by          cyd\n")));
}

TEST(ViewsTest, ShowsAgentsWithStateInWords) {
  const auto agents = message<v1::ListAgentsResponse>(R"pb(
    agents {
      name: "tenants/bank/agents/A01"
      display_name: "Ada"
      state: AGENT_STATE_ON_CALL
      time_in_state { seconds: 75 }
      station: "SIP/201"
      calls: "tenants/bank/calls/c-17"
      answered: 12
      occupancy_percent: 83.31
      skills { key: "ps" value: 5 }
      skills { key: "ne" value: 3 }
    }
    agents {
      name: "tenants/bank/agents/A02"
      display_name: "A02"
      state: AGENT_STATE_NOT_READY
      reason: 201
      time_in_state { seconds: 4000 }
      station: "SIP/202"
      no_answer: 1
    })pb");
  EXPECT_EQ(
      agents_text(agents, false),
      "Agent  Name  State                Time  Call  Station  Answered  No answer  Occupancy  "
      "Skills\n"
      "A01    Ada   On call              1:15  c-17  SIP/201        12          0      83.3%  "
      "ne:3 ps:5\n"
      "A02    A02   Not ready (RONA)  1:06:40  -     SIP/202         0          1          -\n"
      "-----  ----  ----------------  -------  ----  -------  --------  ---------  ---------  "
      "---------\n"
      "Total                                                        12          1\n"
      "\n"
      "2 agents: 1 not ready, 1 on call\n");
}

TEST(ViewsTest, ShowsHowCallsWentWhereThatIsTold) {
  const auto stats = message<v1::ListQueueStatsResponse>(R"pb(
    queues {
      name: "tenants/bank/queues/sales"
      conserved: true
      outcomes {
        resolved: 3
        unresolved: 1
        resolved_percent: 75
        surveys: 2
        survey_sum: 15
        codes { code: "sold" count: 4 }
      }
    }
    queues { name: "tenants/bank/queues/desk" conserved: true }
    total { outcomes { resolved: 3 unresolved: 1 resolved_percent: 75 surveys: 2 survey_sum: 15 } }
  )pb");
  const std::string list = queues_text(stats, false);
  EXPECT_THAT(
      list, AllOf(HasSubstr("Resolved  Survey  Quality\n"), HasSubstr("75.0%     7.5        -\n")));
  const std::string page = queue_text(stats.queues(0), false);
  EXPECT_THAT(page, HasSubstr("Resolved (FCR)"));
  EXPECT_THAT(page, HasSubstr("75.0%, 3 of 4\n"));
  EXPECT_THAT(page, HasSubstr("7.5, 2 calls\n"));
  EXPECT_THAT(page, HasSubstr("  sold"));
  EXPECT_THAT(queue_text(stats.queues(1), false), Not(HasSubstr("FCR")));

  const auto agents = message<v1::ListAgentsResponse>(R"pb(
    agents {
      name: "tenants/bank/agents/A01"
      outcomes { qualities: 3 quality_sum: 250 }
    }
    agents { name: "tenants/bank/agents/A02" })pb");
  EXPECT_THAT(agents_text(agents, false), HasSubstr("       -       -     83.3\n"));
  EXPECT_THAT(agent_text(agents.agents(0), false), HasSubstr("83.3, 3 calls\n"));
  EXPECT_THAT(agent_text(agents.agents(0), false), Not(HasSubstr("Joined")));

  v1::AgentStatus joining = agents.agents(1);
  joining.set_answered(1);
  joining.set_joined(3);
  joining.set_transferred(2);
  EXPECT_THAT(agent_text(joining, false), AllOf(HasSubstr("Joined"), HasSubstr("2 (50.0%)")));

  const auto call = message<v1::CallStatus>(R"pb(
    name: "tenants/bank/calls/c1"
    outcome { wrap_up_code: "sold" resolved: false survey_score: 0 })pb");
  EXPECT_THAT(call_text(call, false), AllOf(HasSubstr("Wrap-up code"), HasSubstr("sold\n"),
                                            HasSubstr("Survey score"), Not(HasSubstr("Quality"))));
}

TEST(ViewsTest, ShowsCallsInTheirOrder) {
  const auto calls = message<v1::ListCallsResponse>(R"pb(
    calls {
      name: "tenants/bank/calls/z/9"
      state: CALL_STATE_CONNECTED
      queue: "tenants/bank/queues/ps"
      priority: 5
      wait { seconds: 12 }
      talk { seconds: 125 }
      agent: "tenants/bank/agents/A01"
      offers: 1
      source_id: "pbx1"
    }
    calls {
      name: "tenants/bank/calls/a"
      state: CALL_STATE_ENQUEUED
      queue: "tenants/bank/queues/ps"
      wait { seconds: 61 }
      source_id: "pbx1"
      requirement: "ps >= 3"
    })pb");
  EXPECT_EQ(calls_text(calls, false),
            "Call   State      Queue  Priority  Wait  Talk  Agent  Offers  Switch  Requirement\n"
            "z/9    Connected  ps            5  0:12  2:05  A01         1  pbx1\n"
            "a      Waiting    ps            0  1:01     -  -           0  pbx1    ps >= 3\n"
            "-----  ---------  -----  --------  ----  ----  -----  ------  ------  -----------\n"
            "Total                                                      1\n"
            "\n"
            "2 calls: 1 waiting, 1 connected\n");
}

TEST(ViewsTest, NamesReasonsByTheirRange) {
  EXPECT_EQ(agent_state_text(v1::AGENT_STATE_NOT_READY, kReasonLoggedIn), "Not ready (logged in)");
  EXPECT_EQ(agent_state_text(v1::AGENT_STATE_NOT_READY, kReasonRona), "Not ready (RONA)");
  EXPECT_EQ(agent_state_text(v1::AGENT_STATE_NOT_READY, kReasonRejects), "Not ready (rejects)");
  EXPECT_EQ(agent_state_text(v1::AGENT_STATE_NOT_READY, kReasonPhone), "Not ready (phone)");
  EXPECT_EQ(agent_state_text(v1::AGENT_STATE_NOT_READY, 7), "Not ready (reason 7)");
  EXPECT_EQ(agent_state_text(v1::AGENT_STATE_NOT_READY, 103), "Not ready (supervisor 103)");
  EXPECT_EQ(agent_state_text(v1::AGENT_STATE_NOT_READY, 299), "Not ready (system 299)");
}

TEST(ViewsTest, KnowsEveryAgentStateByItsTypedWord) {
  for (int number = v1::AgentState_MIN + 1; number <= v1::AgentState_MAX; ++number) {
    const auto state = static_cast<v1::AgentState>(number);
    EXPECT_THAT(agent_state_text(state), Not(HasSubstr("State "))) << number;
  }
  EXPECT_EQ(agent_state_named("on-call"), v1::AGENT_STATE_ON_CALL);
  EXPECT_EQ(agent_state_named("wrap-up"), v1::AGENT_STATE_WRAP_UP);
  EXPECT_EQ(agent_state_named("On call"), std::nullopt);
}

TEST(ViewsTest, KnowsEveryCallState) {
  for (int number = v1::CallState_MIN + 1; number <= v1::CallState_MAX; ++number) {
    if (!v1::CallState_IsValid(number)) continue;
    EXPECT_THAT(call_state_text(static_cast<v1::CallState>(number)), Not(HasSubstr("State ")));
  }
  EXPECT_EQ(call_state_text(static_cast<v1::CallState>(77)), "State 77");
}

TEST(ViewsTest, ShortensResourceNames) {
  EXPECT_EQ(short_name("tenants/bank"), "bank");
  EXPECT_EQ(short_name("tenants/bank/queues/billing"), "billing");
  EXPECT_EQ(short_name("tenants/bank/calls/a/b"), "a/b");
  EXPECT_EQ(short_name("odd"), "odd");
}

TEST(ViewsTest, ShowsCallbacksWhereThereAreAny) {
  auto stats = message<v1::ListQueueStatsResponse>(R"pb(
    queues {
      name: "tenants/bank/queues/day"
      callbacks_waiting: 3
      callback_requested: 4
      dials_failed: 2
      callbacks_open: false
      is_open: true
      conserved: true
    }
    total { name: "tenants/bank" callbacks_waiting: 3 callback_requested: 4 dials_failed: 2 }
  )pb");
  EXPECT_THAT(queues_text(stats, false), AllOf(HasSubstr("  Callbacks  Asked back  Failed dials"),
                                               HasSubstr("\nday (callbacks closed) "),
                                               HasSubstr("  3           4             2")));
  EXPECT_THAT(queues_text(message<v1::ListQueueStatsResponse>(kTwoQueues), false),
              Not(HasSubstr("Callbacks")));
}

TEST(ViewsTest, ShowsTheWindowAndTheCallbacksOfAQueue) {
  auto queue = message<v1::QueueStats>(R"pb(
    name: "tenants/bank/queues/day"
    offered: 4
    callbacks_waiting: 3
    callback_requested: 1
    callbacks_answered: 5
    dials_failed: 2
    callbacks_open: false
    callback_hours {
      source: QUEUE_HOURS_SOURCE_CALENDAR
      calendar: "tenants/bank/calendars/evening"
      next_change { seconds: 0 }
    }
    conserved: true
  )pb");
  EXPECT_THAT(queue_text(queue, false),
              AllOf(ContainsRegex("\nCallbacks waiting +3\n"
                                  "  may be called +no\n"
                                  "  hours +calendar evening\n"
                                  "  opens +1970-01-01 00:00:00 UTC\n"
                                  "  answered, agent first +5\n"
                                  "  dials failed +2\n"),
                    Not(HasSubstr("For later")),
                    ContainsRegex("\n  asked to be called back +1 .25.0%.\n")));
  queue.set_callbacks_open(true);
  EXPECT_THAT(queue_text(queue, false),
              AllOf(ContainsRegex("may be called +yes\n"), HasSubstr("  closes    ")));
  // Always open, and none there: nothing to say.
  EXPECT_THAT(queue_text(message<v1::QueueStats>("callbacks_open: true callback_hours {}"), false),
              Not(HasSubstr("allback")));
}

TEST(ViewsTest, ShowsOfACallbackWhoWasThereBeforeAndHowOftenItWasDialed) {
  auto call = message<v1::CallStatus>(R"pb(
    name: "tenants/bank/calls/cb"
    medium: MEDIUM_CALLBACK
    origin_call: "tenants/bank/calls/c/1"
    dial_attempts: 2
    off_line: true
    number: "+44201"
    next_attempt { seconds: 42 }
  )pb");
  EXPECT_THAT(
      call_text(call, false),
      AllOf(ContainsRegex("\nCustomer +not on the line\n"), ContainsRegex("\n  number +\\+44201\n"),
            ContainsRegex("\n  dials failed +2\n"), ContainsRegex("\n  next attempt in +0:42\n"),
            ContainsRegex("\n  in the place of +c/1\n")));
  call.set_off_line(false);
  call.clear_origin_call();
  call.clear_next_attempt();
  EXPECT_THAT(call_text(call, false),
              AllOf(ContainsRegex("\nCustomer +on the line\n"), Not(HasSubstr("next attempt")),
                    Not(HasSubstr("in the place of"))));
  call.set_medium(v1::MEDIUM_VOICE);
  EXPECT_THAT(call_text(call, false), Not(HasSubstr("Customer")));
}

TEST(ViewsTest, ShowsWhatWasForLaterAndCameToNothing) {
  EXPECT_THAT(
      queue_text(message<v1::QueueStats>("scheduled_canceled: 2 scheduled_dropped: 3"), false),
      AllOf(ContainsRegex("\nFor later, taken back +2\n"),
            ContainsRegex("\nFor later, dropped +3\n")));
}

TEST(ViewsTest, ShowsAtWhichSwitchAStationIs) {
  auto agents = message<v1::ListAgentsResponse>(R"pb(
    agents { name: "tenants/bank/agents/ada" station: "p9" source_id: "north" }
    agents { name: "tenants/bank/agents/bob" }
  )pb");
  EXPECT_THAT(agent_text(agents.agents(0), false), ContainsRegex("\n  switch +north\n"));
  EXPECT_THAT(agent_text(agents.agents(1), false), Not(HasSubstr("switch")));
  // One goes without saying.
  EXPECT_THAT(agents_text(agents, false), Not(HasSubstr("Switch")));
  agents.mutable_agents(1)->set_station("p9");
  agents.mutable_agents(1)->set_source_id("south");
  EXPECT_THAT(agents_text(agents, false),
              AllOf(HasSubstr("Switch"), HasSubstr("north"), HasSubstr("south")));
}

TEST(ViewsTest, ShowsCallsForLater) {
  const auto calls = message<v1::ListScheduledCallsResponse>(R"pb(
    calls {
      name: "tenants/bank/calls/f1"
      queue: "tenants/bank/queues/loans"
      source_id: "pbx1"
      time { seconds: 1893456000 }
    }
    calls {
      name: "tenants/bank/calls/f2"
      queue: "tenants/bank/queues/loans"
      source_id: "pbx1"
      time { seconds: 1893456001 }
      number: "+44201"
      priority: 0
    }
  )pb");
  EXPECT_EQ(scheduled_text(calls, false),
            "Call  Time                     Queue  Number  Priority  Switch\n"
            "f1    2030-01-01 00:00:00 UTC  loans  -              -  pbx1\n"
            "f2    2030-01-01 00:00:01 UTC  loans  +44201         0  pbx1\n"
            "\n"
            "2 calls for later\n");
}

}  // namespace
}  // namespace acd::acdctl
