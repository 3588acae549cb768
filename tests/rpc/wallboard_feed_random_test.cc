// SPDX-License-Identifier: Apache-2.0
// The feed of a tenant's wallboards over events at random.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/rpc/wallboard_feed_fixture.h"

namespace acd {
namespace {

// Events at random, readers that now and then do not read: at each beat all that they were told is
// what the lists say.
TEST_F(WallboardFeedTest, AllThatWasToldIsAlwaysWhatTheListsSay) {
  uint64_t random = 7;
  const auto below = [&random](uint32_t limit) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>((random >> 33) % limit);
  };
  InsightFeed& feed = port_.feed;
  constexpr uint32_t kAgents = 5;
  const std::vector<std::string> teams = {"red", "blue", ""};
  std::vector<bool> is_in(kAgents);
  for (uint32_t i = 0; i < kAgents; ++i) put_in_team(i, teams[i % 3]);
  WallboardView everything = queues_and_total();
  everything.filter.all_agents = true;
  WallboardView two_teams = team("red");
  two_teams.filter.teams.insert("blue");
  WallboardView figures = queues_and_total();
  figures.filter.asked = {0b11111, true};
  figures.filter.waiting_calls = true;
  WallboardView calls = queue("sales");
  calls.filter.waiting_calls = true;
  const std::vector<WallboardView> views = {everything, queue("sales"), team("red"),
                                            two_teams,  figures,        calls};
  std::vector<std::pair<WallboardView, std::shared_ptr<Reader>>> readers;
  for (int i = 0; i < 18; ++i) {
    WallboardView view = views[static_cast<size_t>(i) % views.size()];
    view.interval = milliseconds(i < 12 ? 1'000 : 3'000);
    readers.emplace_back(view, reader(view));
  }
  for (uint32_t desk = 1; desk <= 2; ++desk) {
    Event event;
    event.kind = EventKind::kDesktopConnected;
    event.source = SourceIndex(desk);
    event.text = feed.log.add_text("desk");
    feed.add(event);
  }
  std::set<uint32_t> waiting;
  TenantConfig config = two_queues();
  for (int step = 0; step < 1'500; ++step) {
    feed.at(feed.now_ns + below(4) * kNsPerS);
    for (uint32_t change = below(4); change > 0; --change) {
      const uint32_t agent = below(kAgents);
      const uint32_t call = below(20);
      switch (below(9)) {
        case 7:
          if (waiting.contains(call)) feed.overflow(call, below(2));
          break;
        case 8:
          if (is_in[agent] && waiting.erase(call) > 0) {
            feed.answer(call, agent);
            feed.complete(call, agent);
          }
          break;
        case 6: {
          Event event;
          const bool is_agents = below(2) == 0;
          event.kind = is_agents
                           ? below(2) == 0 ? EventKind::kAgentAttached : EventKind::kAgentDetached
                       : below(2) == 0 ? EventKind::kDesktopConnected
                                       : EventKind::kDesktopDisconnected;
          if (is_agents) event.agent = agent_index(agent);
          event.source = SourceIndex(1u + below(2));
          event.text = feed.log.add_text("desk");
          feed.add(event);
          break;
        }
        case 0:
          put_in_team(agent, teams[below(3)]);
          break;
        case 1:
          is_in[agent] ? feed.log_out(agent) : feed.log_in(agent, absl::StrCat(agent));
          is_in[agent] = !is_in[agent];
          break;
        case 2:
          if (waiting.insert(call).second) feed.enqueue(call, below(2));
          break;
        case 3:
          if (waiting.erase(call) > 0) feed.abandon(call);
          break;
        case 4:
          if (waiting.contains(call)) {
            feed.offer(call, agent);
            feed.end_offer(call, agent, OfferOutcome::kNoAnswer);
          }
          break;
        default:
          if (below(10) > 0) break;
          std::swap(config.queues[0], config.queues[1]);
          config.queues[0].service_level_target_ns = (1 + below(60)) * kNsPerS;
          feed.board.configure(config);
      }
    }
    for (auto& [view, one] : readers) one->ready = below(5) > 0;
    std::vector<size_t> before;
    for (auto& [view, one] : readers) before.push_back(one->shown.size());
    beat();
    for (size_t i = 0; i < readers.size(); ++i) {
      const auto& [view, one] = readers[i];
      if (one->shown.size() == before[i]) continue;
      expect_current(one->wall, view.filter);
    }
    ASSERT_FALSE(HasFailure()) << "step " << step;
  }
  for (const auto& [view, one] : readers) EXPECT_GT(one->shown.size(), 300u);
}

}  // namespace
}  // namespace acd
