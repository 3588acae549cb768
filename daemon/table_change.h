// SPDX-License-Identifier: Apache-2.0
// A change of a tenant's tables on its way from an edge to the shard, and what came of it.
#pragma once

#include <absl/functional/any_invocable.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "acd/v1/config_service.pb.h"
#include "daemon/config/config_tables.h"
#include "daemon/opening_hours.h"
#include "routing/command.h"
#include "routing/tenant_config.h"

namespace acd {

// Answers to changes that a tenant keeps for a repeat of the request, and for how long.
inline constexpr size_t kAnswersKeptMax = 1'000;
inline constexpr int64_t kAnswersKeptNs = 600 * kNsPerS;
// Agents of one request.
inline constexpr size_t kRequestAgentsMax = 1'000;

// A configuration as a partition, its board and the readers take it.
struct ConfigInForce {
  v1::TenantConfig message;  // With its etag.
  TenantConfig tables;
  std::string bytes;  // Of `message`.
  std::shared_ptr<const HoursTables> hours{};
};

// REQUIRES: validate_config() found nothing.
[[nodiscard]] std::shared_ptr<const ConfigInForce> make_config_in_force(v1::TenantConfig config);

// What came of a change.
struct TableAnswer {
  enum class Outcome : uint8_t {
    kDone,           // `etag` or `agent_count`.
    kEtagMismatch,   // `etag` is the one in force.
    kRequestIdUsed,  // For another request.
    kInvalid,        // `violations`, against the configuration in force or the clock.
    kStorageFull,    // The disk is full; nothing new is begun.
    kPoisoned,       // The daemon crashed when it did this before.
    kRefused,        // `reject`, of a queue `queue`, and of kQueueNotEmpty `live_calls`.
  };
  Outcome outcome = Outcome::kDone;
  bool is_repeat = false;  // Done before, and something else may be in force since.
  Reject reject = Reject::kNone;
  std::string etag;
  int32_t agent_count = 0;
  bool is_open = false;  // Of kOverrideQueue.
  std::string queue;
  int64_t live_calls = 0;
  std::string refusal;  // What more there is to say of `reject`.
  std::vector<Violation> violations;
};

// What a supervisor says of a queue.
struct QueueOverrideChange {
  std::string queue;  // Id.
  v1::QueueOverride state = v1::QUEUE_OVERRIDE_UNSPECIFIED;
  std::string reason;
  int64_t until_ms = 0;  // Unix time; 0: not said.
  std::string checksum;  // Of all of it.
};
inline constexpr size_t kOverrideReasonBytesMax = 256;
// How far ahead an override may end.
inline constexpr int64_t kOverrideMaxMs = int64_t{366} * 24 * 3600 * 1'000;

// A change as the edge has checked it. Made on the edge's thread as far as it needs no state, so
// that a large one costs the shard little.
struct TableChange {
  // kConfigure, kUpsertAgents, kOverrideQueue, or one of a call (comes_by_request())
  CommandKind kind = CommandKind::kNone;

  // kConfigure
  std::shared_ptr<const ConfigInForce> config;
  std::string payload;   // Of its command.
  std::string based_on;  // Etag.
  // kUpsertAgents
  std::vector<v1::Agent> agents;
  google::protobuf::FieldMask agents_mask;  // Which fields of them it changes; empty: all.
  std::string agents_checksum;              // Of both.
  // kOverrideQueue
  QueueOverrideChange override_queue;
  // Of a call: the command, with its texts.
  Command command;
  std::string arena;

  bool validate_only = false;
  std::string request_id;  // Empty: none.
  std::string principal;
  // Called once what the answer says is durable, from a journal's or a shard's thread; not called
  // when the daemon stops before. Must not block.
  absl::AnyInvocable<void(const TableAnswer& answer)> reply;
};

// REQUIRES: validate_config() found nothing.
[[nodiscard]] std::unique_ptr<TableChange> make_config_change(v1::TenantConfig config,
                                                              std::string based_on,
                                                              std::string request_id);
// Whether commands of that kind come from requests, too: without a switch, with the id of the
// request as their `leg`; of a consult that is its own id.
[[nodiscard]] bool comes_by_request(CommandKind kind);
// Whether what is taken of it changes when a call for later enters.
[[nodiscard]] inline bool changes_schedule(CommandKind kind) {
  return kind == CommandKind::kScheduleCall || kind == CommandKind::kRescheduleCall;
}
// `command` is such a one whose texts lie in `arena`, without principal and request id.
[[nodiscard]] std::unique_ptr<TableChange> make_call_change(const Command& command,
                                                            std::string arena,
                                                            std::string request_id);
// Checksum of what such a command says of which call.
[[nodiscard]] std::string call_change_checksum(const Command& command, std::string_view arena);
// REQUIRES: 1..kRequestAgentsMax agents, without what the mask does not name.
[[nodiscard]] std::unique_ptr<TableChange> make_agents_change(
    std::vector<v1::Agent> agents, std::string request_id, google::protobuf::FieldMask mask = {});
// `queue` is the id in the request's name.
[[nodiscard]] std::unique_ptr<TableChange> make_override_change(
    const v1::OverrideQueueRequest& request, std::string queue);

}  // namespace acd
