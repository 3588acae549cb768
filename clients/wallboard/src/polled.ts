// SPDX-License-Identifier: Apache-2.0
// An answer that is asked for again and again while it is shown.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Code } from "@connectrpc/connect";
import { errorCode, errorText } from "./api";

export const pollEveryMs = 3_000;

export interface Polled<Answer> {
  answer: Answer | undefined;
  // Of the last attempt; empty: it went well. The answer is the one before, unless what it is about
  // is gone.
  error: string;
  isGone: boolean;
}

// Begins anew when `key` changes. The next question goes out some time after the answer to the one
// before.
export function usePolled<Answer>(
  key: string,
  ask: () => Promise<Answer>,
  everyMs = pollEveryMs,
): Polled<Answer> {
  const nothing = { answer: undefined, error: "", isGone: false };
  const state = useSignal<Polled<Answer>>(nothing);
  useEffect(() => {
    state.value = nothing;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      try {
        const answer = await ask();
        if (!isOver) state.value = { answer, error: "", isGone: false };
      } catch (refused) {
        const isGone = errorCode(refused) === Code.NotFound;
        const answer = isGone ? undefined : state.value.answer;
        if (!isOver) state.value = { answer, error: errorText(refused), isGone };
      }
      if (!isOver) timer = setTimeout(() => void read(), everyMs);
    };
    void read();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [key]);
  return state.value;
}
