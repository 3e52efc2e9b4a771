// A text of the dashboard's author; links open beside the console.

import type { JSX } from "preact";
import type { Widget } from "../template";

const LINK = /^https?:\/\//;

export function TextWidget({ widget }: { readonly widget: Widget }): JSX.Element {
  const { content = "", url = "", textAlign = "left", fontSize = 14 } = widget.graph;
  const style = `text-align: ${["center", "right"].includes(textAlign) ? textAlign : "left"}; font-size: ${Math.min(40, Math.max(11, fontSize))}px`;
  return (
    <section class="widget text-widget" data-widget={widget.i} style={style}>
      {LINK.test(url) ? (
        <a href={url} target="_blank" rel="noreferrer">
          {content}
        </a>
      ) : (
        <p>{content}</p>
      )}
    </section>
  );
}
