// SPDX-License-Identifier: Apache-2.0
// Random streams of legal events for a board.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "routing/insight/saved_board.h"
#include "tests/insight/event_feed.h"

namespace acd {

inline constexpr uint32_t kQueueCount = 4;
inline constexpr uint32_t kAgentCount = 5;
inline constexpr uint32_t kCallCount = 12;

inline TenantConfig four_queues() {
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

// What calls ask for; their queues ask for nothing.
inline constexpr std::string_view kRequirements[] = {"", "ps >= 5", "ps AND it >= 2",
                                                     "NOT ps AND (it OR hr)"};

// Makes legal events. It keeps just what it needs to stay legal.
class World {
 public:
  explicit World(uint64_t seed) : feed_(four_queues()), random_(seed) {
    for (uint32_t i = 0; i < kAgentCount; ++i) {
      feed_.upsert(i, "a" + std::to_string(i), "", i % 2 == 0 ? "" : "|night");
    }
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
        feed_.priority = static_cast<int32_t>(facts_.below(3)) - 1;
        feed_.requirement = kRequirements[facts_.below(std::size(kRequirements))];
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
  Random facts_{99};  // Of its own: what it draws changes nothing of the world.
  Call calls_[kCallCount];
  uint32_t wrap_up_queue_[kAgentCount] = {};
};

}  // namespace acd
