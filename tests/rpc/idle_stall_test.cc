// SPDX-License-Identifier: Apache-2.0
// gRPC 1.51 lets its callback threads sleep 100 ms at a time after a second of silence. The pulse keeps
// them awake: without it the first call takes 50 ms here.
#include <grpcpp/completion_queue.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class IdleStallTest : public EdgeTest {
 protected:
  microseconds time_a_call() {
    const auto began = std::chrono::steady_clock::now();
    std::string unused;
    EXPECT_TRUE(call_bytes(channel_, "/acd.v1.ConfigService/ListTenants", "", &unused).ok());
    return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - began);
  }
  static microseconds median(std::vector<microseconds> times) {
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }
};

// Nothing that happens ends a silence: its end is the deadline of a queue on which nothing comes.
void be_silent(milliseconds time) {
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;
  EXPECT_EQ(queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + time),
            grpc::CompletionQueue::TIMEOUT);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
}

// gRPC's threads sleep from 1.0 s to 1.1 s after what they did last.
constexpr milliseconds kSilence{1'050};

TEST_F(IdleStallTest, TheFirstCallAfterASilenceIsAsFastAsOthers) {
  constexpr int kRounds = 8;
  constexpr int kBusyCalls = 50;
  start();
  time_a_call();  // Connects.
  std::vector<microseconds> firsts;
  std::vector<microseconds> others;
  for (int round = 0; round < kRounds; ++round) {
    be_silent(kSilence);
    firsts.push_back(time_a_call());
    for (int i = 0; i < kBusyCalls; ++i) others.push_back(time_a_call());
  }
  RecordProperty("first_us", static_cast<int>(median(firsts).count()));
  RecordProperty("other_us", static_cast<int>(median(others).count()));
  EXPECT_LE(median(firsts).count(), (3 * median(others) + milliseconds(5)).count());
}

}  // namespace
}  // namespace acd
