// SPDX-License-Identifier: Apache-2.0
// The client of the echo ratio: the same stream before acdd (whole calls) and before
// acd_echo_server (the same bytes again). And an overload before acdd.
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "bench/daemon_figures.h"
#include "bench/load_stream.h"
#include "bench/overload.h"
#include "bench/traffic.h"
#include "bench/unary_probe.h"

namespace acd::bench {
namespace {

namespace po = boost::program_options;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr int kExitBounds = 3;
// Enough variety for an echo without a recording.
constexpr uint32_t kImaginedMessages = 2'000;

struct Options {
  std::string target;
  std::string traffic;
  std::string recording_path;
  std::string report_path;
  int server_pid = 0;
  double seconds = 5;
  double warmup_seconds = 1;
  uint32_t window = 16;
  std::string bounds = "on";
  DaemonTrafficOptions daemon;
  OverloadOptions overload;
};

// CPU time and clock at one moment.
struct Moment {
  int64_t now_ns = 0;
  int64_t client_cpu_ns = 0;
  int64_t server_cpu_ns = 0;
  StreamTotals totals;
};

int64_t clock_ns(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec * kNsPerS + time.tv_nsec;
}

int64_t client_cpu_ns() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto to_ns = [](const timeval& time) {
    return time.tv_sec * kNsPerS + time.tv_usec * kNsPerUs;
  };
  return to_ns(usage.ru_utime) + to_ns(usage.ru_stime);
}

Moment take_moment(const LoadStreams& stream, clockid_t server_clock) {
  return {.now_ns = monotonic_now_ns(),
          .client_cpu_ns = client_cpu_ns(),
          .server_cpu_ns = clock_ns(server_clock),
          .totals = stream.totals()};
}

absl::Status run_for(LoadStreams& stream, double seconds) {
  const int64_t limit_ns =
      monotonic_now_ns() + static_cast<int64_t>(seconds * static_cast<double>(kNsPerS));
  return stream.run_until([limit_ns] { return monotonic_now_ns() >= limit_ns; });
}

// Warms up, measures, and appends the figures to `report`.
absl::Status measure(LoadStreams& stream, const Options& options, std::string& report) {
  clockid_t server_clock{};
  if (clock_getcpuclockid(options.server_pid, &server_clock) != 0) {
    return absl::NotFoundError(absl::StrCat("no process ", options.server_pid));
  }
  if (absl::Status status = run_for(stream, options.warmup_seconds); !status.ok()) return status;
  stream.round_trips().clear();
  const Moment begin = take_moment(stream, server_clock);
  if (absl::Status status = run_for(stream, options.seconds); !status.ok()) return status;
  const Moment end = take_moment(stream, server_clock);

  const int64_t events = end.totals.events_answered - begin.totals.events_answered;
  const int64_t messages = end.totals.messages_answered - begin.totals.messages_answered;
  if (events == 0) return absl::DeadlineExceededError("no event was answered in the measured time");
  const double elapsed_ns = static_cast<double>(end.now_ns - begin.now_ns);
  const auto per_event_us = [events](int64_t begin_ns, int64_t end_ns) {
    return static_cast<double>(end_ns - begin_ns) / static_cast<double>(kNsPerUs) /
           static_cast<double>(events);
  };
  const auto per_message = [messages](int64_t begin_count, int64_t end_count) {
    return static_cast<double>(end_count - begin_count) / static_cast<double>(messages);
  };
  absl::StrAppendFormat(
      &report,
      "events_per_s=%.0f\nevents=%d\nmeasured_s=%.3f\n"
      "client_cpu_us_per_event=%.4f\nserver_cpu_us_per_event=%.4f\n"
      "rtt_p50_us=%d\nrtt_p99_us=%d\nrtt_p999_us=%d\nrtt_max_us=%d\n"
      "request_bytes_per_batch=%.0f\nreply_bytes_per_batch=%.0f\nreplies_per_batch=%.3f\n",
      static_cast<double>(events) * static_cast<double>(kNsPerS) / elapsed_ns, events,
      elapsed_ns / static_cast<double>(kNsPerS),
      per_event_us(begin.client_cpu_ns, end.client_cpu_ns),
      per_event_us(begin.server_cpu_ns, end.server_cpu_ns), stream.round_trips().quantile_us(500),
      stream.round_trips().quantile_us(990), stream.round_trips().quantile_us(999),
      stream.round_trips().quantile_us(1000),
      per_message(begin.totals.request_bytes_answered, end.totals.request_bytes_answered),
      per_message(begin.totals.reply_bytes, end.totals.reply_bytes),
      per_message(begin.totals.replies, end.totals.replies));
  return absl::OkStatus();
}

absl::Status load_daemon(const std::shared_ptr<grpc::Channel>& channel, const Options& options,
                         std::string& report) {
  DaemonTraffic traffic(options.daemon);
  LoadStreams stream({{.channel = channel, .traffic = &traffic}}, options.window);
  absl::Status status = stream.run_until([&traffic] { return traffic.agents_ready(); });
  if (!status.ok()) return status;
  traffic.start_recording();
  if (status = measure(stream, options, report); !status.ok()) return status;
  traffic.stop_offering();
  if (status = stream.run_until([&traffic] { return traffic.done(); }); !status.ok()) return status;
  if (status = stream.close(); !status.ok()) return status;
  const CallCounts& counts = traffic.counts();
  if (counts.offered != counts.answered || counts.offered != counts.connected ||
      counts.offered != counts.ended) {
    return absl::InternalError("a call is missing one of its events");
  }
  if (status = check_statistics(channel, options.daemon.tenant, counts); !status.ok())
    return status;
  absl::StrAppend(&report, "calls=", counts.ended, "\n");
  if (options.recording_path.empty()) return absl::OkStatus();
  return write_recording(traffic.recording(), options.recording_path);
}

absl::Status load_echo(const std::shared_ptr<grpc::Channel>& channel, const Options& options,
                       std::string& report) {
  absl::StatusOr<Recording> recording = options.recording_path.empty()
                                            ? imagine_recording(options.daemon, kImaginedMessages)
                                            : read_recording(options.recording_path);
  if (!recording.ok()) return recording.status();
  EchoTraffic traffic(*std::move(recording));
  LoadStreams stream({{.channel = channel, .traffic = &traffic}}, options.window);
  if (absl::Status status = measure(stream, options, report); !status.ok()) return status;
  traffic.stop();
  const auto all_answered = [&stream] { return stream.unanswered() == 0; };
  if (absl::Status status = stream.run_until(all_answered); !status.ok()) return status;
  return stream.close();
}

absl::Status load_unary(const Options& options, std::string& report) {
  const auto length_ns = static_cast<int64_t>(options.seconds * static_cast<double>(kNsPerS));
  const UnaryFigures figures =
      probe_unary_calls(options.target, options.daemon.tenant, monotonic_now_ns() + length_ns);
  absl::StrAppend(&report, "unary_ok=", figures.ok, "\nunary_overloaded=", figures.overloaded,
                  "\nread_p50_us=", figures.reads.quantile_us(500),
                  "\nread_p99_us=", figures.reads.quantile_us(990),
                  "\nread_sent_p50_us=", figures.reads_sent.quantile_us(500),
                  "\nread_sent_p99_us=", figures.reads_sent.quantile_us(990),
                  "\nchange_p50_us=", figures.changes.quantile_us(500),
                  "\nchange_p99_us=", figures.changes.quantile_us(990), "\n");
  if (figures.other == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      figures.other,
      " unary calls were answered by neither OK nor OVERLOADED with RetryInfo, the first: ",
      figures.first_other));
}

absl::Status load(const Options& options, std::string& report, std::string& broken) {
  if (options.traffic == "unary") return load_unary(options, report);
  if (options.traffic == "overload") return play_overload(options.overload, report, broken);
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = connect_to(options.target);
  if (!channel.ok()) return channel.status();
  return options.traffic == "daemon" ? load_daemon(*channel, options, report)
                                     : load_echo(*channel, options, report);
}

// `broken` tells the bounds that were not kept.
absl::Status run(const Options& options, std::string& broken) {
  std::string report;
  absl::Status status = load(options, report, broken);
  if (!status.ok()) return status;
  std::fputs(report.c_str(), stdout);
  if (options.report_path.empty()) return absl::OkStatus();
  std::ofstream file(options.report_path, std::ios::trunc);
  file << report;
  file.close();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", options.report_path));
  return absl::OkStatus();
}

absl::Status check_overload(const OverloadOptions& overload) {
  if (overload.streams < 1 || overload.streams > 1000) {
    return absl::InvalidArgumentError("--streams must be 1..1000");
  }
  if (overload.lines < 1 || overload.lines > CallRotation::kAgentsMax / overload.streams) {
    return absl::InvalidArgumentError(
        absl::StrCat("--lines times --streams must be at most ", CallRotation::kAgentsMax));
  }
  if (overload.lines < overload.batch * (overload.window + 1)) {
    return absl::InvalidArgumentError("--lines must be at least --batch times (--window + 1)");
  }
  if (!(overload.factor > 0 && overload.factor <= 100)) {
    return absl::InvalidArgumentError("--factor must be above 0 and at most 100");
  }
  if (!(overload.overload_seconds > 0 && overload.overload_seconds <= 3600)) {
    return absl::InvalidArgumentError("--overload-seconds must be above 0 and at most 3600");
  }
  if (overload.warmup_calls < 0 || overload.warmup_calls > 100'000'000) {
    return absl::InvalidArgumentError("--warmup-calls must be 0..100000000");
  }
  return absl::OkStatus();
}

absl::Status check(const Options& options) {
  if (options.traffic != "daemon" && options.traffic != "echo" && options.traffic != "overload" &&
      options.traffic != "unary") {
    return absl::InvalidArgumentError("--traffic must be daemon, echo, overload or unary");
  }
  if (options.bounds != "on" && options.bounds != "off") {
    return absl::InvalidArgumentError("--bounds must be on or off");
  }
  if (!(options.seconds > 0 && options.seconds <= 3600)) {
    return absl::InvalidArgumentError("--seconds must be above 0 and at most 3600");
  }
  if (!(options.warmup_seconds >= 0 && options.warmup_seconds <= 3600)) {
    return absl::InvalidArgumentError("--warmup-seconds must be 0..3600");
  }
  if (options.window < 1 || options.window > 1024) {
    return absl::InvalidArgumentError("--window must be 1..1024");
  }
  const DaemonTrafficOptions& daemon = options.daemon;
  if (daemon.batch < 2 || daemon.batch > 1024) {
    return absl::InvalidArgumentError("--batch must be 2..1024");
  }
  if (options.traffic == "overload") return check_overload(options.overload);
  if (daemon.agent_count < 1 || daemon.agent_count > CallRotation::kAgentsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("--agents must be 1..", CallRotation::kAgentsMax));
  }
  if (daemon.call_count > daemon.agent_count) {
    return absl::InvalidArgumentError(
        "--calls must not exceed --agents: each call is assigned at once");
  }
  // A call may have its one event in flight; the others must fill the next batch.
  if (daemon.call_count < daemon.batch * (options.window + 1)) {
    return absl::InvalidArgumentError("--calls must be at least --batch times (--window + 1)");
  }
  return absl::OkStatus();
}

int run_main(int argc, char** argv) {
  Options options;
  po::options_description description(
      "acd_event_load: keeps one stream full and measures it, or many more than full.\n"
      "Exit code 0: done; 1: failed, a call or answer was wrong; 2: usage; 3: a bound of --traffic "
      "overload was not kept");
  auto add = description.add_options();
  add("help", "print this");
  add("target", po::value(&options.target)->required(), "address of the server");
  add("traffic", po::value(&options.traffic)->required(),
      "daemon | echo | overload | unary (changes and reads in bursts)");
  add("server-pid", po::value(&options.server_pid)->required(),
      "process whose CPU time is counted");
  add("recording", po::value(&options.recording_path),
      "daemon: file to keep the requests in; echo: file to send (default: imagined calls)");
  add("report", po::value(&options.report_path), "file for the figures, one key=value a line");
  add("seconds", po::value(&options.seconds)->default_value(options.seconds),
      "measured time; overload: of the peak, and of the normal load before and behind");
  add("warmup-seconds", po::value(&options.warmup_seconds)->default_value(options.warmup_seconds),
      "time before it");
  add("window", po::value(&options.window)->default_value(options.window),
      "messages without answer of a stream; overload: up to the peak, then no limit");
  add("batch", po::value(&options.daemon.batch)->default_value(options.daemon.batch),
      "events a message");
  add("calls", po::value(&options.daemon.call_count)->default_value(options.daemon.call_count),
      "calls in rotation");
  add("agents", po::value(&options.daemon.agent_count)->default_value(options.daemon.agent_count),
      "agents logged in");
  OverloadOptions& overload = options.overload;
  add("streams", po::value(&overload.streams)->default_value(overload.streams),
      "overload: switches");
  add("lines", po::value(&overload.lines)->default_value(overload.lines),
      "overload: calls that a switch has room for, and its agents");
  add("factor", po::value(&overload.factor)->default_value(overload.factor),
      "overload: calls that come, by those of the peak");
  add("overload-seconds",
      po::value(&overload.overload_seconds)->default_value(overload.overload_seconds),
      "overload: how long; the last two thirds count");
  add("warmup-calls", po::value(&overload.warmup_calls)->default_value(overload.warmup_calls),
      "overload: calls before the peak is measured");
  add("bounds", po::value(&options.bounds)->default_value(options.bounds),
      "overload: on | off, whether a bound that is not kept fails the run");
  po::variables_map values;
  try {
    po::store(po::parse_command_line(argc, argv, description), values);
    if (values.count("help") != 0) {
      std::ostringstream text;
      text << description;
      std::fputs(text.str().c_str(), stdout);
      return 0;
    }
    po::notify(values);
    // Switches in an overload have a window of their own, unless told otherwise.
    if (options.traffic == "overload" && values["window"].defaulted()) {
      options.window = overload.window;
    }
    overload.target = options.target;
    overload.server_pid = options.server_pid;
    overload.seconds = options.seconds;
    overload.window = options.window;
    overload.batch = options.daemon.batch;
    overload.tenant = options.daemon.tenant;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "acd_event_load: %s\n", error.what());
    return kExitUsage;
  }
  if (absl::Status status = check(options); !status.ok()) {
    std::fprintf(stderr, "acd_event_load: %s\n", std::string(status.message()).c_str());
    return kExitUsage;
  }
  std::string broken;
  if (absl::Status status = run(options, broken); !status.ok()) {
    std::fprintf(stderr, "acd_event_load: %s\n", std::string(status.message()).c_str());
    return kExitFailed;
  }
  std::fputs(broken.c_str(), stderr);
  return broken.empty() || options.bounds == "off" ? 0 : kExitBounds;
}

}  // namespace
}  // namespace acd::bench

int main(int argc, char** argv) { return acd::bench::run_main(argc, argv); }
