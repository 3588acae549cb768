// SPDX-License-Identifier: Apache-2.0
// The deterministic core of one tenant: commands in, events out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "routing/call_queue.h"
#include "routing/command.h"
#include "routing/event.h"
#include "routing/hash64.h"
#include "routing/ids.h"
#include "routing/name_table.h"
#include "routing/roster.h"
#include "routing/sessions.h"
#include "routing/tenant_config.h"
#include "routing/timer_queue.h"

namespace acd {

// Decides which agent gets which call. The same commands with the same times give the same
// verdicts, events and hashes on every machine and build.
//
// Threads:  its shard's only.
// Owns:     everything replicated of one tenant: queues, agents, calls, sessions, timers.
// Bounds:   routing/limits.h; what would pass a limit is refused as kLimitReached.
// Order:    time never goes back. At one instant commands come before timers.
// Fails:    never; a broken invariant aborts.
class Router {
 public:
  Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Takes the tenant's configuration. REQUIRES: not configured yet (live change comes later).
  void configure(const TenantConfig& config, int64_t now_ns);
  // Adds agents or replaces the skills of known ones. kLimitReached changes nothing.
  // REQUIRES: configured; profiles as validated against the configuration.
  [[nodiscard]] Reject upsert_agents(const std::vector<AgentProfile>& profiles, int64_t now_ns);
  // Applies one command whose texts lie in `arena`. kRepeat and kSequenceGap leave no trace at all,
  // every other verdict is part of the history. REQUIRES: `now_ns` >= now_ns(); not kConfigure, not
  // kUpsertAgents.
  [[nodiscard]] Reject apply(const Command& command, std::string_view arena, int64_t now_ns);
  // Fires timers with deadline < `now_ns` in order, each at its own deadline, at most `timers_max`
  // and none after one that left bulk work over, and returns how many fired. Afterwards now_ns() is
  // `now_ns`, or the last deadline if more are due.
  uint32_t advance(int64_t now_ns, uint32_t timers_max);

  [[nodiscard]] int64_t now_ns() const { return now_ns_; }
  [[nodiscard]] int64_t next_deadline_ns() const { return timers_.next_deadline_ns(); }
  [[nodiscard]] bool configured() const { return configured_; }

  // Events since take_events(), which moves them out and keeps the buffers of `*taken` for the next
  // ones.
  [[nodiscard]] const EventLog& events() const { return log_; }
  void take_events(EventLog* taken);

  // Runs over every verdict and event so far.
  [[nodiscard]] uint64_t event_hash() const { return event_hash_.value(); }
  // Over the logical state in id order: equal for two Routers that went different ways to the same
  // state of affairs. O(everything).
  [[nodiscard]] uint64_t state_hash() const;
  // Empty when all invariants of routing/README.md hold, else the first broken one. O(everything).
  [[nodiscard]] std::string check_invariants() const;

  // What the daemon reads to speak to switches.
  [[nodiscard]] const Sessions& sessions() const { return sessions_; }
  [[nodiscard]] const Call& call(CallIndex index) const { return calls_.at(index); }
  [[nodiscard]] const Agent& agent(AgentIndex index) const { return roster_.at(index); }
  [[nodiscard]] size_t live_call_count() const { return calls_.count(); }
  [[nodiscard]] size_t agent_count() const { return roster_.count(); }
  [[nodiscard]] int64_t switch_grace_ns() const { return config_.switch_grace_ns; }
  // Invalid when the configuration does not declare it.
  [[nodiscard]] SkillIndex find_skill(std::string_view name) const;
  // What is open towards a switch, for a session that resumes: calls being offered or connected,
  // oldest first.
  [[nodiscard]] std::vector<CallIndex> open_offers(SourceIndex source) const;

 private:
  struct Queue {
    QueueConfig config;
    std::vector<SkillLevel> needs;
  };

  // --- router.cc: dispatch, sessions, time.
  Reject dispatch(const Command& command, std::string_view arena);
  Reject open_session(const Command& command, std::string_view arena);
  void close_session(SourceIndex index);
  void resume_after_restart();
  void fire(const TimerQueue::Timer& timer);
  void fire_source(SourceIndex index);
  // Ends what a restarted or lost switch no longer knows, at most kBulkSliceMax; true when done.
  bool lose_slice(SourceIndex index);
  void set_source_deadline(SourceIndex index, int64_t deadline_ns);
  void link_call(CallIndex index);
  void unlink_call(CallIndex index);
  void link_agent(AgentIndex index);
  void unlink_agent(AgentIndex index);
  Event& emit(EventKind kind);
  // The same about a call: with its agent, queue, switch and generation.
  Event& emit(EventKind kind, CallIndex index);
  void seal_events();  // Hashes what was emitted since the last seal.
  [[nodiscard]] std::vector<SkillLevel> resolve(const std::string& requirement) const;

  // --- router_calls.cc: calls and offers.
  Reject enqueue_call(const Command& command, std::string_view arena);
  // The requirement of that text, parsed and resolved; sets `*reject` when it cannot be had.
  RequirementIndex requirement_for(std::string_view text, Reject* reject);
  Reject end_call(const Command& command, CallIndex index);
  Reject leg_ringing(const Command& command, CallIndex index);
  Reject leg_answered(const Command& command, std::string_view arena, CallIndex index);
  Reject leg_failed(const Command& command, std::string_view arena, CallIndex index);
  Reject call_connected(const Command& command, std::string_view arena, CallIndex index);
  Reject connect_failed(const Command& command, std::string_view arena, CallIndex index);
  Reject hold_call(CallIndex index, bool hold);
  // An offer's event that came too late. `drop_leg`: the switch is to undo it.
  void note_stale(const Command& command, std::string_view arena, CallIndex index, bool drop_leg);
  [[nodiscard]] bool is_open_offer(const Command& command, CallIndex index) const;
  void open_offer(CallIndex call, AgentIndex agent);
  void accept_offer(CallIndex call, bool tell_switch);
  void fail_offer(CallIndex call, OfferOutcome outcome, bool tell_switch, int32_t cause);
  void penalise(AgentIndex agent, OfferOutcome outcome);
  void requeue(CallIndex call, bool tell_switch);
  void match_after_failure(CallIndex call, AgentIndex agent);
  void return_to_queue(CallIndex call);
  void finish_call(CallIndex index, EventKind kind, EndedBy ended_by, int32_t cause);
  void fire_call(CallIndex index);
  void set_call_deadline(CallIndex index, int64_t deadline_ns);

  // --- router_agents.cc: agents and phones.
  Reject log_in(const Command& command, std::string_view arena);
  Reject log_out(AgentIndex index);
  Reject set_ready(AgentIndex index);
  Reject set_not_ready(AgentIndex index, int32_t reason);
  Reject end_wrap_up(AgentIndex index);
  Reject phone_event(const Command& command, std::string_view arena);
  AgentClassIndex leave(AgentIndex index);
  void set_presence(AgentIndex index, Presence presence, int32_t reason);
  void set_work(AgentIndex index, Work work);
  // Ends the work in hand; the agent then logs out if that waits, or is idle if ready, and is not
  // matched.
  void finish_work(AgentIndex index, bool restart_idle);
  void end_work(AgentIndex index, bool restart_idle);
  void start_wrap_up_or_finish(AgentIndex index, QueueIndex queue);
  void refresh_idle(AgentIndex index);
  void emit_state_change(AgentIndex index, AgentState from);
  void join_class(AgentIndex index);
  void fire_agent(AgentIndex index);
  void set_agent_deadline(AgentIndex index, int64_t deadline_ns);
  [[nodiscard]] std::vector<QueueIndex> named_queues(std::string_view agent_id) const;

  // --- router_match.cc: who gets whom.
  [[nodiscard]] bool can_serve(const AgentClass& agents, const CallClass& calls) const;
  void connect_agent_class(AgentClassIndex index);
  void connect_call_class(CallClassIndex index);
  // Makes room for new classes; false when every one has a live call.
  bool forget_empty_call_classes();
  // Whether this agent is left out for that call: excluded, while somebody else eligible is logged
  // in.
  [[nodiscard]] bool left_out(const Call& call, AgentIndex agent) const;
  [[nodiscard]] AgentIndex best_agent(const Call& call) const;
  [[nodiscard]] CallIndex best_call(AgentIndex agent) const;
  [[nodiscard]] bool goes_before(CallIndex a, CallIndex b) const;
  // Each opens at most one offer and says whether it did.
  bool match_call(CallIndex call);
  bool match_agent(AgentIndex agent);
  // Matches waiting calls of a switch in their order, at most kBulkSliceMax; true when no match is
  // left.
  bool match_source(SourceIndex source);
  // After an agent left: calls that only they excluded somebody from may now be offered again.
  void match_excluded(AgentClassIndex left);

  bool configured_ = false;
  bool is_slice_left_ = false;  // The timer that fired last left bulk work over.
  TenantConfig config_;
  std::vector<Queue> queues_;
  NameTable queue_by_id_;
  Roster roster_;
  CallQueue calls_;
  Sessions sessions_;
  TimerQueue timers_;
  EndedCalls ended_calls_;
  int64_t now_ns_ = 0;
  int64_t event_sequence_ = 0;
  uint64_t next_order_ = 1;  // Arrival of calls and log-ins.
  EventLog log_;
  size_t sealed_events_ = 0;  // Of log_.events: already in event_hash_.
  Hash64 event_hash_;
};

}  // namespace acd
