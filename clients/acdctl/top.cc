// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/top.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "clients/acdctl/commands.h"
#include "clients/acdctl/json.h"
#include "clients/acdctl/screen.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"

namespace acd::acdctl {
namespace {

constexpr v1::StatsWindow kTopWindow = v1::STATS_WINDOW_15_MIN;
constexpr absl::Duration kKeyWait = absl::Milliseconds(100);

v1::WatchRequest top_request(const Arguments& arguments, const std::string& tenant,
                             v1::StatsWindow window) {
  v1::WatchRequest request;
  request.set_parent(tenant);
  request.set_all_queues(true);
  request.set_total(true);
  request.set_waiting_calls(!arguments.is_json);
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
    shown_ = arguments_.is_json ? print_json() : draw();
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
  // Draws again if the terminal has another size than before.
  void resize() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (has_begun_ && shown_ == ExitCode::kOk && room() != drawn_in_) shown_ = draw();
  }
  void lose(const absl::Status& status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const bool is_news = lost_.empty();
    lost_ = absl::StrCat("connection lost, retrying: ", std::string(status.message()));
    if (!arguments_.is_json) {
      shown_ = draw();
    } else if (is_news) {
      console_.err << "acdctl: " << lost_ << std::endl;
    }
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
  // REQUIRES: locked, of all below.
  [[nodiscard]] bool is_redrawn() const { return console_.is_terminal && !arguments_.is_once; }
  [[nodiscard]] TopRoom room() const {
    return {is_redrawn() ? console_.rows() : 0, console_.columns()};
  }
  ExitCode print_json() {
    const absl::StatusOr<std::string> text = to_json(wall_.queues());
    return text.ok() ? print(console_, *text) : fail(console_, text.status());
  }
  ExitCode draw() {
    drawn_in_ = room();
    std::string heading =
        lost_.empty()
            ? absl::StrCat(printable(short_name(tenant_)), " at ", printable(arguments_.target),
                           ", by ", std::string(sort_word(choice_.sort)),
                           "; s sorts, arrows and Enter show calls, q ends")
            : printable(lost_);
    if (drawn_in_.columns > 0) {
      heading = cut_text(heading, static_cast<size_t>(drawn_in_.columns));
    }
    const Tone tone = lost_.empty() ? Tone::kHeading : Tone::kBad;
    const std::string frame =
        absl::StrCat(paint(heading, tone, arguments_.is_colored), "\n",
                     top_text(wall_, window_, choice_, drawn_in_, arguments_.is_colored));
    if (!is_redrawn()) return print(console_, frame);
    const char* const clear = std::exchange(is_drawn_, true) ? "" : kClearScreen;
    return print(console_, clear + screen_text(frame, drawn_in_.rows));
  }

  const Arguments& arguments_;
  const std::string tenant_;
  const Console& console_;
  const v1::StatsWindow window_;
  mutable std::mutex mutex_;  // All below.
  Wall wall_;
  TopChoice choice_;
  std::string lost_;
  TopRoom drawn_in_;
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

ExitCode run_top(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const v1::StatsWindow window = arguments.window.value_or(kTopWindow);
  const v1::WatchRequest request = top_request(arguments, *tenant, window);
  Screen screen(arguments, *tenant, console, window);
  std::optional<std::thread> keys;
  if (console.keys != nullptr && !arguments.is_once && !arguments.is_json) {
    keys.emplace([&] {
      while (!screen.is_over()) {
        for (const TopKey key : top_keys(console.keys(kKeyWait))) screen.press(key);
        screen.resize();
      }
    });
  }
  const ExitCode code = follow(client, arguments, console, request, &screen);
  screen.end();
  if (keys) keys->join();
  return code;
}

}  // namespace acd::acdctl
