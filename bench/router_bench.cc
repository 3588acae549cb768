// SPDX-License-Identifier: Apache-2.0
// The Router alone: lifecycles at every size, and the longest turn of bulk work. Each ends by a
// look at the invariants' cheap cousin, the state hash, so that nothing is optimised away.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/router_world.h"

namespace acd {
namespace {

void report(benchmark::State& state, RouterWorld& world) {
  state.counters["commands/s"] =
      benchmark::Counter(static_cast<double>(world.commands()), benchmark::Counter::kIsRate);
  state.counters["offers"] = static_cast<double>(world.offers());
  benchmark::DoNotOptimize(world.router().state_hash());
}

void play(benchmark::State& state, const RouterWorldOptions& options) {
  RouterWorld world(options);
  for (int i = 0; i < 10'000; ++i) world.play();
  RouterWorld* at = &world;
  const int64_t before = world.commands();
  for (auto _ : state) at->play();
  state.counters["commands/s"] = benchmark::Counter(
      static_cast<double>(world.commands() - before), benchmark::Counter::kIsRate);
  // Percentiles of single commands, in a second pass: the clock costs as much as a command.
  std::vector<int64_t> took;
  for (int i = 0; i < 50'000; ++i) world.play_timed(&took);
  std::sort(took.begin(), took.end());
  const auto percentile = [&](double share) {
    return static_cast<double>(took[static_cast<size_t>(share * static_cast<double>(took.size()))]);
  };
  state.counters["p50_ns"] = percentile(0.50);
  state.counters["p99_ns"] = percentile(0.99);
  state.counters["p99.9_ns"] = percentile(0.999);
  benchmark::DoNotOptimize(world.router().state_hash());
}

// 100,000 calls wait; whoever becomes free takes the best.
void LifecycleBusy(benchmark::State& state) {
  RouterWorldOptions options;
  options.agents = static_cast<uint32_t>(state.range(0));
  play(state, options);
}
BENCHMARK(LifecycleBusy)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Iterations(200'000);

// Nobody waits; so many percent of the agents are free.
void LifecycleIdle(benchmark::State& state) {
  RouterWorldOptions options;
  options.agents = static_cast<uint32_t>(state.range(0));
  options.waiting = 0;
  options.idle_percent = static_cast<uint32_t>(state.range(1));
  play(state, options);
}
BENCHMARK(LifecycleIdle)
    ->ArgsProduct({{1'000, 10'000, 100'000}, {1, 10, 90}})
    ->Iterations(200'000);

// Each agent is the only one of their kind.
void LifecycleDistinct(benchmark::State& state) {
  RouterWorldOptions options;
  options.agents = static_cast<uint32_t>(state.range(0));
  options.profiles = Profiles::kDistinct;
  options.waiting = state.range(1) == 0 ? 100'000 : 0;
  options.idle_percent = static_cast<uint32_t>(state.range(1));
  play(state, options);
}
BENCHMARK(LifecycleDistinct)
    ->ArgsProduct({{1'000, 10'000}, {0, 10, 90}})
    ->Iterations(20'000);

void LifecycleByStrategy(benchmark::State& state) {
  RouterWorldOptions options;
  options.agents = 10'000;
  options.waiting = 0;
  options.idle_percent = 10;
  options.strategy = static_cast<Strategy>(state.range(0));
  play(state, options);
}
BENCHMARK(LifecycleByStrategy)->DenseRange(0, 10)->Iterations(100'000);

void LifecycleByOrder(benchmark::State& state) {
  RouterWorldOptions options;
  options.agents = 10'000;
  options.call_order = static_cast<CallOrder>(state.range(0));
  play(state, options);
}
BENCHMARK(LifecycleByOrder)->DenseRange(0, 2)->Iterations(100'000);

void Memory(benchmark::State& state) {
  for (auto _ : state) {
    RouterWorldOptions options;
    options.agents = 100'000;
    options.waiting = 0;
    options.idle_percent = 100;
    const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    auto agents_only = std::make_unique<RouterWorld>(options);
    const size_t with_agents = mallinfo2().uordblks + mallinfo2().hblkhd;
    options.waiting = 100'000;
    auto with_waiting = std::make_unique<RouterWorld>(options);
    const size_t with_calls = mallinfo2().uordblks + mallinfo2().hblkhd;
    state.counters["bytes/agent"] = static_cast<double>(with_agents - before) / 100'000;
    state.counters["both_bytes"] = static_cast<double>(with_calls - with_agents);
  }
}
BENCHMARK(Memory)->Iterations(1)->Unit(benchmark::kMillisecond);

void LostSwitch(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    RouterWorldOptions options;
    options.agents = 10'000;
    auto world = std::make_unique<RouterWorld>(options);
    state.ResumeTiming();
    world->close_session();
    state.counters["longest_turn_us"] = static_cast<double>(world->finish_bulk()) / 1'000;
    state.PauseTiming();
    report(state, *world);
    world.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(LostSwitch)->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace acd

BENCHMARK_MAIN();
