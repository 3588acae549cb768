// SPDX-License-Identifier: Apache-2.0
// Copies of a history for a backup: what is in them, whom they belong to, and what is refused.
#include "daemon/history/history_copy.h"

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

class HistoryCopyTest : public ::testing::Test {
 protected:
  TempFolder folder_;
  const std::string path_ = folder_.path() + "/history.sqlite";
  const std::string copy_ = folder_.path() + "/backup/history.sqlite";

  void SetUp() override { std::filesystem::create_directory(folder_.path() + "/backup"); }
};

TEST_F(HistoryCopyTest, HoldsWhatIsWrittenWhileTheWriterHasTheFileOpen) {
  const auto file = open_file(path_);
  ASSERT_TRUE(file->write({sample_rows()}, 42, kSampleMs).ok());
  const absl::StatusOr<uint64_t> sequence = copy_history(path_, copy_);
  ASSERT_TRUE(sequence.ok()) << sequence.status();
  EXPECT_EQ(*sequence, 42u);
  ASSERT_TRUE(file->write({sample_rows()}, 43, kSampleMs).ok());
  EXPECT_THAT(lines_of(copy_, "SELECT call FROM calls"), ElementsAre("c1", "c2"));
  EXPECT_THAT(lines_of(copy_, "SELECT sequence FROM progress"), ElementsAre("42"));
  EXPECT_THAT(lines_of(path_, "SELECT sequence FROM progress"), ElementsAre("43"));
  // One file: what a checksum covers is all of it.
  const std::filesystem::directory_iterator files(folder_.path() + "/backup");
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(HistoryCopyTest, BelongsToTheJournalItIsGivenTo) {
  ASSERT_TRUE(open_file(path_)->write({sample_rows()}, 42, kSampleMs).ok());
  ASSERT_TRUE(copy_history(path_, copy_).ok());
  const HistoryOrigin other{"ffee", kSampleOrigin.partition};
  EXPECT_FALSE(HistoryFile::open(copy_, other, 42).ok());
  ASSERT_TRUE(move_history(copy_, other.journal).ok());
  const auto file = HistoryFile::open(copy_, other, 42);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE((*file)->write({sample_rows()}, 43, kSampleMs).ok());
}

TEST_F(HistoryCopyTest, RefusesWhatIsNoHistory) {
  std::ofstream(path_) << "This is a letter, and a rather long one, to somebody far away.";
  EXPECT_THAT(std::string(copy_history(path_, copy_).status().message()),
              HasSubstr("is no history file of acdd"));
}

TEST_F(HistoryCopyTest, RefusesADamagedHistoryAndSaysWhatToDo) {
  constexpr std::streamoff kPageBytes = 8'192;
  ASSERT_TRUE(open_file(path_)->write({sample_rows()}, 42, kSampleMs).ok());
  // The roots of the tables, but for the first page with the names of all.
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  const std::string zeros(kPageBytes, '\0');
  for (int page = 3; page < 8; ++page) {
    file.seekp(page * kPageBytes);
    file.write(zeros.data(), kPageBytes);
  }
  file.close();
  EXPECT_THAT(std::string(copy_history(path_, copy_).status().message()),
              HasSubstr("the history is damaged"));
}

}  // namespace
}  // namespace acd
