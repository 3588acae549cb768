// SPDX-License-Identifier: Apache-2.0
// What a daemon under load says of itself, and what the kernel says of its process.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <grpcpp/channel.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "bench/call_rotation.h"

namespace acd::bench {

inline constexpr std::chrono::seconds kConnectLimit{10};

// A connection of its own, up within kConnectLimit.
[[nodiscard]] absl::StatusOr<std::shared_ptr<grpc::Channel>> connect_to(const std::string& target);

// The daemon's own account must say the same as what was sent.
[[nodiscard]] absl::Status check_statistics(const std::shared_ptr<grpc::Channel>& channel,
                                            const std::string& tenant, const CallCounts& counts);

// Memory of a process that stands in RAM.
struct ResidentMemory {
  int64_t anonymous_bytes = 0;  // Heap and stacks.
  int64_t file_bytes = 0;       // The program, and files that are mapped.
};
[[nodiscard]] absl::StatusOr<ResidentMemory> resident_memory(int pid);

}  // namespace acd::bench
