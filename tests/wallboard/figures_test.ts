// SPDX-License-Identifier: Apache-2.0
// Thresholds, words, times, the layout of tiles and the address.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { WhyWaitingResponseSchema } from "../gen/acd/v1/explain_service_pb";
import { StatsWindow } from "../gen/acd/v1/statistics_pb";
import { AgentState, type QueueStats, QueueStatsSchema } from "../gen/acd/v1/wallboard_service_pb";
import { addOwn, joinPoints } from "../src/day";
import { clockText, percentText, rateText, spokenSeconds } from "../src/format";
import { layTiles, tileUnits, unitMin } from "../src/layout";
import { parseRoute, routeHash } from "../src/route";
import { abandonLevel, serviceLevelLevel, statusOf, waitLevel } from "../src/thresholds";
import { WhyAsker, whyFreshMs } from "../src/why";
import { agentStateText, reasonText, whyText } from "../src/words";
import { duration, type QueueInit } from "./centre";

const day = StatsWindow.STATS_WINDOW_DAY;

function queueWith(fields: QueueInit): QueueStats {
  return create(QueueStatsSchema, {
    isOpen: true,
    serviceLevelTarget: { target: duration(20), goalPercent: 80 },
    memberStates: [{ state: AgentState.ON_CALL, count: 3n }],
    ...fields,
  });
}

test("A wait is judged by the queue's own target: beyond it a look, beyond three of it act", () => {
  const target = { seconds: 20, goal: 80 };
  assert.deepEqual(
    [0, 20, 20.5, 60, 60.5].map((wait) => waitLevel(wait, target)),
    ["good", "good", "watch", "watch", "bad"],
  );
  assert.equal(waitLevel(undefined, target), "none");
});

test("A service level is judged by its goal, ten points below it is bad", () => {
  assert.deepEqual(
    [80, 79.9, 70, 69.9].map((percent) => serviceLevelLevel(percent, 80)),
    ["good", "watch", "watch", "bad"],
  );
  assert.deepEqual([4.9, 5, 9.9, 10].map(abandonLevel), ["good", "watch", "watch", "bad"]);
});

test("A tile says the worst of now; a low service level is worth a look and no more", () => {
  const word = (fields: QueueInit) => {
    const status = statusOf(queueWith(fields), day);
    return `${status.word} ${status.level}`;
  };
  assert.equal(
    word({ waiting: 2n, longestWait: duration(61), serviceLevelPercent: 99 }),
    "Late bad",
  );
  assert.equal(
    word({ waiting: 2n, longestWait: duration(30), serviceLevelPercent: 99 }),
    "Slow watch",
  );
  assert.equal(
    word({ waiting: 2n, longestWait: duration(10), serviceLevelPercent: 99 }),
    "On target good",
  );
  assert.equal(word({ waiting: 0n, serviceLevelPercent: 20 }), "Below goal watch");
  assert.equal(word({ waiting: 0n }), "Quiet none");
  assert.equal(word({ waiting: 0n, isOpen: false, serviceLevelPercent: 20 }), "Closed none");
  const nobody = [
    { state: AgentState.NOT_READY, count: 3n },
    { state: AgentState.LOGGED_OUT, count: 9n },
  ];
  assert.equal(
    word({ waiting: 1n, longestWait: duration(1), memberStates: nobody }),
    "No agents bad",
  );
  // Of members who are all on pause the daemon says nothing.
  assert.equal(
    word({ waiting: 1n, longestWait: duration(1), memberStates: [] }),
    "No agents bad",
  );
});

test("Figures are of the window that was chosen", () => {
  const windows = [
    { window: StatsWindow.STATS_WINDOW_15_MIN, serviceLevelPercent: 95 },
    { window: day, serviceLevelPercent: 60 },
  ];
  assert.equal(statusOf(queueWith({ windows }), StatsWindow.STATS_WINDOW_15_MIN).word, "On target");
  assert.equal(statusOf(queueWith({ windows }), day).word, "Below goal");
});

test("Times and shares are shown so that nothing looks better than it is", () => {
  assert.deepEqual([0, 9.99, 61, 3_725, undefined].map(clockText), [
    "0:00",
    "0:09",
    "1:01",
    "1:02:05",
    "–",
  ]);
  assert.equal(percentText(79.99), "79 %");
  assert.deepEqual([0, 3.14, 12.5, undefined].map(rateText), ["0 %", "3.1 %", "13 %", "–"]);
  assert.equal(spokenSeconds(3_661), "1 hour 1 minute 1 second");
  assert.equal(spokenSeconds(120), "2 minutes");
});

test("What a newer daemon says is shown as it came", () => {
  assert.equal(agentStateText(77 as AgentState), "State 77");
  assert.deepEqual([0, 7, 104, 201, 299].map(reasonText), [
    "",
    "reason 7",
    "supervisor 104",
    "did not answer",
    "system 299",
  ]);
});

test("Why a call waits is said in one line: what holds it back, else what its members do", () => {
  const why = (fields: object) => whyText(create(WhyWaitingResponseSchema, fields));
  const agents = [
    { blocker: "not_member", count: 90 },
    { blocker: "not_ready", count: 2 },
    { blocker: "capacity", count: 5 },
    { blocker: "new_word", count: 1 },
  ];
  assert.equal(why({ agents }), "5 busy, 2 not ready, 1 new_word");
  assert.equal(why({ agents, switchAway: true }), "Its switch is away");
  assert.equal(
    why({ agents, holdBack: "callbacks_closed" }),
    "It is no time to call customers of the queue",
  );
  assert.equal(why({ agents: [agents[0]] }), "Nobody is in its queue");
});

test("Questions why go out one at a time, and only about what is seen", async () => {
  let now = 0;
  let wake: (() => void)[] = [];
  const asked: string[] = [];
  const asker = new WhyAsker({
    now: () => now,
    after: (_, then) => void wake.push(then),
    ask: async (call) => {
      asked.push(call);
      return `because of ${call}`;
    },
  });
  const turn = async () => {
    await new Promise((done) => setImmediate(done));
    const due = wake;
    wake = [];
    for (const one of due) one();
    await new Promise((done) => setImmediate(done));
  };
  asker.show(["a", "b", "c"]);
  await turn();
  asker.show(["b"]);
  await turn();
  assert.deepEqual(asked, ["a", "b"]);
  assert.equal(asker.textOf("b").value, "because of b");
  now += whyFreshMs;
  asker.show(["b"]);
  await turn();
  assert.deepEqual(asked, ["a", "b", "b"]);
});

test("Tiles fill the screen they have, and are never too small to read", () => {
  const fits = layTiles(12, 1_888, 760, 12);
  assert.equal(fits.columns, 4);
  const rows = Math.ceil(12 / fits.columns);
  assert.ok(rows * fits.unit * tileUnits.height + (rows - 1) * 12 <= 760 + 1);
  const many = layTiles(200, 1_888, 760, 12);
  assert.ok(many.unit >= unitMin);
  const phone = layTiles(12, 370, 600, 12);
  assert.equal(phone.columns, 1);
  assert.equal(layTiles(0, 1_888, 760, 12).columns, 1);
});

test("The address says what is shown, both ways, and nonsense is the default", () => {
  const hash =
    "#/bank/supervisor/calls/a%2Fb?window=15m&queues=loans%2Cspanish&order=urgent&theme=dark";
  const route = parseRoute(hash);
  assert.equal(route.thing?.id, "a/b");
  assert.deepEqual(route.queues, ["loans", "spanish"]);
  assert.equal(routeHash(route), hash);
  const nonsense = parseRoute("#/bank/%ZZ/what/1?window=9m&theme=pink");
  assert.equal(nonsense.view, "wall");
  assert.equal(nonsense.thing, undefined);
  assert.equal(nonsense.window, day);
  assert.equal(routeHash(nonsense), "#/bank/wall");
});

test("The chart is the daemon's points, then the page's own, then now", () => {
  const point = (time: number, waiting: number) => ({ time, waiting, serviceLevel: undefined });
  const joined = joinPoints(
    [point(0, 1), point(300, 2)],
    [point(200, 9), point(360, 3)],
    point(400, 4),
  );
  assert.deepEqual(
    joined.map((one) => [one.time, one.waiting]),
    [
      [0, 1],
      [300, 2],
      [360, 3],
      [400, 4],
    ],
  );
  const own = [point(0, 3), point(20, 7), point(40, 2), point(61, 1)].reduce(
    addOwn,
    [] as ReturnType<typeof addOwn>,
  );
  assert.deepEqual(
    own.map((one) => [one.time, one.waiting]),
    [
      [0, 7],
      [61, 1],
    ],
  );
});
