// SPDX-License-Identifier: Apache-2.0
#include "daemon/history/history_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/daemon/partition_fixture.h"
#include "tests/history/history_sample.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HistoryFileTest : public ::testing::Test {
 protected:
  std::string error_of_open(const HistoryOrigin& origin = kSampleOrigin,
                            uint64_t sequence_last = 1'000) {
    const auto file = HistoryFile::open(path_, origin, sequence_last);
    return file.ok() ? "" : std::string(file.status().message());
  }

  TempFolder folder_;
  const std::string path_ = folder_.path() + "/history.sqlite";
};

TEST_F(HistoryFileTest, KeepsRowsAndProgressTogether) {
  ASSERT_TRUE(open_file(path_)->write({sample_rows()}, 42, kSampleMs).ok());
  const auto file = open_file(path_);
  EXPECT_EQ(file->sequence(), 42u);
  EXPECT_THAT(lines_of(path_, "SELECT call, outcome, agent, wait_ms, talk_ms FROM calls"),
              ElementsAre("c1|completed|ada|7000|90000", "c2|abandoned|-|7000|-"));
  EXPECT_THAT(lines_of(path_,
                       "SELECT call, part, queue, agent, talk_ms, hold_ms, ended, target, "
                       "connected, ended_at, over_at FROM talks_utc"),
              ElementsAre("c1|1|sales|ada|90000|3000|completed|-|2026-01-05T08:00:07.000Z|"
                          "2026-01-05T08:01:40.000Z|2026-01-05T08:01:40.000Z"));
  EXPECT_THAT(lines_of(path_, "SELECT arrived, ended FROM calls_utc WHERE call = 'c1'"),
              ElementsAre("2026-01-05T08:00:00.000Z|2026-01-05T08:01:40.000Z"));
  EXPECT_THAT(lines_of(path_, "SELECT agent, reason, not_ready_ms FROM agent_not_ready"),
              ElementsAre("ada|7|10000"));
}

TEST_F(HistoryFileTest, RowsThatComeAgainTakeTheirOwnPlace) {
  const auto file = open_file(path_);
  TenantRows rows = sample_rows();
  ASSERT_TRUE(file->write({rows}, 1, kSampleMs).ok());
  rows.rows.queue_intervals[0].interval.media.of(Medium::kVoice).counts.offered = 3;
  ASSERT_TRUE(file->write({rows}, 2, kSampleMs).ok());
  EXPECT_THAT(lines_of(path_, "SELECT count(*) FROM calls"), ElementsAre("2"));
  EXPECT_THAT(lines_of(path_, "SELECT offered FROM queue_intervals"), ElementsAre("3"));
  EXPECT_THAT(lines_of(path_, "SELECT medium, offered FROM queue_medium_intervals"),
              ElementsAre("voice|3"));
}

TEST_F(HistoryFileTest, TellsEachMediumBesideTheSum) {
  TenantRows rows = sample_rows();
  rows.rows.calls[1].medium = Medium::kChat;
  rows.rows.visits[1].medium = Medium::kChat;
  QueueFigures& chats = rows.rows.queue_intervals[0].interval.media.of(Medium::kChat);
  chats.counts.offered = 5;
  chats.counts.wait_max_ns = 3 * kNsPerS;
  chats.talk.add(40 * kNsPerS);
  AgentFigures& of_agent = rows.rows.agent_intervals[0].interval.media.of(Medium::kChat);
  of_agent.handled = 4;
  of_agent.talk_ns = 40 * kNsPerS;
  of_agent.outcomes.resolved = 2;
  ASSERT_TRUE(open_file(path_)->write({rows}, 42, kSampleMs).ok());
  EXPECT_THAT(lines_of(path_, "SELECT call, medium FROM calls ORDER BY number"),
              ElementsAre("c1|voice", "c2|chat"));
  EXPECT_THAT(lines_of(path_, "SELECT call, medium FROM visits ORDER BY number"),
              ElementsAre("c1|voice", "c2|chat"));
  EXPECT_THAT(lines_of(path_,
                       "SELECT medium, offered, talk_sum_ms, talk_max_ms FROM "
                       "queue_medium_intervals_utc WHERE begin = '2026-01-05T08:00:00Z' "
                       "UNION ALL SELECT 'all', offered, talk_sum_ms, talk_max_ms "
                       "FROM queue_intervals"),
              ElementsAre("chat|5|40000|40000", "voice|2|90000|90000", "all|7|130000|90000"));
  EXPECT_THAT(lines_of(path_,
                       "SELECT medium, handled, talk_sum_ms, resolved FROM "
                       "agent_medium_intervals_utc UNION ALL "
                       "SELECT 'all', handled, talk_sum_ms, resolved FROM agent_intervals"),
              ElementsAre("chat|4|40000|2", "voice|1|90000|0", "all|5|130000|2"));
}

// The tenant, a skill, a band and a team with their figures, and once more after the clock was set back.
TEST_F(HistoryFileTest, TellsTheScopesOfAnIntervalAndTheSumOfItsPasses) {
  TenantRows rows{"bank", {}};
  const auto add = [&](StatsScope::Kind kind, const std::string& name, int64_t pass) {
    ScopeIntervalRow& row = rows.rows.scope_intervals.emplace_back();
    row.kind = kind;
    row.name = name;
    row.begin_ms = kSampleMs;
    row.pass = pass;
    Figures figures{};
    figures[number_of(Figure::kOffered)] = pass == 0 ? 5 : 2;
    figures[number_of(Figure::kAnswered)] = pass == 0 ? 4 : 1;
    figures[number_of(Figure::kBusyNs)] = 90 * kNsPerS;
    figures[number_of(Figure::kIdleNs)] = 10 * kNsPerS;
    figures[number_of(Figure::kCallsBegun)] = 3;
    figures[number_of(Figure::kCallsEnded)] = 2;
    const size_t wait = number_of(DurationKind::kWaitAnswered);
    figures[wait] = 1;
    figures[wait + 1] = figures[wait + 2] = (pass == 0 ? 9 : 40) * kNsPerS;
    row.figures = cells_of(figures);
    row.waiting_at_begin = pass == 0 ? 1 : 7;
    row.waiting_at_end = pass == 0 ? 2 : 3;
    row.live_at_end = 1;
    row.histogram.add(static_cast<uint32_t>(DurationKind::kWaitAnswered), pass == 0 ? 50 : 60);
  };
  for (const int64_t pass : {0, 77}) {
    add(StatsScope::Kind::kTenant, "", pass);
    add(StatsScope::Kind::kSkill, "", pass);
    add(StatsScope::Kind::kSkill, "ps", pass);
    add(StatsScope::Kind::kBand, "high", pass);
    add(StatsScope::Kind::kTeam, "night", pass);
    add(StatsScope::Kind::kQueue, "sales", pass);
  }
  const auto file = open_file(path_);
  for (const uint64_t sequence : {42, 43}) {  // Rows may come again.
    ASSERT_TRUE(file->write({rows}, sequence, kSampleMs).ok());
  }
  EXPECT_THAT(
      lines_of(path_,
               "SELECT begin, offered, answered, busy_ms, idle_ms, calls_begun, calls_completed, "
               "calls_live_at_end, waiting_at_begin, waiting_at_end, wait_answered_count, "
               "wait_answered_sum_ms, wait_answered_max_ms, wait_answered_histogram, "
               "talk_histogram FROM tenant_intervals_utc"),
      ElementsAre("2026-01-05T08:00:00Z|7|5|180000|20000|6|4|1|1|3|2|49000|40000|[50,1],[60,1]|-"));
  EXPECT_THAT(
      lines_of(path_, "SELECT skill, offered, wait_answered_histogram FROM skill_intervals"),
      ElementsAre("|7|[50,1],[60,1]", "ps|7|[50,1],[60,1]"));
  EXPECT_THAT(lines_of(path_, "SELECT band, offered FROM band_intervals"), ElementsAre("high|7"));
  EXPECT_THAT(lines_of(path_, "SELECT team, answered, busy_ms FROM team_intervals"),
              ElementsAre("night|5|180000"));
  EXPECT_THAT(lines_of(path_, "SELECT queue, wait_answered_histogram FROM queue_histograms"),
              ElementsAre("sales|[50,1],[60,1]"));
  EXPECT_THAT(lines_of(path_, "SELECT pass, offered FROM tenant_intervals_passes"),
              ElementsAre("0|5", "77|2"));
  ASSERT_TRUE(file->remove_before("bank", kSampleMs + 1, 100).ok());
  for (const ScopeTable& table : kScopeTables) {
    const std::string name = table.name;
    EXPECT_THAT(lines_of(path_, "SELECT count(*) FROM " + name), ElementsAre("0")) << name;
    EXPECT_THAT(lines_of(path_, "SELECT count(*) FROM " + name + "_passes"), ElementsAre("0"));
  }
}

TEST_F(HistoryFileTest, AHistogramComesBackFromItsText) {
  Histogram histogram;
  for (const int64_t value : {0, 1, 63, 64, 12'000, 12'001, 900'000'000}) histogram.add(3, value);
  histogram.add(2, 5);
  const std::string text = histogram_text(histogram, static_cast<DurationKind>(3));
  Histogram again;
  ASSERT_TRUE(add_histogram_text(text, 3, &again).ok());
  again.add(2, 5);
  EXPECT_EQ(again, histogram);
  ASSERT_TRUE(add_histogram_text(text + "," + text, 3, &again).ok());
  EXPECT_EQ(again.count(3), 3 * histogram.count(3));
  for (const char* wrong : {"x", "[", "[1]", "[1,2", "[1,2],", "[1,2][3,4]", "[,]", "[1,-2]"}) {
    EXPECT_FALSE(add_histogram_text(wrong, 0, &again).ok()) << wrong;
  }
}

TEST_F(HistoryFileTest, RefusesWhatIsNoDatabase) {
  std::ofstream(path_) << "This is a letter, and a rather long one, to somebody far away.";
  EXPECT_THAT(error_of_open(), HasSubstr("is no history file of acdd"));
  EXPECT_FALSE(open_history_for_reading(path_).ok());
}

TEST_F(HistoryFileTest, RefusesTheDatabaseOfAnotherProgram) {
  ASSERT_TRUE(Database::open(path_, Database::Mode::kWrite)->execute("CREATE TABLE t(a)").ok());
  EXPECT_THAT(error_of_open(), HasSubstr("is no history file of acdd"));
}

TEST_F(HistoryFileTest, RefusesANewerFormat) {
  open_file(path_).reset();
  ASSERT_TRUE(
      Database::open(path_, Database::Mode::kWrite)->execute("PRAGMA user_version = 7").ok());
  EXPECT_THAT(error_of_open(), HasSubstr("is of format 7, and this release knows 6"));
  EXPECT_THAT(std::string(open_history_for_reading(path_).status().message()),
              HasSubstr("a newer release wrote it"));
}

TEST_F(HistoryFileTest, SaysWhatAnOlderFormatLacksAndWhatToDo) {
  open_file(path_).reset();
  ASSERT_TRUE(
      Database::open(path_, Database::Mode::kWrite)->execute("PRAGMA user_version = 3").ok());
  EXPECT_THAT(error_of_open(),
              HasSubstr("is of format 3, which has no media, and this release knows 6; move it "
                        "away, and it is filled anew as far back as the journal reaches"));
}

TEST_F(HistoryFileTest, RefusesTheHistoryOfAnotherJournal) {
  open_file(path_).reset();
  EXPECT_THAT(error_of_open({"ffff", "main"}), HasSubstr("belongs to the journal 00112233"));
  EXPECT_THAT(error_of_open({"00112233", "other"}), HasSubstr("of partition main"));
}

TEST_F(HistoryFileTest, RefusesToKnowMoreThanTheJournal) {
  ASSERT_TRUE(open_file(path_)->write({}, 43, kSampleMs).ok());
  EXPECT_THAT(error_of_open(kSampleOrigin, 42),
              HasSubstr("holds the journal's records up to 43, but the journal ends at 42"));
  EXPECT_EQ(error_of_open(kSampleOrigin, 43), "");
}

TEST_F(HistoryFileTest, RemovesWhatIsOldInSlicesAndGivesThePagesBack) {
  const auto file = open_file(path_);
  constexpr int64_t kCalls = 2'000;
  TenantRows rows;
  rows.tenant = "bank";
  for (int64_t i = 0; i < kCalls; ++i) {
    const CallRow call = answered_call(100 + i, "call-" + std::to_string(i), kSampleMs + i);
    rows.rows.calls.push_back(call);
    rows.rows.talks.push_back(talk_of(call));
    rows.rows.visits.push_back(visit_of(call, VisitEnd::kAnswered));
    rows.rows.offers.push_back(offer_of(call, 1, "ada", OfferOutcome::kAccepted));
  }
  ASSERT_TRUE(file->write({rows}, 1, kSampleMs).ok());
  ASSERT_TRUE(file->write({sample_rows()}, 2, kSampleMs).ok());
  const int64_t pages_before =
      *Database::open(path_, Database::Mode::kReadOnly)->number("PRAGMA page_count");
  int slices = 1;
  for (;; ++slices) {
    const absl::StatusOr<bool> is_more = file->remove_before("bank", kSampleMs + kCalls, 300);
    ASSERT_TRUE(is_more.ok()) << is_more.status();
    if (!*is_more) break;
  }
  EXPECT_EQ(slices, 7);
  EXPECT_THAT(lines_of(path_, "SELECT call FROM calls"), ElementsAre("c2"));
  EXPECT_THAT(lines_of(path_,
                       "SELECT DISTINCT call FROM visits UNION SELECT call FROM offers "
                       "UNION SELECT call FROM talks"),
              ElementsAre("c2"));
  EXPECT_THAT(lines_of(path_, "SELECT * FROM queue_intervals"), IsEmpty());
  const int64_t pages_after =
      *Database::open(path_, Database::Mode::kReadOnly)->number("PRAGMA page_count");
  EXPECT_LT(pages_after, pages_before / 2);
}

TEST_F(HistoryFileTest, ALongReaderSeesItsMomentAndStopsNobody) {
  const auto file = open_file(path_);
  ASSERT_TRUE(file->write({sample_rows()}, 1, kSampleMs).ok());
  auto reader = *open_history_for_reading(path_);
  ASSERT_TRUE(reader.execute("BEGIN").ok());
  EXPECT_THAT(lines_of(reader, "SELECT count(*) FROM calls"), ElementsAre("2"));
  TenantRows more;
  more.tenant = "bank";
  for (int64_t i = 0; i < 5'000; ++i) {
    more.rows.calls.push_back(answered_call(100 + i, "more", kSampleMs + i));
  }
  ASSERT_TRUE(file->write({more}, 2, kSampleMs).ok());
  EXPECT_THAT(lines_of(reader, "SELECT count(*) FROM calls"), ElementsAre("2"));
  ASSERT_TRUE(reader.execute("COMMIT").ok());
  EXPECT_THAT(lines_of(reader, "SELECT count(*) FROM calls"), ElementsAre("5002"));
}

}  // namespace
}  // namespace acd
