// The frame of a widget: title, hint, and what stands there while there is nothing to show.

import type { ComponentChildren, JSX } from "preact";
import { type Answer, isEmpty, metricsIn } from "../expressions";
import type { Live } from "../live";
import { useBoard } from "../board";
import { linkTo } from "../route";
import type { Widget } from "../template";
import { titleBesideUnit } from "../units";

interface PanelProps {
  readonly widget: Widget;
  readonly kind: string;
  readonly extra?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Panel({ widget, kind, extra, children }: PanelProps): JSX.Element {
  const { title, tips, metricConfig } = widget;
  return (
    <section class={`panel widget ${kind}-widget`} data-widget={widget.i} aria-label={title || kind}>
      {(title || extra) && (
        <header>
          <h3 title={title}>{titleBesideUnit(title, metricConfig[0]?.unit)}</h3>
          {tips && (
            <span class="tips" tabIndex={0} role="note" aria-label={tips} data-tip={tips}>
              ?
            </span>
          )}
          {extra}
        </header>
      )}
      <div class="content">{children}</div>
    </section>
  );
}

interface OutcomeProps {
  readonly live: Live<readonly Answer[]>;
  readonly expressions: readonly string[];
  readonly children: (answers: readonly Answer[]) => ComponentChildren;
}

/** Children over answers, or the reason why there are none. An expression that fails does not hide the others. */
export function Outcome({ live, expressions, children }: OutcomeProps): JSX.Element {
  if (live.error) return <p class="trouble">{live.error}</p>;
  if (!live.data) return <p class="waiting" aria-hidden="true" />;
  const errors = live.data.flatMap(({ error }, at) => (error === null ? [] : [{ error, expression: expressions[at] ?? "" }]));
  const isSilent = isEmpty(live.data);
  return (
    <>
      {errors.map(({ error, expression }) => (
        <p class="trouble" key={expression}>
          {error} <code>{expression}</code>
        </p>
      ))}
      {isSilent ? !errors.length && <NoData expressions={expressions} /> : children(live.data)}
    </>
  );
}

/** Says that a range holds nothing, and leads to the rule that would fill it. */
export function NoData({ expressions }: { readonly expressions: readonly string[] }): JSX.Element {
  const { route } = useBoard();
  const [metric] = expressions.flatMap(metricsIn);
  return (
    <p class="nothing">
      No data in this range. {metric && <a href={linkTo(route, ["rules"], { search: metric, metric })}>Why?</a>}
    </p>
  );
}
