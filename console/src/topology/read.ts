// Topologies as the server tells them, for each kind of page that has one.

import { ask } from "../graphql";
import type { Duration } from "../range";
import type { Subject } from "../subject";
import type { Graph, GraphCall, GraphNode } from "./graph";

const CALL = "calls { id source target sourceComponents targetComponents detectPoints }";
const SERVICES = `query topology($ids: [ID!]!, $duration: Duration!) {
  topology: getServicesTopology(serviceIds: $ids, duration: $duration) { nodes { id name type isReal layers } ${CALL} }
}`;
const INSTANCES = `query topology($client: ID!, $server: ID!, $duration: Duration!) {
  topology: getServiceInstanceTopology(clientServiceId: $client, serverServiceId: $server, duration: $duration) { nodes { id name type isReal serviceId } ${CALL} }
}`;
const ENDPOINTS = `query topology($endpoint: ID!, $duration: Duration!) {
  topology: getEndpointDependencies(endpointId: $endpoint, duration: $duration) { nodes { id name type isReal serviceId } ${CALL} }
}`;

interface SentNode {
  readonly id: string;
  readonly name: string;
  readonly type: string | null;
  readonly isReal: boolean;
  readonly layers?: readonly string[];
  readonly serviceId?: string;
}

interface Sent {
  readonly topology: { readonly nodes: readonly SentNode[]; readonly calls: readonly GraphCall[] } | null;
}

/** All services of a layer, or what so many calls around the subject reach. */
export async function readTopology(subject: Subject, services: readonly string[], depth: number, duration: Duration): Promise<Graph> {
  const { scope, service, destService, member } = subject;
  if (scope === "ServiceRelation" && service && destService) return graphOf(await ask<Sent>(INSTANCES, { client: service, server: destService, duration }), subject.layer);
  if (scope === "Endpoint" && member) return graphOf(await ask<Sent>(ENDPOINTS, { endpoint: member, duration }), subject.layer);
  if (!service) return graphOf(await ask<Sent>(SERVICES, { ids: services, duration }), subject.layer);
  let ids: readonly string[] = [service];
  let graph: Graph = { nodes: [], calls: [] };
  for (let hop = 0; hop < depth; hop += 1) {
    graph = graphOf(await ask<Sent>(SERVICES, { ids, duration }), subject.layer);
    const next = [...new Set([...ids, ...graph.nodes.filter((node) => node.isReal).map((node) => node.id)])];
    if (next.length === ids.length) break;
    ids = next;
  }
  return graph;
}

function graphOf({ topology }: Sent, layer: string): Graph {
  const nodes = (topology?.nodes ?? []).map(
    ({ id, name, type, isReal, layers, serviceId }): GraphNode => ({ id, name, type: type ?? "", isReal, layers: layers ?? [layer], service: serviceId ?? id }),
  );
  return { nodes, calls: topology?.calls ?? [] };
}
