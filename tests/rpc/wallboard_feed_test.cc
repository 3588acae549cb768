// SPDX-License-Identifier: Apache-2.0
// The feed of a tenant's wallboards: what each reader is shown, and what that costs.
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
#include "tests/rpc/wallboard_feed_fixture.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(WallboardFeedTest, BeginsWithASnapshotAndTellsWhatHasChanged) {
  const auto wall = reader(queues_and_total());
  ASSERT_EQ(wall->shown.size(), 1u);
  EXPECT_TRUE(wall->wall.last.snapshot());
  expect_current(wall->wall, queues_and_total().filter);
  beat(milliseconds(999));
  EXPECT_EQ(wall->shown.size(), 1u);
  port_.feed.enqueue(1);
  beat(milliseconds(1));
  EXPECT_THAT(names(*wall), ElementsAre("tenants/bank/queues/sales", "total"));
  EXPECT_FALSE(wall->wall.last.snapshot());
  expect_current(wall->wall, queues_and_total().filter);
}

TEST_F(WallboardFeedTest, KeepsSoManyPicturesOfAQueue) {
  std::vector<std::shared_ptr<Reader>> readers;
  const auto watch = [&](size_t windows) {
    WallboardView view = queues_and_total();
    view.filter.asked.windows = static_cast<uint8_t>(windows);
    readers.push_back(reader(view));
    return readers.back();
  };
  for (size_t i = 0; i < kFiguresMax; ++i) EXPECT_FALSE(watch(i)->error) << i;
  EXPECT_FALSE(watch(0)->error);
  const auto refused = watch(kFiguresMax);
  ASSERT_TRUE(refused->error);
  EXPECT_EQ(refused->error->reason, v1::ERROR_REASON_LIMIT_REACHED);
  // Those that nobody watches any more make room.
  readers.clear();
  beat();
  EXPECT_FALSE(watch(kFiguresMax)->error);
}

TEST_F(WallboardFeedTest, SaysHowLateItIsWhenNothingHasChanged) {
  const auto wall = reader(queues_and_total());
  port_.feed.at_s(7);
  beat();
  EXPECT_THAT(names(*wall), IsEmpty());
  EXPECT_EQ(wall->wall.last.now().seconds(), 7);
  EXPECT_FALSE(wall->wall.last.resume_token().empty());
  // The wait of who waits grows.
  port_.feed.enqueue(1);
  beat();
  port_.feed.at_s(9);
  beat();
  EXPECT_EQ(wall->wall.queues.at("tenants/bank/queues/sales").longest_wait().seconds(), 2);
}

TEST_F(WallboardFeedTest, ASlowReaderIsToldTheNewestAtOnce) {
  const auto slow = reader(queues_and_total());
  const auto other = reader(queues_and_total());
  slow->ready = false;
  for (uint32_t call = 1; call <= 3; ++call) {
    port_.feed.enqueue(call, call % 2);
    beat();
  }
  EXPECT_EQ(slow->shown.size(), 1u);
  EXPECT_EQ(other->shown.size(), 4u);
  slow->ready = true;
  beat();
  EXPECT_EQ(slow->shown.size(), 2u);
  EXPECT_THAT(names(*slow),
              ElementsAre("tenants/bank/queues/sales", "tenants/bank/queues/slow", "total"));
  expect_current(slow->wall, queues_and_total().filter);
  // Then it is one of all again.
  port_.feed.abandon(1);
  beat();
  EXPECT_EQ(slow->shown.back(), other->shown.back());
}

TEST_F(WallboardFeedTest, TellsWhichCallsWaitAndWhichHaveGone) {
  WallboardView view = queue("sales");
  view.filter.waiting_calls = true;
  view.filter.asked.ewt = true;
  const auto wall = reader(view);
  const auto slow = reader(view);
  port_.feed.enqueue(1);
  port_.feed.enqueue(2);
  port_.feed.enqueue(3, 1);
  beat();
  const std::string calls = "tenants/bank/calls/";
  ASSERT_EQ(wall->wall.calls.size(), 2u);
  EXPECT_EQ(wall->wall.calls.at(calls + "c2").ewt().position(), 2);
  // Time alone is no change.
  port_.feed.at_s(3);
  beat();
  EXPECT_EQ(wall->wall.last.calls_size(), 0);
  // Who is behind moves up; who goes elsewhere is gone, and was nowhere for who did not hear of them.
  slow->ready = false;
  port_.feed.abandon(1);
  port_.feed.enqueue(4);
  beat();
  EXPECT_THAT(wall->wall.last.gone_calls(), ElementsAre(calls + "c1"));
  EXPECT_EQ(wall->wall.calls.at(calls + "c2").ewt().position(), 1);
  port_.feed.overflow(4, 1);
  beat();
  EXPECT_THAT(wall->wall.last.gone_calls(), ElementsAre(calls + "c4"));
  slow->ready = true;
  beat();
  EXPECT_THAT(slow->wall.last.gone_calls(), ElementsAre(calls + "c1"));
  expect_current(slow->wall, view.filter);
  // One that comes back is there.
  port_.feed.overflow(4, 0);
  port_.feed.overflow(2, 1);
  port_.feed.overflow(2, 0);
  beat();
  EXPECT_THAT(wall->wall.last.gone_calls(), IsEmpty());
  expect_current(wall->wall, view.filter);
  EXPECT_EQ(wall->wall.snapshots, 1);
}

TEST_F(WallboardFeedTest, WhoMissedMoreGoneCallsThanAreKeptBeginsAnew) {
  WallboardView view;
  view.filter.waiting_calls = true;
  const auto slow = reader(view);
  port_.feed.enqueue(1);
  beat();
  slow->ready = false;
  for (size_t i = 0; i < kGoneCallsMax; ++i) {
    port_.feed.enqueue(2);
    port_.feed.abandon(2);
  }
  slow->ready = true;
  beat();
  EXPECT_EQ(slow->wall.snapshots, 1);
  EXPECT_THAT(slow->wall.last.gone_calls(), IsEmpty());
  slow->ready = false;
  port_.feed.abandon(1);
  for (size_t i = 0; i < kGoneCallsMax; ++i) {
    port_.feed.enqueue(2);
    port_.feed.abandon(2);
  }
  slow->ready = true;
  beat();
  EXPECT_EQ(slow->wall.snapshots, 2);
  EXPECT_TRUE(slow->wall.calls.empty());
}

TEST_F(WallboardFeedTest, ThoseWhoAskForFiguresShareThemAndOthersHaveNone) {
  WallboardView with = queues_and_total();
  with.filter.asked = {0b00010, true};
  const auto wall = reader(with);
  const auto same = reader(with);
  const auto plain = reader(queues_and_total());
  beat();
  port_.feed.enqueue(1);
  beat();
  EXPECT_EQ(wall->shown.back(), same->shown.back());
  const v1::QueueStats& sales = wall->wall.queues.at("tenants/bank/queues/sales");
  ASSERT_EQ(sales.windows_size(), 1);
  EXPECT_EQ(sales.windows(0).window(), v1::STATS_WINDOW_15_MIN);
  EXPECT_EQ(sales.windows(0).visits().offered(), 1);
  EXPECT_EQ(sales.ewt().unknown(), v1::WAIT_UNKNOWN_NO_AGENTS);
  EXPECT_EQ(sales.ewt().position(), 2);
  EXPECT_EQ(plain->wall.queues.at("tenants/bank/queues/sales").windows_size(), 0);
  EXPECT_FALSE(plain->wall.queues.at("tenants/bank/queues/sales").has_ewt());
  EXPECT_EQ(wall->wall.total.windows(0).calls().live(), 1);
}

TEST_F(WallboardFeedTest, TenThousandReadersCostOneReadAndOneEncodingABeat) {
  constexpr int kBeats = 5;
  const auto cost = [this](int count) {
    std::vector<std::shared_ptr<Reader>> readers;
    for (int i = 0; i < count; ++i) readers.push_back(reader(queue("sales")));
    beat();
    const int reads_before = port_.reads;
    for (const auto& one : readers) one->shown.clear();
    for (int i = 0; i < kBeats; ++i) {
      port_.feed.enqueue(1);
      port_.feed.abandon(1);
      beat();
    }
    const int reads = port_.reads - reads_before;
    std::set<const WallboardPages*> encoded;
    for (const auto& one : readers) {
      EXPECT_EQ(one->shown.size(), static_cast<size_t>(kBeats));
      for (const auto& pages : one->shown) encoded.insert(pages.get());
    }
    readers.clear();
    beat();  // They are forgotten.
    return std::pair(reads, encoded.size());
  };
  EXPECT_EQ(cost(1), std::pair(kBeats, static_cast<size_t>(kBeats)));
  EXPECT_EQ(cost(10'000), std::pair(kBeats, static_cast<size_t>(kBeats)));
  const int reads = port_.reads;
  beat();
  EXPECT_EQ(port_.reads, reads);  // Nobody is there.
}

TEST_F(WallboardFeedTest, EachGroupHasItsOwnBeat) {
  WallboardView often = queue("sales");
  often.interval = milliseconds(100);
  const auto quick = reader(often);
  const auto usual = reader(queue("sales"));
  for (int i = 0; i < 10; ++i) beat(milliseconds(100));
  EXPECT_EQ(quick->shown.size(), 11u);
  EXPECT_EQ(usual->shown.size(), 2u);
  // Beats that were missed are not made up for.
  beat(seconds(60));
  beat(milliseconds(100));
  EXPECT_EQ(quick->shown.size(), 13u);
  EXPECT_EQ(usual->shown.size(), 3u);
}

TEST_F(WallboardFeedTest, ARemovedQueueIsMissingInANewSnapshot) {
  const auto all = reader(queues_and_total());
  const auto slow = reader(queue("slow"));
  TenantConfig config = two_queues();
  config.queues.pop_back();
  port_.feed.board.configure(config);
  port_.feed.remove_queue(1);
  beat();
  EXPECT_TRUE(all->wall.last.snapshot());
  EXPECT_THAT(all->wall.order, ElementsAre("tenants/bank/queues/sales"));
  EXPECT_TRUE(slow->wall.last.snapshot());
  EXPECT_THAT(slow->wall.order, IsEmpty());
  EXPECT_FALSE(slow->error);
  // Who was cut and comes again is told the same, and both see it come back.
  const auto again = reader(queue("slow"));
  EXPECT_FALSE(again->error);
  EXPECT_TRUE(again->wall.last.snapshot());
  EXPECT_THAT(again->wall.order, IsEmpty());
  // There never was such a queue.
  const auto wrong = reader(queue("slaw"));
  ASSERT_TRUE(wrong->error);
  EXPECT_EQ(wrong->error->reason, v1::ERROR_REASON_QUEUE_UNKNOWN);
  port_.feed.configure(two_queues());
  beat();
  EXPECT_THAT(slow->wall.order, ElementsAre("tenants/bank/queues/slow"));
  EXPECT_THAT(again->wall.order, ElementsAre("tenants/bank/queues/slow"));
  expect_current(all->wall, queues_and_total().filter);
}

TEST_F(WallboardFeedTest, AChangeOfAQueuesSettingsIsAChange) {
  const auto all = reader(queues_and_total());
  TenantConfig config = two_queues();
  config.queues[1].service_level_target_ns = 45 * kNsPerS;
  port_.feed.configure(config);
  beat();
  EXPECT_FALSE(all->wall.last.snapshot());
  EXPECT_EQ(
      all->wall.queues.at("tenants/bank/queues/slow").service_level_target().target().seconds(),
      45);
  std::swap(config.queues[0], config.queues[1]);
  port_.feed.configure(config);
  beat();
  EXPECT_THAT(all->wall.order,
              ElementsAre("tenants/bank/queues/slow", "tenants/bank/queues/sales"));
}

TEST_F(WallboardFeedTest, AgentsByTeamComeAndGo) {
  put_in_team(0, "red");
  put_in_team(1, "blue");
  const auto red = reader(team("red"));
  const auto blue = reader(team("blue"));
  EXPECT_THAT(names(*red), ElementsAre("tenants/bank/agents/a0"));
  port_.feed.log_in(0, "101");
  beat();
  EXPECT_THAT(names(*red), ElementsAre("tenants/bank/agents/a0"));
  EXPECT_THAT(names(*blue), IsEmpty());
  port_.feed.at_s(5);
  beat();
  EXPECT_THAT(names(*red), IsEmpty());  // Time alone is no change.
  put_in_team(0, "blue");
  beat();
  EXPECT_TRUE(red->wall.last.snapshot());
  EXPECT_THAT(red->wall.agents, IsEmpty());
  EXPECT_EQ(blue->wall.agents.size(), 2u);
}

// The desktop's connection is an event of its session alone.
TEST_F(WallboardFeedTest, ADesktopThatIsAwayIsAChangeOfItsAgents) {
  put_in_team(0, "red");
  put_in_team(1, "red");
  const auto tell = [this](EventKind kind, AgentIndex agent) {
    Event event;
    event.kind = kind;
    event.agent = agent;
    event.source = SourceIndex(1u);
    event.text = port_.feed.log.add_text("desk");
    port_.feed.add(event);
  };
  tell(EventKind::kDesktopConnected, {});
  tell(EventKind::kAgentAttached, agent_index(1));
  const auto red = reader(team("red"));
  tell(EventKind::kDesktopDisconnected, {});
  beat();
  EXPECT_THAT(names(*red), ElementsAre("tenants/bank/agents/a1"));
  EXPECT_TRUE(red->wall.agents.at("tenants/bank/agents/a1").desktop_away());
  tell(EventKind::kDesktopConnected, {});
  tell(EventKind::kAgentDetached, agent_index(1));
  beat();
  tell(EventKind::kDesktopDisconnected, {});
  beat();
  EXPECT_THAT(names(*red), IsEmpty());
  expect_current(red->wall, team("red").filter);
}

TEST_F(WallboardFeedTest, TheLastAgentOfATeamLeavesItForAnother) {
  put_in_team(0, "red");
  const auto red = reader(team("red"));
  put_in_team(0, "blue");
  beat();
  EXPECT_TRUE(red->wall.last.snapshot());
  EXPECT_THAT(red->wall.agents, IsEmpty());
  beat();
  EXPECT_FALSE(red->wall.last.snapshot());
  put_in_team(0, "red");
  beat();
  expect_current(red->wall, team("red").filter);
}

TEST_F(WallboardFeedTest, ManyTeamsCostWhatHasChangedHoweverManyAgentsThereAre) {
  constexpr uint32_t kTeams = 100;
  std::vector<std::shared_ptr<Reader>> readers;
  uint32_t agents = 0;
  const auto cost_of_a_change = [&](uint32_t up_to) {
    for (; agents < up_to; ++agents) put_in_team(agents, absl::StrCat("team-", agents % kTeams));
    for (uint32_t i = 0; i < kTeams && readers.size() < kTeams; ++i) {
      readers.push_back(reader(team(absl::StrCat("team-", i))));
    }
    beat();
    port_.feed.log_in(7, "101");
    const size_t before = feed_->looked();
    beat();
    EXPECT_THAT(names(*readers[7]), ElementsAre("tenants/bank/agents/a7"));
    EXPECT_THAT(names(*readers[8]), IsEmpty());
    port_.feed.log_out(7);
    return feed_->looked() - before;
  };
  const size_t few = cost_of_a_change(kTeams * 2);
  EXPECT_EQ(cost_of_a_change(kTeams * 50), few);
  // A group, its reader, and the first agent that has not changed; one that has is encoded, too.
  EXPECT_LE(few, kTeams * (kGroupCost + 2) + 2);
  // One who wanted everybody leaves nothing behind.
  WallboardView everybody;
  everybody.filter.all_agents = true;
  reader(everybody).reset();
  beat();
  EXPECT_EQ(cost_of_a_change(agents), few);
}

TEST_F(WallboardFeedTest, AVisitEndsAfterItsBudgetAndAllAreServedInTurn) {
  constexpr size_t kGroups = 1'000;
  constexpr size_t kVisitMax = kVisitBudget / kGroupCost + 1;
  std::vector<std::shared_ptr<Reader>> readers;
  for (size_t i = 0; i < kGroups; ++i) readers.push_back(reader(team(absl::StrCat("team-", i))));
  port_.holds = true;
  const auto shown = [&readers] {
    std::vector<size_t> counts;
    for (const auto& one : readers) counts.push_back(one->shown.size());
    return counts;
  };
  ASSERT_EQ(shown(), std::vector<size_t>(kGroups, 1));
  // Time goes on while they are served, so that there is always more to do than one visit may.
  std::vector<size_t> before = shown();
  size_t served_all = 0;
  for (int visit = 0; visit < 60; ++visit) {
    beat();
    ASSERT_EQ(port_.held.size(), 1u);
    TenantPort::Visit next = std::move(port_.held.back());
    port_.held.clear();
    next(port_.insight());
    const std::vector<size_t> after = shown();
    size_t served = 0;
    for (size_t i = 0; i < kGroups; ++i) served += after[i] - before[i];
    EXPECT_GT(served, 0u);
    EXPECT_LE(served, kVisitMax);
    const auto [least, most] = std::ranges::minmax(after);
    EXPECT_LE(most - least, 1u);
    served_all += served;
    before = after;
  }
  EXPECT_GE(served_all, 10 * kGroups);
}

TEST_F(WallboardFeedTest, ViewsThatDifferInTheIntervalAloneShareWhatIsEncoded) {
  put_in_team(0, "red");
  port_.holds = true;
  std::vector<std::shared_ptr<Reader>> readers;
  readers.push_back(reader(team("blue")));  // Its read is on its way.
  for (int i = 0; i < 50; ++i) {
    WallboardView view;
    view.filter.all_agents = true;
    view.interval = milliseconds(1'000 + i);
    readers.push_back(reader(view));
  }
  port_.holds = false;
  std::move(port_.held.front())(port_.insight());
  std::set<const WallboardPages*> encoded;
  for (size_t i = 1; i < readers.size(); ++i) {
    ASSERT_EQ(readers[i]->shown.size(), 1u);
    encoded.insert(readers[i]->shown[0].get());
  }
  EXPECT_EQ(encoded.size(), 1u);
}

TEST_F(WallboardFeedTest, QueuesThatNobodyWatchesAnyMoreAreForgotten) {
  const auto one = reader(queue("sales"));
  reader(queues_and_total()).reset();
  EXPECT_EQ(feed_->queues_kept(), 2u);
  for (int i = 0; i < 3; ++i) beat(kWatchIntervalMax);
  EXPECT_EQ(feed_->queues_kept(), 1u);
  port_.feed.enqueue(1);
  beat();
  expect_current(one->wall, queue("sales").filter);
}

TEST_F(WallboardFeedTest, WhatHasNoRoomInOneResponseComesInTheNext) {
  constexpr uint32_t kAgents = 6'000;
  for (uint32_t i = 0; i < kAgents; ++i) {
    port_.feed.upsert(i, absl::StrCat("a", i), std::string(200, 'a'));
  }
  WallboardView view;
  view.filter.all_agents = true;
  const auto all = reader(view);
  ASSERT_EQ(all->shown.size(), 1u);
  ASSERT_GE(all->shown[0]->size(), 2u);
  for (const grpc::ByteBuffer& page : *all->shown[0]) {
    EXPECT_LT(page.Length(), kWallboardBytesMax + 4'096);
  }
  EXPECT_EQ(all->wall.snapshots, 1);
  EXPECT_FALSE(all->wall.last.more());
  EXPECT_EQ(all->wall.agents.size(), kAgents);
}

TEST_F(WallboardFeedTest, WhatWaitsToBeReadIsBoundedAndWhoHadNoRoomIsShownLater) {
  for (uint32_t i = 0; i < 400; ++i) {
    UpsertedAgent told;
    told.team = i % 2 == 0 ? "red" : "blue";
    port_.feed.upsert(i, absl::StrCat("a", i), std::string(500, 'a'), encode_upserted(told));
  }
  // Room for one team.
  feed_ = std::make_shared<WallboardFeed>(&port_, "bank", std::make_shared<PendingPool>(100'000));
  const auto small = reader(queues_and_total());
  const auto red = reader(team("red"));
  const auto red_too = reader(team("red"));
  ASSERT_EQ(red->shown.size(), 1u);
  const auto blue = reader(team("blue"));
  beat();
  EXPECT_THAT(blue->shown, IsEmpty());
  EXPECT_EQ(red->shown.size(), 2u);  // Of which it needs little.
  const auto small_too = reader(queues_and_total());
  EXPECT_EQ(small->shown.size(), 2u);  // That much is everybody's own.
  EXPECT_EQ(small_too->shown.size(), 1u);
  red->shown.clear();
  red_too->shown.clear();
  beat();
  ASSERT_EQ(blue->shown.size(), 1u);
  expect_current(blue->wall, team("blue").filter);
}

TEST_F(WallboardFeedTest, WhoHasNoRoomIsShownSoonAfterThereIsSome) {
  for (uint32_t i = 0; i < 400; ++i) {
    UpsertedAgent told;
    told.team = i % 2 == 0 ? "red" : "blue";
    port_.feed.upsert(i, absl::StrCat("a", i), std::string(500, 'a'), encode_upserted(told));
  }
  const auto pool = std::make_shared<PendingPool>(1'000'000);
  feed_ = std::make_shared<WallboardFeed>(&port_, "bank", pool);
  WallboardView seldom = team("red");
  seldom.interval = kWatchIntervalMax;
  const auto old = reader(seldom);
  ASSERT_EQ(old->shown.size(), 1u);
  old->shown.clear();
  ASSERT_TRUE(pool->take(1'000'000));
  const auto newcomer = reader(seldom);
  beat(kPulsePeriod);
  EXPECT_THAT(newcomer->shown, IsEmpty());
  pool->give_back(1'000'000);
  beat(kPulsePeriod);
  EXPECT_EQ(newcomer->shown.size(), 1u);
  EXPECT_THAT(old->shown, IsEmpty());
  newcomer->shown.clear();
  // Nor does one who had been shown something.
  ASSERT_TRUE(pool->take(1'000'000));
  for (uint32_t i = 0; i < 400; ++i) {
    port_.feed.upsert(i, absl::StrCat("a", i), std::string(500, 'b'),
                      encode_upserted({"", "red", {}}));
  }
  beat(kWatchIntervalMax);
  EXPECT_THAT(old->shown, IsEmpty());
  pool->give_back(1'000'000);
  beat(kPulsePeriod);
  EXPECT_EQ(old->shown.size(), 1u);
  expect_current(old->wall, seldom.filter);
  old->shown.clear();
  newcomer->shown.clear();
  // And then its interval is what it was.
  port_.feed.log_in(0, "101");
  beat(kWatchIntervalMax / 2);
  EXPECT_THAT(old->shown, IsEmpty());
}

TEST_F(WallboardFeedTest, WhatHasNoRoomIsNotEncodedToItsEnd) {
  constexpr uint32_t kAgents = 3'000;
  constexpr size_t kNameBytes = 1'000;
  for (uint32_t i = 0; i < kAgents; ++i) {
    port_.feed.upsert(i, absl::StrCat("a", i), std::string(kNameBytes, 'a'));
  }
  WallboardView view;
  view.filter.all_agents = true;
  const auto cost = [&](const std::shared_ptr<PendingPool>& pool, size_t shown) {
    feed_ = std::make_shared<WallboardFeed>(&port_, "bank", pool);
    const auto all = reader(view);
    EXPECT_EQ(all->shown.size(), shown);
    return feed_->looked();
  };
  const size_t whole = cost(pool_, 1);
  constexpr size_t kPoolBytes = 1'500'000;  // A page, and no second.
  const auto pool = std::make_shared<PendingPool>(kPoolBytes);
  EXPECT_LT(cost(pool, 0), whole - kAgents / 4);
  EXPECT_TRUE(pool->take(kPoolBytes));  // All was given back.
}

TEST_F(WallboardFeedTest, AReadThatIsRefusedIsAskedForAgain) {
  port_.refuses = true;
  const auto wall = reader(queue("sales"));
  EXPECT_THAT(wall->shown, IsEmpty());
  port_.refuses = false;
  beat(milliseconds(0));
  EXPECT_EQ(wall->shown.size(), 1u);
  // One is under way: nobody asks for another.
  port_.holds = true;
  beat();
  beat();
  EXPECT_EQ(port_.held.size(), 1u);
}

}  // namespace
}  // namespace acd
