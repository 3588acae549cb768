// SPDX-License-Identifier: Apache-2.0
// Process settings of acdd: what a machine needs, never what a decision needs.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/router_clock.h"
#include "daemon/storage/segment_journal.h"

namespace acd {

// One partition: its name and the tenants it holds. No tenants: all of the configuration's.
struct PartitionSetting {
  std::string name;
  std::vector<std::string> tenants;
};

struct Settings {
  std::string config_file;
  std::string data_dir;
  std::vector<std::string> listen;
  std::string port_file;
  std::string http_listen;  // Empty: no HTTP.
  std::string http_port_file;
  std::vector<std::string> http_hosts;
  ClockMode clock_mode = ClockMode::kWall;
  Durability durability = Durability::kSync;
  std::vector<PartitionSetting> partitions;
  bool keeps_history = true;
  uint32_t history_days = 400;
  uint64_t snapshot_every = 10'000'000;             // Records of the journal.
  uint64_t journal_bytes_max = uint64_t{16} << 30;  // Of each partition.
  uint64_t journal_segment_bytes = kSegmentBytesDefault;
  bool is_checkpoint = false;  // Write snapshots by hand, and end.
  uint32_t shard_count = 1;
  uint32_t switch_streams_max = 1'000;
  uint32_t agent_streams_max = 20'000;
  std::string log_level = "info";
};

struct SettingsResult {
  Settings settings;
  // Set when the command line asked for a text instead of a run: --help or --version.
  std::string text;
};

// Reads the command line, then `--settings FILE`, then the environment (ACDD_DATA_DIR for
// --data-dir); the first to name a setting wins. INVALID_ARGUMENT names the setting, where it
// stood, and what would be right.
[[nodiscard]] absl::StatusOr<SettingsResult> read_settings(int argc, const char* const* argv);

// Version and commit, as a snapshot names who wrote it.
[[nodiscard]] std::string release_text();

// Name, version, commit and build type.
[[nodiscard]] std::string version_text();

}  // namespace acd
