// SPDX-License-Identifier: Apache-2.0
// The distinct sets of skills that agents have, each kept once, in the order they came to be.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "routing/chunked_table.h"
#include "routing/ids.h"
#include "routing/limits.h"
#include "routing/name_table.h"
#include "routing/requirement.h"

namespace acd {

using SkillSetIndex = Index<struct SkillSetTag>;

// Equal sets have one index, so that sets are compared by it. Which index a set has is history and
// no state.
//
// Bounds:   one for each set that somebody uses. The room of a set that nobody uses any more goes to
//           the next one of about that size.
class SkillSets {
 public:
  SkillSets();
  // The set of those skills, with one user more. REQUIRES: sorted by skill, each once.
  SkillSetIndex use(std::span<const SkillLevel> skills);
  void add_user(SkillSetIndex index);
  // None has no users.
  void release(SkillSetIndex index);
  // Where a set stands as long as it has users; none has no skills.
  struct Place {
    uint32_t first = 0;  // Of all pages; those of one set stand in one.
    uint16_t size = 0;

    bool operator==(const Place&) const = default;
  };
  [[nodiscard]] Place place(SkillSetIndex index) const {
    return index.valid() ? sets_[index.value()].place : Place();
  }
  [[nodiscard]] std::span<const PackedSkill> at(Place place) const {
    if (place.size == 0) return {};
    return {&(*pages_[place.first / kPageSkills])[place.first % kPageSkills], place.size};
  }
  [[nodiscard]] std::span<const PackedSkill> at(SkillSetIndex index) const {
    return at(place(index));
  }
  // For those who count anew.
  [[nodiscard]] size_t size() const { return sets_.size(); }
  [[nodiscard]] uint32_t users(SkillSetIndex index) const { return sets_[index.value()].users; }

 private:
  // Skills that a room grows by.
  static constexpr size_t kRoomStep = 4;
  static constexpr size_t kPageSkills = 8'192;
  static_assert(kSkillsMax % kRoomStep == 0 && kSkillsMax < kPageSkills);
  using Page = std::array<PackedSkill, kPageSkills>;

  struct Set {
    Place place;
    uint16_t steps = 0;  // Of room.
    uint32_t users = 0;
    SkillSetIndex next_free;
  };

  [[nodiscard]] uint64_t entry_of(std::span<const PackedSkill> skills, SkillSetIndex index) const;
  [[nodiscard]] SkillSetIndex take_room(size_t size);

  ChunkedTable<Set> sets_;
  std::vector<std::unique_ptr<Page>> pages_;
  size_t page_used_ = kPageSkills;                              // Of the last one.
  std::array<SkillSetIndex, kSkillsMax / kRoomStep + 1> free_;  // By steps of room.
  ProbeTable by_skills_;
  std::vector<PackedSkill> wanted_;  // Scratch of use().
};

}  // namespace acd
