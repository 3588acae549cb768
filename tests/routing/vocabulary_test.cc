// SPDX-License-Identifier: Apache-2.0
// The words, tables and numbered invariants of the room's papers are those of the code: neither
// changes alone. What is missing is said as the line to add.
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "routing/event.h"
#include "routing/invariants.h"
#include "routing/transitions.h"
#include "tests/readme_table.h"

namespace acd {
namespace {

namespace fs = std::filesystem;

const char kReadme[] = "routing/README.md";
const char kVocabulary[] = "routing/VOCABULARY.md";

// --- Transitions.

using Step = std::pair<std::string, std::string>;

std::set<Step> steps_of_readme(const std::string& heading) {
  std::set<Step> steps;
  for (const std::vector<std::string>& row : table_behind(source_text(kReadme), heading)) {
    for (const std::string& from : split_cells(row.at(0), ',')) {
      for (const std::string& to : split_cells(row.at(1), ',')) {
        EXPECT_TRUE(steps.emplace(from, to).second) << "twice: " << from << " to " << to;
      }
    }
  }
  return steps;
}

template <typename State, size_t kCount>
std::set<Step> steps_of_code(const Transitions<State, kCount>& transitions,
                             const std::array<std::string_view, kCount>& names) {
  std::set<Step> steps;
  for (size_t from = 0; from < kCount; ++from) {
    for (size_t to = 0; to < kCount; ++to) {
      if (!transitions.has(static_cast<State>(from), static_cast<State>(to))) continue;
      steps.emplace(names[from], names[to]);
    }
  }
  return steps;
}

void expect_same_steps(const std::set<Step>& readme, const std::set<Step>& code) {
  for (const auto& [from, to] : code) {
    EXPECT_TRUE(readme.contains({from, to}))
        << kReadme << " lacks | " << from << " | " << to << " | by what |";
  }
  for (const auto& [from, to] : readme) {
    EXPECT_TRUE(code.contains({from, to}))
        << "routing/transitions.h lacks " << from << " to " << to;
  }
}

TEST(VocabularyTest, WorkMovesAsTheReadmeSays) {
  expect_same_steps(steps_of_readme("\nWork of an agent"),
                    steps_of_code(kWorkTransitions, kWorkNames));
}

TEST(VocabularyTest, StagesFollowAsTheReadmeSays) {
  expect_same_steps(steps_of_readme("\nStages of a call"),
                    steps_of_code(kStageTransitions, kStageNames));
}

// Calls `visit` with the path and the text of each file of the room that ends so.
template <typename Visit>
void visit_room(const std::string& ending, Visit&& visit) {
  for (const auto& entry : fs::directory_iterator(ACD_SOURCE_DIR "/routing")) {
    if (entry.path().extension() != ending) continue;
    const std::string path = "routing/" + entry.path().filename().string();
    visit(path, source_text(path));
  }
}

TEST(VocabularyTest, NothingMovesPastTheTables) {
  const std::regex change(R"((\.|->)(stage|work) = [^\n]*)");
  // A snapshot's state is taken as it is; a phone that becomes busy takes the place of a wrap-up; and
  // what was seen is told.
  const std::set<std::string> allowed = {
      ".stage = stage;", ".stage = call.stage;",      ".stage = saved.stage;", "->work = work; });",
      ".work = work;",   ".work = Work::kBusyOther;", ".work = work_seen_;"};
  size_t found = 0;
  visit_room(".cc", [&](const std::string& path, const std::string& text) {
    for (std::sregex_iterator at(text.begin(), text.end(), change), end; at != end; ++at) {
      ++found;
      EXPECT_TRUE(allowed.contains(at->str()))
          << path << ": " << at->str() << " goes past set_stage() and set_work()";
    }
  });
  EXPECT_EQ(found, allowed.size());
}

// --- Invariants.

std::string with_single_spaces(const std::string& text) {
  return std::regex_replace(text, std::regex(R"(\s+)"), " ");
}

TEST(VocabularyTest, InvariantsAreThoseOfTheReadme) {
  const std::string readme = source_text(kReadme);
  const size_t begin = readme.find("\n## Invariants\n");
  const std::string part = readme.substr(begin, readme.find("\n## ", begin + 1) - begin) + "\n1. ";
  const std::regex item(R"(\n(\d+)\. ([\s\S]*?)(?=\n\d+\. ))");
  size_t number = 0;
  for (std::sregex_iterator at(part.begin(), part.end(), item), end; at != end; ++at) {
    ASSERT_EQ(at->str(1), std::to_string(++number));
    std::string sentence = with_single_spaces(at->str(2));
    while (!sentence.empty() && sentence.back() == ' ') sentence.pop_back();
    ASSERT_LE(number, kInvariants.size()) << "routing/invariants.h lacks \"" << sentence << "\"";
    EXPECT_EQ(sentence, kInvariants[number - 1]) << "invariant " << number;
  }
  EXPECT_EQ(number, kInvariants.size()) << kReadme << " lacks the last invariants";
}

TEST(VocabularyTest, EachInvariantIsTestedAndHasAFaultThatBreaksIt) {
  const std::string checks = source_text("routing/router_invariants.cc");
  const std::string faults = source_text("tests/mutations/invariants.faults");
  for (size_t number = 1; number <= kInvariants.size(); ++number) {
    EXPECT_NE(checks.find("broken(" + std::to_string(number) + ","), std::string::npos)
        << "routing/router_invariants.cc tests no invariant " << number;
    EXPECT_NE(faults.find("\nfault invariant_" + std::to_string(number) + "_"), std::string::npos)
        << "tests/mutations/invariants.faults lacks a \"fault invariant_" << number << "_...\"";
  }
}

// --- Words.

// "kNoAnswer" as "no_answer".
std::string word_of(std::string_view enumerator) {
  std::string word;
  for (const char c : enumerator.substr(1)) {
    const bool is_upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (is_upper && !word.empty()) word += '_';
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return word;
}

// The enumerators of `name`, as words; without that for none.
std::set<std::string> enumerators(const std::string& path, const std::string& name) {
  std::set<std::string> words;
  const std::string text = source_text(path);
  const size_t begin = text.find("enum class " + name + " ");
  EXPECT_NE(begin, std::string::npos) << path << " has no " << name;
  if (begin == std::string::npos) return words;
  const size_t open = text.find('{', begin);
  const std::string body = std::regex_replace(text.substr(open, text.find("};", open) - open),
                                              std::regex(R"(//[^\n]*)"), "");
  const std::regex enumerator(R"(\bk[A-Z]\w*)");
  for (std::sregex_iterator at(body.begin(), body.end(), enumerator), end; at != end; ++at) {
    if (at->str() != "kNone") words.insert(word_of(at->str()));
  }
  EXPECT_FALSE(words.empty()) << path << ": " << name;
  return words;
}

std::set<std::string> event_words() {
  std::set<std::string> words;
  for (int kind = 0; kind < 256; ++kind) {
    for (int detail = 0; detail < 16; ++detail) {
      const auto name = event_name(static_cast<EventKind>(kind), static_cast<uint8_t>(detail));
      if (name != "unknown" && name != "offer.unknown") words.emplace(name);
    }
  }
  return words;
}

std::set<std::string> reason_words() {
  std::set<std::string> words;
  const std::string text = source_text("routing/event.h");
  const std::regex reason(R"(int32_t (kReason\w+) = (\d+);)");
  for (std::sregex_iterator at(text.begin(), text.end(), reason), end; at != end; ++at) {
    if (at->str(2) != "0") words.insert(word_of(at->str(1)).substr(sizeof("reason_") - 1));
  }
  return words;
}

TEST(VocabularyTest, EveryWordOfTheCodeIsExplainedAndNoOther) {
  const std::vector<std::pair<std::string, std::set<std::string>>> kinds = {
      {"event", event_words()},
      {"refusal", enumerators("routing/command.h", "Reject")},
      {"offer outcome", enumerators("routing/command.h", "OfferOutcome")},
      {"ended by", enumerators("routing/command.h", "EndedBy")},
      {"limit", enumerators("routing/event.h", "LimitKind")},
      {"entry", enumerators("routing/event.h", "VisitEntry")},
      {"failure", enumerators("routing/event.h", "FailReason")},
      {"detach reason", enumerators("routing/event.h", "DetachReason")},
      {"treatment", enumerators("routing/event.h", "TreatmentKind")},
      {"agent state", enumerators("routing/event.h", "AgentState")},
      {"not-ready reason", reason_words()},
      {"blocker", enumerators("routing/decision.h", "Blocker")},
      {"tie-break", enumerators("routing/decision.h", "TieBreak")},
      {"hold-back", enumerators("routing/decision.h", "HoldBack")},
      {"medium", enumerators("routing/media.h", "Medium")},
      {"answer mode", enumerators("routing/station.h", "AnswerMode")},
      {"supervision", enumerators("routing/command.h", "Supervision")},
      {"transfer target", enumerators("routing/command.h", "TransferTarget")},
      {"dial outcome", enumerators("routing/callback.h", "DialOutcome")},
      {"schedule change", enumerators("routing/callback.h", "ScheduleChange")}};
  std::set<std::pair<std::string, std::string>> known;
  for (const auto& [kind, words] : kinds) {
    for (const std::string& word : words) known.emplace(kind, word);
  }
  std::set<std::pair<std::string, std::string>> explained;
  for (const std::vector<std::string>& row : table_behind(source_text(kVocabulary), "# Vocab")) {
    const std::vector<std::string> words = quoted_words(row.at(0));
    ASSERT_EQ(words.size(), 1u) << row.at(0);
    EXPECT_TRUE(explained.emplace(row.at(1), words[0]).second) << words[0] << " is there twice";
    EXPECT_TRUE(known.contains({row.at(1), words[0]}))
        << kVocabulary << ": the code has no " << row.at(1) << " `" << words[0] << "`";
  }
  for (const auto& [kind, word] : known) {
    EXPECT_TRUE(explained.contains({kind, word}))
        << kVocabulary << " lacks the line\n| `" << word << "` | " << kind << " | what it means |";
  }
}

TEST(VocabularyTest, TheGlossaryPointsToWhatThereIs) {
  std::string code;
  visit_room(".h", [&code](const std::string&, const std::string& text) { code += text; });
  for (const std::vector<std::string>& row : table_behind(source_text(kReadme), "## Glossary")) {
    ASSERT_EQ(row.size(), 3u) << row.at(0);
    const std::vector<std::string> places = quoted_words(row[2]);
    EXPECT_FALSE(places.empty()) << "where is \"" << row[0] << "\"?";
    for (const std::string& place : places) {
      if (place.ends_with(".h")) {
        EXPECT_TRUE(fs::exists(ACD_SOURCE_DIR "/routing/" + place)) << row[0];
        continue;
      }
      for (const std::string& name :
           split_cells(std::regex_replace(place, std::regex("::"), ":"), ':')) {
        EXPECT_TRUE(std::regex_search(code, std::regex("\\b" + name + "\\b")))
            << "\"" << row[0] << "\": there is no " << name;
      }
    }
  }
}

}  // namespace
}  // namespace acd
