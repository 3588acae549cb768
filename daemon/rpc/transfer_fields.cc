// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/transfer_fields.h"

#include <string_view>
#include <utility>

#include "routing/limits.h"

namespace acd {
namespace {

// Fills a command part by part, until one is wrong.
class TransferDecoder {
 public:
  TransferDecoder(std::string* arena, Command* command) : arena_(arena), command_(command) {}

  void decode(const v1::CallTransfer& transfer) {
    TransferTarget target = TransferTarget::kNone;
    switch (transfer.target_case()) {
      case v1::CallTransfer::kQueueId:
        target = TransferTarget::kQueue;
        take("queue_id", transfer.queue_id(), kIdBytesMax, true, &command_->name);
        break;
      case v1::CallTransfer::kAgentId:
        target = TransferTarget::kAgent;
        take("agent_id", transfer.agent_id(), kIdBytesMax, true, &command_->name);
        break;
      case v1::CallTransfer::kSupervisor:
        target = TransferTarget::kSupervisor;
        break;
      case v1::CallTransfer::kOutside:
        target = TransferTarget::kOutside;
        take("outside", transfer.outside(), kMediaBytesMax, true, &command_->name);
        break;
      case v1::CallTransfer::TARGET_NOT_SET:
        refuse(v1::ERROR_REASON_FIELD_REQUIRED, "target",
               "is required: queue_id, agent_id, supervisor or outside");
        break;
    }
    command_->detail = static_cast<uint8_t>(target);
    const bool is_for_agent =
        target == TransferTarget::kAgent || target == TransferTarget::kSupervisor;
    if (!is_for_agent && !transfer.via_queue_id().empty()) {
      refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "via_queue_id",
             "is allowed only with agent_id or supervisor");
    }
    take("via_queue_id", transfer.via_queue_id(), kIdBytesMax, false, &command_->text);
    take("from_agent_id", transfer.from_agent_id(), kIdBytesMax, false, &command_->preferred);
  }
  [[nodiscard]] std::optional<FieldFault>& fault() { return fault_; }

 private:
  void refuse(v1::ErrorReason reason, std::string field, std::string message) {
    if (!fault_) fault_ = {reason, std::move(field), std::move(message)};
  }

  void take(const char* field, std::string_view text, size_t bytes_max, bool is_required,
            TextRef* ref) {
    if (fault_) return;
    fault_ = is_required ? required_text_fault(field, text, bytes_max)
                         : text_fault(field, text, bytes_max);
    *ref = add_text(text, arena_);
  }

  std::string* arena_;
  Command* command_;
  std::optional<FieldFault> fault_;
};

}  // namespace

std::optional<FieldFault> decode_transfer(const v1::CallTransfer& transfer, std::string* arena,
                                          Command* command) {
  TransferDecoder decoder(arena, command);
  decoder.decode(transfer);
  return std::move(decoder.fault());
}

}  // namespace acd
