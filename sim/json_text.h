// SPDX-License-Identifier: Apache-2.0
// Texts in JSON.
#pragma once

#include <string>
#include <string_view>

namespace acd::sim {

// In quotes, with what JSON wants escaped.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace acd::sim
