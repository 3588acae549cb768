// SPDX-License-Identifier: Apache-2.0
// The turn: time, commands, frame, output. Start and replay stand in partition_recovery.cc.
#include "daemon/partition.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "acd/v1/errors.pb.h"
#include "routing/check.h"
#include "routing/leg_id.h"
#include "routing/requirement.h"

namespace acd {
namespace {

// What is said to a switch of an event that the partition refuses in the Router's stead.
const char* refusal_text(int32_t reason) {
  if (reason == v1::ERROR_REASON_STORAGE_FULL) {
    return "the disk of the daemon is full, so it takes no new calls; route this one elsewhere, or "
           "offer it again with a new sequence in a while";
  }
  if (reason == v1::ERROR_REASON_POISONED) {
    return "the daemon crashed when it applied this event, so it does not try again; this is a "
           "fault of the daemon: its log names the event";
  }
  return "";
}

// Of a call that goes on: told again until the switch shows that it knows.
bool is_live_order(SwitchCommandKind kind) {
  return kind == SwitchCommandKind::kParkCaller || kind == SwitchCommandKind::kRetrieveCall ||
         kind == SwitchCommandKind::kMergeCall;
}

// To a switch that resumes, which may not have heard it.
bool is_told_again(SwitchCommandKind kind) {
  return is_live_order(kind) || kind == SwitchCommandKind::kReleaseCall ||
         kind == SwitchCommandKind::kTransferCall;
}

// Whether SwitchCommand::text says something.
bool has_text(SwitchCommandKind kind) {
  return is_live_order(kind) || kind == SwitchCommandKind::kPlayTreatment ||
         kind == SwitchCommandKind::kTransferCall || kind == SwitchCommandKind::kDialCustomer ||
         kind == SwitchCommandKind::kDialOutside;
}

SuspectKind suspect_kind(const Command& command) {
  const CommandKind kind = command.kind;
  // A request brought it, not a switch.
  if (is_call_change(kind) && command.sequence == 0) return SuspectKind::kTable;
  if (kind == CommandKind::kOpenSession) return SuspectKind::kOpen;
  if (kind == CommandKind::kCloseSession) return SuspectKind::kClose;
  return kind == CommandKind::kResume ? SuspectKind::kStart : SuspectKind::kEvent;
}

}  // namespace

Partition::Partition(PartitionOptions options, ClockMode clock_mode, Journal* journal,
                     const Ownership* ownership, Observer* observer)
    : options_(std::move(options)),
      journal_(journal),
      ownership_(ownership),
      observer_(observer),
      gate_(observer, ownership, options_.end_process),
      clock_(clock_mode) {}

void Partition::mark_touched(TenantIndex index) {
  Tenant& tenant = tenant_at(index);
  if (tenant.touched) return;
  tenant.touched = true;
  touched_.push_back(index);
}

Router& Partition::touch(TenantIndex index) {
  mark_touched(index);
  return tenant_at(index).router;
}

int64_t Partition::next_turn_ns() const {
  if (clock_.mode() == ClockMode::kDriven) return kNeverNs;
  if (!late_.empty()) return now_ns_;
  const int64_t quiet_until_ns = last_frame_ns_ + options_.quiet_max_ns;
  // A timer fires strictly after its deadline: commands of that very instant come first.
  return std::min({deadlines_.next_deadline_ns(), quiet_until_ns, hours_turn_ns_}) + 1;
}

void Partition::turn(std::vector<std::unique_ptr<Batch>>& batches) {
  note_.kind = SuspectKind::kNone;
  const Suspects::Watch watch(options_.suspects, &note_);
  if (clock_.mode() == ClockMode::kDriven) {
    for (std::unique_ptr<Batch>& batch : batches) run_driven_batch(std::move(batch));
  } else {
    run_wall_turn(batches);
  }
  batches.clear();
}

void Partition::run_wall_turn(std::vector<std::unique_ptr<Batch>>& batches) {
  for (std::unique_ptr<Batch>& batch : batches) late_.push_back(std::move(batch));
  const int64_t now_ns = std::max(now_ns_, clock_.now_ns());
  // At once: a frame of this turn may have to wait for the disk.
  turn_wall_ns_ = options_.unix_ns();
  if (advance(now_ns)) {
    tend_hours();
    for (std::unique_ptr<Batch>& batch : late_) apply_batch(std::move(batch), now_ns_);
    late_.clear();
  }
  if (now_ns_ - last_frame_ns_ > options_.quiet_max_ns) tell_time();
  seal_frame();
}

// That time went on is all there is to journal.
void Partition::tell_time() {
  if (frame_.record_count() > 0 || tenants_.empty()) return;
  const TenantIndex first(0u);
  frame_.add_advance(first, now_ns_, touch(first).advance(now_ns_, 0));
}

void Partition::run_driven_batch(std::unique_ptr<Batch> batch) {
  const int64_t wanted_ns = batch->driven_now_ns;
  if (wanted_ns < 0) {  // Opens, closes, and what other streams bring at the conductor's time.
    apply_batch(std::move(batch), now_ns_);
    seal_frame();
    return;
  }
  const std::shared_ptr<SwitchStream> stream = batch->stream;
  if (!bindings_.contains(stream.get())) {  // Replaced meanwhile: no conductor any more.
    apply_batch(std::move(batch), now_ns_);
    seal_frame();
    return;
  }
  if (conductor_ == nullptr) conductor_ = stream.get();
  CloseReason refusal = CloseReason::kNone;
  if (conductor_ != stream.get()) refusal = CloseReason::kConductorExists;
  if (refusal == CloseReason::kNone && wanted_ns < now_ns_) refusal = CloseReason::kClockMismatch;
  if (refusal != CloseReason::kNone) {
    Delivery& delivery = delivery_for(stream);
    delivery.close = refusal;
    delivery.finished.push_back(std::move(batch));
    seal_frame();
    return;
  }
  advance_driven(wanted_ns);
  apply_batch(std::move(batch), wanted_ns);
  // It never goes back, over a crash neither: a request that is next then is of this time, too.
  if (now_ns_ > last_frame_ns_) tell_time();
  // The answer goes last: after all that this instant brought.
  Delivery& delivery = delivery_for(stream);
  delivery.has_driven_clock = true;
  delivery.driven_now_ns = wanted_ns;
  delivery.next_deadline_ns = std::min(deadlines_.next_deadline_ns(), hours_turn_ns_);
  seal_frame();
}

// As with a timer, what comes at the very instant of a change comes before it.
void Partition::advance_driven(int64_t now_ns) {
  while (hours_turn_ns_ < now_ns) {
    while (!advance(std::max(now_ns_, hours_turn_ns_))) seal_frame();
    tend_hours();
    seal_frame();
  }
  while (!advance(now_ns)) seal_frame();
}

bool Partition::advance(int64_t now_ns) {
  uint32_t budget = options_.timers_per_turn_max;
  while (deadlines_.next_deadline_ns() < now_ns) {
    const TimerQueue::Timer due = deadlines_.pop();
    const TenantIndex index(due.index);
    Router& router = touch(index);
    note_work(SuspectKind::kTimers, index, now_ns);
    const uint32_t fired = router.advance(now_ns, budget);
    frame_.add_advance(index, now_ns, fired);
    translate_events(index);
    deadlines_.set(TimerKind::kSource, due.index, due.index, router.next_deadline_ns());
    budget -= fired;
    if (router.next_deadline_ns() < now_ns) {
      // Time stands at the last timer that fired; commands wait for the next turn.
      now_ns_ = std::max(now_ns_, router.now_ns());
      return false;
    }
  }
  now_ns_ = now_ns;
  return true;
}

void Partition::apply_batch(std::unique_ptr<Batch> batch, int64_t now_ns) {
  if (batch->change != nullptr) {
    apply_change(*batch, now_ns);
    return;
  }
  const std::shared_ptr<SwitchStream> stream = batch->stream;
  const CommandKind first =
      batch->commands.empty() ? CommandKind::kNone : batch->commands.front().kind;
  if (first == CommandKind::kOpenSession) {
    apply_open(*batch, now_ns);
  } else if (first == CommandKind::kCloseSession) {
    apply_close(*batch, now_ns);
  } else if (const auto bound = bindings_.find(stream.get()); bound != bindings_.end()) {
    apply_events(*batch, bound->second, now_ns);
  }  // Else a newer stream took the session over: what the old one still sends is not applied.
  delivery_for(stream).finished.push_back(std::move(batch));
}

void Partition::apply_open(Batch& batch, int64_t now_ns) {
  Tenant& tenant = tenant_at(batch.tenant);
  const Command& command = batch.commands.front();
  const std::string_view id = command.name.in(batch.arena);
  note_subject(id, command.text.in(batch.arena));
  if (is_poisoned(SuspectKind::kOpen, batch.tenant, 0)) {
    delivery_for(batch.stream).close = CloseReason::kPoisoned;
    return;
  }
  SourceIndex source = tenant.router.sessions().find(id);
  const bool resumed = source.valid() && tenant.router.sessions().at(source).epoch.view() ==
                                             command.text.in(batch.arena);
  std::vector<Router::OpenOffer> open;
  if (resumed) open = tenant.router.open_offers(source);
  if (apply(batch.tenant, command, batch.arena, now_ns) != Reject::kNone) {
    delivery_for(batch.stream).close = CloseReason::kLimitReached;
    return;
  }
  source = tenant.router.sessions().find(id);
  if (tenant.streams.size() <= source.value()) tenant.streams.resize(source.value() + 1);
  std::shared_ptr<SwitchStream>& current = tenant.streams[source.value()];
  if (current != nullptr) {
    delivery_for(current).close = CloseReason::kSessionReplaced;
    bindings_.erase(current.get());
    if (conductor_ == current.get()) conductor_ = nullptr;
  }
  current = batch.stream;
  bindings_[batch.stream.get()] = {batch.tenant, source};
  Delivery& delivery = delivery_for(batch.stream);
  delivery.is_opened = true;
  delivery.opened = {source,
                     resumed,
                     tenant.router.sessions().at(source).last_sequence,
                     now_ns_,
                     tenant.router.switch_grace_ns(),
                     unix_now_ns()};
  if (resumed) {
    delivery.has_ack = true;
    delivery.through_sequence = delivery.opened.last_sequence;
    for (const KeptRefusal& kept : tenant.router.sessions().at(source).refusals) {
      add_refused(delivery, kept);
    }
    resend_orders(tenant, source, delivery);
  }
  resend_open(tenant, open, batch.stream);
  translate_events(batch.tenant);
}

void Partition::apply_close(Batch& batch, int64_t now_ns) {
  const auto bound = bindings_.find(batch.stream.get());
  if (bound == bindings_.end()) return;
  const Binding binding = bound->second;
  bindings_.erase(bound);
  tenant_at(binding.tenant).streams[binding.source.value()] = nullptr;
  if (conductor_ == batch.stream.get()) conductor_ = nullptr;
  Command command = batch.commands.front();
  command.source = binding.source;
  const Source& session = tenant_at(binding.tenant).router.sessions().at(binding.source);
  note_subject(session.id.view(), session.epoch.view());
  const Reject reject = apply(binding.tenant, command, batch.arena, now_ns);
  ACD_CHECK(reject == Reject::kNone);
  translate_events(binding.tenant);
}

void Partition::apply_events(Batch& batch, Binding binding, int64_t now_ns) {
  Tenant& tenant = tenant_at(binding.tenant);
  const bool is_space_low = gate_.space() != JournalSpace::kEnough;
  const Source& session = tenant.router.sessions().at(binding.source);
  note_subject(session.id.view(), session.epoch.view());
  bool is_for_later = false;
  for (size_t i = 0; i < batch.commands.size(); ++i) {
    Command& command = batch.commands[i];
    if (is_poisoned(SuspectKind::kEvent, binding.tenant, command.sequence)) {
      refuse_instead(batch, i, v1::ERROR_REASON_POISONED);
    }
    // A new call, a consult and what is for later begin work; all else brings work that is here nearer
    // to its end, or keeps it true, and goes on into the journal's reserve.
    const bool begins_work = command.kind == CommandKind::kEnqueueCall ||
                             command.kind == CommandKind::kConsult ||
                             command.kind == CommandKind::kScheduleCall ||
                             (command.kind == CommandKind::kRequestCallback && !command.flag);
    if (is_space_low && begins_work) {
      refuse_instead(batch, i, v1::ERROR_REASON_STORAGE_FULL);
    }
    command.source = binding.source;
    const Reject reject = apply(binding.tenant, command, batch.arena, now_ns);
    // Events of a full frame may have moved on: take the delivery anew.
    Delivery& delivery = delivery_for(batch.stream);
    if (reject == Reject::kSequenceGap) {
      delivery.close = CloseReason::kSequenceGap;
      break;
    }
    if (reject == Reject::kRepeat) {
      answer_repeat(delivery, tenant, binding.source, command);
    } else if (reject != Reject::kNone || command.kind == CommandKind::kRefused) {
      refuse(delivery, tenant, batch, i, reject);
    }
    if (command.kind == CommandKind::kEndCall && reject == Reject::kCallUnknown) {
      forget_end(tenant, binding.source, command.call.in(batch.arena));
    }
    translate_events(binding.tenant, command.kind == CommandKind::kEndCall
                                         ? command.call.in(batch.arena)
                                         : std::string_view());
    is_for_later = is_for_later || changes_schedule(command.kind);
  }
  if (is_for_later) look_at_schedule();
  Delivery& delivery = delivery_for(batch.stream);
  delivery.has_ack = true;
  delivery.through_sequence = tenant.router.sessions().at(binding.source).last_sequence;
}

// The refusal is journaled as such, so that a replay needs to know nothing of disks or crashes, and
// a repeat of an event that was taken before is still a repeat.
void Partition::refuse_instead(Batch& batch, size_t index, int32_t reason) {
  Command& command = batch.commands[index];
  const int64_t sequence = command.sequence;
  command = Command{};
  command.kind = CommandKind::kRefused;
  command.sequence = sequence;
  command.detail = static_cast<uint8_t>(reason);
  std::erase_if(batch.refusals,
                [index](const EdgeRefusal& one) { return one.command_index == index; });
  batch.refusals.push_back({static_cast<uint32_t>(index), reason, "", refusal_text(reason)});
}

Reject Partition::apply(TenantIndex index, const Command& command, std::string_view arena,
                        int64_t now_ns) {
  make_room(command);
  Router& router = tenant_at(index).router;
  note(suspect_kind(command), index, command, now_ns);
  const Reject reject = router.apply(command, arena, now_ns);
  if (reject != Reject::kRepeat && reject != Reject::kSequenceGap) {
    mark_touched(index);
    frame_.add_command(index, now_ns, command, arena);
    deadlines_.set(TimerKind::kSource, index.value(), index.value(), router.next_deadline_ns());
  }
  return reject;
}

void Partition::make_room(const Command& command) {
  if (!frame_.has_room(command) || frame_.size() >= options_.frame_bytes_max) seal_frame();
}

void Partition::seal_frame() {
  // What goes wrong in here is nobody's event.
  const SuspectKind about = std::exchange(note_.kind, SuspectKind::kNone);
  output_.events = take_events();
  fold_event_hash();
  if (frame_.record_count() > 0) {
    last_wall_ns_ = clock_.mode() == ClockMode::kWall && turn_wall_ns_ != 0 ? turn_wall_ns_
                                                                            : options_.unix_ns();
    unix_anchor_.on_frame(now_ns_, last_wall_ns_);
    FrameHeader header;
    header.epoch = ownership_->epoch();
    header.first_sequence = journal_->position();
    header.record_count = frame_.record_count();
    header.now_ns = now_ns_;
    header.wall_ns = last_wall_ns_;
    header.event_hash = event_hash_.value();
    last_frame_ns_ = now_ns_;
    last_sequence_ = header.first_sequence + header.record_count - 1;
    if (!tenants_.empty()) output_.events.sequence = last_sequence_;
    journal_->append(header, frame_.take());
  }
  delivery_index_.clear();
  note_.kind = about;
  if (output_.empty()) return;
  output_.sequence = journal_->position() - 1;
  output_.events.now_ns = now_ns_;
  output_.events.unix_offset_ns = unix_anchor_.offset_ns();
  gate_.hold(std::move(output_));
  output_ = TurnOutput{};
}

TurnEvents Partition::take_events() {
  TurnEvents turn;
  if (!tenants_.empty()) turn.board = tenants_.front()->board;
  turn.configs = std::exchange(configs_, {});
  turn.hours = std::exchange(hours_, {});
  for (const TenantIndex index : touched_) {
    Tenant& tenant = tenant_at(index);
    EventLog log;
    tenant.router.take_events(&log);
    tenant.translated_events = 0;
    if (!log.events.empty()) turn.logs.emplace_back(tenant.board, std::move(log));
  }
  return turn;
}

// --- Output.

Delivery& Partition::delivery_for(const std::shared_ptr<SwitchStream>& stream) {
  const auto [it, inserted] = delivery_index_.try_emplace(stream.get(), output_.deliveries.size());
  if (inserted) output_.deliveries.emplace_back(stream, Delivery{});
  return output_.deliveries[it->second].second;
}

void Partition::translate_events(TenantIndex index, std::string_view ended_call) {
  Tenant& tenant = tenant_at(index);
  const std::vector<Event>& events = tenant.router.events().events;
  for (; tenant.translated_events < events.size(); ++tenant.translated_events) {
    translate_event(tenant, events[tenant.translated_events], ended_call);
  }
}

void Partition::translate_event(Tenant& tenant, const Event& event, std::string_view ended_call) {
  SwitchCommand command;
  command.generation = event.generation;
  bool is_command = event.flag;
  tend_live_order(tenant, event);
  warn_of_line(tenant, event);
  switch (event.kind) {
    case EventKind::kOfferCreated:
      if (tenant.router.agent(event.agent).answer_mode != AnswerMode::kPhone) return;
      command.kind = SwitchCommandKind::kRingAgent;
      command.timeout_ns = event.duration_ns;
      command.item = static_cast<uint32_t>(event.number);
      is_command = true;
      break;
    case EventKind::kOfferEnded:
      command.kind = SwitchCommandKind::kStopRinging;
      command.outcome = static_cast<OfferOutcome>(event.detail);
      break;
    case EventKind::kOfferAccepted:
      command.kind = SwitchCommandKind::kConnectCall;
      break;
    case EventKind::kAgentLoggedOut:  // With its flag: by a newer log-in.
      command.kind = SwitchCommandKind::kLogOutAgent;
      break;
    case EventKind::kCallDialed:
      command.kind = SwitchCommandKind::kDialCustomer;
      command.timeout_ns = event.duration_ns;
      break;
    case EventKind::kCallOutsideDialed:
      command.kind = SwitchCommandKind::kDialOutside;
      break;
    case EventKind::kCallCallbackRequested:
      command.kind = SwitchCommandKind::kReleaseCall;
      command.number = event.cause;
      break;
    case EventKind::kCallDialEnded:
    case EventKind::kOfferStale:
    case EventKind::kCallRequeued:
    case EventKind::kCallAbandoned:
    case EventKind::kCallTimedOut:
    case EventKind::kCallWithdrawn:
    case EventKind::kCallFailed:
      command.kind = SwitchCommandKind::kDropLeg;
      if (is_release(tenant, event, ended_call)) {
        command.kind = SwitchCommandKind::kReleaseCall;
        command.number = event.cause;
        is_command = true;
      }
      break;
    case EventKind::kCallTreated:
      command.kind = SwitchCommandKind::kPlayTreatment;
      command.treatment = static_cast<TreatmentKind>(event.detail);
      command.number = event.number;
      command.ewt_ns = event.duration_ns;
      is_command = true;
      break;
    case EventKind::kCallOverflowed:  // With its flag: out of here.
      command.kind = SwitchCommandKind::kTransferCall;
      break;
    case EventKind::kCallTransferred:
      if (is_joined(event)) return;
      command.kind = event.flag ? SwitchCommandKind::kTransferCall : SwitchCommandKind::kParkCaller;
      is_command = event.flag || event.agent.valid();  // Of a waiting one there is no leg to drop.
      break;
    case EventKind::kCallRejected:
      command.kind = SwitchCommandKind::kReleaseCall;
      command.number = event.cause;
      is_command = true;
      break;
    case EventKind::kCallCompleted:  // With its flag: a consult, because who consults is gone.
      command.kind = SwitchCommandKind::kReleaseCall;
      break;
    case EventKind::kCallRetrieved:
      command.kind = SwitchCommandKind::kRetrieveCall;
      is_command = true;
      break;
    case EventKind::kCallMerged:
      command.kind = SwitchCommandKind::kMergeCall;
      command.conference = event.flag;
      is_command = event.detail != 0;  // Else the switch has done it.
      break;
    case EventKind::kAgentStateChanged:
      if (event.to == AgentState::kNotReady && event.number == kReasonPhone && !is_replaying_) {
        spdlog::warn("agent's phone cannot be reached: tenant={} agent={}", tenant.id,
                     tenant.router.agent(event.agent).id.view());
      }
      return;
    case EventKind::kSwitchConnected:
      // Anew: its calls of before are no more, and their ids may come back.
      if (event.flag) return;
      if (event.source.value() < tenant.ends.size()) tenant.ends[event.source.value()].clear();
      std::erase_if(tenant.live_orders,
                    [&](const auto& one) { return one.second.source == event.source; });
      return;
    case EventKind::kCallScheduled:
      if (event.detail == static_cast<uint8_t>(ScheduleChange::kDropped) && !is_replaying_) {
        spdlog::warn(
            "a call for later could not enter and is dropped: tenant={} call={} queue={} why={}",
            tenant.id, event.text.in(tenant.router.events().arena),
            event.text2.in(tenant.router.events().arena),
            reject_name(static_cast<Reject>(event.number)));
      }
      return;
    case EventKind::kCallDue:
    case EventKind::kCallOutsideAnswered:
    case EventKind::kCallEnqueued:
    case EventKind::kCallConnected:
    case EventKind::kCallPartyJoined:
    case EventKind::kCallPartyLeft:
    case EventKind::kCallHeld:
    case EventKind::kCallResumed:
    case EventKind::kOfferRinging:
    case EventKind::kAgentUpserted:
    case EventKind::kAgentLoggedIn:
    case EventKind::kAgentLegUp:
    case EventKind::kAgentLegLost:
    case EventKind::kAgentWrapUpStarted:
    case EventKind::kAgentWrapUpEnded:
    case EventKind::kQueueConfigChanged:
    case EventKind::kSwitchDisconnected:
    case EventKind::kCallLegReplaced:
    case EventKind::kCallPriorityChanged:
    case EventKind::kCallStepChanged:
    case EventKind::kCallDecided:
    case EventKind::kCallScored:
    case EventKind::kQueueOpened:
    case EventKind::kQueueClosed:
    case EventKind::kQueueCallbacksOpened:
    case EventKind::kQueueCallbacksClosed:
    case EventKind::kQueueRemoved:
    case EventKind::kMemberAdded:
    case EventKind::kMemberRemoved:
    case EventKind::kMemberPaused:
    case EventKind::kMemberUnpaused:
      return;
  }
  if (!is_command) return;
  const TextRef text = is_live_order(command.kind) ? event.text2 : event.text;
  if (is_told_again(command.kind)) keep_order(tenant, event, command, text);
  if (event.source.value() >= tenant.streams.size()) return;
  const std::shared_ptr<SwitchStream>& stream = tenant.streams[event.source.value()];
  if (stream == nullptr) return;  // Away: what is still open is sent when it comes back.
  const bool is_log_out = event.kind == EventKind::kAgentLoggedOut;
  if (event.kind == EventKind::kOfferStale || is_log_out) {
    Delivery& delivery = delivery_for(stream);
    const std::string_view told = event.text.in(tenant.router.events().arena);
    (is_log_out ? command.station : command.call) = add_text(delivery, told);
    if (is_log_out) command.agent = add_text(delivery, tenant.router.agent(event.agent).id.view());
    return delivery.commands.push_back(command);
  }
  const std::string_view texts = tenant.router.events().arena;
  const auto copy = [&](TextRef ref) { return add_text(delivery_for(stream), ref.in(texts)); };
  if (command.kind == SwitchCommandKind::kMergeCall) {
    command.parent = copy(event.text);
    command.consulting = copy(event.text2);
  } else if (has_text(command.kind)) {
    command.text = copy(text);
  }
  if (command.kind == SwitchCommandKind::kDialCustomer) command.customer_leg = copy(event.text2);
  add_switch_command(tenant, event.call, event.agent, command, stream);
}

// Of an agent at another switch than the call's, who stays ready.
void Partition::warn_of_line(Tenant& tenant, const Event& event) const {
  const bool is_of_leg =
      event.kind == EventKind::kOfferEnded || event.kind == EventKind::kCallRequeued;
  if (!is_of_leg || is_replaying_ || !event.agent.valid()) return;
  if (!Router::is_dead_end(static_cast<OfferOutcome>(event.detail))) return;
  const Agent& agent = tenant.router.agent(event.agent);
  if (agent.presence == Presence::kLoggedOut || agent.source == event.source) return;
  const auto [line, is_new] =
      tenant.lines_warned_ns.try_emplace({event.source, agent.source}, now_ns_);
  if (!is_new && now_ns_ - line->second < kLineWarningNs) return;
  line->second = now_ns_;
  spdlog::warn("agent cannot be reached from another switch: tenant={} agent={} from={}", tenant.id,
               agent.id.view(), tenant.router.sessions().at(event.source).id.view());
}

bool Partition::is_release(const Tenant& tenant, const Event& event, std::string_view ended_call) {
  // A consult, because who consults is gone; else the switch has withdrawn it.
  if (event.kind == EventKind::kCallWithdrawn) {
    return event.detail == static_cast<uint8_t>(EndedBy::kCaller);
  }
  if (event.kind == EventKind::kCallFailed) {
    return event.detail == static_cast<uint8_t>(FailReason::kOffers);
  }
  return event.kind == EventKind::kCallTimedOut &&
         tenant.router.call(event.call).id.view() != ended_call;
}

TextRef Partition::add_text(Delivery& delivery, std::string_view text) {
  return acd::add_text(text, &delivery.arena);
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
