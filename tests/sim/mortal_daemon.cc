// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/mortal_daemon.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "daemon/checkpoint.h"

namespace acd::sim {

namespace fs = std::filesystem;

MortalDaemon::MortalDaemon(std::string folder, const std::string& config)
    : folder_(std::move(folder)) {
  settings_.config_file = folder_ + "/bank.yaml";
  std::ofstream(settings_.config_file) << config;
  settings_.listen = {"127.0.0.1:0"};
  settings_.partitions = {{"main", {}}};
  settings_.clock_mode = ClockMode::kDriven;
  settings_.durability = Durability::kNone;  // The process ends, not the machine.
  settings_.keeps_history = false;
  settings_.journal_segment_bytes = size_t{1} << 16;
  live();
}

MortalDaemon::~MortalDaemon() = default;

std::string MortalDaemon::data_dir() const { return folder_ + "/data" + std::to_string(deaths_); }

void MortalDaemon::live() {
  settings_.data_dir = data_dir();
  server_.emplace(settings_);
  spdlog::set_level(spdlog::level::warn);  // Not each of its lives.
  const Server::Failure failed = server_->start();
  ASSERT_EQ(failed.exit_code, ExitCode::kOk) << failed.message;
  ReplayClientOptions options;
  options.target = server_->addresses().front();
  options.tenant = "bank";
  options.source_id = "acdsim";
  options.epoch = "1";
  client_ = std::make_unique<ReplayClient>(std::move(options));
}

// What is done after the copy, the dead do: nobody sees it.
void MortalDaemon::die() {
  const std::string before = data_dir();
  ++deaths_;
  fs::copy(before, data_dir(), fs::copy_options::recursive);
  client_.reset();
  server_.reset();
  fs::remove_all(before);
  if (has_snapshots && deaths_ % 2 == 0) {
    CheckpointOptions options;
    options.folder = data_dir() + "/main";
    options.partition = "main";
    options.release = "0";
    const auto written = write_checkpoint(options);
    EXPECT_TRUE(written.ok()) << written.status();
  }
  live();
  was_cut_ = true;
}

template <typename Answer>
Answer MortalDaemon::step(const std::function<Answer()>& take) {
  if (!std::exchange(was_cut_, false)) {
    ++steps_;
    attempts_ = 0;
  }
  ++attempts_;
  const Death death = death_at ? death_at(steps_, attempts_) : Death::kNone;
  if (death == Death::kBefore) {
    die();
    return absl::UnavailableError("killed before");
  }
  Answer answer = take();
  if (death == Death::kAfter) {
    die();
    return absl::UnavailableError("killed after");
  }
  return answer;
}

absl::StatusOr<ReplayHello> MortalDaemon::connect() { return client_->connect(); }

absl::StatusOr<ReplayAnswer> MortalDaemon::exchange(const ReplayBatch& batch) {
  return step<absl::StatusOr<ReplayAnswer>>([&] { return client_->exchange(batch); });
}

absl::StatusOr<std::string> MortalDaemon::request(const ReplayEvent& event,
                                                  const std::string& request_id) {
  return step<absl::StatusOr<std::string>>([&] { return client_->request(event, request_id); });
}

absl::StatusOr<std::vector<DesktopOffer>> MortalDaemon::desktop_offers(const std::string& agent) {
  return step<absl::StatusOr<std::vector<DesktopOffer>>>(
      [&] { return client_->desktop_offers(agent); });
}

absl::StatusOr<std::vector<QueueFigures>> MortalDaemon::queue_figures() {
  return client_->queue_figures();
}

}  // namespace acd::sim
