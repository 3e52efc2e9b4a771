// The page: asks every few seconds, keeps what is chosen, shows the rest.

import { Chart, spark } from "./chart.js";
import { html, keep } from "./elements.js";
import { showAlert } from "./reloads.js";
import { Rules } from "./rules.js";
import { clockText, readClock, readMembers, readMetrics, readOverview, readRules, readSeries, readTraffic, serverNow } from "./server.js";
import { Topology } from "./topology.js";
import { format, formatOf, gradeOf, isBinary, splitName } from "./units.js";

const REFRESH_MS = 5000;
const MOST_LINES = 60; // services with a small line, and edges with a colour, per refresh

const CATALOGS = {
  service: { catalog: "SERVICE", prefix: "kubernetes_service_", first: "kubernetes_service_http_call_cpm" },
  instance: { catalog: "SERVICE_INSTANCE", prefix: "kubernetes_service_instance_", first: "kubernetes_service_instance_http_call_cpm" },
  endpoint: { catalog: "ENDPOINT", prefix: "kubernetes_service_endpoint_", first: "kubernetes_service_endpoint_call_cpm" },
};
const GROUPS = [
  ["HTTP", /^(http|call|apdex|percentile)/],
  ["Connections", /^(connect|accept|close)/],
  ["Network", /(netfilter|resolve_mac)/],
  ["Write", /^write/],
  ["Read", /^read/],
  ["Other", /./],
];

const $ = (id) => document.getElementById(id);

const chosen = { view: "services", minutes: 30, service: null, kind: "service", member: null, metric: { ...firstMetrics() }, sort: "cpm", rising: false };
const known = { metrics: [], services: [], topology: { nodes: [], calls: [] }, lines: new Map(), edges: new Map() };

const chart = new Chart($("chart"));
const rules = new Rules(writeAddress);
const topology = new Topology($("drawing"), (id) => choose({ service: id, kind: "service", member: null }));

function firstMetrics() {
  return Object.fromEntries(Object.entries(CATALOGS).map(([kind, { first }]) => [kind, first]));
}

// What is chosen lives in the address, so that a reload or a link shows the same.

function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  chosen.view = address.has("rules") ? "rules" : "services";
  for (const view of ["services", "rules"]) {
    $(`${view}-view`).hidden = view !== chosen.view;
    $(`to-${view}`).setAttribute("aria-current", view === chosen.view ? "page" : "false");
  }
  if (chosen.view === "rules") {
    rules.readAddress(address);
    return;
  }
  chosen.minutes = Number(address.get("minutes")) || chosen.minutes;
  if (!address.has("service")) return;
  chosen.service = address.get("service");
  chosen.kind = CATALOGS[address.get("kind")] ? address.get("kind") : "service";
  chosen.member = address.get("member");
  if (address.get("metric")) chosen.metric[chosen.kind] = address.get("metric");
  $("range").value = String(chosen.minutes);
}

function writeAddress() {
  if (chosen.view === "rules") {
    history.replaceState(null, "", `#${rules.address}`);
    return;
  }
  const address = new URLSearchParams({ minutes: chosen.minutes });
  if (chosen.service) {
    address.set("service", chosen.service);
    address.set("kind", chosen.kind);
    if (chosen.member) address.set("member", chosen.member);
    address.set("metric", chosen.metric[chosen.kind]);
  }
  history.replaceState(null, "", `#${address}`);
}

function choose(change) {
  Object.assign(chosen, change);
  writeAddress();
  showServices();
  showTopology();
  showMetricList();
  refreshDetail().catch(showTrouble);
}

// Asking

async function refresh() {
  if (!known.health) await readClock();
  const { view } = chosen;
  const [overview, reloads] = await Promise.all([readOverview(chosen.minutes), readRules(view === "rules")]);
  Object.assign(known, overview);
  if (known.revision !== reloads.revision) Object.assign(known, { metrics: await readMetrics(), revision: reloads.revision });
  if (view !== chosen.view) return; // the other view was opened meanwhile; its answer is on the way
  showRefused(reloads.refusal);
  if (view === "rules") {
    rules.show(reloads, known.services);
    return;
  }
  const busiest = [...known.services].sort((a, b) => (b.cpm ?? -1) - (a.cpm ?? -1)).slice(0, MOST_LINES);
  if (!known.services.some((service) => service.id === chosen.service)) {
    Object.assign(chosen, { service: busiest[0]?.id ?? null, kind: "service", member: null });
  }
  showOverview();
  const traffic = readTraffic(busiest, known.topology.calls.slice(0, MOST_LINES), known.topology.nodes, chosen.minutes);
  const [answer] = await Promise.all([traffic, refreshDetail()]);
  Object.assign(known, answer);
  showOverview();
}

async function refreshDetail() {
  const service = known.services.find((one) => one.id === chosen.service);
  if (!service) return;
  const asked = { ...chosen, metric: chosen.metric[chosen.kind] };
  const entity = { serviceName: service.name, normal: service.normal };
  const members = await readMembers(service, asked.minutes);
  const list = { instance: members.instances, endpoint: members.endpoints }[asked.kind];
  const member = list?.find((one) => one.id === asked.member);
  if (asked.kind === "instance") entity.serviceInstanceName = member?.name ?? "";
  if (asked.kind === "endpoint") entity.endpointName = member?.name ?? "";
  const outcome = await readSeries(asked.metric, entity, asked.minutes).catch((error) => error);
  const current = chosen.service === asked.service && chosen.member === asked.member && chosen.metric[chosen.kind] === asked.metric;
  if (!current) return; // something else was chosen meanwhile; its answer is on the way
  showMembers(service, members, member);
  if (outcome instanceof Error) chart.say(outcome.message);
  else if (!outcome.length) chart.say("No value in this range.");
  else chart.show({ series: outcome, format: formatOf(asked.metric), clock: clockText, binary: isBinary(asked.metric), filling: true });
}

async function keepRefreshing() {
  try {
    await refresh();
    showHealth();
  } catch (error) {
    showTrouble(error);
  }
  setTimeout(keepRefreshing, document.hidden ? REFRESH_MS * 6 : REFRESH_MS);
}

// Showing

function showHealth() {
  const { health, services, metrics, version } = known;
  const state = health.score === 0 ? "healthy" : health.score > 0 ? `unhealthy: ${health.details}` : "starting";
  $("status").className = health.score === 0 ? "good" : health.score > 0 ? "bad" : "warn";
  $("status-text").textContent = `${state} · server time ${clockText(serverNow()).slice(11)} · ${services.length} services · ${metrics.length} metrics`;
  $("version").textContent = `oap ${version}`;
}

function showTrouble(error) {
  $("status").className = "bad";
  $("status-text").textContent = `${error.message || "the server cannot be reached"} · trying again`;
}

function showRefused(refusal) {
  showAlert($("alert"), chosen.view === "rules" ? null : refusal);
  $("to-rules").classList.toggle("refused", Boolean(refusal));
  document.title = refusal ? "rules refused · oap" : "oap";
}

function showOverview() {
  if (chosen.view !== "services") return;
  const any = known.services.length > 0;
  $("empty").hidden = any;
  for (const id of ["services", "topology", "detail"]) $(id).hidden = !any;
  if (!any) return;
  writeAddress();
  showServices();
  showTopology();
  showMetricList();
}

function showTopology() {
  const byId = new Map(known.services.map((service) => [service.id, service]));
  topology.show(known.topology, byId, known.edges, chosen.service);
}

function showServices() {
  const text = $("filter").value.trim().toLowerCase();
  const rows = known.services.filter((service) => service.name.toLowerCase().includes(text)).sort(bySort);
  $("service-count").textContent = rows.length === known.services.length ? rows.length : `${rows.length} of ${known.services.length}`;
  for (const button of document.querySelectorAll("[data-sort]")) {
    const mine = button.dataset.sort === chosen.sort;
    button.closest("th").setAttribute("aria-sort", mine ? (chosen.rising ? "ascending" : "descending") : "none");
  }
  keep($("service-table").tBodies[0], rows, (service) => service.id, createServiceRow, updateServiceRow);
}

function bySort(a, b) {
  const way = chosen.rising ? 1 : -1;
  const byName = a.name.localeCompare(b.name);
  if (chosen.sort === "name") return way * byName;
  const [x, y] = [a[chosen.sort], b[chosen.sort]];
  if (x === null || y === null) return (x === null) - (y === null) || byName;
  return way * (x - y) || byName;
}

function createServiceRow(service) {
  const [name, namespace] = splitName(service.name);
  const button = html("button", { type: "button", class: "pick", title: service.name }, html("b", {}, name), " ", html("small", {}, namespace));
  const row = html("tr", {}, html("th", { scope: "row" }, button), ...["number cpm", "wide", "number time", "number rate"].map((kind) => html("td", { class: kind })));
  row.addEventListener("click", () => choose({ service: service.id, kind: "service", member: null }));
  return row;
}

function updateServiceRow(row, service) {
  const isChosen = service.id === chosen.service;
  row.classList.toggle("selected", isChosen);
  row.querySelector("button").setAttribute("aria-pressed", String(isChosen));
  const [, cpm, line, time, rate] = row.cells;
  cpm.textContent = service.cpm === null ? "–" : format.count(service.cpm);
  line.replaceChildren(spark(known.lines.get(service.id) ?? []));
  time.textContent = service.time === null ? "–" : format.milliseconds(service.time);
  rate.replaceChildren(html("span", { class: `grade ${gradeOf(service.rate)}` }, service.rate === null ? "–" : format.percent(service.rate)));
}

function showMembers(service, { instances, endpoints }, member) {
  const [name, namespace] = splitName(service.name);
  $("detail-title").replaceChildren(`${name} `, namespace ? html("small", {}, namespace) : "");
  const back = html("button", { type: "button", class: "chip" }, "show the whole service");
  back.addEventListener("click", () => choose({ kind: "service", member: null }));
  $("subject").replaceChildren(...(member ? [html("span", {}, `${chosen.kind} `, html("b", {}, member.name)), back] : []));
  $("chart-title").textContent = `${chosen.metric[chosen.kind]} of ${member?.name ?? service.name}`;
  $("instance-count").textContent = instances.length;
  $("endpoint-count").textContent = endpoints.length;
  showRows($("instances"), instances, "instance", "no instance in this range");
  showRows($("endpoints"), endpoints, "endpoint", "no endpoint in this range");
}

function showRows(list, members, kind, nothing) {
  const most = Math.max(1, ...members.map((one) => one.cpm ?? 0));
  const rows = members.length ? members : [{ id: "", name: nothing }];
  const create = (one) => {
    if (!one.id) return html("li", { class: "nothing" }, nothing);
    const button = html("button", { type: "button" }, html("span", { class: "name" }, one.name), html("span", { class: "numbers" }));
    button.addEventListener("click", () => choose(chosen.member === one.id ? { kind: "service", member: null } : { kind, member: one.id }));
    return html("li", {}, button);
  };
  const update = (row, one) => {
    if (!one.id) return;
    const button = row.firstElementChild;
    button.setAttribute("aria-pressed", String(chosen.member === one.id));
    button.style.setProperty("--share", `${(100 * (one.cpm ?? 0)) / most}%`);
    button.title = one.name;
    const numbers = [one.cpm === null ? "–" : format.perMinute(one.cpm)];
    if (one.time != null) numbers.push(format.milliseconds(one.time));
    const grade = html("span", { class: `grade ${gradeOf(one.rate)}` }, one.rate == null ? "" : format.percent(one.rate));
    button.lastElementChild.replaceChildren(numbers.join(" · "), grade);
  };
  keep(list, rows, (one) => one.id, create, update);
}

function showMetricList() {
  const { catalog, prefix } = CATALOGS[chosen.kind];
  const words = $("metric-search").value.toLowerCase().split(/[\s_]+/).filter(Boolean);
  const fitting = known.metrics
    .filter((metric) => metric.catalog === catalog && words.every((word) => metric.name.includes(word)))
    .map((metric) => ({ name: metric.name, short: metric.name.startsWith(prefix) ? metric.name.slice(prefix.length) : metric.name }));
  const list = $("metrics");
  const signature = `${chosen.kind} ${fitting.map((metric) => metric.name)}`;
  if (list.dataset.signature !== signature) {
    list.dataset.signature = signature;
    const groups = GROUPS.map(([title, pattern]) => [title, fitting.filter((metric) => groupOf(metric.short) === title && pattern.test(metric.short))]);
    list.replaceChildren(
      ...groups
        .filter(([, metrics]) => metrics.length)
        .map(([title, metrics]) => html("optgroup", { label: title }, ...metrics.map((metric) => html("option", { value: metric.name }, metric.short)))),
    );
  }
  list.value = chosen.metric[chosen.kind];
}

function groupOf(short) {
  return GROUPS.find(([, pattern]) => pattern.test(short))[0];
}

// Hands

function chooseMetric(name) {
  choose({ metric: { ...chosen.metric, [chosen.kind]: name } });
}

$("range").addEventListener("change", () => {
  chosen.minutes = Number($("range").value);
  writeAddress();
  refresh().catch(showTrouble);
});
$("filter").addEventListener("input", showServices);
$("metrics").addEventListener("change", () => chooseMetric($("metrics").value));
$("metric-search").addEventListener("input", showMetricList);
$("metric-search").addEventListener("keydown", (event) => {
  const list = $("metrics");
  if (event.key === "ArrowDown") list.focus();
  if (event.key === "Enter" && list.options.length) chooseMetric(list.options[0].value);
});
for (const button of document.querySelectorAll("[data-sort]")) {
  button.addEventListener("click", () => {
    const same = chosen.sort === button.dataset.sort;
    chosen.rising = same ? !chosen.rising : button.dataset.sort === "name";
    chosen.sort = button.dataset.sort;
    showServices();
  });
}

window.addEventListener("hashchange", () => {
  readAddress();
  refresh().then(showHealth, showTrouble);
});

readAddress();
keepRefreshing();
