// SPDX-License-Identifier: Apache-2.0
// ListScheduledCalls: order, pages, the filter, and every documented error but those that all methods
// answer alike (unary_test.cc).
#include <string>
#include <vector>

#include "acd/v1/call_service.pb.h"
#include "daemon/rpc/request_fields.h"
#include "routing/callback.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

constexpr const char* kMethod = "/acd.v1.CallService/ListScheduledCalls";

class ScheduledCallsTest : public EdgeTest {
 protected:
  ScheduledCallsTest() {
    Event connected;
    connected.kind = EventKind::kSwitchConnected;
    connected.source = SourceIndex(0u);
    connected.text = tenant_->feed.log.add_text("pbx-1");
    tenant_->feed.add(connected);
    request_.set_parent("tenants/bank");
  }
  void schedule(const std::string& id, const std::string& queue, int64_t due_ms,
                const std::string& number = "") {
    Event event;
    event.kind = EventKind::kCallScheduled;
    event.detail = static_cast<uint8_t>(ScheduleChange::kMade);
    event.source = SourceIndex(0u);
    event.flag = !number.empty();
    event.number = number.empty() ? 0 : -3;
    event.duration_ns = due_ms * kNsPerMs;
    event.text = tenant_->feed.log.add_text(id);
    event.text2 = tenant_->feed.log.add_text(queue);
    event.text3 = tenant_->feed.log.add_text(number);
    tenant_->feed.add(event);
  }
  // All pages: "c1 c2|c3".
  std::string pages() {
    std::string text;
    do {
      v1::ListScheduledCallsResponse list;
      const grpc::Status status = call(channel_, kMethod, request_, &list);
      if (!status.ok()) return error(status);
      if (!text.empty()) text += "|";
      for (int i = 0; i < list.calls_size(); ++i) {
        const std::string& name = list.calls(i).name();
        text += (i > 0 ? " " : "") + name.substr(name.rfind('/') + 1);
      }
      request_.set_page_token(list.next_page_token());
    } while (!request_.page_token().empty());
    return text;
  }
  static std::string error(const grpc::Status& status) {
    return std::to_string(status.error_code()) + " " + reason_in(status) + " " + fields_in(status);
  }

  v1::ListScheduledCallsRequest request_;
};

TEST_F(ScheduledCallsTest, ListsTheFirstToEnterFirst) {
  schedule("c2", "sales", 2'000, "0201");
  schedule("c1", "slow", 1'750);
  start();
  v1::ListScheduledCallsResponse list;
  ASSERT_TRUE(call(channel_, kMethod, request_, &list).ok());
  ASSERT_EQ(list.calls_size(), 2);
  const v1::ScheduledCall& task = list.calls(0);
  EXPECT_EQ(task.name(), "tenants/bank/calls/c1");
  EXPECT_EQ(task.queue(), "tenants/bank/queues/slow");
  EXPECT_EQ(task.source_id(), "pbx-1");
  EXPECT_EQ(task.time().seconds(), 1);
  EXPECT_EQ(task.time().nanos(), 750'000'000);
  EXPECT_EQ(task.number(), "");
  EXPECT_FALSE(task.has_priority());
  const v1::ScheduledCall& callback = list.calls(1);
  EXPECT_EQ(callback.name(), "tenants/bank/calls/c2");
  EXPECT_EQ(callback.number(), "0201");
  EXPECT_EQ(callback.priority(), -3);
  EXPECT_EQ(list.next_page_token(), "");
}

TEST_F(ScheduledCallsTest, ListsPagesAlsoOfOneQueueAndOfOneMoment) {
  for (int i = 0; i < 7; ++i) {
    schedule("c" + std::to_string(i), i % 3 == 0 ? "slow" : "sales", i < 5 ? 1'000 : 2'000);
  }
  schedule("a b", "slow", 1'000);  // A blank sorts first, and is in the token.
  start();
  EXPECT_EQ(pages(), "a b c0 c1 c2 c3 c4 c5 c6");
  request_.set_page_size(1);
  EXPECT_EQ(pages(), "a b|c0|c1|c2|c3|c4|c5|c6");
  request_.set_page_size(3);
  EXPECT_EQ(pages(), "a b c0 c1|c2 c3 c4|c5 c6");
  request_.set_queue("tenants/bank/queues/sales");
  request_.set_page_size(2);
  EXPECT_EQ(pages(), "c1 c2|c4 c5");  // Nothing is left: no token.
  request_.set_page_size(1);
  EXPECT_EQ(pages(), "c1|c2|c4|c5");
  request_.set_page_size(2'000'000'000);
  EXPECT_EQ(pages(), "c1 c2 c4 c5");
}

TEST_F(ScheduledCallsTest, SaysWhatIsWrong) {
  start();
  EXPECT_EQ(pages(), "");
  const auto refused = [&](auto&& change) {
    request_.Clear();
    request_.set_parent("tenants/bank");
    change(request_);
    return pages();
  };
  EXPECT_EQ(refused([](auto& r) { r.set_parent("bank"); }), "3 NAME_MALFORMED parent");
  EXPECT_EQ(refused([](auto& r) { r.set_parent("tenants/shop"); }), "5 TENANT_UNKNOWN ");
  EXPECT_EQ(refused([](auto& r) { r.set_page_size(-1); }), "3 FIELD_OUT_OF_RANGE page_size");
  EXPECT_EQ(refused([](auto& r) { r.set_page_token("x"); }), "3 FIELD_OUT_OF_RANGE page_token");
  EXPECT_EQ(refused([](auto& r) {
              r.set_page_token(make_page_token(PageKind::kScheduled, "bank", "soon"));
            }),
            "3 FIELD_OUT_OF_RANGE page_token");
  EXPECT_EQ(refused([](auto& r) { r.set_queue("sales"); }), "3 NAME_MALFORMED queue");
  EXPECT_EQ(refused([](auto& r) { r.set_queue("tenants/shop/queues/sales"); }),
            "3 FIELD_OUT_OF_RANGE queue");
  EXPECT_EQ(refused([](auto& r) { r.set_queue("tenants/bank/queues/gone"); }), "5 QUEUE_UNKNOWN ");
}

TEST_F(ScheduledCallsTest, SaysThatTooManyReadsWait) {
  tenant_->set_reads_full();
  start();
  EXPECT_EQ(pages(), "8 OVERLOADED ");
}

TEST_F(ScheduledCallsTest, SaysThatTheDaemonStops) {
  tenant_->set_drops_reads();
  start();
  EXPECT_EQ(pages(), "14 SHUTTING_DOWN ");
}

}  // namespace
}  // namespace acd
