// SPDX-License-Identifier: Apache-2.0
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ConfirmDialog } from "./actions";
import { api, answerTime, errorText } from "./api";
import { Header } from "./header";
import { announced, go, hrefTo, route } from "./page";
import { Supervisor } from "./supervisor";
import { Wall } from "./wall";

export function App() {
  const { tenant, view } = route.value;
  useEffect(() => {
    document.title =
      tenant === "" ? "Wallboard" : `${tenant} – ${view === "wall" ? "wallboard" : "supervisor"}`;
  }, [tenant, view]);
  if (tenant === "") return <ChooseTenant />;
  return (
    <div class={`frame frame-${view}`}>
      <Header />
      {view === "wall" ? <Wall /> : <Supervisor />}
      <ConfirmDialog />
      <div class="unseen" role="status" aria-live="polite">
        {announced.value}
      </div>
    </div>
  );
}

// A daemon with one tenant needs no choice.
function ChooseTenant() {
  const names = useSignal<string[] | undefined>(undefined);
  const error = useSignal("");
  const attempt = useSignal(0);
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      try {
        const answer = await api.config.listTenants({ pageSize: 1_000 }, answerTime());
        if (isOver) return;
        names.value = answer.names.map((name) => name.replace("tenants/", ""));
        error.value = "";
        if (names.value.length === 1) go({ tenant: names.value[0]! });
      } catch (refused) {
        if (isOver) return;
        error.value = errorText(refused);
        timer = setTimeout(() => void read(), 2_000);
      }
    };
    void read();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [attempt.value]);
  return (
    <main class="choose">
      <h1>Wallboard</h1>
      {error.value !== "" && (
        <p role="alert" class="notice notice-bad">
          No list of tenants: {error.value}. Trying again.
        </p>
      )}
      {names.value === undefined && error.value === "" && <p>Asking the daemon …</p>}
      {names.value && names.value.length === 0 && <p>This daemon has no tenants.</p>}
      <ul>
        {names.value?.map((name) => (
          <li key={name}>
            <a href={hrefTo({ tenant: name })}>{name}</a>
          </li>
        ))}
      </ul>
    </main>
  );
}
