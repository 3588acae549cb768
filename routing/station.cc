// SPDX-License-Identifier: Apache-2.0
#include "routing/station.h"

namespace acd {

std::string_view answer_mode_name(AnswerMode mode) {
  switch (mode) {
    case AnswerMode::kPhone:
      return "phone";
    case AnswerMode::kDesktop:
      return "desktop";
    case AnswerMode::kAuto:
      return "auto";
    case AnswerMode::kNailedUp:
      return "nailed_up";
  }
  return "unknown";
}

std::optional<AnswerMode> find_answer_mode(std::string_view name) {
  for (size_t i = 0; i < kAnswerModeCount; ++i) {
    if (answer_mode_name(static_cast<AnswerMode>(i)) == name) return static_cast<AnswerMode>(i);
  }
  return std::nullopt;
}

}  // namespace acd
