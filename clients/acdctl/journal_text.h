// SPDX-License-Identifier: Apache-2.0
// How records and times of a journal are written for people and programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/storage/records.h"

namespace acd::acdctl {

// Grows a JSON object member by member.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, uint64_t value);
  JsonObject& signed_number(std::string_view name, int64_t value);
  JsonObject& flag(std::string_view name, bool value);
  // `value` is JSON already.
  JsonObject& raw(std::string_view name, std::string_view value);
  // The object, without a line feed.
  [[nodiscard]] std::string take() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

// "enqueue_call"; "advance" for an advance of the clock.
[[nodiscard]] std::string_view record_name(const Record& record);

// "12.000000350s", as proto3 JSON writes durations.
[[nodiscard]] std::string seconds_text(int64_t ns);
// "2026-11-22T13:00:00.250Z".
[[nodiscard]] std::string time_text(int64_t unix_ns);

// Fields that are not default, as " name=value ..." or as members of `json`. A table that a command
// carries is told by its size only.
[[nodiscard]] std::string fields_text(const Record& record);
void add_fields(const Record& record, JsonObject* json);

}  // namespace acd::acdctl
