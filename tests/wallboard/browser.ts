// SPDX-License-Identifier: Apache-2.0
// Debian's Chromium, and what is asked of a page in it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const program = "/usr/bin/chromium";
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
// Of what a page is expected to show soon.
export const soon = { timeout: 20_000 };

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: program, args: flags });
}

// Everything that the page asked for and complained about.
export interface Opened {
  page: Page;
  requests: string[];
  complaints: string[];
}

export async function open(
  browser: Browser,
  url: string,
  size = { width: 1920, height: 1080 },
): Promise<Opened> {
  const page = await browser.newPage({ viewport: size });
  const opened: Opened = { page, requests: [], complaints: [] };
  page.on("request", (request) => opened.requests.push(request.url()));
  page.on("pageerror", (error) => opened.complaints.push(String(error)));
  page.on("console", (message) => {
    // Of a connection that is cut and of a request that is refused the browser complains by itself:
    // a call may have found its agent just when it is asked why it waits.
    if (message.type() === "error" && !/net::ERR_|^Failed to load resource/.test(message.text()))
      opened.complaints.push(message.text());
  });
  await page.goto(url);
  return opened;
}

// A picture for people to look at.
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env["ACD_WALLBOARD_SHOTS"];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  id: string;
  impact: string;
  nodes: { target: string[]; failureSummary: string }[];
}

// What axe finds that keeps people out.
export async function expectAccessible(page: Page): Promise<void> {
  // By the debugger: the page's policy forbids scripts of others.
  await page.evaluate(axe);
  const findings = await page.evaluate(async () => {
    const axe = (
      globalThis as unknown as { axe: { run: () => Promise<{ violations: Finding[] }> } }
    ).axe;
    return (await axe.run()).violations;
  });
  const serious = findings.filter((one) => one.impact === "serious" || one.impact === "critical");
  const text = serious.map(
    (one) =>
      `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`,
  );
  assert.deepEqual(text, []);
}

// How long each frame took, of so many.
export function frameTimes(page: Page, count: number): Promise<number[]> {
  return page.evaluate(
    (wanted) =>
      new Promise<number[]>((done) => {
        const times: number[] = [];
        let before = performance.now();
        const step = (now: number) => {
          times.push(now - before);
          before = now;
          if (times.length < wanted) requestAnimationFrame(step);
          else done(times.slice(1));
        };
        requestAnimationFrame(step);
      }),
    count,
  );
}

export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}
