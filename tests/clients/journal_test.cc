// SPDX-License-Identifier: Apache-2.0
// acdctl on journals: verify, dump, stats, backup and restore of what a daemon wrote.
#include "clients/acdctl/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "clients/acdctl/commands.h"
#include "daemon/storage/records.h"
#include "daemon/storage/snapshot_file.h"
#include "tests/storage/journal_fixture.h"

namespace acd::acdctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// `root_` is the data folder; it holds the partition p1 with five records in two frames.
class JournalCommandsTest : public JournalFixture {
 protected:
  void SetUp() override {
    JournalFixture::SetUp();
    const std::unique_ptr<SegmentJournal> journal = open_journal();
    RecordingListener listener;
    ASSERT_TRUE(journal->start(&listener).ok());
    write_calls(*journal, 1, {"c1", "c2", "c3"});
    ASSERT_TRUE(listener.wait_durable(4));
    write_calls(*journal, 2, {});
    journal->stop();
  }
  void TearDown() override {
    JournalFixture::TearDown();
    std::filesystem::remove_all(root_ + "-backup");
    std::filesystem::remove_all(root_ + "-restored");
  }
  // A frame of an advance and an arrival for each of `calls`, a second apart.
  static void write_calls(SegmentJournal& journal, uint64_t epoch,
                          const std::vector<std::string>& calls) {
    FrameBuilder builder;
    int64_t now_ns = static_cast<int64_t>(journal.position()) * 1'000'000'000;
    builder.add_advance(TenantIndex(0u), now_ns, 2);
    for (const std::string& call : calls) {
      const std::string arena = call + "bi\"lling";
      acd::Command command;
      command.kind = CommandKind::kEnqueueCall;
      command.source = SourceIndex(1u);
      command.sequence = static_cast<int64_t>(builder.record_count());
      command.call = {0, static_cast<uint32_t>(call.size())};
      command.name = {static_cast<uint32_t>(call.size()), 8};
      command.age_ns = 250;
      now_ns += 1'000'000'000;
      builder.add_command(TenantIndex(0u), now_ns, command, arena);
    }
    FrameHeader header;
    header.epoch = epoch;
    header.first_sequence = journal.position();
    header.record_count = builder.record_count();
    header.now_ns = now_ns;
    header.wall_ns = 1'795'352'400'000'000'000 + now_ns;  // 2026-11-22 13:00 UTC.
    header.event_hash = 0xabc;
    journal.append(header, builder.take());
  }
  ExitCode run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    return run_acdctl(arguments, console_);
  }
  void damage(size_t offset) {
    std::string bytes = read_bytes(path_of(1));
    bytes[offset] = static_cast<char>(bytes[offset] ^ 1);
    write_bytes(path_of(1), bytes);
  }

  std::ostringstream out_;
  // A snapshot as acdd writes one, but for its contents; its path.
  std::string put_snapshot_of(uint8_t sequence, const HistoryId& id) {
    std::string head = "\x0a\x02p1\x12\x10";
    head.append(reinterpret_cast<const char*>(id.data()), id.size());
    head +=
        "\x1a\x03"
        "0.9\x20";
    head += static_cast<char>(sequence);
    const std::string path = snapshot_path(root_ + "/p1", sequence);
    SnapshotWriter writer(path);
    EXPECT_TRUE(writer.add(1, head).ok());
    EXPECT_TRUE(writer.finish().ok());
    return path;
  }

  std::ostringstream err_;
  Console console_{out_, err_, {}};
};

TEST_F(JournalCommandsTest, VerifyTakesADataFolderOrThatOfAPartition) {
  for (const std::string& folder : {root_, root_ + "/p1"}) {
    EXPECT_EQ(run({"journal", "verify", folder}), ExitCode::kOk) << err_.str();
    EXPECT_EQ(out_.str(), "p1: good; records 1 to 5 in 1 segment, epochs 1 to 2.\n");
  }
}

TEST_F(JournalCommandsTest, VerifyNeedsNoLockAndSaysThatADaemonRuns) {
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  EXPECT_EQ(run({"journal", "verify", root_}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("A daemon has it open: read without a lock"));
}

TEST_F(JournalCommandsTest, VerifyNamesFileAndByteOfADamageAndWhatToDo) {
  damage(kSegmentHeaderBytes + 70);
  EXPECT_EQ(run({"journal", "verify", root_}), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr(path_of(1) + " byte 128: damaged frame, record 1"),
                                HasSubstr("what to do: "), HasSubstr("acdctl restore")));
}

TEST_F(JournalCommandsTest, VerifySaysThatATornTailWillBeCutOff) {
  damage(kSegmentBytesMin - 1);
  EXPECT_EQ(run({"journal", "verify", root_}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("records 1 to 5"));
  EXPECT_THAT(out_.str(), HasSubstr("A torn tail of "));
}

TEST_F(JournalCommandsTest, VerifyLooksAtEachSnapshotBesideTheJournal) {
  const HistoryId id = open_journal()->history_id();
  HistoryId other = id;
  other[0] = static_cast<uint8_t>(other[0] ^ 1);
  const std::string good = put_snapshot_of(3, id);
  EXPECT_EQ(run({"journal", "verify", root_}), ExitCode::kOk) << err_.str();
  EXPECT_EQ(out_.str(),
            "p1: good; records 1 to 5 in 1 segment, epochs 1 to 2.\n"
            "p1: 00000000000000000003.snapshot: good; the state after record 3, of release 0.9.\n");
  EXPECT_EQ(run({"journal", "verify", root_, "--json"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("\"snapshots\":[{\"file\":\"00000000000000000003.snapshot\","
                                    "\"state\":\"good\",\"sequence\":3,\"release\":\"0.9\"}]"));

  const std::string ahead = put_snapshot_of(6, id);
  EXPECT_EQ(run({"journal", "verify", root_}), ExitCode::kLocalFile);
  EXPECT_THAT(out_.str(), HasSubstr("after record 3"));
  EXPECT_THAT(err_.str(), AllOf(HasSubstr(ahead + ": holds the state after record 6, and the "
                                                  "journal ends with record 5"),
                                HasSubstr("what to do: acdd does not start on it")));
  EXPECT_EQ(run({"journal", "verify", root_, "--json"}), ExitCode::kLocalFile);
  EXPECT_THAT(out_.str(), HasSubstr("\"state\":\"ahead\""));
  std::filesystem::remove(ahead);

  const std::string foreign = put_snapshot_of(4, other);
  EXPECT_EQ(run({"journal", "verify", root_}), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), HasSubstr(foreign + ": belongs to another journal"));
  std::filesystem::remove(foreign);

  std::filesystem::resize_file(good, std::filesystem::file_size(good) - 1);
  EXPECT_EQ(run({"journal", "verify", root_}), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr(good + ": is damaged"), HasSubstr("acdd goes on without")));
}

// Of record 1 as its name says, and of another as it says itself.
TEST_F(JournalCommandsTest, VerifyTellsARenamedSnapshot) {
  const std::string path = put_snapshot_of(3, open_journal()->history_id());
  std::filesystem::rename(path, snapshot_path(root_ + "/p1", 1));
  EXPECT_EQ(run({"journal", "verify", root_}), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), HasSubstr("is of record 3, not as its name says"));
}

TEST_F(JournalCommandsTest, FolderWithoutJournalIsRefused) {
  for (const char* command : {"verify", "dump", "stats"}) {
    EXPECT_EQ(run({"journal", command, "/nowhere"}), ExitCode::kLocalFile) << command;
    EXPECT_THAT(err_.str(), HasSubstr("/nowhere"));
    std::filesystem::create_directory(root_ + "-restored");
    EXPECT_EQ(run({"journal", command, root_ + "-restored"}), ExitCode::kLocalFile) << command;
    EXPECT_THAT(err_.str(), HasSubstr("holds no journal"));
  }
}

TEST_F(JournalCommandsTest, DumpPrintsARecordALineUnderItsFrame) {
  EXPECT_EQ(run({"journal", "dump", root_}), ExitCode::kOk) << err_.str();
  EXPECT_EQ(out_.str(),
            "frame 1..4 epoch 1 written 2026-11-22T13:00:04.000Z event hash 0000000000000abc\n"
            "  1 1.000000000s tenant=0 advance fired=2\n"
            "  2 2.000000000s tenant=0 enqueue_call source=1 sequence=1 name=\"bi\\\"lling\" "
            "call=\"c1\" age=\"0.000000250s\"\n"
            "  3 3.000000000s tenant=0 enqueue_call source=1 sequence=2 name=\"bi\\\"lling\" "
            "call=\"c2\" age=\"0.000000250s\"\n"
            "  4 4.000000000s tenant=0 enqueue_call source=1 sequence=3 name=\"bi\\\"lling\" "
            "call=\"c3\" age=\"0.000000250s\"\n"
            "frame 5..5 epoch 2 written 2026-11-22T13:00:05.000Z event hash 0000000000000abc\n"
            "  5 5.000000000s tenant=0 advance fired=2\n");
}

TEST_F(JournalCommandsTest, DumpSaysWhichWaitsWereTold) {
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  RecordingListener listener;
  FrameBuilder builder;
  for (const int64_t wait_ns : {int64_t{0}, int64_t{61'500'000'000}, INT64_MAX}) {
    acd::Command command;
    command.kind = CommandKind::kSetEwt;
    command.name = {0, 5};
    command.wait_ns = wait_ns;
    builder.add_command(TenantIndex(0u), 6'000'000'000, command, "sales");
  }
  FrameHeader header;
  header.epoch = 3;
  header.first_sequence = journal->position();
  header.record_count = builder.record_count();
  header.now_ns = 6'000'000'000;
  header.wall_ns = 1'795'352'406'000'000'000;
  ASSERT_TRUE(journal->start(&listener).ok());
  journal->append(header, builder.take());
  journal->stop();
  EXPECT_EQ(run({"journal", "dump", root_, "--from", "6"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("set_ewt name=\"sales\" wait=\"0.000000000s\"\n"),
                                HasSubstr("set_ewt name=\"sales\" wait=\"61.500000000s\"\n"),
                                HasSubstr("set_ewt name=\"sales\" wait=\"unknown\"\n")));
}

TEST_F(JournalCommandsTest, DumpBeginsAndEndsWhereItIsAsked) {
  EXPECT_EQ(run({"journal", "dump", root_, "--from", "3", "--count", "2", "--json"}), ExitCode::kOk)
      << err_.str();
  EXPECT_EQ(out_.str(),
            "{\"record\":3,\"frame\":1,\"epoch\":1,\"written\":\"2026-11-22T13:00:04.000Z\","
            "\"now\":\"3.000000000s\",\"tenant\":0,\"kind\":\"enqueue_call\",\"source\":1,"
            "\"sequence\":2,\"name\":\"bi\\\"lling\",\"call\":\"c2\",\"age\":\"0.000000250s\"}\n"
            "{\"record\":4,\"frame\":1,\"epoch\":1,\"written\":\"2026-11-22T13:00:04.000Z\","
            "\"now\":\"4.000000000s\",\"tenant\":0,\"kind\":\"enqueue_call\",\"source\":1,"
            "\"sequence\":3,\"name\":\"bi\\\"lling\",\"call\":\"c3\",\"age\":\"0.000000250s\"}\n");
  EXPECT_EQ(run({"journal", "dump", root_, "--from", "7"}), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), HasSubstr("ends with record 5, before --from 7"));
}

TEST_F(JournalCommandsTest, DumpWantsOnePartition) {
  std::filesystem::copy(root_ + "/p1", root_ + "/p2");
  EXPECT_EQ(run({"journal", "dump", root_}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("give the folder of one"));
}

TEST_F(JournalCommandsTest, CountsAreNumbersFromOne) {
  for (const char* bad : {"0", "-1", "many", "1e3"}) {
    EXPECT_EQ(run({"journal", "dump", root_, "--from", bad}), ExitCode::kUsage) << bad;
    EXPECT_THAT(err_.str(), HasSubstr("--from: \"" + std::string(bad) + "\""));
  }
}

TEST_F(JournalCommandsTest, StatsCountRecordsByKind) {
  EXPECT_EQ(run({"journal", "stats", root_}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("1 to 5 in 2 frames"), HasSubstr("epochs       1 to 2"),
                    HasSubstr("enqueue_call        3  60.0%"),
                    HasSubstr("advance             2  40.0%"), HasSubstr("torn tail    0 bytes")));
  EXPECT_EQ(run({"journal", "stats", root_, "--json"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), AllOf(StartsWith("{\"partition\":\"p1\""), HasSubstr("\"open\":false"),
                                HasSubstr("\"kinds\":{\"enqueue_call\":3,\"advance\":2}}\n"),
                                HasSubstr("\"recordsPerSecond\":5.000")));
}

TEST_F(JournalCommandsTest, BackupComesBackAsItWas) {
  EXPECT_EQ(run({"backup", root_, root_ + "-backup"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("p1: records 1 to 5, 1 file, "));
  EXPECT_EQ(run({"journal", "verify", root_ + "-backup"}), ExitCode::kOk) << err_.str();
  EXPECT_EQ(run({"restore", root_ + "-backup", root_ + "-restored"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("p1: records 1 to 5"));
  EXPECT_EQ(run({"journal", "dump", root_}), ExitCode::kOk);
  const std::string before = out_.str();
  EXPECT_EQ(run({"journal", "dump", root_ + "-restored"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), before);
}

TEST_F(JournalCommandsTest, VerifyComparesABackupWithItsManifest) {
  const std::string backup = root_ + "-backup";
  ASSERT_EQ(run({"backup", root_, backup}), ExitCode::kOk) << err_.str();
  EXPECT_EQ(run({"journal", "verify", backup}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("whole; every file is as MANIFEST says.\n"),
                                HasSubstr("p1: good; records 1 to 5")));
  // Cut short: of a second partition there is nothing, and what is there is good by itself.
  std::filesystem::rename(backup + "/MANIFEST", backup + "/MANIFEST.draft");
  EXPECT_EQ(run({"journal", "verify", backup}), ExitCode::kLocalFile);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("holds no MANIFEST"), HasSubstr("what to do: ")));
  // A file is missing that no journal knows of.
  write_bytes(root_ + "/p1/EPOCH", "7\n");
  std::filesystem::remove_all(backup);
  ASSERT_EQ(run({"backup", root_, backup}), ExitCode::kOk) << err_.str();
  std::filesystem::remove(backup + "/p1/EPOCH");
  EXPECT_EQ(run({"journal", "verify", backup}), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), HasSubstr(backup + "/p1/EPOCH"));
}

TEST_F(JournalCommandsTest, BackupAndRestoreRefuseToOverwrite) {
  ASSERT_EQ(run({"backup", root_, root_ + "-backup", "--json"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("\"partitions\":[{\"partition\":\"p1\""));
  EXPECT_EQ(run({"backup", root_, root_ + "-backup"}), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), HasSubstr("is not empty; a backup needs a folder of its own"));
  EXPECT_EQ(run({"restore", root_ + "-backup", root_}), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), HasSubstr("is not empty"));
  EXPECT_EQ(run({"journal", "verify", root_}), ExitCode::kOk);
}

}  // namespace
}  // namespace acd::acdctl
