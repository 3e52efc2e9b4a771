// Line, Area and Bar: series over time.

import type { JSX } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Clock } from "../clock";
import type { Answer } from "../expressions";
import { BeatContext } from "../live";
import { useTheme } from "../theme";
import type { Format } from "../units";
import { Chart, type ChartContent, type Kind, type Line } from "./chart";

interface SeriesChartProps {
  readonly title: string;
  readonly kind: Kind;
  readonly answers: readonly Answer[];
  readonly labels: readonly string[];
  readonly clock: Clock;
  readonly write: Format;
  readonly writeAxis?: Format;
  readonly group?: string | null;
  readonly opacity?: number;
  readonly isStepped?: boolean;
  readonly isBinary?: boolean;
}

/** Lines of all answers: those of one series under its label, those of several under the labels of each. */
export function linesOf(answers: readonly Answer[], labels: readonly string[]): readonly Line[] {
  return answers.flatMap(({ series }, at) =>
    series.map((one) => ({
      label: series.length > 1 || (one.label && answers.length === 1) ? [answers.length > 1 ? labels[at] : "", one.label].filter(Boolean).join(" ") : (labels[at] ?? ""),
      values: one.points.map((point) => point.value),
    })),
  );
}

function timesOf(answers: readonly Answer[], zoneMs: number): readonly number[] {
  const points = answers.flatMap((answer) => answer.series)[0]?.points ?? [];
  return points.map((point) => (Number(point.id) + zoneMs) / 1000);
}

export function SeriesChart({ title, kind, answers, labels, clock, write, writeAxis = write, group = null, opacity = 0.25, isStepped = false, isBinary = false }: SeriesChartProps): JSX.Element {
  const lines = linesOf(answers, labels);
  const { settledUntil } = useContext(BeatContext);
  const content: ChartContent = { kind, opacity, isStepped, times: timesOf(answers, clock.zoneMs), lines, write, writeAxis, group, settledUntil: settledUntil / 1000, isBinary };
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shape = JSON.stringify([kind, group, lines.map((line) => line.label)]);
  const theme = useTheme();

  useEffect(() => {
    if (!box.current) return;
    const [drawn, frame] = [new Chart(box.current, content), box.current];
    chart.current = drawn;
    const observer = new ResizeObserver(() => drawn.resize(frame.clientWidth, frame.clientHeight));
    observer.observe(frame);
    return () => {
      observer.disconnect();
      drawn.destroy();
      chart.current = null;
    };
  }, [shape]);
  useEffect(() => chart.current?.show(content), [answers]);
  useEffect(() => chart.current?.redraw(), [theme]);
  useEffect(() => lines.forEach((line, at) => chart.current?.toggle(at, !hidden.has(line.label))), [hidden, shape]);

  const toggle = (label: string) => setHidden(hidden.has(label) ? new Set([...hidden].filter((one) => one !== label)) : new Set([...hidden, label]));
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e6, End: 1e6 }[event.key];
    if (event.key === "Escape") chart.current?.hideTip();
    if (by === undefined) return;
    event.preventDefault();
    chart.current?.step(by);
  };
  return (
    <figure class="chart">
      <div class="plot" ref={box} tabIndex={0} role="img" aria-label={`${title}: ${summaryOf(lines, write)}. Arrow keys read it.`} onKeyDown={press} onBlur={() => chart.current?.hideTip()} />
      {lines.length > 1 && (
        <ul class="legend">
          {lines.map((line, at) => (
            <li key={line.label} style={`--line: var(--line-${at % 8})`}>
              <button type="button" title={line.label} aria-pressed={!hidden.has(line.label)} onClick={() => toggle(line.label)}>
                {line.label}
              </button>
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}

function summaryOf(lines: readonly Line[], write: Format): string {
  const parts = lines.map((line) => {
    const last = line.values.findLast((value) => value !== null);
    return `${line.label} ${last == null ? "–" : write(last)}`;
  });
  return parts.join(", ");
}
