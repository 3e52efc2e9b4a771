// Lists of services, instances and endpoints with the values of each; a row leads to its dashboard.

import type { JSX } from "preact";
import { dashboardLink, type Board, useBoard } from "../board";
import { type Answer, firstPoint, type Point } from "../expressions";
import { ask } from "../graphql";
import { splitName } from "../ids";
import { useLast, useLive, useSettled } from "../live";
import { change } from "../location";
import type { Duration } from "../range";
import { entityOf, type Scope, type Subject } from "../subject";
import type { Widget } from "../template";
import { pointText } from "../units";
import { labelsOf } from "./metric";
import { Panel } from "./panel";
import { Spark } from "./spark";

const SCOPES: Readonly<Record<string, Scope>> = { ServiceList: "Service", InstanceList: "ServiceInstance", EndpointList: "Endpoint" };
/** Lists up to here are asked for as a whole, so that they can be sorted by any column; longer ones page by page. */
const MOST_AT_ONCE = 100;
const PER_PAGE = 25;
const MOST_ENDPOINTS = 500;

export const isEntityList = (type: string | undefined) => type !== undefined && Object.hasOwn(SCOPES, type);

export interface Member {
  readonly id: string;
  readonly name: string;
}

interface Row {
  readonly member: Member;
  readonly subject: Subject;
}

interface Sorting {
  /** Column of the list; -1 is the name. */
  readonly column: number;
  readonly isRising: boolean;
}

export function EntityList({ widget }: { readonly widget: Widget }): JSX.Element {
  const board = useBoard();
  const scope = SCOPES[widget.graph.type ?? ""] ?? "Service";
  const filter = board.route.query["find"] ?? "";
  const list = useList(widget, board, scope, filter.trim());
  const setFilter = (event: { readonly currentTarget: HTMLInputElement }) => change({ find: event.currentTarget.value, page: "" });
  const search = (
    <>
      <span class="count">{list.count}</span>
      <input type="search" value={filter} placeholder="Filter" aria-label={`Filter ${widget.title || "the list"} by name`} onInput={setFilter} />
    </>
  );
  return (
    <Panel widget={widget.title ? widget : { ...widget, title: TITLES[scope] ?? "" }} kind="list" extra={search}>
      {list.trouble && <p class="trouble">{list.trouble}</p>}
      {!list.isKnown && !list.trouble && <p class="waiting" aria-hidden="true" />}
      {list.isKnown && <ListTable widget={widget} scope={scope} list={list} board={board} />}
      {!list.isWhole && <Pages page={list.page} pages={list.pages} />}
    </Panel>
  );
}

interface List {
  readonly isKnown: boolean;
  readonly trouble: string | null;
  readonly count: string;
  readonly rows: readonly Row[];
  readonly cells: ReadonlyMap<string, readonly Answer[]>;
  readonly sorting: Sorting;
  /** Whether all members were asked for at once, so that any column can sort them. */
  readonly isWhole: boolean;
  readonly page: number;
  readonly pages: number;
}

function useList(widget: Widget, board: Board, scope: Scope, filter: string): List {
  const { query } = board.route;
  const members = useMembers(board, scope, filter);
  const all = members.data ?? [];
  const fitting = all.filter((member) => member.name.toLowerCase().includes(filter.toLowerCase()));
  const isWhole = all.length <= MOST_AT_ONCE;
  const width = widget.expressions.length;
  const sorting = sortingOf(query["sort"], isWhole, width > 0);
  const pages = Math.max(1, Math.ceil(fitting.length / PER_PAGE));
  const page = Math.min(Math.max(1, Number(query["page"]) || 1), pages);
  const asked = isWhole ? all : byName(fitting, sorting.isRising).slice((page - 1) * PER_PAGE, page * PER_PAGE);
  const rows = asked.map((member) => rowOf(board, scope, member));
  const values = useSettled(rows.flatMap(({ subject }) => widget.expressions.map((expression) => ({ expression, entity: entityOf(subject) }))));
  const cells = useLast(values.data && byMember(rows, values.data, width)) ?? new Map();
  return {
    isKnown: members.data !== null,
    trouble: members.error ?? values.error ?? firstError(values.data),
    count: members.data ? (fitting.length === all.length ? String(all.length) : `${fitting.length} of ${all.length}`) : "",
    rows: isWhole ? sorted(rows.filter(({ member }) => fitting.includes(member)), cells, sorting) : rows,
    cells,
    sorting,
    isWhole,
    page,
    pages,
  };
}

/** The answers of each member, of which so many were asked for. */
function byMember(rows: readonly Row[], answers: readonly Answer[], width: number): ReadonlyMap<string, readonly Answer[]> {
  return new Map(rows.map(({ member: { id } }, at) => [id, answers.slice(at * width, (at + 1) * width)]));
}

const TITLES: Readonly<Partial<Record<Scope, string>>> = { Service: "Services", ServiceInstance: "Instances", Endpoint: "Endpoints" };

interface TableProps {
  readonly widget: Widget;
  readonly scope: Scope;
  readonly list: List;
  readonly board: Board;
}

function ListTable({ widget, scope, list: { rows, cells, sorting, isWhole }, board }: TableProps): JSX.Element {
  const labels = labelsOf(widget);
  const lines = useSparks(widget, rows);
  if (!rows.length) return <p class="nothing">Nothing of this kind in this range.</p>;
  return (
    <div class="scroll">
      <table class="entities">
        <thead>
          <tr>
            <SortHead at={-1} sorting={sorting} isSortable>
              {TITLES[scope]?.slice(0, -1) ?? "Name"}
            </SortHead>
            {labels.map((label, at) => (
              <SortHead key={label} at={at} sorting={sorting} isSortable={isWhole} unit={widget.metricConfig[at]?.unit ?? ""}>
                {label}
              </SortHead>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ member, subject }) => (
            <tr key={member.id} data-id={member.id}>
              <th scope="row">
                <Name scope={scope} name={member.name} href={dashboardLink(board, subject, widget.graph.dashboardName)} />
              </th>
              {labels.map((label, at) => (
                <td key={label} class="number" data-label={withUnit(label, widget.metricConfig[at]?.unit)}>
                  {at < widget.subExpressions.length && <Spark points={lines?.get(member.id)?.[at]?.series[0]?.points ?? []} />}
                  <span>{cells.get(member.id)?.[at] ? pointText(firstPoint(cells.get(member.id)?.[at])) : "…"}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function useSparks(widget: Widget, rows: readonly Row[]): ReadonlyMap<string, readonly Answer[]> | null {
  const { data } = useSettled(rows.flatMap(({ subject }) => widget.subExpressions.map((expression) => ({ expression, entity: entityOf(subject) }))));
  return useLast(data && byMember(rows, data, widget.subExpressions.length));
}

const withUnit = (label: string, unit = "") => (unit ? `${label} (${unit})` : label);

interface HeadProps {
  readonly at: number;
  readonly sorting: Sorting;
  readonly isSortable: boolean;
  readonly unit?: string;
  readonly children: string;
}

function SortHead({ at, sorting, isSortable, unit = "", children }: HeadProps): JSX.Element {
  const isMine = sorting.column === at;
  const label = withUnit(children, unit);
  const sort = () => change({ sort: sortText({ column: at, isRising: isMine ? !sorting.isRising : at < 0 }) });
  return (
    <th scope="col" class={at < 0 ? "" : "number"} aria-sort={isMine ? (sorting.isRising ? "ascending" : "descending") : "none"}>
      {isSortable ? (
        <button type="button" onClick={sort}>
          {label}
        </button>
      ) : (
        label
      )}
    </th>
  );
}

function Name({ scope, name, href }: { readonly scope: Scope; readonly name: string; readonly href: string | null }): JSX.Element {
  const [own, namespace] = scope === "Service" ? splitName(name) : [name, ""];
  const text = (
    <>
      <b>{own}</b> {namespace && <small>{namespace}</small>}
    </>
  );
  return href ? (
    <a class="pick" href={href} title={name}>
      {text}
    </a>
  ) : (
    <span class="pick" title={name}>
      {text}
    </span>
  );
}

function Pages({ page, pages }: { readonly page: number; readonly pages: number }): JSX.Element {
  const to = (next: number) => change({ page: next > 1 ? String(next) : "" });
  return (
    <nav class="pages" aria-label="Pages">
      <button type="button" disabled={page <= 1} onClick={() => to(page - 1)}>
        Previous
      </button>
      <span>
        {page} of {pages}
      </span>
      <button type="button" disabled={page >= pages} onClick={() => to(page + 1)}>
        Next
      </button>
    </nav>
  );
}

function rowOf({ subject: { layer, service } }: Board, scope: Scope, member: Member): Row {
  if (scope === "Service") return { member, subject: { layer, scope, service: member.id } };
  return { member, subject: { layer, scope, ...(service ? { service } : {}), member: member.id } };
}

/** All members where the server tells all, else those that the filter finds there. */
function useMembers({ subject, server }: Board, scope: Scope, filter: string): { readonly data: readonly Member[] | null; readonly error: string | null } {
  const { service = "", layer } = subject;
  const isService = scope === "Service";
  const all = useLive(`members ${scope} ${service}`, (duration) => (isService ? Promise.resolve([]) : readMembers(scope, service, duration)));
  const isCut = scope === "Endpoint" && filter !== "" && (all.data?.length ?? 0) >= MOST_ENDPOINTS;
  const found = useLive(`members ${scope} ${service} ${isCut ? filter : ""}`, (duration) => (isCut ? readMembers(scope, service, duration, filter) : Promise.resolve([])));
  if (isService) return { data: server.services.filter((one) => one.layers.includes(layer)), error: null };
  return isCut ? found : all;
}

/** Instances of a service, or its endpoints with a keyword in their names. */
export async function readMembers(scope: Scope, service: string, duration: Duration, keyword = ""): Promise<readonly Member[]> {
  const endpoints = `findEndpoint(serviceId: $service, keyword: ${JSON.stringify(keyword)}, limit: ${MOST_ENDPOINTS}, duration: $duration)`;
  const field = scope === "Endpoint" ? endpoints : "listInstances(duration: $duration, serviceId: $service)";
  const name = scope === "Endpoint" ? "queryEndpoints" : "queryInstances";
  const { pods } = await ask<{ pods: readonly Member[] }>(`query ${name}($duration: Duration!, $service: ID!) { pods: ${field} { id name } }`, { duration, service });
  return pods;
}

/** The highest of the first column first, where nothing else is chosen and all values are there to compare. */
function sortingOf(text: string | undefined, isWhole: boolean, hasValues: boolean): Sorting {
  const match = /^(-?)(name|\d+)$/.exec(text ?? (isWhole && hasValues ? "-0" : "name"));
  if (!match) return { column: -1, isRising: true };
  const column = match[2] === "name" || !isWhole ? -1 : Number(match[2]);
  return { column, isRising: match[1] !== "-" };
}

const sortText = ({ column, isRising }: Sorting) => `${isRising ? "" : "-"}${column < 0 ? "name" : column}`;

const byName = (members: readonly Member[], isRising: boolean) => [...members].sort((a, b) => (isRising ? 1 : -1) * a.name.localeCompare(b.name));

function sorted(rows: readonly Row[], cells: ReadonlyMap<string, readonly Answer[]>, { column, isRising }: Sorting): readonly Row[] {
  const value = (row: Row): Point["value"] => firstPoint(cells.get(row.member.id)?.[column])?.value ?? null;
  const way = isRising ? 1 : -1;
  return [...rows].sort((a, b) => {
    const names = a.member.name.localeCompare(b.member.name);
    if (column < 0) return way * names;
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || names;
    return way * (x - y) || names;
  });
}

function firstError(answers: readonly Answer[] | null): string | null {
  return answers?.find((answer) => answer.error)?.error ?? null;
}
