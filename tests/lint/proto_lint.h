// SPDX-License-Identifier: Apache-2.0
// What the house style asks of the proto files, as findings.
#pragma once

#include <compare>
#include <set>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>

namespace acd {

// A field number or enum value that was public once and is gone. It may never come back.
struct RetiredNumber {
  std::string owner;  // Full name of the message or enum, e.g. "acd.v1.Queue".
  int number = 0;
  std::string name;  // Of the field or value that had it.

  auto operator<=>(const RetiredNumber&) const = default;
};

// Everything in `file` that breaks a rule, each as "full.name: what is wrong", in the order of the
// file. `retired` lists what the files have to hold reserved, and they reserve nothing else.
// REQUIRES: the file was parsed with its comments.
[[nodiscard]] std::vector<std::string> lint_proto_file(const google::protobuf::FileDescriptor& file,
                                                       const std::set<RetiredNumber>& retired);

}  // namespace acd
