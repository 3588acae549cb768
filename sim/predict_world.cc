// SPDX-License-Identifier: Apache-2.0
#include "sim/predict_world.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <set>

#include "routing/check.h"
#include "sim/log_time.h"
#include "sim/replay.h"

namespace acd::sim {
namespace {

constexpr char kLogTenant[] = "log";
// A log tells no levels.
constexpr int kLogLevel = 5;

}  // namespace

TenantConfig log_centre(const std::vector<const CallLog*>& logs) {
  std::set<std::string> types;
  for (const CallLog* log : logs) types.insert(log->types.begin(), log->types.end());
  TenantConfig config;
  config.id = kLogTenant;
  config.skills.assign(types.begin(), types.end());
  for (const std::string& type : types) {
    QueueConfig& queue = config.queues.emplace_back();
    queue.id = type;
    queue.requirement = type + " >= 1";
  }
  return config;
}

std::vector<AgentProfile> log_agents(const CallLog& log) {
  std::vector<AgentProfile> agents;
  for (size_t i = 0; i < log.agents.size(); ++i) {
    AgentProfile& agent = agents.emplace_back();
    agent.id = log.agents[i];
    for (const uint32_t type : log.agent_types[i])
      agent.skills.emplace_back(log.types[type], kLogLevel);
  }
  return agents;
}

// --- As the Router decides.

absl::Status ReplayedWorld::play(const CallLog& log, const std::function<bool()>& is_stopped) {
  if (absl::Status status = daemon_.upsert(log_agents(log)); !status.ok()) return status;
  PlanOptions options;
  options.tenant = kLogTenant;
  options.seed = ++logs_;
  const auto plan = plan_replay(log, options);
  if (!plan.ok()) return plan.status();
  daemon_.name_switch(absl::StrCat("replay-", logs_));
  ReplayHooks hooks;
  hooks.is_stopped = is_stopped;
  const auto result = Replay(*plan, daemon_, hooks).run();
  if (!result.ok()) return result.status();
  if (result->breaches.empty()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(log.path, ": ", result->breaches.front()));
}

// --- As it was recorded.

RecordedWorld::RecordedWorld(const TenantConfig& config, WorldHooks hooks)
    : hooks_(std::move(hooks)) {
  if (hooks_.configured) hooks_.configured(config);
  for (const QueueConfig& queue : config.queues) {
    const QueueIndex index(queues_.size());
    queues_.emplace(queue.id, index);
    Event& event = emit(EventKind::kQueueConfigChanged);
    event.queue = index;
    event.text = log_.add_text(queue.id);
  }
  Event& event = emit(EventKind::kSwitchConnected);
  event.source = SourceIndex(0u);
  event.text = log_.add_text("log");
  tell();
}

absl::Status RecordedWorld::play(const CallLog& log, const std::function<bool()>& is_stopped) {
  PlanOptions options;
  options.tenant = absl::StrCat(kLogTenant, base_ns_ / kDayNs);
  auto plan = plan_replay(log, options);
  if (!plan.ok()) return plan.status();
  plan_ = *std::move(plan);
  rows_ = &log;
  for (const AgentProfile& agent : log_agents(log)) upsert(agent);
  for (uint32_t i = 0; i < plan_.calls.size(); ++i) {
    schedule_.push({base_ns_ + plan_.calls[i].arrival_ns, Kind::kArrival, i, 0});
  }
  for (uint32_t i = 0; i < plan_.shifts.size(); ++i) {
    schedule_.push({base_ns_ + plan_.shifts[i].begin_ns, Kind::kLogIn, i, 0});
    schedule_.push({base_ns_ + plan_.shifts[i].end_ns, Kind::kLogOut, i, 0});
  }
  while (!schedule_.empty()) {
    if (is_stopped && is_stopped()) return absl::CancelledError("stopped");
    now_ns_ = schedule_.top().time_ns;
    while (!schedule_.empty() && schedule_.top().time_ns == now_ns_) {
      const Due due = schedule_.top();
      schedule_.pop();
      happen(due);
    }
    tell();
    if (hooks_.settled) hooks_.settled(now_ns_);
  }
  base_ns_ = (now_ns_ / kDayNs + 1) * kDayNs;
  return absl::OkStatus();
}

void RecordedWorld::happen(const Due& due) {
  switch (due.kind) {
    case Kind::kLogIn:
      return log_in(agents_by_id_.at(plan_.agents[plan_.shifts[due.id].agent].id));
    case Kind::kCallEnd:
      return end_call(due.id);
    case Kind::kWrapUpEnd:
      return end_wrap_up(AgentIndex(due.id), due.item);
    case Kind::kCallLeaves:
      return leave(due.id);
    case Kind::kArrival:
      return arrive(due.id);
    case Kind::kLogOut:
      return log_out(agents_by_id_.at(plan_.agents[plan_.shifts[due.id].agent].id));
  }
}

void RecordedWorld::upsert(const AgentProfile& profile) {
  const auto [known, is_new] =
      agents_by_id_.try_emplace(profile.id, AgentIndex(static_cast<uint32_t>(agents_.size())));
  if (is_new) agents_.emplace_back().id = profile.id;
  std::string skills;
  for (const auto& [skill, level] : profile.skills) {
    absl::StrAppend(&skills, skills.empty() ? "" : ",", skill, "=", level);
  }
  Event& event = emit(EventKind::kAgentUpserted);
  event.agent = known->second;
  event.text = log_.add_text(profile.id);
  event.text3 = log_.add_text(encode_upserted({skills, {}, profile.media}));
}

void RecordedWorld::arrive(uint32_t row) {
  const PlannedCall& planned = plan_.calls[row];
  Live& call = live_[row];
  if (free_calls_.empty()) {
    call.index = CallIndex(calls_++);
  } else {
    call.index = free_calls_.back();
    free_calls_.pop_back();
  }
  call.queue = queues_.at(plan_.queues[planned.queue]);
  Event& event = emit(EventKind::kCallEnqueued, call);
  event.source = SourceIndex(0u);
  set_order_key(event.time_ns - planned.age_credit_ns, &event);
  event.text = log_.add_text(planned.id);
  const int64_t wait_ns = rows_->rows[row].wait_s * kNsPerS;
  if (wait_ns == 0) return leave(row);
  schedule_.push({now_ns_ + wait_ns, Kind::kCallLeaves, row, 0});
}

// To an agent, or for good.
void RecordedWorld::leave(uint32_t row) {
  const CallRow& logged = rows_->rows[row];
  Live& call = live_.at(row);
  if (!logged.is_served) {
    emit(EventKind::kCallAbandoned, call);
    free_calls_.push_back(call.index);
    live_.erase(row);
    return;
  }
  call.agent = agent_of(logged);
  Agent& agent = agents_[call.agent.value()];
  if (agent.wrap_up != 0) end_wrap_up(call.agent, agent.wrap_up);
  call.item = ++agent.items;
  ++agent.calls;
  Event& created = emit(EventKind::kOfferCreated, call);
  created.number = call.item;
  created.duration_ns = kOfferTimeoutDefaultNs;
  set_state(call.agent, AgentState::kReserved, kReasonNone);
  emit(EventKind::kOfferAccepted, call);
  set_state(call.agent, AgentState::kConnecting, kReasonNone);
  emit(EventKind::kCallConnected, call);
  set_state(call.agent, AgentState::kOnCall, kReasonNone);
  if (logged.handle_s == 0) return end_call(row);
  schedule_.push({now_ns_ + logged.handle_s * kNsPerS, Kind::kCallEnd, row, 0});
}

void RecordedWorld::end_call(uint32_t row) {
  const Live call = live_.at(row);
  live_.erase(row);
  Agent& agent = agents_[call.agent.value()];
  --agent.calls;
  emit(EventKind::kCallCompleted, call).detail = static_cast<uint8_t>(EndedBy::kCaller);
  free_calls_.push_back(call.index);
  if (agent.calls > 0) return;  // The log has them in two at a time.
  if (agent.id.empty()) {
    set_state(call.agent, AgentState::kNotReady, kReasonNone);
    unnamed_.push_back(call.agent);
    return;
  }
  agent.wrap_up = call.item;
  agent.wrap_up_queue = call.queue;
  Event& event = emit(EventKind::kAgentWrapUpStarted);
  event.agent = call.agent;
  event.queue = call.queue;
  event.number = call.item;
  event.duration_ns = kRecordedWrapUpNs;
  set_state(call.agent, AgentState::kWrapUp, kReasonNone);
  schedule_.push({now_ns_ + kRecordedWrapUpNs, Kind::kWrapUpEnd, call.agent.value(), call.item});
}

void RecordedWorld::end_wrap_up(AgentIndex index, int32_t item) {
  Agent& agent = agents_[index.value()];
  if (agent.wrap_up != item) return;  // The next call has ended it.
  agent.wrap_up = 0;
  Event& event = emit(EventKind::kAgentWrapUpEnded);
  event.agent = index;
  event.queue = agent.wrap_up_queue;
  event.number = item;
  set_state(index, AgentState::kNotReady, kReasonNone);
}

void RecordedWorld::log_in(AgentIndex index) {
  Event& event = emit(EventKind::kAgentLoggedIn);
  event.agent = index;
  event.source = SourceIndex(0u);
  event.text = log_.add_text(kStationPrefix + agents_[index.value()].id);
  event.number = kAllMedia;
  set_state(index, AgentState::kNotReady, kReasonLoggedIn);
}

void RecordedWorld::log_out(AgentIndex index) {
  Agent& agent = agents_[index.value()];
  ACD_CHECK(agent.calls == 0);
  if (agent.wrap_up != 0) end_wrap_up(index, agent.wrap_up);
  Event& event = emit(EventKind::kAgentLoggedOut);
  event.agent = index;
  event.source = SourceIndex(0u);
  set_state(index, AgentState::kLoggedOut, kReasonNone);
}

void RecordedWorld::set_state(AgentIndex index, AgentState state, int32_t reason) {
  Agent& agent = agents_[index.value()];
  Event& event = emit(EventKind::kAgentStateChanged);
  event.agent = index;
  event.from = std::exchange(agent.state, state);
  event.to = state;
  event.number = reason;
}

AgentIndex RecordedWorld::agent_of(const CallRow& row) {
  if (row.agent != CallRow::kNoAgent) return agents_by_id_.at(rows_->agents[row.agent]);
  if (!unnamed_.empty()) {
    const AgentIndex free = unnamed_.back();
    unnamed_.pop_back();
    return free;
  }
  AgentProfile nobody;
  nobody.id = absl::StrCat("unnamed.", agents_.size());
  upsert(nobody);
  const AgentIndex index = agents_by_id_.at(nobody.id);
  agents_[index.value()].id.clear();
  log_in(index);
  return index;
}

Event& RecordedWorld::emit(EventKind kind) {
  Event& event = log_.events.emplace_back();
  event.kind = kind;
  event.sequence = ++sequence_;
  event.time_ns = now_ns_;
  return event;
}

Event& RecordedWorld::emit(EventKind kind, const Live& call) {
  Event& event = emit(kind);
  event.call = call.index;
  event.agent = call.agent;
  event.queue = call.queue;
  event.generation = call.agent.valid() ? 1 : 0;
  return event;
}

void RecordedWorld::tell() {
  for (const Event& event : log_.events) {
    if (hooks_.happened) hooks_.happened(event, log_.arena);
  }
  log_.clear();
}

}  // namespace acd::sim
