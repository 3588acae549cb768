// SPDX-License-Identifier: Apache-2.0
// What queueing theory says of small centres, to many digits. Rates are per second, times seconds.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace acd::proof {

// Calls arrive at random (Poisson) and talk for exponential times. Agent s serves at a rate of their
// own; calls of type t may go to the agents whose bits are set in `agents_of[t]`.
struct SkillGraph {
  std::vector<double> arrival_rates;  // By type.
  std::vector<double> service_rates;  // By agent.
  std::vector<uint32_t> agents_of;    // By type.
};

struct Forecast {
  std::vector<double> wait_probability;  // By type.
  std::vector<double> mean_wait_s;       // Of all calls, those that did not wait included.
  std::vector<double> in_target;         // Share of the calls that waited at most the target.
  std::vector<double> occupancy;         // By agent.
};

// Whether every set of types leaves the agents who can serve it some time to spare: at most
// `load_max` of it is used.
[[nodiscard]] bool is_stable(const SkillGraph& graph, double load_max);

// First come first served to the longest idle agent: the product form of Adan and Weiss (2014), as
// sums over sets of agents instead of over their orders.
// REQUIRES: is_stable(graph, 1), at most 16 agents, each of them of use to somebody.
[[nodiscard]] Forecast forecast(const SkillGraph& graph, double target_s);

// The chance that an arrival finds all of `servers` busy, at `load` per server (Erlang C).
[[nodiscard]] double erlang_c(uint32_t servers, double load);

// Several classes of calls with one mean service time in one pool; class 0 is served first. Waits of
// all calls, by class.
struct PriorityPool {
  uint32_t servers = 1;
  double service_rate = 1;
  std::vector<double> arrival_rates;
};
// Cobham (1954): a call is never interrupted, and never passes one of its own or a higher class.
[[nodiscard]] std::vector<double> strict_priority_waits(const PriorityPool& pool);
// Kleinrock (1964): a call's points grow by its class's `growth` a second; most points go first.
[[nodiscard]] std::vector<double> accumulating_priority_waits(const PriorityPool& pool,
                                                              const std::vector<double>& growth);
[[nodiscard]] double first_come_wait(const PriorityPool& pool);

// One type of calls and agents who are chosen by who is busy alone: the chance that agent s is given
// a call that arrives when the agents of `busy` are.
using Choice = std::function<double(uint32_t busy, uint32_t s)>;
// Solves the Markov chain of the sets of busy agents; wait and target are those of the one type.
[[nodiscard]] Forecast forecast(double arrival_rate, const std::vector<double>& service_rates,
                                const Choice& choice, double target_s);

}  // namespace acd::proof
