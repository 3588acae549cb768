// SPDX-License-Identifier: Apache-2.0
// The load of the echo ratio is what it claims to be: whole calls, dense sequences, real messages.
#include "bench/call_rotation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "acd/v1/switch_service.pb.h"
#include "bench/batch_writer.h"
#include "bench/response_reader.h"
#include "bench/traffic.h"

namespace acd::bench {
namespace {

constexpr int64_t kNowNs = 1'700'000'000'123'456'789;

v1::SwitchEvent write_one(CallRotation& rotation, BatchWriter& writer) {
  writer.begin(kNowNs);
  rotation.write_next(writer);
  v1::ConnectRequest request;
  EXPECT_TRUE(request.ParseFromString(std::string(writer.finish())));
  EXPECT_EQ(request.batch().events_size(), 1);
  return request.batch().events(0);
}

TEST(BatchWriterTest, WritesWhatProtobufReads) {
  BatchWriter writer;
  writer.begin(kNowNs);
  v1::SwitchEvent event;
  event.set_call_id("c1");
  event.mutable_call_offered()->set_queue_id("billing");
  writer.add(event);
  writer.add(event);
  v1::ConnectRequest request;
  ASSERT_TRUE(request.ParseFromString(std::string(writer.finish())));
  ASSERT_EQ(request.batch().events_size(), 2);
  EXPECT_EQ(request.batch().send_time().seconds(), 1'700'000'000);
  EXPECT_EQ(request.batch().send_time().nanos(), 123'456'789);
  EXPECT_EQ(request.batch().events(0).sequence(), 1);
  EXPECT_EQ(request.batch().events(1).sequence(), 2);
  EXPECT_EQ(request.batch().events(1).switch_time().nanos(), 123'456'789);
  EXPECT_EQ(request.batch().events(1).call_offered().queue_id(), "billing");
  EXPECT_EQ(request.SerializeAsString().size(), writer.finish().size());
}

TEST(BatchWriterTest, WritesCallEventAsProtobufDoes) {
  v1::SwitchEvent event;
  event.set_call_id("c1");
  event.set_cause(16);
  event.mutable_call_ended()->set_ended_by(v1::ENDED_BY_AGENT);
  BatchWriter with_object;
  BatchWriter without;
  for (int message = 0; message < 300; ++message) {
    with_object.begin(kNowNs);
    without.begin(kNowNs);
    for (int index = 0; index < 64; ++index) {
      with_object.add(event);
      without.add("c1", 16, v1::SwitchEvent::kCallEndedFieldNumber,
                  event.call_ended().SerializeAsString());
    }
    ASSERT_EQ(with_object.finish(), without.finish());
  }
}

v1::ConnectResponse usual_response() {
  v1::ConnectResponse response;
  response.mutable_ack()->set_through_sequence(1'000'000);
  response.set_number(300);
  v1::SwitchCommand& ring = *response.add_commands();
  ring.set_command_id(1'000);
  ring.mutable_deadline()->set_seconds(40);
  ring.set_call_id("c1");
  ring.set_generation(300);
  ring.mutable_ring_agent()->set_agent_id("a1");
  ring.mutable_ring_agent()->set_station("p1");
  ring.mutable_ring_agent()->mutable_timeout()->set_seconds(20);
  v1::SwitchCommand& connect = *response.add_commands();
  connect.set_call_id("c2");
  connect.set_generation(1);
  connect.mutable_connect_call()->set_agent_id("a2");
  return response;
}

TEST(ResponseReaderTest, ReadsWhatProtobufWrites) {
  const std::string bytes = usual_response().SerializeAsString();
  ResponseReader reader;
  ASSERT_TRUE(reader.read(bytes));
  EXPECT_EQ(reader.through_sequence(), 1'000'000);
  ASSERT_EQ(reader.commands().size(), 2u);
  EXPECT_EQ(reader.commands()[0].kind, ResponseCommandKind::kRingAgent);
  EXPECT_EQ(reader.commands()[0].call_id, "c1");
  EXPECT_EQ(reader.commands()[0].agent_id, "a1");
  EXPECT_EQ(reader.commands()[0].generation, 300);
  EXPECT_EQ(reader.commands()[1].kind, ResponseCommandKind::kConnectCall);
  EXPECT_EQ(reader.commands()[1].call_id, "c2");
  EXPECT_EQ(reader.commands()[1].agent_id, "a2");
}

TEST(ResponseReaderTest, LeavesAllElseToProtobuf) {
  ResponseReader reader;
  v1::ConnectResponse hello;
  hello.mutable_hello();
  EXPECT_FALSE(reader.read(hello.SerializeAsString()));
  v1::ConnectResponse refused = usual_response();
  refused.mutable_ack()->add_refusals()->set_sequence(1);
  EXPECT_FALSE(reader.read(refused.SerializeAsString()));
  v1::ConnectResponse stop = usual_response();
  stop.add_commands()->mutable_stop_ringing();
  EXPECT_FALSE(reader.read(stop.SerializeAsString()));
  v1::ConnectResponse bare = usual_response();
  bare.add_commands()->set_call_id("c3");
  EXPECT_FALSE(reader.read(bare.SerializeAsString()));
}

TEST(ResponseReaderTest, NeverReadsPastTheEnd) {
  const std::string bytes = usual_response().SerializeAsString();
  ResponseReader reader;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    v1::ConnectResponse response;
    const bool whole = response.ParseFromString(cut);
    EXPECT_EQ(reader.read(cut), whole) << size;
  }
}

TEST(CallRotationTest, CarriesCallThroughItsLife) {
  CallRotation rotation("billing", 1, 1);
  BatchWriter writer;
  const v1::SwitchEvent offered = write_one(rotation, writer);
  EXPECT_EQ(offered.call_offered().queue_id(), "billing");
  EXPECT_EQ(rotation.due(), 0u);
  ASSERT_TRUE(rotation.ring(offered.call_id(), "a00000", 7).ok());
  const v1::SwitchEvent answered = write_one(rotation, writer);
  EXPECT_EQ(answered.call_id(), offered.call_id());
  EXPECT_EQ(answered.leg_answered().generation(), 7);
  EXPECT_EQ(rotation.due(), 0u);
  ASSERT_TRUE(rotation.connect(offered.call_id(), 7).ok());
  EXPECT_EQ(write_one(rotation, writer).call_connected().generation(), 7);
  EXPECT_EQ(write_one(rotation, writer).call_ended().ended_by(), v1::ENDED_BY_CALLER);
  EXPECT_TRUE(rotation.all_ended());
  EXPECT_NE(write_one(rotation, writer).call_id(), offered.call_id());
}

TEST(CallRotationTest, RefusesCommandsThatNoCallAwaits) {
  CallRotation rotation("billing", 2, 2);
  BatchWriter writer;
  const std::string first = write_one(rotation, writer).call_id();
  const std::string second = write_one(rotation, writer).call_id();
  EXPECT_FALSE(rotation.ring("unknown", "a00000", 1).ok());
  EXPECT_FALSE(rotation.connect(first, 1).ok());
  EXPECT_FALSE(rotation.ring(first, "a00002", 1).ok()) << "no such agent";
  ASSERT_TRUE(rotation.ring(first, "a00000", 1).ok());
  EXPECT_FALSE(rotation.ring(first, "a00001", 2).ok()) << "rings already";
  EXPECT_FALSE(rotation.ring(second, "a00000", 1).ok()) << "the agent has a call";
  write_one(rotation, writer);
  EXPECT_FALSE(rotation.connect(first, 2).ok()) << "another generation";
  EXPECT_TRUE(rotation.connect(first, 1).ok());
}

TEST(CallRotationTest, EndsBegunCallsOnceOfferingStops) {
  CallRotation rotation("billing", 3, 3);
  BatchWriter writer;
  const std::string begun = write_one(rotation, writer).call_id();
  rotation.stop_offering();
  EXPECT_EQ(rotation.due(), 0u);
  EXPECT_FALSE(rotation.all_ended());
  ASSERT_TRUE(rotation.ring(begun, "a00002", 1).ok());
  write_one(rotation, writer);
  ASSERT_TRUE(rotation.connect(begun, 1).ok());
  write_one(rotation, writer);
  write_one(rotation, writer);
  EXPECT_TRUE(rotation.all_ended());
  EXPECT_EQ(rotation.due(), 0u);
}

TEST(CallRotationTest, OffersArrivalsInOrderBehindCallsUnderWay) {
  CallRotation rotation("billing", 2, 2, 500);
  BatchWriter writer;
  rotation.stop_offering();
  EXPECT_TRUE(rotation.all_ended());
  EXPECT_TRUE(rotation.arrive(11));
  EXPECT_TRUE(rotation.arrive(12));
  EXPECT_TRUE(rotation.arrive(13));
  EXPECT_EQ(rotation.due(), 2u) << "a third place there is not";
  EXPECT_FALSE(rotation.all_ended()) << "two are still to be offered";
  writer.begin(kNowNs);
  EXPECT_EQ(rotation.write_next(writer), 11);
  EXPECT_EQ(rotation.write_next(writer), 12);
  v1::ConnectRequest request;
  ASSERT_TRUE(request.ParseFromString(std::string(writer.finish())));
  const std::string first = request.batch().events(0).call_id();
  EXPECT_FALSE(rotation.ring(first, "a00499", 1).ok()) << "another rotation's agent";
  EXPECT_FALSE(rotation.ring(first, "a00502", 1).ok()) << "another rotation's agent";
  ASSERT_TRUE(rotation.ring(first, "a00500", 1).ok());
  writer.begin(kNowNs);
  EXPECT_EQ(rotation.write_next(writer), 0) << "no offer";
  ASSERT_TRUE(rotation.connect(first, 1).ok());
  rotation.write_next(writer);
  EXPECT_FALSE(rotation.has_place());
  EXPECT_EQ(rotation.due(), 1u);
  EXPECT_EQ(rotation.write_next(writer), 0) << "its end";
  EXPECT_TRUE(rotation.has_place());
  EXPECT_EQ(rotation.write_next(writer), 13);
}

TEST(CallRotationTest, GivesUpArrivalsThatWaitedTooLong) {
  CallRotation rotation("billing", 4, 4);
  rotation.stop_offering();
  for (const int64_t came_ns : {11, 12, 13}) EXPECT_TRUE(rotation.arrive(came_ns));
  EXPECT_EQ(rotation.give_up(11), 0u);
  EXPECT_EQ(rotation.give_up(13), 2u);
  EXPECT_EQ(rotation.due(), 1u);
  EXPECT_FALSE(rotation.all_ended());
  EXPECT_EQ(rotation.give_up(14), 1u);
  EXPECT_TRUE(rotation.all_ended());
}

TEST(CallRotationTest, RefusesMoreArrivalsThanMayWait) {
  CallRotation rotation("billing", 1, 1);
  rotation.stop_offering();
  for (size_t count = 0; count < CallRotation::kArrivalsMax; ++count) {
    ASSERT_TRUE(rotation.arrive(1));
  }
  EXPECT_FALSE(rotation.arrive(1));
}

TEST(RecordingTest, MixesAllKindsAndUsesNoCallIdTwice) {
  DaemonTrafficOptions options{.agent_count = 500, .call_count = 256, .batch = 16};
  const auto recording = imagine_recording(options, 1'000);
  ASSERT_TRUE(recording.ok()) << recording.status();
  std::map<v1::SwitchEvent::EventCase, int> kinds;
  std::set<std::string> offered;
  int64_t sequence = 0;
  v1::ConnectRequest request;
  for (const Message& message : *recording) {
    const std::string bytes(message.bytes.begin(), message.bytes.end());
    ASSERT_TRUE(request.ParseFromString(bytes));
    ASSERT_EQ(request.batch().events_size(), 16);
    for (const v1::SwitchEvent& event : request.batch().events()) {
      EXPECT_EQ(event.sequence(), ++sequence);
      ++kinds[event.event_case()];
      if (event.has_call_offered()) {
        EXPECT_TRUE(offered.insert(event.call_id()).second);
      }
    }
  }
  EXPECT_EQ(kinds.size(), 4u);
  for (const auto& [kind, count] : kinds) EXPECT_NEAR(count, 4'000, 300) << kind;
}

TEST(RecordingTest, ComesBackFromItsFile) {
  const std::string path = testing::TempDir() + "/acd_bench_recording";
  const auto recording = imagine_recording({.agent_count = 50, .call_count = 40}, 20);
  ASSERT_TRUE(recording.ok());
  ASSERT_TRUE(write_recording(*recording, path).ok());
  const auto read = read_recording(path);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), recording->size());
  for (size_t index = 0; index < read->size(); ++index) {
    EXPECT_EQ((*read)[index].event_count, (*recording)[index].event_count);
    EXPECT_TRUE(std::equal((*read)[index].bytes.begin(), (*read)[index].bytes.end(),
                           (*recording)[index].bytes.begin(), (*recording)[index].bytes.end()));
  }
}

TEST(RecordingTest, RefusesFileThatIsCutShort) {
  const std::string path = testing::TempDir() + "/acd_bench_recording_cut";
  const auto recording = imagine_recording({.agent_count = 50, .call_count = 40}, 2);
  ASSERT_TRUE(recording.ok());
  ASSERT_TRUE(write_recording(*recording, path).ok());
  const auto whole = std::filesystem::file_size(path);
  const auto first = 8 + (*recording)[0].bytes.size();
  for (const auto size : {whole - 1, whole - 100, first + 8, first + 3, size_t{7}, size_t{0}}) {
    std::filesystem::resize_file(path, size);
    EXPECT_FALSE(read_recording(path).ok()) << size;
  }
}

}  // namespace
}  // namespace acd::bench
