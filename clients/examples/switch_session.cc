// SPDX-License-Identifier: Apache-2.0
#include "clients/examples/switch_session.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <thread>
#include <utility>

namespace example {

using google::protobuf::util::TimeUtil;

// Events kept to be sent again; more than there are calls and agents at once.
constexpr size_t kUnackedMax = 10'000;

int64_t unix_ns() { return TimeUtil::TimestampToNanoseconds(TimeUtil::GetCurrentTime()); }

double draw(double least, double most) {
  static std::mt19937 generator(std::random_device{}());
  return std::uniform_real_distribution<double>(least, most)(generator);
}

Session::Session(std::string target, std::string tenant, std::string source, Exchange* exchange)
    : target_(std::move(target)),
      tenant_(std::move(tenant)),
      source_(std::move(source)),
      exchange_(exchange) {}

// --- The stream.

void Session::connect() {
  stream_ = std::make_unique<Stream>(target_);
  ConnectRequest request;
  acd::v1::OpenSession* opening = request.mutable_open_session();
  opening->set_tenant("tenants/" + tenant_);
  opening->set_source_id(source_);
  opening->set_epoch(epoch_);
  opening->set_resync(true);
  opening->set_answers_commands(true);
  stream_->write(std::move(request));
}

void Session::lose_stream(const std::string& why) {
  const grpc::Status status = stream_->end();
  std::cerr << source_ << ": " << (why.empty() ? status.error_message() : why) << std::endl;
  stream_.reset();
  is_open_ = false;
  // 0.1 s, doubled up to 3.2 s, half of it by chance: not all at once.
  attempts_ = std::min(attempts_ + 1, 6);
  exchange_->after(0.05 * (1 << attempts_) * draw(0.5, 1), [this] { connect(); });
}

void Session::wait(Clock::time_point until) {
  ConnectResponse response;
  if (stream_ == nullptr) {
    std::this_thread::sleep_until(until);
  } else if (const auto got = stream_->take(until, &response); got == Stream::Got::kResponse) {
    take(response);
  } else if (got == Stream::Got::kEnd) {
    lose_stream("");
  }
}

void Session::flush(bool is_beat) {
  if (!is_open_ || !stream_->can_write() || (sent_ == unacked_.size() && !is_beat)) return;
  ConnectRequest request;
  *request.mutable_batch()->mutable_send_time() = TimeUtil::GetCurrentTime();
  for (size_t i = 0; i < batch_max_ && sent_ < unacked_.size(); ++i) {
    *request.mutable_batch()->add_events() = *unacked_[sent_++];
  }
  stream_->write(std::move(request));
}

void Session::beat() {
  flush(true);
  exchange_->after(heartbeat_s_, [this] { beat(); });
}

// --- The rule of events: what is numbered is kept until it is acknowledged.

std::shared_ptr<SwitchEvent> Session::report(const std::string& call, int64_t since_ns) {
  if (unacked_.size() >= kUnackedMax) {
    unacked_.clear();
    sent_ = 0;
    begin_life("too much is not acknowledged");
  }
  const auto event = unacked_.emplace_back(std::make_shared<SwitchEvent>());
  event->set_sequence(++sequence_);
  event->set_call_id(call);
  *event->mutable_switch_time() = TimeUtil::NanosecondsToTimestamp(since_ns);
  return event;
}

// What was numbered is lost, here or there: a new epoch, whose resync lists all that there is.
void Session::begin_life(const std::string& why) {
  epoch_ = std::to_string(unix_ns());
  if (stream_ != nullptr) lose_stream(why);
}

void Session::take(const ConnectResponse& response) {
  if (response.has_hello()) resume(response.hello());
  forget(response.ack().through_sequence());
  for (const acd::v1::Refusal& refusal : response.ack().refusals()) take_refusal(refusal);
  for (const acd::v1::SwitchCommand& command : response.commands()) obey(command);
}

void Session::resume(const acd::v1::Hello& hello) {
  ack_timeout_s_ =
      1e-3 * static_cast<double>(TimeUtil::DurationToMilliseconds(hello.ack_timeout()));
  heartbeat_s_ = 1e-3 * static_cast<double>(TimeUtil::DurationToMilliseconds(hello.heartbeat()));
  batch_max_ = static_cast<size_t>(hello.limits().batch_events_max());
  if (hello.resumed() && hello.last_durable_sequence() < acked_) {
    return begin_life("the daemon lost what it had acknowledged");
  }
  is_open_ = true;
  attempts_ = 0;
  sent_ = 0;
  if (hello.resumed()) return forget(hello.last_durable_sequence());
  // The daemon does not know this epoch: tell it all that there is, numbered from 1.
  std::set<std::string> rerouted;
  for (const auto& event : unacked_) {
    if (event->has_switch_rerouted()) rerouted.insert(event->call_id());
  }
  unacked_.clear();
  arrivals_.clear();
  answered_.clear();
  sequence_ = acked_ = 0;
  for (const std::string& call : rerouted) report(call)->mutable_switch_rerouted();
  exchange_->list_live();
}

void Session::forget(int64_t through) {
  acked_ = std::max(acked_, through);
  for (; !unacked_.empty() && unacked_.front()->sequence() <= through; unacked_.pop_front()) {
    const auto arrival = arrivals_.find(unacked_.front()->call_id());
    if (arrival != arrivals_.end() && arrival->second == unacked_.front()) arrivals_.erase(arrival);
    answered_.erase(unacked_.front()->command_done().command_id());
    if (sent_ > 0) --sent_;
  }
}

void Session::take_refusal(const acd::v1::Refusal& refusal) {
  std::cerr << source_ << ": " << refusal.sequence() << " refused: " << refusal.message()
            << std::endl;
  const auto refused = std::find_if(arrivals_.begin(), arrivals_.end(), [&](const auto& entry) {
    return entry.second->sequence() == refusal.sequence();
  });
  if (refused != arrivals_.end()) give_away(std::shared_ptr(refused->second));
  if (refusal.reason() == acd::v1::ERROR_REASON_RESYNC_NOT_OPEN) {
    begin_life("the resync took too long");
  }
}

// --- The rule of callers: an arrival that is not acknowledged in time is the switch's own. A lost
// stream stops no clock.

void Session::offer(const std::shared_ptr<SwitchEvent>& arrival) {
  arrivals_[arrival->call_id()] = arrival;
  exchange_->after(ack_timeout_s_, [this, arrival] { give_away(arrival); });
}

void Session::give_away(const std::shared_ptr<SwitchEvent>& arrival) {
  const auto found = arrivals_.find(arrival->call_id());
  if (found == arrivals_.end() || found->second != arrival) return;  // Acknowledged or listed anew.
  arrivals_.erase(found);
  exchange_->default_route(arrival->call_id());  // From here on no command for it is obeyed.
  arrival->mutable_switch_rerouted();  // Were it sent again, an agent would be rung for nobody.
  report(arrival->call_id())->mutable_switch_rerouted();  // If it had arrived, this withdraws it.
}

// --- The rule of commands: each comes again until its answer is acknowledged.

void Session::obey(const acd::v1::SwitchCommand& command) {
  // Done, if it is there; the answer goes again by itself.
  if (!answered_.insert(command.command_id()).second) return;
  const bool is_gone = !exchange_->knows(command.call_id());  // Over, or given away.
  if (!is_gone) exchange_->carry_out(command);
  acd::v1::CommandDone* done = report("")->mutable_command_done();
  done->set_command_id(command.command_id());
  if (is_gone) done->set_failure(acd::v1::COMMAND_FAILURE_CALL_GONE);
}

}  // namespace example
