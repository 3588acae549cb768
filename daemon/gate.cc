// SPDX-License-Identifier: Apache-2.0
#include "daemon/gate.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace acd {

void Gate::hold(TurnOutput output) {
  {
    const MutexLock lock(&mutex_);
    held_.push_back(std::move(output));
  }
  release_due();
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
  for (;;) {
    TurnOutput output;
    {
      const MutexLock lock(&mutex_);
      if (held_.empty() || held_.front().sequence > durable_sequence_) {
        releasing_ = false;
        return;
      }
      output = std::move(held_.front());
      held_.pop_front();
    }
    for (auto& [board, log] : output.events) {
      observer_->publish(board, output.now_ns, std::move(log));
    }
    for (auto& [stream, delivery] : output.deliveries) stream->deliver(std::move(delivery));
  }
}

void Gate::on_failed(const absl::Status& status) {
  spdlog::critical("journal failed, nothing more can be promised: error=\"{}\"",
                   std::string(status.message()));
  // The log may be asynchronous, and the process ends here.
  std::fprintf(stderr, "acdd: journal failed: %s\n", std::string(status.message()).c_str());
  std::_Exit(kExitJournalFailed);
}

}  // namespace acd
