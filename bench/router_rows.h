// SPDX-License-Identifier: Apache-2.0
// The rows of router_bench: what is measured of the Router alone.
#pragma once

#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "bench/router_world.h"

namespace acd {

inline constexpr double kNsPerUs = 1'000;

// How large the worlds are. Tiny ones mean nothing; they show that the rows still work.
struct RowSizes {
  bool tiny = false;

  [[nodiscard]] uint32_t agents(uint32_t wanted) const {
    return tiny ? wanted / 1'000 + 100 : wanted;
  }
  [[nodiscard]] uint32_t classes(uint32_t wanted) const { return tiny ? wanted / 5 : wanted; }
  // Of few agents, so many that calls find somebody.
  [[nodiscard]] uint32_t idle_percent(uint32_t wanted) const {
    return tiny && wanted > 0 ? 50 : wanted;
  }
  [[nodiscard]] uint32_t waiting(uint32_t wanted) const { return wanted / (tiny ? 500 : 1); }
  [[nodiscard]] uint32_t ended(uint32_t wanted) const { return wanted / (tiny ? 10'000 : 1); }
  [[nodiscard]] int64_t iterations(int64_t wanted) const { return tiny ? 50 : wanted; }
};

void register_play_rows(const RowSizes& sizes);
void register_bulk_rows(const RowSizes& sizes);
void register_explain_rows(const RowSizes& sizes);
void register_memory_rows(const RowSizes& sizes);
void register_reference_rows(const RowSizes& sizes);
void register_wait_rows(const RowSizes& sizes);

// Skips the row with an error unless both Routers stand where they must: the same events and the
// same state after the same commands, and no broken invariant where the world is small enough to
// look.
void check_twins(benchmark::State& state, const RouterWorld& world, const RouterWorld& twin);

}  // namespace acd
