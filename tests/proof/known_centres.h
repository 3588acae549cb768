// SPDX-License-Identifier: Apache-2.0
// Centres whose numbers are known from elsewhere. Rates are per second.
#pragma once

#include "tests/proof/exact.h"

namespace acd::proof {

inline constexpr double kPerMinute = 1.0 / 60;
inline constexpr double kPerHour = 1.0 / 3600;

// Agents A, A, AB, AB for calls of type A and B: the picture is an N.
inline SkillGraph n_centre() {
  return {{1.2 * kPerMinute, .6 * kPerMinute},
          {.5 * kPerMinute, .5 * kPerMinute, .5 * kPerMinute, .5 * kPerMinute},
          {0b1111, 0b1100}};
}

// Agents A, B, AB, AB: a W.
inline SkillGraph w_centre() {
  return {{.8 * kPerMinute, .8 * kPerMinute},
          {.5 * kPerMinute, .5 * kPerMinute, .5 * kPerMinute, .5 * kPerMinute},
          {0b1101, 0b1110}};
}

// Six types, six agents, each with two neighbouring skills: a closed chain.
inline SkillGraph chain_centre() {
  SkillGraph chain;
  for (uint32_t i = 0; i < 6; ++i) {
    chain.arrival_rates.push_back(.4 * kPerMinute);
    chain.service_rates.push_back(.5 * kPerMinute);
    chain.agents_of.push_back(1u << i | 1u << (i + 5) % 6);
  }
  return chain;
}

// Twenty agents at 96 % with a quarter of urgent calls.
inline PriorityPool busy_pool() { return {20, 1.0 / 240, {72 * kPerHour, 216 * kPerHour}}; }

// Five agents at 80 % and three classes.
inline PriorityPool calm_pool() {
  return {5, 1.0 / 180, {15 * kPerHour, 25 * kPerHour, 40 * kPerHour}};
}

}  // namespace acd::proof
