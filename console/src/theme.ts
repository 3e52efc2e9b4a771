// Light or dark: as the system has it, unless chosen here. A matter of the reader's eyes, so no part of links.

import { observable, useObservable } from "./observable";

export type Theme = "auto" | "light" | "dark";

const KEY = "oap-theme";
const ORDER: readonly Theme[] = ["auto", "light", "dark"];
const theme = observable<Theme>(stored());

export function applyTheme(): void {
  setAttribute(theme.get());
}

function setAttribute(chosen: Theme): void {
  if (chosen === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
}

/** What is in force; changes with the system's as well. */
export function useTheme(): string {
  return `${useObservable(theme)} ${useObservable(system)}`;
}

export function useChosenTheme(): readonly [Theme, () => void] {
  const chosen = useObservable(theme);
  const next = ORDER[(ORDER.indexOf(chosen) + 1) % ORDER.length] ?? "auto";
  return [chosen, () => choose(next)];
}

function choose(next: Theme): void {
  localStorage.setItem(KEY, next);
  setAttribute(next);
  theme.set(next);
}

function stored(): Theme {
  const text = localStorage.getItem(KEY);
  return ORDER.find((one) => one === text) ?? "auto";
}

const query = matchMedia("(prefers-color-scheme: dark)");
const system = observable(query.matches);
query.addEventListener("change", () => system.set(query.matches));
