// SPDX-License-Identifier: Apache-2.0
// The stream of one switch.
#pragma once

#include <grpcpp/server_context.h>

#include <memory>
#include <utility>

#include "acd/v1/switch_service.pb.h"
#include "daemon/rpc/codec.h"
#include "daemon/rpc/response_queue.h"
#include "daemon/rpc/session_connection.h"

namespace acd {

// One stream of SwitchService.Connect, as SessionConnection says.
class SwitchConnection final : public SessionConnection {
 public:
  SwitchConnection(const Edge& edge, SessionStreams* streams, std::unique_ptr<StreamTicket> ticket,
                   grpc::CallbackServerContext* context)
      : SessionConnection(edge, streams, std::move(ticket), std::make_unique<ResponseQueue>(),
                          context),
        message_bytes_max_(edge.options().message_bytes_max) {}

 private:
  [[nodiscard]] Wire wire() const override {
    return {"SwitchService.Connect", "acd.v1.ConnectRequest", message_bytes_max_};
  }
  [[nodiscard]] google::protobuf::Message* request() override { return &request_; }
  [[nodiscard]] std::optional<RpcError> decode_open(std::span<const std::string> bad_texts,
                                                    std::string_view principal, std::string* tenant,
                                                    Batch* batch) override {
    return acd::decode_open(request_, bad_texts, principal, tenant, batch);
  }
  [[nodiscard]] std::optional<RpcError> decode_batch(std::span<const std::string> bad_texts,
                                                     const RpcOptions& options,
                                                     int64_t* expected_sequence,
                                                     Batch* batch) override {
    return acd::decode_batch(request_, bad_texts, options, expected_sequence, batch);
  }

  const size_t message_bytes_max_;
  v1::ConnectRequest request_;
};

}  // namespace acd
