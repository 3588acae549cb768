// SPDX-License-Identifier: Apache-2.0
// One look at queues, agents or calls: asked, filtered, and written as text or JSON.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "clients/acdctl/commands.h"
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

absl::StatusOr<v1::ListCallsResponse> calls_of_queue(Client& client, const Arguments& arguments,
                                                     const std::string& tenant) {
  if (arguments.queue.empty()) return client.calls(tenant);
  // An unknown queue is an error, not an empty list.
  const std::string name = resource_name(tenant, "queues", arguments.queue);
  const absl::StatusOr<v1::QueueStats> queue = client.queue(name);
  if (!queue.ok()) return queue.status();
  absl::StatusOr<v1::ListCallsResponse> calls = client.calls(tenant);
  if (!calls.ok()) return calls;
  v1::ListCallsResponse chosen;
  for (v1::CallStatus& call : *calls->mutable_calls()) {
    if (call.queue() == name) chosen.add_calls()->Swap(&call);
  }
  return chosen;
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
        return show(client.queue(resource_name(tenant, "queues", id)), arguments, is_colored,
                    queue_text);
      }
      return show(client.queues(tenant), arguments, is_colored, queues_text);
    case Subject::kAgents:
      if (is_one) {
        return show(client.agent(resource_name(tenant, "agents", id)), arguments, is_colored,
                    agent_text);
      }
      return show(agents_in_states(client, arguments, tenant), arguments, is_colored, agents_text);
    case Subject::kCalls:
      if (is_one) {
        return show(client.call(resource_name(tenant, "calls", id)), arguments, is_colored,
                    call_text);
      }
      return show(calls_of_queue(client, arguments, tenant), arguments, is_colored, calls_text);
    case Subject::kScheduledCalls: {
      const std::string queue =
          arguments.queue.empty() ? "" : resource_name(tenant, "queues", arguments.queue);
      return show(client.scheduled_calls(tenant, queue), arguments, is_colored, scheduled_text);
    }
  }
  return absl::InvalidArgumentError("no such subject");
}

}  // namespace acd::acdctl
