// SPDX-License-Identifier: Apache-2.0
// What waits to be written to one switch.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <deque>

#include "acd/v1/switch_service.pb.h"
#include "daemon/batch.h"
#include "daemon/rpc/rpc_server.h"

namespace acd {

// Refusals and commands of one response; the rest goes into the next.
inline constexpr size_t kResponseItemsMax = 1'024;
// Bytes that wait for a switch which reads slowly; past this its stream is cut. The largest single
// delivery, the open offers of a resumed session, must fit: this is some 100,000 of them.
inline constexpr size_t kPendingBytesMax = 16 << 20;

// Collects deliveries into responses. What arrives while a write is under way goes into one
// response: the latest acknowledgement, all refusals and commands in order.
//
// Threads:  one at a time.
// Bounds:   full() past kPendingBytesMax.
// Order:    responses come out in the order in which their parts went in.
class ResponseQueue {
 public:
  ResponseQueue() = default;
  ResponseQueue(const ResponseQueue&) = delete;
  ResponseQueue& operator=(const ResponseQueue&) = delete;

  // Takes everything of `delivery` that the switch is to see.
  void add(const Delivery& delivery, const RpcOptions& options);

  // Moves the oldest response to `bytes`; false when nothing waits.
  [[nodiscard]] bool take(grpc::ByteBuffer* bytes);

  [[nodiscard]] bool empty() const { return sealed_.empty() && !is_open_; }
  [[nodiscard]] bool full() const { return sealed_bytes_ > kPendingBytesMax; }
  // Of the responses that are whole.
  [[nodiscard]] size_t bytes() const { return sealed_bytes_; }

 private:
  void add_ack(const Delivery& delivery);
  v1::ConnectResponse* open_response();
  void count_item();
  void seal();

  v1::ConnectResponse response_;  // Reused; being filled while is_open_.
  bool is_open_ = false;
  size_t items_ = 0;  // Of response_.
  std::deque<grpc::ByteBuffer> sealed_;
  size_t sealed_bytes_ = 0;
};

}  // namespace acd
