// SPDX-License-Identifier: Apache-2.0
// One class walks a file's descriptors and notes what breaks a rule.
#include "tests/lint/proto_lint.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

namespace acd {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::OneofDescriptor;
using google::protobuf::ServiceDescriptor;
using google::protobuf::SourceLocation;

constexpr size_t kErrorReasonBytesMax = 63;  // AIP-193.

bool is_snake_case(std::string_view name) {
  return !name.empty() && std::islower(static_cast<unsigned char>(name.front())) != 0 &&
         name.back() != '_' && name.find("__") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_';
         });
}

// "ErrorReason" -> "ERROR_REASON_"
std::string value_prefix(const std::string& enum_name) {
  std::string prefix;
  for (const char c : enum_name) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isupper(letter) != 0 && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(std::toupper(letter));
  }
  return prefix + '_';
}

class Linter {
 public:
  Linter(const FileDescriptor& file, const std::set<RetiredNumber>& retired)
      : file_(file), retired_(retired) {}

  std::vector<std::string> run() {
    lint_file();
    for (int i = 0; i < file_.service_count(); ++i) lint_service(*file_.service(i));
    for (int i = 0; i < file_.message_type_count(); ++i) lint_message(*file_.message_type(i));
    for (int i = 0; i < file_.enum_type_count(); ++i) lint_enum(*file_.enum_type(i));
    return std::move(findings_);
  }

 private:
  void find(const std::string& name, const std::string& what) {
    findings_.push_back(name + ": " + what);
  }

  template <typename Subject>
  void want_comment(const Subject& subject) {
    SourceLocation location;
    if (!subject.GetSourceLocation(&location)) {
      find(subject.full_name(), "has no source location");
    } else if (location.leading_comments.find_first_not_of(" \n") == std::string::npos) {
      find(subject.full_name(), "has no comment");
    }
  }

  template <typename Subject>
  static int line_of(const Subject& subject) {
    SourceLocation location;
    return subject.GetSourceLocation(&location) ? location.start_line : -1;
  }

  void lint_file() {
    if (file_.syntax() != FileDescriptor::SYNTAX_PROTO3) find(file_.name(), "is not proto3");
    // "acd/v1/types.proto" -> "acd.v1"
    std::string package = file_.name().substr(0, file_.name().rfind('/'));
    std::replace(package.begin(), package.end(), '/', '.');
    if (file_.package() != package) find(file_.name(), "is not of package " + package);

    int messages_end = -1;
    for (int i = 0; i < file_.message_type_count(); ++i) {
      messages_end = std::max(messages_end, line_of(*file_.message_type(i)));
    }
    for (int i = 0; i < file_.service_count(); ++i) {
      if (file_.message_type_count() > 0 &&
          line_of(*file_.service(i)) > line_of(*file_.message_type(0))) {
        find(file_.service(i)->full_name(), "stands behind a message");
      }
    }
    for (int i = 0; i < file_.enum_type_count(); ++i) {
      if (line_of(*file_.enum_type(i)) < messages_end) {
        find(file_.enum_type(i)->full_name(), "stands before a message");
      }
    }
  }

  void lint_service(const ServiceDescriptor& service) {
    want_comment(service);
    if (!std::string_view(service.name()).ends_with("Service")) {
      find(service.full_name(), "does not end in Service");
    }
    for (int i = 0; i < service.method_count(); ++i) lint_method(*service.method(i));
  }

  void lint_method(const MethodDescriptor& method) {
    want_comment(method);
    if (!is_own(*method.input_type(), method, "Request")) {
      find(method.full_name(), "does not take its own " + method.name() + "Request");
    }
    if (!is_own(*method.output_type(), method, "Response") &&
        !(is_standard(method) && is_resource(*method.output_type()))) {
      find(method.full_name(),
           "returns neither its own " + method.name() + "Response nor a resource");
    }
  }

  // "ConnectRequest", or "AgentConnectRequest" of AgentService.
  static bool is_own(const Descriptor& message, const MethodDescriptor& method,
                     const std::string& ending) {
    std::string service = method.service()->name();
    service.resize(service.size() - std::min(service.size(), sizeof("Service") - 1));
    return message.name() == method.name() + ending ||
           message.name() == service + method.name() + ending;
  }

  // Only these return the resource itself.
  static bool is_standard(const MethodDescriptor& method) {
    const std::string_view name = method.name();
    return name.starts_with("Get") || name.starts_with("Create") || name.starts_with("Update");
  }

  static bool is_resource(const Descriptor& message) {
    const FieldDescriptor* field = message.FindFieldByNumber(1);
    return field != nullptr && field->name() == "name" &&
           field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
  }

  void lint_message(const Descriptor& message) {
    if (message.options().map_entry()) return;  // Made by the compiler.
    want_comment(message);
    for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
      const OneofDescriptor& oneof = *message.oneof_decl(i);
      want_comment(oneof);
      if (!is_snake_case(oneof.name())) find(oneof.full_name(), "is not in snake_case");
    }
    for (int i = 0; i < message.field_count(); ++i) lint_field(*message.field(i));
    for (int i = 0; i < message.nested_type_count(); ++i) lint_message(*message.nested_type(i));
    for (int i = 0; i < message.enum_type_count(); ++i) {
      find(message.enum_type(i)->full_name(), "is an enum inside a message");
      lint_enum(*message.enum_type(i));
    }
    lint_reserved(message);
  }

  void lint_field(const FieldDescriptor& field) {
    want_comment(field);
    if (!is_snake_case(field.name())) find(field.full_name(), "is not in snake_case");
    if (is_unsigned(field)) find(field.full_name(), "is unsigned");
    if (field.is_map()) {
      for (int i = 0; i < field.message_type()->field_count(); ++i) {
        if (is_unsigned(*field.message_type()->field(i))) find(field.full_name(), "is unsigned");
      }
    }
  }

  static bool is_unsigned(const FieldDescriptor& field) {
    return field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 ||
           field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
  }

  void lint_enum(const EnumDescriptor& enumeration) {
    want_comment(enumeration);
    const std::string prefix = value_prefix(enumeration.name());
    for (int i = 0; i < enumeration.value_count(); ++i) {
      const EnumValueDescriptor& value = *enumeration.value(i);
      want_comment(value);
      if (!std::string_view(value.name()).starts_with(prefix)) {
        find(value.full_name(), "does not begin with " + prefix);
      }
      if ((value.number() == 0) != (value.name() == prefix + "UNSPECIFIED")) {
        find(value.full_name(), "zero, and zero alone, is to be " + prefix + "UNSPECIFIED");
      }
      if (enumeration.name() == "ErrorReason" &&
          value.name().size() > prefix.size() + kErrorReasonBytesMax) {
        find(value.full_name(), "is longer than " + std::to_string(kErrorReasonBytesMax));
      }
    }
    lint_reserved(enumeration);
  }

  static int range_limit(const Descriptor::ReservedRange& range) { return range.end; }
  static int range_limit(const EnumDescriptor::ReservedRange& range) { return range.end + 1; }

  // What the owner reserves is what was retired, number and name.
  template <typename Owner>
  void lint_reserved(const Owner& owner) {
    for (const RetiredNumber& retired : retired_) {
      if (retired.owner != owner.full_name()) continue;
      if (!owner.IsReservedNumber(retired.number)) {
        find(owner.full_name(), "does not reserve " + std::to_string(retired.number));
      }
      if (!owner.IsReservedName(retired.name)) {
        find(owner.full_name(), "does not reserve \"" + retired.name + "\"");
      }
    }
    for (int i = 0; i < owner.reserved_range_count(); ++i) {
      const auto& range = *owner.reserved_range(i);
      for (int number = range.start; number < range_limit(range); ++number) {
        if (!is_retired(owner.full_name(), number)) {
          find(owner.full_name(), "reserves " + std::to_string(number) + ", which is not listed");
          break;  // One finding a range: it may reach to the end of all numbers.
        }
      }
    }
  }

  bool is_retired(const std::string& owner, int number) const {
    return std::any_of(retired_.begin(), retired_.end(), [&](const RetiredNumber& retired) {
      return retired.owner == owner && retired.number == number;
    });
  }

  const FileDescriptor& file_;
  const std::set<RetiredNumber>& retired_;
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> lint_proto_file(const FileDescriptor& file,
                                         const std::set<RetiredNumber>& retired) {
  return Linter(file, retired).run();
}

}  // namespace acd
