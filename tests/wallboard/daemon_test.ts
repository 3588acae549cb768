// SPDX-License-Identifier: Apache-2.0
// The page that acdd serves, in a browser, while calls go on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { expectAccessible, launch, open, shoot, soon } from "./browser";
import { Centre, Line, until } from "./real_daemon";

const bankDay = `${process.env["ACD_SOURCE_DIR"]}/sim/data/bank-1999-01-day.csv.gz`;
// So many seconds of the log in one: the morning comes soon, and calls last long enough to be seen.
const speed = "60";

let browser: Browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser.close();
});

function tileTexts(page: Page): Promise<string> {
  return page.locator(".tiles").innerText();
}

test("A bank's morning on the wall", async (t) => {
  const centre = new Centre();
  t.after(() => centre.stop());
  await centre.startDaemon(centre.configOf(bankDay), "--clock", "driven");
  const line = new Line(centre.httpPort);
  t.after(() => line.close());
  const url = await line.open();
  const { page, requests, complaints } = await open(browser, url);
  await page.waitForSelector(".tile", soon);
  centre.replay(bankDay, speed);

  await t.test("Tiles move", async () => {
    const before = await tileTexts(page);
    await until("tiles change", async () => (await tileTexts(page)) !== before);
    await page
      .locator('.tile[data-queue="ps"] .figure-level .figure-value', { hasText: "%" })
      .waitFor(soon);
    await until("somebody is on a call", async () => {
      return (
        Number(await page.locator('.tile[data-queue="ps"] .agent-bar b').nth(1).innerText()) > 0
      );
    });
  });

  await t.test("Every queue has its tile", async () => {
    const names = await page
      .locator(".tile")
      .evaluateAll((tiles) => tiles.map((tile) => (tile as HTMLElement).dataset["queue"]));
    assert.deepEqual([...names].sort(), ["in", "ne", "nw", "pe", "ps", "tt"]);
  });

  await t.test("A cut connection heals, and meanwhile the wall says that it is stale", async () => {
    line.cut();
    await page.waitForSelector(".wall.is-stale", soon);
    assert.match(
      await page.getByRole("alert").innerText(),
      /Stale: as of \d\d:\d\d:\d\d, not of now/,
    );
    const before = await tileTexts(page);
    line.heal();
    await page.waitForSelector(".clock-live", soon);
    await until("tiles change again", async () => (await tileTexts(page)) !== before);
    assert.equal(await page.locator(".is-stale").count(), 0);
  });

  await t.test("A connection on which nothing comes any more heals, too", async () => {
    line.freeze();
    await page.waitForSelector(".wall.is-stale", soon);
    await page.waitForSelector(".clock-live", { timeout: 30_000 });
  });

  await t.test("The chart has the day", async () => {
    await page.locator('.chart-plot[aria-label*="waiting now"] canvas').waitFor(soon);
    await shoot(page, "bank");
  });

  await t.test("Queue, call and decision record", async () => {
    await page.locator('.tile[data-queue="ps"] a').click();
    await page.locator(".drawer .links a").first().waitFor(soon);
    await until("a call is seen and explained", async () => {
      const link = page.locator(".drawer .links a").first();
      if ((await link.count()) > 0) await link.click({ timeout: 2_000 }).catch(() => undefined);
      const found = await page
        .getByText("Who was free for it")
        .waitFor({ timeout: 2_000 })
        .then(
          () => true,
          () => false,
        );
      if (!found) await page.goto(`${url}/#/bank/supervisor/queues/ps`);
      return found;
    });
    await shoot(page, "bank-decision");
  });

  await t.test("Nobody else was asked, and the browser has no complaint", () => {
    assert.deepEqual(
      requests.filter((request) => !request.startsWith(url)),
      [],
    );
    assert.deepEqual(complaints, []);
  });
});

const deskConfig = `tenants:
  - id: desk
    queues:
      - {id: help, members: [ada, bob, eve]}
    agents:
      - {id: ada, display_name: Ada Moreno}
      - {id: bob, display_name: Ben Okafor}
      - {id: eve, display_name: Eve Lin}
      - {id: zoe, display_name: Zoe Brand}
`;

test("A supervisor at work", async (t) => {
  const centre = new Centre();
  t.after(() => centre.stop());
  await centre.startDaemon(centre.write("desk.yaml", deskConfig));
  const { page, complaints } = await open(
    browser,
    `http://127.0.0.1:${centre.httpPort}/#/desk/supervisor`,
  );
  const pbx = centre.quietSwitch("help", 8, ["ada", "bob", "eve", "zoe"]);
  const calls = page.locator(".pane-of-calls .list-all .list-row");
  const dialog = page.getByRole("dialog");
  const agent = (name: string) =>
    page.locator(".pane-of-agents .list-all .list-row", { hasText: name });

  await t.test("Three talk, five wait, each with its place and why", async () => {
    await until("five wait", async () => (await calls.count()) === 5, 20_000).catch(
      (error: Error) => {
        throw new Error(`${error.message}\n${centre.said(pbx)}`);
      },
    );
    assert.deepEqual((await calls.locator(".col-place").allInnerTexts()).sort(), [
      "1",
      "2",
      "3",
      "4",
      "5",
    ]);
    await calls.locator(".col-why", { hasText: "3 busy" }).first().waitFor(soon);
    assert.equal(await agent("Ada Moreno").locator(".col-state").innerText(), "On call");
    await shoot(page, "desk");
    await expectAccessible(page);
  });

  await t.test("Another priority puts a call first", async () => {
    const last = calls
      .filter({ has: page.locator(".col-place", { hasText: "5" }) })
      .locator(".col-call a");
    const id = await last.innerText();
    await last.click();
    await page.getByText("Why it waits").waitFor(soon);
    await page.getByRole("button", { name: "Change priority" }).click();
    await dialog.getByLabel("Priority").fill("50");
    await dialog.getByRole("button", { name: "Change priority" }).click();
    await dialog.waitFor({ ...soon, state: "hidden" });
    const row = calls.filter({ hasText: id });
    await row.locator(".col-priority", { hasText: "50" }).waitFor(soon);
    await until("it is first", async () => (await row.locator(".col-place").innerText()) === "1");
  });

  await t.test("A priority out of range is not sent", async () => {
    await page.getByRole("button", { name: "Change priority" }).click();
    await dialog.getByLabel("Priority").fill("1000001");
    await dialog.getByRole("button", { name: "Change priority" }).click();
    assert.equal(await dialog.isVisible(), true);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ ...soon, state: "hidden" });
  });

  await t.test("A call is taken from who talks, and waits again", async () => {
    const talking = agent("Ada Moreno").locator(".col-calls a");
    const id = await talking.innerText();
    await talking.click();
    await page.getByText("Decision record").waitFor(soon);
    await page.getByRole("button", { name: "Requeue" }).click();
    await shoot(page, "requeue");
    await dialog.getByRole("button", { name: "Requeue" }).click();
    await dialog.waitFor({ ...soon, state: "hidden" });
    await until("the switch parks it", () => centre.said(pbx).includes(`parked ${id}`));
    await until("Ada has another call", async () => {
      const text = await agent("Ada Moreno").locator(".col-calls").innerText();
      return text !== id && text !== "–";
    });
  });

  await t.test("An agent is made not ready, ready again, and logged out", async () => {
    const row = agent("Zoe Brand");
    const act = async (verb: string, reason?: string) => {
      await page.getByRole("button", { name: verb }).click();
      if (reason !== undefined) await dialog.getByLabel("Reason").fill(reason);
      await dialog.getByRole("button", { name: verb }).click();
      await dialog.waitFor({ ...soon, state: "hidden" });
    };
    const state = (text: string) => row.locator(".col-state", { hasText: text }).waitFor(soon);
    await row.locator("a").first().click();
    await act("Make not ready", "105");
    await state("Not ready supervisor 105");
    await act("Make ready");
    await state("Ready");
    await act("Log out");
    await state("Logged out");
    await page.getByText("Logging in takes a station").waitFor(soon);
    assert.deepEqual(complaints, []);
  });
});
