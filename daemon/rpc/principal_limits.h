// SPDX-License-Identifier: Apache-2.0
// How much one principal may ask for, so that none of them takes what is there for all.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "daemon/mutex.h"
#include "daemon/rpc/status.h"

namespace acd {

// Principals that are known at once. Past it those go who hold nothing and have asked for nothing lately.
inline constexpr size_t kPrincipalsMax = 4'096;

enum class StreamKind : uint8_t { kSwitch, kWatch, kAgent };
inline constexpr size_t kStreamKindCount = 3;

struct PrincipalLimitValues {
  std::array<uint32_t, kStreamKindCount> streams_max{};  // By StreamKind.
  // Unary calls that come within a second, and at once after a second of silence.
  uint32_t unary_calls_per_s = 0;
};

// Counts what each principal has and asks for.
//
// Threads:  all methods from any thread.
// Bounds:   kPrincipalsMax principals.
// Fails:    what is above a limit is OVERLOADED; the metadata names the limit.
class PrincipalLimits : public std::enable_shared_from_this<PrincipalLimits> {
 public:
  using Clock = std::chrono::steady_clock;

  // REQUIRES: values.unary_calls_per_s > 0.
  explicit PrincipalLimits(PrincipalLimitValues values);

  // A stream of a principal, until it is destroyed. May outlive the edge.
  class StreamPlace {
   public:
    StreamPlace(std::shared_ptr<PrincipalLimits> limits, StreamKind kind, std::string principal)
        : limits_(std::move(limits)), kind_(kind), principal_(std::move(principal)) {}
    ~StreamPlace() { limits_->give_back(kind_, principal_); }
    StreamPlace(const StreamPlace&) = delete;
    StreamPlace& operator=(const StreamPlace&) = delete;

   private:
    const std::shared_ptr<PrincipalLimits> limits_;
    const StreamKind kind_;
    const std::string principal_;
  };

  // Null when the principal has as many as it may, or nobody new has room: then `error` says so.
  [[nodiscard]] std::unique_ptr<StreamPlace> take_stream(StreamKind kind,
                                                         const std::string& principal,
                                                         RpcError* error);

  // By StreamKind, of all principals.
  [[nodiscard]] std::array<uint32_t, kStreamKindCount> open_streams() const;

  // Notes a unary call, or says why it is one too many.
  [[nodiscard]] std::optional<RpcError> take_call(const std::string& principal,
                                                  Clock::time_point now);

 private:
  struct Principal {
    std::array<uint32_t, kStreamKindCount> streams{};
    // Of calls that may come at once, in nanoseconds' worth of them: full at a second.
    int64_t credit_ns = 0;
    Clock::time_point credited_at;
  };

  // Null when there is no room for another principal.
  [[nodiscard]] Principal* find(const std::string& name, Clock::time_point now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  [[nodiscard]] static int64_t credit_ns(const Principal& principal, Clock::time_point now);
  void give_back(StreamKind kind, const std::string& principal);

  const PrincipalLimitValues values_;
  mutable Mutex mutex_;
  std::map<std::string, Principal, std::less<>> principals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
