// SPDX-License-Identifier: Apache-2.0
// The daemon in memory.
#include "tests/sim/fake_daemon.h"

#include <algorithm>

#include "sim/replay_mix.h"

namespace acd::sim {

FakeDaemon::FakeDaemon(const ReplayPlan& plan) {
  for (const PlannedAgent& agent : plan.agents) {
    roster_.push_back(agent.id);
    for (const uint32_t queue : agent.queues) agents_[agent.id].queues.insert(plan.queues[queue]);
  }
  for (const std::string& queue : plan.queues) figures_[queue].queue = queue;
  for (uint32_t i = 0; i < plan.queues.size() && plan.mix.is_any(); ++i) {
    if (has_wrap_up(i)) wrap_up_queues_.insert(plan.queues[i]);
  }
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
  for (auto& [id, agent] : agents_) {
    if (agent.wrap_up_end_ns < batch.now_ns) {
      end_wrap_up(id, agent.wrap_up_end_ns);
      match();
    }
  }
  for (const ReplayEvent& event : batch.events) apply(event, batch.now_ns);
  if (!batch.events.empty()) answer_.acked_sequence = last_sequence_;
  if (!deadlines.empty()) answer_.next_deadline_ns = *deadlines.begin();
  for (const auto& [id, due_ns] : for_later_) {
    answer_.next_deadline_ns = std::min(answer_.next_deadline_ns, due_ns);
  }
  for (const auto& [id, agent] : agents_) {
    answer_.next_deadline_ns = std::min(answer_.next_deadline_ns, agent.wrap_up_end_ns);
  }
  ReplayAnswer answer = std::exchange(answer_, {});
  if (cuts_after.contains(exchanges_)) {
    is_connected_ = false;
    return absl::UnavailableError("cut");
  }
  if (spoil_answer) spoil_answer(answer);
  return answer;
}

absl::StatusOr<std::string> FakeDaemon::request(const ReplayEvent& event, const std::string&) {
  if (event.kind == ReplayEventKind::kCallOutcome) {
    take_outcome(event);
    return std::string();
  }
  return absl::UnimplementedError("a real daemon alone answers that");
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
      const auto told = outcomes.find(id);
      if (call.queue != name || told == outcomes.end()) continue;
      const ReplayOutcome& outcome = told->second;
      MixTally& mix = all.back().mix;
      if (outcome.code) ++mix.codes[*outcome.code];
      if (outcome.is_resolved) ++(*outcome.is_resolved ? mix.resolved : mix.unresolved);
      if (outcome.survey_score) ++mix.surveys;
      if (outcome.quality_score) ++mix.qualities;
      mix.survey_sum += outcome.survey_score.value_or(0);
      mix.quality_sum += outcome.quality_score.value_or(0);
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
      agents_[event.agent].answer_mode = event.answer_mode;
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
      connect_agent(event.call, call);
      return;
    }
    case ReplayEventKind::kCallConnected: {
      Call& call = calls_[event.call];
      call.state = Call::State::kConnected;
      call.connected_ns = now_ns;
      ++figures_[call.queue].answered;
      figures_[call.queue].wait_answered_sum_ns += now_ns - call.offered_ns;
      return;
    }
    case ReplayEventKind::kCallOutcome:
      take_outcome(event);
      return;
    case ReplayEventKind::kTransferRequested:
      transfer(event, now_ns);
      break;
    case ReplayEventKind::kLegLost:
      if (!forgets_lost_legs) agents_[event.agent].is_ready = false;
      return;
    case ReplayEventKind::kWrapUpExtended:
      agents_[event.agent].wrap_up_end_ns += kMixExtensionNs;
      return;
    case ReplayEventKind::kWrapUpEnded:
      end_wrap_up(event.agent, now_ns);
      break;
    case ReplayEventKind::kCallScheduled:
      for_later_[event.call] = event.due_unix_ns - unix_offset_ns;
      scheduled[event.call] = for_later_[event.call];
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

void FakeDaemon::end_call(const ReplayEvent& event, int64_t now_ns) {
  Call& call = calls_[event.call];
  QueueFigures& figures = figures_[call.queue];
  const bool was_connected = call.state == Call::State::kConnected;
  if (!was_connected) {
    ++(event.ended_by == EndedBy::kTimeout ? figures.timed_out : figures.abandoned);
    const bool is_short = now_ns - call.offered_ns < kShortAbandonDefaultNs;
    if (event.ended_by != EndedBy::kTimeout && is_short) ++figures.short_abandoned;
  }
  if (call.state == Call::State::kRinging) {
    answer_.commands.push_back(
        {ReplayCommandKind::kStopRinging, event.call, call.agent, "", call.generation});
  }
  waiting_.erase(call.key);
  call.state = Call::State::kEnded;
  if (was_connected) {
    finish_talk(call, now_ns);
  } else if (!call.agent.empty()) {
    release(call.agent);
  }
}

void FakeDaemon::finish_talk(Call& call, int64_t now_ns) {
  ++figures_[call.queue].handled;
  figures_[call.queue].handle_sum_ns += now_ns - call.connected_ns;
  if (!wrap_up_queues_.contains(call.queue)) {
    release(call.agent);
    return;
  }
  agents_[call.agent].wrap_up_begin_ns = now_ns;
  agents_[call.agent].wrap_up_end_ns = now_ns + kMixWrapUpNs + wrap_up_late_ns;
}

void FakeDaemon::take_outcome(const ReplayEvent& event) {
  const ReplayOutcome& told = event.outcome;
  ReplayOutcome& outcome = outcomes[event.call];
  if (told.code) outcome.code = told.code;
  if (told.is_resolved) outcome.is_resolved = told.is_resolved;
  if (told.survey_score) outcome.survey_score = told.survey_score;
  if (told.quality_score && !forgets_quality) outcome.quality_score = told.quality_score;
  if (!told.labels.empty()) outcome.labels = told.labels;
}

// To the first supervisor who is idle, or outside.
void FakeDaemon::transfer(const ReplayEvent& event, int64_t now_ns) {
  Call& call = calls_[event.call];
  std::string to;
  for (size_t i = 0; i < roster_.size(); ++i) {
    const Agent& agent = agents_[roster_[i]];
    const bool is_meant = escalates_to_anybody || is_supervisor(i);
    if (is_meant && agent.is_ready && agent.call.empty()) to = roster_[i];
    if (!to.empty() && !escalates_to_anybody) break;
  }
  if (event.is_to_supervisor && to.empty()) {
    refuse({event.sequence, "NO_SUPERVISOR"});
    return;
  }
  ++figures_[call.queue].mix.transferred_out;
  finish_talk(call, now_ns);
  ReplayCommand command;
  command.kind = ReplayCommandKind::kTransferCall;
  command.call = event.call;
  if (!event.number.empty()) {
    call.state = Call::State::kEnded;
    command.number = event.number;
    if (!keeps_outside_to_itself) answer_.commands.push_back(command);
    return;
  }
  ++figures_[call.queue].mix.transferred_in;
  command.kind = ReplayCommandKind::kParkCaller;
  command.generation = call.generation;
  command.queue = call.queue;
  answer_.commands.push_back(command);
  call.offered_ns = now_ns;
  ring(event.call, to);
}

void FakeDaemon::end_wrap_up(const std::string& agent_id, int64_t now_ns) {
  Agent& agent = agents_[agent_id];
  figures_[calls_[agent.call].queue].handle_sum_ns += now_ns - agent.wrap_up_begin_ns;
  agent.wrap_up_end_ns = kNeverNs;
  release(agent_id);
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
  if (accepts_at_once(agents_[agent_id].answer_mode) && !rings_everybody) {
    call.state = Call::State::kConnecting;
    connect_agent(call_id, call);
    return;
  }
  ring_agent(call_id, call);
}

void FakeDaemon::repeat_open_commands() {
  for (const auto& [id, call] : calls_) {
    if (call.state == Call::State::kRinging) {
      ring_agent(id, call);
    } else if (call.state == Call::State::kConnecting) {
      connect_agent(id, call);
    }
  }
}

void FakeDaemon::ring_agent(const std::string& call_id, const Call& call) {
  ReplayCommand command{ReplayCommandKind::kRingAgent, call_id, call.agent,
                        agents_[call.agent].station, call.generation};
  command.leg = leg_of(call_id, call);
  answer_.commands.push_back(command);
}

std::string FakeDaemon::leg_of(const std::string& call_id, const Call& call) {
  return "acd-" + call_id + "-" + std::to_string(call.generation);
}

void FakeDaemon::connect_agent(const std::string& call_id, const Call& call) {
  const Agent& agent = agents_[call.agent];
  ReplayCommand command{ReplayCommandKind::kConnectCall, call_id, call.agent, agent.station,
                        call.generation};
  command.answer_mode = agent.answer_mode;
  command.leg = leg_of(call_id, call);
  answer_.commands.push_back(command);
}

}  // namespace acd::sim
