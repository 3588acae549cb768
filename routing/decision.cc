// SPDX-License-Identifier: Apache-2.0
#include "routing/decision.h"

#include "routing/check.h"

namespace acd {
namespace {

void put(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

// Small numbers of either sign are short.
void put_signed(int64_t value, std::string* out) {
  put((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63), out);
}

// Reads one record; a wrong one makes every later value 0 and is_good() false.
class DecisionReader {
 public:
  explicit DecisionReader(std::string_view bytes) : bytes_(bytes) {}

  uint64_t get() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == bytes_.size()) break;
      const auto byte = static_cast<uint8_t>(bytes_[at_++]);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    is_good_ = false;
    at_ = bytes_.size();
    return 0;
  }
  uint64_t get_up_to(uint64_t max) {
    const uint64_t value = get();
    if (value <= max) return value;
    is_good_ = false;
    return 0;
  }
  int64_t get_signed() {
    const uint64_t value = get();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  [[nodiscard]] bool is_good() const { return is_good_ && at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool is_good_ = true;
};

}  // namespace

std::string_view blocker_name(Blocker blocker) {
  switch (blocker) {
    case Blocker::kNone:
      return "none";
    case Blocker::kUnreachable:
      return "unreachable";
    case Blocker::kNotMember:
      return "not_member";
    case Blocker::kNotReady:
      return "not_ready";
    case Blocker::kWrapUp:
      return "wrap_up";
    case Blocker::kCapacity:
      return "capacity";
    case Blocker::kExcluded:
      return "excluded";
    case Blocker::kSkillLevel:
      return "skill_level";
    case Blocker::kPreferredOnly:
      return "preferred_only";
    case Blocker::kProtected:
      return "protected";
  }
  return "none";
}

void encode_decision(const Decision& decision, std::string* arena) {
  put(decision.config_version, arena);
  put(static_cast<uint64_t>(decision.call_order), arena);
  put(static_cast<uint64_t>(decision.strategy), arena);
  put(decision.was_preferred ? 1 : 0, arena);
  put(decision.steps, arena);
  put_signed(decision.priority, arena);
  put_signed(decision.key_ns, arena);
  put(decision.arrival, arena);
  put(static_cast<uint64_t>(decision.tie_break), arena);
  put(decision.candidate_count, arena);
  for (size_t i = 0; i < decision.candidate_count; ++i) {
    const DecisionCandidate& one = decision.candidates[i];
    put(one.agent.value(), arena);
    put_signed(one.rank, arena);
    put_signed(one.preference, arena);
    put_signed(one.strategy_key, arena);
    put_signed(one.idle_since_ns, arena);
  }
  put(decision.group_count, arena);
  for (size_t i = 0; i < decision.group_count; ++i) {
    const DecisionGroup& one = decision.groups[i];
    put(one.example.value(), arena);
    put(static_cast<uint64_t>(one.blocker), arena);
    put(one.logged_in, arena);
    put(one.ready, arena);
    put(one.wrap_up, arena);
  }
}

std::optional<Decision> decode_decision(std::string_view bytes) {
  DecisionReader reader(bytes);
  Decision decision;
  decision.config_version = static_cast<uint32_t>(reader.get_up_to(UINT32_MAX));
  decision.call_order = static_cast<CallOrder>(
      reader.get_up_to(static_cast<uint64_t>(CallOrder::kServiceObjective)));
  decision.strategy =
      static_cast<Strategy>(reader.get_up_to(static_cast<uint64_t>(Strategy::kRingAll)));
  decision.was_preferred = reader.get_up_to(1) != 0;
  decision.steps = static_cast<uint16_t>(reader.get_up_to(UINT16_MAX));
  decision.priority = static_cast<int32_t>(reader.get_signed());
  decision.key_ns = reader.get_signed();
  decision.arrival = reader.get();
  decision.tie_break =
      static_cast<TieBreak>(reader.get_up_to(static_cast<uint64_t>(TieBreak::kAdded)));
  decision.candidate_count = static_cast<uint8_t>(reader.get_up_to(kDecisionCandidatesMax));
  for (size_t i = 0; i < decision.candidate_count; ++i) {
    DecisionCandidate& one = decision.candidates[i];
    one.agent = AgentIndex(static_cast<uint32_t>(reader.get_up_to(UINT32_MAX)));
    one.rank = static_cast<int32_t>(reader.get_signed());
    one.preference = reader.get_signed();
    one.strategy_key = reader.get_signed();
    one.idle_since_ns = reader.get_signed();
  }
  decision.group_count = static_cast<uint8_t>(reader.get_up_to(kDecisionGroupsMax));
  for (size_t i = 0; i < decision.group_count; ++i) {
    DecisionGroup& one = decision.groups[i];
    one.example = AgentIndex(static_cast<uint32_t>(reader.get_up_to(UINT32_MAX)));
    one.blocker = static_cast<Blocker>(reader.get_up_to(kBlockerCount - 1));
    one.logged_in = static_cast<uint32_t>(reader.get_up_to(UINT32_MAX));
    one.ready = static_cast<uint32_t>(reader.get_up_to(UINT32_MAX));
    one.wrap_up = static_cast<uint32_t>(reader.get_up_to(UINT32_MAX));
  }
  if (!reader.is_good()) return std::nullopt;
  return decision;
}

}  // namespace acd
