// SPDX-License-Identifier: Apache-2.0
#include "routing/call_queue.h"

#include <algorithm>

#include "routing/check.h"

namespace acd {
namespace {
constexpr uint32_t kNoExclusion = OrderedNode::kNone;
}

// How OrderedIndex sees the calls of one class.
struct CallQueue::WaitingTable {
  std::vector<Call>& calls;
  OrderedNode& node(uint32_t index) { return calls[index].waiting_node; }
  bool less(uint32_t a, uint32_t b) {
    return calls[a].key_ns != calls[b].key_ns ? calls[a].key_ns < calls[b].key_ns
                                              : calls[a].order < calls[b].order;
  }
};

CallQueue::CallQueue()
    : by_id_(this,
             [](const void* owner, uint32_t index) {
               return static_cast<const CallQueue*>(owner)->calls_[index].id.view();
             }),
      requirement_by_text_(this, [](const void* owner, uint32_t index) {
        return std::string_view(static_cast<const CallQueue*>(owner)->requirements_[index].text);
      }) {}

CallIndex CallQueue::find(std::string_view id) const { return CallIndex(by_id_.find(id)); }

CallIndex CallQueue::add(std::string_view id) {
  ACD_CHECK(count() < kCallsMax);
  CallIndex index(calls_.size());
  if (free_calls_.empty()) {
    calls_.emplace_back();
  } else {
    index = free_calls_.back();
    free_calls_.pop_back();
    at(index) = Call{};
  }
  at(index).id = IdText(id);
  by_id_.insert(index.value());
  return index;
}

void CallQueue::remove(CallIndex index) {
  Call& call = at(index);
  ACD_CHECK(!call.waiting_node.linked() && call.first_exclusion == kNoExclusion);
  by_id_.erase(index.value());
  call.stage = CallStage::kFree;
  free_calls_.push_back(index);
}

CallClassIndex CallQueue::class_for(QueueIndex queue, const std::vector<SkillLevel>& needs,
                                    int32_t priority, SourceIndex source, bool* created) {
  *created = false;
  ClassKey key{queue, needs, priority, source};
  const auto it = class_by_key_.find(key);
  if (it != class_by_key_.end()) return it->second;
  if (class_by_key_.size() >= kCallClassesMax) return {};
  CallClassIndex index(classes_.size());
  if (free_classes_.empty()) {
    classes_.emplace_back();
  } else {
    index = free_classes_.back();
    free_classes_.pop_back();
  }
  CallClass& fresh = class_at(index);
  fresh = CallClass{};
  fresh.queue = queue;
  fresh.needs = needs;
  fresh.priority = priority;
  fresh.source = source;
  class_by_key_.emplace(std::move(key), index);
  classes_by_source_[source].push_back(index);
  ++empty_class_count_;
  *created = true;
  return index;
}

bool CallQueue::free_empty_classes() {
  if (empty_class_count_ == 0) return false;
  for (uint32_t i = 0; i < classes_.size(); ++i) {
    CallClass& call_class = classes_[i];
    if (call_class.free || call_class.live_calls != 0) continue;
    class_by_key_.erase(
        ClassKey{call_class.queue, call_class.needs, call_class.priority, call_class.source});
    call_class.free = true;
    free_classes_.emplace_back(i);
  }
  for (auto& [source, indices] : classes_by_source_) {
    std::erase_if(indices, [this](CallClassIndex index) { return class_at(index).free; });
  }
  empty_class_count_ = 0;
  return true;
}

void CallQueue::join_class(CallIndex index) {
  if (class_at(at(index).call_class).live_calls++ == 0) --empty_class_count_;
}

void CallQueue::leave_class(CallIndex index) {
  if (--class_at(at(index).call_class).live_calls == 0) ++empty_class_count_;
}

const std::vector<CallClassIndex>& CallQueue::classes_of(SourceIndex source) const {
  static const std::vector<CallClassIndex> kNoClasses;
  const auto it = classes_by_source_.find(source);
  return it == classes_by_source_.end() ? kNoClasses : it->second;
}

RequirementIndex CallQueue::find_requirement(std::string_view text) const {
  return RequirementIndex(requirement_by_text_.find(text));
}

RequirementIndex CallQueue::add_requirement(std::string_view text, std::vector<SkillLevel> needs) {
  if (requirement_by_text_.size() >= kRequirementsMax) {
    for (uint32_t i = 0; i < requirements_.size(); ++i) {
      if (requirements_[i].users != 0) continue;
      requirement_by_text_.erase(i);
      free_requirements_.emplace_back(i);
      requirements_[i].users = -1;  // Free; not visited again.
    }
    if (free_requirements_.empty()) return {};
  }
  RequirementIndex index(requirements_.size());
  if (free_requirements_.empty()) {
    requirements_.emplace_back();
  } else {
    index = free_requirements_.back();
    free_requirements_.pop_back();
  }
  requirement_at(index) = {std::string(text), std::move(needs), 0};
  requirement_by_text_.insert(index.value());
  return index;
}

void CallQueue::insert_waiting(CallIndex index) {
  WaitingTable table{calls_};
  class_at(at(index).call_class).waiting.insert(table, index.value());
}

void CallQueue::erase_waiting(CallIndex index) {
  WaitingTable table{calls_};
  class_at(at(index).call_class).waiting.erase(table, index.value());
}

CallIndex CallQueue::first_waiting(CallClassIndex index) const {
  return CallIndex(class_at(index).waiting.first());
}

CallIndex CallQueue::next_waiting(CallIndex index) const {
  WaitingTable table{const_cast<std::vector<Call>&>(calls_)};
  return CallIndex(OrderedIndex::next(table, index.value()));
}

uint32_t CallQueue::waiting_count(CallClassIndex index) const {
  WaitingTable table{const_cast<std::vector<Call>&>(calls_)};
  return class_at(index).waiting.size(table);
}

void CallQueue::exclude(CallIndex call_index, AgentIndex agent, int64_t until_ns) {
  Call& call = at(call_index);
  for (uint32_t i = call.first_exclusion; i != kNoExclusion; i = exclusions_[i].next) {
    if (exclusions_[i].agent == agent) {
      exclusions_[i].until_ns = until_ns;
      return;
    }
  }
  uint32_t fresh = free_exclusion_;
  if (fresh == kNoExclusion) {
    fresh = static_cast<uint32_t>(exclusions_.size());
    exclusions_.emplace_back();
  } else {
    free_exclusion_ = exclusions_[fresh].next;
  }
  exclusions_[fresh] = {agent, until_ns, call.first_exclusion};
  call.first_exclusion = fresh;
  calls_with_exclusions_.emplace(call.order, call_index);
}

bool CallQueue::is_excluded(const Call& call, AgentIndex agent) const {
  for (uint32_t i = call.first_exclusion; i != kNoExclusion; i = exclusions_[i].next) {
    if (exclusions_[i].agent == agent) return true;
  }
  return false;
}

int64_t CallQueue::drop_exclusions(CallIndex call_index, int64_t before_ns) {
  Call& call = at(call_index);
  int64_t earliest_ns = kNeverNs;
  uint32_t* link = &call.first_exclusion;
  while (*link != kNoExclusion) {
    const uint32_t at_index = *link;
    if (exclusions_[at_index].until_ns < before_ns) {
      *link = exclusions_[at_index].next;
      free_exclusion(at_index);
    } else {
      earliest_ns = std::min(earliest_ns, exclusions_[at_index].until_ns);
      link = &exclusions_[at_index].next;
    }
  }
  if (call.first_exclusion == kNoExclusion) {
    calls_with_exclusions_.erase({call.order, call_index});
  }
  return earliest_ns;
}

void CallQueue::free_exclusion(uint32_t index) {
  exclusions_[index].next = free_exclusion_;
  free_exclusion_ = index;
}

}  // namespace acd
