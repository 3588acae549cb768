// SPDX-License-Identifier: Apache-2.0
// A feed of wallboards before a board that the test fills, and readers.
#pragma once

#include "daemon/rpc/wallboard_feed.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/rpc/board_codec.h"
#include "daemon/rpc/pending_pool.h"
#include "daemon/rpc/pulse.h"
#include "tests/rpc/insight_feed.h"
#include "tests/rpc/observed_tenant.h"
#include "tests/rpc/wall.h"

namespace acd {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Reads at once, from a board that the test fills.
class BoardPort final : public TenantPort {
 public:
  BoardPort() { connect_switch(feed); }
  PushResult submit(std::unique_ptr<Batch>&) override {
    ADD_FAILURE() << "a wallboard asked the shard";
    return PushResult::kClosed;
  }
  bool read(Visit visit) override {
    if (refuses) return false;
    ++reads;
    if (holds) {
      held.push_back(std::move(visit));
    } else {
      visit(insight());
    }
    return true;
  }
  void watch(std::shared_ptr<Watcher>) override { ADD_FAILURE(); }
  Insight insight() {
    static const std::string kNone;
    return feed.read(kNone);
  }
  const std::string& history_id() const override { return history; }

  InsightFeed feed;
  std::string history = "0123456789abcdef";
  int reads = 0;
  bool refuses = false;
  bool holds = false;
  std::vector<Visit> held;
};

struct Reader final : WallboardReader {
  bool is_ready() override { return ready; }
  void show(std::shared_ptr<const WallboardPages> pages) override {
    EXPECT_TRUE(ready);
    for (const grpc::ByteBuffer& page : *pages) {
      grpc::Slice slice;
      EXPECT_TRUE(page.DumpToSingleSlice(&slice).ok());
      v1::WatchResponse response;
      EXPECT_TRUE(response.ParseFromArray(slice.begin(), static_cast<int>(slice.size())));
      wall.take(response);
    }
    shown.push_back(std::move(pages));
  }
  void fail(const RpcError& with) override { error = with; }

  bool ready = true;
  Wall wall;
  std::vector<std::shared_ptr<const WallboardPages>> shown;
  std::optional<RpcError> error;
};

class WallboardFeedTest : public ::testing::Test {
 protected:
  std::shared_ptr<Reader> reader(const WallboardView& view) {
    auto reader = std::make_shared<Reader>();
    feed_->add(view, reader, now_);
    return reader;
  }
  void beat(milliseconds time = seconds(1)) {
    now_ += time;
    feed_->tick(now_);
  }
  static WallboardView queues_and_total() {
    WallboardView view;
    view.filter.all_queues = view.filter.total = true;
    return view;
  }
  static WallboardView queue(const std::string& id) {
    WallboardView view;
    view.filter.queues = {id};
    return view;
  }
  static WallboardView team(const std::string& id) {
    WallboardView view;
    view.filter.teams = {id};
    return view;
  }
  void put_in_team(uint32_t agent, const std::string& team) {
    UpsertedAgent told;
    told.team = team;
    port_.feed.upsert(agent, absl::StrCat("a", agent), "", encode_upserted(told));
  }
  // What the last response to `reader` told.
  static std::vector<std::string> names(const Reader& reader) {
    std::vector<std::string> names;
    for (const auto& queue : reader.wall.last.queues()) names.push_back(queue.name());
    if (reader.wall.last.has_total()) names.push_back("total");
    for (const auto& agent : reader.wall.last.agents()) names.push_back(agent.name());
    return names;
  }
  // That `wall` is what the lists would say now, of what the view is about.
  void expect_current(const Wall& wall, const WallboardFilter& filter) {
    const Insight insight = port_.insight();
    const Board& board = insight.board;
    std::map<std::string, std::string> queues;
    std::vector<std::string> order;
    for (const QueueView* view : board.queues()) {
      if (!filter.all_queues && !filter.queues.contains(view->id)) continue;
      v1::QueueStats stats;
      encode_queue(board, "bank", *view, &stats);
      encode_queue_figures(insight, *view, filter.asked, member_states(insight), &stats);
      order.push_back(stats.name());
      queues[stats.name()] = stats.DebugString();
    }
    std::map<std::string, std::string> told;
    for (const auto& [name, stats] : wall.queues) told[name] = stats.DebugString();
    EXPECT_EQ(told, queues);
    EXPECT_TRUE(!filter.all_queues || wall.order == order);
    v1::QueueStats total;
    if (filter.total) {
      encode_total(board, "bank", &total);
      encode_total_figures(insight, filter.asked, &total);
    }
    EXPECT_EQ(wall.total.DebugString(), total.DebugString());
    std::map<std::string, std::string> agents;
    for (const auto& [id, index] : board.agents_by_id()) {
      const AgentView& view = board.agent(index);
      if (!filter.all_agents && !filter.teams.contains(view.team)) continue;
      v1::AgentStatus status;
      encode_agent(board, "bank", view, &status);
      agents[status.name()] = timeless(status);
    }
    std::map<std::string, std::string> told_agents;
    for (const auto& [name, status] : wall.agents) told_agents[name] = timeless(status);
    EXPECT_EQ(told_agents, agents);
    std::map<std::string, std::string> calls;
    for (const auto& [arrived_ns, index] : board.calls_by_age()) {
      const CallView& view = board.call(index);
      const bool is_wanted =
          filter.waiting_calls && is_waiting(view) &&
          (filter.queues.empty() || filter.queues.contains(board.queue(view.queue).id));
      if (!is_wanted) continue;
      v1::CallStatus status;
      encode_call(board, "bank", view, &status);
      if (filter.asked.ewt) encode_call_ewt(insight, index, &status);
      calls[status.name()] = timeless(status);
    }
    std::map<std::string, std::string> told_calls;
    for (const auto& [name, status] : wall.calls) told_calls[name] = timeless(status);
    EXPECT_EQ(told_calls, calls);
    EXPECT_EQ(wall.last.sequence(), board.sequence());
  }

  BoardPort port_;
  std::shared_ptr<PendingPool> pool_ = std::make_shared<PendingPool>(size_t{64} << 20);
  std::shared_ptr<WallboardFeed> feed_ = std::make_shared<WallboardFeed>(&port_, "bank", pool_);
  StreamClock::time_point now_{seconds(1'000)};
};

}  // namespace acd
