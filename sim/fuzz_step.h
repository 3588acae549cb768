// SPDX-License-Identifier: Apache-2.0
// One thing that happens to a random world, kept so that it can be played again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "routing/command.h"
#include "routing/tenant_config.h"

namespace acd::sim {

struct FuzzStep {
  enum class Kind : uint8_t { kPass, kCommand, kConfigure, kUpsert };
  // Of the session's sequence, which is counted when the step is played.
  enum class Order : uint8_t { kNone, kNext, kRepeat, kGap };

  Kind kind = Kind::kPass;
  Order order = Order::kNone;
  uint8_t order_offset = 0;  // How far back a repeat goes, how wide a gap is.
  int64_t now_ns = 0;
  Command command;
  std::string arena;                            // Of the command.
  std::shared_ptr<const TenantConfig> config;   // kConfigure
  std::shared_ptr<const AgentProfile> profile;  // kUpsert

  TextRef text(std::string_view value) {
    const TextRef ref{static_cast<uint32_t>(arena.size()), static_cast<uint32_t>(value.size())};
    arena += value;
    return ref;
  }
};

// e.g. "12.5s leg_answered call=c1 generation=2 source=0".
[[nodiscard]] std::string step_line(const FuzzStep& step);

}  // namespace acd::sim
