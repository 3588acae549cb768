// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/station_fields.h"

namespace acd {

namespace {

constexpr int proto_number(AnswerMode mode) { return static_cast<int>(mode) + 1; }
static_assert(v1::ANSWER_MODE_PHONE == proto_number(AnswerMode::kPhone) &&
              v1::ANSWER_MODE_DESKTOP == proto_number(AnswerMode::kDesktop) &&
              v1::ANSWER_MODE_AUTO == proto_number(AnswerMode::kAuto) &&
              v1::ANSWER_MODE_NAILED_UP == proto_number(AnswerMode::kNailedUp) &&
              v1::AnswerMode_MAX == kAnswerModeCount);

}  // namespace

AnswerMode to_answer_mode(v1::AnswerMode mode) {
  if (mode == v1::ANSWER_MODE_UNSPECIFIED) return AnswerMode::kPhone;
  return static_cast<AnswerMode>(mode - 1);
}

v1::AnswerMode to_proto(AnswerMode mode) { return static_cast<v1::AnswerMode>(proto_number(mode)); }

}  // namespace acd
