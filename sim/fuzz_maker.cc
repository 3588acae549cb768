// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz_maker.h"

#include <algorithm>
#include <utility>

#include "routing/leg_id.h"
#include "routing/outcome.h"
#include "sim/command_line.h"

namespace acd::sim {
namespace {

constexpr int64_t kHourNs = 3'600 * kNsPerS;

// What may happen, and how often, in parts of the sum.
enum class Action : uint8_t {
  kArrival,
  kCall,
  kAgent,
  kPause,
  kPhone,
  kQueue,
  kTable,
  kSwitch,
  kOutcome,
  kTransfer,
  kConsult,
  kLeg,
  kCallback,
  kDesktop,
  kSupervisor
};

}  // namespace

std::string step_line(const FuzzStep& step) {
  std::string text = time_text(step.now_ns) + " ";
  switch (step.kind) {
    case FuzzStep::Kind::kPass:
      return text + "time passes";
    case FuzzStep::Kind::kConfigure:
      return text + "configure\n" + config_lines(*step.config);
    case FuzzStep::Kind::kUpsert:
      return text + "upsert_agents " + profile_line(*step.profile);
    case FuzzStep::Kind::kCommand:
      break;
  }
  text += command_line(step.command, step.arena);
  switch (step.order) {
    case FuzzStep::Order::kNone:
    case FuzzStep::Order::kNext:
      break;
    case FuzzStep::Order::kRepeat:
      text += " (an old sequence)";
      break;
    case FuzzStep::Order::kGap:
      text += " (a sequence too far)";
      break;
  }
  return text;
}

int64_t FuzzMaker::next_time(const FuzzView& view) {
  if (lister_.valid() && !draw_.one_in(20)) return view.now_ns;  // Lists are told at once.
  // Where there are many, time that passes is work for hundreds.
  const bool is_busy = has(Feature::kBigCentre) && (is_filling() || !draw_.one_in(4));
  if (is_busy) return view.now_ns + (draw_.one_in(8) ? 1 : 0);
  const int64_t wait_ns =
      view.next_deadline_ns == kNeverNs ? kNeverNs : view.next_deadline_ns - view.now_ns;
  if (wait_ns >= 0 && wait_ns < kHourNs && one_in(Feature::kAtDeadlines, 4)) {
    return view.next_deadline_ns + draw_.below(2);
  }
  const uint32_t choice = draw_.below(1'000);
  int64_t pause_ns = 0;
  // A day where nobody waits for anything, so that calls are forgotten that ended before it.
  const bool is_quiet = std::ranges::all_of(view.ledger->calls(), [](const LedgerCall& call) {
    return call.stage == LedgerStage::kConnected;
  });
  if (choice >= (is_quiet ? 990u : 998u) && !has(Feature::kTreatments)) {
    // Treatments of who waits would fill the hours.
    pause_ns = is_quiet ? 25 * kHourNs : kHourNs / 12;
  } else if (choice >= 970) {
    pause_ns = (30 + draw_.below(40)) * kNsPerS;
  } else if (choice >= 780) {
    pause_ns = (1 + draw_.below(10)) * kNsPerS;
  } else if (choice >= 650) {
    pause_ns = (1 + draw_.below(999)) * kNsPerMs;
  } else if (choice >= 600) {
    pause_ns = 1;
  }
  return view.now_ns + pause_ns;
}

FuzzStep FuzzMaker::fill() {
  const auto& agents = view_.ledger->agents();
  const auto agent_count = static_cast<uint32_t>(agents.size());
  const uint32_t gather_begin = agent_count + features_.size.calls_max;
  if (filled_ == 0) {
    fill_end_ = gather_begin + (draw_.one_in(2) ? agent_count + 2 * source_count() : 0);
  }
  const uint32_t number = filled_++;
  if (number < agent_count) return log_in(agents[number], number);
  return number < gather_begin ? arrival() : gather(number - gather_begin);
}

// The switches go away, supervisors set everybody ready, and the switches come again.
FuzzStep FuzzMaker::gather(uint32_t number) {
  const auto& agents = view_.ledger->agents();
  if (number < source_count()) {
    FuzzStep step = begin(CommandKind::kCloseSession);
    step.command.source = SourceIndex(number);
    return step;
  }
  number -= source_count();
  if (number >= agents.size()) {
    return open(view_, number - static_cast<uint32_t>(agents.size()), false);
  }
  FuzzStep step = begin(CommandKind::kSetReady);
  step.command.name = step.text(agents[number].id);
  return step;
}

FuzzStep FuzzMaker::next(const FuzzView& view) {
  view_ = view;
  if (is_filling()) return fill();
  const bool is_big = has(Feature::kBigCentre);
  const auto& sources = view.ledger->sources();
  const bool is_any_away = std::ranges::any_of(sources, [](const LedgerSource& source) {
    return !source.is_connected && !source.is_desktop;
  });
  if (is_any_away && draw_.one_in(8)) return switch_event();
  if (lister_.valid() && !draw_.one_in(4)) return listed();
  const std::vector<std::pair<Action, uint32_t>> chances = {
      {Action::kArrival, view.ledger->calls().size() < features_.size.calls_max ? 20u : 0u},
      {Action::kCall, 40},
      {Action::kAgent, 25},
      {Action::kPause, has(Feature::kPauses) ? 3u : 0u},
      {Action::kPhone, has(Feature::kBusyPhones) || has(Feature::kAnswerModes) ? 4u : 0u},
      {Action::kQueue,
       has(Feature::kOpenClose) || has(Feature::kEwt) || has(Feature::kCallbacks) ? 3u : 0u},
      {Action::kTable, is_big                                                  ? 14u
                       : has(Feature::kLiveChange) || has(Feature::kNewSkills) ? 2u
                                                                               : 0u},
      {Action::kSwitch, 1},
      {Action::kOutcome, has(Feature::kOutcomes) ? 8u : 0u},
      {Action::kTransfer, has(Feature::kTransfers) ? 8u : 0u},
      {Action::kSupervisor, has(Feature::kSupervisors) ? 6u : 0u},
      {Action::kConsult, has(Feature::kConsults) ? 20u : 0u},
      {Action::kLeg, has(Feature::kLegs) ? 4u : 0u},
      {Action::kCallback, has(Feature::kCallbacks) ? 8u : 0u},
      {Action::kDesktop, has(Feature::kDesktops) ? 15u : 0u}};
  uint32_t sum = 0;
  for (const auto& [action, chance] : chances) sum += chance;
  uint32_t rest = draw_.below(sum);
  Action chosen = Action::kArrival;
  for (const auto& [action, chance] : chances) {
    chosen = action;
    if (rest < chance) break;
    rest -= chance;
  }
  switch (chosen) {
    case Action::kArrival:
      return arrival();
    case Action::kCall:
      return call_event();
    case Action::kAgent:
      return agent_event();
    case Action::kPause:
      return pause_event();
    case Action::kPhone:
      return phone_event();
    case Action::kQueue:
      return queue_event();
    case Action::kTable:
      return table_event();
    case Action::kSwitch:
      return switch_event();
    case Action::kOutcome:
      return outcome_event();
    case Action::kTransfer:
      return transfer_event();
    case Action::kConsult:
      return consult_event();
    case Action::kLeg:
      return leg_event();
    case Action::kCallback:
      return callback_event();
    case Action::kDesktop:
      return desktop_event();
    case Action::kSupervisor:
      return supervisor_event();
  }
  return {};
}

// --- Small things.

FuzzStep FuzzMaker::begin(CommandKind kind) const {
  FuzzStep step;
  step.kind = FuzzStep::Kind::kCommand;
  step.now_ns = view_.now_ns;
  step.command.kind = kind;
  return step;
}

FuzzStep FuzzMaker::from_switch(CommandKind kind, SourceIndex source) {
  FuzzStep step = begin(kind);
  step.command.source = source;
  step.order = FuzzStep::Order::kNext;
  step.order_offset = static_cast<uint8_t>(draw_.below(3));
  if (one_in(Feature::kRepeats, 30)) step.order = FuzzStep::Order::kRepeat;
  if (one_in(Feature::kGaps, 30)) step.order = FuzzStep::Order::kGap;
  if (one_in(Feature::kWrongSwitch, 15)) step.command.source = any_source();
  if (one_in(Feature::kUnknownNames, 100)) step.command.source = SourceIndex(7u);
  return step;
}

SourceIndex FuzzMaker::any_source() { return SourceIndex(draw_.below(source_count())); }

// Somebody who is on the call, now and then a stranger to it. REQUIRES: somebody is.
std::string FuzzMaker::any_party(const LedgerCall& call) {
  uint32_t number = 0;
  if (draw_.one_in(10)) return any_agent(&number)->id;
  return view_.ledger->agents()[draw_.pick(call.parties).value()].id;
}

std::string FuzzMaker::any_queue() {
  if (one_in(Feature::kUnknownNames, 30)) return kNobody;
  return draw_.pick(view_.config->queues).id;
}

// --- Calls.

FuzzStep FuzzMaker::arrival() {
  FuzzStep step = from_switch(CommandKind::kEnqueueCall, any_source());
  Command& command = step.command;
  command.call = step.text("c" + std::to_string(next_call_++));
  command.name = step.text(any_queue());
  if (draw_.one_in(2)) {
    command.text = step.text(draw_call_requirement(draw_, features_, *view_.config));
  }
  // Some legs are said to be of several calls.
  const bool is_own_leg = has(Feature::kLegs) && !draw_.one_in(8);
  command.leg = step.text(is_own_leg ? "l" + std::to_string(next_call_) : "leg");
  if (one_in(Feature::kLegs, 60)) command.leg = step.text(leg_id({AgentIndex(0u), 1}));
  if (has(Feature::kAgeCredit)) {
    if (draw_.one_in(3)) command.age_ns = draw_.below(30) * kNsPerS;
    if (draw_.one_in(3)) command.age_credit_ns = draw_.below(90) * kNsPerS;
  }
  if (has(Feature::kPriorities) && draw_.one_in(3)) {
    command.flag = true;
    command.number = draw_.between(-2, 5);
  }
  if (has(Feature::kPreferred) && draw_.one_in(3)) {
    uint32_t number = 0;
    command.preferred = step.text(any_agent(&number)->id);
    command.wait_ns = draw_.pick<int64_t>({1, 10, 30, 120}) * kNsPerS;
    command.detail = static_cast<uint8_t>(draw_.below(2));
  }
  if (has(Feature::kMedia) && !draw_.one_in(3)) {
    command.detail |= static_cast<uint8_t>(draw_.below(kMediumCount) << 1);
  }
  add_faults_of_arrival(&step);
  if (!draw_.one_in(60)) return step;
  // It never came: its switch had waited long enough.
  FuzzStep gone = from_switch(CommandKind::kRerouteCall, command.source);
  gone.command.call = gone.text(command.call.in(step.arena));
  return gone;
}

void FuzzMaker::add_faults_of_arrival(FuzzStep* step) {
  Command& command = step->command;
  if (!has(Feature::kUnknownNames) || !draw_.one_in(10)) return;
  const Ledger& ledger = *view_.ledger;
  switch (draw_.below(5)) {
    case 0:
      command.text = step->text("english >=");
      break;
    case 1:
      command.text = step->text("juggling >= 3");
      break;
    case 2:
      command.preferred = step->text(kNobody);
      command.wait_ns = kNsPerS;
      break;
    case 3:
      if (!ledger.calls().empty()) command.call = step->text(draw_.pick(ledger.calls()).id);
      break;
    default:
      if (!ledger.ended().empty()) command.call = step->text(draw_.pick(ledger.ended()).id);
      break;
  }
}

FuzzStep FuzzMaker::call_event() {
  const Ledger& ledger = *view_.ledger;
  if (one_in(Feature::kStaleClaims, 12) && !ledger.ended().empty()) {
    const LedgerCall& gone = draw_.pick(ledger.ended());
    return draw_.one_in(2) ? of_offer(gone) : end_of(gone);
  }
  if (one_in(Feature::kUnknownNames, 60)) {
    LedgerCall nobody;
    nobody.id = kNobody;
    nobody.source = any_source();
    return draw_.one_in(2) ? of_offer(nobody) : of_connected(nobody);
  }
  if (ledger.calls().empty()) return arrival();
  // Mostly one with which something is going on.
  const LedgerCall* call = &draw_.pick(ledger.calls());
  for (int tries = 0; tries < 3 && call->stage == LedgerStage::kEnqueued; ++tries) {
    call = &draw_.pick(ledger.calls());
  }
  if (one_in(Feature::kStaleClaims, 30)) return of_offer(*call);
  if (one_in(Feature::kStaleClaims, 30)) return of_connecting(*call);
  if (one_in(Feature::kStaleClaims, 30)) return of_connected(*call);
  switch (call->stage) {
    case LedgerStage::kEnqueued:
      return of_waiting(*call);
    case LedgerStage::kAlerting:
      return draw_.one_in(12) ? end_of(*call) : of_offer(*call);
    case LedgerStage::kConnecting:
      return of_connecting(*call);
    case LedgerStage::kConnected:
      return of_connected(*call);
    case LedgerStage::kDialing:
      return of_dialing(*call);
    case LedgerStage::kDialingOutside:
    case LedgerStage::kOutside:
      return of_outside(*call);
    case LedgerStage::kScheduled:
      return draw_.one_in(6) ? end_of(*call) : agent_event();
  }
  return {};
}

FuzzStep FuzzMaker::of_call(CommandKind kind, const LedgerCall& call, uint32_t generation) {
  FuzzStep step = from_switch(kind, call.source);
  step.command.call = step.text(call.id);
  step.command.generation = generation;
  if (one_in(Feature::kStaleClaims, 12)) step.command.generation = draw_.below(generation + 2);
  return step;
}

FuzzStep FuzzMaker::of_offer(const LedgerCall& call) {
  const LedgerOffer offer = call.offers.empty()
                                ? LedgerOffer{call.last_agent, call.generation, false}
                                : draw_.pick(call.offers);
  const uint32_t generation = offer.generation;
  if (has(Feature::kAnswerModes) && offer.agent.valid() && draw_.one_in(2)) {
    const bool is_reject = draw_.one_in(5);
    return claim(is_reject ? CommandKind::kRejectOffer : CommandKind::kAcceptOffer, call, offer);
  }
  const uint32_t choice = draw_.below(12);
  if (one_in(Feature::kStaleClaims, 40)) return of_call(CommandKind::kHoldCall, call, 0);
  if (choice < 3) return of_call(CommandKind::kLegRinging, call, generation);
  if (choice < 8) return of_call(CommandKind::kLegAnswered, call, generation);
  if (choice < 9) return on_line(CommandKind::kCallConnected, call, generation);
  if (!has(Feature::kFailedLegs)) return of_call(CommandKind::kLegAnswered, call, generation);
  FuzzStep step = of_call(CommandKind::kLegFailed, call, generation);
  step.command.detail = static_cast<uint8_t>(draw_.between(1, 5));
  step.command.cause = draw_.pick({0, 17, 21});
  return step;
}

FuzzStep FuzzMaker::of_waiting(const LedgerCall& call) {
  if (call.generation > 0 && draw_.one_in(4)) {
    // The phone of the last agent, a moment late.
    const CommandKind kind =
        draw_.one_in(4) ? CommandKind::kCallConnected : CommandKind::kLegAnswered;
    if (has(Feature::kLateAdoption) || has(Feature::kStaleClaims)) {
      return of_call(kind, call, call.generation);
    }
  }
  if (one_in(Feature::kPriorities, 2)) return priority_of(call);
  return draw_.one_in(3) ? end_of(call) : agent_event();
}

FuzzStep FuzzMaker::priority_of(const LedgerCall& call) {
  FuzzStep step = of_call(CommandKind::kChangePriority, call, 0);
  step.command.generation = 0;
  step.command.number = draw_.between(-2, 5);
  return step;
}

FuzzStep FuzzMaker::of_connecting(const LedgerCall& call) {
  const uint32_t choice = draw_.below(12);
  if (choice == 11) return of_call(CommandKind::kHoldCall, call, 0);  // Ahead of the joining.
  if (choice == 10) return of_call(CommandKind::kResumeCall, call, 0);
  if (choice < 7) return on_line(CommandKind::kCallConnected, call, call.generation);
  if (choice < 8) return of_call(CommandKind::kLegAnswered, call, call.generation);
  if (choice < 9 && has(Feature::kAnswerModes) && has(Feature::kFailedLegs) && draw_.one_in(2)) {
    FuzzStep step = of_call(CommandKind::kLegFailed, call, call.generation);
    step.command.detail = static_cast<uint8_t>(draw_.between(1, 5));
    return step;
  }
  if (choice < 9 && has(Feature::kCallbacks)) return failed_dial(call);
  if (choice < 9) return of_call(CommandKind::kConnectFailed, call, call.generation);
  return end_of(call);
}

FuzzStep FuzzMaker::of_dialing(const LedgerCall& call) {
  const uint32_t choice = draw_.below(12);
  if (choice < 6) return on_line(CommandKind::kCustomerAnswered, call, call.generation);
  if (choice < 10) return failed_dial(call);
  return choice == 10 ? end_of(call) : agent_event();
}

FuzzStep FuzzMaker::of_outside(const LedgerCall& call) {
  if (draw_.one_in(6)) return draw_.one_in(2) ? failed_dial(call) : end_of(call);
  return of_call(CommandKind::kCallConnected, call, call.generation);
}

FuzzStep FuzzMaker::failed_dial(const LedgerCall& call) {
  FuzzStep step = of_call(CommandKind::kConnectFailed, call, call.generation);
  step.command.detail = static_cast<uint8_t>(draw_.between(0, 3));
  return step;
}

FuzzStep FuzzMaker::of_connected(const LedgerCall& call) {
  if (draw_.one_in(has(Feature::kConsults) ? 8 : 2)) return end_of(call);  // A consult takes time.
  if (one_in(Feature::kPriorities, 12)) return priority_of(call);          // Too late for it.
  const CommandKind kind = draw_.pick({CommandKind::kHoldCall, CommandKind::kResumeCall,
                                       CommandKind::kResumeCall, CommandKind::kCallConnected});
  FuzzStep step = of_call(kind, call, kind == CommandKind::kCallConnected ? call.generation : 0);
  // Of several agents one has to be named.
  const bool is_hold = kind != CommandKind::kCallConnected;
  const bool is_named = call.parties.size() > 1 ? !draw_.one_in(8) : draw_.one_in(8);
  if (is_hold && !call.parties.empty() && is_named) {
    step.command.name = step.text(any_party(call));
  }
  return step;
}

// --- Consults and conferences: of a call that somebody talks on, if there is one.

FuzzStep FuzzMaker::consult_event() {
  const Ledger& ledger = *view_.ledger;
  if (ledger.calls().empty()) return arrival();
  const LedgerCall* call = &draw_.pick(ledger.calls());
  // Half of the time a consult, so that some of them come to be answered and merged.
  const bool wants_consult = draw_.one_in(2);
  const auto is_wanted = [&](const LedgerCall& one) {
    return wants_consult ? !one.parent.empty() : one.stage == LedgerStage::kConnected;
  };
  for (int tries = 0; tries < 12 && !is_wanted(*call); ++tries) call = &draw_.pick(ledger.calls());
  if (call->stage == LedgerStage::kDialingOutside) return of_outside(*call);
  if (!call->parent.empty() && call->stage == LedgerStage::kAlerting) {
    return of_call(CommandKind::kCallConnected, *call, draw_.pick(call->offers).generation);
  }
  if (!call->parent.empty() && call->stage == LedgerStage::kConnecting) {
    return of_call(CommandKind::kCallConnected, *call, call->generation);
  }
  const bool is_talk =
      call->stage == LedgerStage::kConnected || call->stage == LedgerStage::kOutside;
  if (!is_talk && !one_in(Feature::kStaleClaims, 8)) return call_event();
  const uint32_t choice = draw_.below(8);
  CommandKind kind = CommandKind::kMergeCall;
  if (call->parent.empty() || one_in(Feature::kStaleClaims, 20)) {
    const bool is_conference = call->parties.size() > 1;
    if (choice >= (is_conference ? 3u : 1u)) return consult_about(*call);
    kind = CommandKind::kLeaveCall;
  } else if (choice == 0) {
    return end_of(*call);  // Who consults has heard enough.
  }
  FuzzStep step = of_call(kind, *call, 0);
  if (draw_.one_in(3)) {
    step = begin(kind);
    step.command.call = step.text(call->id);
  }
  step.command.generation = 0;
  if (kind == CommandKind::kMergeCall) {
    step.command.flag = !draw_.one_in(3);
  } else if (!call->parties.empty() && !draw_.one_in(6)) {
    step.command.name = step.text(any_party(*call));
  }
  return step;
}

FuzzStep FuzzMaker::consult_about(const LedgerCall& call) {
  FuzzStep step = begin(CommandKind::kConsult);
  if (!draw_.one_in(3)) step = from_switch(CommandKind::kConsult, call.source);
  Command& command = step.command;
  command.call = step.text(one_in(Feature::kUnknownNames, 30) ? kNobody : call.id);
  const bool is_known = next_consult_ > 1 && draw_.one_in(12);
  const uint32_t number = is_known ? draw_.below(next_consult_) + 1 : next_consult_++;
  command.leg = step.text("x" + std::to_string(number));
  if (draw_.one_in(3)) {
    uint32_t any = 0;
    command.detail = static_cast<uint8_t>(TransferTarget::kAgent);
    command.name = step.text(one_in(Feature::kUnknownNames, 20) ? kNobody : any_agent(&any)->id);
    if (draw_.one_in(2)) command.text = step.text(any_queue());
  } else if (draw_.one_in(6)) {
    const auto target = draw_.pick({TransferTarget::kOutside, TransferTarget::kSupervisor});
    command.detail = static_cast<uint8_t>(target);
    if (target == TransferTarget::kOutside) command.name = step.text("+1555");
  } else {
    command.detail = static_cast<uint8_t>(TransferTarget::kQueue);
    command.name = step.text(any_queue());
  }
  const bool is_named = call.parties.size() > 1 ? !draw_.one_in(6) : draw_.one_in(3);
  if (!call.parties.empty() && is_named) {
    command.preferred = step.text(any_party(call));
  }
  return step;
}

FuzzStep FuzzMaker::end_of(const LedgerCall& call) {
  FuzzStep step = of_call(CommandKind::kEndCall, call, 0);
  step.command.generation = 0;
  step.command.detail = static_cast<uint8_t>(draw_.between(1, 4));
  step.command.cause = draw_.pick({0, 16});
  if (draw_.one_in(8)) {
    step.command.kind = CommandKind::kRerouteCall;
    step.command.detail = 0;
  }
  return step;
}

// --- Agents.

// Of a live call or of one of the last that ended, told by its switch or by a supervisor.
FuzzStep FuzzMaker::outcome_event() {
  const Ledger& ledger = *view_.ledger;
  const bool has_ended = !ledger.ended().empty();
  if (ledger.calls().empty() && !has_ended) return arrival();
  const bool is_ended = has_ended && (ledger.calls().empty() || !draw_.one_in(3));
  const LedgerCall& call = draw_.pick(is_ended ? ledger.ended() : ledger.calls());
  FuzzStep step = draw_.one_in(3) ? begin(CommandKind::kSetOutcome)
                                  : from_switch(CommandKind::kSetOutcome, call.source);
  Command& command = step.command;
  command.call = step.text(one_in(Feature::kUnknownNames, 40) ? kNobody : call.id);
  command.detail = static_cast<uint8_t>(draw_.between(1, kSaysAll));
  const auto says = [&](uint8_t what) { return (command.detail & what) != 0; };
  if (says(kSaysCode)) {
    const std::vector<std::string>& codes = view_.config->wrap_up_codes;
    const bool is_known = !codes.empty() && !draw_.one_in(20);
    command.name = step.text(is_known ? draw_.pick(codes) : kNobody);
  }
  if (says(kSaysLabels)) {
    std::string labels;
    for (const std::string& label : view_.config->labels) {
      if (draw_.one_in(2)) labels += (labels.empty() ? "" : ",") + label;
    }
    if (draw_.one_in(20)) labels += (labels.empty() ? "" : ",") + kNobody;
    command.preferred = step.text(labels);
  }
  if (says(kSaysReference)) command.text = step.text("crm-" + std::to_string(draw_.below(3)));
  if (says(kSaysResolved)) command.flag = draw_.one_in(2);
  if (says(kSaysSurvey)) command.number = draw_.between(0, kSurveyScoreMax);
  if (says(kSaysQuality)) command.generation = draw_.below(kQualityScoreMax + 1);
  return step;
}

// --- Queues, tables, switches.

FuzzStep FuzzMaker::queue_event() {
  const bool is_other = has(Feature::kOpenClose) || has(Feature::kEwt);
  if (has(Feature::kCallbacks) && (!is_other || draw_.one_in(2))) {
    FuzzStep step =
        begin(draw_.one_in(3) ? CommandKind::kCloseCallbacks : CommandKind::kOpenCallbacks);
    step.command.name = step.text(any_queue());
    step.command.number = draw_.between(0, 9);
    return step;
  }
  if (has(Feature::kEwt) && (!has(Feature::kOpenClose) || draw_.one_in(2))) {
    FuzzStep step = begin(CommandKind::kSetEwt);
    step.command.name = step.text(any_queue());
    step.command.wait_ns =
        draw_.pick<int64_t>({0, 5 * kNsPerS, 45 * kNsPerS, 300 * kNsPerS, kNeverNs});
    return step;
  }
  FuzzStep step = begin(draw_.one_in(2) ? CommandKind::kCloseQueue : CommandKind::kOpenQueue);
  step.command.name = step.text(any_queue());
  step.command.number = draw_.between(0, 9);
  return step;
}

void FuzzMaker::know(const std::vector<AgentProfile>& agents) {
  for (const AgentProfile& agent : agents) profiles_[agent.id] = agent;
}

FuzzStep FuzzMaker::table_event() {
  FuzzStep step;
  step.now_ns = view_.now_ns;
  if (has(Feature::kLiveChange) && (!has(Feature::kNewSkills) || draw_.one_in(2))) {
    step.kind = FuzzStep::Kind::kConfigure;
    step.config =
        std::make_shared<const TenantConfig>(draw_change(draw_, features_, *view_.config));
    return step;
  }
  step.kind = FuzzStep::Kind::kUpsert;
  // Now and then somebody new.
  const auto known = static_cast<uint32_t>(view_.ledger->agents().size());
  const uint32_t number = draw_.below(std::min(known + 1, features_.size.agents_max));
  AgentProfile profile = draw_profile(draw_, features_, *view_.config, number);
  const auto before = profiles_.find(profile.id);
  if (before != profiles_.end() && draw_.one_in(2)) {
    profile = with_one_change(draw_, before->second, profile);
  }
  profiles_[profile.id] = profile;
  step.profile = std::make_shared<const AgentProfile>(std::move(profile));
  return step;
}

}  // namespace acd::sim
