// SPDX-License-Identifier: Apache-2.0
#include "sim/command_line.h"

#include "routing/event.h"

namespace acd::sim {
namespace {

// Collects "name=value" where the value is not the default.
class Line {
 public:
  explicit Line(std::string_view head) : text_(head) {}

  Line& word(std::string_view name, std::string_view value) {
    if (!value.empty()) text_.append(" ").append(name).append("=").append(value);
    return *this;
  }
  Line& quoted(std::string_view name, std::string_view value) {
    if (!value.empty()) text_.append(" ").append(name).append("=\"").append(value).append("\"");
    return *this;
  }
  Line& number(std::string_view name, int64_t value, int64_t usual = 0) {
    return value == usual ? *this : word(name, std::to_string(value));
  }
  Line& time(std::string_view name, int64_t value, int64_t usual = 0) {
    return value == usual ? *this : word(name, time_text(value));
  }
  Line& flag(std::string_view name, bool value) {
    if (value) text_.append(" ").append(name);
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string list_text(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
  return text;
}

std::string condition_text(const Condition& condition) {
  static constexpr const char* kCounters[] = {"logged_in", "ready", "waiting"};
  std::string text = kCounters[static_cast<size_t>(condition.counter)];
  if (!condition.skill.empty()) {
    text += "(" + condition.skill + ">=" + std::to_string(condition.level) + ")";
  }
  return text + (condition.compare == Condition::Compare::kBelow ? "<" : ">") +
         std::to_string(condition.value);
}

std::string step_text(const StepConfig& step) {
  static constexpr const char* kChanges[] = {"replace", "drop", "add", "lower", "open_team"};
  Line line("    step");
  if (step.after_ns != kNeverNs) line.word("after", time_text(step.after_ns));
  if (step.has_condition) line.word("if", condition_text(step.condition));
  line.quoted(kChanges[static_cast<size_t>(step.change)], step.text).number("to", step.number);
  return line.text() + "\n";
}

std::string action_text(const LimitAction& action) {
  static constexpr const char* kKinds[] = {"wait",  "announce", "callback", "queue",
                                           "agent", "outside",  "release"};
  std::string text = kKinds[static_cast<size_t>(action.kind)];
  if (!action.text.empty()) text += ":" + action.text;
  if (action.number != 0) text += ":" + std::to_string(action.number);
  if (action.wait_ns != 0) text += ":" + time_text(action.wait_ns);
  return text;
}

void add_action(Line* line, std::string_view name, const LimitAction& action) {
  if (action.kind != LimitAction::Kind::kWait) line->word(name, action_text(action));
}

std::string limits_text(const QueueLimits& limits) {
  Line line("    limits");
  add_action(&line, "closed", limits.closed);
  add_action(&line, "no_agents", limits.no_agents);
  add_action(&line, "none_ready", limits.none_ready);
  line.number("length_max", limits.length_max);
  add_action(&line, "length", limits.length);
  line.time("ewt_max", limits.ewt_max_ns, kNeverNs);
  add_action(&line, "ewt", limits.ewt);
  line.time("wait_max", limits.wait_max_ns, kNeverNs);
  add_action(&line, "wait", limits.wait);
  line.number("offers_max", limits.offers_max, kOffersMaxDefault);
  add_action(&line, "offers", limits.offers);
  return line.text() == "    limits" ? "" : line.text() + "\n";
}

std::string members_text(const QueueConfig& queue) {
  if (queue.members_all) return "";
  std::string text = "    members";
  for (const MemberConfig& member : queue.members) {
    text += member.kind == MemberConfig::Kind::kTeam ? " team:" : " ";
    text += member.id;
    if (member.rank != 1) text += "/rank" + std::to_string(member.rank);
    if (member.weight != 1) text += "/weight" + std::to_string(member.weight);
    if (member.percent != 0) text += "/" + std::to_string(member.percent) + "%";
  }
  return text + "\n";
}

std::string callback_text(const CallbackConfig& callback) {
  if (!callback.is_taken) return "";
  Line line("    callback");
  line.flag("customer_first", callback.mode == CallbackMode::kCustomerFirst)
      .word("allow", list_text(callback.allow))
      .word("deny", list_text(callback.deny))
      .number("attempts", callback.attempts_max, kDialAttemptsDefault)
      .time("retry", callback.retry_ns, kDialRetryDefaultNs)
      .time("dial_timeout", callback.dial_timeout_ns, kDialTimeoutDefaultNs)
      .number("dials_max", callback.dials_max, 1);
  return line.text() + "\n";
}

std::string queue_lines(const QueueConfig& queue) {
  static constexpr const char* kWrapUps[] = {"", "timed", "manual"};
  Line line("  queue " + queue.id);
  line.quoted("requirement", queue.requirement)
      .number("priority", queue.priority)
      .number("age_rate", queue.age_rate, 60)
      .time("objective", queue.objective_ns, kObjectiveDefaultNs)
      .word("strategy", strategy_name(queue.strategy))
      .number("ring_max", queue.ring_max, kRingMaxDefault)
      .word("wrap_up", kWrapUps[static_cast<size_t>(queue.wrap_up_mode)])
      .time("wrap_up_for", queue.wrap_up_ns)
      .number("extensions", queue.wrap_up_extensions)
      .time("extension", queue.wrap_up_extension_ns)
      .time("offer_timeout", queue.offer_timeout_ns, kOfferTimeoutDefaultNs)
      .time("reoffer_after", queue.reoffer_after_ns, kReofferAfterDefaultNs)
      .time("connect_timeout", queue.connect_timeout_ns, kConnectTimeoutDefaultNs)
      .flag("adopts_late_answer", queue.adopts_late_answer)
      .word("wrap_up_codes", list_text(queue.wrap_up_codes))
      .flag("requires_wrap_up_code", queue.requires_wrap_up_code);
  std::string text = line.text();
  for (const auto& [skill, weight] : queue.skill_weights) {
    text += " " + skill + "*" + std::to_string(weight);
  }
  text += "\n" + members_text(queue);
  for (const StepConfig& step : queue.steps) text += step_text(step);
  text += limits_text(queue.limits);
  for (const TreatmentConfig& treatment : queue.treatments) {
    Line played("    treatment");
    played.word("media", treatment.media)
        .word("after", time_text(treatment.after_ns))
        .time("repeat", treatment.repeat_ns, kNeverNs)
        .flag("position", treatment.tells_position)
        .flag("ewt", treatment.tells_ewt);
    text += played.text() + "\n";
  }
  text += callback_text(queue.callback);
  return text;
}

}  // namespace

std::string time_text(int64_t time_ns) {
  if (time_ns == kNeverNs) return "never";
  const uint64_t size =
      time_ns < 0 ? uint64_t{0} - static_cast<uint64_t>(time_ns) : static_cast<uint64_t>(time_ns);
  std::string text = std::to_string(size / kNsPerS);
  std::string fraction = std::to_string(size % kNsPerS + kNsPerS).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty()) text += "." + fraction;
  return (time_ns < 0 ? "-" : "") + text + "s";
}

std::string command_line(const Command& command, std::string_view arena) {
  Line line(command_name(command.kind));
  line.word("call", command.call.in(arena))
      .word("leg", command.leg.in(arena))
      .word("name", command.name.in(arena))
      .quoted("text", command.text.in(arena))
      .word("preferred", command.preferred.in(arena))
      .number("generation", command.generation)
      .number("number", command.number)
      .number("detail", command.detail)
      .flag("flag", command.flag)
      .time("age", command.age_ns)
      .time("age_credit", command.age_credit_ns)
      .time("wait", command.wait_ns)
      .number("cause", command.cause);
  if (command.source.valid()) line.word("source", std::to_string(command.source.value()));
  line.number("sequence", command.sequence);
  return line.text();
}

std::string config_lines(const TenantConfig& config) {
  static constexpr const char* kOrders[] = {"priority", "score", "service_objective"};
  Line line("tenant");
  line.word("skills", list_text(config.skills))
      .word("order", kOrders[static_cast<size_t>(config.call_order)])
      .time("half_life", config.decay_half_life_ns, kDecayHalfLifeDefaultNs)
      .word("seed", std::to_string(config.random_seed))
      .number("overflows_max", config.overflows_max, kOverflowsMaxDefault)
      .time("switch_grace", config.switch_grace_ns, kSwitchGraceDefaultNs)
      .time("agent_grace", config.agent_grace_ns, kAgentGraceDefaultNs)
      .time("arrival_ack_timeout", config.arrival_ack_timeout_ns, kArrivalAckTimeoutDefaultNs)
      .time("busy_limit", config.busy_limit_ns, kBusyLimitDefaultNs)
      .number("rejects_max", config.rejects_max, kRejectsMaxDefault)
      .number("no_answers_max", config.no_answers_max, kNoAnswersMaxDefault);
  for (const ProtectRule& rule : config.protects) {
    line.word("protect", rule.skill + ":" + std::to_string(rule.ready_max));
  }
  for (const ReachRule& rule : config.reaches) {
    line.word("reach", rule.from + ">" + rule.to + ":" + rule.dial_prefix);
  }
  line.word("wrap_up_codes", list_text(config.wrap_up_codes))
      .word("labels", list_text(config.labels))
      .number("transfers_max", config.transfers_max, kTransfersMaxDefault)
      .time("transfer_wait", config.transfer_wait_ns, kTransferWaitDefaultNs);
  for (const TeamConfig& team : config.teams) {
    line.word("team", team.id + ":" + list_text(team.supervisors));
  }
  for (const DrainConfig& drain : config.drains)
    line.word("drain", drain.queue + ">" + drain.target);
  std::string text = line.text() + "\n";
  for (const QueueConfig& queue : config.queues) text += queue_lines(queue);
  return text;
}

std::string profile_line(const AgentProfile& profile) {
  std::string skills;
  for (const auto& [skill, level] : profile.skills) {
    skills += (skills.empty() ? " " : ",") + skill + "=" + std::to_string(level);
  }
  std::string media;
  for (size_t i = 0; i < kMediumCount && profile.media != MediaRule(); ++i) {
    media += (media.empty() ? " media " : ",") + std::string(medium_name(static_cast<Medium>(i))) +
             "=" + std::to_string(profile.media.capacity[i]) + "-" +
             std::to_string(profile.media.excludes[i]) + "+" +
             std::to_string(profile.media.interrupted_by[i]);
  }
  return profile.id + skills + (profile.team.empty() ? "" : " team=" + profile.team) + media;
}

}  // namespace acd::sim
