// SPDX-License-Identifier: Apache-2.0
// What waits to be written to one desktop session.
#include "daemon/rpc/agent_queue.h"

#include <string_view>

#include "daemon/config/config_tables.h"
#include "daemon/rpc/agent_events.h"
#include "daemon/rpc/board_codec.h"
#include "daemon/rpc/durations.h"
#include "daemon/rpc/station_fields.h"

namespace acd {
namespace {

void encode_hello(const Delivery::Opened& opened, const RpcOptions& options,
                  v1::AgentHello* hello) {
  hello->set_last_durable_sequence(opened.last_sequence);
  hello->set_resumed(opened.resumed);
  encode_limits(options.agent_message_bytes_max, options.agent_batch_events_max,
                hello->mutable_limits());
  set_duration(kHeartbeatNs, hello->mutable_heartbeat());
  set_duration(opened.grace_ns, hello->mutable_agent_grace());
  set_duration(opened.now_ns, hello->mutable_now());
}

void encode_offer(const DesktopUpdate& update, std::string_view arena, v1::OfferMade* offer) {
  *offer->mutable_call_id() = update.call.in(arena);
  offer->set_generation(update.generation);
  set_duration(update.timeout_ns, offer->mutable_timeout());
  set_duration(update.deadline_ns, offer->mutable_deadline());
  *offer->mutable_queue_id() = update.queue.in(arena);
  offer->set_medium(to_proto(update.medium));
  offer->set_priority(update.priority);
  set_duration(update.waited_ns, offer->mutable_waited());
  *offer->mutable_requirement() = update.requirement.in(arena);
  *offer->mutable_parent_call_id() = update.parent.in(arena);
  *offer->mutable_consulting_agent_id() = update.consulting.in(arena);
  *offer->mutable_number() = update.number.in(arena);
  offer->set_answer_mode(to_proto(update.answer_mode));
}

void encode_update(const DesktopUpdate& update, std::string_view arena, v1::AgentUpdate* encoded) {
  *encoded->mutable_agent_id() = update.agent.in(arena);
  switch (update.kind) {
    case DesktopUpdate::Kind::kAllTold:
      encoded->mutable_all_told();
      return;
    case DesktopUpdate::Kind::kTakenOver:
      encoded->mutable_taken_over();
      return;
    case DesktopUpdate::Kind::kOffer:
      return encode_offer(update, arena, encoded->mutable_offer());
    case DesktopUpdate::Kind::kOfferOver: {
      v1::OfferOver* over = encoded->mutable_offer_over();
      *over->mutable_call_id() = update.call.in(arena);
      over->set_generation(update.generation);
      over->set_accepted(update.outcome == OfferOutcome::kAccepted);
      over->set_outcome(to_proto(update.outcome));
      return;
    }
    case DesktopUpdate::Kind::kStatus: {
      v1::DesktopStatus* status = encoded->mutable_status();
      status->set_state(to_proto(update.state));
      status->set_reason(update.reason);
      *status->mutable_source_id() = update.source.in(arena);
      *status->mutable_station() = update.station.in(arena);
      if (update.station.size > 0) status->set_answer_mode(to_proto(update.answer_mode));
      for (const TextRef call : update.calls) *status->add_call_ids() = call.in(arena);
      return;
    }
  }
}

}  // namespace

void AgentQueue::add(const Delivery& delivery, const RpcOptions& options) {
  if (delivery.is_opened) {
    open();
    encode_hello(delivery.opened, options, response_.mutable_hello());
  }
  if (delivery.has_ack) add_ack(delivery);
  for (const DesktopUpdate& update : delivery.updates) {
    open();
    v1::AgentUpdate* const encoded = response_.add_updates();
    encode_update(update, delivery.arena, encoded);
    count_item(*encoded);
  }
  if (delivery.is_opened) excuse_opening();
}

std::string AgentQueue::field_of(const Refused& refused) const {
  return agent_fault_field(refused.reject, refused.kind);
}

}  // namespace acd
