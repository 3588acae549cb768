// SPDX-License-Identifier: Apache-2.0
// What the page knows after the responses of a Watch.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { effect } from "@preact/signals";
import { AgentState, CallState, WatchResponseSchema } from "../gen/acd/v1/wallboard_service_pb";
import { Board, timeInState, waitOf } from "../src/board";
import { duration } from "./centre";

type Told = MessageInitShape<typeof WatchResponseSchema>;

function boardAfter(...responses: Told[]): Board {
  const board = new Board();
  responses.forEach((response, index) =>
    board.apply(create(WatchResponseSchema, response), index * 1000),
  );
  return board;
}

const queue = (id: string, waiting: number) => ({
  name: `tenants/t/queues/${id}`,
  waiting: BigInt(waiting),
});
const agent = (id: string, state = AgentState.READY) => ({
  name: `tenants/t/agents/${id}`,
  state,
  timeInState: duration(5),
});
const call = (id: string) => ({
  name: `tenants/t/calls/${id}`,
  state: CallState.ENQUEUED,
  wait: duration(3),
});
const waitingOf = (board: Board, id: string) =>
  board.queues.get(`tenants/t/queues/${id}`)?.value.value.waiting;

test("A change takes the place of what was said of the same name and leaves the rest", () => {
  const board = boardAfter(
    { snapshot: true, queues: [queue("a", 1), queue("b", 2)] },
    { queues: [queue("b", 3)] },
  );
  assert.equal(waitingOf(board, "a"), 1n);
  assert.equal(waitingOf(board, "b"), 3n);
});

test("Queues stand in the order of the snapshot", () => {
  const board = boardAfter(
    { snapshot: true, queues: [queue("z", 0), queue("a", 0)] },
    { queues: [queue("a", 1), queue("z", 1)] },
  );
  assert.deepEqual(board.queueOrder.value, ["tenants/t/queues/z", "tenants/t/queues/a"]);
});

test("A snapshot forgets what it does not name", () => {
  const board = boardAfter(
    {
      snapshot: true,
      queues: [queue("a", 1), queue("b", 2)],
      agents: [agent("x")],
      calls: [call("c")],
    },
    { snapshot: true, queues: [queue("b", 5)] },
  );
  assert.deepEqual(board.queueOrder.value, ["tenants/t/queues/b"]);
  assert.equal(board.queues.size, 1);
  assert.equal(board.agents.size, 0);
  assert.equal(board.calls.size, 0);
});

test("An instant that comes in parts is seen when it is complete", () => {
  const board = boardAfter(
    { snapshot: true, queues: [queue("a", 1)] },
    { snapshot: true, more: true, queues: [queue("a", 9)] },
  );
  assert.equal(waitingOf(board, "a"), 1n);
  board.apply(create(WatchResponseSchema, { queues: [queue("b", 2)] }), 3000);
  assert.equal(waitingOf(board, "a"), 9n);
  assert.equal(waitingOf(board, "b"), 2n);
  assert.deepEqual(board.queueOrder.value, ["tenants/t/queues/a", "tenants/t/queues/b"]);
});

test("Parts of a stream that was cut are not joined with those of the next", () => {
  const board = boardAfter(
    { snapshot: true, queues: [queue("a", 1)] },
    { snapshot: true, more: true, queues: [queue("b", 9)] },
  );
  board.cut();
  board.apply(create(WatchResponseSchema, { snapshot: true, queues: [queue("a", 2)] }), 3000);
  assert.deepEqual(board.queueOrder.value, ["tenants/t/queues/a"]);
});

test("Calls that wait no more go, and agents who are new are sorted in by id", () => {
  const board = boardAfter(
    { snapshot: true, agents: [agent("a"), agent("c")], calls: [call("1"), call("2")] },
    { agents: [agent("b")], goneCalls: ["tenants/t/calls/1"] },
  );
  assert.deepEqual(
    board.agentOrder.value,
    ["a", "b", "c"].map((id) => `tenants/t/agents/${id}`),
  );
  assert.deepEqual([...board.calls.keys()], ["tenants/t/calls/2"]);
});

test("Only what changed is drawn again", () => {
  const board = boardAfter({ snapshot: true, queues: [queue("a", 1), queue("b", 2)] });
  const drawn = { a: 0, b: 0 };
  for (const id of ["a", "b"] as const) {
    effect(() => {
      board.queues.get(`tenants/t/queues/${id}`)!.value;
      drawn[id]++;
    });
  }
  board.apply(create(WatchResponseSchema, { queues: [queue("b", 3)] }), 1000);
  assert.deepEqual(drawn, { a: 1, b: 2 });
});

test("Times go on from when they were told, and never back", () => {
  const board = boardAfter({ snapshot: true, agents: [agent("a")], calls: [call("1")] });
  const told = board.agents.get("tenants/t/agents/a")!.value;
  assert.equal(timeInState(told, 2500), 7.5);
  assert.equal(timeInState(told, -100), 5);
  assert.equal(waitOf(board.calls.get("tenants/t/calls/1")!.value, 1000), 4);
});
