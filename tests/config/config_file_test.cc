// SPDX-License-Identifier: Apache-2.0
// Tests of the configuration file: what it becomes, and what its errors say.
#include "daemon/config/config_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/config/config_tables.h"
#include "daemon/config/yaml_tree.h"
#include "tests/config/file_cases.h"

namespace acd {
namespace {

// A good tenant, one key a line. `more` stands below the queue, at its keys' indentation.
std::string bank(const std::string& queue_lines = "", const std::string& tenant_lines = "") {
  return "tenants:\n"
         "  - id: bank\n"
         "    skills: [ps, ne]\n"
         "    queues:\n"
         "      - id: everyday\n" +
         queue_lines + tenant_lines;
}

void expect_errors(const std::vector<FileCase>& cases) { expect_file_errors("acd.yaml", cases); }

TEST(ConfigFileTest, EveryKeyReachesTheMessage) {
  const auto seeds = parse_config(bank("        requirement: ps >= 1 AND ne >= 2\n"
                                       "        priority: -7\n"
                                       "        members: [A01, A02]\n"
                                       "        wrap_up: {mode: timed, duration: 1500ms}\n"
                                       "        offer_timeout: 21s\n"
                                       "        reoffer_after: 2m\n"
                                       "        connect_timeout: 11s\n"
                                       "        service_level: {target: 22s, goal_percent: 90,\n"
                                       "                        variant: abandoned_positive}\n"
                                       "        short_abandon: 0s\n",
                                       "    switch_grace: 1h\n"
                                       "    agent_grace: 5s\n"
                                       "    arrival_ack_timeout: 1500ms\n"
                                       "    busy_limit: \"30s\"\n"
                                       "    time_zone: Europe/Berlin\n"
                                       "    rejects_max: 4\n"
                                       "    no_answers_max: 2\n"
                                       "    agents:\n"
                                       "      - id: A01\n"
                                       "        display_name: \"Zo\xc3\xab\"\n"
                                       "        skills: {ps: 5, ne: 3}\n"
                                       "        media:\n"
                                       "          - {medium: voice, excludes: [chat, task]}\n"
                                       "          - {medium: chat, capacity: 3,\n"
                                       "             interrupted_by: [callback]}\n"),
                                  "acd.yaml");
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  ASSERT_EQ(seeds->size(), 1u);
  const TenantSeed& seed = seeds->front();
  const TenantConfig table = to_tables(seed.config);
  EXPECT_EQ(table.id, "bank");
  EXPECT_EQ(table.skills, (std::vector<std::string>{"ps", "ne"}));
  EXPECT_EQ(table.switch_grace_ns, 3'600 * kNsPerS);
  EXPECT_EQ(table.agent_grace_ns, 5 * kNsPerS);
  EXPECT_EQ(table.arrival_ack_timeout_ns, 1'500'000'000);
  EXPECT_EQ(seeds->front().config.time_zone(), "Europe/Berlin");
  EXPECT_EQ(table.busy_limit_ns, 30 * kNsPerS);
  EXPECT_EQ(table.rejects_max, 4);
  EXPECT_EQ(table.no_answers_max, 2);
  const QueueConfig& queue = table.queues.at(0);
  EXPECT_EQ(queue.id, "everyday");
  EXPECT_EQ(queue.requirement, "ps >= 1 AND ne >= 2");
  EXPECT_EQ(queue.priority, -7);
  EXPECT_FALSE(queue.members_all);
  ASSERT_EQ(queue.members.size(), 2u);
  EXPECT_EQ(queue.members[0].id, "A01");
  EXPECT_EQ(queue.members[1].id, "A02");
  EXPECT_EQ(queue.wrap_up_mode, WrapUpMode::kTimed);
  EXPECT_EQ(queue.wrap_up_ns, 1'500 * kNsPerMs);
  EXPECT_EQ(queue.offer_timeout_ns, 21 * kNsPerS);
  EXPECT_EQ(queue.reoffer_after_ns, 120 * kNsPerS);
  EXPECT_EQ(queue.connect_timeout_ns, 11 * kNsPerS);
  EXPECT_EQ(queue.service_level_target_ns, 22 * kNsPerS);
  EXPECT_EQ(queue.service_level_goal_percent, 90);
  EXPECT_EQ(queue.service_level_variant, ServiceLevelVariant::kAbandonedPositive);
  EXPECT_EQ(queue.short_abandon_ns, 0);
  ASSERT_EQ(seed.agents.size(), 1u);
  const AgentProfile profile = to_profile(seed.agents[0]);
  EXPECT_EQ(profile.id, "A01");
  EXPECT_EQ(profile.display_name, "Zo\xc3\xab");
  EXPECT_EQ(profile.skills, (std::vector<std::pair<std::string, int>>{{"ne", 3}, {"ps", 5}}));
  EXPECT_EQ(profile.media,
            (MediaRule{{1, 3, 0, 0, 0}, {0b11010, 0, 0, 0, 0}, {0, 0b1000, 0, 0, 0}}));
}

TEST(ConfigFileTest, KeysLeftOutStayUnset) {
  const auto seeds = parse_config("tenants: [{id: a}, {id: b, queues: [{id: q}]}]", "acd.yaml");
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  ASSERT_EQ(seeds->size(), 2u);
  EXPECT_EQ((*seeds)[0].config.ShortDebugString(), "name: \"tenants/a\"");
  EXPECT_FALSE((*seeds)[1].config.queues(0).has_wrap_up());
  EXPECT_FALSE((*seeds)[1].config.queues(0).has_offer_timeout());
}

TEST(ConfigFileTest, AllMembersIsTheEmptyList) {
  const auto seeds = parse_config(bank("        members: all\n"), "acd.yaml");
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  EXPECT_EQ(seeds->at(0).config.queues(0).members().agents_size(), 0);
}

TEST(ConfigFileTest, IdsThatLookLikeOtherTypesStayText) {
  const auto seeds =
      parse_config("tenants: [{id: 007, skills: [no, true], queues: [{id: 1.0}]}]", "acd.yaml");
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  EXPECT_EQ(seeds->at(0).config.name(), "tenants/007");
  EXPECT_EQ(seeds->at(0).config.skills(0), "no");
  EXPECT_EQ(seeds->at(0).config.queues(0).name(), "tenants/007/queues/1.0");
}

TEST(ConfigFileTest, TheFileAsAWholeHasItsOwnErrors) {
  expect_errors({
      {"", "acd.yaml:1: tenants: is required; the file is empty"},
      {"# nothing\n", "acd.yaml:1: tenants: is required; the file is empty"},
      {"- 1\n", "acd.yaml:1: file: must be a map of keys, is a list"},
      {"text\n", "acd.yaml:1: file: must be a map of keys, is a single value"},
      {"{}\n", "acd.yaml:1: tenants: is required"},
      {"tenant: []\n",
       "acd.yaml:1: tenant: unknown key 'tenant'; did you mean 'tenants'?\n"
       "acd.yaml:1: tenants: is required"},
      {"tenants:\n", "acd.yaml:1: tenants: must be a list, is nothing"},
      {"tenants: []\n", "acd.yaml:1: tenants: must have one tenant at least"},
      {"tenants: {id: a}\n", "acd.yaml:1: tenants: must be a list, is a map of keys"},
      {"tenants:\n  - a\n", "acd.yaml:2: tenants[0]: must be a map of keys, is a single value"},
      {"tenants:\n  - {id: a}\n  - {id: a}\n",
       "acd.yaml:3: tenants[1].id: repeats tenants[0], 'tenants/a'"},
      {"tenants:\n  - id: a\n    queues: [\n", "acd.yaml:3: yaml: *"},
      {"tenants:\n  - id: a\n   queues: []\n", "acd.yaml:3: yaml: *"},
      {"tenants: &t []\n", "acd.yaml:1: yaml: an anchor (&); write the value out"},
      {std::string("tenants:\n\0", 10), "acd.yaml:2: yaml: a control character, '\\x00'"},
      {"tenants:\n  - id: \xc3\n", "acd.yaml:2: yaml: a byte that is not valid UTF-8"},
  });
}

TEST(ConfigFileTest, ReadersNameLineFieldAndFault) {
  expect_errors({
      {bank("        wrapup: {mode: none}\n"),
       "acd.yaml:6: tenants[0].queues[0].wrapup: unknown key 'wrapup'; did you mean 'wrap_up'?"},
      {bank("        colour_of_it: red\n"),
       "acd.yaml:6: tenants[0].queues[0].colour_of_it: unknown key 'colour_of_it'; known here: "
       "id, requirement, *"},
      {bank("        ? [a]\n        : 1\n"),
       "acd.yaml:6: tenants[0].queues[0]: a key must be a word, is a list"},
      {bank("        priority: 1\n        priority: 2\n"),
       "acd.yaml:7: tenants[0].queues[0].priority: the key stands in line 6 already"},
      {bank("", "    agents:\n      - id: A01\n        skills: {ps: 1, ps: 2}\n"),
       "acd.yaml:8: tenants[0].agents[0].skills.ps: the key stands in line 8 already"},
      {bank("        priority: high\n"),
       "acd.yaml:6: tenants[0].queues[0].priority: must be a whole number, is 'high'"},
      {bank("        priority: \"5\"\n"),
       "acd.yaml:6: tenants[0].queues[0].priority: must be a whole number without quotes, is '5'"},
      {bank("        priority: 1.5\n"),
       "acd.yaml:6: tenants[0].queues[0].priority: must be a whole number, is '1.5'"},
      {bank("        priority: 010\n"),
       "acd.yaml:6: tenants[0].queues[0].priority: must be a whole number, is '010'"},
      {bank("        priority: 99999999999\n"),
       "acd.yaml:6: tenants[0].queues[0].priority: is far out of range: '99999999999'"},
      {bank("        priority:\n"),
       "acd.yaml:6: tenants[0].queues[0].priority: has no value; give one or leave the key out"},
      {bank("        priority: [1]\n"),
       "acd.yaml:6: tenants[0].queues[0].priority: must be a single value, is a list"},
      {bank("        members: everybody\n"),
       "acd.yaml:6: tenants[0].queues[0].members: must be a list of agents and teams, or the "
       "word all; is 'everybody'"},
      {bank("        members: []\n"),
       "acd.yaml:6: tenants[0].queues[0].members: is empty; write all to mean every agent"},
      {bank("        members:\n          - A01\n          - A 2\n"),
       "acd.yaml:8: tenants[0].queues[0].members[1]: an id is 1 to 64 of a-z A-Z 0-9 . _ -; this "
       "is 'A 2'"},
      {bank("        wrap_up: none\n"),
       "acd.yaml:6: tenants[0].queues[0].wrap_up: must be a map of keys, is a single value"},
      {bank("        wrap_up: {duration: 3s}\n"),
       "acd.yaml:6: tenants[0].queues[0].wrap_up.mode: is required: none, timed or manual"},
      {bank("        wrap_up: {mode: auto, duration: 3s}\n"),
       "acd.yaml:6: tenants[0].queues[0].wrap_up.mode: must be one of none, timed, manual; is "
       "'auto'"},
      {bank("        service_level: {variant: best}\n"),
       "acd.yaml:6: tenants[0].queues[0].service_level.variant: must be one of "
       "abandoned_negative, ignore_abandoned, abandoned_positive; is 'best'"},
      {bank("", "    agents: A01\n"),
       "acd.yaml:6: tenants[0].agents: must be a list, is a single value"},
      {bank("", "    agents:\n      - id: A01\n        skills: [ps]\n"),
       "acd.yaml:8: tenants[0].agents[0].skills: must be a map of keys, is a list"},
      {bank("", "    agents:\n      - id: A01\n        skills:\n          ps: good\n"),
       "acd.yaml:9: tenants[0].agents[0].skills['ps']: must be a whole number, is 'good'"},
      {"tenants:\n  - id: a b\n    queues:\n      - id: q\n",
       "acd.yaml:2: tenants[0].id: an id is 1 to 64 of a-z A-Z 0-9 . _ -; this is 'a b'"},
      {"tenants:\n  - id: a\n    skills: ps\n    queues:\n      - {id: q, requirement: ps >= 1}\n",
       "acd.yaml:3: tenants[0].skills: must be a list, is a single value"},
  });
}

TEST(ConfigFileTest, DurationsNeedAWholeNumberAndAUnit) {
  const std::string place = "acd.yaml:6: tenants[0].queues[0].offer_timeout: ";
  const std::string form = "write a whole number and its unit: 500ms, 20s, 2m or 1h";
  const auto with = [](const std::string& value) {
    return bank("        offer_timeout: " + value + "\n");
  };
  expect_errors({
      {with("20"), place + "'20' has no unit; " + form},
      {with("\"20\""), place + "'20' has no unit; " + form},
      {with("20 s"), place + "'20 s' is no duration; " + form},
      {with("20sec"), place + "'20sec' is no duration; " + form},
      {with("1.5s"), place + "'1.5s' is no duration; " + form},
      {with("1m30s"), place + "'1m30s' is no duration; " + form},
      {with("-20s"), place + "'-20s' is no duration; " + form},
      {with("s"), place + "'s' is no duration; " + form},
      {with("\"\""), place + "'' is no duration; " + form},
      {with("soon"), place + "'soon' is no duration; " + form},
      {with("10000001h"), place + "'10000001h' is far too long"},
      {with("99999999999999999999s"), place + "'99999999999999999999s' is far too long"},
      {with("10000000h"), place + "must be 1 s to 10 min, is 36000000000 s"},
      {with("999ms"), place + "must be 1 s to 10 min, is 999 ms"},
      {with("11m"), place + "must be 1 s to 10 min, is 11 min"},
      {with("{s: 20}"), place + "must be a single value, is a map of keys"},
  });
}

TEST(ConfigFileTest, RulesNameTheLineOfTheirField) {
  expect_errors({
      {"tenants:\n  - skills: []\n", "acd.yaml:2: tenants[0].id: is required"},
      {bank("      - requirement: \"\"\n"), "acd.yaml:6: tenants[0].queues[1].id: is required"},
      {bank("      - id: everyday\n"),
       "acd.yaml:6: tenants[0].queues[1].id: repeats queues[0], 'tenants/bank/queues/everyday'"},
      {bank("        requirement: ps > 1\n"),
       "acd.yaml:6: tenants[0].queues[0].requirement: column 4: *"},
      {bank("        requirement: vip >= 1\n"),
       "acd.yaml:6: tenants[0].queues[0].requirement: column 1: no skill 'vip' is declared"},
      {bank("        requirement: ps >= 1 AND gone >= 2\n"),
       "acd.yaml:6: tenants[0].queues[0].requirement: column 13: no skill 'gone' is declared"},
      {bank("        members: [A01, A01]\n"),
       "acd.yaml:6: tenants[0].queues[0].members[1]: repeats agents[0], "
       "'tenants/bank/agents/A01'"},
      {bank("        wrap_up:\n          mode: timed\n"),
       "acd.yaml:7: tenants[0].queues[0].wrap_up.duration: is required when the wrap-up is timed"},
      {bank("        wrap_up:\n          mode: none\n          duration: 3s\n"),
       "acd.yaml:8: tenants[0].queues[0].wrap_up.duration: is allowed only when the wrap-up is "
       "timed"},
      {bank("        service_level:\n          goal_percent: 101\n"),
       "acd.yaml:7: tenants[0].queues[0].service_level.goal_percent: must be 1 to 100, is 101"},
      {bank("", "    busy_limit: 0s\n"),
       "acd.yaml:6: tenants[0].busy_limit: must be 1 s to 1 h, is 0 s"},
      {bank("", "    agents:\n      - id: A01\n        skills:\n          vip: 3\n"),
       "acd.yaml:9: tenants[0].agents[0].skills['vip']: the tenant declares no such skill"},
      {bank("", "    agents:\n      - id: A01\n      - id: A01\n"),
       "acd.yaml:8: tenants[0].agents[1].id: repeats agents[0], 'tenants/bank/agents/A01'"},
      {bank("", "    agents:\n      - id: A01\n        display_name: \"a\\tb\"\n"),
       "acd.yaml:8: tenants[0].agents[0].display_name: must be valid UTF-8 without control "
       "characters; is 'a\\tb'"},
      {bank("", "    agents:\n      - id: A01\n        media: [{medium: fax}]\n"),
       "acd.yaml:8: tenants[0].agents[0].media[0].medium: must be one of voice, chat, email, "
       "callback, task; is 'fax'"},
      {bank("", "    agents:\n      - id: A01\n        media: [{medium: chat, size: 2}]\n"),
       "acd.yaml:8: tenants[0].agents[0].media[0].size: unknown key 'size'; known here: medium, "
       "capacity, excludes, interrupted_by"},
  });
}

TEST(ConfigFileTest, ListsAllErrorsInTheOrderOfTheLines) {
  EXPECT_EQ(file_error_of("tenants:\n"
                          "  - id: bank\n"
                          "    skills: [ps]\n"
                          "    rejects_max: 0\n"
                          "    queues:\n"
                          "      - id: everyday\n"
                          "        requirement: ne >= 1\n"
                          "        priorty: 3\n"
                          "      - id: loans\n"
                          "        offer_timeout: 20\n"
                          "        connect_timeout: 0s\n"
                          "  - id: shop\n"
                          "    agents: [{id: A01, skills: {ps: 12}}]\n",
                          "acd.yaml"),
            "acd.yaml:4: tenants[0].rejects_max: must be 1 to 100, is 0\n"
            "acd.yaml:7: tenants[0].queues[0].requirement: column 1: no skill 'ne' is declared\n"
            "acd.yaml:8: tenants[0].queues[0].priorty: unknown key 'priorty'; did you mean "
            "'priority'?\n"
            "acd.yaml:10: tenants[0].queues[1].offer_timeout: '20' has no unit; write a whole "
            "number and its unit: 500ms, 20s, 2m or 1h\n"
            "acd.yaml:11: tenants[0].queues[1].connect_timeout: must be 1 s to 10 min, is 0 s\n"
            "acd.yaml:13: tenants[1].agents[0].skills['ps']: the tenant declares no such skill\n"
            "acd.yaml:13: tenants[1].agents[0].skills['ps']: must be 1 to 10, is 12");
}

TEST(ConfigFileTest, StopsListingAtTheLimitAndSaysHowManyMore) {
  std::string text = "tenants:\n  - id: bank\n";
  for (size_t i = 0; i < kViolationsMax + 5; ++i) text += "    k" + std::to_string(i) + ": 1\n";
  const std::string error = file_error_of(text, "acd.yaml");
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), static_cast<long>(kViolationsMax));
  EXPECT_TRUE(error.ends_with("acd.yaml:1002: file: and 5 more, not listed"))
      << error.substr(error.size() - 200);
}

TEST(ConfigFileTest, AMissingFileIsNotFound) {
  const auto seeds = read_config_file("/nonexistent/acd.yaml");
  EXPECT_TRUE(absl::IsNotFound(seeds.status())) << seeds.status();
  EXPECT_NE(seeds.status().message().find("/nonexistent/acd.yaml"), std::string::npos);
}

TEST(ConfigFileTest, ReachSaysWhatIsWrongAndWhere) {
  const auto seeds =
      parse_config(bank("",
                        "    reach:\n      - {from: pbx, to: lab, dial_prefix: \"7\"}\n"
                        "      - {from: lab, to: pbx}\n"),
                   "acd.yaml");
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  const TenantConfig table = to_tables(seeds->front().config);
  ASSERT_EQ(table.reaches.size(), 2u);
  EXPECT_EQ(table.reaches[0].from, "pbx");
  EXPECT_EQ(table.reaches[0].to, "lab");
  EXPECT_EQ(table.reaches[0].dial_prefix, "7");
  EXPECT_EQ(table.reaches[1].dial_prefix, "");
  expect_errors(
      {{bank("", "    reach:\n      - {from: pbx}\n"),
        "acd.yaml:7: tenants[0].reach[0].to: is required: the source_id of a switch"},
       {bank("", "    reach:\n      - {from: pbx, to: pbx}\n"),
        "acd.yaml:7: tenants[0].reach[0].to: is 'pbx' itself, which always reaches its own "
        "stations"},
       {bank("", "    reach:\n      - {from: a, to: b}\n      - {from: a, to: b}\n"),
        "acd.yaml:8: tenants[0].reach[1]: repeats reach[0], 'a' to 'b'"},
       {bank("", "    reach:\n      - {from: a, to: b, dial_prefix: \"12345678901234567\"}\n"),
        "acd.yaml:7: tenants[0].reach[0].dial_prefix: must be at most 16 bytes of valid UTF-8 "
        "without "
        "control characters"}});
}

TEST(ConfigFileTest, ADirectoryIsNoFile) {
  const auto seeds = read_config_file(testing::TempDir());
  ASSERT_FALSE(seeds.ok());
  EXPECT_NE(seeds.status().message().find("cannot read "), std::string::npos);
}

TEST(ConfigFileTest, AnEndlessFileIsRefusedAtTheLimit) {
  const std::string path = testing::TempDir() + "/acd_endless.yaml";
  std::ofstream(path) << "tenants:\n" << std::string(kConfigFileBytesMax, '#');
  const auto seeds = read_config_file(path);
  std::remove(path.c_str());
  EXPECT_TRUE(absl::IsInvalidArgument(seeds.status()));
  EXPECT_NE(seeds.status().message().find("larger than 16777216 bytes"), std::string::npos);
}

std::string sample_path() { return std::string(ACD_SOURCE_DIR) + "/deploy/acdd.sample.yaml"; }

TEST(ConfigFileTest, TheSampleIsGood) {
  const auto seeds = read_config_file(sample_path());
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  ASSERT_EQ(seeds->size(), 1u);
  EXPECT_EQ(to_tables(seeds->front().config).queues.size(), 8u);
  EXPECT_EQ(seeds->front().agents.size(), 18u);
}

// What the sample's first queue and the tenant write out are the defaults, but for what they need.
TEST(ConfigFileTest, TheSampleWritesOutTheTrueDefaults) {
  const auto seeds = read_config_file(sample_path());
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  const TenantConfig sample = to_tables(seeds->front().config);
  const TenantConfig defaults;
  EXPECT_EQ(sample.switch_grace_ns, defaults.switch_grace_ns);
  EXPECT_EQ(sample.agent_grace_ns, defaults.agent_grace_ns);
  EXPECT_EQ(sample.arrival_ack_timeout_ns, defaults.arrival_ack_timeout_ns);
  EXPECT_EQ(sample.busy_limit_ns, defaults.busy_limit_ns);
  EXPECT_EQ(sample.rejects_max, defaults.rejects_max);
  EXPECT_EQ(sample.no_answers_max, defaults.no_answers_max);
  EXPECT_EQ(sample.call_order, defaults.call_order);
  EXPECT_EQ(sample.overflows_max, defaults.overflows_max);
  EXPECT_EQ(sample.decay_half_life_ns, defaults.decay_half_life_ns);
  EXPECT_EQ(sample.random_seed, defaults.random_seed);
  EXPECT_EQ(sample.protects.at(0).ready_max, ProtectRule().ready_max);
  const QueueConfig& queue = sample.queues.at(0);
  const QueueConfig standard;
  EXPECT_EQ(queue.priority, standard.priority);
  EXPECT_EQ(queue.age_rate, standard.age_rate);
  EXPECT_EQ(queue.objective_ns, standard.objective_ns);
  EXPECT_EQ(queue.members_all, standard.members_all);
  EXPECT_EQ(queue.strategy, standard.strategy);
  EXPECT_EQ(queue.limits.offers_max, standard.limits.offers_max);
  EXPECT_EQ(queue.adopts_late_answer, standard.adopts_late_answer);
  EXPECT_EQ(queue.offer_timeout_ns, standard.offer_timeout_ns);
  EXPECT_EQ(queue.reoffer_after_ns, standard.reoffer_after_ns);
  EXPECT_EQ(queue.connect_timeout_ns, standard.connect_timeout_ns);
  EXPECT_EQ(queue.service_level_target_ns, standard.service_level_target_ns);
  EXPECT_EQ(queue.service_level_goal_percent, standard.service_level_goal_percent);
  EXPECT_EQ(queue.service_level_variant, standard.service_level_variant);
  EXPECT_EQ(queue.short_abandon_ns, standard.short_abandon_ns);
}

// A file cut or damaged anywhere is read or refused with a line; it never brings the reader down.
TEST(ConfigFileTest, ADamagedSampleNeverCrashes) {
  std::ifstream file(sample_path());
  std::ostringstream stream;
  stream << file.rdbuf();
  const std::string sample = stream.str();
  ASSERT_GT(sample.size(), 1'000u);
  for (size_t at = 0; at < sample.size(); at += 47) {
    std::string damaged = sample;
    damaged[at] = "[]{}:-&*!|>'\"#%@, \n\t\x01\xff"[at % 22];
    for (const std::string& text : {sample.substr(0, at), damaged}) {
      const auto seeds = parse_config(text, "acd.yaml");
      if (seeds.ok()) continue;
      EXPECT_EQ(std::string(seeds.status().message()).substr(0, 9), "acd.yaml:");
    }
  }
}

}  // namespace
}  // namespace acd
