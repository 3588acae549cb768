// SPDX-License-Identifier: Apache-2.0
// One list of fields for each thing, by which it is written as well as read.
#include "sim/fuzz_history.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "sim/command_line.h"

namespace acd::sim {
namespace {

using Names = std::span<const std::string_view>;
using Pairs = std::vector<std::pair<std::string, int32_t>>;

constexpr std::string_view kOrders[] = {"priority", "score", "service_objective"};
constexpr std::string_view kMemberKinds[] = {"agent", "team"};
constexpr std::string_view kCounters[] = {"logged_in", "ready", "waiting"};
constexpr std::string_view kCompares[] = {"below", "above"};
constexpr std::string_view kChanges[] = {"replace", "drop", "add", "lower", "open_team"};
constexpr std::string_view kActions[] = {"wait",  "announce", "callback", "queue",
                                         "agent", "outside",  "release"};
constexpr std::string_view kWrapUps[] = {"none", "timed", "manual"};
constexpr std::string_view kCallbackModes[] = {"agent_first", "customer_first"};
constexpr std::string_view kSequences[] = {"none", "next", "repeat", "gap"};

template <typename Number>
bool parse_whole(std::string_view word, Number* number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), *number);
  return error == std::errc() && end == word.data() + word.size() && !word.empty();
}

// The inverse of time_text().
bool parse_time(std::string_view word, int64_t* time_ns) {
  if (word == "never") {
    *time_ns = kNeverNs;
    return true;
  }
  if (word.empty() || word.back() != 's') return false;
  word.remove_suffix(1);
  const bool is_negative = word.starts_with('-');
  if (is_negative) word.remove_prefix(1);
  const size_t point = std::min(word.find('.'), word.size());
  std::string digits(word.substr(std::min(point + 1, word.size())));
  uint64_t seconds = 0;
  uint64_t fraction = 0;
  if (digits.size() > 9 || (point < word.size() && digits.empty())) return false;
  digits.append(9 - digits.size(), '0');
  if (!parse_whole(word.substr(0, point), &seconds) || !parse_whole(digits, &fraction) ||
      seconds > static_cast<uint64_t>(kNeverNs / kNsPerS) - 1) {
    return false;
  }
  const auto size = static_cast<int64_t>(seconds * kNsPerS + fraction);
  *time_ns = is_negative ? -size : size;
  return true;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// Writes the fields that are not as usual.
class LineWriter {
 public:
  explicit LineWriter(std::string_view head) : text_(head) {}
  [[nodiscard]] std::string line() const { return text_ + "\n"; }

  void text(std::string_view name, const std::string& value) {
    if (value.empty()) return;
    const bool is_plain = value.find_first_of(" \"\\#") == std::string::npos;
    if (is_plain) return add(name, value);
    std::string quoted = "\"";
    for (const char letter : value) {
      if (letter == '"' || letter == '\\') quoted += '\\';
      quoted += letter;
    }
    add(name, quoted + "\"");
  }
  template <typename Number>
  void number(std::string_view name, Number value, Number usual) {
    if (value != usual) add(name, std::to_string(value));
  }
  void time(std::string_view name, int64_t value, int64_t usual) {
    if (value != usual) add(name, time_text(value));
  }
  void flag(std::string_view name, bool value, bool usual) {
    if (value != usual) add(name, value ? "yes" : "no");
  }
  template <typename Choice>
  void choice(std::string_view name, Choice value, Choice usual, Names names) {
    if (value != usual) add(name, names[static_cast<size_t>(value)]);
  }
  void strategy(Strategy value, Strategy usual) {
    if (value != usual) add("strategy", strategy_name(value));
  }
  void pairs(std::string_view name, const Pairs& values, char joint) {
    std::string list;
    for (const auto& [key, value] : values) {
      list += (list.empty() ? "" : ",") + key + joint + std::to_string(value);
    }
    text(name, list);
  }
  void list(std::string_view name, const std::vector<std::string>& values) {
    std::string list;
    for (const std::string& value : values) list += (list.empty() ? "" : ",") + value;
    text(name, list);
  }
  void action(std::string_view name, const LimitAction& value) {
    if (value.kind == LimitAction::Kind::kWait) return;
    text(name, std::string(kActions[static_cast<size_t>(value.kind)]) + ":" + value.text + ":" +
                   std::to_string(value.number) + ":" + time_text(value.wait_ns));
  }

  void wrong(std::string_view, std::string_view) {}  // What it writes is right.

 private:
  void add(std::string_view name, std::string_view value) {
    text_.append(" ").append(name).append("=").append(value);
  }

  std::string text_;
};

// Takes the fields from a line; what is not there is as usual. Remembers the first that is wrong.
class LineReader {
 public:
  explicit LineReader(std::string_view line) {
    std::string word;
    bool is_quoted = false;
    bool is_begun = false;
    for (size_t i = 0; i < line.size(); ++i) {
      const char letter = line[i];
      if (letter == '\\' && is_quoted && i + 1 < line.size()) {
        word += line[++i];
      } else if (letter == '"') {
        is_quoted = !is_quoted;
      } else if (letter == ' ' && !is_quoted) {
        if (is_begun) take(word);
        is_begun = false;
        word.clear();
        continue;
      } else {
        word += letter;
      }
      is_begun = true;
    }
    if (is_begun) take(word);
    if (is_quoted) error_ = "a quote does not end";
  }

  // Takes the next word without a value off the front; empty if there is none.
  std::string head() {
    if (heads_.empty()) return "";
    std::string first = heads_.front();
    heads_.erase(heads_.begin());
    return first;
  }
  // Empty, or what is wrong, once all has been read.
  [[nodiscard]] std::string error() const {
    if (!error_.empty()) return error_;
    if (!heads_.empty()) return heads_.front() + ": unexpected";
    for (const Field& field : fields_) {
      if (!field.is_read) return field.name + ": unknown";
    }
    return "";
  }

  void text(std::string_view name, std::string& value) { value = find(name).value_or(""); }
  template <typename Number>
  void number(std::string_view name, Number& value, Number usual) {
    value = usual;
    const auto word = find(name);
    if (word && !parse_whole(*word, &value)) wrong(name, "must be a whole number");
  }
  void time(std::string_view name, int64_t& value, int64_t usual) {
    value = usual;
    const auto word = find(name);
    if (word && !parse_time(*word, &value)) wrong(name, "must be a time such as 12.5s or never");
  }
  void flag(std::string_view name, bool& value, bool usual) {
    const auto word = find(name);
    value = word ? *word == "yes" : usual;
    if (word && *word != "yes" && *word != "no") wrong(name, "must be yes or no");
  }
  template <typename Choice>
  void choice(std::string_view name, Choice& value, Choice usual, Names names) {
    value = usual;
    const auto word = find(name);
    if (!word) return;
    const auto at = std::ranges::find(names, *word);
    if (at == names.end()) return wrong(name, "is none of those known");
    value = static_cast<Choice>(at - names.begin());
  }
  void strategy(Strategy& value, Strategy usual) {
    value = usual;
    const auto word = find("strategy");
    if (!word) return;
    for (uint8_t i = 0; i <= static_cast<uint8_t>(Strategy::kRingAll); ++i) {
      if (strategy_name(static_cast<Strategy>(i)) != *word) continue;
      value = static_cast<Strategy>(i);
      return;
    }
    wrong("strategy", "is none of those known");
  }
  void pairs(std::string_view name, Pairs& values, char joint) {
    values.clear();
    for (const std::string& one : split(find(name).value_or(""), ',')) {
      const size_t end = std::min(one.find(joint), one.size());
      values.emplace_back(one.substr(0, end), 0);
      const auto number = std::string_view(one).substr(std::min(end + 1, one.size()));
      if (!parse_whole(number, &values.back().second)) wrong(name, "must be a list of numbers");
    }
  }
  void list(std::string_view name, std::vector<std::string>& values) {
    values = split(find(name).value_or(""), ',');
  }
  void action(std::string_view name, LimitAction& value) {
    value = LimitAction();
    const auto word = find(name);
    if (!word) return;
    // The text may have colons of its own.
    const std::vector<std::string> parts = split(*word, ':');
    const bool is_whole = parts.size() >= 4 && parse_time(parts.back(), &value.wait_ns) &&
                          parse_whole(parts[parts.size() - 2], &value.number);
    const auto at = is_whole ? std::ranges::find(kActions, parts[0]) : std::end(kActions);
    if (at == std::end(kActions)) return wrong(name, "must be ACTION:TEXT:NUMBER:TIME");
    value.kind = static_cast<LimitAction::Kind>(at - std::begin(kActions));
    const size_t begin = parts[0].size() + 1;
    const size_t behind = parts.back().size() + parts[parts.size() - 2].size() + 2;
    value.text = word->substr(begin, word->size() - begin - behind);
  }

  void wrong(std::string_view name, std::string_view what) {
    if (error_.empty()) error_ = std::string(name) + ": " + std::string(what);
  }

 private:
  struct Field {
    std::string name;
    std::string value;
    bool is_read = false;
  };

  void take(const std::string& word) {
    const size_t end = word.find('=');
    if (end == std::string::npos) {
      heads_.push_back(word);
    } else {
      fields_.push_back({word.substr(0, end), word.substr(end + 1)});
    }
  }
  std::optional<std::string> find(std::string_view name) {
    const auto at = std::ranges::find(fields_, name, &Field::name);
    if (at == fields_.end()) return std::nullopt;
    at->is_read = true;
    return at->value;
  }

  std::vector<std::string> heads_;
  std::vector<Field> fields_;
  std::string error_;
};

// --- The fields of each thing.

template <typename Line>
void list_world(Line& line, FuzzWorld& world) {
  const TwinOptions usual;
  line.flag("compares", world.twin.compares, usual.compares);
  line.flag("settles", world.twin.settles, usual.settles);
  line.flag("by_instant", world.twin.by_instant, usual.by_instant);
  line.flag("judges_alternatives", world.twin.judges_alternatives, usual.judges_alternatives);
  line.number("check_every", world.twin.check_every, usual.check_every);
  line.number("restore_every", world.twin.restore_every, usual.restore_every);
  line.flag("replayed", world.is_replayed, false);
}

template <typename Line>
void list_tenant(Line& line, TenantConfig& config) {
  const TenantConfig usual;
  line.text("id", config.id);
  line.choice("order", config.call_order, usual.call_order, kOrders);
  line.time("half_life", config.decay_half_life_ns, usual.decay_half_life_ns);
  line.number("seed", config.random_seed, usual.random_seed);
  line.number("overflows_max", config.overflows_max, usual.overflows_max);
  line.time("switch_grace", config.switch_grace_ns, usual.switch_grace_ns);
  line.time("agent_grace", config.agent_grace_ns, usual.agent_grace_ns);
  line.time("arrival_ack_timeout", config.arrival_ack_timeout_ns, usual.arrival_ack_timeout_ns);
  line.time("busy_limit", config.busy_limit_ns, usual.busy_limit_ns);
  line.number("rejects_max", config.rejects_max, usual.rejects_max);
  line.number("no_answers_max", config.no_answers_max, usual.no_answers_max);
  line.list("wrap_up_codes", config.wrap_up_codes);
  line.list("labels", config.labels);
  line.number("transfers_max", config.transfers_max, usual.transfers_max);
  line.time("transfer_wait", config.transfer_wait_ns, usual.transfer_wait_ns);
}

template <typename Line>
void list_team(Line& line, TeamConfig& team) {
  line.text("id", team.id);
  line.list("supervisors", team.supervisors);
}

template <typename Line>
void list_queue(Line& line, QueueConfig& queue) {
  const QueueConfig usual;
  line.text("id", queue.id);
  line.text("requirement", queue.requirement);
  line.number("priority", queue.priority, usual.priority);
  line.number("age_rate", queue.age_rate, usual.age_rate);
  line.time("objective", queue.objective_ns, usual.objective_ns);
  line.flag("members_all", queue.members_all, usual.members_all);
  line.strategy(queue.strategy, usual.strategy);
  line.pairs("skill_weights", queue.skill_weights, '*');
  line.number("ring_max", queue.ring_max, usual.ring_max);
  line.choice("wrap_up", queue.wrap_up_mode, usual.wrap_up_mode, kWrapUps);
  line.time("wrap_up_for", queue.wrap_up_ns, usual.wrap_up_ns);
  line.number("extensions", queue.wrap_up_extensions, usual.wrap_up_extensions);
  line.time("extension", queue.wrap_up_extension_ns, usual.wrap_up_extension_ns);
  line.time("offer_timeout", queue.offer_timeout_ns, usual.offer_timeout_ns);
  line.time("reoffer_after", queue.reoffer_after_ns, usual.reoffer_after_ns);
  line.time("connect_timeout", queue.connect_timeout_ns, usual.connect_timeout_ns);
  line.flag("adopts_late_answer", queue.adopts_late_answer, usual.adopts_late_answer);
  line.list("wrap_up_codes", queue.wrap_up_codes);
  line.flag("requires_wrap_up_code", queue.requires_wrap_up_code, usual.requires_wrap_up_code);
}

template <typename Line>
void list_limits(Line& line, QueueLimits& limits) {
  const QueueLimits usual;
  line.action("closed", limits.closed);
  line.action("no_agents", limits.no_agents);
  line.action("none_ready", limits.none_ready);
  line.number("length_max", limits.length_max, usual.length_max);
  line.action("length", limits.length);
  line.time("ewt_max", limits.ewt_max_ns, usual.ewt_max_ns);
  line.action("ewt", limits.ewt);
  line.time("wait_max", limits.wait_max_ns, usual.wait_max_ns);
  line.action("wait", limits.wait);
  line.number("offers_max", limits.offers_max, usual.offers_max);
  line.action("offers", limits.offers);
}

template <typename Line>
void list_member(Line& line, MemberConfig& member) {
  const MemberConfig usual;
  line.choice("kind", member.kind, usual.kind, kMemberKinds);
  line.text("id", member.id);
  line.number("rank", member.rank, usual.rank);
  line.number("weight", member.weight, usual.weight);
  line.number("percent", member.percent, usual.percent);
}

template <typename Line>
void list_step(Line& line, StepConfig& step) {
  const StepConfig usual;
  line.time("after", step.after_ns, usual.after_ns);
  line.choice("change", step.change, usual.change, kChanges);
  line.text("text", step.text);
  line.number("number", step.number, usual.number);
  line.flag("conditional", step.has_condition, usual.has_condition);
  line.choice("counter", step.condition.counter, usual.condition.counter, kCounters);
  line.text("skill", step.condition.skill);
  line.number("level", step.condition.level, usual.condition.level);
  line.choice("compare", step.condition.compare, usual.condition.compare, kCompares);
  line.number("value", step.condition.value, usual.condition.value);
}

template <typename Line>
void list_treatment(Line& line, TreatmentConfig& treatment) {
  const TreatmentConfig usual;
  line.time("after", treatment.after_ns, usual.after_ns);
  line.time("repeat", treatment.repeat_ns, usual.repeat_ns);
  line.text("media", treatment.media);
  line.flag("position", treatment.tells_position, usual.tells_position);
  line.flag("ewt", treatment.tells_ewt, usual.tells_ewt);
}

template <typename Line>
void list_callback(Line& line, CallbackConfig& callback) {
  const CallbackConfig usual;
  line.flag("taken", callback.is_taken, usual.is_taken);
  line.choice("mode", callback.mode, usual.mode, kCallbackModes);
  line.list("allow", callback.allow);
  line.list("deny", callback.deny);
  line.number("attempts", callback.attempts_max, usual.attempts_max);
  line.time("retry", callback.retry_ns, usual.retry_ns);
  line.time("dial_timeout", callback.dial_timeout_ns, usual.dial_timeout_ns);
  line.number("dials_max", callback.dials_max, usual.dials_max);
}

template <typename Line>
void list_protect(Line& line, ProtectRule& rule) {
  line.text("skill", rule.skill);
  line.number("ready_max", rule.ready_max, ProtectRule().ready_max);
}

template <typename Line>
void list_reach(Line& line, ReachRule& rule) {
  line.text("from", rule.from);
  line.text("to", rule.to);
  line.text("dial_prefix", rule.dial_prefix);
}

template <typename Line>
void list_drain(Line& line, DrainConfig& drain) {
  line.text("queue", drain.queue);
  line.text("target", drain.target);
}

// Numbers by medium, all of them or none: masks, too.
using ByMedium = std::array<uint8_t, kMediumCount>;
template <typename Line>
void list_media(Line& line, std::string_view name, ByMedium& values, const ByMedium& usual) {
  std::vector<std::pair<std::string, int>> pairs;
  for (size_t i = 0; i < kMediumCount && values != usual; ++i) {
    pairs.emplace_back(medium_name(static_cast<Medium>(i)), values[i]);
  }
  line.pairs(name, pairs, ':');
  values = usual;
  for (const auto& [medium, value] : pairs) {
    const auto known = find_medium(medium);
    if (known && value >= 0 && value <= UINT8_MAX) {
      values[static_cast<size_t>(*known)] = static_cast<uint8_t>(value);
    } else {
      line.wrong(name, "must be numbers of 0..255 by medium");
    }
  }
}

template <typename Line>
void list_agent(Line& line, AgentProfile& agent) {
  line.text("id", agent.id);
  line.pairs("skills", agent.skills, ':');
  line.text("team", agent.team);
  list_media(line, "capacity", agent.media.capacity, MediaRule().capacity);
  list_media(line, "excludes", agent.media.excludes, MediaRule().excludes);
  list_media(line, "interrupted_by", agent.media.interrupted_by, MediaRule().interrupted_by);
}

// A command's texts stand in the step's arena.
void list_texts(LineWriter& line, FuzzStep& step,
                std::initializer_list<std::pair<std::string_view, TextRef*>> texts) {
  for (const auto& [name, ref] : texts) line.text(name, std::string(ref->in(step.arena)));
}
void list_texts(LineReader& line, FuzzStep& step,
                std::initializer_list<std::pair<std::string_view, TextRef*>> texts) {
  for (const auto& [name, ref] : texts) {
    std::string value;
    line.text(name, value);
    *ref = step.text(value);
  }
}

template <typename Line>
void list_command(Line& line, FuzzStep& step) {
  Command& command = step.command;
  list_texts(line, step,
             {{"call", &command.call},
              {"leg", &command.leg},
              {"name", &command.name},
              {"text", &command.text},
              {"principal", &command.principal},
              {"preferred", &command.preferred}});
  line.choice("sequence", step.order, FuzzStep::Order::kNone, kSequences);
  line.number("offset", step.order_offset, uint8_t{0});
  uint32_t source = command.source.value();
  line.number("source", source, SourceIndex().value());
  command.source = SourceIndex(source);
  line.number("detail", command.detail, uint8_t{0});
  line.flag("flag", command.flag, false);
  line.time("age", command.age_ns, 0);
  line.time("age_credit", command.age_credit_ns, 0);
  line.time("wait", command.wait_ns, 0);
  line.number("number", command.number, 0);
  line.number("cause", command.cause, 0);
  line.number("generation", command.generation, 0u);
}

// --- Writing.

template <typename Thing>
std::string line_of(std::string_view head, void (*list)(LineWriter&, Thing&), Thing thing) {
  LineWriter line(head);
  list(line, thing);
  return line.line();
}

std::string config_text(const TenantConfig& config) {
  std::string text = line_of("tenant", &list_tenant, config);
  for (const std::string& skill : config.skills) text += "skill " + skill + "\n";
  for (const ProtectRule& rule : config.protects) text += line_of("protect", &list_protect, rule);
  for (const ReachRule& rule : config.reaches) text += line_of("reach", &list_reach, rule);
  for (const DrainConfig& drain : config.drains) text += line_of("drain", &list_drain, drain);
  for (const TeamConfig& team : config.teams) text += line_of("team", &list_team, team);
  for (const QueueConfig& queue : config.queues) {
    text += line_of("queue", &list_queue, queue);
    for (const MemberConfig& one : queue.members) text += line_of("  member", &list_member, one);
    for (const StepConfig& step : queue.steps) text += line_of("  step", &list_step, step);
    const std::string limits = line_of("  limits", &list_limits, queue.limits);
    if (limits != "  limits\n") text += limits;
    for (const TreatmentConfig& one : queue.treatments) {
      text += line_of("  treatment", &list_treatment, one);
    }
    const std::string callback = line_of("  callback", &list_callback, queue.callback);
    if (callback != "  callback\n") text += callback;
  }
  return text;
}

std::string step_text(const FuzzStep& step) {
  const std::string at = "at " + time_text(step.now_ns) + " ";
  switch (step.kind) {
    case FuzzStep::Kind::kPass:
      return at + "pass\n";
    case FuzzStep::Kind::kConfigure:
      return at + "configure\n" + config_text(*step.config);
    case FuzzStep::Kind::kUpsert:
      return line_of(at + "upsert_agent", &list_agent, *step.profile);
    case FuzzStep::Kind::kCommand:
      return line_of(at + std::string(command_name(step.command.kind)), &list_command, step);
  }
  return at;
}

// --- Reading.

// The kind of that name; kNone if there is none.
CommandKind command_kind(std::string_view name) {
  const bool is_no_name = name == command_name(CommandKind::kNone) ||
                          name == command_name(static_cast<CommandKind>(UINT8_MAX));
  if (is_no_name) return CommandKind::kNone;
  for (int i = 1; i <= UINT8_MAX; ++i) {
    if (command_name(static_cast<CommandKind>(i)) == name) return static_cast<CommandKind>(i);
  }
  return CommandKind::kNone;
}

// Reads line by line; a configuration belongs to the step above it, or to the world.
class HistoryReader {
 public:
  // Empty, or what is wrong.
  std::string take(std::string_view text) {
    LineReader line(text);
    const std::string word = line.head();
    if (word.empty() && line.error().empty()) return "";
    std::string wrong = word == "at" ? take_step(&line) : take_thing(word, &line);
    if (wrong.empty()) wrong = line.error();
    return wrong;
  }
  FuzzHistory finish() {
    finish_config();
    return std::move(history_);
  }

 private:
  std::string take_thing(const std::string& word, LineReader* line) {
    if (word == "world") {
      list_world(*line, history_.world);
      const TwinOptions& twin = history_.world.twin;
      if (twin.compares && !twin.settles) return "settles: must be yes where both are compared";
    } else if (word == "tenant") {
      list_tenant(*line, config_);
    } else if (word == "skill") {
      config_.skills.push_back(line->head());
    } else if (word == "protect") {
      list_protect(*line, config_.protects.emplace_back());
    } else if (word == "team") {
      list_team(*line, config_.teams.emplace_back());
    } else if (word == "reach") {
      list_reach(*line, config_.reaches.emplace_back());
    } else if (word == "drain") {
      list_drain(*line, config_.drains.emplace_back());
    } else if (word == "queue") {
      list_queue(*line, config_.queues.emplace_back());
    } else if (word == "agent") {
      list_agent(*line, history_.world.agents.emplace_back());
    } else {
      return take_queue_thing(word, line);
    }
    return "";
  }

  std::string take_queue_thing(const std::string& word, LineReader* line) {
    if (config_.queues.empty()) return word + ": unknown, or of no queue";
    QueueConfig& queue = config_.queues.back();
    if (word == "member") {
      list_member(*line, queue.members.emplace_back());
    } else if (word == "step") {
      list_step(*line, queue.steps.emplace_back());
    } else if (word == "limits") {
      list_limits(*line, queue.limits);
    } else if (word == "treatment") {
      list_treatment(*line, queue.treatments.emplace_back());
    } else if (word == "callback") {
      list_callback(*line, queue.callback);
    } else {
      return word + ": unknown";
    }
    return "";
  }

  std::string take_step(LineReader* line) {
    finish_config();
    FuzzStep& step = history_.steps.emplace_back();
    if (!parse_time(line->head(), &step.now_ns)) return "at: must be a time such as 12.5s";
    const std::string what = line->head();
    if (what == "pass") return "";
    if (what == "configure") {
      step.kind = FuzzStep::Kind::kConfigure;
    } else if (what == "upsert_agent") {
      step.kind = FuzzStep::Kind::kUpsert;
      AgentProfile profile;
      list_agent(*line, profile);
      step.profile = std::make_shared<const AgentProfile>(std::move(profile));
    } else {
      step.kind = FuzzStep::Kind::kCommand;
      step.command.kind = command_kind(what);
      if (step.command.kind == CommandKind::kNone) return what + ": unknown command";
      list_command(*line, step);
    }
    return "";
  }

  // What was read since the last step.
  void finish_config() {
    TenantConfig config = std::exchange(config_, {});
    if (history_.steps.empty()) {
      history_.world.config = std::move(config);
    } else if (history_.steps.back().kind == FuzzStep::Kind::kConfigure) {
      history_.steps.back().config = std::make_shared<const TenantConfig>(std::move(config));
    }
  }

  FuzzHistory history_;
  TenantConfig config_;
};

}  // namespace

std::string history_text(const FuzzWorld& world, const std::vector<FuzzStep>& steps) {
  std::string text = line_of("world", &list_world, world) + config_text(world.config);
  for (const AgentProfile& agent : world.agents) text += line_of("agent", &list_agent, agent);
  for (const FuzzStep& step : steps) text += step_text(step);
  return text;
}

std::variant<FuzzHistory, std::string> parse_history(std::string_view text) {
  HistoryReader reader;
  for (uint32_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::string wrong = reader.take(line);
    if (!wrong.empty()) return "line " + std::to_string(number) + ": " + wrong;
  }
  FuzzHistory history = reader.finish();
  if (history.steps.empty()) return "no step: not one line begins with at";
  return history;
}

}  // namespace acd::sim
