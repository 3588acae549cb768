// SPDX-License-Identifier: Apache-2.0
#include "routing/roster.h"

#include <algorithm>
#include <utility>

#include "routing/check.h"

namespace acd {
namespace {
constexpr auto kByAdded = static_cast<size_t>(AgentKey::kAdded);
}  // namespace

// How OrderedIndex sees the agents of one class.
struct Roster::IdleTable {
  std::vector<OrderedNode>& nodes;
  const ChunkedTable<Agent>& agents;
  AgentKey by;

  OrderedNode& node(uint32_t index) { return nodes[index]; }
  [[nodiscard]] static bool is_counted() { return false; }
  // What is counted in 64 bits, as fine as they allow.
  [[nodiscard]] uint64_t key(uint32_t index) const {
    const Agent& agent = agents[index];
    switch (by) {
      case AgentKey::kIdle:
        return idle_key(agent.idle_since_ns);
      case AgentKey::kAdded:
        return index;
      case AgentKey::kCalls:
        return agent.connected_calls.order_key();
      case AgentKey::kOccupancy:
        return static_cast<uint64_t>(agent.occupancy_ppm);
    }
    return 0;
  }
  [[nodiscard]] bool less(uint32_t a_index, uint32_t b_index) const {
    const Agent& a = agents[a_index];
    const Agent& b = agents[b_index];
    switch (by) {
      case AgentKey::kIdle:
        break;
      case AgentKey::kAdded:
        return a_index < b_index;
      case AgentKey::kCalls:
        if (a.connected_calls != b.connected_calls) return a.connected_calls < b.connected_calls;
        break;
      case AgentKey::kOccupancy:
        if (a.occupancy_ppm != b.occupancy_ppm) return a.occupancy_ppm < b.occupancy_ppm;
        break;
    }
    return a.idle_since_ns != b.idle_since_ns ? a.idle_since_ns < b.idle_since_ns
                                              : a_index < b_index;
  }
};

MediaMask Agent::roomy_media() const {
  if (items.empty()) return capable_media();
  if (media == MediaRule()) return 0;  // As most: one contact.
  std::array<uint32_t, kMediumCount> in_hand{};
  bool is_busy = is_phone_busy;
  for (const WorkItem& one : items) {
    ++in_hand[static_cast<size_t>(one.medium)];
    is_busy = is_busy || (one.work == Work::kBusyOther && one.uses_phone());
  }
  const MediaMask roomy = media.open(in_hand) & station_media;
  return is_busy ? static_cast<MediaMask>(roomy & ~kPhoneMedia) : roomy;
}

MediaMask Agent::spare_media() const {
  const bool is_rung =
      std::any_of(items.begin(), items.end(), [](const WorkItem& one) { return one.is_offer(); });
  return is_rung ? MediaMask{0} : roomy_media();
}

bool Agent::is_in_wrap_up() const { return displayed_state(*this) == AgentState::kWrapUp; }

const WorkItem* Agent::find_item(CallIndex call) const {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [call](const WorkItem& one) { return one.call == call; });
  return found == items.end() ? nullptr : &*found;
}

const WorkItem& Agent::item_of(CallIndex call) const {
  const WorkItem* const found = find_item(call);
  ACD_CHECK(found != nullptr);
  return *found;
}

WorkItem& Agent::item_of(CallIndex call) {
  return items[static_cast<size_t>(&std::as_const(*this).item_of(call) - items.data())];
}

int64_t Agent::deadline_ns() const {
  int64_t deadline_ns = kNeverNs;
  for (const WorkItem& one : items) deadline_ns = std::min(deadline_ns, one.deadline_ns);
  return deadline_ns;
}

AgentState displayed_state(const Agent& agent) {
  if (!agent.items.empty()) {
    // Whoever talks is on a call, whatever else they have in hand. By Work.
    constexpr std::array<uint8_t, 8> kProgress{0, 3, 4, 5, 7, 6, 2, 1};
    constexpr std::array<AgentState, 8> kStates{
        AgentState::kReady,  AgentState::kReserved, AgentState::kRinging, AgentState::kConnecting,
        AgentState::kOnCall, AgentState::kOnHold,   AgentState::kWrapUp,  AgentState::kBusyOther};
    Work most = agent.items.front().work;
    for (const WorkItem& one : agent.items) {
      if (kProgress[static_cast<size_t>(one.work)] > kProgress[static_cast<size_t>(most)]) {
        most = one.work;
      }
    }
    if (most != Work::kNone) return kStates[static_cast<size_t>(most)];
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

AgentIndex Roster::add(const HashedName& id) {
  ACD_CHECK(agents_.size() < kAgentsMax);
  const AgentIndex index(agents_.size());
  Agent& fresh = agents_.emplace_back();
  fresh.id = IdText(id.text);
  fresh.items.reserve(1);  // Nothing is allocated while calls come.
  by_id_.insert(id, index.value());
  return index;
}

void Roster::set_skills(AgentIndex index, std::span<const SkillLevel> skills) {
  const SkillSetIndex before = at(index).skills;
  at(index).skills = skill_sets_.use(skills);
  skill_sets_.release(before);
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

const Membership* membership_of(const AgentClassKey& agents, QueueIndex queue) {
  const auto at =
      std::lower_bound(agents.memberships.begin(), agents.memberships.end(), queue,
                       [](const Membership& one, QueueIndex wanted) { return one.queue < wanted; });
  return at != agents.memberships.end() && at->queue == queue ? &*at : nullptr;
}

AgentClassIndex Roster::class_for(AgentClassKey key, ZoneIndex zone, bool* created) {
  *created = false;
  const uint64_t wanted = class_entry(key, AgentClassIndex(0u));
  const uint64_t known = class_by_key_.find(wanted, [&](uint64_t entry) {
    return (entry ^ wanted) >> 32 == 0 && classes_[static_cast<uint32_t>(entry)].key == key;
  });
  if (known != ProbeTable::kFree) return AgentClassIndex(static_cast<uint32_t>(known));
  free_old_classes();
  AgentClassIndex index(classes_.size());
  if (free_classes_.empty()) {
    classes_.emplace_back();
    heads_.emplace_back();
    traits_.emplace_back();
  } else {
    index = free_classes_.back();
    free_classes_.pop_back();
  }
  AgentClass& fresh = class_at(index);
  const uint32_t stamp = fresh.stamp + 1;
  std::vector<CallLink> links = std::move(fresh.call_classes);
  fresh = AgentClass{};
  fresh.call_classes = std::move(links);
  fresh.stamp = stamp;
  heads_[index.value()] = {kNoKey, stamp, 0};
  skill_sets_.add_user(key.skills);
  traits_[index.value()] = {skill_bits(skill_sets_.at(key.skills)), key.config_version,
                            skill_sets_.place(key.skills), key.is_plain()};
  std::vector<AgentClassIndex>& of_zone = classes_by_zone_[zone];
  fresh.zone = zone;
  fresh.place_in_zone = static_cast<uint32_t>(of_zone.size());
  of_zone.push_back(index);
  class_by_key_.insert(class_entry(key, index));
  fresh.key = std::move(key);
  note_empty(index);
  *created = true;
  return index;
}

uint64_t Roster::class_entry(const AgentClassKey& key, AgentClassIndex index) {
  Hash64 hash;
  for (const Membership& one : key.memberships) hash.add(one.queue.value());
  for (const QueueIndex paused : key.paused) hash.add(~uint64_t{paused.value()});
  hash.add(static_cast<uint64_t>(key.source.value()) << 32 | key.team.value());
  hash.add(static_cast<uint64_t>(key.skills.value()) << 32 | key.config_version);
  hash.add(static_cast<uint64_t>(key.capable) << 16 | static_cast<uint64_t>(key.open) << 8 |
           key.load);
  return (hash.value() & 0xffffffff00000000ull) | index.value();
}

void Roster::join_class(AgentClassIndex index) {
  if (heads_[index.value()].logged_in_count++ == 0) ++inhabited_class_count_;
}

void Roster::leave_class(AgentClassIndex index) {
  if (--heads_[index.value()].logged_in_count != 0) return;
  --inhabited_class_count_;
  note_empty(index);
}

void Roster::note_empty(AgentClassIndex index) {
  if (class_at(index).is_listed_empty) return;
  class_at(index).is_listed_empty = true;
  empty_classes_.push_back(index);
}

// A few at a time, the longest empty first.
void Roster::free_old_classes() {
  const size_t kept = kEmptyAgentClassesKept + class_by_key_.size() / 2;
  for (int i = 0; i < 4 && empty_classes_.size() > kept; ++i) {
    const AgentClassIndex index = empty_classes_.front();
    empty_classes_.pop_front();
    AgentClass& old = class_at(index);
    old.is_listed_empty = false;
    if (heads_[index.value()].logged_in_count != 0) continue;  // In use again.
    class_by_key_.erase(class_entry(old.key, index));
    std::vector<AgentClassIndex>& of_zone = classes_by_zone_[old.zone];
    class_at(of_zone.back()).place_in_zone = old.place_in_zone;
    of_zone[old.place_in_zone] = of_zone.back();
    of_zone.pop_back();
    skill_sets_.release(old.key.skills);
    old.key.skills = SkillSetIndex();
    old.free = true;
    ++old.stamp;
    heads_[index.value()].stamp = old.stamp;
    free_classes_.push_back(index);
  }
}

const std::vector<AgentClassIndex>& Roster::classes_of(ZoneIndex zone) const {
  static const std::vector<AgentClassIndex> kNoClasses;
  const auto it = classes_by_zone_.find(zone);
  return it == classes_by_zone_.end() ? kNoClasses : it->second;
}

void Roster::insert_idle(AgentIndex index, uint32_t keys) {
  const AgentClassIndex of_agent = at(index).agent_class;
  for (size_t i = 0; i < kAgentKeyCount; ++i) {
    if (i != 0 && (keys & (1u << i)) == 0) continue;
    if (idle_nodes_[i].size() < agents_.size()) idle_nodes_[i].resize(agents_.size());
    IdleTable table{idle_nodes_[i], agents_, static_cast<AgentKey>(i)};
    class_at(of_agent).idle[i].insert(table, index.value(), table.key(index.value()));
    insert_wide(index, static_cast<AgentKey>(i));
  }
  at(index).is_listed = true;
  refresh_head(of_agent);
}

void Roster::erase_idle(AgentIndex index) {
  const AgentClassIndex of_agent = at(index).agent_class;
  for (size_t i = 0; i < kAgentKeyCount; ++i) {
    if (index.value() >= idle_nodes_[i].size() || !idle_nodes_[i][index.value()].linked()) continue;
    IdleTable table{idle_nodes_[i], agents_, static_cast<AgentKey>(i)};
    class_at(of_agent).idle[i].erase(table, index.value());
    IdleTable wide{wide_nodes_[i], agents_, static_cast<AgentKey>(i)};
    wide_idle_[class_at(of_agent).zone.value()][i].erase(wide, index.value());
  }
  at(index).is_listed = false;
  refresh_head(of_agent);
}

// REQUIRES: listed in the class's index of that key.
void Roster::insert_wide(AgentIndex index, AgentKey key) {
  const auto i = static_cast<size_t>(key);
  if (wide_nodes_[i].size() < agents_.size()) wide_nodes_[i].resize(agents_.size());
  if (class_of_idle_.size() < agents_.size()) class_of_idle_.resize(agents_.size());
  const size_t zone = class_at(at(index).agent_class).zone.value();
  if (wide_idle_.size() <= zone) wide_idle_.resize(zone + 1);
  class_of_idle_[index.value()] = at(index).agent_class;
  IdleTable table{wide_nodes_[i], agents_, key};
  wide_idle_[zone][i].insert(table, index.value(), idle_nodes_[i][index.value()].key);
}

void Roster::refresh_head(AgentClassIndex index) {
  const uint32_t first = class_at(index).idle[0].first();
  uint64_t& head = heads_[index.value()].key;
  if (head == kNoKey && first != OrderedNode::kNone) idle_classes_.set(index.value());
  if (head != kNoKey && first == OrderedNode::kNone) idle_classes_.clear(index.value());
  head = first == OrderedNode::kNone ? kNoKey : idle_nodes_[0][first].key;
}

AgentIndex Roster::next_idle(AgentIndex index, AgentKey key) const {
  const size_t i = static_cast<size_t>(key);
  IdleTable table{const_cast<std::vector<OrderedNode>&>(idle_nodes_[i]), agents_, key};
  return AgentIndex(OrderedIndex::next(table, index.value()));
}

AgentIndex Roster::first_idle_at(ZoneIndex zone, AgentKey key, AgentIndex from) const {
  if (zone.value() >= wide_idle_.size()) return {};
  const size_t i = static_cast<size_t>(key);
  const OrderedIndex& order = wide_idle_[zone.value()][i];
  if (from.value() == 0) return AgentIndex(order.first());
  IdleTable table{const_cast<std::vector<OrderedNode>&>(wide_nodes_[i]), agents_, key};
  return AgentIndex(
      order.lower_bound(table, [from](uint32_t agent) { return agent < from.value(); }));
}

AgentIndex Roster::next_idle_at(AgentIndex index, AgentKey key) const {
  const size_t i = static_cast<size_t>(key);
  IdleTable table{const_cast<std::vector<OrderedNode>&>(wide_nodes_[i]), agents_, key};
  return AgentIndex(OrderedIndex::next(table, index.value()));
}

AgentIndex Roster::first_idle_from(AgentClassIndex index, AgentIndex from) const {
  IdleTable table{const_cast<std::vector<OrderedNode>&>(idle_nodes_[kByAdded]), agents_,
                  AgentKey::kAdded};
  return AgentIndex(class_at(index).idle[kByAdded].lower_bound(
      table, [from](uint32_t agent) { return agent < from.value(); }));
}

bool Roster::goes_before(AgentIndex a, AgentIndex b, AgentKey key) const {
  const size_t i = static_cast<size_t>(key);
  const uint64_t a_key = idle_nodes_[i][a.value()].key;
  const uint64_t b_key = idle_nodes_[i][b.value()].key;
  if (a_key != b_key) return a_key < b_key;
  const IdleTable table{const_cast<std::vector<OrderedNode>&>(idle_nodes_[i]), agents_, key};
  return table.less(a.value(), b.value());
}

}  // namespace acd
