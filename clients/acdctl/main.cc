// SPDX-License-Identifier: Apache-2.0
// The process around run_acdctl(): environment, terminal and signals.
#include <absl/time/clock.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "clients/acdctl/commands.h"

namespace {

using acd::acdctl::Console;
using acd::acdctl::Environment;
using acd::acdctl::ExitCode;

Environment read_environment() {
  Environment environment;
  for (const char* name : acd::acdctl::kEnvironmentNames) {
    const char* value = std::getenv(name);
    if (value != nullptr) environment[name] = value;
  }
  return environment;
}

// All 0 when it is unknown.
winsize terminal_size() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size : winsize{};
}

// As the terminal was before keys were read one by one.
termios usual_terminal{};
bool has_usual_terminal = false;

void restore_terminal() {
  if (has_usual_terminal) tcsetattr(STDIN_FILENO, TCSANOW, &usual_terminal);
}

// What is typed within `limit`. From the first time on the terminal neither waits for a line's end
// nor shows what is typed.
std::string typed_keys(absl::Duration limit) {
  if (!has_usual_terminal) {
    if (tcgetattr(STDIN_FILENO, &usual_terminal) != 0) return "";
    has_usual_terminal = true;
    std::atexit(restore_terminal);
    termios raw = usual_terminal;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (poll(&input, 1, static_cast<int>(absl::ToInt64Milliseconds(limit))) <= 0) return "";
  char bytes[64];
  const ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
  // Nobody types any more: it ends as if they had said so.
  return count <= 0 ? "q" : std::string(bytes, static_cast<size_t>(count));
}

// A watch holds nothing that must be put away, so it ends at once, even while the daemon keeps it
// waiting.
extern "C" void end_watch(int) { _exit(static_cast<int>(ExitCode::kOk)); }
extern "C" void end_watch_on_terminal(int) {
  restore_terminal();
  // The shell's prompt is to begin on a line of its own, with lines wrapped again.
  constexpr char kEnd[] = "\x1b[?7h\n";
  const ssize_t written = write(STDOUT_FILENO, kEnd, sizeof kEnd - 1);
  _exit(static_cast<int>(written < 0 ? ExitCode::kLocalFile : ExitCode::kOk));
}

int run(int argc, char** argv) {
  // gRPC's own log would stand between the lines that say the same to people; who sets it gets it.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  Console console{std::cout, std::cerr, read_environment()};
  const auto term = console.environment.find("TERM");
  console.is_terminal = isatty(STDOUT_FILENO) == 1 && term != console.environment.end() &&
                        !term->second.empty() && term->second != "dumb";
  if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) {
    console.confirm = [](const std::string& question) {
      std::cout << question << " [y/N] " << std::flush;
      std::string answer;
      return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
    };
  }
  if (isatty(STDIN_FILENO) == 1 && console.is_terminal) console.keys = typed_keys;
  console.rows = [] { return terminal_size().ws_row; };
  console.columns = [] { return terminal_size().ws_col; };
  console.wait = [is_terminal = console.is_terminal](absl::Duration interval) {
    // From the first look on, Ctrl-C is the way to end a watch, not a failure.
    std::signal(SIGINT, is_terminal ? end_watch_on_terminal : end_watch);
    std::signal(SIGTERM, is_terminal ? end_watch_on_terminal : end_watch);
    absl::SleepFor(interval);
    return true;
  };
  return static_cast<int>(acd::acdctl::run_acdctl(arguments, console));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "acdctl: " << error.what() << std::endl;
    return static_cast<int>(ExitCode::kRefused);
  }
}
