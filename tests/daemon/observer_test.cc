// SPDX-License-Identifier: Apache-2.0
#include "daemon/observer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "daemon/predicted_waits.h"
#include "daemon/router_clock.h"

namespace acd {
namespace {

// The first of them tells of its queue as well, as a Router does when it is configured.
EventLog arrival(int64_t number, const std::string& id) {
  EventLog log;
  if (number == 1) {
    Event queue;
    queue.kind = EventKind::kQueueConfigChanged;
    queue.sequence = 1;
    queue.queue = QueueIndex(0u);
    queue.text = log.add_text("q");
    log.events.push_back(queue);
  }
  Event event;
  event.kind = EventKind::kCallEnqueued;
  event.sequence = number + 1;
  event.call = CallIndex(static_cast<uint32_t>(number));
  event.queue = QueueIndex(0u);
  event.source = SourceIndex(0u);
  event.text = log.add_text(id);
  log.events.push_back(event);
  return log;
}

TenantConfig one_queue() {
  TenantConfig config;
  config.id = "t";
  config.queues.resize(1);
  config.queues[0].id = "q";
  return config;
}

std::shared_ptr<const ConfigInForce> in_force(TenantConfig tables, const std::string& bytes) {
  return std::make_shared<ConfigInForce>(ConfigInForce{{}, std::move(tables), bytes});
}

TurnEvents turn_of(Observer::BoardId board, int64_t now_ns) {
  TurnEvents turn;
  turn.now_ns = now_ns;
  turn.logs.emplace_back(board, arrival(now_ns, "c" + std::to_string(now_ns)));
  return turn;
}

class ObserverThreadTest : public testing::TestWithParam<ObserverThread> {};
INSTANTIATE_TEST_SUITE_P(Both, ObserverThreadTest,
                         testing::Values(ObserverThread::kOwn, ObserverThread::kCallers));

TEST_P(ObserverThreadTest, ReadSeesWhatWasPublishedBefore) {
  RouterClock clock(ClockMode::kDriven);
  Observer observer(GetParam());
  const Observer::BoardId board = observer.add_tenant(in_force(one_queue(), "config"), &clock);
  observer.start();
  for (int64_t i = 1; i <= 100; ++i) {
    observer.publish(turn_of(board, i));
    std::promise<int64_t> offered;
    ASSERT_TRUE(observer.read(board, [&](const Insight& insight) {
      EXPECT_EQ(insight.config, "config");
      EXPECT_EQ(insight.board.now_ns(), i);
      offered.set_value(insight.board.total().offered);
    }));
    EXPECT_EQ(offered.get_future().get(), i);
  }
  observer.stop();
}

TEST_P(ObserverThreadTest, PredictsBehindWhatWasPublishedBefore) {
  RouterClock clock(ClockMode::kDriven);
  Observer observer(GetParam());
  const Observer::BoardId board = observer.add_tenant(in_force(one_queue(), ""), &clock);
  observer.start();
  TurnEvents turn = turn_of(board, 1);
  EventLog& log = turn.logs[0].second;
  const auto add = [&log](Event event) {
    event.sequence = log.events.back().sequence + 1;
    event.agent = AgentIndex(0u);
    log.events.push_back(event);
  };
  Event agent;
  agent.kind = EventKind::kAgentUpserted;
  agent.text = log.add_text("ada");
  add(agent);
  agent.kind = EventKind::kAgentLoggedIn;
  agent.source = SourceIndex(0u);
  agent.number = kAllMedia;
  add(agent);
  agent.kind = EventKind::kAgentStateChanged;
  agent.from = AgentState::kNotReady;
  agent.to = AgentState::kReady;
  agent.number = 0;
  add(agent);
  const auto question = std::make_shared<WaitsQuestion>();
  question->now_ns = 2;
  question->waits = {{TenantIndex(0u), board, "q"}, {TenantIndex(0u), board, "no such queue"}};
  observer.publish(std::move(turn));
  observer.predict(question);
  question->answer.get();
  EXPECT_EQ(question->waits[0].wait_ns, 0) << "ada is free";
  EXPECT_EQ(question->waits[1].wait_ns, kNeverNs);
  observer.stop();
}

TEST(ObserverTest, TheNextConfigurationComesInTheOrderOfTheEvents) {
  RouterClock clock(ClockMode::kDriven);
  Observer observer;
  const Observer::BoardId board = observer.add_tenant(in_force(one_queue(), "first"), &clock);
  std::vector<std::string> seen;
  const auto look = [&](const Insight& now) {
    seen.push_back(now.config + " " + std::to_string(now.board.queues().size()) + " " +
                   std::to_string(now.board.total().offered));
  };
  observer.publish(turn_of(board, 1));
  ASSERT_TRUE(observer.read(board, look));
  TenantConfig next = one_queue();
  next.queues.resize(2);
  next.queues[1].id = "fresh";
  TurnEvents change;
  change.configs.emplace_back(board, in_force(next, "second"));
  observer.publish(std::move(change));
  ASSERT_TRUE(observer.read(board, look));
  observer.publish(turn_of(board, 2));
  ASSERT_TRUE(observer.read(board, look));
  observer.start();
  observer.stop();
  EXPECT_EQ(seen, (std::vector<std::string>{"first 1 1", "second 2 1", "second 2 2"}));
}

TEST(ObserverTest, RefusesReadsAboveItsLimit) {
  RouterClock clock(ClockMode::kDriven);
  Observer observer;  // Not started: nothing is answered yet.
  const Observer::BoardId board = observer.add_tenant(in_force(one_queue(), ""), &clock);
  size_t answered = 0;
  const auto visit = [&](const Insight&) { ++answered; };
  for (size_t i = 0; i < Observer::kReadsMax; ++i) ASSERT_TRUE(observer.read(board, visit));
  EXPECT_FALSE(observer.read(board, visit));
  observer.start();
  observer.stop();
  EXPECT_EQ(answered, Observer::kReadsMax);
}

// However large the turns are: a read behind all that waits is not late for ever, nor is memory.
TEST(ObserverTest, PublishWaitsAboveSoManyEvents) {
  constexpr size_t kTurnEvents = 1'024;
  constexpr size_t kTurns = 4 * Observer::kEventsMax / kTurnEvents;
  RouterClock clock(ClockMode::kDriven);
  Observer observer;
  const Observer::BoardId board = observer.add_tenant(in_force(one_queue(), ""), &clock);
  std::atomic<size_t> published{0};
  std::promise<void> is_full;
  // Holds the observer until as much waits as may.
  ASSERT_TRUE(observer.read(board, [&](const Insight&) { is_full.get_future().wait(); }));
  observer.start();
  std::thread shard([&] {
    int64_t number = 0;
    for (size_t turn = 0; turn < kTurns; ++turn) {
      TurnEvents events;
      events.now_ns = number + 1;
      EventLog& log = events.logs.emplace_back(board, EventLog()).second;
      for (size_t i = 0; i < kTurnEvents; ++i) {
        ++number;
        EventLog one = arrival(number, "c" + std::to_string(number));
        for (Event& event : one.events) {
          event.text.offset += static_cast<uint32_t>(log.arena.size());
          log.events.push_back(event);
        }
        log.arena += one.arena;
      }
      observer.publish(std::move(events));
      if (++published == Observer::kEventsMax / kTurnEvents) is_full.set_value();
    }
  });
  size_t most = 0;
  size_t folded = 0;
  while (folded < kTurns * kTurnEvents) {
    std::promise<void> is_read;
    ASSERT_TRUE(observer.read(board, [&](const Insight& insight) {
      const size_t before = published;
      folded = static_cast<size_t>(insight.board.total().offered);
      most = std::max(most, before * kTurnEvents - std::min(folded, before * kTurnEvents));
      is_read.set_value();
    }));
    is_read.get_future().wait();
  }
  shard.join();
  observer.stop();
  EXPECT_LE(most, Observer::kEventsMax + 2 * kTurnEvents);
}

// Looks as it is told, and counts.
class CountingWatcher final : public Watcher {
 public:
  CountingWatcher(Look result, size_t* all) : result_(result), all_(all) {}
  Look look(const Board&, const WatchTail& tail) override {
    if (looks++ == 0) first_next.set_value(tail.next_sequence());
    ++*all_;
    return result_;
  }
  size_t looks = 0;
  std::promise<int64_t> first_next;  // The tail's next_sequence() at the first look.

 private:
  const Look result_;
  size_t* const all_;  // Looks of everybody.
};

TEST(ObserverTest, TheFirstLookIsBehindAllThatWasPublished) {
  RouterClock clock(ClockMode::kDriven);
  Observer observer;  // Not started: all of this waits.
  const Observer::BoardId board = observer.add_tenant(in_force(one_queue(), ""), &clock);
  constexpr auto kTurns = static_cast<int64_t>(Observer::kTurnsMax);
  for (int64_t i = 1; i <= kTurns; ++i) observer.publish(turn_of(board, i));
  size_t all = 0;
  const auto watcher = std::make_shared<CountingWatcher>(Look{Watching::kWaits, 0}, &all);
  observer.watch(board, watcher);
  observer.start();
  EXPECT_EQ(watcher->first_next.get_future().get(), kTurns + 2);
  observer.stop();
}

// Watchers who always want to see more, of each look's size, and reads one after the other.
TEST(ObserverTest, LooksTakeTurnsWithReadsAndGoRound) {
  constexpr size_t kWatchers = 1'000;
  constexpr size_t kReads = 50;
  for (const size_t events : {size_t{1}, static_cast<size_t>(kLookEventsMax)}) {
    RouterClock clock(ClockMode::kDriven);
    Observer observer;
    const Observer::BoardId board = observer.add_tenant(in_force(one_queue(), ""), &clock);
    size_t all = 0;
    std::vector<std::shared_ptr<CountingWatcher>> watchers;
    for (size_t i = 0; i < kWatchers; ++i) {
      watchers.push_back(std::make_shared<CountingWatcher>(Look{Watching::kMore, events}, &all));
      observer.watch(board, watchers.back());
    }
    const size_t per_round = Observer::kLookBudget / std::max(events, Observer::kLookCost);
    std::vector<size_t> seen;  // Looks before each read.
    std::promise<void> is_done;
    std::function<void()> read_on = [&] {
      ASSERT_TRUE(observer.read(board, [&](const Insight&) {
        seen.push_back(all);
        if (seen.size() < kReads) return read_on();
        const auto [least, most] =
            std::ranges::minmax(watchers, {}, [](const auto& watcher) { return watcher->looks; });
        EXPECT_LE(most->looks - least->looks, 1u);
        is_done.set_value();
      }));
    };
    read_on();
    observer.start();
    is_done.get_future().get();
    observer.stop();
    for (size_t i = 0; i < kReads; ++i) EXPECT_EQ(seen[i], i * per_round) << events;
  }
}

TEST(ObserverTest, AReadBehindManyTurnsWaitsForFewLooks) {
  RouterClock clock(ClockMode::kDriven);
  Observer observer;
  const Observer::BoardId board = observer.add_tenant(in_force(one_queue(), ""), &clock);
  size_t all = 0;
  std::vector<std::shared_ptr<CountingWatcher>> watchers;
  for (size_t i = 0; i < 2'000; ++i) {
    watchers.push_back(std::make_shared<CountingWatcher>(
        Look{Watching::kWaits, static_cast<size_t>(kLookEventsMax)}, &all));
    observer.watch(board, watchers.back());
  }
  for (size_t i = 1; i <= Observer::kTurnsMax; ++i) {
    observer.publish(turn_of(board, static_cast<int64_t>(i)));
  }
  size_t looks = 0;
  ASSERT_TRUE(observer.read(board, [&](const Insight&) { looks = all; }));
  observer.start();
  observer.stop();
  // The turns bring little more than kUnseenMax events: one round in between.
  static_assert(Observer::kTurnsMax == Observer::kUnseenMax);
  EXPECT_EQ(looks, Observer::kLookBudget / static_cast<size_t>(kLookEventsMax));
}

}  // namespace
}  // namespace acd
