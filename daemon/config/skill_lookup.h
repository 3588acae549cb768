// SPDX-License-Identifier: Apache-2.0
// Stands in for the declared skills where only the form of an expression is looked at.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "routing/ids.h"

namespace acd {

// Accepts every skill, as FindSkill of routing/requirement.h: the same name has the same index,
// another one another. The names must outlive it.
//
// Bounds:   as many names as one expression holds; looked up one after another.
class AnySkill {
 public:
  SkillIndex operator()(std::string_view name) {
    const auto known = std::find(names_.begin(), names_.end(), name);
    const auto index = static_cast<size_t>(known - names_.begin());
    if (known == names_.end()) names_.push_back(name);
    return SkillIndex(index);
  }

 private:
  std::vector<std::string_view> names_;
};

}  // namespace acd
