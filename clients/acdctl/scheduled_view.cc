// SPDX-License-Identifier: Apache-2.0
// The table of calls for later.
#include <absl/strings/str_cat.h>

#include <string>

#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"

namespace acd::acdctl {

std::string scheduled_text(const v1::ListScheduledCallsResponse& calls, bool is_colored) {
  Table table({{"Call", Align::kLeft},
               {"Time", Align::kLeft},
               {"Queue", Align::kLeft},
               {"Number", Align::kLeft},
               {"Priority", Align::kRight},
               {"Switch", Align::kLeft}});
  for (const v1::ScheduledCall& call : calls.calls()) {
    table.add_row({{std::string(short_name(call.name()))},
                   {time_text(call.time())},
                   {std::string(short_name(call.queue()))},
                   {call.number().empty() ? "-" : call.number()},
                   {call.has_priority() ? absl::StrCat(call.priority()) : "-"},
                   {call.source_id()}});
  }
  return absl::StrCat(table.render(is_colored), "\n", count_text(calls.calls_size(), "call"),
                      " for later\n");
}

}  // namespace acd::acdctl
