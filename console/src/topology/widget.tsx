// Topology: who calls whom, with search, depth and namespaces to open and close. All choices stand in the address.

import type { JSX } from "preact";
import { useBoard } from "../board";
import { useLast, useLive } from "../live";
import { change } from "../location";
import type { Widget } from "../template";
import { Panel } from "../widgets/panel";
import { type Choice, TopologyDrawing } from "./drawing";
import { type Drawing, drawingOf, type Edge, type Graph, type GraphNode, groupId, matching, namespaceOf, namespacesOf, within } from "./graph";
import { readTopology } from "./read";
import { CallSide, NodeSide } from "./side";
import { useValues, type Values } from "./values";

/** Beyond so many services each namespace starts as one node. */
const MOST_FLAT = 40;
const DEPTHS = [1, 2, 3, 4, 5] as const;
const DEFAULT_DEPTH = 2;
/** Chosen where the subject of the page would be, had nobody closed it. */
const NOTHING = "-";
const EMPTY: Graph = { nodes: [], calls: [] };

export function TopologyWidget({ widget }: { readonly widget: Widget }): JSX.Element {
  const sight = useSight(widget);
  const { graph, whole, isInstance, isWhole, values, chosen } = sight;
  const node = whole.nodes.find((one) => one.id === chosen.node);
  const call = whole.calls.find((one) => one.id === chosen.call);
  const chooseNode = (id: string) => change({ node: id, call: "" });
  const chooseCall = (id: string) => change({ call: id, node: "" });
  const trouble = sight.error ?? values.error;
  return (
    <Panel widget={widget.title ? widget : { ...widget, title: isInstance ? "Calls between instances" : "Topology" }} kind="topology" extra={<Tools widget={widget} sight={sight} />}>
      {trouble && <p class="trouble">{trouble}</p>}
      {sight.isKnown && !graph.nodes.length ? (
        <p class="nothing">No calls in this range.</p>
      ) : (
        <div class="topology">
          <TopologyDrawing drawing={sight.drawing} values={values} chosen={chosen} found={sight.found} onNode={chooseNode} onGroup={sight.toggle} onEdge={(edge) => chooseEdge(edge, sight)} />
          {call ? (
            <CallSide key={call.id} widget={widget} graph={whole} call={call} isInstance={isInstance} onNode={chooseNode} onClose={() => change({ call: "" })} />
          ) : (
            node && <NodeSide key={node.id} widget={widget} graph={whole} node={node} isInstance={isInstance} isUnhealthy={values.isUnhealthy.get(node.id)} onCall={chooseCall} onClose={() => change({ node: isWhole ? "" : NOTHING })} />
          )}
        </div>
      )}
      {widget.legend && <Legend widget={widget} />}
    </Panel>
  );
}

/** What is seen of a topology, as the address says it. */
interface Sight {
  readonly isKnown: boolean;
  readonly error: string | null;
  /** All that was read, and what is shown of it. */
  readonly whole: Graph;
  readonly graph: Graph;
  readonly drawing: Drawing;
  readonly values: Values;
  readonly chosen: Choice;
  readonly depth: number;
  readonly isInstance: boolean;
  /** Whether the page is about all services; else it is about one, or about the calls between two. */
  readonly isWhole: boolean;
  readonly namespaces: readonly string[];
  readonly isGrouped: boolean;
  readonly closed: ReadonlySet<string>;
  readonly open: ReadonlySet<string>;
  readonly matches: readonly GraphNode[];
  readonly found: ReadonlySet<string>;
  readonly toggle: (namespace: string) => void;
}

function useSight(widget: Widget): Sight {
  const { subject, server, route } = useBoard();
  const { query } = route;
  const isInstance = subject.scope === "ServiceRelation";
  const isWhole = subject.scope === "All";
  const services = isWhole ? server.services.filter((service) => service.layers.includes(subject.layer)).map((service) => service.id) : [];
  const depth = Number(query["depth"]) || (isWhole ? 0 : widget.graph.depth || DEFAULT_DEPTH);
  const live = useLive(`topology ${JSON.stringify(subject)} ${isWhole ? "" : depth} ${services.join(" ")}`, (duration) => readTopology(subject, services, depth, duration));
  const known = useLast(live.data);
  const whole = known ?? EMPTY;
  const chosen = { node: query["node"] ?? (isWhole || isInstance ? "" : (subject.service ?? "")), call: query["call"] ?? "" };
  const graph = isWhole && depth && whole.nodes.some((node) => node.id === chosen.node) ? within(whole, chosen.node, depth) : whole;
  const namespaces = isInstance ? [] : namespacesOf(graph);
  const isGrouped = namespaces.length > 1 && (query["group"] ? query["group"] === "namespace" : graph.nodes.length > MOST_FLAT);
  const open = new Set((query["open"] ?? "").split(",").filter(Boolean));
  const closed = new Set(isGrouped ? namespaces.filter((name) => !open.has(name)) : []);
  const matches = matching(graph, query["find"] ?? "");
  return {
    isKnown: known !== null,
    error: live.error,
    whole,
    graph,
    drawing: drawingOf(graph, closed, new Set(isGrouped ? namespaces : [])),
    values: useValues(widget, graph, isInstance),
    chosen,
    depth,
    isInstance,
    isWhole,
    namespaces,
    isGrouped,
    closed,
    open,
    matches,
    found: new Set(matches.map((node) => (closed.has(namespaceOf(node)) ? groupId(namespaceOf(node)) : node.id))),
    toggle: (name) => setOpen(open.has(name) ? [...open].filter((one) => one !== name) : [...open, name]),
  };
}

const setOpen = (names: Iterable<string>) => change({ group: "namespace", open: [...new Set(names)].join(",") });

/** One call is chosen; calls between namespaces are shown one by one by opening both. */
function chooseEdge({ calls: [first, ...more], source, target }: Edge, { open, closed }: Sight): void {
  if (first && !more.length) change({ call: first.id, node: "" });
  else setOpen([...open, ...[...closed].filter((name) => [source, target].includes(groupId(name)))]);
}

/** The first that the search finds is chosen, and its namespace opened. */
function chooseFirst({ matches: [first], closed, open }: Sight): void {
  if (!first) return;
  const namespace = namespaceOf(first);
  change({ node: first.id, call: "", ...(closed.has(namespace) ? { group: "namespace", open: [...open, namespace].join(",") } : {}) });
}

function Legend({ widget }: { readonly widget: Widget }): JSX.Element {
  return (
    <ul class="key" aria-label="Colours">
      <li class="good">{widget.healthy || "healthy"}</li>
      <li class="bad">{widget.unhealthy || "unhealthy"}</li>
      <li class="none">not known</li>
    </ul>
  );
}

function Tools({ widget, sight }: { readonly widget: Widget; readonly sight: Sight }): JSX.Element {
  const { query } = useBoard().route;
  const { graph, depth, isInstance, isWhole, namespaces, isGrouped, closed } = sight;
  const search = isInstance ? "Find an instance" : "Find a service";
  return (
    <div class="filters">
      <span class="count">
        {graph.nodes.length} nodes · {graph.calls.length} calls
      </span>
      {!isInstance && (widget.graph.showDepth ?? true) && (
        <select id="depth" aria-label="Depth" value={String(depth)} onChange={(event) => change({ depth: event.currentTarget.value === "0" ? "" : event.currentTarget.value })}>
          {isWhole && <option value="0">All depths</option>}
          {DEPTHS.map((one) => (
            <option key={one} value={String(one)}>
              Depth {one}
            </option>
          ))}
        </select>
      )}
      {namespaces.length > 1 && (
        <select id="group" aria-label="Grouping" value={isGrouped ? "namespace" : "none"} onChange={(event) => change({ group: event.currentTarget.value, open: "" })}>
          <option value="none">Services</option>
          <option value="namespace">Namespaces</option>
        </select>
      )}
      {isGrouped && (
        <button type="button" class="plain" onClick={() => setOpen(closed.size ? namespaces : [])}>
          {closed.size ? "Open all" : "Close all"}
        </button>
      )}
      <input
        type="search"
        id="topology-search"
        placeholder={search}
        aria-label={search}
        value={query["find"] ?? ""}
        onInput={(event) => change({ find: event.currentTarget.value })}
        onKeyDown={(event) => event.key === "Enter" && chooseFirst(sight)}
      />
    </div>
  );
}
