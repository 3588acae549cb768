// SPDX-License-Identifier: Apache-2.0
// Writes events as the Router would and applies each of them to a board.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/event.h"
#include "routing/insight/board.h"
#include "routing/tenant_config.h"

namespace acd {

inline CallIndex call_index(uint32_t value) { return CallIndex(value); }
inline AgentIndex agent_index(uint32_t value) { return AgentIndex(value); }
inline QueueIndex queue_index(uint32_t value) { return QueueIndex(value); }

inline QueueConfig queue_config(std::string id, int64_t target_ns, int64_t short_abandon_ns) {
  QueueConfig queue;
  queue.id = std::move(id);
  queue.service_level_target_ns = target_ns;
  queue.short_abandon_ns = short_abandon_ns;
  return queue;
}

// Queue 0 "sales" (target 20 s, short 5 s), queue 1 "slow" (target 3 s, short 10 s).
inline TenantConfig two_queues() {
  TenantConfig config;
  config.id = "bank";
  config.queues = {queue_config("sales", 20 * kNsPerS, 5 * kNsPerS),
                   queue_config("slow", 3 * kNsPerS, 10 * kNsPerS)};
  return config;
}

// Keeps time, numbers the events and remembers them all.
class EventFeed {
 public:
  explicit EventFeed(const TenantConfig& config = two_queues()) { configure(config); }
  virtual ~EventFeed() = default;

  Board board;
  EventLog log;
  std::function<void(const Event&)> listener;  // Is shown each event behind the board.
  int64_t now_ns = 0;
  // Of the calls that enter from now on.
  int32_t priority = 7;
  std::string requirement = "ps >= 5";

  void at(int64_t time_ns) { now_ns = std::max(now_ns, time_ns); }
  void at_s(int64_t time_s) { at(time_s * kNsPerS); }

  // As a Router does it: queues get their indexes in the order of adding and keep them.
  void configure(const TenantConfig& config) {
    board.configure(config);
    configured(config);
    tell_queues(config);
  }
  void tell_queues(const TenantConfig& config) {
    for (const QueueConfig& queue : config.queues) {
      const auto found = std::find(queue_ids_.begin(), queue_ids_.end(), queue.id);
      const auto index = static_cast<uint32_t>(found - queue_ids_.begin());
      if (found == queue_ids_.end()) queue_ids_.push_back(queue.id);
      add_queue_event(EventKind::kQueueConfigChanged, index);
    }
  }
  void remove_queue(uint32_t queue) { add_queue_event(EventKind::kQueueRemoved, queue); }

  void add(Event event) {
    event.sequence = board.sequence() + 1;
    event.time_ns = now_ns;
    log.events.push_back(event);
    board.apply(event, log.arena);
    told(event);
    if (listener) listener(event);
  }
  void add(EventKind kind, CallIndex call, AgentIndex agent = {}, uint8_t detail = 0) {
    Event event;
    event.kind = kind;
    event.call = call;
    event.agent = agent;
    event.detail = detail;
    add(event);
  }

  void enqueue(uint32_t call, uint32_t queue = 0, int64_t age_ns = 0) {
    Event event;
    event.kind = EventKind::kCallEnqueued;
    event.call = call_index(call);
    event.queue = queue_index(queue);
    event.source = SourceIndex(0u);
    event.number = priority;
    event.duration_ns = age_ns;
    event.text = log.add_text("c" + std::to_string(call));
    event.text2 = log.add_text(requirement);
    event.text3 = log.add_text("leg-" + std::to_string(call));
    add(event);
  }
  // To another queue: the call leaves the one it is in and enters `to`.
  void overflow(uint32_t call, uint32_t to, VisitEntry entry = VisitEntry::kOverflow) {
    leave(call, entry == VisitEntry::kDrained ? LimitKind::kDrained : LimitKind::kWait, false);
    Event event;
    event.kind = EventKind::kCallEnqueued;
    event.detail = static_cast<uint8_t>(entry);
    event.call = call_index(call);
    event.queue = queue_index(to);
    event.source = SourceIndex(0u);
    event.number = board.call(call_index(call)).priority;
    event.text = log.add_text("c" + std::to_string(call));
    add(event);
  }
  // To an outside number: the call is over.
  void overflow_outside(uint32_t call) { leave(call, LimitKind::kClosed, true); }
  void reject(uint32_t call) {
    add(EventKind::kCallRejected, call_index(call), {}, static_cast<uint8_t>(LimitKind::kClosed));
  }

  void offer(uint32_t call, uint32_t agent, uint32_t generation = 1) {
    add_offer_event(EventKind::kOfferCreated, call, agent, generation, 0);
  }
  void end_offer(uint32_t call, uint32_t agent, OfferOutcome outcome, uint32_t generation = 1) {
    add_offer_event(EventKind::kOfferEnded, call, agent, generation, static_cast<uint8_t>(outcome));
  }
  void accept(uint32_t call, uint32_t agent, uint32_t generation = 1) {
    add_offer_event(EventKind::kOfferAccepted, call, agent, generation, 0);
  }
  // An answer to an offer that is over.
  void adopt(uint32_t call, uint32_t agent, uint32_t generation = 1) {
    add_offer_event(EventKind::kOfferAccepted, call, agent, generation, 1);
  }
  void connect(uint32_t call, uint32_t agent) {
    add(EventKind::kCallConnected, call_index(call), agent_index(agent));
  }
  // Offer, accept and connect at once.
  void answer(uint32_t call, uint32_t agent) {
    offer(call, agent);
    accept(call, agent);
    connect(call, agent);
  }
  void complete(uint32_t call, uint32_t agent) {
    add(EventKind::kCallCompleted, call_index(call), agent_index(agent),
        static_cast<uint8_t>(EndedBy::kCaller));
  }
  void abandon(uint32_t call) { add(EventKind::kCallAbandoned, call_index(call)); }

  // A pause, its end, or a change of the membership.
  void change_member(EventKind kind, uint32_t agent, uint32_t queue) {
    add_agent_event(kind, agent, queue);
  }
  void start_wrap_up(uint32_t agent, uint32_t queue) {
    add_agent_event(EventKind::kAgentWrapUpStarted, agent, queue);
  }
  void end_wrap_up(uint32_t agent, uint32_t queue) {
    add_agent_event(EventKind::kAgentWrapUpEnded, agent, queue);
  }
  void upsert(uint32_t agent, std::string_view id, std::string_view name = "",
              std::string_view skills = "") {
    Event event;
    event.kind = EventKind::kAgentUpserted;
    event.agent = agent_index(agent);
    event.text = log.add_text(id);
    event.text2 = log.add_text(name);
    event.text3 = log.add_text(skills);
    add(event);
  }
  void log_in(uint32_t agent, std::string_view station) {
    Event event;
    event.kind = EventKind::kAgentLoggedIn;
    event.agent = agent_index(agent);
    event.source = SourceIndex(0u);
    event.number = kAllMedia;
    event.text = log.add_text(station);
    add(event);
  }
  void log_out(uint32_t agent) { add(EventKind::kAgentLoggedOut, {}, agent_index(agent)); }
  void change_state(uint32_t agent, AgentState to, int32_t reason = 0) {
    Event event;
    event.kind = EventKind::kAgentStateChanged;
    event.agent = agent_index(agent);
    event.from = board.agent(agent_index(agent)).state;
    event.to = to;
    event.number = reason;
    add(event);
  }

  [[nodiscard]] const QueueCounts& counts(uint32_t queue = 0) const {
    return board.queue(queue_index(queue)).counts;
  }

 protected:
  // The board knows it; not of those of the constructor.
  virtual void configured(const TenantConfig&) {}
  virtual void told(const Event&) {}

 private:
  void leave(uint32_t call, LimitKind limit, bool is_outside) {
    Event event;
    event.kind = EventKind::kCallOverflowed;
    event.detail = static_cast<uint8_t>(limit);
    event.flag = is_outside;
    event.call = call_index(call);
    event.queue = board.call(call_index(call)).queue;
    event.text = log.add_text("where to");
    add(event);
  }
  void add_offer_event(EventKind kind, uint32_t call, uint32_t agent, uint32_t generation,
                       uint8_t detail) {
    Event event;
    event.kind = kind;
    event.call = call_index(call);
    event.agent = agent_index(agent);
    event.generation = generation;
    event.detail = detail;
    add(event);
  }
  void add_queue_event(EventKind kind, uint32_t queue) {
    Event event;
    event.kind = kind;
    event.queue = queue_index(queue);
    event.text = log.add_text(queue_ids_[queue]);
    add(event);
  }
  void add_agent_event(EventKind kind, uint32_t agent, uint32_t queue) {
    Event event;
    event.kind = kind;
    event.agent = agent_index(agent);
    event.queue = queue_index(queue);
    add(event);
  }

  std::vector<std::string> queue_ids_;  // By index.
};

}  // namespace acd
