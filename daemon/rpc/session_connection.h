// SPDX-License-Identifier: Apache-2.0
// The stream of one session, a switch's or a desktop's: batches to its tenant's shard, deliveries back.
#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/batch.h"
#include "daemon/directory.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/pending_pool.h"
#include "daemon/rpc/response_buffer.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/stream.h"
#include "daemon/rpc/stream_ticket.h"

namespace acd {

class SessionStreams;

// What a stream of SwitchService.Connect and one of AgentService.Connect have in common. The first
// message opens the session; the next is read when the shard has opened it, because only then the
// sequence that follows is known.
//
// Threads:  on_message() on gRPC's threads, one at a time; deliver() on a journal thread; tick() on
//           another.
// Owns:     its batches, wherever they are.
// Bounds:   kStreamBatchesMax batches in flight, else reading waits; kPendingBytesMax to be
//           written, and what all streams may have together.
// Order:    batches in the order received, kCloseSession last and once.
// Fails:    the stream ends with a status; what was handed to the shard stays.
class SessionConnection : public Stream, public SwitchStream {
 public:
  // `edge` outlives the stream's life in gRPC and, like `streams`, is not used after it.
  SessionConnection(const Edge& edge, SessionStreams* streams, std::unique_ptr<StreamTicket> ticket,
                    std::unique_ptr<ResponseBuffer> responses,
                    grpc::CallbackServerContext* context);

  void deliver(Delivery&& delivery) override;

  // Cuts the stream when it stalls or does not open its session.
  void tick(StreamClock::time_point now);

  // Takes no message any more.
  void stop_reading();
  // Reads no more, and ends with SHUTTING_DOWN when what was read is acknowledged and written.
  void drain();

  // Hands over the close of a session that is owed and for which there is room. False when it is
  // still owed.
  bool submit_close_if_owed() ABSL_LOCKS_EXCLUDED(mutex_);

 protected:
  // What the session's kind says and how. Of on_message() alone.
  struct Wire {
    const char* method;   // "SwitchService.Connect"
    const char* request;  // "acd.v1.ConnectRequest"
    size_t message_bytes_max;
  };
  [[nodiscard]] virtual Wire wire() const = 0;
  // The message that is reused.
  [[nodiscard]] virtual google::protobuf::Message* request() = 0;
  // Of that message; as decode_open() and decode_batch() of codec.h.
  [[nodiscard]] virtual std::optional<RpcError> decode_open(std::span<const std::string> bad_texts,
                                                            std::string_view principal,
                                                            std::string* tenant, Batch* batch) = 0;
  [[nodiscard]] virtual std::optional<RpcError> decode_batch(std::span<const std::string> bad_texts,
                                                             const RpcOptions& options,
                                                             int64_t* expected_sequence,
                                                             Batch* batch) = 0;

 private:
  void on_message(const grpc::ByteBuffer& message) override;
  void on_half_close() override;
  void on_done() override;
  [[nodiscard]] bool next_message(grpc::ByteBuffer* bytes) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void on_flushed() override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Each gives the error that ends the stream, if any.
  [[nodiscard]] std::optional<RpcError> parse(const grpc::ByteBuffer& message);
  [[nodiscard]] std::optional<RpcError> open_session();
  [[nodiscard]] std::optional<RpcError> take_batch();

  // False when the batch stays here, and the stream ends.
  [[nodiscard]] bool submit(std::unique_ptr<Batch>& batch) ABSL_LOCKS_EXCLUDED(mutex_);
  [[nodiscard]] std::unique_ptr<Batch> take_free_batch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void put_back(std::unique_ptr<Batch> batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  [[nodiscard]] bool has_free_batch() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return in_flight_ < kStreamBatchesMax;
  }
  void read_if_possible() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void finish_if_drained() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RpcOptions options_;
  const Edge& edge_;
  SessionStreams* const streams_;
  const std::unique_ptr<StreamTicket> ticket_;
  const std::string principal_;
  const StreamClock::time_point began_ = StreamClock::now();

  // Of on_message() alone.
  std::vector<std::string> bad_texts_;

  TenantPort* port_ = nullptr;  // Set before the session's first batch is handed over.

  // Whether the peer opened a session; set by on_message(), which alone reads it without the mutex.
  bool open_sent_ ABSL_GUARDED_BY(mutex_) = false;
  bool opened_ ABSL_GUARDED_BY(mutex_) = false;       // The shard said so.
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;  // Nothing more to read.
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;     // Nothing more is read.
  bool waits_to_read_ ABSL_GUARDED_BY(mutex_) =
      false;  // Until a batch is free and the session open.
  bool close_owed_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t expected_sequence_ ABSL_GUARDED_BY(mutex_) = 1;
  uint32_t in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Batch>> free_batches_ ABSL_GUARDED_BY(mutex_);
  const std::unique_ptr<ResponseBuffer> responses_ ABSL_PT_GUARDED_BY(mutex_);
  PendingShare pending_ ABSL_GUARDED_BY(mutex_);  // Of the bytes in responses_.
};

}  // namespace acd
