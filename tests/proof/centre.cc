// SPDX-License-Identifier: Apache-2.0
#include "tests/proof/centre.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace acd::proof {
namespace {

constexpr size_t kBatches = 50;
// Batches at the start that are not measured, because the centre begins empty.
constexpr size_t kWarmUpBatches = 3;
constexpr uint64_t kInvariantsEvery = 16'384;

Batch empty_batch(const CentreSpec& spec) {
  Batch batch;
  for (std::vector<double>* sums : {&batch.calls, &batch.waited, &batch.in_target, &batch.wait_s}) {
    sums->assign(spec.types.size(), 0);
  }
  batch.busy_s.assign(spec.agents.size(), 0);
  return batch;
}

}  // namespace

// --- Chance: SplitMix64 (Steele, Lea, Flood 2014).

double Chance::next() {
  state_ += 0x9e3779b97f4a7c15ull;
  uint64_t x = state_;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  x ^= x >> 31;
  return static_cast<double>(x >> 11) * 0x1p-53;
}

double Chance::exponential(double rate) { return -std::log1p(-next()) / rate; }

uint32_t Chance::below(uint32_t limit) { return static_cast<uint32_t>(next(limit)); }

// --- What was measured.

double Estimate::off(double exact) const { return std::abs(value - exact) / error; }

template <typename Part, typename Whole>
Estimate Measured::ratio(Part&& part, Whole&& whole) const {
  double part_sum = 0;
  double whole_sum = 0;
  for (const Batch& batch : batches_) {
    part_sum += part(batch);
    whole_sum += whole(batch);
  }
  Estimate estimate;
  estimate.value = part_sum / whole_sum;
  double squares = 0;
  for (const Batch& batch : batches_) {
    squares += std::pow(part(batch) - estimate.value * whole(batch), 2);
  }
  const auto count = static_cast<double>(batches_.size());
  estimate.error = std::sqrt(squares / (count * (count - 1))) / (whole_sum / count);
  return estimate;
}

Estimate Measured::wait_probability(size_t type) const {
  return ratio([=](const Batch& batch) { return batch.waited[type]; },
               [=](const Batch& batch) { return batch.calls[type]; });
}

Estimate Measured::in_target(size_t type) const {
  return ratio([=](const Batch& batch) { return batch.in_target[type]; },
               [=](const Batch& batch) { return batch.calls[type]; });
}

Estimate Measured::mean_wait_s(size_t type) const {
  return ratio([=](const Batch& batch) { return batch.wait_s[type]; },
               [=](const Batch& batch) { return batch.calls[type]; });
}

Estimate Measured::occupancy(size_t agent) const {
  return ratio([=](const Batch& batch) { return batch.busy_s[agent]; },
               [](const Batch& batch) { return batch.duration_s; });
}

// The linear terms of a ratio of ratios, so that what both waits share cancels out.
Estimate Measured::wait_ratio(size_t type, size_t of) const {
  const Estimate over = mean_wait_s(type);
  const Estimate under = mean_wait_s(of);
  Estimate estimate;
  estimate.value = over.value / under.value;
  double over_calls = 0;
  double under_calls = 0;
  for (const Batch& batch : batches_) {
    over_calls += batch.calls[type];
    under_calls += batch.calls[of];
  }
  double squares = 0;
  for (const Batch& batch : batches_) {
    const double over_off = (batch.wait_s[type] - over.value * batch.calls[type]) / over_calls;
    const double under_off = (batch.wait_s[of] - under.value * batch.calls[of]) / under_calls;
    squares += std::pow((over_off - estimate.value * under_off) / under.value, 2);
  }
  const auto count = static_cast<double>(batches_.size());
  estimate.error = std::sqrt(squares * count / (count - 1));
  return estimate;
}

double Measured::total_wait_s() const {
  double sum = 0;
  for (const Batch& batch : batches_) {
    for (const double wait_s : batch.wait_s) sum += wait_s;
  }
  return sum;
}

// --- The centre.

Centre::Centre(const CentreSpec& spec, uint64_t seed)
    : spec_(spec), chance_(seed), call_of_(spec.agents.size()), batch_(empty_batch(spec)) {
  for (const CallType& type : spec_.types) arrival_rate_ += type.rate;
  EXPECT_EQ(router_.configure(spec_.config, 0), Reject::kNone);
  EXPECT_EQ(router_.upsert_agents(spec_.agents, 0), Reject::kNone);
  bring_agents();
}

void Centre::bring_agents() {
  Command open;
  open.kind = CommandKind::kOpenSession;
  open.name = text("pbx");
  open.text = text("epoch");
  apply(open);
  source_ = router_.sessions().find("pbx");
  for (const AgentProfile& profile : spec_.agents) {
    Command log_in;
    log_in.kind = CommandKind::kLogIn;
    log_in.name = text(profile.id);
    log_in.text = text("phone-" + profile.id);
    apply(log_in);
    Command ready;
    ready.kind = CommandKind::kSetReady;
    ready.name = text(profile.id);
    apply(ready);
  }
}

Measured Centre::play(uint32_t calls) {
  std::vector<Batch> batches;
  for (size_t i = 0; i < kBatches + kWarmUpBatches; ++i) {
    batch_ = empty_batch(spec_);
    const uint64_t end = arrivals_ + calls / kBatches;
    while (arrivals_ < end && !::testing::Test::HasFailure()) step();
    if (i >= kWarmUpBatches) batches.push_back(batch_);
  }
  EXPECT_EQ(router_.check_invariants(), "");
  return Measured(std::move(batches));
}

// The next arrival or end of a call.
void Centre::step() {
  double rate = arrival_rate_ + spec_.leaving_rate * static_cast<double>(waiting_.size());
  for (const size_t agent : busy_) rate += spec_.service_rates[agent];
  const double pause_s = chance_.exponential(rate);
  now_ns_ += std::llround(pause_s * static_cast<double>(kNsPerS));
  batch_.duration_s += pause_s;
  for (const size_t agent : busy_) batch_.busy_s[agent] += pause_s;

  double mark = chance_.next(rate);
  for (size_t type = 0; type < spec_.types.size(); ++type) {
    if (mark < spec_.types[type].rate) return arrive(type);
    mark -= spec_.types[type].rate;
  }
  for (const size_t agent : busy_) {
    if (mark < spec_.service_rates[agent]) return end_call_of(agent);
    mark -= spec_.service_rates[agent];
  }
  // Rounding may leave a little over: then nothing happens.
  if (spec_.leaving_rate == 0) return;
  const auto waiting = static_cast<size_t>(mark / spec_.leaving_rate);
  if (waiting < waiting_.size()) abandon(waiting);
}

void Centre::arrive(size_t type) {
  Command command;
  command.kind = CommandKind::kEnqueueCall;
  command.call = text("call-" + std::to_string(arrivals_++));
  command.name = text(spec_.types[type].queue);
  command.text = text(spec_.types[type].needs);
  arriving_type_ = type;
  apply(command);
  if (arrivals_ % kInvariantsEvery != 0) return;
  EXPECT_EQ(router_.check_invariants(), "");
}

void Centre::abandon(size_t waiting) {
  Command command;
  command.kind = CommandKind::kEndCall;
  command.call = text(live_[waiting_[waiting].value()].id);
  command.detail = static_cast<uint8_t>(EndedBy::kCaller);
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(waiting));
  apply(command);
}

void Centre::listen(std::function<void(const EventLog&)> listener) {
  listener_ = std::move(listener);
  for (const EventLog& log : heard_) listener_(log);
  heard_.clear();
}

void Centre::end_call_of(size_t agent) {
  Command command;
  command.kind = CommandKind::kEndCall;
  command.call = text(live_[call_of_[agent].value()].id);
  command.detail = static_cast<uint8_t>(EndedBy::kCaller);
  call_of_[agent] = CallIndex();
  std::erase(busy_, agent);
  apply(command);
}

TextRef Centre::text(std::string_view value) {
  const TextRef ref{static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(value.size())};
  arena_ += value;
  return ref;
}

void Centre::apply(Command command) {
  if (command.kind != CommandKind::kOpenSession) command.source = source_;
  router_.advance(now_ns_, 1'000);
  EXPECT_EQ(router_.apply(command, arena_, now_ns_), Reject::kNone);
  arena_.clear();
  look();
}

void Centre::look() {
  router_.take_events(&log_);
  if (listener_) {
    listener_(log_);
  } else if (arrivals_ == 0) {
    heard_.push_back(log_);
  }
  std::vector<Event> offers;
  for (const Event& event : log_.events) {
    if (event.kind == EventKind::kCallEnqueued) {
      if (event.call.value() >= live_.size()) live_.resize(event.call.value() + 1);
      live_[event.call.value()] = {arriving_type_, now_ns_,
                                   std::string(router_.call(event.call).id.view())};
      if (spec_.leaving_rate > 0) waiting_.push_back(event.call);
    } else if (event.kind == EventKind::kOfferCreated) {
      offers.push_back(event);
    }
  }
  for (const Event& offer : offers) connect(offer);
}

void Centre::connect(const Event& offer) {
  const Live& call = live_[offer.call.value()];
  std::erase(waiting_, offer.call);
  const size_t agent = offer.agent.value();
  ASSERT_FALSE(call_of_[agent].valid()) << "an offer to somebody who talks";
  call_of_[agent] = offer.call;
  busy_.push_back(agent);
  const double wait_s =
      static_cast<double>(now_ns_ - call.arrived_ns) / static_cast<double>(kNsPerS);
  batch_.calls[call.type] += 1;
  batch_.waited[call.type] += now_ns_ > call.arrived_ns ? 1 : 0;
  batch_.in_target[call.type] += wait_s <= spec_.target_s ? 1 : 0;
  batch_.wait_s[call.type] += wait_s;
  Command connected;
  connected.kind = CommandKind::kCallConnected;
  connected.call = text(call.id);
  connected.generation = offer.generation;
  apply(connected);
}

}  // namespace acd::proof
