// Numbers as people read them. Titles of dashboards tell units; where only a metric's name is known, that tells.

const short = (value: number) =>
  Math.abs(value) >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));

function scaled(value: number, base: number, names: readonly string[]): string {
  let [rest, step] = [value, 0];
  while (Math.abs(rest) >= base && step < names.length - 1) {
    rest /= base;
    step += 1;
  }
  return `${short(rest)} ${names[step]}`;
}

const count = (value: number) => (Math.abs(value) >= 10_000 ? scaled(value, 1000, ["", "k", "M", "G", "T"]).trim() : short(value));

export const format = {
  nanoseconds: (value: number) => (Math.abs(value) >= 1e9 ? `${short(value / 1e9)} s` : scaled(value, 1000, ["ns", "µs", "ms"])),
  milliseconds: (value: number) => (Math.abs(value) >= 1000 ? `${short(value / 1000)} s` : value !== 0 && Math.abs(value) < 1 ? scaled(value * 1e6, 1000, ["ns", "µs"]) : `${short(value)} ms`),
  // Two digits only where one would round a failure away.
  percent: (value: number) => `${Number((value / 100).toFixed(value > 9990 && value < 10_000 ? 2 : 1))} %`,
  apdex: (value: number) => String(Number((value / 10_000).toFixed(3))),
  bytes: (value: number) => scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]),
  perMinute: (value: number) => `${count(value)} / min`,
  count,
} as const;

export type Format = (value: number) => string;

const NAMES: readonly (readonly [RegExp, keyof typeof format])[] = [
  [/_(successful|success)_rate$/, "percent"],
  [/_apdex$/, "apdex"],
  [/_size$/, "bytes"],
  [/(call_time|call_duration|percentile)$/, "milliseconds"],
  [/_cpm$/, "perMinute"],
  [/_queue_count$/, "count"],
  [/_(time|duration)$/, "nanoseconds"],
];

/** Words for units, in rules and in dashboards, and how their values are written; `scale` leads to the format's own unit. */
const WORDS: Readonly<Record<string, { readonly as: keyof typeof format; readonly scale?: number }>> = {
  ns: { as: "nanoseconds" },
  ms: { as: "milliseconds" },
  bytes: { as: "bytes" },
  B: { as: "bytes" },
  KB: { as: "bytes", scale: 1024 },
  MB: { as: "bytes", scale: 1024 * 1024 },
  "%": { as: "percent", scale: 100 },
  "rows per minute": { as: "perMinute" },
  "1/100 %": { as: "percent" },
  "1/10000": { as: "apdex" },
};

/** How to write values of a metric. */
export function formatOf(metric: string): Format {
  return format[NAMES.find(([pattern]) => pattern.test(metric))?.[1] ?? "count"];
}

/** How to write values of a unit; units that are not known stand behind the number. */
export function formatOfUnit(unit: string): Format {
  const [amount = "", per = ""] = unit.split(/(?= \/ )/);
  const word = WORDS[unit];
  if (!word && per && WORDS[amount]) return (value) => `${formatOfUnit(amount)(value)}${per}`;
  if (!word) return (value) => (unit ? `${count(value)} ${unit}` : count(value));
  const { as, scale = 1 } = word;
  return (value) => format[as](value * scale);
}

/** Where bytes are written, round numbers are powers of two. */
export function isBinary(unit: string): boolean {
  return WORDS[unit]?.as === "bytes";
}

/** As short as an axis wants it: units that only repeat the title are left out. */
export function axisFormatOf(unit: string): Format {
  return formatOfUnit(WORDS[unit] ? unit : "");
}

/** A title without the unit that the values beside it carry, scaled for people: `Traffic (KB)` would contradict its MiB. */
export function titleBesideUnit(title: string, unit = ""): string {
  return WORDS[unit] && title.endsWith(` (${unit})`) ? title.slice(0, -unit.length - 3) : title;
}

/** The unit that values below a title must carry: none that is not scaled and that the title tells already. */
export function unitBelowTitle(title: string, unit = ""): string {
  return !WORDS[unit] && title.endsWith(`(${unit})`) ? "" : unit;
}

/** What the server wrote for a point: numbers for people, `NaN` and infinities as they are, a dash for nothing. */
export function pointText(point: { readonly text: string | null; readonly value: number | null } | null, unit = ""): string {
  if (point === null || point.text === null) return "–";
  return point.value === null ? point.text : formatOfUnit(unit)(point.value);
}
