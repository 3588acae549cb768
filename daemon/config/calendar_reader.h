// SPDX-License-Identifier: Apache-2.0
// The keys of a calendar in the configuration file.
#pragma once

#include <string>

#include "acd/v1/config_service.pb.h"
#include "daemon/config/field_reader.h"
#include "daemon/config/yaml_tree.h"

namespace acd {

// Reads one entry of `calendars`, at `field` in the file. What cannot be read is reported.
void read_calendar(FieldReader& reader, const YamlNode& node, const std::string& field,
                   const std::string& tenant, v1::Calendar& calendar);

}  // namespace acd
