// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/callback.h"

#include <absl/strings/str_cat.h>

#include <string>

#include "clients/acdctl/request_id.h"
#include "clients/acdctl/table.h"

namespace acd::acdctl {
namespace {

void set_time(int64_t unix_ms, google::protobuf::Timestamp* time) {
  time->set_seconds(unix_ms / 1'000);
  time->set_nanos(static_cast<int32_t>(unix_ms % 1'000 * 1'000'000));
}

}  // namespace

ExitCode run_calls_callback(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const CallbackOptions& options = arguments.callback;
  const std::string id =
      options.id.empty() ? absl::StrCat("callback-", make_request_id()) : options.id;
  v1::RequestCallbackRequest request;
  request.set_name(absl::StrCat(*tenant, "/calls/", id));
  request.set_number(arguments.words[0]);
  if (!arguments.call.empty()) {
    request.set_origin_call(absl::StrCat(*tenant, "/calls/", arguments.call));
  } else {
    request.set_queue(absl::StrCat(*tenant, "/queues/", arguments.queue));
    request.set_source_id(options.source);
  }
  request.set_request_id(make_request_id());
  const absl::StatusOr<v1::RequestCallbackResponse> answer = client.request_callback(request);
  if (!answer.ok()) return fail(console, answer.status());
  // The answer is empty: what a program wants is the id.
  return print_message(
      console, arguments, request,
      absl::StrCat(printable(id), ": calls ", printable(arguments.words[0]), "\n"));
}

ExitCode run_calls_cancel(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  v1::CancelCallRequest request;
  request.set_name(absl::StrCat(*tenant, "/calls/", arguments.words[0]));
  request.set_request_id(make_request_id());
  const absl::StatusOr<v1::CancelCallResponse> answer = client.cancel_call(request);
  if (!answer.ok()) return fail(console, answer.status());
  return print_message(console, arguments, *answer,
                       absl::StrCat(printable(arguments.words[0]), ": canceled\n"));
}

ExitCode run_calls_schedule(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const CallbackOptions& options = arguments.callback;
  const std::string id =
      options.id.empty() ? absl::StrCat("later-", make_request_id()) : options.id;
  v1::ScheduleCallRequest request;
  request.set_name(absl::StrCat(*tenant, "/calls/", id));
  request.set_queue(absl::StrCat(*tenant, "/queues/", arguments.queue));
  request.set_source_id(options.source);
  set_time(options.at_ms, request.mutable_time());
  request.set_number(options.number);
  if (options.priority) request.set_priority(*options.priority);
  request.set_request_id(make_request_id());
  const absl::StatusOr<v1::ScheduleCallResponse> answer = client.schedule_call(request);
  if (!answer.ok()) return fail(console, answer.status());
  return print_message(console, arguments, request, absl::StrCat(printable(id), ": scheduled\n"));
}

ExitCode run_calls_reschedule(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  v1::RescheduleCallRequest request;
  request.set_name(absl::StrCat(*tenant, "/calls/", arguments.words[0]));
  set_time(arguments.callback.at_ms, request.mutable_time());
  request.set_request_id(make_request_id());
  const absl::StatusOr<v1::RescheduleCallResponse> answer = client.reschedule_call(request);
  if (!answer.ok()) return fail(console, answer.status());
  return print_message(console, arguments, *answer,
                       absl::StrCat(printable(arguments.words[0]), ": scheduled\n"));
}

}  // namespace acd::acdctl
