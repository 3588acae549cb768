// SPDX-License-Identifier: Apache-2.0
// What phones and desktops of a random world say.
#include "sim/fuzz_maker.h"

namespace acd::sim {

// By the agent's desktop, which is of no switch.
FuzzStep FuzzMaker::claim(CommandKind kind, const LedgerCall& call, const LedgerOffer& offer) {
  FuzzStep step = begin(kind);
  uint32_t number = 0;
  const bool is_other = one_in(Feature::kStaleClaims, 12);
  const LedgerAgent& agent =
      is_other ? *any_agent(&number) : view_.ledger->agents()[offer.agent.value()];
  step.command.call = step.text(call.id);
  step.command.name = step.text(agent.id);
  step.command.generation = offer.generation;
  if (one_in(Feature::kStaleClaims, 12)) {
    step.command.generation = draw_.below(offer.generation + 2);
  }
  return step;
}

FuzzStep FuzzMaker::phone_event() {
  uint32_t number = 0;
  const LedgerAgent& agent = *any_agent(&number);
  const CommandKind kind =
      draw_.pick({CommandKind::kPhoneIdle, CommandKind::kPhoneBusy, CommandKind::kPhoneBusy,
                  CommandKind::kPhoneIdle, CommandKind::kPhoneUnregistered});
  const bool is_of_leg = has(Feature::kAnswerModes) && draw_.one_in(3);
  if (!is_of_leg) return of_station(kind, agent, number);
  return of_station(draw_.one_in(2) ? CommandKind::kLegLost : CommandKind::kLegUp, agent, number);
}

FuzzStep FuzzMaker::of_station(CommandKind kind, const LedgerAgent& agent, uint32_t number) {
  FuzzStep step = from_switch(kind, agent.source.valid() ? agent.source : any_source());
  const bool is_known = !agent.station.empty() && !one_in(Feature::kUnknownNames, 20);
  step.command.text = step.text(is_known ? agent.station : "p" + std::to_string(number));
  return step;
}

}  // namespace acd::sim
