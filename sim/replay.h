// SPDX-License-Identifier: Apache-2.0
// Plays a plan against a daemon on a driven clock: callers, agents and the switch between them.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/checker.h"
#include "sim/replay_daemon.h"
#include "sim/replay_plan.h"
#include "sim/tally.h"

namespace acd::sim {

// Cuts in a row that one batch may suffer.
inline constexpr int kCutsPerBatchMax = 10;
// Before a replay on a used daemon its clock runs on so far at least, past every grace of a switch
// that left, and then to the next midnight.
inline constexpr int64_t kSettlingNs = kSwitchGraceMaxNs;

// What comes of a call is called by its id and one of these.
inline constexpr char kConsultSuffix[] = "-c";
inline constexpr char kCallbackSuffix[] = "-b";
inline constexpr char kFollowUpSuffix[] = "-f";
inline constexpr size_t kDerivedIdBytes = sizeof(kConsultSuffix) - 1;
static_assert(sizeof(kCallbackSuffix) == sizeof(kConsultSuffix) &&
              sizeof(kFollowUpSuffix) == sizeof(kConsultSuffix));

struct ReplayProgress {
  int64_t calls_over = 0;
  int64_t calls = 0;
  int64_t log_ns = 0;
  int64_t mix_acts = 0;  // Of a mix: transfers, consults and so on that were taken.
};

struct ReplayHooks {
  // Waits until it is time to play this instant of the log. Default: no wait.
  std::function<void(int64_t log_ns)> pace;
  // Whether the user wants it to end. Default: never.
  std::function<bool()> is_stopped;
  // After every instant. Default: nothing.
  std::function<void(const ReplayProgress&)> progress;
};

// What a replay came to.
struct ReplayResult {
  std::vector<std::string> breaches;
  std::vector<std::string> notes;
  std::vector<QueueTally> tallies;  // By queue of the plan.
  MixTally mix;                     // Of all queues.
  int64_t chats_and_emails = 0;
  int64_t followups = 0;
  int64_t accepted_at_desktops = 0;
  int64_t answered_at_once = 0;
  int64_t transfers_to_supervisors = 0;
  int64_t transfers_outside = 0;
  int64_t labelled = 0;
  int64_t wrap_up_acts = 0;  // Wrap-ups that agents ended or extended.
  int64_t claims_refused = 0;
  std::vector<std::string> timed_out_calls;
  int64_t treatments = 0;  // Played to waiting callers.
  int64_t calls = 0;
  int64_t events = 0;
  int64_t batches = 0;
  int64_t cuts = 0;
  int64_t log_ns = 0;  // The last instant.
};

// One run of a plan.
//
// It is a strict conductor: one batch at a time, everything of one instant in it, and the answer is
// worked off before the clock moves on. A deadline of the daemon that comes first is passed by one
// nanosecond.
//
// Bounds:   memory for every call of the plan.
// Order:    within an instant: log-ins, call ends, arrivals, abandons, log-outs; then what the
//           answer asks for; then, one at a time, what is asked of the daemon (transfers, consults
//           and so on); and when nothing more is asked, releases of callers whom nobody will serve.
class Replay {
 public:
  // `plan` and `daemon` outlive it.
  Replay(const ReplayPlan& plan, ReplayDaemon& daemon, ReplayHooks hooks);

  // Plays it all. Breaches are in the result; an error means that it could not be played to its
  // end: CANCELLED when stopped, FAILED_PRECONDITION when this daemon cannot take it, else the
  // daemon's.
  [[nodiscard]] absl::StatusOr<ReplayResult> run();

 private:
  // In the order in which they happen within one instant.
  enum class Kind : uint8_t {
    kWrapUpEnd,
    kLogIn,
    kCallEnd,
    kFollowUp,
    kArrival,
    kAbandon,
    kLogOut,
    kCallback,
    kTurn,
    kOutcome,
    kLabel,
    kQuality,
    kWrapUpAct,
    kLegUp
  };
  struct Due {
    int64_t time_ns = 0;
    Kind kind{};
    uint32_t id = 0;  // Of a shift, a call, a wrap-up or an agent.
    auto operator<=>(const Due&) const = default;
  };
  enum class CallState : uint8_t {
    kAbsent,
    kWaiting,
    kRinging,
    kDialing,  // The customer of a callback, for whom no agent waits.
    kAnswered,
    kConnected,
    kEnded
  };
  static constexpr uint32_t kNoCall = UINT32_MAX;
  // A call of the log, or one that came of it: a consult, a callback, a follow-up.
  struct Call {
    std::string id;
    uint32_t queue = 0;
    int32_t day = 0;
    int64_t handle_ns = 0;
    CallPart part;
    CallState state = CallState::kAbsent;
    uint32_t agent = 0;  // From kRinging on.
    int64_t generation = 0;
    std::vector<uint32_t> parties;  // Connected: who is on it.
    uint32_t parent = kNoCall;      // Of a consult.
    uint32_t consult = kNoCall;     // That is open about it.
    bool has_turned = false;
    bool has_told = false;  // Its outcome.
    bool is_held = false;
    bool is_off_line = false;  // A callback whose customer is not there yet.
    int32_t dials_failed = 0;
  };
  struct Agent {
    bool is_on = false;               // Logged in, and not told to log out.
    bool was_on = false;              // When its desktop was looked at last.
    int32_t in_hand = 0;              // Calls, from their acceptance to the end of wrap-up.
    bool is_leg_down = false;         // Of a nailed-up station, and to be up again.
    bool is_log_in_deferred = false;  // Due, but the call in hand is of the shift before.
    int64_t shift_end_ns = 0;
  };
  struct WrapUp {
    uint32_t agent = 0;
    uint32_t call = 0;
    int64_t begin_ns = 0;
    int64_t end_ns = 0;
    bool is_over = false;
  };
  // Something that an answer asked for.
  struct Reply {
    uint32_t call = 0;
    int64_t generation = 0;
  };

  void prepare();
  absl::Status open();
  absl::Status play();
  // Passes the daemon's deadlines before `log_ns`.
  absl::Status pass_deadlines(int64_t log_ns);
  // Sends what is due at `log_ns` and whatever follows from it, until nothing does. At least one
  // batch.
  absl::Status settle(int64_t log_ns);
  // Sends up to one batch from the outbox.
  absl::Status send(int64_t log_ns);
  absl::StatusOr<ReplayAnswer> exchange(const ReplayBatch& batch);
  // Opens the session again after a cut. What of `batch` is to be sent once more.
  absl::StatusOr<ReplayBatch> resume(const ReplayBatch& batch);
  void obey(const ReplayCommand& command);
  void obey_dial(const ReplayCommand& command, Call& call, uint32_t call_index);
  // A caller whom the daemon does not let in, because its disk is full, does nothing more.
  void turn_away(const std::string& call_id);
  ReplayResult result() const;

  // --- What is asked of the daemon, and may be refused.
  struct Claim {
    ReplayEvent event;
    bool is_by_request = false;
  };
  // The next one, unless the world has gone on meanwhile. It may be answered or not, but is no more.
  absl::Status make_claim(int64_t log_ns);
  absl::Status ask(const ReplayEvent& event, int64_t log_ns);
  // What agents at desktops are offered becomes claims.
  absl::Status look_at_desktops();
  [[nodiscard]] bool may_be_offered(uint32_t agent_index) const;
  [[nodiscard]] bool is_possible(const ReplayEvent& event) const;
  void take(const ReplayEvent& event, int64_t log_ns);
  void give_up(const ReplayEvent& event, int64_t log_ns);
  void turn(uint32_t call_index, int64_t log_ns);
  void begin_transfer(uint32_t call_index);
  void end_consult(uint32_t call_index, int64_t log_ns);
  void ask_callback(uint32_t call_index);
  [[nodiscard]] std::string number_of(uint32_t call_index) const;
  // What is told when the call is over.
  void tell_later(uint32_t call_index, int64_t log_ns);
  void tell_outcome(Kind kind, uint32_t call_index);
  void schedule_follow_up(uint32_t call_index, int64_t log_ns);
  void connected(uint32_t call_index, int64_t log_ns);
  void collect_dials(int64_t log_ns);
  uint32_t add_call(const std::string& id, const Call& like);
  void enter_queue(uint32_t call_index);
  void leave(uint32_t agent_index);

  // --- Stations.
  // Whose station answers by itself takes the call at the command that joins the two.
  void answer_at_once(const ReplayCommand& command, Call& call, uint32_t call_index);
  void lose_leg(uint32_t agent_index, int64_t log_ns);
  void bring_leg_up(uint32_t agent_index);
  ReplayEvent& add_station_event(ReplayEventKind kind, uint32_t agent_index);

  // --- Wrap-up.
  // The agent no longer talks on a call of that queue.
  void end_talk(uint32_t agent_index, uint32_t call_index, uint32_t queue, int64_t log_ns);
  void act_in_wrap_up(uint32_t wrap_up_index, int64_t log_ns);
  void end_wrap_up(WrapUp& wrap_up);

  void collect_due(int64_t log_ns);
  void collect_replies(int64_t log_ns);
  void collect_releases(int64_t log_ns);
  void log_in(const Shift& shift);
  void log_in_now(uint32_t agent_index);
  void log_out(const Shift& shift, int64_t log_ns);
  void arrive(uint32_t call_index);
  void end_connected(uint32_t call_index, int64_t log_ns);
  void end_waiting(uint32_t call_index, EndedBy ended_by);
  [[nodiscard]] bool is_served_again(uint32_t queue, int32_t day, int64_t log_ns) const;
  ReplayEvent& add(ReplayEventKind kind);
  ReplayEvent& add_call_event(ReplayEventKind kind, uint32_t call_index);
  ReplayEvent& add_agent_event(ReplayEventKind kind, uint32_t agent_index);

  // Constant after construction.
  const ReplayPlan& plan_;
  ReplayDaemon& daemon_;
  const ReplayHooks hooks_;
  std::unordered_map<std::string, uint32_t> call_indexes_;
  std::unordered_map<std::string, uint32_t> agent_indexes_;
  // By queue and day: when the last agent for it logs in.
  std::vector<std::map<int32_t, int64_t>> last_log_ins_;

  // The session.
  Checker checker_;
  ReplayHello hello_;
  int64_t base_ns_ = 0;  // Router time of log time 0.
  int64_t next_deadline_ns_ = kNeverNs;
  int64_t last_sequence_ = 0;
  int64_t batches_ = 0;
  int64_t cuts_ = 0;

  // The world.
  bool is_playing_ = false;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> schedule_;
  std::vector<Call> calls_;
  std::vector<Agent> agents_;
  std::vector<WrapUp> wrap_ups_;             // Those that are over too.
  std::vector<std::set<uint32_t>> waiting_;  // Calls by queue; ringing ones too.
  std::vector<int64_t> agents_on_;           // By queue.
  std::vector<int64_t> log_ins_deferred_;    // By queue.
  std::set<uint32_t> queues_to_check_;       // For callers whom nobody will serve.
  std::vector<Reply> rings_;
  std::vector<Reply> connects_;
  std::vector<Reply> dials_;
  std::deque<Claim> claims_;
  std::optional<ReplayEvent> claim_out_;  // In the batch that is out.
  bool are_desktops_seen_ = true;         // Nothing was played since the last look.
  bool is_answer_due_ = false;            // A request was made, and what follows not heard yet.
  std::vector<uint32_t> desktops_;        // Agents.
  int64_t unix_offset_ns_ = 0;            // Unix time of Router time 0.
  std::deque<ReplayEvent> outbox_;
  int64_t calls_over_ = 0;
  int64_t log_ns_ = 0;
  int64_t odd_offers_ = 0;
  std::string first_odd_offer_;
  int64_t mix_acts_ = 0;
  int64_t claims_refused_ = 0;
  int64_t accepted_at_desktops_ = 0;
  int64_t answered_at_once_ = 0;
  int64_t transfers_to_supervisors_ = 0;
  int64_t transfers_outside_ = 0;
  int64_t labelled_ = 0;
  int64_t followups_ = 0;
  int64_t wrap_up_acts_ = 0;
};

}  // namespace acd::sim
