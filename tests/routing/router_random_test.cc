// SPDX-License-Identifier: Apache-2.0
// Random worlds: every offer is checked against a plain scan of everybody, all invariants after
// every step, and the same commands give the same hashes.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

class Draw {
 public:
  explicit Draw(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull + 1) {}
  uint32_t below(uint32_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<uint32_t>((state_ >> 16) % limit);
  }

 private:
  uint64_t state_;
};

// One random call centre, played over a Router.
class RandomWorld {
 public:
  explicit RandomWorld(uint64_t seed, bool check = true) : draw_(seed), check_(check) {
    TenantConfig config;
    config.id = "t";
    config.skills = {"a", "b", "c"};
    for (uint32_t i = 0; i < 4; ++i) {
      QueueConfig queue;
      queue.id = "q" + std::to_string(i);
      if (i < 3) queue.requirement = config.skills[i] + " >= " + std::to_string(1 + draw_.below(3));
      queue.priority = static_cast<int32_t>(draw_.below(3));
      if (i == 3) {
        queue.members_all = false;
        for (const char* id : {"g0", "g1", "g2"}) {
          queue.members.push_back({MemberConfig::Kind::kAgent, id});
        }
      }
      if (draw_.below(2) == 0) {
        queue.wrap_up_mode = draw_.below(2) == 0 ? WrapUpMode::kTimed : WrapUpMode::kManual;
        queue.wrap_up_ns = 5 * kNsPerS;
      }
      config.queues.push_back(queue);
    }
    EXPECT_EQ(router_.configure(config, 0), Reject::kNone);
    const std::vector<std::pair<std::string, int>> twin_skills = {{"a", 5}, {"b", 5}};
    for (uint32_t i = 0; i < kAgents; ++i) {
      AgentProfile profile;
      profile.id = "g" + std::to_string(i);
      if (i > 4) profile.skills = twin_skills;  // Twins, so that exclusions show.
      for (const std::string& skill : config.skills) {
        if (i > 4) break;
        if (draw_.below(2) == 0) profile.skills.emplace_back(skill, 1 + draw_.below(5));
      }
      EXPECT_EQ(router_.upsert_agents({profile}, 0), Reject::kNone);
    }
    for (uint32_t i = 0; i < kSwitches; ++i) open(i);
  }

  void step() {
    if (draw_.below(4) == 0) pass(draw_.below(40) * kNsPerS / 8);
    if (draw_.below(100) == 0) pass(draw_.below(90) * kNsPerS);
    const uint32_t choice = draw_.below(1'000);
    Command command;
    command.source = SourceIndex(draw_.below(kSwitches));
    if (!router_.sessions().at(command.source).connected) {
      // A switch that is away says nothing.
      if (draw_.below(20) == 0) open(command.source.value());
      return;
    }
    if (choice < 150) {
      enqueue(command);
    } else if (choice < 400) {
      agent_command(command);
    } else if (choice < 994) {
      call_command(command);
    } else if (choice < 996) {
      open(command.source.value());
    } else {
      command.kind = CommandKind::kCloseSession;
      apply(command);
      if (draw_.below(4) != 0) open(command.source.value());
    }
  }

  // Ends every call and lets every timer fire; the world must then be empty.
  void drain() {
    for (uint32_t i = 0; i < kSwitches; ++i) {
      Command command;
      command.kind = CommandKind::kCloseSession;
      command.source = SourceIndex(i);
      apply(command);
    }
    pass(3600 * kNsPerS);
    EXPECT_EQ(router_.live_call_count(), 0u);
    for (uint32_t i = 0; i < kAgents; ++i) {
      EXPECT_EQ(router_.agent(AgentIndex(i)).presence, Presence::kLoggedOut);
    }
  }

  [[nodiscard]] uint64_t state_hash() const { return router_.state_hash(); }
  [[nodiscard]] uint64_t event_hash() const { return router_.event_hash(); }
  [[nodiscard]] int64_t offers() const { return offers_; }
  [[nodiscard]] int64_t connected() const { return connected_; }
  [[nodiscard]] int64_t left_out() const { return left_out_; }

 private:
  static constexpr uint32_t kAgents = 8;
  static constexpr uint32_t kSwitches = 2;

  void open(uint32_t source) {
    Command command;
    command.kind = CommandKind::kOpenSession;
    command.name = text("switch" + std::to_string(source));
    command.text = text("epoch" + std::to_string(draw_.below(12) == 0 ? ++epoch_ : epoch_));
    command.flag = draw_.below(2) == 0;
    apply(command);
  }

  void enqueue(Command command) {
    command.kind = CommandKind::kEnqueueCall;
    command.call = text("c" + std::to_string(next_call_++));
    command.name = text("q" + std::to_string(draw_.below(4)));
    if (draw_.below(4) == 0) command.text = text("b >= " + std::to_string(1 + draw_.below(5)));
    if (draw_.below(5) == 0) command.age_credit_ns = draw_.below(90) * kNsPerS;
    if (draw_.below(5) == 0) command.age_ns = draw_.below(30) * kNsPerS;
    if (draw_.below(6) == 0) {
      command.flag = true;
      command.number = static_cast<int32_t>(draw_.below(5));
    }
    apply(command);
  }

  void agent_command(Command command) {
    static constexpr CommandKind kKinds[] = {
        CommandKind::kLogIn,     CommandKind::kSetReady,
        CommandKind::kSetReady,  CommandKind::kSetReady,
        CommandKind::kLogOut,    CommandKind::kSetNotReady,
        CommandKind::kEndWrapUp, CommandKind::kPhoneBusy,
        CommandKind::kPhoneIdle, CommandKind::kPhoneUnregistered,
        CommandKind::kLogIn};
    const std::string agent = std::to_string(draw_.below(kAgents));
    if (draw_.below(3) == 0) {  // Somebody comes to work.
      command.kind = CommandKind::kLogIn;
      command.name = text("g" + agent);
      command.text = text("p" + agent);
      apply(command);
      command.kind = CommandKind::kSetReady;
      command.name = text("g" + agent);
      command.text = {};
      apply(command);
      return;
    }
    command.kind = kKinds[draw_.below(std::size(kKinds))];
    command.name = text("g" + agent);
    const bool is_phone = command.kind >= CommandKind::kPhoneBusy;
    if (is_phone || command.kind == CommandKind::kLogIn) {
      command.text = text("p" + std::to_string(draw_.below(kAgents)));
    }
    const auto reason = static_cast<int32_t>(draw_.below(10));
    if (command.kind != CommandKind::kLogIn) command.number = reason;
    apply(command);
  }

  void call_command(Command command) {
    std::vector<CallIndex> live;
    for (uint32_t i = 0; i < next_call_ && i < 4096; ++i) {
      if (i >= slots_) break;
      if (router_.call(CallIndex(i)).stage != CallStage::kFree) live.emplace_back(i);
    }
    if (live.empty()) return;
    CallIndex chosen;
    for (int tries = 0; tries < 8; ++tries) {  // Mostly one that an agent has.
      chosen = live[draw_.below(static_cast<uint32_t>(live.size()))];
      if (router_.call(chosen).stage != CallStage::kEnqueued) break;
    }
    const Call& call = router_.call(chosen);
    static constexpr CommandKind kKinds[] = {
        CommandKind::kLegRinging,    CommandKind::kLegAnswered, CommandKind::kLegAnswered,
        CommandKind::kCallConnected, CommandKind::kLegFailed,   CommandKind::kCallConnected,
        CommandKind::kConnectFailed, CommandKind::kHoldCall,    CommandKind::kResumeCall,
        CommandKind::kEndCall,       CommandKind::kLegAnswered, CommandKind::kCallConnected};
    command.kind = kKinds[draw_.below(std::size(kKinds))];
    if (router_.sessions().at(call.source).connected && draw_.below(20) != 0) {
      command.source = call.source;
    }
    command.call = text(call.id.view());
    command.generation = call.generation;
    if (draw_.below(10) == 0) command.generation = 1 + draw_.below(3);
    if (command.kind == CommandKind::kLegFailed) {
      command.detail = static_cast<uint8_t>(1 + draw_.below(5));
    }
    if (command.kind == CommandKind::kEndCall) {
      command.detail = static_cast<uint8_t>(1 + draw_.below(4));
    }
    apply(command);
  }

  TextRef text(std::string_view value) {
    const TextRef ref{static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(value.size())};
    arena_ += value;
    return ref;
  }

  void apply(const Command& command) {
    const Reject reject = router_.apply(command, arena_, now_ns_);
    ASSERT_NE(reject, Reject::kRepeat);
    arena_.clear();
    look();
  }

  void pass(int64_t duration_ns) {
    now_ns_ += duration_ns;
    while (router_.next_deadline_ns() < now_ns_) {
      router_.advance(now_ns_, 1);
      look();
    }
    router_.advance(now_ns_, 0);
  }

  void look() {
    router_.take_events(&log_);
    for (const Event& event : log_.events) {
      if (event.kind == EventKind::kCallEnqueued) slots_ = std::max(slots_, event.call.value() + 1);
      if (event.kind == EventKind::kCallConnected) ++connected_;
      if (event.kind == EventKind::kOfferCreated) {
        ++offers_;
        if (check_) check_offer(event);
      }
    }
    if (check_) {
      ASSERT_EQ(router_.check_invariants(), "");
    }
  }

  // Nobody who was free, fit and not excluded had been idle longer; a plain scan says so. (The
  // agent is no longer idle, and whoever became busy in the same step was before it in the same
  // order.)
  void check_offer(const Event& event) {
    const Call& call = router_.call(event.call);
    if (call.stage != CallStage::kAlerting || call.first_offered != event.agent) return;
    const Agent& chosen = router_.agent(event.agent);
    for (uint32_t i = 0; i < kAgents; ++i) {
      const Agent& other = router_.agent(AgentIndex(i));
      if (!other.is_listed || other.source != call.source) continue;
      if (other.skills != chosen.skills || (i < 3) != (event.agent.value() < 3)) continue;
      const bool idle_longer =
          other.idle_since_ns < chosen.idle_since_ns ||
          (other.idle_since_ns == chosen.idle_since_ns && AgentIndex(i) < event.agent);
      if (!idle_longer) continue;
      // A twin of the chosen one who has been idle longer can only have been left out.
      ASSERT_NE(call.first_exclusion, OrderedNode::kNone)
          << call.id.view() << " went to " << chosen.id.view() << " before " << other.id.view();
      ++left_out_;
    }
  }

  Draw draw_;
  const bool check_;
  Router router_;
  EventLog log_;
  std::string arena_;
  int64_t now_ns_ = 0;
  uint32_t next_call_ = 0;
  uint32_t slots_ = 0;
  uint32_t epoch_ = 0;
  int64_t offers_ = 0;
  int64_t connected_ = 0;
  int64_t left_out_ = 0;
};

TEST(RouterRandomTest, KeepsItsInvariantsInRandomWorlds) {
  int64_t offers = 0;
  int64_t connected = 0;
  int64_t left_out = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld world(seed);
    for (int i = 0; i < 1'500; ++i) {
      world.step();
      if (::testing::Test::HasFatalFailure()) return;
    }
    world.drain();
    offers += world.offers();
    connected += world.connected();
    left_out += world.left_out();
  }
  // The worlds really did what they are for.
  EXPECT_GT(offers, 3'000);
  EXPECT_GT(connected, 500);
  EXPECT_GT(left_out, 0);
}

TEST(RouterRandomTest, SameCommandsGiveTheSameHashes) {
  for (uint64_t seed = 100; seed < 110; ++seed) {
    RandomWorld checked(seed, true);
    RandomWorld plain(seed, false);
    for (int i = 0; i < 400; ++i) {
      checked.step();
      plain.step();
    }
    EXPECT_EQ(checked.state_hash(), plain.state_hash()) << "seed " << seed;
    EXPECT_EQ(checked.event_hash(), plain.event_hash()) << "seed " << seed;
  }
}

// The same on every compiler and build: these values change only with the rules, and then the
// journal's behaviour version changes too.
TEST(RouterRandomTest, HashesAreThoseOfThisBehaviourVersion) {
  RandomWorld world(7, false);
  for (int i = 0; i < 1'000; ++i) world.step();
  EXPECT_EQ(world.event_hash(), 4631343109922045557u);
  EXPECT_EQ(world.state_hash(), 273481112024518291u);
}

}  // namespace
}  // namespace acd
