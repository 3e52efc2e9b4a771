// What a dashboard is about, how addresses name it, and how queries do.

import { memberName, serviceOf } from "./ids";

export type Scope = "All" | "Service" | "ServiceInstance" | "Endpoint" | "ServiceRelation" | "ServiceInstanceRelation" | "EndpointRelation";

/** Ids; a member is an instance or an endpoint. */
export interface Subject {
  readonly layer: string;
  readonly scope: Scope;
  readonly service?: string;
  readonly member?: string;
  readonly destService?: string;
  readonly destMember?: string;
}

/** The entity of a metric, as the server wants it: names only, and no more than known. */
export interface Entity {
  readonly serviceName?: string;
  readonly normal?: boolean;
  readonly serviceInstanceName?: string;
  readonly endpointName?: string;
  readonly destServiceName?: string;
  readonly destNormal?: boolean;
  readonly destServiceInstanceName?: string;
  readonly destEndpointName?: string;
}

type Member = "service" | "member" | "destService" | "destMember";

const ORDER: Readonly<Record<Scope, readonly Member[]>> = {
  All: [],
  Service: ["service"],
  ServiceInstance: ["service", "member"],
  Endpoint: ["service", "member"],
  ServiceRelation: ["service", "destService"],
  ServiceInstanceRelation: ["service", "member", "destService", "destMember"],
  EndpointRelation: ["service", "member", "destService", "destMember"],
};

/** Path of a dashboard, `dashboard/<layer>/<scope>/<ids>/<name>`. */
export function pathOf(subject: Subject, dashboard: string): readonly string[] {
  return ["dashboard", subject.layer, subject.scope, ...ORDER[subject.scope].map((member) => subject[member] ?? ""), dashboard];
}

/** Subject and dashboard that a path names; null when it names none. */
export function readPath(path: readonly string[]): { readonly subject: Subject; readonly dashboard: string } | null {
  const [kind, layer, scope, ...rest] = path;
  if (kind !== "dashboard" || !layer || !isScope(scope)) return null;
  const members = ORDER[scope];
  const dashboard = rest[members.length];
  if (dashboard === undefined) return null;
  const ids = Object.fromEntries(members.map((member, at) => [member, rest[at] ?? ""]));
  return { subject: { layer, scope, ...ids }, dashboard };
}

export function isScope(text: string | undefined): text is Scope {
  return text !== undefined && Object.hasOwn(ORDER, text);
}

export function entityOf(subject: Subject): Entity {
  const { scope } = subject;
  const [service, dest] = [subject.service, subject.destService].map((id) => (id ? serviceOf(id) : null));
  const [member, destMember] = [subject.member, subject.destMember].map((id) => (id ? memberName(id) : null));
  const isEndpoint = scope.startsWith("Endpoint");
  return {
    ...(service ? { serviceName: service.name, normal: service.normal } : {}),
    ...(member ? (isEndpoint ? { endpointName: member } : { serviceInstanceName: member }) : {}),
    ...(dest ? { destServiceName: dest.name, destNormal: dest.normal } : {}),
    ...(destMember ? (isEndpoint ? { destEndpointName: destMember } : { destServiceInstanceName: destMember }) : {}),
  };
}

/** Names for people, source first. */
export function titleOf(subject: Subject): readonly string[] {
  const part = (service?: string, member?: string) => (member ? memberName(member) : service ? serviceOf(service).name : null);
  return [part(subject.service, subject.member), part(subject.destService, subject.destMember)].filter((text) => text !== null);
}
