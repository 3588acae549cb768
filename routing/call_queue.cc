// SPDX-License-Identifier: Apache-2.0
#include "routing/call_queue.h"

#include <algorithm>

#include "routing/check.h"
#include "routing/hash64.h"

namespace acd {
namespace {
constexpr uint32_t kNone = OrderedNode::kNone;
constexpr size_t kBucketsMin = 256;
}  // namespace

// How OrderedIndex sees the waiting calls of one queue.
struct CallQueue::WaitingTable {
  std::vector<OrderedNode>& nodes;
  const ChunkedTable<Call>& calls;
  CallOrderRule rule;

  OrderedNode& node(uint32_t index) { return nodes[index]; }
  static bool is_counted() { return true; }
  [[nodiscard]] uint64_t key(uint32_t index) const { return order_key(rule, calls[index].place()); }
  [[nodiscard]] bool less(uint32_t a, uint32_t b) const {
    return goes_before(rule, calls[a].place(), calls[b].place());
  }
};

// How OrderedIndex sees the boxed calls of one agent: by arrival, which is only to be definite.
struct CallQueue::BoxTable {
  std::vector<OrderedNode>& nodes;

  OrderedNode& node(uint32_t index) { return nodes[index]; }
  static bool is_counted() { return false; }
  static bool less(uint32_t, uint32_t) { return false; }  // No two calls have one arrival.
};

CallQueue::CallQueue()
    : by_id_(this,
             [](const void* owner, uint32_t index) {
               return static_cast<const CallQueue*>(owner)->calls_[index].id.view();
             }),
      buckets_(kBucketsMin, kNone),
      requirement_by_text_(this, [](const void* owner, uint32_t index) {
        return std::string_view(static_cast<const CallQueue*>(owner)->requirements_[index].text);
      }) {}

CallIndex CallQueue::add(const HashedName& id) {
  ACD_CHECK(count() < kCallsMax);
  CallIndex index(calls_.size());
  if (free_calls_.empty()) {
    calls_.emplace_back();
    waiting_nodes_.emplace_back();
  } else {
    index = free_calls_.back();
    free_calls_.pop_back();
    at(index) = Call{};
  }
  at(index).id = IdText(id.text);
  by_id_.insert(id, index.value());
  return index;
}

void CallQueue::make_slots(uint32_t count) {
  ACD_CHECK(slot_count() == 0 && count <= kCallsMax);
  while (calls_.size() < count) calls_.emplace_back();
  waiting_nodes_.resize(count);
}

void CallQueue::add_at(const HashedName& id, CallIndex index) {
  ACD_CHECK(at(index).stage == CallStage::kFree);
  at(index).id = IdText(id.text);
  by_id_.insert(id, index.value());
}

void CallQueue::list_free_slots() {
  for (uint32_t i = static_cast<uint32_t>(calls_.size()); i > 0; --i) {
    if (calls_[i - 1].stage == CallStage::kFree) free_calls_.emplace_back(i - 1);
  }
}

namespace {

constexpr uint64_t kLegBits = 0xffffffff00000000ull;

}  // namespace

CallIndex CallQueue::find_leg(uint64_t leg) const {
  if (leg == 0) return {};
  const uint64_t found = by_leg_.find(leg & kLegBits, [&](uint64_t entry) {
    return (entry & kLegBits) == (leg & kLegBits) &&
           at(CallIndex(static_cast<uint32_t>(entry))).leg == leg;
  });
  return CallIndex(static_cast<uint32_t>(found));  // kFree ends like none.
}

void CallQueue::set_leg(CallIndex index, uint64_t leg) {
  Call& call = at(index);
  const auto entry_of = [&](uint64_t key) { return (key & kLegBits) | index.value(); };
  if (call.leg != 0) by_leg_.erase(entry_of(call.leg));
  call.leg = leg;
  if (leg != 0) by_leg_.insert(entry_of(leg));
}

void CallQueue::remove(const HashedName& id, CallIndex index) {
  set_leg(index, 0);
  const Call& call = at(index);
  ACD_CHECK(call.stage == CallStage::kFree && !call.is_waiting && !call.is_boxed);
  ACD_CHECK(call.first_exclusion == kNone && call.first_visited == kNone);
  by_id_.erase(id, index.value());
  free_calls_.push_back(index);
}

// --- Classes.

size_t CallQueue::bucket_of(const CallClassKey& key) const {
  Hash64 hash;
  hash.add(static_cast<uint64_t>(key.queue.value()) << 32 | key.requirement.value());
  hash.add(static_cast<uint64_t>(key.version) << 32 | key.source.value());
  hash.add(static_cast<uint64_t>(key.steps) << 32 | key.requirement_stamp);
  hash.add(static_cast<uint64_t>(key.medium) << 1 | static_cast<uint64_t>(key.is_off_line));
  return hash.value() % buckets_.size();
}

CallClassIndex CallQueue::find_class(const CallClassKey& key) const {
  for (uint32_t i = buckets_[bucket_of(key)]; i != kNone; i = classes_[i].next_in_bucket) {
    if (classes_[i].key == key) return CallClassIndex(i);
  }
  return {};
}

bool CallQueue::has_room_for(const CallClassKey& key) const {
  return live_class_count() < kCallClassesMax || find_class(key).valid();
}

CallClassIndex CallQueue::class_for(const CallClassKey& key, ZoneIndex zone, bool* created) {
  *created = false;
  const CallClassIndex known = find_class(key);
  if (known.valid()) return known;
  free_old_classes();
  if (used_class_count_ >= buckets_.size()) grow_buckets();
  CallClassIndex index(classes_.size());
  if (free_classes_.empty()) {
    classes_.emplace_back();
    heads_.emplace_back();
  } else {
    index = free_classes_.back();
    free_classes_.pop_back();
  }
  CallClass& fresh = class_at(index);
  const uint32_t stamp = fresh.stamp + 1;
  std::vector<Band> bands = std::move(fresh.bands);
  const uint32_t column = fresh.column;
  fresh = CallClass{};
  fresh.bands = std::move(bands);
  fresh.column = column;
  fresh.stamp = stamp;
  fresh.key = key;
  heads_[index.value()] = {kNoKey, CallIndex(), stamp, zone, false, false, 0};
  uint32_t& head = buckets_[bucket_of(key)];
  fresh.next_in_bucket = head;
  head = index.value();
  ++used_class_count_;
  ++empty_class_count_;
  note_empty(index);
  *created = true;
  return index;
}

void CallQueue::note_empty(CallClassIndex index) {
  if (class_at(index).is_listed_empty) return;
  class_at(index).is_listed_empty = true;
  empty_classes_.push_back(index);
}

// A few at a time, the longest empty first.
void CallQueue::free_old_classes() {
  for (int i = 0; i < 4 && !empty_classes_.empty(); ++i) {
    const bool is_few = empty_class_count_ <= kEmptyCallClassesKept + live_class_count();
    if (is_few && used_class_count_ < kCallClassesMax) return;
    const CallClassIndex index = empty_classes_.front();
    empty_classes_.pop_front();
    CallClass& old = class_at(index);
    old.is_listed_empty = false;
    if (old.live_calls != 0) continue;  // In use again.
    uint32_t* link = &buckets_[bucket_of(old.key)];
    while (*link != index.value()) link = &classes_[*link].next_in_bucket;
    *link = old.next_in_bucket;
    old.free = true;
    ++old.stamp;
    heads_[index.value()].stamp = old.stamp;
    heads_[index.value()].zone = ZoneIndex();
    free_classes_.push_back(index);
    --used_class_count_;
    --empty_class_count_;
  }
}

void CallQueue::grow_buckets() {
  buckets_.assign(buckets_.size() * 2, kNone);
  for (uint32_t i = 0; i < classes_.size(); ++i) {
    if (classes_[i].free) continue;
    uint32_t& head = buckets_[bucket_of(classes_[i].key)];
    classes_[i].next_in_bucket = head;
    head = i;
  }
}

void CallQueue::join_class(CallClassIndex index) {
  if (class_at(index).live_calls++ == 0) --empty_class_count_;
}

void CallQueue::leave_class(CallClassIndex index) {
  if (--class_at(index).live_calls != 0) return;
  ++empty_class_count_;
  note_empty(index);
}

// --- Requirements.

RequirementIndex CallQueue::find_requirement(std::string_view text) const {
  return RequirementIndex(requirement_by_text_.find(text));
}

RequirementIndex CallQueue::add_requirement(std::string_view text, Requirement requirement) {
  RequirementIndex index(requirements_.size());
  if (requirements_.size() < kRequirementsMax) {
    requirements_.emplace_back();
  } else {
    do {
      if (unused_requirements_.empty()) return {};
      index = unused_requirements_.front();
      unused_requirements_.pop_front();
      requirements_[index.value()].is_listed_unused = false;
    } while (requirements_[index.value()].users != 0);  // In use again.
    requirement_by_text_.erase(HashedName(requirement_at(index).text), index.value());
  }
  KnownRequirement& fresh = requirements_[index.value()];
  // Classes that are kept for calls of the old one have another stamp: no call finds them.
  fresh = {std::string(text), std::move(requirement), fresh.stamp + 1, false, 0};
  requirement_by_text_.insert(HashedName(text), index.value());
  note_unused(index);
  return index;
}

void CallQueue::release_requirement(RequirementIndex index) {
  if (--requirements_[index.value()].users == 0) note_unused(index);
}

void CallQueue::note_unused(RequirementIndex index) {
  KnownRequirement& known = requirements_[index.value()];
  if (known.is_listed_unused) return;
  known.is_listed_unused = true;
  unused_requirements_.push_back(index);
}

// --- Waiting calls.

void CallQueue::insert_waiting(CallIndex index, const CallOrderRule& rule) {
  Call& call = at(index);
  call.is_waiting = true;
  WaitingTable table{waiting_nodes_, calls_, rule};
  CallClass& call_class = class_at(call.call_class);
  (call.is_boxed ? call_class.boxed : call_class.waiting)
      .insert(table, index.value(), table.key(index.value()));
  refresh_head(call.call_class);
  if (call.first_exclusion != kNone) link_excluded(index);
}

void CallQueue::erase_waiting(CallIndex index) {
  Call& call = at(index);
  call.is_waiting = false;
  WaitingTable table{waiting_nodes_, calls_, {}};  // Taking out compares nothing.
  CallClass& call_class = class_at(call.call_class);
  (call.is_boxed ? call_class.boxed : call_class.waiting).erase(table, index.value());
  refresh_head(call.call_class);
  if (call.first_exclusion != kNone) unlink_excluded(index);
}

void CallQueue::refresh_head(CallClassIndex index) {
  CallClassHead& head = heads_[index.value()];
  const CallIndex first = first_waiting(index);
  if (head.call == first) return;
  if (head.call.valid() != first.valid()) {
    const uint32_t column = class_at(index).column;
    const bool has_column = column != LinkMatrix::kNoColumn;
    if (first.valid()) {
      waiting_classes_.set(index.value());
      if (has_column) waiting_columns_.set(column);
    } else {
      waiting_classes_.clear(index.value());
      if (has_column) waiting_columns_.clear(column);
    }
  }
  head.call = first;
  head.key = first.valid() ? waiting_nodes_[first.value()].key : kNoKey;
}

void CallQueue::set_column(CallClassIndex index, uint32_t column) {
  uint32_t& present = class_at(index).column;
  if (present != LinkMatrix::kNoColumn) waiting_columns_.clear(present);
  present = column;
  const bool has_column = column != LinkMatrix::kNoColumn;
  heads_[index.value()].has_column = has_column;
  if (has_column && head(index).call.valid()) waiting_columns_.set(column);
}

uint32_t CallQueue::waiting_count(CallClassIndex index) const {
  WaitingTable table{const_cast<std::vector<OrderedNode>&>(waiting_nodes_), calls_, {}};
  return class_at(index).waiting.count(table);
}

uint32_t CallQueue::boxed_count(CallClassIndex index) const {
  WaitingTable table{const_cast<std::vector<OrderedNode>&>(waiting_nodes_), calls_, {}};
  return class_at(index).boxed.count(table);
}

CallIndex CallQueue::next_waiting(CallIndex index) const {
  WaitingTable table{const_cast<std::vector<OrderedNode>&>(waiting_nodes_), calls_, {}};
  return CallIndex(OrderedIndex::next(table, index.value()));
}

uint32_t CallQueue::waiting_before(CallClassIndex index, CallIndex call,
                                   const CallOrderRule& rule) const {
  WaitingTable table{const_cast<std::vector<OrderedNode>&>(waiting_nodes_), calls_, rule};
  return class_at(index).waiting.count_before(
      table, [&](uint32_t other) { return table.less(other, call.value()); });
}

void CallQueue::insert_boxed(CallIndex index, OrderedIndex* preferring) {
  if (box_nodes_.size() < calls_.size()) box_nodes_.resize(calls_.size());
  BoxTable table{box_nodes_};
  preferring->insert(table, index.value(), at(index).order);
}

void CallQueue::erase_boxed(CallIndex index, OrderedIndex* preferring) {
  BoxTable table{box_nodes_};
  preferring->erase(table, index.value());
}

CallIndex CallQueue::next_boxed(CallIndex index) const {
  BoxTable table{const_cast<std::vector<OrderedNode>&>(box_nodes_)};
  return CallIndex(OrderedIndex::next(table, index.value()));
}

// --- Exclusions and visits: short lists in pools.

void CallQueue::exclude(CallIndex call_index, AgentIndex agent, uint32_t generation,
                        int64_t until_ns, bool is_firm) {
  Call& call = at(call_index);
  for (uint32_t i = call.first_exclusion; i != kNone; i = exclusions_[i].next) {
    if (exclusions_[i].agent == agent) {
      exclusions_[i].until_ns = until_ns;
      exclusions_[i].generation = generation;
      exclusions_[i].is_firm = is_firm;
      return;
    }
  }
  uint32_t fresh = free_exclusion_;
  if (fresh == kNone) {
    fresh = static_cast<uint32_t>(exclusions_.size());
    exclusions_.emplace_back();
  } else {
    free_exclusion_ = exclusions_[fresh].next;
  }
  exclusions_[fresh] = {agent, generation, until_ns, is_firm, call.first_exclusion};
  const bool first = call.first_exclusion == kNone;
  call.first_exclusion = fresh;
  if (first && call.is_waiting) link_excluded(call_index);
}

bool CallQueue::is_excluded(const Call& call, AgentIndex agent) const {
  for (uint32_t i = call.first_exclusion; i != kNone; i = exclusions_[i].next) {
    if (exclusions_[i].agent == agent) return true;
  }
  return false;
}

bool CallQueue::is_excluded_for_good(const Call& call, AgentIndex agent) const {
  if (!call.parent.valid()) return false;
  for (uint32_t i = call.first_exclusion; i != kNone; i = exclusions_[i].next) {
    if (exclusions_[i].agent == agent) return exclusions_[i].until_ns == kNeverNs;
  }
  return false;
}

bool CallQueue::is_excluded_firmly(const Call& call, AgentIndex agent) const {
  for (uint32_t i = call.first_exclusion; i != kNone; i = exclusions_[i].next) {
    const Exclusion& one = exclusions_[i];
    if (one.agent == agent) {
      return one.is_firm || (call.parent.valid() && one.until_ns == kNeverNs);
    }
  }
  return false;
}

int64_t CallQueue::drop_exclusions(CallIndex call_index, int64_t before_ns) {
  Call& call = at(call_index);
  const bool had_any = call.first_exclusion != kNone;
  int64_t earliest_ns = kNeverNs;
  uint32_t* link = &call.first_exclusion;
  while (*link != kNone) {
    const uint32_t at_index = *link;
    Exclusion& exclusion = exclusions_[at_index];
    if (exclusion.until_ns < before_ns) {
      *link = exclusion.next;
      exclusion.next = free_exclusion_;
      free_exclusion_ = at_index;
    } else {
      earliest_ns = std::min(earliest_ns, exclusion.until_ns);
      link = &exclusion.next;
    }
  }
  if (had_any && call.first_exclusion == kNone && call.is_waiting) {
    unlink_excluded(call_index);
  }
  return earliest_ns;
}

void CallQueue::forget_exclusions(CallIndex index) {
  Call& call = at(index);
  while (call.first_exclusion != kNone) {
    const uint32_t first = call.first_exclusion;
    call.first_exclusion = exclusions_[first].next;
    exclusions_[first].next = free_exclusion_;
    free_exclusion_ = first;
  }
}

int64_t CallQueue::next_exclusion_end_ns(const Call& call) const {
  int64_t earliest_ns = kNeverNs;
  for (uint32_t i = call.first_exclusion; i != kNone; i = exclusions_[i].next) {
    earliest_ns = std::min(earliest_ns, exclusions_[i].until_ns);
  }
  return earliest_ns;
}

void CallQueue::link_excluded(CallIndex index) {
  CallClass& call_class = class_at(at(index).call_class);
  at(index).previous_excluded = CallIndex();
  at(index).next_excluded = call_class.first_excluded;
  if (call_class.first_excluded.valid()) at(call_class.first_excluded).previous_excluded = index;
  call_class.first_excluded = index;
}

void CallQueue::unlink_excluded(CallIndex index) {
  Call& call = at(index);
  if (call.next_excluded.valid()) at(call.next_excluded).previous_excluded = call.previous_excluded;
  (call.previous_excluded.valid() ? at(call.previous_excluded).next_excluded
                                  : class_at(call.call_class).first_excluded) = call.next_excluded;
  call.previous_excluded = CallIndex();
  call.next_excluded = CallIndex();
}

void CallQueue::visit(CallIndex call, QueueIndex queue) {
  uint32_t fresh = free_visit_;
  if (fresh == kNone) {
    fresh = static_cast<uint32_t>(visits_.size());
    visits_.emplace_back();
  } else {
    free_visit_ = visits_[fresh].next;
  }
  visits_[fresh] = {queue, at(call).first_visited};
  at(call).first_visited = fresh;
}

bool CallQueue::has_visited(const Call& call, QueueIndex queue) const {
  for (uint32_t i = call.first_visited; i != kNone; i = visits_[i].next) {
    if (visits_[i].queue == queue) return true;
  }
  return false;
}

void CallQueue::forget_visits(CallIndex index) {
  Call& call = at(index);
  while (call.first_visited != kNone) {
    const uint32_t first = call.first_visited;
    call.first_visited = visits_[first].next;
    visits_[first].next = free_visit_;
    free_visit_ = first;
  }
}

std::vector<QueueIndex> CallQueue::visited(const Call& call) const {
  std::vector<QueueIndex> queues;
  for (uint32_t i = call.first_visited; i != kNone; i = visits_[i].next) {
    queues.push_back(visits_[i].queue);
  }
  return queues;
}

}  // namespace acd
