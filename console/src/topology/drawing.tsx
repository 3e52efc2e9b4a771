// The drawing: boxes, arrows and frames, to be moved and magnified by mouse, finger and keys.

import { select } from "d3-selection";
import { zoom, zoomIdentity, zoomTransform, type ZoomBehavior } from "d3-zoom";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { splitName } from "../ids";
import { formatOfUnit } from "../units";
import type { Drawing, Edge, Shown } from "./graph";
import { NODE, type Place, placed, type Plan } from "./place";
import type { Values } from "./values";

export interface Choice {
  readonly node: string;
  readonly call: string;
}

interface Props {
  readonly drawing: Drawing;
  readonly values: Values;
  readonly chosen: Choice;
  readonly found: ReadonlySet<string>;
  readonly onNode: (id: string) => void;
  readonly onGroup: (namespace: string) => void;
  readonly onEdge: (edge: Edge) => void;
}

const [SMALLEST, LARGEST, STEP] = [0.08, 2.5, 1.3];
const GOOD_SIZE = 1;
/** Beyond so many edges their protocols would be written over each other: those are written that are pointed at. */
const MOST_WRITTEN = 24;
/** Below this names of nodes are too small to read; names of their frames are written on these instead, as large as elsewhere where they fit. */
const FAR = 0.45;
/** On screens this narrow a drawing as a whole would be too small to read, so that it runs over the edge instead. */
const [NARROW, READABLE] = [600, 0.6];

export function TopologyDrawing(props: Props): JSX.Element {
  const { drawing, values, chosen, found, onNode, onGroup, onEdge } = props;
  const signature = JSON.stringify([drawing.shown.map((one) => [one.id, one.kind === "node" ? one.group : ""]), drawing.edges.map((edge) => edge.id)]);
  const plan = useMemo(() => placed(drawing), [signature]);
  const { svg, content, scaleBy, fit, bring } = useZoom(plan, chosen.node);
  const places = plan.places;
  useEffect(() => {
    const [only] = found.size === 1 ? [...found] : [];
    const place = places.get(only ?? chosen.node);
    if (place) bring(place);
  }, [signature, chosen.node, [...found].join(" ")]);
  const busiest = Math.max(1, ...drawing.edges.map((edge) => loadOf(edge, values)));
  const names = new Map(drawing.shown.map((one) => [one.id, one.kind === "node" ? one.node.name : one.name]));
  const nameOf = (id: string) => names.get(id) ?? id;
  const isDim = (id: string) => found.size > 0 && !found.has(id);
  const press = (event: KeyboardEvent) => {
    const act = { "+": () => scaleBy(STEP), "-": () => scaleBy(1 / STEP), "0": fit }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <div class="drawing" onKeyDown={press}>
      <svg ref={svg} role="group" aria-label="services and calls" class={drawing.edges.length > MOST_WRITTEN ? "dense" : ""}>
        <defs>
          {["none", "good", "bad"].map((grade) => (
            <marker key={grade} id={`arrow-${grade}`} class={grade} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
              <path d="M0,0.6L7.4,4L0,7.4Z" />
            </marker>
          ))}
        </defs>
        <g ref={content}>
          {[...plan.frames].map(([name, place]) => (
            <FrameShape key={name} name={name} place={place} onClose={() => onGroup(name)} />
          ))}
          {drawing.edges.map((edge) => (
            <EdgeShape key={edge.id} edge={edge} nameOf={nameOf} plan={plan} values={values} busiest={busiest} chosen={chosen} isDim={isDim(edge.source) && isDim(edge.target)} onEdge={onEdge} />
          ))}
          {drawing.shown.map((one) => (
            <NodeShape key={one.id} one={one} place={places.get(one.id)} onReached={bring} values={values} isChosen={one.id === chosen.node} isDim={isDim(one.id)} onNode={onNode} onGroup={onGroup} />
          ))}
          {[...plan.frames].map(([name, place]) => (
            <FrameName key={name} name={name} place={place} />
          ))}
        </g>
      </svg>
      <div class="zoom">
        <button type="button" class="icon" aria-label="Larger" title="Larger (+)" onClick={() => scaleBy(STEP)}>
          +
        </button>
        <button type="button" class="icon" aria-label="Smaller" title="Smaller (-)" onClick={() => scaleBy(1 / STEP)}>
          −
        </button>
        <button type="button" class="icon" aria-label="Show all" title="Show all (0)" onClick={fit}>
          ⤢
        </button>
      </div>
    </div>
  );
}

interface Zoom {
  readonly svg: { current: SVGSVGElement | null };
  readonly content: { current: SVGGElement | null };
  readonly scaleBy: (factor: number) => void;
  readonly fit: () => void;
  readonly bring: (place: Place) => void;
}

/** Turning the wheel alone scrolls the page; with Ctrl or Cmd it magnifies. */
function useZoom(plan: Plan, chosen: string): Zoom {
  const svg = useRef<SVGSVGElement>(null);
  const content = useRef<SVGGElement>(null);
  const behaviour = useRef<ZoomBehavior<SVGSVGElement, unknown> | null>(null);
  const isMoved = useRef(false);
  useEffect(() => {
    if (!svg.current) return;
    behaviour.current = zoom<SVGSVGElement, unknown>()
      .scaleExtent([SMALLEST, LARGEST])
      .filter((event: Event) => !(event instanceof WheelEvent) || event.ctrlKey || event.metaKey)
      .on("zoom", ({ transform, sourceEvent }) => {
        isMoved.current ||= Boolean(sourceEvent);
        content.current?.setAttribute("transform", transform.toString());
        content.current?.classList.toggle("far", transform.k < FAR);
        content.current?.style.setProperty("--zoom", String(transform.k));
      });
    select(svg.current).call(behaviour.current).on("dblclick.zoom", null);
  }, []);
  const act = (run: (behaviour: ZoomBehavior<SVGSVGElement, unknown>, element: SVGSVGElement) => void): void => {
    if (behaviour.current && svg.current) run(behaviour.current, svg.current);
  };
  const fit = () =>
    act((behaviour, element) => {
      const { clientWidth: width, clientHeight: height } = element;
      const scale = Math.max(width < NARROW ? READABLE : SMALLEST, Math.min(GOOD_SIZE, (width - 24) / plan.width, (height - 24) / plan.height));
      const [spareX, spareY] = [width - plan.width * scale, height - plan.height * scale];
      select(element).call(behaviour.transform, zoomIdentity.translate(Math.max(12, spareX / 2), spareY / 2).scale(scale));
      const place = plan.places.get(chosen);
      if (place) bring(place);
    });
  const scaleBy = (factor: number) => {
    isMoved.current = true;
    act((behaviour, element) => select(element).call(behaviour.scaleBy, factor));
  };
  const bring = ({ x, y }: Place) => act((behaviour, element) => {
    const transform = zoomTransform(element);
    const [left, top] = [x * transform.k + transform.x, y * transform.k + transform.y];
    const isInside = left > 60 && top > 30 && left < element.clientWidth - 60 && top < element.clientHeight - 30;
    if (!isInside) select(element).call(behaviour.translateTo, x, y);
  });
  useEffect(() => {
    isMoved.current = false;
    if (!svg.current) return;
    const observer = new ResizeObserver(() => isMoved.current || fit());
    observer.observe(svg.current);
    return () => observer.disconnect();
  }, [plan]);
  return { svg, content, scaleBy, fit, bring };
}

interface NodeProps {
  readonly one: Shown;
  readonly place: Place | undefined;
  readonly values: Values;
  readonly isChosen: boolean;
  readonly isDim: boolean;
  readonly onNode: (id: string) => void;
  readonly onGroup: (namespace: string) => void;
  readonly onReached: (place: Place) => void;
}

function NodeShape({ one, place, values, isChosen, isDim, onNode, onGroup, onReached }: NodeProps): JSX.Element | null {
  if (!place) return null;
  const isGroup = one.kind === "group";
  const members = isGroup ? one.nodes : [one.node];
  const unhealthy = members.filter((node) => values.isUnhealthy.get(node.id)).length;
  const isKnown = members.some((node) => values.isUnhealthy.has(node.id));
  const grade = unhealthy ? "bad" : isKnown ? "good" : "none";
  const loads = members.map((node) => values.load.get(node.id)?.value ?? null).filter((value) => value !== null);
  const load = loads.length ? formatOfUnit(values.unit)(loads.reduce((sum, value) => sum + value, 0)) : "";
  const [name, namespace] = isGroup ? [one.name, `${one.nodes.length} services`] : one.group ? [splitName(one.node.name)[0], ""] : splitName(one.node.name);
  const note = isGroup ? [namespace, load.replace("calls / ", "/ ")].filter(Boolean).join(" · ") : load || namespace || (one.node.isReal ? "" : "not monitored");
  const label = [isGroup ? `namespace ${name}` : one.node.name, note, unhealthy ? "unhealthy" : ""].filter(Boolean).join(", ");
  const act = () => (isGroup ? onGroup(one.name) : onNode(one.id));
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  };
  return (
    <g
      class={`node ${grade}${isGroup ? " group" : one.node.isReal ? "" : " unknown"}${isChosen ? " selected" : ""}${isDim ? " dim" : ""}`}
      transform={`translate(${place.x - NODE.width / 2},${place.y - NODE.height / 2})`}
      data-id={one.id}
      tabindex={0}
      role="button"
      aria-label={label}
      aria-pressed={isGroup ? undefined : isChosen}
      onClick={act}
      onKeyDown={press}
      onFocus={(event) => event.currentTarget.matches(":focus-visible") && onReached(place)}
    >
      <title>{isGroup ? `${label}\nclick to open` : one.node.name}</title>
      {isGroup && <rect class="behind" x="5" y="5" width={NODE.width} height={NODE.height} rx="10" />}
      <rect class="body" width={NODE.width} height={NODE.height} rx="10" />
      <rect class="mark" x="8" y="9" width="4" height={NODE.height - 18} rx="2" />
      <text class="name" x="20" y={note ? 20 : 28}>
        {clipped(name, 16)}
      </text>
      {note && (
        <text class="note" x="20" y="37">
          {clipped(note, 26)}
        </text>
      )}
    </g>
  );
}

interface EdgeProps {
  readonly edge: Edge;
  readonly nameOf: (id: string) => string;
  readonly plan: Plan;
  readonly values: Values;
  readonly busiest: number;
  readonly chosen: Choice;
  readonly isDim: boolean;
  readonly onEdge: (edge: Edge) => void;
}

function EdgeShape({ edge, nameOf, plan, values, busiest, chosen, isDim, onEdge }: EdgeProps): JSX.Element | null {
  const route = plan.routes.get(edge.id);
  if (!route) return null;
  const load = loadOf(edge, values);
  const isChosen = edge.calls.some((call) => call.id === chosen.call);
  const isTouched = isChosen || edge.source === chosen.node || edge.target === chosen.node;
  const components = [...new Set(edge.calls.flatMap((call) => [...call.targetComponents, ...call.sourceComponents]))];
  const text = components.length > 1 ? `${components[0]} +${components.length - 1}` : (components[0] ?? "");
  const width = 1.4 + 2 * Math.sqrt(load / busiest);
  return (
    <g class={`call${isTouched ? " touched" : ""}${isChosen ? " selected" : ""}${isDim ? " dim" : ""}`} data-call={edge.id} onClick={() => onEdge(edge)}>
      <title>{edge.calls.length > 1 ? `${edge.calls.length} calls` : `${nameOf(edge.source)} → ${nameOf(edge.target)}`}</title>
      <path class="wide" d={route.path} />
      <path class="edge" d={route.path} stroke-width={width.toFixed(2)} marker-end="url(#arrow-none)" />
      <text class="component" x={route.middle.x} y={route.middle.y - 5} text-anchor="middle">
        {text}
      </text>
    </g>
  );
}

function FrameShape({ name, place, onClose }: { readonly name: string; readonly place: Place; readonly onClose: () => void }): JSX.Element {
  const press = (event: KeyboardEvent) => event.key === "Enter" && onClose();
  return (
    <g class="frame" transform={`translate(${place.x - place.width / 2},${place.y - place.height / 2})`}>
      <rect width={place.width} height={place.height} rx="14" />
      <g class="close" role="button" tabindex={0} aria-label={`close namespace ${name}`} onClick={onClose} onKeyDown={press}>
        <rect class="hit" x="4" y="4" width={place.width - 8} height="24" rx="8" />
        <text x="14" y="22">
          {clipped(name, Math.floor((place.width - 40) / 8))} ×
        </text>
      </g>
    </g>
  );
}

function FrameName({ name, place: { x, y, width, height } }: { readonly name: string; readonly place: Place }): JSX.Element {
  return (
    <text class="frame-name" x={x} y={y - height / 2} text-anchor="middle" dominant-baseline="central" style={`--most: ${((2 * width) / name.length).toFixed(0)}px`} aria-hidden="true">
      {name}
    </text>
  );
}

const loadOf = (edge: Edge, values: Values) => edge.calls.reduce((sum, call) => sum + Math.max(0, values.load.get(call.id)?.value ?? 0), 0);

/** Both ends of a long name, since those of pods differ in the last letters. */
function clipped(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.max(1, Math.ceil(length * 0.6) - 1);
  return `${text.slice(0, head)}…${text.slice(text.length - Math.max(0, length - head - 1))}`;
}
