// SPDX-License-Identifier: Apache-2.0
#include "routing/leg_id.h"

#include <gtest/gtest.h>

namespace acd {
namespace {

TEST(LegIdTest, IsReadAsItIsWritten) {
  const OwnLeg leg{AgentIndex(12u), 4'000'000'000u};
  EXPECT_EQ(leg_id(leg), "acd-12-4000000000");
  EXPECT_EQ(parse_leg_id(leg_id(leg)), leg);
  const CustomerLeg customer{67, 2};
  EXPECT_EQ(leg_id(customer), "acd-c67-2");
  EXPECT_EQ(parse_leg_id(leg_id(customer)), std::nullopt);  // No agent's.
}

TEST(LegIdTest, NothingElseIsOne) {
  for (const char* text :
       {"", "acd-", "acd-1", "acd-1-", "acd--1", "acd-1-2-3", "acd-01-2", "acd-1-02", "acd-1-+2",
        "acd-1- 2", "acd-1-4294967296", "acd-x-1", "ACD-1-2", "leg-1"}) {
    EXPECT_EQ(parse_leg_id(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace acd
