// SPDX-License-Identifier: Apache-2.0
// A second Router, slow and obvious, that judges the fast one.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/callback.h"
#include "routing/command.h"
#include "routing/decayed_count.h"
#include "routing/decision.h"
#include "routing/event.h"
#include "routing/ids.h"
#include "routing/media.h"
#include "routing/outcome.h"
#include "routing/random_draw.h"
#include "routing/requirement.h"
#include "routing/sessions.h"
#include "routing/station.h"
#include "routing/tenant_config.h"

namespace acd {

// The rules of routing/README.md, written down a second time: plain structs, and everything that
// can be worked out is worked out again whenever it is asked for. Verdicts and events are those of
// the Router, but for call.decided and for the indices of calls, which are the oracle's own.
//
// Bounds:   time per command grows with calls × agents; ids of ended calls stay readable for ever,
//           and it knows no kEndedCallsMax.
// Order:    agents, queues and switches have the indices that the Router gives them.
class Oracle {
 public:
  Oracle() = default;
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  // The first configuration, or a live change.
  [[nodiscard]] Reject configure(const TenantConfig& config, int64_t now_ns);
  [[nodiscard]] Reject upsert_agents(const std::vector<AgentProfile>& profiles, int64_t now_ns);
  [[nodiscard]] Reject apply(const Command& command, std::string_view arena, int64_t now_ns);
  // As Router::advance; bulk work is done in one go.
  uint32_t advance(int64_t now_ns, uint32_t timers_max);
  [[nodiscard]] int64_t next_deadline_ns() const;
  [[nodiscard]] int64_t now_ns() const { return now_ns_; }

  [[nodiscard]] const EventLog& events() const { return log_; }
  void take_events(EventLog* taken);

  [[nodiscard]] const Sessions& sessions() const { return sessions_; }
  // Of live and of ended calls.
  [[nodiscard]] std::string_view call_id(CallIndex index) const { return call_ids_[index.value()]; }
  [[nodiscard]] std::string_view agent_id(AgentIndex index) const { return agent_at(index).id; }
  [[nodiscard]] std::string_view queue_id(QueueIndex index) const {
    return queue_at(index).config.id;
  }
  [[nodiscard]] size_t agent_count() const { return agents_.size(); }
  [[nodiscard]] AgentState agent_state(AgentIndex index) const {
    return displayed_state(agent_at(index));
  }
  [[nodiscard]] size_t live_call_count() const { return calls_.size(); }

  // What the record of an assignment must say, as found before the agent was rung.
  struct Ruling {
    CallIndex call;
    AgentIndex agent;
    Decision decision;  // Without strategy keys and groups.
    // For each agent the group that they stand for; kNone if one of it could have had the call.
    std::vector<DecisionGroup> groups;
  };
  // Those since the last time, in order.
  void take_rulings(std::vector<Ruling>* taken);
  // What no event tells.
  enum class Sight : uint8_t {
    kWithheld,       // A call waits because everybody who could have it is protected.
    kAgentOfLimit,   // An offer to whom a limit had named.
    kPreferredKept,  // A call that was transferred goes on waiting for its preferred agent.
    kLaterDrained    // A call for later enters where the calls of its queue went.
  };
  using Sights = std::array<uint64_t, 4>;
  // How often each was met since the last time.
  [[nodiscard]] Sights take_sights() { return std::exchange(sights_, Sights{}); }
  // From now on rulings have no groups: working them out grows with the square of the agents.
  void leave_out_groups() { has_groups_ = false; }
  // None if no such call waits.
  [[nodiscard]] std::optional<WaitExplanation> explain_wait(std::string_view call_id) const;
  [[nodiscard]] IdleExplanation explain_idle(AgentIndex index) const;

 private:
  enum class Presence : uint8_t { kLoggedOut, kNotReady, kReady };
  enum class Work : uint8_t {
    kNone,
    kReserved,
    kRinging,
    kConnecting,
    kOnCall,
    kOnHold,
    kWrapUp,
    kBusyOther
  };
  enum class Stage : uint8_t {
    kEnqueued,
    kAlerting,
    kScheduled,
    kDialing,
    kConnecting,
    kConnected,
    kDialingOutside,
    kOutside
  };
  // What an action left of a call that waited.
  enum class Aftermath : uint8_t { kWaits, kMoved, kEnded };

  // How an agent serves a queue.
  struct Membership {
    bool serves = false;
    int32_t rank = 1;
    int32_t weight = 1;
    int32_t percent = 0;
    size_t position = 0;  // Of the entry in `members`.
  };
  struct Queue {
    QueueConfig config;
    Requirement requirement;
    bool removed = false;
    std::string drains_to;  // Removed with live calls: where they go.
    bool open = true;
    bool may_call = true;  // Its customers.
    int64_t ewt_ns = kNeverNs;
    AgentIndex rung_last;
    std::vector<bool> conditions;              // Of each step, as last looked at.
    bool flipped = false;                      // Its calls are to look at their steps again.
    std::map<AgentIndex, int32_t> paused;      // With the reason.
    std::map<AgentIndex, int32_t> named;       // Told by member events, with the rank.
    std::map<AgentIndex, DecayedCount> given;  // Accepted calls of this queue ÷ percent.
    DecayedCount given_floor;  // Of the member whom that strategy rang last, as it was then.
    // A member who had none yet begins where the others are.
    [[nodiscard]] DecayedCount given_to(AgentIndex agent) const {
      const auto it = given.find(agent);
      return it == given.end() ? given_floor : it->second;
    }
  };
  // A contact in hand, or a phone that is busy with something else.
  struct Item {
    Work work = Work::kNone;
    Medium medium = Medium::kVoice;
    uint32_t number = 0;
    std::optional<uint64_t> call;  // Its arrival; none in wrap-up and of a busy phone.
    QueueIndex wrap_up_queue;
    int32_t extensions_left = 0;
    int64_t extension_ns = 0;
    std::string wrap_up_call;  // In wrap-up of it; empty: it was lost with its switch.
    bool needs_code = false;   // The same.
    int64_t deadline_ns = kNeverNs;
  };
  struct Agent {
    AgentIndex index;
    std::string id;
    std::string team;
    std::vector<SkillLevel> skills;
    SourceIndex source;
    std::string station;
    AnswerMode answer_mode = AnswerMode::kPhone;
    MediaMask station_media = kAllMedia;
    bool has_leg = false;  // The open leg of a nailed-up station.
    Presence presence = Presence::kLoggedOut;
    int32_t reason = 0;
    MediaRule media;
    // Whether the rule and the station have that medium at all.
    [[nodiscard]] bool takes(Medium medium) const {
      return media.capacity[static_cast<size_t>(medium)] > 0 &&
             (station_media & mask_of(medium)) != 0;
    }
    std::vector<Item> items;  // As they began.
    uint32_t items_begun = 0;
    bool log_out_pending = false;
    bool log_out_forced = false;
    bool is_switch_unaware = false;  // Of the log-out that is pending.
    bool is_phone_busy = false;      // Reported during wrap-up.
    int64_t idle_since_ns = 0;
    int32_t rejects = 0;
    int32_t no_answers = 0;
    uint64_t log_in_order = 0;
    SourceIndex desktop;  // The session that they are attached to.
    uint64_t attach_order = 0;
    bool is_stranded = false;  // Accepts at a desktop, and theirs is not there.
    bool changed = false;      // Who prefers them must look again.
    // For the strategies.
    bool was_working = false;
    bool was_free = false;
    int64_t work_since_ns = 0;
    int64_t free_since_ns = 0;
    DecayedCount worked;
    DecayedCount idled;
    int64_t occupancy_ppm = 0;  // When they became free.
    DecayedCount calls;
  };
  struct Offer {
    AgentIndex agent;
    uint32_t generation = 0;
    bool ringing = false;
  };
  struct Exclusion {
    AgentIndex agent;
    int64_t until_ns = 0;
    uint32_t generation = 0;
    bool is_beyond = false;  // Their switch is another one, and the line to it may be dead.
  };
  // The requirement in force and what it was worked out from: half of all time went into that.
  struct InForce {
    QueueIndex queue;
    uint32_t steps = 0;
    uint64_t config_version = 0;
    Requirement needs;
  };
  // For whom a call waits before all others.
  struct Wish {
    AgentIndex agent;  // None: nobody.
    bool waits_if_busy = false;
    int64_t until_ns = 0;
  };
  struct Call {
    CallIndex index;
    std::string id;
    std::string leg;  // The caller's; empty where there is none, or another call has it.
    uint64_t order = 0;
    SourceIndex source;
    Stage stage = Stage::kEnqueued;
    Medium medium = Medium::kVoice;
    bool on_hold = false;
    Requirement own;
    std::string own_text;
    mutable InForce in_force;
    bool has_priority = false;  // Its own; else its queue's.
    bool is_reminder = false;   // A task that entered at its time.
    [[nodiscard]] bool is_of_nobody() const { return !is_on_line || is_reminder; }
    int32_t priority = 0;
    int64_t key_ns = 0;              // Arrival less age and age credit.
    std::optional<uint64_t> parent;  // Of a consult: arrival of the call that it is about.
    AgentIndex consulting;           // The same: who consults.
    std::string outside;             // The same: the number, where somebody outside is asked.
    uint32_t generation = 0;
    std::vector<Offer> offers;          // Open ones; the accepted one; of all who are on it.
    int64_t deadline_ns = kNeverNs;     // Of the offers, or of connecting.
    int64_t not_before_ns = INT64_MIN;  // A restart moved its deadline.
    std::vector<Exclusion> exclusions;
    // Preferred agent.
    AgentIndex preferred;
    bool is_preferring = false;
    bool waits_if_busy = false;
    bool was_named_on_arrival = false;  // The preferred agent: the call's owner.
    int64_t preferring_until_ns = 0;
    bool is_of_limit = false;  // A limit named them.
    // The visit.
    QueueIndex queue;
    int64_t entered_ns = 0;
    uint32_t steps = 0;  // In force: bit i for the i-th.
    int64_t steps_seen_ns = 0;
    int32_t offers_failed = 0;
    bool round_failed = false;        // Somebody's offer of this round failed.
    std::set<LimitKind> taken;        // Actions that left it waiting.
    int64_t treat_from_ns = 0;        // Beats before this are over.
    int64_t limits_at_ns = kNeverNs;  // Its switch was away: limits are looked at again then.
    std::set<QueueIndex> visited;
    int32_t overflows = 0;
    int32_t transfers = 0;
    ToldOutcome outcome;
    bool is_on_line = true;
    int64_t line_ns = 0;        // Since when, in this queue.
    uint64_t source_order = 0;  // Its arrival, or when it outlived its switch.
    // Of a callback; else the number is empty.
    std::string number;
    QueueIndex asked_queue;
    int32_t attempts = 0;
    uint32_t dial = 0;   // Generation of the latest dial without an agent.
    uint32_t dials = 0;  // That the switch was told of.
  };
  // What counts of a call that is over.
  struct Past {
    SourceIndex source;
    QueueIndex queue;
    AgentIndex agent;  // Whom it was connected to.
    Medium medium = Medium::kVoice;
    bool is_consult = false;
    ToldOutcome outcome;
    int64_t ended_ns = 0;
  };
  enum class TimerKind : uint8_t { kBulk, kSource, kAgent, kCall };
  struct Timer {
    int64_t deadline_ns = kNeverNs;
    TimerKind kind = TimerKind::kBulk;
    uint64_t order = 0;
    uint32_t index = 0;  // Of the switch or agent.
    auto operator<=>(const Timer&) const = default;
  };

  // --- oracle.cc: commands, sessions, time.
  Reject dispatch(const Command& command, std::string_view arena);
  Reject obey(const Command& command, std::string_view arena, Call* call);
  Reject with_agent(const Command& command, std::string_view arena,
                    const std::function<Reject(Agent&)>& handle);
  Reject queue_command(const Command& command, std::string_view arena);
  Reject open_session(const Command& command, std::string_view arena);
  void close_session(SourceIndex index);
  void lose_source(SourceIndex index);
  void lose_agent(Agent& agent);
  // --- oracle_desktops.cc
  [[nodiscard]] std::map<uint64_t, AgentIndex> attached_before(SourceIndex desktop,
                                                               uint64_t order) const;
  void open_desktop(SourceIndex index, bool resumed);
  void lose_desktop(SourceIndex index);
  // Who of them all could not accept an offer, as things stand.
  void find_stranded();
  Reject attach_agent(SourceIndex desktop, Agent& agent);
  void detach_agent(Agent& agent, DetachReason reason);
  Reject desktop_command(const Command& command, std::string_view arena, Call* call);
  void resume_after_restart();
  // Each that is set, in no order.
  template <typename Visit>
  void for_each_timer(const Visit& visit) const;
  [[nodiscard]] Timer first_timer() const;  // At kNeverNs if there is none.
  void fire(const Timer& timer);
  void fire_bulk();
  void see(Sight sight) { ++sights_[static_cast<size_t>(sight)]; }
  Event& emit(EventKind kind);
  Event& emit(EventKind kind, const Call& call);
  // Queues that the new configuration leaves out although they have calls, with the queue that
  // these move to; false when one of them has none.
  bool find_drains(const TenantConfig& config, std::map<QueueIndex, std::string>* drains) const;
  void take_queues(const TenantConfig& config);
  void tell_memberships(AgentIndex index);
  [[nodiscard]] SkillIndex find_skill(std::string_view name) const;
  [[nodiscard]] const Requirement& parsed(std::string_view text) const;
  [[nodiscard]] QueueIndex find_queue(std::string_view id) const;
  // The one it was drained to, if it was removed.
  [[nodiscard]] QueueIndex queue_or_drain(std::string id) const;
  [[nodiscard]] AgentIndex find_agent(std::string_view id) const;
  [[nodiscard]] Call* find_call(std::string_view id);
  [[nodiscard]] Queue& queue_at(QueueIndex index) { return queues_[index.value()]; }
  [[nodiscard]] const Queue& queue_at(QueueIndex index) const { return queues_[index.value()]; }
  [[nodiscard]] Queue& queue_of(const Call& call) { return queue_at(call.queue); }
  [[nodiscard]] const Queue& queue_of(const Call& call) const { return queue_at(call.queue); }
  [[nodiscard]] Agent& agent_at(AgentIndex index) { return agents_[index.value()]; }
  [[nodiscard]] const Agent& agent_at(AgentIndex index) const { return agents_[index.value()]; }

  // --- oracle_calls.cc: the life of a call and its offers.
  Reject enqueue_call(const Command& command, std::string_view arena);
  Call& begin_call(Call fresh, std::string_view id);
  Event& begin_visit(const Call& call, VisitEntry entry, const Wish& wish);
  Reject end_call(const Command& command, std::string_view arena, Call& call);
  void end_by_asker(Call& consult);
  Reject merge_outside(const Command& command, Call& call);
  Reject reroute_call(const Command& command, std::string_view id, Call* call);
  Reject change_priority(Call& call, int32_t priority);
  // --- oracle_resync.cc: switches that list what they have.
  void expect_list(Source& source, bool restarted);
  Reject list_event(const Command& command, std::string_view arena, Call* call);
  void end_resync(SourceIndex index, bool is_late);
  Reject keep_waiting(Call& call, QueueIndex to);
  Reject keep_talk(const Command& command, std::string_view arena, Call* call);
  Reject keep_agent(const Command& command, std::string_view arena);
  Reject phone_is(CommandKind kind, const Agent& agent);
  Reject hold_call(const Command& command, std::string_view arena, Call& call);
  void show_hold(Call& call, const Offer& party, bool hold);
  [[nodiscard]] static bool is_outside_by(const Call* call, uint32_t dial);
  void leg_ringing(const Command& command, Call* call);
  void leg_answered(const Command& command, std::string_view arena, Call* call);
  Reject leg_failed(const Command& command, std::string_view arena, Call* call);
  void call_connected(const Command& command, std::string_view arena, Call* call);
  Reject connect_failed(const Command& command, std::string_view arena, Call* call);
  Reject claim_offer(const Command& command, std::string_view arena, Call* call, Agent& agent);
  void note_stale(const Command& command, std::string_view arena, const Call* call, bool drop_leg);
  void begin_round(Call& call);
  void open_offer(Call& call, AgentIndex agent);
  void accept_offer(Call& call, uint32_t generation, bool tell_switch);
  [[nodiscard]] static Offer* open_offer(Call* call, uint32_t generation);
  [[nodiscard]] static Offer* offer_of(Call* call, uint32_t generation);
  bool adopt_late_answer(Call* call, uint32_t generation, bool tell_switch);
  void begin_connecting(Call& call, bool tell_switch, bool late);
  Event& tell_offer_end(const Call& call, const Offer& offer, OfferOutcome outcome,
                        bool tell_switch);
  // Ends one open offer; with the last one the call comes back, and may be gone afterwards.
  void fail_offer(Call& call, uint32_t generation, OfferOutcome outcome, bool tell_switch,
                  int32_t cause);
  // Accepted, but not joined: the call comes back, and may be gone afterwards.
  void requeue(Call& call, bool tell_switch, OfferOutcome outcome = OfferOutcome::kNone);
  void exclude(Call& call, AgentIndex agent, uint32_t generation, OfferOutcome outcome);
  // Whether it tells of the line to another switch, or of the agent's phone there.
  [[nodiscard]] bool is_beyond(const Call& call, AgentIndex agent, OfferOutcome outcome) const;
  void drop_exclusions(Call& call, int64_t before_ns);
  void return_to_queue(Call& call);
  void come_back(Call& call);
  void finish_call(Call& call, EventKind kind, uint8_t detail, int32_t cause,
                   bool tells_switch = false, std::string_view text = {}, bool is_rerouted = false);
  void fire_call(Call& call);
  void fire_waiting(Call& call);
  void fire_alerting(Call& call);
  [[nodiscard]] int64_t deadline_of(const Call& call) const;

  // --- oracle_consult.cc: several agents on one call.
  Reject consult(const Command& command, std::string_view arena, Call& parent);
  Reject merge_call(const Command& command, Call& call);
  Reject leave_call(const Command& command, std::string_view arena, Call& call);
  void let_leave(Call& call, AgentIndex index, int32_t cause, bool is_lost, bool is_transfer);
  void end_consult(const Call& parent, AgentIndex agent, bool is_lost);
  [[nodiscard]] Offer* party(Call& call, std::string_view agent_id);
  [[nodiscard]] Call* consult_of(const Call& call, AgentIndex agent);
  Event& emit_of_party(EventKind kind, const Call& call, const Offer& party);

  // --- oracle_callbacks.cc: callbacks.
  Reject request_callback(const Command& command, std::string_view arena);
  void customer_answered(const Command& command, std::string_view arena, Call* call);
  [[nodiscard]] bool is_customer_first(const Call& call) const;
  // Whether the call may not let its customer be dialed, because enough of its queue are.
  [[nodiscard]] HoldBack hold_back_of(const Call& call) const;
  [[nodiscard]] int64_t dial_limit_ns(const Call& call) const;
  void tell_dial(Call& call);
  // With that leg, unless it is no customer's or another call's: then with the last that was dialed.
  void put_on_line(Call& call, std::string_view leg, Event& told);
  void dial_customer(Call& call);
  void end_dial(Call& call, DialOutcome outcome, bool tell_switch);
  void take_back(Call& call);

  [[nodiscard]] bool are_callbacks_used_up() const;
  // In the place of `origin`, if there is one; the other tests are done.
  Reject begin_callback(Call fresh, std::string_view text, std::string_view id, Call* origin,
                        bool is_origin_told);
  // --- oracle_schedule.cc: calls for later.
  [[nodiscard]] bool is_taken(std::string_view id);
  Reject schedule_call(const Command& command, std::string_view arena);
  Reject reschedule_call(const Command& command, std::string_view id);
  Reject cancel_scheduled(const Command& command, std::string_view id);
  Reject call_due(std::string_view id);
  Reject enter_scheduled(const ScheduledCall& due, std::string_view id);
  void tell_schedule(ScheduleChange change, std::string_view id, const ScheduledCall& scheduled,
                     Reject why = Reject::kNone);

  // --- oracle_outcomes.cc: how calls went.
  Reject set_outcome(const Command& command, std::string_view arena, Call* call);
  [[nodiscard]] static Past past_of(const Call& call);
  void remember(const Call& call);
  void remember_rerouted(std::string_view id, SourceIndex source);
  // Null if no call of that id ended, or too long ago.
  [[nodiscard]] Past* remembered(std::string_view call_id);
  [[nodiscard]] bool lacks_code(const Item& item);

  // --- oracle_transfers.cc: calls that go elsewhere because somebody says so.
  struct Destination {
    TransferTarget target = TransferTarget::kNone;
    std::string name;
    QueueIndex queue;
    AgentIndex agent;
  };
  [[nodiscard]] QueueIndex queue_towards(const Destination& to, std::string_view way,
                                         const Call& call) const;
  Reject find_consulted(const Command& command, std::string_view arena, const Call& parent,
                        const Offer& consulting, Destination* to) const;
  Reject transfer_call(const Command& command, std::string_view arena, Call& call);
  [[nodiscard]] Reject check_transfer(const Call& call) const;
  Reject requeue_call(Call& call);
  Reject supervise_call(const Command& command, std::string_view arena, Call& call);
  [[nodiscard]] Reject find_agent_for(const Call& call, Destination* to) const;
  [[nodiscard]] Reject find_supervisor_for(const Call& call, Destination* to) const;
  // Whether that agent could serve the call if it entered that queue now.
  [[nodiscard]] bool could_serve_in(const Call& call, QueueIndex queue, const Agent& agent) const;
  Reject replace_leg(const Command& command, std::string_view arena);
  [[nodiscard]] Call* call_with_leg(SourceIndex source, std::string_view leg);
  void rescind_offers(Call& call);
  Event& send_outside(Call& call, const Destination& to);
  void move_elsewhere(Call& call, const Destination& to);

  // --- oracle_limits.cc: entering a queue, limits, treatments.
  void after_entry(Call& call, bool test_limits);
  [[nodiscard]] LimitKind limit_on_entry(const Call& call) const;
  [[nodiscard]] const LimitAction& action_of(const Call& call, LimitKind kind) const;
  [[nodiscard]] bool wait_is_over(const Call& call) const;
  [[nodiscard]] bool offers_are_over(const Call& call) const;
  // Of a call that waits; `is_back`: it came back just now.
  Aftermath look_at_limits(Call& call, bool is_back);
  Aftermath take_action(Call& call, LimitKind kind);
  Aftermath release(Call& call, LimitKind kind, int32_t cause);
  void announce(Call& call, TreatmentKind kind, const std::string& media);
  void move_call(Call& call, QueueIndex target, LimitKind kind);
  void drain_call(Call& call);
  void refresh_priority(Call& call);
  [[nodiscard]] int64_t treatment_due(const Call& call, const TreatmentConfig& treatment) const;
  void play_treatments(Call& call);
  [[nodiscard]] int32_t position_of(const Call& call) const;
  [[nodiscard]] int64_t told_ewt_ns(const Call& call) const;

  // --- oracle_agents.cc: agents and phones.
  Reject log_in(const Command& command, std::string_view arena);
  Reject log_out(Agent& agent, bool forced, bool by_switch);
  Reject set_ready(Agent& agent);
  Reject set_not_ready(Agent& agent, int32_t reason);
  // Of that call; without one the first that began.
  [[nodiscard]] static Item* find_wrap_up(Agent& agent, std::string_view call);
  Reject end_wrap_up(Agent& agent, std::string_view call);
  Reject extend_wrap_up(Agent& agent, std::string_view call);
  Reject pause_member(const Command& command, std::string_view arena, Agent& agent);
  Reject phone_event(const Command& command, std::string_view arena);
  [[nodiscard]] AgentIndex at_station(SourceIndex source, std::string_view station) const;
  [[nodiscard]] bool outlives_switch(const Agent& agent) const;
  void take_log_out_back(Agent& agent) const;
  void leave(Agent& agent, bool is_taken_over);
  void tell_of_station(EventKind kind, const Agent& agent, bool flag);
  void turn_leg(Agent& agent, bool is_up);
  void penalise(Agent& agent, const Call& call, OfferOutcome outcome);
  void set_presence(Agent& agent, Presence presence, int32_t reason);
  // The one of that call.
  [[nodiscard]] static Item& item_of(Agent& agent, uint64_t call_order);
  // The first that is so far; null if none is.
  [[nodiscard]] static Item* find_item(Agent& agent, Work work);
  [[nodiscard]] static bool has_contact(const Agent& agent);
  // One that is not in wrap-up.
  [[nodiscard]] static bool is_on_contact(const Agent& agent);
  static Item& add_item(Agent& agent, Medium medium, std::optional<uint64_t> call_order);
  // After a change of the items of one who was displayed as `from`.
  void show_work(Agent& agent, AgentState from);
  void set_work(Agent& agent, Item& item, Work work);
  void finish_item(Agent& agent, Item& item, bool restart_idle);
  void end_item(Agent& agent, Item& item, bool restart_idle);
  // `call` is empty where it can be told of no more.
  void start_wrap_up_or_finish(Agent& agent, Item& item, QueueIndex queue, const std::string& call);
  [[nodiscard]] static int64_t deadline_of(const Agent& agent);
  // Adds up work and idle time whenever one of them ends.
  void account(Agent& agent);
  void emit_state_change(const Agent& agent, AgentState from);
  void start_counts(Agent& agent);
  [[nodiscard]] bool uses(Strategy strategy) const;
  // Ready, with nothing in hand.
  [[nodiscard]] static bool is_free(const Agent& agent);
  [[nodiscard]] static bool is_on_hand(const Agent& agent);
  // Whether there is room for one more contact of that medium, ready or not.
  [[nodiscard]] static bool has_room(const Agent& agent, Medium medium);
  // The same, though one may be offered.
  [[nodiscard]] static bool has_room_beside(const Agent& agent, Medium medium);
  // Whether at most one work item is more than an offer.
  [[nodiscard]] static bool is_last_work(const Agent& agent);
  // Whether one more of that medium may be offered; of any medium.
  [[nodiscard]] static bool is_open(const Agent& agent, Medium medium);
  [[nodiscard]] static bool is_open(const Agent& agent);
  // Free for something, with nothing in hand.
  [[nodiscard]] static bool is_idle(const Agent& agent) { return is_free(agent) && is_open(agent); }
  [[nodiscard]] static AgentState displayed_state(const Agent& agent);

  // --- oracle_match.cc: who gets whom.
  // After a command or timer: matches, then looks at conditions.
  void match();
  void match_all();
  bool match_one();
  [[nodiscard]] std::vector<Call*> waiting_calls();
  [[nodiscard]] bool goes_before(const Call& a, const Call& b) const;
  [[nodiscard]] Membership membership(const Queue& queue, const Agent& agent) const;
  [[nodiscard]] Membership membership(const Call& call, const Agent& agent) const;
  // Valid until the call's queue, its steps or the configuration change.
  [[nodiscard]] const Requirement& requirement_in_force(const Call& call) const;
  [[nodiscard]] Requirement work_out_requirement(const Call& call) const;
  // Logged in, at the switch, member, skilled: whatever they do at the moment.
  // Whether calls of the one switch may be offered to stations of the other.
  [[nodiscard]] bool reaches(SourceIndex calls, SourceIndex agents) const;
  // Whether the agent's switch is another one than the call's, and away.
  [[nodiscard]] bool is_cut_off(const Call& call, const Agent& agent) const;
  [[nodiscard]] bool could_serve(const Call& call, const Requirement& needs,
                                 const Agent& agent) const;
  [[nodiscard]] bool is_left_out(const Call& call, const Requirement& needs,
                                 const Agent& agent) const;
  [[nodiscard]] static bool is_excluded(const Call& call, const Agent& agent);
  [[nodiscard]] bool is_protected(const Requirement& needs, const Agent& agent) const;
  // But for the protection of agents.
  [[nodiscard]] bool fits(const Call& call, const Requirement& needs, const Agent& agent) const;
  [[nodiscard]] bool is_withheld(const Call& call, const Requirement& needs,
                                 const Agent& agent) const;
  [[nodiscard]] bool may_serve(const Call& call, const Requirement& needs,
                               const Agent& agent) const;
  [[nodiscard]] AgentIndex pick(const Call& call, const Requirement& needs,
                                const std::vector<AgentIndex>& able);
  [[nodiscard]] AgentIndex draw(const Call& call, const std::vector<AgentIndex>& best);
  [[nodiscard]] bool is_picked_before(const Call& call, const Requirement& needs, const Agent& a,
                                      const Agent& b) const;
  // By rank, then by `prefers`.
  [[nodiscard]] std::strong_ordering compare_standing(const Call& call, const Requirement& needs,
                                                      const Agent& a, const Agent& b) const;
  [[nodiscard]] std::strong_ordering compare_keys(const Call& call, const Requirement& needs,
                                                  const Agent& a, const Agent& b) const;
  [[nodiscard]] std::strong_ordering compare_shares(const Call& call, const Agent& a,
                                                    const Agent& b) const;
  [[nodiscard]] std::strong_ordering compare_turns(const Queue& queue, const Agent& a,
                                                   const Agent& b) const;
  void open_round(Call& call, const Requirement& needs, AgentIndex first);
  // --- oracle_explain.cc: why.
  // `by_other`: another call picked the agent.
  [[nodiscard]] Ruling rule(const Call& call, AgentIndex chosen, bool by_other) const;
  [[nodiscard]] std::strong_ordering compare_class_keys(const Call& call, const Requirement& needs,
                                                        const Agent& a, const Agent& b) const;
  [[nodiscard]] bool is_listed_before(const Call& call, const Requirement& needs, const Agent& a,
                                      const Agent& b) const;
  [[nodiscard]] TieBreak tie_break(const Call& call, const Agent& chosen, const Agent& next) const;
  [[nodiscard]] bool is_opened(const std::string& team) const;
  [[nodiscard]] bool is_alike(const Agent& a, const Agent& b) const;
  [[nodiscard]] static bool is_alike_in_media(const Agent& a, const Agent& b);
  [[nodiscard]] DecisionGroup group_of(const Call& call, const Agent& agent) const;
  [[nodiscard]] static Blocker own_blocker(const Agent& agent);
  [[nodiscard]] Blocker blocker_between(const Call& call, const Agent& agent) const;
  // --- oracle_match.cc: steps.
  [[nodiscard]] uint32_t steps_in_force(const Call& call) const;
  [[nodiscard]] int64_t counted(QueueIndex queue, const Condition& condition) const;
  [[nodiscard]] std::vector<bool> conditions_of(QueueIndex queue) const;  // Of each step.
  void look_at_steps(Call& call);
  // Compares the conditions of each queue with what they were; where they changed, waiting calls
  // look at their steps in bulk.
  void look_at_conditions();
  // Preferred agent.
  static Wish wish_of(const Call& call);
  void prefer(Call& call, const Wish& wish);
  void look_at_preference(Call& call);
  void look_at_preferences();
  void start_bulk();

  bool configured_ = false;
  uint64_t config_version_ = 0;
  TenantConfig config_;
  std::vector<std::string> skills_;  // Every one ever known.
  std::vector<Queue> queues_;
  std::vector<Agent> agents_;
  std::map<uint64_t, Call> calls_;  // Live, by arrival.
  std::vector<std::string> call_ids_;
  std::map<std::string, ScheduledCall, std::less<>> scheduled_;  // By id.
  std::map<std::string, Past, std::less<>> past_;                // The latest of each id.
  Sessions sessions_;
  int64_t now_ns_ = 0;
  int64_t event_sequence_ = 0;
  uint64_t next_order_ = 1;  // Arrival of calls and log-ins.
  int64_t bulk_deadline_ns_ = kNeverNs;
  bool is_live_change_ = false;  // Part of the bulk work that waits.
  // Texts of the configuration, once parsed: skills keep their indices for ever.
  mutable std::map<std::string, Requirement, std::less<>> parsed_;
  RandomDraw random_;
  DecayedCount fewest_calls_floor_;       // Of whom that strategy picked last, as it was then.
  int64_t least_occupied_floor_ppm_ = 0;  // The same.
  std::vector<Ruling> rulings_;
  Sights sights_{};
  bool has_groups_ = true;
  EventLog log_;
};

}  // namespace acd
