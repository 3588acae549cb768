// SPDX-License-Identifier: Apache-2.0
// `acdctl events` against a daemon that is made up.
#include "clients/acdctl/events.h"

#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "acd/v1/event_service.grpc.pb.h"
#include "acd/v1/wallboard_service.grpc.pb.h"

namespace acd::acdctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Event event_of(int64_t sequence, const std::string& type, const std::string& call) {
  v1::Event event;
  event.set_sequence(sequence);
  event.set_type(type);
  event.mutable_time()->set_seconds(1'900'000'000);
  event.set_call_id(call);
  event.set_medium(v1::MEDIUM_VOICE);
  return event;
}

// Each stream tells one event, then breaks off.
class FakeEventService : public v1::EventService::Service {
 public:
  std::vector<v1::WatchEventsRequest> requests;
  bool stands = false;
  grpc::Status end = {grpc::StatusCode::UNAVAILABLE, "gone"};

  grpc::Status WatchEvents(grpc::ServerContext* context, const v1::WatchEventsRequest* request,
                           grpc::ServerWriter<v1::WatchEventsResponse>* writer) override {
    requests.push_back(*request);
    const auto number = static_cast<int64_t>(requests.size());
    v1::WatchEventsResponse response;
    response.set_resume_token("t" + std::to_string(number - 1));
    writer->Write(response);
    *response.add_events() = event_of(number, "call.enqueued", "c" + std::to_string(number));
    response.set_resume_token("t" + std::to_string(number));
    writer->Write(response);
    // As a daemon that stands: the connection stays, and nothing comes.
    while (stands && !context->IsCancelled()) std::this_thread::yield();
    return end;
  }
};

class FakeWallboard : public v1::WallboardService::Service {
 public:
  grpc::Status ListCalls(grpc::ServerContext*, const v1::ListCallsRequest* request,
                         v1::ListCallsResponse* response) override {
    response->set_resume_token("behind" + request->page_token());
    if (request->page_token().empty()) response->set_next_page_token("2");
    return grpc::Status::OK;
  }
};

class EventsTest : public ::testing::Test {
 protected:
  EventsTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    builder.RegisterService(&wallboard_);
    server_ = builder.BuildAndStart();
    target_ = "127.0.0.1:" + std::to_string(port);
  }
  ExitCode run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--target", target_, "--tenant", "bank"});
    out_.str("");
    Console console{out_, err_, {}};
    console.wait = [](absl::Duration) { return true; };
    if (service_.stands)
      console.silence_max = [](absl::Duration) { return absl::Milliseconds(200); };
    return run_acdctl(arguments, console);
  }

  FakeEventService service_;
  FakeWallboard wallboard_;
  std::unique_ptr<grpc::Server> server_;
  std::string target_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(EventsTest, AsksForWhatIsWantedAndGoesOnWhereItWas) {
  EXPECT_EQ(run({"events", "--count", "2", "--queue", "sales", "--agent", "ada", "--call", "c1",
                 "--type", "call,offer.created", "--oldest"}),
            ExitCode::kOk);
  ASSERT_EQ(service_.requests.size(), 2u);
  const v1::WatchEventsRequest& first = service_.requests[0];
  EXPECT_EQ(first.parent(), "tenants/bank");
  EXPECT_TRUE(first.oldest());
  EXPECT_EQ(first.queue_ids(0), "sales");
  EXPECT_EQ(first.agent_ids(0), "ada");
  EXPECT_EQ(first.call_ids(0), "c1");
  EXPECT_EQ(first.types(1), "offer.created");
  EXPECT_EQ(service_.requests[1].resume_token(), "t1");
  EXPECT_EQ(out_.str(),
            "2030-03-17 17:46:40 UTC  call.enqueued            call=c1\n"
            "2030-03-17 17:46:40 UTC  call.enqueued            call=c2\n");
  EXPECT_THAT(err_.str(), HasSubstr("connection lost, retrying"));
}

TEST_F(EventsTest, ADaemonThatStandsIsLostAndAskedAgain) {
  service_.stands = true;
  EXPECT_EQ(run({"events", "--count", "2"}), ExitCode::kOk);
  ASSERT_EQ(service_.requests.size(), 2u);
  EXPECT_EQ(service_.requests[1].resume_token(), "t1");
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("connection lost, retrying"), HasSubstr("nothing was heard")));
}

TEST_F(EventsTest, JsonHasADocumentALineWithTheToken) {
  EXPECT_EQ(run({"events", "--count", "1", "--json", "--from-token", "t9"}), ExitCode::kOk);
  EXPECT_EQ(service_.requests.at(0).resume_token(), "t9");
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, AllOf(HasSubstr("\"resumeToken\":\"t0\""), HasSubstr("\"callId\":\"c1\"")));
}

TEST_F(EventsTest, EndsWhenItsTokenIsOfNoUse) {
  service_.end = {grpc::StatusCode::OUT_OF_RANGE, "no longer kept"};
  EXPECT_EQ(run({"events"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("no longer kept"));
  EXPECT_EQ(run({"events", "--oldest", "--from-token", "t1"}), ExitCode::kUsage);
}

// What happened between two pages is behind the first one.
TEST_F(EventsTest, AListHasTheTokenOfItsFirstPage) {
  EXPECT_EQ(run({"calls", "--json"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("\"resumeToken\":\"behind\""));
}

TEST_F(EventsTest, ALineSaysAllThatTheEventSays) {
  v1::Event event = event_of(7, "agent.state_changed", "");
  event.set_agent_id("ada");
  event.set_from_state(v1::AGENT_STATE_READY);
  event.set_to_state(v1::AGENT_STATE_NOT_READY);
  event.set_reason(201);
  event.mutable_duration()->set_seconds(65);
  event.add_steps(0);
  event.add_steps(2);
  const std::string text = event_text(event);
  EXPECT_THAT(text, HasSubstr("agent=ada reason=201 duration=1:05 from_state=ready "
                              "to_state=not_ready steps=0,2"));
  EXPECT_THAT(text, Not(HasSubstr("medium")));
}

}  // namespace
}  // namespace acd::acdctl
