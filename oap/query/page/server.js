// What the page asks of the server. One function per question; every answer is plain data.

const VALUES = "fragment values on ExpressionResult { error results { metric { labels { key value } } values { id value owner { serviceID serviceInstanceID endpointID } } } }";

let skewMs = 0; // server clock minus ours
let zoneMs = 0; // offset of the server's zone

async function ask(query, variables = {}) {
  const response = await fetch("graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const answer = await response.json();
  if (!answer.data) throw new Error(answer.errors?.[0]?.message ?? "the server sent no data");
  return answer.data;
}

function keepTime({ timezone, currentTimestamp }) {
  const sign = timezone.startsWith("-") ? -1 : 1;
  zoneMs = sign * (Number(timezone.slice(1, 3)) * 60 + Number(timezone.slice(3, 5))) * 60_000;
  skewMs = currentTimestamp - Date.now();
}

/** Text of a moment on the server's clock, `yyyy-MM-dd HH:mm:ss`. */
export function clockText(epochMs) {
  return new Date(epochMs + zoneMs).toISOString().slice(0, 19).replace("T", " ");
}

/** Now, in the server's milliseconds. */
export function serverNow() {
  return Date.now() + skewMs;
}

function lastMinutes(minutes) {
  const text = (at) => clockText(at).slice(0, 16).replace(":", "");
  const end = serverNow();
  return { start: text(end - (minutes - 1) * 60_000), end: text(end), step: "MINUTE" };
}

/** Learn the server's clock; everything else depends on it. */
export async function readClock() {
  keepTime((await ask("{ getTimeInfo { timezone currentTimestamp } }")).getTimeInfo);
}

/** Every metric: name, type, catalog. */
export async function readMetrics() {
  return (await ask("{ listMetrics { name type catalog } }")).listMetrics;
}

/** Health, services with their means, and who calls whom. */
export async function readOverview(minutes) {
  const mean = (alias, metric) =>
    `${alias}: execExpression(expression: "top_n(kubernetes_service_${metric},2000,des)", entity: {}, duration: $d) { ...values }`;
  const data = await ask(
    `query overview($d: Duration!) {
      version
      getTimeInfo { timezone currentTimestamp }
      checkHealth { score details }
      services: listServices { id name layers normal }
      topology: getGlobalTopology(duration: $d) {
        nodes { id name type isReal }
        calls { id source target sourceComponents targetComponents detectPoints }
      }
      ${mean("cpm", "http_call_cpm")}
      ${mean("time", "http_call_time")}
      ${mean("rate", "http_call_successful_rate")}
    }
    ${VALUES}`,
    { d: lastMinutes(minutes) },
  );
  keepTime(data.getTimeInfo);
  const means = { cpm: byId(data.cpm, "serviceID"), time: byId(data.time, "serviceID"), rate: byId(data.rate, "serviceID") };
  const services = data.services.map((service) => ({
    ...service,
    cpm: means.cpm.get(service.id) ?? null,
    time: means.time.get(service.id) ?? null,
    rate: means.rate.get(service.id) ?? null,
  }));
  return { version: data.version, health: data.checkHealth, services, topology: data.topology };
}

/** Calls per minute over time of these services, and calls and success rate of these edges, by id. */
export async function readTraffic(services, calls, nodes, minutes) {
  const names = new Map(nodes.map((node) => [node.id, node]));
  const d = lastMinutes(minutes);
  const variables = { d };
  const parts = [];
  const declare = (name, entity, expression) => {
    variables[name] = entity;
    parts.push(`${name}: execExpression(expression: "${expression}", entity: $${name}, duration: $d) { ...values }`);
  };
  services.forEach((service, i) => {
    declare(`s${i}`, { serviceName: service.name, normal: service.normal }, "kubernetes_service_http_call_cpm");
  });
  calls.forEach((call, i) => {
    const [from, to] = [names.get(call.source), names.get(call.target)];
    const entity = { serviceName: from.name, normal: from.isReal, destServiceName: to.name, destNormal: to.isReal };
    const side = call.detectPoints.includes("SERVER") ? "server" : "client";
    const metric = `kubernetes_service_relation_${side}_http`;
    declare(`c${i}`, entity, `avg(${metric}_call_cpm)`);
    declare(`r${i}`, entity, `sum(${metric}_success_cpm) / sum(${metric}_call_cpm) * 10000`);
  });
  if (!parts.length) return { lines: new Map(), edges: new Map() };
  const inputs = Object.keys(variables).filter((name) => name !== "d").map((name) => `$${name}: Entity!`);
  const data = await ask(`query traffic($d: Duration!, ${inputs.join(", ")}) { ${parts.join("\n")} } ${VALUES}`, variables);
  const lines = new Map(services.map((service, i) => [service.id, points(data[`s${i}`])[0]?.points ?? []]));
  const edges = new Map(calls.map((call, i) => [call.id, { cpm: firstValue(data[`c${i}`]), rate: firstValue(data[`r${i}`]) }]));
  return { lines, edges };
}

/** Instances and endpoints of a service, busiest first. */
export async function readMembers(service, minutes) {
  const mean = (alias, metric) =>
    `${alias}: execExpression(expression: "top_n(kubernetes_service_${metric},500,des)", entity: $e, duration: $d) { ...values }`;
  const data = await ask(
    `query members($d: Duration!, $e: Entity!, $id: ID!) {
      instances: listInstances(duration: $d, serviceId: $id) { id name }
      endpoints: findEndpoint(serviceId: $id, keyword: "", limit: 500, duration: $d) { id name }
      ${mean("ic", "instance_http_call_cpm")} ${mean("it", "instance_http_call_time")} ${mean("ir", "instance_http_call_successful_rate")}
      ${mean("ec", "endpoint_call_cpm")} ${mean("et", "endpoint_call_time")} ${mean("er", "endpoint_call_successful_rate")}
    }
    ${VALUES}`,
    { d: lastMinutes(minutes), e: { serviceName: service.name, normal: service.normal }, id: service.id },
  );
  const join = (members, owner, ...lists) => {
    const [cpm, time, rate] = lists.map((list) => byId(list, owner));
    return members
      .map((one) => ({ ...one, cpm: cpm.get(one.id) ?? null, time: time.get(one.id) ?? null, rate: rate.get(one.id) ?? null }))
      .sort((a, b) => (b.cpm ?? -1) - (a.cpm ?? -1) || a.name.localeCompare(b.name));
  };
  return {
    instances: join(data.instances, "serviceInstanceID", data.ic, data.it, data.ir),
    endpoints: join(data.endpoints, "endpointID", data.ec, data.et, data.er),
  };
}

/** Series of a metric for an entity: one, or one per label. */
export async function readSeries(metric, entity, minutes) {
  const data = await ask(
    `query series($d: Duration!, $e: Entity!, $x: String!) { execExpression(expression: $x, entity: $e, duration: $d) { ...values } } ${VALUES}`,
    { d: lastMinutes(minutes), e: entity, x: metric },
  );
  if (data.execExpression.error) throw new Error(data.execExpression.error);
  return points(data.execExpression);
}

/** Reloads and the refusal that stands, with all metrics or without. */
export async function readRules(withMetrics) {
  return fetched(withMetrics ? "rules" : "rules?part=reloads");
}

/** One metric explained. */
export async function readRule(metric) {
  return fetched(`rules/${encodeURIComponent(metric)}`);
}

/** What became of the rows of a metric, stage by stage; of all services without a name of one. */
export async function readWhy(metric, service) {
  return fetched(`rules/${encodeURIComponent(metric)}/why${service ? `?${new URLSearchParams({ service })}` : ""}`);
}

async function fetched(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  const answer = isJson ? await response.json() : {};
  if (response.ok && isJson) return answer;
  throw new Error([answer.error ?? `the server answered ${response.status}`, answer.hint].filter(Boolean).join("; "));
}

function points(result) {
  return result.results.map((series) => ({
    label: series.metric.labels.map((label) => `${label.key}=${label.value}`).join(" "),
    points: series.values.map((point) => ({ at: Number(point.id), value: point.value === null ? null : Number(point.value) })),
  }));
}

function firstValue(result) {
  const value = result.results[0]?.values[0]?.value ?? null;
  return value === null || !Number.isFinite(Number(value)) ? null : Number(value);
}

function byId(result, member) {
  const values = result.results[0]?.values ?? [];
  return new Map(values.filter((value) => value.owner && value.value !== null).map((value) => [value.owner[member], Number(value.value)]));
}
