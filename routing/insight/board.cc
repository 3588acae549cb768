// SPDX-License-Identifier: Apache-2.0
// Fold of one tenant's events into what a wallboard shows: queues, agents, switches and reads.
// README.md says what each figure means.
#include "routing/insight/board.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "routing/check.h"
#include "routing/insight/slots.h"
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

}  // namespace

std::optional<double> occupancy_percent(const AgentView& agent, int64_t now_ns) {
  const int64_t in_state_ns = now_ns - agent.state_since_ns;
  const int64_t busy_ns = agent.busy_sum_ns + (is_busy(agent.state) ? in_state_ns : 0);
  const int64_t idle_ns = agent.idle_sum_ns + (agent.state == AgentState::kReady ? in_state_ns : 0);
  if (busy_ns + idle_ns == 0) return std::nullopt;
  return 100.0 * static_cast<double>(busy_ns) / static_cast<double>(busy_ns + idle_ns);
}

bool is_waiting(const CallView& call) {
  return call.is_on_line && !call.is_consult() && call.state != CallState::kConnected;
}

std::optional<double> transfer_percent(const AgentView& agent) {
  const int64_t had = agent.answered + agent.joined;
  if (had == 0) return std::nullopt;
  return 100.0 * static_cast<double>(agent.transferred) / static_cast<double>(had);
}

// --- Queues.

void Board::configure(const TenantConfig& config) {
  for (QueueSlot& queue : queues_) queue.is_configured = false;
  std::vector<const QueueView*> listed;
  listed.reserve(config.queues.size());
  for (const QueueConfig& queue_config : config.queues) {
    QueueSlot& queue = queue_named(queue_config.id);
    queue.is_configured = true;
    queue.is_listed = true;
    queue.view.service_level_target_ns = queue_config.service_level_target_ns;
    queue.view.service_level_goal_percent = queue_config.service_level_goal_percent;
    queue.view.service_level_variant = queue_config.service_level_variant;
    queue.view.short_abandon_ns = queue_config.short_abandon_ns;
    listed.push_back(&queue.view);
  }
  for (const QueueSlot& queue : queues_) {
    if (queue.is_listed && !queue.is_configured) listed.push_back(&queue.view);
  }
  listed_queues_ = std::move(listed);
  advanced_ns_ = kNotAdvanced;  // Under a shorter target, visits may be due that were not.
}

// Says what the index means from now on. configure() brings the settings, before or after.
void Board::bind_queue(const Event& event, std::string_view arena) {
  // Indexes are given in the order of adding.
  ACD_CHECK(event.queue.value() <= queue_at_.size());
  if (event.queue.value() == queue_at_.size()) queue_at_.push_back(nullptr);
  QueueSlot& queue = queue_named(event.text.in(arena));
  queue_at_[event.queue.value()] = &queue.view;
  queue.view.index = event.queue;
  if (queue.is_listed) return;
  queue.is_listed = true;
  listed_queues_.push_back(&queue.view);
}

// Its counters stay, in the total and for its return; connected calls may still be in it.
void Board::remove_queue(const Event& event) {
  QueueSlot& queue = queue_named(queue_at(event.queue).id);
  queue.is_listed = false;
  queue.view.is_open = true;
  queue.view.are_callbacks_open = true;
  queue.view.members_paused.clear();
  std::erase(listed_queues_, &queue.view);
}

void Board::set_hours(const HoursList& list) {
  for (QueueSlot& queue : queues_) queue.view.hours = queue.view.callback_hours = {};
  for (const ToldHours& told : list) {
    const auto known = queues_by_id_.find(told.queue);
    if (known == queues_by_id_.end()) continue;
    known->second->view.hours = told.hours;
    known->second->view.callback_hours = told.callback_hours;
  }
}

// A pause goes with the membership.
void Board::change_member(const Event& event) {
  static_cast<void>(known_agent(event.agent));
  std::set<AgentIndex>& paused = queue_at(event.queue).members_paused;
  if (event.kind == EventKind::kMemberPaused) {
    paused.insert(event.agent);
  } else {
    paused.erase(event.agent);
  }
}

void Board::apply(const Event& event, std::string_view arena) {
  ACD_CHECK(event.sequence == sequence_ + 1);
  sequence_ = event.sequence;
  now_ns_ = std::max(now_ns_, event.time_ns);
  switch (event.kind) {
    case EventKind::kCallEnqueued:
      return enqueue_call(event, arena);
    case EventKind::kCallConnected:
      return connect_call(event, arena);
    case EventKind::kCallCompleted:
      ACD_CHECK(live_call(event.call).state == CallState::kConnected ||
                live_call(event.call).state == CallState::kOutside);
      return end_call(event, VisitEnd::kAnswered);
    case EventKind::kCallAbandoned:
      return end_call(event, VisitEnd::kAbandoned);
    case EventKind::kCallTimedOut:
      return end_call(event, VisitEnd::kTimedOut);
    case EventKind::kCallWithdrawn:
      if (event.number != 0) ++queue_of(live_call(event.call)).counts.rerouted;
      return end_call(event, VisitEnd::kWithdrawn);
    case EventKind::kCallFailed:
      return end_call(event, VisitEnd::kFailed);
    case EventKind::kCallRejected:
      return end_call(event, VisitEnd::kRejected);
    case EventKind::kCallOverflowed:
      return overflow_call(event);
    case EventKind::kCallTransferred:
      return transfer_call(event);
    case EventKind::kSwitchResynced:
    case EventKind::kCallSupervised:
      return;
    case EventKind::kCallRerouted:
      ++elsewhere_.rerouted;
      return;
    case EventKind::kCallLegReplaced:
      if (!event.flag) live_call(event.call).leg = event.text.in(arena);
      return;
    case EventKind::kCallPriorityChanged:
      live_call(event.call).priority = event.number;
      return;
    case EventKind::kCallRequeued:
      return requeue_call(event);
    case EventKind::kCallOutsideDialed:
      live_call(event.call).state = CallState::kDialing;
      return;
    case EventKind::kCallOutsideAnswered:
      end_visit(event.call, VisitEnd::kAnswered, event.time_ns);
      live_call(event.call).state = CallState::kOutside;
      live_call(event.call).connected_ns = event.time_ns;
      return;
    case EventKind::kCallMerged:
      return merge_call(event);
    case EventKind::kCallPartyJoined:
      return join_call(event);
    case EventKind::kCallPartyLeft:
      return leave_call(event);
    case EventKind::kCallCallbackRequested:
      return end_call(event, VisitEnd::kCallbackRequested);
    case EventKind::kCallScheduled:
      return change_schedule(event, arena);
    case EventKind::kCallDialed:
      return dial_customer(event);
    case EventKind::kCallDialEnded:
      return end_dial(event, arena);
    case EventKind::kCallDue:
      return come_due(event);
    case EventKind::kCallScored:
      return score_call(event, arena);
    case EventKind::kCallDecided: {
      const CallView& call = live_call(event.call);
      return decisions_.keep(call.id, call.queue, event, arena);
    }
    case EventKind::kOfferCreated:
      return create_offer(event);
    case EventKind::kOfferAccepted:
      return accept_offer(event);
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
    case EventKind::kAgentLegUp:
    case EventKind::kAgentLegLost:
      changed_agent(event.agent).view.is_leg_up = event.kind == EventKind::kAgentLegUp;
      return;
    case EventKind::kAgentStateChanged:
      return set_agent_state(changed_agent(event.agent), event.to, event.number, event.time_ns);
    case EventKind::kAgentWrapUpStarted:
      return start_wrap_up(event);
    case EventKind::kAgentWrapUpEnded:
      return end_wrap_up(event);
    case EventKind::kSwitchConnected:
      return connect_switch(event, arena);
    case EventKind::kQueueConfigChanged:
      return bind_queue(event, arena);
    case EventKind::kQueueOpened:
    case EventKind::kQueueClosed:
      queue_at(event.queue).is_open = event.kind == EventKind::kQueueOpened;
      return;
    case EventKind::kQueueCallbacksOpened:
    case EventKind::kQueueCallbacksClosed:
      queue_at(event.queue).are_callbacks_open = event.kind == EventKind::kQueueCallbacksOpened;
      return;
    case EventKind::kQueueRemoved:
      return remove_queue(event);
    case EventKind::kDesktopConnected:
      connect_switch(event, arena);
      [[fallthrough]];
    case EventKind::kDesktopDisconnected:
      slot_of(is_away_, event.source, kSessionsMax) =
          event.kind == EventKind::kDesktopDisconnected ? 1 : 0;
      for (const AgentIndex agent : slot_of(attached_, event.source, kSessionsMax)) {
        static_cast<void>(changed_agent(agent));
      }
      return;
    case EventKind::kAgentAttached:
      return attach_agent(event.agent, event.source);
    case EventKind::kAgentDetached:
      return attach_agent(event.agent, SourceIndex());
    case EventKind::kMemberRemoved:
    case EventKind::kMemberPaused:
    case EventKind::kMemberUnpaused:
      return change_member(event);
    // The displayed state of the agent says what there is to say.
    case EventKind::kOfferRinging:
    case EventKind::kCallHeld:
    case EventKind::kCallRetrieved:
    case EventKind::kCallResumed:
    // Calls outlive a short cut of their switch.
    case EventKind::kSwitchDisconnected:
    // Not on the board.
    case EventKind::kCallStepChanged:
    case EventKind::kCallTreated:
    case EventKind::kMemberAdded:
      return;
  }
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
  if (!display_name.empty()) agent.view.display_name = display_name;
  if (agent.view.display_name.empty()) agent.view.display_name = id;
  const std::optional<UpsertedAgent> told = decode_upserted(event.text3.in(arena));
  ACD_CHECK(told);
  if (agent.team != nullptr && agent.view.team != told->team) leave_team(agent);
  agent.view.team = told->team;
  if (agent.team == nullptr) join_team(event.agent);
  static_cast<void>(changed_agent(event.agent));
  agent.view.skills = parse_skills(told->skills);
  agent.view.media = told->media;
}

void Board::join_team(AgentIndex index) {
  AgentSlot& agent = agents_[index.value()];
  const auto [found, is_new] = teams_.try_emplace(agent.view.team);
  agent.team = &found->second;
  if (is_new) agent.team->left = team_ended_;
  agent.place = agent.team->agents.insert(agent.team->agents.begin(), index);
  agent.changed = sequence_;
}

void Board::leave_team(AgentSlot& agent) {
  AgentsOfTeam* const team = std::exchange(agent.team, nullptr);
  team->agents.erase(agent.place);
  team->left = sequence_;
  if (!team->agents.empty()) return;
  team_ended_ = sequence_;
  teams_.erase(agent.view.team);
}

void Board::attach_agent(AgentIndex index, SourceIndex desktop) {
  AgentView& view = changed_agent(index).view;
  if (view.desktop.valid()) slot_of(attached_, view.desktop, kSessionsMax).erase(index);
  if (desktop.valid()) slot_of(attached_, desktop, kSessionsMax).insert(index);
  view.desktop = desktop;
}

// The Router reports the change of state as well; said twice, it changes nothing.
void Board::log_in_agent(const Event& event, std::string_view arena) {
  AgentSlot& agent = changed_agent(event.agent);
  agent.view.station = event.text.in(arena);
  agent.view.source = event.source;
  agent.view.answer_mode = static_cast<AnswerMode>(event.detail);
  agent.view.station_media = static_cast<MediaMask>(event.number);
  set_agent_state(agent, AgentState::kNotReady, kReasonLoggedIn, event.time_ns);
}

void Board::log_out_agent(const Event& event) {
  AgentSlot& agent = changed_agent(event.agent);
  agent.view.station.clear();
  agent.view.source = SourceIndex();
  agent.view.answer_mode = AnswerMode::kPhone;
  agent.view.station_media = kAllMedia;
  agent.view.is_leg_up = false;
  set_agent_state(agent, AgentState::kLoggedOut, kReasonNone, event.time_ns);
}

// Comes right after the end of its call, which then counts as handled too early.
void Board::start_wrap_up(const Event& event) {
  AgentSlot& agent = known_agent(event.agent);
  ACD_CHECK(agent.handled_queue != nullptr && agent.handled_queue == &queue_at(event.queue));
  agent.wrap_ups.push_back({event.number, agent.handled_queue, agent.handled_ns, event.time_ns});
  QueueCounts& counts = agent.handled_queue->counts;
  --counts.handled;
  counts.handle_sum_ns -= agent.handled_ns;
}

void Board::end_wrap_up(const Event& event) {
  AgentSlot& agent = known_agent(event.agent);
  const auto over =
      std::find_if(agent.wrap_ups.begin(), agent.wrap_ups.end(),
                   [&](const AgentSlot::WrapUp& one) { return one.number == event.number; });
  ACD_CHECK(over != agent.wrap_ups.end());
  QueueCounts& counts = over->queue->counts;
  ++counts.handled;
  counts.handle_sum_ns += over->handled_ns + (event.time_ns - over->begin_ns);
  agent.wrap_ups.erase(over);
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
  slot_of(source_ids_, event.source, kSessionsMax) = event.text.in(arena);
}

// --- Reads.

QueueCounts Board::total() const {
  QueueCounts total = elsewhere_;
  for (const QueueSlot& queue : queues_) total += queue.view.counts;
  return total;
}

CodeCounts Board::total_codes() const {
  CodeCounts total;
  for (const QueueSlot& queue : queues_) {
    for (const auto& [code, count] : queue.view.codes) total[code] += count;
  }
  return total;
}

const QueueView& Board::queue(QueueIndex index) const {
  ACD_CHECK(index.value() < queue_at_.size() && queue_at_[index.value()] != nullptr);
  return *queue_at_[index.value()];
}

const QueueView* Board::find_queue(std::string_view id) const {
  const auto found = queues_by_id_.find(id);
  return found == queues_by_id_.end() || !found->second->is_listed ? nullptr : &found->second->view;
}

const AgentView& Board::agent(AgentIndex index) const {
  ACD_CHECK(index.value() < agents_.size() && !agents_[index.value()].view.id.empty());
  return agents_[index.value()].view;
}

const AgentView* Board::find_agent(std::string_view id) const {
  const auto found = agents_by_id_.find(id);
  return found == agents_by_id_.end() ? nullptr : &agent(found->second);
}

int64_t Board::agent_changed(AgentIndex index) const {
  ACD_CHECK(index.value() < agents_.size());
  return agents_[index.value()].changed;
}

int64_t Board::team_left(std::string_view team) const {
  const auto found = teams_.find(team);
  return found == teams_.end() ? team_ended_ : found->second.left;
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

std::optional<CallIndex> Board::index_of_call(std::string_view id) const {
  const auto found = calls_by_id_.find(id);
  if (found == calls_by_id_.end()) return std::nullopt;
  return found->second;
}

const CallDecision* Board::find_decision(std::string_view call_id) const {
  const auto found = calls_by_id_.find(call_id);
  return found == calls_by_id_.end() ? decisions_.find_ended(call_id)
                                     : decisions_.find_live(found->second);
}

const CallView* Board::told_call(CallIndex index) const {
  if (index.value() >= calls_.size() || calls_[index.value()].view.id.empty()) return nullptr;
  return &calls_[index.value()].view;
}

const std::string& Board::source_id(SourceIndex index) const {
  ACD_CHECK(index.value() < source_ids_.size());
  return source_ids_[index.value()];
}

int64_t Board::call_changed(CallIndex index) const {
  ACD_CHECK(index.value() < calls_.size() && calls_[index.value()].is_live);
  return calls_[index.value()].changed;
}

Board::CallSlot& Board::live_slot(CallIndex index) {
  ACD_CHECK(index.value() < calls_.size() && calls_[index.value()].is_live);
  CallSlot& slot = calls_[index.value()];
  slot.changed = sequence_;
  return slot;
}

Board::AgentSlot& Board::known_agent(AgentIndex index) {
  ACD_CHECK(index.value() < agents_.size() && !agents_[index.value()].view.id.empty());
  return agents_[index.value()];
}

Board::AgentSlot& Board::changed_agent(AgentIndex index) {
  AgentSlot& agent = known_agent(index);
  std::list<AgentIndex>& agents = agent.team->agents;
  agents.splice(agents.begin(), agents, agent.place);
  agent.changed = sequence_;
  return agent;
}

QueueView& Board::queue_at(QueueIndex index) {
  ACD_CHECK(index.value() < queue_at_.size() && queue_at_[index.value()] != nullptr);
  return *queue_at_[index.value()];
}

// The slot of `id`, made if need be.
Board::QueueSlot& Board::queue_named(std::string_view id) {
  if (const auto found = queues_by_id_.find(id); found != queues_by_id_.end()) {
    return *found->second;
  }
  QueueSlot& queue = queues_.emplace_back();
  queue.view.id = id;
  queues_by_id_.emplace(queue.view.id, &queue);
  return queue;
}

}  // namespace acd
