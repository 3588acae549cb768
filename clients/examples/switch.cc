// SPDX-License-Identifier: Apache-2.0
// A switch with simulated callers and phones; switch_session.* is what a real one needs. The same as switch.py.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "clients/examples/switch_session.h"

namespace example {
namespace {

volatile std::sig_atomic_t stops = 0;

template <typename... Words>
void say(const Words&... words) {
  (std::cout << ... << words) << std::endl;
}

struct Call {
  int64_t since_ns = unix_ns();
  bool is_talking = false, is_listed = false;
  std::string agent;                     // Who is rung,
  int64_t generation = 0, answered = 0;  // by which offer; which of them was answered.
};

class Switch final : public Exchange {
 public:
  // "TARGET TENANT SOURCE QUEUE AGENT..."
  explicit Switch(const std::vector<std::string>& words)
      : source_(words[2]),
        queue_(words[3]),
        agents_(words.begin() + 4, words.end()),
        session_(words[0], words[1], words[2], this) {}

  void run() {
    session_.connect();
    session_.beat();
    arrive(1);
    while (stops == 0 || !calls_.empty() || !session_.is_settled()) {
      const auto soon = Clock::now() + std::chrono::milliseconds(100);
      session_.wait(std::min(timers_.begin()->first, soon));
      while (timers_.begin()->first <= Clock::now()) {
        const auto action = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        action();
      }
      session_.flush();
    }
    session_.end();
  }

 private:
  // --- What the session asks for.

  void after(double seconds, std::function<void()> action) override {
    const std::chrono::duration<double> time(seconds);
    timers_.emplace(Clock::now() + std::chrono::duration_cast<Clock::duration>(time),
                    std::move(action));
  }

  bool knows(const std::string& call) override { return calls_.contains(call); }

  void default_route(const std::string& call) override {
    calls_.erase(call);
    say("default ", call);
  }

  void list_live() override {
    for (const std::string& agent : agents_) {
      auto* logged_in = session_.report("")->mutable_live_agent()->mutable_logged_in();
      logged_in->set_agent_id(agent);
      logged_in->set_station("phone-" + agent);
    }
    for (auto& [id, call] : calls_) {
      const auto live = session_.report(id, call.since_ns);
      if (call.is_talking) {
        call.is_listed = true;
        live->mutable_live_call()->mutable_talking()->set_agent_id(call.agent);
      } else {
        call.generation = call.answered = 0;
        live->mutable_live_call()->mutable_waiting()->set_queue_id(queue_);
        session_.offer(live);
      }
    }
    session_.report("")->mutable_resync_ended();
    for (const std::string& agent : agents_) {
      session_.report("")->mutable_agent_ready()->set_agent_id(agent);
    }
  }

  // `generation` tells one offer of a call from the next.
  void carry_out(const acd::v1::SwitchCommand& command) override {
    const std::string& id = command.call_id();
    const int64_t generation = command.generation();
    Call& call = calls_.at(id);
    if (command.has_release_call() || command.has_transfer_call()) {
      calls_.erase(id);
      say("released ", id);
    } else if (call.is_talking) {
      return;
    } else if (command.has_ring_agent() && generation > call.generation) {
      call.agent = command.ring_agent().agent_id();
      call.generation = generation;
      after(draw(0.02, 0.06), [this, id, generation] { answer(id, generation); });
    } else if ((command.has_stop_ringing() || command.has_drop_leg()) &&
               generation == call.generation) {
      call.generation = 0;
    } else if (command.has_connect_call()) {
      call.is_talking = true;
      call.agent = command.connect_call().agent_id();
      say("agent ", id, " ", call.agent);
      session_.report(id)->mutable_call_connected()->set_generation(generation);
      after(draw(0.1, 0.3), [this, id] { hang_up(id); });
    }
  }

  // --- Callers and phones.

  void arrive(int number) {
    if (stops != 0) return;
    const std::string id = source_ + "-" + std::to_string(number);
    const auto arrival = session_.report(id, calls_[id].since_ns);
    arrival->mutable_call_offered()->set_queue_id(queue_);
    session_.offer(arrival);
    after(draw(0.02, 0.18), [this, number] { arrive(number + 1); });
  }

  void answer(const std::string& id, int64_t generation) {
    const auto found = calls_.find(id);
    if (found == calls_.end() || found->second.generation != generation) return;
    if (found->second.answered == generation || found->second.is_talking) return;
    found->second.answered = generation;
    session_.report(id)->mutable_leg_answered()->set_generation(generation);
  }

  void hang_up(const std::string& id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    session_.report(id)->mutable_call_ended()->set_ended_by(acd::v1::ENDED_BY_CALLER);
    if (found->second.is_listed) {  // The daemon may know of this agent only that they were busy.
      session_.report("")->mutable_phone_idle()->set_station("phone-" + found->second.agent);
    }
    calls_.erase(found);
  }

  const std::string source_, queue_;
  const std::vector<std::string> agents_;
  std::multimap<Clock::time_point, std::function<void()>> timers_;
  std::map<std::string, Call> calls_;
  Session session_;
};

}  // namespace
}  // namespace example

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 5) {
    std::cerr << "Usage: example_switch TARGET TENANT SOURCE QUEUE AGENT...\n"
                 "Plays until SIGTERM, then ends what it has; a second one ends it at once. Prints "
                 "what became of each\n"
                 "call: \"agent CALL AGENT\", \"default CALL\" (its own default route), \"released "
                 "CALL\".\n";
    return 2;
  }
  const auto stop = [](int) {
    if (example::stops != 0) std::_Exit(1);
    example::stops = 1;
  };
  std::signal(SIGTERM, stop);
  std::signal(SIGINT, stop);
  example::Switch(words).run();
  return 0;
}
