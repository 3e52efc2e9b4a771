// Where one is: the fragment of the address, `#part/part&name=value`, which holds everything that a link must show again.

export interface Route {
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** What travels along from page to page. */
const KEPT = ["range", "from", "to", "refresh"];

export function parseHash(hash: string): Route {
  const [path = "", ...pairs] = hash.replace(/^#\/?/, "").split("&");
  const isPair = path.includes("=");
  const query = Object.fromEntries(new URLSearchParams([...(isPair ? [path] : []), ...pairs].join("&")));
  return { path: isPair ? [] : path.split("/").filter(Boolean).map(decoded), query };
}

export function hashOf(path: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const said = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  return `#${path.map(encodeURIComponent).join("/")}${said.size ? `&${said}` : ""}`;
}

/** A link to another page over the same time. */
export function linkTo(here: Route, path: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const kept = Object.fromEntries(Object.entries(here.query).filter(([name]) => KEPT.includes(name)));
  return hashOf(path, { ...kept, ...query });
}

/** The query with changes taken in; an empty text takes a name out. */
export function changed(route: Route, change: Readonly<Record<string, string>>): string {
  return hashOf(route.path, { ...route.query, ...change });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
