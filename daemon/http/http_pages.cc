// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/http_pages.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "daemon/http/metrics_page.h"

namespace acd {
namespace {

constexpr char kMethods[] = "GET, HEAD";

HttpAnswer metrics_page(const DaemonFigures& figures) {
  return {200, kMetricsContentType, metrics_text(figures), {}};
}

// The process lives and answers: that is all a supervisor should restart it for.
HttpAnswer healthz_page() { return {200, kTextContentType, "alive\n", {}}; }

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
  if (!reason.empty()) return {503, kTextContentType, "not ready\n" + reason, {}};
  std::string text = "ready\n";
  for (const Trouble& trouble : figures.troubles) {
    absl::StrAppend(&text, "but ", trouble.part, " of ", trouble.partition, ": ", trouble.reason,
                    "\n");
  }
  return {200, kTextContentType, text, {}};
}

constexpr std::string_view kMetricsPath = "/metrics";

bool is_read(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

struct PageEntry {
  std::string_view path;
  HttpAnswer (*answer)(const std::function<DaemonFigures()>& figures);
};

constexpr PageEntry kPages[] = {
    {kMetricsPath, [](const auto& figures) { return metrics_page(figures()); }},
    {"/healthz", [](const auto&) { return healthz_page(); }},
    {"/readyz", [](const auto& figures) { return readyz_page(figures()); }},
};

// "localhost:7711" and "[::1]:7711" without the port.
// As it is where what follows the colon is no port: then it is nobody's name.
std::string_view without_port(std::string_view host) {
  const size_t bracket = host.rfind(']');
  const size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos &&
                        (bracket == std::string_view::npos || colon > bracket) &&
                        host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
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

std::optional<HttpAnswer> refuse_host(const HttpRequest& request,
                                      const std::vector<std::string>& hosts) {
  if (request.host.empty()) return http_refusal(400, "the request has no Host field");
  if (is_known_host(request.host, hosts)) return std::nullopt;
  return http_refusal(421,
                      absl::StrCat("\"", shown_text(request.host),
                                   "\" is no name of this daemon; acdd --http-hosts adds names"));
}

bool shows_tenants(const HttpRequest& request) {
  return request.path() == kMetricsPath && is_read(request);
}

HttpAnswer answer_request(const HttpRequest& request, std::span<const StaticFile> files,
                          const std::function<DaemonFigures()>& figures) {
  const std::string_view path = request.path();
  const auto* const page = std::find_if(std::begin(kPages), std::end(kPages),
                                        [&](const PageEntry& entry) { return entry.path == path; });
  std::optional<HttpAnswer> file;
  if (page == std::end(kPages)) file = answer_static(request, files);
  if (page == std::end(kPages) && !file) {
    std::string text = absl::StrCat("there is no ", shown_text(path), " here; there is:");
    for (const PageEntry& entry : kPages) absl::StrAppend(&text, " ", std::string(entry.path));
    return http_refusal(404, text);
  }
  if (!is_read(request)) {
    HttpAnswer answer =
        http_refusal(405, absl::StrCat(shown_text(path), " takes ", kMethods, " only"));
    answer.fields.emplace_back("Allow", kMethods);
    return answer;
  }
  return file ? *std::move(file) : page->answer(figures);
}

}  // namespace acd
