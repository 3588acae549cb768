// SPDX-License-Identifier: Apache-2.0
// A session with the judge of a mix, for tests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/checker.h"

namespace acd::sim {

// Plays one session with the judge: what the switch says, and what the daemon answers.
class MixRun {
 public:
  MixRun() { checker_.opened(1); }

  // One batch of these events, answered by these commands.
  void say(std::vector<ReplayEvent> events, std::vector<ReplayCommand> commands = {},
           std::vector<ReplayRefusal> refusals = {}) {
    ReplayBatch batch{now_ns_, std::move(events)};
    for (ReplayEvent& event : batch.events) event.sequence = ++sequence_;
    ReplayAnswer answer;
    answer.acked_sequence = sequence_;
    answer.next_deadline_ns = next_deadline_ns;
    answer.commands = std::move(commands);
    answer.refusals = std::move(refusals);
    for (ReplayRefusal& refusal : answer.refusals) refusal.sequence = sequence_;
    checker_.sent(batch);
    checker_.received(answer);
  }

  void pass(int64_t s) { now_ns_ += s * kNsPerS; }

  void member(const std::string& queue, const std::vector<std::string>& agents) {
    for (const std::string& agent : agents) checker_.add_member(queue, agent);
  }

  void cut() {
    ReplayHello hello;
    hello.last_durable_sequence = sequence_;
    hello.is_resumed = true;
    hello.is_clock_driven = true;
    hello.now_ns = now_ns_;
    checker_.resumed(hello);
  }

  // From the offer on until the two talk.
  void talk(const std::string& call, const std::string& agent, int64_t generation = 1) {
    say({}, {ring(call, agent, generation)});
    join(call, agent, generation);
  }

  void join(const std::string& call, const std::string& agent, int64_t generation = 1) {
    ReplayEvent answered = about(ReplayEventKind::kLegAnswered, call);
    answered.generation = generation;
    say({answered}, {command(ReplayCommandKind::kConnectCall, call, agent, generation)});
    ReplayEvent connected = about(ReplayEventKind::kCallConnected, call);
    connected.generation = generation;
    say({connected});
  }

  static ReplayEvent about(ReplayEventKind kind, const std::string& call) {
    ReplayEvent event;
    event.kind = kind;
    event.call = call;
    return event;
  }
  static ReplayEvent offered(const std::string& call, Medium medium = Medium::kVoice) {
    ReplayEvent event = about(ReplayEventKind::kCallOffered, call);
    event.queue = "ps";
    event.medium = medium;
    return event;
  }
  static ReplayEvent ended(const std::string& call) {
    ReplayEvent event = about(ReplayEventKind::kCallEnded, call);
    event.ended_by = EndedBy::kCaller;
    return event;
  }
  // All that a daemon says with it: of c1-c that a asks about c1, of a dial the number.
  static ReplayCommand command(ReplayCommandKind kind, const std::string& call,
                               const std::string& agent = "", int64_t generation = 0) {
    ReplayCommand command;
    command.kind = kind;
    command.call = call;
    command.agent = agent;
    command.generation = generation;
    const bool is_dial = kind == ReplayCommandKind::kDialCustomer;
    const bool is_offer =
        kind == ReplayCommandKind::kRingAgent || kind == ReplayCommandKind::kConnectCall || is_dial;
    if (is_dial) command.number = "+971";
    if (is_offer && !agent.empty()) {
      command.station = "phone-" + agent;
      command.leg = "acd-" + call + "-" + std::to_string(generation);
    }
    const bool is_consult = call.ends_with("-c");
    if (is_consult && is_offer) command.other_call = call.substr(0, call.size() - 2);
    if (is_consult && (is_offer || kind == ReplayCommandKind::kMergeCall)) command.consulting = "a";
    return command;
  }
  static ReplayCommand ring(const std::string& call, const std::string& agent,
                            int64_t generation = 1) {
    return command(ReplayCommandKind::kRingAgent, call, agent, generation);
  }
  static ReplayCommand park(const std::string& call, const std::string& queue) {
    ReplayCommand park = command(ReplayCommandKind::kParkCaller, call, "", 1);
    park.queue = queue;
    return park;
  }
  static ReplayCommand retrieve(const std::string& call, const std::string& agent,
                                const std::string& consult) {
    ReplayCommand retrieve = command(ReplayCommandKind::kRetrieveCall, call, agent);
    retrieve.other_call = consult;
    return retrieve;
  }

  void log_in(const std::vector<std::string>& agents, AnswerMode mode = AnswerMode::kPhone) {
    for (const std::string& agent : agents) {
      ReplayEvent in = about(ReplayEventKind::kAgentLoggedIn, "");
      in.agent = agent;
      in.station = "phone-" + agent;
      in.answer_mode = mode;
      ReplayEvent ready = about(ReplayEventKind::kAgentReady, "");
      ready.agent = agent;
      say({in, ready});
    }
  }

  // c1 talks to a; b is there, too.
  void begin() {
    member("ps", {"a", "b"});
    member("ne", {"a", "b"});
    log_in({"a", "b"});
    say({offered("c1")});
    talk("c1", "a");
  }

  ReplayEvent transfer(const std::string& queue, const std::string& agent = "") {
    ReplayEvent event = about(ReplayEventKind::kTransferRequested, "c1");
    event.queue = queue;
    event.target_agent = agent;
    return event;
  }
  static ReplayEvent consult() {
    ReplayEvent event = about(ReplayEventKind::kConsultBegun, "c1");
    event.other_call = "c1-c";
    event.queue = "ps";
    event.agent = "a";
    return event;
  }
  static ReplayEvent callback() {
    ReplayEvent event = about(ReplayEventKind::kCallbackRequested, "c1-b");
    event.other_call = "c1";
    event.number = "+971";
    return event;
  }

  Checker& checker() { return checker_; }
  [[nodiscard]] int64_t now_ns() const { return now_ns_; }

  int64_t next_deadline_ns = kNeverNs;  // That the daemon says.

  // What is wrong, with the statistics that `counted` has of each queue.
  std::vector<std::string> finish(const std::map<std::string, QueueFigures>& counted) {
    std::vector<QueueFigures> before;
    std::vector<QueueFigures> after;
    for (const auto& [queue, figures] : counted) {
      after.push_back(figures);
      after.back().queue = queue;
      after.back().is_conserved = true;
      before.emplace_back().queue = queue;
    }
    checker_.finish(before, after);
    return checker_.breaches();
  }
  [[nodiscard]] const std::vector<std::string>& breaches() const { return checker_.breaches(); }

 private:
  Checker checker_{true};
  int64_t now_ns_ = kNsPerS;
  int64_t sequence_ = 0;
};

inline QueueFigures figures(int64_t offered, int64_t answered) {
  QueueFigures figures;
  figures.offered = offered;
  figures.answered = answered;
  return figures;
}

}  // namespace acd::sim
