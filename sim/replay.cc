// SPDX-License-Identifier: Apache-2.0
// The conductor of a replay and the world it plays.
#include "sim/replay.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "sim/log_time.h"

namespace acd::sim {

Replay::Replay(const ReplayPlan& plan, ReplayDaemon& daemon, ReplayHooks hooks)
    : plan_(plan), daemon_(daemon), hooks_(std::move(hooks)), checker_(plan.mix.is_any()) {
  prepare();
}

void Replay::prepare() {
  for (const PlannedCall& planned : plan_.calls) {
    Call& call = calls_.emplace_back();
    call.id = planned.id;
    call.queue = planned.queue;
    call.day = planned.day;
    call.handle_ns = planned.handle_ns;
    call.part = planned.part;
  }
  agents_.resize(plan_.agents.size());
  waiting_.resize(plan_.queues.size());
  agents_on_.resize(plan_.queues.size());
  log_ins_deferred_.resize(plan_.queues.size());
  last_log_ins_.resize(plan_.queues.size());
  for (uint32_t i = 0; i < plan_.calls.size(); ++i) {
    call_indexes_[plan_.calls[i].id] = i;
  }
  for (uint32_t i = 0; i < plan_.queues.size() && plan_.mix.is_any(); ++i) {
    if (has_wrap_up(i)) checker_.add_wrap_up(plan_.queues[i]);
    checker_.add_callbacks(plan_.queues[i], callback_mode_of(i));
  }
  checker_.set_callback_hours(plan_.callback_hours);
  for (uint32_t i = 0; i < plan_.agents.size(); ++i) {
    agent_indexes_[plan_.agents[i].id] = i;
    for (const uint32_t queue : plan_.agents[i].queues) {
      checker_.add_member(plan_.queues[queue], plan_.agents[i].id);
    }
    for (uint32_t other = 0; other < plan_.agents.size() && plan_.mix.is_any(); ++other) {
      if (team_of(other) == team_of(i) && is_supervisor(other)) {
        checker_.add_supervisor(plan_.agents[i].id, plan_.agents[other].id);
      }
    }
    if (plan_.agents[i].answer_mode == AnswerMode::kDesktop) desktops_.push_back(i);
  }
  for (const Shift& shift : plan_.shifts) {
    for (const uint32_t queue : plan_.agents[shift.agent].queues) {
      int64_t& last_ns = last_log_ins_[queue][shift.day];
      last_ns = std::max(last_ns, shift.begin_ns);
    }
  }
}

absl::StatusOr<ReplayResult> Replay::run() {
  absl::Status status = open();
  std::vector<QueueFigures> before;
  if (status.ok()) {
    auto figures = daemon_.queue_figures();
    if (!figures.ok()) return figures.status();
    before = *std::move(figures);
    status = play();
  }
  if (status.ok()) {
    const auto after = daemon_.queue_figures();
    if (!after.ok()) return after.status();
    checker_.finish(before, *after);
  }
  // What broke a promise is told, even if it also ended the run.
  if (!status.ok() && checker_.breaches().empty()) return status;
  ReplayResult outcome = result();
  if (!status.ok()) {
    outcome.notes.push_back(absl::StrCat("ended early: ", std::string(status.message())));
  }
  return outcome;
}

absl::Status Replay::open() {
  auto hello = daemon_.connect();
  if (!hello.ok()) return hello.status();
  hello_ = *std::move(hello);
  if (!hello_.is_clock_driven) {
    return absl::FailedPreconditionError(
        "the daemon runs on the machine's clock; a replay drives it: start it with `acdd "
        "--clock=driven` on a loopback address or a Unix socket");
  }
  if (hello_.last_durable_sequence > 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the daemon has already played this session up to event ", hello_.last_durable_sequence,
        "; take another --seed, or start acdd with an empty --data-dir"));
  }
  for (const PlannedCall& call : plan_.calls) {
    if (call.id.size() + kDerivedIdBytes > hello_.id_bytes_max) {
      return absl::FailedPreconditionError(
          absl::StrCat("call id ", call.id, " is longer than the daemon's ", hello_.id_bytes_max,
                       " bytes; take a shorter tenant or a smaller seed"));
    }
  }
  checker_.opened(1);
  // The first answer tells the first deadline.
  base_ns_ = hello_.now_ns;
  if (absl::Status status = settle(0); !status.ok()) return status;
  if (hello_.now_ns > 0) {
    const int64_t start_ns = (hello_.now_ns + kSettlingNs + kDayNs - 1) / kDayNs * kDayNs;
    if (absl::Status status = pass_deadlines(start_ns - base_ns_); !status.ok()) return status;
    base_ns_ = start_ns;
  }
  unix_offset_ns_ = hello_.unix_ns - hello_.now_ns;
  checker_.set_unix_offset(unix_offset_ns_);
  return absl::OkStatus();
}

absl::Status Replay::play() {
  // Not before: the settling of a used daemon's clock is no part of the log.
  is_playing_ = true;
  for (uint32_t i = 0; i < plan_.calls.size(); ++i) {
    schedule_.push({plan_.calls[i].arrival_ns, Kind::kArrival, i});
  }
  for (uint32_t i = 0; i < plan_.shifts.size(); ++i) {
    schedule_.push({plan_.shifts[i].begin_ns, Kind::kLogIn, i});
    schedule_.push({plan_.shifts[i].end_ns, Kind::kLogOut, i});
  }
  while (!schedule_.empty()) {
    const int64_t log_ns = schedule_.top().time_ns;
    if (absl::Status status = pass_deadlines(log_ns); !status.ok()) return status;
    if (absl::Status status = settle(log_ns); !status.ok()) return status;
    log_ns_ = log_ns;
    if (hooks_.progress) {
      hooks_.progress({calls_over_, static_cast<int64_t>(plan_.calls.size()), log_ns, mix_acts_});
    }
  }
  return absl::OkStatus();
}

absl::Status Replay::pass_deadlines(int64_t log_ns) {
  // A deadline just 1 ns before is passed by the batch of `log_ns` itself.
  while (next_deadline_ns_ < base_ns_ + log_ns - 1) {
    const int64_t deadline_ns = next_deadline_ns_;
    if (absl::Status status = settle(deadline_ns + 1 - base_ns_); !status.ok()) return status;
    if (next_deadline_ns_ <= deadline_ns) {
      return absl::InternalError(absl::StrCat("the daemon's timer of ", format_instant(deadline_ns),
                                              " is still set after that instant has passed"));
    }
  }
  return absl::OkStatus();
}

absl::Status Replay::settle(int64_t log_ns) {
  if (hooks_.pace && is_playing_) hooks_.pace(log_ns);
  for (bool is_first = true;; is_first = false) {
    collect_due(log_ns);
    if (outbox_.empty()) collect_replies(log_ns);
    if (outbox_.empty() && !is_first && !is_answer_due_) {
      if (claims_.empty()) {
        if (absl::Status status = look_at_desktops(); !status.ok()) return status;
      }
      if (!claims_.empty()) {
        if (absl::Status status = make_claim(log_ns); !status.ok()) return status;
        continue;
      }
      collect_releases(log_ns);
      if (outbox_.empty() && !is_answer_due_) return absl::OkStatus();
    }
    if (absl::Status status = send(log_ns); !status.ok()) return status;
  }
}

absl::Status Replay::send(int64_t log_ns) {
  if (hooks_.is_stopped && hooks_.is_stopped()) return absl::CancelledError("stopped");
  ReplayBatch batch;
  batch.now_ns = base_ns_ + log_ns;
  while (!outbox_.empty() && batch.events.size() < hello_.batch_events_max) {
    batch.events.push_back(std::move(outbox_.front()));
    outbox_.pop_front();
    batch.events.back().sequence = ++last_sequence_;
  }
  ++batches_;
  is_answer_due_ = false;
  are_desktops_seen_ = false;
  checker_.sent(batch);
  const auto answer = exchange(batch);
  if (!answer.ok()) return answer.status();
  checker_.received(*answer);
  if (checker_.was_refused()) {
    return absl::FailedPreconditionError("the daemon refused an event");
  }
  if (checker_.is_full()) return absl::FailedPreconditionError("too many breaches");
  next_deadline_ns_ = answer->next_deadline_ns;
  if (claim_out_) {
    const ReplayEvent claim = *std::exchange(claim_out_, std::nullopt);
    const bool is_refused = std::ranges::any_of(
        answer->refusals,
        [this](const ReplayRefusal& refusal) { return refusal.sequence == last_sequence_; });
    is_refused ? give_up(claim, log_ns) : take(claim, log_ns);
  }
  for (const ReplayCommand& command : answer->commands) obey(command);
  for (const std::string& call_id : checker_.turned_away()) turn_away(call_id);
  return absl::OkStatus();
}

absl::StatusOr<ReplayAnswer> Replay::exchange(const ReplayBatch& batch) {
  auto answer = daemon_.exchange(batch);
  for (int cuts = 0; absl::IsUnavailable(answer.status()) && cuts < kCutsPerBatchMax; ++cuts) {
    ++cuts_;
    // That connect() gave up is final: it has tried for as long as it was told to.
    const auto rest = resume(batch);
    if (!rest.ok()) return rest.status();
    answer = daemon_.exchange(*rest);
  }
  return answer;
}

absl::StatusOr<ReplayBatch> Replay::resume(const ReplayBatch& batch) {
  const auto hello = daemon_.connect();
  if (!hello.ok()) return hello.status();
  const size_t breaches = checker_.breaches().size();
  checker_.resumed(*hello);
  if (checker_.breaches().size() > breaches) {
    return absl::DataLossError("the daemon lost what it had acknowledged");
  }
  // Only what is not durable; often nothing but the question where the clock stands.
  ReplayBatch rest;
  rest.now_ns = batch.now_ns;
  for (const ReplayEvent& event : batch.events) {
    if (event.sequence > hello->last_durable_sequence) rest.events.push_back(event);
  }
  return rest;
}

void Replay::obey(const ReplayCommand& command) {
  const auto found = call_indexes_.find(command.call);
  if (found == call_indexes_.end()) return;  // The checker has said so.
  Call& call = calls_[found->second];
  switch (command.kind) {
    case ReplayCommandKind::kRingAgent: {
      const auto agent = agent_indexes_.find(command.agent);
      // A follow-up may enter at its very instant, when another one is scheduled then.
      if (call.state == CallState::kAbsent) enter_queue(found->second);
      if (call.state != CallState::kWaiting || agent == agent_indexes_.end()) return;
      call.state = CallState::kRinging;
      call.agent = agent->second;
      call.generation = command.generation;
      rings_.push_back({found->second, command.generation});
      if (!std::ranges::binary_search(plan_.agents[call.agent].queues, call.queue)) {
        if (++odd_offers_ == 1) {
          first_odd_offer_ = absl::StrCat("call ", command.call, " to agent ", command.agent);
        }
      }
      return;
    }
    case ReplayCommandKind::kStopRinging:
      if (call.state == CallState::kRinging && call.generation == command.generation) {
        call.state = CallState::kWaiting;
      }
      return;
    case ReplayCommandKind::kConnectCall:
      answer_at_once(command, call, found->second);
      if (call.state == CallState::kAnswered && call.generation == command.generation) {
        connects_.push_back({found->second, command.generation});
      }
      return;
    case ReplayCommandKind::kTransferCall:
    case ReplayCommandKind::kReleaseCall:
      if (call.state != CallState::kWaiting) return;
      call.state = CallState::kEnded;
      if (found->second < plan_.calls.size()) ++calls_over_;
      waiting_[call.queue].erase(found->second);
      return;
    case ReplayCommandKind::kPlayTreatment:
      return;  // Callers of a log hear nothing.
    case ReplayCommandKind::kDialCustomer:
      answer_at_once(command, call, found->second);
      obey_dial(command, call, found->second);
      return;
    case ReplayCommandKind::kRetrieveCall:
      if (call.state != CallState::kConnected || !call.is_held) return;
      call.is_held = false;
      add_call_event(ReplayEventKind::kCallResumed, found->second).agent = command.agent;
      return;
    case ReplayCommandKind::kParkCaller:
    case ReplayCommandKind::kMergeCall:
      return;  // Done with the claim; a repeat finds it so.
    case ReplayCommandKind::kDropLeg:
    case ReplayCommandKind::kLogOutAgent:
      return;  // A breach, and nothing to do about it.
  }
}

void Replay::turn_away(const std::string& call_id) {
  const uint32_t call_index = call_indexes_.at(call_id);
  // What the same instant still brings of it, when that did not fit into the batch.
  std::erase_if(outbox_, [&](const ReplayEvent& event) { return event.call == call_id; });
  Call& call = calls_[call_index];
  if (call.state == CallState::kEnded) return;
  call.state = CallState::kEnded;
  if (call_index < plan_.calls.size()) ++calls_over_;
  waiting_[call.queue].erase(call_index);
}

void Replay::collect_due(int64_t log_ns) {
  while (!schedule_.empty() && schedule_.top().time_ns <= log_ns) {
    const Due due = schedule_.top();
    schedule_.pop();
    switch (due.kind) {
      case Kind::kWrapUpEnd:
        if (wrap_ups_[due.id].end_ns < log_ns) end_wrap_up(wrap_ups_[due.id]);
        break;
      case Kind::kLogIn:
        log_in(plan_.shifts[due.id]);
        break;
      case Kind::kCallEnd:
        end_connected(due.id, log_ns);
        break;
      case Kind::kArrival:
        arrive(due.id);
        break;
      case Kind::kAbandon: {
        const CallState state = calls_[due.id].state;
        if (state == CallState::kWaiting || state == CallState::kRinging) {
          end_waiting(due.id, EndedBy::kCaller);
        }
        break;
      }
      case Kind::kLogOut:
        log_out(plan_.shifts[due.id], log_ns);
        break;
      case Kind::kFollowUp:
        if (calls_[due.id].state == CallState::kAbsent) enter_queue(due.id);
        break;
      case Kind::kCallback:
        ask_callback(due.id);
        break;
      case Kind::kTurn:
        turn(due.id, log_ns);
        break;
      case Kind::kOutcome:
      case Kind::kLabel:
      case Kind::kQuality:
        tell_outcome(due.kind, due.id);
        break;
      case Kind::kWrapUpAct:
        act_in_wrap_up(due.id, log_ns);
        break;
      case Kind::kLegUp:
        bring_leg_up(due.id);
        break;
    }
  }
}

void Replay::collect_replies(int64_t log_ns) {
  for (const Reply& reply : std::exchange(rings_, {})) {
    Call& call = calls_[reply.call];
    // The caller may have gone meanwhile, and the phone with them.
    if (call.state != CallState::kRinging || call.generation != reply.generation) continue;
    call.state = CallState::kAnswered;
    ++agents_[call.agent].in_hand;
    waiting_[call.queue].erase(reply.call);
    add_call_event(ReplayEventKind::kLegAnswered, reply.call).generation = reply.generation;
  }
  for (const Reply& reply : std::exchange(connects_, {})) {
    Call& call = calls_[reply.call];
    // After a cut a command may come twice.
    if (call.state != CallState::kAnswered || call.generation != reply.generation) continue;
    connected(reply.call, log_ns);
  }
  collect_dials(log_ns);
}

void Replay::collect_releases(int64_t log_ns) {
  for (const uint32_t queue : std::exchange(queues_to_check_, {})) {
    const std::set<uint32_t> waiting = waiting_[queue];
    for (const uint32_t call : waiting) {
      if (!is_served_again(queue, calls_[call].day, log_ns)) {
        end_waiting(call, EndedBy::kTimeout);
      }
    }
  }
}

bool Replay::is_served_again(uint32_t queue, int32_t day, int64_t log_ns) const {
  if (agents_on_[queue] > 0 || log_ins_deferred_[queue] > 0) return true;
  const auto last = last_log_ins_[queue].find(day);
  return last != last_log_ins_[queue].end() && last->second > log_ns;
}

void Replay::log_in(const Shift& shift) {
  Agent& agent = agents_[shift.agent];
  agent.shift_end_ns = shift.end_ns;
  if (agent.in_hand == 0) {
    log_in_now(shift.agent);
    return;
  }
  // The daemon logs the agent out when the call in hand is over; a log-in now would undo that.
  agent.is_log_in_deferred = true;
  for (const uint32_t queue : plan_.agents[shift.agent].queues) ++log_ins_deferred_[queue];
}

void Replay::log_in_now(uint32_t agent_index) {
  Agent& agent = agents_[agent_index];
  agent.is_on = true;
  for (const uint32_t queue : plan_.agents[agent_index].queues) {
    ++agents_on_[queue];
    if (agent.is_log_in_deferred) --log_ins_deferred_[queue];
  }
  agent.is_log_in_deferred = false;
  const AnswerMode answer_mode = plan_.agents[agent_index].answer_mode;
  add_station_event(ReplayEventKind::kAgentLoggedIn, agent_index).answer_mode = answer_mode;
  agent.is_leg_down = false;
  if (answer_mode == AnswerMode::kNailedUp) {
    add_station_event(ReplayEventKind::kLegUp, agent_index);
  }
  add_agent_event(ReplayEventKind::kAgentReady, agent_index);
}

void Replay::log_out(const Shift& shift, int64_t log_ns) {
  Agent& agent = agents_[shift.agent];
  // Logged out already, before a call that ended at this very instant.
  if (!agent.is_on && !agent.is_log_in_deferred) return;
  if (agent.shift_end_ns > log_ns) return;
  const std::vector<uint32_t>& queues = plan_.agents[shift.agent].queues;
  for (const uint32_t queue : queues) {
    --(agent.is_on ? agents_on_ : log_ins_deferred_)[queue];
    queues_to_check_.insert(queue);
  }
  if (agent.is_on) add_agent_event(ReplayEventKind::kAgentLoggedOut, shift.agent);
  agent.is_on = false;
  agent.is_log_in_deferred = false;
}

void Replay::arrive(uint32_t call_index) {
  const PlannedCall& planned = plan_.calls[call_index];
  enter_queue(call_index);
  ReplayEvent& event = add_call_event(ReplayEventKind::kCallOffered, call_index);
  event.queue = plan_.queues[planned.queue];
  event.age_credit_ns = planned.age_credit_ns;
  event.medium = planned.part.medium;
  if (planned.patience_ns != kNeverNs) {
    schedule_.push({planned.arrival_ns + planned.patience_ns, Kind::kAbandon, call_index});
  }
  if (planned.part.asks_callback) {
    schedule_.push({planned.arrival_ns + kMixCallbackAfterNs, Kind::kCallback, call_index});
  }
}

void Replay::end_connected(uint32_t call_index, int64_t log_ns) {
  if (calls_[call_index].state != CallState::kConnected) return;
  if (const uint32_t consult = calls_[call_index].consult; consult != kNoCall) {
    // Ended first, or by the daemon, because who consults is gone.
    if (!calls_[call_index].part.ends_over_consult) {
      end_consult(consult, log_ns);
    } else {
      Call& open = calls_[consult];
      if (open.state == CallState::kAnswered) leave(open.agent);
      if (open.state == CallState::kConnected) end_talk(open.agent, consult, open.queue, log_ns);
      open.state = CallState::kEnded;
      waiting_[open.queue].erase(consult);
      calls_[call_index].consult = kNoCall;
    }
  }
  Call& call = calls_[call_index];
  // An agent's shift ends with this call: logged out first, they get no other.
  for (const uint32_t party : call.parties) {
    const Agent& agent = agents_[party];
    if (agent.is_on && agent.shift_end_ns <= log_ns) {
      log_out({.agent = party, .end_ns = log_ns}, log_ns);
    }
    if (call.part.loses_leg) lose_leg(party, log_ns);
  }
  call.state = CallState::kEnded;
  if (call_index < plan_.calls.size()) ++calls_over_;
  add_call_event(ReplayEventKind::kCallEnded, call_index).ended_by = EndedBy::kCaller;
  for (const uint32_t party : std::exchange(call.parties, {})) {
    end_talk(party, call_index, call.queue, log_ns);
  }
  tell_later(call_index, log_ns);
  if (call.part.followup_after_ns > 0) schedule_follow_up(call_index, log_ns);
}

void Replay::end_waiting(uint32_t call_index, EndedBy ended_by) {
  Call& call = calls_[call_index];
  call.state = CallState::kEnded;
  if (call_index < plan_.calls.size()) ++calls_over_;
  if (call.parent != kNoCall) calls_[call.parent].consult = kNoCall;
  waiting_[call.queue].erase(call_index);
  add_call_event(ReplayEventKind::kCallEnded, call_index).ended_by = ended_by;
}

ReplayEvent& Replay::add(ReplayEventKind kind) {
  ReplayEvent& event = outbox_.emplace_back();
  event.kind = kind;
  return event;
}

ReplayEvent& Replay::add_call_event(ReplayEventKind kind, uint32_t call_index) {
  ReplayEvent& event = add(kind);
  event.call = calls_[call_index].id;
  return event;
}

ReplayEvent& Replay::add_agent_event(ReplayEventKind kind, uint32_t agent_index) {
  ReplayEvent& event = add(kind);
  event.agent = plan_.agents[agent_index].id;
  return event;
}

ReplayResult Replay::result() const {
  ReplayResult result;
  result.breaches = checker_.breaches();
  result.tallies.reserve(plan_.queues.size());
  for (const std::string& queue : plan_.queues) {
    const auto tally = checker_.tallies().find(queue);
    result.tallies.push_back(tally == checker_.tallies().end() ? QueueTally{} : tally->second);
    if (const auto mix = checker_.mix_tallies().find(queue); mix != checker_.mix_tallies().end()) {
      result.tallies.back().transferred_in = mix->second.transferred_in;
    }
  }
  result.timed_out_calls = checker_.timed_out_calls();
  result.treatments = checker_.treatments();
  for (const auto& [queue, tally] : checker_.mix_tallies()) result.mix.add(tally, 1);
  result.chats_and_emails = std::ranges::count_if(
      plan_.calls, [](const PlannedCall& call) { return call.part.medium != Medium::kVoice; });
  result.followups = followups_;
  result.accepted_at_desktops = accepted_at_desktops_;
  result.answered_at_once = answered_at_once_;
  result.transfers_to_supervisors = transfers_to_supervisors_;
  result.transfers_outside = transfers_outside_;
  result.labelled = labelled_;
  result.claims_refused = claims_refused_;
  result.wrap_up_acts = wrap_up_acts_;
  result.calls = static_cast<int64_t>(plan_.calls.size());
  result.events = checker_.events_sent();
  result.batches = batches_;
  result.cuts = cuts_;
  result.log_ns = log_ns_;
  if (odd_offers_ > 0) {
    result.notes.push_back(absl::StrCat(
        odd_offers_,
        " offers went to agents who never take that type of call in this file (first: ",
        first_odd_offer_, "); is the daemon's configuration made from another file?"));
  }
  return result;
}

}  // namespace acd::sim
