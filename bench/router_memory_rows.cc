// SPDX-License-Identifier: Apache-2.0
// Bytes of the Router alone: what the heap grows by while one takes agents or waiting calls.
// Capacity that tables hold in reserve counts.
#include <malloc.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bench/router_rows.h"
#include "routing/check.h"

namespace acd {
namespace {

constexpr uint32_t kMemoryAgents = 100'000;
constexpr uint32_t kMemoryCalls = 100'000;
constexpr uint32_t kRequirementSlot = 64;  // Bytes of the arena for each requirement.

size_t heap_size() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// A Router with sessions and queues, and whatever its commands need made before they are counted.
class MemoryWorld {
 public:
  MemoryWorld(const RouterWorldOptions& options, int64_t wait_max_ns)
      : options_(options), layout_(make_layout(options)) {
    for (uint32_t i = 0; i < options.agents; i += kPart) {
      parts_.push_back(agent_profiles(layout_, i, std::min(options.agents, i + kPart)));
    }
    arena_.resize(kRequirementSlot * (layout_.needs.size() + 1), ' ');
    for (size_t i = 0; i < layout_.needs.size(); ++i) {
      const std::string text = requirement_text(layout_.needs[i]);
      ACD_CHECK(text.size() <= kRequirementSlot);
      std::copy(text.begin(), text.end(), arena_.begin() + slot(i));
      sizes_.push_back(static_cast<uint32_t>(text.size()));
    }
    TenantConfig config;
    config.id = "bench";
    for (uint32_t i = 0; i < kBenchSkills; ++i) config.skills.push_back(skill_name(i));
    for (uint32_t i = 0; i < kBenchQueues; ++i) {
      QueueConfig queue;
      queue.id = "q" + std::to_string(i);
      queue.limits.wait_max_ns = wait_max_ns;
      if (wait_max_ns != kNeverNs) queue.limits.wait.kind = LimitAction::Kind::kRelease;
      config.queues.push_back(std::move(queue));
    }
    ACD_CHECK(router_.configure(config, 0) == Reject::kNone);
    Command open;
    open.kind = CommandKind::kOpenSession;
    open.name = put("pbx");
    open.text = {0, 1};
    apply(open);
  }

  void add_agents() {
    for (const auto& part : parts_) {
      ACD_CHECK(router_.upsert_agents(part, now_ns_) == Reject::kNone);
      drop_events();
    }
  }
  void log_in(bool ready) {
    for (uint32_t i = 0; i < options_.agents; ++i) {
      write_agent_id(i, arena_.data());
      Command command;
      command.kind = CommandKind::kLogIn;
      command.name = {0, kAgentIdSize};
      command.text = {0, kAgentIdSize};
      apply(command);
      if (!ready) continue;
      command.kind = CommandKind::kSetReady;
      command.text = {};
      apply(command);
    }
  }
  void add_calls() {
    const auto classes = static_cast<uint32_t>(layout_.needs.size());
    for (uint32_t i = 0; i < options_.waiting; ++i) {
      const uint32_t of_class = draw_.below(classes);
      write_call_id(of_class, i, arena_.data());
      arena_[kCallIdSize] = 'q';
      arena_[kCallIdSize + 1] = static_cast<char>('0' + of_class % kBenchQueues);
      Command command;
      command.kind = CommandKind::kEnqueueCall;
      command.call = {0, kCallIdSize};
      command.name = {kCallIdSize, 2};
      command.text = {static_cast<uint32_t>(slot(of_class)), sizes_[of_class]};
      command.flag = true;
      command.number = static_cast<int32_t>(draw_.below(options_.priorities));
      apply(command);
    }
  }
  [[nodiscard]] const Router& router() const { return router_; }

 private:
  static constexpr auto kPart = static_cast<uint32_t>(kUpsertAgentsMax);

  static std::ptrdiff_t slot(size_t of_class) {
    return static_cast<std::ptrdiff_t>((of_class + 1) * kRequirementSlot);
  }
  TextRef put(std::string_view text) {
    std::copy(text.begin(), text.end(), arena_.begin());
    return {0, static_cast<uint32_t>(text.size())};
  }
  void apply(Command& command) {
    if (command.kind != CommandKind::kOpenSession) command.source = SourceIndex(0u);
    ACD_CHECK(router_.apply(command, arena_, ++now_ns_) == Reject::kNone);
    drop_events();
  }
  // With the buffers that they lie in.
  void drop_events() {
    EventLog log;
    router_.take_events(&log);
  }

  RouterWorldOptions options_;
  RouterLayout layout_;
  std::vector<std::vector<AgentProfile>> parts_;
  std::string arena_;  // The ids of the command first, then a slot for each requirement.
  std::vector<uint32_t> sizes_;
  Router router_;
  BenchDraw draw_;
  int64_t now_ns_ = 0;
};

double per_one(size_t before, uint32_t count) {
  return static_cast<double>(heap_size() - before) / count;
}

void report_state(benchmark::State& state, const MemoryWorld& world, const MemoryWorld& twin) {
  if (world.router().state_hash() != twin.router().state_hash()) {
    state.SkipWithError("the same commands gave another state");
  }
}

void measure_agents(benchmark::State& state, RouterWorldOptions options) {
  options.waiting = 0;
  for (auto _ : state) {
    MemoryWorld world(options, kNeverNs);
    MemoryWorld twin(options, kNeverNs);
    const size_t before = heap_size();
    world.add_agents();
    state.counters["bytes/known_agent"] = per_one(before, options.agents);
    world.log_in(true);
    state.counters["bytes/agent"] = per_one(before, options.agents);
    twin.add_agents();
    twin.log_in(true);
    report_state(state, world, twin);
  }
}

// The agents are logged in but not ready.
void measure_calls(benchmark::State& state, RouterWorldOptions options, int64_t wait_max_ns) {
  for (auto _ : state) {
    MemoryWorld world(options, wait_max_ns);
    MemoryWorld twin(options, wait_max_ns);
    for (MemoryWorld* one : {&world, &twin}) {
      one->add_agents();
      one->log_in(false);
    }
    const size_t before = heap_size();
    world.add_calls();
    state.counters["bytes/waiting_call"] = per_one(before, options.waiting);
    twin.add_calls();
    report_state(state, world, twin);
  }
}

template <typename Measure>
void add_row(const std::string& name, Measure measure) {
  benchmark::RegisterBenchmark(name.c_str(), measure)->Iterations(1)->Unit(benchmark::kMillisecond);
}

}  // namespace

void register_memory_rows(const RowSizes& sizes) {
  RouterWorldOptions options;
  options.agents = sizes.agents(kMemoryAgents);
  options.classes = sizes.classes(options.classes);
  options.waiting = sizes.waiting(kMemoryCalls);
  RouterWorldOptions distinct = options;
  distinct.profiles = Profiles::kDistinct;
  add_row("memory_agent", [options](benchmark::State& state) { measure_agents(state, options); });
  add_row("memory_agent_distinct",
          [distinct](benchmark::State& state) { measure_agents(state, distinct); });
  options.agents = sizes.agents(10'000);
  add_row("memory_waiting_call",
          [options](benchmark::State& state) { measure_calls(state, options, kNeverNs); });
  add_row("memory_waiting_call_with_deadline",
          [options](benchmark::State& state) { measure_calls(state, options, kWaitMaxMaxNs); });
}

}  // namespace acd
