// SPDX-License-Identifier: Apache-2.0
// Lists are tables with a total; a single resource is a column of labels and values.
#include "clients/acdctl/views.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "clients/acdctl/table.h"
#include "clients/acdctl/words.h"
#include "daemon/config/words.h"

namespace acd::acdctl {
namespace {

constexpr std::string_view kNone = "-";
// Room for a mark behind every percentage, so that the numbers stay aligned.
constexpr std::string_view kBelowGoal = " !";
constexpr std::string_view kNoMark = "  ";
// A list shows so many skills of an agent; the agent's own page shows all.
constexpr size_t kSkillsShownMax = 6;

Cell number(int64_t value) { return {absl::StrCat(value)}; }

Cell text_or_none(std::string_view text) { return {std::string(text.empty() ? kNone : text)}; }

Cell duration_if(bool is_known, const google::protobuf::Duration& duration) {
  return {is_known ? format_duration(duration) : std::string(kNone)};
}

// However they began.
int64_t visits(const v1::QueueStats& stats) {
  return stats.offered() + stats.overflowed_in() + stats.transferred_in();
}

// Of a queue's visits; of the calls in the total, where a call that went from queue to queue counts
// once.
std::optional<double> abandon_percent(const v1::QueueStats& stats) {
  const bool is_total = !stats.has_service_level_target();
  const int64_t whole = is_total ? stats.offered() : visits(stats);
  return share_percent(stats.abandoned(), whole - stats.short_abandoned());
}

// "3 in 5 out".
Cell overflow_cell(const v1::QueueStats& stats) {
  if (stats.overflowed_in() == 0 && stats.overflowed_out() == 0) return {std::string(kNone)};
  return {absl::StrCat(stats.overflowed_in(), " in ", stats.overflowed_out(), " out")};
}

// Behind a queue's name: whether it is closed, and whether somebody said so; and whether it is no time
// to call its customers.
std::string hours_mark(const v1::QueueStats& stats) {
  const bool is_override = stats.hours().source() == v1::QUEUE_HOURS_SOURCE_OVERRIDE;
  const bool are_callbacks_closed = stats.has_callbacks_open() && !stats.callbacks_open();
  const std::string callbacks = are_callbacks_closed ? " (callbacks closed)" : "";
  if (!stats.has_is_open() || (stats.is_open() && !is_override)) return callbacks;
  return absl::StrCat(" (", stats.is_open() ? "open" : "closed", is_override ? " by hand)" : ")",
                      callbacks);
}

// What decides whether the queue is open.
std::string hours_text(const v1::QueueHours& hours) {
  const std::string calendar =
      hours.calendar().empty()
          ? "no calendar"
          : absl::StrCat("calendar ", std::string(short_name(hours.calendar())));
  if (hours.source() == v1::QUEUE_HOURS_SOURCE_OVERRIDE) {
    return absl::StrCat("by hand, instead of ", calendar);
  }
  if (hours.source() == v1::QUEUE_HOURS_SOURCE_UNKNOWN_ZONE) {
    return absl::StrCat(calendar, ", whose zone the daemon does not know: it stays as it is");
  }
  return calendar;
}

// Ends of a visit that have no column of their own.
int64_t other_ends(const v1::QueueStats& stats) {
  return stats.short_abandoned() + stats.timed_out() + stats.withdrawn() + stats.rejected() +
         stats.failed_waiting();
}

// As documented for a target that does not say it.
int32_t goal_percent(const v1::ServiceLevelTarget& target) {
  constexpr int32_t kDefault = 80;
  return target.has_goal_percent() ? target.goal_percent() : kDefault;
}

bool is_below_goal(const v1::QueueStats& stats) {
  return stats.has_service_level_percent() && stats.has_service_level_target() &&
         stats.service_level_percent() < goal_percent(stats.service_level_target());
}

Cell service_level_cell(const v1::QueueStats& stats) {
  std::optional<double> percent;
  if (stats.has_service_level_percent()) percent = stats.service_level_percent();
  const bool is_below = is_below_goal(stats);
  return {absl::StrCat(format_percent(percent), std::string(is_below ? kBelowGoal : kNoMark)),
          is_below ? Tone::kBad : Tone::kPlain};
}

std::string goal_text(const v1::ServiceLevelTarget& target) {
  google::protobuf::Duration within = target.target();
  if (!target.has_target()) within.set_seconds(20);  // As documented.
  return absl::StrCat(goal_percent(target), "% in ", format_duration(within));
}

// Where the optional column stands in the list of queues.
constexpr size_t kOverflowColumn = 5;

std::vector<Cell> queue_row(const v1::QueueStats& stats, std::string_view name, bool has_overflow) {
  std::vector<Cell> row = {
      {absl::StrCat(std::string(name), hours_mark(stats))},
      number(stats.waiting()),
      duration_if(stats.waiting() > 0, stats.longest_wait()),
      number(stats.connected()),
      number(stats.offered()),
      number(stats.answered()),
      number(stats.abandoned()),
      {format_percent(abandon_percent(stats))},
      number(other_ends(stats)),
      service_level_cell(stats),
      {stats.has_service_level_target() ? goal_text(stats.service_level_target()) : ""},
      duration_if(stats.answered() > 0, stats.average_speed_of_answer()),
      duration_if(stats.handled() > 0, stats.average_handle_time()),
      duration_if(visits(stats) > stats.waiting(), stats.wait_max())};
  if (has_overflow) row.insert(row.begin() + kOverflowColumn, overflow_cell(stats));
  return row;
}

// "14 agents: 4 ready, 7 on call".
template <typename Words>
std::string counts_line(std::string_view noun, int64_t count, const Words& words) {
  std::string line = count_text(count, noun);
  const char* separator = ": ";
  for (const auto& [word, n] : words) {
    absl::StrAppend(&line, separator, n, " ", word);
    separator = ", ";
  }
  return line + "\n";
}

std::string lower_first(std::string word) {
  if (!word.empty() && word[0] >= 'A' && word[0] <= 'Z') word[0] = static_cast<char>(word[0] + 32);
  return word;
}

std::string not_conserved_line(const v1::QueueStats& stats, bool is_colored) {
  return absl::StrCat(
      paint(absl::StrCat("! ", printable(short_name(stats.name())),
                         ": the counts do not add up (all that came in = waiting + all "
                         "ends); this is a "
                         "fault of the daemon"),
            Tone::kBad, is_colored),
      "\n");
}

std::string agents_line(const v1::QueueStats& total) {
  std::vector<std::pair<std::string, int64_t>> words;
  int64_t count = 0;
  for (const v1::AgentStateCount& state : total.agents()) {
    if (state.count() == 0) continue;
    count += state.count();
    words.emplace_back(lower_first(agent_state_text(state.state())), state.count());
  }
  return counts_line("agent", count, words);
}

std::vector<std::pair<std::string, int32_t>> skills_by_name(const v1::AgentStatus& agent) {
  std::vector<std::pair<std::string, int32_t>> skills(agent.skills().begin(), agent.skills().end());
  std::sort(skills.begin(), skills.end());
  return skills;
}

std::string skills_text(const v1::AgentStatus& agent, size_t shown_max) {
  const std::vector<std::pair<std::string, int32_t>> skills = skills_by_name(agent);
  std::string text;
  for (size_t i = 0; i < std::min(skills.size(), shown_max); ++i) {
    absl::StrAppend(&text, text.empty() ? "" : " ", skills[i].first, ":", skills[i].second);
  }
  if (skills.size() > shown_max) absl::StrAppend(&text, " +", skills.size() - shown_max);
  return text;
}

// "voice 1 (not with chat), chat 3 (interrupted by voice)".
std::string media_text(const v1::AgentStatus& agent) {
  std::string text;
  const auto add_list = [&text](std::string_view words, const auto& media) {
    for (int i = 0; i < media.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? absl::StrCat(" (", std::string(words), " ") : ", ",
                      std::string(config_word(kMediumWords, media.Get(i))));
    }
    if (!media.empty()) text += ")";
  };
  for (const v1::MediumRule& rule : agent.media()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ",
                    std::string(config_word(kMediumWords, rule.medium())), " ", rule.capacity());
    add_list("not with", rule.excludes());
    add_list("interrupted by", rule.interrupted_by());
  }
  return text;
}

// "desktop (voice, chat)", "nailed up, leg down".
std::string answer_text(const v1::AgentStatus& agent) {
  std::string text;
  switch (agent.answer_mode()) {
    case v1::ANSWER_MODE_DESKTOP:
      text = "desktop";
      break;
    case v1::ANSWER_MODE_AUTO:
      text = "auto-answer";
      break;
    case v1::ANSWER_MODE_NAILED_UP:
      text = agent.leg_up() ? "nailed up" : "nailed up, leg down";
      break;
    default:
      text = "phone";
      break;
  }
  if (agent.station_media_size() == static_cast<int>(std::size(kMediumWords))) return text;
  for (int i = 0; i < agent.station_media_size(); ++i) {
    absl::StrAppend(&text, i == 0 ? " (" : ", ",
                    std::string(config_word(kMediumWords, agent.station_media(i))));
  }
  return text + ")";
}

std::string calls_in_hand(const v1::AgentStatus& agent) {
  std::string text;
  for (const std::string& call : agent.calls()) {
    absl::StrAppend(&text, text.empty() ? "" : " ", std::string(short_name(call)));
  }
  return text;
}

std::optional<double> occupancy(const v1::AgentStatus& agent) {
  if (!agent.has_occupancy_percent()) return std::nullopt;
  return agent.occupancy_percent();
}

// Labels and values, as all pages about one resource are laid out.
class Page {
 public:
  explicit Page(bool is_colored) : is_colored_(is_colored) {}

  void add(std::string_view label, Cell value) {
    table_.add_row({{std::string(label), Tone::kHeading}, std::move(value)});
  }
  void add_count(std::string_view label, int64_t count, int64_t whole) {
    add(label, {absl::StrCat(count, " (", format_percent(share_percent(count, whole)), ")")});
  }
  [[nodiscard]] std::string text() const { return table_.render(is_colored_); }

 private:
  bool is_colored_;
  Table table_ = Table::without_titles({Align::kLeft, Align::kLeft});
};

void add_hours(const v1::QueueStats& stats, Page* page) {
  const v1::QueueHours& hours = stats.hours();
  page->add("  hours", {hours_text(hours)});
  if (hours.source() == v1::QUEUE_HOURS_SOURCE_OVERRIDE) {
    page->add("  reason", {hours.reason()});
    page->add("  by", {absl::StrCat(hours.principal(), ", since ", time_text(hours.since()))});
    page->add("  until", {hours.has_until() ? time_text(hours.until()) : "somebody says so"});
  }
  if (hours.has_next_change()) {
    page->add(stats.is_open() ? "  closes" : "  opens", {time_text(hours.next_change())});
  }
}

bool has_transfers(const v1::QueueStats& stats) {
  return stats.transferred_in() + stats.transferred_out() + stats.transferred_out_waiting() > 0;
}

// "3 in 2 out", calls that waited included.
Cell transfers_cell(const v1::QueueStats& stats) {
  if (!has_transfers(stats)) return {std::string(kNone)};
  return {absl::StrCat(stats.transferred_in(), " in ",
                       stats.transferred_out() + stats.transferred_out_waiting(), " out")};
}

bool has_callbacks(const v1::QueueStats& stats) {
  return stats.callbacks_waiting() + stats.callback_requested() + stats.callbacks_answered() +
             stats.dials_failed() >
         0;
}

// Also of a queue that has none yet, where it is not always a time to call.
void add_callbacks(const v1::QueueStats& stats, Page* page) {
  const v1::QueueHours& hours = stats.callback_hours();
  const bool is_open = stats.callbacks_open();
  const bool has_window = stats.has_callbacks_open() && (!is_open || !hours.calendar().empty());
  if (!has_callbacks(stats) && !has_window) return;
  page->add("Callbacks waiting", number(stats.callbacks_waiting()));
  if (has_window) {
    page->add("  may be called", {is_open ? "yes" : "no"});
    page->add("  hours", {hours_text(hours)});
    if (hours.has_next_change()) {
      page->add(is_open ? "  closes" : "  opens", {time_text(hours.next_change())});
    }
  }
  page->add("  answered, agent first", number(stats.callbacks_answered()));
  page->add("  dials failed", number(stats.dials_failed()));
}

// What was for later and came to nothing.
void add_for_later(const v1::QueueStats& stats, Page* page) {
  if (stats.scheduled_canceled() + stats.scheduled_dropped() == 0) return;
  page->add("For later, taken back", number(stats.scheduled_canceled()));
  page->add("For later, dropped", number(stats.scheduled_dropped()));
}

bool is_told(const v1::OutcomeStats& outcomes) {
  return outcomes.has_resolved_percent() || outcomes.surveys() > 0 || outcomes.qualities() > 0 ||
         !outcomes.codes().empty();
}

std::string mean_text(int64_t sum, int64_t count) {
  if (count == 0) return std::string(kNone);
  return absl::StrFormat("%.1f", static_cast<double>(sum) / static_cast<double>(count));
}

std::string resolved_text(const v1::OutcomeStats& outcomes) {
  return format_percent(outcomes.has_resolved_percent()
                            ? std::optional<double>(outcomes.resolved_percent())
                            : std::nullopt);
}

// The cells of a list.
std::vector<Cell> outcome_cells(const v1::OutcomeStats& outcomes) {
  return {{resolved_text(outcomes)},
          {mean_text(outcomes.survey_sum(), outcomes.surveys())},
          {mean_text(outcomes.quality_sum(), outcomes.qualities())}};
}

void add_outcome_columns(std::vector<Column>* columns) {
  for (const char* title : {"Resolved", "Survey", "Quality"}) {
    columns->push_back({title, Align::kRight});
  }
}

void add_outcomes(const v1::OutcomeStats& outcomes, Page* page) {
  if (!is_told(outcomes)) return;
  page->add("Resolved (FCR)", {absl::StrCat(resolved_text(outcomes), ", ", outcomes.resolved(),
                                            " of ", outcomes.resolved() + outcomes.unresolved())});
  page->add("Survey score", {absl::StrCat(mean_text(outcomes.survey_sum(), outcomes.surveys()),
                                          ", ", count_text(outcomes.surveys(), "call"))});
  page->add("Quality score", {absl::StrCat(mean_text(outcomes.quality_sum(), outcomes.qualities()),
                                           ", ", count_text(outcomes.qualities(), "call"))});
  if (outcomes.codes().empty()) return;
  page->add("Wrap-up codes", {});
  for (const v1::WrapUpCodeCount& code : outcomes.codes()) {
    page->add(absl::StrCat("  ", printable(code.code())), number(code.count()));
  }
}

// The agents who have the call, or those whom it rings: so many of them, and the number of the rest.
std::string agents_text(const v1::CallStatus& call, size_t shown_max) {
  std::vector<std::string> agents;
  if (call.state() == v1::CALL_STATE_ALERTING) {
    agents.assign(call.offered_agents().begin(), call.offered_agents().end());
  }
  for (const v1::CallParty& party : call.parties()) agents.push_back(party.agent());
  const size_t count = agents.size();
  if (count < 2) return std::string(call.agent().empty() ? kNone : short_name(call.agent()));
  std::string text;
  for (size_t i = 0; i < std::min(count, shown_max); ++i) {
    absl::StrAppend(&text, text.empty() ? "" : " ", std::string(short_name(agents[i])));
  }
  if (count > shown_max) absl::StrAppend(&text, " +", count - shown_max);
  return text;
}

std::optional<double> percent_if(bool is_set, double percent) {
  if (!is_set) return std::nullopt;
  return percent;
}

}  // namespace

std::string queues_text(const v1::ListQueueStatsResponse& stats, bool is_colored) {
  std::vector<Column> columns = {
      {"Queue", Align::kLeft},
      {"Waiting", Align::kRight},
      {"Longest", Align::kRight},
      {"Talking", Align::kRight},
      {"Offered", Align::kRight},
      {"Answered", Align::kRight},
      {"Abandoned", Align::kRight},
      {"Share", Align::kRight},
      {"Other", Align::kRight},
      {absl::StrCat("Service level", std::string(kNoMark)), Align::kRight},
      {"Goal", Align::kRight},
      {"ASA", Align::kRight},
      {"AHT", Align::kRight},
      {"Max wait", Align::kRight}};
  // A tenant whose queues do not overflow needs no column for it.
  const bool has_overflow = stats.total().overflowed_in() + stats.total().overflowed_out() > 0;
  if (has_overflow) {
    columns.insert(columns.begin() + kOverflowColumn, {"Overflow", Align::kRight});
  }
  // Nor one that calls nobody back, or whose calls nobody transfers, or tells about.
  const bool shows_callbacks = has_callbacks(stats.total());
  if (shows_callbacks) {
    for (const char* title : {"Callbacks", "Asked back", "Failed dials"}) {
      columns.push_back({title, Align::kRight});
    }
  }
  const bool shows_transfers = has_transfers(stats.total());
  if (shows_transfers) columns.push_back({"Transfers", Align::kRight});
  const bool has_outcomes = is_told(stats.total().outcomes());
  if (has_outcomes) add_outcome_columns(&columns);
  Table table(std::move(columns));
  const auto add_row = [&](const v1::QueueStats& one, std::string_view name) {
    std::vector<Cell> row = queue_row(one, name, has_overflow);
    if (shows_callbacks) {
      row.push_back(number(one.callbacks_waiting()));
      row.push_back(number(one.callback_requested()));
      row.push_back(number(one.dials_failed()));
    }
    if (shows_transfers) row.push_back(transfers_cell(one));
    if (has_outcomes) {
      for (Cell& cell : outcome_cells(one.outcomes())) row.push_back(std::move(cell));
    }
    table.add_row(std::move(row));
  };
  for (const v1::QueueStats& queue : stats.queues()) add_row(queue, short_name(queue.name()));
  table.add_rule();
  add_row(stats.total(), "Total");

  std::string text = table.render(is_colored);
  for (const v1::QueueStats& queue : stats.queues()) {
    if (!queue.conserved()) text += not_conserved_line(queue, is_colored);
  }
  absl::StrAppend(&text, "\n", agents_line(stats.total()), "daemon time ",
                  format_duration(stats.now()), "\n");
  return text;
}

std::string queue_text(const v1::QueueStats& stats, bool is_colored) {
  Page page(is_colored);
  page.add("Queue", {std::string(short_name(stats.name()))});
  if (stats.has_is_open()) page.add("Open", {stats.is_open() ? "yes" : "no"});
  if (stats.has_hours()) add_hours(stats, &page);
  if (stats.members_paused() > 0) page.add("Members paused", number(stats.members_paused()));
  page.add("Waiting", {stats.waiting() == 0 ? "0"
                                            : absl::StrCat(stats.waiting(), ", longest ",
                                                           format_duration(stats.longest_wait()))});
  add_callbacks(stats, &page);
  add_for_later(stats, &page);
  page.add("Talking", number(stats.connected()));
  page.add("Offered", number(stats.offered()));
  page.add("Overflowed in", number(stats.overflowed_in()));
  if (has_transfers(stats)) page.add("Transferred in", number(stats.transferred_in()));
  page.add_count("  answered", stats.answered(), visits(stats));
  page.add_count("  abandoned", stats.abandoned(), visits(stats));
  page.add_count("  short abandoned", stats.short_abandoned(), visits(stats));
  page.add_count("  timed out", stats.timed_out(), visits(stats));
  page.add_count("  overflowed out", stats.overflowed_out(), visits(stats));
  if (has_transfers(stats)) {
    page.add_count("  transferred waiting", stats.transferred_out_waiting(), visits(stats));
  }
  if (has_callbacks(stats)) {
    page.add_count("  asked to be called back", stats.callback_requested(), visits(stats));
  }
  page.add_count("  withdrawn", stats.withdrawn(), visits(stats));
  if (stats.rerouted() > 0) page.add("  rerouted by the switch", number(stats.rerouted()));
  page.add_count("  rejected", stats.rejected(), visits(stats));
  page.add_count("  failed waiting", stats.failed_waiting(), visits(stats));
  page.add("Requeued", number(stats.requeued()));
  if (stats.consults() > 0) {
    page.add("Consults", number(stats.consults()));
    page.add_count("  answered", stats.consults_answered(), stats.consults());
    page.add_count("  failed", stats.consults_failed(), stats.consults());
  }

  Cell level = service_level_cell(stats);
  if (is_below_goal(stats)) level.text += " below goal";
  page.add("Service level", std::move(level));
  if (stats.has_service_level_target()) {
    page.add("  goal",
             {absl::StrCat(goal_text(stats.service_level_target()), ", ",
                           service_level_variant_text(stats.service_level_target().variant()))});
  }
  const v1::ServiceLevel& all = stats.service_level();
  page.add("  entered", number(all.entered()));
  page.add("  answered in target", number(all.answered_in_target()));
  page.add("  abandoned in target", number(all.abandoned_in_target()));
  page.add("  left out", number(all.left_out()));
  page.add("  overflowed in target", number(all.overflowed_in_target()));
  page.add("  abandoned negative", {format_percent(percent_if(all.has_abandoned_negative_percent(),
                                                              all.abandoned_negative_percent()))});
  page.add("  ignore abandoned", {format_percent(percent_if(all.has_ignore_abandoned_percent(),
                                                            all.ignore_abandoned_percent()))});
  page.add("  abandoned positive", {format_percent(percent_if(all.has_abandoned_positive_percent(),
                                                              all.abandoned_positive_percent()))});

  page.add("Speed of answer (ASA)",
           duration_if(stats.answered() > 0, stats.average_speed_of_answer()));
  page.add("Handle time (AHT)", duration_if(stats.handled() > 0, stats.average_handle_time()));
  page.add("Max wait", duration_if(visits(stats) > stats.waiting(), stats.wait_max()));
  page.add("Handled", number(stats.handled()));
  if (has_transfers(stats)) {
    page.add_count("Transferred out", stats.transferred_out(), stats.answered());
  }

  add_outcomes(stats.outcomes(), &page);
  const v1::OfferStats& offers = stats.offers();
  page.add("Offers", number(offers.created()));
  page.add_count("  accepted", offers.accepted(), offers.created());
  page.add_count("  no answer (RONA)", offers.no_answer(), offers.created());
  page.add_count("  rejected", offers.rejected(), offers.created());
  page.add_count("  busy", offers.busy(), offers.created());
  page.add_count("  unreachable", offers.unreachable(), offers.created());
  page.add_count("  unknown address", offers.unknown_address(), offers.created());
  page.add_count("  canceled", offers.canceled(), offers.created());
  page.add_count("  rescinded", offers.rescinded(), offers.created());
  page.add("  stale answers", number(offers.stale()));
  page.add("  late answers adopted", number(offers.adopted()));
  return stats.conserved() ? page.text() : page.text() + not_conserved_line(stats, is_colored);
}

std::string agents_text(const v1::ListAgentsResponse& agents, bool is_colored) {
  std::vector<Column> columns = {{"Agent", Align::kLeft},      {"Name", Align::kLeft},
                                 {"State", Align::kLeft},      {"Time", Align::kRight},
                                 {"Call", Align::kLeft},       {"Station", Align::kLeft},
                                 {"Answered", Align::kRight},  {"No answer", Align::kRight},
                                 {"Occupancy", Align::kRight}, {"Skills", Align::kLeft}};
  const bool has_outcomes =
      std::any_of(agents.agents().begin(), agents.agents().end(),
                  [](const v1::AgentStatus& agent) { return is_told(agent.outcomes()); });
  std::set<std::string> switches;
  for (const v1::AgentStatus& agent : agents.agents()) {
    if (!agent.source_id().empty()) switches.insert(agent.source_id());
  }
  const bool has_switches = switches.size() > 1;
  if (has_switches) columns.push_back({"Switch", Align::kLeft});
  if (has_outcomes) add_outcome_columns(&columns);
  Table table(std::move(columns));
  std::map<v1::AgentState, int64_t> counts;
  int64_t answered = 0;
  int64_t no_answer = 0;
  for (const v1::AgentStatus& agent : agents.agents()) {
    ++counts[agent.state()];
    answered += agent.answered();
    no_answer += agent.no_answer();
    std::vector<Cell> row = {{std::string(short_name(agent.name()))},
                             {agent.display_name()},
                             {absl::StrCat(agent_state_text(agent.state(), agent.reason()),
                                           agent.desktop_away() ? ", desktop away" : ""),
                              agent_state_tone(agent.state())},
                             {format_duration(agent.time_in_state())},
                             text_or_none(calls_in_hand(agent)),
                             text_or_none(agent.station()),
                             number(agent.answered()),
                             number(agent.no_answer()),
                             {format_percent(occupancy(agent))},
                             {skills_text(agent, kSkillsShownMax)}};
    if (has_switches) row.push_back(text_or_none(agent.source_id()));
    if (has_outcomes) {
      for (Cell& cell : outcome_cells(agent.outcomes())) row.push_back(std::move(cell));
    }
    table.add_row(std::move(row));
  }
  table.add_rule();
  table.add_row({{"Total"}, {}, {}, {}, {}, {}, number(answered), number(no_answer)});

  std::vector<std::pair<std::string, int64_t>> words;
  words.reserve(counts.size());
  for (const auto& [state, n] : counts) words.emplace_back(lower_first(agent_state_text(state)), n);
  return absl::StrCat(table.render(is_colored), "\n",
                      counts_line("agent", agents.agents_size(), words));
}

std::string agent_text(const v1::AgentStatus& agent, bool is_colored) {
  Page page(is_colored);
  page.add("Agent", {std::string(short_name(agent.name()))});
  page.add("Name", {agent.display_name()});
  if (!agent.team().empty()) page.add("Team", {agent.team()});
  if (!agent.media().empty()) page.add("Media", {media_text(agent)});
  page.add("State",
           {agent_state_text(agent.state(), agent.reason()), agent_state_tone(agent.state())});
  page.add("Time in state", {format_duration(agent.time_in_state())});
  page.add("Station", text_or_none(agent.station()));
  if (!agent.station().empty()) {
    page.add("  switch", text_or_none(agent.source_id()));
    page.add("Answers by", {answer_text(agent)});
  }
  if (!agent.desktop().empty()) {
    page.add("Desktop", {agent.desktop() + (agent.desktop_away() ? ", away" : "")});
  }
  page.add("Calls", text_or_none(calls_in_hand(agent)));
  page.add("Answered", number(agent.answered()));
  page.add("No answer (RONA)", number(agent.no_answer()));
  if (agent.joined() > 0) page.add("Joined", number(agent.joined()));
  if (agent.transferred() > 0) {
    page.add_count("Transferred", agent.transferred(), agent.answered() + agent.joined());
  }
  page.add("Occupancy", {format_percent(occupancy(agent))});
  add_outcomes(agent.outcomes(), &page);
  page.add("Skills", text_or_none(skills_text(agent, static_cast<size_t>(agent.skills_size()))));
  return page.text();
}

std::string calls_text(const v1::ListCallsResponse& calls, bool is_colored) {
  Table table({{"Call", Align::kLeft},
               {"State", Align::kLeft},
               {"Queue", Align::kLeft},
               {"Priority", Align::kRight},
               {"Wait", Align::kRight},
               {"Talk", Align::kRight},
               {"Agent", Align::kLeft},
               {"Offers", Align::kRight},
               {"Switch", Align::kLeft},
               {"Requirement", Align::kLeft}});
  std::map<v1::CallState, int64_t> counts;
  int64_t offers = 0;
  for (const v1::CallStatus& call : calls.calls()) {
    ++counts[call.state()];
    offers += call.offers();
    table.add_row({{std::string(short_name(call.name()))},
                   {call_state_text(call.state()), call_state_tone(call.state())},
                   {std::string(short_name(call.queue()))},
                   number(call.priority()),
                   {format_duration(call.wait())},
                   duration_if(call.has_talk(), call.talk()),
                   {agents_text(call, 1)},
                   number(call.offers()),
                   {call.source_id()},
                   {call.requirement()}});
  }
  table.add_rule();
  table.add_row({{"Total"}, {}, {}, {}, {}, {}, {}, number(offers)});

  std::vector<std::pair<std::string, int64_t>> words;
  words.reserve(counts.size());
  for (const auto& [state, n] : counts) words.emplace_back(lower_first(call_state_text(state)), n);
  return absl::StrCat(table.render(is_colored), "\n",
                      counts_line("call", calls.calls_size(), words));
}

std::string call_text(const v1::CallStatus& call, bool is_colored) {
  Page page(is_colored);
  page.add("Call", {std::string(short_name(call.name()))});
  page.add("State", {call_state_text(call.state()), call_state_tone(call.state())});
  page.add("Medium", {std::string(config_word(kMediumWords, call.medium()))});
  page.add("Queue", {std::string(short_name(call.queue()))});
  page.add("Priority", number(call.priority()));
  page.add("Wait", {format_duration(call.wait())});
  page.add("  since it arrived", {format_duration(call.wait_total())});
  page.add("Queues visited", number(call.visits()));
  page.add("Talk", duration_if(call.has_talk(), call.talk()));
  for (int i = 0; i < call.offer_generations_size() && i < call.offered_agents_size(); ++i) {
    page.add("  open offer", {absl::StrCat(std::string(short_name(call.offered_agents(i))),
                                           ", generation ", call.offer_generations(i))});
  }
  page.add("Agent", {agents_text(call, SIZE_MAX)});
  if (!call.parent_call().empty()) {
    page.add("Consult about", {std::string(short_name(call.parent_call()))});
    page.add("  asked by", {std::string(short_name(call.consulting_agent()))});
  }
  if (call.medium() == v1::MEDIUM_CALLBACK) {
    page.add("Customer", {call.off_line() ? "not on the line" : "on the line"});
    page.add("  number", text_or_none(call.number()));
    page.add("  dials failed", number(call.dial_attempts()));
    if (call.has_next_attempt()) {
      page.add("  next attempt in", {format_duration(call.next_attempt())});
    }
    if (!call.origin_call().empty()) {
      page.add("  in the place of", {std::string(short_name(call.origin_call()))});
    }
  }
  page.add("Offers", number(call.offers()));
  if (call.transfers() > 0) page.add("Transfers", number(call.transfers()));
  const v1::CallOutcome& outcome = call.outcome();
  if (outcome.has_wrap_up_code()) page.add("Wrap-up code", {outcome.wrap_up_code()});
  if (outcome.has_resolved()) page.add("Resolved", {outcome.resolved() ? "yes" : "no"});
  if (outcome.has_survey_score()) page.add("Survey score", number(outcome.survey_score()));
  if (outcome.has_quality_score()) page.add("Quality score", number(outcome.quality_score()));
  page.add("Requirement", text_or_none(call.requirement()));
  page.add("Switch", text_or_none(call.source_id()));
  page.add("Caller's leg", text_or_none(call.leg_id()));
  return page.text();
}

}  // namespace acd::acdctl
