// SPDX-License-Identifier: Apache-2.0
// What differs between two texts, and that it is enough to turn one into the other.
#include "clients/acdctl/text_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "clients/acdctl/views.h"

namespace acd::acdctl {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::string diff(const std::string& before, const std::string& after, bool is_colored = false) {
  const auto heading = [](std::string_view line) {
    return line.starts_with("[") ? std::string(line) : std::string();
  };
  return diff_text(before, after, heading, is_colored);
}

TEST(TextDiffTest, ShowsWhatGoesAndComesUnderItsHeading) {
  EXPECT_EQ(diff("[a]\n1\n2\n3\n[b]\n4\n5\n", "[a]\n1\n2\n3\n[b]\n4\n6\n7\n"),
            "@@ [b]\n [b]\n 4\n-5\n+6\n+7\n");
  EXPECT_EQ(diff("[a]\n1\n2\n3\n4\n5\n6\n7\n[b]\n8\n", "[a]\n0\n2\n3\n4\n5\n6\n7\n[b]\n"),
            "@@ [a]\n [a]\n-1\n+0\n 2\n 3\n@@ [b]\n 7\n [b]\n-8\n");
}

TEST(TextDiffTest, SaysNothingOfEqualTexts) {
  EXPECT_EQ(diff("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(diff("", ""), "");
}

TEST(TextDiffTest, ShowsAWholeTextThatComesOrGoes) {
  EXPECT_EQ(diff("", "a\nb\n"), "@@ \n+a\n+b\n");
  EXPECT_EQ(diff("a\nb\n", ""), "@@ \n-a\n-b\n");
}

TEST(TextDiffTest, PaintsWhatGoesAndComes) {
  const std::string text = diff("a\n", "b\n", true);
  EXPECT_NE(text.find("\x1b["), std::string::npos);
  EXPECT_NE(text.find("+b"), std::string::npos);
}

// All lines of `text` that begin with ' ' or `mark`, without it.
std::string side_of(const std::string& text, char mark) {
  std::string side;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    if (text[begin] == ' ' || text[begin] == mark) side += text.substr(begin + 1, end - begin);
    begin = end + 1;
  }
  return side;
}

TEST(TextDiffTest, BothTextsAreInAShortDiff) {
  uint32_t random = 1;
  const auto draw = [&random](uint32_t limit) {
    random = random * 1664525 + 1013904223;
    return (random >> 16) % limit;
  };
  for (int round = 0; round < 2'000; ++round) {
    std::string before;
    std::string after;
    // Few lines, so that all of them are shown around a change.
    for (uint32_t i = draw(5); i > 0; --i) before += std::string(1, "abc"[draw(3)]) + "\n";
    for (uint32_t i = draw(5); i > 0; --i) after += std::string(1, "abc"[draw(3)]) + "\n";
    const std::string text = diff(before, after);
    if (before == after) continue;
    EXPECT_NE(text, "");
    if (text.find("@@", 1) != std::string::npos || before.size() + after.size() > 10) continue;
    EXPECT_NE(side_of(text, '-'), side_of(text, '+'));
    EXPECT_NE(before.find(side_of(text, '-')), std::string::npos) << before << text;
    EXPECT_NE(after.find(side_of(text, '+')), std::string::npos) << after << text;
  }
}

TEST(TextDiffTest, TextsThatShareLittleAreOneChange) {
  std::string before;
  std::string after;
  for (int i = 0; i < kDiffEditsMax; ++i) {
    before += "old " + std::to_string(i) + "\n";
    after += "new " + std::to_string(i) + "\n";
  }
  const std::string text = diff(before, after);
  EXPECT_EQ(side_of(text, '-'), before);
  EXPECT_EQ(side_of(text, '+'), after);
}

TEST(ExportTest, NamesTheEtagsThatItWasMadeFrom) {
  v1::TenantConfig bank;
  bank.set_name("tenants/bank");
  bank.set_etag("0123456789abcdef");
  v1::TenantConfig shop;
  shop.set_name("tenants/shop");
  shop.set_etag("fedcba9876543210");
  const v1::TenantConfig both[] = {bank, shop};
  EXPECT_THAT(etags_in(configs_text(both)),
              ElementsAre(Pair("bank", "0123456789abcdef"), Pair("shop", "fedcba9876543210")));
  EXPECT_THAT(etags_in(config_text(bank)), ElementsAre(Pair("", "0123456789abcdef")));
  EXPECT_THAT(etags_in("tenants:\n# etag bank 0123456789abcdef\n"), ElementsAre());
}

}  // namespace
}  // namespace acd::acdctl
