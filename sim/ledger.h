// SPDX-License-Identifier: Apache-2.0
// What the events say about calls, agents and switches: the world as a switch sees it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/event.h"
#include "routing/ids.h"
#include "routing/station.h"
#include "routing/tenant_config.h"

namespace acd::sim {

enum class LedgerStage : uint8_t {
  kEnqueued,
  kAlerting,
  kConnecting,
  kConnected,
  kDialing,
  kScheduled,
  kDialingOutside,
  kOutside
};

struct LedgerOffer {
  AgentIndex agent;
  uint32_t generation = 0;
  bool is_ringing = false;
  uint32_t item = 0;  // Number of the agent's work item.
};

struct LedgerCall {
  std::string id;
  int64_t number = 0;  // Of the event by which it arrived.
  CallIndex index;
  SourceIndex source;
  QueueIndex queue;
  Medium medium = Medium::kVoice;
  LedgerStage stage = LedgerStage::kEnqueued;
  bool is_on_hold = false;
  bool is_on_line = true;
  bool is_reminder = false;   // A task that entered at its time.
  bool has_answered = false;  // A callback's customer, and no agent has been joined with them yet.
  bool is_lost = false;       // Ended with its switch.
  int64_t entered_ns = 0;
  int64_t ended_ns = 0;
  uint32_t generation = 0;          // Of the latest offer, or of the one that was adopted.
  uint32_t generation_max = 0;      // Of all offers so far.
  AgentIndex last_agent;            // Of the latest offer that was made.
  AgentIndex agent;                 // Connecting and connected; the first of several.
  std::vector<AgentIndex> parties;  // Connected: all who are on it.
  std::string parent;               // Of a consult: the call that it is about.
  AgentIndex consulting;            // The same: who consults.
  std::string leg;                  // As told last; other calls may be told to have it, too.
  uint32_t item = 0;                // Of the latest offer, number of the agent's work item.
  std::vector<LedgerOffer> offers;  // Open ones, while alerting.
};

struct LedgerAgent {
  std::string id;
  SourceIndex source;  // While logged in.
  std::string station;
  AnswerMode answer_mode = AnswerMode::kPhone;
  MediaMask station_media = kAllMedia;
  bool is_leg_up = false;
  AgentState state = AgentState::kLoggedOut;
  int32_t reason = 0;
  SourceIndex desktop;  // That they are attached to.
};

struct LedgerSource {
  std::string id;
  bool is_connected = false;
  bool is_desktop = false;
  int64_t last_sequence = 0;  // The caller counts it; a new epoch begins at 0.
};

// Follows the events of one Router. It also says when they cannot be true together: an agent with
// two calls, an offer to somebody who is not free, a call that ends twice ...
class Ledger {
 public:
  // `call_id` is of the event's call, if it has one.
  void follow(const Event& event, const EventLog& log, std::string_view call_id);

  [[nodiscard]] const std::vector<LedgerCall>& calls() const { return calls_; }  // By arrival.
  [[nodiscard]] const std::vector<LedgerAgent>& agents() const { return agents_; }
  [[nodiscard]] const std::vector<std::string>& queues() const { return queues_; }
  [[nodiscard]] std::vector<LedgerSource>& sources() { return sources_; }
  [[nodiscard]] const std::vector<LedgerSource>& sources() const { return sources_; }
  // Ids of ended calls, the latest at the end; only so many are kept.
  [[nodiscard]] const std::vector<LedgerCall>& ended() const { return ended_; }
  [[nodiscard]] const LedgerCall* find_call(std::string_view id) const;
  [[nodiscard]] const LedgerAgent* find_agent(std::string_view id) const;
  [[nodiscard]] const LedgerCall* find_call(CallIndex index) const;
  // The consult that the agent has about a call, or null.
  [[nodiscard]] const LedgerCall* find_consult(std::string_view parent, AgentIndex agent) const;
  // Of the configuration in force.
  void set_reaches(std::vector<ReachRule> rules) { reaches_ = std::move(rules); }
  [[nodiscard]] bool reaches(SourceIndex calls, SourceIndex agents) const;
  // From now on an agent may have several contacts in hand.
  void let_have_several() { may_have_several_ = true; }
  [[nodiscard]] bool may_have_several() const { return may_have_several_; }
  // Ids of calls for later, as they were asked for.
  [[nodiscard]] const std::vector<std::string>& scheduled() const { return scheduled_; }
  // Whether customers of the queue may be called.
  [[nodiscard]] bool is_window_open(QueueIndex queue) const {
    return !closed_windows_.contains(queue);
  }
  // The first thing that cannot be true, or empty.
  [[nodiscard]] const std::string& breach() const { return breach_; }

 private:
  void follow_call(const Event& event, const EventLog& log, std::string_view call_id);
  void follow_parties(const Event& event, const EventLog& log);
  void follow_offer(const Event& event);
  void follow_dial(const Event& event, const EventLog& log);
  void follow_schedule(const Event& event, const EventLog& log);
  void follow_outcome(const Event& event, const EventLog& log);
  void follow_agent(const Event& event, const EventLog& log);
  void follow_desktop(const Event& event, const EventLog& log);
  void enter(const Event& event, const EventLog& log, std::string_view call_id);
  void open_offer(const Event& event, LedgerCall* call);
  void end_offer(LedgerCall* call, uint32_t generation);
  void end_call(const Event& event);
  void transfer_call(const Event& event);
  void replace_leg(const Event& event, const EventLog& log);
  LedgerCall* call_of(const Event& event);
  LedgerAgent& agent_of(const Event& event);
  LedgerSource& source_of(const Event& event);
  void break_with(const Event& event, std::string_view what);

  std::vector<LedgerCall> calls_;
  std::vector<LedgerAgent> agents_;
  std::vector<std::string> queues_;
  std::vector<LedgerSource> sources_;
  std::vector<LedgerCall> ended_;
  std::vector<std::string> scheduled_;
  std::set<QueueIndex> closed_windows_;
  std::set<std::string> dialed_legs_;  // Of customers.
  bool may_have_several_ = false;
  std::vector<ReachRule> reaches_;
  std::string breach_;
};

}  // namespace acd::sim
