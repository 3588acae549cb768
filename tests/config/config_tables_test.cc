// SPDX-License-Identifier: Apache-2.0
// Tests of the rules of a configuration, its tables, its etag and the names of resources.
#include "daemon/config/config_tables.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "routing/limits.h"
#include "tests/config/queue_samples.h"

namespace acd {
namespace {

using Duration = google::protobuf::Duration;

v1::Queue make_queue(const std::string& id) {
  v1::Queue queue;
  queue.set_name("tenants/bank/queues/" + id);
  return queue;
}

// A good configuration with two queues.
v1::TenantConfig sample_config() {
  v1::TenantConfig config;
  config.set_name("tenants/bank");
  config.add_skills("ps");
  config.add_skills("ne");
  *config.add_queues() = make_queue("everyday");
  *config.add_queues() = make_queue("loans");
  config.mutable_queues(1)->set_requirement("ps >= 3 AND ne >= 1");
  return config;
}

v1::Agent make_agent(const std::string& id) {
  v1::Agent agent;
  agent.set_name("tenants/bank/agents/" + id);
  (*agent.mutable_skills())["ps"] = 5;
  return agent;
}

struct ConfigCase {
  std::function<void(v1::TenantConfig&)> spoil;
  std::string field;
  std::string words;  // Part of the description.
};

void expect_single_violations(const std::vector<ConfigCase>& cases) {
  for (const ConfigCase& each : cases) {
    v1::TenantConfig config = sample_config();
    each.spoil(config);
    const std::vector<Violation> violations = validate_config(config);
    ASSERT_EQ(violations.size(), 1u) << each.field << " " << each.words << " has:\n"
                                     << to_text(violations);
    EXPECT_EQ(violations[0].field, each.field);
    EXPECT_NE(violations[0].description.find(each.words), std::string::npos)
        << to_text(violations) << "lacks: " << each.words;
  }
}

TEST(ConfigTablesTest, AGoodConfigurationHasNoViolations) {
  EXPECT_EQ(to_text(validate_config(sample_config())), "");
  v1::TenantConfig bare;
  bare.set_name("tenants/a");
  EXPECT_EQ(to_text(validate_config(bare)), "");
}

TEST(ConfigTablesTest, NamesEveryViolationOfNamesAndSkills) {
  const std::string long_id(kIdBytesMax + 1, 'x');
  expect_single_violations({
      {[](Config& c) { c.clear_name(); }, "name", "is required"},
      {[](Config& c) { c.set_name("bank"); }, "name", "must be tenants/{tenant}"},
      {[](Config& c) { c.set_name("tenants/"); }, "name", "must be tenants/{tenant}"},
      {[](Config& c) { c.set_name("tenants/b nk"); }, "name", "'tenants/b nk'"},
      {[&](Config& c) { c.set_name("tenants/" + long_id); }, "name", "1 to 64"},
      {[](Config& c) { c.add_skills(""); }, "skills[2]", "must be 1 to 64"},
      {[](Config& c) { c.add_skills("p s"); }, "skills[2]", "'p s'"},
      {[](Config& c) { c.add_skills("\xff"); }, "skills[2]", "'\\xff'"},
      {[&](Config& c) { c.add_skills(long_id); }, "skills[2]", "must be 1 to 64"},
      {[](Config& c) { c.add_skills("ps"); }, "skills[2]", "repeats skills[0], 'ps'"},
      {[](Config& c) {
         for (size_t i = 2; i <= kSkillsMax; ++i) c.add_skills("s" + std::to_string(i));
       },
       "skills", "has 1025 entries, at most 1024"},
      {[](Config& c) { c.mutable_queues(1)->clear_name(); }, "queues[1].name", "is required"},
      {[](Config& c) { c.mutable_queues(1)->set_name("loans"); }, "queues[1].name",
       "must be tenants/bank/queues/{id}"},
      {[](Config& c) { c.mutable_queues(1)->set_name("tenants/shop/queues/loans"); },
       "queues[1].name", "must be tenants/bank/queues/{id}"},
      {[](Config& c) { c.mutable_queues(1)->set_name("tenants/bank/queues/"); }, "queues[1].name",
       "must be tenants/bank/queues/{id}"},
      {[](Config& c) { c.mutable_queues(1)->set_name("tenants/bank/agents/loans"); },
       "queues[1].name", "must be tenants/bank/queues/{id}"},
      {[](Config& c) { c.mutable_queues(1)->set_name("tenants/bank/queues/everyday"); },
       "queues[1].name", "repeats queues[0]"},
      {[](Config& c) {
         for (size_t i = 2; i <= kQueuesMax; ++i) {
           *c.add_queues() = make_queue("q" + std::to_string(i));
         }
       },
       "queues", "has 10001 entries, at most 10000"},
  });
}

TEST(ConfigTablesTest, NamesEveryViolationOfARequirement) {
  const auto with = [](std::string requirement) {
    return [requirement = std::move(requirement)](v1::TenantConfig& config) {
      config.mutable_queues(1)->set_requirement(requirement);
    };
  };
  expect_single_violations({
      {with("ps > 3"), "queues[1].requirement", "column 4: "},
      {with("ps >= 11"), "queues[1].requirement", "column 7: "},
      {with("ps >= 1 OR"), "queues[1].requirement", "column 11: "},
      {with("(ps >= 1 OR ne"), "queues[1].requirement", "for the '(' in column 1"},
      {with("a: ps OR ne"), "queues[1].requirement", "column 7: put the OR in parentheses"},
      {with("ps >= 1 AND gone >= 2"), "queues[1].requirement",
       "column 13: no skill 'gone' is declared"},
      {with("ps PREFERS gone"), "queues[1].requirement", "column 12: no skill 'gone' is declared"},
      {with("PS >= 1"), "queues[1].requirement", "column 1: no skill 'PS' is declared"},
      {with("REPLACE ps"), "queues[1].requirement", "REPLACE stands in a call's own requirement"},
      {with("ps >= 1 \xff"), "queues[1].requirement", "column 9: "},
      {with(std::string(kRequirementBytesMax + 1, ' ')), "queues[1].requirement",
       "must be 0 to 512 bytes, has 513"},
  });
}

TEST(ConfigTablesTest, NamesEveryViolationOfQueueSettings) {
  const auto with = [](std::function<void(Queue&)> spoil) {
    return
        [spoil = std::move(spoil)](v1::TenantConfig& config) { spoil(*config.mutable_queues(0)); };
  };
  const auto add_member = [](Queue& queue, const std::string& name) {
    queue.mutable_members()->add_agents(name);
  };
  expect_single_violations({
      {with([](Queue& q) { q.set_priority(kPriorityMax + 1); }), "queues[0].priority",
       "must be -1000000 to 1000000, is 1000001"},
      {with([](Queue& q) { q.set_priority(-kPriorityMax - 1); }), "queues[0].priority",
       "is -1000001"},
      {with([&](Queue& q) { add_member(q, ""); }), "queues[0].members.agents[0]", "is required"},
      {with([&](Queue& q) { add_member(q, "A01"); }), "queues[0].members.agents[0]",
       "must be tenants/bank/agents/{id}"},
      {with([&](Queue& q) { add_member(q, "tenants/shop/agents/A01"); }),
       "queues[0].members.agents[0]", "must be tenants/bank/agents/{id}"},
      {with([&](Queue& q) {
         add_member(q, "tenants/bank/agents/A01");
         add_member(q, "tenants/bank/agents/A01");
       }),
       "queues[0].members.agents[1]", "repeats agents[0]"},
      {with([&](Queue& q) {
         for (size_t i = 0; i <= kMembersMax; ++i) {
           add_member(q, "tenants/bank/agents/A" + std::to_string(i));
         }
       }),
       "queues[0].members.agents", "has 10001 entries"},
      {with([](Queue& q) { q.mutable_wrap_up()->set_mode(static_cast<v1::WrapUpMode>(9)); }),
       "queues[0].wrap_up.mode", "is 9, which is no WrapUpMode"},
      {with([](Queue& q) { q.mutable_wrap_up()->set_mode(v1::WRAP_UP_MODE_TIMED); }),
       "queues[0].wrap_up.duration", "is required when the wrap-up is timed"},
      {with([](Queue& q) { *q.mutable_wrap_up()->mutable_duration() = seconds(30); }),
       "queues[0].wrap_up.duration", "only when the wrap-up is timed"},
      {with([](Queue& q) {
         q.mutable_wrap_up()->set_mode(v1::WRAP_UP_MODE_MANUAL);
         *q.mutable_wrap_up()->mutable_duration() = seconds(30);
       }),
       "queues[0].wrap_up.duration", "only when the wrap-up is timed"},
      {with([](Queue& q) {
         q.mutable_wrap_up()->set_mode(v1::WRAP_UP_MODE_TIMED);
         *q.mutable_wrap_up()->mutable_duration() = seconds(3'601);
       }),
       "queues[0].wrap_up.duration", "must be 1 s to 1 h, is 3601 s"},
      {with([](Queue& q) { q.mutable_service_level()->set_goal_percent(0); }),
       "queues[0].service_level.goal_percent", "must be 1 to 100, is 0"},
      {with([](Queue& q) { q.mutable_service_level()->set_goal_percent(101); }),
       "queues[0].service_level.goal_percent", "is 101"},
      {with([](Queue& q) {
         q.mutable_service_level()->set_variant(static_cast<v1::ServiceLevelVariant>(-1));
       }),
       "queues[0].service_level.variant", "is -1, which is no ServiceLevelVariant"},
  });
}

struct DurationField {
  std::string field;
  std::function<Duration*(v1::TenantConfig&)> target;
  int64_t min_ns;
  int64_t max_ns;
};

// Every duration with its bounds, all through the same values.
std::vector<DurationField> duration_fields() {
  return {
      {"queues[0].offer_timeout",
       [](Config& c) { return c.mutable_queues(0)->mutable_offer_timeout(); }, kOfferTimeoutMinNs,
       kOfferTimeoutMaxNs},
      {"queues[0].reoffer_after",
       [](Config& c) { return c.mutable_queues(0)->mutable_reoffer_after(); }, 0,
       kReofferAfterMaxNs},
      {"queues[0].connect_timeout",
       [](Config& c) { return c.mutable_queues(0)->mutable_connect_timeout(); },
       kConnectTimeoutMinNs, kConnectTimeoutMaxNs},
      {"queues[0].service_level.target",
       [](Config& c) { return c.mutable_queues(0)->mutable_service_level()->mutable_target(); },
       kServiceLevelTargetMinNs, kServiceLevelTargetMaxNs},
      {"queues[0].short_abandon",
       [](Config& c) { return c.mutable_queues(0)->mutable_short_abandon(); }, 0,
       kShortAbandonMaxNs},
      {"queues[0].wrap_up.duration",
       [](Config& c) {
         c.mutable_queues(0)->mutable_wrap_up()->set_mode(v1::WRAP_UP_MODE_TIMED);
         return c.mutable_queues(0)->mutable_wrap_up()->mutable_duration();
       },
       kWrapUpMinNs, kWrapUpMaxNs},
      {"queues[0].wrap_up.extension",
       [](Config& c) {
         v1::WrapUp* wrap_up = c.mutable_queues(0)->mutable_wrap_up();
         wrap_up->set_mode(v1::WRAP_UP_MODE_TIMED);
         *wrap_up->mutable_duration() = seconds(1);
         wrap_up->set_extensions(1);
         return wrap_up->mutable_extension();
       },
       kWrapUpMinNs, kWrapUpMaxNs},
      {"queues[0].objective", [](Config& c) { return c.mutable_queues(0)->mutable_objective(); },
       kObjectiveMinNs, kObjectiveMaxNs},
      {"queues[0].steps[0].after",
       [](Config& c) {
         v1::Step* step = c.mutable_queues(0)->add_steps();
         step->set_replace("");
         return step->mutable_after();
       },
       0, kStepAfterMaxNs},
      {"queues[0].limits.wait.max",
       [](Config& c) {
         v1::TimeLimit* limit = c.mutable_queues(0)->mutable_limits()->mutable_wait();
         limit->mutable_action()->set_release(17);
         return limit->mutable_max();
       },
       kWaitMaxMinNs, kWaitMaxMaxNs},
      {"queues[0].limits.ewt.max",
       [](Config& c) {
         v1::TimeLimit* limit = c.mutable_queues(0)->mutable_limits()->mutable_ewt();
         limit->mutable_action()->set_release(17);
         return limit->mutable_max();
       },
       kWaitMaxMinNs, kWaitMaxMaxNs},
      {"queues[0].limits.closed.agent_wait",
       [](Config& c) {
         v1::LimitAction* action = c.mutable_queues(0)->mutable_limits()->mutable_closed();
         action->set_agent("tenants/bank/agents/boss");
         return action->mutable_agent_wait();
       },
       kNsPerS, kPreferredMaxNs},
      {"queues[0].treatments[0].after",
       [](Config& c) {
         v1::Treatment* treatment = c.mutable_queues(0)->add_treatments();
         treatment->set_media("music");
         return treatment->mutable_after();
       },
       0, 24 * 3'600 * kNsPerS},
      {"queues[0].treatments[0].repeat",
       [](Config& c) {
         v1::Treatment* treatment = c.mutable_queues(0)->add_treatments();
         treatment->set_media("music");
         return treatment->mutable_repeat();
       },
       kTreatmentRepeatMinNs, 24 * 3'600 * kNsPerS},
      {"decay_half_life", [](Config& c) { return c.mutable_decay_half_life(); },
       kDecayHalfLifeMinNs, kDecayHalfLifeMaxNs},
      {"switch_grace", [](Config& c) { return c.mutable_switch_grace(); }, 0, kSwitchGraceMaxNs},
      {"agent_grace", [](Config& c) { return c.mutable_agent_grace(); }, 0, kAgentGraceMaxNs},
      {"arrival_ack_timeout", [](Config& c) { return c.mutable_arrival_ack_timeout(); },
       kArrivalAckTimeoutMinNs, kArrivalAckTimeoutMaxNs},
      {"busy_limit", [](Config& c) { return c.mutable_busy_limit(); }, kBusyLimitMinNs,
       kBusyLimitMaxNs},
  };
}

TEST(ConfigTablesTest, DurationsKeepTheirBoundsAndForm) {
  for (const DurationField& field : duration_fields()) {
    const int64_t min_s = field.min_ns / kNsPerS;
    const int64_t max_s = field.max_ns / kNsPerS;
    for (const Duration& good : {seconds(min_s), seconds(max_s), seconds(max_s - 1, 999'999'999)}) {
      v1::TenantConfig config = sample_config();
      *field.target(config) = good;
      EXPECT_EQ(to_text(validate_config(config)), "") << field.field;
    }
    const std::vector<std::pair<Duration, std::string>> bad = {
        {seconds(min_s - 1), "must be "},
        {min_s == 0 ? seconds(0, -1) : seconds(min_s - 1, 999'999'999), "must be "},
        {seconds(max_s, 1), "must be "},
        {seconds(315'576'000'000), "is 315576000000 s"},
        {seconds(-315'576'000'000), "must be "},
        {seconds(INT64_MAX), "is no duration"},
        {seconds(INT64_MIN), "is no duration"},
        {seconds(2, -1), "is no duration"},
        {seconds(-2, 1), "is no duration"},
        {seconds(2, 1'000'000'000), "is no duration"},
    };
    for (const auto& [duration, words] : bad) {
      v1::TenantConfig config = sample_config();
      *field.target(config) = duration;
      const std::vector<Violation> violations = validate_config(config);
      ASSERT_EQ(violations.size(), 1u) << field.field << duration.ShortDebugString();
      EXPECT_EQ(violations[0].field, field.field);
      EXPECT_NE(violations[0].description.find(words), std::string::npos) << to_text(violations);
    }
  }
}

TEST(ConfigTablesTest, NamesEveryViolationOfTheTenantsCounts) {
  expect_single_violations({
      {[](Config& c) { c.set_rejects_max(0); }, "rejects_max", "must be 1 to 100, is 0"},
      {[](Config& c) { c.set_rejects_max(101); }, "rejects_max", "is 101"},
      {[](Config& c) { c.set_no_answers_max(0); }, "no_answers_max", "must be 1 to 100, is 0"},
      {[](Config& c) { c.set_no_answers_max(-5); }, "no_answers_max", "is -5"},
  });
}

TEST(ConfigTablesTest, ListsAllViolationsInTheOrderOfTheFields) {
  v1::TenantConfig config = sample_config();
  config.set_name("bank");
  config.add_skills("ps");
  config.mutable_queues(0)->set_requirement("gone >= 1 AND lost >= 2");
  config.mutable_queues(0)->set_priority(-2'000'000);
  config.mutable_queues(1)->set_name("tenants/x/queues/!");
  config.set_rejects_max(0);
  std::vector<std::string> fields;
  for (const Violation& violation : validate_config(config)) fields.push_back(violation.field);
  const std::vector<std::string> expected = {
      "name",           "skills[2]",  "queues[0].requirement", "queues[0].priority",
      "queues[1].name", "rejects_max"};
  EXPECT_EQ(fields, expected);
}

TEST(ConfigTablesTest, StopsListingAtTheLimitAndSaysSo) {
  v1::TenantConfig config = sample_config();
  for (size_t i = 0; i < 2 * kViolationsMax; ++i) config.add_queues();
  const std::vector<Violation> violations = validate_config(config);
  ASSERT_EQ(violations.size(), kViolationsMax + 1);
  EXPECT_EQ(violations.back().description, "more than 1000 violations; the check stopped here");
}

v1::MediumRule& add_medium(v1::Agent& agent, v1::Medium medium) {
  v1::MediumRule& rule = *agent.add_media();
  rule.set_medium(medium);
  return rule;
}

struct AgentCase {
  std::function<void(v1::Agent&)> spoil;
  std::string field;
  std::string words;
};

TEST(ConfigTablesTest, NamesEveryViolationOfAnAgent) {
  using Agent = v1::Agent;
  const std::vector<AgentCase> cases = {
      {[](Agent& a) { a.clear_name(); }, "agents[1].name", "is required"},
      {[](Agent& a) { a.set_name("A02"); }, "agents[1].name", "must be tenants/bank/agents/{id}"},
      {[](Agent& a) { a.set_name("tenants/shop/agents/A02"); }, "agents[1].name",
       "must be tenants/bank/agents/{id}"},
      {[](Agent& a) { a.set_name("tenants/bank/agents/A01"); }, "agents[1].name",
       "repeats agents[0]"},
      {[](Agent& a) { (*a.mutable_skills())["gone"] = 5; }, "agents[1].skills['gone']",
       "the tenant declares no such skill"},
      {[](Agent& a) { (*a.mutable_skills())["ps"] = 0; }, "agents[1].skills['ps']",
       "must be 1 to 10, is 0"},
      {[](Agent& a) { (*a.mutable_skills())["ne"] = 11; }, "agents[1].skills['ne']",
       "must be 1 to 10, is 11"},
      {[](Agent& a) { a.set_display_name(std::string(kDisplayNameBytesMax + 1, 'x')); },
       "agents[1].display_name", "must be 0 to 128 bytes, has 129"},
      {[](Agent& a) { a.set_display_name("Ada\xff"); }, "agents[1].display_name",
       "must be valid UTF-8 without control characters; is 'Ada\\xff'"},
      {[](Agent& a) { a.set_display_name("Ada\n"); }, "agents[1].display_name",
       "without control characters"},
      {[](Agent& a) { a.set_team("the night"); }, "agents[1].team",
       "must be 1 to 64 of a-z A-Z 0-9 . _ -; is 'the night'"},
      {[](Agent& a) { a.add_media(); }, "agents[1].media[0].medium", "is required"},
      {[](Agent& a) {
         add_medium(a, v1::MEDIUM_CHAT);
         add_medium(a, v1::MEDIUM_CHAT);
       },
       "agents[1].media[1].medium", "is there twice"},
      {[](Agent& a) { add_medium(a, v1::MEDIUM_CHAT).set_capacity(21); },
       "agents[1].media[0].capacity", "must be 0 to 20, is 21"},
      {[](Agent& a) { add_medium(a, v1::MEDIUM_CHAT).set_capacity(0); }, "agents[1].media",
       "leaves nothing"},
      {[](Agent& a) { add_medium(a, v1::MEDIUM_CHAT).add_excludes(v1::MEDIUM_CHAT); },
       "agents[1].media[0].excludes[0]", "is the medium itself"},
      {[](Agent& a) { add_medium(a, v1::MEDIUM_CHAT).add_excludes(v1::MEDIUM_UNSPECIFIED); },
       "agents[1].media[0].excludes[0]", "which is no Medium"},
      {[](Agent& a) {
         v1::MediumRule& rule = add_medium(a, v1::MEDIUM_CHAT);
         rule.add_interrupted_by(v1::MEDIUM_VOICE);
         rule.add_interrupted_by(v1::MEDIUM_VOICE);
       },
       "agents[1].media[0].interrupted_by[1]", "is there twice"},
  };
  for (const AgentCase& each : cases) {
    std::vector<v1::Agent> agents = {make_agent("A01"), make_agent("A02"), make_agent("A03")};
    each.spoil(agents[1]);
    const std::vector<Violation> violations = validate_agents(agents, sample_config());
    ASSERT_EQ(violations.size(), 1u) << each.field << " has:\n" << to_text(violations);
    EXPECT_EQ(violations[0].field, each.field);
    EXPECT_NE(violations[0].description.find(each.words), std::string::npos)
        << to_text(violations) << "lacks: " << each.words;
  }
}

TEST(ConfigTablesTest, AGoodAgentHasNoViolations) {
  v1::Agent agent = make_agent("A01");
  agent.set_display_name("Zo\xc3\xab O'Brien");
  EXPECT_EQ(to_text(validate_agents(std::vector<v1::Agent>{agent}, sample_config())), "");
}

TEST(ConfigTablesTest, UnsetFieldsBecomeTheDocumentedDefaults) {
  const TenantConfig table = to_tables(sample_config());
  EXPECT_EQ(table.id, "bank");
  EXPECT_EQ(table.skills, (std::vector<std::string>{"ps", "ne"}));
  EXPECT_EQ(table.switch_grace_ns, 60 * kNsPerS);
  EXPECT_EQ(table.agent_grace_ns, 30 * kNsPerS);
  EXPECT_EQ(table.arrival_ack_timeout_ns, 2 * kNsPerS);
  EXPECT_EQ(table.busy_limit_ns, 60 * kNsPerS);
  EXPECT_EQ(table.rejects_max, 3);
  EXPECT_EQ(table.no_answers_max, 1);
  ASSERT_EQ(table.queues.size(), 2u);
  const QueueConfig& queue = table.queues[0];
  EXPECT_EQ(queue.id, "everyday");
  EXPECT_EQ(queue.requirement, "");
  EXPECT_EQ(queue.priority, 0);
  EXPECT_TRUE(queue.members_all);
  EXPECT_TRUE(queue.members.empty());
  EXPECT_EQ(queue.wrap_up_mode, WrapUpMode::kNone);
  EXPECT_EQ(queue.wrap_up_ns, 0);
  EXPECT_EQ(queue.offer_timeout_ns, 20 * kNsPerS);
  EXPECT_EQ(queue.reoffer_after_ns, 30 * kNsPerS);
  EXPECT_EQ(queue.connect_timeout_ns, 10 * kNsPerS);
  EXPECT_EQ(queue.service_level_target_ns, 20 * kNsPerS);
  EXPECT_EQ(queue.service_level_goal_percent, 80);
  EXPECT_EQ(queue.service_level_variant, ServiceLevelVariant::kAbandonedNegative);
  EXPECT_EQ(queue.short_abandon_ns, 5 * kNsPerS);
}

TEST(ConfigTablesTest, SetFieldsReachTheTables) {
  v1::TenantConfig config = sample_config();
  *config.mutable_switch_grace() = seconds(0);
  *config.mutable_agent_grace() = seconds(3);
  *config.mutable_arrival_ack_timeout() = seconds(3);
  *config.mutable_busy_limit() = seconds(7);
  config.set_rejects_max(9);
  config.set_no_answers_max(8);
  v1::Queue& queue = *config.mutable_queues(0);
  queue.set_requirement("ps >= 2");
  queue.set_priority(-4);
  queue.mutable_members()->add_agents("tenants/bank/agents/B");
  queue.mutable_members()->add_agents("tenants/bank/agents/A");
  queue.mutable_wrap_up()->set_mode(v1::WRAP_UP_MODE_TIMED);
  *queue.mutable_wrap_up()->mutable_duration() = seconds(1, 500'000'000);
  *queue.mutable_offer_timeout() = seconds(11);
  *queue.mutable_reoffer_after() = seconds(0);
  *queue.mutable_connect_timeout() = seconds(13);
  *queue.mutable_service_level()->mutable_target() = seconds(14);
  queue.mutable_service_level()->set_goal_percent(15);
  queue.mutable_service_level()->set_variant(v1::SERVICE_LEVEL_VARIANT_ABANDONED_POSITIVE);
  *queue.mutable_short_abandon() = seconds(0);
  const TenantConfig table = to_tables(config);
  EXPECT_EQ(table.switch_grace_ns, 0);
  EXPECT_EQ(table.agent_grace_ns, 3 * kNsPerS);
  EXPECT_EQ(table.arrival_ack_timeout_ns, 3 * kNsPerS);
  EXPECT_EQ(table.busy_limit_ns, 7 * kNsPerS);
  EXPECT_EQ(table.rejects_max, 9);
  EXPECT_EQ(table.no_answers_max, 8);
  EXPECT_EQ(table.queues[0].requirement, "ps >= 2");
  EXPECT_EQ(table.queues[0].priority, -4);
  EXPECT_FALSE(table.queues[0].members_all);
  ASSERT_EQ(table.queues[0].members.size(), 2u);
  // In the order of the list, which a strategy may follow.
  EXPECT_EQ(table.queues[0].members[0].id, "B");
  EXPECT_EQ(table.queues[0].members[1].id, "A");
  EXPECT_EQ(table.queues[0].wrap_up_mode, WrapUpMode::kTimed);
  EXPECT_EQ(table.queues[0].wrap_up_ns, 1'500 * kNsPerMs);
  EXPECT_EQ(table.queues[0].offer_timeout_ns, 11 * kNsPerS);
  EXPECT_EQ(table.queues[0].reoffer_after_ns, 0);
  EXPECT_EQ(table.queues[0].connect_timeout_ns, 13 * kNsPerS);
  EXPECT_EQ(table.queues[0].service_level_target_ns, 14 * kNsPerS);
  EXPECT_EQ(table.queues[0].service_level_goal_percent, 15);
  EXPECT_EQ(table.queues[0].service_level_variant, ServiceLevelVariant::kAbandonedPositive);
  EXPECT_EQ(table.queues[0].short_abandon_ns, 0);
}

TEST(ConfigTablesTest, EveryKnownEnumValueReachesTheTables) {
  const std::vector<std::pair<v1::WrapUpMode, WrapUpMode>> modes = {
      {v1::WRAP_UP_MODE_UNSPECIFIED, WrapUpMode::kNone},
      {v1::WRAP_UP_MODE_NONE, WrapUpMode::kNone},
      {v1::WRAP_UP_MODE_MANUAL, WrapUpMode::kManual}};
  for (const auto& [source, target] : modes) {
    v1::TenantConfig config = sample_config();
    config.mutable_queues(0)->mutable_wrap_up()->set_mode(source);
    EXPECT_EQ(to_tables(config).queues[0].wrap_up_mode, target);
  }
  const std::vector<std::pair<v1::ServiceLevelVariant, ServiceLevelVariant>> variants = {
      {v1::SERVICE_LEVEL_VARIANT_UNSPECIFIED, ServiceLevelVariant::kAbandonedNegative},
      {v1::SERVICE_LEVEL_VARIANT_ABANDONED_NEGATIVE, ServiceLevelVariant::kAbandonedNegative},
      {v1::SERVICE_LEVEL_VARIANT_IGNORE_ABANDONED, ServiceLevelVariant::kIgnoreAbandoned}};
  for (const auto& [source, target] : variants) {
    v1::TenantConfig config = sample_config();
    config.mutable_queues(0)->mutable_service_level()->set_variant(source);
    EXPECT_EQ(to_tables(config).queues[0].service_level_variant, target);
  }
}

TEST(ConfigTablesDeathTest, RefusesABadConfiguration) {
  v1::TenantConfig config = sample_config();
  config.set_rejects_max(0);
  EXPECT_DEATH((void)to_tables(config), "CHECK failed");
}

TEST(ConfigTablesTest, ProfilesSortTheirSkills) {
  v1::Agent agent = make_agent("A01");
  (*agent.mutable_skills())["ne"] = 3;
  agent.set_display_name("Ada");
  agent.set_team("night");
  const AgentProfile profile = to_profile(agent);
  EXPECT_EQ(profile.id, "A01");
  EXPECT_EQ(profile.display_name, "Ada");
  EXPECT_EQ(profile.team, "night");
  EXPECT_EQ(profile.skills, (std::vector<std::pair<std::string, int>>{{"ne", 3}, {"ps", 5}}));
}

TEST(ConfigTablesTest, TheEtagFollowsEveryChangeButItsOwn) {
  v1::TenantConfig config = sample_config();
  const std::string etag = config_etag(config);
  EXPECT_EQ(etag.size(), 16u);
  EXPECT_EQ(etag.find_first_not_of("0123456789abcdef"), std::string::npos);
  config.set_etag(etag);
  EXPECT_EQ(config_etag(config), etag);
  config.mutable_queues(1)->set_priority(1);
  EXPECT_NE(config_etag(config), etag);
}

TEST(ConfigTablesTest, TheEtagIsTheSameOnEveryMachine) {
  v1::TenantConfig config;
  config.set_name("tenants/bank");
  // FNV-1a of 0a 0c and the name, whatever the Router hashes with.
  EXPECT_EQ(config_etag(config), "72575cad141e9797");
}

TEST(ConfigTablesTest, TakesNamesApart) {
  EXPECT_EQ(tenant_id_of("tenants/bank"), "bank");
  for (const char* name : {"", "bank", "tenants/", "tenants/a b", "tenants/a/b", "Tenants/a"}) {
    EXPECT_EQ(tenant_id_of(name), "") << name;
  }
  EXPECT_EQ(resource_id_of("tenants/bank/queues/a", "bank", "queues"), "a");
  for (const char* name : {"", "tenants/bank", "tenants/bank/queues/", "tenants/bank/queues",
                           "tenants/bank/queues/a/b", "tenants/bank2/queues/a",
                           "tenants/ban/queues/a", "tenants/bank/agents/a"}) {
    EXPECT_EQ(resource_id_of(name, "bank", "queues"), "") << name;
  }
}

TEST(ConfigTablesTest, IdsAreShortAndPlain) {
  EXPECT_TRUE(is_resource_id("a"));
  EXPECT_TRUE(is_resource_id("A-1_b.C"));
  EXPECT_TRUE(is_resource_id(std::string(kIdBytesMax, 'x')));
  EXPECT_FALSE(is_resource_id(""));
  EXPECT_FALSE(is_resource_id(std::string(kIdBytesMax + 1, 'x')));
  EXPECT_FALSE(is_resource_id(std::string_view("a\0", 2)));
  for (const char* id : {"a b", "a/b", "\xc3\xa9", "a\n", "{a}", "a:b"}) {
    EXPECT_FALSE(is_resource_id(id)) << id;
  }
}

}  // namespace
}  // namespace acd
