// SPDX-License-Identifier: Apache-2.0
// What a replay with a mix asks of the daemon: transfers, consults, callbacks, follow-ups, outcomes,
// and what desktops accept; and what the switch does of it.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <utility>

#include "sim/log_time.h"
#include "sim/replay.h"

namespace acd::sim {
namespace {

// A consult and what is said in it take so much of the talk, at most so long.
constexpr int64_t kConsultPart = 4;
constexpr int64_t kConsultMaxNs = 60 * kNsPerS;

}  // namespace

// --- Asking.

absl::Status Replay::make_claim(int64_t log_ns) {
  const Claim claim = std::move(claims_.front());
  claims_.pop_front();
  if (!is_possible(claim.event)) return absl::OkStatus();
  if (claim.is_by_request) return ask(claim.event, log_ns);
  outbox_.push_back(claim.event);
  claim_out_ = claim.event;
  return absl::OkStatus();
}

absl::Status Replay::ask(const ReplayEvent& event, int64_t log_ns) {
  const std::string id = request_id_of(event_kind_name(event.kind), event.call, event.generation);
  auto answer = daemon_.request(event, id);
  for (int cuts = 0; absl::IsUnavailable(answer.status()) && cuts < kCutsPerBatchMax; ++cuts) {
    ++cuts_;
    if (const auto rest = resume({base_ns_ + log_ns, {}}); !rest.ok()) return rest.status();
    answer = daemon_.request(event, id);
  }
  if (!answer.ok()) return answer.status();
  checker_.asked(event, *answer);
  is_answer_due_ = true;
  answer->empty() ? take(event, log_ns) : give_up(event, log_ns);
  return absl::OkStatus();
}

absl::Status Replay::look_at_desktops() {
  if (std::exchange(are_desktops_seen_, true)) return absl::OkStatus();
  for (const uint32_t agent_index : desktops_) {
    Agent& agent = agents_[agent_index];
    // One who was told to go in the same batch may have been offered something before.
    const bool may_be_there = agent.is_on || agent.was_on;
    agent.was_on = agent.is_on;
    if (!may_be_there || !may_be_offered(agent_index)) continue;
    const std::string& id = plan_.agents[agent_index].id;
    auto offers = daemon_.desktop_offers(id);
    for (int cuts = 0; absl::IsUnavailable(offers.status()) && cuts < kCutsPerBatchMax; ++cuts) {
      ++cuts_;
      if (const auto rest = resume({}); !rest.ok()) return rest.status();
      is_answer_due_ = true;
      offers = daemon_.desktop_offers(id);
    }
    if (!offers.ok()) return offers.status();
    for (const DesktopOffer& offer : *offers) {
      ReplayEvent event;
      event.kind = ReplayEventKind::kOfferAccepted;
      event.call = offer.call;
      event.agent = id;
      event.generation = offer.generation;
      claims_.push_back({event, true});
    }
  }
  return absl::OkStatus();
}

bool Replay::may_be_offered(uint32_t agent_index) const {
  return std::ranges::any_of(plan_.agents[agent_index].queues, [this](uint32_t queue) {
    return std::ranges::any_of(waiting_[queue], [this](uint32_t call) {
      return calls_[call].state == CallState::kWaiting;
    });
  });
}

// Within one instant something else may have come first.
bool Replay::is_possible(const ReplayEvent& event) const {
  const auto state_of = [this](const std::string& id) {
    const auto found = call_indexes_.find(id);
    return found == call_indexes_.end() ? CallState::kAbsent : calls_[found->second].state;
  };
  const CallState state = state_of(event.call);
  switch (event.kind) {
    case ReplayEventKind::kTransferRequested:
    case ReplayEventKind::kConsultBegun:
    case ReplayEventKind::kConsultMerged:
      return state == CallState::kConnected;
    case ReplayEventKind::kCallbackRequested: {
      const CallState origin = state_of(event.other_call);
      return origin == CallState::kWaiting || origin == CallState::kRinging;
    }
    case ReplayEventKind::kOfferAccepted:
      return state == CallState::kWaiting;
    default:
      return true;
  }
}

// --- What comes of it.

void Replay::take(const ReplayEvent& event, int64_t log_ns) {
  ++mix_acts_;
  switch (event.kind) {
    case ReplayEventKind::kTransferRequested: {
      const uint32_t index = call_indexes_.at(event.call);
      Call& call = calls_[index];
      const std::vector<uint32_t> parties = std::exchange(call.parties, {});
      const uint32_t left = call.queue;
      if (!event.number.empty()) {
        call.state = CallState::kEnded;
        ++calls_over_;
        ++transfers_outside_;
        for (const uint32_t party : parties) end_talk(party, index, left, log_ns);
        tell_later(index, log_ns);
        return;
      }
      if (event.is_to_supervisor) ++transfers_to_supervisors_;
      const auto queue = std::ranges::find(plan_.queues, event.queue);
      if (queue != plan_.queues.end()) {
        call.queue = static_cast<uint32_t>(queue - plan_.queues.begin());
      }
      enter_queue(index);
      for (const uint32_t party : parties) end_talk(party, index, left, log_ns);
      return;
    }
    case ReplayEventKind::kConsultBegun: {
      const uint32_t index = call_indexes_.at(event.call);
      const uint32_t consult = add_call(event.other_call, calls_[index]);
      calls_[consult].parent = index;
      calls_[consult].handle_ns = std::min(calls_[index].handle_ns / kConsultPart, kConsultMaxNs);
      calls_[index].consult = consult;
      calls_[index].is_held = true;
      enter_queue(consult);
      add_call_event(ReplayEventKind::kCallHeld, index).agent = event.agent;
      return;
    }
    case ReplayEventKind::kConsultMerged: {
      Call& consult = calls_[call_indexes_.at(event.call)];
      Call& call = calls_[consult.parent];
      consult.state = CallState::kEnded;
      consult.parties.clear();
      call.consult = kNoCall;
      call.is_held = false;
      const std::vector<uint32_t> before = call.parties;
      if (!event.is_conference) call.parties.clear();
      call.parties.push_back(consult.agent);
      call.agent = call.parties.front();
      if (!event.is_conference) end_talk(before.front(), consult.parent, call.queue, log_ns);
      return;
    }
    case ReplayEventKind::kCallbackRequested: {
      const uint32_t origin = call_indexes_.at(event.other_call);
      const uint32_t callback = add_call(event.call, calls_[origin]);
      calls_[callback].part.medium = Medium::kCallback;
      calls_[callback].part.dials_failing = calls_[origin].part.dials_failing;
      calls_[callback].is_off_line = true;
      calls_[origin].state = CallState::kEnded;
      ++calls_over_;
      waiting_[calls_[origin].queue].erase(origin);
      enter_queue(callback);
      return;
    }
    case ReplayEventKind::kCallScheduled: {
      const auto queue = std::ranges::find(plan_.queues, event.queue);
      Call task;
      task.queue = static_cast<uint32_t>(queue - plan_.queues.begin());
      const int64_t due_log_ns = event.due_ns - base_ns_;
      task.day = static_cast<int32_t>(due_log_ns / kDayNs);
      task.part.medium = Medium::kTask;
      task.handle_ns = kMixFollowUpStepNs;
      const uint32_t index = add_call(event.call, task);
      calls_[index].part.medium = Medium::kTask;
      ++followups_;
      // What comes at the very instant comes before it.
      schedule_.push({std::max(due_log_ns, log_ns) + 1, Kind::kFollowUp, index});
      return;
    }
    case ReplayEventKind::kCallOutcome:
      if (!event.outcome.labels.empty()) ++labelled_;
      return;
    case ReplayEventKind::kOfferAccepted: {
      const uint32_t index = call_indexes_.at(event.call);
      Call& call = calls_[index];
      call.state = CallState::kAnswered;
      call.agent = agent_indexes_.at(event.agent);
      call.generation = event.generation;
      ++agents_[call.agent].in_hand;
      waiting_[call.queue].erase(index);
      ++accepted_at_desktops_;
      return;
    }
    default:
      return;
  }
}

void Replay::give_up(const ReplayEvent& event, int64_t log_ns) {
  ++claims_refused_;
  if (event.kind != ReplayEventKind::kTransferRequested) return;
  // The agent who has the call goes on with it.
  const uint32_t index = call_indexes_.at(event.call);
  const int64_t handle_ns = calls_[index].handle_ns;
  schedule_.push({log_ns + handle_ns - handle_ns / 2, Kind::kCallEnd, index});
}

// --- What the people of the log do beside talking.

void Replay::connected(uint32_t call_index, int64_t log_ns) {
  Call& call = calls_[call_index];
  call.state = CallState::kConnected;
  call.parties = {call.agent};
  call.is_off_line = false;
  add_call_event(ReplayEventKind::kCallConnected, call_index).generation = call.generation;
  const int64_t half_ns = call.handle_ns / 2;
  if (call.parent != kNoCall) {
    schedule_.push({log_ns + call.handle_ns, Kind::kTurn, call_index});
    return;
  }
  if (call.part.outcome == OutcomeTime::kOnCall && !std::exchange(call.has_told, true)) {
    schedule_.push({log_ns, Kind::kOutcome, call_index});
  }
  if (call.part.labels > 0 && !call.has_turned) {
    schedule_.push({log_ns + kMixLabelAfterNs, Kind::kLabel, call_index});
  }
  if (call.part.turn != Turn::kNone && !call.has_turned) {
    schedule_.push({log_ns + half_ns, Kind::kTurn, call_index});
    if (is_transfer(call.part.turn)) return;
  }
  schedule_.push({log_ns + (call.has_turned ? call.handle_ns - half_ns : call.handle_ns),
                  Kind::kCallEnd, call_index});
}

void Replay::turn(uint32_t call_index, int64_t log_ns) {
  Call& call = calls_[call_index];
  if (call.state != CallState::kConnected) return;
  ReplayEvent event;
  if (call.parent != kNoCall) {
    const Call& parent = calls_[call.parent];
    if (parent.part.turn == Turn::kConsultEnds) {
      end_consult(call_index, log_ns);
      return;
    }
    event.kind = ReplayEventKind::kConsultMerged;
    event.call = call.id;
    event.is_conference = parent.part.turn == Turn::kConference;
    claims_.push_back({event, parent.part.asks_by_request});
    return;
  }
  call.has_turned = true;
  if (is_transfer(call.part.turn)) {
    begin_transfer(call_index);
    return;
  }
  event.kind = ReplayEventKind::kConsultBegun;
  event.call = call.id;
  event.other_call = call.id + kConsultSuffix;
  event.agent = plan_.agents[call.parties.front()].id;
  event.queue = plan_.queues[call.queue];
  claims_.push_back({event, call.part.asks_by_request});
}

void Replay::begin_transfer(uint32_t call_index) {
  const Call& call = calls_[call_index];
  ReplayEvent event;
  event.kind = ReplayEventKind::kTransferRequested;
  event.call = call.id;
  event.agent = plan_.agents[call.parties.front()].id;
  event.is_to_supervisor = call.part.turn == Turn::kToSupervisor;
  if (call.part.turn == Turn::kOutside) event.number = number_of(call_index);
  if (call.part.turn == Turn::kToAgent) {
    // The next one, by the roster, who seems to be free for it.
    const auto count = static_cast<uint32_t>(agents_.size());
    for (uint32_t step = 1; step < count && event.target_agent.empty(); ++step) {
      const uint32_t other = (call.parties.front() + step) % count;
      if (agents_[other].is_on && agents_[other].in_hand == 0 &&
          std::ranges::binary_search(plan_.agents[other].queues, call.queue)) {
        event.target_agent = plan_.agents[other].id;
      }
    }
  }
  const bool is_to_queue =
      !event.is_to_supervisor && event.number.empty() && event.target_agent.empty();
  if (is_to_queue) {
    event.queue = plan_.queues[(call.queue + 1) % plan_.queues.size()];
  }
  claims_.push_back({event, call.part.asks_by_request});
}

void Replay::end_consult(uint32_t call_index, int64_t log_ns) {
  Call& consult = calls_[call_index];
  if (consult.state == CallState::kWaiting || consult.state == CallState::kRinging) {
    end_waiting(call_index, EndedBy::kAgent);
    return;
  }
  if (consult.state != CallState::kConnected) return;
  consult.state = CallState::kEnded;
  calls_[consult.parent].consult = kNoCall;
  add_call_event(ReplayEventKind::kCallEnded, call_index).ended_by = EndedBy::kAgent;
  for (const uint32_t party : std::exchange(consult.parties, {})) {
    end_talk(party, call_index, consult.queue, log_ns);
  }
}

void Replay::ask_callback(uint32_t call_index) {
  const Call& call = calls_[call_index];
  if (call.state != CallState::kWaiting && call.state != CallState::kRinging) return;
  ReplayEvent event;
  event.kind = ReplayEventKind::kCallbackRequested;
  event.call = call.id + kCallbackSuffix;
  event.other_call = call.id;
  event.number = number_of(call_index);
  claims_.push_back({event, call.part.asks_by_request});
}

std::string Replay::number_of(uint32_t call_index) const {
  return absl::StrFormat("+97%d%06d", plan_.seed % 1'000, call_index);
}

void Replay::tell_later(uint32_t call_index, int64_t log_ns) {
  const CallPart& part = calls_[call_index].part;
  if (part.outcome == OutcomeTime::kAfterwards) {
    schedule_.push({log_ns + kMixOutcomeAfterNs, Kind::kOutcome, call_index});
  }
  if (part.quality_score >= 0) {
    schedule_.push({log_ns + kMixQualityAfterNs, Kind::kQuality, call_index});
  }
}

void Replay::tell_outcome(Kind kind, uint32_t call_index) {
  const Call& call = calls_[call_index];
  const CallPart& part = call.part;
  ReplayEvent event;
  event.kind = ReplayEventKind::kCallOutcome;
  event.call = call.id;
  event.generation = static_cast<int64_t>(kind);  // Each has a request of its own.
  if (kind == Kind::kLabel) {
    event.outcome.labels.assign(kMixLabels.begin(), kMixLabels.begin() + part.labels);
  } else if (kind == Kind::kQuality) {
    event.outcome.quality_score = part.quality_score;
    if (part.is_survey_late) event.outcome.survey_score = part.quality_score / 10;
  } else {
    event.outcome.code = kMixCodes[static_cast<size_t>(part.code)];
    event.outcome.is_resolved = part.is_resolved;
    event.outcome.survey_score = part.survey_score;
  }
  // A supervisor has no switch.
  claims_.push_back({event, part.asks_by_request || kind == Kind::kQuality});
}

void Replay::schedule_follow_up(uint32_t call_index, int64_t log_ns) {
  const Call& call = calls_[call_index];
  ReplayEvent event;
  event.kind = ReplayEventKind::kCallScheduled;
  event.call = call.id + kFollowUpSuffix;
  event.queue = plan_.queues[call.queue];
  // Both times in whole milliseconds.
  event.due_ns =
      (base_ns_ + log_ns + call.part.followup_after_ns + kNsPerMs - 1) / kNsPerMs * kNsPerMs;
  event.due_unix_ns = event.due_ns + unix_offset_ns_;
  claims_.push_back({event, call.part.asks_by_request});
}

// --- The switch.

void Replay::obey_dial(const ReplayCommand& command, Call& call, uint32_t call_index) {
  if (command.agent.empty()) {
    const bool is_repeat =
        call.state == CallState::kDialing && call.generation == command.generation;
    const bool is_new = call.state == CallState::kWaiting && command.generation > call.generation;
    if (!call.is_off_line || (!is_new && !is_repeat)) return;
    call.state = CallState::kDialing;
    call.generation = command.generation;
  } else if (call.state != CallState::kAnswered || call.generation != command.generation) {
    return;
  }
  dials_.push_back({call_index, command.generation});
}

void Replay::collect_dials(int64_t log_ns) {
  for (const Reply& reply : std::exchange(dials_, {})) {
    Call& call = calls_[reply.call];
    const bool has_agent = call.state == CallState::kAnswered;
    if ((!has_agent && call.state != CallState::kDialing) || call.generation != reply.generation) {
      continue;
    }
    if (call.dials_failed < call.part.dials_failing) {
      ++call.dials_failed;
      add_call_event(ReplayEventKind::kConnectFailed, reply.call).generation = reply.generation;
      const uint32_t agent = call.agent;
      if (call.dials_failed < kMixDialsMax) {
        enter_queue(reply.call);
      } else {
        call.state = CallState::kEnded;
        waiting_[call.queue].erase(reply.call);
      }
      if (has_agent) leave(agent);
    } else if (has_agent) {
      connected(reply.call, log_ns);
    } else {
      call.is_off_line = false;
      add_call_event(ReplayEventKind::kCustomerAnswered, reply.call).generation = reply.generation;
      enter_queue(reply.call);
    }
  }
}

// Of a call's queue, day and medium; nothing else that it does.
uint32_t Replay::add_call(const std::string& id, const Call& like) {
  Call call;
  call.id = id;
  call.queue = like.queue;
  call.day = like.day;
  call.handle_ns = like.handle_ns;
  call.part.medium = like.part.medium;
  const auto index = static_cast<uint32_t>(calls_.size());
  calls_.push_back(std::move(call));
  call_indexes_[id] = index;
  return index;
}

void Replay::enter_queue(uint32_t call_index) {
  Call& call = calls_[call_index];
  call.state = CallState::kWaiting;
  waiting_[call.queue].insert(call_index);
  if (agents_on_[call.queue] == 0) queues_to_check_.insert(call.queue);
}

void Replay::leave(uint32_t agent_index) {
  Agent& agent = agents_[agent_index];
  --agent.in_hand;
  if (agent.in_hand == 0 && agent.is_log_in_deferred) log_in_now(agent_index);
}

}  // namespace acd::sim
