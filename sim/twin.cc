// SPDX-License-Identifier: Apache-2.0
#include "sim/twin.h"

#include <algorithm>
#include <utility>

#include "routing/check.h"
#include "routing/saved_router.h"
#include "sim/command_line.h"
#include "sim/event_line.h"

namespace acd::sim {
namespace {

// Lines of each side that a difference shows.
constexpr size_t kLinesShown = 40;

}  // namespace

Twin::Twin(TwinOptions options, Watcher watcher)
    : options_(std::move(options)), watcher_(std::move(watcher)) {
  ACD_CHECK(options_.settles || !options_.compares);
  if (!options_.judges_alternatives) oracle_.leave_out_groups();
}

Reject Twin::configure(const TenantConfig& config, int64_t now_ns) {
  if (!difference_.empty()) return Reject::kNone;
  advance(now_ns);
  const Reject reject = router_->configure(config, now_ns_);
  const Reject judged = options_.compares ? oracle_.configure(config, now_ns_) : reject;
  if (reject == Reject::kNone) {
    has_conditions_ = std::ranges::any_of(config.queues, [](const QueueConfig& queue) {
      return std::ranges::any_of(queue.steps, &StepConfig::has_condition);
    });
    ledger_.set_reaches(config.reaches);
  }
  finish_step(reject, judged, true, [&] { return "configure\n" + config_lines(config); });
  return reject;
}

Reject Twin::upsert_agents(const std::vector<AgentProfile>& profiles, int64_t now_ns) {
  for (const AgentProfile& profile : profiles) {
    if (profile.media != MediaRule()) ledger_.let_have_several();
  }
  if (!difference_.empty()) return Reject::kNone;
  advance(now_ns);
  const Reject reject = router_->upsert_agents(profiles, now_ns_);
  const Reject judged = options_.compares ? oracle_.upsert_agents(profiles, now_ns_) : reject;
  finish_step(reject, judged, true, [&] {
    std::string text = "upsert_agents";
    for (const AgentProfile& profile : profiles) text += " [" + profile_line(profile) + "]";
    return text;
  });
  return reject;
}

Reject Twin::apply(const Command& command, std::string_view arena, int64_t now_ns) {
  if (!difference_.empty()) return Reject::kNone;
  // After a restart the timers are late: the command says so before any of them fires.
  if (command.kind == CommandKind::kResume) {
    now_ns_ = std::max(now_ns_, now_ns);
  } else {
    advance(now_ns);
  }
  const uint64_t hash_before = router_->event_hash();
  const Reject reject = router_->apply(command, arena, now_ns_);
  const Reject judged = options_.compares ? oracle_.apply(command, arena, now_ns_) : reject;
  const auto describe = [&] { return command_line(command, arena); };
  const bool is_dropped = reject == Reject::kRepeat || reject == Reject::kSequenceGap;
  if (is_dropped && router_->event_hash() != hash_before) {
    differ("the Router drops the command, but its event hash has changed", describe());
  }
  const bool may_say = reject == Reject::kNone || reject == Reject::kOfferStale;
  if (!may_say && !router_->events().events.empty()) {
    differ("the Router refuses the command, but has events of it", describe());
  }
  finish_step(reject, judged, may_leave_work(command), describe);
  return reject;
}

void Twin::advance(int64_t now_ns) {
  if (!difference_.empty()) return;
  const auto describe = [&] { return "time passes to " + time_text(now_ns); };
  now_ns = std::max(now_ns, now_ns_);
  while (difference_.empty()) {
    int64_t deadline_ns = router_->next_deadline_ns();
    if (options_.compares) deadline_ns = std::min(deadline_ns, oracle_.next_deadline_ns());
    if (deadline_ns >= now_ns) break;
    const int64_t target_ns = options_.by_instant ? std::max(deadline_ns + 1, now_ns_) : now_ns;
    if (!options_.settles) {
      // One slice of bulk work at a time: time stands there, and commands come before the next.
      router_->advance(target_ns, UINT32_MAX);
      now_ns_ = router_->now_ns();
      const bool is_slice_left = router_->is_slice_left();  // A restored one would not know.
      finish_step(Reject::kNone, Reject::kNone, false, describe);
      if (!is_slice_left) continue;
      ++slice_count_;
      return;
    }
    const bool ends = fire_before(target_ns);
    finish_step(Reject::kNone, Reject::kNone, false, describe);
    if (!ends) differ("timers at one instant do not end", describe());
  }
  if (!difference_.empty()) return;
  // Nothing is due: only the clocks move.
  router_->advance(now_ns, UINT32_MAX);
  if (options_.compares) oracle_.advance(now_ns, UINT32_MAX);
  now_ns_ = now_ns;
}

bool Twin::may_leave_work(const Command& command) const {
  return has_conditions_ || command.kind == CommandKind::kOpenSession ||
         command.kind == CommandKind::kCloseSession || command.kind == CommandKind::kResume ||
         command.kind == CommandKind::kResyncBegin || command.kind == CommandKind::kResyncEnd;
}

bool Twin::fire_before(int64_t now_ns) {
  now_ns_ = now_ns;
  uint32_t fired = 0;
  do {
    fired += std::max(router_->advance(now_ns, UINT32_MAX), 1u);
    if (router_->is_slice_left()) ++slice_count_;
  } while (router_->next_deadline_ns() < now_ns && fired < kTimersMax);
  if (options_.compares) {
    do {
      fired += std::max(oracle_.advance(now_ns, UINT32_MAX), 1u);
    } while (oracle_.next_deadline_ns() < now_ns && fired < kTimersMax);
  }
  return fired < kTimersMax;
}

// Whether bulk work is under way that may take several slices.
bool Twin::has_slice_left() const { return is_large_ && router_->next_deadline_ns() <= now_ns_; }

template <typename Describe>
void Twin::settle(const Describe& describe) {
  const auto is_due = [&] {
    return router_->next_deadline_ns() <= now_ns_ ||
           (options_.compares && oracle_.next_deadline_ns() <= now_ns_);
  };
  for (uint32_t turns = 0; difference_.empty() && is_due(); ++turns) {
    if (turns == kTimersMax) return differ("bulk work does not end", describe());
    fire_before(now_ns_ + 1);
    compare(Reject::kNone, Reject::kNone, describe);
  }
}

template <typename Describe>
void Twin::finish_step(Reject router_says, Reject oracle_says, bool settles,
                       const Describe& describe) {
  ++step_count_;
  // Slices are the Router's own: both are compared when the last one is done.
  if (options_.settles && settles && has_slice_left() && !fire_before(now_ns_ + 1)) {
    differ("bulk work does not end", describe());
  }
  compare(router_says, oracle_says, describe);
  if (options_.settles && settles) settle(describe);
  if (!difference_.empty()) return;
  if (options_.compares && step_count_ % kExplainEvery == 0) {
    const std::string wrong = judge_explanations();
    if (!wrong.empty()) return differ(wrong, describe());
  }
  if (options_.restore_every != 0 && step_count_ % options_.restore_every == 0) restore(describe);
  if (options_.check_every == 0 || step_count_ % options_.check_every != 0) return;
  const std::string broken = router_->check_invariants();
  if (!broken.empty()) differ("an invariant of the Router is broken: " + broken, describe());
}

template <typename Describe>
void Twin::restore(const Describe& describe) {
  if (!router_->configured() || !router_->is_quiet() || !router_->events().events.empty()) return;
  auto restored = std::make_unique<Router>();
  SavedRouter saved = router_->save();
  if (options_.carry) options_.carry(&saved);
  restored->restore(saved);
  if (restored->state_hash() != router_->state_hash()) {
    differ("a restored Router has another state hash", describe());
  } else if (restored->event_hash() != router_->event_hash()) {
    differ("a restored Router has another event hash", describe());
  } else if (restored->next_deadline_ns() != router_->next_deadline_ns()) {
    differ(
        "a restored Router has another next deadline: " + time_text(restored->next_deadline_ns()),
        describe());
  } else if (const std::string broken = restored->check_invariants(); !broken.empty()) {
    differ("an invariant of a restored Router is broken: " + broken, describe());
  }
  router_ = std::move(restored);
  ++restore_count_;
}

template <typename Describe>
void Twin::compare(Reject router_says, Reject oracle_says, const Describe& describe) {
  if (!difference_.empty()) return;
  collect();
  if (options_.compares) {
    const auto& ours = router_log_.events;
    const auto& judged = oracle_log_.events;
    if (router_says != oracle_says) {
      differ("the Router says " + std::string(reject_name(router_says)) + ", the oracle " +
                 std::string(reject_name(oracle_says)),
             describe());
    } else if (!std::ranges::equal(ours, judged,
                                   [&](const Event& a, const Event& b) { return is_same(a, b); })) {
      differ("the events are not the same", describe());
    } else if (!wrong_decision_.empty()) {
      differ(wrong_decision_, describe());
    } else if (router_->next_deadline_ns() != oracle_.next_deadline_ns()) {
      differ("the next deadline is " + time_text(router_->next_deadline_ns()) +
                 " for the Router, " + time_text(oracle_.next_deadline_ns()) + " for the oracle",
             describe());
    }
  }
  watch();
  if (difference_.empty() && !ledger_.breach().empty()) {
    differ("cannot be true: " + ledger_.breach(), describe());
  }
}

// Bulk work meets calls class by class in the Router, one by one in the oracle: what it does to
// each is compared, not which was first.
template <typename IdOf>
void sort_bulk(std::vector<Event>* events, const IdOf& id_of) {
  const auto is_bulk = [](const Event& event) {
    return event.kind == EventKind::kCallStepChanged ||
           event.kind == EventKind::kCallPriorityChanged ||
           event.kind == EventKind::kCallOverflowed || event.kind == EventKind::kCallRetrieved ||
           (event.kind == EventKind::kCallRejected &&
            event.detail == static_cast<uint8_t>(LimitKind::kDrained)) ||
           (event.kind == EventKind::kCallEnqueued &&
            event.detail == static_cast<uint8_t>(VisitEntry::kDrained));
  };
  for (auto begin = events->begin(); begin != events->end();) {
    const auto end = std::find_if_not(begin, events->end(), is_bulk);
    std::stable_sort(begin, end,
                     [&](const Event& a, const Event& b) { return id_of(a) < id_of(b); });
    begin = end == events->end() ? end : end + 1;
  }
}

// Takes the events of both. Decisions are the Router's alone, and judged apart.
void Twin::collect() {
  router_->take_events(&router_log_);
  judge_decisions();
  std::erase_if(router_log_.events,
                [](const Event& event) { return event.kind == EventKind::kCallDecided; });
  event_count_ += router_log_.events.size();
  if (options_.distort)
    std::ranges::for_each(router_log_.events, [&](Event& event) { options_.distort(&event); });
  if (!options_.compares) return;
  oracle_.take_events(&oracle_log_);
  // A caller is given back after the end of the consult.
  const auto consult_of = [](const Event& event, const EventLog& log) {
    return event.kind == EventKind::kCallRetrieved ? event.text2.in(log.arena) : std::string_view();
  };
  sort_bulk(&router_log_.events, [&](const Event& event) {
    const std::string_view consult = consult_of(event, router_log_);
    return consult.empty() ? router_call_id(event) : consult;
  });
  sort_bulk(&oracle_log_.events, [&](const Event& event) {
    const std::string_view consult = consult_of(event, oracle_log_);
    return consult.empty() ? oracle_call_id(event) : consult;
  });
}

void Twin::watch() {
  for (const Event& event : router_log_.events) {
    const std::string_view call_id = router_call_id(event);
    // Known before anything is lost again.
    is_large_ = is_large_ || router_->agent_count() + router_->live_call_count() > kBulkSliceMax;
    if (watcher_) watcher_(event, router_log_, call_id);
    ledger_.follow(event, router_log_, call_id);
  }
}

std::string_view Twin::router_call_id(const Event& event) const {
  return event.call.valid() ? router_->call(event.call).id.view() : std::string_view();
}

std::string_view Twin::oracle_call_id(const Event& event) const {
  return event.call.valid() ? oracle_.call_id(event.call) : std::string_view();
}

bool Twin::is_same(const Event& a, const Event& b) const {
  const std::string& texts = router_log_.arena;
  const std::string& others = oracle_log_.arena;
  return a.kind == b.kind && a.detail == b.detail && a.flag == b.flag && a.from == b.from &&
         a.to == b.to && a.medium == b.medium && a.agent == b.agent && a.queue == b.queue &&
         a.source == b.source && a.generation == b.generation && a.number == b.number &&
         a.cause == b.cause && a.time_ns == b.time_ns &&
         // The oracle has no records of decisions, so that its events have other numbers; the ledger
         // looks at those.
         (a.kind == EventKind::kCallScored || a.duration_ns == b.duration_ns) &&
         a.call.valid() == b.call.valid() && router_call_id(a) == oracle_call_id(b) &&
         a.text.in(texts) == b.text.in(others) && a.text2.in(texts) == b.text2.in(others) &&
         a.text3.in(texts) == b.text3.in(others);
}

void Twin::differ(const std::string& what, const std::string& sent) {
  if (!difference_.empty()) return;
  difference_ = "step " + std::to_string(step_count_) + " at " + time_text(now_ns_) + ": " + what +
                "\n  sent: " + sent + "\n" + both_sides();
}

std::string Twin::both_sides() const {
  const auto name_of = [](const auto& names, auto index) {
    return index.value() < names.size() ? std::string_view(names[index.value()])
                                        : std::string_view();
  };
  std::vector<std::string> agents;
  for (const LedgerAgent& agent : ledger_.agents()) agents.push_back(agent.id);
  const auto lines_of = [&](const EventLog& log, auto&& id_of) {
    std::vector<std::string> lines;
    for (const Event& event : log.events) {
      lines.push_back(event_line(event, log,
                                 EventNames{id_of(event), name_of(agents, event.agent),
                                            name_of(ledger_.queues(), event.queue)}));
    }
    return lines;
  };
  const auto ours = lines_of(router_log_, [&](const Event& e) { return router_call_id(e); });
  const auto judged = lines_of(oracle_log_, [&](const Event& e) { return oracle_call_id(e); });
  const auto differ_at = std::ranges::mismatch(ours, judged).in1 - ours.begin();
  const auto show = [&](const std::vector<std::string>& lines) {
    std::string text;
    for (size_t i = 0; i < std::min(lines.size(), kLinesShown); ++i) {
      const bool is_first = options_.compares && static_cast<std::ptrdiff_t>(i) == differ_at;
      text += (is_first ? "  > " : "    ") + lines[i] + "\n";
    }
    if (lines.empty()) text = "    (nothing)\n";
    if (lines.size() > kLinesShown) text += "    ...\n";
    return text;
  };
  std::string text = "  Router:\n" + show(ours);
  if (options_.compares) text += "  oracle:\n" + show(judged);
  return text;
}

}  // namespace acd::sim
