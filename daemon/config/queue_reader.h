// SPDX-License-Identifier: Apache-2.0
// One queue of the configuration file.
#pragma once

#include <string>
#include <string_view>

#include "acd/v1/config_service.pb.h"
#include "daemon/config/field_reader.h"
#include "daemon/config/yaml_tree.h"

namespace acd {

// Reads the map `node` at `field` into `queue`. `tenant` is its tenant's id; empty where that cannot
// be read.
void read_queue(FieldReader& reader, const YamlNode& node, const std::string& field,
                const std::string& tenant, v1::Queue& queue);

// The path of a field of the message as the file has it: "queues[2].members.agents[0]" is
// "queues[2].members[0]", "queues[1].limits.wait.action.queue" is "queues[1].limits.wait.queue".
[[nodiscard]] std::string file_path(std::string path);

}  // namespace acd
