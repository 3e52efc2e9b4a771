// Where widgets stand: templates place them on 24 columns with rows of 10 pixels.

import type { Widget } from "./template";

export const COLUMNS = 24;

/** Widgets that share rows, in reading order; `rows` high. What spans a band alone may grow with its content. */
export interface Band {
  readonly widgets: readonly Widget[];
  readonly top: number;
  readonly rows: number;
}

/** Cut widgets into bands wherever no widget crosses. Gaps between bands close, as grids pack upwards. */
export function bandsOf(widgets: readonly Widget[]): readonly Band[] {
  const bands: { widgets: Widget[]; top: number; rows: number }[] = [];
  for (const widget of inReadingOrder(widgets)) {
    const last = bands.at(-1);
    if (last && widget.y < last.top + last.rows) {
      last.widgets.push(widget);
      last.rows = Math.max(last.rows, widget.y + widget.h - last.top);
    } else {
      bands.push({ widgets: [widget], top: widget.y, rows: widget.h });
    }
  }
  return bands;
}

/** Rows first, then columns: the order of phones, screen readers and the tabulator key. */
export function inReadingOrder(widgets: readonly Widget[]): readonly Widget[] {
  return [...widgets].sort((a, b) => a.y - b.y || a.x - b.x);
}

/** CSS grid place of a widget within its band. */
export function placeOf(widget: Widget, band: Band): { readonly gridColumn: string; readonly gridRow: string } {
  const column = Math.min(Math.max(0, widget.x), COLUMNS - 1);
  const width = Math.min(Math.max(1, widget.w), COLUMNS - column);
  return { gridColumn: `${column + 1} / span ${width}`, gridRow: `${widget.y - band.top + 1} / span ${Math.max(1, widget.h)}` };
}

/** Widgets whose cross-hairs move together: those that name each other, directly or through others. */
export function linked(widgets: readonly Widget[]): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  const rename = (from: string, to: string) => groups.forEach((group, id) => group === from && groups.set(id, to));
  for (const widget of widgets) {
    for (const other of widget.associate) {
      const [mine, its] = [groups.get(widget.i) ?? widget.i, groups.get(other) ?? other];
      groups.set(widget.i, mine).set(other, its);
      rename(its, mine);
    }
  }
  return groups;
}
