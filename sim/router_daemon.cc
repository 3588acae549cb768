// SPDX-License-Identifier: Apache-2.0
#include "sim/router_daemon.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "routing/check.h"
#include "routing/leg_id.h"

namespace acd::sim {

RouterDaemon::RouterDaemon(const TenantConfig& config, WorldHooks hooks)
    : hooks_(std::move(hooks)) {
  board_.configure(config);
  if (hooks_.configured) hooks_.configured(config);
  ACD_CHECK(router_.configure(config, 0) == Reject::kNone);
  advance(0);
  tell();
}

absl::Status RouterDaemon::upsert(const std::vector<AgentProfile>& agents) {
  const Reject reject = router_.upsert_agents(agents, now_ns_);
  if (reject != Reject::kNone) {
    return absl::InvalidArgumentError(absl::StrCat("agents: ", std::string(reject_name(reject))));
  }
  advance(now_ns_);
  tell();
  return absl::OkStatus();
}

absl::StatusOr<ReplayHello> RouterDaemon::connect() {
  if (source_.valid()) {
    Command close;
    close.kind = CommandKind::kCloseSession;
    close.source = source_;
    ACD_CHECK(apply(close) == Reject::kNone);
  }
  Command open;
  open.kind = CommandKind::kOpenSession;
  open.name = text(source_id_);
  open.text = text("epoch");
  ACD_CHECK(apply(open) == Reject::kNone);
  source_ = router_.sessions().find(source_id_);
  ReplayHello hello;
  hello.is_clock_driven = true;
  hello.now_ns = now_ns_;
  hello.unix_ns = now_ns_;
  hello.batch_events_max = 1'024;
  return hello;
}

absl::StatusOr<ReplayAnswer> RouterDaemon::exchange(const ReplayBatch& batch) {
  advance(batch.now_ns);
  tell();
  for (const ReplayEvent& event : batch.events) {
    const Reject reject = apply(event);
    answer_.acked_sequence = event.sequence;
    if (reject == Reject::kNone) continue;
    answer_.refusals.push_back({event.sequence, std::string(reject_name(reject))});
  }
  answer_.next_deadline_ns = router_.next_deadline_ns();
  if (hooks_.settled) hooks_.settled(now_ns_);
  return std::exchange(answer_, {});
}

absl::StatusOr<std::string> RouterDaemon::request(const ReplayEvent& /*event*/,
                                                  const std::string& /*request_id*/) {
  return absl::UnimplementedError("a Router alone takes no requests");
}

absl::StatusOr<std::vector<DesktopOffer>> RouterDaemon::desktop_offers(
    const std::string& /*agent*/) {
  return std::vector<DesktopOffer>();
}

absl::StatusOr<std::vector<QueueFigures>> RouterDaemon::queue_figures() {
  std::vector<QueueFigures> all;
  for (const QueueView* queue : board_.queues()) {
    const QueueCounts& counts = queue->counts;
    QueueFigures& figures = all.emplace_back();
    figures.queue = queue->id;
    figures.offered = counts.offered;
    figures.answered = counts.answered;
    figures.abandoned = counts.abandoned + counts.short_abandoned;
    figures.short_abandoned = counts.short_abandoned;
    figures.timed_out = counts.timed_out;
    figures.rejected = counts.rejected;
    figures.failed_waiting = counts.failed_waiting;
    figures.overflowed_in = counts.overflowed_in;
    figures.overflowed_out = counts.overflowed_out;
    figures.waiting = counts.waiting;
    figures.wait_answered_sum_ns = static_cast<int64_t>(counts.wait_answered_sum_ns);
    figures.is_conserved = counts.conserved();
    figures.withdrawn = counts.withdrawn;
    figures.handled = counts.handled;
    figures.handle_sum_ns = static_cast<int64_t>(counts.handle_sum_ns);
  }
  return all;
}

Reject RouterDaemon::apply(const ReplayEvent& event) {
  Command command;
  command.source = source_;
  command.sequence = event.sequence;
  command.call = text(event.call);
  command.generation = static_cast<uint32_t>(event.generation);
  switch (event.kind) {
    case ReplayEventKind::kAgentLoggedIn:
      command.kind = CommandKind::kLogIn;
      command.name = text(event.agent);
      command.text = text(event.station);
      break;
    case ReplayEventKind::kAgentReady:
      command.kind = CommandKind::kSetReady;
      command.name = text(event.agent);
      break;
    case ReplayEventKind::kAgentLoggedOut:
      command.kind = CommandKind::kLogOut;
      command.name = text(event.agent);
      break;
    case ReplayEventKind::kCallOffered:
      command.kind = CommandKind::kEnqueueCall;
      command.name = text(event.queue);
      command.age_credit_ns = event.age_credit_ns;
      break;
    case ReplayEventKind::kLegAnswered:
      command.kind = CommandKind::kLegAnswered;
      break;
    case ReplayEventKind::kCallConnected:
      command.kind = CommandKind::kCallConnected;
      break;
    case ReplayEventKind::kCallEnded:
      command.kind = CommandKind::kEndCall;
      command.detail = static_cast<uint8_t>(event.ended_by);
      break;
    default:
      check_failed("a replay without a mix reports nothing else", __FILE__, __LINE__);
  }
  return apply(command);
}

Reject RouterDaemon::apply(Command command) {
  const Reject reject = router_.apply(command, arena_, now_ns_);
  arena_.clear();
  advance(now_ns_);
  tell();
  return reject;
}

void RouterDaemon::advance(int64_t now_ns) {
  do {
    router_.advance(now_ns, kTimersMax);
  } while (router_.now_ns() < now_ns || router_.is_slice_left());
  now_ns_ = now_ns;
}

void RouterDaemon::tell() {
  router_.take_events(&log_);
  for (const Event& event : log_.events) {
    answer(event);
    board_.apply(event, log_.arena);
    if (hooks_.happened) hooks_.happened(event, log_.arena);
  }
  log_.clear();
}

// While the board still has a call that ends.
void RouterDaemon::answer(const Event& event) {
  ReplayCommand command;
  switch (event.kind) {
    case EventKind::kOfferCreated:
      command.kind = ReplayCommandKind::kRingAgent;
      break;
    case EventKind::kOfferAccepted:
      command.kind = ReplayCommandKind::kConnectCall;
      break;
    case EventKind::kOfferEnded:
      if (!event.flag) return;
      command.kind = ReplayCommandKind::kStopRinging;
      break;
    default:
      return;  // Without limits and while agents answer at once.
  }
  command.call = board_.call(event.call).id;
  command.agent = board_.agent(event.agent).id;
  command.generation = event.generation;
  if (command.kind != ReplayCommandKind::kStopRinging) {
    command.station = board_.agent(event.agent).station;
    command.leg = absl::StrCat(std::string(kOwnLegPrefix), command.call, "-", event.generation);
  }
  answer_.commands.push_back(std::move(command));
}

TextRef RouterDaemon::text(std::string_view value) { return add_text(value, &arena_); }

}  // namespace acd::sim
