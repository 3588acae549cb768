// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/journal_text.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/time/time.h>

#include <array>
#include <cstdlib>

#include "clients/acdctl/json.h"

namespace acd::acdctl {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kNever = INT64_MAX;  // As the core has it.

absl::string_view absl_view(std::string_view text) { return {text.data(), text.size()}; }

bool carries_table(const acd::Command& command) {
  return command.kind == CommandKind::kConfigure || command.kind == CommandKind::kStageConfig ||
         command.kind == CommandKind::kUpsertAgents || command.kind == CommandKind::kOverrideQueue;
}

// Calls `text`, `number` or `flag` of `out` for each field that is not default.
template <typename Out>
void visit_shown(const Record& record, Out& out) {
  const acd::Command& command = record.command;
  if (record.kind == RecordKind::kAdvance) {
    out.number("fired", record.fired);
    return;
  }
  const auto number = [&](std::string_view name, int64_t value) {
    if (value != 0) out.number(name, value);
  };
  const auto duration = [&](std::string_view name, int64_t ns) {
    if (ns != 0) out.text(name, seconds_text(ns));
  };
  const auto text = [&](std::string_view name, TextRef value) {
    if (value.size > 0) out.text(name, value.in(record.arena));
  };
  if (command.source.valid()) out.number("source", command.source.value());
  number("sequence", command.sequence);
  if (carries_table(command)) {
    number("table_bytes", command.name.size);
  } else {
    text("name", command.name);
  }
  text("call", command.call);
  text("leg", command.leg);
  text("text", command.text);
  text("principal", command.principal);
  text("preferred", command.preferred);
  number("detail", command.detail);
  if (command.flag) out.flag("flag");
  number("number", command.number);
  number("cause", command.cause);
  number("generation", command.generation);
  duration("age", command.age_ns);
  duration("age_credit", command.age_credit_ns);
  if (command.kind == CommandKind::kSetEwt) {  // Where 0 says something, too.
    out.text("wait", command.wait_ns == kNever ? "unknown" : seconds_text(command.wait_ns));
  } else {
    duration("wait", command.wait_ns);
  }
}

struct TextFields {
  std::string line;
  void text(std::string_view name, std::string_view value) {
    absl::StrAppend(&line, " ", absl_view(name), "=", json_string(value));
  }
  void number(std::string_view name, int64_t value) {
    absl::StrAppend(&line, " ", absl_view(name), "=", value);
  }
  void flag(std::string_view name) { absl::StrAppend(&line, " ", absl_view(name)); }
};

struct JsonFields {
  JsonObject* json;
  void text(std::string_view name, std::string_view value) const { json->text(name, value); }
  void number(std::string_view name, int64_t value) const { json->signed_number(name, value); }
  void flag(std::string_view name) const { json->flag(name, true); }
};

}  // namespace

JsonObject& JsonObject::raw(std::string_view name, std::string_view value) {
  absl::StrAppend(&members_, members_.empty() ? "" : ",", "\"", absl_view(name),
                  "\":", absl_view(value));
  return *this;
}
JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  return raw(name, json_string(value));
}
JsonObject& JsonObject::number(std::string_view name, uint64_t value) {
  return raw(name, std::to_string(value));
}
JsonObject& JsonObject::signed_number(std::string_view name, int64_t value) {
  return raw(name, std::to_string(value));
}
JsonObject& JsonObject::flag(std::string_view name, bool value) {
  return raw(name, value ? "true" : "false");
}

std::string_view record_name(const Record& record) {
  return record.kind == RecordKind::kAdvance ? "advance" : command_name(record.command.kind);
}

std::string seconds_text(int64_t ns) {
  return absl::StrFormat("%s%d.%09ds", ns < 0 ? "-" : "", std::abs(ns / kNanosPerSecond),
                         std::abs(ns % kNanosPerSecond));
}

std::string time_text(int64_t unix_ns) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixNanos(unix_ns),
                          absl::UTCTimeZone());
}

std::string fields_text(const Record& record) {
  TextFields fields;
  visit_shown(record, fields);
  return fields.line;
}

void add_fields(const Record& record, JsonObject* json) {
  JsonFields fields{json};
  visit_shown(record, fields);
}

}  // namespace acd::acdctl
