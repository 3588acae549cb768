// SPDX-License-Identifier: Apache-2.0
// AgentService: what agents say at their desktops.
#pragma once

#include <chrono>

#include "acd/v1/agent_service.grpc.pb.h"
#include "daemon/rpc/agent_connection.h"
#include "daemon/rpc/changes.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/rpc_server.h"
#include "daemon/rpc/session_streams.h"

namespace acd {

using AgentServiceBase = v1::AgentService::WithRawCallbackMethod_AcceptOffer<
    v1::AgentService::WithRawCallbackMethod_RejectOffer<
        v1::AgentService::WithRawCallbackMethod_Connect<v1::AgentService::Service>>>;

// Threads:  gRPC's, and a journal's or a shard's for the replies.
// Bounds:   kClaimsMax claims at once, RpcOptions.agent_streams_max streams.
class AgentService final : public AgentServiceBase {
 public:
  // `edge` outlives the service.
  explicit AgentService(const Edge& edge)
      : edge_(edge), streams_(edge, StreamKind::kAgent, edge.options().agent_streams_max) {}

  grpc::ServerUnaryReactor* AcceptOffer(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RejectOffer(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;

  BidiReactor* Connect(grpc::CallbackServerContext* context) override {
    return streams_.begin<AgentConnection>(context);
  }

  [[nodiscard]] SessionStreams& streams() { return streams_; }

  // For a stop, as Changes::finish().
  void finish_changes(std::chrono::steady_clock::time_point limit) { changes_.finish(limit); }

 private:
  const Edge& edge_;
  SessionStreams streams_;
  Changes changes_{kClaimsMax};
};

}  // namespace acd
