// SPDX-License-Identifier: Apache-2.0
// The oracle's outcomes of calls.
#include <algorithm>

#include "sim/oracle.h"

namespace acd {
namespace {

bool holds(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

Reject Oracle::set_outcome(const Command& command, std::string_view arena, Call* call) {
  const std::string id(command.call.in(arena));
  Past live;
  if (call != nullptr) live = past_of(*call);
  Past* const found = call != nullptr ? &live : remembered(id);
  // One that its switch rerouted before it came was in no queue.
  if (found == nullptr || !found->queue.valid()) return Reject::kCallUnknown;
  Past& told = *found;
  if (command.source.valid() && told.source != command.source) return Reject::kCallOfOtherSwitch;

  const auto says = [&](uint8_t what) { return (command.detail & what) != 0; };
  const std::string code(command.name.in(arena));
  const Queue& queue = queue_at(told.queue);
  if (says(kSaysCode)) {
    if (!holds(config_.wrap_up_codes, code)) return Reject::kCodeUnknown;
    const std::vector<std::string>& allowed = queue.config.wrap_up_codes;
    const bool is_limited = !queue.removed && !allowed.empty();
    if (is_limited && !holds(allowed, code)) return Reject::kCodeNotAllowed;
  }
  const std::string labels(says(kSaysLabels) ? command.preferred.in(arena) : std::string_view());
  for (size_t begin = 0; begin < labels.size();) {
    const size_t end = std::min(labels.find(',', begin), labels.size());
    if (!holds(config_.labels, labels.substr(begin, end - begin))) return Reject::kLabelUnknown;
    begin = end + 1;
  }

  const ToldOutcome before = told.outcome;
  ToldOutcome& after = told.outcome;
  if (says(kSaysCode)) after.code = code;
  if (says(kSaysResolved)) after.resolved = command.flag ? Resolved::kYes : Resolved::kNo;
  if (says(kSaysSurvey)) after.survey = static_cast<int8_t>(command.number);
  if (says(kSaysQuality)) after.quality = static_cast<int8_t>(command.generation);
  if (call != nullptr) call->outcome = after;

  Event& event = emit(EventKind::kCallScored);
  if (call != nullptr) event.call = call->index;
  event.agent = told.agent;
  event.queue = told.queue;
  event.source = told.source;
  event.medium = told.medium;
  event.flag = told.is_consult;
  event.detail = command.detail;
  event.text = log_.add_text(id);
  event.text2 = log_.add_text(encode_scored({before, after, labels}));
  if (says(kSaysReference)) event.text3 = log_.add_text(command.text.in(arena));
  return Reject::kNone;
}

Oracle::Past Oracle::past_of(const Call& call) {
  Past past;
  past.source = call.source;
  past.queue = call.queue;
  past.medium = call.medium;
  past.is_consult = call.consulting.valid();
  if (call.stage == Stage::kConnected) past.agent = call.offers.front().agent;
  past.outcome = call.outcome;
  return past;
}

void Oracle::remember(const Call& call) {
  Past past = past_of(call);
  past.ended_ns = now_ns_;
  past_[call.id] = past;
}

void Oracle::remember_rerouted(std::string_view id, SourceIndex source) {
  Past past;
  past.source = source;
  past.ended_ns = now_ns_;
  past_[std::string(id)] = past;
}

Oracle::Past* Oracle::remembered(std::string_view call_id) {
  const auto known = past_.find(call_id);
  const bool is_kept = known != past_.end() && now_ns_ - known->second.ended_ns <= kEndedCallKeptNs;
  return is_kept ? &known->second : nullptr;
}

// Its queue wants a code, and the call has none that could still be given.
bool Oracle::lacks_code(const Item& item) {
  if (!item.needs_code) return false;
  for (const auto& [order, call] : calls_) {
    if (call.id == item.wrap_up_call) return call.outcome.code.empty();  // It was transferred.
  }
  const Past* const ended = remembered(item.wrap_up_call);
  return ended != nullptr && ended->outcome.code.empty();
}

}  // namespace acd
