// SPDX-License-Identifier: Apache-2.0
// What a wallboard knows: calls and agents, as the lists and the events say.
#pragma once

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "acd/v1/event_service.pb.h"
#include "acd/v1/wallboard_service.pb.h"

namespace example {

// What an event makes of its call. A call that waits rings while somebody is offered it.
inline const std::map<std::string, std::string> kStates = {{"call.enqueued", "waiting"},
                                                           {"offer.accepted", "connecting"},
                                                           {"call.requeued", "waiting"},
                                                           {"call.connected", "talking"},
                                                           {"call.dial_answered", "waiting"},
                                                           {"call.dial_failed", "scheduled"},
                                                           {"call.due", "waiting"},
                                                           {"call.outside_dialed", "dialing"},
                                                           {"call.outside_answered", "outside"}};
// Then it is over; also when it goes outside (call.overflowed, call.transferred).
inline const std::set<std::string> kEnds = {
    "call.completed", "call.abandoned", "call.timed_out", "call.withdrawn",
    "call.failed",    "call.rejected",  "call.merged",    "call.callback_requested"};
// These say nothing about whether an agent is offered the call; all others of offers end it.
inline const std::set<std::string> kOfferGoesOn = {"offer.created", "offer.ringing", "offer.stale"};
inline const std::map<int, std::string> kListedStates = {
    {acd::v1::CALL_STATE_ENQUEUED, "waiting"},
    {acd::v1::CALL_STATE_ALERTING, "waiting"},
    {acd::v1::CALL_STATE_CONNECTING, "connecting"},
    {acd::v1::CALL_STATE_CONNECTED, "talking"}};

struct Call {
  std::string state;
  std::set<std::string> offered;  // Agents.

  std::string shown() const { return state == "waiting" && !offered.empty() ? "ringing" : state; }
};

inline std::string last_part(const std::string& name) { return name.substr(name.rfind('/') + 1); }

class Picture {
 public:
  void clear() {
    calls_.clear();
    agents_.clear();
  }

  void take(const acd::v1::CallStatus& call) {
    const auto state = kListedStates.find(call.state());
    Call& listed = calls_[last_part(call.name())];
    listed.state = state == kListedStates.end() ? "other" : state->second;
    for (const std::string& agent : call.offered_agents()) listed.offered.insert(last_part(agent));
  }

  void take(const acd::v1::AgentStatus& agent) { agents_[last_part(agent.name())] = agent.state(); }

  // It sets states, whatever they were: told twice it does no harm.
  void take(const acd::v1::Event& event) {
    const auto state = kStates.find(event.type());
    if (state != kStates.end()) calls_[event.call_id()].state = state->second;
    if (kEnds.contains(event.type()) || event.is_outside()) calls_.erase(event.call_id());
    if (event.type() == "agent.state_changed") agents_[event.agent_id()] = event.to_state();
    const auto call = calls_.find(event.call_id());
    if (call == calls_.end()) return;
    // With an agent who waits for the customer the call stays theirs.
    if (event.type() == "call.dialed" && event.agent_id().empty()) call->second.state = "dialing";
    if (event.type() == "offer.created") {
      call->second.offered.insert(event.agent_id());
    } else if (event.type().starts_with("offer.") && !kOfferGoesOn.contains(event.type())) {
      call->second.offered.erase(event.agent_id());
    }
  }

  void show() const {
    const auto count = [this](const std::string& state) {
      return std::count_if(calls_.begin(), calls_.end(),
                           [&](const auto& call) { return call.second.shown() == state; });
    };
    const auto ready = std::count_if(agents_.begin(), agents_.end(), [](const auto& agent) {
      return agent.second == acd::v1::AGENT_STATE_READY;
    });
    std::cout << "board waiting " << count("waiting") << " ringing " << count("ringing")
              << " talking " << count("talking") << " agents ready " << ready << std::endl;
  }

  std::string sizes() const {
    return std::to_string(calls_.size()) + " " + std::to_string(agents_.size());
  }

 private:
  std::map<std::string, Call> calls_;  // By id.
  std::map<std::string, acd::v1::AgentState> agents_;
};

}  // namespace example
