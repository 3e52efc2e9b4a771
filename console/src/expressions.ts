// Expressions travel together: what the widgets of a page ask at one moment leaves in few requests, each expression
// under an alias of its own, as the stock user interface does it.

import type { Duration } from "./range";
import type { Entity } from "./subject";

export interface Ask {
  readonly expression: string;
  readonly entity: Entity;
}

export interface Owner {
  readonly scope: string | null;
  readonly serviceID: string | null;
  readonly serviceInstanceID: string | null;
  readonly endpointID: string | null;
}

/** `text` is what the server wrote, `value` its number; null where there is none or no finite one. */
export interface Point {
  readonly id: string | null;
  readonly text: string | null;
  readonly value: number | null;
  readonly owner: Owner | null;
}

export interface Series {
  readonly label: string;
  readonly points: readonly Point[];
}

export interface Answer {
  readonly type: string;
  readonly error: string | null;
  readonly series: readonly Series[];
}

/** Expressions that one request carries, well below what the server takes. */
const MOST_EXPRESSIONS = 60;
/** Widgets that one request serves. */
const MOST_WIDGETS = 6;

interface Sent {
  readonly error: string | null;
  readonly type: string;
  readonly results: readonly {
    readonly metric: { readonly labels: readonly { readonly key: string; readonly value: string | null }[] };
    readonly values: readonly { readonly id: string | null; readonly value: string | null; readonly owner: Owner | null }[];
  }[];
}

type Send = (query: string, variables: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, Sent>>>;
type Slice = { readonly widget: number; readonly from: number; readonly asks: readonly Ask[] };

interface Waiting {
  readonly asks: readonly Ask[];
  readonly duration: Duration;
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A loader: what is asked of it before the next turn of the event loop leaves together. */
export function loader(send: Send): (asks: readonly Ask[], duration: Duration) => Promise<readonly Answer[]> {
  let waiting: Waiting[] = [];
  const flush = () => {
    const now = waiting;
    waiting = [];
    for (const group of byDuration(now)) void answerAll(send, group);
  };
  return (asks, duration) => {
    if (!asks.length) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      if (!waiting.length) setTimeout(flush, 0);
      waiting.push({ asks, duration, resolve, reject });
    });
  };
}

function byDuration(waiting: readonly Waiting[]): readonly (readonly Waiting[])[] {
  const groups = new Map<string, Waiting[]>();
  for (const one of waiting) {
    const key = JSON.stringify(one.duration);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

async function answerAll(send: Send, group: readonly Waiting[]): Promise<void> {
  const [first] = group;
  if (!first) return;
  const requests = packed(group.map((one) => one.asks)).map((slices) => ({ slices, data: ask(send, slices, first.duration) }));
  const finished = group.map(async ({ asks, resolve, reject }, widget) => {
    const serving = requests.filter(({ slices }) => slices.some((slice) => slice.widget === widget));
    const parts = await Promise.all(serving.map(({ data }) => data)).catch(reject);
    if (parts) resolve(asks.map((_, at) => answerOf(parts.find((part) => alias(widget, at) in part)?.[alias(widget, at)])));
  });
  await Promise.all(finished);
}

function ask(send: Send, slices: readonly Slice[], duration: Duration): ReturnType<Send> {
  const { query, variables } = written(slices, duration);
  return send(query, variables);
}

/** Requests of at most so many widgets and expressions, in the order asked; a large widget spans several. */
export function packed(widgets: readonly (readonly Ask[])[]): readonly (readonly Slice[])[] {
  const requests: Slice[][] = [];
  let room = 0;
  widgets.forEach((asks, widget) => {
    for (let from = 0; from < asks.length; ) {
      const isFull = room === 0 || (requests.at(-1)?.length ?? 0) >= MOST_WIDGETS;
      if (isFull || (asks.length > room && from === 0)) {
        requests.push([]);
        room = MOST_EXPRESSIONS;
      }
      const taken = asks.slice(from, from + room);
      requests.at(-1)?.push({ widget, from, asks: taken });
      room -= taken.length;
      from += taken.length;
    }
  });
  return requests;
}

const alias = (widget: number, at: number) => `expression${widget}_${at}`;

/** One request as GraphQL; equal entities share a variable. */
export function written(slices: readonly Slice[], duration: Duration): { readonly query: string; readonly variables: Readonly<Record<string, unknown>> } {
  const names = new Map<string, string>();
  const variables: Record<string, unknown> = { duration };
  const parts = slices.flatMap(({ widget, from, asks }) =>
    asks.map(({ expression, entity }, at) => {
      const key = JSON.stringify(entity);
      const name = names.get(key) ?? `entity${names.size || ""}`;
      names.set(key, name);
      variables[name] = entity;
      return `${alias(widget, from + at)}: execExpression(expression: ${JSON.stringify(expression)}, entity: $${name}, duration: $duration) { ...answer }`;
    }),
  );
  const declared = [...names.values()].map((name) => `$${name}: Entity!`).join(", ");
  return { query: `query queryData($duration: Duration!, ${declared}) {\n${parts.join("\n")}\n}\n${ANSWER}`, variables };
}

const ANSWER = `fragment answer on ExpressionResult {
  type error
  results { metric { labels { key value } } values { id value owner { scope serviceID serviceInstanceID endpointID } } }
}`;

function answerOf(sent: Sent | undefined): Answer {
  if (!sent) return { type: "UNKNOWN", error: "the server left this expression out", series: [] };
  const series = sent.results.map(({ metric, values }) => ({
    label: labelOf(metric.labels),
    points: values.map(({ id, value, owner }) => ({ id, text: value, value: numberOf(value), owner })),
  }));
  return { type: sent.type, error: sent.error, series };
}

/** A single label that speaks for itself needs no key. */
function labelOf(labels: Sent["results"][number]["metric"]["labels"]): string {
  const [only, ...more] = labels;
  if (only?.value && !more.length && !/^[-\d]/.test(only.value)) return only.value;
  return labels.map(({ key, value }) => `${key}=${value}`).join(", ");
}

function numberOf(text: string | null): number | null {
  const value = text === null ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Whether any point of the answers has a value. */
export function isEmpty(answers: readonly Answer[]): boolean {
  return !answers.some((answer) => answer.series.some((series) => series.points.some((point) => point.text !== null)));
}

/** First point of the first series, as lists and topologies show it. */
export function firstPoint(answer: Answer | undefined): Point | null {
  return answer?.series[0]?.points[0] ?? null;
}

const CALLS = new Set(
  "avg count latest max min sum abs ceil floor round increase rate top_n top_n_of view_as_seq is_present relabels aggregate_labels sort_values sort_label_values baseline".split(" "),
);

/** Names of metrics in an expression, in order. */
export function metricsIn(expression: string): readonly string[] {
  const bare = expression.replace(/'[^']*'|"[^"]*"/g, "").replace(/\{[^}]*\}/g, "");
  const names = bare.match(/[A-Za-z_]\w*/g) ?? [];
  return [...new Set(names.filter((name) => name.includes("_") && !CALLS.has(name)))];
}
