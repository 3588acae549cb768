// SPDX-License-Identifier: Apache-2.0
// A wallboard, to read and to copy: lists as the picture to start with, then every event once; it resumes by itself. The same
// as wallboard.py.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "acd/v1/event_service.grpc.pb.h"
#include "acd/v1/wallboard_service.grpc.pb.h"
#include "clients/examples/wallboard_picture.h"

namespace example {
namespace {

constexpr std::chrono::seconds kWaitMax(10);  // For one page.

std::string or_dash(const std::string& id) { return id.empty() ? "-" : id; }

class Wallboard {
 public:
  Wallboard(const std::string& target, const std::string& tenant) : parent_("tenants/" + tenant) {
    grpc::ChannelArguments settings;
    settings.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 15'000);
    settings.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
    // Else gRPC waits up to two minutes before it connects again. Calls wait for that (wait_for_ready).
    settings.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    settings.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
    const auto channel =
        grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), settings);
    lists_ = acd::v1::WallboardService::NewStub(channel);
    events_ = acd::v1::EventService::NewStub(channel);
  }

  [[noreturn]] void run() {
    std::mt19937 generator(std::random_device{}());
    for (;;) {
      const grpc::Status status = watch();
      std::cerr << "wallboard: " << status.error_message() << std::endl;
      // RESUME_TOKEN_EXPIRED and HISTORY_CHANGED.
      if (status.error_code() == grpc::StatusCode::OUT_OF_RANGE ||
          status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
        token_.clear();
      }
      // 0.1 s, doubled up to 3.2 s, half of it by chance: not all at once.
      attempts_ = std::min(attempts_ + 1, 6);
      std::this_thread::sleep_for(std::chrono::duration<double>(
          0.05 * (1 << attempts_) * std::uniform_real_distribution<double>(0.5, 1)(generator)));
    }
  }

 private:
  grpc::Status watch() {
    if (token_.empty()) {
      if (const grpc::Status status = read_lists(); !status.ok()) return status;
    }
    acd::v1::WatchEventsRequest request;
    request.set_parent(parent_);
    request.set_resume_token(token_);
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    const auto stream = events_->WatchEvents(&context, request);
    acd::v1::WatchEventsResponse response;
    while (stream->Read(&response)) {
      attempts_ = 0;
      for (const acd::v1::Event& event : response.events()) {
        std::cout << "event " << event.sequence() << ' ' << event.type() << ' '
                  << or_dash(event.call_id()) << ' ' << or_dash(event.agent_id()) << '\n';
        picture_.take(event);
      }
      picture_.show();
      // Behind the handling: what was cut in between comes again.
      token_ = response.resume_token();
    }
    return stream->Finish();
  }

  // All pages of a list: `method` of the stub, `take` for each response.
  template <typename Response, typename Request, typename Method, typename Take>
  grpc::Status read_pages(Method method, Take take) {
    Request request;
    request.set_parent(parent_);
    do {
      grpc::ClientContext context;
      context.set_wait_for_ready(true);
      context.set_deadline(std::chrono::system_clock::now() + kWaitMax);
      Response response;
      const grpc::Status status = (lists_.get()->*method)(&context, request, &response);
      if (!status.ok()) return status;
      take(response);
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return grpc::Status::OK;
  }

  // The first page's token counts: what came since is told again, and an event sets a state, whatever it was.
  grpc::Status read_lists() {
    using Stub = acd::v1::WallboardService::Stub;
    std::string token;
    picture_.clear();
    grpc::Status status = read_pages<acd::v1::ListCallsResponse, acd::v1::ListCallsRequest>(
        &Stub::ListCalls, [&](const auto& page) {
          if (token.empty()) token = page.resume_token();
          for (const acd::v1::CallStatus& call : page.calls()) picture_.take(call);
        });
    if (!status.ok()) return status;
    status = read_pages<acd::v1::ListAgentsResponse, acd::v1::ListAgentsRequest>(
        &Stub::ListAgents, [&](const auto& page) {
          for (const acd::v1::AgentStatus& agent : page.agents()) picture_.take(agent);
        });
    if (!status.ok()) return status;
    token_ = token;
    std::cout << "lists " << picture_.sizes() << std::endl;
    return status;
  }

  const std::string parent_;
  std::unique_ptr<acd::v1::WallboardService::Stub> lists_;
  std::unique_ptr<acd::v1::EventService::Stub> events_;
  std::string token_;  // Of what was handled last. Empty: read the lists.
  Picture picture_;
  int attempts_ = 0;
};

}  // namespace
}  // namespace example

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "Usage: example_wallboard TARGET TENANT\n"
                 "Runs until it is killed. Prints \"lists CALLS AGENTS\", \"event SEQUENCE TYPE "
                 "CALL AGENT\", and the\n"
                 "picture after each response.\n";
    return 2;
  }
  example::Wallboard(argv[1], argv[2]).run();
}
