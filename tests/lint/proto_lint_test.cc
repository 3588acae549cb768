// SPDX-License-Identifier: Apache-2.0
// The proto files keep the house rules, and the lint sees each rule broken.
#include "tests/lint/proto_lint.h"

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

namespace acd {
namespace {

using ::google::protobuf::FileDescriptor;
using ::google::protobuf::compiler::DiskSourceTree;
using ::google::protobuf::compiler::Importer;
using ::google::protobuf::compiler::MultiFileErrorCollector;
using ::google::protobuf::compiler::SourceTree;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Numbers that were public once. A field or value that goes is reserved in its message or enum and
// listed here; a row never leaves this list.
const std::set<RetiredNumber>& retired_numbers() {
  static const std::set<RetiredNumber> numbers = {};
  return numbers;
}

class ParseErrors : public MultiFileErrorCollector {
 public:
  void AddError(const std::string& file, int line, int /*column*/,
                const std::string& message) override {
    ADD_FAILURE() << file << ":" << line + 1 << ": " << message;
  }
};

// One file in memory.
class TextTree : public SourceTree {
 public:
  TextTree(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}

  google::protobuf::io::ZeroCopyInputStream* Open(const std::string& name) override {
    if (name != name_) return nullptr;
    return new google::protobuf::io::ArrayInputStream(text_.data(), static_cast<int>(text_.size()));
  }

 private:
  const std::string name_;
  const std::string text_;
};

// Findings in `text` as proto/acd/v1/sample.proto.
std::vector<std::string> lint(const std::string& text,
                              const std::set<RetiredNumber>& retired = {}) {
  const std::string name = "acd/v1/sample.proto";
  TextTree tree(name, text);
  ParseErrors errors;
  Importer importer(&tree, &errors);
  const FileDescriptor* file = importer.Import(name);
  return file == nullptr ? std::vector<std::string>{"does not parse"}
                         : lint_proto_file(*file, retired);
}

constexpr char kHead[] = "syntax = \"proto3\";\npackage acd.v1;\n";

std::string with_head(const std::string& body) { return kHead + body; }

TEST(ProtoLintTest, FindsNothingInOurFiles) {
  const std::filesystem::path root = std::filesystem::path(ACD_SOURCE_DIR) / "proto";
  DiskSourceTree tree;
  tree.MapPath("", root.string());
  tree.MapPath("", ACD_PROTOBUF_INCLUDE_DIR);  // google/protobuf/*.proto
  ParseErrors errors;
  Importer importer(&tree, &errors);

  int file_count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".proto") continue;
    ++file_count;
    const std::string name = std::filesystem::relative(entry.path(), root).string();
    const FileDescriptor* file = importer.Import(name);
    ASSERT_NE(file, nullptr) << name;
    EXPECT_THAT(lint_proto_file(*file, retired_numbers()), IsEmpty()) << name;
  }
  EXPECT_GE(file_count, 6);
}

TEST(ProtoLintTest, PassesACleanFile) {
  EXPECT_THAT(lint(with_head(R"(
// Serves.
service SampleService {
  // Gets.
  rpc GetSample(GetSampleRequest) returns (Sample);
  // Lists.
  rpc ListSamples(ListSamplesRequest) returns (stream ListSamplesResponse);
}
// A resource.
message Sample {
  // Its name.
  string name = 1;
  // Counts by kind.
  map<string, int32> counts = 2;
  // Which.
  oneof kind {
    // This.
    bool this_one = 3;
  }
  // May be unset.
  optional int64 count_max = 4;
}
// A request.
message GetSampleRequest {}
// A request.
message ListSamplesRequest {}
// A response.
message ListSamplesResponse {}
// States.
enum SampleState {
  // Not said.
  SAMPLE_STATE_UNSPECIFIED = 0;
  // On.
  SAMPLE_STATE_ON = 1;
})")),
              IsEmpty());
}

TEST(ProtoLintTest, WantsThePackageOfTheFolder) {
  EXPECT_THAT(lint("syntax = \"proto3\";\npackage acd.v2;\n"),
              ElementsAre("acd/v1/sample.proto: is not of package acd.v1"));
  EXPECT_THAT(lint("syntax = \"proto2\";\npackage acd.v1;\n"),
              ElementsAre("acd/v1/sample.proto: is not proto3"));
}

TEST(ProtoLintTest, WantsServicesToEndInService) {
  EXPECT_THAT(lint(with_head("// C.\nservice Sample {}\n")),
              ElementsAre("acd.v1.Sample: does not end in Service"));
}

TEST(ProtoLintTest, WantsOwnRequestAndResponse) {
  EXPECT_THAT(lint(with_head(R"(
// C.
service SampleService {
  // C.
  rpc PauseSample(Sample) returns (Sample);
  // C.
  rpc GetSample(GetSampleRequest) returns (Nameless);
}
// C.
message Sample {
  // C.
  string name = 1;
}
// C.
message GetSampleRequest {}
// C.
message Nameless {}
)")),
              ElementsAre("acd.v1.SampleService.PauseSample: does not take its own "
                          "PauseSampleRequest",
                          "acd.v1.SampleService.PauseSample: returns neither its own "
                          "PauseSampleResponse nor a resource",
                          "acd.v1.SampleService.GetSample: returns neither its own "
                          "GetSampleResponse nor a resource"));
}

TEST(ProtoLintTest, WantsACommentOnEverything) {
  EXPECT_THAT(
      lint(with_head(R"(
service SampleService {
  rpc GetSample(GetSampleRequest) returns (Sample);
}

message Sample {
  string name = 1;
  oneof kind {
    bool flag = 2;
  }
}

// C.
message GetSampleRequest {}

enum Color {
  COLOR_UNSPECIFIED = 0;
}
)")),
      ElementsAre("acd.v1.SampleService: has no comment",
                  "acd.v1.SampleService.GetSample: has no comment", "acd.v1.Sample: has no comment",
                  "acd.v1.Sample.kind: has no comment", "acd.v1.Sample.name: has no comment",
                  "acd.v1.Sample.flag: has no comment", "acd.v1.Color: has no comment",
                  "acd.v1.COLOR_UNSPECIFIED: has no comment"));
}

TEST(ProtoLintTest, WantsPrefixedEnumValuesAndANamedZero) {
  EXPECT_THAT(lint(with_head(R"(
// C.
enum CallState {
  // C.
  CALL_STATE_NONE = 0;
  // C.
  STATE_WAITING = 1;
}
)")),
              ElementsAre("acd.v1.CALL_STATE_NONE: zero, and zero alone, is to be "
                          "CALL_STATE_UNSPECIFIED",
                          "acd.v1.STATE_WAITING: does not begin with CALL_STATE_"));
}

TEST(ProtoLintTest, WantsEnumsAtTheEndOfTheFile) {
  EXPECT_THAT(lint(with_head(R"(
// C.
enum Early {
  // C.
  EARLY_UNSPECIFIED = 0;
}
// C.
message Sample {
  // C.
  enum Inner {
    // C.
    INNER_UNSPECIFIED = 0;
  }
}
// C.
service LateService {}
)")),
              ElementsAre("acd.v1.LateService: stands behind a message",
                          "acd.v1.Early: stands before a message",
                          "acd.v1.Sample.Inner: is an enum inside a message"));
}

TEST(ProtoLintTest, RefusesUnsignedFields) {
  EXPECT_THAT(lint(with_head(R"(
// C.
message Sample {
  // C.
  uint32 a = 1;
  // C.
  repeated fixed64 b = 2;
  // C.
  map<string, uint64> c = 3;
  // C.
  int64 d = 4;
}
)")),
              ElementsAre("acd.v1.Sample.a: is unsigned", "acd.v1.Sample.b: is unsigned",
                          "acd.v1.Sample.c: is unsigned"));
}

TEST(ProtoLintTest, WantsSnakeCaseFields) {
  EXPECT_THAT(lint(with_head(R"(
// C.
message Sample {
  // C.
  bool callId = 1;
  // C.
  bool queue__id = 2;
  // C.
  bool agent_id_ = 3;
  // C.
  bool leg_id = 4;
}
)")),
              ElementsAre("acd.v1.Sample.callId: is not in snake_case",
                          "acd.v1.Sample.queue__id: is not in snake_case",
                          "acd.v1.Sample.agent_id_: is not in snake_case"));
}

TEST(ProtoLintTest, BoundsErrorReasons) {
  const std::string longest(63, 'A');
  EXPECT_THAT(
      lint(with_head("// C.\nenum ErrorReason {\n  // C.\n  ERROR_REASON_UNSPECIFIED = 0;\n"
                     "  // C.\n  ERROR_REASON_" +
                     longest + " = 1;\n  // C.\n  ERROR_REASON_B" + longest + " = 2;\n}\n")),
      ElementsAre("acd.v1.ERROR_REASON_B" + longest + ": is longer than 63"));
}

TEST(ProtoLintTest, WantsRetiredNumbersReserved) {
  const std::set<RetiredNumber> retired = {{"acd.v1.Sample", 2, "old"},
                                           {"acd.v1.Color", 3, "COLOR_OLD"}};
  const std::string tail = "  // C.\n  bool a = 1;\n}\n// C.\nenum Color {\n";
  const std::string zero = "  // C.\n  COLOR_UNSPECIFIED = 0;\n}\n";
  EXPECT_THAT(lint(with_head("// C.\nmessage Sample {\n  reserved 2;\n  reserved \"old\";\n" +
                             tail + "  reserved 3;\n  reserved \"COLOR_OLD\";\n" + zero),
                   retired),
              IsEmpty());
  EXPECT_THAT(
      lint(with_head("// C.\nmessage Sample {\n" + tail + zero), retired),
      ElementsAre("acd.v1.Sample: does not reserve 2", "acd.v1.Sample: does not reserve \"old\"",
                  "acd.v1.Color: does not reserve 3",
                  "acd.v1.Color: does not reserve \"COLOR_OLD\""));
}

TEST(ProtoLintTest, WantsReservedNumbersListed) {
  EXPECT_THAT(lint(with_head("// C.\nmessage Sample {\n  reserved 2 to max;\n}\n// C.\nenum Color {"
                             "\n  reserved 5;\n  // C.\n  COLOR_UNSPECIFIED = 0;\n}\n")),
              ElementsAre("acd.v1.Sample: reserves 2, which is not listed",
                          "acd.v1.Color: reserves 5, which is not listed"));
}

}  // namespace
}  // namespace acd
