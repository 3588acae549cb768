// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/field_fault.h"

#include <absl/strings/str_cat.h>

#include "daemon/config/text.h"

namespace acd {

std::optional<FieldFault> text_fault(std::string_view field, std::string_view text,
                                     size_t bytes_max) {
  if (text.size() > bytes_max) {
    return FieldFault{
        v1::ERROR_REASON_FIELD_TOO_LONG, std::string(field),
        absl::StrCat("has ", text.size(), " bytes; at most ", bytes_max, " are allowed")};
  }
  if (is_text(text)) return std::nullopt;
  return FieldFault{v1::ERROR_REASON_FIELD_NOT_TEXT, std::string(field), std::string(kNotText)};
}

std::optional<FieldFault> required_text_fault(std::string_view field, std::string_view text,
                                              size_t bytes_max) {
  if (!text.empty()) return text_fault(field, text, bytes_max);
  return FieldFault{v1::ERROR_REASON_FIELD_REQUIRED, std::string(field), "is required"};
}

}  // namespace acd
