// SPDX-License-Identifier: Apache-2.0
// How what was measured is held against what theory says.
#pragma once

#include "tests/proof/centre.h"
#include "tests/proof/exact.h"

namespace acd::proof {

// Seeds are fixed, so a test passes always or never; yet several hundred numbers are looked at, and
// one in fifteen thousand is so far off by chance.
inline constexpr double kErrorsMax = 4;
// A wrong rule must be off by more than chance would allow in any case.
inline constexpr double kErrorsOfWrongRule = 8;

// The number that is furthest off, in standard errors: chance to wait, mean wait, share in target of
// each type, occupancy of each agent.
[[nodiscard]] double furthest_off(const Measured& measured, const Forecast& exact);

// Each of these numbers with an expectation of its own.
void expect_close(const Measured& measured, const Forecast& exact);

// One number: near, and measured to `precision` (relative), else it would prove nothing.
void expect_near(const char* what, const Estimate& estimate, double exact, double precision);

}  // namespace acd::proof
