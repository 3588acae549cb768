// SPDX-License-Identifier: Apache-2.0
// How this edge says no: reasons, canonical codes and standard error details.
#pragma once

#include <grpcpp/support/status.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "acd/v1/errors.pb.h"
#include "daemon/batch.h"
#include "routing/command.h"

namespace acd {

// One bad field of a request.
struct FieldViolation {
  std::string field;  // Path from the request, e.g. "open_session.tenant".
  std::string description;
};

// Why a request or a stream is refused.
struct RpcError {
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  std::string message;
  std::map<std::string, std::string> metadata;  // Whatever varies in the message.
  std::vector<FieldViolation> violations;
};

// The one error of a request whose fields are bad. The first violation names the reason; the others
// are listed beside it.
class Violations {
 public:
  void add(v1::ErrorReason reason, std::string field, std::string description);
  [[nodiscard]] bool empty() const { return error_.violations.empty(); }
  [[nodiscard]] const RpcError& error() const { return error_; }

 private:
  RpcError error_;
};

// Name without its prefix, as `ErrorInfo.reason` has it: "QUEUE_UNKNOWN".
[[nodiscard]] std::string reason_name(v1::ErrorReason reason);

// The canonical code that goes with a reason, as errors.proto documents it.
[[nodiscard]] grpc::StatusCode code_of(v1::ErrorReason reason);

// What the Router's answer is called outside. ERROR_REASON_UNSPECIFIED for kNone and kRepeat, which
// are never told.
[[nodiscard]] v1::ErrorReason reason_of(Reject reject);

// Why an event of that kind was refused and what to do about it, for a developer. Empty where
// reason_of() is unspecified.
[[nodiscard]] std::string_view message_of(Reject reject, CommandKind kind);

// Why the shard ended a stream. REQUIRES: not kNone.
[[nodiscard]] RpcError error_of(CloseReason reason);

// Status with ErrorInfo, BadRequest where fields are named, and RetryInfo where a retry helps, in
// the layout of google.rpc.Status.
[[nodiscard]] grpc::Status make_status(const RpcError& error);

[[nodiscard]] grpc::Status overloaded_status(std::string message);
[[nodiscard]] RpcError shutting_down_error();
[[nodiscard]] grpc::Status shutting_down_status();

}  // namespace acd
