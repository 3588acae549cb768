// SPDX-License-Identifier: Apache-2.0
#include "daemon/gate.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "daemon/router_clock.h"

namespace acd {

Gate::Gate(Observer* observer, const Ownership* ownership, EndProcess end_process)
    : observer_(observer),
      ownership_(ownership),
      end_process_(end_process != nullptr ? end_process : std::_Exit) {}

void Gate::hold(TurnOutput output) {
  {
    const MutexLock lock(&mutex_);
    held_.push_back(std::move(output));
  }
  release_due();
}

bool Gate::wait_until_released() {
  const MutexLock lock(&mutex_);
  while (!is_shut_ && (!held_.empty() || releasing_)) released_.wait(&mutex_);
  return !is_shut_;
}

void Gate::on_durable(uint64_t sequence) {
  {
    const MutexLock lock(&mutex_);
    durable_sequence_ = std::max(durable_sequence_, sequence);
  }
  release_due();
}

void Gate::release_due() {
  {
    const MutexLock lock(&mutex_);
    if (releasing_) return;  // The other thread goes on until nothing is due.
    releasing_ = true;
  }
  TurnOutput output;
  while (take_due(&output)) {
    if (!output.events.empty()) observer_->publish(std::move(output.events));
    for (auto& [stream, delivery] : output.deliveries) stream->deliver(std::move(delivery));
    for (auto& answer : output.answers) answer();
  }
}

// The oldest output, when it may leave. When not, nobody is releasing any more.
bool Gate::take_due(TurnOutput* output) {
  bool is_owner = true;
  {
    const MutexLock lock(&mutex_);
    const bool is_due = !is_shut_ && !held_.empty() && held_.front().sequence <= durable_sequence_;
    if (is_due) is_owner = monotonic_ns() < ownership_->valid_until_ns();
    if (is_due && is_owner) {
      *output = std::move(held_.front());
      held_.pop_front();
      return true;
    }
    releasing_ = false;
    released_.notify_all();
  }
  if (!is_owner) shut(kExitJournalFailed, "the ownership has run out: another may write by now");
  return false;
}

void Gate::on_failed(const absl::Status& status) {
  const std::string why(status.message());
  if (absl::IsCancelled(status)) {
    shut(kExitStorageFull, why + "; then start again");
  } else if (absl::IsAborted(status)) {
    shut(kExitJournalFailed, "fenced off by another owner: " + why);
  } else {
    shut(kExitJournalFailed, why);
  }
}

void Gate::on_space(JournalSpace space, const absl::Status& why) {
  {
    const MutexLock lock(&mutex_);
    space_ = space;
    space_reason_ = std::string(why.message());
  }
  switch (space) {
    case JournalSpace::kEnough:
      spdlog::info("journal has its reserve again: new calls are taken");
      return;
    case JournalSpace::kLow:
      spdlog::error(
          "journal has no space to write ahead: new calls are refused, those that are here go on: "
          "error=\"{}\"",
          std::string(why.message()));
      return;
    case JournalSpace::kNone:
      spdlog::error(
          "journal has used up its reserve: switches are read no further until there is space, "
          "reads are answered: error=\"{}\"",
          std::string(why.message()));
      return;
  }
}

Gate::Status Gate::status() const {
  const MutexLock lock(&mutex_);
  return {durable_sequence_, space_, space_reason_};
}

uint64_t Gate::durable_sequence() const {
  const MutexLock lock(&mutex_);
  return durable_sequence_;
}

JournalSpace Gate::space() const {
  const MutexLock lock(&mutex_);
  return space_;
}

void Gate::shut(int exit_code, const std::string& why) {
  {
    const MutexLock lock(&mutex_);
    is_shut_ = true;
    released_.notify_all();
  }
  spdlog::critical("journal failed, nothing more can be promised: error=\"{}\"", why);
  // The log may be asynchronous, and the process ends here.
  std::fprintf(stderr, "acdd: journal failed: %s\n", why.c_str());
  end_process_(exit_code);
}

}  // namespace acd
