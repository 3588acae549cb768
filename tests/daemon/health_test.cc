// SPDX-License-Identifier: Apache-2.0
// What counts as trouble, and what the log says of it.
#include "daemon/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace acd {
namespace {

using ::testing::HasSubstr;

TEST(HealthTest, AJournalIsInTroubleWhileItHasNoSpace) {
  EXPECT_TRUE(journal_troubles("main", JournalSpace::kEnough, "").empty());
  const std::vector<Trouble> low = journal_troubles("main", JournalSpace::kLow, "quota of 5 MB");
  ASSERT_EQ(low.size(), 1u);
  EXPECT_EQ(low[0].part, "journal");
  EXPECT_TRUE(low[0].holds_up_work);
  EXPECT_THAT(low[0].reason, HasSubstr("new calls are refused"));
  EXPECT_THAT(low[0].reason, HasSubstr("quota of 5 MB"));
  EXPECT_THAT(journal_troubles("main", JournalSpace::kNone, "x")[0].reason,
              HasSubstr("switches are not read"));
}

TEST(HealthTest, AHistoryHoldsUpWorkOnlyWhenItIsTooFarBehind) {
  HistoryStatus status;
  status.rows_waiting = 100'000;  // Lag alone is no trouble: it has a limit.
  EXPECT_TRUE(history_troubles("main", status).empty());
  status.error = "database is locked";
  ASSERT_EQ(history_troubles("main", status).size(), 1u);
  EXPECT_FALSE(history_troubles("main", status)[0].holds_up_work);
  status.is_full = true;
  EXPECT_TRUE(history_troubles("main", status)[0].holds_up_work);
  EXPECT_THAT(history_troubles("main", status)[0].reason, HasSubstr("database is locked"));
}

TEST(HealthTest, ASnapshotThatFailsIsATroubleThatHoldsUpNoWork) {
  SnapshotState state;
  state.partition = "main";
  state.failures = 3;  // Of before; the last one went well.
  EXPECT_TRUE(snapshot_troubles(state).empty());
  state.error = "killed by signal 9";
  ASSERT_EQ(snapshot_troubles(state).size(), 1u);
  EXPECT_EQ(snapshot_troubles(state)[0].part, "snapshot");
  EXPECT_THAT(snapshot_troubles(state)[0].reason, HasSubstr("killed by signal 9"));
  EXPECT_FALSE(snapshot_troubles(state)[0].holds_up_work);
  state.cut_error = "cannot remove x";
  EXPECT_THAT(snapshot_troubles(state)[0].reason, HasSubstr("by signal 9; cannot remove x"));
  state.error = "";
  EXPECT_THAT(snapshot_troubles(state)[0].reason, HasSubstr("journal cannot be cut"));
}

TEST(HealthTest, TheLogSaysOnceWhatBeginsAndWhatEnds) {
  HealthLog log;
  EXPECT_EQ(log.note({{"main", "journal", "full", true}}), 1);
  EXPECT_EQ(log.note({{"main", "journal", "fuller", true}}), 0);
  EXPECT_EQ(log.note({{"main", "journal", "full", true}, {"other", "journal", "full", true}}), 1);
  EXPECT_EQ(log.note({}), 2);
  EXPECT_EQ(log.note({}), 0);
}

}  // namespace
}  // namespace acd
