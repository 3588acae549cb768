// SPDX-License-Identifier: Apache-2.0
// ExplainService: why a call waits, an agent is idle, and a call went to whom it did.
#pragma once

#include <chrono>

#include "acd/v1/explain_service.grpc.pb.h"
#include "daemon/rpc/changes.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/rpc_server.h"

namespace acd {

using ExplainServiceBase = v1::ExplainService::WithRawCallbackMethod_WhyWaiting<
    v1::ExplainService::WithRawCallbackMethod_WhyIdle<
        v1::ExplainService::WithRawCallbackMethod_ExplainAssignment<v1::ExplainService::Service>>>;

// The present is asked of the shard, the record of an assignment read from the board.
//
// Threads:  gRPC's, and a journal's, a shard's or the observer's for the replies.
// Bounds:   kExplainsMax questions to shards at once; reads, by the tenant's port.
class ExplainService final : public ExplainServiceBase {
 public:
  // `edge` outlives the service.
  explicit ExplainService(const Edge& edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* WhyWaiting(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* WhyIdle(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ExplainAssignment(grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request,
                                              grpc::ByteBuffer* response) override;

  // For a stop, as Changes::finish().
  void finish_questions(std::chrono::steady_clock::time_point limit) { questions_.finish(limit); }

 private:
  // What both questions to a shard do.
  template <typename Request>
  grpc::ServerUnaryReactor* ask(UnaryCall& call, const grpc::ByteBuffer& bytes,
                                Question::About about, const char* collection);

  const Edge& edge_;
  Changes questions_{kExplainsMax};
};

}  // namespace acd
