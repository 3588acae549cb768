// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz_world.h"

#include <algorithm>
#include <utility>

namespace acd::sim {
namespace {

constexpr uint32_t kQueueNames = kWorldQueuesMax + 2;  // Some come only by live change.
constexpr const char* kSkills[] = {"english", "spanish", "sales", "tech", "vip"};
constexpr const char* kTeams[] = {"day", "night"};
constexpr const char* kCodes[] = {"sold", "complaint", "junk"};
constexpr const char* kLabels[] = {"angry", "vip"};

std::string number_text(std::string_view prefix, uint32_t number) {
  return std::string(prefix) + std::to_string(number);
}

// Draws one queue of a world; `config` has the skills, and the queues that it may name as targets.
class QueueMaker {
 public:
  QueueMaker(Draw& draw, const Features& features, const TenantConfig& config,
             const std::vector<std::string>& queues)
      : draw_(draw), features_(features), config_(config), queues_(queues) {}

  QueueConfig make(const std::string& id) {
    QueueConfig queue;
    queue.id = id;
    queue.requirement = requirement();
    if (has(Feature::kPriorities)) queue.priority = draw_.between(-1, 3);
    // Whatever the order is now: a live change may bring another one.
    queue.age_rate = draw_.pick({0, 60, 600, 7'200});
    queue.objective_ns = draw_.pick<int64_t>({5, 20, 60, 77}) * kNsPerS;
    queue.strategy = draw_.pick(features_.strategies);
    if (queue.strategy == Strategy::kRingAll) queue.ring_max = draw_.between(1, 6);
    if (queue.strategy == Strategy::kSkillWeight) add_skill_weights(&queue);
    add_members(&queue);
    add_steps(&queue);
    add_limits(&queue);
    if (has(Feature::kTreatments)) add_treatments(&queue);
    if (has(Feature::kWrapUp)) add_wrap_up(&queue);
    if (has(Feature::kOutcomes)) add_codes(&queue);
    if (has(Feature::kCallbacks) && !draw_.one_in(4)) add_callback(&queue);
    queue.offer_timeout_ns = draw_.pick<int64_t>({5, 10, 20}) * kNsPerS;
    queue.reoffer_after_ns = draw_.pick<int64_t>({0, 5, 30, 60}) * kNsPerS;
    queue.connect_timeout_ns = draw_.pick<int64_t>({5, 10}) * kNsPerS;
    queue.adopts_late_answer = has(Feature::kLateAdoption) && draw_.one_in(2);
    return queue;
  }

 private:
  [[nodiscard]] bool has(Feature feature) const { return features_.has(feature); }
  const std::string& skill() { return draw_.pick(config_.skills); }

  std::string comparison() {
    std::string text = skill();
    if (!draw_.one_in(3)) text += " >= " + std::to_string(draw_.between(1, 6));
    return text;
  }
  std::string unary() {
    if (!has(Feature::kBooleans) || !draw_.one_in(3)) return comparison();
    if (draw_.one_in(2)) {
      const std::string second = comparison();
      return "(" + comparison() + " OR " + second + ")";
    }
    return "NOT " + comparison();
  }
  // Terms joined by AND, the first ones labelled; `labels_` remembers the labels.
  std::string needs() {
    std::string text;
    const uint32_t count = draw_.below(3);
    for (uint32_t i = 0; i < count; ++i) {
      if (i != 0) text += " AND ";
      if (draw_.one_in(2)) text += new_label() + ": ";
      text += unary();
    }
    return text;
  }
  std::string new_label() {
    labels_.push_back(number_text("l", static_cast<uint32_t>(labels_.size())));
    return labels_.back();
  }
  std::string requirement() {
    std::string text = needs();
    if (has(Feature::kPrefers) && draw_.one_in(2)) {
      const std::string weight = std::to_string(draw_.pick({-3, 1, 2, 5}));
      text += " PREFERS " + skill() + " * " + weight;
    }
    return text;
  }

  void add_skill_weights(QueueConfig* queue) {
    for (const std::string& name : config_.skills) {
      if (draw_.one_in(2)) queue->skill_weights.emplace_back(name, draw_.pick({-2, 1, 3}));
    }
    std::ranges::sort(queue->skill_weights);
  }

  void add_members(QueueConfig* queue) {
    const bool by_agent = has(Feature::kNamedMembers);
    const bool by_team = has(Feature::kTeams);
    if ((!by_agent && !by_team) || draw_.one_in(3)) return;
    queue->members_all = false;
    int32_t percent_left = 100;
    const uint32_t count = 1 + draw_.below(6);
    for (uint32_t i = 0; i < count; ++i) {
      MemberConfig member;
      const bool is_team = by_team && (!by_agent || draw_.one_in(3));
      if (is_team) member.kind = MemberConfig::Kind::kTeam;
      member.id = is_team ? kTeams[draw_.below(std::size(kTeams))]
                          : number_text("a", draw_.below(features_.size.agents_max));
      const bool is_twice = std::ranges::any_of(queue->members, [&](const MemberConfig& other) {
        return other.kind == member.kind && other.id == member.id;
      });
      if (is_twice) continue;
      if (has(Feature::kRanks)) member.rank = draw_.between(1, 3);
      if (queue->strategy == Strategy::kWeightedRandom) member.weight = draw_.pick({1, 2, 10});
      if (queue->strategy == Strategy::kPercentAllocation) {
        member.percent = std::min(percent_left, draw_.pick({0, 10, 30, 60}));
        percent_left -= member.percent;
      }
      queue->members.push_back(member);
    }
  }

  void add_steps(QueueConfig* queue) {
    if (!has(Feature::kTimeSteps) && !has(Feature::kConditions)) return;
    const uint32_t count = draw_.below(4);
    for (uint32_t i = 0; i < count; ++i) {
      StepConfig step;
      const bool by_condition =
          has(Feature::kConditions) && (!has(Feature::kTimeSteps) || draw_.one_in(2));
      step.after_ns = draw_.pick<int64_t>({0, 5, 10, 20, 40}) * kNsPerS;
      if (by_condition) {
        step.has_condition = true;
        step.condition = condition();
        if (!draw_.one_in(4)) step.after_ns = kNeverNs;
      }
      if (draw_change_of(&step)) queue->steps.push_back(step);
    }
  }
  Condition condition() {
    Condition condition;
    condition.counter = draw_.pick(
        {Condition::Counter::kLoggedIn, Condition::Counter::kReady, Condition::Counter::kWaiting});
    condition.compare = draw_.pick({Condition::Compare::kBelow, Condition::Compare::kAbove});
    condition.value = draw_.between(1, 4);
    if (condition.counter != Condition::Counter::kWaiting && draw_.one_in(2)) {
      condition.skill = skill();
      condition.level = draw_.between(1, 5);
    }
    return condition;
  }
  // False: there is no label to drop.
  bool draw_change_of(StepConfig* step) {
    step->change = draw_.pick({StepConfig::Change::kReplace, StepConfig::Change::kDropTerm,
                               StepConfig::Change::kAddTerm, StepConfig::Change::kLowerLevel,
                               StepConfig::Change::kOpenTeam});
    switch (step->change) {
      case StepConfig::Change::kReplace:
        step->text = needs();
        return true;
      case StepConfig::Change::kDropTerm:
        if (labels_.empty()) return false;
        step->text = draw_.pick(labels_);
        return true;
      case StepConfig::Change::kAddTerm:
        if (draw_.one_in(2)) step->text = new_label() + ": ";
        step->text += unary();
        return true;
      case StepConfig::Change::kLowerLevel:
        step->text = skill();
        step->number = draw_.between(1, 4);
        return true;
      case StepConfig::Change::kOpenTeam:
        step->text = kTeams[draw_.below(std::size(kTeams))];
        step->number = draw_.between(1, 3);
        return true;
    }
    return false;
  }

  LimitAction action(const std::string& self) {
    using Kind = LimitAction::Kind;
    LimitAction action;
    action.kind = draw_.pick({Kind::kWait, Kind::kAnnounce, Kind::kOfferCallback, Kind::kQueue,
                              Kind::kAgent, Kind::kOutside, Kind::kRelease});
    if (action.kind == Kind::kQueue && !has(Feature::kOverflow)) action.kind = Kind::kRelease;
    switch (action.kind) {
      case Kind::kWait:
        break;
      case Kind::kAnnounce:
      case Kind::kOfferCallback:
        action.text = "sorry";
        break;
      case Kind::kQueue: {
        std::vector<std::string> targets = queues_;
        std::erase(targets, self);
        if (targets.empty()) return {};
        action.text = draw_.pick(targets);
        break;
      }
      case Kind::kAgent:
        action.text = number_text("a", draw_.below(features_.size.agents_max));
        action.wait_ns = draw_.pick<int64_t>({5, 30}) * kNsPerS;
        break;
      case Kind::kOutside:
        action.text = "+44123";
        break;
      case Kind::kRelease:
        action.number = draw_.pick({16, 17});
        break;
    }
    return action;
  }

  void add_limits(QueueConfig* queue) {
    QueueLimits& limits = queue->limits;
    if (has(Feature::kEntryLimits)) {
      if (draw_.one_in(2)) limits.closed = action(queue->id);
      if (draw_.one_in(2)) limits.no_agents = action(queue->id);
      if (draw_.one_in(2)) limits.none_ready = action(queue->id);
      if (draw_.one_in(2)) {
        limits.length_max = draw_.between(1, 6);
        limits.length = action(queue->id);
      }
    }
    if (has(Feature::kEwt) && draw_.one_in(2)) {
      limits.ewt_max_ns = draw_.pick<int64_t>({10, 60}) * kNsPerS;
      limits.ewt = action(queue->id);
    }
    if (has(Feature::kWaitLimit) && draw_.one_in(2)) {
      limits.wait_max_ns = draw_.pick<int64_t>({5, 15, 20, 60}) * kNsPerS;
      limits.wait = action(queue->id);
    }
    if (has(Feature::kOffersLimit) && draw_.one_in(2)) {
      limits.offers_max = draw_.between(1, 4);
      limits.offers = action(queue->id);
    }
  }

  void add_treatments(QueueConfig* queue) {
    int64_t after_ns = 0;
    const uint32_t count = draw_.below(3);
    for (uint32_t i = 0; i < count; ++i) {
      after_ns += draw_.pick<int64_t>({0, 2, 5, 15}) * kNsPerS;
      TreatmentConfig treatment;
      treatment.after_ns = after_ns;
      if (draw_.one_in(2)) treatment.repeat_ns = draw_.pick<int64_t>({8, 20}) * kNsPerS;
      treatment.media = number_text("music", i);
      treatment.tells_position = draw_.one_in(2);
      treatment.tells_ewt = draw_.one_in(2);
      queue->treatments.push_back(treatment);
    }
  }

  void add_wrap_up(QueueConfig* queue) {
    queue->wrap_up_mode = draw_.pick({WrapUpMode::kNone, WrapUpMode::kTimed, WrapUpMode::kManual});
    if (queue->wrap_up_mode != WrapUpMode::kTimed) return;
    queue->wrap_up_ns = draw_.pick<int64_t>({3, 10}) * kNsPerS;
    if (!has(Feature::kExtensions)) return;
    queue->wrap_up_extensions = draw_.between(0, 2);
    if (queue->wrap_up_extensions > 0) queue->wrap_up_extension_ns = 5 * kNsPerS;
  }

  void add_codes(QueueConfig* queue) {
    for (const std::string& code : config_.wrap_up_codes) {
      if (draw_.one_in(3)) queue->wrap_up_codes.push_back(code);
    }
    std::ranges::sort(queue->wrap_up_codes);
    const bool may_require = queue->wrap_up_mode != WrapUpMode::kNone;
    queue->requires_wrap_up_code = may_require && draw_.one_in(2);
  }

  void add_callback(QueueConfig* queue) {
    CallbackConfig& callback = queue->callback;
    callback.is_taken = true;
    callback.mode = draw_.pick({CallbackMode::kAgentFirst, CallbackMode::kCustomerFirst});
    if (draw_.one_in(3)) callback.allow = {"+44.", "0XX"};
    if (draw_.one_in(3)) callback.deny = {"+441X"};
    callback.attempts_max = draw_.between(1, 3);
    callback.retry_ns = draw_.pick<int64_t>({1, 10, 60}) * kNsPerS;
    callback.dial_timeout_ns = draw_.pick<int64_t>({5, 20}) * kNsPerS;
    callback.dials_max = draw_.pick({1, 1, 2, 5});
  }

  Draw& draw_;
  const Features& features_;
  const TenantConfig& config_;
  const std::vector<std::string>& queues_;
  std::vector<std::string> labels_;
};

std::vector<std::string> queue_ids(const TenantConfig& config) {
  std::vector<std::string> ids;
  for (const QueueConfig& queue : config.queues) ids.push_back(queue.id);
  return ids;
}

std::string draw_prefix(Draw& draw) { return draw.pick<const char*>({"", "7", "00"}); }

void draw_reaches(Draw& draw, const Features& features, TenantConfig* config) {
  config->reaches.clear();
  if (features.has(Feature::kReach)) {
    if (!draw.one_in(4)) config->reaches.push_back({"switch0", "switch1", draw_prefix(draw)});
    if (!draw.one_in(3)) config->reaches.push_back({"switch1", "switch0", draw_prefix(draw)});
    if (draw.one_in(4)) config->reaches.push_back({"switch1", "elsewhere", ""});
  }
}

void draw_tenant_settings(Draw& draw, const Features& features, TenantConfig* config) {
  config->decay_half_life_ns = draw.pick<int64_t>({60, 300, 1'800}) * kNsPerS;
  config->overflows_max = draw.between(1, 3);
  config->switch_grace_ns = draw.pick<int64_t>({0, 10, 60}) * kNsPerS;
  config->agent_grace_ns = draw.pick<int64_t>({0, 10, 30}) * kNsPerS;
  config->busy_limit_ns = draw.pick<int64_t>({10, 60}) * kNsPerS;
  config->rejects_max = draw.between(1, 3);
  config->no_answers_max = draw.between(1, 2);
  config->wrap_up_codes.clear();
  config->labels.clear();
  if (features.has(Feature::kOutcomes)) {
    for (const char* code : kCodes) {
      if (!draw.one_in(4)) config->wrap_up_codes.emplace_back(code);
    }
    for (const char* label : kLabels) {
      if (!draw.one_in(4)) config->labels.emplace_back(label);
    }
  }
  config->teams.clear();
  config->transfers_max = kTransfersMaxDefault;
  config->transfer_wait_ns = kTransferWaitDefaultNs;
  if (features.has(Feature::kTransfers)) {
    config->transfers_max = draw.pick({0, 2, 3, 10, 10});
    config->transfer_wait_ns = draw.pick<int64_t>({2, 10, 30}) * kNsPerS;
    for (const char* team : kTeams) {
      if (draw.one_in(4)) continue;
      TeamConfig& told = config->teams.emplace_back();
      told.id = team;
      for (uint32_t i = 0; i < 4; ++i) {
        const std::string agent = number_text("a", draw.below(features.size.agents_max));
        if (std::ranges::find(told.supervisors, agent) == told.supervisors.end()) {
          told.supervisors.push_back(agent);
        }
      }
    }
  }
  draw_reaches(draw, features, config);
  config->protects.clear();
  if (!features.has(Feature::kProtect)) return;
  for (const std::string& skill : config->skills) {
    if (draw.one_in(3)) config->protects.push_back({skill, draw.between(1, 3)});
  }
}

void leave_queue_out(Draw& draw, const Features& features, TenantConfig* config) {
  if (config->queues.size() < 2) return;
  const uint32_t position = draw.below(static_cast<uint32_t>(config->queues.size()));
  const std::string gone = config->queues[position].id;
  config->queues.erase(config->queues.begin() + position);
  const std::string stays = draw.pick(queue_ids(*config));
  if (features.has(Feature::kDrains) && !draw.one_in(4)) config->drains.push_back({gone, stays});
  // Nothing may name a queue that is not there.
  for (QueueConfig& queue : config->queues) {
    QueueLimits& limits = queue.limits;
    for (LimitAction* action : {&limits.closed, &limits.no_agents, &limits.none_ready,
                                &limits.length, &limits.ewt, &limits.wait, &limits.offers}) {
      if (action->kind != LimitAction::Kind::kQueue || action->text != gone) continue;
      *action = LimitAction();
      if (queue.id != stays) *action = {LimitAction::Kind::kQueue, stays, 0, 0};
    }
  }
}

void add_queue(Draw& draw, const Features& features, TenantConfig* config) {
  if (config->queues.size() >= kWorldQueuesMax) return;
  const std::string id = number_text("q", draw.below(kQueueNames));
  const std::vector<std::string> ids = queue_ids(*config);
  if (std::ranges::find(ids, id) != ids.end()) return;
  config->queues.push_back(QueueMaker(draw, features, *config, ids).make(id));
}

// Agents and calls together are more than a slice; in some worlds the matches at once are, too.
void make_big(Draw& draw, Features* features) {
  features->size.agents_max = draw.one_in(4) ? 540 : 150 + draw.below(50);
  features->size.calls_max = features->size.agents_max > kBulkSliceMax ? 540 : 400;
  features->set(Feature::kBigCentre, true);
  features->set(Feature::kCallRequirements, true);
  features->set(Feature::kLiveChange, true);
  features->set(Feature::kTreatments, false);  // They would play all the time.
}

}  // namespace

Features draw_features(Draw& draw) {
  Features features;
  for (size_t i = 0; i < kFeatureCount; ++i) {
    features.set(static_cast<Feature>(i), draw.one_in(2));
  }
  if (draw.one_in(kBigCentreOdds)) {
    make_big(draw, &features);
  } else {
    features.set(Feature::kBigCentre, false);
  }
  constexpr uint32_t kStrategies = static_cast<uint32_t>(Strategy::kRingAll);
  const uint32_t count = 1 + draw.below(4);
  for (uint32_t i = 0; i < count; ++i) {
    features.strategies.push_back(static_cast<Strategy>(draw.below(kStrategies)));
  }
  if (features.has(Feature::kRingAll)) features.strategies.push_back(Strategy::kRingAll);
  features.order = static_cast<CallOrder>(draw.below(3));
  // What shows between the slices of a lost switch: conditions, and on the other switch whether
  // agents are scarce, and what else is lost at that instant. The oracle has no slices.
  const bool has_slices = kBulkSliceMax < features.size.agents_max + features.size.calls_max;
  if (has_slices) features.set(Feature::kConditions, false);
  if (has_slices && features.has(Feature::kTwoSwitches)) {
    for (const Feature feature : {Feature::kProtect, Feature::kSwitchAway, Feature::kNewEpoch,
                                  Feature::kResync, Feature::kRestart}) {
      features.set(feature, false);
    }
  }
  return features;
}

MediaRule draw_media(Draw& draw) {
  MediaRule rule;
  for (size_t i = 0; i < kMediumCount; ++i) {
    rule.capacity[i] = draw.pick<uint8_t>({0, 1, 1, 1, 2, 3});
    rule.excludes[i] =
        draw.pick<MediaMask>({0, 0, kAllMedia, static_cast<MediaMask>(draw.below(32))});
    rule.interrupted_by[i] = draw.pick<MediaMask>({0, 0, static_cast<MediaMask>(draw.below(32))});
  }
  return rule;
}

AgentProfile draw_profile(Draw& draw, const Features& features, const TenantConfig& config,
                          uint32_t number) {
  AgentProfile profile;
  profile.id = number_text("a", number);
  for (const std::string& skill : config.skills) {
    if (!draw.one_in(3)) profile.skills.emplace_back(skill, draw.pick({1, 3, 5, 5, 10}));
  }
  std::ranges::sort(profile.skills);
  if (features.has(Feature::kTeams) && !draw.one_in(3)) {
    profile.team = kTeams[draw.below(std::size(kTeams))];
  }
  if (features.has(Feature::kMedia) && !draw.one_in(3)) profile.media = draw_media(draw);
  return profile;
}

AgentProfile with_one_change(Draw& draw, AgentProfile profile, const AgentProfile& other) {
  switch (draw.below(3)) {
    case 0:
      profile.skills = other.skills;
      break;
    case 1:
      profile.team = other.team;
      break;
    default:
      profile.media = other.media;
  }
  return profile;
}

std::vector<AgentProfile> draw_agents(Draw& draw, const Features& features,
                                      const TenantConfig& config) {
  std::vector<AgentProfile> agents;
  const bool is_big = features.has(Feature::kBigCentre);
  const uint32_t count =
      is_big ? features.size.agents_max - 5 : 2 + draw.below(features.size.agents_max - 1);
  for (uint32_t i = 0; i < count; ++i) {
    agents.push_back(draw_profile(draw, features, config, i));
    if (is_big || i == 0 || !draw.one_in(3)) continue;
    agents.back().skills = agents.front().skills;  // Alike, so that ties are common.
    agents.back().team = agents.front().team;
    agents.back().media = agents.front().media;
  }
  return agents;
}

TenantConfig draw_config(Draw& draw, const Features& features) {
  TenantConfig config;
  config.id = "t";
  const bool is_big = features.has(Feature::kBigCentre);
  const uint32_t skills =
      is_big ? std::size(kSkills) : 1 + draw.below(static_cast<uint32_t>(std::size(kSkills)));
  config.skills.assign(kSkills, kSkills + skills);
  config.random_seed = 1 + draw.below(1'000);
  config.call_order = features.order;
  draw_tenant_settings(draw, features, &config);
  std::vector<std::string> ids;
  const uint32_t count = 1 + draw.below(kWorldQueuesMax);
  for (uint32_t i = 0; i < count; ++i) ids.push_back(number_text("q", i));
  for (const std::string& id : ids) {
    config.queues.push_back(QueueMaker(draw, features, config, ids).make(id));
  }
  return config;
}

namespace {

// What changes alone in practice, and so may miss what a change of all of it brings along.
void change_one_setting(Draw& draw, const QueueConfig& other, QueueConfig* queue) {
  switch (draw.below(8)) {
    case 0:
      queue->callback = other.callback;
      break;
    case 1:
      queue->callback.mode = other.callback.mode;
      break;
    case 2:
      queue->callback.dials_max = other.callback.dials_max;
      break;
    case 3:
      queue->adopts_late_answer = other.adopts_late_answer;
      break;
    case 4:
      queue->priority = other.priority;
      break;
    case 5:
      queue->limits = other.limits;
      break;
    case 6:
      queue->reoffer_after_ns = other.reoffer_after_ns;
      break;
    default:
      queue->treatments = other.treatments;
  }
}

}  // namespace

TenantConfig draw_change(Draw& draw, const Features& features, const TenantConfig& config) {
  TenantConfig changed = config;
  changed.drains.clear();
  if (features.has(Feature::kReach) && draw.one_in(2)) draw_reaches(draw, features, &changed);
  const uint32_t changes = 1 + draw.below(3);
  for (uint32_t i = 0; i < changes; ++i) {
    switch (draw.below(8)) {
      case 0:
        changed.call_order = static_cast<CallOrder>(draw.below(3));
        draw_tenant_settings(draw, features, &changed);
        // Queues take no codes that the tenant has no more.
        for (QueueConfig& queue : changed.queues) {
          std::erase_if(queue.wrap_up_codes, [&](const std::string& code) {
            return std::ranges::find(changed.wrap_up_codes, code) == changed.wrap_up_codes.end();
          });
        }
        break;
      case 1:
        leave_queue_out(draw, features, &changed);
        break;
      case 2:
        add_queue(draw, features, &changed);
        break;
      case 3:
        if (changed.skills.size() < std::size(kSkills)) {
          changed.skills.emplace_back(kSkills[changed.skills.size()]);
        }
        break;
      case 4:
        std::ranges::reverse(changed.queues);
        break;
      default: {
        const uint32_t position = draw.below(static_cast<uint32_t>(changed.queues.size()));
        QueueConfig& queue = changed.queues[position];
        QueueConfig other = QueueMaker(draw, features, changed, queue_ids(changed)).make(queue.id);
        if (draw.one_in(2)) {
          queue = std::move(other);
        } else {
          change_one_setting(draw, other, &queue);
        }
        break;
      }
    }
  }
  // A queue that was left out and added again needs no drain.
  const std::vector<std::string> ids = queue_ids(changed);
  std::erase_if(changed.drains, [&](const DrainConfig& drain) {
    return std::ranges::find(ids, drain.queue) != ids.end() ||
           std::ranges::find(ids, drain.target) == ids.end();
  });
  return changed;
}

namespace {

// Of many hundred, most of which many agents satisfy.
std::string draw_distinct_requirement(Draw& draw, const TenantConfig& config) {
  const auto term = [&] {
    const std::string level = std::to_string(draw.between(1, 10));
    return draw.pick(config.skills) + " >= " + level;
  };
  const std::string first = term();
  if (draw.one_in(4)) {
    const std::string weight = std::to_string(draw.between(2, 99));
    return first + " PREFERS " + draw.pick(config.skills) + " * " + weight;
  }
  const std::string second = term();
  return first + (draw.one_in(4) ? " AND " : " OR ") + second;
}

}  // namespace

std::string draw_call_requirement(Draw& draw, const Features& features,
                                  const TenantConfig& config) {
  if (features.has(Feature::kBigCentre)) return draw_distinct_requirement(draw, config);
  if (!features.has(Feature::kCallRequirements) || config.skills.empty()) return "";
  const std::string level = std::to_string(draw.between(1, 6));
  std::string text = draw.pick(config.skills) + " >= " + level;
  if (features.has(Feature::kBooleans) && draw.one_in(3)) {
    const std::string& skill = draw.pick(config.skills);
    text += draw.pick({" OR ", " AND NOT "}) + skill;
  }
  if (features.has(Feature::kReplaces) && draw.one_in(3)) text = "REPLACE " + text;
  if (features.has(Feature::kPrefers) && draw.one_in(3)) {
    text += " PREFERS " + draw.pick(config.skills) + " * 2";
  }
  return text;
}

}  // namespace acd::sim
