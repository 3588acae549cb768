// SPDX-License-Identifier: Apache-2.0
// Many calls in rotation, each through its whole life.
#include "bench/call_rotation.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/wire_format_lite.h>

#include <optional>
#include <utility>

#include "acd/v1/switch_service.pb.h"

namespace acd::bench {
namespace {

constexpr size_t kAgentDigits = 5;
constexpr uint32_t kNoCause = 0;
constexpr uint32_t kCauseNormalClearing = 16;  // Q.850

void write_digits(uint32_t value, size_t digits, char* target) {
  for (size_t index = digits; index > 0; --index) {
    target[index - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

std::optional<uint32_t> read_digits(std::string_view text) {
  uint32_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + static_cast<uint32_t>(digit - '0');
  }
  return value;
}

// The encoded body of the events that only carry the generation of an offer: LegAnswered,
// CallConnected.
class GenerationBody {
 public:
  explicit GenerationBody(int64_t generation) {
    static_assert(int{v1::LegAnswered::kGenerationFieldNumber} ==
                  int{v1::CallConnected::kGenerationFieldNumber});
    uint8_t* next = google::protobuf::internal::WireFormatLite::WriteInt64ToArray(
        v1::LegAnswered::kGenerationFieldNumber, generation, bytes_.data());
    size_ = static_cast<size_t>(next - bytes_.data());
  }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes_.data()), size_};
  }

 private:
  std::array<uint8_t, 16> bytes_;
  size_t size_ = 0;
};

std::string numbered(char letter, uint32_t index) {
  std::string text(1 + kAgentDigits, letter);
  write_digits(index, kAgentDigits, text.data() + 1);
  return text;
}

}  // namespace

CallRotation::CallRotation(std::string_view queue_id, uint32_t calls, uint32_t agents,
                           uint32_t first)
    : calls_(calls), first_(first), agent_busy_(agents, false) {
  for (uint32_t place = 0; place < calls; ++place) {
    Call& call = calls_[place];
    call.id[kSerialDigits] = '.';
    write_digits(first_ + place, kPlaceDigits, call.id.data() + kSerialDigits + 1);
    renew(call, 1);
    due_.push_back(place);
  }
  v1::CallOffered offered;
  offered.set_queue_id(std::string(queue_id));
  call_offered_ = offered.SerializeAsString();
  v1::CallEnded ended;
  ended.set_ended_by(v1::ENDED_BY_CALLER);
  call_ended_ = ended.SerializeAsString();
}

int64_t CallRotation::write_next(BatchWriter& writer) {
  if (offering_) std::swap(due_[random_() % due_.size()], due_.front());
  int64_t arrived_ns = 0;
  if (due_.empty()) {
    due_.push_back(free_.back());
    free_.pop_back();
    arrived_ns = arrivals_.front();
    arrivals_.pop_front();
  }
  const uint32_t place = due_.front();
  due_.pop_front();
  Call& call = calls_[place];
  switch (call.stage) {
    case Stage::kOfferDue:
      writer.add(call.call_id(), kNoCause, v1::SwitchEvent::kCallOfferedFieldNumber, call_offered_);
      call.stage = Stage::kOffered;
      ++counts_.offered;
      break;
    case Stage::kAnswerDue:
      writer.add(call.call_id(), kNoCause, v1::SwitchEvent::kLegAnsweredFieldNumber,
                 GenerationBody(call.generation).text());
      call.stage = Stage::kAnswered;
      ++counts_.answered;
      break;
    case Stage::kConnectDue:
      writer.add(call.call_id(), kNoCause, v1::SwitchEvent::kCallConnectedFieldNumber,
                 GenerationBody(call.generation).text());
      call.stage = Stage::kEndDue;
      due_.push_back(place);
      ++counts_.connected;
      break;
    case Stage::kEndDue:
      writer.add(call.call_id(), kCauseNormalClearing, v1::SwitchEvent::kCallEndedFieldNumber,
                 call_ended_);
      agent_busy_[call.agent] = false;
      renew(call, call.serial + 1);
      if (offering_) {
        due_.push_back(place);
      } else {
        free_.push_back(place);
      }
      ++counts_.ended;
      break;
    case Stage::kOffered:
    case Stage::kAnswered:
      break;  // Never due: the daemon's command is awaited.
  }
  return arrived_ns;
}

absl::Status CallRotation::ring(std::string_view call_id, std::string_view agent_id,
                                int64_t generation) {
  uint32_t place = 0;
  Call* const call = find(call_id, Stage::kOffered, place);
  if (call == nullptr) {
    return absl::InternalError(
        absl::StrCat("ring_agent for a call that was not just offered: ", std::string(call_id)));
  }
  const std::optional<uint32_t> agent =
      agent_id.size() == 1 + kAgentDigits ? read_digits(agent_id.substr(1)) : std::nullopt;
  // One below the first wraps round and is unknown as well.
  const uint32_t index = agent.value_or(UINT32_MAX) - first_;
  if (!agent || index >= agent_busy_.size() || agent_busy_[index]) {
    return absl::InternalError(absl::StrCat(
        "ring_agent of an agent who is unknown or has a call: agent=", std::string(agent_id),
        " call=", std::string(call_id)));
  }
  agent_busy_[index] = true;
  call->agent = index;
  call->generation = generation;
  call->stage = Stage::kAnswerDue;
  due_.push_back(place);
  return absl::OkStatus();
}

absl::Status CallRotation::connect(std::string_view call_id, int64_t generation) {
  uint32_t place = 0;
  Call* const call = find(call_id, Stage::kAnswered, place);
  if (call == nullptr || call->generation != generation) {
    return absl::InternalError(
        absl::StrCat("connect_call for a call that was not just answered: ", std::string(call_id)));
  }
  call->stage = Stage::kConnectDue;
  due_.push_back(place);
  return absl::OkStatus();
}

void CallRotation::stop_offering() {
  if (!offering_) return;
  offering_ = false;
  std::erase_if(due_, [this](uint32_t place) {
    if (calls_[place].stage != Stage::kOfferDue) return false;
    free_.push_back(place);
    return true;
  });
}

bool CallRotation::arrive(int64_t now_ns) {
  if (arrivals_.size() == kArrivalsMax) return false;
  arrivals_.push_back(now_ns);
  return true;
}

size_t CallRotation::give_up(int64_t limit_ns) {
  const auto kept = std::lower_bound(arrivals_.begin(), arrivals_.end(), limit_ns);
  const auto count = static_cast<size_t>(kept - arrivals_.begin());
  arrivals_.erase(arrivals_.begin(), kept);
  return count;
}

std::string CallRotation::agent_id(uint32_t index) { return numbered('a', index); }

std::string CallRotation::station(uint32_t index) { return numbered('p', index); }

void CallRotation::renew(Call& call, uint32_t serial) {
  write_digits(serial, kSerialDigits, call.id.data());
  call.serial = serial;
  call.agent = kNoAgent;
  call.generation = 0;
  call.stage = Stage::kOfferDue;
}

CallRotation::Call* CallRotation::find(std::string_view call_id, Stage stage, uint32_t& place) {
  if (call_id.size() != kCallIdBytes) return nullptr;
  const std::optional<uint32_t> found = read_digits(call_id.substr(kSerialDigits + 1));
  const uint32_t index = found.value_or(UINT32_MAX) - first_;
  if (!found || index >= calls_.size()) return nullptr;
  Call& call = calls_[index];
  if (call.call_id() != call_id || call.stage != stage) return nullptr;
  place = index;
  return &call;
}

}  // namespace acd::bench
