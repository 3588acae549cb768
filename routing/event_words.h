// SPDX-License-Identifier: Apache-2.0
// Words for what events tell in their details, as VOCABULARY.md has them; empty for none.
#pragma once

#include <string_view>

#include "routing/callback.h"
#include "routing/command.h"
#include "routing/event.h"

namespace acd {

[[nodiscard]] std::string_view ended_by_word(EndedBy ended_by);
[[nodiscard]] std::string_view limit_word(LimitKind limit);
[[nodiscard]] std::string_view transfer_target_word(TransferTarget target);
[[nodiscard]] std::string_view entry_word(VisitEntry entry);
[[nodiscard]] std::string_view offer_word(OfferOutcome outcome);
[[nodiscard]] std::string_view failure_word(FailReason reason);
[[nodiscard]] std::string_view treatment_word(TreatmentKind kind);
[[nodiscard]] std::string_view dial_word(DialOutcome outcome);
[[nodiscard]] std::string_view supervision_word(Supervision what);
[[nodiscard]] std::string_view detach_word(DetachReason reason);

}  // namespace acd
