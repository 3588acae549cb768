// SPDX-License-Identifier: Apache-2.0
// What agents do in a scenario.
#include <algorithm>
#include <charconv>

#include "routing/station.h"
#include "sim/scenario_stage.h"

namespace acd::sim {
namespace {

// What the verbs send, and the event that they tell themselves.
struct AgentAct {
  Verb verb;
  CommandKind kind;
  std::optional<EventKind> echo;
  bool has_reason;
};
constexpr AgentAct kAgentActs[] = {
    {Verb::kLogsIn, CommandKind::kLogIn, EventKind::kAgentLoggedIn, false},
    {Verb::kLogsInReady, CommandKind::kLogIn, EventKind::kAgentLoggedIn, false},
    {Verb::kLogsOut, CommandKind::kLogOut, {}, false},
    {Verb::kBecomesReady, CommandKind::kSetReady, {}, false},
    {Verb::kBecomesNotReady, CommandKind::kSetNotReady, {}, true},
    {Verb::kEndsWrapUp, CommandKind::kEndWrapUp, EventKind::kAgentWrapUpEnded, false},
    {Verb::kExtendsWrapUp, CommandKind::kExtendWrapUp, {}, false},
    {Verb::kPauses, CommandKind::kPauseMember, EventKind::kMemberPaused, true},
    {Verb::kUnpauses, CommandKind::kUnpauseMember, EventKind::kMemberUnpaused, false},
    {Verb::kPhoneBusy, CommandKind::kPhoneBusy, {}, false},
    {Verb::kPhoneIdle, CommandKind::kPhoneIdle, {}, false},
    {Verb::kPhoneUnregistered, CommandKind::kPhoneUnregistered, {}, false},
    {Verb::kLegUp, CommandKind::kLegUp, EventKind::kAgentLegUp, false},
    {Verb::kLegLost, CommandKind::kLegLost, EventKind::kAgentLegLost, false}};

struct OfferAct {
  Verb verb;
  CommandKind kind;
  OfferOutcome outcome;
  std::optional<EventKind> echo;
};
constexpr OfferAct kOfferActs[] = {
    {Verb::kRings, CommandKind::kLegRinging, OfferOutcome::kNone, EventKind::kOfferRinging},
    {Verb::kAnswers, CommandKind::kLegAnswered, OfferOutcome::kNone, EventKind::kOfferAccepted},
    {Verb::kTalks, CommandKind::kLegAnswered, OfferOutcome::kNone, EventKind::kOfferAccepted},
    {Verb::kConnected, CommandKind::kCallConnected, OfferOutcome::kNone, EventKind::kCallConnected},
    {Verb::kCannotConnect, CommandKind::kConnectFailed, OfferOutcome::kNone, {}},
    {Verb::kAcceptsAtDesktop, CommandKind::kAcceptOffer, OfferOutcome::kNone,
     EventKind::kOfferAccepted},
    {Verb::kRejectsAtDesktop, CommandKind::kRejectOffer, OfferOutcome::kNone, {}},
    {Verb::kRejects, CommandKind::kLegFailed, OfferOutcome::kRejected, {}},
    {Verb::kDoesNotAnswer, CommandKind::kLegFailed, OfferOutcome::kNoAnswer, {}},
    {Verb::kOfferBusy, CommandKind::kLegFailed, OfferOutcome::kBusy, {}},
    {Verb::kOfferUnreachable, CommandKind::kLegFailed, OfferOutcome::kUnreachable, {}},
    {Verb::kOfferUnknown, CommandKind::kLegFailed, OfferOutcome::kUnknownAddress, {}}};

// "sales=3, spanish=5"; false if it is not of that form.
bool parse_skills(std::string_view text, std::vector<std::pair<std::string, int>>* skills) {
  while (!text.empty()) {
    std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos) return false;
    int level = 0;
    const char* const end = item.data() + item.size();
    const auto result = std::from_chars(item.data() + equals + 1, end, level);
    if (result.ec != std::errc() || result.ptr != end) return false;
    if (level < kSkillLevelMin || level > kSkillLevelMax) return false;
    skills->emplace_back(item.substr(0, equals), level);
  }
  std::ranges::sort(*skills);
  return true;
}

// "voice,chat" as a mask, none as 0.
std::optional<MediaMask> parse_media(std::string_view text) {
  MediaMask media = 0;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(','));
    const std::optional<Medium> medium = find_medium(name);
    if (!medium) return std::nullopt;
    media |= mask_of(*medium);
    text.remove_prefix(std::min(name.size() + 1, text.size()));
  }
  return media;
}

}  // namespace

std::string Stage::give_skills(const Sentence& sentence, int64_t time_ns) {
  AgentProfile profile;
  profile.id = sentence.text("agent");
  profile.team = sentence.text("team");
  if (!parse_skills(sentence.text("skills"), &profile.skills)) {
    return "skills are written \"sales=3, spanish=5\"";
  }
  for (const auto& [skill, level] : profile.skills) {
    const auto& known = centre_.config.skills;
    if (std::ranges::find(known, skill) == known.end()) return "no skill " + skill;
  }
  std::erase_if(centre_.agents, [&](const AgentProfile& known) { return known.id == profile.id; });
  centre_.agents.push_back(profile);
  const Reject reject = twin_.upsert_agents({profile}, time_ns);
  return reject == Reject::kNone ? "" : "it is refused as " + std::string(reject_name(reject));
}

std::string Stage::act_of_agent(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  const auto verb = static_cast<Verb>(sentence.id);
  const AgentAct& act = *std::ranges::find(kAgentActs, verb, &AgentAct::verb);
  const std::string agent = sentence.text("agent");
  const bool is_log_in = act.kind == CommandKind::kLogIn;
  Sent sent;
  Command& command = sent.command;
  command.kind = act.kind;
  const bool is_elsewhere = sentence.has("switch") || !told.says.empty();
  command.source = is_log_in && !is_elsewhere ? source_named(kFirstSwitch) : speaker(told);
  command.number = act.has_reason ? number_of(sentence, "number", 1) : 0;
  command.flag = sentence.has("by");
  // A desktop says at which switch.
  const bool is_by_desktop = is_log_in && !told.says.empty();
  if (is_by_desktop) command.preferred = sent.text(sentence.text("switch"));
  if (is_log_in) {
    const auto mode = find_answer_mode(sentence.text("mode"));
    if (sentence.has("mode") && !mode) return "no such answer mode: " + sentence.text("mode");
    const auto media = parse_media(sentence.text("media"));
    if (!media) return "media are written \"voice,chat\"";
    command.detail = static_cast<uint8_t>(mode.value_or(AnswerMode::kPhone));
    command.number = *media;
  }
  if (act.kind >= CommandKind::kPhoneBusy) {
    const LedgerAgent* known = twin_.ledger().find_agent(agent);
    command.text = sent.text(known == nullptr ? "" : known->station);
  } else {
    command.name = sent.text(agent);
    command.text = sent.text(sentence.text(is_log_in ? "station" : "queue"));
    command.call = sent.text(sentence.text("call"));
  }
  const std::string wrong = send_and_take(&sent, told, act.echo, time_ns);
  if (!wrong.empty() || verb != Verb::kLogsInReady) return wrong;
  Sent ready;
  ready.command.kind = CommandKind::kSetReady;
  ready.command.source = command.source;
  ready.command.name = ready.text(agent);
  return send(&ready, {}, time_ns);
}

std::string Stage::connect_desktop(const std::string& desktop, bool is_new_epoch) {
  if (is_new_epoch) ++epochs_[desktop];
  Sent sent;
  sent.command.kind = CommandKind::kOpenSession;
  sent.command.detail = static_cast<uint8_t>(SourceKind::kDesktop);
  sent.command.name = sent.text(desktop);
  sent.command.text = sent.text("epoch-" + std::to_string(epochs_[desktop]));
  return send_and_take(&sent, {}, EventKind::kDesktopConnected, twin_.now_ns());
}

std::string Stage::act_of_desktop(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  Sent sent;
  Command& command = sent.command;
  command.source = source_named(sentence.text("switch"));
  if (!command.source.valid()) return "no such desktop";
  command.name = sent.text(sentence.text("agent"));
  std::optional<EventKind> echo;
  switch (static_cast<Verb>(sentence.id)) {
    case Verb::kIsAttached:
      command.kind = CommandKind::kAttachAgent;
      echo = EventKind::kAgentAttached;
      break;
    case Verb::kIsDetached:
      command.kind = CommandKind::kDetachAgent;
      echo = EventKind::kAgentDetached;
      break;
    default:
      command.kind = CommandKind::kCloseSession;
      echo = EventKind::kDesktopDisconnected;
  }
  return send_and_take(&sent, told, echo, time_ns);
}

std::string Stage::act_of_offer(const StorySentence& told, int64_t time_ns) {
  const Sentence& sentence = told.sentence;
  const auto verb = static_cast<Verb>(sentence.id);
  const OfferAct& act = *std::ranges::find(kOfferActs, verb, &OfferAct::verb);
  twin_.advance(time_ns);
  Sent sent;
  Command& command = sent.command;
  command.kind = act.kind;
  // A desktop is of no switch; it may have a session of its own.
  const bool is_desktop = verb == Verb::kAcceptsAtDesktop || verb == Verb::kRejectsAtDesktop;
  if (is_desktop) command.name = sent.text(sentence.text("agent"));
  if (!is_desktop || !told.says.empty()) command.source = speaker(told);
  command.call = sent.text(sentence.text("call"));
  command.generation = generation_of(sentence);
  command.detail = static_cast<uint8_t>(act.outcome);
  command.leg = sent.text(sentence.text("leg"));
  // A sentence that names the offer is about one that may be over: all is to be expected.
  const auto echo = sentence.has("generation") ? std::nullopt : act.echo;
  const std::string wrong = send_and_take(&sent, told, echo, time_ns);
  if (!wrong.empty() || verb != Verb::kTalks) return wrong;
  command.kind = CommandKind::kCallConnected;
  return send_and_take(&sent, told, EventKind::kCallConnected, time_ns);
}

}  // namespace acd::sim
