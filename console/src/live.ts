// Answers that stay current: asked when a component appears, when its question changes, and with every beat.

import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { serverNow } from "./clock";
import { type Answer, type Ask, isEmpty, loader } from "./expressions";
import { ask, reachable } from "./graphql";
import { type Duration, durationOf, rangeOf, settledOf, settledUntil } from "./range";
import type { Route } from "./route";
import type { Server } from "./server";

export interface Live<T> {
  readonly data: T | null;
  readonly error: string | null;
}

/** One beat of a page: what all of its widgets ask about the same moment. */
export interface Beat {
  readonly duration: Duration;
  /** The duration without what may still be filling, and the moment on the server's wall from which on that is. */
  readonly settled: Duration;
  readonly settledUntil: number;
  readonly count: number;
}

const NEVER: Duration = { start: "", end: "", step: "MINUTE" };
export const BeatContext = createContext<Beat>({ duration: NEVER, settled: NEVER, settledUntil: 0, count: 0 });
export const REFRESH_SECONDS = [5, 10, 30, 60] as const;
const DEFAULT_REFRESH_S = 10;

export const evaluate = loader(ask);

/** Seconds between beats that an address asks for; 0 for none. */
export function refreshOf(route: Route): number {
  const seconds = Number(route.query["refresh"] ?? DEFAULT_REFRESH_S);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : DEFAULT_REFRESH_S;
}

/**
 * The present beat. A page that nobody looks at has none until it is looked at again, and a span in the past does not
 * change by itself. Between beats time stands still, so that what is asked later on the same page fits what is shown.
 */
export function useBeat(route: Route, server: Server | null, isReachable: boolean): Beat {
  const [count, setCount] = useState(0);
  const seconds = refreshOf(route);
  const range = rangeOf(route.query);
  const isFixed = range.kind === "fixed";
  useEffect(() => {
    if (!seconds || isFixed) return;
    return beating(seconds * 1000, () => setCount((before) => before + 1));
  }, [seconds, isFixed]);
  useEffect(() => setCount((before) => before + 1), [isReachable]);
  const moment = useRef({ of: "", wall: 0 });
  const of = JSON.stringify([count, range, route.path, server !== null]);
  if (moment.current.of !== of) moment.current = { of, wall: server ? serverNow(server.clock) + server.clock.zoneMs : Date.now() };
  const { wall } = moment.current;
  return { duration: durationOf(range, wall), settled: settledOf(range, wall), settledUntil: settledUntil(range, wall), count };
}

/** Beats while somebody looks, and at once when somebody looks again after a beat was left out. */
function beating(everyMs: number, beat: () => void): () => void {
  let last = Date.now();
  const act = () => {
    if (document.hidden) return;
    last = Date.now();
    beat();
  };
  const look = () => Date.now() - last >= everyMs && act();
  const timer = setInterval(act, everyMs);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

/**
 * Answers to a question named by a key. What was answered last stays while the next answer is on the way, and while the
 * server cannot be reached; a question still under way is not asked again by the next beat alone.
 */
export function useLive<T>(key: string, load: (duration: Duration, settled: Duration) => Promise<T>): Live<T> {
  const { duration, settled, count } = useContext(BeatContext);
  const question = `${key} ${duration.start} ${duration.end} ${settled.end}`;
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
    load(duration, settled).then(
      (data) => keep(() => ({ data, error: null })),
      (error: unknown) => keep((old) => (reachable.get() ? { data: null, error: messageOf(error) } : { data: old, error: null })),
    );
  }, [question, count]);
  return state.key === key ? state : { data: null, error: null };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The last value that there was: what is asked anew because its neighbours changed does not vanish meanwhile. */
export function useLast<T>(value: T | null): T | null {
  const last = useRef(value);
  if (value !== null) last.current = value;
  return last.current;
}

/** Answers to expressions over time, in their order, up to the present minute. */
export function useExpressions(asks: readonly Ask[]): Live<readonly Answer[]> {
  return useLive(JSON.stringify(asks), (duration) => evaluate(asks, duration));
}

/**
 * Answers to expressions whose values stand alone, where nothing tells that the present minute has only begun: it is left
 * out, else a load would fall to nearly nothing at the start of each minute. Only what has no other values shows it.
 */
export function useSettled(asks: readonly Ask[]): Live<readonly Answer[]> {
  return useLive(`settled ${JSON.stringify(asks)}`, async (duration, settled) => {
    const answers = await evaluate(asks, settled);
    const isNew = settled.end !== duration.end && isEmpty(answers) && !answers.some((answer) => answer.error);
    return isNew ? evaluate(asks, duration) : answers;
  });
}
