// Places of nodes and routes of edges: callers left of what they call. Frames are laid out one by one, then as nodes
// of the whole, which keeps 200 services readable and takes a tenth of the time of one layout over all of them. Where
// many call each other in circles, columns would become a strip too long to read; forces spread those instead.

import { Graph as Dagre, layout } from "@dagrejs/dagre";
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY, type SimulationLinkDatum, type SimulationNodeDatum } from "d3-force";
import type { Drawing, Edge, Shown } from "./graph";

export interface Place {
  /** The middle. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Plan {
  readonly places: ReadonlyMap<string, Place>;
  readonly frames: ReadonlyMap<string, Place>;
  /** SVG paths of edges, and the points where something can be written beside them. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly width: number;
  readonly height: number;
}

export interface Route {
  readonly path: string;
  readonly middle: { readonly x: number; readonly y: number };
}

type Point = { readonly x: number; readonly y: number };
type Box = { readonly id: string; readonly width: number; readonly height: number };
type Body = SimulationNodeDatum & Box;
type Link = { readonly source: string; readonly target: string };

export const NODE = { width: 182, height: 46 };
const FRAME = { side: 14, top: 34, bottom: 14 };
const LOOP = 26;
const GRID_GAP = 16;
/** From here on a faster, coarser layout is taken. */
const MANY = 40;
/** Columns wider than so many times their height, or higher than so many times their width, are a strip. */
const STRIP = { aspect: 3, boxes: 8 };
/** Boxes are wide, and so are screens: forces act on heights stretched by this. */
const STRETCH = 2.2;
const FORCE = { ticks: 400, distance: 320, charge: -700, gap: 12, margin: 20 };

export function placed({ shown, edges }: Drawing): Plan {
  const frameNames = [...new Set(shown.flatMap((one) => (one.kind === "node" && one.group ? [one.group] : [])))];
  const frameOf = new Map(shown.map((one) => [one.id, one.kind === "node" ? one.group : ""]));
  const inner = new Map(frameNames.map((name) => [name, arranged(shown.filter((one) => frameOf.get(one.id) === name).map(boxOf), edges)]));
  const outerId = (id: string) => (frameOf.get(id) ? `frame ${frameOf.get(id)}` : id);
  const boxes = [
    ...shown.filter((one) => !frameOf.get(one.id)).map(boxOf),
    ...[...inner].map(([name, { width, height }]) => ({ id: `frame ${name}`, width: width + 2 * FRAME.side, height: height + FRAME.top + FRAME.bottom })),
  ];
  const outer = arranged(boxes, edges.map(({ source, target }) => ({ source: outerId(source), target: outerId(target) })));
  const places = new Map<string, Place>();
  const frames = new Map<string, Place>();
  for (const [id, place] of outer.places) {
    const name = id.startsWith("frame ") ? id.slice(6) : "";
    const content = inner.get(name);
    if (!content) {
      places.set(id, place);
      continue;
    }
    frames.set(name, place);
    const [left, top] = [place.x - place.width / 2 + FRAME.side, place.y - place.height / 2 + FRAME.top];
    for (const [member, { x, y, width, height }] of content.places) places.set(member, { x: left + x, y: top + y, width, height });
  }
  return { places, frames, routes: routesOf(edges, places, frames.size ? null : outer.points), width: outer.width, height: outer.height + LOOP };
}

const boxOf = (one: Shown): Box => ({ id: one.id, ...NODE });

interface Arranged {
  readonly places: ReadonlyMap<string, Place>;
  /** Bends by source and target; null where there are no columns. */
  readonly points: ReadonlyMap<string, readonly Point[]> | null;
  readonly width: number;
  readonly height: number;
}

function arranged(boxes: readonly Box[], all: readonly Link[]): Arranged {
  const ids = new Set(boxes.map((box) => box.id));
  const links = all.filter(({ source, target }) => source !== target && ids.has(source) && ids.has(target));
  if (!links.length) return inGrid(boxes);
  const columns = inColumns(boxes, links);
  const { width, height } = columns;
  const isStrip = boxes.length > STRIP.boxes && Math.max(width / height, height / width) > STRIP.aspect;
  return isStrip ? spread(boxes, links) : columns;
}

/** Boxes without calls between them stand in rows, about as wide as high. */
function inGrid(boxes: readonly Box[]): Arranged {
  const size = { width: Math.max(0, ...boxes.map((box) => box.width)) + GRID_GAP, height: Math.max(0, ...boxes.map((box) => box.height)) + GRID_GAP };
  const columns = Math.max(1, Math.round(Math.sqrt((boxes.length * size.height) / size.width)));
  const places = new Map(boxes.map(({ id, width, height }, at) => [id, { width, height, x: ((at % columns) + 0.5) * size.width, y: (Math.floor(at / columns) + 0.5) * size.height }]));
  return { places, points: null, width: columns * size.width, height: Math.ceil(boxes.length / columns) * size.height };
}

/** Boxes that push each other away and are held together by their calls; the same input gives the same places. */
function spread(boxes: readonly Box[], links: readonly Link[]): Arranged {
  const nodes: Body[] = boxes.map((box) => ({ ...box }));
  const inner = links.map(({ source, target }): SimulationLinkDatum<Body> => ({ source, target }));
  const radius = ({ width, height }: Box) => Math.hypot(width / 2 + FORCE.gap, (height / 2 + FORCE.gap) * STRETCH);
  forceSimulation(nodes)
    .force("calls", forceLink<Body, SimulationLinkDatum<Body>>(inner).id((node) => node.id).distance(FORCE.distance).strength(0.2))
    .force("charge", forceManyBody().strength(FORCE.charge))
    .force("x", forceX(0).strength(0.08))
    .force("y", forceY(0).strength(0.12))
    .force("apart", forceCollide<Body>(radius).iterations(4))
    .stop()
    .tick(FORCE.ticks);
  const found = nodes.map(({ id, width, height, x = 0, y = 0 }) => ({ id, width, height, x, y: y / STRETCH }));
  const [left, top] = [Math.min(...found.map((one) => one.x - one.width / 2)), Math.min(...found.map((one) => one.y - one.height / 2))];
  const places = new Map(found.map(({ id, x, y, width, height }) => [id, { x: x - left + FORCE.margin, y: y - top + FORCE.margin, width, height }]));
  const all = [...places.values()];
  const [width, height] = [Math.max(...all.map((one) => one.x + one.width / 2)), Math.max(...all.map((one) => one.y + one.height / 2))];
  return { places, points: null, width: width + FORCE.margin, height: height + FORCE.margin };
}

function inColumns(boxes: readonly Box[], links: readonly Link[]): Arranged {
  const graph = new Dagre({ multigraph: false, compound: false });
  const isMany = boxes.length > MANY;
  graph.setGraph({ rankdir: "LR", nodesep: 20, edgesep: 12, ranksep: 84, marginx: 2, marginy: 2, ranker: isMany ? "tight-tree" : "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const { source, target } of links) if (!graph.hasEdge(target, source)) graph.setEdge(source, target, {});
  layout(graph, { disableOptimalOrderHeuristic: isMany });
  const places = new Map(boxes.map(({ id, width, height }) => [id, { width, height, x: numberOf(graph.node(id).x), y: numberOf(graph.node(id).y) }]));
  const points = new Map(graph.edges().map((edge) => [`${edge.v} ${edge.w}`, (graph.edge(edge).points ?? []) as readonly Point[]]));
  const { width, height } = graph.graph();
  return { places, points, width: numberOf(width), height: numberOf(height) };
}

const numberOf = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : 0);

function routesOf(edges: readonly Edge[], places: ReadonlyMap<string, Place>, points: ReadonlyMap<string, readonly Point[]> | null): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const { id, source, target } of edges) {
    const [from, to] = [places.get(source), places.get(target)];
    if (!from || !to) continue;
    const isForward = from.x + from.width / 2 <= to.x - to.width / 2;
    if (points && isForward) routes.set(id, forward(from, to, points.get(`${source} ${target}`)?.slice(1, -1) ?? []));
    else routes.set(id, points || from === to ? around(from, to) : direct(from, to));
  }
  return routes;
}

/** From edge to edge, bent a little so that calls both ways do not cover each other. */
function direct(from: Place, to: Place): Route {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const border = ({ x, y, width, height }: Place, sign: number): Point => {
    const share = Math.min(width / 2 / Math.max(Math.abs(dx), 1e-9), height / 2 / Math.max(Math.abs(dy), 1e-9));
    return { x: x + sign * dx * share, y: y + sign * dy * share };
  };
  const [a, b] = [border(from, 1), border(to, -1)];
  const straight = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const [bendX, bendY] = [-dy * 0.08, dx * 0.08];
  const path = `M${a.x},${a.y}Q${straight.x + bendX},${straight.y + bendY} ${b.x},${b.y}`;
  // A curve comes half as far from the straight line as the point that bends it.
  return { path, middle: { x: straight.x + bendX / 2, y: straight.y + bendY / 2 } };
}

/** From the right side to the left side, through the bends that keep off other nodes. */
function forward(from: Place, to: Place, bends: readonly Point[]): Route {
  const [start, end] = [{ x: from.x + from.width / 2, y: from.y }, { x: to.x - to.width / 2, y: to.y }];
  const stops = [start, ...bends.filter((bend) => bend.x > start.x && bend.x < end.x), end];
  let path = `M${start.x},${start.y}`;
  for (let at = 1; at < stops.length; at += 1) {
    const [a, b] = [stops[at - 1]!, stops[at]!];
    const half = (b.x - a.x) / 2;
    path += `C${a.x + half},${a.y} ${b.x - half},${b.y} ${b.x},${b.y}`;
  }
  const half = stops.length / 2 - 0.5;
  const [a, b] = [stops[Math.floor(half)]!, stops[Math.ceil(half)]!];
  return { path, middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } };
}

/** Back to an earlier column, to the same one, or to itself: below both. */
function around(from: Place, to: Place): Route {
  const [a, b] = [from.y + from.height / 2, to.y + to.height / 2];
  const low = Math.max(a, b) + LOOP;
  const isSelf = from === to;
  const [x1, x2] = isSelf ? [from.x + 30, from.x - 30] : [from.x, to.x];
  return { path: `M${x1},${a}C${x1},${low} ${x2},${low} ${x2},${b + 1}`, middle: { x: (x1 + x2) / 2, y: low - 4 } };
}
