// SPDX-License-Identifier: Apache-2.0
#include "routing/share_order.h"

#include <algorithm>

#include "routing/check.h"

namespace acd {
namespace {

// A bijection: two agents never have the same upper half.
uint64_t record_entry(AgentIndex agent, uint32_t record) {
  return uint64_t{agent.value() * 0x9e3779b1u} << 32 | record;
}

}  // namespace

// How OrderedIndex sees the free members.
struct ShareOrder::Table {
  ShareOrder& order;

  OrderedNode& node(uint32_t index) { return order.nodes_[index]; }
  [[nodiscard]] static bool is_counted() { return false; }
  [[nodiscard]] bool less(uint32_t a, uint32_t b) const {
    return order.place_at(a) < order.place_at(b);
  }
};

ShareOrder::Walker::Walker(const ShareOrder& order, ZoneIndex zone) : order_(order) {
  if (zone.value() >= order.free_.size()) return;
  for (size_t i = 0; i < at_.size(); ++i) at_[i] = order.free_[zone.value()][i].first();
}

AgentIndex ShareOrder::Walker::next() {
  const bool is_first =
      at_[1] == kNone || (at_[0] != kNone && order_.place_at(at_[0]) < order_.place_at(at_[1]));
  uint32_t& at = is_first ? at_[0] : at_[1];
  if (at == kNone) return {};
  const AgentIndex agent = order_.records_[at].agent;
  Table table{const_cast<ShareOrder&>(order_)};
  at = OrderedIndex::next(table, at);
  return agent;
}

DecayedCount ShareOrder::count_of(AgentIndex agent) const {
  const uint32_t record = find(agent);
  return record == kNone ? floor_ : place_at(record).count;
}

void ShareOrder::join(AgentIndex agent) {
  Record& record = unlisted_record(agent);
  record.count = std::max(record.count, floor_);
  record.is_counted = true;
}

void ShareOrder::add(AgentIndex agent, int64_t amount, int64_t now_ns, int64_t half_life_ns) {
  Record& record = unlisted_record(agent);
  if (!record.is_counted) record.count = floor_;
  record.is_counted = true;
  record.count.add(amount, now_ns, half_life_ns);
}

void ShareOrder::change_half_life(int64_t now_ns, int64_t from_ns, int64_t to_ns) {
  unlist_all();
  floor_.change_half_life(now_ns, from_ns, to_ns);
  for (Record& record : records_) record.count.change_half_life(now_ns, from_ns, to_ns);
}

void ShareOrder::restore(const DecayedCount& floor,
                         const std::vector<std::pair<AgentIndex, DecayedCount>>& counts) {
  floor_ = floor;
  for (const auto& [agent, count] : counts) {
    Record& record = unlisted_record(agent);
    record.count = count;
    record.is_counted = true;
  }
}

void ShareOrder::clear() { *this = ShareOrder(); }

void ShareOrder::insert_free(AgentIndex agent, ZoneIndex zone, int64_t idle_since_ns) {
  Record& record = unlisted_record(agent);
  record.idle_since_ns = idle_since_ns;
  record.zone = zone;
  if (free_.size() <= zone.value()) free_.resize(zone.value() + 1);
  Table table{*this};
  const auto index = static_cast<uint32_t>(&record - records_.data());
  free_[zone.value()][record.is_counted ? 0 : 1].insert(table, index, record.count.order_key());
}

void ShareOrder::erase_free(AgentIndex agent) {
  const uint32_t index = find(agent);
  if (index == kNone || !nodes_[index].linked()) return;
  const Record& record = records_[index];
  Table table{*this};
  free_[record.zone.value()][record.is_counted ? 0 : 1].erase(table, index);
}

std::vector<std::pair<AgentIndex, DecayedCount>> ShareOrder::counts() const {
  std::vector<std::pair<AgentIndex, DecayedCount>> all;
  for (const Record& record : records_) {
    if (record.is_counted) all.emplace_back(record.agent, record.count);
  }
  std::sort(all.begin(), all.end());
  return all;
}

uint32_t ShareOrder::find(AgentIndex agent) const {
  const uint64_t wanted = record_entry(agent, 0);
  return static_cast<uint32_t>(by_agent_.find(wanted, [wanted](uint64_t entry) {
    return (entry ^ wanted) >> 32 == 0;
  }));  // kFree ends like kNone.
}

// The agent's record, a fresh one if there is none.
ShareOrder::Record& ShareOrder::unlisted_record(AgentIndex agent) {
  const uint32_t known = find(agent);
  if (known != kNone) {
    ACD_CHECK(!nodes_[known].linked());
    return records_[known];
  }
  by_agent_.insert(record_entry(agent, static_cast<uint32_t>(records_.size())));
  nodes_.emplace_back();
  Record& fresh = records_.emplace_back();
  fresh.agent = agent;
  return fresh;
}

ShareOrder::Place ShareOrder::place_at(uint32_t index) const {
  const Record& record = records_[index];
  return {record.is_counted ? record.count : floor_, record.idle_since_ns, record.agent};
}

void ShareOrder::unlist_all() {
  std::fill(nodes_.begin(), nodes_.end(), OrderedNode());
  free_.clear();
}

}  // namespace acd
