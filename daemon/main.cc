// SPDX-License-Identifier: Apache-2.0
// acdd: reads its settings, runs the server until a signal, stops cleanly.
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>

#include "daemon/checkpoint_program.h"
#include "daemon/server.h"
#include "daemon/settings.h"
#include "daemon/storage/suspects.h"

namespace {

constexpr size_t kLogLinesMax = 8'192;
constexpr time_t kTendEverySeconds = 1;

// One bounded queue and one thread for all log lines; the oldest are dropped when it is full.
void start_log(const std::string& level) {
  spdlog::init_thread_pool(kLogLinesMax, 1, [] { pthread_setname_np(pthread_self(), "log"); });
  auto logger = spdlog::create_async_nb<spdlog::sinks::stderr_color_sink_mt>("acdd");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

// Every stream is a descriptor, and the journal needs some: take what the machine allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int exit_code(acd::ExitCode code) { return static_cast<int>(code); }

int run(const acd::Settings& settings, const sigset_t& signals) {
  acd::Server server(settings);
  const acd::Server::Failure failed = server.start();
  if (failed.exit_code != acd::ExitCode::kOk) {
    std::fprintf(stderr, "acdd: %s\n", failed.message.c_str());
    return exit_code(failed.exit_code);
  }
  for (const std::string& address : server.addresses()) {
    spdlog::info("ready: address={} clock={} durability={}", address,
                 settings.clock_mode == acd::ClockMode::kDriven ? "driven" : "wall",
                 settings.durability == acd::Durability::kSync ? "sync" : "none");
  }
  int signal = -1;
  while (signal != SIGINT && signal != SIGTERM) {
    server.tend();
    const timespec timeout{kTendEverySeconds, 0};
    signal = sigtimedwait(&signals, nullptr, &timeout);  // -1 also when it was interrupted.
  }
  spdlog::info("stopping: signal={}", signal);
  server.stop();
  spdlog::shutdown();
  std::printf("state hash %016llx\n", static_cast<unsigned long long>(server.state_hash()));
  std::fflush(stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], acd::kSnapshotChildWord) == 0) {
    return acd::run_snapshot_child(argc, argv);
  }
  // Before any thread: all of them leave these signals to the main thread.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);  // So that the end of a snapshot's child is seen at once.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  acd::Suspects::catch_crashes();
  const acd::Suspects::CrashStack crash_stack;
  try {
    const absl::StatusOr<acd::SettingsResult> read = acd::read_settings(argc, argv);
    if (!read.ok()) {
      std::fprintf(stderr, "acdd: %s\n", std::string(read.status().message()).c_str());
      return exit_code(acd::ExitCode::kWrongSettings);
    }
    if (!read->text.empty()) {
      if (std::fputs(read->text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return 0;
      std::fputs("acdd: the output cannot be written\n", stderr);
      return exit_code(acd::ExitCode::kCannotWrite);
    }
    if (read->settings.is_checkpoint) return acd::run_checkpoint(read->settings.data_dir);
    start_log(read->settings.log_level);
    const int code = run(read->settings, signals);
    spdlog::shutdown();
    return code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "acdd: unexpected: %s\n", error.what());
    return 1;
  }
}
