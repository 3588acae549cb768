// SPDX-License-Identifier: Apache-2.0
// What waits to be written to one switch.
#include "daemon/rpc/response_queue.h"

#include <string>
#include <string_view>
#include <utility>

#include "daemon/rpc/codec.h"
#include "daemon/rpc/durations.h"
#include "daemon/rpc/station_fields.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/wire.h"
#include "routing/limits.h"

namespace acd {
namespace {

void encode_hello(const Delivery::Opened& opened, const RpcOptions& options, v1::Hello* hello) {
  hello->set_last_durable_sequence(opened.last_sequence);
  hello->set_resumed(opened.resumed);
  hello->set_resync(opened.lists);
  encode_limits(options.message_bytes_max, options.batch_events_max, hello->mutable_limits());
  set_duration(opened.arrival_ack_timeout_ns, hello->mutable_ack_timeout());
  set_duration(kHeartbeatNs, hello->mutable_heartbeat());
  set_duration(opened.grace_ns, hello->mutable_switch_grace());
  hello->set_clock_mode(options.driven_clock ? v1::CLOCK_MODE_DRIVEN : v1::CLOCK_MODE_WALL);
  set_duration(opened.now_ns, hello->mutable_now());
  hello->mutable_unix_time()->set_seconds(opened.unix_ns / kNsPerS);
  hello->mutable_unix_time()->set_nanos(static_cast<int32_t>(opened.unix_ns % kNsPerS));
}

v1::Supervision to_proto(Supervision what) {
  switch (what) {
    case Supervision::kNone:
      return v1::SUPERVISION_UNSPECIFIED;
    case Supervision::kMonitor:
      return v1::SUPERVISION_MONITOR;
    case Supervision::kWhisper:
      return v1::SUPERVISION_WHISPER;
    case Supervision::kBarge:
      return v1::SUPERVISION_BARGE;
    case Supervision::kLeave:
      return v1::SUPERVISION_LEAVE;
    case Supervision::kRecord:
      return v1::SUPERVISION_RECORD;
    case Supervision::kStopRecording:
      return v1::SUPERVISION_STOP_RECORDING;
  }
  return v1::SUPERVISION_UNSPECIFIED;
}

v1::TreatmentKind to_proto(TreatmentKind kind) {
  switch (kind) {
    case TreatmentKind::kScheduled:
      return v1::TREATMENT_KIND_SCHEDULED;
    case TreatmentKind::kAnnouncement:
      return v1::TREATMENT_KIND_ANNOUNCEMENT;
    case TreatmentKind::kCallbackOffer:
      return v1::TREATMENT_KIND_CALLBACK_OFFER;
  }
  return v1::TREATMENT_KIND_UNSPECIFIED;
}

void set_text(TextRef ref, std::string_view arena, std::string* text) { *text = ref.in(arena); }

void encode_connect(const SwitchCommand& command, std::string_view arena,
                    v1::ConnectCall* connect) {
  set_text(command.agent, arena, connect->mutable_agent_id());
  set_text(command.station, arena, connect->mutable_station());
  connect->set_answer_mode(to_proto(command.answer_mode));
  set_text(command.leg, arena, connect->mutable_leg_id());
  set_text(command.parent, arena, connect->mutable_parent_call_id());
  set_text(command.consulting, arena, connect->mutable_consulting_agent_id());
}

void encode_command(const SwitchCommand& command, std::string_view arena,
                    v1::SwitchCommand* encoded) {
  set_text(command.call, arena, encoded->mutable_call_id());
  encoded->set_generation(command.generation);
  encoded->set_command_id(command.id);
  if (command.deadline_ns != kNeverNs) {
    set_duration(command.deadline_ns, encoded->mutable_deadline());
  }
  switch (command.kind) {
    case SwitchCommandKind::kRingAgent: {
      v1::RingAgent* ring = encoded->mutable_ring_agent();
      set_text(command.agent, arena, ring->mutable_agent_id());
      set_text(command.station, arena, ring->mutable_station());
      set_text(command.leg, arena, ring->mutable_leg_id());
      set_duration(command.timeout_ns, ring->mutable_timeout());
      set_text(command.parent, arena, ring->mutable_parent_call_id());
      set_text(command.consulting, arena, ring->mutable_consulting_agent_id());
      return;
    }
    case SwitchCommandKind::kStopRinging:
      set_text(command.agent, arena, encoded->mutable_stop_ringing()->mutable_agent_id());
      encoded->mutable_stop_ringing()->set_outcome(to_proto(command.outcome));
      return;
    case SwitchCommandKind::kConnectCall:
      return encode_connect(command, arena, encoded->mutable_connect_call());
    case SwitchCommandKind::kLogOutAgent:
      set_text(command.agent, arena, encoded->mutable_log_out_agent()->mutable_agent_id());
      set_text(command.station, arena, encoded->mutable_log_out_agent()->mutable_station());
      return;
    case SwitchCommandKind::kDialCustomer: {
      v1::DialCustomer* dial = encoded->mutable_dial_customer();
      set_text(command.text, arena, dial->mutable_number());
      set_text(command.customer_leg, arena, dial->mutable_customer_leg_id());
      set_text(command.agent, arena, dial->mutable_agent_id());
      set_duration(command.timeout_ns, dial->mutable_timeout());
      set_text(command.station, arena, dial->mutable_station());
      set_text(command.leg, arena, dial->mutable_leg_id());
      if (command.agent.size > 0) dial->set_answer_mode(to_proto(command.answer_mode));
      return;
    }
    case SwitchCommandKind::kDialOutside: {
      v1::DialOutside* dial = encoded->mutable_dial_outside();
      set_text(command.text, arena, dial->mutable_number());
      set_text(command.parent, arena, dial->mutable_parent_call_id());
      set_text(command.consulting, arena, dial->mutable_consulting_agent_id());
      return;
    }
    case SwitchCommandKind::kSuperviseCall: {
      v1::SuperviseCall* supervise = encoded->mutable_supervise_call();
      supervise->set_kind(to_proto(command.supervision));
      set_text(command.agent, arena, supervise->mutable_agent_id());
      set_text(command.text, arena, supervise->mutable_station());
      set_text(command.consulting, arena, supervise->mutable_supervisor_id());
      return;
    }
    case SwitchCommandKind::kDropLeg:
      encoded->mutable_drop_leg();
      return;
    case SwitchCommandKind::kPlayTreatment: {
      v1::PlayTreatment* treatment = encoded->mutable_play_treatment();
      treatment->set_kind(to_proto(command.treatment));
      set_text(command.text, arena, treatment->mutable_media());
      treatment->set_position(command.number);
      if (command.ewt_ns != kNeverNs) set_duration(command.ewt_ns, treatment->mutable_ewt());
      return;
    }
    case SwitchCommandKind::kTransferCall:
      set_text(command.text, arena, encoded->mutable_transfer_call()->mutable_number());
      return;
    case SwitchCommandKind::kReleaseCall:
      encoded->mutable_release_call()->set_cause(command.number);
      return;
    case SwitchCommandKind::kParkCaller:
      set_text(command.text, arena, encoded->mutable_park_caller()->mutable_queue_id());
      return;
    case SwitchCommandKind::kRetrieveCall: {
      v1::RetrieveCall* retrieve = encoded->mutable_retrieve_call();
      set_text(command.agent, arena, retrieve->mutable_agent_id());
      set_text(command.text, arena, retrieve->mutable_consult_id());
      return;
    }
    case SwitchCommandKind::kMergeCall: {
      v1::MergeCall* merge = encoded->mutable_merge_call();
      set_text(command.parent, arena, merge->mutable_parent_call_id());
      set_text(command.agent, arena, merge->mutable_agent_id());
      set_text(command.consulting, arena, merge->mutable_consulting_agent_id());
      merge->set_conference(command.conference);
      return;
    }
  }
}

}  // namespace

void ResponseQueue::add(const Delivery& delivery, const RpcOptions& options) {
  if (delivery.is_opened) {
    encode_hello(delivery.opened, options, open_response()->mutable_hello());
  }
  if (delivery.has_ack) add_ack(delivery);
  for (const SwitchCommand& command : delivery.commands) {
    v1::SwitchCommand* const encoded = open_response()->add_commands();
    encode_command(command, delivery.arena, encoded);
    count_item(*encoded);
  }
  if (delivery.has_driven_clock) {
    v1::DrivenClock* clock = open_response()->mutable_driven_clock();
    set_duration(delivery.driven_now_ns, clock->mutable_now());
    clock->set_number(delivery.driven_number);
    if (delivery.next_deadline_ns != kNeverNs) {
      set_duration(delivery.next_deadline_ns, clock->mutable_next_deadline());
    }
    seal();  // The answer to one batch: nothing behind it may join it.
  }
  if (delivery.is_opened) excuse_opening();
}

std::string ResponseQueue::field_of(const Refused& refused) const {
  return fault_field(refused.reject, refused.kind);
}

}  // namespace acd
