// The address bar: following it, and changing it without loading the page again.

import { useEffect, useRef } from "preact/hooks";
import { observable, useObservable } from "./observable";
import { changed, parseHash, type Route } from "./route";

const address = observable(location.hash);
window.addEventListener("hashchange", arrive);

/** Entries of the history that were shown before carry a mark: browsers scroll those to where they were left. */
const SHOWN = { isShown: true };
const isNew = observable(false);

if (history.state === null) history.replaceState(SHOWN, "");

function arrive(): void {
  isNew.set(history.state === null);
  if (isNew.get()) history.replaceState(SHOWN, "");
  address.set(location.hash);
}

/** Another page begins at its top, also for keys and screen readers. */
export function useTop(path: readonly string[]): void {
  const at = path.join("/");
  const before = useRef(at);
  useEffect(() => {
    if (before.current === at) return;
    before.current = at;
    if (!isNew.get()) return;
    window.scrollTo(0, 0);
    if (document.activeElement === document.body) document.getElementById("page")?.focus({ preventScroll: true });
  }, [at]);
}

export function useRoute(): Route {
  return parseHash(useObservable(address));
}

/** Take changes into the query of the present page. Small choices replace the entry in the history, steps add one. */
export function change(query: Readonly<Record<string, string>>, how: "step" | "choice" = "choice"): void {
  go(changed(parseHash(location.hash), query), how);
}

export function go(hash: string, how: "step" | "choice" = "step"): void {
  if (hash === location.hash) return;
  if (how === "step") history.pushState(null, "", hash);
  else history.replaceState(history.state, "", hash);
  arrive();
}
