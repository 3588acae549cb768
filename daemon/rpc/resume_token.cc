// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/resume_token.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include "routing/hash64.h"

namespace acd {
namespace {

constexpr char kVersion = 1;
constexpr size_t kHistoryBytes = 16;
constexpr size_t kTokenBytes = 1 + kHistoryBytes + 2 * sizeof(uint64_t);

void put(uint64_t value, std::string* bytes) {
  for (int shift = 56; shift >= 0; shift -= 8) *bytes += static_cast<char>(value >> shift & 0xff);
}

uint64_t take(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes.substr(0, sizeof(value))) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

}  // namespace

std::string make_resume_token(std::string_view history_id, std::string_view tenant,
                              int64_t sequence) {
  std::string bytes(1, kVersion);
  bytes += history_id;
  put(hash_of(tenant), &bytes);
  put(static_cast<uint64_t>(sequence), &bytes);
  return absl::WebSafeBase64Escape(bytes);
}

std::optional<ResumePoint> take_resume_token(std::string_view token, std::string_view tenant,
                                             Violations* violations) {
  const auto refuse = [violations](const char* what) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "resume_token", what);
    return std::nullopt;
  };
  std::string bytes;
  if (!absl::WebSafeBase64Unescape({token.data(), token.size()}, &bytes) ||
      bytes.size() != kTokenBytes || bytes[0] != kVersion) {
    return refuse("is no token of a response");
  }
  const std::string_view rest = std::string_view(bytes).substr(1);
  // What is wrong with the name of the tenant is told by itself.
  if (!tenant.empty() && take(rest.substr(kHistoryBytes)) != hash_of(tenant)) {
    return refuse("is a token of another tenant");
  }
  const auto sequence = static_cast<int64_t>(take(rest.substr(kHistoryBytes + sizeof(uint64_t))));
  if (sequence < 0) return refuse("is no token of a response");
  return ResumePoint{std::string(rest.substr(0, kHistoryBytes)), sequence};
}

RpcError resume_token_expired(int64_t first_sequence) {
  return {
      v1::ERROR_REASON_RESUME_TOKEN_EXPIRED,
      "Events after the token, or the place of the stream, are no longer kept; read the lists of "
      "WallboardService and resume "
      "from the token that they carry.",
      {{"first_sequence", absl::StrCat(first_sequence)}},
      {}};
}

RpcError history_changed() {
  return {v1::ERROR_REASON_HISTORY_CHANGED,
          "The token is of another history, as after a restored backup; read the lists of "
          "WallboardService and resume from the token that they carry.",
          {},
          {}};
}

}  // namespace acd
