// SPDX-License-Identifier: Apache-2.0
// How a partition begins: replay of the journal, the first seed, or a resume after a restart.
#include <absl/strings/str_cat.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "acd/storage/v1/records.pb.h"
#include "daemon/config/config_tables.h"
#include "daemon/partition.h"
#include "routing/check.h"

namespace acd {
namespace {

// A list of agents is closed when it is so long; one agent more still fits a record.
constexpr size_t kUpsertBytesMax = kCommandTextBytesMax / 2;

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
    return absl::FailedPreconditionError(absl::StrCat(
        tenant, "/queues/", std::string(left_out.id), ": has ", left_out.live_calls,
        " live calls, but the configuration leaves it out and drains it nowhere: name it and its "
        "target in drains"));
  }
  // The Router refuses tables for no other reason.
  return absl::InternalError(
      absl::StrCat(tenant, ": the Router refused a table with verdict ", static_cast<int>(reject)));
}

absl::Status Partition::recover() {
  const auto replay_frame = [this](const FrameHeader& header, std::string_view payload) {
    absl::Status status =
        read_records(payload, [this](const Record& record) { return replay_record(record); });
    if (!status.ok()) {
      return absl::Status(status.code(), absl::StrCat("frame at record ", header.first_sequence,
                                                      ": ", std::string(status.message())));
    }
    publish_replayed(header.now_ns);
    fold_event_hash();
    if (event_hash_.value() != header.event_hash) {
      return absl::DataLossError(absl::StrCat("frame at record ", header.first_sequence,
                                              ": replay gave other events than the run that wrote "
                                              "it; this release decides differently"));
    }
    now_ns_ = header.now_ns;
    last_wall_ns_ = header.wall_ns;
    replayed_records_ += header.record_count;
    return absl::OkStatus();
  };
  is_replaying_ = true;
  absl::Status status = journal_->follow(1, replay_frame);
  is_replaying_ = false;
  // A turn that stopped at its limit of timers left tenants at different times.
  for (const std::unique_ptr<Tenant>& tenant : tenants_) {
    now_ns_ = std::max(now_ns_, tenant->router.now_ns());
  }
  return status;
}

absl::Status Partition::replay_record(const Record& record) {
  if (record.kind == RecordKind::kAdvance) {
    if (record.tenant.value() >= tenants_.size()) return absl::DataLossError("unknown tenant");
    Router& router = touch(record.tenant);
    // `fired` timers and no more: the run may have stopped at its limit.
    if (router.advance(record.now_ns, record.fired) != record.fired) {
      return absl::DataLossError("an advance fired fewer timers than before");
    }
    translate_events(record.tenant);  // For the ends of calls: nobody is connected.
    deadlines_.set(TimerKind::kSource, record.tenant.value(), record.tenant.value(),
                   router.next_deadline_ns());
    return absl::OkStatus();
  }
  const Command& command = record.command;
  if (command.kind == CommandKind::kConfigure || command.kind == CommandKind::kUpsertAgents) {
    return apply_table(record.tenant, command.kind, command.name.in(record.arena), record.now_ns);
  }
  if (command.kind == CommandKind::kSeeded) {
    seeded_ = true;
    return absl::OkStatus();
  }
  if (record.tenant.value() >= tenants_.size()) return absl::DataLossError("unknown tenant");
  Router& router = touch(record.tenant);
  // The verdict is part of the event hash, which the frame's end compares.
  [[maybe_unused]] const Reject reject = router.apply(command, record.arena, record.now_ns);
  translate_events(record.tenant, command.kind == CommandKind::kEndCall
                                      ? command.call.in(record.arena)
                                      : std::string_view());
  deadlines_.set(TimerKind::kSource, record.tenant.value(), record.tenant.value(),
                 router.next_deadline_ns());
  return absl::OkStatus();
}

void Partition::publish_replayed(int64_t now_ns) {
  for (const TenantIndex index : touched_) {
    Tenant& tenant = tenant_at(index);
    EventLog log;
    tenant.router.take_events(&log);
    tenant.translated_events = 0;
    if (!log.events.empty()) observer_->publish(tenant.board, now_ns, std::move(log));
  }
}

void Partition::fold_event_hash() {
  for (const TenantIndex index : touched_) {
    event_hash_.add(tenant_at(index).router.event_hash());
    tenant_at(index).touched = false;
  }
  touched_.clear();
}

absl::Status Partition::start(const std::vector<TenantSeed>& seeds) {
  absl::Status status = journal_->start(&gate_);
  if (!status.ok()) return status;
  gate_.on_durable(journal_->position() - 1);
  if (!seeded_) {  // A new journal, or one whose first start was cut short; nobody was served from
                   // it.
    status = seed(seeds);
    clock_.set_origin(now_ns_);
    return status;
  }
  // The clock went on while nobody ran, but a wrong wall clock must not throw deadlines away.
  if (clock_.mode() == ClockMode::kWall) {
    now_ns_ += std::clamp<int64_t>(unix_ns() - last_wall_ns_, 0, kClockJumpCapNs);
  }
  for (uint32_t i = 0; i < tenants_.size(); ++i) {
    Command command;
    command.kind = CommandKind::kResume;
    const Reject reject = apply(TenantIndex(i), command, {}, now_ns_);
    ACD_CHECK(reject == Reject::kNone);
  }
  seal_frame();
  clock_.set_origin(now_ns_);
  return absl::OkStatus();
}

absl::Status Partition::seed(const std::vector<TenantSeed>& seeds) {
  for (const TenantSeed& seed : seeds) {
    storage::v1::Configure configure;
    *configure.mutable_config() = seed.config;
    if (configure.ByteSizeLong() > kCommandTextBytesMax) {
      return absl::InvalidArgumentError(
          absl::StrCat(seed.config.name(), ": the configuration is larger than one record may be: ",
                       configure.ByteSizeLong(), " > ", kCommandTextBytesMax, " bytes"));
    }
  }
  for (size_t i = 0; i < seeds.size(); ++i) {
    absl::Status status = seed_tenant(TenantIndex(i), seeds[i]);
    if (!status.ok()) return status;
  }
  if (tenants_.size() != seeds.size()) {
    return absl::FailedPreconditionError(
        "the first start was cut short, and the configuration file has fewer tenants since: remove "
        "the data folder, which holds nothing else, or restore the file");
  }
  Command command;
  command.kind = CommandKind::kSeeded;
  frame_.add_command(TenantIndex(0u), now_ns_, command, {});
  seal_frame();
  seeded_ = true;
  return absl::OkStatus();
}

absl::Status Partition::seed_tenant(TenantIndex index, const TenantSeed& seed) {
  absl::Status status;
  if (index.value() < tenants_.size()) {
    if (tenants_[index.value()]->config_etag != config_etag(seed.config)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the first start was cut short, and the configuration file has changed since at ",
          seed.config.name(),
          ": remove the data folder, which holds nothing else, or restore the file"));
    }
  } else {
    storage::v1::Configure configure;
    *configure.mutable_config() = seed.config;
    status = journal_table(index, CommandKind::kConfigure, configure.SerializeAsString());
  }
  storage::v1::UpsertAgents upsert;
  for (size_t i = 0; i < seed.agents.size() && status.ok(); ++i) {
    *upsert.add_agents() = seed.agents[i];
    const bool last = i + 1 == seed.agents.size();
    if (!last && upsert.agents_size() < static_cast<int>(kUpsertAgentsMax) &&
        upsert.ByteSizeLong() < kUpsertBytesMax) {
      continue;
    }
    status = journal_table(index, CommandKind::kUpsertAgents, upsert.SerializeAsString());
    upsert.clear_agents();
  }
  return status;
}

absl::Status Partition::journal_table(TenantIndex tenant, CommandKind kind,
                                      const std::string& payload) {
  ACD_CHECK(frame_.record_count() == 0);  // Each table has a frame of its own.
  absl::Status status = apply_table(tenant, kind, payload, now_ns_);
  if (!status.ok()) return status;
  Command command;
  command.kind = kind;
  command.name = {0, static_cast<uint32_t>(payload.size())};
  frame_.add_command(tenant, now_ns_, command, payload);
  seal_frame();
  return absl::OkStatus();
}

absl::Status Partition::apply_table(TenantIndex index, CommandKind kind, std::string_view payload,
                                    int64_t now_ns) {
  if (kind == CommandKind::kConfigure) {
    storage::v1::Configure configure;
    if (index.value() != tenants_.size() ||
        !configure.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
      return absl::DataLossError("a configuration cannot be read");
    }
    if (const auto violations = validate_config(configure.config()); !violations.empty()) {
      return absl::DataLossError(
          absl::StrCat(configure.config().name(), ": the configuration breaks a rule: ",
                       violations.front().field, ": ", violations.front().description));
    }
    v1::TenantConfig config = configure.config();
    config.set_etag(config_etag(config));
    const TenantConfig tables = to_tables(config);
    auto tenant = std::make_unique<Tenant>();
    tenant->id = tables.id;
    tenant->config_etag = config.etag();
    tenant->board = observer_->add_tenant(tables, config.SerializeAsString(), &clock_);
    tenants_.push_back(std::move(tenant));
    Router& router = touch(index);
    const Reject reject = router.configure(tables, now_ns);
    return table_status(reject, config.name(), router.left_out_queue(tables));
  }
  storage::v1::UpsertAgents upsert;
  if (index.value() >= tenants_.size() ||
      !upsert.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::DataLossError("a list of agents cannot be read");
  }
  std::vector<AgentProfile> profiles;
  for (const v1::Agent& agent : upsert.agents()) profiles.push_back(to_profile(agent));
  return table_status(touch(index).upsert_agents(profiles, now_ns),
                      absl::StrCat("tenants/", tenants_[index.value()]->id), {});
}

std::vector<Partition::TenantInfo> Partition::tenants() const {
  std::vector<TenantInfo> infos;
  for (size_t i = 0; i < tenants_.size(); ++i) {
    infos.push_back(
        {tenants_[i]->id, TenantIndex(i), tenants_[i]->board, tenants_[i]->config_etag});
  }
  return infos;
}

uint64_t Partition::state_hash() const {
  Hash64 hash;
  for (const std::unique_ptr<Tenant>& tenant : tenants_) hash.add(tenant->router.state_hash());
  return hash.value();
}

std::string Partition::check_invariants() const {
  for (const std::unique_ptr<Tenant>& tenant : tenants_) {
    std::string broken = tenant->router.check_invariants();
    if (!broken.empty()) return "tenant " + tenant->id + ": " + broken;
  }
  return {};
}

}  // namespace acd
