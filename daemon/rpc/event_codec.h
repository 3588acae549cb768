// SPDX-License-Identifier: Apache-2.0
// From the events that are kept to what EventService sends.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "acd/v1/event_service.pb.h"
#include "daemon/rpc/pending_pool.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/status.h"
#include "routing/insight/board.h"
#include "routing/insight/watch_tail.h"

namespace acd {

// Events of one response, and bytes from which on it takes no further one.
inline constexpr size_t kWatchEventsMax = 1'024;
inline constexpr size_t kWatchBytesMax = size_t{1} << 20;

// Without what is for some only: numbers of customers, and the records of decisions.
void encode_event(const Board& board, WatchTail::Entry entry, v1::Event* message);

// Which events a watcher wants: those that pass each of these; one that is empty lets all pass.
struct EventFilter {
  std::set<std::string, std::less<>> queues;
  std::set<std::string, std::less<>> agents;
  std::set<std::string, std::less<>> calls;
  std::set<std::string, std::less<>> types;  // Names, and subjects.

  [[nodiscard]] bool empty() const {
    return queues.empty() && agents.empty() && calls.empty() && types.empty();
  }
  [[nodiscard]] bool lets_pass(const Board& board, WatchTail::Entry entry) const;
  // That the board never knew such a queue or agent; none when it knows all.
  [[nodiscard]] std::optional<RpcError> find_unknown(const Board& board,
                                                     const std::string& tenant) const;
};

// The filter of a request; notes violations.
[[nodiscard]] EventFilter take_filter(const v1::WatchEventsRequest& request,
                                      Violations* violations);

// The responses of one tenant's watchers: those who want everything, and are equally far, share one.
//
// Threads:  one at a time (the observer's), but for the names.
class EventPages {
 public:
  // What a page has above kPendingOwnBytesMax comes out of `pool`, until nobody holds its share any more.
  EventPages(std::string tenant, std::string history_id, std::shared_ptr<PendingPool> pool)
      : tenant_(std::move(tenant)), history_id_(std::move(history_id)), pool_(std::move(pool)) {}

  struct Page {
    grpc::ByteBuffer bytes;
    int64_t through = 0;  // Sequence of the last event that was looked at.
    size_t looked = 0;    // Events that were looked at for it now: none when it is shared.
    bool has_events = false;
    std::shared_ptr<PendingShare> share;  // To be held until it is written.
  };
  // What comes behind `after`, as far as one response goes: not far when too much waits to be read by
  // others. REQUIRES: the tail has it.
  [[nodiscard]] Page next(const Board& board, const WatchTail& tail, int64_t after,
                          const EventFilter& filter);
  // A response without events. From any thread.
  [[nodiscard]] grpc::ByteBuffer heartbeat(int64_t sequence) const;
  // From any thread.
  [[nodiscard]] std::string token(int64_t sequence) const;
  [[nodiscard]] const std::string& tenant() const { return tenant_; }
  [[nodiscard]] const std::string& history_id() const { return history_id_; }

 private:
  // Null: the pool has not so much left.
  [[nodiscard]] std::shared_ptr<PendingShare> share_of(size_t bytes) const;

  const std::string tenant_;
  const std::string history_id_;
  const std::shared_ptr<PendingPool> pool_;
  v1::WatchEventsResponse response_;  // Reused.
  // The latest without a filter: what came between these two.
  int64_t shared_after_ = -1;
  int64_t shared_next_ = -1;  // The tail's next_sequence() then.
  Page shared_;               // Its share is whose it was given to.
  std::weak_ptr<PendingShare> shared_share_;
};

}  // namespace acd
