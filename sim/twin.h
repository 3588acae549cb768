// SPDX-License-Identifier: Apache-2.0
// The Router and the oracle side by side: the same commands to both, and the same answers expected.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "routing/decision.h"
#include "routing/router.h"
#include "sim/ledger.h"
#include "sim/oracle.h"

namespace acd::sim {

struct TwinOptions {
  // Else the Router is alone, and only its invariants and the ledger judge it.
  bool compares = true;
  // After a command that may leave bulk work (a live change, a switch, or any where steps have
  // conditions), time goes on by 1 ns if something is due at that very instant, so that no bulk
  // work is open at the next command. Else time stops after each slice of such work, and commands
  // come in between. REQUIRES: settles, or not compares.
  bool settles = true;
  // Timers fire instant by instant and are compared as such; else all that are due at once.
  bool by_instant = true;
  // What records say of others than the chosen agent is judged, too: for worlds so small that
  // records look at everybody.
  bool judges_alternatives = true;
  // The Router's invariants are tested after every n-th step; 0: never.
  uint32_t check_every = 1;
  // After every n-th step, if no bulk work is under way, another Router takes the place of this one:
  // restored from its saved state, as after a snapshot; 0: never.
  uint32_t restore_every = 0;
  // How the saved state gets there; null: as it is.
  std::function<void(SavedRouter* saved)> carry;
  // For tests of the twin itself: changes what the Router seems to have said.
  std::function<void(Event*)> distort;
  std::function<void(Decision*)> distort_decision;
  std::function<void(WaitExplanation*)> distort_wait;
  std::function<void(IdleExplanation*)> distort_idle;
  // Sees the record of each assignment.
  std::function<void(std::string_view call_id, const Decision& decision)> see_decision;
};

// Threads:  one.
// Bounds:   a turn that fires more than kTimersMax timers at one instant is a difference.
// Fails:    never; the first difference is kept and all later steps do nothing.
class Twin {
 public:
  // Sees each of the Router's events, with the id of its call.
  using Watcher =
      std::function<void(const Event& event, const EventLog& log, std::string_view call_id)>;

  explicit Twin(TwinOptions options, Watcher watcher = {});
  Twin(const Twin&) = delete;
  Twin& operator=(const Twin&) = delete;

  // The Router's verdicts.
  Reject configure(const TenantConfig& config, int64_t now_ns);
  Reject upsert_agents(const std::vector<AgentProfile>& profiles, int64_t now_ns);
  Reject apply(const Command& command, std::string_view arena, int64_t now_ns);
  // Time passes: every timer before `now_ns` fires.
  void advance(int64_t now_ns);

  [[nodiscard]] int64_t now_ns() const { return now_ns_; }
  [[nodiscard]] int64_t next_deadline_ns() const { return router_->next_deadline_ns(); }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] const Router& router() const { return *router_; }
  [[nodiscard]] uint64_t event_count() const { return event_count_; }
  // How often a restored Router took over.
  [[nodiscard]] uint64_t restore_count() const { return restore_count_; }
  // How often the Router left a part of its bulk work for later.
  [[nodiscard]] uint64_t slice_count() const { return slice_count_; }
  [[nodiscard]] Oracle::Sights take_sights() { return oracle_.take_sights(); }
  // What was sent and what both sides said to it, in lines; empty while they agree.
  [[nodiscard]] const std::string& difference() const { return difference_; }
  // Where the Router's reasons why a call waits, or an agent is idle, are not the oracle's; or empty.
  // REQUIRES: the call waits.
  [[nodiscard]] std::string judge_wait(const LedgerCall& call) const;
  [[nodiscard]] std::string judge_idle(AgentIndex agent) const;

 private:
  static constexpr uint32_t kTimersMax = 100'000;
  static constexpr uint64_t kExplainEvery = 16;  // Steps.

  template <typename Describe>
  void finish_step(Reject router_says, Reject oracle_says, bool settles, const Describe& describe);
  template <typename Describe>
  void compare(Reject router_says, Reject oracle_says, const Describe& describe);
  template <typename Describe>
  void settle(const Describe& describe);
  [[nodiscard]] bool has_slice_left() const;
  // Fires what is due before `now_ns`; false when it never ends.
  bool fire_before(int64_t now_ns);
  // Saves the Router and goes on with a restored one, which must be the same in all that shows.
  template <typename Describe>
  void restore(const Describe& describe);
  void differ(const std::string& what, const std::string& sent);
  void collect();
  void watch();
  // --- twin_why.cc: the Router's reasons, judged by the oracle's.
  void note_groups(EventKind kind);
  [[nodiscard]] std::string judge_groups(const Decision& decision,
                                         const Oracle::Ruling& ruling) const;
  void judge_decisions();
  [[nodiscard]] std::string judge_decision(const Event& event, const Decision& decision,
                                           const Oracle::Ruling& ruling) const;
  // Of one waiting call and one agent, each another one every time.
  [[nodiscard]] std::string judge_explanations() const;
  [[nodiscard]] std::string_view router_call_id(const Event& event) const;
  [[nodiscard]] std::string_view oracle_call_id(const Event& event) const;
  [[nodiscard]] bool is_same(const Event& router_event, const Event& oracle_event) const;
  [[nodiscard]] std::string both_sides() const;
  [[nodiscard]] bool may_leave_work(const Command& command) const;

  const TwinOptions options_;
  const Watcher watcher_;
  std::unique_ptr<Router> router_ = std::make_unique<Router>();
  Oracle oracle_;
  Ledger ledger_;
  EventLog router_log_;
  EventLog oracle_log_;
  std::vector<Oracle::Ruling> rulings_;
  std::string wrong_decision_;   // The first one, in words.
  bool has_conditions_ = false;  // Of the configuration: any command may make them flip.
  int64_t now_ns_ = 0;
  uint64_t step_count_ = 0;
  uint64_t event_count_ = 0;
  uint64_t slice_count_ = 0;
  uint64_t restore_count_ = 0;
  bool is_large_ = false;         // More than a slice was there.
  bool are_groups_whole_ = true;  // Each has somebody at hand to be named by.
  std::string difference_;
};

}  // namespace acd::sim
