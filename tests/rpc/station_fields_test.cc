// SPDX-License-Identifier: Apache-2.0
// What a log-in says of its station.
#include "daemon/rpc/station_fields.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/rpc/codec.h"

namespace acd {
namespace {

// The field at fault of a log-in with these; empty if it is taken.
std::string fault_of(int mode, const std::vector<v1::Medium>& media) {
  v1::ConnectRequest request;
  v1::SwitchEvent& event = *request.mutable_batch()->add_events();
  event.set_sequence(1);
  v1::AgentLoggedIn& logged_in = *event.mutable_agent_logged_in();
  logged_in.set_agent_id("ada");
  logged_in.set_station("sip/7");
  logged_in.set_answer_mode(static_cast<v1::AnswerMode>(mode));
  for (const v1::Medium medium : media) logged_in.add_media(medium);
  Batch batch;
  int64_t expected = 1;
  EXPECT_FALSE(decode_batch(request, {}, RpcOptions{}, &expected, &batch));
  return batch.refusals.empty() ? "" : batch.refusals.front().field;
}

TEST(StationFieldsTest, AnswerModesAreTheSameOnBothSides) {
  for (size_t i = 0; i < kAnswerModeCount; ++i) {
    const auto mode = static_cast<AnswerMode>(i);
    EXPECT_EQ(to_answer_mode(to_proto(mode)), mode);
    EXPECT_EQ(find_answer_mode(answer_mode_name(mode)), mode);
  }
  EXPECT_EQ(to_answer_mode(v1::ANSWER_MODE_UNSPECIFIED), AnswerMode::kPhone);
}

TEST(StationFieldsTest, NamesWhatIsWrongWithALogIn) {
  EXPECT_EQ(fault_of(v1::ANSWER_MODE_UNSPECIFIED, {}), "");
  EXPECT_EQ(fault_of(v1::ANSWER_MODE_NAILED_UP, {v1::MEDIUM_TASK, v1::MEDIUM_CHAT}), "");
  EXPECT_EQ(fault_of(5, {}), "agent_logged_in.answer_mode");
  EXPECT_EQ(fault_of(1, {v1::MEDIUM_UNSPECIFIED}), "agent_logged_in.media");
  EXPECT_EQ(fault_of(1, {v1::MEDIUM_CHAT, v1::MEDIUM_CHAT}), "agent_logged_in.media");
}

}  // namespace
}  // namespace acd
