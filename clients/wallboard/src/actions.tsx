// SPDX-License-Identifier: Apache-2.0
// What a supervisor does about an agent or a call. Each is said once more before it is done, and
// done once: a repeat has the same request id.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { AgentStatus, CallStatus } from "../gen/acd/v1/wallboard_service_pb";
import { AgentState, CallState } from "../gen/acd/v1/wallboard_service_pb";
import { answerTime, api, errorText, isUnanswered, newRequestId } from "./api";
import { shortName } from "./format";
import { announced } from "./page";

interface NumberField {
  name: string;
  hint: string;
  min: number;
  max: number;
  value: number;
}

interface Action {
  title: string;
  // What will happen.
  text: string;
  // Of the button.
  verb: string;
  number?: NumberField;
  check?: { name: string; value: boolean };
  run: (given: { number: number; checked: boolean; requestId: string }) => Promise<unknown>;
}

interface Asked {
  action: Action;
  // Of what was given last: something else is another request.
  requestId: string;
  given: string;
  error: string;
  isRunning: boolean;
}

const asked = signal<Asked | undefined>(undefined);

function ask(action: Action): void {
  asked.value = { action, requestId: newRequestId(), given: "", error: "", isRunning: false };
}

async function run(number: number, checked: boolean): Promise<void> {
  const { action } = asked.value ?? {};
  if (!asked.value || !action || asked.value.isRunning) return;
  const given = `${number} ${checked}`;
  const isAnother = asked.value.given !== "" && asked.value.given !== given;
  const requestId = isAnother ? newRequestId() : asked.value.requestId;
  asked.value = { action, requestId, given, error: "", isRunning: true };
  try {
    await action.run({ number, checked, requestId });
    if (asked.value?.requestId === requestId) asked.value = undefined;
    announced.value = `Done: ${action.title}`;
  } catch (refused) {
    if (asked.value?.requestId !== requestId) return;
    const why = errorText(refused);
    const error = isUnanswered(refused)
      ? `No answer, so it may have been done: ${why}. Press again to be sure.`
      : `Not done: ${why}`;
    asked.value = { action, requestId, given, error, isRunning: false };
  }
}

export function ConfirmDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const current = asked.value;
  const isOpen = current !== undefined;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="ask-title"
      onClose={() => {
        asked.value = undefined;
      }}
    >
      {current && <Question asked={current} />}
    </dialog>
  );
}

function Question(props: { asked: Asked }) {
  const { action, error, isRunning } = props.asked;
  const { number, check } = action;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        void run(Number(data.get("number") ?? 0), data.get("check") !== null);
      }}
    >
      <h2 id="ask-title">{action.title}</h2>
      <p>{action.text}</p>
      {number && (
        <label class="field">
          <span>{number.name}</span>
          <input
            name="number"
            type="number"
            required
            min={number.min}
            max={number.max}
            step={1}
            defaultValue={String(number.value)}
          />
          <small>{number.hint}</small>
        </label>
      )}
      {check && (
        <label class="check">
          <input name="check" type="checkbox" defaultChecked={check.value} />
          {check.name}
        </label>
      )}
      {error !== "" && (
        <p role="alert" class="notice notice-bad">
          {error}
        </p>
      )}
      <div class="buttons">
        <button type="button" onClick={() => (asked.value = undefined)}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={isRunning}>
          {isRunning ? "…" : action.verb}
        </button>
      </div>
    </form>
  );
}

function Buttons(props: { actions: Action[] }) {
  return (
    <div class="buttons">
      {props.actions.map((action) => (
        <button key={action.verb} type="button" onClick={() => ask(action)}>
          {action.verb} …
        </button>
      ))}
    </div>
  );
}

export function AgentActions(props: { agent: AgentStatus }) {
  const { agent } = props;
  const { name, state } = agent;
  const who = agent.displayName || shortName(name);
  if (state === AgentState.LOGGED_OUT) {
    return (
      <p class="faint">Logged out. Logging in takes a station, which is the switch's to give.</p>
    );
  }
  const actions: Action[] = [];
  if (state !== AgentState.READY) {
    actions.push({
      title: `Make ${who} ready`,
      verb: "Make ready",
      text: "They are offered calls again, with work in hand once that is done.",
      run: ({ requestId }) =>
        api.supervisor.setAgentState(
          { name, requestId, state: { case: "ready", value: {} } },
          answerTime(),
        ),
    });
  }
  actions.push({
    title: `Make ${who} not ready`,
    verb: "Make not ready",
    text: "They are offered no more calls. An open offer goes on, and work in hand is done first.",
    number: {
      name: "Reason",
      hint: "100 to 199 are a supervisor's, 1 to 99 the agent's own, 0 is none.",
      min: 0,
      max: 199,
      value: 100,
    },
    run: ({ number, requestId }) =>
      api.supervisor.setAgentState(
        { name, requestId, state: { case: "notReady", value: { reason: number } } },
        answerTime(),
      ),
  });
  if (state === AgentState.WRAP_UP) {
    actions.push({
      title: `End the wrap-up of ${who}`,
      verb: "End wrap-up",
      text: "Their after-call work is over, and they may be offered the next call at once.",
      run: ({ requestId }) => api.supervisor.endWrapUp({ name, requestId }, answerTime()),
    });
  }
  actions.push({
    title: `Log ${who} out`,
    verb: "Log out",
    text: "They leave their station, after work in hand. They cannot be logged in again from here.",
    check: { name: "Becoming ready does not take it back", value: false },
    run: ({ checked, requestId }) =>
      api.supervisor.setAgentState(
        { name, requestId, state: { case: "loggedOut", value: { forced: checked } } },
        answerTime(),
      ),
  });
  return <Buttons actions={actions} />;
}

const changeable = [CallState.ENQUEUED, CallState.ALERTING, CallState.DIALING, CallState.SCHEDULED];
const takeable = [CallState.ALERTING, CallState.CONNECTED];

export function CallActions(props: { call: CallStatus }) {
  const { name, state, priority } = props.call;
  const id = shortName(name);
  const actions: Action[] = [];
  if (changeable.includes(state)) {
    actions.push({
      title: `Change the priority of ${id}`,
      verb: "Change priority",
      text: `Its priority is ${priority}. Calls of higher priority are served first.`,
      number: {
        name: "Priority",
        hint: "-1,000,000 to 1,000,000",
        min: -1_000_000,
        max: 1_000_000,
        value: priority,
      },
      run: ({ number, requestId }) =>
        api.supervisor.changeCallPriority({ name, priority: number, requestId }, answerTime()),
    });
  }
  if (takeable.includes(state)) {
    actions.push({
      title: `Give ${id} back to its queue`,
      verb: "Requeue",
      text:
        state === CallState.CONNECTED
          ? "The caller is taken from the agent, and waits again with their age: a transfer."
          : "It is taken from whom it rings, and waits again with its age.",
      run: ({ requestId }) => api.supervisor.requeueCall({ name, requestId }, answerTime()),
    });
  }
  return actions.length > 0 ? <Buttons actions={actions} /> : null;
}
