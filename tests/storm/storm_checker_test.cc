// SPDX-License-Identifier: Apache-2.0
#include "tests/storm/storm_checker.h"

#include <gtest/gtest.h>

namespace acd::storm {
namespace {
TEST(X, Y) {}
}  // namespace
}  // namespace acd::storm
