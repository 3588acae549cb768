// SPDX-License-Identifier: Apache-2.0
// Switches of random worlds that list what they have: most of it, as it is or as nobody had told, and
// now and then what nobody knows.
#include <algorithm>

#include "sim/fuzz_maker.h"

namespace acd::sim {

void FuzzMaker::begin_list(SourceIndex source) {
  const Ledger& ledger = *view_.ledger;
  lister_ = source;
  agents_left_.clear();
  calls_left_.clear();
  for (const LedgerAgent& agent : ledger.agents()) {
    const bool is_here = agent.state != AgentState::kLoggedOut && agent.source == source;
    if (is_here != draw_.one_in(8)) agents_left_.push_back(agent.id);
  }
  for (const LedgerCall& call : ledger.calls()) {
    if ((call.source == source) != draw_.one_in(8)) calls_left_.push_back(call.id);
  }
  calls_left_.emplace_back();  // One that nobody knows.
}

FuzzStep FuzzMaker::listed() {
  const Ledger& ledger = *view_.ledger;
  const SourceIndex source = lister_;
  if (!agents_left_.empty()) {
    const std::string id = agents_left_.back();
    agents_left_.pop_back();
    for (uint32_t i = 0; i < ledger.agents().size(); ++i) {
      if (ledger.agents()[i].id == id) return list_agent(ledger.agents()[i], i);
    }
  }
  if (calls_left_.empty()) {
    lister_ = SourceIndex();
    return draw_.one_in(8) ? agent_event() : from_switch(CommandKind::kResyncEnd, source);
  }
  const size_t place = draw_.below(static_cast<uint32_t>(calls_left_.size()));
  const std::string id = calls_left_[place];
  if (!draw_.one_in(12)) {  // Else it is listed twice.
    calls_left_.erase(calls_left_.begin() + static_cast<std::ptrdiff_t>(place));
  }
  const LedgerCall* const known = ledger.find_call(id);
  if (known != nullptr) return list_call(*known);
  LedgerCall unknown;
  const bool is_gone = !id.empty() || (!ledger.ended().empty() && draw_.one_in(8));
  unknown.id = is_gone && !ledger.ended().empty() ? draw_.pick(ledger.ended()).id
                                                  : "c" + std::to_string(next_call_++);
  return list_call(unknown);
}

FuzzStep FuzzMaker::list_call(const LedgerCall& call) {
  const std::vector<LedgerAgent>& agents = view_.ledger->agents();
  FuzzStep step = arrival();
  // An arrival may have been made a fault of its own.
  const bool is_arrival = step.command.kind == CommandKind::kEnqueueCall;
  if (!is_arrival) step.command = Command{};
  Command& command = step.command;
  command.kind = CommandKind::kKeepCall;
  command.source = lister_;
  command.call = step.text(call.id);
  if (!is_arrival) {
    step.order = FuzzStep::Order::kNext;
    command.name = step.text(any_queue());
  }
  // Where it is, which may have been removed since, or nowhere.
  if (call.queue.valid() && draw_.one_in(2)) {
    command.name = step.text(view_.ledger->queues()[call.queue.value()]);
  } else if (one_in(Feature::kUnknownNames, 20)) {
    command.name = step.text(kNobody);
  }
  AgentIndex with = call.agent;
  if (!call.parties.empty()) with = draw_.pick(call.parties);
  if (!call.offers.empty() && draw_.one_in(2)) with = draw_.pick(call.offers).agent;
  if (draw_.one_in(10)) with = AgentIndex();
  uint32_t number = 0;
  const LedgerAgent* talks = with.valid() ? &agents[with.value()] : nullptr;
  if (draw_.one_in(8)) talks = any_agent(&number);
  if (talks == nullptr) return step;
  command.generation = 1;
  command.name = step.text(one_in(Feature::kUnknownNames, 40) ? kNobody : talks->id);
  return step;
}

FuzzStep FuzzMaker::list_agent(const LedgerAgent& agent, uint32_t number) {
  FuzzStep step = log_in(agent, number);
  step.command.kind = CommandKind::kKeepAgent;
  step.command.source = lister_;
  if (agent.state == AgentState::kLoggedOut || draw_.one_in(6)) return step;
  step.command.text = step.text(agent.station);
  step.command.detail = static_cast<uint8_t>(agent.answer_mode);
  step.command.number = agent.station_media;
  return step;
}

}  // namespace acd::sim
