// SPDX-License-Identifier: Apache-2.0
// SwitchService: the streams of the telephony switches.
#include "daemon/rpc/switch_service.h"

#include <grpcpp/server_context.h>

#include <utility>

#include "daemon/rpc/auth.h"
#include "daemon/rpc/principal_limits.h"
#include "daemon/rpc/status.h"

namespace acd {

BidiReactor* SwitchService::Connect(grpc::CallbackServerContext* context) {
  if (edge_.stopping()) return new RefusedStream<BidiReactor>(shutting_down_status());
  if (!slots_->take()) {
    return new RefusedStream<BidiReactor>(
        overloaded_status("As many switches are connected as may be."));
  }
  RpcError error;
  auto place =
      edge_.principals().take_stream(StreamKind::kSwitch, principal_of(context->peer()), &error);
  if (place == nullptr) {
    slots_->give_back();
    return new RefusedStream<BidiReactor>(make_status(error));
  }
  auto connection = std::make_shared<SwitchConnection>(edge_, &streams_, &owing_, slots_,
                                                       std::move(place), context);
  streams_.add(connection);
  connection->begin();
  // A stop that began meanwhile may have missed this stream.
  if (edge_.stopping()) connection->finish_for_stop();
  return connection.get();
}

void SwitchService::drain(StreamClock::time_point limit) {
  for (const auto& connection : streams_.all()) connection->drain();
  streams_.wait_for_none(limit);
}

}  // namespace acd
