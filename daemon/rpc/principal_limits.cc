// SPDX-License-Identifier: Apache-2.0
// How much one principal may ask for.
#include "daemon/rpc/principal_limits.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "routing/check.h"
#include "routing/limits.h"

namespace acd {
namespace {

RpcError above(const char* limit, uint64_t max, const std::string& principal, const char* what) {
  return {v1::ERROR_REASON_OVERLOADED,
          absl::StrCat(principal, " has ", what, "; at most ", max, " are taken."),
          {{"limit", limit}, {"max", absl::StrCat(max)}, {"principal", principal}},
          {}};
}

RpcError no_room(const std::string& principal) {
  return above("principals_max", kPrincipalsMax, principal,
               "no room, as many others are connected as may be");
}

const char* limit_of(StreamKind kind) {
  switch (kind) {
    case StreamKind::kSwitch:
      return "principal_switch_streams_max";
    case StreamKind::kWatch:
      return "principal_watches_max";
    case StreamKind::kAgent:
      return "principal_agent_streams_max";
  }
  return "";
}

}  // namespace

PrincipalLimits::PrincipalLimits(PrincipalLimitValues values) : values_(values) {
  ACD_CHECK(values_.unary_calls_per_s > 0);
}

std::unique_ptr<PrincipalLimits::StreamPlace> PrincipalLimits::take_stream(
    StreamKind kind, const std::string& principal, RpcError* error) {
  const auto index = static_cast<size_t>(kind);
  const uint32_t max = values_.streams_max[index];
  {
    const MutexLock lock(&mutex_);
    Principal* const found = find(principal, Clock::now());
    if (found == nullptr) {
      *error = no_room(principal);
      return nullptr;
    }
    if (found->streams[index] >= max) {
      *error = above(limit_of(kind), max, principal, "as many streams of this kind as it may");
      return nullptr;
    }
    ++found->streams[index];
  }
  return std::make_unique<StreamPlace>(shared_from_this(), kind, principal);
}

std::array<uint32_t, kStreamKindCount> PrincipalLimits::open_streams() const {
  std::array<uint32_t, kStreamKindCount> open{};
  const MutexLock lock(&mutex_);
  for (const auto& [name, principal] : principals_) {
    for (size_t kind = 0; kind < kStreamKindCount; ++kind) open[kind] += principal.streams[kind];
  }
  return open;
}

void PrincipalLimits::give_back(StreamKind kind, const std::string& principal) {
  const MutexLock lock(&mutex_);
  const auto found = principals_.find(principal);
  ACD_CHECK(found != principals_.end());  // Who holds a stream is not forgotten.
  --found->second.streams[static_cast<size_t>(kind)];
}

std::optional<RpcError> PrincipalLimits::take_call(const std::string& principal,
                                                   Clock::time_point now) {
  const int64_t cost_ns = kNsPerS / values_.unary_calls_per_s;
  const MutexLock lock(&mutex_);
  Principal* const found = find(principal, now);
  if (found == nullptr) return no_room(principal);
  found->credit_ns = credit_ns(*found, now);
  found->credited_at = std::max(found->credited_at, now);
  if (found->credit_ns < cost_ns) {
    return above("principal_unary_calls_per_s", values_.unary_calls_per_s, principal,
                 "more unary calls within a second than it may");
  }
  found->credit_ns -= cost_ns;
  return std::nullopt;
}

int64_t PrincipalLimits::credit_ns(const Principal& principal, Clock::time_point now) {
  const int64_t passed_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(now - principal.credited_at).count();
  // Threads come here in another order than they looked at the clock.
  return std::min(kNsPerS, principal.credit_ns + std::clamp<int64_t>(passed_ns, 0, kNsPerS));
}

PrincipalLimits::Principal* PrincipalLimits::find(const std::string& name, Clock::time_point now) {
  const auto found = principals_.find(name);
  if (found != principals_.end()) return &found->second;
  if (principals_.size() >= kPrincipalsMax) {
    std::erase_if(principals_, [&](const auto& entry) {
      const auto& streams = entry.second.streams;
      return credit_ns(entry.second, now) == kNsPerS &&
             std::all_of(streams.begin(), streams.end(), [](uint32_t count) { return count == 0; });
    });
    if (principals_.size() >= kPrincipalsMax) return nullptr;
  }
  Principal& principal = principals_[name];
  principal.credit_ns = kNsPerS;
  principal.credited_at = now;
  return &principal;
}

}  // namespace acd
