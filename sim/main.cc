// SPDX-License-Identifier: Apache-2.0
// acdsim: plays telephone traffic against acdd, and random worlds on the routing core.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "sim/arguments.h"
#include "sim/bank_config.h"
#include "sim/call_log.h"
#include "sim/fuzz_report.h"
#include "sim/predict.h"
#include "sim/progress.h"
#include "sim/replay.h"
#include "sim/replay_client.h"
#include "sim/replay_plan.h"
#include "sim/report.h"

namespace acd::sim {
namespace {

// Documented in `acdsim --help`.
enum ExitCode {
  kDone = 0,
  kBroken = 1,
  kUsage = 2,
  kUnreadable = 3,
  kUnwritable = 3,
  kNoDaemon = 4,
  kStopped = 130,
};

volatile std::sig_atomic_t stop_signal = 0;

void on_signal(int signal) { stop_signal = signal; }

// The first signal asks for a clean end; the second, no longer caught, does not wait.
void catch_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool is_stopped() { return stop_signal != 0; }

void say(const std::string& text) { std::cerr << "acdsim: " << text << std::endl; }

int fail(ExitCode code, const std::string& text) {
  say(text);
  return code;
}

int write_out(const std::string& text, int code) {
  std::cout << text << std::flush;
  if (std::cout.good()) return code;
  say("the output cannot be written");
  return code == kDone ? kUnwritable : code;
}

// Sleeps until the log's time has come by the speed asked for, but never longer than kPauseMax: a
// night without calls passes in a moment.
class Pacer {
 public:
  explicit Pacer(double speed) : speed_(speed) {}

  void wait(int64_t log_ns) {
    using std::chrono::steady_clock;
    const auto now = steady_clock::now();
    if (!has_begun_) due_ = now;
    const std::chrono::duration<double, std::nano> step(
        static_cast<double>(has_begun_ ? log_ns - last_log_ns_ : 0) / speed_);
    has_begun_ = true;
    last_log_ns_ = log_ns;
    due_ += std::chrono::duration_cast<steady_clock::duration>(step);
    due_ = std::min(due_, now + kPauseMax);
    while (!is_stopped() && steady_clock::now() < due_) {
      std::this_thread::sleep_until(std::min(due_, steady_clock::now() + kSlice));
    }
  }

 private:
  // A signal waits no longer.
  static constexpr std::chrono::milliseconds kSlice{100};
  static constexpr std::chrono::seconds kPauseMax{2};

  const double speed_;
  bool has_begun_ = false;
  std::chrono::steady_clock::time_point due_;  // Of the last instant.
  int64_t last_log_ns_ = 0;
};

int exit_code_of(const absl::Status& status) {
  if (absl::IsCancelled(status)) return kStopped;
  return absl::IsInternal(status) ? kBroken : kNoDaemon;
}

int report(const ReplayArguments& arguments, const ReplayPlan& plan, const ReplayResult& result,
           int64_t wall_ns) {
  const RunFacts facts{arguments.file, arguments.source_id, arguments.seed, wall_ns};
  const std::string text =
      arguments.is_json ? json_report(plan, result, facts) : text_report(plan, result, facts);
  if (result.breaches.empty()) return write_out(text, kDone);
  const int code = write_out(text, kBroken);
  for (const std::string& breach : result.breaches) std::cerr << "BREACH " << breach << '\n';
  say("FAILED: the daemon broke a promise, or does not fit the log");
  if (std::ranges::any_of(result.breaches, [](const std::string& breach) {
        return breach.find("was refused") != std::string::npos;
      })) {
    say("if a queue or an agent is unknown, make the configuration with `acdsim bank-config " +
        arguments.file + "`");
  }
  return code;
}

int run_replay(const ReplayArguments& arguments) {
  const auto log = read_call_log(arguments.file);
  if (!log.ok()) return fail(kUnreadable, std::string(log.status().message()));
  const auto plan = plan_replay(*log, {arguments.tenant, arguments.seed, arguments.from_day,
                                       arguments.to_day, arguments.mix, arguments.callback_hours});
  if (!plan.ok()) return fail(kUsage, std::string(plan.status().message()));

  catch_signals();
  Progress progress(std::cerr, isatty(STDERR_FILENO) != 0);
  ReplayClient client({.target = arguments.target,
                       .tenant = arguments.tenant,
                       .source_id = arguments.source_id,
                       .epoch = "seed-" + std::to_string(arguments.seed),
                       .reconnect_timeout_ns = arguments.reconnect_timeout_ns,
                       .answer_timeout_ns = arguments.answer_timeout_ns,
                       .is_stopped = is_stopped,
                       .say = [&](const std::string& text) {
                         progress.clear();
                         say(text);
                       }});
  const auto begin = std::chrono::steady_clock::now();
  const auto wall_ns = [&] {
    return std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count();
  };
  ReplayHooks hooks;
  hooks.is_stopped = is_stopped;
  Pacer pacer(arguments.speed.value_or(1));
  if (arguments.speed) hooks.pace = [&](int64_t log_ns) { pacer.wait(log_ns); };
  if (!arguments.is_quiet) {
    hooks.progress = [&](const ReplayProgress& now) { progress.update(now, wall_ns()); };
  }
  const auto result = Replay(*plan, client, hooks).run();
  progress.clear();
  if (result.ok()) return report(arguments, *plan, *result, wall_ns());
  if (absl::IsCancelled(result.status())) {
    return fail(kStopped,
                "stopped by a signal; the daemon holds the calls that are live until its "
                "switch grace has passed");
  }
  say(std::string(result.status().message()));
  return exit_code_of(result.status());
}

int run_predict(const PredictArguments& arguments) {
  const auto training = read_call_log(arguments.training);
  if (!training.ok()) return fail(kUnreadable, std::string(training.status().message()));
  const auto judged = read_call_log(arguments.judged);
  if (!judged.ok()) return fail(kUnreadable, std::string(judged.status().message()));
  const bool is_known =
      arguments.queue.empty() || std::ranges::binary_search(judged->types, arguments.queue);
  if (!is_known) {
    return fail(kUsage, "--queue: " + arguments.judged + " has no call of type " + arguments.queue);
  }
  catch_signals();
  const auto begin = std::chrono::steady_clock::now();
  const auto wall_ns = [&] {
    return std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count();
  };
  std::vector<WorldVerdict> worlds;
  for (const LogWorld world : arguments.worlds) {
    Progress progress(std::cerr, isatty(STDERR_FILENO) != 0);
    const int64_t begun_ns = wall_ns();
    PredictHooks hooks;
    hooks.is_stopped = is_stopped;
    if (!arguments.is_quiet) {
      say(std::string(world_name(world)));
      hooks.progress = [&](const ReplayProgress& now) {
        progress.update(now, wall_ns() - begun_ns);
      };
    }
    auto verdict = examine(world, *training, *judged, hooks);
    progress.clear();
    if (!verdict.ok()) {
      say(std::string(verdict.status().message()));
      return absl::IsCancelled(verdict.status()) ? kStopped : kBroken;
    }
    worlds.push_back(*std::move(verdict));
  }
  const PredictFacts facts{&*training, &*judged, arguments.queue, wall_ns()};
  return write_out(arguments.is_json ? predict_json(worlds, facts) : predict_report(worlds, facts),
                   kDone);
}

int run_bank_config(const BankConfigArguments& arguments) {
  const auto log = read_call_log(arguments.file);
  if (!log.ok()) return fail(kUnreadable, std::string(log.status().message()));
  return write_out(bank_config(*log, arguments.tenant, arguments.is_mixed), kDone);
}

int run(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments(words);
  if (!arguments.ok()) return fail(kUsage, std::string(arguments.status().message()));
  if (const auto* print = std::get_if<PrintArguments>(&*arguments)) {
    return write_out(print->text, kDone);
  }
  if (const auto* config = std::get_if<BankConfigArguments>(&*arguments)) {
    return run_bank_config(*config);
  }
  if (const auto* predict = std::get_if<PredictArguments>(&*arguments)) {
    return run_predict(*predict);
  }
  if (const auto* fuzz = std::get_if<FuzzArguments>(&*arguments)) return run_fuzz(*fuzz);
  return run_replay(std::get<ReplayArguments>(*arguments));
}

}  // namespace
}  // namespace acd::sim

int main(int argc, char** argv) {
  return acd::sim::run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}
