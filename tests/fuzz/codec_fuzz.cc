// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message of a switch. Must never happen: a crash, a command whose texts lie outside
// the arena or break a limit of the Router, a refusal without its kRefused command or the reverse,
// or an answer that is no text.
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "daemon/config/skill_lookup.h"
#include "daemon/config/text.h"
#include "daemon/rpc/codec.h"
#include "daemon/rpc/wire.h"
#include "routing/check.h"
#include "routing/requirement.h"

namespace acd {
namespace {

using BadTexts = std::vector<std::string>;

constexpr int64_t kSequenceFarthest = INT64_MAX / 2;

void check_error(const RpcError& error) {
  ACD_CHECK(error.reason != v1::ERROR_REASON_UNSPECIFIED && is_text(error.message));
  for (const FieldViolation& violation : error.violations) {
    ACD_CHECK(is_text(violation.field) && is_text(violation.description));
  }
  ACD_CHECK(!make_status(error).ok());
}

void check_command(const Command& command, const std::string& arena) {
  for (const TextRef& text : {command.call, command.leg, command.name, command.text,
                              command.principal, command.preferred}) {
    ACD_CHECK(uint64_t{text.offset} + text.size <= arena.size() && is_text(text.in(arena)));
  }
  const bool is_call = command.kind == CommandKind::kEnqueueCall;
  ACD_CHECK(command.call.size <= kIdBytesMax && command.name.size <= kIdBytesMax);
  ACD_CHECK(command.text.size <= (is_call ? kRequirementBytesMax : kIdBytesMax));
  ACD_CHECK(command.age_ns >= 0 && command.age_ns <= kEventAgeMaxNs);
  ACD_CHECK(command.age_credit_ns >= 0 && command.age_credit_ns <= kAgeCreditMaxNs);
  ACD_CHECK(command.preferred.size <= kIdBytesMax);
  ACD_CHECK(command.wait_ns >= 0 && command.wait_ns <= kPreferredMaxNs);
  ACD_CHECK((command.wait_ns > 0) == (command.preferred.size > 0));
  if (!is_call) return;
  ACD_CHECK(command.call.size > 0 && command.name.size > 0 && command.detail <= 1);
  ACD_CHECK(
      std::holds_alternative<Requirement>(parse_requirement(command.text.in(arena), AnySkill())));
}

// Every event gave one command, and every refused one its reason.
void check_batch(const v1::EventBatch& events, const Batch& batch) {
  ACD_CHECK(batch.commands.size() == static_cast<size_t>(events.events_size()));
  auto refusal = batch.refusals.begin();
  for (uint32_t i = 0; i < batch.commands.size(); ++i) {
    const Command& command = batch.commands[i];
    ACD_CHECK(command.sequence == events.events(static_cast<int>(i)).sequence());
    check_command(command, batch.arena);
    if (command.kind != CommandKind::kRefused) {
      ACD_CHECK(!event_field(command.kind).empty());
      continue;
    }
    ACD_CHECK(refusal != batch.refusals.end() && refusal->command_index == i);
    ACD_CHECK(refusal->reason != 0 && refusal->reason == command.detail);
    ACD_CHECK(!refusal->field.empty() && !refusal->message.empty());
    ACD_CHECK(is_text(refusal->field) && is_text(refusal->message));
    ++refusal;
  }
  ACD_CHECK(refusal == batch.refusals.end());
}

void decode_as_open(const v1::ConnectRequest& request, const BadTexts& bad_texts) {
  std::string tenant;
  Batch batch;
  if (const auto error = decode_open(request, bad_texts, "fuzz", &tenant, &batch)) {
    check_error(*error);
    return;
  }
  ACD_CHECK(batch.commands.size() == 1 && batch.refusals.empty() && !tenant.empty());
  ACD_CHECK(batch.commands.front().kind == CommandKind::kOpenSession);
  check_command(batch.commands.front(), batch.arena);
}

void decode_as_batch(const v1::ConnectRequest& request, const BadTexts& bad_texts,
                     bool driven_clock, int64_t expected) {
  RpcOptions options;
  options.driven_clock = driven_clock;
  options.batch_events_max = 64;
  Batch batch;
  const int64_t expected_before = expected;
  if (const auto error = decode_batch(request, bad_texts, options, &expected, &batch)) {
    check_error(*error);
    ACD_CHECK(expected == expected_before);
    return;
  }
  ACD_CHECK(driven_clock == (batch.driven_now_ns >= 0));
  check_batch(request.batch(), batch);
  ACD_CHECK(expected >= expected_before);
}

}  // namespace
}  // namespace acd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // As the server has it: protobuf complains about each bad string otherwise.
  google::protobuf::SetLogHandler(nullptr);
  const grpc::Slice slice(data, size);
  acd::v1::ConnectRequest request;
  acd::BadTexts bad_texts;
  const auto result = acd::parse_message(grpc::ByteBuffer(&slice, 1), &request, &bad_texts);
  if (result == acd::ParseResult::kUnparsable) return 0;
  ACD_CHECK(bad_texts.empty() == (result == acd::ParseResult::kOk));
  acd::decode_as_open(request, bad_texts);
  acd::decode_as_batch(request, bad_texts, false, 1);
  acd::decode_as_batch(request, bad_texts, true, 1);
  // Where it would continue what the stream has seen. Sequences are dense from 1, so that a session
  // never comes near the largest.
  if (request.batch().events().empty()) return 0;
  const int64_t first =
      std::clamp(request.batch().events(0).sequence(), int64_t{1}, acd::kSequenceFarthest);
  acd::decode_as_batch(request, bad_texts, request.batch().has_now(), first);
  return 0;
}
