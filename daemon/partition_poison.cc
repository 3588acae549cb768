// SPDX-License-Identifier: Apache-2.0
// What a crash is blamed on, and how that is refused after the restart.
#include <spdlog/spdlog.h>

#include "daemon/partition.h"

namespace acd {

void Partition::note(SuspectKind kind, TenantIndex tenant, const Command& command, int64_t now_ns) {
  note_.command = command.kind;
  note_.tenant = tenant.value();
  note_.sequence = command.sequence;
  note_.now_ns = now_ns;
  note_.kind = kind;
}

void Partition::note_subject(std::string_view first, std::string_view second) {
  note_.first.set(first);
  note_.second.set(second);
}

void Partition::note_session(SourceKind kind, std::string_view id, std::string_view epoch) {
  note_subject(id, epoch);
  note_.source = kind;
}

void Partition::note_work(SuspectKind kind, TenantIndex tenant, int64_t now_ns) {
  note_subject({}, {});
  note_.record = journal_->position() + frame_.record_count();
  note(kind, tenant, {}, now_ns);
}

// Whether there is nothing left to refuse: the journal has it, or nobody will bring it again.
bool Partition::is_held(const Suspect& suspect) const {
  switch (suspect.kind) {
    case SuspectKind::kNone:
    case SuspectKind::kClose:
    case SuspectKind::kTimers:
    case SuspectKind::kStart:
    case SuspectKind::kReplay:
      return true;
    case SuspectKind::kOpen:
      return false;
    case SuspectKind::kEvent:
    case SuspectKind::kTable:
      break;
  }
  if (suspect.tenant >= tenants_.size()) return true;
  const Tenant& tenant = *tenants_[suspect.tenant];
  if (suspect.kind == SuspectKind::kTable) {
    return tenant.config->message.etag() == suspect.second.view();
  }
  const Sessions& sessions = tenant.router.sessions();
  const SourceIndex source = sessions.find(suspect.first.view(), suspect.source);
  return source.valid() && sessions.at(source).epoch.view() == suspect.second.view() &&
         sessions.at(source).last_sequence >= suspect.sequence;
}

void Partition::load_poisoned() {
  if (options_.suspects == nullptr) return;
  for (size_t i = 0; i < options_.suspects->count();) {
    const Suspect suspect = options_.suspects->at(i);
    if (is_held(suspect)) {
      spdlog::warn("the daemon crashed before: partition={} about=\"{}\"", options_.name,
                   to_text(suspect));
      options_.suspects->forget(i);
      continue;
    }
    spdlog::error(
        "poisoned, will be refused: partition={} tenant_id={} about=\"{}\"", options_.name,
        suspect.tenant < tenants_.size() ? tenants_[suspect.tenant]->id : "none", to_text(suspect));
    poisoned_.push_back(suspect);
    ++i;
  }
}

bool Partition::is_poisoned(SuspectKind kind, TenantIndex tenant, int64_t sequence) const {
  for (const Suspect& one : poisoned_) {
    const bool is_same_subject =
        kind == SuspectKind::kTable
            ? one.command == note_.command
            : one.source == note_.source && one.first.view() == note_.first.view();
    if (one.kind == kind && one.tenant == tenant.value() && one.sequence == sequence &&
        is_same_subject && one.second.view() == note_.second.view()) {
      return true;
    }
  }
  return false;
}

}  // namespace acd
