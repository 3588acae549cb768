// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace acd {
namespace {

using prometheus::MetricType;

constexpr double kSecondsOfNs = 1e-9;

double to_number(uint64_t value) { return static_cast<double>(value); }
double to_seconds(int64_t ns) { return static_cast<double>(ns) * kSecondsOfNs; }
double to_flag(bool value) { return value ? 1 : 0; }

// One metric with a value for each partition.
struct JournalMetric {
  const char* name;
  const char* help;
  MetricType type;
  double (*value)(const JournalFigures& journal);
};

constexpr JournalMetric kJournalMetrics[] = {
    {"acd_journal_last_durable_sequence", "Last record of the journal that is durable.",
     MetricType::Gauge,
     [](const JournalFigures& journal) { return to_number(journal.last_durable_sequence); }},
    {"acd_journal_oldest_sequence", "Oldest record that the journal keeps.", MetricType::Gauge,
     [](const JournalFigures& journal) { return to_number(journal.oldest_sequence); }},
    {"acd_journal_bytes", "Bytes of the journal's segments and of what is written ahead.",
     MetricType::Gauge, [](const JournalFigures& journal) { return to_number(journal.bytes); }},
    {"acd_journal_append_waits_total",
     "Frames that waited because the journal's queue was full; routing waits as long.",
     MetricType::Counter,
     [](const JournalFigures& journal) { return to_number(journal.append_waits); }},
    {"acd_journal_append_wait_seconds_total", "How long those frames waited.", MetricType::Counter,
     [](const JournalFigures& journal) { return to_seconds(journal.append_wait_ns); }},
    {"acd_journal_syncs_total", "Syncs of the journal to disk.", MetricType::Counter,
     [](const JournalFigures& journal) { return to_number(journal.syncs); }},
    {"acd_journal_sync_seconds_total", "How long those syncs took.", MetricType::Counter,
     [](const JournalFigures& journal) { return to_seconds(journal.sync_ns); }},
    {"acd_storage_full",
     "1 while new calls are refused because the journal has no space to write ahead.",
     MetricType::Gauge,
     [](const JournalFigures& journal) { return to_flag(journal.is_storage_full); }},
    {"acd_journal_full",
     "1 while they are refused because the journal has its largest size and cannot be cut.",
     MetricType::Gauge,
     [](const JournalFigures& journal) { return to_flag(journal.is_at_largest_size); }},
};

struct HistoryMetric {
  const char* name;
  const char* help;
  MetricType type;
  double (*value)(const HistoryFigures& history);
};

constexpr HistoryMetric kHistoryMetrics[] = {
    {"acd_history_last_sequence", "Last record of the journal that is in the history file.",
     MetricType::Gauge,
     [](const HistoryFigures& history) { return to_number(history.written_sequence); }},
    {"acd_history_bytes", "Bytes of the history file and of the log beside it.", MetricType::Gauge,
     [](const HistoryFigures& history) { return to_number(history.bytes); }},
    {"acd_history_lag_records", "Records of the journal that are not in the history file yet.",
     MetricType::Gauge,
     [](const HistoryFigures& history) { return to_number(history.lag_records); }},
    {"acd_history_lag_seconds", "How long the oldest of them has waited.", MetricType::Gauge,
     [](const HistoryFigures& history) { return to_seconds(history.lag_ns); }},
    {"acd_history_rows_waiting", "Rows that wait in memory for the history file.",
     MetricType::Gauge,
     [](const HistoryFigures& history) { return to_number(history.rows_waiting); }},
    {"acd_history_failures_total", "Attempts to write the history file that failed.",
     MetricType::Counter,
     [](const HistoryFigures& history) { return to_number(history.failures); }},
    {"acd_history_full", "1 while routing is held up because the history is too far behind.",
     MetricType::Gauge, [](const HistoryFigures& history) { return to_flag(history.is_full); }},
};

struct SnapshotMetric {
  const char* name;
  const char* help;
  MetricType type;
  double (*value)(const SnapshotFigures& snapshot);
};

constexpr SnapshotMetric kSnapshotMetrics[] = {
    {"acd_snapshot_sequence", "Record of the journal that the newest snapshot ends with.",
     MetricType::Gauge,
     [](const SnapshotFigures& snapshot) { return to_number(snapshot.sequence); }},
    {"acd_snapshot_age_seconds",
     "Time since the newest snapshot was written; since the start while there is none.",
     MetricType::Gauge, [](const SnapshotFigures& snapshot) { return snapshot.age_s; }},
    {"acd_snapshot_bytes", "Bytes of the newest snapshot.", MetricType::Gauge,
     [](const SnapshotFigures& snapshot) { return to_number(snapshot.bytes); }},
    {"acd_snapshot_duration_seconds", "How long the last snapshot took.", MetricType::Gauge,
     [](const SnapshotFigures& snapshot) { return to_seconds(snapshot.duration_ns); }},
    {"acd_snapshot_running_seconds",
     "How long the snapshot that is being made has taken so far; 0 while none is.",
     MetricType::Gauge,
     [](const SnapshotFigures& snapshot) { return to_seconds(snapshot.running_ns); }},
    {"acd_snapshots_total", "Snapshots written since the start.", MetricType::Counter,
     [](const SnapshotFigures& snapshot) { return to_number(snapshot.written); }},
    {"acd_snapshot_failures_total", "Snapshots that failed since the start.", MetricType::Counter,
     [](const SnapshotFigures& snapshot) { return to_number(snapshot.failures); }},
};

// Collects families; one without a value is left out.
class Page {
 public:
  void begin(const char* name, const char* help, MetricType type) {
    families_.push_back({name, help, type, {}});
  }
  void add(double value, const std::string& name = "", const char* label = "partition") {
    prometheus::ClientMetric metric;
    if (!name.empty()) metric.label.push_back({label, name});
    prometheus::MetricFamily& family = families_.back();
    if (family.type == MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    family.metric.push_back(std::move(metric));
  }
  // A line of a table, by its column's kind.
  void add_row(const MetricColumn& column, size_t index, const std::string& tenant,
               const MetricRow& row) {
    const double value = row.values[index];
    if (std::isnan(value)) return;
    prometheus::ClientMetric metric;
    metric.label.push_back({"tenant", tenant});
    if (!row.queue.empty()) metric.label.push_back({"queue", row.queue});
    if (*column.label != '\0') metric.label.push_back({column.label, column.value});
    if (column.kind == MetricColumn::Kind::kSum) {
      metric.summary.sample_sum = value;
      metric.summary.sample_count = static_cast<uint64_t>(row.values[index + 1]);
    } else if (column.kind == MetricColumn::Kind::kCounter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    families_.back().metric.push_back(std::move(metric));
  }
  void add_one(const char* name, const char* help, std::optional<double> value) {
    if (!value) return;
    begin(name, help, MetricType::Gauge);
    add(*value);
  }
  [[nodiscard]] std::string text() {
    std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
    return prometheus::TextSerializer().Serialize(families_);
  }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

void add_journals(const DaemonFigures& figures, Page* page) {
  for (const JournalMetric& metric : kJournalMetrics) {
    page->begin(metric.name, metric.help, metric.type);
    for (const PartitionFigures& partition : figures.partitions) {
      page->add(metric.value(partition.journal), partition.name);
    }
  }
}

void add_commands(const DaemonFigures& figures, Page* page) {
  page->begin("acd_switch_commands_failed_total",
              "Commands that a switch said it could not do, since the start.", MetricType::Counter);
  for (const PartitionFigures& partition : figures.partitions) {
    page->add(to_number(partition.commands.failed), partition.name);
  }
  page->begin("acd_switch_commands_overdue_total",
              "Commands that a switch did not answer by their deadline, since the start.",
              MetricType::Counter);
  for (const PartitionFigures& partition : figures.partitions) {
    page->add(to_number(partition.commands.overdue), partition.name);
  }
}

void add_snapshots(const DaemonFigures& figures, Page* page) {
  for (const SnapshotMetric& metric : kSnapshotMetrics) {
    page->begin(metric.name, metric.help, metric.type);
    for (const PartitionFigures& partition : figures.partitions) {
      page->add(metric.value(partition.snapshot), partition.name);
    }
  }
}

void add_histories(const DaemonFigures& figures, Page* page) {
  for (const HistoryMetric& metric : kHistoryMetrics) {
    page->begin(metric.name, metric.help, metric.type);
    for (const PartitionFigures& partition : figures.partitions) {
      if (partition.history) page->add(metric.value(*partition.history), partition.name);
    }
  }
}

MetricType type_of(const MetricColumn& column) {
  switch (column.kind) {
    case MetricColumn::Kind::kGauge:
      return MetricType::Gauge;
    case MetricColumn::Kind::kCounter:
      return MetricType::Counter;
    case MetricColumn::Kind::kSum:
    case MetricColumn::Kind::kCount:
      break;
  }
  return MetricType::Summary;
}

// `rows` of a tenant: of its queues, or its own.
void add_table(std::span<const MetricColumn> columns, const std::vector<TenantFigures>& tenants,
               std::vector<MetricRow> TenantFigures::*rows, Page* page) {
  std::string_view begun;
  for (size_t i = 0; i < columns.size(); ++i) {
    const MetricColumn& column = columns[i];
    if (column.kind == MetricColumn::Kind::kCount) continue;  // With its sum.
    if (begun != column.name) page->begin(column.name, column.help, type_of(column));
    begun = column.name;
    for (const TenantFigures& tenant : tenants) {
      for (const MetricRow& row : tenant.*rows) page->add_row(column, i, tenant.tenant, row);
    }
  }
}

}  // namespace

std::string metrics_text(const DaemonFigures& figures) {
  Page page;
  page.add_one("acd_serving", "1 while calls are taken in; 0 while acdd starts or stops.",
               to_flag(figures.phase == DaemonPhase::kServing));
  page.add_one("acd_start_time_seconds", "Unix time at which acdd was started.",
               figures.start_unix_s);
  page.add_one("acd_disk_free_bytes", "Free space on the file system of the data folder.",
               figures.disk_free_bytes);
  page.add_one("acd_disk_size_bytes", "Size of the file system of the data folder.",
               figures.disk_bytes);
  page.begin("acd_config_drift",
             "1 while the configuration file of the start differs from what is in force.",
             MetricType::Gauge);
  for (const auto& [tenant, differs] : figures.config_drift) {
    page.add(to_flag(differs), tenant, "tenant");
  }
  page.begin("acd_memory_limit_bytes",
             "What a part may hold in memory, by its limits, beside the state of the tenants.",
             MetricType::Gauge);
  for (const MemoryLimit& limit : figures.memory_limits) {
    page.add(to_number(limit.bytes), limit.part, "part");
  }
  page.begin("acd_streams", "Open streams of gRPC: of switches, of desktops, of who watches.",
             MetricType::Gauge);
  for (const auto& [kind, count] : figures.streams) page.add(to_number(count), kind, "kind");
  add_journals(figures, &page);
  add_histories(figures, &page);
  add_snapshots(figures, &page);
  add_commands(figures, &page);
  page.add_one("acd_scrape_partial", "1 where the figures of some tenant did not come in time.",
               to_flag(figures.is_partial));
  add_table(figures.queue_columns, figures.tenants, &TenantFigures::queues, &page);
  add_table(figures.tenant_columns, figures.tenants, &TenantFigures::whole, &page);
  return page.text();
}

}  // namespace acd
