// SPDX-License-Identifier: Apache-2.0
// The Router's reasons (records of assignments, explanations) held against the oracle's.
#include <algorithm>
#include <optional>

#include "sim/command_line.h"
#include "sim/twin.h"

namespace acd::sim {
namespace {

// Where so many agents or fewer are known, a record has looked at all their classes.
constexpr size_t kGroupsLookedAt = 64;

std::string number_of(AgentIndex agent) { return std::to_string(agent.value()); }

std::string blockers_text(const std::array<uint32_t, kBlockerCount>& counts) {
  std::string text;
  for (size_t i = 0; i < kBlockerCount; ++i) {
    if (counts[i] == 0) continue;
    text +=
        " " + std::string(blocker_name(static_cast<Blocker>(i))) + "=" + std::to_string(counts[i]);
  }
  return text.empty() ? " nobody" : text;
}

std::string group_text(const DecisionGroup& group) {
  return std::string(blocker_name(group.blocker)) +
         " logged_in=" + std::to_string(group.logged_in) + " ready=" + std::to_string(group.ready) +
         " wrap_up=" + std::to_string(group.wrap_up);
}

std::string candidates_text(const Decision& decision) {
  std::string text;
  for (size_t i = 0; i < decision.candidate_count; ++i) {
    const DecisionCandidate& one = decision.candidates[i];
    text += " agent" + number_of(one.agent) + "(rank " + std::to_string(one.rank) + ", prefers " +
            std::to_string(one.preference) + ", load " + std::to_string(one.load) +
            ", idle since " + time_text(one.idle_since_ns) + ")";
  }
  return text;
}

bool is_same_list(const Decision& a, const Decision& b) {
  return a.candidate_count == b.candidate_count &&
         std::equal(a.candidates.begin(), a.candidates.begin() + a.candidate_count,
                    b.candidates.begin(),
                    [](const DecisionCandidate& one, const DecisionCandidate& other) {
                      return one.agent == other.agent && one.rank == other.rank &&
                             one.preference == other.preference && one.load == other.load &&
                             one.idle_since_ns == other.idle_since_ns;
                    });
}

bool is_same_key(const Decision& a, const Decision& b) {
  return a.config_version == b.config_version && a.call_order == b.call_order &&
         a.strategy == b.strategy && a.was_preferred == b.was_preferred && a.steps == b.steps &&
         a.priority == b.priority && a.key_ns == b.key_ns && a.arrival == b.arrival;
}

}  // namespace

// --- Records of assignments.

void Twin::judge_decisions() {
  rulings_.clear();
  if (options_.compares) oracle_.take_rulings(&rulings_);
  size_t seen = 0;
  const std::vector<Event>& events = router_log_.events;
  for (auto event = events.begin(); event != events.end() && wrong_decision_.empty(); ++event) {
    note_groups(event->kind);
    if (event->kind != EventKind::kCallDecided) continue;
    std::optional<Decision> decision = decode_decision(event->text.in(router_log_.arena));
    const auto next = event + 1;
    const bool is_offered = next != events.end() && next->kind == EventKind::kOfferCreated &&
                            next->call == event->call && next->agent == event->agent;
    if (!decision || event->text.size > kDecisionBytesMax) {
      wrong_decision_ = "the record of an assignment cannot be read";
      break;
    }
    if (options_.see_decision) options_.see_decision(router_call_id(*event), *decision);
    if (!is_offered) {
      wrong_decision_ = "the record of an assignment is not followed by its offer";
    } else if (options_.compares) {
      if (options_.distort_decision) options_.distort_decision(&*decision);
      wrong_decision_ = seen < rulings_.size()
                            ? judge_decision(*event, *decision, rulings_[seen])
                            : "the Router has a record of what the oracle has not assigned";
    }
    ++seen;
  }
  if (wrong_decision_.empty() && seen < rulings_.size()) {
    wrong_decision_ = "the Router has no record of an assignment";
  }
}

std::string Twin::judge_decision(const Event& event, const Decision& decision,
                                 const Oracle::Ruling& ruling) const {
  const Decision& judged = ruling.decision;
  const std::string call_id(router_call_id(event));
  if (call_id != oracle_.call_id(ruling.call)) {
    return "the record is of call " + call_id + ", the oracle's of " +
           std::string(oracle_.call_id(ruling.call));
  }
  const std::string about = "the record of call " + call_id + ": ";
  if (event.agent != ruling.agent || decision.candidates[0].agent != ruling.agent) {
    return about + "the oracle has chosen agent" + number_of(ruling.agent);
  }
  if (!is_same_key(decision, judged)) {
    const auto key_text = [](const Decision& of) {
      return "config " + std::to_string(of.config_version) + ", steps " + std::to_string(of.steps) +
             ", priority " + std::to_string(of.priority) + ", key " + time_text(of.key_ns) +
             ", arrival " + std::to_string(of.arrival) + (of.was_preferred ? ", preferred" : "");
    };
    return about + key_text(decision) + "; the oracle: " + key_text(judged);
  }
  if (!options_.judges_alternatives) return "";
  if (!is_same_list(decision, judged)) {
    return about + "candidates" + candidates_text(decision) +
           "; the oracle's:" + candidates_text(judged);
  }
  if (decision.tie_break != judged.tie_break) {
    return about + "tie-break " + std::to_string(static_cast<int>(decision.tie_break)) +
           ", the oracle's " + std::to_string(static_cast<int>(judged.tie_break)) + " between" +
           candidates_text(judged);
  }
  const std::string wrong_group = judge_groups(decision, ruling);
  return wrong_group.empty() ? "" : about + wrong_group;
}

// Somebody who leaves a group may be the one by whom it was named; a live change makes all anew.
void Twin::note_groups(EventKind kind) {
  switch (kind) {
    case EventKind::kQueueConfigChanged:
      are_groups_whole_ = true;
      break;
    case EventKind::kAgentLoggedOut:
    case EventKind::kAgentUpserted:
    case EventKind::kMemberPaused:
    case EventKind::kMemberUnpaused:
      are_groups_whole_ = false;
      break;
    case EventKind::kAgentStateChanged:
      // Who has room for more changes class with what they have in hand.
      if (ledger_.may_have_several()) are_groups_whole_ = false;
      break;
    default:
      break;
  }
}

// The groups that the record names must be as they are. It need not name all, but some: unless the
// call waited for its agent, whenever others are logged in at its switch who fail some test other
// than that they are left out, and all of them can be looked at.
std::string Twin::judge_groups(const Decision& decision, const Oracle::Ruling& ruling) const {
  for (size_t i = 0; i < decision.group_count; ++i) {
    const DecisionGroup& group = decision.groups[i];
    if (!group.example.valid() || group.example.value() >= ruling.groups.size()) {
      return "a group of the record has no example";
    }
    const DecisionGroup& judged = ruling.groups[group.example.value()];
    const bool is_same = group.blocker == judged.blocker && group.logged_in == judged.logged_in &&
                         group.ready == judged.ready && group.wrap_up == judged.wrap_up;
    if (is_same) continue;
    return "the record says of those like agent" + number_of(group.example) + " " +
           group_text(group) + ", the oracle " + group_text(judged);
  }
  const bool may_be_none = decision.group_count > 0 || decision.was_preferred ||
                           !are_groups_whole_ || ruling.groups.size() > kGroupsLookedAt;
  if (may_be_none) return "";
  for (const DecisionGroup& judged : ruling.groups) {
    const bool is_named = judged.logged_in > 0 && judged.blocker != Blocker::kNone &&
                          judged.blocker != Blocker::kUnreachable &&
                          judged.blocker != Blocker::kExcluded;
    if (!is_named) continue;
    return "the record names no group, not even those like agent" + number_of(judged.example) +
           " " + group_text(judged);
  }
  return "";
}

// --- Explanations.

std::string Twin::judge_explanations() const {
  const uint64_t turn = step_count_ / kExplainEvery;
  const auto& agents = ledger_.agents();
  if (!agents.empty()) {
    const std::string wrong = judge_idle(AgentIndex(turn % agents.size()));
    if (!wrong.empty()) return wrong;
  }
  const auto& calls = ledger_.calls();
  for (size_t i = 0; i < calls.size(); ++i) {
    const LedgerCall& call = calls[(turn + i) % calls.size()];
    if (call.stage == LedgerStage::kEnqueued) return judge_wait(call);
  }
  return "";
}

std::string Twin::judge_wait(const LedgerCall& call) const {
  WaitExplanation ours = router_->explain_wait(call.index);
  if (options_.distort_wait) options_.distort_wait(&ours);
  const std::optional<WaitExplanation> judged = oracle_.explain_wait(call.id);
  if (!judged) return "call " + call.id + " does not wait for the oracle";
  if (ours.is_bulk_work || judged->is_bulk_work) return "";  // Its slices are the Router's own.
  const auto text_of = [](const WaitExplanation& why) {
    return blockers_text(why.agents) + " held back " + std::string(hold_back_name(why.hold_back)) +
           (why.is_switch_away ? " switch away" : "");
  };
  if (ours.agents != judged->agents || ours.hold_back != judged->hold_back ||
      ours.is_switch_away != judged->is_switch_away) {
    return "why call " + call.id + " waits:" + text_of(ours) + "; the oracle:" + text_of(*judged);
  }
  if (ours.position != judged->position) {
    return "call " + call.id + " is at position " + std::to_string(ours.position) +
           "; the oracle: " + std::to_string(judged->position);
  }
  if (ours.next_change_ns != judged->next_change_ns) {
    return "call " + call.id + " changes next at " + time_text(ours.next_change_ns) +
           "; the oracle: " + time_text(judged->next_change_ns);
  }
  return "";
}

std::string Twin::judge_idle(AgentIndex agent) const {
  IdleExplanation ours = router_->explain_idle(agent);
  if (options_.distort_idle) options_.distort_idle(&ours);
  const IdleExplanation judged = oracle_.explain_idle(agent);
  if (ours.is_bulk_work || judged.is_bulk_work) return "";
  const bool is_same = ours.own == judged.own && ours.calls == judged.calls &&
                       ours.is_switch_away == judged.is_switch_away;
  if (is_same) return "";
  const auto text_of = [](const IdleExplanation& why) {
    return " " + std::string(blocker_name(why.own)) + "," + blockers_text(why.calls) +
           (why.is_switch_away ? " switch away" : "");
  };
  return "why agent" + number_of(agent) + " is idle:" + text_of(ours) +
         "; the oracle:" + text_of(judged);
}

}  // namespace acd::sim
