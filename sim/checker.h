// SPDX-License-Identifier: Apache-2.0
// The judge of a replay: an independent model of calls and agents that sees only what passes the
// wire.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/replay_daemon.h"
#include "sim/tally.h"

namespace acd::sim {

// Breaches kept with their text; a replay stops at so many.
inline constexpr size_t kBreachesMax = 20;

// Follows one session and notes every breach of what a daemon promises: no call accepted twice, no
// agent with two calls, no offer of a call that left or to an agent who is away or busy, every
// event acknowledged, every accepted call ended once, also those that the daemon itself releases or
// transfers, and at the end the daemon's statistics equal to what was played. It counts for the
// report on the way. A new call that a full disk keeps out is no breach: nothing was promised to it.
//
// Bounds:   memory for every call of the replay.
// Order:    opened(); then sent() and received() in turn, resumed() in between after a cut;
//           finish() last.
class Checker {
 public:
  // The session is open; its events go on from `first_sequence`.
  void opened(int64_t first_sequence);
  // Before a batch goes out for the first time.
  void sent(const ReplayBatch& batch);
  // With the answer to the last batch.
  void received(const ReplayAnswer& answer);
  // The session goes on after a cut: what the daemon then says about it.
  void resumed(const ReplayHello& hello);
  // All is played. `before` and `after` are the daemon's statistics around the session.
  void finish(const std::vector<QueueFigures>& before, const std::vector<QueueFigures>& after);

  // One line each, naming call, agent and time.
  [[nodiscard]] const std::vector<std::string>& breaches() const { return breaches_; }
  [[nodiscard]] bool is_full() const { return breaches_.size() >= kBreachesMax; }
  // What was played, by queue.
  [[nodiscard]] const std::map<std::string, QueueTally>& tallies() const { return tallies_; }
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
  enum class CallState : uint8_t { kWaiting, kRinging, kAnswered, kConnecting, kConnected, kEnded };

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
  };

  // A call that left before it was connected, not counted until the answer has told whether the
  // daemon had ended it before.
  struct Leaving {
    std::string call;
    EndedBy ended_by = EndedBy::kNone;
    int64_t wait_ns = 0;
  };

  // An agent may be rung from the event that made them free to the one that logged them out.
  struct Agent {
    bool is_logged_in = false;
    int64_t free_sequence = 0;
    int64_t log_out_sequence = 0;  // 0: not logged out since the log-in.
    std::string station;
    std::string ringing_call;
    std::string call;  // In hand, from its acceptance on.
  };

  void play(const ReplayEvent& event);
  void end_call(const ReplayEvent& event, Call& call);
  void obey(const ReplayCommand& command);
  void ring(const ReplayCommand& command, Call& call);
  void stop_ringing(const ReplayCommand& command, Call& call);
  void connect(const ReplayCommand& command, Call& call);
  void end_by_daemon(const ReplayCommand& command, Call& call);
  void count_leaving();
  [[nodiscard]] bool turn_away(const ReplayRefusal& refusal);
  [[nodiscard]] bool is_overtaken(const ReplayRefusal& refusal) const;
  void take_acknowledgement(const ReplayAnswer& answer);
  void compare(const std::string& what, const QueueTally& tally, const QueueFigures& counted,
               bool is_of_one_queue);
  void breach(const std::string& text);

  std::map<std::string, Call, std::less<>> calls_;
  std::map<std::string, Agent, std::less<>> agents_;
  std::map<std::string, QueueTally> tallies_;
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

  int64_t now_ns_ = 0;
  int64_t first_sequence_ = 1;
  int64_t batch_first_sequence_ = 1;  // Of the batch that is out.
  int64_t last_sent_ = 0;
  int64_t acked_ = 0;
  // The answer that is next follows a cut, and may repeat commands.
  bool is_after_cut_ = false;
};

}  // namespace acd::sim
