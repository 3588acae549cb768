// SPDX-License-Identifier: Apache-2.0
// What is asked and answered over HTTP, without a socket.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace acd {

// The parts of a request that an answer depends on. An empty field: it has none.
struct HttpRequest {
  std::string_view method;
  std::string_view target;  // "/metrics?name=value"
  std::string_view host;
  std::string_view accept_encoding;
  std::string_view if_none_match;
  std::string_view origin;
  std::string_view fetch_site;  // Sec-Fetch-Site
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view message_encoding;  // Connect-Content-Encoding: of the messages of a stream.
  std::string_view protocol_version;  // Connect-Protocol-Version
  std::string_view timeout_ms;        // Connect-Timeout-Ms

  // The target without its query.
  [[nodiscard]] std::string_view path() const { return target.substr(0, target.find('?')); }
};

inline constexpr char kTextContentType[] = "text/plain; charset=utf-8";

struct HttpAnswer {
  unsigned status = 200;
  std::string content_type = kTextContentType;
  std::string body;
  // Others than these and Content-Length. Cache-Control is "no-store" where it does not stand here.
  std::vector<std::pair<std::string, std::string>> fields;
};

// `text` without its line's end.
[[nodiscard]] HttpAnswer http_refusal(unsigned status, std::string_view text);

inline constexpr size_t kShownBytesMax = 100;

// What a peer sent, for a line of text: its first bytes, and none that is not printable.
[[nodiscard]] std::string shown_text(std::string_view text, size_t bytes_max = kShownBytesMax);

}  // namespace acd
