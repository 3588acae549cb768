// SPDX-License-Identifier: Apache-2.0
// What stands on the pages, and who is refused.
#include "daemon/http/http_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/http/metrics_page.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

DaemonFigures serving() {
  DaemonFigures figures;
  figures.phase = DaemonPhase::kServing;
  PartitionFigures& partition = figures.partitions.emplace_back();
  partition.name = "main";
  partition.commands = {5, 6};
  partition.journal.last_durable_sequence = 12'345;
  partition.journal.oldest_sequence = 1;
  partition.journal.syncs = 3;
  partition.journal.sync_ns = 1'500'000'000;
  partition.history.emplace();
  partition.history->lag_records = 7;
  partition.history->lag_ns = 2'000'000'000;
  partition.snapshot.sequence = 9'000;
  partition.snapshot.failures = 2;
  partition.snapshot.running_ns = 2'500'000'000;
  figures.disk_free_bytes = 4'096;
  figures.config_drift = {{"bank", true}, {"shop", false}};
  figures.memory_limits = {{"grpc", 1'024}, {"changes", 7}};
  figures.streams = {{"switch", 2}, {"watch", 0}};
  return figures;
}

HttpAnswer ask(std::string_view method, std::string_view target,
               const DaemonFigures& figures = serving(), std::string_view host = "localhost") {
  HttpRequest request;
  request.method = method;
  request.target = target;
  request.host = host;
  if (auto refusal = refuse_host(request, {"acd.example"})) return *refusal;
  return answer_request(request, {}, [&] { return figures; });
}

TEST(HttpPagesTest, MetricsNameEachFigureWithItsPartition) {
  const HttpAnswer answer = ask("GET", "/metrics");
  EXPECT_EQ(answer.status, 200u);
  EXPECT_THAT(answer.content_type, HasSubstr("version=0.0.4"));
  for (const char* line :
       {"# TYPE acd_serving gauge\nacd_serving 1\n",
        "acd_journal_last_durable_sequence{partition=\"main\"} 12345\n",
        "# TYPE acd_journal_syncs_total counter\nacd_journal_syncs_total{partition=\"main\"} 3\n",
        "acd_journal_sync_seconds_total{partition=\"main\"} 1.5\n",
        "acd_storage_full{partition=\"main\"} 0\n",
        "acd_snapshot_sequence{partition=\"main\"} 9000\n",
        "acd_snapshot_failures_total{partition=\"main\"} 2\n",
        "acd_switch_commands_failed_total{partition=\"main\"} 5\n",
        "acd_switch_commands_overdue_total{partition=\"main\"} 6\n",
        "acd_snapshot_running_seconds{partition=\"main\"} 2.5\n",
        "acd_history_lag_records{partition=\"main\"} 7\n",
        "acd_history_lag_seconds{partition=\"main\"} 2\n", "acd_disk_free_bytes 4096\n",
        "acd_memory_limit_bytes{part=\"grpc\"} 1024\nacd_memory_limit_bytes{part=\"changes\"} 7\n",
        "acd_streams{kind=\"switch\"} 2\nacd_streams{kind=\"watch\"} 0\n",
        "acd_config_drift{tenant=\"bank\"} 1\nacd_config_drift{tenant=\"shop\"} 0\n"}) {
    EXPECT_THAT(answer.body, HasSubstr(line));
  }
}

TEST(HttpPagesTest, MetricsLeaveOutWhatThereIsNot) {
  DaemonFigures figures = serving();
  figures.partitions[0].history.reset();
  figures.disk_free_bytes.reset();
  const std::string text = metrics_text(figures);
  EXPECT_THAT(text, Not(HasSubstr("acd_history")));
  EXPECT_THAT(text, Not(HasSubstr("acd_disk_free_bytes")));
  EXPECT_THAT(metrics_text(DaemonFigures()), HasSubstr("acd_serving 0\n"));
}

TEST(HttpPagesTest, IsAliveInEveryPhase) {
  for (const DaemonPhase phase :
       {DaemonPhase::kStarting, DaemonPhase::kServing, DaemonPhase::kStopping}) {
    DaemonFigures figures;
    figures.phase = phase;
    EXPECT_EQ(ask("GET", "/healthz", figures).status, 200u);
  }
}

TEST(HttpPagesTest, IsReadyOnlyWhileNewWorkIsTaken) {
  DaemonFigures figures = serving();
  EXPECT_EQ(ask("GET", "/readyz", figures).body, "ready\n");
  figures.phase = DaemonPhase::kStarting;
  EXPECT_EQ(ask("GET", "/readyz", figures).status, 503u);
  EXPECT_THAT(ask("GET", "/readyz", figures).body, HasSubstr("starting"));
  figures.phase = DaemonPhase::kStopping;
  EXPECT_THAT(ask("GET", "/readyz", figures).body, HasSubstr("stopping"));
  figures.phase = DaemonPhase::kServing;
  figures.troubles = {{"main", "history", "falls behind", false}};
  EXPECT_EQ(ask("GET", "/readyz", figures).status, 200u);
  EXPECT_EQ(ask("GET", "/readyz", figures).body, "ready\nbut history of main: falls behind\n");
  figures.troubles = {{"main", "journal", "storage full: free space", true}};
  EXPECT_EQ(ask("GET", "/readyz", figures).status, 503u);
  EXPECT_EQ(ask("GET", "/readyz", figures).body,
            "not ready\njournal of main: storage full: free space\n");
}

TEST(HttpPagesTest, AnswersOnlyToItsOwnNames) {
  for (const char* host : {"localhost", "LOCALHOST:7711", "127.0.0.1:7711", "127.0.0.1", "[::1]",
                           "[::1]:7711", "acd.example", "acd.example:80"}) {
    EXPECT_EQ(ask("GET", "/healthz", serving(), host).status, 200u) << host;
  }
  for (const char* host :
       {"evil.example", "localhost.evil.example", "127.0.0.1.evil", "::1", ":"}) {
    EXPECT_EQ(ask("GET", "/healthz", serving(), host).status, 421u) << host;
  }
  EXPECT_EQ(ask("GET", "/healthz", serving(), "").status, 400u);
}

TEST(HttpPagesTest, SaysWhatThereIs) {
  const HttpAnswer missing = ask("GET", "/\x01wallboard");
  EXPECT_EQ(missing.status, 404u);
  EXPECT_EQ(missing.body, "there is no /?wallboard here; there is: /metrics /healthz /readyz\n");
  EXPECT_EQ(ask("GET", "/metrics?name=x").status, 200u);
  const HttpAnswer wrong = ask("POST", "/metrics");
  EXPECT_EQ(wrong.status, 405u);
  EXPECT_THAT(wrong.fields, ElementsAre(Pair("Allow", "GET, HEAD")));
  EXPECT_EQ(wrong.body, "/metrics takes GET, HEAD only\n");
}

}  // namespace
}  // namespace acd
