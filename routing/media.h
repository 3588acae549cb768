// SPDX-License-Identifier: Apache-2.0
// What contacts travel on, and what of it an agent takes on at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace acd {

// The values are in the journal and in the hashes.
enum class Medium : uint8_t { kVoice = 0, kChat = 1, kEmail = 2, kCallback = 3, kTask = 4 };
inline constexpr size_t kMediumCount = 5;

// Bit i: medium i.
using MediaMask = uint8_t;
inline constexpr MediaMask kAllMedia = (1u << kMediumCount) - 1;

[[nodiscard]] constexpr MediaMask mask_of(Medium medium) {
  return static_cast<MediaMask>(1u << static_cast<uint32_t>(medium));
}

// Those that go by the agent's phone.
inline constexpr MediaMask kPhoneMedia = mask_of(Medium::kVoice) | mask_of(Medium::kCallback);

// So many of each medium.
using MediaCounts = std::array<int64_t, kMediumCount>;
// Adds `change` for each medium of the mask.
inline void add_to(MediaCounts* counts, MediaMask media, int64_t change) {
  for (size_t i = 0; i < kMediumCount; ++i) (*counts)[i] += ((media >> i) & 1u) != 0 ? change : 0;
}

// "voice" and so on; "unknown" of a value that is none.
[[nodiscard]] std::string_view medium_name(Medium medium);
[[nodiscard]] std::optional<Medium> find_medium(std::string_view name);

// How much of each medium an agent has in hand at a time. As it is here: one contact, of any medium.
struct MediaRule {
  // Work items at most, wrap-up included; 0: none of that medium ever. At most kMediumCapacityMax.
  std::array<uint8_t, kMediumCount> capacity{1, 1, 1, 1, 1};
  // Media that do not go together, either way round: of each in hand, those that are not taken on.
  // Its own bit counts for nothing: there the capacity does.
  std::array<MediaMask, kMediumCount> excludes{kAllMedia, kAllMedia, kAllMedia, kAllMedia,
                                               kAllMedia};
  // Of each in hand, the media that are taken on all the same.
  std::array<MediaMask, kMediumCount> interrupted_by{};

  bool operator==(const MediaRule&) const = default;

  // Media that the agent ever takes on.
  [[nodiscard]] MediaMask capable() const;
  // Media of which the agent takes on one more, with so many work items of each in hand.
  [[nodiscard]] MediaMask open(const std::array<uint32_t, kMediumCount>& in_hand) const;
};

// The fifteen numbers of a rule, by kind and medium, with dots between; empty of the usual rule.
[[nodiscard]] std::string media_text(const MediaRule& rule);
// Nothing of what is no such text.
[[nodiscard]] std::optional<MediaRule> parse_media_text(std::string_view text);

}  // namespace acd
