// SPDX-License-Identifier: Apache-2.0
// Files of scores, the mapping that reads them, and what they make of agents.
#include "clients/acdctl/assessment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace acd::acdctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kMap[] =
    "agent: {column: id}\n"
    "skills:\n"
    "  - {column: English, skill: english, bands: {low: none, mid: 5, high: 9}}\n"
    "  - column: logic\n"
    "    skill: logic\n"
    "    missing: keep\n"
    "    percentiles: [{up_to: 24, level: 2}, {up_to: 100, level: 8}]\n";
constexpr char kHeading[] = "id,English,logic\n";

std::string map_error(const std::string& text) {
  const auto map = parse_assessment_map(text, "m");
  return map.ok() ? "" : std::string(map.status().message());
}

v1::ListAgentsResponse some_agents() {
  v1::ListAgentsResponse agents;
  for (const auto& [id, name] :
       {std::pair("a1", "Ada"), std::pair("a2", "Bob"), std::pair("a3", "Bob")}) {
    v1::AgentStatus* agent = agents.add_agents();
    agent->set_name(std::string("tenants/bank/agents/") + id);
    agent->set_display_name(name);
    agent->set_team("day");
    agent->add_media()->set_medium(v1::MEDIUM_CHAT);
    (*agent->mutable_skills())["sales"] = 4;
    (*agent->mutable_skills())["english"] = 5;
  }
  return agents;
}

absl::StatusOr<AssessmentPlan> plan(const std::string& csv, const std::string& map_text = kMap) {
  const auto map = parse_assessment_map(map_text, "m");
  EXPECT_TRUE(map.ok()) << map.status();
  const auto records = parse_csv(csv, map->separator);
  if (!records.ok()) return records.status();
  const std::vector<std::string> declared = {"sales", "english", "logic"};
  return plan_assessment(*map, *records, "f", some_agents(), declared);
}
std::string plan_error(const std::string& csv, const std::string& map_text = kMap) {
  const auto planned = plan(csv, map_text);
  return planned.ok() ? "" : std::string(planned.status().message());
}
// "a1 english 5>9 logic 0>8".
std::vector<std::string> lines(const std::string& csv, const std::string& map_text = kMap) {
  const auto planned = plan(csv, map_text);
  EXPECT_TRUE(planned.ok()) << planned.status();
  std::vector<std::string> lines;
  if (!planned.ok()) return lines;
  for (const AgentChange& change : planned->changes) {
    std::string line = change.agent.name().substr(std::string("tenants/bank/agents/").size());
    for (const SkillChange& one : change.changes) {
      line += " " + one.skill + " " + std::to_string(one.before) + ">" + std::to_string(one.after);
    }
    lines.push_back(line);
  }
  return lines;
}

// --- CSV.

std::vector<std::string> fields(const std::string& text, char separator = ',') {
  const auto records = parse_csv(text, separator);
  if (!records.ok()) return {std::string(records.status().message())};
  std::vector<std::string> all;
  for (const CsvRecord& record : *records) {
    std::string line = std::to_string(record.line) + ":";
    for (const std::string& field : record.fields) line += "[" + field + "]";
    all.push_back(line);
  }
  return all;
}

TEST(CsvTest, ReadsWhatSpreadsheetsWrite) {
  EXPECT_THAT(fields("a,b\n1,2\n"), ElementsAre("1:[a][b]", "2:[1][2]"));
  EXPECT_THAT(fields("\xef\xbb\xbf"
                     "a,b\r\n1,\r\n\r\n,2"),
              ElementsAre("1:[a][b]", "2:[1][]", "4:[][2]"));
  EXPECT_THAT(fields("\"a,\"\"b\"\"\",\"x\r\ny\"\nc,d\n"),
              ElementsAre("1:[a,\"b\"][x\r\ny]", "3:[c][d]"));
  EXPECT_THAT(fields("a;b,c\r", ';'), ElementsAre("1:[a][b,c]"));
  EXPECT_THAT(fields(""), ElementsAre());
}

TEST(CsvTest, NamesTheLineOfAFault) {
  EXPECT_THAT(fields("a\n\"b\n\nc"), ElementsAre("line 2: a quote is not closed"));
  EXPECT_THAT(fields("a\nb\"c\n"),
              ElementsAre("line 2: a quote stands inside a field that is not quoted"));
  EXPECT_THAT(fields("\"a\"b\n"), ElementsAre("line 1: a quoted field goes on behind its quote"));
  EXPECT_THAT(fields("a\n\xff\n"),
              ElementsAre("line 2: is not valid UTF-8; save the file as UTF-8"));
  EXPECT_THAT(fields(std::string(kCsvColumnsMax, ',')),
              ElementsAre("line 1: has more than 1000 columns"));
}

// --- The mapping.

TEST(AssessmentMapTest, TheSampleIsForCustomerService) {
  std::ifstream file(ACD_SOURCE_DIR "/deploy/assessment.sample.yaml");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto map = parse_assessment_map(text, "sample");
  ASSERT_TRUE(map.ok()) << map.status();
  EXPECT_EQ(map->agent_column, "agent_id");
  ASSERT_EQ(map->rules.size(), 6u);
  for (const ScoreRule& rule : map->rules) {
    const auto [low, mid, high] = *rule.bands;
    EXPECT_LT(low, mid) << rule.skill;
    // High at least as good, but where mid is wanted.
    const bool wants_mid = rule.skill == "extraversion" || rule.skill == "openness";
    EXPECT_EQ(high < mid, wants_mid) << rule.skill;
    EXPECT_EQ(rule.percentiles.back().up_to, 100);
  }
}

TEST(AssessmentMapTest, NamesLineAndFieldOfEveryFault) {
  EXPECT_EQ(map_error("skills: []\n"),
            "m:1: agent: is required\nm:1: skills: has 0 entries; must be 1 to 100");
  const std::string head = "agent: {column: id}\nskills:\n";
  const std::string rule = "  - {column: a, skill: s, ";
  EXPECT_EQ(map_error(head + "  - {column: a, skill: s}\n"),
            "m:3: skills[0]: needs bands or percentiles, or both");
  EXPECT_EQ(map_error(head + rule + "bands: {low: 1, mid: 11}}\n"),
            "m:3: skills[0].bands.mid: is 11; must be 1 to 10, or none\n"
            "m:3: skills[0].bands.high: is required");
  EXPECT_EQ(map_error(head + rule + "percentiles: [{up_to: 50, level: 1}]}\n"),
            "m:3: skills[0].percentiles: the last range must end at 100, or some scores have no "
            "level");
  EXPECT_THAT(
      map_error(head + rule + "percentiles: [{up_to: 50, level: 1}, {up_to: 50, level: 2}]}\n"),
      HasSubstr("m:3: skills[0].percentiles[1].up_to: is 50; must be above 50"));
  EXPECT_EQ(map_error(head + rule + "bands: {low: 1, mid: 2, high: 3}}\n" + rule +
                      "bands: {low: 1, mid: 2, high: 3}}\n"),
            "m:4: skills[1].skill: line 3 gives the level of s already");
  EXPECT_THAT(map_error(head + rule + "band: {low: 1}}\n"), HasSubstr("unknown key 'band'"));
  EXPECT_THAT(map_error("agent: {column: id, by: mail}\n"),
              HasSubstr("m:1: agent.by: must be one of"));
}

// --- Scores.

TEST(AssessmentTest, ScoresBecomeLevelsAndTheRestStays) {
  EXPECT_THAT(lines(std::string(kHeading) + "a1,High,24\na2, mid ,24.5\na3,LOW,\n"),
              ElementsAre("a1 english 5>9 logic 0>2", "a2 logic 0>8", "a3 english 5>0"));
  const auto planned = plan(std::string(kHeading) + "a1,High,100\na2,Medium,\n");
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->agents, 2u);
  ASSERT_EQ(planned->changes.size(), 1u);  // a2 is as it was.
  const v1::Agent& agent = planned->changes[0].agent;
  EXPECT_EQ(agent.team(), "day");
  ASSERT_EQ(agent.media_size(), 1);
  EXPECT_EQ(agent.media(0).medium(), v1::MEDIUM_CHAT);
  // What is sent takes the place of all of it: a field that is new must be taken along, too.
  EXPECT_EQ(v1::Agent::descriptor()->field_count(), 5);
  EXPECT_EQ(agent.display_name(), "Ada");
  EXPECT_EQ(agent.skills().at("sales"), 4);
  EXPECT_EQ(agent.skills().at("english"), 9);
  EXPECT_EQ(agent.skills().at("logic"), 8);
}

TEST(AssessmentTest, FindsColumnsWhereverTheyAre) {
  EXPECT_THAT(lines("Remark, LOGIC ,ID,english\n\"a, b\",0,a1,high\n"),
              ElementsAre("a1 english 5>9 logic 0>2"));
}

TEST(AssessmentTest, FindsAgentsByName) {
  std::string map = kMap;
  map.replace(map.find("{column: id}"), 12, "{column: id, by: name}");
  EXPECT_THAT(lines(std::string(kHeading) + "Ada,high,\n", map), ElementsAre("a1 english 5>9"));
  EXPECT_THAT(plan_error(std::string(kHeading) + "Bob,high,\n", map),
              HasSubstr("f:2: column 1 (id): there are several agents with the name 'Bob'"));
}

TEST(AssessmentTest, AFaultNamesFileLineAndColumnAndNothingIsPlanned) {
  EXPECT_EQ(plan_error(std::string(kHeading) +
                       "a1,high,7\nx9,high,7\na2,,101\na2,great,-1\n\na1,mid,1\n,mid,1\na3,mid\n"),
            "f:3: column 1 (id): there is no agent 'x9'\n"
            "f:4: column 2 (English): has no score; must be Low, Mid or High\n"
            "f:4: column 3 (logic): is '101'; must be a percentile, 0 to 100\n"
            "f:5: column 1 (id): line 4 has the scores of 'a2' already\n"
            "f:7: column 1 (id): line 2 has the scores of 'a1' already\n"
            "f:8: column 1 (id): names no agent\n"
            "f:9: has 2 columns, the headings have 3");
  EXPECT_EQ(plan_error(""), "f:1: is empty; the first line has the headings");
  EXPECT_EQ(plan_error("id,english\na1,high\n"), "f:1: there is no column 'logic'");
  EXPECT_EQ(plan_error("id,english,logic,Logic\na1,high,1,1\n"),
            "f:1: there are several columns 'logic'");
  std::string map = kMap;
  map.replace(map.find("skill: english"), 14, "skill: singing");
  EXPECT_EQ(plan_error(kHeading, map), "m:3: the tenant declares no skill 'singing'");
  std::string many = kHeading;
  for (int i = 0; i < 25; ++i) many += "x" + std::to_string(i) + ",high,1\n";
  EXPECT_THAT(plan_error(many), HasSubstr("\nand 5 more, not listed"));
}

TEST(AssessmentTest, APercentileIsANumberAndNothingElse) {
  for (const char* score : {"nan", "inf", "1e2", "0x10", "+5", "100.1", "5%", "1.2.3", "."}) {
    EXPECT_THAT(plan_error(std::string(kHeading) + "a1,high," + score + "\n"),
                HasSubstr("f:2: column 3 (logic): is"))
        << score;
  }
  EXPECT_THAT(lines(std::string(kHeading) + "a1,mid,100.0\n"), ElementsAre("a1 logic 0>8"));
}

}  // namespace
}  // namespace acd::acdctl
