// SPDX-License-Identifier: Apache-2.0
// What people ask of a history: the questions of its README, and Asterisk's queue_log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "daemon/history/queue_log.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/history/history_sample.h"

namespace acd {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

class HistoryQueriesTest : public ::testing::Test {
 protected:
  HistoryQueriesTest() {
    EXPECT_TRUE(open_file(path_)->write({sample_rows()}, 42, kSampleMs).ok());
    std::ifstream file(ACD_SOURCE_DIR "/daemon/history/README.md");
    std::ostringstream text;
    text << file.rdbuf();
    readme_ = text.str();
  }
  std::vector<std::string> examples() const {
    std::vector<std::string> found;
    size_t at = 0;
    while ((at = readme_.find("```sql\n", at)) != std::string::npos) {
      at += 7;
      found.push_back(readme_.substr(at, readme_.find("```", at) - at));
    }
    return found;
  }

  TempFolder folder_;
  const std::string path_ = folder_.path() + "/history.sqlite";
  std::string readme_;
};

TEST_F(HistoryQueriesTest, TheQuestionsOfTheReadmeHaveAnswers) {
  const std::vector<std::string> questions = examples();
  ASSERT_THAT(questions, SizeIs(7));
  EXPECT_THAT(lines_of(path_, questions[0]), ElementsAre("2026-01-05T08:00:00Z|sales|2|1|50.0|7"));
  EXPECT_THAT(lines_of(path_, questions[1]), ElementsAre("2026-01-05T08:01:00.000Z|c2|7.0|1"));
  EXPECT_THAT(lines_of(path_, questions[2]), ElementsAre("ada|0.06|47.4|1|90"));
  EXPECT_THAT(lines_of(path_, questions[3]), ElementsAre("bob|1|1"));
  EXPECT_THAT(lines_of(path_, questions[4]),
              ElementsAre("2026-01-05T08:00:00.000Z|enters|sales|",
                          "2026-01-05T08:00:05.000Z|offer|bob|no_answer",
                          "2026-01-05T08:00:07.000Z|leaves|sales|answered",
                          "2026-01-05T08:00:07.000Z|offer|ada|accepted",
                          "2026-01-05T08:01:40.000Z|talked|ada|completed"));
  EXPECT_THAT(lines_of(path_, questions[5]), ElementsAre("ada|voice|1|90"));
  EXPECT_THAT(lines_of(path_, questions[6]), ElementsAre("sales|5|11.967"));
}

TEST_F(HistoryQueriesTest, TheReadmeNamesEveryColumn) {
  const std::vector<std::string> columns =
      lines_of(path_,
               "SELECT DISTINCT c.name FROM sqlite_master m, pragma_table_info(m.name) c "
               "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'");
  EXPECT_GT(columns.size(), 100u);
  for (const std::string& column : columns) {
    EXPECT_THAT(readme_, HasSubstr("`" + column + "`")) << "no word on a column";
  }
}

TEST_F(HistoryQueriesTest, UsualQuestionsUseAnIndex) {
  // With the keys that lead to the rows: by the tenant alone all of it would be read.
  const std::pair<const char*, const char*> kQuestions[] = {
      {"calls WHERE tenant = 'bank' AND arrived_ms >= 1", "calls_by_time (tenant=? AND arrived_ms"},
      {"calls WHERE tenant = 'bank' AND over_ms >= 1", "calls_by_end (tenant=? AND over_ms"},
      {"calls WHERE tenant = 'bank' AND queue = 'sales' AND arrived_ms >= 1",
       "calls_by_queue (tenant=? AND queue=? AND arrived_ms"},
      {"calls WHERE tenant = 'bank' AND agent = 'ada' AND arrived_ms >= 1",
       "calls_by_agent (tenant=? AND agent=? AND arrived_ms"},
      {"calls WHERE tenant = 'bank' AND call = 'c1'", "calls_by_id (tenant=? AND call=?"},
      {"talks WHERE tenant = 'bank' AND agent = 'ada' AND over_ms >= 1",
       "talks_by_agent (tenant=? AND agent=? AND over_ms"},
      {"talks WHERE tenant = 'bank' AND over_ms >= 1", "talks_by_end (tenant=? AND over_ms"},
      {"talks WHERE tenant = 'bank' AND call = 'c1'", "talks_by_id (tenant=? AND call=?"},
      {"visits WHERE tenant = 'bank' AND queue = 'sales' AND entered_ms >= 1",
       "visits_by_queue (tenant=? AND queue=? AND entered_ms"},
      {"visits WHERE tenant = 'bank' AND ended_ms >= 1", "visits_by_end (tenant=? AND ended_ms"},
      {"offers WHERE tenant = 'bank' AND agent = 'ada' AND made_ms >= 1",
       "offers_by_agent (tenant=? AND agent=? AND made_ms"},
      {"offers WHERE tenant = 'bank' AND ended_ms >= 1", "offers_by_end (tenant=? AND ended_ms"},
      {"queue_intervals WHERE tenant = 'bank' AND begin_ms >= 1",
       "queue_intervals_by_time (tenant=? AND begin_ms"},
      {"agent_intervals WHERE tenant = 'bank' AND agent = 'ada' AND begin_ms >= 1",
       "PRIMARY KEY (tenant=? AND agent=? AND begin_ms"},
      {"queue_medium_intervals WHERE tenant = 'bank' AND begin_ms >= 1",
       "queue_medium_intervals_by_time (tenant=? AND begin_ms"},
      {"agent_medium_intervals WHERE tenant = 'bank' AND begin_ms >= 1",
       "agent_medium_intervals_by_time (tenant=? AND begin_ms"},
  };
  for (const auto& [question, way] : kQuestions) {
    EXPECT_THAT(lines_of(path_, std::string("EXPLAIN QUERY PLAN SELECT * FROM ") + question),
                ElementsAre(HasSubstr(way)))
        << question;
  }
}

TEST_F(HistoryQueriesTest, TheQuestionsOfTheReadmeReadNoWholeTable) {
  for (const std::string& question : examples()) {
    for (const std::string& line : lines_of(path_, "EXPLAIN QUERY PLAN " + question)) {
      // What a question makes of rows that it has found by an index is no table.
      if (line.find("SCAN json_each") != std::string::npos ||
          line.find("SCAN (subquery") != std::string::npos ||
          line.find("SCAN buckets") != std::string::npos ||
          line.find("SCAN ranked") != std::string::npos) {
        continue;
      }
      EXPECT_THAT(line, Not(AnyOf(EndsWith("(tenant=?)"), HasSubstr("SCAN")))) << question;
    }
  }
}

TEST_F(HistoryQueriesTest, QueueLogHasTheLinesThatReadersExpect) {
  auto database = *open_history_for_reading(path_);
  std::vector<std::string> lines;
  const auto keep = [&](const std::string& line) {
    lines.push_back(line);
    return absl::OkStatus();
  };
  ASSERT_TRUE(read_queue_log(database, {.tenant = "bank"}, keep).ok());
  EXPECT_THAT(
      lines,
      ElementsAre(
          "1767599995|NONE|NONE|ada|AGENTLOGIN|100\n", "1767599996|NONE|NONE|ada|UNPAUSEALL|\n",
          "1767599997|NONE|sales|ada|ADDMEMBER|\n", "1767600000|c1|sales|NONE|ENTERQUEUE|||1\n",
          "1767600005|c1|sales|bob|RINGNOANSWER|4000\n", "1767600005|NONE|NONE|bob|PAUSEALL|201\n",
          "1767600007|c1|sales|ada|CONNECT|7|c1|2\n", "1767600060|c2|sales|NONE|ENTERQUEUE|||1\n",
          "1767600067|c2|sales|NONE|ABANDON|1|1|7\n",
          "1767600100|c1|sales|ada|COMPLETECALLER|7|93|1\n", "1767600200|NONE|sales|ada|PAUSE|4\n",
          "1767600210|NONE|sales|ada|UNPAUSE|\n", "1767600220|NONE|sales|ada|REMOVEMEMBER|\n",
          "1767600230|NONE|NONE|ada|AGENTLOGOFF||235\n"));
}

// Calls that wait, talk and are wrapped up across the ends of the windows, some in two queues, by
// overflow or transfer.
TenantRows busy_hours(int64_t calls) {
  TenantRows busy;
  busy.tenant = "busy";
  uint64_t random = 1;
  const auto up_to = [&](int64_t ms) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int64_t>(random >> 33) % ms;
  };
  for (int64_t i = 1; i <= calls; ++i) {
    CallRow call = answered_call(i * 10, "c" + std::to_string(i), kSampleMs + i * 40'000);
    call.wait_ms = 5'000 + up_to(20 * 60'000);
    VisitRow first = visit_of(call, VisitEnd::kOverflowed);
    OfferRow offer = offer_of(call, 1, "bob", OfferOutcome::kNoAnswer);
    offer.ended_ms = offer.made_ms + up_to(call.wait_ms - 1'000);
    busy.rows.offers.push_back(offer);
    if (i % 3 == 0) {
      if (i % 6 == 0) {
        first.end = VisitEnd::kAnswered;
        first.agent = "bob";
        TalkRow talk = talk_of(call);
        talk.agent = "bob";
        talk.connected_ms = talk.ended_ms = first.ended_ms;
        talk.end = TalkEnd::kTransferred;
        talk.target_kind = TransferTarget::kQueue;
        talk.target = "sales";
        busy.rows.talks.push_back(talk);
      }
      busy.rows.visits.push_back(first);
      call.visits = 2;
      call.arrived_ms += call.wait_ms;
    }
    VisitRow last = visit_of(call, VisitEnd::kAnswered);
    last.visit = call.visits;
    busy.rows.visits.push_back(last);
    call.ended_ms = last.ended_ms + up_to(50 * 60'000);
    if (i % 2 == 0) call.wrap_up_ms = up_to(90 * 60'000);
    call.connected_ms = last.ended_ms;
    busy.rows.calls.push_back(call);
    TalkRow talk = talk_of(call);
    talk.part = call.visits;
    busy.rows.talks.push_back(talk);
    const AgentEventKind kind = i % 2 == 0 ? AgentEventKind::kReady : AgentEventKind::kNotReady;
    busy.rows.agent_events.push_back({i, call.arrived_ms, "ada", kind, "", 0, "", kAbsentMs, ""});
  }
  return busy;
}

// The rows that are in the file at a time.
TenantRows rows_told_before(TenantRows rows, int64_t ms) {
  std::erase_if(rows.rows.calls, [&](const CallRow& call) {
    return call.ended_ms + std::max(call.wrap_up_ms, int64_t{0}) >= ms;
  });
  std::erase_if(rows.rows.talks, [&](const TalkRow& talk) {
    return talk.ended_ms + std::max(talk.wrap_up_ms, int64_t{0}) >= ms;
  });
  std::erase_if(rows.rows.visits, [&](const VisitRow& visit) { return visit.ended_ms >= ms; });
  std::erase_if(rows.rows.offers, [&](const OfferRow& offer) { return offer.ended_ms >= ms; });
  std::erase_if(rows.rows.agent_events, [&](const AgentEventRow& row) { return row.at_ms >= ms; });
  return rows;
}

// Each export is made at the end of its hour, of what is in the file by then.
TEST_F(HistoryQueriesTest, HourlyQueueLogsHaveEveryLineOnceAndEachCallInItsOrder) {
  const TenantRows busy = busy_hours(400);
  const auto file = open_file(path_);
  auto database = *open_history_for_reading(path_);
  const auto read = [&](const QueueLogFilter& filter) {
    std::vector<std::string> lines;
    EXPECT_TRUE(read_queue_log(database, filter, [&](const std::string& line) {
                  lines.push_back(line);
                  return absl::OkStatus();
                }).ok());
    return lines;
  };
  constexpr int64_t kHourMs = 3'600'000;
  std::vector<std::string> hours;
  for (int64_t begin_ms = kSampleMs; begin_ms < kSampleMs + 12 * kHourMs; begin_ms += kHourMs) {
    ASSERT_TRUE(file->write({rows_told_before(busy, begin_ms + kHourMs)}, 43, kSampleMs).ok());
    std::vector<std::string> lines = read({"busy", begin_ms, begin_ms + kHourMs});
    EXPECT_TRUE(std::is_sorted(lines.begin(), lines.end(), [](const auto& one, const auto& other) {
      return one.substr(0, 10) < other.substr(0, 10);
    }));
    hours.insert(hours.end(), lines.begin(), lines.end());
  }
  ASSERT_TRUE(file->write({busy}, 43, kSampleMs).ok());
  const std::vector<std::string> whole = read({.tenant = "busy"});
  EXPECT_GT(whole.size(), 1'500u);
  EXPECT_THAT(hours, UnorderedElementsAreArray(whole));
  // Of every call, in the order of the whole.
  const auto by_call = [](std::vector<std::string> lines) {
    const auto call_of = [](const std::string& line) {
      return line.substr(11, line.find('|', 11) - 11);
    };
    std::stable_sort(lines.begin(), lines.end(), [&](const auto& one, const auto& other) {
      return call_of(one) < call_of(other);
    });
    return lines;
  };
  EXPECT_EQ(by_call(hours), by_call(whole));
}

TEST_F(HistoryQueriesTest, QueueLogHasNoFieldMoreThanItShould) {
  TenantRows odd = sample_rows();
  odd.tenant = "odd";
  odd.rows.calls.clear();
  odd.rows.talks.clear();
  odd.rows.offers.clear();
  odd.rows.agent_events.clear();
  odd.rows.visits = {odd.rows.visits[1]};
  odd.rows.visits[0].call = "a|b\nc";
  ASSERT_TRUE(open_file(path_)->write({odd}, 43, kSampleMs).ok());
  auto database = *open_history_for_reading(path_);
  std::string all;
  ASSERT_TRUE(read_queue_log(database, {.tenant = "odd"}, [&](const std::string& line) {
                all += line;
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(all,
            "1767600060|a_b_c|sales|NONE|ENTERQUEUE|||1\n"
            "1767600067|a_b_c|sales|NONE|ABANDON|1|1|7\n");
}

}  // namespace
}  // namespace acd
