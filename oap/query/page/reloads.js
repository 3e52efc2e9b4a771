// Reloads of the rule files: the refusal that stands, and the latest events.

import { html } from "./elements.js";
import { clockText } from "./server.js";

const NAMED = 3; // metrics named per kind of change
const OUTCOMES = { applied: "good", unchanged: "none", refused: "bad" };
const CHANGES = [
  ["added", "added"],
  ["removed", "removed"],
  ["changed", "changed"],
  ["rewritten", "same meaning, new text"],
  ["others", "also new"],
];

/** `12:31` of a minute bucket. */
export function minuteText(bucket) {
  const text = String(bucket);
  return `${text.slice(8, 10)}:${text.slice(10, 12)}`;
}

/** One line above the first view, with a link to all of it. */
export function showAlert(box, refusal) {
  box.hidden = !refusal;
  if (!refusal) return;
  const { findings } = refusal;
  const first = findings[0] ? findingText(findings[0]) : refusal.report.split("\n")[0];
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  const signature = `${refusal.at} ${first}${more}`;
  if (box.dataset.signature === signature) return; // or a screen reader would say it every few seconds
  box.dataset.signature = signature;
  box.replaceChildren(
    html("p", {}, html("b", {}, "Changed rules were refused"), ` at ${timeText(refusal.at)}. The rules from before keep running.`),
    html("p", { class: "first" }, first, more, " ", html("a", { href: "#rules" }, "Show the findings")),
  );
}

const findingText = ({ file, line, message }) => `${file}${line ? `:${line}` : ""}: ${message}`;

/** The whole report; the marker must stand under its place, so the text is set as it is. */
export function showRefusal(panel, refusal) {
  panel.hidden = !refusal;
  if (!refusal) return;
  const count = refusal.findings.length;
  const title = count ? ` · ${count} finding${count > 1 ? "s" : ""}` : "";
  const signature = `${refusal.at} ${refusal.report}`;
  if (panel.dataset.signature === signature) return; // what someone is copying stays selected
  panel.dataset.signature = signature;
  panel.replaceChildren(
    html("h2", {}, "Changed rules were refused", html("span", { class: "count" }, title)),
    html(
      "p",
      {},
      html("time", {}, timeText(refusal.at)),
      ` · ${refusal.cause} · The rules from before keep running. Correct the file and save it: it is read again at once.`,
    ),
    html("pre", { class: "report", tabindex: 0, "aria-label": "findings" }, refusal.report),
  );
}

/** The latest reloads, newest first. */
export function showEvents(list, events) {
  const signature = JSON.stringify(events);
  if (list.dataset.signature === signature) return;
  list.dataset.signature = signature;
  const rows = events.map((event) =>
    html(
      "li",
      {},
      html("time", { title: clockText(event.at * 1000) }, timeText(event.at)),
      html("span", { class: `chip ${OUTCOMES[event.outcome] ?? "none"}` }, event.outcome),
      html("span", { class: "cause" }, event.cause),
      html("span", { class: "changes" }, changesText(event)),
      html("span", { class: "took" }, `${event.seconds.toFixed(2)} s`),
    ),
  );
  const nothing = html("li", { class: "nothing" }, "None since the server started. Save a rule file, and what comes of it shows here.");
  list.replaceChildren(...(rows.length ? rows : [nothing]));
}

function changesText({ changes, starts }) {
  const parts = CHANGES.filter(([kind]) => changes[kind].length).map(([kind, word]) => `${word}: ${namesText(changes[kind])}`);
  if (starts) parts.push(`from ${minuteText(starts)}`);
  return parts.join(" · ");
}

function namesText(names) {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

const timeText = (seconds) => clockText(seconds * 1000).slice(11);
