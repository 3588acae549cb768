// SPDX-License-Identifier: Apache-2.0
// Switches that answer what they are told: what is not answered is told again when they resume.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "acd/v1/switch_event.pb.h"
#include "daemon/partition.h"

namespace acd {
namespace {

// Why a command was given up that nobody answered.
constexpr std::string_view kNoAnswer = "no answer by its deadline";

// Which phone or customer is to be reached or joined: the Router waits for it.
bool is_awaited_kind(SwitchCommandKind kind) {
  return kind == SwitchCommandKind::kRingAgent || kind == SwitchCommandKind::kConnectCall ||
         kind == SwitchCommandKind::kDialCustomer || kind == SwitchCommandKind::kDialOutside;
}

// What ends something: that it is gone already is as good.
bool is_met_by_absence(SwitchCommandKind kind) {
  return kind == SwitchCommandKind::kStopRinging || kind == SwitchCommandKind::kDropLeg ||
         kind == SwitchCommandKind::kReleaseCall;
}

}  // namespace

Partition::SwitchAnswers& Partition::switch_at(Tenant& tenant, SourceIndex source) {
  if (tenant.switches.size() <= source.value()) tenant.switches.resize(source.value() + 1);
  return tenant.switches[source.value()];
}

bool Partition::does_answer(const Tenant& tenant, SourceIndex source) {
  return source.value() < tenant.switches.size() && tenant.switches[source.value()].answers;
}

std::optional<int64_t> Partition::awaited_until_ns(const Tenant& tenant, const KeptOrder& order) {
  const CallIndex call = tenant.router.find_call(order.call());
  if (!call.valid() || order.command.kind != awaited_kind(tenant.router.call(call))) {
    return std::nullopt;
  }
  std::vector<Router::OpenOffer> open;
  tenant.router.add_open_offers(call, &open);
  for (const Router::OpenOffer& one : open) {
    if (one.generation != order.command.generation) continue;
    const bool is_of_agent = one.agent.valid() && !order.agent().empty();
    if (is_of_agent && tenant.router.agent(one.agent).id.view() != order.agent()) continue;
    return one.rings_until_ns;
  }
  return std::nullopt;
}

// The Router moves its deadlines while a switch is away and when the daemon restarts; what it does
// not wait for any longer is nobody's to do.
void Partition::refresh_awaited(const Tenant& tenant, SwitchAnswers* one, int64_t now_ns) {
  one->outbox.revise([&](KeptOrder& order) {
    if (!is_awaited_kind(order.command.kind)) return true;
    const std::optional<int64_t> until_ns = awaited_until_ns(tenant, order);
    if (!until_ns) return false;
    order.command.deadline_ns = std::clamp(*until_ns, now_ns, now_ns + kOrderDeadlineNs);
    return true;
  });
}

void Partition::keep_unanswered(Tenant& tenant, SourceIndex source, KeptOrder order,
                                int64_t now_ns) {
  SwitchAnswers& one = switch_at(tenant, source);
  one.outbox.keep(std::move(order));
  // By the event's own time, so that a replay gives up the same.
  give_up_overdue(tenant, source, &one, now_ns);
  answers_look_ns_ = std::min(answers_look_ns_, std::max(now_ns, now_ns_) + kOutboxLookNs);
}

// A switch that comes anew: its calls of before are no more, and their ids may come back; if it
// lists what it has, it is still to release what is over. One that resumes hears what it has not
// answered, before all that is new.
void Partition::greet_switch(Tenant& tenant, const Event& event) {
  const SourceIndex source = event.source;
  SwitchAnswers& one = switch_at(tenant, source);
  if (!event.flag) {
    if (tenant.ends.size() <= source.value()) tenant.ends.resize(source.value() + 1);
    std::deque<KeptOrder>& ends = tenant.ends[source.value()];
    const bool has_list = event.detail != 0;
    std::vector<KeptOrder> kept = one.outbox.take_all();
    std::erase_if(kept, [&](const KeptOrder& order) {
      return !has_list || !is_told_at_a_list(order.command.kind);
    });
    if (!has_list) ends.clear();
    std::erase_if(tenant.live_orders,
                  [&](const auto& live) { return live.second.source == source; });
    one.answers = opening_answers_;
    if (one.answers) {
      for (KeptOrder& order : std::exchange(ends, {})) kept.push_back(std::move(order));
    }
    for (KeptOrder& order : kept) {
      if (one.answers) {
        keep_unanswered(tenant, source, std::move(order), event.time_ns);
      } else {
        keep_end(tenant, event, std::move(order));
      }
    }
  }
  refresh_awaited(tenant, &one, event.time_ns);
  give_up_overdue(tenant, source, &one, event.time_ns);
  if (source.value() >= tenant.streams.size() || tenant.streams[source.value()] == nullptr) return;
  Delivery& delivery = delivery_for(tenant.streams[source.value()]);
  for (const auto& [id, order] : one.outbox.orders()) resend_order(order, delivery);
}

void Partition::heed_answers(TenantIndex index, const Command& command, std::string_view arena) {
  if (command.kind == CommandKind::kOpenSession) opening_answers_ = command.generation != 0;
  Tenant& tenant = tenant_at(index);
  if (command.kind == CommandKind::kResume) return grant_return(&tenant);
  if (command.kind != CommandKind::kCommandDone) return;
  SwitchAnswers& one = switch_at(tenant, command.source);
  const std::optional<KeptOrder> order = one.outbox.take(command.wait_ns);
  if (!order || command.detail == 0 || is_replaying_) return;
  const auto failure = static_cast<v1::CommandFailure>(command.detail);
  const bool is_gone = failure == v1::COMMAND_FAILURE_CALL_GONE;
  if (is_gone && is_met_by_absence(order->command.kind)) return;
  {
    const MutexLock lock(&figures_mutex_);
    ++figures_.failed;
  }
  std::string why = v1::CommandFailure_Name(failure);
  if (command.text.size != 0) why.append(": ").append(command.text.in(arena));
  give_up(tenant, command.source, &one, *order, why);
}

// What fell due while the daemon was down has the time of a return, as the Router's deadlines.
void Partition::grant_return(Tenant* tenant) {
  const int64_t now_ns = tenant->router.now_ns();
  for (SwitchAnswers& one : tenant->switches) {
    one.outbox.revise([now_ns](KeptOrder& order) {
      int64_t& deadline_ns = order.command.deadline_ns;
      if (deadline_ns < now_ns) deadline_ns = now_ns + kReconnectGraceDefaultNs;
      return true;
    });
  }
}

void Partition::give_up_overdue(const Tenant& tenant, SourceIndex source, SwitchAnswers* one,
                                int64_t now_ns) {
  while (std::optional<KeptOrder> order = one->outbox.take_overdue(now_ns)) {
    if (order->command.deadline_ns < now_ns) {
      if (const std::optional<int64_t> until_ns = awaited_until_ns(tenant, *order)) {
        order->command.deadline_ns = std::clamp(*until_ns, now_ns, now_ns + kOrderDeadlineNs);
        one->outbox.keep(*std::move(order));
        continue;
      }
    }
    if (is_replaying_) continue;
    {
      const MutexLock lock(&figures_mutex_);
      ++figures_.overdue;
    }
    give_up(tenant, source, one, *order, kNoAnswer);
  }
}

// What becomes of the call: README, Commands. Nobody but the log is told.
void Partition::give_up(const Tenant& tenant, SourceIndex source, SwitchAnswers* one,
                        const KeptOrder& order, std::string_view why) {
  if (one->warned_ns != INT64_MIN && now_ns_ - one->warned_ns < kCommandWarningNs) {
    ++one->untold;
    return;
  }
  spdlog::warn(
      "switch did not do what it was told: tenant={} switch={} command={} id={} call={} agent={} "
      "why={} untold={}",
      tenant.id, tenant.router.sessions().at(source).id.view(), command_name(order.command.kind),
      order.command.id, order.call(), order.agent(), why, std::exchange(one->untold, 0));
  one->warned_ns = now_ns_;
}

// Its session is forgotten: nobody can resume it.
void Partition::forget_all_but_ends(SwitchAnswers* one) {
  one->outbox.revise([](const KeptOrder& order) { return is_told_at_a_list(order.command.kind); });
}

void Partition::look_at_answers() {
  answers_look_ns_ = kNeverNs;
  for (const std::unique_ptr<Tenant>& tenant : tenants_) {
    for (uint32_t source = 0; source < tenant->switches.size(); ++source) {
      SwitchAnswers& one = tenant->switches[source];
      if (tenant->router.sessions().at(SourceIndex(source)).epoch.empty()) {
        forget_all_but_ends(&one);
      }
      give_up_overdue(*tenant, SourceIndex(source), &one, now_ns_);
      if (!one.outbox.orders().empty()) answers_look_ns_ = now_ns_ + kOutboxLookNs;
    }
  }
}

CommandFigures Partition::command_figures() const {
  const MutexLock lock(&figures_mutex_);
  return figures_;
}

}  // namespace acd
