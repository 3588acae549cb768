// SPDX-License-Identifier: Apache-2.0
// The model behind the judge of a replay.
#include "sim/checker.h"

#include <absl/strings/str_cat.h>

#include "sim/log_time.h"

namespace acd::sim {

const char* event_kind_name(ReplayEventKind kind) {
  switch (kind) {
    case ReplayEventKind::kAgentLoggedIn:
      return "agent_logged_in";
    case ReplayEventKind::kAgentReady:
      return "agent_ready";
    case ReplayEventKind::kAgentLoggedOut:
      return "agent_logged_out";
    case ReplayEventKind::kCallOffered:
      return "call_offered";
    case ReplayEventKind::kLegAnswered:
      return "leg_answered";
    case ReplayEventKind::kCallConnected:
      return "call_connected";
    case ReplayEventKind::kCallEnded:
      return "call_ended";
  }
  return "?";
}

const char* command_kind_name(ReplayCommandKind kind) {
  switch (kind) {
    case ReplayCommandKind::kRingAgent:
      return "ring_agent";
    case ReplayCommandKind::kStopRinging:
      return "stop_ringing";
    case ReplayCommandKind::kConnectCall:
      return "connect_call";
    case ReplayCommandKind::kDropLeg:
      return "drop_leg";
  }
  return "?";
}

void Checker::opened(int64_t first_sequence) {
  first_sequence_ = first_sequence;
  batch_first_sequence_ = first_sequence;
  last_sent_ = first_sequence - 1;
  acked_ = last_sent_;
}

void Checker::sent(const ReplayBatch& batch) {
  if (batch.now_ns < now_ns_) breach("the replay's own clock went back");
  now_ns_ = batch.now_ns;
  batch_first_sequence_ = last_sent_ + 1;
  for (const ReplayEvent& event : batch.events) play(event);
}

void Checker::play(const ReplayEvent& event) {
  if (event.sequence != last_sent_ + 1) {
    breach(absl::StrCat("the replay skipped from event ", last_sent_, " to ", event.sequence));
  }
  last_sent_ = event.sequence;
  switch (event.kind) {
    case ReplayEventKind::kAgentLoggedIn: {
      Agent& agent = agents_[event.agent];
      agent.is_logged_in = true;
      agent.log_out_sequence = 0;
      agent.station = event.station;
      // Nobody may be rung before they are ready.
      agent.free_sequence = INT64_MAX;
      return;
    }
    case ReplayEventKind::kAgentReady:
      agents_[event.agent].free_sequence = event.sequence;
      return;
    case ReplayEventKind::kAgentLoggedOut: {
      Agent& agent = agents_[event.agent];
      agent.is_logged_in = false;
      agent.log_out_sequence = event.sequence;
      return;
    }
    case ReplayEventKind::kCallOffered: {
      Call& call = calls_[event.call];
      call.queue = event.queue;
      call.offered_ns = now_ns_;
      ++tallies_[event.queue].offered;
      ++live_calls_;
      return;
    }
    case ReplayEventKind::kLegAnswered: {
      Call& call = calls_[event.call];
      call.state = CallState::kAnswered;
      call.generation = event.generation;
      return;
    }
    case ReplayEventKind::kCallConnected: {
      Call& call = calls_[event.call];
      call.state = CallState::kConnected;
      call.connected_ns = now_ns_;
      tallies_[call.queue].add_answer(now_ns_ - call.offered_ns);
      return;
    }
    case ReplayEventKind::kCallEnded:
      end_call(event, calls_[event.call]);
      return;
  }
}

void Checker::end_call(const ReplayEvent& event, Call& call) {
  if (call.state == CallState::kEnded) {
    breach(absl::StrCat("call ", event.call, " ended twice"));
    return;
  }
  QueueTally& tally = tallies_[call.queue];
  if (call.state == CallState::kConnected) {
    tally.handle_sum_ns += now_ns_ - call.connected_ns;
  } else if (event.ended_by == EndedBy::kTimeout) {
    tally.add_time_out(now_ns_ - call.offered_ns);
    timed_out_calls_.push_back(event.call);
  } else {
    tally.add_abandon(now_ns_ - call.offered_ns);
  }
  if (call.state == CallState::kRinging) {
    call.is_stop_due = true;
    stops_due_.push_back(event.call);
  } else if (!call.agent.empty()) {
    Agent& agent = agents_[call.agent];
    agent.ringing_call.clear();
    agent.call.clear();
    agent.free_sequence = event.sequence;
  }
  call.state = CallState::kEnded;
  call.ended_sequence = event.sequence;
  --live_calls_;
}

void Checker::received(const ReplayAnswer& answer) {
  take_acknowledgement(answer);
  for (const ReplayCommand& command : answer.commands) obey(command);
  for (const std::string& id : stops_due_) {
    Call& call = calls_[id];
    // A cut may have swallowed the command to stop; it is not repeated once its offer is over.
    if (!call.is_stop_due) continue;
    if (!is_after_cut_)
      breach(absl::StrCat("call ", id, " left, and the phone of agent ", call.agent,
                          " was not told to stop ringing"));
    call.is_stop_due = false;
    agents_[call.agent].ringing_call.clear();
  }
  stops_due_.clear();
  is_after_cut_ = false;
}

void Checker::take_acknowledgement(const ReplayAnswer& answer) {
  int64_t refused = acked_;
  for (const ReplayRefusal& refusal : answer.refusals) {
    if (refusal.sequence <= refused || refusal.sequence > last_sent_) {
      breach(absl::StrCat("event ", refusal.sequence, " was refused, but is not one of those from ",
                          acked_ + 1, " to ", last_sent_, " that were to be answered"));
    }
    refused = refusal.sequence;
    breach(absl::StrCat("event ", refusal.sequence, " was refused: ", refusal.text));
  }
  if (answer.acked_sequence) {
    const int64_t acked = *answer.acked_sequence;
    if (acked < acked_) {
      breach(absl::StrCat("the acknowledgement went back from ", acked_, " to ", acked));
    } else if (acked > last_sent_) {
      breach(
          absl::StrCat("event ", acked, " was acknowledged, but only ", last_sent_, " were sent"));
    } else {
      acked_ = acked;
    }
  }
  if (acked_ < last_sent_) {
    breach(absl::StrCat("events ", acked_ + 1, " to ", last_sent_,
                        " were not acknowledged with their batch"));
    acked_ = last_sent_;  // Told once.
  }
}

void Checker::resumed(const ReplayHello& hello) {
  is_after_cut_ = true;
  if (hello.last_durable_sequence < acked_) {
    breach(absl::StrCat("events ", hello.last_durable_sequence + 1, " to ", acked_,
                        " were acknowledged, and are lost after the reconnect"));
  } else if (hello.last_durable_sequence > last_sent_) {
    breach(absl::StrCat("the daemon has events up to ", hello.last_durable_sequence,
                        " of this session, but only ", last_sent_, " were sent"));
  } else {
    acked_ = hello.last_durable_sequence;
  }
  if (hello.now_ns > now_ns_) breach("the daemon's clock ran on without its conductor");
}

void Checker::obey(const ReplayCommand& command) {
  const auto found = calls_.find(command.call);
  if (found == calls_.end()) {
    breach(absl::StrCat(command_kind_name(command.kind), " for call ", command.call,
                        ", which nobody reported"));
    return;
  }
  switch (command.kind) {
    case ReplayCommandKind::kRingAgent:
      ring(command, found->second);
      return;
    case ReplayCommandKind::kStopRinging:
      stop_ringing(command, found->second);
      return;
    case ReplayCommandKind::kConnectCall:
      connect(command, found->second);
      return;
    case ReplayCommandKind::kDropLeg:
      breach(absl::StrCat("drop_leg for call ", command.call,
                          ", though its offer was answered at once"));
      return;
  }
}

void Checker::ring(const ReplayCommand& command, Call& call) {
  const std::string what = absl::StrCat("call ", command.call, " (generation ", command.generation,
                                        ") was offered to agent ", command.agent, ", ");
  // After a cut the daemon repeats open offers, whether or not the answer to them is on its way.
  if (is_after_cut_ && call.agent == command.agent && call.generation == command.generation) return;
  const bool has_just_left =
      call.state == CallState::kEnded && call.ended_sequence >= batch_first_sequence_;
  if (call.state == CallState::kEnded && !has_just_left) {
    breach(absl::StrCat(what, "but has left"));
    return;
  }
  if (call.state != CallState::kWaiting && !has_just_left) {
    breach(absl::StrCat(what, "but agent ", call.agent, " already ",
                        call.state == CallState::kRinging ? "rings for it" : "has it"));
    return;
  }
  if (command.generation <= call.generation) {
    breach(absl::StrCat(what, "but its generation was ", call.generation, " before"));
  }
  const auto found = agents_.find(command.agent);
  if (found == agents_.end()) {
    breach(absl::StrCat(what, "who never logged in"));
    return;
  }
  Agent& agent = found->second;
  // The model goes along with an offer to a busy agent, to see what becomes of it.
  if (!agent.call.empty()) {
    breach(absl::StrCat(what, "who has call ", agent.call));
  } else if (!agent.ringing_call.empty()) {
    breach(absl::StrCat(what, "whose phone rings for call ", agent.ringing_call));
  }
  const bool was_logged_in =
      agent.log_out_sequence == 0 || (agent.log_out_sequence >= batch_first_sequence_ &&
                                      agent.log_out_sequence > agent.free_sequence);
  if (!was_logged_in || agent.free_sequence > last_sent_) {
    breach(absl::StrCat(what, "who is not logged in and ready"));
    return;
  }
  if (agent.station != command.station) {
    breach(absl::StrCat(what, "at ", command.station, ", but they are at ", agent.station));
  }
  agent.ringing_call = command.call;
  call.agent = command.agent;
  call.generation = command.generation;
  if (has_just_left) {
    call.is_stop_due = true;
    stops_due_.push_back(command.call);
  } else {
    call.state = CallState::kRinging;
  }
}

void Checker::stop_ringing(const ReplayCommand& command, Call& call) {
  if (is_after_cut_ && call.generation == command.generation && !call.is_stop_due &&
      call.state == CallState::kEnded) {
    return;
  }
  if (!call.is_stop_due || call.agent != command.agent || call.generation != command.generation) {
    breach(absl::StrCat("agent ", command.agent, " was told to stop ringing for call ",
                        command.call, " (generation ", command.generation, "), which ",
                        call.state == CallState::kEnded ? "rings nobody" : "waits on"));
    return;
  }
  call.is_stop_due = false;
  agents_[call.agent].ringing_call.clear();
}

void Checker::connect(const ReplayCommand& command, Call& call) {
  const bool is_same = call.agent == command.agent && call.generation == command.generation;
  if (is_after_cut_ && call.is_accepted && is_same) return;
  if (call.is_accepted) {
    breach(absl::StrCat("call ", command.call, " was accepted twice: by agent ", call.agent,
                        " (generation ", call.generation, ") and by agent ", command.agent,
                        " (generation ", command.generation, ")"));
    return;
  }
  if (call.state != CallState::kAnswered || !is_same) {
    breach(absl::StrCat("call ", command.call, " is to be connected to agent ", command.agent,
                        " (generation ", command.generation, "), who did not answer it"));
    return;
  }
  Agent& agent = agents_[command.agent];
  if (!agent.call.empty()) {
    breach(absl::StrCat("agent ", command.agent, " holds two calls: ", agent.call, " and ",
                        command.call));
  }
  agent.ringing_call.clear();
  agent.call = command.call;
  call.is_accepted = true;
  call.state = CallState::kConnecting;
}

void Checker::finish(const std::vector<QueueFigures>& before,
                     const std::vector<QueueFigures>& after) {
  if (acked_ != last_sent_) {
    breach(absl::StrCat("events ", acked_ + 1, " to ", last_sent_, " were never acknowledged"));
  }
  for (const auto& [id, call] : calls_) {
    if (is_full()) return;
    if (call.state != CallState::kEnded) {
      breach(absl::StrCat("call ", id, " was lost: it never ended",
                          call.is_accepted ? absl::StrCat(", agent ", call.agent, " has it")
                                           : std::string(", it still waits")));
    }
  }
  std::map<std::string, QueueFigures> figures_before;
  for (const QueueFigures& figures : before) figures_before[figures.queue] = figures;
  std::map<std::string, QueueTally> unseen = tallies_;
  for (const QueueFigures& figures : after) {
    compare(figures.queue, unseen[figures.queue], figures_before[figures.queue], figures);
    unseen.erase(figures.queue);
  }
  for (const auto& [queue, tally] : unseen) {
    breach(absl::StrCat("queue ", queue, " is not in the daemon's statistics, though ",
                        tally.offered, " calls were offered to it"));
  }
}

void Checker::compare(const std::string& queue, const QueueTally& tally, const QueueFigures& before,
                      const QueueFigures& after) {
  const auto expect = [&](const char* what, int64_t played, int64_t counted) {
    if (played == counted) return;
    breach(absl::StrCat("queue ", queue, ": ", what, " is ", counted,
                        " in the daemon's statistics, but ", played, " by what was played"));
  };
  expect("offered", tally.offered, after.offered - before.offered);
  expect("answered", tally.answered, after.answered - before.answered);
  expect("abandoned, the short ones included", tally.abandoned + tally.short_abandoned,
         after.abandoned - before.abandoned);
  expect("timed_out", tally.timed_out, after.timed_out - before.timed_out);
  expect("wait_answered_sum in ns", tally.wait_answered_sum_ns,
         after.wait_answered_sum_ns - before.wait_answered_sum_ns);
  expect("waiting", 0, after.waiting);
  if (!after.is_conserved) {
    breach(
        absl::StrCat("queue ", queue, ": conservation fails: offered is not waiting + all ends"));
  }
}

void Checker::breach(const std::string& text) {
  if (!is_full()) breaches_.push_back(absl::StrCat(format_instant(now_ns_), ": ", text));
}

}  // namespace acd::sim
