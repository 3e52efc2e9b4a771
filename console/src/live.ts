// Answers that stay current: asked when a component appears, when its question changes, and with every beat.

import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { serverNow } from "./clock";
import { type Answer, type Ask, loader } from "./expressions";
import { ask, reachable } from "./graphql";
import { type Duration, durationOf, type Range, rangeOf } from "./range";
import type { Route } from "./route";
import type { Server } from "./server";

export interface Live<T> {
  readonly data: T | null;
  readonly error: string | null;
}

/** One beat of a page: what all of its widgets ask about the same moment. */
export interface Beat {
  readonly duration: Duration;
  readonly range: Range;
  readonly count: number;
}

export const BeatContext = createContext<Beat>({ duration: { start: "", end: "", step: "MINUTE" }, range: { kind: "last", minutes: 30 }, count: 0 });
export const REFRESH_SECONDS = [5, 10, 30, 60] as const;
const DEFAULT_REFRESH_S = 10;

export const evaluate = loader(ask);

/** Seconds between beats that an address asks for; 0 for none. */
export function refreshOf(route: Route): number {
  const seconds = Number(route.query["refresh"] ?? DEFAULT_REFRESH_S);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : DEFAULT_REFRESH_S;
}

/** The present beat. A page that nobody looks at has none, and a span in the past does not change by itself. */
export function useBeat(route: Route, server: Server | null, isReachable: boolean): Beat {
  const [count, setCount] = useState(0);
  const seconds = refreshOf(route);
  const range = rangeOf(route.query);
  const isFixed = range.kind === "fixed";
  useEffect(() => {
    if (!seconds || isFixed) return;
    const timer = setInterval(() => !document.hidden && setCount((before) => before + 1), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, isFixed]);
  useEffect(() => setCount((before) => before + 1), [isReachable]);
  const nowWall = server ? serverNow(server.clock) + server.clock.zoneMs : Date.now();
  return { duration: durationOf(range, nowWall), range, count };
}

/**
 * Answers to a question named by a key. What was answered last stays while the next answer is on the way, and while the
 * server cannot be reached; a question still under way is not asked again by the next beat alone.
 */
export function useLive<T>(key: string, load: (duration: Duration) => Promise<T>): Live<T> {
  const { duration, count } = useContext(BeatContext);
  const question = `${key} ${duration.start} ${duration.end}`;
  const latest = useRef({ key: "", question: "", isOpen: false });
  const [state, setState] = useState<Live<T> & { readonly key: string }>({ data: null, error: null, key });
  useEffect(() => {
    if (latest.current.isOpen && latest.current.question === question) return;
    const mine = { key, question, isOpen: true };
    latest.current = mine;
    const keep = (take: (old: T | null) => Live<T>) => {
      mine.isOpen = false;
      if (latest.current.key === key) setState((old) => ({ ...take(old.key === key ? old.data : null), key }));
    };
    load(duration).then(
      (data) => keep(() => ({ data, error: null })),
      (error: unknown) => keep((old) => (reachable.get() ? { data: null, error: messageOf(error) } : { data: old, error: null })),
    );
  }, [question, count]);
  return state.key === key ? state : { data: null, error: null };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Answers to expressions, in their order. */
export function useExpressions(asks: readonly Ask[]): Live<readonly Answer[]> {
  return useLive(JSON.stringify(asks), (duration) => evaluate(asks, duration));
}
