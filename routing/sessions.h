// SPDX-License-Identifier: Apache-2.0
// The switches and desktops of one tenant: who they are, which of their events are done, whether
// they are there.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "routing/command.h"
#include "routing/fixed_text.h"
#include "routing/hash64.h"
#include "routing/ids.h"

namespace acd {

// Answers to refused events that are remembered for a switch that resends them after a cut.
inline constexpr size_t kRefusalsKeptMax = 4'096;

// A refusal as remembered. `edge_reason` is set instead of `reject` where the edge refused it.
struct KeptRefusal {
  int64_t sequence = 0;
  CommandKind kind = CommandKind::kNone;
  Reject reject = Reject::kNone;
  uint8_t edge_reason = 0;
};

// What a session is of. The values are in the journal, as `detail` of kOpenSession.
enum class SourceKind : uint8_t { kSwitch = 0, kDesktop = 1 };

// One switch, or a desktop session: the desktop of an agent, or a gateway that speaks for many.
struct Source {
  SourceKind kind = SourceKind::kSwitch;
  IdText id;
  IdText epoch;
  int64_t last_sequence = 0;  // Highest event applied or refused in this epoch.
  bool connected = false;
  bool reports_ringing = false;
  int64_t deadline_ns = kNeverNs;  // End of the grace, or now while bulk work is left.
  // Calls that entered and agents that logged in before this order number are lost; of a desktop
  // agents who were attached before it, when its deadline comes.
  uint64_t lost_before = 0;
  bool rematch_pending = false;  // Came back; its waiting calls are still to be matched.
  // Of a desktop `resync_until_ns` is until when those whom it left behind may be attached again.
  // It lists what it has: until it ends, or until then, what is older than the list is neither
  // offered nor lost.
  bool is_resyncing = false;
  uint64_t resync_before = 0;
  int64_t resync_until_ns = kNeverNs;
  std::deque<KeptRefusal> refusals;
  // Its live calls and logged-in agents, oldest first (intrusive lists); of a desktop the agents who
  // are attached to it, and how many.
  CallIndex first_call;
  CallIndex last_call;
  AgentIndex first_agent;
  AgentIndex last_agent;
  uint32_t attached = 0;

  // Whether it can be told what to do.
  [[nodiscard]] bool is_here() const { return connected && !is_resyncing; }
  [[nodiscard]] bool is_here_to_list() const { return connected && is_resyncing; }
};

// Threads:  the shard's only.
// Bounds:   kSourcesMax switches, kDesktopsMax desktops, kRefusalsKeptMax refusals each.
class Sessions {
 public:
  // A switch and a desktop may have one id.
  [[nodiscard]] SourceIndex find(std::string_view id, SourceKind kind = SourceKind::kSwitch) const;
  // kNone index when as many are known as may be. A desktop then takes the place of one that is
  // forgotten. REQUIRES: find(id, kind) is none.
  SourceIndex add(std::string_view id, SourceKind kind = SourceKind::kSwitch);

  [[nodiscard]] Source& at(SourceIndex index) { return sources_[index.value()]; }
  [[nodiscard]] const Source& at(SourceIndex index) const { return sources_[index.value()]; }
  [[nodiscard]] bool contains(SourceIndex index) const { return index.value() < sources_.size(); }
  [[nodiscard]] bool is_desktop(SourceIndex index) const {
    return contains(index) && at(index).kind == SourceKind::kDesktop;
  }
  [[nodiscard]] size_t size() const { return sources_.size(); }

  // kNone when `sequence` is the next of that source, kRepeat, or kSequenceGap.
  [[nodiscard]] Reject check_sequence(SourceIndex index, int64_t sequence) const;
  // Counts the event as done.
  void complete(SourceIndex index, const Command& command, Reject reject);
  // The refusal of a repeated event; null when it was applied or is forgotten.
  [[nodiscard]] const KeptRefusal* refusal(SourceIndex index, int64_t sequence) const;

  // REQUIRES: nobody is known. Their lists of calls and agents begin empty.
  void restore(const std::vector<Source>& sources);

  void add_to(Hash64& hash) const;

 private:
  std::vector<Source> sources_;
  using Ids = std::map<std::string, SourceIndex, std::less<>>;
  [[nodiscard]] SourceIndex forgotten_desktop() const;

  std::array<Ids, 2> by_id_;  // By kind.
};

}  // namespace acd
