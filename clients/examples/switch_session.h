// SPDX-License-Identifier: Apache-2.0
// The session of a switch, to read and to copy: it resumes by itself, and no caller is ever lost. The same as
// switch_session.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "clients/examples/switch_stream.h"

namespace example {

using acd::v1::SwitchEvent;

int64_t unix_ns();
double draw(double least, double most);

// What rings and connects. The session asks it, on the one thread that uses both.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void after(double seconds, std::function<void()> action) = 0;
  // Reports all agents, calls (`talking`, or `waiting` by offer()), the end of the list, and who is ready.
  virtual void list_live() = 0;
  virtual bool knows(const std::string& call) = 0;
  virtual void default_route(const std::string& call) = 0;
  virtual void carry_out(const acd::v1::SwitchCommand& command) = 0;
};

class Session {
 public:
  Session(std::string target, std::string tenant, std::string source, Exchange* exchange);

  void connect();
  void beat();
  // Takes what comes until then.
  void wait(Clock::time_point until);
  // Sends what was reported, in the order of the reports.
  void flush(bool is_beat = false);
  std::shared_ptr<SwitchEvent> report(const std::string& call, int64_t since_ns = unix_ns());
  // What was just reported is an arrival, or a call that waits.
  void offer(const std::shared_ptr<SwitchEvent>& arrival);
  bool is_settled() const { return is_open_ && unacked_.empty(); }
  void end() { stream_->end(); }

 private:
  void lose_stream(const std::string& why);
  void begin_life(const std::string& why);
  void take(const ConnectResponse& response);
  void resume(const acd::v1::Hello& hello);
  void forget(int64_t through);
  void take_refusal(const acd::v1::Refusal& refusal);
  void give_away(const std::shared_ptr<SwitchEvent>& arrival);
  void obey(const acd::v1::SwitchCommand& command);

  const std::string target_, tenant_, source_;
  Exchange* const exchange_;
  std::unique_ptr<Stream> stream_;
  bool is_open_ = false;
  int attempts_ = 0;
  std::string epoch_ = std::to_string(unix_ns());
  int64_t sequence_ = 0, acked_ = 0;
  std::deque<std::shared_ptr<SwitchEvent>> unacked_;
  size_t sent_ = 0;  // The first of them, on this stream.
  std::map<std::string, std::shared_ptr<SwitchEvent>> arrivals_;  // Not acknowledged, by call.
  std::set<int64_t> answered_;  // Commands whose answer is not acknowledged: may be told again.
  double ack_timeout_s_ = 2, heartbeat_s_ = 5;  // Until Hello says.
  size_t batch_max_ = 1;
};

}  // namespace example
