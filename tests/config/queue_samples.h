// SPDX-License-Identifier: Apache-2.0
// A good configuration, and what is put into it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/config/config_tables.h"

namespace acd {

using Config = v1::TenantConfig;
using Queue = v1::Queue;

inline google::protobuf::Duration seconds(int64_t count, int32_t nanos = 0) {
  google::protobuf::Duration duration;
  duration.set_seconds(count);
  duration.set_nanos(nanos);
  return duration;
}

// A good configuration with the queues `loans`, which has a requirement with labels, and `night`.
inline Config make_config() {
  Config config;
  config.set_name("tenants/bank");
  config.add_skills("ps");
  config.add_skills("ne");
  config.add_queues()->set_name("tenants/bank/queues/loans");
  config.add_queues()->set_name("tenants/bank/queues/night");
  config.mutable_queues(0)->set_requirement("tongue: ps >= 3 AND ne >= 1");
  return config;
}

inline v1::Member* add_agent(Queue& queue, const std::string& id) {
  v1::Member* member = queue.mutable_members()->add_entries();
  member->set_agent("tenants/bank/agents/" + id);
  return member;
}

inline v1::Step* add_step(Queue& queue) {
  v1::Step* step = queue.add_steps();
  *step->mutable_after() = seconds(30);
  return step;
}

inline std::string to_text(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    text += violation.field + ": " + violation.description + "\n";
  }
  return text;
}

}  // namespace acd
