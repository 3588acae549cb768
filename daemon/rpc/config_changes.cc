// SPDX-License-Identifier: Apache-2.0
// ConfigService: ApplyConfig, UpsertAgents and OverrideQueue, from the request to the shard and back.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/agent_mask.h"
#include "daemon/config/text.h"
#include "daemon/rpc/config_service.h"
#include "daemon/rpc/durations.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/unary.h"

namespace acd {
namespace {

constexpr size_t kEtagBytesMax = 64;

void add_violations(const std::string& prefix, const std::vector<Violation>& found,
                    Violations* violations) {
  for (const Violation& one : found) {
    violations->add(v1::ERROR_REASON_CONFIG_INVALID, prefix + one.field, one.description);
  }
}

void check_until(const v1::OverrideQueueRequest& request, Violations* violations) {
  const google::protobuf::Timestamp& until = request.until();
  if (request.state() == v1::QUEUE_OVERRIDE_FOLLOW_CALENDAR) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "until",
                    "is for a queue that is opened or closed; the calendar rules from now on");
  } else if (until.seconds() < 1 || !is_well_formed(until)) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "until",
                    absl::StrCat("is no time from 1970 to 9999: ", until.seconds(), " seconds and ",
                                 until.nanos(), " nanos"));
  }
}

void check_apply(const v1::ApplyConfigRequest& request, Violations* violations) {
  if (!request.has_config()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "config", "is required");
  } else {
    add_violations("config.", validate_config(request.config()), violations);
    add_violations("config.", validate_zones(request.config()), violations);
  }
  if (request.etag().empty()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "etag",
                    "is required: that of the configuration which this one is based on");
  } else if (request.etag().size() > kEtagBytesMax || !is_text(request.etag())) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "etag",
                    absl::StrCat("is ", quote(request.etag()), "; no configuration has it"));
  }
  check_request_id(request.request_id(), violations);
}

// Names the queue; the rest of the request is about what it is to be, and why.
std::string check_override(const v1::OverrideQueueRequest& request, ResourceName* name,
                           Violations* violations) {
  *name = take_resource_name("name", request.name(), "queues", violations);
  if (request.state() == v1::QUEUE_OVERRIDE_UNSPECIFIED) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "state", "is required");
  } else if (!v1::QueueOverride_IsValid(request.state())) {
    violations->add(
        v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "state",
        absl::StrCat("is ", static_cast<int>(request.state()), ", which is no QueueOverride"));
  }
  if (request.reason().empty()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "reason", "is required: why, in a few words");
  } else if (request.reason().size() > kOverrideReasonBytesMax) {
    violations->add(v1::ERROR_REASON_FIELD_TOO_LONG, "reason",
                    absl::StrCat("has ", request.reason().size(), " bytes; must be 1..",
                                 kOverrideReasonBytesMax));
  } else if (!is_text(request.reason())) {
    violations->add(v1::ERROR_REASON_FIELD_NOT_TEXT, "reason",
                    absl::StrCat("must be valid UTF-8 without control characters; is ",
                                 quote(request.reason())));
  }
  if (request.has_until()) check_until(request, violations);
  check_request_id(request.request_id(), violations);
  return name->tenant;
}

}  // namespace

grpc::ServerUnaryReactor* ConfigService::ApplyConfig(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* bytes,
                                                     grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ConfigService.ApplyConfig", context, response);
  std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  v1::ApplyConfigRequest request;
  if (!call.parse(*bytes, &request, kConfigRequestBytesMax)) return call.reactor;
  const std::string tenant(tenant_id_of(request.config().name()));
  if (!call.authorize_for(tenant)) return call.reactor;
  Violations violations;
  check_apply(request, &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  auto change = make_config_change(std::move(*request.mutable_config()), request.etag(),
                                   request.request_id());
  change->validate_only = request.validate_only();
  Changes::submit(call, tenant, std::move(place), std::move(change),
                  [](const TableAnswer& answer, UnaryReply* reply) {
                    v1::ApplyConfigResponse applied;
                    applied.set_etag(answer.etag);
                    reply->answer(applied);
                  });
  return call.reactor;
}

grpc::ServerUnaryReactor* ConfigService::UpsertAgents(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* bytes,
                                                      grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ConfigService.UpsertAgents", context, response);
  std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  v1::UpsertAgentsRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const std::string tenant = take_tenant_name("parent", request.parent(), &violations);
  if (!call.authorize_for(tenant)) return call.reactor;
  const auto count = static_cast<size_t>(request.agents_size());
  if (count == 0) {
    violations.add(v1::ERROR_REASON_FIELD_REQUIRED, "agents", "is required");
  } else if (count > kRequestAgentsMax) {
    violations.add(
        v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "agents",
        absl::StrCat("has ", count, " entries; must be 1..", kRequestAgentsMax, " a request"));
  }
  std::vector<Violation> unread;
  const AgentMask mask = read_agent_mask(request.update_mask(), &unread);
  for (const Violation& one : unread) {
    violations.add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, one.field, one.description);
  }
  check_request_id(request.request_id(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  std::vector<v1::Agent> agents(std::make_move_iterator(request.mutable_agents()->begin()),
                                std::make_move_iterator(request.mutable_agents()->end()));
  for (v1::Agent& agent : agents) clear_unnamed(mask, &agent);
  auto change = make_agents_change(std::move(agents), request.request_id(),
                                   std::move(*request.mutable_update_mask()));
  change->validate_only = request.validate_only();
  Changes::submit(call, tenant, std::move(place), std::move(change),
                  [](const TableAnswer& answer, UnaryReply* reply) {
                    v1::UpsertAgentsResponse upserted;
                    upserted.set_upserted(answer.agent_count);
                    reply->answer(upserted);
                  });
  return call.reactor;
}

grpc::ServerUnaryReactor* ConfigService::OverrideQueue(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* bytes,
                                                       grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ConfigService.OverrideQueue", context, response);
  std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  v1::OverrideQueueRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  ResourceName name;
  const std::string tenant = check_override(request, &name, &violations);
  if (!call.authorize_for(tenant)) return call.reactor;
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  Changes::submit(call, tenant, std::move(place), make_override_change(request, std::move(name.id)),
                  [](const TableAnswer& answer, UnaryReply* reply) {
                    v1::OverrideQueueResponse overridden;
                    overridden.set_is_open(answer.is_open);
                    reply->answer(overridden);
                  });
  return call.reactor;
}

}  // namespace acd
