// SPDX-License-Identifier: Apache-2.0
// Random streams of legal events: the board against a naive recomputation from the whole log.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "routing/insight/saved_board.h"
#include "tests/insight/random_world.h"

namespace acd {
namespace {

// The figures by their definitions, by searching the log to and fro. Slow and obvious.
class Naive {
 public:
  Naive(const std::vector<Event>& log, int64_t now_ns)
      : log_(log), now_ns_(now_ns), config_(four_queues()) {}

  QueueCounts counts(uint32_t queue) const {
    QueueCounts sum;
    for (size_t i = 0; i < log_.size(); ++i) {
      if (log_[i].kind == EventKind::kCallEnqueued && log_[i].queue == queue_index(queue)) {
        add_visit(i, config_.queues[queue], sum);
      }
    }
    return sum;
  }

  std::set<std::pair<int64_t, CallIndex>> waiting_calls(uint32_t queue) const {
    std::set<std::pair<int64_t, CallIndex>> calls;
    for (size_t i = 0; i < log_.size(); ++i) {
      const Event& event = log_[i];
      if (event.kind == EventKind::kCallEnqueued && event.queue == queue_index(queue) &&
          !next(i, of_call(event.call, kVisitEnds))) {
        calls.emplace(event.time_ns - event.duration_ns, event.call);
      }
    }
    return calls;
  }

  // State, busy time, idle time, answered, no answer.
  AgentView agent(uint32_t index) const {
    AgentView view;
    for (const Event& event : log_) {
      if (event.agent != agent_index(index)) continue;
      if (event.kind == EventKind::kCallConnected) ++view.answered;
      if (event.kind == EventKind::kOfferEnded &&
          event.detail == static_cast<uint8_t>(OfferOutcome::kNoAnswer)) {
        ++view.no_answer;
      }
      std::optional<AgentState> to;
      if (event.kind == EventKind::kAgentLoggedIn) to = AgentState::kNotReady;
      if (event.kind == EventKind::kAgentLoggedOut) to = AgentState::kLoggedOut;
      if (event.kind == EventKind::kAgentStateChanged) to = event.to;
      if (!to) continue;
      const int64_t time_ns = event.time_ns - view.state_since_ns;
      if (view.state == AgentState::kReady) view.idle_sum_ns += time_ns;
      if (view.state > AgentState::kReady) view.busy_sum_ns += time_ns;
      view.state = *to;
      view.state_since_ns = event.time_ns;
    }
    return view;
  }

 private:
  using Kinds = std::set<EventKind>;
  struct Pattern {
    CallIndex call;
    AgentIndex agent;
    const Kinds& kinds;
  };
  inline static const Kinds kVisitEnds = {EventKind::kCallConnected, EventKind::kCallAbandoned,
                                          EventKind::kCallTimedOut,  EventKind::kCallWithdrawn,
                                          EventKind::kCallRejected,  EventKind::kCallOverflowed,
                                          EventKind::kCallFailed};
  inline static const Kinds kTalkEnds = {EventKind::kCallCompleted, EventKind::kCallFailed};
  inline static const Kinds kConnected = {EventKind::kCallConnected};
  inline static const Kinds kWrapUpStarts = {EventKind::kAgentWrapUpStarted};
  inline static const Kinds kWrapUpEnds = {EventKind::kAgentWrapUpEnded};
  inline static const Kinds kEnqueued = {EventKind::kCallEnqueued};

  static Pattern of_call(CallIndex call, const Kinds& kinds) { return {call, {}, kinds}; }
  static Pattern of_agent(AgentIndex agent, const Kinds& kinds) { return {{}, agent, kinds}; }

  // The first event after `begin` that matches.
  std::optional<size_t> next(size_t begin, const Pattern& pattern) const {
    for (size_t i = begin + 1; i < log_.size(); ++i) {
      if (pattern.call.valid() && log_[i].call != pattern.call) continue;
      if (pattern.agent.valid() && log_[i].agent != pattern.agent) continue;
      if (pattern.kinds.contains(log_[i].kind)) return i;
    }
    return std::nullopt;
  }

  void add_visit(size_t begin, const QueueConfig& queue, QueueCounts& sum) const {
    const Event& enqueued = log_[begin];
    const std::optional<size_t> end = next(begin, of_call(enqueued.call, kVisitEnds));
    const int64_t end_ns = end ? log_[*end].time_ns : now_ns_;
    const int64_t wait_ns = end_ns - (enqueued.time_ns - enqueued.duration_ns);
    const bool is_within = wait_ns <= queue.service_level_target_ns;
    const bool is_short = wait_ns < queue.short_abandon_ns;
    const bool is_arrival = enqueued.detail == static_cast<uint8_t>(VisitEntry::kArrival);
    ++(is_arrival ? sum.offered : sum.overflowed_in);
    add_offers(begin, sum);
    if (!end) {
      ++sum.waiting;
      sum.sl_entered += !is_within && !is_short;
      return;
    }
    sum.wait_max_ns = std::max(sum.wait_max_ns, wait_ns);
    const EventKind kind = log_[*end].kind;
    const bool is_answered = kind == EventKind::kCallConnected;
    const bool is_abandoned = kind == EventKind::kCallAbandoned && !is_short;
    const bool is_short_abandoned = kind == EventKind::kCallAbandoned && is_short;
    const bool is_timed_out = kind == EventKind::kCallTimedOut;
    sum.answered += is_answered;
    sum.abandoned += is_abandoned;
    sum.short_abandoned += is_short_abandoned;
    sum.timed_out += is_timed_out;
    sum.withdrawn += kind == EventKind::kCallWithdrawn;
    sum.failed_waiting += kind == EventKind::kCallFailed;
    const bool is_rejected = kind == EventKind::kCallRejected;
    const bool is_overflowed = kind == EventKind::kCallOverflowed;
    sum.rejected += is_rejected;
    sum.overflowed_out += is_overflowed;
    const bool is_in = is_answered || is_abandoned || is_timed_out ||
                       (!is_within && !is_short_abandoned && !is_rejected);
    sum.sl_entered += is_in;
    sum.sl_left_out += !is_in;
    sum.sl_overflowed_in_target += is_overflowed && is_within;
    sum.sl_answered_in_target += is_answered && is_within;
    sum.sl_abandoned_in_target += is_abandoned && is_within;
    if (is_answered) {
      sum.wait_answered_sum_ns += wait_ns;
      add_handling(*end, sum);
    }
  }

  void add_handling(size_t connected, QueueCounts& sum) const {
    const Event& begin = log_[connected];
    const std::optional<size_t> end = next(connected, of_call(begin.call, kTalkEnds));
    if (!end) {
      ++sum.connected;
      return;
    }
    int64_t handle_ns = log_[*end].time_ns - begin.time_ns;
    const size_t limit = next(connected, of_agent(begin.agent, kConnected)).value_or(log_.size());
    const std::optional<size_t> wrap_up = next(connected, of_agent(begin.agent, kWrapUpStarts));
    if (wrap_up && *wrap_up < limit) {
      const std::optional<size_t> done = next(*wrap_up, of_agent(begin.agent, kWrapUpEnds));
      if (!done) return;
      handle_ns += log_[*done].time_ns - log_[*wrap_up].time_ns;
    }
    ++sum.handled;
    sum.handle_sum_ns += handle_ns;
  }

  void add_offers(size_t enqueued, QueueCounts& sum) const {
    const CallIndex call = log_[enqueued].call;
    const size_t limit = next(enqueued, of_call(call, kEnqueued)).value_or(log_.size());
    std::map<OfferOutcome, int64_t> ended;
    for (size_t i = enqueued; i < limit; ++i) {
      const Event& event = log_[i];
      if (event.call != call) continue;
      sum.requeued += event.kind == EventKind::kCallRequeued;
      sum.offers.created += event.kind == EventKind::kOfferCreated;
      sum.offers.accepted += event.kind == EventKind::kOfferAccepted && event.detail == 0;
      sum.offers.adopted += event.kind == EventKind::kOfferAccepted && event.detail == 1;
      sum.offers.stale += event.kind == EventKind::kOfferStale;
      if (event.kind == EventKind::kOfferEnded) ++ended[static_cast<OfferOutcome>(event.detail)];
    }
    sum.offers.no_answer += ended[OfferOutcome::kNoAnswer];
    sum.offers.rejected += ended[OfferOutcome::kRejected];
    sum.offers.busy += ended[OfferOutcome::kBusy];
    sum.offers.unreachable += ended[OfferOutcome::kUnreachable];
    sum.offers.unknown_address += ended[OfferOutcome::kUnknownAddress];
    sum.offers.canceled += ended[OfferOutcome::kCanceled];
    sum.offers.rescinded += ended[OfferOutcome::kRescinded];
  }

  const std::vector<Event>& log_;
  int64_t now_ns_;
  TenantConfig config_;
};

// Every counter with its name, so that a difference says which one.
std::map<std::string, int64_t> named(const QueueCounts& c) {
  const OfferCounts& o = c.offers;
  return {{"offered", c.offered},
          {"overflowed_in", c.overflowed_in},
          {"overflowed_out", c.overflowed_out},
          {"rejected", c.rejected},
          {"answered", c.answered},
          {"abandoned", c.abandoned},
          {"short_abandoned", c.short_abandoned},
          {"timed_out", c.timed_out},
          {"withdrawn", c.withdrawn},
          {"failed_waiting", c.failed_waiting},
          {"requeued", c.requeued},
          {"waiting", c.waiting},
          {"connected", c.connected},
          {"handled", c.handled},
          {"wait_answered_sum_ns", c.wait_answered_sum_ns},
          {"wait_max_ns", c.wait_max_ns},
          {"handle_sum_ns", c.handle_sum_ns},
          {"sl_entered", c.sl_entered},
          {"sl_answered_in_target", c.sl_answered_in_target},
          {"sl_abandoned_in_target", c.sl_abandoned_in_target},
          {"sl_left_out", c.sl_left_out},
          {"sl_overflowed_in_target", c.sl_overflowed_in_target},
          {"offers.created", o.created},
          {"offers.accepted", o.accepted},
          {"offers.no_answer", o.no_answer},
          {"offers.rejected", o.rejected},
          {"offers.busy", o.busy},
          {"offers.unreachable", o.unreachable},
          {"offers.unknown_address", o.unknown_address},
          {"offers.canceled", o.canceled},
          {"offers.rescinded", o.rescinded},
          {"offers.stale", o.stale},
          {"offers.adopted", o.adopted}};
}

// What must add up besides conservation: offers, the service level, and calls as against visits.
void expect_sums_fit(const Board& board, const QueueCounts& total) {
  int64_t open_offers = 0;
  int64_t waiting_outside = 0;
  for (const auto& [arrived_ns, index] : board.calls_by_age()) {
    const CallView& call = board.call(index);
    open_offers += static_cast<int64_t>(call.open_offers.size());
    EXPECT_EQ(call.state == CallState::kAlerting, !call.open_offers.empty());
    waiting_outside += call.state != CallState::kConnected && !call.in_service_level;
  }
  const OfferCounts& offers = total.offers;
  EXPECT_EQ(offers.created, open_offers + offers.accepted + offers.no_answer + offers.rejected +
                                offers.busy + offers.unreachable + offers.unknown_address +
                                offers.canceled + offers.rescinded);
  EXPECT_EQ(total.visits(), total.sl_entered + total.sl_left_out + waiting_outside);
}

void expect_same(Board& board, const EventLog& log) {
  board.advance(board.now_ns());
  const Naive naive(log.events, board.now_ns());
  QueueCounts total;
  for (uint32_t queue = 0; queue < kQueueCount; ++queue) {
    const QueueCounts counts = naive.counts(queue);
    const QueueView& shown = board.queue(queue_index(queue));
    EXPECT_EQ(named(shown.counts), named(counts)) << "queue " << queue;
    EXPECT_TRUE(shown.counts.conserved());
    EXPECT_EQ(shown.waiting_calls, naive.waiting_calls(queue));
    total += counts;
  }
  for (const Event& event : log.events) {
    total.offers.stale += event.kind == EventKind::kOfferStale && !event.call.valid();
  }
  EXPECT_EQ(named(board.total()), named(total));
  EXPECT_TRUE(board.total().conserved());
  EXPECT_EQ(static_cast<int64_t>(board.calls_by_age().size()), total.waiting + total.connected);
  expect_sums_fit(board, total);

  std::map<AgentState, int64_t> by_state;
  for (uint32_t i = 0; i < kAgentCount; ++i) {
    const AgentView& agent = board.agent(agent_index(i));
    const AgentView expected = naive.agent(i);
    EXPECT_EQ(agent.state, expected.state);
    EXPECT_EQ(agent.busy_sum_ns, expected.busy_sum_ns);
    EXPECT_EQ(agent.idle_sum_ns, expected.idle_sum_ns);
    EXPECT_EQ(agent.answered, expected.answered);
    EXPECT_EQ(agent.no_answer, expected.no_answer);
    for (const CallIndex in_hand : agent.calls) {
      const CallView& call = board.call(in_hand);
      const bool is_offered =
          std::any_of(call.open_offers.begin(), call.open_offers.end(),
                      [&](const OpenOffer& offer) { return offer.agent == agent_index(i); });
      EXPECT_TRUE(is_offered || call.agent == agent_index(i));
    }
    ++by_state[expected.state];
  }
  for (const auto& [state, count] : board.agents_by_state()) EXPECT_EQ(count, by_state[state]);
}

class BoardRandomTest : public testing::TestWithParam<uint64_t> {};

TEST_P(BoardRandomTest, AgreesWithNaiveRecomputation) {
  World world(GetParam());
  for (int step = 1; step <= 3'000 && !HasFailure(); ++step) {
    world.step();
    if (step % 100 == 0) expect_same(world.feed().board, world.feed().log);
  }
  const QueueCounts total = world.feed().board.total();
  EXPECT_GT(total.overflowed_out, total.overflowed_in);  // Some went to an outside number.
  for (const auto& [name, count] : named(total)) {
    // No rule goes untested; the gauges may well be 0 at the end.
    if (name == "waiting" || name == "connected") continue;
    EXPECT_GT(count, 0) << name;
  }
}

// What the board shows depends on the events and on now, not on when it was read before.
TEST_P(BoardRandomTest, DoesNotDependOnEarlierReads) {
  World world(GetParam());
  for (int step = 0; step < 3'000; ++step) world.step();
  Board& read_often = world.feed().board;
  Board read_once;
  read_once.configure(four_queues());
  for (const Event& event : world.feed().log.events) {
    read_once.apply(event, world.feed().log.arena);
  }
  read_once.advance(read_often.now_ns());
  read_often.advance(read_often.now_ns());
  EXPECT_EQ(named(read_once.total()), named(read_often.total()));
  EXPECT_EQ(read_once.sequence(), read_often.sequence());
}

INSTANTIATE_TEST_SUITE_P(Seeds, BoardRandomTest, testing::Values(1, 2, 3, 4, 5));

}  // namespace
}  // namespace acd
