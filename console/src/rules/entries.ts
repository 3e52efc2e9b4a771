// Metrics with their rules as the server tells them, and how they are searched and shown.

import { serviceOf } from "../ids";
import { formatOfUnit } from "../units";

export interface LastValue {
  readonly bucket: number;
  readonly entities: number;
  readonly entity: string;
  readonly entity_id: string;
  readonly value: number | null | Readonly<Record<string, number>>;
}

export interface Entry {
  readonly name: string;
  readonly scope: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly unit: string;
  readonly state: string;
  readonly since: number | null;
  readonly last: LastValue | null;
}

export interface Explained extends Entry {
  readonly formula: string;
  readonly entity: string;
  readonly longer: string;
  readonly operations: readonly { readonly table: string; readonly meaning: string }[];
  readonly flaws: readonly { readonly problem: string; readonly correct: string }[];
}

export interface Wanted {
  readonly search: string;
  readonly scope: string;
  readonly state: string;
}

/** Whether an entry has all words in its name or rule, and the scope and state where those are chosen. */
export function fits(entry: Entry, { search, scope, state }: Wanted): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const [name, text] = [entry.name.toLowerCase(), entry.text.toLowerCase()];
  return (!scope || entry.scope === scope) && entry.state.startsWith(state) && words.every((word) => name.includes(word) || text.includes(word));
}

export function gradeOf(state: string): string {
  return state.startsWith("running") ? "good" : state.startsWith("starts") ? "warn" : "none";
}

export function valueText({ last, unit }: Entry): string {
  const write = formatOfUnit(unit);
  const value = last?.value ?? null;
  if (value === null) return "–";
  if (typeof value === "number") return write(value);
  return Object.entries(value)
    .map(([label, one]) => `${label} ${write(one)}`)
    .join(" · ");
}

export function amongText({ entities, value }: LastValue): string {
  return entities === 1 ? "" : `${typeof value === "object" ? "one" : "greatest"} of ${entities.toLocaleString("en")}`;
}

const KINDS: Readonly<Record<string, string>> = { K8SService: "service", K8SServiceInstance: "instance", K8SEndpoint: "endpoint" };

/** What the view of single metrics needs to show the entity; null for scopes that it does not show. */
export function exploreQuery(entry: Entry): Readonly<Record<string, string>> | null {
  const kind = KINDS[entry.scope];
  if (!kind || !entry.last) return null;
  const id = entry.last.entity_id;
  const service = id.split("_")[0] ?? "";
  return { service: serviceOf(service).name, kind, metric: entry.name, ...(kind === "service" ? {} : { member: id }) };
}
