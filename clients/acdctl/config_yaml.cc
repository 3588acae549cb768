// SPDX-License-Identifier: Apache-2.0
// A configuration message as the YAML that acdd reads: what `config get` and `config export` print
// can be edited and read back.
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"
#include "clients/acdctl/words.h"
#include "daemon/config/words.h"

namespace acd::acdctl {
namespace {

// Spaces before what stands below a key of a tenant, and of a queue or calendar.
constexpr size_t kTenantMargin = 6;
constexpr size_t kQueueMargin = 10;

// Words that YAML 1.1 reads as something other than text.
bool is_yaml_word(const std::string& text) {
  constexpr std::string_view kWords[] = {"y",  "n",   "yes",  "no",   "true",
                                         "on", "off", "null", "false"};
  const std::string lower = absl::AsciiStrToLower(text);
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

// Plain where YAML reads it back as the same text, in quotes otherwise.
std::string yaml_text(std::string_view value) {
  const std::string text = printable(value);
  const bool is_plain = !text.empty() && absl::ascii_isalpha(static_cast<unsigned char>(text[0])) &&
                        std::all_of(text.begin(), text.end(), [](char c) {
                          return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
                                 c == '_' || c == '-';
                        });
  if (is_plain && !is_yaml_word(text)) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

// The largest unit that holds the value exactly.
std::string yaml_duration(const google::protobuf::Duration& duration) {
  constexpr int32_t kNanosPerMilli = 1'000'000;
  constexpr int64_t kMillisPerSecond = 1'000;
  if (duration.nanos() == 0) return absl::StrCat(duration.seconds(), "s");
  if (duration.nanos() % kNanosPerMilli == 0) {
    return absl::StrCat(duration.seconds() * kMillisPerSecond + duration.nanos() / kNanosPerMilli,
                        "ms");
  }
  return absl::StrCat(duration.seconds(), "s", duration.nanos(), "ns");
}

template <typename Names>
std::string yaml_list(const Names& names) {
  std::string list;
  for (const std::string& name : names) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", yaml_text(short_name(name)));
  }
  return absl::StrCat("[", list, "]");
}

// One map on one line: "{key: value, key: value}".
class FlowMap {
 public:
  void add(std::string_view key, std::string_view value) {
    absl::StrAppend(&pairs_, pairs_.empty() ? "" : ", ", std::string(key), ": ",
                    std::string(value));
  }
  void add(std::string_view key, int64_t value) { add(key, absl::StrCat(value)); }
  void add(std::string_view key, const google::protobuf::Duration& value) {
    add(key, yaml_duration(value));
  }
  void add_text(std::string_view key, std::string_view value) { add(key, yaml_text(value)); }
  [[nodiscard]] bool empty() const { return pairs_.empty(); }
  [[nodiscard]] std::string text() const { return absl::StrCat("{", pairs_, "}"); }

 private:
  std::string pairs_;
};

// The word that files have for an enum; of a newer daemon its number, which is refused there.
std::string yaml_word(std::span<const ConfigWord> words, int value) {
  const std::string_view word = config_word(words, value);
  return word.empty() ? absl::StrCat(value) : std::string(word);
}

std::string member_yaml(const v1::Member& member) {
  FlowMap map;
  if (member.has_agent()) map.add_text("agent", short_name(member.agent()));
  if (member.has_team()) map.add_text("team", member.team());
  if (member.has_rank()) map.add("rank", member.rank());
  if (member.has_weight()) map.add("weight", member.weight());
  if (member.has_percent()) map.add("percent", member.percent());
  return map.text();
}

std::string members_yaml(const v1::Members& members) {
  if (members.entries().empty()) {
    return members.agents().empty() ? "all" : yaml_list(members.agents());
  }
  std::string list;
  for (const std::string& agent : members.agents()) {
    absl::StrAppend(&list, "\n          - ", yaml_text(short_name(agent)));
  }
  for (const v1::Member& member : members.entries()) {
    absl::StrAppend(&list, "\n          - ", member_yaml(member));
  }
  return list;
}

std::string weights_yaml(const google::protobuf::Map<std::string, int32_t>& weights) {
  const std::map<std::string, int32_t> sorted(weights.begin(), weights.end());
  FlowMap map;
  for (const auto& [skill, weight] : sorted) map.add(yaml_text(skill), weight);
  return map.text();
}

std::string callback_yaml(const v1::Callback& callback) {
  FlowMap map;
  if (callback.mode() != v1::CALLBACK_MODE_UNSPECIFIED) {
    map.add("mode", yaml_word(kCallbackModeWords, callback.mode()));
  }
  if (!callback.allow().empty()) map.add("allow", yaml_list(callback.allow()));
  if (!callback.deny().empty()) map.add("deny", yaml_list(callback.deny()));
  if (callback.has_attempts()) map.add("attempts", callback.attempts());
  if (callback.has_retry_interval()) map.add("retry_interval", callback.retry_interval());
  if (callback.has_dial_timeout()) map.add("dial_timeout", callback.dial_timeout());
  if (callback.has_dials_max()) map.add("dials_max", callback.dials_max());
  if (!callback.calendar().empty()) {
    map.add("calendar", yaml_text(short_name(callback.calendar())));
  }
  return map.text();
}

std::string step_yaml(const v1::Step& step) {
  FlowMap map;
  if (step.has_after()) map.add("after", step.after());
  if (step.has_consider_if()) map.add_text("consider_if", step.consider_if());
  if (step.has_replace()) map.add_text("replace", step.replace());
  if (step.has_drop()) map.add_text("drop", step.drop());
  if (step.has_add()) map.add_text("add", step.add());
  if (step.has_lower()) {
    FlowMap lower;
    lower.add_text("skill", step.lower().skill());
    lower.add("to", step.lower().to());
    map.add("lower", lower.text());
  }
  if (step.has_open_team()) map.add_text("open_team", step.open_team());
  if (step.has_rank()) map.add("rank", step.rank());
  return map.text();
}

void add_action(const v1::LimitAction& action, FlowMap* map) {
  if (action.has_announce()) map->add_text("announce", action.announce());
  if (action.has_callback()) map->add_text("callback", action.callback());
  if (action.has_queue()) map->add_text("queue", short_name(action.queue()));
  if (action.has_agent()) map->add_text("agent", short_name(action.agent()));
  if (action.has_outside()) map->add_text("outside", action.outside());
  if (action.has_release()) map->add("release", action.release());
  if (action.has_agent_wait()) map->add("for", action.agent_wait());
}

std::string limits_yaml(const v1::QueueLimits& limits) {
  std::string text;
  const auto add = [&text](std::string_view key, const FlowMap& map) {
    absl::StrAppend(&text, "\n          ", std::string(key), ": ", map.text());
  };
  const auto add_plain = [&](std::string_view key, const v1::LimitAction& action) {
    FlowMap map;
    add_action(action, &map);
    add(key, map);
  };
  const auto add_bounded = [&](std::string_view key, const auto& limit) {
    FlowMap map;
    if (limit.has_max()) map.add("max", limit.max());
    add_action(limit.action(), &map);
    add(key, map);
  };
  if (limits.has_closed()) add_plain("closed", limits.closed());
  if (limits.has_no_agents()) add_plain("no_agents", limits.no_agents());
  if (limits.has_none_ready()) add_plain("none_ready", limits.none_ready());
  if (limits.has_length()) add_bounded("length", limits.length());
  if (limits.has_ewt()) add_bounded("ewt", limits.ewt());
  if (limits.has_wait()) add_bounded("wait", limits.wait());
  if (limits.has_offers()) add_bounded("offers", limits.offers());
  return text.empty() ? "{}" : text;
}

std::string treatment_yaml(const v1::Treatment& treatment) {
  FlowMap map;
  if (treatment.has_after()) map.add("after", treatment.after());
  if (treatment.has_repeat()) map.add("repeat", treatment.repeat());
  map.add_text("media", treatment.media());
  if (treatment.tells_position()) map.add("tells_position", "true");
  if (treatment.tells_ewt()) map.add("tells_ewt", "true");
  return map.text();
}

std::string wrap_up_yaml(const v1::WrapUp& wrap_up) {
  FlowMap map;
  map.add("mode", wrap_up_mode_text(wrap_up.mode()));
  if (wrap_up.has_duration()) map.add("duration", wrap_up.duration());
  if (wrap_up.extensions() != 0) map.add("extensions", wrap_up.extensions());
  if (wrap_up.has_extension()) map.add("extension", wrap_up.extension());
  return map.text();
}

std::string service_level_yaml(const v1::ServiceLevelTarget& level) {
  FlowMap map;
  if (level.has_target()) map.add("target", level.target());
  if (level.has_goal_percent()) map.add("goal_percent", level.goal_percent());
  if (level.variant() != v1::SERVICE_LEVEL_VARIANT_UNSPECIFIED) {
    map.add("variant",
            absl::StrReplaceAll(service_level_variant_text(level.variant()), {{" ", "_"}}));
  }
  return map.text();
}

// A list with an item a line, behind `margin` spaces.
template <typename Items>
std::string lines_yaml(size_t margin, const Items& items,
                       std::string (*item_yaml)(const typename Items::value_type&)) {
  std::string text;
  for (const auto& item : items) {
    absl::StrAppend(&text, "\n", std::string(margin, ' '), "- ", item_yaml(item));
  }
  return text;
}

std::string queue_yaml(const v1::Queue& queue) {
  std::string text = absl::StrCat("      - id: ", yaml_text(short_name(queue.name())), "\n");
  // A value of several lines begins with a line feed.
  const auto add = [&](std::string_view key, const std::string& value) {
    absl::StrAppend(&text, "        ", std::string(key), value.starts_with('\n') ? ":" : ": ",
                    value, "\n");
  };
  if (!queue.requirement().empty()) add("requirement", yaml_text(queue.requirement()));
  add("priority", absl::StrCat(queue.priority()));
  if (queue.has_age_rate()) add("age_rate", absl::StrCat(queue.age_rate()));
  if (queue.has_objective()) add("objective", yaml_duration(queue.objective()));
  if (queue.has_members()) add("members", members_yaml(queue.members()));
  if (queue.strategy() != v1::STRATEGY_UNSPECIFIED) {
    add("strategy", yaml_word(kStrategyWords, queue.strategy()));
  }
  if (!queue.skill_weights().empty()) add("skill_weights", weights_yaml(queue.skill_weights()));
  if (queue.has_ring_max()) add("ring_max", absl::StrCat(queue.ring_max()));
  if (!queue.steps().empty()) add("steps", lines_yaml(kQueueMargin, queue.steps(), step_yaml));
  if (queue.has_limits()) add("limits", limits_yaml(queue.limits()));
  if (!queue.treatments().empty()) {
    add("treatments", lines_yaml(kQueueMargin, queue.treatments(), treatment_yaml));
  }
  if (queue.has_wrap_up()) add("wrap_up", wrap_up_yaml(queue.wrap_up()));
  if (queue.has_offer_timeout()) add("offer_timeout", yaml_duration(queue.offer_timeout()));
  if (queue.has_reoffer_after()) add("reoffer_after", yaml_duration(queue.reoffer_after()));
  if (queue.has_connect_timeout()) add("connect_timeout", yaml_duration(queue.connect_timeout()));
  if (queue.adopts_late_answer()) add("adopts_late_answer", "true");
  if (queue.has_service_level()) add("service_level", service_level_yaml(queue.service_level()));
  if (queue.has_short_abandon()) add("short_abandon", yaml_duration(queue.short_abandon()));
  if (!queue.calendar().empty()) add("calendar", yaml_text(short_name(queue.calendar())));
  if (!queue.wrap_up_codes().empty()) add("wrap_up_codes", yaml_list(queue.wrap_up_codes()));
  if (queue.wrap_up_code_required()) add("wrap_up_code_required", "true");
  if (queue.has_callback()) add("callback", callback_yaml(queue.callback()));
  return text;
}

// "[a, b]" of texts that are no names.
template <typename Texts>
std::string texts_yaml(const Texts& texts) {
  std::string list;
  for (const std::string& text : texts) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", yaml_text(text));
  }
  return absl::StrCat("[", list, "]");
}

std::string weekly_yaml(const v1::WeeklyHours& weekly) {
  std::string days;
  for (const int day : weekly.days()) {
    absl::StrAppend(&days, days.empty() ? "" : ", ", yaml_word(kDayOfWeekWords, day));
  }
  FlowMap map;
  map.add("days", absl::StrCat("[", days, "]"));
  map.add("hours", texts_yaml(weekly.hours()));
  return map.text();
}

std::string holiday_yaml(const v1::Holiday& holiday) {
  FlowMap map;
  map.add_text("date", holiday.date());
  if (!holiday.name().empty()) map.add_text("name", holiday.name());
  if (!holiday.hours().empty()) map.add("hours", texts_yaml(holiday.hours()));
  return map.text();
}

// Its first line says what it is, so that a difference can be told from that of a queue.
std::string calendar_yaml(const v1::Calendar& calendar) {
  std::string text =
      absl::StrCat("id: ", yaml_text(short_name(calendar.name())), std::string(kCalendarMark));
  const auto add = [&](std::string_view key, const std::string& value) {
    absl::StrAppend(&text, "\n        ", std::string(key), value.starts_with('\n') ? ":" : ": ",
                    value);
  };
  add("time_zone", yaml_text(calendar.time_zone()));
  if (!calendar.weekly().empty()) {
    add("weekly", lines_yaml(kQueueMargin, calendar.weekly(), weekly_yaml));
  }
  if (!calendar.holidays().empty()) {
    add("holidays", lines_yaml(kQueueMargin, calendar.holidays(), holiday_yaml));
  }
  return text;
}

std::string protect_yaml(const v1::ProtectRule& rule) {
  FlowMap map;
  map.add_text("skill", rule.skill());
  if (rule.has_ready_max()) map.add("ready_max", rule.ready_max());
  return map.text();
}

std::string reach_yaml(const v1::ReachRule& rule) {
  FlowMap map;
  map.add_text("from", rule.from());
  map.add_text("to", rule.to());
  if (!rule.dial_prefix().empty()) map.add_text("dial_prefix", rule.dial_prefix());
  return map.text();
}

std::string drain_yaml(const v1::Drain& drain) {
  FlowMap map;
  map.add_text("queue", short_name(drain.queue()));
  map.add_text("target", short_name(drain.target()));
  return map.text();
}

std::string team_yaml(const v1::Team& team) {
  FlowMap map;
  map.add_text("id", team.id());
  if (!team.supervisors().empty()) {
    std::vector<std::string> supervisors;
    for (const std::string& agent : team.supervisors()) supervisors.emplace_back(short_name(agent));
    map.add("supervisors", yaml_list(supervisors));
  }
  return map.text();
}

constexpr std::string_view kEtagMark = "# etag ";

std::string tenant_yaml(const v1::TenantConfig& config) {
  std::string text = absl::StrCat("  - id: ", yaml_text(short_name(config.name())), "\n");
  const auto add = [&text](std::string_view key, const std::string& value) {
    absl::StrAppend(&text, "    ", std::string(key), value.starts_with('\n') ? ":" : ": ", value,
                    "\n");
  };
  if (!config.skills().empty()) add("skills", yaml_list(config.skills()));
  if (!config.wrap_up_codes().empty()) add("wrap_up_codes", yaml_list(config.wrap_up_codes()));
  if (!config.labels().empty()) add("labels", yaml_list(config.labels()));
  if (config.call_order() != v1::CALL_ORDER_UNSPECIFIED) {
    add("call_order", yaml_word(kCallOrderWords, config.call_order()));
  }
  if (!config.protects().empty())
    add("protects", lines_yaml(kTenantMargin, config.protects(), protect_yaml));
  if (!config.reach().empty()) add("reach", lines_yaml(kTenantMargin, config.reach(), reach_yaml));
  if (config.has_overflows_max()) add("overflows_max", absl::StrCat(config.overflows_max()));
  if (!config.teams().empty()) add("teams", lines_yaml(kTenantMargin, config.teams(), team_yaml));
  if (config.has_transfers_max()) add("transfers_max", absl::StrCat(config.transfers_max()));
  if (config.has_transfer_wait()) add("transfer_wait", yaml_duration(config.transfer_wait()));
  if (config.has_decay_half_life()) add("decay_half_life", yaml_duration(config.decay_half_life()));
  if (config.has_random_seed()) add("random_seed", absl::StrCat(config.random_seed()));
  if (config.has_switch_grace()) add("switch_grace", yaml_duration(config.switch_grace()));
  if (config.has_agent_grace()) add("agent_grace", yaml_duration(config.agent_grace()));
  if (config.has_arrival_ack_timeout()) {
    add("arrival_ack_timeout", yaml_duration(config.arrival_ack_timeout()));
  }
  if (config.has_busy_limit()) add("busy_limit", yaml_duration(config.busy_limit()));
  if (config.has_rejects_max()) add("rejects_max", absl::StrCat(config.rejects_max()));
  if (config.has_no_answers_max()) add("no_answers_max", absl::StrCat(config.no_answers_max()));
  if (!config.time_zone().empty()) add("time_zone", yaml_text(config.time_zone()));
  if (!config.calendars().empty())
    add("calendars", lines_yaml(kTenantMargin, config.calendars(), calendar_yaml));
  if (!config.queues().empty()) text += "    queues:\n";
  for (const v1::Queue& queue : config.queues()) text += queue_yaml(queue);
  if (!config.drains().empty())
    add("drains", lines_yaml(kTenantMargin, config.drains(), drain_yaml));
  return text;
}

}  // namespace

std::string config_text(const v1::TenantConfig& config) {
  std::string text;
  if (!config.etag().empty()) {
    absl::StrAppend(&text, std::string(kEtagMark), printable(config.etag()), "\n");
  }
  return absl::StrCat(text, "tenants:\n", tenant_yaml(config));
}

std::string configs_text(std::span<const v1::TenantConfig> configs) {
  std::string text =
      "# Made by `acdctl config export`. `acdctl config apply` applies it in place of these:\n";
  for (const v1::TenantConfig& config : configs) {
    absl::StrAppend(&text, std::string(kEtagMark), printable(short_name(config.name())), " ",
                    printable(config.etag()), "\n");
  }
  absl::StrAppend(&text, "# Agents are no configuration and are not in here.\ntenants:\n");
  for (const v1::TenantConfig& config : configs) text += tenant_yaml(config);
  return text;
}

std::map<std::string, std::string> etags_in(std::string_view file_text) {
  std::map<std::string, std::string> etags;
  while (file_text.starts_with('#')) {
    const std::string_view line = file_text.substr(0, file_text.find('\n'));
    file_text.remove_prefix(std::min(file_text.size(), line.size() + 1));
    if (!line.starts_with(kEtagMark)) continue;
    std::vector<std::string> words;
    for (const auto& word : absl::StrSplit(std::string(line.substr(kEtagMark.size())),
                                           absl::ByAnyChar(" \t\r"), absl::SkipEmpty())) {
      words.emplace_back(word);
    }
    if (words.size() == 1) etags[""] = words[0];
    if (words.size() == 2) etags[words[0]] = words[1];
  }
  return etags;
}

}  // namespace acd::acdctl
