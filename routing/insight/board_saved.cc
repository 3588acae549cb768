// SPDX-License-Identifier: Apache-2.0
// A board to and from a snapshot.
#include <map>

#include "routing/check.h"
#include "routing/insight/board.h"
#include "routing/insight/saved_board.h"
#include "routing/insight/slots.h"

namespace acd {

SavedBoard Board::save() const {
  SavedBoard saved;
  saved.now_ns = now_ns_;
  saved.sequence = sequence_;
  saved.advanced_ns = advanced_ns_;
  std::map<const QueueView*, uint32_t> place_of;
  for (const QueueSlot& slot : queues_) {
    place_of.emplace(&slot.view, static_cast<uint32_t>(saved.queues.size()));
    const QueueView& view = slot.view;
    saved.queues.push_back({view.id,
                            view.service_level_target_ns,
                            view.service_level_goal_percent,
                            view.service_level_variant,
                            view.short_abandon_ns,
                            view.counts,
                            {view.codes.begin(), view.codes.end()},
                            view.is_open,
                            view.are_callbacks_open,
                            slot.is_configured,
                            slot.is_listed,
                            {view.members_paused.begin(), view.members_paused.end()}});
  }
  for (const QueueView* view : queue_at_) saved.queue_at.push_back(place_of.at(view));
  for (const QueueView* view : listed_queues_) saved.listed.push_back(place_of.at(view));
  saved.elsewhere = elsewhere_;
  for (const AgentSlot& slot : agents_) {
    SavedBoardAgent& agent = saved.agents.emplace_back();
    agent.view = slot.view;
    agent.view.codes.clear();
    agent.codes.assign(slot.view.codes.begin(), slot.view.codes.end());
    if (slot.handled_queue != nullptr) agent.handled_queue = place_of.at(slot.handled_queue);
    agent.handled_ns = slot.handled_ns;
    for (const AgentSlot::WrapUp& one : slot.wrap_ups) {
      agent.wrap_ups.push_back({one.number, place_of.at(one.queue), one.handled_ns, one.begin_ns});
    }
  }
  for (uint32_t i = 0; i < calls_.size(); ++i) {
    if (calls_[i].is_live) saved.calls.push_back({i, calls_[i].view, calls_[i].is_waiting});
  }
  saved.decisions = decisions_.save();
  saved.scheduled.assign(scheduled_.begin(), scheduled_.end());
  saved.source_ids = source_ids_;
  saved.is_away = is_away_;
  return saved;
}

void Board::restore(const SavedBoard& saved) {
  ACD_CHECK(sequence_ == 0 && queues_.empty() && agents_.empty());
  now_ns_ = saved.now_ns;
  sequence_ = saved.sequence;
  gone_floor_ = saved.sequence;
  advanced_ns_ = saved.advanced_ns;
  for (const SavedBoardQueue& queue : saved.queues) {
    QueueSlot& slot = queue_named(queue.id);
    slot.is_configured = queue.is_configured;
    slot.is_listed = queue.is_listed;
    slot.view.service_level_target_ns = queue.service_level_target_ns;
    slot.view.service_level_goal_percent = queue.service_level_goal_percent;
    slot.view.service_level_variant = queue.service_level_variant;
    slot.view.short_abandon_ns = queue.short_abandon_ns;
    slot.view.counts = queue.counts;
    slot.view.codes = {queue.codes.begin(), queue.codes.end()};
    slot.view.is_open = queue.is_open;
    slot.view.are_callbacks_open = queue.are_callbacks_open;
    slot.view.members_paused = {queue.members_paused.begin(), queue.members_paused.end()};
  }
  for (const uint32_t place : saved.queue_at) {
    queues_[place].view.index = QueueIndex(queue_at_.size());
    queue_at_.push_back(&queues_[place].view);
  }
  for (const uint32_t place : saved.listed) listed_queues_.push_back(&queues_[place].view);
  elsewhere_ = saved.elsewhere;
  for (const SavedBoardAgent& agent : saved.agents) {
    AgentSlot& slot = agents_.emplace_back();
    slot.view = agent.view;
    slot.view.codes = {agent.codes.begin(), agent.codes.end()};
    if (agent.handled_queue) slot.handled_queue = &queues_[*agent.handled_queue].view;
    slot.handled_ns = agent.handled_ns;
    for (const SavedBoardWrapUp& one : agent.wrap_ups) {
      slot.wrap_ups.push_back({one.number, &queues_[one.queue].view, one.handled_ns, one.begin_ns});
    }
    if (slot.view.id.empty()) continue;
    const AgentIndex index(agents_.size() - 1);
    agents_by_id_.emplace(slot.view.id, index);
    join_team(index);
    if (slot.view.desktop.valid()) {
      slot_of(attached_, slot.view.desktop, kSessionsMax).insert(index);
    }
    ++agent_counts_[static_cast<size_t>(slot.view.state)];
  }
  for (const SavedBoardCall& call : saved.calls) {
    const CallIndex index(call.slot);
    CallSlot& slot = slot_of(calls_, index, kCallsMax);
    slot.view = call.view;
    slot.is_live = true;
    slot.is_waiting = call.is_waiting;
    slot.changed = sequence_;
    calls_by_age_.emplace(slot.view.arrived_ns, index);
    calls_by_id_.emplace(slot.view.id, index);
    if (slot.is_waiting && !slot.view.is_consult() && slot.view.is_on_line) {
      queue_of(slot.view).waiting_calls.emplace(slot.view.entered_ns, index);
    }
  }
  decisions_.restore(saved.decisions);
  for (const auto& [id, scheduled] : saved.scheduled) {
    scheduled_.emplace(id, scheduled);
    scheduled_by_time_.emplace(scheduled.due_ms, id);
  }
  source_ids_ = saved.source_ids;
  is_away_ = saved.is_away;
}

}  // namespace acd
