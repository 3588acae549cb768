// SPDX-License-Identifier: Apache-2.0
// What the wallboards of one tenant are shown, encoded once for all who want the same.
#pragma once

#include <absl/base/thread_annotations.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "acd/v1/wallboard_service.pb.h"
#include "daemon/directory.h"
#include "daemon/mutex.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/stream.h"
#include "routing/insight/board.h"

namespace acd {

// Between two responses to a watcher.
inline constexpr std::chrono::milliseconds kWatchIntervalMin{100};
inline constexpr std::chrono::milliseconds kWatchIntervalMax{60'000};
inline constexpr std::chrono::milliseconds kWatchIntervalDefault{1'000};
// Bytes from which on a response takes no further entry; the next one does.
inline constexpr size_t kWallboardBytesMax = size_t{1} << 20;

// What a wallboard is about.
struct WallboardFilter {
  std::set<std::string, std::less<>> queues;
  bool all_queues = false;
  bool total = false;
  std::set<std::string, std::less<>> teams;
  bool all_agents = false;

  auto operator<=>(const WallboardFilter&) const = default;
};

// Those who have the same one are shown the same responses.
struct WallboardView {
  WallboardFilter filter;
  std::chrono::milliseconds interval = kWatchIntervalDefault;

  auto operator<=>(const WallboardView&) const = default;
};

// The view of a request; notes violations.
[[nodiscard]] WallboardView take_view(const v1::WatchRequest& request, Violations* violations);

// Responses of one instant, as they are sent. Never empty.
using WallboardPages = std::vector<grpc::ByteBuffer>;

// Somebody who is shown a view. All methods run on the observer's thread.
class WallboardReader {
 public:
  virtual ~WallboardReader() = default;
  // Whether it has taken all that it was shown.
  [[nodiscard]] virtual bool is_ready() = 0;
  // REQUIRES: it is ready.
  virtual void show(std::shared_ptr<const WallboardPages> pages) = 0;
  // Ends it.
  virtual void fail(const RpcError& error) = 0;
};

// The wallboards of one tenant. Those with the same view are a group; a group's beat encodes one
// response, however many they are. What a reader missed is told by which visit last changed an
// entry, so nothing is kept for a reader but the visit up to which it knows all.
//
// Threads:  add() and tick() from any; the rest runs on the observer's, in a read of the board.
// Owns:     the entries as they were told last: as many as are watched.
// Bounds:   one read of the board under way. Readers are counted by their service.
class WallboardFeed : public std::enable_shared_from_this<WallboardFeed> {
 public:
  // `port` is used within add() and tick(), and in its own reads.
  WallboardFeed(TenantPort* port, std::string tenant)
      : port_(port), tenant_(std::move(tenant)), history_id_(port->history_id()) {}

  // Shows `reader` that view from now on, until nobody else holds it.
  void add(const WallboardView& view, std::weak_ptr<WallboardReader> reader,
           StreamClock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Shows what is due.
  void tick(StreamClock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // A visit is one look at the board; they are numbered from 1.
  using Visit = int64_t;

  struct Member {
    std::weak_ptr<WallboardReader> reader;
    Visit told = 0;  // Knows all up to it. 0: was shown nothing yet.
  };
  struct Group {
    StreamClock::time_point due;
    bool has_new = false;
    std::vector<Member> members;
  };
  struct Newcomer {
    WallboardView view;
    std::weak_ptr<WallboardReader> reader;
  };
  struct QueueEntry {
    std::string bytes;
    Visit seen = 0;
    Visit changed = 0;
  };
  struct AgentEntry {
    AgentView view;
    std::vector<std::string> calls;  // Ids: an index is used again.
    bool is_away = false;
    Visit changed = 0;
  };

  // Asks for a read of the board, unless one is on its way.
  void ask() ABSL_LOCKS_EXCLUDED(mutex_);
  void visit(const Board& board) ABSL_LOCKS_EXCLUDED(mutex_);
  // When the next group is due.
  StreamClock::time_point show(const Board& board, std::vector<Newcomer> newcomers,
                               StreamClock::time_point now);
  void note_layout(const Board& board);
  void show_group(const Board& board, const WallboardFilter& filter, bool is_due, Group* group);
  void refresh(const Board& board, const WallboardFilter& filter);
  void refresh_queue(const Board& board, const QueueView& queue);
  void refresh_agents(const Board& board, const WallboardFilter& filter);
  static void note(std::string bytes, Visit visit, QueueEntry* entry);
  // What somebody does not know who knows all up to `told`.
  [[nodiscard]] std::shared_ptr<const WallboardPages> encode(const Board& board,
                                                             const WallboardFilter& filter,
                                                             Visit told) const;

  TenantPort* const port_;
  const std::string tenant_;
  const std::string history_id_;
  Mutex mutex_;
  bool is_asked_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Newcomer> newcomers_ ABSL_GUARDED_BY(mutex_);
  size_t invited_ ABSL_GUARDED_BY(mutex_) = 0;  // The first of them, for the read under way.
  StreamClock::time_point now_ ABSL_GUARDED_BY(mutex_);
  StreamClock::time_point due_ ABSL_GUARDED_BY(mutex_) = StreamClock::time_point::max();

  // Of the observer's thread.
  Visit visit_ = 0;
  std::map<WallboardView, Group> groups_;
  std::vector<std::string> layout_;  // The queues, in their order.
  Visit layout_changed_ = 0;
  Visit team_left_ = 0;  // When an agent last changed teams.
  std::map<std::string, QueueEntry, std::less<>> queues_;
  QueueEntry total_;
  std::map<std::string, AgentEntry, std::less<>> agents_;
};

}  // namespace acd
