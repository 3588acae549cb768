// SPDX-License-Identifier: Apache-2.0
// What a switch lists of what it has, and what it answers, from its messages to commands.
#include "daemon/rpc/codec.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/rpc/codec_cases.h"

namespace acd {
namespace {

TEST(CodecTest, TurnsAListIntoCommands) {
  const Batch talks = decode(one_event(with_call([](v1::SwitchEvent* event) {
    event->mutable_live_call()->mutable_talking()->set_agent_id("ada");
  })));
  ASSERT_EQ(talks.commands.size(), 1u);
  EXPECT_EQ(talks.commands[0].kind, CommandKind::kKeepCall);
  EXPECT_EQ(talks.commands[0].generation, 1u);
  EXPECT_EQ(talks.commands[0].name.in(talks.arena), "ada");

  const Batch waits = decode(one_event(with_call([](v1::SwitchEvent* event) {
    event->mutable_live_call()->mutable_waiting()->set_queue_id("sales");
  })));
  ASSERT_EQ(waits.commands.size(), 1u);
  EXPECT_EQ(waits.commands[0].kind, CommandKind::kKeepCall);
  EXPECT_EQ(waits.commands[0].generation, 0u);
  EXPECT_EQ(waits.commands[0].name.in(waits.arena), "sales");

  const Batch agent = decode(one_event([](v1::SwitchEvent* event) {
    event->mutable_live_agent()->mutable_logged_in()->set_agent_id("ada");
    event->mutable_live_agent()->mutable_logged_in()->set_station("phone-1");
  }));
  ASSERT_EQ(agent.commands.size(), 1u);
  EXPECT_EQ(agent.commands[0].kind, CommandKind::kKeepAgent);
  EXPECT_EQ(agent.commands[0].text.in(agent.arena), "phone-1");

  const auto fault = [](const auto& fill) {
    const Batch batch = decode(one_event(with_call(fill)));
    return batch.refusals.empty() ? std::string() : batch.refusals[0].field;
  };
  EXPECT_EQ(fault([](v1::SwitchEvent* e) { e->mutable_live_call(); }), "live_call.state");
  EXPECT_EQ(fault([](v1::SwitchEvent* e) { e->mutable_live_call()->mutable_waiting(); }),
            "live_call.waiting.queue_id");
  EXPECT_EQ(fault([](v1::SwitchEvent* e) { e->mutable_live_call()->mutable_talking(); }),
            "live_call.talking.agent_id");
  EXPECT_EQ(fault([](v1::SwitchEvent* e) { e->mutable_live_agent(); }), "live_agent.logged_in");
  EXPECT_EQ(fault([](v1::SwitchEvent* e) {
              e->mutable_live_call()->mutable_waiting()->set_replaces_leg("l1");
            }),
            "live_call.waiting.replaces_leg");
}

TEST(CodecTest, TurnsTheAnswerToACommandIntoACommand) {
  const Batch batch = decode(one_event([](v1::SwitchEvent* event) {
    v1::CommandDone& done = *event->mutable_command_done();
    done.set_command_id(int64_t{1} << 40);
    done.set_failure(v1::COMMAND_FAILURE_UNREACHABLE);
    done.set_failure_text("no trunk");
  }));
  ASSERT_EQ(batch.commands.size(), 1u);
  EXPECT_EQ(batch.commands[0].kind, CommandKind::kCommandDone);
  EXPECT_EQ(batch.commands[0].wait_ns, int64_t{1} << 40);
  EXPECT_EQ(batch.commands[0].detail, v1::COMMAND_FAILURE_UNREACHABLE);
  EXPECT_EQ(batch.commands[0].text.in(batch.arena), "no trunk");
}

TEST(CodecTest, NamesWhatIsWrongWithTheAnswerToACommand) {
  const auto refused = [](int64_t id, int failure, size_t text_size) {
    return refusal_of(with_call([&](v1::SwitchEvent* e) {
      e->mutable_command_done()->set_command_id(id);
      e->mutable_command_done()->set_failure(static_cast<v1::CommandFailure>(failure));
      e->mutable_command_done()->set_failure_text(std::string(text_size, 'x'));
    }));
  };
  EXPECT_EQ(refused(0, 0, 0), "FIELD_OUT_OF_RANGE command_done.command_id");
  EXPECT_EQ(refused(-1, 0, 0), "FIELD_OUT_OF_RANGE command_done.command_id");
  EXPECT_EQ(refused(1, 7, 0), "FIELD_OUT_OF_RANGE command_done.failure");
  EXPECT_EQ(refused(1, 6, 257), "FIELD_TOO_LONG command_done.failure_text");
  EXPECT_EQ(refused(1, 6, 256), "");
}

}  // namespace
}  // namespace acd
