// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/open_calls.h"

#include <absl/strings/str_cat.h>

#include <vector>

#include "daemon/rpc/unary.h"

namespace acd {

void OpenCalls::add(const std::shared_ptr<UnaryReply>& reply) {
  const MutexLock lock(&mutex_);
  calls_.emplace_back(Clock::now() + wait_, reply);
}

void OpenCalls::expire(Clock::time_point now) {
  std::vector<std::shared_ptr<UnaryReply>> late;
  {
    const MutexLock lock(&mutex_);
    std::erase_if(calls_, [&](const auto& call) {
      if (call.first > now) return call.second.expired();
      if (auto reply = call.second.lock()) late.push_back(std::move(reply));
      return true;
    });
  }
  for (const std::shared_ptr<UnaryReply>& reply : late) {
    reply->fail({v1::ERROR_REASON_DEADLINE_EXCEEDED,
                 absl::StrCat("The call said no deadline and was not answered within ",
                              wait_.count(), " ms; what it asked for may still be done."),
                 {{"unary_wait_ms", absl::StrCat(wait_.count())}},
                 {}});
  }
}

}  // namespace acd
