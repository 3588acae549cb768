// SPDX-License-Identifier: Apache-2.0
// Space is pulled away from a whole daemon under load, and comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "daemon/checkpoint.h"
#include "tests/daemon/busy_switch.h"
#include "tests/daemon/server_fixture.h"
#include "tests/http/http_client.h"
#include "tests/storage/faulty_files.h"

namespace acd {
namespace {

class DiskFullTest : public ServerTest {
 protected:
  DiskFullTest() {
    settings_.http_listen = "127.0.0.1:0";
    settings_.durability = Durability::kNone;
    journal_.files = &files_;
    settings_.journal_segment_bytes = size_t{512} << 10;
    journal_.space_retry = std::chrono::milliseconds(1);
    journal_.space_wait_at_stop = std::chrono::milliseconds(1);
  }
  // The daemon writes to `files_` up to its end.
  ~DiskFullTest() override { server_.reset(); }
  // Plays calls until the journal says `space`; reads meanwhile, as wallboards do.
  void play_until(BusySwitch& pbx, JournalSpace space) {
    for (int round = 0; server_->space() != space; ++round) {
      pbx.play(std::to_string(static_cast<int>(space)) + "-" + std::to_string(round), 100);
      ASSERT_TRUE(pbx.send());
      pbx.await_all();
    }
  }
  void make_room() {
    const auto written = write_checkpoint({settings_.data_dir + "/main", "main", "test"});
    ASSERT_TRUE(written.ok()) << written.status();
    while (server_->space() != JournalSpace::kEnough) server_->tend();
  }
  void expect_calls_are_taken(BusySwitch& pbx) {
    const int64_t before = total().offered();
    pbx.play("after", 10);
    ASSERT_TRUE(pbx.send());
    pbx.await_all();
    EXPECT_EQ(total().offered(), before + 10);
  }

  FaultyFiles files_;
};

TEST_F(DiskFullTest, RefusesNewCallsThenWaitsThenGoesOnAndLosesNothing) {
  start();
  int64_t offered = 0;
  int64_t said = 0;
  {
    BusySwitch pbx(channel_);
    pbx.play("before", 100);
    ASSERT_TRUE(pbx.send());
    pbx.await_all();
    EXPECT_TRUE(pbx.reasons().empty());

    files_.limit_space(0);
    play_until(pbx, JournalSpace::kLow);
    const int64_t taken = total().offered();
    pbx.play("low", 1);
    ASSERT_TRUE(pbx.send());
    pbx.await_all();
    EXPECT_TRUE(pbx.reasons().contains(v1::ERROR_REASON_STORAGE_FULL));
    EXPECT_EQ(total().offered(), taken);  // Refused, yet the switch is answered, and so are reads.
    EXPECT_THAT(http_get(server_->http_address(), "/readyz"),
                testing::HasSubstr("not ready\njournal of main: storage full"));
    EXPECT_THAT(http_get(server_->http_address(), "/metrics"),
                testing::HasSubstr("acd_storage_full{partition=\"main\"} 1\n"));
    while (health_of("acd.journal") != 2) continue;

    // Nothing waits for answers any more: the reserve is used up, the daemon reads no further.
    std::atomic<bool> is_full{false};  // Space may be back before the caller looks.
    std::thread caller([&] {
      for (int round = 0; !is_full; ++round) {
        pbx.play("more-" + std::to_string(round), 200);
        if (!pbx.send()) return;
      }
    });
    while (server_->space() != JournalSpace::kNone) total();
    EXPECT_EQ(total().offered(), taken);
    is_full = true;
    files_.lift_space_limit();
    caller.join();
    pbx.await_all();
    while (server_->space() != JournalSpace::kEnough) total();
    EXPECT_TRUE(server_->figures().troubles.empty());
    while (health_of("acd.journal") != 1) continue;
    const int64_t before = total().offered();
    pbx.play("after", 10);
    ASSERT_TRUE(pbx.send());
    pbx.await_all();
    offered = total().offered();
    EXPECT_EQ(offered, before + 10);
    said = pbx.sequence();
  }
  server_->stop();
  server_.reset();
  start();
  EXPECT_EQ(total().offered(), offered);
  EXPECT_EQ(BusySwitch(channel_).sequence(), said);
}

TEST_F(DiskFullTest, LargestSizeOfTheJournalRefusesNewCallsUntilASnapshotLetsItBeCut) {
  settings_.journal_bytes_max = 4 * settings_.journal_segment_bytes;
  start();
  BusySwitch pbx(channel_);
  pbx.play("before", 100);
  ASSERT_TRUE(pbx.send());
  pbx.await_all();
  EXPECT_TRUE(pbx.reasons().empty());

  play_until(pbx, JournalSpace::kLow);
  EXPECT_EQ(server_->figures().partitions[0].journal.bytes, settings_.journal_bytes_max);
  const int64_t taken = total().offered();
  pbx.play("low", 1);
  ASSERT_TRUE(pbx.send());
  pbx.await_all();  // Answered, and refused: what is there goes on.
  EXPECT_TRUE(pbx.reasons().contains(v1::ERROR_REASON_STORAGE_FULL));
  EXPECT_EQ(total().offered(), taken);
  EXPECT_THAT(http_get(server_->http_address(), "/readyz"),
              testing::HasSubstr("journal-bytes-max allows 2097152: a snapshot"));
  EXPECT_THAT(http_get(server_->http_address(), "/metrics"),
              testing::HasSubstr("acd_journal_full{partition=\"main\"} 1\n"));
  EXPECT_NE(health_of("acd.journal"), 1);

  make_room();
  EXPECT_THAT(http_get(server_->http_address(), "/metrics"),
              testing::HasSubstr("acd_journal_full{partition=\"main\"} 0\n"));
  expect_calls_are_taken(pbx);
}

// Nothing that is on its way, no timer and no refusal takes it further.
TEST_F(DiskFullTest, LargestSizeOfTheJournalIsNeverExceededAndAStopThereIsOneWithoutSpace) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  settings_.journal_bytes_max = 4 * settings_.journal_segment_bytes;
  EXPECT_EXIT(
      {
        start();
        BusySwitch pbx(channel_);
        std::thread caller([&] {
          for (int round = 0;; ++round) {
            pbx.play(std::to_string(round), 200);
            if (!pbx.send()) return;
          }
        });
        while (server_->space() != JournalSpace::kNone) total();
        uint64_t bytes = 0;
        for (const auto& entry :
             std::filesystem::directory_iterator(settings_.data_dir + "/main")) {
          const std::string name = entry.path().filename();
          if (name.ends_with(".segment") || name == "next") bytes += entry.file_size();
        }
        if (bytes > settings_.journal_bytes_max) std::_Exit(1);
        server_->stop();
        std::_Exit(0);  // Not reached: the stop ends the process.
      },
      ::testing::ExitedWithCode(Gate::kExitStorageFull), "journal-bytes-max");
  // It starts there again, and goes on once a snapshot lets it.
  start();
  make_room();
  BusySwitch pbx(channel_);
  expect_calls_are_taken(pbx);
}

TEST_F(DiskFullTest, StopWithoutSpaceEndsWithItsExitCode) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        start();
        BusySwitch pbx(channel_);
        files_.limit_space(0);
        std::thread caller([&] {
          for (int round = 0;; ++round) {
            pbx.play(std::to_string(round), 200);
            if (!pbx.send()) return;
          }
        });
        while (server_->space() != JournalSpace::kNone) total();
        server_->stop();
        std::_Exit(0);  // Not reached: the stop ends the process.
      },
      ::testing::ExitedWithCode(Gate::kExitStorageFull), "stopped without space");
}

}  // namespace
}  // namespace acd
