// SPDX-License-Identifier: Apache-2.0
// What the wait predictor learns from the events: calls, and who may serve them.
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "routing/check.h"
#include "routing/insight/slots.h"
#include "routing/insight/wait_predictor.h"
#include "routing/insight/wait_predictor_tables.h"
#include "routing/limits.h"

namespace acd {
namespace {

// How many events each number remembers. Rates of service are looked at from 10,000 starts: with
// 1,000 an M/M/20 queue is predicted 2 to 4 % worse than it could be, with these below 2 %.
constexpr double kServiceMemory = 10'000;
constexpr double kLeaveMemory = 5'000;
constexpr double kOutcomeMemory = 2'000;
constexpr double kShareMemory = 1'000;
constexpr double kAgeMemory = 300;
constexpr double kCoverageMemory = 200;
constexpr double kCreditMemory = 100;
// Waits that count as this long: below, relative errors say nothing.
constexpr double kWaitLeastS = 1;
// Of the variance of a wait by its mean: one place in the order, and this share of the mean.
constexpr double kSpread = .2;
// Credits from each of these on are alike.
constexpr std::array<double, 6> kCreditClasses = {1, 30, 90, 300, 900, 3'600};
// When arrivals since the landmark count e to that power, it moves.
constexpr double kLandmarkMost = 50;

bool is_callers(VisitEntry entry) {
  return entry != VisitEntry::kConsult && entry != VisitEntry::kCallback;
}

}  // namespace

// --- Configuration.

void WaitPredictor::configure(const TenantConfig& config) {
  rules_.configure(config);
  for (uint32_t i = 0; i < agents_.size(); ++i) {
    if (agents_[i].is_known) agents_[i].levels = rules_.levels_of(board_.agent(AgentIndex(i)));
  }
  for (WaitingQueue& queue : queues_) {
    if (!queue.is_bound) continue;
    std::vector<CallIndex> ordered;
    OrderTable old_table{order_nodes_, calls_, queue.order_rule};
    for (uint32_t i = queue.order.first(); i != OrderedIndex::kNone;
         i = OrderedIndex::next(old_table, i)) {
      ordered.emplace_back(i);
    }
    for (const CallIndex call : ordered) queue.order.erase(old_table, call.value());
    queue.rule = rules_.find(board_.queue(queue.index).id);
    queue.order_rule.order = rules_.call_order();
    if (queue.rule != nullptr) queue.order_rule = queue.rule->order;
    OrderTable table{order_nodes_, calls_, queue.order_rule};
    for (const CallIndex call : ordered) {
      queue.order.insert(table, call.value(),
                         order_key(queue.order_rule, calls_[call.value()].place));
    }
  }
}

// Its settings may have changed, and with them who serves it.
void WaitPredictor::bind_queue(QueueIndex index, int64_t now_ns) {
  WaitingQueue& queue = queue_at(index);
  queue.is_bound = true;
  queue.rule = rules_.find(board_.queue(index).id);
  if (queue.rule != nullptr && queue.order.empty()) queue.order_rule = queue.rule->order;
  for (uint32_t i = 0; i < agents_.size(); ++i) refresh_member(AgentIndex(i), queue, now_ns);
}

// Nobody serves it from now on.
void WaitPredictor::dismiss_staff(WaitingQueue& queue, int64_t now_ns) {
  queue.rule = nullptr;
  for (uint32_t i = 0; i < agents_.size(); ++i) refresh_member(AgentIndex(i), queue, now_ns);
}

WaitingQueue& WaitPredictor::queue_at(QueueIndex index) {
  ACD_CHECK(index.valid() && index.value() < kQueuesMax);
  while (index.value() >= queues_.size()) {
    const QueueIndex fresh(queues_.size());
    queues_.emplace_back().index = fresh;
  }
  return queues_[index.value()];
}

// --- Events.

void WaitPredictor::apply(const Event& event) {
  pass_to(event.time_ns);
  switch (event.kind) {
    case EventKind::kCallEnqueued:
      begin_visit(event);
      break;
    case EventKind::kCallConnected:
    case EventKind::kCallOutsideAnswered:
      end_visit(event.call, true, event.time_ns);
      break;
    case EventKind::kCallCompleted:
    case EventKind::kCallAbandoned:
    case EventKind::kCallTimedOut:
    case EventKind::kCallWithdrawn:
    case EventKind::kCallFailed:
    case EventKind::kCallRejected:
    case EventKind::kCallOverflowed:
    case EventKind::kCallTransferred:
    case EventKind::kCallMerged:
    case EventKind::kCallCallbackRequested:
      end_visit(event.call, false, event.time_ns);
      break;
    case EventKind::kCallPriorityChanged: {
      WaitingCall& call = slot_of(calls_, event.call, kCallsMax);
      const bool was_in_order = call.is_in_order;
      OrderTable table{order_nodes_, calls_, queues_[call.queue.value()].order_rule};
      OrderedIndex& order = queues_[call.queue.value()].order;
      if (was_in_order) order.erase(table, event.call.value());
      call.place.priority = event.number;
      if (was_in_order) {
        order.insert(table, event.call.value(), order_key(table.rule, call.place));
      }
      return;
    }
    case EventKind::kAgentUpserted:
    case EventKind::kAgentLoggedIn:
    case EventKind::kAgentLoggedOut:
      refresh_agent(event.agent, event.time_ns);
      return;
    case EventKind::kMemberAdded:
    case EventKind::kMemberRemoved:
    case EventKind::kMemberPaused:
    case EventKind::kMemberUnpaused:
      refresh_member(event.agent, queue_at(event.queue), event.time_ns);
      return;
    case EventKind::kQueueConfigChanged:
      return bind_queue(event.queue, event.time_ns);
    case EventKind::kQueueRemoved:
      return dismiss_staff(queue_at(event.queue), event.time_ns);
    case EventKind::kSwitchConnected:
    case EventKind::kSwitchDisconnected:
      slot_of(is_away_, event.source, kSessionsMax) =
          event.kind == EventKind::kSwitchDisconnected ? 1 : 0;
      return refresh_agents_at(event.source, event.time_ns);
    case EventKind::kAgentStateChanged:
    case EventKind::kAgentWrapUpStarted:
    case EventKind::kAgentWrapUpEnded:
      return refresh_load(event.agent, event.time_ns);
    case EventKind::kCallRequeued:
    case EventKind::kCallPartyJoined:
    case EventKind::kCallPartyLeft:
    case EventKind::kCallOutsideDialed:
    case EventKind::kCallDialed:
    case EventKind::kCallDialEnded:
    case EventKind::kCallDue:
    case EventKind::kOfferCreated:
    case EventKind::kOfferAccepted:
    case EventKind::kOfferEnded:
      break;
    // They change neither who waits nor who serves.
    case EventKind::kCallHeld:
    case EventKind::kCallResumed:
    case EventKind::kCallRetrieved:
    case EventKind::kCallStepChanged:
    case EventKind::kCallTreated:
    case EventKind::kCallDecided:
    case EventKind::kCallScored:
    case EventKind::kCallLegReplaced:
    case EventKind::kCallRerouted:
    case EventKind::kCallSupervised:
    case EventKind::kCallScheduled:
    case EventKind::kOfferRinging:
    case EventKind::kOfferStale:
    case EventKind::kAgentLegUp:
    case EventKind::kAgentLegLost:
    case EventKind::kAgentAttached:
    case EventKind::kAgentDetached:
    case EventKind::kDesktopConnected:
    case EventKind::kDesktopDisconnected:
    case EventKind::kQueueOpened:
    case EventKind::kQueueClosed:
    case EventKind::kQueueCallbacksOpened:
    case EventKind::kQueueCallbacksClosed:
    case EventKind::kSwitchResynced:
      return;
  }
  place(event);
  refresh_holders(event);
}

// The instant before is over: who has come and still waits has to wait, and gets a promise. Then
// those are looked at whose age asks for it, as of that age: nothing has happened since.
void WaitPredictor::pass_to(int64_t now_ns) {
  if (now_ns <= now_ns_) return;
  for (const CallIndex index : newcomers_) {
    WaitingCall& call = calls_[index.value()];
    if (!std::exchange(call.is_new, false)) continue;
    WaitingQueue& queue = queues_[call.queue.value()];
    count_up_to(queue, now_ns_);
    ++queue.waiting;
    if (call.teaches && promises_ < kPromisesMax) promise(index);
  }
  newcomers_.clear();
  while (!looks_.empty() && looks_.begin()->first < now_ns) {
    const auto [due_ns, call] = *looks_.begin();
    looks_.erase(looks_.begin());
    look_at(call, due_ns);
  }
  now_ns_ = now_ns;
}

// --- Promises and what becomes of them.

void WaitPredictor::promise(CallIndex index) {
  WaitingCall& call = calls_[index.value()];
  const std::optional<Forecast> made =
      forecast(queues_[call.queue.value()], call.place, now_ns_, kAtEntry);
  if (!made) return;
  call.promise = std::make_unique<WaitPromise>();
  call.promise->entry = {now_ns_, made->wait, made->base_s, made->usual_s, made->stratum};
  call.promise->features = made->features;
  call.promise->gap_s = made->gap_s;
  call.promise->ahead = made->ahead;
  call.promise->quantiles_s = made->quantiles_s;
  ++promises_;
  looks_.emplace(now_ns_ + kWaitLooksS[0] * kNsPerS, index);
}

void WaitPredictor::look_at(CallIndex index, int64_t now_ns) {
  WaitingCall& call = calls_[index.value()];
  WaitPromise& promised = *call.promise;
  if (++promised.looked < kWaitLooksS.size()) {
    looks_.emplace(promised.entry.at_ns + kWaitLooksS[promised.looked] * kNsPerS, index);
  }
  if (!call.is_in_order) return;  // It rings.
  const std::optional<Forecast> made =
      forecast(queues_[call.queue.value()], call.place, now_ns, now_ns - promised.entry.at_ns);
  if (!made) return;
  promised.looks.push_back({now_ns, made->wait, made->base_s, made->usual_s, made->stratum});
}

void WaitPredictor::learn(WaitingCall& call, bool is_answered, int64_t now_ns) {
  WaitingQueue& queue = queues_[call.queue.value()];
  LearnedWait& learned = queue.learned;
  const WaitPromise& promised = *call.promise;
  const double wait_s = to_seconds(now_ns - promised.entry.at_ns);
  queue.score.add(wait_s, is_answered, promised.entry.wait.mean_s, promised.quantiles_s);
  if (is_answered) {
    ++learned.taught;
    const double counted_s = std::max(kWaitLeastS, wait_s);
    learned.gap.add(counted_s, promised.ahead + 1, kOutcomeMemory);
    learned.usual.add(counted_s, 1, kOutcomeMemory);
    learned.in_p80.add(wait_s <= promised.quantiles_s[kP80] ? 1 : 0, 1, kCoverageMemory);
    const double usual_s = promised.entry.usual_s;
    queue.ridge.learn(promised.features, counted_s,
                      1 / (usual_s * (promised.gap_s + kSpread * usual_s)));
  }
  learn_residual(queue.at_entry, promised.entry, is_answered, now_ns);
  for (const WaitLook& look : promised.looks) {
    if (is_answered) {
      const double rest_s = std::max(kWaitLeastS, to_seconds(now_ns - look.at_ns));
      learned.age[look.stratum % kAgeClasses].add(rest_s / look.usual_s, look.base_s / look.usual_s,
                                                  kAgeMemory);
    }
    learn_residual(queue.in_wait, look, is_answered, now_ns);
  }
}

void WaitPredictor::learn_residual(WaitResiduals& residuals, const WaitLook& look, bool is_answered,
                                   int64_t now_ns) {
  const double wait_s = std::max(kWaitLeastS, to_seconds(now_ns - look.at_ns));
  const size_t before = residuals.state().strata.size();
  residuals.learn(look.stratum, residual_of(wait_s, look.wait), is_answered, strata_ < kStrataMax);
  strata_ += residuals.state().strata.size() - before;
}

// --- Visits.

void WaitPredictor::begin_visit(const Event& event) {
  if (event.call.value() >= order_nodes_.size()) {
    order_nodes_.resize(event.call.value() + size_t{1});
    entry_nodes_.resize(event.call.value() + size_t{1});
  }
  WaitingCall& call = slot_of(calls_, event.call, kCallsMax);
  ACD_CHECK(!call.is_open && !call.is_in_order);
  const auto entry = static_cast<VisitEntry>(event.detail);
  const bool goes_on = entry == VisitEntry::kOverflow || entry == VisitEntry::kDrained ||
                       entry == VisitEntry::kTransfer;
  call.place = {event.number, order_key_ns(event),
                goes_on ? call.place.number : static_cast<uint64_t>(event.sequence)};
  call.queue = event.queue;
  call.source = event.source;
  call.entered_ns = event.time_ns;
  const bool is_preferring = entry != VisitEntry::kConsult && event.agent.valid();
  call.prefers_until_ns = is_preferring ? preferred_until_ns(event) : 0;
  call.is_open = true;
  call.teaches = is_callers(entry) && board_.call(event.call).is_on_line &&
                 !board_.call(event.call).is_consult() && !is_preferring;
  WaitingQueue& queue = queue_at(event.queue);
  if ((queue.media & mask_of(event.medium)) == 0) {  // Others may serve such calls.
    dismiss_staff(queue, event.time_ns);
    queue.media |= mask_of(event.medium);
    bind_queue(event.queue, event.time_ns);
  }
  count_arrival(queue, call);
  call.is_new = true;
  newcomers_.push_back(event.call);
}

void WaitPredictor::end_visit(CallIndex index, bool is_answered, int64_t now_ns) {
  WaitingCall& call = slot_of(calls_, index, kCallsMax);
  if (!std::exchange(call.is_open, false)) return;
  WaitingQueue& queue = queues_[call.queue.value()];
  if (call.is_in_order) {
    leave_order(index, now_ns);
    LearnedWait& learned = queue.learned;
    learned.leaves.add(is_answered ? 0 : 1, learned.leaving_wait_s, kLeaveMemory);
    learned.leaving_wait_s = 0;
  }
  call.is_new = false;
  if (call.promise == nullptr) return;
  if (call.promise->looked < kWaitLooksS.size()) {
    looks_.erase({call.promise->entry.at_ns + kWaitLooksS[call.promise->looked] * kNsPerS, index});
  }
  learn(call, is_answered, now_ns);
  call.promise.reset();
  --promises_;
}

// In the order or not, as its state says.
void WaitPredictor::place(const Event& event) {
  WaitingCall& call = slot_of(calls_, event.call, kCallsMax);
  const bool waits = call.is_open && board_.call(event.call).state == CallState::kEnqueued;
  if (waits == call.is_in_order) return;
  if (waits) return enter_order(event.call, event.time_ns);
  if (event.agent.valid()) start(event.call, event.agent, event.time_ns);
  leave_order(event.call, event.time_ns);
}

void WaitPredictor::enter_order(CallIndex index, int64_t now_ns) {
  WaitingCall& call = calls_[index.value()];
  WaitingQueue& queue = queues_[call.queue.value()];
  call.is_in_order = true;
  if (queue.order.empty()) ordered_.set(queue.index.value());
  OrderTable order{order_nodes_, calls_, queue.order_rule};
  queue.order.insert(order, index.value(), order_key(queue.order_rule, call.place));
  EntryTable entries{entry_nodes_, calls_};
  queue.by_entry.insert(entries, index.value(), static_cast<uint64_t>(call.entered_ns));
  if (call.is_new) return;
  count_up_to(queue, now_ns);
  ++queue.waiting;
}

void WaitPredictor::leave_order(CallIndex index, int64_t now_ns) {
  WaitingCall& call = calls_[index.value()];
  WaitingQueue& queue = queues_[call.queue.value()];
  call.is_in_order = false;
  OrderTable order{order_nodes_, calls_, queue.order_rule};
  queue.order.erase(order, index.value());
  EntryTable entries{entry_nodes_, calls_};
  queue.by_entry.erase(entries, index.value());
  if (queue.order.empty()) ordered_.clear(queue.index.value());
  if (std::exchange(call.is_new, false)) return;
  count_up_to(queue, now_ns);
  --queue.waiting;
}

// Somebody takes the call, or it rings them: the departure that queues with waiting calls count.
void WaitPredictor::start(CallIndex index, AgentIndex agent, int64_t now_ns) {
  const WaitingCall& call = calls_[index.value()];
  const std::vector<uint32_t>& served = slot_of(agents_, agent, kAgentsMax).queues;
  const double kept = 1 - 1 / kServiceMemory;
  for (const uint32_t i : served) {
    WaitingQueue& queue = queues_[i];
    if (queue.waiting == 0) continue;
    count_up_to(queue, now_ns);
    LearnedWait& learned = queue.learned;
    learned.starts = learned.starts * kept + 1;
    learned.work_s = learned.work_s * kept + std::exchange(learned.new_work_s, 0);
    learned.wrap_s = learned.wrap_s * kept + std::exchange(learned.new_wrap_s, 0);
    learned.away_s = learned.away_s * kept + std::exchange(learned.new_away_s, 0);
  }
  if (call.is_new) return;  // It was never ahead of anybody.
  const WaitingQueue& from = queues_[call.queue.value()];
  const auto decay = static_cast<float>(1 - 1 / kShareMemory);
  ordered_.visit_words([&](size_t word, uint64_t bits) {
    for (; bits != 0; bits &= bits - 1) {
      WaitingQueue& queue = queues_[word * 64 + static_cast<size_t>(std::countr_zero(bits))];
      if (&queue == &from || queue.waiting == 0) continue;
      QueueShare* const share = share_at(queue, from);
      if (share == nullptr || share->common == 0) continue;
      const bool takes = std::ranges::binary_search(served, queue.index.value());
      share->taken = share->taken * decay + (takes ? 1.0f : 0.0f);
      share->seen = share->seen * decay + 1.0f;
    }
  });
}

void WaitPredictor::count_arrival(WaitingQueue& queue, const WaitingCall& call) {
  const double credit_s = std::max(0.0, to_seconds(call.entered_ns - call.place.key_ns));
  const auto credit_class = static_cast<int32_t>(
      std::ranges::count_if(kCreditClasses, [=](double from) { return credit_s >= from; }));
  auto band = std::ranges::find_if(bands_, [&](const ArrivalBand& one) {
    return one.priority == call.place.priority && one.credit_class == credit_class;
  });
  if (band == bands_.end()) {
    if (bands_.size() == kArrivalBandsMax) return;
    band = bands_.insert(bands_.end(), {call.place.priority, credit_class, credit_s});
  }
  band->credit_s += (credit_s - band->credit_s) / kCreditMemory;
  double passed = to_seconds(call.entered_ns - landmark_ns_) / kArrivalMemoryS;
  if (passed > kLandmarkMost) {
    const double kept = std::exp(-passed);
    for (WaitingQueue& one : queues_) {
      for (double& count : one.learned.arrivals) count *= kept;
    }
    landmark_ns_ = call.entered_ns;
    passed = 0;
  }
  queue.learned.arrivals[static_cast<size_t>(band - bands_.begin())] += std::exp(passed);
}

// What time passes for at the queue counts as long as somebody waits in it.
void WaitPredictor::count_up_to(WaitingQueue& queue, int64_t now_ns) {
  const double passed_s = to_seconds(now_ns - queue.since_ns);
  queue.since_ns = now_ns;
  if (queue.waiting == 0 || passed_s <= 0) return;
  LearnedWait& learned = queue.learned;
  learned.new_work_s += passed_s * (queue.in_hand + queue.wrapping);
  learned.new_wrap_s += passed_s * queue.wrapping;
  learned.new_away_s += passed_s * queue.away;
  learned.ending_wrap_s += passed_s * queue.wrapping;
  learned.returning_away_s += passed_s * queue.away;
  learned.leaving_wait_s += passed_s * queue.waiting;
}

// --- Agents.

AgentLoad WaitPredictor::load_of(AgentIndex index) const {
  const AgentView& agent = board_.agent(index);
  AgentLoad load;
  if (agent.state == AgentState::kLoggedOut) return load;
  load.in_hand = static_cast<int32_t>(agent.calls.size());
  load.is_wrapping = agent.state == AgentState::kWrapUp && agent.calls.empty();
  const bool is_away =
      agent.state == AgentState::kNotReady || agent.state == AgentState::kBusyOther;
  load.is_away = is_away && agent.calls.empty();
  if (is_away || agent.state == AgentState::kWrapUp || is_switch_away(agent.source)) return load;
  std::array<uint32_t, kMediumCount> in_hand{};
  for (const CallIndex call : agent.calls) {
    ++in_hand[static_cast<size_t>(board_.call(call).medium)];
  }
  load.open = agent.media.open(in_hand) & agent.station_media;
  return load;
}

void WaitPredictor::add_load(WaitingQueue& queue, const AgentLoad& load, int32_t times) {
  queue.in_hand += times * load.in_hand;
  queue.wrapping += load.is_wrapping ? times : 0;
  queue.away += load.is_away ? times : 0;
  queue.free += (load.open & queue.served_media()) != 0 ? times : 0;
}

void WaitPredictor::refresh_load(AgentIndex index, int64_t now_ns) {
  ServingAgent& agent = slot_of(agents_, index, kAgentsMax);
  const AgentLoad load = load_of(index);
  if (load == agent.load) return;
  const bool is_at_work = board_.agent(index).state != AgentState::kLoggedOut;
  const bool has_wrapped = agent.load.is_wrapping && !load.is_wrapping && is_at_work;
  const bool is_back = agent.load.is_away && !load.is_away && is_at_work;
  for (const uint32_t i : agent.queues) {
    WaitingQueue& queue = queues_[i];
    count_up_to(queue, now_ns);
    if (queue.waiting > 0 && has_wrapped) {
      queue.learned.wrap_ends.add(1, std::exchange(queue.learned.ending_wrap_s, 0), kServiceMemory);
    }
    if (queue.waiting > 0 && is_back) {
      queue.learned.returns.add(1, std::exchange(queue.learned.returning_away_s, 0),
                                kServiceMemory);
    }
    add_load(queue, agent.load, -1);
    add_load(queue, load, 1);
  }
  agent.load = load;
}

// Looks at all agents.
void WaitPredictor::refresh_agents_at(SourceIndex source, int64_t now_ns) {
  for (uint32_t i = 0; i < agents_.size(); ++i) {
    if (!agents_[i].is_known) continue;
    if (board_.agent(AgentIndex(i)).source == source) refresh_load(AgentIndex(i), now_ns);
  }
}

// Who has the call in hand now, and who had it until now.
void WaitPredictor::refresh_holders(const Event& event) {
  std::vector<AgentIndex>& holders = calls_[event.call.value()].holders;
  if (event.agent.valid() && !std::ranges::count(holders, event.agent)) {
    holders.push_back(event.agent);
  }
  for (const AgentIndex agent : holders) refresh_load(agent, event.time_ns);
  std::erase_if(holders, [&](AgentIndex agent) {
    return !std::ranges::count(board_.agent(agent).calls, event.call);
  });
}

void WaitPredictor::refresh_agent(AgentIndex index, int64_t now_ns) {
  ServingAgent& agent = slot_of(agents_, index, kAgentsMax);
  agent.is_known = true;
  agent.levels = rules_.levels_of(board_.agent(index));
  refresh_load(index, now_ns);
  for (WaitingQueue& queue : queues_) {
    if (queue.is_bound) refresh_member(index, queue, now_ns);
  }
}

void WaitPredictor::refresh_member(AgentIndex index, WaitingQueue& queue, int64_t now_ns) {
  const ServingAgent& agent = slot_of(agents_, index, kAgentsMax);
  const bool serves =
      queue.rule != nullptr && agent.is_known &&
      !board_.queue(queue.index).members_paused.contains(index) &&
      may_serve(*queue.rule, board_.agent(index), agent.levels, queue.served_media());
  if (serves == std::ranges::binary_search(agent.queues, queue.index.value())) return;
  count_up_to(queue, now_ns);
  if (serves) {
    join(index, queue);
  } else {
    part(index, queue);
  }
}

void WaitPredictor::join(AgentIndex index, WaitingQueue& queue) {
  ServingAgent& agent = agents_[index.value()];
  for (const uint32_t i : agent.queues) {
    if (i >= kSharingQueuesMax) break;
    if (QueueShare* const share = share_at(queue, queues_[i]); share != nullptr) ++share->common;
    if (QueueShare* const share = share_at(queues_[i], queue); share != nullptr) ++share->common;
  }
  agent.queues.insert(std::ranges::lower_bound(agent.queues, queue.index.value()),
                      queue.index.value());
  ++queue.staff;
  add_load(queue, agent.load, 1);
}

void WaitPredictor::part(AgentIndex index, WaitingQueue& queue) {
  ServingAgent& agent = agents_[index.value()];
  agent.queues.erase(std::ranges::lower_bound(agent.queues, queue.index.value()));
  for (const uint32_t i : agent.queues) {
    if (i >= kSharingQueuesMax) break;
    if (QueueShare* const share = share_at(queue, queues_[i]); share != nullptr) --share->common;
    if (QueueShare* const share = share_at(queues_[i], queue); share != nullptr) --share->common;
  }
  --queue.staff;
  add_load(queue, agent.load, -1);
}

// Null: of one of them shares are not kept.
QueueShare* WaitPredictor::share_at(WaitingQueue& queue, const WaitingQueue& other) {
  const size_t at = other.index.value();
  if (queue.index.value() >= kSharingQueuesMax || at >= kSharingQueuesMax) return nullptr;
  if (at >= queue.shares.size()) queue.shares.resize(at + 1);
  return &queue.shares[at];
}

}  // namespace acd
