// SPDX-License-Identifier: Apache-2.0
// What a report counts of one queue.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "routing/limits.h"

namespace acd::sim {

// Counters and durations over calls that are over. Short abandons and the service level go by the
// defaults (5 s, 20 s), for the log and the replay alike, so that the two can be compared.
struct QueueTally {
  int64_t offered = 0;
  int64_t answered = 0;
  int64_t abandoned = 0;  // Without the short ones.
  int64_t short_abandoned = 0;
  int64_t timed_out = 0;
  int64_t released = 0;     // By the daemon, at a limit.
  int64_t transferred = 0;  // Outside, by the daemon, at a limit.
  int64_t given_up = 0;     // Callbacks whose customers were not reached.
  int64_t turned_away = 0;  // Never offered: the daemon's disk was full.
  int64_t transferred_in = 0;
  // Visits that are in no service level: with nobody on the line, or called back within the target.
  int64_t left_out_of_level = 0;
  int64_t answered_in_target = 0;
  int64_t wait_answered_sum_ns = 0;
  int64_t handle_sum_ns = 0;
  int64_t wait_max_ns = 0;

  void add_answer(int64_t wait_ns) {
    ++answered;
    if (wait_ns <= kServiceLevelTargetDefaultNs) ++answered_in_target;
    wait_answered_sum_ns += wait_ns;
    wait_max_ns = std::max(wait_max_ns, wait_ns);
  }
  void add_abandon(int64_t wait_ns) {
    ++(wait_ns < kShortAbandonDefaultNs ? short_abandoned : abandoned);
    wait_max_ns = std::max(wait_max_ns, wait_ns);
  }
  void add_time_out(int64_t wait_ns) {
    ++timed_out;
    wait_max_ns = std::max(wait_max_ns, wait_ns);
  }
  void add_end_by_daemon(bool is_transfer, int64_t wait_ns) {
    ++(is_transfer ? transferred : released);
    wait_max_ns = std::max(wait_max_ns, wait_ns);
  }

  QueueTally& operator+=(const QueueTally& other) {
    offered += other.offered;
    answered += other.answered;
    abandoned += other.abandoned;
    short_abandoned += other.short_abandoned;
    timed_out += other.timed_out;
    released += other.released;
    transferred += other.transferred;
    given_up += other.given_up;
    turned_away += other.turned_away;
    transferred_in += other.transferred_in;
    left_out_of_level += other.left_out_of_level;
    answered_in_target += other.answered_in_target;
    wait_answered_sum_ns += other.wait_answered_sum_ns;
    handle_sum_ns += other.handle_sum_ns;
    wait_max_ns = std::max(wait_max_ns, other.wait_max_ns);
    return *this;
  }

  bool operator==(const QueueTally&) const = default;
};

// What a mix brings beside that.
struct MixTally {
  int64_t transferred_in = 0;
  int64_t transferred_out = 0;
  int64_t consults = 0;
  int64_t consults_answered = 0;
  int64_t consults_failed = 0;
  int64_t callback_requested = 0;
  int64_t callbacks_answered = 0;  // Whose customer came on the line with the agent.
  int64_t dials_failed = 0;
  int64_t resolved = 0;
  int64_t unresolved = 0;
  int64_t surveys = 0;
  int64_t survey_sum = 0;
  int64_t qualities = 0;
  int64_t quality_sum = 0;
  std::map<std::string, int64_t> codes;

  using Counter = std::pair<const char*, int64_t MixTally::*>;
  static const std::array<Counter, 14>& counters() {
    static constexpr std::array<Counter, 14> kCounters = {
        {{"transferred_in", &MixTally::transferred_in},
         {"transferred_out", &MixTally::transferred_out},
         {"consults", &MixTally::consults},
         {"consults_answered", &MixTally::consults_answered},
         {"consults_failed", &MixTally::consults_failed},
         {"callback_requested", &MixTally::callback_requested},
         {"callbacks_answered", &MixTally::callbacks_answered},
         {"dials_failed", &MixTally::dials_failed},
         {"resolved", &MixTally::resolved},
         {"unresolved", &MixTally::unresolved},
         {"surveys", &MixTally::surveys},
         {"survey_sum", &MixTally::survey_sum},
         {"qualities", &MixTally::qualities},
         {"quality_sum", &MixTally::quality_sum}}};
    return kCounters;
  }

  // `times` is 1 or -1.
  void add(const MixTally& other, int64_t times) {
    for (const auto& [name, counter] : counters()) this->*counter += times * (other.*counter);
    for (const auto& [code, count] : other.codes) {
      if ((codes[code] += times * count) == 0) codes.erase(code);
    }
  }

  bool operator==(const MixTally&) const = default;
};

}  // namespace acd::sim
