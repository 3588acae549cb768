// SPDX-License-Identifier: Apache-2.0
// Desktop sessions of random worlds: gateways and desktops that come, go, restart and take agents over.
#include "sim/fuzz_coverage.h"
#include "sim/fuzz_maker.h"

namespace acd::sim {
namespace {

constexpr uint32_t kWorldDesktopsMax = 3;

bool is_of_desktop(CommandKind kind) {
  switch (kind) {
    case CommandKind::kLogIn:
    case CommandKind::kLogOut:
    case CommandKind::kSetReady:
    case CommandKind::kSetNotReady:
    case CommandKind::kEndWrapUp:
    case CommandKind::kExtendWrapUp:
    case CommandKind::kPauseMember:
    case CommandKind::kUnpauseMember:
    case CommandKind::kAcceptOffer:
    case CommandKind::kRejectOffer:
      return true;
    default:
      return false;
  }
}

}  // namespace

FuzzStep FuzzMaker::open_desktop(uint32_t source, bool is_new_epoch) {
  FuzzStep step = begin(CommandKind::kOpenSession);
  uint32_t& epoch = desktop_epochs_[source];
  if (is_new_epoch) ++epoch;
  step.command.detail = static_cast<uint8_t>(SourceKind::kDesktop);
  step.command.name = step.text("desktop" + std::to_string(source));
  step.command.text = step.text("epoch" + std::to_string(epoch));
  return step;
}

// What the agent says, by the desktop to which they are attached, now and then by another one.
FuzzStep FuzzMaker::by_desktop(FuzzStep step, const LedgerAgent& agent) {
  if (!is_of_desktop(step.command.kind)) return step;
  if (step.command.kind == CommandKind::kLogIn) {
    const SourceIndex at = step.command.source;
    const bool is_known = at.value() < view_.ledger->sources().size();
    step.command.preferred = step.text(is_known ? view_.ledger->sources()[at.value()].id : kNobody);
  }
  const FuzzStep::Order order = step.order;
  const auto offset = step.order_offset;
  step.command.source = agent.desktop;
  step.order = order == FuzzStep::Order::kNone ? FuzzStep::Order::kNext : order;
  step.order_offset = offset;
  return step;
}

FuzzStep FuzzMaker::desktop_event() {
  const auto& sources = view_.ledger->sources();
  std::vector<uint32_t> desktops;
  for (uint32_t i = 0; i < sources.size(); ++i) {
    if (sources[i].is_desktop) desktops.push_back(i);
  }
  const bool is_first = desktops.empty();
  if (is_first || (desktops.size() < kWorldDesktopsMax && draw_.one_in(30))) {
    return open_desktop(static_cast<uint32_t>(sources.size()), false);
  }
  const uint32_t source = draw_.pick(desktops);
  if (!sources[source].is_connected) return open_desktop(source, draw_.one_in(3));
  if (draw_.one_in(12)) {
    FuzzStep step = begin(CommandKind::kCloseSession);
    step.command.source = SourceIndex(source);
    return step;
  }
  if (draw_.one_in(30)) return open_desktop(source, !draw_.one_in(3));
  uint32_t number = 0;
  const LedgerAgent& agent = *any_agent(&number);
  if (!agent.desktop.valid() || draw_.one_in(8)) {
    const bool leaves = draw_.one_in(10);
    FuzzStep step =
        from_switch(leaves ? CommandKind::kDetachAgent : CommandKind::kAttachAgent, any_source());
    if (!one_in(Feature::kWrongSwitch, 20)) step.command.source = SourceIndex(source);
    step.command.name = step.text(one_in(Feature::kUnknownNames, 30) ? kNobody : agent.id);
    return step;
  }
  // A claim of theirs, if there is an offer to make one of; else whatever agents say.
  for (const LedgerCall& call : view_.ledger->calls()) {
    for (const LedgerOffer& offer : call.offers) {
      const LedgerAgent& offered = view_.ledger->agents()[offer.agent.value()];
      if (!offered.desktop.valid() || draw_.one_in(2)) continue;
      const CommandKind kind =
          draw_.one_in(4) ? CommandKind::kRejectOffer : CommandKind::kAcceptOffer;
      return by_desktop(claim(kind, call, offer), draw_.one_in(20) ? agent : offered);
    }
  }
  if (agent.state == AgentState::kLoggedOut) return by_desktop(log_in(agent, number), agent);
  if (has(Feature::kPauses) && draw_.one_in(8)) return by_desktop(pause_event(), agent);
  const FuzzStep step = agent_event();  // Of anybody.
  const LedgerAgent* named = view_.ledger->find_agent(step.command.name.in(step.arena));
  const bool is_theirs = named != nullptr && named->desktop.valid();
  return by_desktop(step, is_theirs ? *named : agent);
}

void Coverage::see_desktop(const Event& event, const Ledger& ledger) {
  if (event.kind == EventKind::kDesktopConnected) {
    const bool has_agents = std::ranges::any_of(
        ledger.agents(), [&](const LedgerAgent& one) { return one.desktop == event.source; });
    if (has_agents) count(event.flag ? Evidence::kDesktopBack : Evidence::kDesktopAnew);
    return;
  }
  if (event.kind == EventKind::kDesktopDisconnected) {
    const bool holds_back = std::ranges::any_of(ledger.agents(), [&](const LedgerAgent& one) {
      return one.desktop == event.source && one.answer_mode == AnswerMode::kDesktop &&
             one.state == AgentState::kReady;
    });
    if (holds_back) count(Evidence::kHeldWithoutDesktop);
    return;
  }
  if (event.kind != EventKind::kAgentDetached ||
      event.detail != static_cast<uint8_t>(DetachReason::kLost)) {
    return;
  }
  const LedgerSource& desktop = ledger.sources()[event.source.value()];
  if (desktop.is_connected) count(Evidence::kLeftBehind);
  switch (ledger.agents()[event.agent.value()].state) {
    case AgentState::kReady:
      return count(Evidence::kDesktopLostReady);
    case AgentState::kReserved:
    case AgentState::kRinging:
      return count(Evidence::kDesktopLostRinging);
    case AgentState::kOnCall:
    case AgentState::kOnHold:
      return count(Evidence::kDesktopLostOnCall);
    default:
      return;
  }
}

}  // namespace acd::sim
