// SPDX-License-Identifier: Apache-2.0
// Random streams of legal events: the board against a naive recomputation from the whole log.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "routing/insight/saved_board.h"
#include "tests/insight/event_feed.h"

namespace acd {
namespace {

constexpr uint32_t kQueueCount = 4;
constexpr uint32_t kAgentCount = 5;
constexpr uint32_t kCallCount = 12;

TenantConfig four_queues() {
  TenantConfig config;
  config.id = "bank";
  config.queues = {queue_config("usual", 20 * kNsPerS, 5 * kNsPerS),
                   queue_config("equal", 5 * kNsPerS, 5 * kNsPerS),
                   queue_config("slow", 3 * kNsPerS, 10 * kNsPerS),
                   queue_config("strict", 8 * kNsPerS, 0)};
  return config;
}

// Knuth's MMIX generator; its high bits are the good ones.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  // 0..limit-1.
  uint32_t below(uint32_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>((state_ >> 33) % limit);
  }
  bool one_in(uint32_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

// Makes legal events. It keeps just what it needs to stay legal.
class World {
 public:
  explicit World(uint64_t seed) : feed_(four_queues()), random_(seed) {
    for (uint32_t i = 0; i < kAgentCount; ++i) feed_.upsert(i, "a" + std::to_string(i));
  }

  // Usually whole seconds, so that waits often equal a target or a threshold; a few steps a second,
  // so that many visits end within it.
  void step() {
    if (random_.one_in(4)) feed_.now_ns += kNsPerS;
    if (random_.one_in(40)) ++feed_.now_ns;
    if (random_.one_in(4)) {
      move_agent(random_.below(kAgentCount));
    } else if (random_.one_in(60)) {
      feed_.add(EventKind::kOfferStale, CallIndex());
    } else {
      move_call(random_.below(kCallCount));
    }
    // A read may run ahead of the events.
    if (random_.one_in(10)) feed_.board.advance(feed_.now_ns + random_.below(6) * kNsPerS);
    if (random_.one_in(20)) restore();
  }

  EventFeed& feed() { return feed_; }

 private:
  enum class Phase { kGone, kEnqueued, kAlerting, kConnecting, kConnected };
  struct Call {
    Phase phase = Phase::kGone;
    uint32_t queue = 0;
    uint32_t agent = 0;
    uint32_t generation = 0;
    std::vector<OpenOffer> ringing;
    std::optional<OpenOffer> unanswered;  // The last one that ended so.
  };

  // Another board takes over where this one is, as after a snapshot.
  void restore() {
    const SavedBoard saved = feed_.board.save();
    Board restored;
    restored.restore(saved);
    EXPECT_EQ(restored.save(), saved);
    feed_.board = std::move(restored);
  }

  void move_agent(uint32_t agent) {
    switch (feed_.board.agent(agent_index(agent)).state) {
      case AgentState::kLoggedOut:
        return feed_.log_in(agent, "phone-" + std::to_string(agent));
      case AgentState::kNotReady:
        return feed_.change_state(agent, AgentState::kReady);
      case AgentState::kReady:
        if (random_.one_in(3)) feed_.change_state(agent, AgentState::kNotReady, 5);
        if (random_.one_in(9)) feed_.log_out(agent);
        return;
      case AgentState::kWrapUp:
        feed_.end_wrap_up(agent, wrap_up_queue_[agent]);
        if (random_.one_in(9)) return feed_.log_out(agent);
        return feed_.change_state(agent, AgentState::kReady);
      default:
        return;  // Work in hand.
    }
  }

  void move_call(uint32_t index) {
    Call& call = calls_[index];
    if (call.phase != Phase::kGone && random_.one_in(30)) {
      feed_.add(EventKind::kOfferStale, call_index(index));
    }
    switch (call.phase) {
      case Phase::kGone:
        call = Call{};
        call.phase = Phase::kEnqueued;
        call.queue = random_.below(kQueueCount);
        return feed_.enqueue(index, call.queue,
                             random_.one_in(3) ? random_.below(22) * kNsPerS : 0);
      case Phase::kEnqueued:
        if (random_.one_in(3)) return end_waiting(index);
        if (random_.one_in(4)) return overflow(index);
        return can_adopt(index) ? adopt_late_answer(index) : try_offer(index);
      case Phase::kAlerting:
        return resolve_offer(index);
      case Phase::kConnecting:
        return resolve_connect(index);
      case Phase::kConnected:
        return random_.one_in(3) ? end_connected(index) : hold_and_resume(index);
    }
  }

  void overflow(uint32_t index) {
    Call& call = calls_[index];
    call.unanswered.reset();
    if (random_.one_in(5)) {
      feed_.overflow_outside(index);
      call.phase = Phase::kGone;
      return;
    }
    call.queue = (call.queue + 1 + random_.below(kQueueCount - 1)) % kQueueCount;
    feed_.overflow(index, call.queue,
                   random_.one_in(5) ? VisitEntry::kDrained : VisitEntry::kOverflow);
    if (random_.one_in(4)) end_waiting(index);
  }

  bool is_ready(uint32_t agent) {
    return feed_.board.agent(agent_index(agent)).state == AgentState::kReady;
  }

  // To one agent, or to all who are ready.
  void try_offer(uint32_t index) {
    Call& call = calls_[index];
    const bool rings_all = random_.one_in(3);
    const uint32_t first = random_.below(kAgentCount);
    for (uint32_t i = 0; i < (rings_all ? kAgentCount : 1); ++i) {
      const uint32_t agent = (first + i) % kAgentCount;
      if (!is_ready(agent)) continue;
      feed_.offer(index, agent, ++call.generation);
      feed_.change_state(agent, AgentState::kReserved);
      call.ringing.push_back({agent_index(agent), call.generation});
      call.phase = Phase::kAlerting;
    }
  }

  bool can_adopt(uint32_t index) {
    const std::optional<OpenOffer>& offer = calls_[index].unanswered;
    return offer && is_ready(offer->agent.value());
  }

  void adopt_late_answer(uint32_t index) {
    Call& call = calls_[index];
    call.agent = call.unanswered->agent.value();
    const uint32_t generation = call.unanswered->generation;
    call.unanswered.reset();
    feed_.adopt(index, call.agent, generation);
    feed_.change_state(call.agent, AgentState::kConnecting);
    call.phase = Phase::kConnecting;
  }

  void end_ringing(uint32_t index, size_t position, OfferOutcome outcome) {
    Call& call = calls_[index];
    const OpenOffer offer = call.ringing[position];
    call.ringing.erase(call.ringing.begin() + static_cast<std::ptrdiff_t>(position));
    feed_.end_offer(index, offer.agent.value(), outcome, offer.generation);
    feed_.change_state(offer.agent.value(), AgentState::kReady);
    call.unanswered = offer;
  }

  void resolve_offer(uint32_t index) {
    Call& call = calls_[index];
    const size_t chosen = random_.below(static_cast<uint32_t>(call.ringing.size()));
    if (random_.one_in(2)) return accept(index, chosen);
    const auto outcome = static_cast<OfferOutcome>(1 + random_.below(7));
    if (outcome == OfferOutcome::kCanceled) {
      while (!call.ringing.empty()) end_ringing(index, 0, outcome);
      return end_waiting(index);
    }
    end_ringing(index, chosen, outcome);
    if (call.ringing.empty()) call.phase = Phase::kEnqueued;
  }

  // The others are rescinded, before or after it.
  void accept(uint32_t index, size_t chosen) {
    Call& call = calls_[index];
    const OpenOffer offer = call.ringing[chosen];
    call.agent = offer.agent.value();
    while (call.ringing.size() > 1 && random_.one_in(2)) {
      end_ringing(index, call.ringing[0] == offer ? 1 : 0, OfferOutcome::kRescinded);
    }
    feed_.accept(index, call.agent, offer.generation);
    feed_.change_state(call.agent, AgentState::kConnecting);
    std::erase(call.ringing, offer);
    while (!call.ringing.empty()) end_ringing(index, 0, OfferOutcome::kRescinded);
    call.phase = Phase::kConnecting;
  }

  void resolve_connect(uint32_t index) {
    Call& call = calls_[index];
    switch (random_.below(4)) {
      case 0:
        feed_.add(EventKind::kCallRequeued, call_index(index), agent_index(call.agent));
        feed_.change_state(call.agent, AgentState::kReady);
        call.phase = Phase::kEnqueued;
        return;
      case 1:
        end_waiting(index);
        return feed_.change_state(call.agent, AgentState::kReady);
      default:
        feed_.connect(index, call.agent);
        feed_.change_state(call.agent, AgentState::kOnCall);
        call.phase = Phase::kConnected;
    }
  }

  void hold_and_resume(uint32_t index) {
    const uint32_t agent = calls_[index].agent;
    feed_.add(EventKind::kCallHeld, call_index(index), agent_index(agent));
    feed_.change_state(agent, AgentState::kOnHold);
    feed_.now_ns += kNsPerS;
    feed_.add(EventKind::kCallResumed, call_index(index), agent_index(agent));
    feed_.change_state(agent, AgentState::kOnCall);
  }

  void end_waiting(uint32_t index) {
    const EventKind ends[] = {EventKind::kCallAbandoned, EventKind::kCallTimedOut,
                              EventKind::kCallWithdrawn, EventKind::kCallRejected,
                              EventKind::kCallFailed};
    feed_.add(ends[random_.below(std::size(ends))], call_index(index));
    calls_[index].phase = Phase::kGone;
  }

  void end_connected(uint32_t index) {
    Call& call = calls_[index];
    const bool has_wrap_up = random_.one_in(2);
    feed_.add(random_.one_in(5) ? EventKind::kCallFailed : EventKind::kCallCompleted,
              call_index(index), agent_index(call.agent));
    if (has_wrap_up) feed_.start_wrap_up(call.agent, call.queue);
    wrap_up_queue_[call.agent] = call.queue;
    feed_.change_state(call.agent, has_wrap_up ? AgentState::kWrapUp : AgentState::kReady);
    call.phase = Phase::kGone;
  }

  EventFeed feed_;
  Random random_;
  Call calls_[kCallCount];
  uint32_t wrap_up_queue_[kAgentCount] = {};
};

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
