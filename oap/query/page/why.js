// Why a number is as it is, or why there is none: the rows of each operation, stage by stage.

import { html } from "./elements.js";
import { minuteText } from "./reloads.js";
import { clockText, readWhy } from "./server.js";

const exact = (count) => count.toLocaleString("en"); // numbers that are compared with each other

/** A form that asks about one metric, and room for the answer. */
export function whyForm(metric) {
  const service = html("input", { type: "search", list: "service-names", placeholder: "all services", "aria-label": "Service" });
  const answer = html("div", { class: "answer", "aria-live": "polite" });
  const form = html("form", { class: "why" }, html("button", { type: "submit", class: "ask" }, "Why?"), html("label", {}, "for ", service));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.setAttribute("aria-busy", "true");
    const parts = await readWhy(metric, service.value.trim()).then(answerParts, troubleParts);
    answer.replaceChildren(...parts);
    form.removeAttribute("aria-busy");
  });
  return html("section", { "aria-label": `Why is ${metric} so` }, form, answer);
}

const troubleParts = (error) => [html("p", { class: "trouble" }, error.message)];

function answerParts({ sentence, minutes, stages, parts, vanishes_at: gone, received, samples, metric }) {
  const operations = parts.length > 1 ? parts : []; // one alone says what the whole says
  const late = parts.reduce((sum, part) => sum + part.late, 0);
  return [
    html("p", { class: "sentence" }, sentence, minutesText(minutes)),
    funnel(stages, gone),
    late ? html("p", { class: "end" }, `${exact(late)} rows of these operations came after their minute was settled; they were folded all the same.`) : null,
    ...operations.flatMap((part) => [html("h4", {}, `${part.operation}: ${exact(part.folded)} folded`), funnel(part.stages, null)]),
    html("p", { class: "end" }, received.sentence),
    ...samplesParts(samples, metric),
  ].filter(Boolean);
}

function minutesText(minutes) {
  if (!minutes.length) return null;
  const [first, last] = [minuteText(minutes[0]), minuteText(minutes[minutes.length - 1])];
  return html("small", {}, first === last ? ` ${first}` : ` ${first} – ${last}`);
}

function funnel(stages, gone) {
  const most = Math.max(1, ...stages.map((stage) => stage.rows));
  const bars = stages.map((stage, at) => {
    const isGone = stage.text === gone;
    return html(
      "li",
      { class: isGone ? "gone" : null, style: `--share:${((100 * stage.rows) / most).toFixed(2)}%` },
      html("span", { class: "stage" }, stage.text),
      html("span", { class: "number" }, isGone ? "0, here they vanish" : exact(stage.rows), lostText(stage, stages[at - 1])),
    );
  });
  return html("ol", { class: "funnel" }, ...bars);
}

function lostText(stage, before) {
  const lost = before ? before.rows - stage.rows : 0;
  return lost > 0 && stage.rows > 0 ? html("small", {}, ` −${exact(lost)}`) : null;
}

function samplesParts({ is_on: isOn, until, passed, refused, refused_by: filter }, metric) {
  const command = html("code", {}, `oap oal why ${metric} --samples`);
  const state = isOn
    ? html("p", { class: "hint" }, `Example logs are kept until ${clockText(until * 1000).slice(11, 16)}. Ask again for newer ones.`)
    : html("p", { class: "hint" }, "Example logs of this rule are not kept. Switch that on with ", command, " and ask again.");
  if (!isOn && !passed.length && !refused.length) return [state];
  return [
    state,
    html(
      "div",
      { class: "samples" },
      logList("passed", "Logs that counted", passed),
      logList("refused", filter ? `Logs that ${filter} refused` : "Logs that the last filter refused", refused),
    ),
  ];
}

function logList(kind, title, logs) {
  const rows = logs.map((log) => html("li", {}, html("pre", {}, log)));
  return html("div", { class: kind }, html("h4", {}, title), rows.length ? html("ul", {}, ...rows) : html("p", { class: "nothing" }, "none yet"));
}
