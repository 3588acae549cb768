// SPDX-License-Identifier: Apache-2.0
// From refusals to the line that a person reads.
#include "clients/acdctl/status.h"

#include <gtest/gtest.h>

#include <string>

#include "acd/internal/rpc_status.pb.h"

namespace acd::acdctl {
namespace {

const Connection kConnection{"127.0.0.1:7710", "5s"};

template <typename Detail>
void add_detail(internal::RpcStatus& status, const std::string& type, const Detail& detail) {
  google::protobuf::Any* any = status.add_details();
  any->set_type_url("type.googleapis.com/google.rpc." + type);
  any->set_value(detail.SerializeAsString());
}

internal::RpcStatus with_reason(const std::string& reason) {
  internal::RpcStatus status;
  internal::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("acd.v1");
  add_detail(status, "ErrorInfo", info);
  return status;
}

absl::Status decoded(grpc::StatusCode code, const std::string& message,
                     const internal::RpcStatus& details) {
  return to_status(grpc::Status(code, message, details.SerializeAsString()), kConnection);
}

TEST(StatusTest, NamesReasonAndHint) {
  const absl::Status status =
      decoded(grpc::StatusCode::NOT_FOUND, "no queue \"biling\"", with_reason("QUEUE_UNKNOWN"));
  EXPECT_EQ(status.message(),
            "QUEUE_UNKNOWN: no queue \"biling\" (hint: `acdctl queues` lists them)");
  EXPECT_EQ(exit_code_of(status), ExitCode::kRefused);
  EXPECT_FALSE(is_transient(status));
}

TEST(StatusTest, ListsViolationsThatTheMessageLacks) {
  internal::RpcStatus details = with_reason("FIELD_OUT_OF_RANGE");
  internal::BadRequest bad;
  auto* first = bad.add_field_violations();
  first->set_field("page_size");
  first->set_description("must not be negative");
  auto* second = bad.add_field_violations();
  second->set_field("page_token");
  second->set_description("is no token");
  add_detail(details, "BadRequest", bad);
  const absl::Status status =
      decoded(grpc::StatusCode::INVALID_ARGUMENT, "page_size must not be negative", details);
  EXPECT_EQ(status.message(),
            "FIELD_OUT_OF_RANGE: page_size must not be negative; page_token: is no token");
  EXPECT_EQ(exit_code_of(status), ExitCode::kRefused);
}

TEST(StatusTest, SaysWhenToTryAgain) {
  internal::RpcStatus details = with_reason("OVERLOADED");
  internal::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  add_detail(details, "RetryInfo", retry);
  const absl::Status status =
      decoded(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many reads wait", details);
  EXPECT_EQ(status.message(), "OVERLOADED: too many reads wait (hint: try again in 2 s)");
  EXPECT_EQ(exit_code_of(status), ExitCode::kRefused);
  EXPECT_TRUE(is_transient(status));
}

TEST(StatusTest, NamesTheOwnerOfATenant) {
  internal::RpcStatus details;
  internal::ErrorInfo info;
  info.set_reason("NOT_OWNER");
  (*info.mutable_metadata())["address"] = "10.0.0.7:7710";
  add_detail(details, "ErrorInfo", info);
  EXPECT_EQ(decoded(grpc::StatusCode::FAILED_PRECONDITION, "moved", details).message(),
            "NOT_OWNER: moved (hint: try --target 10.0.0.7:7710)");
}

TEST(StatusTest, AsksWhetherTheDaemonRuns) {
  const absl::Status status =
      to_status(grpc::Status(grpc::StatusCode::UNAVAILABLE, "refused"), kConnection);
  EXPECT_EQ(status.message(),
            "UNAVAILABLE: daemon not reachable at 127.0.0.1:7710: is acdd running? --target or "
            "ACD_TARGET names another address (refused)");
  EXPECT_EQ(exit_code_of(status), ExitCode::kUnreachable);
  EXPECT_TRUE(is_transient(status));
}

TEST(StatusTest, NamesTheTimeoutThatPassed) {
  const absl::Status status = to_status(
      grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded"), kConnection);
  EXPECT_EQ(status.message(),
            "DEADLINE_EXCEEDED: no answer from 127.0.0.1:7710 within 5s (hint: is it an acdd? "
            "--timeout allows more)");
  EXPECT_EQ(exit_code_of(status), ExitCode::kUnreachable);
}

TEST(StatusTest, TellsAStoppingDaemonFromAnAbsentOne) {
  const absl::Status status =
      decoded(grpc::StatusCode::UNAVAILABLE, "the daemon stops", with_reason("SHUTTING_DOWN"));
  EXPECT_EQ(status.message(),
            "SHUTTING_DOWN: the daemon stops (hint: try again once acdd runs again)");
  EXPECT_EQ(exit_code_of(status), ExitCode::kUnreachable);
}

TEST(StatusTest, FallsBackToTheCodeWhenDetailsAreNoMessage) {
  const absl::Status status = to_status(
      grpc::Status(grpc::StatusCode::INTERNAL, "bang\nboom", "\xff\xff garbage"), kConnection);
  EXPECT_EQ(status.message(), "INTERNAL: bang?boom");
}

}  // namespace
}  // namespace acd::acdctl
