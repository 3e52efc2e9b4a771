import type { JSX } from "preact";
import type { Widget } from "../template";
export function TopologyWidget({ widget }: { readonly widget: Widget }): JSX.Element {
  return <p>{widget.title}</p>;
}
