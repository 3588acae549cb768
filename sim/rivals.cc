// SPDX-License-Identifier: Apache-2.0
#include "sim/rivals.h"

#include <algorithm>
#include <numeric>

#include "routing/check.h"
#include "sim/log_time.h"

namespace acd::sim {
namespace {

double mean_of(double over, double under) { return under > 0 ? over / under : 0; }

// The names in "a=5,b=3".
std::vector<std::string> skill_names(std::string_view skills) {
  std::vector<std::string> names;
  while (!skills.empty()) {
    const size_t end = std::min(skills.find(','), skills.size());
    names.emplace_back(skills.substr(0, std::min(skills.find('='), end)));
    skills.remove_prefix(std::min(end + 1, skills.size()));
  }
  return names;
}

}  // namespace

std::string_view rival_name(Rival rival) {
  switch (rival) {
    case Rival::kConstant:
      return "constant";
    case Rival::kLastWait:
      return "last wait";
    case Rival::kLastTen:
      return "mean of the last ten";
    case Rival::kAsterisk:
      return "Asterisk holdtime";
    case Rival::kOpenSips:
      return "OpenSIPS";
    case Rival::kAvaya:
      return "Avaya-like";
    case Rival::kQueueLength:
      return "queue length";
    case Rival::kQueueLengthFitted:
      return "queue length, fitted";
  }
  check_failed("a rival has a name", __FILE__, __LINE__);
}

void Rivals::apply(const Event& event, std::string_view arena) {
  switch (event.kind) {
    case EventKind::kQueueConfigChanged:
      queue_at(event.queue).id = event.text.in(arena);
      return;
    case EventKind::kAgentUpserted: {
      const auto told = decode_upserted(event.text3.in(arena));
      agent_at(event.agent).skills = skill_names(told ? told->skills : std::string_view());
      return;
    }
    case EventKind::kAgentLoggedIn:
      agent_at(event.agent).is_logged_in = true;
      return;
    case EventKind::kAgentLoggedOut:
      agent_at(event.agent).is_logged_in = false;
      return;
    case EventKind::kCallEnqueued:
      return enqueue(event);
    case EventKind::kOfferCreated:
      return leave(call_at(event.call));
    case EventKind::kCallConnected:
      return answer(event);
    case EventKind::kCallCompleted:
      return complete(event);
    case EventKind::kCallAbandoned:
    case EventKind::kCallTimedOut:
    case EventKind::kCallWithdrawn:
    case EventKind::kCallFailed:
    case EventKind::kCallRejected:
      leave(call_at(event.call));
      calls_.erase(event.call.value());
      return;
    default:
      return;  // The calls of a log do nothing else.
  }
}

const RivalGuesses& Rivals::guesses(CallIndex call) const {
  return calls_.at(call.value()).guesses;
}

void Rivals::enqueue(const Event& event) {
  Queue& queue = queue_at(event.queue);
  Call call;
  call.queue = event.queue;
  call.key_ns = order_key_ns(event);
  call.came_ns = event.time_ns;
  call.band = call.key_ns < event.time_ns ? 1 : 0;
  call.is_waiting = true;
  double before = 0;
  double before_in_queue = 0;
  for (const auto& [index, other] : calls_) {
    if (!other.is_waiting || other.key_ns > call.key_ns) continue;
    before += 1;
    if (other.queue == call.queue) before_in_queue += 1;
  }
  call.place = before + 1;
  Band& band = queue.bands[call.band];
  const double handle_s = mean_of(queue.handle_sum_s, queue.handles);
  const auto set = [&](Rival rival, double wait_s) {
    call.guesses[static_cast<size_t>(rival)] = wait_s;
  };
  set(Rival::kConstant, mean_of(queue.wait_sum_s, queue.waits));
  set(Rival::kLastWait, queue.last_wait_s);
  set(Rival::kLastTen,
      mean_of(std::accumulate(queue.last_waits_s.begin(), queue.last_waits_s.end(), 0.0),
              static_cast<double>(queue.last_waits_s.size())));
  set(Rival::kAsterisk, static_cast<double>(queue.holdtime_s));
  set(Rival::kOpenSips, handle_s * static_cast<double>(queue.waiting) / logged_in(queue));
  set(Rival::kAvaya, (before_in_queue + 1) * band.gap_s);
  set(Rival::kQueueLength, handle_s * static_cast<double>(waiting_ + 1) / logged_in(queue));
  set(Rival::kQueueLengthFitted,
      call.place * mean_of(queue.place_wait_sum, queue.place_square_sum));

  if (band.waiting == 0) {
    band.removed_ns = event.time_ns;
    band.has_removed = true;
  }
  ++band.waiting;
  ++queue.waiting;
  ++waiting_;
  calls_[event.call.value()] = call;
}

void Rivals::leave(Call& call) {
  if (!call.is_waiting) return;
  call.is_waiting = false;
  Queue& queue = queue_at(call.queue);
  --queue.bands[call.band].waiting;
  --queue.waiting;
  --waiting_;
}

void Rivals::answer(const Event& event) {
  Call& call = call_at(event.call);
  leave(call);
  call.connected_ns = event.time_ns;
  Queue& queue = queue_at(call.queue);
  const double wait_s = seconds(event.time_ns - call.came_ns);
  queue.holdtime_s = (3 * queue.holdtime_s + static_cast<int64_t>(wait_s)) >> 2;
  Band& band = queue.bands[call.band];
  if (wait_s > 0) {
    queue.last_wait_s = wait_s;
    queue.last_waits_s.push_back(wait_s);
    if (queue.last_waits_s.size() > kLastWaits) queue.last_waits_s.pop_front();
    if (band.has_removed) {
      const double gap_s = seconds(event.time_ns - band.removed_ns);
      band.gap_s = band.has_gap ? (1 - kAvayaWeight) * band.gap_s + kAvayaWeight * gap_s : gap_s;
      band.has_gap = true;
    }
    if (is_training_) {
      queue.wait_sum_s += wait_s;
      queue.waits += 1;
      queue.place_wait_sum += call.place * wait_s;
      queue.place_square_sum += call.place * call.place;
    }
  }
  band.removed_ns = event.time_ns;
  band.has_removed = true;
}

void Rivals::complete(const Event& event) {
  const Call& call = call_at(event.call);
  Queue& queue = queue_at(call.queue);
  queue.handle_sum_s += seconds(event.time_ns - call.connected_ns);
  queue.handles += 1;
  calls_.erase(event.call.value());
}

double Rivals::logged_in(const Queue& queue) const {
  const auto count = std::ranges::count_if(agents_, [&](const Agent& agent) {
    return agent.is_logged_in && std::ranges::find(agent.skills, queue.id) != agent.skills.end();
  });
  return static_cast<double>(std::max<int64_t>(1, count));
}

Rivals::Queue& Rivals::queue_at(QueueIndex index) {
  if (index.value() >= queues_.size()) queues_.resize(index.value() + 1);
  return queues_[index.value()];
}

Rivals::Call& Rivals::call_at(CallIndex index) { return calls_.at(index.value()); }

Rivals::Agent& Rivals::agent_at(AgentIndex index) {
  if (index.value() >= agents_.size()) agents_.resize(index.value() + 1);
  return agents_[index.value()];
}

}  // namespace acd::sim
