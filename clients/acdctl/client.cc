// SPDX-License-Identifier: Apache-2.0
// Blocking stubs: a command line has nothing to do meanwhile.
#include "clients/acdctl/client.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <utility>

#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"

namespace acd::acdctl {
namespace {

// A watch is to be back soon after its daemon is.
constexpr int kReconnectMinMs = 100;
constexpr int kReconnectMaxMs = 1'000;
// A daemon whose machine is gone says nothing.
constexpr int kKeepaliveMs = 15'000;
constexpr int kKeepaliveTimeoutMs = 5'000;

std::shared_ptr<grpc::Channel> make_channel(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(Client::kReceiveBytesMax);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMinMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMinMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // A web proxy in the environment is not meant for a daemon on this machine.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

void set_deadline(grpc::ClientContext& context, absl::Duration timeout) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
}

// Runs `request(context, response)` within `timeout`.
template <typename Response, typename Request>
absl::StatusOr<Response> ask(const Connection& connection, absl::Duration timeout,
                             Request&& request) {
  grpc::ClientContext context;
  set_deadline(context, timeout);
  Response response;
  const grpc::Status status = request(context, response);
  if (!status.ok()) return to_status(status, connection);
  return response;
}

// Runs `page(token)` from the first page to the last and joins them by `join(all, next)`.
template <typename Response, typename Page, typename Join>
absl::StatusOr<Response> ask_pages(Page&& page, Join&& join) {
  Response all;
  std::string token;
  for (int i = 0; i < Client::kPagesMax; ++i) {
    absl::StatusOr<Response> next = page(token);
    if (!next.ok()) return next.status();
    token = next->next_page_token();
    join(all, *next);
    if (token.empty()) {
      all.clear_next_page_token();
      return all;
    }
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the daemon's list does not end after ", Client::kPagesMax, " pages"));
}

// Moves the items of one page behind those of the pages before.
template <typename Items>
void append(Items* all, Items* next) {
  for (auto& item : *next) *all->Add() = std::move(item);
}

// What comes after a list begins where its first page was read.
template <typename Response>
void take_resume_token(Response* all, Response* next) {
  if (all->resume_token().empty()) all->mutable_resume_token()->swap(*next->mutable_resume_token());
}

// Calls `visit` with each response until that says no, or the stream ends, or nothing comes for
// `silence_max`: a daemon that stands keeps its connection.
template <typename Response, typename Begin>
absl::Status read_stream(const Connection& connection, absl::Duration silence_max, Begin&& begin,
                         absl::FunctionRef<bool(const Response&)> visit) {
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  bool is_silent = false;
  // Whether what was begun last has succeeded. Nothing else is under way.
  const auto wait = [&] {
    void* tag = nullptr;
    bool ok = false;
    const auto deadline = absl::ToChronoTime(absl::Now() + silence_max);
    if (queue.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::TIMEOUT) {
      is_silent = true;
      context.TryCancel();
      queue.Next(&tag, &ok);
    }
    return ok;
  };
  const auto stream = begin(&context, &queue);
  bool is_wanted = true;
  Response response;
  for (bool ok = wait(); ok && is_wanted;) {
    stream->Read(&response, nullptr);
    ok = wait() && !is_silent;
    is_wanted = !ok || visit(response);
  }
  if (!is_wanted) context.TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  static_cast<void>(wait());
  if (!is_wanted) return absl::OkStatus();
  if (is_silent) {
    return absl::UnavailableError(absl::StrCat("UNAVAILABLE: nothing was heard of the daemon at ",
                                               connection.target, " for ",
                                               absl::FormatDuration(silence_max)));
  }
  return to_status(status, connection);
}

}  // namespace

Client::Client(Connection connection, absl::Duration timeout)
    : connection_(std::move(connection)),
      timeout_(timeout),
      channel_(make_channel(connection_.target)),
      agents_(v1::AgentService::NewStub(channel_)),
      calls_(v1::CallService::NewStub(channel_)),
      config_(v1::ConfigService::NewStub(channel_)),
      events_(v1::EventService::NewStub(channel_)),
      explains_(v1::ExplainService::NewStub(channel_)),
      supervisors_(v1::SupervisorService::NewStub(channel_)),
      wallboard_(v1::WallboardService::NewStub(channel_)) {}

absl::StatusOr<v1::ListTenantsResponse> Client::tenants() {
  const auto page = [&](const std::string& token) {
    v1::ListTenantsRequest request;
    request.set_page_size(kPageSize);
    request.set_page_token(token);
    return ask<v1::ListTenantsResponse>(connection_, timeout_, [&](auto& context, auto& response) {
      return config_->ListTenants(&context, request, &response);
    });
  };
  return ask_pages<v1::ListTenantsResponse>(
      page, [](auto& all, auto& next) { append(all.mutable_names(), next.mutable_names()); });
}

absl::StatusOr<std::string> Client::resolve_tenant(const std::string& id) {
  if (!id.empty()) return absl::StrCat("tenants/", id);
  absl::StatusOr<v1::ListTenantsResponse> tenants = this->tenants();
  if (!tenants.ok()) return tenants.status();
  if (tenants->names_size() == 1) return tenants->names(0);
  if (tenants->names().empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the daemon at ", connection_.target, " serves no tenant"));
  }
  constexpr int kNamesShownMax = 20;
  std::string names;
  for (int i = 0; i < tenants->names_size() && i < kNamesShownMax; ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", printable(short_name(tenants->names(i))));
  }
  if (tenants->names_size() > kNamesShownMax) names += ", ...";
  return absl::InvalidArgumentError(absl::StrCat("the daemon serves ", tenants->names_size(),
                                                 " tenants: name one by --tenant or ACD_TENANT (",
                                                 names, ")"));
}

absl::StatusOr<v1::TenantConfig> Client::config(const std::string& tenant) {
  v1::GetConfigRequest request;
  request.set_name(tenant);
  return ask<v1::TenantConfig>(connection_, timeout_, [&](auto& context, auto& response) {
    return config_->GetConfig(&context, request, &response);
  });
}

absl::StatusOr<v1::ValidateConfigResponse> Client::validate(const v1::TenantConfig& config) {
  v1::ValidateConfigRequest request;
  *request.mutable_config() = config;
  return ask<v1::ValidateConfigResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return config_->ValidateConfig(&context, request, &response);
  });
}

absl::StatusOr<v1::ApplyConfigResponse> Client::apply(const v1::ApplyConfigRequest& request) {
  return ask<v1::ApplyConfigResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return config_->ApplyConfig(&context, request, &response);
  });
}

absl::StatusOr<v1::UpsertAgentsResponse> Client::upsert(const v1::UpsertAgentsRequest& request) {
  return ask<v1::UpsertAgentsResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return config_->UpsertAgents(&context, request, &response);
  });
}

absl::StatusOr<v1::OverrideQueueResponse> Client::override_queue(
    const v1::OverrideQueueRequest& request) {
  return ask<v1::OverrideQueueResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return config_->OverrideQueue(&context, request, &response);
  });
}

absl::StatusOr<v1::AcceptOfferResponse> Client::accept_offer(
    const v1::AcceptOfferRequest& request) {
  return ask<v1::AcceptOfferResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return agents_->AcceptOffer(&context, request, &response);
  });
}

absl::StatusOr<v1::RejectOfferResponse> Client::reject_offer(
    const v1::RejectOfferRequest& request) {
  return ask<v1::RejectOfferResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return agents_->RejectOffer(&context, request, &response);
  });
}

absl::StatusOr<v1::SetCallOutcomeResponse> Client::set_outcome(
    const v1::SetCallOutcomeRequest& request) {
  return ask<v1::SetCallOutcomeResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return calls_->SetCallOutcome(&context, request, &response);
  });
}

absl::StatusOr<v1::ConsultResponse> Client::consult(const v1::ConsultRequest& request) {
  return ask<v1::ConsultResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return calls_->Consult(&context, request, &response);
  });
}

absl::StatusOr<v1::MergeConsultResponse> Client::merge_consult(
    const v1::MergeConsultRequest& request) {
  return ask<v1::MergeConsultResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return calls_->MergeConsult(&context, request, &response);
  });
}

absl::StatusOr<v1::RequestCallbackResponse> Client::request_callback(
    const v1::RequestCallbackRequest& request) {
  return ask<v1::RequestCallbackResponse>(
      connection_, timeout_, [&](auto& context, auto& response) {
        return calls_->RequestCallback(&context, request, &response);
      });
}

absl::Status Client::supervise(
    absl::FunctionRef<grpc::Status(v1::SupervisorService::Stub& stub, grpc::ClientContext& context)>
        request) {
  grpc::ClientContext context;
  set_deadline(context, timeout_);
  const grpc::Status status = request(*supervisors_, context);
  return status.ok() ? absl::OkStatus() : to_status(status, connection_);
}

absl::Status Client::explain(
    absl::FunctionRef<grpc::Status(v1::ExplainService::Stub& stub, grpc::ClientContext& context)>
        request) {
  grpc::ClientContext context;
  set_deadline(context, timeout_);
  const grpc::Status status = request(*explains_, context);
  return status.ok() ? absl::OkStatus() : to_status(status, connection_);
}

absl::StatusOr<v1::CancelCallResponse> Client::cancel_call(const v1::CancelCallRequest& request) {
  return ask<v1::CancelCallResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return calls_->CancelCall(&context, request, &response);
  });
}

absl::StatusOr<v1::ScheduleCallResponse> Client::schedule_call(
    const v1::ScheduleCallRequest& request) {
  return ask<v1::ScheduleCallResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return calls_->ScheduleCall(&context, request, &response);
  });
}

absl::StatusOr<v1::RescheduleCallResponse> Client::reschedule_call(
    const v1::RescheduleCallRequest& request) {
  return ask<v1::RescheduleCallResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return calls_->RescheduleCall(&context, request, &response);
  });
}

absl::StatusOr<v1::TransferCallResponse> Client::transfer(const v1::TransferCallRequest& request) {
  return ask<v1::TransferCallResponse>(connection_, timeout_, [&](auto& context, auto& response) {
    return calls_->TransferCall(&context, request, &response);
  });
}

absl::StatusOr<v1::QueueStats> Client::queue(const v1::GetQueueStatsRequest& request) {
  return ask<v1::QueueStats>(connection_, timeout_, [&](auto& context, auto& response) {
    return wallboard_->GetQueueStats(&context, request, &response);
  });
}

absl::StatusOr<v1::ListQueueStatsResponse> Client::queues(const v1::ListQueueStatsRequest& asked) {
  const auto page = [&](const std::string& token) {
    v1::ListQueueStatsRequest request = asked;
    request.set_page_size(kPageSize);
    request.set_page_token(token);
    return ask<v1::ListQueueStatsResponse>(
        connection_, timeout_, [&](auto& context, auto& response) {
          return wallboard_->ListQueueStats(&context, request, &response);
        });
  };
  return ask_pages<v1::ListQueueStatsResponse>(page, [](auto& all, auto& next) {
    append(all.mutable_queues(), next.mutable_queues());
    take_resume_token(&all, &next);
    all.mutable_total()->Swap(next.mutable_total());
    all.mutable_now()->Swap(next.mutable_now());
  });
}

absl::StatusOr<v1::AgentStatus> Client::agent(const std::string& name) {
  v1::GetAgentRequest request;
  request.set_name(name);
  return ask<v1::AgentStatus>(connection_, timeout_, [&](auto& context, auto& response) {
    return wallboard_->GetAgent(&context, request, &response);
  });
}

absl::StatusOr<v1::ListAgentsResponse> Client::agents(const std::string& tenant) {
  const auto page = [&](const std::string& token) {
    v1::ListAgentsRequest request;
    request.set_parent(tenant);
    request.set_page_size(kPageSize);
    request.set_page_token(token);
    return ask<v1::ListAgentsResponse>(connection_, timeout_, [&](auto& context, auto& response) {
      return wallboard_->ListAgents(&context, request, &response);
    });
  };
  return ask_pages<v1::ListAgentsResponse>(page, [](auto& all, auto& next) {
    append(all.mutable_agents(), next.mutable_agents());
    take_resume_token(&all, &next);
  });
}

absl::StatusOr<v1::CallStatus> Client::call(const std::string& name) {
  v1::GetCallRequest request;
  request.set_name(name);
  request.set_ewt(true);
  return ask<v1::CallStatus>(connection_, timeout_, [&](auto& context, auto& response) {
    return wallboard_->GetCall(&context, request, &response);
  });
}

absl::StatusOr<v1::ListCallsResponse> Client::calls(const v1::ListCallsRequest& asked) {
  const auto page = [&](const std::string& token) {
    v1::ListCallsRequest request = asked;
    request.set_page_size(kPageSize);
    request.set_page_token(token);
    return ask<v1::ListCallsResponse>(connection_, timeout_, [&](auto& context, auto& response) {
      return wallboard_->ListCalls(&context, request, &response);
    });
  };
  return ask_pages<v1::ListCallsResponse>(page, [](auto& all, auto& next) {
    append(all.mutable_calls(), next.mutable_calls());
    take_resume_token(&all, &next);
  });
}

absl::StatusOr<v1::ListScheduledCallsResponse> Client::scheduled_calls(const std::string& tenant,
                                                                       const std::string& queue) {
  const auto page = [&](const std::string& token) {
    v1::ListScheduledCallsRequest request;
    request.set_parent(tenant);
    request.set_queue(queue);
    request.set_page_size(kPageSize);
    request.set_page_token(token);
    return ask<v1::ListScheduledCallsResponse>(
        connection_, timeout_, [&](auto& context, auto& response) {
          return calls_->ListScheduledCalls(&context, request, &response);
        });
  };
  return ask_pages<v1::ListScheduledCallsResponse>(
      page, [](auto& all, auto& next) { append(all.mutable_calls(), next.mutable_calls()); });
}

absl::Status Client::watch_events(const v1::WatchEventsRequest& request, absl::Duration silence_max,
                                  absl::FunctionRef<bool(const v1::WatchEventsResponse&)> visit) {
  return read_stream<v1::WatchEventsResponse>(
      connection_, silence_max,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return events_->AsyncWatchEvents(context, request, queue, nullptr);
      },
      visit);
}

absl::Status Client::watch(const v1::WatchRequest& request, absl::Duration silence_max,
                           absl::FunctionRef<bool(const v1::WatchResponse&)> visit) {
  return read_stream<v1::WatchResponse>(
      connection_, silence_max,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return wallboard_->AsyncWatch(context, request, queue, nullptr);
      },
      visit);
}

absl::StatusOr<Serving> Client::health(const std::string& service) {
  // The messages of grpc.health.v1 hold one field each, with the layout of these two wrappers: a
  // string, and an enum. That saves a copy of a proto which Debian does not ship.
  using HealthRequest = google::protobuf::StringValue;
  using HealthResponse = google::protobuf::Int32Value;
  constexpr int32_t kServing = 1;

  HealthRequest request;
  request.set_value(service);
  HealthResponse response;
  grpc::ClientContext context;
  set_deadline(context, timeout_);
  grpc::CompletionQueue queue;
  grpc::TemplatedGenericStub<HealthRequest, HealthResponse> stub(channel_);
  auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&response, &status, &request);
  void* tag = nullptr;
  bool is_ok = false;
  if (!queue.Next(&tag, &is_ok) || !is_ok) {
    status = grpc::Status(grpc::StatusCode::INTERNAL, "the request was not run");
  }
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return Serving::kUnknown;
  if (!status.ok()) return to_status(status, connection_);
  return response.value() == kServing ? Serving::kServing : Serving::kNotServing;
}

}  // namespace acd::acdctl
