// SPDX-License-Identifier: Apache-2.0
// A call centre of any size in memory, for benchmarks of the Router alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/router_layout.h"
#include "routing/router.h"

namespace acd {

// What one call of the Router took. kNone: advance().
struct TurnTime {
  CommandKind kind = CommandKind::kNone;
  int64_t wall_ns = 0;
  int64_t cpu_ns = 0;  // Of this thread, where that was asked for; does not count what others do.
};

// Timers that one turn of a shard fires, as the daemon's.
inline constexpr uint32_t kTimersPerTurn = 10'000;

[[nodiscard]] int64_t steady_ns();

// Plays the switch: makes commands, answers every offer at once, and takes the events after each.
//
// Threads:  one.
// Bounds:   as its options say; the number of live calls stays what it is after construction.
class RouterWorld {
 public:
  explicit RouterWorld(const RouterWorldOptions& options);
  RouterWorld(const RouterWorld&) = delete;
  RouterWorld& operator=(const RouterWorld&) = delete;

  // One lifecycle of four commands: the call that was joined first is released, its agent ends
  // wrap-up and takes the next one if calls wait, a new call enters like the one that the agent
  // took (nobody waits: like the one that ended), and whatever was offered is answered.
  void play();
  // A call enters, finds an agent, and its caller gives up: two commands. REQUIRES: options.waiting
  // is 0.
  void find();
  // An idle agent becomes not ready, and ready again: two commands. REQUIRES: the same.
  void update();

  // From now on what each turn takes goes to `*times`, with the thread's CPU time if `cpu`; null:
  // no longer.
  void time_into(std::vector<TurnTime>* times, bool cpu);

  // Bulk work; each lets time pass until none is left.
  void enqueue_text(std::string_view requirement);
  void upsert_skill_of_everybody(uint32_t skill, int level);
  // One agent, who was there, gets a profile that nobody has.
  void upsert_one(uint32_t agent, const std::vector<SkillTerm>& profile);
  void change_requirements_of_queues();
  void lose_switch();

  // One more agent, ready, whom no call that asks for a skill may be offered to.
  AgentIndex bring_idle_agent();
  // Calls that wait, spread over the classes; at most `count_max`.
  [[nodiscard]] std::vector<CallIndex> waiting_calls(uint32_t count_max) const;

  [[nodiscard]] const Router& router() const { return router_; }
  [[nodiscard]] const RouterLayout& layout() const { return layout_; }
  [[nodiscard]] int64_t commands() const { return commands_; }
  [[nodiscard]] int64_t offers() const { return offers_; }
  [[nodiscard]] bool has_idle() const { return !idle_agents_.empty() && !findable_.empty(); }

 private:
  // A call that an agent has.
  struct Active {
    char call[kCallIdSize];
    AgentIndex agent;
  };
  struct Rung {
    Active active;
    uint32_t generation = 0;
  };
  struct ClassText {
    TextRef queue;
    TextRef requirement;
  };

  void configure();
  void log_in();
  void log_in_one(uint32_t agent);
  void fill();
  void remember_ended();
  void collect_idle();
  template <typename Do>
  void turn(CommandKind kind, Do&& act);
  void apply(Command& command);
  void catch_up();
  void look();
  void enqueue(uint32_t of_class);
  void end_call(const char* id);
  bool find_in(uint32_t of_class);
  Command of_agent(CommandKind kind, uint32_t agent);
  void push_active(const Active& one);
  TextRef keep_text(std::string_view text);
  TextRef call_text(const char* id);

  RouterWorldOptions options_;
  RouterLayout layout_;
  TenantConfig config_;
  Router router_;
  std::string arena_;  // The id of the command first, then texts that stay.
  std::vector<ClassText> class_texts_;
  std::vector<TurnTime>* times_ = nullptr;
  bool times_cpu_ = false;
  EventLog log_;
  std::vector<Rung> rung_;  // Scratch of look().
  SourceIndex source_;
  std::vector<Active> active_;  // A ring: from `active_first_` on, `active_count_` of them.
  size_t active_first_ = 0;
  size_t active_count_ = 0;
  uint32_t taken_class_ = 0;  // Of the call that was offered last.
  uint64_t next_call_ = 0;
  std::vector<uint32_t> idle_agents_;  // After construction; those of find() and update() stay so.
  std::vector<uint32_t> findable_;     // Classes for whose calls somebody is idle.
  int64_t now_ns_ = 0;
  BenchDraw draw_;
  int64_t commands_ = 0;
  int64_t offers_ = 0;
};

}  // namespace acd
