// SPDX-License-Identifier: Apache-2.0
// SupervisorService: what supervisors do about agents and calls.
#pragma once

#include <chrono>

#include "acd/v1/supervisor_service.grpc.pb.h"
#include "daemon/rpc/changes.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/rpc_server.h"

namespace acd {

using SupervisorServiceBase = v1::SupervisorService::WithRawCallbackMethod_SetAgentState<
    v1::SupervisorService::WithRawCallbackMethod_EndWrapUp<
        v1::SupervisorService::WithRawCallbackMethod_ExtendWrapUp<
            v1::SupervisorService::WithRawCallbackMethod_PauseMember<
                v1::SupervisorService::WithRawCallbackMethod_UnpauseMember<
                    v1::SupervisorService::WithRawCallbackMethod_RequeueCall<
                        v1::SupervisorService::WithRawCallbackMethod_ChangeCallPriority<
                            v1::SupervisorService::WithRawCallbackMethod_WithdrawCall<
                                v1::SupervisorService::WithRawCallbackMethod_SuperviseCall<
                                    v1::SupervisorService::Service>>>>>>>>>;

// Threads:  gRPC's, and a journal's or a shard's for the replies.
// Bounds:   kSupervisorChangesMax requests at once.
class SupervisorService final : public SupervisorServiceBase {
 public:
  // `edge` outlives the service.
  explicit SupervisorService(const Edge& edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* SetAgentState(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* EndWrapUp(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ExtendWrapUp(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* PauseMember(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* UnpauseMember(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RequeueCall(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ChangeCallPriority(grpc::CallbackServerContext* context,
                                               const grpc::ByteBuffer* request,
                                               grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* WithdrawCall(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;

  grpc::ServerUnaryReactor* SuperviseCall(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;

  // For a stop, as Changes::finish().
  void finish_changes(std::chrono::steady_clock::time_point limit) { changes_.finish(limit); }

 private:
  // What all of them do: checks the request, whose name is one of `collection`, and hands it on.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* change(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* bytes, grpc::ByteBuffer* response,
                                   const char* method, CommandKind kind, const char* collection);

  const Edge& edge_;
  Changes changes_{kSupervisorChangesMax};
};

}  // namespace acd
