// SPDX-License-Identifier: Apache-2.0
// Output for programs.
#pragma once

#include <absl/status/statusor.h>
#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace acd::acdctl {

// The message as proto3 JSON on one line with '\n'. Fields with their default value are written
// too, so that a program finds the same fields every time; unset `optional` fields and messages are
// left out. Fails for values that have no JSON form (a duration of ten thousand years).
[[nodiscard]] absl::StatusOr<std::string> to_json(const google::protobuf::Message& message);

// `text` between quotes. Control characters are escaped; bytes that are not UTF-8 become '?'.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace acd::acdctl
