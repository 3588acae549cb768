// SPDX-License-Identifier: Apache-2.0
#include "routing/skill_sets.h"

#include <algorithm>

#include "routing/check.h"
#include "routing/hash64.h"

namespace acd {

SkillSets::SkillSets() { wanted_.reserve(kSkillsMax); }

uint64_t SkillSets::entry_of(std::span<const PackedSkill> skills, SkillSetIndex index) const {
  Hash64 hash;
  for (const PackedSkill one : skills) hash.add(one.bits());
  return (hash.value() & 0xffffffff00000000ull) | index.value();
}

SkillSetIndex SkillSets::use(std::span<const SkillLevel> skills) {
  wanted_.clear();
  for (const SkillLevel& one : skills) wanted_.push_back(PackedSkill(one));
  const std::span<const PackedSkill> wanted = wanted_;
  const uint64_t entry = entry_of(wanted, SkillSetIndex(0u));
  const uint64_t known = by_skills_.find(entry, [&](uint64_t other) {
    return (other ^ entry) >> 32 == 0 &&
           std::ranges::equal(at(SkillSetIndex(static_cast<uint32_t>(other))), wanted);
  });
  if (known != ProbeTable::kFree) {
    const SkillSetIndex index(static_cast<uint32_t>(known));
    add_user(index);
    return index;
  }
  const SkillSetIndex index = take_room(wanted.size());
  Set& fresh = sets_[index.value()];
  fresh.place.size = static_cast<uint16_t>(wanted.size());
  fresh.users = 1;
  const uint32_t first = fresh.place.first;
  std::ranges::copy(wanted, &(*pages_[first / kPageSkills])[first % kPageSkills]);
  by_skills_.insert(entry_of(wanted, index));
  return index;
}

void SkillSets::add_user(SkillSetIndex index) {
  if (index.valid()) ++sets_[index.value()].users;
}

void SkillSets::release(SkillSetIndex index) {
  if (!index.valid()) return;
  Set& set = sets_[index.value()];
  ACD_CHECK(set.users != 0);
  if (--set.users != 0) return;
  by_skills_.erase(entry_of(at(index), index));
  set.next_free = free_[set.steps];
  free_[set.steps] = index;
}

SkillSetIndex SkillSets::take_room(size_t size) {
  // Nobody's skills have a place too: at least one step.
  const size_t steps = std::max<size_t>(1, (size + kRoomStep - 1) / kRoomStep);
  SkillSetIndex& freed = free_[steps];
  if (freed.valid()) {
    const SkillSetIndex index = freed;
    freed = sets_[index.value()].next_free;
    return index;
  }
  if (page_used_ + steps * kRoomStep > kPageSkills) {
    pages_.push_back(std::make_unique<Page>());
    page_used_ = 0;
  }
  const SkillSetIndex index(sets_.size());
  Set& fresh = sets_.emplace_back();
  fresh.place.first = static_cast<uint32_t>((pages_.size() - 1) * kPageSkills + page_used_);
  fresh.steps = static_cast<uint16_t>(steps);
  page_used_ += steps * kRoomStep;
  return index;
}

}  // namespace acd
