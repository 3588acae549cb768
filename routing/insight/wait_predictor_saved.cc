// SPDX-License-Identifier: Apache-2.0
// A wait predictor to and from a snapshot. What the board and the configuration say is found anew.
#include <algorithm>

#include "routing/check.h"
#include "routing/insight/saved_predictor.h"
#include "routing/insight/slots.h"
#include "routing/insight/wait_predictor.h"
#include "routing/limits.h"

namespace acd {
namespace {

SavedStratum saved_of(uint32_t stratum, const ResidualHistogram& histogram) {
  return {stratum, {histogram.mass.begin(), histogram.mass.end()}, histogram.weight};
}

std::vector<SavedStratum> saved_of(const WaitResiduals& residuals) {
  std::vector<SavedStratum> saved;
  if (residuals.state().pool.weight == 0) return saved;
  saved.push_back(saved_of(0, residuals.state().pool));
  for (const auto& [stratum, histogram] : residuals.state().strata) {
    saved.push_back(saved_of(stratum, histogram));
  }
  return saved;
}

WaitResiduals::State restored(const std::vector<SavedStratum>& saved) {
  WaitResiduals::State state;
  for (const SavedStratum& one : saved) {
    ResidualHistogram& histogram = &one == &saved.front() ? state.pool : state.strata[one.stratum];
    ACD_CHECK(one.mass.size() == histogram.mass.size());
    std::ranges::copy(one.mass, histogram.mass.begin());
    histogram.weight = one.weight;
  }
  return state;
}

}  // namespace

SavedPredictor WaitPredictor::save() const {
  SavedPredictor saved;
  saved.now_ns = now_ns_;
  saved.landmark_ns = landmark_ns_;
  saved.bands = bands_;
  saved.is_away = is_away_;
  for (const WaitingQueue& queue : queues_) {
    SavedWaitQueue& one = saved.queues.emplace_back();
    one.is_bound = queue.is_bound;
    one.media = queue.media;
    one.age_rate = queue.order_rule.age_rate;
    one.objective_ns = queue.order_rule.objective_ns;
    one.since_ns = queue.since_ns;
    one.learned = queue.learned;
    one.ridge = queue.ridge.state();
    one.at_entry = saved_of(queue.at_entry);
    one.in_wait = saved_of(queue.in_wait);
    one.score = queue.score;
    for (uint32_t i = 0; i < queue.shares.size(); ++i) {
      const QueueShare& share = queue.shares[i];
      if (share.seen > 0) one.shares.push_back({i, share.taken, share.seen});
    }
  }
  for (uint32_t i = 0; i < calls_.size(); ++i) {
    const WaitingCall& call = calls_[i];
    if (!call.is_open && call.holders.empty()) continue;
    SavedWaitCall& one = saved.calls.emplace_back();
    one.slot = i;
    one.place = call.place;
    one.queue = call.queue;
    one.source = call.source;
    one.entered_ns = call.entered_ns;
    one.prefers_until_ns = call.prefers_until_ns;
    one.is_open = call.is_open;
    one.is_new = call.is_new;
    one.teaches = call.teaches;
    if (call.promise == nullptr) continue;
    const WaitPromise& promise = *call.promise;
    one.promise = {promise.entry,       {promise.features.begin(), promise.features.end()},
                   promise.gap_s,       promise.ahead,
                   promise.quantiles_s, promise.looked,
                   promise.looks};
  }
  return saved;
}

void WaitPredictor::restore(const SavedPredictor& saved) {
  ACD_CHECK(now_ns_ == 0 && queues_.empty() && agents_.empty() && calls_.empty());
  now_ns_ = saved.now_ns;
  landmark_ns_ = saved.landmark_ns;
  bands_ = saved.bands;
  is_away_ = saved.is_away;
  for (const SavedWaitQueue& one : saved.queues) {
    WaitingQueue& queue = queue_at(QueueIndex(queues_.size()));
    queue.order_rule = {rules_.call_order(), one.age_rate, one.objective_ns};
    queue.media = one.media;
    queue.since_ns = one.since_ns;
    queue.learned = one.learned;
    queue.ridge.restore(one.ridge);
    queue.at_entry.restore(restored(one.at_entry));
    queue.in_wait.restore(restored(one.in_wait));
    strata_ += queue.at_entry.state().strata.size() + queue.in_wait.state().strata.size();
    queue.score = one.score;
    for (const SavedShare& share : one.shares) {
      if (share.queue >= queue.shares.size()) queue.shares.resize(share.queue + size_t{1});
      queue.shares[share.queue] = {0, share.taken, share.seen};
    }
    if (one.is_bound) bind_queue(queue.index, one.since_ns);
  }
  for (const SavedWaitCall& one : saved.calls) {
    const CallIndex index(one.slot);
    WaitingCall& call = slot_of(calls_, index, kCallsMax);
    call.place = one.place;
    call.queue = one.queue;
    call.source = one.source;
    call.entered_ns = one.entered_ns;
    call.prefers_until_ns = one.prefers_until_ns;
    call.is_open = one.is_open;
    call.is_new = one.is_new;
    call.teaches = one.teaches;
    if (call.is_new) newcomers_.push_back(index);
    if (!one.promise) continue;
    const SavedPromise& promise = *one.promise;
    call.promise = std::make_unique<WaitPromise>();
    *call.promise = {
        promise.entry,  {},           promise.gap_s, promise.ahead, promise.quantiles_s,
        promise.looked, promise.looks};
    ACD_CHECK(promise.features.size() == call.promise->features.size());
    std::ranges::copy(promise.features, call.promise->features.begin());
    ++promises_;
    if (promise.looked < kWaitLooksS.size()) {
      looks_.emplace(promise.entry.at_ns + kWaitLooksS[promise.looked] * kNsPerS, index);
    }
  }
  order_nodes_.resize(calls_.size());
  entry_nodes_.resize(calls_.size());
  for (uint32_t i = 0; i < calls_.size(); ++i) {
    const bool waits = calls_[i].is_open && board_.call(CallIndex(i)).state == CallState::kEnqueued;
    // No time passes: up to when it is counted was saved.
    if (waits) enter_order(CallIndex(i), queues_[calls_[i].queue.value()].since_ns);
  }
  for (const auto& [id, index] : board_.agents_by_id()) {
    ServingAgent& agent = slot_of(agents_, index, kAgentsMax);
    agent.is_known = true;
    agent.levels = rules_.levels_of(board_.agent(index));
    agent.load = load_of(index);
    for (const CallIndex call : board_.agent(index).calls) {
      if (call.value() < calls_.size()) calls_[call.value()].holders.push_back(index);
    }
    for (WaitingQueue& queue : queues_) {
      if (queue.is_bound) refresh_member(index, queue, queue.since_ns);
    }
  }
}

}  // namespace acd
