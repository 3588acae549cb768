// SPDX-License-Identifier: Apache-2.0
// One call: where it is, why it waits, or how it was decided who got it.
import type {
  ExplainAssignmentResponse,
  WhyWaitingResponse,
} from "../gen/acd/v1/explain_service_pb";
import { CallState } from "../gen/acd/v1/wallboard_service_pb";
import { CallActions } from "./actions";
import { answerTime, api } from "./api";
import { Blockers, Fact, Facts, Refused } from "./drawer";
import { clockText, nothing, secondsOf, shortName } from "./format";
import { board, hrefTo, parent } from "./page";
import { usePolled } from "./polled";
import { blockerText, callStateText, holdBackText, tieBreakText, unknownText } from "./words";

function nameOf(agent: string): string {
  return board.value.agents.get(agent)?.value.value.displayName || shortName(agent);
}

function AgentLink(props: { name: string }) {
  return (
    <a href={hrefTo({ thing: { kind: "agents", id: shortName(props.name) } })}>
      {nameOf(props.name)}
    </a>
  );
}

export function CallDetail(props: { id: string }) {
  const name = `${parent()}/calls/${props.id}`;
  const { answer: call, error, isGone } = usePolled(name, () =>
    api.wallboard.getCall({ name, ewt: true }, answerTime()),
  );
  const isWaiting = call?.state === CallState.ENQUEUED;
  const queue = call && shortName(call.queue);
  const agents = call
    ? call.offeredAgents.length > 0
      ? call.offeredAgents
      : call.agent
        ? [call.agent]
        : []
    : [];
  return (
    <>
      {isGone && <p class="notice">It is over, or was never here: {error}</p>}
      {error !== "" && !isGone && <p class="notice notice-bad">Not of now: {error}</p>}
      {call && (
        <>
          <p class="status">{callStateText(call.state)}</p>
          <CallActions call={call} />
          <Facts>
            <Fact name="Queue">
              <a href={hrefTo({ thing: { kind: "queues", id: queue! } })}>{queue}</a>
            </Fact>
            <Fact name="Place">
              {call.ewt && call.ewt.position > 0 ? call.ewt.position : nothing}
            </Fact>
            <Fact name="Waited here">{clockText(secondsOf(call.wait))}</Fact>
            <Fact name="Waited in all">{clockText(secondsOf(call.waitTotal))}</Fact>
            <Fact name="Expected wait">
              {call.ewt?.p80
                ? `${clockText(secondsOf(call.ewt.p50))} to ${clockText(secondsOf(call.ewt.p95))}`
                : call.ewt && isWaiting
                  ? unknownText(call.ewt.unknown)
                  : nothing}
            </Fact>
            <Fact name="Talk">{clockText(secondsOf(call.talk))}</Fact>
            <Fact name="Agent">
              {agents.length === 0
                ? nothing
                : agents.map((agent) => <AgentLink key={agent} name={agent} />)}
            </Fact>
            <Fact name="Priority">{call.priority}</Fact>
            <Fact name="Offers">{String(call.offers)}</Fact>
            <Fact name="Queues so far">{String(call.visits)}</Fact>
            <Fact name="Asks for">{call.requirement || nothing}</Fact>
            <Fact name="Switch">{call.sourceId}</Fact>
          </Facts>
        </>
      )}
      {isWaiting && <Waiting name={name} />}
      {!isWaiting && (call || isGone) && <Record name={name} />}
    </>
  );
}

function Waiting(props: { name: string }) {
  const { answer, error } = usePolled(props.name, () =>
    api.explain.whyWaiting({ name: props.name }, answerTime()),
  );
  return (
    <>
      <h3>Why it waits</h3>
      <Refused error={error} />
      {answer && <Why why={answer} />}
    </>
  );
}

function Why(props: { why: WhyWaitingResponse }) {
  const { why } = props;
  const next = secondsOf(why.nextChange);
  return (
    <>
      {why.switchAway && <p>Its switch is away.</p>}
      {why.holdBack !== "" && <p>Held back: {holdBackText(why.holdBack)}.</p>}
      {why.configuring && <p>A new configuration is being taken into account.</p>}
      <p class="faint">Agents of the tenant, by what is in the way first:</p>
      <Blockers noun="agents" counts={why.agents} free={why.agentsFree} />
      <p class="faint">
        {next === undefined
          ? "Nothing of the call changes by itself."
          : `Changes by itself in ${clockText(next)}.`}
      </p>
    </>
  );
}

function Record(props: { name: string }) {
  const { answer, error } = usePolled(`record ${props.name}`, () =>
    api.explain.explainAssignment({ name: props.name }, answerTime()),
  );
  return (
    <>
      <h3>Decision record</h3>
      <Refused error={error} />
      {answer && <Decision record={answer} />}
    </>
  );
}

function Decision(props: { record: ExplainAssignmentResponse }) {
  const { record } = props;
  const chosen = record.candidates[0]?.agent;
  const age = clockText(secondsOf(record.age));
  return (
    <>
      <p>
        Went to {chosen ? <AgentLink name={chosen} /> : "nobody"} {age} ago:{" "}
        {tieBreakText(record.tieBreak)}.{record.preferred && " It waited for this agent."}
      </p>
      <Facts>
        <Fact name="Queue">{shortName(record.queue)}</Fact>
        <Fact name="Strategy">{record.strategy.replaceAll("_", " ")}</Fact>
        <Fact name="Call order">{record.callOrder.replaceAll("_", " ")}</Fact>
        <Fact name="Priority">{record.priority}</Fact>
        <Fact name="Steps in force">{record.steps.join(", ") || nothing}</Fact>
        <Fact name="Configuration">{record.configVersion}</Fact>
      </Facts>
      <table class="figures">
        <caption>Who was free for it</caption>
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col">Rank</th>
            <th scope="col">Prefers</th>
            <th scope="col">Load</th>
            <th scope="col">Idle</th>
          </tr>
        </thead>
        <tbody>
          {record.candidates.map((one, index) => (
            <tr key={one.agent} class={index === 0 ? "chosen" : undefined}>
              <th scope="row">{nameOf(one.agent)}</th>
              <td>{one.rank}</td>
              <td>{String(one.preference)}</td>
              <td>{one.load}</td>
              <td>{clockText(secondsOf(one.idle))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {record.groups.length > 0 && (
        <table class="figures">
          <caption>Who was not</caption>
          <thead>
            <tr>
              <th scope="col">Like</th>
              <th scope="col">In the way</th>
              <th scope="col">Logged in</th>
              <th scope="col">Ready</th>
            </tr>
          </thead>
          <tbody>
            {record.groups.map((group) => (
              <tr key={`${group.example} ${group.blocker}`}>
                <th scope="row">{nameOf(group.example)}</th>
                <td class="text">{blockerText(group.blocker)}</td>
                <td>{group.loggedIn}</td>
                <td>{group.ready}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
