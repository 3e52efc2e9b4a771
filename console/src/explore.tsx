// Single metrics: any metric of any entity over time, also those that no dashboard shows.

import type { JSX } from "preact";
import { BoardContext, type Board, dashboardLink } from "./board";
import type { Answer } from "./expressions";
import { memberName } from "./ids";
import { useExpressions, useLive } from "./live";
import { change } from "./location";
import type { Route } from "./route";
import type { Metric, Server, Service } from "./server";
import { entityOf, type Scope, type Subject } from "./subject";
import { format, formatOf } from "./units";
import { Outcome } from "./widgets/panel";
import { SeriesChart } from "./widgets/line";
import { readMembers } from "./widgets/lists";

interface Kind {
  readonly scope: Scope;
  readonly catalog: string;
  readonly prefix: string;
  readonly first: string;
}

const KINDS = {
  service: { scope: "Service", catalog: "SERVICE", prefix: "kubernetes_service_", first: "kubernetes_service_http_call_cpm" },
  instance: { scope: "ServiceInstance", catalog: "SERVICE_INSTANCE", prefix: "kubernetes_service_instance_", first: "kubernetes_service_instance_http_call_cpm" },
  endpoint: { scope: "Endpoint", catalog: "ENDPOINT", prefix: "kubernetes_service_endpoint_", first: "kubernetes_service_endpoint_call_cpm" },
} as const satisfies Readonly<Record<string, Kind>>;

const GROUPS: readonly (readonly [string, RegExp])[] = [
  ["HTTP", /^(http|call|apdex|percentile)/],
  ["Connections", /^(connect|accept|close)/],
  ["Network", /(netfilter|resolve_mac)/],
  ["Write", /^write/],
  ["Read", /^read/],
  ["Other", /./],
];

export function Explore({ route, server }: { readonly route: Route; readonly server: Server }): JSX.Element {
  const { query } = route;
  const kindName = kindOf(query["kind"]);
  const kind = KINDS[kindName];
  const services = [...server.services].sort((a, b) => a.name.localeCompare(b.name));
  const service = services.find((one) => one.name === query["service"]) ?? services[0];
  const hasMembers = kindName !== "service";
  const members = useLive(`members ${kind.scope} ${service?.id}`, (duration) => (service && hasMembers ? readMembers(kind.scope, service.id, duration) : Promise.resolve([])));
  const member = hasMembers ? query["member"] || members.data?.[0]?.id : undefined;
  const metric = query["metric"] || kind.first;
  if (!service) return <p class="nothing">No service yet.</p>;
  const subject: Subject = { layer: layerOf(service), scope: kind.scope, service: service.id, ...(member ? { member } : {}) };
  const board: Board = { route, server, subject };
  const href = dashboardLink(board, subject);
  return (
    <BoardContext.Provider value={board}>
      <section class="panel explore" aria-labelledby="chart-title">
        <div class="bar">
          <div class="filters">
            <Choice id="service" label="Service" value={service.name} options={services.map(({ name }) => [name, name])} onChange={(next) => change({ service: next, member: "" })} />
            <Choice id="kind" label="Kind" value={kindName} options={KIND_TEXTS} onChange={(next) => change({ kind: next, metric: "", member: "" })} />
            {hasMembers && <Choice id="member" label={kindName} value={member ?? ""} options={(members.data ?? []).map(({ id, name }) => [id, name])} onChange={(next) => change({ member: next })} />}
          </div>
          {href && <a href={href}>Dashboard</a>}
        </div>
        <div class="explorer">
          <MetricPicker metrics={server.metrics} kind={kind} chosen={metric} search={query["search"] ?? ""} />
          <MetricChart key={JSON.stringify(subject)} metric={metric} subject={subject} server={server} name={member ? memberName(member) : service.name} />
        </div>
      </section>
    </BoardContext.Provider>
  );
}

const KIND_TEXTS: readonly (readonly [string, string])[] = [
  ["service", "whole service"],
  ["instance", "instance"],
  ["endpoint", "endpoint"],
];

const kindOf = (text: string | undefined): keyof typeof KINDS => (text === "instance" || text === "endpoint" ? text : "service");

interface ChoiceProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => void;
}

/** A list to choose from; what is chosen is offered even where the range no longer has it. */
function Choice({ id, label, value, options, onChange }: ChoiceProps): JSX.Element {
  const offered = options.some(([one]) => one === value) || !value ? options : [[value, memberName(value)] as const, ...options];
  return (
    <select id={`explore-${id}`} aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {offered.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </select>
  );
}

const layerOf = (service: Service) => service.layers.find((layer) => layer === "K8S_SERVICE") ?? service.layers[0] ?? "";

function MetricChart({ metric, subject, name, server }: { readonly metric: string; readonly subject: Subject; readonly name: string; readonly server: Server }): JSX.Element {
  const live = useExpressions([{ expression: metric, entity: entityOf(subject) }]);
  const title = `${metric} of ${name}`;
  const write = formatOf(metric);
  const show = (answers: readonly Answer[]) => (
    <SeriesChart title={title} kind="line" answers={answers} labels={[metric]} clock={server.clock} write={write} writeAxis={write === format.perMinute ? format.count : write} isBinary={write === format.bytes} />
  );
  return (
    <figure>
      <figcaption id="chart-title">{title}</figcaption>
      <div id="chart">
        <Outcome live={live} expressions={[metric]}>
          {show}
        </Outcome>
      </div>
    </figure>
  );
}

function MetricPicker({ metrics, kind, chosen, search }: { readonly metrics: readonly Metric[]; readonly kind: Kind; readonly chosen: string; readonly search: string }): JSX.Element {
  const words = search.toLowerCase().split(/[\s_]+/).filter(Boolean);
  const fitting = metrics.filter((metric) => metric.catalog === kind.catalog && words.every((word) => metric.name.includes(word)));
  const short = (name: string) => (name.startsWith(kind.prefix) ? name.slice(kind.prefix.length) : name);
  const groupOf = (name: string) => GROUPS.find(([, pattern]) => pattern.test(short(name)))?.[0];
  const choose = (name: string | undefined) => name && change({ metric: name });
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") choose(fitting[0]?.name);
    if (event.key === "ArrowDown") document.getElementById("metrics")?.focus();
  };
  return (
    <div class="picker">
      <input id="metric-search" type="search" placeholder="Search metrics" aria-label="Search metrics" value={search} onInput={(event) => change({ search: event.currentTarget.value })} onKeyDown={press} />
      <select id="metrics" size={12} aria-label="Metric" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        {GROUPS.map(([title]) => [title, fitting.filter((metric) => groupOf(metric.name) === title)] as const)
          .filter(([, ofGroup]) => ofGroup.length)
          .map(([title, ofGroup]) => (
            <optgroup key={title} label={title}>
              {ofGroup.map((metric) => (
                <option key={metric.name} value={metric.name}>
                  {short(metric.name)}
                </option>
              ))}
            </optgroup>
          ))}
      </select>
    </div>
  );
}
