// SPDX-License-Identifier: Apache-2.0
// SwitchService: the streams of the telephony switches.
#include "daemon/rpc/switch_service.h"

#include <grpcpp/server_context.h>

#include "daemon/rpc/status.h"

namespace acd {

BidiReactor* SwitchService::Connect(grpc::CallbackServerContext* context) {
  if (edge_.stopping()) return new RefusedStream<BidiReactor>(shutting_down_status());
  if (!slots_->take()) {
    return new RefusedStream<BidiReactor>(
        overloaded_status("As many switches are connected as may be."));
  }
  auto connection = std::make_shared<SwitchConnection>(edge_, &streams_, slots_, context);
  streams_.add(connection);
  connection->begin();
  // A stop that began meanwhile may have missed this stream.
  if (edge_.stopping()) connection->finish_for_stop();
  return connection.get();
}

}  // namespace acd
