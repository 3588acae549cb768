// SPDX-License-Identifier: Apache-2.0
// Why, asked of a whole daemon: the words of the golden stories, and records that outlive it.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "acd/v1/explain_service.grpc.pb.h"
#include "tests/daemon/server_fixture.h"

namespace acd {
namespace {

// Of tests/golden/why_waiting, why_protected, why_preferred and why_assignment.
constexpr char kWhyCentres[] = R"(
tenants:
  - id: bank
    skills: [spanish]
    protects: [{skill: spanish, ready_max: 1}]
    queues:
      - id: sales
      - {id: spain, requirement: spanish >= 5, members: [ada, bob, cy]}
      - {id: listed, strategy: ordered, members: [bob, ada]}
    agents:
      - {id: ada, skills: {spanish: 9}}
      - {id: bob, skills: {spanish: 3}}
      - {id: cy, skills: {spanish: 9}}
      - {id: dan}
)";

class ServerExplainTest : public ServerTest {
 protected:
  ServerExplainTest() { std::ofstream(settings_.config_file) << kWhyCentres; }

  v1::ExplainService::Stub& stub() {
    stub_ = v1::ExplainService::NewStub(channel_);
    return *stub_;
  }
  // "spain: not_member 1, capacity 1"
  std::string why_waiting(const std::string& call) {
    v1::WhyWaitingRequest request;
    request.set_name("tenants/bank/calls/" + call);
    v1::WhyWaitingResponse response;
    grpc::ClientContext context;
    status_ = stub().WhyWaiting(&context, request, &response);
    return response.queue() + ":" + counts(response.agents());
  }
  std::string why_idle(const std::string& agent) {
    v1::WhyIdleRequest request;
    request.set_name("tenants/bank/agents/" + agent);
    v1::WhyIdleResponse response;
    grpc::ClientContext context;
    status_ = stub().WhyIdle(&context, request, &response);
    return response.blocker() + ":" + counts(response.calls());
  }
  v1::ExplainAssignmentResponse explain(const std::string& call) {
    v1::ExplainAssignmentRequest request;
    request.set_name("tenants/bank/calls/" + call);
    v1::ExplainAssignmentResponse response;
    grpc::ClientContext context;
    status_ = stub().ExplainAssignment(&context, request, &response);
    return response;
  }
  // "bob by strategy over ada in listed"
  std::string went_to(const std::string& call) {
    const v1::ExplainAssignmentResponse record = explain(call);
    if (record.candidates().empty()) return "nobody";
    std::string text = short_of(record.candidates(0).agent()) + " by " + record.tie_break();
    if (record.candidates_size() > 1) text += " over " + short_of(record.candidates(1).agent());
    return text + " in " + short_of(record.queue());
  }
  // Without what moves with time.
  std::string record_of(const std::string& call) {
    v1::ExplainAssignmentResponse record = explain(call);
    record.clear_age();
    return record.ShortDebugString();
  }
  void enter(Switch& pbx, const std::string& call, const std::string& queue) {
    v1::SwitchEvent& event = pbx.event();
    event.set_call_id(call);
    event.mutable_call_offered()->set_queue_id(queue);
    pbx.send();
  }
  void hang_up(Switch& pbx, const std::string& call) {
    v1::SwitchEvent& event = pbx.event();
    event.set_call_id(call);
    event.mutable_call_ended()->set_ended_by(v1::ENDED_BY_CALLER);
    pbx.send();
  }

  static std::string short_of(const std::string& name) { return name.substr(name.rfind('/') + 1); }
  template <typename Counts>
  static std::string counts(const Counts& list) {
    std::string text;
    for (const v1::BlockerCount& one : list) {
      text += (text.empty() ? " " : ", ") + one.blocker() + " " + std::to_string(one.count());
    }
    return text;
  }

  std::unique_ptr<v1::ExplainService::Stub> stub_;
  grpc::Status status_;
};

TEST_F(ServerExplainTest, SpeaksTheWordsOfTheStories) {
  start();
  Switch pbx(channel_, "1");
  log_in(pbx, "ada", "101");
  log_in(pbx, "bob", "102");
  pbx.send();
  EXPECT_EQ(why_idle("ada"), ":");
  enter(pbx, "c1", "listed");
  EXPECT_EQ(went_to("c1"), "bob by strategy over ada in listed");
  EXPECT_EQ(why_idle("bob"), "capacity:");
  enter(pbx, "c2", "sales");
  EXPECT_EQ(why_waiting("c2"), "tenants/bank/queues/sales: not_ready 2, capacity 1, protected 1");
  EXPECT_EQ(why_idle("ada"), ": protected 1");
  enter(pbx, "c3", "spain");
  EXPECT_EQ(went_to("c3"), "ada by only in spain");
  enter(pbx, "c4", "spain");
  EXPECT_EQ(why_waiting("c4"), "tenants/bank/queues/spain: not_ready 2, capacity 2");
  EXPECT_EQ(why_waiting("c3"), ":");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  explain("c4");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  explain("c5");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
  pbx.cut();
}

TEST_F(ServerExplainTest, RecordsOutliveTheDaemonByItsSnapshotAndByItsJournal) {
  start();
  std::string live;
  std::string ended;
  {
    Switch pbx(channel_, "1");
    log_in(pbx, "ada", "101");
    log_in(pbx, "bob", "102");
    enter(pbx, "c1", "listed");
    hang_up(pbx, "c1");
    enter(pbx, "c2", "spain");
    ended = record_of("c1");
    live = record_of("c2");
    pbx.cut();
  }
  EXPECT_THAT(ended, ::testing::HasSubstr("agents/bob"));
  EXPECT_THAT(live, ::testing::HasSubstr("agents/ada"));
  server_->stop();  // Leaves a snapshot.
  start();
  EXPECT_EQ(record_of("c1"), ended);
  EXPECT_EQ(record_of("c2"), live);
  server_->stop();
  for (const auto& entry : std::filesystem::directory_iterator(settings_.data_dir + "/main")) {
    if (entry.path().extension() == ".snapshot") std::filesystem::remove(entry.path());
  }
  start();
  EXPECT_EQ(record_of("c1"), ended);
  EXPECT_EQ(record_of("c2"), live);
}

}  // namespace
}  // namespace acd
