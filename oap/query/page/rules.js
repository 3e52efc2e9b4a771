// The second view: every metric with its rule, its state and its last value.

import { html, keep } from "./elements.js";
import { minuteText, showEvents, showRefusal } from "./reloads.js";
import { clockText, readRule, serverNow } from "./server.js";
import { formatOfUnit } from "./units.js";
import { whyForm } from "./why.js";

const $ = (id) => document.getElementById(id);
const GRADES = [
  [/^running/, "good"],
  [/^starts/, "warn"],
  [/./, "none"],
];

export class Rules {
  #onChange;
  #entries = [];
  #open = null; // the metric opened last, as links name it
  #wanted = null; // a metric to open and bring into view once it is there

  constructor(onChange) {
    this.#onChange = onChange;
    for (const [id, event] of [["rule-search", "input"], ["rule-scope", "change"], ["rule-state", "change"]]) {
      $(id).addEventListener(event, () => {
        this.#filter();
        this.#onChange();
      });
    }
  }

  /** Take over what a link says. */
  readAddress(address) {
    $("rule-search").value = address.get("search") ?? "";
    select($("rule-scope"), address.get("scope") ?? "");
    select($("rule-state"), address.get("state") ?? "");
    this.#open = this.#wanted = address.get("metric");
    this.#filter();
  }

  /** What a link to the present sight says. */
  get address() {
    const said = { search: $("rule-search").value, scope: $("rule-scope").value, state: $("rule-state").value, metric: this.#open };
    const address = new URLSearchParams(Object.entries(said).filter(([, value]) => value));
    return `rules${address.size ? `&${address}` : ""}`;
  }

  /** Show all metrics, reloads and the refusal, as the server tells them; services are offered to ask about. */
  show({ metrics, reloads, refusal }, services) {
    this.#entries = metrics;
    showRefusal($("refusal"), refusal);
    showEvents($("reloads"), reloads);
    keep($("service-names"), services, (service) => service.id, (service) => html("option", { value: service.name }), () => {});
    this.#offerScopes();
    keep($("rule-list"), metrics, (entry) => entry.name, (entry) => this.#createRow(entry), updateRow);
    this.#filter();
    this.#bringWanted();
  }

  #offerScopes() {
    const scopes = [...new Set(this.#entries.map((entry) => entry.scope))].filter(Boolean);
    const options = (scope) => html("option", { value: scope }, scope);
    const list = $("rule-scope");
    const chosen = list.value;
    keep(list, ["", ...scopes], (scope) => scope || "all", options, (option, scope) => !scope && (option.textContent = "All scopes"));
    list.value = chosen === "" || scopes.includes(chosen) ? chosen : "";
  }

  #filter() {
    const words = $("rule-search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [scope, state] = [$("rule-scope").value, $("rule-state").value];
    const fits = ({ name, text, scope: its, state: stands }) =>
      (!scope || its === scope) && stands.startsWith(state) && words.every((word) => name.toLowerCase().includes(word) || text.toLowerCase().includes(word));
    const rows = new Map([...$("rule-list").children].map((row) => [row.dataset.key, row]));
    let count = 0;
    for (const entry of this.#entries) {
      const fit = fits(entry);
      count += fit;
      const row = rows.get(entry.name);
      if (row && row.hidden === fit) row.hidden = !fit;
    }
    $("rule-count").textContent = count === this.#entries.length ? count : `${count} of ${this.#entries.length}`;
    $("rule-nothing").hidden = count > 0 || !this.#entries.length;
  }

  #createRow(entry) {
    const cells = ["name", "state", "value", "entity", "minute"].map((kind) => html("span", { class: kind }));
    const row = html("details", { class: "rule" }, html("summary", {}, ...cells), html("div", { class: "body" }));
    row.addEventListener("toggle", () => {
      if (row.open) fillBody(row);
      if (row.open || this.#open === entry.name) this.#open = row.open ? entry.name : null;
      this.#onChange();
    });
    return row;
  }

  #bringWanted() {
    const row = this.#wanted && [...$("rule-list").children].find((one) => one.dataset.key === this.#wanted);
    if (!row) return;
    this.#wanted = null;
    row.open = true;
    row.scrollIntoView({ block: "center" });
  }
}

function select(list, value) {
  if (![...list.options].some((option) => option.value === value)) list.append(html("option", { value, "data-key": value }, value));
  list.value = value;
}

function updateRow(row, entry) {
  const filling = entry.last !== null && String(entry.last.bucket) === clockText(serverNow()).slice(0, 16).replace(/\D/g, "");
  const signature = JSON.stringify([entry, filling]);
  if (row.dataset.signature === signature) return;
  row.dataset.signature = signature;
  const [name, state, value, entity, minute] = row.firstElementChild.children;
  name.replaceChildren(...entry.name.split(/(?<=_)/).flatMap((word) => [word, html("wbr")])); // long names break between words
  state.replaceChildren(html("span", { class: `mark ${GRADES.find(([pattern]) => pattern.test(entry.state))[1]}` }, entry.state));
  value.textContent = entry.last ? valueText(entry) : "–";
  entity.replaceChildren(...(entry.last ? [entityPart(entry), html("small", {}, ` ${amongText(entry.last)}`)] : []));
  minute.textContent = entry.last ? minuteText(entry.last.bucket) : "";
  minute.title = filling ? "this minute is still filling" : "";
  minute.classList.toggle("filling", filling);
  if (row.dataset.rule !== undefined && row.dataset.rule !== ruleSignature(entry) && row.open) fillBody(row);
}

function valueText({ last: { value }, unit }) {
  const write = formatOfUnit(unit);
  if (typeof value !== "object") return value === null ? "–" : write(value);
  return Object.entries(value).map(([label, one]) => `${label} ${write(one)}`).join(" · ");
}

function amongText({ entities, value }) {
  if (entities === 1) return "";
  return `${typeof value === "object" ? "one" : "greatest"} of ${entities.toLocaleString("en")}`;
}

/** The entity, leading to its chart where there is one. */
function entityPart({ name, scope, last: { entity, entity_id: id } }) {
  const kind = { K8SService: "service", K8SServiceInstance: "instance", K8SEndpoint: "endpoint" }[scope];
  if (!kind) return html("span", {}, entity);
  const address = new URLSearchParams({ service: id.split("_")[0], kind, metric: name });
  if (kind !== "service") address.set("member", id);
  return html("a", { href: `#${address}`, title: "Show the chart" }, entity);
}

const ruleSignature = (entry) => `${entry.file}:${entry.line} ${entry.text}`;

/** What an opened row holds; asked for then, since it is much, and again when the rule was changed. */
function fillBody(row) {
  const [entry] = JSON.parse(row.dataset.signature);
  if (row.dataset.rule === ruleSignature(entry)) return;
  row.dataset.rule = ruleSignature(entry);
  const place = entry.file ? `${entry.file}:${entry.line}` : "switched off by a disable statement";
  const facts = html("dl", { class: "facts" });
  const body = [html("p", { class: "place" }, place), html("pre", { class: "oal" }, entry.text), facts];
  if (entry.file) {
    body.push(whyForm(entry.name));
    readRule(entry.name).then((said) => facts.replaceChildren(...factParts(said)), (error) => facts.replaceChildren(html("dd", {}, error.message)));
  }
  row.lastElementChild.replaceChildren(...body);
}

function factParts(said) {
  const rows = said.operations.map((operation) => `${operation.table}: ${operation.meaning}`).join("; ");
  const facts = [
    ["Value", said.formula],
    ["Unit", said.unit],
    ["Of each", said.entity],
    ["Rows", rows || "none: no operation can meet the conditions"],
    ["Hour and day", said.longer],
    ["Since", said.since && `${minuteText(said.since)}, by a reload`],
    ...said.flaws.map((flaw) => ["Known flaw", `${flaw.problem}. Right: ${flaw.correct}`]),
  ];
  return facts.filter(([, text]) => text).flatMap(([title, text]) => [html("dt", {}, title), html("dd", {}, text)]);
}
