// SPDX-License-Identifier: Apache-2.0
// What random worlds do with calls that go elsewhere, and with legs that others take the place of.
#include <string>

#include "routing/leg_id.h"
#include "sim/fuzz_maker.h"

namespace acd::sim {

// Of an agent's call mostly, by its switch or by a supervisor.
FuzzStep FuzzMaker::transfer_event() {
  const Ledger& ledger = *view_.ledger;
  if (ledger.calls().empty()) return arrival();
  std::vector<const LedgerCall*> connected;
  for (const LedgerCall& one : ledger.calls()) {
    if (one.stage == LedgerStage::kConnected) connected.push_back(&one);
  }
  const bool is_theirs_to_give = !connected.empty() && !draw_.one_in(2);
  const LedgerCall* call = is_theirs_to_give ? draw_.pick(connected) : &draw_.pick(ledger.calls());
  FuzzStep step = draw_.one_in(3) ? begin(CommandKind::kTransferCall)
                                  : from_switch(CommandKind::kTransferCall, call->source);
  Command& command = step.command;
  command.call = step.text(one_in(Feature::kUnknownNames, 40) ? kNobody : call->id);
  auto target = static_cast<TransferTarget>(draw_.between(1, 4));
  // Nobody's call is escalated now and then only.
  const bool is_in_vain =
      target == TransferTarget::kSupervisor && call->stage != LedgerStage::kConnected;
  if (is_in_vain && !draw_.one_in(4)) target = TransferTarget::kQueue;
  command.detail = static_cast<uint8_t>(target);
  uint32_t number = 0;
  switch (target) {
    case TransferTarget::kNone:
    case TransferTarget::kSupervisor:
      break;
    case TransferTarget::kQueue:
      command.name = step.text(any_queue());
      break;
    case TransferTarget::kAgent: {
      const LedgerAgent* agent = any_agent(&number);
      for (int tries = 0; tries < 3 && agent->state != AgentState::kReady; ++tries) {
        agent = any_agent(&number);
      }
      command.name = step.text(one_in(Feature::kUnknownNames, 20) ? kNobody : agent->id);
      break;
    }
    case TransferTarget::kOutside:
      command.name = step.text("+44789");
      break;
  }
  const bool is_for_agent =
      target == TransferTarget::kAgent || target == TransferTarget::kSupervisor;
  if (is_for_agent && draw_.one_in(2)) command.text = step.text(any_queue());
  if (call->stage == LedgerStage::kConnected && draw_.one_in(2)) {
    command.preferred = step.text(any_party(*call));
  }
  return step;
}

// A call is given back to its queue, withdrawn or given another priority.
FuzzStep FuzzMaker::supervisor_event() {
  const Ledger& ledger = *view_.ledger;
  if (ledger.calls().empty()) return arrival();
  const LedgerCall* call = &draw_.pick(ledger.calls());
  const CommandKind kind = draw_.pick({CommandKind::kRequeueCall, CommandKind::kRequeueCall,
                                       CommandKind::kEndCall, CommandKind::kChangePriority,
                                       CommandKind::kSuperviseCall, CommandKind::kSuperviseCall});
  // One that waits can but be withdrawn.
  const bool is_about_talk =
      kind == CommandKind::kRequeueCall || kind == CommandKind::kSuperviseCall;
  for (int tries = 0; tries < 4 && is_about_talk; ++tries) {
    if (call->stage != LedgerStage::kEnqueued) break;
    call = &draw_.pick(ledger.calls());
  }
  FuzzStep step = begin(kind);
  step.command.call = step.text(one_in(Feature::kUnknownNames, 40) ? kNobody : call->id);
  if (kind == CommandKind::kChangePriority) step.command.number = draw_.between(-5, 5);
  if (kind == CommandKind::kEndCall) {
    step.command.detail = static_cast<uint8_t>(EndedBy::kSupervisor);
    step.command.cause = 31;
  }
  if (kind == CommandKind::kSuperviseCall) {
    step.command.detail = static_cast<uint8_t>(draw_.between(1, kSupervisionMax));
    const bool is_talk = call->stage == LedgerStage::kConnected;
    if (is_talk && draw_.one_in(2)) step.command.name = step.text(any_party(*call));
    uint32_t number = 0;
    const bool is_recording = acd::is_recording(static_cast<Supervision>(step.command.detail));
    if (!is_recording && draw_.one_in(2)) {
      step.command.preferred = step.text(any_agent(&number)->id);
    } else if (!is_recording) {
      step.command.text = step.text("desk");
    }
  }
  return step;
}

// The leg of a caller or of an agent goes over to another one.
FuzzStep FuzzMaker::leg_event() {
  const Ledger& ledger = *view_.ledger;
  if (ledger.calls().empty()) return arrival();
  const LedgerCall& call = draw_.pick(ledger.calls());
  FuzzStep step = from_switch(CommandKind::kReplaceLeg, call.source);
  Command& command = step.command;
  // What the switch calls it does not count: it may be another switch's name of another call.
  command.call = step.text(draw_.one_in(2) ? draw_.pick(ledger.calls()).id : "c-of-a-leg");
  command.leg = step.text("l" + std::to_string(next_call_++));
  if (draw_.one_in(20)) command.leg = step.text(leg_id({AgentIndex(1u), 1}));
  std::string old = call.leg;
  const AgentIndex agent = call.offers.empty() ? call.agent : call.offers.front().agent;
  if (agent.valid() && draw_.one_in(2)) {
    const uint32_t item = call.offers.empty() ? call.item : call.offers.front().item;
    old = leg_id({agent, item + (draw_.one_in(6) ? 1 : 0)});
  }
  if (draw_.one_in(10)) old = kNobody;
  command.text = step.text(old);
  return step;
}

}  // namespace acd::sim
