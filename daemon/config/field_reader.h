// SPDX-License-Identifier: Apache-2.0
// Reads the values of one configuration file and collects all that is wrong with them.
#pragma once

#include <absl/status/status.h>
#include <google/protobuf/duration.pb.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/words.h"
#include "daemon/config/yaml_tree.h"

namespace acd {

using Keys = std::span<const std::string_view>;

// The field that stands for the file as a whole.
inline constexpr char kFileField[] = "file";

// What `node` is, for a message: "a list".
[[nodiscard]] const char* kind_text(const YamlNode& node);

// Reads scalars. Each function takes a value and its path in the file
// ("tenants[0].queues[2].priority"), and reports what is wrong with it.
//
// Threads:  one.
// Bounds:   lists kViolationsMax problems, then says that there are more.
class FieldReader {
 public:
  explicit FieldReader(std::string name) : name_(std::move(name)) {}
  FieldReader(const FieldReader&) = delete;
  FieldReader& operator=(const FieldReader&) = delete;

  // A value that cannot be read.
  void report(int line, std::string field, std::string description);
  // A value that breaks a rule.
  void list(int line, std::string field, std::string description);
  [[nodiscard]] bool good() const { return problems_.empty(); }
  // Whether a value that could not be read stands at `field` or at a value around it.
  [[nodiscard]] bool has_problem(std::string_view field) const;
  // Whether one stands at `field` or below it.
  [[nodiscard]] bool has_problem_within(const std::string& field) const;
  // The problems in the order of the file, one a line. REQUIRES: there are some.
  [[nodiscard]] absl::Status status();

  // A map whose keys are `known` ones.
  bool check_keys(const YamlNode& node, const std::string& field, Keys known);
  bool check_map(const YamlNode& node, const std::string& field);
  bool check_list(const YamlNode& node, const std::string& field);
  std::optional<std::string> text(const YamlNode& node, const std::string& field);
  std::optional<std::string> id(const YamlNode& node, const std::string& field);
  std::optional<bool> boolean(const YamlNode& node, const std::string& field);
  std::optional<int32_t> integer(const YamlNode& node, const std::string& field);
  std::optional<int64_t> long_integer(const YamlNode& node, const std::string& field);
  std::optional<google::protobuf::Duration> duration(const YamlNode& node,
                                                     const std::string& field);
  std::optional<int> choice(const YamlNode& node, const std::string& field,
                            std::span<const ConfigWord> words);

 private:
  struct Problem {
    int line = 0;
    std::string field;
    std::string description;
  };

  template <typename Number>
  std::optional<Number> number(const YamlNode& node, const std::string& field);

  std::string name_;  // Of the file.
  std::vector<Problem> problems_;
  size_t unlisted_ = 0;                        // Problems past kViolationsMax.
  std::set<std::string, std::less<>> fields_;  // Of what could not be read.
};

// Reads the map `node`, whose keys are checked already, key by key.
class MapReader {
 public:
  MapReader(FieldReader& reader, const YamlNode& node, const std::string& field)
      : reader_(reader), node_(node), field_(field) {}

  // Reads the value of `key` by one of FieldReader's functions and hands it to `take`, if the key is
  // there and its value can be read.
  template <typename Value, typename Take>
  void read(std::string_view key,
            std::optional<Value> (FieldReader::*function)(const YamlNode&, const std::string&),
            Take&& take) const {
    const YamlNode* value = value_of(node_, key);
    if (value == nullptr) return;
    if (const auto read = (reader_.*function)(*value, path(key))) take(*read);
  }
  template <typename Take>
  void read_choice(std::string_view key, std::span<const ConfigWord> words, Take&& take) const {
    const YamlNode* value = value_of(node_, key);
    if (value == nullptr) return;
    if (const auto read = reader_.choice(*value, path(key), words)) take(*read);
  }
  // Hands each item of the list at `key` to `take` with its path.
  template <typename Take>
  void read_list(std::string_view key, Take&& take) const {
    const YamlNode* value = value_of(node_, key);
    if (value == nullptr || !reader_.check_list(*value, path(key))) return;
    for (size_t i = 0; i < value->children.size(); ++i) {
      take(value->children[i], path(key) + "[" + std::to_string(i) + "]");
    }
  }
  [[nodiscard]] std::string path(std::string_view key) const {
    return field_ + "." + std::string(key);
  }

 private:
  FieldReader& reader_;
  const YamlNode& node_;
  const std::string& field_;
};

}  // namespace acd
