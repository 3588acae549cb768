// SPDX-License-Identifier: Apache-2.0
// What the Router's rows are compared with: the machine's memory, and the barest matching.
#include <algorithm>
#include <deque>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "bench/router_bare.h"
#include "bench/router_rows.h"
#include "routing/check.h"

namespace acd {
namespace {

constexpr size_t kLineSize = 64;
constexpr size_t kMegabyte = size_t{1} << 20;

// Each read tells where the next one is: one cycle over all lines, in random order.
void read_memory(benchmark::State& state, size_t size) {
  struct alignas(kLineSize) Line {
    uint32_t next = 0;
  };
  std::vector<Line> lines(size / kLineSize);
  std::vector<uint32_t> order(lines.size());
  std::iota(order.begin(), order.end(), 0u);
  BenchDraw draw;
  for (auto i = static_cast<uint32_t>(order.size()); i > 1; --i) {
    std::swap(order[i - 1], order[draw.below(i)]);
  }
  for (size_t i = 0; i < order.size(); ++i) lines[order[i]].next = order[(i + 1) % order.size()];
  uint32_t at = 0;
  for (size_t i = 0; i < lines.size(); ++i) at = lines[at].next;  // One round to warm up.
  for (auto _ : state) {
    at = lines[at].next;
    benchmark::DoNotOptimize(at);
  }
}

// Plays as RouterWorld does, with the same ids and the same share of busy agents.
class BareWorld {
 public:
  explicit BareWorld(const RouterWorldOptions& options)
      : options_(options), layout_(make_layout(options)), bare_(layout_, options.priorities) {
    std::vector<uint32_t> order(options.agents);
    std::iota(order.begin(), order.end(), 0u);
    for (uint32_t i = options.agents; i > 1; --i) std::swap(order[i - 1], order[draw_.below(i)]);
    for (const uint32_t agent : order) {
      write_agent_id(agent, agent_id_);
      bare_.free({agent_id_, kAgentIdSize});
    }
    const auto classes = static_cast<uint32_t>(layout_.needs.size());
    const uint64_t busy = uint64_t{options.agents} * (100 - options.idle_percent) / 100;
    while (options.waiting > 0 ? next_call_ < active_.size() + options.waiting
                               : active_.size() < busy && next_call_ < 20 * busy) {
      enqueue(draw_.below(classes));
    }
  }

  void play() {
    uint32_t of_class = taken_class_;
    if (!active_.empty()) {
      const Active done = active_.front();
      active_.pop_front();
      if (options_.waiting == 0) of_class = class_of_call_id(done.call);
      bare_.end({done.call, kCallIdSize});
      write_agent_id(done.agent, agent_id_);
      const uint32_t call = bare_.free({agent_id_, kAgentIdSize});
      if (call != BareRouter::kNobody) take(bare_.call_id(call), done.agent);
      if (options_.waiting > 0) of_class = taken_class_;
    }
    enqueue(of_class);
  }
  [[nodiscard]] int64_t commands() const { return commands_; }
  [[nodiscard]] uint64_t hash() const { return bare_.hash(); }

 private:
  struct Active {
    char call[kCallIdSize];
    uint32_t agent;
  };

  void enqueue(uint32_t of_class) {
    char id[kCallIdSize];
    write_call_id(of_class, next_call_++, id);
    const uint32_t agent =
        bare_.enqueue({id, kCallIdSize}, of_class, draw_.below(options_.priorities));
    ++commands_;
    if (agent != BareRouter::kNobody) take(id, agent);
  }
  void take(const char* call, uint32_t agent) {
    Active& one = active_.emplace_back();
    std::copy(call, call + kCallIdSize, one.call);
    one.agent = agent;
    taken_class_ = class_of_call_id(call);
    bare_.connect({one.call, kCallIdSize});
    commands_ += 3;  // With the end and the wrap-up's end that will follow.
  }

  RouterWorldOptions options_;
  RouterLayout layout_;
  BareRouter bare_;
  BenchDraw draw_;
  std::deque<Active> active_;
  char agent_id_[kAgentIdSize] = {};
  uint64_t next_call_ = 0;
  uint32_t taken_class_ = 0;
  int64_t commands_ = 0;
};

void run_bare(benchmark::State& state, const RouterWorldOptions& options) {
  auto world = std::make_unique<BareWorld>(options);
  for (uint32_t i = 0; i < options.ended; ++i) world->play();
  const int64_t before = world->commands();
  for (auto _ : state) world->play();
  state.counters["commands/s"] = benchmark::Counter(static_cast<double>(world->commands() - before),
                                                    benchmark::Counter::kIsRate);
  BareWorld twin(options);
  const int64_t plays = int64_t{options.ended} + static_cast<int64_t>(state.iterations());
  for (int64_t i = 0; i < plays; ++i) twin.play();
  if (twin.hash() != world->hash()) state.SkipWithError("the same commands gave another match");
}

void add_bare_row(const RowSizes& sizes, const std::string& name, RouterWorldOptions options) {
  const std::string suffix = "/agents:" + std::to_string(options.agents);
  options.agents = sizes.agents(options.agents);
  options.classes = sizes.classes(options.classes);
  options.waiting = sizes.waiting(options.waiting);
  options.ended = sizes.ended(100'000);
  benchmark::RegisterBenchmark((name + suffix).c_str(), [options](benchmark::State& state) {
    run_bare(state, options);
  })->Iterations(sizes.iterations(200'000));
}

}  // namespace

void register_reference_rows(const RowSizes& sizes) {
  for (const size_t megabytes : {1, 32}) {
    benchmark::RegisterBenchmark(
        ("dependent_read/MB:" + std::to_string(megabytes)).c_str(),
        [megabytes](benchmark::State& state) { read_memory(state, megabytes * kMegabyte); })
        ->Iterations(sizes.iterations(5'000'000));
  }
  for (const uint32_t agents : {1'000u, 10'000u, 100'000u}) {
    RouterWorldOptions options;
    options.agents = agents;
    add_bare_row(sizes, "bare_busy", options);
  }
  for (const uint32_t agents : {1'000u, 100'000u}) {
    RouterWorldOptions options;
    options.agents = agents;
    options.waiting = 0;
    options.idle_percent = 10;
    add_bare_row(sizes, "bare_idle_10", options);
  }
}

}  // namespace acd
