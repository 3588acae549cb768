// SPDX-License-Identifier: Apache-2.0
// What is kept of events says the same for ever.
#include "routing/insight/watch_tail.h"

#include <gtest/gtest.h>

#include "tests/insight/event_feed.h"

namespace acd {
namespace {

class WatchTailTest : public testing::Test, protected EventFeed {
 protected:
  WatchTailTest() { upsert(0, "ada"); }

  // Keeps what the board has been told since the last time.
  void keep() {
    for (; kept_ < log.events.size(); ++kept_) {
      tail.add(log.events[kept_], log.arena, board, 0);
    }
  }
  std::string_view source_of(int64_t sequence) {
    return WatchTail::source_id(tail.at(sequence), board);
  }

  WatchTail tail;

 private:
  size_t kept_ = 0;
};

TEST_F(WatchTailTest, NamesADesktopSessionAsItWasThen) {
  const auto tell = [&](EventKind kind, AgentIndex agent, std::string_view session) {
    Event event;
    event.kind = kind;
    event.agent = agent;
    event.source = SourceIndex(20'000u);
    event.text = log.add_text(session);
    add(event);
    keep();
    return board.sequence();
  };
  const int64_t connected = tell(EventKind::kDesktopConnected, {}, "first");
  const int64_t attached = tell(EventKind::kAgentAttached, agent_index(0), "");
  const int64_t detached = tell(EventKind::kAgentDetached, agent_index(0), "");
  const int64_t gone = tell(EventKind::kDesktopDisconnected, {}, "");
  // The index of a session that was forgotten is given to the next.
  const int64_t reused = tell(EventKind::kDesktopConnected, {}, "second");
  for (const int64_t sequence : {connected, attached, detached, gone}) {
    EXPECT_EQ(source_of(sequence), "first") << sequence;
  }
  EXPECT_EQ(source_of(reused), "second");
}

TEST_F(WatchTailTest, NamesTheSwitchOfACall) {
  Event event;
  event.kind = EventKind::kSwitchConnected;
  event.source = SourceIndex(0u);
  event.text = log.add_text("pbx");
  add(event);
  enqueue(0);
  abandon(0);
  keep();
  EXPECT_EQ(source_of(board.sequence() - 1), "pbx");
  EXPECT_EQ(source_of(board.sequence()), "");
}

}  // namespace
}  // namespace acd
