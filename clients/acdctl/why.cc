// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/why.h"

#include <absl/strings/str_cat.h>

#include <string>
#include <string_view>
#include <vector>

#include "acd/v1/explain_service.pb.h"
#include "clients/acdctl/figures_view.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"

namespace acd::acdctl {
namespace {

using Counts = google::protobuf::RepeatedPtrField<v1::BlockerCount>;

// What the daemon's words mean; of a newer daemon's word nothing is said.
constexpr std::pair<std::string_view, std::string_view> kBlockers[] = {
    {"unreachable", "their station is out of the call's reach"},
    {"not_member", "not in the queue, or paused in it"},
    {"not_ready", "logged out, not ready, or about to log out"},
    {"wrap_up", "in after-call work"},
    {"capacity", "no room for one more of that medium"},
    {"excluded", "an offer of this call to them failed a moment ago"},
    {"skill_level", "the requirement in force is not met"},
    {"preferred_only", "the call waits for another agent"},
    {"protected", "kept for calls that ask for a scarce skill"},
};
constexpr std::pair<std::string_view, std::string_view> kTieBreaks[] = {
    {"only", "nobody else was free for it"},
    {"rank", "a better rank in the queue"},
    {"prefers", "more of what is preferred"},
    {"load", "fewer work items in hand"},
    {"strategy", "the queue's strategy"},
    {"idle", "idle longer"},
    {"added", "added before"},
    {"agents_choice", "another call picked the agent, who served this one first"},
};
constexpr std::pair<std::string_view, std::string_view> kHoldBacks[] = {
    {"callbacks_closed", "it is no time to call customers of the queue"},
    {"dials_used", "as many customers of the queue are being dialed as may be at a time"},
};

template <size_t kCount>
std::string meaning(const std::pair<std::string_view, std::string_view> (&words)[kCount],
                    std::string_view word) {
  for (const auto& [known, text] : words) {
    if (known == word) return std::string(text);
  }
  return "";
}

Cell count_cell(int64_t count) { return {absl::StrCat(count)}; }

// Who fails at which test, and how many at none.
std::string counts_text(const Counts& counts, int32_t free, std::string_view noun,
                        bool is_colored) {
  if (counts.empty() && free == 0) return "";
  Table table(
      {{std::string(noun), Align::kRight}, {"First obstacle", Align::kLeft}, {"", Align::kLeft}});
  for (const v1::BlockerCount& one : counts) {
    table.add_row({count_cell(one.count()), {one.blocker()}, {meaning(kBlockers, one.blocker())}});
  }
  if (free > 0) table.add_row({count_cell(free), {"none"}, {"free for it"}});
  return table.render(is_colored);
}

template <typename Response>
std::string held_text(const Response& response) {
  std::string text;
  if (response.switch_away()) absl::StrAppend(&text, "its switch is away\n");
  if (response.configuring()) {
    absl::StrAppend(&text, "a new configuration is being taken into account\n");
  }
  return text;
}

std::string wait_text(const std::string& call, const v1::WhyWaitingResponse& why, bool is_colored) {
  std::string text =
      absl::StrCat(printable(call), " waits in ", printable(short_name(why.queue())),
                   why.position() > 0 ? absl::StrCat(", position ", why.position()) : "", "\n");
  if (why.has_ewt()) {
    v1::WaitPrediction ewt = why.ewt();
    ewt.clear_position();  // It is said above.
    text += prediction_text(ewt);
  }
  if (!why.hold_back().empty()) {
    absl::StrAppend(&text, printable(why.hold_back()), ": ", meaning(kHoldBacks, why.hold_back()),
                    "\n");
  }
  absl::StrAppend(&text, held_text(why),
                  counts_text(why.agents(), why.agents_free(), "Agents", is_colored));
  absl::StrAppend(
      &text, why.has_next_change()
                 ? absl::StrCat("changes by itself in ", format_duration(why.next_change()), "\n")
                 : "nothing of the call changes by itself\n");
  return text;
}

std::string idle_text(const std::string& agent, const v1::WhyIdleResponse& why, bool is_colored) {
  std::string text = printable(agent);
  const bool is_nothing = why.calls().empty() && why.calls_free() == 0;
  if (!why.blocker().empty()) {
    absl::StrAppend(&text, " can take nothing: ", printable(why.blocker()), ", ",
                    meaning(kBlockers, why.blocker()), "\n");
  } else {
    absl::StrAppend(&text, " is free: ", is_nothing ? "nothing waits" : "calls wait", "\n");
  }
  absl::StrAppend(&text, held_text(why),
                  counts_text(why.calls(), why.calls_free(), "Calls", is_colored));
  return text;
}

std::string assignment_text(const std::string& call, const v1::ExplainAssignmentResponse& record,
                            bool is_colored) {
  const std::string agent = record.candidates().empty()
                                ? "nobody"
                                : std::string(short_name(record.candidates(0).agent()));
  std::string text = absl::StrCat(
      printable(call), " went to ", printable(agent), " in ", printable(short_name(record.queue())),
      ", ", format_duration(record.age()), " ago, by ", printable(record.tie_break()), ": ",
      meaning(kTieBreaks, record.tie_break()), "\n");
  if (record.preferred()) absl::StrAppend(&text, "it waited for this agent\n");
  absl::StrAppend(&text, "strategy ", printable(record.strategy()), ", call order ",
                  printable(record.call_order()), ", priority ", record.priority(),
                  ", configuration ", record.config_version());
  for (int i = 0; i < record.steps_size(); ++i) {
    absl::StrAppend(&text, i == 0 ? ", steps " : " ", record.steps(i));
  }
  absl::StrAppend(&text, "\n");
  Table free({{"Free"},
              {"Rank", Align::kRight},
              {"Prefers", Align::kRight},
              {"Load", Align::kRight},
              {"Strategy", Align::kRight},
              {"Idle", Align::kRight}});
  for (const v1::AssignmentCandidate& one : record.candidates()) {
    free.add_row({{std::string(short_name(one.agent()))},
                  count_cell(one.rank()),
                  count_cell(one.preference()),
                  count_cell(one.load()),
                  count_cell(one.strategy_key()),
                  {format_duration(one.idle())}});
  }
  absl::StrAppend(&text, free.render(is_colored));
  if (record.groups().empty()) return text;
  Table others({{"Others like"},
                {"Logged in", Align::kRight},
                {"Ready", Align::kRight},
                {"Wrap-up", Align::kRight},
                {"First obstacle"},
                {""}});
  for (const v1::AssignmentGroup& one : record.groups()) {
    others.add_row({{std::string(short_name(one.example()))},
                    count_cell(one.logged_in()),
                    count_cell(one.ready()),
                    count_cell(one.wrap_up()),
                    {one.blocker()},
                    {meaning(kBlockers, one.blocker())}});
  }
  return absl::StrCat(text, others.render(is_colored));
}

}  // namespace

ExitCode run_why(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const std::string& call = arguments.words[0];
  const std::string name = absl::StrCat(*tenant, "/calls/", call);
  v1::WhyWaitingRequest question;
  question.set_name(name);
  v1::WhyWaitingResponse why;
  grpc::StatusCode code = grpc::StatusCode::OK;
  absl::Status status = client.explain([&](auto& stub, grpc::ClientContext& context) {
    const grpc::Status answered = stub.WhyWaiting(&context, question, &why);
    code = answered.error_code();
    return answered;
  });
  if (status.ok()) {
    return print_message(console, arguments, why, wait_text(call, why, arguments.is_colored));
  }
  // It does not wait, or no longer lives.
  if (code != grpc::StatusCode::FAILED_PRECONDITION && code != grpc::StatusCode::NOT_FOUND) {
    return fail(console, status);
  }
  v1::ExplainAssignmentRequest request;
  request.set_name(name);
  v1::ExplainAssignmentResponse record;
  status = client.explain([&](auto& stub, grpc::ClientContext& context) {
    return stub.ExplainAssignment(&context, request, &record);
  });
  if (!status.ok()) return fail(console, status);
  return print_message(console, arguments, record,
                       assignment_text(call, record, arguments.is_colored));
}

ExitCode run_why_idle(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const std::string& agent = arguments.words[0];
  v1::WhyIdleRequest question;
  question.set_name(absl::StrCat(*tenant, "/agents/", agent));
  v1::WhyIdleResponse why;
  const absl::Status status = client.explain([&](auto& stub, grpc::ClientContext& context) {
    return stub.WhyIdle(&context, question, &why);
  });
  if (!status.ok()) return fail(console, status);
  return print_message(console, arguments, why, idle_text(agent, why, arguments.is_colored));
}

}  // namespace acd::acdctl
