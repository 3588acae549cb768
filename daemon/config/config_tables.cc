// SPDX-License-Identifier: Apache-2.0
// Conversion of valid public messages to the Router's tables, and the names of resources.
#include "daemon/config/config_tables.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "daemon/config/condition.h"
#include "daemon/config/skill_lookup.h"
#include "routing/check.h"
#include "routing/limits.h"

namespace acd {
namespace {

constexpr std::string_view kTenants = "tenants/";

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// FNV-1a of 64 bits. Not the Router's hash, which may change with its behaviour: an etag that a
// client has read stays the etag of that configuration.
uint64_t fnv_1a(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return hash;
}

// A map has no order of its own, and must not change a checksum from run to run.
void append_bytes(const google::protobuf::Message& message, std::string* bytes) {
  google::protobuf::io::StringOutputStream stream(bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  ACD_CHECK(message.SerializeToCodedStream(&coded));
}

int64_t to_ns(const google::protobuf::Duration& duration) {
  return duration.seconds() * kNsPerS + duration.nanos();
}

WrapUpMode to_mode(v1::WrapUpMode mode) {
  switch (mode) {
    case v1::WRAP_UP_MODE_UNSPECIFIED:
    case v1::WRAP_UP_MODE_NONE:
      return WrapUpMode::kNone;
    case v1::WRAP_UP_MODE_TIMED:
      return WrapUpMode::kTimed;
    case v1::WRAP_UP_MODE_MANUAL:
      return WrapUpMode::kManual;
    case v1::WrapUpMode_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::WrapUpMode_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  check_failed("a validated WrapUpMode", __FILE__, __LINE__);
}

ServiceLevelVariant to_variant(v1::ServiceLevelVariant variant) {
  switch (variant) {
    case v1::SERVICE_LEVEL_VARIANT_UNSPECIFIED:
    case v1::SERVICE_LEVEL_VARIANT_ABANDONED_NEGATIVE:
      return ServiceLevelVariant::kAbandonedNegative;
    case v1::SERVICE_LEVEL_VARIANT_IGNORE_ABANDONED:
      return ServiceLevelVariant::kIgnoreAbandoned;
    case v1::SERVICE_LEVEL_VARIANT_ABANDONED_POSITIVE:
      return ServiceLevelVariant::kAbandonedPositive;
    case v1::ServiceLevelVariant_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ServiceLevelVariant_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  check_failed("a validated ServiceLevelVariant", __FILE__, __LINE__);
}

CallOrder to_call_order(v1::CallOrder order) {
  switch (order) {
    case v1::CALL_ORDER_UNSPECIFIED:
    case v1::CALL_ORDER_PRIORITY:
      return CallOrder::kPriority;
    case v1::CALL_ORDER_SCORE:
      return CallOrder::kScore;
    case v1::CALL_ORDER_SERVICE_OBJECTIVE:
      return CallOrder::kServiceObjective;
    case v1::CallOrder_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::CallOrder_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  check_failed("a validated CallOrder", __FILE__, __LINE__);
}

Strategy to_strategy(v1::Strategy strategy) {
  switch (strategy) {
    case v1::STRATEGY_UNSPECIFIED:
    case v1::STRATEGY_LONGEST_IDLE:
      return Strategy::kLongestIdle;
    case v1::STRATEGY_LEAST_OCCUPIED:
      return Strategy::kLeastOccupied;
    case v1::STRATEGY_FEWEST_CALLS:
      return Strategy::kFewestCalls;
    case v1::STRATEGY_ROUND_ROBIN:
      return Strategy::kRoundRobin;
    case v1::STRATEGY_ORDERED:
      return Strategy::kOrdered;
    case v1::STRATEGY_RANDOM:
      return Strategy::kRandom;
    case v1::STRATEGY_WEIGHTED_RANDOM:
      return Strategy::kWeightedRandom;
    case v1::STRATEGY_MOST_SKILLED:
      return Strategy::kMostSkilled;
    case v1::STRATEGY_LEAST_SKILLED:
      return Strategy::kLeastSkilled;
    case v1::STRATEGY_SKILL_WEIGHT:
      return Strategy::kSkillWeight;
    case v1::STRATEGY_PERCENT_ALLOCATION:
      return Strategy::kPercentAllocation;
    case v1::STRATEGY_RING_ALL:
      return Strategy::kRingAll;
    case v1::Strategy_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Strategy_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  check_failed("a validated Strategy", __FILE__, __LINE__);
}

MemberConfig to_member(const v1::Member& member, std::string_view tenant) {
  MemberConfig table;
  table.kind = member.has_team() ? MemberConfig::Kind::kTeam : MemberConfig::Kind::kAgent;
  table.id = member.has_team() ? std::string_view(member.team())
                               : resource_id_of(member.agent(), tenant, "agents");
  if (member.has_rank()) table.rank = member.rank();
  if (member.has_weight()) table.weight = member.weight();
  table.percent = member.percent();
  return table;
}

StepConfig to_step(const v1::Step& step) {
  using Change = StepConfig::Change;
  StepConfig table;
  table.after_ns = step.has_after() ? to_ns(step.after()) : kNeverNs;
  table.has_condition = step.has_consider_if();
  if (table.has_condition) {
    table.condition = std::get<Condition>(parse_condition(step.consider_if(), AnySkill()));
  }
  const auto change = [&table](Change kind, const std::string& text, int32_t number) {
    table.change = kind;
    table.text = text;
    table.number = number;
  };
  switch (step.change_case()) {
    case v1::Step::kReplace:
      change(Change::kReplace, step.replace(), 0);
      break;
    case v1::Step::kDrop:
      change(Change::kDropTerm, step.drop(), 0);
      break;
    case v1::Step::kAdd:
      change(Change::kAddTerm, step.add(), 0);
      break;
    case v1::Step::kLower:
      change(Change::kLowerLevel, step.lower().skill(), step.lower().to());
      break;
    case v1::Step::kOpenTeam:
      change(Change::kOpenTeam, step.open_team(), step.has_rank() ? step.rank() : 1);
      break;
    case v1::Step::CHANGE_NOT_SET:
      check_failed("a validated Step", __FILE__, __LINE__);
  }
  return table;
}

LimitAction to_action(const v1::LimitAction& action, std::string_view tenant) {
  using Action = LimitAction::Kind;
  switch (action.action_case()) {
    case v1::LimitAction::kAnnounce:
      return {Action::kAnnounce, action.announce(), 0, 0};
    case v1::LimitAction::kCallback:
      return {Action::kOfferCallback, action.callback(), 0, 0};
    case v1::LimitAction::kQueue:
      return {Action::kQueue, std::string(resource_id_of(action.queue(), tenant, "queues")), 0, 0};
    case v1::LimitAction::kAgent:
      return {Action::kAgent, std::string(resource_id_of(action.agent(), tenant, "agents")), 0,
              to_ns(action.agent_wait())};
    case v1::LimitAction::kOutside:
      return {Action::kOutside, action.outside(), 0, 0};
    case v1::LimitAction::kRelease:
      return {Action::kRelease, "", action.release(), 0};
    case v1::LimitAction::ACTION_NOT_SET:
      break;  // The limit is not set.
  }
  return {};
}

QueueLimits to_limits(const v1::QueueLimits& limits, std::string_view tenant) {
  QueueLimits table;
  table.closed = to_action(limits.closed(), tenant);
  table.no_agents = to_action(limits.no_agents(), tenant);
  table.none_ready = to_action(limits.none_ready(), tenant);
  table.length_max = limits.length().max();
  table.length = to_action(limits.length().action(), tenant);
  if (limits.has_ewt()) table.ewt_max_ns = to_ns(limits.ewt().max());
  table.ewt = to_action(limits.ewt().action(), tenant);
  if (limits.has_wait()) table.wait_max_ns = to_ns(limits.wait().max());
  table.wait = to_action(limits.wait().action(), tenant);
  if (limits.offers().has_max()) table.offers_max = limits.offers().max();
  table.offers = to_action(limits.offers().action(), tenant);
  return table;
}

TreatmentConfig to_treatment(const v1::Treatment& treatment) {
  TreatmentConfig table;
  if (treatment.has_after()) table.after_ns = to_ns(treatment.after());
  if (treatment.has_repeat()) table.repeat_ns = to_ns(treatment.repeat());
  table.media = treatment.media();
  table.tells_position = treatment.tells_position();
  table.tells_ewt = treatment.tells_ewt();
  return table;
}

std::vector<MemberConfig> to_members(const v1::Members& members, std::string_view tenant) {
  std::vector<MemberConfig> table;
  for (const std::string& name : members.agents()) {
    table.emplace_back().id = resource_id_of(name, tenant, "agents");
  }
  for (const v1::Member& member : members.entries()) table.push_back(to_member(member, tenant));
  return table;
}

// Its times, and by what it is measured.
void set_times(const v1::Queue& queue, QueueConfig* table) {
  table->wrap_up_mode = to_mode(queue.wrap_up().mode());
  if (queue.wrap_up().has_duration()) table->wrap_up_ns = to_ns(queue.wrap_up().duration());
  table->wrap_up_extensions = queue.wrap_up().extensions();
  table->wrap_up_extension_ns = to_ns(queue.wrap_up().extension());
  if (queue.has_offer_timeout()) table->offer_timeout_ns = to_ns(queue.offer_timeout());
  if (queue.has_reoffer_after()) table->reoffer_after_ns = to_ns(queue.reoffer_after());
  if (queue.has_connect_timeout()) table->connect_timeout_ns = to_ns(queue.connect_timeout());
  const v1::ServiceLevelTarget& level = queue.service_level();
  if (level.has_target()) table->service_level_target_ns = to_ns(level.target());
  if (level.has_goal_percent()) table->service_level_goal_percent = level.goal_percent();
  table->service_level_variant = to_variant(level.variant());
  if (queue.has_short_abandon()) table->short_abandon_ns = to_ns(queue.short_abandon());
  if (queue.has_objective()) table->objective_ns = to_ns(queue.objective());
}

CallbackConfig to_callback(const v1::Callback& callback) {
  CallbackConfig table;
  table.is_taken = true;
  table.mode = callback.mode() == v1::CALLBACK_MODE_CUSTOMER_FIRST ? CallbackMode::kCustomerFirst
                                                                   : CallbackMode::kAgentFirst;
  table.allow.assign(callback.allow().begin(), callback.allow().end());
  table.deny.assign(callback.deny().begin(), callback.deny().end());
  if (callback.has_attempts()) table.attempts_max = callback.attempts();
  if (callback.has_retry_interval()) table.retry_ns = to_ns(callback.retry_interval());
  if (callback.has_dial_timeout()) table.dial_timeout_ns = to_ns(callback.dial_timeout());
  if (callback.has_dials_max()) table.dials_max = callback.dials_max();
  return table;
}

QueueConfig to_queue(const v1::Queue& queue, std::string_view tenant) {
  QueueConfig table;
  table.id = resource_id_of(queue.name(), tenant, "queues");
  table.requirement = queue.requirement();
  table.priority = queue.priority();
  if (queue.has_age_rate()) table.age_rate = queue.age_rate();
  table.members = to_members(queue.members(), tenant);
  table.members_all = table.members.empty();
  table.strategy = to_strategy(queue.strategy());
  table.skill_weights.assign(queue.skill_weights().begin(), queue.skill_weights().end());
  std::sort(table.skill_weights.begin(), table.skill_weights.end());
  if (queue.has_ring_max()) table.ring_max = queue.ring_max();
  for (const v1::Step& step : queue.steps()) table.steps.push_back(to_step(step));
  table.limits = to_limits(queue.limits(), tenant);
  for (const v1::Treatment& treatment : queue.treatments()) {
    table.treatments.push_back(to_treatment(treatment));
  }
  std::stable_sort(
      table.treatments.begin(), table.treatments.end(),
      [](const TreatmentConfig& a, const TreatmentConfig& b) { return a.after_ns < b.after_ns; });
  table.adopts_late_answer = queue.adopts_late_answer();
  table.wrap_up_codes.assign(queue.wrap_up_codes().begin(), queue.wrap_up_codes().end());
  std::sort(table.wrap_up_codes.begin(), table.wrap_up_codes.end());
  table.requires_wrap_up_code = queue.wrap_up_code_required();
  if (queue.has_callback()) table.callback = to_callback(queue.callback());
  set_times(queue, &table);
  return table;
}

MediaRule to_media(const v1::Agent& agent) {
  MediaRule media{{}, {}, {}};
  for (const v1::MediumRule& rule : agent.media()) {
    const auto own = static_cast<size_t>(to_medium(rule.medium()));
    media.capacity[own] = static_cast<uint8_t>(rule.has_capacity() ? rule.capacity() : 1);
    for (const int other : rule.excludes()) {
      media.excludes[own] |= mask_of(to_medium(static_cast<v1::Medium>(other)));
    }
    for (const int other : rule.interrupted_by()) {
      media.interrupted_by[own] |= mask_of(to_medium(static_cast<v1::Medium>(other)));
    }
  }
  // They go by one phone.
  media.excludes[static_cast<size_t>(Medium::kVoice)] |= mask_of(Medium::kCallback);
  return media;
}

}  // namespace

TenantConfig to_tables(const v1::TenantConfig& config) {
  ACD_CHECK(validate_config(config).empty());
  TenantConfig table;
  table.id = tenant_id_of(config.name());
  table.skills.assign(config.skills().begin(), config.skills().end());
  table.queues.reserve(static_cast<size_t>(config.queues_size()));
  for (const v1::Queue& queue : config.queues()) {
    table.queues.push_back(to_queue(queue, table.id));
  }
  if (config.has_switch_grace()) table.switch_grace_ns = to_ns(config.switch_grace());
  if (config.has_agent_grace()) table.agent_grace_ns = to_ns(config.agent_grace());
  if (config.has_arrival_ack_timeout()) {
    table.arrival_ack_timeout_ns = to_ns(config.arrival_ack_timeout());
  }
  if (config.has_busy_limit()) table.busy_limit_ns = to_ns(config.busy_limit());
  if (config.has_rejects_max()) table.rejects_max = config.rejects_max();
  if (config.has_no_answers_max()) table.no_answers_max = config.no_answers_max();
  table.call_order = to_call_order(config.call_order());
  for (const v1::ReachRule& rule : config.reach()) {
    table.reaches.push_back({rule.from(), rule.to(), rule.dial_prefix()});
  }
  for (const v1::ProtectRule& rule : config.protects()) {
    table.protects.push_back({rule.skill(), rule.has_ready_max() ? rule.ready_max() : 1});
  }
  if (config.has_decay_half_life()) table.decay_half_life_ns = to_ns(config.decay_half_life());
  if (config.has_random_seed()) table.random_seed = static_cast<uint64_t>(config.random_seed());
  if (config.has_overflows_max()) table.overflows_max = config.overflows_max();
  table.wrap_up_codes.assign(config.wrap_up_codes().begin(), config.wrap_up_codes().end());
  table.labels.assign(config.labels().begin(), config.labels().end());
  for (const v1::Team& team : config.teams()) {
    TeamConfig& told = table.teams.emplace_back();
    told.id = team.id();
    for (const std::string& agent : team.supervisors()) {
      told.supervisors.emplace_back(resource_id_of(agent, table.id, "agents"));
    }
  }
  std::sort(table.teams.begin(), table.teams.end(),
            [](const TeamConfig& a, const TeamConfig& b) { return a.id < b.id; });
  if (config.has_transfers_max()) table.transfers_max = config.transfers_max();
  if (config.has_transfer_wait()) table.transfer_wait_ns = to_ns(config.transfer_wait());
  for (const v1::Drain& drain : config.drains()) {
    table.drains.push_back({std::string(resource_id_of(drain.queue(), table.id, "queues")),
                            std::string(resource_id_of(drain.target(), table.id, "queues"))});
  }
  return table;
}

Medium to_medium(v1::Medium medium) {
  switch (medium) {
    case v1::MEDIUM_CHAT:
      return Medium::kChat;
    case v1::MEDIUM_EMAIL:
      return Medium::kEmail;
    case v1::MEDIUM_CALLBACK:
      return Medium::kCallback;
    case v1::MEDIUM_TASK:
      return Medium::kTask;
    default:
      return Medium::kVoice;
  }
}

AgentProfile to_profile(const v1::Agent& agent) {
  // The tenant's own rules need its configuration; that the name is one is checked here.
  std::string_view rest = agent.name();
  ACD_CHECK(take_prefix(rest, kTenants));
  const std::string_view tenant = rest.substr(0, rest.find('/'));
  AgentProfile profile;
  profile.id = resource_id_of(agent.name(), tenant, "agents");
  ACD_CHECK(!profile.id.empty());
  profile.display_name = agent.display_name();
  for (const auto& [skill, level] : agent.skills()) profile.skills.emplace_back(skill, level);
  std::sort(profile.skills.begin(), profile.skills.end());
  profile.team = agent.team();
  if (!agent.media().empty()) profile.media = to_media(agent);
  return profile;
}

std::string config_etag(const v1::TenantConfig& config) {
  v1::TenantConfig bare = config;
  bare.clear_etag();
  std::string bytes;
  append_bytes(bare, &bytes);
  return absl::StrCat(absl::Hex(fnv_1a(bytes), absl::kZeroPad16));
}

std::string agents_checksum(std::span<const v1::Agent> agents,
                            const google::protobuf::FieldMask& mask) {
  std::string bytes;
  for (const v1::Agent& agent : agents) {
    absl::StrAppend(&bytes, agent.ByteSizeLong(), ":");
    append_bytes(agent, &bytes);
  }
  if (!mask.paths().empty()) append_bytes(mask, &bytes);
  return absl::StrCat(absl::Hex(fnv_1a(bytes), absl::kZeroPad16));
}

std::string override_checksum(const v1::OverrideQueueRequest& request) {
  v1::OverrideQueueRequest bare = request;
  bare.clear_request_id();
  bare.clear_validate_only();
  std::string bytes;
  append_bytes(bare, &bytes);
  return absl::StrCat(absl::Hex(fnv_1a(bytes), absl::kZeroPad16));
}

std::string_view tenant_id_of(std::string_view name) {
  if (!take_prefix(name, kTenants) || !is_resource_id(name)) return {};
  return name;
}

std::string_view resource_id_of(std::string_view name, std::string_view tenant,
                                std::string_view collection) {
  if (!take_prefix(name, kTenants) || !take_prefix(name, tenant) || !take_prefix(name, "/") ||
      !take_prefix(name, collection) || !take_prefix(name, "/") || !is_resource_id(name)) {
    return {};
  }
  return name;
}

bool is_resource_id(std::string_view id) {
  return !id.empty() && id.size() <= kIdBytesMax && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace acd
