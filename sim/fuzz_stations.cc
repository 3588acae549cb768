// SPDX-License-Identifier: Apache-2.0
// What phones and desktops of a random world say.
#include "sim/fuzz_maker.h"

namespace acd::sim {

FuzzStep FuzzMaker::log_in(const LedgerAgent& agent, uint32_t number) {
  const bool moves = one_in(Feature::kTakeOvers, 4);
  const uint32_t home = number % source_count();
  FuzzStep step = from_switch(CommandKind::kLogIn, moves ? any_source() : SourceIndex(home));
  step.command.name = step.text(one_in(Feature::kUnknownNames, 40) ? kNobody : agent.id);
  step.command.text =
      step.text("p" + std::to_string(moves ? draw_.below(features_.size.agents_max) : number));
  if (has(Feature::kAnswerModes)) {
    step.command.detail = static_cast<uint8_t>(draw_.pick(
        {AnswerMode::kPhone, AnswerMode::kDesktop, AnswerMode::kAuto, AnswerMode::kNailedUp}));
    if (has(Feature::kMedia) && draw_.one_in(3)) {
      step.command.number = draw_.between(1, kAllMedia);
    }
  }
  return step;
}

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
