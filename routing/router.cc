// SPDX-License-Identifier: Apache-2.0
// Dispatch and time. Sessions stand in router_sessions.cc, calls stand in router_calls.cc, agents in router_agents.cc, matching
// in router_match.cc.
#include "routing/router.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <variant>

#include "routing/check.h"

namespace acd {

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
    const bool keeps_display_name = profile.keeps_display_name && index.valid();
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
    const std::string& display_name =
        profile.display_name.empty() ? profile.id : profile.display_name;
    if (!keeps_display_name) event.text2 = log_.add_text(display_name);
    event.text3 = log_.add_text(encode_upserted({skills_text, profile.team, profile.media}));
    roster_.set_skills(index, skills);
    roster_.at(index).team = team_for(profile.team);
    roster_.at(index).media = profile.media;
    refresh_memberships(index);
    if (roster_.at(index).presence != Presence::kLoggedOut) join_class(index);
  }
}

AgentProfile Router::profile_of(AgentIndex index) const {
  const Agent& agent = roster_.at(index);
  AgentProfile profile;
  profile.id = agent.id.view();
  profile.keeps_display_name = true;
  for (const PackedSkill& one : roster_.skills_of(agent)) {
    profile.skills.emplace_back(skills_[one.skill().value()], one.level());
  }
  std::sort(profile.skills.begin(), profile.skills.end());
  if (agent.team.valid()) profile.team = teams_[agent.team.value()];
  profile.media = agent.media;
  return profile;
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

// Whether nobody but a switch may ask it.
bool is_of_switch_alone(CommandKind kind) {
  constexpr CommandKind kKinds[] = {CommandKind::kEnqueueCall, CommandKind::kRerouteCall,
                                    CommandKind::kLogIn,       CommandKind::kCloseSession,
                                    CommandKind::kResyncBegin, CommandKind::kKeepCall,
                                    CommandKind::kKeepAgent,   CommandKind::kResyncEnd};
  return std::ranges::find(kKinds, kind) != std::end(kKinds);
}

}  // namespace

Reject Router::dispatch(const Command& command, std::string_view arena) {
  // Its own are empty: what the daemon asks, for a supervisor or by the calendar, has no switch.
  const HashedName call_id(command.call.in(arena));
  const bool is_known = !call_id.text.empty() && names_live_call(command.kind);
  const CallIndex call = is_known ? calls_.find(call_id) : CallIndex();
  const bool is_of_desktop = sessions_.is_desktop(command.source);
  const Reject refusal = is_of_desktop ? check_desktop(command, arena) : Reject::kNone;
  if (refusal != Reject::kNone) return refusal;
  if (!is_of_desktop && command.source.valid() && call.valid() &&
      calls_.at(call).source != command.source) {
    return Reject::kCallOfOtherSwitch;
  }
  const auto of_agent = [&](auto&& handle) {
    const AgentIndex agent = roster_.find(command.name.in(arena));
    if (!agent.valid()) return Reject::kAgentUnknown;
    const bool elsewhere = !is_of_desktop && command.source.valid() &&
                           roster_.at(agent).presence != Presence::kLoggedOut &&
                           roster_.at(agent).source != command.source;
    return elsewhere ? Reject::kAgentOfOtherSwitch : handle(agent);
  };
  const bool needs_source = is_of_switch_alone(command.kind);
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
    case CommandKind::kCommandDone:
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
    case CommandKind::kRerouteCall:
      return reroute_call(command, call, call_id);
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
    case CommandKind::kSuperviseCall:
      return of_call([&] { return supervise_call(command, arena, call); });
    case CommandKind::kRequeueCall:
      return of_call([&] { return requeue_call(call); });
    case CommandKind::kLeaveCall:
      return of_call([&] { return leave_call(command, arena, call); });
    case CommandKind::kConsult:
      return of_call([&] { return consult(command, arena, call); });
    case CommandKind::kMergeCall:
      return of_call([&] { return merge_call(command, call); });
    case CommandKind::kResyncBegin:
      return begin_resync(command.source);
    case CommandKind::kResyncEnd:
      if (!sessions_.at(command.source).is_here_to_list()) return Reject::kResyncNotOpen;
      end_resync(command.source, false);
      return Reject::kNone;
    case CommandKind::kKeepCall:
      return keep_call(command, arena, call, call_id);
    case CommandKind::kKeepAgent:
      return keep_agent(command, arena);
    case CommandKind::kReplaceLeg:
      return replace_leg(command, arena);
    case CommandKind::kLogIn:
      return log_in(command, arena);
    case CommandKind::kLogOut:
      return of_agent([&](AgentIndex agent) { return log_out(agent, command); });
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
    case CommandKind::kAttachAgent:
    case CommandKind::kDetachAgent:
      if (!is_of_desktop) return Reject::kSourceUnknown;
      return of_agent([&](AgentIndex agent) {
        if (command.kind == CommandKind::kAttachAgent) return attach_agent(command.source, agent);
        detach_agent(agent, DetachReason::kAsked);
        return Reject::kNone;
      });
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

std::optional<int64_t> Router::told_wait_ns(std::string_view id) const {
  const QueueIndex index = find_queue(id);
  if (!index.valid()) return std::nullopt;
  return queue(index).ewt_ns;
}

// --- Sessions.

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
    case TimerKind::kSource: {
      const Source& source = sessions_.at(SourceIndex(timer.index));
      if (source.is_here_to_list() && source.resync_until_ns <= now_ns_) {
        return end_resync(SourceIndex(timer.index), true);
      }
      return fire_source(SourceIndex(timer.index));
    }
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
