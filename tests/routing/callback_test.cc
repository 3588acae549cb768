// SPDX-License-Identifier: Apache-2.0
// Numbers and patterns of numbers.
#include "routing/callback.h"

#include <gtest/gtest.h>

#include <string>

namespace acd {
namespace {

TEST(CallbackTest, NormalisesNumbersAndTakesNoOthers) {
  EXPECT_EQ(normalised_number("+44 (20) 12-34.5/6"), "+4420123456");
  EXPECT_EQ(normalised_number("0"), "0");
  EXPECT_EQ(normalised_number(" 0 "), "0");
  EXPECT_EQ(normalised_number(std::string(kNumberDigitsMax, '7')),
            std::string(kNumberDigitsMax, '7'));
  for (const std::string& none :
       {std::string(), std::string("+"), std::string("1+2"), std::string("++1"), std::string("12x"),
        std::string("12*"), std::string("1\0002", 3), std::string(kNumberDigitsMax + 1, '7')}) {
    EXPECT_EQ(normalised_number(none), std::nullopt) << none;
  }
}

TEST(CallbackTest, KnowsPatterns) {
  for (const char* pattern : {"+", "+.", ".", "X", "0XX5", "+44X.", "+44"}) {
    EXPECT_TRUE(is_number_pattern(pattern)) << pattern;
  }
  EXPECT_TRUE(is_number_pattern(std::string(kNumberPatternBytesMax, 'X')));
  for (const char* none : {"", "4+", "1.2", "..", "x", "1 2", "[12]"}) {
    EXPECT_FALSE(is_number_pattern(none)) << none;
  }
  EXPECT_FALSE(is_number_pattern(std::string(kNumberPatternBytesMax + 1, 'X')));
}

TEST(CallbackTest, MatchesWholeNumbers) {
  EXPECT_TRUE(matches_number("0XX", "012"));
  EXPECT_FALSE(matches_number("0XX", "01"));
  EXPECT_FALSE(matches_number("0XX", "0123"));
  EXPECT_FALSE(matches_number("XXX", "+12"));
  EXPECT_TRUE(matches_number("+44.", "+44"));
  EXPECT_TRUE(matches_number("+44.", "+449"));
  EXPECT_FALSE(matches_number("+44.", "+43"));
  EXPECT_FALSE(matches_number("44.", "+44"));
}

TEST(CallbackTest, DenyGoesBeforeAllow) {
  CallbackConfig config;
  EXPECT_TRUE(is_number_allowed(config, "1"));
  config.deny = {"09."};
  EXPECT_TRUE(is_number_allowed(config, "1"));
  EXPECT_FALSE(is_number_allowed(config, "0900"));
  config.allow = {"0."};
  EXPECT_FALSE(is_number_allowed(config, "1"));
  EXPECT_FALSE(is_number_allowed(config, "0900"));
  EXPECT_TRUE(is_number_allowed(config, "0800"));
}

}  // namespace
}  // namespace acd
