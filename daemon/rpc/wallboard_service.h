// SPDX-License-Identifier: Apache-2.0
// WallboardService: reads of queues, agents and calls.
#pragma once

#include "acd/v1/wallboard_service.grpc.pb.h"
#include "daemon/rpc/edge.h"

namespace acd {

using WallboardServiceBase = v1::WallboardService::WithRawCallbackMethod_GetQueueStats<
    v1::WallboardService::WithRawCallbackMethod_ListQueueStats<
        v1::WallboardService::WithRawCallbackMethod_GetAgent<
            v1::WallboardService::WithRawCallbackMethod_ListAgents<
                v1::WallboardService::WithRawCallbackMethod_GetCall<
                    v1::WallboardService::WithRawCallbackMethod_ListCalls<
                        v1::WallboardService::Service>>>>>>;

// Each method checks its request, has the observer read the board, and replies from there.
//
// Threads:  gRPC's, and the observer's for the replies.
// Bounds:   waiting reads, by the tenant's port; a page, by kPageSizeMax and kPageBytesMax.
class WallboardService final : public WallboardServiceBase {
 public:
  // `edge` outlives the service.
  explicit WallboardService(const Edge& edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* GetQueueStats(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListQueueStats(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetAgent(grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListAgents(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetCall(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListCalls(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;

 private:
  const Edge& edge_;
};

}  // namespace acd
