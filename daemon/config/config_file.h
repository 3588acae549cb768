// SPDX-License-Identifier: Apache-2.0
// The YAML file that seeds an empty journal.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "acd/v1/config_service.pb.h"

namespace acd {

struct TenantSeed {
  v1::TenantConfig config;
  std::vector<v1::Agent> agents;
};

// Reads and checks the file. The error lists every violation, one a line, each as
// "FILE:LINE: FIELD: what is wrong". Unknown keys, duplicate keys, wrong types and values out of
// range are errors; nothing is silently defaulted.
[[nodiscard]] absl::StatusOr<std::vector<TenantSeed>> read_config_file(const std::string& path);

// The bytes of the file, at most kConfigFileBytesMax and one.
[[nodiscard]] absl::StatusOr<std::string> read_config_text(const std::string& path);

// The same over a text; `name` stands for the file in messages.
[[nodiscard]] absl::StatusOr<std::vector<TenantSeed>> parse_config(const std::string& text,
                                                                   const std::string& name);

}  // namespace acd
