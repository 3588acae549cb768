// SPDX-License-Identifier: Apache-2.0
// What every service of this room shares.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "daemon/directory.h"
#include "daemon/mutex.h"
#include "daemon/rpc/rpc_server.h"

namespace acd {

// The settings of the edge, the tenants behind it, and whether it still takes work.
//
// Threads:  all methods from any thread.
class Edge {
 public:
  // `directory` outlives the edge and is complete.
  Edge(RpcOptions options, const Directory& directory)
      : options_(std::move(options)), directory_(directory) {}

  [[nodiscard]] const RpcOptions& options() const { return options_; }
  [[nodiscard]] const Directory& directory() const { return directory_; }

  // The tenant's port, or null.
  [[nodiscard]] TenantPort* find(std::string_view tenant) const {
    const auto found = directory_.find(tenant);
    return found == directory_.end() ? nullptr : found->second.get();
  }

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
  mutable Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

// Whether another process serves that Unix socket; false for every other address.
[[nodiscard]] bool is_served(const std::string& address);

}  // namespace acd
