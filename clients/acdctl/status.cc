// SPDX-License-Identifier: Apache-2.0
// Error details are decoded by the wire-twins of google.rpc.Status and its standard details.
#include "clients/acdctl/status.h"

#include <absl/status/statusor.h>
#include <absl/strings/str_cat.h>

#include <optional>
#include <string_view>

#include "acd/internal/rpc_status.pb.h"
#include "clients/acdctl/table.h"

namespace acd::acdctl {
namespace {

constexpr std::string_view kTypePrefix = "type.googleapis.com/google.rpc.";

// The detail of that standard type, or none.
template <typename Detail>
std::optional<Detail> find_detail(const internal::RpcStatus& status, std::string_view type) {
  for (const google::protobuf::Any& any : status.details()) {
    const std::string_view url = any.type_url();
    if (url.size() != kTypePrefix.size() + type.size()) continue;
    if (url.substr(0, kTypePrefix.size()) != kTypePrefix) continue;
    if (url.substr(kTypePrefix.size()) != type) continue;
    Detail detail;
    if (detail.ParseFromString(any.value())) return detail;
  }
  return std::nullopt;
}

std::string_view code_name(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return "OK";
    case grpc::StatusCode::CANCELLED:
      return "CANCELLED";
    case grpc::StatusCode::UNKNOWN:
      return "UNKNOWN";
    case grpc::StatusCode::INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "DEADLINE_EXCEEDED";
    case grpc::StatusCode::NOT_FOUND:
      return "NOT_FOUND";
    case grpc::StatusCode::ALREADY_EXISTS:
      return "ALREADY_EXISTS";
    case grpc::StatusCode::PERMISSION_DENIED:
      return "PERMISSION_DENIED";
    case grpc::StatusCode::UNAUTHENTICATED:
      return "UNAUTHENTICATED";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "RESOURCE_EXHAUSTED";
    case grpc::StatusCode::FAILED_PRECONDITION:
      return "FAILED_PRECONDITION";
    case grpc::StatusCode::ABORTED:
      return "ABORTED";
    case grpc::StatusCode::OUT_OF_RANGE:
      return "OUT_OF_RANGE";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "UNIMPLEMENTED";
    case grpc::StatusCode::INTERNAL:
      return "INTERNAL";
    case grpc::StatusCode::UNAVAILABLE:
      return "UNAVAILABLE";
    case grpc::StatusCode::DATA_LOSS:
      return "DATA_LOSS";
    case grpc::StatusCode::DO_NOT_USE:
      break;
  }
  return "UNKNOWN";
}

// What to do about it; empty where the message says enough.
std::string hint_of(std::string_view reason, const internal::RpcStatus& details,
                    const internal::ErrorInfo& info) {
  struct Hint {
    std::string_view reason;
    std::string_view text;
  };
  constexpr Hint kHints[] = {
      {"TENANT_UNKNOWN", "`acdctl tenants` lists them; --tenant names one"},
      {"QUEUE_UNKNOWN", "`acdctl queues` lists them"},
      {"AGENT_UNKNOWN", "`acdctl agents` lists them"},
      {"WRAP_UP_CODE_UNKNOWN", "`acdctl config get` lists the tenant's wrap_up_codes"},
      {"WRAP_UP_CODE_NOT_ALLOWED", "`acdctl config get` lists those of each queue"},
      {"OFFER_STALE", "`acdctl calls CALL` names the offers that are open"},
      {"LABEL_UNKNOWN", "`acdctl config get` lists the tenant's labels"},
      {"CALL_UNKNOWN",
       "it may be over, or for later; `acdctl calls` lists the live ones, `acdctl calls scheduled` "
       "those for later"},
      {"RESUME_TOKEN_EXPIRED", "`acdctl events --oldest` begins with what is kept"},
      {"HISTORY_CHANGED", "`acdctl events --oldest` begins with what is kept"},
      {"ETAG_MISMATCH", "`acdctl config diff FILE` shows what is in force now"},
      {"SHUTTING_DOWN", "try again once acdd runs again"},
      {"UNIMPLEMENTED", "is it an acdd that listens there, and one as new as this acdctl?"},
      {"UNKNOWN", "is --target the address of an acdd, HOST:PORT or unix:/path?"},
      {"PERMISSION_DENIED", "ask whoever runs the daemon for the right to do this"},
      {"NOT_AUTHORIZED", "ask whoever runs the daemon for the right to do this"},
  };
  if (reason == "NOT_OWNER") {
    const auto address = info.metadata().find("address");
    if (address != info.metadata().end()) return absl::StrCat("try --target ", address->second);
  }
  if (const auto retry = find_detail<internal::RetryInfo>(details, "RetryInfo")) {
    const google::protobuf::Duration& delay = retry->retry_delay();
    if (delay.seconds() > 0) return absl::StrCat("try again in ", delay.seconds(), " s");
    return "try again";
  }
  for (const Hint& hint : kHints) {
    if (hint.reason == reason) return std::string(hint.text);
  }
  return "";
}

// The request never got an answer of acdd's own.
absl::Status unreachable(const grpc::Status& status, const Connection& connection) {
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return absl::UnavailableError(absl::StrCat("DEADLINE_EXCEEDED: no answer from ",
                                               connection.target, " within ", connection.timeout,
                                               " (hint: is it an acdd? --timeout allows more)"));
  }
  return absl::UnavailableError(
      absl::StrCat("UNAVAILABLE: daemon not reachable at ", connection.target,
                   ": is acdd running? --target or ACD_TARGET names another address (",
                   printable(status.error_message()), ")"));
}

}  // namespace

ExitCode exit_code_of(const absl::Status& status) {
  if (status.ok()) return ExitCode::kOk;
  if (absl::IsInvalidArgument(status)) return ExitCode::kUsage;
  if (absl::IsUnavailable(status)) return ExitCode::kUnreachable;
  if (absl::IsDataLoss(status)) return ExitCode::kLocalFile;
  return ExitCode::kRefused;
}

bool is_transient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

absl::Status to_status(const grpc::Status& status, const Connection& connection) {
  if (status.ok()) return absl::OkStatus();

  internal::RpcStatus details;
  if (!details.ParseFromString(status.error_details())) details.Clear();
  const auto info = find_detail<internal::ErrorInfo>(details, "ErrorInfo");
  const bool is_unanswered = status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                             status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (!info.has_value() && is_unanswered) return unreachable(status, connection);

  const std::string reason = info.has_value() && !info->reason().empty()
                                 ? printable(info->reason())
                                 : std::string(code_name(status.error_code()));
  std::string line = absl::StrCat(reason, ": ", printable(status.error_message()));
  if (const auto bad = find_detail<internal::BadRequest>(details, "BadRequest")) {
    for (const internal::BadRequest::FieldViolation& violation : bad->field_violations()) {
      // A single violation often is the message itself.
      if (status.error_message().find(violation.description()) != std::string::npos) continue;
      absl::StrAppend(&line, "; ", printable(violation.field()), ": ",
                      printable(violation.description()));
    }
  }
  const std::string hint = hint_of(reason, details, info.value_or(internal::ErrorInfo()));
  if (!hint.empty()) absl::StrAppend(&line, " (hint: ", printable(hint), ")");

  if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    return absl::ResourceExhaustedError(line);
  }
  if (is_unanswered) return absl::UnavailableError(line);
  return absl::FailedPreconditionError(line);
}

absl::Status local_error(const absl::Status& status) {
  return status.ok() ? status : absl::DataLossError(status.message());
}

}  // namespace acd::acdctl
