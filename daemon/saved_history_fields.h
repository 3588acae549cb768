// SPDX-License-Identifier: Apache-2.0
// What history has open in a snapshot, field by field, as saved_fields.h has the rest.
#pragma once

#include "daemon/storage/field_archive.h"
#include "routing/insight/history_fold.h"

namespace acd {

template <typename A>
void list_fields(A& archive, DurationSum& sum) {
  archive(1, sum.sum_ns);
  archive(2, sum.max_ns);
}

template <typename A>
void list_fields(A& archive, CountOverTime& count) {
  archive(1, count.count);
  archive(2, count.since_ns);
  archive(3, count.sum_ns);
}

template <typename A>
void list_fields(A& archive, DecisionSummary& decision) {
  archive(1, decision.is_made);
  archive(2, decision.config_version);
  archive(3, decision.call_order);
  archive(4, decision.strategy);
  archive(5, decision.tie_break);
  archive(6, decision.was_preferred);
  archive(7, decision.steps);
  archive(8, decision.rank);
  archive(9, decision.preference);
  archive(10, decision.candidates);
  archive(11, decision.runner_up);
}

template <typename A>
void list_fields(A& archive, CallRow& row) {
  archive(1, row.number);
  archive(2, row.call);
  archive(3, row.source);
  archive(4, row.first_queue);
  archive(5, row.queue);
  archive(6, row.requirement);
  archive(7, row.priority);
  archive(8, row.arrived_ms);
  archive(9, row.connected_ms);
  archive(10, row.ended_ms);
  archive(11, row.wait_ms);
  archive(12, row.ring_ms);
  archive(13, row.talk_ms);
  archive(14, row.hold_ms);
  archive(15, row.holds);
  archive(16, row.wrap_up_ms);
  archive(17, row.wrap_up_end);
  archive(18, row.visits);
  archive(19, row.overflows);
  archive(20, row.offers);
  archive(21, row.requeues);
  archive(22, row.outcome);
  archive(23, row.ended_by);
  archive(24, row.limit);
  archive(25, row.is_switch_lost);
  archive(26, row.cause);
  archive(27, row.target);
  archive(28, row.agent);
  archive(29, row.offer);
  archive(30, row.is_adopted);
  archive(31, row.decision);
  archive(32, row.runner_up);
  archive(33, row.told);
  archive(34, row.labels);
  archive(35, row.reference);
  archive(40, row.transfers);
  archive(50, row.parent);
  archive(60, row.origin);
  archive(61, row.attempts);
  archive(62, row.customer_number);
  archive(80, row.medium);
}

template <typename A>
void list_fields(A& archive, TalkRow& row) {
  archive(1, row.number);
  archive(2, row.part);
  archive(3, row.call);
  archive(4, row.parent);
  archive(5, row.medium);
  archive(6, row.queue);
  archive(7, row.visit);
  archive(8, row.agent);
  archive(9, row.connected_ms);
  archive(10, row.ended_ms);
  archive(11, row.talk_ms);
  archive(12, row.hold_ms);
  archive(13, row.holds);
  archive(14, row.wrap_up_ms);
  archive(15, row.wrap_up_end);
  archive(16, row.end);
  archive(17, row.target_kind);
  archive(18, row.target);
}

template <typename A, typename Figures>
void list_fields(A& archive, MediaFigures<Figures>& media) {
  archive(1, media.all);
}

template <typename A>
void list_fields(A& archive, QueueFigures& figures) {
  archive(1, figures.counts);
  archive(2, figures.wait_answered);
  archive(3, figures.wait_abandoned);
  archive(4, figures.ring);
  archive(5, figures.talk);
  archive(6, figures.hold);
  archive(7, figures.wrap_up);
  archive(120, figures.wait_all);
  archive(121, figures.waits_over);
  archive(122, figures.wait_total);
  archive(123, figures.waiting_at_begin);
  archive(124, figures.callbacks_waiting_at_end);
}

template <typename A>
void list_fields(A& archive, QueueInterval& interval) {
  archive(8, interval.staffed_ns);
  archive(80, interval.media);
}

template <typename A>
void list_fields(A& archive, AgentFigures& figures) {
  archive(1, figures.offers);
  archive(2, figures.connected);
  archive(3, figures.handled);
  archive(4, figures.outcomes);
  archive(5, figures.talk_ns);
  archive(6, figures.hold_ns);
  archive(7, figures.wrap_up_ns);
  archive(40, figures.transferred);
  archive(95, figures.joined);
}

// The times by state are one field each.
template <typename A>
void list_fields(A& archive, AgentInterval& interval) {
  archive(1, interval.not_ready_ns);
  for (uint32_t i = 0; i < AgentInterval::kStateCount; ++i) archive(16 + i, interval.state_ns[i]);
  archive(80, interval.media);
}

template <typename A>
void list_fields(A& archive, HistoryState::OpenOffer& offer) {
  archive(1, offer.agent);
  archive(2, offer.generation);
  archive(3, offer.made_ns);
  archive(4, offer.has_rung);
}

template <typename A>
void list_fields(A& archive, HistoryState::Party& party) {
  archive(1, party.agent);
  archive(2, party.since_ns);
  archive(3, party.held_since_ns);
  archive(4, party.hold_ns);
  archive(90, party.part);
  archive(91, party.since_ms);
  archive(92, party.holds);
}

template <typename A>
void list_fields(A& archive, HistoryState::Call& call) {
  archive(1, call.is_live);
  archive(2, call.is_waiting);
  archive(3, call.is_connected);
  archive(4, call.is_in_service_level);
  archive(5, call.row);
  archive(6, call.queue);
  archive(7, call.agent);
  archive(8, call.arrived_ns);
  archive(9, call.entered_ns);
  archive(10, call.entered_ms);
  archive(11, call.entry);
  archive(12, call.visit_offers);
  archive(13, call.position);
  archive(14, call.steps);
  archive(15, call.ring_ns);
  archive(19, call.open_offers);
  archive(40, call.waited_ns);
  archive(50, call.parties);
  archive(51, call.left_talk_ns);
  archive(52, call.left_hold_ns);
  archive(60, call.is_on_line);
  archive(90, call.parts);
  archive(95, call.is_transferred);
  archive(120, call.waited_on_line_ns);
  archive(121, call.group);
}

template <typename A>
void list_fields(A& archive, VisitThresholds& thresholds) {
  archive(1, thresholds.service_level_target_ns);
  archive(2, thresholds.short_abandon_ns);
}

template <typename A>
void list_fields(A& archive, HistoryState::Queue& queue) {
  archive(1, queue.id);
  archive(2, queue.thresholds);
  archive(3, queue.has_all_members);
  archive(4, queue.wrap_up_extension_ns);
  archive(7, queue.members);
  archive(8, queue.paused);
  archive(9, queue.staffed_base_ns);
  archive(10, queue.staffed_seen_ns);
  archive(11, queue.interval);
  for (uint32_t i = 0; i < kMediumCount; ++i) archive(80 + i, queue.waiting[i]);
  for (uint32_t i = 0; i < kMediumCount; ++i) archive(85 + i, queue.connected[i]);
  for (uint32_t i = 0; i < kMediumCount; ++i) archive(120 + i, queue.callbacks_waiting[i]);
  for (uint32_t i = 0; i < kMediumCount; ++i) archive(125 + i, queue.waiting_at_begin[i]);
}

template <typename A>
void list_fields(A& archive, HistoryState::EndedCall& ended) {
  archive(1, ended.row);
  archive(2, ended.queue);
  archive(3, ended.talk_ns);
  archive(4, ended.hold_ns);
  archive(5, ended.number);
  archive(6, ended.wrap_up_begin_ns);
  archive(7, ended.wrap_up_length_ns);
  archive(8, ended.wrap_up_extension_ns);
  archive(40, ended.lives_on);
  archive(90, ended.talk);
  archive(120, ended.group);
}

template <typename A>
void list_fields(A& archive, HistoryState::Agent& agent) {
  archive(1, agent.id);
  archive(2, agent.state);
  archive(3, agent.reason);
  archive(4, agent.since_ns);
  archive(5, agent.logged_in_ns);
  archive(6, agent.is_logged_in);
  archive(7, agent.is_not_ready);
  archive(8, agent.queues);
  archive(9, agent.paused);
  archive(10, agent.ended_calls);
  archive(11, agent.interval);
}

}  // namespace acd
