// SPDX-License-Identifier: Apache-2.0
// Draws how far a replay is.
#include "sim/progress.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>

#include "sim/log_time.h"

namespace acd::sim {
namespace {

constexpr int64_t kBarWidth = 30;

std::string figures(const ReplayProgress& progress, int64_t percent, int64_t wall_ns) {
  const double wall_s = static_cast<double>(wall_ns) / static_cast<double>(kNsPerS);
  const double rate = wall_s > 0 ? static_cast<double>(progress.calls_over) / wall_s : 0.0;
  std::string text =
      absl::StrFormat("%3d %%  %d of %d calls  %s  %.0f calls/s", percent, progress.calls_over,
                      progress.calls, format_instant(progress.log_ns / kNsPerS * kNsPerS), rate);
  if (progress.mix_acts > 0) absl::StrAppend(&text, "  mix ", progress.mix_acts);
  if (rate > 0) {
    const double left_s = static_cast<double>(progress.calls - progress.calls_over) / rate;
    absl::StrAppend(&text, "  ETA ", format_duration(static_cast<int64_t>(left_s * 1e9)));
  }
  return text;
}

}  // namespace

Progress::Progress(std::ostream& out, bool is_terminal) : out_(out), is_terminal_(is_terminal) {}

void Progress::update(const ReplayProgress& progress, int64_t wall_ns) {
  if (progress.calls == 0) return;
  const int64_t percent = 100 * progress.calls_over / progress.calls;
  if (!is_terminal_) {
    if (percent / 10 <= tenths_) return;
    tenths_ = percent / 10;
    out_ << figures(progress, percent, wall_ns) << std::endl;
    return;
  }
  if (wall_ns - drawn_ns_ < kRedrawNs) return;
  drawn_ns_ = wall_ns;
  const int64_t filled = kBarWidth * progress.calls_over / progress.calls;
  const std::string line = absl::StrCat("[", std::string(static_cast<size_t>(filled), '#'),
                                        std::string(static_cast<size_t>(kBarWidth - filled), '.'),
                                        "] ", figures(progress, percent, wall_ns));
  out_ << '\r' << line;
  if (line.size() < drawn_size_) out_ << std::string(drawn_size_ - line.size(), ' ');
  out_ << std::flush;
  drawn_size_ = std::max(drawn_size_, line.size());
}

void Progress::clear() {
  if (drawn_size_ == 0) return;
  out_ << '\r' << std::string(drawn_size_, ' ') << '\r' << std::flush;
  drawn_size_ = 0;
}

}  // namespace acd::sim
