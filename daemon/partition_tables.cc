// SPDX-License-Identifier: Apache-2.0
// Tables: how a configuration or agents come into the journal, the Router and the board, live and
// by replay.
#include <absl/strings/str_cat.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "acd/storage/v1/records.pb.h"
#include "daemon/config/agent_mask.h"
#include "daemon/config/config_tables.h"
#include "daemon/partition.h"
#include "routing/check.h"

namespace acd {
namespace {

// A payload up to here is in its command's record, beside the principal; of a larger one each part
// has a record of its own.
constexpr size_t kTableBytesMax = kCommandTextBytesMax - 4'096;
// Parts of the largest configuration, with the request's id.
constexpr int32_t kStagedPartsMax = static_cast<int32_t>(kConfigBytesMax / kTableBytesMax) + 2;

TableAnswer answer_of(TableAnswer::Outcome outcome) {
  TableAnswer answer;
  answer.outcome = outcome;
  return answer;
}

// By which a repeat of the request is told from another request with its id.
std::string content_of(const TableChange& change) {
  if (change.kind == CommandKind::kConfigure) return change.config->message.etag();
  if (change.kind == CommandKind::kUpsertAgents) return change.agents_checksum;
  if (change.kind == CommandKind::kOverrideQueue) return change.override_queue.checksum;
  return call_change_checksum(change.command, change.arena);
}

bool is_about_offer(CommandKind kind) {
  return kind == CommandKind::kAcceptOffer || kind == CommandKind::kRejectOffer;
}

}  // namespace

absl::Status table_status(Reject reject, const std::string& tenant,
                          const Router::LeftOutQueue& left_out) {
  if (reject == Reject::kNone) return absl::OkStatus();
  if (reject == Reject::kLimitReached) {
    return absl::ResourceExhaustedError(absl::StrCat(
        tenant,
        ": too many of something; counting those that were there once, a tenant has at most ",
        kQueuesMax, " queues and ", kSkillsMax, " skills, and ", kAgentsMax, " agents"));
  }
  if (reject == Reject::kQueueNotEmpty) {
    return absl::FailedPreconditionError(
        absl::StrCat(tenant, "/queues/", std::string(left_out.id), ": has ", left_out.live_calls,
                     " calls, live or for later, but the configuration leaves it out and drains it "
                     "nowhere: name it and its "
                     "target in drains"));
  }
  // The Router refuses tables for no other reason.
  return absl::InternalError(
      absl::StrCat(tenant, ": the Router refused a table with verdict ", static_cast<int>(reject)));
}

// --- A change that an edge asks for.

void Partition::apply_change(Batch& batch, int64_t now_ns) {
  TableChange& change = *batch.change;
  Tenant& tenant = tenant_at(batch.tenant);
  const std::string content = content_of(change);
  note_subject(change.request_id, content);
  Command about;
  about.kind = change.kind;
  note(SuspectKind::kTable, batch.tenant, about, now_ns);
  TableAnswer answer;
  const KeptAnswer* kept = find_answer(tenant, change.request_id, now_ns);
  if (kept != nullptr) {
    const bool is_same = kept->kind == change.kind && kept->content == content;
    answer =
        answer_of(is_same ? TableAnswer::Outcome::kDone : TableAnswer::Outcome::kRequestIdUsed);
    answer.is_repeat = is_same;
    answer.etag = kept->content;
    answer.agent_count = kept->agent_count;
    answer.is_open = kept->is_open;
  } else if (is_poisoned(SuspectKind::kTable, batch.tenant, 0)) {
    answer = answer_of(TableAnswer::Outcome::kPoisoned);
  } else if (!change.validate_only && !is_about_offer(change.kind) &&
             gate_.space() != JournalSpace::kEnough) {
    // The reserve is for the calls that are here.
    answer = answer_of(TableAnswer::Outcome::kStorageFull);
  } else if (change.kind == CommandKind::kConfigure) {
    answer = change_config(batch.tenant, change, now_ns);
  } else if (change.kind == CommandKind::kOverrideQueue) {
    answer = override_queue(batch.tenant, change);
  } else if (comes_by_request(change.kind)) {
    answer = change_call(batch.tenant, change, now_ns);
  } else {
    answer = change_agents(batch.tenant, change, now_ns);
  }
  output_.answers.emplace_back(
      [reply = std::move(change.reply), answer = std::move(answer)]() mutable { reply(answer); });
}

TableAnswer Partition::change_config(TenantIndex index, TableChange& change, int64_t now_ns) {
  Tenant& tenant = tenant_at(index);
  const std::string& present = tenant.config->message.etag();
  TableAnswer answer;
  answer.etag = present;
  if (change.based_on != present) {
    answer.outcome = TableAnswer::Outcome::kEtagMismatch;
    return answer;
  }
  answer.etag = change.config->message.etag();
  answer.reject = tenant.router.check(change.config->tables);
  if (answer.reject != Reject::kNone) {
    answer.outcome = TableAnswer::Outcome::kRefused;
    const Router::LeftOutQueue left_out = tenant.router.left_out_queue(change.config->tables);
    if (!left_out.id.empty()) {
      answer.queue = absl::StrCat("tenants/", tenant.id, "/queues/", std::string(left_out.id));
    }
    answer.live_calls = left_out.live_calls;
    return answer;
  }
  // What is in force already would only be looked at again for every call and agent.
  if (change.validate_only || answer.etag == present) return answer;
  seal_frame();
  const Command command = stage_config(index, change.payload);
  const Reject reject =
      take_config(index, std::move(change.config), std::move(change.request_id), now_ns);
  ACD_CHECK(reject == Reject::kNone);
  journal_table(index, command, change.payload, change.principal);
  tell_unknown_zones(tenant);
  keep_hours(index, unix_now_ns());
  tend_hours();  // Finds when it is looked at next.
  list_waits(index);
  output_.answers.emplace_back([id = tenant.id, etag = answer.etag, principal = change.principal] {
    spdlog::info("configuration applied: tenant={} etag={} by={}", id, etag, principal);
  });
  return answer;
}

TableAnswer Partition::change_agents(TenantIndex index, TableChange& change, int64_t now_ns) {
  Tenant& tenant = tenant_at(index);
  TableAnswer answer;
  answer.agent_count = static_cast<int32_t>(change.agents.size());
  answer.violations = validate_mask(change.agents_mask, tenant.config->message);
  for (Violation& one : validate_agents(change.agents, tenant.config->message)) {
    answer.violations.push_back(std::move(one));
  }
  if (!answer.violations.empty()) {
    answer.outcome = TableAnswer::Outcome::kInvalid;
    return answer;
  }
  std::vector<AgentProfile> profiles;
  for (const v1::Agent& agent : change.agents) profiles.push_back(to_profile(agent));
  answer.reject = tenant.router.check(profiles);
  if (answer.reject != Reject::kNone) {
    answer.outcome = TableAnswer::Outcome::kRefused;
    return answer;
  }
  if (change.validate_only) return answer;
  seal_frame();
  const AgentsRequest request{change.request_id, change.agents_checksum, change.principal,
                              change.agents_mask};
  const absl::Status status = add_agents(index, change.agents, request, now_ns);
  ACD_CHECK(status.ok());
  return answer;
}

TableAnswer Partition::change_call(TenantIndex index, TableChange& change, int64_t now_ns) {
  Command command = change.command;
  command.leg = acd::add_text(change.request_id, &change.arena);
  command.principal = acd::add_text(change.principal, &change.arena);
  Tenant& tenant = tenant_at(index);
  TableAnswer answer;
  answer.reject = apply(index, command, change.arena, now_ns);
  translate_events(index);
  if (answer.reject != Reject::kNone) {
    answer.outcome = TableAnswer::Outcome::kRefused;
    answer.refusal = unknown_word(tenant, command, change.arena, answer.reject);
    return answer;
  }
  keep_call_answer(tenant, command, change.arena, now_ns);
  if (changes_schedule(command.kind)) look_at_schedule();
  return answer;
}

void Partition::keep_call_answer(Tenant& tenant, const Command& command, std::string_view arena,
                                 int64_t now_ns) {
  keep_answer(tenant, {now_ns, command.kind, std::string(command.leg.in(arena)),
                       call_change_checksum(command, arena), 0});
}

absl::Status Partition::add_agents(TenantIndex index, const std::vector<v1::Agent>& agents,
                                   const AgentsRequest& request, int64_t now_ns) {
  storage::v1::UpsertAgents upsert;
  for (size_t i = 0; i < agents.size(); ++i) {
    *upsert.add_agents() = agents[i];
    const bool last = i + 1 == agents.size();
    if (!last && upsert.agents_size() < static_cast<int>(kUpsertAgentsMax) &&
        upsert.ByteSizeLong() < kTableBytesMax / 2) {
      continue;
    }
    if (last) {  // Only then it is done, and a repeat need not do it again.
      upsert.set_request_id(request.id);
      upsert.set_request_checksum(request.checksum);
      upsert.set_request_count(static_cast<int32_t>(agents.size()));
    }
    if (!request.mask.paths().empty()) *upsert.mutable_update_mask() = request.mask;
    const std::string payload = upsert.SerializeAsString();
    absl::Status status = take_agents(index, payload, now_ns);
    if (!status.ok()) return status;
    Command command;
    command.kind = CommandKind::kUpsertAgents;
    command.name = {0, static_cast<uint32_t>(payload.size())};
    journal_table(index, command, payload, request.principal);
    upsert.Clear();
  }
  return absl::OkStatus();
}

// --- Into the journal.

Command Partition::stage_config(TenantIndex index, std::string_view payload) {
  ACD_CHECK(touched_.empty() && frame_.record_count() == 0);
  Command command;
  command.kind = CommandKind::kConfigure;
  if (payload.size() <= kTableBytesMax) {
    command.name = {0, static_cast<uint32_t>(payload.size())};
    return command;
  }
  command.flag = true;
  for (size_t begin = 0; begin < payload.size(); begin += kTableBytesMax) {
    const std::string_view part = payload.substr(begin, kTableBytesMax);
    Command staged;
    staged.kind = CommandKind::kStageConfig;
    staged.number = command.number++;
    staged.name = {0, static_cast<uint32_t>(part.size())};
    frame_.add_command(index, now_ns_, staged, part);
    seal_frame();
  }
  return command;
}

void Partition::journal_table(TenantIndex tenant, Command command, std::string_view payload,
                              std::string_view principal) {
  ACD_CHECK(frame_.record_count() == 0);  // Each table has a frame of its own.
  std::string arena(payload.substr(0, command.name.size));
  command.principal = {static_cast<uint32_t>(arena.size()),
                       static_cast<uint32_t>(principal.size())};
  arena += principal;
  frame_.add_command(tenant, now_ns_, command, arena);
  seal_frame();
}

// --- Into the Router and the board.

absl::Status Partition::take_config(TenantIndex index, std::string_view payload, int64_t now_ns) {
  storage::v1::Configure configure;
  const bool is_read = configure.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
  if (index.value() > tenants_.size() || !is_read) {
    return absl::DataLossError("a configuration cannot be read");
  }
  const std::string name = configure.config().name();
  if (const auto violations = validate_config(configure.config()); !violations.empty()) {
    return absl::DataLossError(
        absl::StrCat(name, ": the configuration breaks a rule: ", violations.front().field, ": ",
                     violations.front().description));
  }
  const auto config = make_config_in_force(std::move(*configure.mutable_config()));
  if (index.value() < tenants_.size() && tenant_at(index).id != config->tables.id) {
    return absl::DataLossError(
        absl::StrCat("a configuration of ", name, " is for tenant ", tenant_at(index).id));
  }
  const Reject reject =
      take_config(index, config, std::move(*configure.mutable_request_id()), now_ns);
  if (reject == Reject::kNone) return absl::OkStatus();
  return table_status(reject, name, tenant_at(index).router.left_out_queue(config->tables));
}

Reject Partition::take_config(TenantIndex index, std::shared_ptr<const ConfigInForce> config,
                              std::string request_id, int64_t now_ns) {
  const bool is_new = index.value() == tenants_.size();
  if (is_new) {
    tenants_.push_back(std::make_unique<Tenant>());
    tenant_at(index).id = config->tables.id;
    tenant_at(index).board = observer_->add_tenant(config, &clock_, options_.history);
  }
  Tenant& tenant = tenant_at(index);
  const Reject reject = touch(index).configure(config->tables, now_ns);
  if (reject != Reject::kNone) return reject;
  if (!is_new) configs_.emplace_back(tenant.board, config);
  keep_answer(tenant, {now_ns, CommandKind::kConfigure, std::move(request_id),
                       config->message.etag(), 0, false});
  if (!is_new) note_left_out(tenant, config->message);
  tenant.config = std::move(config);
  configure_hours(tenant);
  deadlines_.set(TimerKind::kSource, index.value(), index.value(),
                 tenant.router.next_deadline_ns());
  translate_events(index);
  return reject;
}

absl::Status Partition::take_agents(TenantIndex index, std::string_view payload, int64_t now_ns) {
  storage::v1::UpsertAgents upsert;
  if (index.value() >= tenants_.size() ||
      !upsert.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::DataLossError("a list of agents cannot be read");
  }
  std::vector<Violation> unread;
  const AgentMask mask = read_agent_mask(upsert.update_mask(), &unread);
  if (!unread.empty()) return absl::DataLossError("a mask of agents cannot be read");
  Tenant& tenant = tenant_at(index);
  const std::vector<AgentProfile> profiles = merge_profiles(tenant.router, upsert.agents(), mask);
  const Reject reject = touch(index).upsert_agents(profiles, now_ns);
  if (reject != Reject::kNone) return table_status(reject, "tenants/" + tenant.id, {});
  keep_answer(tenant,
              {now_ns, CommandKind::kUpsertAgents, std::move(*upsert.mutable_request_id()),
               std::move(*upsert.mutable_request_checksum()), upsert.request_count(), false});
  deadlines_.set(TimerKind::kSource, index.value(), index.value(),
                 tenant.router.next_deadline_ns());
  translate_events(index);
  return absl::OkStatus();
}

// --- Answers to requests.

void Partition::keep_answer(Tenant& tenant, KeptAnswer answer) {
  if (answer.request_id.empty()) return;
  std::deque<KeptAnswer>& answers = tenant.answers;
  answers.push_back(std::move(answer));
  while (answers.size() > kAnswersKeptMax ||
         answers.front().time_ns + kAnswersKeptNs < answers.back().time_ns) {
    answers.pop_front();
  }
}

const KeptAnswer* Partition::find_answer(const Tenant& tenant, std::string_view request_id,
                                         int64_t now_ns) {
  if (request_id.empty()) return nullptr;
  for (const KeptAnswer& one : tenant.answers) {
    if (one.request_id == request_id && one.time_ns + kAnswersKeptNs >= now_ns) return &one;
  }
  return nullptr;
}

// --- Replay.

absl::Status Partition::replay_stage(const Record& record) {
  const Command& command = record.command;
  if (command.number == 0) drop_staged();
  if (command.number != staged_parts_ || staged_parts_ == kStagedPartsMax ||
      (staged_parts_ != 0 && staged_tenant_ != record.tenant)) {
    return absl::DataLossError("a part of a configuration is out of its place");
  }
  staged_tenant_ = record.tenant;
  ++staged_parts_;
  staged_ += command.name.in(record.arena);
  return absl::OkStatus();
}

absl::Status Partition::replay_table(const Record& record) {
  const Command& command = record.command;
  const std::string_view payload = command.name.in(record.arena);
  if (command.kind == CommandKind::kUpsertAgents) {
    return take_agents(record.tenant, payload, record.now_ns);
  }
  if (!command.flag) return take_config(record.tenant, payload, record.now_ns);
  if (command.number != staged_parts_ || staged_tenant_ != record.tenant) {
    return absl::DataLossError("a configuration lacks parts that were staged");
  }
  const std::string staged = std::move(staged_);
  drop_staged();
  return take_config(record.tenant, staged, record.now_ns);
}

// What was staged and never came into force: the process ended in between.
void Partition::drop_staged() {
  staged_tenant_ = TenantIndex();
  staged_parts_ = 0;
  staged_ = std::string();
}

}  // namespace acd
