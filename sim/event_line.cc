// SPDX-License-Identifier: Apache-2.0
#include "sim/event_line.h"

#include <array>
#include <cstdint>

#include "routing/event_words.h"
#include "routing/limits.h"
#include "routing/station.h"

namespace acd {
namespace {

// `digits` of them, with leading zeros.
std::string padded(uint64_t value, size_t digits) {
  std::string text = std::to_string(value);
  return std::string(text.size() < digits ? digits - text.size() : 0, '0') + text;
}

uint64_t magnitude(int64_t value) {
  return value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

// "12.000s", "12.000000001s".
std::string time_text(int64_t time_ns) {
  const uint64_t ns = magnitude(time_ns);
  const uint64_t fraction = ns % kNsPerS;
  const std::string sign = time_ns < 0 ? "-" : "";
  const std::string seconds = sign + std::to_string(ns / kNsPerS) + ".";
  if (fraction % kNsPerMs != 0) return seconds + padded(fraction, 9) + "s";
  return seconds + padded(fraction / kNsPerMs, 3) + "s";
}

// "20s", "1.5s", "never".
std::string duration_text(int64_t duration_ns) {
  if (duration_ns == kNeverNs) return "never";
  const uint64_t ns = magnitude(duration_ns);
  std::string text = (duration_ns < 0 ? "-" : "") + std::to_string(ns / kNsPerS);
  if (ns % kNsPerS != 0) {
    text += "." + padded(ns % kNsPerS, 9);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "s";
}

std::string quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) {
      result += "\\x";
      result += kHex[byte >> 4];
      result += kHex[byte & 15];
    } else {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + "\"";
}

template <size_t N>
std::string named(const std::array<std::string_view, N>& names, uint8_t value) {
  return value < N ? std::string(names[value]) : std::to_string(value);
}

std::string state_text(AgentState state) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "none",       "logged_out", "not_ready", "ready",   "reserved",  "ringing",
      "connecting", "on_call",    "on_hold",   "wrap_up", "busy_other"};
  return named(kNames, static_cast<uint8_t>(state));
}

std::string entry_text(uint8_t detail) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "arrival", "overflow", "drained", "transfer", "consult", "callback", "scheduled"};
  return "entry=" + named(kNames, detail);
}

std::string limit_text(uint8_t detail) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "none", "closed", "no_agents", "none_ready", "length", "ewt", "wait", "offers", "drained"};
  return "limit=" + named(kNames, detail);
}

std::string ended_by_text(uint8_t detail) {
  static constexpr std::array<std::string_view, 6> kNames = {"none",    "caller", "agent",
                                                             "timeout", "switch", "supervisor"};
  return "by=" + named(kNames, detail);
}

std::string fail_text(uint8_t detail) {
  static constexpr std::array<std::string_view, 3> kNames = {"switch_lost", "offers", "attempts"};
  return "reason=" + named(kNames, detail);
}

std::string target_text(uint8_t detail) {
  static constexpr std::array<std::string_view, 5> kNames = {"none", "queue", "agent", "supervisor",
                                                             "outside"};
  return "to=" + named(kNames, detail);
}

std::string treatment_text(uint8_t detail) {
  static constexpr std::array<std::string_view, 3> kNames = {"scheduled", "announcement",
                                                             "callback_offer"};
  return "treatment=" + named(kNames, detail);
}

std::string dial_text(uint8_t detail) {
  static constexpr std::array<std::string_view, 5> kNames = {"unknown", "no_answer", "busy",
                                                             "unreachable", "answered"};
  return "outcome=" + named(kNames, detail);
}

// What `detail` says; the same for every value of a kind, so that no value hides.
std::string detail_text(EventKind kind, uint8_t detail) {
  switch (kind) {
    case EventKind::kCallEnqueued:
      return detail == 0 ? "" : entry_text(detail);
    case EventKind::kCallCompleted:
    case EventKind::kCallAbandoned:
    case EventKind::kCallTimedOut:
    case EventKind::kCallWithdrawn:
      return detail == 0 ? "" : ended_by_text(detail);
    case EventKind::kCallFailed:
      return fail_text(detail);
    case EventKind::kCallOverflowed:
    case EventKind::kCallRejected:
      return limit_text(detail);
    case EventKind::kCallTreated:
      return treatment_text(detail);
    case EventKind::kCallTransferred:
      return target_text(detail);
    case EventKind::kAgentLoggedIn:
      return "mode=" + (detail < kAnswerModeCount
                            ? std::string(answer_mode_name(static_cast<AnswerMode>(detail)))
                            : std::to_string(detail));
    case EventKind::kCallDialEnded:
      return dial_text(detail);
    case EventKind::kCallSupervised:
      return std::string(supervision_word(static_cast<Supervision>(detail)));
    case EventKind::kOfferAccepted:
      return detail == 1 ? "late" : detail == 0 ? "" : "detail=" + std::to_string(detail);
    case EventKind::kOfferEnded:
      return event_name(kind, detail) == "offer.unknown" ? "detail=" + std::to_string(detail) : "";
    case EventKind::kCallMerged:
      return detail == 1 ? "by_request" : detail == 0 ? "" : "detail=" + std::to_string(detail);
    case EventKind::kCallPartyLeft:
      return detail == 1 ? "by_transfer" : detail == 0 ? "" : "detail=" + std::to_string(detail);
    case EventKind::kCallPartyJoined:
    case EventKind::kCallOutsideDialed:
    case EventKind::kCallOutsideAnswered:
    case EventKind::kCallRetrieved:
    case EventKind::kCallCallbackRequested:
    case EventKind::kCallScheduled:
    case EventKind::kCallDialed:
    case EventKind::kCallDue:
    case EventKind::kCallScored:
    case EventKind::kCallRerouted:
    case EventKind::kSwitchResynced:
    case EventKind::kCallLegReplaced:
    case EventKind::kCallConnected:
    case EventKind::kCallHeld:
    case EventKind::kCallResumed:
    case EventKind::kCallRequeued:
    case EventKind::kCallPriorityChanged:
    case EventKind::kCallStepChanged:
    case EventKind::kCallDecided:
    case EventKind::kOfferCreated:
    case EventKind::kOfferRinging:
    case EventKind::kOfferStale:
    case EventKind::kAgentUpserted:
    case EventKind::kAgentLoggedOut:
    case EventKind::kAgentLegUp:
    case EventKind::kAgentLegLost:
    case EventKind::kAgentStateChanged:
    case EventKind::kAgentWrapUpStarted:
    case EventKind::kAgentWrapUpEnded:
    case EventKind::kQueueConfigChanged:
    case EventKind::kQueueOpened:
    case EventKind::kQueueClosed:
    case EventKind::kQueueCallbacksOpened:
    case EventKind::kQueueCallbacksClosed:
    case EventKind::kQueueRemoved:
    case EventKind::kSwitchConnected:
    case EventKind::kSwitchDisconnected:
    case EventKind::kDesktopConnected:
    case EventKind::kDesktopDisconnected:
    case EventKind::kAgentAttached:
    case EventKind::kAgentDetached:
    case EventKind::kMemberAdded:
    case EventKind::kMemberRemoved:
    case EventKind::kMemberPaused:
    case EventKind::kMemberUnpaused:
      break;
  }
  return detail == 0 ? "" : "detail=" + std::to_string(detail);
}

std::string name_or_number(std::string_view name, std::string_view prefix, uint32_t number) {
  return name.empty() ? std::string(prefix) + std::to_string(number) : std::string(name);
}

}  // namespace

std::string event_line(const Event& event, const EventLog& log, const EventNames& names) {
  std::string line = time_text(event.time_ns);
  const auto add = [&](const std::string& word) {
    if (!word.empty()) line += " " + word;
  };
  const auto add_text = [&](const std::string& label, const TextRef& text) {
    if (text.size != 0) add(label + quoted(text.in(log.arena)));
  };
  add(std::string(event_name(event.kind, event.detail)));
  if (event.call.valid()) add(names.call.empty() ? "call" : std::string(names.call));
  if (event.medium != Medium::kVoice) add(std::string(medium_name(event.medium)));
  if (event.agent.valid()) add(name_or_number(names.agent, "a", event.agent.value()));
  if (event.queue.valid()) add("q=" + name_or_number(names.queue, "", event.queue.value()));
  if (event.source.valid()) add("s=" + std::to_string(event.source.value()));
  if (event.generation != 0) add("gen=" + std::to_string(event.generation));
  if (event.from != AgentState{} || event.to != AgentState{}) {
    add(state_text(event.from) + "->" + state_text(event.to));
  }
  add(detail_text(event.kind, event.detail));
  if (event.number != 0) add("n=" + std::to_string(event.number));
  if (event.cause != 0) add("cause=" + std::to_string(event.cause));
  if (event.duration_ns != 0) add("dur=" + duration_text(event.duration_ns));
  if (event.flag) add("flag");
  add_text("", event.text);
  add_text("2=", event.text2);
  add_text("3=", event.text3);
  return line;
}

std::string event_line(const Event& event, const EventLog& log, std::string_view call_id) {
  return event_line(event, log, EventNames{call_id, {}, {}});
}

}  // namespace acd
