import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ask, loader, metricsIn, packed, written } from "../src/expressions";
import type { Duration } from "../src/range";

const DURATION: Duration = { start: "2026-01-01 1200", end: "2026-01-01 1201", step: "MINUTE" };
const asks = (count: number, name = "m"): readonly Ask[] => Array.from({ length: count }, (_, at) => ({ expression: `${name}${at}`, entity: { serviceName: "a", normal: true } }));
const sent = (value: string | null, error: string | null = null) => ({ type: "TIME_SERIES_VALUES", error, results: [{ metric: { labels: [] }, values: [{ id: "1", value, owner: null }] }] });

test("six widgets share a request", () => {
  assert.deepEqual(packed(Array.from({ length: 14 }, () => asks(2))).map((request) => request.map((slice) => slice.widget)), [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12, 13]]);
});

test("no request has more than sixty expressions, and none is lost or asked twice", () => {
  const widgets = [asks(3), asks(150), asks(59), asks(1)];
  const requests = packed(widgets);
  assert.ok(requests.every((request) => request.reduce((sum, slice) => sum + slice.asks.length, 0) <= 60));
  const seen = widgets.map((_, widget) => requests.flat().filter((slice) => slice.widget === widget).flatMap((slice) => slice.asks));
  assert.deepEqual(seen, widgets);
});

test("aliases tell widget and expression apart, and equal entities share a variable", () => {
  const other = { expression: "top_n(m,5,des,attr0='\"x\"')", entity: {} };
  const { query, variables } = written([{ widget: 1, from: 0, asks: asks(2) }, { widget: 11, from: 0, asks: [other] }], DURATION);
  assert.match(query, /^query queryData\(\$duration: Duration!, \$entity: Entity!, \$entity1: Entity!\) {/);
  assert.deepEqual(query.match(/expression\d+_\d+/g), ["expression1_0", "expression1_1", "expression11_0"]);
  assert.ok(query.includes(String.raw`expression: "top_n(m,5,des,attr0='\"x\"')", entity: $entity1,`));
  assert.deepEqual(variables, { duration: DURATION, entity: { serviceName: "a", normal: true }, entity1: {} });
});

test("what is asked at one moment leaves together and comes back in order", async () => {
  const queries: string[] = [];
  const load = loader(async (query) => {
    queries.push(query);
    return Object.fromEntries([...query.matchAll(/(expression\d+_\d+): execExpression\(expression: "m(\d+)"/g)].map(([, alias, at]) => [alias, sent(at ?? "")]));
  });
  const answers = await Promise.all([load(asks(2), DURATION), load(asks(70), DURATION), load([], DURATION)]);
  assert.equal(queries.length, 3);
  assert.deepEqual(answers.map((list) => list.map((answer) => answer.series[0]?.points[0]?.value)), [[0, 1], Array.from({ length: 70 }, (_, at) => at), []]);
});

test("a failed request fails the widgets that it served and no others", async () => {
  const load = loader(async (query) => {
    if (query.includes('"bad')) throw new Error("gone");
    return Object.fromEntries([...query.matchAll(/expression\d+_\d+/g)].map(([alias]) => [alias, sent("1")]));
  });
  const widgets = [...Array.from({ length: 6 }, () => asks(1)), asks(1, "bad")];
  const outcomes = await Promise.allSettled(widgets.map((widget) => load(widget, DURATION)));
  assert.deepEqual(outcomes.map((outcome) => outcome.status), [...Array.from({ length: 6 }, () => "fulfilled"), "rejected"]);
});

test("an error of one expression stays with it, and texts that are no number are kept", async () => {
  const load = loader(async () => ({ expression0_0: sent("NaN"), expression0_1: { type: "UNKNOWN", error: "no metric", results: [] }, expression0_2: sent(null) }));
  const [odd, failed, empty] = await load(asks(3), DURATION);
  assert.deepEqual(odd?.series[0]?.points[0], { id: "1", text: "NaN", value: null, owner: null });
  assert.equal(failed?.error, "no metric");
  assert.equal(empty?.series[0]?.points[0]?.text, null);
});

test("metrics are found in expressions", () => {
  const of = (text: string) => metricsIn(text);
  assert.deepEqual(of("avg(kubernetes_service_apdex)/10000"), ["kubernetes_service_apdex"]);
  assert.deepEqual(of("top_n(a_cpm,10,des,attr0='K8S_SERVICE')"), ["a_cpm"]);
  assert.deepEqual(of("relabels(a_percentile{p='50,99'},p='50',percentile='P50') + view_as_seq(b_cpm, a_percentile)"), ["a_percentile", "b_cpm"]);
});
