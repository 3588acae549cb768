// SPDX-License-Identifier: Apache-2.0
// Which keys a queue has in the file, and what they become in the message.
#include "daemon/config/queue_reader.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

#include <optional>
#include <span>

#include "daemon/config/config_tables.h"
#include "daemon/config/text.h"
#include "daemon/config/words.h"

namespace acd {
namespace {

using Duration = google::protobuf::Duration;
using Kind = YamlNode::Kind;

constexpr std::string_view kQueueKeys[] = {"id",
                                           "requirement",
                                           "priority",
                                           "age_rate",
                                           "objective",
                                           "members",
                                           "strategy",
                                           "skill_weights",
                                           "ring_max",
                                           "steps",
                                           "limits",
                                           "treatments",
                                           "wrap_up",
                                           "offer_timeout",
                                           "reoffer_after",
                                           "connect_timeout",
                                           "adopts_late_answer",
                                           "service_level",
                                           "short_abandon",
                                           "calendar",
                                           "wrap_up_codes",
                                           "wrap_up_code_required",
                                           "callback"};
constexpr std::string_view kMemberKeys[] = {"agent", "team", "rank", "weight", "percent"};
constexpr std::string_view kWhoKeys[] = {"agent", "team"};
constexpr std::string_view kStepKeys[] = {"after", "consider_if", "replace",   "drop",
                                          "add",   "lower",       "open_team", "rank"};
constexpr std::string_view kChangeKeys[] = {"replace", "drop", "add", "lower", "open_team"};
constexpr std::string_view kLowerKeys[] = {"skill", "to"};
constexpr std::string_view kLimitsKeys[] = {"closed", "no_agents", "none_ready", "length",
                                            "ewt",    "wait",      "offers"};
constexpr std::string_view kActionKeys[] = {"announce", "callback", "queue", "agent",
                                            "outside",  "release",  "for"};
constexpr std::string_view kBoundedActionKeys[] = {"max",   "announce", "callback", "queue",
                                                   "agent", "outside",  "release",  "for"};
constexpr std::string_view kOneActionKeys[] = {"announce", "callback", "queue",
                                               "agent",    "outside",  "release"};
constexpr std::string_view kTreatmentKeys[] = {"after", "repeat", "media", "tells_position",
                                               "tells_ewt"};
constexpr std::string_view kWrapUpKeys[] = {"mode", "duration", "extensions", "extension"};
constexpr std::string_view kCallbackKeys[] = {
    "mode", "allow", "deny", "attempts", "retry_interval", "dial_timeout", "dials_max", "calendar"};
constexpr std::string_view kServiceLevelKeys[] = {"target", "goal_percent", "variant"};

// Reads one queue.
class QueueReader {
 public:
  QueueReader(FieldReader& reader, const std::string& tenant) : reader_(reader), tenant_(tenant) {}

  void read(const YamlNode& node, const std::string& field, v1::Queue& queue);

 private:
  void read_members(const YamlNode& node, const std::string& field, v1::Members& members);
  void read_member(const YamlNode& node, const std::string& field, v1::Member& member);
  void read_skill_weights(const YamlNode& node, const std::string& field, v1::Queue& queue);
  void read_step(const YamlNode& node, const std::string& field, v1::Step& step);
  void read_lower(const YamlNode& node, const std::string& field, v1::LowerLevel& lower);
  void read_limits(const YamlNode& node, const std::string& field, v1::QueueLimits& limits);
  void read_count_limit(const YamlNode& node, const std::string& field, v1::CountLimit& limit);
  void read_time_limit(const YamlNode& node, const std::string& field, v1::TimeLimit& limit);
  void read_action(const YamlNode& node, const std::string& field, v1::LimitAction& action);
  void read_treatment(const YamlNode& node, const std::string& field, v1::Treatment& treatment);
  void read_wrap_up(const YamlNode& node, const std::string& field, v1::Queue& queue);
  void read_callback(const YamlNode& node, const std::string& field, v1::Callback& callback);
  void read_service_level(const YamlNode& node, const std::string& field,
                          v1::ServiceLevelTarget& level);

  // Reports a map that has two of `keys`. `rule` says why not.
  void check_one_of(const YamlNode& node, const std::string& field, Keys keys, const char* rule);
  // The name of an entry of `collection`; empty for an id that cannot be read.
  std::string resource(const YamlNode& node, const std::string& field, const char* collection);

  FieldReader& reader_;
  const std::string& tenant_;
};

void QueueReader::read(const YamlNode& node, const std::string& field, v1::Queue& queue) {
  if (!reader_.check_keys(node, field, kQueueKeys)) return;
  const MapReader map(reader_, node, field);
  if (const YamlNode* value = value_of(node, "id")) {
    queue.set_name(resource(*value, field + ".id", "queues"));
  }
  map.read("requirement", &FieldReader::text, [&](auto& text) { queue.set_requirement(text); });
  map.read("priority", &FieldReader::integer, [&](int32_t value) { queue.set_priority(value); });
  map.read("age_rate", &FieldReader::integer, [&](int32_t value) { queue.set_age_rate(value); });
  map.read("objective", &FieldReader::duration,
           [&](const Duration& value) { *queue.mutable_objective() = value; });
  if (const YamlNode* value = value_of(node, "members")) {
    read_members(*value, field + ".members", *queue.mutable_members());
  }
  map.read_choice("strategy", kStrategyWords,
                  [&](int value) { queue.set_strategy(static_cast<v1::Strategy>(value)); });
  if (const YamlNode* value = value_of(node, "skill_weights")) {
    read_skill_weights(*value, field + ".skill_weights", queue);
  }
  map.read("ring_max", &FieldReader::integer, [&](int32_t value) { queue.set_ring_max(value); });
  map.read_list("steps", [&](const YamlNode& step, const std::string& path) {
    read_step(step, path, *queue.add_steps());
  });
  if (const YamlNode* value = value_of(node, "limits")) {
    read_limits(*value, field + ".limits", *queue.mutable_limits());
  }
  map.read_list("treatments", [&](const YamlNode& treatment, const std::string& path) {
    read_treatment(treatment, path, *queue.add_treatments());
  });
  if (const YamlNode* value = value_of(node, "wrap_up")) {
    read_wrap_up(*value, field + ".wrap_up", queue);
  }
  map.read("offer_timeout", &FieldReader::duration,
           [&](const Duration& value) { *queue.mutable_offer_timeout() = value; });
  map.read("reoffer_after", &FieldReader::duration,
           [&](const Duration& value) { *queue.mutable_reoffer_after() = value; });
  map.read("connect_timeout", &FieldReader::duration,
           [&](const Duration& value) { *queue.mutable_connect_timeout() = value; });
  map.read("adopts_late_answer", &FieldReader::boolean,
           [&](bool value) { queue.set_adopts_late_answer(value); });
  if (const YamlNode* value = value_of(node, "service_level")) {
    read_service_level(*value, field + ".service_level", *queue.mutable_service_level());
  }
  map.read("short_abandon", &FieldReader::duration,
           [&](const Duration& value) { *queue.mutable_short_abandon() = value; });
  if (const YamlNode* value = value_of(node, "calendar")) {
    queue.set_calendar(resource(*value, field + ".calendar", "calendars"));
  }
  map.read_list("wrap_up_codes", [&](const YamlNode& code, const std::string& path) {
    queue.add_wrap_up_codes(reader_.id(code, path).value_or(""));
  });
  if (const YamlNode* codes = value_of(node, "wrap_up_codes");
      codes != nullptr && codes->kind == Kind::kList && codes->children.empty()) {
    reader_.report(codes->line, field + ".wrap_up_codes",
                   "is empty; leave it out to mean every code of the tenant");
  }
  map.read("wrap_up_code_required", &FieldReader::boolean,
           [&](bool value) { queue.set_wrap_up_code_required(value); });
  if (const YamlNode* value = value_of(node, "callback")) {
    read_callback(*value, field + ".callback", *queue.mutable_callback());
  }
}

// --- Members.

void QueueReader::read_members(const YamlNode& node, const std::string& field,
                               v1::Members& members) {
  if (node.kind == Kind::kScalar && node.text == "all") return;
  if (node.kind != Kind::kList) {
    reader_.report(node.line, field,
                   absl::StrCat("must be a list of agents and teams, or the word all; is ",
                                node.kind == Kind::kScalar ? quote(node.text) : kind_text(node)));
    return;
  }
  // In the message an empty list means everybody, which is not what an empty list looks like.
  if (node.children.empty()) {
    reader_.report(node.line, field, "is empty; write all to mean every agent");
  }
  bool plain = true;
  for (const YamlNode& entry : node.children) plain = plain && entry.kind != Kind::kMap;
  for (size_t i = 0; i < node.children.size(); ++i) {
    const YamlNode& entry = node.children[i];
    const std::string path = absl::StrCat(field, "[", i, "]");
    if (plain) {
      members.add_agents(resource(entry, path, "agents"));
    } else if (entry.kind == Kind::kMap) {
      read_member(entry, path, *members.add_entries());
    } else {
      members.add_entries()->set_agent(resource(entry, path, "agents"));
    }
  }
}

void QueueReader::read_member(const YamlNode& node, const std::string& field, v1::Member& member) {
  if (!reader_.check_keys(node, field, kMemberKeys)) return;
  check_one_of(node, field, kWhoKeys, "write two entries");
  if (const YamlNode* value = value_of(node, "agent")) {
    member.set_agent(resource(*value, field + ".agent", "agents"));
  } else if (const YamlNode* team = value_of(node, "team")) {
    member.set_team(reader_.id(*team, field + ".team").value_or(""));
  }
  const MapReader map(reader_, node, field);
  map.read("rank", &FieldReader::integer, [&](int32_t value) { member.set_rank(value); });
  map.read("weight", &FieldReader::integer, [&](int32_t value) { member.set_weight(value); });
  map.read("percent", &FieldReader::integer, [&](int32_t value) { member.set_percent(value); });
}

void QueueReader::read_skill_weights(const YamlNode& node, const std::string& field,
                                     v1::Queue& queue) {
  if (!reader_.check_map(node, field)) return;
  for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const YamlNode& key = node.children[i];
    const std::string skill_field = absl::StrCat(field, "[", quote(key.text), "]");
    const auto skill = reader_.id(key, skill_field);
    const auto weight = reader_.integer(node.children[i + 1], skill_field);
    // One that cannot be read is there all the same.
    if (skill) (*queue.mutable_skill_weights())[*skill] = weight.value_or(1);
  }
}

// --- Steps.

// A key that is there but cannot be read is set all the same, so that the rules do not ask for it.

void QueueReader::read_step(const YamlNode& node, const std::string& field, v1::Step& step) {
  if (!reader_.check_keys(node, field, kStepKeys)) return;
  check_one_of(node, field, kChangeKeys, "write two steps");
  const auto text_at = [&](std::string_view key) -> std::optional<std::string> {
    const YamlNode* value = value_of(node, key);
    if (value == nullptr) return std::nullopt;
    return reader_.text(*value, absl::StrCat(field, ".", std::string(key))).value_or("");
  };
  if (const YamlNode* value = value_of(node, "after")) {
    *step.mutable_after() = reader_.duration(*value, field + ".after").value_or(Duration());
  }
  if (const YamlNode* value = value_of(node, "consider_if")) {
    step.set_consider_if(reader_.text(*value, field + ".consider_if").value_or("unreadable"));
  }
  if (const auto text = text_at("replace")) step.set_replace(*text);
  if (const auto text = text_at("drop")) step.set_drop(*text);
  if (const auto text = text_at("add")) step.set_add(*text);
  if (const YamlNode* value = value_of(node, "lower")) {
    read_lower(*value, field + ".lower", *step.mutable_lower());
  }
  if (const YamlNode* value = value_of(node, "open_team")) {
    step.set_open_team(reader_.id(*value, field + ".open_team").value_or(""));
  }
  MapReader(reader_, node, field).read("rank", &FieldReader::integer, [&](int32_t value) {
    step.set_rank(value);
  });
}

void QueueReader::read_lower(const YamlNode& node, const std::string& field,
                             v1::LowerLevel& lower) {
  if (!reader_.check_keys(node, field, kLowerKeys)) return;
  const MapReader map(reader_, node, field);
  map.read("skill", &FieldReader::id, [&](const std::string& value) { lower.set_skill(value); });
  map.read("to", &FieldReader::integer, [&](int32_t value) { lower.set_to(value); });
}

// --- Limits.

void QueueReader::read_limits(const YamlNode& node, const std::string& field,
                              v1::QueueLimits& limits) {
  if (!reader_.check_keys(node, field, kLimitsKeys)) return;
  const auto read_plain = [&](const char* key, v1::LimitAction* (v1::QueueLimits::*limit)()) {
    const YamlNode* value = value_of(node, key);
    if (value == nullptr) return;
    const std::string path = absl::StrCat(field, ".", key);
    if (reader_.check_keys(*value, path, kActionKeys))
      read_action(*value, path, *(limits.*limit)());
  };
  read_plain("closed", &v1::QueueLimits::mutable_closed);
  read_plain("no_agents", &v1::QueueLimits::mutable_no_agents);
  read_plain("none_ready", &v1::QueueLimits::mutable_none_ready);
  if (const YamlNode* value = value_of(node, "length")) {
    read_count_limit(*value, field + ".length", *limits.mutable_length());
  }
  if (const YamlNode* value = value_of(node, "ewt")) {
    read_time_limit(*value, field + ".ewt", *limits.mutable_ewt());
  }
  if (const YamlNode* value = value_of(node, "wait")) {
    read_time_limit(*value, field + ".wait", *limits.mutable_wait());
  }
  if (const YamlNode* value = value_of(node, "offers")) {
    read_count_limit(*value, field + ".offers", *limits.mutable_offers());
  }
}

void QueueReader::read_count_limit(const YamlNode& node, const std::string& field,
                                   v1::CountLimit& limit) {
  if (!reader_.check_keys(node, field, kBoundedActionKeys)) return;
  MapReader(reader_, node, field).read("max", &FieldReader::integer, [&](int32_t value) {
    limit.set_max(value);
  });
  read_action(node, field, *limit.mutable_action());
}

void QueueReader::read_time_limit(const YamlNode& node, const std::string& field,
                                  v1::TimeLimit& limit) {
  if (!reader_.check_keys(node, field, kBoundedActionKeys)) return;
  MapReader(reader_, node, field).read("max", &FieldReader::duration, [&](const Duration& value) {
    *limit.mutable_max() = value;
  });
  read_action(node, field, *limit.mutable_action());
}

void QueueReader::read_action(const YamlNode& node, const std::string& field,
                              v1::LimitAction& action) {
  check_one_of(node, field, kOneActionKeys, "a limit has one action");
  const auto text_at = [&](std::string_view key) -> std::optional<std::string> {
    const YamlNode* value = value_of(node, key);
    if (value == nullptr) return std::nullopt;
    return reader_.text(*value, absl::StrCat(field, ".", std::string(key))).value_or("");
  };
  if (const auto text = text_at("announce")) action.set_announce(*text);
  if (const auto text = text_at("callback")) action.set_callback(*text);
  if (const YamlNode* value = value_of(node, "queue")) {
    action.set_queue(resource(*value, field + ".queue", "queues"));
  }
  if (const YamlNode* value = value_of(node, "agent")) {
    action.set_agent(resource(*value, field + ".agent", "agents"));
  }
  if (const auto text = text_at("outside")) action.set_outside(*text);
  if (const YamlNode* value = value_of(node, "release")) {
    action.set_release(reader_.integer(*value, field + ".release").value_or(0));
  }
  MapReader(reader_, node, field).read("for", &FieldReader::duration, [&](const Duration& value) {
    *action.mutable_agent_wait() = value;
  });
}

// --- Treatments, times, targets.

void QueueReader::read_treatment(const YamlNode& node, const std::string& field,
                                 v1::Treatment& treatment) {
  if (!reader_.check_keys(node, field, kTreatmentKeys)) return;
  const MapReader map(reader_, node, field);
  map.read("after", &FieldReader::duration,
           [&](const Duration& value) { *treatment.mutable_after() = value; });
  map.read("repeat", &FieldReader::duration,
           [&](const Duration& value) { *treatment.mutable_repeat() = value; });
  map.read("media", &FieldReader::text,
           [&](const std::string& value) { treatment.set_media(value); });
  map.read("tells_position", &FieldReader::boolean,
           [&](bool value) { treatment.set_tells_position(value); });
  map.read("tells_ewt", &FieldReader::boolean, [&](bool value) { treatment.set_tells_ewt(value); });
}

void QueueReader::read_wrap_up(const YamlNode& node, const std::string& field, v1::Queue& queue) {
  if (!reader_.check_keys(node, field, kWrapUpKeys)) return;
  v1::WrapUp wrap_up;
  const YamlNode* mode = value_of(node, "mode");
  if (mode == nullptr) {
    reader_.report(node.line, field + ".mode", "is required: none, timed or manual");
    return;
  }
  const auto word = reader_.choice(*mode, field + ".mode", kWrapUpModeWords);
  if (word) wrap_up.set_mode(static_cast<v1::WrapUpMode>(*word));
  const MapReader map(reader_, node, field);
  map.read("duration", &FieldReader::duration,
           [&](const Duration& value) { *wrap_up.mutable_duration() = value; });
  map.read("extensions", &FieldReader::integer,
           [&](int32_t value) { wrap_up.set_extensions(value); });
  map.read("extension", &FieldReader::duration,
           [&](const Duration& value) { *wrap_up.mutable_extension() = value; });
  // Without its mode the rules would find fault with the rest, too.
  if (word) *queue.mutable_wrap_up() = wrap_up;
}

void QueueReader::read_callback(const YamlNode& node, const std::string& field,
                                v1::Callback& callback) {
  if (!reader_.check_keys(node, field, kCallbackKeys)) return;
  const MapReader map(reader_, node, field);
  map.read_choice("mode", kCallbackModeWords,
                  [&](int value) { callback.set_mode(static_cast<v1::CallbackMode>(value)); });
  map.read_list("allow", [&](const YamlNode& pattern, const std::string& path) {
    callback.add_allow(reader_.text(pattern, path).value_or(""));
  });
  map.read_list("deny", [&](const YamlNode& pattern, const std::string& path) {
    callback.add_deny(reader_.text(pattern, path).value_or(""));
  });
  map.read("attempts", &FieldReader::integer, [&](int32_t value) { callback.set_attempts(value); });
  map.read("retry_interval", &FieldReader::duration,
           [&](const Duration& value) { *callback.mutable_retry_interval() = value; });
  map.read("dial_timeout", &FieldReader::duration,
           [&](const Duration& value) { *callback.mutable_dial_timeout() = value; });
  map.read("dials_max", &FieldReader::integer,
           [&](int32_t value) { callback.set_dials_max(value); });
  if (const YamlNode* value = value_of(node, "calendar")) {
    callback.set_calendar(resource(*value, field + ".calendar", "calendars"));
  }
}

void QueueReader::read_service_level(const YamlNode& node, const std::string& field,
                                     v1::ServiceLevelTarget& level) {
  if (!reader_.check_keys(node, field, kServiceLevelKeys)) return;
  const MapReader map(reader_, node, field);
  map.read("target", &FieldReader::duration,
           [&](const Duration& value) { *level.mutable_target() = value; });
  map.read("goal_percent", &FieldReader::integer,
           [&](int32_t value) { level.set_goal_percent(value); });
  map.read_choice("variant", kServiceLevelVariantWords, [&](int value) {
    level.set_variant(static_cast<v1::ServiceLevelVariant>(value));
  });
}

// --- Helpers.

void QueueReader::check_one_of(const YamlNode& node, const std::string& field, Keys keys,
                               const char* rule) {
  std::string_view first;
  for (const std::string_view key : keys) {
    const YamlNode* value = value_of(node, key);
    if (value == nullptr) continue;
    if (first.empty()) {
      first = key;
      continue;
    }
    reader_.report(
        node.line, field,
        absl::StrCat("has both ", std::string(first), " and ", std::string(key), "; ", rule));
    return;
  }
}

std::string QueueReader::resource(const YamlNode& node, const std::string& field,
                                  const char* collection) {
  const auto id = reader_.id(node, field);
  return id ? absl::StrCat("tenants/", tenant_, "/", collection, "/", *id) : std::string();
}

}  // namespace

void read_queue(FieldReader& reader, const YamlNode& node, const std::string& field,
                const std::string& tenant, v1::Queue& queue) {
  QueueReader(reader, tenant).read(node, field, queue);
}

std::string file_path(std::string path) {
  constexpr std::string_view kName = "name";
  const bool is_holiday = path.find("].holidays[") != std::string::npos;
  if (path == kName || (path.ends_with(".name") && !is_holiday)) {
    path.replace(path.size() - kName.size(), kName.size(), "id");
  }
  if (!path.starts_with("queues[")) return path;
  const size_t key = path.find("].");
  if (key == std::string::npos) return path;
  std::string queue = path.substr(0, key + 1);
  const std::string rest = path.substr(key + 1);
  for (const std::string_view list : {".members.agents", ".members.entries"}) {
    if (rest.starts_with(list)) return absl::StrCat(queue, ".members", rest.substr(list.size()));
  }
  if (!rest.starts_with(".limits.")) return path;
  return absl::StrCat(queue, absl::StrReplaceAll(rest, {{".action", ""}, {".agent_wait", ".for"}}));
}

}  // namespace acd
