// Reloads of the rule files: the refusal that stands, and the latest events.

import type { JSX } from "preact";
import { type Clock, clockText, minuteText } from "../clock";
import type { Finding, Refusal, Server } from "../server";

export interface ReloadEvent {
  readonly at: number;
  readonly cause: string;
  readonly outcome: string;
  readonly seconds: number;
  readonly changes: Readonly<Record<string, readonly string[]>>;
  readonly starts: number | null;
}

const NAMED = 3; // metrics named per kind of change
const OUTCOMES: Readonly<Record<string, string>> = { applied: "good", unchanged: "none", refused: "bad" };
const CHANGES: readonly (readonly [string, string])[] = [
  ["added", "added"],
  ["removed", "removed"],
  ["changed", "changed"],
  ["rewritten", "same meaning, new text"],
  ["others", "also new"],
];

/** One line above the other views, with a link to all of it. */
export function Alert({ refusal, clock, href }: { readonly refusal: Refusal | null; readonly clock: Clock; readonly href: string }): JSX.Element {
  const [first] = refusal?.findings ?? [];
  const more = (refusal?.findings.length ?? 0) - 1;
  return (
    <div id="alert" class="banner" role="alert" hidden={!refusal}>
      {refusal && (
        <>
          <p>
            <b>Changed rules were refused</b> at {timeText(clock, refusal.at)}. The rules from before keep running.
          </p>
          <p class="first">
            {first ? findingText(first) : refusal.report.split("\n")[0]}
            {more > 0 && ` (and ${more} more)`} <a href={href}>Show the findings</a>
          </p>
        </>
      )}
    </div>
  );
}

const findingText = ({ file, line, message }: Finding) => `${file}${line ? `:${line}` : ""}: ${message}`;

/** The whole report; the marker must stand under its place, so the text is set as it is. */
export function RefusalPanel({ server }: { readonly server: Server }): JSX.Element {
  const { refusal, clock } = server;
  const count = refusal?.findings.length ?? 0;
  return (
    <section id="refusal" class="panel" hidden={!refusal} aria-label="Refused rules">
      {refusal && (
        <>
          <h2>
            Changed rules were refused<span class="count">{count ? ` · ${count} finding${count > 1 ? "s" : ""}` : ""}</span>
          </h2>
          <p>
            <time>{timeText(clock, refusal.at)}</time> · {refusal.cause} · The rules from before keep running. Correct the file and save it: it is read again at once.
          </p>
          <pre class="report" tabIndex={0} aria-label="findings">
            {refusal.report}
          </pre>
        </>
      )}
    </section>
  );
}

/** The latest reloads, newest first. */
export function Events({ events, clock }: { readonly events: readonly ReloadEvent[]; readonly clock: Clock }): JSX.Element {
  return (
    <ol id="reloads">
      {events.map((event) => (
        <li key={`${event.at} ${event.cause}`}>
          <time title={clockText(clock, event.at * 1000)}>{timeText(clock, event.at)}</time>
          <span class={`chip ${OUTCOMES[event.outcome] ?? "none"}`}>{event.outcome}</span>
          <span class="cause">{event.cause}</span>
          <span class="changes">{changesText(event)}</span>
          <span class="took">{event.seconds.toFixed(2)} s</span>
        </li>
      ))}
      {!events.length && <li class="nothing">None since the server started. Save a rule file, and what comes of it shows here.</li>}
    </ol>
  );
}

function changesText({ changes, starts }: ReloadEvent): string {
  const parts = CHANGES.flatMap(([kind, word]) => (changes[kind]?.length ? [`${word}: ${namesText(changes[kind])}`] : []));
  return [...parts, ...(starts ? [`from ${minuteText(starts)}`] : [])].join(" · ");
}

function namesText(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

const timeText = (clock: Clock, seconds: number) => clockText(clock, seconds * 1000).slice(11);
