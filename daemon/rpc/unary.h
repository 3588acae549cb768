// SPDX-License-Identifier: Apache-2.0
// What every unary method does before and after its own work.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/mutex.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/status.h"

namespace acd {

// Messages, repeated values and unknown fields of a request above RpcOptions.message_bytes_max.
inline constexpr size_t kMessagePartsMax = 1'000'000;

// The reply of one unary call, given once: of several threads the first one gives it.
//
// Threads:  all methods from any thread.
// Fails:    dropped without a reply, the call ends with SHUTTING_DOWN: only a stop drops work.
class UnaryReply {
 public:
  // Both belong to gRPC and live until the reply is given.
  UnaryReply(grpc::ServerUnaryReactor* reactor, grpc::ByteBuffer* response)
      : reactor_(reactor), response_(response) {}
  ~UnaryReply();
  UnaryReply(const UnaryReply&) = delete;
  UnaryReply& operator=(const UnaryReply&) = delete;

  void answer(const google::protobuf::Message& message);
  // `bytes` is a serialized message of the method's response type.
  void answer_bytes(std::string_view bytes);
  void fail(const RpcError& error) { finish(make_status(error)); }
  void finish(const grpc::Status& status);

 private:
  // Null when the reply is given; the caller gives it now.
  [[nodiscard]] grpc::ServerUnaryReactor* take_reactor();

  Mutex mutex_;
  grpc::ServerUnaryReactor* reactor_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer* const response_;  // Of whoever took the reactor.
};

// Fills `request` from the bytes of a call; the error when they are no such message, or larger than
// `bytes_max`, or the daemon stops.
[[nodiscard]] std::optional<RpcError> parse_request(const Edge& edge, const grpc::ByteBuffer& bytes,
                                                    size_t bytes_max,
                                                    google::protobuf::Message* request);

// Finds the tenant's port; the error when there is none, or the principal may not do this there.
[[nodiscard]] std::optional<RpcError> find_port(const Edge& edge, std::string_view principal,
                                                std::string_view method, std::string_view tenant,
                                                TenantPort** port);

// One received unary call.
struct UnaryCall {
  const Edge& edge;
  std::string method;  // "WallboardService.GetCall"
  std::string principal;
  grpc::ServerUnaryReactor* reactor;
  std::shared_ptr<UnaryReply> reply;

  UnaryCall(const Edge& shared_edge, std::string_view method_name,
            grpc::CallbackServerContext* context, grpc::ByteBuffer* response);

  // Fills `request`; false when the bytes are no such message, the daemon stops or the principal calls
  // too often: then the reply is given. Call once.
  [[nodiscard]] bool parse(const grpc::ByteBuffer& bytes, google::protobuf::Message* request);
  // The same for requests that may be larger than others.
  [[nodiscard]] bool parse(const grpc::ByteBuffer& bytes, google::protobuf::Message* request,
                           size_t bytes_max);

  // False when the principal may not do this; then the reply is given.
  [[nodiscard]] bool authorize_for(std::string_view tenant);

  // The tenant's port after authorize_for(); null when there is none or the call may not: then the
  // reply is given.
  [[nodiscard]] TenantPort* find_tenant(std::string_view tenant);

  // Has `visit` run on the observer's thread; the reply says so when too many wait already.
  void read(TenantPort* port, TenantPort::Visit visit);
};

}  // namespace acd
