// The rules: every metric with its rule, its state and its last value, and the latest reloads.

import { Fragment, type JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Clock, clockText, minuteText, serverNow } from "../clock";
import { read } from "../graphql";
import { change } from "../location";
import { linkTo, type Route } from "../route";
import type { Server } from "../server";
import { amongText, type Entry, type Explained, exploreQuery, fits, gradeOf, valueText } from "./entries";
import { Events, RefusalPanel, type ReloadEvent } from "./reloads";
import { WhyForm } from "./why";

interface AllRules {
  readonly metrics: readonly Entry[];
  readonly reloads: readonly ReloadEvent[];
}

const STATES: readonly (readonly [string, string])[] = [
  ["", "All states"],
  ["running", "running"],
  ["no rows yet", "no rows yet"],
  ["starts", "about to start"],
  ["disabled", "disabled"],
];

export function Rules({ route, server }: { readonly route: Route; readonly server: Server }): JSX.Element {
  const { search = "", scope = "", state = "", metric = "" } = route.query;
  const all = useRules(server);
  const entries = all?.metrics ?? [];
  const shown = entries.filter((entry) => fits(entry, { search, scope, state }));
  const scopes = [...new Set([...entries.map((entry) => entry.scope), scope])].filter(Boolean);
  return (
    <div id="rules-view">
      <RefusalPanel server={server} />
      <section class="panel" aria-labelledby="reloads-title">
        <h2 id="reloads-title">Reloads</h2>
        {all && <Events events={all.reloads} clock={server.clock} />}
      </section>
      <section class="panel" aria-labelledby="rules-title">
        <div class="bar">
          <h2 id="rules-title">
            Metrics{" "}
            <span class="count" id="rule-count">
              {all && (shown.length === entries.length ? shown.length : `${shown.length} of ${entries.length}`)}
            </span>
          </h2>
          <div class="filters">
            <input id="rule-search" type="search" placeholder="Search names and rules" aria-label="Search names and rules" value={search} onInput={(event) => change({ search: event.currentTarget.value })} />
            <select id="rule-scope" aria-label="Scope" value={scope} onChange={(event) => change({ scope: event.currentTarget.value })}>
              <option value="">All scopes</option>
              {scopes.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
            <select id="rule-state" aria-label="State" value={state} onChange={(event) => change({ state: event.currentTarget.value })}>
              {STATES.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </div>
        </div>
        <div class="rule-head" aria-hidden="true">
          <span>Metric</span>
          <span>State</span>
          <span class="value">Last value</span>
          <span>Entity</span>
          <span class="minute">Minute</span>
        </div>
        <div id="rule-list">
          {shown.map((entry) => (
            <Row key={entry.name} entry={entry} clock={server.clock} route={route} isWanted={entry.name === metric} />
          ))}
        </div>
        <p id="rule-nothing" class="nothing" hidden={shown.length > 0 || !all}>
          No metric fits. Clear the search, or look at all scopes and states.
        </p>
        <datalist id="service-names">
          {server.services.map((service) => (
            <option key={service.id} value={service.name} />
          ))}
        </datalist>
      </section>
    </div>
  );
}

/** All rules, read anew whenever the server was asked how it is. */
function useRules(server: Server): AllRules | null {
  const [all, setAll] = useState<AllRules | null>(null);
  useEffect(() => {
    let isOver = false;
    // What goes wrong is told by the banner; the next poll of the server asks again.
    read<AllRules>("rules").then((rules) => !isOver && setAll(rules), () => undefined);
    return () => {
      isOver = true;
    };
  }, [server]);
  return all;
}

interface RowProps {
  readonly entry: Entry;
  readonly clock: Clock;
  readonly route: Route;
  /** Whether the address names this metric: it is opened and brought into view. */
  readonly isWanted: boolean;
}

function Row({ entry, clock, route, isWanted }: RowProps): JSX.Element {
  const [isOpen, open] = useState(isWanted);
  const row = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (isWanted) row.current?.scrollIntoView({ block: "center" });
  }, []);
  const toggle = (event: Event) => {
    const isNow = (event.currentTarget as HTMLDetailsElement).open;
    if (isNow === isOpen) return;
    open(isNow);
    if (isNow || isWanted) change({ metric: isNow ? entry.name : "" });
  };
  const { last } = entry;
  const isFilling = last !== null && String(last.bucket) === clockText(clock, serverNow(clock)).slice(0, 16).replace(/\D/g, "");
  return (
    <details class="rule" data-key={entry.name} open={isOpen} onToggle={toggle} ref={row}>
      <summary>
        <span class="name">
          {entry.name.split(/(?<=_)/).map((word, at) => (
            <Fragment key={at}>
              {word}
              <wbr />
            </Fragment>
          ))}
        </span>
        <span class="state">
          <span class={`mark ${gradeOf(entry.state)}`}>{entry.state}</span>
        </span>
        <span class="value">{valueText(entry)}</span>
        <span class="entity">{last && <EntityPart entry={entry} route={route} />}</span>
        <span class={isFilling ? "minute filling" : "minute"} title={isFilling ? "this minute is still filling" : ""}>
          {last ? minuteText(last.bucket) : ""}
        </span>
      </summary>
      <div class="body">{isOpen && <Body entry={entry} clock={clock} />}</div>
    </details>
  );
}

/** The entity, leading to its chart where there is one. */
function EntityPart({ entry, route }: { readonly entry: Entry; readonly route: Route }): JSX.Element | null {
  if (!entry.last) return null;
  const query = exploreQuery(entry);
  return (
    <>
      {query ? (
        <a href={linkTo(route, ["explore"], query)} title="Show the chart">
          {entry.last.entity}
        </a>
      ) : (
        <span>{entry.last.entity}</span>
      )}
      <small> {amongText(entry.last)}</small>
    </>
  );
}

/** What an opened row holds; asked for then, since it is much, and again when the rule was changed. */
function Body({ entry, clock }: { readonly entry: Entry; readonly clock: Clock }): JSX.Element {
  const [said, setSaid] = useState<Explained | string | null>(null);
  useEffect(() => {
    if (entry.file) read<Explained>(`rules/${encodeURIComponent(entry.name)}`).then(setSaid, (error: Error) => setSaid(error.message));
  }, [entry.file, entry.line, entry.text]);
  return (
    <>
      <p class="place">{entry.file ? `${entry.file}:${entry.line}` : "switched off by a disable statement"}</p>
      <pre class="oal">{entry.text}</pre>
      <dl class="facts">
        {typeof said === "string" && <dd>{said}</dd>}
        {said && typeof said !== "string" &&
          factsOf(said).map(([title, text]) => (
            <Fragment key={title + text}>
              <dt>{title}</dt>
              <dd>{text}</dd>
            </Fragment>
          ))}
      </dl>
      {entry.file && <WhyForm metric={entry.name} clock={clock} />}
    </>
  );
}

function factsOf(said: Explained): readonly (readonly [string, string])[] {
  const rows = said.operations.map(({ table, meaning }) => `${table}: ${meaning}`).join("; ");
  const facts: readonly (readonly [string, string])[] = [
    ["Value", said.formula],
    ["Unit", said.unit],
    ["Of each", said.entity],
    ["Rows", rows || "none: no operation can meet the conditions"],
    ["Hour and day", said.longer],
    ["Since", said.since ? `${minuteText(said.since)}, by a reload` : ""],
    ...said.flaws.map(({ problem, correct }) => ["Known flaw", `${problem}. Right: ${correct}`] as const),
  ];
  return facts.filter(([, text]) => text);
}
