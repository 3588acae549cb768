// SPDX-License-Identifier: Apache-2.0
// Dispatch, sessions and time. Calls stand in router_calls.cc, agents in router_agents.cc, matching
// in router_match.cc.
#include "routing/router.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <variant>

#include "routing/check.h"

namespace acd {

Router::Router()
    : queue_by_id_(this, [](const void* owner, uint32_t index) {
        return std::string_view(static_cast<const Router*>(owner)->queues_[index].config.id);
      }) {}

Reject Router::upsert_agents(const std::vector<AgentProfile>& profiles, int64_t now_ns) {
  ACD_CHECK(configured() && now_ns >= now_ns_);
  now_ns_ = now_ns;
  const Reject reject = check(profiles);
  if (reject == Reject::kNone) {
    add_agents(profiles);
    settle();
  }
  return seal(reject);
}

Reject Router::check(const std::vector<AgentProfile>& profiles) const {
  size_t fresh_count = 0;
  for (const AgentProfile& profile : profiles) {
    if (!roster_.find(HashedName(profile.id)).valid()) ++fresh_count;
  }
  return roster_.count() + fresh_count > kAgentsMax ? Reject::kLimitReached : Reject::kNone;
}

void Router::add_agents(const std::vector<AgentProfile>& profiles) {
  for (const AgentProfile& profile : profiles) {
    const HashedName id(profile.id);
    AgentIndex index = roster_.find(id);
    if (!index.valid()) index = roster_.add(id);
    std::vector<SkillLevel> skills;
    std::string skills_text;
    for (const auto& [name, level] : profile.skills) {
      const SkillIndex skill = find_skill(name);
      ACD_CHECK(skill.valid());
      skills.push_back({skill, static_cast<uint8_t>(level)});
      if (!skills_text.empty()) skills_text += ',';
      skills_text += name + '=' + std::to_string(level);
    }
    std::sort(skills.begin(), skills.end());
    Event& event = emit(EventKind::kAgentUpserted);
    event.agent = index;
    event.text = log_.add_text(profile.id);
    event.text2 = log_.add_text(profile.display_name.empty() ? profile.id : profile.display_name);
    event.text3 = log_.add_text(encode_upserted({skills_text, profile.team, profile.media}));
    roster_.set_skills(index, skills);
    roster_.at(index).team = team_for(profile.team);
    roster_.at(index).media = profile.media;
    refresh_memberships(index);
    if (roster_.at(index).presence != Presence::kLoggedOut) join_class(index);
  }
}

Reject Router::apply(const Command& command, std::string_view arena, int64_t now_ns) {
  ACD_CHECK(now_ns >= now_ns_);
  const bool is_numbered = command.sequence > 0;
  const bool is_known = !is_numbered || sessions_.contains(command.source);
  if (is_numbered && is_known) {
    const Reject order = sessions_.check_sequence(command.source, command.sequence);
    if (order != Reject::kNone) return order;
  }
  now_ns_ = now_ns;
  const Reject reject = is_known ? dispatch(command, arena) : Reject::kSourceUnknown;
  settle();
  if (is_numbered && is_known) sessions_.complete(command.source, command, reject);
  return seal(reject);
}

namespace {

// Whether the call of the command has to be its switch's. Of others it is an id that is to be new, one
// that may have ended, or does not count.
bool names_live_call(CommandKind kind) {
  return kind != CommandKind::kEnqueueCall && kind != CommandKind::kRequestCallback &&
         kind != CommandKind::kScheduleCall && kind != CommandKind::kReplaceLeg &&
         kind != CommandKind::kEndWrapUp && kind != CommandKind::kExtendWrapUp;
}

}  // namespace

Reject Router::dispatch(const Command& command, std::string_view arena) {
  // Its own are empty: what the daemon asks, for a supervisor or by the calendar, has no switch.
  const HashedName call_id(command.call.in(arena));
  const bool is_known = !call_id.text.empty() && names_live_call(command.kind);
  const CallIndex call = is_known ? calls_.find(call_id) : CallIndex();
  if (command.source.valid() && call.valid() && calls_.at(call).source != command.source) {
    return Reject::kCallOfOtherSwitch;
  }
  const auto of_agent = [&](auto&& handle) {
    const AgentIndex agent = roster_.find(command.name.in(arena));
    if (!agent.valid()) return Reject::kAgentUnknown;
    const bool elsewhere = command.source.valid() &&
                           roster_.at(agent).presence != Presence::kLoggedOut &&
                           roster_.at(agent).source != command.source;
    return elsewhere ? Reject::kAgentOfOtherSwitch : handle(agent);
  };
  const bool needs_source = command.kind == CommandKind::kEnqueueCall ||
                            command.kind == CommandKind::kLogIn ||
                            command.kind == CommandKind::kCloseSession;
  if (needs_source && !sessions_.contains(command.source)) return Reject::kSourceUnknown;
  const auto of_queue = [&](auto&& handle) {
    const QueueIndex index = find_queue(command.name.in(arena));
    return index.valid() ? handle(queue(index), index) : Reject::kQueueUnknown;
  };
  const auto of_call = [&](auto&& handle) {
    return call.valid() ? handle() : Reject::kCallUnknown;
  };
  switch (command.kind) {
    case CommandKind::kNone:
    case CommandKind::kConfigure:
    case CommandKind::kUpsertAgents:
    case CommandKind::kStageConfig:
    case CommandKind::kOverrideQueue:
      ACD_CHECK(false && "not a command for apply()");
      return Reject::kNone;
    case CommandKind::kRefused:
    case CommandKind::kSeeded:
      return Reject::kNone;
    case CommandKind::kOpenSession:
      return open_session(command, arena);
    case CommandKind::kCloseSession:
      close_session(command.source);
      return Reject::kNone;
    case CommandKind::kResume:
      resume_after_restart();
      return Reject::kNone;
    case CommandKind::kEnqueueCall:
      return enqueue_call(command, arena, call_id);
    case CommandKind::kRequestCallback:
      return request_callback(command, arena, call_id);
    case CommandKind::kCustomerAnswered:
      return customer_answered(command, arena, call);
    case CommandKind::kScheduleCall:
      return schedule_call(command, arena, call_id);
    case CommandKind::kRescheduleCall:
      return reschedule_call(command, call_id.text);
    case CommandKind::kCallDue:
      return call_due(call_id);
    case CommandKind::kEndCall:
      if (!call.valid()) return cancel_scheduled(command, call_id.text);
      return of_call([&] { return end_call(command, arena, call); });
    case CommandKind::kLegRinging:
      return leg_ringing(command, call);
    case CommandKind::kLegAnswered:
      return leg_answered(command, arena, call);
    case CommandKind::kLegFailed:
      return leg_failed(command, arena, call);
    case CommandKind::kCallConnected:
      return call_connected(command, arena, call);
    case CommandKind::kConnectFailed:
      return connect_failed(command, arena, call);
    case CommandKind::kHoldCall:
    case CommandKind::kResumeCall:
      return of_call([&] { return hold_call(command, arena, call); });
    case CommandKind::kChangePriority:
      return of_call([&] { return change_priority(call, command.number); });
    case CommandKind::kSetOutcome:
      return set_outcome(command, arena, call, call_id);
    case CommandKind::kTransferCall:
      return of_call([&] { return transfer_call(command, arena, call); });
    case CommandKind::kLeaveCall:
      return of_call([&] { return leave_call(command, arena, call); });
    case CommandKind::kConsult:
      return of_call([&] { return consult(command, arena, call); });
    case CommandKind::kMergeCall:
      return of_call([&] { return merge_call(command, call); });
    case CommandKind::kReplaceLeg:
      return replace_leg(command, arena);
    case CommandKind::kLogIn:
      return log_in(command, arena);
    case CommandKind::kLogOut:
      return of_agent([&](AgentIndex agent) { return log_out(agent, command.flag); });
    case CommandKind::kSetReady:
      return of_agent([&](AgentIndex agent) { return set_ready(agent); });
    case CommandKind::kSetNotReady:
      return of_agent([&](AgentIndex agent) { return set_not_ready(agent, command.number); });
    case CommandKind::kEndWrapUp:
      return of_agent([&](AgentIndex agent) { return end_wrap_up(agent, command.call.in(arena)); });
    case CommandKind::kExtendWrapUp:
      return of_agent(
          [&](AgentIndex agent) { return extend_wrap_up(agent, command.call.in(arena)); });
    case CommandKind::kPauseMember:
    case CommandKind::kUnpauseMember:
      return of_agent([&](AgentIndex agent) {
        return pause_member(agent, command.text.in(arena),
                            command.kind == CommandKind::kPauseMember, command.number);
      });
    case CommandKind::kAcceptOffer:
    case CommandKind::kRejectOffer:
      return of_agent([&](AgentIndex agent) { return claim_offer(command, arena, call, agent); });
    case CommandKind::kOpenQueue:
    case CommandKind::kCloseQueue:
      return of_queue([&](Queue& target, QueueIndex index) {
        const bool open = command.kind == CommandKind::kOpenQueue;
        if (target.is_open == open) return Reject::kNone;
        target.is_open = open;
        Event& event = emit(open ? EventKind::kQueueOpened : EventKind::kQueueClosed);
        event.queue = index;
        event.number = command.number;
        return Reject::kNone;
      });
    case CommandKind::kOpenCallbacks:
    case CommandKind::kCloseCallbacks:
      return of_queue([&](Queue&, QueueIndex index) {
        turn_callbacks(index, command.kind == CommandKind::kOpenCallbacks, command.number);
        return Reject::kNone;
      });
    case CommandKind::kSetEwt:
      return of_queue([&](Queue& target, QueueIndex) {
        target.ewt_ns = command.wait_ns;
        return Reject::kNone;
      });
    case CommandKind::kPhoneBusy:
    case CommandKind::kPhoneIdle:
    case CommandKind::kPhoneUnregistered:
    case CommandKind::kLegUp:
    case CommandKind::kLegLost:
      return phone_event(command, arena);
  }
  return Reject::kNone;
}

bool Router::is_queue_open(std::string_view id) const {
  const QueueIndex index = find_queue(id);
  return !index.valid() || queue(index).is_open;
}

bool Router::are_callbacks_open(std::string_view id) const {
  const QueueIndex index = find_queue(id);
  return !index.valid() || queue(index).are_callbacks_open;
}

// --- Sessions.

Reject Router::open_session(const Command& command, std::string_view arena) {
  const std::string_view id = command.name.in(arena);
  const std::string_view epoch = command.text.in(arena);
  SourceIndex index = sessions_.find(id);
  if (!index.valid()) {
    index = sessions_.add(id);
    if (!index.valid()) return Reject::kLimitReached;
    reach_.add(id);
  }
  Source& source = sessions_.at(index);
  const bool resumed = source.epoch.view() == epoch;
  if (!resumed) {
    source.epoch = IdText(epoch);
    source.last_sequence = 0;
    source.refusals.clear();
    source.lost_before = next_order_;
  }
  source.connected = true;
  source.reports_ringing = command.flag;
  source.rematch_pending = true;
  Event& event = emit(EventKind::kSwitchConnected);
  event.source = index;
  event.flag = resumed;
  event.text = log_.add_text(id);
  fire_source(index);
  return Reject::kNone;
}

void Router::close_session(SourceIndex index) {
  Source& source = sessions_.at(index);
  if (!source.connected) return;
  source.connected = false;
  set_source_deadline(index, now_ns_ + config_.switch_grace_ns);
  // What is left of a loss goes when the grace is over; nobody waits for that.
  end_loss(index);
  emit(EventKind::kSwitchDisconnected).source = index;
}

void Router::resume_after_restart() {
  // Deadlines that fell due while nobody ran move, in order, to the end of the reconnect grace.
  int64_t deadline_ns = now_ns_ + kReconnectGraceDefaultNs;
  while (timers_.next_deadline_ns() < now_ns_) {
    const TimerQueue::Timer timer = timers_.pop();
    switch (timer.kind) {
      case TimerKind::kBulk:
        break;
      case TimerKind::kSource:
        set_source_deadline(SourceIndex(timer.index), deadline_ns);
        break;
      case TimerKind::kAgent:
        // The agent's next one comes in its turn.
        set_item_deadline(AgentIndex(timer.index), first_due(&roster_.at(AgentIndex(timer.index))),
                          deadline_ns);
        break;
      case TimerKind::kCall:
        set_call_deadline(CallIndex(timer.index), deadline_ns);
        calls_.at(CallIndex(timer.index)).not_before_ns = deadline_ns;
        break;
    }
    if (timer.kind != TimerKind::kBulk) ++deadline_ns;
  }
  // Nobody waits for bulk work but ourselves.
  if (bulk_ != BulkPhase::kNone) timers_.set(TimerKind::kBulk, 0, 0, bulk_deadline_ns_);
  for (uint32_t i = 0; i < sessions_.size(); ++i) close_session(SourceIndex(i));
}

void Router::fire_source(SourceIndex index) {
  Source& source = sessions_.at(index);
  source.deadline_ns = kNeverNs;
  timers_.cancel(TimerKind::kSource, index.value());
  if (!source.connected && !source.epoch.empty()) {  // Once, not with each slice.
    // The grace is over: all is lost, and the switch learns it, because its epoch is no longer
    // known.
    source.lost_before = next_order_;
    source.epoch = IdText();
    source.last_sequence = 0;
    source.refusals.clear();
  }
  bool done = lose_slice(index);
  // Where rules join switches nobody is given anything before all that is lost is gone.
  if (!done && !reach_.empty()) losing_.insert(index);
  if (done) end_loss(index);
  if (done && source.connected && source.rematch_pending) {
    source.rematch_pending = false;
    // Else the bulk work ends with a match of everything. Others' calls may want whom this brings.
    if (bulk_ == BulkPhase::kNone) done = rematch(reach_.empty() ? index : SourceIndex());
    source.rematch_pending = !done;
  }
  // What is left goes on at the next Advance.
  if (!done) set_source_deadline(index, now_ns_);
  is_slice_left_ = !done;
}

void Router::end_loss(SourceIndex index) {
  if (losing_.erase(index) != 0 && losing_.empty()) start_bulk(BulkPhase::kMatch);
}

bool Router::lose_slice(SourceIndex index) {
  Source& source = sessions_.at(index);
  for (size_t i = 0; i < kBulkSliceMax; ++i) {
    const CallIndex call = source.first_call;
    if (call.valid() && calls_.at(call).source_order < source.lost_before) {
      if (!calls_.at(call).is_of_nobody() || calls_.at(call).stage == CallStage::kConnected) {
        finish_call(call, {EventKind::kCallFailed, static_cast<uint8_t>(FailReason::kSwitchLost)});
      } else {
        outlive_switch(call);
      }
    } else if (source.first_agent.valid() &&
               roster_.at(source.first_agent).log_in_order < source.lost_before) {
      lose_agent(source.first_agent);
    } else {
      return true;
    }
  }
  return false;
}

// With the calls of their own switch gone, who has none of another one in hand is logged out. Such a
// call is its switch's to report: who is being joined to it or has it logs out when it is done.
void Router::lose_agent(AgentIndex index) {
  Agent& agent = roster_.at(index);
  for (;;) {
    const auto lost =
        std::find_if(agent.items.begin(), agent.items.end(), [&](const WorkItem& one) {
          return !one.call.valid() || calls_.at(one.call).stage == CallStage::kAlerting;
        });
    if (lost == agent.items.end()) break;
    if (lost->call.valid()) {
      fail_offer(lost->call, index, OfferOutcome::kRescinded, true, 0);
    } else {
      finish_item(index, &*lost, false);
    }
  }
  if (agent.presence == Presence::kLoggedOut) return;
  if (agent.items.empty()) return leave(index, false);
  turn_leg(index, false);
  agent.log_out_pending = true;
  unlink_agent(index);
  agent.log_in_order = next_order_++;  // It counts as new, so that it is not lost again.
  link_agent(index);
  refresh_idle(index);
}

void Router::set_source_deadline(SourceIndex index, int64_t deadline_ns) {
  sessions_.at(index).deadline_ns = deadline_ns;
  timers_.set(TimerKind::kSource, index.value(), index.value(), deadline_ns);
}

std::vector<Router::OpenOffer> Router::open_offers(SourceIndex source) const {
  std::vector<OpenOffer> open;
  for (CallIndex i = sessions_.at(source).first_call; i.valid(); i = calls_.at(i).next_of_source) {
    const Call& call = calls_.at(i);
    for (AgentIndex a = call.first_offered; a.valid(); a = next_offered(a, i)) {
      open.push_back({i, a, roster_.at(a).item_of(i).generation, call.deadline_ns});
    }
    // When its phone stops ringing a customer who was reached has the time of a connection left.
    const int64_t deadline_ns =
        call.deadline_ns - (call.is_on_line() ? 0 : queue(call.queue).config.connect_timeout_ns);
    if (call.stage == CallStage::kConnecting) {
      open.push_back({i, call.agent, roster_.at(call.agent).item_of(i).generation, deadline_ns});
    }
    if (call.stage == CallStage::kDialing) {
      open.push_back({i, AgentIndex(), call.generation, deadline_ns});
    }
    if (call.stage == CallStage::kDialingOutside) {
      open.push_back({i, consulting_agent(i), call.generation, kNeverNs});
    }
  }
  return open;
}

void Router::link_call(CallIndex index) {
  Call& call = calls_.at(index);
  Source& source = sessions_.at(call.source);
  call.previous_of_source = source.last_call;
  call.next_of_source = CallIndex();
  (source.last_call.valid() ? calls_.at(source.last_call).next_of_source : source.first_call) =
      index;
  source.last_call = index;
}

void Router::unlink_call(CallIndex index) {
  Call& call = calls_.at(index);
  Source& source = sessions_.at(call.source);
  (call.previous_of_source.valid() ? calls_.at(call.previous_of_source).next_of_source
                                   : source.first_call) = call.next_of_source;
  (call.next_of_source.valid() ? calls_.at(call.next_of_source).previous_of_source
                               : source.last_call) = call.previous_of_source;
}

void Router::link_agent(AgentIndex index) {
  Agent& agent = roster_.at(index);
  Source& source = sessions_.at(agent.source);
  agent.previous_of_source = source.last_agent;
  agent.next_of_source = AgentIndex();
  (source.last_agent.valid() ? roster_.at(source.last_agent).next_of_source : source.first_agent) =
      index;
  source.last_agent = index;
}

void Router::unlink_agent(AgentIndex index) {
  Agent& agent = roster_.at(index);
  Source& source = sessions_.at(agent.source);
  (agent.previous_of_source.valid() ? roster_.at(agent.previous_of_source).next_of_source
                                    : source.first_agent) = agent.next_of_source;
  (agent.next_of_source.valid() ? roster_.at(agent.next_of_source).previous_of_source
                                : source.last_agent) = agent.previous_of_source;
}

// --- Time.

uint32_t Router::advance(int64_t now_ns, uint32_t timers_max) {
  ACD_CHECK(now_ns >= now_ns_);
  uint32_t fired = 0;
  is_slice_left_ = false;
  while (timers_.next_deadline_ns() < now_ns && fired < timers_max && !is_slice_left_) {
    const TimerQueue::Timer timer = timers_.pop();
    now_ns_ = std::max(now_ns_, timer.deadline_ns);
    fire(timer);
    settle();
    ++fired;
  }
  if (timers_.next_deadline_ns() >= now_ns) now_ns_ = now_ns;
  seal_events();
  return fired;
}

void Router::fire(const TimerQueue::Timer& timer) {
  switch (timer.kind) {
    case TimerKind::kBulk:
      fire_bulk();
      return;
    case TimerKind::kSource:
      fire_source(SourceIndex(timer.index));
      return;
    case TimerKind::kAgent:
      fire_agent(AgentIndex(timer.index));
      return;
    case TimerKind::kCall:
      fire_call(CallIndex(timer.index));
      return;
  }
}

// --- Events and small things.

void Router::set_stage(CallIndex index, CallStage stage) {
  Call& call = calls_.at(index);
  ACD_CHECK(kStageTransitions.has(call.stage, stage));
  stages_seen_.add(call.stage, stage);
  call.stage = stage;
}

Event& Router::emit(EventKind kind) {
  Event& event = log_.events.emplace_back();
  event.kind = kind;
  event.sequence = ++event_sequence_;
  event.time_ns = now_ns_;
  return event;
}

Event& Router::emit(EventKind kind, CallIndex index) {
  const Call& call = calls_.at(index);
  Event& event = emit(kind);
  event.call = index;
  event.medium = call.medium;
  event.agent = call.agent;
  event.queue = call.queue;
  event.source = call.source;
  event.generation =
      call.agent.valid() ? roster_.at(call.agent).item_of(index).generation : call.generation;
  return event;
}

Event& Router::emit_offer(EventKind kind, CallIndex index, AgentIndex agent) {
  Event& event = emit(kind, index);
  event.agent = agent;
  event.generation = roster_.at(agent).item_of(index).generation;
  return event;
}

void Router::take_events(EventLog* taken) {
  if (log_.events.empty()) {
    taken->clear();
    return;
  }
  log_.events.swap(taken->events);
  log_.arena.swap(taken->arena);
  log_.clear();
  sealed_events_ = 0;
}

Reject Router::seal(Reject reject) {
  event_hash_.add(static_cast<uint64_t>(reject));
  seal_events();
  return reject;
}

void Router::seal_events() {
  for (; sealed_events_ < log_.events.size(); ++sealed_events_) {
    const Event& event = log_.events[sealed_events_];
    const EventFacts& facts = event;
    std::array<uint64_t, 8> words;
    std::memcpy(words.data(), &facts, sizeof(facts));
    // A call is named by its arrival.
    words.back() = event.call.valid() ? calls_.at(event.call).order : 0;
    event_hash_.add_words(words);
    if ((event.text.size | event.text2.size | event.text3.size) == 0) continue;
    // A record compares and names classes in the order they came to be, which is no state.
    if (event.kind == EventKind::kCallDecided) continue;
    for (const TextRef text : {event.text, event.text2, event.text3}) {
      event_hash_.add_text(text.in(log_.arena));
    }
  }
}

}  // namespace acd
