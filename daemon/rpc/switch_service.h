// SPDX-License-Identifier: Apache-2.0
// SwitchService: the streams of the telephony switches.
#pragma once

#include "acd/v1/switch_service.grpc.pb.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/session_streams.h"
#include "daemon/rpc/switch_connection.h"

namespace acd {

// Threads:  Connect() from gRPC's threads.
// Bounds:   RpcOptions.switch_streams_max streams.
class SwitchService final
    : public v1::SwitchService::WithRawCallbackMethod_Connect<v1::SwitchService::Service> {
 public:
  // `edge` outlives the service, and the service outlives its streams.
  explicit SwitchService(const Edge& edge)
      : streams_(edge, StreamKind::kSwitch, edge.options().switch_streams_max) {}

  BidiReactor* Connect(grpc::CallbackServerContext* context) override {
    return streams_.begin<SwitchConnection>(context);
  }

  [[nodiscard]] SessionStreams& streams() { return streams_; }

 private:
  SessionStreams streams_;
};

}  // namespace acd
