// SPDX-License-Identifier: Apache-2.0
// 200 queues and 2,000 agents, all of them busy: the page stays smooth.
import assert from "node:assert/strict";
import { test } from "node:test";
import { frameTimes, launch, open, percentile, shoot, soon } from "./browser";
import { Centre, until } from "./real_daemon";

const queueCount = 200;
const agentCount = 2_000;
const callCount = 30_000;
const spanSeconds = 3_600;
const speed = "30";
// Two cores have the daemon, the simulator and the browser, which draws without a graphics card.
const framesWanted = 200;
const frameP95Max = 50;
const frameMax = 250;
// Of `--full`.
const memorySeconds = Number(process.env["ACD_WALLBOARD_MEMORY_SECONDS"] ?? 0);
const memoryGrowthMax = 20 << 20;

// A call log in which everybody is at work for an hour: acdsim makes the configuration of it and
// plays it.
function busyHour(): string {
  const lines = ["arrival_epoch,date,arrival_sec,skill,priority,outcome,wait_s,handle_s,agent"];
  const day = Date.UTC(1999, 0, 3) / 1000;
  const begin = 9 * 3600;
  for (let i = 0; i < callCount; i++) {
    const at = begin + Math.floor((i * spanSeconds) / callCount);
    const agent = (i * 7) % agentCount;
    const skill = `Q${String((agent + Math.floor(i / agentCount)) % queueCount).padStart(3, "0")}`;
    const outcome = i % 23 === 0 ? "ABANDONED" : "SERVED";
    const handle = outcome === "SERVED" ? 120 + ((i * 37) % 240) : 0;
    lines.push(
      `${day + at},1999-01-03,${at},${skill},0,${outcome},${(i * 13) % 40},${handle},` +
        `A${String(agent).padStart(4, "0")}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

test("200 queues and 2,000 agents", { timeout: 240_000 + memorySeconds * 1000 }, async (t) => {
  const centre = new Centre();
  t.after(() => centre.stop());
  const log = centre.write("hour.csv", busyHour());
  await centre.startDaemon(centre.configOf(log), "--clock", "driven", "--history", "off");
  const browser = await launch();
  t.after(() => browser.close());
  const { page, complaints } = await open(browser, `http://127.0.0.1:${centre.httpPort}/`);
  centre.replay(log, speed);
  await page.waitForSelector(".tile", soon);
  await until(
    "calls go on",
    async () => Number(await page.locator(".total dd").nth(6).innerText()) > agentCount / 2,
  );

  const judge = async (name: string) => {
    const medians: { p95: number; max: number }[] = [];
    for (let round = 0; round < 3; round++) {
      const times = await frameTimes(page, framesWanted);
      medians.push({ p95: percentile(times, 0.95), max: Math.max(...times) });
    }
    const middle = (key: "p95" | "max") => medians.map((one) => one[key]).sort((a, b) => a - b)[1]!;
    const text =
      `${name}: 95 % of frames within ${middle("p95").toFixed(1)} ms, ` +
      `the longest ${middle("max").toFixed(1)} ms`;
    t.diagnostic(text);
    assert.ok(middle("p95") <= frameP95Max && middle("max") <= frameMax, text);
  };

  await t.test("The wall is smooth", async () => {
    assert.equal(await page.locator(".tile").count(), queueCount);
    await shoot(page, "load-wall");
    await judge("wall");
  });

  await t.test("The supervisor's lists are smooth, and draw only what is seen", async () => {
    await page.getByRole("link", { name: "Supervisor" }).click();
    await page.waitForSelector(".pane-of-agents .list-all .list-row", soon);
    assert.equal(
      await page.locator('.pane-of-agents [role="table"]').getAttribute("aria-rowcount"),
      String(agentCount + 1),
    );
    assert.ok((await page.locator(".list-all .list-row").count()) < 100);
    await shoot(page, "load-supervisor");
    await judge("supervisor");
  });

  await t.test("Scrolling through all agents is smooth", async () => {
    await page.locator(".pane-of-agents .list-room").evaluate((room) => {
      const step = () => {
        room.scrollTop = (room.scrollTop + 300) % room.scrollHeight;
        requestAnimationFrame(step);
      };
      step();
    });
    await judge("scrolling");
  });

  await t.test(
    "Memory does not grow",
    { skip: memorySeconds === 0 && "only with --full" },
    async () => {
      const session = await page.context().newCDPSession(page);
      const used = async () => {
        await session.send("HeapProfiler.collectGarbage");
        return (await session.send("Runtime.getHeapUsage")).usedSize;
      };
      const before = await used();
      const end = performance.now() + memorySeconds * 1000;
      await until("the time is over", () => performance.now() > end, memorySeconds * 1000 + 10_000);
      const growth = (await used()) - before;
      t.diagnostic(
        `heap ${(before / 1e6).toFixed(1)} MB, ` +
          `${(growth / 1e6).toFixed(1)} MB more after ${memorySeconds} s`,
      );
      assert.ok(growth < memoryGrowthMax);
    },
  );
  assert.deepEqual(complaints, []);
});
