// SPDX-License-Identifier: Apache-2.0
// The page in a browser, before a daemon that says what each test wants said.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { expectAccessible, launch, open, type Opened, shoot, soon } from "./browser";
import { Centre, dayPoints } from "./centre";
import { MockDaemon, Refusal } from "./mock_daemon";

let browser: Browser;
let daemon: MockDaemon;
let url: string;
let opened: Opened | undefined;
let beats: ReturnType<typeof setInterval> | undefined;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser.close();
});
afterEach(async () => {
  clearInterval(beats);
  await opened?.page.close();
  opened = undefined;
  daemon.stop();
});

async function show(
  hash: string,
  options: { size?: { width: number; height: number }; isAlive?: boolean } = {},
): Promise<Opened> {
  const centre = new Centre(12, 240);
  daemon = new MockDaemon(process.env["ACD_WALLBOARD_DIST"]!);
  daemon.onWatch = (request) => [centre.snapshot(request)];
  daemon.methods.set("ListTenants", () => ({ names: ["tenants/bank"] }));
  daemon.methods.set("ListDayPoints", () => ({ points: dayPoints(Date.now() / 1000) }));
  daemon.methods.set("WhyIdle", () => ({ blocker: "capacity" }));
  daemon.methods.set("WhyWaiting", () => ({
    queue: "tenants/bank/queues/everyday",
    agents: [
      { blocker: "capacity", count: 41 },
      { blocker: "not_ready", count: 9 },
    ],
    nextChange: "34s",
  }));
  daemon.methods.set("ListCalls", () => ({}));
  // As the daemon does when nothing changes; else what is shown gets stale.
  if (options.isAlive !== false) beats = setInterval(() => daemon.tell({}), 500);
  url = await daemon.start();
  opened = await open(browser, `${url}/${hash}`, options.size);
  return opened;
}

test("With one tenant the wall is shown at once", async () => {
  const { page } = await show("");
  await page.waitForSelector(".tile", soon);
  assert.equal(new URL(page.url()).hash, "#/bank/wall");
  assert.equal(await page.locator(".tile").count(), 12);
});

test("A tile has what a wall needs, in words for a screen reader, too", async () => {
  const { page } = await show("#/bank/wall");
  const tile = page.locator('.tile[data-queue="claims"]');
  await tile.waitFor(soon);
  const text = await tile.innerText();
  for (const part of [
    "claims",
    "Late",
    "waiting",
    "longest",
    "of 80 % in 0:20",
    "expected",
    "abandoned",
    "ready",
  ]) {
    assert.ok(text.includes(part), `no "${part}" in ${text}`);
  }
  const spoken = await tile.locator("a").getAttribute("aria-label");
  assert.match(
    spoken!,
    /^claims: Late, the longest wait is over 3 times the target\. \d waiting, longest 1 minute/,
  );
});

test("Levels are said by a word and a shape, not by colour alone", async () => {
  const { page } = await show("#/bank/wall");
  await page.waitForSelector(".tile", soon);
  for (const level of ["bad", "watch", "good"]) {
    const tile = page.locator(`.tile-${level}`).first();
    assert.notEqual(await tile.locator(".status").innerText(), "");
    assert.equal(await tile.locator(`.mark-${level}`).count(), 1);
  }
});

test("All tiles of a wall are on the screen, and the figures are large", async () => {
  const { page } = await show("#/bank/wall");
  await page.waitForSelector(".tile", soon);
  const last = await page.locator(".tile").last().boundingBox();
  assert.ok(last!.y + last!.height <= 1080);
  // 23 mm on a screen of 55 inches, which is what an eye needs at five metres, are 37 pixels of a
  // digit's height.
  const size = await page
    .locator(".figure-longest .figure-value")
    .first()
    .evaluate((one) => parseFloat(getComputedStyle(one).fontSize));
  assert.ok(size * 0.73 >= 37, `${size}`);
  await shoot(page, "wall-light");
});

for (const [name, size] of [
  ["phone", { width: 390, height: 844 }],
  ["wall-4k", { width: 3840, height: 2160 }],
] as const) {
  test(`Nothing is cut off on a ${name}`, async () => {
    const { page } = await show("#/bank/wall?theme=dark", { size });
    await page.waitForSelector(".tile", soon);
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.equal(wide, 0);
    await shoot(page, `${name}-dark`);
  });
}

for (const [name, hash] of [
  ["wall", "#/bank/wall"],
  ["wall-dark", "#/bank/wall?theme=dark"],
  ["supervisor", "#/bank/supervisor"],
  ["agent", "#/bank/supervisor/agents/A0003"],
  ["queue-dark", "#/bank/supervisor/queues/claims?theme=dark"],
] as const) {
  test(`Nobody is kept out of ${name}`, async () => {
    const { page, complaints } = await show(hash);
    await page.waitForSelector(hash.includes("wall") ? ".tile" : ".list-all .list-row", soon);
    await shoot(page, name);
    await expectAccessible(page);
    assert.deepEqual(complaints, []);
  });
}

test("The keyboard gets from a tile to its queue, to a call, and back", async () => {
  const { page } = await show("#/bank/wall");
  daemon.methods.set("GetCall", () => ({
    name: "tenants/bank/calls/bank-1-5000",
    state: "CALL_STATE_ENQUEUED",
    queue: "tenants/bank/queues/everyday",
  }));
  await page.locator('.tile[data-queue="everyday"] a').focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#drawer-title:focus", soon);
  assert.equal(await page.locator("#drawer-title").innerText(), "everyday");
  await page.locator(".pane-of-calls .list-all a").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.getByText("Why it waits").waitFor(soon);
  await page.keyboard.press("Escape");
  await page.waitForSelector(".drawer", { ...soon, state: "detached" });
});

test("While nothing is heard the page says since when, and is well again by itself", async () => {
  const { page } = await show("#/bank/wall");
  await page.waitForSelector(".clock-live", soon);
  const refuse = daemon.onWatch;
  daemon.onWatch = () => {
    throw new Error("away");
  };
  daemon.cut();
  const notice = page.getByRole("alert");
  await notice.waitFor(soon);
  assert.match(await notice.innerText(), /^Stale: as of \d\d:\d\d:\d\d, not of now\./);
  assert.equal(await page.locator(".wall.is-stale").count(), 1);
  await shoot(page, "stale");
  daemon.onWatch = refuse;
  await page.waitForSelector(".clock-live", soon);
  assert.equal(await page.locator(".is-stale").count(), 0);
});

test("A stream that goes silent is stale although nobody cut it", async () => {
  const { page } = await show("#/bank/wall", { isAlive: false });
  await page.waitForSelector(".clock-live", soon);
  await page.getByRole("alert").waitFor(soon);
  daemon.tell({});
  await page.waitForSelector(".clock-live", soon);
});

test("One stream serves the page, whatever it shows", async () => {
  const { page } = await show("#/bank/wall");
  await page.waitForSelector(".tile", soon);
  assert.equal(daemon.watchers[0]!.request.allAgents, false);
  await page.getByRole("link", { name: "Supervisor" }).click();
  await page.waitForSelector(".list-all .list-row", soon);
  assert.equal(daemon.watchers.length, 1);
  assert.equal(daemon.watchers[0]!.request.allAgents, true);
  assert.equal(daemon.watchers[0]!.request.waitingCalls, true);
});

test("An action is asked once more, and a refusal says why and changes nothing", async () => {
  const { page } = await show("#/bank/supervisor/agents/A0003");
  daemon.methods.set("SetAgentState", () => {
    throw new Refusal("failed_precondition", "agent A0003 is not logged in");
  });
  await page.getByRole("button", { name: "Make not ready" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("105");
  assert.equal(daemon.asked.filter(([method]) => method === "SetAgentState").length, 0);
  await dialog.getByRole("button", { name: "Make not ready" }).click();
  await dialog.getByText("Not done: agent A0003 is not logged in").waitFor(soon);
  await shoot(page, "refused");
  daemon.methods.set("SetAgentState", () => ({}));
  await dialog.getByRole("button", { name: "Make not ready" }).click();
  await dialog.waitFor({ ...soon, state: "hidden" });
  const sent = daemon.asked
    .filter(([method]) => method === "SetAgentState")
    .map(([, request]) => request);
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[0], sent[1]);
  assert.deepEqual(sent[0]!["notReady"], { reason: 105 });
  assert.match(
    String(sent[0]!["requestId"]),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test("Each call that waits says why, one question at a time", async () => {
  const { page } = await show("#/bank/supervisor");
  await page.getByText("41 busy, 9 not ready").first().waitFor(soon);
  assert.ok(daemon.asked.filter(([method]) => method === "WhyWaiting").length <= 20);
});

test("Of many agents only those on the screen are drawn", async () => {
  const { page } = await show("#/bank/supervisor");
  await page.waitForSelector(".list-all .list-row", soon);
  const rows = page.locator(".pane-of-agents .list-all .list-row");
  assert.ok((await rows.count()) < 60);
  assert.equal(
    await page.locator('.pane-of-agents [role="table"]').getAttribute("aria-rowcount"),
    "241",
  );
  await page
    .locator(".pane-of-agents .list-room")
    .evaluate((room) => (room.scrollTop = room.scrollHeight));
  await page.locator('.pane-of-agents [aria-rowindex="241"]').waitFor(soon);
});

test("Worst first, and some queues only", async () => {
  const { page } = await show("#/bank/wall?queues=loans,claims,everyday&order=urgent");
  await page.waitForSelector(".tile", soon);
  const order = await page
    .locator(".tile")
    .evaluateAll((tiles) => tiles.map((tile) => (tile as HTMLElement).dataset["queue"]));
  assert.deepEqual(order, ["claims", "everyday", "loans"]);
});

test("The page asks nobody but the daemon that it came from", async () => {
  const { page, requests } = await show("#/bank/supervisor/queues/claims");
  await page.waitForSelector(".list-all .list-row", soon);
  assert.ok(requests.length > 3);
  assert.deepEqual(
    requests.filter((request) => !request.startsWith(url)),
    [],
  );
});
