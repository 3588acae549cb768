// SPDX-License-Identifier: Apache-2.0
// What a switch and its agents report of agents, in random worlds.
#include "sim/fuzz_maker.h"

namespace acd::sim {

const LedgerAgent* FuzzMaker::any_agent(uint32_t* number) {
  const auto& agents = view_.ledger->agents();
  *number = draw_.below(static_cast<uint32_t>(agents.size()));
  return &agents[*number];
}

FuzzStep FuzzMaker::of_agent(CommandKind kind, const LedgerAgent& agent) {
  FuzzStep step = one_in(Feature::kSupervisors, 5)
                      ? begin(kind)
                      : from_switch(kind, agent.source.valid() ? agent.source : any_source());
  step.command.name = step.text(one_in(Feature::kUnknownNames, 40) ? kNobody : agent.id);
  return step;
}

// Where agents may have several, now and then by its call: one of those that ended or live.
FuzzStep FuzzMaker::of_wrap_up(CommandKind kind, const LedgerAgent& agent) {
  FuzzStep step = of_agent(kind, agent);
  const Ledger& ledger = *view_.ledger;
  if (!ledger.may_have_several() || ledger.ended().empty() || !draw_.one_in(2)) return step;
  std::string call = draw_.one_in(8) && !ledger.calls().empty() ? draw_.pick(ledger.calls()).id
                                                                : draw_.pick(ledger.ended()).id;
  for (const LedgerCall& one : ledger.ended()) {
    const bool was_theirs = one.agent.valid() && ledger.agents()[one.agent.value()].id == agent.id;
    if (was_theirs && draw_.one_in(2)) call = one.id;
  }
  step.command.call = step.text(call);
  return step;
}

FuzzStep FuzzMaker::agent_event() {
  uint32_t number = 0;
  const LedgerAgent& agent = *any_agent(&number);
  if (one_in(Feature::kTakeOvers, 20)) return log_in(agent, number);
  const bool is_idle = agent.state == AgentState::kReady;
  switch (agent.state) {
    case AgentState::kLoggedOut:
      return draw_.one_in(30) ? of_agent(CommandKind::kSetReady, agent) : log_in(agent, number);
    case AgentState::kWrapUp:
      if (has(Feature::kExtensions) && draw_.one_in(2)) {
        return of_wrap_up(CommandKind::kExtendWrapUp, agent);
      }
      if (draw_.one_in(2)) return of_wrap_up(CommandKind::kEndWrapUp, agent);
      break;
    case AgentState::kNotReady:
      if (agent.answer_mode == AnswerMode::kNailedUp && !agent.is_leg_up && !draw_.one_in(6)) {
        return of_station(CommandKind::kLegUp, agent, number);
      }
      if (!draw_.one_in(6)) return of_agent(CommandKind::kSetReady, agent);
      break;
    case AgentState::kReady:
    case AgentState::kReserved:
    case AgentState::kRinging:
    case AgentState::kConnecting:
    case AgentState::kOnCall:
    case AgentState::kOnHold:
    case AgentState::kBusyOther:
      break;
  }
  // A free agent mostly stays so.
  const uint32_t choice = draw_.below(is_idle ? 40 : 12);
  if (choice < 4) {
    FuzzStep step = of_agent(CommandKind::kSetNotReady, agent);
    step.command.number = draw_.between(1, kAgentReasonMax);
    return step;
  }
  if (choice < 6) {
    FuzzStep step = of_agent(CommandKind::kLogOut, agent);
    step.command.flag = one_in(Feature::kForcedLogOut, 2);
    return step;
  }
  if (choice < 7) return of_wrap_up(CommandKind::kExtendWrapUp, agent);
  if (choice < 8) return of_wrap_up(CommandKind::kEndWrapUp, agent);
  if (choice < 12) return of_agent(CommandKind::kSetReady, agent);
  return arrival();
}

FuzzStep FuzzMaker::pause_event() {
  uint32_t number = 0;
  const LedgerAgent& agent = *any_agent(&number);
  FuzzStep step =
      of_agent(draw_.one_in(2) ? CommandKind::kUnpauseMember : CommandKind::kPauseMember, agent);
  step.command.text = step.text(any_queue());
  if (step.command.kind == CommandKind::kPauseMember) step.command.number = draw_.between(1, 9);
  return step;
}

}  // namespace acd::sim
