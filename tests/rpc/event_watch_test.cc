// SPDX-License-Identifier: Apache-2.0
// EventService.WatchEvents: what is told, from where a stream goes on, and every way it ends. The
// tenant has a real observer; the test plays its shard.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "acd/v1/event_service.pb.h"
#include "acd/v1/wallboard_service.pb.h"
#include "daemon/rpc/event_service.h"
#include "daemon/rpc/resume_token.h"
#include "tests/readme_table.h"
#include "tests/rpc/edge_test.h"
#include "tests/rpc/observed_tenant.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kWatchMethod = "/acd.v1.EventService/WatchEvents";

std::string metadata_in(const grpc::Status& status, const std::string& key) {
  internal::RpcStatus details;
  details.ParseFromString(status.error_details());
  internal::ErrorInfo info;
  for (const auto& any : details.details()) {
    if (any.type_url().ends_with("ErrorInfo")) info.ParseFromString(any.value());
  }
  const auto found = info.metadata().find(key);
  return found == info.metadata().end() ? "" : found->second;
}

// "call.enqueued c1 - sales": type, call, agent, queue.
std::string line_of(const v1::Event& event) {
  const auto shown = [](const std::string& id) { return id.empty() ? "-" : id; };
  return absl::StrCat(event.type(), " ", shown(event.call_id()), " ", shown(event.agent_id()), " ",
                      shown(event.queue_id()));
}

class EventWatchTest : public EdgeTest {
 protected:
  EventWatchTest() {
    directory_.clear();
    auto bank = std::make_unique<ObservedTenant>("0123456789abcdef");
    bank_ = bank.get();
    directory_.emplace("bank", std::move(bank));
    directory_.emplace("shop", std::make_unique<ObservedTenant>("0123456789abcdef"));
    start();
  }
  ~EventWatchTest() override {
    server_->stop();
    server_.reset();
  }

  std::unique_ptr<RawStream> watch(v1::WatchEventsRequest request = {}) {
    if (request.parent().empty()) request.set_parent("tenants/bank");
    auto stream = std::make_unique<RawStream>(channel_, kWatchMethod);
    EXPECT_TRUE(stream->send(request));
    EXPECT_TRUE(stream->half_close());
    return stream;
  }
  // An open stream, with the token of where it stands in `token_`.
  std::unique_ptr<RawStream> opened_watch(v1::WatchEventsRequest request = {}) {
    auto stream = watch(std::move(request));
    const auto first = stream->receive<v1::WatchEventsResponse>();
    EXPECT_TRUE(first && first->events().empty());
    if (first) token_ = first->resume_token();
    return stream;
  }
  // The next `count` events.
  std::vector<v1::Event> take(RawStream& stream, size_t count) {
    std::vector<v1::Event> events;
    while (events.size() < count) {
      const auto response = stream.receive<v1::WatchEventsResponse>();
      if (!response) break;
      token_ = response->resume_token();
      events.insert(events.end(), response->events().begin(), response->events().end());
    }
    EXPECT_EQ(events.size(), count);
    return events;
  }
  std::vector<std::string> lines(RawStream& stream, size_t count) {
    std::vector<std::string> lines;
    for (const v1::Event& event : take(stream, count)) lines.push_back(line_of(event));
    return lines;
  }
  static v1::WatchEventsRequest from(const std::string& token) {
    v1::WatchEventsRequest request;
    request.set_resume_token(token);
    return request;
  }
  static v1::WatchEventsRequest oldest() {
    v1::WatchEventsRequest request;
    request.set_oldest(true);
    return request;
  }
  std::string refusal(const v1::WatchEventsRequest& request) {
    const grpc::Status status = watch(request)->finish();
    return absl::StrCat(status.error_code(), " ", reason_in(status), " ", fields_in(status));
  }
  // A call that ada has, then one that is abandoned.
  void play() {
    EventFeed& feed = bank_->feed;
    feed.upsert(0, "ada", "Ada");
    feed.log_in(0, "101");
    feed.change_state(0, AgentState::kReady);
    feed.at_s(5);
    feed.enqueue(1);
    feed.offer(1, 0);
    feed.answer(1, 0);
    feed.enqueue(2, 1);
    feed.abandon(2);
    feed.complete(1, 0);
  }

  ObservedTenant* bank_ = nullptr;
  std::string token_;
};

TEST_F(EventWatchTest, TellsWhatIsCommittedAfterItHasOpened) {
  auto stream = opened_watch();
  play();
  bank_->publish();
  const std::vector<v1::Event> events =
      take(*stream, bank_->feed.log.events.size() - kEventsBefore);
  std::vector<std::string> told;
  for (const v1::Event& event : events) told.push_back(line_of(event));
  EXPECT_EQ(told[0], "agent.skills_changed - ada -");
  EXPECT_EQ(told[1], "agent.logged_in - ada -");
  EXPECT_EQ(told[2], "agent.state_changed - ada -");
  EXPECT_EQ(told[3], "call.enqueued c1 - sales");
  EXPECT_EQ(told[4], "offer.created c1 ada sales");
  EXPECT_EQ(told.back(), "call.completed c1 ada sales");
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].sequence(), static_cast<int64_t>(kEventsBefore + i + 1));
  }
  EXPECT_EQ(events[3].time().seconds(), 1'900'000'005);
  EXPECT_EQ(events[1].station(), "101");
  EXPECT_EQ(events[2].to_state(), v1::AGENT_STATE_READY);
}

TEST_F(EventWatchTest, AResumeAtEverySequenceGivesTheRestUnderEveryFilter) {
  for (int i = 0; i < 3; ++i) {
    play();
    bank_->publish();
    bank_->feed.log_out(0);
  }
  bank_->publish();
  const size_t count = bank_->feed.log.events.size();
  std::vector<v1::WatchEventsRequest> filters(8);
  filters[1].add_queue_ids("sales");
  filters[2].add_agent_ids("ada");
  filters[3].add_call_ids("c2");
  filters[4].add_types("call.enqueued");
  filters[5].add_types("offer");
  filters[6].add_queue_ids("slow");
  filters[6].add_types("call");
  filters[7].add_call_ids("c9");
  // Who sees all, as the measure.
  auto all_stream = opened_watch(oldest());
  const std::vector<v1::Event> all = take(*all_stream, count);
  // Behind them something for everybody: whatever comes before it has come.
  play();
  bank_->feed.enqueue(9);
  bank_->publish();
  for (size_t i = 0; i < filters.size(); ++i) {
    const auto passes = [&](const v1::Event& event) {
      const auto has = [](const auto& list, const std::string& word) {
        return list.empty() || std::find(list.begin(), list.end(), word) != list.end();
      };
      const std::string subject = event.type().substr(0, event.type().find('.'));
      const v1::WatchEventsRequest& filter = filters[i];
      return has(filter.queue_ids(), event.queue_id()) &&
             has(filter.agent_ids(), event.agent_id()) && has(filter.call_ids(), event.call_id()) &&
             (has(filter.types(), event.type()) || has(filter.types(), subject));
    };
    for (size_t cut = 0; cut <= count; ++cut) {
      v1::WatchEventsRequest request = filters[i];
      request.set_resume_token(
          make_resume_token(bank_->history_id(), "bank", static_cast<int64_t>(cut)));
      std::vector<int64_t> expected;
      for (size_t at = cut; at < count; ++at) {
        if (passes(all[at])) expected.push_back(all[at].sequence());
      }
      auto stream = opened_watch(request);
      std::vector<int64_t> told;
      while (told.empty() || told.back() <= static_cast<int64_t>(count)) {
        const auto response = stream->receive<v1::WatchEventsResponse>();
        ASSERT_TRUE(response) << "filter " << i << " after " << cut;
        for (const v1::Event& event : response->events()) told.push_back(event.sequence());
      }
      std::erase_if(told, [&](int64_t sequence) { return sequence > static_cast<int64_t>(count); });
      ASSERT_EQ(told, expected) << "filter " << i << " after " << cut;
      stream->cancel();
    }
  }
}

TEST_F(EventWatchTest, GoesOnFromTheTokenOfALastResponse) {
  auto first = opened_watch();
  play();
  bank_->publish();
  const size_t count = bank_->feed.log.events.size() - kEventsBefore;
  take(*first, count);
  first->cancel();
  const std::string token = token_;
  bank_->feed.enqueue(3);
  bank_->feed.abandon(3);
  bank_->publish();
  auto second = opened_watch(from(token));
  EXPECT_THAT(lines(*second, 2),
              ElementsAre("call.enqueued c3 - sales", "call.abandoned c3 - sales"));
}

TEST_F(EventWatchTest, AQueueThatWasRemovedIsStillOneToGoOnWith) {
  v1::WatchEventsRequest request;
  request.add_queue_ids("slow");
  auto cut = opened_watch(request);
  cut->cancel();
  request.set_resume_token(token_);
  bank_->feed.enqueue(1, 1);
  bank_->feed.abandon(1);
  TenantConfig config = two_queues();
  config.queues.pop_back();
  bank_->feed.remove_queue(1);
  bank_->publish(&config);
  auto again = opened_watch(request);
  EXPECT_THAT(lines(*again, 3), ElementsAre("call.enqueued c1 - slow", "call.abandoned c1 - slow",
                                            "queue.removed - - slow"));
}

TEST_F(EventWatchTest, AllIsToldWithoutRoomToo) {
  server_->stop();
  options_.watch_pending_bytes_max = 0;
  start();
  v1::WatchEventsRequest calls;
  calls.add_types("call");
  auto first = opened_watch(calls);
  auto second = opened_watch(calls);
  constexpr int kCalls = 3'000;  // Far more than a connection takes unread.
  for (int i = 1; i <= kCalls; ++i) bank_->feed.enqueue(i);
  bank_->publish();
  std::vector<std::future<size_t>> told;
  for (RawStream* stream : {first.get(), second.get()}) {
    told.push_back(std::async(std::launch::async, [stream] {
      size_t count = 0;
      while (count < kCalls) {
        const auto response = stream->receive<v1::WatchEventsResponse>();
        if (!response) break;
        count += static_cast<size_t>(response->events_size());
      }
      return count;
    }));
  }
  for (auto& count : told) EXPECT_EQ(count.get(), static_cast<size_t>(kCalls));
}

TEST(EventPagesTest, APageTakesRoomUntilNobodyHoldsItAndIsShortWithoutAny) {
  constexpr int kCalls = 1'500;
  EventFeed feed;
  connect_switch(feed);
  for (int i = 1; i <= kCalls; ++i) feed.enqueue(i);
  WatchTail tail;
  for (const Event& event : feed.log.events) tail.add(event, feed.log.arena, feed.board, 0);
  const auto pool = std::make_shared<PendingPool>(kWatchBytesMax - kPendingOwnBytesMax + 4'000);
  EventPages pages("bank", "0123456789abcdef", pool);
  EventFilter calls;
  calls.types = {"call"};
  auto first = pages.next(feed.board, tail, 0, calls);
  ASSERT_TRUE(first.has_events);
  ASSERT_GT(first.bytes.Length(), kPendingOwnBytesMax + 4'000);
  const auto shorter = pages.next(feed.board, tail, 0, calls);
  ASSERT_TRUE(shorter.has_events);
  EXPECT_LT(shorter.bytes.Length(), kPendingOwnBytesMax + 4'000);
  EXPECT_LT(shorter.through, first.through);
  first.share = nullptr;
  EXPECT_EQ(pages.next(feed.board, tail, 0, calls).through, first.through);
  // What several have takes it once; when it was written and there is no more, others get less.
  auto one = pages.next(feed.board, tail, 0, {});
  auto other = pages.next(feed.board, tail, 0, {});
  EXPECT_EQ(one.share, other.share);
  one.share = other.share = nullptr;
  ASSERT_TRUE(pool->take(kWatchBytesMax - kPendingOwnBytesMax));
  const auto late = pages.next(feed.board, tail, 0, {});
  EXPECT_LT(late.through, one.through);
  EXPECT_LT(late.bytes.Length(), kPendingOwnBytesMax + 4'000);
}

TEST_F(EventWatchTest, StepsCountFromOneAsInExplanations) {
  auto stream = opened_watch();
  bank_->feed.enqueue(1);
  Event event;
  event.kind = EventKind::kCallStepChanged;
  event.call = call_index(1);
  event.queue = queue_index(0);
  event.number = 0b101;
  bank_->feed.add(event);
  bank_->publish();
  EXPECT_THAT(take(*stream, 2)[1].steps(), ElementsAre(1, 3));
}

// As after a restart: what was committed before is still to be folded when the first watchers come.
TEST_F(EventWatchTest, WhatIsPublishedAndNotFoldedYetIsNotNewsAndItsTokensAreGood) {
  std::promise<void> release;
  bank_->hold_observer(&release);
  for (int i = 1; i <= 100; ++i) {
    bank_->feed.enqueue(i);
    bank_->publish();
  }
  const auto last = static_cast<int64_t>(bank_->feed.log.events.size());
  auto resumed = watch(from(make_resume_token(bank_->history_id(), "bank", last)));
  auto fresh = watch();
  EXPECT_TRUE(bank_->wait_asks(2));
  release.set_value();
  const std::string token = make_resume_token(bank_->history_id(), "bank", last);
  for (RawStream* stream : {resumed.get(), fresh.get()}) {
    const auto first = stream->receive<v1::WatchEventsResponse>();
    ASSERT_TRUE(first) << reason_in(stream->finish());
    EXPECT_EQ(first->resume_token(), token);
  }
  bank_->feed.abandon(1);
  bank_->publish();
  for (RawStream* stream : {resumed.get(), fresh.get()}) {
    EXPECT_THAT(lines(*stream, 1), ElementsAre("call.abandoned c1 - sales"));
  }
}

TEST_F(EventWatchTest, AListCarriesATokenForWhatComesAfterIt) {
  play();
  bank_->publish();
  v1::ListQueueStatsRequest request;
  request.set_parent("tenants/bank");
  v1::ListQueueStatsResponse queues;
  ASSERT_TRUE(call(channel_, "/acd.v1.WallboardService/ListQueueStats", request, &queues).ok());
  v1::ListAgentsRequest of_agents;
  of_agents.set_parent("tenants/bank");
  v1::ListAgentsResponse agents;
  ASSERT_TRUE(call(channel_, "/acd.v1.WallboardService/ListAgents", of_agents, &agents).ok());
  v1::ListCallsRequest of_calls;
  of_calls.set_parent("tenants/bank");
  v1::ListCallsResponse calls;
  ASSERT_TRUE(call(channel_, "/acd.v1.WallboardService/ListCalls", of_calls, &calls).ok());
  EXPECT_EQ(agents.resume_token(), queues.resume_token());
  EXPECT_EQ(calls.resume_token(), queues.resume_token());
  bank_->feed.enqueue(3);
  bank_->publish();
  auto stream = opened_watch(from(queues.resume_token()));
  EXPECT_THAT(lines(*stream, 1), ElementsAre("call.enqueued c3 - sales"));
}

TEST_F(EventWatchTest, RefusesWhatIsNoToken) {
  EXPECT_EQ(refusal(from("garbage")), "3 FIELD_OUT_OF_RANGE resume_token");
  EXPECT_EQ(refusal(from(make_resume_token("0123456789abcdef", "shop", 1))),
            "3 FIELD_OUT_OF_RANGE resume_token");
  EXPECT_EQ(refusal(from(make_resume_token("another history!", "bank", 1))), "9 HISTORY_CHANGED ");
  // The journal was cut back behind somebody who had seen more.
  EXPECT_EQ(refusal(from(make_resume_token("0123456789abcdef", "bank", 4))), "9 HISTORY_CHANGED ");
}

TEST_F(EventWatchTest, RefusesWrongFilters) {
  v1::WatchEventsRequest request;
  request.add_queue_ids("nowhere");
  EXPECT_EQ(refusal(request), "5 QUEUE_UNKNOWN ");
  request.Clear();
  request.add_agent_ids("nobody");
  EXPECT_EQ(refusal(request), "5 AGENT_UNKNOWN ");
  request.Clear();
  request.add_types("call.enqueued");
  request.add_types("call.explode");
  request.add_call_ids("");
  EXPECT_EQ(refusal(request), "3 FIELD_REQUIRED call_ids[0] types[1]");
  request.Clear();
  for (int i = 0; i <= kFilterEntriesMax; ++i) request.add_call_ids("c");
  EXPECT_EQ(refusal(request), "3 FIELD_OUT_OF_RANGE call_ids");
  // Each fault is told once, and all of them together.
  request.Clear();
  for (int i = 0; i <= kFilterEntriesMax; ++i) request.add_types("call.explode");
  EXPECT_EQ(refusal(request), "3 FIELD_OUT_OF_RANGE types");
  request.Clear();
  request.add_types(std::string(kIdBytesMax + 1, 'x'));
  request.add_call_ids("");
  request.set_resume_token("garbage");
  EXPECT_EQ(refusal(request), "3 FIELD_REQUIRED call_ids[0] types[0] resume_token");
  request.Clear();
  request.set_parent("tenants/nobody");
  EXPECT_EQ(refusal(request), "5 TENANT_UNKNOWN ");
  request.set_parent("nobody");
  EXPECT_EQ(refusal(request), "3 NAME_MALFORMED parent");
}

TEST_F(EventWatchTest, TakesEveryTypeThatTheVocabularyHas) {
  size_t count = 0;
  v1::WatchEventsRequest request;
  for (const auto& row : table_behind(source_text("routing/VOCABULARY.md"), "# Vocab")) {
    if (row.at(1) != "event") continue;
    ++count;
    request.add_types(quoted_words(row.at(0)).at(0));
  }
  EXPECT_GT(count, 60u);
  opened_watch(request)->cancel();
}

TEST_F(EventWatchTest, AStopHandsOutTheLastToken) {
  auto stream = opened_watch();
  bank_->feed.enqueue(1);
  bank_->publish();
  take(*stream, 1);
  server_->stop();
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(reason_in(status), "SHUTTING_DOWN");
  EXPECT_EQ(metadata_in(status, "resume_token"), token_);
}

TEST_F(EventWatchTest, WhoFallsBehindTheTailIsSentToTheListsAndOthersAreNot) {
  auto slow = opened_watch();
  v1::WatchEventsRequest arrivals;
  arrivals.add_types("call.enqueued");
  auto narrow = opened_watch(arrivals);
  EventFeed& feed = bank_->feed;
  feed.upsert(0, "ada", std::string(200, 'a'));
  feed.log_in(0, "101");
  for (size_t i = 0; i < WatchTail::kEventsMax + 2 * WatchTail::kBlockEventsMax; ++i) {
    feed.change_state(0, i % 2 == 0 ? AgentState::kReady : AgentState::kNotReady);
    if (i % WatchTail::kBlockEventsMax == 0) bank_->publish();
  }
  feed.enqueue(1);
  bank_->publish();
  EXPECT_THAT(lines(*narrow, 1), ElementsAre("call.enqueued c1 - sales"));
  EXPECT_EQ(refusal(from(make_resume_token(bank_->history_id(), "bank", 1))),
            "11 RESUME_TOKEN_EXPIRED ");
  // It reads again, and finds that what comes next is no longer there: no token to resume by.
  const grpc::Status status = slow->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(reason_in(status), "RESUME_TOKEN_EXPIRED");
  EXPECT_EQ(metadata_in(status, "resume_token"), "");
}

// The same service in a server of the test's own, so that the test tells it the time.
class WatchClockTest : public EventWatchTest {
 protected:
  WatchClockTest() : edge_(options_, directory_), service_(edge_, 3) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    own_server_ = builder.BuildAndStart();
    channel_ = channel_to("127.0.0.1:" + std::to_string(port));
  }
  ~WatchClockTest() override {
    service_.finish_all();
    own_server_->Shutdown(std::chrono::system_clock::now());
  }
  void wait_streams(size_t count) {
    const auto began = StreamClock::now();
    while (service_.stream_count() != count && StreamClock::now() - began < kTestWaitMax) {
      std::this_thread::yield();
    }
    EXPECT_EQ(service_.stream_count(), count);
  }

  Edge edge_;
  EventService service_;
  std::unique_ptr<grpc::Server> own_server_;
};

TEST_F(WatchClockTest, AHeartbeatMovesTheTokenThoughNothingPassesTheFilter) {
  v1::WatchEventsRequest request;
  request.add_types("switch");
  auto stream = opened_watch(request);
  const std::string before = token_;
  bank_->feed.enqueue(1);
  bank_->publish();
  // The watcher has been shown the event when a read behind it is answered and the next turn came.
  v1::WatchEventsRequest all;
  auto other = opened_watch(all);
  bank_->feed.abandon(1);
  bank_->publish();
  take(*other, 1);
  std::string moved = before;
  for (int tries = 1; moved == before && tries < 1'000; ++tries) {
    service_.tick(StreamClock::now() + tries * kWatchHeartbeat);
    const auto beat = stream->receive<v1::WatchEventsResponse>();
    ASSERT_TRUE(beat && beat->events().empty());
    moved = beat->resume_token();
  }
  EXPECT_NE(moved, before);
  bank_->feed.enqueue(2);
  bank_->publish();
  auto rest = opened_watch(from(moved));
  EXPECT_THAT(lines(*rest, 1).at(0), HasSubstr("c"));
}

TEST_F(WatchClockTest, CutsAStreamThatIsNotReadAndNoOther) {
  auto slow = opened_watch();
  auto other = opened_watch();
  EventFeed& feed = bank_->feed;
  feed.upsert(0, "ada", std::string(200, 'a'));
  feed.log_in(0, "101");
  for (int i = 0; i < 40'000; ++i) {
    feed.change_state(0, i % 2 == 0 ? AgentState::kReady : AgentState::kNotReady);
  }
  bank_->publish();
  take(*other, feed.log.events.size() - kEventsBefore);
  service_.tick(StreamClock::now() + std::chrono::seconds(4));
  service_.tick(StreamClock::now() + std::chrono::seconds(6));
  const grpc::Status status = slow->finish();
  EXPECT_EQ(reason_in(status), "STREAM_TOO_SLOW");
  const std::string token = metadata_in(status, "resume_token");
  ASSERT_FALSE(token.empty());
  feed.enqueue(1);
  bank_->publish();
  EXPECT_THAT(lines(*other, 1), ElementsAre("call.enqueued c1 - sales"));
  opened_watch(from(token))->cancel();
}

TEST_F(WatchClockTest, TakesAsManyStreamsAsItMayAndAnotherWhenOneIsGone) {
  auto first = opened_watch();
  auto second = opened_watch();
  auto third = opened_watch();
  const grpc::Status status = watch()->finish();
  EXPECT_EQ(reason_in(status), "OVERLOADED");
  EXPECT_TRUE(has_retry(status));
  first->cancel();
  wait_streams(2);
  // The observer lets go of it a moment later.
  std::string reason = "OVERLOADED";
  const auto began = StreamClock::now();
  while (reason == "OVERLOADED" && StreamClock::now() - began < kTestWaitMax) {
    auto another = watch();
    const auto opened = another->receive<v1::WatchEventsResponse>();
    reason = opened ? "" : reason_in(another->finish());
  }
  EXPECT_EQ(reason, "");
}

// --- What is told of each kind.

class EventFormTest : public ::testing::Test {
 protected:
  EventFormTest() { connect_switch(feed_); }

  // `event` as it is told, behind what it needs.
  v1::Event told(Event event) {
    event.sequence = feed_.board.sequence() + 1;
    if (event.kind == EventKind::kCallEnqueued) feed_.board.apply(event, feed_.log.arena);
    WatchTail tail;
    tail.restore({}, event.sequence);
    tail.add(event, feed_.log.arena, feed_.board, 0);
    v1::Event message;
    encode_event(feed_.board, tail.at(event.sequence), &message);
    return message;
  }
  TextRef text(std::string_view words) { return feed_.log.add_text(words); }

  EventFeed feed_;
};

TEST_F(EventFormTest, NumbersOfCustomersAreInNone) {
  feed_.upsert(0, "ada");
  feed_.enqueue(1);
  constexpr std::string_view kNumber = "+4930777";
  for (const EventKind kind :
       {EventKind::kCallDialed, EventKind::kCallOutsideDialed, EventKind::kCallOverflowed,
        EventKind::kCallTransferred, EventKind::kCallScheduled}) {
    Event event;
    event.kind = kind;
    event.call = call_index(1);
    event.agent = agent_index(0);
    event.flag = true;
    const bool is_scheduled = kind == EventKind::kCallScheduled;
    event.text = text(is_scheduled ? "s1" : kNumber);
    event.text3 = text(is_scheduled ? kNumber : "");
    if (kind == EventKind::kCallTransferred) {
      event.detail = static_cast<uint8_t>(TransferTarget::kOutside);
    }
    const v1::Event message = told(event);
    EXPECT_EQ(message.SerializeAsString().find(kNumber), std::string::npos)
        << message.DebugString();
    EXPECT_EQ(message.type(), event_name(kind, event.detail));
  }
  Event callback;
  callback.kind = EventKind::kCallEnqueued;
  callback.detail = static_cast<uint8_t>(VisitEntry::kCallback);
  callback.call = call_index(7);
  callback.queue = queue_index(0);
  callback.source = SourceIndex(0u);
  callback.text = text("cb");
  callback.text3 = text(encode_asked({kNumber, "c1"}));
  EXPECT_EQ(told(callback).SerializeAsString().find(kNumber), std::string::npos);
}

TEST_F(EventFormTest, ACallThatEntersNamesItsPreferredAgentAndNoGeneration) {
  feed_.upsert(0, "ada");
  Event event;
  event.kind = EventKind::kCallEnqueued;
  event.call = call_index(1);
  event.queue = queue_index(0);
  event.source = SourceIndex(0u);
  event.text = text("c1");
  event.generation = 90'000;
  event.agent = AgentIndex(0u);
  event.cause = 30;
  const v1::Event message = told(event);
  EXPECT_EQ(message.agent_id(), "ada");
  EXPECT_EQ(message.generation(), 0);
  EXPECT_EQ(message.cause(), 0);
}

TEST_F(EventFormTest, DetailsAreWordsOfTheVocabulary) {
  feed_.upsert(0, "ada");
  feed_.enqueue(1);
  const auto detail_of = [this](EventKind kind, auto detail) {
    Event event;
    event.kind = kind;
    event.call = call_index(1);
    event.detail = static_cast<uint8_t>(detail);
    return told(event).detail();
  };
  EXPECT_EQ(detail_of(EventKind::kCallCompleted, EndedBy::kAgent), "agent");
  EXPECT_EQ(detail_of(EventKind::kCallFailed, FailReason::kSwitchLost), "switch_lost");
  EXPECT_EQ(detail_of(EventKind::kCallRejected, LimitKind::kNoAgents), "no_agents");
  EXPECT_EQ(detail_of(EventKind::kCallTreated, TreatmentKind::kAnnouncement), "announcement");
  EXPECT_EQ(detail_of(EventKind::kCallTransferred, TransferTarget::kQueue), "queue");
  EXPECT_EQ(detail_of(EventKind::kCallDialEnded, DialOutcome::kBusy), "busy");
  EXPECT_EQ(detail_of(EventKind::kCallRequeued, OfferOutcome::kBusy), "busy");
}

}  // namespace
}  // namespace acd
