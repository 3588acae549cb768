// SPDX-License-Identifier: Apache-2.0
// Where somebody without a history begins under least_occupied.
#include <string>

#include "tests/routing/router_fixture.h"

namespace acd::proof {
namespace {

using ::testing::Contains;

class NewcomerTest : public RouterFixture {
 protected:
  static TenantConfig least_occupied() {
    TenantConfig config = sample_config();
    config.queues[0].strategy = Strategy::kLeastOccupied;
    return config;
  }

  NewcomerTest() : RouterFixture(least_occupied()) {}

  void talk_for(const std::string& call, int64_t duration_ns) {
    talk(call, "sales");
    pass(duration_ns);
    ASSERT_EQ(end(call), Reject::kNone);
  }
};

TEST_F(NewcomerTest, BeginsAsOccupiedAsWhoWasRungLastAndIsNotFlooded) {
  bring("ada");
  talk_for("c1", 100 * kSecond);
  bring("bob");
  pass(10 * kSecond);
  talk_for("c2", 5 * kSecond);
  // Bob, a third of his time at work, goes before Ada, who never was free; she is rung last.
  pass(5 * kSecond);
  ASSERT_EQ(enqueue("c3", "sales"), Reject::kNone);
  EXPECT_THAT(lines_, Contains("offer.created c3 bob"));
  ASSERT_EQ(answer("c3"), Reject::kNone);
  ASSERT_EQ(connect("c3"), Reject::kNone);
  ASSERT_EQ(enqueue("c4", "sales"), Reject::kNone);
  EXPECT_THAT(lines_, Contains("offer.created c4 ada"));
  ASSERT_EQ(answer("c4"), Reject::kNone);
  ASSERT_EQ(connect("c4"), Reject::kNone);
  pass(10 * kSecond);
  ASSERT_EQ(end("c3"), Reject::kNone);
  ASSERT_EQ(end("c4"), Reject::kNone);

  bring("cy");
  ASSERT_EQ(enqueue("c5", "sales"), Reject::kNone);
  EXPECT_THAT(lines_, Contains("offer.created c5 bob"));
}

}  // namespace
}  // namespace acd::proof
