// SPDX-License-Identifier: Apache-2.0
// Calls of the public services over the channel to them.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace acd {

// Has something run by the http thread. From any thread.
using HttpPost = std::function<void(std::function<void()>)>;

// Who reads a call. Told by the http thread.
class CallReader {
 public:
  virtual ~CallReader() = default;
  virtual void on_message(const grpc::ByteBuffer& message) = 0;
  // Nothing comes after it.
  virtual void on_over(const grpc::Status& status) = 0;
};

struct CallRequest {
  std::string method;  // "/acd.v1.WallboardService/GetCall"
  std::string principal;
  grpc::ByteBuffer message;
  std::optional<std::chrono::milliseconds> timeout;
  bool is_stream = false;
};

// One call, unary or with a stream of answers: both are one message there and some back.
//
// Threads:  the http thread's; within, gRPC's tell it what comes.
// Bounds:   one message is held; the next is asked for by read().
class ServiceCall final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  using Done = std::function<void(ServiceCall*)>;

  // `done` is called last of all, by the http thread; the call must live until then.
  ServiceCall(CallRequest request, CallReader* reader, HttpPost post, Done done);

  void start(grpc::GenericStub* stub);
  // Has on_message() or on_over() come. REQUIRES: the one before has come.
  void read();
  // The reader is told nothing any more.
  void drop();
  // Ends it; its reader is told why.
  void end(const grpc::Status& why);
  [[nodiscard]] bool is_stream() const { return request_.is_stream; }

  void OnReadDone(bool is_message) override;
  void OnDone(const grpc::Status& status) override;

 private:
  void cancel();
  void release();

  const CallRequest request_;
  CallReader* reader_;  // Null: dropped.
  const HttpPost post_;
  const Done done_;
  grpc::ClientContext context_;
  grpc::ByteBuffer message_;
  bool is_reading_ = false;
  bool is_released_ = false;  // Reads no more, so that gRPC may call it done.
};

// All calls of the server.
//
// Threads:  the http thread's.
class ServiceCalls {
 public:
  explicit ServiceCalls(HttpPost post) : post_(std::move(post)) {}
  // REQUIRES: none is open.
  ~ServiceCalls() = default;
  ServiceCalls(const ServiceCalls&) = delete;
  ServiceCalls& operator=(const ServiceCalls&) = delete;

  void open(const std::shared_ptr<grpc::Channel>& channel);
  // Null while there is no channel.
  [[nodiscard]] ServiceCall* start(CallRequest request, CallReader* reader);
  // Takes no more, and says when those under way are done and the channel is dropped.
  void close(std::function<void()> closed);
  void end_all(const grpc::Status& why);
  void end_streams(const grpc::Status& why);

 private:
  void done(ServiceCall* call);
  void close_if_done();

  const HttpPost post_;
  std::unique_ptr<grpc::GenericStub> stub_;
  std::function<void()> closed_;  // Null: open, or not asked for.
  std::map<ServiceCall*, std::unique_ptr<ServiceCall>> calls_;
};

}  // namespace acd
