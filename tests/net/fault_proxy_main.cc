// SPDX-License-Identifier: Apache-2.0
// fault-proxy: the proxy as a program, for tests in shell.
#include <pthread.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "tests/net/contract_methods.h"
#include "tests/net/fault_proxy.h"

namespace acd::net {
namespace {

constexpr char kHelp[] =
    "Usage: fault-proxy --to ADDRESS --seed N [--listen ADDRESS] [--faults LIST] [--port-file "
    "FILE]\n"
    "Passes gRPC calls on to ADDRESS and harms them on the way. Prints the address it listens on;\n"
    "at SIGTERM or SIGINT it prints how often it did what, and ends with 0.\n"
    "  --to ADDRESS      where calls go\n"
    "  --seed N          what it draws from: 0 to 2^64-1\n"
    "  --listen ADDRESS  default 127.0.0.1:0, any free port\n"
    "  --faults LIST     of 1,000 messages, or new streams: "
    "delay=N,stall=N,drop=N,repeat=N,cut=N,\n"
    "                    refuse=N; with \"up:\" (to ADDRESS) or \"down:\" before a name but "
    "refuse\n"
    "                    in that direction alone. Default: none\n"
    "  --port-file FILE  where the address is written, too, when it listens\n"
    "A method of acd.v1 that carries one message in a direction loses and repeats none there.\n"
    "Exit codes: 0 done, 2 usage, 3 cannot listen or write.\n";

enum ExitCode { kDone = 0, kUsage = 2, kUnavailable = 3 };

int fail(ExitCode code, const std::string& text) {
  std::cerr << "fault-proxy: " << text << std::endl;
  return code;
}

bool read_seed(const std::string& text, uint64_t* seed) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return false;
  errno = 0;
  *seed = std::strtoull(text.c_str(), nullptr, 10);
  return errno == 0;
}

int run(const std::vector<std::string>& words, const sigset_t& signals) {
  FaultProxyOptions options{.is_single = is_single};
  std::string port_file;
  bool has_seed = false;
  for (size_t i = 0; i < words.size(); i += 2) {
    const std::string& name = words[i];
    if (name == "--help") {
      std::cout << kHelp;
      return kDone;
    }
    if (i + 1 == words.size()) return fail(kUsage, name + " wants a value; see --help");
    const std::string& value = words[i + 1];
    if (name == "--to") {
      options.target = value;
    } else if (name == "--listen") {
      options.listen = value;
    } else if (name == "--port-file") {
      port_file = value;
    } else if (name == "--seed") {
      has_seed = read_seed(value, &options.seed);
      if (!has_seed) return fail(kUsage, "--seed: \"" + value + "\" is no number of 0 to 2^64-1");
    } else if (name == "--faults") {
      const auto rates = parse_rates(value);
      if (!rates.ok()) return fail(kUsage, "--" + std::string(rates.status().message()));
      options.rates = *rates;
    } else {
      return fail(kUsage, "\"" + name + "\" is no option; see --help");
    }
  }
  if (options.target.empty()) return fail(kUsage, "--to is not given; see --help");
  if (!has_seed) return fail(kUsage, "--seed is not given; see --help");

  FaultProxy proxy(options);
  const absl::Status status = proxy.start();
  if (!status.ok()) return fail(kUnavailable, std::string(status.message()));
  std::cout << proxy.address() << std::endl;
  if (!port_file.empty() && !(std::ofstream(port_file) << proxy.address() << std::endl)) {
    return fail(kUnavailable, "--port-file: " + port_file + " cannot be written");
  }
  int signal = 0;
  sigwait(&signals, &signal);
  proxy.stop();
  std::cout << to_text(proxy.counts()) << std::flush;
  return std::cout.good() ? kDone : kUnavailable;
}

}  // namespace
}  // namespace acd::net

int main(int argc, char** argv) {
  // Before any thread: all of them leave these signals to the main thread.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return acd::net::run({argv + 1, argv + argc}, signals);
}
