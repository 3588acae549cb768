// SPDX-License-Identifier: Apache-2.0
// A call centre of any size in memory, for benchmarks of the Router alone.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "routing/router.h"

namespace acd {

enum class Profiles : uint8_t {
  kShared,    // 2,000 profiles of 1 to 6 skills out of 100, popular skills in most of them.
  kDistinct,  // Each agent has a profile of their own.
};

struct RouterWorldOptions {
  uint32_t agents = 1'000;
  uint32_t classes = 1'000;   // Distinct requirements of one or two skills.
  uint32_t priorities = 10;
  uint32_t waiting = 100'000;  // Calls kept waiting; 0: agents are idle instead.
  uint32_t idle_percent = 0;   // Of the agents, where nobody waits.
  Profiles profiles = Profiles::kShared;
  Strategy strategy = Strategy::kLongestIdle;
  CallOrder call_order = CallOrder::kPriority;
};

// Plays lifecycles: a call enters, is accepted and joined, is released, and its agent ends wrap-up.
//
// Threads:  one.
// Bounds:   as its options say; the number of live calls stays what it is after construction.
class RouterWorld {
 public:
  explicit RouterWorld(const RouterWorldOptions& options);

  // One lifecycle of four commands, the oldest call of an agent first. Where calls wait, the agent
  // takes the next one; where agents idle, the new call takes one.
  void play();
  // The same, and what each command took, in nanoseconds, to `*took`.
  void play_timed(std::vector<int64_t>* took);

  [[nodiscard]] Router& router() { return router_; }
  [[nodiscard]] int64_t commands() const { return commands_; }
  [[nodiscard]] int64_t offers() const { return offers_; }

  // What bulk commands take.
  void upsert_skill_of_everybody(uint32_t skill, int level);
  void enqueue_one(uint32_t of_class);
  void close_session();
  // Lets time pass until no bulk work is left; the longest advance, in nanoseconds.
  int64_t finish_bulk();

 private:
  struct Active {
    CallIndex call;
    AgentIndex agent;
  };
  void apply(Command command);
  void enqueue();
  void look();
  TextRef text(std::string_view value);
  uint32_t below(uint32_t limit);

  RouterWorldOptions options_;
  Router router_;
  std::vector<std::string> requirements_;
  std::vector<AgentProfile> profiles_;
  std::vector<int64_t>* took_ = nullptr;
  EventLog log_;
  std::string arena_;
  SourceIndex source_;
  std::deque<Active> active_;
  int64_t now_ns_ = 0;
  uint64_t draw_ = 0x9e3779b97f4a7c15ull;
  uint64_t next_call_ = 0;
  int64_t commands_ = 0;
  int64_t offers_ = 0;
};

}  // namespace acd
