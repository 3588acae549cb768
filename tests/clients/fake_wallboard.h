// SPDX-License-Identifier: Apache-2.0
// A daemon's WallboardService that is made up: five queues, some agents, four calls.
#pragma once

#include <google/protobuf/any.pb.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <string>

#include "acd/internal/rpc_status.pb.h"
#include "acd/v1/wallboard_service.grpc.pb.h"

namespace acd::acdctl {

inline grpc::Status refusal(grpc::StatusCode code, const std::string& reason,
                            const std::string& message) {
  internal::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("acd.v1");
  internal::RpcStatus status;
  status.set_code(code);
  status.set_message(message);
  google::protobuf::Any* any = status.add_details();
  any->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  any->set_value(info.SerializeAsString());
  return grpc::Status(code, message, status.SerializeAsString());
}

// Names "{prefix}0".."{prefix}{count-1}" in pages of two.
template <typename Add>
std::string page_of(int count, const std::string& token, Add&& add) {
  constexpr int kPage = 2;
  const int first = token.empty() ? 0 : std::stoi(token);
  for (int i = first; i < std::min(first + kPage, count); ++i) add(i);
  return first + kPage < count ? std::to_string(first + kPage) : "";
}

class FakeWallboardService : public v1::WallboardService::Service {
 public:
  int agent_count = 3;

  grpc::Status GetQueueStats(grpc::ServerContext*, const v1::GetQueueStatsRequest* request,
                             v1::QueueStats* response) override {
    if (request->name() != "tenants/bank/queues/q0") {
      return refusal(grpc::StatusCode::NOT_FOUND, "QUEUE_UNKNOWN", "no such queue");
    }
    response->set_name(request->name());
    response->set_conserved(true);
    if (!request->ewt()) return grpc::Status::OK;
    add_windows(request->windows(), response);
    response->mutable_ewt()->set_unknown(v1::WAIT_UNKNOWN_NO_AGENTS);
    v1::AgentStateCount* ready = response->add_member_states();
    ready->set_state(v1::AGENT_STATE_READY);
    ready->set_count(3);
    return grpc::Status::OK;
  }
  static void add_windows(const google::protobuf::RepeatedField<int>& windows,
                          v1::QueueStats* stats) {
    for (const int number : windows) {
      v1::WindowStats* window = stats->add_windows();
      window->set_window(static_cast<v1::StatsWindow>(number));
      window->set_conserved(true);
      window->set_percentiles_complete(true);
      window->mutable_visits()->set_offered(10 * number);
      window->mutable_visits()->set_answered(number);
      v1::DurationStats* wait = window->add_durations();
      wait->set_kind(v1::DURATION_KIND_WAIT_ANSWERED);
      wait->set_count(2);
      wait->mutable_sum()->set_seconds(20);
      wait->mutable_p80()->set_seconds(14);
    }
  }
  grpc::Status ListQueueStats(grpc::ServerContext*, const v1::ListQueueStatsRequest* request,
                              v1::ListQueueStatsResponse* response) override {
    response->set_next_page_token(page_of(5, request->page_token(), [&](int i) {
      v1::QueueStats* queue = response->add_queues();
      queue->set_name(request->parent() + "/queues/q" + std::to_string(i));
      queue->set_waiting(i);
      queue->set_conserved(true);
      add_windows(request->windows(), queue);
    }));
    response->mutable_total()->set_waiting(10);
    response->mutable_now()->set_seconds(61);
    return grpc::Status::OK;
  }
  grpc::Status ListAgents(grpc::ServerContext*, const v1::ListAgentsRequest* request,
                          v1::ListAgentsResponse* response) override {
    response->set_next_page_token(page_of(agent_count, request->page_token(), [&](int i) {
      v1::AgentStatus* agent = response->add_agents();
      agent->set_name(request->parent() + "/agents/A" + std::to_string(i));
      agent->set_state(i == 1 ? v1::AGENT_STATE_READY : v1::AGENT_STATE_LOGGED_OUT);
    }));
    return grpc::Status::OK;
  }
  grpc::Status ListCalls(grpc::ServerContext*, const v1::ListCallsRequest* request,
                         v1::ListCallsResponse* response) override {
    if (!request->queue_id().empty() && request->queue_id() != "q0") {
      return refusal(grpc::StatusCode::NOT_FOUND, "QUEUE_UNKNOWN", "no such queue");
    }
    response->set_next_page_token(page_of(4, request->page_token(), [&](int i) {
      if (!request->queue_id().empty() && i % 2 != 0) return;
      v1::CallStatus* call = response->add_calls();
      call->set_name(request->parent() + "/calls/c" + std::to_string(i));
      call->set_queue(request->parent() + "/queues/q" + std::to_string(i % 2));
      call->set_state(v1::CALL_STATE_ENQUEUED);
      if (request->ewt()) call->mutable_ewt()->set_position(i + 1);
      if (request->ewt()) call->mutable_ewt()->mutable_p80()->set_seconds(30 * (i + 1));
    }));
    return grpc::Status::OK;
  }
};

}  // namespace acd::acdctl
