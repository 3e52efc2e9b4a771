import assert from "node:assert/strict";
import { test } from "node:test";
import { find, parseTemplate, rootOf, type Template } from "../src/template";

const template = (more: object): Template => {
  const parsed = parseTemplate("id", JSON.stringify({ layer: "L", entity: "Service", ...more }));
  assert.ok(parsed);
  return parsed;
};

test("a text that is no template leaves the others alone", () => {
  for (const text of ["", "{", "[]", "null", "7", '{"name": 7.5e999}', '{"layer": "L"}']) assert.equal(parseTemplate("id", text), null, text);
});

test("members of odd kinds are read as if they were missing", () => {
  const odd = template({ name: "T", isRoot: "yes", children: [{ type: "Widget", i: 3, x: "1", expressions: "m", metricConfig: [7, { label: null, unit: "ms" }], associate: {}, graph: [] }, null] });
  assert.equal(odd.isRoot, false);
  const [widget] = odd.children;
  assert.deepEqual([widget?.i, widget?.x, widget?.w, widget?.expressions, widget?.metricConfig], ["3", 0, 24, [], [{ label: "", unit: "" }, { label: "", unit: "ms" }]]);
  assert.equal(odd.children.length, 2);
});

test("the root of a layer is its first by upper-cased name", () => {
  const all = [template({ name: "b", isRoot: true }), template({ name: "A", isRoot: true, entity: "All" }), template({ name: "0", isRoot: true, entity: "Endpoint" }), template({ name: "1", isRoot: true, layer: "M" })];
  assert.equal(rootOf(all, "L")?.name, "A");
  assert.equal(rootOf(all, "N"), undefined);
});

test("a dashboard is found by layer, scope and name, or is the default of its scope", () => {
  const all = [template({ name: "a" }), template({ name: "b", isDefault: true }), template({ name: "a", layer: "M" }), template({ name: "c", entity: "Endpoint" })];
  assert.equal(find(all, "L", "Service", "a"), all[0]);
  assert.equal(find(all, "L", "Service"), all[1]);
  assert.equal(find(all, "M", "Service", "a"), all[2]);
  assert.equal(find(all, "L", "Endpoint"), all[3]);
  assert.equal(find(all, "L", "ServiceInstance"), undefined);
});
