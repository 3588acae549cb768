// SPDX-License-Identifier: Apache-2.0
// Bytes to messages and back, for methods that are served raw.
#include "daemon/rpc/wire.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>
#include <map>
#include <set>
#include <string_view>

#include "daemon/config/text.h"
#include "routing/check.h"

namespace acd {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Walks one message in wire format by its descriptor and mends bad strings in place.
//
// Bounds:   recursion as deep as the message types, which do not recurse.
// Fails:    walk() returns false for anything that is no such message, and for what a parser would
// merge or
//           overwrite (a message or the choice of a oneof given twice): paths would not be certain
//           there.
class TextMender {
 public:
  explicit TextMender(std::vector<std::string>* bad_texts) : bad_texts_(bad_texts) {}

  [[nodiscard]] bool walk(const Descriptor& type, std::string_view prefix, uint8_t* bytes,
                          int size) {
    CodedInputStream input(bytes, size);
    std::set<int> singular_seen;
    std::map<int, int> repeated_counts;
    while (const uint32_t tag = input.ReadTag()) {
      const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      if (field == nullptr ||
          WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
        if (!WireFormatLite::SkipField(&input, tag)) return false;
        continue;
      }
      int length = 0;
      if (!input.ReadVarintSizeAsInt(&length) || length > size - input.CurrentPosition()) {
        return false;
      }
      std::string path = std::string(prefix) + field->name();
      if (field->is_repeated()) {
        path += "[" + std::to_string(repeated_counts[field->number()]++) + "]";
      } else if (field->type() == FieldDescriptor::TYPE_MESSAGE &&
                 !singular_seen.insert(choice_of(*field)).second) {
        return false;
      }
      if (!mend(*field, path, bytes + input.CurrentPosition(), length)) return false;
      input.Skip(length);
    }
    return input.ConsumedEntireMessage();
  }

 private:
  // All members of a oneof are one choice; its number cannot be a field's.
  static int choice_of(const FieldDescriptor& field) {
    const auto* choice = field.real_containing_oneof();
    return choice == nullptr ? field.number() : -1 - choice->index();
  }

  [[nodiscard]] bool mend(const FieldDescriptor& field, const std::string& path, uint8_t* bytes,
                          int size) {
    if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      return walk(*field.message_type(), path + ".", bytes, size);
    }
    if (field.type() != FieldDescriptor::TYPE_STRING ||
        is_utf8({reinterpret_cast<const char*>(bytes), static_cast<size_t>(size)})) {
      return true;
    }
    for (int i = 0; i < size; ++i) {
      if (bytes[i] >= 0x80) bytes[i] = '?';
    }
    bad_texts_->push_back(path);
    return true;
  }

  std::vector<std::string>* bad_texts_;
};

// Counts what a parser would make objects for.
//
// Bounds:   recursion as deep as the message types, which do not recurse.
// Fails:    anything malformed ends the count; the parser will say so.
class PartCounter {
 public:
  explicit PartCounter(size_t limit) : left_(limit) {}

  // False once there are more than the limit.
  [[nodiscard]] bool walk(const Descriptor& type, const uint8_t* bytes, int size) {
    CodedInputStream input(bytes, size);
    while (const uint32_t tag = input.ReadTag()) {
      const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      const bool is_message =
          field != nullptr && field->type() == FieldDescriptor::TYPE_MESSAGE &&
          WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
      if (field == nullptr || is_message || field->is_repeated()) {
        if (left_ == 0) return false;
        --left_;
      }
      if (!is_message) {
        if (!WireFormatLite::SkipField(&input, tag)) return true;
        continue;
      }
      int length = 0;
      if (!input.ReadVarintSizeAsInt(&length) || length > size - input.CurrentPosition()) {
        return true;
      }
      if (!walk(*field->message_type(), bytes + input.CurrentPosition(), length)) return false;
      input.Skip(length);
    }
    return true;
  }

 private:
  size_t left_;
};

}  // namespace

bool has_parts_at_most(const grpc::ByteBuffer& bytes, const google::protobuf::Descriptor& type,
                       size_t limit) {
  grpc::Slice slice;
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) return true;
  return PartCounter(limit).walk(type, slice.begin(), static_cast<int>(slice.size()));
}

ParseResult parse_message(const grpc::ByteBuffer& bytes, google::protobuf::Message* message,
                          std::vector<std::string>* bad_texts) {
  bad_texts->clear();
  grpc::Slice slice;
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) {
    return ParseResult::kUnparsable;
  }
  const int size = static_cast<int>(slice.size());
  if (message->ParseFromArray(slice.begin(), size)) return ParseResult::kOk;

  std::vector<uint8_t> mended(slice.begin(), slice.end());
  TextMender mender(bad_texts);
  if (!mender.walk(*message->GetDescriptor(), "", mended.data(), size) || bad_texts->empty() ||
      !message->ParseFromArray(mended.data(), size)) {
    return ParseResult::kUnparsable;
  }
  return ParseResult::kBadText;
}

grpc::ByteBuffer serialize_message(const google::protobuf::Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  // The slice is new and has no other holder yet, so that writing into it is safe.
  auto* begin = const_cast<uint8_t*>(slice.begin());
  const uint8_t* end = message.SerializeWithCachedSizesToArray(begin);
  ACD_CHECK(end == slice.end());
  return {&slice, 1};
}

}  // namespace acd
