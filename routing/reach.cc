// SPDX-License-Identifier: Apache-2.0
#include "routing/reach.h"

namespace acd {
namespace {

// The switches that rules name, by number, in trees of those that they join.
class JoinedNames {
 public:
  void join(const std::string& one, const std::string& other) {
    const uint32_t under = root_of(number_of(other));
    above_[under] = root_of(number_of(one));
  }
  // The root of its tree, by name.
  std::map<std::string, uint32_t, std::less<>> roots() {
    std::map<std::string, uint32_t, std::less<>> found;
    for (const auto& [name, number] : numbers_) found.emplace(name, root_of(number));
    return found;
  }

 private:
  uint32_t number_of(const std::string& name) {
    const auto fresh = static_cast<uint32_t>(above_.size());
    const auto [entry, added] = numbers_.try_emplace(name, fresh);
    if (added) above_.push_back(fresh);
    return entry->second;
  }
  uint32_t root_of(uint32_t number) {
    while (above_[number] != number) number = above_[number] = above_[above_[number]];
    return number;
  }

  std::map<std::string, uint32_t, std::less<>> numbers_;
  std::vector<uint32_t> above_;  // A root: itself.
};

}  // namespace

void ReachTable::configure(const std::vector<ReachRule>& rules) {
  rules_ = rules;
  JoinedNames joined;
  for (const ReachRule& rule : rules_) joined.join(rule.from, rule.to);
  zone_by_id_ = joined.roots();
  zones_.clear();
  for (uint32_t i = 0; i < ids_.size(); ++i) zones_.push_back(find_zone(SourceIndex(i)));
  links_.clear();
  for (const ReachRule& rule : rules_) link(rule);
}

void ReachTable::add(std::string_view id) {
  const SourceIndex source(ids_.size());
  ids_.emplace_back(id);
  by_id_.emplace(id, source);
  zones_.push_back(find_zone(source));
  for (const ReachRule& rule : rules_) {
    if (rule.from == id || rule.to == id) link(rule);
  }
}

// Behind the zones of rules each switch has one of its own.
ZoneIndex ReachTable::find_zone(SourceIndex source) const {
  const auto named = zone_by_id_.find(ids_[source.value()]);
  if (named != zone_by_id_.end()) return ZoneIndex(named->second);
  return ZoneIndex(2 * rules_.size() + source.value());
}

void ReachTable::link(const ReachRule& rule) {
  const auto from = by_id_.find(rule.from);
  const auto to = by_id_.find(rule.to);
  if (from == by_id_.end() || to == by_id_.end()) return;
  links_.emplace(std::pair(from->second, to->second), rule.dial_prefix);
}

std::string_view ReachTable::dial_prefix(SourceIndex calls, SourceIndex agents) const {
  if (calls == agents) return {};
  const auto found = links_.find({calls, agents});
  return found == links_.end() ? std::string_view() : found->second;
}

}  // namespace acd
