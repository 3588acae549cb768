// SPDX-License-Identifier: Apache-2.0
// The Router alone: commands at every size, the longest turn of bulk work, memory. `--tiny` runs
// all rows in small worlds, as a test that they work. Fails if any row does.
#include <cstring>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/router_rows.h"

namespace acd {
namespace {

// Prints as usual, and remembers whether a row failed.
class FailingReporter : public benchmark::ConsoleReporter {
 public:
  FailingReporter() : ConsoleReporter(OO_Tabular) {}
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) has_failed_ = has_failed_ || run.error_occurred;
    ConsoleReporter::ReportRuns(runs);
  }
  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  bool has_failed_ = false;
};

int run_rows(int argc, char** argv) {
  RowSizes sizes;
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    if (std::strcmp(argv[i], "--tiny") == 0) {
      sizes.tiny = true;
    } else {
      rest.push_back(argv[i]);
    }
  }
  int rest_count = static_cast<int>(rest.size());
  rest.push_back(nullptr);
  benchmark::Initialize(&rest_count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(rest_count, rest.data())) return 2;
  register_reference_rows(sizes);
  register_play_rows(sizes);
  register_bulk_rows(sizes);
  register_explain_rows(sizes);
  register_wait_rows(sizes);
  register_memory_rows(sizes);
  FailingReporter reporter;
  const size_t count = benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  return count == 0 || reporter.has_failed() ? 1 : 0;
}

}  // namespace
}  // namespace acd

int main(int argc, char** argv) { return acd::run_rows(argc, argv); }
