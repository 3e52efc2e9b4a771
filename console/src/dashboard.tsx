// A dashboard: the template that the address names, about the entity that it names.

import type { JSX } from "preact";
import { BoardContext, type Board, dashboardLink } from "./board";
import { memberName, serviceOf, splitName } from "./ids";
import { useLive } from "./live";
import { go } from "./location";
import { linkTo, type Route } from "./route";
import type { Server } from "./server";
import type { Scope, Subject } from "./subject";
import { find } from "./template";
import { Grid } from "./widgets/grid";
import { readMembers } from "./widgets/lists";

interface DashboardProps {
  readonly route: Route;
  readonly server: Server;
  readonly subject: Subject;
  readonly name: string;
}

export function Dashboard({ route, server, subject, name }: DashboardProps): JSX.Element {
  const template = find(server.templates, subject.layer, subject.scope, name) ?? server.templates.find((one) => one.layer === subject.layer && one.name === name);
  const board: Board = { route, server, subject };
  return (
    <BoardContext.Provider value={board}>
      {subject.scope !== "All" && <Heading board={board} />}
      {!isKnown(board) && <Unheard board={board} />}
      {template ? (
        <div id="dashboard" data-dashboard={template.name} key={`${template.id} ${JSON.stringify(subject)}`}>
          <Grid widgets={template.children} />
        </div>
      ) : (
        <Missing board={board} name={name} />
      )}
    </BoardContext.Provider>
  );
}

/** Ends of relations may be seen from the other side alone; what has a page of its own is in the list of services. */
function isKnown({ subject, server: { services } }: Board): boolean {
  return !services.length || !subject.service || subject.scope.endsWith("Relation") || services.some((one) => one.id === subject.service);
}

function Unheard({ board: { subject, route } }: { readonly board: Board }): JSX.Element {
  return (
    <p id="unheard" class="panel" role="status">
      The server knows no service <b>{serviceOf(subject.service ?? "").name}</b>: the link may be wrong, or what was stored of it too old to be kept.{" "}
      <a href={linkTo(route, ["layer", subject.layer])}>All services</a>
    </p>
  );
}

function Missing({ board, name }: { readonly board: Board; readonly name: string }): JSX.Element {
  const { layer, scope } = board.subject;
  const what = name ? `There is no dashboard “${name}” for ${scope} of the layer ${layer}.` : `The layer ${layer} has no root dashboard.`;
  return (
    <section id="missing" class="panel">
      <h2>No dashboard</h2>
      <p>
        {what} Single metrics are shown under <a href={linkTo(board.route, ["explore"])}>Metrics</a>.
      </p>
    </section>
  );
}

function Heading({ board }: { readonly board: Board }): JSX.Element {
  const { subject, route, server } = board;
  const leaf = server.menu.find((one) => one.layer === subject.layer);
  const isRelation = subject.scope.endsWith("Relation");
  return (
    <div class="heading">
      <nav aria-label="Breadcrumbs">
        <a href={linkTo(route, ["layer", subject.layer])}>{leaf?.title ?? subject.layer}</a>
        {isRelation ? <span>{subject.scope.startsWith("ServiceInstance") ? "Calls between instances" : "Calls"}</span> : <ServiceStep board={board} />}
        {!isRelation && subject.member && <span>{subject.scope === "Endpoint" ? "Endpoint" : "Instance"}</span>}
      </nav>
      {isRelation ? (
        <h1 id="subject">
          <End board={board} service={subject.service} member={subject.member} /> <span class="arrow">→</span> <End board={board} service={subject.destService} member={subject.destMember} />
        </h1>
      ) : (
        <div class="title">
          <h1 id="subject">{subject.member ? memberName(subject.member) : <ServiceName id={subject.service ?? ""} />}</h1>
          <Switcher board={board} />
        </div>
      )}
    </div>
  );
}

/** One end of a relation, leading to its own dashboard. */
function End({ board, service, member }: { readonly board: Board; readonly service: string | undefined; readonly member: string | undefined }): JSX.Element {
  const { layer } = board.subject;
  const subject: Subject = { layer, scope: member ? "ServiceInstance" : "Service", service: service ?? "", ...(member ? { member } : {}) };
  const isKnown = board.server.services.some((one) => one.id === service && one.layers.includes(layer));
  const href = isKnown ? dashboardLink(board, subject) : null;
  const name = member ? memberName(member) : <ServiceName id={service ?? ""} />;
  return href ? <a href={href}>{name}</a> : <span>{name}</span>;
}

function ServiceName({ id }: { readonly id: string }): JSX.Element {
  const [own, namespace] = splitName(serviceOf(id).name);
  return (
    <>
      {own}
      {namespace && <small> {namespace}</small>}
    </>
  );
}

function ServiceStep({ board }: { readonly board: Board }): JSX.Element | null {
  const { subject } = board;
  if (!subject.member || !subject.service) return <span>Service</span>;
  const href = dashboardLink(board, { layer: subject.layer, scope: "Service", service: subject.service });
  return <a href={href ?? "#"}>{serviceOf(subject.service).name}</a>;
}

/** Leads from one service, instance or endpoint to its siblings. */
function Switcher({ board }: { readonly board: Board }): JSX.Element | null {
  const { subject, server, route } = board;
  const { layer, scope, service = "", member } = subject;
  const siblings = useLive(`siblings ${scope} ${service}`, (duration) => (member ? readMembers(scope, service, duration) : Promise.resolve([])));
  const options = member ? (siblings.data ?? []) : server.services.filter((one) => one.layers.includes(layer));
  const mine = member ?? service;
  if (options.length < 2) return null;
  const choose = (id: string) => {
    const next: Subject = member ? { ...subject, member: id } : { layer, scope: "Service" as Scope, service: id };
    const tab = route.query["tab"];
    const href = dashboardLink(board, next, find(server.templates, layer, scope, readName(route))?.name ?? "");
    if (href) go(href + (tab ? `&${new URLSearchParams({ tab })}` : ""));
  };
  return (
    <label class="switch">
      <span class="hidden">Switch to another</span>
      <select id="switch" value={mine} onChange={(event) => choose(event.currentTarget.value)}>
        {!options.some((one) => one.id === mine) && <option value={mine}>switch to …</option>}
        {[...options]
          .sort((a, b) => a.name.localeCompare(b.name))
          .map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
      </select>
    </label>
  );
}

const readName = (route: Route) => route.path.at(-1) ?? "";
