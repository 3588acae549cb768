// SPDX-License-Identifier: Apache-2.0
// Names of strategies, and hashes of configurations. The bindings name every field, so that a new
// one does not compile until it is in.
#include "routing/tenant_config.h"

#include "routing/hash64.h"

namespace acd {
namespace {

template <typename Enum>
void add_enum(Hash64& hash, Enum value) {
  hash.add(static_cast<uint64_t>(value));
}

void add_part(Hash64& hash, const MemberConfig& member) {
  const auto& [kind, id, rank, weight, percent] = member;
  add_enum(hash, kind);
  hash.add_text(id);
  hash.add_signed(rank);
  hash.add_signed(weight);
  hash.add_signed(percent);
}

void add_part(Hash64& hash, const StepConfig& step) {
  const auto& [after_ns, has_condition, condition, change, text, number] = step;
  const auto& [counter, skill, level, compare, value] = condition;
  hash.add_signed(after_ns);
  hash.add(has_condition);
  add_enum(hash, counter);
  hash.add_text(skill);
  hash.add_signed(level);
  add_enum(hash, compare);
  hash.add_signed(value);
  add_enum(hash, change);
  hash.add_text(text);
  hash.add_signed(number);
}

void add_part(Hash64& hash, const LimitAction& action) {
  const auto& [kind, text, number, wait_ns] = action;
  add_enum(hash, kind);
  hash.add_text(text);
  hash.add_signed(number);
  hash.add_signed(wait_ns);
}

void add_part(Hash64& hash, const QueueLimits& limits) {
  const auto& [closed, no_agents, none_ready, length_max, length, ewt_max_ns, ewt, wait_max_ns,
               wait, offers_max, offers] = limits;
  for (const LimitAction* action :
       {&closed, &no_agents, &none_ready, &length, &ewt, &wait, &offers}) {
    add_part(hash, *action);
  }
  hash.add_signed(length_max);
  hash.add_signed(ewt_max_ns);
  hash.add_signed(wait_max_ns);
  hash.add_signed(offers_max);
}

void add_part(Hash64& hash, const TreatmentConfig& treatment) {
  const auto& [after_ns, repeat_ns, media, tells_position, tells_ewt] = treatment;
  hash.add_signed(after_ns);
  hash.add_signed(repeat_ns);
  hash.add_text(media);
  hash.add(static_cast<uint64_t>(tells_position) << 1 | static_cast<uint64_t>(tells_ewt));
}

void add_part(Hash64& hash, const DrainConfig& drain) {
  const auto& [queue, target] = drain;
  hash.add_text(queue);
  hash.add_text(target);
}

void add_part(Hash64& hash, const ReachRule& rule) {
  const auto& [from, to, dial_prefix] = rule;
  hash.add_text(from);
  hash.add_text(to);
  hash.add_text(dial_prefix);
}

void add_part(Hash64& hash, const ProtectRule& rule) {
  const auto& [skill, ready_max] = rule;
  hash.add_text(skill);
  hash.add_signed(ready_max);
}

void add_part(Hash64& hash, const std::pair<std::string, int32_t>& weight) {
  hash.add_text(weight.first);
  hash.add_signed(weight.second);
}

void add_part(Hash64& hash, const std::string& text);

template <typename Part>
void add_list(Hash64& hash, const std::vector<Part>& list);

void add_part(Hash64& hash, const CallbackConfig& callback) {
  const auto& [is_taken, mode, allow, deny, attempts_max, retry_ns, dial_timeout_ns, dials_max] =
      callback;
  hash.add(is_taken);
  add_enum(hash, mode);
  add_list(hash, allow);
  add_list(hash, deny);
  hash.add_signed(attempts_max);
  hash.add_signed(retry_ns);
  hash.add_signed(dial_timeout_ns);
  hash.add_signed(dials_max);
}

void add_part(Hash64& hash, const std::string& text) { hash.add_text(text); }

void add_part(Hash64& hash, const TeamConfig& team) {
  const auto& [id, supervisors] = team;
  hash.add_text(id);
  hash.add(supervisors.size());
  for (const std::string& supervisor : supervisors) hash.add_text(supervisor);
}

template <typename Part>
void add_list(Hash64& hash, const std::vector<Part>& list) {
  hash.add(list.size());
  for (const Part& part : list) add_part(hash, part);
}

}  // namespace

std::string_view strategy_name(Strategy strategy) {
  switch (strategy) {
    case Strategy::kLongestIdle:
      return "longest_idle";
    case Strategy::kLeastOccupied:
      return "least_occupied";
    case Strategy::kFewestCalls:
      return "fewest_calls";
    case Strategy::kRoundRobin:
      return "round_robin";
    case Strategy::kOrdered:
      return "ordered";
    case Strategy::kRandom:
      return "random";
    case Strategy::kWeightedRandom:
      return "weighted_random";
    case Strategy::kMostSkilled:
      return "most_skilled";
    case Strategy::kLeastSkilled:
      return "least_skilled";
    case Strategy::kSkillWeight:
      return "skill_weight";
    case Strategy::kPercentAllocation:
      return "percent_allocation";
    case Strategy::kRingAll:
      return "ring_all";
  }
  return "unknown";
}

std::string_view call_order_name(CallOrder order) {
  switch (order) {
    case CallOrder::kPriority:
      return "priority";
    case CallOrder::kScore:
      return "score";
    case CallOrder::kServiceObjective:
      return "service_objective";
  }
  return "unknown";
}

uint64_t hash_of(const QueueConfig& config) {
  const auto& [id, requirement, priority, age_rate, objective_ns, members_all, members, strategy,
               skill_weights, ring_max, steps, limits, treatments, wrap_up_mode, wrap_up_ns,
               wrap_up_extensions, wrap_up_extension_ns, offer_timeout_ns, reoffer_after_ns,
               connect_timeout_ns, adopts_late_answer, service_level_target_ns,
               service_level_goal_percent, service_level_variant, short_abandon_ns, wrap_up_codes,
               requires_wrap_up_code, callback] = config;
  Hash64 hash;
  hash.add_text(id);
  hash.add_text(requirement);
  add_list(hash, members);
  add_list(hash, skill_weights);
  add_list(hash, steps);
  add_part(hash, limits);
  add_list(hash, treatments);
  add_part(hash, callback);
  add_enum(hash, strategy);
  add_enum(hash, wrap_up_mode);
  add_enum(hash, service_level_variant);
  add_list(hash, wrap_up_codes);
  hash.add(static_cast<uint64_t>(requires_wrap_up_code) << 2 |
           static_cast<uint64_t>(members_all) << 1 | static_cast<uint64_t>(adopts_late_answer));
  for (const int64_t number :
       {int64_t{priority}, int64_t{age_rate}, objective_ns, int64_t{ring_max}, wrap_up_ns,
        int64_t{wrap_up_extensions}, wrap_up_extension_ns, offer_timeout_ns, reoffer_after_ns,
        connect_timeout_ns, service_level_target_ns, int64_t{service_level_goal_percent},
        short_abandon_ns}) {
    hash.add_signed(number);
  }
  return hash.value();
}

uint64_t hash_of(const TenantConfig& config) {
  const auto& [id, skills, queues, drains, call_order, protects, decay_half_life_ns, random_seed,
               overflows_max, switch_grace_ns, agent_grace_ns, arrival_ack_timeout_ns,
               busy_limit_ns, rejects_max, no_answers_max, wrap_up_codes, labels, teams,
               transfers_max, transfer_wait_ns, reaches] = config;
  Hash64 hash;
  hash.add_text(id);
  add_list(hash, skills);
  add_list(hash, drains);
  add_enum(hash, call_order);
  add_list(hash, protects);
  add_list(hash, wrap_up_codes);
  add_list(hash, labels);
  add_list(hash, teams);
  add_list(hash, reaches);
  hash.add(random_seed);
  for (const int64_t number :
       {decay_half_life_ns, int64_t{overflows_max}, switch_grace_ns, agent_grace_ns,
        arrival_ack_timeout_ns, busy_limit_ns, int64_t{rejects_max}, int64_t{no_answers_max},
        int64_t{transfers_max}, transfer_wait_ns}) {
    hash.add_signed(number);
  }
  for (const QueueConfig& queue : queues) hash.add(hash_of(queue));
  return hash.value();
}

}  // namespace acd
