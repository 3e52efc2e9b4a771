// A value that components can follow.

import { useEffect, useState } from "preact/hooks";

export interface Observable<T> {
  get(): T;
  set(value: T): void;
  follow(told: () => void): () => void;
}

export function observable<T>(first: T): Observable<T> {
  let value = first;
  const followers = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const told of [...followers]) told();
    },
    follow(told) {
      followers.add(told);
      return () => followers.delete(told);
    },
  };
}

export function useObservable<T>(source: Observable<T>): T {
  const [, draw] = useState({});
  useEffect(() => source.follow(() => draw({})), [source]);
  return source.get();
}
