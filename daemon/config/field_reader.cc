// SPDX-License-Identifier: Apache-2.0
// How a scalar of the file is read, and how its errors are listed.
#include "daemon/config/field_reader.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "daemon/config/config_tables.h"
#include "daemon/config/text.h"

namespace acd {
namespace {

using Duration = google::protobuf::Duration;
using Kind = YamlNode::Kind;

constexpr char kIdForm[] = "an id is 1 to 64 of a-z A-Z 0-9 . _ -";

// The number before a unit. Longer than any limit of a setting in any unit, and in hours still a
// duration that the messages can hold.
constexpr int64_t kDurationNumberMax = 10'000'000;

// Path of `key` in the map at `field`.
std::string key_field(const std::string& field, const std::string& key) {
  const std::string shown = is_resource_id(key) ? key : quote(key);
  return field == kFileField ? shown : absl::StrCat(field, ".", shown);
}

}  // namespace

const char* kind_text(const YamlNode& node) {
  switch (node.kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "a single value";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map of keys";
  }
  return "";
}

void FieldReader::report(int line, std::string field, std::string description) {
  if (problems_.size() < kViolationsMax) fields_.insert(field);
  list(line, std::move(field), std::move(description));
}

void FieldReader::list(int line, std::string field, std::string description) {
  if (problems_.size() < kViolationsMax) {
    problems_.push_back({line, std::move(field), std::move(description)});
  } else {
    ++unlisted_;
  }
}

bool FieldReader::check_map(const YamlNode& node, const std::string& field) {
  if (node.kind != Kind::kMap) {
    report(node.line, field, absl::StrCat("must be a map of keys, is ", kind_text(node)));
    return false;
  }
  std::map<std::string_view, int> lines;
  bool good = true;
  for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const YamlNode& key = node.children[i];
    if (key.kind != Kind::kScalar) {
      report(key.line, field, absl::StrCat("a key must be a word, is ", kind_text(key)));
      good = false;
      continue;
    }
    const auto [entry, added] = lines.emplace(key.text, key.line);
    if (added) continue;
    report(key.line, key_field(field, key.text),
           absl::StrCat("the key stands in line ", entry->second, " already"));
  }
  return good;
}

bool FieldReader::check_keys(const YamlNode& node, const std::string& field, Keys known) {
  if (!check_map(node, field)) return false;
  for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const YamlNode& key = node.children[i];
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    report(key.line, key_field(field, key.text),
           absl::StrCat("unknown key ", quote(key.text), "; ", suggestion_for(key.text, known)));
  }
  return true;
}

bool FieldReader::check_list(const YamlNode& node, const std::string& field) {
  if (node.kind == Kind::kList) return true;
  report(node.line, field, absl::StrCat("must be a list, is ", kind_text(node)));
  return false;
}

std::optional<std::string> FieldReader::text(const YamlNode& node, const std::string& field) {
  if (node.kind == Kind::kScalar) return node.text;
  if (node.kind == Kind::kNull) {
    report(node.line, field, "has no value; give one or leave the key out");
  } else {
    report(node.line, field, absl::StrCat("must be a single value, is ", kind_text(node)));
  }
  return std::nullopt;
}

std::optional<std::string> FieldReader::id(const YamlNode& node, const std::string& field) {
  auto value = text(node, field);
  if (value && !is_resource_id(*value)) {
    report(node.line, field, absl::StrCat(kIdForm, "; this is ", quote(*value)));
    return std::nullopt;
  }
  return value;
}

std::optional<bool> FieldReader::boolean(const YamlNode& node, const std::string& field) {
  const auto value = text(node, field);
  if (!value) return std::nullopt;
  if (!node.quoted && (*value == "true" || *value == "false")) return *value == "true";
  report(node.line, field,
         absl::StrCat("must be true or false", node.quoted ? " without quotes" : "", ", is ",
                      quote(*value)));
  return std::nullopt;
}

std::optional<int32_t> FieldReader::integer(const YamlNode& node, const std::string& field) {
  return number<int32_t>(node, field);
}

std::optional<int64_t> FieldReader::long_integer(const YamlNode& node, const std::string& field) {
  return number<int64_t>(node, field);
}

template <typename Number>
std::optional<Number> FieldReader::number(const YamlNode& node, const std::string& field) {
  const auto value = text(node, field);
  if (!value) return std::nullopt;
  Number read = 0;
  const char* const end = value->data() + value->size();
  const auto result = std::from_chars(value->data(), end, read);
  const std::string_view digits = std::string_view(*value).substr(value->starts_with('-') ? 1 : 0);
  // A leading zero means octal to some readers of YAML, and nothing to others.
  const bool octal = digits.size() > 1 && digits[0] == '0';
  if (!node.quoted && !octal && result.ec == std::errc() && result.ptr == end) return read;
  if (result.ec == std::errc::result_out_of_range && result.ptr == end && !node.quoted) {
    report(node.line, field, absl::StrCat("is far out of range: ", quote(*value)));
  } else {
    report(node.line, field,
           absl::StrCat("must be a whole number", node.quoted ? " without quotes" : "", ", is ",
                        quote(*value)));
  }
  return std::nullopt;
}

std::optional<Duration> FieldReader::duration(const YamlNode& node, const std::string& field) {
  constexpr char kForm[] = "write a whole number and its unit: 500ms, 20s, 2m or 1h";
  const auto value = text(node, field);
  if (!value) return std::nullopt;
  int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto result = std::from_chars(value->data(), end, number);
  const std::string_view unit(result.ptr, static_cast<size_t>(end - result.ptr));
  if (result.ec == std::errc() && unit.empty()) {
    report(node.line, field, absl::StrCat(quote(*value), " has no unit; ", kForm));
    return std::nullopt;
  }
  const bool known = unit == "ms" || unit == "s" || unit == "m" || unit == "h";
  if (!known || value->starts_with('-') || result.ec == std::errc::invalid_argument) {
    report(node.line, field, absl::StrCat(quote(*value), " is no duration; ", kForm));
    return std::nullopt;
  }
  if (result.ec != std::errc() || number > kDurationNumberMax) {
    report(node.line, field, absl::StrCat(quote(*value), " is far too long"));
    return std::nullopt;
  }
  Duration read;
  if (unit == "ms") {
    read.set_seconds(number / 1'000);
    read.set_nanos(static_cast<int32_t>(number % 1'000 * 1'000'000));
  } else {
    read.set_seconds(number * (unit == "s" ? 1 : unit == "m" ? 60 : 3'600));
  }
  return read;
}

std::optional<int> FieldReader::choice(const YamlNode& node, const std::string& field,
                                       std::span<const ConfigWord> words) {
  const auto value = text(node, field);
  if (!value) return std::nullopt;
  for (const ConfigWord& known : words) {
    if (*value == known.word) return known.value;
  }
  report(node.line, field,
         absl::StrCat("must be one of ",
                      absl::StrJoin(words, ", ",
                                    [](std::string* out, const ConfigWord& known) {
                                      out->append(known.word);
                                    }),
                      "; is ", quote(*value)));
  return std::nullopt;
}

bool FieldReader::has_problem(std::string_view field) const {
  for (size_t end = field.size();; --end) {
    const bool boundary = end == field.size() || field[end] == '.' || field[end] == '[';
    if (boundary && fields_.contains(field.substr(0, end))) return true;
    if (end == 0) return false;
  }
}

bool FieldReader::has_problem_within(const std::string& field) const {
  const auto first = fields_.lower_bound(field);
  return first != fields_.end() && first->starts_with(field);
}

absl::Status FieldReader::status() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  std::string message =
      absl::StrJoin(problems_, "\n", [this](std::string* out, const auto& problem) {
        absl::StrAppend(out, name_, ":", problem.line, ": ", problem.field, ": ",
                        problem.description);
      });
  if (unlisted_ > 0) {
    absl::StrAppend(&message, "\n", name_, ":", problems_.back().line, ": ", kFileField, ": and ",
                    unlisted_, " more, not listed");
  }
  return absl::InvalidArgumentError(message);
}

}  // namespace acd
