// SPDX-License-Identifier: Apache-2.0
// The judge of a replay: an independent model of calls and agents that sees only what passes the
// wire.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "routing/limits.h"
#include "routing/tenant_config.h"
#include "sim/replay_daemon.h"
#include "sim/replay_mix.h"
#include "sim/tally.h"

namespace acd::sim {

// Breaches kept with their text; a replay stops at so many.
inline constexpr size_t kBreachesMax = 20;
// Of a mix: so long, all in all, a call may wait, due, while an agent who may have it is free. A
// daemon that works needs none of it: this is for what the model may not know.
inline constexpr int64_t kUnservedMaxNs = 60 * kNsPerS;
// A call that was transferred waits for its agent, or without who had it, no longer than this; the
// configuration of `acdsim bank-config --mix` leaves both at their defaults.
inline constexpr int64_t kTransferPauseNs =
    std::max(kTransferWaitDefaultNs, kReofferAfterDefaultNs);

// Follows one session and notes every breach of what a daemon promises: no call accepted twice, no
// agent with two calls, no offer of a call that left or to an agent who is away or busy, every
// event acknowledged, every accepted call ended once, also those that the daemon itself releases or
// transfers, and at the end the daemon's statistics equal to what was played. It counts for the
// report on the way. A new call that a full disk keeps out is no breach: nothing was promised to it.
// Of a mix also: no agent over their capacity, everything that was asked for and granted is done
// and told to the switch, over a restart too (a caller parked, a consult joined or given back, a
// caller released who is called back), what is for later comes at its time and not before, nobody
// waits kUnservedMaxNs with a free agent there (a callback, follow-up or other call that is never
// offered), who is escalated gets their supervisor, nobody is rung whose station answers by itself
// or is offered anything while its leg is down, a wrap-up ends at its limit, neither before nor
// after, and the statistics tell transfers, consults, callbacks, outcomes and what was handled. And
// offers go to who serves the queue and is not left out, queues call back in their way, commands
// say what was asked for, and nothing is released or sent away that nobody asked for.
//
// Bounds:   memory for every call of the replay.
// Order:    add_member() and so on; opened(); then sent() and received() in turn, resumed() in between after
//           a cut; finish() last.
class Checker {
 public:
  // `is_mixed`: agents have the media of `acdsim bank-config --mix`; else one call at a time.
  explicit Checker(bool is_mixed = false) : is_mixed_(is_mixed) {}

  // By the configuration this agent serves this queue. Of a mix: nobody else may be offered its
  // calls, and who is a member nowhere is never thought free.
  void add_member(const std::string& queue, const std::string& agent);
  // This queue has the wrap-up of sim/replay_mix.h.
  void add_wrap_up(const std::string& queue);
  // Of a mix: this queue calls back, in this way. One that is not named does not.
  void add_callbacks(const std::string& queue, CallbackMode mode);
  // Of a mix: when customers may be called, at all queues, and what makes the daemon's time Unix time.
  void set_callback_hours(const UtcHours& hours) { callback_hours_ = hours; }
  void set_unix_offset(int64_t offset_ns) { unix_offset_ns_ = offset_ns; }
  // Of the agent's team; in this order.
  void add_supervisor(const std::string& agent, const std::string& supervisor);
  // The session is open; its events go on from `first_sequence`.
  void opened(int64_t first_sequence);
  // Before a batch goes out for the first time.
  void sent(const ReplayBatch& batch);
  // With the answer to the last batch.
  void received(const ReplayAnswer& answer);
  // A request was answered: `refusal` is empty, or says why not, the reason in front. Its commands
  // come with the next answer.
  void asked(const ReplayEvent& request, const std::string& refusal);
  // The session goes on after a cut: what the daemon then says about it.
  void resumed(const ReplayHello& hello);
  // All is played. `before` and `after` are the daemon's statistics around the session.
  void finish(const std::vector<QueueFigures>& before, const std::vector<QueueFigures>& after);

  // One line each, naming call, agent and time.
  [[nodiscard]] const std::vector<std::string>& breaches() const { return breaches_; }
  [[nodiscard]] bool is_full() const { return breaches_.size() >= kBreachesMax; }
  // What was played, by queue.
  [[nodiscard]] const std::map<std::string, QueueTally>& tallies() const { return tallies_; }
  [[nodiscard]] const std::map<std::string, MixTally>& mix_tallies() const { return mix_tallies_; }
  // Whether the last answer refused an event that it had to take.
  [[nodiscard]] bool was_refused() const { return was_refused_; }
  // New calls that the last answer refused for want of space on the daemon's disk.
  [[nodiscard]] const std::vector<std::string>& turned_away() const { return turned_away_; }
  [[nodiscard]] int64_t treatments() const { return treatments_; }
  // Calls released for want of an agent, in that order.
  [[nodiscard]] const std::vector<std::string>& timed_out_calls() const { return timed_out_calls_; }
  [[nodiscard]] int64_t events_sent() const { return last_sent_ - first_sequence_ + 1; }
  [[nodiscard]] int64_t acked_sequence() const { return acked_; }
  [[nodiscard]] int64_t live_calls() const { return live_calls_; }

 private:
  enum class CallState : uint8_t {
    kWaiting,
    kRinging,
    kAnswered,
    kConnecting,
    kConnected,
    kEnded,
    kForLater,  // Waits for its time; no call yet.
    kDialing,   // The customer of a callback, for whom no agent waits.
  };

  // What the switch is still to be told, and what it was: after a cut that may come again.
  struct Order {
    std::optional<ReplayCommand> due;
    std::optional<ReplayCommand> told;
  };

  struct Call {
    CallState state = CallState::kWaiting;
    std::string queue;
    std::string agent;  // Rung, or on the call.
    int64_t generation = 0;
    int64_t offered_ns = 0;
    int64_t connected_ns = 0;
    int64_t offered_sequence = 0;
    int64_t ended_sequence = 0;
    bool is_accepted = false;
    // The call left while, or in the same batch before, it rang: the daemon has to stop that phone.
    bool is_stop_due = false;
    bool is_ended_by_daemon = false;
    bool is_turned_away = false;
    std::string leg;  // The agent's, and the generation of its offer.
    int64_t leg_generation = 0;

    // --- Of a mix.
    Medium medium = Medium::kVoice;
    int64_t visit_ns = 0;                    // When it entered its queue, or its customer the line.
    std::map<std::string, int64_t> parties;  // Connected: who is on it, and since when.
    bool is_transferred = false;             // Since it was connected.
    std::string parent;                      // Of a consult: the call it is about.
    std::string consult;                     // That is open about it.
    std::string consulting;                  // Of a consult: who asks.
    bool is_off_line = false;                // A callback whose customer is not there.
    bool was_dialed_first = false;           // Its customer was on the line before the agent.
    bool is_agent_dialing = false;           // An agent accepted it, and its customer is dialed.
    std::string number;                      // Of a callback: whom to dial.
    int64_t retry_ns = 0;                    // Not offered or dialed before.
    int32_t dials_failed = 0;
    int64_t dial_failed_sequence = 0;  // Of the last one.
    int64_t due_ns = 0;                // For later.
    std::optional<ReplayOutcome> outcome;
    Order park;
    Order retrieve;
    Order merge;
    Order outside;
    // Who alone may have it while the wait for them lasts: after a transfer.
    std::string meant_for;
    bool waits_if_busy = false;  // They are a supervisor.
    bool is_release_due = false;
    bool was_release_told = false;
    // Who may not have it, and until when: of a consult who was on the call, after a transfer who
    // had it.
    std::map<std::string, int64_t> left_out;
    int64_t pause_end_ns = 0;  // After a transfer.
    int64_t unserved_ns = 0;   // Waited with a free agent there.
    bool is_unserved_told = false;
  };

  // A call that left before it was connected, not counted until the answer has told whether the
  // daemon had ended it before.
  struct Leaving {
    std::string call;
    EndedBy ended_by = EndedBy::kNone;
    int64_t wait_ns = 0;
  };

  struct WrapUp {
    std::string call;
    std::string queue;
    Medium medium = Medium::kVoice;
    int64_t talk_ns = 0;
    int64_t begin_ns = 0;
    int64_t end_ns = 0;
  };

  // What agents had in hand to the end, by queue.
  struct Handled {
    int64_t count = 0;
    int64_t sum_ns = 0;
  };

  // An agent may be rung from the event that made them free to the one that logged them out.
  struct Agent {
    bool is_logged_in = false;
    int64_t free_sequence = 0;
    int64_t log_out_sequence = 0;  // 0: not logged out since the log-in.
    int64_t log_in_ns = 0;
    std::string station;
    AnswerMode answer_mode = AnswerMode::kPhone;
    bool is_leg_down = false;  // Of a nailed-up station.
    std::string ringing_call;
    std::map<std::string, Medium> in_hand;  // From the acceptance to the end of the talk.
    std::vector<WrapUp> wrap_ups;           // In the order in which they began.
    // An acceptance at the desktop was refused for want of space: the offer is open.
    bool is_offer_open = false;
  };

  Call& begin(const std::string& id);
  void play(const ReplayEvent& event);
  void end_call(const ReplayEvent& event, Call& call);
  void obey(const ReplayCommand& command);
  void ring(const ReplayCommand& command, Call& call);
  [[nodiscard]] bool accept_at_once(const ReplayCommand& command, Call& call);
  void stop_ringing(const ReplayCommand& command, Call& call);
  void connect(const ReplayCommand& command, Call& call);
  void end_by_daemon(const ReplayCommand& command, Call& call);
  void count_leaving();
  // --- Of a mix.
  void settle_claims(const ReplayAnswer& answer);
  void grant(const ReplayEvent& claim);
  void grant_transfer(const ReplayEvent& claim, Call& call);
  void send_outside(const ReplayEvent& claim, Call& call);
  [[nodiscard]] std::vector<std::string> supervisors_for(const std::string& call_id) const;
  [[nodiscard]] std::string supervisor_for(const Call& call,
                                           const std::vector<std::string>& there) const;
  [[nodiscard]] std::string named_agent(const Call& call, const std::string& agent_id) const;
  // They cannot come, or have something else in hand, which a supervisor may.
  void release_meant_for(const std::string& agent, bool is_busy);
  void grant_merge(const ReplayEvent& claim, Call& consult, bool is_told);
  void grant_callback(const ReplayEvent& claim, bool is_told);
  static void grant_outcome(const ReplayOutcome& told, Call& call);
  void count_outcome(const Call& call);
  void enter_due_calls();
  void enter(Call& call);
  void fail_dial(const ReplayEvent& event, Call& call);
  void dial(const ReplayCommand& command, Call& call);
  void end_consult_of(Call& call);
  static void forget(Order& order);
  // Whether it was due, or, after a cut, was told before.
  [[nodiscard]] bool was_due(Order& order, const ReplayCommand& command);
  void obey_order(const ReplayCommand& command, Call& call);
  void look_for_orders();
  [[nodiscard]] static ReplayCommand order_of(ReplayCommandKind kind, const std::string& call);
  // --- What a command says, and whom it names.
  void judge_choice(const std::string& what, const std::string& agent_id, const Call& call);
  void judge_wording(const ReplayCommand& command, Call& call);
  void judge_hour(const ReplayCommand& command, const Call& call);
  void judge_treatment(const ReplayCommand& command, const Call& call);
  [[nodiscard]] bool is_left_out(const Call& call, const std::string& agent_id) const;
  void release_agent(const std::string& agent_id, const std::string& call_id, int64_t sequence);
  void end_talk(const std::string& agent_id, int64_t since_ns, const std::string& call_id,
                int64_t sequence);
  void end_talks(const std::string& call_id, Call& call, int64_t sequence);
  void end_wrap_ups();
  void play_wrap_up(const ReplayEvent& event);
  void look_for_wrap_ups(int64_t next_deadline_ns);
  void compare_handled(const std::string& queue, const QueueFigures& counted);
  void look_for_unserved(int64_t until_ns);
  [[nodiscard]] const std::string* free_agent_for(const Call& call) const;
  [[nodiscard]] bool is_ready(const Agent& agent) const;
  [[nodiscard]] bool may_call(const Call& call, int64_t time_ns) const {
    return !call.is_off_line || callback_hours_.contains(time_ns + unix_offset_ns_);
  }
  [[nodiscard]] bool is_member(const std::string& queue, const std::string& agent) const;
  [[nodiscard]] bool may_have_an_offer(const std::string& agent_id, const Agent& agent) const;
  [[nodiscard]] bool has_room(const Agent& agent, Medium medium) const;
  [[nodiscard]] static std::string hand_of(const Agent& agent);
  [[nodiscard]] bool may_be_refused(const ReplayEvent& claim, const std::string& text) const;
  [[nodiscard]] const ReplayEvent* claim_of(int64_t sequence) const;
  void compare_mix(const std::string& what, const MixTally& tally, const MixTally& counted);
  void compare_ends(const std::string& what, const QueueTally& tally, const QueueFigures& counted);
  [[nodiscard]] bool turn_away(const ReplayRefusal& refusal);
  [[nodiscard]] bool is_overtaken(const ReplayRefusal& refusal) const;
  void take_acknowledgement(const ReplayAnswer& answer);
  void compare(const std::string& what, const QueueTally& tally, const QueueFigures& counted,
               bool is_of_one_queue);
  void expect_figure(const std::string& what, std::string_view figure, int64_t played,
                     int64_t told);
  void breach(const std::string& text);

  std::map<std::string, Call, std::less<>> calls_;
  std::map<std::string, Agent, std::less<>> agents_;
  std::map<std::string, QueueTally> tallies_;
  std::map<std::string, MixTally> mix_tallies_;
  std::set<std::string> wrap_up_queues_;
  std::map<std::string, CallbackMode> callback_modes_;  // By queue.
  UtcHours callback_hours_;
  int64_t unix_offset_ns_ = 0;
  std::set<std::string> legs_;                     // Every one that was named.
  std::map<std::string, Handled> handled_;         // Of all queues, if any has wrap-up.
  std::set<std::string> orders_due_;               // Calls of which the switch is to be told.
  std::multimap<int64_t, std::string> for_later_;  // By the time they are due.
  std::vector<ReplayEvent> claims_;                // Of the batch that is out.
  std::set<int64_t> claims_excused_;  // Of these: refused, and the world was so when they came.
  std::map<std::string, std::set<std::string>> members_;         // By queue.
  std::map<std::string, std::vector<std::string>> supervisors_;  // By agent.
  // Not ended when looked at last.
  std::vector<std::map<std::string, Call, std::less<>>::value_type*> open_;
  std::vector<std::string> timed_out_calls_;
  std::vector<std::string> breaches_;
  // Calls that left with a stop due.
  std::vector<std::string> stops_due_;
  // Of the batch that is out.
  std::vector<Leaving> leaving_;
  std::map<int64_t, std::string> arrivals_;  // By sequence.
  std::vector<std::string> turned_away_;
  bool was_refused_ = false;
  int64_t treatments_ = 0;
  int64_t live_calls_ = 0;

  const bool is_mixed_;
  int64_t now_ns_ = 0;
  int64_t answered_ns_ = 0;  // Of the last batch that was answered.
  int64_t first_sequence_ = 1;
  int64_t batch_first_sequence_ = 1;  // Of the batch that is out.
  int64_t last_sent_ = 0;
  int64_t acked_ = 0;
  // The answer that is next follows a cut, and may repeat commands.
  bool is_after_cut_ = false;
};

}  // namespace acd::sim
