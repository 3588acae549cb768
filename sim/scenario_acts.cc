// SPDX-License-Identifier: Apache-2.0
// Plays scenarios: from what is told to commands.
#include <algorithm>
#include <utility>

#include "routing/callback.h"
#include "routing/event_words.h"
#include "routing/outcome.h"
#include "routing/station.h"
#include "sim/command_line.h"
#include "sim/event_line.h"
#include "sim/scenario_stage.h"

namespace acd::sim {
namespace {

// An expectation with a time looks so long after it, so that timers of that instant have fired.
constexpr int64_t kLookNs = 1'000;

int64_t duration_of(const Sentence& sentence, std::string_view slot) {
  return parse_duration(sentence.text(slot)).value_or(0);
}

// What the verbs send, and the event that they tell themselves.
struct CallAct {
  Verb verb;
  CommandKind kind;
  EndedBy ended_by;
  std::optional<EventKind> echo;
};
constexpr CallAct kCallActs[] = {
    {Verb::kCallerHangsUp, CommandKind::kEndCall, EndedBy::kCaller, {}},
    {Verb::kAgentHangsUp, CommandKind::kEndCall, EndedBy::kAgent, {}},
    {Verb::kTimesOut, CommandKind::kEndCall, EndedBy::kTimeout, {}},
    {Verb::kWithdrawn, CommandKind::kEndCall, EndedBy::kSwitch, {}},
    {Verb::kRerouted, CommandKind::kRerouteCall, EndedBy::kNone, {}},
    {Verb::kTakenBack, CommandKind::kEndCall, EndedBy::kSwitch, {}},
    {Verb::kRequeued, CommandKind::kRequeueCall, EndedBy::kNone, {}},
    {Verb::kWithdrawnBySupervisor, CommandKind::kEndCall, EndedBy::kSupervisor, {}},
    {Verb::kHeld, CommandKind::kHoldCall, EndedBy::kNone, EventKind::kCallHeld},
    {Verb::kResumed, CommandKind::kResumeCall, EndedBy::kNone, EventKind::kCallResumed},
    {Verb::kPriority, CommandKind::kChangePriority, EndedBy::kNone,
     EventKind::kCallPriorityChanged},
    {Verb::kOutsideAnswers, CommandKind::kCallConnected, EndedBy::kNone,
     EventKind::kCallOutsideAnswered},
    {Verb::kOutsideFails, CommandKind::kConnectFailed, EndedBy::kNone, {}}};

}  // namespace

TextRef Stage::Sent::text(std::string_view value) {
  const TextRef ref{static_cast<uint32_t>(arena.size()), static_cast<uint32_t>(value.size())};
  arena += value;
  return ref;
}

Stage::Stage(const Centre& centre)
    : twin_(options(), [this](const Event& event, const EventLog& log, std::string_view call_id) {
        see(event, log, call_id);
      }) {
  setup_error_ = become(centre, 0);
  if (setup_error_.empty()) setup_error_ = connect(std::string(kFirstSwitch), false, false);
  seen_.clear();
}

TwinOptions Stage::options() {
  TwinOptions options;
  options.see_decision = [this](std::string_view call_id, const Decision& decision) {
    decisions_.insert_or_assign(std::string(call_id), decision);
  };
  return options;
}

bool may_stay_untold(EventKind kind) {
  return kind == EventKind::kAgentStateChanged || kind == EventKind::kAgentUpserted ||
         kind == EventKind::kQueueConfigChanged;
}

void Stage::see(const Event& event, const EventLog& log, std::string_view call_id) {
  const Ledger& ledger = twin_.ledger();
  StageEvent seen;
  seen.event = event;
  seen.call = call_id;
  if (event.agent.value() < ledger.agents().size()) {
    seen.agent = ledger.agents()[event.agent.value()].id;
  }
  if (event.queue.value() < ledger.queues().size()) {
    seen.queue = ledger.queues()[event.queue.value()];
  }
  seen.text = event.text.in(log.arena);
  seen.text2 = event.text2.in(log.arena);
  seen.text3 = event.text3.in(log.arena);
  const bool may_be_over =
      event.kind == EventKind::kOfferStale || event.kind == EventKind::kCallScored ||
      event.kind == EventKind::kCallRerouted || event.kind == EventKind::kCallScheduled;
  if (may_be_over) seen.call = seen.text;
  if (event.kind == EventKind::kSwitchConnected || event.kind == EventKind::kDesktopConnected) {
    seen.source = seen.text;
  } else if (event.source.value() < ledger.sources().size()) {
    seen.source = ledger.sources()[event.source.value()].id;
  }
  seen.line = event_line(event, log, EventNames{seen.call, seen.agent, seen.queue});
  seen_.push_back(std::move(seen));
}

std::string Stage::untold() {
  while (!seen_.empty() && may_stay_untold(seen_.front().event.kind)) seen_.pop_front();
  return seen_.empty() ? "" : seen_.front().line;
}

std::string Stage::take_echo(EventKind kind, size_t from) {
  const auto begin = seen_.begin() + static_cast<std::ptrdiff_t>(std::min(from, seen_.size()));
  const auto echo = std::find_if(begin, seen_.end(),
                                 [&](const StageEvent& seen) { return seen.event.kind == kind; });
  if (echo == seen_.end()) return std::string("no ") + std::string(event_name(kind, 0)) + " of it";
  seen_.erase(echo);
  return "";
}

SourceIndex Stage::source_named(std::string_view id) const {
  const auto& sources = twin_.ledger().sources();
  const auto it = std::ranges::find(sources, id, &LedgerSource::id);
  return it == sources.end() ? SourceIndex()
                             : SourceIndex(static_cast<size_t>(it - sources.begin()));
}

// Who says it: as told, else the switch of the call or of the agent.
SourceIndex Stage::speaker(const StorySentence& told) const {
  if (told.says == kSupervisor) return {};
  if (!told.says.empty()) return source_named(told.says);
  const Sentence& sentence = told.sentence;
  if (sentence.has("switch")) return source_named(sentence.text("switch"));
  const Ledger& ledger = twin_.ledger();
  if (sentence.has("call")) {
    const LedgerCall* call = ledger.find_call(sentence.text("call"));
    if (call != nullptr) return call->source;
    const auto gone = std::ranges::find(ledger.ended(), sentence.text("call"), &LedgerCall::id);
    if (gone != ledger.ended().end()) return gone->source;
  } else if (const LedgerAgent* agent = ledger.find_agent(sentence.text("agent"));
             agent != nullptr && agent->source.valid()) {
    return agent->source;
  }
  return source_named(kFirstSwitch);
}

uint32_t Stage::generation_of(const Sentence& sentence) const {
  if (sentence.has("generation")) {
    return static_cast<uint32_t>(number_of(sentence, "generation", 0));
  }
  const LedgerCall* call = twin_.ledger().find_call(sentence.text("call"));
  if (call == nullptr) return 1;
  for (const LedgerOffer& offer : call->offers) {
    if (twin_.ledger().agents()[offer.agent.value()].id == sentence.text("agent")) {
      return offer.generation;
    }
  }
  return call->generation;
}

// Sends it as the next event of its switch; what went wrong, or empty.
std::string Stage::send(Sent* sent, const StorySentence& told, int64_t time_ns) {
  twin_.advance(time_ns);
  Command& command = sent->command;
  std::vector<LedgerSource>& sources = twin_.ledger().sources();
  const bool is_of_switch = command.source.value() < sources.size() &&
                            command.kind != CommandKind::kOpenSession &&
                            command.kind != CommandKind::kCloseSession;
  if (is_of_switch) {
    LedgerSource& source = sources[command.source.value()];
    if (!source.is_connected) return "switch " + source.id + " is not connected";
    if (!told.is_again) ++source.last_sequence;
    command.sequence = source.last_sequence;
  }
  const Reject reject = twin_.apply(command, sent->arena, time_ns);
  if (reject == told.refused.value_or(Reject::kNone)) return "";
  return "it is refused as " + std::string(reject_name(reject));
}

std::string Stage::send_and_take(Sent* sent, const StorySentence& told,
                                 std::optional<EventKind> echo, int64_t time_ns) {
  // What happened on the way there is not of this command.
  twin_.advance(time_ns);
  const size_t before = seen_.size();
  const std::string wrong = send(sent, told, time_ns);
  if (!wrong.empty() || told.refused || !echo) return wrong;
  return take_echo(*echo, before);
}

std::string Stage::connect(const std::string& source, bool is_new_epoch, bool reports_ringing,
                           bool has_list) {
  if (is_new_epoch) ++epochs_[source];
  Sent sent;
  sent.command.kind = CommandKind::kOpenSession;
  sent.command.name = sent.text(source);
  sent.command.text = sent.text("epoch-" + std::to_string(epochs_[source]));
  sent.command.flag = reports_ringing;
  sent.command.number = has_list ? 1 : 0;
  return send_and_take(&sent, {}, EventKind::kSwitchConnected, twin_.now_ns());
}

std::string Stage::become(const Centre& centre, int64_t time_ns) {
  const Reject reject = twin_.configure(centre.config, time_ns);
  if (reject != Reject::kNone) {
    return "the configuration is refused as " + std::string(reject_name(reject));
  }
  for (const AgentProfile& agent : centre.agents) {
    const auto known = std::ranges::find(centre_.agents, agent.id, &AgentProfile::id);
    const bool is_same = known != centre_.agents.end() && known->skills == agent.skills &&
                         known->team == agent.team && known->media == agent.media;
    if (is_same) continue;
    const Reject upserted = twin_.upsert_agents({agent}, time_ns);
    if (upserted != Reject::kNone) return "agent " + agent.id + " is refused";
  }
  centre_ = centre;
  return "";
}

std::string Stage::act(const Scenario& scenario, const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  switch (static_cast<Verb>(sentence.id)) {
    case Verb::kConnects:
      twin_.advance(time_ns);
      return connect(sentence.text("switch"), false, sentence.has("reporting"));
    case Verb::kRestarts:
      twin_.advance(time_ns);
      return connect(sentence.text("switch"), true, false, sentence.has("with"));
    case Verb::kBeginsList:
    case Verb::kListsAgent:
    case Verb::kListsWaiting:
    case Verb::kListsTalk:
    case Verb::kEndsList:
      return list(told, time_ns);
    case Verb::kLosesConnection: {
      Sent sent;
      sent.command.kind = CommandKind::kCloseSession;
      sent.command.source = source_named(sentence.text("switch"));
      if (!sent.command.source.valid()) return "no such switch";
      return send_and_take(&sent, told, EventKind::kSwitchDisconnected, time_ns);
    }
    case Verb::kDaemonRestarts: {
      // Its timers are late by then: no send(), which would let them fire first.
      Command command;
      command.kind = CommandKind::kResume;
      const Reject reject = twin_.apply(command, "", time_ns);
      return reject == Reject::kNone ? "" : "it is refused";
    }
    case Verb::kDesktopConnects:
    case Verb::kDesktopRestarts:
      twin_.advance(time_ns);
      return connect_desktop(sentence.text("switch"),
                             static_cast<Verb>(sentence.id) == Verb::kDesktopRestarts);
    case Verb::kDesktopLosesConnection:
    case Verb::kIsAttached:
    case Verb::kIsDetached:
      return act_of_desktop(told, time_ns);
    case Verb::kCentreBecomes: {
      const Centre& next = scenario.centres.find(sentence.text("centre"))->second;
      if (!told.refused) return become(next, time_ns);
      const Reject reject = twin_.configure(next.config, time_ns);
      return reject == *told.refused ? "" : "the verdict is " + std::string(reject_name(reject));
    }
    case Verb::kHasSkills:
      return give_skills(sentence, time_ns);
    case Verb::kEnters:
      return enter(told, time_ns);
    case Verb::kIsScored:
      return score(told, time_ns);
    case Verb::kToQueue:
    case Verb::kToAgent:
    case Verb::kToSupervisor:
    case Verb::kToNumber:
      return transfer(told, time_ns);
    case Verb::kConsultsQueue:
    case Verb::kConsultsAgent:
    case Verb::kConsultsSupervisor:
    case Verb::kConsultsOutside:
    case Verb::kIsMerged:
    case Verb::kLeavesCall:
      return consult(told, time_ns);
    case Verb::kSupervises:
      return supervise(told, time_ns);
    case Verb::kLegArrives:
      return replace_leg(told, time_ns);
    case Verb::kAsksForCallback:
    case Verb::kCallbackAskedFor:
      return ask_for_callback(told, time_ns);
    case Verb::kIsScheduled:
    case Verb::kIsRescheduled:
    case Verb::kIsDue:
      return act_of_schedule(told, time_ns);
    case Verb::kCustomerAnswers:
    case Verb::kCustomerDoesNotAnswer:
    case Verb::kCustomerBusy:
    case Verb::kCustomerUnreachable:
    case Verb::kCannotBeDialed:
      return act_of_customer(told, time_ns);
    case Verb::kOpens:
    case Verb::kCloses:
    case Verb::kCallbacksOpen:
    case Verb::kCallbacksClose:
    case Verb::kExpectsWait:
    case Verb::kExpectsUnknownWait:
      return act_of_queue(told, time_ns);
    case Verb::kLogsIn:
    case Verb::kLogsInReady:
    case Verb::kLogsOut:
    case Verb::kBecomesReady:
    case Verb::kBecomesNotReady:
    case Verb::kEndsWrapUp:
    case Verb::kExtendsWrapUp:
    case Verb::kPauses:
    case Verb::kUnpauses:
    case Verb::kPhoneBusy:
    case Verb::kPhoneIdle:
    case Verb::kPhoneUnregistered:
    case Verb::kLegUp:
    case Verb::kLegLost:
      return act_of_agent(told, time_ns);
    case Verb::kRings:
    case Verb::kAnswers:
    case Verb::kTalks:
    case Verb::kAcceptsAtDesktop:
    case Verb::kRejectsAtDesktop:
    case Verb::kRejects:
    case Verb::kDoesNotAnswer:
    case Verb::kOfferBusy:
    case Verb::kOfferUnreachable:
    case Verb::kOfferUnknown:
    case Verb::kConnected:
    case Verb::kCannotConnect:
      return act_of_offer(told, time_ns);
    case Verb::kCallerHangsUp:
    case Verb::kAgentHangsUp:
    case Verb::kTimesOut:
    case Verb::kWithdrawn:
    case Verb::kRerouted:
    case Verb::kTakenBack:
    case Verb::kRequeued:
    case Verb::kWithdrawnBySupervisor:
    case Verb::kHeld:
    case Verb::kResumed:
    case Verb::kPriority:
    case Verb::kOutsideAnswers:
    case Verb::kOutsideFails:
      return act_of_call(told, time_ns);
  }
  return "no such sentence";
}

std::string Stage::enter(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  Sent sent;
  Command& command = sent.command;
  command.kind = CommandKind::kEnqueueCall;
  command.source = speaker(told);
  command.call = sent.text(sentence.text("call"));
  command.name = sent.text(sentence.text("queue"));
  command.text = sent.text(sentence.text("needs"));
  command.leg = sent.text(sentence.text("leg"));
  command.flag = sentence.has("number");
  command.number = number_of(sentence, "number", 0);
  command.age_ns = duration_of(sentence, "age");
  command.age_credit_ns = duration_of(sentence, "credit");
  if (sentence.has("agent")) {
    command.preferred = sent.text(sentence.text("agent"));
    command.wait_ns = duration_of(sentence, "duration");
    command.detail = sentence.has("even") ? 1 : 0;
  }
  const Medium medium = find_medium(sentence.text("medium")).value_or(Medium::kVoice);
  command.detail |= static_cast<uint8_t>(static_cast<int>(medium) << 1);
  return send_and_take(&sent, told, EventKind::kCallEnqueued, time_ns);
}

std::string Stage::act_of_call(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  const CallAct& act =
      *std::ranges::find(kCallActs, static_cast<Verb>(sentence.id), &CallAct::verb);
  twin_.advance(time_ns);
  Sent sent;
  sent.command.kind = act.kind;
  const auto verb = static_cast<Verb>(sentence.id);
  const bool is_by_request =
      verb == Verb::kTakenBack || verb == Verb::kRequeued || verb == Verb::kWithdrawnBySupervisor;
  if (!is_by_request) sent.command.source = speaker(told);
  sent.command.call = sent.text(sentence.text("call"));
  sent.command.detail = static_cast<uint8_t>(act.ended_by);
  sent.command.generation = generation_of(sentence);
  sent.command.number = number_of(sentence, "number", 0);
  if (sentence.has("by")) sent.command.name = sent.text(sentence.text("agent"));
  // A hold before the call is connected shows later, or never.
  const LedgerCall* call = twin_.ledger().find_call(sentence.text("call"));
  const bool is_hold = act.kind == CommandKind::kHoldCall || act.kind == CommandKind::kResumeCall;
  const bool shows = !is_hold || (call != nullptr && call->stage == LedgerStage::kConnected);
  return send_and_take(&sent, told, shows ? act.echo : std::nullopt, time_ns);
}

// By its switch, unless somebody is named.
std::string Stage::score(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  Sent sent;
  Command& command = sent.command;
  command.kind = CommandKind::kSetOutcome;
  if (!sentence.has("who")) command.source = speaker(told);
  command.call = sent.text(sentence.text("call"));
  const std::pair<std::string_view, uint8_t> parts[] = {
      {"code", kSaysCode},         {"labels", kSaysLabels}, {"reference", kSaysReference},
      {"resolved", kSaysResolved}, {"survey", kSaysSurvey}, {"quality", kSaysQuality}};
  for (const auto& [slot, says] : parts) {
    if (sentence.has(slot)) command.detail |= says;
  }
  command.name = sent.text(sentence.text("code"));
  command.preferred = sent.text(sentence.text("labels"));
  command.text = sent.text(sentence.text("reference"));
  command.flag = sentence.text("resolved") == "yes";
  command.number = number_of(sentence, "survey", 0);
  command.generation = static_cast<uint32_t>(number_of(sentence, "quality", 0));
  return send(&sent, told, time_ns);
}

// By its switch, unless somebody is named.
std::string Stage::transfer(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  Sent sent;
  Command& command = sent.command;
  command.kind = CommandKind::kTransferCall;
  if (!sentence.has("who")) command.source = speaker(told);
  command.call = sent.text(sentence.text("call"));
  command.preferred = sent.text(sentence.text("agent"));
  TransferTarget target = TransferTarget::kOutside;
  const auto verb = static_cast<Verb>(sentence.id);
  if (verb == Verb::kToQueue) {
    target = TransferTarget::kQueue;
    command.name = sent.text(sentence.text("queue"));
  } else if (verb == Verb::kToNumber) {
    command.name = sent.text(sentence.text("target"));
  } else {
    const bool is_agent = verb == Verb::kToAgent;
    target = is_agent ? TransferTarget::kAgent : TransferTarget::kSupervisor;
    command.name = sent.text(sentence.text("other"));
    command.text = sent.text(sentence.text("queue"));
  }
  command.detail = static_cast<uint8_t>(target);
  return send(&sent, told, time_ns);
}

// Consults and what becomes of them; an agent called somebody is not named.
std::string Stage::consult(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  const std::string agent = sentence.text("agent");
  Sent sent;
  Command& command = sent.command;
  if (!sentence.has("who")) command.source = speaker(told);
  command.call = sent.text(sentence.text("call"));
  const TextRef named = sent.text(agent == "somebody" ? "" : agent);
  std::optional<EventKind> echo;
  const auto verb = static_cast<Verb>(sentence.id);
  if (verb == Verb::kIsMerged) {
    command.kind = CommandKind::kMergeCall;
    command.flag = sentence.has("as");
    echo = EventKind::kCallMerged;
  } else if (verb == Verb::kLeavesCall) {
    command.kind = CommandKind::kLeaveCall;
    command.name = named;
  } else {
    const bool is_to_agent = verb == Verb::kConsultsAgent;
    TransferTarget target = is_to_agent ? TransferTarget::kAgent : TransferTarget::kSupervisor;
    if (verb == Verb::kConsultsQueue) target = TransferTarget::kQueue;
    if (verb == Verb::kConsultsOutside) target = TransferTarget::kOutside;
    const bool is_queue = target == TransferTarget::kQueue;
    command.kind = CommandKind::kConsult;
    command.leg = sent.text(sentence.text("consult"));
    command.detail = static_cast<uint8_t>(target);
    command.name = sent.text(sentence.text(is_queue ? "queue" : "target"));
    if (!is_queue) command.text = sent.text(sentence.text("queue"));
    if (target == TransferTarget::kSupervisor) command.name = {};
    command.preferred = named;
    echo = EventKind::kCallEnqueued;
  }
  return send_and_take(&sent, told, echo, time_ns);
}

// By an agent, or by somebody at the station "desk".
std::string Stage::supervise(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  Sent sent;
  Command& command = sent.command;
  command.kind = CommandKind::kSuperviseCall;
  command.call = sent.text(sentence.text("call"));
  command.name = sent.text(sentence.text("agent"));
  for (uint8_t what = 1; what <= kSupervisionMax; ++what) {
    const auto kind = static_cast<Supervision>(what);
    if (supervision_word(kind) == sentence.text("kind")) command.detail = what;
  }
  if (command.detail == 0) return "no such supervision: " + sentence.text("kind");
  const bool is_agent = sentence.text("other") != "somebody";
  const bool is_recording = acd::is_recording(static_cast<Supervision>(command.detail));
  if (is_agent) command.preferred = sent.text(sentence.text("other"));
  if (!is_agent && !is_recording) command.text = sent.text("desk");
  return send(&sent, told, time_ns);
}

std::string Stage::replace_leg(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  Sent sent;
  Command& command = sent.command;
  command.kind = CommandKind::kReplaceLeg;
  command.source = speaker(told);
  command.leg = sent.text(sentence.text("leg"));
  command.text = sent.text(sentence.text("old"));
  return send(&sent, told, time_ns);
}

std::string Stage::act_of_queue(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  const auto verb = static_cast<Verb>(sentence.id);
  Sent sent;
  Command& command = sent.command;
  command.name = sent.text(sentence.text("queue"));
  if (verb == Verb::kExpectsWait || verb == Verb::kExpectsUnknownWait) {
    command.kind = CommandKind::kSetEwt;
    command.wait_ns = sentence.has("duration") ? duration_of(sentence, "duration") : kNeverNs;
    return send(&sent, told, time_ns);
  }
  command.number = number_of(sentence, "number", 0);
  if (verb == Verb::kCallbacksOpen || verb == Verb::kCallbacksClose) {
    const bool are_open = verb == Verb::kCallbacksOpen;
    command.kind = are_open ? CommandKind::kOpenCallbacks : CommandKind::kCloseCallbacks;
    return send_and_take(
        &sent, told, are_open ? EventKind::kQueueCallbacksOpened : EventKind::kQueueCallbacksClosed,
        time_ns);
  }
  const bool opens = verb == Verb::kOpens;
  command.kind = opens ? CommandKind::kOpenQueue : CommandKind::kCloseQueue;
  return send_and_take(&sent, told, opens ? EventKind::kQueueOpened : EventKind::kQueueClosed,
                       time_ns);
}

namespace {

std::string play_line(const Scenario& scenario, const StoryLine& line, int64_t* looked_ns,
                      Stage* stage) {
  if (line.is_expectation) {
    if (line.is_timed) {
      *looked_ns = line.time_ns + kLookNs;
      stage->advance(*looked_ns);
    }
  } else if (line.time_ns < *looked_ns) {
    return "that instant is over: an expectation looked at it; tell the next thing a little later";
  } else {
    // After a restart of the daemon timers are late: none may fire on the way there.
    const bool is_restart =
        line.sentences.front().sentence.id == static_cast<int>(Verb::kDaemonRestarts);
    if (!is_restart) stage->advance(line.time_ns);
    const std::string untold = stage->untold();
    if (!untold.empty()) return "before this, and not expected: " + untold;
  }
  for (const StorySentence& sentence : line.sentences) {
    const std::string wrong =
        line.is_expectation ? stage->check(sentence) : stage->act(scenario, sentence, line.time_ns);
    if (!stage->difference().empty()) return stage->difference();
    if (!wrong.empty()) return wrong;
  }
  return stage->difference();
}

}  // namespace

std::string play_scenario(const Scenario& scenario) {
  const std::string at = scenario.file + ":";
  Stage stage(scenario.centres.find("")->second);
  if (!stage.difference().empty()) return at + "1: " + stage.difference();
  if (!stage.setup_error().empty()) return at + "1: " + stage.setup_error();
  int64_t looked_ns = 0;
  for (const StoryLine& line : scenario.story) {
    const std::string wrong = play_line(scenario, line, &looked_ns, &stage);
    if (!wrong.empty()) return at + std::to_string(line.line) + ": " + wrong;
  }
  const std::string untold = stage.untold();
  if (untold.empty()) return "";
  const uint32_t last = scenario.story.empty() ? 1 : scenario.story.back().line;
  return at + std::to_string(last) + ": after this, and not expected: " + untold;
}

}  // namespace acd::sim
