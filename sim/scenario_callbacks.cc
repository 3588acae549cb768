// SPDX-License-Identifier: Apache-2.0
// What scenarios say of callbacks and of calls for later.
#include <algorithm>
#include <string>
#include <utility>

#include "routing/callback.h"
#include "sim/scenario_stage.h"

namespace acd::sim {

// By the switch, unless somebody is named.
std::string Stage::ask_for_callback(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  Sent sent;
  Command& command = sent.command;
  command.kind = CommandKind::kRequestCallback;
  twin_.advance(time_ns);
  const SourceIndex source = speaker(told);
  if (!sentence.has("who")) {
    command.source = source;
  } else if (!sentence.has("call")) {
    command.preferred = sent.text(twin_.ledger().sources()[source.value()].id);
  }
  command.call = sent.text(sentence.text("callback"));
  command.flag = sentence.has("call");
  if (command.flag) command.preferred = sent.text(sentence.text("call"));
  command.name = sent.text(sentence.text("queue"));
  command.text = sent.text(sentence.text("dial"));
  return send(&sent, told, time_ns);
}

// Moments are milliseconds of some clock of a wall, which means nothing to the Router.
std::string Stage::act_of_schedule(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  const auto verb = static_cast<Verb>(sentence.id);
  Sent sent;
  Command& command = sent.command;
  command.wait_ns = number_of(sentence, "moment", 0);
  command.call = sent.text(sentence.text(verb == Verb::kIsScheduled ? "callback" : "call"));
  if (verb != Verb::kIsScheduled) {
    command.kind = verb == Verb::kIsDue ? CommandKind::kCallDue : CommandKind::kRescheduleCall;
    return send(&sent, told, time_ns);
  }
  command.kind = CommandKind::kScheduleCall;
  twin_.advance(time_ns);
  const SourceIndex source = speaker(told);
  if (sentence.has("who")) {
    command.preferred = sent.text(twin_.ledger().sources()[source.value()].id);
  } else {
    command.source = source;
  }
  command.name = sent.text(sentence.text("queue"));
  command.text = sent.text(sentence.text("dial"));
  command.flag = sentence.has("number");
  command.number = number_of(sentence, "number", 0);
  return send(&sent, told, time_ns);
}

std::string Stage::act_of_customer(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  constexpr std::pair<Verb, DialOutcome> kOutcomes[] = {
      {Verb::kCustomerAnswers, DialOutcome::kAnswered},
      {Verb::kCustomerDoesNotAnswer, DialOutcome::kNoAnswer},
      {Verb::kCustomerBusy, DialOutcome::kBusy},
      {Verb::kCustomerUnreachable, DialOutcome::kUnreachable},
      {Verb::kCannotBeDialed, DialOutcome::kNone}};  // Nobody says why.
  const auto& outcome = *std::ranges::find_if(
      kOutcomes, [&](const auto& one) { return one.first == static_cast<Verb>(sentence.id); });
  twin_.advance(time_ns);
  Sent sent;
  Command& command = sent.command;
  const bool has_answered = outcome.second == DialOutcome::kAnswered;
  command.kind = has_answered ? CommandKind::kCustomerAnswered : CommandKind::kConnectFailed;
  command.source = speaker(told);
  command.call = sent.text(sentence.text("call"));
  command.generation = generation_of(sentence);
  if (has_answered) command.leg = sent.text(sentence.text("leg"));
  if (!has_answered) command.detail = static_cast<uint8_t>(outcome.second);
  return send(&sent, told, time_ns);
}

}  // namespace acd::sim
