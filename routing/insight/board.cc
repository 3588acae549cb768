// SPDX-License-Identifier: Apache-2.0
// Fold of one tenant's events into what a wallboard shows. README.md says what each figure means.
#include "routing/insight/board.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "routing/check.h"
#include "routing/limits.h"

namespace acd {
namespace {

// Work in hand: it counts as busy. NOT_READY is neither busy nor idle.
bool is_busy(AgentState state) {
  switch (state) {
    case AgentState::kReserved:
    case AgentState::kRinging:
    case AgentState::kConnecting:
    case AgentState::kOnCall:
    case AgentState::kOnHold:
    case AgentState::kWrapUp:
    case AgentState::kBusyOther:
      return true;
    case AgentState::kLoggedOut:
    case AgentState::kNotReady:
    case AgentState::kReady:
      return false;
  }
  return false;  // Unreachable: every state returns.
}

// From when on a visit that still waits is in the service level: it is past the target, for exactly
// at the target is within, and can no longer become a short abandon.
int64_t entry_delay_ns(const QueueView& queue) {
  return std::max(queue.service_level_target_ns + 1, queue.short_abandon_ns);
}

void set_in_service_level(CallView& call, QueueCounts& counts, bool is_in) {
  if (call.in_service_level == is_in) return;
  call.in_service_level = is_in;
  counts.sl_entered += is_in ? 1 : -1;
}

// "a=5,b=3" as the Router writes it.
std::vector<std::pair<std::string, int>> parse_skills(std::string_view text) {
  std::vector<std::pair<std::string, int>> skills;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const size_t equals = item.find('=');
    ACD_CHECK(equals != std::string_view::npos);
    int level = 0;
    const char* const limit = item.data() + item.size();
    const auto [end, error] = std::from_chars(item.data() + equals + 1, limit, level);
    ACD_CHECK(error == std::errc() && end == limit);
    skills.emplace_back(item.substr(0, equals), level);
  }
  return skills;
}

// The slot of `index`, made if need be. `count_max` is the Router's own limit of such objects.
template <typename Slots, typename Id>
auto& slot_of(Slots& slots, Id index, size_t count_max) {
  ACD_CHECK(index.valid() && index.value() < count_max);
  if (index.value() >= slots.size()) slots.resize(index.value() + size_t{1});
  return slots[index.value()];
}

int64_t& outcome_count(OfferCounts& offers, OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::kNoAnswer:
      return offers.no_answer;
    case OfferOutcome::kRejected:
      return offers.rejected;
    case OfferOutcome::kBusy:
      return offers.busy;
    case OfferOutcome::kUnreachable:
      return offers.unreachable;
    case OfferOutcome::kUnknownAddress:
      return offers.unknown_address;
    case OfferOutcome::kCanceled:
      return offers.canceled;
    case OfferOutcome::kRescinded:
      return offers.rescinded;
    case OfferOutcome::kNone:
    case OfferOutcome::kAccepted:  // An event of its own.
      break;
  }
  check_failed("an ended offer has an outcome", __FILE__, __LINE__);
}

}  // namespace

std::optional<double> occupancy_percent(const AgentView& agent, int64_t now_ns) {
  const int64_t in_state_ns = now_ns - agent.state_since_ns;
  const int64_t busy_ns = agent.busy_sum_ns + (is_busy(agent.state) ? in_state_ns : 0);
  const int64_t idle_ns = agent.idle_sum_ns + (agent.state == AgentState::kReady ? in_state_ns : 0);
  if (busy_ns + idle_ns == 0) return std::nullopt;
  return 100.0 * static_cast<double>(busy_ns) / static_cast<double>(busy_ns + idle_ns);
}

void Board::configure(const TenantConfig& config) {
  std::vector<QueueView> queues;
  queues.reserve(config.queues.size());
  std::vector<QueueIndex> moved(queues_.size());  // From the old index to the new; none: removed.
  std::map<std::string, QueueIndex, std::less<>> queues_by_id;
  for (const QueueConfig& queue_config : config.queues) {
    const QueueIndex index(queues.size());
    QueueView& queue = queues.emplace_back();
    if (const auto old = queues_by_id_.find(queue_config.id); old != queues_by_id_.end()) {
      queue = std::move(queues_[old->second.value()]);
      moved[old->second.value()] = index;
    }
    queue.id = queue_config.id;
    queue.service_level_target_ns = queue_config.service_level_target_ns;
    queue.service_level_goal_percent = queue_config.service_level_goal_percent;
    queue.service_level_variant = queue_config.service_level_variant;
    queue.short_abandon_ns = queue_config.short_abandon_ns;
    queues_by_id.emplace(queue.id, index);
  }
  for (size_t i = 0; i < moved.size(); ++i) {
    if (moved[i].valid()) continue;
    ACD_CHECK(queues_[i].counts.waiting == 0 && queues_[i].counts.connected == 0);
    elsewhere_ += queues_[i].counts;
  }
  const auto move_queue = [&moved](QueueIndex& queue) {
    if (queue.valid()) queue = moved[queue.value()];
  };
  for (CallSlot& call : calls_) move_queue(call.view.queue);
  for (AgentSlot& agent : agents_) move_queue(agent.handled_queue);
  queues_ = std::move(queues);
  queues_by_id_ = std::move(queues_by_id);
  advanced_ns_ = kNotAdvanced;  // Under a shorter target, visits may be due that were not.
}

void Board::apply(const Event& event, std::string_view arena) {
  ACD_CHECK(event.sequence == sequence_ + 1);
  sequence_ = event.sequence;
  now_ns_ = std::max(now_ns_, event.time_ns);
  switch (event.kind) {
    case EventKind::kCallEnqueued:
      return enqueue_call(event, arena);
    case EventKind::kCallConnected:
      return connect_call(event);
    case EventKind::kCallCompleted:
      ACD_CHECK(live_call(event.call).state == CallState::kConnected);
      return end_call(event, VisitEnd::kAnswered);
    case EventKind::kCallAbandoned:
      return end_call(event, VisitEnd::kAbandoned);
    case EventKind::kCallTimedOut:
      return end_call(event, VisitEnd::kTimedOut);
    case EventKind::kCallWithdrawn:
      return end_call(event, VisitEnd::kWithdrawn);
    case EventKind::kCallFailed:
      return end_call(event, VisitEnd::kFailed);
    case EventKind::kCallRequeued:
      return requeue_call(event);
    case EventKind::kOfferCreated:
      return create_offer(event);
    case EventKind::kOfferAccepted: {
      CallView& call = live_call(event.call);
      call.state = CallState::kConnecting;
      ++queue_of(call).counts.offers.accepted;
      return;
    }
    case EventKind::kOfferEnded:
      return end_offer(event);
    case EventKind::kOfferStale:
      ++(event.call.valid() ? queue_of(live_call(event.call)).counts : elsewhere_).offers.stale;
      return;
    case EventKind::kAgentUpserted:
      return upsert_agent(event, arena);
    case EventKind::kAgentLoggedIn:
      return log_in_agent(event, arena);
    case EventKind::kAgentLoggedOut:
      return log_out_agent(event);
    case EventKind::kAgentStateChanged:
      return set_agent_state(known_agent(event.agent), event.to, event.number, event.time_ns);
    case EventKind::kAgentWrapUpStarted:
      return start_wrap_up(event);
    case EventKind::kAgentWrapUpEnded:
      return end_wrap_up(event);
    case EventKind::kSwitchConnected:
      return connect_switch(event, arena);
    // The displayed state of the agent says what there is to say.
    case EventKind::kOfferRinging:
    case EventKind::kCallHeld:
    case EventKind::kCallResumed:
    // configure() brings the settings; calls outlive a short cut of their switch.
    case EventKind::kQueueConfigChanged:
    case EventKind::kSwitchDisconnected:
      return;
  }
}

void Board::advance(int64_t now_ns) {
  now_ns_ = std::max(now_ns_, now_ns);
  if (now_ns_ <= advanced_ns_) return;
  for (QueueView& queue : queues_) {
    if (queue.waiting_calls.empty()) continue;
    const int64_t delay_ns = entry_delay_ns(queue);
    // "None" is the greatest index: behind all calls that entered the queue at that time.
    auto due = queue.waiting_calls.upper_bound({advanced_ns_ - delay_ns, CallIndex()});
    for (; due != queue.waiting_calls.end() && due->first <= now_ns_ - delay_ns; ++due) {
      set_in_service_level(live_call(due->second), queue.counts, true);
    }
  }
  advanced_ns_ = now_ns_;
}

// --- Calls.

void Board::enqueue_call(const Event& event, std::string_view arena) {
  CallSlot& slot = slot_of(calls_, event.call, kCallsMax);
  ACD_CHECK(!slot.is_live);
  slot.is_live = true;
  CallView& call = slot.view;
  call.id = event.text.in(arena);
  call.state = CallState::kEnqueued;
  call.queue = event.queue;
  call.priority = event.number;
  call.entered_ns = event.time_ns - event.duration_ns;
  call.connected_ns = 0;
  call.agent = AgentIndex();
  call.requirement = event.text2.in(arena);
  call.leg = event.text3.in(arena);
  call.offers = 0;
  call.source = event.source;
  call.in_service_level = false;

  QueueView& queue = queue_of(call);
  ++queue.counts.offered;
  ++queue.counts.waiting;
  queue.waiting_calls.emplace(call.entered_ns, event.call);
  calls_by_age_.emplace(call.entered_ns, event.call);
  ACD_CHECK(calls_by_id_.emplace(call.id, event.call).second);
  // advance() never looks again at what lies before advanced_ns_; an old call may be due by then.
  if (call.entered_ns <= advanced_ns_ - entry_delay_ns(queue)) {
    set_in_service_level(call, queue.counts, true);
  }
}

void Board::connect_call(const Event& event) {
  CallView& call = live_call(event.call);
  end_visit(event.call, VisitEnd::kAnswered, event.time_ns);
  call.state = CallState::kConnected;
  call.connected_ns = event.time_ns;
  call.agent = event.agent;
  ++queue_of(call).counts.connected;
  AgentView& agent = known_agent(event.agent).view;
  ++agent.answered;
  agent.call = event.call;
}

// Ends the call; `end` also ends its visit unless that is over since the call was connected.
void Board::end_call(const Event& event, VisitEnd end) {
  CallSlot& slot = slot_of(calls_, event.call, kCallsMax);
  CallView& call = live_call(event.call);
  if (call.state == CallState::kConnected) {
    ACD_CHECK(end == VisitEnd::kAnswered || end == VisitEnd::kFailed);
    end_talk(event.call, event.time_ns);
  } else {
    end_visit(event.call, end, event.time_ns);
  }
  release_agent(event.call);
  calls_by_age_.erase({call.entered_ns, event.call});
  calls_by_id_.erase(call.id);
  slot.is_live = false;
}

// The one place where a visit ends. It is judged by its wait alone, whatever advance() made of it
// so far: a read that ran ahead of the events leaves no trace.
void Board::end_visit(CallIndex index, VisitEnd end, int64_t time_ns) {
  CallView& call = live_call(index);
  ACD_CHECK(call.state != CallState::kConnected);
  QueueView& queue = queue_of(call);
  QueueCounts& counts = queue.counts;
  queue.waiting_calls.erase({call.entered_ns, index});
  --counts.waiting;
  const int64_t wait_ns = time_ns - call.entered_ns;
  ACD_CHECK(wait_ns >= 0);
  counts.wait_max_ns = std::max(counts.wait_max_ns, wait_ns);
  const bool is_in_target = wait_ns <= queue.service_level_target_ns;
  bool is_in_service_level = true;
  switch (end) {
    case VisitEnd::kAnswered:
      ++counts.answered;
      counts.wait_answered_sum_ns += wait_ns;
      counts.sl_answered_in_target += is_in_target ? 1 : 0;
      break;
    case VisitEnd::kAbandoned:
      if (wait_ns < queue.short_abandon_ns) {
        ++counts.short_abandoned;
        is_in_service_level = false;
      } else {
        ++counts.abandoned;
        counts.sl_abandoned_in_target += is_in_target ? 1 : 0;
      }
      break;
    case VisitEnd::kTimedOut:
      ++counts.timed_out;
      break;
    case VisitEnd::kWithdrawn:
      ++counts.withdrawn;
      is_in_service_level = !is_in_target;
      break;
    case VisitEnd::kFailed:
      ++counts.failed_waiting;
      is_in_service_level = !is_in_target;
      break;
  }
  set_in_service_level(call, counts, is_in_service_level);
}

void Board::end_talk(CallIndex index, int64_t time_ns) {
  const CallView& call = live_call(index);
  AgentSlot& agent = known_agent(call.agent);
  const int64_t handle_ns = time_ns - call.connected_ns;
  ACD_CHECK(handle_ns >= 0);
  QueueCounts& counts = queue_of(call).counts;
  --counts.connected;
  ++counts.handled;
  counts.handle_sum_ns += handle_ns;
  agent.handled_queue = call.queue;
  agent.handled_ns = handle_ns;
}

void Board::requeue_call(const Event& event) {
  CallView& call = live_call(event.call);
  ACD_CHECK(call.state != CallState::kConnected);
  release_agent(event.call);
  call.state = CallState::kEnqueued;
  ++queue_of(call).counts.requeued;
}

void Board::release_agent(CallIndex index) {
  CallView& call = live_call(index);
  if (!call.agent.valid()) return;
  AgentView& agent = known_agent(call.agent).view;
  if (agent.call == index) agent.call = CallIndex();
  call.agent = AgentIndex();
}

// --- Offers.

void Board::create_offer(const Event& event) {
  CallView& call = live_call(event.call);
  call.state = CallState::kAlerting;
  call.agent = event.agent;
  ++call.offers;
  ++queue_of(call).counts.offers.created;
  known_agent(event.agent).view.call = event.call;
}

void Board::end_offer(const Event& event) {
  const auto outcome = static_cast<OfferOutcome>(event.detail);
  const CallSlot& slot = slot_of(calls_, event.call, kCallsMax);
  ++outcome_count(counts_of(slot.view.queue).offers, outcome);
  AgentView& agent = known_agent(event.agent).view;
  if (outcome == OfferOutcome::kNoAnswer) ++agent.no_answer;
  if (!slot.is_live) return;
  release_agent(event.call);
  live_call(event.call).state = CallState::kEnqueued;
}

// --- Agents.

void Board::upsert_agent(const Event& event, std::string_view arena) {
  AgentSlot& agent = slot_of(agents_, event.agent, kAgentsMax);
  const std::string_view id = event.text.in(arena);
  if (agent.view.id.empty()) {
    ACD_CHECK(!id.empty());
    agent.view.id = id;
    agent.view.state_since_ns = event.time_ns;
    ACD_CHECK(agents_by_id_.emplace(agent.view.id, event.agent).second);
    ++agent_counts_[static_cast<size_t>(agent.view.state)];
  }
  ACD_CHECK(agent.view.id == id);
  const std::string_view display_name = event.text2.in(arena);
  agent.view.display_name = display_name.empty() ? id : display_name;
  agent.view.skills = parse_skills(event.text3.in(arena));
}

// The Router reports the change of state as well; said twice, it changes nothing.
void Board::log_in_agent(const Event& event, std::string_view arena) {
  AgentSlot& agent = known_agent(event.agent);
  agent.view.station = event.text.in(arena);
  agent.view.source = event.source;
  set_agent_state(agent, AgentState::kNotReady, kReasonLoggedIn, event.time_ns);
}

void Board::log_out_agent(const Event& event) {
  AgentSlot& agent = known_agent(event.agent);
  agent.view.station.clear();
  agent.view.source = SourceIndex();
  set_agent_state(agent, AgentState::kLoggedOut, kReasonNone, event.time_ns);
}

// Comes right after the end of its call, which then counts as handled too early.
void Board::start_wrap_up(const Event& event) {
  AgentSlot& agent = known_agent(event.agent);
  ACD_CHECK(agent.handled_queue.valid() && agent.handled_queue == event.queue);
  ACD_CHECK(!agent.wrap_up_begin_ns);
  agent.wrap_up_begin_ns = event.time_ns;
  QueueCounts& counts = counts_of(agent.handled_queue);
  --counts.handled;
  counts.handle_sum_ns -= agent.handled_ns;
}

void Board::end_wrap_up(const Event& event) {
  AgentSlot& agent = known_agent(event.agent);
  ACD_CHECK(agent.wrap_up_begin_ns);
  QueueCounts& counts = counts_of(agent.handled_queue);
  ++counts.handled;
  counts.handle_sum_ns += agent.handled_ns + (event.time_ns - *agent.wrap_up_begin_ns);
  agent.wrap_up_begin_ns.reset();
}

void Board::set_agent_state(AgentSlot& agent, AgentState state, int32_t reason, int64_t time_ns) {
  AgentView& view = agent.view;
  // A reason that changes behind work in hand is not displayed: the time in the state goes on.
  if (view.state == state && view.reason == reason) return;
  const size_t to = static_cast<size_t>(state);
  ACD_CHECK(to > 0 && to < kAgentStateCount);
  if (is_busy(view.state)) view.busy_sum_ns += time_ns - view.state_since_ns;
  if (view.state == AgentState::kReady) view.idle_sum_ns += time_ns - view.state_since_ns;
  --agent_counts_[static_cast<size_t>(view.state)];
  ++agent_counts_[to];
  view.state = state;
  view.reason = reason;
  view.state_since_ns = time_ns;
}

// --- Switches.

void Board::connect_switch(const Event& event, std::string_view arena) {
  slot_of(source_ids_, event.source, kSourcesMax) = event.text.in(arena);
}

// --- Reads.

QueueCounts Board::total() const {
  QueueCounts total = elsewhere_;
  for (const QueueView& queue : queues_) total += queue.counts;
  return total;
}

const QueueView* Board::find_queue(std::string_view id) const {
  const auto found = queues_by_id_.find(id);
  return found == queues_by_id_.end() ? nullptr : &queues_[found->second.value()];
}

const AgentView& Board::agent(AgentIndex index) const {
  ACD_CHECK(index.value() < agents_.size() && !agents_[index.value()].view.id.empty());
  return agents_[index.value()].view;
}

const AgentView* Board::find_agent(std::string_view id) const {
  const auto found = agents_by_id_.find(id);
  return found == agents_by_id_.end() ? nullptr : &agent(found->second);
}

std::map<AgentState, int64_t> Board::agents_by_state() const {
  std::map<AgentState, int64_t> counts;
  for (size_t state = 1; state < kAgentStateCount; ++state) {
    counts.emplace(static_cast<AgentState>(state), agent_counts_[state]);
  }
  return counts;
}

const CallView& Board::call(CallIndex index) const {
  ACD_CHECK(index.value() < calls_.size() && calls_[index.value()].is_live);
  return calls_[index.value()].view;
}

const CallView* Board::find_call(std::string_view id) const {
  const auto found = calls_by_id_.find(id);
  return found == calls_by_id_.end() ? nullptr : &call(found->second);
}

const std::string& Board::source_id(SourceIndex index) const {
  ACD_CHECK(index.value() < source_ids_.size());
  return source_ids_[index.value()];
}

CallView& Board::live_call(CallIndex index) {
  ACD_CHECK(index.value() < calls_.size() && calls_[index.value()].is_live);
  return calls_[index.value()].view;
}

Board::AgentSlot& Board::known_agent(AgentIndex index) {
  ACD_CHECK(index.value() < agents_.size() && !agents_[index.value()].view.id.empty());
  return agents_[index.value()];
}

QueueView& Board::queue_of(const CallView& call) {
  ACD_CHECK(call.queue.value() < queues_.size());
  return queues_[call.queue.value()];
}

QueueCounts& Board::counts_of(QueueIndex queue) {
  if (!queue.valid()) return elsewhere_;
  ACD_CHECK(queue.value() < queues_.size());
  return queues_[queue.value()].counts;
}

}  // namespace acd
