// SPDX-License-Identifier: Apache-2.0
// Why each call that is on the screen waits. Each answer costs the daemon a look at every agent, so
// one question is out at a time, only about what is seen, and an answer holds for a while.
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

export const whyFreshMs = 10_000;
// Between two questions.
export const whyPauseMs = 150;
// After a refusal, which is mostly that others ask too.
export const whyRefusedPauseMs = 2_000;

export interface WhyWorld {
  now(): number;
  after(ms: number, wake: () => void): void;
  ask(call: string): Promise<string>;
}

interface Answer {
  text: Signal<string>;
  at: number;
}

export class WhyAsker {
  // Of the calls that are seen; others are dropped, so it is as long as the screen.
  private answers = new Map<string, Answer>();
  private seen: string[] = [];
  private isAsking = false;

  constructor(private readonly world: WhyWorld) {}

  // Empty until it is known.
  textOf(call: string): ReadonlySignal<string> {
    return this.answerOf(call).text;
  }

  // The calls that are on the screen now, the first first.
  show(calls: string[]): void {
    this.seen = calls;
    const names = new Set(calls);
    for (const name of [...this.answers.keys()]) {
      if (!names.has(name)) this.answers.delete(name);
    }
    void this.next();
  }

  private answerOf(call: string): Answer {
    const known = this.answers.get(call);
    if (known) return known;
    const made: Answer = { text: signal(""), at: -Infinity };
    this.answers.set(call, made);
    return made;
  }

  private async next(): Promise<void> {
    if (this.isAsking) return;
    const oldest = this.seen.reduce<string | undefined>((best, call) => {
      return best === undefined || this.answerOf(call).at < this.answerOf(best).at ? call : best;
    }, undefined);
    if (oldest === undefined || this.world.now() - this.answerOf(oldest).at < whyFreshMs) return;
    this.isAsking = true;
    const answer = this.answerOf(oldest);
    let pause = whyPauseMs;
    try {
      answer.text.value = await this.world.ask(oldest);
    } catch {
      pause = whyRefusedPauseMs;
    }
    answer.at = this.world.now();
    this.world.after(pause, () => {
      this.isAsking = false;
      void this.next();
    });
  }
}
