// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/outcome.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <string>
#include <vector>

#include "clients/acdctl/request_id.h"
#include "clients/acdctl/table.h"

namespace acd::acdctl {
namespace {

v1::CallOutcome outcome_of(const OutcomeOptions& options) {
  v1::CallOutcome outcome;
  if (options.code) outcome.set_wrap_up_code(*options.code);
  if (options.labels) {
    v1::CallLabels* labels = outcome.mutable_labels();
    for (const std::string& label : *options.labels) labels->add_labels(label);
  }
  if (options.reference) outcome.set_reference(*options.reference);
  if (options.resolved) outcome.set_resolved(*options.resolved);
  if (options.survey) outcome.set_survey_score(*options.survey);
  if (options.quality) outcome.set_quality_score(*options.quality);
  return outcome;
}

// "c1: code sold, resolved yes".
std::string told_text(const std::string& call, const OutcomeOptions& options) {
  std::vector<std::string> parts;
  if (options.code) parts.push_back(absl::StrCat("code ", *options.code));
  if (options.labels) {
    parts.push_back(options.labels->empty()
                        ? "no labels"
                        : absl::StrCat("labels ", absl::StrJoin(*options.labels, ",")));
  }
  if (options.reference) parts.push_back(absl::StrCat("reference ", *options.reference));
  if (options.resolved) parts.emplace_back(*options.resolved ? "resolved" : "not resolved");
  if (options.survey) parts.push_back(absl::StrCat("survey ", *options.survey));
  if (options.quality) parts.push_back(absl::StrCat("quality ", *options.quality));
  return absl::StrCat(printable(call), ": ", printable(absl::StrJoin(parts, ", ")), "\n");
}

}  // namespace

ExitCode run_calls_outcome(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const std::string& call = arguments.words[0];
  v1::SetCallOutcomeRequest request;
  request.set_name(absl::StrCat(*tenant, "/calls/", call));
  *request.mutable_outcome() = outcome_of(arguments.outcome);
  request.set_request_id(make_request_id());
  const absl::StatusOr<v1::SetCallOutcomeResponse> answer = client.set_outcome(request);
  if (!answer.ok()) return fail(console, answer.status());
  return print_message(console, arguments, *answer, told_text(call, arguments.outcome));
}

}  // namespace acd::acdctl
