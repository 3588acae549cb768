// SPDX-License-Identifier: Apache-2.0
// Fields that many requests share: resource names and pages.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/repeated_ptr_field.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "daemon/rpc/status.h"
#include "routing/command.h"

namespace acd {

inline constexpr int32_t kPageSizeDefault = 100;
inline constexpr int32_t kPageSizeMax = 1'000;
// A page also ends when its entries reach so many bytes, well below what clients take by default (4
// MiB).
inline constexpr size_t kPageBytesMax = 2 << 20;

// A resource of a tenant.
struct ResourceName {
  std::string tenant;
  std::string id;
};

// "tenants/{tenant}/{collection}/{id}" taken apart; notes a violation of `field` when it is not of
// that form. Ids of queues and agents are as in the configuration; a call's is any text of 1..64
// bytes.
[[nodiscard]] ResourceName take_resource_name(const char* field, std::string_view name,
                                              std::string_view collection, Violations* violations);

// Another resource that a request names beside its own, and of the same tenant: its id goes into `arena`.
TextRef take_other(const char* field, std::string_view text, std::string_view collection,
                   std::string_view tenant, std::string* arena, Violations* violations);

// "tenants/{tenant}" taken apart; notes a violation when it is not of that form.
[[nodiscard]] std::string take_tenant_name(const char* field, std::string_view name,
                                           Violations* violations);

// Of a required text: notes a violation of `field` unless it has 1..`bytes_max` bytes of UTF-8 without
// control characters.
void check_text(const char* field, std::string_view text, size_t bytes_max, Violations* violations);

// Entries of one filter of a watcher.
inline constexpr int kFilterEntriesMax = 100;

// The good ids of a filter; notes violations of their number, and then takes none, and of each.
[[nodiscard]] std::set<std::string, std::less<>> take_ids(
    const char* field, const google::protobuf::RepeatedPtrField<std::string>& ids,
    Violations* violations);

// What is listed: a token of one list is no good for another.
enum class PageKind : char {
  kTenants = 't',
  kQueues = 'q',
  kAgents = 'a',
  kCalls = 'c',
  kScheduled = 's',
  kGroups = 'g'
};

// One page of a list. The position is the list's own: where the previous page ended; empty at the
// first.
struct Page {
  size_t size = 0;
  std::string position;
};

// Checks page_size and page_token; notes violations.
[[nodiscard]] Page take_page(PageKind kind, std::string_view tenant, int32_t page_size,
                             std::string_view page_token, Violations* violations);

// Paths of one mask.
inline constexpr int kReadMaskPathsMax = 100;

// Which fields of a resource are asked for, also below a field that is there once; empty: all. Each is named once, and
// none below another. Notes violations of their number and of each that is no field.
[[nodiscard]] google::protobuf::FieldMask take_read_mask(
    const google::protobuf::FieldMask& mask, const google::protobuf::Descriptor& resource,
    Violations* violations);

// Clears what `mask` does not name.
void trim(const google::protobuf::FieldMask& mask, google::protobuf::Message* resource);

// The token of the page that follows `position`. Opaque to clients.
[[nodiscard]] std::string make_page_token(PageKind kind, std::string_view tenant,
                                          std::string_view position);

// The violation of a token that take_page() let pass but the list cannot read.
[[nodiscard]] RpcError bad_page_token();

}  // namespace acd
