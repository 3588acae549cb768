// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/static_files.h"

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <string>

namespace acd {
namespace {

constexpr char kNoWallboard[] =
    "this acdd was built without the wallboard: cmake -DACD_WALLBOARD=ON builds it in; "
    "there is: /metrics /healthz /readyz";
// The page loads nothing from elsewhere, and nobody else shows it in a frame.
constexpr char kContentPolicy[] = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";
constexpr char kHashedCaching[] = "public, max-age=31536000, immutable";
constexpr char kOtherCaching[] = "no-cache";  // Kept, and asked for again with its ETag.

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

// "gzip, deflate;q=0.5", "*;q=0".
bool takes_gzip(std::string_view accept_encoding) {
  for (const absl::string_view part : absl::StrSplit(to_absl(accept_encoding), ',')) {
    const std::vector<absl::string_view> words = absl::StrSplit(part, ';');
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(words[0]), "gzip")) continue;
    double quality = 1;
    for (size_t i = 1; i < words.size(); ++i) {
      absl::string_view word = absl::StripAsciiWhitespace(words[i]);
      if (absl::ConsumePrefix(&word, "q=") && !absl::SimpleAtod(word, &quality)) return false;
    }
    return quality > 0;
  }
  return false;
}

// Whether what the client keeps, by `if_none_match`, is `etag`.
bool has_etag(std::string_view if_none_match, std::string_view etag) {
  for (absl::string_view kept : absl::StrSplit(to_absl(if_none_match), ',')) {
    kept = absl::StripAsciiWhitespace(kept);
    absl::ConsumePrefix(&kept, "W/");
    if (kept == "*" || kept == to_absl(etag)) return true;
  }
  return false;
}

}  // namespace

std::optional<HttpAnswer> answer_static(const HttpRequest& request,
                                        std::span<const StaticFile> files) {
  const bool is_root = request.path() == "/";
  if (is_root && files.empty()) return http_refusal(404, kNoWallboard);
  const std::string_view path = is_root ? kIndexPath : request.path();
  const auto file = std::find_if(files.begin(), files.end(),
                                 [&](const StaticFile& one) { return one.path == path; });
  if (file == files.end()) return std::nullopt;

  const bool is_packed = !file->gzip.empty() && takes_gzip(request.accept_encoding);
  // Other bytes, another ETag: "abc" and "abc-gzip".
  std::string etag(file->etag);
  if (is_packed) etag.insert(etag.size() - 1, "-gzip");
  HttpAnswer answer;
  answer.content_type = file->content_type;
  answer.fields = {
      {"ETag", etag},
      {"Cache-Control", file->path.starts_with(kHashedFolder) ? kHashedCaching : kOtherCaching},
      {"Content-Security-Policy", kContentPolicy},
      {"Referrer-Policy", "no-referrer"},
      {"Vary", "Accept-Encoding"}};
  if (has_etag(request.if_none_match, etag)) {
    answer.status = 304;
    return answer;
  }
  if (is_packed) answer.fields.emplace_back("Content-Encoding", "gzip");
  answer.body = is_packed ? file->gzip : file->bytes;
  return answer;
}

}  // namespace acd
