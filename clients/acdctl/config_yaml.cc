// SPDX-License-Identifier: Apache-2.0
// A configuration message as the YAML that acdd reads: what `config get` prints can be edited and
// read back.
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"
#include "clients/acdctl/words.h"

namespace acd::acdctl {
namespace {

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

std::string queue_yaml(const v1::Queue& queue) {
  std::string text = absl::StrCat("      - id: ", yaml_text(short_name(queue.name())), "\n");
  const auto add = [&](std::string_view key, const std::string& value) {
    absl::StrAppend(&text, "        ", std::string(key), ": ", value, "\n");
  };
  if (!queue.requirement().empty()) add("requirement", yaml_text(queue.requirement()));
  add("priority", absl::StrCat(queue.priority()));
  add("members", queue.members().agents().empty() ? "all" : yaml_list(queue.members().agents()));
  if (queue.has_wrap_up()) {
    std::string wrap_up = absl::StrCat("{mode: ", wrap_up_mode_text(queue.wrap_up().mode()));
    if (queue.wrap_up().has_duration()) {
      absl::StrAppend(&wrap_up, ", duration: ", yaml_duration(queue.wrap_up().duration()));
    }
    add("wrap_up", wrap_up + "}");
  }
  if (queue.has_offer_timeout()) add("offer_timeout", yaml_duration(queue.offer_timeout()));
  if (queue.has_reoffer_after()) add("reoffer_after", yaml_duration(queue.reoffer_after()));
  if (queue.has_connect_timeout()) add("connect_timeout", yaml_duration(queue.connect_timeout()));
  if (queue.has_service_level()) {
    const v1::ServiceLevelTarget& level = queue.service_level();
    std::string value;
    if (level.has_target())
      absl::StrAppend(&value, "target: ", yaml_duration(level.target()), ", ");
    if (level.has_goal_percent()) {
      absl::StrAppend(&value, "goal_percent: ", level.goal_percent(), ", ");
    }
    absl::StrAppend(&value, "variant: ",
                    absl::StrReplaceAll(service_level_variant_text(level.variant()), {{" ", "_"}}));
    add("service_level", absl::StrCat("{", value, "}"));
  }
  if (queue.has_short_abandon()) add("short_abandon", yaml_duration(queue.short_abandon()));
  return text;
}

}  // namespace

std::string config_text(const v1::TenantConfig& config) {
  std::string text;
  if (!config.etag().empty()) absl::StrAppend(&text, "# etag ", printable(config.etag()), "\n");
  absl::StrAppend(&text, "tenants:\n  - id: ", yaml_text(short_name(config.name())), "\n");
  if (!config.skills().empty()) {
    absl::StrAppend(&text, "    skills: ", yaml_list(config.skills()), "\n");
  }
  if (config.has_switch_grace()) {
    absl::StrAppend(&text, "    switch_grace: ", yaml_duration(config.switch_grace()), "\n");
  }
  if (config.has_busy_limit()) {
    absl::StrAppend(&text, "    busy_limit: ", yaml_duration(config.busy_limit()), "\n");
  }
  if (config.has_rejects_max()) {
    absl::StrAppend(&text, "    rejects_max: ", config.rejects_max(), "\n");
  }
  if (config.has_no_answers_max()) {
    absl::StrAppend(&text, "    no_answers_max: ", config.no_answers_max(), "\n");
  }
  if (!config.queues().empty()) text += "    queues:\n";
  for (const v1::Queue& queue : config.queues()) text += queue_yaml(queue);
  return text;
}

}  // namespace acd::acdctl
