// SPDX-License-Identifier: Apache-2.0
// Switches that come, go and restart, in random worlds.
#include "sim/fuzz_maker.h"

namespace acd::sim {

FuzzStep FuzzMaker::open(const FuzzView& view, uint32_t source, bool is_new_epoch) {
  view_ = view;
  FuzzStep step = begin(CommandKind::kOpenSession);
  if (is_new_epoch) ++epochs_[source];
  step.command.name = step.text("switch" + std::to_string(source));
  step.command.text = step.text("epoch" + std::to_string(epochs_[source]));
  step.command.flag = draw_.one_in(2);
  if (has(Feature::kResync) && !draw_.one_in(4)) {
    step.command.number = 1;
    if (is_new_epoch) begin_list(SourceIndex(source));
  }
  return step;
}

FuzzStep FuzzMaker::switch_event() {
  const SourceIndex source = any_source();
  const bool is_here = view_.ledger->sources()[source.value()].is_connected;
  if (!is_here) return open(view_, source.value(), one_in(Feature::kNewEpoch, 4));
  if (one_in(Feature::kRestart, 6)) return begin(CommandKind::kResume);
  if (one_in(Feature::kNewEpoch, 6)) return open(view_, source.value(), true);
  if (one_in(Feature::kResync, 6)) {
    begin_list(source);
    return from_switch(CommandKind::kResyncBegin, source);
  }
  if (has(Feature::kSwitchAway) && draw_.one_in(2)) {
    FuzzStep step = begin(CommandKind::kCloseSession);
    step.command.source = source;
    return step;
  }
  if (one_in(Feature::kUnknownNames, 2)) {
    FuzzStep step = from_switch(CommandKind::kRefused, source);
    step.command.detail = 1;
    return step;
  }
  return agent_event();
}

}  // namespace acd::sim
