// SPDX-License-Identifier: Apache-2.0
// ConfigService: ApplyConfig, UpsertAgents and OverrideQueue, from the request to the shard and back.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/text.h"
#include "daemon/rpc/config_service.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/unary.h"
#include "routing/check.h"

namespace acd {
namespace {

constexpr size_t kEtagBytesMax = 64;

// 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text) {
  constexpr size_t kUuidSize = 36;
  if (text.size() != kUuidSize) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool is_digit =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (is_dash ? c != '-' : !is_digit) return false;
  }
  return true;
}

void check_request_id(const std::string& id, Violations* violations) {
  if (id.empty() || is_uuid(id)) return;
  violations->add(
      v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "request_id",
      absl::StrCat("is ", quote(id), "; must be a UUID like 123e4567-e89b-12d3-a456-426614174000"));
}

void add_violations(const std::string& prefix, const std::vector<Violation>& found,
                    Violations* violations) {
  for (const Violation& one : found) {
    violations->add(v1::ERROR_REASON_CONFIG_INVALID, prefix + one.field, one.description);
  }
}

void check_until(const v1::OverrideQueueRequest& request, Violations* violations) {
  constexpr int64_t kSecondsMax = 253'402'300'799;  // Of google.protobuf.Timestamp: year 9999.
  constexpr int32_t kNanosMax = 999'999'999;
  const google::protobuf::Timestamp& until = request.until();
  if (request.state() == v1::QUEUE_OVERRIDE_FOLLOW_CALENDAR) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "until",
                    "is for a queue that is opened or closed; the calendar rules from now on");
  } else if (until.seconds() < 1 || until.seconds() > kSecondsMax || until.nanos() < 0 ||
             until.nanos() > kNanosMax) {
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

RpcError change_refusal(const TableAnswer& answer) {
  const v1::ErrorReason reason = reason_of(answer.reject);
  if (answer.reject == Reject::kQueueUnknown) {
    return {reason,
            absl::StrCat("There is no queue ", answer.queue, "."),
            {{"queue", answer.queue}},
            {}};
  }
  if (answer.reject == Reject::kQueueNotEmpty) {
    const std::string live = absl::StrCat(answer.live_calls);
    return {reason,
            absl::StrCat("queue ", answer.queue, " is left out and has ", live,
                         " live calls: name it and its target in drains, or let them end"),
            {{"queue", answer.queue}, {"live_calls", live}},
            {}};
  }
  return {reason,
          absl::StrCat("a limit of the tenant is reached; counting those that were there once, it "
                       "has at most ",
                       kQueuesMax, " queues, ", kSkillsMax, " skills and ", kAgentsMax, " agents"),
          {{"queues_max", absl::StrCat(kQueuesMax)},
           {"skills_max", absl::StrCat(kSkillsMax)},
           {"agents_max", absl::StrCat(kAgentsMax)}},
          {}};
}

// What the shard answered, unless it is done.
RpcError change_error(CommandKind kind, const TableAnswer& answer) {
  switch (answer.outcome) {
    case TableAnswer::Outcome::kDone:
      break;
    case TableAnswer::Outcome::kEtagMismatch:
      return {v1::ERROR_REASON_ETAG_MISMATCH,
              absl::StrCat("the configuration was changed meanwhile; the one in force has etag ",
                           answer.etag, ": read it, change it and apply that"),
              {{"etag", answer.etag}},
              {}};
    case TableAnswer::Outcome::kRequestIdUsed: {
      Violations violations;
      violations.add(v1::ERROR_REASON_REQUEST_ID_USED, "request_id",
                     "was used for another request within the last 10 minutes; draw a new one");
      return violations.error();
    }
    case TableAnswer::Outcome::kInvalid: {
      Violations violations;
      if (kind != CommandKind::kOverrideQueue) {
        add_violations("", answer.violations, &violations);
        return violations.error();
      }
      for (const Violation& one : answer.violations) {
        violations.add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, one.field, one.description);
      }
      return violations.error();
    }
    case TableAnswer::Outcome::kStorageFull:
      return {
          v1::ERROR_REASON_STORAGE_FULL,
          "the daemon has no space for its journal, and nothing new is begun; free space, raise "
          "the quota or journal-bytes-max, as its log says, then try again",
          {},
          {}};
    case TableAnswer::Outcome::kPoisoned:
      return {v1::ERROR_REASON_POISONED,
              "the daemon crashed when it made this change before, and does not try again; its log "
              "says more",
              {},
              {}};
    case TableAnswer::Outcome::kRefused:
      return change_refusal(answer);
  }
  ACD_CHECK(answer.outcome != TableAnswer::Outcome::kDone);
  return {};
}

void give_answer(CommandKind kind, const TableAnswer& answer, UnaryReply* reply) {
  if (answer.outcome != TableAnswer::Outcome::kDone) {
    reply->fail(change_error(kind, answer));
  } else if (kind == CommandKind::kConfigure) {
    v1::ApplyConfigResponse response;
    response.set_etag(answer.etag);
    reply->answer(response);
  } else if (kind == CommandKind::kOverrideQueue) {
    v1::OverrideQueueResponse response;
    response.set_is_open(answer.is_open);
    reply->answer(response);
  } else {
    v1::UpsertAgentsResponse response;
    response.set_upserted(answer.agent_count);
    reply->answer(response);
  }
}

}  // namespace

ConfigService::Place::~Place() {
  const MutexLock lock(&places_->mutex);
  --places_->taken;
  places_->left.notify_all();
}

void ConfigService::finish_changes(std::chrono::steady_clock::time_point limit) {
  std::vector<std::weak_ptr<UnaryReply>> replies;
  {
    const MutexLock lock(&places_->mutex);
    while (places_->taken > 0 && std::chrono::steady_clock::now() < limit) {
      places_->left.wait_until(&places_->mutex, limit);
    }
    replies.swap(places_->replies);
  }
  for (const std::weak_ptr<UnaryReply>& one : replies) {
    if (const auto reply = one.lock()) reply->finish(shutting_down_status());
  }
}

std::shared_ptr<ConfigService::Place> ConfigService::take_place(const UnaryCall& call) {
  {
    const MutexLock lock(&places_->mutex);
    if (places_->taken < kChangesMax) {
      ++places_->taken;
      std::erase_if(places_->replies, [](const auto& reply) { return reply.expired(); });
      places_->replies.push_back(call.reply);
      return std::make_shared<Place>(places_);
    }
  }
  call.reply->finish(overloaded_status("Too many changes are under way; try again."));
  return nullptr;
}

void ConfigService::submit(UnaryCall& call, const std::string& tenant, std::shared_ptr<Place> place,
                           std::unique_ptr<TableChange> change) {
  TenantPort* port = call.edge.find(tenant);
  if (port == nullptr) {
    call.reply->fail(
        {v1::ERROR_REASON_TENANT_UNKNOWN,
         absl::StrCat("This daemon does not serve tenants/", tenant,
                      ". Tenants come with the first configuration file, and keep their names."),
         {{"tenant", tenant}},
         {}});
    return;
  }
  change->principal = call.principal;
  change->reply = [reply = call.reply, place = std::move(place), kind = change->kind](
                      const TableAnswer& answer) { give_answer(kind, answer, reply.get()); };
  auto batch = std::make_unique<Batch>();
  batch->change = std::move(change);
  // Not taken only while the daemon stops: the reply says so when the batch is dropped.
  static_cast<void>(port->submit(std::move(batch)));
}

grpc::ServerUnaryReactor* ConfigService::ApplyConfig(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* bytes,
                                                     grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ConfigService.ApplyConfig", context, response);
  std::shared_ptr<Place> place = take_place(call);
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
  submit(call, tenant, std::move(place), std::move(change));
  return call.reactor;
}

grpc::ServerUnaryReactor* ConfigService::UpsertAgents(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* bytes,
                                                      grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ConfigService.UpsertAgents", context, response);
  std::shared_ptr<Place> place = take_place(call);
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
  check_request_id(request.request_id(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  std::vector<v1::Agent> agents(std::make_move_iterator(request.mutable_agents()->begin()),
                                std::make_move_iterator(request.mutable_agents()->end()));
  auto change = make_agents_change(std::move(agents), request.request_id());
  change->validate_only = request.validate_only();
  submit(call, tenant, std::move(place), std::move(change));
  return call.reactor;
}

grpc::ServerUnaryReactor* ConfigService::OverrideQueue(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* bytes,
                                                       grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ConfigService.OverrideQueue", context, response);
  std::shared_ptr<Place> place = take_place(call);
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
  submit(call, tenant, std::move(place), make_override_change(request, std::move(name.id)));
  return call.reactor;
}

}  // namespace acd
