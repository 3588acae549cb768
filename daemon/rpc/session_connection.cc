// SPDX-License-Identifier: Apache-2.0
// The stream of one session, a switch's or a desktop's: batches to its tenant's shard, deliveries back.
#include "daemon/rpc/session_connection.h"

#include <absl/strings/str_cat.h>
#include <grpcpp/server_context.h>

#include <utility>

#include "daemon/rpc/auth.h"
#include "daemon/rpc/session_streams.h"
#include "daemon/rpc/wire.h"

namespace acd {

SessionConnection::SessionConnection(const Edge& edge, SessionStreams* streams,
                                     std::unique_ptr<StreamTicket> ticket,
                                     std::unique_ptr<ResponseBuffer> responses,
                                     grpc::CallbackServerContext* context)
    : Stream(context),
      options_(edge.options()),
      edge_(edge),
      streams_(streams),
      ticket_(std::move(ticket)),
      principal_(principal_of(*context)),
      responses_(std::move(responses)),
      pending_(edge.pending()) {}

// --- From the peer.

void SessionConnection::on_message(const grpc::ByteBuffer& message) {
  {
    const MutexLock lock(&mutex_);
    if (draining_) return;  // It was on its way; the peer sends it again when it resumes.
  }
  std::optional<RpcError> error = parse(message);
  if (!error) {
    error = port_ == nullptr ? open_session() : take_batch();
  }
  if (error) finish(make_status(*error));
}

std::optional<RpcError> SessionConnection::parse(const grpc::ByteBuffer& message) {
  if (message.Length() > wire().message_bytes_max) {
    return RpcError{v1::ERROR_REASON_MESSAGE_TOO_LARGE,
                    absl::StrCat("The message has ", message.Length(), " bytes; at most ",
                                 wire().message_bytes_max, " are allowed."),
                    {{"bytes", absl::StrCat(message.Length())},
                     {"message_bytes_max", absl::StrCat(wire().message_bytes_max)}},
                    {}};
  }
  if (parse_message(message, request(), &bad_texts_) == ParseResult::kUnparsable) {
    return RpcError{v1::ERROR_REASON_MESSAGE_UNPARSABLE,
                    absl::StrCat("The bytes are no ", wire().request, "."),
                    {},
                    {}};
  }
  return std::nullopt;
}

std::optional<RpcError> SessionConnection::open_session() {
  auto batch = std::make_unique<Batch>();
  std::string tenant;
  if (auto error = decode_open(bad_texts_, principal_, &tenant, batch.get())) {
    return error;
  }
  if (!authorize(principal_, wire().method, tenant)) {
    return RpcError{v1::ERROR_REASON_NOT_AUTHORIZED, "The caller may not do this.", {}, {}};
  }
  TenantPort* port = edge_.find(tenant);
  if (port == nullptr) {
    return RpcError{v1::ERROR_REASON_TENANT_UNKNOWN,
                    "This daemon does not serve tenants/" + tenant + ".",
                    {{"tenant", tenant}},
                    {}};
  }
  // From here on deliver() may run, and with it the next on_message(): nothing below touches their
  // state.
  port_ = port;
  {
    const MutexLock lock(&mutex_);
    open_sent_ = true;
    waits_to_read_ = true;
    ++in_flight_;
  }
  if (!submit(batch)) {
    const MutexLock lock(&mutex_);
    open_sent_ = false;  // Nothing was opened, and nothing is to be closed.
    --in_flight_;
  }
  return std::nullopt;
}

std::optional<RpcError> SessionConnection::take_batch() {
  std::unique_ptr<Batch> batch;
  int64_t expected_sequence = 0;
  {
    const MutexLock lock(&mutex_);
    batch = take_free_batch();
    expected_sequence = expected_sequence_;
  }
  if (auto error = decode_batch(bad_texts_, options_, &expected_sequence, batch.get())) {
    const MutexLock lock(&mutex_);
    put_back(std::move(batch));
    return error;
  }
  const bool is_heartbeat = batch->commands.empty() && batch->driven_now_ns < 0;
  if (!is_heartbeat && !submit(batch)) {
    const MutexLock lock(&mutex_);
    put_back(std::move(batch));
    return std::nullopt;
  }

  const MutexLock lock(&mutex_);
  if (batch != nullptr) put_back(std::move(batch));
  expected_sequence_ = expected_sequence;
  waits_to_read_ = true;
  read_if_possible();
  finish_if_drained();  // A stop may have begun meanwhile.
  return std::nullopt;
}

bool SessionConnection::submit(std::unique_ptr<Batch>& batch) {
  batch->stream = std::static_pointer_cast<SessionConnection>(shared_from_this());
  switch (port_->submit(batch)) {
    case PushResult::kOk:
      return true;
    case PushResult::kFull:
      finish(overloaded_status("Too much is under way; connect again and resume."));
      return false;
    case PushResult::kClosed:
      finish(shutting_down_status());
      return false;
  }
  return false;
}

// --- To the peer.

void SessionConnection::deliver(Delivery&& delivery) {
  // The batch that comes back may hold the last reference to this.
  const auto self = shared_from_this();
  {
    const MutexLock lock(&mutex_);
    for (std::unique_ptr<Batch>& batch : delivery.finished) put_back(std::move(batch));
    if (!is_finished()) {
      if (delivery.is_opened) {
        opened_ = true;
        expected_sequence_ = delivery.opened.last_sequence + 1;
      }
      responses_->add(delivery, options_);
      if (delivery.close != CloseReason::kNone) {
        finish_locked(make_status(error_of(delivery.close)));
      } else if (responses_->full()) {
        finish_locked(make_status({v1::ERROR_REASON_STREAM_TOO_SLOW,
                                   "Too much waits to be read; connect again and resume.",
                                   {},
                                   {}}));
      } else if (!pending_.cover(responses_->bytes())) {
        finish_locked(make_status(
            {v1::ERROR_REASON_STREAM_TOO_SLOW,
             "All streams together leave too much unread, and this one more than its share; "
             "connect again and resume.",
             {{"limit", "pending_shared_bytes_max"}},
             {}}));
      } else {
        write();
        read_if_possible();
        finish_if_drained();
      }
    }
  }
  static_cast<void>(submit_close_if_owed());  // Else another delivery follows, or the service asks.
}

bool SessionConnection::next_message(grpc::ByteBuffer* bytes) {
  const bool has_message = responses_->take(bytes);
  // Less waits than before, so that it is covered.
  static_cast<void>(pending_.cover(responses_->bytes()));
  return has_message;
}

void SessionConnection::on_flushed() { finish_if_drained(); }

// --- The end.

void SessionConnection::on_half_close() {
  const MutexLock lock(&mutex_);
  half_closed_ = true;
  finish_if_drained();
}

// A switch that says no more still gets the answers to what it said.
void SessionConnection::finish_if_drained() {
  if (!half_closed_ && !draining_) return;
  if (in_flight_ > 0 || !responses_->empty() || is_writing()) return;
  finish_locked(half_closed_ ? grpc::Status::OK : shutting_down_status());
}

void SessionConnection::stop_reading() {
  const MutexLock lock(&mutex_);
  draining_ = true;
}

void SessionConnection::drain() {
  const MutexLock lock(&mutex_);
  draining_ = true;
  finish_if_drained();
}

void SessionConnection::tick(StreamClock::time_point now) {
  check_stall(now);
  const MutexLock lock(&mutex_);
  if (!open_sent_ && now - began_ >= kOpenWaitMax) {
    finish_locked(make_status({v1::ERROR_REASON_SESSION_NOT_OPEN,
                               "The stream did not open a session within 10 s.",
                               {},
                               {}}));
  }
}

void SessionConnection::on_done() {
  {
    const MutexLock lock(&mutex_);
    close_owed_ = open_sent_;
  }
  if (!submit_close_if_owed()) {
    streams_->keep_owing(std::static_pointer_cast<SessionConnection>(shared_from_this()));
  }
  streams_->forget(this);
}

// The close is one more batch, so that it waits its turn when all are in flight: the next delivery
// brings one back. The switch would be taken for connected until it comes back if its close were lost.
bool SessionConnection::submit_close_if_owed() {
  std::unique_ptr<Batch> batch;
  {
    const MutexLock lock(&mutex_);
    if (!close_owed_) return true;
    if (!has_free_batch()) return false;
    close_owed_ = false;
    batch = take_free_batch();
  }
  batch->commands.emplace_back().kind = CommandKind::kCloseSession;
  batch->stream = std::static_pointer_cast<SessionConnection>(shared_from_this());
  const PushResult result = port_->submit(batch);
  if (result == PushResult::kOk) return true;
  const MutexLock lock(&mutex_);
  put_back(std::move(batch));
  close_owed_ = result == PushResult::kFull;
  return !close_owed_;
}

// --- Batches.

std::unique_ptr<Batch> SessionConnection::take_free_batch() {
  ++in_flight_;
  if (free_batches_.empty()) return std::make_unique<Batch>();
  std::unique_ptr<Batch> batch = std::move(free_batches_.back());
  free_batches_.pop_back();
  return batch;
}

void SessionConnection::put_back(std::unique_ptr<Batch> batch) {
  --in_flight_;
  batch->clear();
  batch->stream.reset();  // It would keep this alive for ever.
  free_batches_.push_back(std::move(batch));
}

void SessionConnection::read_if_possible() {
  if (!waits_to_read_ || !opened_ || half_closed_ || draining_ || !has_free_batch()) return;
  waits_to_read_ = false;
  read();
}

}  // namespace acd
