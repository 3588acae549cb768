// SPDX-License-Identifier: Apache-2.0
// What waits to be written to one session, a switch's or a desktop's.
#include "daemon/rpc/response_buffer.h"

#include <algorithm>

#include "daemon/rpc/status.h"
#include "daemon/rpc/wire.h"
#include "routing/limits.h"

namespace acd {

void encode_limits(uint32_t message_bytes_max, uint32_t batch_events_max, v1::Limits* limits) {
  limits->set_message_bytes_max(message_bytes_max);
  limits->set_batch_events_max(static_cast<int32_t>(batch_events_max));
  limits->set_id_bytes_max(static_cast<int32_t>(kIdBytesMax));
  limits->set_requirement_bytes_max(static_cast<int32_t>(kRequirementBytesMax));
}

v1::OfferOutcome to_proto(OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::kNoAnswer:
      return v1::OFFER_OUTCOME_NO_ANSWER;
    case OfferOutcome::kRejected:
      return v1::OFFER_OUTCOME_REJECTED;
    case OfferOutcome::kBusy:
      return v1::OFFER_OUTCOME_BUSY;
    case OfferOutcome::kUnreachable:
      return v1::OFFER_OUTCOME_UNREACHABLE;
    case OfferOutcome::kUnknownAddress:
      return v1::OFFER_OUTCOME_UNKNOWN_ADDRESS;
    case OfferOutcome::kCanceled:
      return v1::OFFER_OUTCOME_CANCELED;
    case OfferOutcome::kRescinded:
      return v1::OFFER_OUTCOME_RESCINDED;
    case OfferOutcome::kNone:
    case OfferOutcome::kAccepted:
      break;  // No ring is stopped for these.
  }
  return v1::OFFER_OUTCOME_UNSPECIFIED;
}

// The shard may say more than the Router's verdict does: which skill. What it leaves empty is filled
// in here.
void ResponseBuffer::encode_refusal(const Refused& refused, v1::Refusal* refusal) const {
  refusal->set_sequence(refused.sequence);
  if (refused.reject == Reject::kNone) {
    refusal->set_reason(static_cast<v1::ErrorReason>(refused.edge_reason));
    refusal->set_field(refused.field);
    refusal->set_message(refused.message);
    return;
  }
  refusal->set_reason(reason_of(refused.reject));
  refusal->set_field(refused.field.empty() ? field_of(refused) : refused.field);
  refusal->set_message(refused.message.empty()
                           ? std::string(message_of(refused.reject, refused.kind))
                           : refused.message);
}

// An acknowledgement stands before the commands of its response, but covers events that came after
// commands which wait there already. That is in order: it promises durability, and they are
// durable.
void ResponseBuffer::add_ack(const Delivery& delivery) {
  for (const Refused& refused : delivery.refused) {
    if (refused.reject == Reject::kRepeat) continue;
    open();
    v1::Ack* const told = ack();
    v1::Refusal* const refusal = told->add_refusals();
    encode_refusal(refused, refusal);
    told->set_through_sequence(refused.sequence);
    count_item(*refusal);
  }
  open();
  ack()->set_through_sequence(delivery.through_sequence);
}

bool ResponseBuffer::take(grpc::ByteBuffer* bytes) {
  if (sealed_.empty() && is_open_) seal();
  taken_bytes_ = 0;
  if (sealed_.empty()) return false;
  taken_bytes_ = sealed_.front().Length();
  sealed_bytes_ -= taken_bytes_;
  opening_bytes_ -= std::min(opening_bytes_, taken_bytes_);
  bytes->Swap(&sealed_.front());  // It has no move assignment.
  sealed_.pop_front();
  return true;
}

void ResponseBuffer::count_item(const google::protobuf::Message& item) {
  constexpr size_t kFieldBytes = 8;  // Its tag and length, and those it may lie in, at most.
  open_bytes_ += item.ByteSizeLong() + kFieldBytes;
  if (++items_ >= kResponseItemsMax) seal();
}

void ResponseBuffer::seal() {
  set_number(++number_);
  sealed_.push_back(serialize_message(*response()));
  sealed_bytes_ += sealed_.back().Length();
  response()->Clear();
  is_open_ = false;
  open_bytes_ = 0;
  items_ = 0;
}

}  // namespace acd
