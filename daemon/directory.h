// SPDX-License-Identifier: Apache-2.0
// Where each tenant lives: what the edges need to reach its shard and its board.
#pragma once

#include <absl/functional/any_invocable.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/batch.h"
#include "routing/ids.h"

namespace acd {

class Board;
class WaitPredictor;
class WatchTail;
class WindowStats;

// Where a watcher stands after a look.
enum class Watching : uint8_t {
  kWaits,  // Has all there is, and is shown what comes.
  kBusy,   // Can take no more; it asks again, by watch().
  kMore,   // There is more to see than one look may take.
  kOver,   // Wants no more.
};

// What a look came to.
struct Look {
  Watching standing = Watching::kOver;
  size_t events = 0;  // That it looked at.
};

// Somebody who follows the events of a tenant.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // Looks at what there is, kLookEventsMax events at most. Runs on the observer's thread.
  [[nodiscard]] virtual Look look(const Board& board, const WatchTail& tail) = 0;

 private:
  friend class Observer;
  bool has_asked_ = false;  // Under the observer's mutex.
  bool is_listed_ = false;  // To look soon. Of the observer's thread.
};

// Events that one look may look at: those behind it in the row wait so long.
inline constexpr int64_t kLookEventsMax = 1'024;

// What is known of a tenant at one instant.
struct Insight {
  const Board& board;
  const std::string& config;  // Serialized acd.v1.TenantConfig with etag.
  const WindowStats& windows;
  const WaitPredictor& predictor;
};

// What an edge may ask for. Implemented by server parts; a fake serves the tests of the edges.
//
// Threads:  all methods from any thread; none blocks.
class TenantPort {
 public:
  virtual ~TenantPort() = default;

  // Hands a batch to the tenant's shard. `batch->tenant` and `partition` are filled in here. The
  // first batch of a stream holds one kOpenSession, the last one kCloseSession. Takes the batch
  // only when the result is kOk. Never full for a stream that keeps at most kStreamBatchesMax in
  // flight. A batch with a change belongs to no stream; its maker keeps few of them in flight.
  [[nodiscard]] virtual PushResult submit(std::unique_ptr<Batch>& batch) = 0;

  // Runs `visit` on the observer's thread, after every event acknowledged so far, with the tenant's
  // board advanced to the present. False when too many reads wait (OVERLOADED).
  using Visit = absl::AnyInvocable<void(const Insight& insight)>;
  [[nodiscard]] virtual bool read(Visit visit) = 0;

  // Has `watcher` look soon, not within the call, and as its looks say from then on. Its first look
  // comes after every event acknowledged so far, and it sees only what is durable. Whoever is over has to say so by one more look, to be forgotten. No look comes
  // once the daemon has stopped.
  virtual void watch(std::shared_ptr<Watcher> watcher) = 0;

  // Of the journal that the tenant's events are in, as bytes.
  [[nodiscard]] virtual const std::string& history_id() const = 0;
};

// Batches that one stream may have in flight.
inline constexpr uint32_t kStreamBatchesMax = 4;

// The tenants of this daemon by id. Fixed before the edges start, so reading it needs no lock.
using Directory = std::map<std::string, std::unique_ptr<TenantPort>, std::less<>>;

}  // namespace acd
