// SPDX-License-Identifier: Apache-2.0
// ExplainService at the edge: what is asked of the shard, how its answers are told, and what is refused.
#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "acd/v1/explain_service.pb.h"
#include "routing/decision.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

using ::testing::HasSubstr;

constexpr const char* kService = "/acd.v1.ExplainService/";

class ExplainServiceTest : public EdgeTest {
 protected:
  ExplainServiceTest() {
    tenant_->feed.upsert(0, "ada");
    tenant_->feed.upsert(1, "bob");
  }
  // What the caller gets when the shard says that; what it was asked is kept.
  template <typename Response, typename Request>
  grpc::Status told(const std::string& method, Request request, const std::string& name,
                    const Explanation& answer, Response* response) {
    request.set_name(name);
    auto called = std::async(std::launch::async,
                             [&] { return call(channel_, kService + method, request, response); });
    batch_ = tenant_->next_batch();
    if (batch_ == nullptr) return called.get();
    EXPECT_EQ(batch_->change, nullptr);
    EXPECT_EQ(batch_->stream, nullptr);
    batch_->question->reply(answer);
    return called.get();
  }
  template <typename Request>
  std::string refused(const std::string& method, const std::string& name) {
    Request request;
    request.set_name(name);
    return EdgeTest::refused(kService + method, request);
  }
  static std::string text(const grpc::Status& status) {
    return std::to_string(status.error_code()) + " " + reason_in(status) + ": " +
           status.error_message();
  }
  void decide(uint32_t call, const Decision& decision) {
    Event event;
    event.kind = EventKind::kCallDecided;
    event.call = call_index(call);
    std::string record;
    encode_decision(decision, &record);
    event.text = tenant_->feed.log.add_text(record);
    tenant_->feed.add(event);
  }
  grpc::Status explain(const std::string& call_id, v1::ExplainAssignmentResponse* response) {
    v1::ExplainAssignmentRequest request;
    request.set_name("tenants/bank/calls/" + call_id);
    return call(channel_, std::string(kService) + "ExplainAssignment", request, response);
  }
};

TEST_F(ExplainServiceTest, TellsWhyACallWaits) {
  start();
  Explanation answer;
  answer.now_ns = 5 * kNsPerS;
  answer.queue = "sales";
  answer.wait.agents[static_cast<size_t>(Blocker::kSkillLevel)] = 2;
  answer.wait.agents[static_cast<size_t>(Blocker::kNotMember)] = 1;
  answer.wait.next_change_ns = kNeverNs;
  v1::WhyWaitingResponse response;
  const std::string name = "tenants/bank/calls/c/1";
  ASSERT_TRUE(told("WhyWaiting", v1::WhyWaitingRequest(), name, answer, &response).ok());
  EXPECT_EQ(batch_->question->about, Question::About::kCall);
  EXPECT_EQ(batch_->question->id, "c/1");
  EXPECT_EQ(response.ShortDebugString(),
            R"(queue: "tenants/bank/queues/sales" agents { blocker: "not_member" count: 1 } )"
            R"(agents { blocker: "skill_level" count: 2 })");
  answer.wait = {};
  answer.wait.agents[0] = 3;
  answer.wait.hold_back = HoldBack::kDialsUsed;
  answer.wait.is_switch_away = true;
  answer.wait.is_bulk_work = true;
  answer.wait.next_change_ns = 12 * kNsPerS;
  ASSERT_TRUE(told("WhyWaiting", v1::WhyWaitingRequest(), name, answer, &response).ok());
  EXPECT_EQ(response.ShortDebugString(),
            R"(queue: "tenants/bank/queues/sales" agents_free: 3 hold_back: "dials_used" )"
            R"(switch_away: true configuring: true next_change { seconds: 7 })");
}

TEST_F(ExplainServiceTest, TellsPositionAndPredictionOfACallThatWaits) {
  tenant_->feed.enqueue(1);
  start();
  Explanation answer;
  answer.queue = "sales";
  answer.wait.next_change_ns = kNeverNs;
  answer.wait.position = 4;
  v1::WhyWaitingResponse response;
  const std::string name = "tenants/bank/calls/c1";
  ASSERT_TRUE(told("WhyWaiting", v1::WhyWaitingRequest(), name, answer, &response).ok());
  EXPECT_EQ(response.position(), 4);
  EXPECT_EQ(response.ewt().unknown(), v1::WAIT_UNKNOWN_NO_AGENTS);
  EXPECT_EQ(response.ewt().position(), 1);
  // It may have gone when the observer is asked.
  tenant_->feed.abandon(1);
  ASSERT_TRUE(told("WhyWaiting", v1::WhyWaitingRequest(), name, answer, &response).ok());
  EXPECT_EQ(response.position(), 4);
  EXPECT_FALSE(response.has_ewt());
  tenant_->set_reads_full();
  const grpc::Status status = told("WhyWaiting", v1::WhyWaitingRequest(), name, answer, &response);
  EXPECT_EQ(reason_in(status), "OVERLOADED");
}

TEST_F(ExplainServiceTest, TellsWhyAnAgentIsIdle) {
  start();
  Explanation answer;
  answer.idle.own = Blocker::kWrapUp;
  answer.idle.calls[static_cast<size_t>(Blocker::kWrapUp)] = 4;
  v1::WhyIdleResponse response;
  const std::string name = "tenants/bank/agents/ada";
  ASSERT_TRUE(told("WhyIdle", v1::WhyIdleRequest(), name, answer, &response).ok());
  EXPECT_EQ(batch_->question->about, Question::About::kAgent);
  EXPECT_EQ(batch_->question->id, "ada");
  EXPECT_EQ(response.ShortDebugString(),
            R"(blocker: "wrap_up" calls { blocker: "wrap_up" count: 4 })");
}

TEST_F(ExplainServiceTest, TellsWhatTheShardDoesNotKnow) {
  start();
  Explanation answer;
  answer.outcome = Explanation::Outcome::kUnknown;
  v1::WhyWaitingResponse wait;
  v1::WhyIdleResponse idle;
  const std::string call = "tenants/bank/calls/c1";
  EXPECT_EQ(text(told("WhyWaiting", v1::WhyWaitingRequest(), call, answer, &wait)),
            "5 CALL_UNKNOWN: No call 'c1' in tenants/bank.");
  EXPECT_EQ(text(told("WhyIdle", v1::WhyIdleRequest(), "tenants/bank/agents/ada", answer, &idle)),
            "5 AGENT_UNKNOWN: No agent 'ada' in tenants/bank.");
  answer.outcome = Explanation::Outcome::kNotWaiting;
  EXPECT_THAT(text(told("WhyWaiting", v1::WhyWaitingRequest(), call, answer, &wait)),
              HasSubstr("9 CALL_STATE: call 'c1' does not wait"));
}

TEST_F(ExplainServiceTest, RefusesNamesOfNothing) {
  start();
  EXPECT_EQ(refused<v1::WhyWaitingRequest>("WhyWaiting", "tenants/bank/agents/ada"),
            "3 NAME_MALFORMED name");
  EXPECT_EQ(refused<v1::WhyIdleRequest>("WhyIdle", "ada"), "3 NAME_MALFORMED name");
  EXPECT_EQ(refused<v1::ExplainAssignmentRequest>("ExplainAssignment", ""),
            "3 NAME_MALFORMED name");
}

TEST_F(ExplainServiceTest, AnswersFourQuestionsAtOnceAndNoFifth) {
  start();
  v1::WhyIdleRequest request;
  request.set_name("tenants/bank/agents/ada");
  std::vector<std::future<bool>> held;
  for (int i = 0; i < kExplainsMax; ++i) {
    held.push_back(std::async(std::launch::async, [&] {
      v1::WhyIdleResponse response;
      return call(channel_, std::string(kService) + "WhyIdle", request, &response).ok();
    }));
  }
  ASSERT_TRUE(tenant_->wait_submitted(4));
  v1::WhyIdleResponse response;
  EXPECT_EQ(text(call(channel_, std::string(kService) + "WhyIdle", request, &response)),
            "8 OVERLOADED: Too many requests of this kind are under way; try again.");
  for (int i = 0; i < kExplainsMax; ++i) tenant_->next_batch()->question->reply({});
  for (std::future<bool>& one : held) EXPECT_TRUE(one.get());
  EXPECT_TRUE(told("WhyIdle", request, request.name(), {}, &response).ok());
}

TEST_F(ExplainServiceTest, TellsHowACallCameToItsAgent) {
  EventFeed& feed = tenant_->feed;
  feed.at_s(30);
  feed.enqueue(1);
  feed.enqueue(2);
  Decision decision;
  decision.config_version = 3;
  decision.call_order = CallOrder::kScore;
  decision.strategy = Strategy::kMostSkilled;
  decision.was_preferred = true;
  decision.steps = 0b101;
  decision.priority = -7;
  decision.key_ns = 12;
  decision.arrival = 99;
  decision.tie_break = TieBreak::kIdle;
  decision.candidate_count = 2;
  decision.candidates[0] = {agent_index(1), 1, 0, 0, -5, 10 * kNsPerS};
  decision.candidates[1] = {agent_index(0), 2, 8, 1, -5, 20 * kNsPerS};
  decision.group_count = 1;
  decision.groups[0] = {agent_index(0), Blocker::kProtected, 6, 5, 4};
  decide(1, decision);
  feed.at_s(32);
  feed.abandon(1);
  start();
  v1::ExplainAssignmentResponse response;
  ASSERT_TRUE(explain("c1", &response).ok());
  response.clear_sequence();
  EXPECT_EQ(
      response.ShortDebugString(),
      R"(age { seconds: 2 } queue: "tenants/bank/queues/sales" config_version: 3 )"
      R"(call_order: "score" strategy: "most_skilled" preferred: true steps: 1 steps: 3 )"
      R"(priority: -7 order_key: 12 arrival: 99 tie_break: "idle" )"
      R"(candidates { agent: "tenants/bank/agents/bob" rank: 1 strategy_key: -5 idle { seconds: 20 } } )"
      R"(candidates { agent: "tenants/bank/agents/ada" rank: 2 preference: 8 load: 1 strategy_key: -5 )"
      R"(idle { seconds: 10 } } )"
      R"(groups { example: "tenants/bank/agents/ada" blocker: "protected" logged_in: 6 ready: 5 )"
      R"(wrap_up: 4 })");
  EXPECT_EQ(text(explain("c2", &response)),
            "9 CALL_STATE: call 'c2' was given to nobody yet; if it waits, WhyWaiting says why");
  EXPECT_THAT(
      text(explain("c3", &response)),
      HasSubstr("5 CALL_UNKNOWN: No record of a call 'c3' in tenants/bank: it is not live"));
  EXPECT_THAT(text(explain("c3", &response)), HasSubstr("acdctl history calls --call"));
}

}  // namespace
}  // namespace acd
