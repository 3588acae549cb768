// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz_report.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>
#include <variant>

#include "sim/fuzz_history.h"

namespace acd::sim {
namespace {

constexpr uint32_t kShrinkAttemptsMax = 2'000;
constexpr unsigned kAttemptMaxS = 20;
constexpr int kFatalSignals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM};

// The world that is under way, for the handler of signals.
struct Present {
  const FuzzArguments* arguments = nullptr;
  const FuzzRun* run = nullptr;
  uint64_t seed = 0;
};
Present present;

void print(const std::string& text) { std::cout << text << std::flush; }

void report_failure(const std::string& what) {
  const FuzzRun& run = *present.run;
  const FuzzArguments& arguments = *present.arguments;
  print("seed " + std::to_string(present.seed) + " failed after " +
        std::to_string(run.steps.size()) + " steps: " + what + "\n");
  print("again: acdsim fuzz --first-seed " + std::to_string(present.seed) +
        " --seeds 1 --commands " + std::to_string(arguments.commands) + "\n");
  print("shrinking ...\n");
  const auto fails = [&](const std::vector<FuzzStep>& steps) {
    return fails_in_child(run.world, steps);
  };
  if (!fails(run.steps)) {
    print("it does not fail when its steps are played again: the draw has a part in it\n");
    return;
  }
  const std::vector<FuzzStep> steps = shrink(run.steps, kShrinkAttemptsMax, fails);
  print(history_text(run.world, steps));
  // Once more, so that what these steps do wrong is said, even by a failed check.
  const std::string failure = play_again(run.world, steps, nullptr);
  print(failure + "\n");
}

// The signals are raised by our own code on this one thread, mostly by a failed check, so that
// there is a process left to work with; and there is nothing to lose.
void on_fatal_signal(int signal) {
  for (const int caught : kFatalSignals) std::signal(caught, SIG_DFL);
  alarm(0);
  // The handler runs with this signal blocked; the report may raise it again.
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, signal);
  sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
  report_failure("the process got signal " + std::to_string(signal));
  _exit(1);
}

std::string rate_text(uint64_t worlds, double seconds) {
  const auto rate = static_cast<uint64_t>(static_cast<double>(worlds) * 3'600 / seconds);
  return std::to_string(static_cast<uint64_t>(seconds)) + " s, " + std::to_string(rate) +
         " worlds an hour";
}

}  // namespace

bool fails_in_child(const FuzzWorld& world, const std::vector<FuzzStep>& steps) {
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    alarm(kAttemptMaxS);
    _exit(play_again(world, steps, nullptr).empty() ? 0 : 1);
  }
  if (child < 0) return false;
  int status = 0;
  waitpid(child, &status, 0);
  return !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

namespace {

constexpr int kUnreadable = 3;  // As `acdsim --help` says.

int play_history(const std::string& path, bool is_verbose) {
  std::ifstream stream(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  if (!stream.is_open() || stream.bad()) {
    std::cerr << "acdsim: " << path << ": cannot be read\n";
    return kUnreadable;
  }
  const auto history = parse_history(text);
  if (const auto* wrong = std::get_if<std::string>(&history)) {
    std::cerr << "acdsim: " << path << ": " << *wrong << "\n";
    return kUnreadable;
  }
  const auto& [world, steps] = std::get<FuzzHistory>(history);
  Coverage coverage;
  const std::string failure = play_again(world, steps, &coverage);
  if (is_verbose) print(coverage_table(coverage));
  print("fuzz: " + std::to_string(steps.size()) + " steps of " + path + ": " +
        (failure.empty() ? "no difference" : failure) + "\n");
  return failure.empty() ? 0 : 1;
}

}  // namespace

int run_fuzz(const FuzzArguments& arguments) {
  if (!arguments.history.empty()) return play_history(arguments.history, arguments.is_verbose);
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(Clock::now() - begin).count() + 1e-9;
  };
  FuzzRun run;
  SwarmResult result;
  present = {&arguments, &run, arguments.first_seed};
  for (const int signal : kFatalSignals) std::signal(signal, on_fatal_signal);
  SwarmOptions options;
  options.first_seed = arguments.first_seed;
  options.seeds = arguments.seeds;
  options.commands = arguments.commands;
  auto told = begin;
  options.progress = [&](uint64_t seed) {
    present.seed = seed;
    alarm(kFuzzWorldMaxS);
    if (arguments.is_quiet || Clock::now() - told < std::chrono::seconds(10)) return;
    told = Clock::now();
    std::cerr << result.worlds << " of " << arguments.seeds << " worlds, "
              << rate_text(result.worlds, seconds()) << std::endl;
  };
  run_swarm(options, &run, &result);
  alarm(0);
  for (const int signal : kFatalSignals) std::signal(signal, SIG_DFL);

  if (arguments.is_verbose) print(coverage_table(result.coverage));
  const std::string line =
      "fuzz: " + summary(result) + " (" + rate_text(result.worlds, seconds()) + ")\n";
  if (result.failing_seed) {
    report_failure(run.failure);
    print(line);
    return 1;
  }
  const bool is_big =
      arguments.seeds >= kSwarmCoverageSeeds && arguments.commands >= kSwarmCommandsDefault;
  const std::vector<std::string> untried = missing(result.coverage);
  if (is_big && !untried.empty()) {
    print("never tried in so many worlds, which is a fault of the swarm:\n");
    for (const std::string& name : untried) print("  " + name + "\n");
    print(line);
    return 1;
  }
  print(line);
  return std::cout.good() ? 0 : 1;
}

}  // namespace acd::sim
