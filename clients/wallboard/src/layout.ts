// SPDX-License-Identifier: Apache-2.0
// How many tiles stand side by side, and how large they are: as large as all of them together
// allow.

// A tile in its own units. Everything in it is a multiple of the unit (wall.css).
export const tileUnits = { width: 25, height: 14.5 };
// Pixels. Smaller is not readable: then the wall is longer than the screen.
export const unitMin = 8;
export const unitMax = 30;

export interface TileLayout {
  columns: number;
  // Pixels.
  unit: number;
}

// For a room of `width` x `height` pixels with `gap` between tiles.
export function layTiles(count: number, width: number, height: number, gap: number): TileLayout {
  const unitOf = (columns: number, rows: number) => {
    const wide = (width - gap * (columns - 1)) / columns / tileUnits.width;
    const high = (height - gap * (rows - 1)) / rows / tileUnits.height;
    return Math.min(wide, high);
  };
  let best: TileLayout = { columns: 1, unit: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const unit = unitOf(columns, Math.ceil(count / columns));
    if (unit > best.unit) best = { columns, unit };
  }
  if (best.unit >= unitMin) return { columns: best.columns, unit: Math.min(best.unit, unitMax) };
  // They do not fit: as many as are readable side by side.
  const columns = Math.max(1, Math.floor((width + gap) / (unitMin * tileUnits.width + gap)));
  return {
    columns,
    unit: Math.max(unitMin, (width - gap * (columns - 1)) / columns / tileUnits.width),
  };
}
