// SPDX-License-Identifier: Apache-2.0
import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app";
import { route, start } from "./page";
import "uplot/dist/uPlot.min.css";
import "./style/base.css";
import "./style/wall.css";
import "./style/supervisor.css";

// The theme of the address, else that of the machine.
const machineIsDark = matchMedia("(prefers-color-scheme: dark)");
function applyTheme(): void {
  const { theme } = route.value;
  document.documentElement.dataset["theme"] =
    theme === "auto" ? (machineIsDark.matches ? "dark" : "light") : theme;
}
effect(applyTheme);
machineIsDark.addEventListener("change", applyTheme);

start();
render(<App />, document.getElementById("page")!);
