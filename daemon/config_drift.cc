// SPDX-License-Identifier: Apache-2.0
#include "daemon/config_drift.h"

#include <absl/strings/str_cat.h>

namespace acd {

void ConfigDrift::set_file_etag(const std::string& tenant, const std::string& etag) {
  const MutexLock lock(&mutex_);
  tenants_[tenant].file = etag;
}

void ConfigDrift::set_etag(const std::string& tenant, const std::string& etag) {
  const MutexLock lock(&mutex_);
  tenants_[tenant].in_force = etag;
}

std::vector<std::pair<std::string, bool>> ConfigDrift::tenants() const {
  std::vector<std::pair<std::string, bool>> all;
  const MutexLock lock(&mutex_);
  for (const auto& [tenant, etags] : tenants_)
    all.emplace_back(tenant, etags.file != etags.in_force);
  return all;
}

std::vector<ConfigDrift::Entry> ConfigDrift::entries() const {
  std::vector<Entry> differing;
  const MutexLock lock(&mutex_);
  for (const auto& [tenant, etags] : tenants_) {
    if (etags.file == etags.in_force) continue;
    Kind kind = Kind::kDiffers;
    if (etags.file.empty()) kind = Kind::kNotInFile;
    if (etags.in_force.empty()) kind = Kind::kNotServed;
    differing.push_back({tenant, kind, etags.file, etags.in_force});
  }
  return differing;
}

std::string_view ConfigDrift::title(Kind kind) {
  switch (kind) {
    case Kind::kDiffers:
      return "the configuration file differs from the configuration in force";
    case Kind::kNotInFile:
      return "a tenant is in force that the configuration file lacks";
    case Kind::kNotServed:
      return "the configuration file has a tenant that is not in force";
  }
  return "";
}

std::string ConfigDrift::advice(Kind kind, const std::string& file) {
  switch (kind) {
    case Kind::kDiffers:
      return absl::StrCat("the one in force stays; see `acdctl config diff ", file,
                          "`, then bring the file into force by `acdctl config apply ", file,
                          "` or write it anew by `acdctl config export`");
    case Kind::kNotInFile:
      return "it is served as the journal has it; `acdctl config export` writes it for the file";
    case Kind::kNotServed:
      return "it is not served, because the file seeds new journals only; name a --partition of "
             "its "
             "own for it, and its tenants for each partition";
  }
  return "";
}

}  // namespace acd
