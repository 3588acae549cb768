// SPDX-License-Identifier: Apache-2.0
#include "routing/media.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace acd {
namespace {

constexpr std::array<std::string_view, kMediumCount> kNames{"voice", "chat", "email", "callback",
                                                            "task"};

}  // namespace

std::string_view medium_name(Medium medium) {
  const auto at = static_cast<size_t>(medium);
  return at < kNames.size() ? kNames[at] : "unknown";
}

std::optional<Medium> find_medium(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Medium>(i);
  }
  return std::nullopt;
}

std::string media_text(const MediaRule& rule) {
  std::string text;
  if (rule == MediaRule()) return text;
  for (const auto* numbers : {&rule.capacity, &rule.excludes, &rule.interrupted_by}) {
    for (const uint8_t number : *numbers) {
      text += (text.empty() ? "" : ".") + std::to_string(static_cast<int>(number));
    }
  }
  return text;
}

std::optional<MediaRule> parse_media_text(std::string_view text) {
  MediaRule rule;
  if (text.empty()) return rule;
  for (auto* numbers : {&rule.capacity, &rule.excludes, &rule.interrupted_by}) {
    for (uint8_t& number : *numbers) {
      const std::string_view field = text.substr(0, text.find('.'));
      const char* const limit = field.data() + field.size();
      const auto [end, error] = std::from_chars(field.data(), limit, number);
      if (error != std::errc() || end != limit) return std::nullopt;
      text.remove_prefix(std::min(field.size() + 1, text.size()));
    }
  }
  if (!text.empty()) return std::nullopt;
  return rule;
}

MediaMask MediaRule::capable() const {
  MediaMask media = 0;
  for (size_t i = 0; i < kMediumCount; ++i) {
    if (capacity[i] > 0) media |= static_cast<MediaMask>(1u << i);
  }
  return media;
}

MediaMask MediaRule::open(const std::array<uint32_t, kMediumCount>& in_hand) const {
  MediaMask media = 0;
  for (size_t wanted = 0; wanted < kMediumCount; ++wanted) {
    bool is_open = in_hand[wanted] < capacity[wanted];
    for (size_t held = 0; held < kMediumCount && is_open; ++held) {
      if (in_hand[held] == 0 || held == wanted) continue;
      const bool goes_together =
          ((excludes[held] >> wanted) & 1u) == 0 && ((excludes[wanted] >> held) & 1u) == 0;
      is_open = goes_together || ((interrupted_by[held] >> wanted) & 1u) != 0;
    }
    if (is_open) media |= static_cast<MediaMask>(1u << wanted);
  }
  return media;
}

}  // namespace acd
