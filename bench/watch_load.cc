// SPDX-License-Identifier: Apache-2.0
// Watchers of events and wallboards that read all they are sent, for what they cost a daemon under load.
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/message.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <signal.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "acd/v1/event_service.pb.h"
#include "acd/v1/wallboard_service.pb.h"
#include "bench/call_rotation.h"
#include "bench/daemon_figures.h"

namespace acd::bench {
namespace {

namespace po = boost::program_options;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr uint32_t kWatchersMax = 20'000;
constexpr uint32_t kStreamsAConnection = 500;
constexpr auto kLookAtSignal = std::chrono::milliseconds(100);

volatile sig_atomic_t is_to_end = 0;

struct Options {
  std::string target;
  std::string tenant = "bench";
  std::string ready_path;
  std::string report_path;
  uint32_t events = 0;
  uint32_t wallboards = 0;
};

// One stream that is read as long as it lasts.
struct Watch {
  enum class Operation : uint8_t { kStart, kWrite, kRead, kFinish };

  std::unique_ptr<grpc::GenericStub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  grpc::Status status;
  Operation under_way = Operation::kStart;
  bool has_response = false;
};

grpc::ByteBuffer to_buffer(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

class Watchers {
 public:
  explicit Watchers(const Options& options) : options_(options) {}
  ~Watchers() {
    for (const auto& watch : watches_) watch->context.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  Watchers(const Watchers&) = delete;
  Watchers& operator=(const Watchers&) = delete;

  // Reads until the process is told to end.
  absl::Status run();
  [[nodiscard]] std::string report() const {
    return absl::StrCat("streams=", watches_.size(), "\nresponses=", responses_, "\nbytes=", bytes_,
                        "\nended=", ended_, "\n");
  }

 private:
  absl::Status open(uint32_t count, const std::string& method,
                    const std::vector<grpc::ByteBuffer>& requests);
  // Each of those who watch events watches one agent.
  [[nodiscard]] std::vector<grpc::ByteBuffer> event_requests() const;
  [[nodiscard]] grpc::ByteBuffer wallboard_request() const;
  void go_on(Watch& watch, bool ok);

  const Options options_;
  std::shared_ptr<grpc::Channel> channel_;
  std::vector<std::unique_ptr<Watch>> watches_;
  grpc::CompletionQueue queue_;
  uint32_t watching_ = 0;
  int64_t responses_ = 0;
  uint64_t bytes_ = 0;
  int64_t ended_ = 0;
};

std::vector<grpc::ByteBuffer> Watchers::event_requests() const {
  std::vector<grpc::ByteBuffer> requests;
  for (uint32_t index = 0; index < options_.events; ++index) {
    v1::WatchEventsRequest request;
    request.set_parent(absl::StrCat("tenants/", options_.tenant));
    request.add_agent_ids(CallRotation::agent_id(index));
    requests.push_back(to_buffer(request));
  }
  return requests;
}

grpc::ByteBuffer Watchers::wallboard_request() const {
  v1::WatchRequest request;
  request.set_parent(absl::StrCat("tenants/", options_.tenant));
  request.set_all_queues(true);
  request.set_total(true);
  return to_buffer(request);
}

absl::Status Watchers::open(uint32_t count, const std::string& method,
                            const std::vector<grpc::ByteBuffer>& requests) {
  for (uint32_t index = 0; index < count; ++index) {
    if (watches_.size() % kStreamsAConnection == 0) {
      absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = connect_to(options_.target);
      if (!channel.ok()) return channel.status();
      channel_ = *std::move(channel);
    }
    Watch& watch = *watches_.emplace_back(std::make_unique<Watch>());
    watch.stub = std::make_unique<grpc::GenericStub>(channel_);
    watch.request = requests[index % requests.size()];
    watch.call = watch.stub->PrepareCall(&watch.context, method, &queue_);
    watch.call->StartCall(&watch);
  }
  return absl::OkStatus();
}

void Watchers::go_on(Watch& watch, bool ok) {
  using Operation = Watch::Operation;
  if (watch.under_way == Operation::kFinish) {
    if (ended_++ == 0) {
      std::fprintf(stderr, "acd_watch_load: a stream ended: code=%d %s\n",
                   static_cast<int>(watch.status.error_code()),
                   watch.status.error_message().c_str());
    }
    return;
  }
  if (!ok) {
    watch.under_way = Operation::kFinish;
    watch.call->Finish(&watch.status, &watch);
    return;
  }
  if (watch.under_way == Operation::kStart) {
    watch.under_way = Operation::kWrite;
    watch.call->WriteLast(watch.request, grpc::WriteOptions(), &watch);
    return;
  }
  if (watch.under_way == Operation::kRead) {
    ++responses_;
    bytes_ += watch.response.Length();
    if (!std::exchange(watch.has_response, true) && ++watching_ == watches_.size()) {
      std::ofstream(options_.ready_path) << watching_ << "\n";
    }
  }
  watch.under_way = Operation::kRead;
  watch.call->Read(&watch.response, &watch);
}

absl::Status Watchers::run() {
  absl::Status status = open(options_.events, "/acd.v1.EventService/WatchEvents", event_requests());
  if (status.ok()) {
    status = open(options_.wallboards, "/acd.v1.WallboardService/Watch", {wallboard_request()});
  }
  if (!status.ok()) return status;
  while (is_to_end == 0) {
    void* tag = nullptr;
    bool ok = false;
    const auto got = queue_.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + kLookAtSignal);
    if (got == grpc::CompletionQueue::GOT_EVENT) go_on(*static_cast<Watch*>(tag), ok);
  }
  return absl::OkStatus();
}

int run_main(int argc, char** argv) {
  Options options;
  po::options_description description(
      "acd_watch_load: watches a daemon until it is told to end by SIGTERM, and reads all it is "
      "sent");
  auto add = description.add_options();
  add("help", "print this");
  add("target", po::value(&options.target)->required(), "address of the daemon");
  add("ready-file", po::value(&options.ready_path)->required(),
      "file that is written when every stream has had a response");
  add("report", po::value(&options.report_path)->required(),
      "file for the figures, one key=value a line");
  add("events", po::value(&options.events)->default_value(options.events),
      "watchers of events, each of one agent");
  add("wallboards", po::value(&options.wallboards)->default_value(options.wallboards),
      "wallboards of all queues and the total, every second");
  po::variables_map values;
  try {
    po::store(po::parse_command_line(argc, argv, description), values);
    if (values.count("help") != 0) {
      std::ostringstream text;
      text << description;
      std::fputs(text.str().c_str(), stdout);
      return 0;
    }
    po::notify(values);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "acd_watch_load: %s\n", error.what());
    return kExitUsage;
  }
  const uint64_t count = uint64_t{options.events} + options.wallboards;
  if (count < 1 || count > kWatchersMax) {
    std::fprintf(stderr, "acd_watch_load: --events and --wallboards must be 1..%u together\n",
                 kWatchersMax);
    return kExitUsage;
  }
  struct sigaction action = {};
  action.sa_handler = [](int) { is_to_end = 1; };
  sigaction(SIGTERM, &action, nullptr);
  Watchers watchers(options);
  if (absl::Status status = watchers.run(); !status.ok()) {
    std::fprintf(stderr, "acd_watch_load: %s\n", std::string(status.message()).c_str());
    return kExitFailed;
  }
  std::ofstream(options.report_path) << watchers.report();
  return 0;
}

}  // namespace
}  // namespace acd::bench

int main(int argc, char** argv) { return acd::bench::run_main(argc, argv); }
