// SPDX-License-Identifier: Apache-2.0
// What is wrong with one field of a message, before anybody says where the message came from.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "acd/v1/errors.pb.h"

namespace acd {

// The first thing that is wrong. `field` is below the message that was looked at: "survey_score"; empty
// for all of it.
struct FieldFault {
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  std::string field;
  std::string message;
};

// What a field says that must be text and is not.
inline constexpr std::string_view kNotText = "must be valid UTF-8 without control characters";

// Of a text that has more than `bytes_max` bytes or is none. An empty one is good.
[[nodiscard]] std::optional<FieldFault> text_fault(std::string_view field, std::string_view text,
                                                   size_t bytes_max);
// The same of one that has to be there.
[[nodiscard]] std::optional<FieldFault> required_text_fault(std::string_view field,
                                                            std::string_view text,
                                                            size_t bytes_max);

}  // namespace acd
