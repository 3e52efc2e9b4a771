import assert from "node:assert/strict";
import { test } from "node:test";
import { bandsOf, linked, placeOf } from "../src/layout";
import { parseTemplate, type Widget } from "../src/template";

const widgets = (...places: readonly object[]): readonly Widget[] => {
  const template = parseTemplate("id", JSON.stringify({ name: "T", children: places.map((place, at) => ({ i: String(at), type: "Widget", ...place })) }));
  assert.ok(template);
  return template.children;
};

test("widgets that share rows form a band, in reading order", () => {
  const all = widgets({ x: 12, y: 0, w: 12, h: 10 }, { x: 0, y: 0, w: 12, h: 20 }, { x: 12, y: 10, w: 12, h: 10 }, { x: 0, y: 30, w: 24, h: 5 });
  const bands = bandsOf(all);
  assert.deepEqual(bands.map(({ widgets: band, top, rows }) => [band.map((one) => one.i), top, rows]), [[["1", "0", "2"], 0, 20], [["3"], 30, 5]]);
});

test("places are told to the grid, and kept within its columns", () => {
  const [inside, outside] = widgets({ x: 8, y: 4, w: 8, h: 12 }, { x: 20, y: 4, w: 12, h: 12 });
  const [band] = bandsOf([inside!, outside!]);
  assert.deepEqual(placeOf(inside!, band!), { gridColumn: "9 / span 8", gridRow: "1 / span 12" });
  assert.deepEqual(placeOf(outside!, band!), { gridColumn: "21 / span 4", gridRow: "1 / span 12" });
});

test("cross-hairs link through others", () => {
  const all = widgets({ associate: [{ widgetId: "1" }] }, {}, { associate: [{ widgetId: "1" }] }, { associate: [{ widgetId: "4" }] }, {}, {});
  const groups = linked(all);
  assert.equal(new Set(["0", "1", "2"].map((id) => groups.get(id))).size, 1);
  assert.equal(groups.get("3"), groups.get("4"));
  assert.notEqual(groups.get("0"), groups.get("3"));
  assert.equal(groups.get("5"), undefined);
});
