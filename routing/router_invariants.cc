// SPDX-License-Identifier: Apache-2.0
// The numbered invariants of routing/README.md, as they stand in invariants.h.
#include <algorithm>
#include <string>

#include "routing/check.h"
#include "routing/invariants.h"
#include "routing/router.h"

namespace acd {
namespace {

// "I1: what is wrong (what holds else)".
std::string broken(size_t number, const std::string& what) {
  ACD_CHECK(number >= 1 && number <= kInvariants.size());
  return "I" + std::to_string(number) + ": " + what + " (" + std::string(kInvariants[number - 1]) +
         ")";
}

bool has_call(Work work) {
  return work == Work::kReserved || work == Work::kRinging || work == Work::kConnecting ||
         work == Work::kOnCall || work == Work::kOnHold;
}

}  // namespace

std::string Router::check_invariants() const {
  for (const auto check :
       {&Router::check_agents, &Router::check_calls, &Router::check_parties, &Router::check_classes,
        &Router::check_columns, &Router::check_skill_sets, &Router::check_counts,
        &Router::check_queue_counts, &Router::check_shares, &Router::check_reach,
        &Router::check_timers, &Router::check_outcomes, &Router::check_callbacks,
        &Router::check_desktops, &Router::check_lists}) {
    std::string found = (this->*check)();
    if (!found.empty()) return found;
  }
  return {};
}

std::string Router::check_agents() const {
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const AgentIndex index(i);
    const Agent& agent = roster_.at(index);
    const std::string who = "agent " + std::string(agent.id.view());
    const bool is_here = agent.presence != Presence::kLoggedOut;
    if (agent.is_listed != (agent.open_media() != 0 && agent.agent_class.valid())) {
      return broken(1, who + " is listed free, or not, against its state");
    }
    if (std::string fault = check_items(index); !fault.empty()) return fault;
    if (is_here == agent.station.empty() ||
        (is_here && roster_.at_station(agent.source, agent.station.view()) != index)) {
      return broken(3, who + " and its station disagree");
    }
    if (!is_here && !agent.items.empty()) return broken(3, who + " works logged out");
    if (agent.log_out_on_behalf && !agent.log_out_pending) {
      return broken(3, who + " has a switch to be told of a log-out that is none");
    }
    if (agent.is_leg_down() && agent.presence == Presence::kReady) {
      return broken(3, who + " is ready at a station whose leg is down");
    }
    if (agent.is_leg_up && agent.answer_mode != AnswerMode::kNailedUp) {
      return broken(3, who + " has an open leg at a station without one");
    }
    if (agent.is_dirty || (agent.is_box_dirty && !is_suspended())) {
      return broken(12, who + " is marked between commands");
    }
    // While bulk work is under way an agent may be in no class yet.
    if (agent.agent_class.valid() != is_here && (!is_here || may_link(index))) {
      return broken(5, who + " is in a class, or not, against its presence");
    }
    if (agent.agent_class.valid() && !is_in_class_of_its_load(agent)) {
      return broken(5, who + " is in the class of another load");
    }
  }
  return {};
}

std::string Router::check_items(AgentIndex index) const {
  const Agent& agent = roster_.at(index);
  const std::string who = "agent " + std::string(agent.id.view());
  size_t offers = 0;
  for (const WorkItem& one : agent.items) {
    offers += one.is_offer() ? 1 : 0;
    if (one.work == Work::kNone) return broken(2, who + " has a work item that is none");
    if (one.call.valid() != has_call(one.work)) return broken(2, who + " has work without call");
    if (!one.call.valid()) continue;
    const Call& call = calls_.at(one.call);
    const bool is_alerting = one.work == Work::kReserved || one.work == Work::kRinging;
    if (is_alerting && accepts_at_once(agent.answer_mode)) {
      return broken(2, who + " has an offer open and accepts at once");
    }
    bool is_offered = false;
    for (AgentIndex a = call.first_offered; a.valid(); a = next_offered(a, one.call)) {
      is_offered = is_offered || a == index;
    }
    bool is_party = false;
    for (AgentIndex a = call.agent; a.valid(); a = next_party(a, one.call)) {
      is_party = is_party || a == index;
    }
    if ((is_alerting ? !is_offered : !is_party) || call.medium != one.medium) {
      return broken(2, who + " has a call that is not theirs");
    }
  }
  if (offers > 1) return broken(2, who + " is rung for two calls");
  return {};
}

std::string Router::check_calls() const {
  size_t live = 0;
  std::vector<uint32_t> preferring(roster_.count(), 0);
  for (uint32_t i = 0; i < calls_.slot_count(); ++i) {
    const CallIndex index(i);
    const Call& call = calls_.at(index);
    if (call.stage == CallStage::kFree) continue;
    ++live;
    const std::string which = "call " + std::string(call.id.view());
    if (calls_.find(call.id.view()) != index) return broken(6, which + " is not found by its id");
    if (call.is_waiting != (call.stage == CallStage::kEnqueued)) {
      return broken(7, which + " is listed waiting, or not, against its stage");
    }
    if (call.first_offered.valid() != (call.stage == CallStage::kAlerting) ||
        call.agent.valid() != call.has_agent() ||
        (call.agent.valid() && roster_.at(call.agent).find_item(index) == nullptr)) {
      return broken(2, which + " and its agents disagree");
    }
    if (call.is_boxed != calls_.is_boxed(index) ||
        (call.is_boxed && call.stage != CallStage::kEnqueued)) {
      return broken(10, which + " waits for its preferred agent, or not, against its state");
    }
    if (call.is_boxed) {
      ++preferring[call.preferred.value()];
      if (!is_suspended() && call.preferred_until_ns > now_ns_ && !may_box(index)) {
        return broken(10, which + " waits for an agent who will not come");
      }
    }
    if (call.stage == CallStage::kEnqueued && bulk_ == BulkPhase::kNone) {
      if (call.steps != steps_in_force_by_timer(call)) {
        return broken(11, which + " has not the steps that are in force");
      }
      if (calls_.class_at(call.call_class).key != class_key(call)) {
        return broken(11, which + " is in a class that is not its own");
      }
    }
    if (call.transfers > kTransfersMaxLimit) {
      return broken(16, which + " was transferred more often than any call may be");
    }
    if (call.leg != 0 && calls_.find_leg(call.leg) != index) {
      return broken(18, which + " is not found by the leg of its caller");
    }
    if (call.leg != 0 && !call.is_on_line()) {
      return broken(18, which + " has a leg of nobody who is on the line");
    }
    // Whoever had it before has it no more, and an offer begins with the visit.
    if (call.transfers > 0 && call.generation == 0 && call.agent.valid()) {
      return broken(16, which + " is somebody's who was never offered it");
    }
    if (has_agent(index)) return broken(8, which + " waits although an agent is free for it");
  }
  if (live != calls_.count()) return broken(6, "live calls are miscounted");
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    if (roster_.at(AgentIndex(i)).preferring_count != preferring[i]) {
      return broken(10, "the calls that prefer an agent are miscounted");
    }
  }
  return {};
}

std::string Router::check_parties() const {
  size_t consults = 0;
  size_t outside = 0;
  for (uint32_t i = 0; i < calls_.slot_count(); ++i) {
    const CallIndex index(i);
    const Call& call = calls_.at(index);
    if (call.stage == CallStage::kFree) continue;
    const std::string which = "call " + std::string(call.id.view());
    if (call.on_hold && call.stage != CallStage::kConnecting) {
      return broken(17, which + " is on hold, but not being connected");
    }
    const bool is_connected = call.stage == CallStage::kConnected;
    size_t parties = 0;
    for (AgentIndex a = call.agent; a.valid(); a = next_party(a, index)) {
      const WorkItem& item = roster_.at(a).item_of(index);
      ++parties;
      if (item.is_offer() == is_connected) return broken(17, which + " and its agents disagree");
      if (!item.consult.valid()) continue;
      ++consults;
      if (!is_connected || call.parent.valid()) {
        return broken(17, which + " is consulted about, though not connected or a consult");
      }
      const Call& consult = calls_.at(item.consult);
      if (consult.stage == CallStage::kFree || consult.parent != index ||
          consult.source != call.source || consult.medium != call.medium ||
          !calls_.is_excluded_for_good(consult, a) ||
          consult.is_outside() != outside_numbers_.contains(consult.order)) {
        return broken(17, which + " and its consult disagree");
      }
    }
    if (parties > (is_connected ? kPartiesMax : 1)) return broken(17, which + " has many agents");
    if (call.parent.valid()) --consults;
    if (call.is_outside()) ++outside;
    if (call.is_outside() && !call.parent.valid()) {
      return broken(17, which + " is outside and no consult");
    }
  }
  if (outside != outside_numbers_.size()) return broken(17, "a number outside is of no consult");
  return consults == 0 ? "" : broken(17, "a consult is not known to the call that it is about");
}

// The steps that the timers of the call have brought in force: one that falls due at this very
// instant may still be out.
uint16_t Router::steps_in_force_by_timer(const Call& call) const {
  const uint16_t steps = steps_in_force(call);
  const bool is_all_fired = call.deadline_ns > now_ns_ && call.not_before_ns <= now_ns_;
  return is_all_fired ? steps : call.steps;
}

// What is wrong with the link to a class of agents that stands like that, or cannot serve.
const char* Router::link_fault(const CallClass& calls, AgentClassIndex agents,
                               const Standing* standing) const {
  size_t links = 0;
  size_t found = 0;
  for (const Band& band : calls.bands) {
    links += band.links.size();
    const bool is_large = band.links.size() > 2 * kBandLinksMax && band.tiers.size() > 1;
    if (is_large || band.tiers.empty()) return "a band is too large or empty";
    bool is_here = false;
    uint32_t at = 0;
    for (const Tier& tier : band.tiers) {
      for (; at < tier.end; ++at) {
        if (band.links[at].agent_class != agents || !is_live(band.links[at])) continue;
        is_here = true;
        ++found;
        if (standing != nullptr && tier.standing != *standing) return "a link is in another tier";
      }
    }
    if (at != band.links.size()) return "tiers and links of a band disagree";
    if (calls.has_bitmaps && band.classes.test(agents.value()) != is_here) {
      return "a band and its bitmap disagree";
    }
  }
  if (found != (standing != nullptr ? 1u : 0u)) {
    return "a class of calls is linked with whom it should not, or not with whom it should";
  }
  if (links != calls.link_count || (links > kListedLinksMax && !calls.has_bitmaps)) {
    return "links of a class of calls are miscounted";
  }
  return nullptr;
}

std::string Router::check_classes() const {
  for (uint32_t c = 0; c < calls_.class_count(); ++c) {
    const CallClass& calls = calls_.class_at(CallClassIndex(c));
    const CallClassHead& head = calls_.head(CallClassIndex(c));
    if (head.call != calls_.first_waiting(CallClassIndex(c)) || head.stamp != calls.stamp ||
        head.call.valid() != calls_.waiting_classes().test(c)) {
      return broken(7, "a class of calls does not know its first one");
    }
    if (calls.free || calls.key.version != queue(calls.key.queue).version) continue;
    int64_t eligible = 0;
    for (uint32_t a = 0; a < roster_.class_count(); ++a) {
      const AgentClass& agents = roster_.class_at(AgentClassIndex(a));
      if (agents.free || agents.key.config_version != config_version_) continue;
      Standing standing;
      const bool can = can_serve(agents.key, calls, &standing) == Blocker::kNone;
      const auto times = std::count_if(
          agents.call_classes.begin(), agents.call_classes.end(), [&](const CallLink& link) {
            return link.call_class == CallClassIndex(c) && is_listed(link);
          });
      const bool has_column = calls.column != LinkMatrix::kNoColumn;
      const bool has_bit = has_column && matrix_.test(AgentClassIndex(a), calls.column);
      if (times != (can && !has_column ? 1 : 0) || has_bit != (can && has_column)) {
        return broken(9, "a class of calls and a class of agents are linked wrongly");
      }
      if (const char* wrong = link_fault(calls, AgentClassIndex(a), can ? &standing : nullptr)) {
        return broken(9, wrong);
      }
      if (can) eligible += roster_.head(AgentClassIndex(a)).logged_in_count;
    }
    if (are_agents_known() && eligible != calls.eligible_count) {
      return broken(5, "a class of calls miscounts who could serve it");
    }
  }
  return {};
}

// The matrix says of all classes of agents that there are what the links of its columns say.
std::string Router::check_columns() const {
  for (uint32_t c = 0; c < calls_.class_count(); ++c) {
    const uint32_t column = calls_.class_at(CallClassIndex(c)).column;
    if (column == LinkMatrix::kNoColumn) continue;
    if (column >= matrix_.column_count() || matrix_.owner(column) != CallClassIndex(c)) {
      return broken(9, "a class of calls has the column of another");
    }
    if (calls_.waiting_columns().test(column) != calls_.waiting_classes().test(c)) {
      return broken(7, "a column does not know whether calls of its class wait");
    }
  }
  size_t used = 0;
  for (uint32_t column = 0; column < matrix_.column_count(); ++column) {
    const CallClassIndex owner = matrix_.owner(column);
    std::vector<bool> is_linked(roster_.class_count(), false);
    if (owner.valid()) {
      ++used;
      if (calls_.class_at(owner).column != column) return broken(9, "a column has two owners");
      for (const Band& band : calls_.class_at(owner).bands) {
        for (const AgentLink& link : band.links) {
          if (is_live(link)) is_linked[link.agent_class.value()] = true;
        }
      }
    } else if (calls_.waiting_columns().test(column)) {
      return broken(7, "calls wait in a column that nobody has");
    }
    for (uint32_t a = 0; a < roster_.class_count(); ++a) {
      const AgentClassIndex agents(a);
      if (roster_.class_at(agents).free) continue;
      if (matrix_.test(agents, column) != is_linked[a]) {
        return broken(9, "a column and the links of its class of calls disagree");
      }
    }
  }
  return used == matrix_.used() ? "" : broken(9, "columns in use are miscounted");
}

std::string Router::check_skill_sets() const {
  const SkillSets& sets = roster_.skill_sets();
  std::vector<uint32_t> users(sets.size(), 0);
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const SkillSetIndex skills = roster_.at(AgentIndex(i)).skills;
    if (skills.valid()) ++users[skills.value()];
  }
  for (uint32_t a = 0; a < roster_.class_count(); ++a) {
    const AgentClass& agents = roster_.class_at(AgentClassIndex(a));
    if (agents.free) continue;
    const AgentClassTraits& traits = roster_.traits(AgentClassIndex(a));
    if (agents.key.skills.valid()) ++users[agents.key.skills.value()];
    if (traits.skills != sets.place(agents.key.skills) ||
        traits.is_plain != agents.key.is_plain() ||
        traits.config_version != agents.key.config_version ||
        traits.skill_bits != skill_bits(sets.at(agents.key.skills))) {
      return broken(14, "a class of agents is not what its key says");
    }
  }
  std::vector<std::vector<uint16_t>> known;
  for (uint32_t i = 0; i < sets.size(); ++i) {
    const SkillSetIndex index(i);
    if (sets.users(index) != users[i]) return broken(14, "users of a set of skills are miscounted");
    if (users[i] == 0) continue;
    std::vector<uint16_t>& set = known.emplace_back();
    for (const PackedSkill one : sets.at(index)) set.push_back(one.bits());
    if (!std::is_sorted(set.begin(), set.end())) return broken(14, "skills are in disorder");
  }
  std::sort(known.begin(), known.end());
  const bool is_each_once = std::adjacent_find(known.begin(), known.end()) == known.end();
  return is_each_once ? "" : broken(14, "a set of skills is kept twice");
}

std::string Router::check_counts() const {
  std::vector<int64_t> live(queues_.size(), 0);
  std::vector<int64_t> waiting(queues_.size(), 0);
  std::vector<int64_t> off_line(queues_.size(), 0);
  std::vector<int64_t> dialing(queues_.size(), 0);
  for (uint32_t i = 0; i < calls_.slot_count(); ++i) {
    const Call& call = calls_.at(CallIndex(i));
    if (call.stage == CallStage::kFree) continue;
    ++live[call.queue.value()];
    const bool waits = call.stage == CallStage::kEnqueued;
    waiting[call.queue.value()] += waits ? 1 : 0;
    off_line[call.queue.value()] += waits && !call.is_on_line() ? 1 : 0;
    dialing[call.queue.value()] += call.stage == CallStage::kDialing ? 1 : 0;
  }
  for (size_t i = 0; i < queues_.size(); ++i) {
    if (queues_[i].live_calls != live[i] || queues_[i].waiting_calls != waiting[i] ||
        queues_[i].off_line_calls != off_line[i] || queues_[i].dialing_calls != dialing[i]) {
      return broken(13, "queue " + queues_[i].config.id + " miscounts its calls");
    }
  }
  std::vector<int64_t> in_class(roster_.class_count(), 0);
  std::vector<int64_t> ready_in_class(roster_.class_count(), 0);
  std::vector<int64_t> wrap_up_in_class(roster_.class_count(), 0);
  std::vector<int64_t> free_with(protect_skills_.size(), 0);
  MediaCounts logged_in{};
  MediaCounts ready{};
  int64_t partly_open = 0;
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const Agent& agent = roster_.at(AgentIndex(i));
    if (!agent.agent_class.valid()) continue;
    const uint32_t of_agent = agent.agent_class.value();
    ++in_class[of_agent];
    ready_in_class[of_agent] += agent.presence == Presence::kReady ? 1 : 0;
    wrap_up_in_class[of_agent] += agent.is_in_wrap_up() ? 1 : 0;
    const MediaMask capable = roster_.class_at(agent.agent_class).key.capable;
    add_to(&logged_in, capable, 1);
    if (agent.presence == Presence::kReady) add_to(&ready, capable, 1);
    partly_open += roster_.class_at(agent.agent_class).key.open != kAllMedia ? 1 : 0;
    for (size_t rule = 0; rule < protect_skills_.size(); ++rule) {
      const bool has_skill = level_of(roster_.skills_of(agent), protect_skills_[rule]) != 0;
      free_with[rule] += has_skill && agent.is_listed && agent.items.empty() ? 1 : 0;
    }
  }
  for (uint32_t i = 0; i < roster_.class_count(); ++i) {
    const bool is_anybody_free = roster_.first_idle(AgentClassIndex(i), AgentKey::kIdle).valid();
    if (is_anybody_free != (roster_.head(AgentClassIndex(i)).key != kNoKey) ||
        is_anybody_free != roster_.idle_classes().test(i)) {
      return broken(1, "a class of agents does not know whether somebody is free");
    }
    if (in_class[i] != roster_.head(AgentClassIndex(i)).logged_in_count) {
      return broken(5, "a class miscounts who is logged in");
    }
    if (ready_in_class[i] != roster_.class_at(AgentClassIndex(i)).ready_count ||
        wrap_up_in_class[i] != roster_.class_at(AgentClassIndex(i)).wrap_up_count) {
      return broken(5, "a class miscounts who is ready or in wrap-up");
    }
  }
  if (bulk_ == BulkPhase::kUnlinkAgents) return {};
  if (logged_in != logged_in_ || ready != ready_ || partly_open != partly_open_) {
    return broken(13, "the tenant miscounts its agents");
  }
  for (size_t rule = 0; rule < protect_skills_.size(); ++rule) {
    const bool withholds = free_with[rule] <= config_.protects[rule].ready_max;
    if (free_with[rule] != protect_free_[rule] ||
        withholds != ((active_protects_ >> rule & 1u) != 0)) {
      return broken(13, "a protect rule miscounts who is free");
    }
  }
  return {};
}

// Each queue knows who of the free has a share of its calls, in their order.
std::string Router::check_shares() const {
  if (bulk_ == BulkPhase::kUnlinkAgents) return {};
  for (size_t q = 0; q < queues_.size(); ++q) {
    const ShareOrder& shares = queues_[q].shares;
    std::map<ZoneIndex, std::vector<ShareOrder::Place>> wanted;
    for (uint32_t i = 0; i < sessions_.size(); ++i) wanted[reach_.zone_of(SourceIndex(i))];
    for (uint32_t i = 0; i < roster_.count(); ++i) {
      const Agent& agent = roster_.at(AgentIndex(i));
      for (const Membership& one : agent.memberships) {
        if (one.queue != QueueIndex(q) || one.percent == 0 || !agent.is_listed) continue;
        wanted[reach_.zone_of(agent.source)].push_back(
            {shares.count_of(AgentIndex(i)), agent.idle_since_ns, AgentIndex(i)});
      }
    }
    for (auto& [zone, places] : wanted) {
      std::sort(places.begin(), places.end());
      ShareOrder::Walker walker(shares, zone);
      const bool is_right =
          std::all_of(places.begin(), places.end(),
                      [&](const ShareOrder::Place& one) { return walker.next() == one.agent; });
      if (!is_right || walker.next().valid()) {
        return broken(1, "queue " + queues_[q].config.id + " has not the order of free shares");
      }
    }
  }
  return {};
}

std::string Router::check_reach() const {
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const Agent& agent = roster_.at(AgentIndex(i));
    const std::string who = "agent " + std::string(agent.id.view());
    if (agent.agent_class.valid()) {
      const AgentClass& agents = roster_.class_at(agent.agent_class);
      if (agents.key.config_version == config_version_ &&
          agents.zone != reach_.zone_of(agents.key.source)) {
        return broken(21, who + " is listed in another zone than their switch's");
      }
    }
    if (agent.dial_prefix.empty()) continue;
    for (const WorkItem& one : agent.items) {
      if (one.is_offer() && calls_.at(one.call).source == agent.source) {
        return broken(21, who + " is dialled from afar by their own switch");
      }
    }
  }
  for (uint32_t i = 0; i < calls_.class_count(); ++i) {
    const CallClass& calls = calls_.class_at(CallClassIndex(i));
    if (calls.free || calls.key.version < queue(calls.key.queue).configured_version) continue;
    if (calls_.head(CallClassIndex(i)).zone != reach_.zone_of(calls.key.source)) {
      return broken(21, "a class of calls looks for agents in another zone than its switch's");
    }
  }
  return {};
}

std::string Router::check_queue_counts() const {
  if (bulk_ == BulkPhase::kUnlinkAgents) return {};
  for (size_t q = 0; q < queues_.size(); ++q) {
    const Queue& counted = queues_[q];
    if (counted.is_removed) continue;
    MediaCounts logged_in{};
    MediaCounts ready{};
    std::vector<int64_t> by_step(counted.steps.size(), 0);
    for (uint32_t i = 0; i < roster_.count(); ++i) {
      const Agent& agent = roster_.at(AgentIndex(i));
      if (!agent.agent_class.valid()) continue;
      const bool is_paused =
          std::find(agent.paused.begin(), agent.paused.end(), QueueIndex(q)) != agent.paused.end();
      const bool serves =
          counted.config.members_all ||
          std::any_of(agent.memberships.begin(), agent.memberships.end(),
                      [q](const Membership& m) { return m.queue == QueueIndex(q); });
      // Of a queue that everybody serves the paused ones are counted.
      if (serves && is_paused == counted.config.members_all) {
        const MediaMask capable = roster_.class_at(agent.agent_class).key.capable;
        add_to(&logged_in, capable, 1);
        if (agent.presence == Presence::kReady) add_to(&ready, capable, 1);
      }
      for (size_t s = 0; s < by_step.size() && serves && !is_paused; ++s) {
        by_step[s] += is_counted_by(counted.steps[s], agent) ? 1 : 0;
      }
    }
    bool is_right = logged_in == counted.logged_in && ready == counted.ready;
    for (size_t s = 0; s < by_step.size(); ++s) {
      is_right = is_right && by_step[s] == counted.steps[s].condition_count;
    }
    if (!is_right) return broken(13, "queue " + counted.config.id + " miscounts its agents");
  }
  return {};
}

// Whether the step's condition counts this member, who is not paused.
bool Router::is_counted_by(const Step& step, const Agent& agent) const {
  const Condition& condition = step.config.condition;
  if (!step.config.has_condition || condition.counter == Condition::Counter::kWaiting) return false;
  const bool is_free = agent.is_listed && agent.items.empty();
  if (condition.counter == Condition::Counter::kReady && !is_free) return false;
  return condition.skill.empty() ||
         level_of(roster_.skills_of(agent), step.condition_skill) >= condition.level;
}

std::string Router::check_timers() const {
  size_t timers = timers_.is_set(TimerKind::kBulk, 0) ? 1 : 0;
  if ((bulk_ != BulkPhase::kNone) != (timers == 1)) {
    return broken(4, "bulk work has no timer, or the reverse");
  }
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const Agent& agent = roster_.at(AgentIndex(i));
    if ((agent.deadline_ns() != kNeverNs) != timers_.is_set(TimerKind::kAgent, i)) {
      return broken(4, "agent " + std::string(agent.id.view()) +
                           " has a deadline without timer or the reverse");
    }
    timers += agent.deadline_ns() != kNeverNs ? 1 : 0;
  }
  for (uint32_t i = 0; i < calls_.slot_count(); ++i) {
    const Call& call = calls_.at(CallIndex(i));
    if (call.stage == CallStage::kFree) continue;
    const std::string which = "call " + std::string(call.id.view());
    if ((call.deadline_ns != kNeverNs) != timers_.is_set(TimerKind::kCall, i)) {
      return broken(4, which + " has a deadline without timer or the reverse");
    }
    const bool is_talk = call.stage == CallStage::kConnected || call.is_outside();
    if (is_talk && call.deadline_ns != kNeverNs) {
      return broken(4, which + " is connected and has a deadline");
    }
    const bool is_held = call.stage == CallStage::kAlerting || call.stage == CallStage::kDialing ||
                         call.stage == CallStage::kConnecting ||
                         call.stage == CallStage::kScheduled;
    if (is_held && call.deadline_ns == kNeverNs) return broken(4, which + " has no deadline");
    timers += call.deadline_ns != kNeverNs ? 1 : 0;
  }
  for (uint32_t i = 0; i < sessions_.size(); ++i) {
    const Source& source = sessions_.at(SourceIndex(i));
    if ((source.deadline_ns != kNeverNs) != timers_.is_set(TimerKind::kSource, i)) {
      return broken(4,
                    std::string(source.id.view()) + " has a deadline without timer or the reverse");
    }
    timers += source.deadline_ns != kNeverNs ? 1 : 0;
  }
  if (timers != timers_.size()) return broken(4, "a timer belongs to nobody");
  return {};
}

std::string Router::check_desktops() const {
  const std::string fault = desktop_fault();
  return fault.empty() ? fault : broken(22, fault);
}

std::string Router::check_lists() const {
  const std::string fault = list_fault();
  return fault.empty() ? fault : broken(23, fault);
}

std::string Router::check_callbacks() const {
  size_t found = 0;
  for (uint32_t i = 0; i < calls_.slot_count(); ++i) {
    const Call& call = calls_.at(CallIndex(i));
    if (call.stage == CallStage::kFree) continue;
    const std::string which = "call " + std::string(call.id.view());
    const CallbackFacts* facts = callback_of(call);
    found += facts != nullptr ? 1 : 0;
    if (facts == nullptr && !call.is_on_line()) return broken(19, which + " has nobody to dial");
    const bool is_between =
        call.stage == CallStage::kDialing || call.stage == CallStage::kScheduled;
    if (call.is_on_line() && is_between) {
      return broken(19, which + " has somebody on the line who is to be dialed");
    }
    if (!call.is_on_line() && call.stage == CallStage::kConnected) {
      return broken(19, which + " is connected with nobody on the line");
    }
    if (facts != nullptr && !open_numbers_.contains({facts->asked_queue, facts->number})) {
      return broken(19, which + " is not known as open by its number");
    }
  }
  if (found != callbacks_.size() || found != open_numbers_.size()) {
    return broken(19, "a callback that is over is kept, or two are to one number");
  }
  if (dues_.size() != scheduled_.size()) return broken(20, "a call for later has several times");
  std::vector<int64_t> awaited(queues_.size(), 0);
  for (const auto& [id, scheduled] : scheduled_) {
    const QueueIndex wanted = queue_for_later(scheduled);
    if (!wanted.valid()) return broken(20, "call " + id + " is for a queue that never was");
    ++awaited[wanted.value()];
    if (!dues_.contains({scheduled.due_ms, id})) return broken(20, "call " + id + " has no time");
    if (calls_.find(HashedName(id)).valid() || ended_calls_.contains(HashedName(id))) {
      return broken(20, "call " + id + " is for later, and was there already");
    }
  }
  for (size_t i = 0; i < queues_.size(); ++i) {
    if (awaited[i] != queues_[i].scheduled_calls) {
      return broken(20, "queue " + queues_[i].config.id + " miscounts its calls for later");
    }
  }
  size_t of_switches = 0;
  for (uint32_t i = 0; i < sessions_.size(); ++i) {
    uint64_t last = 0;
    const Source& source = sessions_.at(SourceIndex(i));
    for (CallIndex c = source.first_call; c.valid(); c = calls_.at(c).next_of_source) {
      if (calls_.at(c).source_order <= last) return broken(19, "calls of a switch are in disorder");
      last = calls_.at(c).source_order;
      ++of_switches;
    }
  }
  if (of_switches != calls_.count()) return broken(19, "a call is in no switch's list");
  return {};
}

Router::Extent Router::extent() const {
  Extent extent;
  extent.rematch_count = rematch_count_;
  extent.shuffle_count = shuffle_count_;
  extent.work = work_seen_;
  extent.stages = stages_seen_;
  // A stamp grows when its class is made and when it is freed.
  for (uint32_t i = 0; i < calls_.class_count(); ++i) {
    const CallClass& calls = calls_.class_at(CallClassIndex(i));
    extent.call_class_links_max = std::max(extent.call_class_links_max, calls.link_count);
    extent.has_freed_call_classes = extent.has_freed_call_classes || calls.stamp > 1;
  }
  for (uint32_t i = 0; i < roster_.class_count(); ++i) {
    const AgentClass& agents = roster_.class_at(AgentClassIndex(i));
    size_t links = 0;
    visit_links(AgentClassIndex(i), [&links](CallClassIndex) { ++links; });
    extent.agent_class_links_max = std::max(extent.agent_class_links_max, links);
    extent.has_freed_agent_classes = extent.has_freed_agent_classes || agents.stamp > 1;
  }
  return extent;
}

bool Router::is_possible(const OutcomeFacts& facts) const {
  return facts.code <= codes_.size() && facts.resolved <= Resolved::kYes &&
         facts.survey >= kNoScore && facts.survey <= kSurveyScoreMax && facts.quality >= kNoScore &&
         facts.quality <= kQualityScoreMax;
}

std::string Router::check_outcomes() const {
  for (uint32_t i = 0; i < calls_.slot_count(); ++i) {
    const Call& call = calls_.at(CallIndex(i));
    if (call.stage == CallStage::kFree) continue;
    const std::string which = "call " + std::string(call.id.view());
    if (!is_possible(call.outcome)) return broken(15, which + " has no possible outcome");
    if (ended_calls_.contains(call.id.view())) return broken(15, which + " lives and has ended");
  }
  for (const EndedCalls::Ended& ended : ended_calls_.all()) {
    if (!is_possible(ended.outcome)) return broken(15, "an ended call has no possible outcome");
    const EndedCalls::Ended* found = ended_calls_.find(ended.hash, ended.ended_ns);
    if (found == nullptr || found->number != ended.number) {
      return broken(15, "an ended call is not found by its id");
    }
  }
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const Agent& agent = roster_.at(AgentIndex(i));
    if (std::ranges::any_of(agent.items, [](const WorkItem& one) {
          return (one.needs_code || one.wrap_up_call != 0) && one.work != Work::kWrapUp;
        })) {
      return broken(15, "agent " + std::string(agent.id.view()) + " owes a code without wrap-up");
    }
  }
  return {};
}

}  // namespace acd
