import assert from "node:assert/strict";
import { test } from "node:test";
import { durationOf, type Range, rangeOf, rangeQuery, settledOf, settledUntil, wallText, wallTime } from "../src/range";

const NOW = Date.UTC(2026, 0, 1, 12, 30, 40);
const last = (minutes: number): Range => ({ kind: "last", minutes });

test("half an hour is 31 minutes with the one that is filling", () => {
  assert.deepEqual(durationOf(last(30), NOW), { start: "2026-01-01 1200", end: "2026-01-01 1230", step: "MINUTE" });
});

test("long ranges are asked in hours and days", () => {
  assert.deepEqual(durationOf(last(361), NOW), { start: "2026-01-01 06", end: "2026-01-01 12", step: "HOUR" });
  assert.deepEqual(durationOf(last(15 * 1440), NOW), { start: "2025-12-17", end: "2026-01-01", step: "DAY" });
});

test("no range has more points than the server reads", () => {
  for (const minutes of [1, 30, 360, 361, 14 * 1440, 14 * 1440 + 1, 9999 * 1440]) {
    const { start, end, step } = durationOf(last(minutes), NOW);
    const length = { MINUTE: 60_000, HOUR: 3_600_000, DAY: 86_400_000 }[step];
    const at = (text: string) => Date.parse(step === "DAY" ? `${text}T00:00Z` : step === "HOUR" ? `${text.replace(" ", "T")}:00Z` : `${text.slice(0, 10)}T${text.slice(11, 13)}:${text.slice(13)}Z`);
    assert.ok((at(end) - at(start)) / length + 1 <= 501, `${minutes} minutes`);
  }
});

test("addresses say ranges as people do", () => {
  assert.deepEqual(["10m", "1h", "24h", "7d"].map((range) => rangeOf({ range })), [last(10), last(60), last(1440), last(7 * 1440)]);
  for (const range of ["10m", "1h", "24h", "7d"]) assert.equal(rangeQuery(rangeOf({ range })).range, range);
});

test("a span in an address is a fixed range", () => {
  const query = { from: "2026-01-01T11:55", to: "2026-01-01T12:04" };
  assert.deepEqual(durationOf(rangeOf(query), NOW), { start: "2026-01-01 1155", end: "2026-01-01 1204", step: "MINUTE" });
  assert.deepEqual(rangeQuery(rangeOf(query)), { range: "", ...query });
});

test("what no range can be read from is the last half hour", () => {
  const bad = [{}, { range: "" }, { range: "0m" }, { range: "-5m" }, { range: "5y" }, { from: "2026-01-01T12:00" }, { from: "x", to: "y" }, { from: "2026-01-02T00:00", to: "2026-01-01T00:00" }];
  for (const query of bad) assert.deepEqual(rangeOf(query as Record<string, string>), last(30), JSON.stringify(query));
});

test("wall times are read as they are written", () => {
  assert.equal(wallText(wallTime("2026-02-28T23:59") ?? 0), "2026-02-28T23:59");
  assert.equal(wallTime("2026-13-01T00:00"), null);
});

test("what may still be filling is left out of a duration, unless nothing else is left", () => {
  const range = rangeOf({ range: "10m" });
  assert.deepEqual(settledOf(range, Date.parse("2026-01-01T12:30:29Z")), { start: "2026-01-01 1220", end: "2026-01-01 1228", step: "MINUTE" });
  assert.deepEqual(settledOf(range, Date.parse("2026-01-01T12:30:30Z")), { start: "2026-01-01 1220", end: "2026-01-01 1229", step: "MINUTE" });
  assert.equal(settledUntil(range, Date.parse("2026-01-01T12:30:30Z")), Date.parse("2026-01-01T12:30:00Z"));
  assert.equal(settledOf(rangeOf({ range: "24h" }), Date.parse("2026-01-01T12:30:30Z")).end, "2026-01-01 11");
  assert.equal(settledOf(rangeOf({ range: "1m" }), Date.parse("2026-01-01T12:30:10Z")).end, "2026-01-01 1230");
  const fixed = rangeOf({ from: "2026-01-01T12:00", to: "2026-01-01T12:30" });
  assert.equal(settledOf(fixed, Date.parse("2026-01-01T12:30:10Z")).end, "2026-01-01 1230");
  assert.equal(settledUntil(fixed, Date.parse("2026-01-01T12:30:10Z")), Number.POSITIVE_INFINITY);
});
