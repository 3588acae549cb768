// SPDX-License-Identifier: Apache-2.0
// Keeps one Watch going: begins again after every cut, later each time and not with all others at
// once, and knows since when what is shown is stale.
import { type Signal, signal } from "@preact/signals";

// Without a response for so long the figures are stale: the daemon sends one each interval, changed
// or not.
export const staleAfterMs = 3_500;
// Then the stream is taken for dead, although nobody said so.
export const silenceMaxMs = 10_000;
const backoffFirstMs = 250;
const backoffMaxMs = 10_000;

export interface Link {
  // "opening" before the first response of a stream; "waiting" between two streams.
  phase: "opening" | "live" | "waiting";
  // Of the page's clock, when the last response came; 0: none yet.
  heardAt: number;
  // While it waits: when the next attempt begins.
  retryAt: number;
  // What ended the last stream; empty while one is live, or none was cut.
  error: string;
}

// The world around it, so that tests need neither a network nor time.
export interface World<Response> {
  now(): number;
  // 0 up to 1.
  random(): number;
  // Calls back once; the function it returns takes that back.
  after(ms: number, wake: () => void): () => void;
  watch(signal: AbortSignal): AsyncIterable<Response>;
  apply(response: Response): void;
  cut(): void;
  // Why a stream ended, for people.
  errorText(error: unknown): string;
}

// Doubled with each attempt, half of it by chance.
export function backoffMs(attempt: number, random: number): number {
  const most = Math.min(backoffMaxMs, backoffFirstMs * 2 ** Math.min(attempt, 20));
  return most / 2 + (most / 2) * random;
}

export class Connection<Response> {
  readonly link: Signal<Link>;
  private stopped = false;
  private restarting = false;
  private attempt = 0;
  private abort: AbortController | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly world: World<Response>) {
    this.link = signal<Link>({ phase: "opening", heardAt: 0, retryAt: 0, error: "" });
  }

  async run(): Promise<void> {
    while (!this.stopped) {
      this.set({ phase: "opening" });
      const error = await this.stream();
      this.world.cut();
      if (this.stopped) return;
      if (this.restarting) {
        this.restarting = false;
        continue;
      }
      const pause = backoffMs(this.attempt++, this.world.random());
      this.set({ phase: "waiting", retryAt: this.world.now() + pause, error });
      await this.pause(pause);
    }
  }

  // Begins the next attempt now, as when the machine is on a network again.
  retry(): void {
    this.attempt = 0;
    this.wake?.();
  }

  // Something else is to be watched.
  restart(): void {
    if (this.link.value.phase === "waiting") return this.retry();
    this.restarting = true;
    this.abort?.abort();
  }

  stop(): void {
    this.stopped = true;
    this.abort?.abort();
    this.wake?.();
  }

  // One stream from begin to end; returns why it ended.
  private async stream(): Promise<string> {
    const abort = new AbortController();
    this.abort = abort;
    let isSilent = false;
    const listen = () =>
      this.world.after(silenceMaxMs, () => {
        isSilent = true;
        abort.abort();
      });
    let forget = listen();
    try {
      for await (const response of this.world.watch(abort.signal)) {
        if (this.stopped) return "";
        forget();
        forget = listen();
        this.world.apply(response);
        this.attempt = 0;
        this.set({ phase: "live", heardAt: this.world.now(), error: "" });
      }
      return "the daemon ended the stream";
    } catch (error) {
      return isSilent ? `nothing heard for ${silenceMaxMs / 1000} s` : this.world.errorText(error);
    } finally {
      forget();
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((done) => {
      const wake = () => {
        forget();
        this.wake = undefined;
        done();
      };
      const forget = this.world.after(ms, wake);
      this.wake = wake;
    });
  }

  private set(change: Partial<Link>): void {
    this.link.value = { ...this.link.value, ...change };
  }
}

// Since when what is shown is stale, of the page's clock; undefined while it is not.
export function staleSince(link: Link, now: number): number | undefined {
  if (link.heardAt === 0) return undefined;
  const isCut = link.phase !== "live" && link.error !== "";
  const isStale = isCut || now - link.heardAt > staleAfterMs;
  return isStale ? link.heardAt : undefined;
}
