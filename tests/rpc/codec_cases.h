// SPDX-License-Identifier: Apache-2.0
// Events for the codec, and what it makes of them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "daemon/rpc/codec.h"
#include "daemon/rpc/wire.h"

namespace acd {

using Fill = std::function<void(v1::SwitchEvent*)>;

inline v1::ConnectRequest one_event(const Fill& fill) {
  v1::ConnectRequest request;
  v1::SwitchEvent* event = request.mutable_batch()->add_events();
  event->set_sequence(1);
  fill(event);
  return request;
}

inline Batch decode(const v1::ConnectRequest& request) {
  Batch batch;
  int64_t expected_sequence = 1;
  const auto error = decode_batch(request, {}, RpcOptions{}, &expected_sequence, &batch);
  EXPECT_FALSE(error) << error->message;
  EXPECT_EQ(expected_sequence, 1 + request.batch().events_size());
  return batch;
}

// "REASON field" of the refused event; empty when it was not refused.
inline std::string refusal_of(const Fill& fill) {
  const Batch batch = decode(one_event(fill));
  EXPECT_EQ(batch.commands.size(), 1u);
  if (batch.refusals.empty()) return "";
  const EdgeRefusal& refusal = batch.refusals.front();
  const Command& command = batch.commands.front();
  EXPECT_EQ(command.kind, CommandKind::kRefused);
  EXPECT_EQ(command.sequence, 1);
  EXPECT_EQ(command.detail, refusal.reason);
  EXPECT_TRUE(batch.arena.empty());
  EXPECT_FALSE(refusal.message.empty());
  return reason_name(static_cast<v1::ErrorReason>(refusal.reason)) + " " + refusal.field;
}

inline Fill with_call(const Fill& fill) {
  return [fill](v1::SwitchEvent* event) {
    event->set_call_id("c1");
    fill(event);
  };
}

}  // namespace acd
