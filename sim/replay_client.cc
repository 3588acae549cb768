// SPDX-License-Identifier: Apache-2.0
// The gRPC side of a replay: one stream at a time, worked by the caller's own thread.
#include "sim/replay_client.h"

#include <absl/strings/str_cat.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <thread>
#include <utility>

#include "acd/internal/rpc_status.pb.h"
#include "acd/v1/agent_service.grpc.pb.h"
#include "acd/v1/call_service.grpc.pb.h"
#include "acd/v1/errors.pb.h"
#include "acd/v1/switch_service.grpc.pb.h"
#include "acd/v1/wallboard_service.grpc.pb.h"
#include "sim/replay_wire.h"

namespace acd::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kSlice = std::chrono::milliseconds(100);
constexpr auto kBackOffMin = std::chrono::milliseconds(50);
constexpr auto kBackOffMax = std::chrono::milliseconds(2'000);
constexpr auto kFinishTimeout = std::chrono::seconds(5);
constexpr int kPageSize = 1'000;
constexpr char kErrorInfoType[] = "type.googleapis.com/google.rpc.ErrorInfo";

// Whether a stream that ended so may be opened again and gone on with.
bool is_cut(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNAVAILABLE:
      return true;
    default:
      return false;
  }
}

// Whether what the daemon gave as the reason comes of a message that was lost or doubled on the way,
// or of an older stream of the same session: opening it again tells both where they stand.
bool is_out_of_step(v1::ErrorReason reason) {
  return reason == v1::ERROR_REASON_SEQUENCE_GAP || reason == v1::ERROR_REASON_SESSION_NOT_OPEN ||
         reason == v1::ERROR_REASON_SESSION_REPLACED;
}

// The reason that the daemon gave, or UNSPECIFIED.
v1::ErrorReason reason_of(const grpc::Status& status) {
  internal::RpcStatus details;
  if (!details.ParseFromString(status.error_details())) return v1::ERROR_REASON_UNSPECIFIED;
  for (const google::protobuf::Any& any : details.details()) {
    internal::ErrorInfo info;
    v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
    if (any.type_url() == kErrorInfoType && info.ParseFromString(any.value()) &&
        v1::ErrorReason_Parse("ERROR_REASON_" + info.reason(), &reason)) {
      return reason;
    }
  }
  return v1::ERROR_REASON_UNSPECIFIED;
}

// One life of the stream.
//
// Bounds:   one write and one read in flight.
class Stream {
 public:
  enum class Result { kDone, kEnded, kGap, kTimeout, kStopped };

  // `is_waiting`: for a connection, instead of failing at once when there is none.
  Stream(v1::SwitchService::Stub& stub, bool is_waiting, const std::function<bool()>& is_stopped)
      : is_stopped_(is_stopped) {
    context_.set_wait_for_ready(is_waiting);
    stream_ = stub.PrepareAsyncConnect(&context_, &queue_);
  }

  // Cancels what is in flight and waits for it; gRPC completes it at once.
  ~Stream() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Result start(Clock::time_point deadline) {
    stream_->StartCall(begin(kStart));
    return wait(kStart, deadline);
  }

  // Sends `request` and waits for one response.
  Result call(const v1::ConnectRequest& request, Clock::time_point deadline) {
    stream_->Write(request, begin(kWrite));
    const Result result = read(deadline);
    // gRPC holds the message until the write is done.
    return result == Result::kDone ? wait(kWrite, deadline) : result;
  }

  // Skips what came twice. A response that is missing is an end, too.
  Result read(Clock::time_point deadline) {
    for (;;) {
      stream_->Read(&response_, begin(kRead));
      if (const Result result = wait(kRead, deadline); result != Result::kDone) return result;
      if (response_.number() > last_number_ + 1) return Result::kGap;
      if (response_.number() == last_number_ + 1) break;
    }
    ++last_number_;
    return Result::kDone;
  }

  [[nodiscard]] const v1::ConnectResponse& response() const { return response_; }

  // After kEnded: what the daemon said.
  grpc::Status status() {
    grpc::Status status;
    const auto deadline = Clock::now() + kFinishTimeout;
    if (in_flight_[kWrite]) wait(kWrite, deadline);
    stream_->Finish(&status_, begin(kFinish));
    if (wait(kFinish, deadline) == Result::kDone) status = status_;
    return status;
  }

 private:
  enum Operation { kStart, kWrite, kRead, kFinish, kOperations };

  // Marks the operation as begun and is its tag.
  void* begin(Operation operation) {
    in_flight_[operation] = true;
    return &in_flight_[operation];
  }

  Result wait(Operation operation, Clock::time_point deadline) {
    while (in_flight_[operation]) {
      void* tag = nullptr;
      bool ok = false;
      const auto slice_end = std::chrono::system_clock::now() + kSlice;
      if (queue_.AsyncNext(&tag, &ok, slice_end) == grpc::CompletionQueue::GOT_EVENT) {
        const ptrdiff_t finished = static_cast<bool*>(tag) - in_flight_;
        in_flight_[finished] = false;
        is_good_[finished] = ok;
      } else if (is_stopped_ && is_stopped_()) {
        return Result::kStopped;
      } else if (Clock::now() >= deadline) {
        return Result::kTimeout;
      }
    }
    return is_good_[operation] ? Result::kDone : Result::kEnded;
  }

  const std::function<bool()>& is_stopped_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  v1::ConnectResponse response_;
  int64_t last_number_ = 0;  // Of a response.
  grpc::Status status_;
  bool in_flight_[kOperations] = {};
  bool is_good_[kOperations] = {};
  std::unique_ptr<grpc::ClientAsyncReaderWriter<v1::ConnectRequest, v1::ConnectResponse>> stream_;
};

}  // namespace

class ReplayClient::Parts {
 public:
  explicit Parts(ReplayClientOptions options) : options_(std::move(options)) {
    grpc::ChannelArguments arguments;
    // gRPC's own waits between attempts would outlast ours.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
    channel_ =
        grpc::CreateCustomChannel(options_.target, grpc::InsecureChannelCredentials(), arguments);
    switch_stub_ = v1::SwitchService::NewStub(channel_);
    wallboard_stub_ = v1::WallboardService::NewStub(channel_);
    call_stub_ = v1::CallService::NewStub(channel_);
    agent_stub_ = v1::AgentService::NewStub(channel_);
  }

  absl::StatusOr<ReplayHello> connect() {
    const bool is_first = !was_connected_;
    const int64_t limit_ns = is_first ? std::min(options_.reconnect_timeout_ns, kFirstConnectNs)
                                      : options_.reconnect_timeout_ns;
    const auto deadline = Clock::now() + std::chrono::nanoseconds(limit_ns);
    auto back_off = std::chrono::duration_cast<Clock::duration>(kBackOffMin);
    std::string reason;
    for (bool is_waiting = false;; is_waiting = true) {
      // The first attempt says at once what is wrong. The next ones wait for the connection within
      // gRPC, whose own back-off needs a thread in its completion queue to make progress.
      auto hello = open(deadline, is_waiting);
      if (hello.ok() || !absl::IsUnavailable(hello.status())) {
        if (hello.ok() && !is_first) say("the connection is back; going on");
        return hello;
      }
      if (reason.empty()) {
        reason = std::string(hello.status().message());
        if (!is_first) say("the connection is lost, trying again: " + reason);
      }
      if (Clock::now() + back_off >= deadline) {
        return absl::UnavailableError(absl::StrCat(
            is_first ? "cannot reach the daemon at " : "lost the daemon at ", options_.target,
            " (tried for ", limit_ns / kNsPerS, " s; is acdd running there?): ", reason));
      }
      if (!sleep(back_off)) return absl::CancelledError("stopped");
      back_off = std::min<Clock::duration>(2 * back_off, kBackOffMax);
    }
  }

  absl::StatusOr<ReplayAnswer> exchange(const ReplayBatch& batch) {
    if (stream_ == nullptr) return absl::UnavailableError("not connected");
    request_.Clear();
    set_duration(batch.now_ns, request_.mutable_batch()->mutable_now());
    request_.mutable_batch()->set_number(++last_batch_);
    for (const ReplayEvent& event : batch.events) {
      to_proto(event, request_.mutable_batch()->add_events());
    }
    ReplayAnswer answer = std::exchange(greeting_, {});
    const auto deadline = Clock::now() + answer_timeout();
    for (auto result = stream_->call(request_, deadline);; result = stream_->read(deadline)) {
      if (result != Stream::Result::kDone) return end(result);
      const v1::ConnectResponse& response = stream_->response();
      if (response.has_driven_clock() && response.driven_clock().number() != last_batch_) {
        // To a batch before, which came twice. What it says of the events was heard already.
        append_commands(response, answer);
        continue;
      }
      append_response(response, answer);
      if (!response.has_driven_clock()) continue;
      if (response.driven_clock().has_next_deadline()) {
        answer.next_deadline_ns = to_ns(response.driven_clock().next_deadline());
      }
      return answer;
    }
  }

  absl::StatusOr<std::vector<QueueFigures>> queue_figures() {
    std::vector<QueueFigures> figures;
    v1::ListQueueStatsRequest request;
    request.set_parent("tenants/" + options_.tenant);
    request.set_page_size(kPageSize);
    do {
      v1::ListQueueStatsResponse response;
      const grpc::Status status = list_queue_stats(request, &response);
      if (!status.ok()) {
        return absl::UnavailableError(absl::StrCat("cannot read the statistics of the daemon at ",
                                                   options_.target, ": ", status.error_message()));
      }
      for (const v1::QueueStats& stats : response.queues()) figures.push_back(to_figures(stats));
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty() && figures.size() < kQueuesMax);
    return figures;
  }

  absl::StatusOr<std::string> request(const ReplayEvent& event, const std::string& request_id) {
    grpc::ClientContext context;
    begin(context);
    const grpc::Status status = send_request(event, request_id, context);
    if (status.ok()) return std::string();
    const v1::ErrorReason reason = reason_of(status);
    // The daemon began anew, and the session does not go on there yet.
    if (reason == v1::ERROR_REASON_SWITCH_AWAY || is_cut(status.error_code())) {
      return absl::UnavailableError(status.error_message());
    }
    return absl::StrCat(reason_name(reason), " ", status.error_message());
  }

  absl::StatusOr<std::vector<DesktopOffer>> desktop_offers(const std::string& agent) {
    grpc::ClientContext context;
    begin(context);
    v1::GetAgentRequest request;
    request.set_name(name_of("agents", agent));
    v1::AgentStatus answer;
    const grpc::Status status = wallboard_stub_->GetAgent(&context, request, &answer);
    if (!status.ok()) return to_status(status);
    std::vector<DesktopOffer> offers;
    for (const std::string& call_name : answer.calls()) {
      grpc::ClientContext call_context;
      begin(call_context);
      v1::GetCallRequest call_request;
      call_request.set_name(call_name);
      v1::CallStatus call;
      const grpc::Status call_status = wallboard_stub_->GetCall(&call_context, call_request, &call);
      if (!call_status.ok()) return to_status(call_status);
      for (int i = 0; i < call.offered_agents_size(); ++i) {
        if (call.offered_agents(i) != request.name()) continue;
        offers.push_back({call_name.substr(call_name.rfind('/') + 1), call.offer_generations(i)});
      }
    }
    return offers;
  }

 private:
  void begin(grpc::ClientContext& context) const {
    context.set_deadline(std::chrono::system_clock::now() + answer_timeout());
  }

  [[nodiscard]] std::chrono::nanoseconds answer_timeout() const {
    return std::chrono::nanoseconds(options_.answer_timeout_ns);
  }

  // Tries again after a cut, for as long as connect() does.
  grpc::Status list_queue_stats(const v1::ListQueueStatsRequest& request,
                                v1::ListQueueStatsResponse* response) {
    const auto deadline = Clock::now() + std::chrono::nanoseconds(options_.reconnect_timeout_ns);
    for (;;) {
      grpc::ClientContext context;
      context.set_wait_for_ready(true);
      begin(context);
      const grpc::Status status = wallboard_stub_->ListQueueStats(&context, request, response);
      if (status.ok() || !is_cut(status.error_code())) return status;
      if (Clock::now() + kBackOffMin >= deadline || !sleep(kBackOffMin)) return status;
    }
  }

  [[nodiscard]] std::string name_of(const char* collection, const std::string& id) const {
    return absl::StrCat("tenants/", options_.tenant, "/", collection, "/", id);
  }

  // What the answers say a replay learns from its stream, too.
  template <typename Stub, typename Request, typename Response>
  static grpc::Status send(
      Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
      grpc::ClientContext& context, const std::string& request_id, Request request) {
    if constexpr (requires { request.set_request_id(request_id); }) {
      request.set_request_id(request_id);
    }
    Response response;
    return (stub.*method)(&context, request, &response);
  }

  grpc::Status send_request(const ReplayEvent& event, const std::string& request_id,
                            grpc::ClientContext& context) {
    using Calls = v1::CallService::Stub;
    const auto ask = [&](auto method, const auto& request) {
      return send(*call_stub_, method, context, request_id, request);
    };
    const auto of_call = [&](auto request) {
      request.set_name(name_of("calls", event.call));
      return request;
    };
    switch (event.kind) {
      case ReplayEventKind::kTransferRequested: {
        auto request = of_call(v1::TransferCallRequest());
        to_proto(event, event.agent, request.mutable_transfer());
        return ask(&Calls::TransferCall, request);
      }
      case ReplayEventKind::kConsultBegun: {
        auto request = of_call(v1::ConsultRequest());
        request.set_consult_id(event.other_call);
        to_proto(event, event.agent, request.mutable_to());
        return ask(&Calls::Consult, request);
      }
      case ReplayEventKind::kConsultMerged: {
        auto request = of_call(v1::MergeConsultRequest());
        request.set_conference(event.is_conference);
        return ask(&Calls::MergeConsult, request);
      }
      case ReplayEventKind::kCallbackRequested: {
        auto request = of_call(v1::RequestCallbackRequest());
        request.set_origin_call(name_of("calls", event.other_call));
        request.set_number(event.number);
        return ask(&Calls::RequestCallback, request);
      }
      case ReplayEventKind::kCallScheduled: {
        auto request = of_call(v1::ScheduleCallRequest());
        request.set_queue(name_of("queues", event.queue));
        request.set_source_id(options_.source_id);
        set_time(event.due_unix_ns, request.mutable_time());
        return ask(&Calls::ScheduleCall, request);
      }
      case ReplayEventKind::kCallOutcome: {
        auto request = of_call(v1::SetCallOutcomeRequest());
        to_proto(event.outcome, request.mutable_outcome());
        return ask(&Calls::SetCallOutcome, request);
      }
      case ReplayEventKind::kOfferAccepted: {
        v1::AcceptOfferRequest request;
        request.set_name(name_of("agents", event.agent));
        request.set_call_id(event.call);
        request.set_generation(event.generation);
        return send(*agent_stub_, &v1::AgentService::Stub::AcceptOffer, context, request_id,
                    request);
      }
      default:
        return {grpc::StatusCode::UNIMPLEMENTED, "no request says that"};
    }
  }

  static QueueFigures to_figures(const v1::QueueStats& stats) {
    QueueFigures figures;
    figures.queue = stats.name().substr(stats.name().rfind('/') + 1);
    figures.offered = stats.offered();
    figures.answered = stats.answered();
    figures.abandoned = stats.abandoned() + stats.short_abandoned();
    figures.short_abandoned = stats.short_abandoned();
    figures.timed_out = stats.timed_out();
    figures.rejected = stats.rejected();
    figures.failed_waiting = stats.failed_waiting();
    figures.overflowed_in = stats.overflowed_in();
    figures.overflowed_out = stats.overflowed_out();
    figures.waiting = stats.waiting();
    figures.wait_answered_sum_ns = to_ns(stats.wait_answered_sum());
    figures.is_conserved = stats.conserved();
    figures.withdrawn = stats.withdrawn();
    figures.callbacks_waiting = stats.callbacks_waiting();
    figures.handled = stats.handled();
    figures.handle_sum_ns = to_ns(stats.handle_sum());
    MixTally& mix = figures.mix;
    mix.transferred_in = stats.transferred_in();
    mix.transferred_out = stats.transferred_out();
    mix.consults = stats.consults();
    mix.consults_answered = stats.consults_answered();
    mix.consults_failed = stats.consults_failed();
    mix.callback_requested = stats.callback_requested();
    mix.callbacks_answered = stats.callbacks_answered();
    mix.dials_failed = stats.dials_failed();
    mix.resolved = stats.outcomes().resolved();
    mix.unresolved = stats.outcomes().unresolved();
    mix.surveys = stats.outcomes().surveys();
    mix.survey_sum = stats.outcomes().survey_sum();
    mix.qualities = stats.outcomes().qualities();
    mix.quality_sum = stats.outcomes().quality_sum();
    for (const v1::WrapUpCodeCount& code : stats.outcomes().codes()) {
      mix.codes[code.code()] = code.count();
    }
    return figures;
  }

  // One attempt. UNAVAILABLE: another may succeed.
  absl::StatusOr<ReplayHello> open(Clock::time_point deadline, bool is_waiting) {
    greeting_ = {};
    stream_ = std::make_unique<Stream>(*switch_stub_, is_waiting, options_.is_stopped);
    deadline = std::min(deadline, Clock::now() + answer_timeout());
    if (const auto result = stream_->start(deadline); result != Stream::Result::kDone) {
      return end(result);
    }
    request_.Clear();
    v1::OpenSession* session = request_.mutable_open_session();
    session->set_tenant("tenants/" + options_.tenant);
    session->set_source_id(options_.source_id);
    session->set_epoch(options_.epoch);
    if (const auto result = stream_->call(request_, deadline); result != Stream::Result::kDone) {
      return end(result);
    }
    const v1::ConnectResponse& response = stream_->response();
    if (!response.has_hello()) return absl::InternalError("the daemon did not say hello");
    was_connected_ = true;
    append_response(response, greeting_);
    const v1::Hello& in = response.hello();
    ReplayHello hello;
    hello.last_durable_sequence = in.last_durable_sequence();
    hello.is_resumed = in.resumed();
    hello.is_clock_driven = in.clock_mode() == v1::CLOCK_MODE_DRIVEN;
    hello.now_ns = to_ns(in.now());
    hello.unix_ns = in.unix_time().seconds() * kNsPerS + in.unix_time().nanos();
    hello.batch_events_max = static_cast<size_t>(std::max(1, in.limits().batch_events_max()));
    hello.id_bytes_max = static_cast<size_t>(std::max(1, in.limits().id_bytes_max()));
    return hello;
  }

  // Closes the stream and says why it ended.
  absl::Status end(Stream::Result result) {
    absl::Status status;
    switch (result) {
      case Stream::Result::kDone:
      case Stream::Result::kEnded:
        status = to_status(stream_->status());
        break;
      case Stream::Result::kGap:
        status = absl::UnavailableError("a response is missing");
        break;
      case Stream::Result::kTimeout:
        status = absl::UnavailableError("no answer in time");
        break;
      case Stream::Result::kStopped:
        status = absl::CancelledError("stopped");
        break;
    }
    stream_.reset();
    return status;
  }

  absl::Status to_status(const grpc::Status& status) const {
    const std::string text = status.ok() ? "the daemon ended the stream" : status.error_message();
    if (is_cut(status.error_code()) || is_out_of_step(reason_of(status))) {
      return absl::UnavailableError(text);
    }
    // Not our own stream of before a cut: opening the session again took the clock from it.
    if (reason_of(status) == v1::ERROR_REASON_CONDUCTOR_EXISTS) {
      return absl::FailedPreconditionError(absl::StrCat(
          "somebody else drives the clock of the daemon at ", options_.target,
          "; wait until that replay is over, or start another acdd on an address of its own"));
    }
    return absl::FailedPreconditionError(
        absl::StrCat("the daemon at ", options_.target, " ended the session: ", text));
  }

  // Whether it slept to the end and was not stopped.
  bool sleep(Clock::duration duration) {
    const auto end = Clock::now() + duration;
    while (Clock::now() < end) {
      if (options_.is_stopped && options_.is_stopped()) return false;
      std::this_thread::sleep_for(std::min<Clock::duration>(end - Clock::now(), kSlice));
    }
    return true;
  }

  void say(const std::string& text) {
    if (options_.say) options_.say(text);
  }

  const ReplayClientOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::SwitchService::Stub> switch_stub_;
  std::unique_ptr<v1::WallboardService::Stub> wallboard_stub_;
  std::unique_ptr<v1::CallService::Stub> call_stub_;
  std::unique_ptr<v1::AgentService::Stub> agent_stub_;
  v1::ConnectRequest request_;  // Outlives the stream, which may be writing it.
  std::unique_ptr<Stream> stream_;
  int64_t last_batch_ = 0;  // What it was called.
  // What came with the hello, for the next answer.
  ReplayAnswer greeting_;
  bool was_connected_ = false;
};

ReplayClient::ReplayClient(ReplayClientOptions options)
    : parts_(std::make_unique<Parts>(std::move(options))) {}
ReplayClient::~ReplayClient() = default;

absl::StatusOr<ReplayHello> ReplayClient::connect() { return parts_->connect(); }

absl::StatusOr<ReplayAnswer> ReplayClient::exchange(const ReplayBatch& batch) {
  return parts_->exchange(batch);
}

absl::StatusOr<std::string> ReplayClient::request(const ReplayEvent& event,
                                                  const std::string& request_id) {
  return parts_->request(event, request_id);
}

absl::StatusOr<std::vector<DesktopOffer>> ReplayClient::desktop_offers(const std::string& agent) {
  return parts_->desktop_offers(agent);
}

absl::StatusOr<std::vector<QueueFigures>> ReplayClient::queue_figures() {
  return parts_->queue_figures();
}

}  // namespace acd::sim
