// SPDX-License-Identifier: Apache-2.0
// The invariants by number, in the words of README.md; router_invariants.cc tests them.
#pragma once

#include <array>
#include <string_view>

namespace acd {

// From 1: the first is the invariant 1. tests/routing/vocabulary_test.cc compares them with README.md.
inline constexpr std::array<std::string_view, 23> kInvariants{
    // 1.
    "An agent is in their class's idle index, and in the order of shares of each queue "
    "of which they have one, exactly when ready, with room for some medium, and with no "
    "log-out pending; a class knows whether it has such agents.",
    // 2.
    "A work item has a call exactly when reserved to on hold; that call lists the agent "
    "among those whom it rings or who are on it, no other does, and both are of one "
    "medium. At most one is offered or being connected. No offer is open to who accepts "
    "at once.",
    // 3.
    "An agent is at a station exactly when logged in, and the station's only one; nobody "
    "works logged out. Nobody is ready while the open leg of their station is down, and "
    "other stations have none. A switch is to be told of a log-out only while one waits.",
    // 4.
    "An object has a timer exactly when it has a deadline. A connected call has none; one "
    "that rings, is dialed, is being connected or pauses has one. No timer belongs to "
    "nobody.",
    // 5.
    "An agent is in the class of what they may be offered and have in hand. A class "
    "counts exactly its agents who are logged in, ready and in wrap-up, and a class of "
    "calls those who could serve it.",
    // 6.
    "A live call is found by its id, and only live calls are.",
    // 7.
    "A call is in its class's waiting index exactly when enqueued, and the class knows "
    "which is first.",
    // 8.
    "No call waits while an agent is free for it, its switch is here, nothing makes "
    "matches pass it by, and no bulk work is under way.",
    // 9.
    "A class of calls and a class of agents are linked, both ways, exactly when the one "
    "can serve the other, and stand to each other as the link's tier says. The way back "
    "is a bit in the column of the class of calls or, if it has none, an entry in the "
    "list of the class of agents, never both: entries of classes that have a column are "
    "over; a column belongs to one class, and one that is free is clear.",
    // 10.
    "A call waits for its preferred agent only while that agent may come, and is listed "
    "with them.",
    // 11.
    "A waiting call has the steps that are in force, and is in the class that these "
    "make.",
    // 12.
    "Between commands nothing is marked for matching.",
    // 13.
    "Queues, conditions, protect rules and the tenant count their calls and agents "
    "right.",
    // 14.
    "A set of skills is kept once, with as many users as there are agents and classes of "
    "agents with it, and the flat row of a class of agents says what its key says.",
    // 15.
    "An outcome has a code that was configured once and scores in their ranges; a live "
    "call has not ended; an ended one is found by its id; a code is owed only in "
    "wrap-up.",
    // 16.
    "No call was transferred more often than any tenant may allow, and who has one that "
    "was transferred was offered it.",
    // 17.
    "A connected call has 1 to `kPartiesMax` agents, one being connected has one, and "
    "only that one's hold is remembered by the call. A consult and the call that it is "
    "about know each other through the work of one agent, who is left out of it; that "
    "call is connected and no consult; both are of one switch and one medium. A consult "
    "that is outside has a number, and nothing else has one.",
    // 18.
    "A call whose caller has a leg is found by it. With nobody on the line it has none.",
    // 19.
    "Nobody is on the line of callbacks alone, and of these only before the customer is; "
    "each is open by its number, and no other number is. Every call is in the list "
    "of its switch, in the order in which it came by them.",
    // 20.
    "What is for later has one time, an id that no call has or had, and a queue that "
    "counts it.",
    // 21.
    "A class of agents or of calls, under the configuration in force, is in the zone of "
    "its switch. Who is offered a call of their own switch is dialled without a prefix.",
    // 22.
    "An agent is attached to one desktop session at most, which lists and counts them in the "
    "order in which they were. While anybody is attached to one that is away, or that came back "
    "anew without them, it has a deadline. Who accepts at a desktop is held back exactly then.",
    // 23.
    "A switch that lists what it has is matched with nothing, and for a limited time. "
    "What is lost with a switch has a time at which it goes.",
};

}  // namespace acd
