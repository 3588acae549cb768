// SPDX-License-Identifier: Apache-2.0
// A centre with exponential times that is played on a Router in virtual time, and what it measures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "routing/router.h"

namespace acd::proof {

// Doubles from a seed, the same everywhere.
class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}
  // In [0, 1).
  double next();
  // In [0, limit).
  double next(double limit) { return limit * next(); }
  double exponential(double rate);
  uint32_t below(uint32_t limit);

 private:
  uint64_t state_;
};

struct CallType {
  std::string queue;
  std::string needs;
  double rate = 0;  // Arrivals a second.
};

struct CentreSpec {
  TenantConfig config;
  std::vector<AgentProfile> agents;
  std::vector<double> service_rates;  // By agent, a second.
  std::vector<CallType> types;
  double leaving_rate = 0;  // At which each waiting caller gives up.
  double target_s = 20;
};

// A ratio of sums over batches, with its standard error.
struct Estimate {
  double value = 0;
  double error = 0;
  // How many standard errors it is off.
  [[nodiscard]] double off(double exact) const;
};

// Sums of one batch.
struct Batch {
  std::vector<double> calls;  // Offered to somebody, by type.
  std::vector<double> waited;
  std::vector<double> in_target;
  std::vector<double> wait_s;
  std::vector<double> busy_s;  // By agent.
  double duration_s = 0;
};

class Measured {
 public:
  explicit Measured(std::vector<Batch> batches) : batches_(std::move(batches)) {}

  [[nodiscard]] Estimate wait_probability(size_t type) const;
  [[nodiscard]] Estimate in_target(size_t type) const;
  [[nodiscard]] Estimate mean_wait_s(size_t type) const;
  [[nodiscard]] Estimate occupancy(size_t agent) const;
  // Mean wait of one type by that of another one.
  [[nodiscard]] Estimate wait_ratio(size_t type, size_t of) const;
  // Of all types and batches together.
  [[nodiscard]] double total_wait_s() const;

 private:
  template <typename Part, typename Whole>
  [[nodiscard]] Estimate ratio(Part&& part, Whole&& whole) const;
  std::vector<Batch> batches_;
};

// Plays `calls` arrivals: every offer is answered at once, wrap-up is none. All times being
// exponential, the next thing to happen is drawn from the rates of all that may; so two centres that
// differ in their rules alone see the same arrivals and as many ends of calls under one seed.
//
// Fails:    a test fails where the Router refuses a command, offers a call twice, or to somebody busy.
class Centre {
 public:
  Centre(const CentreSpec& spec, uint64_t seed);
  [[nodiscard]] Measured play(uint32_t calls);
  // Is shown what each command brought from now on, and first what came before.
  void listen(std::function<void(const EventLog&)> listener);

 private:
  struct Live {
    size_t type = 0;
    int64_t arrived_ns = 0;
    std::string id;
  };
  void bring_agents();
  void step();
  void arrive(size_t type);
  void end_call_of(size_t agent);
  void abandon(size_t waiting);
  void apply(Command command);
  void look();
  void connect(const Event& offer);
  TextRef text(std::string_view value);

  CentreSpec spec_;
  Chance chance_;
  Router router_;
  SourceIndex source_;
  EventLog log_;
  std::string arena_;
  int64_t now_ns_ = 0;
  double arrival_rate_ = 0;
  std::vector<Live> live_;          // By CallIndex.
  std::vector<CallIndex> call_of_;  // By agent; invalid: free.
  std::vector<size_t> busy_;        // Agents, in the order of their calls.
  std::vector<CallIndex> waiting_;  // In the order of their coming, where they may leave.
  std::vector<EventLog> heard_;     // Until somebody listens.
  std::function<void(const EventLog&)> listener_;
  uint64_t arrivals_ = 0;
  size_t arriving_type_ = 0;
  Batch batch_;
};

}  // namespace acd::proof
