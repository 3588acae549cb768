// SPDX-License-Identifier: Apache-2.0
#include "sim/swarm.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace acd::sim {
namespace {

// Takes the next word off the front of `*line`.
std::string_view take_word(std::string_view* line) {
  const size_t begin = std::min(line->find_first_not_of(" \t"), line->size());
  line->remove_prefix(begin);
  const std::string_view word = line->substr(0, line->find_first_of(" \t"));
  line->remove_prefix(word.size());
  return word;
}

template <typename Number>
bool parse_number(std::string_view word, Number* number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), *number);
  return error == std::errc() && end == word.data() + word.size() && !word.empty();
}

}  // namespace

void run_swarm(const SwarmOptions& options, FuzzRun* run, SwarmResult* result) {
  for (uint64_t i = 0; i < options.seeds; ++i) {
    const uint64_t seed = options.first_seed + i;
    if (options.progress) options.progress(seed);
    SeededDraw draw(seed);
    play_world(
        draw, options.commands, [] { return false; }, options.adjust, &result->coverage, run);
    ++result->worlds;
    result->commands += run->steps.size();
    result->events += run->event_count;
    if (run->failure.empty()) continue;
    result->failing_seed = seed;
    return;
  }
}

std::vector<FuzzStep> shrink(std::vector<FuzzStep> steps, uint32_t attempts_max,
                             const std::function<bool(const std::vector<FuzzStep>&)>& fails) {
  uint32_t attempts = 0;
  for (size_t size = (steps.size() + 1) / 2; size > 0;) {
    bool has_dropped = false;
    // From the end: what comes late depends on what came early.
    for (size_t end = steps.size(); end > 0 && attempts < attempts_max;) {
      const size_t begin = end > size ? end - size : 0;
      std::vector<FuzzStep> fewer;
      fewer.reserve(steps.size() - (end - begin));
      fewer.insert(fewer.end(), steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(begin));
      fewer.insert(fewer.end(), steps.begin() + static_cast<std::ptrdiff_t>(end), steps.end());
      ++attempts;
      if (fails(fewer)) {
        steps = std::move(fewer);
        has_dropped = true;
      }
      end = begin;
    }
    if (attempts >= attempts_max) break;
    if (size > 1) {
      size = (size + 1) / 2;
    } else if (!has_dropped) {
      break;
    }
  }
  return steps;
}

std::string summary(const SwarmResult& result) {
  return std::to_string(result.worlds) + " worlds, " + std::to_string(result.commands) +
         " commands, " + std::to_string(result.events) + " events: " +
         (result.failing_seed ? "seed " + std::to_string(*result.failing_seed) + " failed"
                              : "no difference");
}

std::string coverage_table(const Coverage& coverage) {
  const std::vector<CoverageRow> rows = coverage.rows();
  size_t width = 0;
  for (const CoverageRow& row : rows) width = std::max(width, row.name.size());
  std::string text;
  for (const CoverageRow& row : rows) {
    const std::string count = std::to_string(row.count);
    text += row.name + std::string(width + 2 - row.name.size(), ' ');
    text += std::string(12 - std::min<size_t>(count.size(), 12), ' ') + count + "\n";
  }
  return text;
}

std::vector<std::string> missing(const Coverage& coverage) {
  std::vector<std::string> names;
  for (const CoverageRow& row : coverage.rows()) {
    if (row.count == 0 && !row.needs_small_limits) names.push_back(row.name);
  }
  return names;
}

std::variant<std::vector<KeptSeed>, std::string> parse_seeds(std::string_view text) {
  std::vector<KeptSeed> seeds;
  for (uint32_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string_view first = take_word(&line);
    if (first.empty() || first.front() == '#') continue;
    KeptSeed kept;
    const std::string_view commands = take_word(&line);
    const bool is_good = parse_number(first, &kept.seed) &&
                         parse_number(commands, &kept.commands) && kept.commands > 0 &&
                         kept.commands <= kSwarmCommandsMax;
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!is_good || line.empty()) {
      return "line " + std::to_string(number) + ": must be SEED COMMANDS and what it caught";
    }
    kept.caught = line;
    seeds.push_back(std::move(kept));
  }
  return seeds;
}

}  // namespace acd::sim
