// SPDX-License-Identifier: Apache-2.0
// Configuration files as text, and the errors they are refused with.
#pragma once

#include <absl/status/status.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/config/config_file.h"

namespace acd {

struct FileCase {
  std::string text;
  std::string error;  // The whole message; a trailing * stands for any rest.
};

// What is said of `text` as the file of that name; empty when it is good.
inline std::string file_error_of(const std::string& text, const std::string& file) {
  const auto seeds = parse_config(text, file);
  if (seeds.ok()) return "";
  EXPECT_TRUE(absl::IsInvalidArgument(seeds.status())) << seeds.status();
  return std::string(seeds.status().message());
}

inline void expect_file_errors(const std::string& file, const std::vector<FileCase>& cases) {
  for (const FileCase& each : cases) {
    std::string actual = file_error_of(each.text, file);
    std::string expected = each.error;
    if (expected.ends_with('*')) {
      expected.pop_back();
      actual = actual.substr(0, expected.size());
    }
    EXPECT_EQ(actual, expected) << "of:\n" << each.text.substr(0, 400);
  }
}

}  // namespace acd
