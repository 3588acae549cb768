// SPDX-License-Identifier: Apache-2.0
// A switch before the daemon, and a replay before the echo server.
#include "bench/traffic.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <unordered_map>

#include "acd/v1/errors.pb.h"

namespace acd::bench {
namespace {

int64_t wall_now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Message finish_message(BatchWriter& writer) {
  const std::string_view bytes = writer.finish();
  return {.bytes = grpc::Slice(bytes.data(), bytes.size()), .event_count = writer.event_count()};
}

}  // namespace

DaemonTraffic::DaemonTraffic(const DaemonTrafficOptions& options)
    : options_(options),
      rotation_(options.queue, options.call_count, options.agent_count, options.first) {}

std::optional<Message> DaemonTraffic::next(bool flush) {
  switch (stage_) {
    case Stage::kOpen:
      stage_ = Stage::kAwaitHello;
      in_flight_.push_back({});
      return open_session();
    case Stage::kAwaitHello:
      return std::nullopt;
    case Stage::kLogIn:
      return log_in_batch();
    case Stage::kCalls: {
      // Only full batches are measured; the last ones, when the calls run out, may be smaller.
      const uint32_t least = draining_ || flush ? 1 : options_.batch;
      if (!agents_ready() || rotation_.due() < least) return std::nullopt;
      return call_batch(std::min(options_.batch, rotation_.due()));
    }
  }
  return std::nullopt;
}

bool DaemonTraffic::agents_ready() const {
  return stage_ == Stage::kCalls && durable_sequence_ >= log_in_sequence_;
}

void DaemonTraffic::start_recording() {
  recording_.reserve(kRecordingMessagesMax);
  recording_on_ = true;
}

Message DaemonTraffic::open_session() const {
  v1::ConnectRequest request;
  v1::OpenSession& open = *request.mutable_open_session();
  open.set_tenant(absl::StrCat("tenants/", options_.tenant));
  open.set_source_id(options_.source_id);
  open.set_epoch("1");
  return {.bytes = grpc::Slice(request.SerializeAsString()), .event_count = 0};
}

Message DaemonTraffic::log_in_batch() {
  v1::SwitchEvent log_in;
  v1::SwitchEvent ready;
  writer_.begin(wall_now_ns());
  for (uint32_t events = 0; events < options_.batch && log_in_next_ < options_.agent_count;
       events += 2) {
    const uint32_t index = options_.first + log_in_next_;
    const std::string agent = CallRotation::agent_id(index);
    log_in.mutable_agent_logged_in()->set_agent_id(agent);
    log_in.mutable_agent_logged_in()->set_station(CallRotation::station(index));
    ready.mutable_agent_ready()->set_agent_id(agent);
    writer_.add(log_in);
    writer_.add(ready);
    ++log_in_next_;
  }
  if (log_in_next_ == options_.agent_count) {
    log_in_sequence_ = writer_.last_sequence();
    stage_ = Stage::kCalls;
  }
  in_flight_.push_back({.last_sequence = writer_.last_sequence()});
  return finish_message(writer_);
}

Message DaemonTraffic::call_batch(uint32_t count) {
  writer_.begin(wall_now_ns());
  InFlight sent;
  for (uint32_t index = 0; index < count; ++index) {
    const int64_t arrived_ns = rotation_.write_next(writer_);
    if (arrived_ns == 0) continue;
    if (sent.arrivals++ == 0) sent.oldest_ns = arrived_ns;
  }
  sent.last_sequence = writer_.last_sequence();
  in_flight_.push_back(sent);
  Message message = finish_message(writer_);
  if (recording_on_ && recording_.size() < kRecordingMessagesMax) recording_.push_back(message);
  return message;
}

void DaemonTraffic::arrive(int64_t now_ns) {
  ++arrivals_->came;
  if (!rotation_.arrive(now_ns)) count_rerouted(1);
}

void DaemonTraffic::reroute(int64_t now_ns) {
  const auto wait_ns = static_cast<int64_t>(kHandOverShare * static_cast<double>(ack_timeout_ns_));
  count_rerouted(static_cast<int64_t>(rotation_.give_up(now_ns - wait_ns)));
}

void DaemonTraffic::count_rerouted(int64_t count) {
  (rotation_.has_place() ? arrivals_->held_back : arrivals_->no_line) += count;
}

absl::StatusOr<uint32_t> DaemonTraffic::received(const grpc::ByteBuffer& bytes, int64_t now_ns) {
  grpc::Slice slice;
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) {
    return absl::InternalError("a response cannot be read");
  }
  const std::string_view text(reinterpret_cast<const char*>(slice.begin()), slice.size());
  if (!reader_.read(text)) return received_unusual(text, now_ns);
  for (const ResponseCommand& command : reader_.commands()) {
    const absl::Status status =
        command.kind == ResponseCommandKind::kRingAgent
            ? rotation_.ring(command.call_id, command.agent_id, command.generation)
            : rotation_.connect(command.call_id, command.generation);
    if (!status.ok()) return status;
  }
  return acknowledge(reader_.through_sequence(), now_ns);
}

absl::StatusOr<uint32_t> DaemonTraffic::received_unusual(std::string_view message, int64_t now_ns) {
  v1::ConnectResponse response;
  if (!response.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return absl::InternalError("a response is no ConnectResponse");
  }
  if (response.ack().refusals_size() != 0) {
    const v1::Refusal& refusal = response.ack().refusals(0);
    return absl::InternalError(absl::StrCat("event refused: sequence=", refusal.sequence(),
                                            " reason=", v1::ErrorReason_Name(refusal.reason()),
                                            " field=", refusal.field(), ": ", refusal.message()));
  }
  if (!response.has_hello() || response.commands_size() != 0) {
    return absl::InternalError(absl::StrCat("unexpected response: ", response.ShortDebugString()));
  }
  if (absl::Status status = check_hello(response.hello()); !status.ok()) return status;
  return acknowledge(0, now_ns);
}

uint32_t DaemonTraffic::acknowledge(int64_t through_sequence, int64_t now_ns) {
  durable_sequence_ = std::max(durable_sequence_, through_sequence);
  uint32_t answered = 0;
  while (!in_flight_.empty() && in_flight_.front().last_sequence <= durable_sequence_) {
    const InFlight& sent = in_flight_.front();
    if (sent.arrivals > 0) {
      const int64_t wait_ns = now_ns - sent.oldest_ns;
      arrivals_->waits.add(wait_ns);
      arrivals_->accepted += sent.arrivals;
      if (wait_ns > ack_timeout_ns_) arrivals_->late += sent.arrivals;
    }
    in_flight_.pop_front();
    ++answered;
  }
  return answered;
}

absl::Status DaemonTraffic::check_hello(const v1::Hello& hello) {
  if (stage_ != Stage::kAwaitHello) return absl::InternalError("a second hello");
  if (hello.last_durable_sequence() != 0) {
    return absl::FailedPreconditionError(
        "the daemon knows this session: start it on a fresh data folder");
  }
  if (hello.clock_mode() != v1::CLOCK_MODE_WALL) {
    return absl::FailedPreconditionError("the daemon does not run on the wall clock");
  }
  if (hello.limits().batch_events_max() < static_cast<int64_t>(options_.batch)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the daemon takes batches of at most ", hello.limits().batch_events_max(), " events"));
  }
  ack_timeout_ns_ = hello.ack_timeout().seconds() * kNsPerS + hello.ack_timeout().nanos();
  stage_ = Stage::kLogIn;
  return absl::OkStatus();
}

std::optional<Message> EchoTraffic::next(bool /*flush*/) {
  if (stopped_) return std::nullopt;
  const Message& message = recording_[next_index_];
  next_index_ = next_index_ + 1 < recording_.size() ? next_index_ + 1 : 0;
  return message;
}

absl::StatusOr<uint32_t> EchoTraffic::received(const grpc::ByteBuffer& bytes, int64_t /*now_ns*/) {
  const size_t size = bytes.Length();
  if (reply_bytes_ == 0) reply_bytes_ = size;
  if (size == 0 || size != reply_bytes_) {
    return absl::InternalError(
        absl::StrCat("a reply of ", size, " bytes after one of ", reply_bytes_));
  }
  return 1;
}

absl::StatusOr<Recording> imagine_recording(const DaemonTrafficOptions& options,
                                            uint32_t messages) {
  CallRotation rotation(options.queue, options.call_count, options.agent_count, options.first);
  BatchWriter writer;
  v1::ConnectRequest request;
  std::vector<std::string> idle;
  std::unordered_map<std::string, std::string> agent_of;
  for (uint32_t agent = 0; agent < options.agent_count; ++agent) {
    idle.push_back(CallRotation::agent_id(options.first + agent));
  }
  Recording recording;
  while (recording.size() < messages) {
    writer.begin(wall_now_ns());
    for (uint32_t event = 0; event < options.batch && rotation.due() > 0; ++event) {
      rotation.write_next(writer);
    }
    recording.push_back(finish_message(writer));
    const grpc::Slice& bytes = recording.back().bytes;
    if (!request.ParseFromArray(bytes.begin(), static_cast<int>(bytes.size()))) {
      return absl::InternalError("a written message does not parse");
    }
    for (const v1::SwitchEvent& event : request.batch().events()) {
      absl::Status status = absl::OkStatus();
      if (event.has_call_offered()) {
        if (idle.empty()) return absl::InvalidArgumentError("more calls than agents");
        status = rotation.ring(event.call_id(), idle.back(), 1);
        agent_of[event.call_id()] = idle.back();
        idle.pop_back();
      } else if (event.has_leg_answered()) {
        status = rotation.connect(event.call_id(), event.leg_answered().generation());
      } else if (event.has_call_ended()) {
        const auto it = agent_of.find(event.call_id());
        if (it == agent_of.end()) return absl::InternalError("a call ended that had no agent");
        idle.push_back(it->second);
        agent_of.erase(it);
      }
      if (!status.ok()) return status;
    }
  }
  return recording;
}

absl::Status write_recording(const Recording& recording, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  for (const Message& message : recording) {
    const uint32_t head[2] = {message.event_count, static_cast<uint32_t>(message.bytes.size())};
    file.write(reinterpret_cast<const char*>(head), sizeof head);
    file.write(reinterpret_cast<const char*>(message.bytes.begin()),
               static_cast<std::streamsize>(message.bytes.size()));
  }
  file.close();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

absl::StatusOr<Recording> read_recording(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  Recording recording;
  uint32_t head[2];
  std::string bytes;
  while (file.read(reinterpret_cast<char*>(head), sizeof head)) {
    if (head[1] > kMessageBytesMax || recording.size() == kRecordingMessagesMax) {
      return absl::InvalidArgumentError(absl::StrCat(path, " is no recording"));
    }
    bytes.resize(head[1]);
    if (!file.read(bytes.data(), head[1])) {
      return absl::InvalidArgumentError(absl::StrCat(path, " is cut short"));
    }
    recording.push_back({.bytes = grpc::Slice(bytes), .event_count = head[0]});
  }
  if (file.gcount() != 0 || recording.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is no whole recording"));
  }
  return recording;
}

}  // namespace acd::bench
