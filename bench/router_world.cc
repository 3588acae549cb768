// SPDX-License-Identifier: Apache-2.0
#include "bench/router_world.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>

#include "routing/check.h"

namespace acd {
namespace {

constexpr uint32_t kSkills = 100;
constexpr uint32_t kProfiles = 2'000;
constexpr uint32_t kQueues = 10;

int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

RouterWorld::RouterWorld(const RouterWorldOptions& options) : options_(options) {
  TenantConfig config;
  config.id = "bench";
  config.call_order = options.call_order;
  for (uint32_t i = 0; i < kSkills; ++i) config.skills.push_back("s" + std::to_string(i));
  for (uint32_t i = 0; i < kQueues; ++i) {
    QueueConfig queue;
    queue.id = "q" + std::to_string(i);
    queue.strategy = options.strategy;
    queue.wrap_up_mode = WrapUpMode::kManual;
    config.queues.push_back(queue);
  }
  ACD_CHECK(router_.configure(config, 0) == Reject::kNone);

  // A popular skill is in many profiles: skill i with weight 1 / (i + 1), drawn by rejection.
  const auto popular_skill = [this] {
    for (;;) {
      const uint32_t skill = below(kSkills);
      if (below(skill + 1) == 0) return skill;
    }
  };
  const auto skill_set = [&](uint32_t count) {
    std::set<std::string> names;
    while (names.size() < count) names.insert("s" + std::to_string(popular_skill()));
    return names;
  };
  std::vector<std::vector<std::pair<std::string, int>>> shared(kProfiles);
  for (auto& profile : shared) {
    for (const std::string& name : skill_set(1 + below(6))) {
      profile.emplace_back(name, 1 + static_cast<int>(below(10)));
    }
  }
  for (uint32_t i = 0; i < options.agents; ++i) {
    AgentProfile profile;
    profile.id = "agent-" + std::to_string(i);
    if (options.profiles == Profiles::kShared) {
      profile.skills = shared[below(kProfiles)];
    } else {
      // Five skills with levels, and what makes it the only one of its kind.
      for (const std::string& name : skill_set(5)) {
        profile.skills.emplace_back(name, 1 + static_cast<int>(below(10)));
      }
    }
    profiles_.push_back(std::move(profile));
  }
  for (size_t i = 0; i < profiles_.size(); i += kUpsertAgentsMax) {
    const size_t end = std::min(profiles_.size(), i + kUpsertAgentsMax);
    const std::vector<AgentProfile> part(profiles_.begin() + static_cast<std::ptrdiff_t>(i),
                                         profiles_.begin() + static_cast<std::ptrdiff_t>(end));
    ACD_CHECK(router_.upsert_agents(part, 0) == Reject::kNone);
  }
  // One or two skills of somebody, so that nobody waits for ever.
  while (requirements_.size() < options.classes) {
    const AgentProfile& somebody = profiles_[below(options.agents)];
    const auto& skills = somebody.skills;
    const auto& [first, first_level] = skills[below(static_cast<uint32_t>(skills.size()))];
    const auto& [second, second_level] = skills[below(static_cast<uint32_t>(skills.size()))];
    std::string requirement = first + " >= " + std::to_string((first_level + 1) / 2);
    if (second != first) {
      requirement += " AND " + second + " >= " + std::to_string((second_level + 1) / 2);
    }
    requirements_.push_back(std::move(requirement));
  }

  Command open;
  open.kind = CommandKind::kOpenSession;
  open.name = text("pbx");
  open.text = text("1");
  apply(open);
  source_ = router_.sessions().find("pbx");
  for (uint32_t i = 0; i < options.agents; ++i) {
    Command log_in;
    log_in.kind = CommandKind::kLogIn;
    log_in.name = text("agent-" + std::to_string(i));
    log_in.text = text("p" + std::to_string(i));
    apply(log_in);
    Command ready;
    ready.kind = CommandKind::kSetReady;
    ready.name = text("agent-" + std::to_string(i));
    apply(ready);
  }
  // So many calls that the share of idle agents, or the queue, is as wanted.
  const uint64_t busy = uint64_t{options.agents} * (100 - options.idle_percent) / 100;
  const uint64_t tries_max = 20 * (busy + options.waiting + 1);
  for (uint64_t i = 0; i < tries_max; ++i) {
    const bool enough = options.waiting > 0
                            ? router_.live_call_count() >= active_.size() + options.waiting
                            : active_.size() >= busy;
    if (enough) break;
    const size_t active = active_.size();
    enqueue();
    if (options.waiting > 0 || active_.size() > active) continue;
    Command give_up;  // Nobody was free for it, and nobody is to wait.
    give_up.kind = CommandKind::kEndCall;
    give_up.call = text("call-" + std::to_string(next_call_ - 1));
    give_up.detail = static_cast<uint8_t>(EndedBy::kCaller);
    apply(give_up);
  }
  commands_ = 0;
  offers_ = 0;
}

uint32_t RouterWorld::below(uint32_t limit) {
  draw_ ^= draw_ << 13;
  draw_ ^= draw_ >> 7;
  draw_ ^= draw_ << 17;
  return static_cast<uint32_t>((draw_ >> 20) % limit);
}

TextRef RouterWorld::text(std::string_view value) {
  const TextRef ref{static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(value.size())};
  arena_ += value;
  return ref;
}

void RouterWorld::apply(Command command) {
  if (command.kind != CommandKind::kOpenSession) command.source = source_;
  now_ns_ += 1'000;
  const int64_t begin_ns = took_ == nullptr ? 0 : steady_ns();
  const Reject reject = router_.apply(command, arena_, now_ns_);
  if (took_ != nullptr) took_->push_back(steady_ns() - begin_ns);
  ACD_CHECK(reject == Reject::kNone);
  ++commands_;
  arena_.clear();
  look();
}

// An offer is answered at once.
void RouterWorld::look() {
  router_.take_events(&log_);
  std::vector<std::pair<CallIndex, uint32_t>> rung;
  for (const Event& event : log_.events) {
    if (event.kind != EventKind::kOfferCreated) continue;
    ++offers_;
    rung.emplace_back(event.call, event.generation);
    active_.push_back({event.call, event.agent});
  }
  for (const auto& [call, generation] : rung) {
    Command connected;
    connected.kind = CommandKind::kCallConnected;
    connected.call = text(router_.call(call).id.view());
    connected.generation = generation;
    apply(connected);
  }
}

void RouterWorld::enqueue() { enqueue_one(below(options_.classes)); }

void RouterWorld::enqueue_one(uint32_t of_class) {
  char id[24];
  std::snprintf(id, sizeof(id), "call-%llu", static_cast<unsigned long long>(next_call_++));
  char queue[8];
  std::snprintf(queue, sizeof(queue), "q%u", of_class % kQueues);
  Command command;
  command.kind = CommandKind::kEnqueueCall;
  command.call = text(id);
  command.name = text(queue);
  command.text = text(requirements_[of_class]);
  command.flag = true;
  command.number = static_cast<int32_t>(below(options_.priorities));
  apply(command);
}

void RouterWorld::play() {
  if (!active_.empty()) {
    const Active done = active_.front();
    active_.pop_front();
    Command end;
    end.kind = CommandKind::kEndCall;
    end.call = text(router_.call(done.call).id.view());
    end.detail = static_cast<uint8_t>(EndedBy::kCaller);
    apply(end);
    Command free;
    free.kind = CommandKind::kEndWrapUp;
    free.name = text(router_.agent(done.agent).id.view());
    apply(free);
  }
  enqueue();
}

void RouterWorld::play_timed(std::vector<int64_t>* took) {
  took_ = took;
  play();
  took_ = nullptr;
}

void RouterWorld::upsert_skill_of_everybody(uint32_t skill, int level) {
  const std::string name = "s" + std::to_string(skill);
  for (size_t i = 0; i < profiles_.size(); i += kUpsertAgentsMax) {
    std::vector<AgentProfile> part;
    for (size_t a = i; a < std::min(profiles_.size(), i + kUpsertAgentsMax); ++a) {
      for (auto& [own, own_level] : profiles_[a].skills) {
        if (own == name) own_level = level;
      }
      part.push_back(profiles_[a]);
    }
    ACD_CHECK(router_.upsert_agents(part, now_ns_) == Reject::kNone);
    look();
  }
}

void RouterWorld::close_session() {
  Command close;
  close.kind = CommandKind::kCloseSession;
  apply(close);
  now_ns_ += router_.switch_grace_ns() + 2;
}

int64_t RouterWorld::finish_bulk() {
  int64_t longest_ns = 0;
  while (router_.next_deadline_ns() < now_ns_) {
    const int64_t begin_ns = steady_ns();
    router_.advance(now_ns_, 1);
    longest_ns = std::max(longest_ns, steady_ns() - begin_ns);
    router_.take_events(&log_);
  }
  return longest_ns;
}

}  // namespace acd
