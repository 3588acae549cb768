// SPDX-License-Identifier: Apache-2.0
// A wait predictor in a snapshot, field by field, as saved_fields.h has the rest.
#pragma once

#include "daemon/storage/field_archive.h"
#include "routing/insight/saved_predictor.h"

namespace acd {

template <typename A, typename Array>
void list_array(A& archive, uint32_t first, Array& values) {
  for (uint32_t i = 0; i < values.size(); ++i) archive(first + i, values[i]);
}

template <typename A>
void list_fields(A& archive, DecayedRatio& ratio) {
  archive(1, ratio.over);
  archive(2, ratio.under);
}

template <typename A>
void list_fields(A& archive, ArrivalBand& band) {
  archive(1, band.priority);
  archive(2, band.credit_class);
  archive(3, band.credit_s);
}

template <typename A>
void list_fields(A& archive, LearnedWait& learned) {
  archive(1, learned.starts);
  archive(2, learned.work_s);
  archive(3, learned.wrap_s);
  archive(4, learned.away_s);
  archive(5, learned.wrap_ends);
  archive(6, learned.returns);
  archive(7, learned.leaves);
  archive(8, learned.gap);
  archive(9, learned.usual);
  archive(10, learned.in_p80);
  archive(11, learned.new_work_s);
  archive(12, learned.new_wrap_s);
  archive(13, learned.new_away_s);
  archive(14, learned.ending_wrap_s);
  archive(15, learned.returning_away_s);
  archive(16, learned.leaving_wait_s);
  archive(17, learned.taught);
  list_array(archive, 20, learned.age);
  list_array(archive, 30, learned.arrivals);
}

template <typename A>
void list_fields(A& archive, WaitRidge::State& ridge) {
  list_array(archive, 1, ridge.squares);
  list_array(archive, 40, ridge.products);
  list_array(archive, 50, ridge.weights);
}

template <typename A>
void list_fields(A& archive, SavedStratum& stratum) {
  archive(1, stratum.stratum);
  archive(2, stratum.mass);
  archive(3, stratum.weight);
}

template <typename A>
void list_fields(A& archive, SavedShare& share) {
  archive(1, share.queue);
  archive(2, share.taken);
  archive(3, share.seen);
}

template <typename A>
void list_fields(A& archive, WaitScore& score) {
  archive(1, score.scored);
  archive(2, score.censored);
  archive(5, score.error2_s2);
  archive(6, score.predicted_s);
  archive(7, score.waited_s);
  list_array(archive, 10, score.within);
  list_array(archive, 20, score.pinball_s);
  list_array(archive, 100, score.answered_by_ratio);
  list_array(archive, 200, score.censored_by_ratio);
}

template <typename A>
void list_fields(A& archive, SavedWaitQueue& queue) {
  archive(1, queue.is_bound);
  archive(2, queue.media);
  archive(3, queue.age_rate);
  archive(4, queue.objective_ns);
  archive(5, queue.since_ns);
  archive(6, queue.learned);
  archive(7, queue.ridge);
  archive(8, queue.at_entry);
  archive(9, queue.in_wait);
  archive(10, queue.score);
  archive(11, queue.shares);
}

template <typename A>
void list_fields(A& archive, QueueWait& wait) {
  archive(1, wait.mean_s);
  archive(2, wait.shape);
}

template <typename A>
void list_fields(A& archive, WaitLook& look) {
  archive(1, look.at_ns);
  archive(2, look.wait);
  archive(3, look.base_s);
  archive(4, look.usual_s);
  archive(5, look.stratum);
}

template <typename A>
void list_fields(A& archive, SavedPromise& promise) {
  archive(1, promise.entry);
  archive(2, promise.features);
  archive(3, promise.gap_s);
  archive(4, promise.ahead);
  archive(6, promise.looked);
  archive(7, promise.looks);
  list_array(archive, 10, promise.quantiles_s);
}

template <typename A>
void list_fields(A& archive, CallPlace& place) {
  archive(1, place.priority);
  archive(2, place.key_ns);
  archive(3, place.number);
}

template <typename A>
void list_fields(A& archive, SavedWaitCall& call) {
  archive(1, call.slot);
  archive(2, call.place);
  archive(3, call.queue);
  archive(4, call.source);
  archive(5, call.entered_ns);
  archive(6, call.prefers_until_ns);
  archive(7, call.is_open);
  archive(8, call.is_new);
  archive(9, call.teaches);
  archive(10, call.promise);
}

// Without what stands in records of its own.
template <typename A>
void list_fields(A& archive, SavedPredictor& predictor) {
  archive(1, predictor.now_ns);
  archive(2, predictor.landmark_ns);
  archive(3, predictor.bands);
  archive(4, predictor.is_away);
}

}  // namespace acd
