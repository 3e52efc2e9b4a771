// The address bar: following it, and changing it without loading the page again.

import { observable, useObservable } from "./observable";
import { changed, parseHash, type Route } from "./route";

const address = observable(location.hash);
window.addEventListener("hashchange", () => address.set(location.hash));

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
  else history.replaceState(null, "", hash);
  address.set(location.hash);
}
