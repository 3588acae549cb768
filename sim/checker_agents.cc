// SPDX-License-Identifier: Apache-2.0
// What the judge of a replay knows of agents: what they have in hand, and for how long.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/checker.h"
#include "sim/log_time.h"
#include "sim/replay_mix.h"

namespace acd::sim {

// As `acdsim bank-config --mix` has it: the phone excludes all else, but interrupts emails.
bool Checker::has_room(const Agent& agent, Medium medium) const {
  if (!is_mixed_) return agent.in_hand.empty();
  std::vector<Medium> held;
  for (const auto& [call, one] : agent.in_hand) held.push_back(one);
  for (const WrapUp& one : agent.wrap_ups) held.push_back(one.medium);
  constexpr std::array<int, kMediumCount> kMost = {1, kMixChatsMax, kMixEmailsMax, 1, 1};
  const auto is_by_phone = [](Medium one) { return (mask_of(one) & kPhoneMedia) != 0; };
  if (std::ranges::count(held, medium) >= kMost[static_cast<size_t>(medium)]) return false;
  return std::ranges::all_of(held, [&](Medium one) {
    if (one == medium) return true;
    if (is_by_phone(medium)) return one == Medium::kEmail;
    return !is_by_phone(one);
  });
}

std::string Checker::hand_of(const Agent& agent) {
  std::string text;
  for (const auto& [call, medium] : agent.in_hand) {
    absl::StrAppend(&text, text.empty() ? "" : " and ", call);
  }
  for (const WrapUp& one : agent.wrap_ups) {
    absl::StrAppend(&text, text.empty() ? "" : " and ", one.call, " (wrap-up)");
  }
  return text;
}

bool Checker::is_ready(const Agent& agent) const {
  return agent.is_logged_in && agent.free_sequence <= last_sent_ && !agent.is_leg_down;
}

void Checker::release_agent(const std::string& agent_id, const std::string& call_id,
                            int64_t sequence) {
  Agent& agent = agents_[agent_id];
  if (agent.ringing_call == call_id) agent.ringing_call.clear();
  agent.in_hand.erase(call_id);
  agent.free_sequence = sequence;
}

// An offer to a station that answers by itself shows when the two are to be joined; all that holds
// for an offer by phone holds for it. Whether there is something to join; of other stations always.
bool Checker::accept_at_once(const ReplayCommand& command, Call& call) {
  const auto agent = agents_.find(command.agent);
  if (agent == agents_.end() || !accepts_at_once(agent->second.answer_mode)) return true;
  const bool is_same = call.agent == command.agent && call.generation == command.generation;
  if (is_same) return call.is_accepted || !is_after_cut_;
  // Joined before its caller left in the same batch, and free again.
  if (call.state == CallState::kEnded && call.ended_sequence >= batch_first_sequence_) return false;
  ring(command, call);
  if (call.state != CallState::kRinging || call.generation != command.generation) return false;
  call.state = CallState::kAnswered;
  return true;
}

// --- Wrap-up.

void Checker::add_wrap_up(const std::string& queue) { wrap_up_queues_.insert(queue); }

// Of all who are on the call, in the queue where it is.
void Checker::end_talks(const std::string& call_id, Call& call, int64_t sequence) {
  for (const auto& [party, since_ns] : std::exchange(call.parties, {})) {
    end_talk(party, since_ns, call_id, sequence);
  }
}

void Checker::end_talk(const std::string& agent_id, int64_t since_ns, const std::string& call_id,
                       int64_t sequence) {
  const Call& call = calls_[call_id];
  const int64_t talk_ns = now_ns_ - since_ns;
  release_agent(agent_id, call_id, sequence);
  if (wrap_up_queues_.contains(call.queue)) {
    agents_[agent_id].wrap_ups.push_back(
        {call_id, call.queue, call.medium, talk_ns, now_ns_, now_ns_ + kMixWrapUpNs});
    return;
  }
  ++handled_[call.queue].count;
  handled_[call.queue].sum_ns += talk_ns;
}

// Those whose limit has passed. What comes at the very limit comes before their end.
void Checker::end_wrap_ups() {
  for (auto& [id, agent] : agents_) {
    std::erase_if(agent.wrap_ups, [this](const WrapUp& one) {
      if (one.end_ns >= now_ns_) return false;
      ++handled_[one.queue].count;
      handled_[one.queue].sum_ns += one.talk_ns + one.end_ns - one.begin_ns;
      return true;
    });
  }
}

void Checker::play_wrap_up(const ReplayEvent& event) {
  Agent& agent = agents_[event.agent];
  const auto found = std::ranges::find(agent.wrap_ups, event.call, &WrapUp::call);
  if (found == agent.wrap_ups.end()) {
    breach(absl::StrCat("the replay says ", event_kind_name(event.kind), " of agent ", event.agent,
                        ", who does not wrap up after call ", event.call));
    return;
  }
  if (event.kind == ReplayEventKind::kWrapUpExtended) {
    found->end_ns += kMixExtensionNs;
    return;
  }
  ++handled_[found->queue].count;
  handled_[found->queue].sum_ns += found->talk_ns + now_ns_ - found->begin_ns;
  agent.wrap_ups.erase(found);
  agent.free_sequence = event.sequence;
}

// Each ends by itself: the daemon must want to wake by then.
void Checker::look_for_wrap_ups(int64_t next_deadline_ns) {
  for (const auto& [id, agent] : agents_) {
    for (const WrapUp& one : agent.wrap_ups) {
      if (next_deadline_ns <= one.end_ns) continue;
      breach(
          absl::StrCat("the wrap-up of agent ", id, " after call ", one.call, " ends at ",
                       format_instant(one.end_ns), ", but the daemon's next deadline is ",
                       next_deadline_ns == kNeverNs ? "never" : format_instant(next_deadline_ns)));
    }
  }
}

void Checker::compare_handled(const std::string& queue, const QueueFigures& counted) {
  if (wrap_up_queues_.empty()) return;
  const Handled& played = handled_[queue];
  if (played.count == counted.handled && played.sum_ns == counted.handle_sum_ns) return;
  breach(absl::StrCat("queue ", queue, ": handled is ", counted.handled, ", in ",
                      counted.handle_sum_ns, " ns with wrap-up, in the daemon's statistics, but ",
                      played.count, ", in ", played.sum_ns, " ns, by what was played"));
}

}  // namespace acd::sim
