// SPDX-License-Identifier: Apache-2.0
// From the board to what WallboardService answers.
#include "daemon/rpc/board_codec.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "daemon/rpc/durations.h"
#include "daemon/rpc/station_fields.h"
#include "daemon/rpc/stats_codec.h"
#include "routing/insight/statistics.h"
#include "routing/limits.h"
#include "routing/wide.h"

namespace acd {

std::string resource_name(std::string_view tenant, const char* collection, std::string_view id) {
  return absl::StrCat("tenants/", std::string(tenant), "/", collection, "/", std::string(id));
}

namespace {

int64_t mean(Wide sum, int64_t count) { return count == 0 ? 0 : static_cast<int64_t>(sum / count); }

v1::ServiceLevelVariant to_proto(ServiceLevelVariant variant) {
  switch (variant) {
    case ServiceLevelVariant::kAbandonedNegative:
      return v1::SERVICE_LEVEL_VARIANT_ABANDONED_NEGATIVE;
    case ServiceLevelVariant::kIgnoreAbandoned:
      return v1::SERVICE_LEVEL_VARIANT_IGNORE_ABANDONED;
    case ServiceLevelVariant::kAbandonedPositive:
      return v1::SERVICE_LEVEL_VARIANT_ABANDONED_POSITIVE;
  }
  return v1::SERVICE_LEVEL_VARIANT_UNSPECIFIED;
}

v1::CallState to_proto(CallState state) {
  switch (state) {
    case CallState::kEnqueued:
      return v1::CALL_STATE_ENQUEUED;
    case CallState::kAlerting:
      return v1::CALL_STATE_ALERTING;
    case CallState::kConnecting:
      return v1::CALL_STATE_CONNECTING;
    case CallState::kConnected:
      return v1::CALL_STATE_CONNECTED;
    case CallState::kDialing:
      return v1::CALL_STATE_DIALING;
    case CallState::kScheduled:
      return v1::CALL_STATE_SCHEDULED;
    case CallState::kOutside:
      return v1::CALL_STATE_OUTSIDE;
  }
  return v1::CALL_STATE_UNSPECIFIED;
}

void encode_counts(const QueueCounts& counts, ServiceLevelVariant variant, bool is_total,
                   v1::QueueStats* stats) {
  stats->set_waiting(counts.waiting);
  stats->set_offered(counts.offered);
  stats->set_answered(counts.answered);
  stats->set_abandoned(counts.abandoned);
  stats->set_short_abandoned(counts.short_abandoned);
  stats->set_timed_out(counts.timed_out);
  stats->set_withdrawn(counts.withdrawn);
  stats->set_rerouted(counts.rerouted);
  stats->set_failed_waiting(counts.failed_waiting);
  stats->set_requeued(counts.requeued);
  stats->set_consults(counts.consults);
  stats->set_consults_answered(counts.consults_answered);
  stats->set_consults_failed(counts.consults_failed);
  encode_offers(counts.offers, stats->mutable_offers());
  set_duration(mean(counts.wait_answered_sum_ns, counts.answered - counts.callbacks_answered),
               stats->mutable_average_speed_of_answer());
  set_duration(mean(counts.handle_sum_ns, counts.handled), stats->mutable_average_handle_time());
  set_duration(counts.wait_max_ns, stats->mutable_wait_max());
  encode_service_level(counts, stats->mutable_service_level());
  const auto level = service_level_percent(counts, variant);
  if (level) stats->set_service_level_percent(*level);
  stats->set_connected(counts.connected);
  stats->set_handled(counts.handled);
  set_duration(counts.wait_answered_sum_ns, stats->mutable_wait_answered_sum());
  set_duration(counts.handle_sum_ns, stats->mutable_handle_sum());
  stats->set_conserved(counts.conserved());
  stats->set_overflowed_in(counts.overflowed_in);
  stats->set_overflowed_out(counts.overflowed_out);
  stats->set_rejected(counts.rejected);
  stats->set_transferred_in(counts.transferred_in);
  stats->set_transferred_out_waiting(counts.transferred_out_waiting);
  stats->set_transferred_out(counts.transferred_out);
  stats->set_callbacks_waiting(counts.callbacks_waiting);
  stats->set_callback_requested(counts.callback_requested);
  stats->set_callbacks_answered(counts.callbacks_answered);
  stats->set_dials_failed(counts.dials_failed);
  stats->set_scheduled_canceled(counts.scheduled_canceled);
  stats->set_scheduled_dropped(counts.scheduled_dropped);
  if (const auto percent = counts.transfer_percent()) stats->set_transfer_percent(*percent);
  const AnswerPercents percents = answer_percents(counts, is_total);
  if (percents.abandoned) stats->set_abandon_percent(*percents.abandoned);
  if (percents.answered) stats->set_answer_percent(*percents.answered);
}

v1::QueueHoursSource to_proto(HoursSource source) {
  switch (source) {
    case HoursSource::kAlwaysOpen:
      return v1::QUEUE_HOURS_SOURCE_ALWAYS_OPEN;
    case HoursSource::kCalendar:
      return v1::QUEUE_HOURS_SOURCE_CALENDAR;
    case HoursSource::kOverride:
      return v1::QUEUE_HOURS_SOURCE_OVERRIDE;
    case HoursSource::kUnknownZone:
      return v1::QUEUE_HOURS_SOURCE_UNKNOWN_ZONE;
  }
  return v1::QUEUE_HOURS_SOURCE_UNSPECIFIED;
}

void encode_hours(std::string_view tenant, const QueueHours& hours, v1::QueueHours* status) {
  status->set_source(to_proto(hours.source));
  if (!hours.calendar.empty()) {
    status->set_calendar(resource_name(tenant, "calendars", hours.calendar));
  }
  status->set_reason(hours.reason);
  status->set_principal(hours.principal);
  if (hours.since_ms > 0) set_timestamp(hours.since_ms, status->mutable_since());
  if (hours.until_ms > 0) set_timestamp(hours.until_ms, status->mutable_until());
  if (hours.next_change_ms > 0) set_timestamp(hours.next_change_ms, status->mutable_next_change());
}

int64_t longest_wait_ns(const Board& board, const QueueView& queue) {
  if (queue.waiting_calls.empty()) return 0;
  return std::max<int64_t>(0, board.now_ns() - queue.waiting_calls.begin()->first);
}

// Not a word of the usual rule.
void encode_media(const MediaRule& media, v1::AgentStatus* status) {
  if (media == MediaRule()) return;
  for (size_t own = 0; own < kMediumCount; ++own) {
    if (media.capacity[own] == 0) continue;
    v1::MediumRule* rule = status->add_media();
    rule->set_medium(to_proto(static_cast<Medium>(own)));
    rule->set_capacity(media.capacity[own]);
    for (size_t other = 0; other < kMediumCount; ++other) {
      const MediaMask bit = mask_of(static_cast<Medium>(other));
      if (other == own) continue;
      const v1::Medium medium = to_proto(static_cast<Medium>(other));
      if ((media.excludes[own] & bit) != 0) rule->add_excludes(medium);
      if ((media.interrupted_by[own] & bit) != 0) rule->add_interrupted_by(medium);
    }
  }
}

void encode_station(const Board& board, const AgentView& agent, v1::AgentStatus* status) {
  status->set_source_id(board.source_id(agent.source));
  status->set_answer_mode(to_proto(agent.answer_mode));
  for (size_t i = 0; i < kMediumCount; ++i) {
    const auto medium = static_cast<Medium>(i);
    if ((agent.station_media & mask_of(medium)) != 0) status->add_station_media(to_proto(medium));
  }
  if (agent.answer_mode == AnswerMode::kNailedUp) status->set_leg_up(agent.is_leg_up);
}

}  // namespace

v1::AgentState to_proto(AgentState state) {
  switch (state) {
    case AgentState::kLoggedOut:
      return v1::AGENT_STATE_LOGGED_OUT;
    case AgentState::kNotReady:
      return v1::AGENT_STATE_NOT_READY;
    case AgentState::kReady:
      return v1::AGENT_STATE_READY;
    case AgentState::kReserved:
      return v1::AGENT_STATE_RESERVED;
    case AgentState::kRinging:
      return v1::AGENT_STATE_RINGING;
    case AgentState::kConnecting:
      return v1::AGENT_STATE_CONNECTING;
    case AgentState::kOnCall:
      return v1::AGENT_STATE_ON_CALL;
    case AgentState::kOnHold:
      return v1::AGENT_STATE_ON_HOLD;
    case AgentState::kWrapUp:
      return v1::AGENT_STATE_WRAP_UP;
    case AgentState::kBusyOther:
      return v1::AGENT_STATE_BUSY_OTHER;
  }
  return v1::AGENT_STATE_UNSPECIFIED;
}

v1::Medium to_proto(Medium medium) {
  constexpr auto number = [](Medium one) { return static_cast<int>(one) + 1; };
  static_assert(v1::MEDIUM_VOICE == number(Medium::kVoice) &&
                v1::MEDIUM_CHAT == number(Medium::kChat) &&
                v1::MEDIUM_EMAIL == number(Medium::kEmail) &&
                v1::MEDIUM_CALLBACK == number(Medium::kCallback) &&
                v1::MEDIUM_TASK == number(Medium::kTask) && v1::Medium_MAX == kMediumCount);
  return static_cast<v1::Medium>(number(medium));
}

ServiceLevelVariant common_variant(const Board& board) {
  const auto& queues = board.queues();
  const bool all_equal = std::all_of(queues.begin(), queues.end(), [&](const QueueView* queue) {
    return queue->service_level_variant == queues.front()->service_level_variant;
  });
  return all_equal && !queues.empty() ? queues.front()->service_level_variant
                                      : ServiceLevelVariant::kAbandonedNegative;
}

void encode_queue(const Board& board, std::string_view tenant, const QueueView& queue,
                  v1::QueueStats* stats) {
  stats->set_name(resource_name(tenant, "queues", queue.id));
  encode_counts(queue.counts, queue.service_level_variant, false, stats);
  set_duration(longest_wait_ns(board, queue), stats->mutable_longest_wait());
  v1::ServiceLevelTarget* target = stats->mutable_service_level_target();
  set_duration(queue.service_level_target_ns, target->mutable_target());
  target->set_goal_percent(queue.service_level_goal_percent);
  target->set_variant(to_proto(queue.service_level_variant));
  stats->set_is_open(queue.is_open);
  encode_hours(tenant, queue.hours, stats->mutable_hours());
  stats->set_callbacks_open(queue.are_callbacks_open);
  encode_hours(tenant, queue.callback_hours, stats->mutable_callback_hours());
  stats->set_members_paused(static_cast<int64_t>(queue.members_paused.size()));
  encode_outcomes(queue.counts.outcomes, queue.codes, stats->mutable_outcomes());
}

void encode_total(const Board& board, std::string_view tenant, v1::QueueStats* stats) {
  stats->set_name(absl::StrCat("tenants/", std::string(tenant)));
  const QueueCounts total = board.total();
  encode_counts(total, common_variant(board), true, stats);
  encode_outcomes(total.outcomes, board.total_codes(), stats->mutable_outcomes());
  int64_t longest_ns = 0;
  for (const QueueView* queue : board.queues()) {
    longest_ns = std::max(longest_ns, longest_wait_ns(board, *queue));
  }
  set_duration(longest_ns, stats->mutable_longest_wait());
  for (const auto& [state, count] : board.agents_by_state()) {
    v1::AgentStateCount* entry = stats->add_agents();
    entry->set_state(to_proto(state));
    entry->set_count(count);
  }
}

void encode_agent(const Board& board, std::string_view tenant, const AgentView& agent,
                  v1::AgentStatus* status) {
  status->set_name(resource_name(tenant, "agents", agent.id));
  status->set_display_name(agent.display_name.empty() ? agent.id : agent.display_name);
  status->set_state(to_proto(agent.state));
  if (agent.state == AgentState::kNotReady) status->set_reason(agent.reason);
  const int64_t in_state_ns = std::max<int64_t>(0, board.now_ns() - agent.state_since_ns);
  set_duration(in_state_ns, status->mutable_time_in_state());
  status->set_station(agent.station);
  if (!agent.station.empty()) encode_station(board, agent, status);
  if (agent.desktop.valid()) status->set_desktop(board.source_id(agent.desktop));
  status->set_desktop_away(board.is_desktop_away(agent));
  for (const CallIndex call : agent.calls) {
    status->add_calls(resource_name(tenant, "calls", board.call(call).id));
  }
  for (const auto& [skill, level] : agent.skills) (*status->mutable_skills())[skill] = level;
  status->set_team(agent.team);
  encode_media(agent.media, status);
  status->set_answered(agent.answered);
  status->set_no_answer(agent.no_answer);
  status->set_joined(agent.joined);
  status->set_transferred(agent.transferred);
  if (const auto percent = transfer_percent(agent)) status->set_transfer_percent(*percent);

  const auto occupancy = occupancy_percent(agent, board.now_ns());
  if (occupancy) status->set_occupancy_percent(*occupancy);
  encode_outcomes(agent.outcomes, agent.codes, status->mutable_outcomes());
}

void encode_call(const Board& board, std::string_view tenant, const CallView& call,
                 v1::CallStatus* status) {
  const bool is_connected =
      call.state == CallState::kConnected || call.state == CallState::kOutside;
  status->set_name(resource_name(tenant, "calls", call.id));
  status->set_state(to_proto(call.state));
  status->set_medium(to_proto(call.medium));
  status->set_queue(resource_name(tenant, "queues", board.queue(call.queue).id));
  status->set_priority(call.priority);
  const int64_t wait_end_ns = is_connected ? call.connected_ns : board.now_ns();
  set_duration(std::max<int64_t>(0, wait_end_ns - call.entered_ns), status->mutable_wait());
  set_duration(std::max<int64_t>(0, wait_end_ns - call.arrived_ns), status->mutable_wait_total());
  if (is_connected) {
    set_duration(std::max<int64_t>(0, board.now_ns() - call.connected_ns), status->mutable_talk());
  }
  if (call.agent.valid()) {
    status->set_agent(resource_name(tenant, "agents", board.agent(call.agent).id));
  }
  status->set_requirement(call.requirement);
  for (const OpenOffer& offer : call.open_offers) {
    status->add_offered_agents(resource_name(tenant, "agents", board.agent(offer.agent).id));
    status->add_offer_generations(offer.generation);
  }
  status->set_offers(call.offers);
  status->set_visits(call.visits);
  status->set_transfers(call.transfers);
  status->set_source_id(board.source_id(call.source));
  status->set_leg_id(call.leg);
  for (const CallParty& one : call.parties) {
    v1::CallParty* party = status->add_parties();
    party->set_agent(resource_name(tenant, "agents", board.agent(one.agent).id));
    set_duration(std::max<int64_t>(0, board.now_ns() - one.since_ns), party->mutable_talk());
  }
  if (call.is_consult()) {
    status->set_parent_call(resource_name(tenant, "calls", call.parent));
    status->set_consulting_agent(resource_name(tenant, "agents", board.agent(call.consulting).id));
  }
  if (!call.origin.empty()) status->set_origin_call(resource_name(tenant, "calls", call.origin));
  status->set_dial_attempts(call.attempts);
  status->set_off_line(!call.is_on_line);
  status->set_number(call.number);
  if (call.next_attempt_ns > 0) {
    set_duration(std::max<int64_t>(0, call.next_attempt_ns - board.now_ns()),
                 status->mutable_next_attempt());
  }
  if (call.outcome == ToldOutcome()) return;
  v1::CallOutcome* outcome = status->mutable_outcome();
  if (!call.outcome.code.empty()) outcome->set_wrap_up_code(call.outcome.code);
  if (call.outcome.resolved != Resolved::kUnknown) {
    outcome->set_resolved(call.outcome.resolved == Resolved::kYes);
  }
  if (call.outcome.survey != kNoScore) outcome->set_survey_score(call.outcome.survey);
  if (call.outcome.quality != kNoScore) outcome->set_quality_score(call.outcome.quality);
}

void encode_scheduled(const Board& board, std::string_view tenant, std::string_view id,
                      const ScheduledCall& scheduled, v1::ScheduledCall* status) {
  status->set_name(resource_name(tenant, "calls", id));
  status->set_queue(resource_name(tenant, "queues", scheduled.queue));
  status->set_source_id(board.source_id(scheduled.source));
  set_timestamp(scheduled.due_ms, status->mutable_time());
  status->set_number(scheduled.number);
  if (scheduled.has_priority) status->set_priority(scheduled.priority);
}

}  // namespace acd
