// SPDX-License-Identifier: Apache-2.0
// The events of a whole daemon: in the journal's order, and the same however often it was stopped.
#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "acd/v1/event_service.grpc.pb.h"
#include "daemon/storage/snapshot_file.h"
#include "tests/daemon/server_fixture.h"

namespace acd {
namespace {

class ServerEventsTest : public ServerTest {
 protected:
  // Events up to `last` from a token on, or the oldest if it is empty.
  std::vector<v1::Event> events_up_to(int64_t last, const std::string& token = "") {
    grpc::ClientContext context;
    v1::WatchEventsRequest request;
    request.set_parent("tenants/bank");
    if (token.empty()) {
      request.set_oldest(true);
    } else {
      request.set_resume_token(token);
    }
    auto stream = v1::EventService::NewStub(channel_)->WatchEvents(&context, request);
    std::vector<v1::Event> events;
    v1::WatchEventsResponse response;
    bool is_open = true;
    while (events.empty() || events.back().sequence() < last) {
      is_open = stream->Read(&response);
      if (!is_open) break;
      token_ = response.resume_token();
      events.insert(events.end(), response.events().begin(), response.events().end());
    }
    if (is_open) context.TryCancel();
    status_ = stream->Finish();
    return events;
  }
  // Plays a call from its arrival to its end, and returns how many events there are by then.
  int64_t play(Switch& pbx, const std::string& call) {
    offer(pbx, call);
    pbx.send();
    v1::SwitchEvent& ended = pbx.event();
    ended.set_call_id(call);
    ended.mutable_call_ended()->set_ended_by(v1::ENDED_BY_CALLER);
    pbx.send();
    return last_sequence();
  }
  // Of the newest event that is committed: behind it a watch that begins now stands.
  int64_t last_sequence() {
    const std::string token = queue_stats().resume_token();
    v1::WatchEventsRequest request;
    request.set_parent("tenants/bank");
    request.set_oldest(true);
    grpc::ClientContext context;
    auto stream = v1::EventService::NewStub(channel_)->WatchEvents(&context, request);
    v1::WatchEventsResponse response;
    int64_t last = 0;
    while (response.resume_token() != token && stream->Read(&response)) {
      if (response.events_size() > 0) last = response.events().rbegin()->sequence();
    }
    context.TryCancel();
    return last;
  }
  static std::vector<std::string> texts(const std::vector<v1::Event>& events) {
    std::vector<std::string> all;
    for (const v1::Event& event : events) all.push_back(event.ShortDebugString());
    return all;
  }

  std::string token_;
  grpc::Status status_;
};

TEST_F(ServerEventsTest, AreDenseAndTheSameAfterARestartFromTheJournalOrASnapshot) {
  start();
  std::string first_token;
  int64_t middle = 0;
  std::vector<v1::Event> before;
  {
    Switch pbx(channel_, "1");
    log_in(pbx, "ada", "101");
    middle = play(pbx, "c1");
    events_up_to(middle);
    first_token = token_;
    before = events_up_to(play(pbx, "c2"));
    pbx.cut();
  }
  ASSERT_GT(before.size(), 10u);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].sequence(), static_cast<int64_t>(i) + 1);
  }
  const int64_t last = before.back().sequence();
  server_->stop();  // Leaves a snapshot.

  start();
  const std::vector<v1::Event> restored = events_up_to(last);
  EXPECT_EQ(texts({restored.begin(), restored.begin() + last}), texts(before));
  const std::vector<v1::Event> rest = events_up_to(last, first_token);
  EXPECT_EQ(texts({rest.begin(), rest.begin() + (last - middle)}),
            texts({before.begin() + middle, before.end()}));
  server_->stop();

  const auto snapshots = std::filesystem::directory_iterator(settings_.data_dir + "/main");
  for (const auto& entry : snapshots) {
    if (entry.path().extension() == ".snapshot") std::filesystem::remove(entry.path());
  }
  start();
  const std::vector<v1::Event> replayed = events_up_to(last);
  EXPECT_EQ(texts({replayed.begin(), replayed.begin() + last}), texts(before));
}

TEST_F(ServerEventsTest, ATokenOfOtherDataIsOfAnotherHistory) {
  start();
  const std::string token = queue_stats().resume_token();
  server_->stop();
  std::filesystem::remove_all(settings_.data_dir);
  start();
  events_up_to(1, token);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

}  // namespace
}  // namespace acd
