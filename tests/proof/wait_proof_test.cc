// SPDX-License-Identifier: Apache-2.0
// The wait predictor against queueing theory: what is best there is known.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "routing/insight/board.h"
#include "routing/insight/wait_predictor.h"
#include "tests/proof/centre.h"

namespace acd::proof {
namespace {

constexpr uint32_t kCalls = 60'000;

struct Pool {
  uint32_t agents = 0;
  double handle_s = 0;
  double load = 0;        // Arrivals by what the agents can take.
  double patience_s = 0;  // Mean; 0: without end.
};

CentreSpec one_queue(const Pool& pool) {
  CentreSpec spec;
  spec.config.id = "proof";
  spec.config.queues.emplace_back().id = "all";
  for (uint32_t i = 0; i < pool.agents; ++i) {
    spec.agents.emplace_back().id = "agent" + std::to_string(i);
    spec.service_rates.push_back(1 / pool.handle_s);
  }
  spec.types.push_back({"all", "", pool.load * pool.agents / pool.handle_s});
  spec.leaving_rate = pool.patience_s > 0 ? 1 / pool.patience_s : 0;
  return spec;
}

// A centre, and a predictor that learns from its events. What it is asked leaves no trace.
class Watched {
 public:
  Watched(const CentreSpec& spec, uint64_t seed) : predictor_(board_), centre_(spec, seed) {
    board_.configure(spec.config);
    predictor_.configure(spec.config);
    centre_.listen([this](const EventLog& log) { hear(log); });
  }
  virtual ~Watched() = default;

  void play(uint32_t calls) { static_cast<void>(centre_.play(calls)); }
  [[nodiscard]] const WaitScore& score(uint32_t queue = 0) const {
    return predictor_.score(QueueIndex(queue));
  }

 protected:
  virtual void see(const Event& event) { static_cast<void>(event); }
  virtual void end_of_command() {}

  Board board_;
  WaitPredictor predictor_;

 private:
  void hear(const EventLog& log) {
    for (const Event& event : log.events) {
      board_.apply(event, log.arena);
      predictor_.apply(event);
      see(event);
    }
    end_of_command();
  }

  Centre centre_;
};

// Beside it somebody who knows the rates: the mean of what is left of n + 1 ends of calls, and of
// those ahead who leave.
class Rivalled : public Watched {
 public:
  Rivalled(const Pool& pool, uint64_t seed) : Watched(one_queue(pool), seed), pool_(pool) {}

  // Root mean squared errors over those who waited, ours by that of who knows.
  [[nodiscard]] double by_best() const {
    const WaitScore late = score().since(early_score_);
    return std::sqrt(late.error2_s2 / static_cast<double>(late.scored) / (best2_s2_ / waited_));
  }
  void play_and_compare() {
    play(kCalls / 3);
    early_score_ = score();
    best2_s2_ = waited_ = 0;
    play(kCalls * 2 / 3);
  }
  [[nodiscard]] WaitScore late_score() const { return score().since(early_score_); }

 private:
  void see(const Event& event) override {
    now_ns_ = event.time_ns;
    if (event.kind == EventKind::kCallEnqueued) came_ = event.call;
    if (event.kind != EventKind::kCallConnected && event.kind != EventKind::kCallAbandoned) return;
    const auto known = promises_.find(event.call.value());
    if (known == promises_.end()) return;
    if (event.kind == EventKind::kCallConnected) {
      const double wait_s = static_cast<double>(event.time_ns - known->second.at_ns) / 1e9;
      best2_s2_ += std::pow(wait_s - known->second.mean_s, 2);
      waited_ += 1;
    }
    promises_.erase(known);
  }
  void end_of_command() override {
    if (!came_.valid()) return;
    if (board_.call(came_).state == CallState::kEnqueued) {
      double mean_s = 0;
      for (size_t ahead = promises_.size() + 1; ahead-- > 0;) {
        const double leaving = pool_.patience_s > 0 ? 1 / pool_.patience_s : 0;
        mean_s += 1 / (pool_.agents / pool_.handle_s + static_cast<double>(ahead) * leaving);
      }
      promises_[came_.value()] = {mean_s, now_ns_};
    }
    came_ = CallIndex();
  }

  struct Promise {
    double mean_s = 0;
    int64_t at_ns = 0;
  };
  Pool pool_;
  CallIndex came_;
  int64_t now_ns_ = 0;
  std::map<uint32_t, Promise> promises_;
  double best2_s2_ = 0;
  double waited_ = 0;
  WaitScore early_score_;
};

TEST(WaitProofTest, IsNearlyAsGoodAsWhoKnowsTheRatesInMMs) {
  struct Case {
    Pool pool;
    uint64_t seed;
  };
  const std::vector<Case> cases = {{{20, 240, .95, 0}, 1}, {{20, 240, .95, 0}, 2},
                                   {{20, 240, .95, 0}, 3}, {{20, 240, .9, 0}, 4},
                                   {{7, 180, .9, 0}, 5},   {{100, 240, .95, 0}, 6}};
  for (const Case& one : cases) {
    Rivalled rivalled(one.pool, one.seed);
    rivalled.play_and_compare();
    SCOPED_TRACE(std::to_string(one.pool.agents) + " agents, seed " + std::to_string(one.seed));
    EXPECT_LT(rivalled.by_best(), 1.02);
    EXPECT_NEAR(*rivalled.late_score().coverage_percent(), 80, 2);
  }
}

TEST(WaitProofTest, IsNearlyAsGoodAsWhoKnowsThePatienceInMMsM) {
  for (const Pool& pool : {Pool{24, 300, 1.25, 180}, Pool{100, 240, 1.3, 300}}) {
    Rivalled rivalled(pool, 7);
    rivalled.play_and_compare();
    EXPECT_LT(rivalled.by_best(), 1.03);
    EXPECT_NEAR(*rivalled.late_score().kaplan_meier_percent(), 80, 2);
  }
}

// Four of five wait no longer than their p80, in each queue.
void expect_calibrated(const CentreSpec& spec, const std::vector<double>& errors) {
  Watched watched(spec, 11);
  watched.play(kCalls / 3);
  std::vector<WaitScore> early;
  for (uint32_t queue = 0; queue < errors.size(); ++queue) early.push_back(watched.score(queue));
  watched.play(kCalls);
  for (uint32_t queue = 0; queue < errors.size(); ++queue) {
    const WaitScore late = watched.score(queue).since(early[queue]);
    SCOPED_TRACE(spec.config.queues[queue].id);
    EXPECT_GT(late.scored, 1'000);
    EXPECT_NEAR(*late.coverage_percent(), 80, 2);
    EXPECT_LT(*late.relative_error(), errors[queue]);
  }
}

// The errors beside the prototype's of the same centres: by the mean wait of each queue.
TEST(WaitProofTest, FourOfFiveAreWithinTheirPromiseUnderStrictPriorities) {
  CentreSpec spec = one_queue({20, 240, .95, 0});
  spec.config.queues.emplace_back().id = "urgent";
  spec.config.queues.back().priority = 100;
  spec.types.push_back({"urgent", "", spec.types[0].rate / 4});
  spec.types[0].rate *= .75;
  expect_calibrated(spec, {.30, .93});
}

TEST(WaitProofTest, FourOfFiveAreWithinTheirPromiseWhereQueuesShareAgents) {
  // Some serve one queue, some the other, some both: a W.
  CentreSpec spec = one_queue({12, 120, .92, 0});
  spec.config.skills = {"a", "b"};
  spec.config.queues[0].requirement = "a";
  spec.config.queues.emplace_back().id = "other";
  spec.config.queues.back().requirement = "b";
  spec.types[0].rate /= 2;
  spec.types.push_back({"other", "", spec.types[0].rate});
  for (size_t i = 0; i < spec.agents.size(); ++i) {
    if (i % 3 != 1) spec.agents[i].skills.emplace_back("a", 5);
    if (i % 3 != 0) spec.agents[i].skills.emplace_back("b", 5);
  }
  expect_calibrated(spec, {.75, .75});
}

}  // namespace
}  // namespace acd::proof
