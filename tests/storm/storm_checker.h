// SPDX-License-Identifier: Apache-2.0
// What must be true when a storm is over, judged from what each side wrote down.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "acd/v1/event_service.pb.h"
#include "routing/command.h"
#include "sim/replay_daemon.h"

namespace acd::storm {

// More breaches of one kind are not told.
inline constexpr size_t kBreachesMax = 10;

using Breaches = std::vector<std::string>;

// What a switch knows when it is over: what it sent, and what was promised to it.
struct SwitchLedger {
  std::map<int64_t, std::string> sent;  // By sequence, as event_text() has it.
  int64_t acknowledged = 0;             // All up to it.
  std::set<std::string> granted;        // Requests, as request_text() has them.
};

// What the journal has, in its order.
struct JournalEntry {
  int64_t sequence = 0;  // Of the switch's event; 0: a request, or the daemon's own.
  std::string text;      // As event_text() or request_text() has it.
};

// What happened to whom: "enqueue_call bank-1-000001", "set_ready A1".
[[nodiscard]] std::string event_text(const sim::ReplayEvent& event);
[[nodiscard]] std::string request_text(const sim::ReplayEvent& event,
                                       const std::string& request_id);
[[nodiscard]] JournalEntry journal_entry(const Command& command, std::string_view arena);

// Every event that was acknowledged stands in the journal exactly once, in the order of the switch, and
// every request that was granted exactly once.
[[nodiscard]] Breaches check_journal(const SwitchLedger& ledger,
                                     const std::vector<JournalEntry>& journal);

// Whether a watcher with these filters is to get the event, by what the contract says of filters.
[[nodiscard]] bool passes(const v1::WatchEventsRequest& filter, const v1::Event& event);

// The daemon's events are dense from 1 on, and a watcher got each that passes its filters, once, in
// order, and the same to the byte.
[[nodiscard]] Breaches check_dense(const std::vector<v1::Event>& events);
[[nodiscard]] Breaches check_watcher(const std::string& name, const v1::WatchEventsRequest& filter,
                                     const std::vector<std::string>& seen,
                                     const std::vector<v1::Event>& events);

// No call is accepted by an agent while another one has it, every call that came in (`arrived`, and all
// that came of those) has exactly one end, and nothing happens to it afterwards.
[[nodiscard]] Breaches check_calls(const std::set<std::string>& arrived,
                                   const std::vector<v1::Event>& events);

}  // namespace acd::storm
