// SPDX-License-Identifier: Apache-2.0
// Plays steps of a random world on a Twin, so far as the world allows them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/draw.h"
#include "sim/fuzz_coverage.h"
#include "sim/fuzz_maker.h"
#include "sim/fuzz_step.h"
#include "sim/fuzz_world.h"
#include "sim/twin.h"

namespace acd::sim {

// What a world begins with.
struct FuzzWorld {
  Features features;
  TenantConfig config;
  std::vector<AgentProfile> agents;
  TwinOptions twin;
  bool is_replayed = false;  // At its end a second Router plays it alone, and hashes are compared.
};

[[nodiscard]] FuzzWorld draw_world(Draw& draw);

class FuzzPlayer {
 public:
  // `coverage` may be null.
  FuzzPlayer(const FuzzWorld& world, Coverage* coverage);
  FuzzPlayer(const FuzzPlayer&) = delete;
  FuzzPlayer& operator=(const FuzzPlayer&) = delete;

  // Whether this world can have the step: a switch that speaks is connected, a skill is declared.
  [[nodiscard]] bool is_possible(const FuzzStep& step) const;
  // Plays a step; one that is not possible is left out, so that any part of a list can be played.
  void play(const FuzzStep& step);
  void advance(int64_t now_ns) { twin_.advance(now_ns); }
  // All switches go away for good: nobody and nothing may be left.
  void drain();

  [[nodiscard]] FuzzView view() const;
  [[nodiscard]] const Twin& twin() const { return twin_; }
  // Commands that came while bulk work was between two slices.
  [[nodiscard]] uint64_t between_slices_count() const { return between_slices_count_; }
  // What went wrong first; empty if nothing.
  [[nodiscard]] const std::string& failure() const;

 private:
  Reject play_command(const FuzzStep& step);

  Coverage* const coverage_;
  const bool settles_;
  TenantConfig config_;
  Twin twin_;
  uint64_t step_count_ = 0;
  uint64_t between_slices_count_ = 0;
  std::string left_over_;
};

// One world as it was played.
struct FuzzRun {
  FuzzWorld world;
  std::vector<FuzzStep> steps;
  uint64_t event_count = 0;
  uint64_t event_hash = 0;  // Of the Router, both before all switches go away.
  uint64_t state_hash = 0;
  std::string failure;
};

// Draws and plays a world of `commands` steps, or until `is_over`. `run` may be looked at while it
// is under way.
void play_world(Draw& draw, uint32_t commands, const std::function<bool()>& is_over,
                const std::function<void(TwinOptions*)>& adjust, Coverage* coverage, FuzzRun* run);
// Plays these steps again; what went wrong, or empty. `coverage` may be null.
[[nodiscard]] std::string play_again(const FuzzWorld& world, const std::vector<FuzzStep>& steps,
                                     Coverage* coverage);
// The first step that the world makes impossible, as its place from 1; 0: all can be played.
[[nodiscard]] size_t impossible_step(const FuzzWorld& world, const std::vector<FuzzStep>& steps);

}  // namespace acd::sim
