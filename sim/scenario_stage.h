// SPDX-License-Identifier: Apache-2.0
// Where a scenario is played: what has happened and is not told yet.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "routing/decision.h"
#include "routing/event.h"
#include "sim/scenario.h"
#include "sim/twin.h"

namespace acd::sim {

// Of those who name none.
inline constexpr std::string_view kFirstSwitch = "pbx";
// Who says something, and is no switch.
inline constexpr std::string_view kSupervisor = "supervisor";

// One event of the Router, with names instead of indices.
struct StageEvent {
  Event event;
  std::string call;
  std::string agent;
  std::string queue;
  std::string source;
  std::string text;
  std::string text2;
  std::string text3;
  std::string line;  // For messages.
};

class Stage {
 public:
  explicit Stage(const Centre& centre);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // What a sentence that tells something does. What went wrong, or empty.
  [[nodiscard]] std::string act(const Scenario& scenario, const StorySentence& told,
                                int64_t time_ns);
  void advance(int64_t time_ns) { twin_.advance(time_ns); }
  // Whether the next thing that happened, or how things stand, is as the sentence expects.
  [[nodiscard]] std::string check(const StorySentence& expected);
  // The first event that must be told and is not; empty if there is none.
  [[nodiscard]] std::string untold();
  [[nodiscard]] const std::string& difference() const { return twin_.difference(); }
  // Why the centre cannot be set up; empty if it could.
  [[nodiscard]] const std::string& setup_error() const { return setup_error_; }

 private:
  struct Sent {
    Command command;
    std::string arena;
    TextRef text(std::string_view value);
  };

  TwinOptions options();
  void see(const Event& event, const EventLog& log, std::string_view call_id);
  std::string supervise(const StorySentence& told, int64_t time_ns);
  std::string connect(const std::string& source, bool is_new_epoch, bool reports_ringing,
                      bool has_list = false);
  std::string connect_desktop(const std::string& desktop, bool is_new_epoch);
  std::string become(const Centre& centre, int64_t time_ns);
  std::string give_skills(const Sentence& sentence, int64_t time_ns);
  // --- scenario_acts.cc: from sentences to commands.
  std::string send(Sent* sent, const StorySentence& told, int64_t time_ns);
  // The same, and takes out the event that the sentence tells itself.
  std::string send_and_take(Sent* sent, const StorySentence& told, std::optional<EventKind> echo,
                            int64_t time_ns);
  std::string act_of_agent(const StorySentence& told, int64_t time_ns);
  std::string act_of_call(const StorySentence& told, int64_t time_ns);
  std::string act_of_desktop(const StorySentence& told, int64_t time_ns);
  std::string act_of_offer(const StorySentence& told, int64_t time_ns);
  std::string consult(const StorySentence& told, int64_t time_ns);
  std::string score(const StorySentence& told, int64_t time_ns);
  std::string transfer(const StorySentence& told, int64_t time_ns);
  std::string replace_leg(const StorySentence& told, int64_t time_ns);
  std::string ask_for_callback(const StorySentence& told, int64_t time_ns);
  std::string act_of_schedule(const StorySentence& told, int64_t time_ns);
  std::string act_of_customer(const StorySentence& told, int64_t time_ns);
  std::string act_of_queue(const StorySentence& told, int64_t time_ns);
  std::string list(const StorySentence& told, int64_t time_ns);
  std::string enter(const StorySentence& told, int64_t time_ns);
  [[nodiscard]] SourceIndex source_named(std::string_view id) const;
  [[nodiscard]] SourceIndex speaker(const StorySentence& told) const;
  [[nodiscard]] uint32_t generation_of(const Sentence& sentence) const;
  // Takes the event that a sentence itself tells out of what has just happened.
  std::string take_echo(EventKind kind, size_t from);
  // --- scenario_facts.cc: from sentences to what is expected.
  [[nodiscard]] std::string check_stand(const Sentence& sentence) const;
  [[nodiscard]] std::string check_state(const Sentence& sentence) const;
  [[nodiscard]] std::string check_wait(const Sentence& sentence) const;
  [[nodiscard]] std::string check_idle(const Sentence& sentence) const;
  [[nodiscard]] std::string check_assignment(const Sentence& sentence) const;
  [[nodiscard]] std::string agent_name(AgentIndex agent) const;
  static bool is_event(const Sentence& sentence, const StageEvent& seen);

  std::map<std::string, Decision, std::less<>> decisions_;  // The latest of each call.
  Twin twin_;
  std::deque<StageEvent> seen_;
  Centre centre_;
  std::string setup_error_;
  std::map<std::string, int> epochs_;
};

// Whether a story may leave such an event out.
[[nodiscard]] bool may_stay_untold(EventKind kind);

}  // namespace acd::sim
