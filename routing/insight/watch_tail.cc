// SPDX-License-Identifier: Apache-2.0
#include "routing/insight/watch_tail.h"

#include <algorithm>
#include <utility>

#include "routing/check.h"
#include "routing/insight/board.h"

namespace acd {
namespace {

// What an event about a call that is no live one says of its id.
std::string_view told_call_id(const Event& event, std::string_view arena) {
  switch (event.kind) {
    case EventKind::kCallScored:
    case EventKind::kOfferStale:
    case EventKind::kCallScheduled:
    case EventKind::kCallRerouted:
      return event.text.in(arena);
    default:
      return {};
  }
}

bool is_of_desktop(EventKind kind) {
  return kind == EventKind::kDesktopConnected || kind == EventKind::kDesktopDisconnected ||
         kind == EventKind::kAgentAttached || kind == EventKind::kAgentDetached;
}

}  // namespace

void WatchTail::add(const Event& event, std::string_view arena, const Board& board,
                    int64_t unix_offset_ns) {
  ACD_CHECK(event.sequence == next_sequence_);
  TailBlock& block = open_block();
  const size_t bytes_before = block.bytes();
  TailEvent& kept = block.events.emplace_back();
  kept.event = event;
  const bool is_record = event.kind == EventKind::kCallDecided;
  for (TextRef* text : {&kept.event.text, &kept.event.text2, &kept.event.text3}) {
    const bool is_kept = text->size > 0 && !is_record;
    *text = is_kept ? add_text(text->in(arena), &block.arena) : TextRef();
  }
  const CallView* call = event.call.valid() ? board.told_call(event.call) : nullptr;
  kept.call_id = add_text(call != nullptr ? call->id : told_call_id(event, arena), &block.arena);
  if (is_of_desktop(event.kind)) {
    kept.desktop_id = add_text(board.source_id(event.source), &block.arena);
  }
  kept.queue = event.queue;
  if (!kept.queue.valid() && call != nullptr) kept.queue = call->queue;
  kept.unix_ns = event.time_ns + unix_offset_ns;
  ++next_sequence_;
  bytes_ += block.bytes() - bytes_before;
  while (count() > static_cast<int64_t>(kEventsMax) || (bytes_ > kBytesMax && blocks_.size() > 1)) {
    drop_block();
  }
}

TailBlock& WatchTail::open_block() {
  if (blocks_.empty()) return blocks_.emplace_back();
  if (blocks_.back().events.size() < kBlockEventsMax) return blocks_.back();
  // Whoever has filled one fills another, about as large.
  const size_t arena_bytes = blocks_.back().arena.size();
  TailBlock& block = blocks_.emplace_back();
  block.events.reserve(kBlockEventsMax);
  block.arena.reserve(arena_bytes);
  return block;
}

WatchTail::Entry WatchTail::at(int64_t sequence) const {
  ACD_CHECK(sequence >= first_sequence() && sequence < next_sequence_);
  const auto place = static_cast<size_t>(sequence - first_sequence());
  const TailBlock& block = blocks_[place / kBlockEventsMax];
  return {block.events[place % kBlockEventsMax], block.arena};
}

std::string_view WatchTail::source_id(const Entry& entry, const Board& board) {
  const SourceIndex source = entry.tail.event.source;
  if (!source.valid()) return {};
  const TextRef& desktop = entry.tail.desktop_id;
  return desktop.size > 0 ? desktop.in(entry.arena) : board.source_id(source);
}

void WatchTail::drop_block() {
  ACD_CHECK(!blocks_.empty());
  bytes_ -= blocks_.front().bytes();
  blocks_.pop_front();
}

std::vector<TailBlock> WatchTail::save() const {
  const size_t count = std::min(blocks_.size(), kSavedMax / kBlockEventsMax);
  return {blocks_.end() - static_cast<std::ptrdiff_t>(count), blocks_.end()};
}

void WatchTail::restore(std::vector<TailBlock> blocks, int64_t next_sequence) {
  ACD_CHECK(blocks_.empty());
  next_sequence_ = next_sequence;
  for (TailBlock& block : blocks) {
    bytes_ += block.bytes();
    blocks_.push_back(std::move(block));
  }
  ACD_CHECK(blocks_.empty() || blocks_.back().events.back().event.sequence == next_sequence - 1);
}

}  // namespace acd
