// SPDX-License-Identifier: Apache-2.0
// Unary calls beside a load: whether they are answered, and how.
#include "bench/unary_probe.h"

#include <absl/status/statusor.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>

#include <array>
#include <chrono>
#include <memory>
#include <thread>

#include "acd/internal/rpc_status.pb.h"
#include "acd/v1/config_service.grpc.pb.h"
#include "acd/v1/wallboard_service.grpc.pb.h"
#include "bench/daemon_figures.h"

namespace acd::bench {
namespace {

// One call under way.
template <typename Response>
struct Call {
  grpc::ClientContext context;
  Response response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
};

bool is_overloaded(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) return false;
  internal::RpcStatus details;
  if (!details.ParseFromString(status.error_details())) return false;
  bool has_reason = false;
  bool has_retry = false;
  for (const google::protobuf::Any& any : details.details()) {
    internal::ErrorInfo info;
    internal::RetryInfo retry;
    if (absl::EndsWith(any.type_url(), "/google.rpc.ErrorInfo")) {
      has_reason = info.ParseFromString(any.value()) && info.reason() == "OVERLOADED";
    } else if (absl::EndsWith(any.type_url(), "/google.rpc.RetryInfo")) {
      has_retry = retry.ParseFromString(any.value()) && retry.has_retry_delay();
    }
  }
  return has_reason && has_retry;
}

void count(const grpc::Status& status, int64_t took_ns, RoundTrips& times, UnaryFigures& figures) {
  if (status.ok()) {
    ++figures.ok;
    times.add(took_ns);
  } else if (is_overloaded(status)) {
    ++figures.overloaded;
  } else if (figures.other++ == 0) {
    figures.first_other =
        absl::StrCat("code=", static_cast<int>(status.error_code()), " ", status.error_message());
  }
}

}  // namespace

UnaryFigures probe_unary_calls(const std::string& target, const std::string& tenant,
                               int64_t end_ns) {
  UnaryFigures figures;
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = connect_to(target);
  if (!channel.ok()) {
    figures.other = 1;
    figures.first_other = std::string(channel.status().message());
    return figures;
  }
  const auto config = v1::ConfigService::NewStub(*channel);
  const auto wallboard = v1::WallboardService::NewStub(*channel);
  v1::UpsertAgentsRequest change;
  change.set_parent(absl::StrCat("tenants/", tenant));
  change.add_agents()->set_name(absl::StrCat(change.parent(), "/agents/probe"));
  v1::ListQueueStatsRequest read;
  read.set_parent(change.parent());
  grpc::CompletionQueue queue;
  for (int64_t next_ns = monotonic_now_ns(); next_ns < end_ns; next_ns += kProbePeriodNs) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(next_ns - monotonic_now_ns()));
    const auto deadline = std::chrono::system_clock::now() + kConnectLimit;
    // Who is late with a round is not late with the time at which it was due.
    const int64_t begin_ns = next_ns;
    const int64_t sent_ns = monotonic_now_ns();
    std::array<Call<v1::UpsertAgentsResponse>, kProbeChanges> changes;
    Call<v1::ListQueueStatsResponse> stats;
    for (auto& call : changes) {
      call.context.set_deadline(deadline);
      call.reader = config->AsyncUpsertAgents(&call.context, change, &queue);
      call.reader->Finish(&call.response, &call.status, &call);
    }
    stats.context.set_deadline(deadline);
    stats.reader = wallboard->AsyncListQueueStats(&stats.context, read, &queue);
    stats.reader->Finish(&stats.response, &stats.status, &stats);
    void* tag = nullptr;
    bool ok = false;
    for (int answered = 0; answered <= kProbeChanges && queue.Next(&tag, &ok); ++answered) {
      const int64_t took_ns = monotonic_now_ns() - begin_ns;
      if (tag == &stats) {
        count(stats.status, took_ns, figures.reads, figures);
        if (stats.status.ok()) figures.reads_sent.add(monotonic_now_ns() - sent_ns);
      } else {
        const auto& call = *static_cast<Call<v1::UpsertAgentsResponse>*>(tag);
        count(call.status, took_ns, figures.changes, figures);
      }
    }
  }
  return figures;
}

}  // namespace acd::bench
