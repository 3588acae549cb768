// SPDX-License-Identifier: Apache-2.0
// Every check of an event, and what becomes of a good one. No server.
#include "daemon/rpc/codec.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "daemon/rpc/response_queue.h"
#include "daemon/rpc/wire.h"
#include "tests/rpc/codec_cases.h"

namespace acd {
namespace {

// A good event of each kind that is about a call.
std::vector<Fill> call_events() {
  return {
      [](v1::SwitchEvent* e) { e->mutable_call_offered()->set_queue_id("q"); },
      [](v1::SwitchEvent* e) { e->mutable_leg_ringing()->set_generation(1); },
      [](v1::SwitchEvent* e) { e->mutable_leg_answered()->set_generation(1); },
      [](v1::SwitchEvent* e) {
        e->mutable_leg_failed()->set_generation(1);
        e->mutable_leg_failed()->set_outcome(v1::OFFER_OUTCOME_BUSY);
      },
      [](v1::SwitchEvent* e) { e->mutable_call_connected()->set_generation(1); },
      [](v1::SwitchEvent* e) { e->mutable_connect_failed()->set_generation(1); },
      [](v1::SwitchEvent* e) { e->mutable_call_held(); },
      [](v1::SwitchEvent* e) { e->mutable_call_resumed(); },
      [](v1::SwitchEvent* e) { e->mutable_call_ended()->set_ended_by(v1::ENDED_BY_CALLER); },
      [](v1::SwitchEvent* e) { e->mutable_call_priority_changed()->set_priority(-7); },
      [](v1::SwitchEvent* e) { e->mutable_call_outcome()->set_survey_score(9); },
      [](v1::SwitchEvent* e) { e->mutable_transfer_requested()->set_queue_id("q"); },
      [](v1::SwitchEvent* e) { e->mutable_party_left()->set_agent_id("ada"); },
      [](v1::SwitchEvent* e) {
        e->mutable_consult_begun()->set_consult_id("x1");
        e->mutable_consult_begun()->mutable_to()->set_queue_id("desk");
      },
      [](v1::SwitchEvent* e) { e->mutable_consult_merged()->set_conference(true); },
      [](v1::SwitchEvent* e) { e->mutable_switch_rerouted(); },
  };
}

TEST(CodecTest, TurnsACallOfferedIntoACommand) {
  v1::ConnectRequest request = one_event([](v1::SwitchEvent* event) {
    event->set_call_id("c1");
    event->set_leg_id("leg-1");
    event->set_cause(16);
    v1::CallOffered* offered = event->mutable_call_offered();
    offered->set_queue_id("sales");
    offered->set_requirement("ps >= 5");
    offered->set_priority(-3);
    offered->mutable_age_credit()->set_seconds(90);
    offered->mutable_preferred()->set_agent_id("ada");
    offered->mutable_preferred()->mutable_wait()->set_seconds(45);
    offered->mutable_preferred()->set_wait_if_busy(true);
    offered->set_medium(v1::MEDIUM_EMAIL);
    event->mutable_switch_time()->set_seconds(1'000);
    event->mutable_switch_time()->set_nanos(500'000'000);
  });
  request.mutable_batch()->mutable_send_time()->set_seconds(1'002);
  const Batch batch = decode(request);
  ASSERT_EQ(batch.commands.size(), 1u);
  const Command& command = batch.commands[0];
  EXPECT_EQ(command.kind, CommandKind::kEnqueueCall);
  EXPECT_EQ(command.sequence, 1);
  EXPECT_EQ(command.call.in(batch.arena), "c1");
  EXPECT_EQ(command.leg.in(batch.arena), "leg-1");
  EXPECT_EQ(command.name.in(batch.arena), "sales");
  EXPECT_EQ(command.text.in(batch.arena), "ps >= 5");
  EXPECT_TRUE(command.flag);
  EXPECT_EQ(command.number, -3);
  EXPECT_EQ(command.cause, 16);
  EXPECT_EQ(command.age_credit_ns, 90 * kNsPerS);
  EXPECT_EQ(command.age_ns, 1'500'000'000);
  EXPECT_EQ(command.preferred.in(batch.arena), "ada");
  EXPECT_EQ(command.wait_ns, 45 * kNsPerS);
  EXPECT_EQ(command.detail, 1 | static_cast<int>(Medium::kEmail) << 1);
  EXPECT_EQ(batch.driven_now_ns, -1);
}

TEST(CodecTest, TurnsATransferIntoACommand) {
  const Batch batch = decode(one_event(with_call([](v1::SwitchEvent* event) {
    v1::CallTransfer* transfer = event->mutable_transfer_requested();
    transfer->mutable_supervisor();
    transfer->set_via_queue_id("cards");
    transfer->set_from_agent_id("ada");
  })));
  ASSERT_EQ(batch.commands.size(), 1u);
  const Command& command = batch.commands[0];
  EXPECT_EQ(command.kind, CommandKind::kTransferCall);
  EXPECT_EQ(command.call.in(batch.arena), "c1");
  EXPECT_EQ(command.detail, static_cast<uint8_t>(TransferTarget::kSupervisor));
  EXPECT_EQ(command.name.size, 0u);
  EXPECT_EQ(command.text.in(batch.arena), "cards");
  EXPECT_EQ(command.preferred.in(batch.arena), "ada");
  EXPECT_EQ(refusal_of(with_call([](v1::SwitchEvent* e) { e->mutable_transfer_requested(); })),
            "FIELD_REQUIRED transfer_requested.target");
}

TEST(CodecTest, TakesALegThatReplacesAnotherForNoNewCall) {
  const auto replacing = [](const std::string& leg, const std::string& old) {
    return with_call([=](v1::SwitchEvent* event) {
      event->set_leg_id(leg);
      event->mutable_call_offered()->set_replaces_leg(old);
    });
  };
  const Batch batch = decode(one_event(replacing("l2", "l1")));
  ASSERT_EQ(batch.commands.size(), 1u);
  const Command& command = batch.commands[0];
  EXPECT_EQ(command.kind, CommandKind::kReplaceLeg);
  EXPECT_EQ(command.leg.in(batch.arena), "l2");
  EXPECT_EQ(command.text.in(batch.arena), "l1");
  EXPECT_EQ(refusal_of(replacing("", "l1")), "FIELD_REQUIRED leg_id");
  EXPECT_EQ(refusal_of(replacing("l2", std::string(65, 'l'))),
            "FIELD_TOO_LONG call_offered.replaces_leg");
}

TEST(CodecTest, KnowsAPriorityOfZeroFromNone) {
  Batch batch = decode(one_event(with_call(call_events()[0])));
  EXPECT_FALSE(batch.commands[0].flag);
  batch = decode(one_event(with_call([](v1::SwitchEvent* event) {
    event->mutable_call_offered()->set_queue_id("q");
    event->mutable_call_offered()->set_priority(0);
  })));
  EXPECT_TRUE(batch.commands[0].flag);
}

TEST(CodecTest, NamesWhatIsWrongWithAnOutcome) {
  const auto refused = [](auto&& change) {
    return refusal_of(with_call([&](v1::SwitchEvent* e) { change(*e->mutable_call_outcome()); }));
  };
  EXPECT_EQ(refused([](v1::CallOutcome&) {}), "FIELD_REQUIRED call_outcome");
  EXPECT_EQ(refused([](v1::CallOutcome& o) { o.set_survey_score(11); }),
            "FIELD_OUT_OF_RANGE call_outcome.survey_score");
  EXPECT_EQ(refused([](v1::CallOutcome& o) {
              o.set_resolved(true);
              o.mutable_labels()->add_labels("a,b");
            }),
            "FIELD_OUT_OF_RANGE call_outcome.labels.labels[0]");
  EXPECT_EQ(refused([](v1::CallOutcome& o) { o.set_reference(std::string(257, 'x')); }),
            "FIELD_TOO_LONG call_outcome.reference");
  EXPECT_EQ(refused([](v1::CallOutcome& o) { o.set_reference(std::string(256, 'x')); }), "");
}

TEST(CodecTest, TurnsEveryEventIntoItsCommand) {
  v1::EventBatch events;
  for (const Fill& fill : call_events()) with_call(fill)(events.add_events());
  events.add_events()->mutable_agent_logged_in()->set_agent_id("ada");
  v1::AgentLoggedIn& logged_in = *events.mutable_events()->rbegin()->mutable_agent_logged_in();
  logged_in.set_station("sip/7");
  logged_in.set_answer_mode(v1::ANSWER_MODE_NAILED_UP);
  logged_in.add_media(v1::MEDIUM_CHAT);
  logged_in.add_media(v1::MEDIUM_VOICE);
  events.add_events()->mutable_agent_logged_out()->set_agent_id("ada");
  events.mutable_events()->rbegin()->mutable_agent_logged_out()->set_forced(true);
  events.add_events()->mutable_agent_ready()->set_agent_id("ada");
  events.add_events()->mutable_agent_not_ready()->set_agent_id("ada");
  events.mutable_events()->rbegin()->mutable_agent_not_ready()->set_reason(99);
  events.add_events()->mutable_wrap_up_ended()->set_agent_id("ada");
  events.mutable_events()->rbegin()->set_call_id("c7");
  events.add_events()->mutable_wrap_up_extended()->set_agent_id("ada");
  events.add_events()->mutable_member_paused()->set_agent_id("ada");
  events.mutable_events()->rbegin()->mutable_member_paused()->set_queue_id("sales");
  events.mutable_events()->rbegin()->mutable_member_paused()->set_reason(7);
  events.add_events()->mutable_member_unpaused()->set_agent_id("ada");
  events.mutable_events()->rbegin()->mutable_member_unpaused()->set_queue_id("sales");
  events.add_events()->mutable_phone_busy()->set_station("sip/7");
  events.add_events()->mutable_phone_idle()->set_station("sip/7");
  events.add_events()->mutable_phone_unregistered()->set_station("sip/7");
  events.add_events()->mutable_leg_up()->set_station("sip/7");
  events.add_events()->mutable_leg_lost()->set_station("sip/8");
  v1::ConnectRequest request;
  *request.mutable_batch() = events;
  for (int i = 0; i < events.events_size(); ++i) {
    request.mutable_batch()->mutable_events(i)->set_sequence(i + 1);
  }
  const Batch batch = decode(request);
  EXPECT_TRUE(batch.refusals.empty());

  const std::vector<CommandKind> kinds = {
      CommandKind::kEnqueueCall,    CommandKind::kLegRinging,    CommandKind::kLegAnswered,
      CommandKind::kLegFailed,      CommandKind::kCallConnected, CommandKind::kConnectFailed,
      CommandKind::kHoldCall,       CommandKind::kResumeCall,    CommandKind::kEndCall,
      CommandKind::kChangePriority, CommandKind::kSetOutcome,    CommandKind::kTransferCall,
      CommandKind::kLeaveCall,      CommandKind::kConsult,       CommandKind::kMergeCall,
      CommandKind::kRerouteCall,    CommandKind::kLogIn,         CommandKind::kLogOut,
      CommandKind::kSetReady,       CommandKind::kSetNotReady,   CommandKind::kEndWrapUp,
      CommandKind::kExtendWrapUp,   CommandKind::kPauseMember,   CommandKind::kUnpauseMember,
      CommandKind::kPhoneBusy,      CommandKind::kPhoneIdle,     CommandKind::kPhoneUnregistered,
      CommandKind::kLegUp,          CommandKind::kLegLost};
  ASSERT_EQ(batch.commands.size(), kinds.size());
  for (size_t i = 0; i < kinds.size(); ++i) {
    EXPECT_EQ(batch.commands[i].kind, kinds[i]) << i;
    EXPECT_FALSE(event_field(kinds[i]).empty()) << i;
  }
  EXPECT_EQ(batch.commands[3].detail, static_cast<uint8_t>(OfferOutcome::kBusy));
  EXPECT_EQ(batch.commands[8].detail, static_cast<uint8_t>(EndedBy::kCaller));
  EXPECT_EQ(batch.commands[9].number, -7);
  EXPECT_EQ(batch.commands[9].call.in(batch.arena), "c1");
  EXPECT_EQ(batch.commands[12].name.in(batch.arena), "ada");
  EXPECT_EQ(batch.commands[13].leg.in(batch.arena), "x1");
  EXPECT_TRUE(batch.commands[14].flag);
  EXPECT_EQ(batch.commands[16].name.in(batch.arena), "ada");
  EXPECT_EQ(batch.commands[16].text.in(batch.arena), "sip/7");
  EXPECT_EQ(batch.commands[16].detail, static_cast<uint8_t>(AnswerMode::kNailedUp));
  EXPECT_EQ(batch.commands[16].number, mask_of(Medium::kChat) | mask_of(Medium::kVoice));
  EXPECT_TRUE(batch.commands[17].flag);
  EXPECT_EQ(batch.commands[19].number, 99);
  EXPECT_EQ(batch.commands[20].call.in(batch.arena), "c7");
  EXPECT_EQ(batch.commands[21].call.in(batch.arena), "");
  EXPECT_EQ(batch.commands[22].name.in(batch.arena), "ada");
  EXPECT_EQ(batch.commands[22].text.in(batch.arena), "sales");
  EXPECT_EQ(batch.commands[22].number, 7);
  EXPECT_EQ(batch.commands[23].text.in(batch.arena), "sales");
  EXPECT_EQ(batch.commands[24].text.in(batch.arena), "sip/7");
  EXPECT_EQ(batch.commands[28].text.in(batch.arena), "sip/8");
}

TEST(CodecTest, TellsWhomAConsultIsFor) {
  const Batch batch = decode(one_event(with_call([](v1::SwitchEvent* event) {
    event->mutable_consult_begun()->set_consult_id("x1");
    v1::CallTransfer* to = event->mutable_consult_begun()->mutable_to();
    to->set_agent_id("bob");
    to->set_via_queue_id("desk");
    to->set_from_agent_id("ada");
  })));
  const Command& command = batch.commands.at(0);
  EXPECT_EQ(command.leg.in(batch.arena), "x1");
  EXPECT_EQ(command.detail, static_cast<uint8_t>(TransferTarget::kAgent));
  EXPECT_EQ(command.name.in(batch.arena), "bob");
  EXPECT_EQ(command.text.in(batch.arena), "desk");
  EXPECT_EQ(command.preferred.in(batch.arena), "ada");
  const auto refused = [](auto&& change) {
    return refusal_of(
        with_call([&](v1::SwitchEvent* event) { change(*event->mutable_consult_begun()); }));
  };
  EXPECT_EQ(refused([](v1::ConsultBegun& consult) { consult.mutable_to()->set_queue_id("desk"); }),
            "FIELD_REQUIRED consult_begun.consult_id");
  EXPECT_EQ(refused([](v1::ConsultBegun& consult) { consult.set_consult_id("x1"); }),
            "FIELD_REQUIRED consult_begun.to");
  EXPECT_EQ(refused([](v1::ConsultBegun& consult) {
              consult.set_consult_id("x1");
              consult.mutable_to()->set_outside("");
            }),
            "FIELD_REQUIRED consult_begun.to.outside");
}

TEST(CodecTest, NamesAnEventThatIsNotSet) {
  EXPECT_EQ(refusal_of([](v1::SwitchEvent*) {}), "FIELD_REQUIRED event");
}

TEST(CodecTest, RequiresTheCallOfCallEvents) {
  for (const Fill& fill : call_events()) EXPECT_EQ(refusal_of(fill), "FIELD_REQUIRED call_id");
}

TEST(CodecTest, ChecksTheEnvelope) {
  const auto with = [](const Fill& fill) {
    return refusal_of([&](v1::SwitchEvent* event) {
      event->set_call_id("c1");
      event->mutable_call_held();
      fill(event);
    });
  };
  EXPECT_EQ(with([](v1::SwitchEvent*) {}), "");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->set_call_id(std::string(64, 'x')); }), "");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->set_call_id(std::string(65, 'x')); }),
            "FIELD_TOO_LONG call_id");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->set_call_id("a\tb"); }), "FIELD_NOT_TEXT call_id");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->set_call_id("zoë 7/8"); }), "");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->set_leg_id(std::string(65, 'x')); }),
            "FIELD_TOO_LONG leg_id");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->set_leg_id("\xc2\x85"); }), "FIELD_NOT_TEXT leg_id");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->set_cause(127); }), "");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->set_cause(128); }), "FIELD_OUT_OF_RANGE cause");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->set_cause(-1); }), "FIELD_OUT_OF_RANGE cause");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->mutable_switch_time()->set_nanos(-1); }),
            "FIELD_OUT_OF_RANGE switch_time");
  EXPECT_EQ(with([](v1::SwitchEvent* e) { e->mutable_switch_time()->set_seconds(INT64_MAX); }),
            "FIELD_OUT_OF_RANGE switch_time");
}

TEST(CodecTest, ChecksTheFieldsOfACallOffered) {
  const auto with = [](const std::function<void(v1::CallOffered*)>& fill) {
    return refusal_of([&](v1::SwitchEvent* event) {
      event->set_call_id("c1");
      event->mutable_call_offered()->set_queue_id("q");
      fill(event->mutable_call_offered());
    });
  };
  using Offered = v1::CallOffered;
  EXPECT_EQ(with([](Offered* o) { o->clear_queue_id(); }), "FIELD_REQUIRED call_offered.queue_id");
  EXPECT_EQ(with([](Offered* o) { o->set_queue_id(std::string(65, 'q')); }),
            "FIELD_TOO_LONG call_offered.queue_id");
  EXPECT_EQ(with([](Offered* o) { o->set_queue_id("\x01"); }),
            "FIELD_NOT_TEXT call_offered.queue_id");
  EXPECT_EQ(with([](Offered* o) { o->set_requirement(std::string(513, 'a')); }),
            "FIELD_TOO_LONG call_offered.requirement");
  EXPECT_EQ(with([](Offered* o) { o->set_requirement("ps >"); }),
            "REQUIREMENT_INVALID call_offered.requirement");
  EXPECT_EQ(with([](Offered* o) { o->set_priority(1'000'000); }), "");
  EXPECT_EQ(with([](Offered* o) { o->set_priority(1'000'001); }),
            "FIELD_OUT_OF_RANGE call_offered.priority");
  EXPECT_EQ(with([](Offered* o) { o->set_priority(-1'000'001); }),
            "FIELD_OUT_OF_RANGE call_offered.priority");
  EXPECT_EQ(with([](Offered* o) { o->mutable_age_credit()->set_seconds(86'400); }), "");
  EXPECT_EQ(with([](Offered* o) {
              o->mutable_age_credit()->set_seconds(86'400);
              o->mutable_age_credit()->set_nanos(1);
            }),
            "FIELD_OUT_OF_RANGE call_offered.age_credit");
  EXPECT_EQ(with([](Offered* o) { o->set_medium(v1::MEDIUM_TASK); }), "");
  EXPECT_EQ(with([](Offered* o) { o->set_medium(static_cast<v1::Medium>(6)); }),
            "FIELD_OUT_OF_RANGE call_offered.medium");
  EXPECT_EQ(with([](Offered* o) { o->mutable_age_credit()->set_seconds(-1); }),
            "FIELD_OUT_OF_RANGE call_offered.age_credit");
}

TEST(CodecTest, ChecksThePreferredAgent) {
  const auto with = [](const std::function<void(v1::PreferredAgent*)>& fill) {
    return refusal_of(with_call([&](v1::SwitchEvent* event) {
      event->mutable_call_offered()->set_queue_id("q");
      v1::PreferredAgent* preferred = event->mutable_call_offered()->mutable_preferred();
      preferred->set_agent_id("ada");
      preferred->mutable_wait()->set_seconds(3'600);
      fill(preferred);
    }));
  };
  using Preferred = v1::PreferredAgent;
  const std::string wait = "call_offered.preferred.wait";
  EXPECT_EQ(with([](Preferred*) {}), "");
  EXPECT_EQ(with([](Preferred* p) { p->clear_agent_id(); }),
            "FIELD_REQUIRED call_offered.preferred.agent_id");
  EXPECT_EQ(with([](Preferred* p) { p->set_agent_id(std::string(65, 'a')); }),
            "FIELD_TOO_LONG call_offered.preferred.agent_id");
  EXPECT_EQ(with([](Preferred* p) { p->clear_wait(); }), "FIELD_REQUIRED " + wait);
  EXPECT_EQ(with([](Preferred* p) { p->mutable_wait()->set_seconds(0); }),
            "FIELD_OUT_OF_RANGE " + wait);
  EXPECT_EQ(with([](Preferred* p) { p->mutable_wait()->set_seconds(-1); }),
            "FIELD_OUT_OF_RANGE " + wait);
  EXPECT_EQ(with([](Preferred* p) { p->mutable_wait()->set_nanos(1); }),
            "FIELD_OUT_OF_RANGE " + wait);
}

TEST(CodecTest, TakesEverySkillOfARequirement) {
  const auto with = [](const std::string& requirement) {
    return refusal_of(with_call([&](v1::SwitchEvent* event) {
      event->mutable_call_offered()->set_queue_id("q");
      event->mutable_call_offered()->set_requirement(requirement);
    }));
  };
  EXPECT_EQ(with("REPLACE a: (one >= 5 OR two) AND NOT three PREFERS four * 3, five"), "");
  EXPECT_EQ(with("REPLACE"), "");
  EXPECT_EQ(with("one PREFERS two, two"), "REQUIREMENT_INVALID call_offered.requirement");
}

TEST(CodecTest, NamesTheColumnOfABadRequirement) {
  const Batch batch = decode(one_event(with_call([](v1::SwitchEvent* event) {
    event->mutable_call_offered()->set_queue_id("q");
    event->mutable_call_offered()->set_requirement("ps >= 5 XOR ts >= 1");
  })));
  ASSERT_EQ(batch.refusals.size(), 1u);
  EXPECT_TRUE(batch.refusals[0].message.starts_with("column 9:")) << batch.refusals[0].message;
}

TEST(CodecTest, ChecksGenerations) {
  const auto with = [](int64_t generation) {
    return refusal_of(with_call([generation](v1::SwitchEvent* event) {
      event->mutable_leg_answered()->set_generation(generation);
    }));
  };
  EXPECT_EQ(with(0), "FIELD_REQUIRED leg_answered.generation");
  EXPECT_EQ(with(-1), "FIELD_OUT_OF_RANGE leg_answered.generation");
  EXPECT_EQ(with(UINT32_MAX), "");
  EXPECT_EQ(with(int64_t{UINT32_MAX} + 1), "FIELD_OUT_OF_RANGE leg_answered.generation");
}

TEST(CodecTest, ChecksOutcomesAndEnds) {
  const auto with_outcome = [](int outcome) {
    return refusal_of(with_call([outcome](v1::SwitchEvent* event) {
      event->mutable_leg_failed()->set_generation(1);
      event->mutable_leg_failed()->set_outcome(static_cast<v1::OfferOutcome>(outcome));
    }));
  };
  EXPECT_EQ(with_outcome(0), "FIELD_REQUIRED leg_failed.outcome");
  EXPECT_EQ(with_outcome(v1::OFFER_OUTCOME_UNKNOWN_ADDRESS), "");
  EXPECT_EQ(with_outcome(v1::OFFER_OUTCOME_CANCELED), "FIELD_OUT_OF_RANGE leg_failed.outcome");
  EXPECT_EQ(with_outcome(v1::OFFER_OUTCOME_RESCINDED), "FIELD_OUT_OF_RANGE leg_failed.outcome");
  EXPECT_EQ(with_outcome(-5), "FIELD_OUT_OF_RANGE leg_failed.outcome");
  const auto with_end = [](int ended_by) {
    return refusal_of(with_call([ended_by](v1::SwitchEvent* event) {
      event->mutable_call_ended()->set_ended_by(static_cast<v1::EndedBy>(ended_by));
    }));
  };
  EXPECT_EQ(with_end(0), "FIELD_REQUIRED call_ended.ended_by");
  EXPECT_EQ(with_end(v1::ENDED_BY_SWITCH), "");
  EXPECT_EQ(with_end(260), "FIELD_OUT_OF_RANGE call_ended.ended_by");
}

TEST(CodecTest, ChecksAgentsAndPhones) {
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) { e->mutable_agent_ready(); }),
            "FIELD_REQUIRED agent_ready.agent_id");
  EXPECT_EQ(
      refusal_of([](v1::SwitchEvent* e) { e->mutable_agent_logged_in()->set_agent_id("ada"); }),
      "FIELD_REQUIRED agent_logged_in.station");
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) {
              e->mutable_agent_logged_out()->set_agent_id(std::string(65, 'a'));
            }),
            "FIELD_TOO_LONG agent_logged_out.agent_id");
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) {
              e->mutable_agent_not_ready()->set_agent_id("ada");
              e->mutable_agent_not_ready()->set_reason(100);
            }),
            "FIELD_OUT_OF_RANGE agent_not_ready.reason");
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) { e->mutable_wrap_up_ended(); }),
            "FIELD_REQUIRED wrap_up_ended.agent_id");
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) { e->mutable_wrap_up_extended(); }),
            "FIELD_REQUIRED wrap_up_extended.agent_id");
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) { e->mutable_member_paused(); }),
            "FIELD_REQUIRED member_paused.agent_id");
  EXPECT_EQ(
      refusal_of([](v1::SwitchEvent* e) { e->mutable_member_unpaused()->set_agent_id("ada"); }),
      "FIELD_REQUIRED member_unpaused.queue_id");
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) {
              e->mutable_member_paused()->set_agent_id("ada");
              e->mutable_member_paused()->set_queue_id("q");
              e->mutable_member_paused()->set_reason(-1);
            }),
            "FIELD_OUT_OF_RANGE member_paused.reason");
  EXPECT_EQ(refusal_of(with_call([](v1::SwitchEvent* e) {
              e->mutable_call_priority_changed()->set_priority(1'000'001);
            })),
            "FIELD_OUT_OF_RANGE call_priority_changed.priority");
  EXPECT_EQ(refusal_of(with_call([](v1::SwitchEvent* e) { e->mutable_call_priority_changed(); })),
            "FIELD_REQUIRED call_priority_changed.priority");
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) { e->mutable_phone_busy(); }),
            "FIELD_REQUIRED phone_busy.station");
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) { e->mutable_phone_idle()->set_station("\n"); }),
            "FIELD_NOT_TEXT phone_idle.station");
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) { e->mutable_phone_unregistered(); }),
            "FIELD_REQUIRED phone_unregistered.station");
  // A call named by an event that is not about one is checked as well.
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* e) {
              e->mutable_agent_ready()->set_agent_id("ada");
              e->set_call_id(std::string(65, 'c'));
            }),
            "FIELD_TOO_LONG call_id");
}

TEST(CodecTest, ClampsTheAgeOfAnEvent) {
  const auto age_of = [](int64_t sent_s, int64_t happened_s, int32_t happened_ns) {
    v1::ConnectRequest request = one_event(with_call([&](v1::SwitchEvent* event) {
      event->mutable_call_held();
      event->mutable_switch_time()->set_seconds(happened_s);
      event->mutable_switch_time()->set_nanos(happened_ns);
    }));
    if (sent_s != 0) request.mutable_batch()->mutable_send_time()->set_seconds(sent_s);
    return decode(request).commands[0].age_ns;
  };
  EXPECT_EQ(age_of(100, 99, 999'999'999), 1);
  EXPECT_EQ(age_of(100, 100, 1), 0);
  EXPECT_EQ(age_of(100, 200, 0), 0);
  EXPECT_EQ(age_of(10'000, 1, 0), 3'600 * kNsPerS);
  EXPECT_EQ(age_of(253'402'300'799, -62'135'596'800, 0), 3'600 * kNsPerS);
  EXPECT_EQ(age_of(-62'135'596'800, 253'402'300'799, 0), 0);
  EXPECT_EQ(age_of(0, 5, 0), 0);
}

TEST(CodecTest, EndsTheStreamOnABadSendTime) {
  v1::ConnectRequest request = one_event(with_call(call_events()[6]));
  request.mutable_batch()->mutable_send_time()->set_nanos(1'000'000'000);
  Batch batch;
  int64_t expected_sequence = 1;
  const auto error = decode_batch(request, {}, RpcOptions{}, &expected_sequence, &batch);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->reason, v1::ERROR_REASON_FIELD_OUT_OF_RANGE);
  EXPECT_EQ(error->violations[0].field, "batch.send_time");
}

// --- Bytes.

// The parser logs strings that are no UTF-8; the server turns that off.
class WireTest : public ::testing::Test {
  google::protobuf::LogSilencer silencer_;
};

grpc::ByteBuffer buffer_of(const std::string& bytes) {
  // In two slices, as the network may bring it.
  const grpc::Slice slices[] = {grpc::Slice(bytes.substr(0, bytes.size() / 2)),
                                grpc::Slice(bytes.substr(bytes.size() / 2))};
  return {slices, 2};
}

TEST_F(WireTest, FindsEveryBadStringAndKeepsTheRest) {
  v1::ConnectRequest request;
  for (int i = 0; i < 3; ++i) {
    v1::SwitchEvent* event = request.mutable_batch()->add_events();
    event->set_sequence(i + 1);
    event->set_call_id("c" + std::to_string(i));
    event->mutable_call_offered()->set_queue_id("q#" + std::to_string(i));
  }
  std::string bytes = request.SerializeAsString();
  bytes[bytes.find("q#0")] = '\xff';
  bytes[bytes.find("c2")] = '\x80';
  std::vector<std::string> bad_texts;
  v1::ConnectRequest parsed;
  ASSERT_EQ(parse_message(buffer_of(bytes), &parsed, &bad_texts), ParseResult::kBadText);
  EXPECT_EQ(bad_texts, (std::vector<std::string>{"batch.events[0].call_offered.queue_id",
                                                 "batch.events[2].call_id"}));
  EXPECT_EQ(parsed.batch().events(1).SerializeAsString(),
            request.batch().events(1).SerializeAsString());
  EXPECT_EQ(parsed.batch().events(0).call_offered().queue_id(), "?#0");
}

TEST_F(WireTest, RefusesEveryCutOfAMessage) {
  const std::string bytes = one_event(with_call(call_events()[0])).SerializeAsString();
  std::vector<std::string> bad_texts;
  v1::ConnectRequest parsed;
  // An empty message is a good one.
  for (size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_EQ(parse_message(buffer_of(bytes.substr(0, size)), &parsed, &bad_texts),
              ParseResult::kUnparsable)
        << size;
  }
  EXPECT_EQ(parse_message(buffer_of(bytes), &parsed, &bad_texts), ParseResult::kOk);
}

TEST_F(WireTest, TakesNoBadStringWhoseEventIsUncertain) {
  v1::ConnectRequest request = one_event([](v1::SwitchEvent* event) { event->set_call_id("c1"); });
  std::string once = request.SerializeAsString();
  once[once.find("c1")] = '\xff';
  std::vector<std::string> bad_texts;
  v1::ConnectRequest parsed;
  EXPECT_EQ(parse_message(buffer_of(once), &parsed, &bad_texts), ParseResult::kBadText);
  // The batch given twice would be merged.
  EXPECT_EQ(parse_message(buffer_of(once + once), &parsed, &bad_texts), ParseResult::kUnparsable);
}

TEST_F(WireTest, SurvivesEveryByteAtEveryPlace) {
  const std::string good = one_event(with_call(call_events()[3])).SerializeAsString();
  std::vector<std::string> bad_texts;
  v1::ConnectRequest parsed;
  for (size_t place = 0; place < good.size(); ++place) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes = good;
      bytes[place] = static_cast<char>(value);
      if (parse_message(buffer_of(bytes), &parsed, &bad_texts) == ParseResult::kUnparsable)
        continue;
      Batch batch;
      int64_t expected_sequence = 1;
      if (decode_batch(parsed, bad_texts, RpcOptions{}, &expected_sequence, &batch)) continue;
      EXPECT_EQ(batch.commands.size(), static_cast<size_t>(parsed.batch().events_size()));
    }
  }
}

// --- Responses.

v1::ConnectResponse taken(ResponseQueue* queue) {
  grpc::ByteBuffer bytes;
  v1::ConnectResponse response;
  std::vector<std::string> bad_texts;
  EXPECT_TRUE(queue->take(&bytes));
  EXPECT_EQ(parse_message(bytes, &response, &bad_texts), ParseResult::kOk);
  return response;
}

Delivery ack_with_refusal(int64_t through, int64_t refused) {
  Delivery delivery;
  delivery.has_ack = true;
  delivery.through_sequence = through;
  delivery.refused.push_back({refused, CommandKind::kEndCall, Reject::kCallUnknown, 0, "", ""});
  delivery.commands.emplace_back().kind = SwitchCommandKind::kDropLeg;
  delivery.commands.back().generation = static_cast<uint32_t>(refused);
  return delivery;
}

TEST(ResponseQueueTest, MergesWhatWaitsIntoOneResponse) {
  ResponseQueue queue;
  EXPECT_TRUE(queue.empty());
  queue.add(ack_with_refusal(5, 4), RpcOptions{});
  queue.add(ack_with_refusal(9, 7), RpcOptions{});
  EXPECT_FALSE(queue.empty());
  const v1::ConnectResponse response = taken(&queue);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(response.ack().through_sequence(), 9);
  ASSERT_EQ(response.ack().refusals_size(), 2);
  EXPECT_EQ(response.ack().refusals(0).sequence(), 4);
  EXPECT_EQ(response.ack().refusals(1).sequence(), 7);
  EXPECT_EQ(response.ack().refusals(1).field(), "call_id");
  ASSERT_EQ(response.commands_size(), 2);
  EXPECT_EQ(response.commands(0).generation(), 4);
  EXPECT_EQ(response.commands(1).generation(), 7);
}

TEST(ResponseQueueTest, TellsNothingOfRepeats) {
  ResponseQueue queue;
  Delivery delivery;
  delivery.has_ack = true;
  delivery.through_sequence = 3;
  delivery.refused.push_back({2, CommandKind::kEndCall, Reject::kRepeat, 0, "", ""});
  queue.add(delivery, RpcOptions{});
  const v1::ConnectResponse response = taken(&queue);
  EXPECT_EQ(response.ack().through_sequence(), 3);
  EXPECT_EQ(response.ack().refusals_size(), 0);
}

TEST(ResponseQueueTest, KeepsWhatTheShardSaysOfARefusal) {
  ResponseQueue queue;
  Delivery delivery;
  delivery.has_ack = true;
  delivery.through_sequence = 1;
  delivery.refused.push_back({1, CommandKind::kEnqueueCall, Reject::kSkillUnknown, 0, "",
                              "column 1: 'ps' is not declared"});
  queue.add(delivery, RpcOptions{});
  const v1::Refusal refusal = taken(&queue).ack().refusals(0);
  EXPECT_EQ(refusal.reason(), v1::ERROR_REASON_SKILL_UNKNOWN);
  EXPECT_EQ(refusal.field(), "call_offered.requirement");
  EXPECT_EQ(refusal.message(), "column 1: 'ps' is not declared");
}

TEST(ResponseQueueTest, TellsWhatTheCallerIsToNotice) {
  Delivery delivery;
  delivery.arena = "c1please-wait+44123";
  SwitchCommand treatment;
  treatment.kind = SwitchCommandKind::kPlayTreatment;
  treatment.call = TextRef{0, 2};
  treatment.treatment = TreatmentKind::kCallbackOffer;
  treatment.text = TextRef{2, 11};
  treatment.number = 3;
  treatment.ewt_ns = 90 * kNsPerS;
  SwitchCommand quiet = treatment;
  quiet.treatment = TreatmentKind::kScheduled;
  quiet.number = 0;
  quiet.ewt_ns = kNeverNs;
  SwitchCommand transfer;
  transfer.kind = SwitchCommandKind::kTransferCall;
  transfer.call = TextRef{0, 2};
  transfer.text = TextRef{13, 6};
  SwitchCommand release;
  release.kind = SwitchCommandKind::kReleaseCall;
  release.call = TextRef{0, 2};
  release.number = 17;
  SwitchCommand park = transfer;
  park.kind = SwitchCommandKind::kParkCaller;
  park.generation = 4;
  delivery.commands = {treatment, quiet, transfer, release, park};
  ResponseQueue queue;
  queue.add(delivery, RpcOptions{});
  const v1::ConnectResponse response = taken(&queue);
  ASSERT_EQ(response.commands_size(), 5);
  EXPECT_EQ(response.commands(0).call_id(), "c1");
  EXPECT_EQ(response.commands(0).generation(), 0);
  EXPECT_EQ(response.commands(4).park_caller().queue_id(), "+44123");
  EXPECT_EQ(response.commands(4).generation(), 4);
  const v1::PlayTreatment& played = response.commands(0).play_treatment();
  EXPECT_EQ(played.kind(), v1::TREATMENT_KIND_CALLBACK_OFFER);
  EXPECT_EQ(played.media(), "please-wait");
  EXPECT_EQ(played.position(), 3);
  EXPECT_EQ(played.ewt().seconds(), 90);
  EXPECT_EQ(response.commands(1).play_treatment().kind(), v1::TREATMENT_KIND_SCHEDULED);
  EXPECT_FALSE(response.commands(1).play_treatment().has_ewt());
  EXPECT_EQ(response.commands(2).transfer_call().number(), "+44123");
  EXPECT_EQ(response.commands(3).release_call().cause(), 17);
}

TEST(ResponseQueueTest, TellsWhatTheLegsOfACallbackAreCalled) {
  Delivery delivery;
  delivery.arena = "cb0201acd-1-7acd-c3-1";
  SwitchCommand dial;
  dial.kind = SwitchCommandKind::kDialCustomer;
  dial.call = TextRef{0, 2};
  dial.text = TextRef{2, 4};
  dial.leg = TextRef{6, 7};
  dial.customer_leg = TextRef{13, 8};
  delivery.commands = {dial};
  ResponseQueue queue;
  queue.add(delivery, RpcOptions{});
  const v1::ConnectResponse response = taken(&queue);
  ASSERT_EQ(response.commands_size(), 1);
  EXPECT_EQ(response.commands(0).dial_customer().number(), "0201");
  EXPECT_EQ(response.commands(0).dial_customer().leg_id(), "acd-1-7");
  EXPECT_EQ(response.commands(0).dial_customer().customer_leg_id(), "acd-c3-1");
}

TEST(ResponseQueueTest, AddsNothingWhenADeliveryOnlyReturnsBatches) {
  ResponseQueue queue;
  queue.add(Delivery{}, RpcOptions{});
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace acd
