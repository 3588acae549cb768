// SPDX-License-Identifier: Apache-2.0
// Tests of the rules of members, strategies, steps, limits, treatments, protects and drains.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/config_tables.h"
#include "routing/limits.h"
#include "tests/config/queue_samples.h"

namespace acd {
namespace {

struct Case {
  std::function<void(Config&)> spoil;
  std::string violations;  // All of them, one a line; one that ends in * may go on.
};

void expect_violations(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    Config config = make_config();
    each.spoil(config);
    std::string actual = to_text(validate_config(config));
    std::string expected = each.violations.empty() ? "" : each.violations + "\n";
    if (expected.ends_with("*\n")) {
      expected.resize(expected.size() - 2);
      actual = actual.substr(0, expected.size());
    }
    EXPECT_EQ(actual, expected);
  }
}

// Of the first queue.
std::function<void(Config&)> of_queue(std::function<void(Queue&)> spoil) {
  return [spoil = std::move(spoil)](Config& config) { spoil(*config.mutable_queues(0)); };
}

TEST(QueueRulesTest, MembersHaveAgentsAndTeams) {
  const auto with = [](v1::Strategy strategy, std::function<void(v1::Member*)> spoil) {
    return of_queue([=](Queue& queue) {
      queue.set_strategy(strategy);
      spoil(add_agent(queue, "A01"));
    });
  };
  const std::string first = "queues[0].members.entries[0]";
  expect_violations({
      {with(v1::STRATEGY_UNSPECIFIED, [](v1::Member* m) { m->set_rank(100); }), ""},
      {with(v1::STRATEGY_UNSPECIFIED, [](v1::Member* m) { m->set_team("night"); }), ""},
      {with(v1::STRATEGY_WEIGHTED_RANDOM, [](v1::Member* m) { m->set_weight(1'000); }), ""},
      {with(v1::STRATEGY_PERCENT_ALLOCATION, [](v1::Member* m) { m->set_percent(100); }), ""},
      {with(v1::STRATEGY_UNSPECIFIED, [](v1::Member* m) { m->clear_agent(); }),
       first + ": is required: an agent or a team"},
      {with(v1::STRATEGY_UNSPECIFIED, [](v1::Member* m) { m->set_agent("A01"); }),
       first + ".agent: must be tenants/bank/agents/{id}, *"},
      {with(v1::STRATEGY_UNSPECIFIED, [](v1::Member* m) { m->set_team("a team"); }),
       first + ".team: must be 1 to 64 of a-z A-Z 0-9 . _ -; is 'a team'"},
      {with(v1::STRATEGY_UNSPECIFIED, [](v1::Member* m) { m->set_rank(0); }),
       first + ".rank: must be 1 to 100, is 0"},
      {with(v1::STRATEGY_UNSPECIFIED, [](v1::Member* m) { m->set_rank(101); }),
       first + ".rank: must be 1 to 100, is 101"},
      {with(v1::STRATEGY_WEIGHTED_RANDOM, [](v1::Member* m) { m->set_weight(0); }),
       first + ".weight: must be 1 to 1000, is 0"},
      {with(v1::STRATEGY_RANDOM, [](v1::Member* m) { m->set_weight(2); }),
       first + ".weight: is allowed only with the strategy weighted_random"},
      {with(v1::STRATEGY_LONGEST_IDLE, [](v1::Member* m) { m->set_percent(2); }),
       first + ".percent: is allowed only with the strategy percent_allocation"},
      {with(v1::STRATEGY_PERCENT_ALLOCATION, [](v1::Member* m) { m->set_percent(-1); }),
       first + ".percent: must be 0 to 100, is -1"},
  });
}

TEST(QueueRulesTest, MembersStandThereOnceAndWithinTheirCount) {
  expect_violations({
      {of_queue([](Queue& q) {
         add_agent(q, "A01");
         add_agent(q, "A01");
       }),
       "queues[0].members.entries[1].agent: stands there already: 'tenants/bank/agents/A01'"},
      {of_queue([](Queue& q) {
         q.mutable_members()->add_agents("tenants/bank/agents/A01");
         add_agent(q, "A01");
       }),
       "queues[0].members.entries[0].agent: stands there already: 'tenants/bank/agents/A01'"},
      {of_queue([](Queue& q) {
         q.mutable_members()->add_entries()->set_team("night");
         q.mutable_members()->add_entries()->set_team("night");
       }),
       "queues[0].members.entries[1].team: stands there already: 'night'"},
      {of_queue([](Queue& q) {
         q.mutable_members()->add_agents("tenants/bank/agents/A");
         for (size_t i = 0; i < kMembersMax; ++i) add_agent(q, "A" + std::to_string(i));
       }),
       "queues[0].members.entries: has 10000 entries, at most 9999 are allowed"},
  });
}

TEST(QueueRulesTest, PercentsAddUpToAHundredAtMost) {
  const auto with = [](int first, int second) {
    return of_queue([=](Queue& q) {
      q.set_strategy(v1::STRATEGY_PERCENT_ALLOCATION);
      add_agent(q, "A01")->set_percent(first);
      add_agent(q, "A02")->set_percent(second);
    });
  };
  expect_violations({
      {with(60, 40), ""},
      {with(0, 1), ""},
      {with(60, 41), "queues[0].members: the percents add up to 101, at most 100 are allowed"},
      {with(0, 0), "queues[0].members: percent_allocation needs a percent of one member at least"},
      {of_queue([](Queue& q) { q.set_strategy(v1::STRATEGY_PERCENT_ALLOCATION); }),
       "queues[0].members: percent_allocation needs a percent of one member at least"},
  });
}

TEST(QueueRulesTest, ParametersGoWithTheirStrategy) {
  const auto with = [](v1::Strategy strategy, std::function<void(Queue&)> spoil) {
    return of_queue([=](Queue& queue) {
      queue.set_strategy(strategy);
      spoil(queue);
    });
  };
  const auto weigh = [](const std::string& skill, int weight) {
    return [=](Queue& q) { (*q.mutable_skill_weights())[skill] = weight; };
  };
  const std::string weights = "queues[0].skill_weights";
  expect_violations({
      {with(v1::STRATEGY_SKILL_WEIGHT, weigh("ps", -1'000)), ""},
      {with(v1::STRATEGY_RING_ALL, [](Queue& q) { q.set_ring_max(50); }), ""},
      {with(static_cast<v1::Strategy>(99), [](Queue&) {}),
       "queues[0].strategy: is 99, which is no Strategy"},
      {with(v1::STRATEGY_SKILL_WEIGHT, [](Queue&) {}),
       weights + ": is required with the strategy skill_weight"},
      {with(v1::STRATEGY_ORDERED, weigh("ps", 1)),
       weights + ": is allowed only with the strategy skill_weight"},
      {with(v1::STRATEGY_SKILL_WEIGHT, weigh("gone", 1)),
       weights + "['gone']: the tenant declares no such skill"},
      {with(v1::STRATEGY_SKILL_WEIGHT, weigh("ps", 0)),
       weights + "['ps']: must be -1000 to 1000 and not 0, is 0"},
      {with(v1::STRATEGY_SKILL_WEIGHT, weigh("ps", 1'001)),
       weights + "['ps']: must be -1000 to 1000 and not 0, is 1001"},
      {with(v1::STRATEGY_UNSPECIFIED, [](Queue& q) { q.set_ring_max(2); }),
       "queues[0].ring_max: is allowed only with the strategy ring_all"},
      {with(v1::STRATEGY_RING_ALL, [](Queue& q) { q.set_ring_max(0); }),
       "queues[0].ring_max: must be 1 to 50, is 0"},
      {with(v1::STRATEGY_RING_ALL, [](Queue& q) { q.set_ring_max(51); }),
       "queues[0].ring_max: must be 1 to 50, is 51"},
  });
}

TEST(QueueRulesTest, StepsNeedATimeOrAConditionAndOneChange) {
  const auto with = [](std::function<void(v1::Step*)> spoil) {
    return of_queue([=](Queue& queue) { spoil(add_step(queue)); });
  };
  const std::string step = "queues[0].steps[0]";
  expect_violations({
      {with([](v1::Step* s) { s->set_replace(""); }), ""},
      {with([](v1::Step* s) { s->set_drop("tongue"); }), ""},
      {with([](v1::Step* s) { s->set_add("more: (ps OR ne)"); }), ""},
      {with([](v1::Step* s) {
         s->clear_after();
         s->set_consider_if("waiting > 3");
         s->set_open_team("night");
         s->set_rank(2);
       }),
       ""},
      {with([](v1::Step*) {}), step + ": needs one change: replace, drop, add, lower or open_team"},
      {with([](v1::Step* s) {
         s->clear_after();
         s->set_replace("");
       }),
       step + ": never comes into force: needs after or consider_if"},
      {with([](v1::Step* s) {
         s->set_consider_if("ready(gone) < 1");
         s->set_replace("");
       }),
       step + ".consider_if: column 7: no skill 'gone' is declared"},
      {with([](v1::Step* s) {
         s->set_consider_if(std::string(kRequirementBytesMax + 1, ' '));
         s->set_replace("");
       }),
       step + ".consider_if: must be 0 to 512 bytes, has 513"},
      {with([](v1::Step* s) { s->set_replace("ps >= 2 AND gone"); }),
       step + ".replace: column 13: no skill 'gone' is declared"},
      {with([](v1::Step* s) { s->set_replace("REPLACE ps"); }),
       step + ".replace: REPLACE stands in a call's own requirement only"},
      {with([](v1::Step* s) { s->set_replace("ps PREFERS ne"); }),
       step + ".replace: PREFERS has no place in a step, which changes what is needed"},
      {with([](v1::Step* s) { s->set_drop("ps"); }),
       step + ".drop: no term of the requirement, nor of a step before, has the label 'ps'"},
      {with([](v1::Step* s) { s->set_drop(""); }), step + ".drop: no term of the requirement, *"},
      {with([](v1::Step* s) { s->set_add("ps AND ne"); }),
       step + ".add: must be one term; put an AND in parentheses"},
      {with([](v1::Step* s) { s->set_add(""); }),
       step + ".add: must be one term; put an AND in parentheses"},
      {with([](v1::Step* s) { s->mutable_lower(); }),
       step + ".lower.skill: is required\n" + step + ".lower.to: is required"},
      {with([](v1::Step* s) {
         s->mutable_lower()->set_skill("ps");
         s->mutable_lower()->set_to(0);
       }),
       step + ".lower.to: must be 1 to 10, is 0"},
      {with([](v1::Step* s) {
         s->set_consider_if("");
         s->set_replace("");
       }),
       step + ".consider_if: column 1: expected logged_in, ready or waiting: *"},
      {with([](v1::Step* s) {
         s->mutable_lower()->set_skill("gone");
         s->mutable_lower()->set_to(11);
       }),
       step + ".lower.skill: the tenant declares no skill 'gone'\n" + step +
           ".lower.to: must be 1 to 10, is 11"},
      {with([](v1::Step* s) { s->set_open_team(""); }), step + ".open_team: must be 1 to 64 of *"},
      {with([](v1::Step* s) {
         s->set_open_team("night");
         s->set_rank(101);
       }),
       step + ".rank: must be 1 to 100, is 101"},
      {with([](v1::Step* s) {
         s->set_replace("");
         s->set_rank(1);
       }),
       step + ".rank: is allowed only with open_team"},
      {of_queue([](Queue& q) {
         for (size_t i = 0; i <= kStepsMax; ++i) add_step(q)->set_replace("");
       }),
       "queues[0].steps: has 17 entries, at most 16 are allowed"},
  });
}

TEST(QueueRulesTest, AStepDropsLabelsOfStepsBeforeItOnly) {
  const auto in_order = [](bool drop_first) {
    return of_queue([=](Queue& q) {
      if (drop_first) add_step(q)->set_drop("more");
      add_step(q)->set_add("more: ne >= 4");
      if (!drop_first) add_step(q)->set_drop("more");
    });
  };
  expect_violations({
      {in_order(false), ""},
      {in_order(true), "queues[0].steps[0].drop: no term of the requirement, *"},
      {of_queue([](Queue& q) {
         add_step(q)->set_replace("other: ps");
         add_step(q)->set_drop("other");
       }),
       ""},
      // Whether a label of what cannot be read is there, nobody knows.
      {of_queue([](Queue& q) {
         q.set_requirement("tongue: ps >=");
         add_step(q)->set_drop("tongue");
       }),
       "queues[0].requirement: column 14: expected a level from 1 to 10"},
  });
}

TEST(QueueRulesTest, AnAddedTermHasALabelOfItsOwn) {
  const auto taken = [](const std::string& field, int column, const std::string& label) {
    return "queues[0]." + field + ": column " + std::to_string(column) +
           ": a term of the requirement, or of a step before, has the label '" + label +
           "' already; give this one another";
  };
  const auto with = [](const std::vector<std::string>& added) {
    return of_queue([=](Queue& q) {
      for (const std::string& term : added) add_step(q)->set_add(term);
    });
  };
  expect_violations({
      {with({"more: ne >= 4", "most: ne >= 5", "ps", "ps"}), ""},
      {with({"tongue: ne"}), taken("steps[0].add", 1, "tongue")},
      {with({"more: ne", " \tmore: ps"}), taken("steps[1].add", 3, "more")},
      // Who drops a term adds its successor under another name: the two may be in force in any mix.
      {of_queue([](Queue& q) {
         add_step(q)->set_drop("tongue");
         add_step(q)->set_add("tongue: ps");
       }),
       taken("steps[1].add", 1, "tongue")},
      // What replaces never stands beside what it replaces, but beside what is added behind it.
      {of_queue([](Queue& q) {
         add_step(q)->set_add("more: ne");
         add_step(q)->set_replace("more: ps AND tongue: ps");
       }),
       ""},
      {of_queue([](Queue& q) {
         add_step(q)->set_replace("other: ps");
         add_step(q)->set_add("other: ne");
       }),
       taken("steps[1].add", 1, "other")},
  });
}

TEST(QueueRulesTest, ALimitCallsAMember) {
  const auto with = [](const std::string& agent, std::function<void(Queue&)> more) {
    return of_queue([=](Queue& q) {
      q.mutable_members()->add_agents("tenants/bank/agents/A01");
      add_agent(q, "A02");
      v1::LimitAction* action = q.mutable_limits()->mutable_wait()->mutable_action();
      *q.mutable_limits()->mutable_wait()->mutable_max() = seconds(60);
      action->set_agent("tenants/bank/agents/" + agent);
      *action->mutable_agent_wait() = seconds(30);
      more(q);
    });
  };
  const auto as_it_is = [](Queue&) {};
  expect_violations({
      {with("A01", as_it_is), ""},
      {with("A02", as_it_is), ""},
      {with("boss", as_it_is),
       "queues[0].limits.wait.action.agent: can never get the call, being no member of the queue: "
       "'tenants/bank/agents/boss'"},
      {with("boss", [](Queue& q) { q.clear_members(); }), ""},
      // Who is in a team the configuration does not know.
      {with("boss", [](Queue& q) { q.mutable_members()->add_entries()->set_team("day"); }), ""},
      {with("boss", [](Queue& q) { add_step(q)->set_open_team("day"); }), ""},
  });
}

TEST(QueueRulesTest, LimitsHaveOneActionEachWithItsParameters) {
  const auto with = [](std::function<void(v1::LimitAction*)> spoil) {
    return of_queue([=](Queue& queue) { spoil(queue.mutable_limits()->mutable_closed()); });
  };
  const std::string closed = "queues[0].limits.closed";
  const std::string long_text(kMediaBytesMax + 1, 'x');
  expect_violations({
      {with([](v1::LimitAction* a) { a->set_queue("tenants/bank/queues/night"); }), ""},
      {with([](v1::LimitAction* a) { a->set_outside("+44 123"); }), ""},
      {with([](v1::LimitAction*) {}),
       closed + ": needs one action: announce, callback, queue, agent, outside or release"},
      {with([](v1::LimitAction* a) { a->set_announce(""); }), closed + ".announce: is required"},
      {with([](v1::LimitAction* a) { a->set_announce("a\nb"); }),
       closed + ".announce: must be valid UTF-8 without control characters; is 'a\\nb'"},
      {with([&](v1::LimitAction* a) { a->set_callback(long_text); }),
       closed + ".callback: must be 1 to 64 bytes, has 65"},
      {with([&](v1::LimitAction* a) { a->set_outside(long_text); }),
       closed + ".outside: must be 1 to 64 bytes, has 65"},
      {with([](v1::LimitAction* a) { a->set_release(0); }),
       closed + ".release: must be 1 to 127, is 0"},
      {with([](v1::LimitAction* a) { a->set_release(128); }),
       closed + ".release: must be 1 to 127, is 128"},
      {with([](v1::LimitAction* a) { a->set_queue("night"); }),
       closed + ".queue: must be tenants/bank/queues/{id}, *"},
      {with([](v1::LimitAction* a) { a->set_queue("tenants/bank/queues/gone"); }),
       closed + ".queue: the tenant has no queue 'tenants/bank/queues/gone'"},
      {with([](v1::LimitAction* a) { a->set_queue("tenants/bank/queues/loans"); }),
       closed + ".queue: is the queue itself"},
      {with([](v1::LimitAction* a) { a->set_agent("tenants/bank/agents/boss"); }),
       closed + ".agent_wait: is required beside agent"},
      {with([](v1::LimitAction* a) {
         a->set_agent("boss");
         *a->mutable_agent_wait() = seconds(3'601);
       }),
       closed +
           ".agent: must be tenants/bank/agents/{id}, the id 1 to 64 of a-z A-Z 0-9 . _ -; is "
           "'boss'\n" +
           closed + ".agent_wait: must be 1 s to 1 h, is 3601 s"},
      {with([](v1::LimitAction* a) {
         a->set_release(17);
         *a->mutable_agent_wait() = seconds(3);
       }),
       closed + ".agent_wait: is allowed only beside agent"},
  });
}

TEST(QueueRulesTest, LimitsOfNumbersAndTimesHaveThem) {
  const auto with = [](std::function<void(v1::QueueLimits*)> spoil) {
    return of_queue([=](Queue& queue) { spoil(queue.mutable_limits()); });
  };
  const auto release = [](auto* limit) {
    limit->mutable_action()->set_release(17);
    return limit;
  };
  const std::string limits = "queues[0].limits.";
  expect_violations({
      {with([&](v1::QueueLimits* l) { release(l->mutable_offers()); }), ""},
      {with([&](v1::QueueLimits* l) { release(l->mutable_length())->set_max(2'000'000); }), ""},
      {with([&](v1::QueueLimits* l) { release(l->mutable_length()); }),
       limits + "length.max: is required"},
      {with([&](v1::QueueLimits* l) { release(l->mutable_ewt()); }),
       limits + "ewt.max: is required"},
      {with([&](v1::QueueLimits* l) { release(l->mutable_wait()); }),
       limits + "wait.max: is required"},
      {with([&](v1::QueueLimits* l) { release(l->mutable_length())->set_max(0); }),
       limits + "length.max: must be 1 to 2000000, is 0"},
      {with([&](v1::QueueLimits* l) { release(l->mutable_offers())->set_max(1'001); }),
       limits + "offers.max: must be 1 to 1000, is 1001"},
      {with([&](v1::QueueLimits* l) { l->mutable_offers()->set_max(3); }),
       limits + "offers.action: needs one action: *"},
      {with([&](v1::QueueLimits* l) { l->mutable_wait(); }),
       limits + "wait.max: is required\n" + limits + "wait.action: needs one action: *"},
  });
}

TEST(QueueRulesTest, TreatmentsSayWhatIsPlayed) {
  expect_violations({
      {of_queue([](Queue& q) { q.add_treatments()->set_media("music"); }), ""},
      {of_queue([](Queue& q) { q.add_treatments(); }),
       "queues[0].treatments[0].media: is required"},
      {of_queue([](Queue& q) { q.add_treatments()->set_media(std::string(65, 'x')); }),
       "queues[0].treatments[0].media: must be 1 to 64 bytes, has 65"},
      {of_queue([](Queue& q) {
         for (size_t i = 0; i <= kTreatmentsMax; ++i) q.add_treatments()->set_media("music");
       }),
       "queues[0].treatments: has 17 entries, at most 16 are allowed"},
  });
}

TEST(QueueRulesTest, WrapUpIsExtendedWhenTimedOnly) {
  const auto with = [](v1::WrapUpMode mode, int extensions, int64_t extension_s) {
    return of_queue([=](Queue& q) {
      q.mutable_wrap_up()->set_mode(mode);
      if (mode == v1::WRAP_UP_MODE_TIMED) *q.mutable_wrap_up()->mutable_duration() = seconds(30);
      q.mutable_wrap_up()->set_extensions(extensions);
      if (extension_s != 0) *q.mutable_wrap_up()->mutable_extension() = seconds(extension_s);
    });
  };
  const std::string wrap_up = "queues[0].wrap_up.";
  expect_violations({
      {with(v1::WRAP_UP_MODE_TIMED, 10, 60), ""},
      {with(v1::WRAP_UP_MODE_TIMED, 11, 60), wrap_up + "extensions: must be 0 to 10, is 11"},
      {with(v1::WRAP_UP_MODE_TIMED, -1, 60), wrap_up + "extensions: must be 0 to 10, is -1"},
      {with(v1::WRAP_UP_MODE_TIMED, 1, 0), wrap_up + "extension: is required beside extensions"},
      {with(v1::WRAP_UP_MODE_TIMED, 0, 1),
       wrap_up + "extension: is allowed only beside extensions"},
      {with(v1::WRAP_UP_MODE_MANUAL, 1, 1),
       wrap_up + "extensions: is allowed only when the wrap-up is timed"},
  });
}

TEST(QueueRulesTest, WrapUpCodesAndLabelsHaveTheirRules) {
  const auto with_code = [](const std::function<void(Queue&)>& change) {
    return [=](Config& c) {
      c.add_wrap_up_codes("sold");
      change(*c.mutable_queues(0));
    };
  };
  const std::string queue = "queues[0].";
  expect_violations({
      {[](Config& c) { c.add_wrap_up_codes("a b"); },
       "wrap_up_codes[0]: must be 1 to 64 of a-z A-Z 0-9 . _ -; is 'a b'"},
      {[](Config& c) {
         c.add_labels("vip");
         c.add_labels("vip");
       },
       "labels[1]: repeats labels[0], 'vip'"},
      {with_code([](Queue& q) { q.add_wrap_up_codes("sold"); }), ""},
      {with_code([](Queue& q) { q.add_wrap_up_codes("junk"); }),
       queue + "wrap_up_codes[0]: the tenant has no wrap-up code 'junk'"},
      {with_code([](Queue& q) {
         q.add_wrap_up_codes("sold");
         q.add_wrap_up_codes("sold");
       }),
       queue + "wrap_up_codes[1]: repeats queues[0].wrap_up_codes[0], 'sold'"},
      {with_code([](Queue& q) { q.set_wrap_up_code_required(true); }),
       queue +
           "wrap_up_code_required: is allowed only with a wrap-up, timed or manual, in which to "
           "give it"},
      {with_code([](Queue& q) {
         q.set_wrap_up_code_required(true);
         q.mutable_wrap_up()->set_mode(v1::WRAP_UP_MODE_MANUAL);
       }),
       ""},
      {[](Config& c) {
         c.mutable_queues(0)->set_wrap_up_code_required(true);
         c.mutable_queues(0)->mutable_wrap_up()->set_mode(v1::WRAP_UP_MODE_MANUAL);
       },
       queue + "wrap_up_code_required: the tenant has no wrap-up codes"},
  });
}

TEST(QueueRulesTest, TeamsAndTransfersHaveTheirRules) {
  const auto team = [](const std::string& id, const std::vector<std::string>& supervisors) {
    return [=](Config& c) {
      v1::Team& added = *c.add_teams();
      added.set_id(id);
      for (const std::string& agent : supervisors) added.add_supervisors(agent);
    };
  };
  const std::string ada = "tenants/bank/agents/ada";
  expect_violations({
      {team("day", {ada}), ""},
      {team("day", {}), ""},
      {team("a b", {}), "teams[0].id: must be 1 to 64 of a-z A-Z 0-9 . _ -; is 'a b'"},
      {[&](Config& c) {
         team("day", {})(c);
         team("day", {ada})(c);
       },
       "teams[1].id: repeats teams[0], 'day'"},
      {team("day", {ada, ada}),
       "teams[0].supervisors[1]: repeats teams[0].supervisors[0], 'tenants/bank/agents/ada'"},
      {team("day", {"ada"}), "teams[0].supervisors[0]: *"},
      {team("day", std::vector<std::string>(51, ada)),
       "teams[0].supervisors: has 51 entries, at most 50 are allowed*"},
      {[](Config& c) { c.set_transfers_max(101); }, "transfers_max: must be 0 to 100, is 101"},
      {[](Config& c) { c.set_transfers_max(0); }, ""},
      {[](Config& c) { c.mutable_transfer_wait(); }, "transfer_wait: *"},
      {[](Config& c) { c.mutable_transfer_wait()->set_seconds(3600); }, ""},
  });
}

TEST(QueueRulesTest, CallbacksHaveTheirRules) {
  const auto with = [](const std::function<void(v1::Callback&)>& change) {
    return of_queue([=](Queue& q) { change(*q.mutable_callback()); });
  };
  const std::string callback = "queues[0].callback.";
  const std::string pattern =
      "; must be 1 to 32 bytes: digits, a + in front, X for any digit, a point at the end for any "
      "rest";
  expect_violations({
      {with([](v1::Callback&) {}), ""},
      {with([](v1::Callback& c) {
         c.add_allow("+44.");
         c.add_allow("1 2");
         c.add_deny("");
       }),
       callback + "allow[1]: is '1 2'" + pattern + "\n" + callback + "deny[0]: is ''" + pattern},
      {with([](v1::Callback& c) { c.set_attempts(0); }),
       callback + "attempts: must be 1 to 20, is 0"},
      {with([](v1::Callback& c) { c.mutable_retry_interval(); }),
       callback + "retry_interval: must be *"},
      {with([](v1::Callback& c) { c.mutable_dial_timeout()->set_seconds(601); }),
       callback + "dial_timeout: must be *"},
      {with([](v1::Callback& c) { c.set_dials_max(2); }),
       callback + "dials_max: is allowed only with the mode customer_first"},
      {with([](v1::Callback& c) {
         c.set_mode(v1::CALLBACK_MODE_CUSTOMER_FIRST);
         c.set_dials_max(1'001);
       }),
       callback + "dials_max: must be 1 to 1000, is 1001"},
      {with([](v1::Callback& c) { c.set_calendar("office"); }), callback + "calendar: must be *"},
      {with([](v1::Callback& c) { c.set_calendar("tenants/bank/calendars/nowhere"); }),
       callback + "calendar: the tenant has no calendar 'tenants/bank/calendars/nowhere'"},
      {with([](v1::Callback& c) { c.set_mode(static_cast<v1::CallbackMode>(9)); }),
       callback + "mode: is 9, which is no CallbackMode"},
  });
}

TEST(QueueRulesTest, OrderProtectsAndDrainsHaveTheirRules) {
  const auto protect = [](const std::string& skill, int ready_max) {
    return [=](Config& c) {
      c.add_protects()->set_skill("ps");
      c.mutable_protects(0)->set_ready_max(100);
      v1::ProtectRule* rule = c.add_protects();
      rule->set_skill(skill);
      rule->set_ready_max(ready_max);
    };
  };
  const auto drain = [](const std::string& queue, const std::string& target) {
    return [=](Config& c) {
      v1::Drain* drained = c.add_drains();
      drained->set_queue("tenants/bank/queues/" + queue);
      drained->set_target("tenants/bank/queues/" + target);
    };
  };
  expect_violations({
      {protect("ne", 1), ""},
      {protect("", 1), "protects[1].skill: is required"},
      {protect("gone", 0),
       "protects[1].skill: the tenant declares no skill 'gone'\n"
       "protects[1].ready_max: must be 1 to 100, is 0"},
      {protect("ps", 101),
       "protects[1].skill: repeats protects[0], 'ps'\n"
       "protects[1].ready_max: must be 1 to 100, is 101"},
      {drain("former", "loans"), ""},
      {drain("night", "loans"),
       "drains[0].queue: the queue is still there: 'tenants/bank/queues/night'; leave it out of "
       "queues, or do not drain it"},
      {drain("former", "former"),
       "drains[0].target: the tenant has no queue 'tenants/bank/queues/former'"},
      {[&](Config& c) {
         drain("former", "loans")(c);
         drain("former", "night")(c);
       },
       "drains[1].queue: repeats drains[0], 'tenants/bank/queues/former'"},
      {[](Config& c) { c.add_drains(); },
       "drains[0].queue: is required\ndrains[0].target: is required"},
      {[](Config& c) { c.set_call_order(static_cast<v1::CallOrder>(7)); },
       "call_order: is 7, which is no CallOrder"},
      {[](Config& c) { c.set_random_seed(-1); }, "random_seed: must be 0 or more, is -1"},
      {[](Config& c) { c.set_overflows_max(8); }, "overflows_max: must be 0 to 7, is 8"},
      {[](Config& c) { c.set_overflows_max(0); }, ""},
      {of_queue([](Queue& q) { q.set_age_rate(1'000'001); }),
       "queues[0].age_rate: must be 0 to 1000000, is 1000001"},
      {of_queue([](Queue& q) { q.set_age_rate(-1); }),
       "queues[0].age_rate: must be 0 to 1000000, is -1"},
  });
}

TEST(QueueRulesTest, ReachRulesJoinEachPairOfSwitchesOnce) {
  const auto reach = [](const std::string& from, const std::string& to,
                        const std::string& dial_prefix) {
    return [=](Config& c) {
      for (const auto& [one, other] :
           {std::pair("pbx", "lab"), std::pair(from.c_str(), to.c_str())}) {
        v1::ReachRule* rule = c.add_reach();
        rule->set_from(one);
        rule->set_to(other);
      }
      c.mutable_reach(1)->set_dial_prefix(dial_prefix);
    };
  };
  const std::string id_rule = "must be 1..64 bytes of valid UTF-8 without control characters";
  expect_violations({
      {reach("lab", "pbx", "0123456789abcdef"), ""},
      {reach("", "", ""),
       "reach[1].from: is required: the source_id of a switch\n"
       "reach[1].to: is required: the source_id of a switch"},
      {reach("hub", "hub", ""),
       "reach[1].to: is 'hub' itself, which always reaches its own stations"},
      {reach("pbx", "lab", "7"), "reach[1]: repeats reach[0], 'pbx' to 'lab'"},
      {reach(std::string(65, 'x'), "a\nb", ""),
       "reach[1].from: " + id_rule + "\nreach[1].to: " + id_rule},
      {reach("pbx", "hub", "7\n"),
       "reach[1].dial_prefix: must be at most 16 bytes of valid UTF-8 without control characters"},
      {[](Config& c) {
         for (size_t i = 0; i <= kReachRulesMax; ++i) {
           v1::ReachRule* rule = c.add_reach();
           rule->set_from("pbx");
           rule->set_to("s" + std::to_string(i));
         }
       },
       "reach: has 1001 entries, at most 1000 are allowed"},
  });
}

TEST(QueueRulesTest, TeamsAndAgentsThatAreCalledMustBeThere) {
  Config config = make_config();
  Queue& queue = *config.mutable_queues(0);
  queue.mutable_members()->add_entries()->set_team("day");
  queue.mutable_members()->add_entries()->set_team("night");
  add_agent(queue, "later");
  add_step(queue)->set_open_team("dawn");
  const auto call_agent = [](v1::LimitAction* action, const std::string& id) {
    action->set_agent("tenants/bank/agents/" + id);
    *action->mutable_agent_wait() = seconds(30);
  };
  call_agent(queue.mutable_limits()->mutable_closed(), "A01");
  call_agent(queue.mutable_limits()->mutable_offers()->mutable_action(), "boss");
  EXPECT_EQ(to_text(validate_config(config)), "");
  v1::Agent agent;
  agent.set_name("tenants/bank/agents/A01");
  agent.set_team("night");
  EXPECT_EQ(to_text(validate_targets(config, std::vector<v1::Agent>{agent})),
            "queues[0].members.entries[0].team: no agent is in the team 'day'\n"
            "queues[0].steps[0].open_team: no agent is in the team 'dawn'\n"
            "queues[0].limits.offers.action.agent: there is no agent 'boss'\n");
}

TEST(QueueRulesTest, ALimitCallsSomebodyOfATeamThatServes) {
  Config config = make_config();
  Queue& queue = *config.mutable_queues(0);
  queue.mutable_members()->add_entries()->set_team("day");
  add_step(queue)->set_open_team("night");
  v1::LimitAction& action = *queue.mutable_limits()->mutable_closed();
  action.set_agent("tenants/bank/agents/A01");
  *action.mutable_agent_wait() = seconds(30);
  std::vector<v1::Agent> agents(3);
  agents[0].set_name("tenants/bank/agents/A01");
  agents[1].set_name("tenants/bank/agents/A02");
  agents[1].set_team("day");
  agents[2].set_name("tenants/bank/agents/A03");
  agents[2].set_team("night");
  const std::string refused =
      "queues[0].limits.closed.agent: can never get the call, being no member of the queue: "
      "'tenants/bank/agents/A01'\n";
  EXPECT_EQ(to_text(validate_targets(config, agents)), refused);
  for (const char* team : {"day", "night"}) {
    agents[0].set_team(team);
    EXPECT_EQ(to_text(validate_targets(config, agents)), "") << team;
  }
  agents[0].set_team("dusk");
  EXPECT_EQ(to_text(validate_targets(config, agents)), refused);
  add_agent(queue, "A01");
  EXPECT_EQ(to_text(validate_targets(config, agents)), "");
  queue.clear_members();
  queue.clear_steps();
  EXPECT_EQ(to_text(validate_targets(config, agents)), "");
}

}  // namespace
}  // namespace acd
