// The console: header, the page that the address names, footer.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { clockText, UNSET } from "./clock";
import { Dashboard } from "./dashboard";
import { Explore } from "./explore";
import { answeredAt, reachable } from "./graphql";
import { Header } from "./header";
import { BeatContext, useBeat } from "./live";
import { useRoute, useTop } from "./location";
import { useObservable } from "./observable";
import { linkTo, type Route } from "./route";
import { Alert } from "./rules/reloads";
import { Rules } from "./rules/rules";
import { type Server, useServer } from "./server";
import { readPath, titleOf } from "./subject";
import { rootOf } from "./template";

export function App(): JSX.Element {
  const route = useRoute();
  const server = useServer();
  const isReachable = useObservable(reachable);
  const beat = useBeat(route, server, isReachable);
  const title = pageTitle(route, server);
  useTop(route.path);
  useEffect(() => {
    document.title = server?.refusal ? "rules refused · oap" : `${title} · oap`;
  }, [title, Boolean(server?.refusal)]);
  return (
    <BeatContext.Provider value={beat}>
      <a class="skip" href="#page" onClick={skip}>
        Skip to the page
      </a>
      <Header route={route} server={server} isReachable={isReachable} />
      {!isReachable && (
        <div id="unreachable" class="banner" role="alert">
          <b>The server cannot be reached.</b> What is shown may be old{server && `: the last answer came at ${clockText(server.clock, answeredAt.get() + server.clock.skewMs).slice(11)}`}; trying again every few seconds.
        </div>
      )}
      <Alert refusal={route.path[0] === "rules" ? null : (server?.refusal ?? null)} clock={server?.clock ?? UNSET} href={linkTo(route, ["rules"])} />
      <main id="page" tabIndex={-1}>
        {server ? <Page route={route} server={server} /> : <p class="waiting" aria-label="loading" />}
      </main>
      <footer>
        <span id="version">{server && `oap ${server.version}`}</span>
        <span>
          GraphQL at <code>graphql</code>, for the SkyWalking UI and <code>swctl</code> as well
        </span>
      </footer>
    </BeatContext.Provider>
  );
}

function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("page")?.focus();
}

function Page({ route, server }: { readonly route: Route; readonly server: Server }): JSX.Element {
  const { path } = route;
  if (path[0] === "rules") return <Rules route={route} server={server} />;
  if (path[0] === "explore") return <Explore route={route} server={server} />;
  const named = readPath(path);
  if (named) return <Dashboard route={route} server={server} subject={named.subject} name={named.dashboard} />;
  const layer = path[0] === "layer" ? path[1] : firstLayer(server);
  if (!layer || !server.services.length) return <Empty />;
  return <Dashboard route={route} server={server} subject={{ layer, scope: "All" }} name={rootOf(server.templates, layer)?.name ?? ""} />;
}

export function firstLayer(server: Server): string | undefined {
  return server.menu.find((leaf) => leaf.active)?.layer;
}

function pageTitle({ path }: Route, server: Server | null): string {
  if (path[0] === "rules") return "Rules";
  if (path[0] === "explore") return "Metrics";
  const names = titleOf(readPath(path)?.subject ?? { layer: "", scope: "All" });
  return names.join(" → ") || server?.menu.find((leaf) => leaf.layer === path[1])?.title || "Services";
}

function Empty(): JSX.Element {
  return (
    <section id="empty" class="panel">
      <h2>No service yet</h2>
      <p>This server computes metrics from the access logs that eBPF agents send. Nothing has arrived so far:</p>
      <ul>
        <li>
          point a <b>Rover</b> at port <code>11800</code> of this machine, or
        </li>
        <li>
          run <code>oap emulate</code> in another shell for a simulated cluster.
        </li>
      </ul>
      <p>The page looks again every few seconds; services appear within a minute of their first log.</p>
    </section>
  );
}
