// SPDX-License-Identifier: Apache-2.0
// Queues that open and close by their calendar and by what supervisors say: at the right moment,
// once, and the same after a restart.
#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "acd/v1/config_service.pb.h"
#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = TableAnswer::Outcome;

constexpr char kOverrideId[] = "123e4567-e89b-42d3-a456-426614174000";
constexpr int64_t kAnHourNs = 3'600 * kNsPerS;

// What the machine's clock says.
int64_t hours_wall_ns = 0;
int64_t read_wall() { return hours_wall_ns; }

// "2026-11-23T08:00:00+01:00".
int64_t unix_of(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return absl::ToUnixNanos(time);
}
void set_wall(const std::string& text) { hours_wall_ns = unix_of(text); }

constexpr char kHoursConfig[] = R"(
tenants:
  - id: bank
    calendars:
      - id: office
        time_zone: Europe/Berlin
        weekly:
          - {days: [mon, tue, wed, thu, fri], hours: [08:00-18:00]}
    queues:
      - {id: sales, calendar: office, limits: {closed: {release: 31}}}
      - {id: always, limits: {closed: {release: 31}}}
    agents:
      - {id: ada}
)";

// Customers of `back` may be called in the evening, and on the last Sunday of March at night.
constexpr char kWindowConfig[] = R"(
tenants:
  - id: bank
    calendars:
      - id: evening
        time_zone: Europe/Berlin
        weekly:
          - {days: [mon, tue, wed, thu, fri], hours: [16:00-20:00]}
        holidays:
          - {date: 2026-11-24}
          - {date: 2027-03-28, hours: ["02:30-04:00"]}
    queues:
      - {id: back, callback: {calendar: evening}}
      - {id: always, callback: {attempts: 3}}
    agents:
      - {id: ada}
)";

class PartitionHoursTest : public ::testing::Test {
 protected:
  // A Monday, an hour before the office opens.
  PartitionHoursTest() { set_wall("2026-11-23T07:00:00+01:00"); }

  std::unique_ptr<Life> live(ClockMode mode = ClockMode::kWall, const char* config = kHoursConfig) {
    PartitionOptions options;
    options.unix_ns = read_wall;
    auto life =
        std::make_unique<Life>(folder_.path(), mode, std::move(options), size_t{4} << 20, config);
    EXPECT_TRUE(life->recovered.ok()) << life->recovered;
    EXPECT_TRUE(life->started.ok()) << life->started;
    return life;
  }

  static v1::OverrideQueueRequest request(v1::QueueOverride state, const std::string& queue,
                                          const std::string& until = "") {
    v1::OverrideQueueRequest request;
    request.set_name("tenants/bank/queues/" + queue);
    request.set_state(state);
    request.set_reason("fire drill");
    if (!until.empty()) request.mutable_until()->set_seconds(unix_of(until) / kNsPerS);
    return request;
  }
  static TableAnswer say(Life& life, const v1::OverrideQueueRequest& request) {
    const std::string queue = request.name().substr(request.name().rfind('/') + 1);
    return life.ask(make_override_change(request, queue));
  }
  // A turn in which nobody asks for anything; what it did is seen by the board afterwards.
  static void pass(Life& life) {
    v1::OverrideQueueRequest nothing = request(v1::QUEUE_OVERRIDE_OPEN, "always");
    nothing.set_validate_only(true);
    EXPECT_EQ(say(life, nothing).outcome, Outcome::kDone);
  }
  static std::string time_text(int64_t unix_ms) {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
    return absl::FormatTime("%m-%d %H:%M", absl::FromUnixMillis(unix_ms), zone);
  }
  // "open by calendar office, next 11-23 18:00", once all that was done is durable.
  static std::string hours(Life& life, const std::string& queue) {
    pass(life);
    return life.read<std::string>([&](const Board& board) -> std::string {
      const QueueView* view = board.find_queue(queue);
      if (view == nullptr) return "unknown";
      const QueueHours& said = view->hours;
      std::string text = view->is_open ? "open" : "closed";
      if (said.source == HoursSource::kCalendar) text += " by calendar " + said.calendar;
      if (said.source == HoursSource::kUnknownZone) text += " in an unknown zone";
      if (said.source == HoursSource::kOverride) {
        text += absl::StrCat(" by ", said.principal, ", ", said.reason, ", since ",
                             time_text(said.since_ms));
        if (said.until_ms != 0) text += ", until " + time_text(said.until_ms);
      }
      if (said.next_change_ms != 0) text += ", next " + time_text(said.next_change_ms);
      return text;
    });
  }
  // The same of the window in which customers may be called; the queue itself is open.
  static std::string window(Life& life, const std::string& queue) {
    pass(life);
    return life.read<std::string>([&](const Board& board) -> std::string {
      const QueueView* view = board.find_queue(queue);
      if (view == nullptr) return "unknown";
      EXPECT_TRUE(view->is_open);
      const QueueHours& said = view->callback_hours;
      std::string text = view->are_callbacks_open ? "open" : "closed";
      if (said.source == HoursSource::kCalendar) text += " by calendar " + said.calendar;
      if (said.source == HoursSource::kUnknownZone) text += " in an unknown zone";
      if (said.next_change_ms != 0) text += ", next " + time_text(said.next_change_ms);
      return text;
    });
  }
  static v1::TenantConfig config_of(Life& life) {
    std::promise<std::string> bytes;
    EXPECT_TRUE(life.observer.read(life.partition->tenants()[0].board, [&](const Insight& insight) {
      bytes.set_value(insight.config);
    }));
    v1::TenantConfig config;
    EXPECT_TRUE(config.ParseFromString(bytes.get_future().get()));
    return config;
  }
  static TableAnswer apply(Life& life, const v1::TenantConfig& config) {
    return life.ask(make_config_change(config, config.etag(), ""));
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  std::vector<Delivery> turn(Life& life, BatchBuilder& builder) {
    return run_turn(*life.partition, builder);
  }
  // Whether the switch was told to release a call.
  static bool has_release(const std::vector<Delivery>& said) {
    for (const Delivery& delivery : said) {
      for (const SwitchCommand& command : delivery.commands) {
        if (command.kind == SwitchCommandKind::kReleaseCall) return true;
      }
    }
    return false;
  }
  // Calls that the switch was told to ring an agent for.
  static std::vector<std::string> rung(const std::vector<Delivery>& said) {
    std::vector<std::string> calls;
    for (const Delivery& delivery : said) {
      for (const SwitchCommand& command : delivery.commands) {
        if (command.kind != SwitchCommandKind::kRingAgent) continue;
        calls.emplace_back(command.call.in(delivery.arena));
      }
    }
    return calls;
  }
  // The state that the journal gives, replayed anew.
  uint64_t replayed_hash() {
    SegmentJournalOptions options;
    options.folder = folder_.path();
    options.partition = "main";
    const auto journal = *SegmentJournal::open(options);
    return replayed_state_hash(journal.get());
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

TEST_F(PartitionHoursTest, AQueueOpensAndClosesByItsCalendar) {
  const auto life = live();
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-23 08:00");
  EXPECT_EQ(hours(*life, "always"), "open");
  set_wall("2026-11-23T07:59:59+01:00");
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-23 08:00");
  set_wall("2026-11-23T08:00:00+01:00");
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-23 18:00");
  set_wall("2026-11-27T18:00:00+01:00");
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-30 08:00");
  EXPECT_EQ(life->partition->check_invariants(), "");
}

TEST_F(PartitionHoursTest, ACallThatEntersAClosedQueueMeetsItsLimit) {
  const auto life = live();
  turn(*life, batch().open("pbx", "1"));
  EXPECT_TRUE(has_release(turn(*life, batch().enqueue(1, "early", "sales"))));
  set_wall("2026-11-23T08:00:00+01:00");
  // The same turn opens the queue and takes the call.
  EXPECT_FALSE(has_release(turn(*life, batch().enqueue(2, "in time", "sales"))));
  set_wall("2026-11-23T18:00:00+01:00");
  EXPECT_TRUE(has_release(turn(*life, batch().enqueue(3, "late", "sales"))));
  EXPECT_FALSE(has_release(turn(*life, batch().enqueue(4, "other", "always"))));
}

TEST_F(PartitionHoursTest, NothingIsDoneTwice) {
  const auto life = live();
  set_wall("2026-11-23T08:00:00+01:00");
  pass(*life);
  const uint64_t records = life->partition->last_sequence();
  for (int minute = 1; minute < 60; ++minute) {
    hours_wall_ns += 60 * kNsPerS;
    pass(*life);
  }
  EXPECT_EQ(life->partition->last_sequence(), records);
}

TEST_F(PartitionHoursTest, TheClockIsLookedAtInTime) {
  const auto life = live();
  pass(*life);
  // Nothing else is due for ten minutes, but the clock might leap.
  EXPECT_LE(life->partition->next_turn_ns(), life->partition->clock().now_ns() + kHoursLookNs + 1);
  set_wall("2026-11-23T07:59:59+01:00");
  pass(*life);
  EXPECT_LE(life->partition->next_turn_ns(), life->partition->clock().now_ns() + kNsPerS + 1);
}

TEST_F(PartitionHoursTest, AClockThatLeapsIsFollowedBothWays) {
  const auto life = live();
  set_wall("2026-11-26T12:00:00+01:00");  // Past some days at once.
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-26 18:00");
  set_wall("2026-11-23T07:30:00+01:00");
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-23 08:00");
  set_wall("2026-11-23T08:00:00+01:00");
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-23 18:00");
}

TEST_F(PartitionHoursTest, AStartComparesWhatIsWithWhatShouldBe) {
  uint64_t state_hash = 0;
  {
    const auto life = live();
    set_wall("2026-11-23T09:00:00+01:00");
    pass(*life);
    state_hash = life->partition->state_hash();
  }
  EXPECT_EQ(replayed_hash(), state_hash);
  set_wall("2026-11-23T10:00:00+01:00");
  uint64_t records = 0;
  {
    const auto life = live();  // Still open: nothing to do.
    EXPECT_EQ(life->recovered_hash, state_hash);
    records = life->partition->last_sequence();
    EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-23 18:00");
    EXPECT_EQ(life->partition->last_sequence(), records);
  }
  set_wall("2026-11-23T19:00:00+01:00");
  const auto life = live();
  // Before anybody is served: the resume, and that the queue closes.
  EXPECT_EQ(life->partition->last_sequence(), records + 2);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-24 08:00");
}

TEST_F(PartitionHoursTest, ADrivenClockStopsAtEachChange) {
  const auto life = live(ClockMode::kDriven);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-23 08:00");
  turn(*life, batch().open("pbx", "1"));
  std::vector<Delivery> said = turn(*life, batch().at(0));
  ASSERT_TRUE(said.back().has_driven_clock);
  EXPECT_EQ(said.back().next_deadline_ns, kAnHourNs);
  // What comes at the very instant of a change comes before it.
  EXPECT_TRUE(has_release(turn(*life, batch().at(kAnHourNs).enqueue(1, "at eight", "sales"))));
  said = turn(*life, batch().at(kAnHourNs + 1).enqueue(2, "behind", "sales"));
  EXPECT_FALSE(has_release(said));
  EXPECT_EQ(said.back().next_deadline_ns, 11 * kAnHourNs);
  EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-23 18:00");
}

// The changes in between are at their own times, and the same again by replay.
TEST_F(PartitionHoursTest, ADrivenClockThatPassesDaysPassesEachChange) {
  uint64_t state_hash = 0;
  {
    const auto life = live(ClockMode::kDriven);
    turn(*life, batch().open("pbx", "1"));
    turn(*life, batch().at(0));
    const uint64_t before = life->partition->last_sequence();
    turn(*life, batch().at(7 * 24 * kAnHourNs).enqueue(1, "a week later", "sales"));
    EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-30 08:00");
    // Five days that open and close, each change with its own time, and the call.
    EXPECT_GE(life->partition->last_sequence() - before, 11u);
    state_hash = life->partition->state_hash();
    EXPECT_EQ(life->partition->check_invariants(), "");
  }
  EXPECT_EQ(replayed_hash(), state_hash);
  set_wall("2027-06-01T12:00:00+02:00");  // Under a conductor a restart passes no time.
  const auto life = live(ClockMode::kDriven);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-30 08:00");
}

TEST_F(PartitionHoursTest, AConfigurationThatChangesTheHoursIsFollowedAtOnce) {
  const auto life = live();
  v1::TenantConfig config = config_of(*life);
  config.mutable_calendars(0)->mutable_weekly(0)->set_hours(0, "06:00-18:00");
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-23 18:00");
  config = config_of(*life);
  v1::Holiday* holiday = config.mutable_calendars(0)->add_holidays();
  holiday->set_date("2026-11-23");
  v1::Queue* fresh = config.add_queues();
  fresh->set_name("tenants/bank/queues/fresh");
  fresh->set_calendar("tenants/bank/calendars/office");
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-24 06:00");
  EXPECT_EQ(hours(*life, "fresh"), "closed by calendar office, next 11-24 06:00");
  // Without a calendar it is open.
  config = config_of(*life);
  for (v1::Queue& queue : *config.mutable_queues()) queue.clear_calendar();
  config.clear_calendars();
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  EXPECT_EQ(hours(*life, "sales"), "open");
  EXPECT_EQ(hours(*life, "fresh"), "open");
  EXPECT_EQ(life->partition->check_invariants(), "");
}

TEST_F(PartitionHoursTest, AChangeThatIsFartherAheadThanCalendarsLookIsMet) {
  const auto life = live();
  v1::TenantConfig config = config_of(*life);
  config.mutable_calendars(0)->clear_weekly();
  v1::Holiday* holiday = config.mutable_calendars(0)->add_holidays();
  holiday->set_date("2028-06-01");
  holiday->add_hours("10:00-11:00");
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office");
  set_wall("2028-05-01T00:00:00+02:00");
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 06-01 10:00");
  set_wall("2028-06-01T10:30:00+02:00");
  EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 06-01 11:00");
}

TEST_F(PartitionHoursTest, AZoneThatTheMachineDoesNotKnowLeavesQueuesAsTheyAre) {
  const auto life = live();
  v1::TenantConfig config = config_of(*life);
  config.mutable_calendars(0)->set_time_zone("Europe/Nowhere");
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  set_wall("2026-11-23T09:00:00+01:00");
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "closed in an unknown zone");
}

TEST_F(PartitionHoursTest, ASupervisorOverridesTheCalendar) {
  const auto life = live();
  const TableAnswer opened = say(*life, request(v1::QUEUE_OVERRIDE_OPEN, "sales"));
  EXPECT_EQ(opened.outcome, Outcome::kDone);
  EXPECT_TRUE(opened.is_open);
  EXPECT_EQ(hours(*life, "sales"), "open by local:test, fire drill, since 11-23 07:00");
  set_wall("2026-11-23T19:00:00+01:00");  // Over two changes of the calendar.
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "open by local:test, fire drill, since 11-23 07:00");
  EXPECT_FALSE(say(*life, request(v1::QUEUE_OVERRIDE_CLOSED, "always")).is_open);
  EXPECT_EQ(hours(*life, "always"), "closed by local:test, fire drill, since 11-23 19:00");
  EXPECT_FALSE(say(*life, request(v1::QUEUE_OVERRIDE_FOLLOW_CALENDAR, "sales")).is_open);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-24 08:00");
  EXPECT_TRUE(say(*life, request(v1::QUEUE_OVERRIDE_FOLLOW_CALENDAR, "always")).is_open);
  EXPECT_EQ(hours(*life, "always"), "open");
}

TEST_F(PartitionHoursTest, AnOverrideEndsAtItsTime) {
  const auto life = live();
  set_wall("2026-11-23T09:00:00+01:00");
  pass(*life);
  EXPECT_FALSE(
      say(*life, request(v1::QUEUE_OVERRIDE_CLOSED, "sales", "2026-11-23T12:00:00+01:00")).is_open);
  EXPECT_EQ(hours(*life, "sales"),
            "closed by local:test, fire drill, since 11-23 09:00, until 11-23 12:00, next 11-23 "
            "12:00");
  set_wall("2026-11-23T11:59:59+01:00");
  pass(*life);
  EXPECT_THAT(hours(*life, "sales"), HasSubstr("closed by local:test"));
  EXPECT_LE(life->partition->next_turn_ns(), life->partition->clock().now_ns() + kNsPerS + 1);
  set_wall("2026-11-23T12:00:00+01:00");
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-23 18:00");
  // A clock that goes back does not bring it back: that it is over is in the journal.
  set_wall("2026-11-23T11:00:00+01:00");
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-23 18:00");
}

TEST_F(PartitionHoursTest, AnOverrideThatSaysWhatTheCalendarWouldSayEndsUnseen) {
  const auto life = live();
  // From before the office opens until it is open.
  EXPECT_TRUE(
      say(*life, request(v1::QUEUE_OVERRIDE_OPEN, "sales", "2026-11-23T10:00:00+01:00")).is_open);
  EXPECT_EQ(hours(*life, "sales"),
            "open by local:test, fire drill, since 11-23 07:00, until 11-23 10:00, next 11-23 "
            "18:00");
  set_wall("2026-11-23T10:00:00+01:00");
  pass(*life);
  EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-23 18:00");
}

TEST_F(PartitionHoursTest, OnADrivenClockAnOverrideEndsAtItsTimeToo) {
  const auto life = live(ClockMode::kDriven);
  turn(*life, batch().open("pbx", "1"));
  turn(*life, batch().at(0));
  say(*life, request(v1::QUEUE_OVERRIDE_OPEN, "sales", "2026-11-23T07:30:00+01:00"));
  EXPECT_EQ(turn(*life, batch().at(1)).back().next_deadline_ns, kAnHourNs / 2);
  EXPECT_EQ(turn(*life, batch().at(kAnHourNs / 2 + 1)).back().next_deadline_ns, kAnHourNs);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-23 08:00");
}

TEST_F(PartitionHoursTest, AnOverrideOutlivesRestartsAndSnapshots) {
  const std::string said =
      "closed by local:test, fire drill, since 11-23 09:00, until 11-25 09:00, "
      "next 11-25 09:00";
  set_wall("2026-11-23T09:00:00+01:00");
  {
    const auto life = live();
    say(*life, request(v1::QUEUE_OVERRIDE_CLOSED, "sales", "2026-11-25T09:00:00+01:00"));
    EXPECT_EQ(hours(*life, "sales"), said);
  }
  set_wall("2026-11-24T09:00:00+01:00");
  {
    const auto life = live();
    EXPECT_EQ(hours(*life, "sales"), said);
  }
  const auto checkpoint = write_checkpoint({folder_.path(), "main", "1.0"});
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  ASSERT_TRUE(checkpoint->is_new);
  {
    const auto life = live();
    EXPECT_EQ(life->partition->replayed_records(), 0u);
    EXPECT_EQ(hours(*life, "sales"), said);
    EXPECT_EQ(life->partition->check_invariants(), "");
  }
  set_wall("2026-11-25T10:00:00+01:00");  // It ended while nobody ran.
  {
    const auto life = live();
    EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-25 18:00");
  }
  set_wall("2026-11-25T08:30:00+01:00");
  const auto life = live();
  EXPECT_EQ(hours(*life, "sales"), "open by calendar office, next 11-25 18:00");
}

TEST_F(PartitionHoursTest, ARepeatedRequestIsAnsweredAsTheFirstTime) {
  v1::OverrideQueueRequest open = request(v1::QUEUE_OVERRIDE_OPEN, "sales");
  open.set_request_id(kOverrideId);
  {
    const auto life = live();
    EXPECT_FALSE(say(*life, open).is_repeat);
    say(*life, request(v1::QUEUE_OVERRIDE_CLOSED, "sales"));
  }
  const auto life = live();
  const TableAnswer repeat = say(*life, open);
  EXPECT_EQ(repeat.outcome, Outcome::kDone);
  EXPECT_TRUE(repeat.is_repeat);
  EXPECT_TRUE(repeat.is_open);
  EXPECT_THAT(hours(*life, "sales"), HasSubstr("closed by"));  // Nothing is done again.
  v1::OverrideQueueRequest other = open;
  other.set_reason("another one");
  EXPECT_EQ(say(*life, other).outcome, Outcome::kRequestIdUsed);
}

TEST_F(PartitionHoursTest, WhatCannotBeSaidChangesNothing) {
  const auto life = live();
  const uint64_t records = life->partition->last_sequence();
  const TableAnswer unknown = say(*life, request(v1::QUEUE_OVERRIDE_OPEN, "nowhere"));
  EXPECT_EQ(unknown.outcome, Outcome::kRefused);
  EXPECT_EQ(unknown.reject, Reject::kQueueUnknown);
  EXPECT_EQ(unknown.queue, "tenants/bank/queues/nowhere");
  for (const char* until : {"2026-11-23T07:00:00+01:00", "2027-11-25T07:00:00+01:00"}) {
    const TableAnswer late = say(*life, request(v1::QUEUE_OVERRIDE_OPEN, "sales", until));
    EXPECT_EQ(late.outcome, Outcome::kInvalid) << until;
    ASSERT_EQ(late.violations.size(), 1u);
    EXPECT_EQ(late.violations[0].field, "until");
  }
  v1::OverrideQueueRequest tried = request(v1::QUEUE_OVERRIDE_OPEN, "sales");
  tried.set_validate_only(true);
  EXPECT_TRUE(say(*life, tried).is_open);
  EXPECT_EQ(life->partition->last_sequence(), records);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-23 08:00");
}

TEST_F(PartitionHoursTest, AnOverrideGoesWithItsQueue) {
  const auto life = live();
  say(*life, request(v1::QUEUE_OVERRIDE_OPEN, "sales"));
  const v1::TenantConfig before = config_of(*life);
  v1::TenantConfig config = before;
  config.mutable_queues()->DeleteSubrange(0, 1);
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  EXPECT_EQ(hours(*life, "sales"), "unknown");
  config = before;
  config.set_etag(config_of(*life).etag());
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  EXPECT_EQ(hours(*life, "sales"), "closed by calendar office, next 11-23 08:00");
}

// A queue that is left out and still has a call names a calendar that is gone, too.
TEST_F(PartitionHoursTest, ASnapshotTakesAQueueWhoseCalendarIsGone) {
  set_wall("2026-11-23T09:00:00+01:00");
  {
    const auto life = live();
    turn(*life, batch().open("pbx", "1"));
    turn(*life, batch()
                    .agent(CommandKind::kLogIn, 1, "ada", "100")
                    .agent(CommandKind::kSetReady, 2, "ada")
                    .enqueue(3, "c1", "sales")
                    .leg(CommandKind::kCallConnected, 4, "c1", 1));
    v1::TenantConfig config = config_of(*life);
    config.mutable_queues()->DeleteSubrange(0, 1);
    config.clear_calendars();
    v1::Drain* drain = config.add_drains();
    drain->set_queue("tenants/bank/queues/sales");
    drain->set_target("tenants/bank/queues/always");
    EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
    pass(*life);  // The last slices of the change.
  }
  const auto checkpoint = write_checkpoint({folder_.path(), "main", "1.0"});
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  ASSERT_TRUE(checkpoint->is_new);
  const auto life = live();
  EXPECT_EQ(life->partition->replayed_records(), 0u);
  EXPECT_EQ(life->partition->check_invariants(), "");
  EXPECT_EQ(life->read<std::string>([](const Board& board) {
    const CallView* call = board.find_call("c1");
    return call == nullptr ? "gone" : board.queue(call->queue).id;
  }),
            "sales");
}

// --- When customers may be called.

TEST_F(PartitionHoursTest, CallbacksWaitForTheirWindow) {
  const auto life = live(ClockMode::kWall, kWindowConfig);
  EXPECT_EQ(window(*life, "back"), "closed by calendar evening, next 11-23 16:00");
  EXPECT_EQ(window(*life, "always"), "open");
  turn(*life, batch().open("pbx", "1"));
  turn(*life,
       batch().agent(CommandKind::kLogIn, 1, "ada", "100").agent(CommandKind::kSetReady, 2, "ada"));
  EXPECT_THAT(rung(turn(*life, batch().callback(3, "cb", "back", "0201"))), IsEmpty());
  set_wall("2026-11-23T15:59:59+01:00");
  EXPECT_THAT(rung(turn(*life, batch().callback(4, "cb2", "back", "0202"))), IsEmpty());
  set_wall("2026-11-23T16:00:00+01:00");
  EXPECT_THAT(rung(turn(*life, batch().agent(CommandKind::kSetReady, 5, "ada"))),
              ElementsAre("cb"));
  EXPECT_EQ(window(*life, "back"), "open by calendar evening, next 11-23 20:00");
  // The next day is a holiday.
  set_wall("2026-11-23T20:00:00+01:00");
  EXPECT_EQ(window(*life, "back"), "closed by calendar evening, next 11-25 16:00");
  EXPECT_EQ(life->partition->check_invariants(), "");
}

TEST_F(PartitionHoursTest, AWindowFollowsAChangeOfClocks) {
  set_wall("2027-03-28T01:59:59+01:00");
  const auto life = live(ClockMode::kWall, kWindowConfig);
  // 02:30 is skipped: the moment of the change.
  EXPECT_EQ(window(*life, "back"), "closed by calendar evening, next 03-28 03:00");
  set_wall("2027-03-28T03:00:00+02:00");
  EXPECT_EQ(window(*life, "back"), "open by calendar evening, next 03-28 04:00");
}

TEST_F(PartitionHoursTest, AWindowIsTheSameAfterARestartAndFromASnapshot) {
  uint64_t state_hash = 0;
  uint64_t records = 0;
  {
    const auto life = live(ClockMode::kWall, kWindowConfig);
    pass(*life);
    state_hash = life->partition->state_hash();
    records = life->partition->last_sequence();
  }
  EXPECT_EQ(replayed_hash(), state_hash);
  {
    const auto life = live(ClockMode::kWall, kWindowConfig);  // As it was: the resume alone.
    EXPECT_EQ(life->recovered_hash, state_hash);
    EXPECT_EQ(life->partition->last_sequence(), records + 1);
    state_hash = life->partition->state_hash();
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  {
    const auto life = live(ClockMode::kWall, kWindowConfig);
    EXPECT_EQ(life->partition->replayed_records(), 0u);
    EXPECT_EQ(life->recovered_hash, state_hash);
    EXPECT_EQ(window(*life, "back"), "closed by calendar evening, next 11-23 16:00");
  }
  set_wall("2026-11-23T17:00:00+01:00");  // It opened while nobody ran.
  const auto life = live(ClockMode::kWall, kWindowConfig);
  EXPECT_EQ(window(*life, "back"), "open by calendar evening, next 11-23 20:00");
}

TEST_F(PartitionHoursTest, AConfigurationThatChangesAWindowIsFollowedAtOnce) {
  const auto life = live(ClockMode::kWall, kWindowConfig);
  v1::TenantConfig config = config_of(*life);
  config.mutable_calendars(0)->mutable_weekly(0)->set_hours(0, "06:00-20:00");
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  EXPECT_EQ(window(*life, "back"), "open by calendar evening, next 11-23 20:00");
  config = config_of(*life);
  config.mutable_calendars(0)->set_time_zone("Europe/Nowhere");
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  set_wall("2026-11-23T23:00:00+01:00");
  EXPECT_EQ(window(*life, "back"), "open in an unknown zone");
  config = config_of(*life);
  config.mutable_calendars(0)->set_time_zone("Europe/Berlin");
  config.mutable_queues(1)->mutable_callback()->set_calendar("tenants/bank/calendars/evening");
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  EXPECT_EQ(window(*life, "back"), "closed by calendar evening, next 11-25 06:00");
  EXPECT_EQ(window(*life, "always"), "closed by calendar evening, next 11-25 06:00");
  // Without a calendar, or without callbacks, it is open.
  config = config_of(*life);
  config.mutable_queues(0)->mutable_callback()->clear_calendar();
  config.mutable_queues(1)->clear_callback();
  EXPECT_EQ(apply(*life, config).outcome, Outcome::kDone);
  EXPECT_EQ(window(*life, "back"), "open");
  EXPECT_EQ(window(*life, "always"), "open");
  EXPECT_EQ(life->partition->check_invariants(), "");
}

}  // namespace
}  // namespace acd
