// Who calls whom, drawn in columns from left to right: callers before the called.

import { html, svg } from "./elements.js";
import { format, gradeOf, splitName } from "./units.js";

const NODE = { width: 144, height: 52 };
const GAP = { narrow: 44, wide: 120, y: 26 };
const EDGE_PAD = 20;
const CROWDED = 14; // calls beyond which only those of the chosen service are labelled
const SMALLEST = 0.66; // scale below which the drawing scrolls instead of shrinking

export class Topology {
  #box;
  #onSelect;
  #signature = "";
  #inView = null;

  constructor(box, onSelect) {
    this.#box = box;
    this.#onSelect = onSelect;
  }

  /** Show nodes and calls with the values of services and edges (both by id). */
  show({ nodes, calls }, services, edges, selected) {
    const signature = JSON.stringify([nodes, calls, [...services], [...edges], selected]);
    if (signature === this.#signature) return;
    this.#signature = signature;
    if (!nodes.length) {
      this.#box.replaceChildren(html("p", { class: "nothing" }, "No call between services in this range."));
      return;
    }
    const focused = this.#box.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const plan = layOut(nodes, calls, this.#box.clientWidth);
    const picture = svg("svg", {
      viewBox: `0 0 ${plan.width} ${plan.height}`,
      width: plan.width,
      height: plan.height,
      class: calls.length > CROWDED ? "dense" : null,
      role: "group",
      "aria-label": "services and calls",
      style: `min-width:${Math.round(plan.width * SMALLEST)}px`,
    });
    picture.append(svg("defs", {}, ...["good", "warn", "bad", "none"].map(arrow)));
    const busiest = Math.max(1, ...[...edges.values()].map((edge) => edge.cpm ?? 0));
    for (const call of calls) picture.append(drawCall(call, plan, edges.get(call.id), busiest, selected));
    for (const node of nodes) picture.append(this.#drawNode(node, plan.places.get(node.id), services.get(node.id), selected));
    this.#box.replaceChildren(picture);
    this.#bringIntoView(plan, selected, picture);
    if (focused) this.#box.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  #bringIntoView(plan, selected, picture) {
    const place = plan.places.get(selected);
    if (!place || this.#inView === selected) return;
    this.#inView = selected;
    const scale = picture.getBoundingClientRect().width / plan.width;
    this.#box.scrollLeft = place.x * scale - this.#box.clientWidth / 2;
  }

  #drawNode(node, place, service, selected) {
    const [name, namespace] = splitName(node.name);
    const known = Boolean(service);
    const grade = gradeOf(service?.rate);
    const calls = service?.cpm == null ? "" : format.perMinute(service.cpm);
    const shape = svg(
      "g",
      {
        class: `node ${grade}${known ? "" : " unknown"}${node.id === selected ? " selected" : ""}`,
        transform: `translate(${place.x - NODE.width / 2},${place.y - NODE.height / 2})`,
        "data-id": node.id,
        tabindex: known ? 0 : null,
        role: known ? "button" : null,
        "aria-label": `${node.name} ${calls}`,
        "aria-pressed": known ? String(node.id === selected) : null,
      },
      svg("title", {}, [node.name, node.type && `serves ${node.type}`, service?.rate != null && `${format.percent(service.rate)} successful`].filter(Boolean).join("\n")),
      svg("rect", { class: "body", width: NODE.width, height: NODE.height, rx: 10 }),
      svg("rect", { class: "mark", width: 4, height: NODE.height - 20, x: 8, y: 10, rx: 2 }),
      svg("text", { class: "name", x: 20, y: 22 }, clipped(name, 15)),
      svg("text", { class: "note", x: 20, y: 40 }, calls ? clipped(calls, 18) : clipped(namespace, 18)),
    );
    if (known) {
      shape.addEventListener("click", () => this.#onSelect(node.id));
      shape.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        this.#onSelect(node.id);
      });
    }
    return shape;
  }
}

function arrow(grade) {
  return svg(
    "marker",
    { id: `arrow-${grade}`, class: grade, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" },
    svg("path", { d: "M0,0.6L7.4,4L0,7.4Z" }),
  );
}

function drawCall(call, plan, values, busiest, selected) {
  const grade = gradeOf(values?.rate);
  const spoken = [...new Set([...call.targetComponents, ...call.sourceComponents])];
  const components = spoken.join(" · ");
  const label = spoken.length > 1 && plan.gap < 90 ? `${spoken[0]} +${spoken.length - 1}` : components;
  const touches = call.source === selected || call.target === selected;
  const { path, middle } = plan.route(call);
  const facts = [`${plan.names.get(call.source)} → ${plan.names.get(call.target)}`, components];
  if (values?.cpm != null) facts.push(format.perMinute(values.cpm));
  if (values?.rate != null) facts.push(`${format.percent(values.rate)} successful`);
  facts.push(`seen by ${call.detectPoints.join(" and ").toLowerCase()}`);
  const width = 1.4 + 2 * Math.sqrt((values?.cpm ?? 0) / busiest);
  return svg(
    "g",
    { class: `call ${grade}${touches ? " touched" : ""}`, "data-call": call.id },
    svg("title", {}, facts.join("\n")),
    svg("path", { class: "wide", d: path }),
    svg("path", { class: "edge", d: path, "stroke-width": width.toFixed(2), "marker-end": `url(#arrow-${grade})` }),
    svg("text", { class: "component", x: middle.x, y: middle.y - 5, "text-anchor": "middle" }, label),
  );
}

const clipped = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** Places of nodes and routes of calls: columns by longest path, order within them by the neighbours' positions. */
function layOut(nodes, calls, room) {
  const names = new Map(nodes.map((node) => [node.id, node.name]));
  const pairs = calls.filter((call) => call.source !== call.target && names.has(call.source) && names.has(call.target));
  const forward = withoutCycles(nodes, pairs);
  const column = columns(nodes, forward);
  const { cells, chains, links } = withBends(nodes, forward, column);
  order(cells, links);
  const spare = (room - cells.length * NODE.width - 2 * EDGE_PAD) / Math.max(1, cells.length - 1);
  const pitch = NODE.width + Math.min(GAP.wide, Math.max(GAP.narrow, spare));
  const places = placed(cells, pitch);
  const width = (cells.length - 1) * pitch + NODE.width + 2 * EDGE_PAD;
  const height = Math.max(...[...places.values()].map((place) => place.y)) + NODE.height / 2 + EDGE_PAD + 14;
  const route = (call) => {
    const chain = chains.get(`${call.source} ${call.target}`);
    if (chain) return smooth(chain.map((cell) => places.get(cell)));
    return around(places.get(call.source), places.get(call.target));
  };
  return { places, names, route, width, height, gap: pitch - NODE.width };
}

function withoutCycles(nodes, pairs) {
  const out = new Map(nodes.map((node) => [node.id, []]));
  const indegree = new Map(nodes.map((node) => [node.id, 0]));
  for (const pair of pairs) {
    out.get(pair.source).push(pair.target);
    indegree.set(pair.target, indegree.get(pair.target) + 1);
  }
  const state = new Map();
  const forward = [];
  const visit = (id) => {
    state.set(id, "open");
    for (const next of out.get(id)) {
      if (state.get(next) === "open") continue; // closes a cycle
      forward.push({ source: id, target: next });
      if (!state.has(next)) visit(next);
    }
    state.set(id, "done");
  };
  const starts = [...nodes].sort((a, b) => indegree.get(a.id) - indegree.get(b.id) || a.name.localeCompare(b.name));
  for (const node of starts) if (!state.has(node.id)) visit(node.id);
  return forward;
}

function columns(nodes, forward) {
  const into = new Map(nodes.map((node) => [node.id, []]));
  for (const { source, target } of forward) into.get(target).push(source);
  const column = new Map();
  const find = (id) => {
    if (!column.has(id)) column.set(id, 0).set(id, Math.max(0, ...into.get(id).map((source) => find(source) + 1)));
    return column.get(id);
  };
  nodes.forEach((node) => find(node.id));
  return column;
}

/** Calls over several columns get a bend in each column between, so that they pass beside the nodes there. */
function withBends(nodes, forward, column) {
  const cells = [];
  const put = (id, at) => (cells[at] ??= []).push(id);
  [...nodes].sort((a, b) => a.name.localeCompare(b.name)).forEach((node) => put(node.id, column.get(node.id)));
  const links = [];
  const chains = new Map();
  for (const { source, target } of forward) {
    const chain = [source];
    for (let at = column.get(source) + 1; at < column.get(target); at += 1) {
      const bend = `bend ${source} ${target} ${at}`;
      put(bend, at);
      chain.push(bend);
    }
    chain.push(target);
    chains.set(`${source} ${target}`, chain);
    for (let i = 1; i < chain.length; i += 1) links.push([chain[i - 1], chain[i]]);
  }
  return { cells, chains, links };
}

function order(cells, links) {
  const near = new Map(cells.flat().map((id) => [id, { left: [], right: [] }]));
  for (const [a, b] of links) {
    near.get(a).right.push(b);
    near.get(b).left.push(a);
  }
  const position = new Map();
  const number = (column) => column.forEach((id, i) => position.set(id, (i + 0.5) / column.length));
  cells.forEach(number);
  const mean = (ids, otherwise) => (ids.length ? ids.reduce((sum, id) => sum + position.get(id), 0) / ids.length : otherwise);
  for (let sweep = 0; sweep < 12; sweep += 1) {
    const side = sweep % 2 ? "right" : "left";
    const walk = sweep % 2 ? [...cells].reverse() : cells;
    for (const column of walk) {
      const wish = new Map(column.map((id) => [id, mean(near.get(id)[side], position.get(id))]));
      column.sort((a, b) => wish.get(a) - wish.get(b) || position.get(a) - position.get(b));
      number(column);
    }
  }
}

function placed(cells, pitch) {
  const tall = (id) => (id.startsWith("bend ") ? 14 : NODE.height) + GAP.y;
  const heights = cells.map((column) => column.reduce((sum, id) => sum + tall(id), 0));
  const most = Math.max(...heights);
  const places = new Map();
  cells.forEach((column, i) => {
    let y = EDGE_PAD / 2 + (most - heights[i]) / 2;
    for (const id of column) {
      places.set(id, { x: EDGE_PAD + NODE.width / 2 + i * pitch, y: y + tall(id) / 2, bend: id.startsWith("bend ") });
      y += tall(id);
    }
  });
  return places;
}

function smooth(stops) {
  const half = NODE.width / 2;
  let [x, y] = [stops[0].x + half, stops[0].y];
  let path = `M${x},${y}`;
  let middle = null;
  for (const stop of stops.slice(1)) {
    const toX = stop.x - half;
    const bend = (toX - x) / 2;
    path += `C${x + bend},${y} ${toX - bend},${stop.y} ${toX},${stop.y}`;
    middle ??= { x: (x + toX) / 2, y: (y + stop.y) / 2 };
    [x, y] = [toX, stop.y];
    if (stop.bend) {
      x = stop.x + half;
      path += `L${x},${y}`;
    }
  }
  return { path, middle };
}

/** A call back to an earlier column runs below both nodes. */
function around(from, to) {
  const y = Math.max(from.y, to.y) + NODE.height / 2 + 22;
  const [a, b] = [from.y + NODE.height / 2, to.y + NODE.height / 2];
  const path = `M${from.x},${a}C${from.x},${y + 14} ${to.x},${y + 14} ${to.x},${b + 1}`;
  return { path, middle: { x: (from.x + to.x) / 2, y: y + 4 } };
}
