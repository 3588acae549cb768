// SPDX-License-Identifier: Apache-2.0
#include "tests/storm/storm_checker.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>

namespace acd::storm {
namespace {

// Notes a breach as long as there is room.
void note(Breaches& breaches, const std::string& text) {
  if (breaches.size() < kBreachesMax) breaches.push_back(text);
}

CommandKind command_of(sim::ReplayEventKind kind) {
  using Kind = sim::ReplayEventKind;
  switch (kind) {
    case Kind::kAgentLoggedIn:
      return CommandKind::kLogIn;
    case Kind::kAgentReady:
      return CommandKind::kSetReady;
    case Kind::kAgentLoggedOut:
      return CommandKind::kLogOut;
    case Kind::kCallOffered:
      return CommandKind::kEnqueueCall;
    case Kind::kLegAnswered:
      return CommandKind::kLegAnswered;
    case Kind::kCallConnected:
      return CommandKind::kCallConnected;
    case Kind::kCallEnded:
      return CommandKind::kEndCall;
    case Kind::kConnectFailed:
      return CommandKind::kConnectFailed;
    case Kind::kCustomerAnswered:
      return CommandKind::kCustomerAnswered;
    case Kind::kCallHeld:
      return CommandKind::kHoldCall;
    case Kind::kCallResumed:
      return CommandKind::kResumeCall;
    case Kind::kLegUp:
      return CommandKind::kLegUp;
    case Kind::kLegLost:
      return CommandKind::kLegLost;
    case Kind::kWrapUpEnded:
      return CommandKind::kEndWrapUp;
    case Kind::kWrapUpExtended:
      return CommandKind::kExtendWrapUp;
    case Kind::kTransferRequested:
      return CommandKind::kTransferCall;
    case Kind::kConsultBegun:
      return CommandKind::kConsult;
    case Kind::kConsultMerged:
      return CommandKind::kMergeCall;
    case Kind::kCallbackRequested:
      return CommandKind::kRequestCallback;
    case Kind::kCallScheduled:
      return CommandKind::kScheduleCall;
    case Kind::kCallOutcome:
      return CommandKind::kSetOutcome;
    case Kind::kOfferAccepted:
      return CommandKind::kAcceptOffer;
  }
  return CommandKind::kNone;
}

std::string text_of(CommandKind kind, std::string_view subject) {
  return absl::StrCat(std::string(command_name(kind)), " ", std::string(subject));
}

// A consult and its merge have no id of a request: a consult has an id of its own, and is over with its
// merge.
std::string_view request_subject(CommandKind kind, std::string_view call, std::string_view consult,
                                 std::string_view request_id) {
  if (kind == CommandKind::kConsult) return consult;
  if (kind == CommandKind::kMergeCall) return call;
  return request_id;
}

// Whether the call is over with it.
bool is_end(const v1::Event& event) {
  static const auto* const kEnds = new std::set<std::string>{
      "call.completed", "call.abandoned", "call.timed_out", "call.withdrawn",
      "call.failed",    "call.rejected",  "call.merged",    "call.callback_requested"};
  return kEnds->contains(event.type()) ||
         (event.is_outside() &&
          (event.type() == "call.overflowed" || event.type() == "call.transferred"));
}

// What may be told of a call that is over: how it went, and that offers of it are over with it.
bool may_follow_end(const std::string& type) {
  return type == "call.scored" || type == "offer.canceled" || type == "offer.stale" ||
         type == "agent.wrap_up_started" || type == "agent.wrap_up_ended" ||
         type == "agent.state_changed";
}

// One call, as far as its events have come.
struct CallStory {
  int ends = 0;
  std::string holder;  // Who accepted it.
};

}  // namespace

std::string event_text(const sim::ReplayEvent& event) {
  const CommandKind kind = command_of(event.kind);
  const bool is_of_station = kind == CommandKind::kLegUp || kind == CommandKind::kLegLost;
  if (!event.call.empty()) return text_of(kind, event.call);
  return text_of(kind, is_of_station ? event.station : event.agent);
}

std::string request_text(const sim::ReplayEvent& event, const std::string& request_id) {
  const CommandKind kind = command_of(event.kind);
  return text_of(kind, request_subject(kind, event.call, event.other_call, request_id));
}

JournalEntry journal_entry(const Command& command, std::string_view arena) {
  const std::string_view call = command.call.in(arena);
  const std::string_view leg = command.leg.in(arena);
  if (command.sequence == 0) {
    return {0, text_of(command.kind, request_subject(command.kind, call, leg, leg))};
  }
  const bool is_of_station =
      command.kind == CommandKind::kLegUp || command.kind == CommandKind::kLegLost;
  const TextRef subject = is_of_station ? command.text : command.name;
  return {command.sequence, text_of(command.kind, call.empty() ? subject.in(arena) : call)};
}

Breaches check_journal(const SwitchLedger& ledger, const std::vector<JournalEntry>& journal) {
  Breaches breaches;
  std::map<std::string, int> asked;
  int64_t last = 0;
  for (const JournalEntry& entry : journal) {
    if (entry.sequence == 0) {
      ++asked[entry.text];
      continue;
    }
    if (entry.sequence != last + 1) {
      note(breaches, absl::StrCat("the journal has event ", entry.sequence, " (", entry.text,
                                  ") behind event ", last));
    }
    last = entry.sequence;
    const auto sent = ledger.sent.find(entry.sequence);
    if (sent == ledger.sent.end()) {
      note(breaches, absl::StrCat("the journal has event ", entry.sequence, " (", entry.text,
                                  "), which nobody sent"));
    } else if (sent->second != entry.text) {
      note(breaches, absl::StrCat("event ", entry.sequence, " was sent as ", sent->second,
                                  " and stands in the journal as ", entry.text));
    }
  }
  if (last < ledger.acknowledged) {
    note(breaches, absl::StrCat("events up to ", ledger.acknowledged,
                                " were acknowledged, and the journal ends at ", last));
  }
  for (const std::string& request : ledger.granted) {
    if (const int count = asked[request]; count != 1) {
      note(breaches, absl::StrCat("request ", request, " was granted, and stands in the journal ",
                                  count, " times"));
    }
  }
  return breaches;
}

bool passes(const v1::WatchEventsRequest& filter, const v1::Event& event) {
  const auto has = [](const auto& entries, const std::string& text) {
    return std::ranges::find(entries, text) != entries.end();
  };
  const auto lets = [&](const auto& entries, const std::string& text) {
    return entries.empty() || has(entries, text);
  };
  const std::string subject = event.type().substr(0, event.type().find('.'));
  return lets(filter.queue_ids(), event.queue_id()) && lets(filter.agent_ids(), event.agent_id()) &&
         lets(filter.call_ids(), event.call_id()) &&
         (lets(filter.types(), event.type()) || has(filter.types(), subject));
}

Breaches check_dense(const std::vector<v1::Event>& events) {
  Breaches breaches;
  int64_t last = 0;
  for (const v1::Event& event : events) {
    if (event.sequence() != last + 1) {
      note(breaches, absl::StrCat("the daemon's event behind ", last, " is ", event.sequence()));
    }
    last = event.sequence();
  }
  return breaches;
}

Breaches check_watcher(const std::string& name, const v1::WatchEventsRequest& filter,
                       const std::vector<std::string>& seen, const std::vector<v1::Event>& events) {
  Breaches breaches;
  size_t at = 0;
  for (const v1::Event& event : events) {
    if (!passes(filter, event)) continue;
    if (at == seen.size()) {
      note(breaches, absl::StrCat(name, " has ", seen.size(), " events, and misses event ",
                                  event.sequence(), " (", event.type(), ")"));
      return breaches;
    }
    if (seen[at] != event.SerializeAsString()) {
      v1::Event other;
      other.ParseFromString(seen[at]);
      note(breaches,
           absl::StrCat(name, " has as its event ", at + 1, ": ", other.ShortDebugString(),
                        "; and it is: ", event.ShortDebugString()));
      return breaches;
    }
    ++at;
  }
  if (at < seen.size()) {
    note(breaches, absl::StrCat(name, " has ", seen.size(), " events instead of ", at));
  }
  return breaches;
}

Breaches check_calls(const std::set<std::string>& arrived, const std::vector<v1::Event>& events) {
  Breaches breaches;
  std::map<std::string, CallStory> calls;
  for (const std::string& call : arrived) calls[call];
  for (const v1::Event& event : events) {
    if (event.call_id().empty()) continue;
    const std::string at =
        absl::StrCat("event ", event.sequence(), ": ", event.type(), " of call ", event.call_id());
    if (event.type() == "call.enqueued") calls[event.call_id()];
    const auto found = calls.find(event.call_id());
    if (found == calls.end()) continue;  // What is for later, and has not come in yet.
    CallStory& call = found->second;
    if (call.ends > 0 && !may_follow_end(event.type())) note(breaches, at + ", which is over");
    if (event.type() == "offer.accepted") {
      if (!call.holder.empty()) {
        note(breaches,
             absl::StrCat(at, " by ", event.agent_id(), " while ", call.holder, " has it"));
      }
      call.holder = event.agent_id();
    } else if (event.type() == "call.requeued" || event.type() == "call.transferred" ||
               event.type() == "call.dial_failed") {
      call.holder.clear();
    }
    if (is_end(event)) ++call.ends;
  }
  for (const auto& [id, call] : calls) {
    if (call.ends != 1) note(breaches, absl::StrCat("call ", id, " has ", call.ends, " ends"));
  }
  return breaches;
}

}  // namespace acd::storm
