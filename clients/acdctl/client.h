// SPDX-License-Identifier: Apache-2.0
// The connection to one daemon.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "acd/v1/agent_service.grpc.pb.h"
#include "acd/v1/call_service.grpc.pb.h"
#include "acd/v1/config_service.grpc.pb.h"
#include "acd/v1/event_service.grpc.pb.h"
#include "acd/v1/explain_service.grpc.pb.h"
#include "acd/v1/supervisor_service.grpc.pb.h"
#include "acd/v1/wallboard_service.grpc.pb.h"
#include "clients/acdctl/status.h"

namespace acd::acdctl {

// One answer of the health service.
enum class Serving { kServing, kNotServing, kUnknown };

// Requests to one daemon, each with its own deadline. Lists are followed to their last page.
//
// Threads:  one at a time.
// Bounds:   kPagesMax pages a list, kReceiveBytesMax an answer.
// Fails:    as status.h describes.
class Client {
 public:
  static constexpr int kPageSize = 1'000;
  static constexpr int kPagesMax = 10'000;
  // The largest configuration: 10,000 queues, some with thousands of named members.
  static constexpr int kReceiveBytesMax = 256 << 20;

  // `connection.timeout` is the text of `timeout`. Connects with the first request.
  Client(Connection connection, absl::Duration timeout);

  [[nodiscard]] const std::string& target() const { return connection_.target; }

  [[nodiscard]] absl::StatusOr<v1::ListTenantsResponse> tenants();
  // Resource name of the tenant to use: that of `id`, or with an empty one the daemon's only
  // tenant. An error that lists them when the daemon has several.
  [[nodiscard]] absl::StatusOr<std::string> resolve_tenant(const std::string& id);

  // Names are resource names.
  [[nodiscard]] absl::StatusOr<v1::TenantConfig> config(const std::string& tenant);
  [[nodiscard]] absl::StatusOr<v1::ValidateConfigResponse> validate(const v1::TenantConfig& config);
  [[nodiscard]] absl::StatusOr<v1::ApplyConfigResponse> apply(
      const v1::ApplyConfigRequest& request);
  [[nodiscard]] absl::StatusOr<v1::UpsertAgentsResponse> upsert(
      const v1::UpsertAgentsRequest& request);
  [[nodiscard]] absl::StatusOr<v1::OverrideQueueResponse> override_queue(
      const v1::OverrideQueueRequest& request);
  [[nodiscard]] absl::StatusOr<v1::SetCallOutcomeResponse> set_outcome(
      const v1::SetCallOutcomeRequest& request);
  [[nodiscard]] absl::StatusOr<v1::ConsultResponse> consult(const v1::ConsultRequest& request);
  [[nodiscard]] absl::StatusOr<v1::MergeConsultResponse> merge_consult(
      const v1::MergeConsultRequest& request);
  [[nodiscard]] absl::StatusOr<v1::RequestCallbackResponse> request_callback(
      const v1::RequestCallbackRequest& request);
  [[nodiscard]] absl::StatusOr<v1::CancelCallResponse> cancel_call(
      const v1::CancelCallRequest& request);
  [[nodiscard]] absl::StatusOr<v1::ScheduleCallResponse> schedule_call(
      const v1::ScheduleCallRequest& request);
  [[nodiscard]] absl::StatusOr<v1::RescheduleCallResponse> reschedule_call(
      const v1::RescheduleCallRequest& request);
  [[nodiscard]] absl::StatusOr<v1::TransferCallResponse> transfer(
      const v1::TransferCallRequest& request);
  [[nodiscard]] absl::StatusOr<v1::AcceptOfferResponse> accept_offer(
      const v1::AcceptOfferRequest& request);
  [[nodiscard]] absl::StatusOr<v1::RejectOfferResponse> reject_offer(
      const v1::RejectOfferRequest& request);
  // Has `request` ask the SupervisorService.
  [[nodiscard]] absl::Status supervise(
      absl::FunctionRef<grpc::Status(v1::SupervisorService::Stub& stub,
                                     grpc::ClientContext& context)>
          request);
  // Has `request` ask the ExplainService.
  [[nodiscard]] absl::Status explain(
      absl::FunctionRef<grpc::Status(v1::ExplainService::Stub& stub, grpc::ClientContext& context)>
          request);
  [[nodiscard]] absl::StatusOr<v1::QueueStats> queue(const v1::GetQueueStatsRequest& request);
  [[nodiscard]] absl::StatusOr<v1::ListQueueStatsResponse> queues(
      const v1::ListQueueStatsRequest& request);
  [[nodiscard]] absl::StatusOr<v1::AgentStatus> agent(const std::string& name);
  [[nodiscard]] absl::StatusOr<v1::ListAgentsResponse> agents(const std::string& tenant);
  [[nodiscard]] absl::StatusOr<v1::CallStatus> call(const std::string& name);
  [[nodiscard]] absl::StatusOr<v1::ListCallsResponse> calls(const v1::ListCallsRequest& request);
  // Of all queues if `queue` is empty.
  [[nodiscard]] absl::StatusOr<v1::ListScheduledCallsResponse> scheduled_calls(
      const std::string& tenant, const std::string& queue);

  // Calls `visit` with each response until that says no, or the stream ends, or is silent for
  // `silence_max`, which is an error that passes. Has no deadline.
  [[nodiscard]] absl::Status watch_events(
      const v1::WatchEventsRequest& request, absl::Duration silence_max,
      absl::FunctionRef<bool(const v1::WatchEventsResponse&)> visit);

  // The same of a wallboard.
  [[nodiscard]] absl::Status watch(const v1::WatchRequest& request, absl::Duration silence_max,
                                   absl::FunctionRef<bool(const v1::WatchResponse&)> visit);

  // Health of `service`; empty stands for the daemon as a whole. kUnknown for a name that it does
  // not know.
  [[nodiscard]] absl::StatusOr<Serving> health(const std::string& service);

 private:
  Connection connection_;
  absl::Duration timeout_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AgentService::Stub> agents_;
  std::unique_ptr<v1::CallService::Stub> calls_;
  std::unique_ptr<v1::ConfigService::Stub> config_;
  std::unique_ptr<v1::EventService::Stub> events_;
  std::unique_ptr<v1::ExplainService::Stub> explains_;
  std::unique_ptr<v1::SupervisorService::Stub> supervisors_;
  std::unique_ptr<v1::WallboardService::Stub> wallboard_;
};

}  // namespace acd::acdctl
