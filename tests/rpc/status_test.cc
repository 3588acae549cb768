// SPDX-License-Identifier: Apache-2.0
// Reasons, codes and details of errors; principals.
#include "daemon/rpc/status.h"

#include <gmock/gmock.h>
#include <google/protobuf/any.pb.h>
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "acd/internal/rpc_status.pb.h"
#include "daemon/rpc/auth.h"
#include "daemon/rpc/codec.h"

namespace acd {
namespace {

using ::testing::HasSubstr;

std::vector<v1::ErrorReason> all_reasons() {
  std::vector<v1::ErrorReason> reasons;
  const auto* descriptor = v1::ErrorReason_descriptor();
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const auto reason = static_cast<v1::ErrorReason>(descriptor->value(i)->number());
    if (reason != v1::ERROR_REASON_UNSPECIFIED) reasons.push_back(reason);
  }
  return reasons;
}

TEST(StatusTest, MapsEveryRejectToAReasonAndAMessage) {
  std::set<v1::ErrorReason> seen;
  for (int i = 0; i < kRejectCount; ++i) {
    const auto reject = static_cast<Reject>(i);
    if (reject == Reject::kNone || reject == Reject::kRepeat) {
      EXPECT_EQ(reason_of(reject), v1::ERROR_REASON_UNSPECIFIED);
      continue;
    }
    EXPECT_NE(reason_of(reject), v1::ERROR_REASON_UNSPECIFIED) << i;
    EXPECT_TRUE(seen.insert(reason_of(reject)).second) << i << " shares its reason";
    EXPECT_FALSE(message_of(reject, CommandKind::kEnqueueCall).empty()) << i;
  }
}

TEST(StatusTest, SaysWhatStandsInTheWayOfThatEvent) {
  const auto says = [](Reject reject, CommandKind kind) {
    return std::string(message_of(reject, kind));
  };
  EXPECT_THAT(says(Reject::kAgentState, CommandKind::kSetReady), HasSubstr("not logged in"));
  EXPECT_THAT(says(Reject::kAgentState, CommandKind::kEndWrapUp), HasSubstr("not in wrap-up"));
  EXPECT_THAT(says(Reject::kAgentState, CommandKind::kExtendWrapUp), HasSubstr("timed"));
  EXPECT_THAT(says(Reject::kCallState, CommandKind::kChangePriority),
              HasSubstr("call is connected"));
  EXPECT_THAT(says(Reject::kLimitReached, CommandKind::kEnqueueCall), HasSubstr("live calls"));
  EXPECT_THAT(says(Reject::kLimitReached, CommandKind::kScheduleCall), HasSubstr("for later"));
  EXPECT_THAT(says(Reject::kLimitReached, CommandKind::kMergeCall), HasSubstr("agents are on"));
  EXPECT_THAT(says(Reject::kSourceUnknown, CommandKind::kRequestCallback), HasSubstr("source_id"));
  EXPECT_THAT(says(Reject::kCallUnknown, CommandKind::kRescheduleCall), HasSubstr("for later"));
  EXPECT_THAT(says(Reject::kCallUnknown, CommandKind::kEndCall), HasSubstr("for later"));
  EXPECT_THAT(says(Reject::kNotMember, CommandKind::kTransferCall), HasSubstr("skill"));
  EXPECT_THAT(says(Reject::kNotMember, CommandKind::kPauseMember), HasSubstr("does not serve"));
}

TEST(StatusTest, NamesTheFieldAtFaultForEveryRejectOfItsEvent) {
  EXPECT_EQ(fault_field(Reject::kQueueUnknown, CommandKind::kEnqueueCall), "call_offered.queue_id");
  EXPECT_EQ(fault_field(Reject::kSkillUnknown, CommandKind::kEnqueueCall),
            "call_offered.requirement");
  EXPECT_EQ(fault_field(Reject::kCallExists, CommandKind::kEnqueueCall), "call_id");
  EXPECT_EQ(fault_field(Reject::kCallUnknown, CommandKind::kEndCall), "call_id");
  EXPECT_EQ(fault_field(Reject::kOfferStale, CommandKind::kLegFailed), "leg_failed.generation");
  EXPECT_EQ(fault_field(Reject::kAgentUnknown, CommandKind::kLogIn), "agent_logged_in.agent_id");
  EXPECT_EQ(fault_field(Reject::kAgentState, CommandKind::kEndWrapUp), "wrap_up_ended.agent_id");
  EXPECT_EQ(fault_field(Reject::kExtensionsUsed, CommandKind::kExtendWrapUp),
            "wrap_up_extended.agent_id");
  EXPECT_EQ(fault_field(Reject::kStationBusy, CommandKind::kLogIn), "agent_logged_in.station");
  EXPECT_EQ(fault_field(Reject::kStationUnknown, CommandKind::kPhoneIdle), "phone_idle.station");
  EXPECT_EQ(fault_field(Reject::kLimitReached, CommandKind::kEnqueueCall), "");
  EXPECT_EQ(fault_field(Reject::kAgentUnknown, CommandKind::kEnqueueCall),
            "call_offered.preferred.agent_id");
  EXPECT_EQ(fault_field(Reject::kNotMember, CommandKind::kPauseMember), "member_paused.queue_id");
  EXPECT_EQ(fault_field(Reject::kQueueUnknown, CommandKind::kUnpauseMember),
            "member_unpaused.queue_id");
  EXPECT_EQ(fault_field(Reject::kNotMember, CommandKind::kTransferCall),
            "transfer_requested.agent_id");
  EXPECT_EQ(fault_field(Reject::kNotMember, CommandKind::kConsult), "consult_begun.to.agent_id");
  EXPECT_EQ(fault_field(Reject::kPartyUnknown, CommandKind::kTransferCall),
            "transfer_requested.from_agent_id");
}

TEST(StatusTest, GivesEveryReasonACanonicalCode) {
  for (const v1::ErrorReason reason : all_reasons()) {
    const grpc::StatusCode code = code_of(reason);
    EXPECT_NE(code, grpc::StatusCode::OK) << reason_name(reason);
    EXPECT_NE(code, grpc::StatusCode::UNKNOWN) << reason_name(reason);
    // That says a fault of the daemon, which no other reason is.
    EXPECT_EQ(code == grpc::StatusCode::INTERNAL, reason == v1::ERROR_REASON_POISONED)
        << reason_name(reason);
    EXPECT_LE(reason_name(reason).size(), 63u);
  }
}

// The published layout, so that the wire-twin is checked against it and not against itself.
constexpr const char* kGoogleRpc = R"(
  syntax = "proto3";
  package google.rpc;
  import "google/protobuf/any.proto";
  import "google/protobuf/duration.proto";
  message Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
  message BadRequest {
    message FieldViolation { string field = 1; string description = 2; }
    repeated FieldViolation field_violations = 1;
  }
  message RetryInfo { google.protobuf.Duration retry_delay = 1; }
)";

// `bytes` as the published message of that name, as text.
std::string as_published(const std::string& type, const std::string& bytes) {
  google::protobuf::io::ArrayInputStream input(
      kGoogleRpc, static_cast<int>(std::string_view(kGoogleRpc).size()));
  google::protobuf::io::Tokenizer tokenizer(&input, nullptr);
  google::protobuf::FileDescriptorProto file;
  google::protobuf::compiler::Parser parser;
  EXPECT_TRUE(parser.Parse(&tokenizer, &file));
  file.set_name("google/rpc/status.proto");
  google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
  EXPECT_NE(pool.BuildFile(file), nullptr);
  google::protobuf::DynamicMessageFactory factory(&pool);
  const auto* descriptor = pool.FindMessageTypeByName(type);
  if (descriptor == nullptr) return "no " + type;
  const std::unique_ptr<google::protobuf::Message> message(factory.GetPrototype(descriptor)->New());
  if (!message->ParseFromString(bytes)) return "unparsable";
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetExpandAny(false);
  std::string text;
  EXPECT_TRUE(printer.PrintToString(*message, &text));
  return text;
}

TEST(StatusTest, DetailsDecodeInTheStandardLayout) {
  Violations violations;
  violations.add(v1::ERROR_REASON_FIELD_REQUIRED, "name", "is required");
  violations.add(v1::ERROR_REASON_FIELD_TOO_LONG, "parent", "is too long");
  const grpc::Status status = make_status(violations.error());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  const std::string whole = as_published("google.rpc.Status", status.error_details());
  EXPECT_NE(whole.find("code: 3 message: \"name: is required\""), std::string::npos) << whole;
  EXPECT_NE(whole.find("type.googleapis.com/google.rpc.ErrorInfo"), std::string::npos) << whole;
  EXPECT_NE(whole.find("type.googleapis.com/google.rpc.BadRequest"), std::string::npos) << whole;
}

TEST(StatusTest, EachDetailDecodesAsItsStandardType) {
  RpcError error{v1::ERROR_REASON_OVERLOADED, "Busy.", {{"limit", "7"}}, {{"name", "is bad"}}};
  std::vector<std::string> texts;
  // The layout of Status is checked above; its details are Any's at field 3.
  const std::string bytes = make_status(error).error_details();
  google::protobuf::UnknownFieldSet fields;
  ASSERT_TRUE(fields.ParseFromString(bytes));
  for (int i = 0; i < fields.field_count(); ++i) {
    if (fields.field(i).number() != 3) continue;
    google::protobuf::Any any;
    ASSERT_TRUE(any.ParseFromString(fields.field(i).length_delimited()));
    const std::string type = any.type_url().substr(any.type_url().find('/') + 1);
    texts.push_back(as_published(type, any.value()));
  }
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_EQ(texts[0],
            "reason: \"OVERLOADED\" domain: \"acd.v1\" metadata { key: \"limit\" value: \"7\" } ");
  EXPECT_EQ(texts[1], "field_violations { field: \"name\" description: \"is bad\" } ");
  EXPECT_EQ(texts[2], "retry_delay { nanos: 200000000 } ");
}

TEST(StatusTest, TellsToRetryOnlyWhereItHelps) {
  const auto size_of = [](v1::ErrorReason reason) {
    google::protobuf::UnknownFieldSet fields;
    EXPECT_TRUE(fields.ParseFromString(make_status({reason, "m", {}, {}}).error_details()));
    return fields.field_count() - 2;  // Less code and message.
  };
  EXPECT_EQ(size_of(v1::ERROR_REASON_OVERLOADED), 2);
  EXPECT_EQ(size_of(v1::ERROR_REASON_SHUTTING_DOWN), 2);
  EXPECT_EQ(size_of(v1::ERROR_REASON_MESSAGE_TOO_LARGE), 1);
  EXPECT_EQ(size_of(v1::ERROR_REASON_QUEUE_UNKNOWN), 1);
}

// Milliseconds after which a client is told to try again; 0 when it is not.
int64_t delay_ms_of(v1::ErrorReason reason) {
  internal::RpcStatus status;
  EXPECT_TRUE(status.ParseFromString(make_status({reason, "m", {}, {}}).error_details()));
  for (const google::protobuf::Any& any : status.details()) {
    internal::RetryInfo retry;
    if (any.type_url() != "type.googleapis.com/google.rpc.RetryInfo") continue;
    EXPECT_TRUE(retry.ParseFromString(any.value()));
    return retry.retry_delay().seconds() * 1'000 + retry.retry_delay().nanos() / 1'000'000;
  }
  return 0;
}

TEST(StatusTest, TellsWhenToRetryByWhatHasToChange) {
  EXPECT_EQ(delay_ms_of(v1::ERROR_REASON_OVERLOADED), 200);
  EXPECT_EQ(delay_ms_of(v1::ERROR_REASON_STREAM_TOO_SLOW), 200);
  EXPECT_EQ(delay_ms_of(v1::ERROR_REASON_LIMIT_REACHED), 1'000);
  EXPECT_EQ(delay_ms_of(v1::ERROR_REASON_SHUTTING_DOWN), 1'000);
  EXPECT_EQ(delay_ms_of(v1::ERROR_REASON_DEADLINE_EXCEEDED), 1'000);
  EXPECT_EQ(delay_ms_of(v1::ERROR_REASON_STORAGE_FULL), 5'000);
  EXPECT_EQ(delay_ms_of(v1::ERROR_REASON_MESSAGE_TOO_LARGE), 0);
  EXPECT_EQ(delay_ms_of(v1::ERROR_REASON_SWITCH_AWAY), 0);
}

TEST(AuthTest, NamesThePrincipalByThePeer) {
  EXPECT_EQ(principal_of("ipv4:127.0.0.1:51234"), "local:127.0.0.1");
  EXPECT_EQ(principal_of("ipv6:%5B::1%5D:51234"), "local:[::1]");
  EXPECT_EQ(principal_of("ipv6:[::1]:51234"), "local:[::1]");
  EXPECT_EQ(principal_of("unix:/run/acdd.sock"), "local:unix");
  EXPECT_EQ(principal_of("unix:"), "local:unix");
  EXPECT_EQ(principal_of("unix-abstract:acdd"), "local:unix");
  EXPECT_EQ(principal_of("fd:12"), "local:daemon");
  EXPECT_EQ(principal_of("inproc"), "unknown");
  EXPECT_EQ(principal_of(""), "unknown");
  EXPECT_EQ(principal_of("vsock:3:4"), "unknown");
}

}  // namespace
}  // namespace acd
