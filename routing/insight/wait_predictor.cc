// SPDX-License-Identifier: Apache-2.0
// Predictions: nothing here changes anything.
#include "routing/insight/wait_predictor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "routing/check.h"
#include "routing/insight/wait_predictor_tables.h"

namespace acd {
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();

// What is believed before anything was seen, and how many events that counts for. A month of a
// bank's calls was predicted best so, and no choice among the neighbours of each mattered.
constexpr double kUsualHandleS = 180;
constexpr double kHandleWeight = 3;   // Calls.
constexpr double kStartsWeight = 10;  // Starts.
constexpr double kUsualWrapUpS = 20;
constexpr double kUsualAwayS = 333;
constexpr double kStatesWeight = 2;  // Ends of wrap-ups or of being away.
constexpr double kUsualPatienceS = 350;
constexpr double kGapWeight = 5;    // Outcomes.
constexpr double kShareWeight = 3;  // Starts.
constexpr double kAgeWeight = 40;   // Seconds of it.
// Features stay within so many times what is usual: a wait that never was is not to rule the rest.
constexpr double kQueueMost = 6;
constexpr double kHeadMost = 4;
constexpr double kMeanLeast = .2;  // Of the larger of two of them: what the mean is at least.
constexpr double kMeanMostS = 1e6;
// Nobody at work: that slow nobody is.
constexpr double kRateLeast = 1e-9;
// Of a band whose head start has no end.
constexpr double kHeadStartMostS = 1e6;

constexpr int64_t kTaughtMin = 20;   // Answered calls that waited, before anything is said.
constexpr int64_t kHandledMin = 10;  // Calls that agents have done.
// Of the last 200 outcomes or so: outside of this the p80 is no p80. Days of a hundred calls and
// more had 71..90 %.
constexpr double kJudgedMin = 100;
constexpr double kCoverageMin = .65;
constexpr double kCoverageMax = .92;

// Calls ahead, by the first of each stratum.
constexpr std::array<double, 10> kStrata = {0, 1, 2, 3, 5, 8, 13, 21, 34, 55};
// Ages in seconds at which a class of age ends.
constexpr std::array<double, kAgeClasses - 1> kAgeEnds = {45, 150};
// Until so long after it came a call's entry says more of it than its age does: half of the first
// look.
constexpr double kEntryS = 7.5;

int64_t to_ns(double s) { return std::llround(std::min(s, kMeanMostS) * double{kNsPerS}); }

uint32_t stratum_of(double ahead) {
  uint32_t stratum = 0;
  while (stratum + 1 < kStrata.size() && ahead + .5 >= kStrata[stratum + 1]) ++stratum;
  return stratum;
}

uint32_t age_class_of(double age_s) {
  return static_cast<uint32_t>(
      std::ranges::count_if(kAgeEnds, [=](double end) { return age_s >= end; }));
}

// Within which an arrival of that band goes before a call of `place` that is served at `served_ns`;
// none if not above 0.
double head_start_s(const CallOrderRule& rule, const CallPlace& place, const CallOrderRule& other,
                    const ArrivalBand& band, int64_t now_ns, double wait_s) {
  const double age_s = to_seconds(now_ns - place.key_ns);
  const double more = static_cast<double>(band.priority) - place.priority;
  switch (rule.order) {
    case CallOrder::kPriority:
      if (more != 0) return more > 0 ? kForever : 0;
      return band.credit_s - age_s;
    case CallOrder::kScore: {
      // Its points when `place` is served: more × 3600 + (wait - s + credit) × rate of its queue.
      const double lead = more * 3600 - (age_s + wait_s) * rule.age_rate;
      if (other.age_rate == 0) return lead > 0 ? kForever : 0;
      return wait_s + band.credit_s + lead / other.age_rate;
    }
    case CallOrder::kServiceObjective:
      return wait_s + band.credit_s -
             (age_s + wait_s) * static_cast<double>(other.objective_ns) /
                 static_cast<double>(rule.objective_ns);
  }
  return 0;
}

}  // namespace

const WaitingQueue* WaitPredictor::find_queue(QueueIndex index) const {
  return index.value() < queues_.size() && queues_[index.value()].is_bound ? &queues_[index.value()]
                                                                           : nullptr;
}

const WaitScore& WaitPredictor::score(QueueIndex queue) const {
  const WaitingQueue* const found = find_queue(queue);
  ACD_CHECK(found != nullptr);
  return found->score;
}

// --- What is ahead.

double WaitPredictor::share_of(const WaitingQueue& queue, const WaitingQueue& other) const {
  if (&queue == &other) return 1;
  if (other.index.value() >= queue.shares.size()) return 0;
  const QueueShare& share = queue.shares[other.index.value()];
  if (share.common == 0) return 0;
  const double usual = static_cast<double>(share.common) / other.staff;
  return (share.taken + kShareWeight * usual) / (share.seen + kShareWeight);
}

uint32_t WaitPredictor::ahead_in(const WaitingQueue& queue, const CallOrderRule& rule,
                                 const CallPlace& place, int64_t now_ns) const {
  OrderTable table{const_cast<std::vector<OrderedNode>&>(order_nodes_), calls_, queue.order_rule};
  return queue.order.count_before(table, [&](uint32_t other) {
    return goes_before(queue.order_rule, calls_[other].place, rule, place, now_ns);
  });
}

double WaitPredictor::calls_ahead(const WaitingQueue& queue, const CallPlace& place,
                                  int64_t now_ns) const {
  double ahead = 0;
  ordered_.visit_words([&](size_t word, uint64_t bits) {
    for (; bits != 0; bits &= bits - 1) {
      const WaitingQueue& other = queues_[word * 64 + static_cast<size_t>(std::countr_zero(bits))];
      const double share = share_of(queue, other);
      if (share > 0) ahead += share * ahead_in(other, queue.order_rule, place, now_ns);
    }
  });
  return ahead;
}

// Everybody at work takes calls at the rate seen while the queue did not run empty, wherever they
// are between two calls. Wrap-ups and breaks beyond what goes with so many at work end on top of
// that.
QueueService WaitPredictor::service_of(const WaitingQueue& queue) const {
  const LearnedWait& learned = queue.learned;
  const QueueCounts& counts = board_.queue(queue.index).counts;
  const double handle_s =
      std::max(1.0, (to_seconds(counts.handle_sum_ns) + kHandleWeight * kUsualHandleS) /
                        (static_cast<double>(counts.handled) + kHandleWeight));
  const double starts = learned.starts + kStartsWeight;
  const double work_s = learned.work_s + kStartsWeight * handle_s;
  const double at_work = queue.in_hand + queue.wrapping;
  const double more_away = std::max(0.0, queue.away - at_work * learned.away_s / work_s);
  QueueService service;
  service.rate = at_work * starts / work_s +
                 more_away * learned.returns.value(1 / kUsualAwayS, kStatesWeight * kUsualAwayS);
  service.ending = queue.wrapping - at_work * learned.wrap_s / work_s;
  service.ending_rate = learned.wrap_ends.value(1 / kUsualWrapUpS, kStatesWeight * kUsualWrapUpS);
  service.leaving_rate = learned.leaves.value(1 / kUsualPatienceS, kUsualPatienceS);
  return service;
}

double WaitPredictor::overtaken(const WaitingQueue& queue, const CallPlace& place, int64_t now_ns,
                                double wait_s, double ahead) const {
  std::array<Overtakers, kArrivalBandsMax> overtakers{};
  const auto add = [&](const WaitingQueue& other, double share) {
    for (size_t i = 0; i < bands_.size(); ++i) {
      if (other.learned.arrivals[i] <= 0) continue;
      const double start_s =
          head_start_s(queue.order_rule, place, other.order_rule, bands_[i], now_ns, wait_s);
      if (start_s <= 0) continue;
      const double arrivals = share * other.learned.arrivals[i];
      overtakers[i].rate += arrivals;
      overtakers[i].head_start_s += arrivals * std::min(start_s, kHeadStartMostS);
    }
  };
  add(queue, 1);
  for (size_t i = 0; i < queue.shares.size(); ++i) {
    if (queue.shares[i].common != 0 && i != queue.index.value()) {
      add(queues_[i], share_of(queue, queues_[i]));
    }
  }
  // The decay of all counts since the landmark is one: forward decay (Cormode et al. 2009).
  const double scale =
      std::exp(-to_seconds(now_ns - landmark_ns_) / kArrivalMemoryS) / kArrivalMemoryS;
  size_t count = 0;
  for (const Overtakers& one : overtakers) {
    if (one.rate > 0) overtakers[count++] = {one.rate * scale, one.head_start_s / one.rate};
  }
  return wait_with_overtakers(wait_s, ahead, std::span(overtakers).first(count));
}

// --- The forecast.

std::optional<WaitPredictor::Forecast> WaitPredictor::forecast(const WaitingQueue& queue,
                                                               const CallPlace& place,
                                                               int64_t now_ns,
                                                               int64_t waited_ns) const {
  const QueueService service = service_of(queue);
  if (service.rate < kRateLeast) return std::nullopt;
  const LearnedWait& learned = queue.learned;
  Forecast made;
  const double ahead = made.ahead = calls_ahead(queue, place, now_ns);
  made.wait = queue_wait(ahead, service);
  const double now_s =
      std::min(kMeanMostS, overtaken(queue, place, now_ns, made.wait.mean_s, ahead));

  // What such calls waited of late: by their place, and as such.
  made.gap_s = learned.gap.value(now_s / (ahead + 1), kGapWeight);
  const double usual_s = made.usual_s = made.gap_s * (ahead + 1);
  double head_s = 0;
  if (!queue.by_entry.empty()) {
    head_s = to_seconds(now_ns - calls_[queue.by_entry.first()].entered_ns);
  }
  made.features = {2 * now_s * usual_s / (now_s + usual_s),  // At the mean of both rates.
                   std::min(now_s, kQueueMost * usual_s), usual_s,
                   std::min(head_s, kHeadMost * usual_s) * ahead / (ahead + 1),
                   learned.usual.value(now_s, kGapWeight)};
  made.base_s = std::clamp(queue.ridge.predict(made.features),
                           kMeanLeast * std::max(usual_s, made.features[0]), kMeanMostS);
  made.wait.mean_s = made.base_s;
  made.stratum = stratum_of(ahead);
  const WaitResiduals* residuals = &queue.at_entry;
  if (waited_ns != kAtEntry && to_seconds(waited_ns) >= kEntryS) {
    const uint32_t age = age_class_of(to_seconds(waited_ns));
    made.wait.mean_s *= learned.age[age].value(1, kAgeWeight);
    made.stratum = made.stratum * static_cast<uint32_t>(kAgeClasses) + age;
    residuals = &queue.in_wait;
  }
  made.quantiles_s = residuals->quantiles(made.stratum);
  for (double& level : made.quantiles_s) level = wait_of(level, made.wait);
  return made;
}

// --- Answers.

WaitUnknown WaitPredictor::unknown_of(const WaitingQueue& queue) const {
  const LearnedWait& learned = queue.learned;
  if (learned.taught < kTaughtMin || board_.queue(queue.index).counts.handled < kHandledMin) {
    return WaitUnknown::kLearning;
  }
  const double judged = learned.in_p80.under;
  const bool is_off =
      learned.in_p80.over < kCoverageMin * judged || learned.in_p80.over > kCoverageMax * judged;
  return judged >= kJudgedMin && is_off ? WaitUnknown::kUnreliable : WaitUnknown::kNone;
}

WaitUnknown WaitPredictor::unknown_of_call(CallIndex index, int64_t now_ns) const {
  if (index.value() >= calls_.size() || !calls_[index.value()].is_open) {
    return WaitUnknown::kNotWaiting;
  }
  const WaitingCall& call = calls_[index.value()];
  const CallView& view = board_.call(index);
  switch (view.state) {
    case CallState::kEnqueued:
      break;
    case CallState::kAlerting:
    case CallState::kConnecting:
    case CallState::kDialing:
      return WaitUnknown::kAlerting;
    case CallState::kScheduled:
      return WaitUnknown::kNotDue;
    case CallState::kConnected:
    case CallState::kOutside:
      return WaitUnknown::kNotWaiting;
  }
  if (!view.is_on_line && !board_.queue(call.queue).are_callbacks_open) return WaitUnknown::kClosed;
  if (is_switch_away(call.source)) return WaitUnknown::kSwitchAway;
  return now_ns < call.prefers_until_ns ? WaitUnknown::kWaitsForAgent : WaitUnknown::kNone;
}

void WaitPredictor::answer(const WaitingQueue& queue, const CallPlace& place, int64_t now_ns,
                           int64_t waited_ns, WaitPrediction* prediction) const {
  const std::optional<Forecast> made = forecast(queue, place, now_ns, waited_ns);
  if (!made) {
    prediction->unknown = WaitUnknown::kNoAgents;
    return;
  }
  prediction->calls_ahead = made->ahead;
  prediction->unknown = unknown_of(queue);
  if (!prediction->is_known()) return;
  prediction->mean_ns = to_ns(made->wait.mean_s);
  prediction->p50_ns = to_ns(made->quantiles_s[0]);
  prediction->p80_ns = to_ns(made->quantiles_s[1]);
  prediction->p95_ns = to_ns(made->quantiles_s[2]);
}

WaitPrediction WaitPredictor::predict_call(CallIndex index, int64_t now_ns) const {
  WaitPrediction prediction;
  prediction.unknown = unknown_of_call(index, now_ns);
  if (prediction.unknown == WaitUnknown::kNotWaiting) return prediction;
  const WaitingCall& call = calls_[index.value()];
  const WaitingQueue& queue = queues_[call.queue.value()];
  if (call.is_in_order) {
    prediction.position =
        static_cast<int32_t>(ahead_in(queue, queue.order_rule, call.place, now_ns)) + 1;
  }
  if (prediction.is_known()) {
    answer(queue, call.place, now_ns, now_ns - call.entered_ns, &prediction);
  }
  return prediction;
}

WaitArrival WaitPredictor::usual_arrival(QueueIndex index) const {
  const WaitingQueue* const queue = find_queue(index);
  return {queue == nullptr || queue->rule == nullptr ? 0 : queue->rule->priority, 0};
}

std::span<const uint32_t> WaitPredictor::queues_of(AgentIndex agent) const {
  if (agent.value() >= agents_.size()) return {};
  return agents_[agent.value()].queues;
}

WaitPrediction WaitPredictor::predict_arrival(QueueIndex index, const WaitArrival& arrival,
                                              int64_t now_ns) const {
  WaitPrediction prediction;
  const WaitingQueue* const queue = find_queue(index);
  if (queue == nullptr || !board_.queue(index).is_open) {
    prediction.unknown = queue == nullptr ? WaitUnknown::kNotWaiting : WaitUnknown::kClosed;
    return prediction;
  }
  const CallPlace place{arrival.priority, now_ns - arrival.age_ns, UINT64_MAX};
  prediction.position =
      static_cast<int32_t>(ahead_in(*queue, queue->order_rule, place, now_ns)) + 1;
  if (queue->free == 0) answer(*queue, place, now_ns, kAtEntry, &prediction);
  return prediction;
}

}  // namespace acd
