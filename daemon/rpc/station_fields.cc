// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/station_fields.h"

namespace acd {

AnswerMode to_answer_mode(v1::AnswerMode mode) {
  switch (mode) {
    case v1::ANSWER_MODE_DESKTOP:
      return AnswerMode::kDesktop;
    case v1::ANSWER_MODE_AUTO:
      return AnswerMode::kAuto;
    case v1::ANSWER_MODE_NAILED_UP:
      return AnswerMode::kNailedUp;
    default:
      return AnswerMode::kPhone;
  }
}

v1::AnswerMode to_proto(AnswerMode mode) {
  switch (mode) {
    case AnswerMode::kPhone:
      return v1::ANSWER_MODE_PHONE;
    case AnswerMode::kDesktop:
      return v1::ANSWER_MODE_DESKTOP;
    case AnswerMode::kAuto:
      return v1::ANSWER_MODE_AUTO;
    case AnswerMode::kNailedUp:
      return v1::ANSWER_MODE_NAILED_UP;
  }
  return v1::ANSWER_MODE_UNSPECIFIED;
}

}  // namespace acd
