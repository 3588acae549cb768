// SPDX-License-Identifier: Apache-2.0
// What the page shows is in its address, so that a wall can be bookmarked and "back" goes back:
//   #/TENANT/wall?window=15m&queues=billing,sales&order=urgent&theme=dark
//   #/TENANT/supervisor/calls/CALL
import { StatsWindow } from "../gen/acd/v1/statistics_pb";
import { windowWords } from "./words";

export type View = "wall" | "supervisor";
export const things = ["queues", "agents", "calls"] as const;
export type ThingKind = (typeof things)[number];
export type Theme = "auto" | "light" | "dark";

export interface Route {
  // Empty: not chosen yet.
  tenant: string;
  view: View;
  // What stands in the drawer.
  thing: { kind: ThingKind; id: string } | undefined;
  window: StatsWindow;
  // Ids; empty: all.
  queues: string[];
  order: "configured" | "urgent";
  theme: Theme;
}

// Anything that is no route of ours is the default of that part.
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [tenant = "", view = "", kind = "", id = ""] = path.split("/").map(decoded);
  const params = new URLSearchParams(query);
  const known = things.find((one) => one === kind);
  const theme = params.get("theme");
  return {
    tenant,
    view: view === "supervisor" ? "supervisor" : "wall",
    thing: known && id !== "" ? { kind: known, id } : undefined,
    window:
      windowWords.find(([, word]) => word === params.get("window"))?.[0] ??
      StatsWindow.STATS_WINDOW_DAY,
    queues: (params.get("queues") ?? "").split(",").filter((queue) => queue !== ""),
    order: params.get("order") === "urgent" ? "urgent" : "configured",
    theme: theme === "light" || theme === "dark" ? theme : "auto",
  };
}

export function routeHash(route: Route): string {
  const path = [route.tenant, route.view];
  if (route.thing) path.push(route.thing.kind, route.thing.id);
  const params = new URLSearchParams();
  if (route.window !== StatsWindow.STATS_WINDOW_DAY) {
    params.set("window", windowWords.find(([window]) => window === route.window)?.[1] ?? "");
  }
  if (route.queues.length > 0) params.set("queues", route.queues.join(","));
  if (route.order !== "configured") params.set("order", route.order);
  if (route.theme !== "auto") params.set("theme", route.theme);
  const query = params.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${query === "" ? "" : `?${query}`}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
