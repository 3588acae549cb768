// SPDX-License-Identifier: Apache-2.0
// `acdctl calls scheduled` against a daemon that is made up: pages, the filter, JSON, errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "acd/v1/call_service.grpc.pb.h"
#include "tests/clients/acdctl_fixture.h"

namespace acd::acdctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Calls f0 to f2, one a page; the even ones are of the queue "loans".
class FakeSchedule : public v1::CallService::Service {
 public:
  grpc::Status ListScheduledCalls(grpc::ServerContext*,
                                  const v1::ListScheduledCallsRequest* request,
                                  v1::ListScheduledCallsResponse* response) override {
    if (request->queue() == "tenants/bank/queues/gone") {
      return {grpc::StatusCode::NOT_FOUND, "No queue 'gone' in tenants/bank."};
    }
    const int i = request->page_token().empty() ? 0 : std::stoi(request->page_token());
    const std::string queue = "tenants/bank/queues/" + std::string(i % 2 == 0 ? "loans" : "cards");
    if (request->queue().empty() || request->queue() == queue) {
      v1::ScheduledCall* call = response->add_calls();
      call->set_name(request->parent() + "/calls/f" + std::to_string(i));
      call->set_queue(queue);
    }
    if (i < 2) response->set_next_page_token(std::to_string(i + 1));
    return grpc::Status::OK;
  }
};

using AcdctlScheduledTest = AcdctlTest<FakeSchedule>;
TEST_F(AcdctlScheduledTest, ShowsAllPages) {
  EXPECT_EQ(run({"calls", "scheduled"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\nf0 "), HasSubstr("\nf1 "), HasSubstr("\nf2 "),
                                HasSubstr("\n3 calls for later\n")));
}

TEST_F(AcdctlScheduledTest, ShowsThoseOfOneQueue) {
  EXPECT_EQ(run({"calls", "scheduled", "--queue", "loans", "--json"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(StartsWith("{\"calls\":[{\"name\":\"tenants/bank/calls/f0\""),
                                HasSubstr("calls/f2"), Not(HasSubstr("calls/f1"))));
  EXPECT_EQ(run({"calls", "scheduled", "--queue", "gone"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("No queue 'gone'"));
}

TEST_F(AcdctlScheduledTest, TakesNoOtherWords) {
  EXPECT_EQ(run({"calls", "scheduled", "f1"}), ExitCode::kUsage);
  EXPECT_EQ(run({"calls", "scheduled", "--state", "ready"}), ExitCode::kUsage);
}

}  // namespace
}  // namespace acd::acdctl
