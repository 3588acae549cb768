// SPDX-License-Identifier: Apache-2.0
// The fields of all that a snapshot holds, with their numbers on disk. A number is never reused: a
// field that goes leaves a gap, a new one takes any number that its struct never had.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "daemon/saved_history_fields.h"
#include "daemon/saved_predictor_fields.h"
#include "daemon/saved_windows_fields.h"
#include "daemon/snapshot.h"
#include "daemon/storage/field_archive.h"
#include "routing/fixed_text.h"
#include "routing/insight/history_fold.h"
#include "routing/insight/saved_board.h"
#include "routing/saved_router.h"
#include "routing/wide.h"

namespace acd {

// --- Small things.

template <typename A>
void list_fields(A& archive, DecayedCount& count) {
  int32_t exponent = count.exponent();
  uint64_t mantissa = count.mantissa();
  archive(1, exponent);
  archive(2, mantissa);
  count = DecayedCount::of(exponent, mantissa);
}

template <typename A, typename First, typename Second>
void list_fields(A& archive, std::pair<First, Second>& pair) {
  archive(1, pair.first);
  archive(2, pair.second);
}

template <typename A>
void list_fields(A& archive, IdText& id) {
  std::string text(id.view());
  archive(1, text);
  id = IdText(std::string_view(text).substr(0, kIdBytesMax));
}

template <typename A>
void list_fields(A& archive, SkillLevel& skill) {
  archive(1, skill.skill);
  archive(2, skill.level);
}

// The code as a place in the tenant's list (the Router), or as its text (the board).
template <typename A, typename Outcome>
requires std::is_same_v<Outcome, OutcomeFacts> || std::is_same_v<Outcome, ToldOutcome>
void list_fields(A& archive, Outcome& outcome) {
  archive(1, outcome.code);
  archive(2, outcome.resolved);
  archive(3, outcome.survey);
  archive(4, outcome.quality);
}

template <typename A>
void list_fields(A& archive, EndedCalls::Ended& ended) {
  archive(1, ended.hash);
  archive(2, ended.ended_ns);
  archive(3, ended.number);
  archive(4, ended.source);
  archive(5, ended.queue);
  archive(6, ended.agent);
  archive(7, ended.outcome);
  archive(80, ended.medium);
  archive(90, ended.is_consult);
}

template <typename A>
void list_fields(A& archive, KeptRefusal& refusal) {
  archive(1, refusal.sequence);
  archive(2, refusal.kind);
  archive(3, refusal.reject);
  archive(4, refusal.edge_reason);
}

template <typename A>
void list_fields(A& archive, Exclusion& exclusion) {
  archive(1, exclusion.agent);
  archive(2, exclusion.generation);
  archive(3, exclusion.until_ns);
  archive(4, exclusion.is_firm);
}

// --- The Router.

// Without what stands in records of its own, and without what the configuration says.
template <typename A>
void list_fields(A& archive, SavedRouter& router) {
  archive(1, router.config_hash);
  archive(2, router.config_version);
  archive(3, router.skills);
  archive(4, router.now_ns);
  archive(5, router.event_sequence);
  archive(6, router.event_hash);
  archive(7, router.next_order);
  archive(8, router.random_state);
  archive(9, router.fewest_calls_floor);
  archive(10, router.least_occupied_floor_ppm);
  archive(11, router.codes);
}

// With the id alone of what is configured.
template <typename A>
void list_fields(A& archive, SavedQueue& queue) {
  archive(1, queue.config.id);
  archive(2, queue.config_hash);
  archive(3, queue.is_removed);
  archive(4, queue.is_open);
  archive(5, queue.version);
  archive(6, queue.configured_version);
  archive(7, queue.condition_mask);
  archive(8, queue.drain_target);
  archive(9, queue.ewt_ns);
  archive(10, queue.rang_last);
  archive(11, queue.share_floor);
  archive(12, queue.share_counts);
  archive(13, queue.are_callbacks_open);
}

template <typename A>
void list_fields(A& archive, Source& source) {
  archive(1, source.id);
  archive(2, source.epoch);
  archive(3, source.last_sequence);
  archive(4, source.connected);
  archive(5, source.reports_ringing);
  archive(6, source.deadline_ns);
  archive(7, source.lost_before);
  archive(8, source.rematch_pending);
  archive(9, source.refusals);
  archive(10, source.kind);
  archive(11, source.is_resyncing);
  archive(12, source.resync_before);
  archive(13, source.resync_until_ns);
}

template <typename A>
void list_fields(A& archive, WorkItem& item) {
  archive(1, item.work);
  archive(2, item.medium);
  archive(3, item.ringing_seen);
  archive(4, item.number);
  archive(5, item.generation);
  archive(6, item.extensions_left);
  archive(7, item.call);
  archive(8, item.wrap_up_queue);
  archive(9, item.extension_ns);
  archive(10, item.deadline_ns);
  archive(50, item.consult);
  archive(60, item.wrap_up_call);
  archive(61, item.needs_code);
}

template <typename A>
void list_fields(A& archive, MediaRule& rule) {
  for (uint32_t i = 0; i < kMediumCount; ++i) archive(1 + i, rule.capacity[i]);
  for (uint32_t i = 0; i < kMediumCount; ++i) archive(16 + i, rule.excludes[i]);
  for (uint32_t i = 0; i < kMediumCount; ++i) archive(32 + i, rule.interrupted_by[i]);
}

template <typename A>
void list_fields(A& archive, SavedAgent& agent) {
  archive(1, agent.id);
  archive(2, agent.station);
  archive(3, agent.team);
  archive(4, agent.skills);
  archive(5, agent.paused);
  archive(6, agent.source);
  archive(7, agent.presence);
  archive(9, agent.log_out_pending);
  archive(10, agent.log_out_forced);
  archive(11, agent.is_phone_busy);
  archive(13, agent.reason);
  archive(18, agent.idle_since_ns);
  archive(19, agent.since_ns);
  archive(21, agent.rejects);
  archive(22, agent.no_answers);
  archive(23, agent.log_in_order);
  archive(24, agent.connected_calls);
  archive(25, agent.work_time);
  archive(26, agent.free_time);
  archive(27, agent.occupancy_ppm);
  archive(28, agent.items);
  archive(29, agent.items_begun);
  archive(30, agent.media);
  archive(70, agent.answer_mode);
  archive(71, agent.station_media);
  archive(72, agent.is_leg_up);
  archive(73, agent.dial_prefix);
  archive(74, agent.desktop);
  archive(75, agent.attach_order);
  archive(76, agent.log_out_on_behalf);
}

template <typename A>
void list_fields(A& archive, ScheduledCall& scheduled) {
  archive(1, scheduled.queue);
  archive(2, scheduled.source);
  archive(3, scheduled.number);
  archive(4, scheduled.has_priority);
  archive(5, scheduled.priority);
  archive(6, scheduled.due_ms);
}

template <typename A>
void list_fields(A& archive, CallbackFacts& facts) {
  archive(1, facts.number);
  archive(2, facts.asked_queue);
  archive(3, facts.attempts);
  archive(4, facts.dial);
  archive(5, facts.dials);
}

template <typename A>
void list_fields(A& archive, SavedCall& call) {
  archive(1, call.id);
  archive(2, call.slot);
  archive(3, call.stage);
  archive(4, call.on_hold);
  archive(5, call.has_priority);
  archive(6, call.waits_if_busy);
  archive(7, call.round_failed);
  archive(8, call.is_boxed);
  archive(9, call.overflows);
  archive(10, call.actions_taken);
  archive(11, call.steps);
  archive(12, call.offers);
  archive(13, call.source);
  archive(14, call.queue);
  archive(15, call.requirement);
  archive(16, call.class_version);
  archive(17, call.class_steps);
  archive(18, call.priority);
  archive(19, call.generation);
  archive(20, call.agent);
  archive(21, call.offered);
  archive(22, call.preferred);
  archive(23, call.order);
  archive(24, call.enqueued_ns);
  archive(25, call.key_ns);
  archive(26, call.deadline_ns);
  archive(27, call.preferred_until_ns);
  archive(28, call.not_before_ns);
  archive(29, call.steps_seen_ns);
  archive(30, call.treated_ns);
  archive(31, call.limits_at_ns);
  archive(32, call.visited);
  archive(33, call.exclusions);
  archive(34, call.medium);
  archive(35, call.number);
  archive(36, call.outcome);
  archive(40, call.transfers);
  archive(50, call.further_parties);
  archive(51, call.parent);
  archive(41, call.leg);
  archive(60, call.line_ns);
  archive(61, call.source_order);
  archive(62, call.callback);
  archive(63, call.is_reminder);
  archive(52, call.outside_number);
  archive(42, call.is_for_owner);
}

// --- The board.

template <typename A>
void list_fields(A& archive, OfferCounts& offers) {
  archive(1, offers.created);
  archive(2, offers.accepted);
  archive(3, offers.no_answer);
  archive(4, offers.rejected);
  archive(5, offers.busy);
  archive(6, offers.unreachable);
  archive(7, offers.unknown_address);
  archive(8, offers.canceled);
  archive(9, offers.rescinded);
  archive(10, offers.stale);
  archive(11, offers.adopted);
}

template <typename A>
void list_fields(A& archive, OutcomeCounts& outcomes) {
  archive(1, outcomes.resolved);
  archive(2, outcomes.unresolved);
  archive(3, outcomes.surveys);
  archive(4, outcomes.survey_sum);
  archive(5, outcomes.qualities);
  archive(6, outcomes.quality_sum);
}

template <typename A>
void list_fields(A& archive, QueueCounts& counts) {
  archive(1, counts.offered);
  archive(2, counts.overflowed_in);
  archive(3, counts.answered);
  archive(4, counts.abandoned);
  archive(5, counts.short_abandoned);
  archive(6, counts.timed_out);
  archive(7, counts.overflowed_out);
  archive(8, counts.withdrawn);
  archive(9, counts.rejected);
  archive(10, counts.failed_waiting);
  archive(11, counts.requeued);
  archive(12, counts.waiting);
  archive(13, counts.connected);
  archive(14, counts.handled);
  archive(16, counts.wait_max_ns);
  archive(18, counts.sl_entered);
  archive(19, counts.sl_answered_in_target);
  archive(20, counts.sl_abandoned_in_target);
  archive(21, counts.sl_left_out);
  archive(22, counts.sl_overflowed_in_target);
  archive(23, counts.offers);
  archive(24, counts.outcomes);
  archive(25, counts.rerouted);
  list_wide(archive, 26, 27, counts.wait_answered_sum_ns);
  list_wide(archive, 28, 29, counts.handle_sum_ns);
  archive(40, counts.transferred_in);
  archive(41, counts.transferred_out_waiting);
  archive(42, counts.transferred_out);
  archive(43, counts.sl_transferred_in_target);
  archive(50, counts.consults);
  archive(51, counts.consults_answered);
  archive(52, counts.consults_failed);
  archive(60, counts.callback_requested);
  archive(61, counts.dials_failed);
  archive(62, counts.callbacks_waiting);
  archive(63, counts.callbacks_answered);
  archive(64, counts.scheduled_canceled);
  archive(65, counts.scheduled_dropped);
  archive(120, counts.sl_callback_requested_in_target);
  archive(121, counts.sl_short_abandoned_in_target);
  archive(122, counts.sl_withdrawn_in_target);
  archive(123, counts.sl_timed_out_in_target);
}

template <typename A>
void list_fields(A& archive, TextRef& text) {
  archive(1, text.offset);
  archive(2, text.size);
}

template <typename A>
void list_fields(A& archive, TailEvent& tail) {
  Event& event = tail.event;
  archive(1, event.kind);
  archive(2, event.detail);
  archive(3, event.flag);
  archive(4, event.from);
  archive(5, event.to);
  archive(6, event.medium);
  archive(7, event.agent);
  archive(8, event.queue);
  archive(9, event.source);
  archive(10, event.generation);
  archive(11, event.number);
  archive(12, event.cause);
  archive(13, event.sequence);
  archive(14, event.time_ns);
  archive(15, event.duration_ns);
  archive(16, event.call);
  archive(17, event.text);
  archive(18, event.text2);
  archive(19, event.text3);
  archive(20, tail.call_id);
  archive(21, tail.queue);
  archive(22, tail.unix_ns);
  archive(23, tail.desktop_id);
}

template <typename A>
void list_fields(A& archive, TailBlock& block) {
  archive(1, block.events);
  archive(2, block.arena);
}

// Without what stands in records of its own.
template <typename A>
void list_fields(A& archive, SavedBoard& board) {
  archive(1, board.now_ns);
  archive(2, board.sequence);
  archive(3, board.advanced_ns);
  archive(4, board.queue_at);
  archive(5, board.listed);
  archive(6, board.elsewhere);
  archive(7, board.source_ids);
  archive(8, board.is_away);
}

template <typename A>
void list_fields(A& archive, SavedDecision& saved) {
  archive(1, saved.call);
  archive(2, saved.decision.call);
  archive(3, saved.decision.queue);
  archive(4, saved.decision.sequence);
  archive(5, saved.decision.time_ns);
  archive(6, saved.decision.record);
}

template <typename A>
void list_fields(A& archive, SavedBoardQueue& queue) {
  archive(1, queue.id);
  archive(2, queue.service_level_target_ns);
  archive(3, queue.service_level_goal_percent);
  archive(4, queue.service_level_variant);
  archive(5, queue.short_abandon_ns);
  archive(6, queue.counts);
  archive(7, queue.is_open);
  archive(8, queue.is_configured);
  archive(9, queue.is_listed);
  archive(10, queue.members_paused);
  archive(11, queue.codes);
  archive(12, queue.are_callbacks_open);
}

template <typename A>
void list_fields(A& archive, SavedBoardWrapUp& wrap_up) {
  archive(1, wrap_up.number);
  archive(2, wrap_up.queue);
  archive(3, wrap_up.handled_ns);
  archive(4, wrap_up.begin_ns);
}

template <typename A>
void list_fields(A& archive, SavedBoardAgent& agent) {
  archive(1, agent.view.id);
  archive(2, agent.view.display_name);
  archive(3, agent.view.skills);
  archive(4, agent.view.state);
  archive(5, agent.view.reason);
  archive(6, agent.view.state_since_ns);
  archive(7, agent.view.station);
  archive(8, agent.view.source);
  archive(9, agent.view.calls);
  archive(10, agent.view.answered);
  archive(11, agent.view.no_answer);
  archive(12, agent.view.busy_sum_ns);
  archive(13, agent.view.idle_sum_ns);
  archive(14, agent.handled_queue);
  archive(15, agent.handled_ns);
  archive(16, agent.wrap_ups);
  archive(17, agent.view.outcomes);
  archive(18, agent.codes);
  archive(19, agent.view.team);
  archive(70, agent.view.answer_mode);
  archive(71, agent.view.station_media);
  archive(72, agent.view.is_leg_up);
  archive(20, agent.view.media);
  archive(40, agent.view.transferred);
  archive(95, agent.view.joined);
  archive(96, agent.view.desktop);
}

template <typename A>
void list_fields(A& archive, OpenOffer& offer) {
  archive(1, offer.agent);
  archive(2, offer.generation);
}

template <typename A>
void list_fields(A& archive, CallParty& party) {
  archive(1, party.agent);
  archive(2, party.since_ns);
}

template <typename A>
void list_fields(A& archive, SavedBoardCall& call) {
  archive(50, call.view.parties);
  archive(51, call.view.parent);
  archive(52, call.view.consulting);
  archive(1, call.slot);
  archive(2, call.is_waiting);
  archive(3, call.view.id);
  archive(4, call.view.state);
  archive(5, call.view.queue);
  archive(6, call.view.priority);
  archive(7, call.view.arrived_ns);
  archive(8, call.view.entered_ns);
  archive(9, call.view.connected_ns);
  archive(10, call.view.agent);
  archive(11, call.view.open_offers);
  archive(12, call.view.requirement);
  archive(13, call.view.leg);
  archive(14, call.view.offers);
  archive(15, call.view.visits);
  archive(16, call.view.source);
  archive(17, call.view.in_service_level);
  archive(18, call.view.medium);
  archive(19, call.view.outcome);
  archive(40, call.view.transfers);
  archive(60, call.view.is_on_line);
  archive(61, call.view.origin);
  archive(62, call.view.attempts);
  archive(63, call.view.number);
  archive(64, call.view.next_attempt_ns);
  archive(95, call.view.is_transferred);
  archive(100, call.view.key_ns);
}

// --- The partition.

template <typename A>
void list_fields(A& archive, SwitchCommand& command) {
  archive(1, command.kind);
  archive(2, command.id);
  archive(3, command.deadline_ns);
  archive(4, command.outcome);
  archive(5, command.treatment);
  archive(6, command.number);
  archive(7, command.generation);
  archive(8, command.item);
  archive(9, command.timeout_ns);
  archive(10, command.ewt_ns);
  archive(11, command.call);
  archive(12, command.answer_mode);
  archive(13, command.agent);
  archive(14, command.station);
  archive(15, command.leg);
  archive(16, command.customer_leg);
  archive(17, command.text);
  archive(18, command.parent);
  archive(19, command.consulting);
  archive(20, command.conference);
  archive(21, command.supervision);
}

template <typename A>
void list_fields(A& archive, KeptOrder& order) {
  archive(60, order.command);
  archive(61, order.texts);
}

template <typename A>
void list_fields(A& archive, KeptAnswer& answer) {
  archive(1, answer.time_ns);
  archive(2, answer.kind);
  archive(3, answer.request_id);
  archive(4, answer.content);
  archive(5, answer.agent_count);
  archive(6, answer.is_open);
}

template <typename A>
void list_fields(A& archive, QueueOverride& one) {
  archive(1, one.queue);
  archive(2, one.is_open);
  archive(3, one.reason);
  archive(4, one.principal);
  archive(5, one.since_ms);
  archive(6, one.until_ms);
}

// Without what stands in records of its own.
template <typename A>
void list_fields(A& archive, SavedTenant& tenant) {
  archive(1, tenant.id);
  archive(2, tenant.config);
  archive(3, tenant.left_out);
  archive(4, tenant.router);
  archive(5, tenant.ends);
  archive(6, tenant.answers);
  archive(7, tenant.overrides);
  archive(50, tenant.live_orders);
  archive(51, tenant.answering);
  archive(52, tenant.unanswered);
}

template <typename A>
void list_fields(A& archive, UnixAnchor::State& state) {
  archive(1, state.has_offset);
  archive(2, state.is_driven);
  archive(3, state.offset_ns);
}

template <typename A>
void list_fields(A& archive, SavedPartition& saved) {
  // The first four are also those of daemon/storage/snapshot_file.cc, and the second one of
  // snapshot_backup.cc beside it.
  archive(1, saved.partition);
  archive(2, saved.history_id);
  archive(3, saved.release);
  archive(4, saved.sequence);
  archive(5, saved.now_ns);
  archive(6, saved.wall_ns);
  archive(7, saved.event_hash);
  archive(8, saved.state_hash);
  archive(9, saved.behaviour_version);
  archive(10, saved.unix_anchor);
}

}  // namespace acd
