// SPDX-License-Identifier: Apache-2.0
// A switch with simulated callers and phones, to read and to copy: it resumes by itself, and no caller is ever lost. The
// same as switch.py.
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "acd/v1/switch_service.grpc.pb.h"

namespace {

using acd::v1::ConnectRequest;
using acd::v1::ConnectResponse;
using acd::v1::SwitchEvent;
using google::protobuf::util::TimeUtil;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

// Events kept to be sent again; more than there are calls and agents at once.
constexpr size_t kUnackedMax = 10'000;
volatile std::sig_atomic_t stops = 0;

template <typename... Words>
void say(const Words&... words) {
  (std::cout << ... << words) << std::endl;
}

double draw(double least, double most) {
  static std::mt19937 generator(std::random_device{}());
  return std::uniform_real_distribution<double>(least, most)(generator);
}

int64_t unix_ns() { return TimeUtil::TimestampToNanoseconds(TimeUtil::GetCurrentTime()); }

// One connection. gRPC's threads tell when a read or write is done; one of each is under way, so that the main thread
// never waits for a daemon that stands.
class Stream final : public grpc::ClientBidiReactor<ConnectRequest, ConnectResponse> {
 public:
  enum class Got { kNothing, kResponse, kEnd };

  explicit Stream(const std::string& target) {
    grpc::ChannelArguments settings;
    settings.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 15'000);
    settings.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
    // Else gRPC waits up to two minutes by itself before it connects again.
    settings.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    settings.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
    stub_ = acd::v1::SwitchService::NewStub(
        grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), settings));
    stub_->async()->Connect(&context_, this);
    AddHold();  // Until end(): the main thread may write at any time.
    StartRead(&read_);
    StartCall();
  }

  bool can_write() {
    const std::lock_guard lock(mutex_);
    return !is_writing_;
  }
  void write(ConnectRequest request) {
    {
      const std::lock_guard lock(mutex_);
      is_writing_ = true;
    }
    written_ = std::move(request);
    StartWrite(&written_);
  }
  // The next response, waited for until then, or until a write is done.
  Got take(Clock::time_point until, ConnectResponse* response) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until, [this] { return has_read_ || is_over_ || has_written_; });
    has_written_ = false;
    if (is_over_) return Got::kEnd;
    if (!has_read_) return Got::kNothing;
    has_read_ = false;
    response->Swap(&read_);
    lock.unlock();
    StartRead(&read_);
    return Got::kResponse;
  }
  // To be called once, last.
  grpc::Status end() {
    std::unique_lock lock(mutex_);
    if (!is_over_) context_.TryCancel();
    lock.unlock();
    RemoveHold();
    lock.lock();
    changed_.wait(lock, [this] { return is_done_; });
    return status_;
  }

 private:
  void OnReadDone(bool is_good) override { note(is_good ? &has_read_ : &is_over_); }
  void OnWriteDone(bool) override {
    const std::lock_guard lock(mutex_);
    is_writing_ = false;
    has_written_ = true;
    changed_.notify_one();
  }
  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    status_ = status;
    is_done_ = true;
    changed_.notify_one();
  }
  void note(bool* what) {
    const std::lock_guard lock(mutex_);
    *what = true;
    changed_.notify_one();
  }

  std::unique_ptr<acd::v1::SwitchService::Stub> stub_;
  grpc::ClientContext context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  ConnectResponse read_;
  ConnectRequest written_;
  grpc::Status status_;
  bool has_read_ = false, is_over_ = false, is_writing_ = false, has_written_ = false,
       is_done_ = false;
};

struct Call {
  int64_t since_ns = unix_ns();
  int64_t sequence = 0;  // Of its arrival.
  bool is_acked = false, is_talking = false, is_listed = false;
  std::string agent;                     // Who is rung,
  int64_t generation = 0, answered = 0;  // by which offer; which of them was answered.
};

class Switch {
 public:
  Switch(std::string target, std::string tenant, std::string source, std::string queue,
         std::vector<std::string> agents)
      : target_(std::move(target)),
        tenant_(std::move(tenant)),
        source_(std::move(source)),
        queue_(std::move(queue)),
        agents_(std::move(agents)) {}

  void run() {
    connect();
    arrive(1);
    beat();
    while (stops == 0 || !is_open_ || !calls_.empty() || !unacked_.empty()) {
      const auto until =
          std::min(timers_.begin()->first, Clock::now() + std::chrono::milliseconds(100));
      ConnectResponse response;
      if (stream_ == nullptr) {
        std::this_thread::sleep_until(until);
      } else if (const auto got = stream_->take(until, &response); got == Stream::Got::kResponse) {
        take(response);
      } else if (got == Stream::Got::kEnd) {
        lose_stream("");
      }
      while (timers_.begin()->first <= Clock::now()) {
        const auto action = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        action();
      }
      flush();
    }
    stream_->end();
  }

 private:
  // --- The session: what is numbered is kept until it is acknowledged.

  void connect() {
    stream_ = std::make_unique<Stream>(target_);
    ConnectRequest request;
    acd::v1::OpenSession* session = request.mutable_open_session();
    session->set_tenant("tenants/" + tenant_);
    session->set_source_id(source_);
    session->set_epoch(epoch_);
    session->set_resync(true);
    session->set_answers_commands(true);
    stream_->write(std::move(request));
  }

  void lose_stream(const std::string& why) {
    const grpc::Status status = stream_->end();
    std::cerr << source_ << ": " << (why.empty() ? status.error_message() : why) << std::endl;
    stream_.reset();
    is_open_ = false;
    attempts_ = std::min(attempts_ + 1,
                         6);  // 0.1 s, doubled up to 3.2 s, half of it by chance: not all at once.
    after(0.05 * (1 << attempts_) * draw(0.5, 1), [this] { connect(); });
  }

  // What was numbered is lost, here or there: a new epoch, whose resync lists all that there is.
  void begin_life(const std::string& why) {
    epoch_ = std::to_string(unix_ns());
    if (stream_ != nullptr) lose_stream(why);
  }

  SwitchEvent& report(const std::string& call, int64_t since_ns = unix_ns()) {
    if (unacked_.size() >= kUnackedMax) {
      unacked_.clear();
      sent_ = 0;
      begin_life("too much is not acknowledged");
    }
    SwitchEvent event;
    event.set_sequence(++sequence_);
    event.set_call_id(call);
    *event.mutable_switch_time() = TimeUtil::NanosecondsToTimestamp(since_ns);
    unacked_.push_back(std::move(event));
    return unacked_.back();
  }

  void flush(bool is_beat = false) {
    if (!is_open_ || !stream_->can_write() || (sent_ == unacked_.size() && !is_beat)) return;
    ConnectRequest request;
    *request.mutable_batch()->mutable_send_time() = TimeUtil::GetCurrentTime();
    for (size_t i = 0; i < batch_max_ && sent_ < unacked_.size(); ++i) {
      *request.mutable_batch()->add_events() = unacked_[sent_++];
    }
    stream_->write(std::move(request));
  }

  void beat() {
    flush(true);
    after(heartbeat_s_, [this] { beat(); });
  }

  void take(const ConnectResponse& response) {
    if (response.has_hello()) resume(response.hello());
    forget(response.ack().through_sequence());
    for (const acd::v1::Refusal& refusal : response.ack().refusals()) take_refusal(refusal);
    for (const acd::v1::SwitchCommand& command : response.commands()) obey(command);
  }

  void resume(const acd::v1::Hello& hello) {
    ack_timeout_s_ =
        1e-9 * static_cast<double>(TimeUtil::DurationToNanoseconds(hello.ack_timeout()));
    heartbeat_s_ = 1e-9 * static_cast<double>(TimeUtil::DurationToNanoseconds(hello.heartbeat()));
    batch_max_ = static_cast<size_t>(hello.limits().batch_events_max());
    if (hello.resumed() && hello.last_durable_sequence() < acked_) {
      return begin_life("the daemon lost what it had acknowledged");
    }
    is_open_ = true;
    attempts_ = 0;
    sent_ = 0;
    if (!hello.resumed()) return list_all();
    forget(hello.last_durable_sequence());
  }

  void forget(int64_t through) {
    acked_ = std::max(acked_, through);
    size_t count = 0;
    for (; count < unacked_.size() && unacked_[count].sequence() <= through; ++count) {
      const auto found = calls_.find(unacked_[count].call_id());
      if (found != calls_.end() && found->second.sequence == unacked_[count].sequence()) {
        found->second.is_acked = true;
      }
      answered_.erase(unacked_[count].command_done().command_id());
    }
    unacked_.erase(unacked_.begin(), unacked_.begin() + static_cast<std::ptrdiff_t>(count));
    sent_ -= std::min(sent_, count);
  }

  void take_refusal(const acd::v1::Refusal& refusal) {
    std::cerr << source_ << ": " << refusal.sequence() << " refused: " << refusal.message()
              << std::endl;
    const auto found = std::find_if(calls_.begin(), calls_.end(), [&](const auto& entry) {
      return entry.second.sequence == refusal.sequence();
    });
    if (found != calls_.end()) give_away(found);
    if (refusal.reason() == acd::v1::ERROR_REASON_RESYNC_NOT_OPEN)
      begin_life("the resync took too long");
  }

  // The daemon does not know this epoch: tell it all that there is, numbered from 1.
  void list_all() {
    std::set<std::string> rerouted;
    for (const SwitchEvent& event : unacked_) {
      if (event.has_switch_rerouted()) rerouted.insert(event.call_id());
    }
    unacked_.clear();
    answered_.clear();
    sequence_ = acked_ = 0;
    for (const std::string& id : rerouted) report(id).mutable_switch_rerouted();
    for (const std::string& agent : agents_) {
      acd::v1::AgentLoggedIn* logged_in = report("").mutable_live_agent()->mutable_logged_in();
      logged_in->set_agent_id(agent);
      logged_in->set_station("phone-" + agent);
    }
    for (auto& [id, call] : calls_) {
      acd::v1::LiveCall* live = report(id, call.since_ns).mutable_live_call();
      if (call.is_talking) {
        call.is_listed = true;
        call.sequence = 0;
        live->mutable_talking()->set_agent_id(call.agent);
      } else {
        call.generation = call.answered = 0;
        live->mutable_waiting()->set_queue_id(queue_);
        expect_ack(id, &call);
      }
    }
    report("").mutable_resync_ended();
    for (const std::string& agent : agents_) report("").mutable_agent_ready()->set_agent_id(agent);
  }

  // --- The rule: an arrival that is not acknowledged in time is the switch's own. A lost stream stops no clock.

  void expect_ack(const std::string& id, Call* call) {
    call->sequence = sequence_;
    call->is_acked = false;
    after(ack_timeout_s_, [this, id, sequence = sequence_] {
      const auto found = calls_.find(id);
      if (found != calls_.end() && found->second.sequence == sequence && !found->second.is_acked)
        give_away(found);
    });
  }

  void give_away(std::map<std::string, Call>::iterator call) {
    const std::string id = call->first;
    const int64_t sequence = call->second.sequence;
    calls_.erase(call);  // From here on no command for it is obeyed.
    say("default ", id);
    for (SwitchEvent& event :
         unacked_) {  // Were the arrival sent again, an agent would be rung for nobody.
      if (event.sequence() == sequence) event.mutable_switch_rerouted();
    }
    report(id).mutable_switch_rerouted();  // If it had arrived, this one withdraws it.
  }

  // --- Commands. Each comes again until its answer is acknowledged; `generation` tells one offer of a call from the next.

  void obey(const acd::v1::SwitchCommand& command) {
    // Done, if it is there; the answer goes again by itself.
    if (!answered_.insert(command.command_id()).second) return;
    const auto call = calls_.find(command.call_id());
    const bool is_gone = call == calls_.end();  // Over, or given away.
    if (!is_gone) carry_out(command, call);
    acd::v1::CommandDone* done = report("").mutable_command_done();
    done->set_command_id(command.command_id());
    if (is_gone) done->set_failure(acd::v1::COMMAND_FAILURE_CALL_GONE);
  }

  void carry_out(const acd::v1::SwitchCommand& command,
                 std::map<std::string, Call>::iterator found) {
    const std::string id = found->first;
    const int64_t generation = command.generation();
    Call& call = found->second;
    if (command.has_release_call() || command.has_transfer_call()) {
      calls_.erase(found);
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
      report(id).mutable_call_connected()->set_generation(generation);
      after(draw(0.1, 0.3), [this, id] { hang_up(id); });
    }
  }

  // --- Callers and phones.

  void arrive(int number) {
    if (stops != 0) return;
    const std::string id = source_ + "-" + std::to_string(number);
    Call& call = calls_[id];
    report(id, call.since_ns).mutable_call_offered()->set_queue_id(queue_);
    expect_ack(id, &call);
    after(draw(0.02, 0.18), [this, number] { arrive(number + 1); });
  }

  void answer(const std::string& id, int64_t generation) {
    const auto found = calls_.find(id);
    if (found == calls_.end() || found->second.generation != generation) return;
    if (found->second.answered == generation || found->second.is_talking) return;
    found->second.answered = generation;
    report(id).mutable_leg_answered()->set_generation(generation);
  }

  void hang_up(const std::string& id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    report(id).mutable_call_ended()->set_ended_by(acd::v1::ENDED_BY_CALLER);
    // The daemon may know of this agent only that they were busy.
    if (found->second.is_listed)
      report("").mutable_phone_idle()->set_station("phone-" + found->second.agent);
    calls_.erase(found);
  }

  void after(double seconds, std::function<void()> action) {
    timers_.emplace(Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(seconds)),
                    std::move(action));
  }

  const std::string target_, tenant_, source_, queue_;
  const std::vector<std::string> agents_;
  std::multimap<Clock::time_point, std::function<void()>> timers_;
  std::unique_ptr<Stream> stream_;
  bool is_open_ = false;
  int attempts_ = 0;
  std::string epoch_ = std::to_string(unix_ns());
  int64_t sequence_ = 0, acked_ = 0;
  std::vector<SwitchEvent> unacked_;
  size_t sent_ = 0;  // The first of them, on this stream.
  std::set<int64_t>
      answered_;  // Commands whose answer is not acknowledged: these may be told again.
  std::map<std::string, Call> calls_;
  double ack_timeout_s_ = 2, heartbeat_s_ = 5;  // Until Hello says.
  size_t batch_max_ = 1;
};

}  // namespace

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
    if (stops != 0) std::_Exit(1);
    stops = 1;
  };
  std::signal(SIGTERM, stop);
  std::signal(SIGINT, stop);
  Switch(words[0], words[1], words[2], words[3], {words.begin() + 4, words.end()}).run();
  return 0;
}
