// SPDX-License-Identifier: Apache-2.0
// Draws what happens next in a random world: mostly what a switch would say, and now and then what
// a confused one does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/draw.h"
#include "sim/fuzz_step.h"
#include "sim/fuzz_world.h"
#include "sim/ledger.h"

namespace acd::sim {

// An id that nobody and nothing has.
inline const std::string kNobody = "nobody";

// What the maker has to know of the world that it goes on with.
struct FuzzView {
  const Ledger* ledger = nullptr;
  const TenantConfig* config = nullptr;
  int64_t now_ns = 0;
  int64_t next_deadline_ns = 0;
};

class FuzzMaker {
 public:
  FuzzMaker(Draw& draw, const Features& features) : draw_(draw), features_(features) {}

  // Who there is from the start.
  void know(const std::vector<AgentProfile>& agents);

  // The time of the next step.
  int64_t next_time(const FuzzView& view);
  // The next step, at view.now_ns.
  FuzzStep next(const FuzzView& view);
  // A big centre is filled first: everybody logs in, many calls come, and in some worlds all are
  // ready at once.
  [[nodiscard]] bool is_filling() const { return has(Feature::kBigCentre) && filled_ < fill_end_; }
  // A switch comes, in its present epoch or in a new one.
  FuzzStep open(const FuzzView& view, uint32_t source, bool is_new_epoch);

 private:
  [[nodiscard]] bool has(Feature feature) const { return features_.has(feature); }
  bool one_in(Feature feature, uint32_t odds) { return has(feature) && draw_.one_in(odds); }
  FuzzStep begin(CommandKind kind) const;
  // The same, sent by that switch as its next event (or, with the faults, as another one).
  FuzzStep from_switch(CommandKind kind, SourceIndex source);
  [[nodiscard]] SourceIndex any_source();
  [[nodiscard]] const LedgerAgent* any_agent(uint32_t* number);
  [[nodiscard]] std::string any_party(const LedgerCall& call);
  [[nodiscard]] std::string any_queue();
  [[nodiscard]] uint32_t source_count() const { return has(Feature::kTwoSwitches) ? 2 : 1; }

  FuzzStep fill();
  FuzzStep gather(uint32_t number);
  FuzzStep arrival();
  void add_faults_of_arrival(FuzzStep* step);
  FuzzStep call_event();
  FuzzStep of_call(CommandKind kind, const LedgerCall& call, uint32_t generation);
  FuzzStep of_offer(const LedgerCall& call);
  FuzzStep of_waiting(const LedgerCall& call);
  FuzzStep of_connecting(const LedgerCall& call);
  FuzzStep priority_of(const LedgerCall& call);
  FuzzStep of_connected(const LedgerCall& call);
  FuzzStep of_dialing(const LedgerCall& call);
  FuzzStep of_outside(const LedgerCall& call);
  FuzzStep failed_dial(const LedgerCall& call);
  FuzzStep on_line(CommandKind kind, const LedgerCall& call, uint32_t generation);
  FuzzStep end_of(const LedgerCall& call);
  FuzzStep consult_event();
  FuzzStep consult_about(const LedgerCall& call);
  FuzzStep agent_event();
  FuzzStep of_agent(CommandKind kind, const LedgerAgent& agent);
  FuzzStep of_wrap_up(CommandKind kind, const LedgerAgent& agent);
  FuzzStep log_in(const LedgerAgent& agent, uint32_t number);
  FuzzStep claim(CommandKind kind, const LedgerCall& call, const LedgerOffer& offer);
  FuzzStep of_station(CommandKind kind, const LedgerAgent& agent, uint32_t number);
  FuzzStep pause_event();
  FuzzStep phone_event();
  FuzzStep queue_event();
  FuzzStep outcome_event();
  FuzzStep transfer_event();
  FuzzStep supervisor_event();
  FuzzStep leg_event();
  FuzzStep callback_event();
  FuzzStep schedule_event();
  FuzzStep table_event();
  FuzzStep switch_event();
  FuzzStep desktop_event();
  FuzzStep open_desktop(uint32_t source, bool is_new_epoch);
  FuzzStep by_desktop(FuzzStep step, const LedgerAgent& agent);
  // --- fuzz_resync.cc: a switch that lists what it has, in random order and with faults.
  void begin_list(SourceIndex source);
  FuzzStep listed();
  FuzzStep list_call(const LedgerCall& call);
  FuzzStep list_agent(const LedgerAgent& agent, uint32_t number);

  Draw& draw_;
  const Features& features_;
  FuzzView view_;
  uint32_t next_call_ = 1;
  std::map<std::string, AgentProfile> profiles_;  // By id, as told last.
  uint32_t next_consult_ = 1;
  uint32_t filled_ = 0;  // Steps that filled the centre.
  uint32_t fill_end_ = 1;
  uint32_t epochs_[2] = {0, 0};
  std::map<uint32_t, uint32_t> desktop_epochs_;  // By number.
  // What a switch is still to list, ids of agents and then of calls.
  SourceIndex lister_;
  std::vector<std::string> agents_left_;
  std::vector<std::string> calls_left_;
};

}  // namespace acd::sim
