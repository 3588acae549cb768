// SPDX-License-Identifier: Apache-2.0
// Stories of switches that list what they have.
#include "routing/station.h"
#include "sim/scenario_stage.h"

namespace acd::sim {

std::string Stage::list(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  Sent sent;
  Command& command = sent.command;
  command.source = source_named(sentence.text("switch"));
  if (!command.source.valid()) return "no such switch";
  command.call = sent.text(sentence.text("call"));
  switch (static_cast<Verb>(sentence.id)) {
    case Verb::kBeginsList:
      command.kind = CommandKind::kResyncBegin;
      break;
    case Verb::kListsAgent:
      command.kind = CommandKind::kKeepAgent;
      command.name = sent.text(sentence.text("agent"));
      command.text = sent.text(sentence.text("station"));
      command.detail = static_cast<uint8_t>(
          find_answer_mode(sentence.text("mode")).value_or(AnswerMode::kPhone));
      break;
    case Verb::kListsWaiting:
      command.kind = CommandKind::kKeepCall;
      command.name = sent.text(sentence.text("queue"));
      command.age_ns = parse_duration(sentence.text("age")).value_or(0);
      break;
    case Verb::kListsTalk:
      command.kind = CommandKind::kKeepCall;
      command.generation = 1;
      command.name = sent.text(sentence.text("agent"));
      break;
    default:
      command.kind = CommandKind::kResyncEnd;
      break;
  }
  return send(&sent, told, time_ns);
}

}  // namespace acd::sim
