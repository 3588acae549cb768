// SPDX-License-Identifier: Apache-2.0
// How calls went, as told while they live and for some time after.
#include <algorithm>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {
void Router::add_code(const std::string& code) {
  const auto place = static_cast<uint16_t>(codes_.size() + 1);
  if (code_by_name_.emplace(code, place).second) codes_.push_back(code);
}

void Router::take_outcome_words() {
  is_code_configured_.assign(codes_.size() + 1, false);
  for (const std::string& code : config_.wrap_up_codes) {
    is_code_configured_[code_by_name_.find(code)->second] = true;
  }
  labels_ = {config_.labels.begin(), config_.labels.end()};
}

Reject Router::set_outcome(const Command& command, std::string_view arena, CallIndex index,
                           const HashedName& id) {
  const EndedCalls::Ended* ended = index.valid() ? nullptr : ended_calls_.find(id.hash, now_ns_);
  // Of one that never came there is nothing to say.
  const bool is_known = index.valid() || (ended != nullptr && ended->queue.valid());
  if (!is_known) return Reject::kCallUnknown;
  // Of a live one dispatch() has looked at that.
  if (ended != nullptr && command.source.valid() && ended->source != command.source) {
    return Reject::kCallOfOtherSwitch;
  }
  const QueueIndex queue_index = ended != nullptr ? ended->queue : calls_.at(index).queue;
  const Reject reject = check_outcome(command, arena, queue_index);
  if (reject != Reject::kNone) return reject;

  const OutcomeFacts before = ended != nullptr ? ended->outcome : calls_.at(index).outcome;
  OutcomeFacts after = before;
  take_outcome(command, arena, &after);
  Event& event = emit(EventKind::kCallScored);
  event.call = index;
  event.queue = queue_index;
  event.detail = command.detail;
  if (ended != nullptr) {
    event.agent = ended->agent;
    event.source = ended->source;
    event.medium = ended->medium;
    event.duration_ns = ended->number;
    event.flag = ended->is_consult;
    ended_calls_.set_outcome(id.hash, after);
  } else {
    Call& call = calls_.at(index);
    if (call.stage == CallStage::kConnected) event.agent = call.agent;
    event.source = call.source;
    event.medium = call.medium;
    event.duration_ns = call.number;
    event.flag = call.parent.valid();
    call.outcome = after;
  }
  event.text = log_.add_text(id.text);
  ScoredCall scored{outcome_of(before), outcome_of(after), {}};
  if ((command.detail & kSaysLabels) != 0) scored.labels = command.preferred.in(arena);
  event.text2 = log_.add_text(encode_scored(scored));
  if ((command.detail & kSaysReference) != 0) event.text3 = log_.add_text(command.text.in(arena));
  return Reject::kNone;
}

Reject Router::check_outcome(const Command& command, std::string_view arena,
                             QueueIndex queue_index) const {
  if ((command.detail & kSaysCode) != 0) {
    const std::string_view code = command.name.in(arena);
    const auto known = code_by_name_.find(code);
    if (known == code_by_name_.end() || !is_code_configured_[known->second]) {
      return Reject::kCodeUnknown;
    }
    // What a queue that is no more allowed counts no longer.
    const Queue& of_call = queue(queue_index);
    const std::vector<std::string>& allowed = of_call.config.wrap_up_codes;
    if (!of_call.is_removed && !allowed.empty() &&
        !std::binary_search(allowed.begin(), allowed.end(), code)) {
      return Reject::kCodeNotAllowed;
    }
  }
  if ((command.detail & kSaysLabels) == 0) return Reject::kNone;
  const bool are_known = all_of_labels(command.preferred.in(arena), [this](std::string_view label) {
    return labels_.contains(label);
  });
  return are_known ? Reject::kNone : Reject::kLabelUnknown;
}

// REQUIRES: check_outcome() found nothing; the edge has checked the scores.
void Router::take_outcome(const Command& command, std::string_view arena,
                          OutcomeFacts* facts) const {
  if ((command.detail & kSaysCode) != 0) {
    facts->code = code_by_name_.find(command.name.in(arena))->second;
  }
  if ((command.detail & kSaysResolved) != 0) {
    facts->resolved = command.flag ? Resolved::kYes : Resolved::kNo;
  }
  if ((command.detail & kSaysSurvey) != 0) facts->survey = static_cast<int8_t>(command.number);
  if ((command.detail & kSaysQuality) != 0) {
    facts->quality = static_cast<int8_t>(command.generation);
  }
}

ToldOutcome Router::outcome_of(const OutcomeFacts& facts) const {
  return {facts.code == 0 ? std::string() : codes_[facts.code - 1u], facts.resolved, facts.survey,
          facts.quality};
}

bool Router::lacks_code(const WorkItem& item) const {
  if (!item.needs_code) return false;
  // One that was transferred lives on.
  const CallIndex live = calls_.find_hash(item.wrap_up_call);
  if (live.valid()) return calls_.at(live).outcome.code == 0;
  // A call that nobody can code any more asks for none.
  const EndedCalls::Ended* ended = ended_calls_.find(item.wrap_up_call, now_ns_);
  return ended != nullptr && ended->outcome.code == 0;
}

}  // namespace acd
