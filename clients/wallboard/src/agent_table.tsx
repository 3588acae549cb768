// SPDX-License-Identifier: Apache-2.0
// All agents: what they do, since when, with which calls.
import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import { timeInState } from "./board";
import { clockText, nothing, percentText, shortName } from "./format";
import { board, clock, hrefTo, route } from "./page";
import { type AgentGroup, agentGroup, agentStateText, groupWords, reasonText } from "./words";
import { Cell, type Column, WindowList } from "./window_list";

const rowHeight = 40;
const columns: Column[] = [
  { title: "Agent", class: "col-name" },
  { title: "State", class: "col-state" },
  { title: "For", class: "col-time" },
  { title: "Calls", class: "col-calls" },
  { title: "Team", class: "col-team" },
  { title: "Answered", class: "col-number" },
  { title: "Occupancy", class: "col-number" },
];
type Order = "state" | "name" | "time";
const orders: [Order, string][] = [
  ["state", "State"],
  ["time", "Time in state"],
  ["name", "Name"],
];
const groupOrder = groupWords.map(([group]) => group);

export function AgentTable() {
  const filter = useSignal("");
  const group = useSignal<AgentGroup | "all">("all");
  const order = useSignal<Order>("state");
  const counts = useComputed(() => {
    board.value.version.value;
    const sums = new Map<AgentGroup, number>();
    for (const agent of board.value.agents.values()) {
      const key = agentGroup(agent.peek().value.state);
      sums.set(key, (sums.get(key) ?? 0) + 1);
    }
    return sums;
  });
  const names = useNames(filter, group, order);
  const all = board.value.agentOrder.value.length;
  return (
    <section class="pane pane-of-agents" aria-labelledby="agents-title">
      <div class="pane-head">
        <h2 id="agents-title">Agents</h2>
        <div class="chips" role="group" aria-label="Show agents who are">
          <Chip
            word="All"
            count={all}
            isOn={group.value === "all"}
            onClick={() => (group.value = "all")}
          />
          {groupWords.map(([key, word]) => (
            <Chip
              key={key}
              word={word}
              dot={key}
              count={counts.value.get(key) ?? 0}
              isOn={group.value === key}
              onClick={() => (group.value = key)}
            />
          ))}
        </div>
        <label class="choice">
          <span>Order</span>
          <select
            value={order.value}
            onChange={(event) => (order.value = event.currentTarget.value as Order)}
          >
            {orders.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <input
          type="search"
          aria-label="Find agents by name or team"
          placeholder="Find"
          value={filter.value}
          onInput={(event) => (filter.value = event.currentTarget.value)}
        />
      </div>
      <WindowList
        label="Agents"
        columns={columns}
        names={names.value}
        rowHeight={rowHeight}
        row={(name) => <AgentRow name={name} />}
        empty={all === 0 ? "This tenant has no agents." : "No agent is like that."}
      />
    </section>
  );
}

function useNames(
  filter: ReadonlySignal<string>,
  group: ReadonlySignal<AgentGroup | "all">,
  order: ReadonlySignal<Order>,
): ReadonlySignal<string[]> {
  return useComputed(() => {
    const { agents, agentOrder, version } = board.value;
    version.value;
    const wanted = filter.value.toLowerCase();
    const rows = agentOrder.value.flatMap((name) => {
      const told = agents.get(name)?.peek();
      if (!told) return [];
      const { state, displayName, team } = told.value;
      if (group.value !== "all" && agentGroup(state) !== group.value) return [];
      if (
        wanted !== "" &&
        ![shortName(name), displayName, team].some((text) => text.toLowerCase().includes(wanted))
      ) {
        return [];
      }
      return [
        {
          name,
          group: groupOrder.indexOf(agentGroup(state)),
          time: timeInState(told, performance.now()),
        },
      ];
    });
    if (order.value === "time") rows.sort((a, b) => b.time - a.time);
    if (order.value === "state") rows.sort((a, b) => a.group - b.group || b.time - a.time);
    return rows.map((row) => row.name);
  });
}

function Chip(props: {
  word: string;
  count: number;
  isOn: boolean;
  dot?: AgentGroup;
  onClick: () => void;
}) {
  return (
    <button type="button" class="chip" aria-pressed={props.isOn} onClick={props.onClick}>
      {props.dot && <span class={`dot dot-${props.dot}`} aria-hidden="true" />}
      {props.word} <b>{props.count}</b>
    </button>
  );
}

function AgentRow(props: { name: string }) {
  const told = board.value.agents.get(props.name);
  if (!told) return null;
  const agent = told.value.value;
  const id = shortName(props.name);
  const reason = reasonText(agent.reason);
  const isOpen = route.value.thing?.kind === "agents" && route.value.thing.id === id;
  return (
    <>
      <Cell class="col-name">
        <a
          href={hrefTo({ thing: { kind: "agents", id } })}
          aria-current={isOpen ? "true" : undefined}
        >
          {agent.displayName || id}
        </a>
        {agent.displayName !== "" && agent.displayName !== id && <span class="faint"> {id}</span>}
      </Cell>
      <Cell class="col-state">
        <span class={`dot dot-${agentGroup(agent.state)}`} aria-hidden="true" />
        {agentStateText(agent.state)}
        {reason !== "" && <span class="faint"> {reason}</span>}
        {agent.desktopAway && <span class="faint"> desktop away</span>}
      </Cell>
      <Cell class="col-time">
        <RunningTime seconds={() => timeInState(told.value, clock.value)} />
      </Cell>
      <Cell class="col-calls">
        {agent.calls.length === 0
          ? nothing
          : agent.calls.map((call) => (
              <a key={call} href={hrefTo({ thing: { kind: "calls", id: shortName(call) } })}>
                {shortName(call)}
              </a>
            ))}
      </Cell>
      <Cell class="col-team">{agent.team || nothing}</Cell>
      <Cell class="col-number">{String(agent.answered)}</Cell>
      <Cell class="col-number">{percentText(agent.occupancyPercent)}</Cell>
    </>
  );
}

// Redraws itself each second, and nothing around it.
export function RunningTime(props: { seconds: () => number }) {
  return <>{clockText(props.seconds())}</>;
}
