// SPDX-License-Identifier: Apache-2.0
// Tests of foreign text: UTF-8, control characters, quoting, suggestions.
#include "daemon/config/text.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace acd {
namespace {

TEST(TextTest, AcceptsEveryLengthOfUtf8Sequence) {
  EXPECT_TRUE(is_text(""));
  EXPECT_TRUE(is_text("plain"));
  EXPECT_TRUE(is_text("Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x93\x9e"));
  EXPECT_TRUE(is_text("\xf4\x8f\xbf\xbf"));  // U+10FFFF, the last.
}

TEST(TextTest, RefusesWhatIsNoUtf8) {
  constexpr std::array<std::string_view, 9> kBad = {
      "\x80",              // A continuation alone.
      "\xc3",              // Cut short.
      "\xc0\xaf",          // Overlong, two bytes.
      "\xe0\x80\x80",      // Overlong, three bytes.
      "\xf0\x80\x80\x80",  // Overlong, four bytes.
      "\xed\xa0\x80",      // A surrogate.
      "\xf4\x90\x80\x80",  // Past U+10FFFF.
      "\xff",
      "\xe2\x82",
  };
  for (const std::string_view text : kBad) {
    EXPECT_EQ(utf8_sequence_size(text), 0u) << quote(text);
    EXPECT_FALSE(is_text(std::string("ok") + std::string(text))) << quote(text);
  }
}

TEST(TextTest, RefusesControlCharacters) {
  EXPECT_FALSE(is_text(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_text("a\nb"));
  EXPECT_FALSE(is_text("a\x7f"));
  EXPECT_FALSE(is_text("\xc2\x85"));  // C1, next line.
  EXPECT_TRUE(is_text("\xc2\xa0"));   // The first after C1.
}

TEST(TextTest, QuotesAnyBytesAsShortAscii) {
  EXPECT_EQ(quote("ps"), "'ps'");
  EXPECT_EQ(quote("a'\n\xff"), "'a\\'\\n\\xff'");
  EXPECT_EQ(quote(std::string(kQuotedBytesMax + 1, 'x')),
            "'" + std::string(kQuotedBytesMax, 'x') + "...'");
}

TEST(TextTest, SuggestsTheNearestWordOrAllOfThem) {
  constexpr std::array<std::string_view, 3> kKnown = {"id", "queues", "skills"};
  EXPECT_EQ(suggestion_for("queue", kKnown), "did you mean 'queues'?");
  EXPECT_EQ(suggestion_for("sklils", kKnown), "did you mean 'skills'?");
  EXPECT_EQ(suggestion_for("zzzzzzzz", kKnown), "known here: id, queues, skills");
  EXPECT_EQ(suggestion_for(std::string(100'000, 'q'), kKnown), "known here: id, queues, skills");
}

}  // namespace
}  // namespace acd
