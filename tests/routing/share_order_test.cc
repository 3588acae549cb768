// SPDX-License-Identifier: Apache-2.0
// The order of free members with a share, against a look at everybody.
#include "routing/share_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace acd {
namespace {

constexpr int64_t kHalfLife = 3'600'000'000'000;

// What a look at everybody knows of a member.
struct Member {
  std::optional<DecayedCount> had;
  std::optional<int64_t> free_since_ns;
};

class ShareOrderTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kMembers = 120;

  uint32_t draw(uint32_t below) {
    seed_ = seed_ * 1664525u + 1013904223u;
    return (seed_ >> 8) % below;
  }
  // Every other one is at another switch.
  static ZoneIndex zone_of(uint32_t member) { return ZoneIndex(member % 2); }
  [[nodiscard]] DecayedCount had(uint32_t member) const {
    return members_[member].had.value_or(floor_);
  }
  void unlist(uint32_t member) {
    order_.erase_free(AgentIndex(member));
    members_[member].free_since_ns.reset();
  }

  void step() {
    const uint32_t who = draw(kMembers);
    Member& member = members_[who];
    switch (draw(64)) {
      case 0:
        order_.change_half_life(now_ns_, kHalfLife, kHalfLife);  // Keeps what they had.
        for (Member& one : members_) one.free_since_ns.reset();
        break;
      case 1:
        unlist(who);
        order_.join(AgentIndex(who));
        member.had = std::max(member.had.value_or(DecayedCount()), floor_);
        break;
      case 2:
      case 3:
        floor_ = had(who);
        order_.note_rung(AgentIndex(who));
        break;
      default:
        if (member.free_since_ns && draw(2) == 0) {
          const int64_t amount = 1 + draw(3);
          unlist(who);
          member.had = had(who);
          member.had->add(amount, now_ns_, kHalfLife);
          order_.add(AgentIndex(who), amount, now_ns_, kHalfLife);
        } else if (member.free_since_ns) {
          unlist(who);
        } else {
          member.free_since_ns = now_ns_ - draw(3);
          order_.insert_free(AgentIndex(who), zone_of(who), *member.free_since_ns);
        }
    }
    now_ns_ += draw(2);
  }

  void expect_same(ZoneIndex zone) {
    std::vector<ShareOrder::Place> wanted;
    for (uint32_t i = 0; i < kMembers; ++i) {
      if (zone_of(i) != zone || !members_[i].free_since_ns) continue;
      wanted.push_back({had(i), *members_[i].free_since_ns, AgentIndex(i)});
    }
    std::sort(wanted.begin(), wanted.end());
    ShareOrder::Walker walker(order_, zone);
    for (const ShareOrder::Place& one : wanted) {
      ASSERT_EQ(order_.place_of(one.agent), one);
      ASSERT_EQ(walker.next(), one.agent);
    }
    ASSERT_FALSE(walker.next().valid());
  }

  ShareOrder order_;
  std::vector<Member> members_ = std::vector<Member>(kMembers);
  DecayedCount floor_;
  int64_t now_ns_ = 10;
  uint32_t seed_ = 11;
};

TEST_F(ShareOrderTest, AgreesWithALookAtEverybodyOverRandomChanges) {
  for (int i = 0; i < 20'000; ++i) {
    step();
    if (i % 20 != 0) continue;
    ASSERT_NO_FATAL_FAILURE(expect_same(ZoneIndex(0u))) << "step " << i;
    ASSERT_NO_FATAL_FAILURE(expect_same(ZoneIndex(1u))) << "step " << i;
  }
  std::vector<std::pair<AgentIndex, DecayedCount>> counted;
  for (uint32_t i = 0; i < kMembers; ++i) {
    if (members_[i].had) counted.emplace_back(i, *members_[i].had);
  }
  EXPECT_EQ(order_.counts(), counted);
  EXPECT_FALSE(counted.empty());
}

TEST_F(ShareOrderTest, OfWhomNothingIsCountedStandsWhereTheOneRungLastStood) {
  const AgentIndex counted(0u);
  const AgentIndex fresh(1u);
  const ZoneIndex zone(0u);
  order_.add(counted, 5, now_ns_, kHalfLife);
  order_.insert_free(counted, zone, 1);
  order_.insert_free(fresh, zone, 2);
  EXPECT_EQ(ShareOrder::Walker(order_, zone).next(), fresh);
  order_.note_rung(counted);  // Now they stand equal, and the other is idle longer.
  EXPECT_EQ(ShareOrder::Walker(order_, zone).next(), counted);
}

}  // namespace
}  // namespace acd
