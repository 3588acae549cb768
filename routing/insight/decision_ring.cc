// SPDX-License-Identifier: Apache-2.0
#include "routing/insight/decision_ring.h"

#include <utility>

#include "routing/check.h"

namespace acd {

void DecisionRing::keep(std::string_view call, QueueIndex queue, const Event& event,
                        std::string_view arena) {
  const size_t at = event.call.value();
  if (live_.size() <= at) live_.resize(at + 1);
  Kept& kept = live_[at];
  if (kept == nullptr) {
    kept = spare_ != nullptr ? std::move(spare_) : std::make_unique<CallDecision>();
  }
  kept->call = call;
  kept->queue = queue;
  kept->sequence = event.sequence;
  kept->time_ns = event.time_ns;
  kept->record = event.text.in(arena);
}

void DecisionRing::end(CallIndex call) {
  if (call.value() >= live_.size() || live_[call.value()] == nullptr) return;
  ended_.push_back(std::move(live_[call.value()]));
  if (ended_.size() <= kEndedMax) return;
  spare_ = std::move(ended_.front());
  ended_.pop_front();
}

const CallDecision* DecisionRing::find_live(CallIndex call) const {
  return call.value() < live_.size() ? live_[call.value()].get() : nullptr;
}

const CallDecision* DecisionRing::find_ended(std::string_view call) const {
  for (auto one = ended_.rbegin(); one != ended_.rend(); ++one) {
    if ((*one)->call == call) return one->get();
  }
  return nullptr;
}

std::vector<SavedDecision> DecisionRing::save() const {
  std::vector<SavedDecision> saved;
  for (uint32_t i = 0; i < live_.size(); ++i) {
    if (live_[i] != nullptr) saved.push_back({CallIndex(i), *live_[i]});
  }
  for (const Kept& one : ended_) saved.push_back({CallIndex(), *one});
  return saved;
}

void DecisionRing::restore(const std::vector<SavedDecision>& saved) {
  ACD_CHECK(live_.empty() && ended_.empty());
  for (const SavedDecision& one : saved) {
    Kept kept = std::make_unique<CallDecision>(one.decision);
    if (!one.call.valid()) {
      ended_.push_back(std::move(kept));
      continue;
    }
    if (live_.size() <= one.call.value()) live_.resize(one.call.value() + 1);
    live_[one.call.value()] = std::move(kept);
  }
}

}  // namespace acd
