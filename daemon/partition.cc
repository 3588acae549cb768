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

SuspectKind suspect_kind(const Command& command) {
  const CommandKind kind = command.kind;
  // A request brought it, not a switch.
  if (comes_by_request(kind) && command.sequence == 0) return SuspectKind::kTable;
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
  return std::min({deadlines_.next_deadline_ns(), quiet_until_ns, hours_turn_ns_, waits_due_ns_,
                   answers_look_ns_}) +
         1;
}

void Partition::turn(std::vector<std::unique_ptr<Batch>>& batches) {
  note_.kind = SuspectKind::kNone;
  const Suspects::Watch watch(options_.suspects, &note_);
  if (clock_.mode() == ClockMode::kDriven) {
    for (std::unique_ptr<Batch>& batch : batches) run_driven_batch(std::move(batch));
  } else {
    run_wall_turn(batches);
  }
  if (answers_look_ns_ < now_ns_) look_at_answers();
  batches.clear();
}

void Partition::run_wall_turn(std::vector<std::unique_ptr<Batch>>& batches) {
  for (std::unique_ptr<Batch>& batch : batches) late_.push_back(std::move(batch));
  const int64_t now_ns = std::max(now_ns_, clock_.now_ns());
  // At once: a frame of this turn may have to wait for the disk.
  turn_wall_ns_ = options_.unix_ns();
  if (advance(now_ns)) {
    tend_hours();
    tend_waits();
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
  const int64_t number = batch->driven_number;
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
  // The seconds before it have brought nothing that the last one did not.
  if (const int64_t second_ns = wanted_ns / kWaitsLookNs * kWaitsLookNs;
      second_ns >= waits_due_ns_) {
    advance_driven(std::max(now_ns_, second_ns));
    tend_waits();
  }
  advance_driven(wanted_ns);
  apply_batch(std::move(batch), wanted_ns);
  // It never goes back, over a crash neither: a request that is next then is of this time, too.
  if (now_ns_ > last_frame_ns_) tell_time();
  // The answer goes last: after all that this instant brought.
  Delivery& delivery = delivery_for(stream);
  delivery.has_driven_clock = true;
  delivery.driven_now_ns = wanted_ns;
  delivery.driven_number = number;
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
  if (batch->question != nullptr) {
    answer_question(*batch);
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

// What it saw is in this frame at the latest, behind which the answer goes out.
void Partition::answer_question(Batch& batch) {
  note_.kind = SuspectKind::kNone;
  const Router& router = tenant_at(batch.tenant).router;
  Question& question = *batch.question;
  Explanation answer;
  answer.now_ns = now_ns_;
  if (question.about == Question::About::kAgent) {
    const AgentIndex agent = router.find_agent(question.id);
    if (agent.valid()) {
      answer.idle = router.explain_idle(agent);
    } else {
      answer.outcome = Explanation::Outcome::kUnknown;
    }
  } else if (const CallIndex call = router.find_call(question.id); !call.valid()) {
    answer.outcome = Explanation::Outcome::kUnknown;
  } else if (router.call(call).stage != CallStage::kEnqueued) {
    answer.outcome = Explanation::Outcome::kNotWaiting;
  } else {
    answer.queue = router.queue_id(router.call(call).queue);
    answer.wait = router.explain_wait(call);
  }
  output_.answers.emplace_back(
      [reply = std::move(question.reply), answer = std::move(answer)]() mutable { reply(answer); });
}

void Partition::apply_open(Batch& batch, int64_t now_ns) {
  Tenant& tenant = tenant_at(batch.tenant);
  const Command& command = batch.commands.front();
  const std::string_view id = command.name.in(batch.arena);
  const auto kind = static_cast<SourceKind>(command.detail);
  note_session(kind, id, command.text.in(batch.arena));
  if (is_poisoned(SuspectKind::kOpen, batch.tenant, 0)) {
    delivery_for(batch.stream).close = CloseReason::kPoisoned;
    return;
  }
  SourceIndex source = tenant.router.sessions().find(id, kind);
  const bool resumed = source.valid() && tenant.router.sessions().at(source).epoch.view() ==
                                             command.text.in(batch.arena);
  std::vector<Router::OpenOffer> open;
  if (resumed) open = tenant.router.open_offers(source);
  if (apply(batch.tenant, command, batch.arena, now_ns) != Reject::kNone) {
    delivery_for(batch.stream).close = CloseReason::kLimitReached;
    return;
  }
  source = tenant.router.sessions().find(id, kind);
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
                     kind == SourceKind::kDesktop ? tenant.router.agent_grace_ns()
                                                  : tenant.router.switch_grace_ns(),
                     tenant.config->tables.arrival_ack_timeout_ns,
                     unix_now_ns(),
                     tenant.router.sessions().at(source).is_resyncing};
  if (delivery.opened.lists && !resumed) {
    translate_events(batch.tenant);  // Which may move the delivery.
    resend_orders(tenant, source, delivery_for(batch.stream));
  }
  if (resumed) {
    delivery.has_ack = true;
    delivery.through_sequence = delivery.opened.last_sequence;
    for (const KeptRefusal& kept : tenant.router.sessions().at(source).refusals) {
      add_refused(delivery, kept);
    }
    resend_orders(tenant, source, delivery);
    if (kind == SourceKind::kDesktop) tell_attached(tenant, source, batch.stream);
  }
  // Who answers is told, before all else, what it has not answered.
  if (!does_answer(tenant, source)) resend_open(tenant, open, batch.stream);
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
  note_session(session.kind, session.id.view(), session.epoch.view());
  const Reject reject = apply(binding.tenant, command, batch.arena, now_ns);
  ACD_CHECK(reject == Reject::kNone);
  translate_events(binding.tenant);
}

void Partition::apply_events(Batch& batch, Binding binding, int64_t now_ns) {
  Tenant& tenant = tenant_at(binding.tenant);
  const bool is_space_low = gate_.space() != JournalSpace::kEnough;
  const Source& session = tenant.router.sessions().at(binding.source);
  note_session(session.kind, session.id.view(), session.epoch.view());
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
    if (command.kind == CommandKind::kCommandDone && !does_answer(tenant, binding.source)) {
      refuse_instead(batch, i, v1::ERROR_REASON_COMMANDS_NOT_ANSWERED);
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
  if (reject == Reject::kNone) heed_answers(index, command, arena);
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

}  // namespace acd
