// SPDX-License-Identifier: Apache-2.0
// What a switch was told and is to be told again when it resumes: the first time may have been lost
// with its stream or with the daemon.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/batch.h"
#include "routing/call_queue.h"

namespace acd {

// Commands without an answer, of each switch.
inline constexpr size_t kOutboxMax = 100'000;
// Deadlines of commands that have none by their nature: what nobody waits for, and what is only of
// use at once.
inline constexpr int64_t kOrderDeadlineNs = 600 * kNsPerS;
inline constexpr int64_t kPromptDeadlineNs = 60 * kNsPerS;
// So often what is past its deadline is looked for.
inline constexpr int64_t kOutboxLookNs = kNsPerS;
// What a switch could not do or did not answer is told in the log once in so long.
inline constexpr int64_t kCommandWarningNs = 10 * kNsPerS;

// A command with its texts.
struct KeptOrder {
  SwitchCommand command;  // Its texts lie in `texts`.
  std::string texts;

  [[nodiscard]] std::string_view call() const { return command.call.in(texts); }
  [[nodiscard]] std::string_view agent() const { return command.agent.in(texts); }
  [[nodiscard]] std::string_view parent() const { return command.parent.in(texts); }
};

// Whether a switch that comes anew and lists what it has is told it: calls that are over stay so.
[[nodiscard]] constexpr bool is_told_at_a_list(SwitchCommandKind kind) {
  return kind == SwitchCommandKind::kReleaseCall || kind == SwitchCommandKind::kTransferCall;
}

// Calls `each` for every text of the command.
template <typename CommandT, typename Each>
void for_each_text(CommandT& command, const Each& each) {
  for (auto* ref : {&command.call, &command.agent, &command.station, &command.leg,
                    &command.customer_leg, &command.text, &command.parent, &command.consulting}) {
    each(*ref);
  }
}

// The command with its texts, which lie in `from`, behind what is in `*to`.
[[nodiscard]] SwitchCommand with_texts_in(SwitchCommand command, std::string_view from,
                                          std::string* to);

// What the switch is to do for a call that is offered, joined or dialled: the Router waits for it.
//
// REQUIRES: one of its offers is open.
[[nodiscard]] SwitchCommandKind awaited_kind(const Call& call);

// "ring_agent" and so on, for people.
[[nodiscard]] std::string_view command_name(SwitchCommandKind kind);

// What one switch has not answered, by id: in the order in which it was told.
//
// Threads:  the shard's only.
// Bounds:   take_overdue() brings it down to kOutboxMax.
class Outbox {
 public:
  // REQUIRES: its id is not there.
  void keep(KeptOrder order);
  // Forgets it; nothing where it is not there.
  std::optional<KeptOrder> take(int64_t id);
  // Forgets one whose deadline is before `now_ns`, else the oldest where there are too many.
  std::optional<KeptOrder> take_overdue(int64_t now_ns);
  // Forgets all and gives them, the oldest first.
  std::vector<KeptOrder> take_all();
  // Calls `keeps` for each, the oldest first; it may move the deadline. Forgets those it declines.
  template <typename Keeps>
  void revise(const Keeps& keeps) {
    for (KeptOrder& order : take_all()) {
      if (keeps(order)) keep(std::move(order));
    }
  }
  [[nodiscard]] const std::map<int64_t, KeptOrder>& orders() const { return orders_; }

 private:
  std::map<int64_t, KeptOrder> orders_;
  std::set<std::pair<int64_t, int64_t>> due_;  // Deadline and id.
};

}  // namespace acd
