// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/top.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

#include "clients/acdctl/commands.h"
#include "clients/acdctl/figures_view.h"
#include "clients/acdctl/screen.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"
#include "clients/acdctl/words.h"

namespace acd::acdctl {
namespace {

constexpr v1::StatsWindow kTopWindow = v1::STATS_WINDOW_15_MIN;
constexpr absl::Duration kKeyWait = absl::Milliseconds(100);

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
  return text + "\n";
}

int64_t ready_members(const v1::QueueStats& queue) {
  for (const v1::AgentStateCount& one : queue.member_states()) {
    if (one.state() == v1::AGENT_STATE_READY) return one.count();
  }
  return 0;
}

std::vector<Cell> top_row(const v1::QueueStats& queue, std::string name, bool is_chosen,
                          v1::StatsWindow window) {
  const bool is_total = queue.agents_size() > 0;
  const Tone tone = queue.waiting() > 0 ? Tone::kNotice : Tone::kPlain;
  std::vector<Cell> row = {{is_chosen ? ">" : ""},
                           {std::move(name)},
                           {absl::StrCat(queue.waiting()), tone},
                           {queue.waiting() > 0 ? format_duration(queue.longest_wait()) : "-"},
                           {ewt_text(queue.has_ewt(), queue.ewt())},
                           {is_total ? "" : absl::StrCat(ready_members(queue))},
                           {absl::StrCat(queue.connected())}};
  const v1::WindowStats* const told = window_of(queue, window);
  if (told == nullptr) return row;
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

v1::WatchRequest top_request(const Arguments& arguments, const std::string& tenant,
                             v1::StatsWindow window) {
  v1::WatchRequest request;
  request.set_parent(tenant);
  request.set_all_queues(true);
  request.set_total(true);
  request.set_waiting_calls(true);
  request.set_ewt(true);
  request.add_windows(window);
  const int64_t ms = absl::ToInt64Milliseconds(arguments.interval);
  request.mutable_interval()->set_seconds(ms / 1'000);
  request.mutable_interval()->set_nanos(static_cast<int32_t>(ms % 1'000 * 1'000'000));
  return request;
}

// What is shown, by whoever has news: the stream or the keys.
class Screen {
 public:
  Screen(const Arguments& arguments, const std::string& tenant, const Console& console,
         v1::StatsWindow window)
      : arguments_(arguments), tenant_(tenant), console_(console), window_(window) {}

  // Whether to go on.
  bool take(const v1::WatchResponse& response) {
    const std::lock_guard<std::mutex> lock(mutex_);
    wall_.take(response);
    if (response.more()) return !is_over_;
    has_begun_ = true;
    lost_.clear();
    shown_ = draw();
    return shown_ == ExitCode::kOk && !arguments_.is_once && !is_over_;
  }
  void press(TopKey key) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (key == TopKey::kQuit) {
      is_over_ = true;
      return;
    }
    choose(key, wall_, window_, &choice_);
    if (has_begun_ && shown_ == ExitCode::kOk) shown_ = draw();
  }
  void lose(const absl::Status& status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    lost_ = absl::StrCat("connection lost, retrying: ", std::string(status.message()));
    shown_ = draw();
  }
  void end() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_over_ = true;
  }
  [[nodiscard]] bool is_over() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return is_over_;
  }
  [[nodiscard]] bool has_begun() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return has_begun_;
  }
  [[nodiscard]] ExitCode shown() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return shown_;
  }

 private:
  // REQUIRES: locked.
  ExitCode draw() {
    const std::string heading =
        lost_.empty() ? paint(absl::StrCat(printable(short_name(tenant_)), " at ",
                                           printable(arguments_.target), ", by ",
                                           std::string(sort_word(choice_.sort)),
                                           "; s sorts, arrows and Enter show calls, q ends"),
                              Tone::kHeading, arguments_.is_colored)
                      : paint(lost_, Tone::kBad, arguments_.is_colored);
    const std::string frame =
        absl::StrCat(heading, "\n", top_text(wall_, window_, choice_, arguments_.is_colored));
    if (!console_.is_terminal || arguments_.is_once) return print(console_, frame);
    const char* const clear = std::exchange(is_drawn_, true) ? "" : kClearScreen;
    return print(console_, clear + screen_text(frame, console_.rows()));
  }

  const Arguments& arguments_;
  const std::string tenant_;
  const Console& console_;
  const v1::StatsWindow window_;
  mutable std::mutex mutex_;  // All below.
  Wall wall_;
  TopChoice choice_;
  std::string lost_;
  bool has_begun_ = false;
  bool is_drawn_ = false;
  bool is_over_ = false;
  ExitCode shown_ = ExitCode::kOk;
};

ExitCode follow(Client& client, const Arguments& arguments, const Console& console,
                const v1::WatchRequest& request, Screen* screen) {
  const auto take = [&](const v1::WatchResponse& response) {
    return screen->take(response) && (arguments.is_once || console.wait(absl::ZeroDuration()));
  };
  for (;;) {
    const absl::Status status =
        client.watch(request, console.silence_max(arguments.interval), take);
    if (status.ok() || screen->is_over()) return screen->shown();
    if (screen->shown() != ExitCode::kOk) return screen->shown();
    if (!screen->has_begun() || !is_transient(status)) return fail(console, status);
    if (arguments.is_once) return screen->shown();
    screen->lose(status);
    if (!console.wait(arguments.interval)) return ExitCode::kOk;
  }
}

}  // namespace

std::vector<TopKey> top_keys(std::string_view bytes) {
  constexpr std::pair<std::string_view, TopKey> kKeys[] = {
      {"\x1b[A", TopKey::kUp},   {"\x1bOA", TopKey::kUp}, {"\x1b[B", TopKey::kDown},
      {"\x1bOB", TopKey::kDown}, {"k", TopKey::kUp},      {"j", TopKey::kDown},
      {"s", TopKey::kSort},      {"q", TopKey::kQuit},    {"\x03", TopKey::kQuit},
      {"\r", TopKey::kCalls},    {"\n", TopKey::kCalls}};
  std::vector<TopKey> keys;
  while (!bytes.empty()) {
    const auto* const known =
        std::ranges::find_if(kKeys, [&](const auto& key) { return bytes.starts_with(key.first); });
    if (known != std::end(kKeys)) keys.push_back(known->second);
    bytes.remove_prefix(known == std::end(kKeys) ? 1 : known->first.size());
  }
  return keys;
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
                     bool is_colored) {
  const std::vector<v1::QueueStats> queues = sorted_queues(wall, window, choice.sort);
  const v1::ListQueueStatsResponse list = wall.queues();
  const size_t chosen = chosen_place(queues, choice.queue);
  Table table({{"", Align::kLeft},
               {"Queue", Align::kLeft},
               {"Waiting", Align::kRight},
               {"Longest", Align::kRight},
               {"EWT", Align::kRight},
               {"Ready", Align::kRight},
               {"Talking", Align::kRight},
               {absl::StrCat("Answered ", window_text(window)), Align::kRight},
               {"Abandoned", Align::kRight},
               {"Share", Align::kRight},
               {"Service level", Align::kRight}});
  for (size_t i = 0; i < queues.size(); ++i) {
    table.add_row(
        top_row(queues[i], std::string(short_name(queues[i].name())), i == chosen, window));
  }
  table.add_rule();
  table.add_row(top_row(list.total(), "Total", false, window));
  std::string text =
      absl::StrCat(top_agents(list.total()), "daemon time ", format_duration(list.now()), "\n\n");
  if (!choice.shows_calls || queues.empty()) return text + table.render(is_colored);
  // First, so that they have room.
  v1::ListCallsResponse all = wall.calls();
  v1::ListCallsResponse calls;
  for (v1::CallStatus& call : *all.mutable_calls()) {
    if (call.queue() == queues[chosen].name()) calls.add_calls()->Swap(&call);
  }
  return absl::StrCat(text, "Waiting in ", printable(short_name(queues[chosen].name())), "\n",
                      waiting_text(calls, is_colored), "\n", table.render(is_colored));
}

ExitCode run_top(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const v1::StatsWindow window = arguments.window.value_or(kTopWindow);
  const v1::WatchRequest request = top_request(arguments, *tenant, window);
  Screen screen(arguments, *tenant, console, window);
  std::optional<std::thread> keys;
  if (console.keys != nullptr && !arguments.is_once) {
    keys.emplace([&] {
      while (!screen.is_over()) {
        for (const TopKey key : top_keys(console.keys(kKeyWait))) screen.press(key);
      }
    });
  }
  const ExitCode code = follow(client, arguments, console, request, &screen);
  screen.end();
  if (keys) keys->join();
  return code;
}

}  // namespace acd::acdctl
