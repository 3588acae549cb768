// SPDX-License-Identifier: Apache-2.0
// What waits to be written to one session, a switch's or a desktop's.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <deque>
#include <string>

#include "acd/v1/switch_event.pb.h"
#include "acd/v1/switch_service.pb.h"
#include "daemon/batch.h"
#include "daemon/rpc/rpc_server.h"

namespace acd {

// Refusals and commands of one response; the rest goes into the next.
inline constexpr size_t kResponseItemsMax = 1'024;
// Bytes that wait for a peer which reads slowly; past this its stream is cut. What a session is told as it opens, of
// all that is open or attached, does not count, however long that is to be read; `pending_shared_bytes_max` bounds it.
inline constexpr size_t kPendingBytesMax = 16 << 20;

// How often a peer is to be heard.
inline constexpr int64_t kHeartbeatNs = 5 * kNsPerS;

void encode_limits(uint32_t message_bytes_max, uint32_t batch_events_max, v1::Limits* limits);
// Of an offer that was not accepted.
[[nodiscard]] v1::OfferOutcome to_proto(OfferOutcome outcome);

// Collects deliveries into responses. What arrives while a write is under way goes into one
// response: the latest acknowledgement, all refusals and all else in order.
//
// Threads:  one at a time.
// Bounds:   full() past kPendingBytesMax beside what the opening left.
// Order:    responses come out in the order in which their parts went in, numbered from 1.
class ResponseBuffer {
 public:
  virtual ~ResponseBuffer() = default;
  ResponseBuffer(const ResponseBuffer&) = delete;
  ResponseBuffer& operator=(const ResponseBuffer&) = delete;

  // Takes everything of `delivery` that the peer is to see.
  virtual void add(const Delivery& delivery, const RpcOptions& options) = 0;

  // Moves the oldest response to `bytes`; false when nothing waits.
  [[nodiscard]] bool take(grpc::ByteBuffer* bytes);

  [[nodiscard]] bool empty() const { return sealed_.empty() && !is_open_; }
  [[nodiscard]] bool full() const { return bytes() > kPendingBytesMax + opening_bytes_; }
  // Of all that is not written: of the open response about, and of the one that was taken last until
  // another is asked for.
  [[nodiscard]] size_t bytes() const { return sealed_bytes_ + open_bytes_ + taken_bytes_; }

 protected:
  ResponseBuffer() = default;

  void open() { is_open_ = true; }
  void add_ack(const Delivery& delivery);
  // Of the open response: `item` joined it.
  void count_item(const google::protobuf::Message& item);
  // All that waits is what the session is told as it opens.
  void excuse_opening() { opening_bytes_ = bytes(); }
  void seal();

 private:
  // The response, which is reused and filled while it is open; and a part of it.
  [[nodiscard]] virtual google::protobuf::Message* response() = 0;
  [[nodiscard]] virtual v1::Ack* ack() = 0;
  virtual void set_number(int64_t number) = 0;
  // Where in its event a fault lies that the Router found.
  [[nodiscard]] virtual std::string field_of(const Refused& refused) const = 0;
  void encode_refusal(const Refused& refused, v1::Refusal* refusal) const;

  bool is_open_ = false;
  size_t items_ = 0;    // Of the response.
  int64_t number_ = 0;  // Of the last one that is whole.
  std::deque<grpc::ByteBuffer> sealed_;
  size_t sealed_bytes_ = 0;
  size_t open_bytes_ = 0;
  size_t taken_bytes_ = 0;
  size_t opening_bytes_ = 0;  // Of all these, those of the opening.
};

}  // namespace acd
