// SPDX-License-Identifier: Apache-2.0
// A client that sends any bytes and waits for nothing longer than kTestWaitMax.
#include "tests/rpc/raw_client.h"

#include <google/protobuf/any.pb.h>

#include <chrono>
#include <vector>

namespace acd {
namespace {

grpc::ByteBuffer to_buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::string to_string(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return "";
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

void* tag() { return nullptr; }

bool wait_on(grpc::CompletionQueue* queue) {
  void* done = nullptr;
  bool ok = false;
  const auto deadline = std::chrono::system_clock::now() + kTestWaitMax;
  return queue->AsyncNext(&done, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT && ok;
}

void drain(grpc::CompletionQueue* queue) {
  queue->Shutdown();
  void* done = nullptr;
  bool ok = false;
  while (queue->Next(&done, &ok)) {
  }
}

template <typename Detail>
std::optional<Detail> detail_in(const grpc::Status& status, const std::string& type) {
  internal::RpcStatus rpc_status;
  if (!rpc_status.ParseFromString(status.error_details())) return std::nullopt;
  for (const google::protobuf::Any& any : rpc_status.details()) {
    Detail detail;
    if (any.type_url() == "type.googleapis.com/google.rpc." + type &&
        detail.ParseFromString(any.value())) {
      return detail;
    }
  }
  return std::nullopt;
}

}  // namespace

RawStream::RawStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::function<void(grpc::ClientContext&)>& prepare)
    : stub_(channel) {
  if (prepare) prepare(context_);
  stream_ = stub_.PrepareCall(&context_, method, &queue_);
  stream_->StartCall(tag());
  wait();
}

RawStream::~RawStream() {
  context_.TryCancel();
  if (!finished_) finish();
  drain(&queue_);
}

bool RawStream::wait() { return wait_on(&queue_); }

bool RawStream::send_bytes(const std::string& bytes) {
  stream_->Write(to_buffer(bytes), tag());
  return wait();
}

bool RawStream::send(const google::protobuf::Message& message) {
  return send_bytes(message.SerializeAsString());
}

bool RawStream::half_close() {
  stream_->WritesDone(tag());
  return wait();
}

bool RawStream::receive_metadata() {
  stream_->ReadInitialMetadata(tag());
  return wait();
}

std::optional<std::string> RawStream::receive_bytes() {
  stream_->Read(&received_, tag());
  if (!wait()) return std::nullopt;
  return to_string(received_);
}

grpc::Status RawStream::finish() {
  while (receive_bytes()) {
  }
  grpc::Status status;
  stream_->Finish(&status, tag());
  finished_ = true;
  return wait() ? status : grpc::Status(grpc::StatusCode::UNKNOWN, "no status came");
}

grpc::Status call_bytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& request, std::string* response,
                        std::chrono::milliseconds deadline) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  return call_bytes(channel, method, request, response, &context);
}

grpc::Status call_bytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& request, std::string* response,
                        grpc::ClientContext* context) {
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const grpc::ByteBuffer request_buffer = to_buffer(request);
  grpc::ByteBuffer response_buffer;
  grpc::Status status;
  {
    const auto reader = stub.PrepareUnaryCall(context, method, request_buffer, &queue);
    reader->StartCall();
    reader->Finish(&response_buffer, &status, tag());
    if (!wait_on(&queue)) status = {grpc::StatusCode::UNKNOWN, "no status came"};
  }
  drain(&queue);
  if (status.ok()) *response = to_string(response_buffer);
  return status;
}

std::string reason_in(const grpc::Status& status) {
  const auto info = detail_in<internal::ErrorInfo>(status, "ErrorInfo");
  return info && info->domain() == "acd.v1" ? info->reason() : "";
}

std::string fields_in(const grpc::Status& status) {
  std::string fields;
  const auto bad_request = detail_in<internal::BadRequest>(status, "BadRequest");
  if (!bad_request) return fields;
  for (const auto& violation : bad_request->field_violations()) {
    fields += (fields.empty() ? "" : " ") + violation.field();
  }
  return fields;
}

bool has_retry(const grpc::Status& status) {
  const auto retry = detail_in<internal::RetryInfo>(status, "RetryInfo");
  return retry && (retry->retry_delay().seconds() > 0 || retry->retry_delay().nanos() > 0);
}

std::string metadata_in(const grpc::Status& status, const std::string& key) {
  const auto info = detail_in<internal::ErrorInfo>(status, "ErrorInfo");
  if (!info) return "";
  const auto found = info->metadata().find(key);
  return found == info->metadata().end() ? "" : found->second;
}

}  // namespace acd
