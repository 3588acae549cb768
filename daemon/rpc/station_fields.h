// SPDX-License-Identifier: Apache-2.0
// Answer modes between proto and core.
#pragma once

#include "acd/v1/station.pb.h"
#include "routing/station.h"

namespace acd {

// What is not said is phone. REQUIRES: AnswerMode_IsValid().
[[nodiscard]] AnswerMode to_answer_mode(v1::AnswerMode mode);
[[nodiscard]] v1::AnswerMode to_proto(AnswerMode mode);

}  // namespace acd
