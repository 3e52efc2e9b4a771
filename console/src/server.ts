// What the console knows of its server, asked again every few seconds: health, clock, services, menu, templates, rules.
// While nobody looks only what the title of the page tells is asked for, more rarely.

import { useEffect, useState } from "preact/hooks";
import { type Clock, UNSET, clockOf, type TimeInfo } from "./clock";
import { ask, read } from "./graphql";
import { parseTemplate, type Template } from "./template";

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly layers: readonly string[];
  readonly normal: boolean | null;
}

export interface MenuLeaf {
  readonly title: string;
  readonly layer: string;
  readonly active: boolean;
}

export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly catalog: string;
}

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface Refusal {
  readonly at: number;
  readonly cause: string;
  readonly report: string;
  readonly findings: readonly Finding[];
}

export interface Server {
  readonly version: string;
  readonly clock: Clock;
  readonly health: { readonly score: number; readonly details: string | null };
  readonly services: readonly Service[];
  readonly menu: readonly MenuLeaf[];
  readonly metrics: readonly Metric[];
  readonly templates: readonly Template[];
  readonly refusal: Refusal | null;
}

interface MenuItem {
  readonly title: string;
  readonly layer: string;
  readonly activate: boolean;
  readonly subItems?: readonly MenuItem[];
}

interface Status {
  readonly version: string;
  readonly getTimeInfo: TimeInfo;
  readonly checkHealth: Server["health"];
}

interface Stored {
  readonly getMenuItems: readonly MenuItem[];
  readonly listServices: readonly Service[];
}

const POLL_MS = 5_000;
const POLL_HIDDEN_MS = 30_000;
const TEMPLATES_MS = 60_000;
// Asked apart from what is stored: while the storage is away this is what tells so.
const STATUS = `query status { version getTimeInfo { timezone currentTimestamp } checkHealth { score details } }`;
const STORED = `query stored {
  getMenuItems { title layer activate subItems { title layer activate } }
  listServices { id name group layers normal }
}`;

/** The server as known; null until it answered once. */
export function useServer(): Server | null {
  const [known, setKnown] = useState<Server | null>(null);
  useEffect(() => follow(setKnown), []);
  return known;
}

function follow(told: (server: Server) => void): () => void {
  let [isOver, isPolling, isWhole, timer, templatesAt, revision] = [false, false, false, 0, Number.NEGATIVE_INFINITY, ""];
  let known: Server = { version: "", clock: UNSET, health: { score: -1, details: "" }, services: [], menu: [], metrics: [], templates: [], refusal: null };

  const poll = async () => {
    const [status, reloads] = await Promise.all([ask<Status>(STATUS), read<{ refusal: Refusal | null; revision: string }>("rules?part=reloads")]);
    const clock = clockOf(status.getTimeInfo, Date.now());
    known = { ...known, version: status.version, clock, health: status.checkHealth, refusal: reloads.refusal };
    if (document.hidden && isWhole) return;
    const stored = await ask<Stored>(STORED);
    const menu = stored.getMenuItems.flatMap(leaves);
    let { metrics, templates } = known;
    if (reloads.revision !== revision) metrics = (await ask<{ listMetrics: Metric[] }>("query metrics { listMetrics { name type catalog } }")).listMetrics;
    if (performance.now() - templatesAt > TEMPLATES_MS) {
      templates = same(templates, await readTemplates());
      templatesAt = performance.now();
    }
    revision = reloads.revision;
    known = { ...known, services: same(known.services, stored.listServices), menu: same(known.menu, menu), metrics, templates };
    isWhole = true;
  };
  // What went wrong is told by `reachable`, by the health, or by the widgets; the next poll follows all the same.
  const keepPolling = async () => {
    isPolling = true;
    await poll().catch(() => undefined);
    isPolling = false;
    if (isOver) return;
    if (known.version) told(known);
    timer = window.setTimeout(keepPolling, document.hidden ? POLL_HIDDEN_MS : POLL_MS);
  };
  const look = () => {
    if (document.hidden || isPolling) return;
    clearTimeout(timer);
    void keepPolling();
  };
  document.addEventListener("visibilitychange", look);
  void keepPolling();
  return () => {
    isOver = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

async function readTemplates(): Promise<readonly Template[]> {
  const { getAllTemplates } = await ask<{ getAllTemplates: { id: string; configuration: string }[] }>("query templates { getAllTemplates { id configuration } }");
  return getAllTemplates.map(({ id, configuration }) => parseTemplate(id, configuration)).filter((one) => one !== null);
}

/** The old value where nothing changed, so that what depends on it is not drawn again. */
function same<T>(old: T, fresh: T): T {
  return JSON.stringify(old) === JSON.stringify(fresh) ? old : fresh;
}

function leaves(item: MenuItem): readonly MenuLeaf[] {
  const { title, layer, activate, subItems = [] } = item;
  if (!subItems.length) return [{ title, layer, active: activate }];
  return subItems.map((leaf) => ({ title: subItems.length > 1 ? `${title} ${leaf.title}` : title, layer: leaf.layer, active: leaf.activate }));
}
