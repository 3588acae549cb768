// SPDX-License-Identifier: Apache-2.0
// Questions why: what one costs the shard's turn.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "bench/router_rows.h"

namespace acd {
namespace {

constexpr uint32_t kQuestions = 64;  // Of each row, about agents or calls all over the world.

// Asks `question(i)` of the i-th of `count` and reports the median and the longest.
template <typename Question>
void ask(benchmark::State& state, uint32_t count, Question&& question) {
  std::vector<int64_t> times;
  for (auto _ : state) {
    for (uint32_t i = 0; i < kQuestions; ++i) {
      const int64_t begin_ns = steady_ns();
      question(static_cast<uint32_t>(uint64_t{i} * count / kQuestions));
      times.push_back(steady_ns() - begin_ns);
    }
  }
  std::sort(times.begin(), times.end());
  state.counters["question_p50_us"] = static_cast<double>(times[times.size() / 2]) / kNsPerUs;
  state.counters["longest_question_us"] = static_cast<double>(times.back()) / kNsPerUs;
}

void why_idle(benchmark::State& state, const RouterWorldOptions& options, bool is_ready) {
  RouterWorld world(options);
  const AgentIndex ready = is_ready ? world.bring_idle_agent() : AgentIndex();
  ask(state, options.agents, [&](uint32_t index) {
    const AgentIndex agent = is_ready ? ready : AgentIndex(index);
    benchmark::DoNotOptimize(world.router().explain_idle(agent));
  });
}

void why_waiting(benchmark::State& state, const RouterWorldOptions& options) {
  RouterWorld world(options);
  const std::vector<CallIndex> calls = world.waiting_calls(kQuestions);
  ask(state, kQuestions, [&](uint32_t index) {
    benchmark::DoNotOptimize(world.router().explain_wait(calls[index % calls.size()]));
  });
}

}  // namespace

void register_explain_rows(const RowSizes& sizes) {
  RouterWorldOptions options;
  options.agents = sizes.agents(100'000);
  options.classes = sizes.classes(options.classes);
  options.waiting = sizes.waiting(1'000'000);
  const auto add = [&](const char* name, const auto& row) {
    benchmark::RegisterBenchmark(name, row)->Iterations(1)->Unit(benchmark::kMillisecond);
  };
  add("why_idle/busy/waiting:1000000",
      [options](benchmark::State& state) { why_idle(state, options, false); });
  add("why_idle/ready/waiting:1000000",
      [options](benchmark::State& state) { why_idle(state, options, true); });
  add("why_waiting/agents:100000",
      [options](benchmark::State& state) { why_waiting(state, options); });
}

}  // namespace acd
