// SPDX-License-Identifier: Apache-2.0
// Tests of the YAML subset: lines, and what it refuses.
#include "daemon/config/yaml_tree.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/config/text.h"

namespace acd {
namespace {

using Kind = YamlNode::Kind;

TEST(YamlTreeTest, KeepsValuesWithTheirLines) {
  const YamlTree tree = parse_yaml("# comment\na: 1\nb:\n  - x\n  - \"2\"\nc:\n");
  ASSERT_TRUE(tree.problems.empty());
  ASSERT_EQ(tree.root.kind, Kind::kMap);
  const YamlNode* list = value_of(tree.root, "b");
  ASSERT_NE(list, nullptr);
  ASSERT_EQ(list->children.size(), 2u);
  EXPECT_EQ(list->children[0].line, 4);
  EXPECT_FALSE(list->children[0].quoted);
  EXPECT_EQ(list->children[1].text, "2");
  EXPECT_TRUE(list->children[1].quoted);
  EXPECT_EQ(value_of(tree.root, "a")->line, 2);
  EXPECT_EQ(value_of(tree.root, "c")->kind, Kind::kNull);
  EXPECT_EQ(value_of(tree.root, "d"), nullptr);
}

TEST(YamlTreeTest, FindsTheLineOfThePathOrOfWhatStandsAroundIt) {
  const YamlTree tree = parse_yaml("queues:\n  - id: a\n  - id: b\n    skills:\n      p.s: 3\n");
  ASSERT_TRUE(tree.problems.empty());
  EXPECT_EQ(line_at(tree.root, "queues[1].id"), 3);
  EXPECT_EQ(line_at(tree.root, "queues[1].skills['p.s']"), 5);
  EXPECT_EQ(line_at(tree.root, "queues[1].priority"), 3);
  EXPECT_EQ(line_at(tree.root, "queues[7].id"), 2);
  EXPECT_EQ(line_at(tree.root, "queues[1].id.deeper[0]"), 3);
  EXPECT_EQ(line_at(tree.root, "queues[x"), 2);
  EXPECT_EQ(line_at(tree.root, "queues[1].skills['p.s"), 5);
}

struct RefusedCase {
  std::string text;
  int line;
  std::string words;
};

TEST(YamlTreeTest, NamesLineAndReasonOfWhatItRefuses) {
  const std::vector<RefusedCase> cases = {
      {"a: 1\nb: &x 2\n", 2, "an anchor"},
      {"a: &x 1\nb: *x\n", 2, "an alias"},
      {"a: !!int 1\n", 1, "a tag"},
      {"a: !custom [1]\n", 1, "a tag"},
      {"a: 1\n---\nb: 2\n", 2, "a second document"},
      {"a: 1\n...\n---\nb: 2\n", 3, "a second document"},
      {std::string("a: 1\nb: \0\n", 10), 2, "a control character"},
      {"a: 1\n\x04\nb: 2\n", 2, "a control character"},
      {"a: 1\n\nb: \xff\n", 3, "not valid UTF-8"},
      {"a: [1, 2\nb: 3\n", 2, ""},
      {"a: 'x\n", 1, "ends inside quotes"},
      {"a: \"x\n\n \n", 1, "ends inside quotes"},
      {"a: 'x\nb: 1\n", 2, "ends inside quotes"},
      {"a: \"x\\", 1, "ends inside quotes"},
      {"a: 1\nb: \"\\q\"\n", 2, "unknown escape character: 'q'"},
      {"a: \"\\\u00e9\"\n", 1, "unknown escape character: '\\xc3'"},
      {"a: 1\n\tb: 2\n", 2, ""},
      {"a: b: c\n", 1, ""},
      {"a: @x\n", 1, ""},
      {"a:\n" + std::string(kYamlDepthMax, '['), 2, ""},
      {"a: " + std::string(kYamlDepthMax, '[') + std::string(kYamlDepthMax, ']') + "\n", 1,
       "nest deeper than 16"},
      {std::string(100'000, '['), 1, ""},
      {"a: \"" + std::string(kConfigFileBytesMax, 'x') + "\"\n", 1, "larger than 16777216 bytes"},
  };
  for (const RefusedCase& refused : cases) {
    const YamlTree tree = parse_yaml(refused.text);
    bool found = false;
    for (const YamlProblem& problem : tree.problems) {
      EXPECT_FALSE(problem.description.empty());
      EXPECT_TRUE(is_text(problem.description)) << quote(problem.description);
      found = found || (problem.line == refused.line &&
                        problem.description.find(refused.words) != std::string::npos);
    }
    EXPECT_TRUE(found) << refused.text.substr(0, 80) << "\nwants line " << refused.line << ": "
                       << refused.words << ", has "
                       << (tree.problems.empty() ? std::string("none")
                                                 : std::to_string(tree.problems[0].line) + ": " +
                                                       tree.problems[0].description);
  }
}

TEST(YamlTreeTest, KeepsItsLimitsToTheLast) {
  struct LimitCase {
    YamlLimits limits;
    std::string good;
    std::string bad;
    std::string words;
  };
  const std::vector<LimitCase> cases = {
      {{.bytes_max = 8}, "a: [1,2]", "a: [1,2] ", "the file is larger than 8 bytes"},
      {{.nodes_max = 5}, "a: [1, 2]", "a: [1, 2, 3, 4, 5]", "more than 5 values in one file"},
      {{.depth_max = 2}, "a: [1, 2]", "a: [1, [2], [3]]", "lists and maps nest deeper than 2"},
  };
  for (const LimitCase& each : cases) {
    EXPECT_TRUE(parse_yaml(each.good, each.limits).problems.empty()) << each.good;
    const YamlTree tree = parse_yaml(each.bad, each.limits);
    ASSERT_EQ(tree.problems.size(), 1u) << each.bad;
    EXPECT_EQ(tree.problems[0].description, each.words);
  }
}

TEST(YamlTreeTest, AnAliasBombStaysSmall) {
  std::string text = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    absl::StrAppend(&text, "a", i, ": &a", i, " [*a", i - 1, ", *a", i - 1, "]\n");
  }
  EXPECT_FALSE(parse_yaml(text).problems.empty());
}

TEST(YamlTreeTest, AnEmptyTextIsNothing) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "~\n"}) {
    const YamlTree tree = parse_yaml(text);
    EXPECT_TRUE(tree.problems.empty()) << text;
    EXPECT_EQ(tree.root.kind, Kind::kNull) << text;
  }
}

}  // namespace
}  // namespace acd
