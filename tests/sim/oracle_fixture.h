// SPDX-License-Identifier: Apache-2.0
// An Oracle with a small call centre, spoken to in words.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/event_line.h"
#include "sim/oracle.h"

namespace acd {

class OracleFixture : public ::testing::Test {
 protected:
  static constexpr int64_t kSecond = kNsPerS;

  // Queues: "sales" needs sales >= 1, "service" needs service >= 2, "open" needs nothing. Agents:
  // ada, bob and cy have sales 5, ada and bob service 5 as well, cy alone spanish 3; team "north"
  // is ada and bob, team "south" cy.
  static TenantConfig sample_config() {
    TenantConfig config;
    config.id = "bank";
    config.skills = {"sales", "service", "spanish"};
    config.queues.resize(3);
    config.queues[0].id = "sales";
    config.queues[0].requirement = "sales >= 1";
    config.queues[1].id = "service";
    config.queues[1].requirement = "service >= 2";
    config.queues[2].id = "open";
    return config;
  }

  // Begins with the sample, changed by `edit`, whose first queue is "sales".
  void start(const std::function<void(TenantConfig&)>& edit = [](TenantConfig&) {}) {
    config_ = sample_config();
    edit(config_);
    ASSERT_EQ(oracle_.configure(config_, 0), Reject::kNone);
    ASSERT_EQ(oracle_.upsert_agents({{"ada", "Ada", {{"sales", 5}, {"service", 5}}, "north"},
                                     {"bob", "Bob", {{"sales", 5}, {"service", 5}}, "north"},
                                     {"cy", "", {{"sales", 5}, {"spanish", 3}}, "south"}},
                                    0),
              Reject::kNone);
    ASSERT_EQ(open("pbx", "epoch-1"), Reject::kNone);
    lines_.clear();
  }
  Reject reconfigure(const std::function<void(TenantConfig&)>& edit) {
    lines_.clear();
    edit(config_);
    const Reject reject = oracle_.configure(config_, now_ns_);
    collect();
    return reject;
  }

  // --- What a switch and the daemon say. Each returns the verdict; events are in lines_.
  Reject open(std::string_view source, std::string_view epoch, bool reports_ringing = false) {
    Command command;
    command.kind = CommandKind::kOpenSession;
    command.name = text(source);
    command.text = text(epoch);
    command.flag = reports_ringing;
    const Reject reject = apply(command);
    source_ = oracle_.sessions().find(source);
    return reject;
  }
  Reject close() { return apply(of(CommandKind::kCloseSession)); }
  // `edit` adds what is special about the call.
  Reject enqueue(
      std::string_view call, std::string_view queue,
      const std::function<void(Command&)>& edit = [](Command&) {}) {
    Command command = of_call(CommandKind::kEnqueueCall, call);
    command.name = text(queue);
    edit(command);
    return apply(command);
  }
  Reject end(std::string_view call) { return apply(of_call(CommandKind::kEndCall, call)); }
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
  Reject fail(std::string_view call, uint32_t generation = 1,
              OfferOutcome outcome = OfferOutcome::kRejected) {
    Command command = of_call(CommandKind::kLegFailed, call);
    command.generation = generation;
    command.detail = static_cast<uint8_t>(outcome);
    return apply(command);
  }
  Reject change_priority(std::string_view call, int32_t priority) {
    Command command = of_call(CommandKind::kChangePriority, call);
    command.number = priority;
    return apply(command);
  }
  Reject agent(CommandKind kind, std::string_view who, std::string_view about = "",
               bool flag = false) {
    Command command = of(kind);
    command.name = text(who);
    command.text = text(about);
    command.flag = flag;
    return apply(command);
  }
  Reject ready(std::string_view who) { return agent(CommandKind::kSetReady, who); }
  Reject phone(CommandKind kind, std::string_view station) {
    Command command = of(kind);
    command.text = text(station);
    return apply(command);
  }
  Reject queue(CommandKind kind, std::string_view name, int64_t wait_ns = 0) {
    Command command = of(kind);
    command.name = text(name);
    command.wait_ns = wait_ns;
    return apply(command);
  }
  // Logged in at "phone-<who>" and ready, one second after those before.
  void bring(const std::vector<std::string>& all) {
    for (const std::string& who : all) {
      ASSERT_EQ(agent(CommandKind::kLogIn, who, "phone-" + who), Reject::kNone);
      ASSERT_EQ(ready(who), Reject::kNone);
      pass(kSecond);
    }
    lines_.clear();
  }
  // A call that is connected to whoever is first, and ended.
  void serve(std::string_view call, std::string_view queue_name) {
    ASSERT_EQ(enqueue(call, queue_name), Reject::kNone);
    ASSERT_EQ(connect(call), Reject::kNone);
    ASSERT_EQ(end(call), Reject::kNone);
  }

  // Time passes and every timer that is due fires.
  void pass(int64_t duration_ns) {
    lines_.clear();
    now_ns_ += duration_ns;
    while (oracle_.next_deadline_ns() < now_ns_) oracle_.advance(now_ns_, 1);
    oracle_.advance(now_ns_, 1);
    collect();
  }
  // Bulk work at this very instant is done a nanosecond later.
  void tick() { pass(1); }

  [[nodiscard]] AgentState state_of(std::string_view who) const {
    for (uint32_t i = 0; i < oracle_.agent_count(); ++i) {
      if (oracle_.agent_id(AgentIndex(i)) == who) return oracle_.agent_state(AgentIndex(i));
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
  TextRef text(std::string_view value) {
    const TextRef ref{static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(value.size())};
    arena_ += value;
    return ref;
  }
  Reject apply(const Command& command) {
    lines_.clear();
    const Reject reject = oracle_.apply(command, arena_, now_ns_);
    collect();
    arena_.clear();
    return reject;
  }
  void collect() {
    full_lines_.clear();
    EventLog log;
    oracle_.take_events(&log);
    for (const Event& event : log.events) {
      const std::string_view call = event.call.valid() ? oracle_.call_id(event.call) : "";
      const std::string_view who = event.agent.valid() ? oracle_.agent_id(event.agent) : "";
      const std::string_view name = event.queue.valid() ? oracle_.queue_id(event.queue) : "";
      full_lines_.push_back(event_line(event, log, {call, who, name}));
      if (event.kind == EventKind::kAgentStateChanged) continue;
      std::string line(event_name(event.kind, event.detail));
      for (const std::string_view word : {call, who}) {
        if (!word.empty()) line += " " + std::string(word);
      }
      lines_.push_back(line);
    }
  }

  Oracle oracle_;
  TenantConfig config_;
  SourceIndex source_;
  int64_t now_ns_ = 0;
  std::string arena_;
  std::vector<std::string> lines_;       // Events of the last step but state changes.
  std::vector<std::string> full_lines_;  // All of them, with every field.
};

}  // namespace acd
