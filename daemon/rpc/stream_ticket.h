// SPDX-License-Identifier: Apache-2.0
// How many streams a service and a principal may have: a stream holds its ticket for as long as
// anything of it is left.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "daemon/mutex.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/principal_limits.h"
#include "daemon/rpc/status.h"

namespace acd {

// Counts streams until nobody holds anything of them any more, such as a batch in an inbox: that has
// room for all of them.
//
// Threads:  any.
class StreamSlots {
 public:
  explicit StreamSlots(uint32_t slots_max) : free_(slots_max) {}
  [[nodiscard]] bool take() {
    const MutexLock lock(&mutex_);
    if (free_ == 0) return false;
    --free_;
    return true;
  }
  void give_back() {
    const MutexLock lock(&mutex_);
    ++free_;
  }

 private:
  Mutex mutex_;
  uint32_t free_ ABSL_GUARDED_BY(mutex_);
};

// A place among the streams of a service and among those of a principal, until it is destroyed. May
// outlive both.
class StreamTicket {
 public:
  using PrincipalsPlace = std::unique_ptr<PrincipalLimits::StreamPlace>;

  // REQUIRES: a slot was taken.
  StreamTicket(std::shared_ptr<StreamSlots> slots, PrincipalsPlace place)
      : slots_(std::move(slots)), place_(std::move(place)) {}
  ~StreamTicket() { slots_->give_back(); }
  StreamTicket(const StreamTicket&) = delete;
  StreamTicket& operator=(const StreamTicket&) = delete;

 private:
  const std::shared_ptr<StreamSlots> slots_;
  const PrincipalsPlace place_;
};

// Null when the daemon stops, the service has as many streams of `kind` as it may, or the principal
// has: then `refusal` says which.
[[nodiscard]] std::unique_ptr<StreamTicket> take_ticket(const Edge& edge,
                                                        const std::shared_ptr<StreamSlots>& slots,
                                                        StreamKind kind,
                                                        const std::string& principal,
                                                        grpc::Status* refusal);

}  // namespace acd
