// The range of time that a page shows, and the duration that the server is asked for.

export type Step = "MINUTE" | "HOUR" | "DAY";

export interface Duration {
  readonly start: string;
  readonly end: string;
  readonly step: Step;
}

/** The time up to now, or a span on the server's wall; those times are milliseconds as if its zone were UTC. */
export type Range = { readonly kind: "last"; readonly minutes: number } | { readonly kind: "fixed"; readonly from: number; readonly to: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Beyond these a coarser step is asked for; the server reads at most 501 points. */
const LONGEST_OF_MINUTES = 6 * HOUR;
const LONGEST_OF_HOURS = 14 * DAY;
const LONGEST = 500 * DAY;
/** The server stores what it has every 25 s, so that this long after its end a minute, hour or day is stored as a whole. */
const STORED_AFTER = 30_000;
const LENGTHS: Readonly<Record<Step, number>> = { MINUTE, HOUR, DAY };
const DEFAULT: Range = { kind: "last", minutes: 30 };
const UNITS: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

export const PRESETS: readonly (readonly [string, string])[] = [
  ["10m", "Last 10 minutes"],
  ["30m", "Last 30 minutes"],
  ["1h", "Last hour"],
  ["3h", "Last 3 hours"],
  ["6h", "Last 6 hours"],
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
];

/** The range that an address names; the last half hour where it names none. */
export function rangeOf(query: Readonly<Record<string, string>>): Range {
  const { from, to } = query;
  if (from && to) {
    const [start, end] = [wallTime(from), wallTime(to)];
    if (start !== null && end !== null && start <= end) return { kind: "fixed", from: start, to: end };
  }
  const match = /^(\d{1,4})([mhd])$/.exec(query["range"] ?? "");
  const minutes = match ? Number(match[1]) * (UNITS[match[2] ?? "m"] ?? 1) : 0;
  return minutes > 0 ? { kind: "last", minutes } : DEFAULT;
}

/** What an address says of a range. */
export function rangeQuery(range: Range): Record<"range" | "from" | "to", string> {
  if (range.kind === "fixed") return { range: "", from: wallText(range.from), to: wallText(range.to) };
  const { minutes } = range;
  const text = minutes % 1440 === 0 ? `${minutes / 1440}d` : minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
  return { range: text === "1d" ? "24h" : text, from: "", to: "" };
}

/** First and last moment of a range on the server's wall. */
export function edgesOf(range: Range, nowWall: number): readonly [number, number] {
  const [start, end] = range.kind === "fixed" ? [range.from, range.to] : [nowWall - range.minutes * MINUTE, nowWall];
  return [Math.max(start, end - LONGEST), end];
}

export function durationOf(range: Range, nowWall: number): Duration {
  const [start, end] = edgesOf(range, nowWall);
  const length = end - start;
  const step: Step = length <= LONGEST_OF_MINUTES ? "MINUTE" : length <= LONGEST_OF_HOURS ? "HOUR" : "DAY";
  return { start: stepText(start, step), end: stepText(end, step), step };
}

/**
 * The moment before which everything is stored: the start of the first minute, hour or day that may still be filling.
 * Everything is where a span was fixed.
 */
export function settledUntil(range: Range, nowWall: number): number {
  if (range.kind === "fixed") return Number.POSITIVE_INFINITY;
  const length = LENGTHS[durationOf(range, nowWall).step];
  return Math.floor((nowWall - STORED_AFTER) / length) * length;
}

/** The duration without what may still be filling; all of it where nothing else would be left. */
export function settledOf(range: Range, nowWall: number): Duration {
  const whole = durationOf(range, nowWall);
  const end = Math.min(edgesOf(range, nowWall)[1], settledUntil(range, nowWall) - 1);
  const text = stepText(end, whole.step);
  return text < whole.start ? whole : { ...whole, end: text };
}

/** `2026-01-01T12:30`, as browsers write local times. */
export function wallText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 16);
}

export function wallTime(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text)) return null;
  const at = Date.parse(`${text}:00Z`);
  return Number.isNaN(at) ? null : at;
}

function stepText(wall: number, step: Step): string {
  const [day, time] = wallText(wall).split("T") as [string, string];
  if (step === "DAY") return day;
  return step === "HOUR" ? `${day} ${time.slice(0, 2)}` : `${day} ${time.replace(":", "")}`;
}
