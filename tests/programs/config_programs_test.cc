// SPDX-License-Identifier: Apache-2.0
// acdctl against a real daemon: a configuration is exported, edited, compared, applied and kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "daemon/server.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/programs/run_program.h"

namespace acd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ConfigProgramsTest : public ::testing::Test {
 protected:
  ConfigProgramsTest() {
    settings_.config_file = folder_.path() + "/acdd.yaml";
    write(settings_.config_file, kSampleConfig);
    settings_.data_dir = folder_.path() + "/data";
    settings_.listen = {"unix:" + folder_.path() + "/acdd.sock"};
    settings_.partitions = {{"main", {}}};
    start();
  }
  void start() {
    server_.emplace(settings_);
    const Server::Failure failed = server_->start();
    EXPECT_EQ(failed.exit_code, ExitCode::kOk) << failed.message;
  }
  void restart() {
    server_->stop();
    server_.reset();
    start();
  }
  Ended acdctl(const std::string& words) {
    return run("acdctl", "--target " + settings_.listen[0] + " " + words);
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // An exported file, and the same after `from` became `to`.
  std::string exported() {
    const std::string path = folder_.path() + "/exported.yaml";
    EXPECT_EQ(acdctl("config export > " + path).text, "");
    return path;
  }
  static void edit(const std::string& path, const std::string& from, const std::string& to) {
    std::string text = read(path);
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    write(path, text.replace(at, from.size(), to));
  }

  TempFolder folder_;
  Settings settings_;
  std::optional<Server> server_;
};

TEST_F(ConfigProgramsTest, AnExportAppliesBackUnchanged) {
  const std::string file = exported();
  EXPECT_THAT(read(file), HasSubstr("\n# etag bank "));
  const Ended diff = acdctl("config diff " + file);
  EXPECT_EQ(diff.exit_code, 0) << diff.text;
  EXPECT_EQ(diff.text, "");
  const Ended applied = acdctl("config apply " + file + " --yes");
  EXPECT_EQ(applied.exit_code, 0) << applied.text;
  EXPECT_THAT(applied.text, StartsWith("bank: nothing to change, etag "));
}

TEST_F(ConfigProgramsTest, AnEditIsComparedAppliedAndKept) {
  const std::string file = exported();
  edit(file, "id: music\n        priority: 0", "id: music\n        priority: 7");
  const Ended diff = acdctl("config diff " + file);
  EXPECT_EQ(diff.exit_code, 1);
  EXPECT_THAT(diff.text,
              AllOf(HasSubstr("@@ queue music\n"), HasSubstr("\n+        priority: 7\n")));

  const Ended unasked = acdctl("config apply " + file + " < /dev/null");
  EXPECT_EQ(unasked.exit_code, 2);
  EXPECT_THAT(unasked.text, HasSubstr("--yes applies without a question"));
  const Ended dry = acdctl("config apply " + file + " --dry-run");
  EXPECT_EQ(dry.exit_code, 0) << dry.text;
  EXPECT_THAT(dry.text, HasSubstr("bank: would be applied (dry run: nothing is changed), etag "));
  EXPECT_EQ(acdctl("config diff " + file).exit_code, 1);

  const Ended applied = acdctl("config apply " + file + " --yes");
  EXPECT_EQ(applied.exit_code, 0) << applied.text;
  EXPECT_THAT(applied.text, HasSubstr("\nbank: applied, etag "));
  EXPECT_EQ(acdctl("config diff " + file).exit_code, 0);
  restart();
  EXPECT_EQ(acdctl("config diff " + file).exit_code, 0);
}

TEST_F(ConfigProgramsTest, AFileThatWasMadeFromAnOlderConfigurationIsRefused) {
  const std::string file = exported();
  edit(file, "id: music\n        priority: 0", "id: music\n        priority: 7");
  ASSERT_EQ(acdctl("config apply " + file + " --yes").exit_code, 0);
  edit(file, "priority: 7", "priority: 8");
  const Ended stale = acdctl("config apply " + file + " --yes");
  EXPECT_EQ(stale.exit_code, 1);
  EXPECT_THAT(stale.text,
              AllOf(HasSubstr("ETAG_MISMATCH: bank: "), HasSubstr("was made from etag")));
  // Made from what is in force now, as another file shows.
  const std::string base = folder_.path() + "/base.yaml";
  ASSERT_EQ(acdctl("config export > " + base).exit_code, 0);
  const Ended based = acdctl("config apply " + file + " --yes --based-on " + base);
  EXPECT_EQ(based.exit_code, 0) << based.text;
}

TEST_F(ConfigProgramsTest, AFileWithoutAnEtagNeedsOneUnlessSomebodyIsAsked) {
  const std::string file = folder_.path() + "/own.yaml";
  write(file, read(settings_.config_file));
  edit(file, "id: music", "id: music\n        priority: 7");
  const Ended blind = acdctl("config apply " + file + " --yes");
  EXPECT_EQ(blind.exit_code, 2);
  EXPECT_THAT(blind.text, HasSubstr("does not say which configuration it was made from"));
  const std::string mark = "in force is ";
  const std::string etag = blind.text.substr(blind.text.find(mark) + mark.size(), 16);
  const Ended applied = acdctl("config apply " + file + " --yes --etag " + etag);
  EXPECT_EQ(applied.exit_code, 0) << applied.text;
  EXPECT_THAT(applied.text, HasSubstr("2 agents of the file not looked at: `agents:` only seed"));
}

TEST_F(ConfigProgramsTest, NamesLineAndFieldOfWhatIsWrong) {
  const std::string file = exported();
  edit(file, "priority: 0", "prioritty: 0");
  for (const char* command : {"config apply --yes ", "config diff ", "agents upsert "}) {
    const Ended ended = acdctl(command + file);
    EXPECT_EQ(ended.exit_code, 4) << command;
    EXPECT_THAT(ended.text, AllOf(StartsWith("acdctl: " + file + ":"), HasSubstr("prioritty")));
  }
}

TEST_F(ConfigProgramsTest, AgentsOfAFileAreUpserted) {
  const std::string file = folder_.path() + "/agents.yaml";
  write(file, read(settings_.config_file) + "      - {id: eve, skills: {sales: 2}}\n");
  const Ended dry = acdctl("agents upsert " + file + " --dry-run");
  EXPECT_EQ(dry.text, "bank: 3 agents would be upserted (dry run)\n");
  EXPECT_EQ(acdctl("agents eve").exit_code, 1);
  EXPECT_EQ(acdctl("agents upsert " + file).text, "bank: 3 agents upserted\n");
  EXPECT_EQ(acdctl("agents eve").exit_code, 0);
}

TEST_F(ConfigProgramsTest, HealthSaysThatTheFileDiffersAtStart) {
  EXPECT_THAT(acdctl("health").text, Not(HasSubstr("differs")));
  edit(settings_.config_file, "id: music", "id: music\n        priority: 7");
  restart();
  EXPECT_THAT(acdctl("health").text, HasSubstr("its configuration file differs"));
  EXPECT_THAT(acdctl("health --json").text, HasSubstr("\"configDrift\":true"));
  const Ended diff = acdctl("config diff " + settings_.config_file);
  EXPECT_EQ(diff.exit_code, 1);
  EXPECT_THAT(diff.text, HasSubstr("+        priority: 7"));
}

TEST_F(ConfigProgramsTest, ATenantThatIsNotOnTheDaemonIsNamed) {
  const std::string file = folder_.path() + "/shop.yaml";
  write(file, "tenants:\n  - id: shop\n");
  const Ended applied = acdctl("config apply --yes " + file);
  EXPECT_EQ(applied.exit_code, 1);
  EXPECT_THAT(applied.text, HasSubstr("TENANT_UNKNOWN: shop is not on this daemon"));
  const Ended diff = acdctl("config diff " + file);
  EXPECT_EQ(diff.exit_code, 1);
  EXPECT_THAT(diff.text, AllOf(HasSubstr("tenant shop is not on this daemon"),
                               HasSubstr("tenant bank is in force, and not in ")));
}

}  // namespace
}  // namespace acd
