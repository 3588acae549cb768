// SPDX-License-Identifier: Apache-2.0
// From the answer of a request to one line for people and an exit code.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/support/status.h>

#include <string>

#include "clients/acdctl/exit_code.h"

namespace acd::acdctl {

// What the hints of an error may name.
struct Connection {
  std::string target;
  // As given by the user, e.g. "5s".
  std::string timeout;
};

// In this program a status that is not OK carries a finished line (without "acdctl: ") as its
// message, and one of these codes, no others:
//   kFailedPrecondition  the daemon refused                     ExitCode::kRefused
//   kResourceExhausted   the daemon refused for now             ExitCode::kRefused
//   kInvalidArgument     the command line is wrong              ExitCode::kUsage
//   kUnavailable         no answer, or the daemon is stopping   ExitCode::kUnreachable
//   kDataLoss            a local file is invalid                ExitCode::kLocalFile
[[nodiscard]] ExitCode exit_code_of(const absl::Status& status);

// Whether the same request may succeed in a while: a watch goes on.
[[nodiscard]] bool is_transient(const absl::Status& status);

// "QUEUE_UNKNOWN: no such queue (hint: ...)". The reason is the one of the ErrorInfo in the
// status's details; without one it is the name of the gRPC code.
[[nodiscard]] absl::Status to_status(const grpc::Status& status, const Connection& connection);

// The same for what went wrong with a local file or folder.
[[nodiscard]] absl::Status local_error(const absl::Status& status);

}  // namespace acd::acdctl
