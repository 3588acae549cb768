// SPDX-License-Identifier: Apache-2.0
// `acdctl history` over a file with a handful of rows.
#include "clients/acdctl/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "clients/acdctl/commands.h"
#include "clients/acdctl/history_text.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/history/history_sample.h"

namespace acd::acdctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HistoryCommandTest : public ::testing::Test {
 protected:
  HistoryCommandTest() {
    std::filesystem::create_directories(data_ + "/main");
    const auto file = open_file(data_ + "/main/history.sqlite");
    EXPECT_TRUE(file->write({sample_rows()}, 42, kSampleMs).ok());
  }
  struct Result {
    ExitCode code = ExitCode::kOk;
    std::string out;
    std::string err;
  };
  static Result run(const std::vector<std::string>& words) {
    std::ostringstream out;
    std::ostringstream err;
    const Console console{out, err, {}};
    const ExitCode code = run_acdctl(words, console);
    return {code, out.str(), err.str()};
  }
  Result history(std::vector<std::string> words) {
    words.insert(words.begin(), "history");
    words.insert(words.end(), {"--data-dir", data_});
    return run(words);
  }

  TempFolder folder_;
  const std::string data_ = folder_.path();
};

TEST_F(HistoryCommandTest, ShowsCallsNewestFirst) {
  const Result shown = history({"calls"});
  EXPECT_EQ(shown.code, ExitCode::kOk) << shown.err;
  EXPECT_EQ(
      shown.out,
      "Arrived               Call  Medium  Queue  Wait  Ring  Talk  Hold  Wrap-up  Offers  Agent  "
      "Outcome    "
      "Code\n"
      "2026-01-05T08:01:00Z  c2    voice   sales  0:07     -     -     -        -       0  -      "
      "abandoned  -\n"
      "2026-01-05T08:00:00Z  c1    voice   sales  0:07  0:04  1:30  0:03        -       1  ada    "
      "completed  -\n");
}

TEST_F(HistoryCommandTest, TakesTheFileOrEitherFolder) {
  for (const char* place : {"", "/main", "/main/history.sqlite"}) {
    EXPECT_THAT(run({"history", "calls", "--data-dir", data_ + place}).out, HasSubstr("c1"));
  }
}

TEST_F(HistoryCommandTest, ShowsQueuesAndAgentsByInterval) {
  EXPECT_THAT(history({"queues"}).out, HasSubstr("2026-01-05T08:00:00Z  sales        2"));
  EXPECT_THAT(history({"agents"}).out, HasSubstr("2026-01-05T08:00:00Z  ada         3:20"));
}

TEST_F(HistoryCommandTest, ShowsTheTenantItsSkillsBandsAndTeamsByInterval) {
  using Kind = StatsScope::Kind;
  TenantRows rows = sample_rows();
  rows.rows.scope_intervals.clear();
  for (const auto& [kind, name] :
       {std::pair{Kind::kTenant, ""}, std::pair{Kind::kSkill, "english"},
        std::pair{Kind::kBand, "high"}, std::pair{Kind::kTeam, "night"}}) {
    ScopeIntervalRow row;
    row.kind = kind;
    row.name = name;
    row.begin_ms = rows.rows.queue_intervals[0].begin_ms;
    row.figures = {{static_cast<uint16_t>(Figure::kBusyNs), 90 * kNsPerS},
                   {static_cast<uint16_t>(Figure::kIdleNs), 30 * kNsPerS}};
    rows.rows.scope_intervals.push_back(std::move(row));
  }
  ASSERT_TRUE(open_file(data_ + "/main/history.sqlite")->write({rows}, 43, kSampleMs).ok());
  for (const auto& [scope, name] :
       {std::pair{"tenant", "1:30  0:30      75.0%"}, std::pair{"skills", "english"},
        std::pair{"bands", "high"}, std::pair{"teams", "night"}}) {
    const Result shown = history({scope});
    EXPECT_EQ(shown.code, ExitCode::kOk) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("2026-01-05T08:00:00Z")) << scope;
    EXPECT_THAT(shown.out, HasSubstr(name)) << scope;
  }
  EXPECT_THAT(history({"teams"}).out, HasSubstr("75"));
}

TEST_F(HistoryCommandTest, Filters) {
  EXPECT_THAT(history({"calls", "--agent", "ada"}).out, Not(HasSubstr("c2")));
  EXPECT_THAT(history({"calls", "--since", "2026-01-05T08:00:30Z"}).out, Not(HasSubstr("c1")));
  EXPECT_THAT(history({"calls", "--until", "2026-01-05T08:00:30Z"}).out, Not(HasSubstr("c2")));
  EXPECT_THAT(history({"calls", "--limit", "1"}).out, Not(HasSubstr("c1")));
  EXPECT_EQ(history({"calls", "--queue", "none"}).out, "nothing found\n");
}

TEST_F(HistoryCommandTest, ShowsOneMedium) {
  TenantRows rows = sample_rows();
  rows.rows.calls[1].medium = rows.rows.visits[1].medium = Medium::kChat;
  QueueFigures& chats = rows.rows.queue_intervals[0].interval.media.of(Medium::kChat);
  chats.counts.offered = 5;
  AgentFigures& of_agent = rows.rows.agent_intervals[0].interval.media.of(Medium::kChat);
  of_agent.connected = of_agent.handled = 4;
  of_agent.talk_ns = 80 * kNsPerS;
  ASSERT_TRUE(open_file(data_ + "/main/history.sqlite")->write({rows}, 43, kSampleMs).ok());
  const Result calls = history({"calls", "--medium", "chat"});
  EXPECT_THAT(calls.out, HasSubstr("c2    chat    sales"));
  EXPECT_THAT(calls.out, Not(HasSubstr("c1")));
  EXPECT_THAT(history({"queues"}).out, HasSubstr("2026-01-05T08:00:00Z  sales        7"));
  const Result queues = history({"queues", "--medium", "chat"});
  EXPECT_THAT(queues.out, HasSubstr("2026-01-05T08:00:00Z  sales        5"));
  EXPECT_THAT(queues.out, Not(HasSubstr("Staffed")));
  EXPECT_EQ(history({"queues", "--medium", "email"}).out, "nothing found\n");
  EXPECT_THAT(history({"agents", "--medium", "chat"}).out,
              HasSubstr("ada    chat        4        4  1:20  0:00     0:00  0:20"));
  EXPECT_THAT(history({"export", "--csv", "--medium", "chat", "-"}).out, Not(HasSubstr("c1")));
  const Result lines = history({"export", "--queue-log", "--medium", "chat", "-"});
  EXPECT_THAT(lines.out, HasSubstr("|c2|sales|NONE|ABANDON|"));
  EXPECT_THAT(lines.out, HasSubstr("|ada|AGENTLOGIN|"));
  EXPECT_THAT(lines.out, Not(HasSubstr("c1")));
  const Result wrong = history({"calls", "--medium", "fax"});
  EXPECT_EQ(wrong.code, ExitCode::kUsage);
  EXPECT_THAT(wrong.err, HasSubstr("--medium: unknown medium \"fax\""));
}

// Bob transferred c2, which nobody answered again.
TEST_F(HistoryCommandTest, ShowsEveryAgentWhoWasOnACall) {
  TenantRows rows = sample_rows();
  TalkRow talk = rows.rows.talks[0];
  talk.number = 20;
  talk.call = "c2";
  talk.agent = "bob";
  talk.wrap_up_ms = 5'000;
  talk.end = TalkEnd::kTransferred;
  talk.target_kind = TransferTarget::kQueue;
  talk.target = "late";
  rows.rows.talks.push_back(talk);
  ASSERT_TRUE(open_file(data_ + "/main/history.sqlite")->write({rows}, 43, kSampleMs).ok());
  EXPECT_EQ(history({"talks"}).out,
            "Connected             Call  Part  Medium  Queue  Agent  Talk  Hold  Wrap-up  Ended"
            "        To    Consult on\n"
            "2026-01-05T08:00:07Z  c2       1  voice   sales  bob    1:30  0:03     0:05  "
            "transferred  late  -\n"
            "2026-01-05T08:00:07Z  c1       1  voice   sales  ada    1:30  0:03        -  "
            "completed    -     -\n");
  EXPECT_THAT(history({"talks", "--agent", "ada"}).out, Not(HasSubstr("c2")));
  EXPECT_THAT(history({"talks", "--call", "c2"}).out, HasSubstr("transferred  late"));
  EXPECT_EQ(history({"talks", "--until", "2026-01-05T08:01:00Z"}).out, "nothing found\n");
  const std::string calls = history({"calls", "--agent", "bob"}).out;
  EXPECT_THAT(calls, HasSubstr("c2"));
  EXPECT_THAT(calls, Not(HasSubstr("c1")));
  EXPECT_EQ(history({"calls", "--agent", "bob", "--until", "2026-01-05T08:01:00Z"}).out,
            "nothing found\n");
  EXPECT_THAT(history({"calls", "--call", "c2"}).out, HasSubstr("Talks\n"));
  EXPECT_THAT(history({"talks", "--csv"}).out, StartsWith("connected,ended_at,over_at,tenant,"));
  EXPECT_THAT(history({"talks", "--json"}).out, HasSubstr("{\"talks\":[{"));
}

TEST_F(HistoryCommandTest, FindsRowsByWhatIsAskedFor) {
  Arguments arguments;
  arguments.command = Command::kHistoryCalls;
  const auto way = [&] {
    const std::string plan = "EXPLAIN QUERY PLAN " + history_query(arguments, "*");
    return lines_of(data_ + "/main/history.sqlite", plan).at(0);
  };
  EXPECT_THAT(way(), HasSubstr("calls_by_time (tenant=? AND arrived_ms"));
  arguments.queue = "sales";
  EXPECT_THAT(way(), HasSubstr("calls_by_queue (tenant=? AND queue=? AND arrived_ms"));
  arguments.queue.clear();
  arguments.agent = "ada";
  EXPECT_THAT(way(), HasSubstr("calls USING PRIMARY KEY (tenant=? AND number=?"));
  arguments.agent.clear();
  arguments.call = "c1";
  EXPECT_THAT(way(), HasSubstr("calls_by_id (tenant=? AND call=?"));
  arguments.command = Command::kHistoryTalks;
  EXPECT_THAT(way(), HasSubstr("talks_by_id (tenant=? AND call=?"));
  arguments.call.clear();
  EXPECT_THAT(way(), HasSubstr("talks_by_end (tenant=? AND over_ms"));
  arguments.agent = "ada";
  EXPECT_THAT(way(), HasSubstr("talks_by_agent (tenant=? AND agent=? AND over_ms"));
}

TEST_F(HistoryCommandTest, FindsNothingBeforeAnythingHasHappened) {
  const TempFolder fresh;
  open_file(fresh.path() + "/history.sqlite");
  for (const std::vector<std::string>& tenant :
       {std::vector<std::string>{}, std::vector<std::string>{"--tenant", "bank"}}) {
    std::vector<std::string> words = {"history", "calls", "--data-dir", fresh.path()};
    words.insert(words.end(), tenant.begin(), tenant.end());
    const Result shown = run(words);
    EXPECT_EQ(shown.code, ExitCode::kOk) << shown.err;
    EXPECT_EQ(shown.out, "nothing found\n");
    words.emplace_back("--json");
    EXPECT_EQ(run(words).out, "{\"calls\":[]}\n");
  }
}

TEST_F(HistoryCommandTest, TellsAllOfOneCall) {
  const std::string text = history({"calls", "--call", "c1"}).out;
  EXPECT_THAT(text, HasSubstr("Visits"));
  EXPECT_THAT(text, HasSubstr("Offers"));
  EXPECT_THAT(text, HasSubstr("no_answer"));
}

TEST_F(HistoryCommandTest, SpeaksJson) {
  const Result shown = history({"calls", "--json", "--limit", "1"});
  EXPECT_THAT(
      shown.out,
      StartsWith("{\"calls\":[{\"arrived\":\"2026-01-05T08:01:00.000Z\",\"connected\":null,"));
  EXPECT_THAT(shown.out, HasSubstr("\"wait_ms\":7000,"));
}

TEST_F(HistoryCommandTest, QuotesCsvWhereItMust) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
  TenantRows odd = sample_rows();
  odd.rows.calls.resize(1);
  odd.rows.calls[0].number = 77;
  odd.rows.calls[0].requirement = "a, \"b\"";
  ASSERT_TRUE(open_file(data_ + "/main/history.sqlite")->write({odd}, 43, kSampleMs).ok());
  EXPECT_THAT(history({"calls", "--csv"}).out, HasSubstr(",\"a, \"\"b\"\"\","));
}

TEST_F(HistoryCommandTest, ExportsToAFile) {
  const std::string file = folder_.path() + "/out";
  ASSERT_EQ(history({"export", "--csv", file}).code, ExitCode::kOk);
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_THAT(text.str(), StartsWith("arrived,connected,ended,tenant,number,call,"));
  EXPECT_LT(text.str().find("c1"), text.str().find("c2"));
  EXPECT_THAT(history({"export", "--queue-log", "-"}).out,
              HasSubstr("1767600007|c1|sales|ada|CONNECT|7|c1|2\n"));
  EXPECT_EQ(history({"export", file}).code, ExitCode::kUsage);
  EXPECT_EQ(history({"export", "--csv", folder_.path() + "/none/out"}).code, ExitCode::kLocalFile);
}

TEST_F(HistoryCommandTest, SaysWhatIsWrongWithTheFile) {
  EXPECT_THAT(run({"history", "calls"}).err, HasSubstr("--data-dir DIR is missing"));
  EXPECT_EQ(run({"history", "calls"}).code, ExitCode::kUsage);
  EXPECT_THAT(run({"history", "calls", "--data-dir", "/nowhere"}).err,
              HasSubstr("there is no /nowhere"));
  std::ofstream(folder_.path() + "/letter") << "Not a database, but a letter to somebody far away.";
  const Result letter = run({"history", "calls", "--data-dir", folder_.path() + "/letter"});
  EXPECT_EQ(letter.code, ExitCode::kLocalFile);
  EXPECT_THAT(letter.err, HasSubstr("is no history file of acdd"));
}

TEST_F(HistoryCommandTest, WantsATenantWhereThereAreSeveral) {
  TenantRows other = sample_rows();
  other.tenant = "insurer";
  ASSERT_TRUE(open_file(data_ + "/main/history.sqlite")->write({other}, 43, kSampleMs).ok());
  EXPECT_THAT(history({"calls"}).err, HasSubstr("name one with --tenant: bank, insurer"));
  EXPECT_EQ(history({"calls", "--tenant", "insurer"}).code, ExitCode::kOk);
  EXPECT_THAT(history({"calls", "--tenant", "nobody"}).err,
              HasSubstr("there is no history of tenant \"nobody\"; there is of: bank, insurer"));
}

TEST(HistoryArgumentsTest, ReadTimes) {
  const absl::Time now = absl::FromUnixSeconds(1'000'000);
  EXPECT_EQ(*parse_time("since", "2026-01-05", now), kSampleMs - 8 * 3'600'000);
  EXPECT_EQ(*parse_time("since", "2026-01-05T08:00:00Z", now), kSampleMs);
  EXPECT_EQ(*parse_time("since", "2026-01-05T09:00:00+01:00", now), kSampleMs);
  EXPECT_EQ(*parse_time("since", "90m", now), (1'000'000 - 5'400) * 1'000);
  EXPECT_EQ(*parse_time("since", "2d", now), (1'000'000 - 172'800) * 1'000);
  EXPECT_THAT(std::string(parse_time("until", "yesterday", now).status().message()),
              HasSubstr("--until: \"yesterday\" is no time"));
}

}  // namespace
}  // namespace acd::acdctl
