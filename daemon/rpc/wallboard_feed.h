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
#include "daemon/rpc/pending_pool.h"
#include "daemon/rpc/stats_codec.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/stream.h"
#include "routing/insight/board.h"
#include "routing/insight/wait_prediction.h"
#include "routing/limits.h"

namespace acd {

// Between two responses to a watcher.
inline constexpr std::chrono::milliseconds kWatchIntervalMin{100};
inline constexpr std::chrono::milliseconds kWatchIntervalMax{60'000};
inline constexpr std::chrono::milliseconds kWatchIntervalDefault{1'000};
// Bytes from which on a response takes no further entry; the next one does.
inline constexpr size_t kWallboardBytesMax = size_t{1} << 20;
// Wallboards take turns with what was published and the reads: no further group is served when those
// of this visit have looked at so many entries.
inline constexpr size_t kVisitBudget = 4'096;
// Predictions of waiting calls that a visit looks at again, of one filter; further ones take turns.
inline constexpr size_t kPredictionsMax = 2'000;
// A prediction is told again when its p80 has changed by both of these.
inline constexpr int64_t kEwtChangeNs = 5 * kNsPerS;
inline constexpr int64_t kEwtChangePercent = 10;
// Different sets of figures that those who watch a tenant's queues may ask for, all together: each
// keeps its own picture of each queue.
inline constexpr size_t kFiguresMax = 8;
// What a group costs at least, in entries.
inline constexpr size_t kGroupCost = 16;

// What a wallboard is about.
struct WallboardFilter {
  std::set<std::string, std::less<>> queues;
  bool all_queues = false;
  bool total = false;
  std::set<std::string, std::less<>> teams;
  bool all_agents = false;
  bool waiting_calls = false;  // Of `queues`, or of all where there are none.
  AskedFigures asked;          // Of queues, the total and calls.

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

// Responses of one instant, as they are sent. Never empty. Holds its share of the pool until nobody
// has it to write any more; a small one needs none.
struct WallboardPages : std::vector<grpc::ByteBuffer> {
  explicit WallboardPages(std::shared_ptr<PendingPool> pool) : share(std::move(pool)) {}
  PendingShare share;
};

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
// response, however many they are. What a reader missed is told by which visit last changed a
// queue, and by which event the board last changed an agent, so nothing is kept for a reader but up
// to where it knows all.
//
// Threads:  add() and tick() from any; the rest runs on the observer's, in a read of the board.
// Owns:     the queues as they were told last, and the predictions of waiting calls: those that somebody
//           was told of within the last two times kWatchIntervalMax.
// Bounds:   one read of the board under way, which ends after kVisitBudget; kFiguresMax pictures of a
//           queue. Readers are counted by their service.
// Order:    who is due first is served first. Those who have no room in one visit are served in the
//           next, before anybody is served again.
class WallboardFeed : public std::enable_shared_from_this<WallboardFeed> {
 public:
  // `port` is used within add() and tick(), and in its own reads.
  // What is to be read above kPendingOwnBytesMax of a response comes out of `pool`.
  WallboardFeed(TenantPort* port, std::string tenant, std::shared_ptr<PendingPool> pool)
      : port_(port),
        tenant_(std::move(tenant)),
        history_id_(port->history_id()),
        pool_(std::move(pool)) {}

  // Shows `reader` that view from now on, until nobody else holds it.
  void add(const WallboardView& view, std::weak_ptr<WallboardReader> reader,
           StreamClock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Shows what is due.
  void tick(StreamClock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

  // What visits have looked at so far, in entries; and the queues that are kept. On the observer's
  // thread.
  [[nodiscard]] size_t looked() const { return looked_; }
  [[nodiscard]] size_t queues_kept() const {
    size_t count = 0;
    for (const auto& [asked, shown] : shown_) count += shown.queues.size();
    return count;
  }

 private:
  // A visit is one look at the board; they are numbered from 1.
  using Visit = int64_t;

  // Up to where a reader knows all.
  struct Told {
    Visit visit = 0;  // 0: was shown nothing yet.
    int64_t sequence = 0;

    auto operator<=>(const Told&) const = default;
  };
  struct Member {
    std::weak_ptr<WallboardReader> reader;
    Told told{};
    bool lacks_room = false;  // When it was to be shown something last.
  };
  struct Group;
  using Groups = std::map<WallboardView, Group>;
  using Agenda = std::multimap<StreamClock::time_point, Groups::iterator>;
  struct Group {
    StreamClock::time_point due;
    Agenda::iterator turn;  // When it is due, for somebody new at once, or soon for want of room.
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
  // Those who ask for the same figures share what they are shown.
  struct Shown {
    std::map<std::string, QueueEntry, std::less<>> queues;
    QueueEntry total;
  };
  // Of a waiting call, as it was told last.
  struct EwtEntry {
    WaitUnknown unknown = WaitUnknown::kNone;
    int32_t position = 0;
    int64_t p80_ns = 0;
    Visit seen = 0;
    Visit changed = 0;
  };
  using WaitingCalls = std::vector<std::pair<int64_t, CallIndex>>;
  // What one visit has encoded, by for whom: null where it had no room. Views that differ in their
  // interval alone share it.
  using For = std::pair<const WallboardFilter*, Told>;
  using Encoded = std::map<For, std::shared_ptr<const WallboardPages>, bool (*)(For, For)>;

  // Asks for a read of the board, unless one is on its way.
  void ask() ABSL_LOCKS_EXCLUDED(mutex_);
  void visit(const Insight& insight) ABSL_LOCKS_EXCLUDED(mutex_);
  // When the next group is due.
  StreamClock::time_point show(const Insight& insight, std::vector<Newcomer> newcomers,
                               StreamClock::time_point now);
  void welcome(std::vector<Newcomer> newcomers, StreamClock::time_point now);
  void note_layout(const Board& board);
  // Whether somebody had no room.
  bool show_group(const Insight& insight, const WallboardFilter& filter, bool is_due, Group* group,
                  Encoded* encoded);
  void refresh(const Insight& insight, const WallboardFilter& filter);
  void refresh_queue(const Insight& insight, const AskedFigures& asked, const QueueView& queue);
  // Why a newcomer cannot be shown that; nothing when they can.
  [[nodiscard]] std::optional<RpcError> refuse(const Board& board,
                                               const WallboardFilter& filter) const;
  void refresh_predictions(const Insight& insight, const WallboardFilter& filter);
  static void note(std::string bytes, Visit visit, QueueEntry* entry);
  void forget_unwatched(StreamClock::time_point now);
  // The agents that `filter` wants and that changed after the event `told`, by id.
  [[nodiscard]] std::vector<const AgentView*> changed_agents(const Board& board,
                                                             const WallboardFilter& filter,
                                                             int64_t told);
  // By when they entered their queues.
  [[nodiscard]] WaitingCalls waiting_calls(const Board& board, const WallboardFilter& filter);
  // Names of those that waited where `filter` looks, as told, and no longer do.
  [[nodiscard]] std::vector<std::string> gone_calls(const Board& board,
                                                    const WallboardFilter& filter, int64_t told);
  // What somebody does not know who knows all up to `told`; null when too much waits to be read by
  // others: then no more is encoded than the first page without room.
  [[nodiscard]] std::shared_ptr<const WallboardPages> encode(const Insight& insight,
                                                             const WallboardFilter& filter,
                                                             Told told);

  TenantPort* const port_;
  const std::string tenant_;
  const std::string history_id_;
  const std::shared_ptr<PendingPool> pool_;
  Mutex mutex_;
  bool is_asked_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Newcomer> newcomers_ ABSL_GUARDED_BY(mutex_);
  size_t invited_ ABSL_GUARDED_BY(mutex_) = 0;  // The first of them, for the read under way.
  StreamClock::time_point now_ ABSL_GUARDED_BY(mutex_);
  StreamClock::time_point due_ ABSL_GUARDED_BY(mutex_) = StreamClock::time_point::max();

  // Of the observer's thread.
  Visit visit_ = 0;
  size_t looked_ = 0;
  Groups groups_;
  Agenda agenda_;                    // Each group once.
  std::vector<std::string> layout_;  // The queues, in their order.
  Visit layout_changed_ = 0;
  std::map<AskedFigures, Shown> shown_;
  std::map<std::string, EwtEntry, std::less<>> predictions_;  // By call.
  std::optional<MemberStates> members_;  // Of this visit, once it was asked for.
  StreamClock::time_point swept_;  // When queues were last forgotten, and the visit that did it.
  Visit swept_visit_ = 0;
};

}  // namespace acd
