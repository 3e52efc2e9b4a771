// A line chart that follows the pointer and the arrow keys.

import { html, svg } from "./elements.js";

const HEIGHT = 300;
const EDGE = { top: 14, right: 22, bottom: 26, left: 84 };

export class Chart {
  #box;
  #shown = null;
  #cursor = null;
  #layer = null;
  #tip = html("div", { class: "tip", hidden: true });

  constructor(box) {
    this.#box = box;
    box.addEventListener("pointermove", (event) => this.#point(event));
    box.addEventListener("pointerleave", () => this.#move(null));
    box.addEventListener("blur", () => this.#move(null));
    box.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.#shown && this.#draw()).observe(box);
  }

  /** Show series [{label, points: [{at, value}]}]; `clock` writes moments, `format` values. */
  show({ series, format, clock, binary, filling }) {
    this.#shown = { series, format, clock, binary, filling, times: series[0]?.points.map((point) => point.at) ?? [] };
    if (this.#cursor !== null && this.#cursor >= this.#shown.times.length) this.#cursor = null;
    this.#draw();
  }

  /** Say something in place of lines. */
  say(text) {
    this.#shown = null;
    this.#box.replaceChildren(html("p", { class: "nothing" }, text));
  }

  #draw() {
    const { series, format, clock, times } = this.#shown;
    const values = series.flatMap((one) => one.points.map((point) => point.value).filter((value) => value !== null));
    if (!values.length) {
      this.#box.replaceChildren(html("p", { class: "nothing" }, "No value in this range."));
      return;
    }
    const width = Math.max(280, this.#box.clientWidth);
    const [low, high, step] = scale(values, this.#shown.binary);
    const x = (i) => EDGE.left + (times.length < 2 ? 0.5 : i / (times.length - 1)) * (width - EDGE.left - EDGE.right);
    const y = (value) => HEIGHT - EDGE.bottom - ((value - low) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
    this.#shown.x = x;
    this.#shown.y = y;
    const picture = svg("svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": "line chart" });
    for (let tick = low; tick <= high + step / 2; tick += step) {
      picture.append(
        svg("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(tick), y2: y(tick) }),
        svg("text", { class: "tick", x: EDGE.left - 8, y: y(tick) + 4, "text-anchor": "end" }, format(tick)),
      );
    }
    const every = Math.max(1, Math.ceil(times.length / Math.max(2, Math.floor((width - EDGE.left) / 80))));
    for (let i = (times.length - 1) % every; i < times.length; i += every) {
      picture.append(svg("text", { class: "tick", x: x(i), y: HEIGHT - 6, "text-anchor": "middle" }, clock(times[i]).slice(11, 16)));
    }
    series.forEach((one, i) => picture.append(...this.#line(one, i, low)));
    this.#layer = svg("g");
    picture.append(this.#layer);
    const legend = series.length > 1 ? html("ul", { class: "legend" }, ...series.map((one, i) => html("li", { class: `line-${i % 8}` }, one.label))) : "";
    this.#box.replaceChildren(picture, legend, this.#tip);
    this.#move(this.#cursor);
  }

  #line(one, index, low) {
    const { x, y, filling, series } = this.#shown;
    const last = one.points.length - 1;
    // The minute that is still filling is drawn apart, or every line would seem to fall at its end.
    const solid = filling ? one.points.slice(0, last) : one.points;
    const drawn = [];
    const path = trace(solid, x, y);
    if (series.length === 1) {
      drawn.push(svg("path", { class: "area line-0", d: areaUnder(solid, x, y, low) }));
    }
    drawn.push(svg("path", { class: `line line-${index % 8}`, d: path, "data-series": one.label || "value" }));
    const before = one.points[last - 1];
    if (filling && last > 0 && before.value !== null && one.points[last].value !== null) {
      const tail = `M${x(last - 1)},${y(before.value)}L${x(last)},${y(one.points[last].value)}`;
      drawn.push(svg("path", { class: `line filling line-${index % 8}`, d: tail }));
    }
    one.points.forEach((point, i) => {
      const alone = one.points[i - 1]?.value == null && one.points[i + 1]?.value == null;
      if (point.value !== null && alone) drawn.push(svg("circle", { class: `dot line-${index % 8}`, cx: x(i), cy: y(point.value), r: 3 }));
    });
    return drawn;
  }

  #point(event) {
    if (!this.#shown?.x) return;
    const at = event.clientX - this.#box.getBoundingClientRect().left;
    const { times, x } = this.#shown;
    let nearest = 0;
    times.forEach((_, i) => {
      if (Math.abs(x(i) - at) < Math.abs(x(nearest) - at)) nearest = i;
    });
    this.#move(nearest);
  }

  #key(event) {
    if (!this.#shown?.x) return;
    const last = this.#shown.times.length - 1;
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -last, End: last };
    if (event.key === "Escape") this.#move(null);
    if (!(event.key in moves)) return;
    event.preventDefault();
    this.#move(Math.min(last, Math.max(0, (this.#cursor ?? last) + moves[event.key])));
  }

  #move(index) {
    this.#cursor = index;
    this.#layer?.replaceChildren();
    this.#tip.hidden = index === null || !this.#shown?.x;
    if (this.#tip.hidden) return;
    const { series, x, y, format, clock, times, filling } = this.#shown;
    this.#layer.append(svg("line", { class: "cursor", x1: x(index), x2: x(index), y1: EDGE.top, y2: HEIGHT - EDGE.bottom }));
    const rows = series.map((one, i) => {
      const { value } = one.points[index];
      if (value !== null) this.#layer.append(svg("circle", { class: `dot line-${i % 8}`, cx: x(index), cy: y(value), r: 4 }));
      return html("span", { class: `line-${i % 8}` }, one.label ? `${one.label}  ` : "", html("b", {}, value === null ? "no value" : format(value)));
    });
    const unfinished = filling && index === times.length - 1 ? " (still filling)" : "";
    this.#tip.replaceChildren(html("time", {}, clock(times[index]).slice(0, 16) + unfinished), ...rows);
    const before = x(index) - this.#tip.offsetWidth - 14;
    const after = Math.min(x(index) + 14, this.#box.clientWidth - this.#tip.offsetWidth);
    this.#tip.style.left = `${before > EDGE.left ? before : after}px`;
  }
}

/** A small line without axes. */
export function spark(points) {
  const width = 76;
  const height = 24;
  const values = points.map((point) => point.value).filter((value) => value !== null);
  const picture = svg("svg", { class: "spark", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  if (values.length < 2) return picture;
  const high = Math.max(...values, 1);
  const x = (i) => 1 + (i / (points.length - 1)) * (width - 2);
  const y = (value) => height - 2 - (value / high) * (height - 4);
  // The last minute is still filling; as in the chart it would look like a fall.
  const closed = points.slice(0, -1);
  picture.append(svg("path", { class: "area", d: areaUnder(closed, x, y, 0) }), svg("path", { class: "line", d: trace(closed, x, y) }));
  return picture;
}

function trace(points, x, y) {
  let path = "";
  points.forEach((point, i) => {
    if (point.value === null) return;
    path += `${i > 0 && points[i - 1].value !== null ? "L" : "M"}${x(i).toFixed(1)},${y(point.value).toFixed(1)}`;
  });
  return path;
}

function areaUnder(points, x, y, low) {
  let path = "";
  let from = null;
  points.forEach((point, i) => {
    if (point.value === null) return;
    if (from === null) {
      from = i;
      path += `M${x(i).toFixed(1)},${y(low)}`;
    }
    path += `L${x(i).toFixed(1)},${y(point.value).toFixed(1)}`;
    if (i === points.length - 1 || points[i + 1].value === null) {
      path += `L${x(i).toFixed(1)},${y(low)}Z`;
      from = null;
    }
  });
  return path;
}

function scale(values, binary) {
  const top = Math.max(...values, 0);
  const bottom = Math.min(...values, 0);
  const span = top - bottom || 1;
  const base = binary && span > 4096 ? 1024 ** Math.floor(Math.log(span / 4) / Math.log(1024)) : 1;
  const rough = span / 4 / base;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * ten).find((candidate) => candidate >= rough) * base;
  return [Math.floor(bottom / step) * step, Math.max(Math.ceil(top / step), 1) * step, step];
}
