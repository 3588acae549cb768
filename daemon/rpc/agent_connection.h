// SPDX-License-Identifier: Apache-2.0
// The stream of one desktop session.
#pragma once

#include <grpcpp/server_context.h>

#include <memory>
#include <utility>

#include "acd/v1/agent_service.pb.h"
#include "daemon/rpc/agent_events.h"
#include "daemon/rpc/agent_queue.h"
#include "daemon/rpc/session_connection.h"

namespace acd {

// One stream of AgentService.Connect, as SessionConnection says.
class AgentConnection final : public SessionConnection {
 public:
  AgentConnection(const Edge& edge, SessionStreams* streams, std::unique_ptr<StreamTicket> ticket,
                  grpc::CallbackServerContext* context)
      : SessionConnection(edge, streams, std::move(ticket), std::make_unique<AgentQueue>(),
                          context),
        message_bytes_max_(edge.options().agent_message_bytes_max) {}

 private:
  [[nodiscard]] Wire wire() const override {
    return {"AgentService.Connect", "acd.v1.AgentConnectRequest", message_bytes_max_};
  }
  [[nodiscard]] google::protobuf::Message* request() override { return &request_; }
  [[nodiscard]] std::optional<RpcError> decode_open(std::span<const std::string> bad_texts,
                                                    std::string_view principal, std::string* tenant,
                                                    Batch* batch) override {
    return decode_agent_open(request_, bad_texts, principal, tenant, batch);
  }
  [[nodiscard]] std::optional<RpcError> decode_batch(std::span<const std::string> bad_texts,
                                                     const RpcOptions& options,
                                                     int64_t* expected_sequence,
                                                     Batch* batch) override {
    return decode_agent_batch(request_, bad_texts, options, expected_sequence, batch);
  }

  const size_t message_bytes_max_;
  v1::AgentConnectRequest request_;
};

}  // namespace acd
