// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/top_view.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "clients/acdctl/figures_view.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"
#include "clients/acdctl/words.h"

namespace acd::acdctl {
namespace {

enum TopColumn : size_t {
  kMark,
  kName,
  kWaiting,
  kLongest,
  kEwt,
  kReady,
  kTalking,
  kAnswered,
  kAbandoned,
  kShare,
  kServiceLevel,
  kColumnCount
};

// What goes first where the terminal is narrow. The queue and its service level stay.
constexpr TopColumn kLeftOut[] = {kShare, kAbandoned, kTalking, kAnswered,
                                  kReady, kEwt,       kLongest, kWaiting};
// Names are cut to this before a column goes.
constexpr size_t kNameMin = 16;
// The heading and the cursor; agents, the time, an empty line; titles, the rule, the total.
constexpr size_t kLinesAround = 8;
// The queue's name, titles, an empty line, the count, an empty line.
constexpr size_t kLinesAroundCalls = 5;
// Queues that are shown however many calls the chosen one has.
constexpr size_t kQueuesMin = 3;

using Row = std::vector<Cell>;

TopSort sort_after(TopSort sort) {
  switch (sort) {
    case TopSort::kWaiting:
      return TopSort::kLongest;
    case TopSort::kLongest:
      return TopSort::kServiceLevel;
    case TopSort::kServiceLevel:
      return TopSort::kName;
    case TopSort::kName:
      return TopSort::kWaiting;
  }
  return TopSort::kWaiting;
}

std::pair<int64_t, int32_t> wait_span(const google::protobuf::Duration& duration) {
  return {duration.seconds(), duration.nanos()};
}

// None is the best: nobody came.
double shown_level(const v1::QueueStats& queue, v1::StatsWindow window) {
  constexpr double kBest = 101;
  const v1::WindowStats* const told = window_of(queue, window);
  return told != nullptr && told->has_service_level_percent() ? told->service_level_percent()
                                                              : kBest;
}

// The worst first; those that are equal as they are configured.
std::vector<v1::QueueStats> sorted_queues(const Wall& wall, v1::StatsWindow window, TopSort sort) {
  const v1::ListQueueStatsResponse list = wall.queues();
  std::vector<v1::QueueStats> queues(list.queues().begin(), list.queues().end());
  const auto is_before = [&](const v1::QueueStats& a, const v1::QueueStats& b) {
    switch (sort) {
      case TopSort::kWaiting:
        return a.waiting() > b.waiting();
      case TopSort::kLongest:
        return wait_span(a.longest_wait()) > wait_span(b.longest_wait());
      case TopSort::kServiceLevel:
        return shown_level(a, window) < shown_level(b, window);
      case TopSort::kName:
        return a.name() < b.name();
    }
    return false;
  };
  std::ranges::stable_sort(queues, is_before);
  return queues;
}

// Where the chosen queue stands; the first if it is no longer there.
size_t chosen_place(const std::vector<v1::QueueStats>& queues, const std::string& name) {
  const auto found = std::ranges::find(queues, name, &v1::QueueStats::name);
  return found == queues.end() ? 0 : static_cast<size_t>(found - queues.begin());
}

std::string top_agents(const v1::QueueStats& total) {
  std::string text = "Agents:";
  const char* separator = " ";
  for (const v1::AgentStateCount& one : total.agents()) {
    if (one.count() == 0) continue;
    absl::StrAppend(&text, separator, one.count(), " ",
                    absl::AsciiStrToLower(agent_state_text(one.state())));
    separator = ", ";
  }
  return text;
}

int64_t ready_members(const v1::QueueStats& queue) {
  for (const v1::AgentStateCount& one : queue.member_states()) {
    if (one.state() == v1::AGENT_STATE_READY) return one.count();
  }
  return 0;
}

Row top_row(const v1::QueueStats& queue, std::string_view name, bool is_chosen,
            v1::StatsWindow window) {
  const bool is_total = queue.agents_size() > 0;
  const Tone tone = queue.waiting() > 0 ? Tone::kNotice : Tone::kPlain;
  Row row = {{is_chosen ? ">" : ""},
             {printable(name)},
             {absl::StrCat(queue.waiting()), tone},
             {queue.waiting() > 0 ? format_duration(queue.longest_wait()) : "-"},
             {ewt_text(queue.has_ewt(), queue.ewt())},
             {is_total ? "" : absl::StrCat(ready_members(queue))},
             {absl::StrCat(queue.connected())}};
  const v1::WindowStats* const told = window_of(queue, window);
  if (told == nullptr) {
    row.resize(kColumnCount);
    return row;
  }
  const auto percent = [](bool is_set, double value) -> Cell {
    return {format_percent(is_set ? std::optional(value) : std::nullopt)};
  };
  row.push_back({absl::StrCat(told->visits().answered())});
  row.push_back({absl::StrCat(told->visits().abandoned())});
  row.push_back(percent(told->has_abandon_percent(), told->abandon_percent()));
  Cell level = percent(told->has_service_level_percent(), told->service_level_percent());
  const bool is_below = told->has_service_level_percent() && queue.has_service_level_target() &&
                        told->service_level_percent() < queue.service_level_target().goal_percent();
  if (is_below) level = {absl::StrCat(level.text, " !"), Tone::kBad};
  row.push_back(std::move(level));
  return row;
}

std::vector<Column> top_columns(v1::StatsWindow window) {
  return {{"", Align::kLeft},
          {"Queue", Align::kLeft},
          {"Waiting", Align::kRight},
          {"Longest", Align::kRight},
          {"EWT", Align::kRight},
          {"Ready", Align::kRight},
          {"Talking", Align::kRight},
          {absl::StrCat("Answered ", window_text(window)), Align::kRight},
          {"Abandoned", Align::kRight},
          {"Share", Align::kRight},
          {"Service level", Align::kRight}};
}

// Leaves columns out and cuts names until the table is no wider than `width_max`, as far as that
// goes.
void fit_columns(size_t width_max, std::vector<Column>* columns, std::vector<Row>* rows) {
  std::vector<size_t> widths;
  for (const Column& column : *columns) widths.push_back(character_count(column.title));
  for (const Row& row : *rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], character_count(row[i].text));
    }
  }
  const size_t name_min = std::min(widths[kName], kNameMin);
  size_t rest = Table::kGapWidth * (kColumnCount - 1);  // Of the table beside the names.
  for (const size_t width : widths) rest += width;
  rest -= widths[kName];
  std::vector<TopColumn> left_out;
  for (const TopColumn column : kLeftOut) {
    if (rest + name_min <= width_max) break;
    left_out.push_back(column);
    rest -= widths[column] + Table::kGapWidth;
  }
  const size_t name_max = std::max(name_min, width_max - std::min(width_max, rest));
  for (Row& row : *rows) row[kName].text = cut_text(row[kName].text, name_max);
  std::ranges::sort(left_out, std::greater());
  for (const TopColumn column : left_out) {
    columns->erase(columns->begin() + column);
    for (Row& row : *rows) row.erase(row.begin() + column);
  }
}

struct Shown {
  size_t first = 0;
  size_t count = 0;
};

// Of `size` queues those around the chosen one for which there is room.
Shown shown_around(size_t chosen, size_t size, size_t count_max) {
  const size_t count = std::min(size, std::max<size_t>(count_max, 1));
  const size_t before = std::min(chosen, count / 2);
  return {std::min(chosen - before, size - count), count};
}

size_t room_left(size_t room, size_t taken) { return room > taken ? room - taken : 0; }

// The calls that wait in that queue; `rows_max` says how many, though one always is.
std::string top_calls(const Wall& wall, const std::string& queue, std::optional<size_t> rows_max,
                      bool is_colored) {
  v1::ListCallsResponse all = wall.calls();
  v1::ListCallsResponse calls;
  int count = 0;
  const int count_max =
      rows_max ? static_cast<int>(std::max<size_t>(*rows_max, 1)) : all.calls_size();
  for (v1::CallStatus& call : *all.mutable_calls()) {
    if (call.queue() == queue && ++count <= count_max) calls.add_calls()->Swap(&call);
  }
  return absl::StrCat("Waiting in ", printable(short_name(queue)), "\n",
                      waiting_table(calls, is_colored), "\n", count_text(count, "call"), " waiting",
                      count > count_max ? absl::StrCat(", the first ", count_max, " shown") : "",
                      "\n\n");
}

}  // namespace

std::string_view sort_word(TopSort sort) {
  switch (sort) {
    case TopSort::kWaiting:
      return "waiting";
    case TopSort::kLongest:
      return "longest wait";
    case TopSort::kServiceLevel:
      return "service level";
    case TopSort::kName:
      return "name";
  }
  return "";
}

void choose(TopKey key, const Wall& wall, v1::StatsWindow window, TopChoice* choice) {
  if (key == TopKey::kSort) choice->sort = sort_after(choice->sort);
  if (key == TopKey::kCalls) choice->shows_calls = !choice->shows_calls;
  if (key != TopKey::kUp && key != TopKey::kDown) return;
  const std::vector<v1::QueueStats> queues = sorted_queues(wall, window, choice->sort);
  if (queues.empty()) return;
  size_t place = chosen_place(queues, choice->queue);
  if (key == TopKey::kUp && place > 0) --place;
  if (key == TopKey::kDown && place + 1 < queues.size()) ++place;
  choice->queue = queues[place].name();
}

std::string top_text(const Wall& wall, v1::StatsWindow window, const TopChoice& choice,
                     TopRoom room, bool is_colored) {
  const std::vector<v1::QueueStats> queues = sorted_queues(wall, window, choice.sort);
  const v1::ListQueueStatsResponse list = wall.queues();
  const size_t chosen = chosen_place(queues, choice.queue);

  // What the lines around leave to queues and calls; none: as many as there are.
  std::optional<size_t> rows;
  if (room.rows > 0) rows = room_left(static_cast<size_t>(room.rows), kLinesAround);
  std::string calls;
  if (choice.shows_calls && !queues.empty()) {
    // They have the room, but for a few queues.
    std::optional<size_t> calls_max = rows;
    if (rows) {
      calls_max = room_left(*rows, kLinesAroundCalls + std::min(queues.size(), kQueuesMin));
    }
    calls = top_calls(wall, queues[chosen].name(), calls_max, is_colored);
    const auto lines = static_cast<size_t>(std::ranges::count(calls, '\n'));
    if (rows) rows = room_left(*rows, lines);
  }
  const Shown shown = shown_around(chosen, queues.size(), rows.value_or(queues.size()));

  // Of all queues, so that the columns stay where they are while the rows are scrolled.
  std::vector<Row> cells;
  for (size_t i = 0; i < queues.size(); ++i) {
    cells.push_back(top_row(queues[i], short_name(queues[i].name()), i == chosen, window));
  }
  cells.push_back(top_row(list.total(), "Total", false, window));
  std::vector<Column> columns = top_columns(window);
  std::string agents = top_agents(list.total());
  std::string place = shown.count == queues.size()
                          ? ""
                          : absl::StrCat("queues ", shown.first + 1, " to ",
                                         shown.first + shown.count, " of ", queues.size(), ", ");
  absl::StrAppend(&place, "window ", window_text(window), ", daemon time ",
                  format_duration(list.now()));
  if (room.columns > 0) {
    const auto width_max = static_cast<size_t>(room.columns);
    fit_columns(width_max, &columns, &cells);
    agents = cut_text(agents, width_max);
    place = cut_text(place, width_max);
  }
  Table table(std::move(columns));
  for (Row& row : cells) {
    if (&row == &cells.back()) table.add_rule();
    table.add_row(std::move(row));
  }
  std::vector<std::string> lines = absl::StrSplit(table.render(is_colored), '\n');
  const auto first = lines.begin() + 1;
  lines.erase(first + static_cast<ptrdiff_t>(shown.first + shown.count),
              first + static_cast<ptrdiff_t>(queues.size()));
  lines.erase(first, first + static_cast<ptrdiff_t>(shown.first));

  return absl::StrCat(agents, "\n", place, "\n\n", calls, absl::StrJoin(lines, "\n"));
}

}  // namespace acd::acdctl
