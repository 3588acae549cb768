// SPDX-License-Identifier: Apache-2.0
// The daemon in memory.
#include "tests/sim/fake_daemon.h"

#include <algorithm>

namespace acd::sim {

FakeDaemon::FakeDaemon(const ReplayPlan& plan) {
  for (const PlannedAgent& agent : plan.agents) {
    for (const uint32_t queue : agent.queues) agents_[agent.id].queues.insert(plan.queues[queue]);
  }
  for (const std::string& queue : plan.queues) figures_[queue].queue = queue;
}

absl::StatusOr<ReplayHello> FakeDaemon::connect() {
  if (connects >= connects_max) {
    ++connects;
    return absl::UnavailableError("gone");
  }
  ReplayHello answer = hello;
  if (connects++ > 0) {
    last_sequence_ -= events_lost_by_cut;
    answer.last_durable_sequence = last_sequence_;
    if (!nows.empty()) answer.now_ns = nows.back();
    answer.is_resumed = true;
    answer_ = {};
    answer_.refusals = refusals_;
    repeat_open_commands();
  }
  is_connected_ = true;
  return answer;
}

absl::StatusOr<ReplayAnswer> FakeDaemon::exchange(const ReplayBatch& batch) {
  if (!is_connected_) return absl::UnavailableError("not connected");
  ++exchanges_;
  if (cuts_before.contains(exchanges_)) {
    is_connected_ = false;
    return absl::UnavailableError("cut");
  }
  nows.push_back(batch.now_ns);
  while (!deadlines.empty() && *deadlines.begin() < batch.now_ns)
    deadlines.erase(deadlines.begin());
  for (const ReplayEvent& event : batch.events) apply(event, batch.now_ns);
  if (!batch.events.empty()) answer_.acked_sequence = last_sequence_;
  if (!deadlines.empty()) answer_.next_deadline_ns = *deadlines.begin();
  for (const auto& [id, due_ns] : for_later_) {
    answer_.next_deadline_ns = std::min(answer_.next_deadline_ns, due_ns);
  }
  ReplayAnswer answer = std::exchange(answer_, {});
  if (cuts_after.contains(exchanges_)) {
    is_connected_ = false;
    return absl::UnavailableError("cut");
  }
  if (spoil_answer) spoil_answer(answer);
  return answer;
}

absl::StatusOr<std::string> FakeDaemon::request(const ReplayEvent&, const std::string&) {
  return absl::UnimplementedError("a real daemon alone answers requests");
}

absl::StatusOr<std::vector<DesktopOffer>> FakeDaemon::desktop_offers(const std::string&) {
  return std::vector<DesktopOffer>();
}

absl::StatusOr<std::vector<QueueFigures>> FakeDaemon::queue_figures() {
  std::vector<QueueFigures> all;
  for (const auto& [name, figures] : figures_) {
    all.push_back(figures);
    all.back().is_conserved = true;
    for (const auto& [id, call] : calls_) {
      if (call.queue == name && call.state < Call::State::kConnected) ++all.back().waiting;
    }
  }
  if (spoil_figures) spoil_figures(all);
  return all;
}

void FakeDaemon::apply(const ReplayEvent& event, int64_t now_ns) {
  if (event.sequence <= last_sequence_) return;
  last_sequence_ = event.sequence;
  history.push_back(std::to_string(now_ns / kNsPerS) + "s " + event_kind_name(event.kind) + " " +
                    event.call + event.agent);
  if (unknown_agents.contains(event.agent)) {
    refuse({event.sequence, "AGENT_UNKNOWN"});
    return;
  }
  if (kept_out.contains(event.call)) {
    const bool is_arrival = event.kind == ReplayEventKind::kCallOffered;
    refuse({event.sequence, is_arrival ? "STORAGE_FULL" : "CALL_UNKNOWN", is_arrival});
    return;
  }
  switch (event.kind) {
    case ReplayEventKind::kAgentLoggedIn:
      agents_[event.agent].station = event.station;
      agents_[event.agent].is_log_out_pending = false;
      return;
    case ReplayEventKind::kAgentReady:
      agents_[event.agent].is_ready = true;
      agents_[event.agent].idle_since = ++order_;
      break;
    case ReplayEventKind::kAgentLoggedOut:
      agents_[event.agent].is_log_out_pending = true;
      if (agents_[event.agent].call.empty()) agents_[event.agent].is_ready = false;
      return;
    case ReplayEventKind::kCallOffered: {
      Call& call = calls_[event.call];
      call.queue = event.queue;
      call.offered_ns = now_ns;
      call.key = {now_ns - event.age_credit_ns, event.sequence};
      if (!forgotten.contains(event.call)) waiting_[call.key] = event.call;
      ++figures_[event.queue].offered;
      if (releases.contains(event.call)) {
        ++figures_[event.queue].rejected;
        waiting_.erase(call.key);
        call.state = Call::State::kEnded;
        answer_.commands.push_back({ReplayCommandKind::kReleaseCall, event.call, "", "", 0});
      }
      break;
    }
    case ReplayEventKind::kLegAnswered: {
      Call& call = calls_[event.call];
      call.state = Call::State::kConnecting;
      answer_.commands.push_back(
          {ReplayCommandKind::kConnectCall, event.call, call.agent, "", call.generation});
      return;
    }
    case ReplayEventKind::kCallConnected: {
      Call& call = calls_[event.call];
      call.state = Call::State::kConnected;
      ++figures_[call.queue].answered;
      figures_[call.queue].wait_answered_sum_ns += now_ns - call.offered_ns;
      return;
    }
    case ReplayEventKind::kCallScheduled:
      for_later_[event.call] = event.due_unix_ns - unix_offset_ns;
      return;
    case ReplayEventKind::kCallEnded:
      if (for_later_.erase(event.call) > 0) return;
      end_call(event, now_ns);
      break;
    default:
      break;  // It plays voice calls alone.
  }
  match();
}

void FakeDaemon::refuse(const ReplayRefusal& refusal) {
  refusals_.push_back(refusal);
  answer_.refusals.push_back(refusal);
}

void FakeDaemon::end_call(const ReplayEvent& event, int64_t) {
  Call& call = calls_[event.call];
  if (call.state != Call::State::kConnected) {
    ++(event.ended_by == EndedBy::kTimeout ? figures_[call.queue].timed_out
                                           : figures_[call.queue].abandoned);
  }
  if (call.state == Call::State::kRinging) {
    answer_.commands.push_back(
        {ReplayCommandKind::kStopRinging, event.call, call.agent, "", call.generation});
  }
  waiting_.erase(call.key);
  call.state = Call::State::kEnded;
  if (!call.agent.empty()) release(call.agent);
}

void FakeDaemon::release(const std::string& agent_id) {
  Agent& agent = agents_[agent_id];
  agent.call.clear();
  agent.idle_since = ++order_;
  if (agent.is_log_out_pending) agent.is_ready = false;
}

void FakeDaemon::match() {
  // The first waiting call, in order, that somebody idle can take; then again.
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const std::string call_id = at->second;
    std::string found;
    for (const auto& [agent_id, agent] : agents_) {
      const bool is_idle = agent.is_ready && !agent.is_log_out_pending && agent.call.empty();
      if (!is_idle || !agent.queues.contains(calls_[call_id].queue)) continue;
      if (found.empty() || agent.idle_since < agents_[found].idle_since) found = agent_id;
    }
    ++at;
    if (!found.empty()) ring(call_id, found);
  }
}

void FakeDaemon::ring(const std::string& call_id, const std::string& agent_id) {
  Call& call = calls_[call_id];
  waiting_.erase(call.key);
  call.state = Call::State::kRinging;
  call.agent = agent_id;
  ++call.generation;
  agents_[agent_id].call = call_id;
  answer_.commands.push_back({ReplayCommandKind::kRingAgent, call_id, agent_id,
                              agents_[agent_id].station, call.generation});
}

void FakeDaemon::repeat_open_commands() {
  for (const auto& [id, call] : calls_) {
    if (call.state == Call::State::kRinging) {
      answer_.commands.push_back({ReplayCommandKind::kRingAgent, id, call.agent,
                                  agents_[call.agent].station, call.generation});
    } else if (call.state == Call::State::kConnecting) {
      answer_.commands.push_back(
          {ReplayCommandKind::kConnectCall, id, call.agent, "", call.generation});
    }
  }
}

}  // namespace acd::sim
