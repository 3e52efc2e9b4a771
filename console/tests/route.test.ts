import assert from "node:assert/strict";
import { test } from "node:test";
import { changed, hashOf, linkTo, parseHash } from "../src/route";

test("an address is read as it was written", () => {
  const path = ["dashboard", "K8S_SERVICE", "Service", "YS5i/+=.1", "Name & more"];
  const query = { tab: "TCP", find: "a b&c=d", from: "2026-01-01T12:00" };
  assert.deepEqual(parseHash(hashOf(path, query)), { path, query });
});

test("links of the rules stay what they were", () => {
  assert.deepEqual(parseHash("#rules&search=slow_calls_cpm"), { path: ["rules"], query: { search: "slow_calls_cpm" } });
  assert.equal(hashOf(["rules"], { search: "write_cpm", scope: "K8SService", state: "" }), "#rules&search=write_cpm&scope=K8SService");
});

test("odd addresses are read without an error", () => {
  assert.deepEqual(parseHash(""), { path: [], query: {} });
  assert.deepEqual(parseHash("#/rules"), { path: ["rules"], query: {} });
  assert.deepEqual(parseHash("#range=1h"), { path: [], query: { range: "1h" } });
  assert.deepEqual(parseHash("#a/%E0%A4%A"), { path: ["a", "%E0%A4%A"], query: {} });
});

test("a link takes the time along and leaves the rest behind", () => {
  const here = parseHash("#layer/X&range=1h&refresh=5&tab=Topology&find=a");
  assert.equal(linkTo(here, ["rules"], { search: "b" }), "#rules&range=1h&refresh=5&search=b");
});

test("a change keeps the rest, and an empty text takes a name out", () => {
  const here = parseHash("#layer/X&tab=Topology&find=a");
  assert.equal(changed(here, { find: "", node: "n" }), "#layer/X&tab=Topology&node=n");
});
