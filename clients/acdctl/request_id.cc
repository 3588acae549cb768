// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/request_id.h"

#include <random>

namespace acd::acdctl {

std::string make_request_id() {
  std::random_device device;
  std::string uuid;
  for (const int digits : {8, 4, 4, 4, 12}) {
    if (!uuid.empty()) uuid += '-';
    for (int i = 0; i < digits; ++i) uuid += "0123456789abcdef"[device() % 16];
  }
  uuid[14] = '4';
  uuid[19] = "89ab"[device() % 4];
  return uuid;
}

}  // namespace acd::acdctl
