// SPDX-License-Identifier: Apache-2.0
// CallService: what others than their switch tell of calls, and ask for them.
#pragma once

#include <chrono>

#include "acd/v1/call_service.grpc.pb.h"
#include "daemon/rpc/changes.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/rpc_server.h"

namespace acd {

using CallServiceBase = v1::CallService::WithRawCallbackMethod_SetCallOutcome<
    v1::CallService::WithRawCallbackMethod_TransferCall<
        v1::CallService::WithRawCallbackMethod_Consult<
            v1::CallService::WithRawCallbackMethod_MergeConsult<
                v1::CallService::WithRawCallbackMethod_RequestCallback<
                    v1::CallService::WithRawCallbackMethod_CancelCall<
                        v1::CallService::WithRawCallbackMethod_ScheduleCall<
                            v1::CallService::WithRawCallbackMethod_RescheduleCall<
                                v1::CallService::WithRawCallbackMethod_ListScheduledCalls<
                                    v1::CallService::Service>>>>>>>>>;

// Threads:  gRPC's, and a journal's or a shard's for the replies.
// Bounds:   kCallChangesMax requests at once.
class CallService final : public CallServiceBase {
 public:
  // `edge` outlives the service.
  explicit CallService(const Edge& edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* SetCallOutcome(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* TransferCall(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;

  grpc::ServerUnaryReactor* Consult(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* MergeConsult(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RequestCallback(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* CancelCall(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ScheduleCall(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RescheduleCall(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  // A read; in scheduled_calls.cc.
  grpc::ServerUnaryReactor* ListScheduledCalls(grpc::CallbackServerContext* context,
                                               const grpc::ByteBuffer* request,
                                               grpc::ByteBuffer* response) override;

  // For a stop, as Changes::finish().
  void finish_changes(std::chrono::steady_clock::time_point limit) { changes_.finish(limit); }

 private:
  // What all of them do: checks the request and hands it on as a command of that kind.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* change(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* bytes, grpc::ByteBuffer* response,
                                   const char* method, CommandKind kind);

  const Edge& edge_;
  Changes changes_{kCallChangesMax};
};

}  // namespace acd
