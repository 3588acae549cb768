// SPDX-License-Identifier: Apache-2.0
// SwitchService: the streams of the telephony switches.
#pragma once

#include <memory>

#include "acd/v1/switch_service.grpc.pb.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/stream.h"
#include "daemon/rpc/switch_connection.h"

namespace acd {

// Threads:  Connect() from gRPC's threads, the rest from any.
// Owns:     nothing; it knows the streams that are alive, and counts them.
// Bounds:   RpcOptions.switch_streams_max streams.
class SwitchService final
    : public v1::SwitchService::WithRawCallbackMethod_Connect<v1::SwitchService::Service> {
 public:
  // `edge` outlives the service, and the service outlives its streams.
  explicit SwitchService(const Edge& edge)
      : edge_(edge), slots_(std::make_shared<StreamSlots>(edge.options().switch_streams_max)) {}

  BidiReactor* Connect(grpc::CallbackServerContext* context) override;

  // Ends the streams whose peers stall, and closes sessions that are owed it. Called every fraction of
  // a second.
  void tick(StreamClock::time_point now) {
    streams_.tick(now);
    owing_.submit();
  }
  // For a stop: reads no more, and waits until `limit` for what was read to be acknowledged and for the
  // streams to end.
  void drain(StreamClock::time_point limit);
  // Ends every stream with SHUTTING_DOWN. New ones are refused by the edge's stop.
  void finish_all() { streams_.finish_all(); }
  // Streams that are alive.
  [[nodiscard]] size_t stream_count() const { return streams_.count(); }

 private:
  const Edge& edge_;
  // Shared with the connections: the last of their batches may outlive the service.
  const std::shared_ptr<StreamSlots> slots_;
  OwedCloses owing_;
  StreamSet<SwitchConnection> streams_;
};

}  // namespace acd
