// Beside the drawing: what is known of the chosen service or call, and where it leads.

import type { JSX } from "preact";
import { dashboardLink, useBoard } from "../board";
import type { Subject } from "../subject";
import type { Widget } from "../template";
import { pointText } from "../units";
import type { Graph, GraphCall, GraphNode } from "./graph";
import { callEntity, nodeEntity, useDetails, type Value } from "./values";

interface NodeSideProps {
  readonly widget: Widget;
  readonly graph: Graph;
  readonly node: GraphNode;
  readonly isInstance: boolean;
  readonly isUnhealthy: boolean | undefined;
  readonly onCall: (id: string) => void;
  readonly onClose: () => void;
}

export function NodeSide({ widget, graph, node, isInstance, isUnhealthy, onCall, onClose }: NodeSideProps): JSX.Element {
  const board = useBoard();
  const { layer } = board.subject;
  const { values, error } = useDetails(widget.nodeExpressions, widget.nodeMetricConfig, nodeEntity(node, isInstance));
  const subject: Subject = isInstance ? { layer, scope: "ServiceInstance", service: node.service, member: node.id } : { layer, scope: "Service", service: node.id };
  const named = widget.nodeDashboard.find((one) => one.scope === subject.scope)?.dashboard;
  const isOfLayer = isInstance || node.layers.includes(layer);
  const href = isOfLayer && node.isReal ? dashboardLink(board, subject, named) : null;
  const names = new Map(graph.nodes.map((one) => [one.id, one.name]));
  const called = graph.calls.filter((call) => call.source === node.id);
  const callers = graph.calls.filter((call) => call.target === node.id);
  return (
    <aside class="side" aria-label={node.name}>
      <SideHead title={node.name} onClose={onClose} />
      <p class="facts-line">{[node.type && `serves ${node.type}`, isUnhealthy === undefined ? "" : isUnhealthy ? widget.unhealthy || "unhealthy" : widget.healthy || "healthy"].filter(Boolean).join(" · ")}</p>
      {href ? (
        <a class="ask open" href={href}>
          Open dashboard
        </a>
      ) : (
        <p class="nothing">{node.isReal ? "No dashboard of this layer shows it." : "Not monitored: seen only from the other side."}</p>
      )}
      <ValueList values={values} error={error} />
      <CallList title="Calls" calls={called} nameOf={(call) => names.get(call.target) ?? call.target} onCall={onCall} />
      <CallList title="Called by" calls={callers} nameOf={(call) => names.get(call.source) ?? call.source} onCall={onCall} />
    </aside>
  );
}

interface CallSideProps {
  readonly widget: Widget;
  readonly graph: Graph;
  readonly call: GraphCall;
  readonly isInstance: boolean;
  readonly onNode: (id: string) => void;
  readonly onClose: () => void;
}

export function CallSide({ widget, graph, call, isInstance, onNode, onClose }: CallSideProps): JSX.Element {
  const board = useBoard();
  const entity = callEntity(call, isInstance);
  const server = useDetails(call.detectPoints.includes("SERVER") ? widget.linkServerExpressions : [], widget.linkServerMetricConfig, entity);
  const client = useDetails(call.detectPoints.includes("CLIENT") ? widget.linkClientExpressions : [], widget.linkClientMetricConfig, entity);
  const href = dashboardLink(board, relationOf(board.subject, graph, call, isInstance), widget.linkDashboard);
  const name = (id: string) => graph.nodes.find((node) => node.id === id)?.name ?? id;
  const components = [...new Set([...call.targetComponents, ...call.sourceComponents])].join(", ");
  return (
    <aside class="side" aria-label={`${name(call.source)} calls ${name(call.target)}`}>
      <SideHead title={`${name(call.source)} → ${name(call.target)}`} onClose={onClose} />
      <p class="facts-line">{[components, `seen by ${call.detectPoints.join(" and ").toLowerCase()}`].filter(Boolean).join(" · ")}</p>
      {href && (
        <a class="ask open" href={href}>
          Open dashboard
        </a>
      )}
      <ValueList values={client.values} error={client.error} />
      <ValueList values={server.values} error={server.error} />
      <div class="ends">
        {[call.source, call.target].map((id) => (
          <button key={id} type="button" class="link" onClick={() => onNode(id)}>
            {name(id)}
          </button>
        ))}
      </div>
    </aside>
  );
}

function relationOf({ layer }: Subject, graph: Graph, call: GraphCall, isInstance: boolean): Subject {
  if (!isInstance) return { layer, scope: "ServiceRelation", service: call.source, destService: call.target };
  const service = (id: string) => graph.nodes.find((node) => node.id === id)?.service ?? "";
  return { layer, scope: "ServiceInstanceRelation", service: service(call.source), member: call.source, destService: service(call.target), destMember: call.target };
}

function SideHead({ title, onClose }: { readonly title: string; readonly onClose: () => void }): JSX.Element {
  return (
    <header>
      <h4>{title}</h4>
      <button type="button" class="icon" aria-label="Close" onClick={onClose}>
        ×
      </button>
    </header>
  );
}

function ValueList({ values, error }: { readonly values: readonly Value[]; readonly error: string | null }): JSX.Element {
  const failed = error ?? values.find((value) => value.error)?.error;
  return (
    <>
      {failed && <p class="trouble">{failed}</p>}
      <dl class="values-list">
        {values.map(({ label, unit, point }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{pointText(point, unit)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

interface CallListProps {
  readonly title: string;
  readonly calls: readonly GraphCall[];
  readonly nameOf: (call: GraphCall) => string;
  readonly onCall: (id: string) => void;
}

function CallList({ title, calls, nameOf, onCall }: CallListProps): JSX.Element | null {
  if (!calls.length) return null;
  return (
    <section>
      <h5>
        {title} <span class="count">{calls.length}</span>
      </h5>
      <ul class="calls">
        {calls.map((call) => (
          <li key={call.id}>
            <button type="button" class="link" onClick={() => onCall(call.id)}>
              {nameOf(call)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
