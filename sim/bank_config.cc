// SPDX-License-Identifier: Apache-2.0
// Writes the acdd configuration that a call log asks for.
#include "sim/bank_config.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "sim/replay_mix.h"

namespace acd::sim {
namespace {

// A log tells no levels: everybody can do what they did equally well.
constexpr int kLevel = 5;

// Quotes what YAML would read as something other than a text.
std::string scalar(const std::string& id) {
  constexpr std::array<const char*, 9> kWords = {"null", "true", "false", "yes", "no",
                                                 "on",   "off",  "y",     "n"};
  std::string lower = id;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const bool is_word = std::ranges::any_of(kWords, [&](const char* word) { return lower == word; });
  const bool starts_with_letter = lower[0] >= 'a' && lower[0] <= 'z';
  return is_word || !starts_with_letter ? absl::StrCat("\"", id, "\"") : id;
}

std::string callback(CallbackMode mode) {
  return absl::StrCat("        callback: {mode: ",
                      mode == CallbackMode::kAgentFirst
                          ? "agent_first"
                          : absl::StrCat("customer_first, dials_max: ", kMixDialingMax),
                      ", attempts: ", kMixDialsMax, ", retry_interval: ", kMixRetryNs / kNsPerS,
                      "s}\n");
}

std::string teams(const CallLog& log) {
  std::string yaml = "    teams:\n";
  for (size_t team = 0; team < kMixTeams.size(); ++team) {
    std::vector<std::string> supervisors;
    for (size_t agent = 0; agent < log.agents.size(); ++agent) {
      if (team_of(agent) == team && is_supervisor(agent)) {
        supervisors.push_back(scalar(log.agents[agent]));
      }
    }
    if (supervisors.empty()) continue;
    absl::StrAppend(&yaml, "      - {id: ", kMixTeams[team], ", supervisors: [",
                    absl::StrJoin(supervisors, ", "), "]}\n");
  }
  return yaml;
}

std::string wrap_up() {
  return absl::StrCat("        wrap_up: {mode: timed, duration: ", kMixWrapUpNs / kNsPerS,
                      "s, extensions: ", kMixExtensions, ", extension: ", kMixExtensionNs / kNsPerS,
                      "s}\n");
}

std::string predicted_wait() {
  return absl::StrCat(
      "        limits: {ewt: {max: ", kMixWaitMaxNs / kNsPerS,
      "s, announce: long-wait}}\n        treatments: [{after: ", kMixTellNs / kNsPerS,
      "s, repeat: ", kMixTellNs / kNsPerS, "s, media: soon, tells_ewt: true}]\n");
}

// The phone excludes all else, but interrupts emails.
std::string media() {
  return absl::StrCat(
      "        media:\n"
      "          - {medium: voice, excludes: [chat, email, task]}\n"
      "          - {medium: callback, excludes: [chat, email, task]}\n"
      "          - {medium: chat, capacity: ",
      kMixChatsMax, "}\n          - {medium: email, capacity: ", kMixEmailsMax,
      ", interrupted_by: [voice, callback]}\n          - {medium: task}\n");
}

}  // namespace

std::string bank_config(const CallLog& log, const std::string& tenant, bool is_mixed) {
  std::string yaml = absl::StrCat(
      "# Routing configuration made by `acdsim bank-config` from a call log of ", log.rows.size(),
      " calls,\n# ", format_date(log.rows.front().day), " to ", format_date(log.rows.back().day),
      ".\n#\n"
      "# One skill and one queue for each type of call; every agent has the types that the log "
      "shows\n"
      "# them serving. The log tells no levels, so all are ",
      kLevel, ", and no wrap-up: it is part of the handle time.\n");
  std::vector<std::string> skills;
  skills.reserve(log.types.size());
  for (const std::string& type : log.types) skills.push_back(scalar(type));
  absl::StrAppend(&yaml, "tenants:\n  - id: ", scalar(tenant), "\n    skills: [",
                  absl::StrJoin(skills, ", "), "]\n");
  if (is_mixed) {
    absl::StrAppend(&yaml, "    wrap_up_codes: [", absl::StrJoin(kMixCodes, ", "), "]\n");
    absl::StrAppend(&yaml, "    labels: [", absl::StrJoin(kMixLabels, ", "), "]\n");
    if (!log.agents.empty()) absl::StrAppend(&yaml, teams(log));
  }
  absl::StrAppend(&yaml, "    queues:\n");
  for (size_t queue = 0; queue < log.types.size(); ++queue) {
    const std::string& type = log.types[queue];
    absl::StrAppend(&yaml, "      - id: ", scalar(type), "\n        requirement: ", type,
                    " >= 1\n");
    if (!is_mixed) continue;
    absl::StrAppend(&yaml, callback(callback_mode_of(static_cast<uint32_t>(queue))));
    if (has_wrap_up(static_cast<uint32_t>(queue))) absl::StrAppend(&yaml, wrap_up());
    if (goes_by_wait(static_cast<uint32_t>(queue))) absl::StrAppend(&yaml, predicted_wait());
  }
  absl::StrAppend(&yaml, "    agents:\n");
  for (size_t agent = 0; agent < log.agents.size(); ++agent) {
    std::vector<std::string> levels;
    levels.reserve(log.agent_types[agent].size());
    for (const uint32_t type : log.agent_types[agent]) {
      levels.push_back(absl::StrCat(scalar(log.types[type]), ": ", kLevel));
    }
    absl::StrAppend(&yaml, "      - id: ", scalar(log.agents[agent]), "\n        skills: {",
                    absl::StrJoin(levels, ", "), "}\n");
    if (!is_mixed) continue;
    absl::StrAppend(&yaml, "        team: ", kMixTeams[team_of(agent)], "\n", media());
  }
  return yaml;
}

}  // namespace acd::sim
