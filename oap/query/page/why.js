// Why a number is as it is, or why there is none: the rows of each operation, stage by stage.

import { html } from "./elements.js";
import { minuteText } from "./reloads.js";
import { readWhy } from "./server.js";
import { format } from "./units.js";

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

function answerParts(said) {
  return [html("p", { class: "sentence" }, said.sentence, minutesText(said.minutes)), ...said.parts.map((part) => funnel(part, said)), receivedText(said.received), samples(said)].filter(Boolean);
}

function minutesText(minutes) {
  if (!minutes.length) return null;
  const [first, last] = [minuteText(minutes[0]), minuteText(minutes[minutes.length - 1])];
  return html("small", {}, first === last ? ` ${first}` : ` ${first} – ${last}`);
}

function funnel({ operation, stages, folded, late }) {
  const most = Math.max(1, ...stages.map((stage) => stage.rows));
  const bars = stages.map((stage, at) => {
    const isGone = stage.rows === 0 && at > 0 && stages[at - 1].rows > 0;
    return html(
      "li",
      { class: isGone ? "gone" : null, style: `--share:${((100 * stage.rows) / most).toFixed(2)}%` },
      html("span", { class: "stage" }, stage.text),
      html("span", { class: "number" }, isGone ? "0, here they vanish" : format.count(stage.rows), lostText(stage, stages[at - 1])),
    );
  });
  const end = html("p", { class: "end" }, `folded ${format.count(folded)}`, late ? ` · too late ${format.count(late)}` : "");
  return html("div", { class: "funnel" }, html("h4", {}, operation), html("ol", {}, ...bars), end);
}

function lostText(stage, before) {
  const lost = before ? before.rows - stage.rows : 0;
  return lost > 0 && stage.rows > 0 ? html("small", {}, ` −${format.count(lost)}`) : null;
}

function receivedText(received) {
  const counts = Object.entries(received ?? {}).filter(([, count]) => typeof count === "number");
  if (!counts.length) return null;
  return html("p", { class: "end" }, `Received altogether: ${counts.map(([name, count]) => `${name} ${format.count(count)}`).join(" · ")}`);
}

function samples({ metric, samples: { is_on: isOn, passed, refused } }) {
  if (!isOn && !passed.length && !refused.length) {
    return html("p", { class: "hint" }, "Example logs are not kept of this rule. Switch that on with ", html("code", {}, `oap oal why ${metric} --samples`), " and ask again.");
  }
  const list = (title, kind, logs) =>
    html("div", { class: kind }, html("h4", {}, title), logs.length ? html("ul", {}, ...logs.map((log) => html("li", {}, html("pre", {}, log)))) : html("p", { class: "nothing" }, "none yet"));
  return html("div", { class: "samples" }, list("Logs that counted", "passed", passed), list("Logs that the last filter refused", "refused", refused));
}
