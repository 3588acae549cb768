// SPDX-License-Identifier: Apache-2.0
// The fold of talks: each agent's part of a call, from when they are on it to the end of its wrap-up.
#include <algorithm>
#include <utility>

#include "routing/check.h"
#include "routing/insight/history_fold.h"
#include "routing/limits.h"

namespace acd {
namespace {

// Of the last part, with which the call was over.
TalkEnd talk_end_of(CallOutcome outcome) {
  if (outcome == CallOutcome::kTransferred) return TalkEnd::kTransferred;
  if (outcome == CallOutcome::kMerged) return TalkEnd::kMerged;
  return outcome == CallOutcome::kFailed ? TalkEnd::kLost : TalkEnd::kCompleted;
}

}  // namespace

void HistoryFold::add_party(Call& call, const Event& event) {
  HistoryState::Party& party = call.parties.emplace_back();
  party.agent = event.agent;
  party.part = ++call.parts;
  party.since_ns = event.time_ns;
  party.since_ms = state_.unix_ms(event.time_ns);
}

void HistoryFold::join_call(const Event& event) {
  Call& call = live_call(event.call);
  add_party(call, event);
  ++figures(event.agent, call.row.medium).joined;
  if (sink_ != nullptr) sink_->party_joined(event.agent);
}

void HistoryFold::hold_call(const Event& event) {
  Call& call = live_call(event.call);
  for (HistoryState::Party& party : call.parties) {
    if (party.agent != event.agent) continue;
    if (event.kind == EventKind::kCallHeld) {
      party.held_since_ns = event.time_ns;
      ++party.holds;
      ++call.row.holds;
    } else if (party.held_since_ns >= 0) {
      party.hold_ns += event.time_ns - party.held_since_ns;
      party.held_since_ns = -1;
    }
  }
}

// --- The end of a part.

HistoryState::EndedCall& HistoryFold::end_part(Call& call, AgentIndex index, TalkEnd end,
                                               int64_t time_ns) {
  const auto party =
      std::find_if(call.parties.begin(), call.parties.end(),
                   [index](const HistoryState::Party& one) { return one.agent == index; });
  ACD_CHECK(party != call.parties.end());
  HistoryState::EndedCall& ended = changed_agent(index).ended_calls.emplace_back();
  ended.hold_ns = party->hold_ns;
  if (party->held_since_ns >= 0) ended.hold_ns += time_ns - party->held_since_ns;
  ended.talk_ns = time_ns - party->since_ns - ended.hold_ns;
  ended.queue = call.queue;
  ended.group = call.group;
  call.left_talk_ns += ended.talk_ns;
  call.left_hold_ns += ended.hold_ns;

  TalkRow& talk = ended.talk;
  talk.number = call.row.number;
  talk.part = party->part;
  talk.call = call.row.call;
  talk.parent = call.row.parent;
  talk.medium = call.row.medium;
  talk.queue = state_.queues[call.queue.value()].id;
  talk.visit = call.row.visits;
  talk.agent = known_agent(index).id;
  talk.connected_ms = party->since_ms;
  talk.ended_ms = state_.unix_ms(time_ns);
  talk.talk_ms = ended.talk_ns / kNsPerMs;
  talk.hold_ms = ended.hold_ns / kNsPerMs;
  talk.holds = party->holds;
  talk.end = end;
  call.parties.erase(party);
  return ended;
}

HistoryState::EndedCall& HistoryFold::end_talk(Call& call, TalkEnd end, int64_t time_ns) {
  ACD_CHECK(call.parties.size() == 1);  // The others have left it.
  --changed_queue(call.queue).connected[static_cast<size_t>(call.row.medium)];
  state_.just_ended = call.agent;
  return end_part(call, call.agent, end, time_ns);
}

// The row waits with the agent for what comes next: a wrap-up, or anything else.
void HistoryFold::finish_connected_call(Call& call, const Event& event) {
  CallRow& row = call.row;
  HistoryState::EndedCall& ended = end_talk(call, talk_end_of(row.outcome), event.time_ns);
  if (row.outcome == CallOutcome::kTransferred) {
    ended.talk.target_kind = TransferTarget::kOutside;
    ended.talk.target = row.target;
  }
  row.queue = ended.talk.queue;
  row.agent = ended.talk.agent;
  row.talk_ms = call.left_talk_ns / kNsPerMs;
  row.hold_ms = call.left_hold_ns / kNsPerMs;
  ended.row = std::move(row);
  call.is_live = false;
}

// Outside: the call is over. Else its row goes on, without whom it was connected to.
void HistoryFold::transfer_call(const Event& event, std::string_view arena, HistoryRows* rows) {
  Call& call = live_call(event.call);
  const bool was_connected = call.is_connected;
  const auto target_kind = static_cast<TransferTarget>(event.detail);
  ++call.row.transfers;
  if (was_connected) count_transfer(call, call.agent);
  if (event.flag) {
    call.row.target = event.text.in(arena);
    end_call(event, CallOutcome::kTransferred, VisitEnd::kTransferred, rows);
  } else if (!was_connected) {
    end_visit(event, VisitEnd::kTransferred, LimitKind::kNone, rows);
  }
  if (!was_connected && rows != nullptr) {
    rows->visits.back().target_kind = target_kind;
    rows->visits.back().target = event.text.in(arena);
  }
  if (event.flag || !was_connected) return;
  HistoryState::EndedCall& ended = end_talk(call, TalkEnd::kTransferred, event.time_ns);
  ended.talk.target_kind = target_kind;
  ended.talk.target = event.text.in(arena);
  ended.lives_on = true;
  call.is_connected = false;
  call.agent = AgentIndex();
  call.ring_ns = -1;
  call.left_talk_ns = 0;
  call.left_hold_ns = 0;
  call.row.connected_ms = kAbsentMs;
  call.row.ring_ms = kAbsentMs;
  call.row.holds = 0;
  call.row.agent.clear();
  call.row.offer = 0;
  call.row.is_adopted = false;
}

// The consult is over; who was consulted goes on without wrap-up.
void HistoryFold::merge_call(const Event& event, HistoryRows* rows) {
  end_call(event, CallOutcome::kMerged, VisitEnd::kAnswered, rows);
  if (!event.agent.valid()) return;  // Somebody outside.
  state_.just_ended = AgentIndex();
  finish_handled_call(event.agent, known_agent(event.agent).ended_calls.size() - 1, kAbsentMs,
                      rows);
}

// The wrap-up is told with what comes next, as at an end.
void HistoryFold::leave_call(const Event& event) {
  Call& call = live_call(event.call);
  const bool is_transfer = event.detail != 0;
  TalkRow& talk =
      end_part(call, event.agent, is_transfer ? TalkEnd::kConsultTransferred : TalkEnd::kLeft,
               event.time_ns)
          .talk;
  ACD_CHECK(!call.parties.empty());
  call.agent = call.parties.front().agent;
  state_.just_ended = event.agent;
  known_agent(event.agent).ended_calls.back().lives_on = true;
  if (!is_transfer) return;
  // Who was consulted has just joined.
  talk.target_kind = TransferTarget::kAgent;
  talk.target = known_agent(call.parties.back().agent).id;
  ++call.row.transfers;
  count_transfer(call, event.agent);
}

// Of its visit the first one; of an agent each, who had the call as often.
void HistoryFold::count_transfer(Call& call, AgentIndex agent) {
  const bool is_first = !std::exchange(call.is_transferred, true);
  if (is_first) ++figures(call.queue, call.row.medium).counts.transferred_out;
  if (sink_ != nullptr) sink_->transferred(call.queue, call.group, agent, is_first);
  ++figures(agent, call.row.medium).transferred;
}

// `wrap_up_ns` is kAbsentMs where there was none.
void HistoryFold::finish_handled_call(AgentIndex index, size_t place, int64_t wrap_up_ns,
                                      HistoryRows* rows) {
  Agent& agent = changed_agent(index);
  ACD_CHECK(place < agent.ended_calls.size());
  HistoryState::EndedCall ended = std::move(agent.ended_calls[place]);
  agent.ended_calls.erase(agent.ended_calls.begin() + static_cast<ptrdiff_t>(place));
  const Medium medium = ended.talk.medium;
  AgentFigures& of_agent = figures(index, medium);
  ++of_agent.handled;
  of_agent.talk_ns += ended.talk_ns;
  of_agent.hold_ns += ended.hold_ns;
  QueueFigures& interval = figures(ended.queue, medium);
  ++interval.counts.handled;
  interval.counts.handle_sum_ns += ended.talk_ns + ended.hold_ns;
  interval.talk.add(ended.talk_ns);
  interval.hold.add(ended.hold_ns);
  if (wrap_up_ns != kAbsentMs) {
    interval.counts.handle_sum_ns += wrap_up_ns;
    interval.wrap_up.add(wrap_up_ns);
    of_agent.wrap_up_ns += wrap_up_ns;
    ended.talk.wrap_up_ms = wrap_up_ns / kNsPerMs;
  }
  if (sink_ != nullptr) {
    sink_->part_done({ended.queue, ended.group, index, ended.talk_ns, ended.hold_ns,
                      ended.talk.holds > 0, wrap_up_ns});
  }
  if (rows == nullptr) return;
  if (!ended.lives_on) {
    ended.row.wrap_up_ms = ended.talk.wrap_up_ms;
    ended.row.wrap_up_end = ended.talk.wrap_up_end;
    rows->calls.push_back(std::move(ended.row));
  }
  rows->talks.push_back(std::move(ended.talk));
}

}  // namespace acd
