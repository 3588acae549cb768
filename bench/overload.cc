// SPDX-License-Identifier: Apache-2.0
// More than the daemon can take: its peak first, then a multiple of it from arrivals that wait for nobody.
#include "bench/overload.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <future>
#include <memory>
#include <vector>

#include "bench/daemon_figures.h"
#include "bench/load_stream.h"
#include "bench/unary_probe.h"

namespace acd::bench {
namespace {

constexpr double kEventsPerCall = 4;
constexpr double kNormalShare = 0.3;        // Of the peak.
constexpr double kRecoverySeconds = 1;      // What the daemon has to come back to normal.
constexpr double kSettleShare = 1.0 / 3.0;  // Of the overload, before its figures count.

int64_t to_ns(double seconds) {
  return static_cast<int64_t>(seconds * static_cast<double>(kNsPerS));
}

// What was seen in one stretch of time.
struct Figures {
  double events_per_s = 0;
  int64_t p50_us = 0;
  int64_t p99_us = 0;
  int64_t p999_us = 0;
  double replies_per_batch = 0;
};

class Overload {
 public:
  explicit Overload(const OverloadOptions& options) : options_(options) {}

  absl::Status play(std::string& report, std::string& broken);

 private:
  absl::Status open();
  // Until every call has ended, durably.
  absl::Status run_out();
  absl::Status ended_calls(int64_t count);
  absl::StatusOr<Figures> closed_loop(double seconds);
  // Arrivals at `rate` a second. Their figures are added to `arrivals`.
  absl::StatusOr<Figures> open_loop(double rate, double seconds, ArrivalFigures& arrivals);
  Figures since(int64_t begin_ns, const StreamTotals& begin);
  [[nodiscard]] CallCounts counts() const;

  const OverloadOptions options_;
  std::vector<std::unique_ptr<DaemonTraffic>> switches_;
  std::unique_ptr<LoadStreams> streams_;
  size_t next_switch_ = 0;
};

absl::Status Overload::open() {
  std::vector<LoadStreams::End> ends;
  for (uint32_t index = 0; index < options_.streams; ++index) {
    DaemonTrafficOptions traffic;
    traffic.tenant = options_.tenant;
    traffic.source_id = absl::StrCat("event_load-", index);
    traffic.first = index * options_.lines;
    traffic.agent_count = traffic.call_count = options_.lines;
    traffic.batch = options_.batch;
    switches_.push_back(std::make_unique<DaemonTraffic>(traffic));
    const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = connect_to(options_.target);
    if (!channel.ok()) return channel.status();
    ends.push_back({.channel = *channel, .traffic = switches_.back().get()});
  }
  streams_ = std::make_unique<LoadStreams>(ends, options_.window);
  return streams_->run_until([this] {
    return std::all_of(switches_.begin(), switches_.end(),
                       [](const auto& one) { return one->agents_ready(); });
  });
}

absl::Status Overload::run_out() {
  for (const auto& one : switches_) one->stop_offering();
  return streams_->run_ticks([this](int64_t) {
    return !std::all_of(switches_.begin(), switches_.end(),
                        [](const auto& one) { return one->done(); });
  });
}

CallCounts Overload::counts() const {
  CallCounts sum;
  for (const auto& one : switches_) {
    const CallCounts& counts = one->counts();
    sum.offered += counts.offered;
    sum.answered += counts.answered;
    sum.connected += counts.connected;
    sum.ended += counts.ended;
  }
  return sum;
}

absl::Status Overload::ended_calls(int64_t count) {
  return streams_->run_until([this, count] { return counts().ended >= count; });
}

Figures Overload::since(int64_t begin_ns, const StreamTotals& begin) {
  const StreamTotals& end = streams_->totals();
  const double elapsed_s =
      static_cast<double>(monotonic_now_ns() - begin_ns) / static_cast<double>(kNsPerS);
  const auto messages = static_cast<double>(end.messages_answered - begin.messages_answered);
  RoundTrips& times = streams_->round_trips();
  return {
      .events_per_s = static_cast<double>(end.events_answered - begin.events_answered) / elapsed_s,
      .p50_us = times.quantile_us(500),
      .p99_us = times.quantile_us(990),
      .p999_us = times.quantile_us(999),
      .replies_per_batch =
          static_cast<double>(end.replies - begin.replies) / std::max(messages, 1.0)};
}

absl::StatusOr<Figures> Overload::closed_loop(double seconds) {
  const int64_t begin_ns = monotonic_now_ns();
  const int64_t end_ns = begin_ns + to_ns(seconds);
  const StreamTotals begin = streams_->totals();
  streams_->round_trips().clear();
  const auto is_over = [end_ns] { return monotonic_now_ns() >= end_ns; };
  if (absl::Status status = streams_->run_until(is_over); !status.ok()) return status;
  return since(begin_ns, begin);
}

absl::StatusOr<Figures> Overload::open_loop(double rate, double seconds, ArrivalFigures& arrivals) {
  for (const auto& one : switches_) one->open_loop(&arrivals);
  const int64_t begin_ns = monotonic_now_ns();
  const int64_t end_ns = begin_ns + to_ns(seconds);
  const StreamTotals begin = streams_->totals();
  streams_->round_trips().clear();
  const double gap_ns = static_cast<double>(kNsPerS) / rate;
  int64_t came = 0;
  // Who is late with a tick is not late with the time at which a call came.
  const auto come_ns = [&] {
    return begin_ns + static_cast<int64_t>(gap_ns * static_cast<double>(came));
  };
  const absl::Status status = streams_->run_ticks([&](int64_t now_ns) {
    for (; come_ns() <= std::min(now_ns, end_ns); ++came) {
      switches_[next_switch_]->arrive(come_ns());
      next_switch_ = (next_switch_ + 1) % switches_.size();
    }
    return now_ns < end_ns;
  });
  if (!status.ok()) return status;
  return since(begin_ns, begin);
}

absl::Status Overload::play(std::string& report, std::string& broken) {
  if (absl::Status status = open(); !status.ok()) return status;
  if (absl::Status status = ended_calls(options_.warmup_calls); !status.ok()) return status;
  const absl::StatusOr<Figures> peak = closed_loop(options_.seconds);
  if (!peak.ok()) return peak.status();
  if (absl::Status status = run_out(); !status.ok()) return status;
  const double peak_calls = peak->events_per_s / kEventsPerCall;

  ArrivalFigures normal_arrivals;
  absl::StatusOr<Figures> before =
      open_loop(peak_calls * kNormalShare, options_.seconds, normal_arrivals);
  if (!before.ok()) return before.status();

  // The overload.
  ArrivalFigures settling;
  ArrivalFigures arrivals;
  const double settle_s = options_.overload_seconds * kSettleShare;
  const double rate = peak_calls * options_.factor;
  std::future<UnaryFigures> probe =
      std::async(std::launch::async, probe_unary_calls, options_.target, options_.tenant,
                 monotonic_now_ns() + to_ns(options_.overload_seconds));
  if (auto settled = open_loop(rate, settle_s, settling); !settled.ok()) return settled.status();
  const absl::StatusOr<int64_t> rss_begin = resident_bytes(options_.server_pid);
  if (!rss_begin.ok()) return rss_begin.status();
  absl::StatusOr<Figures> over = open_loop(rate, options_.overload_seconds - settle_s, arrivals);
  if (!over.ok()) return over.status();
  const absl::StatusOr<int64_t> rss_end = resident_bytes(options_.server_pid);
  if (!rss_end.ok()) return rss_end.status();

  // Back to normal.
  if (auto back = open_loop(peak_calls * kNormalShare, kRecoverySeconds, normal_arrivals);
      !back.ok()) {
    return back.status();
  }
  absl::StatusOr<Figures> after =
      open_loop(peak_calls * kNormalShare, options_.seconds, normal_arrivals);
  if (!after.ok()) return after.status();
  const UnaryFigures unary = probe.get();
  if (absl::Status status = run_out(); !status.ok()) return status;
  if (absl::Status status = streams_->close(); !status.ok()) return status;
  const CallCounts sum = counts();
  if (sum.offered != sum.answered || sum.offered != sum.connected || sum.offered != sum.ended) {
    return absl::InternalError("a call is missing one of its events");
  }
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = connect_to(options_.target);
  if (!channel.ok()) return channel.status();
  if (absl::Status status = check_statistics(*channel, options_.tenant, sum); !status.ok()) {
    return status;
  }

  const double in_time_share =
      1.0 - static_cast<double>(arrivals.late) /
                std::max<double>(static_cast<double>(arrivals.accepted), 1);
  const double goodput_share = over->events_per_s * in_time_share / peak->events_per_s;
  const double growth = static_cast<double>(*rss_end) / static_cast<double>(*rss_begin);
  // What is under way at most, at the speed of the peak.
  const double full_us = static_cast<double>(options_.streams) * options_.window * options_.batch /
                         peak->events_per_s * 1e6;
  absl::StrAppendFormat(&report,
                        "peak_events_per_s=%.0f\npeak_rtt_p50_us=%d\npeak_rtt_p99_us=%d\n"
                        "offered_calls_per_s=%.0f\narrivals=%d\nrerouted=%d\naccepted=%d\nlate=%d\n"
                        "goodput_events_per_s=%.0f\ngoodput_share=%.4f\n"
                        "rtt_p50_us=%d\nrtt_p99_us=%d\nrtt_p999_us=%d\nfull_window_us=%.0f\n"
                        "arrival_ack_p50_us=%d\narrival_ack_p99_us=%d\narrival_ack_p999_us=%d\n"
                        "rss_begin_mb=%.1f\nrss_end_mb=%.1f\nrss_growth=%.4f\n",
                        peak->events_per_s, peak->p50_us, peak->p99_us, rate, arrivals.came,
                        arrivals.rerouted, arrivals.accepted, arrivals.late, over->events_per_s,
                        goodput_share, over->p50_us, over->p99_us, over->p999_us, full_us,
                        arrivals.waits.quantile_us(500), arrivals.waits.quantile_us(990),
                        arrivals.waits.quantile_us(999), static_cast<double>(*rss_begin) / 1e6,
                        static_cast<double>(*rss_end) / 1e6, growth);
  absl::StrAppendFormat(
      &report,
      "unary_ok=%d\nunary_overloaded=%d\nunary_other=%d\nread_p50_us=%d\nread_p99_us=%d\n"
      "change_p50_us=%d\nchange_p99_us=%d\n"
      "before_events_per_s=%.0f\nbefore_rtt_p50_us=%d\nbefore_rtt_p99_us=%d\n"
      "after_events_per_s=%.0f\nafter_rtt_p50_us=%d\nafter_rtt_p99_us=%d\n"
      "calls=%d\n",
      unary.ok, unary.overloaded, unary.other, unary.reads.quantile_us(500),
      unary.reads.quantile_us(990), unary.changes.quantile_us(500), unary.changes.quantile_us(990),
      before->events_per_s, before->p50_us, before->p99_us, after->events_per_s, after->p50_us,
      after->p99_us, sum.ended);

  if (unary.other > 0) {
    return absl::InternalError(
        absl::StrCat(unary.other,
                     " unary calls were answered by neither OK nor OVERLOADED with "
                     "RetryInfo, the first: ",
                     unary.first_other));
  }
  if (goodput_share < kGoodputShareMin) {
    absl::StrAppendFormat(&broken, "goodput: %.3f of the peak, at least %.2f\n", goodput_share,
                          kGoodputShareMin);
  }
  if (growth > kMemoryGrowthMax) {
    absl::StrAppendFormat(&broken, "memory: grew by %.3f, at most %.2f\n", growth,
                          kMemoryGrowthMax);
  }
  if (static_cast<double>(over->p99_us) > kRoundTripFactorMax * full_us) {
    absl::StrAppendFormat(&broken, "latency: p99 %d us, at most %.0f\n", over->p99_us,
                          kRoundTripFactorMax * full_us);
  }
  const double recovered_us = kRecoveredFactorMax * static_cast<double>(before->p99_us) +
                              static_cast<double>(kRecoveredSlackUs);
  if (static_cast<double>(after->p99_us) > recovered_us) {
    absl::StrAppendFormat(&broken, "recovery: p99 %d us, at most %.0f\n", after->p99_us,
                          recovered_us);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status play_overload(const OverloadOptions& options, std::string& report,
                           std::string& broken) {
  return Overload(options).play(report, broken);
}

}  // namespace acd::bench
