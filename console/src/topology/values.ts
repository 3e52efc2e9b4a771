// What nodes and edges of a drawing are worth: one value each for all of them, all values for the chosen one.

import { type Answer, type Ask, firstPoint, type Point } from "../expressions";
import { useLast, useSettled } from "../live";
import { entityOf, type Entity, type Scope } from "../subject";
import type { MetricConfig, Widget } from "../template";
import type { Graph, GraphCall, GraphNode } from "./graph";

/** Above these, single values of all would be more than a server should be asked every few seconds. */
const MOST_NODES = 300;
const MOST_CALLS = 400;

export interface Value {
  readonly label: string;
  readonly unit: string;
  readonly point: Point | null;
  readonly error: string | null;
}

export interface Values {
  readonly load: ReadonlyMap<string, Point>;
  readonly unit: string;
  /** Whether the legend's expression holds: true is unhealthy, null not known. */
  readonly isUnhealthy: ReadonlyMap<string, boolean>;
  readonly error: string | null;
}

export function nodeEntity(node: GraphNode, isInstance: boolean): Entity {
  return entityOf(isInstance ? { layer: "", scope: "ServiceInstance", service: node.service, member: node.id } : { layer: "", scope: "Service", service: node.id });
}

/** Source and target are ids of services or, for instances, `<service>_<name>`. */
export function callEntity(call: GraphCall, isInstance: boolean): Entity {
  const service = (id: string) => id.split("_")[0] ?? id;
  const scope: Scope = isInstance ? "ServiceInstanceRelation" : "ServiceRelation";
  const members = isInstance ? { member: call.source, destMember: call.target } : {};
  return entityOf({ layer: "", scope, service: service(call.source), destService: service(call.target), ...members });
}

/** The expression that tells how busy something is: the one counted per minute, else the first. */
export function busiestOf(expressions: readonly string[], configs: readonly MetricConfig[]): number {
  const at = expressions.findIndex((_, one) => /\/ ?min|cpm|load/i.test(`${configs[one]?.label} ${configs[one]?.unit}`));
  return at >= 0 ? at : 0;
}

export function useValues(widget: Widget, graph: Graph, isInstance: boolean): Values {
  const at = busiestOf(widget.nodeExpressions, widget.nodeMetricConfig);
  const expression = widget.nodeExpressions[at];
  const nodes = graph.nodes.length <= MOST_NODES ? graph.nodes.filter((node) => node.isReal) : [];
  const calls = graph.calls.length <= MOST_CALLS ? graph.calls : [];
  const ofNodes = useSettled(expression ? nodes.map((node) => ({ expression, entity: nodeEntity(node, isInstance) })) : []);
  const legend = useSettled(widget.legend && !isInstance ? nodes.map((node) => ({ expression: widget.legend, entity: nodeEntity(node, false) })) : []);
  const asked = calls.flatMap((call) => loadOfCall(widget, call, isInstance));
  const ofCalls = useSettled(asked.map(({ ask }) => ask));
  const nodeIds = nodes.map((node) => node.id);
  const load = useLast(ofNodes.data && pointsOf(nodeIds, ofNodes.data));
  const unhealthy = useLast(legend.data && pointsOf(nodeIds, legend.data));
  const callLoad = useLast(ofCalls.data && pointsOf(asked.map(({ id }) => id), ofCalls.data));
  const error = [ofNodes, legend, ofCalls].map((live) => live.error ?? live.data?.find((answer) => answer.error)?.error ?? null).find((text) => text !== null);
  return {
    load: new Map([...(load ?? []), ...(callLoad ?? [])]),
    unit: widget.nodeMetricConfig[at]?.unit ?? "",
    isUnhealthy: new Map([...(unhealthy ?? [])].map(([id, point]) => [id, point.value !== 0])),
    error: error ?? null,
  };
}

/** The first point of each answer by what it is about, where that has a value. */
function pointsOf(ids: readonly string[], answers: readonly Answer[]): ReadonlyMap<string, Point> {
  const points = ids.map((id, at) => [id, firstPoint(answers[at])] as const);
  return new Map(points.flatMap(([id, point]) => (point && point.value !== null ? [[id, point]] : [])));
}

/** The load of a call as the server saw it, or the client where only that looked. */
function loadOfCall(widget: Widget, call: GraphCall, isInstance: boolean): readonly { readonly id: string; readonly ask: Ask }[] {
  const isServer = call.detectPoints.includes("SERVER");
  const expressions = isServer ? widget.linkServerExpressions : widget.linkClientExpressions;
  const configs = isServer ? widget.linkServerMetricConfig : widget.linkClientMetricConfig;
  const expression = expressions[busiestOf(expressions, configs)];
  return expression ? [{ id: call.id, ask: { expression, entity: callEntity(call, isInstance) } }] : [];
}

/** All values of one node or call. */
export function useDetails(expressions: readonly string[], configs: readonly MetricConfig[], entity: Entity): { readonly values: readonly Value[]; readonly error: string | null } {
  const { data, error } = useSettled(expressions.map((expression) => ({ expression, entity })));
  const values = expressions.map((expression, at) => ({
    label: configs[at]?.label || expression,
    unit: configs[at]?.unit ?? "",
    point: firstPoint(data?.[at]),
    error: data?.[at]?.error ?? null,
  }));
  return { values, error };
}
