// SPDX-License-Identifier: Apache-2.0
// The least that any matching by skills must do, as a yardstick: no events, no explanations, no
// hashes, no time, no rules but skills, priority and arrival.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "bench/router_layout.h"

namespace acd {

// Calls and agents in intrusive lists by class, ids in hash tables, and for each class the key of
// its best. Who is free or waits for whom is found by bitmaps of classes.
//
// Threads:  one.
// Bounds:   as many calls as ever live at once.
class BareRouter {
 public:
  static constexpr uint32_t kNobody = 0xffffffffu;

  BareRouter(const RouterLayout& layout, uint32_t priorities);

  // The agent who gets the call, kNobody: it waits.
  uint32_t enqueue(std::string_view call_id, uint32_t of_class, uint32_t priority);
  void connect(std::string_view call_id);
  void end(std::string_view call_id);
  // The number of the call that the agent gets, kNobody: none waits.
  uint32_t free(std::string_view agent_id);
  [[nodiscard]] const char* call_id(uint32_t call) const { return calls_[call].id.data(); }
  // Over who has which call.
  [[nodiscard]] uint64_t hash() const { return hash_; }

 private:
  using CallId = std::array<char, kCallIdSize>;
  using AgentId = std::array<char, kAgentIdSize>;
  using Bits = std::vector<uint64_t>;
  struct BareCall {
    CallId id{};
    uint64_t order = 0;
    uint32_t next = kNobody;
    uint32_t agent = kNobody;
    bool connected = false;
  };
  struct BareAgent {
    uint32_t profile = 0;
    uint32_t next = kNobody;
    uint32_t call = kNobody;
    uint64_t free_since = 0;
  };
  struct List {
    uint32_t first = kNobody;
    uint32_t last = kNobody;
  };
  static constexpr uint64_t kNone = ~uint64_t{0};

  // The least key among the classes of both; kNobody: there is none.
  static uint32_t best(const Bits& linked, const Bits& present, const std::vector<uint64_t>& keys);
  void assign(uint32_t call, uint32_t agent);
  void refresh_waiting_key(uint32_t of_class);

  uint32_t priorities_;
  std::vector<BareCall> calls_;
  std::vector<uint32_t> free_calls_;
  std::vector<BareAgent> agents_;
  absl::flat_hash_map<CallId, uint32_t> call_by_id_;
  absl::flat_hash_map<AgentId, uint32_t> agent_by_id_;
  std::vector<Bits> agents_of_calls_;  // By class of calls: the profiles that can serve it.
  std::vector<Bits> calls_of_agents_;  // By profile.
  std::vector<List> waiting_;          // By class and priority, higher first.
  std::vector<uint64_t> waiting_keys_;
  Bits has_waiting_;
  std::vector<List> idle_;  // By profile, longest first.
  std::vector<uint64_t> idle_keys_;
  Bits has_idle_;
  uint64_t next_order_ = 0;
  uint64_t hash_ = 0;
};

}  // namespace acd
