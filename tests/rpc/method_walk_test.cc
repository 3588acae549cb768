// SPDX-License-Identifier: Apache-2.0
// Every method of acd.v1, found by its descriptors, called in every wrong way.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "acd/v1/call_service.pb.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

enum class WaitsFor : uint8_t { kNothing, kRead, kChange };

struct GoodRequest {
  WaitsFor waits_for = WaitsFor::kNothing;
  std::string text;  // Of tenant "bank".
};

// A good request for each method, of a stream its first message. One that is missing here fails the test.
const std::map<std::string, GoodRequest>& good_requests() {
  static const std::map<std::string, GoodRequest> kRequests = {
      {"AgentService.AcceptOffer",
       {WaitsFor::kChange, "name: 'tenants/bank/agents/ada' call_id: 'c1' generation: 1"}},
      {"AgentService.RejectOffer",
       {WaitsFor::kChange, "name: 'tenants/bank/agents/ada' call_id: 'c1' generation: 1"}},
      {"AgentService.Connect",
       {WaitsFor::kNothing,
        "open_session { tenant: 'tenants/bank' source_id: 'desk-1' epoch: '1' }"}},
      {"CallService.SetCallOutcome",
       {WaitsFor::kChange, "name: 'tenants/bank/calls/c1' outcome { resolved: true }"}},
      {"CallService.TransferCall",
       {WaitsFor::kChange, "name: 'tenants/bank/calls/c1' transfer { agent_id: 'ada' }"}},
      {"CallService.Consult",
       {WaitsFor::kChange,
        "name: 'tenants/bank/calls/c1' consult_id: 'x1' to { agent_id: 'ada' }"}},
      {"CallService.MergeConsult", {WaitsFor::kChange, "name: 'tenants/bank/calls/x1'"}},
      {"CallService.RequestCallback",
       {WaitsFor::kChange,
        "name: 'tenants/bank/calls/c9' queue: 'tenants/bank/queues/loans' source_id: 'pbx1' "
        "number: '4420'"}},
      {"CallService.CancelCall", {WaitsFor::kChange, "name: 'tenants/bank/calls/c1'"}},
      {"CallService.ScheduleCall",
       {WaitsFor::kChange,
        "name: 'tenants/bank/calls/c9' queue: 'tenants/bank/queues/loans' source_id: 'pbx1' "
        "time { seconds: 1800000000 }"}},
      {"CallService.RescheduleCall",
       {WaitsFor::kChange, "name: 'tenants/bank/calls/c9' time { seconds: 1800000000 }"}},
      {"CallService.ListScheduledCalls", {WaitsFor::kRead, "parent: 'tenants/bank'"}},
      {"ConfigService.ValidateConfig",
       {WaitsFor::kNothing,
        "config { name: 'tenants/bank' queues { name: 'tenants/bank/queues/sales' } }"}},
      {"ConfigService.ApplyConfig",
       {WaitsFor::kChange,
        "config { name: 'tenants/bank' queues { name: 'tenants/bank/queues/sales' } } etag: 'e'"}},
      {"ConfigService.UpsertAgents",
       {WaitsFor::kChange, "parent: 'tenants/bank' agents { name: 'tenants/bank/agents/ada' }"}},
      {"ConfigService.OverrideQueue",
       {WaitsFor::kChange,
        "name: 'tenants/bank/queues/sales' state: QUEUE_OVERRIDE_CLOSED reason: 'drill'"}},
      {"ConfigService.GetConfig", {WaitsFor::kRead, "name: 'tenants/bank'"}},
      {"ConfigService.ListTenants", {WaitsFor::kNothing, ""}},
      {"EventService.WatchEvents", {WaitsFor::kNothing, "parent: 'tenants/bank'"}},
      {"SupervisorService.SetAgentState",
       {WaitsFor::kChange, "name: 'tenants/bank/agents/ada' ready {}"}},
      {"SupervisorService.EndWrapUp", {WaitsFor::kChange, "name: 'tenants/bank/agents/ada'"}},
      {"SupervisorService.ExtendWrapUp", {WaitsFor::kChange, "name: 'tenants/bank/agents/ada'"}},
      {"SupervisorService.PauseMember",
       {WaitsFor::kChange, "name: 'tenants/bank/agents/ada' queue: 'tenants/bank/queues/loans'"}},
      {"SupervisorService.UnpauseMember",
       {WaitsFor::kChange, "name: 'tenants/bank/agents/ada' queue: 'tenants/bank/queues/loans'"}},
      {"SupervisorService.RequeueCall", {WaitsFor::kChange, "name: 'tenants/bank/calls/c1'"}},
      {"SupervisorService.ChangeCallPriority",
       {WaitsFor::kChange, "name: 'tenants/bank/calls/c1' priority: 1"}},
      {"SupervisorService.SuperviseCall",
       {WaitsFor::kChange,
        "name: 'tenants/bank/calls/c1' kind: SUPERVISION_MONITOR supervisor_id: 'sue'"}},
      {"SupervisorService.WithdrawCall", {WaitsFor::kChange, "name: 'tenants/bank/calls/c1'"}},
      {"ExplainService.WhyWaiting", {WaitsFor::kChange, "name: 'tenants/bank/calls/c1'"}},
      {"ExplainService.WhyIdle", {WaitsFor::kChange, "name: 'tenants/bank/agents/ada'"}},
      {"ExplainService.ExplainAssignment", {WaitsFor::kRead, "name: 'tenants/bank/calls/c1'"}},
      {"SwitchService.Connect",
       {WaitsFor::kNothing,
        "open_session { tenant: 'tenants/bank' source_id: 'pbx-1' epoch: '1' }"}},
      {"WallboardService.GetQueueStats", {WaitsFor::kRead, "name: 'tenants/bank/queues/q'"}},
      {"WallboardService.ListQueueStats", {WaitsFor::kRead, "parent: 'tenants/bank'"}},
      {"WallboardService.GetAgent", {WaitsFor::kRead, "name: 'tenants/bank/agents/ada'"}},
      {"WallboardService.ListAgents", {WaitsFor::kRead, "parent: 'tenants/bank'"}},
      {"WallboardService.GetCall", {WaitsFor::kRead, "name: 'tenants/bank/calls/c1'"}},
      {"WallboardService.ListCalls", {WaitsFor::kRead, "parent: 'tenants/bank'"}},
      {"WallboardService.PredictWait", {WaitsFor::kRead, "name: 'tenants/bank/queues/q'"}},
      {"WallboardService.ListGroupStats",
       {WaitsFor::kRead, "parent: 'tenants/bank' kind: GROUP_KIND_TEAM"}},
      {"WallboardService.ListDayPoints", {WaitsFor::kRead, "name: 'tenants/bank/queues/q'"}},
      // It asks the tenant when it comes, and not again in time.
      {"WallboardService.Watch",
       {WaitsFor::kNothing, "parent: 'tenants/bank' interval { seconds: 60 }"}},
  };
  return kRequests;
}

class MethodWalkTest : public EdgeTest {
 protected:
  using Method = google::protobuf::MethodDescriptor;

  static std::vector<const Method*> methods(bool streaming) {
    std::vector<const Method*> found;
    for (const auto& entry : std::filesystem::directory_iterator(ACD_SOURCE_DIR "/proto/acd/v1")) {
      const google::protobuf::FileDescriptor* file =
          google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
              "acd/v1/" + entry.path().filename().string());
      if (file == nullptr) continue;  // No part of this program has it, nor its service.
      for (int i = 0; i < file->service_count(); ++i) {
        const auto* service = file->service(i);
        for (int j = 0; j < service->method_count(); ++j) {
          const Method* method = service->method(j);
          if ((method->client_streaming() || method->server_streaming()) == streaming) {
            found.push_back(method);
          }
        }
      }
    }
    return found;
  }
  static std::string path_of(const Method& method) {
    return "/" + method.service()->full_name() + "/" + method.name();
  }
  static std::string key_of(const Method& method) {
    return method.service()->name() + "." + method.name();
  }

  // The method's good request for the tenant of that name.
  std::string bytes_for(const Method& method, const std::string& tenant) {
    const auto found = good_requests().find(key_of(method));
    if (found == good_requests().end()) {
      ADD_FAILURE() << "good_requests() lacks " << key_of(method);
      return "";
    }
    std::string text = found->second.text;
    const std::string bank = "tenants/bank";
    for (size_t at = 0; (at = text.find(bank, at)) != std::string::npos; ++at) {
      text.replace(at, bank.size(), "tenants/" + tenant);
    }
    const std::unique_ptr<google::protobuf::Message> message(
        factory_.GetPrototype(method.input_type())->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get()))
        << key_of(method);
    return message->SerializeAsString();
  }

  // "REASON", or "CODE" of an answer that no error of ours goes with.
  std::string answer_to(const Method& method, const std::string& bytes) {
    std::string unused;
    const grpc::Status status = call_bytes(channel_, path_of(method), bytes, &unused);
    EXPECT_NE(status.error_code(), grpc::StatusCode::UNKNOWN) << key_of(method);
    const std::string reason = reason_in(status);
    return reason.empty() ? std::to_string(status.error_code()) : reason;
  }
  // The same of a stream's first message.
  std::string end_of(const Method& method, const std::string& bytes) {
    RawStream stream(channel_, path_of(method));
    stream.send_bytes(bytes);
    const grpc::Status status = stream.finish();
    EXPECT_NE(status.error_code(), grpc::StatusCode::UNKNOWN) << key_of(method);
    const std::string reason = reason_in(status);
    return reason.empty() ? std::to_string(status.error_code()) : reason;
  }

  google::protobuf::DynamicMessageFactory factory_;
};

const std::string kNoMessage = "\xff\xff";

TEST_F(MethodWalkTest, SaysThatBytesAreNoMessage) {
  start();
  EXPECT_EQ(methods(false).size() + methods(true).size(), good_requests().size());
  for (const Method* method : methods(false)) {
    EXPECT_EQ(answer_to(*method, kNoMessage), "MESSAGE_UNPARSABLE") << key_of(*method);
  }
  for (const Method* method : methods(true)) {
    EXPECT_EQ(end_of(*method, kNoMessage), "MESSAGE_UNPARSABLE") << key_of(*method);
  }
  EXPECT_EQ(tenant_->submitted(), 0);
}

TEST_F(MethodWalkTest, SaysThatATenantIsUnknown) {
  start();
  for (const Method* method : methods(false)) {
    const bool is_of_a_tenant = key_of(*method) != "ConfigService.ListTenants" &&
                                key_of(*method) != "ConfigService.ValidateConfig";
    const std::string answer = answer_to(*method, bytes_for(*method, "shop"));
    EXPECT_EQ(answer, is_of_a_tenant ? "TENANT_UNKNOWN" : "0") << key_of(*method);
  }
  for (const Method* method : methods(true)) {
    EXPECT_EQ(end_of(*method, bytes_for(*method, "shop")), "TENANT_UNKNOWN") << key_of(*method);
  }
  EXPECT_EQ(tenant_->submitted(), 0);
}

TEST_F(MethodWalkTest, SaysThatAMessageIsTooLarge) {
  start();
  const std::string large(17 << 20, '\0');
  for (const Method* method : methods(false)) {
    const std::string answer = answer_to(*method, large);
    // Above 16 MiB gRPC itself answers, which cannot say our reason.
    EXPECT_EQ(answer, "8") << key_of(*method);
    const bool has_config =
        key_of(*method).starts_with("ConfigService.") &&
        (method->name() == "ApplyConfig" || method->name() == "ValidateConfig" ||
         method->name() == "UpsertAgents");
    const size_t size = (has_config ? 16 << 20 : 1 << 20) + (17 << 10);
    EXPECT_EQ(answer_to(*method, large.substr(0, size)), "MESSAGE_TOO_LARGE") << key_of(*method);
  }
  for (const Method* method : methods(true)) {
    EXPECT_EQ(end_of(*method, large.substr(0, (1 << 20) + 1)), "MESSAGE_TOO_LARGE")
        << key_of(*method);
  }
}

// The answer that comes when nobody waits for it any more does no harm.
TEST_F(MethodWalkTest, EndsCallsThatAreCancelledOrPastTheirDeadline) {
  start();
  for (const bool is_cancelled : {true, false}) {
    for (const Method* method : methods(false)) {
      const WaitsFor waits_for = good_requests().at(key_of(*method)).waits_for;
      if (waits_for == WaitsFor::kNothing) continue;  // It is answered at once.
      // A deadline that comes before the request has reached the tenant says nothing: once more.
      bool was_asked = false;
      for (auto deadline = std::chrono::milliseconds(50); !was_asked && deadline < kTestWaitMax;
           deadline *= 2) {
        if (waits_for == WaitsFor::kRead) tenant_->set_holds_reads();
        const int asks = tenant_->asks();
        grpc::ClientContext context;
        if (!is_cancelled) context.set_deadline(std::chrono::system_clock::now() + deadline);
        auto called = std::async(std::launch::async, [&] {
          std::string unused;
          return call_bytes(channel_, path_of(*method), bytes_for(*method, "bank"), &unused,
                            &context);
        });
        if (is_cancelled) {
          EXPECT_TRUE(tenant_->wait_asks(asks + 1, kTestWaitMax)) << key_of(*method);
          context.TryCancel();
        }
        EXPECT_EQ(called.get().error_code(),
                  is_cancelled ? grpc::StatusCode::CANCELLED : grpc::StatusCode::DEADLINE_EXCEEDED)
            << key_of(*method);
        was_asked = tenant_->asks() > asks;
      }
      ASSERT_TRUE(was_asked) << key_of(*method);
      if (waits_for == WaitsFor::kRead) {
        tenant_->run_held_reads();
        continue;
      }
      const std::unique_ptr<Batch> batch = tenant_->next_batch();
      ASSERT_NE(batch, nullptr);
      if (batch->change != nullptr) batch->change->reply({});
      if (batch->question != nullptr) batch->question->reply({});
    }
  }
  std::string unused;
  EXPECT_TRUE(call_bytes(channel_, "/acd.v1.ConfigService/ListTenants", "", &unused).ok());
}

// With one place of each kind: who was cancelled has given it back when the next one is taken.
TEST_F(MethodWalkTest, ForgetsStreamsThatAreCancelledAndGivesTheirPlacesBack) {
  options_.principal_switch_streams_max = 1;
  options_.principal_agent_streams_max = 1;
  options_.principal_watches_max = 1;
  start();
  // One that has reached the tenant; null when none does in time.
  const auto begin = [this](const Method& method) {
    const auto began = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - began < kTestWaitMax) {
      const int asks = tenant_->asks();
      auto stream = std::make_unique<RawStream>(channel_, path_of(method));
      stream->send_bytes(bytes_for(method, "bank"));
      if (!method.client_streaming()) stream->half_close();
      if (tenant_->wait_asks(asks + 1, std::chrono::milliseconds(200))) return stream;
      stream->cancel();
    }
    return std::unique_ptr<RawStream>();
  };
  for (const Method* method : methods(true)) {
    for (int time = 0; time < 2; ++time) {
      const auto stream = begin(*method);
      ASSERT_NE(stream, nullptr) << key_of(*method);
      EXPECT_EQ(end_of(*method, bytes_for(*method, "bank")), "OVERLOADED") << key_of(*method);
      if (!method->client_streaming()) {
        stream->cancel();
        continue;
      }
      std::unique_ptr<Batch> open = tenant_->next_batch();
      ASSERT_NE(open, nullptr);
      const auto shard_stream = open->stream;
      shard_stream->deliver(opened(std::move(open)));
      stream->cancel();
      std::unique_ptr<Batch> close = tenant_->next_batch();
      ASSERT_NE(close, nullptr) << key_of(*method);
      EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession) << key_of(*method);
      Delivery over;
      over.finished.push_back(std::move(close));
      shard_stream->deliver(std::move(over));
    }
  }
}

TEST_F(MethodWalkTest, SaysThatTheDaemonStops) {
  start();
  // A change that nobody answers keeps the stop waiting.
  auto held = std::async(std::launch::async, [&] {
    std::string unused;
    v1::CancelCallRequest request;
    request.set_name("tenants/bank/calls/c1");
    return call_bytes(channel_, "/acd.v1.CallService/CancelCall", request.SerializeAsString(),
                      &unused);
  });
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  auto stopped = std::async(std::launch::async, [&] { server_->stop(); });
  const std::string tenants = "/acd.v1.ConfigService/ListTenants";
  grpc::Status status;
  while (status.ok()) {
    std::string unused;
    status = call_bytes(channel_, tenants, "", &unused);
  }
  for (const Method* method : methods(false)) {
    EXPECT_EQ(answer_to(*method, bytes_for(*method, "bank")), "SHUTTING_DOWN") << key_of(*method);
    EXPECT_EQ(answer_to(*method, kNoMessage), "SHUTTING_DOWN") << key_of(*method);
  }
  for (const Method* method : methods(true)) {
    EXPECT_EQ(end_of(*method, bytes_for(*method, "bank")), "SHUTTING_DOWN") << key_of(*method);
  }
  batch->change->reply({});
  batch.reset();
  EXPECT_TRUE(held.get().ok());  // What is under way is answered.
  stopped.get();
  EXPECT_EQ(answer_to(*methods(false).front(), ""), "14");
}

}  // namespace
}  // namespace acd
