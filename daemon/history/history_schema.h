// SPDX-License-Identifier: Apache-2.0
// The tables of a history file and the words in them. README.md explains every column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "routing/event_words.h"
#include "routing/insight/history_rows.h"

namespace acd {

// "acdh": tells our files from those of other programs.
inline constexpr int64_t kHistoryApplicationId = 0x61636468;
inline constexpr int64_t kHistoryFormat = 6;

// Every table, index and view.
[[nodiscard]] const std::string& history_schema();

// Words of the columns; empty for none, which is NULL in the file.
// None where nothing was told.
[[nodiscard]] std::optional<int64_t> resolved_flag(Resolved resolved);
[[nodiscard]] std::string_view wrap_up_end_word(WrapUpEnd end);
[[nodiscard]] std::string_view talk_end_word(TalkEnd end);
[[nodiscard]] std::string_view visit_end_word(VisitEnd end, bool is_short);
[[nodiscard]] std::string_view agent_event_word(AgentEventKind kind);

}  // namespace acd
