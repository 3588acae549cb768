// SPDX-License-Identifier: Apache-2.0
// Why an event is refused, in words; and again to a switch that repeats it.
#include <algorithm>
#include <string>
#include <variant>

#include "acd/v1/errors.pb.h"
#include "daemon/partition.h"
#include "routing/requirement.h"

namespace acd {

const char* Partition::refusal_text(int32_t reason) {
  if (reason == v1::ERROR_REASON_STORAGE_FULL) {
    return "the disk of the daemon is full, so it takes no new calls; route this one elsewhere, or "
           "offer it again with a new sequence in a while";
  }
  if (reason == v1::ERROR_REASON_POISONED) {
    return "the daemon crashed when it applied this event, so it does not try again; this is a "
           "fault of the daemon: its log names the event";
  }
  if (reason == v1::ERROR_REASON_COMMANDS_NOT_ANSWERED) {
    return "no command of this session waits for an answer: it did not say `answers_commands` when "
           "its epoch was new";
  }
  return "";
}

std::string Partition::unknown_skill(const Router& router, std::string_view requirement) {
  const auto parsed = parse_requirement(
      requirement, [&router](std::string_view name) { return router.find_skill(name); });
  const auto* error = std::get_if<RequirementError>(&parsed);
  if (error == nullptr || !error->is_unknown_skill) return "";
  return "column " + std::to_string(error->column) + ": " + error->description;
}

std::string Partition::unknown_word(const Tenant& tenant, const Command& command,
                                    std::string_view arena, Reject reject) {
  if (reject == Reject::kCodeUnknown || reject == Reject::kCodeNotAllowed) {
    const std::string code(command.name.in(arena));
    return reject == Reject::kCodeUnknown
               ? "the tenant's configuration has no wrap-up code \"" + code + "\""
               : "the queue of the call does not take the wrap-up code \"" + code + "\"";
  }
  if (reject != Reject::kLabelUnknown) return "";
  const std::vector<std::string>& labels = tenant.config->tables.labels;
  std::string text;
  all_of_labels(command.preferred.in(arena), [&](std::string_view label) {
    if (std::find(labels.begin(), labels.end(), label) != labels.end()) return true;
    text = "the tenant's configuration has no label \"" + std::string(label) + "\"";
    return false;
  });
  return text;
}

void Partition::refuse(Delivery& delivery, const Tenant& tenant, const Batch& batch, size_t index,
                       Reject reject) {
  const Command& command = batch.commands[index];
  Refused refused;
  refused.sequence = command.sequence;
  refused.kind = command.kind;
  refused.reject = reject;
  refused.message = reject == Reject::kSkillUnknown
                        ? unknown_skill(tenant.router, command.text.in(batch.arena))
                        : unknown_word(tenant, command, batch.arena, reject);
  if (command.kind == CommandKind::kRefused) {
    refused.edge_reason = command.detail;
    const auto edge =
        std::find_if(batch.refusals.begin(), batch.refusals.end(),
                     [&](const EdgeRefusal& refusal) { return refusal.command_index == index; });
    if (edge != batch.refusals.end()) {
      refused.field = edge->field;
      refused.message = edge->message;
    }
  }
  // Should the frame end here, the refusal leaves with it, and so must the acknowledgement.
  delivery.has_ack = true;
  delivery.through_sequence = command.sequence;
  delivery.refused.push_back(std::move(refused));
}

void Partition::answer_repeat(Delivery& delivery, const Tenant& tenant, SourceIndex source,
                              const Command& command) {
  const KeptRefusal* kept = tenant.router.sessions().refusal(source, command.sequence);
  if (kept == nullptr) return;
  delivery.has_ack = true;
  delivery.through_sequence = tenant.router.sessions().at(source).last_sequence;
  add_refused(delivery, *kept);
}

void Partition::add_refused(Delivery& delivery, const KeptRefusal& kept) {
  Refused refused;
  refused.sequence = kept.sequence;
  refused.kind = kept.kind;
  refused.reject = kept.reject;
  refused.edge_reason = kept.edge_reason;
  refused.message = refusal_text(kept.edge_reason);
  delivery.refused.push_back(std::move(refused));
}

}  // namespace acd
