// Units of metrics, told by their names, and numbers as people read them.

const short = (value) =>
  Math.abs(value) >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));

function scaled(value, base, names) {
  let step = 0;
  while (Math.abs(value) >= base && step < names.length - 1) {
    value /= base;
    step += 1;
  }
  return `${short(value)} ${names[step]}`;
}

const sizes = (value) => scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
const count = (value) => (Math.abs(value) >= 10_000 ? scaled(value, 1000, ["", "k", "M", "G"]).trim() : short(value));

const UNITS = {
  nanoseconds: (value) => (Math.abs(value) >= 1e9 ? `${short(value / 1e9)} s` : scaled(value, 1000, ["ns", "µs", "ms"])),
  milliseconds: (value) => (Math.abs(value) >= 1000 ? `${short(value / 1000)} s` : `${short(value)} ms`),
  // Two digits only where one would round a failure away.
  percent: (value) => `${Number((value / 100).toFixed(value > 9990 && value < 10_000 ? 2 : 1))} %`,
  apdex: (value) => String(Number((value / 10_000).toFixed(3))),
  bytes: sizes,
  perMinute: (value) => `${count(value)} / min`,
  count,
};

const RULES = [
  [/_(successful|success)_rate$/, "percent"],
  [/_apdex$/, "apdex"],
  [/_size$/, "bytes"],
  [/(call_time|call_duration|percentile)$/, "milliseconds"],
  [/_cpm$/, "perMinute"],
  [/_queue_count$/, "count"],
  [/_(time|duration)$/, "nanoseconds"],
];

/** How to write values of a metric. */
export function formatOf(metric) {
  const rule = RULES.find(([pattern]) => pattern.test(metric));
  return UNITS[rule?.[1] ?? "count"];
}

const WORDS = { ns: "nanoseconds", ms: "milliseconds", bytes: "bytes", "rows per minute": "perMinute", "1/100 %": "percent", "1/10000": "apdex" };

/** How to write values of a unit, as rules tell it. */
export function formatOfUnit(unit) {
  return UNITS[WORDS[unit] ?? "count"];
}

/** Where bytes are written, round numbers are powers of two. */
export function isBinary(metric) {
  return formatOf(metric) === sizes;
}

export const format = UNITS;

/** Class of a success rate in hundredths of a percent. */
export function gradeOf(rate) {
  if (rate === null || rate === undefined) return "none";
  return rate >= 9900 ? "good" : rate >= 9500 ? "warn" : "bad";
}

/** A Kubernetes service name as its own part and its namespace. */
export function splitName(name) {
  const at = name.lastIndexOf(".");
  return at > 0 ? [name.slice(0, at), name.slice(at + 1)] : [name, ""];
}
