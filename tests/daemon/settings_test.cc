// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

absl::StatusOr<SettingsResult> read(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "acdd");
  return read_settings(static_cast<int>(arguments.size()), arguments.data());
}

std::string error_of(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), {"--config", "c.yaml", "--data-dir", "d"});
  const auto result = read(std::move(arguments));
  return result.ok() ? "" : std::string(result.status().message());
}

TEST(SettingsTest, HaveSafeDefaults) {
  const auto result = read({"--config", "c.yaml", "--data-dir", "d"});
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  const Settings& settings = result->settings;
  EXPECT_EQ(settings.listen, std::vector<std::string>{"127.0.0.1:7710"});
  EXPECT_EQ(settings.http_listen, "127.0.0.1:7711");
  EXPECT_EQ(settings.clock_mode, ClockMode::kWall);
  EXPECT_EQ(settings.durability, Durability::kSync);
  ASSERT_EQ(settings.partitions.size(), 1u);
  EXPECT_EQ(settings.partitions[0].name, "main");
}

TEST(SettingsTest, PutHttpBesideTheFirstAddress) {
  const struct {
    std::vector<const char*> arguments;
    const char* expected;
  } kCases[] = {
      {{"--listen", "[::1]:9000"}, "[::1]:9001"},
      {{"--listen", "127.0.0.1:0", "--listen", "127.0.0.1:9000"}, "127.0.0.1:0"},
      {{"--listen", "127.0.0.1:65535"}, ""},
      {{"--listen", "unix:/tmp/a:1"}, ""},
      {{"--listen", "unix:/tmp/a:1", "--http", "127.0.0.1:80"}, "127.0.0.1:80"},
      {{"--http", "none"}, ""},
  };
  for (const auto& test : kCases) {
    std::vector<const char*> arguments = {"--config", "c.yaml", "--data-dir", "d"};
    arguments.insert(arguments.end(), test.arguments.begin(), test.arguments.end());
    const auto result = read(arguments);
    ASSERT_TRUE(result.ok()) << result.status().ToString();
    EXPECT_EQ(result->settings.http_listen, test.expected);
  }
  const auto hosts = read({"--config", "c", "--data-dir", "d", "--http-hosts", "acd,acd.example"});
  ASSERT_TRUE(hosts.ok()) << hosts.status().ToString();
  EXPECT_EQ(hosts->settings.http_hosts, (std::vector<std::string>{"acd", "acd.example"}));
}

TEST(SettingsTest, RequireAConfigurationAndAFolder) {
  EXPECT_NE(read({}).status().message().find("--config"), std::string::npos);
  EXPECT_NE(read({"--config", "c"}).status().message().find("--data-dir"), std::string::npos);
}

TEST(SettingsTest, CheckpointNeedsAFolderAlone) {
  const auto result = read({"--checkpoint", "--data-dir", "d"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->settings.is_checkpoint);
  EXPECT_NE(read({"--checkpoint"}).status().message().find("--data-dir"), std::string::npos);
}

TEST(SettingsTest, NameWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    std::vector<const char*> arguments;
    const char* expected;
  } kCases[] = {
      {{"--clock", "sundial"}, "--clock: \"sundial\" is not one of driven, wall"},
      {{"--durability", "maybe"}, "--durability: \"maybe\" is not one of none, sync"},
      {{"--log-level", "loud"}, "--log-level"},
      {{"--history", "maybe"}, "--history: \"maybe\" is not one of off, on"},
      {{"--history-days", "0"}, "--history-days: \"0\" is not a number from 1 to 36500"},
      {{"--snapshot-every", "0"}, "--snapshot-every: \"0\" is not a number from 1 to 1000000000"},
      {{"--snapshot-every", "-1"}, "--snapshot-every"},
      {{"--journal-bytes-max", "1000"},
       "--journal-bytes-max: \"1000\" is not a number from 8388608 to"},
      {{"--journal-bytes-max", "100000000"},
       "--journal-bytes-max: must be 4 times journal-segment-bytes at least"},
      {{"--journal-segment-bytes", "3000000"},
       "--journal-segment-bytes: \"3000000\" is not a multiple of 4096"},
      {{"--journal-segment-bytes", "0"},
       "--journal-segment-bytes: \"0\" is not a number from 2097152 to 1073741824"},
      {{"--shards", "0"}, "--shards: \"0\" is not a number from 1 to 64"},
      {{"--shards", "-1"}, "--shards"},
      {{"--shards", "1x"}, "--shards"},
      {{"--switch-streams-max", "1001"}, "--switch-streams-max"},
      {{"--agent-streams-max", "20001"}, "--agent-streams-max"},
      {{"--listen", "0.0.0.0:7710"}, "--listen"},
      {{"--listen", "192.168.0.1:7710"}, "--listen"},
      {{"--http", "0.0.0.0:7711"}, "--http: \"0.0.0.0:7711\" is no loopback address"},
      {{"--http", "7711"}, "--http: \"7711\" is not HOST:PORT"},
      {{"--http-hosts", "acd:80"}, "--http-hosts: \"acd:80\" is not NAME,NAME..."},
      {{"--partition", "a=x", "--partition", "a=y"}, "used once"},
      {{"--partition", "a=x", "--partition", "b=x"}, "one partition only"},
      {{"--partition", "a", "--partition", "b=y"}, "each must name its tenants"},
      {{"--partition", "../evil=x"}, "--partition"},
      {{"--partition", "a=x,,y"}, "--partition"},
      {{"--clock", "driven", "--partition", "a=x", "--partition", "b=y"}, "--clock: \"driven\""},
      {{"--no-such-thing"}, "no-such-thing"},
      {{"stray"}, "positional"},
      {{"--settings", "/nonexistent"}, "--settings: cannot read /nonexistent"},
  };
  for (const auto& test : kCases) {
    EXPECT_NE(error_of(test.arguments).find(test.expected), std::string::npos)
        << test.expected << " not in: " << error_of(test.arguments);
  }
}

TEST(SettingsTest, NameTheVariableThatIsWrongInTheEnvironment) {
  const struct {
    const char* variable;
    const char* value;
    const char* expected;
  } kCases[] = {
      {"ACDD_SHARDS", "0", "ACDD_SHARDS: \"0\" is not a number from 1 to 64"},
      {"ACDD_CLOCK", "", "ACDD_CLOCK: \"\" is not one of driven, wall"},
      {"ACDD_LISTEN", "0.0.0.0:7710", "ACDD_LISTEN: "},
      {"ACDD_PARTITION", "../evil=x", "ACDD_PARTITION: \"../evil=x\" is not NAME"},
      {"ACDD_SETTINGS", "/nonexistent", "ACDD_SETTINGS: cannot read /nonexistent"},
      {"ACDD_NO_SUCH_THING", "1", "ACDD_NO_SUCH_THING: there is no setting no-such-thing"},
  };
  for (const auto& test : kCases) {
    setenv(test.variable, test.value, 1);
    const std::string error = error_of({});
    unsetenv(test.variable);
    EXPECT_EQ(error.rfind(test.expected, 0), 0u) << test.expected << " does not begin: " << error;
  }
}

TEST(SettingsTest, NameTheFileThatIsWrong) {
  const TempFolder folder;
  const std::string file = folder.path() + "/acdd.conf";
  const struct {
    const char* content;
    std::string expected;
  } kCases[] = {
      {"shards = 0\n", file + ": shards: \"0\" is not a number from 1 to 64"},
      {"no-such-thing = 1\n", file + ": "},
  };
  for (const auto& test : kCases) {
    std::ofstream(file) << test.content;
    const std::string error = error_of({"--settings", file.c_str()});
    EXPECT_EQ(error.rfind(test.expected, 0), 0u) << test.expected << " does not begin: " << error;
  }
}

// A wrong setting that another one overrules is not what is wrong.
TEST(SettingsTest, NameThePlaceThatWon) {
  setenv("ACDD_SHARDS", "many", 1);
  const std::string error = error_of({"--shards", "0"});
  unsetenv("ACDD_SHARDS");
  EXPECT_EQ(error.rfind("--shards: \"0\"", 0), 0u) << error;
}

TEST(SettingsTest, EnvironmentMayNameTheFile) {
  const TempFolder folder;
  const std::string file = folder.path() + "/acdd.conf";
  std::ofstream(file) << "shards = 2\n";
  setenv("ACDD_SETTINGS", file.c_str(), 1);
  setenv("ACDD_SHARDS", "3", 1);
  const auto result = read({"--config", "c", "--data-dir", "d"});
  unsetenv("ACDD_SETTINGS");
  unsetenv("ACDD_SHARDS");
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(result->settings.shard_count, 2u);
}

TEST(SettingsTest, CommandLineWinsOverFileAndFileOverEnvironment) {
  const TempFolder folder;
  const std::string file = folder.path() + "/acdd.conf";
  std::ofstream(file) << "data-dir = from-file\nshards = 2\n";
  setenv("ACDD_SHARDS", "3", 1);
  setenv("ACDD_LOG_LEVEL", "debug", 1);
  const auto result = read({"--config", "c", "--settings", file.c_str(), "--data-dir", "given"});
  unsetenv("ACDD_SHARDS");
  unsetenv("ACDD_LOG_LEVEL");
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(result->settings.data_dir, "given");
  EXPECT_EQ(result->settings.shard_count, 2u);
  EXPECT_EQ(result->settings.log_level, "debug");
}

TEST(SettingsTest, SplitTenantsIntoPartitions) {
  const auto result = read(
      {"--config", "c", "--data-dir", "d", "--partition", "east=a,b", "--partition", "west=c"});
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  ASSERT_EQ(result->settings.partitions.size(), 2u);
  EXPECT_EQ(result->settings.partitions[0].tenants, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(result->settings.partitions[1].name, "west");
}

TEST(SettingsTest, HelpNamesEverySettingAndTheExitCodes) {
  const auto result = read({"--help"});
  ASSERT_TRUE(result.ok());
  for (const char* word : {"--config", "--data-dir", "--listen", "--clock", "--durability",
                           "--partition", "Exit codes", "Examples"}) {
    EXPECT_NE(result->text.find(word), std::string::npos) << word;
  }
  EXPECT_NE(read({"--version"})->text.find("acdd 0."), std::string::npos);
}

}  // namespace
}  // namespace acd
