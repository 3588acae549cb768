// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/http_pages.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "daemon/http/metrics_page.h"

namespace acd {
namespace {

constexpr char kMethods[] = "GET, HEAD";
constexpr size_t kShownBytesMax = 100;

HttpAnswer metrics_page(const DaemonFigures& figures) {
  return {200, kMetricsContentType, metrics_text(figures), ""};
}

// The process lives and answers: that is all a supervisor should restart it for.
HttpAnswer healthz_page() { return {200, "text/plain; charset=utf-8", "alive\n", ""}; }

// What keeps new work out; empty: nothing.
std::string reason_not_ready(const DaemonFigures& figures) {
  switch (figures.phase) {
    case DaemonPhase::kStarting:
      return "starting: the journal is replayed\n";
    case DaemonPhase::kStopping:
      return "stopping\n";
    case DaemonPhase::kServing:
      break;
  }
  std::string reasons;
  for (const Trouble& trouble : figures.troubles) {
    if (!trouble.holds_up_work) continue;
    absl::StrAppend(&reasons, trouble.part, " of ", trouble.partition, ": ", trouble.reason, "\n");
  }
  return reasons;
}

HttpAnswer readyz_page(const DaemonFigures& figures) {
  const std::string reason = reason_not_ready(figures);
  if (!reason.empty()) return {503, "text/plain; charset=utf-8", "not ready\n" + reason, ""};
  std::string text = "ready\n";
  for (const Trouble& trouble : figures.troubles) {
    absl::StrAppend(&text, "but ", trouble.part, " of ", trouble.partition, ": ", trouble.reason,
                    "\n");
  }
  return {200, "text/plain; charset=utf-8", text, ""};
}

struct PageEntry {
  std::string_view path;
  HttpAnswer (*answer)(const std::function<DaemonFigures()>& figures);
};

constexpr PageEntry kPages[] = {
    {"/metrics", [](const auto& figures) { return metrics_page(figures()); }},
    {"/healthz", [](const auto&) { return healthz_page(); }},
    {"/readyz", [](const auto& figures) { return readyz_page(figures()); }},
};

HttpAnswer refusal(unsigned status, const std::string& text) {
  return {status, "text/plain; charset=utf-8", text + "\n", ""};
}

// What a peer sent, for a line of text.
std::string shown(std::string_view text) {
  std::string safe;
  for (const char c : text.substr(0, kShownBytesMax)) {
    safe += absl::ascii_isprint(static_cast<unsigned char>(c)) ? c : '?';
  }
  return safe;
}

// "localhost:7711" and "[::1]:7711" without the port.
std::string_view without_port(std::string_view host) {
  const size_t bracket = host.rfind(']');
  const size_t colon = host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return has_port ? host.substr(0, colon) : host;
}

}  // namespace

bool is_known_host(std::string_view host, const std::vector<std::string>& hosts) {
  const std::string_view name = without_port(host);
  const auto is_name = [&](std::string_view known) {
    return absl::EqualsIgnoreCase({name.data(), name.size()}, {known.data(), known.size()});
  };
  return is_name("localhost") || is_name("127.0.0.1") || is_name("[::1]") ||
         std::any_of(hosts.begin(), hosts.end(), is_name);
}

HttpAnswer answer_request(const HttpRequest& request, const std::vector<std::string>& hosts,
                          const std::function<DaemonFigures()>& figures) {
  if (request.host.empty()) return refusal(400, "the request has no Host field");
  if (!is_known_host(request.host, hosts)) {
    return refusal(421, absl::StrCat("\"", shown(request.host),
                                     "\" is no name of this daemon; acdd --http-hosts adds names"));
  }
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  const auto* const page = std::find_if(std::begin(kPages), std::end(kPages),
                                        [&](const PageEntry& entry) { return entry.path == path; });
  if (page == std::end(kPages)) {
    std::string text = absl::StrCat("there is no ", shown(path), " here; there is:");
    for (const PageEntry& entry : kPages) absl::StrAppend(&text, " ", std::string(entry.path));
    return refusal(404, text);
  }
  if (request.method != "GET" && request.method != "HEAD") {
    HttpAnswer answer = refusal(405, absl::StrCat(shown(path), " takes ", kMethods, " only"));
    answer.allow = kMethods;
    return answer;
  }
  return page->answer(figures);
}

}  // namespace acd
