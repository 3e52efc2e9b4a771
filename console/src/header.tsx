// The header: where to go, how the server is, which time is shown and how often it is asked anew.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { clockText, serverNow } from "./clock";
import { REFRESH_SECONDS, refreshOf } from "./live";
import { change } from "./location";
import { edgesOf, PRESETS, rangeOf, rangeQuery, wallText, wallTime } from "./range";
import { linkTo, type Route } from "./route";
import type { Server } from "./server";
import { readPath } from "./subject";
import { useChosenTheme } from "./theme";

interface HeaderProps {
  readonly route: Route;
  readonly server: Server | null;
  readonly isReachable: boolean;
}

export function Header({ route, server, isReachable }: HeaderProps): JSX.Element {
  return (
    <header class="top">
      <a class="brand" href={linkTo(route, [])}>
        <img src="page/icon.svg" alt="" width="26" height="26" /> oap
      </a>
      <Views route={route} server={server} />
      <Status server={server} isReachable={isReachable} />
      <div class="tools">
        {route.path[0] !== "rules" && server && <TimeTools route={route} server={server} />}
        <ThemeButton />
      </div>
    </header>
  );
}

function Views({ route, server }: { readonly route: Route; readonly server: Server | null }): JSX.Element {
  const [view = "", layer = ""] = route.path;
  const isPlain = view === "rules" || view === "explore";
  const shown = (server?.menu ?? []).filter((leaf) => leaf.active);
  const current = isPlain ? "" : (readPath(route.path)?.subject.layer ?? (layer || shown[0]?.layer));
  const mark = (isCurrent: boolean) => (isCurrent ? "page" : undefined);
  return (
    <nav aria-label="Views">
      {shown.map((leaf) => (
        <a key={leaf.layer} class="to-layer" href={linkTo(route, ["layer", leaf.layer])} aria-current={mark(leaf.layer === current)}>
          {leaf.title}
        </a>
      ))}
      <a id="to-explore" href={linkTo(route, ["explore"])} aria-current={mark(view === "explore")}>
        Metrics
      </a>
      <a id="to-rules" class={server?.refusal ? "refused" : ""} href={linkTo(route, ["rules"])} aria-current={mark(view === "rules")}>
        Rules
      </a>
    </nav>
  );
}

function Status({ server, isReachable }: { readonly server: Server | null; readonly isReachable: boolean }): JSX.Element {
  const { health, clock, services, metrics } = server ?? {};
  const score = health?.score ?? -1;
  const grade = !isReachable || score > 0 ? "bad" : score === 0 ? "good" : "warn";
  const state = score === 0 ? "healthy" : score > 0 ? `unhealthy: ${health?.details}` : server ? "starting" : "connecting …";
  const more = clock && ` · server time ${clockText(clock, serverNow(clock)).slice(11, 16)} · ${services?.length} services · ${metrics?.length} metrics`;
  return (
    <p id="status" class={grade} role="status">
      <span class="dot" />
      <span id="status-text">{isReachable ? <>{state}<span class="more">{more}</span></> : "not reachable · trying again"}</span>
    </p>
  );
}

function TimeTools({ route, server }: { readonly route: Route; readonly server: Server }): JSX.Element {
  const [isOpen, open] = useState(false);
  const range = rangeOf(route.query);
  const chosen = range.kind === "fixed" ? "fixed" : rangeQuery(range).range;
  const nowWall = serverNow(server.clock) + server.clock.zoneMs;
  const [start, end] = edgesOf(range, nowWall);
  const choose = (value: string) => {
    open(value === "fixed");
    if (value !== "fixed") change({ range: value, from: "", to: "" }, "step");
  };
  const refresh = refreshOf(route);
  return (
    <>
      <label>
        <span class="hidden">Time range</span>
        <select id="range" value={isOpen ? "fixed" : chosen} onChange={(event) => choose(event.currentTarget.value)}>
          {PRESETS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
          {!PRESETS.some(([value]) => value === chosen) && chosen !== "fixed" && <option value={chosen}>Last {chosen}</option>}
          <option value="fixed">From … to …</option>
        </select>
      </label>
      {(isOpen || range.kind === "fixed") && <Span key={`${range.kind}`} from={start} to={end} onChange={() => open(false)} />}
      <label>
        <span class="hidden">Refresh</span>
        <select id="refresh" value={String(refresh)} disabled={range.kind === "fixed"} title="How often to ask anew" onChange={(event) => change({ refresh: event.currentTarget.value })}>
          <option value="0">No refresh</option>
          {REFRESH_SECONDS.map((seconds) => (
            <option key={seconds} value={String(seconds)}>
              Every {seconds} s
            </option>
          ))}
          {refresh > 0 && !REFRESH_SECONDS.some((seconds) => seconds === refresh) && <option value={String(refresh)}>Every {refresh} s</option>}
        </select>
      </label>
    </>
  );
}

/** Two moments on the server's wall. A link with them shows the same for ever. */
function Span({ from, to, onChange }: { readonly from: number; readonly to: number; readonly onChange: () => void }): JSX.Element {
  const [text, setText] = useState({ from: wallText(from), to: wallText(to) });
  const [start, end] = [wallTime(text.from), wallTime(text.to)];
  const set = (edge: "from" | "to", { currentTarget: { value } }: { readonly currentTarget: HTMLInputElement }) => setText((old) => ({ ...old, [edge]: value }));
  const isGood = start !== null && end !== null && start <= end;
  const apply = (event: Event) => {
    event.preventDefault();
    if (!isGood) return;
    change(rangeQuery({ kind: "fixed", from: start, to: end }), "step");
    onChange();
  };
  return (
    <form class="span" onSubmit={apply} aria-label="Span in the server's time">
      <input id="from" type="datetime-local" aria-label="From" value={text.from} onInput={(event) => set("from", event)} />
      <span aria-hidden="true">–</span>
      <input id="to" type="datetime-local" aria-label="To" value={text.to} onInput={(event) => set("to", event)} />
      <button type="submit" class="ask" disabled={!isGood} title={isGood ? "" : "the end must not be before the start"}>
        Show
      </button>
    </form>
  );
}

const MARKS = { auto: "◐", light: "☀", dark: "☾" } as const;

function ThemeButton(): JSX.Element {
  const [theme, next] = useChosenTheme();
  const label = theme === "auto" ? "Colours: as the system has them" : `Colours: ${theme}`;
  return (
    <button type="button" id="theme" class="icon" title={label} aria-label={label} onClick={next}>
      {MARKS[theme]}
    </button>
  );
}
