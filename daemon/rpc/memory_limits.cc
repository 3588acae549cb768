// SPDX-License-Identifier: Apache-2.0
// What the edge may hold in memory.
#include "daemon/rpc/config_service.h"
#include "daemon/rpc/event_service.h"
#include "daemon/rpc/pending_pool.h"
#include "daemon/rpc/rpc_server.h"
#include "daemon/rpc/wallboard_service.h"
#include "routing/command.h"

namespace acd {

std::vector<MemoryLimit> memory_limits(const RpcOptions& options) {
  const uint64_t switches = options.switch_streams_max;
  const uint64_t desktops = options.agent_streams_max;
  const uint64_t switch_bytes =
      options.message_bytes_max + options.batch_events_max * sizeof(Command);
  const uint64_t desktop_bytes =
      options.agent_message_bytes_max + options.agent_batch_events_max * sizeof(Command);
  constexpr uint64_t kSmallChanges = kCallChangesMax + kClaimsMax + kSupervisorChangesMax;
  return {{"grpc", kGrpcBytesMax},
          {"switch_batches", switches * kStreamBatchesMax * switch_bytes},
          {"agent_batches", desktops * kStreamBatchesMax * desktop_bytes},
          {"unread_responses",
           (switches + desktops) * kPendingOwnBytesMax + options.pending_shared_bytes_max},
          {"unread_watches", uint64_t{kWatchersMax + kWallboardsMax} * kPendingOwnBytesMax +
                                 options.watch_pending_bytes_max},
          {"changes",
           kChangesMax * kConfigRequestBytesMax + kSmallChanges * options.message_bytes_max}};
}

}  // namespace acd
