// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/events.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <utility>
#include <vector>

#include "clients/acdctl/json.h"
#include "clients/acdctl/table.h"

namespace acd::acdctl {
namespace {

using google::protobuf::FieldDescriptor;

constexpr size_t kTypeWidth = 24;
constexpr absl::Duration kRetryAfter = absl::Seconds(1);
// The daemon sends one when it has nothing else.
constexpr absl::Duration kHeartbeat = absl::Seconds(5);

// "READY" of AGENT_STATE_READY as "ready".
std::string enum_text(const FieldDescriptor& field, int number) {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(number);
  std::string prefix;  // "AgentState" as "AGENT_STATE_".
  for (const char c : field.enum_type()->name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return absl::AsciiStrToLower(std::string(absl::StripPrefix(value->name(), prefix + "_")));
}

std::string message_text(const google::protobuf::Message& message) {
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    return time_text(*time);
  }
  if (const auto* span = dynamic_cast<const google::protobuf::Duration*>(&message)) {
    return format_duration(*span);
  }
  return message.ShortDebugString();
}

std::string value_text(const v1::Event& event, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *event.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(event, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return "yes";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(event, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection.GetInt64(event, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return enum_text(field, reflection.GetEnumValue(event, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return message_text(reflection.GetMessage(event, &field));
    default:
      return "?";  // Of a newer daemon's proto this program knows nothing.
  }
}

std::string list_text(const google::protobuf::RepeatedField<int32_t>& values) {
  std::string text;
  for (const int32_t value : values) absl::StrAppend(&text, text.empty() ? "" : ",", value);
  return text;
}

v1::WatchEventsRequest make_request(const Arguments& arguments, const std::string& tenant) {
  v1::WatchEventsRequest request;
  request.set_parent(tenant);
  if (arguments.is_oldest) request.set_oldest(true);
  if (!arguments.from_token.empty()) request.set_resume_token(arguments.from_token);
  if (!arguments.queue.empty()) request.add_queue_ids(arguments.queue);
  if (!arguments.agent.empty()) request.add_agent_ids(arguments.agent);
  if (!arguments.call.empty()) request.add_call_ids(arguments.call);
  for (const std::string& type : arguments.types) request.add_types(type);
  return request;
}

}  // namespace

std::string event_text(const v1::Event& event) {
  std::string text = absl::StrCat(time_text(event.time()), "  ", event.type());
  const size_t width = character_count(event.type());
  text.append(width < kTypeWidth ? kTypeWidth - width : 0, ' ');
  std::vector<const FieldDescriptor*> fields;
  event.GetReflection()->ListFields(event, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string& name = field->name();
    const bool is_shown = name == "sequence" || name == "type" || name == "time";
    const bool is_usual = name == "medium" && event.medium() == v1::MEDIUM_VOICE;
    if (is_shown || is_usual) continue;
    absl::StrAppend(&text, " ", std::string(absl::StripSuffix(name, "_id")), "=",
                    field->is_repeated() ? list_text(event.steps()) : value_text(event, *field));
  }
  return printable(text);
}

ExitCode run_events(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  v1::WatchEventsRequest request = make_request(arguments, *tenant);
  int64_t left = arguments.count;  // Negative: all.
  bool has_begun = false;
  bool is_lost = false;
  ExitCode printed = ExitCode::kOk;
  const auto take = [&](const v1::WatchEventsResponse& response) {
    has_begun = true;
    is_lost = false;
    request.set_resume_token(response.resume_token());
    std::string text;
    for (const v1::Event& event : response.events()) {
      if (left == 0 && !arguments.is_json) break;
      absl::StrAppend(&text, event_text(event), "\n");
      if (left > 0) --left;
    }
    printed = print_message(console, arguments, response, text);
    return printed == ExitCode::kOk && left != 0 && console.wait(absl::ZeroDuration());
  };
  for (;;) {
    const absl::Status status = client.watch_events(request, console.silence_max(kHeartbeat), take);
    if (status.ok() || printed != ExitCode::kOk) return printed;
    if (!has_begun || !is_transient(status)) return fail(console, status);
    if (!std::exchange(is_lost, true)) {
      console.err << "acdctl: connection lost, retrying: " << status.message() << std::endl;
    }
    if (!console.wait(kRetryAfter)) return ExitCode::kOk;
  }
}

}  // namespace acd::acdctl
