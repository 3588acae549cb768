// SPDX-License-Identifier: Apache-2.0
// A small subset of YAML as a tree of values, each with its line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace acd {

// Bytes of a configuration file.
inline constexpr size_t kConfigFileBytesMax = size_t{16} << 20;
// Values in a file: one value takes about 100 bytes of memory, so that a file takes 100 MB at most.
inline constexpr size_t kYamlNodesMax = 1'000'000;
// Lists and maps inside one another. The format itself nests seven deep.
inline constexpr size_t kYamlDepthMax = 16;

// What one file may hold. Tests set less.
struct YamlLimits {
  size_t bytes_max = kConfigFileBytesMax;
  size_t nodes_max = kYamlNodesMax;
  size_t depth_max = kYamlDepthMax;
};

// One value of the file.
struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  bool quoted = false;  // A scalar between quotes: text, never a number.
  int line = 0;         // From 1.
  std::string text;     // Of a scalar.
  // Items of a list; of a map keys and values by turns, in the order of the file.
  std::vector<YamlNode> children;
};

struct YamlProblem {
  int line = 0;  // From 1.
  std::string description;
};

// `root` is worth reading only when there are no problems.
struct YamlTree {
  YamlNode root;
  std::vector<YamlProblem> problems;
};

// Reads one document of plain lists, maps and scalars. Anchors, aliases, explicit tags, a second
// document, control characters, invalid UTF-8 and what exceeds `limits` are problems, not features.
// Of faults in the syntax only the first is found, for what follows it has no meaning.
[[nodiscard]] YamlTree parse_yaml(std::string_view text, const YamlLimits& limits = {});

// The value of `key` in a map, the first if it stands there twice; or null.
[[nodiscard]] const YamlNode* value_of(const YamlNode& map, std::string_view key);

// Line of the value at `path` ("queues[2].requirement", "skills['ps']") below `node`, or of the
// nearest value around it that the file has.
[[nodiscard]] int line_at(const YamlNode& node, std::string_view path);

}  // namespace acd
