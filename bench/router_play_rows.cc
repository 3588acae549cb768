// SPDX-License-Identifier: Apache-2.0
// Single commands: full lifecycles, finds and updates.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "bench/router_rows.h"

namespace acd {
namespace {

constexpr size_t kInvariantsMax = 20'000;  // Calls and agents up to which all are looked at.
constexpr int kTimedPlays = 50'000;
constexpr uint32_t kEndedKept = 1'000'000;  // As many as the Router remembers.

using Play = void (RouterWorld::*)();

// A world and the same world again. Repetitions of a row go on in the world of the one before.
struct Twins {
  explicit Twins(const RouterWorldOptions& wanted) : options(wanted), world(wanted), twin(wanted) {}

  RouterWorldOptions options;
  RouterWorld world;
  RouterWorld twin;
};

Twins& twins_of(const RouterWorldOptions& options, Play play) {
  static std::unique_ptr<Twins> kept;
  static Play kept_play = nullptr;
  if (kept == nullptr || kept->options != options || kept_play != play) {
    kept.reset();  // Not two pairs at once.
    kept = std::make_unique<Twins>(options);
    kept_play = play;
  }
  return *kept;
}

double at_share(std::vector<int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<size_t>(share * static_cast<double>(sorted.size()));
  return static_cast<double>(sorted[std::min(at, sorted.size() - 1)]);
}

// Wall times of the turns of that kind; kNone: of all.
std::vector<int64_t> sorted_times(const std::vector<TurnTime>& times, CommandKind kind) {
  std::vector<int64_t> taken;
  for (const TurnTime& time : times) {
    if (kind == CommandKind::kNone || time.kind == kind) taken.push_back(time.wall_ns);
  }
  std::sort(taken.begin(), taken.end());
  return taken;
}

// What two clock reads behind each other take: part of every percentile.
double clock_ns() {
  std::vector<int64_t> taken;
  for (int i = 0; i < 1'000; ++i) {
    const int64_t begin_ns = steady_ns();
    taken.push_back(steady_ns() - begin_ns);
  }
  std::sort(taken.begin(), taken.end());
  return at_share(taken, 0.5);
}

void report_times(benchmark::State& state, const std::vector<TurnTime>& times) {
  struct KindName {
    CommandKind kind;
    const char* name;
  };
  static constexpr KindName kKinds[] = {
      {CommandKind::kEnqueueCall, "enqueue"}, {CommandKind::kCallConnected, "accept"},
      {CommandKind::kEndCall, "release"},     {CommandKind::kEndWrapUp, "free"},
      {CommandKind::kSetNotReady, "leave"},   {CommandKind::kSetReady, "come"},
  };
  std::vector<int64_t> all = sorted_times(times, CommandKind::kNone);
  state.counters["p50_ns"] = at_share(all, 0.50);
  state.counters["p99_ns"] = at_share(all, 0.99);
  state.counters["p99.9_ns"] = at_share(all, 0.999);
  for (const auto& [kind, name] : kKinds) {
    std::vector<int64_t> taken = sorted_times(times, kind);
    if (taken.empty()) continue;
    state.counters[std::string(name) + "_p50_ns"] = at_share(taken, 0.50);
    state.counters[std::string(name) + "_p99_ns"] = at_share(taken, 0.99);
  }
  state.counters["clock_ns"] = clock_ns();
}

void run_play(benchmark::State& state, const RouterWorldOptions& options, Play play,
              const RowSizes& sizes) {
  Twins& twins = twins_of(options, play);
  RouterWorld* world = &twins.world;
  if (play != &RouterWorld::play && !world->has_idle()) {
    state.SkipWithError("nobody is idle in this world");
    return;
  }
  const int64_t before = world->commands();
  const int64_t offers_before = world->offers();
  for (auto _ : state) (world->*play)();
  const auto commands = static_cast<double>(world->commands() - before);
  state.counters["commands/s"] = benchmark::Counter(commands, benchmark::Counter::kIsRate);
  state.counters["offers/command"] =
      static_cast<double>(world->offers() - offers_before) / commands;
  // Percentiles of single commands, in a pass of their own: the clock costs as much as a command.
  const auto timed = static_cast<int>(sizes.iterations(kTimedPlays));
  std::vector<TurnTime> times;
  times.reserve(static_cast<size_t>(timed) * 8);
  world->time_into(&times, false);
  for (int i = 0; i < timed; ++i) (world->*play)();
  world->time_into(nullptr, false);
  report_times(state, times);
  const int64_t plays = static_cast<int64_t>(state.iterations()) + timed;
  for (int64_t i = 0; i < plays; ++i) (twins.twin.*play)();
  check_twins(state, twins.world, twins.twin);
}

struct PlayRow {
  RowSizes sizes;

  void add(const std::string& name, RouterWorldOptions options, int64_t iterations,
           Play play = &RouterWorld::play) const {
    options.agents = sizes.agents(options.agents);
    options.classes = sizes.classes(options.classes);
    options.idle_percent = sizes.idle_percent(options.idle_percent);
    options.waiting = sizes.waiting(options.waiting);
    options.ended = sizes.ended(options.ended);
    const RowSizes own = sizes;
    benchmark::RegisterBenchmark(name.c_str(), [options, play, own](benchmark::State& state) {
      run_play(state, options, play, own);
    })->Iterations(sizes.iterations(iterations));
  }
};

constexpr uint32_t kSizes[] = {1'000, 10'000, 100'000};
constexpr uint32_t kIdlePercents[] = {1, 10, 90};

std::string sized(const std::string& name, uint32_t agents) {
  return name + "/agents:" + std::to_string(agents);
}

// Calls wait: whoever becomes free takes the best.
void add_busy_rows(const PlayRow& row) {
  RouterWorldOptions options;
  options.ended = kEndedKept;
  for (const uint32_t agents : kSizes) {
    options.agents = agents;
    row.add(sized("lifecycle_busy", agents), options, 200'000);
  }
  options.ended = 0;
  row.add(sized("lifecycle_busy_first_hour", 100'000), options, 200'000);
  options.ended = 100'000;
  options.agents = 10'000;
  options.profiles = Profiles::kDense;
  row.add(sized("lifecycle_busy_dense", 10'000), options, 100'000);
  options.profiles = Profiles::kSparse;
  row.add(sized("lifecycle_busy_sparse", 10'000), options, 100'000);
  options.profiles = Profiles::kDistinct;
  row.add(sized("lifecycle_busy_distinct", 10'000), options, 50'000);
  options.agents = 50'000;
  options.terms_max = 1;
  row.add(sized("lifecycle_busy_distinct_one_term", 50'000), options, 50'000);
}

// Nobody waits; so many percent of the agents are free.
void add_idle_rows(const PlayRow& row) {
  RouterWorldOptions options;
  options.waiting = 0;
  for (const uint32_t idle : kIdlePercents) {
    const std::string suffix = "/idle:" + std::to_string(idle);
    options.idle_percent = idle;
    options.ended = kEndedKept;
    for (const uint32_t agents : kSizes) {
      options.agents = agents;
      row.add(sized("lifecycle_idle", agents) + suffix, options, 200'000);
    }
    options.ended = 100'000;
    for (const uint32_t agents : kSizes) {
      options.agents = agents;
      row.add(sized("find", agents) + suffix, options, 200'000, &RouterWorld::find);
      row.add(sized("update", agents) + suffix, options, 200'000, &RouterWorld::update);
    }
  }
}

void add_skill_rows(const PlayRow& row) {
  RouterWorldOptions options;
  options.waiting = 0;
  options.ended = 100'000;
  for (const uint32_t idle : kIdlePercents) {
    const std::string suffix = "/idle:" + std::to_string(idle);
    options.idle_percent = idle;
    options.agents = 10'000;
    options.terms_max = 2;
    options.profiles = Profiles::kDense;
    row.add(sized("lifecycle_idle_dense", options.agents) + suffix, options, 100'000);
    options.profiles = Profiles::kSparse;
    row.add(sized("lifecycle_idle_sparse", options.agents) + suffix, options, 100'000);
    options.profiles = Profiles::kDistinct;
    row.add(sized("lifecycle_idle_distinct", options.agents) + suffix, options, 50'000);
    options.agents = 50'000;
    options.terms_max = 1;
    row.add(sized("lifecycle_idle_distinct_one_term", options.agents) + suffix, options, 50'000);
    row.add(sized("find_distinct_one_term", options.agents) + suffix, options, 50'000,
            &RouterWorld::find);
    row.add(sized("update_distinct_one_term", options.agents) + suffix, options, 50'000,
            &RouterWorld::update);
  }
}

// Strategies that choose agent by agent, among members of four teams: weights 1 to 4, shares 10 to 40.
void add_choice_rows(const PlayRow& row) {
  RouterWorldOptions options;
  options.agents = 50'000;
  options.waiting = 0;
  options.ended = 100'000;
  options.classes = 100;
  options.terms_max = 1;
  struct Choice {
    const char* name;
    Strategy strategy;
    uint32_t teams;
  };
  static constexpr Choice kChoices[] = {{"random", Strategy::kRandom, 0},
                                        {"weighted_random", Strategy::kWeightedRandom, 4},
                                        {"percent_allocation", Strategy::kPercentAllocation, 4}};
  for (const auto& [name, strategy, teams] : kChoices) {
    options.strategy = strategy;
    options.teams = teams;
    for (const uint32_t idle : {10u, 90u}) {
      options.idle_percent = idle;
      const std::string suffix = sized("", options.agents) + "/idle:" + std::to_string(idle);
      options.profiles = Profiles::kFew;
      row.add(std::string("choice_") + name + "_few" + suffix, options, 20'000);
      options.profiles = Profiles::kDistinct;
      row.add(std::string("choice_") + name + "_distinct" + suffix, options, 2'000);
    }
  }
}

void add_policy_rows(const PlayRow& row) {
  static constexpr const char* kStrategies[] = {
      "longest_idle",  "least_occupied", "fewest_calls",       "round_robin",
      "ordered",       "random",         "weighted_random",    "most_skilled",
      "least_skilled", "skill_weight",   "percent_allocation", "ring_all"};
  static constexpr const char* kOrders[] = {"priority", "score", "service_objective"};
  for (const uint32_t agents : {1'000u, 100'000u}) {
    RouterWorldOptions options;
    options.agents = agents;
    options.ended = 100'000;
    for (int i = 0; i < 3; ++i) {
      options.call_order = static_cast<CallOrder>(i);
      row.add(sized(std::string("order_") + kOrders[i], agents), options, 100'000);
    }
    options.call_order = CallOrder::kPriority;
    options.waiting = 0;
    options.idle_percent = 10;
    for (int i = 0; i < static_cast<int>(Strategy::kRingAll); ++i) {
      options.strategy = static_cast<Strategy>(i);
      row.add(sized(std::string("strategy_") + kStrategies[i], agents), options, 50'000);
    }
  }
}

}  // namespace

void check_twins(benchmark::State& state, const RouterWorld& world, const RouterWorld& twin) {
  const Router& router = world.router();
  if (router.event_hash() != twin.router().event_hash()) {
    state.SkipWithError("the same commands gave other events");
  } else if (router.state_hash() != twin.router().state_hash()) {
    state.SkipWithError("the same commands gave another state");
  } else if (router.agent_count() + router.live_call_count() <= kInvariantsMax) {
    const std::string broken = router.check_invariants();
    if (!broken.empty()) state.SkipWithError(broken.c_str());
  }
}

void register_play_rows(const RowSizes& sizes) {
  const PlayRow row{sizes};
  add_busy_rows(row);
  add_idle_rows(row);
  add_skill_rows(row);
  add_choice_rows(row);
  add_policy_rows(row);
}

}  // namespace acd
