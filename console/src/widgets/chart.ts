// A chart over time on a canvas: uPlot with our colours, a legend of buttons, a tip, and reading by arrow keys.

import uPlot from "uplot";
import type { Format } from "../units";

export type Kind = "line" | "area" | "bar";

export interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

export interface ChartContent {
  readonly kind: Kind;
  readonly opacity: number;
  readonly isStepped: boolean;
  /** Seconds of the points, shifted to the server's wall. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly write: Format;
  readonly writeAxis: Format;
  readonly group: string | null;
  /** Seconds from which on points are of minutes, hours or days that may not be stored as a whole. */
  readonly settledUntil: number;
  /** Whether round numbers are powers of two. */
  readonly isBinary: boolean;
}

export const COLOURS = 8;
/** Share of the room that bars of one time take, pixels that one takes at most, and seconds between points where only one is. */
const BARS = { share: 0.8, most: 40, step: 60 };
const POWERS_OF_TWO = Array.from({ length: 70 }, (_, at) => 2 ** (at - 20));
const AXIS_FONT = "12px system-ui, sans-serif";

/** Colours are written `#rrggbb` in the style sheet. */
export function colourOf(at: number): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--line-${at % COLOURS}`).trim();
}

/** One drawing. It is made anew when the lines change in number or name; else only its values are replaced. */
export class Chart {
  readonly #plot: uPlot;
  readonly #tip: HTMLElement;
  #content: ChartContent;

  constructor(box: HTMLElement, content: ChartContent) {
    this.#content = content;
    this.#tip = document.createElement("div");
    this.#tip.className = "tip";
    this.#tip.hidden = true;
    this.#plot = new uPlot(this.#options(box, content), dataOf(content), box);
    this.#plot.over.append(this.#tip);
  }

  show(content: ChartContent): void {
    this.#content = content;
    this.#plot.setData(dataOf(content));
  }

  resize(width: number, height: number): void {
    if (width > 0 && height > 0 && (width !== this.#plot.width || height !== this.#plot.height)) this.#plot.setSize({ width, height });
  }

  toggle(line: number, isShown: boolean): void {
    if (this.#plot.series[line + 1]?.show === isShown) return;
    this.#plot.setSeries(line + 1, { show: isShown });
    if (this.#content.kind === "bar") this.#plot.redraw(true, false);
  }

  redraw(): void {
    this.#plot.redraw(false, true);
  }

  /** Move the cross-hair by so many points; from nowhere it starts at the newest. */
  step(by: number): void {
    const last = this.#content.times.length - 1;
    const at = this.#plot.cursor.idx;
    const isShown = !this.#tip.hidden && at !== null && at !== undefined;
    const next = Math.min(last, Math.max(0, isShown ? at + by : last + Math.min(0, by + 1)));
    const left = this.#plot.valToPos(this.#content.times[next] ?? 0, "x");
    this.#point(left, this.#plot.over.clientHeight / 2);
  }

  hideTip(): void {
    this.#point(-10, -10);
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #options(box: HTMLElement, { kind, lines, opacity, isStepped, group, isBinary }: ChartContent): uPlot.Options {
    const grid = { stroke: () => variable("--rule"), width: 1 };
    const axis = { stroke: () => variable("--soft"), grid, ticks: { show: false }, font: AXIS_FONT };
    return {
      width: Math.max(box.clientWidth, 120),
      height: Math.max(box.clientHeight, 80),
      padding: [8, 22, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 }, ...(group ? { sync: { key: group, setSeries: false } } : {}) },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      scales: { x: { time: true, range: (plot, low, high) => xRange(plot, kind, low, high) }, y: { range: (_, low, high) => yRange(low, high) } },
      axes: [
        { ...axis, size: 28, gap: 8, values: timeTexts, space: 60 },
        { ...axis, size: widthOfTexts, gap: 6, space: 34, ...(isBinary ? { incrs: POWERS_OF_TWO } : {}), values: (_, ticks) => ticks.map((tick) => this.#content.writeAxis(tick)) },
      ],
      series: [{}, ...lines.map((line, at) => seriesOf(kind, line.label, at, lines.length, opacity, isStepped))],
      hooks: { setCursor: [() => this.#showTip()], draw: [(plot) => this.#veil(plot)] },
    };
  }

  #point(left: number, top: number): void {
    // The third argument, which moves the charts of the group as well, is missing from uPlot's types.
    const setCursor = this.#plot.setCursor as (at: { left: number; top: number }, isTold: boolean, isPublished: boolean) => void;
    setCursor({ left, top }, true, true);
  }

  /** What is still filling looks like a fall, so it is shown faintly. */
  #veil(plot: uPlot): void {
    const { settledUntil, times, kind } = this.#content;
    const { ctx, bbox } = plot;
    const at = times.findIndex((time) => time >= settledUntil);
    if (at < 0) return;
    const from = kind === "bar" ? times[at]! - stepOf(plot) / 2 : (times[at - 1] ?? times[at]!);
    const left = plot.valToPos(from, "x", true);
    ctx.fillStyle = `${variable("--panel")}b8`;
    ctx.fillRect(left, bbox.top, bbox.left + bbox.width - left, bbox.height);
  }

  #showTip(): void {
    const { idx, left = -1 } = this.#plot.cursor;
    const isOff = idx === null || idx === undefined || left < 0;
    this.#tip.hidden = isOff;
    if (isOff) return;
    const { times, lines, write } = this.#content;
    const time = document.createElement("time");
    time.textContent = momentText(times[idx] ?? 0);
    const rows = lines.map((line, at) => {
      const row = document.createElement("span");
      const [label, amount] = [document.createElement("i"), document.createElement("b")];
      const value = line.values[idx];
      row.style.setProperty("--line", `var(--line-${at % COLOURS})`);
      label.textContent = lines.length > 1 ? line.label : "";
      amount.textContent = value === null || value === undefined ? "–" : write(value);
      row.append(label, amount);
      row.hidden = this.#plot.series[at + 1]?.show === false;
      return row;
    });
    this.#tip.replaceChildren(time, ...rows);
    const width = this.#plot.over.clientWidth;
    const isRight = left > width / 2;
    this.#tip.style.left = isRight ? "" : `${left + 12}px`;
    this.#tip.style.right = isRight ? `${width - left + 12}px` : "";
  }
}

const variable = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function dataOf({ times, lines }: ChartContent): uPlot.AlignedData {
  return [[...times], ...lines.map((line) => [...line.values])] as uPlot.AlignedData;
}

function seriesOf(kind: Kind, label: string, at: number, among: number, opacity: number, isStepped: boolean): uPlot.Series {
  const { bars, stepped, linear } = uPlot.paths;
  const paths = kind === "bar" ? bars?.({ disp: besideEachOther }) : isStepped ? stepped?.({ align: 1 }) : linear?.();
  const fill = kind === "line" ? (among === 1 ? 0.1 : 0) : kind === "area" ? opacity : 0.75;
  return {
    label,
    stroke: () => colourOf(at),
    width: kind === "bar" ? 0 : 2,
    ...(fill ? { fill: () => colourOf(at) + Math.round(fill * 255).toString(16).padStart(2, "0") } : {}),
    ...(paths ? { paths } : {}),
    points: { show: false, filter: (plot, series) => (kind === "bar" ? null : lonely(plot.data[series])), size: 6 },
    spanGaps: false,
  };
}

/** Places of bars, in seconds: those of one time beside each other, each about its place among those that are shown. */
const besideEachOther: uPlot.Series.BarsPathBuilderDisplay = {
  x0: { unit: 1, values: leftsOf },
  size: { unit: 1, values: (plot, series) => [barOf(plot, series).width] },
};

function leftsOf(plot: uPlot, series: number): number[] {
  const { left } = barOf(plot, series);
  return Array.from(plot.data[0], (time) => time + left);
}

function barOf(plot: uPlot, series: number): { readonly left: number; readonly width: number } {
  const shown = plot.series.flatMap((one, at) => (at > 0 && one.show ? [at] : []));
  const secondsPerPixel = ((plot.scales["x"]?.max ?? 0) - (plot.scales["x"]?.min ?? 0)) / Math.max(1, plot.over.clientWidth);
  const width = Math.min((BARS.share * stepOf(plot)) / Math.max(1, shown.length), BARS.most * secondsPerPixel);
  return { left: width * (shown.indexOf(series) - shown.length / 2), width };
}

const stepOf = ({ data: [times] }: uPlot): number => (times.length > 1 ? times[1]! - times[0]! : BARS.step);

/** Bars need half of their room before the first point and behind the last. */
function xRange(plot: uPlot, kind: Kind, low: number | null, high: number | null): [number, number] | [null, null] {
  if (low === null || high === null) return [null, null];
  const room = kind === "bar" ? stepOf(plot) / 2 : 0;
  return [low - room, high + room];
}

/** Points without a neighbour, of which lines alone would show nothing; null for none. */
function lonely(values: ArrayLike<number | null | undefined> | undefined): number[] | null {
  const list = values ? Array.from(values) : [];
  const found = list.flatMap((value, at) => (value != null && list[at - 1] == null && list[at + 1] == null ? [at] : []));
  return found.length ? found : null;
}

/** From nought up, with room above; what lies below nought is shown too. */
function yRange(low: number | null, high: number | null): [number, number] {
  const [least, most] = [Math.min(0, low ?? 0), Math.max(0, high ?? 0)];
  if (least === most) return [0, 1];
  return [least, most + (most - least) * 0.08];
}

function widthOfTexts(_: uPlot, texts: readonly string[] | null): number {
  const longest = Math.max(0, ...(texts ?? []).map((text) => text.length));
  return Math.max(34, 14 + longest * 6.8);
}

function timeTexts(_: uPlot, ticks: readonly number[]): string[] {
  return ticks.map((tick) => {
    const text = momentText(tick);
    return text.endsWith("00:00") ? text.slice(5, 10) : text.slice(11);
  });
}

function momentText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}
