// SPDX-License-Identifier: Apache-2.0
// What differs between two texts, line by line.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace acd::acdctl {

// Lines that stand unchanged around a change, where there are so many.
inline constexpr int kDiffContextLines = 2;
// Changed lines up to which a shortest list of changes is looked for; beyond them everything
// between the first and the last one counts as changed.
inline constexpr int kDiffEditsMax = 4'000;

// The changes that turn `before` into `after`, with some lines around them: "-" what goes, "+" what
// comes, under a heading "@@ ..." that names where the first of them is: the last line before it for
// which `heading` gives one that is not empty. Empty when the texts are the same.
[[nodiscard]] std::string diff_text(std::string_view before, std::string_view after,
                                    const std::function<std::string(std::string_view)>& heading,
                                    bool is_colored);

}  // namespace acd::acdctl
