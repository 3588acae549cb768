// SPDX-License-Identifier: Apache-2.0
// From a unary request to the shard and back.
#include "daemon/rpc/changes.h"

#include <absl/strings/str_cat.h>

#include <string_view>
#include <utility>

#include "daemon/config/text.h"
#include "daemon/rpc/unary.h"
#include "routing/check.h"

namespace acd {
namespace {

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

// What of the request was wrong, where that is one field; else null.
const char* request_field(CommandKind kind, Reject reject) {
  const bool is_new = kind == CommandKind::kRequestCallback || kind == CommandKind::kScheduleCall;
  const bool is_of_member =
      kind == CommandKind::kPauseMember || kind == CommandKind::kUnpauseMember;
  switch (reject) {
    case Reject::kNumberInvalid:
    case Reject::kNumberNotAllowed:
    case Reject::kCallbackOpen:
      return "number";
    case Reject::kSourceUnknown:
      return "source_id";
    case Reject::kCallExists:
      return kind == CommandKind::kConsult ? "consult_id" : "name";
    case Reject::kQueueUnknown:
      if (is_new || is_of_member) return "queue";
      if (kind == CommandKind::kRequeueCall) return nullptr;
      return kind == CommandKind::kConsult ? "to" : "transfer";
    case Reject::kAgentUnknown:
      if (kind == CommandKind::kSuperviseCall) return "supervisor_id";
      if (kind == CommandKind::kTransferCall) return "transfer";
      return kind == CommandKind::kConsult ? "to" : "name";
    case Reject::kNoCallbacks:
      return is_new ? "queue" : nullptr;
    default:
      return nullptr;
  }
}

RpcError call_refusal(CommandKind kind, Reject reject) {
  std::string message(message_of(reject, kind));
  const char* const field = request_field(kind, reject);
  if (field == nullptr) return {reason_of(reject), std::move(message), {}, {}};
  Violations violations;
  violations.add(reason_of(reject), field, std::move(message));
  return violations.error();
}

RpcError change_refusal(CommandKind kind, const TableAnswer& answer) {
  const v1::ErrorReason reason = reason_of(answer.reject);
  if (!answer.refusal.empty()) return {reason, answer.refusal, {}, {}};
  if (comes_by_request(kind)) return call_refusal(kind, answer.reject);
  if (answer.reject == Reject::kQueueUnknown) {
    return {reason,
            absl::StrCat("There is no queue ", answer.queue, "."),
            {{"queue", answer.queue}},
            {}};
  }
  if (answer.reject == Reject::kQueueNotEmpty) {
    const std::string live = absl::StrCat(answer.live_calls);
    return {reason,
            absl::StrCat(
                "queue ", answer.queue, " is left out and has ", live,
                " calls, live or for later: name it and its target in drains, or let them end"),
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
      violations.add(v1::ERROR_REASON_REQUEST_ID_USED,
                     kind == CommandKind::kConsult ? "consult_id" : "request_id",
                     "was used for another request within the last 10 minutes; draw a new one");
      return violations.error();
    }
    case TableAnswer::Outcome::kInvalid: {
      Violations violations;
      for (const Violation& one : answer.violations) {
        violations.add(kind == CommandKind::kOverrideQueue ? v1::ERROR_REASON_FIELD_OUT_OF_RANGE
                                                           : v1::ERROR_REASON_CONFIG_INVALID,
                       one.field, one.description);
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
      return change_refusal(kind, answer);
  }
  ACD_CHECK(answer.outcome != TableAnswer::Outcome::kDone);
  return {};
}

// Null where this daemon has no such tenant; then the reply is given.
TenantPort* find_known(UnaryCall& call, const std::string& tenant) {
  TenantPort* port = call.edge.find(tenant);
  if (port != nullptr) return port;
  call.reply->fail(
      {v1::ERROR_REASON_TENANT_UNKNOWN,
       absl::StrCat("This daemon does not serve tenants/", tenant,
                    ". Tenants come with the first configuration file, and keep their names."),
       {{"tenant", tenant}},
       {}});
  return nullptr;
}

void hand_over(UnaryCall& call, TenantPort* port, std::unique_ptr<Batch> batch) {
  // While the daemon stops the reply says so when the batch is dropped.
  if (port->submit(batch) == PushResult::kFull) {
    call.reply->finish(overloaded_status("Too much is under way; try again."));
  }
}

}  // namespace

void check_request_id(const std::string& id, Violations* violations) {
  if (id.empty() || is_uuid(id)) return;
  violations->add(
      v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "request_id",
      absl::StrCat("is ", quote(id), "; must be a UUID like 123e4567-e89b-12d3-a456-426614174000"));
}

Changes::Place::~Place() {
  const MutexLock lock(&places_->mutex);
  --places_->taken;
  places_->left.notify_all();
}

void Changes::finish(std::chrono::steady_clock::time_point limit) {
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

std::shared_ptr<Changes::Place> Changes::take_place(const UnaryCall& call) {
  {
    const MutexLock lock(&places_->mutex);
    if (places_->taken < places_max_) {
      ++places_->taken;
      std::erase_if(places_->replies, [](const auto& reply) { return reply.expired(); });
      places_->replies.push_back(call.reply);
      return std::make_shared<Place>(places_);
    }
  }
  call.reply->finish(overloaded_status("Too many requests of this kind are under way; try again."));
  return nullptr;
}

void Changes::submit(UnaryCall& call, const std::string& tenant, std::shared_ptr<Place> place,
                     std::unique_ptr<TableChange> change, Answer answer) {
  TenantPort* port = find_known(call, tenant);
  if (port == nullptr) return;
  change->principal = call.principal;
  change->reply = [kind = change->kind, reply = call.reply, place = std::move(place),
                   give = std::move(answer)](const TableAnswer& answered) mutable {
    if (answered.outcome == TableAnswer::Outcome::kDone) {
      give(answered, reply.get());
    } else {
      reply->fail(change_error(kind, answered));
    }
  };
  auto batch = std::make_unique<Batch>();
  batch->change = std::move(change);
  hand_over(call, port, std::move(batch));
}

void Changes::ask(UnaryCall& call, const std::string& tenant, std::shared_ptr<Place> place,
                  std::unique_ptr<Question> question, Told told) {
  TenantPort* port = find_known(call, tenant);
  if (port == nullptr) return;
  question->reply = [reply = call.reply, place = std::move(place), give = std::move(told)](
                        const Explanation& answer) mutable { give(answer, reply.get()); };
  auto batch = std::make_unique<Batch>();
  batch->question = std::move(question);
  hand_over(call, port, std::move(batch));
}

}  // namespace acd
