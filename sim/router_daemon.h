// SPDX-License-Identifier: Apache-2.0
// A daemon that is nothing but a Router in memory: for replays that are looked at from inside.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "routing/insight/board.h"
#include "routing/router.h"
#include "sim/replay_daemon.h"

namespace acd::sim {

// What goes on in a centre, for who looks on. All are optional.
struct WorldHooks {
  std::function<void(const TenantConfig&)> configured;
  // In their order, dense.
  std::function<void(const Event&, std::string_view arena)> happened;
  // What was to happen by now and was asked for at once has happened; who still waits, waits.
  std::function<void(int64_t now_ns)> settled;
};

// Plays voice calls alone. Each session is another switch; the one before is over by then.
//
// Threads:  one at a time.
// Bounds:   as the Router's.
class RouterDaemon final : public ReplayDaemon {
 public:
  // `hooks` may look at nothing of this one while they are called.
  RouterDaemon(const TenantConfig& config, WorldHooks hooks);

  // Adds agents, or replaces what they can do.
  absl::Status upsert(const std::vector<AgentProfile>& agents);
  // The next connect() opens the session of a switch with that id.
  void name_switch(const std::string& source_id) { source_id_ = source_id; }

  absl::StatusOr<ReplayHello> connect() override;
  absl::StatusOr<ReplayAnswer> exchange(const ReplayBatch& batch) override;
  absl::StatusOr<std::string> request(const ReplayEvent& event,
                                      const std::string& request_id) override;
  absl::StatusOr<std::vector<DesktopOffer>> desktop_offers(const std::string& agent) override;
  absl::StatusOr<std::vector<QueueFigures>> queue_figures() override;

 private:
  static constexpr uint32_t kTimersMax = 1'000;  // In one go; then on.

  [[nodiscard]] Reject apply(const ReplayEvent& event);
  [[nodiscard]] Reject apply(Command command);
  void advance(int64_t now_ns);
  // Tells what has happened, and what of it is for the switch.
  void tell();
  void answer(const Event& event);
  TextRef text(std::string_view value);

  WorldHooks hooks_;
  Router router_;
  Board board_;
  EventLog log_;
  std::string arena_;
  std::string source_id_ = "switch";
  SourceIndex source_;
  int64_t now_ns_ = 0;
  ReplayAnswer answer_;
};

}  // namespace acd::sim
