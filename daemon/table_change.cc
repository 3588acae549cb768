// SPDX-License-Identifier: Apache-2.0
// What of a change needs no state.
#include "daemon/table_change.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "acd/storage/v1/records.pb.h"
#include "routing/check.h"
#include "routing/hash64.h"

namespace acd {

std::shared_ptr<const ConfigInForce> make_config_in_force(v1::TenantConfig config) {
  auto made = std::make_shared<ConfigInForce>();
  made->message = std::move(config);
  made->message.set_etag(config_etag(made->message));
  made->tables = to_tables(made->message);
  made->hours = make_hours_tables(made->message);
  made->bytes = made->message.SerializeAsString();
  return made;
}

std::unique_ptr<TableChange> make_config_change(v1::TenantConfig config, std::string based_on,
                                                std::string request_id) {
  auto change = std::make_unique<TableChange>();
  change->kind = CommandKind::kConfigure;
  storage::v1::Configure record;
  *record.mutable_config() = config;
  record.mutable_config()->clear_etag();
  record.set_request_id(request_id);
  change->payload = record.SerializeAsString();
  change->config = make_config_in_force(std::move(config));
  change->based_on = std::move(based_on);
  change->request_id = std::move(request_id);
  return change;
}

std::unique_ptr<TableChange> make_agents_change(std::vector<v1::Agent> agents,
                                                std::string request_id,
                                                google::protobuf::FieldMask mask) {
  ACD_CHECK(!agents.empty() && agents.size() <= kRequestAgentsMax);
  auto change = std::make_unique<TableChange>();
  change->kind = CommandKind::kUpsertAgents;
  change->agents_checksum = agents_checksum(agents, mask);
  change->agents_mask = std::move(mask);
  change->agents = std::move(agents);
  change->request_id = std::move(request_id);
  return change;
}

std::unique_ptr<TableChange> make_override_change(const v1::OverrideQueueRequest& request,
                                                  std::string queue) {
  auto change = std::make_unique<TableChange>();
  change->kind = CommandKind::kOverrideQueue;
  change->override_queue.checksum = override_checksum(request);
  change->override_queue.queue = std::move(queue);
  change->override_queue.state = request.state();
  change->override_queue.reason = request.reason();
  if (request.has_until()) {
    change->override_queue.until_ms =
        request.until().seconds() * 1'000 + request.until().nanos() / kNsPerMs;
  }
  change->validate_only = request.validate_only();
  change->request_id = request.request_id();
  return change;
}

bool comes_by_request(CommandKind kind) {
  switch (kind) {
    case CommandKind::kSetOutcome:
    case CommandKind::kTransferCall:
    case CommandKind::kRequeueCall:
    case CommandKind::kSuperviseCall:
    case CommandKind::kConsult:
    case CommandKind::kMergeCall:
    case CommandKind::kChangePriority:
    case CommandKind::kRequestCallback:
    case CommandKind::kEndCall:
    case CommandKind::kScheduleCall:
    case CommandKind::kRescheduleCall:
    case CommandKind::kAcceptOffer:
    case CommandKind::kRejectOffer:
    case CommandKind::kLogOut:
    case CommandKind::kSetReady:
    case CommandKind::kSetNotReady:
    case CommandKind::kEndWrapUp:
    case CommandKind::kExtendWrapUp:
    case CommandKind::kPauseMember:
    case CommandKind::kUnpauseMember:
      return true;
    case CommandKind::kNone:
    case CommandKind::kOpenSession:
    case CommandKind::kCloseSession:
    case CommandKind::kResume:
    case CommandKind::kSeeded:
    case CommandKind::kRefused:
    case CommandKind::kConfigure:
    case CommandKind::kUpsertAgents:
    case CommandKind::kStageConfig:
    case CommandKind::kOverrideQueue:
    case CommandKind::kEnqueueCall:
    case CommandKind::kLegRinging:
    case CommandKind::kLegAnswered:
    case CommandKind::kLegFailed:
    case CommandKind::kCallConnected:
    case CommandKind::kConnectFailed:
    case CommandKind::kHoldCall:
    case CommandKind::kResumeCall:
    case CommandKind::kLeaveCall:
    case CommandKind::kReplaceLeg:
    case CommandKind::kRerouteCall:
    case CommandKind::kLogIn:
    case CommandKind::kAttachAgent:
    case CommandKind::kDetachAgent:
    case CommandKind::kPhoneBusy:
    case CommandKind::kPhoneIdle:
    case CommandKind::kPhoneUnregistered:
    case CommandKind::kLegUp:
    case CommandKind::kLegLost:
    case CommandKind::kOpenQueue:
    case CommandKind::kCloseQueue:
    case CommandKind::kSetEwt:
    case CommandKind::kOpenCallbacks:
    case CommandKind::kCloseCallbacks:
    case CommandKind::kCallDue:
    case CommandKind::kCustomerAnswered:
    case CommandKind::kResyncBegin:
    case CommandKind::kKeepCall:
    case CommandKind::kKeepAgent:
    case CommandKind::kCommandDone:
    case CommandKind::kResyncEnd:
      return false;
  }
  return false;
}

std::unique_ptr<TableChange> make_call_change(const Command& command, std::string arena,
                                              std::string request_id) {
  ACD_CHECK(comes_by_request(command.kind));
  auto change = std::make_unique<TableChange>();
  change->kind = command.kind;
  change->command = command;
  change->arena = std::move(arena);
  change->request_id = std::move(request_id);
  return change;
}

std::string call_change_checksum(const Command& command, std::string_view arena) {
  Hash64 hash;
  for (const TextRef& text : {command.call, command.name, command.preferred, command.text}) {
    hash.add_text(text.in(arena));
  }
  hash.add(static_cast<uint64_t>(command.detail) << 1 | static_cast<uint64_t>(command.flag));
  hash.add_signed(command.number);
  hash.add_signed(command.cause);
  hash.add_signed(command.wait_ns);
  hash.add(command.generation);
  return absl::StrCat(absl::Hex(hash.value(), absl::kZeroPad16));
}

}  // namespace acd
