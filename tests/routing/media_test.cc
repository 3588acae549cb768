// SPDX-License-Identifier: Apache-2.0
#include "routing/media.h"

#include <gtest/gtest.h>

#include "routing/event.h"

namespace acd {
namespace {

using Counts = std::array<uint32_t, kMediumCount>;

TEST(MediaTest, WithoutARuleThereIsRoomForOneContactOfAnyMedium) {
  const MediaRule rule;
  EXPECT_EQ(rule.open({}), kAllMedia);
  for (size_t i = 0; i < kMediumCount; ++i) {
    Counts in_hand{};
    in_hand[i] = 1;
    EXPECT_EQ(rule.open(in_hand), 0) << i;
  }
}

TEST(MediaTest, ExclusionHoldsBothWaysAndInterruptionOne) {
  MediaRule rule{{1, 2, 1, 0, 0}, {}, {}};
  rule.excludes[static_cast<size_t>(Medium::kVoice)] = mask_of(Medium::kEmail);
  rule.interrupted_by[static_cast<size_t>(Medium::kEmail)] = mask_of(Medium::kVoice);
  const MediaMask chat = mask_of(Medium::kChat);
  const MediaMask voice = mask_of(Medium::kVoice);
  EXPECT_EQ(rule.open(Counts{0, 0, 1, 0, 0}), voice | chat);
  EXPECT_EQ(rule.open(Counts{1, 0, 0, 0, 0}), chat);
  EXPECT_EQ(rule.open(Counts{1, 2, 0, 0, 0}), 0);
  EXPECT_EQ(rule.capable(), voice | chat | mask_of(Medium::kEmail));
}

TEST(MediaTest, WhatAnUpsertSaysIsReadAsItWasWritten) {
  EXPECT_EQ(encode_upserted({"a=5,b=3", "", {}}), "a=5,b=3");
  EXPECT_EQ(encode_upserted({"a=5", "day", {}}), "a=5|day");
  const MediaRule rule{{1, 20, 0, 1, 1}, {2, 1, 0, 31, 0}, {0, 0, 8, 0, 0}};
  for (const std::string_view team : {"", "day"}) {
    const std::string text = encode_upserted({"a=5", team, rule});
    const auto read = decode_upserted(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->skills, "a=5");
    EXPECT_EQ(read->team, team);
    EXPECT_EQ(read->media, rule);
  }
  for (const char* wrong :
       {"a=5|day|1.2", "a=5|day|x", "a=5|day|1.1.1.1.1.1.1.1.1.1.1.1.1.1.256"}) {
    EXPECT_FALSE(decode_upserted(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace acd
