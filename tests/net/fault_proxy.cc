// SPDX-License-Identifier: Apache-2.0
// The proxy: a relay for each stream, with a pump for each direction, on one completion queue.
#include "tests/net/fault_proxy.h"

#include <absl/strings/str_cat.h>
#include <grpcpp/alarm.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/status.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "routing/check.h"

namespace acd::net {
namespace {

using grpc::ByteBuffer;

// A read that ends may be a half-close, or a cancellation whose notice comes right behind it; only
// the first may reach the target as a half-close.
constexpr int32_t kHalfCloseWaitMs = 1;
constexpr int kReconnectMinMs = 50;
constexpr int kReconnectMaxMs = 1'000;

struct Tag;

// What the parts of a stream share.
struct Life {
  // Every tag that a queue is given is begun, and comes back.
  void* begin(Tag& tag) {
    ++in_flight;
    return &tag;
  }

  int in_flight = 0;
  bool is_over = false;  // Nothing is begun any more.
};

// What a completion queue hands back.
struct Tag {
  Life* life;  // Null: of no stream.
  std::function<void(bool)> react;
};

void set_alarm(grpc::Alarm& alarm, grpc::CompletionQueue* queue, int32_t ms, void* tag) {
  alarm.Set(queue, std::chrono::system_clock::now() + std::chrono::milliseconds(ms), tag);
}

// What gRPC writes by itself, and would stand there twice.
bool is_of_transport(std::string_view key) {
  return key.starts_with(":") || key.starts_with("grpc-") || key == "user-agent" ||
         key == "content-type" || key == "te" || key == "host";
}

template <typename Add>
void copy_metadata(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata, Add&& add) {
  for (const auto& [key, value] : metadata) {
    const std::string name(key.data(), key.size());
    if (!is_of_transport(name)) add(name, std::string(value.data(), value.size()));
  }
}

// What relays share. All but the counts belong to the proxy's thread.
struct Hub {
  explicit Hub(FaultProxyOptions its_options) : options(std::move(its_options)) {}

  // How many streams of that method came before.
  int64_t ordinal_of(const std::string& method) {
    const bool is_named = ordinals.contains(method) || ordinals.size() < kMethodsMax;
    return ordinals[is_named ? method : ""]++;
  }
  template <typename Change>
  void count(Change&& change) {
    const std::lock_guard lock(mutex);
    change(counts);
  }

  const FaultProxyOptions options;
  grpc::AsyncGenericService service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<grpc::GenericStub> stub;
  std::map<std::string, int64_t> ordinals;
  mutable std::mutex mutex;
  FaultCounts counts;
};

// One direction of a stream.
//
// Bounds:   one read and one write in flight; what it holds, see FaultProxy.
class Pump {
 public:
  using Source = grpc::internal::AsyncReaderInterface<ByteBuffer>;
  using Sink = grpc::internal::AsyncWriterInterface<ByteBuffer>;

  // `cut`: a message is to cut the stream. `on_end`: all that came was passed, and nothing comes any
  // more.
  Pump(Hub& hub, Life& life, Direction direction, std::function<void()> cut,
       std::function<void()> on_end)
      : hub_(hub),
        life_(life),
        direction_(direction),
        cut_(std::move(cut)),
        on_end_(std::move(on_end)) {}

  void start(FaultScript script, Source* source, Sink* sink) {
    script_ = script;
    source_ = source;
    sink_ = sink;
    advance();
  }

  // The stream is over.
  void stop() { alarm_.Cancel(); }

 private:
  void advance() {
    if (life_.is_over) return;
    if (is_waiting_) {
      if (stalled_behind_ > 0) read();
    } else if (is_writing_) {
      return;
    } else if (!held_.empty()) {
      is_writing_ = true;
      const ByteBuffer message = std::move(held_.front());
      held_.pop_front();
      held_bytes_ -= message.Length();
      sink_->Write(message, life_.begin(written_));
    } else if (is_source_over_) {
      on_end_();
    } else {
      read();
    }
  }

  void read() {
    if (is_reading_ || is_source_over_) return;
    is_reading_ = true;
    source_->Read(&message_, life_.begin(read_));
  }

  void on_read(bool ok) {
    is_reading_ = false;
    if (life_.is_over) return;
    if (ok) {
      take(script_.next());
    } else {
      is_source_over_ = true;
    }
    if (held_bytes_ > kHeldBytesMax || is_source_over_) stalled_behind_ = 0;
    if (is_stalling_ && stalled_behind_ == 0) alarm_.Cancel();
    advance();
  }

  void take(ScriptStep step) {
    if (is_stalling_) {
      --stalled_behind_;
      if (step.fault == Fault::kDelay || step.fault == Fault::kStall) step.fault = Fault::kNone;
    }
    if (step.fault != Fault::kDrop && step.fault != Fault::kCut) hold();
    if (step.fault == Fault::kRepeat) hold();
    if (step.fault == Fault::kDelay) wait(step.delay_ms);
    if (step.fault == Fault::kStall) {
      is_stalling_ = true;
      stalled_behind_ = step.stall_messages;
      wait(kStallTimeMaxMs);
    }
    // Counted before anybody can see it.
    hub_.count([&](FaultCounts& counts) {
      ++counts.messages[direction_][step.fault];
      if (is_stalling_) {
        counts.held_max = std::max(counts.held_max, static_cast<int64_t>(held_.size()));
      }
    });
    if (step.fault == Fault::kCut) cut_();
  }

  void hold() {
    held_.push_back(message_);
    held_bytes_ += message_.Length();
  }

  void wait(int32_t ms) {
    is_waiting_ = true;
    set_alarm(alarm_, hub_.queue.get(), ms, life_.begin(woken_));
  }

  void on_woken() {
    is_waiting_ = false;
    is_stalling_ = false;
    stalled_behind_ = 0;
    advance();
  }

  void on_written(bool ok) {
    is_writing_ = false;
    // Whoever was to have it is gone, which the relay hears elsewhere.
    if (ok) advance();
  }

  Hub& hub_;
  Life& life_;
  const Direction direction_;
  const std::function<void()> cut_;
  const std::function<void()> on_end_;
  FaultScript script_;
  Source* source_ = nullptr;
  Sink* sink_ = nullptr;
  ByteBuffer message_;
  std::deque<ByteBuffer> held_;
  size_t held_bytes_ = 0;
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool is_source_over_ = false;
  bool is_waiting_ = false;   // For the alarm.
  bool is_stalling_ = false;  // And, until then, for so many messages.
  int32_t stalled_behind_ = 0;
  grpc::Alarm alarm_;
  Tag read_{&life_, [this](bool ok) { on_read(ok); }};
  Tag written_{&life_, [this](bool ok) { on_written(ok); }};
  Tag woken_{&life_, [this](bool) { on_woken(); }};
};

// One stream, from its arrival to its end.
class Relay {
 public:
  // Waits for the next stream. `admit`: one came; whether there is room for it.
  Relay(Hub& hub, std::function<bool()> admit) : hub_(hub), admit_(std::move(admit)) {
    server_context_.AsyncNotifyWhenDone(life_.begin(over_tag_));
    hub_.service.RequestCall(&server_context_, &server_side_, hub_.queue.get(), hub_.queue.get(),
                             life_.begin(taken_tag_));
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  Life* life() { return &life_; }

  // Resets both sides, if they are open.
  void cut() {
    if (!is_taken_ || life_.is_over) return;
    server_context_.TryCancel();
    end();
  }

 private:
  void on_taken(bool ok) {
    if (!ok) {  // The proxy stops. Of a stream that never came nothing is told.
      life_.in_flight = 0;
      return;
    }
    is_taken_ = true;
    const bool is_admitted = admit_();
    const std::string& method = server_context_.method();
    const FaultProxyOptions& options = hub_.options;
    const int64_t ordinal = hub_.ordinal_of(method);
    const bool is_refused = net::is_refused(options.rates, options.seed, method, ordinal);
    hub_.count([&](FaultCounts& counts) {
      ++counts.streams;
      if (!is_admitted) {
        ++counts.crowded;
      } else if (is_refused) {
        ++counts.refused;
      }
    });
    if (!is_admitted || is_refused) {
      const char* why = is_admitted ? "refused by the script" : "no room for more";
      server_side_.Finish({grpc::StatusCode::UNAVAILABLE, absl::StrCat("fault proxy: ", why)},
                          life_.begin(answered_tag_));
      return;
    }
    for (const Direction direction : kDirections) {
      const bool is_single = options.is_single && options.is_single(method, direction);
      scripts_[direction] =
          FaultScript(options.rates, options.seed, method, ordinal, direction, is_single);
    }
    copy_metadata(server_context_.client_metadata(), [this](const auto& key, const auto& value) {
      client_context_.AddMetadata(key, value);
    });
    client_context_.set_deadline(server_context_.deadline());
    client_side_ = hub_.stub->PrepareCall(&client_context_, method, hub_.queue.get());
    client_side_->StartCall(life_.begin(started_tag_));
  }

  void on_started(bool ok) {
    if (life_.is_over) return;
    if (!ok) return finish_client_side();
    client_side_->ReadInitialMetadata(life_.begin(metadata_tag_));
    up_.start(scripts_[Direction::kUp], &server_side_, client_side_.get());
  }

  void on_metadata(bool ok) {
    if (life_.is_over) return;
    if (!ok) return finish_client_side();
    copy_metadata(client_context_.GetServerInitialMetadata(),
                  [this](const auto& key, const auto& value) {
                    server_context_.AddInitialMetadata(key, value);
                  });
    server_side_.SendInitialMetadata(life_.begin(metadata_sent_tag_));
  }

  void on_metadata_sent(bool ok) {
    if (!ok || life_.is_over) return;
    down_.start(scripts_[Direction::kDown], client_side_.get(), &server_side_);
  }

  void on_client_silent() {
    set_alarm(half_close_alarm_, hub_.queue.get(), kHalfCloseWaitMs, life_.begin(half_close_tag_));
  }

  void half_close() {
    if (!life_.is_over) client_side_->WritesDone(life_.begin(half_closed_tag_));
  }

  void finish_client_side() { client_side_->Finish(&status_, life_.begin(status_tag_)); }

  void on_status() {
    if (life_.is_over) return;
    copy_metadata(client_context_.GetServerTrailingMetadata(),
                  [this](const auto& key, const auto& value) {
                    server_context_.AddTrailingMetadata(key, value);
                  });
    server_side_.Finish(status_, life_.begin(answered_tag_));
  }

  // Nothing is begun any more, and what is in flight comes back.
  void end() {
    life_.is_over = true;
    client_context_.TryCancel();
    up_.stop();
    down_.stop();
    half_close_alarm_.Cancel();
  }

  Hub& hub_;
  const std::function<bool()> admit_;
  Life life_;
  bool is_taken_ = false;
  ByDirection<FaultScript> scripts_;
  grpc::Status status_;
  grpc::Alarm half_close_alarm_;
  // Each context outlives its side.
  grpc::GenericServerContext server_context_;
  grpc::GenericServerAsyncReaderWriter server_side_{&server_context_};
  grpc::ClientContext client_context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> client_side_;
  Pump up_{hub_, life_, Direction::kUp, [this] { cut(); }, [this] { on_client_silent(); }};
  Pump down_{hub_, life_, Direction::kDown, [this] { cut(); }, [this] { finish_client_side(); }};
  Tag taken_tag_{&life_, [this](bool ok) { on_taken(ok); }};
  // Its client went away, or has its status.
  Tag over_tag_{&life_, [this](bool) { end(); }};
  Tag started_tag_{&life_, [this](bool ok) { on_started(ok); }};
  Tag metadata_tag_{&life_, [this](bool ok) { on_metadata(ok); }};
  Tag metadata_sent_tag_{&life_, [this](bool ok) { on_metadata_sent(ok); }};
  Tag half_close_tag_{&life_, [this](bool) { half_close(); }};
  Tag half_closed_tag_{&life_, [](bool) {}};
  Tag status_tag_{&life_, [this](bool) { on_status(); }};
  Tag answered_tag_{&life_, [](bool) {}};
};

}  // namespace

class FaultProxy::Parts {
 public:
  explicit Parts(FaultProxyOptions options) : hub_(std::move(options)) {}

  absl::Status start() {
    ACD_CHECK(server_ == nullptr && !is_stopped_);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(kMessageBytesMax);
    builder.SetMaxSendMessageSize(-1);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(hub_.options.listen, grpc::InsecureServerCredentials(), &port);
    builder.RegisterAsyncGenericService(&hub_.service);
    hub_.queue = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      is_stopped_ = true;
      return absl::UnavailableError(absl::StrCat("cannot listen on ", hub_.options.listen,
                                                 ": in use, or not an address here"));
    }
    const std::string& listen = hub_.options.listen;
    address_ = absl::StrCat(listen.substr(0, listen.rfind(':') + 1), port);
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
    arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMinMs);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
    // Each proxy has a connection of its own.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    hub_.stub = std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
        hub_.options.target, grpc::InsecureChannelCredentials(), arguments));
    await_stream();
    thread_ = std::thread([this] { run(); });
    return absl::OkStatus();
  }

  void stop() {
    if (is_stopped_ || server_ == nullptr) return;
    is_stopped_ = true;
    grpc::Alarm alarm;
    set_alarm(alarm, hub_.queue.get(), 0, &stop_tag_);
    server_->Shutdown(std::chrono::system_clock::now());
    {
      std::unique_lock lock(mutex_);
      drained_.wait(lock, [this] { return is_drained_; });
    }
    hub_.queue->Shutdown();
    thread_.join();
  }

  [[nodiscard]] const std::string& address() const {
    ACD_CHECK(!address_.empty());
    return address_;
  }

  [[nodiscard]] FaultCounts counts() const {
    const std::lock_guard lock(hub_.mutex);
    return hub_.counts;
  }

 private:
  void run() {
    pthread_setname_np(pthread_self(), "fault-proxy");
    void* tag = nullptr;
    bool ok = false;
    while (hub_.queue->Next(&tag, &ok)) {
      react(*static_cast<Tag*>(tag), ok);
      if (!is_stopping_ || !relays_.empty()) continue;
      const std::lock_guard lock(mutex_);
      is_drained_ = true;
      drained_.notify_one();
    }
  }

  void react(Tag& tag, bool ok) {
    Life* const life = tag.life;
    if (life != nullptr) --life->in_flight;
    tag.react(ok);
    if (life != nullptr && life->in_flight == 0) relays_.erase(life);
  }

  void await_stream() {
    auto relay = std::make_unique<Relay>(hub_, [this] { return admit(); });
    Life* const life = relay->life();
    relays_.emplace(life, std::move(relay));
  }

  bool admit() {
    const bool is_room = !is_stopping_ && relays_.size() <= kStreamsMax;
    if (!is_stopping_) await_stream();
    return is_room;
  }

  void begin_stop() {
    is_stopping_ = true;
    for (const auto& [life, relay] : relays_) relay->cut();
  }

  Hub hub_;
  std::unordered_map<Life*, std::unique_ptr<Relay>> relays_;  // One of them waits for a stream.
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  Tag stop_tag_{nullptr, [this](bool) { begin_stop(); }};
  bool is_stopped_ = false;   // Of the caller's thread.
  bool is_stopping_ = false;  // Of the proxy's.
  std::mutex mutex_;
  std::condition_variable drained_;
  bool is_drained_ = false;
  std::thread thread_;
};

FaultProxy::FaultProxy(FaultProxyOptions options)
    : parts_(std::make_unique<Parts>(std::move(options))) {}
FaultProxy::~FaultProxy() { stop(); }

absl::Status FaultProxy::start() { return parts_->start(); }

void FaultProxy::stop() { parts_->stop(); }

const std::string& FaultProxy::address() const { return parts_->address(); }

FaultCounts FaultProxy::counts() const { return parts_->counts(); }

std::string to_text(const FaultCounts& counts) {
  std::string text = absl::StrCat("streams ", counts.streams, "\nrefuse ", counts.refused,
                                  "\ncrowded ", counts.crowded, "\n");
  for (const Direction direction : kDirections) {
    for (const Fault fault : kFaults) {
      absl::StrAppend(&text, name_of(direction), ":", name_of(fault), " ",
                      counts.messages[direction][fault], "\n");
    }
  }
  return absl::StrCat(text, "held_max ", counts.held_max, "\n");
}

}  // namespace acd::net
