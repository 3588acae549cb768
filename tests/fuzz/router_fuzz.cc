// SPDX-License-Identifier: Apache-2.0
// Any bytes as what the switches and the clock do to a Router. Must never happen: an abort, a
// broken invariant, a refused command that leaves events, a call or a log-in that survives its
// switch; nor may a second Router given the same commands, whose timers fire in other slices and
// whose events are taken at other times, end up with other hashes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "routing/check.h"
#include "routing/router.h"
#include "tests/fuzz/byte_source.h"

namespace acd {
namespace {

constexpr uint32_t kAgents = 6;
constexpr uint32_t kSwitches = 3;
constexpr uint32_t kQueues = 4;
constexpr uint32_t kStepsPerCheck = 8;
constexpr int64_t kPauses[] = {1,
                               kNsPerMs,
                               kNsPerS,
                               4 * kNsPerS,
                               10 * kNsPerS,
                               20 * kNsPerS,
                               30 * kNsPerS,
                               61 * kNsPerS,
                               3'600 * kNsPerS,
                               90'000 * kNsPerS};
constexpr std::string_view kRequirements[] = {"",       "a >= 1",  "b >= 3 AND a >= 2",
                                              "c >= 9", "a >= 11", "nobody >= 1"};

TenantConfig fuzz_config(ByteSource& source) {
  TenantConfig config;
  config.id = "t";
  config.skills = {"a", "b", "c"};
  config.rejects_max = 1 + static_cast<int32_t>(source.below(3));
  config.no_answers_max = 1 + static_cast<int32_t>(source.below(3));
  for (uint32_t i = 0; i < kQueues; ++i) {
    QueueConfig queue;
    queue.id = "q" + std::to_string(i);
    if (i < config.skills.size()) queue.requirement = config.skills[i] + " >= 2";
    if (i == kQueues - 1) queue.members = {"g0", "g1"};
    queue.priority = static_cast<int32_t>(source.below(2));
    queue.wrap_up_mode = static_cast<WrapUpMode>(source.below(3));
    if (queue.wrap_up_mode == WrapUpMode::kTimed) queue.wrap_up_ns = 5 * kNsPerS;
    if (source.one_in(4)) queue.reoffer_after_ns = 0;
    config.queues.push_back(queue);
  }
  return config;
}

// One call centre, played by the input on two Routers at once.
class World {
 public:
  explicit World(ByteSource source) : source_(source) {
    const TenantConfig config = fuzz_config(source_);
    for (Router* router : {&first_, &second_}) router->configure(config, 0);
    for (uint32_t i = 0; i < kAgents; ++i) upsert(i);
    for (uint32_t i = 0; i < kSwitches; ++i) open(i, 0);
  }

  void run() {
    for (uint32_t steps = 1; !source_.empty(); ++steps) {
      step();
      if (steps % kStepsPerCheck == 0) check();
    }
    check();
    drain();
  }

 private:
  void step() {
    const uint32_t choice = source_.below(32);
    if (choice < 5) return pass(kPauses[source_.below(std::size(kPauses))]);
    if (choice == 5) return upsert(source_.below(kAgents));
    if (choice == 6) return restart();
    if (choice == 7) return open(source_.below(kSwitches), source_.below(3));
    const SourceIndex source(source_.below(kSwitches));
    if (!first_.sessions().at(source).connected) return;  // A switch that is away says nothing.
    Command command;
    command.source = source;
    if (choice == 8) {
      command.kind = CommandKind::kCloseSession;
      apply(command);
      return;
    }
    if (choice == 9) return send_out_of_order(command);
    command.sequence = first_.sessions().at(source).last_sequence + 1;
    command.leg = text("leg");
    if (choice < 15) {
      enqueue(command);
    } else if (choice < 23) {
      call_event(command);
    } else if (choice < 31) {
      agent_event(command);
    } else {
      command.kind = CommandKind::kRefused;
      command.detail = 1;
      apply(command);
    }
  }

  void open(uint32_t index, uint32_t epoch) {
    Command command;
    command.kind = CommandKind::kOpenSession;
    command.name = text("switch" + std::to_string(index));
    command.text = text("epoch" + std::to_string(epoch));
    command.flag = epoch == 1;
    ACD_CHECK(apply(command) == Reject::kNone);
  }

  // The daemon comes back: time has passed and no timer has fired.
  void restart() {
    now_ns_ += kPauses[source_.below(std::size(kPauses))];
    Command command;
    command.kind = CommandKind::kResume;
    ACD_CHECK(apply(command) == Reject::kNone);
  }

  // Repeats and gaps are turned away and leave no trace at all.
  void send_out_of_order(Command command) {
    const int64_t last = first_.sessions().at(command.source).last_sequence;
    const bool is_repeat = source_.one_in(2) && last > 0;
    command.kind = CommandKind::kSetReady;
    command.name = text("g0");
    command.sequence = is_repeat ? last - source_.byte() % last : last + 2 + source_.byte();
    const uint64_t state_hash = first_.state_hash();
    const uint64_t event_hash = first_.event_hash();
    const Reject reject = apply(command);
    ACD_CHECK(reject == (is_repeat ? Reject::kRepeat : Reject::kSequenceGap));
    ACD_CHECK(first_.state_hash() == state_hash && first_.event_hash() == event_hash);
  }

  void enqueue(Command command) {
    command.kind = CommandKind::kEnqueueCall;
    // Now and then an id that was there before, or a queue that is not.
    const uint32_t number = source_.one_in(16) ? source_.byte() : next_call_++;
    command.call = text("c" + std::to_string(number));
    command.name = text("q" + std::to_string(source_.one_in(32) ? 9 : source_.below(kQueues)));
    command.text = text(kRequirements[source_.below(std::size(kRequirements))]);
    const uint8_t more = source_.byte();
    if ((more & 3) == 1) command.age_ns = (more >> 2) * kNsPerS;
    if ((more & 3) == 2) command.age_credit_ns = (more >> 2) * kNsPerS;
    if ((more & 3) == 3) {
      command.flag = true;
      command.number = (more >> 2) % 4 - 1;
    }
    apply(command);
  }

  void call_event(Command command) {
    static constexpr CommandKind kKinds[] = {
        CommandKind::kLegRinging,    CommandKind::kLegAnswered,   CommandKind::kLegFailed,
        CommandKind::kCallConnected, CommandKind::kConnectFailed, CommandKind::kHoldCall,
        CommandKind::kResumeCall,    CommandKind::kEndCall};
    command.kind = kKinds[source_.below(std::size(kKinds))];
    command.generation = 1 + source_.below(3);
    std::string id = "nobody";
    const std::vector<CallIndex> live = live_calls();
    if (!live.empty() && !source_.one_in(32)) {
      const Call& call = first_.call(live[source_.byte() % live.size()]);
      id = call.id.view();
      if (!source_.one_in(8)) command.generation = call.generation;
      if (first_.sessions().at(call.source).connected && !source_.one_in(16)) {
        command.source = call.source;
        command.sequence = first_.sessions().at(call.source).last_sequence + 1;
      }
    }
    command.call = text(id);
    if (command.kind == CommandKind::kLegFailed) {
      command.detail = static_cast<uint8_t>(1 + source_.below(5));
    } else if (command.kind == CommandKind::kEndCall) {
      command.detail = static_cast<uint8_t>(1 + source_.below(4));
    }
    apply(command);
  }

  void agent_event(Command command) {
    static constexpr CommandKind kKinds[] = {
        CommandKind::kLogIn,       CommandKind::kLogIn,
        CommandKind::kSetReady,    CommandKind::kSetReady,
        CommandKind::kSetNotReady, CommandKind::kLogOut,
        CommandKind::kEndWrapUp,   CommandKind::kPhoneBusy,
        CommandKind::kPhoneIdle,   CommandKind::kPhoneUnregistered};
    command.kind = kKinds[source_.below(std::size(kKinds))];
    command.name = text("g" + std::to_string(source_.below(kAgents + 1)));
    const bool names_station =
        command.kind >= CommandKind::kPhoneBusy || command.kind == CommandKind::kLogIn;
    if (names_station) command.text = text("p" + std::to_string(source_.below(kAgents)));
    if (command.kind == CommandKind::kSetNotReady) {
      command.number = static_cast<int32_t>(source_.below(kAgentReasonMax + 1));
    }
    apply(command);
  }

  // New skills of one agent: one bit and a level each.
  void upsert(uint32_t index) {
    AgentProfile profile;
    profile.id = "g" + std::to_string(index);
    const uint8_t skills = source_.byte();
    for (uint32_t i = 0; i < 3; ++i) {
      if ((skills >> i & 1) == 0) continue;
      profile.skills.emplace_back(std::string(1, static_cast<char>('a' + i)), 1 + (skills >> 5));
    }
    ACD_CHECK(first_.upsert_agents({profile}, now_ns_) == Reject::kNone);
    ACD_CHECK(second_.upsert_agents({profile}, now_ns_) == Reject::kNone);
    look();
  }

  [[nodiscard]] std::vector<CallIndex> live_calls() const {
    std::vector<CallIndex> live;
    for (uint32_t i = 0; i < slots_; ++i) {
      if (first_.call(CallIndex(i)).stage != CallStage::kFree) live.emplace_back(i);
    }
    return live;
  }

  TextRef text(std::string_view value) {
    const TextRef ref{static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(value.size())};
    arena_ += value;
    return ref;
  }

  Reject apply(const Command& command) {
    const Reject reject = first_.apply(command, arena_, now_ns_);
    ACD_CHECK(second_.apply(command, arena_, now_ns_) == reject);
    ACD_CHECK(reject == Reject::kNone || reject == Reject::kOfferStale ||
              first_.events().events.empty());
    arena_.clear();
    look();
    return reject;
  }

  // The first Router fires one timer at a time, the second one all at once.
  void pass(int64_t duration_ns) {
    now_ns_ += duration_ns;
    while (first_.next_deadline_ns() < now_ns_) {
      first_.advance(now_ns_, 1);
      look();
    }
    first_.advance(now_ns_, 0);
    while (second_.next_deadline_ns() < now_ns_) second_.advance(now_ns_, UINT32_MAX);
    second_.advance(now_ns_, 0);
    ACD_CHECK(first_.now_ns() == now_ns_ && second_.now_ns() == now_ns_);
  }

  // Takes the first Router's events: dense, in time, with their texts.
  void look() {
    first_.take_events(&log_);
    for (const Event& event : log_.events) {
      ACD_CHECK(event.sequence == ++last_event_sequence_);
      ACD_CHECK(event.time_ns >= last_event_ns_ && event.time_ns <= now_ns_);
      last_event_ns_ = event.time_ns;
      for (const TextRef& ref : {event.text, event.text2, event.text3}) {
        ACD_CHECK(size_t{ref.offset} + ref.size <= log_.arena.size());
      }
      if (event.call.valid()) slots_ = std::max(slots_, event.call.value() + 1);
    }
  }

  void check() {
    const std::string broken = first_.check_invariants();
    if (!broken.empty()) std::fprintf(stderr, "%s\n", broken.c_str());
    ACD_CHECK(broken.empty());
    second_.take_events(&log_);
    ACD_CHECK(first_.event_hash() == second_.event_hash());
    ACD_CHECK(first_.state_hash() == second_.state_hash());
    ACD_CHECK(first_.next_deadline_ns() == second_.next_deadline_ns());
  }

  // All switches go away for good: nothing is left.
  void drain() {
    for (uint32_t i = 0; i < kSwitches; ++i) {
      Command command;
      command.kind = CommandKind::kCloseSession;
      command.source = SourceIndex(i);
      apply(command);
    }
    pass(3'600 * kNsPerS);
    check();
    ACD_CHECK(first_.live_call_count() == 0 && first_.next_deadline_ns() == kNeverNs);
    for (uint32_t i = 0; i < kAgents; ++i) {
      ACD_CHECK(first_.agent(AgentIndex(i)).presence == Presence::kLoggedOut);
    }
  }

  ByteSource source_;
  Router first_;
  Router second_;
  EventLog log_;
  std::string arena_;
  int64_t now_ns_ = 0;
  int64_t last_event_sequence_ = 0;
  int64_t last_event_ns_ = 0;
  uint32_t next_call_ = 0;
  uint32_t slots_ = 0;
};

}  // namespace
}  // namespace acd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  acd::World world{acd::ByteSource(data, size)};
  world.run();
  return 0;
}
