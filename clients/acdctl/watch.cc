// SPDX-License-Identifier: Apache-2.0
// The same again and again: redrawn in place on a terminal, appended otherwise.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/acdctl/commands.h"
#include "clients/acdctl/json.h"
#include "clients/acdctl/screen.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"
#include "clients/acdctl/wall.h"

namespace acd::acdctl {
namespace {

std::string_view subject_name(Subject subject) {
  switch (subject) {
    case Subject::kQueues:
      return "queues";
    case Subject::kAgents:
      return "agents";
    case Subject::kCalls:
      return "calls";
    case Subject::kScheduledCalls:
      return "calls scheduled";
  }
  return "";
}

// One watch's output.
class Display {
 public:
  Display(const Arguments& arguments, const std::string& tenant, const Console& console)
      : arguments_(arguments), tenant_(tenant), console_(console) {}

  [[nodiscard]] ExitCode show(std::string text) {
    is_lost_ = false;
    if (arguments_.is_json) return print(console_, text);
    last_ = std::move(text);
    const std::string heading =
        absl::StrCat(absl::FormatTime("%H:%M:%S", absl::Now(), absl::LocalTimeZone()), "  ",
                     std::string(subject_name(arguments_.subject)), " of ",
                     printable(short_name(tenant_)), " at ", printable(arguments_.target),
                     ", every ", absl::FormatDuration(arguments_.interval));
    return draw(paint(heading, Tone::kHeading, arguments_.is_colored));
  }

  // Says so once in a log; a screen keeps what was last known below.
  [[nodiscard]] ExitCode show_lost(const absl::Status& status) {
    const bool is_news = !std::exchange(is_lost_, true);
    const std::string message = "connection lost, retrying";
    if (console_.is_terminal && !arguments_.is_json) {
      return draw(paint(absl::StrCat(message, ": ", std::string(status.message())), Tone::kBad,
                        arguments_.is_colored));
    }
    if (is_news) console_.err << "acdctl: " << message << ": " << status.message() << std::endl;
    return ExitCode::kOk;
  }

 private:
  [[nodiscard]] ExitCode draw(const std::string& heading) {
    const std::string text = absl::StrCat(heading, "\n\n", last_);
    if (!console_.is_terminal) return print(console_, text + "\n");
    const char* clear = std::exchange(is_drawn_, true) ? "" : kClearScreen;
    return print(console_, clear + screen_text(text, console_.rows()));
  }

  const Arguments& arguments_;
  const std::string& tenant_;
  const Console& console_;
  // The last look that succeeded.
  std::string last_;
  bool is_lost_ = false;
  bool is_drawn_ = false;
};

// Calls are on no wallboard: they are listed again and again.
ExitCode watch_calls(Client& client, const Arguments& arguments, const std::string& tenant,
                     const Console& console) {
  Display display(arguments, tenant, console);
  bool is_first = true;
  do {
    const absl::StatusOr<std::string> text =
        look(client, arguments, tenant, "", arguments.is_colored);
    ExitCode shown = ExitCode::kOk;
    if (text.ok()) {
      shown = display.show(*text);
    } else if (is_first || !is_transient(text.status())) {
      return fail(console, text.status());
    } else {
      shown = display.show_lost(text.status());
    }
    if (shown != ExitCode::kOk) return shown;
    is_first = false;
  } while (console.wait(arguments.interval));
  return ExitCode::kOk;
}

v1::WatchRequest make_request(const Arguments& arguments, const std::string& tenant) {
  v1::WatchRequest request;
  request.set_parent(tenant);
  request.set_all_queues(arguments.subject == Subject::kQueues);
  request.set_total(arguments.subject == Subject::kQueues);
  request.set_all_agents(arguments.subject == Subject::kAgents);
  const int64_t ms = absl::ToInt64Milliseconds(arguments.interval);
  request.mutable_interval()->set_seconds(ms / 1'000);
  request.mutable_interval()->set_nanos(static_cast<int32_t>(ms % 1'000 * 1'000'000));
  return request;
}

absl::StatusOr<std::string> wall_text(const Wall& wall, const Arguments& arguments) {
  if (arguments.subject == Subject::kAgents) {
    const v1::ListAgentsResponse agents = in_states(wall.agents(), arguments);
    if (arguments.is_json) return to_json(agents);
    return acdctl::agents_text(agents, arguments.is_colored);
  }
  const v1::ListQueueStatsResponse queues = wall.queues();
  if (arguments.is_json) return to_json(queues);
  return acdctl::queues_text(queues, arguments.is_colored);
}

}  // namespace

ExitCode run_watch(Client& client, const Arguments& arguments, const std::string& tenant,
                   const Console& console) {
  if (arguments.subject == Subject::kCalls) {
    return watch_calls(client, arguments, tenant, console);
  }
  const v1::WatchRequest request = make_request(arguments, tenant);
  Display display(arguments, tenant, console);
  bool has_begun = false;
  ExitCode shown = ExitCode::kOk;
  Wall wall;
  const auto take = [&](const v1::WatchResponse& response) {
    wall.take(response);
    if (response.more()) return true;
    has_begun = true;
    const absl::StatusOr<std::string> text = wall_text(wall, arguments);
    shown = text.ok() ? display.show(*text) : fail(console, text.status());
    return shown == ExitCode::kOk && console.wait(absl::ZeroDuration());
  };
  for (;;) {
    const absl::Status status =
        client.watch(request, console.silence_max(arguments.interval), take);
    if (status.ok() || shown != ExitCode::kOk) return shown;
    if (!has_begun || !is_transient(status)) return fail(console, status);
    shown = display.show_lost(status);
    if (shown != ExitCode::kOk) return shown;
    if (!console.wait(arguments.interval)) return ExitCode::kOk;
  }
}

}  // namespace acd::acdctl
