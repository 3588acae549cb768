// SPDX-License-Identifier: Apache-2.0
// What `config get` prints is read back by the daemon's own reader.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>

#include "clients/acdctl/views.h"
#include "daemon/config/config_file.h"

namespace acd::acdctl {
namespace {

using ::testing::HasSubstr;

constexpr char kConfig[] = R"(tenants:
  - id: bank
    skills: [ps, ne, "no"]
    switch_grace: 90s
    busy_limit: 30s
    rejects_max: 4
    no_answers_max: 2
    queues:
      - id: ps
        requirement: ps >= 3 AND ne >= 1
        priority: -5
        members: [A01, "007"]
        wrap_up: {mode: timed, duration: 30s}
        offer_timeout: 1500ms
        reoffer_after: 0s
        connect_timeout: 2m
        service_level: {target: 15s, goal_percent: 70, variant: ignore_abandoned}
        short_abandon: 4s
      - id: "12"
        members: all
        wrap_up: {mode: manual}
)";

TEST(ConfigYamlTest, IsReadBackAsTheSameConfiguration) {
  const auto first = parse_config(kConfig, "first");
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->size(), 1u);

  const std::string text = config_text((*first)[0].config);
  const auto second = parse_config(text, "second");
  ASSERT_TRUE(second.ok()) << second.status() << "\n" << text;
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals((*first)[0].config, (*second)[0].config))
      << text;
}

TEST(ConfigYamlTest, QuotesWhatYamlWouldMisread) {
  v1::TenantConfig config;
  config.set_name("tenants/yes");
  config.add_skills("on");
  config.add_skills("1e3");
  config.add_skills("ok-1.a");
  config.set_etag("0123456789abcdef");
  EXPECT_EQ(config_text(config),
            "# etag 0123456789abcdef\n"
            "tenants:\n"
            "  - id: \"yes\"\n"
            "    skills: [\"on\", \"1e3\", ok-1.a]\n");
}

TEST(ConfigYamlTest, EscapesRequirements) {
  v1::TenantConfig config;
  config.set_name("tenants/bank");
  v1::Queue* queue = config.add_queues();
  queue->set_name("tenants/bank/queues/q");
  queue->set_requirement("a >= 1 \\ \"b\"");
  EXPECT_THAT(config_text(config), HasSubstr("requirement: \"a >= 1 \\\\ \\\"b\\\"\"\n"));
}

}  // namespace
}  // namespace acd::acdctl
