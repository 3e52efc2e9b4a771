// Widgets in their places: on 24 columns, or below each other where the screen is narrow.

import type { JSX } from "preact";
import { bandsOf, linked, placeOf } from "../layout";
import type { Widget } from "../template";
import { EntityList, isEntityList } from "./lists";
import { isMetricGraph, MetricWidget } from "./metric";
import { Panel } from "./panel";
import { Tabs } from "./tabs";
import { TextWidget } from "./text";
import { TopologyWidget } from "../topology/widget";

interface GridProps {
  readonly widgets: readonly Widget[];
  /** Tells the tabs and cross-hairs of this grid from those of others. */
  readonly prefix?: string;
}

export function Grid({ widgets, prefix = "" }: GridProps): JSX.Element {
  const groups = linked(widgets);
  const tabs = widgets.filter((widget) => widget.type === "Tab");
  const parameter = (widget: Widget) => `${prefix ? `${prefix}.` : ""}tab${tabs.indexOf(widget) || ""}`;
  return (
    <>
      {bandsOf(widgets).map((band) => {
        const isAlone = band.widgets.length === 1;
        return (
          <div key={band.widgets.map((widget) => widget.i).join(" ")} class={isAlone ? "band alone" : "band"}>
            {band.widgets.map((widget) => {
              const group = groups.get(widget.i);
              return (
                <div key={widget.i} class="cell" style={isAlone ? { "--rows": widget.h } : { ...placeOf(widget, band), "--rows": widget.h }}>
                  <AnyWidget widget={widget} group={group ? `${prefix} ${group}` : null} parameter={parameter(widget)} />
                </div>
              );
            })}
          </div>
        );
      })}
      {!widgets.length && <p class="nothing">This dashboard is empty.</p>}
    </>
  );
}

function AnyWidget({ widget, group, parameter }: { readonly widget: Widget; readonly group: string | null; readonly parameter: string }): JSX.Element {
  const { type, graph } = widget;
  if (type === "Tab") return <Tabs widget={widget} parameter={parameter} />;
  if (type === "Text" || graph.type === "Text") return <TextWidget widget={widget} />;
  if (type === "Topology") return <TopologyWidget widget={widget} />;
  if (type === "Widget" && isEntityList(graph.type)) return <EntityList widget={widget} />;
  if (type === "Widget" && isMetricGraph(graph.type)) return <MetricWidget widget={widget} group={group} />;
  return (
    <Panel widget={widget} kind="unknown">
      <p class="nothing">This console does not show {graph.type || type || "such a"} widgets; the SkyWalking UI does.</p>
    </Panel>
  );
}
