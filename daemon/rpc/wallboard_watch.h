// SPDX-License-Identifier: Apache-2.0
// The stream of one wallboard.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "daemon/rpc/stream.h"
#include "daemon/rpc/stream_ticket.h"
#include "daemon/rpc/wallboard_feed.h"

namespace acd {

// One stream of WallboardService.Watch. Writes what the feed shows it.
//
// Threads:  as StreamBase; what it is shown comes on the observer's.
// Bounds:   the responses of one instant, shared with all who are shown the same.
// Fails:    the stream ends with a status.
class WallboardWatch final : public WriteStream, public WallboardReader {
 public:
  // `streams` is not used after its life in gRPC.
  WallboardWatch(StreamSet<WallboardWatch>* streams, std::unique_ptr<StreamTicket> ticket,
                 grpc::CallbackServerContext* context)
      : WriteStream(context), streams_(streams), ticket_(std::move(ticket)) {}

  [[nodiscard]] bool is_ready() override;
  void show(std::shared_ptr<const WallboardPages> pages) override;
  void fail(const RpcError& error) override { finish(make_status(error)); }

  // Cuts the stream when it stalls.
  void tick(StreamClock::time_point now) { check_stall(now); }

 private:
  void on_begin() override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {}
  void on_done() override { streams_->forget(this); }
  [[nodiscard]] bool next_message(grpc::ByteBuffer* bytes) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void on_flushed() override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {}

  StreamSet<WallboardWatch>* const streams_;
  const std::unique_ptr<StreamTicket> ticket_;

  std::shared_ptr<const WallboardPages> pages_ ABSL_GUARDED_BY(mutex_);  // Null: all are written.
  size_t next_page_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace acd
