// SPDX-License-Identifier: Apache-2.0
// The stream's rules, without a network and with a clock that is turned by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  backoffMs,
  Connection,
  type Link,
  silenceMaxMs,
  staleAfterMs,
  staleSince,
} from "../src/connection";

class FakeWorld {
  time = 1_000;
  applied: string[] = [];
  cuts = 0;
  streams: {
    say: (text: string) => Promise<void>;
    fail: (why: string) => Promise<void>;
    isAborted: () => boolean;
  }[] = [];
  private timers: { due: number; wake: () => void }[] = [];

  now = () => this.time;
  random = () => 1;
  errorText = (error: unknown) => (error as Error).message;
  apply = (text: string) => void this.applied.push(text);
  cut = () => void this.cuts++;
  after = (ms: number, wake: () => void) => {
    const timer = { due: this.time + ms, wake };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  };
  watch = (signal: AbortSignal): AsyncIterable<string> => {
    const waiting: ((step: { text?: string; why?: string }) => void)[] = [];
    const steps: { text?: string; why?: string }[] = [];
    const push = async (step: { text?: string; why?: string }) => {
      const taker = waiting.shift();
      if (taker) taker(step);
      else steps.push(step);
      await settled();
    };
    signal.addEventListener("abort", () => void push({ why: "aborted" }));
    this.streams.push({
      say: (text) => push({ text }),
      fail: (why) => push({ why }),
      isAborted: () => signal.aborted,
    });
    return (async function* () {
      for (;;) {
        const step =
          steps.shift() ??
          (await new Promise<{ text?: string; why?: string }>((take) => waiting.push(take)));
        if (step.why !== undefined) throw new Error(step.why);
        yield step.text!;
      }
    })();
  };

  async advance(ms: number): Promise<void> {
    this.time += ms;
    const due = this.timers.filter((timer) => timer.due <= this.time);
    this.timers = this.timers.filter((timer) => timer.due > this.time);
    for (const timer of due) timer.wake();
    await settled();
  }
}

// Lets everything that is ready to run do so.
async function settled(): Promise<void> {
  await new Promise((done) => setImmediate(done));
}

async function started(): Promise<{ world: FakeWorld; connection: Connection<string> }> {
  const world = new FakeWorld();
  const connection = new Connection<string>(world);
  void connection.run();
  await settled();
  return { world, connection };
}

test("What comes is applied, and the link is live from the first response on", async () => {
  const { world, connection } = await started();
  assert.equal(connection.link.value.phase, "opening");
  await world.streams[0]!.say("a");
  assert.deepEqual(world.applied, ["a"]);
  assert.equal(connection.link.value.phase, "live");
});

test("After a cut it says why, waits, and begins again", async () => {
  const { world, connection } = await started();
  await world.streams[0]!.say("a");
  await world.streams[0]!.fail("gone");
  assert.equal(connection.link.value.phase, "waiting");
  assert.equal(connection.link.value.error, "gone");
  assert.equal(world.cuts, 1);
  await world.advance(connection.link.value.retryAt - world.time);
  assert.equal(world.streams.length, 2);
  await world.streams[1]!.say("b");
  assert.equal(connection.link.value.phase, "live");
  assert.equal(connection.link.value.error, "");
});

test("Each attempt in a row waits longer, up to a bound, and a response forgets that", async () => {
  const { world, connection } = await started();
  const pauses: number[] = [];
  for (let i = 0; i < 9; i++) {
    await world.streams.at(-1)!.fail("gone");
    pauses.push(connection.link.value.retryAt - world.time);
    await world.advance(pauses.at(-1)!);
  }
  assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  await world.streams.at(-1)!.say("a");
  await world.streams.at(-1)!.fail("gone");
  assert.equal(connection.link.value.retryAt - world.time, 250);
});

test("Half of a pause is chance, so that not all pages come at once", () => {
  assert.equal(backoffMs(2, 0), 500);
  assert.equal(backoffMs(2, 0.5), 750);
  assert.equal(backoffMs(1_000, 0), 5_000);
});

test("A retry by hand does not wait", async () => {
  const { world, connection } = await started();
  await world.streams[0]!.fail("gone");
  connection.retry();
  await settled();
  assert.equal(world.streams.length, 2);
});

test("A stream that is silent is taken for dead", async () => {
  const { world, connection } = await started();
  await world.streams[0]!.say("a");
  await world.advance(silenceMaxMs - 1);
  assert.equal(world.streams[0]!.isAborted(), false);
  await world.advance(1);
  assert.equal(world.streams[0]!.isAborted(), true);
  assert.match(connection.link.value.error, /nothing heard for 10 s/);
});

test("Something else to watch begins a stream at once, and nothing gets stale by it", async () => {
  const { world, connection } = await started();
  await world.streams[0]!.say("a");
  connection.restart();
  await settled();
  assert.equal(world.streams.length, 2);
  assert.equal(world.streams[0]!.isAborted(), true);
  assert.equal(staleSince(connection.link.value, world.time), undefined);
});

test("A restart while it waits is an attempt", async () => {
  const { world, connection } = await started();
  await world.streams[0]!.fail("gone");
  connection.restart();
  await settled();
  assert.equal(world.streams.length, 2);
  await world.streams[1]!.fail("again");
  assert.equal(connection.link.value.phase, "waiting");
});

test("After stop nothing begins again", async () => {
  const { world, connection } = await started();
  connection.stop();
  await settled();
  await world.advance(60_000);
  assert.equal(world.streams.length, 1);
});

test("Figures are stale at once while nobody is there, else after a silence", () => {
  const link: Link = { phase: "live", heardAt: 5_000, retryAt: 0, error: "" };
  assert.equal(staleSince(link, 5_000 + staleAfterMs), undefined);
  assert.equal(staleSince(link, 5_001 + staleAfterMs), 5_000);
  assert.equal(staleSince({ ...link, phase: "waiting", error: "gone" }, 5_001), 5_000);
  assert.equal(staleSince({ ...link, phase: "opening", error: "gone" }, 5_001), 5_000);
  assert.equal(staleSince({ ...link, phase: "opening" }, 5_100), undefined);
  assert.equal(staleSince({ ...link, phase: "opening" }, 5_001 + staleAfterMs), 5_000);
  assert.equal(staleSince({ ...link, phase: "waiting", heardAt: 0 }, 99_000), undefined);
});
