// SPDX-License-Identifier: Apache-2.0
// Tests of a queue in the configuration file: every key, every form, every error with its line.
#include "daemon/config/queue_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/config/config_file.h"
#include "daemon/config/config_tables.h"
#include "tests/config/file_cases.h"

namespace acd {
namespace {

// A good tenant with the queue `loans`, whose keys begin in line 7, behind the queue `night`.
std::string loans(const std::string& queue_lines, const std::string& tenant_lines = "") {
  return "tenants:\n"
         "  - id: bank\n"
         "    skills: [ps, ne]\n"
         "    queues:\n"
         "      - id: night\n"
         "      - id: loans\n" +
         queue_lines + tenant_lines;
}

TenantConfig table_of(const std::string& text) {
  const auto seeds = parse_config(text, "f");
  EXPECT_TRUE(seeds.ok()) << seeds.status();
  return seeds.ok() ? to_tables(seeds->front().config) : TenantConfig();
}

TEST(QueueReaderTest, MembersMayBeIdsAgentsAndTeams) {
  const QueueConfig queue =
      table_of(loans("        strategy: percent_allocation\n"
                     "        members: [A01, {agent: ada, rank: 2, percent: 40}, {team: night}]\n"))
          .queues.at(1);
  EXPECT_EQ(queue.strategy, Strategy::kPercentAllocation);
  ASSERT_EQ(queue.members.size(), 3u);
  EXPECT_EQ(queue.members[0].id, "A01");
  EXPECT_EQ(queue.members[1].id, "ada");
  EXPECT_EQ(queue.members[1].rank, 2);
  EXPECT_EQ(queue.members[1].percent, 40);
  EXPECT_EQ(queue.members[2].id, "night");
  EXPECT_EQ(queue.members[2].kind, MemberConfig::Kind::kTeam);
}

TEST(QueueReaderTest, EveryKeyOfAStepReachesTheTables) {
  const QueueConfig queue =
      table_of(loans("        requirement: \"tongue: ps >= 5\"\n"
                     "        steps:\n"
                     "          - {after: 30s, lower: {skill: ps, to: 3}}\n"
                     "          - {after: 60s, drop: tongue}\n"
                     "          - {after: 90s, add: \"ne >= 1\"}\n"
                     "          - {consider_if: \"logged_in(ps) < 1\", replace: \"\"}\n"
                     "          - {after: 2m, open_team: night, rank: 2}\n"))
          .queues.at(1);
  ASSERT_EQ(queue.steps.size(), 5u);
  EXPECT_EQ(queue.steps[0].after_ns, 30 * kNsPerS);
  EXPECT_EQ(queue.steps[0].change, StepConfig::Change::kLowerLevel);
  EXPECT_EQ(queue.steps[0].number, 3);
  EXPECT_EQ(queue.steps[1].text, "tongue");
  EXPECT_EQ(queue.steps[2].text, "ne >= 1");
  EXPECT_EQ(queue.steps[3].change, StepConfig::Change::kReplace);
  EXPECT_EQ(queue.steps[3].after_ns, kNeverNs);
  EXPECT_TRUE(queue.steps[3].has_condition);
  EXPECT_EQ(queue.steps[4].text, "night");
  EXPECT_EQ(queue.steps[4].number, 2);
}

TEST(QueueReaderTest, EveryLimitAndActionReachesTheTables) {
  const QueueLimits limits =
      table_of(
          loans(
              "        limits: {closed: {release: 17}, no_agents: {queue: night},\n"
              "                 none_ready: {callback: call-you},\n"
              "                 length: {max: 50, announce: full}, wait: {max: 5m, release: 31},\n"
              "                 offers: {max: 9, agent: boss, for: 30s},\n"
              "                 ewt: {max: 10m, outside: \"+44123\"}}\n"))
          .queues.at(1)
          .limits;
  EXPECT_EQ(limits.closed.number, 17);
  EXPECT_EQ(limits.no_agents.text, "night");
  EXPECT_EQ(limits.none_ready.kind, LimitAction::Kind::kOfferCallback);
  EXPECT_EQ(limits.length_max, 50);
  EXPECT_EQ(limits.length.text, "full");
  EXPECT_EQ(limits.wait_max_ns, 300 * kNsPerS);
  EXPECT_EQ(limits.wait.number, 31);
  EXPECT_EQ(limits.offers_max, 9);
  EXPECT_EQ(limits.offers.text, "boss");
  EXPECT_EQ(limits.offers.wait_ns, 30 * kNsPerS);
  EXPECT_EQ(limits.ewt_max_ns, 600 * kNsPerS);
  EXPECT_EQ(limits.ewt.text, "+44123");
}

TEST(QueueReaderTest, TheOtherKeysReachTheTables) {
  const TenantConfig tenant = table_of(loans(
      "        strategy: skill_weight\n"
      "        skill_weights: {ps: 3, ne: -1}\n"
      "        age_rate: 7\n"
      "        objective: 40s\n"
      "        adopts_late_answer: true\n"
      "        wrap_up_codes: [sold, junk]\n"
      "        wrap_up_code_required: true\n"
      "        callback: {mode: customer_first, allow: [\"+44.\"], deny: [\"+449XX\", \"0900.\"], "
      "attempts: 5, retry_interval: 2m, dial_timeout: 7s, dials_max: 4}\n"
      "        wrap_up: {mode: timed, duration: 30s, extensions: 2, extension: 10s}\n"
      "        treatments:\n"
      "          - {media: music, repeat: 1m}\n"
      "          - {after: 30s, media: say, tells_position: true, tells_ewt: true}\n"
      "      - {id: ring, strategy: ring_all, ring_max: 4}\n",
      "    call_order: score\n"
      "    wrap_up_codes: [sold, junk, other]\n"
      "    labels: [vip]\n"
      "    protects: [{skill: ps, ready_max: 3}]\n"
      "    overflows_max: 2\n"
      "    teams: [{id: red, supervisors: [A01, A02]}, {id: blue}]\n"
      "    transfers_max: 4\n"
      "    transfer_wait: 45s\n"
      "    decay_half_life: 10m\n"
      "    random_seed: 9223372036854775807\n"
      "    drains: [{queue: former, target: night}]\n"
      "    agents: [{id: A01, team: blue}]\n"));
  ASSERT_EQ(tenant.queues.size(), 3u);
  const QueueConfig& queue = tenant.queues[1];
  EXPECT_EQ(queue.skill_weights.size(), 2u);
  EXPECT_EQ(queue.age_rate, 7);
  EXPECT_EQ(queue.wrap_up_codes, (std::vector<std::string>{"junk", "sold"}));
  EXPECT_TRUE(queue.requires_wrap_up_code);
  EXPECT_TRUE(queue.callback.is_taken);
  EXPECT_EQ(queue.callback.mode, CallbackMode::kCustomerFirst);
  EXPECT_EQ(queue.callback.allow, (std::vector<std::string>{"+44."}));
  EXPECT_EQ(queue.callback.deny, (std::vector<std::string>{"+449XX", "0900."}));
  EXPECT_EQ(queue.callback.attempts_max, 5);
  EXPECT_EQ(queue.callback.retry_ns, 120 * kNsPerS);
  EXPECT_EQ(queue.callback.dial_timeout_ns, 7 * kNsPerS);
  EXPECT_EQ(queue.callback.dials_max, 4);
  EXPECT_FALSE(tenant.queues[0].callback.is_taken);
  EXPECT_EQ(tenant.wrap_up_codes, (std::vector<std::string>{"sold", "junk", "other"}));
  EXPECT_EQ(tenant.labels, (std::vector<std::string>{"vip"}));
  EXPECT_EQ(queue.objective_ns, 40 * kNsPerS);
  EXPECT_TRUE(queue.adopts_late_answer);
  EXPECT_EQ(queue.wrap_up_extensions, 2);
  EXPECT_EQ(queue.wrap_up_extension_ns, 10 * kNsPerS);
  ASSERT_EQ(queue.treatments.size(), 2u);
  EXPECT_EQ(queue.treatments[0].repeat_ns, 60 * kNsPerS);
  EXPECT_TRUE(queue.treatments[1].tells_position);
  EXPECT_TRUE(queue.treatments[1].tells_ewt);
  EXPECT_EQ(tenant.queues[2].ring_max, 4);
  EXPECT_EQ(tenant.call_order, CallOrder::kScore);
  EXPECT_EQ(tenant.protects.at(0).ready_max, 3);
  EXPECT_EQ(tenant.overflows_max, 2);
  ASSERT_EQ(tenant.teams.size(), 2u);
  EXPECT_EQ(tenant.teams[0].id, "blue");
  EXPECT_EQ(tenant.teams[1].supervisors, (std::vector<std::string>{"A01", "A02"}));
  EXPECT_EQ(tenant.transfers_max, 4);
  EXPECT_EQ(tenant.transfer_wait_ns, 45 * kNsPerS);
  EXPECT_EQ(tenant.decay_half_life_ns, 600 * kNsPerS);
  EXPECT_EQ(tenant.random_seed, uint64_t{9'223'372'036'854'775'807});
  EXPECT_EQ(tenant.drains.at(0).target, "night");
}

void expect_queue_errors(const std::vector<FileCase>& cases) { expect_file_errors("f", cases); }

TEST(QueueReaderTest, MembersErrorsNameTheirEntry) {
  const std::string members = "tenants[0].queues[1].members";
  expect_queue_errors({
      {loans("        members:\n          - A01\n          - {rank: 2}\n"),
       "f:9: " + members + "[1]: is required: an agent or a team"},
      {loans("        members:\n          - {agent: a, team: b}\n"),
       "f:8: " + members + "[0]: has both agent and team; write two entries"},
      {loans("        members: [{team: a b}]\n"),
       "f:7: " + members + "[0].team: an id is 1 to 64 of a-z A-Z 0-9 . _ -; this is 'a b'"},
      {loans("        members: [{agent: a, wait: 3}]\n"),
       "f:7: " + members + "[0].wait: unknown key 'wait'; *"},
      {loans(
           "        members:\n          - {agent: a}\n          - agent: b\n            rank: 0\n"),
       "f:10: " + members + "[1].rank: must be 1 to 100, is 0"},
      {loans("        members: [a, {agent: a}]\n"),
       "f:7: " + members + "[1].agent: stands there already: 'tenants/bank/agents/a'"},
      {loans("        members: [a, {team: b, percent: 3}]\n"),
       "f:7: " + members + "[1].percent: is allowed only with the strategy percent_allocation"},
      {loans("        strategy: best\n"),
       "f:7: tenants[0].queues[1].strategy: must be one of longest_idle, *"},
      {loans("        skill_weights: {ps: much}\n        strategy: skill_weight\n"),
       "f:7: tenants[0].queues[1].skill_weights['ps']: must be a whole number, is 'much'"},
      {loans("        skill_weights:\n          ps: 1\n          gone: 1\n"
             "        strategy: skill_weight\n"),
       "f:9: tenants[0].queues[1].skill_weights['gone']: the tenant declares no such skill"},
  });
}

TEST(QueueReaderTest, StepErrorsNameTheirLine) {
  const std::string steps = "tenants[0].queues[1].steps";
  const auto with = [](const std::string& step) {
    return loans("        steps:\n          - " + step + "\n");
  };
  expect_queue_errors({
      {loans("        steps: {after: 3s}\n"),
       "f:7: " + steps + ": must be a list, is a map of keys"},
      {with("30s"), "f:8: " + steps + "[0]: must be a map of keys, is a single value"},
      {with("{after: 30s}"),
       "f:8: " + steps + "[0]: needs one change: replace, drop, add, lower or open_team"},
      {with("{replace: ps}"),
       "f:8: " + steps + "[0]: never comes into force: needs after or consider_if"},
      {with("{after: 1s, replace: ps, add: ne}"),
       "f:8: " + steps + "[0]: has both replace and add; write two steps"},
      {with("{after: 30, replace: ps}"), "f:8: " + steps + "[0].after: '30' has no unit; *"},
      {with("{consider_if: [1], replace: ps}"),
       "f:8: " + steps + "[0].consider_if: must be a single value, is a list"},
      {with("{consider_if: ready < 0, replace: ps}"),
       "f:8: " + steps + "[0].consider_if: column 9: a count is never below 0: < 1 is none"},
      {with("{after: 1s, drop: tongue}"),
       "f:8: " + steps + "[0].drop: no term of the requirement, *"},
      {with("{after: 1s, drop: }"),
       "f:8: " + steps + "[0].drop: has no value; give one or leave the key out"},
      {with("{after: 1s, add: gone}"),
       "f:8: " + steps + "[0].add: column 1: no skill 'gone' is declared"},
      {with("{after: 1s, lower: ps}"),
       "f:8: " + steps + "[0].lower: must be a map of keys, is a single value"},
      {with("{after: 1s, lower: {skill: gone, to: 3}}"),
       "f:8: " + steps + "[0].lower.skill: the tenant declares no skill 'gone'"},
      {with("{after: 1s, lower: {skill: ps}}"), "f:8: " + steps + "[0].lower.to: is required"},
      {with("{after: 1s, lower: {skill: ps, to: }}"),
       "f:8: " + steps + "[0].lower.to: has no value; give one or leave the key out"},
      {with("{after: 1s, consider_if: \"\", replace: ps}"),
       "f:8: " + steps + "[0].consider_if: column 1: expected logged_in, ready or waiting: *"},
      {with("{after: 1s, add: \"more: ps\"}\n          - {after: 2s, add: \"more: ne\"}"),
       "f:9: " + steps +
           "[1].add: column 1: a term of the requirement, or of a step before, has *"},
      {with("{after: 1s, open_team: a b}"),
       "f:8: " + steps + "[0].open_team: an id is 1 to 64 of a-z A-Z 0-9 . _ -; this is 'a b'"},
      {with("{after: 1s, drop: x, rank: 3}\n          - {after: 1s, replace: ps, rank: 3}"),
       "f:8: " + steps + "[0].drop: *"},
      {with("{after: 1s, replace: ps, rank: 3}"),
       "f:8: " + steps + "[0].rank: is allowed only with open_team"},
  });
}

TEST(QueueReaderTest, LimitErrorsSpeakTheWordsOfTheFile) {
  const std::string limits = "tenants[0].queues[1].limits";
  const auto with = [](const std::string& limit) {
    return loans("        limits:\n          " + limit + "\n");
  };
  expect_queue_errors({
      {with("full: {release: 17}"), "f:8: " + limits + ".full: unknown key 'full'; *"},
      {with("closed: 17"), "f:8: " + limits + ".closed: must be a map of keys, is a single value"},
      {with("closed: {}"), "f:8: " + limits +
                               ".closed: needs one action: announce, callback, queue, agent, "
                               "outside or release"},
      {with("closed: {max: 3, release: 17}"),
       "f:8: " + limits + ".closed.max: unknown key 'max'; *"},
      {with("closed: {release: 17, announce: x}"),
       "f:8: " + limits + ".closed: has both announce and release; a limit has one action"},
      {with("closed: {release: busy}"),
       "f:8: " + limits + ".closed.release: must be a whole number, is 'busy'"},
      {with("closed: {release: 128}"),
       "f:8: " + limits + ".closed.release: must be 1 to 127, is 128"},
      {with("closed: {queue: gone}"),
       "f:8: " + limits + ".closed.queue: the tenant has no queue 'tenants/bank/queues/gone'"},
      {with("closed: {queue: loans}"), "f:8: " + limits + ".closed.queue: is the queue itself"},
      {with("closed: {queue: [night]}"),
       "f:8: " + limits + ".closed.queue: must be a single value, is a list"},
      {loans("        members: [A01]\n        limits:\n          closed: {agent: boss, for: 3s}\n"),
       "f:9: " + limits + ".closed.agent: can never get the call, being no member of the queue: *"},
      {with("closed: {agent: boss}"), "f:8: " + limits + ".closed.for: is required beside agent"},
      {with("closed: {release: 17, for: 30s}"),
       "f:8: " + limits + ".closed.for: is allowed only beside agent"},
      {with("closed: {agent: boss, for: soon}"),
       "f:8: " + limits + ".closed.for: 'soon' is no duration; *"},
      {with("wait: {agent: boss, for: 30s}"), "f:8: " + limits + ".wait.max: is required"},
      {with("wait: {max: 10, agent: boss, for: 30s}"),
       "f:8: " + limits + ".wait.max: '10' has no unit; *"},
      {with("wait:\n            max: 5m\n            agent: boss\n            for: 2h"),
       "f:11: " + limits + ".wait.for: must be 1 s to 1 h, is 2 h"},
      {with("length:\n            max: 0\n            queue: gone"),
       "f:9: " + limits + ".length.max: must be 1 to 2000000, is 0\nf:10: " + limits +
           ".length.queue: the tenant has no queue 'tenants/bank/queues/gone'"},
      {with("offers: {max: 3}"), "f:8: " + limits + ".offers: needs one action: *"},
  });
}

TEST(QueueReaderTest, TheOtherErrorsNameTheirLine) {
  const std::string queue = "tenants[0].queues[1].";
  expect_queue_errors({
      {loans("        treatments:\n          - {after: 3s}\n"),
       "f:8: " + queue + "treatments[0].media: is required"},
      {loans("        treatments:\n          - {media: x, tells_ewt: yes}\n"),
       "f:8: " + queue + "treatments[0].tells_ewt: must be true or false, is 'yes'"},
      {loans("        adopts_late_answer: \"true\"\n"),
       "f:7: " + queue + "adopts_late_answer: must be true or false without quotes, is 'true'"},
      {loans("        wrap_up: {mode: manual, extensions: 3, extension: 3s}\n"),
       "f:7: " + queue + "wrap_up.extensions: is allowed only when the wrap-up is timed"},
      {loans("        ring_max: 3\n"),
       "f:7: " + queue + "ring_max: is allowed only with the strategy ring_all"},
      {loans("        wrap_up_codes: []\n"),
       "f:7: " + queue + "wrap_up_codes: is empty; leave it out to mean every code of the tenant"},
      {loans("        wrap_up_codes: [gone]\n"),
       "f:7: " + queue + "wrap_up_codes[0]: the tenant has no wrap-up code 'gone'"},
      {loans("", "    wrap_up_codes: [a, a]\n"),
       "f:7: tenants[0].wrap_up_codes[1]: repeats wrap_up_codes[0], 'a'"},
      {loans("", "    labels: [\"a b\"]\n"), "f:7: tenants[0].labels[0]: *"},
      {loans("", "    call_order: age\n"),
       "f:7: tenants[0].call_order: must be one of priority, score, service_objective; is 'age'"},
      {loans("", "    protects:\n      - {skill: gone}\n"),
       "f:8: tenants[0].protects[0].skill: the tenant declares no skill 'gone'"},
      {loans("", "    random_seed: 9223372036854775808\n"),
       "f:7: tenants[0].random_seed: is far out of range: '9223372036854775808'"},
      {loans("", "    drains:\n      - {queue: loans, target: night}\n"),
       "f:8: tenants[0].drains[0].queue: the queue is still there: 'tenants/bank/queues/loans'; *"},
      {loans("", "    drains:\n      - {queue: former}\n"),
       "f:8: tenants[0].drains[0].target: is required"},
      {loans("", "    agents:\n      - {id: A01, team: [a]}\n"),
       "f:8: tenants[0].agents[0].team: must be a single value, is a list"},
  });
}

TEST(QueueReaderTest, ATeamThatNobodyIsInIsAnErrorOfAFileWithAgents) {
  const std::string queue =
      "        members: [{team: nigth}]\n"
      "        limits:\n"
      "          closed: {agent: boss, for: 30s}\n";
  EXPECT_EQ(file_error_of(loans(queue), "f"), "");
  EXPECT_EQ(file_error_of(loans(queue, "    agents: [{id: A01, team: night}]\n"), "f"),
            "f:7: tenants[0].queues[1].members[0].team: no agent is in the team 'nigth'\n"
            "f:9: tenants[0].queues[1].limits.closed.agent: there is no agent 'boss'");
  EXPECT_EQ(file_error_of(loans(queue, "    agents: [{id: boss, team: nigth}]\n"), "f"), "");
}

TEST(QueueReaderTest, PathsOfMessagesBecomeThoseOfTheFile) {
  const std::vector<std::pair<std::string, std::string>> paths = {
      {"name", "id"},
      {"queues[2].name", "queues[2].id"},
      {"queues[2].members.agents[0]", "queues[2].members[0]"},
      {"queues[2].members.agents", "queues[2].members"},
      {"queues[2].members.entries[1].team", "queues[2].members[1].team"},
      {"queues[2].limits.wait.action.agent_wait", "queues[2].limits.wait.for"},
      {"queues[2].limits.closed.agent_wait", "queues[2].limits.closed.for"},
      {"queues[2].limits.offers.action", "queues[2].limits.offers"},
      {"queues[2].skill_weights['a.action']", "queues[2].skill_weights['a.action']"},
      {"agents[0].skills['ps']", "agents[0].skills['ps']"},
  };
  for (const auto& [message, file] : paths) EXPECT_EQ(file_path(message), file);
}

}  // namespace
}  // namespace acd
