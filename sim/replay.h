// SPDX-License-Identifier: Apache-2.0
// Plays a plan against a daemon on a driven clock: callers, agents and the switch between them.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
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

struct ReplayProgress {
  int64_t calls_over = 0;
  int64_t calls = 0;
  int64_t log_ns = 0;
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
// worked off before the clock moves on. A deadline of the daemon that comes first is passed by 1
// ns. Bounds:   memory for every call of the plan. Order:    within an instant: log-ins, call ends,
// arrivals, abandons, log-outs; then what the answer
//           asks for; and when nothing more is asked, releases of callers whom nobody will serve.
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
  enum class Kind : uint8_t { kLogIn, kCallEnd, kArrival, kAbandon, kLogOut };
  struct Due {
    int64_t time_ns = 0;
    Kind kind{};
    uint32_t id = 0;  // Of a shift or a call.
    auto operator<=>(const Due&) const = default;
  };
  enum class CallState : uint8_t { kAbsent, kWaiting, kRinging, kAnswered, kConnected, kEnded };
  struct Call {
    CallState state = CallState::kAbsent;
    uint32_t agent = 0;  // From kRinging on.
    int64_t generation = 0;
  };
  struct Agent {
    bool is_on = false;               // Logged in, and not told to log out.
    bool is_busy = false;             // With a call in hand.
    bool is_log_in_deferred = false;  // Due, but the call in hand is of the shift before.
    int64_t shift_end_ns = 0;
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
  // A caller whom the daemon does not let in, because its disk is full, does nothing more.
  void turn_away(const std::string& call_id);
  ReplayResult result() const;

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
  std::vector<std::set<uint32_t>> waiting_;  // Calls by queue; ringing ones too.
  std::vector<int64_t> agents_on_;           // By queue.
  std::vector<int64_t> log_ins_deferred_;    // By queue.
  std::set<uint32_t> queues_to_check_;       // For callers whom nobody will serve.
  std::vector<Reply> rings_;
  std::vector<Reply> connects_;
  std::deque<ReplayEvent> outbox_;
  int64_t calls_over_ = 0;
  int64_t log_ns_ = 0;
  int64_t odd_offers_ = 0;
  std::string first_odd_offer_;
};

}  // namespace acd::sim
