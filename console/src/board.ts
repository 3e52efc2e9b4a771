// What widgets need to know of the page they are on.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { linkTo, type Route } from "./route";
import type { Server } from "./server";
import { pathOf, type Scope, type Subject } from "./subject";
import { find } from "./template";

export interface Board {
  readonly server: Server;
  readonly route: Route;
  readonly subject: Subject;
}

export const BoardContext = createContext<Board | null>(null);

export function useBoard(): Board {
  const board = useContext(BoardContext);
  if (!board) throw new Error("a widget stands outside of a board");
  return board;
}

/** Link to the dashboard of an entity: the named one, or the default of its scope; null where the layer has none. */
export function dashboardLink({ server, route }: Board, subject: Subject, name = ""): string | null {
  const template = find(server.templates, subject.layer, subject.scope, name) ?? find(server.templates, subject.layer, subject.scope);
  return template ? linkTo(route, pathOf(subject, template.name)) : null;
}

/** Scopes of metrics as OAL sources are scopes of dashboards. */
export function subjectOf(layer: string, scope: string | null, ids: { readonly service: string | null; readonly instance: string | null; readonly endpoint: string | null }): Subject | null {
  const { service, instance, endpoint } = ids;
  if (!service) return null;
  const known: Scope = scope === "ServiceInstance" || scope === "Endpoint" ? scope : "Service";
  const member = known === "ServiceInstance" ? instance : known === "Endpoint" ? endpoint : null;
  return { layer, scope: known, service, ...(member ? { member } : {}) };
}
