// SPDX-License-Identifier: Apache-2.0
// What the swarm asks of callbacks and of calls for later.
#include <algorithm>

#include "routing/leg_id.h"
#include "sim/fuzz_maker.h"

namespace acd::sim {

// In the place of a caller who waits, or of nobody; few numbers, so that some are asked for twice. Or
// somebody takes one back.
FuzzStep FuzzMaker::callback_event() {
  const Ledger& ledger = *view_.ledger;
  if (draw_.one_in(3)) return schedule_event();
  if (draw_.one_in(12) && !ledger.calls().empty()) {
    FuzzStep step = begin(CommandKind::kEndCall);
    step.command.call = step.text(draw_.pick(ledger.calls()).id);
    step.command.detail = static_cast<uint8_t>(EndedBy::kSwitch);
    return step;
  }
  const bool is_of_switch = !draw_.one_in(3);
  SourceIndex source = any_source();
  const LedgerCall* origin = nullptr;
  if (!ledger.calls().empty() && !draw_.one_in(3)) {
    origin = &draw_.pick(ledger.calls());
    source = origin->source;
  }
  FuzzStep step = is_of_switch ? from_switch(CommandKind::kRequestCallback, source)
                               : begin(CommandKind::kRequestCallback);
  Command& command = step.command;
  command.call = step.text("c" + std::to_string(next_call_++));
  if (origin != nullptr) {
    command.flag = true;
    command.preferred = step.text(one_in(Feature::kUnknownNames, 30) ? kNobody : origin->id);
  } else {
    command.name = step.text(any_queue());
    if (!is_of_switch) command.preferred = step.text("switch" + std::to_string(source.value()));
  }
  static constexpr const char* kNumbers[] = {"+44 1",  "+441-2", "+4477", "077",
                                             "(07) 8", "+1555",  "5551",  "5552"};
  const bool is_wrong = one_in(Feature::kUnknownNames, 30);
  command.text = step.text(is_wrong ? kNobody.c_str() : kNumbers[draw_.below(std::size(kNumbers))]);
  if (one_in(Feature::kUnknownNames, 40) && !ledger.ended().empty()) {
    command.call = step.text(draw_.pick(ledger.ended()).id);
  }
  return step;
}

// The switch may name the leg of a callback's customer; some are another call's, or an agent's.
FuzzStep FuzzMaker::on_line(CommandKind kind, const LedgerCall& call, uint32_t generation) {
  FuzzStep step = of_call(kind, call, generation);
  if (call.is_on_line || !draw_.one_in(2)) return step;
  const uint32_t choice = draw_.below(8);
  std::string leg = "l" + std::to_string(next_call_++);
  if (choice == 0) leg = "leg";
  if (choice == 1) leg = leg_id({AgentIndex(0u), 1});
  step.command.leg = step.text(leg);
  return step;
}

// The time of the wall means nothing here: what is due is drawn.
FuzzStep FuzzMaker::schedule_event() {
  const Ledger& ledger = *view_.ledger;
  const bool is_known = !ledger.scheduled().empty() && !one_in(Feature::kUnknownNames, 20);
  const std::string known = is_known ? draw_.pick(ledger.scheduled()) : kNobody;
  const bool is_new = ledger.scheduled().empty() || draw_.one_in(2);
  if (!is_new && draw_.one_in(2)) {
    FuzzStep step = begin(CommandKind::kCallDue);
    step.command.call = step.text(known);
    return step;
  }
  if (!is_new && draw_.one_in(2)) {
    FuzzStep step = draw_.one_in(2) ? begin(CommandKind::kEndCall)
                                    : from_switch(CommandKind::kEndCall, any_source());
    step.command.detail = static_cast<uint8_t>(EndedBy::kSwitch);
    step.command.call = step.text(known);
    return step;
  }
  const int64_t due_ms = draw_.below(100'000);
  if (!is_new) {
    FuzzStep step = begin(CommandKind::kRescheduleCall);
    step.command.call = step.text(known);
    step.command.wait_ns = due_ms;
    return step;
  }
  const bool is_of_switch = draw_.one_in(2);
  const SourceIndex source = any_source();
  FuzzStep step = is_of_switch ? from_switch(CommandKind::kScheduleCall, source)
                               : begin(CommandKind::kScheduleCall);
  Command& command = step.command;
  const bool is_again = is_known && draw_.one_in(12);
  command.call = step.text(is_again ? known : "c" + std::to_string(next_call_++));
  command.name = step.text(any_queue());
  if (!is_of_switch) command.preferred = step.text("switch" + std::to_string(source.value()));
  if (draw_.one_in(2)) command.text = step.text(draw_.pick({"+44 1", "+4477", "077", "+1555"}));
  command.wait_ns = due_ms;
  if (has(Feature::kPriorities) && draw_.one_in(3)) {
    command.flag = true;
    command.number = draw_.between(-2, 5);
  }
  return step;
}

}  // namespace acd::sim
