// SPDX-License-Identifier: Apache-2.0
// Reads scenarios.
#include "sim/scenario.h"

#include <absl/status/statusor.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "daemon/config/config_file.h"
#include "daemon/config/config_tables.h"
#include "sim/command_line.h"

namespace acd::sim {
namespace {

constexpr SentencePattern verb(Verb verb, std::string_view text) {
  return {static_cast<int>(verb), text};
}
constexpr SentencePattern fact(Fact fact, std::string_view text) {
  return {static_cast<int>(fact), text};
}

constexpr SentencePattern kVerbs[] = {
    verb(Verb::kConnects, "<switch> connects [reporting ringing]"),
    verb(Verb::kRestarts, "<switch> restarts [with a list]"),
    verb(Verb::kBeginsList, "<switch> begins its list"),
    verb(Verb::kListsAgent, "<switch> lists agent <agent> at <station> [answering <mode>]"),
    verb(Verb::kListsWaiting, "<switch> lists <call> waiting in <queue> [age <age>]"),
    verb(Verb::kListsTalk, "<switch> lists <call> with <agent>"),
    verb(Verb::kEndsList, "<switch> ends its list"),
    verb(Verb::kLosesConnection, "<switch> loses its connection"),
    verb(Verb::kDaemonRestarts, "the daemon restarts"),
    verb(
        Verb::kLogsInReady,
        "<agent> logs in at <station> [of <switch>] [answering <mode>] [carrying <media>] , ready"),
    verb(Verb::kLogsIn,
         "<agent> logs in at <station> [of <switch>] [answering <mode>] [carrying <media>]"),
    verb(Verb::kLogsOut, "<agent> logs out [by force]"),
    verb(Verb::kBecomesReady, "<agent> becomes ready"),
    verb(Verb::kBecomesNotReady, "<agent> becomes not ready [( <number> )]"),
    verb(Verb::kEndsWrapUp, "<agent> ends wrap-up [of <call>]"),
    verb(Verb::kExtendsWrapUp, "<agent> extends wrap-up [of <call>]"),
    verb(Verb::kPauses, "<agent> is paused in <queue> [( <number> )]"),
    verb(Verb::kUnpauses, "<agent> is unpaused in <queue>"),
    verb(Verb::kPhoneBusy, "<agent> 's phone is busy"),
    verb(Verb::kPhoneIdle, "<agent> 's phone is idle"),
    verb(Verb::kPhoneUnregistered, "<agent> 's phone is unregistered"),
    verb(Verb::kLegUp, "<agent> 's leg is up"),
    verb(Verb::kLegLost, "<agent> 's leg is lost"),
    verb(Verb::kEnters,
         "call <call> enters <queue> [by <medium>] [needing <needs>] [priority <number>] [age "
         "<age>] "
         "[credit <credit>] [preferring <agent> for <duration>] [even if busy] [at <switch>] "
         "[leg <leg>]"),
    verb(Verb::kRings, "<agent> 's phone rings for <call> [( offer <generation> )]"),
    verb(Verb::kAnswers, "<agent> answers <call> [( offer <generation> )]"),
    verb(Verb::kTalks, "<agent> talks to <call>"),
    verb(Verb::kAcceptsAtDesktop, "<agent> accepts <call> at the desktop [( offer <generation> )]"),
    verb(Verb::kRejectsAtDesktop, "<agent> rejects <call> at the desktop [( offer <generation> )]"),
    verb(Verb::kRejects, "<agent> rejects <call> [( offer <generation> )]"),
    verb(Verb::kDoesNotAnswer, "<agent> does not answer <call> [( offer <generation> )]"),
    verb(Verb::kOfferBusy, "<agent> 's phone is busy for <call> [( offer <generation> )]"),
    verb(Verb::kOfferUnreachable,
         "<agent> 's phone is unreachable for <call> [( offer <generation> )]"),
    verb(Verb::kOfferUnknown, "<agent> 's phone is unknown for <call> [( offer <generation> )]"),
    verb(Verb::kConnected, "<call> and <agent> are connected [( offer <generation> )] [leg <leg>]"),
    verb(Verb::kCannotConnect, "<call> and <agent> cannot be connected [( offer <generation> )]"),
    verb(Verb::kCallerHangsUp, "<call> hangs up"),
    verb(Verb::kAgentHangsUp, "<agent> hangs up on <call>"),
    verb(Verb::kTimesOut, "<call> is released by the switch"),
    verb(Verb::kWithdrawn, "<call> is withdrawn by the switch"),
    verb(Verb::kRerouted, "<call> is rerouted by the switch"),
    verb(Verb::kTakenBack, "<call> is taken back"),
    verb(Verb::kRequeued, "<call> is requeued"),
    verb(Verb::kWithdrawnBySupervisor, "<call> is withdrawn by the supervisor"),
    verb(Verb::kSupervises, "<other> supervises <call> by <kind> [of <agent>]"),
    verb(Verb::kHeld, "<call> is put on hold [by <agent>]"),
    verb(Verb::kResumed, "<call> is taken off hold [by <agent>]"),
    verb(Verb::kPriority, "<call> gets priority <number>"),
    verb(Verb::kIsScored,
         "<call> is scored [code <code>] [labels <labels>] [reference <reference>] "
         "[resolved <resolved>] [survey <survey>] [quality <quality>] [by <who>]"),
    verb(Verb::kToQueue, "<call> is transferred to queue <queue> [from <agent>] [by <who>]"),
    verb(Verb::kToAgent,
         "<call> is transferred to agent <other> [in <queue>] [from <agent>] [by <who>]"),
    verb(Verb::kToSupervisor,
         "<call> is transferred to the supervisor [in <queue>] [from <agent>] [by <who>]"),
    verb(Verb::kToNumber, "<call> is transferred to number <target> [from <agent>] [by <who>]"),
    verb(Verb::kConsultsQueue,
         "<agent> consults queue <queue> about <call> as <consult> [by <who>]"),
    verb(Verb::kConsultsAgent,
         "<agent> consults agent <target> about <call> as <consult> [in <queue>] [by <who>]"),
    verb(Verb::kConsultsSupervisor,
         "<agent> consults the supervisor about <call> as <consult> [in <queue>] [by <who>]"),
    verb(Verb::kConsultsOutside,
         "<agent> consults number <target> about <call> as <consult> [by <who>]"),
    verb(Verb::kOutsideAnswers, "somebody outside answers <call>"),
    verb(Verb::kOutsideFails, "nobody outside answers <call>"),
    verb(Verb::kIsMerged, "<call> is merged [as a conference] [by <who>]"),
    verb(Verb::kLeavesCall, "<agent> leaves call <call>"),
    verb(Verb::kLegArrives, "leg <leg> arrives for leg <old> [of <switch>]"),
    verb(Verb::kAsksForCallback,
         "<call> asks to be called back as <callback> at <dial> [by <who>]"),
    verb(Verb::kCallbackAskedFor,
         "callback <callback> to <dial> is asked for in <queue> [at <switch>] [by <who>]"),
    verb(Verb::kCustomerAnswers, "customer of <call> answers [( offer <generation> )] [leg <leg>]"),
    verb(Verb::kCustomerDoesNotAnswer,
         "customer of <call> does not answer [( offer <generation> )]"),
    verb(Verb::kCustomerBusy, "customer of <call> is busy [( offer <generation> )]"),
    verb(Verb::kCustomerUnreachable, "customer of <call> is unreachable [( offer <generation> )]"),
    verb(Verb::kCannotBeDialed, "customer of <call> cannot be dialed [( offer <generation> )]"),
    verb(Verb::kIsScheduled,
         "later <callback> is scheduled for <moment> in <queue> [to <dial>] [priority <number>] "
         "[at <switch>] [by <who>]"),
    verb(Verb::kIsRescheduled, "<call> is rescheduled for <moment>"),
    verb(Verb::kIsDue, "the time of <call> has come"),
    verb(Verb::kOpens, "queue <queue> opens [( <number> )]"),
    verb(Verb::kCloses, "queue <queue> closes [( <number> )]"),
    verb(Verb::kCallbacksOpen, "callbacks of <queue> open [( <number> )]"),
    verb(Verb::kCallbacksClose, "callbacks of <queue> close [( <number> )]"),
    verb(Verb::kExpectsWait, "queue <queue> predicts a wait of <duration>"),
    verb(Verb::kExpectsUnknownWait, "queue <queue> predicts no wait"),
    verb(Verb::kDesktopConnects, "desktop <switch> connects"),
    verb(Verb::kDesktopRestarts, "desktop <switch> restarts"),
    verb(Verb::kDesktopLosesConnection, "desktop <switch> loses its connection"),
    verb(Verb::kIsAttached, "<agent> is attached to <switch>"),
    verb(Verb::kIsDetached, "<agent> is detached from <switch>"),
    verb(Verb::kCentreBecomes, "the centre becomes <centre>"),
    verb(Verb::kHasSkills, "<agent> now has <skills> [in team <team>]"),
};

constexpr SentencePattern kFacts[] = {
    fact(Fact::kNothing, "nothing"),
    fact(Fact::kCallWaits, "<call> waits"),
    fact(Fact::kAgentIs, "<agent> is <state> [( <reason> )]"),
    fact(Fact::kWaitsBecause,
         "<call> waits because <blocker> <count> [, <blocker2> <count2>] [, <blocker3> <count3>] "
         "[, <blocker4> <count4>] [until <duration>]"),
    fact(Fact::kWaitsForSwitch, "<call> waits because its switch is away"),
    fact(Fact::kWaitsForWindow, "<call> waits because its window is closed"),
    fact(Fact::kWaitsForDials, "<call> waits because others are dialed"),
    fact(Fact::kNothingWaits, "<agent> is idle because nothing waits"),
    fact(Fact::kIdleBecauseOfCalls,
         "<agent> is idle because <blocker> <count> [, <blocker2> <count2>] "
         "[, <blocker3> <count3>] [, <blocker4> <count4>]"),
    fact(Fact::kIdleByThemselves, "<agent> is idle because <blocker>"),
    fact(Fact::kWentTo, "<call> went to <agent> by <tie> [over <other>] [as preferred]"),
    fact(Fact::kOffer, "offer <call> to <agent> [( offer <generation> )]"),
    fact(Fact::kRinging, "<agent> 's phone rings for <call>"),
    fact(Fact::kAccepts, "<agent> accepts <call> [late]"),
    fact(Fact::kNoAnswer, "<call> no answer by <agent>"),
    fact(Fact::kRejected, "<call> rejected by <agent>"),
    fact(Fact::kBusy, "<call> busy at <agent>"),
    fact(Fact::kUnreachable, "<call> unreachable at <agent>"),
    fact(Fact::kUnknownAddress, "<call> unknown address of <agent>"),
    fact(Fact::kCanceled, "offer <call> to <agent> canceled"),
    fact(Fact::kRescinded, "offer <call> to <agent> rescinded"),
    fact(Fact::kConnected, "<call> connected to <agent> [leg <leg>]"),
    fact(Fact::kHeld, "<call> held"),
    fact(Fact::kResumed, "<call> resumed"),
    fact(Fact::kCompleted, "<call> completed by <who>"),
    fact(Fact::kAbandoned, "<call> abandoned"),
    fact(Fact::kTimedOut, "<call> timed out [cause <cause>]"),
    fact(Fact::kWithdrawn, "<call> withdrawn"),
    fact(Fact::kRerouted, "<call> rerouted [unseen]"),
    fact(Fact::kFailed, "<call> failed ( <why> )"),
    fact(Fact::kBack, "<call> back from <agent>"),
    fact(Fact::kOverflows, "<call> overflows from <queue> to <target> ( <limit> )"),
    fact(Fact::kLeavesOutside, "<call> leaves <queue> for number <target> ( <limit> )"),
    fact(Fact::kEnters,
         "<call> enters <queue> [ahead by <credit>] [preferring <agent> for <duration>]"),
    fact(Fact::kTurnedAway, "<call> turned away by <queue> ( <limit> ) [cause <cause>]"),
    fact(Fact::kHasPriority, "<call> has priority <number>"),
    fact(Fact::kScored,
         "<call> scored [code <code>] [labels <labels>] [reference <reference>] "
         "[resolved <resolved>] [survey <survey>] [quality <quality>] [for <agent>] [in <queue>]"),
    fact(Fact::kTransferred, "<call> transferred from <queue> to <kind> <target> [by <agent>]"),
    fact(Fact::kJoinsCall, "<agent> joins call <call>"),
    fact(Fact::kLeavesCall, "<agent> leaves call <call>"),
    fact(Fact::kRetrieved, "<call> retrieved by <agent>"),
    fact(Fact::kSupervised, "<call> supervised by <kind> [of <agent>] [for <other>] [at <dial>]"),
    fact(Fact::kDialedOutside, "number <target> dialed for <call> by <agent>"),
    fact(Fact::kLegReplaced, "<call> has leg <leg> for <old> [of <agent>]"),
    fact(Fact::kUnderSteps, "<call> under step <step> [and <step2>] [and <step3>]"),
    fact(Fact::kUnderNoStep, "<call> under no step"),
    fact(Fact::kHears, "<call> hears <media> [position <number>] [wait <duration>]"),
    fact(Fact::kTold, "<call> is told <media>"),
    fact(Fact::kCallbackOffered, "<call> is offered a callback <media>"),
    fact(Fact::kCallbackRequested, "<call> to be called back as <callback> [cause <cause>]"),
    fact(Fact::kDialed, "<call> dialed at <dial> [for <agent>] [attempt <attempt>] [leg <leg>]"),
    fact(Fact::kDialFailed,
         "<call> dial failed ( <why> ) [attempt <attempt>] [again in <duration>]"),
    fact(Fact::kCustomerAnswered, "<call> customer answered [leg <leg>]"),
    fact(Fact::kDue, "<call> due"),
    fact(Fact::kScheduled, "<call> scheduled ( <change> ) [for <moment>]"),
    fact(Fact::kDropped, "<call> dropped ( <verdict> )"),
    fact(Fact::kStale, "<call> stale"),
    fact(Fact::kLegDropped, "leg of <call> dropped"),
    fact(Fact::kLoggedIn, "<agent> logged in"),
    fact(Fact::kLoggedOut, "<agent> logged out [by the newer log-in]"),
    fact(Fact::kLoggedOutOnBehalf, "<agent> logged out on behalf"),
    fact(Fact::kLegUp, "<agent> leg up"),
    fact(Fact::kLegLost, "<agent> leg lost"),
    fact(Fact::kNotReady, "<agent> not ready ( <reason> )"),
    fact(Fact::kState, "<agent> turns <state>"),
    fact(Fact::kWrapsUp, "<agent> wraps up [for <duration>]"),
    fact(Fact::kWrapUpOver, "<agent> wrap-up over"),
    fact(Fact::kQueueRemoved, "queue <queue> removed"),
    fact(Fact::kJoins, "<agent> joins <queue> [rank <number>]"),
    fact(Fact::kLeaves, "<agent> leaves <queue>"),
    fact(Fact::kPaused, "<agent> paused in <queue>"),
    fact(Fact::kUnpaused, "<agent> unpaused in <queue>"),
    fact(Fact::kSwitchLost, "<switch> lost"),
    fact(Fact::kResynced, "<switch> resynced [too late]"),
    fact(Fact::kSwitchBack, "<switch> back"),
    fact(Fact::kDesktopLost, "desktop <switch> lost"),
    fact(Fact::kDesktopBack, "desktop <switch> back"),
    fact(Fact::kAttached, "<agent> attached to <switch>"),
    fact(Fact::kDetached, "<agent> detached from <switch> ( <why> )"),
};

// What comes first may be known to nobody.
bool may_name_new_call(int verb) {
  return verb == static_cast<int>(Verb::kEnters) || verb == static_cast<int>(Verb::kRerouted) ||
         verb == static_cast<int>(Verb::kListsWaiting) ||
         verb == static_cast<int>(Verb::kListsTalk);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    lines.push_back(line);
  }
  return lines;
}

bool is_indented(std::string_view line) { return line.starts_with("  "); }

bool is_empty(std::string_view line) {
  const size_t at = line.find_first_not_of(" \t");
  return at == std::string_view::npos || line[at] == '#';
}

// Reads one file; stops at the first error, but lists all of a centre's.
class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : lines_(lines_of(text)) {
    scenario_.file = file;
  }

  std::variant<Scenario, std::string> read() {
    if (lines_.empty() || !lines_[0].starts_with("# ")) {
      fail(1, 1, "begin with \"# \" and a sentence that says what it shows");
    } else {
      scenario_.shows = lines_[0].substr(2);
    }
    while (error_.empty() && at_ < lines_.size()) {
      if (is_empty(lines_[at_])) {
        ++at_;
      } else {
        read_section();
      }
    }
    if (error_.empty()) check();
    if (!error_.empty()) return error_;
    return std::move(scenario_);
  }

 private:
  void fail(size_t line, uint32_t column, const std::string& what) {
    if (!error_.empty()) return;
    error_ =
        scenario_.file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + what;
  }
  void fail(const Word& word, const std::string& what) { fail(at_ + 1, word.column, what); }

  void read_section() {
    std::string_view head = lines_[at_];
    if (head == "story:") {
      ++at_;
      while (error_.empty() && at_ < lines_.size()) {
        if (!is_empty(lines_[at_])) read_story_line(lines_[at_]);
        ++at_;
      }
      return;
    }
    const bool is_centre = head.starts_with("centre") && head.ends_with(":") && at_ > 0;
    if (!is_centre) return fail(at_ + 1, 1, "expected \"centre:\", \"centre NAME:\" or \"story:\"");
    head.remove_prefix(std::string_view("centre").size());
    head.remove_suffix(1);
    head.remove_prefix(std::min(head.find_first_not_of(' '), head.size()));
    read_centre(std::string(head));
  }

  // The section as a whole configuration file whose lines have the same numbers.
  void read_centre(const std::string& name) {
    std::string yaml(at_ - 1, '\n');
    yaml += "tenants:\n  - id: golden\n";
    for (++at_; at_ < lines_.size() && (is_empty(lines_[at_]) || is_indented(lines_[at_])); ++at_) {
      if (!is_empty(lines_[at_])) yaml.append("  ").append(lines_[at_]);
      yaml += "\n";
    }
    const auto seeds = parse_config(yaml, scenario_.file);
    if (!seeds.ok()) {
      error_ = std::string(seeds.status().message());
      return;
    }
    Centre centre;
    centre.config = to_tables(seeds->front().config);
    for (const auto& agent : seeds->front().agents) centre.agents.push_back(to_profile(agent));
    if (!scenario_.centres.emplace(name, std::move(centre)).second) {
      fail(at_, 1, "centre \"" + name + "\" is there twice");
    }
  }

  void read_story_line(std::string_view line) {
    if (!is_indented(line)) return fail(at_ + 1, 1, "indent the lines of a story by two spaces");
    auto split = split_words(line, 1);
    if (const auto* error = std::get_if<SentenceError>(&split)) {
      return fail(at_ + 1, error->column, error->description);
    }
    const auto& words = std::get<std::vector<Word>>(split);
    std::span<const Word> rest(words);
    StoryLine story;
    story.line = static_cast<uint32_t>(at_ + 1);
    story.time_ns = scenario_.story.empty() ? 0 : scenario_.story.back().time_ns;
    if (const auto time = parse_duration(rest[0].text)) {
      if (*time < story.time_ns) return fail(rest[0], "time goes back");
      story.time_ns = *time;
      story.is_timed = true;
      rest = rest.subspan(1);
    } else if (rest[0].text != "expect") {
      return fail(rest[0], "expected a time such as 20s, or \"expect\"");
    }
    if (!rest.empty() && rest[0].text == "expect") {
      story.is_expectation = true;
      rest = rest.subspan(1);
    }
    // Sentences are separated by semicolons.
    while (error_.empty()) {
      const auto end = std::ranges::find_if(
          rest, [](const Word& word) { return word.text == ";" && !word.is_quoted; });
      const auto size = static_cast<size_t>(end - rest.begin());
      if (size == 0) return fail(words.back(), "a sentence is missing");
      read_sentence(rest.first(size), &story);
      if (end == rest.end()) break;
      rest = rest.subspan(size + 1);
    }
    scenario_.story.push_back(std::move(story));
  }

  void read_sentence(std::span<const Word> words, StoryLine* story) {
    StorySentence read;
    if (!story->is_expectation && !take_frame(&words, &read)) return;
    if (words.empty()) return fail(at_ + 1, 1, "a sentence is missing");
    auto sentence = story->is_expectation ? recognise(kFacts, words) : recognise(kVerbs, words);
    if (const auto* error = std::get_if<SentenceError>(&sentence)) {
      return fail(at_ + 1, error->column, error->description);
    }
    read.sentence = std::move(std::get<Sentence>(sentence));
    check_slots(read);
    if (!story->is_expectation && may_name_new_call(read.sentence.id)) {
      calls_.push_back(read.sentence.text("call"));
    }
    if (read.sentence.has("consult") && !read.refused) {
      calls_.push_back(read.sentence.text("consult"));
    }
    if (!story->is_expectation && read.sentence.has("callback")) {
      calls_.push_back(read.sentence.text("callback"));
    }
    story->sentences.push_back(std::move(read));
  }

  // "pbx says:", "again:" in front, "-> refused: agent_busy" behind.
  bool take_frame(std::span<const Word>* words, StorySentence* read) {
    if (words->size() > 2 && (*words)[1].text == "says" && (*words)[2].text == ":") {
      read->says = (*words)[0].text;
      *words = words->subspan(3);
    } else if (words->size() > 1 && (*words)[0].text == "again" && (*words)[1].text == ":") {
      read->is_again = true;
      *words = words->subspan(2);
    }
    const auto arrow = std::ranges::find(*words, "->", &Word::text);
    if (arrow == words->end()) return true;
    const auto size = static_cast<size_t>(arrow - words->begin());
    const std::span<const Word> tail = words->subspan(size);
    if (tail.size() != 4 || tail[1].text != "refused" || tail[2].text != ":") {
      fail(tail[0], "expected \"-> refused: VERDICT\"");
      return false;
    }
    for (int i = 0; i < kRejectCount; ++i) {
      if (reject_name(static_cast<Reject>(i)) == tail[3].text) {
        read->refused = static_cast<Reject>(i);
      }
    }
    if (!read->refused || *read->refused == Reject::kNone) {
      fail(tail[3], "no verdict has that name");
      return false;
    }
    *words = words->first(size);
    return true;
  }

  // Names must be known, numbers be numbers.
  void check_slots(const StorySentence& read) {
    for (const auto& [slot, word] : read.sentence.slots) {
      const bool is_number = slot == "number" || slot == "generation" || slot == "cause" ||
                             slot == "moment" || slot == "attempt" || slot == "survey" ||
                             slot == "quality" || slot.starts_with("step") ||
                             slot.starts_with("count");
      const bool is_duration = slot == "duration" || slot == "age" || slot == "credit";
      int32_t number = 0;
      const char* const end = word.text.data() + word.text.size();
      if (is_number) {
        const auto result = std::from_chars(word.text.data(), end, number);
        if (result.ec != std::errc() || result.ptr != end) fail(word, "expected a number");
      }
      if (is_duration && !parse_duration(word.text)) fail(word, "expected a time such as 20s");
      if (read.refused) continue;  // Unknown names are what it is about.
      const bool is_agent = slot == "agent" || (slot == "other" && word.text != "somebody");
      if (is_agent && !knows_agent(word.text)) fail(word, "no such agent");
      if (slot == "medium" && !find_medium(word.text)) fail(word, "no such medium");
      if (slot == "queue" && !knows_queue(word.text)) fail(word, "no such queue");
      if (slot == "centre" && !scenario_.centres.contains(word.text)) fail(word, "no such centre");
      const bool is_new = may_name_new_call(read.sentence.id);
      if (slot == "call" && !is_new && std::ranges::find(calls_, word.text) == calls_.end()) {
        fail(word, "no such call");
      }
    }
  }

  [[nodiscard]] bool knows_agent(const std::string& id) const {
    return std::ranges::any_of(scenario_.centres, [&](const auto& centre) {
      return std::ranges::find(centre.second.agents, id, &AgentProfile::id) !=
             centre.second.agents.end();
    });
  }
  [[nodiscard]] bool knows_queue(const std::string& id) const {
    return std::ranges::any_of(scenario_.centres, [&](const auto& centre) {
      return std::ranges::find(centre.second.config.queues, id, &QueueConfig::id) !=
             centre.second.config.queues.end();
    });
  }

  void check() {
    const bool expects = std::ranges::any_of(
        scenario_.story, [](const StoryLine& line) { return line.is_expectation; });
    if (!scenario_.centres.contains("")) fail(lines_.size(), 1, "there is no \"centre:\"");
    if (!expects) fail(lines_.size(), 1, "the story expects nothing");
  }

  const std::vector<std::string_view> lines_;
  Scenario scenario_;
  std::vector<std::string> calls_;
  size_t at_ = 0;
  std::string error_;
};

}  // namespace

std::variant<Scenario, std::string> parse_scenario(std::string_view text, const std::string& file) {
  return Reader(text, file).read();
}

}  // namespace acd::sim
