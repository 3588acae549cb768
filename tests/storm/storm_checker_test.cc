// SPDX-License-Identifier: Apache-2.0
// The checker finds what a daemon could do wrong: good histories pass, and each doctored one is named.
#include "tests/storm/storm_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace acd::storm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// --- The journal.

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    ledger_.sent = {{1, "log_in ada"}, {2, "enqueue_call c1"}, {3, "enqueue_call c2"}};
    ledger_.acknowledged = 3;
    ledger_.granted = {"transfer_call r1"};
    journal_ = {{0, "open_session "},
                {1, "log_in ada"},
                {2, "enqueue_call c1"},
                {0, "transfer_call r1"},
                {3, "enqueue_call c2"}};
  }
  [[nodiscard]] Breaches check() const { return check_journal(ledger_, journal_); }

  SwitchLedger ledger_;
  std::vector<JournalEntry> journal_;
};

TEST_F(JournalTest, HoldsWhatWasAcknowledged) { EXPECT_THAT(check(), IsEmpty()); }

TEST_F(JournalTest, MayHoldMoreThanWasAcknowledged) {
  ledger_.acknowledged = 2;
  EXPECT_THAT(check(), IsEmpty());
}

TEST_F(JournalTest, MissesTheLastEvent) {
  journal_.pop_back();
  EXPECT_THAT(check(), ElementsAre("events up to 3 were acknowledged, and the journal ends at 2"));
}

TEST_F(JournalTest, MissesAnEvent) {
  journal_.erase(journal_.begin() + 2);
  EXPECT_THAT(check(), ElementsAre("the journal has event 3 (enqueue_call c2) behind event 1"));
}

TEST_F(JournalTest, HasAnEventTwice) {
  journal_.push_back(journal_.back());
  EXPECT_THAT(check(), ElementsAre("the journal has event 3 (enqueue_call c2) behind event 3"));
}

TEST_F(JournalTest, HasEventsInAnotherOrder) {
  std::swap(journal_[1], journal_[2]);
  EXPECT_FALSE(check().empty());
}

TEST_F(JournalTest, HasAnotherEventUnderTheNumber) {
  journal_[2].text = "enqueue_call c9";
  EXPECT_THAT(check(), ElementsAre("event 2 was sent as enqueue_call c1 and stands in the journal "
                                   "as enqueue_call c9"));
}

TEST_F(JournalTest, HasAnEventThatNobodySent) {
  journal_.push_back({4, "enqueue_call c9"});
  EXPECT_THAT(check(), ElementsAre("the journal has event 4 (enqueue_call c9), which nobody sent"));
}

TEST_F(JournalTest, HasARequestTwiceOrNotAtAll) {
  journal_.push_back({0, "transfer_call r1"});
  ledger_.granted.insert("accept_offer r2");
  EXPECT_THAT(check(),
              UnorderedElementsAre(
                  "request transfer_call r1 was granted, and stands in the journal 2 times",
                  "request accept_offer r2 was granted, and stands in the journal 0 times"));
}

TEST_F(JournalTest, ReadsCommandsAsTheSwitchWroteThem) {
  std::string arena;
  Command command;
  command.kind = CommandKind::kSetReady;
  command.sequence = 7;
  command.name = add_text("ada", &arena);
  sim::ReplayEvent event;
  event.kind = sim::ReplayEventKind::kAgentReady;
  event.agent = "ada";
  EXPECT_EQ(journal_entry(command, arena).sequence, 7);
  EXPECT_EQ(journal_entry(command, arena).text, event_text(event));

  command = {};
  command.kind = CommandKind::kConsult;
  command.call = add_text("c1", &arena);
  command.leg = add_text("c1-c", &arena);
  event.kind = sim::ReplayEventKind::kConsultBegun;
  event.call = "c1";
  event.other_call = "c1-c";
  EXPECT_EQ(journal_entry(command, arena).text, request_text(event, "r1"));
}

// --- Watchers.

std::vector<v1::Event> story() {
  std::vector<v1::Event> events;
  const auto add = [&](const char* type, const char* call, const char* agent = "") {
    v1::Event& event = events.emplace_back();
    event.set_sequence(static_cast<int64_t>(events.size()));
    event.set_type(type);
    event.set_call_id(call);
    event.set_agent_id(agent);
    event.set_queue_id("sales");
  };
  add("call.enqueued", "c1");
  add("offer.created", "c1", "ada");
  add("offer.accepted", "c1", "ada");
  add("call.requeued", "c1", "ada");
  add("offer.created", "c1", "bob");
  add("offer.accepted", "c1", "bob");
  add("call.connected", "c1", "bob");
  add("call.completed", "c1", "bob");
  add("agent.wrap_up_started", "c1", "bob");
  return events;
}

std::vector<std::string> as_seen(const std::vector<v1::Event>& events) {
  std::vector<std::string> seen;
  for (const v1::Event& event : events) seen.push_back(event.SerializeAsString());
  return seen;
}

Breaches check_unfiltered(const std::vector<std::string>& seen) {
  return check_watcher("w", {}, seen, story());
}

TEST(WatcherTest, SeesWhatHappened) {
  EXPECT_THAT(check_dense(story()), IsEmpty());
  EXPECT_THAT(check_unfiltered(as_seen(story())), IsEmpty());
}

TEST(WatcherTest, MissesTheLastEvent) {
  std::vector<std::string> seen = as_seen(story());
  seen.pop_back();
  EXPECT_THAT(check_unfiltered(seen),
              ElementsAre("w has 8 events, and misses event 9 (agent.wrap_up_started)"));
}

TEST(WatcherTest, MissesAnEventHasOneTwiceOrInAnotherOrder) {
  for (const size_t at : {0u, 3u, 7u}) {
    std::vector<std::string> seen = as_seen(story());
    seen.erase(seen.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_EQ(check_unfiltered(seen).size(), 1u);
    seen = as_seen(story());
    seen.insert(seen.begin() + static_cast<std::ptrdiff_t>(at), seen[at]);
    EXPECT_EQ(check_unfiltered(seen).size(), 1u);
    seen = as_seen(story());
    std::swap(seen[at], seen[at + 1]);
    EXPECT_EQ(check_unfiltered(seen).size(), 1u);
  }
}

TEST(WatcherTest, HasOneMoreAtTheEnd) {
  std::vector<std::string> seen = as_seen(story());
  seen.push_back(seen.back());
  EXPECT_THAT(check_unfiltered(seen), ElementsAre("w has 10 events instead of 9"));
}

TEST(WatcherTest, SeesOneFieldOtherwise) {
  std::vector<v1::Event> events = story();
  events[4].set_agent_id("cleo");
  EXPECT_THAT(check_unfiltered(as_seen(events)), ElementsAre(HasSubstr("as its event 5")));
}

TEST(WatcherTest, FiltersByEachOfTheirKindsAndAllOfThem) {
  const auto count = [](const v1::WatchEventsRequest& filter) {
    int passing = 0;
    for (const v1::Event& event : story()) passing += passes(filter, event) ? 1 : 0;
    return passing;
  };
  v1::WatchEventsRequest filter;
  EXPECT_EQ(count(filter), 9);
  filter.add_agent_ids("bob");
  EXPECT_EQ(count(filter), 5);
  filter.add_types("offer");
  EXPECT_EQ(count(filter), 2);
  filter.add_types("call.completed");
  EXPECT_EQ(count(filter), 3);
  filter.add_queue_ids("service");
  EXPECT_EQ(count(filter), 0);
}

TEST(WatcherTest, IsJudgedByItsFilter) {
  v1::WatchEventsRequest filter;
  filter.add_types("offer.accepted");
  const std::vector<v1::Event> events = story();
  EXPECT_THAT(check_watcher("w", filter, as_seen({events[2], events[5]}), events), IsEmpty());
  EXPECT_EQ(check_watcher("w", filter, as_seen({events[5]}), events).size(), 1u);
  EXPECT_EQ(check_watcher("w", filter, as_seen({events[1], events[2], events[5]}), events).size(),
            1u);
}

TEST(EventsTest, HaveAGapOrARepeat) {
  std::vector<v1::Event> events = story();
  events.erase(events.begin() + 4);
  EXPECT_THAT(check_dense(events), ElementsAre("the daemon's event behind 4 is 6"));
  events = story();
  events.insert(events.begin() + 4, events[4]);
  EXPECT_FALSE(check_dense(events).empty());
}

// --- Calls.

TEST(CallsTest, EndOnceAndAreHadByOneAtATime) {
  EXPECT_THAT(check_calls({"c1"}, story()), IsEmpty());
}

TEST(CallsTest, AreAcceptedByASecondAgentWhileTheFirstHasThem) {
  std::vector<v1::Event> events = story();
  events.erase(events.begin() + 3);  // That ada could not be connected.
  EXPECT_THAT(check_calls({"c1"}, events),
              ElementsAre("event 6: offer.accepted of call c1 by bob while ada has it"));
}

TEST(CallsTest, AreGivenUpByWhoWaitedForACustomerInVain) {
  std::vector<v1::Event> events = story();
  events[3].set_type("call.dial_failed");
  EXPECT_THAT(check_calls({"c1"}, events), IsEmpty());
}

TEST(CallsTest, NeverEndOrNeverCame) {
  std::vector<v1::Event> events = story();
  events.resize(7);
  EXPECT_THAT(check_calls({"c1", "c2"}, events),
              ElementsAre("call c1 has 0 ends", "call c2 has 0 ends"));
}

TEST(CallsTest, EndTwice) {
  std::vector<v1::Event> events = story();
  events.push_back(events[7]);
  events.back().set_type("call.abandoned");
  EXPECT_THAT(
      check_calls({"c1"}, events),
      ElementsAre("event 8: call.abandoned of call c1, which is over", "call c1 has 2 ends"));
}

TEST(CallsTest, GoOnAfterTheirEnd) {
  std::vector<v1::Event> events = story();
  events.push_back(events[1]);
  EXPECT_THAT(check_calls({"c1"}, events),
              ElementsAre("event 2: offer.created of call c1, which is over"));
}

TEST(CallsTest, EndByATransferOutsideAndGoOnByOneInside) {
  std::vector<v1::Event> events = story();
  events[7].set_type("call.transferred");
  EXPECT_THAT(check_calls({"c1"}, events), ElementsAre("call c1 has 0 ends"));
  events[7].set_is_outside(true);
  EXPECT_THAT(check_calls({"c1"}, events), IsEmpty());
}

}  // namespace
}  // namespace acd::storm
