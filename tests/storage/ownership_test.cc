// SPDX-License-Identifier: Apache-2.0
// The epoch rises with every owner, whatever becomes of its file.
#include "daemon/storage/ownership.h"

#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "tests/storage/faulty_files.h"
#include "tests/storage/journal_fixture.h"

namespace acd {
namespace {

class OwnershipTest : public JournalFixture {
 protected:
  void SetUp() override {
    JournalFixture::SetUp();
    std::filesystem::create_directory(options_.folder);
  }
  uint64_t next_epoch(uint64_t epoch_last) {
    const auto ownership = FileOwnership::open(options_.folder, epoch_last);
    EXPECT_TRUE(ownership.ok()) << ownership.status();
    return ownership.ok() ? (*ownership)->epoch() : 0;
  }
};

TEST_F(OwnershipTest, EpochRisesWithEveryOpen) {
  EXPECT_EQ(next_epoch(0), 1u);
  EXPECT_EQ(next_epoch(1), 2u);
  EXPECT_EQ(next_epoch(0), 3u);
  EXPECT_EQ(read_bytes(options_.folder + "/EPOCH"), "3\n");
}

TEST_F(OwnershipTest, LostFileNeverLowersTheEpoch) {
  EXPECT_EQ(next_epoch(7), 8u);
  std::filesystem::remove(options_.folder + "/EPOCH");
  EXPECT_EQ(next_epoch(8), 9u);
}

TEST_F(OwnershipTest, IsOwnedForEver) {
  const auto ownership = FileOwnership::open(options_.folder, 0);
  ASSERT_TRUE(ownership.ok());
  EXPECT_EQ((*ownership)->valid_until_ns(), INT64_MAX);
}

TEST_F(OwnershipTest, DamagedFileIsRefusedWithItsName) {
  for (const std::string text : {"", "\n", "0\n", "7", "07\n", "-7\n", " 7\n", "7 \n", "seven\n",
                                 "18446744073709551615\n", "18446744073709551616\n"}) {
    write_bytes(options_.folder + "/EPOCH", text);
    const auto ownership = FileOwnership::open(options_.folder, 0);
    EXPECT_EQ(ownership.status().code(), absl::StatusCode::kDataLoss) << text;
    EXPECT_TRUE(absl::StrContains(ownership.status().message(), options_.folder + "/EPOCH"));
    EXPECT_EQ(read_bytes(options_.folder + "/EPOCH"), text);
  }
}

TEST_F(OwnershipTest, FailureLeavesTheOldEpoch) {
  EXPECT_EQ(next_epoch(0), 1u);
  FaultyFiles files;
  files.fail_syncs(EIO);
  EXPECT_FALSE(FileOwnership::open(options_.folder, 0, &files).ok());
  EXPECT_EQ(read_bytes(options_.folder + "/EPOCH"), "1\n");
  EXPECT_EQ(next_epoch(0), 2u);
}

TEST_F(OwnershipTest, FakeExpiresWhenTold) {
  FakeOwnership ownership(5);
  EXPECT_EQ(ownership.epoch(), 5u);
  EXPECT_EQ(ownership.valid_until_ns(), INT64_MAX);
  ownership.expire_at(17);
  EXPECT_EQ(ownership.valid_until_ns(), 17);
}

}  // namespace
}  // namespace acd
