// SPDX-License-Identifier: Apache-2.0
// More comes than a whole daemon can take for a while: switches are held back, requests are told to come again,
// and nothing is lost or done twice.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/rpc/rpc_server.h"
#include "tests/daemon/busy_switch.h"
#include "tests/daemon/server_fixture.h"
#include "tests/rpc/raw_client.h"
#include "tests/storage/faulty_files.h"

namespace acd {
namespace {

constexpr int kSwitches = 8;
constexpr int kMessages = 40;
constexpr int kCallsAMessage = 100;

class OverloadTest : public ServerTest {
 protected:
  OverloadTest() { journal_.files = &files_; }
  // The daemon writes to `files_` up to its end.
  ~OverloadTest() override { server_.reset(); }

  static std::string name_of(int index) { return "pbx-" + std::to_string(index); }

  // All that the switches say at once, without waiting for an answer; each on a thread of its own, for a write
  // blocks while the daemon does not read.
  std::vector<std::thread> flood(std::vector<std::unique_ptr<BusySwitch>>& switches) {
    std::vector<std::thread> callers;
    for (int index = 0; index < kSwitches; ++index) {
      callers.emplace_back([&pbx = *switches[static_cast<size_t>(index)], index] {
        for (int message = 0; message < kMessages; ++message) {
          pbx.play(name_of(index) + "-" + std::to_string(message), kCallsAMessage);
          EXPECT_TRUE(pbx.send());
        }
      });
    }
    return callers;
  }

  FaultyFiles files_;
};

// One change of an agent under way.
struct Change {
  grpc::ClientContext context;
  v1::UpsertAgentsResponse response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::UpsertAgentsResponse>> reader;
};

TEST_F(OverloadTest, HoldsSwitchesBackRefusesRequestsAndLosesNothing) {
  start();
  std::vector<std::unique_ptr<BusySwitch>> switches;
  for (int index = 0; index < kSwitches; ++index) {
    switches.push_back(std::make_unique<BusySwitch>(channel_, name_of(index)));
    switches.back()->play(name_of(index) + "-before", 1);
    ASSERT_TRUE(switches.back()->send());
    switches.back()->await_all();
  }
  EXPECT_EQ(total().offered(), kSwitches);

  // The disk stands: what comes is read up to the limits, and no further.
  files_.hold_syncs();
  std::vector<std::thread> callers = flood(switches);
  files_.wait_held();
  const auto config = v1::ConfigService::NewStub(channel_);
  v1::UpsertAgentsRequest request;
  request.set_parent("tenants/bank");
  request.add_agents()->set_name("tenants/bank/agents/cy");
  grpc::CompletionQueue queue;
  std::array<Change, kChangesMax + 2> changes;
  for (Change& change : changes) {
    change.reader = config->AsyncUpsertAgents(&change.context, request, &queue);
    change.reader->Finish(&change.response, &change.status, &change);
  }
  // Those above the limit are answered although nothing moves; the others wait for the disk.
  void* tag = nullptr;
  bool ok = false;
  for (int refused = 0; refused < 2; ++refused) {
    ASSERT_TRUE(queue.Next(&tag, &ok));
    const grpc::Status& status = static_cast<Change*>(tag)->status;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
    EXPECT_EQ(reason_in(status), "OVERLOADED");
    EXPECT_TRUE(has_retry(status));
  }
  // Reads are answered, and show nothing that could still be lost.
  EXPECT_EQ(total().offered(), kSwitches);
  for (const auto& pbx : switches) EXPECT_EQ(pbx->acknowledged(), 2);

  files_.release_syncs();
  for (int taken = 0; taken < kChangesMax; ++taken) {
    ASSERT_TRUE(queue.Next(&tag, &ok));
    const grpc::Status& status = static_cast<Change*>(tag)->status;
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  for (std::thread& caller : callers) caller.join();
  constexpr int64_t kOffered = kSwitches * (1 + kMessages * kCallsAMessage);
  for (const auto& pbx : switches) {
    pbx->await_all();
    EXPECT_TRUE(pbx->is_in_order());
    EXPECT_TRUE(pbx->reasons().empty());
  }
  EXPECT_EQ(total().offered(), kOffered);
  EXPECT_EQ(total().waiting(), 0);

  // Afterwards it works as before.
  for (int index = 0; index < kSwitches; ++index) {
    BusySwitch& pbx = *switches[static_cast<size_t>(index)];
    pbx.play(name_of(index) + "-after", 1);
    ASSERT_TRUE(pbx.send());
    pbx.await_all();
  }
  EXPECT_EQ(total().offered(), kOffered + kSwitches);
  const int64_t said = switches.front()->sequence();
  switches.clear();
  server_->stop();
  server_.reset();
  start();
  EXPECT_EQ(total().offered(), kOffered + kSwitches);
  for (int index = 0; index < kSwitches; ++index) {
    EXPECT_EQ(BusySwitch(channel_, name_of(index)).sequence(), said);
  }
}

}  // namespace
}  // namespace acd
