// SPDX-License-Identifier: Apache-2.0
// State hash and the numbered invariants of routing/README.md.
#include <algorithm>
#include <string>

#include "routing/router.h"

namespace acd {
namespace {

std::string broken(int number, const std::string& what) {
  return "I" + std::to_string(number) + ": " + what;
}

bool has_call(Work work) {
  return work == Work::kReserved || work == Work::kRinging || work == Work::kConnecting ||
         work == Work::kOnCall || work == Work::kOnHold;
}

}  // namespace

uint64_t Router::state_hash() const {
  Hash64 hash;
  hash.add_signed(now_ns_);
  hash.add_signed(event_sequence_);
  hash.add(next_order_);
  hash.add(configured_);
  hash.add(queues_.size());
  for (const Queue& queue : queues_) hash.add_text(queue.config.id);
  sessions_.add_to(hash);
  ended_calls_.add_to(hash);
  hash.add(roster_.count());
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const Agent& agent = roster_.at(AgentIndex(i));
    hash.add_text(agent.id.view());
    hash.add_text(agent.station.view());
    for (const SkillLevel& skill : agent.skills) {
      hash.add(static_cast<uint64_t>(skill.skill.value()) << 8 | skill.level);
    }
    hash.add(agent.source.value());
    hash.add(static_cast<uint64_t>(agent.presence) << 8 | static_cast<uint64_t>(agent.work));
    hash.add(static_cast<uint64_t>(agent.log_out_pending) << 8 |
             static_cast<uint64_t>(agent.is_phone_busy));
    hash.add_signed(agent.reason);
    if (agent.call.valid()) hash.add_text(calls_.at(agent.call).id.view());
    hash.add(agent.wrap_up_queue.value());
    hash.add_signed(agent.idle_since_ns);
    hash.add_signed(agent.deadline_ns);
    hash.add_signed(agent.rejects);
    hash.add_signed(agent.no_answers);
    hash.add(agent.log_in_order);
  }
  // Calls in the order of arrival: slots differ between Routers that went different ways.
  std::vector<CallIndex> live;
  for (uint32_t i = 0; i < calls_.slot_count(); ++i) {
    if (calls_.at(CallIndex(i)).stage != CallStage::kFree) live.emplace_back(i);
  }
  std::sort(live.begin(), live.end(),
            [&](CallIndex a, CallIndex b) { return calls_.at(a).order < calls_.at(b).order; });
  hash.add(live.size());
  for (const CallIndex index : live) {
    const Call& call = calls_.at(index);
    hash.add_text(call.id.view());
    hash.add(static_cast<uint64_t>(call.stage) << 16 |
             static_cast<uint64_t>(call.ringing_seen) << 8 | static_cast<uint64_t>(call.on_hold));
    hash.add(call.source.value());
    hash.add(call.queue.value());
    hash.add_text(calls_.requirement_at(call.requirement).text);
    hash.add_signed(call.priority);
    hash.add(call.generation);
    hash.add(call.agent.value());
    hash.add(call.order);
    hash.add_signed(call.enqueued_ns);
    hash.add_signed(call.key_ns);
    hash.add_signed(call.deadline_ns);
    std::vector<std::pair<AgentIndex, int64_t>> excluded;
    for (uint32_t i = call.first_exclusion; i != OrderedNode::kNone;
         i = calls_.exclusion_at(i).next) {
      excluded.emplace_back(calls_.exclusion_at(i).agent, calls_.exclusion_at(i).until_ns);
    }
    std::sort(excluded.begin(), excluded.end());
    for (const auto& [agent, until_ns] : excluded) {
      hash.add(agent.value());
      hash.add_signed(until_ns);
    }
  }
  return hash.value();
}

std::string Router::check_invariants() const {
  size_t timers = 0;
  std::vector<int64_t> logged_in(roster_.class_count(), 0);
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const AgentIndex index(i);
    const Agent& agent = roster_.at(index);
    const std::string who = "agent " + std::string(agent.id.view());
    const bool logged_in_here = agent.presence != Presence::kLoggedOut;
    if (logged_in_here) ++logged_in[agent.agent_class.value()];
    if (agent.idle_node.linked() != (agent.presence == Presence::kReady &&
                                     agent.work == Work::kNone && !agent.log_out_pending)) {
      return broken(1, who + " is listed idle, or not, against its state");
    }
    if (agent.call.valid() != has_call(agent.work))
      return broken(2, who + " has work without call");
    if (agent.call.valid() && calls_.at(agent.call).agent != index) {
      return broken(2, who + " has a call that another agent has");
    }
    if (logged_in_here == agent.station.empty() ||
        (logged_in_here && roster_.at_station(agent.source, agent.station.view()) != index)) {
      return broken(3, who + " and its station disagree");
    }
    if (!logged_in_here && agent.work != Work::kNone) return broken(3, who + " works logged out");
    if ((agent.deadline_ns != kNeverNs) != timers_.is_set(TimerKind::kAgent, i)) {
      return broken(4, who + " has a deadline without timer or the reverse");
    }
    timers += agent.deadline_ns != kNeverNs ? 1 : 0;
  }
  for (uint32_t i = 0; i < roster_.class_count(); ++i) {
    if (logged_in[i] != roster_.class_at(AgentClassIndex(i)).logged_in_count) {
      return broken(5, "a class miscounts who is logged in");
    }
  }
  size_t live = 0;
  for (uint32_t i = 0; i < calls_.slot_count(); ++i) {
    const CallIndex index(i);
    const Call& call = calls_.at(index);
    if (call.stage == CallStage::kFree) continue;
    ++live;
    const std::string which = "call " + std::string(call.id.view());
    if (calls_.find(call.id.view()) != index) return broken(6, which + " is not found by its id");
    if (call.waiting_node.linked() != (call.stage == CallStage::kEnqueued)) {
      return broken(7, which + " is listed waiting, or not, against its stage");
    }
    if (call.agent.valid() == (call.stage == CallStage::kEnqueued) ||
        (call.agent.valid() && roster_.at(call.agent).call != index)) {
      return broken(2, which + " and its agent disagree");
    }
    if ((call.deadline_ns != kNeverNs) != timers_.is_set(TimerKind::kCall, i)) {
      return broken(4, which + " has a deadline without timer or the reverse");
    }
    timers += call.deadline_ns != kNeverNs ? 1 : 0;
    if (call.stage == CallStage::kConnected && call.deadline_ns != kNeverNs) {
      return broken(4, which + " is connected and has a deadline");
    }
    const Source& source = sessions_.at(call.source);
    if (call.stage == CallStage::kEnqueued && source.connected && !source.rematch_pending &&
        best_agent(call).valid()) {
      return broken(8, which + " waits although an agent is free for it");
    }
  }
  std::vector<size_t> links(calls_.class_count(), 0);
  for (uint32_t a = 0; a < roster_.class_count(); ++a) {
    const AgentClass& agent_class = roster_.class_at(AgentClassIndex(a));
    std::vector<bool> linked(calls_.class_count(), false);
    for (const CallClassIndex c : agent_class.call_classes) linked[c.value()] = true;
    for (uint32_t c = 0; c < calls_.class_count(); ++c) {
      const CallClass& call_class = calls_.class_at(CallClassIndex(c));
      if (linked[c] != (!call_class.free && can_serve(agent_class, call_class))) {
        return broken(9, "a class of agents is linked wrongly");
      }
      links[c] += linked[c] ? 1 : 0;
    }
  }
  for (uint32_t c = 0; c < calls_.class_count(); ++c) {
    const CallClass& call_class = calls_.class_at(CallClassIndex(c));
    if (call_class.free) continue;
    for (const AgentClassIndex a : call_class.agent_classes) {
      if (!can_serve(roster_.class_at(a), call_class)) {
        return broken(9, "a class of calls is linked wrongly");
      }
    }
    if (call_class.agent_classes.size() != links[c]) {
      return broken(9, "a class of calls and its agents' classes disagree");
    }
  }
  if (live != calls_.count()) return broken(6, "live calls are miscounted");
  for (uint32_t i = 0; i < sessions_.size(); ++i) {
    timers += timers_.is_set(TimerKind::kSource, i) ? 1 : 0;
  }
  if (timers != timers_.size()) return broken(4, "a timer belongs to nobody");
  return {};
}

}  // namespace acd
