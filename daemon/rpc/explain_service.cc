// SPDX-License-Identifier: Apache-2.0
// ExplainService: questions to the shard, and decisions from the board.
#include "daemon/rpc/explain_service.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/rpc/board_codec.h"
#include "daemon/rpc/board_reads.h"
#include "daemon/rpc/durations.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/stats_codec.h"
#include "daemon/rpc/unary.h"
#include "routing/check.h"
#include "routing/decision.h"
#include "routing/insight/board.h"
#include "routing/limits.h"

namespace acd {
namespace {

using Counts = std::array<uint32_t, kBlockerCount>;
using CountList = google::protobuf::RepeatedPtrField<v1::BlockerCount>;

int32_t free_in(const Counts& counts) { return static_cast<int32_t>(counts[0]); }

// Those at a blocker, without those who are free.
void encode_counts(const Counts& counts, CountList* list) {
  for (size_t i = 1; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    v1::BlockerCount* one = list->Add();
    one->set_blocker(std::string(blocker_name(static_cast<Blocker>(i))));
    one->set_count(static_cast<int32_t>(counts[i]));
  }
}

v1::WhyWaitingResponse wait_answer(const Explanation& answer, const std::string& tenant) {
  const WaitExplanation& why = answer.wait;
  v1::WhyWaitingResponse response;
  response.set_queue(resource_name(tenant, "queues", answer.queue));
  encode_counts(why.agents, response.mutable_agents());
  response.set_agents_free(free_in(why.agents));
  if (why.hold_back != HoldBack::kNone) {
    response.set_hold_back(std::string(hold_back_name(why.hold_back)));
  }
  response.set_switch_away(why.is_switch_away);
  response.set_configuring(why.is_bulk_work);
  if (why.next_change_ns != kNeverNs) {
    set_duration(std::max<int64_t>(0, why.next_change_ns - answer.now_ns),
                 response.mutable_next_change());
  }
  response.set_position(why.position);
  return response;
}

v1::WhyIdleResponse idle_answer(const Explanation& answer) {
  const IdleExplanation& why = answer.idle;
  v1::WhyIdleResponse response;
  if (why.own != Blocker::kNone) response.set_blocker(std::string(blocker_name(why.own)));
  encode_counts(why.calls, response.mutable_calls());
  response.set_calls_free(free_in(why.calls));
  response.set_switch_away(why.is_switch_away);
  response.set_configuring(why.is_bulk_work);
  return response;
}

// Adds what the observer knows of the call, and replies. It may be over by then.
void predict(UnaryCall call, const ResourceName& name, v1::WhyWaitingResponse response) {
  TenantPort* const port = call.edge.find(name.tenant);
  call.read(port, [reply = call.reply, id = name.id,
                   response = std::move(response)](const Insight& insight) mutable {
    if (const auto index = insight.board.index_of_call(id)) {
      v1::CallStatus status;
      encode_call_ewt(insight, *index, &status);
      if (status.has_ewt()) *response.mutable_ewt() = status.ewt();
    }
    reply->answer(response);
  });
}

// What the shard could not answer.
RpcError question_error(const Explanation& answer, Question::About about,
                        const ResourceName& name) {
  if (answer.outcome == Explanation::Outcome::kNotWaiting) {
    return {
        v1::ERROR_REASON_CALL_STATE,
        absl::StrCat("call '", name.id,
                     "' does not wait: it rings, is connected, or is out of the order until its "
                     "customer is dialed; ExplainAssignment says how it came to its agent"),
        {{"tenant", name.tenant}, {"call", name.id}},
        {}};
  }
  return about == Question::About::kCall ? unknown(v1::ERROR_REASON_CALL_UNKNOWN, "call", name)
                                         : unknown(v1::ERROR_REASON_AGENT_UNKNOWN, "agent", name);
}

// What the board has no record of.
RpcError record_error(const Board& board, const ResourceName& name) {
  if (board.find_call(name.id) != nullptr) {
    return {v1::ERROR_REASON_CALL_STATE,
            absl::StrCat("call '", name.id,
                         "' was given to nobody yet; if it waits, WhyWaiting says why"),
            {{"tenant", name.tenant}, {"call", name.id}},
            {}};
  }
  return {v1::ERROR_REASON_CALL_UNKNOWN,
          absl::StrCat("No record of a call '", name.id, "' in tenants/", name.tenant,
                       ": it is not live, and of those that ended the records of the last ",
                       DecisionRing::kEndedMax,
                       " are kept; `acdctl history calls --call ID` tells of older ones."),
          {{"tenant", name.tenant}, {"call", name.id}},
          {}};
}

v1::ExplainAssignmentResponse assignment_answer(const Board& board, const std::string& tenant,
                                                const CallDecision& kept) {
  const std::optional<Decision> decision = decode_decision(kept.record);
  ACD_CHECK(decision.has_value());
  const auto agent_name = [&](AgentIndex agent) {
    return resource_name(tenant, "agents", board.agent(agent).id);
  };
  v1::ExplainAssignmentResponse response;
  response.set_sequence(kept.sequence);
  set_duration(std::max<int64_t>(0, board.now_ns() - kept.time_ns), response.mutable_age());
  response.set_queue(resource_name(tenant, "queues", board.queue(kept.queue).id));
  response.set_config_version(static_cast<int32_t>(decision->config_version));
  response.set_call_order(std::string(call_order_name(decision->call_order)));
  response.set_strategy(std::string(strategy_name(decision->strategy)));
  response.set_preferred(decision->was_preferred);
  for (int32_t i = 0; decision->steps >> i != 0; ++i) {
    if ((decision->steps >> i & 1) != 0) response.add_steps(i + 1);
  }
  response.set_priority(decision->priority);
  response.set_order_key(decision->key_ns);
  response.set_arrival(static_cast<int64_t>(decision->arrival));
  response.set_tie_break(std::string(tie_break_name(decision->tie_break)));
  for (size_t i = 0; i < decision->candidate_count; ++i) {
    const DecisionCandidate& one = decision->candidates[i];
    v1::AssignmentCandidate* candidate = response.add_candidates();
    candidate->set_agent(agent_name(one.agent));
    candidate->set_rank(one.rank);
    candidate->set_preference(one.preference);
    candidate->set_load(one.load);
    candidate->set_strategy_key(one.strategy_key);
    set_duration(std::max<int64_t>(0, kept.time_ns - one.idle_since_ns), candidate->mutable_idle());
  }
  for (size_t i = 0; i < decision->group_count; ++i) {
    const DecisionGroup& one = decision->groups[i];
    v1::AssignmentGroup* group = response.add_groups();
    group->set_example(agent_name(one.example));
    group->set_blocker(std::string(blocker_name(one.blocker)));
    group->set_logged_in(static_cast<int32_t>(one.logged_in));
    group->set_ready(static_cast<int32_t>(one.ready));
    group->set_wrap_up(static_cast<int32_t>(one.wrap_up));
  }
  return response;
}

}  // namespace

template <typename Request>
grpc::ServerUnaryReactor* ExplainService::ask(UnaryCall& call, const grpc::ByteBuffer& bytes,
                                              Question::About about, const char* collection) {
  std::shared_ptr<Changes::Place> place = questions_.take_place(call);
  if (place == nullptr) return call.reactor;
  Request request;
  if (!call.parse(bytes, &request)) return call.reactor;
  Violations violations;
  ResourceName name = take_resource_name("name", request.name(), collection, &violations);
  if (!call.authorize_for(name.tenant)) return call.reactor;
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  auto question = std::make_unique<Question>();
  question->about = about;
  question->id = name.id;
  const std::string tenant = name.tenant;
  Changes::ask(call, tenant, std::move(place), std::move(question),
               [about, name = std::move(name), call](const Explanation& answer, UnaryReply* reply) {
                 if (answer.outcome != Explanation::Outcome::kDone) {
                   return reply->fail(question_error(answer, about, name));
                 }
                 if (about == Question::About::kAgent) return reply->answer(idle_answer(answer));
                 predict(call, name, wait_answer(answer, name.tenant));
               });
  return call.reactor;
}

grpc::ServerUnaryReactor* ExplainService::WhyWaiting(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* bytes,
                                                     grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ExplainService.WhyWaiting", context, response);
  return ask<v1::WhyWaitingRequest>(call, *bytes, Question::About::kCall, "calls");
}

grpc::ServerUnaryReactor* ExplainService::WhyIdle(grpc::CallbackServerContext* context,
                                                  const grpc::ByteBuffer* bytes,
                                                  grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ExplainService.WhyIdle", context, response);
  return ask<v1::WhyIdleRequest>(call, *bytes, Question::About::kAgent, "agents");
}

grpc::ServerUnaryReactor* ExplainService::ExplainAssignment(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* bytes,
                                                            grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ExplainService.ExplainAssignment", context, response);
  v1::ExplainAssignmentRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  ResourceName name = take_resource_name("name", request.name(), "calls", &violations);
  const std::string tenant = name.tenant;
  read_board(&call, tenant, violations,
             [name = std::move(name)](const Board& board, UnaryReply& reply) {
               const CallDecision* decision = board.find_decision(name.id);
               if (decision == nullptr) return reply.fail(record_error(board, name));
               reply.answer(assignment_answer(board, name.tenant, *decision));
             });
  return call.reactor;
}

}  // namespace acd
