// SPDX-License-Identifier: Apache-2.0
// One look at queues, agents or calls: asked, filtered, and written as text or JSON.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "clients/acdctl/commands.h"
#include "clients/acdctl/figures_view.h"
#include "clients/acdctl/json.h"
#include "clients/acdctl/views.h"

namespace acd::acdctl {
namespace {

// `id` may be a full resource name already, as --json prints it.
std::string resource_name(const std::string& tenant, std::string_view collection,
                          const std::string& id) {
  const std::string prefix = absl::StrCat(tenant, "/", std::string(collection), "/");
  return id.compare(0, prefix.size(), prefix) == 0 ? id : prefix + id;
}

template <typename Message>
absl::StatusOr<std::string> show(const absl::StatusOr<Message>& message, const Arguments& arguments,
                                 bool is_colored,
                                 std::string (*text)(const Message& message, bool is_colored)) {
  if (!message.ok()) return message.status();
  if (arguments.is_json) return to_json(*message);
  return text(*message, is_colored);
}

absl::StatusOr<v1::ListAgentsResponse> agents_in_states(Client& client, const Arguments& arguments,
                                                        const std::string& tenant) {
  absl::StatusOr<v1::ListAgentsResponse> agents = client.agents(tenant);
  if (!agents.ok()) return agents;
  return in_states(*std::move(agents), arguments);
}

// All windows of one queue, or the one that is asked for of a list.
absl::StatusOr<std::string> look_at_queue(Client& client, const Arguments& arguments,
                                          const std::string& name, bool is_colored) {
  v1::GetQueueStatsRequest request;
  request.set_name(name);
  request.set_ewt(true);
  for (int window = v1::STATS_WINDOW_5_MIN; window <= v1::STATS_WINDOW_DAY; ++window) {
    request.add_windows(static_cast<v1::StatsWindow>(window));
  }
  const absl::StatusOr<v1::QueueStats> stats = client.queue(request);
  if (!stats.ok()) return stats.status();
  if (arguments.is_json) return to_json(*stats);
  constexpr v1::StatsWindow kUsual = v1::STATS_WINDOW_15_MIN;
  return queue_text(*stats, is_colored) +
         queue_figures_text(*stats, arguments.window.value_or(kUsual), is_colored);
}

absl::StatusOr<std::string> look_at_queues(Client& client, const Arguments& arguments,
                                           const std::string& tenant, bool is_colored) {
  v1::ListQueueStatsRequest request;
  request.set_parent(tenant);
  if (!arguments.window) return show(client.queues(request), arguments, is_colored, queues_text);
  request.add_windows(*arguments.window);
  request.set_ewt(true);
  const absl::StatusOr<v1::ListQueueStatsResponse> stats = client.queues(request);
  if (!stats.ok()) return stats.status();
  if (arguments.is_json) return to_json(*stats);
  return queues_window_text(*stats, *arguments.window, is_colored);
}

absl::StatusOr<std::string> look_at_call(Client& client, const Arguments& arguments,
                                         const std::string& name, bool is_colored) {
  const absl::StatusOr<v1::CallStatus> call = client.call(name);
  if (!call.ok()) return call.status();
  if (arguments.is_json) return to_json(*call);
  return call_text(*call, is_colored) + (call->has_ewt() ? prediction_text(call->ewt()) : "");
}

absl::StatusOr<std::string> look_at_calls(Client& client, const Arguments& arguments,
                                          const std::string& tenant, bool is_colored) {
  v1::ListCallsRequest request;
  request.set_parent(tenant);
  if (!arguments.queue.empty()) {
    request.set_queue_id(std::string(short_name(arguments.queue)));
  }
  request.set_waiting(arguments.is_waiting);
  request.set_ewt(arguments.is_waiting);
  return show(client.calls(request), arguments, is_colored,
              arguments.is_waiting ? waiting_text : calls_text);
}

}  // namespace

v1::ListAgentsResponse in_states(v1::ListAgentsResponse agents, const Arguments& arguments) {
  const auto& states = arguments.states;
  if (states.empty()) return agents;
  v1::ListAgentsResponse chosen;
  chosen.set_resume_token(agents.resume_token());
  for (v1::AgentStatus& agent : *agents.mutable_agents()) {
    if (std::find(states.begin(), states.end(), agent.state()) != states.end()) {
      chosen.add_agents()->Swap(&agent);
    }
  }
  return chosen;
}

absl::StatusOr<std::string> look(Client& client, const Arguments& arguments,
                                 const std::string& tenant, const std::string& id,
                                 bool is_colored) {
  const bool is_one = !id.empty();
  switch (arguments.subject) {
    case Subject::kQueues:
      if (is_one) {
        return look_at_queue(client, arguments, resource_name(tenant, "queues", id), is_colored);
      }
      return look_at_queues(client, arguments, tenant, is_colored);
    case Subject::kAgents:
      if (is_one) {
        return show(client.agent(resource_name(tenant, "agents", id)), arguments, is_colored,
                    agent_text);
      }
      return show(agents_in_states(client, arguments, tenant), arguments, is_colored, agents_text);
    case Subject::kCalls:
      if (is_one) {
        return look_at_call(client, arguments, resource_name(tenant, "calls", id), is_colored);
      }
      return look_at_calls(client, arguments, tenant, is_colored);
    case Subject::kScheduledCalls: {
      const std::string queue =
          arguments.queue.empty() ? "" : resource_name(tenant, "queues", arguments.queue);
      return show(client.scheduled_calls(tenant, queue), arguments, is_colored, scheduled_text);
    }
  }
  return absl::InvalidArgumentError("no such subject");
}

}  // namespace acd::acdctl
