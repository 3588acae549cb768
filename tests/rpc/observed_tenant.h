// SPDX-License-Identifier: Apache-2.0
// A tenant with a real observer, whose shard the test plays.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "daemon/observer.h"
#include "daemon/router_clock.h"
#include "tests/insight/event_feed.h"
#include "tests/rpc/raw_client.h"

namespace acd {

// Calls come by some switch.
inline void connect_switch(EventFeed& feed) {
  Event event;
  event.kind = EventKind::kSwitchConnected;
  event.source = SourceIndex(0u);
  event.text = feed.log.add_text("pbx");
  feed.add(event);
}
// Two queues, and the switch.
inline constexpr size_t kEventsBefore = 3;

class ObservedTenant final : public TenantPort {
 public:
  explicit ObservedTenant(std::string history) : history_(std::move(history)) {
    board_ = observer_.add_tenant(
        std::make_shared<ConfigInForce>(ConfigInForce{{}, two_queues(), "config"}), &clock_);
    observer_.start();
    connect_switch(feed);
    publish();
  }
  ~ObservedTenant() override { observer_.stop(); }

  PushResult submit(std::unique_ptr<Batch>&) override { return PushResult::kClosed; }
  bool read(Visit visit) override { return observer_.read(board_, std::move(visit)); }
  void watch(std::shared_ptr<Watcher> watcher) override {
    observer_.watch(board_, std::move(watcher));
    const std::lock_guard<std::mutex> lock(mutex_);
    ++asks_;
    asked_.notify_all();
  }
  const std::string& history_id() const override { return history_; }

  // What was fed since the last time, as one turn; with the configuration that it comes of, if given.
  void publish(const TenantConfig* config = nullptr) {
    TurnEvents turn;
    if (config != nullptr) {
      turn.configs.emplace_back(
          board_, std::make_shared<ConfigInForce>(ConfigInForce{{}, *config, "config"}));
    }
    turn.now_ns = feed.now_ns;
    turn.unix_offset_ns = 1'900'000'000 * kNsPerS;
    EventLog log;
    log.arena = feed.log.arena;
    log.events.assign(feed.log.events.begin() + static_cast<std::ptrdiff_t>(published_),
                      feed.log.events.end());
    published_ = feed.log.events.size();
    turn.logs.emplace_back(board_, std::move(log));
    observer_.publish(std::move(turn));
  }

  // Until the promise is kept the observer does nothing else.
  void hold_observer(std::promise<void>* release) {
    std::promise<void> is_held;
    ASSERT_TRUE(
        observer_.read(board_, [&is_held, let_go = release->get_future()](const Insight&) mutable {
          is_held.set_value();
          let_go.wait();
        }));
    is_held.get_future().wait();
  }
  // Until watchers have asked so often by now.
  [[nodiscard]] bool wait_asks(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    return asked_.wait_for(lock, kTestWaitMax, [&] { return asks_ >= count; });
  }

  EventFeed feed;

 private:
  std::mutex mutex_;
  std::condition_variable asked_;
  int asks_ = 0;
  const std::string history_;
  RouterClock clock_{ClockMode::kDriven};
  Observer observer_;
  Observer::BoardId board_ = 0;
  size_t published_ = 0;
};

}  // namespace acd
