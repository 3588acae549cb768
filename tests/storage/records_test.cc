// SPDX-License-Identifier: Apache-2.0
// Records round-trip, and no bytes whatever crash their reader.
#include "daemon/storage/records.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace acd {
namespace {

constexpr TenantIndex kTenant{3u};

// Every kind a command can have. The switch keeps the list whole: a new kind does not compile
// without it.
std::vector<CommandKind> all_command_kinds() {
  std::vector<CommandKind> kinds;
  for (int value = 1; value < 255; ++value) {
    switch (const auto kind = static_cast<CommandKind>(value); kind) {
      case CommandKind::kNone:
        break;
      case CommandKind::kOpenSession:
      case CommandKind::kCloseSession:
      case CommandKind::kResume:
      case CommandKind::kRefused:
      case CommandKind::kConfigure:
      case CommandKind::kSeeded:
      case CommandKind::kUpsertAgents:
      case CommandKind::kStageConfig:
      case CommandKind::kOverrideQueue:
      case CommandKind::kEnqueueCall:
      case CommandKind::kEndCall:
      case CommandKind::kResyncBegin:
      case CommandKind::kKeepCall:
      case CommandKind::kKeepAgent:
      case CommandKind::kResyncEnd:
      case CommandKind::kCommandDone:
      case CommandKind::kRerouteCall:
      case CommandKind::kLegRinging:
      case CommandKind::kLegAnswered:
      case CommandKind::kLegFailed:
      case CommandKind::kCallConnected:
      case CommandKind::kConnectFailed:
      case CommandKind::kHoldCall:
      case CommandKind::kResumeCall:
      case CommandKind::kChangePriority:
      case CommandKind::kSetOutcome:
      case CommandKind::kTransferCall:
      case CommandKind::kRequeueCall:
      case CommandKind::kSuperviseCall:
      case CommandKind::kRequestCallback:
      case CommandKind::kScheduleCall:
      case CommandKind::kCallDue:
      case CommandKind::kCustomerAnswered:
      case CommandKind::kRescheduleCall:
      case CommandKind::kLeaveCall:
      case CommandKind::kConsult:
      case CommandKind::kMergeCall:
      case CommandKind::kReplaceLeg:
      case CommandKind::kLogIn:
      case CommandKind::kLogOut:
      case CommandKind::kSetReady:
      case CommandKind::kSetNotReady:
      case CommandKind::kEndWrapUp:
      case CommandKind::kExtendWrapUp:
      case CommandKind::kPauseMember:
      case CommandKind::kUnpauseMember:
      case CommandKind::kAcceptOffer:
      case CommandKind::kRejectOffer:
      case CommandKind::kAttachAgent:
      case CommandKind::kDetachAgent:
      case CommandKind::kLegUp:
      case CommandKind::kLegLost:
      case CommandKind::kPhoneBusy:
      case CommandKind::kPhoneIdle:
      case CommandKind::kPhoneUnregistered:
      case CommandKind::kOpenQueue:
      case CommandKind::kCloseQueue:
      case CommandKind::kOpenCallbacks:
      case CommandKind::kCloseCallbacks:
      case CommandKind::kSetEwt:
        kinds.push_back(kind);
    }
  }
  return kinds;
}

TextRef add_text(std::string* arena, std::string_view text) {
  const TextRef ref{static_cast<uint32_t>(arena->size()), static_cast<uint32_t>(text.size())};
  arena->append(text);
  return ref;
}

Command full_command(CommandKind kind, std::string* arena) {
  Command command;
  command.kind = kind;
  command.detail = 200;
  command.flag = true;
  command.source = SourceIndex(70'000u);
  command.sequence = std::numeric_limits<int64_t>::max();
  command.age_ns = 1;
  command.age_credit_ns = std::numeric_limits<int64_t>::min();
  command.wait_ns = std::numeric_limits<int64_t>::max();
  command.number = -1'000'000;
  command.cause = std::numeric_limits<int32_t>::max();
  command.generation = std::numeric_limits<uint32_t>::max();
  command.call = add_text(arena, "call-1");
  command.leg = add_text(arena, "leg");
  command.name = add_text(arena, "billing");
  command.text = add_text(arena, "spanish >= 5");
  command.principal = add_text(arena, "switch/pbx");
  command.preferred = add_text(arena, "ada");
  return command;
}

void expect_equal(const Command& a, std::string_view a_arena, const Command& b,
                  std::string_view b_arena) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.detail, b.detail);
  EXPECT_EQ(a.flag, b.flag);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.sequence, b.sequence);
  EXPECT_EQ(a.age_ns, b.age_ns);
  EXPECT_EQ(a.age_credit_ns, b.age_credit_ns);
  EXPECT_EQ(a.wait_ns, b.wait_ns);
  EXPECT_EQ(a.number, b.number);
  EXPECT_EQ(a.cause, b.cause);
  EXPECT_EQ(a.generation, b.generation);
  EXPECT_EQ(a.call.in(a_arena), b.call.in(b_arena));
  EXPECT_EQ(a.leg.in(a_arena), b.leg.in(b_arena));
  EXPECT_EQ(a.name.in(a_arena), b.name.in(b_arena));
  EXPECT_EQ(a.text.in(a_arena), b.text.in(b_arena));
  EXPECT_EQ(a.principal.in(a_arena), b.principal.in(b_arena));
  EXPECT_EQ(a.preferred.in(a_arena), b.preferred.in(b_arena));
}

std::vector<Record> read_all(std::string_view payload) {
  std::vector<Record> records;
  const absl::Status status = read_records(payload, [&](const Record& record) {
    records.push_back(record);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return records;
}

// Writes `records` again; what a reader accepts has one encoding only.
std::string encode(const std::vector<Record>& records) {
  FrameBuilder builder;
  for (const Record& record : records) {
    if (record.kind == RecordKind::kAdvance) {
      builder.add_advance(record.tenant, record.now_ns, record.fired);
    } else {
      builder.add_command(record.tenant, record.now_ns, record.command, record.arena);
    }
  }
  return builder.take();
}

TEST(RecordsTest, EveryKindOfCommandKeepsAllItsFields) {
  FrameBuilder builder;
  std::string arena = "before";
  std::vector<Command> commands;
  for (const CommandKind kind : all_command_kinds()) {
    commands.push_back(full_command(kind, &arena));
    builder.add_command(kTenant, static_cast<int64_t>(commands.size()), commands.back(), arena);
  }
  EXPECT_EQ(builder.record_count(), commands.size());
  const std::string payload = builder.take();
  const std::vector<Record> records = read_all(payload);
  ASSERT_EQ(records.size(), commands.size());
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].kind, RecordKind::kCommand);
    EXPECT_EQ(records[i].tenant, kTenant);
    EXPECT_EQ(records[i].now_ns, static_cast<int64_t>(i + 1));
    expect_equal(records[i].command, records[i].arena, commands[i], arena);
  }
}

TEST(RecordsTest, EmptyCommandKeepsItsDefaults) {
  FrameBuilder builder;
  Command command;
  command.kind = CommandKind::kResume;
  builder.add_command(TenantIndex(0u), 0, command, "");
  const std::string payload = builder.take();
  EXPECT_EQ(payload.size(), 6u);
  const std::vector<Record> records = read_all(payload);
  ASSERT_EQ(records.size(), 1u);
  expect_equal(records[0].command, records[0].arena, command, "");
}

TEST(RecordsTest, AdvancesAndTimesRoundTrip) {
  const std::vector<int64_t> times = {5,
                                      5,
                                      std::numeric_limits<int64_t>::max(),
                                      std::numeric_limits<int64_t>::min(),
                                      0,
                                      1'700'000'000'000'000'000};
  FrameBuilder builder;
  for (const int64_t now_ns : times) {
    builder.add_advance(kTenant, now_ns, std::numeric_limits<uint32_t>::max());
  }
  const std::string payload = builder.take();
  const std::vector<Record> records = read_all(payload);
  ASSERT_EQ(records.size(), times.size());
  for (size_t i = 0; i < times.size(); ++i) {
    EXPECT_EQ(records[i].kind, RecordKind::kAdvance);
    EXPECT_EQ(records[i].now_ns, times[i]);
    EXPECT_EQ(records[i].fired, std::numeric_limits<uint32_t>::max());
  }
}

TEST(RecordsTest, BuilderBeginsAnewAfterTake) {
  FrameBuilder builder;
  builder.add_advance(kTenant, 1'000, 1);
  const std::string first = builder.take();
  EXPECT_EQ(builder.size(), 0u);
  EXPECT_EQ(builder.record_count(), 0u);
  builder.add_advance(kTenant, 1'000, 1);
  EXPECT_EQ(builder.size(), first.size());
  EXPECT_EQ(builder.take(), first);
}

TEST(RecordsTest, LargestTextFitsIntoAnEmptyFrameOnly) {
  const std::string arena(kCommandTextBytesMax, 'x');
  Command command;
  command.kind = CommandKind::kConfigure;
  command.name = TextRef{0, static_cast<uint32_t>(arena.size())};
  FrameBuilder builder;
  ASSERT_TRUE(builder.has_room(command));
  builder.add_command(kTenant, 7, command, arena);
  EXPECT_LE(builder.size(), kFrameBytesMax);
  EXPECT_FALSE(builder.has_room(Command{}));
  const std::string payload = builder.take();
  const std::vector<Record> records = read_all(payload);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].command.name.in(records[0].arena), arena);

  builder.add_advance(kTenant, 7, 1);
  EXPECT_FALSE(builder.has_room(command));
}

TEST(RecordsTest, HasRoomIsNeverWrong) {
  std::string arena;
  const Command command = full_command(CommandKind::kEnqueueCall, &arena);
  FrameBuilder builder;
  while (builder.has_room(command)) builder.add_command(kTenant, -1, command, arena);
  EXPECT_LE(builder.size(), kFrameBytesMax);
  EXPECT_GT(builder.size(), kFrameBytesMax - 512);
  const uint32_t count = builder.record_count();
  EXPECT_EQ(read_all(builder.take()).size(), count);
}

TEST(RecordsTest, ReaderStopsAtTheVisitorsError) {
  FrameBuilder builder;
  for (int i = 0; i < 3; ++i) builder.add_advance(kTenant, i, 1);
  int visited = 0;
  const absl::Status status = read_records(builder.take(), [&](const Record&) {
    return ++visited == 2 ? absl::AbortedError("enough") : absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(visited, 2);
}

struct Malformed {
  std::string payload;
  std::string message;
};

TEST(RecordsTest, MalformedPayloadIsRefusedWithItsPlace) {
  using namespace std::string_literals;
  const std::vector<Malformed> cases = {
      {""s, "payload byte 0: it is empty"},
      {"\x01"s, "payload byte 0: records of version 1; this release reads version 2"},
      {"\x03"s, "payload byte 0: records of version 3; this release reads version 2"},
      {"\x02\x00"s, "payload byte 2: unknown kind of record"},
      {"\x02\x63"s, "payload byte 2: unknown kind of record"},
      {"\x02\xff"s, "payload byte 2: the record is cut short"},
      {"\x02\xff\x00\x00"s, "payload byte 4: the record is cut short"},
      {"\x02\xff\x80\x00\x00\x00"s, "payload byte 4: a number has a needless byte"},
      {"\x02\xff\xff\xff\xff\xff\x0f\x00\x01"s, "payload byte 7: the record has no tenant"},
      {"\x02\xff\xff\xff\xff\xff\x1f\x00\x01"s, "payload byte 7: a number has more than 32 bits"},
      {"\x02\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x01"s,
       "payload byte 13: a number has more than 64 bits"},
      {"\x02\x03\x00\x00\x01\x00\x00"s,
       "payload byte 7: a field that is present has its default value"},
      {"\x02\x03\x00\x00\x00\x02\x05"s + "abcd"s, "payload byte 7: a text runs past the end"},
      {"\x02\x0a\x00\x00\x00\x40\x00"s,
       "payload byte 7: a field that is present has its default value"},
      {"\x02\x0a\x00\x00\x00\x80\x04"s + "ada"s, "payload byte 7: a text runs past the end"},
  };
  for (const Malformed& malformed : cases) {
    const absl::Status status =
        read_records(malformed.payload, [](const Record&) { return absl::OkStatus(); });
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << malformed.message;
    EXPECT_EQ(std::string(status.message()), malformed.message);
  }
}

TEST(RecordsTest, OversizedPayloadIsRefused) {
  const std::string payload(kFrameBytesMax + 1, '\x02');
  EXPECT_EQ(read_records(payload, [](const Record&) { return absl::OkStatus(); }).code(),
            absl::StatusCode::kDataLoss);
}

TEST(RecordsTest, EveryCutOfAPayloadIsRefusedOrEndsBetweenRecords) {
  FrameBuilder builder;
  std::string arena;
  std::vector<size_t> ends = {1};
  for (const CommandKind kind : all_command_kinds()) {
    const Command command = full_command(kind, &arena);
    builder.add_command(kTenant, 1, command, arena);
    ends.push_back(builder.size());
  }
  const std::string payload = builder.take();
  for (size_t size = 1; size < payload.size(); ++size) {
    // A copy of its own, so that a sanitizer sees each read behind the end.
    const std::string cut = payload.substr(0, size);
    const bool is_between = std::find(ends.begin(), ends.end(), size) != ends.end();
    const absl::Status status = read_records(cut, [](const Record&) { return absl::OkStatus(); });
    EXPECT_EQ(status.ok(), is_between) << "cut at " << size << ": " << status;
  }
}

TEST(RecordsTest, RandomBytesNeverCrashAndAcceptedOnesHaveOneEncoding) {
  std::mt19937_64 random(1);
  std::string arena;
  FrameBuilder builder;
  for (const CommandKind kind : all_command_kinds()) {
    const Command command = full_command(kind, &arena);
    builder.add_command(kTenant, 1, command, arena);
    builder.add_advance(kTenant, 2, 3);
  }
  const std::string valid = builder.take();
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string payload = valid.substr(0, random() % 200);
    if (round % 2 == 0) {
      payload.assign(1 + random() % 40, '\x02');
      for (size_t i = 1; i < payload.size(); ++i) payload[i] = static_cast<char>(random() % 16);
    }
    for (uint64_t changes = random() % 4; changes > 0 && !payload.empty(); --changes) {
      payload[random() % payload.size()] = static_cast<char>(random());
    }
    std::vector<Record> records;
    const absl::Status status = read_records(payload, [&](const Record& record) {
      for (const TextRef& text :
           {record.command.call, record.command.leg, record.command.name, record.command.text,
            record.command.principal, record.command.preferred}) {
        EXPECT_LE(size_t{text.offset} + text.size, record.arena.size());
      }
      records.push_back(record);
      return absl::OkStatus();
    });
    if (!status.ok() || records.empty()) continue;
    ++accepted;
    EXPECT_EQ(encode(records), payload);
  }
  EXPECT_GT(accepted, 100);
}

TEST(RecordsDeathTest, BuilderRefusesWhatCannotBeRead) {
  FrameBuilder builder;
  EXPECT_DEATH(builder.add_advance(TenantIndex(), 0, 1), "tenant.valid");
  EXPECT_DEATH(builder.add_command(kTenant, 0, Command{}, ""), "is_command_kind");
  Command command;
  command.kind = CommandKind::kLogIn;
  command.name = TextRef{2, 5};
  EXPECT_DEATH(builder.add_command(kTenant, 0, command, "agent"), "arena.size");
  EXPECT_DEATH(static_cast<void>(builder.take()), "record_count_");
}

}  // namespace
}  // namespace acd
