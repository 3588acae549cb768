// SPDX-License-Identifier: Apache-2.0
// The model behind the judge of a replay.
#include "sim/checker.h"

#include <absl/strings/str_cat.h>

#include "sim/log_time.h"

namespace acd::sim {
namespace {

// Counters alone; what a gauge or a test says is of `to`.
constexpr int64_t QueueFigures::*kCounters[] = {&QueueFigures::offered,
                                                &QueueFigures::answered,
                                                &QueueFigures::abandoned,
                                                &QueueFigures::short_abandoned,
                                                &QueueFigures::timed_out,
                                                &QueueFigures::rejected,
                                                &QueueFigures::failed_waiting,
                                                &QueueFigures::overflowed_in,
                                                &QueueFigures::overflowed_out,
                                                &QueueFigures::withdrawn,
                                                &QueueFigures::wait_answered_sum_ns,
                                                &QueueFigures::handled,
                                                &QueueFigures::handle_sum_ns};

void add_counters(const QueueFigures& from, QueueFigures* to) {
  for (const auto counter : kCounters) to->*counter += from.*counter;
  to->mix.add(from.mix, 1);
}

void subtract_counters(const QueueFigures& from, QueueFigures* to) {
  for (const auto counter : kCounters) to->*counter -= from.*counter;
  to->mix.add(from.mix, -1);
}

}  // namespace

void Checker::opened(int64_t first_sequence) {
  first_sequence_ = first_sequence;
  batch_first_sequence_ = first_sequence;
  last_sent_ = first_sequence - 1;
  acked_ = last_sent_;
}

void Checker::sent(const ReplayBatch& batch) {
  if (batch.now_ns < now_ns_) breach("the replay's own clock went back");
  if (batch.now_ns > now_ns_) look_for_unserved(batch.now_ns);
  now_ns_ = batch.now_ns;
  end_wrap_ups();
  batch_first_sequence_ = last_sent_ + 1;
  arrivals_.clear();
  claims_.clear();
  claims_excused_.clear();
  enter_due_calls();
  for (const ReplayEvent& event : batch.events) play(event);
}

Checker::Call& Checker::begin(const std::string& id) {
  const auto [at, is_new] = calls_.try_emplace(id);
  if (is_mixed_ && is_new) open_.push_back(&*at);
  return at->second;
}

void Checker::play(const ReplayEvent& event) {
  if (event.sequence != last_sent_ + 1) {
    breach(absl::StrCat("the replay skipped from event ", last_sent_, " to ", event.sequence));
  }
  last_sent_ = event.sequence;
  if (is_claim(event.kind)) {  // Granted or not by the answer.
    claims_.push_back(event);
    return;
  }
  switch (event.kind) {
    case ReplayEventKind::kAgentLoggedIn: {
      Agent& agent = agents_[event.agent];
      agent.is_logged_in = true;
      agent.log_in_ns = now_ns_;
      agent.log_out_sequence = 0;
      agent.is_offer_open = false;
      agent.station = event.station;
      agent.answer_mode = event.answer_mode;
      agent.is_leg_down = event.answer_mode == AnswerMode::kNailedUp;
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
      release_meant_for(event.agent, false);
      return;
    }
    case ReplayEventKind::kCallOffered: {
      Call& call = begin(event.call);
      call.queue = event.queue;
      call.medium = event.medium;
      call.offered_ns = now_ns_;
      call.visit_ns = now_ns_;
      call.offered_sequence = event.sequence;
      arrivals_[event.sequence] = event.call;
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
      call.parties = {{call.agent, now_ns_}};
      call.is_transferred = false;
      if (!call.parent.empty()) {
        ++mix_tallies_[call.queue].consults_answered;
      } else if (call.is_off_line) {
        call.is_off_line = false;
        ++tallies_[call.queue].answered;
        ++tallies_[call.queue].left_out_of_level;
        ++mix_tallies_[call.queue].callbacks_answered;
      } else {
        tallies_[call.queue].add_answer(now_ns_ - call.visit_ns);
      }
      return;
    }
    case ReplayEventKind::kCallEnded:
      end_call(event, calls_[event.call]);
      return;
    case ReplayEventKind::kConnectFailed:
      fail_dial(event, calls_[event.call]);
      return;
    case ReplayEventKind::kCustomerAnswered: {
      Call& call = calls_[event.call];
      call.state = CallState::kWaiting;
      call.is_off_line = false;
      call.visit_ns = now_ns_;
      return;
    }
    case ReplayEventKind::kLegUp:
    case ReplayEventKind::kLegLost:
      agents_[event.agent].is_leg_down = event.kind == ReplayEventKind::kLegLost;
      if (event.kind == ReplayEventKind::kLegLost) release_meant_for(event.agent, false);
      return;
    case ReplayEventKind::kWrapUpEnded:
    case ReplayEventKind::kWrapUpExtended:
      play_wrap_up(event);
      return;
    case ReplayEventKind::kCallHeld:
    case ReplayEventKind::kCallResumed:
    case ReplayEventKind::kTransferRequested:
    case ReplayEventKind::kConsultBegun:
    case ReplayEventKind::kConsultMerged:
    case ReplayEventKind::kCallbackRequested:
    case ReplayEventKind::kCallScheduled:
    case ReplayEventKind::kCallOutcome:
    case ReplayEventKind::kOfferAccepted:
      return;
  }
}

void Checker::end_call(const ReplayEvent& event, Call& call) {
  if (call.state == CallState::kEnded) {
    breach(absl::StrCat("call ", event.call, " ended twice"));
    return;
  }
  if (call.state == CallState::kForLater) {  // Taken back.
    call.state = CallState::kEnded;
    --live_calls_;
    return;
  }
  end_consult_of(call);
  if (call.state == CallState::kConnected) {
    if (call.parent.empty()) tallies_[call.queue].handle_sum_ns += now_ns_ - call.connected_ns;
  } else {
    leaving_.push_back({event.call, event.ended_by, now_ns_ - call.visit_ns});
  }
  if (!call.parent.empty()) {
    // Given back to who asked.
    Call& parent = calls_[call.parent];
    parent.consult.clear();
    ReplayCommand& order =
        parent.retrieve.due.emplace(order_of(ReplayCommandKind::kRetrieveCall, call.parent));
    order.agent = call.consulting;
    order.generation = parent.generation;
    order.other_call = event.call;
    orders_due_.insert(call.parent);
  }
  if (call.state == CallState::kRinging) {
    call.is_stop_due = true;
    stops_due_.push_back(event.call);
  } else if (call.state == CallState::kConnected) {
    end_talks(event.call, call, event.sequence);
  } else if (call.state == CallState::kAnswered || call.state == CallState::kConnecting) {
    release_agent(call.agent, event.call, event.sequence);
  }
  call.state = CallState::kEnded;
  call.ended_sequence = event.sequence;
  --live_calls_;
}

void Checker::received(const ReplayAnswer& answer) {
  settle_claims(answer);
  for (const ReplayCommand& command : answer.commands) obey(command);
  take_acknowledgement(answer);
  count_leaving();
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
  look_for_orders();
  look_for_wrap_ups(answer.next_deadline_ns);
  answered_ns_ = now_ns_;
  is_after_cut_ = false;
}

void Checker::count_leaving() {
  for (const Leaving& one : leaving_) {
    const Call& call = calls_[one.call];
    if (call.is_ended_by_daemon || call.is_turned_away) continue;  // Counted as that.
    if (!call.parent.empty()) {
      ++mix_tallies_[call.queue].consults_failed;
      continue;
    }
    if (call.is_off_line) ++tallies_[call.queue].left_out_of_level;
    if (one.ended_by == EndedBy::kTimeout) {
      tallies_[call.queue].add_time_out(one.wait_ns);
      timed_out_calls_.push_back(one.call);
    } else {
      tallies_[call.queue].add_abandon(one.wait_ns);
    }
  }
  leaving_.clear();
}

// Whether it keeps out a new call because the daemon's disk is full. The call is over with that.
bool Checker::turn_away(const ReplayRefusal& refusal) {
  if (!refusal.is_storage_full) return false;
  const auto arrival = arrivals_.find(refusal.sequence);
  if (arrival == arrivals_.end()) return false;
  Call& call = calls_[arrival->second];
  const bool has_just_left = call.ended_sequence >= batch_first_sequence_;
  if (call.is_turned_away || (call.state != CallState::kWaiting && !has_just_left)) return false;
  call.is_turned_away = true;
  --tallies_[call.queue].offered;
  ++tallies_[call.queue].turned_away;
  turned_away_.push_back(arrival->second);
  if (has_just_left) return true;
  call.state = CallState::kEnded;
  call.ended_sequence = last_sent_;
  --live_calls_;
  return true;
}

// Whether it refuses the end of a call that the daemon had ended, or not let in, at the same
// instant.
bool Checker::is_overtaken(const ReplayRefusal& refusal) const {
  for (const Leaving& one : leaving_) {
    const Call& call = calls_.find(one.call)->second;
    if (call.ended_sequence == refusal.sequence) {
      return call.is_ended_by_daemon || call.is_turned_away;
    }
  }
  return false;
}

void Checker::take_acknowledgement(const ReplayAnswer& answer) {
  was_refused_ = false;
  turned_away_.clear();
  int64_t refused = batch_first_sequence_ - 1;
  for (const ReplayRefusal& refusal : answer.refusals) {
    // After a cut the daemon repeats its refusals; those of batches before were judged with them.
    if (is_after_cut_ && refusal.sequence <= refused) continue;
    if (refusal.sequence <= refused || refusal.sequence > last_sent_) {
      breach(absl::StrCat("event ", refusal.sequence, " was refused, but is not one of those from ",
                          batch_first_sequence_, " to ", last_sent_, " that were to be answered"));
    }
    refused = refusal.sequence;
    if (turn_away(refusal) || is_overtaken(refusal)) continue;
    if (claims_excused_.contains(refusal.sequence)) continue;
    // Or what was due at the very instant came before: then the answer tells of it.
    if (const ReplayEvent* claim = claim_of(refusal.sequence);
        claim != nullptr && may_be_refused(*claim, refusal.text)) {
      continue;
    }
    was_refused_ = true;
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
  if (hello.now_ns < answered_ns_) {
    breach(absl::StrCat("the daemon's clock went back to ", format_instant(hello.now_ns),
                        " over the reconnect, from ", format_instant(answered_ns_)));
  }
}

void Checker::obey(const ReplayCommand& command) {
  if (command.kind == ReplayCommandKind::kLogOutAgent) {
    breach(absl::StrCat("log_out_agent of agent ", command.agent, " at ", command.station,
                        ", though nobody else logged in there"));
    return;
  }
  const auto found = calls_.find(command.call);
  if (found == calls_.end()) {
    breach(absl::StrCat(command_kind_name(command.kind), " for call ", command.call,
                        ", which nobody reported"));
    return;
  }
  switch (command.kind) {
    case ReplayCommandKind::kRingAgent:
      if (const auto agent = agents_.find(command.agent);
          agent != agents_.end() && agent->second.answer_mode != AnswerMode::kPhone) {
        breach(absl::StrCat("agent ", command.agent, " was rung for call ", command.call,
                            agent->second.answer_mode == AnswerMode::kDesktop
                                ? ", but accepts at a desktop"
                                : ", but their station answers by itself"));
        return;
      }
      ring(command, found->second);
      judge_wording(command, found->second);
      return;
    case ReplayCommandKind::kStopRinging:
      stop_ringing(command, found->second);
      return;
    case ReplayCommandKind::kConnectCall:
      if (accept_at_once(command, found->second)) connect(command, found->second);
      judge_wording(command, found->second);
      return;
    case ReplayCommandKind::kDropLeg:
      // Joined before it ended in the same batch; see accept_at_once().
      if (const Call& call = found->second;
          call.state == CallState::kEnded && call.ended_sequence >= batch_first_sequence_) {
        return;
      }
      breach(absl::StrCat("drop_leg for call ", command.call,
                          ", though its offer was answered at once"));
      return;
    case ReplayCommandKind::kDialCustomer:
      dial(command, found->second);
      judge_wording(command, found->second);
      return;
    case ReplayCommandKind::kParkCaller:
    case ReplayCommandKind::kRetrieveCall:
    case ReplayCommandKind::kMergeCall:
      obey_order(command, found->second);
      return;
    case ReplayCommandKind::kPlayTreatment:
      ++treatments_;
      judge_treatment(command, found->second);
      return;
    case ReplayCommandKind::kTransferCall:
    case ReplayCommandKind::kReleaseCall:
      end_by_daemon(command, found->second);
      return;
    case ReplayCommandKind::kLogOutAgent:
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
  // At the very instant the daemon may be earlier, when something else is scheduled then.
  if (call.due_ns == now_ns_) enter(call);
  if (call.state == CallState::kForLater || call.state == CallState::kDialing) {
    breach(absl::StrCat(what, "but is not to be offered now"));
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
  if (!has_room(agent, call.medium)) {
    breach(absl::StrCat(what, "who has call ", hand_of(agent)));
  } else if (!agent.ringing_call.empty()) {
    breach(absl::StrCat(what, "whose phone rings for call ", agent.ringing_call));
  }
  const bool was_logged_in =
      agent.log_out_sequence == 0 || (agent.log_out_sequence >= batch_first_sequence_ &&
                                      agent.log_out_sequence > agent.free_sequence);
  if (!was_logged_in || agent.free_sequence > last_sent_ || agent.is_leg_down) {
    breach(absl::StrCat(
        what, agent.is_leg_down ? "whose leg is down" : "who is not logged in and ready"));
    return;
  }
  if (agent.station != command.station) {
    breach(absl::StrCat(what, "at ", command.station, ", but they are at ", agent.station));
  }
  if (!call.meant_for.empty() && call.meant_for != command.agent &&
      now_ns_ < call.visit_ns + kTransferWaitDefaultNs) {
    breach(absl::StrCat(what, "but waits for ", call.waits_if_busy ? "supervisor " : "agent ",
                        call.meant_for));
  }
  if (now_ns_ < call.retry_ns) {
    breach(absl::StrCat(what, "before the time of its next attempt"));
  }
  if (is_mixed_) judge_choice(what, command.agent, call);
  if (!has_just_left) judge_hour(command, call);
  agent.ringing_call = command.call;
  agent.is_offer_open = false;
  if (call.meant_for == command.agent) call.meant_for.clear();  // The wait is over.
  release_meant_for(command.agent, true);
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
  const bool is_dial = command.kind == ReplayCommandKind::kDialCustomer;
  // Or what became of the dial is in the batch that was cut.
  const bool has_just_failed = call.dial_failed_sequence >= batch_first_sequence_;
  const bool is_repeat = is_after_cut_ && is_same && (call.is_accepted || has_just_failed);
  if (is_same && is_dial != (is_repeat ? call.is_agent_dialing : call.is_off_line)) {
    breach(absl::StrCat(command_kind_name(command.kind), " for call ", command.call, " and agent ",
                        command.agent,
                        is_dial ? ", though its customer is on the line"
                                : ", though its customer is not on the line"));
  }
  if (is_repeat) return;
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
  if (!has_room(agent, call.medium)) {
    breach(absl::StrCat("agent ", command.agent, " holds two calls: ", hand_of(agent), " and ",
                        command.call));
  }
  if (command.answer_mode != agent.answer_mode) {
    breach(absl::StrCat("agent ", command.agent, " is to have call ", command.call, " by ",
                        std::string(answer_mode_name(command.answer_mode)),
                        ", but is at a station of ",
                        std::string(answer_mode_name(agent.answer_mode))));
  }
  agent.ringing_call.clear();
  agent.in_hand[command.call] = call.medium;
  call.is_accepted = true;
  call.is_agent_dialing = is_dial;
  call.state = CallState::kConnecting;
}

void Checker::end_by_daemon(const ReplayCommand& command, Call& call) {
  const bool is_transfer = command.kind == ReplayCommandKind::kTransferCall;
  const char* const what = is_transfer ? " was transferred, but " : " was released, but ";
  if (is_transfer && was_due(call.outside, command)) return;
  if (call.is_release_due && !is_transfer) {  // As somebody asked, or who consults is gone.
    call.is_release_due = false;
    call.was_release_told = true;
    return;
  }
  const bool has_just_left =
      call.state == CallState::kEnded && call.ended_sequence >= batch_first_sequence_;
  // After a cut the daemon repeats what ended lately.
  const bool may_be_told_again =
      is_mixed_ ? call.was_release_told && !is_transfer : call.state == CallState::kEnded;
  if (is_after_cut_ && may_be_told_again && (is_mixed_ || !has_just_left)) return;
  if (call.is_ended_by_daemon) {
    breach(absl::StrCat("call ", command.call, what, "was released or transferred before"));
    return;
  }
  if (call.state == CallState::kEnded && !has_just_left) {
    breach(absl::StrCat("call ", command.call, what, "has left"));
    return;
  }
  if (call.state != CallState::kWaiting && !has_just_left) {
    breach(absl::StrCat("call ", command.call, what, "agent ", call.agent,
                        call.state == CallState::kRinging ? " rings for it" : " has it"));
    return;
  }
  if (is_mixed_) breach(absl::StrCat("call ", command.call, what, "nobody asked for it"));
  call.is_ended_by_daemon = true;
  tallies_[call.queue].add_end_by_daemon(is_transfer, now_ns_ - call.offered_ns);
  if (has_just_left) return;
  call.state = CallState::kEnded;
  call.ended_sequence = last_sent_;
  --live_calls_;
}

void Checker::finish(const std::vector<QueueFigures>& before,
                     const std::vector<QueueFigures>& after) {
  if (acked_ != last_sent_) {
    breach(absl::StrCat("events ", acked_ + 1, " to ", last_sent_, " were never acknowledged"));
  }
  for (const auto& [id, call] : calls_) {
    if (is_full()) return;
    if (call.outcome) count_outcome(call);
    if (call.state != CallState::kEnded) {
      breach(absl::StrCat("call ", id, " was lost: it never ended",
                          call.is_accepted ? absl::StrCat(", agent ", call.agent, " has it")
                                           : std::string(", it still waits")));
    }
  }
  std::map<std::string, QueueFigures> counted;
  for (const QueueFigures& figures : after) counted[figures.queue] = figures;
  for (const QueueFigures& figures : before) {
    const auto later = counted.find(figures.queue);
    if (later != counted.end()) subtract_counters(figures, &later->second);
  }
  QueueTally played_total;
  QueueFigures counted_total;
  for (const auto& [queue, figures] : counted) add_counters(figures, &counted_total);
  for (const auto& [queue, tally] : tallies_) {
    played_total += tally;
    if (counted.contains(queue)) continue;
    breach(absl::StrCat("queue ", queue, " is not in the daemon's statistics, though ",
                        tally.offered, " calls were offered to it"));
  }
  // Which calls went on to which queue does not pass the wire: then only the sum can be judged. In
  // a mix none do.
  const bool has_moves = !is_mixed_ && counted_total.overflowed_in > 0;
  if (has_moves) compare("all queues", played_total, counted_total, false);
  for (const auto& [queue, figures] : counted) {
    const std::string what = absl::StrCat("queue ", queue);
    const auto tally = tallies_.find(queue);
    if (!has_moves) {
      compare(what, tally == tallies_.end() ? QueueTally{} : tally->second, figures, true);
    }
    const auto mix = mix_tallies_.find(queue);
    compare_mix(what, mix == mix_tallies_.end() ? MixTally{} : mix->second, figures.mix);
    if (is_mixed_) {
      compare_ends(what, tally == tallies_.end() ? QueueTally{} : tally->second, figures);
    }
    compare_handled(queue, figures);
    if (figures.callbacks_waiting != 0) {
      breach(absl::StrCat(what, ": callbacks_waiting is ", figures.callbacks_waiting,
                          " in the daemon's statistics, but all callbacks are over"));
    }
    if (figures.waiting != 0) {
      breach(absl::StrCat(what, ": waiting is ", figures.waiting,
                          " in the daemon's statistics, but all calls are over"));
    }
    if (!figures.is_conserved) {
      breach(absl::StrCat(what, ": conservation fails: offered is not waiting + all ends"));
    }
  }
}

void Checker::expect_figure(const std::string& what, std::string_view figure, int64_t played,
                            int64_t told) {
  if (played == told) return;
  breach(absl::StrCat(what, ": ", std::string(figure), " is ", told,
                      " in the daemon's statistics, but ", played, " by what was played"));
}

void Checker::compare(const std::string& what, const QueueTally& tally, const QueueFigures& counted,
                      bool is_of_one_queue) {
  const auto expect = [&](const char* figure, int64_t played, int64_t told) {
    expect_figure(what, figure, played, told);
  };
  expect("offered", tally.offered, counted.offered);
  expect("answered", tally.answered, counted.answered);
  expect("abandoned, the short ones included", tally.abandoned + tally.short_abandoned,
         counted.abandoned);
  expect("withdrawn", 0, counted.withdrawn);
  // Which limit released a call does not pass the wire.
  expect("timed_out + rejected + failed_waiting", tally.timed_out + tally.released + tally.given_up,
         counted.timed_out + counted.rejected + counted.failed_waiting);
  expect("overflowed_out - overflowed_in", tally.transferred,
         counted.overflowed_out - counted.overflowed_in);
  // A wait counts in the queue that it was in.
  if (!is_of_one_queue) return;
  expect("wait_answered_sum in ns", tally.wait_answered_sum_ns, counted.wait_answered_sum_ns);
}

void Checker::breach(const std::string& text) {
  if (!is_full()) breaches_.push_back(absl::StrCat(format_instant(now_ns_), ": ", text));
}

}  // namespace acd::sim
