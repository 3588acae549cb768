// SPDX-License-Identifier: Apache-2.0
// What every service of this room shares.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/directory.h"
#include "daemon/mutex.h"
#include "daemon/rpc/open_calls.h"
#include "daemon/rpc/pending_pool.h"
#include "daemon/rpc/principal_limits.h"
#include "daemon/rpc/rpc_server.h"

namespace acd {

// The settings of the edge, the tenants behind it, and whether it still takes work.
//
// Threads:  all methods from any thread.
class Edge {
 public:
  // `directory` outlives the edge and is complete.
  Edge(RpcOptions options, const Directory& directory)
      : options_(std::move(options)),
        directory_(directory),
        principals_(std::make_shared<PrincipalLimits>(PrincipalLimitValues{
            {options_.principal_switch_streams_max, options_.principal_watches_max,
             options_.principal_agent_streams_max},
            options_.principal_unary_calls_per_s})),
        pending_(std::make_shared<PendingPool>(options_.pending_shared_bytes_max)),
        watch_pending_(std::make_shared<PendingPool>(options_.watch_pending_bytes_max)),
        open_calls_(std::make_unique<OpenCalls>(options_.unary_wait_max)) {}

  [[nodiscard]] const RpcOptions& options() const { return options_; }
  [[nodiscard]] const Directory& directory() const { return directory_; }

  // The tenant's port, or null.
  [[nodiscard]] TenantPort* find(std::string_view tenant) const {
    const auto found = directory_.find(tenant);
    return found == directory_.end() ? nullptr : found->second.get();
  }

  [[nodiscard]] PrincipalLimits& principals() const { return *principals_; }
  // Shared with the streams, which may outlive the edge.
  [[nodiscard]] const std::shared_ptr<PendingPool>& pending() const { return pending_; }
  // The same, for those who watch.
  [[nodiscard]] const std::shared_ptr<PendingPool>& watch_pending() const { return watch_pending_; }
  // Calls without a deadline of their client's.
  [[nodiscard]] OpenCalls& open_calls() const { return *open_calls_; }

  // From now on everything new is answered with SHUTTING_DOWN.
  void begin_stop() {
    const MutexLock lock(&mutex_);
    stopping_ = true;
  }
  [[nodiscard]] bool stopping() const {
    const MutexLock lock(&mutex_);
    return stopping_;
  }

 private:
  const RpcOptions options_;
  const Directory& directory_;
  const std::shared_ptr<PrincipalLimits> principals_;
  const std::shared_ptr<PendingPool> pending_;
  const std::shared_ptr<PendingPool> watch_pending_;
  const std::unique_ptr<OpenCalls> open_calls_;
  mutable Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

// Whether another process serves that Unix socket; false for every other address.
[[nodiscard]] bool is_served(const std::string& address);

}  // namespace acd
