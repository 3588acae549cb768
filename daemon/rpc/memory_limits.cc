// SPDX-License-Identifier: Apache-2.0
// What the edge may hold in memory.
#include "daemon/rpc/config_service.h"
#include "daemon/rpc/pending_pool.h"
#include "daemon/rpc/rpc_server.h"
#include "routing/command.h"

namespace acd {

std::vector<MemoryLimit> memory_limits(const RpcOptions& options) {
  const uint64_t streams = options.switch_streams_max;
  const uint64_t batch_bytes =
      options.message_bytes_max + options.batch_events_max * sizeof(Command);
  constexpr uint64_t kSmallChanges = kCallChangesMax + kClaimsMax;
  return {{"grpc", kGrpcBytesMax},
          {"switch_batches", streams * kStreamBatchesMax * batch_bytes},
          {"unread_responses", streams * kPendingOwnBytesMax + options.pending_shared_bytes_max},
          {"changes",
           kChangesMax * kConfigRequestBytesMax + kSmallChanges * options.message_bytes_max}};
}

}  // namespace acd
