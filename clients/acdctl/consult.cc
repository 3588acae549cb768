// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/consult.h"

#include <absl/strings/str_cat.h>

#include <string>

#include "clients/acdctl/request_id.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/transfer.h"

namespace acd::acdctl {

// The id of the consult is drawn here and told: by it the consult is merged or ended.
ExitCode run_calls_consult(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const std::string& call = arguments.words[0];
  v1::ConsultRequest request;
  request.set_name(absl::StrCat(*tenant, "/calls/", call));
  request.set_consult_id(arguments.consult_id.empty() ? make_request_id() : arguments.consult_id);
  *request.mutable_to() = transfer_of(arguments);
  const absl::StatusOr<v1::ConsultResponse> answer = client.consult(request);
  if (!answer.ok()) return fail(console, answer.status());
  return print_message(console, arguments, request,
                       absl::StrCat("consult ", printable(request.consult_id()), " about ",
                                    told_text(call, arguments)));
}

ExitCode run_calls_merge(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const std::string& consult = arguments.words[0];
  v1::MergeConsultRequest request;
  request.set_name(absl::StrCat(*tenant, "/calls/", consult));
  request.set_conference(arguments.command == Command::kCallsConference);
  request.set_request_id(make_request_id());
  const absl::StatusOr<v1::MergeConsultResponse> answer = client.merge_consult(request);
  if (!answer.ok()) return fail(console, answer.status());
  const char* const what = request.conference() ? ": merged into a conference\n" : ": merged\n";
  return print_message(console, arguments, *answer, absl::StrCat(printable(consult), what));
}

}  // namespace acd::acdctl
