// SPDX-License-Identifier: Apache-2.0
// Waits that the observer predicts, into the Routers whose queues go by them.
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/partition.h"

namespace acd {

void Partition::list_waits(TenantIndex index) {
  question_ = nullptr;  // It is about the queues of before.
  std::erase_if(waits_, [index](const PredictedWait& one) { return one.tenant == index; });
  const Tenant& tenant = tenant_at(index);
  for (const QueueConfig& queue : tenant.config->tables.queues) {
    PredictedWait wait{index, tenant.board, queue.id};
    if (queue.limits.ewt.kind != LimitAction::Kind::kWait) wait.limit_ns = queue.limits.ewt_max_ns;
    if (goes_by_wait(queue)) {
      waits_.push_back(std::move(wait));
    } else {
      tell_wait(wait);  // What it was told while it did must not act should it do so again.
    }
  }
  waits_next_ = 0;
  waits_due_ns_ = waits_.empty() ? kNeverNs : now_ns_;
}

void Partition::tend_waits() {
  take_waits();
  if (now_ns_ < waits_due_ns_) return;
  waits_due_ns_ = (now_ns_ / kWaitsLookNs + 1) * kWaitsLookNs;
  // Without space nobody enters, and the reserve is for the calls that are here.
  if (question_ != nullptr || gate_.space() != JournalSpace::kEnough) return;
  const bool is_awaited = clock_.mode() == ClockMode::kDriven;
  if (is_awaited) {
    // The same traffic is to give the same answers: all that came before has to be folded, and this
    // turn goes by the answer. The observer waits for no shard, so a shard may wait for it.
    seal_frame();
    if (!gate_.wait_until_released()) return;
  }
  ask_for_waits();
  if (is_awaited) question_->answer.wait();
  take_waits();
}

void Partition::ask_for_waits() {
  question_ = std::make_shared<WaitsQuestion>();
  question_->now_ns = now_ns_;
  const size_t count = std::min(waits_.size(), kWaitsAskedMax);
  for (size_t i = 0; i < count; ++i) {
    question_->waits.push_back(waits_[waits_next_]);
    waits_next_ = (waits_next_ + 1) % waits_.size();
  }
  observer_->predict(question_);
}

void Partition::take_waits() {
  if (question_ == nullptr) return;
  if (question_->answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  for (const PredictedWait& wait : question_->waits) tell_wait(wait);
  question_ = nullptr;
}

void Partition::tell_wait(const PredictedWait& wait) {
  const std::optional<int64_t> told_ns = tenant_at(wait.tenant).router.told_wait_ns(wait.queue);
  if (!told_ns || !is_news(*told_ns, wait)) return;
  note_work(SuspectKind::kTimers, wait.tenant, now_ns_);
  Command command;
  command.kind = CommandKind::kSetEwt;
  command.name = {0, static_cast<uint32_t>(wait.queue.size())};
  command.wait_ns = wait.wait_ns;
  apply_own(wait.tenant, command, wait.queue);
}

}  // namespace acd
