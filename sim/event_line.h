// SPDX-License-Identifier: Apache-2.0
// One event as one readable line.
#pragma once

#include <string>
#include <string_view>

#include "routing/event.h"

namespace acd {

// What an event's indices are called. Empty ones are written as numbers.
struct EventNames {
  std::string_view call;
  std::string_view agent;
  std::string_view queue;
};

// Every field of an event but sequence and the index of the call, defaults left out, e.g.
// `12.000s offer.created c1 ada q=sales s=0 gen=2 dur=20s`. Times are exact: milliseconds, or
// nanoseconds where a time is none. Equal lines mean equal events. Texts of `log` are quoted, with
// every byte outside printable ASCII as \xNN.
[[nodiscard]] std::string event_line(const Event& event, const EventLog& log,
                                     const EventNames& names);
// Agent and queue by number: `12.000s offer.created c1 a0 q=0 s=0 gen=2 dur=20s`.
[[nodiscard]] std::string event_line(const Event& event, const EventLog& log,
                                     std::string_view call_id);

}  // namespace acd
