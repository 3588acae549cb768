// SPDX-License-Identifier: Apache-2.0
// The deterministic core of one tenant: commands in, events out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/call_queue.h"
#include "routing/callback.h"
#include "routing/command.h"
#include "routing/decision.h"
#include "routing/event.h"
#include "routing/hash64.h"
#include "routing/ids.h"
#include "routing/leg_id.h"
#include "routing/link_matrix.h"
#include "routing/name_table.h"
#include "routing/outcome.h"
#include "routing/random_draw.h"
#include "routing/reach.h"
#include "routing/roster.h"
#include "routing/router_parts.h"
#include "routing/router_queue.h"
#include "routing/router_state.h"
#include "routing/sessions.h"
#include "routing/tenant_config.h"
#include "routing/timer_queue.h"
#include "routing/transitions.h"

namespace acd {

struct SavedRouter;
struct SavedQueue;
struct SavedAgent;
struct SavedCall;
class TieredLinks;

// Decides which agent gets which call. The same commands with the same times give the same
// verdicts, events and hashes on every machine and build. routing/README.md states the rules.
//
// Threads:  its shard's only.
// Owns:     everything replicated of one tenant: queues, agents, calls, sessions, timers.
// Bounds:   routing/limits.h; what would pass a limit is refused as kLimitReached.
// Order:    time never goes back. At one instant commands come before timers.
// Fails:    never; a broken invariant aborts.
class Router : public RouterParts, private RouterState {
 public:
  Router() = default;
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Takes the tenant's configuration, the first or the next one. kQueueNotEmpty: it leaves out a
  // queue that has live calls and is not drained; kLimitReached: queues or skills. Both change
  // nothing, but are part of the history like the verdicts of apply(). What waits is brought to it
  // at the next advance(), in slices. REQUIRES: `now_ns` >= now_ns().
  [[nodiscard]] Reject configure(const TenantConfig& config, int64_t now_ns);
  // What configure() would answer. Leaves no trace.
  [[nodiscard]] Reject check(const TenantConfig& config) const;
  // Adds agents or replaces what is known of them. kLimitReached changes nothing, as above.
  // REQUIRES: configured; profiles as validated against the configuration.
  [[nodiscard]] Reject upsert_agents(const std::vector<AgentProfile>& profiles, int64_t now_ns);
  // What upsert_agents() would answer for all of them together. Leaves no trace.
  [[nodiscard]] Reject check(const std::vector<AgentProfile>& profiles) const;
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
  // Whether the latest advance() ended because bulk work is left over.
  [[nodiscard]] bool is_slice_left() const { return is_slice_left_; }
  [[nodiscard]] bool configured() const { return config_version_ != 0; }

  // Events since take_events(), which moves them out and goes on in the buffers of `*taken`.
  [[nodiscard]] const EventLog& events() const { return log_; }
  void take_events(EventLog* taken);

  // Runs over every verdict and event so far, but for what records of decisions say.
  [[nodiscard]] uint64_t event_hash() const { return event_hash_.value(); }
  // Over the logical state in id order: equal for two Routers that went different ways to the same
  // state of affairs. O(everything).
  [[nodiscard]] uint64_t state_hash() const;
  // Empty when all invariants of routing/README.md hold, else the first broken one. O(everything).
  [[nodiscard]] std::string check_invariants() const;

  // Whether no bulk work is under way: then the state can be saved.
  [[nodiscard]] bool is_quiet() const;
  // The state, for a snapshot. REQUIRES: configured, is_quiet(), no events left. O(everything).
  [[nodiscard]] SavedRouter save() const;
  // Takes that state: goes on as the Router that was saved would have. REQUIRES: nothing was asked of
  // this one before; `saved` is what save() gave.
  void restore(const SavedRouter& saved);

  // What the daemon reads to speak to switches.
  [[nodiscard]] const Sessions& sessions() const { return sessions_; }
  [[nodiscard]] const Call& call(CallIndex index) const { return calls_.at(index); }
  [[nodiscard]] const Agent& agent(AgentIndex index) const { return roster_.at(index); }
  // Who consults; none when they are done with it. REQUIRES: a live call with a parent.
  [[nodiscard]] AgentIndex consulting_agent(CallIndex consult) const;
  [[nodiscard]] std::string_view outside_number(const Call& call) const;  // Of a consult.
  // The first call that is to enter, by Unix time in ms; kNeverNs: none is.
  [[nodiscard]] int64_t next_due_ms() const;
  // Ids of those whose time has come, the earliest first, at most `count_max`.
  [[nodiscard]] std::vector<std::string> due_calls(int64_t unix_ms, size_t count_max) const;
  [[nodiscard]] const CallbackFacts* callback_of(const Call& call) const;  // None: it is none.
  // Whether the queue is open, or its customers may be called; true of one that is unknown.
  [[nodiscard]] bool is_queue_open(std::string_view id) const;
  [[nodiscard]] bool are_callbacks_open(std::string_view id) const;
  [[nodiscard]] std::optional<int64_t> told_wait_ns(std::string_view id) const;  // None: no such.
  [[nodiscard]] size_t live_call_count() const { return calls_.count(); }
  [[nodiscard]] LeftOutQueue left_out_queue(const TenantConfig& config) const;
  [[nodiscard]] size_t agent_count() const { return roster_.count(); }
  [[nodiscard]] int64_t switch_grace_ns() const { return config_.switch_grace_ns; }
  [[nodiscard]] int64_t agent_grace_ns() const { return config_.agent_grace_ns; }
  [[nodiscard]] std::string_view queue_id(QueueIndex index) const { return queue(index).config.id; }
  // Its own, beside what its queue asks for.
  [[nodiscard]] std::string_view requirement_of(const Call& call) const {
    return calls_.requirement_at(call.requirement).text;
  }
  [[nodiscard]] SkillIndex find_skill(std::string_view name) const;  // Invalid: never declared.
  // Offers, dials and connections that are open towards a switch, for a session that resumes: by
  // call, oldest first; several of one call where it rings several agents.
  [[nodiscard]] std::vector<OpenOffer> open_offers(SourceIndex source) const;
  // Those of one call, behind what is in `*open`.
  void add_open_offers(CallIndex call, std::vector<OpenOffer>* open) const;

  [[nodiscard]] CallIndex find_call(std::string_view id) const { return calls_.find(id); }
  [[nodiscard]] AgentIndex find_agent(std::string_view id) const { return roster_.find(id); }
  // What is known of somebody, but for the name for people, which is marked as kept.
  [[nodiscard]] AgentProfile profile_of(AgentIndex index) const;
  // Why, as things stand; for people. O(agents). REQUIRES: the call waits.
  [[nodiscard]] WaitExplanation explain_wait(CallIndex index) const;
  [[nodiscard]] IdleExplanation explain_idle(AgentIndex index) const;  // O(classes of calls).
  [[nodiscard]] Extent extent() const;

 private:
  using Queue = RouterQueue;
  using Step = RouterQueue::Step;
  using ClassRef = RouterQueue::ClassRef;
  // --- router.cc: dispatch, time.
  Reject dispatch(const Command& command, std::string_view arena);
  void fire(const TimerQueue::Timer& timer);
  // --- router_sessions.cc: switches that come, go and are lost.
  Reject open_session(const Command& command, std::string_view arena);
  void close_session(SourceIndex index);
  void resume_after_restart();
  void fire_source(SourceIndex index);
  // Ends what a restarted or lost switch no longer knows, at most kBulkSliceMax; true when done.
  bool lose_slice(SourceIndex index);
  // --- router_resync.cc: switches that list what they have.
  void expect_list(SourceIndex index, bool is_new_epoch);
  Reject begin_resync(SourceIndex index);
  void end_resync(SourceIndex index, bool is_late);
  Reject keep_call(const Command& command, std::string_view arena, CallIndex index,
                   const HashedName& id);
  Reject keep_talk(const Command& command, std::string_view arena, CallIndex index);
  Reject keep_agent(const Command& command, std::string_view arena);
  void put_behind(CallIndex index);
  void renew_log_in(AgentIndex index);
  [[nodiscard]] std::string list_fault() const;  // Empty: every list ends, and what is lost goes.
  void return_caller(CallIndex index, QueueIndex to);
  Reject phone_is(CommandKind kind, AgentIndex index);
  void end_loss(SourceIndex index);
  void lose_agent(AgentIndex index);
  void set_source_deadline(SourceIndex index, int64_t deadline_ns);
  void forget_if_away(Source* source);
  // --- router_desktops.cc: desktop sessions, and the agents who are attached to them.
  void open_desktop(SourceIndex index, bool resumed);
  void close_desktop(SourceIndex index);
  [[nodiscard]] bool lacks_desktop(const Agent& agent) const;
  void look_at_desk(AgentIndex index);
  void look_at_desks(SourceIndex desktop);
  void fire_desktop(SourceIndex index);
  [[nodiscard]] bool has_left_behind(const Source& desktop) const;
  // Whether that may come from a desktop session, about an agent who is attached to it.
  [[nodiscard]] Reject check_desktop(const Command& command, std::string_view arena) const;
  // The switch at whose station an agent logs in.
  [[nodiscard]] SourceIndex station_switch(const Command& command, std::string_view arena) const;
  Reject attach_agent(SourceIndex desktop, AgentIndex index);
  void detach_agent(AgentIndex index, DetachReason reason);
  void link_attached(AgentIndex index);
  void unlink_attached(AgentIndex index);
  [[nodiscard]] std::string desktop_fault() const;
  // --- router.cc: stages, lists of a switch, events.
  // The only way to another stage; kFree: right before the call is removed.
  void set_stage(CallIndex index, CallStage stage);
  void link_call(CallIndex index);
  void unlink_call(CallIndex index);
  void link_agent(AgentIndex index);
  void unlink_agent(AgentIndex index);
  Event& emit(EventKind kind);
  // The same about a call: with its agent, queue, switch and generation.
  Event& emit(EventKind kind, CallIndex index);
  Event& emit_offer(EventKind kind, CallIndex call, AgentIndex agent);  // The same about an offer.
  void seal_events();  // Hashes what was emitted since the last seal.
  // --- router_hash.cc: the state hash, by part.
  void hash_tenant(Hash64& hash) const;
  void hash_bulk(Hash64& hash) const;
  void hash_queues(Hash64& hash) const;
  void hash_agents(Hash64& hash) const;
  void hash_item(Hash64& hash, const WorkItem& item) const;
  void hash_calls(Hash64& hash) const;
  // --- router_invariants.cc: the invariants, by part.
  [[nodiscard]] std::string check_agents() const;
  [[nodiscard]] std::string check_items(AgentIndex index) const;
  [[nodiscard]] std::string check_calls() const;
  [[nodiscard]] std::string check_parties() const;
  [[nodiscard]] std::string check_classes() const;
  [[nodiscard]] std::string check_columns() const;
  [[nodiscard]] std::string check_skill_sets() const;
  [[nodiscard]] const char* link_fault(const CallClass& calls, AgentClassIndex agents,
                                       const Standing* standing) const;
  [[nodiscard]] std::string check_counts() const;
  [[nodiscard]] std::string check_queue_counts() const;
  [[nodiscard]] std::string check_shares() const;
  [[nodiscard]] std::string check_reach() const;
  [[nodiscard]] bool is_counted_by(const Step& step, const Agent& agent) const;
  [[nodiscard]] std::string check_timers() const;
  [[nodiscard]] std::string check_outcomes() const;
  [[nodiscard]] std::string check_desktops() const;
  [[nodiscard]] std::string check_callbacks() const;
  [[nodiscard]] std::string check_lists() const;
  [[nodiscard]] bool is_possible(const OutcomeFacts& facts) const;
  [[nodiscard]] uint16_t steps_in_force_by_timer(const Call& call) const;

  // --- router_saved.cc: to and from a snapshot.
  [[nodiscard]] static SavedQueue saved_queue(const Queue& queue);
  [[nodiscard]] SavedAgent saved_agent(const Agent& agent) const;
  [[nodiscard]] SavedCall saved_call(CallIndex index) const;
  void restore_queue(const SavedQueue& saved);
  void restore_agent(const SavedAgent& saved);
  void link_calls_by_source_order(const std::vector<SavedCall>& saved);
  void link_agents_by_log_in();
  void link_attached_by_order();
  void restore_call(const SavedCall& saved);
  void restore_class(const SavedCall& saved);

  // --- router_config.cc: configuration, bulk work, and what is compiled from it.
  // Whether all of it may happen, and where the calls of each queue move to if they have to.
  [[nodiscard]] Reject check_config(const TenantConfig& config, std::vector<std::string>* targets,
                                    QueueIndex* left_out) const;
  [[nodiscard]] std::vector<bool> queues_that_stay(const TenantConfig& config) const;
  void take_config(const TenantConfig& config, const std::vector<std::string>& targets);
  void add_agents(const std::vector<AgentProfile>& profiles);
  // A verdict, and what was emitted with it, become part of the history.
  Reject seal(Reject reject);
  void compile_queue(QueueIndex index, const QueueConfig& config);
  void compile_memberships();
  void start_bulk(BulkPhase phase);
  void fire_bulk();
  // Each spends at most `*budget` objects; true when the phase is done.
  bool unlink_agents(size_t* budget);
  void forget_counts();
  void change_half_life(Agent* agent) const;
  bool link_agents(size_t* budget);
  bool move_calls(size_t* budget);
  void mark_stale(QueueIndex index);  // All waiting calls of the queue are to be looked at again.
  void count_anew(QueueIndex index);
  void look_at_conditions();
  // Not while bulk work brings them to a new configuration.
  [[nodiscard]] bool are_agents_known() const {
    return bulk_ == BulkPhase::kNone || bulk_ > BulkPhase::kLinkAgents;
  }
  void refresh_memberships(AgentIndex index);
  [[nodiscard]] std::vector<Membership> memberships_of(const Agent& agent) const;
  [[nodiscard]] TeamIndex team_for(std::string_view name);
  SkillIndex skill_for(std::string_view name);
  void add_code(const std::string& code);  // Once known it keeps its place for ever.
  void take_outcome_words();               // Which codes and labels the configuration in force has.
  [[nodiscard]] QueueIndex find_queue(std::string_view id) const;
  [[nodiscard]] Requirement compile(const std::string& text) const;
  [[nodiscard]] CallOrderRule order_rule(QueueIndex index) const;
  [[nodiscard]] Queue& queue(QueueIndex index) { return queues_[index.value()]; }
  [[nodiscard]] const Queue& queue(QueueIndex index) const { return queues_[index.value()]; }

  // --- router_calls.cc: what switches report of calls.
  Reject enqueue_call(const Command& command, std::string_view arena, const HashedName& id);
  [[nodiscard]] bool has_room_for(Call* fresh) const;  // In a class, as it would enter now.
  CallIndex add_call(const Call& fresh, const HashedName& id);
  // The requirement of that text, parsed and resolved; sets `*reject` when it cannot be had.
  RequirementIndex requirement_for(std::string_view text, Reject* reject);
  Reject end_call(const Command& command, std::string_view arena, CallIndex index);
  Reject reroute_call(const Command& command, CallIndex index, const HashedName& id);
  Reject withdraw_call(const Command& command, CallIndex index);
  Reject leg_ringing(const Command& command, CallIndex index);
  Reject leg_answered(const Command& command, std::string_view arena, CallIndex index);
  Reject leg_failed(const Command& command, std::string_view arena, CallIndex index);
  Reject call_connected(const Command& command, std::string_view arena, CallIndex index);
  Reject connect_failed(const Command& command, std::string_view arena, CallIndex index);
  // Whether that offer of the call was accepted, and its agent has the call or is on it.
  [[nodiscard]] bool is_served(CallIndex index, uint32_t generation) const;
  [[nodiscard]] bool is_rung_to_connect(CallIndex index, uint32_t generation) const;
  Reject hold_call(const Command& command, std::string_view arena, CallIndex index);
  Reject change_priority(CallIndex index, int32_t priority);
  Reject set_outcome(const Command& command, std::string_view arena, CallIndex index,
                     const HashedName& id);
  // Whether code and labels of the command are ones that calls of that queue may have.
  [[nodiscard]] Reject check_outcome(const Command& command, std::string_view arena,
                                     QueueIndex queue) const;
  void take_outcome(const Command& command, std::string_view arena, OutcomeFacts* facts) const;
  [[nodiscard]] ToldOutcome outcome_of(const OutcomeFacts& facts) const;
  // --- router_transfers.cc: calls that go elsewhere because somebody says so.
  Reject transfer_call(const Command& command, std::string_view arena, CallIndex index);
  Reject requeue_call(CallIndex index);
  Reject supervise_call(const Command& command, std::string_view arena, CallIndex index);
  // Whether the call can be given to somebody else at all.
  [[nodiscard]] Reject check_transfer(CallIndex index) const;
  // kNone: it can go there.
  [[nodiscard]] Reject find_target(const Command& command, std::string_view arena, const Call& call,
                                   Transfer* transfer) const;
  [[nodiscard]] bool may_come(const Agent& agent, const Call& call) const;
  [[nodiscard]] bool has_in_hand(const Agent& agent, const Call& call) const;
  [[nodiscard]] Reject find_supervisor(const Call& call, const CallClass& there,
                                       Transfer* transfer) const;
  [[nodiscard]] const TeamConfig* team_of(const Agent& agent) const;
  // The class in which the call would enter that queue now; no links.
  [[nodiscard]] CallClass class_in(const Call& call, QueueIndex queue) const;
  [[nodiscard]] bool could_serve(const Agent& agent, const CallClass& calls) const;
  void move_by_transfer(CallIndex index, const Transfer& transfer);

  // --- router_legs.cc: whose leg it is.
  Reject replace_leg(const Command& command, std::string_view arena);
  void take_leg(CallIndex index, std::string_view leg);  // Unless it is another call's.
  void put_on_line(CallIndex index, std::string_view leg, Event* told);  // A callback's customer.
  [[nodiscard]] CallIndex call_of_leg(const OwnLeg& leg, SourceIndex source) const;

  // Ends a call in any stage, and with it its offers or its agent's work.
  void finish_call(CallIndex index, const CallEnd& end);
  // Its slot is free afterwards. REQUIRES: it does not wait. `connected`: for outcomes; a call that
  // was lost may come back under its id.
  void forget_call(CallIndex index, AgentIndex connected, bool is_lost);
  void forget_callback(const Call& call);
  void fire_call(CallIndex index);
  void fire_waiting(CallIndex index);
  void set_call_deadline(CallIndex index, int64_t deadline_ns);

  // --- router_callbacks.cc: callbacks.
  Reject request_callback(const Command& command, std::string_view arena, const HashedName& id);
  Reject begin_callback(Call fresh, std::string_view number, const HashedName& id, CallIndex origin,
                        bool is_origin_told);
  // --- router_schedule.cc: calls for later.
  Reject schedule_call(const Command& command, std::string_view arena, const HashedName& id);
  Reject reschedule_call(const Command& command, std::string_view id);
  Reject cancel_scheduled(const Command& command, std::string_view id);
  Reject call_due(const HashedName& id);
  [[nodiscard]] QueueIndex queue_for_later(const ScheduledCall& scheduled) const;
  // Of a queue that was removed, where its calls went. None: there never was one.
  [[nodiscard]] QueueIndex queue_or_drain(std::string_view id) const;
  Reject enter_scheduled(const ScheduledCall& due, const HashedName& id);
  void tell_schedule(ScheduleChange change, std::string_view id, const ScheduledCall& scheduled);
  [[nodiscard]] bool is_known_call(const HashedName& id);  // It lives, has ended or is to enter.
  Reject customer_answered(const Command& command, std::string_view arena, CallIndex index);
  [[nodiscard]] HoldBack hold_back_of(const CallClass& calls) const {
    return queue(calls.key.queue).hold_back_of(calls.key.is_off_line);
  }
  void turn_callbacks(QueueIndex index, bool is_open, int32_t reason);
  void mark_callbacks(QueueIndex index);
  void mark_first(CallClassIndex index);  // And those behind it that may differ from it.
  [[nodiscard]] int64_t dial_limit_ns(const Call& call) const;
  void emit_dialed(CallIndex index);
  void dial_customer(CallIndex index);
  // kNone: no attempt, and back to the queue at once. The call may be over afterwards.
  void end_dial(CallIndex index, DialOutcome outcome, bool tell_switch);
  void leave_dialing(CallIndex index);
  void come_due(CallIndex index);
  void outlive_switch(CallIndex index);

  // --- router_offers.cc: the life of an offer.
  // The agent to whom that offer of the call is open; none if there is none.
  [[nodiscard]] AgentIndex offered_agent(CallIndex index, uint32_t generation) const;
  // An offer's event that came too late. `drop_leg`: the switch is to undo it.
  void note_stale(const Command& command, std::string_view arena, CallIndex index, bool drop_leg);
  // `by_other`: another call picked the agent, who serves this one first.
  void open_round(CallIndex call, AgentIndex first, bool by_other);
  bool open_offer(CallIndex call, AgentIndex agent);  // False: it is accepted already.
  void accept_offer(CallIndex call, AgentIndex agent, bool tell_switch, bool late);
  bool adopt_late_answer(const Command& command, CallIndex index, bool tell_switch);
  // What the agent says to an offer at their desktop.
  Reject claim_offer(const Command& command, std::string_view arena, CallIndex index,
                     AgentIndex agent);
  // Ends one agent's offer without changing the call; the agent is free again if it leaves them so.
  void end_offer(CallIndex call, AgentIndex agent, OfferOutcome outcome, bool tell_switch,
                 int32_t cause);
  void unlink_offer(CallIndex call, AgentIndex agent);
  // True: their switch is another one, and it may as well be the line to it that is dead.
  bool leave_out(CallIndex call, AgentIndex agent, OfferOutcome outcome);
  void fail_offer(CallIndex call, AgentIndex agent, OfferOutcome outcome, bool tell_switch,
                  int32_t cause);
  void fail_round(CallIndex call);
  void rescind_offers(CallIndex call);  // All that are open; nobody is to blame.
  void penalise(AgentIndex agent, CallIndex call, OfferOutcome outcome);
  // Whether an offer to the agent makes the switch ring them.
  [[nodiscard]] bool is_rung(AgentIndex agent) const {
    return roster_.at(agent).answer_mode == AnswerMode::kPhone;
  }
  // The next agent whom the call rings.
  [[nodiscard]] AgentIndex next_offered(AgentIndex agent, CallIndex call) const;
  // `outcome`: why, where the switch says what became of the agent's leg.
  void requeue(CallIndex call, bool tell_switch, OfferOutcome outcome = OfferOutcome::kNone);

  // --- router_consult.cc: consults, conferences, and agents who leave.
  Reject consult(const Command& command, std::string_view arena, CallIndex parent);
  // `none`: the requirement of a call without any.
  Reject find_consulted(const Command& command, std::string_view arena, const Call& parent,
                        AgentIndex agent, RequirementIndex none, Transfer* transfer) const;
  void dial_outside(CallIndex index, std::string_view number);
  Reject merge_call(const Command& command, CallIndex index);
  Reject merge_outside(const Command& command, CallIndex index);
  void tell_merge(const Command& command, CallIndex consult, AgentIndex consulting);
  Reject leave_call(const Command& command, std::string_view arena, CallIndex index);
  // The agent of that id who has the call; the only one, if the id is empty; else none.
  [[nodiscard]] AgentIndex party_of(CallIndex index, std::string_view id) const;
  [[nodiscard]] AgentIndex next_party(AgentIndex agent, CallIndex call) const;
  [[nodiscard]] size_t party_count(CallIndex index) const;
  void add_party(CallIndex index, AgentIndex agent);
  // REQUIRES: there is another.
  void remove_party(CallIndex index, AgentIndex agent, int32_t cause, bool is_lost,
                    bool is_transfer);
  void take_back(CallIndex consult);
  // Ends the consult that the agent has about the call, if any, without a retrieval.
  void end_consult(CallIndex parent, AgentIndex agent, bool is_lost);

  // --- router_waiting.cc: what happens to a call while it waits.
  // A new visit: the call enters that queue; then its limits are tested unless it is drained there.
  void begin_visit(CallIndex index, VisitEntry entry, int64_t age_ns, std::string_view requirement,
                   std::string_view leg);
  void enter_queue(CallIndex index, VisitEntry entry, int64_t age_ns, std::string_view requirement,
                   std::string_view leg);
  // Lists the call as waiting, under its present steps, class and preferred agent.
  void start_waiting(CallIndex index);
  void list_waiting(CallIndex index);  // The same under the steps that it has.
  void stop_waiting(CallIndex index);
  // After an offer failed: limits, then waiting. False: the call is no longer in this queue.
  void return_to_queue(CallIndex index);
  // A waiting call under steps that changed, or in a class that did.
  void reconsider(CallIndex index);
  [[nodiscard]] CallClassKey class_key(const Call& call) const;
  CallClassIndex call_class_for(const CallClassKey& key);
  void compile_class(CallClass* fresh) const;
  void leave_call_class(CallIndex index);
  [[nodiscard]] uint16_t steps_in_force(const Call& call) const;
  void refresh_steps(CallIndex index);  // Says so when they changed.
  void refresh_deadline(CallIndex index);
  // Its queue's, unless it has its own; says so when it changed.
  void refresh_priority(CallIndex index);
  [[nodiscard]] int64_t next_treatment_ns(const Call& call) const;
  void play_treatments(CallIndex index);
  struct QueuePlace {
    int32_t position = 1;
    int32_t waiting = 0;  // Of its queue, those who wait for their preferred agent left out.
  };
  [[nodiscard]] QueuePlace place_of(CallIndex index) const;
  [[nodiscard]] static int64_t told_ewt_ns(int64_t ewt_ns, const QueuePlace& place);
  // Looks at the limits of a call in its queue: `wait`, and `offers` when it has come back or
  // had to be left for later. True when the call left the queue or is over.
  bool meet_limits_in_queue(CallIndex index, bool is_back);
  // Takes a limit's action, not taken yet in this visit; true: the call left the queue or is over.
  bool meet_limit(CallIndex index, LimitKind kind);
  // False also until what waited for the switch's return is matched.
  [[nodiscard]] bool is_switch_here(const Call& call) const;
  [[nodiscard]] LimitKind limit_on_entry(const Call& call) const;
  void overflow(CallIndex index, QueueIndex target, VisitEntry entry, LimitKind kind);
  // Of a call that waits nowhere: a visit there begins, of which it has not been told yet.
  void change_queue(CallIndex index, QueueIndex target);
  void drain(CallIndex index);  // Out of a queue that was removed.
  [[nodiscard]] bool may_box(CallIndex index) const;
  void close_box(CallIndex index);

  // --- router_explain.cc: why.
  void record_decision(CallIndex index, AgentIndex chosen, bool by_other);
  void add_candidate(const Call& call, AgentIndex index, Decision* decision) const;
  void collect_alternatives(const Call& call, Decision* decision) const;
  [[nodiscard]] static bool is_beaten(const Decision& decision, const Standing& standing,
                                      uint64_t head);
  [[nodiscard]] Blocker busy_blocker(AgentClassIndex index) const;
  bool add_free_agents(const Call& call, AgentClassIndex agents, DecisionCandidate like,
                       Decision* decision) const;
  static bool insert_candidate(const DecisionCandidate& one, Decision* decision);
  [[nodiscard]] TieBreak tie_break(const Call& call, const Decision& decision) const;
  [[nodiscard]] static Blocker own_blocker(const Agent& agent, MediaMask wanted);
  [[nodiscard]] Blocker class_blocker(const CallClass& calls, AgentClassIndex index) const;
  [[nodiscard]] Blocker blocker_between(const Call& call, Blocker by_class, AgentIndex index) const;
  struct ClassBlockers {
    Blocker first = Blocker::kNone;
    Blocker then = Blocker::kNone;  // Behind who is left out for a call.
  };
  [[nodiscard]] static ClassBlockers blockers_between(const CallClass& calls, Blocker by_class,
                                                      const Agent& agent);
  [[nodiscard]] Blocker withheld_blocker(const CallClass& calls, AgentIndex index) const;
  void count_blockers(CallClassIndex class_index, AgentIndex agent, IdleExplanation* why) const;

  // --- router_agents.cc: agents and phones.
  Reject log_in(const Command& command, std::string_view arena);
  Reject log_out(AgentIndex index, const Command& command);
  Reject set_ready(AgentIndex index);
  Reject set_not_ready(AgentIndex index, int32_t reason);
  Reject end_wrap_up(AgentIndex index, std::string_view call);
  Reject extend_wrap_up(AgentIndex index, std::string_view call);
  Reject pause_member(AgentIndex index, std::string_view queue_id, bool pause, int32_t reason);
  Reject phone_event(const Command& command, std::string_view arena);
  void take_log_out_back(AgentIndex index);
  void leave(AgentIndex index, bool is_taken_over);  // `is_taken_over`: by a newer log-in.
  Event& emit_station(EventKind kind, AgentIndex index);
  void turn_leg(AgentIndex index, bool is_up);
  void set_presence(AgentIndex index, Presence presence, int32_t reason);
  template <typename Change>
  void change_work(AgentIndex index, Change&& change);
  void add_item(AgentIndex index, Work work, Medium medium, CallIndex call = {},
                uint32_t generation = 0);
  void set_work(AgentIndex index, WorkItem* item, Work work);
  void take_step(Work from, Work to);  // Checks it.
  // Ends a work item, and the agent logs out if that waits for it.
  void finish_item(AgentIndex index, WorkItem* item, bool restart_idle);
  void end_item(AgentIndex index, WorkItem* item, bool restart_idle);
  // `call` is the hash of its id; 0: of a call that is known no longer.
  void start_wrap_up_or_finish(AgentIndex index, WorkItem* item, QueueIndex queue, uint64_t call);
  // Whether the wrap-up waits for a code of its call.
  [[nodiscard]] bool lacks_code(const WorkItem& item) const;
  // Lists the agent as one who may be offered calls, or not, as the state says, in the class of what
  // they have in hand, and keeps every count of it.
  void refresh_idle(AgentIndex index);
  [[nodiscard]] bool is_in_class_of_its_load(const Agent& agent) const;
  void list_idle(AgentIndex index);
  void unlist_idle(AgentIndex index);
  void count_free(const Agent& agent, int64_t change);
  // Counts a logged-in agent into its class and queues, or out of them.
  void count_logged_in(AgentIndex index, int64_t change);
  void count_ready(const Agent& agent, int64_t change);
  // The queues that count agents of that class: members of those that name their members, the
  // paused ones of those that do not.
  template <typename Visit>
  void for_each_queue_count(const AgentClassKey& key, Visit&& visit);
  void emit_state_change(AgentIndex index, AgentState from);
  [[nodiscard]] AgentClassKey key_without_work(const Agent& agent) const;
  void join_class(AgentIndex index);
  void leave_agent_class(AgentIndex index);
  void fire_agent(AgentIndex index);
  void set_item_deadline(AgentIndex index, WorkItem* item, int64_t deadline_ns);
  void refresh_agent_timer(AgentIndex index);
  [[nodiscard]] static WorkItem* first_due(Agent* agent);
  [[nodiscard]] bool may_link(AgentIndex index) const;
  [[nodiscard]] bool keeps_calls() const { return (key_kinds_ & kCallsBit) != 0; }
  [[nodiscard]] bool keeps_occupancy() const { return (key_kinds_ & kOccupancyBit) != 0; }

  // --- router_links.cc: who can serve whom.
  // The first test that agents of the class fail, kNone: they can; sets how they stand.
  [[nodiscard]] Blocker can_serve(const AgentClassKey& agents, const CallClass& calls,
                                  Standing* standing) const;
  [[nodiscard]] Blocker can_reach(const AgentClassKey& agents, const CallClass& calls,
                                  Standing* standing) const;
  [[nodiscard]] Blocker is_member(const AgentClassKey& agents, const CallClass& calls,
                                  Standing* standing) const;
  [[nodiscard]] Blocker can_handle(const SkillView& skills, const CallClass& calls,
                                   Standing* standing) const;
  [[nodiscard]] bool serves(AgentClassIndex agents, CallClassIndex calls) const;
  void connect_agent_class(AgentClassIndex index);
  void connect_call_class(CallClassIndex index);
  void add_miss(CallClassIndex calls, const ClassMiss& miss);
  void find_agent_classes(CallClassIndex index, TieredLinks* found);
  void make_bands(CallClassIndex index, std::span<const AgentLink> links,
                  std::span<const Tier> tiers);
  [[nodiscard]] bool is_broad(size_t links) const;
  void give_column(CallClassIndex index);
  void release_column(CallClassIndex index);
  void change_to_column(CallClassIndex index);
  void add_call_link(AgentClassIndex agents, const CallLink& link);
  void drop_call_links_over(AgentClass* agents) const;
  void add_agent_link(CallClassIndex index, const AgentLink& link, const Standing& standing);
  // Calls `visit` with the classes of calls that agents are linked with, and what else has a column.
  template <typename Visit>
  void visit_links(AgentClassIndex agents, Visit&& visit) const {
    for (const CallLink& link : roster_.class_at(agents).call_classes) {
      if (is_listed(link)) visit(link.call_class);
    }
    matrix_.visit_row(agents, visit);
  }
  void drop_dead_links(Band* band) const;
  void start_bitmaps(CallClass* calls) const;
  void cut_large(CallClass* calls, size_t band) const;
  [[nodiscard]] bool is_live(const AgentLink& link) const {
    return roster_.head(link.agent_class).stamp == link.stamp;
  }
  // Whether what the list of a class of agents says is not over.
  [[nodiscard]] bool is_listed(const CallLink& link) const {
    const CallClassHead& head = calls_.head(link.call_class);
    return head.stamp == link.stamp && !head.has_column;
  }

  // --- router_pick.cc: whom a call picks.
  [[nodiscard]] bool is_withheld(const CallClass& calls, const AgentClass& agents) const {
    return (agents.protect_mask & ~calls.exempt_mask & active_protects_) != 0;
  }
  [[nodiscard]] bool is_withheld(const CallClass& calls, AgentClassIndex agents) const {
    return active_protects_ != 0 && is_withheld(calls, roster_.class_at(agents));
  }
  [[nodiscard]] bool is_open_to(const CallClass& calls, AgentClassIndex agents) const {
    return partly_open_ == 0 || acd::is_open_to(calls, roster_.class_at(agents));
  }
  // Whether the class is of another switch than the calls, which is away.
  [[nodiscard]] bool is_cut_off(const CallClass& calls, AgentClassIndex agents) const {
    if (reach_.empty()) return false;
    const SourceIndex source = roster_.class_at(agents).key.source;
    return source != calls.key.source && !is_matchable(source);
  }
  // For one reason or the other.
  [[nodiscard]] bool is_kept_from(const CallClass& calls, AgentClassIndex agents) const {
    return is_withheld(calls, agents) || !is_open_to(calls, agents) || is_cut_off(calls, agents);
  }
  // Whether the agent is excluded from that call, while somebody else eligible is logged in.
  [[nodiscard]] bool left_out(const Call& call, AgentIndex agent) const;
  [[nodiscard]] bool is_matchable(SourceIndex source) const;
  // The agent a waiting call would get, none if nobody is free for it. Draws if the strategy does.
  [[nodiscard]] AgentIndex best_agent(CallIndex index);
  // Whether anybody is free for it; draws nothing.
  [[nodiscard]] bool has_agent(CallIndex index) const;
  [[nodiscard]] bool may_have_preferred(const Call& call) const;
  // Calls `visit` with the classes of a band's links, from `begin` to before `end` or all, in which
  // somebody is free and not withheld, until it says true; whether it did.
  template <typename Visit>
  bool visit_free(const CallClass& calls, const Band& band, uint32_t begin, uint32_t end,
                  Visit&& visit) const;
  template <typename Visit>
  bool visit_free(const CallClass& calls, const Band& band, Visit&& visit) const;
  // The first free agent of a class who is not left out for the call; by kAdded from `from` on.
  [[nodiscard]] AgentIndex first_of(const Call& call, AgentClassIndex agents, AgentKey key,
                                    AgentIndex from = AgentIndex(0u)) const;
  // The best by the queue's strategy of a band's tiers, in turn, and of a band that is one tier.
  [[nodiscard]] AgentIndex best_of_tiers(const Call& call, const Band& band);
  [[nodiscard]] AgentIndex best_of_tier(const Call& call, const Band& band);
  [[nodiscard]] AgentIndex first_of_tier(const Call& call, const Bitmap& classes, AgentKey key,
                                         AgentIndex from) const;
  // The first of a tier's links by a key.
  [[nodiscard]] AgentIndex first_of_links(const Call& call, const Band& band, uint32_t begin,
                                          uint32_t end, AgentKey key) const;
  // The queue's strategy, as it chooses in a tier.
  [[nodiscard]] Strategy strategy_of(const Call& call, const Standing& standing) const;
  // Who of the classes is next in turn behind that agent.
  using Classes = std::vector<AgentClassIndex>;
  [[nodiscard]] AgentIndex next_in_turn(const Call& call, const Classes& tier,
                                        AgentIndex after) const;
  // The best of a tier, by a strategy that looks at all of it. `next_class` says its classes with
  // somebody free, one after the other, none at the end.
  template <typename NextClass>
  [[nodiscard]] AgentIndex pick(const Call& call, Strategy strategy, const Band& band,
                                const Standing& standing, NextClass&& next_class);
  template <typename NextClass>
  [[nodiscard]] AgentIndex first_by_share(const Call& call, const Band& band,
                                          const Standing& standing, NextClass&& next_class) const;
  template <typename NextClass>
  [[nodiscard]] AgentIndex drawn(const Call& call, const Band& band, const Standing& standing,
                                 NextClass&& next_class);
  template <typename TicketsOf>
  [[nodiscard]] AgentIndex drawn_of_few(std::span<AgentIndex> few, TicketsOf&& tickets_of);
  // Whether a free agent is of a tier, and nothing keeps the call from them.
  [[nodiscard]] bool is_of_tier(const Call& call, const Band& band, const Standing& standing,
                                AgentIndex agent) const;
  // The tier's agents, class by class: the one after `after`, or the first; none at the end.
  template <typename NextClass>
  [[nodiscard]] AgentIndex next_of_tier(const Call& call, AgentIndex after,
                                        NextClass& next_class) const;
  // What the pick of an agent costs at most, in objects of bulk work.
  [[nodiscard]] size_t cost_of_pick(QueueIndex index) const;
  // As a member of the queue, of a free agent.
  [[nodiscard]] uint64_t weight_of(AgentIndex agent, QueueIndex queue) const;
  // --- router_match.cc: which call an agent picks, and matching.
  // The first call, by (rank if `by_rank`, order of calls), that the agent may serve.
  [[nodiscard]] CallIndex best_call(AgentIndex agent, bool by_rank) const;
  [[nodiscard]] int32_t rank_of(const AgentClassKey& agents, const CallClass& calls) const;
  [[nodiscard]] bool goes_before(CallIndex a, CallIndex b) const;
  // Nothing is matched meanwhile: what suspends it matches everything at its end.
  [[nodiscard]] bool is_suspended() const { return bulk_ != BulkPhase::kNone || !losing_.empty(); }
  void settle();  // Matches what became possible, until nothing is.
  void match_all();
  void settle_boxes();
  void mark_agent(AgentIndex index);
  void mark_call(CallIndex index) { dirty_calls_.push_back(index); }
  void mark_boxes(AgentIndex index);
  // Calls whose exclusions no longer hold because fewer others are logged in.
  void mark_excluded(CallClassIndex index);
  void mark_calls_of_exclusions();
  void mark_released();
  void drop_marks();
  // The next pair of the canonical order among what is marked; false if there is none.
  bool match_marked();
  void sort_marked_calls();
  // Matches all that waits (of one switch, or of all), at most kBulkSliceMax; true when none is left.
  bool rematch(SourceIndex source);
};

}  // namespace acd
