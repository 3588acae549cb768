// SPDX-License-Identifier: Apache-2.0
#include "tests/proof/exact.h"

#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>

#include "routing/check.h"

namespace acd::proof {
namespace {

using Complex = std::complex<double>;

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double sum_of(const std::vector<double>& values, uint32_t set) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if ((set >> i & 1) != 0) sum += values[i];
  }
  return sum;
}

// The sets of busy agents and what they weigh.
class ProductForm {
 public:
  explicit ProductForm(const SkillGraph& graph)
      : graph_(graph),
        sets_(uint32_t{1} << graph.service_rates.size()),
        spare_(sets_),
        busy_(sets_),
        idle_(sets_) {
    busy_[0] = idle_[0] = 1;
    for (uint32_t set = 1; set < sets_; ++set) {
      double own = 0;        // Calls that only these agents can serve.
      double reachable = 0;  // Calls that some of these agents can serve.
      for (size_t t = 0; t < graph.agents_of.size(); ++t) {
        if (is_only_for(t, set)) own += graph.arrival_rates[t];
        if ((graph.agents_of[t] & set) != 0) reachable += graph.arrival_rates[t];
      }
      spare_[set] = sum_of(graph.service_rates, set) - own;
      ACD_CHECK(spare_[set] > 0 && reachable > 0);
      busy_[set] = sum_below(busy_, set) / spare_[set];
      idle_[set] = sum_below(idle_, set) / reachable;
    }
    for (uint32_t set = 0; set < sets_; ++set) total_ += weight(set);
  }

  [[nodiscard]] uint32_t set_count() const { return sets_; }
  [[nodiscard]] double chance(uint32_t busy) const { return weight(busy) / total_; }
  [[nodiscard]] bool is_only_for(size_t type, uint32_t set) const {
    return (graph_.agents_of[type] & ~set) == 0;
  }

  [[nodiscard]] double mean_wait(size_t type) const {
    std::vector<double> waits(sets_);
    double mean = 0;
    for (uint32_t set = 1; set < sets_; ++set) {
      waits[set] = sum_below(waits, set) / spare_[set];
      if (is_only_for(type, set)) waits[set] += busy_[set] / spare_[set];
      mean += waits[set] * idle_[sets_ - 1 - set];
    }
    return mean / total_;
  }

  // E[exp(-s W)]: a wait is a sum of exponential times, one for each set that the call is behind.
  [[nodiscard]] Complex transform(size_t type, Complex s) const {
    std::vector<Complex> parts(sets_);
    parts[0] = 1;
    Complex sum = idle_[sets_ - 1];
    for (uint32_t set = 1; set < sets_; ++set) {
      parts[set] = sum_below(parts, set) / (is_only_for(type, set) ? spare_[set] + s : spare_[set]);
      sum += parts[set] * idle_[sets_ - 1 - set];
    }
    return sum / total_;
  }

 private:
  [[nodiscard]] double weight(uint32_t busy) const { return busy_[busy] * idle_[sets_ - 1 - busy]; }

  template <typename T>
  static T sum_below(const std::vector<T>& of_set, uint32_t set) {
    T sum{};
    for (uint32_t rest = set; rest != 0; rest &= rest - 1) sum += of_set[set & ~(rest & -rest)];
    return sum;
  }

  const SkillGraph& graph_;
  uint32_t sets_;
  std::vector<double> spare_;
  std::vector<double> busy_;
  std::vector<double> idle_;
  double total_ = 0;
};

// The chance of a wait above `t` from its transform: Euler summation of Abate and Whitt (1995), good
// to about 1e-7.
double chance_above(double t, const std::function<Complex(Complex)>& transform) {
  constexpr double kPrecision = 18.4;
  constexpr int kPlain = 20;
  constexpr int kAveraged = 12;
  const auto tail = [&](Complex s) { return ((1.0 - transform(s)) / s).real(); };
  const double scale = std::exp(kPrecision / 2) / t;
  double sum = scale / 2 * tail({kPrecision / (2 * t), 0});
  double averaged = 0;
  double binomial = std::pow(0.5, kAveraged);
  for (int k = 1; k <= kPlain + kAveraged; ++k) {
    const double term = tail({kPrecision / (2 * t), k * std::numbers::pi / t});
    sum += (k % 2 == 0 ? scale : -scale) * term;
    if (k < kPlain) continue;
    averaged += binomial * sum;
    binomial *= static_cast<double>(kAveraged - (k - kPlain)) / (k - kPlain + 1);
  }
  return averaged;
}

double load_of(const PriorityPool& pool, double arrival_rate) {
  return arrival_rate / (pool.servers * pool.service_rate);
}

// What is left of the work in hand when all are busy, over all calls.
double backlog(const PriorityPool& pool) {
  return erlang_c(pool.servers, load_of(pool, sum_of(pool.arrival_rates))) /
         (pool.servers * pool.service_rate);
}

// Solves a x = b by elimination with pivots.
std::vector<double> solve(std::vector<std::vector<double>> a, std::vector<double> b) {
  const size_t n = b.size();
  for (size_t column = 0; column < n; ++column) {
    size_t pivot = column;
    for (size_t row = column + 1; row < n; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    std::swap(a[pivot], a[column]);
    std::swap(b[pivot], b[column]);
    for (size_t row = 0; row < n; ++row) {
      if (row == column || a[row][column] == 0) continue;
      const double factor = a[row][column] / a[column][column];
      for (size_t i = column; i < n; ++i) a[row][i] -= factor * a[column][i];
      b[row] -= factor * b[column];
    }
  }
  for (size_t i = 0; i < n; ++i) b[i] /= a[i][i];
  return b;
}

}  // namespace

bool is_stable(const SkillGraph& graph, double load_max) {
  for (uint32_t types = 1; types < uint32_t{1} << graph.agents_of.size(); ++types) {
    uint32_t agents = 0;
    for (size_t t = 0; t < graph.agents_of.size(); ++t) {
      if ((types >> t & 1) != 0) agents |= graph.agents_of[t];
    }
    const double capacity = sum_of(graph.service_rates, agents);
    if (sum_of(graph.arrival_rates, types) >= load_max * capacity) return false;
  }
  return true;
}

Forecast forecast(const SkillGraph& graph, double target_s) {
  const ProductForm form(graph);
  Forecast result;
  for (size_t t = 0; t < graph.arrival_rates.size(); ++t) {
    double waits = 0;
    for (uint32_t busy = 0; busy < form.set_count(); ++busy) {
      if (form.is_only_for(t, busy)) waits += form.chance(busy);
    }
    result.wait_probability.push_back(waits);
    result.mean_wait_s.push_back(form.mean_wait(t));
    result.in_target.push_back(
        1 - chance_above(target_s, [&](Complex s) { return form.transform(t, s); }));
  }
  for (size_t s = 0; s < graph.service_rates.size(); ++s) {
    double occupancy = 0;
    for (uint32_t busy = 0; busy < form.set_count(); ++busy) {
      if ((busy >> s & 1) != 0) occupancy += form.chance(busy);
    }
    result.occupancy.push_back(occupancy);
  }
  return result;
}

double erlang_c(uint32_t servers, double load) {
  double blocked = 1;  // Erlang B, one server more at a time.
  for (uint32_t n = 1; n <= servers; ++n) {
    blocked = load * servers * blocked / (n + load * servers * blocked);
  }
  return blocked / (1 - load * (1 - blocked));
}

double first_come_wait(const PriorityPool& pool) {
  return backlog(pool) / (1 - load_of(pool, sum_of(pool.arrival_rates)));
}

std::vector<double> strict_priority_waits(const PriorityPool& pool) {
  std::vector<double> waits;
  double load = 0;  // Of this class and those before it.
  for (const double rate : pool.arrival_rates) {
    const double before = load;
    load += load_of(pool, rate);
    waits.push_back(backlog(pool) / ((1 - before) * (1 - load)));
  }
  return waits;
}

std::vector<double> accumulating_priority_waits(const PriorityPool& pool,
                                                const std::vector<double>& growth) {
  const size_t classes = pool.arrival_rates.size();
  std::vector<double> waits(classes);
  // From the slowest to the fastest.
  for (size_t p = classes; p-- > 0;) {
    double above = first_come_wait(pool);
    double below = 1;
    for (size_t i = 0; i < classes; ++i) {
      const double load = load_of(pool, pool.arrival_rates[i]);
      if (i > p) above -= load * waits[i] * (1 - growth[i] / growth[p]);
      if (i < p) below -= load * (1 - growth[p] / growth[i]);
    }
    waits[p] = above / below;
  }
  return waits;
}

Forecast forecast(double arrival_rate, const std::vector<double>& service_rates,
                  const Choice& choice, double target_s) {
  const size_t agents = service_rates.size();
  const uint32_t full = (uint32_t{1} << agents) - 1;
  // Rates out of and into each set; calls that wait are folded into `full`, for while any wait, the
  // agent whose call ends takes the next one.
  std::vector<std::vector<double>> flow(full + 1, std::vector<double>(full + 1));
  for (uint32_t busy = 0; busy <= full; ++busy) {
    for (uint32_t s = 0; s < agents; ++s) {
      const uint32_t bit = uint32_t{1} << s;
      const bool is_busy = (busy & bit) != 0;
      const double rate = is_busy ? service_rates[s] : arrival_rate * choice(busy, s);
      flow[busy ^ bit][busy] += rate;
      flow[busy][busy] -= rate;
    }
  }
  const double capacity = sum_of(service_rates);
  const double load = arrival_rate / capacity;
  std::vector<double> right(full + 1, 0.0);
  // One balance follows from the others; instead of it all chances add up to 1.
  flow[0].assign(full + 1, 1.0);
  flow[0][full] = 1 / (1 - load);
  right[0] = 1;
  std::vector<double> chances = solve(std::move(flow), std::move(right));
  chances[full] /= 1 - load;

  Forecast result;
  result.occupancy.assign(agents, 0);
  for (uint32_t busy = 0; busy <= full; ++busy) {
    for (uint32_t s = 0; s < agents; ++s) {
      if ((busy >> s & 1) != 0) result.occupancy[s] += chances[busy];
    }
  }
  const double spare = capacity - arrival_rate;
  result.wait_probability = {chances[full]};
  result.mean_wait_s = {chances[full] / spare};
  result.in_target = {1 - chances[full] * std::exp(-spare * target_s)};
  return result;
}

}  // namespace acd::proof
