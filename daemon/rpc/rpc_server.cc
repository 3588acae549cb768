// SPDX-License-Identifier: Apache-2.0
// The gRPC server: its settings, services, health and reflection.
#include "daemon/rpc/rpc_server.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "daemon/rpc/agent_service.h"
#include "daemon/rpc/call_service.h"
#include "daemon/rpc/config_service.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/event_service.h"
#include "daemon/rpc/explain_service.h"
#include "daemon/rpc/own_server.h"
#include "daemon/rpc/pulse.h"
#include "daemon/rpc/supervisor_service.h"
#include "daemon/rpc/switch_service.h"
#include "daemon/rpc/wallboard_service.h"
#include "routing/check.h"

namespace acd {
namespace {

// gRPC's own limit answers without our reason, and is one for all methods; it stands where even a
// configuration is no honest mistake any more.
constexpr int kReceiveBytesMax = static_cast<int>(kConfigRequestBytesMax) + (64 << 10);
constexpr int kMetadataBytesMax = 8 << 10;
// Of synchronous services, which is reflection alone; with gRPC's own.
constexpr int kThreadsMax = 64;
// Clients may send pings of their own every 10 s.
constexpr int kPingIntervalMinMs = 10'000;
constexpr int kPingStrikesMax = 2;
// Streams that do not take their status within this time are cut at a stop.
constexpr std::chrono::seconds kStopWaitMax{2};
// Health reports this name as serving while the daemon runs on a driven clock.
constexpr const char* kDrivenClockHealthName = "acd.clock.driven";
// The same while the configuration file differs from what is in force.
constexpr const char* kConfigDriftHealthName = "acd.config.drift";

int to_ms(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

void set_limits(const ConnectionLimits& limits, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kReceiveBytesMax);
  builder->SetMaxSendMessageSize(-1);  // What we send is bounded by its makers.
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams_max);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, to_ms(limits.idle_max));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, to_ms(limits.age_max));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, to_ms(limits.age_grace));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, to_ms(limits.keepalive_time));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, to_ms(limits.keepalive_timeout));
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              kPingIntervalMinMs);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikesMax);
  // Else a stream's window grows with what is sent, to many times of what is read of a stream.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  // With it a second daemon would silently share the port.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  grpc::ResourceQuota quota("acdd");
  quota.Resize(kGrpcBytesMax);
  quota.SetMaxThreads(kThreadsMax);
  builder->SetResourceQuota(quota);
  // Only reflection is served by threads of its own.
  builder->SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
}

// "127.0.0.1:0" with the port that was taken. A socket's path has none.
std::string bound_address(const std::string& address, int port) {
  if (address.starts_with("unix")) return address;
  return absl::StrCat(address.substr(0, address.rfind(':') + 1), port);
}

}  // namespace

class RpcServer::Parts {
 public:
  Parts(RpcOptions options, const Directory& directory)
      : edge_(std::move(options), directory),
        switches_(edge_),
        wallboard_(edge_),
        config_(edge_),
        calls_(edge_),
        agents_(edge_),
        events_(edge_),
        supervisors_(edge_),
        explains_(edge_) {}
  ~Parts() { ACD_CHECK(server_ == nullptr); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  [[nodiscard]] absl::Status start();
  void stop();
  [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }
  [[nodiscard]] const PrincipalLimits& principals() const { return edge_.principals(); }
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel() const { return own_.channel(); }

 private:
  [[nodiscard]] absl::Status check_options() const;
  void report_health();
  void report_drift();
  void report_parts();
  void stop_servers();

  Edge edge_;
  SwitchService switches_;
  WallboardService wallboard_;
  ConfigService config_;
  CallService calls_;
  AgentService agents_;
  EventService events_;
  SupervisorService supervisors_;
  ExplainService explains_;
  // Of the main thread, then of the pulse's.
  bool drift_reported_ = false;
  std::map<std::string, bool> parts_reported_;
  std::unique_ptr<grpc::Server> server_;
  OwnServer own_;
  std::unique_ptr<Pulse> pulse_;
  std::vector<std::string> addresses_;
};

absl::Status RpcServer::Parts::check_options() const {
  const RpcOptions& options = edge_.options();
  if (options.listen.empty()) {
    return absl::InvalidArgumentError("no address to listen on is given");
  }
  for (const std::string& address : options.listen) {
    absl::Status status = check_listen_address(address);
    if (!status.ok()) return status;
    // gRPC would unlink the socket of whoever is there.
    if (is_served(address)) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on ", address, ": another process serves it"));
    }
  }
  return absl::OkStatus();
}

absl::Status RpcServer::Parts::start() {
  ACD_CHECK(server_ == nullptr);
  absl::Status status = check_options();
  if (!status.ok()) return status;
  // The parser logs every string that is no UTF-8; a peer could fill the disk with that. The answer
  // says it.
  google::protobuf::SetLogHandler(nullptr);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  const std::vector<std::string>& listen = edge_.options().listen;
  std::vector<int> ports(listen.size(), 0);
  grpc::ServerBuilder builder;
  set_limits(edge_.options().connection, &builder);
  for (size_t i = 0; i < listen.size(); ++i) {
    builder.AddListeningPort(listen[i], grpc::InsecureServerCredentials(), &ports[i]);
  }
  const std::vector<grpc::Service*> services = {&switches_, &wallboard_, &config_,      &calls_,
                                                &agents_,   &events_,    &supervisors_, &explains_};
  for (grpc::Service* const service : services) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    const auto failed = std::find(ports.begin(), ports.end(), 0);
    const size_t index = static_cast<size_t>(failed - ports.begin()) % listen.size();
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listen[index], ": in use, or not an address here"));
  }
  for (size_t i = 0; i < listen.size(); ++i) {
    addresses_.push_back(bound_address(listen[i], ports[i]));
  }
  report_health();
  status = own_.start(services, kReceiveBytesMax);
  if (!status.ok()) {
    stop_servers();
    return status;
  }
  pulse_ = std::make_unique<Pulse>(channel(), [this](StreamClock::time_point now) {
    switches_.streams().tick(now);
    agents_.streams().tick(now);
    edge_.open_calls().expire(now);
    events_.tick(now);
    wallboard_.tick(now);
    report_drift();
    report_parts();
  });
  pulse_->start();
  return absl::OkStatus();
}

void RpcServer::Parts::report_health() {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  for (const char* name :
       {v1::SwitchService::service_full_name(), v1::WallboardService::service_full_name(),
        v1::ConfigService::service_full_name(), v1::CallService::service_full_name(),
        v1::AgentService::service_full_name(), v1::EventService::service_full_name(),
        v1::SupervisorService::service_full_name(), v1::ExplainService::service_full_name()}) {
    health->SetServingStatus(name, true);
  }
  if (edge_.options().driven_clock) health->SetServingStatus(kDrivenClockHealthName, true);
  report_drift();
  report_parts();
}

void RpcServer::Parts::report_parts() {
  const auto& part_health = edge_.options().part_health;
  if (part_health == nullptr) return;
  for (const PartHealth& part : part_health()) {
    bool& is_reported = parts_reported_.try_emplace(part.service, !part.is_serving).first->second;
    if (is_reported == part.is_serving) continue;
    is_reported = part.is_serving;
    server_->GetHealthCheckService()->SetServingStatus(part.service, part.is_serving);
  }
}

void RpcServer::Parts::report_drift() {
  const auto& is_drifting = edge_.options().is_config_drifting;
  if (is_drifting == nullptr || is_drifting() == drift_reported_) return;
  drift_reported_ = !drift_reported_;
  server_->GetHealthCheckService()->SetServingStatus(kConfigDriftHealthName, drift_reported_);
}

void RpcServer::Parts::stop() {
  if (server_ == nullptr) return;
  edge_.begin_stop();
  server_->GetHealthCheckService()->SetServingStatus(false);
  if (edge_.options().before_shutdown != nullptr) edge_.options().before_shutdown();
  const auto now = std::chrono::steady_clock::now();
  const auto limit = now + kStopWaitMax;
  for (SessionStreams* streams : {&switches_.streams(), &agents_.streams()}) streams->drain();
  for (SessionStreams* streams : {&switches_.streams(), &agents_.streams()}) {
    streams->wait(now + edge_.options().drain_wait_max);
    streams->finish_all();
  }
  events_.finish_all();
  wallboard_.finish_all();
  config_.finish_changes(limit);
  calls_.finish_changes(limit);
  agents_.finish_changes(limit);
  supervisors_.finish_changes(limit);
  explains_.finish_questions(limit);
  pulse_->stop();
  pulse_.reset();
  stop_servers();
}

void RpcServer::Parts::stop_servers() {
  const auto limit = std::chrono::system_clock::now() + kStopWaitMax;
  own_.stop(limit);
  server_->Shutdown(limit);
  server_->Wait();
  server_.reset();
}

RpcServer::RpcServer(RpcOptions options, const Directory& directory)
    : parts_(std::make_unique<Parts>(std::move(options), directory)) {}

RpcServer::~RpcServer() = default;

absl::Status RpcServer::start() { return parts_->start(); }

void RpcServer::stop() { parts_->stop(); }

std::shared_ptr<grpc::Channel> RpcServer::channel() const { return parts_->channel(); }

std::vector<std::pair<std::string, uint32_t>> RpcServer::open_streams() const {
  const auto open = parts_->principals().open_streams();
  const auto of = [&](StreamKind kind) { return open[static_cast<size_t>(kind)]; };
  return {{"switch", of(StreamKind::kSwitch)},
          {"agent", of(StreamKind::kAgent)},
          {"watch", of(StreamKind::kWatch)}};
}

std::vector<std::string> RpcServer::addresses() const { return parts_->addresses(); }

}  // namespace acd
