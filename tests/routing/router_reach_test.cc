// SPDX-License-Identifier: Apache-2.0
// Reach rules between switches. What they let happen stands in tests/golden/reach*.scenario.
#include "routing/reach.h"
#include "routing/saved_router.h"
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

TEST(ReachTableTest, SwitchesThatRulesJoinOverOthersAreOneZone) {
  ReachTable table;
  table.add("pbx");
  table.add("lab");
  EXPECT_NE(table.zone_of(SourceIndex(0u)), table.zone_of(SourceIndex(1u)));
  // Over one that is not known yet, and of which one rule alone tells the other's zone.
  table.configure({{"hub", "lab", "1"}, {"far", "away", ""}, {"pbx", "hub", "2"}});
  EXPECT_EQ(table.zone_of(SourceIndex(0u)), table.zone_of(SourceIndex(1u)));
  EXPECT_FALSE(table.reaches(SourceIndex(0u), SourceIndex(1u)));
  table.add("hub");
  table.add("alone");
  table.add("away");
  EXPECT_EQ(table.zone_of(SourceIndex(2u)), table.zone_of(SourceIndex(0u)));
  EXPECT_NE(table.zone_of(SourceIndex(3u)), table.zone_of(SourceIndex(0u)));
  EXPECT_NE(table.zone_of(SourceIndex(3u)), table.zone_of(SourceIndex(4u)));
  EXPECT_NE(table.zone_of(SourceIndex(4u)), table.zone_of(SourceIndex(0u)));
  EXPECT_TRUE(table.reaches(SourceIndex(0u), SourceIndex(2u)));
  EXPECT_FALSE(table.reaches(SourceIndex(2u), SourceIndex(0u)));
  EXPECT_TRUE(table.reaches(SourceIndex(2u), SourceIndex(1u)));
  EXPECT_EQ(table.dial_prefix(SourceIndex(0u), SourceIndex(2u)), "2");
  EXPECT_EQ(table.dial_prefix(SourceIndex(2u), SourceIndex(0u)), "");
  EXPECT_EQ(table.dial_prefix(SourceIndex(0u), SourceIndex(0u)), "");
  table.configure({});
  EXPECT_FALSE(table.reaches(SourceIndex(0u), SourceIndex(2u)));
  EXPECT_NE(table.zone_of(SourceIndex(2u)), table.zone_of(SourceIndex(0u)));
}

class RouterReachTest : public RouterFixture {
 protected:
  RouterReachTest() : RouterFixture(joined("7")) {
    open("lab", "epoch-1");
    open("pbx", "epoch-1");
    collect();
  }
  static TenantConfig joined(std::string prefix) {
    TenantConfig config = sample_config();
    config.reaches = {{"pbx", "lab", std::move(prefix)}};
    return config;
  }
  void configure(const TenantConfig& config) {
    EXPECT_EQ(router_.configure(config, now_ns_), Reject::kNone);
    pass(1);
    lines_.clear();
  }
  // Events of the commands that follow are of that switch.
  void speak_as(std::string_view source) { source_ = router_.sessions().find(source); }
  void bring_at(std::string_view source, std::string_view who) {
    speak_as(source);
    bring(who);
    speak_as("pbx");
  }
  [[nodiscard]] std::string_view prefix_of(uint32_t number) const {
    return router_.agent(AgentIndex(number)).dial_prefix.view();
  }
};

TEST_F(RouterReachTest, AnOfferKeepsThePrefixItWasMadeWith) {
  bring_at("lab", "ada");
  enqueue("c1", "sales");
  EXPECT_EQ(prefix_of(0), "7");
  configure(joined("8"));
  EXPECT_EQ(prefix_of(0), "7");
  configure(sample_config());
  EXPECT_EQ(prefix_of(0), "7");
  // A restart changes nothing of it.
  Router restored;
  restored.restore(router_.save());
  EXPECT_EQ(restored.agent(AgentIndex(0u)).dial_prefix.view(), "7");
  EXPECT_EQ(restored.state_hash(), router_.state_hash());
  answer("c1");
  connect("c1");
  end("c1");
  configure(joined("8"));
  enqueue("c2", "sales");
  EXPECT_EQ(prefix_of(0), "8");
  end("c2");
  // Of a call of their own switch there is none.
  speak_as("lab");
  enqueue("d1", "sales");
  EXPECT_EQ(prefix_of(0), "");
}

TEST_F(RouterReachTest, ALossOfManyCallsIsOverBeforeAnybodyIsOfferedAny) {
  // Who is away from c0 stands in the first slice, the switch's own calls in the ones behind.
  bring_at("lab", "ada");
  talk("c0", "sales");
  speak_as("lab");
  enqueue("d1", "sales");
  speak_as("pbx");
  for (size_t i = 1; i < 2 * kBulkSliceMax; ++i) enqueue("c" + std::to_string(i), "vip");
  lines_.clear();
  open("pbx", "epoch-2");
  EXPECT_GT(router_.live_call_count(), 1u);
  EXPECT_FALSE(router_.is_quiet());
  EXPECT_THAT(lines_, Not(Contains("offer.created d1 ada")));
  pass(1);
  EXPECT_THAT(lines_, Contains("offer.created d1 ada"));
  EXPECT_EQ(router_.live_call_count(), 1u);
  EXPECT_TRUE(router_.is_quiet());
}

TEST_F(RouterReachTest, RulesThatGoInTheMiddleOfALossDoNotHoldTheTenantUp) {
  for (size_t i = 0; i < 2 * kBulkSliceMax; ++i) enqueue("c" + std::to_string(i), "vip");
  open("pbx", "epoch-2");
  EXPECT_FALSE(router_.is_quiet());
  EXPECT_EQ(router_.configure(sample_config(), now_ns_), Reject::kNone);
  pass(1);
  EXPECT_TRUE(router_.is_quiet());
  bring("ada");
  enqueue("fresh", "sales");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued fresh", "offer.created fresh ada"));
}

TEST_F(RouterReachTest, ACutInTheMiddleOfALossDoesNotHoldTheTenantUp) {
  bring_at("lab", "ada");
  for (size_t i = 0; i < 2 * kBulkSliceMax; ++i) enqueue("c" + std::to_string(i), "vip");
  open("pbx", "epoch-2");
  EXPECT_FALSE(router_.is_quiet());
  close();
  speak_as("lab");
  enqueue("d1", "sales");
  pass(1);
  EXPECT_THAT(lines_, Contains("offer.created d1 ada"));
  EXPECT_GT(router_.live_call_count(), 1u);
  pass(60 * kSecond);
  EXPECT_EQ(router_.live_call_count(), 1u);
}

TEST_F(RouterReachTest, NobodyKeepsWhoOutlivesTheirSwitch) {
  bring_at("lab", "ada");
  talk("c1", "service");
  speak_as("lab");
  close();
  pass(60 * kSecond + 1);
  EXPECT_EQ(state_of("ada"), AgentState::kOnCall);
  source_ = SourceIndex();  // A supervisor.
  EXPECT_EQ(ready("ada"), Reject::kNone);
  speak_as("pbx");
  end("c1");
  EXPECT_EQ(state_of("ada"), AgentState::kLoggedOut);
}

TEST_F(RouterReachTest, WhoseSwitchIsBackStaysIfTheyWantTo) {
  bring_at("lab", "ada");
  talk("c1", "service");
  open("lab", "epoch-2");
  EXPECT_EQ(state_of("ada"), AgentState::kOnCall);
  EXPECT_EQ(ready("ada"), Reject::kNone);
  speak_as("pbx");
  end("c1");
  EXPECT_EQ(state_of("ada"), AgentState::kWrapUp);
  pass(10 * kSecond + 1);
  EXPECT_EQ(state_of("ada"), AgentState::kReady);
}

TEST_F(RouterReachTest, RulesThatComeAndGoUnderWaitingCallsBeginNewClasses) {
  configure(sample_config());
  bring_at("lab", "ada");
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, Not(Contains("offer.created c1 ada")));
  EXPECT_EQ(router_.configure(joined(""), now_ns_), Reject::kNone);
  lines_.clear();
  pass(1);
  EXPECT_THAT(lines_, Contains("offer.created c1 ada"));
  EXPECT_EQ(prefix_of(0), "");
}

}  // namespace
}  // namespace acd
