// Widgets over the expressions of the board's subject: charts, cards, lists of the highest, tables.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { dashboardLink, subjectOf, useBoard } from "../board";
import { type Answer, firstPoint, type Point } from "../expressions";
import { useExpressions, useSettled } from "../live";
import { entityOf } from "../subject";
import type { Widget } from "../template";
import { axisFormatOf, formatOfUnit, isBinary, pointText, unitBelowTitle } from "../units";
import { linesOf, SeriesChart } from "./line";
import { Outcome, Panel } from "./panel";
import type { Kind } from "./chart";

const CHARTS: Readonly<Record<string, Kind>> = { Line: "line", Area: "area", Bar: "bar" };
export const isMetricGraph = (type: string | undefined) => ["Line", "Area", "Bar", "Card", "TopList", "Table"].includes(type ?? "");

interface Props {
  readonly widget: Widget;
  readonly group: string | null;
}

export function MetricWidget({ widget, group }: Props): JSX.Element {
  const { subject } = useBoard();
  const entity = entityOf(subject);
  const type = widget.graph.type ?? "Line";
  const use = type in CHARTS ? useExpressions : useSettled;
  const live = use(widget.expressions.map((expression) => ({ expression, entity })));
  const show = (answers: readonly Answer[]) => {
    if (type === "Card") return <Card widget={widget} answers={answers} />;
    if (type === "TopList") return <TopList widget={widget} answers={answers} />;
    if (type === "Table") return <Table widget={widget} answers={answers} />;
    return <WidgetChart widget={widget} answers={answers} kind={CHARTS[type] ?? "line"} group={group} />;
  };
  return (
    <Panel widget={widget} kind={type.toLowerCase()}>
      <Outcome live={live} expressions={widget.expressions}>
        {show}
      </Outcome>
    </Panel>
  );
}

export function labelsOf({ expressions, metricConfig }: Pick<Widget, "expressions" | "metricConfig">): readonly string[] {
  return expressions.map((expression, at) => metricConfig[at]?.label || expression);
}

function WidgetChart({ widget, answers, kind, group }: { widget: Widget; answers: readonly Answer[]; kind: Kind; group: string | null }): JSX.Element {
  const { server } = useBoard();
  const unit = widget.metricConfig[0]?.unit ?? "";
  const { opacity = 0.25, step = false } = widget.graph;
  return (
    <SeriesChart
      title={widget.title}
      kind={kind}
      answers={answers}
      labels={labelsOf(widget)}
      clock={server.clock}
      write={formatOfUnit(unit)}
      writeAxis={axisFormatOf(unit)}
      isBinary={isBinary(unit)}
      group={group}
      opacity={opacity}
      isStepped={step}
    />
  );
}

function Card({ widget, answers }: { widget: Widget; answers: readonly Answer[] }): JSX.Element {
  const labels = labelsOf(widget);
  return (
    <dl class="cards">
      {answers.map((answer, at) => (
        <div key={labels[at]}>
          {answers.length > 1 && <dt>{labels[at]}</dt>}
          <dd>{pointText(firstPoint(answer), widget.graph.showUnit === false ? "" : unitBelowTitle(widget.title, widget.metricConfig[at]?.unit))}</dd>
        </div>
      ))}
    </dl>
  );
}

function TopList({ widget, answers }: { widget: Widget; answers: readonly Answer[] }): JSX.Element {
  const [chosen, choose] = useState(0);
  const labels = labelsOf(widget);
  const at = Math.min(chosen, answers.length - 1);
  const points = answers[at]?.series[0]?.points ?? [];
  const most = Math.max(...points.map((point) => point.value ?? 0), Number.MIN_VALUE);
  return (
    <>
      {answers.length > 1 && (
        <select aria-label="Metric" value={at} onChange={(event) => choose(Number(event.currentTarget.value))}>
          {labels.map((label, one) => (
            <option key={label} value={one}>
              {label}
            </option>
          ))}
        </select>
      )}
      <ol class="toplist">
        {points.map((point) => (
          <TopRow key={point.id} point={point} widget={widget} unit={unitBelowTitle(widget.title, widget.metricConfig[at]?.unit)} share={(point.value ?? 0) / most} />
        ))}
      </ol>
    </>
  );
}

function TopRow({ point, widget, unit, share }: { point: Point; widget: Widget; unit: string; share: number }): JSX.Element {
  const board = useBoard();
  const { owner } = point;
  const subject = owner && subjectOf(board.subject.layer, owner.scope, { service: owner.serviceID, instance: owner.serviceInstanceID, endpoint: owner.endpointID });
  const href = subject && dashboardLink(board, subject, widget.valueRelatedDashboard);
  const content = (
    <>
      <span class="name">{point.id}</span>
      <span class="value">{pointText(point, unit)}</span>
    </>
  );
  const style = `--share: ${(100 * Math.max(0, share)).toFixed(1)}%`;
  return (
    <li style={style} title={point.id ?? ""}>
      {href ? <a href={href}>{content}</a> : <span class="row">{content}</span>}
    </li>
  );
}

function Table({ widget, answers }: { widget: Widget; answers: readonly Answer[] }): JSX.Element {
  const { tableHeaderCol1 = "Name", tableHeaderCol2 = "Value", showTableValues = true } = widget.graph;
  const rows = answers.flatMap((answer, at) => {
    const lines = linesOf([answer], [labelsOf(widget)[at] ?? ""]);
    return answer.series.map((series, one) => ({ label: lines[one]?.label ?? "", point: series.points.findLast((point) => point.text !== null) ?? null, unit: widget.metricConfig[at]?.unit }));
  });
  return (
    <table class="values">
      <thead>
        <tr>
          <th scope="col">{tableHeaderCol1}</th>
          {showTableValues && <th scope="col" class="number">{tableHeaderCol2}</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, point, unit }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            {showTableValues && <td class="number">{pointText(point, unit)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
