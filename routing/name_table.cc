// SPDX-License-Identifier: Apache-2.0
#include "routing/name_table.h"

#include <utility>

#include "routing/check.h"
#include "routing/limits.h"

namespace acd {

void ProbeTable::insert(uint64_t entry) {
  ACD_CHECK(entry != kFree);
  if ((size_ + 1) * 3 > slots_.size() * 2) {
    const std::vector<uint64_t> before = std::move(slots_);
    ++bits_;
    slots_.assign(before.size() * 2, kFree);
    for (const uint64_t old : before) {
      if (old != kFree) place(old);
    }
  }
  place(entry);
  ++size_;
}

void ProbeTable::place(uint64_t entry) {
  size_t i = home(entry);
  while (slots_[i] != kFree) i = next(i);
  slots_[i] = entry;
}

void ProbeTable::erase(uint64_t entry) {
  size_t gap = home(entry);
  while (slots_[gap] != entry) {
    ACD_CHECK(slots_[gap] != kFree);
    gap = next(gap);
  }
  // What stands behind moves up, unless it would stand before its place.
  for (size_t i = next(gap); slots_[i] != kFree; i = next(i)) {
    const size_t mask = slots_.size() - 1;
    const size_t distance_home = (i - home(slots_[i])) & mask;
    const size_t distance_gap = (i - gap) & mask;
    if (distance_home < distance_gap) continue;
    slots_[gap] = slots_[i];
    gap = i;
  }
  slots_[gap] = kFree;
  --size_;
}

uint32_t NameTable::find(const HashedName& name) const {
  const uint64_t wanted = entry_of(name.hash, 0);
  const uint64_t found = table_.find(wanted, [&](uint64_t entry) {
    return entry_of(entry, 0) == wanted &&
           name_of_(owner_, static_cast<uint32_t>(entry)) == name.text;
  });
  return static_cast<uint32_t>(found);  // kFree ends like kAbsent.
}

uint32_t NameTable::find_hash(uint64_t hash) const {
  const uint64_t wanted = entry_of(hash, 0);
  const uint64_t found = table_.find(wanted, [&](uint64_t entry) {
    return entry_of(entry, 0) == wanted &&
           HashedName(name_of_(owner_, static_cast<uint32_t>(entry))).hash == hash;
  });
  return static_cast<uint32_t>(found);
}

void NameTable::insert(const HashedName& name, uint32_t index) {
  ACD_CHECK(index != kAbsent);
  table_.insert(entry_of(name.hash, index));
}

void NameTable::erase(const HashedName& name, uint32_t index) {
  table_.erase(entry_of(name.hash, index));
}

uint64_t EndedCalls::slot_of(uint64_t hash) const {
  const uint64_t wanted = entry_of(hash, 0);
  const uint64_t found = slots_.find(wanted, [&](uint64_t entry) {
    return entry_of(entry, 0) == wanted && ring_[entry & kSlotMask].hash == hash;
  });
  return found == ProbeTable::kFree ? kAbsent : found & kSlotMask;
}

const EndedCalls::Ended* EndedCalls::find(uint64_t hash, int64_t now_ns) const {
  const uint64_t slot = slot_of(hash);
  if (slot == kAbsent || ring_[slot].ended_ns + kEndedCallKeptNs < now_ns) return nullptr;
  return &ring_[slot];
}

void EndedCalls::add(const Ended& ended) {
  expire(ended.ended_ns);
  if (size() >= kEndedCallsMax) drop_first();
  if (slot_of(ended.hash) == kAbsent) append(ended);
}

void EndedCalls::set_outcome(uint64_t hash, const OutcomeFacts& outcome) {
  const uint64_t slot = slot_of(hash);
  ACD_CHECK(slot != kAbsent);
  ring_[slot].outcome = outcome;
}

void EndedCalls::append(const Ended& ended) {
  const size_t slot = end_++ % kEndedCallsMax;
  if (slot == ring_.size()) ring_.emplace_back();
  ring_[slot] = ended;
  slots_.insert(entry_of(ended.hash, slot));
}

std::vector<EndedCalls::Ended> EndedCalls::all() const {
  std::vector<Ended> all;
  all.reserve(size());
  for (uint64_t i = first_; i != end_; ++i) all.push_back(at(i));
  return all;
}

void EndedCalls::restore(const std::vector<Ended>& all) {
  for (const Ended& ended : all) append(ended);
}

void EndedCalls::expire(int64_t now_ns) {
  while (size() > 0 && at(first_).ended_ns + kEndedCallKeptNs < now_ns) drop_first();
}

void EndedCalls::drop_first() {
  const uint64_t slot = first_++ % kEndedCallsMax;
  slots_.erase(entry_of(ring_[slot].hash, slot));
}

void EndedCalls::add_to(Hash64& hash) const {
  hash.add(size());
  for (uint64_t i = first_; i != end_; ++i) {
    const Ended& ended = at(i);
    hash.add(ended.hash);
    hash.add_signed(ended.ended_ns);
    hash.add_signed(ended.number);
    hash.add(ended.source.value());
    hash.add(static_cast<uint64_t>(ended.queue.value()) << 32 | ended.agent.value());
    ended.outcome.add_to(hash);
    hash.add(static_cast<uint64_t>(ended.medium) | uint64_t{ended.is_consult} << 8);
  }
}

}  // namespace acd
