// SPDX-License-Identifier: Apache-2.0
// The tenant's figures, the way around, and whether what is shown is true now.
import { counted, timeOfDay } from "./format";
import { board, clock, go, hrefTo, link, retryNow, route, stale, wallTime } from "./page";
import type { Theme, View } from "./route";
import { windowWords } from "./words";

const views: [View, string][] = [
  ["wall", "Wall"],
  ["supervisor", "Supervisor"],
];
const themes: [Theme, string][] = [
  ["auto", "Auto"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function Header() {
  const { tenant, view, window, theme } = route.value;
  return (
    <header class="bar">
      <h1 class="bar-name">{tenant}</h1>
      <nav aria-label="Views" class="tabs">
        {views.map(([name, text]) => (
          <a
            key={name}
            href={hrefTo({ view: name, thing: undefined })}
            aria-current={view === name ? "page" : undefined}
          >
            {text}
          </a>
        ))}
      </nav>
      <div class="bar-space" />
      <Choice
        label="Figures of"
        value={String(window)}
        options={windowWords.map(([value, , text]) => [String(value), text])}
        onChange={(value) => go({ window: Number(value) })}
      />
      <Choice
        label="Colours"
        value={theme}
        options={themes}
        onChange={(value) => go({ theme: value as Theme })}
      />
      <Clock />
      <StaleNotice />
    </header>
  );
}

function Choice(props: {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
}) {
  return (
    <label class="choice">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Clock() {
  const isStale = stale.value !== undefined;
  const isLive = link.value.phase === "live" && !isStale;
  const text = isLive ? "Live" : board.value.isFilled.value ? "Stale" : "Connecting";
  return (
    <p class={`clock ${isLive ? "clock-live" : "clock-stale"}`}>
      <time>{timeOfDay(wallTime(clock.value))}</time>
      <span class="clock-state">{text}</span>
    </p>
  );
}

function StaleNotice() {
  const { phase, retryAt, error } = link.value;
  const since = stale.value;
  if (since === undefined && error === "") return null;
  const wait = Math.max(0, Math.ceil((retryAt - clock.value) / 1000));
  return (
    <div class="stale" role="alert">
      <strong>
        {since === undefined
          ? "Nothing to show yet."
          : `Stale: as of ${timeOfDay(wallTime(since), true)}, not of now.`}
      </strong>{" "}
      <span aria-live="off">
        {error !== "" && `Connection: ${error}. `}
        {phase === "waiting"
          ? `Next try ${wait > 0 ? `in ${counted(wait, "second")}` : "now"}.`
          : "Waiting to hear from the daemon."}
      </span>{" "}
      {phase === "waiting" && (
        <button type="button" onClick={retryNow}>
          Try now
        </button>
      )}
    </div>
  );
}
