// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/offers.h"

#include <absl/strings/str_cat.h>

#include <string>

#include "clients/acdctl/request_id.h"
#include "clients/acdctl/table.h"

namespace acd::acdctl {
namespace {

template <typename Request>
Request claim_of(const std::string& tenant, const Arguments& arguments) {
  Request request;
  request.set_name(absl::StrCat(tenant, "/agents/", arguments.words[0]));
  request.set_call_id(arguments.words[1]);
  request.set_generation(arguments.generation);
  request.set_request_id(make_request_id());
  return request;
}

template <typename Answer>
ExitCode tell(const absl::StatusOr<Answer>& answer, std::string_view done,
              const Arguments& arguments, const Console& console) {
  if (!answer.ok()) return fail(console, answer.status());
  return print_message(console, arguments, *answer,
                       absl::StrCat(printable(arguments.words[0]), " ", std::string(done), " ",
                                    printable(arguments.words[1]), "\n"));
}

}  // namespace

ExitCode run_agents_claim(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  if (arguments.command == Command::kAgentsAccept) {
    return tell(client.accept_offer(claim_of<v1::AcceptOfferRequest>(*tenant, arguments)),
                "accepts", arguments, console);
  }
  return tell(client.reject_offer(claim_of<v1::RejectOfferRequest>(*tenant, arguments)), "rejects",
              arguments, console);
}

}  // namespace acd::acdctl
