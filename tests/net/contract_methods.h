// SPDX-License-Identifier: Apache-2.0
// Which methods of the contract stream, for a proxy that passes them on without knowing them.
#pragma once

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>

#include "tests/net/fault_script.h"

namespace acd::net {

// Whether `method`, e.g. "/acd.v1.SwitchService/Connect", carries one message in that direction. What the
// contract does not know does.
inline bool is_single(const std::string& method, Direction direction) {
  std::string name = method.substr(std::min<size_t>(1, method.size()));
  std::replace(name.begin(), name.end(), '/', '.');
  const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  if (found == nullptr) return true;
  return direction == Direction::kUp ? !found->client_streaming() : !found->server_streaming();
}

}  // namespace acd::net
