import assert from "node:assert/strict";
import { test } from "node:test";
import { axisFormatOf, formatOf, formatOfUnit, pointText, titleBesideUnit, unitBelowTitle } from "../src/units";

test("units of dashboards are written for people", () => {
  const written = [
    ["ns", 20_400, "20.4 µs"],
    ["ns", 2_500_000_000, "2.5 s"],
    ["ms", 79.14, "79.1 ms"],
    ["KB", 2048, "2 MiB"],
    ["bytes / s", 100_000, "97.7 KiB / s"],
    ["%", 97.86, "97.9 %"],
    ["%", 99.95, "99.95 %"],
    ["calls / min", 1102, "1,102 calls / min"],
    ["calls / min", 123_456, "123 k calls / min"],
    ["", 0.9724, "0.972"],
  ] as const;
  for (const [unit, value, text] of written) assert.equal(formatOfUnit(unit)(value), text);
});

test("axes leave out units that only repeat the title", () => {
  assert.equal(axisFormatOf("calls / min")(1200), "1,200");
  assert.equal(axisFormatOf("ms")(1200), "1.2 s");
});

test("names of metrics tell their units", () => {
  const cases = [["kubernetes_service_write_time", 870, "870 ns"], ["kubernetes_service_http_call_cpm", 5, "5 / min"], ["kubernetes_service_http_call_successful_rate", 9995, "99.95 %"]] as const;
  for (const [metric, value, text] of cases) assert.equal(formatOf(metric)(value), text);
});

test("what is no number is shown as it came", () => {
  assert.deepEqual([pointText(null), pointText({ text: null, value: null }), pointText({ text: "∞", value: null }, "ms")], ["–", "–", "∞"]);
});

test("a unit stands in the title or beside the value, not in both", () => {
  assert.equal(titleBesideUnit("Traffic (KB)", "KB"), "Traffic");
  assert.equal(titleBesideUnit("Load (calls / min)", "calls / min"), "Load (calls / min)");
  assert.equal(titleBesideUnit("Traffic (KB)"), "Traffic (KB)");
  assert.equal(unitBelowTitle("Traffic (KB)", "KB"), "KB");
  assert.equal(unitBelowTitle("Load (calls / min)", "calls / min"), "");
  assert.equal(unitBelowTitle("Load", "calls / min"), "calls / min");
});
