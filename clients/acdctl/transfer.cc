// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/transfer.h"

#include <absl/strings/str_cat.h>

#include <string>

#include "clients/acdctl/request_id.h"
#include "clients/acdctl/table.h"

namespace acd::acdctl {

v1::CallTransfer transfer_of(const Arguments& arguments) {
  const TransferOptions& options = arguments.transfer;
  v1::CallTransfer transfer;
  if (!options.queue.empty()) transfer.set_queue_id(options.queue);
  if (!options.agent.empty()) transfer.set_agent_id(options.agent);
  if (options.to_supervisor) transfer.mutable_supervisor();
  if (!options.outside.empty()) transfer.set_outside(options.outside);
  transfer.set_via_queue_id(arguments.queue);
  transfer.set_from_agent_id(options.from);
  return transfer;
}

std::string told_text(const std::string& call, const Arguments& arguments) {
  const TransferOptions& options = arguments.transfer;
  std::string text = "to the supervisor";
  if (!options.queue.empty()) text = absl::StrCat("to queue ", options.queue);
  if (!options.agent.empty()) text = absl::StrCat("to agent ", options.agent);
  if (!options.outside.empty()) text = absl::StrCat("to number ", options.outside);
  if (!arguments.queue.empty()) absl::StrAppend(&text, ", in queue ", arguments.queue);
  return absl::StrCat(printable(call), ": ", printable(text), "\n");
}

ExitCode run_calls_transfer(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const std::string& call = arguments.words[0];
  v1::TransferCallRequest request;
  request.set_name(absl::StrCat(*tenant, "/calls/", call));
  *request.mutable_transfer() = transfer_of(arguments);
  request.set_request_id(make_request_id());
  const absl::StatusOr<v1::TransferCallResponse> answer = client.transfer(request);
  if (!answer.ok()) return fail(console, answer.status());
  return print_message(console, arguments, *answer, told_text(call, arguments));
}

}  // namespace acd::acdctl
