// SPDX-License-Identifier: Apache-2.0
// The files of the wallboard, as they were built into the program.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "daemon/http/http_message.h"

namespace acd {

// One file. Below kHashedFolder a name changes with what it holds.
struct StaticFile {
  std::string_view path;          // "/index.html", "/assets/main-3f2a.js"
  std::string_view content_type;  // "text/javascript; charset=utf-8"
  std::string_view etag;          // Quoted: "\"3f2a...\"", made of the bytes.
  std::string_view bytes;
  std::string_view gzip;  // The same packed; empty: that is no smaller.
};

inline constexpr std::string_view kHashedFolder = "/assets/";
// What "/" shows.
inline constexpr std::string_view kIndexPath = "/index.html";

// All of the page, in a program built with it; else none. Generated, or static_files_none.cc: the
// library acd_wallboard_files.
[[nodiscard]] std::span<const StaticFile> wallboard_files();

// None when there is no such file. Without any file "/" says how to get them.
[[nodiscard]] std::optional<HttpAnswer> answer_static(const HttpRequest& request,
                                                      std::span<const StaticFile> files);

}  // namespace acd
