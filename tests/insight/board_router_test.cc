// SPDX-License-Identifier: Apache-2.0
// The board behind a real Router: what it shows is what the Router holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "routing/insight/board.h"
#include "routing/insight/history_fold.h"
#include "routing/insight/saved_board.h"
#include "routing/insight/saved_predictor.h"
#include "routing/insight/saved_windows.h"
#include "routing/insight/wait_predictor.h"
#include "routing/insight/window_stats.h"
#include "routing/router.h"

namespace acd {
namespace {

CallState shown_state(CallStage stage) {
  switch (stage) {
    case CallStage::kFree:
    case CallStage::kEnqueued:
      return CallState::kEnqueued;
    case CallStage::kAlerting:
      return CallState::kAlerting;
    case CallStage::kScheduled:
      return CallState::kScheduled;
    case CallStage::kDialing:
    case CallStage::kDialingOutside:
      return CallState::kDialing;
    case CallStage::kOutside:
      return CallState::kOutside;
    case CallStage::kConnecting:
      return CallState::kConnecting;
    case CallStage::kConnected:
      return CallState::kConnected;
  }
  return CallState::kEnqueued;
}

constexpr uint32_t kAgentIdCount = 6;
constexpr int64_t kUnixOffsetNs = int64_t{1'700'000'000} * kNsPerS;
// Few, so that most commands meet a call with an agent.
constexpr size_t kCallsLiveMax = 8;
constexpr uint32_t kCallIdCount = 100'000;

// Two queues with and without wrap-up, six agents, one switch, and commands at random.
class RouterBoardTest : public testing::TestWithParam<uint64_t> {
 protected:
  RouterBoardTest() : random_(GetParam()) {
    TenantConfig config;
    config.id = "bank";
    config.skills = {"ps"};
    config.queues.resize(2);
    config.queues[0].id = "sales";
    config.queues[1].id = "service";
    config.queues[1].wrap_up_mode = WrapUpMode::kTimed;
    config.queues[1].wrap_up_ns = 4 * kNsPerS;
    config_ = config;
    board_.configure(config);
    predictor_.configure(config);
    tell_windows();
    EXPECT_EQ(router_.configure(config, 0), Reject::kNone);
    std::vector<AgentProfile> agents(kAgentIdCount);
    for (uint32_t i = 0; i < kAgentIdCount; ++i) {
      agents[i] = {agent_id(i), "", {{"ps", 5}}, "", {}};
      // Every other one has several contacts in hand.
      if (i % 2 == 1) agents[i].media = {{1, 3, 2, 1, 1}, {}, {}};
    }
    EXPECT_EQ(router_.upsert_agents(agents, 0), Reject::kNone);
    Command open;
    open.kind = CommandKind::kOpenSession;
    open.name = text("pbx");
    open.text = text("epoch");
    apply(open);
  }

  // Of a day without end.
  void tell_windows() {
    windows_->set_day_rule([](int64_t) { return LocalDay{0, INT64_MAX / kNsPerMs}; });
    history_.set_sink(windows_.get());
    history_.configure(config_);
  }

  uint32_t below(uint32_t limit) {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>((random_ >> 33) % limit);
  }
  static std::string agent_id(uint32_t index) { return "agent-" + std::to_string(index); }
  TextRef text(const std::string& value) {
    const TextRef ref{static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(value.size())};
    arena_ += value;
    return ref;
  }

  // Refusals are part of the game.
  void apply(Command command) {
    command.source = SourceIndex(0u);
    static_cast<void>(router_.apply(command, arena_, now_ns_));
    arena_.clear();
    fold();
  }
  void advance(int64_t by_ns) {
    now_ns_ += by_ns;
    router_.advance(now_ns_, 1'000);
    fold();
  }
  void fold() {
    router_.take_events(&log_);
    for (const Event& event : log_.events) {
      if (event.kind == EventKind::kCallPartyJoined) ++joined_;
      if (event.kind == EventKind::kCallOutsideAnswered) ++outside_;
      board_.apply(event, log_.arena);
      predictor_.apply(event);
      count(event);
      history_.apply(event, log_.arena, kUnixOffsetNs, &rows_);
    }
  }

  // What happened by medium, told by the events alone.
  void count(const Event& event) {
    const bool has_arrived = event.kind == EventKind::kCallEnqueued &&
                             event.detail == static_cast<uint8_t>(VisitEntry::kArrival);
    const bool is_consult = event.kind == EventKind::kCallEnqueued &&
                            event.detail == static_cast<uint8_t>(VisitEntry::kConsult);
    if (has_arrived || is_consult) medium_by_number_[event.sequence] = event.medium;
    QueueCounts& counts = events_by_medium_[static_cast<size_t>(event.medium)];
    counts.offered += has_arrived ? 1 : 0;
    const bool is_answered =
        event.kind == EventKind::kCallConnected && !board_.call(event.call).is_consult();
    counts.answered += is_answered ? 1 : 0;
    counts.requeued += event.kind == EventKind::kCallRequeued ? 1 : 0;
    counts.offers.created += event.kind == EventKind::kOfferCreated ? 1 : 0;
    counts.offers.accepted += event.kind == EventKind::kOfferAccepted ? 1 : 0;
    if (event.kind != EventKind::kCallScored) return;
    ++scored_;
    if (event.flag) ++scored_consults_;
    EXPECT_EQ(event.medium, medium_by_number_.at(event.duration_ns));
  }

  // Of a call that lives, or of one that is over.
  void random_outcome() {
    Command command;
    command.kind = CommandKind::kSetOutcome;
    if (ids_.empty()) return;
    command.call = text(ids_[below(static_cast<uint32_t>(ids_.size()))]);
    command.detail = kSaysSurvey;
    command.number = static_cast<int32_t>(below(11));
    apply(command);
  }

  void random_agent_command() {
    using enum CommandKind;
    // Twice and more what brings agents back to work.
    const CommandKind kinds[] = {kLogIn,     kLogIn,       kLogOut,           kSetReady,
                                 kSetReady,  kSetReady,    kSetReady,         kSetReady,
                                 kSetReady,  kSetNotReady, kPhoneBusy,        kPhoneIdle,
                                 kPhoneIdle, kEndWrapUp,   kPhoneUnregistered};
    const uint32_t agent = below(kAgentIdCount);
    Command command;
    command.kind = kinds[below(std::size(kinds))];
    command.name = text(agent_id(agent));
    command.text = text("phone-" + std::to_string(agent));
    command.number = command.kind == kSetNotReady ? 5 : 0;
    apply(command);
  }

  void enqueue() {
    Command command;
    command.kind = CommandKind::kEnqueueCall;
    ids_.push_back("call-" + std::to_string(below(kCallIdCount)));
    command.call = text(ids_.back());
    command.name = text(below(2) == 0 ? "sales" : "service");
    command.text = text("ps >= 1");
    command.age_ns = below(10) * kNsPerS;
    command.detail = static_cast<uint8_t>(below(kMediumCount) << 1);
    apply(command);
  }

  // Something happens to the call that is `nth` by age.
  void random_call_command() {
    using enum CommandKind;
    const CommandKind kinds[] = {kEndCall,       kLegRinging,    kLegAnswered, kLegAnswered,
                                 kLegFailed,     kHoldCall,      kResumeCall,  kCallConnected,
                                 kConnectFailed, kCallConnected, kConsult,     kConsult,
                                 kMergeCall,     kMergeCall,     kLeaveCall,   kTransferCall,
                                 kConsult,       kMergeCall,     kMergeCall};
    if (board_.calls_by_age().empty()) return;
    const auto nth = below(static_cast<uint32_t>(board_.calls_by_age().size()));
    const CallIndex index = std::next(board_.calls_by_age().begin(), nth)->second;
    Command command;
    command.kind = kinds[below(std::size(kinds))];
    command.call = text(board_.call(index).id);
    command.generation = router_.call(index).generation - (below(20) == 0 ? 1 : 0);
    if (command.kind == kEndCall) command.detail = static_cast<uint8_t>(1 + below(4));
    if (command.kind == kLegFailed) command.detail = static_cast<uint8_t>(1 + below(5));
    if (command.kind == kConsult) {
      ids_.push_back("call-" + std::to_string(below(kCallIdCount)));
      command.leg = text(ids_.back());
    }
    if (command.kind == kTransferCall || command.kind == kConsult) {
      const bool is_outside = below(4) == 0;
      command.detail =
          static_cast<uint8_t>(is_outside ? TransferTarget::kOutside : TransferTarget::kQueue);
      command.name = text(is_outside ? "+44123" : below(2) == 0 ? "sales" : "service");
    }
    if (command.kind == kMergeCall) command.flag = below(3) != 0;
    const std::vector<CallParty>& parties = board_.call(index).parties;
    if (!parties.empty() && below(4) != 0) {
      const AgentIndex party = parties[below(static_cast<uint32_t>(parties.size()))].agent;
      const TextRef agent = text(board_.agent(party).id);
      if (command.kind == kConsult) command.preferred = agent;
      if (command.kind == kLeaveCall || command.kind == kHoldCall || command.kind == kResumeCall) {
        command.name = agent;
      }
    }
    apply(command);
  }

  // Something happens to anybody or nothing; before one step in four less than `pause_max_ms` pass.
  void random_step(uint32_t pause_max_ms) {
    if (below(4) == 0) advance(below(pause_max_ms) * kNsPerMs);
    if (below(8) == 0) random_outcome();
    switch (below(4)) {
      case 0:
        random_agent_command();
        break;
      case 1:
        if (board_.calls_by_age().size() < kCallsLiveMax) enqueue();
        break;
      default:
        random_call_command();
    }
  }

  void expect_same() {
    board_.advance(router_.now_ns());
    const QueueCounts total = board_.total();
    for (const QueueView* queue : board_.queues()) {
      EXPECT_TRUE(queue->counts.conserved());
      EXPECT_EQ(queue->counts.waiting, static_cast<int64_t>(queue->waiting_calls.size()));
    }
    const int64_t consults = total.consults - total.consults_answered - total.consults_failed;
    const auto outside = std::ranges::count_if(board_.calls_by_age(), [this](const auto& one) {
      return board_.call(one.second).state == CallState::kOutside;
    });
    EXPECT_EQ(static_cast<size_t>(total.waiting + consults + total.connected + outside),
              router_.live_call_count());
    EXPECT_EQ(board_.calls_by_age().size(), router_.live_call_count());
    int64_t handling = 0;
    for (uint32_t i = 0; i < kAgentIdCount; ++i) {
      const AgentView& shown = board_.agent(AgentIndex(i));
      const Agent& held = router_.agent(AgentIndex(i));
      EXPECT_EQ(shown.state, displayed_state(held)) << i;
      std::vector<CallIndex> calls;
      for (const WorkItem& item : held.items) {
        if (item.call.valid()) calls.push_back(item.call);
      }
      // A consult that was merged goes on as what it was about.
      EXPECT_TRUE(
          std::is_permutation(shown.calls.begin(), shown.calls.end(), calls.begin(), calls.end()))
          << i;
      EXPECT_EQ(shown.media, held.media) << i;
      EXPECT_EQ(shown.station, held.station.view()) << i;
      handling += std::count_if(held.items.begin(), held.items.end(),
                                [](const WorkItem& item) { return item.work == Work::kWrapUp; });
    }
    int64_t parties = 0;
    for (const auto& [arrived_ns, index] : board_.calls_by_age()) {
      const CallView& shown = board_.call(index);
      const Call& held = router_.call(index);
      EXPECT_EQ(shown.id, held.id.view());
      EXPECT_EQ(shown.medium, held.medium);
      EXPECT_EQ(shown.transfers == 0 ? arrived_ns : shown.entered_ns, held.enqueued_ns);
      EXPECT_EQ(shown.state, shown_state(held.stage));
      const bool is_alerting = held.stage == CallStage::kAlerting;
      EXPECT_EQ(shown.agent, is_alerting ? held.first_offered : held.agent);
      EXPECT_EQ(shown.is_consult(), held.parent.valid());
      if (shown.is_consult()) {
        EXPECT_EQ(shown.parent, router_.call(held.parent).id.view());
        EXPECT_EQ(shown.consulting, router_.consulting_agent(index));
      }
      parties += static_cast<int64_t>(shown.parties.size());
      for (const CallParty& party : shown.parties) {
        EXPECT_NE(router_.agent(party.agent).find_item(index), nullptr);
      }
    }
    // Every agent who was joined with a caller talks, is in wrap-up or done.
    EXPECT_EQ(total.answered + total.consults_answered - outside_ + joined_,
              parties + handling + total.handled);
  }

  uint64_t random_;
  int64_t now_ns_ = 0;
  std::string arena_;
  TenantConfig config_;
  Router router_;
  EventLog log_;
  Board board_;
  std::unique_ptr<WindowStats> windows_ = std::make_unique<WindowStats>();
  WaitPredictor predictor_{board_};
  HistoryFold history_;
  HistoryRows rows_;
  std::map<int64_t, Medium> medium_by_number_;
  std::array<QueueCounts, kMediumCount> events_by_medium_;
  int64_t scored_ = 0;
  int64_t scored_consults_ = 0;
  std::vector<std::string> ids_;  // Of calls that live, are over or were refused.
  int64_t joined_ = 0;
  int64_t outside_ = 0;  // Answered there.
};

TEST_P(RouterBoardTest, ShowsWhatRouterHolds) {
  for (int step = 0; step < 20'000 && !HasFailure(); ++step) {
    random_step(2'000);
    expect_same();
  }
  EXPECT_GT(board_.total().handled, 100);
  EXPECT_GT(board_.total().offers.stale, 0);
  EXPECT_GT(board_.total().consults_failed, 10);
  EXPECT_GT(joined_, 3);
  EXPECT_GT(outside_, 0);
}

// A number, and in the order of the levels.
void expect_sane(const WaitPrediction& prediction) {
  EXPECT_GE(prediction.calls_ahead, 0);
  EXPECT_LT(prediction.calls_ahead, 1e6);
  EXPECT_GE(prediction.mean_ns, 0);
  EXPECT_LE(prediction.p50_ns, prediction.p80_ns);
  EXPECT_LE(prediction.p80_ns, prediction.p95_ns);
}

// What was counted event by event is what a restart counts, and says the same from then on.
TEST_P(RouterBoardTest, PredictsTheSameAfterARestart) {
  int64_t known = 0;
  for (int step = 0; step < 20'000 && !HasFailure(); ++step) {
    random_step(2'000);
    if (step % 50 != 0) continue;
    Board board;
    board.restore(board_.save());
    WaitPredictor restored(board);
    restored.configure(config_);
    restored.restore(predictor_.save());
    EXPECT_EQ(restored.save(), predictor_.save());
    for (const int64_t later_ns : {int64_t{0}, 40 * kNsPerS}) {
      for (const auto& [arrived, call] : board_.calls_by_age()) {
        const WaitPrediction said = predictor_.predict_call(call, now_ns_ + later_ns);
        EXPECT_EQ(restored.predict_call(call, now_ns_ + later_ns), said);
        expect_sane(said);
        known += said.is_known() ? 1 : 0;
      }
      for (uint32_t queue = 0; queue < 2; ++queue) {
        const WaitPrediction said =
            predictor_.predict_arrival(QueueIndex(queue), {0, 0}, now_ns_ + later_ns);
        EXPECT_EQ(restored.predict_arrival(QueueIndex(queue), {0, 0}, now_ns_ + later_ns), said);
        expect_sane(said);
      }
    }
  }
  EXPECT_GT(known, 20);
}

// What an interval says of its queues, over all of them.
QueueCounts total_of(const HistoryRows& rows) {
  QueueCounts total;
  for (const QueueIntervalRow& row : rows.queue_intervals) {
    const QueueFigures figures = row.interval.media.total();
    total += figures.counts;
    EXPECT_EQ(figures.waiting_at_begin + figures.counts.visits(),
              figures.counts.visits_ended() + figures.counts.waiting);
    EXPECT_LE(figures.callbacks_waiting_at_end, figures.counts.waiting);
    EXPECT_GE(figures.wait_total.sum_ns, figures.wait_answered.sum_ns);
    EXPECT_EQ(row.begin_ms % kIntervalMs, 0);
  }
  total.waiting = total.connected = 0;  // At the end of each.
  return total;
}

// A day without end has all that the board has.
TEST_P(RouterBoardTest, WindowsAddUpToTheBoard) {
  const auto expect_same_counts = [&] {
    board_.advance(router_.now_ns());
    windows_->advance(board_, router_.now_ns());
    const auto check = [&](const StatsScope& scope, const QueueCounts& counts) {
      const WindowView day = windows_->read(scope, StatsWindow::kDay, router_.now_ns());
      for (size_t i = 0; i < kQueueCountMembers.size(); ++i) {
        const auto member = kQueueCountMembers[i];
        // A part is counted with what comes after it.
        if (member == &QueueCounts::handled) continue;
        EXPECT_EQ(day.counts.*member, counts.*member) << "figure " << i;
      }
      EXPECT_EQ(day.counts.waiting, counts.waiting);
      EXPECT_EQ(day.counts.callbacks_waiting, counts.callbacks_waiting);
      OfferCounts offers = counts.offers;
      offers.stale = 0;
      EXPECT_EQ(day.counts.offers, offers);
      EXPECT_EQ(day.counts.outcomes, counts.outcomes);
      EXPECT_TRUE(day.conserved);
    };
    check(StatsScope::tenant(), board_.total());
    for (uint32_t i = 0; i < 2; ++i) {
      check(StatsScope::of(QueueIndex(i)), board_.queue(QueueIndex(i)).counts);
    }
    EXPECT_EQ(windows_->conservation_violations(), 0);
    const CallCounts calls = windows_->calls();
    EXPECT_EQ(calls.live_at_end + calls.consults_live_at_end,
              static_cast<int64_t>(board_.calls_by_age().size()));
    for (const StatsWindow window : {StatsWindow::k5Min, StatsWindow::k60Min}) {
      EXPECT_TRUE(windows_->read({}, window, router_.now_ns()).conserved);
    }
  };
  for (int step = 0; step < 20'000 && !HasFailure(); ++step) {
    random_step(4'000);
    if (below(1'000) == 0) {
      const SavedWindows saved = windows_->save();
      windows_ = std::make_unique<WindowStats>();
      windows_->restore(saved);
      tell_windows();
    }
    if (step % 50 == 0) expect_same_counts();
  }
  EXPECT_GT(windows_->calls().consults_ended, 10);
}

TEST_P(RouterBoardTest, HistoryAddsUpToTheBoard) {
  for (int step = 0; step < 20'000 && !HasFailure(); ++step) {
    random_step(4'000);
    if (below(1'000) == 0) {  // Taken in between, and gone on from a copy: nothing changes.
      HistoryRows open;
      history_.take_open_intervals(&open);
      history_ = HistoryFold(history_.state());
    }
  }
  // Everything ends, and another interval begins.
  while (!board_.calls_by_age().empty()) {
    Command end;
    end.kind = CommandKind::kEndCall;
    end.detail = static_cast<uint8_t>(EndedBy::kCaller);
    end.call = text(board_.call(board_.calls_by_age().begin()->second).id);
    apply(end);
  }
  advance(kIntervalMs * kNsPerMs);
  Command phone;
  phone.kind = CommandKind::kLogIn;
  for (uint32_t i = 0; i < 2; ++i) {
    phone.name = text(agent_id(0));
    phone.text = text("phone-" + std::to_string(90 + i));
    apply(phone);
  }
  history_.take_open_intervals(&rows_);
  board_.advance(router_.now_ns());
  QueueCounts board = board_.total();
  QueueCounts history = total_of(rows_);
  board.offers.stale = 0;  // Of no queue, or of a call that is over.
  EXPECT_EQ(history, board);
  EXPECT_GT(scored_, 100);
  EXPECT_GT(scored_consults_, 10);
  std::map<int64_t, ToldOutcome> told;  // Later than the row of the call.
  for (const OutcomeRow& row : rows_.outcomes) told[row.number] = row.told;
  for (size_t i = 0; i < kMediumCount; ++i) {
    const auto medium = static_cast<Medium>(i);
    SCOPED_TRACE(medium_name(medium));
    QueueCounts queues;
    for (QueueIntervalRow& row : rows_.queue_intervals)
      queues += row.interval.media.of(medium).counts;
    AgentFigures agents;
    for (AgentIntervalRow& row : rows_.agent_intervals) agents += row.interval.media.of(medium);
    const QueueCounts& events = events_by_medium_[i];
    EXPECT_GT(events.answered, 0);
    EXPECT_EQ(queues.offered, events.offered);
    EXPECT_EQ(queues.answered, events.answered);
    EXPECT_LE(queues.transferred_out, queues.answered);
    EXPECT_GE(agents.transferred, queues.transferred_out);
    EXPECT_EQ(queues.requeued, events.requeued);
    EXPECT_EQ(queues.offers.created, events.offers.created);
    EXPECT_EQ(agents.offers.accepted + agents.offers.adopted, events.offers.accepted);
    EXPECT_EQ(agents.connected, queues.answered);
    EXPECT_EQ(agents.handled, queues.handled);
    EXPECT_EQ(agents.talk_ns + agents.hold_ns + agents.wrap_up_ns, queues.handle_sum_ns);
    int64_t surveys = 0;
    for (const CallRow& row : rows_.calls) {
      const auto later = told.find(row.number);
      const ToldOutcome& last = later == told.end() ? row.told : later->second;
      const bool is_callers = row.medium == medium && row.parent.empty();
      surveys += is_callers && last.survey != kNoScore ? 1 : 0;
    }
    EXPECT_EQ(queues.outcomes.surveys, surveys);
  }
  EXPECT_EQ(static_cast<int64_t>(rows_.visits.size()), board.visits() + board.consults);
  EXPECT_EQ(static_cast<int64_t>(rows_.calls.size()), board.offered + board.consults);
  EXPECT_GT(std::count_if(rows_.calls.begin(), rows_.calls.end(),
                          [](const CallRow& row) { return row.outcome == CallOutcome::kMerged; }),
            3);
  EXPECT_EQ(static_cast<int64_t>(rows_.offers.size()), board.offers.created);
  std::vector<int64_t> numbers;
  for (const CallRow& row : rows_.calls) numbers.push_back(row.number);
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(std::unique(numbers.begin(), numbers.end()), numbers.end());
  for (uint32_t i = 0; i < kAgentIdCount; ++i) {
    const AgentView& agent = board_.agent(AgentIndex(i));
    int64_t idle_ns = 0;
    AgentFigures figures;
    for (const AgentIntervalRow& row : rows_.agent_intervals) {
      if (row.agent != agent.id) continue;
      idle_ns += row.interval.state_ns[static_cast<size_t>(AgentState::kReady)];
      figures += row.interval.media.total();
      int64_t not_ready_ns = 0;
      for (const auto& [reason, time_ns] : row.interval.not_ready_ns) not_ready_ns += time_ns;
      EXPECT_EQ(not_ready_ns, row.interval.state_ns[static_cast<size_t>(AgentState::kNotReady)]);
      EXPECT_LE(
          std::accumulate(row.interval.state_ns.begin(), row.interval.state_ns.end(), int64_t{0}),
          kIntervalMs * kNsPerMs);
    }
    EXPECT_EQ(figures.connected, agent.answered);
    EXPECT_EQ(figures.joined, agent.joined);
    EXPECT_EQ(figures.transferred, agent.transferred);
    EXPECT_LE(agent.transferred, agent.answered + agent.joined);
    // The board counts a state when it ends.
    if (agent.state != AgentState::kReady) {
      EXPECT_EQ(idle_ns, agent.idle_sum_ns);
    }
  }
}

// Of an agent in an interval, of each medium.
struct HandleTimes {
  int64_t count = 0;
  int64_t talk_ms = 0;
  int64_t hold_ms = 0;
  int64_t wrap_up_ms = 0;

  bool operator==(const HandleTimes&) const = default;
};

TEST_P(RouterBoardTest, TalksAddUpToTheAgentsAndToTheirCalls) {
  for (int step = 0; step < 20'000 && !HasFailure(); ++step) random_step(4'000);
  Command end;
  end.kind = CommandKind::kEndCall;
  end.detail = static_cast<uint8_t>(EndedBy::kCaller);
  while (!board_.calls_by_age().empty()) {
    end.call = text(board_.call(board_.calls_by_age().begin()->second).id);
    apply(end);
  }
  advance(kIntervalMs * kNsPerMs);
  enqueue();  // What ended is told with what comes next.
  history_.take_open_intervals(&rows_);

  using Key = std::tuple<std::string, int64_t, Medium>;
  std::map<Key, HandleTimes> by_interval;
  for (const AgentIntervalRow& row : rows_.agent_intervals) {
    for (const auto& [medium, figures] : row.interval.media.all) {
      if (figures.handled == 0) continue;
      HandleTimes& times = by_interval[{row.agent, row.begin_ms, medium}];
      times = {figures.handled, figures.talk_ns / kNsPerMs, figures.hold_ns / kNsPerMs,
               figures.wrap_up_ns / kNsPerMs};
    }
  }
  std::map<Key, HandleTimes> by_talk;
  std::map<int64_t, std::vector<const TalkRow*>> by_call;
  std::set<std::pair<int64_t, int32_t>> transferred;  // Visits: number and visit.
  for (const TalkRow& talk : rows_.talks) {
    const int64_t wrap_up_ms = std::max(talk.wrap_up_ms, int64_t{0});
    const int64_t over_ms = talk.ended_ms + wrap_up_ms;
    HandleTimes& times = by_talk[{talk.agent, over_ms / kIntervalMs * kIntervalMs, talk.medium}];
    ++times.count;
    times.talk_ms += talk.talk_ms;
    times.hold_ms += talk.hold_ms;
    times.wrap_up_ms += wrap_up_ms;
    EXPECT_EQ(talk.ended_ms - talk.connected_ms, talk.talk_ms + talk.hold_ms);
    EXPECT_FALSE(talk.end == TalkEnd::kMerged && talk.parent.empty());
    EXPECT_EQ(talk.target.empty(), talk.target_kind == TransferTarget::kNone);
    if (!talk.target.empty()) transferred.emplace(talk.number, talk.visit);
    by_call[talk.number].push_back(&talk);
  }
  EXPECT_EQ(by_talk, by_interval);
  EXPECT_EQ(static_cast<int64_t>(transferred.size()), board_.total().transferred_out);
  EXPECT_GT(transferred.size(), 10u);
  int64_t joined = 0;
  for (uint32_t i = 0; i < kAgentIdCount; ++i) joined += board_.agent(AgentIndex(i)).joined;
  EXPECT_EQ(joined, joined_);
  for (const CallRow& row : rows_.calls) {
    std::vector<const TalkRow*> parts = by_call[row.number];
    std::sort(parts.begin(), parts.end(),
              [](const TalkRow* a, const TalkRow* b) { return a->part < b->part; });
    HandleTimes last;
    int32_t holds = 0;
    bool is_of_its_agent = row.agent.empty();
    for (size_t i = 0; i < parts.size(); ++i) {
      EXPECT_EQ(parts[i]->part, static_cast<int32_t>(i + 1)) << row.call;
      EXPECT_EQ(parts[i]->parent, row.parent);
      if (parts[i]->visit != row.visits) continue;
      last.talk_ms += parts[i]->talk_ms;
      last.hold_ms += parts[i]->hold_ms;
      holds += parts[i]->holds;
      is_of_its_agent = is_of_its_agent || parts[i]->agent == row.agent;
    }
    EXPECT_TRUE(is_of_its_agent) << row.call;
    EXPECT_EQ(holds, row.holds) << row.call;
    EXPECT_EQ(last.talk_ms, std::max(row.talk_ms, int64_t{0})) << row.call;
    EXPECT_EQ(last.hold_ms, std::max(row.hold_ms, int64_t{0})) << row.call;
    by_call.erase(row.number);
  }
  EXPECT_TRUE(by_call.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, RouterBoardTest, testing::Values(1, 2, 3));

}  // namespace
}  // namespace acd
