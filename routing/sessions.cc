// SPDX-License-Identifier: Apache-2.0
#include "routing/sessions.h"

#include <algorithm>

namespace acd {

SourceIndex Sessions::find(std::string_view id, SourceKind kind) const {
  const Ids& ids = by_id_[static_cast<size_t>(kind)];
  const auto it = ids.find(id);
  return it == ids.end() ? SourceIndex() : it->second;
}

SourceIndex Sessions::add(std::string_view id, SourceKind kind) {
  Ids& ids = by_id_[static_cast<size_t>(kind)];
  SourceIndex index(sources_.size());
  if (ids.size() >= (kind == SourceKind::kDesktop ? kDesktopsMax : kSourcesMax)) {
    index = kind == SourceKind::kDesktop ? forgotten_desktop() : SourceIndex();
    if (!index.valid()) return {};
    ids.erase(ids.find(at(index).id.view()));
    at(index) = Source{};
  } else {
    sources_.emplace_back();
  }
  at(index).kind = kind;
  at(index).id = IdText(id);
  ids.emplace(id, index);
  return index;
}

// Whose grace is over, and to whom nobody is attached. O(sessions), at the limit alone.
SourceIndex Sessions::forgotten_desktop() const {
  for (uint32_t i = 0; i < sources_.size(); ++i) {
    const Source& one = sources_[i];
    if (one.kind == SourceKind::kDesktop && one.epoch.empty() && one.attached == 0) {
      return SourceIndex(i);
    }
  }
  return {};
}

Reject Sessions::check_sequence(SourceIndex index, int64_t sequence) const {
  const int64_t expected = at(index).last_sequence + 1;
  if (sequence == expected) return Reject::kNone;
  return sequence < expected ? Reject::kRepeat : Reject::kSequenceGap;
}

void Sessions::complete(SourceIndex index, const Command& command, Reject reject) {
  Source& source = at(index);
  source.last_sequence = command.sequence;
  const bool refused_by_edge = command.kind == CommandKind::kRefused;
  if (reject == Reject::kNone && !refused_by_edge) return;
  if (source.refusals.size() == kRefusalsKeptMax) source.refusals.pop_front();
  source.refusals.push_back({command.sequence, command.kind, reject,
                             refused_by_edge ? command.detail : static_cast<uint8_t>(0)});
}

const KeptRefusal* Sessions::refusal(SourceIndex index, int64_t sequence) const {
  const std::deque<KeptRefusal>& refusals = at(index).refusals;
  const auto it = std::lower_bound(
      refusals.begin(), refusals.end(), sequence,
      [](const KeptRefusal& kept, int64_t wanted) { return kept.sequence < wanted; });
  return it != refusals.end() && it->sequence == sequence ? &*it : nullptr;
}

void Sessions::restore(const std::vector<Source>& sources) {
  sources_ = sources;
  for (uint32_t i = 0; i < sources_.size(); ++i) {
    Source& source = sources_[i];
    source.first_call = CallIndex();
    source.last_call = CallIndex();
    source.first_agent = AgentIndex();
    source.last_agent = AgentIndex();
    source.attached = 0;
    by_id_[static_cast<size_t>(source.kind)].emplace(source.id.view(), SourceIndex(i));
  }
}

void Sessions::add_to(Hash64& hash) const {
  hash.add(sources_.size());
  for (const Source& source : sources_) {
    hash.add(static_cast<uint64_t>(source.kind));
    hash.add_text(source.id.view());
    hash.add_text(source.epoch.view());
    hash.add_signed(source.last_sequence);
    hash.add(source.connected);
    hash.add(source.reports_ringing);
    hash.add_signed(source.deadline_ns);
    hash.add(source.lost_before);
    hash.add(source.rematch_pending);
    hash.add(source.is_resyncing);
    hash.add(source.resync_before);
    hash.add_signed(source.resync_until_ns);
    hash.add(source.refusals.size());
    for (const KeptRefusal& kept : source.refusals) {
      hash.add_signed(kept.sequence);
      hash.add(static_cast<uint64_t>(kept.kind) << 16 | static_cast<uint64_t>(kept.reject) << 8 |
               kept.edge_reason);
    }
  }
}

}  // namespace acd
