// SPDX-License-Identifier: Apache-2.0
// Protobuf's own JSON, by the options that json.h promises, and single strings.
#include "clients/acdctl/json.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <google/protobuf/util/json_util.h>

#include "clients/acdctl/table.h"

namespace acd::acdctl {

absl::StatusOr<std::string> to_json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the daemon's answer has no JSON form: ", printable(status.ToString())));
  }
  return json + "\n";
}

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned>(c));
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return printable(quoted + '"');
}

}  // namespace acd::acdctl
