// SPDX-License-Identifier: Apache-2.0
// Encodes the messages of a switch cheaply.
#include "bench/batch_writer.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace acd::bench {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

// Tag and length of a submessage take at most this.
constexpr size_t kHeaderBytesMax = 16;
// An event without its call id, its time and its body takes at most this.
constexpr size_t kEventFrameBytesMax = 64;

uint8_t* write_header(int field, size_t size, uint8_t* target) {
  target =
      WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, target);
  return CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(size), target);
}

uint8_t* write_text(std::string_view text, uint8_t* target) {
  text.copy(reinterpret_cast<char*>(target), text.size());
  return target + text.size();
}

size_t header_size(int field, size_t size) {
  return WireFormatLite::TagSize(field, WireFormatLite::TYPE_MESSAGE) +
         CodedOutputStream::VarintSize32(static_cast<uint32_t>(size));
}

uint8_t* begin_of(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

}  // namespace

void BatchWriter::begin(int64_t now_ns) {
  used_ = 0;
  event_count_ = 0;
  google::protobuf::Timestamp& time = *head_.mutable_send_time();
  time.set_seconds(now_ns / kNsPerS);
  time.set_nanos(static_cast<int32_t>(now_ns % kNsPerS));
  const size_t size = time.ByteSizeLong();
  time_.resize(kHeaderBytesMax + size);
  uint8_t* const body =
      write_header(v1::SwitchEvent::kSwitchTimeFieldNumber, size, begin_of(time_));
  const uint8_t* const end = time.SerializeWithCachedSizesToArray(body);
  time_.resize(static_cast<size_t>(end - begin_of(time_)));
}

void BatchWriter::add(v1::SwitchEvent& event) {
  event.set_sequence(++last_sequence_);
  *event.mutable_switch_time() = head_.send_time();
  const size_t size = event.ByteSizeLong();
  uint8_t* const body =
      write_header(v1::EventBatch::kEventsFieldNumber, size, reserve(kHeaderBytesMax + size));
  const uint8_t* const end = event.SerializeWithCachedSizesToArray(body);
  used_ = static_cast<size_t>(end - begin_of(events_));
  ++event_count_;
}

void BatchWriter::add(std::string_view call_id, uint32_t cause, int event_field,
                      std::string_view body) {
  const auto sequence = static_cast<uint64_t>(++last_sequence_);
  // Tags of fields below 16 take one byte.
  const size_t size = 1 + CodedOutputStream::VarintSize64(sequence) + time_.size() + 2 +
                      call_id.size() +
                      (cause == 0 ? 0 : 1 + CodedOutputStream::VarintSize32(cause)) +
                      header_size(event_field, body.size()) + body.size();
  uint8_t* next = reserve(kEventFrameBytesMax + time_.size() + call_id.size() + body.size());
  next = write_header(v1::EventBatch::kEventsFieldNumber, size, next);
  next = WireFormatLite::WriteTagToArray(v1::SwitchEvent::kSequenceFieldNumber,
                                         WireFormatLite::WIRETYPE_VARINT, next);
  next = CodedOutputStream::WriteVarint64ToArray(sequence, next);
  next = write_text(time_, next);
  next = write_header(v1::SwitchEvent::kCallIdFieldNumber, call_id.size(), next);
  next = write_text(call_id, next);
  if (cause != 0) {
    next = WireFormatLite::WriteTagToArray(v1::SwitchEvent::kCauseFieldNumber,
                                           WireFormatLite::WIRETYPE_VARINT, next);
    next = CodedOutputStream::WriteVarint32ToArray(cause, next);
  }
  next = write_header(event_field, body.size(), next);
  next = write_text(body, next);
  used_ = static_cast<size_t>(next - begin_of(events_));
  ++event_count_;
}

std::string_view BatchWriter::finish() {
  const size_t head_size = head_.ByteSizeLong();
  message_.resize(kHeaderBytesMax + head_size + used_);
  uint8_t* next =
      write_header(v1::ConnectRequest::kBatchFieldNumber, head_size + used_, begin_of(message_));
  // Fields of one message may be written piece by piece: send_time, then the events.
  next = head_.SerializeWithCachedSizesToArray(next);
  next = write_text(std::string_view(events_).substr(0, used_), next);
  return {message_.data(), static_cast<size_t>(next - begin_of(message_))};
}

uint8_t* BatchWriter::reserve(size_t size) {
  if (events_.size() < used_ + size) events_.resize(2 * (used_ + size));
  return begin_of(events_) + used_;
}

}  // namespace acd::bench
