// SPDX-License-Identifier: Apache-2.0
// What the batches of switches and of desktop sessions have in common on their way to commands.
#include "daemon/rpc/event_batch.h"

#include <charconv>

#include "routing/check.h"
#include "routing/limits.h"

namespace acd {
namespace {

constexpr std::string_view kEventsPath = "batch.events[";

}  // namespace

bool EventFields::text(const char* field, std::string_view value, bool required, size_t bytes_max,
                       TextRef* ref) {
  if (value.empty()) return !required || missing(field);
  if (auto fault = text_fault(field, value, bytes_max)) {
    return refuse(fault->reason, field, std::move(fault->message));
  }
  *ref = add_text(value, arena_);
  return true;
}

bool EventFields::in_range(const char* field, int64_t value, int64_t min, int64_t max) {
  return (value >= min && value <= max) ||
         refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, field,
                absl::StrCat("is ", value, "; must be ", min, "..", max));
}

bool EventFields::missing(const char* field) {
  return refuse(v1::ERROR_REASON_FIELD_REQUIRED, field, "is required");
}

bool EventFields::refuse(v1::ErrorReason reason, std::string_view field, std::string message) {
  const bool in_envelope =
      envelope_->FindFieldByName(std::string(field)) != nullptr || field == "event";
  fault_.reason = reason;
  fault_.field = in_envelope ? std::string(field)
                             : absl::StrCat(event_name(), ".", prefix_, std::string(field));
  fault_.message = std::move(message);
  return false;
}

bool EventFields::generation(int64_t value) {
  if (value == 0) return missing("generation");
  command_->generation = static_cast<uint32_t>(value);
  return in_range("generation", value, 1, UINT32_MAX);
}

bool EventFields::reason(int32_t value) {
  command_->number = value;
  return in_range("reason", value, 0, kAgentReasonMax);
}

bool EventFields::answer_mode(v1::AnswerMode mode) {
  if (!v1::AnswerMode_IsValid(mode)) {
    return refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "answer_mode", "is no AnswerMode");
  }
  command_->detail = static_cast<uint8_t>(to_answer_mode(mode));
  return true;
}

bool EventFields::media(const std::vector<int>& values) {
  MediaMask mask = 0;
  for (const int value : values) {
    if (value == v1::MEDIUM_UNSPECIFIED || !v1::Medium_IsValid(value)) {
      return refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "media", "has one that is no Medium");
    }
    const MediaMask bit = mask_of(to_medium(static_cast<v1::Medium>(value)));
    if ((mask & bit) != 0) {
      return refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "media", "names one twice");
    }
    mask |= bit;
  }
  command_->number = mask;
  return true;
}

std::string_view BadTexts::take(int index) {
  std::string_view found;
  while (!paths_.empty()) {
    std::string_view path = paths_.front();
    ACD_CHECK(path.starts_with(kEventsPath));
    path.remove_prefix(kEventsPath.size());
    int event = 0;
    const auto end = std::from_chars(path.data(), path.data() + path.size(), event).ptr;
    if (event != index) break;
    path.remove_prefix(static_cast<size_t>(end - path.data()) + 2);  // "]."
    if (found.empty()) found = path;
    paths_ = paths_.subspan(1);
  }
  return found;
}

void refuse_event(FieldFault&& fault, int64_t sequence, Batch* batch) {
  Command& command = batch->commands.back();
  command = Command{};
  command.kind = CommandKind::kRefused;
  command.sequence = sequence;
  command.detail = static_cast<uint8_t>(fault.reason);
  batch->refusals.push_back({static_cast<uint32_t>(batch->commands.size() - 1),
                             static_cast<int32_t>(fault.reason), std::move(fault.field),
                             std::move(fault.message)});
}

RpcError batch_too_large(int events, uint32_t max) {
  return {v1::ERROR_REASON_BATCH_TOO_LARGE,
          absl::StrCat("The batch has ", events, " events; at most ", max, " are allowed."),
          {{"events", absl::StrCat(events)}, {"batch_events_max", absl::StrCat(max)}},
          {}};
}

RpcError sequence_gap(int index, int64_t received, int64_t expected) {
  return {v1::ERROR_REASON_SEQUENCE_GAP,
          absl::StrCat("Event ", index, " of the batch has sequence ", received, "; ", expected,
                       " follows. Connect again and resume from there."),
          {{"expected", absl::StrCat(expected)}, {"received", absl::StrCat(received)}},
          {}};
}

RpcError first_must_open() {
  return {v1::ERROR_REASON_SESSION_NOT_OPEN,
          "The first message of the stream must be `open_session`.",
          {},
          {}};
}

RpcError session_not_open(bool is_opened_again) {
  return {v1::ERROR_REASON_SESSION_NOT_OPEN,
          is_opened_again ? "The session is open already; only the first message opens it."
                          : "Every message but the first must be a `batch`.",
          {},
          {}};
}

void check_open_text(const char* field, std::string_view value, std::span<const std::string> bad,
                     Violations* violations) {
  const std::string path = absl::StrCat("open_session.", field);
  const bool is_bad = std::find(bad.begin(), bad.end(), path) != bad.end();
  std::optional<FieldFault> fault = required_text_fault(path, value, kIdBytesMax);
  if (is_bad) fault = {v1::ERROR_REASON_FIELD_NOT_TEXT, path, std::string(kNotText)};
  if (fault) violations->add(fault->reason, std::move(fault->field), std::move(fault->message));
}

}  // namespace acd
