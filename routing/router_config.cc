// SPDX-License-Identifier: Apache-2.0
// Configuration, the first and every later one, and the bulk work that brings agents and waiting
// calls to it.
#include <algorithm>
#include <variant>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {
namespace {

// Of what costs as much as another object of bulk work.
constexpr size_t kLooksPerObject = 64;   // Classes looked at, whether they can be linked.
constexpr size_t kLinksPerObject = 512;  // Links of an agent who leaves a class.

}  // namespace

uint32_t key_bits(Strategy strategy) {
  switch (strategy) {
    case Strategy::kLeastOccupied:
      return 1u << static_cast<uint32_t>(AgentKey::kOccupancy);
    case Strategy::kFewestCalls:
      return 1u << static_cast<uint32_t>(AgentKey::kCalls);
    case Strategy::kRoundRobin:
    case Strategy::kOrdered:
      return 1u << static_cast<uint32_t>(AgentKey::kAdded);
    case Strategy::kLongestIdle:
    case Strategy::kMostSkilled:
    case Strategy::kLeastSkilled:
    case Strategy::kSkillWeight:
    case Strategy::kRandom:
    case Strategy::kWeightedRandom:
    case Strategy::kPercentAllocation:
    case Strategy::kRingAll:
      return 0;
  }
  return 0;
}

Reject Router::configure(const TenantConfig& config, int64_t now_ns) {
  ACD_CHECK(now_ns >= now_ns_);
  now_ns_ = now_ns;
  std::vector<std::string> targets;
  QueueIndex left_out;
  const Reject reject = check_config(config, &targets, &left_out);
  if (reject == Reject::kNone) take_config(config, targets);
  return seal(reject);
}

Reject Router::check(const TenantConfig& config) const {
  std::vector<std::string> targets;
  QueueIndex left_out;
  return check_config(config, &targets, &left_out);
}

Router::LeftOutQueue Router::left_out_queue(const TenantConfig& config) const {
  std::vector<std::string> targets;
  QueueIndex left_out;
  if (check_config(config, &targets, &left_out) != Reject::kQueueNotEmpty) return {};
  const Queue& left = queue(left_out);
  return {left.config.id, left.live_calls + left.scheduled_calls};
}

Reject Router::check_config(const TenantConfig& config, std::vector<std::string>* targets,
                            QueueIndex* left_out) const {
  size_t fresh_queues = 0;
  for (const QueueConfig& wanted : config.queues) {
    if (queue_by_id_.find(HashedName(wanted.id)) == NameTable::kAbsent) ++fresh_queues;
  }
  size_t fresh_skills = 0;
  for (const std::string& skill : config.skills) fresh_skills += skill_by_name_.count(skill) == 0;
  size_t fresh_codes = 0;
  for (const std::string& code : config.wrap_up_codes)
    fresh_codes += code_by_name_.count(code) == 0;
  if (queues_.size() + fresh_queues > kQueuesMax || skills_.size() + fresh_skills > kSkillsMax ||
      codes_.size() + fresh_codes > kWrapUpCodesMax) {
    return Reject::kLimitReached;
  }
  const auto drain_of = [&](const std::string& id) {
    return std::find_if(config.drains.begin(), config.drains.end(),
                        [&](const DrainConfig& drain) { return drain.queue == id; });
  };
  const auto is_listed = [&](const std::string& id) {
    return std::any_of(config.queues.begin(), config.queues.end(),
                       [&](const QueueConfig& wanted) { return wanted.id == id; });
  };
  // Where the calls of a queue that goes move on: from target to target, until one stays.
  targets->assign(queues_.size(), "");
  const std::vector<bool> stays = queues_that_stay(config);
  for (size_t i = 0; i < queues_.size(); ++i) {
    if (stays[i] || queues_[i].live_calls + queues_[i].scheduled_calls == 0) continue;
    std::string& target = (*targets)[i];
    const auto drain = drain_of(queues_[i].config.id);
    const QueueIndex before = queues_[i].drain_target;
    if (drain != config.drains.end()) {
      target = drain->target;
    } else if (before.valid()) {
      target = queue(before).config.id;
    }
    for (size_t hops = 0; !is_listed(target); ++hops) {
      const auto next = drain_of(target);
      if (next == config.drains.end() || hops > config.drains.size()) {
        *left_out = QueueIndex(i);
        return Reject::kQueueNotEmpty;
      }
      target = next->target;
    }
  }
  return Reject::kNone;
}

std::vector<bool> Router::queues_that_stay(const TenantConfig& config) const {
  std::vector<bool> stays(queues_.size(), false);
  for (const QueueConfig& wanted : config.queues) {
    const uint32_t index = queue_by_id_.find(HashedName(wanted.id));
    if (index != NameTable::kAbsent) stays[index] = true;
  }
  return stays;
}

void Router::take_config(const TenantConfig& config, const std::vector<std::string>& targets) {
  const std::vector<bool> stays = queues_that_stay(config);
  const bool is_first = config_version_++ == 0;
  const int64_t old_half_life_ns = config_.decay_half_life_ns;
  if (bulk_ == BulkPhase::kUnlinkAgents) {  // One change after the other.
    for (uint32_t i = bulk_agent_; i < roster_.count(); ++i) {
      change_half_life(&roster_.at(AgentIndex(i)));
    }
    bulk_ = BulkPhase::kLinkAgents;
  }
  config_ = config;
  config_.queues.clear();
  config_hash_ = hash_of(config);
  if (is_first) random_ = RandomDraw(config.random_seed);
  for (const std::string& skill : config.skills) skill_for(skill);
  for (const std::string& code : config.wrap_up_codes) add_code(code);
  take_outcome_words();
  reach_.configure(config_.reaches);
  key_kinds_ = 0;
  for (const QueueConfig& wanted : config.queues) {
    key_kinds_ |= key_bits(wanted.strategy);
    uint32_t at = queue_by_id_.find(HashedName(wanted.id));
    if (at == NameTable::kAbsent) {
      at = static_cast<uint32_t>(queues_.size());
      queues_.emplace_back();
      queues_.back().config.id = wanted.id;
      queue_by_id_.insert(HashedName(wanted.id), at);
    }
    compile_queue(QueueIndex(at), wanted);
    Event& event = emit(EventKind::kQueueConfigChanged);
    event.queue = QueueIndex(at);
    event.text = log_.add_text(wanted.id);
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    if (stays[i]) continue;
    if (!targets[i].empty()) queues_[i].drain_target = find_queue(targets[i]);
    if (queues_[i].is_removed) continue;
    queues_[i].is_removed = true;
    Event& event = emit(EventKind::kQueueRemoved);
    event.queue = QueueIndex(i);
    event.text = log_.add_text(queues_[i].config.id);
  }
  compile_memberships();
  protect_skills_.clear();
  for (const ProtectRule& rule : config.protects) protect_skills_.push_back(find_skill(rule.skill));
  if (!is_first && old_half_life_ns != config_.decay_half_life_ns) {
    fewest_calls_floor_.change_half_life(now_ns_, old_half_life_ns, config_.decay_half_life_ns);
    for (Queue& queue : queues_) {
      queue.shares.change_half_life(now_ns_, old_half_life_ns, config_.decay_half_life_ns);
    }
  }
  half_life_before_ns_ = old_half_life_ns;
  for (size_t i = 0; i < queues_.size(); ++i) {
    mark_stale(QueueIndex(i));
    queues_[i].configured_version = queues_[i].version;
  }
  start_bulk(BulkPhase::kUnlinkAgents);
  if (is_first) {  // Nobody is here yet.
    timers_.cancel(TimerKind::kBulk, 0);
    half_life_before_ns_ = config_.decay_half_life_ns;
    fire_bulk();
  }
}

void Router::compile_queue(QueueIndex index, const QueueConfig& config) {
  Queue& queue = queues_[index.value()];
  if (queue.is_removed) {  // It comes back as a new one, but for calls that still end in it.
    queue.is_open = true;
    queue.are_callbacks_open = true;
    queue.ewt_ns = kNeverNs;
    queue.rang_last = AgentIndex();
    queue.shares.clear();
  }
  queue.config = config;
  queue.config_hash = hash_of(config);
  queue.is_removed = false;
  queue.drain_target = QueueIndex();
  queue.requirement = compile(config.requirement);
  queue.weight_max = 1;
  for (const MemberConfig& member : config.members) {
    queue.weight_max =
        std::max(queue.weight_max, static_cast<uint64_t>(std::max(1, member.weight)));
  }
  queue.steps.clear();
  queue.condition_mask = 0;
  for (const StepConfig& config_step : config.steps) {
    Step& step = queue.steps.emplace_back();
    step.config = config_step;
    if (config_step.has_condition && !config_step.condition.skill.empty()) {
      step.condition_skill = find_skill(config_step.condition.skill);
    }
    switch (config_step.change) {
      case StepConfig::Change::kReplace:
      case StepConfig::Change::kAddTerm:
        step.needs = compile(config_step.text);
        break;
      case StepConfig::Change::kDropTerm:
        break;
      case StepConfig::Change::kLowerLevel:
        step.skill = find_skill(config_step.text);
        break;
      case StepConfig::Change::kOpenTeam:
        step.team = team_for(config_step.text);
        break;
    }
  }
  queue.skill_weights.clear();
  for (const auto& [name, weight] : config.skill_weights) {
    queue.skill_weights.push_back({find_skill(name), weight});
  }
  std::sort(queue.skill_weights.begin(), queue.skill_weights.end());
}

void Router::compile_memberships() {
  is_team_opened_.assign(teams_.size(), false);
  for (const Queue& queue : queues_) {
    for (const Step& step : queue.steps) {
      if (!queue.is_removed && step.team.valid()) is_team_opened_[step.team.value()] = true;
    }
  }
  memberships_by_agent_.clear();
  memberships_by_team_.clear();
  has_ranks_ = std::any_of(queues_.begin(), queues_.end(), [](const Queue& queue) {
    return !queue.is_removed && !queue.config.members_all;
  });
  for (size_t i = 0; i < queues_.size(); ++i) {
    const QueueConfig& config = queues_[i].config;
    if (queues_[i].is_removed || config.members_all) continue;
    int32_t entry = 0;
    for (const MemberConfig& member : config.members) {
      TeamMembership made;
      made.entry = entry;
      made.membership.queue = QueueIndex(i);
      made.membership.rank = member.rank;
      // Only what the strategy reads: else agents who are alike would fall into classes of one.
      if (config.strategy == Strategy::kOrdered) made.membership.position = entry;
      if (config.strategy == Strategy::kWeightedRandom) made.membership.weight = member.weight;
      if (config.strategy == Strategy::kPercentAllocation) {
        made.membership.percent = member.percent;
      }
      if (member.kind == MemberConfig::Kind::kAgent) {
        memberships_by_agent_[member.id].push_back(made);
      } else {
        memberships_by_team_[team_for(member.id)].push_back(made);
      }
      ++entry;
    }
  }
}

std::vector<Membership> Router::memberships_of(const Agent& agent) const {
  std::vector<TeamMembership> all;
  const auto named = memberships_by_agent_.find(agent.id.view());
  if (named != memberships_by_agent_.end()) all = named->second;
  const auto by_team = memberships_by_team_.find(agent.team);
  if (agent.team.valid() && by_team != memberships_by_team_.end()) {
    all.insert(all.end(), by_team->second.begin(), by_team->second.end());
  }
  std::sort(all.begin(), all.end(), [](const TeamMembership& a, const TeamMembership& b) {
    return a.membership.queue != b.membership.queue ? a.membership.queue < b.membership.queue
                                                    : a.entry < b.entry;
  });
  std::vector<Membership> memberships;
  for (const TeamMembership& one : all) {
    const bool repeats = !memberships.empty() && memberships.back().queue == one.membership.queue;
    if (!repeats) memberships.push_back(one.membership);
  }
  return memberships;
}

// What the agent's id and team make of the present configuration.
void Router::refresh_memberships(AgentIndex index) {
  Agent& agent = roster_.at(index);
  std::vector<Membership> fresh = memberships_of(agent);
  if (fresh == agent.memberships) return;
  const auto find = [](const std::vector<Membership>& list, QueueIndex queue) {
    const auto at = std::find_if(list.begin(), list.end(),
                                 [queue](const Membership& one) { return one.queue == queue; });
    return at == list.end() ? nullptr : &*at;
  };
  std::vector<QueueIndex> named;
  for (const Membership& one : agent.memberships) named.push_back(one.queue);
  for (const Membership& one : fresh) named.push_back(one.queue);
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  for (const QueueIndex queue_index : named) {
    const Membership* before = find(agent.memberships, queue_index);
    const Membership* after = find(fresh, queue_index);
    const bool is_same = before != nullptr && after != nullptr && before->rank == after->rank;
    if (is_same || queue(queue_index).is_removed) continue;  // That says it for all.
    Event& event = emit(after != nullptr ? EventKind::kMemberAdded : EventKind::kMemberRemoved);
    event.agent = index;
    event.queue = queue_index;
    if (after != nullptr) event.number = after->rank;
  }
  // A pause ends when the queue no longer names the agent.
  std::erase_if(agent.paused, [&](QueueIndex paused) {
    return find(agent.memberships, paused) != nullptr && find(fresh, paused) == nullptr;
  });
  // Counted out under the old ones by whoever counts it in under the new.
  const bool is_here = agent.presence != Presence::kLoggedOut && agent.agent_class.valid();
  if (is_here) leave_agent_class(index);
  agent.memberships = std::move(fresh);
}

// --- Bulk work.

void Router::start_bulk(BulkPhase phase) {
  // A later phase under way is part of the earlier one.
  if (bulk_ == BulkPhase::kNone || phase < bulk_ || phase == BulkPhase::kUnlinkAgents) {
    bulk_ = phase;
    bulk_agent_ = 0;
  }
  bulk_deadline_ns_ = now_ns_;
  timers_.set(TimerKind::kBulk, 0, 0, now_ns_);
}

void Router::fire_bulk() {
  bulk_deadline_ns_ = kNeverNs;
  size_t budget = kBulkSliceMax;
  while (bulk_ != BulkPhase::kNone) {
    bool done = false;
    switch (bulk_) {
      case BulkPhase::kNone:
        return;
      case BulkPhase::kUnlinkAgents:
        done = unlink_agents(&budget);
        break;
      case BulkPhase::kLinkAgents:
        done = link_agents(&budget);
        break;
      case BulkPhase::kMoveCalls:
        done = move_calls(&budget);
        break;
      case BulkPhase::kMatch:
        bulk_ = BulkPhase::kNone;  // Else nothing could be matched.
        if (rematch(SourceIndex())) {
          bulk_deadline_ns_ = kNeverNs;  // A condition that flipped meanwhile is done with, too.
          timers_.cancel(TimerKind::kBulk, 0);
          return;
        }
        bulk_ = BulkPhase::kMatch;
        break;
    }
    if (!done) {
      bulk_deadline_ns_ = now_ns_;
      timers_.set(TimerKind::kBulk, 0, 0, now_ns_);
      is_slice_left_ = true;
      return;
    }
    bulk_ = static_cast<BulkPhase>(static_cast<int>(bulk_) + 1);
    bulk_agent_ = 0;
  }
}

// What a slice spends depends on the state alone, never on which empty classes are still kept: a
// Router that went another way to the same state cuts its bulk work at the same places.

// Keys, classes and counts of free agents are about to change: nobody is listed meanwhile.
bool Router::unlink_agents(size_t* budget) {
  const size_t cost = 1 + calls_.waiting_classes().size() / kLinksPerObject;
  for (; bulk_agent_ < roster_.count(); ++bulk_agent_) {
    if (*budget == 0) return false;
    *budget -= std::min(*budget, cost);
    const AgentIndex index(bulk_agent_);
    Agent& agent = roster_.at(index);
    unlist_idle(index);
    change_half_life(&agent);
    if (agent.agent_class.valid()) leave_agent_class(index);
  }
  half_life_before_ns_ = config_.decay_half_life_ns;
  forget_counts();
  return true;
}

void Router::change_half_life(Agent* agent) const {
  if (half_life_before_ns_ == config_.decay_half_life_ns) return;
  for (DecayedCount* count : {&agent->connected_calls, &agent->work_time, &agent->free_time}) {
    count->change_half_life(now_ns_, half_life_before_ns_, config_.decay_half_life_ns);
  }
}

// Nobody is in a class now: every count starts from nothing.
void Router::forget_counts() {
  protect_free_.assign(protect_skills_.size(), 0);
  protect_classes_.assign(protect_skills_.size(), {});
  released_protects_ = 0;
  active_protects_ = 0;
  for (size_t i = 0; i < protect_skills_.size(); ++i) active_protects_ |= 1u << i;
  conditional_queues_.clear();
  for (size_t i = 0; i < queues_.size(); ++i) {
    bool is_conditional = false;
    for (Step& step : queues_[i].steps) {
      step.condition_count = 0;
      is_conditional = is_conditional || step.config.has_condition;
    }
    queues_[i].is_conditional = is_conditional && !queues_[i].is_removed;
    if (queues_[i].is_conditional) {
      conditional_queues_.emplace_back(i);
      count_anew(QueueIndex(i));
    }
    queues_[i].logged_in = {};
    queues_[i].ready = {};
  }
  logged_in_ = {};
  ready_ = {};
}

bool Router::link_agents(size_t* budget) {
  // The first of a kind costs a look at every class of calls; those with waiting ones tell how many.
  const size_t class_cost = 1 + calls_.waiting_classes().size() / kLooksPerObject;
  while (bulk_agent_ < roster_.count()) {
    if (*budget == 0) return false;
    const AgentIndex index(bulk_agent_++);
    const uint64_t begun = classes_begun_;
    std::erase_if(roster_.at(index).paused,
                  [this](QueueIndex paused) { return queue(paused).is_removed; });
    refresh_memberships(index);
    if (roster_.at(index).presence != Presence::kLoggedOut) join_class(index);
    if (!roster_.at(index).preferring.empty()) mark_boxes(index);
    *budget -= std::min(*budget, classes_begun_ == begun ? 1 : class_cost);
  }
  look_at_conditions();
  return true;
}

bool Router::move_calls(size_t* budget) {
  // The first of a kind costs a look at every class of agents.
  const size_t class_cost = 1 + roster_.inhabited_class_count() / kLooksPerObject;
  while (!stale_classes_.empty()) {
    const ClassRef stale = stale_classes_.back();
    CallIndex call;
    if (calls_.class_at(stale.index).stamp == stale.stamp) {
      call = calls_.first_waiting(stale.index);
      if (!call.valid()) call = calls_.first_boxed(stale.index);
    }
    if (!call.valid()) {
      stale_classes_.pop_back();
      continue;
    }
    if (*budget == 0) return false;
    const uint64_t begun = classes_begun_;
    reconsider(call);
    *budget -= std::min(*budget, classes_begun_ == begun ? 1 : class_cost);
  }
  return true;
}

void Router::mark_stale(QueueIndex index) {
  Queue& queue = queues_[index.value()];
  ++queue.version;
  const auto first_call = [this](const ClassRef& one) {
    const CallIndex waiting = calls_.first_waiting(one.index);
    return waiting.valid() ? waiting : calls_.first_boxed(one.index);
  };
  std::vector<std::pair<uint64_t, ClassRef>> stale;  // By the arrival of their first call.
  for (const ClassRef& one : queue.classes) {
    if (calls_.class_at(one.index).stamp != one.stamp) continue;
    if (const CallIndex first = first_call(one); first.valid()) {
      stale.emplace_back(calls_.at(first).order, one);
    }
  }
  queue.classes.clear();
  // The last is moved first.
  std::sort(stale.begin(), stale.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [arrival, one] : stale) stale_classes_.push_back(one);
}

// A count that a condition of the queue reads has changed.
void Router::count_anew(QueueIndex index) {
  Queue& counted = queue(index);
  if (!counted.is_conditional || counted.is_counted_anew) return;
  counted.is_counted_anew = true;
  counted_queues_.push_back(index);
}

// Steps whose condition turned true or false change the requirement of every waiting call.
void Router::look_at_conditions() {
  if (counted_queues_.empty()) return;
  std::sort(counted_queues_.begin(), counted_queues_.end());
  for (const QueueIndex index : counted_queues_) {
    Queue& queue = queues_[index.value()];
    queue.is_counted_anew = false;
    if (queue.is_removed) continue;
    uint32_t mask = 0;
    for (size_t i = 0; i < queue.steps.size(); ++i) {
      const Step& step = queue.steps[i];
      if (!step.config.has_condition) continue;
      const Condition& condition = step.config.condition;
      const bool counts_calls = condition.counter == Condition::Counter::kWaiting;
      const int64_t count = counts_calls ? queue.callers_waiting() : step.condition_count;
      const bool holds = condition.compare == Condition::Compare::kBelow ? count < condition.value
                                                                         : count > condition.value;
      if (holds) mask |= 1u << i;
    }
    if (mask == queue.condition_mask) continue;
    queue.condition_mask = mask;
    if (queue.waiting_calls == 0) continue;
    mark_stale(index);
    start_bulk(BulkPhase::kMoveCalls);
  }
  counted_queues_.clear();
}

// --- Names.

SkillIndex Router::skill_for(std::string_view name) {
  const auto known = skill_by_name_.find(name);
  if (known != skill_by_name_.end()) return known->second;
  const SkillIndex index(skills_.size());
  skills_.emplace_back(name);
  skill_by_name_.emplace(name, index);
  return index;
}

SkillIndex Router::find_skill(std::string_view name) const {
  const auto known = skill_by_name_.find(name);
  return known == skill_by_name_.end() ? SkillIndex() : known->second;
}

TeamIndex Router::team_for(std::string_view name) {
  if (name.empty()) return {};
  const auto known = team_by_name_.find(name);
  if (known != team_by_name_.end()) return known->second;
  const TeamIndex index(teams_.size());
  teams_.emplace_back(name);
  team_by_name_.emplace(name, index);
  return index;
}

QueueIndex Router::find_queue(std::string_view id) const {
  const QueueIndex index(queue_by_id_.find(id));
  return index.valid() && !queues_[index.value()].is_removed ? index : QueueIndex();
}

Requirement Router::compile(const std::string& text) const {
  auto parsed = parse_requirement(text, [this](std::string_view name) { return find_skill(name); });
  ACD_CHECK(std::holds_alternative<Requirement>(parsed));
  return std::get<Requirement>(std::move(parsed));
}

CallOrderRule Router::order_rule(QueueIndex index) const {
  const QueueConfig& config = queues_[index.value()].config;
  return {config_.call_order, config.age_rate, config.objective_ns};
}

}  // namespace acd
