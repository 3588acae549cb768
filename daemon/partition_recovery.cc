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

// In the record that ends the first start: whose time the journal keeps.
constexpr uint8_t kSeededOnDrivenClock = 1;

// A record that begins a life of the process says by whose rules that life decided.
std::string sign(Command* command, const std::string& release) {
  command->number = static_cast<int32_t>(kBehaviourVersion);
  command->text = {0, static_cast<uint32_t>(release.size())};
  return release;
}

absl::Status check_rules(int32_t behaviour_version, const std::string& release) {
  if (behaviour_version == static_cast<int32_t>(kBehaviourVersion)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("from here on release ", release, " decided by the rules of behaviour version ",
                   behaviour_version, "; this release decides by version ", kBehaviourVersion,
                   " and starts only where the journal ends: run acdd --checkpoint of ", release,
                   " once, then start this one"));
}

}  // namespace

absl::Status Partition::recover(absl::FunctionRef<bool()> is_enough) {
  const Suspects::Watch watch(options_.suspects, &note_);
  bool is_stopped = false;
  const auto replay_frame = [&, this](const FrameHeader& header, std::string_view payload) {
    uint64_t sequence = header.first_sequence;
    absl::Status status = read_records(payload, [this, &sequence](const Record& record) {
      note_.record = sequence++;
      note(SuspectKind::kReplay, record.tenant, record.command, record.now_ns);
      return replay_record(record);
    });
    if (!status.ok()) {
      return absl::Status(status.code(), absl::StrCat("frame at record ", header.first_sequence,
                                                      ": ", std::string(status.message())));
    }
    TurnEvents turn = take_events();
    fold_event_hash();
    if (event_hash_.value() != header.event_hash) {
      return absl::DataLossError(absl::StrCat("frame at record ", header.first_sequence,
                                              ": replay gave other events than the run that wrote "
                                              "it; this release decides differently"));
    }
    now_ns_ = header.now_ns;
    last_frame_ns_ = header.now_ns;
    last_wall_ns_ = header.wall_ns;
    unix_anchor_.on_frame(header.now_ns, header.wall_ns);
    if (!tenants_.empty()) turn.sequence = header.first_sequence + header.record_count - 1;
    turn.now_ns = header.now_ns;
    turn.unix_offset_ns = unix_anchor_.offset_ns();
    if (!turn.empty()) observer_->publish(std::move(turn));
    replayed_records_ += header.record_count;
    last_sequence_ = header.first_sequence + header.record_count - 1;
    is_stopped = is_enough();
    return is_stopped ? absl::CancelledError() : absl::OkStatus();
  };
  is_replaying_ = true;
  absl::Status status = journal_->follow(last_sequence_ + 1, replay_frame);
  if (is_stopped) status = absl::OkStatus();
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
  if (command.kind == CommandKind::kStageConfig) return replay_stage(record);
  if (command.kind == CommandKind::kConfigure || command.kind == CommandKind::kUpsertAgents) {
    return replay_table(record);
  }
  if (command.kind == CommandKind::kOverrideQueue) {
    return take_override(record.tenant, command.name.in(record.arena),
                         command.principal.in(record.arena), record.now_ns);
  }
  if (command.kind == CommandKind::kSeeded || command.kind == CommandKind::kResume) {
    absl::Status status = check_rules(command.number, std::string(command.text.in(record.arena)));
    if (!status.ok()) return status;
  }
  if (command.kind == CommandKind::kSeeded) {
    seeded_ = true;
    unix_anchor_.set_driven(command.detail == kSeededOnDrivenClock);
    return absl::OkStatus();
  }
  if (record.tenant.value() >= tenants_.size()) return absl::DataLossError("unknown tenant");
  Router& router = touch(record.tenant);
  // The verdict is part of the event hash, which the frame's end compares.
  const Reject reject = router.apply(command, record.arena, record.now_ns);
  if (reject == Reject::kNone) heed_answers(record.tenant, command, record.arena);
  if (comes_by_request(command.kind) && command.sequence == 0 && reject == Reject::kNone) {
    keep_call_answer(tenant_at(record.tenant), command, record.arena, record.now_ns);
  }
  translate_events(record.tenant, command.kind == CommandKind::kEndCall
                                      ? command.call.in(record.arena)
                                      : std::string_view());
  deadlines_.set(TimerKind::kSource, record.tenant.value(), record.tenant.value(),
                 router.next_deadline_ns());
  return absl::OkStatus();
}

void Partition::fold_event_hash() {
  for (const TenantIndex index : touched_) {
    event_hash_.add(tenant_at(index).router.event_hash());
    tenant_at(index).touched = false;
  }
  touched_.clear();
}

absl::Status Partition::start(const std::vector<TenantSeed>& seeds) {
  note_ = Suspect{};
  const Suspects::Watch watch(options_.suspects, &note_);
  absl::Status status = journal_->start(&gate_);
  if (!status.ok()) return status;
  gate_.on_durable(journal_->position() - 1);
  drop_staged();
  if (!seeded_) {  // A new journal, or one whose first start was cut short; nobody was served from
                   // it.
    note_work(SuspectKind::kStart, TenantIndex(0u), now_ns_);
    status = seed(seeds);
    load_poisoned();
    if (status.ok()) start_hours();
    clock_.set_origin(now_ns_);
    return status;
  }
  // The clock went on while nobody ran, but a wrong wall clock must not throw deadlines away.
  if (clock_.mode() == ClockMode::kWall) {
    now_ns_ += std::clamp<int64_t>(options_.unix_ns() - last_wall_ns_, 0, kClockJumpCapNs);
  }
  load_poisoned();
  note_.record = journal_->position();
  for (uint32_t i = 0; i < tenants_.size(); ++i) {
    Command command;
    command.kind = CommandKind::kResume;
    const std::string arena = sign(&command, options_.release);
    const Reject reject = apply(TenantIndex(i), command, arena, now_ns_);
    ACD_CHECK(reject == Reject::kNone);
  }
  seal_frame();
  start_hours();
  clock_.set_origin(now_ns_);
  return absl::OkStatus();
}

absl::Status Partition::seed(const std::vector<TenantSeed>& seeds) {
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
  if (clock_.mode() == ClockMode::kDriven) command.detail = kSeededOnDrivenClock;
  unix_anchor_.set_driven(clock_.mode() == ClockMode::kDriven);
  const std::string arena = sign(&command, options_.release);
  frame_.add_command(TenantIndex(0u), now_ns_, command, arena);
  seal_frame();
  seeded_ = true;
  return absl::OkStatus();
}

absl::Status Partition::seed_tenant(TenantIndex index, const TenantSeed& seed) {
  if (index.value() < tenants_.size()) {
    if (tenants_[index.value()]->config->message.etag() != config_etag(seed.config)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the first start was cut short, and the configuration file has changed since at ",
          seed.config.name(),
          ": remove the data folder, which holds nothing else, or restore the file"));
    }
    return add_agents(index, seed.agents, {}, now_ns_);
  }
  storage::v1::Configure configure;
  *configure.mutable_config() = seed.config;
  const std::string payload = configure.SerializeAsString();
  const Command command = stage_config(index, payload);
  absl::Status status = take_config(index, payload, now_ns_);
  if (!status.ok()) return status;
  journal_table(index, command, payload, {});
  return add_agents(index, seed.agents, {}, now_ns_);
}

std::vector<Partition::TenantInfo> Partition::tenants() const {
  std::vector<TenantInfo> infos;
  for (size_t i = 0; i < tenants_.size(); ++i) {
    infos.push_back(
        {tenants_[i]->id, TenantIndex(i), tenants_[i]->board, tenants_[i]->config->message.etag()});
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
