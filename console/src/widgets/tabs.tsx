// Tabs of widgets. Which one is open stands in the address; arrow keys move between them.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useBoard } from "../board";
import { firstPoint } from "../expressions";
import { useSettled } from "../live";
import { change } from "../location";
import { entityOf } from "../subject";
import type { TabPage, Widget } from "../template";
import { Grid } from "./grid";

/** What belongs to the tab that is left. */
const LEFT_BEHIND = { find: "", page: "", sort: "", node: "", call: "", depth: "", group: "", open: "" };

export function Tabs({ widget, parameter }: { readonly widget: Widget; readonly parameter: string }): JSX.Element | null {
  const { route } = useBoard();
  const pages = useShownPages(widget.tabs);
  const list = useRef<HTMLDivElement>(null);
  const open = pages.find((page) => page.name === route.query[parameter]) ?? pages[0];
  useEffect(() => bringOpen(list.current), [open?.name]);
  if (!open) return null;
  const show = (page: TabPage | undefined) => page && change({ ...LEFT_BEHIND, [parameter]: page === pages[0] ? "" : page.name });
  const press = (event: KeyboardEvent) => {
    const at = pages.indexOf(open);
    const next = { ArrowRight: (at + 1) % pages.length, ArrowLeft: (at + pages.length - 1) % pages.length, Home: 0, End: pages.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(pages[next]);
    (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  const id = (page: TabPage) => `${parameter}-${pages.indexOf(page)}`;
  return (
    <div class="tabs" data-widget={widget.i}>
      <div role="tablist" ref={list} onKeyDown={press}>
        {pages.map((page) => (
          <button key={page.name} type="button" role="tab" id={id(page)} aria-selected={page === open} aria-controls={`${parameter}-panel`} tabIndex={page === open ? 0 : -1} onClick={() => show(page)}>
            {page.name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${parameter}-panel`} aria-labelledby={id(open)} key={open.name}>
        <Grid widgets={open.children} prefix={`${parameter}.${open.name}`} />
      </div>
    </div>
  );
}

/** Where tabs run over the edge, the open one is moved into sight; the page itself stays where it is. */
function bringOpen(list: HTMLElement | null): void {
  const open = list?.querySelector<HTMLElement>("[aria-selected=true]");
  if (!list || !open) return;
  const [left, right] = [open.offsetLeft - list.offsetLeft, open.offsetLeft - list.offsetLeft + open.offsetWidth];
  if (left < list.scrollLeft || right > list.scrollLeft + list.clientWidth) list.scrollLeft = left - (list.clientWidth - open.offsetWidth) / 2;
}

/** Pages whose expression, where they have one, has a value other than nought. */
function useShownPages(pages: readonly TabPage[]): readonly TabPage[] {
  const { subject } = useBoard();
  const entity = entityOf(subject);
  const asked = pages.filter((page) => page.expression);
  const { data } = useSettled(asked.map((page) => ({ expression: page.expression ?? "", entity })));
  return pages.filter((page) => !page.expression || Boolean(firstPoint(data?.[asked.indexOf(page)])?.value));
}
