// SPDX-License-Identifier: Apache-2.0
// Fields that many requests share: resource names and pages.
#include "daemon/rpc/request_fields.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <utility>

#include "daemon/config/config_tables.h"
#include "daemon/config/text.h"
#include "daemon/rpc/field_fault.h"
#include "routing/limits.h"

namespace acd {
namespace {

using google::protobuf::util::FieldMaskUtil;

constexpr std::string_view kTenantsPrefix = "tenants/";
constexpr const char* kBadToken = "is no token of a previous page of this list";

// Whether it names a field of `resource`, also below one that is there once. What is empty between
// two dots is no name, though FieldMaskUtil passes over it.
bool is_field(const google::protobuf::Descriptor& resource, const std::string& path) {
  const bool has_empty_part = path.empty() || path.starts_with('.') || path.ends_with('.') ||
                              path.find("..") != std::string::npos;
  return !has_empty_part && FieldMaskUtil::GetFieldDescriptors(&resource, path, nullptr);
}

// "tenants/bank" of "tenants/bank/calls/1"; empty when there is nothing behind it.
std::string_view parent_of(std::string_view name) {
  if (!name.starts_with(kTenantsPrefix)) return {};
  const size_t slash = name.find('/', kTenantsPrefix.size());
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

// Version, kind, tenant and position; a line each.
std::string token_prefix(PageKind kind, std::string_view tenant) {
  return absl::StrCat("1\n", std::string(1, static_cast<char>(kind)), "\n", std::string(tenant),
                      "\n");
}

}  // namespace

ResourceName take_resource_name(const char* field, std::string_view name,
                                std::string_view collection, Violations* violations) {
  const std::string_view parent = parent_of(name);
  const std::string_view tenant = tenant_id_of(parent);
  const std::string prefix = absl::StrCat(std::string(parent), "/", std::string(collection), "/");
  if (!tenant.empty() && name.starts_with(prefix)) {
    const std::string_view id = name.substr(prefix.size());
    const bool is_good = collection == "calls"
                             ? !id.empty() && id.size() <= kIdBytesMax && is_text(id)
                             : is_resource_id(id);
    if (is_good) return {std::string(tenant), std::string(id)};
  }
  violations->add(v1::ERROR_REASON_NAME_MALFORMED, field,
                  absl::StrCat("is ", quote(name), "; must be tenants/{tenant}/",
                               std::string(collection), "/{id}"));
  return {};
}

TextRef take_other(const char* field, std::string_view text, std::string_view collection,
                   std::string_view tenant, std::string* arena, Violations* violations) {
  const ResourceName name = take_resource_name(field, text, collection, violations);
  if (!name.id.empty() && name.tenant != tenant) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, field, "is of another tenant");
  }
  return add_text(name.id, arena);
}

std::string take_tenant_name(const char* field, std::string_view name, Violations* violations) {
  const std::string_view tenant = tenant_id_of(name);
  if (tenant.empty()) {
    violations->add(v1::ERROR_REASON_NAME_MALFORMED, field,
                    absl::StrCat("is ", quote(name), "; must be tenants/{tenant}"));
  }
  return std::string(tenant);
}

void check_text(const char* field, std::string_view text, size_t bytes_max,
                Violations* violations) {
  if (auto fault = required_text_fault(field, text, bytes_max)) {
    violations->add(fault->reason, std::move(fault->field), std::move(fault->message));
  }
}

std::set<std::string, std::less<>> take_ids(
    const char* field, const google::protobuf::RepeatedPtrField<std::string>& ids,
    Violations* violations) {
  if (ids.size() > kFilterEntriesMax) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, field,
                    absl::StrCat("has ", ids.size(), " entries; at most ", kFilterEntriesMax));
    return {};
  }
  std::set<std::string, std::less<>> taken;
  for (int i = 0; i < ids.size(); ++i) {
    const std::string place = absl::StrCat(field, "[", i, "]");
    if (auto fault = required_text_fault(place.c_str(), ids[i], kIdBytesMax)) {
      violations->add(fault->reason, std::move(fault->field), std::move(fault->message));
    } else {
      taken.insert(ids[i]);
    }
  }
  return taken;
}

Page take_page(PageKind kind, std::string_view tenant, int32_t page_size,
               std::string_view page_token, Violations* violations) {
  Page page;
  if (page_size < 0) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "page_size",
                    absl::StrCat("is ", page_size, "; must be 0..", kPageSizeMax));
  } else {
    page.size =
        static_cast<size_t>(page_size == 0 ? kPageSizeDefault : std::min(page_size, kPageSizeMax));
  }
  if (page_token.empty()) return page;
  std::string token;
  const std::string prefix = token_prefix(kind, tenant);
  if (!absl::WebSafeBase64Unescape({page_token.data(), page_token.size()}, &token) ||
      !std::string_view(token).starts_with(prefix) || token.size() == prefix.size()) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "page_token", kBadToken);
    return page;
  }
  page.position = token.substr(prefix.size());
  return page;
}

google::protobuf::FieldMask take_read_mask(const google::protobuf::FieldMask& mask,
                                           const google::protobuf::Descriptor& resource,
                                           Violations* violations) {
  if (mask.paths_size() == 1 && mask.paths(0) == "*") return {};
  if (mask.paths_size() > kReadMaskPathsMax) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "read_mask",
                    absl::StrCat("has ", mask.paths_size(), " paths; at most ", kReadMaskPathsMax,
                                 " are allowed"));
    return {};
  }
  for (int i = 0; i < mask.paths_size(); ++i) {
    if (is_field(resource, mask.paths(i))) continue;
    violations->add(
        v1::ERROR_REASON_FIELD_OUT_OF_RANGE, absl::StrCat("read_mask.paths[", i, "]"),
        absl::StrCat("is ", quote(mask.paths(i)), ", which is no field of ", resource.name()));
  }
  google::protobuf::FieldMask taken;
  FieldMaskUtil::ToCanonicalForm(mask, &taken);
  return taken;
}

void trim(const google::protobuf::FieldMask& mask, google::protobuf::Message* resource) {
  if (!mask.paths().empty()) FieldMaskUtil::TrimMessage(mask, resource);
}

std::string make_page_token(PageKind kind, std::string_view tenant, std::string_view position) {
  return absl::WebSafeBase64Escape(absl::StrCat(token_prefix(kind, tenant), std::string(position)));
}

RpcError bad_page_token() {
  Violations violations;
  violations.add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "page_token", kBadToken);
  return violations.error();
}

}  // namespace acd
