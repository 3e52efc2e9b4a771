import assert from "node:assert/strict";
import { test } from "node:test";
import { memberName, serviceOf, splitName } from "../src/ids";
import { entityOf, pathOf, readPath, type Subject, titleOf } from "../src/subject";

const id = (name: string, normal = true) => `${Buffer.from(name).toString("base64")}.${normal ? 1 : 0}`;
const [A, B] = [id("a.x"), id("größe.y", false)];
const member = (service: string, name: string) => `${service}_${Buffer.from(name).toString("base64")}`;

test("ids tell names", () => {
  assert.deepEqual([serviceOf(A), serviceOf(B)], [{ name: "a.x", normal: true }, { name: "größe.y", normal: false }]);
  assert.equal(memberName(member(A, "GET:/ü_ö/1")), "GET:/ü_ö/1");
  assert.deepEqual([serviceOf("xxx").name, serviceOf("%%.1").name, memberName(`${A}_/w==`)], ["xxx", "%%", "/w=="]);
  assert.deepEqual([splitName("a.b.c"), splitName("Unknown"), splitName(".a")], [["a.b", "c"], ["Unknown", ""], [".a", ""]]);
});

test("every scope is read from its path", () => {
  const subjects: readonly Subject[] = [
    { layer: "L", scope: "All" },
    { layer: "L", scope: "Service", service: A },
    { layer: "L", scope: "ServiceInstance", service: A, member: member(A, "pod") },
    { layer: "L", scope: "ServiceRelation", service: A, destService: B },
    { layer: "L", scope: "ServiceInstanceRelation", service: A, member: member(A, "p"), destService: B, destMember: member(B, "q") },
  ];
  for (const subject of subjects) assert.deepEqual(readPath(pathOf(subject, "D")), { subject, dashboard: "D" });
  for (const path of [[], ["rules"], ["dashboard"], ["dashboard", "L", "Nothing", "D"], ["dashboard", "L", "Service"]]) assert.equal(readPath(path), null);
});

test("entities name what their scope needs", () => {
  const both = { serviceName: "a.x", normal: true, destServiceName: "größe.y", destNormal: false };
  assert.deepEqual(entityOf({ layer: "L", scope: "All" }), {});
  assert.deepEqual(entityOf({ layer: "L", scope: "ServiceRelation", service: A, destService: B }), both);
  const pods: Subject = { layer: "L", scope: "ServiceInstanceRelation", service: A, member: member(A, "p"), destService: B, destMember: member(B, "q") };
  assert.deepEqual(entityOf(pods), { ...both, serviceInstanceName: "p", destServiceInstanceName: "q" });
  assert.deepEqual(titleOf(pods), ["p", "q"]);
  assert.deepEqual(entityOf({ layer: "L", scope: "Endpoint", service: A, member: member(A, "GET:/") }), { serviceName: "a.x", normal: true, endpointName: "GET:/" });
});
