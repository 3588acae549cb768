// SPDX-License-Identifier: Apache-2.0
#include "routing/event_words.h"

namespace acd {

std::string_view ended_by_word(EndedBy ended_by) {
  switch (ended_by) {
    case EndedBy::kNone:
      return "";
    case EndedBy::kCaller:
      return "caller";
    case EndedBy::kAgent:
      return "agent";
    case EndedBy::kTimeout:
      return "timeout";
    case EndedBy::kSwitch:
      return "switch";
    case EndedBy::kSupervisor:
      return "supervisor";
  }
  return "";
}

std::string_view limit_word(LimitKind limit) {
  switch (limit) {
    case LimitKind::kNone:
      return "";
    case LimitKind::kClosed:
      return "closed";
    case LimitKind::kNoAgents:
      return "no_agents";
    case LimitKind::kNoneReady:
      return "none_ready";
    case LimitKind::kLength:
      return "length";
    case LimitKind::kEwt:
      return "ewt";
    case LimitKind::kWait:
      return "wait";
    case LimitKind::kOffers:
      return "offers";
    case LimitKind::kDrained:
      return "drained";
  }
  return "";
}

std::string_view transfer_target_word(TransferTarget target) {
  switch (target) {
    case TransferTarget::kNone:
      return "";
    case TransferTarget::kQueue:
      return "queue";
    case TransferTarget::kAgent:
      return "agent";
    case TransferTarget::kSupervisor:
      return "supervisor";
    case TransferTarget::kOutside:
      return "outside";
  }
  return "";
}

std::string_view entry_word(VisitEntry entry) {
  switch (entry) {
    case VisitEntry::kArrival:
      return "arrival";
    case VisitEntry::kOverflow:
      return "overflow";
    case VisitEntry::kDrained:
      return "drained";
    case VisitEntry::kTransfer:
      return "transfer";
    case VisitEntry::kConsult:
      return "consult";
    case VisitEntry::kCallback:
      return "callback";
    case VisitEntry::kScheduled:
      return "scheduled";
  }
  return "";
}

std::string_view offer_word(OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::kNone:
      return "";
    case OfferOutcome::kNoAnswer:
      return "no_answer";
    case OfferOutcome::kRejected:
      return "rejected";
    case OfferOutcome::kBusy:
      return "busy";
    case OfferOutcome::kUnreachable:
      return "unreachable";
    case OfferOutcome::kUnknownAddress:
      return "unknown_address";
    case OfferOutcome::kCanceled:
      return "canceled";
    case OfferOutcome::kRescinded:
      return "rescinded";
    case OfferOutcome::kAccepted:
      return "accepted";
  }
  return "";
}

std::string_view failure_word(FailReason reason) {
  switch (reason) {
    case FailReason::kSwitchLost:
      return "switch_lost";
    case FailReason::kOffers:
      return "offers";
    case FailReason::kAttempts:
      return "attempts";
  }
  return "";
}

std::string_view treatment_word(TreatmentKind kind) {
  switch (kind) {
    case TreatmentKind::kScheduled:
      return "scheduled";
    case TreatmentKind::kAnnouncement:
      return "announcement";
    case TreatmentKind::kCallbackOffer:
      return "callback_offer";
  }
  return "";
}

std::string_view dial_word(DialOutcome outcome) {
  switch (outcome) {
    case DialOutcome::kNone:
      return "";
    case DialOutcome::kNoAnswer:
      return "no_answer";
    case DialOutcome::kBusy:
      return "busy";
    case DialOutcome::kUnreachable:
      return "unreachable";
    case DialOutcome::kAnswered:
      return "answered";
  }
  return "";
}

std::string_view supervision_word(Supervision what) {
  switch (what) {
    case Supervision::kNone:
      return "";
    case Supervision::kMonitor:
      return "monitor";
    case Supervision::kWhisper:
      return "whisper";
    case Supervision::kBarge:
      return "barge";
    case Supervision::kLeave:
      return "leave";
    case Supervision::kRecord:
      return "record";
    case Supervision::kStopRecording:
      return "stop_recording";
  }
  return "";
}

std::string_view detach_word(DetachReason reason) {
  switch (reason) {
    case DetachReason::kAsked:
      return "asked";
    case DetachReason::kTakenOver:
      return "taken_over";
    case DetachReason::kLost:
      return "lost";
  }
  return "";
}

}  // namespace acd
