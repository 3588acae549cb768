// SPDX-License-Identifier: Apache-2.0
#include "routing/decision.h"

#include "routing/check.h"

namespace acd {
namespace {

// Writes one record behind each other into room that was made for the longest.
class DecisionWriter {
 public:
  explicit DecisionWriter(char* at) : at_(at) {}

  void put(uint64_t value) {
    while (value >= 0x80) {
      *at_++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *at_++ = static_cast<char>(value);
  }
  // Small numbers of either sign are short.
  void put_signed(int64_t value) {
    put((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  [[nodiscard]] const char* end() const { return at_; }

 private:
  char* at_;
};

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

std::string_view hold_back_name(HoldBack hold_back) {
  switch (hold_back) {
    case HoldBack::kNone:
      return "none";
    case HoldBack::kCallbacksClosed:
      return "callbacks_closed";
    case HoldBack::kDialsUsed:
      return "dials_used";
  }
  return "unknown";
}

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

std::string_view tie_break_name(TieBreak tie_break) {
  switch (tie_break) {
    case TieBreak::kOnly:
      return "only";
    case TieBreak::kRank:
      return "rank";
    case TieBreak::kPrefers:
      return "prefers";
    case TieBreak::kStrategy:
      return "strategy";
    case TieBreak::kIdle:
      return "idle";
    case TieBreak::kAdded:
      return "added";
    case TieBreak::kAgentsChoice:
      return "agents_choice";
    case TieBreak::kLoad:
      return "load";
  }
  return "unknown";
}

void encode_decision(const Decision& decision, std::string* arena) {
  const size_t begin = arena->size();
  arena->resize(begin + kDecisionBytesMax);
  DecisionWriter out(arena->data() + begin);
  out.put(decision.config_version);
  out.put(static_cast<uint64_t>(decision.call_order));
  out.put(static_cast<uint64_t>(decision.strategy));
  out.put(decision.was_preferred ? 1 : 0);
  out.put(decision.steps);
  out.put_signed(decision.priority);
  out.put_signed(decision.key_ns);
  out.put(decision.arrival);
  out.put(static_cast<uint64_t>(decision.tie_break));
  out.put(decision.candidate_count);
  for (size_t i = 0; i < decision.candidate_count; ++i) {
    const DecisionCandidate& one = decision.candidates[i];
    out.put(one.agent.value());
    out.put_signed(one.rank);
    out.put_signed(one.preference);
    out.put_signed(one.load);
    out.put_signed(one.strategy_key);
    out.put_signed(one.idle_since_ns);
  }
  out.put(decision.group_count);
  for (size_t i = 0; i < decision.group_count; ++i) {
    const DecisionGroup& one = decision.groups[i];
    out.put(one.example.value());
    out.put(static_cast<uint64_t>(one.blocker));
    out.put(one.logged_in);
    out.put(one.ready);
    out.put(one.wrap_up);
  }
  arena->resize(static_cast<size_t>(out.end() - arena->data()));
}

std::optional<Decision> decode_decision(std::string_view bytes) {
  DecisionReader reader(bytes);
  Decision decision;
  decision.config_version = static_cast<uint32_t>(reader.get_up_to(UINT32_MAX));
  decision.call_order =
      static_cast<CallOrder>(reader.get_up_to(static_cast<uint64_t>(CallOrder::kServiceObjective)));
  decision.strategy =
      static_cast<Strategy>(reader.get_up_to(static_cast<uint64_t>(Strategy::kRingAll)));
  decision.was_preferred = reader.get_up_to(1) != 0;
  decision.steps = static_cast<uint16_t>(reader.get_up_to(UINT16_MAX));
  decision.priority = static_cast<int32_t>(reader.get_signed());
  decision.key_ns = reader.get_signed();
  decision.arrival = reader.get();
  decision.tie_break =
      static_cast<TieBreak>(reader.get_up_to(static_cast<uint64_t>(TieBreak::kLoad)));
  decision.candidate_count = static_cast<uint8_t>(reader.get_up_to(kDecisionCandidatesMax));
  for (size_t i = 0; i < decision.candidate_count; ++i) {
    DecisionCandidate& one = decision.candidates[i];
    one.agent = AgentIndex(static_cast<uint32_t>(reader.get_up_to(UINT32_MAX)));
    one.rank = static_cast<int32_t>(reader.get_signed());
    one.preference = reader.get_signed();
    one.load = static_cast<int32_t>(reader.get_signed());
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
