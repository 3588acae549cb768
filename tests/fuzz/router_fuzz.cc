// SPDX-License-Identifier: Apache-2.0
// Any bytes as a small random world: its configuration, and what switches, supervisors and the
// clock do to it. Router and oracle play it side by side. Must never happen: an abort, another
// verdict, event or deadline than the oracle's, a broken invariant, events that cannot be true
// together, a refused command that leaves events, a call or a log-in that survives its switch,
// other hashes when a second Router plays it alone.
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "routing/check.h"
#include "sim/fuzz_player.h"
#include "tests/fuzz/byte_source.h"

namespace acd::sim {
namespace {

// The swarm's choices, made by the input.
class ByteDraw final : public Draw {
 public:
  explicit ByteDraw(ByteSource* source) : source_(source) {}
  uint32_t below(uint32_t limit) override {
    return limit <= 256 ? source_->below(limit) : source_->word() % limit;
  }

 private:
  ByteSource* const source_;
};

constexpr uint32_t kCommandsMax = 2'000;

}  // namespace
}  // namespace acd::sim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  acd::ByteSource source(data, size);
  acd::sim::ByteDraw draw(&source);
  acd::sim::FuzzRun run;
  acd::sim::play_world(
      draw, acd::sim::kCommandsMax, [&] { return source.empty(); }, {}, nullptr, &run);
  if (!run.failure.empty()) std::fprintf(stderr, "%s\n", run.failure.c_str());
  ACD_CHECK(run.failure.empty());
  return 0;
}
