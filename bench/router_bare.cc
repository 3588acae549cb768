// SPDX-License-Identifier: Apache-2.0
#include "bench/router_bare.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "routing/check.h"

namespace acd {
namespace {

constexpr int kPriorityShift = 48;

bool can_serve(const std::vector<SkillTerm>& profile, const std::vector<SkillTerm>& needs) {
  return std::all_of(needs.begin(), needs.end(), [&](const SkillTerm& term) {
    return std::any_of(profile.begin(), profile.end(), [&](const SkillTerm& own) {
      return own.first == term.first && own.second >= term.second;
    });
  });
}

void set_bit(std::vector<uint64_t>* bits, uint32_t at, bool value) {
  const uint64_t bit = uint64_t{1} << (at % 64);
  if (value) {
    (*bits)[at / 64] |= bit;
  } else {
    (*bits)[at / 64] &= ~bit;
  }
}

template <typename Id>
Id id_of(std::string_view text) {
  Id id;
  ACD_CHECK(text.size() == id.size());
  std::memcpy(id.data(), text.data(), id.size());
  return id;
}

}  // namespace

BareRouter::BareRouter(const RouterLayout& layout, uint32_t priorities)
    : priorities_(priorities), agents_(layout.profile_of.size()) {
  const size_t classes = layout.needs.size();
  const size_t profiles = layout.profiles.size();
  has_waiting_.resize(classes / 64 + 1);
  has_idle_.resize(profiles / 64 + 1);
  agents_of_calls_.assign(classes, Bits(has_idle_.size()));
  calls_of_agents_.assign(profiles, Bits(has_waiting_.size()));
  for (uint32_t c = 0; c < classes; ++c) {
    for (uint32_t p = 0; p < profiles; ++p) {
      if (!can_serve(layout.profiles[p], layout.needs[c])) continue;
      set_bit(&agents_of_calls_[c], p, true);
      set_bit(&calls_of_agents_[p], c, true);
    }
  }
  waiting_.resize(classes * priorities);
  waiting_keys_.assign(classes, kNone);
  idle_.resize(profiles);
  idle_keys_.assign(profiles, kNone);
  for (uint32_t i = 0; i < agents_.size(); ++i) {
    agents_[i].profile = layout.profile_of[i];
    AgentId id;
    write_agent_id(i, id.data());
    agent_by_id_.emplace(id, i);
  }
}

uint32_t BareRouter::best(const Bits& linked, const Bits& present,
                          const std::vector<uint64_t>& keys) {
  uint64_t least = kNone;
  uint32_t found = kNobody;
  for (size_t word = 0; word < present.size(); ++word) {
    for (uint64_t bits = linked[word] & present[word]; bits != 0; bits &= bits - 1) {
      const auto at =
          static_cast<uint32_t>(word * 64 + static_cast<size_t>(std::countr_zero(bits)));
      if (keys[at] >= least) continue;
      least = keys[at];
      found = at;
    }
  }
  return found;
}

uint32_t BareRouter::enqueue(std::string_view call_id, uint32_t of_class, uint32_t priority) {
  uint32_t index = 0;
  if (free_calls_.empty()) {
    index = static_cast<uint32_t>(calls_.size());
    calls_.emplace_back();
  } else {
    index = free_calls_.back();
    free_calls_.pop_back();
  }
  BareCall& call = calls_[index];
  call = BareCall();
  call.id = id_of<CallId>(call_id);
  call.order = next_order_++;
  ACD_CHECK(call_by_id_.emplace(call.id, index).second);
  const uint32_t profile = best(agents_of_calls_[of_class], has_idle_, idle_keys_);
  if (profile == kNobody) {
    List& list = waiting_[of_class * priorities_ + (priorities_ - 1 - priority)];
    (list.last == kNobody ? list.first : calls_[list.last].next) = index;
    list.last = index;
    refresh_waiting_key(of_class);
    return kNobody;
  }
  List& list = idle_[profile];
  const uint32_t agent = list.first;
  list.first = agents_[agent].next;
  if (list.first == kNobody) list.last = kNobody;
  idle_keys_[profile] = list.first == kNobody ? kNone : agents_[list.first].free_since;
  set_bit(&has_idle_, profile, list.first != kNobody);
  assign(index, agent);
  return agent;
}

void BareRouter::refresh_waiting_key(uint32_t of_class) {
  uint64_t key = kNone;
  for (uint32_t p = 0; p < priorities_; ++p) {
    const uint32_t first = waiting_[of_class * priorities_ + p].first;
    if (first == kNobody) continue;
    key = (uint64_t{p} << kPriorityShift) | calls_[first].order;
    break;
  }
  waiting_keys_[of_class] = key;
  set_bit(&has_waiting_, of_class, key != kNone);
}

void BareRouter::assign(uint32_t call, uint32_t agent) {
  calls_[call].agent = agent;
  agents_[agent].call = call;
  hash_ = (hash_ ^ calls_[call].order) * 0x9e3779b97f4a7c15ull + agent;
}

void BareRouter::connect(std::string_view call_id) {
  calls_[call_by_id_.find(id_of<CallId>(call_id))->second].connected = true;
}

void BareRouter::end(std::string_view call_id) {
  const auto at = call_by_id_.find(id_of<CallId>(call_id));
  const uint32_t index = at->second;
  call_by_id_.erase(at);
  agents_[calls_[index].agent].call = kNobody;
  free_calls_.push_back(index);
}

uint32_t BareRouter::free(std::string_view agent_id) {
  const uint32_t index = agent_by_id_.find(id_of<AgentId>(agent_id))->second;
  BareAgent& agent = agents_[index];
  const uint32_t of_class = best(calls_of_agents_[agent.profile], has_waiting_, waiting_keys_);
  if (of_class != kNobody) {
    const auto p = static_cast<uint32_t>(waiting_keys_[of_class] >> kPriorityShift);
    List& list = waiting_[of_class * priorities_ + p];
    const uint32_t call = list.first;
    list.first = calls_[call].next;
    if (list.first == kNobody) list.last = kNobody;
    refresh_waiting_key(of_class);
    assign(call, index);
    return call;
  }
  agent.free_since = next_order_++;
  agent.next = kNobody;
  List& list = idle_[agent.profile];
  if (list.last == kNobody) {
    list.first = index;
    idle_keys_[agent.profile] = agent.free_since;
    set_bit(&has_idle_, agent.profile, true);
  } else {
    agents_[list.last].next = index;
  }
  list.last = index;
  return kNobody;
}

}  // namespace acd
