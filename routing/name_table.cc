// SPDX-License-Identifier: Apache-2.0
#include "routing/name_table.h"

#include "routing/check.h"
#include "routing/limits.h"

namespace acd {
namespace {

uint64_t hash_of(std::string_view text) {
  Hash64 hash;
  hash.add_text(text);
  return hash.value();
}

}  // namespace

NameTable::NameTable(const void* owner, NameOf name_of)
    : set_(0, Hash{owner, name_of}, Equal{owner, name_of}) {}

uint32_t NameTable::find(std::string_view name) const {
  const auto it = set_.find(name);
  return it == set_.end() ? kAbsent : *it;
}

void NameTable::insert(uint32_t index) {
  const bool inserted = set_.insert(index).second;
  ACD_CHECK(inserted);
}

void NameTable::erase(uint32_t index) {
  const size_t erased = set_.erase(index);
  ACD_CHECK(erased == 1);
}

bool EndedCalls::contains(std::string_view call_id) const {
  return hashes_.contains(hash_of(call_id));
}

void EndedCalls::add(std::string_view call_id, int64_t now_ns) {
  expire(now_ns);
  if (order_.size() >= kEndedCallsMax) {
    hashes_.erase(order_.front().hash);
    order_.pop_front();
  }
  const uint64_t hash = hash_of(call_id);
  if (hashes_.insert(hash).second) order_.push_back({hash, now_ns});
}

void EndedCalls::expire(int64_t now_ns) {
  while (!order_.empty() && order_.front().ended_ns + kEndedCallKeptNs < now_ns) {
    hashes_.erase(order_.front().hash);
    order_.pop_front();
  }
}

void EndedCalls::add_to(Hash64& hash) const {
  hash.add(order_.size());
  for (const Ended& ended : order_) {
    hash.add(ended.hash);
    hash.add_signed(ended.ended_ns);
  }
}

}  // namespace acd
