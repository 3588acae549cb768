// SPDX-License-Identifier: Apache-2.0
// Builds the tree from yaml-cpp's events, and refuses what a configuration does not need.
#include "daemon/config/yaml_tree.h"

#include <absl/strings/str_cat.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <sstream>
#include <string_view>
#include <utility>

#include "daemon/config/text.h"

namespace acd {
namespace {

// Problems of one kind are listed so often; a file of nothing else needs no more to be understood.
constexpr size_t kYamlProblemsMax = 100;

int line_of(const YAML::Mark& mark) { return mark.is_null() ? 1 : mark.line + 1; }

// Builds the tree of the first document.
//
// Threads:  one.
// Owns:     the open lists and maps, outermost first; a closed one moves into the one around it.
// Bounds:   YamlLimits; what exceeds them is not kept.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(YamlTree& tree, const YamlLimits& limits) : tree_(tree), limits_(limits) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) report(mark, "a second document starts here; a file holds one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check_plain(mark, "", anchor);
    place(make(YamlNode::Kind::kNull, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    report(mark, "an alias (*); write the value out");
    place(make(YamlNode::Kind::kNull, mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_plain(mark, tag, anchor);
    YamlNode node = make(YamlNode::Kind::kScalar, mark);
    node.quoted = tag == "!";
    node.text = value;
    place(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    check_plain(mark, tag, anchor);
    open(make(YamlNode::Kind::kList, mark), mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    check_plain(mark, tag, anchor);
    open(make(YamlNode::Kind::kMap, mark), mark);
  }
  void OnMapEnd() override { close(); }

  [[nodiscard]] int documents() const { return documents_; }

 private:
  static YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark) {
    YamlNode node;
    node.kind = kind;
    node.line = line_of(mark);
    return node;
  }

  void report(const YAML::Mark& mark, std::string description) {
    if (tree_.problems.size() >= kYamlProblemsMax) return;
    tree_.problems.push_back({line_of(mark), std::move(description)});
  }

  // "?" is the tag of a value without one, "!" that of a quoted scalar.
  void check_plain(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) report(mark, "an anchor (&); write the value out");
    if (!tag.empty() && tag != "?" && tag != "!") {
      report(mark, absl::StrCat("a tag ", quote(tag), "; values here have none"));
    }
  }

  void open(YamlNode node, const YAML::Mark& mark) {
    if (open_.size() == limits_.depth_max && !too_deep_) {
      too_deep_ = true;
      report(mark, absl::StrCat("lists and maps nest deeper than ", limits_.depth_max));
    }
    open_.push_back(std::move(node));
  }

  void close() {
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    place(std::move(node));
  }

  void place(YamlNode node) {
    if (documents_ > 1 || too_deep_ || nodes_ > limits_.nodes_max) return;
    if (++nodes_ > limits_.nodes_max) {
      tree_.problems.push_back(
          {node.line, absl::StrCat("more than ", limits_.nodes_max, " values in one file")});
      return;
    }
    YamlNode& target = open_.empty() ? tree_.root : open_.back();
    if (open_.empty()) {
      target = std::move(node);
    } else {
      target.children.push_back(std::move(node));
    }
  }

  YamlTree& tree_;
  const YamlLimits limits_;
  std::vector<YamlNode> open_;
  size_t nodes_ = 0;
  int documents_ = 0;
  bool too_deep_ = false;
};

// What the parser found, as text.
std::string words_of(const YAML::Exception& error) {
  constexpr char kOpenQuote[] = "the file ends inside quotes";
  constexpr char kParsersEnd = '\x04';  // A file that holds it never gets to the parser.
  if (error.msg == YAML::ErrorMsg::EOF_IN_SCALAR) return kOpenQuote;
  const std::string_view escape = YAML::ErrorMsg::INVALID_ESCAPE;
  if (!error.msg.starts_with(escape)) return error.msg;
  // One byte follows: the first of a character, or the parser's mark of the end.
  const std::string_view byte = std::string_view(error.msg).substr(escape.size());
  if (byte == std::string_view(&kParsersEnd, 1)) return kOpenQuote;
  return absl::StrCat(YAML::ErrorMsg::INVALID_ESCAPE, quote(byte));
}

// The parser would take some of these for the end of the file; nobody means any of them.
std::vector<YamlProblem> foreign_bytes(std::string_view text) {
  int line = 1;
  while (!text.empty()) {
    const size_t size = utf8_sequence_size(text);
    const bool blank = text[0] == '\t' || text[0] == '\n' || text[0] == '\r';
    if (size == 0) return {{line, "a byte that is not valid UTF-8"}};
    if (!blank && begins_with_control(text)) {
      return {{line, absl::StrCat("a control character, ", quote(text.substr(0, size)))}};
    }
    if (text[0] == '\n') ++line;
    text.remove_prefix(size);
  }
  return {};
}

}  // namespace

YamlTree parse_yaml(std::string_view text, const YamlLimits& limits) {
  YamlTree tree;
  if (text.size() > limits.bytes_max) {
    tree.problems.push_back(
        {1, absl::StrCat("the file is larger than ", limits.bytes_max, " bytes")});
    return tree;
  }
  tree.problems = foreign_bytes(text);
  if (!tree.problems.empty()) return tree;
  // Before a blank end of the file the parser takes a quote that is never closed for closed, and
  // what it swallowed would be lost without a word.
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(tree, limits);
    while (builder.documents() < 2 && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    tree.problems.push_back({line_of(error.mark), words_of(error)});
  } catch (const std::exception& error) {
    tree.problems.push_back({1, absl::StrCat("cannot be read: ", error.what())});
  }
  return tree;
}

const YamlNode* value_of(const YamlNode& map, std::string_view key) {
  for (size_t i = 0; i + 1 < map.children.size(); i += 2) {
    const YamlNode& name = map.children[i];
    if (name.kind == YamlNode::Kind::kScalar && name.text == key) return &map.children[i + 1];
  }
  return nullptr;
}

int line_at(const YamlNode& node, std::string_view path) {
  const YamlNode* place = &node;
  while (!path.empty()) {
    const bool named = path.starts_with("['");
    const bool item = !named && path.starts_with('[');
    if (path.starts_with('.')) path.remove_prefix(1);
    const size_t close = named ? path.find("']") : path.find(']');
    if ((named || item) && close == std::string_view::npos) break;
    const size_t end = named  ? close + 2
                       : item ? close + 1
                              : std::min(path.find_first_of(".["), path.size());
    const YamlNode* next = nullptr;
    if (item && place->kind == YamlNode::Kind::kList) {
      size_t index = place->children.size();
      std::from_chars(path.data() + 1, path.data() + close, index);
      if (index < place->children.size()) next = &place->children[index];
    } else if (!item && place->kind == YamlNode::Kind::kMap) {
      next = value_of(*place, named ? path.substr(2, close - 2) : path.substr(0, end));
    }
    if (next == nullptr) break;
    place = next;
    path.remove_prefix(end);
  }
  return place->line;
}

}  // namespace acd
