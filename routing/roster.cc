// SPDX-License-Identifier: Apache-2.0
#include "routing/roster.h"

#include "routing/check.h"

namespace acd {

// How OrderedIndex sees the agents of one class.
struct Roster::IdleTable {
  std::vector<Agent>& agents;
  OrderedNode& node(uint32_t index) { return agents[index].idle_node; }
  bool less(uint32_t a, uint32_t b) {
    const int64_t a_since_ns = agents[a].idle_since_ns;
    const int64_t b_since_ns = agents[b].idle_since_ns;
    return a_since_ns != b_since_ns ? a_since_ns < b_since_ns : a < b;
  }
};

AgentState displayed_state(const Agent& agent) {
  switch (agent.work) {
    case Work::kReserved:
      return AgentState::kReserved;
    case Work::kRinging:
      return AgentState::kRinging;
    case Work::kConnecting:
      return AgentState::kConnecting;
    case Work::kOnCall:
      return AgentState::kOnCall;
    case Work::kOnHold:
      return AgentState::kOnHold;
    case Work::kWrapUp:
      return AgentState::kWrapUp;
    case Work::kBusyOther:
      return AgentState::kBusyOther;
    case Work::kNone:
      break;
  }
  switch (agent.presence) {
    case Presence::kLoggedOut:
      return AgentState::kLoggedOut;
    case Presence::kNotReady:
      return AgentState::kNotReady;
    case Presence::kReady:
      return AgentState::kReady;
  }
  return AgentState::kLoggedOut;
}

Roster::Roster()
    : by_id_(this, [](const void* owner, uint32_t index) {
        return static_cast<const Roster*>(owner)->agents_[index].id.view();
      }) {}

AgentIndex Roster::find(std::string_view id) const { return AgentIndex(by_id_.find(id)); }

AgentIndex Roster::add(std::string_view id) {
  ACD_CHECK(agents_.size() < kAgentsMax);
  const AgentIndex index(agents_.size());
  agents_.emplace_back();
  agents_.back().id = IdText(id);
  by_id_.insert(index.value());
  return index;
}

AgentIndex Roster::at_station(SourceIndex source, std::string_view station) const {
  const auto of_source = stations_.find(source);
  if (of_source == stations_.end()) return {};
  const auto it = of_source->second.find(station);
  return it == of_source->second.end() ? AgentIndex() : it->second;
}

void Roster::occupy_station(AgentIndex index) {
  const Agent& agent = at(index);
  const bool inserted =
      stations_[agent.source].emplace(std::string(agent.station.view()), index).second;
  ACD_CHECK(inserted);
}

void Roster::leave_station(AgentIndex index) {
  Agent& agent = at(index);
  auto& of_source = stations_[agent.source];
  const auto it = of_source.find(agent.station.view());
  ACD_CHECK(it != of_source.end() && it->second == index);
  of_source.erase(it);
  agent.station = IdText();
}

AgentClassIndex Roster::class_for(const std::vector<SkillLevel>& skills,
                                  const std::vector<QueueIndex>& named_queues, SourceIndex source,
                                  bool* created) {
  const auto [it, inserted] =
      class_by_key_.try_emplace(ClassKey{skills, named_queues, source}, classes_.size());
  *created = inserted;
  if (inserted) {
    classes_.emplace_back();
    classes_.back().skills = skills;
    classes_.back().named_queues = named_queues;
    classes_.back().source = source;
    classes_by_source_[source].push_back(it->second);
  }
  return it->second;
}

const std::vector<AgentClassIndex>& Roster::classes_of(SourceIndex source) const {
  static const std::vector<AgentClassIndex> kNoClasses;
  const auto it = classes_by_source_.find(source);
  return it == classes_by_source_.end() ? kNoClasses : it->second;
}

void Roster::insert_idle(AgentIndex index) {
  IdleTable table{agents_};
  class_at(at(index).agent_class).idle.insert(table, index.value());
}

void Roster::erase_idle(AgentIndex index) {
  IdleTable table{agents_};
  class_at(at(index).agent_class).idle.erase(table, index.value());
}

AgentIndex Roster::first_idle(AgentClassIndex index) const {
  return AgentIndex(class_at(index).idle.first());
}

AgentIndex Roster::next_idle(AgentIndex index) const {
  IdleTable table{const_cast<std::vector<Agent>&>(agents_)};
  return AgentIndex(OrderedIndex::next(table, index.value()));
}

bool Roster::idle_longer(AgentIndex a, AgentIndex b) const {
  IdleTable table{const_cast<std::vector<Agent>&>(agents_)};
  return table.less(a.value(), b.value());
}

}  // namespace acd
