// SPDX-License-Identifier: Apache-2.0
// What the batches of switches and of desktop sessions have in common on their way to commands.
#pragma once

#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/batch.h"
#include "daemon/config/config_tables.h"
#include "daemon/config/text.h"
#include "daemon/rpc/field_fault.h"
#include "daemon/rpc/rpc_server.h"
#include "daemon/rpc/station_fields.h"
#include "daemon/rpc/status.h"
#include "routing/command.h"
#include "routing/sessions.h"

namespace acd {

// Turns fields of one event into those of one command, or finds the first fault. Fields of the
// envelope stand by themselves in its path, those of the event below its own.
class EventFields {
 public:
  EventFields(const google::protobuf::Descriptor* envelope, std::string* arena, Command* command)
      : arena_(arena), command_(command), envelope_(envelope) {}
  virtual ~EventFields() = default;
  EventFields(const EventFields&) = delete;
  EventFields& operator=(const EventFields&) = delete;

  [[nodiscard]] FieldFault& fault() { return fault_; }

 protected:
  // The event's field in its envelope.
  [[nodiscard]] virtual std::string event_name() const = 0;

  // Each notes the fault and returns false where there is one.
  [[nodiscard]] bool text(const char* field, std::string_view value, bool required,
                          size_t bytes_max, TextRef* ref);
  [[nodiscard]] bool in_range(const char* field, int64_t value, int64_t min, int64_t max);
  [[nodiscard]] bool missing(const char* field);
  [[nodiscard]] bool refuse(v1::ErrorReason reason, std::string_view field, std::string message);
  [[nodiscard]] bool generation(int64_t value);
  // Of an agent: why not ready, or paused.
  [[nodiscard]] bool reason(int32_t value);
  // What else is given of a station at log-in.
  template <typename LogIn>
  [[nodiscard]] bool station_of(const LogIn& log_in) {
    return answer_mode(log_in.answer_mode()) &&
           media({log_in.media().begin(), log_in.media().end()});
  }

  std::string* arena_;
  Command* command_;
  FieldFault fault_;
  std::string prefix_;  // Of the message below the event's own that is looked at.

 private:
  [[nodiscard]] bool answer_mode(v1::AnswerMode mode);
  [[nodiscard]] bool media(const std::vector<int>& values);

  const google::protobuf::Descriptor* envelope_;
};

// The bad strings of a batch, event by event. REQUIRES: take() with rising indices.
class BadTexts {
 public:
  explicit BadTexts(std::span<const std::string> paths) : paths_(paths) {}

  // First bad field of event `index` ("call_offered.queue_id"); empty when it has none.
  [[nodiscard]] std::string_view take(int index);

 private:
  std::span<const std::string> paths_;
};

// The last command of the batch is one of a bad event.
void refuse_event(FieldFault&& fault, int64_t sequence, Batch* batch);

[[nodiscard]] RpcError batch_too_large(int events, uint32_t max);
[[nodiscard]] RpcError sequence_gap(int index, int64_t received, int64_t expected);
[[nodiscard]] RpcError first_must_open();
[[nodiscard]] RpcError session_not_open(bool is_opened_again);

// How many they are, and the order of their sequences: they continue what the stream has seen, or
// repeat it.
template <typename Events>
[[nodiscard]] std::optional<RpcError> check_events(const Events& events, uint32_t events_max,
                                                   int64_t expected) {
  if (std::cmp_greater(events.size(), events_max)) {
    return batch_too_large(events.size(), events_max);
  }
  if (events.empty()) return std::nullopt;
  const int64_t first = events.Get(0).sequence();
  int64_t follows = first >= 1 && first <= expected ? first : expected;
  for (int i = 0; i < events.size(); ++i, ++follows) {
    const int64_t sequence = events.Get(i).sequence();
    if (sequence != follows) return sequence_gap(i, sequence, follows);
  }
  return std::nullopt;
}

// One command an event, kRefused where `decode` (event, arena, command) gives a fault.
template <typename Events, typename Decode>
void decode_events(const Events& events, std::span<const std::string> bad_texts,
                   int64_t* expected_sequence, Batch* batch, const Decode& decode) {
  BadTexts bad(bad_texts);
  batch->commands.reserve(static_cast<size_t>(events.size()));
  for (int i = 0; i < events.size(); ++i) {
    const auto& event = events.Get(i);
    *expected_sequence = std::max(*expected_sequence, event.sequence() + 1);
    Command& command = batch->commands.emplace_back();
    const std::string_view bad_text = bad.take(i);
    const size_t arena_size = batch->arena.size();
    std::optional<FieldFault> fault;
    if (!bad_text.empty()) {
      fault = {v1::ERROR_REASON_FIELD_NOT_TEXT, std::string(bad_text), std::string(kNotText)};
    } else {
      fault = decode(event, &batch->arena, &command);
    }
    if (!fault) continue;
    batch->arena.resize(arena_size);
    refuse_event(std::move(*fault), event.sequence(), batch);
  }
}

// Notes what is wrong with a field of the first message of a stream.
void check_open_text(const char* field, std::string_view value, std::span<const std::string> bad,
                     Violations* violations);

// One kOpenSession of `open`, and the id of its tenant.
template <typename Open>
[[nodiscard]] std::optional<RpcError> decode_session(const Open& open, SourceKind kind,
                                                     std::span<const std::string> bad_texts,
                                                     std::string_view principal,
                                                     std::string* tenant, Batch* batch) {
  Violations violations;
  *tenant = std::string(tenant_id_of(open.tenant()));
  if (open.tenant().empty()) {
    violations.add(v1::ERROR_REASON_FIELD_REQUIRED, "open_session.tenant", "is required");
  } else if (tenant->empty()) {
    violations.add(v1::ERROR_REASON_NAME_MALFORMED, "open_session.tenant",
                   "is " + quote(open.tenant()) + "; must be tenants/{tenant}");
  }
  check_open_text("source_id", open.source_id(), bad_texts, &violations);
  check_open_text("epoch", open.epoch(), bad_texts, &violations);
  if (!violations.empty()) return violations.error();

  Command& command = batch->commands.emplace_back();
  command.kind = CommandKind::kOpenSession;
  command.detail = static_cast<uint8_t>(kind);
  command.name = add_text(open.source_id(), &batch->arena);
  command.text = add_text(open.epoch(), &batch->arena);
  command.principal = add_text(principal, &batch->arena);
  return std::nullopt;
}

}  // namespace acd
