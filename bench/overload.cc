// SPDX-License-Identifier: Apache-2.0
// More than the daemon can take: its peak first, then a multiple of it from arrivals that wait for nobody.
#include "bench/overload.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "bench/daemon_figures.h"
#include "bench/load_stream.h"

namespace acd::bench {
namespace {

constexpr double kEventsPerCall = 4;
constexpr double kNormalShare = 0.3;    // Of the peak.
constexpr double kRecoverySeconds = 4;  // What the daemon has to end what it took in the overload.
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
  double least_share = 0;    // Of the switch that was answered least, by the mean of all.
  double largest_share = 0;  // Of the one that was answered most.
};

// The daemon's memory and the calls at one moment.
struct MemorySample {
  ResidentMemory memory;
  int64_t live_calls = 0;
  int64_t ended_calls = 0;
  int64_t messages = 0;  // Without acknowledgement.
};

// Means of several.
struct MemoryMeans {
  double anonymous_bytes = 0;
  double file_bytes = 0;
  double live_calls = 0;
  double ended_calls = 0;
  double messages = 0;
};

MemoryMeans means_of(std::span<const MemorySample> samples) {
  MemoryMeans means;
  const auto part = 1.0 / static_cast<double>(samples.size());
  for (const MemorySample& sample : samples) {
    means.anonymous_bytes += part * static_cast<double>(sample.memory.anonymous_bytes);
    means.file_bytes += part * static_cast<double>(sample.memory.file_bytes);
    means.live_calls += part * static_cast<double>(sample.live_calls);
    means.ended_calls += part * static_cast<double>(sample.ended_calls);
    means.messages += part * static_cast<double>(sample.messages);
  }
  return means;
}

// Unary calls in a process of their own, as other programs make them: they share no connection and no thread
// with the streams.
class UnaryProcess {
 public:
  UnaryProcess() = default;
  ~UnaryProcess() {
    if (output_ != nullptr) pclose(output_);
  }
  UnaryProcess(const UnaryProcess&) = delete;
  UnaryProcess& operator=(const UnaryProcess&) = delete;

  absl::Status start(const OverloadOptions& options) {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::string command = absl::StrCat("'", self.string(), "' --traffic unary --target '",
                                             options.target, "' --server-pid ", options.server_pid,
                                             " --seconds ", options.overload_seconds);
    if (!error) output_ = popen(command.c_str(), "r");
    return output_ != nullptr ? absl::OkStatus() : absl::UnavailableError("cannot start a process");
  }
  // What it reports, when it has ended.
  absl::StatusOr<std::string> figures() {
    std::string text;
    std::array<char, 1024> line{};
    while (fgets(line.data(), line.size(), output_) != nullptr) text += line.data();
    if (pclose(std::exchange(output_, nullptr)) == 0) return text;
    return absl::InternalError("a unary call was answered as it must not be");
  }

 private:
  FILE* output_ = nullptr;
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
  // With `samples` also the daemon's memory, at every tick.
  absl::StatusOr<Figures> open_loop(double rate, double seconds, ArrivalFigures& arrivals,
                                    std::vector<MemorySample>* samples = nullptr);
  absl::Status sample(std::vector<MemorySample>& samples) const;
  Figures since(int64_t begin_ns, const std::vector<int64_t>& begin);
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

Figures Overload::since(int64_t begin_ns, const std::vector<int64_t>& begin) {
  const double elapsed_s =
      static_cast<double>(monotonic_now_ns() - begin_ns) / static_cast<double>(kNsPerS);
  std::vector<int64_t> counts = streams_->events_answered();
  for (size_t index = 0; index < counts.size(); ++index) counts[index] -= begin[index];
  const auto sum = static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
  const double mean = std::max(sum / static_cast<double>(counts.size()), 1.0);
  const auto [least, largest] = std::minmax_element(counts.begin(), counts.end());
  RoundTrips& times = streams_->round_trips();
  return {.events_per_s = sum / elapsed_s,
          .p50_us = times.quantile_us(500),
          .p99_us = times.quantile_us(990),
          .p999_us = times.quantile_us(999),
          .least_share = static_cast<double>(*least) / mean,
          .largest_share = static_cast<double>(*largest) / mean};
}

absl::StatusOr<Figures> Overload::closed_loop(double seconds) {
  const int64_t begin_ns = monotonic_now_ns();
  const int64_t end_ns = begin_ns + to_ns(seconds);
  const std::vector<int64_t> begin = streams_->events_answered();
  streams_->round_trips().clear();
  const auto is_over = [end_ns] { return monotonic_now_ns() >= end_ns; };
  if (absl::Status status = streams_->run_until(is_over); !status.ok()) return status;
  return since(begin_ns, begin);
}

absl::StatusOr<Figures> Overload::open_loop(double rate, double seconds, ArrivalFigures& arrivals,
                                            std::vector<MemorySample>* samples) {
  for (const auto& one : switches_) one->open_loop(&arrivals);
  const int64_t begin_ns = monotonic_now_ns();
  const int64_t end_ns = begin_ns + to_ns(seconds);
  const std::vector<int64_t> begin = streams_->events_answered();
  streams_->round_trips().clear();
  const double gap_ns = static_cast<double>(kNsPerS) / rate;
  int64_t came = 0;
  // Who is late with a tick is not late with the time at which a call came.
  const auto come_ns = [&] {
    return begin_ns + static_cast<int64_t>(gap_ns * static_cast<double>(came));
  };
  absl::Status sampled = absl::OkStatus();
  const absl::Status status = streams_->run_ticks([&](int64_t now_ns) {
    for (const auto& one : switches_) one->reroute(now_ns);
    for (; come_ns() <= std::min(now_ns, end_ns); ++came) {
      switches_[next_switch_]->arrive(come_ns());
      next_switch_ = (next_switch_ + 1) % switches_.size();
    }
    if (samples != nullptr) sampled.Update(sample(*samples));
    return now_ns < end_ns && sampled.ok();
  });
  if (!status.ok()) return status;
  if (!sampled.ok()) return sampled;
  return since(begin_ns, begin);
}

absl::Status Overload::sample(std::vector<MemorySample>& samples) const {
  const absl::StatusOr<ResidentMemory> memory = resident_memory(options_.server_pid);
  if (!memory.ok()) return memory.status();
  const CallCounts sum = counts();
  samples.push_back({.memory = *memory,
                     .live_calls = sum.offered - sum.ended,
                     .ended_calls = sum.ended,
                     .messages = static_cast<int64_t>(streams_->unanswered())});
  return absl::OkStatus();
}

absl::Status Overload::play(std::string& report, std::string& broken) {
  if (absl::Status status = open(); !status.ok()) return status;
  if (absl::Status status = ended_calls(options_.warmup_calls); !status.ok()) return status;
  const absl::StatusOr<Figures> peak = closed_loop(options_.seconds);
  if (!peak.ok()) return peak.status();
  if (absl::Status status = run_out(); !status.ok()) return status;
  streams_->lift_window();
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
  UnaryProcess probe;
  if (absl::Status status = probe.start(options_); !status.ok()) return status;
  const absl::StatusOr<Figures> settled = open_loop(rate, settle_s, settling);
  if (!settled.ok()) return settled.status();
  std::vector<MemorySample> samples;
  absl::StatusOr<Figures> over =
      open_loop(rate, options_.overload_seconds - settle_s, arrivals, &samples);
  if (!over.ok()) return over.status();

  // Back to normal.
  ArrivalFigures recovery;
  if (auto back = open_loop(peak_calls * kNormalShare, kRecoverySeconds, recovery); !back.ok()) {
    return back.status();
  }
  absl::StatusOr<Figures> after =
      open_loop(peak_calls * kNormalShare, options_.seconds, normal_arrivals);
  if (!after.ok()) return after.status();
  const absl::StatusOr<std::string> unary = probe.figures();
  if (!unary.ok()) return unary.status();
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
  const std::span<const MemorySample> all(samples);
  const MemoryMeans second = means_of(all.first((all.size() + 1) / 2));
  const MemoryMeans last = means_of(all.subspan(all.size() / 2));
  const double anonymous_growth = last.anonymous_bytes - second.anonymous_bytes;
  const double file_growth = last.file_bytes - second.file_bytes;
  const double calls_between = std::max(last.ended_calls - second.ended_calls, 1.0);
  const double growth_per_call = (anonymous_growth + file_growth) / calls_between;
  const double no_line_share = static_cast<double>(arrivals.no_line) /
                               std::max<double>(static_cast<double>(arrivals.came), 1);
  const auto add = [&report](const std::string& name, int64_t value) {
    absl::StrAppend(&report, name, "=", value, "\n");
  };
  const auto add_share = [&report](const std::string& name, double value) {
    absl::StrAppendFormat(&report, "%s=%.4f\n", name, value);
  };
  const auto add_times = [&](const std::string& name, const Figures& figures) {
    add(absl::StrCat(name, "_events_per_s"), static_cast<int64_t>(figures.events_per_s));
    add(absl::StrCat(name, "_rtt_p50_us"), figures.p50_us);
    add(absl::StrCat(name, "_rtt_p99_us"), figures.p99_us);
    add(absl::StrCat(name, "_rtt_p999_us"), figures.p999_us);
    add_share(absl::StrCat(name, "_least_switch"), figures.least_share);
    add_share(absl::StrCat(name, "_largest_switch"), figures.largest_share);
  };
  add_times("peak", *peak);
  add_times("before", *before);
  add_times("settling", *settled);
  add_times("overload", *over);
  add_times("after", *after);
  add("overload_offered_calls_per_s", static_cast<int64_t>(rate));
  const double measured_s = options_.overload_seconds - settle_s;
  add("overload_ended_calls_per_s",
      static_cast<int64_t>(
          static_cast<double>(samples.back().ended_calls - samples.front().ended_calls) /
          measured_s));
  add("overload_arrivals", arrivals.came);
  add("overload_held_back", arrivals.held_back);
  add("overload_no_line", arrivals.no_line);
  add("overload_accepted", arrivals.accepted);
  add("overload_late", arrivals.late);
  add("settling_late", settling.late);
  add("normal_rerouted", normal_arrivals.held_back + normal_arrivals.no_line);
  add("normal_late", normal_arrivals.late);
  add("arrival_ack_p50_us", arrivals.waits.quantile_us(500));
  add("arrival_ack_p99_us", arrivals.waits.quantile_us(990));
  add("arrival_ack_p999_us", arrivals.waits.quantile_us(999));
  const auto add_memory = [&](const std::string& name, const MemoryMeans& means) {
    constexpr double kMb = 1e6;
    add_share(absl::StrCat(name, "_anonymous_mb"), means.anonymous_bytes / kMb);
    add_share(absl::StrCat(name, "_files_mb"), means.file_bytes / kMb);
    add(absl::StrCat(name, "_live_calls"), static_cast<int64_t>(means.live_calls));
    add(absl::StrCat(name, "_messages_under_way"), static_cast<int64_t>(means.messages));
  };
  add_memory("second_third", second);
  add_memory("last_third", last);
  add_share("memory_bytes_per_call", growth_per_call);
  add_share("goodput_share", goodput_share);
  add("calls", sum.ended);
  absl::StrAppend(&report, *unary);

  if (goodput_share < kGoodputShareMin) {
    absl::StrAppendFormat(&broken, "goodput: %.3f of the peak, at least %.2f\n", goodput_share,
                          kGoodputShareMin);
  }
  if (growth_per_call > kMemoryPerCallMax) {
    absl::StrAppendFormat(&broken,
                          "memory: grew by %.1f bytes a call that ended, at most %.0f: heap %+.1f "
                          "MB, files %+.1f MB, "
                          "live calls %+.0f, messages under way %+.0f\n",
                          growth_per_call, kMemoryPerCallMax, anonymous_growth / 1e6,
                          file_growth / 1e6, last.live_calls - second.live_calls,
                          last.messages - second.messages);
  }
  const int64_t wait_p99_us = arrivals.waits.quantile_us(990);
  const double wait_max_us = kArrivalWaitShareMax *
                             static_cast<double>(switches_.front()->ack_timeout_ns()) /
                             static_cast<double>(kNsPerUs);
  if (static_cast<double>(wait_p99_us) > wait_max_us) {
    absl::StrAppendFormat(&broken, "latency: p99 of arrivals %d us, at most %.0f\n", wait_p99_us,
                          wait_max_us);
  }
  if (no_line_share > kNoLineShareMax) {
    absl::StrAppendFormat(&broken, "lines: %.3f of the arrivals found none, at most %.2f\n",
                          no_line_share, kNoLineShareMax);
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
