// SPDX-License-Identifier: Apache-2.0
// A real daemon in this process that dies as by SIGKILL when a test says so, and comes back with what its files held
// at that moment.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/server.h"
#include "sim/replay_client.h"
#include "sim/replay_daemon.h"

namespace acd::sim {

enum class Death : uint8_t { kNone, kBefore, kAfter };

// A step is a batch, a request, or a look at what a desktop is offered.
//
// Threads:  one.
class MortalDaemon final : public ReplayDaemon {
 public:
  // Serves `config` (YAML) from folders of its own within `folder`, which it does not remove.
  MortalDaemon(std::string folder, const std::string& config);
  ~MortalDaemon() override;
  MortalDaemon(const MortalDaemon&) = delete;
  MortalDaemon& operator=(const MortalDaemon&) = delete;

  absl::StatusOr<ReplayHello> connect() override;
  absl::StatusOr<ReplayAnswer> exchange(const ReplayBatch& batch) override;
  absl::StatusOr<std::string> request(const ReplayEvent& event,
                                      const std::string& request_id) override;
  absl::StatusOr<std::vector<DesktopOffer>> desktop_offers(const std::string& agent) override;
  absl::StatusOr<std::vector<QueueFigures>> queue_figures() override;

  // Whether it dies at a step, and when: nothing of it came, or its answer is lost. Both numbers from 1; what comes after a
  // death is one more attempt at the same step. Default: it lives.
  std::function<Death(int step, int attempt)> death_at;
  // Every other life begins with a snapshot of the moment, and not with the journal.
  bool has_snapshots = false;

  [[nodiscard]] int steps() const { return steps_; }
  [[nodiscard]] int deaths() const { return deaths_; }

 private:
  template <typename Answer>
  Answer step(const std::function<Answer()>& take);
  void live();
  void die();
  [[nodiscard]] std::string data_dir() const;

  const std::string folder_;
  Settings settings_;
  std::optional<Server> server_;
  std::unique_ptr<ReplayClient> client_;
  int steps_ = 0;
  int attempts_ = 0;  // At this step.
  int deaths_ = 0;
  bool was_cut_ = false;
};

}  // namespace acd::sim
