// SPDX-License-Identifier: Apache-2.0
// Bytes to messages and back, for methods that are served raw.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <string>
#include <vector>

namespace acd {

// What became of received bytes.
enum class ParseResult {
  kOk,
  // Good but for strings that are no UTF-8: they were replaced by '?' byte for byte, and
  // `bad_texts` names them, e.g. "batch.events[3].call_offered.queue_id".
  kBadText,
  kUnparsable,
};

// Whether `bytes` hold at most `limit` messages, repeated values and unknown fields. An empty queue
// takes two bytes here and a hundred times as much when it is parsed: a large message is counted
// first.
[[nodiscard]] bool has_parts_at_most(const grpc::ByteBuffer& bytes,
                                     const google::protobuf::Descriptor& type, size_t limit);

// Parses `bytes` into `message`. A parser of proto3 refuses a message for one bad string; this one
// finds it, so that the caller can refuse the event it stands in and keep the others.
[[nodiscard]] ParseResult parse_message(const grpc::ByteBuffer& bytes,
                                        google::protobuf::Message* message,
                                        std::vector<std::string>* bad_texts);

// REQUIRES: every string in `message` is valid UTF-8, and it is smaller than 2 GiB.
[[nodiscard]] grpc::ByteBuffer serialize_message(const google::protobuf::Message& message);

}  // namespace acd
