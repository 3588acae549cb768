// SPDX-License-Identifier: Apache-2.0
// A beat that keeps the server awake.
#include "daemon/rpc/pulse.h"

#include <grpcpp/support/slice.h>

#include "routing/check.h"

namespace acd {
namespace {

// An empty HealthCheckRequest asks for the server as a whole.
constexpr const char* kHealthCheck = "/grpc.health.v1.Health/Check";

}  // namespace

Pulse::~Pulse() {
  const MutexLock lock(&mutex_);
  ACD_CHECK(!armed_ && !calling_);
}

void Pulse::start() {
  const grpc::Slice empty;
  request_ = grpc::ByteBuffer(&empty, 1);
  const MutexLock lock(&mutex_);
  arm();
}

void Pulse::stop() {
  const MutexLock lock(&mutex_);
  stopping_ = true;
  if (armed_) alarm_->Cancel();
  if (calling_) context_->TryCancel();
  while (armed_ || calling_) changed_.wait(&mutex_);
}

void Pulse::beat(bool expired) {
  if (expired) tick_(StreamClock::now());
  const MutexLock lock(&mutex_);
  armed_ = false;
  if (!stopping_) {
    if (!calling_) call();
    arm();
  }
  changed_.notify_all();
}

// Each beat has an alarm of its own: one that is set again inside its callback would overwrite the
// callback that runs.
void Pulse::arm() {
  armed_ = true;
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(std::chrono::system_clock::now() + kPulsePeriod,
              [this](bool expired) { beat(expired); });
}

void Pulse::call() {
  calling_ = true;
  context_ = std::make_unique<grpc::ClientContext>();
  stub_.UnaryCall(context_.get(), kHealthCheck, {}, &request_, &response_,
                  [this](const grpc::Status& /*health*/) {
                    const MutexLock lock(&mutex_);
                    calling_ = false;
                    changed_.notify_all();
                  });
}

}  // namespace acd
