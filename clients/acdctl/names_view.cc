// SPDX-License-Identifier: Apache-2.0
// Resource names as people read them.
#include <absl/strings/str_cat.h>

#include <string>
#include <string_view>

#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"

namespace acd::acdctl {

std::string tenants_text(const v1::ListTenantsResponse& tenants) {
  std::string text;
  for (const std::string& name : tenants.names()) {
    absl::StrAppend(&text, printable(short_name(name)), "\n");
  }
  return text;
}

std::string_view short_name(std::string_view name) {
  // A call's id may hold slashes itself: the id begins behind the fixed number of parts.
  constexpr std::string_view kTenants = "tenants/";
  if (name.substr(0, kTenants.size()) != kTenants) return name;
  std::string_view rest = name.substr(kTenants.size());
  const size_t collection = rest.find('/');
  if (collection == std::string_view::npos) return rest;
  const size_t id = rest.find('/', collection + 1);
  return id == std::string_view::npos ? rest : rest.substr(id + 1);
}

}  // namespace acd::acdctl
