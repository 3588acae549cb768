// SPDX-License-Identifier: Apache-2.0
// A day of a bank's calls on a real daemon, whose switch and watchers are behind proxies that do everything
// wrong that a network can do. What was promised must hold all the same.
//   storm_test [--seeds N] [--first-seed N]
#include <absl/strings/numbers.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "acd/v1/wallboard_service.grpc.pb.h"
#include "daemon/server.h"
#include "daemon/storage/records.h"
#include "daemon/storage/segment_reader.h"
#include "sim/bank_config.h"
#include "sim/call_log.h"
#include "sim/replay.h"
#include "sim/replay_client.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/net/contract_methods.h"
#include "tests/net/fault_proxy.h"
#include "tests/storm/storm_checker.h"
#include "tests/storm/storm_watcher.h"

namespace acd::storm {
namespace {

using net::Direction;
using net::Fault;
using net::FaultCounts;
using testing::IsEmpty;

constexpr char kTenant[] = "tenants/bank";
constexpr char kCallLog[] = ACD_SOURCE_DIR "/sim/data/bank-1999-01.csv.gz";
// Days of the log with 990 to 1,260 calls; a seed takes one.
constexpr const char* kDays[] = {"1999-01-20", "1999-01-24", "1999-01-25", "1999-01-26",
                                 "1999-01-27", "1999-01-28", "1999-01-31"};
constexpr char kMix[] =
    "chat=20,email=10,transfer=10,consult=10,supervisor=10,outside=5,callback=40,outcome=50,label="
    "20,"
    "quality=20,followup=10,desktop=10,auto=15,nailed_up=15,wrapup=50";

// Of 1,000 messages, or new streams. A switch sends and gets ten thousand, requests included, and waits for
// each answer; a watcher gets some hundreds.
constexpr char kSwitchFaults[] = "cut=1,delay=2,stall=1,drop=1,repeat=10,refuse=2";
constexpr char kWatcherFaults[] = "cut=20,delay=20,stall=10,repeat=50,refuse=100";
// Of watchers who can notice it.
constexpr char kUnfilteredFaults[] = ",down:drop=20";

// A batch waits longer for its answer only if that was dropped.
constexpr int64_t kAnswerTimeoutNs = kNsPerS / 2;

uint64_t first_seed = 1;
uint64_t seeds = 3;

net::FaultProxyOptions proxy_options(const std::string& target, uint64_t seed,
                                     const std::string& faults) {
  net::FaultProxyOptions options;
  options.target = target;
  options.seed = seed;
  options.rates = *net::parse_rates(faults);
  options.is_single = net::is_single;
  return options;
}

// The switch's daemon, and what was promised to the switch, written down.
class NotedDaemon final : public sim::ReplayDaemon {
 public:
  explicit NotedDaemon(const std::string& target) : client_(options(target)) {}

  absl::StatusOr<sim::ReplayHello> connect() override {
    auto hello = client_.connect();
    if (hello.ok()) acknowledge(hello->last_durable_sequence);
    return hello;
  }
  absl::StatusOr<sim::ReplayAnswer> exchange(const sim::ReplayBatch& batch) override {
    for (const sim::ReplayEvent& event : batch.events) {
      ledger_.sent[event.sequence] = event_text(event);
      if (event.kind == sim::ReplayEventKind::kCallOffered) arrived_.insert(event.call);
    }
    auto answer = client_.exchange(batch);
    if (answer.ok() && answer->acked_sequence) acknowledge(*answer->acked_sequence);
    return answer;
  }
  absl::StatusOr<std::string> request(const sim::ReplayEvent& event,
                                      const std::string& request_id) override {
    auto refusal = client_.request(event, request_id);
    if (refusal.ok() && refusal->empty()) ledger_.granted.insert(request_text(event, request_id));
    return refusal;
  }
  absl::StatusOr<std::vector<sim::DesktopOffer>> desktop_offers(const std::string& agent) override {
    return client_.desktop_offers(agent);
  }
  absl::StatusOr<std::vector<sim::QueueFigures>> queue_figures() override {
    return client_.queue_figures();
  }

  [[nodiscard]] const SwitchLedger& ledger() const { return ledger_; }
  [[nodiscard]] const std::set<std::string>& arrived() const { return arrived_; }

 private:
  static sim::ReplayClientOptions options(const std::string& target) {
    sim::ReplayClientOptions options;
    options.target = target;
    options.tenant = "bank";
    options.source_id = "storm";
    options.epoch = "1";
    options.answer_timeout_ns = kAnswerTimeoutNs;
    return options;
  }
  void acknowledge(int64_t sequence) {
    ledger_.acknowledged = std::max(ledger_.acknowledged, sequence);
  }

  sim::ReplayClient client_;
  SwitchLedger ledger_;
  std::set<std::string> arrived_;
};

// Four watchers of everything, and four with filters.
std::vector<v1::WatchEventsRequest> filters(const sim::ReplayPlan& plan) {
  std::vector<v1::WatchEventsRequest> filters(8);
  for (v1::WatchEventsRequest& filter : filters) filter.set_parent(kTenant);
  filters[4].add_types("call");
  filters[5].add_types("offer.accepted");
  filters[5].add_types("agent");
  filters[6].add_queue_ids(plan.queues.front());
  for (size_t i = 0; i < 3; ++i) filters[7].add_agent_ids(plan.agents[i].id);
  return filters;
}

class StormTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  StormTest() {
    const auto log = sim::read_call_log(kCallLog);
    if (!log.ok()) std::abort();
    sim::PlanOptions options;
    options.tenant = "bank";
    options.seed = GetParam();
    options.from_day = *sim::parse_date(kDays[GetParam() % std::size(kDays)]);
    options.to_day = options.from_day;
    options.mix = *sim::parse_mix(kMix);
    plan_ = *sim::plan_replay(*log, options);

    settings_.config_file = folder_.path() + "/bank.yaml";
    std::ofstream(settings_.config_file) << sim::bank_config(*log, "bank", true);
    settings_.data_dir = folder_.path() + "/data";
    settings_.listen = {"127.0.0.1:0"};
    settings_.partitions = {{"main", {}}};
    settings_.clock_mode = ClockMode::kDriven;
    settings_.keeps_history = false;
    server_.emplace(settings_);
    spdlog::set_level(spdlog::level::warn);  // Not each cut.
    const Server::Failure failed = server_->start();
    EXPECT_EQ(failed.exit_code, ExitCode::kOk) << failed.message;
  }
  // Anything that fails says how to play this seed alone.
  ~StormTest() override {
    if (!HasFailure()) return;
    std::cout << "again: " ACD_BINARY_DIR "/tests/bin/storm_test --seeds 1 --first-seed "
              << GetParam() << std::endl;
  }

  // A proxy of its own for the switch (0) and each watcher (from 1), so that what it does depends on the
  // seed and its client alone.
  std::string address_behind_proxy(uint64_t client, const std::string& faults) {
    proxies_.push_back(std::make_unique<net::FaultProxy>(
        proxy_options(server_->addresses().front(), GetParam() * 16 + client, faults)));
    const absl::Status status = proxies_.back()->start();
    EXPECT_TRUE(status.ok()) << status;
    return proxies_.back()->address();
  }

  // All events that are committed, past the proxies.
  std::vector<v1::Event> read_events() {
    const auto channel =
        grpc::CreateChannel(server_->addresses().front(), grpc::InsecureChannelCredentials());
    v1::ListQueueStatsRequest list;
    list.set_parent(kTenant);
    v1::ListQueueStatsResponse now;
    grpc::ClientContext list_context;
    const grpc::Status status =
        v1::WallboardService::NewStub(channel)->ListQueueStats(&list_context, list, &now);
    EXPECT_TRUE(status.ok()) << status.error_message();
    v1::WatchEventsRequest request;
    request.set_parent(kTenant);
    request.set_oldest(true);
    grpc::ClientContext context;
    const auto stream = v1::EventService::NewStub(channel)->WatchEvents(&context, request);
    std::vector<v1::Event> events;
    v1::WatchEventsResponse response;
    while (response.resume_token() != now.resume_token() && stream->Read(&response)) {
      events.insert(events.end(), response.events().begin(), response.events().end());
    }
    EXPECT_EQ(response.resume_token(), now.resume_token());
    context.TryCancel();
    return events;
  }

  std::vector<JournalEntry> read_journal() const {
    std::vector<JournalEntry> entries;
    const auto journal = recover_segments(settings_.data_dir + "/main", "");
    EXPECT_TRUE(journal.ok()) << journal.status();
    if (!journal.ok()) return entries;
    EXPECT_EQ(journal->segments.front().first_sequence, 1u);
    const absl::Status status =
        follow_segments(*journal, 1, [&](const FrameHeader&, std::string_view payload) {
          return read_records(payload, [&](const Record& record) {
            if (record.kind == RecordKind::kCommand) {
              entries.push_back(journal_entry(record.command, record.arena));
            }
            return absl::OkStatus();
          });
        });
    EXPECT_TRUE(status.ok()) << status;
    return entries;
  }

  const TempFolder folder_;
  Settings settings_;
  sim::ReplayPlan plan_;
  std::optional<Server> server_;
  std::vector<std::unique_ptr<net::FaultProxy>> proxies_;
};

int64_t last_passing(const v1::WatchEventsRequest& filter, const std::vector<v1::Event>& events) {
  int64_t last = 0;
  for (const v1::Event& event : events) {
    if (passes(filter, event)) last = event.sequence();
  }
  return last;
}

// Whether the storm was one: nothing of it may be missing.
void expect_faults(const std::vector<std::unique_ptr<net::FaultProxy>>& proxies) {
  const FaultCounts of_switch = proxies.front()->counts();
  FaultCounts of_watchers;
  for (size_t i = 1; i < proxies.size(); ++i) {
    const FaultCounts counts = proxies[i]->counts();
    of_watchers.refused += counts.refused;
    for (const Fault fault : net::kFaults) {
      of_watchers.messages[Direction::kDown][fault] += counts.messages[Direction::kDown][fault];
    }
  }
  for (const Fault fault : net::kFaults) {
    EXPECT_GT(of_switch.messages[Direction::kUp][fault], 0) << net::name_of(fault);
    EXPECT_GT(of_switch.messages[Direction::kDown][fault], 0) << net::name_of(fault);
    EXPECT_GT(of_watchers.messages[Direction::kDown][fault], 0) << net::name_of(fault);
  }
  EXPECT_GT(of_switch.refused, 0);
  EXPECT_GT(of_watchers.refused, 0);
}

TEST_P(StormTest, NothingIsLostOrDoneTwiceAndAllSeeTheSame) {
  NotedDaemon daemon(address_behind_proxy(0, kSwitchFaults));
  std::vector<std::unique_ptr<StormWatcher>> watchers;
  for (const v1::WatchEventsRequest& filter : filters(plan_)) {
    const bool is_filtered = watchers.size() >= 4;
    const std::string faults = std::string(kWatcherFaults) + (is_filtered ? "" : kUnfilteredFaults);
    watchers.push_back(
        std::make_unique<StormWatcher>(address_behind_proxy(1 + watchers.size(), faults), filter));
  }

  const auto result = sim::Replay(plan_, daemon, {}).run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->breaches, IsEmpty());

  const std::vector<v1::Event> events = read_events();
  EXPECT_THAT(check_dense(events), IsEmpty());
  EXPECT_THAT(check_calls(daemon.arrived(), events), IsEmpty());
  int64_t streams = 0;
  int64_t gaps = 0;
  for (size_t i = 0; i < watchers.size(); ++i) {
    StormWatcher& watcher = *watchers[i];
    watcher.finish(last_passing(watcher.filter(), events));
    EXPECT_EQ(watcher.error(), "");
    EXPECT_THAT(
        check_watcher("watcher " + std::to_string(i), watcher.filter(), watcher.seen(), events),
        IsEmpty());
    streams += watcher.streams();
    gaps += watcher.gaps();
  }
  EXPECT_GT(gaps, 0);
  expect_faults(proxies_);

  server_->stop();
  const std::vector<JournalEntry> journal = read_journal();
  EXPECT_THAT(check_journal(daemon.ledger(), journal), IsEmpty());
  std::cout << "seed " << GetParam() << ": " << result->calls << " calls, "
            << daemon.ledger().acknowledged << " events of the switch, "
            << daemon.ledger().granted.size() << " requests, " << result->cuts << " cuts; "
            << events.size() << " events to 8 watchers over " << streams << " streams\n";
}

INSTANTIATE_TEST_SUITE_P(Seeds, StormTest, testing::Range(first_seed, first_seed + seeds),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace acd::storm

int main(int argc, char** argv) {
  std::vector<char*> others;
  for (int i = 0; i < argc; ++i) {
    const std::string name = argv[i];
    uint64_t* const value = name == "--seeds"        ? &acd::storm::seeds
                            : name == "--first-seed" ? &acd::storm::first_seed
                                                     : nullptr;
    if (value == nullptr) {
      others.push_back(argv[i]);
    } else if (++i == argc || !absl::SimpleAtoi(argv[i], value)) {
      std::cerr << name << " wants a number" << std::endl;
      return 2;
    }
  }
  argc = static_cast<int>(others.size());
  others.push_back(nullptr);  // As argv ends.
  // Makes the tests of these seeds.
  testing::InitGoogleTest(&argc, others.data());
  if (argc > 1) {
    std::cerr << others[1] << " is no option; there are --seeds N and --first-seed N" << std::endl;
    return 2;
  }
  return RUN_ALL_TESTS();
}
