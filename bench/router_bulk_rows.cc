// SPDX-License-Identifier: Apache-2.0
// Bulk work: how long the longest turn is, where a turn is one apply(), upsert_agents(),
// configure() or advance().
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/router_rows.h"

namespace acd {
namespace {

using BulkWork = std::function<void(RouterWorld&)>;

void report_turns(benchmark::State& state, const std::vector<TurnTime>& times) {
  int64_t wall_ns = 0;
  int64_t cpu_ns = 0;
  for (const TurnTime& time : times) {
    wall_ns = std::max(wall_ns, time.wall_ns);
    cpu_ns = std::max(cpu_ns, time.cpu_ns);
  }
  state.counters["turns"] = static_cast<double>(times.size());
  state.counters["longest_turn_us"] = static_cast<double>(wall_ns) / kNsPerUs;
  state.counters["longest_turn_cpu_us"] = static_cast<double>(cpu_ns) / kNsPerUs;
}

void run_bulk(benchmark::State& state, const RouterWorldOptions& options, const BulkWork& work) {
  RouterWorld world(options);
  std::vector<TurnTime> times;
  times.reserve(1'000'000);
  world.time_into(&times, true);
  for (auto _ : state) work(world);
  world.time_into(nullptr, false);
  report_turns(state, times);
  RouterWorld twin(options);
  work(twin);
  check_twins(state, world, twin);
}

// Requirements that no call had before.
void bring_new_classes(RouterWorld& world) {
  static constexpr uint32_t kFresh = 100;
  for (uint32_t i = 0; i < kFresh; ++i) {
    const std::vector<SkillTerm> needs = {{i % kBenchSkills, 2 + static_cast<int>(i % 7)}};
    world.enqueue_text("NOT " + requirement_text(needs));
    world.enqueue_text(requirement_text(needs) + " OR s00 >= 10");
  }
}

// Profiles that no agent had before.
void bring_new_agent_classes(RouterWorld& world) {
  static constexpr uint32_t kFresh = 100;
  const auto agents = static_cast<uint32_t>(world.router().agent_count());
  for (uint32_t i = 0; i < std::min(agents, kFresh); ++i) {
    std::vector<SkillTerm> profile;
    for (uint32_t skill = 0; skill < 10 + i % 50; ++skill) profile.emplace_back(skill, 1 + i % 10);
    world.upsert_one(i, profile);
  }
}

void edit_skill(RouterWorld& world) {
  world.upsert_skill_of_everybody(0, 7);
  world.upsert_skill_of_everybody(0, 3);
}

struct BulkRow {
  RowSizes sizes;

  void add(const std::string& name, RouterWorldOptions options, const BulkWork& work) const {
    options.agents = sizes.agents(options.agents);
    options.classes = sizes.classes(options.classes);
    options.waiting = sizes.waiting(options.waiting);
    benchmark::RegisterBenchmark(
        name.c_str(), [options, work](benchmark::State& state) { run_bulk(state, options, work); })
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  }
};

}  // namespace

void register_bulk_rows(const RowSizes& sizes) {
  const BulkRow row{sizes};
  RouterWorldOptions waiting;  // 100,000 calls wait for 10,000 agents.
  waiting.agents = 10'000;
  RouterWorldOptions many = waiting;
  many.agents = 100'000;
  many.waiting = 10'000;
  RouterWorldOptions distinct;
  distinct.agents = 50'000;
  distinct.profiles = Profiles::kDistinct;
  distinct.waiting = 0;
  distinct.idle_percent = 90;
  RouterWorldOptions distinct_waiting = distinct;
  distinct_waiting.waiting = 10'000;

  row.add("bulk_new_class/waiting:100000", waiting, bring_new_classes);
  row.add("bulk_new_class/distinct:50000", distinct, bring_new_classes);
  row.add("bulk_new_agent_class/waiting:100000", waiting, bring_new_agent_classes);
  row.add("bulk_edited_skill/waiting:100000", waiting, edit_skill);
  row.add("bulk_edited_skill/agents:100000", many, edit_skill);
  row.add("bulk_edited_skill/distinct:50000", distinct_waiting, edit_skill);
  const BulkWork configure = [](RouterWorld& world) { world.change_requirements_of_queues(); };
  row.add("bulk_edited_queues/waiting:100000", waiting, configure);
  row.add("bulk_edited_queues/distinct:50000", distinct_waiting, configure);
  const BulkWork lose = [](RouterWorld& world) { world.lose_switch(); };
  row.add("bulk_lost_switch/waiting:100000", waiting, lose);
  row.add("bulk_lost_switch/agents:100000", many, lose);
}

}  // namespace acd
