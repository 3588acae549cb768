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
      Database::open(path_, Database::Mode::kWrite)->execute("PRAGMA user_version = 6").ok());
  EXPECT_THAT(error_of_open(), HasSubstr("is of format 6, and this release knows 5"));
  EXPECT_THAT(std::string(open_history_for_reading(path_).status().message()),
              HasSubstr("a newer release wrote it"));
}

TEST_F(HistoryFileTest, SaysWhatAnOlderFormatLacksAndWhatToDo) {
  open_file(path_).reset();
  ASSERT_TRUE(
      Database::open(path_, Database::Mode::kWrite)->execute("PRAGMA user_version = 3").ok());
  EXPECT_THAT(error_of_open(),
              HasSubstr("is of format 3, which has no media, and this release knows 5; move it "
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
