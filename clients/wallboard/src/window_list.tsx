// SPDX-License-Identifier: Apache-2.0
// A table of any length of which only what is seen is drawn.
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

// Drawn above and below what is seen, so that scrolling shows no gaps.
const spareRows = 6;

export interface Column {
  title: string;
  class?: string;
}

interface Props {
  label: string;
  columns: Column[];
  names: string[];
  rowHeight: number;
  row: (name: string) => ComponentChildren;
  empty: string;
  // Hears which names are drawn.
  onShow?: (names: string[]) => void;
}

export function WindowList(props: Props) {
  const { names, rowHeight } = props;
  const room = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  useLayoutEffect(() => {
    const element = room.current!;
    const observer = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const first = Math.max(
    0,
    Math.min(Math.floor(top.value / rowHeight) - spareRows, names.length - 1),
  );
  const limit = Math.min(
    names.length,
    Math.ceil((top.value + height.value) / rowHeight) + spareRows,
  );
  const drawn = names.slice(first, limit);
  useLayoutEffect(() => props.onShow?.(drawn));

  return (
    <div
      class="list"
      role="table"
      aria-label={props.label}
      aria-rowcount={names.length + 1}
      onKeyDown={(event) => moveFocus(event, room.current!, rowHeight)}
    >
      <div role="rowgroup">
        <div class="list-row list-head" role="row" aria-rowindex={1}>
          {props.columns.map((column) => (
            <span key={column.title} role="columnheader" class={column.class}>
              {column.title}
            </span>
          ))}
        </div>
      </div>
      <div
        class="list-room"
        role="rowgroup"
        tabIndex={0}
        aria-label={props.label}
        ref={room}
        onScroll={(event) => {
          top.value = event.currentTarget.scrollTop;
        }}
      >
        {names.length === 0 ? (
          <p class="list-empty">{props.empty}</p>
        ) : (
          <div class="list-all" style={{ height: `${names.length * rowHeight}px` }}>
            {drawn.map((name, index) => (
              <div
                key={name}
                class="list-row"
                role="row"
                aria-rowindex={first + index + 2}
                style={{ top: `${(first + index) * rowHeight}px`, height: `${rowHeight}px` }}
              >
                {props.row(name)}
              </div>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

export function Cell(props: { class?: string; title?: string; children?: ComponentChildren }) {
  return (
    <span role="cell" class={props.class} title={props.title}>
      {props.children}
    </span>
  );
}

const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

// The arrow keys go from row to row; the browser scrolls to what has the focus.
function moveFocus(
  event: JSX.TargetedKeyboardEvent<HTMLElement>,
  room: HTMLElement,
  rowHeight: number,
): void {
  const step = steps[event.key];
  const row = (event.target as HTMLElement).closest<HTMLElement>(".list-all > .list-row");
  if (step === undefined || !row) return;
  event.preventDefault();
  const wanted = Number(row.getAttribute("aria-rowindex")) + step;
  const next = room.querySelector<HTMLElement>(
    `[aria-rowindex="${wanted}"] a, [aria-rowindex="${wanted}"] button`,
  );
  if (!next) return;
  next.focus({ preventScroll: true });
  const at = (wanted - 2) * rowHeight;
  if (at < room.scrollTop) room.scrollTop = at;
  else if (at + rowHeight > room.scrollTop + room.clientHeight)
    room.scrollTop = at + rowHeight - room.clientHeight;
}
