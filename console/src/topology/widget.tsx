// Topology: who calls whom, with search, depth and namespaces to open and close. All choices stand in the address.

import type { JSX } from "preact";
import { useBoard } from "../board";
import { useLive } from "../live";
import { change } from "../location";
import type { Widget } from "../template";
import { Panel } from "../widgets/panel";
import { TopologyDrawing } from "./drawing";
import { drawingOf, type Edge, type Graph, groupId, matching, namespaceOf, namespacesOf, within } from "./graph";
import { readTopology } from "./read";
import { CallSide, NodeSide } from "./side";
import { useValues } from "./values";

/** Beyond so many services each namespace starts as one node. */
const MOST_FLAT = 40;
const DEPTHS = [1, 2, 3, 4, 5] as const;
const EMPTY: Graph = { nodes: [], calls: [] };

export function TopologyWidget({ widget }: { readonly widget: Widget }): JSX.Element {
  const { subject, server, route } = useBoard();
  const { query } = route;
  const isInstance = subject.scope === "ServiceRelation";
  const isWhole = subject.scope === "All";
  const services = isWhole ? server.services.filter((service) => service.layers.includes(subject.layer)).map((service) => service.id) : [];
  const depth = Number(query["depth"]) || (isWhole ? 0 : widget.graph.depth || 2);
  const live = useLive(`topology ${JSON.stringify(subject)} ${depth} ${services.join(" ")}`, (duration) => readTopology(subject, services, Math.max(1, depth), duration));
  const whole = live.data ?? EMPTY;
  const chosen = { node: query["node"] ?? (isWhole ? "" : (subject.service ?? "")), call: query["call"] ?? "" };
  const graph = isWhole && depth && whole.nodes.some((node) => node.id === chosen.node) ? within(whole, chosen.node, depth) : whole;
  const namespaces = namespacesOf(graph);
  const canGroup = !isInstance && namespaces.length > 1;
  const isGrouped = canGroup && (query["group"] ? query["group"] === "namespace" : graph.nodes.length > MOST_FLAT);
  const open = new Set((query["open"] ?? "").split(",").filter(Boolean));
  const closed = new Set(isGrouped ? namespaces.filter((name) => !open.has(name)) : []);
  const drawing = drawingOf(graph, closed, new Set(isGrouped ? namespaces : []));
  const values = useValues(widget, graph, isInstance);
  const matches = matching(graph, query["find"] ?? "");
  const found = new Set(matches.map((node) => (closed.has(namespaceOf(node)) ? groupId(namespaceOf(node)) : node.id)));
  const node = whole.nodes.find((one) => one.id === chosen.node);
  const call = whole.calls.find((one) => one.id === chosen.call);
  const setOpen = (names: ReadonlySet<string>) => change({ group: "namespace", open: [...names].join(",") });
  const toggle = (name: string) => setOpen(open.has(name) ? new Set([...open].filter((one) => one !== name)) : new Set([...open, name]));
  const chooseNode = (id: string) => change({ node: id, call: "" });
  const chooseCall = (id: string) => change({ call: id, node: "" });
  const chooseEdge = (edge: Edge) => (edge.calls.length === 1 && edge.calls[0] ? chooseCall(edge.calls[0].id) : setOpen(new Set([...open, ...edge.calls.flatMap(endsOf(whole))])));
  const showFirst = () => {
    const [first] = matches;
    if (!first) return;
    const namespace = namespaceOf(first);
    change({ node: first.id, call: "", ...(closed.has(namespace) ? { group: "namespace", open: [...open, namespace].join(",") } : {}) });
  };
  return (
    <Panel
      widget={widget.title ? widget : { ...widget, title: isInstance ? "Calls between instances" : "Topology" }}
      kind="topology"
      extra={
        <div class="filters">
          <span class="count">
            {graph.nodes.length} nodes · {graph.calls.length} calls
          </span>
          <Tools depth={depth} isWhole={isWhole} hasDepth={!isInstance && (widget.graph.showDepth ?? true)} canGroup={canGroup} isGrouped={isGrouped} isAllOpen={closed.size === 0} onOpenAll={() => setOpen(closed.size ? new Set(namespaces) : new Set())} />
          <input
            type="search"
            id="topology-search"
            placeholder={isInstance ? "Find an instance" : "Find a service"}
            aria-label={isInstance ? "Find an instance" : "Find a service"}
            value={query["find"] ?? ""}
            onInput={(event) => change({ find: event.currentTarget.value })}
            onKeyDown={(event) => event.key === "Enter" && showFirst()}
          />
        </div>
      }
    >
      {(live.error ?? values.error) && <p class="trouble">{live.error ?? values.error}</p>}
      {live.data && !graph.nodes.length ? (
        <p class="nothing">No calls in this range.</p>
      ) : (
        <div class="topology">
          <TopologyDrawing drawing={drawing} values={values} chosen={chosen} found={found} onNode={chooseNode} onGroup={toggle} onEdge={chooseEdge} />
          {call ? (
            <CallSide key={call.id} widget={widget} graph={whole} call={call} isInstance={isInstance} onNode={chooseNode} onClose={() => change({ call: "" })} />
          ) : (
            node && <NodeSide key={node.id} widget={widget} graph={whole} node={node} isInstance={isInstance} isUnhealthy={values.isUnhealthy.get(node.id)} onCall={chooseCall} onClose={() => change({ node: isWhole ? "" : "-" })} />
          )}
        </div>
      )}
      {widget.legend && (
        <ul class="key" aria-label="Colours">
          <li class="good">{widget.healthy || "healthy"}</li>
          <li class="bad">{widget.unhealthy || "unhealthy"}</li>
          <li class="none">not known</li>
        </ul>
      )}
    </Panel>
  );
}

const endsOf = (graph: Graph) => ({ source, target }: { readonly source: string; readonly target: string }) => graph.nodes.filter((node) => node.id === source || node.id === target).map(namespaceOf);

interface ToolsProps {
  readonly depth: number;
  readonly isWhole: boolean;
  readonly hasDepth: boolean;
  readonly canGroup: boolean;
  readonly isGrouped: boolean;
  readonly isAllOpen: boolean;
  readonly onOpenAll: () => void;
}

function Tools({ depth, isWhole, hasDepth, canGroup, isGrouped, isAllOpen, onOpenAll }: ToolsProps): JSX.Element {
  return (
    <>
      {hasDepth && (
        <select id="depth" aria-label="Depth" value={String(depth)} onChange={(event) => change({ depth: event.currentTarget.value === "0" ? "" : event.currentTarget.value })}>
          {isWhole && <option value="0">All depths</option>}
          {DEPTHS.map((one) => (
            <option key={one} value={String(one)}>
              Depth {one}
            </option>
          ))}
        </select>
      )}
      {canGroup && (
        <select id="group" aria-label="Grouping" value={isGrouped ? "namespace" : "none"} onChange={(event) => change({ group: event.currentTarget.value, open: "" })}>
          <option value="none">Services</option>
          <option value="namespace">Namespaces</option>
        </select>
      )}
      {isGrouped && (
        <button type="button" class="plain" onClick={onOpenAll}>
          {isAllOpen ? "Close all" : "Open all"}
        </button>
      )}
    </>
  );
}
