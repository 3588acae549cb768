// SPDX-License-Identifier: Apache-2.0
#include "bench/router_world.h"

#include <ctime>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "routing/check.h"

namespace acd {
namespace {

constexpr int64_t kCommandGapNs = 1'000;
constexpr size_t kScratchSize = 64;  // Of the arena, for the id of a command.

int64_t thread_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return int64_t{time.tv_sec} * kNsPerS + time.tv_nsec;
}

}  // namespace

int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

RouterWorld::RouterWorld(const RouterWorldOptions& options)
    : options_(options), layout_(make_layout(options)), arena_(kScratchSize, ' ') {
  configure();
  active_.resize(options.agents);
  log_in();
  fill();
  remember_ended();
  collect_idle();
  commands_ = 0;
  offers_ = 0;
}

// --- Playing.

void RouterWorld::play() {
  uint32_t of_class = taken_class_;
  if (active_count_ > 0) {
    const Active done = active_[active_first_];
    active_first_ = active_first_ + 1 == active_.size() ? 0 : active_first_ + 1;
    --active_count_;
    if (options_.waiting == 0) of_class = class_of_call_id(done.call);
    end_call(done.call);
    Command free = of_agent(CommandKind::kEndWrapUp, done.agent.value());
    apply(free);
    if (options_.waiting > 0) of_class = taken_class_;
  }
  enqueue(of_class);
  catch_up();
}

void RouterWorld::find() {
  find_in(findable_[draw_.below(static_cast<uint32_t>(findable_.size()))]);
}

// True when somebody was free for it.
bool RouterWorld::find_in(uint32_t of_class) {
  const int64_t offers = offers_;
  char id[kCallIdSize];
  write_call_id(of_class, next_call_++, id);
  Command call;
  call.kind = CommandKind::kEnqueueCall;
  call.call = call_text(id);
  call.name = class_texts_[of_class].queue;
  call.text = class_texts_[of_class].requirement;
  call.source = source_;
  now_ns_ += kCommandGapNs;
  turn(call.kind, [&] { ACD_CHECK(router_.apply(call, arena_, now_ns_) == Reject::kNone); });
  ++commands_;
  router_.take_events(&log_);
  for (const Event& event : log_.events) offers_ += event.kind == EventKind::kOfferCreated;
  end_call(id);
  return offers_ > offers;
}

void RouterWorld::update() {
  const uint32_t agent = idle_agents_[draw_.below(static_cast<uint32_t>(idle_agents_.size()))];
  Command leave = of_agent(CommandKind::kSetNotReady, agent);
  leave.number = 1;
  apply(leave);
  Command come = of_agent(CommandKind::kSetReady, agent);
  apply(come);
}

void RouterWorld::time_into(std::vector<TurnTime>* times, bool cpu) {
  times_ = times;
  times_cpu_ = cpu;
}

template <typename Do>
void RouterWorld::turn(CommandKind kind, Do&& act) {
  if (times_ == nullptr) {
    act();
    return;
  }
  const int64_t cpu_ns = times_cpu_ ? thread_cpu_ns() : 0;
  const int64_t begin_ns = steady_ns();
  act();
  const int64_t wall_ns = steady_ns() - begin_ns;
  times_->push_back({kind, wall_ns, times_cpu_ ? thread_cpu_ns() - cpu_ns : 0});
}

void RouterWorld::apply(Command& command) {
  if (command.kind != CommandKind::kOpenSession) command.source = source_;
  now_ns_ += kCommandGapNs;
  Reject reject = Reject::kNone;
  turn(command.kind, [&] { reject = router_.apply(command, arena_, now_ns_); });
  ACD_CHECK(reject == Reject::kNone);
  ++commands_;
  look();
}

// As a shard does before it takes more commands: time goes on in as many turns as it takes.
void RouterWorld::catch_up() {
  while (router_.next_deadline_ns() < now_ns_) {
    turn(CommandKind::kNone, [&] { router_.advance(now_ns_, kTimersPerTurn); });
    look();
  }
}

// Takes the events and answers offers.
void RouterWorld::look() {
  router_.take_events(&log_);
  rung_.clear();
  for (const Event& event : log_.events) {
    if (event.kind != EventKind::kOfferCreated) continue;
    Rung& one = rung_.emplace_back();
    std::memcpy(one.active.call, router_.call(event.call).id.view().data(), kCallIdSize);
    one.active.agent = event.agent;
    one.generation = event.generation;
  }
  for (const Rung& one : rung_) {
    ++offers_;
    taken_class_ = class_of_call_id(one.active.call);
    push_active(one.active);
    Command connected;
    connected.kind = CommandKind::kCallConnected;
    connected.call = call_text(one.active.call);
    connected.generation = one.generation;
    connected.source = source_;
    now_ns_ += kCommandGapNs;
    turn(connected.kind,
         [&] { ACD_CHECK(router_.apply(connected, arena_, now_ns_) == Reject::kNone); });
    ++commands_;
    router_.take_events(&log_);  // Nothing of it is an offer.
  }
}

void RouterWorld::enqueue(uint32_t of_class) {
  char id[kCallIdSize];
  write_call_id(of_class, next_call_++, id);
  Command command;
  command.kind = CommandKind::kEnqueueCall;
  command.call = call_text(id);
  command.name = class_texts_[of_class].queue;
  command.text = class_texts_[of_class].requirement;
  command.flag = true;
  command.number = static_cast<int32_t>(draw_.below(options_.priorities));
  apply(command);
}

void RouterWorld::end_call(const char* id) {
  Command end;
  end.kind = CommandKind::kEndCall;
  end.call = call_text(id);
  end.detail = static_cast<uint8_t>(EndedBy::kCaller);
  apply(end);
}

Command RouterWorld::of_agent(CommandKind kind, uint32_t agent) {
  Command command;
  command.kind = kind;
  write_agent_id(agent, arena_.data());
  command.name = {0, kAgentIdSize};
  return command;
}

void RouterWorld::push_active(const Active& one) {
  ACD_CHECK(active_count_ < active_.size());
  const size_t at = active_first_ + active_count_++;
  active_[at < active_.size() ? at : at - active_.size()] = one;
}

TextRef RouterWorld::keep_text(std::string_view text) {
  const TextRef ref{static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(text.size())};
  arena_ += text;
  return ref;
}

TextRef RouterWorld::call_text(const char* id) {
  std::memcpy(arena_.data(), id, kCallIdSize);
  return {0, kCallIdSize};
}

// --- Building.

void RouterWorld::configure() {
  config_.id = "bench";
  config_.call_order = options_.call_order;
  for (uint32_t i = 0; i < kBenchSkills; ++i) config_.skills.push_back(skill_name(i));
  std::vector<TextRef> queues;
  for (uint32_t i = 0; i < kBenchQueues; ++i) {
    QueueConfig queue;
    queue.id = "q" + std::to_string(i);
    queue.strategy = options_.strategy;
    queue.wrap_up_mode = WrapUpMode::kManual;
    queue.members_all = options_.teams == 0;
    for (uint32_t team = 0; team < options_.teams; ++team) {
      MemberConfig& member = queue.members.emplace_back();
      member.kind = MemberConfig::Kind::kTeam;
      member.id = team_name(team);
      member.weight = 1 + static_cast<int32_t>(team);
      member.percent = 10 + 10 * static_cast<int32_t>(team);
    }
    queues.push_back(keep_text(queue.id));
    config_.queues.push_back(std::move(queue));
  }
  ACD_CHECK(router_.configure(config_, 0) == Reject::kNone);
  for (size_t i = 0; i < layout_.needs.size(); ++i) {
    class_texts_.push_back(
        {queues[i % queues.size()], keep_text(requirement_text(layout_.needs[i]))});
  }
  constexpr auto kPart = static_cast<uint32_t>(kUpsertAgentsMax);
  for (uint32_t i = 0; i < options_.agents; i += kPart) {
    const auto part = agent_profiles(layout_, i, std::min(options_.agents, i + kPart));
    ACD_CHECK(router_.upsert_agents(part, 0) == Reject::kNone);
    router_.take_events(&log_);
  }
}

// In random order, so that whoever is next lies anywhere in memory.
void RouterWorld::log_in() {
  Command open;
  open.kind = CommandKind::kOpenSession;
  open.name = keep_text("pbx");
  open.text = keep_text("1");
  apply(open);
  source_ = router_.sessions().find("pbx");
  std::vector<uint32_t> order(options_.agents);
  for (uint32_t i = 0; i < options_.agents; ++i) order[i] = i;
  for (uint32_t i = options_.agents; i > 1; --i) std::swap(order[i - 1], order[draw_.below(i)]);
  for (const uint32_t agent : order) log_in_one(agent);
}

void RouterWorld::log_in_one(uint32_t agent) {
  Command command = of_agent(CommandKind::kLogIn, agent);
  arena_[kAgentIdSize] = 'p';  // The station: the same text behind a letter.
  std::memcpy(arena_.data() + kAgentIdSize + 1, arena_.data(), kAgentIdSize);
  command.text = {kAgentIdSize, kAgentIdSize + 1};
  apply(command);
  Command ready = of_agent(CommandKind::kSetReady, agent);
  apply(ready);
}

// So many calls that the share of idle agents, or the queue, is as wanted.
void RouterWorld::fill() {
  const uint64_t busy = uint64_t{options_.agents} * (100 - options_.idle_percent) / 100;
  const uint64_t tries_max = 20 * (busy + options_.waiting + 1);
  const auto classes = static_cast<uint32_t>(layout_.needs.size());
  for (uint64_t i = 0; i < tries_max; ++i) {
    const bool enough = options_.waiting > 0
                            ? router_.live_call_count() >= active_count_ + options_.waiting
                            : active_count_ >= busy;
    if (enough) break;
    const size_t active = active_count_;
    const uint32_t of_class = draw_.below(classes);
    enqueue(of_class);
    if (options_.waiting > 0 || active_count_ > active) continue;
    char id[kCallIdSize];  // Nobody was free for it, and nobody is to wait: it gives up.
    write_call_id(of_class, next_call_ - 1, id);
    end_call(id);
  }
}

// A day's calls before: the Router knows their ids for as long.
void RouterWorld::remember_ended() {
  for (uint32_t i = 0; i < options_.ended; ++i) play();
}

void RouterWorld::collect_idle() {
  if (options_.waiting > 0) return;
  for (uint32_t i = 0; i < options_.agents; ++i) {
    if (router_.agent(AgentIndex(i)).is_free()) idle_agents_.push_back(i);
  }
  for (uint32_t i = 0; i < layout_.needs.size(); ++i) {
    if (find_in(i)) findable_.push_back(i);
  }
}

// --- Bulk work.

void RouterWorld::enqueue_text(std::string_view requirement) {
  char id[kCallIdSize];
  write_call_id(0, next_call_++, id);
  Command command;
  command.kind = CommandKind::kEnqueueCall;
  command.call = call_text(id);
  command.name = class_texts_[0].queue;
  command.text = keep_text(requirement);
  apply(command);
  catch_up();
}

void RouterWorld::upsert_skill_of_everybody(uint32_t skill, int level) {
  for (auto& profile : layout_.profiles) {
    for (auto& [own, own_level] : profile) {
      if (own == skill) own_level = level;
    }
  }
  constexpr auto kPart = static_cast<uint32_t>(kUpsertAgentsMax);
  for (uint32_t i = 0; i < options_.agents; i += kPart) {
    const auto part = agent_profiles(layout_, i, std::min(options_.agents, i + kPart));
    now_ns_ += kCommandGapNs;
    turn(CommandKind::kUpsertAgents,
         [&] { ACD_CHECK(router_.upsert_agents(part, now_ns_) == Reject::kNone); });
    look();
    now_ns_ += kCommandGapNs;
    catch_up();
  }
}

void RouterWorld::upsert_one(uint32_t agent, const std::vector<SkillTerm>& profile) {
  RouterLayout own;
  own.profiles = {profile};
  own.profile_of.assign(agent + 1, 0);
  const auto part = agent_profiles(own, agent, agent + 1);
  now_ns_ += kCommandGapNs;
  turn(CommandKind::kUpsertAgents,
       [&] { ACD_CHECK(router_.upsert_agents(part, now_ns_) == Reject::kNone); });
  look();
  now_ns_ += kCommandGapNs;
  catch_up();
}

void RouterWorld::change_requirements_of_queues() {
  for (QueueConfig& queue : config_.queues) queue.requirement = "s00 >= 1";
  now_ns_ += kCommandGapNs;
  turn(CommandKind::kConfigure,
       [&] { ACD_CHECK(router_.configure(config_, now_ns_) == Reject::kNone); });
  look();
  now_ns_ += kCommandGapNs;
  catch_up();
}

AgentIndex RouterWorld::bring_idle_agent() {
  const auto agent = static_cast<uint32_t>(router_.agent_count());
  upsert_one(agent, {});
  log_in_one(agent);
  char id[kAgentIdSize];
  write_agent_id(agent, id);
  return router_.find_agent({id, kAgentIdSize});
}

std::vector<CallIndex> RouterWorld::waiting_calls(uint32_t count_max) const {
  std::vector<CallIndex> calls;
  for (uint64_t number = 0; number < next_call_ && calls.size() < count_max; ++number) {
    const uint64_t at = number * 7'919 % next_call_;
    for (uint32_t of_class = 0; of_class < layout_.needs.size(); ++of_class) {
      char id[kCallIdSize];
      write_call_id(of_class, at, id);
      const CallIndex call = router_.find_call({id, kCallIdSize});
      if (!call.valid()) continue;
      if (router_.call(call).stage == CallStage::kEnqueued) calls.push_back(call);
      break;
    }
  }
  return calls;
}

void RouterWorld::lose_switch() {
  Command close;
  close.kind = CommandKind::kCloseSession;
  apply(close);
  now_ns_ += router_.switch_grace_ns() + 2 * kCommandGapNs;
  catch_up();
}

}  // namespace acd
