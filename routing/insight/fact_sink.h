// SPDX-License-Identifier: Apache-2.0
// What the fold of history finds out as it goes, told to whoever counts it elsewhere: durations are
// derived once.
#pragma once

#include <cstdint>
#include <string_view>

#include "routing/event.h"
#include "routing/ids.h"
#include "routing/insight/history_rows.h"
#include "routing/insight/statistics.h"
#include "routing/tenant_config.h"

namespace acd {

// By what a visit is counted beside its queue, as the sink said when it began; the fold keeps it.
using VisitGroup = uint32_t;

struct VisitBegan {
  CallIndex call;
  QueueIndex queue;
  VisitEntry entry = VisitEntry::kArrival;
  int32_t priority = 0;
  std::string_view requirement;  // The call's own.
  bool is_on_line = true;
  int64_t entered_ns = 0;
  VisitThresholds thresholds;
};

struct VisitEnded {
  CallIndex call;
  QueueIndex queue;
  VisitGroup group = 0;
  VisitEnd end = VisitEnd::kAnswered;
  AgentIndex agent;  // Who answered.
  bool is_consult = false;
  bool is_on_line = true;
  bool is_over = true;       // The call waits in no other queue after it.
  bool is_rerouted = false;  // Withdrawn, by the switch's own default route.
  int64_t entered_ns = 0;    // On the line.
  int64_t waits_ns = 0;      // On the line, in all its visits.
  VisitThresholds thresholds;
};

struct OfferEnded {
  QueueIndex queue;
  VisitGroup group = 0;
  AgentIndex agent;
  OfferOutcome outcome = OfferOutcome::kNone;
  int64_t ring_ns = -1;  // Of the accepted.
};

// An agent's part of a call, its wrap-up included.
struct PartDone {
  QueueIndex queue;
  VisitGroup group = 0;
  AgentIndex agent;
  int64_t talk_ns = 0;
  int64_t hold_ns = 0;
  bool was_held = false;
  int64_t wrap_up_ns = kAbsentMs;
};

// Everything happens at the time of the last move_to().
//
// Threads:  one at a time, that of the fold.
class FactSink {
 public:
  virtual ~FactSink() = default;

  virtual void configure(const TenantConfig& config) = 0;
  virtual void move_to(int64_t time_ns, int64_t unix_offset_ns) = 0;
  virtual void queue_bound(QueueIndex queue, std::string_view id) = 0;

  // Of callers; consults apart.
  virtual void call_began(bool is_consult) = 0;
  virtual void call_ended(CallOutcome outcome, bool is_consult) = 0;
  virtual VisitGroup visit_began(const VisitBegan& began) = 0;
  virtual void visit_ended(const VisitEnded& ended) = 0;
  // The customer of a callback is on the line: the wait begins.
  virtual void customer_answered(CallIndex call, const VisitThresholds& thresholds) = 0;
  // A visit enters the service level (1), or turns out to be none of it after all (-1): what `sl_entered`
  // of an interval counts.
  virtual void service_level_entered(QueueIndex queue, VisitGroup group, int64_t change) = 0;
  virtual void dial_failed(QueueIndex queue, VisitGroup group) = 0;
  virtual void requeued(QueueIndex queue, VisitGroup group, AgentIndex agent) = 0;

  virtual void offer_created(QueueIndex queue, VisitGroup group, AgentIndex agent) = 0;
  virtual void offer_adopted(QueueIndex queue, VisitGroup group, AgentIndex agent) = 0;
  virtual void offer_ended(const OfferEnded& ended) = 0;

  virtual void party_joined(AgentIndex agent) = 0;
  // `is_first`: of its visit.
  virtual void transferred(QueueIndex queue, VisitGroup group, AgentIndex agent, bool is_first) = 0;
  virtual void part_done(const PartDone& part) = 0;
  // `times` is 1, or -1 for what no longer holds. Of a call that is over `has_group` is false.
  virtual void outcome_told(const ToldOutcome& outcome, int64_t times, QueueIndex queue,
                            bool has_group, VisitGroup group, AgentIndex agent) = 0;

  // At `end_ns`, which is no earlier than the last event; move_to() follows. `rows`: null when they
  // are not wanted.
  virtual void interval_ended(int64_t begin_ms, int64_t pass, int64_t end_ns,
                              HistoryRows* rows) = 0;

  virtual void agent_upserted(AgentIndex agent, std::string_view team) = 0;
  virtual void agent_changed(AgentIndex agent, AgentState from, AgentState to) = 0;
};

}  // namespace acd
