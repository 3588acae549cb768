// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/wall.h"

namespace acd::acdctl {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

int64_t to_ns(const google::protobuf::Duration& duration) {
  return duration.seconds() * kNsPerSecond + duration.nanos();
}

}  // namespace

void Wall::take(const v1::WatchResponse& response) {
  if (response.snapshot()) {
    order_.clear();
    queues_.clear();
    agents_.clear();
  }
  for (const v1::QueueStats& queue : response.queues()) {
    if (queues_.insert_or_assign(queue.name(), queue).second) order_.push_back(queue.name());
  }
  if (response.has_total()) total_ = response.total();
  for (const v1::AgentStatus& agent : response.agents()) {
    agents_.insert_or_assign(agent.name(), ToldAgent{agent, to_ns(response.now())});
  }
  *last_.mutable_now() = response.now();
  last_.set_resume_token(response.resume_token());
}

v1::ListQueueStatsResponse Wall::queues() const {
  v1::ListQueueStatsResponse list;
  for (const std::string& name : order_) *list.add_queues() = queues_.at(name);
  *list.mutable_total() = total_;
  *list.mutable_now() = last_.now();
  list.set_resume_token(last_.resume_token());
  return list;
}

v1::ListAgentsResponse Wall::agents() const {
  v1::ListAgentsResponse list;
  for (const auto& [name, agent] : agents_) {
    v1::AgentStatus& status = *list.add_agents();
    status = agent.status;
    const int64_t in_state_ns =
        to_ns(agent.status.time_in_state()) + to_ns(last_.now()) - agent.at_ns;
    status.mutable_time_in_state()->set_seconds(in_state_ns / kNsPerSecond);
    status.mutable_time_in_state()->set_nanos(static_cast<int32_t>(in_state_ns % kNsPerSecond));
  }
  list.set_resume_token(last_.resume_token());
  return list;
}

}  // namespace acd::acdctl
