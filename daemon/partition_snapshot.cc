// SPDX-License-Identifier: Apache-2.0
// A partition to and from a snapshot.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/config_tables.h"
#include "daemon/partition.h"
#include "daemon/snapshot_check.h"
#include "routing/check.h"

namespace acd {
namespace {

// What another release makes of the configuration is no longer what the state was made with.
absl::Status other_tables(const std::string& tenant, const std::string& release,
                          const std::string& where = "") {
  return absl::FailedPreconditionError(absl::StrCat(
      "tenants/", tenant, ": this release reads its configuration differently than ", release,
      ", which wrote the snapshot: start that one", where.empty() ? "" : "; ", where));
}

// The tables of a configuration of an older day, or of another release's.
absl::Status take_tables(const v1::TenantConfig& config, const SavedTenant& tenant,
                         const std::string& release, TenantConfig* tables) {
  const std::vector<Violation> violations = validate_config(config);
  if (!violations.empty()) {
    return other_tables(tenant.id, release,
                        absl::StrCat(violations[0].field, ": ", violations[0].description));
  }
  *tables = to_tables(config);
  return absl::OkStatus();
}

// The queues that were left out of `config`, as they were last, in surroundings in which they stay
// good: among every queue and every skill that they may name, and with none of them drained.
absl::Status take_left_out(const v1::TenantConfig& config, const SavedTenant& tenant,
                           const std::string& release, std::vector<QueueConfig>* queues) {
  if (tenant.left_out.empty()) return absl::OkStatus();
  v1::TenantConfig around = config;
  around.clear_queues();
  around.clear_drains();
  around.mutable_skills()->Assign(tenant.router.skills.begin(), tenant.router.skills.end());
  std::set<std::string, std::less<>> ids;
  for (const std::string& bytes : tenant.left_out) {
    v1::Queue& queue = *around.add_queues();
    if (!queue.ParseFromString(bytes)) {
      return absl::DataLossError(absl::StrCat("tenants/", tenant.id, ": a queue cannot be read"));
    }
    queue.clear_calendar();  // It may be gone, and nobody asks it any more.
    if (queue.has_callback()) queue.mutable_callback()->clear_calendar();
    ids.emplace(resource_id_of(queue.name(), tenant.id, "queues"));
  }
  for (const SavedQueue& queue : tenant.router.queues) {
    if (ids.contains(queue.config.id)) continue;
    around.add_queues()->set_name(absl::StrCat("tenants/", tenant.id, "/queues/", queue.config.id));
  }
  TenantConfig tables;
  absl::Status status = take_tables(around, tenant, release, &tables);
  tables.queues.resize(std::min(tables.queues.size(), tenant.left_out.size()));
  *queues = std::move(tables.queues);
  return status;
}

// Gives each saved queue its settings: of the configuration, or those it had when it was left out.
absl::Status fill_config(const SavedPartition& saved, SavedTenant* tenant) {
  v1::TenantConfig config;
  if (!config.ParseFromString(tenant->config)) {
    return absl::DataLossError(absl::StrCat("tenants/", tenant->id, ": no configuration"));
  }
  SavedRouter& router = tenant->router;
  absl::Status status = take_tables(config, *tenant, saved.release, &router.config);
  if (!status.ok()) return status;
  const bool is_of_other_rules = saved.behaviour_version != kBehaviourVersion;
  if (!is_of_other_rules && hash_of(router.config) != router.config_hash) {
    return other_tables(tenant->id, saved.release);
  }
  std::vector<QueueConfig> all;
  status = take_left_out(config, *tenant, saved.release, &all);
  if (!status.ok()) return status;
  std::move(router.config.queues.begin(), router.config.queues.end(), std::back_inserter(all));
  router.config.queues.clear();
  std::map<std::string_view, const QueueConfig*> by_id;
  for (const QueueConfig& one : all) by_id.emplace(one.id, &one);
  for (SavedQueue& queue : router.queues) {
    const auto known = by_id.find(queue.config.id);
    if (known == by_id.end()) continue;  // Gone, and nobody is in it.
    if (!is_of_other_rules && hash_of(*known->second) != queue.config_hash) {
      return other_tables(tenant->id, saved.release);
    }
    queue.config = *known->second;
  }
  return absl::OkStatus();
}

}  // namespace

bool Partition::is_quiet() const {
  return seeded_ && staged_parts_ == 0 && frame_.record_count() == 0 &&
         std::all_of(tenants_.begin(), tenants_.end(), [](const std::unique_ptr<Tenant>& tenant) {
           return tenant->router.is_quiet() && tenant->router.events().events.empty();
         });
}

SavedPartition Partition::save() const {
  ACD_CHECK(is_quiet());
  SavedPartition saved;
  saved.partition = options_.name;
  saved.sequence = last_sequence_;
  saved.now_ns = now_ns_;
  saved.wall_ns = last_wall_ns_;
  saved.unix_anchor = unix_anchor_.state();
  saved.behaviour_version = kBehaviourVersion;
  saved.event_hash = event_hash_.value();
  saved.state_hash = state_hash();
  for (const std::unique_ptr<Tenant>& tenant : tenants_) {
    SavedTenant& one = saved.tenants.emplace_back();
    one.id = tenant->id;
    one.router = tenant->router.save();
    for (uint32_t source = 0; source < tenant->ends.size(); ++source) {
      for (const KeptOrder& end : tenant->ends[source]) one.ends.emplace_back(source, end);
    }
    for (const auto& [call, live] : tenant->live_orders) {
      for (const KeptOrder& order : live.orders) one.live_orders.emplace_back(live.source, order);
    }
    for (uint32_t source = 0; source < tenant->switches.size(); ++source) {
      const SwitchAnswers& of = tenant->switches[source];
      if (of.answers) one.answering.emplace_back(source);
      for (const auto& [id, order] : of.outbox.orders()) one.unanswered.emplace_back(source, order);
    }
    one.answers.assign(tenant->answers.begin(), tenant->answers.end());
    for (const auto& [queue, said] : tenant->hours.overrides()) one.overrides.push_back(said);
    one.config = tenant->config->bytes;
    one.left_out = left_out_with_calls(*tenant, one.router);
    observer_->save(tenant->board, &one);
  }
  return saved;
}

void Partition::note_left_out(Tenant& tenant, const v1::TenantConfig& next) {
  for (const v1::Queue& queue : tenant.config->message.queues()) {
    tenant.left_out[std::string(resource_id_of(queue.name(), tenant.id, "queues"))] =
        queue.SerializeAsString();
  }
  for (const v1::Queue& queue : next.queues()) {
    tenant.left_out.erase(std::string(resource_id_of(queue.name(), tenant.id, "queues")));
  }
}

// Queues that the configuration no longer has, but calls are still in.
std::vector<std::string> Partition::left_out_with_calls(const Tenant& tenant,
                                                        const SavedRouter& router) {
  std::vector<bool> has_calls(router.queues.size());
  for (const SavedCall& call : router.calls) has_calls[call.queue.value()] = true;
  std::vector<std::string> left_out;
  for (size_t i = 0; i < router.queues.size(); ++i) {
    if (!router.queues[i].is_removed || !has_calls[i]) continue;
    const auto known = tenant.left_out.find(router.queues[i].config.id);
    if (known != tenant.left_out.end()) left_out.push_back(known->second);
  }
  return left_out;
}

absl::Status Partition::restore(SavedPartition saved) {
  ACD_CHECK(tenants_.empty());
  for (SavedTenant& one : saved.tenants) {
    absl::Status status = fill_config(saved, &one);
    if (!status.ok()) return status;
    const std::string wrong = find_unrestorable(one, options_.history != nullptr);
    if (!wrong.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("tenants/", one.id, "/", wrong, ": this release cannot take what ",
                       saved.release, ", which wrote the snapshot, has there: start that one"));
    }
    v1::TenantConfig config;
    ACD_CHECK(config.ParseFromString(one.config));
    auto tenant = std::make_unique<Tenant>();
    tenant->id = one.id;
    tenant->config = make_config_in_force(std::move(config));
    tenant->router.restore(one.router);
    configure_hours(*tenant);
    for (QueueOverride& said : one.overrides) {
      if (tenant->hours.has_queue(said.queue)) tenant->hours.put(std::move(said));
    }
    tenant->answers.assign(one.answers.begin(), one.answers.end());
    for (const std::string& bytes : one.left_out) {
      v1::Queue queue;
      ACD_CHECK(queue.ParseFromString(bytes));
      tenant->left_out[std::string(resource_id_of(queue.name(), one.id, "queues"))] = bytes;
    }
    for (auto& [source, end] : one.ends) {
      if (tenant->ends.size() <= source.value()) tenant->ends.resize(source.value() + 1);
      tenant->ends[source.value()].push_back(std::move(end));
    }
    for (auto& [source, order] : one.live_orders) {
      keep_live_order(*tenant, source, std::move(order), INT64_MIN);
    }
    for (const SourceIndex source : one.answering) switch_at(*tenant, source).answers = true;
    for (auto& [source, order] : one.unanswered) {
      keep_unanswered(*tenant, source, std::move(order), INT64_MIN);
    }
    tenant->board = observer_->add_tenant(tenant->config, &clock_, options_.history, &one);
    const auto index = static_cast<uint32_t>(tenants_.size());
    deadlines_.set(TimerKind::kSource, index, index, tenant->router.next_deadline_ns());
    tenants_.push_back(std::move(tenant));
  }
  seeded_ = true;
  last_sequence_ = saved.sequence;
  now_ns_ = saved.now_ns;
  last_wall_ns_ = saved.wall_ns;
  unix_anchor_ = UnixAnchor(saved.unix_anchor);
  event_hash_ = Hash64(saved.event_hash);
  if (saved.behaviour_version == kBehaviourVersion && state_hash() != saved.state_hash) {
    return absl::FailedPreconditionError(
        absl::StrCat("the snapshot of record ", saved.sequence, " was written by release ",
                     saved.release, ", and this one makes another state of it: start that one"));
  }
  return absl::OkStatus();
}

}  // namespace acd
