// SPDX-License-Identifier: Apache-2.0
// A daemon reached over gRPC, for a replay.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sim/replay_daemon.h"

namespace acd::sim {

// An answer that takes longer counts as a cut.
inline constexpr int64_t kAnswerTimeoutNs = 30 * kNsPerS;

struct ReplayClientOptions {
  std::string target;  // "127.0.0.1:7710", "unix:/path"
  std::string tenant;
  std::string source_id;
  std::string epoch;
  // How long connect() keeps trying after a cut; the first time at most kFirstConnectNs.
  int64_t reconnect_timeout_ns = 30 * kNsPerS;
  // How long it waits for an answer, to a batch, to open_session or to a request.
  int64_t answer_timeout_ns = kAnswerTimeoutNs;
  // Whether the user wants it to end; asked at least every 100 ms. Default: never.
  std::function<bool()> is_stopped;
  // Tells the user that the connection is lost or back. Default: silence.
  std::function<void(const std::string&)> say;
};

inline constexpr int64_t kFirstConnectNs = 5 * kNsPerS;

// One session as SwitchService knows it, and what WallboardService, CallService and AgentService
// are asked beside it.
//
// Threads:  one.
// Bounds:   one batch in flight; every wait ends by a time-out or by `is_stopped`.
// Fails:    as ReplayDaemon says; the text names the target.
class ReplayClient final : public ReplayDaemon {
 public:
  explicit ReplayClient(ReplayClientOptions options);
  ~ReplayClient() override;
  ReplayClient(const ReplayClient&) = delete;
  ReplayClient& operator=(const ReplayClient&) = delete;

  absl::StatusOr<ReplayHello> connect() override;
  absl::StatusOr<ReplayAnswer> exchange(const ReplayBatch& batch) override;
  absl::StatusOr<std::string> request(const ReplayEvent& event,
                                      const std::string& request_id) override;
  absl::StatusOr<std::vector<DesktopOffer>> desktop_offers(const std::string& agent) override;
  absl::StatusOr<std::vector<QueueFigures>> queue_figures() override;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace acd::sim
