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
    wrap_up_codes: [sold, "yes"]
    labels: [vip]
    call_order: service_objective
    protects: [{skill: ps, ready_max: 2}, {skill: ne}]
    reach: [{from: pbx, to: "12", dial_prefix: "00"}, {from: "12", to: "no"}]
    overflows_max: 0
    teams: [{id: day, supervisors: ["12", ada]}, {id: night}]
    transfers_max: 0
    transfer_wait: 90s
    time_zone: America/New_York
    decay_half_life: 10m
    random_seed: 0
    switch_grace: 90s
    agent_grace: 15s
    arrival_ack_timeout: 3s
    busy_limit: 30s
    rejects_max: 4
    no_answers_max: 2
    calendars:
      - id: office
        time_zone: Europe/Berlin
        weekly:
          - {days: [mon, tue, fri], hours: [08:00-12:00, 13:00-24:00]}
          - {days: [sun], hours: [10:00-11:00]}
        holidays:
          - {date: 2026-12-24, name: "Christmas \"Eve\"", hours: [08:00-12:00]}
          - {date: 12-25}
      - {id: "12", time_zone: UTC}
    queues:
      - id: ps
        requirement: "tongue: ps >= 3 AND ne >= 1 PREFERS ps * 2"
        priority: -5
        age_rate: 0
        objective: 40s
        members: [A01, "007"]
        strategy: skill_weight
        skill_weights: {"no": -1, ps: 3}
        steps:
          - {after: 30s, lower: {skill: ps, to: 2}}
          - {after: 0s, consider_if: "logged_in(ps >= 5) < 1", drop: tongue}
          - {after: 90s, add: "more: ne >= 2"}
          - {consider_if: "waiting > 10", replace: ""}
          - {after: 2m, open_team: "no", rank: 2}
        limits:
          closed: {release: 17}
          no_agents: {queue: "12"}
          none_ready: {announce: "no\\body"}
          length: {max: 50, callback: offer}
          ewt: {max: 10m, outside: "+44123"}
          wait: {max: 5m, queue: "12"}
          offers: {agent: boss, for: 30s}
        treatments:
          - {media: music, repeat: 1m}
          - {after: 30s, media: "say it", tells_position: true, tells_ewt: true}
        adopts_late_answer: true
        wrap_up: {mode: timed, duration: 30s, extensions: 2, extension: 10s}
        offer_timeout: 1500ms
        reoffer_after: 0s
        connect_timeout: 2m
        service_level: {target: 15s, goal_percent: 70, variant: ignore_abandoned}
        short_abandon: 4s
        calendar: office
        wrap_up_codes: ["yes"]
        wrap_up_code_required: true
        callback: {mode: customer_first, allow: ["+44.", 0X.], deny: ["0900"], attempts: 5, retry_interval: 2m, dial_timeout: 7s, dials_max: 4, calendar: office}
      - id: "12"
        members: all
        wrap_up: {mode: manual}
      - id: shared
        members: [A01, {team: night, rank: 2, percent: 40}, {agent: "007", percent: 0}]
        strategy: percent_allocation
      - id: drawn
        members: [{agent: A01, weight: 3}]
        strategy: weighted_random
      - {id: all_at_once, members: all, strategy: ring_all, ring_max: 3}
    drains:
      - {queue: former, target: ps}
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
