// SPDX-License-Identifier: Apache-2.0
// Predictions of waits: what one costs the observer.
#include <string>

#include "bench/router_rows.h"
#include "routing/insight/wait_predictor.h"
#include "tests/insight/event_feed.h"

namespace acd {
namespace {

struct Centre {
  uint32_t queues = 200;
  uint32_t agents = 2'000;
  uint32_t served = 5;   // Queues that each agent serves, beside each other.
  uint32_t waiting = 3;  // Calls in each queue.
};

// A centre in which everybody talks.
class Waits {
 public:
  explicit Waits(const Centre& centre) : feed_(TenantConfig()), predictor_(feed_.board) {
    TenantConfig config;
    config.id = "bench";
    for (uint32_t i = 0; i < centre.queues; ++i) {
      config.skills.push_back("s" + std::to_string(i));
      config.queues.emplace_back().id = "q" + std::to_string(i);
      config.queues.back().requirement = config.skills.back();
    }
    feed_.listener = [this](const Event& event) { predictor_.apply(event); };
    predictor_.configure(config);
    feed_.configure(config);
    for (uint32_t i = 0; i < centre.agents; ++i) {
      std::string skills;
      for (uint32_t j = 0; j < centre.served; ++j) {
        skills += (skills.empty() ? "s" : ",s") + std::to_string((i + j) % centre.queues) + "=5";
      }
      const std::string id = "a" + std::to_string(i);
      feed_.upsert(i, id, id, skills);
      feed_.log_in(i, "phone-" + id);
      feed_.change_state(i, AgentState::kReady);
      feed_.enqueue(next_, i % centre.queues);
      feed_.answer(next_++, i);
    }
    // Longer than it learns, so that nothing is left out.
    for (uint32_t i = 0; i < 40 * centre.queues; ++i) {
      enqueue(i % centre.queues);
      take(i % centre.queues);
    }
    for (uint32_t i = 0; i < centre.waiting * centre.queues; ++i) enqueue(i % centre.queues);
    feed_.at(feed_.now_ns + kNsPerS);
    feed_.change_state(0, AgentState::kOnHold);
  }

  [[nodiscard]] WaitPrediction arrival(uint32_t queue) const {
    return predictor_.predict_arrival(QueueIndex(queue), {7, 0}, feed_.now_ns);
  }
  // The call that came last is taken: it waited, so it teaches.
  void take(uint32_t agent) {
    feed_.at(feed_.now_ns + 50 * kNsPerS);
    const CallIndex talking = feed_.board.agent(AgentIndex(agent)).calls.front();
    feed_.complete(talking.value(), agent);
    feed_.answer(next_ - 1, agent);
  }
  void enqueue(uint32_t queue) {
    feed_.at(feed_.now_ns + kNsPerMs);
    feed_.enqueue(next_++, queue);
  }

 private:
  EventFeed feed_;
  WaitPredictor predictor_;
  uint32_t next_ = 0;
};

void predict(benchmark::State& state, const Centre& centre) {
  const Waits waits(centre);
  uint32_t queue = 0;
  for (auto _ : state) {
    const WaitPrediction prediction = waits.arrival(queue++ % centre.queues);
    if (!prediction.is_known()) return state.SkipWithError("a wait is not known");
    benchmark::DoNotOptimize(prediction);
  }
}

void register_row(const std::string& name, const Centre& centre) {
  benchmark::RegisterBenchmark(name.c_str(), [centre](benchmark::State& state) {
    predict(state, centre);
  })->Unit(benchmark::kMicrosecond);
}

}  // namespace

void register_wait_rows(const RowSizes& sizes) {
  const uint32_t queues = sizes.classes(200);
  const uint32_t agents = sizes.tiny ? queues : 2'000;
  register_row("predict_wait/queues:200/served:5", {queues, agents, 5, 3});
  register_row("predict_wait/queues:200/served:20", {queues, agents, 20, 3});
  register_row("predict_wait/queues:200/served:200",
               {queues, sizes.tiny ? queues : 400, queues, 3});
}

}  // namespace acd
