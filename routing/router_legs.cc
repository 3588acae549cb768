// SPDX-License-Identifier: Apache-2.0
// Legs: which call the leg of a caller or of an agent belongs to.
#include <algorithm>

#include "routing/leg_id.h"
#include "routing/router.h"

namespace acd {
namespace {

// 0: of no leg.
uint64_t leg_key(SourceIndex source, std::string_view leg) {
  if (leg.empty()) return 0;
  Hash64 hash;
  hash.add(source.value());
  hash.add_text(leg);
  return std::max<uint64_t>(hash.value(), 1);
}

}  // namespace

void Router::take_leg(CallIndex index, std::string_view leg) {
  const uint64_t key = leg_key(calls_.at(index).source, leg);
  // Of several calls the one that has it keeps it: a leg names one.
  calls_.set_leg(index, calls_.find_leg(key).valid() ? 0 : key);
}

// With the leg that the switch names, else with the one that it was last told to dial.
void Router::put_on_line(CallIndex index, std::string_view leg, Event* told) {
  Call& call = calls_.at(index);
  call.line_ns = now_ns_;
  const uint32_t dials = callbacks_.at(call.order).dials;
  const bool is_named = !leg.empty() && !leg.starts_with(kOwnLegPrefix) &&
                        !calls_.find_leg(leg_key(call.source, leg)).valid();
  std::string own;
  if (!is_named && dials > 0) own = leg_id(CustomerLeg{call.order, dials});
  if (!is_named) leg = own;
  take_leg(index, leg);
  told->text = log_.add_text(leg);
}

Reject Router::replace_leg(const Command& command, std::string_view arena) {
  const std::string_view fresh = command.leg.in(arena);
  const std::string_view old = command.text.in(arena);
  if (fresh.starts_with(kOwnLegPrefix)) return Reject::kLegTaken;
  const std::optional<OwnLeg> own = parse_leg_id(old);
  const CallIndex index =
      own ? call_of_leg(*own, command.source) : calls_.find_leg(leg_key(command.source, old));
  if (!index.valid()) return Reject::kLegUnknown;
  Event& event = emit(EventKind::kCallLegReplaced, index);
  event.flag = own.has_value();
  if (own) {
    event.agent = own->agent;
    event.generation = roster_.at(own->agent).item_of(index).generation;
  }
  event.text = log_.add_text(fresh);
  event.text2 = log_.add_text(old);
  if (own) return Reject::kNone;  // An agent's is named by the offer, whatever it is.
  calls_.set_leg(index, 0);
  take_leg(index, fresh);
  return Reject::kNone;
}

// The live call for which that leg of an agent was asked; none if it is over.
CallIndex Router::call_of_leg(const OwnLeg& leg, SourceIndex source) const {
  if (leg.agent.value() >= roster_.count()) return {};
  for (const WorkItem& item : roster_.at(leg.agent).items) {
    const bool is_it = item.number == leg.item && item.call.valid();
    if (is_it && calls_.at(item.call).source == source) return item.call;
  }
  return {};
}

}  // namespace acd
