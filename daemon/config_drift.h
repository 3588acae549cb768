// SPDX-License-Identifier: Apache-2.0
// Where the configuration file that the daemon was started with is not what is in force.
#pragma once

#include <absl/base/thread_annotations.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/mutex.h"

namespace acd {

// The etags of the file, as it was read at start, beside those in force. The file only seeds: a
// difference changes nothing, and goes away when what the file says is applied.
//
// Threads:  all methods from any thread.
// Bounds:   one entry a tenant.
class ConfigDrift {
 public:
  enum class Kind : uint8_t {
    kDiffers,    // Another configuration is in force.
    kNotInFile,  // The journal holds the tenant, the file does not.
    kNotServed,  // The file holds the tenant, the journal does not.
  };
  struct Entry {
    std::string tenant;
    Kind kind = Kind::kDiffers;
    std::string file_etag;  // Empty: not in the file.
    std::string etag;       // Empty: not in force.
  };

  void set_file_etag(const std::string& tenant, const std::string& etag);
  void set_etag(const std::string& tenant, const std::string& etag);

  // The tenants of either, by id, and whether they differ.
  [[nodiscard]] std::vector<std::pair<std::string, bool>> tenants() const;
  // The tenants that differ, by id.
  [[nodiscard]] std::vector<Entry> entries() const;

  // What it is, and what it means and how to settle it, for whoever runs the daemon.
  [[nodiscard]] static std::string_view title(Kind kind);
  [[nodiscard]] static std::string advice(Kind kind, const std::string& file);

 private:
  struct Etags {
    std::string file;
    std::string in_force;
  };
  mutable Mutex mutex_;
  std::map<std::string, Etags> tenants_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
