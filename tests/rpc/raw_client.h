// SPDX-License-Identifier: Apache-2.0
// A client that sends any bytes and waits for nothing longer than kTestWaitMax.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "acd/internal/rpc_status.pb.h"
#include "acd/v1/switch_service.pb.h"

namespace acd {

// How long a test waits for what must come.
inline constexpr std::chrono::seconds kTestWaitMax{10};
inline constexpr const char* kConnectMethod = "/acd.v1.SwitchService/Connect";

// One stream of bytes. Every method but finish() is false or empty when the stream is over or the
// wait too long.
class RawStream {
 public:
  // `prepare`: sets metadata or a deadline before it begins.
  RawStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
            const std::function<void(grpc::ClientContext&)>& prepare = nullptr);
  ~RawStream();
  RawStream(const RawStream&) = delete;
  RawStream& operator=(const RawStream&) = delete;

  bool send_bytes(const std::string& bytes);
  bool send(const google::protobuf::Message& message);
  bool half_close();
  bool receive_metadata();
  std::optional<std::string> receive_bytes();
  template <typename Message>
  std::optional<Message> receive() {
    Message message;
    const auto bytes = receive_bytes();
    if (!bytes || !message.ParseFromString(*bytes)) return std::nullopt;
    return message;
  }
  void cancel() { context_.TryCancel(); }
  [[nodiscard]] const grpc::ClientContext& context() const { return context_; }
  // Reads to the end and returns the status.
  grpc::Status finish();

 private:
  bool wait();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer received_;
  bool finished_ = false;
};

// One unary call with any bytes, and what `context` says of deadline, metadata and cancelling.
grpc::Status call_bytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& request, std::string* response,
                        grpc::ClientContext* context);
// The same with a deadline alone.
grpc::Status call_bytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& request, std::string* response,
                        std::chrono::milliseconds deadline = kTestWaitMax);

template <typename Response>
grpc::Status call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                  const google::protobuf::Message& request, Response* response) {
  std::string bytes;
  grpc::Status status = call_bytes(channel, method, request.SerializeAsString(), &bytes);
  if (status.ok() && !response->ParseFromString(bytes)) {
    return {grpc::StatusCode::INTERNAL, "the response does not parse"};
  }
  return status;
}

// Reason in the status' ErrorInfo; empty when there is none.
std::string reason_in(const grpc::Status& status);
// Fields in the status' BadRequest, joined by a blank.
std::string fields_in(const grpc::Status& status);
bool has_retry(const grpc::Status& status);
// A value in the metadata of the status' ErrorInfo.
std::string metadata_in(const grpc::Status& status, const std::string& key);

}  // namespace acd
