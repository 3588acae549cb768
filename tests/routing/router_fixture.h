// SPDX-License-Identifier: Apache-2.0
// A Router with a small call centre, spoken to in words; checks all invariants after every command.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "routing/router.h"

namespace acd {

// Lines such as "offer.created c1 ada" for the events of one step.
inline std::vector<std::string> lines_of(const Router& router, const EventLog& log) {
  std::vector<std::string> lines;
  for (const Event& event : log.events) {
    std::string line(event_name(event.kind, event.detail));
    if (event.call.valid()) line += " " + std::string(router.call(event.call).id.view());
    if (event.agent.valid()) line += " " + std::string(router.agent(event.agent).id.view());
    lines.push_back(line);
  }
  return lines;
}

class RouterFixture : public ::testing::Test {
 protected:
  static constexpr int64_t kSecond = kNsPerS;

  // Queues: "sales" needs sales >= 1; "service" needs service >= 2, 10 s timed wrap-up, priority 0;
  // "vip" needs nothing, priority 10, served by bob and cy only. Agents: ada and bob have all
  // skills at 5, cy sales at 3.
  static TenantConfig sample_config() {
    TenantConfig config;
    config.id = "bank";
    config.skills = {"sales", "service", "spanish"};
    QueueConfig sales;
    sales.id = "sales";
    sales.requirement = "sales >= 1";
    QueueConfig service;
    service.id = "service";
    service.requirement = "service >= 2";
    service.wrap_up_mode = WrapUpMode::kTimed;
    service.wrap_up_ns = 10 * kSecond;
    QueueConfig vip;
    vip.id = "vip";
    vip.priority = 10;
    vip.members_all = false;
    vip.members = {{MemberConfig::Kind::kAgent, "bob"}, {MemberConfig::Kind::kAgent, "cy"}};
    config.queues = {sales, service, vip};
    return config;
  }

  explicit RouterFixture(const TenantConfig& config = sample_config()) {
    EXPECT_EQ(router_.configure(config, 0), Reject::kNone);
    EXPECT_EQ(
        router_.upsert_agents({{"ada", "Ada", {{"sales", 5}, {"service", 5}, {"spanish", 5}}, ""},
                               {"bob", "Bob", {{"sales", 5}, {"service", 5}, {"spanish", 5}}, ""},
                               {"cy", "", {{"sales", 3}}, ""}},
                              0),
        Reject::kNone);
    open("pbx", "epoch-1");
    lines_.clear();
  }

  ~RouterFixture() override { EXPECT_EQ(router_.check_invariants(), ""); }

  // --- What a switch says. Each returns the verdict; events are in lines_.
  Reject open(std::string_view source, std::string_view epoch, bool reports_ringing = false) {
    Command command;
    command.kind = CommandKind::kOpenSession;
    command.name = text(source);
    command.text = text(epoch);
    command.flag = reports_ringing;
    const Reject reject = apply(command);
    source_ = router_.sessions().find(source);
    return reject;
  }
  Reject close() { return apply(of(CommandKind::kCloseSession)); }
  Reject enqueue(std::string_view call, std::string_view queue, std::string_view needs = "",
                 int64_t age_ns = 0) {
    Command command = of(CommandKind::kEnqueueCall);
    command.call = text(call);
    command.name = text(queue);
    command.text = text(needs);
    command.age_ns = age_ns;
    return apply(command);
  }
  Reject enqueue_with_priority(std::string_view call, std::string_view queue, int32_t priority) {
    Command command = of(CommandKind::kEnqueueCall);
    command.call = text(call);
    command.name = text(queue);
    command.flag = true;
    command.number = priority;
    return apply(command);
  }
  Reject enqueue_with_credit(std::string_view call, std::string_view queue, int64_t credit_ns) {
    Command command = of(CommandKind::kEnqueueCall);
    command.call = text(call);
    command.name = text(queue);
    command.age_credit_ns = credit_ns;
    return apply(command);
  }
  Reject end(std::string_view call, EndedBy ended_by = EndedBy::kCaller) {
    Command command = of_call(CommandKind::kEndCall, call);
    command.detail = static_cast<uint8_t>(ended_by);
    return apply(command);
  }
  Reject leg(CommandKind kind, std::string_view call, uint32_t generation) {
    Command command = of_call(kind, call);
    command.generation = generation;
    return apply(command);
  }
  Reject answer(std::string_view call, uint32_t generation = 1) {
    return leg(CommandKind::kLegAnswered, call, generation);
  }
  Reject connect(std::string_view call, uint32_t generation = 1) {
    return leg(CommandKind::kCallConnected, call, generation);
  }
  Reject fail(std::string_view call, OfferOutcome outcome, uint32_t generation = 1) {
    Command command = of_call(CommandKind::kLegFailed, call);
    command.generation = generation;
    command.detail = static_cast<uint8_t>(outcome);
    return apply(command);
  }
  Reject hold(std::string_view call) { return apply(of_call(CommandKind::kHoldCall, call)); }
  Reject resume(std::string_view call) { return apply(of_call(CommandKind::kResumeCall, call)); }
  Reject log_in(std::string_view agent, std::string_view station) {
    Command command = of_agent(CommandKind::kLogIn, agent);
    command.text = text(station);
    return apply(command);
  }
  Reject agent(CommandKind kind, std::string_view who, int32_t reason = 0) {
    Command command = of_agent(kind, who);
    command.number = reason;
    return apply(command);
  }
  Reject ready(std::string_view who) { return agent(CommandKind::kSetReady, who); }
  Reject phone(CommandKind kind, std::string_view station) {
    Command command = of(kind);
    command.text = text(station);
    return apply(command);
  }
  // Logged in at "phone-<who>" and ready.
  void bring(std::string_view who) {
    ASSERT_EQ(log_in(who, "phone-" + std::string(who)), Reject::kNone);
    ASSERT_EQ(ready(who), Reject::kNone);
    lines_.clear();
  }
  // A connected call of the agent who is free for it.
  void talk(std::string_view call, std::string_view queue) {
    ASSERT_EQ(enqueue(call, queue), Reject::kNone);
    ASSERT_EQ(answer(call), Reject::kNone);
    ASSERT_EQ(connect(call), Reject::kNone);
    lines_.clear();
  }

  // Time passes and every timer that is due fires.
  void pass(int64_t duration_ns) {
    lines_.clear();
    now_ns_ += duration_ns;
    while (router_.next_deadline_ns() < now_ns_) {
      router_.advance(now_ns_, 1);
      collect();
    }
    router_.advance(now_ns_, 1);
    collect();
  }

  [[nodiscard]] AgentState state_of(std::string_view who) const {
    for (uint32_t i = 0; i < router_.agent_count(); ++i) {
      if (router_.agent(AgentIndex(i)).id.view() == who) {
        return displayed_state(router_.agent(AgentIndex(i)));
      }
    }
    ADD_FAILURE() << "no agent " << who;
    return AgentState::kLoggedOut;
  }

  Command of(CommandKind kind) {
    Command command;
    command.kind = kind;
    command.source = source_;
    return command;
  }
  Command of_call(CommandKind kind, std::string_view call) {
    Command command = of(kind);
    command.call = text(call);
    return command;
  }
  Command of_agent(CommandKind kind, std::string_view who) {
    Command command = of(kind);
    command.name = text(who);
    return command;
  }
  TextRef text(std::string_view value) {
    const TextRef ref{static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(value.size())};
    arena_ += value;
    return ref;
  }
  // One of many: its events stay with the Router, and nobody looks at the invariants yet.
  Reject send(const Command& command) {
    const Reject reject = router_.apply(command, arena_, now_ns_);
    arena_.clear();
    return reject;
  }
  Reject apply(const Command& command) {
    lines_.clear();
    const Reject reject = send(command);
    collect();
    return reject;
  }
  void collect() {
    EventLog log;
    router_.take_events(&log);
    for (std::string& line : lines_of(router_, log)) {
      if (line.starts_with("call.decided"))
        decisions_.push_back(std::move(line));
      else if (!line.starts_with("agent.state_changed"))
        lines_.push_back(std::move(line));
    }
    EXPECT_EQ(router_.check_invariants(), "");
  }

  Router router_;
  SourceIndex source_;
  int64_t now_ns_ = 0;
  std::string arena_;
  std::vector<std::string> lines_;      // Events of the last step but decisions and state changes.
  std::vector<std::string> decisions_;  // All so far.
};

}  // namespace acd
