// SPDX-License-Identifier: Apache-2.0
// What the judge of a replay holds a mix to.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/checker.h"
#include "sim/replay_mix.h"

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
    case ReplayEventKind::kConnectFailed:
      return "connect_failed";
    case ReplayEventKind::kCustomerAnswered:
      return "customer_answered";
    case ReplayEventKind::kCallHeld:
      return "call_held";
    case ReplayEventKind::kCallResumed:
      return "call_resumed";
    case ReplayEventKind::kLegUp:
      return "leg_up";
    case ReplayEventKind::kLegLost:
      return "leg_lost";
    case ReplayEventKind::kWrapUpEnded:
      return "wrap_up_ended";
    case ReplayEventKind::kWrapUpExtended:
      return "wrap_up_extended";
    case ReplayEventKind::kTransferRequested:
      return "transfer_requested";
    case ReplayEventKind::kConsultBegun:
      return "consult_begun";
    case ReplayEventKind::kConsultMerged:
      return "consult_merged";
    case ReplayEventKind::kCallbackRequested:
      return "callback_requested";
    case ReplayEventKind::kCallScheduled:
      return "call_scheduled";
    case ReplayEventKind::kCallOutcome:
      return "call_outcome";
    case ReplayEventKind::kOfferAccepted:
      return "accept_offer";
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
    case ReplayCommandKind::kPlayTreatment:
      return "play_treatment";
    case ReplayCommandKind::kTransferCall:
      return "transfer_call";
    case ReplayCommandKind::kReleaseCall:
      return "release_call";
    case ReplayCommandKind::kParkCaller:
      return "park_caller";
    case ReplayCommandKind::kRetrieveCall:
      return "retrieve_call";
    case ReplayCommandKind::kMergeCall:
      return "merge_call";
    case ReplayCommandKind::kDialCustomer:
      return "dial_customer";
    case ReplayCommandKind::kLogOutAgent:
      return "log_out_agent";
  }
  return "?";
}

// --- What is asked for.

const ReplayEvent* Checker::claim_of(int64_t sequence) const {
  const auto found = std::ranges::find(claims_, sequence, &ReplayEvent::sequence);
  return found == claims_.end() ? nullptr : &*found;
}

// An agent may be busy by the time, or gone; a full disk keeps out what is new. All else is due.
bool Checker::may_be_refused(const ReplayEvent& claim, const std::string& text) const {
  const std::string reason = text.substr(0, text.find(' '));
  if (reason == "STORAGE_FULL") return true;
  if (claim.kind != ReplayEventKind::kTransferRequested) return false;
  if (reason == "NO_SUPERVISOR")
    return claim.is_to_supervisor && supervisors_for(claim.call).empty();
  const auto call = calls_.find(claim.call);
  const auto agent = agents_.find(claim.target_agent);
  if (call == calls_.end() || agent == agents_.end()) return false;
  const Agent& target = agent->second;
  if (reason == "AGENT_STATE") return !is_ready(target);
  if (reason == "NOT_MEMBER") return !is_member(call->second.queue, claim.target_agent);
  return reason == "AGENT_BUSY" &&
         (!has_room(target, call->second.medium) || !target.ringing_call.empty() ||
          may_have_an_offer(claim.target_agent, target));
}

void Checker::settle_claims(const ReplayAnswer& answer) {
  for (const ReplayEvent& claim : claims_) {
    const auto refusal =
        std::ranges::find(answer.refusals, claim.sequence, &ReplayRefusal::sequence);
    if (refusal != answer.refusals.end()) {
      if (may_be_refused(claim, refusal->text)) claims_excused_.insert(claim.sequence);
      continue;
    }
    if (claim.kind == ReplayEventKind::kConsultMerged) {
      grant_merge(claim, calls_[claim.call], false);
    } else if (claim.kind == ReplayEventKind::kCallbackRequested) {
      grant_callback(claim, false);
    } else {
      grant(claim);
    }
  }
}

void Checker::asked(const ReplayEvent& request, const std::string& refusal) {
  if (!refusal.empty()) {
    if (may_be_refused(request, refusal)) {
      if (request.kind == ReplayEventKind::kOfferAccepted) {
        agents_[request.agent].is_offer_open = true;
      }
      return;
    }
    breach(absl::StrCat("request ", event_kind_name(request.kind), " for call ", request.call,
                        " was refused: ", refusal));
    return;
  }
  if (request.kind == ReplayEventKind::kConsultMerged) {
    grant_merge(request, calls_[request.call], true);
  } else if (request.kind == ReplayEventKind::kCallbackRequested) {
    grant_callback(request, true);
  } else {
    grant(request);
  }
}

void Checker::grant(const ReplayEvent& claim) {
  switch (claim.kind) {
    case ReplayEventKind::kTransferRequested:
      grant_transfer(claim, calls_[claim.call]);
      return;
    case ReplayEventKind::kConsultBegun: {
      Call& consult = begin(claim.other_call);
      Call& call = calls_[claim.call];
      consult.queue = claim.queue;
      for (const auto& [party, since_ns] : call.parties) consult.left_out[party] = kNeverNs;
      consult.medium = call.medium;
      consult.parent = claim.call;
      consult.consulting = claim.agent;
      consult.offered_ns = now_ns_;
      consult.visit_ns = now_ns_;
      call.consult = claim.other_call;
      ++mix_tallies_[claim.queue].consults;
      ++live_calls_;
      return;
    }
    case ReplayEventKind::kCallScheduled: {
      Call& call = begin(claim.call);
      call.state = CallState::kForLater;
      call.queue = claim.queue;
      call.medium = Medium::kTask;
      call.due_ns = claim.due_ns;
      if (claim.due_ns != kNeverNs) for_later_.emplace(claim.due_ns, claim.call);
      ++live_calls_;
      return;
    }
    case ReplayEventKind::kCallOutcome:
      grant_outcome(claim.outcome, calls_[claim.call]);
      return;
    case ReplayEventKind::kOfferAccepted: {
      Call& call = calls_[claim.call];
      const auto agent = agents_.find(claim.agent);
      if (agent == agents_.end() || agent->second.answer_mode != AnswerMode::kDesktop) {
        breach(absl::StrCat("call ", claim.call, " was accepted by agent ", claim.agent,
                            ", who is at no desktop"));
        return;
      }
      // It rings nowhere: all that holds for an offer by phone holds for this one.
      ReplayCommand offer;
      offer.kind = ReplayCommandKind::kRingAgent;
      offer.call = claim.call;
      offer.agent = claim.agent;
      offer.station = agent->second.station;
      offer.generation = claim.generation;
      ring(offer, call);
      if (call.state != CallState::kRinging) return;
      call.state = CallState::kAnswered;
      orders_due_.insert(claim.call);
      return;
    }
    default:
      return;
  }
}

// `is_told`: the switch is to do it; else it has.
void Checker::grant_merge(const ReplayEvent& claim, Call& consult, bool is_told) {
  Call& call = calls_[consult.parent];
  const std::string asked = consult.agent;
  if (!claim.is_conference) {
    end_talks(consult.parent, call, last_sent_);
    if (!std::exchange(call.is_transferred, true)) ++mix_tallies_[call.queue].transferred_out;
  }
  agents_[asked].in_hand.erase(claim.call);
  agents_[asked].in_hand[consult.parent] = call.medium;
  // Who was asked goes on, without a wrap-up of the consult.
  for (const auto& [party, since_ns] : std::exchange(consult.parties, {})) {
    ++handled_[consult.queue].count;
    handled_[consult.queue].sum_ns += now_ns_ - since_ns;
  }
  call.parties[asked] = now_ns_;
  call.agent = asked;
  call.consult.clear();
  consult.state = CallState::kEnded;
  consult.ended_sequence = last_sent_;
  --live_calls_;
  if (!is_told) return;
  ReplayCommand& order =
      consult.merge.due.emplace(order_of(ReplayCommandKind::kMergeCall, claim.call));
  order.agent = asked;
  order.consulting = consult.consulting;
  order.generation = consult.generation;
  order.other_call = consult.parent;
  order.is_conference = claim.is_conference;
  orders_due_.insert(claim.call);
}

void Checker::grant_callback(const ReplayEvent& claim, bool is_told) {
  Call& origin = calls_[claim.other_call];
  if (origin.state != CallState::kWaiting && origin.state != CallState::kRinging) {
    breach(absl::StrCat("call ", claim.other_call, " became callback ", claim.call,
                        ", but does not wait"));
    return;
  }
  if (origin.state == CallState::kRinging) {
    origin.is_stop_due = true;
    stops_due_.push_back(claim.other_call);
  }
  origin.state = CallState::kEnded;
  origin.ended_sequence = last_sent_;
  ++mix_tallies_[origin.queue].callback_requested;
  if (now_ns_ - origin.visit_ns <= kServiceLevelTargetDefaultNs) {
    ++tallies_[origin.queue].left_out_of_level;
  }
  if (is_told) {
    origin.is_release_due = true;
    orders_due_.insert(claim.other_call);
  }
  Call& callback = begin(claim.call);
  callback.queue = origin.queue;
  callback.pause_end_ns = origin.pause_end_ns;
  callback.medium = Medium::kCallback;
  callback.is_off_line = true;
  callback.number = claim.number;
  callback.offered_ns = now_ns_;
  callback.visit_ns = now_ns_;
  ++tallies_[callback.queue].offered;  // Its origin is over, so as many live calls as before.
}

void Checker::grant_outcome(const ReplayOutcome& told, Call& call) {
  ReplayOutcome& outcome = call.outcome ? *call.outcome : call.outcome.emplace();
  if (told.code) outcome.code = told.code;
  if (told.is_resolved) outcome.is_resolved = told.is_resolved;
  if (told.survey_score) outcome.survey_score = told.survey_score;
  if (told.quality_score) outcome.quality_score = told.quality_score;
}

// In the queue where the call was last.
void Checker::count_outcome(const Call& call) {
  MixTally& told = mix_tallies_[call.queue];
  const ReplayOutcome& outcome = *call.outcome;
  if (outcome.code) ++told.codes[*outcome.code];
  if (outcome.is_resolved) ++(*outcome.is_resolved ? told.resolved : told.unresolved);
  if (outcome.survey_score) {
    ++told.surveys;
    told.survey_sum += *outcome.survey_score;
  }
  if (outcome.quality_score) {
    ++told.qualities;
    told.quality_sum += *outcome.quality_score;
  }
}

// --- What comes by itself, and what fails.

void Checker::enter_due_calls() {
  while (!for_later_.empty() && for_later_.begin()->first < now_ns_) {
    enter(calls_[for_later_.begin()->second]);
    for_later_.erase(for_later_.begin());
  }
}

void Checker::enter(Call& call) {
  if (call.state != CallState::kForLater) return;
  call.state = CallState::kWaiting;
  call.offered_ns = call.due_ns;
  call.visit_ns = call.due_ns;
  ++tallies_[call.queue].offered;
}

// The customer did not answer.
void Checker::fail_dial(const ReplayEvent& event, Call& call) {
  ++mix_tallies_[call.queue].dials_failed;
  if (call.is_accepted) release_agent(call.agent, event.call, event.sequence);
  call.is_accepted = false;
  call.state = CallState::kWaiting;
  call.retry_ns = now_ns_ + kMixRetryNs;
  call.dial_failed_sequence = event.sequence;
  if (++call.dials_failed < kMixDialsMax) return;
  ++tallies_[call.queue].given_up;
  ++tallies_[call.queue].left_out_of_level;
  call.state = CallState::kEnded;
  call.ended_sequence = event.sequence;
  --live_calls_;
}

// --- What the switch is told.

// The caller hangs up while a consult is open: the daemon ends it.
void Checker::end_consult_of(Call& call) {
  if (call.consult.empty()) return;
  Call& consult = calls_[call.consult];
  if (consult.state == CallState::kRinging) {
    consult.is_stop_due = true;
    stops_due_.push_back(call.consult);
  } else if (consult.state == CallState::kConnected) {
    end_talks(call.consult, consult, last_sent_);
  } else if (consult.state != CallState::kWaiting) {
    release_agent(consult.agent, call.consult, last_sent_);
  }
  if (consult.state != CallState::kConnected) ++mix_tallies_[consult.queue].consults_failed;
  consult.state = CallState::kEnded;
  consult.ended_sequence = last_sent_;
  consult.is_release_due = true;
  orders_due_.insert(call.consult);
  call.consult.clear();
  --live_calls_;
}

// --- Who waits though somebody is free.

void Checker::add_member(const std::string& queue, const std::string& agent) {
  members_[queue].insert(agent);
}

bool Checker::is_member(const std::string& queue, const std::string& agent) const {
  const auto members = members_.find(queue);
  return members != members_.end() && members->second.contains(agent);
}

// At a desktop nobody is rung: what is offered there shows when it is accepted.
bool Checker::may_have_an_offer(const std::string& agent_id, const Agent& agent) const {
  if (agent.answer_mode != AnswerMode::kDesktop) return false;
  return std::ranges::any_of(open_, [&](const auto* one) {
    return one->second.state == CallState::kWaiting && is_member(one->second.queue, agent_id);
  });
}

// Null: nobody.
const std::string* Checker::free_agent_for(const Call& call) const {
  const auto members = members_.find(call.queue);
  if (members == members_.end()) return nullptr;
  const auto free = std::ranges::find_if(members->second, [&](const std::string& id) {
    const auto found = agents_.find(id);
    if (found == agents_.end()) return false;  // Never logged in.
    const Agent& agent = found->second;
    return is_ready(agent) && agent.ringing_call.empty() && !agent.is_offer_open &&
           has_room(agent, call.medium) && !is_left_out(call, id);
  });
  return free == members->second.end() ? nullptr : &*free;
}

// This instant is settled, and nothing happens until the next: who waits now for a free agent does
// so till then. Pauses after a failed dial and a transfer do not count; a customer who is dialed
// does not wait.
void Checker::look_for_unserved(int64_t until_ns) {
  std::erase_if(open_, [](const auto* one) { return one->second.state == CallState::kEnded; });
  for (auto* const one : open_) {
    auto& [id, call] = *one;
    if (call.state != CallState::kWaiting || call.is_unserved_told) continue;
    if (!may_call(call, now_ns_) || !may_call(call, until_ns - 1)) continue;
    const int64_t from_ns = std::max({now_ns_, call.retry_ns, call.pause_end_ns});
    if (from_ns >= until_ns) continue;
    const std::string* const agent = free_agent_for(call);
    if (agent == nullptr) continue;
    call.unserved_ns += until_ns - from_ns;
    if (call.unserved_ns <= kUnservedMaxNs) continue;
    call.is_unserved_told = true;
    breach(absl::StrCat("call ", id, " (", std::string(medium_name(call.medium)),
                        ") waits in queue ", call.queue, " and is not offered, though agent ",
                        *agent, " is free for it; that came to ", call.unserved_ns / kNsPerS,
                        " s by now"));
  }
}

// --- The end.

// Of a mix: each by itself, as no limit ends a visit.
void Checker::compare_ends(const std::string& what, const QueueTally& tally,
                           const QueueFigures& counted) {
  const auto expect = [&](const char* figure, int64_t played, int64_t told) {
    expect_figure(what, figure, played, told);
  };
  expect("short_abandoned", tally.short_abandoned, counted.short_abandoned);
  expect("timed_out", tally.timed_out, counted.timed_out);
  expect("failed_waiting", tally.given_up, counted.failed_waiting);
  expect("rejected", 0, counted.rejected);
  expect("overflowed_in", 0, counted.overflowed_in);
  expect("overflowed_out", 0, counted.overflowed_out);
}

void Checker::compare_mix(const std::string& what, const MixTally& tally, const MixTally& counted) {
  for (const auto& [name, counter] : MixTally::counters()) {
    expect_figure(what, name, tally.*counter, counted.*counter);
  }
  if (tally.codes == counted.codes) return;
  const auto text = [](const std::map<std::string, int64_t>& codes) {
    std::string all;
    for (const auto& [code, count] : codes) absl::StrAppend(&all, " ", code, "=", count);
    return all;
  };
  breach(absl::StrCat(what, ": wrap-up codes are", text(counted.codes),
                      " in the daemon's statistics, but", text(tally.codes),
                      " by what was played"));
}

}  // namespace acd::sim
