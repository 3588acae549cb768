// SPDX-License-Identifier: Apache-2.0
// What the judge of a replay holds commands to: what they say, whom they name, and that they come.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "routing/leg_id.h"
#include "sim/checker.h"
#include "sim/replay_mix.h"

namespace acd::sim {
namespace {

// "agent_id is \"b\" instead of \"a\"" and so on; empty: the same.
std::string differences(const ReplayCommand& told, const ReplayCommand& due) {
  std::string text;
  const auto compare = [&](const char* field, const std::string& one, const std::string& other) {
    if (one == other) return;
    absl::StrAppend(&text, text.empty() ? "" : ", ", field, " is \"", one, "\" instead of \"",
                    other, "\"");
  };
  compare("agent_id", told.agent, due.agent);
  compare("consulting_agent_id", told.consulting, due.consulting);
  if (due.generation != 0) {  // Else it is about no offer.
    compare("generation", absl::StrCat(told.generation), absl::StrCat(due.generation));
  }
  compare("conference", told.is_conference ? "true" : "false",
          due.is_conference ? "true" : "false");
  return text;
}

}  // namespace

// --- Whom an offer names.

void Checker::add_callbacks(const std::string& queue, CallbackMode mode) {
  callback_modes_[queue] = mode;
}

bool Checker::is_left_out(const Call& call, const std::string& agent_id) const {
  const auto found = call.left_out.find(agent_id);
  return found != call.left_out.end() && now_ns_ < found->second;
}

// Of a mix: whether the agent may have the call at all. `what` begins the sentence.
void Checker::judge_choice(const std::string& what, const std::string& agent_id, const Call& call) {
  if (!is_member(call.queue, agent_id)) {
    breach(absl::StrCat(what, "who does not serve queue ", call.queue));
  }
  if (const auto mode = callback_modes_.find(call.queue);
      call.is_off_line &&
      (mode == callback_modes_.end() || mode->second != CallbackMode::kAgentFirst)) {
    breach(absl::StrCat(what, "but queue ", call.queue, " dials the customer first"));
  }
  if (!is_left_out(call, agent_id)) return;
  if (call.left_out.at(agent_id) == kNeverNs) {
    breach(absl::StrCat(what, "who is on call ", call.parent, ", about which it asks"));
    return;
  }
  // In force only while somebody else who could take it is logged in: before this instant, as the
  // order within it is not known.
  const std::set<std::string>& members = members_[call.queue];
  const bool has_others = std::ranges::any_of(members, [&](const std::string& id) {
    if (id == agent_id || is_left_out(call, id)) return false;
    const auto found = agents_.find(id);
    return found != agents_.end() && found->second.is_logged_in &&
           found->second.log_in_ns < now_ns_;
  });
  if (has_others) breach(absl::StrCat(what, "who has just transferred it"));
}

// --- What a command says.

// Of one that the model went along with.
void Checker::judge_wording(const ReplayCommand& command, Call& call) {
  const std::string what =
      absl::StrCat(command_kind_name(command.kind), " for call ", command.call, ": ");
  if (command.kind == ReplayCommandKind::kDialCustomer && command.number != call.number) {
    breach(
        absl::StrCat(what, "number is \"", command.number, "\" instead of \"", call.number, "\""));
  }
  if (call.generation != command.generation || command.agent.empty() ||
      call.agent != command.agent) {
    return;
  }
  if (const std::string& station = agents_[command.agent].station; command.station != station) {
    if (command.kind != ReplayCommandKind::kRingAgent) {  // Judged with the offer.
      breach(
          absl::StrCat(what, "station is \"", command.station, "\" instead of \"", station, "\""));
    }
  }
  if (command.other_call != call.parent || command.consulting != call.consulting) {
    breach(absl::StrCat(what, "parent_call_id is \"", command.other_call,
                        "\" and consulting_agent_id \"", command.consulting, "\" instead of \"",
                        call.parent, "\" and \"", call.consulting, "\""));
  }
  if (call.leg_generation == command.generation) {
    if (command.leg == call.leg) return;
    breach(absl::StrCat(what, "leg_id is \"", command.leg, "\", and was \"", call.leg, "\""));
    return;
  }
  call.leg = command.leg;
  call.leg_generation = command.generation;
  if (!command.leg.starts_with(kOwnLegPrefix)) {
    breach(absl::StrCat(what, "leg_id is \"", command.leg, "\", which is no name of the daemon's"));
  } else if (!legs_.insert(command.leg).second) {
    breach(absl::StrCat(what, "leg_id is \"", command.leg, "\", as another one's was"));
  }
}

// What is offered or dialed begins while customers may be called. A stop of the clock lies 1 ns behind
// the deadline of which it tells.
void Checker::judge_hour(const ReplayCommand& command, const Call& call) {
  if (may_call(call, now_ns_) || may_call(call, now_ns_ - 2)) return;
  breach(absl::StrCat(command_kind_name(command.kind), " for call ", command.call,
                      ", at an hour at which its customer may not be called"));
}

// It is for who waits on the line.
void Checker::judge_treatment(const ReplayCommand& command, const Call& call) {
  const bool has_left =
      call.state == CallState::kEnded && call.ended_sequence < batch_first_sequence_;
  const bool may_wait = call.state == CallState::kWaiting || call.state == CallState::kRinging ||
                        call.state == CallState::kEnded;
  if (has_left) {
    breach(absl::StrCat("play_treatment for call ", command.call, ", which has left"));
  } else if (!may_wait || call.is_off_line) {
    breach(absl::StrCat("play_treatment for call ", command.call,
                        call.is_off_line || call.agent.empty()
                            ? std::string(", which has nobody on the line")
                            : absl::StrCat(", though agent ", call.agent, " has it")));
  }
}

// --- What is due.

ReplayCommand Checker::order_of(ReplayCommandKind kind, const std::string& call) {
  ReplayCommand order;
  order.kind = kind;
  order.call = call;
  return order;
}

void Checker::dial(const ReplayCommand& command, Call& call) {
  const bool is_agent_first = !command.agent.empty();
  const auto mode = callback_modes_.find(call.queue);
  if (mode == callback_modes_.end() ||
      (mode->second == CallbackMode::kAgentFirst) != is_agent_first) {
    breach(absl::StrCat("dial_customer for call ", command.call,
                        is_agent_first ? " with" : " without", " an agent, but queue ", call.queue,
                        mode == callback_modes_.end() ? " calls nobody back"
                        : is_agent_first              ? " dials the customer first"
                                                      : " asks an agent first"));
  }
  if (is_agent_first) {
    // An agent waits for the customer: the same as joining the two.
    if (accept_at_once(command, call)) connect(command, call);
    return;
  }
  const bool is_same = call.generation == command.generation;
  if (is_after_cut_ && is_same && call.was_dialed_first) return;
  if (call.state != CallState::kWaiting || !call.is_off_line ||
      command.generation <= call.generation || now_ns_ < call.retry_ns) {
    breach(absl::StrCat("dial_customer for call ", command.call, " (generation ",
                        command.generation, "), which is not to be dialed now"));
    return;
  }
  judge_hour(command, call);
  call.state = CallState::kDialing;
  call.generation = command.generation;
  call.was_dialed_first = true;
  const auto dialing = std::ranges::count_if(open_, [&](const auto* one) {
    return one->second.state == CallState::kDialing && one->second.queue == call.queue;
  });
  if (dialing <= kMixDialingMax) return;
  breach(absl::StrCat("dial_customer for call ", command.call, ": ", dialing,
                      " customers of queue ", call.queue, " are being dialed"));
}

void Checker::forget(Order& order) {
  if (order.due) order.told = std::exchange(order.due, std::nullopt);
}

// Whether it was due, or, after a cut, was told before: the switch leaves alone what it has done.
bool Checker::was_due(Order& order, const ReplayCommand& command) {
  const auto is_meant = [&](const std::optional<ReplayCommand>& one) {
    return one && one->queue == command.queue && one->other_call == command.other_call &&
           one->number == command.number;
  };
  if (is_meant(order.due)) {
    forget(order);
  } else if (!is_after_cut_ || !is_meant(order.told)) {
    return false;
  }
  const std::string wrong = differences(command, *order.told);
  if (wrong.empty()) return true;
  breach(absl::StrCat(command_kind_name(command.kind), " for call ", command.call, ": ", wrong));
  return true;
}

void Checker::obey_order(const ReplayCommand& command, Call& call) {
  switch (command.kind) {
    case ReplayCommandKind::kParkCaller:
      if (was_due(call.park, command)) return;
      breach(absl::StrCat("park_caller for call ", command.call, ", which nobody transferred to ",
                          command.queue));
      return;
    case ReplayCommandKind::kRetrieveCall: {
      const bool has_just_left =
          call.state == CallState::kEnded && call.ended_sequence >= batch_first_sequence_;
      if (was_due(call.retrieve, command) || has_just_left) return;
      breach(absl::StrCat("retrieve_call for call ", command.call, ", of which consult ",
                          command.other_call, " is not over"));
      return;
    }
    default:
      if (was_due(call.merge, command)) return;
      breach(absl::StrCat("merge_call for consult ", command.call, ", which nobody merged with ",
                          command.other_call));
  }
}

// What was granted must be told by now, over a cut too: the daemon repeats it.
void Checker::look_for_orders() {
  for (const std::string& id : orders_due_) {
    Call& call = calls_[id];
    const bool goes_on = call.state != CallState::kEnded;
    const auto miss = [&](const char* what) {
      breach(absl::StrCat("the switch was not told to ", what, " for call ", id));
    };
    if (call.park.due && goes_on) miss("park_caller");
    if (call.retrieve.due && goes_on) miss("retrieve_call");
    if (call.merge.due) miss("merge_call");
    if (call.outside.due) miss("transfer_call");
    if (call.is_release_due) miss("release_call");
    // Accepted at a desktop, and nobody is rung.
    if (call.state == CallState::kAnswered) miss("connect_call");
    forget(call.park);
    forget(call.retrieve);
    forget(call.merge);
    forget(call.outside);
    call.is_release_due = false;
  }
  orders_due_.clear();
}

}  // namespace acd::sim
