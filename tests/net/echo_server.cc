// SPDX-License-Identifier: Apache-2.0
// A server that says what it is told, for tests of what lies between.
#include "tests/net/echo_server.h"

#include <absl/strings/str_cat.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "routing/check.h"
#include "tests/rpc/raw_client.h"

namespace acd::net {
namespace {

// What the server saw, for the test's thread.
class CallBook {
 public:
  size_t add(EchoCall call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    changed_.notify_all();
    return calls_.size() - 1;
  }
  template <typename Change>
  void change(size_t place, Change&& change) {
    const std::lock_guard lock(mutex_);
    change(calls_[place]);
    changed_.notify_all();
  }
  std::vector<EchoCall> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  bool await(const std::function<bool(const std::vector<EchoCall>&)>& what) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kTestWaitMax, [&] { return what(calls_); });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<EchoCall> calls_;
};

std::string text_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  ACD_CHECK(buffer.Dump(&slices).ok());
  std::string text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

class EchoReactor final : public grpc::ServerGenericBidiReactor {
 public:
  EchoReactor(CallBook& book, grpc::GenericCallbackServerContext* context)
      : book_(book), method_(context->method()) {
    EchoCall call;
    call.method = method_;
    call.seconds_left =
        std::chrono::duration<double>(context->deadline() - std::chrono::system_clock::now())
            .count();
    for (const auto& [key, value] : context->client_metadata()) {
      const std::string name(key.data(), key.size());
      const std::string text(value.data(), value.size());
      call.metadata.emplace(name, text);
      if (!name.starts_with("echo-")) continue;
      context->AddInitialMetadata(name, text);
      context->AddTrailingMetadata("last-" + name, text);
    }
    place_ = book_.add(std::move(call));
    StartSendInitialMetadata();
    StartRead(&message_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      book_.change(place_, [](EchoCall& call) { call.is_half_closed = true; });
      if (method_ != kSilentMethod) finish(grpc::Status::OK);
      return;
    }
    book_.change(place_, [this](EchoCall& call) { call.messages.push_back(text_of(message_)); });
    if (method_ == kFailMethod) {
      finish({grpc::StatusCode::FAILED_PRECONDITION, kFailMessage, kFailDetails});
    } else if (method_ == kSilentMethod) {
      StartRead(&message_);
    } else {
      StartWrite(&message_);
    }
  }

  void OnWriteDone(bool ok) override {
    if (ok) StartRead(&message_);
    if (!ok) finish(grpc::Status::CANCELLED);
  }

  void OnCancel() override {
    book_.change(place_, [](EchoCall& call) { call.is_cancelled = true; });
    finish(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    book_.change(place_, [](EchoCall& call) { call.is_over = true; });
    delete this;
  }

 private:
  void finish(const grpc::Status& status) {
    if (!is_finished_.exchange(true)) Finish(status);
  }

  CallBook& book_;
  const std::string method_;
  size_t place_ = 0;
  grpc::ByteBuffer message_;
  // OnCancel() runs beside the others.
  std::atomic<bool> is_finished_ = false;
};

class EchoService final : public grpc::CallbackGenericService {
 public:
  explicit EchoService(CallBook& book) : book_(book) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new EchoReactor(book_, context);
  }

 private:
  CallBook& book_;
};

}  // namespace

class EchoServer::Parts {
 public:
  explicit Parts(const std::string& address) : service_(book) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(-1);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
    ACD_CHECK(server_ != nullptr);
    bound = absl::StrCat("127.0.0.1:", port);
  }
  ~Parts() { server_->Shutdown(std::chrono::system_clock::now()); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  CallBook book;
  std::string bound;

 private:
  EchoService service_;
  std::unique_ptr<grpc::Server> server_;
};

EchoServer::EchoServer(const std::string& address) : parts_(std::make_unique<Parts>(address)) {}
EchoServer::~EchoServer() = default;

const std::string& EchoServer::address() const { return parts_->bound; }

std::vector<EchoCall> EchoServer::calls() const { return parts_->book.calls(); }

bool EchoServer::await(const std::function<bool(const std::vector<EchoCall>&)>& what) const {
  return parts_->book.await(what);
}

}  // namespace acd::net
