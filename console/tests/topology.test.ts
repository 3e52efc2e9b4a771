import assert from "node:assert/strict";
import { test } from "node:test";
import { drawingOf, type Graph, matching, namespacesOf, within } from "../src/topology/graph";
import { NODE, type Place, placed } from "../src/topology/place";

const graph = (names: readonly string[], calls: readonly (readonly [string, string])[]): Graph => ({
  nodes: names.map((name) => ({ id: name, name, type: "", isReal: true, layers: ["L"], service: name })),
  calls: calls.map(([source, target]) => ({ id: `${source}-${target}`, source, target, sourceComponents: [], targetComponents: [], detectPoints: ["SERVER"] })),
});

const SHOP = graph(["a.x", "b.x", "c.y", "d.y", "User"], [["User", "a.x"], ["a.x", "b.x"], ["b.x", "c.y"], ["c.y", "d.y"], ["a.x", "c.y"]]);

test("depth counts calls in both directions", () => {
  assert.deepEqual(within(SHOP, "b.x", 1).nodes.map((node) => node.id), ["a.x", "b.x", "c.y"]);
  assert.equal(within(SHOP, "User", 9).nodes.length, 5);
});

test("a closed namespace is one node, and calls within it are gone", () => {
  const { shown, edges } = drawingOf(SHOP, new Set(["x"]), new Set());
  assert.deepEqual(shown.map((one) => one.id), ["c.y", "d.y", "User", "namespace x"]);
  assert.deepEqual(edges.map((edge) => [edge.id, edge.calls.length]), [["User namespace x", 1], ["namespace x c.y", 2], ["c.y-d.y", 1]]);
});

test("namespaces and names are found", () => {
  assert.deepEqual(namespacesOf(SHOP), ["x", "y"]);
  assert.deepEqual(matching(SHOP, " C.Y ").map((node) => node.id), ["c.y"]);
  assert.deepEqual(matching(SHOP, " "), []);
});

test("callers stand left of the called, and nothing overlaps", () => {
  const { places, width, height } = placed(drawingOf(SHOP, new Set(), new Set()));
  const x = (id: string) => places.get(id)?.x ?? Number.NaN;
  assert.ok(x("User") < x("a.x") && x("a.x") < x("b.x") && x("b.x") < x("c.y") && x("c.y") < x("d.y"));
  assert.ok(isFree([...places.values()]));
  assert.ok([...places.values()].every((place) => place.x + place.width / 2 <= width && place.y + place.height / 2 <= height));
});

test("cycles and calls to oneself have routes", () => {
  const ring = graph(["a", "b"], [["a", "b"], ["b", "a"], ["a", "a"]]);
  assert.deepEqual([...placed(drawingOf(ring, new Set(), new Set())).routes.keys()], ["a-b", "b-a", "a-a"]);
});

test("circles of calls are spread, since columns would be a strip", () => {
  const names = Array.from({ length: 20 }, (_, at) => `n${at}`);
  const ring = graph(names, names.flatMap((name, at) => [[name, names[(at + 7) % 20]!], [name, names[(at + 3) % 20]!]] as const));
  const { places, routes, width, height } = placed(drawingOf(ring, new Set(), new Set()));
  assert.ok(width < 3 * height && width < 2400, `${width} x ${height}`);
  assert.ok(isFree([...places.values()]));
  assert.equal(routes.size, 40);
});

test("two hundred services in open namespaces stand in their frames without overlap", () => {
  const names = Array.from({ length: 200 }, (_, at) => `s${at}.n${at % 20}`);
  const calls = Array.from({ length: 400 }, (_, at) => [names[(at * 7) % 100]!, names[100 + ((at * 13) % 100)]!] as const);
  const all = new Set(Array.from({ length: 20 }, (_, at) => `n${at}`));
  const { places, frames, routes } = placed(drawingOf(graph(names, calls), new Set(), all));
  assert.equal(places.size, 200);
  assert.equal(frames.size, 20);
  assert.equal(routes.size, new Set(calls.map(String)).size);
  assert.ok(isFree([...places.values()]) && isFree([...frames.values()]));
  for (const [id, place] of places) assert.ok(holds(frames.get(id.split(".")[1] ?? ""), place), id);
});

const holds = (frame: Place | undefined, { x, y }: Place) => frame !== undefined && Math.abs(frame.x - x) <= (frame.width - NODE.width) / 2 && Math.abs(frame.y - y) <= (frame.height - NODE.height) / 2;

function isFree(all: readonly Place[]): boolean {
  const touch = (a: Place, b: Place) => Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2;
  return all.every((a, at) => !all.slice(at + 1).some((b) => touch(a, b)));
}
