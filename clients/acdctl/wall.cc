// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/wall.h"

#include <algorithm>
#include <functional>

namespace acd::acdctl {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

int64_t to_ns(const google::protobuf::Duration& duration) {
  return duration.seconds() * kNsPerSecond + duration.nanos();
}

void add_ns(int64_t ns, google::protobuf::Duration* duration) {
  const int64_t sum_ns = to_ns(*duration) + ns;
  duration->set_seconds(sum_ns / kNsPerSecond);
  duration->set_nanos(static_cast<int32_t>(sum_ns % kNsPerSecond));
}

}  // namespace

void Wall::take(const v1::WatchResponse& response) {
  if (response.snapshot()) {
    order_.clear();
    queues_.clear();
    agents_.clear();
    calls_.clear();
  }
  for (const v1::QueueStats& queue : response.queues()) {
    if (queues_.insert_or_assign(queue.name(), queue).second) order_.push_back(queue.name());
  }
  if (response.has_total()) total_ = response.total();
  for (const v1::AgentStatus& agent : response.agents()) {
    agents_.insert_or_assign(agent.name(), ToldAgent{agent, to_ns(response.now())});
  }
  for (const std::string& name : response.gone_calls()) calls_.erase(name);
  for (const v1::CallStatus& call : response.calls()) {
    calls_.insert_or_assign(call.name(), ToldCall{call, to_ns(response.now())});
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
    add_ns(to_ns(last_.now()) - agent.at_ns, status.mutable_time_in_state());
  }
  list.set_resume_token(last_.resume_token());
  return list;
}

v1::ListCallsResponse Wall::calls() const {
  std::vector<v1::CallStatus> calls;
  for (const auto& [name, call] : calls_) {
    v1::CallStatus& status = calls.emplace_back(call.status);
    const int64_t passed_ns = to_ns(last_.now()) - call.at_ns;
    add_ns(passed_ns, status.mutable_wait());
    add_ns(passed_ns, status.mutable_wait_total());
  }
  std::ranges::stable_sort(calls, std::greater<>(),
                           [](const v1::CallStatus& call) { return to_ns(call.wait()); });
  v1::ListCallsResponse list;
  for (v1::CallStatus& call : calls) list.add_calls()->Swap(&call);
  list.set_resume_token(last_.resume_token());
  return list;
}

}  // namespace acd::acdctl
