// Who calls whom, and how much of it is shown: neighbours of one node, namespaces as one node each.

import { splitName } from "../ids";

export interface GraphNode {
  readonly id: string;
  readonly name: string;
  /** Component that serves its calls, "" if unknown. */
  readonly type: string;
  readonly isReal: boolean;
  readonly layers: readonly string[];
  /** The service of an instance; its own id for a service. */
  readonly service: string;
}

export interface GraphCall {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly sourceComponents: readonly string[];
  readonly targetComponents: readonly string[];
  readonly detectPoints: readonly string[];
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly calls: readonly GraphCall[];
}

/** A node of a drawing: a service or instance, or a namespace with what it holds. */
export type Shown = { readonly kind: "node"; readonly id: string; readonly node: GraphNode; readonly group: string } | { readonly kind: "group"; readonly id: string; readonly name: string; readonly nodes: readonly GraphNode[] };

/** An edge of a drawing, for one call or for all between two namespaces. */
export interface Edge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly calls: readonly GraphCall[];
}

export interface Drawing {
  readonly shown: readonly Shown[];
  readonly edges: readonly Edge[];
}

export const namespaceOf = (node: GraphNode) => splitName(node.name)[1];
export const groupId = (namespace: string) => `namespace ${namespace}`;

export function namespacesOf(graph: Graph): readonly string[] {
  return [...new Set(graph.nodes.map(namespaceOf))].filter(Boolean).sort();
}

/** What can be reached from a node in so many calls, in either direction. */
export function within(graph: Graph, id: string, depth: number): Graph {
  let reached = new Set([id]);
  for (let hop = 0; hop < depth; hop += 1) {
    const next = new Set(reached);
    for (const { source, target } of graph.calls) {
      if (reached.has(source)) next.add(target);
      if (reached.has(target)) next.add(source);
    }
    if (next.size === reached.size) break;
    reached = next;
  }
  return {
    nodes: graph.nodes.filter((node) => reached.has(node.id)),
    calls: graph.calls.filter((call) => reached.has(call.source) && reached.has(call.target)),
  };
}

/** A drawing with the namespaces in `closed` as one node each; those in `framed` get a frame around their nodes. */
export function drawingOf(graph: Graph, closed: ReadonlySet<string>, framed: ReadonlySet<string>): Drawing {
  const standIn = new Map<string, string>();
  const groups = new Map<string, GraphNode[]>();
  const shown: Shown[] = [];
  for (const node of graph.nodes) {
    const namespace = namespaceOf(node);
    if (closed.has(namespace)) {
      standIn.set(node.id, groupId(namespace));
      groups.set(namespace, [...(groups.get(namespace) ?? []), node]);
    } else {
      standIn.set(node.id, node.id);
      shown.push({ kind: "node", id: node.id, node, group: framed.has(namespace) ? namespace : "" });
    }
  }
  for (const [name, nodes] of groups) shown.push({ kind: "group", id: groupId(name), name, nodes });
  const edges = new Map<string, Edge>();
  for (const call of graph.calls) {
    const [source, target] = [standIn.get(call.source), standIn.get(call.target)];
    if (!source || !target || (source === target && source !== call.source)) continue;
    const id = source === call.source && target === call.target ? call.id : `${source} ${target}`;
    edges.set(id, { id, source, target, calls: [...(edges.get(id)?.calls ?? []), call] });
  }
  return { shown, edges: [...edges.values()] };
}

/** Ids of nodes whose name has the text. */
export function matching(graph: Graph, text: string): readonly GraphNode[] {
  const wanted = text.trim().toLowerCase();
  return wanted ? graph.nodes.filter((node) => node.name.toLowerCase().includes(wanted)) : [];
}
