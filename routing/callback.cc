// SPDX-License-Identifier: Apache-2.0
#include "routing/callback.h"

#include <algorithm>

namespace acd {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<std::string> normalised_number(std::string_view text) {
  constexpr std::string_view kSigns = " -.()/";
  std::string number;
  size_t digits = 0;
  for (const char c : text) {
    if (is_digit(c)) {
      if (++digits > kNumberDigitsMax) return std::nullopt;
      number += c;
    } else if (c == '+' && number.empty()) {
      number += c;
    } else if (kSigns.find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  return digits > 0 ? std::optional(number) : std::nullopt;
}

bool is_number_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.size() > kNumberPatternBytesMax) return false;
  if (pattern.front() == '+') pattern.remove_prefix(1);
  if (!pattern.empty() && pattern.back() == '.') pattern.remove_suffix(1);
  return std::all_of(pattern.begin(), pattern.end(),
                     [](char c) { return is_digit(c) || c == 'X'; });
}

bool matches_number(std::string_view pattern, std::string_view number) {
  const bool is_open = pattern.ends_with('.');
  if (is_open) pattern.remove_suffix(1);
  if (is_open ? number.size() < pattern.size() : number.size() != pattern.size()) return false;
  return std::equal(pattern.begin(), pattern.end(), number.begin(),
                    [](char wanted, char c) { return wanted == 'X' ? is_digit(c) : wanted == c; });
}

bool is_number_allowed(const CallbackConfig& config, std::string_view number) {
  const auto matches = [number](const std::string& pattern) {
    return matches_number(pattern, number);
  };
  if (std::any_of(config.deny.begin(), config.deny.end(), matches)) return false;
  return config.allow.empty() || std::any_of(config.allow.begin(), config.allow.end(), matches);
}

}  // namespace acd
