// SPDX-License-Identifier: Apache-2.0
// A replay against a daemon in memory, for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sim/replay.h"
#include "tests/sim/fake_daemon.h"
#include "tests/sim/log_files.h"

namespace acd::sim {

// A plan, a daemon that fits it, and what came out.
struct World {
  explicit World(const std::vector<RowText>& rows, const ReplayMix& mix = {})
      : plan(plan_of(rows, mix)), daemon(plan) {}

  ReplayResult run() {
    auto result = Replay(plan, daemon, hooks).run();
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : ReplayResult{};
  }
  // What happened at one second, in order.
  std::vector<std::string> at(int64_t second) const {
    std::vector<std::string> found;
    const std::string prefix = std::to_string(second) + "s ";
    for (const std::string& line : daemon.history) {
      if (line.starts_with(prefix)) found.push_back(line.substr(prefix.size()));
    }
    return found;
  }

  ReplayPlan plan;
  FakeDaemon daemon;
  ReplayHooks hooks;
};

}  // namespace acd::sim
