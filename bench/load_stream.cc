// SPDX-License-Identifier: Apache-2.0
// Streams driven from one thread: each sends what its traffic has, with a window of messages without answer.
#include "bench/load_stream.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace acd::bench {
LoadStreams::Stream::Stream(const End& end, grpc::CompletionQueue& queue)
    : traffic(*end.traffic), stub(end.channel) {
  for (size_t index = 0; index < kOperationCount; ++index) {
    tags[index] = {.stream = this, .operation = static_cast<Operation>(index)};
  }
  call = stub.PrepareCall(&context, "/acd.v1.SwitchService/Connect", &queue);
  call->StartCall(tag(Operation::kStart));
}

LoadStreams::LoadStreams(const std::vector<End>& ends, uint32_t window) : window_(window) {
  for (const End& end : ends) streams_.push_back(std::make_unique<Stream>(end, queue_));
  progress_ns_ = monotonic_now_ns();
}

LoadStreams::~LoadStreams() {
  for (const auto& stream : streams_) {
    if (stream->finishing) continue;
    stream->context.TryCancel();
    stream->call->Finish(&stream->status, stream->tag(Operation::kFinish));
  }
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

absl::Status LoadStreams::run_until(const std::function<bool()>& done) {
  progress_ns_ = monotonic_now_ns();
  for (const auto& stream : streams_) send_what_fits(*stream, false);
  while (!done()) {
    const int64_t limit_ns = monotonic_now_ns() + kStallSeconds * kNsPerS;
    if (absl::Status status = step(limit_ns); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status LoadStreams::run_ticks(const std::function<bool(int64_t)>& tick) {
  int64_t now_ns = progress_ns_ = monotonic_now_ns();
  while (tick(now_ns)) {
    for (const auto& stream : streams_) send_what_fits(*stream, true);
    // Nothing may be under way for a while: that is no stall.
    if (unanswered() == 0) progress_ns_ = now_ns;
    const int64_t next_ns = now_ns + kTickNs;
    do {
      if (absl::Status status = step(next_ns); !status.ok()) return status;
      now_ns = monotonic_now_ns();
    } while (now_ns < next_ns);
  }
  return absl::OkStatus();
}

absl::Status LoadStreams::step(int64_t limit_ns) {
  void* tag = nullptr;
  bool ok = false;
  const auto deadline =
      std::chrono::system_clock::now() +
      std::chrono::nanoseconds(std::max<int64_t>(limit_ns - monotonic_now_ns(), 0));
  if (queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT) {
    const Tag& ended_tag = *static_cast<Tag*>(tag);
    if (absl::Status status = ended(*ended_tag.stream, ended_tag.operation, ok); !status.ok()) {
      return status;
    }
  }
  if (monotonic_now_ns() - progress_ns_ > kStallSeconds * kNsPerS) {
    return absl::DeadlineExceededError(absl::StrCat("no answer for ", kStallSeconds, " s with ",
                                                    unanswered(), " messages under way"));
  }
  return absl::OkStatus();
}

absl::Status LoadStreams::ended(Stream& stream, Operation operation, bool ok) {
  if (operation == Operation::kFinish) {
    stream.finished = true;
    return absl::OkStatus();
  }
  if (stream.finishing) {
    // The server may go on until it sees the half-close.
    if (operation == Operation::kRead && ok) {
      stream.call->Read(&stream.reply, stream.tag(Operation::kRead));
    }
    return absl::OkStatus();
  }
  if (!ok) return finish(stream);
  switch (operation) {
    case Operation::kStart:
      stream.started = true;
      stream.call->Read(&stream.reply, stream.tag(Operation::kRead));
      break;
    case Operation::kRead:
      if (absl::Status status = take_reply(stream); !status.ok()) return status;
      stream.call->Read(&stream.reply, stream.tag(Operation::kRead));
      break;
    case Operation::kWrite:
      stream.writing = false;
      break;
    case Operation::kWritesDone:
    case Operation::kFinish:
      break;
  }
  send_what_fits(stream, false);
  return absl::OkStatus();
}

absl::Status LoadStreams::take_reply(Stream& stream) {
  const int64_t now_ns = monotonic_now_ns();
  ++totals_.replies;
  totals_.reply_bytes += static_cast<int64_t>(stream.reply.Length());
  const absl::StatusOr<uint32_t> answered = stream.traffic.received(stream.reply, now_ns);
  if (!answered.ok()) return answered.status();
  if (*answered > stream.sent.size()) return absl::InternalError("more answers than messages");
  for (uint32_t index = 0; index < *answered; ++index) {
    const Sent& sent = stream.sent.front();
    round_trips_.add(now_ns - sent.sent_ns);
    ++totals_.messages_answered;
    totals_.events_answered += sent.event_count;
    stream.events_answered += sent.event_count;
    totals_.request_bytes_answered += static_cast<int64_t>(sent.size);
    stream.sent.pop_front();
    progress_ns_ = now_ns;
  }
  return absl::OkStatus();
}

size_t LoadStreams::unanswered() const {
  size_t count = 0;
  for (const auto& stream : streams_) count += stream->sent.size();
  return count;
}

std::vector<int64_t> LoadStreams::events_answered() const {
  std::vector<int64_t> counts;
  for (const auto& stream : streams_) counts.push_back(stream->events_answered);
  return counts;
}

void LoadStreams::send_what_fits(Stream& stream, bool flush) {
  if (!stream.started || stream.closing || stream.writing || stream.sent.size() >= window_) return;
  std::optional<Message> message = stream.traffic.next(flush);
  if (!message) return;
  stream.sent.push_back({.sent_ns = monotonic_now_ns(),
                         .event_count = message->event_count,
                         .size = message->bytes.size()});
  const grpc::ByteBuffer bytes(&message->bytes, 1);
  stream.writing = true;
  stream.call->Write(bytes, stream.tag(Operation::kWrite));
}

absl::Status LoadStreams::close() {
  for (const auto& stream : streams_) stream->closing = true;
  const auto is_writing = [](const auto& stream) { return stream->writing; };
  const auto all_written = [&] {
    return std::none_of(streams_.begin(), streams_.end(), is_writing);
  };
  if (absl::Status status = run_until(all_written); !status.ok()) return status;
  for (const auto& stream : streams_) {
    stream->call->WritesDone(stream->tag(Operation::kWritesDone));
    if (absl::Status status = finish(*stream); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status LoadStreams::finish(Stream& stream) {
  stream.finishing = true;
  stream.call->Finish(&stream.status, stream.tag(Operation::kFinish));
  const int64_t limit_ns = monotonic_now_ns() + kStallSeconds * kNsPerS;
  progress_ns_ = monotonic_now_ns();
  while (!stream.finished) {
    if (absl::Status status = step(limit_ns); !status.ok()) return status;
    if (monotonic_now_ns() >= limit_ns) {
      return absl::DeadlineExceededError("the server does not end the stream");
    }
  }
  if (stream.status.ok() && stream.closing) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the stream ended: code=", static_cast<int>(stream.status.error_code()), " ",
                   stream.status.error_message()));
}

}  // namespace acd::bench
