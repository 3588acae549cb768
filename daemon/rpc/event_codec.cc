// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/event_codec.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "daemon/directory.h"
#include "daemon/rpc/board_codec.h"
#include "daemon/rpc/board_reads.h"
#include "daemon/rpc/durations.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/resume_token.h"
#include "daemon/rpc/station_fields.h"
#include "daemon/rpc/wire.h"
#include "routing/event_words.h"
#include "routing/limits.h"
#include "routing/outcome.h"

namespace acd {
namespace {

std::string text(std::string_view view) { return std::string(view); }

void set_word(std::string_view word, v1::Event* message) { message->set_detail(text(word)); }

// A duration that may be none.
void set_span(int64_t ns, v1::Event* message) {
  if (ns != kNeverNs) set_duration(ns, message->mutable_duration());
}

void set_time(int64_t unix_ns, google::protobuf::Timestamp* time) {
  time->set_seconds(unix_ns / kNsPerS);
  time->set_nanos(static_cast<int32_t>(unix_ns % kNsPerS));
}

void encode_enqueued(const Event& event, std::string_view arena, v1::Event* message) {
  const auto entry = static_cast<VisitEntry>(event.detail);
  set_word(entry_word(entry), message);
  message->set_priority(event.number);
  set_duration(event.duration_ns, message->mutable_duration());
  message->set_requirement(text(event.text2.in(arena)));
  const std::string_view more = event.text3.in(arena);
  if (entry == VisitEntry::kConsult) {
    message->set_other_call_id(text(more));
  } else if (entry == VisitEntry::kCallback) {
    message->set_other_call_id(text(decode_asked(more).origin));
  } else {
    message->set_leg_id(text(more));
  }
}

void encode_overflow(const Event& event, std::string_view arena, v1::Event* message) {
  set_word(limit_word(static_cast<LimitKind>(event.detail)), message);
  message->set_is_outside(event.flag);
  if (!event.flag) message->set_to_queue_id(text(event.text.in(arena)));
}

void encode_transfer(const Event& event, std::string_view arena, v1::Event* message) {
  const auto target = static_cast<TransferTarget>(event.detail);
  set_word(transfer_target_word(target), message);
  message->set_is_outside(event.flag);
  message->set_to_queue_id(text(event.text2.in(arena)));
  if (target == TransferTarget::kAgent || target == TransferTarget::kSupervisor) {
    message->set_other_agent_id(text(event.text.in(arena)));
  }
}

void encode_scored(const Event& event, std::string_view arena, v1::Event* message) {
  const std::optional<ScoredCall> scored = decode_scored(event.text2.in(arena));
  v1::CallOutcome* outcome = message->mutable_outcome();
  if (!scored) return;
  const ToldOutcome& after = scored->after;
  if (!after.code.empty()) outcome->set_wrap_up_code(after.code);
  if (after.resolved != Resolved::kUnknown) outcome->set_resolved(after.resolved == Resolved::kYes);
  if (after.survey != kNoScore) outcome->set_survey_score(after.survey);
  if (after.quality != kNoScore) outcome->set_quality_score(after.quality);
  if ((event.detail & kSaysLabels) != 0) {
    all_of_labels(scored->labels, [&](std::string_view label) {
      outcome->mutable_labels()->add_labels(text(label));
      return true;
    });
    outcome->mutable_labels();
  }
  if ((event.detail & kSaysReference) != 0) outcome->set_reference(text(event.text3.in(arena)));
}

void encode_dial_ended(const Event& event, std::string_view arena, v1::Event* message) {
  const auto outcome = static_cast<DialOutcome>(event.detail);
  if (outcome == DialOutcome::kAnswered) {
    message->set_leg_id(text(event.text.in(arena)));
    return;
  }
  set_word(dial_word(outcome), message);
  message->set_number(event.number);
  set_span(event.duration_ns, message);
}

void encode_upserted(const Event& event, std::string_view arena, v1::Event* message) {
  message->set_display_name(text(event.text2.in(arena)));
  const std::optional<UpsertedAgent> agent = decode_upserted(event.text3.in(arena));
  if (!agent) return;
  message->set_skills(text(agent->skills));
  message->set_team_id(text(agent->team));
}

void encode_scheduled(const Event& event, v1::Event* message) {
  const auto change = static_cast<ScheduleChange>(event.detail);
  if (change == ScheduleChange::kMade || change == ScheduleChange::kMoved) {
    set_time(event.duration_ns, message->mutable_due());
  }
  if (event.flag && change == ScheduleChange::kMade) message->set_priority(event.number);
}

// What only events of that kind say.
void encode_details(const Event& event, std::string_view arena, v1::Event* message) {
  switch (event.kind) {
    case EventKind::kCallEnqueued:
      return encode_enqueued(event, arena, message);
    case EventKind::kCallConnected:
      return message->set_leg_id(text(event.text.in(arena)));
    case EventKind::kCallCompleted:
      return set_word(ended_by_word(static_cast<EndedBy>(event.detail)), message);
    case EventKind::kAgentDetached:
      return set_word(detach_word(static_cast<DetachReason>(event.detail)), message);
    case EventKind::kCallFailed:
      return set_word(failure_word(static_cast<FailReason>(event.detail)), message);
    case EventKind::kCallRequeued:
      return set_word(offer_word(static_cast<OfferOutcome>(event.detail)), message);
    case EventKind::kCallOverflowed:
      return encode_overflow(event, arena, message);
    case EventKind::kCallRejected:
      return set_word(limit_word(static_cast<LimitKind>(event.detail)), message);
    case EventKind::kCallPriorityChanged:
      return message->set_priority(event.number);
    case EventKind::kCallStepChanged:
      for (int i = 0; i < 32; ++i) {
        if ((static_cast<uint32_t>(event.number) >> i & 1) != 0) message->add_steps(i + 1);
      }
      return;
    case EventKind::kCallTreated:
      set_word(treatment_word(static_cast<TreatmentKind>(event.detail)), message);
      message->set_media(text(event.text.in(arena)));
      message->set_number(event.number);
      return set_span(event.duration_ns, message);
    case EventKind::kCallScored:
      return encode_scored(event, arena, message);
    case EventKind::kOfferCreated:
      return set_span(event.duration_ns, message);
    case EventKind::kOfferAccepted:
      return message->set_flag(event.detail != 0);
    case EventKind::kAgentUpserted:
      return encode_upserted(event, arena, message);
    case EventKind::kAgentLoggedIn:
      message->set_answer_mode(to_proto(static_cast<AnswerMode>(event.detail)));
      return message->set_station(text(event.text.in(arena)));
    case EventKind::kAgentLoggedOut:
    case EventKind::kAgentLegUp:
    case EventKind::kAgentLegLost:
      message->set_flag(event.flag);
      return message->set_station(text(event.text.in(arena)));
    case EventKind::kAgentStateChanged:
      message->set_from_state(to_proto(event.from));
      message->set_to_state(to_proto(event.to));
      return message->set_reason(event.number);
    case EventKind::kAgentWrapUpStarted:
      return set_span(event.duration_ns, message);
    case EventKind::kQueueOpened:
    case EventKind::kQueueClosed:
    case EventKind::kQueueCallbacksOpened:
    case EventKind::kQueueCallbacksClosed:
    case EventKind::kMemberPaused:
      return message->set_reason(event.number);
    case EventKind::kMemberAdded:
      return message->set_number(event.number);
    case EventKind::kSwitchConnected:
    case EventKind::kSwitchResynced:
    case EventKind::kDesktopConnected:
      return message->set_flag(event.flag);
    case EventKind::kCallWithdrawn:
      message->set_flag(event.number != 0);
      return set_word(ended_by_word(static_cast<EndedBy>(event.detail)), message);
    case EventKind::kCallTransferred:
      return encode_transfer(event, arena, message);
    case EventKind::kCallMerged:
      message->set_other_call_id(text(event.text.in(arena)));
      message->set_other_agent_id(text(event.text2.in(arena)));
      return message->set_flag(event.flag);
    case EventKind::kCallPartyLeft:
      return message->set_flag(event.detail != 0);
    case EventKind::kCallSupervised:
      set_word(supervision_word(static_cast<Supervision>(event.detail)), message);
      message->set_station(text(event.text.in(arena)));
      return message->set_other_agent_id(text(event.text2.in(arena)));
    case EventKind::kCallRetrieved:
      return message->set_other_call_id(text(event.text2.in(arena)));
    case EventKind::kCallLegReplaced:
      message->set_leg_id(text(event.text.in(arena)));
      return message->set_old_leg_id(text(event.text2.in(arena)));
    case EventKind::kCallCallbackRequested:
      return message->set_other_call_id(text(event.text.in(arena)));
    case EventKind::kCallDialed:
      message->set_leg_id(text(event.text2.in(arena)));
      message->set_number(event.number);
      return set_span(event.duration_ns, message);
    case EventKind::kCallDialEnded:
      return encode_dial_ended(event, arena, message);
    case EventKind::kCallScheduled:
      return encode_scheduled(event, message);
    // Nothing beside what every event says. A decision has a record, which is asked for by itself.
    case EventKind::kCallHeld:
    case EventKind::kCallResumed:
    case EventKind::kCallAbandoned:
    case EventKind::kCallTimedOut:
    case EventKind::kCallRerouted:
    case EventKind::kCallDecided:
    case EventKind::kOfferRinging:
    case EventKind::kOfferEnded:
    case EventKind::kOfferStale:
    case EventKind::kAgentWrapUpEnded:
    case EventKind::kQueueConfigChanged:
    case EventKind::kQueueRemoved:
    case EventKind::kSwitchDisconnected:
    case EventKind::kDesktopDisconnected:
    case EventKind::kAgentAttached:
    case EventKind::kMemberRemoved:
    case EventKind::kMemberUnpaused:
    case EventKind::kCallPartyJoined:
    case EventKind::kCallOutsideDialed:
    case EventKind::kCallOutsideAnswered:
    case EventKind::kCallDue:
      return;
  }
}

// A scheduled call has no index yet, and names its queue itself.
std::string_view queue_of(const Board& board, WatchTail::Entry entry) {
  const Event& event = entry.tail.event;
  if (event.kind == EventKind::kCallScheduled) return event.text2.in(entry.arena);
  return entry.tail.queue.valid() ? std::string_view(board.queue(entry.tail.queue).id)
                                  : std::string_view();
}

std::string_view subject_of(std::string_view type) { return type.substr(0, type.find('.')); }

// Names of types, and their subjects.
const std::set<std::string, std::less<>>& known_types() {
  static const auto* const kTypes = [] {
    auto* types = new std::set<std::string, std::less<>>;
    for (int kind = 0; kind < 256; ++kind) {
      for (int detail = 0; detail < 16; ++detail) {
        const auto name = event_name(static_cast<EventKind>(kind), static_cast<uint8_t>(detail));
        if (name == "unknown" || name == "offer.unknown") continue;
        types->emplace(name);
        types->emplace(subject_of(name));
      }
    }
    return types;
  }();
  return *kTypes;
}

}  // namespace

void encode_event(const Board& board, WatchTail::Entry entry, v1::Event* message) {
  const Event& event = entry.tail.event;
  message->set_sequence(event.sequence);
  message->set_type(text(event_name(event.kind, event.detail)));
  set_time(entry.tail.unix_ns, message->mutable_time());
  message->set_call_id(text(entry.tail.call_id.in(entry.arena)));
  if (event.agent.valid()) message->set_agent_id(board.agent(event.agent).id);
  message->set_queue_id(text(queue_of(board, entry)));
  message->set_source_id(text(WatchTail::source_id(entry, board)));
  if (!message->call_id().empty()) message->set_medium(to_proto(event.medium));
  if (event.kind != EventKind::kCallEnqueued) {  // There they say what the board keeps.
    message->set_generation(event.generation);
    message->set_cause(event.cause);
  }
  encode_details(event, entry.arena, message);
}

bool EventFilter::lets_pass(const Board& board, WatchTail::Entry entry) const {
  const Event& event = entry.tail.event;
  if (!calls.empty() && !calls.contains(entry.tail.call_id.in(entry.arena))) return false;
  if (!queues.empty() && !queues.contains(queue_of(board, entry))) return false;
  if (!agents.empty() && !(event.agent.valid() && agents.contains(board.agent(event.agent).id))) {
    return false;
  }
  if (types.empty()) return true;
  const std::string_view type = event_name(event.kind, event.detail);
  return types.contains(type) || types.contains(subject_of(type));
}

std::optional<RpcError> EventFilter::find_unknown(const Board& board,
                                                  const std::string& tenant) const {
  for (const std::string& id : queues) {
    if (board.has_known_queue(id)) continue;
    return unknown(v1::ERROR_REASON_QUEUE_UNKNOWN, "queue", {tenant, id});
  }
  for (const std::string& id : agents) {
    if (board.find_agent(id) != nullptr) continue;
    return unknown(v1::ERROR_REASON_AGENT_UNKNOWN, "agent", {tenant, id});
  }
  return std::nullopt;
}

EventFilter take_filter(const v1::WatchEventsRequest& request, Violations* violations) {
  EventFilter filter;
  filter.queues = take_ids("queue_ids", request.queue_ids(), violations);
  filter.agents = take_ids("agent_ids", request.agent_ids(), violations);
  filter.calls = take_ids("call_ids", request.call_ids(), violations);
  filter.types = take_ids("types", request.types(), violations);
  for (int i = 0; i < request.types_size(); ++i) {
    const std::string& type = request.types(i);
    // One that was not taken is told already.
    if (!filter.types.contains(type) || known_types().contains(type)) continue;
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, absl::StrCat("types[", i, "]"),
                    "is no type of events, and no subject of them");
  }
  return filter;
}

EventPages::Page EventPages::next(const Board& board, const WatchTail& tail, int64_t after,
                                  const EventFilter& filter) {
  const bool is_shared = filter.empty();
  if (is_shared && shared_after_ == after && shared_next_ == tail.next_sequence()) {
    Page page = shared_;
    if (!page.has_events) return page;
    page.share = shared_share_.lock();
    if (page.share == nullptr) page.share = share_of(page.bytes.Length());
    if (page.share != nullptr) {
      shared_share_ = page.share;
      return page;
    }
    // It was written, and has no room any more: a shorter one has.
  }
  Page page;
  page.through = after;
  // Nothing is encoded that has no room.
  size_t bytes_max = kWatchBytesMax;
  page.share = share_of(bytes_max);
  if (page.share == nullptr) {
    bytes_max = kPendingOwnBytesMax;
    page.share = std::make_shared<PendingShare>(pool_);
  }
  response_.Clear();
  size_t bytes = 0;
  const int64_t end = std::min(tail.next_sequence(), after + 1 + kLookEventsMax);
  for (int64_t sequence = after + 1; sequence < end; ++sequence) {
    if (static_cast<size_t>(response_.events_size()) >= kWatchEventsMax || bytes >= bytes_max) {
      break;
    }
    page.through = sequence;
    ++page.looked;
    const WatchTail::Entry entry = tail.at(sequence);
    if (!filter.lets_pass(board, entry)) continue;
    encode_event(board, entry, response_.add_events());
    bytes += response_.events().rbegin()->ByteSizeLong();
  }
  page.has_events = response_.events_size() > 0;
  if (page.has_events) {
    response_.set_resume_token(token(page.through));
    page.bytes = serialize_message(response_);
    // The last event, and the token, may not be covered.
    static_cast<void>(page.share->cover(page.bytes.Length()));
  } else {
    page.share = nullptr;
  }
  if (is_shared) {
    shared_after_ = after;
    shared_next_ = tail.next_sequence();
    shared_ = page;
    shared_.looked = 0;
    shared_.share = nullptr;
    shared_share_ = page.share;
  }
  return page;
}

std::shared_ptr<PendingShare> EventPages::share_of(size_t bytes) const {
  auto share = std::make_shared<PendingShare>(pool_);
  return share->cover(bytes) ? share : nullptr;
}

grpc::ByteBuffer EventPages::heartbeat(int64_t sequence) const {
  v1::WatchEventsResponse response;
  response.set_resume_token(token(sequence));
  return serialize_message(response);
}

std::string EventPages::token(int64_t sequence) const {
  return make_resume_token(history_id_, tenant_, sequence);
}

}  // namespace acd
