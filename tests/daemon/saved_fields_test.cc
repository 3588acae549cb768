// SPDX-License-Identifier: Apache-2.0
// Each field of what a snapshot holds is listed, has a number of its own, and comes back.
#include "daemon/saved_fields.h"

#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// Becomes a member of any type; an optional one is made of what it holds.
struct AnyMember {
  template <typename T>
  requires(!kIsOptional<T>) operator T() const;
};

// How many members an aggregate has.
template <typename T, typename... Members>
consteval size_t member_count() {
  if constexpr (requires { T{Members{}..., AnyMember{}}; }) {
    return member_count<T, Members..., AnyMember>();
  } else {
    return sizeof...(Members);
  }
}

struct FieldCounter {
  size_t count = 0;
  template <typename T>
  void operator()(uint32_t, T&) {
    ++count;
  }
};

template <typename T>
size_t listed_count() {
  T value;
  FieldCounter counter;
  list_fields(counter, value);
  return counter.count;
}

// Gives every listed field a value that no other field and no default has.
class FieldFiller {
 public:
  template <typename T>
  void operator()(uint32_t, T& value) {
    fill(value);
  }

 private:
  template <typename T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void fill(T& value) {
    if constexpr (std::same_as<T, bool>) {
      value = !value;
    } else {
      // Small ones cannot be told from all others, but from those beside them.
      ++next_;
      value = static_cast<T>(sizeof(T) == 1 ? 1 + next_ % 100 : next_);
    }
  }
  template <typename Tag>
  void fill(Index<Tag>& index) {
    index = Index<Tag>(++next_);
  }
  void fill(std::string& text) { text = "t" + std::to_string(++next_); }
  template <typename T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <typename T>
  void fill(std::vector<T>& values) {
    values.resize(2);
    for (T& value : values) fill(value);
  }
  template <typename T>
  void fill(std::deque<T>& values) {
    values.resize(2);
    for (T& value : values) fill(value);
  }
  template <typename T>
  requires std::is_class_v<T>
  void fill(T& value) { list_fields(*this, value); }

  uint32_t next_ = 300;
};

template <typename T>
T filled() {
  T value;
  FieldFiller filler;
  list_fields(filler, value);
  return value;
}

// `apart` members stand in records of their own, in the configuration, or mean nothing; `more`
// fields are members of members.
template <typename T>
void expect_all_listed(const char* name, size_t apart = 0, size_t more = 0) {
  EXPECT_EQ(listed_count<T>(), member_count<T>() - apart + more) << name;
  const T before = filled<T>();
  const std::string bytes = to_bytes(before);
  T after;
  ASSERT_TRUE(from_bytes(bytes, &after)) << name;
  EXPECT_EQ(to_bytes(after), bytes) << name;
  EXPECT_NE(to_bytes(T()), bytes) << name;
  if constexpr (std::equality_comparable<T>) {
    EXPECT_TRUE(after == before) << name;
  }
}

TEST(SavedFieldsTest, EveryMemberIsListedAndComesBack) {
  expect_all_listed<SkillLevel>("SkillLevel");
  expect_all_listed<EndedCalls::Ended>("EndedCalls::Ended");
  expect_all_listed<OutcomeFacts>("OutcomeFacts");
  expect_all_listed<ToldOutcome>("ToldOutcome");
  expect_all_listed<OutcomeCounts>("OutcomeCounts");
  expect_all_listed<KeptRefusal>("KeptRefusal");
  expect_all_listed<Exclusion>("Exclusion", 1);      // next
  expect_all_listed<SavedRouter>("SavedRouter", 7);  // config and six of records
  expect_all_listed<SavedQueue>("SavedQueue");
  expect_all_listed<Source>("Source", 5);  // its lists, and how many are attached
  expect_all_listed<SavedAgent>("SavedAgent");
  expect_all_listed<WorkItem>("WorkItem", 2);  // The next one of its call, offered or a party.
  // Its three arrays, by medium.
  expect_all_listed<MediaRule>("MediaRule", 3, 3 * kMediumCount);
  expect_all_listed<SavedCall>("SavedCall");
  expect_all_listed<CallbackFacts>("CallbackFacts");
  expect_all_listed<ScheduledCall>("ScheduledCall");
  expect_all_listed<OfferCounts>("OfferCounts");
  expect_all_listed<QueueCounts>("QueueCounts", 0, 2);  // Two sums have two halves.
  expect_all_listed<SavedBoard>("SavedBoard", 5);       // of records
  expect_all_listed<SavedBoardQueue>("SavedBoardQueue");
  expect_all_listed<SavedBoardWrapUp>("SavedBoardWrapUp");
  // The view, and its codes, which are listed beside it.
  expect_all_listed<SavedBoardAgent>("SavedBoardAgent", 2, member_count<AgentView>());
  expect_all_listed<OpenOffer>("OpenOffer");
  expect_all_listed<CallParty>("CallParty");
  expect_all_listed<SavedBoardCall>("SavedBoardCall", 1, member_count<CallView>());
  expect_all_listed<SavedDecision>("SavedDecision", 1, member_count<CallDecision>());
  expect_all_listed<DurationSum>("DurationSum");
  expect_all_listed<CountOverTime>("CountOverTime");
  expect_all_listed<DecisionSummary>("DecisionSummary");
  expect_all_listed<CallRow>("CallRow");
  expect_all_listed<TalkRow>("TalkRow");
  expect_all_listed<QueueFigures>("QueueFigures");
  expect_all_listed<MediaFigures<QueueFigures>>("MediaFigures<QueueFigures>");
  expect_all_listed<QueueInterval>("QueueInterval");
  expect_all_listed<AgentFigures>("AgentFigures");
  expect_all_listed<MediaFigures<AgentFigures>>("MediaFigures<AgentFigures>");
  expect_all_listed<AgentInterval>("AgentInterval", 1, AgentInterval::kStateCount);
  expect_all_listed<HistoryState::OpenOffer>("HistoryState::OpenOffer");
  expect_all_listed<HistoryState::Party>("HistoryState::Party");
  expect_all_listed<HistoryState::Call>("HistoryState::Call");
  expect_all_listed<VisitThresholds>("VisitThresholds");
  // The calls that wait, also when it began and with nobody on the line, and that are connected, by medium.
  expect_all_listed<HistoryState::Queue>("HistoryState::Queue", 4, 4 * kMediumCount);
  expect_all_listed<HistoryState::EndedCall>("HistoryState::EndedCall");
  expect_all_listed<HistoryState::Agent>("HistoryState::Agent");
  expect_all_listed<TextRef>("TextRef");
  expect_all_listed<TailEvent>("TailEvent", 1, 19);  // The event, with all of its facts.
  expect_all_listed<TailBlock>("TailBlock");
  expect_all_listed<DecayedRatio>("DecayedRatio");
  expect_all_listed<ArrivalBand>("ArrivalBand");
  expect_all_listed<LearnedWait>("LearnedWait", 2, kAgeClasses + kArrivalBandsMax);
  expect_all_listed<WaitRidge::State>("WaitRidge::State", 3, 35);  // Its three arrays.
  expect_all_listed<SavedStratum>("SavedStratum");
  expect_all_listed<SavedShare>("SavedShare");
  expect_all_listed<WaitScore>("WaitScore", 4, 2 * (kWaitLevels.size() + WaitScore::kBins + 1));
  expect_all_listed<SavedWaitQueue>("SavedWaitQueue");
  expect_all_listed<QueueWait>("QueueWait");
  expect_all_listed<WaitLook>("WaitLook");
  expect_all_listed<SavedPromise>("SavedPromise", 1, kWaitLevels.size());
  expect_all_listed<CallPlace>("CallPlace");
  expect_all_listed<SavedWaitCall>("SavedWaitCall");
  expect_all_listed<SavedPredictor>("SavedPredictor", 2);  // of records
  expect_all_listed<SwitchCommand>("SwitchCommand");
  expect_all_listed<KeptOrder>("KeptOrder");
  expect_all_listed<KeptAnswer>("KeptAnswer");
  expect_all_listed<QueueOverride>("QueueOverride");
  expect_all_listed<UnixAnchor::State>("UnixAnchor::State");
  expect_all_listed<SavedSlot>("SavedSlot");
  expect_all_listed<SavedPoint>("SavedPoint");
  expect_all_listed<SavedScope>("SavedScope");
  expect_all_listed<SavedCrew>("SavedCrew", 0, 2);  // Two sums have two halves.
  expect_all_listed<SavedNamedScope>("SavedNamedScope");
  expect_all_listed<SavedStatsAgent>("SavedStatsAgent");
  expect_all_listed<SavedStatsVisit>("SavedStatsVisit");
  expect_all_listed<CallCounts>("CallCounts", 1, CallCounts::kOutcomeCount);
  expect_all_listed<SavedWindows>("SavedWindows", 4);  // of records
  // Board, predictor, tail, history and windows.
  expect_all_listed<SavedTenant>("SavedTenant", 5);
  expect_all_listed<SavedPartition>("SavedPartition", 1);  // tenants
}

template <typename Values>
void expect_same(const Values& read, const Values& written, const char* name) {
  ASSERT_EQ(read.size(), written.size()) << name;
  for (size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(to_bytes(read[i]), to_bytes(written[i])) << name << " " << i;
  }
}

// Records of their own, and the parts of history's, which the file lists beside each other.
TEST(SavedFieldsTest, EveryRecordComesBackFromAFile) {
  SavedPartition written = filled<SavedPartition>();
  SavedTenant& tenant = written.tenants.emplace_back(filled<SavedTenant>());
  tenant.router.queues = {filled<SavedQueue>(), {}};
  tenant.router.sources = {filled<Source>()};
  tenant.router.ended_calls = {filled<EndedCalls::Ended>(), {}};
  tenant.router.scheduled = {{"s1", filled<ScheduledCall>()}};
  tenant.router.agents = {filled<SavedAgent>(), {}};
  tenant.router.calls = {filled<SavedCall>(), {}};
  tenant.board = filled<SavedBoard>();
  tenant.board.scheduled = tenant.router.scheduled;  // Written once.
  tenant.board.queues = {filled<SavedBoardQueue>(), {}};
  tenant.board.agents = {filled<SavedBoardAgent>(), {}};
  tenant.board.calls = {filled<SavedBoardCall>(), {}};
  tenant.board.decisions = {filled<SavedDecision>(), {}};
  tenant.tail = {filled<TailBlock>(), {}};
  tenant.windows = filled<SavedWindows>();
  tenant.windows.queues = {filled<SavedNamedScope>(), {}};
  tenant.windows.skills = {filled<SavedNamedScope>()};
  tenant.windows.teams = {filled<SavedNamedScope>()};
  tenant.windows.agents = {filled<SavedStatsAgent>(), {}};
  tenant.predictor = filled<SavedPredictor>();
  tenant.predictor.queues = {filled<SavedWaitQueue>(), {}};
  tenant.predictor.calls = {filled<SavedWaitCall>(), {}};
  HistoryState& history = tenant.history;
  static_assert(member_count<HistoryState>() == 13);  // Those below, and `configs`.
  history.sequence = 1;
  history.now_ns = 2;
  history.unix_offset_ns = 3;
  history.interval = 4;
  history.latest_interval = 11;
  history.pass = 12;
  history.just_ended = AgentIndex(5u);
  history.logged_in = filled<CountOverTime>();
  history.sources = {"pbx", "other"};
  history.queues = {filled<HistoryState::Queue>(), {}};
  history.agents = {filled<HistoryState::Agent>(), {}};
  history.calls.emplace_back().queue = QueueIndex(7u);  // Is over, but its queue is known.
  history.calls.push_back(filled<HistoryState::Call>());
  ASSERT_TRUE(history.calls.back().is_live);

  const TempFolder folder;
  const std::string path = folder.path() + "/17.snapshot";
  ASSERT_TRUE(write_snapshot(path, written).ok());
  const absl::StatusOr<SavedPartition> read = read_snapshot(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(to_bytes(*read), to_bytes(written));
  const SavedTenant& back = read->tenants.at(0);
  EXPECT_EQ(to_bytes(back), to_bytes(tenant));
  expect_same(back.router.queues, tenant.router.queues, "queues");
  expect_same(back.router.sources, tenant.router.sources, "sources");
  expect_same(back.router.ended_calls, tenant.router.ended_calls, "ended calls");
  expect_same(back.router.scheduled, tenant.router.scheduled, "scheduled");
  expect_same(back.router.agents, tenant.router.agents, "agents");
  expect_same(back.router.calls, tenant.router.calls, "calls");
  EXPECT_TRUE(back.board == tenant.board);
  expect_same(back.tail, tenant.tail, "tail");
  EXPECT_TRUE(back.windows == tenant.windows);
  EXPECT_TRUE(back.predictor == tenant.predictor);
  EXPECT_EQ(back.history.sequence, history.sequence);
  EXPECT_EQ(back.history.now_ns, history.now_ns);
  EXPECT_EQ(back.history.unix_offset_ns, history.unix_offset_ns);
  EXPECT_EQ(back.history.interval, history.interval);
  EXPECT_EQ(back.history.latest_interval, history.latest_interval);
  EXPECT_EQ(back.history.pass, history.pass);
  EXPECT_EQ(back.history.just_ended, history.just_ended);
  EXPECT_TRUE(back.history.logged_in == history.logged_in);
  EXPECT_EQ(back.history.sources, history.sources);
  expect_same(back.history.queues, history.queues, "queues of history");
  expect_same(back.history.agents, history.agents, "agents of history");
  expect_same(back.history.calls, history.calls, "calls of history");
}

}  // namespace
}  // namespace acd
