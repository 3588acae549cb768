// SPDX-License-Identifier: Apache-2.0
// Tables of words. Values that a newer daemon may send are shown by their number, never hidden.
#include "clients/acdctl/words.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

namespace acd::acdctl {
namespace {

struct AgentStateWord {
  v1::AgentState state;
  std::string_view text;
  Tone tone;
};

constexpr AgentStateWord kAgentStates[] = {
    {v1::AGENT_STATE_LOGGED_OUT, "Logged out", Tone::kPlain},
    {v1::AGENT_STATE_NOT_READY, "Not ready", Tone::kNotice},
    {v1::AGENT_STATE_READY, "Ready", Tone::kGood},
    {v1::AGENT_STATE_RESERVED, "Reserved", Tone::kActive},
    {v1::AGENT_STATE_RINGING, "Ringing", Tone::kActive},
    {v1::AGENT_STATE_CONNECTING, "Connecting", Tone::kActive},
    {v1::AGENT_STATE_ON_CALL, "On call", Tone::kActive},
    {v1::AGENT_STATE_ON_HOLD, "On hold", Tone::kActive},
    {v1::AGENT_STATE_WRAP_UP, "Wrap-up", Tone::kActive},
    {v1::AGENT_STATE_BUSY_OTHER, "Busy other", Tone::kNotice},
};

struct CallStateWord {
  v1::CallState state;
  std::string_view text;
  Tone tone;
};

constexpr CallStateWord kCallStates[] = {
    {v1::CALL_STATE_ENQUEUED, "Waiting", Tone::kNotice},
    {v1::CALL_STATE_ALERTING, "Alerting", Tone::kActive},
    {v1::CALL_STATE_CONNECTING, "Connecting", Tone::kActive},
    {v1::CALL_STATE_CONNECTED, "Connected", Tone::kGood},
    {v1::CALL_STATE_DIALING, "Dialing", Tone::kActive},
    {v1::CALL_STATE_SCHEDULED, "Scheduled", Tone::kPlain},
    {v1::CALL_STATE_OUTSIDE, "Outside", Tone::kActive},
};

// Why an agent is not ready: the ranges are those of AgentStatus.reason.
std::string reason_text(int32_t reason) {
  constexpr int32_t kSupervisorFirst = 100;
  constexpr int32_t kSystemFirst = 200;
  struct SystemReason {
    int32_t reason;
    std::string_view text;
  };
  constexpr SystemReason kSystemReasons[] = {{200, "logged in"},
                                             {201, "RONA"},
                                             {202, "rejects"},
                                             {203, "phone"},
                                             {204, "connection lost"}};
  for (const SystemReason& known : kSystemReasons) {
    if (known.reason == reason) return std::string(known.text);
  }
  if (reason >= kSystemFirst) return absl::StrCat("system ", reason);
  if (reason >= kSupervisorFirst) return absl::StrCat("supervisor ", reason);
  return absl::StrCat("reason ", reason);
}

std::string typed_word(std::string_view text) {
  return absl::StrReplaceAll(absl::AsciiStrToLower({text.data(), text.size()}), {{" ", "-"}});
}

}  // namespace

std::string agent_state_text(v1::AgentState state, int32_t reason) {
  for (const AgentStateWord& word : kAgentStates) {
    if (word.state != state) continue;
    std::string text(word.text);
    if (reason != 0) absl::StrAppend(&text, " (", reason_text(reason), ")");
    return text;
  }
  return absl::StrCat("State ", static_cast<int>(state));
}

Tone agent_state_tone(v1::AgentState state) {
  for (const AgentStateWord& word : kAgentStates) {
    if (word.state == state) return word.tone;
  }
  return Tone::kPlain;
}

std::optional<v1::AgentState> agent_state_named(std::string_view word) {
  for (const AgentStateWord& known : kAgentStates) {
    if (typed_word(known.text) == word) return known.state;
  }
  return std::nullopt;
}

std::string agent_state_words() {
  std::string words;
  for (const AgentStateWord& known : kAgentStates) {
    absl::StrAppend(&words, words.empty() ? "" : ", ", typed_word(known.text));
  }
  return words;
}

std::string call_state_text(v1::CallState state) {
  for (const CallStateWord& word : kCallStates) {
    if (word.state == state) return std::string(word.text);
  }
  return absl::StrCat("State ", static_cast<int>(state));
}

Tone call_state_tone(v1::CallState state) {
  for (const CallStateWord& word : kCallStates) {
    if (word.state == state) return word.tone;
  }
  return Tone::kPlain;
}

std::string service_level_variant_text(v1::ServiceLevelVariant variant) {
  constexpr std::string_view kPrefix = "SERVICE_LEVEL_VARIANT_";
  if (variant == v1::SERVICE_LEVEL_VARIANT_UNSPECIFIED) {
    variant = v1::SERVICE_LEVEL_VARIANT_ABANDONED_NEGATIVE;  // The documented default.
  }
  const std::string& name = v1::ServiceLevelVariant_Name(variant);
  if (name.size() <= kPrefix.size()) return absl::StrCat("variant ", static_cast<int>(variant));
  return absl::StrReplaceAll(absl::AsciiStrToLower(name.substr(kPrefix.size())), {{"_", " "}});
}

std::string wrap_up_mode_text(v1::WrapUpMode mode) {
  constexpr std::string_view kPrefix = "WRAP_UP_MODE_";
  if (mode == v1::WRAP_UP_MODE_UNSPECIFIED) mode = v1::WRAP_UP_MODE_NONE;  // As documented.
  const std::string& name = v1::WrapUpMode_Name(mode);
  if (name.size() <= kPrefix.size()) return absl::StrCat("mode ", static_cast<int>(mode));
  return absl::AsciiStrToLower(name.substr(kPrefix.size()));
}

}  // namespace acd::acdctl
